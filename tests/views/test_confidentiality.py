"""Rules of confidentiality: accepted before anything else, anew after each version; nothing typed is lost on the way (SEC-08)."""

import re
from datetime import timedelta

import pytest

import clock
import models as m
import rulebook.access_rules
import rulebook.rules
from tests import factories as f

PASSWORD = "зимний вечер"
OURS = {"Origin": "http://localhost", "Referer": "http://localhost/lesson/7"}


@pytest.fixture
def school(app):
    with clock.frozen(f.NOW):
        s = f.school()
        for login in ("teacher", "parent", "admin", "director", "class_teacher"):
            f.account(getattr(s, login), login, PASSWORD)
        with m.writing(f.SYSTEM):
            s.rules = rulebook.access_rules.lay(f.SYSTEM, rulebook.rules.preset("d1_asurso"))
        yield s


def entered(app, login):
    return app.test_client().sign_in(login, PASSWORD)


def accept(client):
    return client.send("/confidentiality/accept", rules=m.ConfidentialityRules.in_force().id, next="/me")


@pytest.mark.parametrize("login", ["teacher", "parent", "admin"])
def test_sec_08_nothing_opens_before_the_rules_are_accepted(app, school, login):
    client = entered(app, login)
    assert client.get("/me?x=1").headers["Location"] == "/confidentiality/?next=/me?x%3D1"
    page = client.get("/confidentiality/?next=/me").text
    assert "(3.2, 8.7)" in page and "(4.3.11, 4.4.15)" in page and "не хранит ключей электронной подписи" in page
    assert accept(client).headers["Location"] == "/me" and client.get("/me").status_code == 200
    row = m.RulesAcceptance.get()
    assert (row.rules_id, row.account.login, row.at, row.address) == (school.rules.id, login, clock.now(), "127.0.0.1")


def test_sec_08_the_acceptance_is_written_once_and_stays_in_history(app, school):
    client = entered(app, "teacher")
    for _ in range(2):
        accept(client)
    assert m.RulesAcceptance.select().count() == 1
    assert m.History.select().where(m.History.tbl == "rules_acceptance").count() == 1


def test_sec_08_a_new_version_asks_again_and_what_was_typed_is_sent_after_it(app, school):
    teacher, admin = entered(app, "teacher"), entered(app, "admin")
    accept(teacher), accept(admin)
    token = teacher.token()
    assert admin.send("/confidentiality/edit", text="1. Новые правила.").headers["Location"] == "/confidentiality/"
    answer = teacher.post("/lesson/7/note", data={"csrf_token": token, "text": "Ключ у вахтёра"}, headers=OURS)
    assert answer.status_code == 401 and "Новые правила" in answer.text
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)[1]
    again = teacher.send("/confidentiality/accept", rules=m.ConfidentialityRules.in_force().id, kept=kept)
    assert "Ключ у вахтёра" in again.text and 'action="/lesson/7/note"' in again.text
    assert [row.number for row in m.ConfidentialityRules.select().order_by(m.ConfidentialityRules.id)] == [1, 2]
    assert "Версия" not in again.text and teacher.get("/me").status_code == 200 and admin.get("/me").status_code == 302


def test_sec_08_the_queue_of_a_browser_waits_for_the_acceptance(app, school):
    teacher = entered(app, "teacher")
    lesson = school.lessons[f.TODAY]
    body = {"cells": [{"pupil": school.pupils[0].id, "lesson": lesson.id, "value": "5"}]}
    answer = teacher.send_json(f"/journal/{school.course.id}/cells", body)
    assert (answer.status_code, answer.get_json()["where"]) == (401, "/confidentiality/") and "cells" not in answer.get_json()
    accept(teacher)
    assert teacher.send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0]["state"] == "saved"


def test_sec_08_a_version_that_came_while_reading_is_read_first(app, school):
    teacher, old = entered(app, "teacher"), school.rules.id
    m.ConfidentialityRules.publish(f.actor(school.admin), "Другой текст")
    assert teacher.send("/confidentiality/accept", rules=old).status_code == 409 and not m.RulesAcceptance.select().exists()


def test_sec_08_the_administrator_writes_the_rules_and_nobody_else(app, school):
    for login in ("teacher", "director", "parent"):
        client = entered(app, login)
        accept(client)
        assert client.send("/confidentiality/edit", text="Моё").status_code == 403
    admin = entered(app, "admin")
    accept(admin)
    assert admin.send("/confidentiality/edit", text=school.rules.text).status_code == 422
    assert "уже действует" in admin.send("/confidentiality/edit", text=school.rules.text).text


def test_sec_08_who_has_not_accepted_is_listed(app, school):
    for login in ("admin", "teacher"):
        accept(entered(app, login))
    director = entered(app, "director")
    accept(director)
    page = director.get("/confidentiality/people").text
    assert "parent, 7Б" in page or "родитель, 7Б" in page
    assert "Классова" in page and "Родителева" in page and "Алгебраева" not in page
    family = entered(app, "parent")
    accept(family)
    assert family.get("/confidentiality/people").status_code == 403


@pytest.mark.parametrize("preset, named", [("d0_sosh1", "§4"), ("d2_spo", "2.3"), ("d3_shalazhi", "I.10, II.15"), ("d4_hmao", "4.2")])
def test_the_ready_text_names_the_clauses_of_the_schools_own_document(preset, named):
    text = rulebook.access_rules.ready_text(rulebook.rules.preset(preset))
    assert f"отвечает их владелец. Не записывайте пароль там, где его прочтут другие, и не сохраняйте его на общем компьютере. ({named})" in text


def test_the_ready_text_of_a_school_without_a_document_names_no_clause():
    assert "(" not in rulebook.access_rules.ready_text(rulebook.rules.preset("base")).replace("«Сообщить", "")


def test_the_page_of_somebody_who_accepted_long_ago_says_when(app, school):
    parent = entered(app, "parent")
    accept(parent)
    with clock.frozen(f.NOW + timedelta(days=3)):
        assert "Вы приняли их" in parent.get("/confidentiality/").text
