"""Д0, положение школы № 1: the journal is filled at least once a week, results come within three days."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import in_time, moment, verdict

PRESET = "d0_sosh1"


@pytest.mark.parametrize("at, said", [("11-05 11:00", "saved"), ("11-12 23:59", "saved")])
def test_d0_6_marks_wait_a_week(living, at, said):
    assert verdict(living(PRESET).put("5", at)) == said


def test_d0_6_a_mark_of_day_8_is_late(living):
    life = living(PRESET)
    assert life.put("5", "11-13 08:00")["state"] == "reason_required"
    assert verdict(life.put("5", "11-13 08:00", reason="болела")) == "late §6"


@pytest.mark.parametrize("at, late", [("11-12 23:59", False), ("11-13 00:01", True)])
def test_d0_6_absentees_wait_a_week(living, at, late):
    life = living(PRESET)
    life.put("н", at, reason="запись с бумаги")
    assert m.Absence.get().late is late


@pytest.mark.parametrize("code", ["К", "С"])
@pytest.mark.parametrize("at, late", [("11-12 23:59", False), ("11-13 08:00", True)])
def test_d0_6_control_and_written_works_have_the_same_week(living, code, at, late):
    life = living(PRESET).of_kind(code)
    life.put("4", at, reason="проверяла долго")
    assert m.Mark.get().late is late


@pytest.mark.parametrize("at, said", [("12-20 12:00", "saved"), ("12-30 23:59", "saved"), ("12-31 00:01", "late §6")])
def test_d0_6_results_at_most_three_days_after_the_period(living, at, said):
    assert in_time(living(PRESET).result("4", at, reason="по работам периода")) == said


def test_d0_4_a_family_sees_its_own_child_only(living):
    life = living(PRESET)
    own, other = (life.get(f"/diary/{life.school.pupils[n].id}", "11-05 19:00", "parent").status_code for n in (0, 1))
    assert (own, other) == (200, 403)
    assert life.get(f"/journal/{life.school.course.id}", "11-05 19:00", "parent").status_code == 403


@pytest.mark.parametrize("at, late", [("12-20 12:00", False), ("12-26 12:00", False), ("12-30 23:59:59", False), ("12-31 00:00", True)])
def test_d0_6_results_are_never_early_and_late_from_the_fourth_day_on(living, at, late):
    life = living(PRESET)
    life.result("4", at, reason="по работам периода")
    assert m.PeriodMark.get().late is late


def test_d0_7_a_substitute_fills_in_the_lesson_lent_and_no_other(living):
    life = living(PRESET)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "refused"
    f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "saved"


def test_d0_3_a_way_in_is_an_invitation_code_and_opens_once(living):
    life = living(PRESET)
    life.send(f"/access/person/{life.school.foreign_pupil.person_id}/issue", "11-05 11:00", who="admin")
    assert not m.Invitation.select().exists()  # younger than 14, and no parent has signed in
    colleague = f.employee("Новичкова")
    life.send(f"/access/person/{colleague.id}/issue", "11-05 11:00", who="admin")
    code = m.Invitation.get().code(life.app.config["SECRET_KEY"])
    form = {"code": code, "login": "novichkova", "password": "longer words", "again": "longer words"}
    stranger = life.app.test_client()
    with clock.frozen(moment("11-05 12:00")):
        assert stranger.send("/join", **form).status_code == 302 and m.Account.of_login("novichkova")
        assert life.app.test_client().send("/join", **{**form, "login": "drugaya"}).status_code == 422
        assert life.app.test_client().send("/join", login="drugaya", password="longer words", again="longer words").status_code == 422


def test_d0_is_silent_on_retakes_so_a_protocol_works_after_thirty_days(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.put("4", "12-05 11:00", protocol={"number": "3", "date": "2026-12-05"})["state"] in ("saved", "late")
