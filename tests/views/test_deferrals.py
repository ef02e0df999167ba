"""FIN-08, FIN-09: a mark put off is a record with a ground, a day and a paper; the later passing puts it, also after the closing."""

from datetime import date, datetime

import pytest

import clock
import models as m
import rulebook.duties
import rulebook.rules
from tests import factories as f
from tests.views.test_diary import text

PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "deputy", "admin", "stranger", "secretary", "parent"):
        f.account(getattr(s, name), name, PASSWORD)
    s.geometry = f.course(s.unit, "Геометрия", s.teacher)
    f.lessons(s.geometry, s.teacher, date(2026, 11, 3), date(2026, 11, 10), (2,))
    return s


@pytest.fixture
def at(app, school):
    """`at(person, "12-24 12:00")`: somebody signed in, at a moment that lasts until the next."""
    held = []

    def sign_in(who, moment):
        while held:
            held.pop().__exit__(None, None, None)
        held.append(clock.frozen(datetime.strptime(f"{'' if moment[4] == '-' else '2026-'}{moment}", "%Y-%m-%d %H:%M")))
        held[0].__enter__()
        return app.test_client().sign_in(who, PASSWORD)

    yield sign_in
    while held:
        held.pop().__exit__(None, None, None)


def put(client, school, value, **more):
    body = {"cells": [{"pupil": school.pupils[0].id, "period": school.periods[1].id, "value": value, **more}]}
    answer = client.send_json(f"/journal/{school.course.id}/cells", body).get_json()
    return answer["cells"][0] if "cells" in answer else answer


def close(school):
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_by=school.deputy, closed_at=f.SYSTEM.at,
                               reason="приказ 44")


def duties(person):
    user = f.user(person, clock.today())
    found, _also = rulebook.duties.of(user, rulebook.rules.rules_on(clock.today()), clock.now())
    return [str(duty.what) for duty in found if duty.topic == "deferral"]


def test_fin_08_typed_in_a_cell_it_is_a_record_whose_ground_is_asked_for(at, school):
    answer = put(at("teacher", "12-24 12:00"), school, "продление")
    assert answer["state"] == "saved" and "Отложенные" in answer["message"]
    row = m.Deferral.get()
    assert (row.until, row.reason, row.paper, row.given_by_id) == (date(2027, 1, 23), "", "", school.teacher.id)
    client = at("teacher", "12-24 12:05")
    assert duties(school.teacher) == ["Write the ground of the deferral: Ученикова001, Алгебра"]
    assert client.send(f"/deferrals/{row.id}", until="2027-02-01", reason="болезнь", paper="справка 7").status_code == 302
    row = m.Deferral.get()
    assert (row.until, row.reason, row.paper) == (date(2027, 2, 1), "болезнь", "справка 7")


@pytest.mark.parametrize("told, wrong", [({"until": "2026-12-01", "reason": "болезнь"}, "until"), ({"until": "", "reason": "болезнь"}, "until"),
                                         ({"until": "2027-01-20", "reason": " "}, "reason")])
def test_fin_08_without_a_ground_or_with_a_day_that_is_over_nothing_is_kept(at, school, told, wrong):
    client = at("deputy", "12-24 12:00")
    answer = client.send("/deferrals/new", of=school.school_class.id, pupil=school.pupils[0].id, period=school.periods[1].id,
                         course=school.course.id, paper="справка 7", **told)
    assert answer.status_code == 422 and 'aria-invalid="true" aria-describedby=' in answer.text and "справка 7" in answer.text
    assert f'id="e-{wrong}"' in answer.text and not m.PeriodMark.select().exists()


def test_fin_09_the_administration_puts_off_all_subjects_at_once_and_no_mark_that_stands(at, school):
    put(at("teacher", "12-24 12:00"), school, "4", reason="по работам")
    client = at("deputy", "12-24 13:00")
    page = client.get(f"/deferrals/new?of={school.school_class.id}&pupil={school.pupils[0].id}&period={school.periods[1].id}").text
    assert "Алгебра" in page and "Геометрия" in page
    answer = client.send("/deferrals/new", of=school.school_class.id, pupil=school.pupils[0].id, period=school.periods[1].id,
                         course=[school.course.id, school.geometry.id], until="2027-01-29", reason="стационар", paper="приказ 12")
    assert answer.status_code == 302
    assert {(row.course_id, row.value) for row in m.PeriodMark.select()} == {(school.course.id, "4"), (school.geometry.id, "продление")}
    assert "стационар" in text(client.get("/deferrals/"))


def test_fin_09_the_deputy_puts_marks_off_and_puts_no_marks(at, school):
    assert "error" in put(at("deputy", "12-24 12:00"), school, "4")
    assert put(at("deputy", "12-24 12:00"), school, "отсрочка", reason="болезнь")["state"] == "saved"
    assert "error" in put(at("deputy", "12-24 12:00"), school, "4")
    for who in ("admin", "secretary", "class_teacher", "stranger"):
        assert "error" in put(at(who, "12-24 12:00"), school, "отсрочка", reason="болезнь")


@pytest.mark.parametrize("moment, state", [("2027-01-29 23:59", "saved"), ("2027-01-30 00:01", "late")])
def test_fin_08_the_later_passing_puts_the_mark_in_a_closed_period_by_the_day_set(at, school, moment, state):
    put(at("teacher", "12-24 12:00"), school, "продление", reason="болезнь", due="2027-01-29", document="справка 7")
    close(school)
    client = at("teacher", moment)
    assert put(client, school, "", reason="ошибка")["state"] == "refused"
    assert put(client, school, "4", reason="сдано 29.01")["state"] == state
    assert m.PeriodMark.get().late is (state == "late")
    assert put(client, school, "5", reason="ошибка")["state"] == "refused"
    assert m.Deferral.get().paper == "справка 7"


def test_mrk_18_lessons_are_passed_in_an_extended_term_long_after_and_beside_the_absence(at, school):
    lesson = school.lessons[date(2026, 11, 5)]
    f.absence(lesson, school.pupils[0], "б")

    def pass_lesson(moment):
        body = {"cells": [{"pupil": school.pupils[0].id, "lesson": lesson.id, "value": "4"}]}
        return at("teacher", moment).send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0]["state"]

    assert pass_lesson("12-22 12:00") == "refused"
    put(at("teacher", "12-22 12:00"), school, "продление", reason="болезнь", due="2026-12-24", document="справка 7")
    assert pass_lesson("12-25 00:01") == "refused"
    assert pass_lesson("12-24 23:59") == "saved"
    assert (m.Absence.get().code, m.Mark.get().value, m.Mark.get().late) == ("б", "4", False)


def test_fin_09_what_is_over_is_the_teachers_duty_and_the_deputy_sees_it(at, school):
    put(at("teacher", "12-24 12:00"), school, "продление", reason="болезнь", due="2026-12-28", document="справка 7")
    page = text(at("deputy", "12-29 08:00").get("/deferrals/"))
    assert "Ученикова001" in page and "справка 7" in page
    assert duties(school.teacher) == ["Put the deferred mark: Ученикова001, Алгебра"]
    assert duties(school.deputy) == ["Deferred marks not put in time: 1"]
    assert at("stranger", "12-29 08:00").get(f"/deferrals/{m.Deferral.get().id}").status_code == 403
    assert at("parent", "12-29 08:00").get("/deferrals/").status_code == 403


def test_fin_08_a_school_that_puts_nothing_off_says_so(at, school):
    rules = rulebook.rules.preset("d1_asurso").changed({"final.instead_of_na": {"value": "none"}})
    with m.writing(f.SYSTEM):
        m.RegulationVersion.update(values=rules.to_json()).execute()
    assert put(at("teacher", "12-24 12:00"), school, "продление", reason="болезнь")["state"] == "refused"


def test_acc_06_whose_mark_is_put_off_and_why_is_no_business_of_a_substitute(at, app, school):
    f.account(school.substitute, "substitute", PASSWORD)
    f.substitution(school.lessons[date(2026, 12, 24)], school.substitute, school.teacher)
    put(at("teacher", "12-24 12:00"), school, "продление", reason="лечение в стационаре", due="2027-01-29")
    for who, seen in (("substitute", False), ("stranger", False), ("class_teacher", True), ("deputy", True), ("teacher", True)):
        assert ("лечение в стационаре" in at(who, "12-24 13:00").get("/deferrals/").text) is seen
    assert at("substitute", "12-24 13:00").get(f"/deferrals/{m.Deferral.get().id}").status_code == 403
    assert at("class_teacher", "12-24 13:00").get(f"/deferrals/{m.Deferral.get().id}").status_code == 403
