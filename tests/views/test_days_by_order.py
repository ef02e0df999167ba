"""Days by order: a class learns at a distance, a class has no lessons; what becomes of lessons, plans, attendance and the diary."""

import re
from datetime import date

import pytest

import clock
import models as m
from tests import factories as make

FIRST, LAST = date(2026, 12, 14), date(2026, 12, 18)
ORDER = {"kind": "distance", "name": "Карантин по гриппу", "starts": FIRST, "ends": LAST, "order_no": "112-од"}


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("parent", "teacher", "class_teacher", "deputy", "stranger"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).strip()


def lay(app, school, login="deputy", **changes):
    return entering(app, login).send("/orders/", **{**ORDER, "class": school.school_class.id, **changes})


def test_sub_04_a_class_in_quarantine_keeps_its_lessons_marked_as_given_at_a_distance(app, school):
    assert lay(app, school).status_code == 302
    lesson, client = school.lessons[FIRST], entering(app, "teacher")
    assert re.search("Алгебра 10:30–11:15[^.]{,40}дистанционно", text(client.get("/today/teacher")))
    page = text(client.get(f"/lesson/{lesson.id}"))
    assert "Урок проходит дистанционно. Карантин по гриппу, приказ № 112-од." in page
    assert "«н» — тем, кто не вышел на связь" in page
    assert client.send(f"/lesson/{lesson.id}/attendance", **{f"c-{school.pupils[0].id}": "н"}).status_code == 302
    assert m.Lesson.get_by_id(lesson.id).state == "held" and m.Absence.get().code == "н"
    diary = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week={FIRST}"))
    assert diary.count("дистанционно Карантин по гриппу, приказ № 112-од") == 3  # Monday, Wednesday, Thursday
    assert [notice.person_id for notice in m.Notice.select().order_by(m.Notice.person)] == sorted(
        [school.teacher.id, school.class_teacher.id])
    assert "Карантин" not in text(entering(app, "stranger").get(f"/lesson/{school.foreign_lessons[FIRST].id}"))


def test_sub_04_the_printed_journal_names_lessons_at_a_distance(app, school):
    lay(app, school)
    for day, lesson in school.lessons.items():
        if day <= make.TODAY:
            with m.writing(make.SYSTEM):
                lesson.record(make.actor(), topic="Степень")
    page = text(entering(app, "deputy").get(f"/documents/journal-page?course={school.course.id}&period={school.periods[1].id}&format=html"))
    assert page.count("Степень (дистанционно)") == 3 and page.count("Степень") > 10


def test_sub_04_a_pupil_of_a_stream_is_at_a_distance_with_the_own_class(app, school):
    with m.writing(make.SYSTEM):
        stream = m.Unit.create(year=school.year, kind="stream", name="Поток 7–8")
        for pupil in (school.pupils[0], school.foreign_pupil):
            m.UnitMember.create(unit=stream, pupil=pupil, starts=make.YEAR[0])
    lesson = make.lesson(make.course(stream, "Информатика", school.teacher), school.teacher, FIRST, 5)
    lay(app, school)
    assert "Урок проходит дистанционно" in text(entering(app, "teacher").get(f"/lesson/{lesson.id}"))


def test_pln_04_lessons_fall_out_by_order_the_plans_say_so_and_taking_back_restores_them(app, school):
    filled = school.lessons[date(2026, 12, 16)]
    make.plan(school.course, ["Степени", "Корни"])
    with m.writing(make.SYSTEM):
        filled.record(make.actor(), topic="Уже проведён")
    answer = lay(app, school, kind="cancelled", name="Мороз")
    page = text(entering(app, "deputy").get(answer.location))
    fallen = [day for day, in m.Lesson.select(m.Lesson.day).where(m.Lesson.state == "cancelled").order_by(m.Lesson.day).tuples()]
    assert fallen == [FIRST, date(2026, 12, 17)] and "Мороз" in page
    assert "Мороз, приказ № 112-од" in text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week={FIRST}"))
    order = m.Holiday.get(m.Holiday.kind == "cancelled")
    client = entering(app, "deputy")
    client.send("/orders/end", id=order.id, last="2026-12-14")
    assert [row.day for row in m.Lesson.select().where(m.Lesson.state == "cancelled")] == [FIRST]
    client.send("/orders/end", id=order.id, back="1")
    assert not m.Lesson.select().where(m.Lesson.state == "cancelled").exists() and not m.Holiday.select().exists()
    assert m.Lesson.get_by_id(filled.id).topic == "Уже проведён"


@pytest.mark.parametrize("changes, words", [
    ({"order_no": ""}, "Укажите номер приказа"), ({"ends": "2026-12-13"}, "последний — не раньше первого"),
    ({"starts": "завтра"}, "Укажите дату"), ({"class": "0"}, "Выберите классы"), ({"name": " "}, "Укажите причину")])
def test_an_order_that_cannot_be_is_refused_and_nothing_typed_is_lost(app, school, changes, words):
    answer = lay(app, school, **changes)
    assert answer.status_code == 422 and words in text(answer)
    assert (changes.get("order_no") == "") or "112-од" in answer.get_data(as_text=True)
    assert not m.Holiday.select().exists()


def test_mrk_08_days_of_a_closed_period_stay_as_they_are(app, school):
    with m.writing(make.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=make.SYSTEM.at, reason="")
    answer = lay(app, school)
    assert answer.status_code == 422 and "II четверть: период для 7Б закрыт" in text(answer)


def test_mrk_08_an_order_over_the_end_of_a_closed_period_may_still_end_earlier(app, school):
    lay(app, school, kind="cancelled", ends="2027-01-22")
    with m.writing(make.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=make.SYSTEM.at, reason="")
    client, order = entering(app, "deputy"), m.Holiday.get()
    client.send("/orders/end", id=order.id, last="2027-01-15")
    assert m.Holiday.get().ends == date(2027, 1, 15)
    for form in ({"last": "2026-12-16"}, {"back": "1"}):
        client.send("/orders/end", id=order.id, **form)
        assert m.Holiday.get().ends == date(2027, 1, 15) and m.Lesson.get_by_id(school.lessons[FIRST].id).state == "cancelled"


def test_pln_04_the_calendar_among_the_lists_does_the_same(app, school):
    client = entering(app, "deputy")
    form = {"year": school.year.id, "name": "Мороз", "kind": "cancelled", "starts": FIRST, "ends": FIRST,
            "school_class": school.school_class.id}
    assert "Укажите номер приказа" in text(client.send("/admin/holiday/new/", **form))
    client.send("/admin/holiday/new/", **form, order_no="9")
    assert m.Lesson.get_by_id(school.lessons[FIRST].id).state == "cancelled"
    client.send(f"/admin/holiday/edit/?id={m.Holiday.get().id}", **{**form, "ends": LAST}, order_no="9")
    assert m.Lesson.select().where(m.Lesson.state == "cancelled").count() == 3


def test_only_planners_write_orders_and_families_have_no_such_page(app, school):
    for login in ("teacher", "class_teacher", "parent"):
        assert lay(app, school, login).status_code == 403
    assert entering(app, "parent").get("/orders/").status_code == 403
    page = text(entering(app, "teacher").get("/orders/"))
    assert "Таких дней в этом году нет" in page and "Новый приказ" not in page
    assert not m.Holiday.select().exists()
