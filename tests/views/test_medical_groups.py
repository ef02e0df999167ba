"""MRK-16, STR-10: a medical group in physical education has its days and its paper, is seen beside the name, and leaves the theory."""

from datetime import datetime

import pytest

import clock
import models as m
import rulebook.rules
from tests import factories as f

PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "admin", "class_teacher"):
        f.account(getattr(s, name), name, PASSWORD)
    s.exercise = f.course(s.unit, "Физическая культура", s.teacher)
    s.lesson = f.lesson(s.exercise, s.teacher, f.TODAY, 2)
    with clock.frozen(f.NOW):
        yield s


def group(app, school, **more):
    pupil = school.pupils[0]
    card = {"person__surname": pupil.person.surname, "person__name": pupil.person.name, "person__patronymic": pupil.person.patronymic,
            "pe_group": "special_a", "pe_from": "2026-09-01", "pe_until": "2026-12-31", "pe_paper": "справка 86-у", **more}
    return app.test_client().sign_in("admin", PASSWORD).send(f"/admin/pupil/edit/?id={pupil.id}", **card)


def put(app, school, value, lesson=None, pupil=0):
    lesson = lesson or school.lesson
    body = {"cells": [{"pupil": school.pupils[pupil].id, "lesson": lesson.id, "value": value}]}
    return app.test_client().sign_in("teacher", PASSWORD).send_json(f"/journal/{lesson.course_id}/cells", body).get_json()["cells"][0]


def test_mrk_16_the_group_stands_beside_the_name_at_physical_education_alone(app, school):
    assert group(app, school).status_code == 302
    row = m.Pupil.get_by_id(school.pupils[0].id)
    assert (row.pe_group, row.pe_paper) == ("special_a", "справка 86-у")
    teacher = app.test_client().sign_in("teacher", PASSWORD)
    for address, times in ((f"/journal/{school.exercise.id}", 1), (f"/journal/{school.course.id}", 0), (f"/lesson/{school.lesson.id}", 2),
                           (f"/lesson/{school.lessons[f.TODAY].id}", 0)):
        assert teacher.get(address).text.count("спец. А") == times


def test_mrk_16_theory_is_assessed_positively_and_a_poor_mark_is_told(app, school):
    group(app, school)
    assert put(app, school, "4")["message"] is None
    answer = put(app, school, "2")
    assert answer["state"] == "saved" and answer["clause"] == "5.3" and "положительно" in answer["message"]
    assert put(app, school, "2", pupil=1)["message"] is None
    assert "положительно" not in (put(app, school, "2", school.lessons[f.TODAY])["message"] or "")
    assert put(app, school, "осв")["state"] == "refused" and "Оцените теоретические знания" in put(app, school, "осв")["message"]


@pytest.mark.parametrize("severity, state", [("reason", "reason_required"), ("block", "refused")])
def test_mrk_16_as_strictly_as_the_regulation_says(app, school, severity, state):
    group(app, school)
    rules = rulebook.rules.preset("d1_asurso").changed({"pe.special_group": {"severity": severity}})
    with m.writing(f.SYSTEM):
        m.RegulationVersion.update(values=rules.to_json()).execute()
    assert put(app, school, "2")["state"] == state


def test_str_10_a_group_holds_for_its_days(app, school):
    group(app, school, pe_until="2026-12-16")
    assert put(app, school, "2")["message"] is None
    with clock.frozen(datetime(2026, 12, 16, 9)):
        assert "спец. А" in app.test_client().sign_in("teacher", PASSWORD).get(f"/journal/{school.exercise.id}").text


@pytest.mark.parametrize("until, status", [("", 422), ("2027-09-01", 302), ("2028-01-01", 422), ("2026-08-01", 422)])
def test_str_10_a_release_from_exercises_ends_within_a_year(app, school, until, status):
    assert group(app, school, pe_group="released", pe_until=until).status_code == status
