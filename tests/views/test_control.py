"""Closing a period and opening it again: who may, what stands in the way, what stays in the history."""

import pytest

import clock
import models as m
import policies_results
import policies_rules
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("deputy", "director", "admin", "teacher", "class_teacher", "parent", "secretary"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def put_all(school, period, course=None, pupils=None):
    with m.writing(make.SYSTEM):
        for pupil in pupils or school.pupils:
            m.PeriodMark.create(course=course or school.course, pupil=pupil, period=period, value="4", entered_at=make.SYSTEM.at)


def close(client, school, reason="приказ 44 от 25.12", *classes):
    chosen = [each.id for each in classes or (school.school_class,)]
    return client.send(f"/control/{school.periods[1].id}/close", **{"class": chosen, "reason": reason})


def test_fin_05_a_blank_is_listed_and_closing_refused(app, school):
    put_all(school, school.periods[1], pupils=school.pupils[:2])
    client = entering(app, "deputy")
    page = text(client.get(f"/control/?period={school.periods[1].id}"))
    assert "Не хватает 1 отметки за период Алгебра 1" in page and "не готов" in page
    answer = close(client, school)
    assert answer.status_code == 422 and "7Б не закрыт: не хватает отметок за период — 1 (Алгебра 1)" in text(answer)
    assert not m.PeriodClosure.select().exists()


def test_fin_05_a_deferral_fills_the_place(app, school):
    put_all(school, school.periods[1], pupils=school.pupils[:2])
    with m.writing(make.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[2], period=school.periods[1], value="отсрочка",
                            entered_at=make.SYSTEM.at)
    assert close(entering(app, "deputy"), school).status_code == 302


@pytest.mark.parametrize("who", ["deputy", "director"])
def test_a_leader_closes_and_reopens_with_reasons_that_stay(app, school, who):
    put_all(school, school.periods[1])
    client = entering(app, who)
    page = text(client.get(f"/control/{school.periods[1].id}/close?class={school.school_class.id}"))
    assert "Закрыть 1 класс" in page and "Период идёт до 27 декабря" in page
    close(client, school)
    closure = m.PeriodClosure.standing().get()
    assert (closure.closed_by_id, closure.reason) == (getattr(school, who).id, "приказ 44 от 25.12")
    assert client.send(f"/control/closures/{closure.id}/reopen", reason=" ").status_code == 422
    client.send(f"/control/closures/{closure.id}/reopen", reason="ошибка в 7Б")
    assert not m.PeriodClosure.standing().exists()
    page = text(client.get(f"/control/?period={school.periods[1].id}"))
    assert "приказ 44 от 25.12" in page and "ошибка в 7Б" in page
    assert client.send(f"/control/closures/{closure.id}/reopen", reason="ещё раз").status_code == 422


def test_closing_asks_for_a_reason_and_only_once(app, school):
    put_all(school, school.periods[1])
    client = entering(app, "deputy")
    assert close(client, school, reason="").status_code == 422
    assert close(client, school).status_code == 302 and close(client, school).status_code == 422
    assert m.PeriodClosure.select().count() == 1


def test_a_class_without_marks_is_ready(app, school):
    first, unit = make.school_class(school, "1А")
    pupil = make.pupil("Первоклашкина", first)
    course = make.course(unit, "Чтение", school.teacher)
    make.lesson(course, school.teacher, make.TODAY)
    rules = policies_rules.rules_on(make.TODAY)
    assert policies_results.may_close(school.periods[1], [first], rules) is None and pupil.id
    assert policies_results.may_close(school.periods[1], [school.school_class], rules) is not None


@pytest.mark.parametrize("who", ["admin", "teacher", "class_teacher", "parent", "secretary"])
def test_nobody_else_closes_or_reopens(app, school, who):
    put_all(school, school.periods[1])
    m.PeriodClosure.close(make.actor(school.deputy), school.periods[0], [school.school_class], "приказ")
    client, closure = entering(app, who), m.PeriodClosure.get()
    answers = [client.get("/control/"), client.get(f"/control/{school.periods[1].id}/close?class={school.school_class.id}"),
               close(client, school), client.get(f"/control/closures/{closure.id}/reopen"),
               client.send(f"/control/closures/{closure.id}/reopen", reason="так")]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert m.PeriodClosure.standing().count() == 1


@pytest.mark.parametrize("path", ["/control/?period=999999", "/control/x/close?class=1", "/control/closures/999999/reopen",
                                  "/control/closures/x/reopen"])
def test_what_does_not_exist_is_refused(app, school, path):
    assert entering(app, "deputy").get(path).status_code == 403


def test_the_page_costs_the_same_for_one_class_and_for_five(app, school):
    client = entering(app, "deputy")
    with counted() as few:
        client.get(f"/control/?period={school.periods[1].id}")
    for number in range(5, 9):
        made, unit = make.school_class(school, f"{number}Г")
        pupil = make.pupil("Новенькая", made)
        course = make.course(unit, "Алгебра", school.teacher)
        make.lesson(course, school.teacher, make.TODAY)
        put_all(school, school.periods[1], course, [pupil])
        m.PeriodClosure.close(make.actor(school.deputy), school.periods[1], [made], "приказ")
    with counted() as many:
        client.get(f"/control/?period={school.periods[1].id}")
    assert len(many) == len(few) <= 12, many
