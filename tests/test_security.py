"""Signing in and out, throttling, devices, the locked screen, passwords (SEC-02, SEC-07, SEC-08, SEC-09, ACC-10)."""

import re
from datetime import timedelta

import pytest

import clock
import models as m
from tests import factories
from tests.conftest import application

PASSWORD = "зимний вечер"


@pytest.fixture
def school(app):
    with clock.frozen(factories.NOW):
        s = factories.school()
        s.accounts = {login: factories.account(getattr(s, login), login, PASSWORD) for login in ("teacher", "parent", "stranger")}
        yield s


@pytest.fixture
def teacher(app, school):
    return app.test_client().sign_in("teacher", PASSWORD)


def later(**span):
    return clock.frozen(factories.NOW + timedelta(**span))


def test_signing_in_and_out(client, school):
    assert client.get("/me").headers["Location"] == "/login?next=/me"
    assert client.send("/login", login=" Teacher", password=PASSWORD).headers["Location"] == "/"
    assert client.get("/me").status_code == 200
    assert client.send("/logout").headers["Location"] == "/login"
    assert client.get("/me").status_code == 302


def test_after_signing_in_one_lands_where_one_was_going_but_never_outside(app, school):
    for asked, given in (("/me?x=1", "/me?x=1"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/")):
        answer = app.test_client().send("/login", login="teacher", password=PASSWORD, next=asked)
        assert answer.headers["Location"] == given


def test_a_wrong_password_tells_how_many_attempts_are_left(client, school):
    answer = client.send("/login", login="teacher", password="nonsense")
    assert answer.status_code == 403
    assert "4" in answer.get_data(as_text=True).split('class="err"')[1].split("</p>")[0]


@pytest.mark.parametrize("login", ["teacher", "nobody-has-this"])
def test_the_fifth_failure_begins_a_pause_also_for_a_login_nobody_has(client, school, login):
    for _ in range(5):
        assert client.send("/login", login=login, password="nonsense").status_code == 403
    assert client.send("/login", login=login, password=PASSWORD).status_code == 429


@pytest.mark.parametrize("path", ["/login", "/join"])
def test_a_monitor_asking_for_the_head_of_a_page_is_no_failed_attempt(client, school, path):
    assert client.head(path).status_code == 200
    assert not m.LoginFailure.select().exists()


def test_the_pause_ends_after_five_minutes(client, school):
    for _ in range(5):
        client.send("/login", login="teacher", password="nonsense")
    with later(minutes=5, seconds=1):
        assert client.send("/login", login="teacher", password=PASSWORD).status_code == 302


def test_a_pause_at_one_address_does_not_lock_the_owner_out_at_another(app, school):
    guesser, owner = app.test_client(), app.test_client()
    guesser.environ_base["REMOTE_ADDR"], owner.environ_base["REMOTE_ADDR"] = "10.0.0.1", "10.0.0.2"
    for _ in range(5):
        guesser.send("/login", login="teacher", password="nonsense")
    assert guesser.send("/login", login="teacher", password=PASSWORD).status_code == 429
    assert owner.send("/login", login="teacher", password=PASSWORD).status_code == 302


def test_an_address_that_tries_many_logins_pauses_as_well(client, school):
    m.LoginFailure.create(key="address:127.0.0.1", failures=59, last_at=clock.now())
    client.send("/login", login="anybody", password="nonsense")
    assert client.send("/login", login="teacher", password=PASSWORD).status_code == 429


def test_an_account_without_a_password_or_a_locked_one_does_not_open(app, school):
    factories.account(school.deputy, "deputy")
    with m.writing(factories.SYSTEM):
        m.Account.update(locked="уволена").where(m.Account.login == "stranger").execute()
    assert app.test_client().send("/login", login="deputy", password="").status_code == 403
    assert app.test_client().send("/login", login="stranger", password=PASSWORD).status_code == 403


def test_locking_an_account_ends_what_is_open(teacher, school):
    with m.writing(factories.SYSTEM):
        m.Account.update(locked="уволена").where(m.Account.login == "teacher").execute()
    assert teacher.get("/me").status_code == 302


def test_acc_10_the_screen_of_staff_locks_after_idle_minutes(teacher, school):
    with later(minutes=14):
        assert teacher.get("/me").status_code == 200
    with later(minutes=30):
        assert teacher.get("/me").headers["Location"] == "/login?next=/me"
        page = teacher.get("/login?next=/me").get_data(as_text=True)
        assert 'value="teacher"' in page and 'value="/me"' in page
        assert teacher.send("/login", login="teacher", password=PASSWORD, next="/me").headers["Location"] == "/me"
    assert m.LoginSession.select().where(m.LoginSession.ended_at.is_null()).count() == 1


def test_acc_10_a_locked_screen_stays_locked_though_the_clock_goes_back(teacher, school):
    with later(minutes=30):
        teacher.get("/me")
    assert teacher.get("/me").status_code == 302


def test_acc_10_the_idle_minutes_are_a_setting(teacher, school):
    with m.writing(factories.SYSTEM):
        m.School.update(idle_minutes=60).execute()
    with later(minutes=59):
        assert teacher.get("/me").status_code == 200


def test_a_parents_telephone_does_not_lock(app, school):
    parent = app.test_client().sign_in("parent", PASSWORD)
    with later(days=3):
        assert parent.get("/me").status_code == 200


def test_acc_10_what_was_typed_before_the_screen_locked_is_sent_after_the_sign_in_by_its_own_account_only(app, teacher, school):
    ours, token = {"Origin": "http://localhost", "Referer": "http://localhost/lesson/7"}, teacher.token()
    with later(minutes=30):
        answer = teacher.post("/lesson/7/note", data={"csrf_token": token, "text": "Ключ у вахтёра"}, headers=ours)
        assert answer.status_code == 401
        kept = re.search(r'name="kept" value="([^"]+)"', answer.get_data(as_text=True))[1]
        page = teacher.send("/login", login="teacher", password=PASSWORD, kept=kept).get_data(as_text=True)
        assert "Ключ у вахтёра" in page and 'action="/lesson/7/note"' in page
        for login, envelope in (("parent", kept), ("teacher", kept[:-2])):
            answer = app.test_client().send("/login", login=login, password=PASSWORD, kept=envelope)
            assert answer.status_code == 302 and "Ключ" not in answer.get_data(as_text=True)


def test_a_script_on_a_locked_screen_is_told_so(teacher, school):
    token = teacher.token()
    with later(minutes=30):
        answer = teacher.post("/password", json={}, headers={"X-CSRFToken": token})
    assert answer.status_code == 401


def test_sec_09_the_owner_sees_and_ends_the_other_sign_in(app, teacher, school):
    elsewhere = app.test_client().sign_in("teacher", PASSWORD)
    page = teacher.get("/sign-ins").get_data(as_text=True)
    other = m.LoginSession.select().order_by(m.LoginSession.id.desc()).get()
    assert f"/sign-ins/{other.id}/end" in page
    teacher.send(f"/sign-ins/{other.id}/end")
    assert elsewhere.get("/me").status_code == 302
    assert teacher.get("/me").status_code == 200


def test_sec_09_all_the_others_at_once(app, teacher, school):
    others = [app.test_client().sign_in("teacher", PASSWORD) for _ in range(2)]
    teacher.send("/sign-ins/end")
    assert [other.get("/me").status_code for other in others] == [302, 302]
    assert teacher.get("/me").status_code == 200


def beside(app, login):
    """The same account in another browser."""
    client = app.test_client()
    client.send("/login", login=login, password=PASSWORD)
    return client


def test_acc_10_a_second_device_at_once_is_told_to_the_owner_and_kept(app, teacher, school):
    beside(app, "teacher")
    row = m.SignInOverlap.get()
    assert (row.account.login, row.address, row.at) == ("teacher", "127.0.0.1", clock.now())
    notice = m.Notice.get()
    assert (notice.person_id, notice.url) == (school.teacher.id, "/sign-ins")
    assert m.History.select().where(m.History.tbl == "sign_in_overlap").exists()
    assert "Два устройства одновременно" in teacher.get("/sign-ins").get_data(as_text=True)


def test_acc_10_the_same_browser_again_and_one_long_unused_are_no_second_device(app, teacher, school):
    app.test_client().sign_in("teacher", PASSWORD)
    with later(minutes=16):
        beside(app, "teacher")
    assert not m.SignInOverlap.select().exists() and not m.Notice.select().exists()


def test_acc_10_a_family_finds_the_second_device_on_its_pages_until_it_says_so(app, school):
    parent = app.test_client().sign_in("parent", PASSWORD)
    beside(app, "parent")
    asked = "Ваша учётная запись была открыта на двух устройствах сразу"
    assert asked in parent.get("/me").get_data(as_text=True) and not m.Notice.select().exists()
    parent.send("/sign-ins/seen")
    assert asked not in parent.get("/me").get_data(as_text=True) and m.SignInOverlap.get().seen_at


def test_sec_09_the_administrator_sees_shared_logins_and_a_device_of_pupil_and_teacher(app, teacher, school):
    beside(app, "teacher")
    with m.writing(factories.SYSTEM):
        own = m.Guardianship.create(guardian=school.stranger, pupil=school.pupils[2], relation="мать")
    for login, person in (("admin", school.admin), ("pupil", school.pupils[1].person), ("child", school.pupils[2].person)):
        factories.account(person, login, PASSWORD)
    shared = app.test_client()
    for login in ("pupil", "teacher", "child", "stranger"):
        shared.send("/login", login=login, password=PASSWORD)
    page = app.test_client().sign_in("admin", PASSWORD).get("/sign-ins/shared").get_data(as_text=True)
    found = page.split('id="t"')[1]
    assert "Алгебраева" in page.split('id="t"')[0].split('id="s"')[1]
    assert "Алгебраева" in found and "Ученикова002" in found and own
    assert re.findall("Физикова.*?<small>и Ученикова(003)", found, re.S) == []
    assert teacher.get("/sign-ins/shared").status_code == 403


def test_somebody_elses_sign_in_and_one_that_is_not_there_are_the_same(app, teacher, school):
    app.test_client().sign_in("stranger", PASSWORD)
    foreign = m.LoginSession.select().order_by(m.LoginSession.id.desc()).get().id
    answers = [teacher.send(f"/sign-ins/{number}/end") for number in (foreign, 999_999)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert [a.get_data(as_text=True).split("<main")[1] for a in answers][0] == answers[1].get_data(as_text=True).split("<main")[1]
    assert m.LoginSession.get_by_id(foreign).ended_at is None


def test_sec_02_a_password_given_by_somebody_is_changed_first(app, school):
    school.accounts["parent"].set_password(factories.SYSTEM, "временный-1", must_change=True)
    parent = app.test_client().sign_in("parent", "временный-1")
    assert parent.get("/me").headers["Location"] == "/password"
    form = {"current": "временный-1", "password": "новый вечер", "again": "новый вечер"}
    assert parent.send("/password", **form).headers["Location"] == "/"
    assert parent.get("/me").status_code == 200
    assert app.test_client().send("/login", login="parent", password="временный-1").status_code == 403


@pytest.mark.parametrize("days, opens", [(365, True), (366, False)])
def test_sec_07_staff_change_the_password_once_a_year(app, school, days, opens):
    school.accounts["teacher"].set_password(factories.actor(), PASSWORD)
    with later(days=days):
        teacher = app.test_client().sign_in("teacher", PASSWORD)
        assert (teacher.get("/me").status_code == 200) is opens
        if not opens:
            assert "3.3" in teacher.get("/password").get_data(as_text=True)


def test_sec_07_parents_are_not_asked_to(app, school):
    with later(days=1000):
        assert app.test_client().sign_in("parent", PASSWORD).get("/me").status_code == 200


@pytest.mark.parametrize("field, form", [
    ("current", {"current": "nonsense", "password": "новый вечер", "again": "новый вечер"}),
    ("again", {"current": PASSWORD, "password": "новый вечер", "again": "старый вечер"}),
    ("password", {"current": PASSWORD, "password": "1234567", "again": "1234567"}),
    ("password", {"current": PASSWORD, "password": PASSWORD, "again": PASSWORD}),
])
def test_a_poor_new_password_is_told_at_its_field(teacher, field, form):
    answer = teacher.send("/password", **form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)
    assert "nonsense" not in answer.get_data(as_text=True)


def test_a_new_password_signs_other_devices_out(app, teacher):
    elsewhere = app.test_client().sign_in("teacher", PASSWORD)
    teacher.send("/password", current=PASSWORD, password="новый вечер", again="новый вечер")
    assert (teacher.get("/me").status_code, elsewhere.get("/me").status_code) == (200, 302)


def test_sec_08_neither_passwords_nor_tokens_are_kept_readable(slow_hasher, teacher, school):
    account = m.Account.get(login="teacher")
    assert account.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with teacher.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert not m.LoginSession.select().where(m.LoginSession.digest == token).exists()
    assert not m.History.select().where(m.History.new.contains("argon2")).exists()


@pytest.mark.parametrize("config, address, status", [
    ({}, "127.0.0.1", 302), ({}, "10.0.0.7", 403), ({"HOST": "0.0.0.0"}, "127.0.0.1", 403),
    ({"HOST": "0.0.0.0", "DEMO_OPEN": "yes"}, "10.0.0.7", 302)])
def test_demo_passwords_stay_on_this_machine_unless_asked_for(url, db, tmp_path, config, address, status):
    s = factories.school()
    with m.writing(factories.SYSTEM):
        m.School.update(is_demo=True).execute()
        m.Account.create(person=s.teacher, login="teacher", password=m.hash_password("demo"))
    client = application(url, tmp_path, **config).test_client()
    client.environ_base["REMOTE_ADDR"] = address
    assert client.send("/login", login="teacher", password="demo").status_code == status


def test_a_demo_opened_at_night_shows_the_next_school_morning_unless_somebody_is_at_work(app, school):
    with m.writing(factories.SYSTEM):
        m.School.update(is_demo=True).execute()
    night = {"hours": 12}
    app.test_client().sign_in("parent", PASSWORD)
    with later(minutes=30):
        app.test_client().get("/login")
        assert m.School.the().clock_offset == 0
    with later(**night):
        app.test_client().get("/login")
        assert m.School.the().clock_offset != 0
