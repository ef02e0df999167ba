"""The first day of a school in the browser (CNT-02, CNT-09)."""

import pytest

import models as m
from views import setup

FORM = {"name": "Ольховская средняя школа", "short_name": "Ольховская школа", "kind": "school", "timezone": "Asia/Omsk",
        "preset": "d1_asurso", "surname": "Админова", "given_name": "Анна", "patronymic": "Ивановна", "login": "admin",
        "password": "зимний вечер", "again": "зимний вечер"}


@pytest.fixture
def answers(app):
    with app.test_request_context():
        return {**FORM, "code": setup.code(app), "year": str(setup._years()[1])}


def test_until_the_set_up_every_page_leads_to_it(client):
    assert client.get("/me").headers["Location"] == "/setup/"
    assert client.get("/login").headers["Location"] == "/setup/"
    assert client.get("/health").status_code == 200


def test_the_school_is_founded_and_its_administrator_signed_in(client, answers):
    assert client.send("/setup/", **answers).headers["Location"] == "/regulation/readings?next=/setup/checklist"
    assert "Решить позже" in client.get("/regulation/readings?next=/setup/checklist").get_data(as_text=True)
    assert client.get("/setup/checklist").status_code == 200
    school = m.School.the()
    assert (school.name, school.kind, school.timezone) == (FORM["name"], "school", "Asia/Omsk")
    assert [(r.preset, r.versions.count()) for r in m.Regulation.select()] == [("d1_asurso", 1)]
    assert [a.role for a in m.Appointment.select()] == ["ADM"]
    assert m.WorkKind.get(code="К").weight == 3
    assert m.verify()["acts"] == 1


def test_contradictions_are_decided_next_and_then_the_list_of_the_year_opens(client, answers):
    client.send("/setup/", **answers)
    chosen = {"r.mark.edit_window": "0", "r.final.window": "0", "r.legal_status": "1", "starts": client.get(
        "/regulation/readings").text.split('name="starts" type="date" value="')[1][:10], "next": "/setup/checklist"}
    assert client.send("/regulation/readings", **chosen).headers["Location"] == "/setup/checklist"
    assert m.RegulationReading.select().count() == 3 and m.RegulationVersion.newest_first().first().number == 2


def test_a_regulation_without_contradictions_leads_to_the_list_at_once(client, answers):
    assert client.send("/setup/", **{**answers, "preset": "d3_shalazhi"}).headers["Location"] == "/setup/checklist"


def test_the_code_works_once(app, client, answers):
    client.send("/setup/", **answers)
    again = app.test_client()
    assert again.send("/setup/", **{**answers, "login": "second"}).headers["Location"] == "/"
    assert m.Account.select().count() == 1


@pytest.mark.parametrize("field, value", [("code", "WRONG"), ("name", " "), ("surname", ""), ("kind", "army"), ("login", ""),
                                          ("timezone", "Mars/Base"), ("year", "1812"), ("preset", "../d1"), ("again", "other"),
                                          ("password", "short")])
def test_a_wrong_answer_is_told_at_its_field(client, answers, field, value):
    form = {**answers, field: value}
    if field == "password":
        form["again"] = value
    answer = client.send("/setup/", **form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)
    assert m.School.the() is None


def test_codes_cannot_be_guessed_for_long(client, answers):
    for _ in range(5):
        client.send("/setup/", **{**answers, "code": "WRONG"})
    assert client.send("/setup/", **answers).status_code == 429
    assert m.School.the() is None
