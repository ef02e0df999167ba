"""Д2, положение колледжа: weekly filling, reasons of absence entered by the class teacher or the administrator."""

import pytest

import models as m
from tests import factories as f
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


def test_d2_3_1_l149_157_the_administrator_enters_valid_reasons_too_and_no_mark(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert verdict(life.put("у", "11-06 12:00", who="admin")) == "saved"
    assert life.put("5", "11-06 12:00", who="admin", pupil=1)["state"] == "refused"
    assert life.put("у", "11-06 12:00", who="deputy")["state"] == "refused"


@pytest.mark.parametrize("who, opens", [("class_teacher", True), ("admin", True), ("stranger", False), ("teacher", False)])
def test_d2_2_2_ways_in_for_families_come_from_the_curator_or_the_administrator(living, who, opens):
    life = living(PRESET)
    mother = f.guardian(life.school.pupils[2], "Матерева")
    life.send(f"/access/person/{mother.id}/issue", "11-05 11:00", who=who)
    assert m.CredentialIssue.select().where(m.CredentialIssue.person == mother).exists() is opens


@pytest.mark.parametrize("who, opens", [("admin", True), ("class_teacher", False)])
def test_d2_2_2_ways_in_for_staff_come_from_the_administrator(living, who, opens):
    life = living(PRESET)
    colleague = f.employee("Новичкова")
    life.send(f"/access/person/{colleague.id}/issue", "11-05 11:00", who=who)
    assert m.CredentialIssue.select().where(m.CredentialIssue.person == colleague).exists() is opens


def test_d2_is_silent_on_retakes_so_a_protocol_works_after_thirty_days(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.put("4", "12-05 11:00", protocol={"number": "3", "date": "2026-12-05"})["state"] in ("saved", "late")


@pytest.mark.parametrize("who, status", [("secretary", 302), ("class_teacher", 422)])
def test_d2_3_2_the_secretary_writes_changes_of_the_list(living, who, status):
    life = living(PRESET)
    answer = life.send("/admin/movement/new/", "11-05 11:00", who=who, pupil=life.school.pupils[0].id, kind="departure", day="2026-11-12",
                       order_no="9", order_date="2026-11-11")
    assert (answer.status_code == 302) is (status == 302)
    assert m.Movement.select().exists() is (status == 302)
