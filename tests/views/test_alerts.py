"""Messages about pupils who fail or miss lessons (ATT-08): when one is prepared, and who has to be told of it."""

from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
import rulebook.alerts
from rulebook.rules import rules_on
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

PASSWORD = "long enough"


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("teacher", "class_teacher", "stranger", "deputy", "parent"):
        make.account(getattr(s, name), name, PASSWORD)
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, PASSWORD)


def followed(school, at: datetime = make.NOW) -> list[m.PupilAlert]:
    """The alerts there are after the worker has looked."""
    by = make.actor(at=at)
    rulebook.alerts.follow(by, rules_on(by.day), by.day)
    return list(m.PupilAlert.select().order_by(m.PupilAlert.id))


def marks(school, *values, pupil=0) -> None:
    """The next marks of a pupil in the lessons of the quarter."""
    taken = m.Mark.select().where(m.Mark.pupil == school.pupils[pupil]).count()
    for lesson, value in zip(list(school.lessons.values())[taken:], values, strict=False):
        make.mark(lesson, school.pupils[pupil], value)


def absent(school, *days: int, code: str = "н", pupil: int = 0) -> None:
    for day in days:
        make.absence(list(school.lessons.values())[day], school.pupils[pupil], code)


# ---- marks ----

def test_att_08_two_marks_are_too_few_and_the_threshold_itself_is_a_three(school):
    marks(school, "2", "2")
    assert followed(school) == []
    marks(school, "3", "3", pupil=1)
    marks(school, "2", "2", pupil=1)
    assert followed(school) == [], "2.50 still earns a «3»"


def test_att_08_one_draft_for_each_fall_below_a_three(school):
    marks(school, "3", "2", "2")
    alert, = followed(school)
    assert (alert.kind, alert.average, alert.marks, alert.clause) == ("failing", "2.33", 3, "4.4.4")
    assert len(followed(school)) == 1, "the same fall is told once"
    marks(school, "2")
    assert len(followed(school)) == 1, "and a deeper one is the same"
    marks(school, "5", "5")
    assert followed(school)[0].recovered_at is not None
    marks(school, "1", "1", "1")
    assert [row.recovered_at is None for row in followed(school)] == [False, True], "fallen again"


def test_att_08_marks_of_another_period_do_not_count(school):
    lesson = make.lesson(school.course, school.teacher, date(2026, 10, 5))
    for number in range(3):
        make.mark(make.lesson(school.course, school.teacher, date(2026, 10, 6 + number)), school.pupils[0], "2")
    make.mark(lesson, school.pupils[0], "2")
    assert followed(school) == []


# ---- absences ----

def test_att_08_three_lessons_missed_without_a_valid_reason_and_then_three_more(school):
    absent(school, 0, 1)
    absent(school, 2, 3, 4, code="б")
    assert followed(school) == [], "two and three with a reason"
    absent(school, 5, code="нп")
    alert, = followed(school)
    assert (alert.kind, len(alert.lessons)) == ("absence", 3)
    absent(school, 6, 7)
    assert len(followed(school)) == 1
    absent(school, 8)
    assert [len(row.lessons) for row in followed(school)] == [3, 3]


def test_att_08_an_absence_excused_after_the_message_frees_none_of_the_next_three(school):
    absent(school, 0, 1, 2)
    followed(school)
    with m.writing(make.SYSTEM):
        m.Absence.update(code="б").execute()
    absent(school, 3, 4)
    assert len(followed(school)) == 1
    absent(school, 5)
    assert len(followed(school)) == 2


def test_att_08_the_regulation_may_ask_for_no_message_on_absence(school):
    make.regulation(**{"inform__absence_message": False})
    absent(school, 0, 1, 2)
    assert followed(school) == []


def test_att_08_the_worker_asks_as_much_of_a_big_school(school):
    rules, by = rules_on(make.TODAY), make.actor()
    with counted() as few:
        rulebook.alerts.follow(by, rules, make.TODAY)
    for number in range(10):
        pupil = make.pupil(f"Новенькая{number}", school.school_class)
        for lesson in list(school.lessons.values())[:4]:
            make.mark(lesson, pupil, "5")
    with counted() as many:
        rulebook.alerts.follow(by, rules, make.TODAY)
    assert len(many) == len(few)


# ---- told ----

def test_att_08_the_teacher_sends_the_message_and_notes_how_the_parents_were_told(app, school):
    marks(school, "3", "2", "2")
    alert, = followed(school)
    client = entering(app, "teacher")
    assert "Сообщить классному руководителю и родителям об учениках: 1" in text(client.get("/duties/"))
    page = text(client.get("/alerts/"))
    assert "Ученикова001 Анна, 7Б: «Алгебра», II четверть — средний балл 2,33, это ниже «3» (отметок: 3)" in page
    client.send(f"/alerts/{alert.id}/class-teacher")
    notice = m.Notice.get(m.Notice.topic == "alert")
    assert notice.person_id == school.class_teacher.id and "2,33" in notice.said
    client.send(f"/alerts/{alert.id}/told", how="phone", day="2026-12-16")
    assert m.AlertTold.select().where(m.AlertTold.whom == "PAR").count() == 0, "before the message was prepared"
    client.send(f"/alerts/{alert.id}/told", how="phone", day="2026-12-17")
    assert {(row.whom, row.how, row.person_id) for row in m.AlertTold.select()} == {
        ("CT", "notice", school.teacher.id), ("PAR", "phone", school.teacher.id)}
    assert "Сообщить классному" not in text(client.get("/duties/"))
    log = text(entering(app, "class_teacher").get("/alerts/"))
    assert "родители: по телефону, 17 декабря" in log


def test_att_08_a_class_teacher_who_teaches_the_class_tells_the_parents_alone(app, school):
    make.appoint(school.teacher, "CT", school.school_class)
    marks(school, "3", "2", "2")
    alert, = followed(school)
    client = entering(app, "teacher")
    assert "Отправить классному руководителю" not in client.get("/alerts/").text
    client.send(f"/alerts/{alert.id}/told", how="talk", day="2026-12-17")
    assert {row.whom for row in m.AlertTold.select()} == {"CT", "PAR"}
    assert "Сейчас сообщать не о чем" in client.get("/alerts/").text


def test_att_08_the_page_costs_the_same_for_many_alerts(app, school):
    marks(school, "2", "2", "2")
    followed(school)
    client = entering(app, "class_teacher")
    client.get("/alerts/")
    with counted() as few:
        client.get("/alerts/")
    for number in (1, 2):
        marks(school, "2", "2", "2", pupil=number)
        absent(school, 3, 4, 5, pupil=number)
    assert len(followed(school)) == 5
    with counted() as many:
        client.get("/alerts/")
    assert len(many) == len(few)


def test_att_08_parents_with_a_way_in_are_written_to_in_the_journal(app, school):
    marks(school, "3", "2", "2")
    marks(school, "3", "2", "2", pupil=1)
    first, second = followed(school)
    client = entering(app, "teacher")
    client.send(f"/alerts/{first.id}/parents")
    assert "средний балл 2,33" in text(entering(app, "parent").get(f"/talk/{m.Conversation.get().id}"))
    assert m.AlertTold.get().how == "notice"
    page = client.post(f"/alerts/{second.id}/parents", data={"csrf_token": client.token()}, follow_redirects=True)
    assert "Никто из родителей не имеет доступа" in page.text and m.AlertTold.select().count() == 1


def test_att_08_nobody_else_passes_it_on(app, school):
    marks(school, "3", "2", "2")
    alert, = followed(school)
    for login in ("stranger", "parent", "deputy"):
        client = entering(app, login)
        assert client.send(f"/alerts/{alert.id}/class-teacher").status_code == 403, login
        assert client.send(f"/alerts/{alert.id}/told", how="phone", day="2026-12-17").status_code == 403, login
    assert "Ученикова001" in entering(app, "deputy").get("/alerts/").text
    assert "Ученикова001" not in entering(app, "stranger").get("/alerts/").text
    assert entering(app, "parent").get("/alerts/").status_code == 403
    assert entering(app, "teacher").send(f"/alerts/{alert.id}/told", how="pigeon", day="2026-12-17").status_code == 400


def test_att_08_the_audit_asks_after_a_week_why_nobody_was_told(app, school):
    marks(school, "3", "2", "2")
    followed(school)
    page = text(entering(app, "deputy").get("/compliance/4-4-4"))
    assert "ещё не сообщено" in page
    with clock.frozen(make.NOW + timedelta(days=8)):
        assert "не сообщено больше недели" in text(entering(app, "deputy").get("/compliance/4-4-4"))
