"""What is due and what was told: the own list, notices, remarks between leader and teacher, the control of a week."""

from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
import rulebook.due
import rulebook.remarks
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

PASSWORD = "long enough"


@pytest.fixture
def school(db):
    s = make.school()
    with clock.frozen(make.NOW):
        yield s


def entering(app, school, name):
    make.account(getattr(school, name), name, PASSWORD)
    return app.test_client().sign_in(name, PASSWORD)


def told(school, who, words="Проверьте тему", url="/journal/"):
    m.Notice.tell(make.actor(school.deputy), [who], m.Text("%(what)s by %(day)s", what=words, day=make.TODAY), url)
    return m.Notice.select().order_by(m.Notice.id.desc()).get()


# ---- weeks and months ----

@pytest.mark.parametrize("interval, day, first, last", [
    ("P7D", date(2026, 11, 15), date(2026, 11, 9), date(2026, 11, 15)), ("P7D", date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 22)),
    ("P7D", date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 6)), ("P1M", date(2027, 2, 28), date(2027, 2, 1), date(2027, 2, 28)),
    ("P2M", date(2026, 12, 31), date(2026, 11, 1), date(2026, 12, 31)), ("P14D", date(2026, 9, 13), date(2026, 8, 31), date(2026, 9, 13)),
    ("P10D", date(2026, 9, 11), date(2026, 9, 11), date(2026, 9, 20)), ("P1M", date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 31))])
def test_the_span_of_an_interval_that_holds_a_day(interval, day, first, last):
    assert rulebook.due.span_of(interval, day) == (first, last)


def test_every_day_of_the_year_lies_in_the_span_it_is_asked_for():
    for interval in ("P7D", "P1M", "P3M", "P10D", "P5WD", "PT24H"):
        for n in range(366):
            day = date(2026, 9, 1) + timedelta(n)
            assert rulebook.due.span_of(interval, day).holds(day)
    assert rulebook.due.span_of("none", make.TODAY) is None


# ---- notices ----

def test_a_notice_is_read_in_either_language_once_and_stays_in_the_list(app, school):
    client = entering(app, school, "teacher")
    notice = told(school, school.teacher, m.Text(m.N_("attendance")))
    told(school, school.teacher, m.Text(m.N_("attendance")))
    assert m.Notice.select().count() == 1
    page = text(client.get("/today/teacher"))
    assert "Уведомления 1" in page and "присутствующие by 17 декабря" in page
    client.send("/language", language="en", next="/")
    assert "attendance by 17 December" in text(client.get("/today/teacher"))
    assert client.send(f"/notices/{notice.id}/read", open="1").location == "/journal/"
    assert "attendance by" not in text(client.get("/today/teacher")) and "attendance by" in text(client.get("/notices/"))


def test_a_notice_is_read_by_its_own_person_only(app, school):
    notice = told(school, school.teacher)
    client = entering(app, school, "deputy")
    assert client.send(f"/notices/{notice.id}/read").status_code == 403
    assert "Проверьте тему" not in client.get("/notices/").text
    client.send("/notices/read")
    assert m.Notice.get().read_at is None


@pytest.mark.parametrize("name, place", [("teacher", "teacher"), ("deputy", "school"), ("director", "school"), ("class_teacher", "teacher"),
                                         ("secretary", "office"), ("admin", "admin")])
def test_every_first_page_costs_ten_statements_with_duties_and_notices(app, school, name, place):
    client = entering(app, school, name)
    for n in range(5):
        told(school, getattr(school, name), f"Дело {n}")
    with counted() as sent:
        page = client.get(f"/today/{place}")
    assert len(sent) <= 10, sent
    assert "Уведомления 5" in text(page) and "Дело 4" in page.text and "Дело 1" not in page.text


# ---- remarks (CTL-02, CTL-03) ----

def test_ctl_03_a_remark_goes_to_the_teacher_is_answered_sent_back_and_closed(app, school):
    deputy, teacher = entering(app, school, "deputy"), entering(app, school, "teacher")
    lesson = school.lessons[date(2026, 12, 16)]
    assert "Алгебраева" in deputy.get(f"/remarks/new?lesson={lesson.id}").text
    answer = deputy.send("/remarks/new", lesson=lesson.id, person=school.teacher.id, text="Нет темы урока", due="2026-12-18")
    remark = m.JournalRemark.get()
    assert answer.location == f"/remarks/{remark.id}" and (remark.course_id, remark.state) == (school.course.id, "open")
    assert "Ответить на замечание: Нет темы урока" in text(teacher.get("/today/teacher"))
    teacher.send(f"/remarks/{remark.id}/answer", text="Записала")
    assert "Посмотреть ответ на замечание" in text(deputy.get("/duties/"))
    deputy.send(f"/remarks/{remark.id}/send_back", text="Тема не та")
    assert "Тема не та" in teacher.get(f"/remarks/{remark.id}").text
    teacher.send(f"/remarks/{remark.id}/answer", text="Теперь верная")
    deputy.send(f"/remarks/{remark.id}/close")
    assert m.JournalRemark.get().state == "closed" and "снято" in teacher.get(f"/remarks/{remark.id}").text
    assert teacher.send(f"/remarks/{remark.id}/answer", text="Ещё").status_code == 422
    kept = m.History.select().where(m.History.tbl == "journal_remark").count()
    assert kept == 5, "written, answered, sent back, answered, closed"


def test_ctl_03_a_remark_is_late_after_its_day(app, school):
    rulebook.remarks.write(make.user(school.deputy), make.actor(school.deputy), school.teacher.id, "Нет тем", date(2026, 12, 18))
    client = entering(app, school, "teacher")
    assert "Нет тем до 18 декабря" in text(client.get("/duties/"))
    with clock.frozen(datetime(2026, 12, 19, 8, 0)):
        assert "Нет тем срок был 18 декабря" in text(app.test_client().sign_in("teacher", PASSWORD).get("/duties/"))


def test_a_remark_is_none_of_a_colleagues_business(app, school):
    rulebook.remarks.write(make.user(school.deputy), make.actor(school.deputy), school.teacher.id, "Нет тем")
    remark, client = m.JournalRemark.get(), entering(app, school, "stranger")
    assert "Нет тем" not in client.get("/remarks/").text
    assert {client.get(f"/remarks/{remark.id}").status_code, client.send(f"/remarks/{remark.id}/answer", text="х").status_code,
            client.get("/remarks/new").status_code, client.send("/remarks/new", person=school.teacher.id, text="х").status_code} == {403}
    own = app.test_client()
    make.account(school.teacher, "teacher", PASSWORD)
    assert own.sign_in("teacher", PASSWORD).send(f"/remarks/{remark.id}/close").status_code == 403


def test_nothing_of_a_remark_is_lost_when_something_is_missing(app, school):
    client = entering(app, school, "deputy")
    page = client.send("/remarks/new", course=school.course.id, person=school.teacher.id, text=" ", due="2026-12-01")
    assert page.status_code == 422 and "Напишите несколько слов" in page.text and 'value="2026-12-01"' in page.text
    page = client.send("/remarks/new", course=school.course.id, person=school.stranger.id, text="Проверьте темы")
    assert page.status_code == 422 and "Проверьте темы" in page.text and m.JournalRemark.select().count() == 0


# ---- the control of the leaders (CTL-01, CTL-02) ----

def test_ctl_02_the_work_of_the_teachers_between_two_days(app, school):
    lesson = school.lessons[date(2026, 12, 14)]
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Одночлены", topic_at=make.SYSTEM.at, attendance_at=make.SYSTEM.at, topic_late=True)
        m.Homework.create(lesson=lesson, text="№ 5", entered_at=make.SYSTEM.at)
    make.mark(lesson, school.pupils[0], "5")
    page = text(entering(app, school, "deputy").get(f"/duties/week?first=2026-12-14&last=2026-12-16&teacher={school.teacher.id}"))
    assert "Алгебраева А. И. 2 1 1 50 % 50 % 1 33 %" in page, "two lessons, one without a record, one late, topics, homework, marks, pupils"
    assert "7Б · Алгебра, 16 декабря" in page and "присутствующие, тема" in page
    assert "7Б 0 из 3 0 из 2" in page, "nobody of the families has looked in"


def test_ctl_01_the_running_week_shows_what_of_the_regulation_is_broken_and_whose(app, school):
    page = text(entering(app, school, "deputy").get("/duties/week"))
    assert "Регламент сейчас" in page and "нарушено:" in page and "У кого: " in page and "Алгебраева А. И." in page


def test_leg_03_lessons_without_a_record_are_a_duty_with_the_day_of_the_first(app, school):
    page = text(entering(app, school, "teacher").get("/duties/"))
    assert "Заполнить уроки без записи: 13 срок был 18 ноября · п. 4.4.1" in page
    assert "Заполнить уроки" not in text(entering(app, school, "stranger").get("/today/teacher"))


def test_a_teacher_has_no_control_page(app, school):
    client = entering(app, school, "teacher")
    assert {client.get("/duties/week").status_code, client.get("/duties/school").status_code, client.send("/duties/week").status_code,
            client.send("/duties/lists").status_code} == {403}


def test_ctl_18_a_seminar_stands_in_the_register_with_who_came(app, school):
    client = entering(app, school, "admin")
    assert client.send("/duties/training", day="2026-12-18", theme="КТП").status_code == 422
    page = client.send("/duties/training", day="2026-12-16", theme=" ", person=str(school.class_teacher.id))
    assert page.status_code == 422 and f'value="{school.class_teacher.id}" checked' in page.text
    client.send("/duties/training", day="2026-12-16", theme="Домашние задания", person=str(school.class_teacher.id))
    assert "Домашние задания 16 декабря Классова А. И." in text(client.get("/duties/training"))
    assert entering(app, school, "teacher").send("/duties/training", day="2026-12-16", theme="х").status_code == 403
