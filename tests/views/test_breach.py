"""A breach of confidentiality from its report to the approved act, over HTTP (SEC-11 … SEC-15, LAW-04)."""

import re
from datetime import datetime

import pytest

import clock
import models as m
import policies
import rulebook.duties
from tests import factories as f
from tests.regulation.conftest import PASSWORD, Life
from tests.statements import counted

TEACHER, HEAD, DESK = "teacher", "director", "admin"


@pytest.fixture
def case(app):
    """The school under D4 on Thursday 5 November, the teacher at work since 9:00."""
    life = Life(app, "d4_hmao")
    f.account(life.school.director, HEAD, PASSWORD)
    life.put("4", "11-05 09:00")
    return life


def at(text: str):
    """«10:19:59» of that day."""
    return datetime.fromisoformat(f"2026-11-05 {text}").replace(tzinfo=clock.zone())


def post(life, who, when, path, **form):
    with clock.frozen(at(when)):
        return life.app.test_client().sign_in(who, PASSWORD).send(path, **form)


def put(life, value, when, who=TEACHER, pupil=0, lesson=None, **more):
    with clock.frozen(at(when)):
        return life.put(value, f"11-05 {when[:5]}", who, pupil=pupil, lesson=lesson, **more) if len(when) == 5 else _put(life, value, when, pupil)


def _put(life, value, when, pupil):
    body = {"cells": [{"pupil": life.school.pupils[pupil].id, "lesson": life.lesson.id, "value": value}]}
    with clock.frozen(at(when)):
        return life.app.test_client().sign_in(TEACHER, PASSWORD).send_json(f"/journal/{life.lesson.course_id}/cells", body).get_json()


def report(life, when="11:00", who=DESK, discovered="10:00", **form):
    """The administrator reports that somebody else wrote as the teacher."""
    fields = {"whose": "other", "account": TEACHER, "discovered_at": f"2026-11-05T{discovered}", "kind": "foreign", "story": "Чужие отметки"}
    answer = post(life, who, when, "/breach/report", **{**fields, **form})
    return m.Breach.select().order_by(m.Breach.id.desc()).first(), answer


def told(life, number, whom, learned, when="11:05", who=DESK):
    return post(life, who, when, f"/breach/{number}/told", whom=whom, at=f"2026-11-05T{learned}")


def noticed(life, head="10:00", support="10:20", when="11:00", **form):
    """A case with both times registered."""
    case, _ = report(life, when, **form)
    for whom, learned in (("head", head), ("support", support)):
        told(life, case.id, whom, learned)
    return m.Breach.get_by_id(case.id)


def marks(life, pupil=0):
    return [row.value for row in m.Mark.select().where(m.Mark.pupil == life.school.pupils[pupil]).order_by(m.Mark.id)]


def listed(case):
    return [(row.phase, row.what, row.old, row.new, row.state, row.restored) for row in case.operations.order_by(m.BreachOperation.id)]


def draw(life, case, when="11:30", **form):
    fields = {"number": "1", "day": "2026-11-05", "chair": "Иванова А. П., директор", "members": "Петров И. И.\nСидорова О. О."}
    return post(life, DESK, when, f"/breach/{case.id}/act", **{**fields, **form})


# ---- the notice: the later of two times ----

def test_sec_13_operations_since_the_later_notice_are_suspended_and_earlier_ones_stay(case):
    _put(case, "5", "10:10:00", 0)
    _put(case, "3", "10:19:59", 1)
    _put(case, "2", "10:20:00", 0)
    _put(case, "2", "10:25:00", 2)
    row = noticed(case)
    assert [marks(case, n) for n in range(3)] == [["5"], ["3"], []]
    assert listed(row) == [("after", "mark", "5", "2", "undone", "5"), ("after", "mark", "", "2", "undone", ""),
                           ("before", "mark", "4", "5", "review", ""), ("before", "mark", "", "3", "review", "")]
    with clock.frozen(at("11:10")):
        assert m.verify()["acts"]


def test_sec_13_one_of_the_two_starts_nothing(case):
    put(case, "2", "10:30")
    row, _ = report(case)
    told(case, row.id, "head", "10:00")
    assert marks(case) == ["2"] and listed(row) == [("before", "mark", "4", "2", "review", "")]


def test_sec_13_averages_diary_and_sheets_know_nothing_of_suspended_marks(case):
    put(case, "2", "10:30")
    noticed(case)
    pupil = case.school.pupils[0]
    assert m.Mark.weighted(case.lesson.course_id, [pupil.id])[pupil.id][0][1] == "4"
    sheet = case.get(f"/documents/summary-sheet?class={case.school.school_class.id}&show=averages", "11-05 12:00", HEAD).get_data(as_text=True)
    assert "4,00" in sheet and "3,00" not in sheet and "2,00" not in sheet
    page = case.get(f"/diary/{pupil.id}/marks", "11-05 12:00", "parent").get_data(as_text=True)
    assert "4" in page and not re.search(r"<b>2</b>", page)
    history = case.get(f"/journal/{case.lesson.course_id}/history?pupil={pupil.id}&lesson={case.lesson.id}", "11-05 12:00", HEAD)
    assert "Нарушение конфиденциальности" in history.get_data(as_text=True)


def test_sec_13_a_later_valid_change_by_somebody_else_stands(case):
    put(case, "2", "10:30")
    f.substitution(case.lesson, case.school.substitute, case.school.teacher)
    put(case, "3", "10:40", "substitute")
    row = noticed(case)
    assert marks(case) == ["3"] and [each[4] for each in listed(row)] == ["stands"]


def test_sec_13_everything_a_lesson_holds_goes_back(case):
    lesson, pupil = case.lesson, case.school.pupils[0]
    case.lesson_form("topic", "11-05 09:10", topic="Дроби")
    case.lesson_form("homework", "11-05 09:11", text="§ 5, № 3")
    with clock.frozen(at("10:30:00")):
        thief = case.app.test_client().sign_in(TEACHER, PASSWORD)
        thief.send(f"/lesson/{lesson.id}/topic", topic="Ничего")
        thief.send(f"/lesson/{lesson.id}/homework", text="")
        thief.send(f"/lesson/{lesson.id}/attendance", **{f"code-{pupil.id}": "н"})
        thief.send(f"/lesson/{lesson.id}/remarks/{pupil.id}", text="Плохо")
        thief.send_json(f"/journal/{lesson.course_id}/cells", {"cells": [{"pupil": pupil.id, "lesson": lesson.id, "value": "н"},
                        {"pupil": pupil.id, "period": case.school.periods[0].id, "value": "2", "reason": "так"}]})
    assert m.Homework.select().count() == 0
    row = noticed(case)
    lesson = m.Lesson.get_by_id(lesson.id)
    assert (lesson.topic, m.Homework.get().text, lesson.attendance_at) == ("Дроби", "§ 5, № 3", None)
    assert (m.Absence.select().count(), m.Remark.select().count(), m.PeriodMark.select().count(), marks(case)) == (0, 0, 0, ["4"])
    assert {each[4] for each in listed(row) if each[0] == "after"} == {"undone"}


def test_sec_13_the_notice_may_be_corrected_until_the_act_is_approved(case):
    _put(case, "3", "10:10:00", 0)
    _put(case, "2", "10:30:00", 0)
    row = noticed(case)
    assert marks(case) == ["3"]
    told(case, row.id, "support", "10:31", "11:10")
    assert marks(case) == ["2"]
    told(case, row.id, "support", "10:05", "11:11")
    assert marks(case) == ["4"]
    told(case, row.id, "support", "10:20", "11:12")
    assert marks(case) == ["3"] and m.Mark.select().count() == 1


# ---- the lock, and new credentials ----

def test_sec_13_the_first_report_that_holds_shuts_the_account_and_its_sign_ins(case):
    with clock.frozen(at("10:30:00")):
        thief = case.app.test_client().sign_in(TEACHER, PASSWORD)
        assert thief.get("/journal/").status_code == 200
        report(case, "10:30")
        assert thief.get("/journal/").location.startswith("/login")
        again = thief.send("/login", login=TEACHER, password=PASSWORD)
    assert again.status_code == 403 and "сообщение №" in again.get_data(as_text=True)


def test_sec_13_what_is_written_with_new_credentials_is_valid(case):
    put(case, "2", "10:30")
    row = noticed(case)
    person = case.school.teacher.id
    post(case, DESK, "11:20", f"/access/person/{person}/reset")
    assert m.Breach.get_by_id(row.id).restored_at is not None and m.Account.get(m.Account.login == TEACHER).locked == ""
    with m.writing(f.SYSTEM):
        m.Account.get(m.Account.login == TEACHER).set_password(f.SYSTEM, PASSWORD)
    put(case, "5", "12:00")
    told(case, row.id, "support", "10:25", "12:10")
    assert marks(case) == ["5"]
    with clock.frozen(at("12:20")):
        m.verify()


def test_sec_11_the_owner_closes_the_own_account_at_once(case):
    row, answer = report(case, "10:30", TEACHER, whose="own", account="")
    assert row.account.login == TEACHER and row.account.locked and "/breach/sent/" in answer.location
    with clock.frozen(at("10:31")):
        page = case.app.test_client().get(answer.location).get_data(as_text=True)
    assert f"№ {row.id}" in page


@pytest.mark.parametrize("who", [None, "parent", "stranger"])
def test_sec_11_nobody_is_shut_out_by_a_strangers_word(case, who):
    form = {"whose": "other", "account": TEACHER, "discovered_at": "2026-11-05T10:00", "story": "Чужой вход", "who": "Сосед"}
    with clock.frozen(at("10:30:00")):
        teacher = case.app.test_client().sign_in(TEACHER, PASSWORD)
        sender = case.app.test_client().sign_in(who, PASSWORD) if who else case.app.test_client()
        assert sender.send("/breach/report", **form).status_code == 302
        assert teacher.get("/journal/").status_code == 200
        row = m.Breach.get()
        assert (row.confirmed_at, row.account_id) == (None, None)
        post(case, DESK, "10:31", f"/breach/{row.id}/confirm", account=TEACHER)
        assert teacher.get("/journal/").status_code == 302
    assert m.Notice.select().where(m.Notice.topic == "breach").count() == 3


def test_sec_11_anybody_reports_without_signing_in_but_not_without_end(case):
    form = {"account": "nobody", "discovered_at": "2026-11-05T10:00", "story": "x", "who": "Сосед"}
    with clock.frozen(at("10:30:00")):
        sender = case.app.test_client()
        codes = [sender.send("/breach/report", **form).status_code for _ in range(6)]
        assert codes == [302] * 5 + [429]
        assert sender.post("/breach/report", data=form).status_code in (400, 403)  # without the token of the page
        kept = sender.send("/breach/report", **(form | {"story": "", "account": "ключ"})).get_data(as_text=True)
    assert "ключ" in kept and m.Breach.select().count() == 5


# ---- the act ----

def test_sec_14_suspended_until_the_act_is_approved_invalid_after_it(case):
    put(case, "2", "10:30")
    row = noticed(case)
    assert "приостановлены" in case.get(f"/breach/{row.id}", "11-05 11:10", DESK).get_data(as_text=True)
    assert post(case, DESK, "11:11", f"/breach/{row.id}/approve").status_code == 422
    assert draw(case, row, members="Петров И. И.").status_code == 422
    draw(case, row)
    assert "приостановлены" in case.get(f"/documents/breach-act?case={row.id}", "11-05 11:31", HEAD).get_data(as_text=True)
    assert post(case, "deputy", "11:32", f"/breach/{row.id}/approve").status_code == 403
    assert post(case, HEAD, "11:33", f"/breach/{row.id}/approve").status_code == 302
    page = case.get(f"/breach/{row.id}", "11-05 11:40", DESK).get_data(as_text=True)
    assert "недействительны" in page and "приостановлены" not in page
    assert "недействительно" in case.get(f"/documents/breach-act?case={row.id}", "11-05 11:41", HEAD).get_data(as_text=True)
    assert told(case, row.id, "head", "10:01", "11:50").status_code == 422 and marks(case) == ["4"]


def test_sec_14_a_declined_act_brings_everything_back(case):
    put(case, "2", "10:30")
    put(case, "", "10:31")
    _put(case, "3", "10:32:00", 1)
    row = noticed(case)
    draw(case, row)
    assert (marks(case), marks(case, 1)) == (["4"], [])
    assert post(case, HEAD, "11:40", f"/breach/{row.id}/decline", reason="").status_code == 422
    post(case, HEAD, "11:41", f"/breach/{row.id}/decline", reason="Учитель писал сам")
    assert (marks(case), marks(case, 1)) == ([], ["3"])
    assert case.get("/journal/", "11-05 11:42").status_code == 200
    with clock.frozen(at("11:43")):
        m.verify()


def test_sec_14_the_signed_copy_is_a_picture_or_a_pdf(case):
    from io import BytesIO

    row = noticed(case)
    draw(case, row)
    refused = post(case, DESK, "11:35", f"/breach/{row.id}/copy", signed=(BytesIO(b"text"), "акт.txt"))
    post(case, DESK, "11:36", f"/breach/{row.id}/copy", signed=(BytesIO(b"%PDF-1.4 x"), "акт.pdf"))
    assert refused.status_code == 422 and case.get(f"/breach/{row.id}/copy", "11-05 11:40", HEAD).data == b"%PDF-1.4 x"


def test_sec_13_operations_before_the_notice_are_reviewed_one_by_one(case):
    put(case, "5", "10:05")
    row = noticed(case, discovered="10:02", head="10:02")
    post(case, DESK, "11:20", f"/breach/{row.id}/facts", began_at="2026-11-05T08:00")
    assert [each[:4] for each in listed(row)] == [("before", "mark", "", "4"), ("before", "mark", "4", "5")]
    first = row.operations.order_by(m.BreachOperation.id).first()
    assert post(case, DESK, "11:21", f"/breach/{row.id}/review", decision="kept").status_code == 422
    post(case, DESK, "11:22", f"/breach/{row.id}/review", decision="wrong", operation=first.id)
    told(case, row.id, "support", "10:30", "11:23")
    assert [each.decision for each in row.operations.order_by(m.BreachOperation.id)] == ["wrong", ""]
    assert marks(case) == ["5"]


def test_law_04_the_regulator_is_told_within_a_day_and_of_the_inquiry_within_three(case):
    row, _ = report(case, personal="on")
    page = case.get(f"/breach/{row.id}", "11-05 12:00", DESK).get_data(as_text=True)
    assert "152-ФЗ" in page and "6 ноября, 10:00" in page and "8 ноября, 10:00" in page
    answer = post(case, DESK, "12:10", f"/breach/{row.id}/told", whom="incident", at="2026-11-05T12:05", paper="исх. 17")
    notice = m.BreachNotice.get()
    assert answer.status_code == 302 and (notice.whom, notice.late, notice.paper) == ("incident", False, "исх. 17")


def test_sec_11_only_the_desk_sees_the_register(case):
    row = noticed(case)
    for who, code in ((HEAD, 200), ("deputy", 200), (DESK, 200), ("secretary", 403), ("class_teacher", 403), ("parent", 403)):
        answers = [case.get(path, "11-05 12:00", who).status_code for path in ("/breach/", f"/breach/{row.id}", "/documents/breach-report")]
        assert answers == [code] * 3, who


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_the_papers_print(case, kind):
    row = noticed(case)
    draw(case, row)
    for slug in ("breach-report", "breach-act"):
        answer = case.get(f"/documents/{slug}?case={row.id}&format={kind}", "11-05 12:00", HEAD)
        assert answer.status_code == 200 and len(answer.data) > 3000


def test_sec_11_nobody_declines_a_report_about_the_own_account(case):
    form = {"account": "Admin", "discovered_at": "2026-11-05T10:00", "story": "Чужой вход", "who": "Сосед"}
    with clock.frozen(at("10:30:00")):
        sent = case.app.test_client().send("/breach/report", **form)
    number = m.Breach.get().id
    assert post(case, "admin", "10:31", f"/breach/{number}/decline", reason="Неправда").status_code == 403
    post(case, "deputy", "10:32", f"/breach/{number}/confirm", account="admin")
    with clock.frozen(at("10:33:00")):
        page = case.app.test_client().get(sent.location).get_data(as_text=True)
    assert case.school.admin.surname not in page and "Admin" in page  # who reports learns nobody's name


def test_sec_11_the_desk_is_reminded_of_what_is_due(case):
    row, _ = report(case, "10:30")
    user = policies.user_of(case.school.deputy.id, "", at("10:30").date())
    with clock.frozen(at("10:45")):
        due, _found = rulebook.duties.of(user, user.rules, clock.now())
    urgent = [(str(duty.what.params["step"]), duty.due.astimezone(clock.zone()), duty.clause) for duty in due if duty.topic == "breach" and duty.due]
    assert sorted(urgent) == [("Register when technical support learned of it", at("11:00"), "4.3"),
                              ("Register when the head learned of it", at("11:00"), "4.3")]
    assert row.confirmed_at


def test_sec_13_an_account_shut_by_a_report_opens_with_new_credentials_only(case):
    report(case, "10:30")
    account = m.Account.get(m.Account.login == TEACHER)
    answer = post(case, DESK, "11:00", f"/admin/account/edit/?id={account.id}", login=TEACHER, person=str(account.person_id), locked="", language="")
    assert "новыми реквизитами" in answer.get_data(as_text=True) and m.Account.get_by_id(account.id).locked


def test_sec_13_what_is_no_cell_of_the_journal_is_listed_to_be_put_right_by_hand(case):
    with clock.frozen(at("10:30:00")):
        thief = case.app.test_client().sign_in(DESK, PASSWORD)
        thief.send("/admin/room/new/", name="Каб. 99")
    row, _ = report(case, "10:40", "deputy", account=DESK)
    for whom in ("head", "support"):
        told(case, row.id, whom, "10:20", "10:50", "deputy")
    assert [each[1:] for each in listed(row) if each[0] == "after"] == [("other", "", "Каб. 99", "hand", "")]
    assert m.Room.select().where(m.Room.name == "Каб. 99").exists()
    operation, room = m.BreachOperation.get(m.BreachOperation.what == "other"), m.Room.get(m.Room.name == "Каб. 99")
    assert (operation.subject, operation.link) == ("кабинеты", f"/admin/room/edit/?id={room.id}")
    post(case, "deputy", "11:00", f"/breach/{row.id}/review", operation=operation.id, decision="back")
    operation = m.BreachOperation.get_by_id(operation.id)
    assert (operation.decision, operation.decided_by_id) == ("back", case.school.deputy.id)
    with clock.frozen(at("11:01")):
        page = case.app.test_client().sign_in("deputy", PASSWORD).get(f"/breach/{row.id}").text
    assert operation.link in page and "возвращена к прежнему" in page and case.school.deputy.short_name in page


def test_sec_13_new_credentials_go_to_the_account_that_was_shut(case):
    """Somebody with two accounts."""
    second = f.account(case.school.teacher, "second", PASSWORD)
    report(case, account="second")
    post(case, DESK, "11:20", f"/access/person/{case.school.teacher.id}/reset")
    second = m.Account.get_by_id(second.id)
    assert (second.locked, second.password) == ("", None) and m.Account.get(m.Account.login == TEACHER).password


def test_the_register_takes_the_same_few_statements_for_one_case_and_for_ten(case):
    numbers = []
    for times in (1, 9):
        for _ in range(times):
            with m.writing(f.SYSTEM):
                m.Breach.create(reported_at=at("10:30"), reporter="Сосед", discovered_at=at("10:00"), story="Чужой вход")
        with clock.frozen(at("11:00:00")):
            head = case.app.test_client().sign_in(HEAD, PASSWORD)
            with counted() as statements:
                assert head.get("/breach/").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] < 15


@pytest.mark.parametrize("typed", ["", "вчера", "0001-01-01T00:00", "9999-12-31T23:59", "2026-11-05T25:00"])
def test_a_moment_that_cannot_be_is_asked_for_again(case, typed):
    row, _ = report(case)
    before = m.Act.select().count()
    answers = [post(case, DESK, "11:10", "/breach/report", discovered_at=typed, story="Чужой вход", account="ключ", whose="other"),
               post(case, DESK, "11:11", f"/breach/{row.id}/told", whom="head", at=typed), draw(case, row, day=typed)]
    answers += [post(case, DESK, "11:12", f"/breach/{row.id}/facts", began_at=typed)] * bool(typed)
    assert "ключ" in answers[0].get_data(as_text=True)
    assert {answer.status_code for answer in answers} == {422} and m.Act.select().count() == before
