"""Scales, weights by subject and attendance codes as the school defines them: what the administrator sets, the teacher's cells follow."""

import re
from datetime import date
from fractions import Fraction

import pytest

import clock
import models as m
import rulebook.journal
from tests import factories as f

DAY, BEFORE = date(2026, 12, 17), date(2026, 12, 16)
PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "admin", "deputy"):
        f.account(getattr(s, name), name, PASSWORD)
    with m.writing(f.SYSTEM):
        m.AbsenceCode.lay()
    with clock.frozen(f.NOW):
        yield s


@pytest.fixture
def client(school, app):
    return app.test_client().sign_in("teacher", PASSWORD)


@pytest.fixture
def admin(school, app):
    return app.test_client().sign_in("admin", PASSWORD)


def graded(school, scale: str):
    with m.writing(f.SYSTEM):
        m.Subject.update(grading=scale).where(m.Subject.id == school.course.subject_id).execute()


def put(client, school, value, pupil=0, day=DAY, **more):
    place = {} if "period" in more else {"lesson": school.lessons[day].id}
    body = {"cells": [{"pupil": school.pupils[pupil].id, "value": value, **place, **more}]}
    return client.send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0]


def result(client, school, value, **more):
    return put(client, school, value, period=school.periods[1].id, **more)


def ends_of_row(client, school, pupil=0) -> list[str]:
    """Average, missed lessons, computed mark and mark of the period at the right of the grid."""
    html = client.get(f"/journal/{school.course.id}").text
    row = re.search(rf"<tr>(?:(?!</tr>).)*{school.pupils[pupil].person.surname}.*?</tr>", html, re.S)[0]
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>.*?</td>", row)[-4:]]


# ---- scales ----

@pytest.mark.parametrize("scale, good, stands, bad, allowed", [
    ("ten", "10/7", "10/7", "зач", "10, 9, 8, 7, 6, 5, 4, 3, 2, 1"), ("letters", "ав", "A/B", "5", "A, B, C, D"),
    ("pass", "зч", "зач", "5", "зач, незач")])
def test_a_subject_is_marked_on_its_own_scale_and_a_foreign_mark_is_told_what_is_allowed(school, client, scale, good, stands, bad, allowed):
    graded(school, scale)
    assert put(client, school, good)["value"] == stands
    refused = put(client, school, bad, pupil=1)
    assert (refused["state"], refused["rule"], refused["value"]) == ("refused", "mark.scale", "")
    assert f"Отметки: {allowed}. Отсутствие: н, б, у, о" in refused["message"]
    assert put(client, school, "н", pupil=1)["state"] == "saved"


def test_a_subject_without_marks_takes_attendance_only(school, client):
    graded(school, "none")
    assert "отметок нет" in put(client, school, "5")["message"]
    assert put(client, school, "б")["state"] == "saved"


def test_a_journal_may_differ_from_its_subject(school, client):
    graded(school, "ten")
    with m.writing(f.SYSTEM):
        m.Course.update(grading="pass").where(m.Course.id == school.course.id).execute()
    assert put(client, school, "9")["state"] == "refused"
    assert put(client, school, "зач")["state"] == "saved"


def test_3_8_a_period_on_ten_points_is_computed_rounded_and_departed_from_with_a_reason(school, client):
    f.unnamed(school.course)
    graded(school, "ten")
    put(client, school, "10")
    put(client, school, "7", day=BEFORE)
    assert ends_of_row(client, school) == ["8,50", "", "9", ""]
    assert result(client, school, "зач")["state"] == "refused"
    asked = result(client, school, "10")
    assert (asked["state"], asked["clause"]) == ("reason_required", "5.1")
    assert result(client, school, "9")["value"] == "9"
    row = m.PeriodMark.get()
    assert (row.computed, row.average) == ("9", "17/2")
    assert result(client, school, "н/а")["rule"] == "final.codes.na"


def test_3_8_letters_and_passes_have_their_results(school, client):
    f.unnamed(school.course)
    graded(school, "letters")
    put(client, school, "a")
    put(client, school, "b", day=BEFORE)
    assert ends_of_row(client, school) == ["4,50", "", "A", ""]
    assert result(client, school, "а")["value"] == "A"
    graded(school, "pass")
    with m.writing(f.SYSTEM):
        m.Mark.update(value="зач").where(m.Mark.lesson == school.lessons[DAY]).execute()
        m.Mark.update(value="незач").where(m.Mark.lesson == school.lessons[BEFORE]).execute()
    assert ends_of_row(client, school)[:3] == ["", "", "зач"]


def test_a_scale_stays_where_marks_are_given_on_it(school, client, admin):
    put(client, school, "5")
    subject = school.course.subject
    answer = admin.send(f"/admin/subject/edit/?id={subject.id}", name=subject.name, position="1", grading="ten")
    assert answer.status_code == 422 and "уже стоят отметки" in answer.text
    put(client, school, "")
    assert admin.send(f"/admin/subject/edit/?id={subject.id}", name=subject.name, position="1", grading="ten").status_code == 302
    assert put(client, school, "9")["state"] == "saved"


def test_reports_3_the_summary_sheet_shows_ten_points_and_counts_their_levels(school, client, app):
    """10 and 9 are fives, 8 and 7 fours, 6 and 5 threes: quality 66.7 %."""
    graded(school, "ten")
    for pupil, value in enumerate(("10", "8", "5")):
        put(client, school, value, pupil=pupil)
        result(client, school, value, pupil=pupil, reason="по расчёту")
    sheet = app.test_client().sign_in("deputy", PASSWORD).get(
        f"/documents/summary-sheet?class={school.school_class.id}&period={school.periods[1].id}").text
    assert all(f">{value}<" in sheet for value in ("10", "8")) and "66,7" in sheet
    averages = app.test_client().sign_in("deputy", PASSWORD).get(
        f"/documents/summary-sheet?class={school.school_class.id}&period={school.periods[1].id}&show=averages").text
    assert "Средневзвешенный" in averages and "10,00" in averages


def test_the_diary_shows_a_subject_on_its_own_scale(school, client, app):
    graded(school, "ten")
    put(client, school, "10")
    put(client, school, "7", day=BEFORE)
    f.account(school.parent, "parent", PASSWORD)
    family = app.test_client().sign_in("parent", PASSWORD)
    page = f"/diary/{school.pupils[0].id}/marks?subject={school.course.subject_id}"
    assert "8,50" in family.get(page).text and "→ 9" in family.get(page).text
    with m.writing(f.SYSTEM):
        m.Course.update(grading="pass").execute()
    assert family.get(page).status_code == 200 and "8,50" not in family.get(page).text


# ---- weights ----

def test_a_kind_of_work_weighs_in_one_subject_what_the_administrator_says(school, client, admin):
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=school.kinds["К"]).where(m.Lesson.id == school.lessons[DAY].id).execute()
    put(client, school, "2")
    put(client, school, "5", day=BEFORE)
    assert ends_of_row(client, school)[0] == "2,75"
    answer = admin.send("/admin/kind_weight/new/", subject=school.course.subject_id, kind=school.kinds["К"].id, weight="9")
    assert answer.status_code == 302
    assert ends_of_row(client, school)[0] == "2,30"
    result(client, school, "2")
    assert m.PeriodMark.get().average == "23/10"
    assert m.Mark.weighing().where(m.Lesson.id == school.lessons[DAY].id).tuples()[0][-1] == 9
    assert [row.weight for row in m.Mark.of_pupil(school.pupils[0].id, DAY, DAY).namedtuples()] == [9]
    twice = admin.send("/admin/kind_weight/new/", subject=school.course.subject_id, kind=school.kinds["К"].id, weight="3")
    assert twice.status_code == 422
    assert admin.send("/admin/kind_weight/new/", subject=school.course.subject_id, kind=school.kinds["С"].id, weight="0").status_code == 422


# ---- attendance codes ----

def code(admin, **more):
    form = {"code": "к", "name": "соревнования", "meaning": "excused", "missed": "1", "key": "к", "position": "8", "active": "1"}
    return admin.send("/admin/absence_code/new/", **(form | more))


def test_a_code_of_the_school_counts_by_what_it_means(school, client, admin):
    assert put(client, school, "к")["state"] == "refused"
    assert code(admin).status_code == 302
    saved = put(client, school, "к")
    assert (saved["state"], saved["value"]) == ("saved", "к")
    assert ends_of_row(client, school)[1] == "1"
    html = client.get(f"/journal/{school.course.id}").text
    assert re.search(rf'data-pupil="{school.pupils[0].id}" data-lesson="{school.lessons[DAY].id}"[^>]*class="b"[^>]*>к<', html)
    retake = put(client, school, "4", protocol="№ 3 от 17.12.2026")
    assert (retake["state"], retake["value"]) == ("saved", "к→4")


def test_a_code_out_of_use_stays_and_is_put_no_more(school, client, admin):
    code(admin)
    put(client, school, "к")
    row = m.AbsenceCode.get(m.AbsenceCode.code == "к")
    form = {"code": "к", "name": "соревнования", "meaning": "excused", "missed": "1", "position": "8"}
    assert admin.send(f"/admin/absence_code/edit/?id={row.id}", **form).status_code == 302
    refused = put(client, school, "к", pupil=1)
    assert (refused["state"], refused["rule"]) == ("refused", "attendance.codes") and "н, б, у" in refused["message"]
    assert put(client, school, "к", minutes=None)["state"] == "saved"
    assert ends_of_row(client, school)[1] == "1"


@pytest.mark.parametrize("wrong", [{"code": "зач"}, {"code": "k7"}, {"code": ""}, {"key": "н"}, {"code": "н"}, {"code": "абвгде"}])
def test_a_code_that_cannot_be_told_apart_is_refused(school, admin, wrong):
    before = m.AbsenceCode.select().count()
    assert code(admin, **wrong).status_code == 422
    assert m.AbsenceCode.select().count() == before


def test_a_code_that_stands_in_the_journal_is_neither_renamed_nor_deleted(school, client, admin):
    put(client, school, "б")
    row = m.AbsenceCode.get(m.AbsenceCode.code == "б")
    renamed = admin.send(f"/admin/absence_code/edit/?id={row.id}", code="бл", name="болел", meaning="ill", missed="1", active="1")
    assert renamed.status_code == 422 and "уже стоит" in renamed.text
    admin.send("/admin/absence_code/delete/", id=row.id)
    assert m.AbsenceCode.select().where(m.AbsenceCode.code == "б").exists()


def test_only_the_administrator_changes_codes(school, app):
    deputy = app.test_client().sign_in("deputy", PASSWORD)
    assert deputy.get("/admin/absence_code/").status_code == 200
    assert code(deputy).status_code == 403


def test_a_code_that_wants_a_paper_says_so_until_there_is_one(school, client, admin):
    assert code(admin, document="1").status_code == 302
    told = put(client, school, "к")
    assert (told["state"], told["rule"]) == ("saved", "attendance.document") and "справка" in told["message"]
    assert put(client, school, "к", document="Приказ № 12")["message"] is None
    assert m.Absence.get().document == "Приказ № 12"


# ---- minutes and papers ----

def attend(school, codes, **more):
    return rulebook.journal.put_attendance(f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id, codes, **more)


def test_minutes_and_papers_are_told_with_the_attendance_and_kept(school):
    late, ill = school.pupils[0].id, school.pupils[1].id
    decision, outcomes = attend(school, {late: "о", ill: "б"}, minutes={late: 7, ill: 5}, documents={ill: "Справка № 4"})
    assert decision.ok and {outcome.state for outcome in outcomes} == {"saved"}
    rows = {row.pupil_id: (row.code, row.minutes, row.document) for row in m.Absence.select()}
    assert rows == {late: ("о", 7, ""), ill: ("б", None, "Справка № 4")}
    attend(school, {late: "о", ill: "у"})
    assert {row.pupil_id: (row.code, row.minutes, row.document) for row in m.Absence.select()} == {
        late: ("о", 7, ""), ill: ("у", None, "Справка № 4")}
    attend(school, {late: "н", ill: "у"}, documents={ill: ""})
    assert {(row.code, row.minutes, row.document) for row in m.Absence.select()} == {("н", None, ""), ("у", None, "")}


def test_mrk_09_a_paper_follows_the_edit_window_too(school, app):
    f.absence(school.lessons[date(2026, 12, 2)], school.pupils[0], "б")
    f.absence(school.lessons[date(2026, 12, 7)], school.pupils[0], "б")
    client = app.test_client().sign_in("teacher", PASSWORD)
    assert put(client, school, "б", day=date(2026, 12, 2), document="Справка")["clause"] == "3.6"
    asked = put(client, school, "б", day=date(2026, 12, 7), document="Справка")
    assert (asked["state"], asked["clause"]) == ("reason_required", "4.1.11")
    assert put(client, school, "б", day=date(2026, 12, 7), document="Справка", reason="принесла мама")["state"] == "saved"
    assert {row.document for row in m.Absence.select()} == {"", "Справка"}


def test_acc_05_a_class_teacher_enters_the_paper_behind_an_absence(school, app):
    row = f.absence(school.lessons[DAY], school.pupils[0], "н")
    client = app.test_client().sign_in("class_teacher", PASSWORD)
    answer = client.send(f"/admin/absence/edit/?id={row.id}", code="б", document="Справка № 4", why="")
    assert answer.status_code == 302
    assert (m.Absence.get().code, m.Absence.get().document) == ("б", "Справка № 4")


# ---- dots ----

def test_a_dot_is_a_debt_with_a_date_and_a_mark_closes_it(school, client):
    assert put(client, school, ".")["value"] == "."
    assert m.Mark.get().due == date(2026, 12, 24)
    assert put(client, school, ".", pupil=1, due="2026-12-18")["state"] == "saved"
    page = client.get("/journal/debts").text
    assert page.index("Ученикова002") < page.index("Ученикова001") and "до 18 декабря" in page
    put(client, school, ".", pupil=1, due="2026-12-23")
    assert {row.due for row in m.Mark.select()} == {date(2026, 12, 23), date(2026, 12, 24)}
    put(client, school, "4", pupil=1)
    row = m.Mark.get(m.Mark.pupil == school.pupils[1])
    assert (row.value, row.due, row.late) == ("4", None, False)
    assert "Ученикова002" not in client.get("/journal/debts").text
    assert [debt.pupil for debt in rulebook.journal.debts(f.user(school.teacher))] == [school.pupils[0].id]
    assert rulebook.journal.debts(f.user(school.stranger)) == []


def test_a_dot_beside_a_mark_and_one_past_its_date(school, client, app):
    put(client, school, "5", day=BEFORE)
    put(client, school, "5/.", day=BEFORE, due="2026-12-16")
    page = client.get("/journal/debts").text
    assert "срок был 16 декабря" in page
    put(client, school, "5/3", day=BEFORE)
    assert "Долгов нет" in client.get("/journal/debts").text


def test_debts_of_pupils_who_left_are_nobodys(school, client):
    put(client, school, ".")
    with m.writing(f.SYSTEM):
        m.Enrolment.update(ends=BEFORE).where(m.Enrolment.pupil == school.pupils[0]).execute()
    assert "Долгов нет" in client.get("/journal/debts").text


# ---- retakes ----

def test_mrk_18_a_bad_mark_is_retaken_by_protocol_and_both_stay(school, client, app):
    old = date(2026, 11, 25)
    f.mark(school.lessons[old], school.pupils[0], "2")
    assert put(client, school, "4", day=old)["clause"] == "3.6"
    done = put(client, school, "4", day=old, protocol={"number": "7", "day": "2026-12-17"})
    assert (done["state"], done["value"]) == ("saved", "2/4")
    assert [(row.value, row.protocol and row.protocol.number) for row in m.Mark.select().order_by(m.Mark.position)] == [
        ("2", None), ("4", "7")]
    place = f"pupil={school.pupils[0].id}&lesson={school.lessons[old].id}"
    history = client.get(f"/journal/{school.course.id}/history?{place}").text
    assert "пересдача, протокол № 7 от 17.12.2026" in history


def test_the_history_of_a_cell_tells_dates_minutes_and_papers(school, client):
    put(client, school, ".")
    put(client, school, "о", day=BEFORE, minutes=5, document="Записка")
    for day, words in ((DAY, "сдать до 24 дек"), (BEFORE, "опоздание 5 мин, Записка")):
        place = f"pupil={school.pupils[0].id}&lesson={school.lessons[day].id}"
        assert words in client.get(f"/journal/{school.course.id}/history?{place}").text


@pytest.mark.parametrize("more", [{"due": "завтра"}, {"due": 5}, {"minutes": -1}, {"minutes": 999}, {"minutes": "5"}, {"document": 7}])
def test_malformed_details_are_refused(school, client, more):
    body = {"cells": [{"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id, "value": ".", **more}]}
    assert client.send_json(f"/journal/{school.course.id}/cells", body).status_code == 400
    assert m.Mark.select().count() == 0


def test_history_verifies_after_all_this(school, client, admin):
    code(admin)
    put(client, school, "к", document="Приказ")
    put(client, school, ".", pupil=1, due="2026-12-18")
    put(client, school, "4", pupil=1)
    assert m.verify()["acts"] >= 4


def test_the_lesson_page_takes_minutes_and_papers(school, client):
    lesson, late, ill = school.lessons[DAY].id, school.pupils[0].id, school.pupils[1].id
    client.send(f"/lesson/{lesson}/attendance", **{f"c-{late}": "о", f"c-{ill}": "б"})
    page = client.get(f"/lesson/{lesson}").text
    assert f'name="min-{late}"' in page and f'name="min-{ill}"' not in page and f'name="doc-{ill}"' in page
    client.send(f"/lesson/{lesson}/attendance", **{f"c-{late}": "о", f"c-{ill}": "б", f"min-{late}": "7", f"doc-{ill}": "Справка № 4"})
    assert {(row.code, row.minutes, row.document) for row in m.Absence.select()} == {("о", 7, ""), ("б", None, "Справка № 4")}
    page = client.get(f"/lesson/{lesson}").text
    assert 'value="7"' in page and 'value="Справка № 4"' in page


# ---- papers behind absences ----

def paper(client, school, starts="2026-12-07", ends="2026-12-18", **more):
    form = {"pupil": school.pupils[0].id, "code": "б", "starts": starts, "ends": ends, "document": "справка № 4"}
    return client.send("/admin/excuse/new/", **(form | more))


def test_att_06_a_certificate_turns_the_unexplained_absences_of_its_days(school, app):
    days = {date(2026, 12, 7): "н", date(2026, 12, 9): "у", date(2026, 12, 14): "н", date(2026, 12, 2): "н"}
    for day, code in days.items():
        f.absence(school.lessons[day], school.pupils[0], code)
    foreign = f.course(school.unit, "Музыка", school.stranger)
    f.absence(f.lesson(foreign, school.stranger, date(2026, 12, 14), number=5), school.pupils[0], "н")
    client = app.test_client().sign_in("class_teacher", PASSWORD)
    assert paper(client, school).status_code == 302
    stand = {(row.lesson.day, row.lesson.course_id == foreign.id): (row.code, row.document) for row in m.Absence.select()}
    assert stand == {(date(2026, 12, 7), False): ("б", "справка № 4"), (date(2026, 12, 9), False): ("у", ""),
                     (date(2026, 12, 14), False): ("б", "справка № 4"), (date(2026, 12, 14), True): ("б", "справка № 4"),
                     (date(2026, 12, 2), False): ("н", "")}


def test_att_06_what_the_edit_window_closed_stays_and_is_told(school, app):
    f.absence(school.lessons[date(2026, 12, 2)], school.pupils[0], "н")
    client = app.test_client().sign_in("class_teacher", PASSWORD)
    answer = paper(client, school, starts="2026-11-30", ends="2026-12-04")
    assert answer.status_code == 302
    told = client.get(answer.location).text
    assert "Без изменений: 1 пропущенный урок" in told and "3.6" in told
    assert m.Absence.get().code == "н" and m.Excuse.select().count() == 1


def test_att_01_a_pupil_with_a_paper_is_offered_as_absent(school, app, client):
    paper(app.test_client().sign_in("class_teacher", PASSWORD), school)
    page = client.get(f"/lesson/{school.lessons[DAY].id}").text
    row = re.search(rf'<div class="pupil" data-pupil="{school.pupils[0].id}">.*?</div>', page, re.S)[0]
    assert "документ до 18 декабря" in row and "<option selected>б</option>" in row
    assert m.Absence.select().count() == 0


def test_acc_05_papers_are_the_class_teachers_own(school, app):
    client = app.test_client().sign_in("class_teacher", PASSWORD)
    assert paper(client, school, pupil=school.foreign_pupil.id).status_code in (403, 422)
    for who in ("admin", "teacher", "deputy"):
        assert paper(app.test_client().sign_in(who, PASSWORD), school).status_code == 403
    assert m.Excuse.select().count() == 0


# ---- scales of the school's own ----

WORDS = (("отл", "5", "5", "4,6"), ("хор", "4", "4", "3,6"), ("уд", "3", "3", "2,5"), ("пл", "1", "2", ""), ("зам", "", "2", ""))


def scale_form(rows=WORDS, name="Слова", averaged=True) -> dict:
    mark, worth, level, least = (list(column) for column in zip(*rows, strict=True))
    return {"name": name, "mark": mark, "worth": worth, "level": level, "least": least, **({"averaged": "1"} if averaged else {})}


@pytest.fixture
def words(school, admin):
    """The scale «Слова», by which algebra is marked."""
    f.unnamed(school.course)
    assert admin.send("/scales/new", **scale_form()).status_code == 302
    scale, subject = m.MarkScale.get(), m.Subject.get_by_id(school.course.subject_id)
    answer = admin.send(f"/admin/subject/edit/?id={subject.id}", name=subject.name, position="1", grading=scale.code)
    assert answer.status_code == 302 and m.Subject.get_by_id(subject.id).grading == scale.code
    return scale


def test_an_administrators_own_scale_serves_cells_averages_results_and_reports(words, school, client, app):
    for value, stands in (("Отл", "отл"), ("отл/хор", "отл/хор"), ("о уд", "о уд"), ("УД", "уд"), ("xop", "хор")):
        said = put(client, school, value)
        assert (said["state"], said["value"]) == ("saved", stands), value
    refused = put(client, school, "5", pupil=1)
    assert (refused["state"], refused["rule"]) == ("refused", "mark.scale") and "отл" in refused["message"] and "зам" in refused["message"]
    put(client, school, "отл")
    for day, value in ((BEFORE, "отл"), (date(2026, 12, 14), "хор"), (date(2026, 12, 10), "зам")):
        put(client, school, value, day=day, reason="поздно")
    assert ends_of_row(client, school)[:3] == ["4,67", "", "отл"]  # 14/3, its own threshold is 4.6; «зам» does not count
    assert result(client, school, "хор")["state"] == "reason_required"
    assert result(client, school, "отл")["state"] == "saved"
    page = client.get(f"/lesson/{school.lessons[DAY].id}").text
    assert 'data-keys="отл хор уд пл зам"' in page
    summary = app.test_client().sign_in("deputy", PASSWORD).get(f"/documents/summary-sheet?class={school.school_class.id}&period={school.periods[1].id}")
    assert summary.status_code == 200 and "отл" in summary.text
    assert m.Course.get_by_id(school.course.id).scale.as_five("отл") == "5"


def test_an_average_below_its_own_threshold_earns_the_mark_below(words):
    scale = words.meant
    assert [scale.earned(Fraction(*each)) for each in ((46, 10), (459, 100), (36, 10), (359, 100), (1, 1))] == ["отл", "хор", "хор", "уд", "пл"]
    assert scale.steps("0.65") == [("отл", Fraction("4.6")), ("хор", Fraction("3.6")), ("уд", Fraction("2.5"))]
    assert [scale.nearest(Fraction(*each)) for each in ((9, 2), (2, 1), (199, 100))] == ["отл", "уд", "пл"]  # math, between 3 and 1


@pytest.mark.parametrize("change, words_of_refusal", [
    ({1: ("хор", "6", "4", "")}, "Строка 2: Лучшая отметка стоит первой"),
    ({1: ("хор", "4", "5", ""), 0: ("отл", "5", "4", "")}, "Строка 2: Лучшая отметка стоит первой"),
    ({1: ("отл", "4", "4", "")}, "дважды"),
    ({1: ("н", "4", "4", "")}, "значит в журнале другое"),
    ({1: ("х р", "4", "4", "")}, "от одной до пяти букв или цифр"),
    ({1: ("хор", "4,5", "4", "")}, "целое число"),
    ({1: ("хор", "4", "", "")}, "в отчётах"),
    ({1: ("хор", "4", "зач", "")}, "либо все"),
    ({1: ("хор", "4", "4", "")}, "Наименьший средний"),
    ({1: ("хор", "4", "4", "4,2")}, "Наименьший средний"),
    ({4: ("зам", "", "2", "1,5")}, "оставьте"),
])
def test_what_is_no_scale_is_refused_with_what_to_do_and_nothing_typed_is_lost(school, admin, change, words_of_refusal):
    rows = [change.get(n, row) for n, row in enumerate(WORDS)]
    answer = admin.send("/scales/new", **scale_form(rows))
    assert answer.status_code == 422 and words_of_refusal in re.sub("<[^>]+>", "", answer.text) and 'value="зам"' in answer.text
    assert not m.MarkScale.select().exists()


def test_a_scale_in_use_keeps_what_its_marks_mean_and_may_get_further_ones(words, school, client, admin):
    put(client, school, "хор")
    at, more = f"/scales/{words.id}", ("слаб", "2", "3", "")
    for rows in ([row for row in WORDS if row[0] != "хор"], [("хор", "4", "3", "3,6") if row[0] == "хор" else row for row in WORDS]):
        answer = admin.send(at, **scale_form(rows))
        assert answer.status_code == 422 and "«хор» стоит в журнале 1 раз" in answer.text and "Сделайте новую шкалу" in answer.text
    free = [*WORDS[:3], ("слаб", "2", "3", "1,5"), ("пл", "1", "2", ""), WORDS[4]]
    assert admin.send(at, **scale_form(free)).status_code == 302 and put(client, school, "слаб", pupil=1)["state"] == "saved"
    result(client, school, "хор")
    assert "за период" in admin.send(at, **scale_form([(*row[:3], "") for row in free])).text
    assert "Шкала используется" in admin.send(f"{at}/delete").text
    assert more[0] in {mark for mark, *_rest in m.MarkScale.get().marks}


def test_only_the_administrator_defines_scales_and_codes_keep_off_their_marks(words, school, client, admin):
    assert client.get(f"/scales/{words.id}").status_code == 403 == client.send("/scales/new", **scale_form(name="Ещё")).status_code
    assert client.send(f"/scales/{words.id}/delete").status_code == 403 and m.MarkScale.select().count() == 1
    answer = admin.send("/admin/absence_code/new/", code="зам", name="замещён", meaning="excused", missed="1", position="9", active="1")
    assert answer.status_code == 422
    assert "Слова" in admin.get("/admin/mark_scale/").text and "Слова" in admin.get(f"/admin/subject/edit/?id={school.course.subject_id}").text
    assert admin.get("/scales/new?like=ten").text.count('name="mark"') == 13
