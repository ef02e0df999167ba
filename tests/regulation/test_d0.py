"""Д0, положение школы № 1: the journal is filled at least once a week, results come within three days."""

import pytest

import models as m
from tests.regulation.conftest import in_time, verdict

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
