"""A locked screen opened again where it stands, the password once more before period marks, somebody else's device (ACC-10)."""

import re
from datetime import timedelta

import pytest

import clock
import models as m
from tests import factories as f

PASSWORD = "зимний вечер"
OURS = {"Origin": "http://localhost", "Referer": "http://localhost/results/1"}


@pytest.fixture
def school(app):
    with clock.frozen(f.NOW):
        s = f.school()
        for login in ("teacher", "parent", "deputy"):
            f.account(getattr(s, login), login, PASSWORD)
        yield s


@pytest.fixture
def teacher(app, school):
    return app.test_client().sign_in("teacher", PASSWORD)


def later(**span):
    return clock.frozen(f.NOW + timedelta(**span))


def unlock(client, password=PASSWORD):
    headers = {"X-CSRFToken": client.get("/unlock").get_json()["token"], "X-Account": account(client)}
    return client.post("/unlock", json={"password": password}, headers=headers)


def account(client):
    from views import offline

    login = m.LoginSession.select(m.LoginSession.account).order_by(m.LoginSession.id.desc()).get().account_id
    with client.application.app_context():
        return offline.account(login)


def test_acc_10_a_locked_screen_opens_with_the_password_where_it_stands(teacher, school):
    token = teacher.token()
    assert teacher.post("/lock", headers={"X-CSRFToken": token}).status_code == 204
    refused = teacher.get("/queue", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.get_json()["ask"]) == (401, "lock")
    assert unlock(teacher, "nonsense").status_code == 403 and teacher.get("/me").status_code == 302
    assert unlock(teacher).get_json()["ok"] and teacher.get("/me").status_code == 200
    assert m.LoginSession.select().count() == 1  # the same sign-in goes on


def test_acc_10_five_wrong_passwords_on_a_locked_screen_begin_a_pause(teacher, school):
    teacher.post("/lock", headers={"X-CSRFToken": teacher.token()})
    for _ in range(5):
        unlock(teacher, "nonsense")
    assert unlock(teacher).status_code == 403


def test_acc_10_an_ended_sign_in_is_not_unlocked(app, teacher, school):
    headers = {"X-CSRFToken": teacher.token(), "X-Account": account(teacher)}
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    assert teacher.post("/unlock", json={"password": PASSWORD}, headers=headers).status_code == 401


# ---- once more before marks of a period ----

def results(school, value="4", **more):
    return {"cells": [{"pupil": school.pupils[0].id, "period": school.periods[1].id, "value": value, "reason": "по работам", **more}]}


def test_acc_10_period_marks_want_a_password_given_within_the_hour(teacher, school):
    path = f"/journal/{school.course.id}/cells"
    with m.writing(f.SYSTEM):
        m.School.update(idle_minutes=0).execute()
    with later(minutes=59):
        assert teacher.send_json(path, results(school)).get_json()["cells"][0]["state"] in ("saved", "late")
    with later(minutes=65):
        teacher.get("/me")
        answer = teacher.send_json(path, results(school, "5"))
        assert (answer.status_code, answer.get_json()["ask"]) == (401, "confirm")
        lesson = {"cells": [{"pupil": school.pupils[0].id, "lesson": school.lessons[f.TODAY].id, "value": "5"}]}
        assert teacher.send_json(path, lesson).get_json()["cells"][0]["state"] == "saved"  # marks of lessons ask for nothing
        assert unlock(teacher).get_json()["ok"]
        assert teacher.send_json(path, results(school, "5", seen="*")).status_code == 200


def test_acc_10_the_minutes_are_a_setting_and_0_never_asks(teacher, school):
    with m.writing(f.SYSTEM):
        m.School.update(confirm_minutes=0, idle_minutes=0).execute()
    with later(hours=3):
        assert teacher.send_json(f"/journal/{school.course.id}/cells", results(school)).status_code == 200


def test_acc_10_a_form_comes_back_with_a_field_for_the_password_and_saves_with_it(teacher, school):
    path, pupil, period = f"/results/{school.course.id}", school.pupils[0].id, school.periods[1].id
    form = {"period": period, f"m-{pupil}-period": "4", f"v-{pupil}-period": "0", f"r-{pupil}-period": "по работам"}
    with m.writing(f.SYSTEM):
        m.School.update(idle_minutes=0).execute()
    with later(minutes=90):
        answer = teacher.send(path, **form)
        assert answer.status_code == 401 and "password_again" in answer.text and not m.PeriodMark.select().exists()
        again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
        assert {key: again[key] for key in form} == {key: str(value) for key, value in form.items()}
        wrong = teacher.post(path, data={**again, "password_again": "nonsense"})
        assert wrong.status_code == 401 and "не подход" in wrong.text
        assert teacher.post(path, data={**again, "password_again": PASSWORD}).status_code in (302, 422)
        assert teacher.send(path, **form).status_code != 401  # and not asked again so soon


# ---- somebody else's device ----

def foreign(app, login="teacher"):
    client = app.test_client()
    client.send("/login", login=login, password=PASSWORD, foreign="on")
    return client


@pytest.mark.parametrize("login", ["teacher", "parent"])
def test_acc_10_on_a_foreign_device_the_sign_in_is_short(app, school, login):
    client = foreign(app, login)
    assert client.get_cookie("device") is None and client.get("/me").status_code == 200
    with client.session_transaction() as session:
        assert not session.permanent
    with later(minutes=9):
        assert client.get("/me").status_code == 200
    with later(minutes=20):
        assert client.get("/me").status_code == 302
    assert m.LoginSession.get().ended_at is not None


def test_acc_10_on_a_foreign_device_no_page_is_kept(app, teacher, school):
    path = f"/journal/{school.course.id}"
    assert "X-Keep" in teacher.get(path).headers and "data-foreign" not in teacher.get(path).text
    page = foreign(app).get(path)
    assert "X-Keep" not in page.headers and "data-foreign" in page.text
