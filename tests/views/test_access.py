"""Handing out ways in: by whom, to whom, and that a code opens the journal once."""

import re
from datetime import date, timedelta

import pytest

import clock
import models as m
import policies
from tests import factories as make
from tests.views.test_diary import text

KEY = "the secret of the school"


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("admin", "class_teacher", "teacher", "deputy", "parent"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def code_of(app, person) -> str:
    return m.Invitation.get(m.Invitation.person == person, m.Invitation.used_at.is_null()).code(app.config["SECRET_KEY"])


def test_sec_02_slip_first_sign_in_forces_a_change_and_the_register_has_a_row(app, school):
    client = entering(app, "class_teacher")
    client.send(f"/access/person/{school.other_parent.id}/issue")
    code, account = code_of(app, school.other_parent), m.Account.get(person=school.other_parent)
    assert code in text(client.get(f"/access/person/{school.other_parent.id}"))
    issue = m.CredentialIssue.get()
    assert (issue.person_id, issue.login, issue.kind, issue.issued_by_id) == (
        school.other_parent.id, account.login, "password", school.class_teacher.id)

    family = app.test_client()
    assert family.send("/login", login=account.login, password=code.lower().replace("-", " ")).status_code == 302
    assert family.get("/diary/").location.endswith("/password")
    family.send("/password", current=code, password="my own sentence", again="my own sentence")
    assert family.get("/diary/", follow_redirects=True).status_code == 200
    assert app.test_client().send("/login", login=account.login, password=code).status_code == 403
    assert app.test_client().send("/login", login=account.login, password="my own sentence").status_code == 302


def test_sec_01_a_code_registers_once_and_only_in_time(app, school):
    with m.writing(make.SYSTEM):
        make.regulation("d0_sosh1", date(2026, 12, 1))
    client = entering(app, "admin")
    client.send(f"/access/person/{school.other_parent.id}/issue")
    assert m.CredentialIssue.get().kind == "invitation"
    code, stranger = code_of(app, school.other_parent), app.test_client()
    assert "Другова" in text(stranger.send("/join", code=code))
    done = stranger.send("/join", code=code, login="drugova", password="my own sentence", again="my own sentence")
    assert done.status_code == 302 and stranger.get("/diary/", follow_redirects=True).status_code == 200
    assert app.test_client().send("/join", code=code).status_code == 422
    assert m.Account.get(login="drugova").person_id == school.other_parent.id


def test_sec_01_no_registration_without_a_code_with_an_old_or_a_revoked_one(app, school):
    client = entering(app, "admin")
    client.send(f"/access/person/{school.other_parent.id}/issue")
    code = code_of(app, school.other_parent)
    assert app.test_client().send("/join", code="ABCD-EFGH-JKLM").status_code == 422
    with clock.frozen(make.NOW + timedelta(days=61)):
        assert app.test_client().send("/join", code=code).status_code == 422
    client.send(f"/access/person/{school.other_parent.id}/revoke")
    assert app.test_client().send("/join", code=code).status_code == 422


@pytest.mark.parametrize("form, told", [
    ({"login": "ab", "password": "my own sentence", "again": "my own sentence"}, "Логин — от 3"),
    ({"login": "admin", "password": "my own sentence", "again": "my own sentence"}, "занят"),
    ({"login": "drugova", "password": "short", "again": "short"}, "не короче"),
    ({"login": "drugova", "password": "my own sentence", "again": "another one here"}, "различаются")])
def test_a_registration_that_does_not_fit_says_why_and_spends_nothing(app, school, form, told):
    entering(app, "admin").send(f"/access/person/{school.other_parent.id}/issue")
    code = code_of(app, school.other_parent)
    answer = app.test_client().send("/join", code=code, **form)
    assert answer.status_code == 422
    assert app.test_client().send("/join", code=code).status_code == 200


def test_guessing_codes_is_slowed_down(app, school):
    client = app.test_client()
    answers = [client.send("/join", code="ABCD-EFGH-JKLM").status_code for _ in range(7)]
    assert answers[0] == 422 and answers[-1] == 429


def test_only_digests_are_kept_and_a_slip_can_be_printed_again(db, school):
    account = m.Account.waiting_for(make.SYSTEM, [school.other_parent])[0]
    m.Invitation.issue(make.SYSTEM, [account], KEY, date(2027, 1, 1), "invitation")
    row = m.Invitation.get()
    code = m.read_code(row.code(KEY))
    assert len(code) == 12 and code not in (row.digest, row.nonce) and m.Invitation.get().code(KEY) == row.code(KEY)
    assert m.Invitation.of_code("  " + row.code(KEY).lower(), make.TODAY).get() == row
    assert row.code("another key") != row.code(KEY)


def test_codes_are_read_from_look_alike_cyrillic_letters():
    assert m.read_code("авсе-нкмр") == "ABCEHKMP"


@pytest.mark.parametrize("birth, young", [(date(2012, 12, 18), True), (date(2012, 12, 17), False), (None, False)])
def test_sec_05_fourteen_is_counted_to_the_day(birth, young):
    assert policies.is_young(m.Person(surname="К", birth=birth), make.TODAY) is young


def test_sec_05_a_young_pupil_waits_for_a_parent_and_the_slip_names_the_parent(app, school):
    pupil, other = school.pupils[0].person, school.pupils[1].person  # the parent of the first signs in, of the second not
    client = entering(app, "class_teacher")
    page = text(client.get(f"/access/{school.school_class.id}"))
    assert "младше 14 лет" in page and "сначала должен войти родитель" in page
    client.send(f"/access/person/{other.id}/issue")
    assert not m.Invitation.select().where(m.Invitation.person == other).exists()
    client.send(f"/access/person/{pupil.id}/issue")
    assert f"Для родителя: {school.parent.full_name}" in text(client.get(f"/access/person/{pupil.id}"))
    login, code = m.Account.get(person=pupil).login, code_of(app, pupil)
    assert app.test_client().send("/login", login=login, password=code).status_code == 302


def test_a_whole_class_gets_its_ways_in_at_once_and_those_who_have_one_keep_it(app, school):
    client = entering(app, "class_teacher")
    client.send(f"/access/{school.school_class.id}/issue")
    given = {row.person_id for row in m.Invitation.select()}
    assert given == {school.other_parent.id, school.pupils[0].person_id}  # young pupils whose parent is not in wait
    client.send(f"/access/{school.school_class.id}/issue")
    assert m.Invitation.select().count() == 2


def test_a_new_password_voids_the_old_one_and_ends_the_sign_ins(app, school):
    family = entering(app, "parent")
    assert family.get("/diary/", follow_redirects=True).status_code == 200
    entering(app, "class_teacher").send(f"/access/person/{school.parent.id}/reset")
    assert family.get("/diary/").location.startswith("/login")
    assert app.test_client().send("/login", login="parent", password="long enough").status_code == 403
    assert app.test_client().send("/login", login="parent", password=code_of(app, school.parent)).status_code == 302
    assert m.CredentialIssue.get().kind == "reset"


ACTIONS = ("issue", "reset", "revoke")


@pytest.mark.parametrize("who", ["teacher", "deputy", "parent"])
def test_sec_02_nobody_else_hands_out_anything(app, school, who):
    client, person = entering(app, who), school.other_parent.id
    answers = [client.get("/access/"), client.get("/access/staff"), client.get(f"/access/{school.school_class.id}"),
               client.get(f"/access/person/{person}"), client.send(f"/access/{school.school_class.id}/issue"),
               client.send("/access/staff/issue"), *(client.send(f"/access/person/{person}/{verb}") for verb in ACTIONS)]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert not m.Invitation.select().exists() and not m.CredentialIssue.select().exists()


def test_sec_03_a_class_teacher_never_to_staff_nor_to_another_class(app, school):
    with m.writing(make.SYSTEM):
        m.Guardianship.create(guardian=school.teacher, pupil=school.pupils[2], relation="отец")
    client = entering(app, "class_teacher")
    assert "доступ выдаёт администратор" not in text(client.get("/access/"))
    for person in (school.teacher.id, school.class_teacher.id, school.foreign_pupil.person_id, school.admin.id, 999_999, "x"):
        for verb in ACTIONS:
            assert client.send(f"/access/person/{person}/{verb}").status_code == 403
        assert client.get(f"/access/person/{person}").status_code == 403
    assert client.get(f"/access/{school.foreign_class.id}").status_code == 403
    assert client.get("/access/staff").status_code == 403
    assert m.Account.get(login="teacher").opens_with("long enough")


def test_sec_03_staff_get_theirs_from_the_administrator(app, school):
    entering(app, "admin").send("/access/staff/issue")
    issues = {row.person_id: row.issued_by_id for row in m.CredentialIssue.select()}
    assert issues[school.substitute.id] == school.admin.id and school.teacher.id not in issues


def test_slips_only_for_those_whom_one_may_hand_out_to(db, school):
    accounts = m.Account.waiting_for(make.SYSTEM, [school.other_parent, school.foreign_pupil.person])
    m.Invitation.issue(make.SYSTEM, accounts, KEY, date(2027, 1, 1), "password")
    people = [account.person for account in accounts]
    assert [slip.person.id for slip in policies.slips(make.user(school.class_teacher), people, KEY)] == [school.other_parent.id]
    assert len(policies.slips(make.user(school.admin), people, KEY)) == 2
    assert policies.slips(make.user(school.teacher), people, KEY) == []


def test_offered_logins_are_latin_and_all_different(db):
    taken = set()
    people = [m.Person(surname="Щукина-Ёжикова", name="Анна", patronymic="Юрьевна")] * 2 + [m.Person(surname="Ли")]
    assert [m.offered_login(person, taken) for person in people] == ["schukinaezhikova.ayu", "schukinaezhikova.ayu2", "li2"]
    assert all(re.fullmatch(r"[a-z0-9.]{3,60}", login) for login in taken)
