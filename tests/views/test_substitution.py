"""Substitutions: appointed by the deputy head, seen and written by the substitute alone, in the register at the moment of the record."""

from datetime import date, datetime

import pytest

import clock
import models as m
from tests import factories as f
from tests.statements import counted
from tests.views.test_diary import text

DAY = f.TODAY
PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "deputy", "admin", "director", "stranger", "substitute", "secretary", "parent"):
        f.account(getattr(s, name), name, PASSWORD)
    with m.writing(f.SYSTEM):
        m.Assignment.create(course=s.foreign_course, teacher=s.substitute, starts=f.YEAR[0])
    with clock.frozen(f.NOW):
        yield s


def as_(app, who):
    return app.test_client().sign_in(who, PASSWORD)


def appoint(app, school, who="deputy", day=DAY, substitute="substitute", **more):
    lesson = school.lessons[day].id
    person = getattr(school, substitute).id if substitute else ""
    return as_(app, who).send("/substitutions/", day=day, absent=school.teacher.id, **{
        "reason": "больничный лист", "order_no": "45", f"s-{lesson}": person, f"k-{lesson}": "same_subject", f"p-{lesson}": "1", **more})


def register(app, who="deputy", **query):
    return text(as_(app, who).get("/documents/substitutions", query_string=query))


def test_sub_01_the_deputy_appoints_and_who_is_free_comes_first(app, school):
    page = as_(app, "deputy").get("/substitutions/", query_string={"day": DAY, "absent": school.teacher.id}).text
    free, busy = page.index("свободны"), page.index("на уроке в другом классе")
    assert free < page.index("Заменова А. И.") < busy < page.index("Физикова А. И. (8А)")
    assert appoint(app, school, **{f"n-{school.lessons[DAY].id}": "Тетради в шкафу"}).status_code == 302
    row = m.Substitution.get()
    assert (row.absent_id, row.substitute_id, row.reason, row.order_no, row.note, row.paid) == (
        school.teacher.id, school.substitute.id, "больничный лист", "45", "Тетради в шкафу", True)
    assert "Тетради в шкафу" in text(as_(app, "substitute").get("/today/teacher"))


def test_sub_01_nobody_chosen_is_told_and_a_taken_back_substitution_too(app, school):
    answer = appoint(app, school, substitute=None)
    assert answer.status_code == 422 and "Пока никто не выбран" in answer.text and not m.Substitution.select().exists()
    appoint(app, school)
    client = as_(app, "deputy")
    assert client.send("/substitutions/", day=DAY, absent=school.teacher.id, **{f"s-{school.lessons[DAY].id}": ""}).status_code == 302
    assert "Замены сняты" in client.get("/substitutions/").text and not m.Substitution.select().exists()


def test_sub_01_the_substitute_writes_that_lesson_only_and_finds_topic_plan_class_and_note(app, school):
    f.plan(school.course, ["Одночлены", "Кубы"])
    appoint(app, school, **{f"n-{school.lessons[DAY].id}": "Тетради в шкафу"})
    client, other = as_(app, "substitute"), school.lessons[date(2026, 12, 16)].id
    page = text(client.get(f"/lesson/{school.lessons[DAY].id}"))
    assert not [words for words in ("вместо: Алгебраева А. И.", "Тетради в шкафу", "Взять из плана: Одночлены", "Урок 20 из", "Ученикова001") if words not in page], page
    assert client.send(f"/lesson/{school.lessons[DAY].id}/topic", topic="Одночлены").status_code == 302
    assert client.get(f"/lesson/{other}").status_code == 403
    assert client.send(f"/lesson/{other}/topic", topic="Чужой урок").status_code == 403
    assert as_(app, "stranger").send(f"/lesson/{school.lessons[DAY].id}/topic", topic="Чужой урок").status_code == 403
    assert m.Lesson.get_by_id(school.lessons[DAY].id).topic == "Одночлены"


@pytest.mark.parametrize("section, form", [("attendance", {}), ("topic", {"topic": "Кубы"}), ("homework", {"text": "Упр. 5"}), ("marks", None)])
def test_sub_03_the_register_has_its_line_from_the_moment_of_the_record(app, school, section, form):
    appoint(app, school)
    assert "Заменова А. И. да" in register(app) and "17.12 10:40" not in register(app)
    form = form if form is not None else {f"m-{school.pupils[0].id}-0": "5"}
    assert as_(app, "substitute").send(f"/lesson/{school.lessons[DAY].id}/{section}", **form).status_code == 302
    assert "17.12 10:40" in register(app)
    refused = appoint(app, school, substitute=None)
    assert refused.status_code == 422 and "уже сделал в нём запись" in text(refused) and m.Substitution.select().count() == 1


def test_sub_02_the_register_is_printed_by_period_with_totals(app, school):
    for day in (date(2026, 12, 3), date(2026, 12, 14)):
        f.substitution(school.lessons[day], school.substitute, school.teacher)
    f.substitution(school.lessons[date(2026, 11, 30)], school.class_teacher, school.teacher)
    page = register(app)
    assert "03.12.2026 7Б 3 Алгебра Алгебраева А. И. болезнь тот же предмет Заменова А. И." in page and "30.11.2026" not in page
    assert "Заменова А. И. 2 2" in page and "болезнь 2" in page
    assert "30.11.2026" in register(app, period="2026-11") and "30.11.2026" in register(app, period=f"p{school.periods[1].id}")
    assert "Замен не было" in register(app, period=f"p{school.periods[0].id}")
    assert as_(app, "secretary").get("/documents/substitutions?format=pdf").data.startswith(b"%PDF")
    assert as_(app, "teacher").get("/documents/substitutions").status_code == 403
    assert as_(app, "deputy").get("/documents/substitutions?period=abc").status_code == 403


def test_nothing_is_appointed_without_a_reason_and_what_was_typed_stays(app, school):
    answer = appoint(app, school, reason="", order_no="45-к")
    assert answer.status_code == 422 and "45-к" in answer.text and "почему учитель отсутствует" in answer.text
    assert m.Substitution.select().count() == 0


def test_an_appointment_is_taken_back_or_given_to_another(app, school):
    appoint(app, school)
    appoint(app, school, substitute="class_teacher")
    assert [row.substitute_id for row in m.Substitution.select()] == [school.class_teacher.id]
    appoint(app, school, substitute=None)
    assert m.Substitution.select().count() == 0


@pytest.mark.parametrize("who", ["teacher", "director", "secretary", "substitute", "parent"])
def test_only_those_who_plan_appoint(app, school, who):
    assert appoint(app, school, who).status_code == 403
    assert as_(app, who).get("/substitutions/").status_code == 403


@pytest.mark.parametrize("person", ["parent", "teacher"])
def test_a_family_or_the_absent_teacher_is_no_substitute(app, school, person):
    assert appoint(app, school, substitute=person).status_code == 403


def test_the_absent_teacher_leaves_a_note_and_nobody_else(app, school):
    appoint(app, school)
    address = f"/lesson/{school.lessons[DAY].id}/note"
    for who in ("substitute", "stranger", "class_teacher"):
        assert as_(app, who).send(address, text="Не то").status_code == 403
    assert "Тому, кто заменит" in as_(app, "teacher").get(f"/lesson/{school.lessons[DAY].id}").text
    assert as_(app, "teacher").send(address, text="Повторить формулы").status_code == 302
    assert "Повторить формулы" in text(as_(app, "substitute").get(f"/lesson/{school.lessons[DAY].id}"))
    assert as_(app, "deputy").send(address, text="Контрольная в столе").status_code == 302
    assert m.Substitution.get().note == "Контрольная в столе"


@pytest.mark.parametrize("more", [0, 5])
def test_the_page_of_a_day_costs_the_same_at_any_number_of_lessons(app, school, more):
    for number in (1, 2, 4, 5, 6)[:more]:
        made, unit = f.school_class(school, f"{number}Г")
        f.lesson(f.course(unit, f"Предмет {number}", school.teacher), school.teacher, DAY, number)
    client = as_(app, "deputy")
    with counted() as sent, clock.frozen(datetime(2026, 12, 17, 10, 40)):
        assert client.get("/substitutions/", query_string={"day": DAY, "absent": school.teacher.id}).status_code == 200
    assert len(sent) <= 14, sent
