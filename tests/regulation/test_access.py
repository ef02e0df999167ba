"""Clauses about ways in: rules of confidentiality, logins that are not passed on, pupils never under a teacher's login, orders."""

import pytest

import clock
import models as m
import rulebook.access_rules
import rulebook.rules
from tests import factories as f
from tests.regulation.conftest import PASSWORD, moment
from tests.views.test_diary import text


def asked_to_accept(living, preset: str, clause: str) -> None:
    """Nothing opens before the rules are accepted; they name the clause; the acceptance is a row with version and time."""
    life = living(preset)
    with m.writing(f.SYSTEM):
        rules = rulebook.access_rules.lay(f.SYSTEM, rulebook.rules.preset(preset))
    for who in ("teacher", "parent"):
        assert "/confidentiality/" in life.get("/me", "11-05 10:00", who).headers["Location"]
        assert clause in life.get("/confidentiality/", "11-05 10:00", who).text
        life.send("/confidentiality/accept", "11-05 10:01", who, rules=rules.id)
        assert life.get("/me", "11-05 10:02", who).status_code == 200
    found = {(row.account.login, row.rules.number, row.at) for row in m.RulesAcceptance.select()}
    assert found == {("teacher", 1, moment("11-05 10:01")), ("parent", 1, moment("11-05 10:01"))}


def test_d0_4_the_rules_are_accepted_at_the_first_sign_in(living):
    asked_to_accept(living, "d0_sosh1", "(§4)")


def test_d1_3_2_8_7_the_rules_are_accepted_at_the_first_sign_in(living):
    asked_to_accept(living, "d1_asurso", "(3.2, 8.7)")


def test_d2_2_3_the_rules_are_accepted_at_the_first_sign_in(living):
    asked_to_accept(living, "d2_spo", "(2.3)")


def test_d3_i_10_ii_15_the_rules_are_accepted_and_no_key_of_a_signature_is_kept(living):
    asked_to_accept(living, "d3_shalazhi", "(I.10, II.15)")
    assert "Журнал не хранит ключей электронной подписи" in m.ConfidentialityRules.get().text
    assert {field.name for field in m.Account._meta.sorted_fields} == {  # a digest of the password is the one secret there is
        "id", "person", "login", "password", "must_change", "password_at", "locked", "language"}


def test_d4_4_2_the_rules_are_accepted_at_the_first_sign_in(living):
    asked_to_accept(living, "d4_hmao", "(4.2)")


# ---- logins are not passed on ----

def second_device(living, preset: str):
    """Owner at work on one device, somebody signs in on another: the owner is told, ends it, and it is shut at once."""
    life = living(preset)
    with clock.frozen(moment("11-05 11:00")):
        own, other = life.app.test_client().sign_in("teacher", PASSWORD), life.app.test_client()
        other.send("/login", login="teacher", password=PASSWORD)
        assert m.Notice.get().person_id == life.school.teacher.id and m.SignInOverlap.get().account.login == "teacher"
        own.send("/sign-ins/end")
        assert other.get("/me").status_code == 302 and own.get("/me").status_code == 200
    assert "Алгебраева" in text(life.get("/sign-ins/shared", "11-05 11:30", "admin"))


def test_d3_i_9_ii_14_a_login_that_somebody_else_uses_is_told_and_shut_at_once(living):
    second_device(living, "d3_shalazhi")


def test_d4_4_1_a_login_that_somebody_else_uses_is_told_and_shut_at_once(living):
    second_device(living, "d4_hmao")


# ---- pupils never work under a teacher's login ----

def left_alone(living, preset: str):
    """A teacher's screen left alone is shut; marks of a period want the password once more; a second device is told."""
    life = living(preset)
    with clock.frozen(moment("12-24 10:00")):
        teacher = life.app.test_client().sign_in("teacher", PASSWORD)
    cell = {"pupil": life.school.pupils[0].id, "period": life.school.periods[1].id, "value": "4", "reason": "по работам"}
    for at in ("12-24 10:14", "12-24 10:28", "12-24 10:42", "12-24 10:56", "12-24 11:01"):
        with clock.frozen(moment(at)):
            answer = teacher.send_json(f"/journal/{life.school.course.id}/cells", {"cells": [cell]})
    assert (answer.status_code, answer.get_json()["ask"]) == (401, "confirm")
    with clock.frozen(moment("12-24 11:17")):
        assert "/login" in teacher.get("/me").headers["Location"]


def test_d0_12_a_pupil_finds_no_open_screen_of_a_teacher(living):
    left_alone(living, "d0_sosh1")


def test_d1_4_3_11_4_4_15_a_pupil_finds_no_open_screen_of_a_teacher(living):
    left_alone(living, "d1_asurso")


def test_d2_1_10_a_student_finds_no_open_screen_of_a_teacher(living):
    left_alone(living, "d2_spo")


# ---- who answers for the journal is appointed by order ----

def appoint(life, **order):
    return life.send("/admin/appointment/new/", "11-05 10:00", "admin", person=life.school.stranger.id, role="ADM", starts="2026-11-05", **order)


def test_d1_4_2_2_8_6_no_administrator_without_an_order(living):
    life = living("d1_asurso")
    for order in ({}, {"order_no": "7-к"}, {"order_date": "2026-11-01"}):
        answer = appoint(life, **order)
        assert answer.status_code != 302 and "4.2.2" in answer.text
    assert appoint(life, order_no="7-к", order_date="2026-11-01").status_code == 302
    row = m.Appointment.get(m.Appointment.person == life.school.stranger)
    assert (row.order_no, str(row.order_date), str(row.starts), row.ends) == ("7-к", "2026-11-01", "2026-11-05", None)


@pytest.mark.parametrize("preset", ["base", "d0_sosh1", "d2_spo", "d3_shalazhi", "d4_hmao"])
def test_leg_13_elsewhere_it_is_saved_and_listed_to_the_director(living, preset):
    life = living(preset)
    f.account(life.school.director, "director", PASSWORD)
    assert appoint(life).status_code == 302
    assert "Отвечают за журнал без приказа: Физикова Анна" in text(life.get("/duties/", "11-05 11:00", "director"))
    page = text(life.get("/admin/appointment/?flt_order=no", "11-05 11:00", "director"))
    assert "Физикова" in page and "без приказа" in page
