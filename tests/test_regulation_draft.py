"""Editing the regulation: what a value means, what it would change, the draft, versions, readings of contradictions."""

from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
import rulebook.preview
import rulebook.rules
from tests import factories
from tests.factories import NOW
from tests.statements import counted as sent_statements

PASSWORD = "долгий пароль 1"
NEXT_DAY = NOW.date() + timedelta(1)


@pytest.fixture
def school(db):
    return factories.school()


@pytest.fixture
def admin(app, school):
    factories.account(school.admin, "admin", PASSWORD)
    with clock.frozen(NOW):
        yield app.test_client().sign_in("admin", PASSWORD)


def lay(client, key, **form):
    """The form of a rule sent into the draft; `preview="1"` only counts."""
    rule = rulebook.rules.rules_on(NOW.date())[key]
    newest = m.RegulationVersion.newest_first().first()
    return client.send(f"/regulation/rules/{key}", **{"seen": newest.id, "severity": rule.severity, "clause": rule.clause} | form)


def write(client, **form):
    newest = m.RegulationVersion.newest_first().first()
    return client.send("/regulation/draft", **{"seen": newest.id, "starts": NEXT_DAY.isoformat()} | form)


def text_of(answer):
    return answer.get_data(as_text=True)


def page(client, path):
    return text_of(client.get(path))


# ---- what a value means ----


@pytest.mark.parametrize("key, form, words", [
    ("entry.mark_deadline", {"value": "P3D", "severity": "report"}, ["до конца 3-го дня", "20 декабря, 23:59", "позже срока"]),
    ("entry.mark_deadline", {"value": "3 дня", "severity": "report"}, ["не похоже на срок", "имели в виду P3D"]),
    ("entry.homework_deadline", {"value.how": "class_day_end", "value.n": "90", "value.was": "same_day", "value": "same_day",
                                 "severity": "block"}, ["17 декабря, 15:10", "не сохранится", "class_day_end+PT90M"]),
    ("mark.edit_window", {"value.free_days": "3", "value.reason_days": "", "value.anchor": "lesson", "severity": "reason"},
     ["свободно до 20 декабря, потом — с причиной"]),
    ("final.window", {"value.from": "-P6D", "value.to": "P0D", "severity": "report"}, ["21 декабря", "27 декабря"]),
    ("forecast.mode", {"value": "off"}, ["Это значит:"]),
])
def test_a_value_is_explained_while_it_is_typed(admin, key, form, words):
    answer = admin.get(f"/regulation/rules/{key}/meaning", query_string=form)
    assert answer.status_code == 200
    assert all(each in text_of(answer) for each in words), text_of(answer)


@pytest.mark.parametrize("how, number, day, value", [
    ("same_day", "", "", "same_day"), ("days", "3", "", "P3D"), ("school_days", "2", "", "P2WD"), ("hours", "24", "", "PT24H"),
    ("lesson_start", "20", "", "lesson_start+PT20M"), ("class_day_end", "90", "", "class_day_end+PT90M"),
    ("period_before", "2", "", "period_end-P2D"), ("period_after", "3", "", "period_end+P3D"),
    ("receipt_hours", "24", "", "from_receipt+PT24H"), ("receipt_days", "1", "", "from_receipt+P1D"),
    ("fixed", "", "05.09", "09-05"), ("none", "", "", "none"),
])
def test_a_deadline_is_built_without_the_grammar(admin, how, number, day, value):
    form = {"value.how": how, "value.n": number, "value.day": day, "value": "P5D", "value.was": "P5D", "severity": "warn"}
    assert lay(admin, "entry.mark_deadline", **form).status_code == 302
    assert m.RegulationDraft.changes()["entry.mark_deadline"]["value"] == value
    shown = page(admin, f"/regulation/?rule=entry.mark_deadline&version={m.RegulationVersion.newest_first().first().id}")
    assert f'value="{how}"' in shown and f'value="{value}"' in shown


def test_what_stands_already_does_not_go_into_the_draft(admin):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    assert lay(admin, "entry.mark_deadline", value="same_day", severity="report").status_code == 302
    assert not m.RegulationDraft.select().exists()


@pytest.mark.parametrize("form", [
    {"value.how": "days", "value.n": "", "value": "P5D", "value.was": "P5D"}, {"value.how": "days", "value.n": "три", "value.was": ""},
    {"value.how": "fixed", "value.day": "32.13", "value.was": ""}, {"value.how": "moon", "value.n": "3", "value.was": ""},
    {"value": "вчера"}, {"value": "x" * 5000},
])
def test_what_is_no_deadline_is_told_with_examples_and_kept(admin, form):
    answer = lay(admin, "entry.mark_deadline", severity="report", **form)
    assert answer.status_code == 422 and "не похоже на срок" in text_of(answer) and "P3D" in text_of(answer)
    assert not m.RegulationDraft.select().exists()


def test_the_notation_wins_when_it_alone_was_edited(admin):
    form = {"value.how": "days", "value.n": "5", "value.was": "P5D", "value": "PT6H30M", "severity": "report"}
    assert lay(admin, "entry.mark_deadline", **form).status_code == 302
    assert m.RegulationDraft.changes()["entry.mark_deadline"]["value"] == "PT6H30M"


# ---- what it would change ----


@pytest.fixture
def late(school):
    """Of the marks of Monday 14 December one is put on the day, one on the next, one on the day after that."""
    lesson = school.lessons[date(2026, 12, 14)]
    for pupil, day in zip(school.pupils, (14, 15, 16), strict=True):
        factories.mark(lesson, pupil, "4", datetime(2026, 12, day, 12), regulation=1, late=day > 14)
    return lesson


def test_a_preview_counts_the_records_of_the_month_and_leads_to_them(admin, school, late):
    shown = text_of(lay(admin, "entry.mark_deadline", value="P1D", severity="report", preview="1"))
    assert "отметки за уроки, 3" in shown and "Иначе будет оценена 1 запись" in shown
    cell = f"/journal/{school.course.id}?period={school.periods[1].id}#cell-{school.pupils[1].id}-{late.id}"
    assert f'href="{cell}"' in shown and school.pupils[1].person.surname in shown
    assert not m.RegulationDraft.select().exists() and m.RegulationVersion.select().count() == 1


def counted(key, **parts):
    old = rulebook.rules.rules_on(NOW.date())
    with clock.frozen(NOW):
        found = rulebook.preview.effect(old, old.changed({key: parts}), key, rulebook.preview.Look(clock.now()))
    return found.rows, len(found.cases)


def test_a_stricter_severity_tells_what_would_not_be_saved(school, late):
    assert counted("entry.mark_deadline", severity="block") == ([("late", 2, 0), ("refused", 0, 2)], 2)
    assert counted("entry.mark_deadline", value="none") == ([("late", 2, 0)], 2)
    assert counted("deadline.control_work", value="none") == ([("late", 2, 2)], 0)


def test_absences_without_the_paper_their_code_wants_are_counted(admin, school):
    with m.writing(factories.SYSTEM):
        m.AbsenceCode.lay()
        m.AbsenceCode.update(document=True).where(m.AbsenceCode.code == "б").execute()
    for pupil, paper in zip(school.pupils, ("", "справка 9"), strict=False):
        factories.absence(school.lessons[date(2026, 12, 14)], pupil, "б", datetime(2026, 12, 14, 10, 51), document=paper)
    admin.get("/regulation/")  # the codes of the school are read with a request
    assert counted("attendance.document", severity="reason") == ([("told", 1, 0), ("reason", 0, 1)], 1)


def test_absences_topics_homework_and_changes_are_counted(school):
    lesson = school.lessons[date(2026, 12, 14)]
    factories.absence(lesson, school.pupils[0], "н", datetime(2026, 12, 14, 10, 51))
    factories.absence(lesson, school.pupils[1], "о", datetime(2026, 12, 14, 10, 51))
    with m.writing(factories.SYSTEM):
        m.Lesson.update(topic="Дроби", topic_at=factories.actor(None, datetime(2026, 12, 15, 9)).at).where(
            m.Lesson.id == lesson.id).execute()
        m.Homework.create(lesson=lesson, text="Упр. 5", entered_at=factories.actor(None, datetime(2026, 12, 14, 12, 50)).at)
    assert counted("entry.absence_deadline", value="lesson_start+PT20M") == ([("late", 0, 1)], 1)
    assert counted("cell.codes_forbidden", value=["осв", "о"]) == ([("refused", 0, 1)], 1)
    assert counted("entry.topic_deadline", value="P1D") == ([("late", 1, 0)], 1)
    assert counted("entry.homework_deadline", value="class_day_end+PT1H30M") == ([("late", 0, 1)], 1)
    assert counted("gradeless.scope", value={"1": "none", "2": "none"}) == ([], 0)
    assert counted("journal.language", value="any") == ([], 0)


def test_the_edit_window_counts_corrections_too(school, late):
    with m.writing(factories.actor(school.teacher, NOW)):
        m.Mark.update(value="5").where(m.Mark.pupil == school.pupils[0].id).execute()
    window = {"free_days": 1, "reason_days": 2, "anchor": "lesson"}
    assert counted("mark.edit_window", value=window) == ([("reason", 0, 1), ("refused", 0, 1)], 2)


def test_results_are_counted_by_window_codes_departure_and_rounding(school):
    at = factories.actor(None, datetime(2026, 12, 16, 12)).at
    with m.writing(factories.SYSTEM):
        for pupil, value, computed, average in zip(school.pupils, ("4", "н/а", "5"), ("4", "", "4"), ("109/25", "", "9/2"), strict=True):
            m.PeriodMark.create(course=school.course, pupil=pupil, period=school.periods[1], value=value, computed=computed, average=average,
                                entered_at=at)
    assert counted("final.window", value={"from": "-P6D", "to": "P0D"}) == ([("told", 0, 3)], 3)
    assert counted("final.codes.na", value=True) == ([("refused", 1, 0)], 1)
    assert counted("final.departure", severity="block") == ([("reason", 1, 0), ("refused", 0, 1)], 1)
    assert counted("final.rounding", value="0.51")[1] == 1


def test_too_few_marks_are_counted_by_pupil_and_subject(school, late):
    norm = rulebook.rules.rules_on(NOW.date()).value("min_marks.policy")["quarter"]
    assert norm[2] > 1
    less = {"quarter": [1, 1, 1], "trimester": [1, 1, 1], "half_year": [1, 1, 1]}
    assert counted("min_marks.policy", value=less) == ([("told", 3, 0)], 3)
    assert counted("min_marks.written_work", value={"every_subject": False, "subjects": []})[1] == 3


def test_passwords_that_would_have_to_be_changed_are_counted(school):
    for person, login, days in ((school.teacher, "teacher", 40), (school.deputy, "deputy", 3), (school.parent, "parent", 40)):
        account = factories.account(person, login, PASSWORD)
        with m.writing(factories.SYSTEM):
            m.Account.update(password_at=factories.actor(None, NOW - timedelta(days)).at).where(m.Account.id == account.id).execute()
    assert counted("auth.password_max_age", value={"age": "P30D", "roles": ["T", "ZAV"]}) == ([("expired", 0, 1)], 1)


def test_a_rule_that_judges_no_record_says_so(admin):
    shown = text_of(lay(admin, "contingent.deadline", value="09-10", preview="1"))
    assert "считать нечего" in shown


@pytest.mark.parametrize("pupils", [3, 30])
def test_the_preview_needs_the_same_statements_at_any_size(db, pupils):
    school = factories.school(pupils=pupils)
    for pupil in school.pupils:
        factories.mark(school.lessons[date(2026, 12, 14)], pupil, "4")
    old, most = rulebook.rules.rules_on(NOW.date()), 0
    with clock.frozen(NOW):
        for key in rulebook.preview.FAMILIES:
            with sent_statements() as statements:
                rulebook.preview.effect(old, old.changed({key: {"severity": "off"}}) if rulebook.rules.schema()[key].severities[:1] == ("off",)
                                        else old, key, rulebook.preview.Look(clock.now()))
            most = max(most, len(statements))
    assert most == 5


# ---- the draft and its version ----


def test_several_rules_of_a_draft_become_one_version(admin, school):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    lay(admin, "cell.codes_forbidden", value=["осв", "о"], severity="block")
    shown = page(admin, "/regulation/draft")
    assert "до конца 3-го дня" in shown and "В черновик" not in shown and school.admin.surname in shown
    assert "в черновике" in page(admin, "/regulation/")
    assert write(admin, order_no="118-од", order_date="2026-12-17", note="по решению педсовета").status_code == 302
    version = m.RegulationVersion.newest_first().first()
    rules = rulebook.rules.rules_of(version)
    assert (rules.value("entry.mark_deadline"), rules.value("cell.codes_forbidden")) == ("P3D", ("осв", "о"))
    assert (version.number, version.order_no, version.order_date, version.created_by_id) == (2, "118-од", NOW.date(), school.admin.id)
    assert not m.RegulationDraft.select().exists() and m.RegulationVersion.select().count() == 2
    listed = page(admin, "/regulation/versions")
    assert all(words in listed for words in ("до конца 3-го дня", "118-од", "по решению педсовета", school.admin.short_name))


def test_a_rule_is_taken_out_of_the_draft_and_the_draft_emptied(admin):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    lay(admin, "entry.topic_deadline", value="P3D", severity="report")
    assert admin.send("/regulation/draft/drop", key="entry.mark_deadline").status_code == 302
    assert list(m.RegulationDraft.changes()) == ["entry.topic_deadline"]
    admin.send("/regulation/draft/drop")
    assert "Черновик пуст" in page(admin, "/regulation/draft")
    assert write(admin).status_code == 403


@pytest.mark.parametrize("form, words", [({"starts": "2026-12-01"}, "17 декабря"), ({"starts": "вчера"}, "дату"),
                                         ({"seen": "0"}, "Тем временем"), ({"order_date": "x"}, "дату")])
def test_a_version_begins_today_or_later_and_upon_the_last_one(admin, form, words):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    answer = write(admin, order_no="7-п", **form)
    assert answer.status_code == 422 and words in text_of(answer) and "7-п" in text_of(answer)
    assert m.RegulationVersion.select().count() == 1 and m.RegulationDraft.select().exists()


def test_leg_06_old_records_stay_judged_by_the_version_of_their_time(app, admin, school):
    factories.account(school.teacher, "teacher", PASSWORD)
    lesson = school.lessons[date(2026, 12, 16)]

    def put(pupil, value, at):
        body = {"cells": [{"pupil": school.pupils[pupil].id, "lesson": lesson.id, "value": value}]}
        with clock.frozen(at):
            client = app.test_client().sign_in("teacher", PASSWORD)
            return client.send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0]["state"]

    assert put(0, "5", NOW) == "late"
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    write(admin)
    next_day = NOW + timedelta(1)
    assert put(1, "4", next_day) == "saved"
    assert put(0, "4", next_day) == "saved"
    first, second = m.RegulationVersion.select().order_by(m.RegulationVersion.id)
    rows = {row.pupil_id: row for row in m.Mark.select().where(m.Mark.lesson == lesson)}
    old, new = rows[school.pupils[0].id], rows[school.pupils[1].id]
    assert (old.late, old.clause, old.regulation) == (True, "4.4.1, 8.4", first.id)
    assert (new.late, new.regulation) == (False, second.id)


def test_going_back_is_a_new_version_too(admin):
    lay(admin, "entry.mark_deadline", value="P3D", severity="block")
    write(admin)
    first, second = m.RegulationVersion.select().order_by(m.RegulationVersion.id)
    assert admin.send(f"/regulation/versions/{first.id}/back").headers["Location"] == "/regulation/draft"
    assert list(m.RegulationDraft.changes()) == ["entry.mark_deadline"]
    write(admin, starts=NEXT_DAY.isoformat())
    third = m.RegulationVersion.newest_first().first()
    assert (third.number, rulebook.rules.rules_of(third).rules) == (3, rulebook.rules.rules_of(first).rules)
    assert admin.send(f"/regulation/versions/{third.id}/back").headers["Location"] == "/regulation/versions"


def test_another_regulation_gives_the_draft_up_and_bars_the_way_back(admin):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    first = m.RegulationVersion.newest_first().first()
    form = {"preset": "d4_hmao", "starts": NEXT_DAY.isoformat()}
    assert admin.send("/regulation/choice", **form).headers["Location"] == "/regulation/readings"
    assert not m.RegulationDraft.select().exists()
    assert admin.send(f"/regulation/versions/{first.id}/back").status_code == 403


# ---- readings of contradictions ----

FIRST = {"r.mark.edit_window": "0", "r.final.window": "0", "r.legal_status": "0", "starts": NEXT_DAY.isoformat()}


def test_contradictions_stand_unconfirmed_until_somebody_chooses(admin, school):
    shown = page(admin, "/regulation/")
    assert shown.count("Выбор не подтверждён") == 3 and "противоречия положения: 3" in page(admin, "/duties/")
    readings = page(admin, "/regulation/readings")
    assert all(words in readings for words in ("п. 5.4", "п. 4.4.6", "«Итоговые отметки выставляются не позднее 2-х дней"))
    assert admin.send("/regulation/readings", **FIRST).status_code == 302
    assert m.RegulationVersion.select().count() == 1
    shown = page(admin, "/regulation/")
    assert "не подтверждён" not in shown and school.admin.short_name in shown
    assert "противоречия положения" not in page(admin, "/duties/")
    row = m.RegulationReading.get(key="final.window")
    assert (row.person_id, row.title) == (school.admin.id, "За 2 дня до конца периода; приказ заменяет этот срок")


def test_another_reading_is_a_new_version_with_its_clause(admin):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    assert admin.send("/regulation/readings", **FIRST | {"r.mark.edit_window": "1", "r.final.window": "1"}).status_code == 302
    rules = rulebook.rules.rules_on(NEXT_DAY)
    assert (rules.value("mark.edit_window")["reason_days"], rules["mark.edit_window"].clause_of("closed")) == (7, "4.1.11")
    assert (rules.value("final.window")["to"], rules["final.window"].clause) == ("none", "4.4.6")
    assert rules.value("entry.mark_deadline") == "same_day" and m.RegulationDraft.select().exists()
    assert m.RegulationReading.get(key="mark.edit_window").title == "Закрывать через 7 дней"


@pytest.mark.parametrize("form, words", [({"r.final.window": ""}, "каждого противоречия"), ({"r.final.window": "9"}, "каждого противоречия"),
                                         ({"r.final.window": "1", "starts": "2026-12-01"}, "17 декабря")])
def test_readings_are_chosen_whole_and_from_a_day_to_come(admin, form, words):
    answer = admin.send("/regulation/readings", **FIRST | form)
    assert answer.status_code == 422 and words in text_of(answer)
    assert not m.RegulationReading.select().exists() and m.RegulationVersion.select().count() == 1


def test_a_value_of_ones_own_is_a_choice_as_well(admin):
    lay(admin, "final.window", **{"value.from": "none", "value.to": "-P1D"}, severity="report")
    write(admin)
    assert m.RegulationReading.get(key="final.window").title == "собственное значение школы"


def test_the_deputy_reads_all_of_it_and_changes_nothing(app, admin, school):
    lay(admin, "entry.mark_deadline", value="P3D", severity="report")
    factories.account(school.deputy, "deputy", PASSWORD)
    deputy = app.test_client().sign_in("deputy", PASSWORD)
    for path in ("/regulation/draft", "/regulation/readings", "/regulation/versions", "/regulation/rules/final.window/meaning"):
        assert deputy.get(path).status_code == 200
    assert write(deputy).status_code == 403
    for path in ("/regulation/draft/drop", "/regulation/readings", "/regulation/versions/1/back"):
        assert deputy.send(path, **FIRST).status_code == 403
    assert m.RegulationVersion.select().count() == 1 and m.RegulationDraft.select().exists()
