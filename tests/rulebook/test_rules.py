"""What the regulation says of one change, at the edge values of profiles.md §3 and requirements §6–10."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models as m
import rulebook.facts
import rulebook.result_verdicts
import rulebook.rules
import rulebook.text_verdicts
import rulebook.verdicts

ZONE = ZoneInfo("Europe/Moscow")
BASE, D0, D1, D2, D3, D4 = (rulebook.rules.preset(name) for name in ("base", "d0_sosh1", "d1_asurso", "d2_spo", "d3_shalazhi", "d4_hmao"))
EVERY = pytest.mark.parametrize("rules", [BASE, D0, D1, D2, D3, D4], ids=lambda rules: rules.code)
II_QUARTER = rulebook.facts.PeriodFacts(date(2026, 11, 5), date(2026, 12, 30), name="II четверть")
PROTOCOL = {"number": "3", "day": "2026-12-10"}


def at(day, time="12:00:00"):
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE)


def lesson(**facts):
    """A lesson of grade 5 on Tuesday 10 November at 09:00; the class's day ends at 13:40."""
    usual = {
        "date": date(2026, 11, 10),
        "zone": ZONE,
        "grade": 5,
        "half": 1,
        "period": II_QUARTER,
        "starts_at": at("2026-11-10", "09:00:00"),
        "class_day_end": at("2026-11-10", "13:40:00"),
    }
    return rulebook.facts.LessonFacts(**usual | facts)


LESSON = lesson()
CLOSED = lesson(period=replace(II_QUARTER, closed=True))


def after(days, time="12:00:00"):
    return at(LESSON.date + timedelta(days), time)


def result(**facts):
    return rulebook.facts.ResultFacts(**{"period": II_QUARTER, "zone": ZONE, "grade": 5, "half": 1, "computed": "4"} | facts)


def word(decision):
    """`state clause`: what a person sees of a verdict."""
    return f"{decision.state} {decision.clause}".strip()


# ---- cells as they are typed ----


@pytest.mark.parametrize(
    "typed, cell",
    [
        ("5", rulebook.facts.Cell(marks=("5",))),
        ("5/4", rulebook.facts.Cell(marks=("5", "4"))),
        ("54", rulebook.facts.Cell(marks=("5", "4"))),
        (" н ", rulebook.facts.Cell("н")),
        ("Н 4", rulebook.facts.Cell("н", ("4",))),
        ("н→4", rulebook.facts.Cell("н", ("4",))),
        (".", rulebook.facts.Cell(awaited=True)),
        ("зач", rulebook.facts.Cell(marks=("зач",))),
        ("НЗ", rulebook.facts.Cell(marks=("незач",))),
        ("УП", rulebook.facts.Cell("у")),
        ("п/у", rulebook.facts.Cell("у")),
        ("ОП", rulebook.facts.Cell("о")),
        ("осв", rulebook.facts.Cell("осв")),
        ("о5", rulebook.facts.Cell("о", ("5",))),
        ("", rulebook.facts.Cell()),
        (None, rulebook.facts.Cell()),
    ],
)
def test_a_cell_is_read_as_it_is_typed(typed, cell):
    assert rulebook.facts.read_cell(typed) == cell
    assert rulebook.facts.read_cell(str(cell)) == cell


@pytest.mark.parametrize("typed", ["6", "0", "555", "нб", "x", "5;", "-5", "5.5.5", "<b>", "н" * 500, "٥"])
def test_what_is_no_cell_is_refused_and_the_cell_stays(typed):
    decision = rulebook.verdicts.judge_cell(D1, LESSON, "4", typed, after(0))
    assert (decision.ok, decision.state, decision.rule) == (False, "refused", "mark.scale")
    assert "«4»" in str(decision.message)


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from([BASE, D0, D1, D2, D3, D4]), st.integers(-30, 400))
def test_property_any_input_gets_a_verdict(old, new, rules, days):
    try:
        rulebook.facts.read_cell(old)
    except m.Refused:
        return
    decision = rulebook.verdicts.judge_cell(rules, LESSON, old, new, after(days))
    assert decision.state in ("saved", "late", "reason_required", "refused")
    assert decision.ok == (decision.state in ("saved", "late"))
    assert decision.ok or decision.message


def test_nothing_changed_is_saved_whatever_the_rules():
    assert rulebook.verdicts.judge_cell(D1, CLOSED, "5/4", "54", after(100)) == rulebook.facts.Decision()


# ---- deadlines of entry ----


@pytest.mark.parametrize(
    "rules, days, time, verdict",
    [
        (D1, 0, "23:59:59", "saved"),
        (D1, 1, "00:00:00", "late 4.4.1, 8.4"),
        (D3, 0, "23:59:59", "saved"),
        (D3, 1, "00:00:00", "late II.2"),
        (D4, 1, "00:00:00", "late 2.5"),
        (BASE, 1, "00:00:00", "late"),
        (D0, 7, "23:59:59", "saved"),
        (D2, 7, "12:00:00", "saved"),
    ],
)
def test_mrk_01_to_03_marks_of_a_lesson(rules, days, time, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, "", "5", after(days, time))) == verdict


def test_mrk_03_a_week_after_in_d0_is_late_and_asks_the_house_reason():
    decision = rulebook.verdicts.judge_cell(D0, LESSON, "", "5", after(8), reason="болел учитель")
    assert (word(decision), decision.late, decision.rule) == ("late §6", True, "entry.mark_deadline")
    assert rulebook.verdicts.judge_cell(D0, LESSON, "", "5", after(8)).state == "reason_required"


@pytest.mark.parametrize(
    "rules, kind, days, verdict",
    [
        (D3, "control", 3, "saved"),
        (D3, "control", 4, "late II.9"),
        (D4, "control", 3, "saved"),
        (D4, "control", 4, "late 2.11"),
        (D1, "control", 0, "saved"),
        (D1, "control", 1, "late 4.4.1"),
        (D0, "control", 7, "saved"),
        (D3, "written", 7, "saved"),
        (D4, "written", 7, "saved"),
        (D1, "written", 1, "late 4.4.1"),
    ],
)
def test_mrk_04_mrk_05_control_and_written_works(rules, kind, days, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, lesson(kind=kind), "", "5", after(days))) == verdict


@pytest.mark.parametrize("rules, kind, verdict", [(D0, "control", "late §6"), (D3, "written", "late II.10")])
def test_mrk_04_mrk_05_on_day_8_late_and_with_a_reason(rules, kind, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, lesson(kind=kind), "", "5", after(8), reason="проверка")) == verdict


RECEIVED = lesson(date=date(2026, 10, 20), kind="external", received_at=at("2026-11-12", "10:00:00"))


@pytest.mark.parametrize("time, verdict", [("10:00:00", "saved"), ("10:01:00", "late 4.4.12")])
def test_mrk_06_external_work_a_day_after_its_results(time, verdict):
    assert word(rulebook.verdicts.judge_cell(D1, RECEIVED, "", "5", at("2026-11-13", time))) == verdict


@pytest.mark.parametrize(
    "code, time, verdict",
    [
        ("н", "09:20:00", "saved"),
        ("н", "09:20:01", "late 2.9"),
        ("н", "09:25:00", "late 2.9"),
        ("б", "09:21:00", "saved"),
        ("б", "14:00:00", "saved"),
        ("о", "14:00:00", "saved"),
    ],
)
def test_att_01_twenty_minutes_bind_only_the_unexcused(code, time, verdict):
    assert word(rulebook.verdicts.judge_cell(D4, LESSON, "", code, after(0, time))) == verdict


def test_att_01_other_codes_have_the_day():
    assert word(rulebook.verdicts.judge_cell(D4, LESSON, "", "б", after(1))) == "late 2.5"


def test_att_01_a_later_correction_is_not_late():
    assert rulebook.verdicts.judge_cell(D4, LESSON, "н", "б", after(1)) == rulebook.facts.Decision()


@pytest.mark.parametrize("rules, clause", [(D1, "4.4.1, 8.4"), (D3, "II.7")])
def test_att_03_absence_on_the_day_of_the_lesson(rules, clause):
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, "", "н", after(0, "23:59:59"))) == "saved"
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, "", "н", after(1))) == f"late {clause}"


def test_att_04_stating_attendance_has_the_deadline_of_absentees():
    assert rulebook.verdicts.judge_attendance(D4, LESSON, after(0, "09:20:00")) == rulebook.facts.Decision()
    assert word(rulebook.verdicts.judge_attendance(D4, LESSON, after(0, "09:20:01"))) == "late 2.9"
    assert rulebook.verdicts.judge_attendance(D4, LESSON, after(0, "12:00:00"), first=False).state == "saved"
    assert rulebook.verdicts.judge_attendance(D4, CLOSED, after(0)).rule == "period.closed"


@pytest.mark.parametrize(
    "time, verdict",
    [("15:10:00", "saved"), ("15:10:01", "late II.4")],
)
def test_hw_02_homework_after_the_end_of_the_classs_day(time, verdict):
    assert word(rulebook.text_verdicts.judge_homework(D3, LESSON, "", "Упр. 12, с. 40", after(0, time))) == verdict


def test_hw_01_hw_03_homework_on_the_day():
    assert word(rulebook.text_verdicts.judge_homework(D1, LESSON, "", "Упр. 12", after(1))) == "late 4.4.5"
    assert word(rulebook.text_verdicts.judge_homework(D4, LESSON, "", "Упр. 12", after(0, "20:00:00"))) == "saved"
    assert word(rulebook.text_verdicts.judge_homework(D1, LESSON, "Упр. 12", "Упр. 13", after(1))) == "saved"


def test_topic_on_the_day():
    assert word(rulebook.text_verdicts.judge_topic(D1, LESSON, "", "Дроби", after(0))) == "saved"
    assert word(rulebook.text_verdicts.judge_topic(D1, LESSON, "", "Дроби", after(1))) == "late 4.4.1"
    assert word(rulebook.text_verdicts.judge_topic(D1, LESSON, "Дроби", "Проценты", after(1))) == "saved"
    assert rulebook.text_verdicts.judge_topic(D1, CLOSED, "Дроби", "Проценты", after(1)).rule == "period.closed"


def test_severity_turns_a_deadline_into_nothing_a_reason_or_a_refusal():
    def with_(severity):
        return D1.changed({"entry.mark_deadline": {"severity": severity}})

    assert rulebook.verdicts.judge_cell(with_("off"), LESSON, "", "5", after(1)) == rulebook.facts.Decision()
    assert rulebook.verdicts.judge_cell(with_("reason"), LESSON, "", "5", after(1)).state == "reason_required"
    assert rulebook.verdicts.judge_cell(with_("reason"), LESSON, "", "5", after(1), reason="болел").state == "late"
    assert rulebook.verdicts.judge_cell(with_("block"), LESSON, "", "5", after(1), reason="болел").state == "refused"


def test_a_verdict_keeps_its_rule_even_when_the_entry_is_judged_by_its_first_saving():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(1), entered_at=after(0)).state == "saved"


# ---- the edit window ----


@pytest.mark.parametrize(
    "rules, days, verdict",
    [
        (D1, 7, "saved"),
        (D1, 8, "reason_required 4.1.11"),
        (D1, 14, "reason_required 4.1.11"),
        (D1, 15, "refused 3.6"),
        (D3, 7, "saved"),
        (D3, 8, "reason_required"),
        (D3, 15, "reason_required"),
        (D3, 300, "reason_required"),
        (BASE, 15, "reason_required"),
        (D4, 15, "reason_required"),
    ],
)
def test_mrk_08_mrk_09_editing_a_past_lesson(rules, days, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, "5", "4", after(days))) == verdict


@pytest.mark.parametrize("days, state", [(8, "saved"), (14, "saved"), (15, "refused")])
def test_mrk_09_a_reason_opens_days_8_to_14_and_no_more(days, state):
    assert rulebook.verdicts.judge_cell(D1, LESSON, "5", "4", after(days), reason="ошибка в клетке").state == state
    assert rulebook.text_verdicts.judge_topic(D1, LESSON, "Дроби", "Проценты", after(days), reason="ошибка").state == state
    assert rulebook.text_verdicts.judge_homework(D1, LESSON, "Упр. 1", "Упр. 2", after(days), reason="ошибка").state == state


def test_mrk_08_first_entries_are_bound_too():
    assert word(rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(15))) == "refused 3.6"


def test_mrk_08_a_blank_reason_is_none():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "5", "4", after(8), reason="   ").state == "reason_required"


@pytest.mark.parametrize("days, states", [(7, ("saved",) * 8 + ("refused",)), (14, ("saved",) * 15 + ("refused",))])
def test_mrk_09_the_administrator_may_set_plain_7_or_14(days, states):
    value = {"free_days": days, "reason_days": days, "anchor": "lesson"}
    rules = D1.changed({"mark.edit_window": {"value": value}})
    assert tuple(rulebook.verdicts.judge_cell(rules, LESSON, "5", "4", after(day)).state for day in range(days + 2)) == states
    assert rulebook.verdicts.judge_cell(rules, LESSON, "5", "4", after(days + 1)).clause == ("4.1.11" if days == 7 else "3.6")


def test_mrk_08_days_may_count_from_the_entry():
    rules = D1.changed({"mark.edit_window": {"value": {"free_days": 7, "reason_days": 14, "anchor": "entry"}}})
    assert rulebook.verdicts.judge_cell(rules, LESSON, "5", "4", after(20), entered_at=after(13)).state == "saved"
    assert rulebook.verdicts.judge_cell(rules, LESSON, "5", "4", after(20), entered_at=after(12)).state == "reason_required"
    assert rulebook.verdicts.judge_cell(rules, LESSON, "", "4", after(20)).state == "late"


def test_mrk_08_an_unlock_opens_the_cell_in_a_closed_period_too_and_lifts_no_other_rule():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "5", "4", after(15), unlocked=True).state == "saved"
    assert rulebook.verdicts.judge_cell(D1, CLOSED, "5", "4", after(15), unlocked=True).state == "saved"
    assert rulebook.verdicts.judge_cell(D1, CLOSED, "5", "осв", after(15), unlocked=True).state == "refused"


@EVERY
def test_mrk_18_att_07_a_retake_by_protocol_30_days_after_the_lesson(rules):
    assert rulebook.verdicts.judge_cell(rules, LESSON, "б", "б 4", after(30), protocol=PROTOCOL) == rulebook.facts.Decision()


@EVERY
def test_mrk_18_external_works_and_extended_terms_bypass_the_window(rules):
    assert rulebook.verdicts.judge_cell(rules, RECEIVED, "", "5", at("2026-11-12", "11:00:00")) == rulebook.facts.Decision()
    assert rulebook.verdicts.judge_cell(rules, LESSON, "", "4", after(40), extended=True) == rulebook.facts.Decision()


@EVERY
def test_mrk_18_nothing_bypasses_a_closed_period(rules):
    for change in (
        {"protocol": PROTOCOL, "old": "б", "new": "б 4"},
        {"extended": True, "old": "", "new": "4"},
        {"reason": "очень нужно", "old": "4", "new": "5"},
    ):
        decision = rulebook.verdicts.judge_cell(rules, CLOSED, now=after(30), **change)
        assert (decision.state, decision.rule) == ("refused", "period.closed")


def test_mrk_18_a_plain_mark_in_the_same_column_is_refused_and_so_is_external_work_without_receipt():
    assert word(rulebook.verdicts.judge_cell(D1, LESSON, "", "4", after(30))) == "refused 3.6"
    unreceived = rulebook.verdicts.judge_cell(D1, lesson(kind="external"), "", "4", after(30))
    assert "received" in str(unreceived.message)


@pytest.mark.parametrize(
    "rules, facts, days, state, clause",
    [
        (D1, LESSON, 7, "open", ""),
        (D1, LESSON, 8, "reason", "4.1.11"),
        (D1, LESSON, 15, "closed", "3.6"),
        (D1, LESSON, -3, "open", ""),
        (D1, CLOSED, 0, "closed", ""),
        (D3, LESSON, 8, "reason", ""),
    ],
)
def test_the_head_of_the_grid_names_the_zone_and_its_clause(rules, facts, days, state, clause):
    zone = rulebook.verdicts.edit_zone(rules, facts, after(days))
    assert (zone.state, zone.clause, zone.day) == (state, clause, days)
    assert clause in str(zone.label)


# ---- retakes, codes, scale, days ahead ----


@pytest.mark.parametrize(
    "paper",
    [None, "", "№ 3", "3 от вчера", {"number": "3"}, {"number": "", "day": "2026-12-10"}, {"day": "2026-12-10"}, 3, []],
)
@EVERY
def test_att_07_without_number_and_date_of_a_protocol_refused(rules, paper):
    decision = rulebook.verdicts.judge_cell(rules, LESSON, "б", "б 4", after(1), protocol=paper)
    assert (decision.state, decision.rule) == ("refused", "retake.protocol")


@pytest.mark.parametrize("paper", [PROTOCOL, "№ 3 от 10.12.2026", "3 от 10.12.2026 г.", "3 от 2026-12-10"])
def test_att_07_a_protocol_is_read_in_any_usual_form(paper):
    assert rulebook.facts.read_paper(paper) == rulebook.facts.Paper("3", date(2026, 12, 10))


def test_att_07_the_absence_beside_a_retake_may_still_be_explained():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "н 4", "б 4", after(1)).state == "saved"


def test_a_mark_and_an_absence_do_not_share_a_cell():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "5", "н 5", after(0)).rule == "retake.protocol"
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "о 5", after(0)).state == "saved"


@pytest.mark.parametrize("rules, verdict", [(D1, "refused 5.3"), (D3, "saved"), (D4, "saved")])
def test_mrk_17_the_record_released_in_a_lesson(rules, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, "", "осв", after(0, "09:10:00"))) == verdict


def test_mrk_16_instead_of_released_theory_is_assessed():
    assert "theory" in str(rulebook.verdicts.judge_cell(D1, LESSON, "", "осв", after(0)).message)


def test_a_mark_out_of_the_schools_scale_is_refused_unless_it_stands_already():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "1", after(0)).rule == "mark.scale"
    wide = D1.changed({"mark.scale": {"value": ["5", "4", "3", "2", "1"]}})
    assert rulebook.verdicts.judge_cell(wide, LESSON, "", "1", after(0)).state == "saved"
    assert rulebook.verdicts.judge_cell(D1, LESSON, "н 1", "б 1", after(0)).state == "saved"


def test_no_mark_before_the_day_of_the_lesson():
    for value in ("5", ".", "н", "о"):
        assert rulebook.verdicts.judge_cell(D1, LESSON, "", value, after(-1, "23:59:59")).rule == "lesson.ahead"
    for value in ("б", "у"):
        assert rulebook.verdicts.judge_cell(D1, LESSON, "", value, after(-1)).state == "saved"
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(0, "00:00:00")).state == "saved"


@pytest.mark.parametrize(
    "rules, old, new, verdict",
    [
        (D1, "н", "б", "saved"),
        (D1, "н 4", "б 4", "saved"),
        (D1, "н", "", "refused 4.3.6"),
        (D1, "", "н", "refused 4.3.6"),
        (D1, "5", "4", "refused 4.3.6"),
        (D1, "н 4", "б 5", "refused 4.3.6"),
        (D3, "н", "б", "refused I.5"),
        (D4, "н", "б", "refused 2.4"),
    ],
)
def test_acc_04_acc_05_what_a_class_teacher_may_change_in_anothers_journal(rules, old, new, verdict):
    assert word(rulebook.verdicts.judge_cell(rules, LESSON, old, new, after(0), by_role="CT", protocol=PROTOCOL)) == verdict


# ---- grades taught without marks ----

NOVEMBER, JANUARY, MAY = date(2026, 11, 20), date(2027, 1, 20), date(2027, 5, 20)


@pytest.mark.parametrize(
    "grade, day, half, verdict",
    [
        (2, NOVEMBER, 1, "refused 3.9"),
        (2, JANUARY, 2, "saved"),
        (1, JANUARY, 2, "refused 3.9"),
        (1, MAY, 2, "refused 3.9"),
        (3, NOVEMBER, 1, "saved"),
    ],
)
def test_mrk_14_marks_and_homework_of_gradeless_classes(grade, day, half, verdict):
    facts = lesson(date=day, grade=grade, half=half, starts_at=None, class_day_end=None)
    assert word(rulebook.verdicts.judge_cell(D1, facts, "", "5", at(day))) == verdict
    assert word(rulebook.verdicts.judge_cell(D1, facts, "", ".", at(day))) == verdict
    assert word(rulebook.text_verdicts.judge_homework(D1, facts, "", "Упр. 1, с. 5", at(day))) == verdict


def test_att_09_attendance_and_topics_of_gradeless_classes_go_on():
    facts = lesson(grade=1)
    assert rulebook.verdicts.judge_cell(D1, facts, "", "н", after(0)).state == "saved"
    assert rulebook.text_verdicts.judge_topic(D1, facts, "", "Звуки и буквы", after(0)).state == "saved"
    assert rulebook.text_verdicts.judge_homework(D1, facts, "", rulebook.rules.NOT_SET, after(0)).state == "saved"
    assert rulebook.verdicts.judge_cell(D1, facts, "5", "", after(0)).state == "saved"


def test_mrk_14_house_rules_warn_of_homework_in_grade_1_and_leave_grade_2():
    decision = rulebook.text_verdicts.judge_homework(BASE, lesson(grade=1), "", "Упр. 1", after(0))
    assert (decision.ok, decision.severity, decision.state) == (True, "warn", "saved")
    assert rulebook.verdicts.judge_cell(BASE, lesson(grade=2), "", "5", after(0)).state == "saved"


@pytest.mark.parametrize(
    "kind, number, day, half",
    [("quarter", 2, "2026-12-30", 1), ("quarter", 3, "2027-01-11", 2), ("half_year", 1, "2026-12-30", 1)]
    + [("semester", 4, "2027-02-01", 2), ("trimester", 2, "2026-12-20", 1), ("trimester", 2, "2027-01-20", 2)],
)
def test_halves_of_the_year_follow_the_periods(kind, number, day, half):
    assert rulebook.facts.half_of(kind, number, date.fromisoformat(day)) == half


# ---- language ----


@pytest.mark.parametrize(
    "topic, severity",
    [
        ("Present Perfect", "warn"),
        ("Настоящее совершённое время (Present Perfect)", "off"),
        ("Читаем «The Cat»", "off"),
        ("12", "off"),
    ],
)
def test_pln_06_entries_in_russian(topic, severity):
    decision = rulebook.text_verdicts.judge_topic(D1, LESSON, "", topic, after(0))
    assert (decision.state, decision.severity) == ("saved", severity)


# ---- period marks ----


E = II_QUARTER.end
DAYS = (-7, -6, -3, -2, -1, 0, 1, 3, 4)


@pytest.mark.parametrize(
    "rules, verdicts",
    [
        (D0, "saved saved saved saved saved saved saved saved late"),
        (D1, "saved saved saved saved late late late late late"),
        (D3, "warn saved saved saved saved saved late late late"),
        (D4, "warn saved saved saved saved saved late late late"),
        (BASE, "warn saved saved saved saved saved late late late"),
    ],
)
def test_fin_01_fin_02_fin_03_when_period_marks_are_put(rules, verdicts):
    decisions = [rulebook.result_verdicts.judge_period_mark(rules, result(), "", "4", at(E + timedelta(days))) for days in DAYS]
    assert all(decision.ok for decision in decisions)
    assert " ".join("warn" if d.severity == "warn" else d.state for d in decisions) == verdicts


def test_fin_01_the_last_minute_of_the_last_day():
    assert rulebook.result_verdicts.judge_period_mark(D0, result(), "", "4", at(E + timedelta(3), "23:59:59")).state == "saved"
    assert word(rulebook.result_verdicts.judge_period_mark(D0, result(), "", "4", at(E + timedelta(4), "00:00:00"))) == "late §6"


def test_fin_04_an_order_replaces_the_window():
    year = rulebook.facts.PeriodFacts(date(2027, 4, 1), date(2027, 5, 25), ordered=date(2027, 5, 27))
    assert word(rulebook.result_verdicts.judge_period_mark(D1, result(period=year), "", "4", at("2027-05-27"))) == "saved"
    assert word(rulebook.result_verdicts.judge_period_mark(D1, result(period=year), "", "4", at("2027-05-28"))) == "late 4.4.6"
    assert word(rulebook.result_verdicts.judge_period_mark(D1, result(period=replace(year, ordered=None)), "", "4", at("2027-05-24"))) == "late 5.4"
    assert rulebook.result_verdicts.judge_period_mark(D3, result(period=year), "", "4", at("2027-05-01")) == rulebook.facts.Decision()


def test_fin_a_correction_is_neither_early_nor_late():
    assert rulebook.result_verdicts.judge_period_mark(D1, result(), "5", "4", at(E + timedelta(9))).state == "saved"


@pytest.mark.parametrize(
    "rules, value, verdict",
    [
        (D1, "н/а", "refused 5.3"),
        (D1, "осв", "refused 5.3"),
        (D1, "продление", "saved"),
        (D3, "н/а", "saved"),
        (D3, "осв", "saved"),
        (D4, "н/а", "saved"),
        (D3, "отсрочка", "saved"),
        (D1, "6", "refused"),
        (D1, "н", "refused"),
        (D1, "безотм", "refused 3.9"),
    ],
)
def test_fin_06_fin_07_codes_of_a_period(rules, value, verdict):
    facts = result(computed="")
    assert word(rulebook.result_verdicts.judge_period_mark(rules, facts, "", value, at(E - timedelta(3)))) == verdict


def test_fin_07_a_refusal_says_what_to_do_instead():
    message = str(rulebook.result_verdicts.judge_period_mark(D1, result(), "", "н/а", at(E)).message)
    assert "продление" in message and "5.3" in message
    assert rulebook.result_verdicts.allowed_results(D1, 5, 1) == ("5", "4", "3", "2", "зач", "незач", "продление")
    assert rulebook.result_verdicts.allowed_results(D3, 5, 1) == ("5", "4", "3", "2", "зач", "незач", "н/а", "осв", "отсрочка")
    assert rulebook.result_verdicts.allowed_results(D1, 2, 1) == ("безотм",)


def test_mrk_14_a_gradeless_class_gets_bezotm_and_no_mark():
    facts = result(grade=2, half=1, computed="")
    assert rulebook.result_verdicts.judge_period_mark(D1, facts, "", "безотм", at(E)).state == "saved"
    assert word(rulebook.result_verdicts.judge_period_mark(D1, facts, "", "5", at(E))) == "refused 3.9"


@pytest.mark.parametrize(
    "computed, value, reason, verdict",
    [
        ("4", "4", "", "saved"),
        ("4", "5", "", "reason_required 5.1"),
        ("4", "5", "контрольные на «5»", "saved 5.1"),
        ("5", "4", "", "reason_required 5.1"),
        ("", "4", "", "reason_required 5.1"),
        ("", "зач", "", "saved"),
    ],
)
def test_mrk_11_a_mark_other_than_computed_needs_a_ground(computed, value, reason, verdict):
    decision = rulebook.result_verdicts.judge_period_mark(D1, result(computed=computed), "", value, at(E - timedelta(3)), reason=reason)
    assert word(decision) == verdict


def test_mrk_12_too_few_marks_is_a_warning():
    assert rulebook.result_verdicts.norm_of(D1, "quarter", 2) == 5
    assert rulebook.result_verdicts.norm_of(D1, "semester", 1) == 5
    assert rulebook.result_verdicts.norm_of(D1, "module", 2) is None
    decision = rulebook.result_verdicts.judge_period_mark(D1, result(marks=4, norm=5), "", "4", at(E - timedelta(3)))
    assert (decision.ok, decision.severity, decision.clause) == (True, "warn", "5.2")
    assert rulebook.result_verdicts.judge_period_mark(D1, result(marks=5, norm=5), "", "4", at(E - timedelta(3))) == rulebook.facts.Decision()


@EVERY
def test_a_closed_period_takes_no_period_mark(rules):
    facts = result(period=replace(II_QUARTER, closed=True))
    assert rulebook.result_verdicts.judge_period_mark(rules, facts, "4", "5", at(E), reason="надо").rule == "period.closed"


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from([BASE, D0, D1, D2, D3, D4]), st.integers(1, 11))
def test_property_any_period_value_gets_a_verdict(old, new, rules, grade):
    decision = rulebook.result_verdicts.judge_period_mark(rules, result(grade=grade), old, new, at(E))
    assert decision.ok == (decision.state in ("saved", "late"))


# ---- the words ----


def test_a_refusal_has_four_parts_and_no_rule_key():
    message = str(rulebook.verdicts.judge_cell(D1, LESSON, "2", "5", after(15)).message)
    parts = ["Editing is closed: it is day 15", "Положение, cl. 3.6.", "keeps «2»", "Ask the deputy head"]
    places = [message.index(part) for part in parts]
    assert places == sorted(places)
    assert "edit_window" not in message and "!" not in message


def test_a_house_rule_names_no_document():
    message = str(rulebook.verdicts.judge_cell(D3, LESSON, "2", "5", after(8)).message)
    assert "A rule of the school." in message and "Должностная" not in message


def test_a_refusal_outweighs_a_reason_and_a_reason_a_late_flag():
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "осв", after(9)).state == "refused"
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(9)).state == "reason_required"
    assert rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(9), reason="болел").rule == "entry.mark_deadline"


def test_when_several_rules_speak_the_strongest_decides_and_every_one_is_told():
    decision = rulebook.verdicts.judge_cell(D1, LESSON, "", "осв", after(15))
    message = str(decision.message)
    assert decision.state == "refused" and {rule for rule, _told in decision.also} >= {"mark.edit_window"}
    assert message.index("осв") < message.index("Besides:") < message.index("it is day 15") and "cl. 3.6" in message
    asked = rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(9))
    assert (asked.rule, [rule for rule, _told in asked.also]) == ("mark.edit_window", ["entry.mark_deadline"])
    late = rulebook.verdicts.judge_cell(D1, LESSON, "", "5", after(9), reason="болел")
    assert (late.state, late.rule, [rule for rule, _told in late.also]) == ("late", "entry.mark_deadline", ["mark.edit_window"])


def test_one_rule_says_its_word_once():
    decision = rulebook.text_verdicts.judge_topic(D1, LESSON, "", "Fractions", after(0))
    assert decision.also == () and "Besides" not in str(decision.message)


@pytest.mark.parametrize("subject, named", [
    ("Математика", True), ("Алгебра", True), ("Геометрия", True), ("Вероятность и статистика", True), ("Физика (профиль)", True),
    ("Алгебра и начала математического анализа", True), ("Русский язык", True), ("Родной язык (русский)", False), ("Информатика", False),
    ("Физическая культура", False)])
def test_mrk_12_mathematics_means_its_courses_too(subject, named):
    decision = rulebook.result_verdicts.judge_period_mark(D1, result(subject=subject, written=False), "", "4", at(E))
    assert (decision.state == "reason_required" and decision.rule == "min_marks.written_work") == named
