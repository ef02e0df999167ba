"""Д2, положение колледжа: weekly filling, reasons of absence entered by the class teacher or the administrator."""

import pytest

import models as m
from tests.regulation.conftest import verdict

PRESET = "d2_spo"


@pytest.mark.parametrize("at, late", [("11-12 23:59", False), ("11-13 08:00", True)])
@pytest.mark.parametrize("code", [None, "К", "С"])
def test_d2_3_3_l79_82_marks_wait_a_week(living, code, at, late):
    life = living(PRESET)
    if code:
        life.of_kind(code)
    life.put("4", at, reason="сводная за неделю")
    assert m.Mark.get().late is late


@pytest.mark.parametrize("at, late", [("11-12 23:59", False), ("11-13 08:00", True)])
def test_d2_3_3_l79_82_absentees_wait_a_week(living, at, late):
    life = living(PRESET)
    life.put("н", at, reason="сводная за неделю")
    assert m.Absence.get().late is late


def test_d2_3_3_l79_82_the_class_teacher_enters_valid_reasons(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert verdict(life.put("у", "11-06 12:00", who="class_teacher")) == "saved"


def test_d2_is_silent_on_na_and_released_so_the_house_allows_them(living):
    assert living(PRESET).result("н/а", "12-24 12:00")["state"] == "saved"
