"""The five ready regulations against the matrix of profiles.md §1, row by row: value, severity, clause; their words and readings.

A document that is not named in a row is silent there: the house rule holds, and no clause stands behind it.
"""

import re
from types import SimpleNamespace

import pytest

import rulebook.rules

FILES = {"D0": "d0_sosh1", "D1": "d1_asurso", "D2": "d2_spo", "D3": "d3_shalazhi", "D4": "d4_hmao"}
HOUSE = rulebook.rules.preset("base")


def row(number, key, value, severity, **says):
    """What base says, then by document: (value, clause) and the severity where it is not that of base."""
    return SimpleNamespace(number=number, key=key, value=value, severity=severity or "off", says=says)


MATRIX = [
    row(1, "entry.mark_deadline", "same_day", "report", D0=("P7D", "§6"), D1=("same_day", "4.4.1, 8.4"), D2=("P7D", "3.3"),
        D3=("same_day", "II.2"), D4=("same_day", "2.5")),
    row(2, "entry.absence_deadline", "same_day", "report", D0=("P7D", "§6"), D1=("same_day", "4.4.1, 8.4"), D2=("P7D", "3.3"),
        D3=("same_day", "II.7"), D4=("lesson_start+PT20M", "2.9")),
    row(3, "entry.absence_code_scope", "unexplained", "", D0=("unexplained", "§6"), D1=("unexplained", "3.9"),
        D2=("unexplained", "3.1, 3.3"), D3=("all_absent", "II.7"), D4=("unexcused_only", "2.9")),
    row(4, "entry.homework_deadline", "same_day", "report", D1=("same_day", "4.4.5"), D3=("class_day_end+PT1H30M", "II.4"),
        D4=("same_day", "2.7")),
    row(5, "entry.topic_deadline", "same_day", "report", D1=("same_day", "4.4.1"), D3=("same_day", "II.3, II.6"),
        D4=("same_day", "2.6")),
    row(6, "deadline.control_work", "P3D", "report", D0=("P7D", "§6"), D1=("same_day", "4.4.1"), D2=("P7D", "3.3"), D3=("P3D", "II.9"),
        D4=("P3D", "2.11")),
    row(7, "deadline.written_work", "P7D", "report", D0=("P7D", "§6"), D1=("same_day", "4.4.1"), D2=("P7D", "3.3"),
        D3=("P7D", "II.10"), D4=("P7D", "2.12")),
    row(8, "deadline.external_diagnostic", "from_receipt+PT24H", "report", D1=("from_receipt+PT24H", "4.4.12"),
        D4=("from_receipt+PT24H", "1.6/6")),
    row(9, "entry.substitution_moment", "at_record", "warn", D0=("established_order", "§7"), D1=("register_signed", "4.4.3"),
        D3=("at_record", "II.8"), D4=("at_record", "2.10")),
    row(10, "mark.edit_window", {"free_days": 7, "reason_days": "none", "anchor": "lesson"}, "reason",
        D1=({"free_days": 7, "reason_days": 14, "anchor": "lesson"}, "3.6, 4.1.11", "block")),
    row(11, "retake.protocol", True, "block", D3=(True, "II.2"), D4=(True, "2.5")),
    row(12, "final.window", {"from": "-P6D", "to": "P0D"}, "report", D0=({"from": "none", "to": "+P3D"}, "§6"),
        D1=({"from": "none", "to": "-P2D"}, "5.4"), D3=({"from": "-P6D", "to": "P0D"}, "II.11"),
        D4=({"from": "-P6D", "to": "P0D"}, "2.13")),
    row(13, "final.codes.na", True, "block", D1=(False, "5.3"), D3=(True, "II.5"), D4=(True, "2.8")),
    row(14, "final.codes.osv", True, "block", D1=(False, "5.3"), D3=(True, "II.5"), D4=(True, "2.8")),
    row(15, "final.codes.bezotm", True, "block", D1=(True, "3.9"), D3=(True, "II.5"), D4=(True, "2.8")),
    row(16, "final.instead_of_na", "deferral", "warn", D1=("extend_term", "5.3"), D3=("deferral", "II.12"), D4=("deferral", "1.6/5")),
    row(17, "gradeless.scope", {"1": "year", "2": "none"}, "block", D1=({"1": "year", "2": "first_half"}, "3.9")),
    row(18, "gradeless.homework", "forbid", "warn", D1=("forbid", "3.9", "block")),
    row(19, "pe.special_group", "theory", "warn", D1=("theory", "5.3")),
    row(20, "min_marks.policy", {"quarter": [3, 5, 7], "trimester": [4, 7, 10], "half_year": [5, 8, 12]}, "warn",
        D0=({"quarter": [3, 5, 7], "trimester": [4, 7, 10], "half_year": [5, 8, 12]}, "§6"),
        D1=({"quarter": [3, 5, 7], "trimester": [4, 7, 10], "half_year": [5, 8, 12]}, "5.2")),
    row(21, "final.publish_limit", "PT24H", "report", D1=("PT72H", "9.3"), D4=("PT24H", "1.6/6")),
    row(22, "final.duplicate_to_summary", True, "", D1=(True, "4.3.8"), D2=(True, "3.3"), D3=(True, "II.12"), D4=(True, "1.6/5, 2.14")),
    row(23, "forecast.mode", "on", "", D1=("mandatory", "9.2, 2.8"), D4=("recommended", "1.6/4")),
    row(24, "analysis.control_work", "off", "off", D1=("per_quarter", "4.4.9", "report")),
    row(25, "journal.language", "ru", "warn", D1=("ru_strict", "4.4.10"), D3=("ru", "II.6")),
    row(26, "plan.hours_must_match", True, "warn", D1=(True, "4.4.7", "block"), D4=(True, "1.6/5")),
    row(27, "auth.registration", "issued", "", D0=("invite_code", "§3, §4"), D1=("issued", "3.1, 4.3.7"), D2=("issued", "2.2"),
        D3=("issued", "I.1"), D4=("esia", "4.2")),
    row(28, "auth.password_max_age", {"age": "none", "roles": []}, "off",
        D1=({"age": "P365D", "roles": ["DIR", "ZAV", "ADM", "SEC", "T", "MAS", "CT"]}, "3.3", "block")),
    row(29, "auth.no_sharing", "anyone", "", D0=("anyone", "§3, §12"), D1=("pupils", "4.3.11, 4.4.15"), D2=("pupils", "1.10"),
        D3=("anyone", "I.9, II.14"), D4=("anyone", "4.1")),
    row(30, "breach.notify_limit", "PT1H", "report", D3=("P1WD", "I.11, II.16"), D4=("PT1H", "4.3")),
    row(31, "breach.notify_whom", ["head", "support"], "", D3=(["head", "support"], "I.11, II.16"), D4=(["head", "support"], "4.3")),
    row(32, "breach.invalidate", "from_notice_both", "", D3=("from_notice_both", "I.11, II.16"), D4=("from_notice_both", "4.4")),
    row(33, "breach.act_required", True, "", D3=(False, ""), D4=(True, "4.4")),
    row(34, "rights.ct_journal", "absence_reason", "block", D1=("absence_reason", "4.3.6"), D2=("absence_reason", "3.3"),
        D3=("view", "I.5"), D4=("view", "2.4")),
    row(35, "rights.group_editor", ["ADM"], "", D1=(["CT", "T"], "4.3.3, 4.4.11"), D3=(["CT"], "I.6, I.7"), D4=(["ADM", "ZAV"], "2.2")),
    row(36, "rights.group_transfer", "any", "warn", D1=("period_end_adm_only", "4.4.11", "block")),
    row(37, "rights.parent_scope", "own_child", "", D0=("own_child", "§4"), D1=("own_child", "3.8"), D3=("own_child", "I.2"),
        D4=("own_child", "1.6")),
    row(38, "rights.parent_messaging", True, "", D0=(True, "§4"), D1=(True, "2.10"), D2=(True, "1.7"), D3=(True, "I.2")),
    row(39, "rights.absence_reason_editor", ["CT"], "", D1=(["CT"], "4.3.6"), D2=(["CT", "ADM"], "3.1, 3.3"), D3=(["T"], "II.2"),
        D4=(["T"], "2.9, 2.5")),
    row(40, "access.hours", "always", "", D0=("always", "§0"), D1=("always", "8.2, 2.5"), D2=("always", "1.7")),
    row(41, "security.admin_monitors_students", True, "", D0=(True, "§3"), D1=(True, "4.3.9"), D2=(True, "3.1")),
    row(42, "contingent.deadline", "09-05", "report", D1=("09-05", "4.5.1"), D2=("09-05", "3.2"), D3=("09-05", "I.6"),
        D4=("09-05", "2.2")),
    row(43, "contingent.check_interval", "P1M", "report", D0=("P1M", "§5"), D1=("P1M", "4.3.5"), D2=("P1M", "3.3"), D3=("P1M", "I.7")),
    row(44, "attendance.ct_check_interval", "P7D", "report", D1=("P7D", "4.3.1, 4.3.6"), D2=("P7D", "3.3")),
    row(45, "control.interval", {"interval": "P1M", "by": ["ZAV"]}, "report", D0=({"interval": "P7D", "by": ["DIR", "ZAV"]}, "§10"),
        D1=({"interval": "P1M", "by": ["ZAV"]}, "3.7, 4.6.7, 6.2"), D2=({"interval": "P1M", "by": ["ADM"]}, "3.1"),
        D3=({"interval": "P1M", "by": ["ZAV"]}, "I.5"), D4=({"interval": "P1M", "by": ["DIR", "ZAV"]}, "2.2")),
    row(46, "reports.activity_interval", "P1M", "", D0=("P1M", "§15"), D1=("P1M", "7.1"), D2=("P1M", "3.1")),
    row(47, "reports.performance", ["each_period", "year"], "", D0=(["quarter", "year"], "§16"),
        D1=(["quarter", "half_year", "year"], "7.2"), D2=(["each_period", "year"], "3.3")),
    row(48, "roles.responsible", "head", "", D1=("head", "1.9"), D2=("zam_upr", "1.3, 1.4"), D4=("head", "1.3, 1.4")),
    row(49, "org.type", "school", "", D2=("college", "1.9")),
    row(50, "quarantine.mode", "flag", "", D0=("instruction", "§8"), D2=("courses", "1.7")),
    row(51, "bonus.basis", False, "", D0=(True, "§17"), D2=(True, "3.1")),
    row(52, "inform.channels", ["cabinet", "email"], "", D0=(["cabinet", "email"], "§0"), D1=(["cabinet", "email"], "2.9, 9.1"),
        D2=(["cabinet", "email", "paper_letter"], "3.3"), D3=(["cabinet", "email", "sms"], "I.2"),
        D4=(["cabinet", "email", "weekly_paper"], "1.6")),
    row(53, "inform.absence_message", True, "", D0=(True, "§0"), D1=(True, "4.4.4"), D4=(True, "2.9")),
    row(54, "inform.acknowledgement", True, "", D3=(True, "I.3")),
    row(55, "consent.register", True, "", D0=(True, "§0"), D1=(True, "1.1"), D2=(True, "3.1, 3.3"), D3=(True, "I.4"),
        D4=(True, "1.6/1")),
    row(56, "consent.refusal_path", True, "", D3=(True, "I.2"), D4=(True, "1.6/2")),
    row(57, "contacts.source", ["written", "electronic"], "", D4=(["written", "electronic"], "1.6/7")),
    row(58, "legal_status", "electronic", "", D1=("electronic", "6.4, 6.5"), D2=("paper_parallel", "1.6"),
        D4=("electronic_primary", "1.5, 3.4")),
    row(59, "backup.interval", {"interval": "P7D", "alert": "P14D", "offline_copy": False}, "warn",
        D0=({"interval": "P7D", "alert": "P14D", "offline_copy": False}, "§2"),
        D2=({"interval": "P7D", "alert": "P14D", "offline_copy": True}, "3.1"),
        D4=({"interval": "P7D", "alert": "P14D", "offline_copy": False}, "1.1, 2.15")),
    row(60, "archive.journal_years", 5, "block", D0=(5, "§11"), D1=(5, "6.5"), D4=(5, "3.4.1")),
    row(61, "archive.summary_years", 25, "block", D1=(25, "6.5"), D4=(25, "3.4.2")),
    row(62, "archive.print_deadline", "06-30", "report", D4=("06-30", "3.4.1, 3.4.2")),
    row(63, "archive.summary_transfer", "auto", "", D4=("mandatory_immediate", "2.16")),
    row(64, "print.certification", True, "", D1=(True, "6.4"), D2=(True, "1.2"), D3=(True, "I.2"), D4=(True, "2.14, 3.1")),
    row(65, "records.standard", True, "", D4=(True, "3.3")),
    row(66, "rights.contingent_editor", ["ADM", "SEC"], "", D0=(["ADM"], "§2, §5"), D1=(["ADM"], "4.1.7, 4.5.2"), D2=(["SEC"], "3.2"),
        D3=(["CT"], "I.7")),
    row(66, "rights.card_editor", ["ADM", "SEC"], "", D0=(["ADM"], "§2, §5"), D1=(["ADM", "CT"], "4.3.5"), D2=(["CT"], "3.3"),
        D3=(["CT"], "I.7")),
    row(67, "cell.codes_forbidden", [], "block", D1=(["осв"], "5.3")),
    row(68, "edit_window.exempt", ["external_diagnostic", "retake_by_protocol", "extended_term"], "",
        D1=(["external_diagnostic", "retake_by_protocol", "extended_term"], "4.4.12, 5.3"),
        D3=(["external_diagnostic", "retake_by_protocol", "extended_term"], "II.2"),
        D4=(["external_diagnostic", "retake_by_protocol", "extended_term"], "2.5")),
    row(69, "archive.summary_form", "working", "", D4=("archive_service", "3.2")),
    row(70, "plan.public_progress", True, "", D0=(True, "§0"), D1=(True, "2.9")),
    row(71, "training.required", False, "off", D2=(True, "3.1, 3.3", "report")),
]


def plain(value):
    """Tuples and frozen mappings as JSON would have them."""
    if hasattr(value, "items"):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("line", MATRIX, ids=lambda line: f"{line.number}-{line.key}")
def test_every_preset_says_what_the_matrix_says(line):
    house = HOUSE[line.key]
    assert (plain(house.value), house.severity, house.clause) == (line.value, line.severity, "")
    for document, name in FILES.items():
        rule = rulebook.rules.preset(name)[line.key]
        value, clause, severity = (*line.says.get(document, (line.value, "")), line.severity)[:3]
        assert (plain(rule.value), rule.clause, rule.severity) == (value, clause, severity), document
        assert rule == house or document in line.says, document


def test_the_matrix_has_every_row():
    assert sorted({line.number for line in MATRIX}) == list(range(1, 72))
    assert len({line.key for line in MATRIX}) == 72  # row 66 holds two


PARTS = {  # document, key → clauses of parts of a rule
    ("D1", "mark.edit_window"): {"reason": "4.1.11", "closed": "3.6"}, ("D1", "final.window"): {"order": "4.4.6"},
    ("D4", "entry.absence_deadline"): {"other": "2.5"},
}


@pytest.mark.parametrize("document", FILES)
def test_parts_of_a_rule_have_clauses_of_their_own(document):
    rules = rulebook.rules.preset(FILES[document])
    found = {(document, key): plain(rule.clauses) for key, rule in rules.rules.items() if rule.clauses}
    assert found == {place: clauses for place, clauses in PARTS.items() if place[0] == document}


READINGS = {  # contradictions within a document: the clause of each reading, the one that profiles.md takes first
    ("D0", "rights.parent_messaging"): ["§4", "§4"],
    ("D1", "mark.edit_window"): ["3.6, 4.1.11", "4.1.11", "3.6"],
    ("D1", "final.window"): ["5.4", "4.4.6"],
    ("D1", "legal_status"): ["6.4, 6.5", "6.5"],
    ("D2", "rights.absence_reason_editor"): ["3.1, 3.3", "3.3", "3.1"],
    ("D2", "backup.interval"): ["3.1", "3.1", "3.1"],
    ("D4", "archive.summary_transfer"): ["2.16", "3.2"],
}


@pytest.mark.parametrize("document", FILES)
def test_contradictions_offer_readings_with_their_clauses_and_words(document):
    rules = rulebook.rules.preset(FILES[document])
    found = {(document, rule.key): [reading["clause"] for reading in rule.choices] for rule in rules.contradictions}
    assert found == {place: clauses for place, clauses in READINGS.items() if place[0] == document}
    for rule in rules.contradictions:
        assert rule.choices[0]["value"] == rule.value and rule.note
        for reading in rule.choices:
            chosen = rules.changed({rule.key: {"value": plain(reading["value"])}})[rule.key]
            assert reading["title"] and reading["quote"]
            assert chosen.clause == reading["clause"] and chosen.clauses == reading.get("clauses", rule.clauses)


def test_d4_hands_out_credentials_and_says_so():
    rule = rulebook.rules.preset("d4_hmao")["auth.registration"]
    assert (rule.value, rule.clause) == ("esia", "4.2")
    assert "ещё не подключён" in rule.remark and "выдаёт школа" in rule.remark


@pytest.mark.parametrize("document", FILES)
def test_words_of_several_clauses_name_each_of_them(document):
    for rule in rulebook.rules.preset(FILES[document]).rules.values():
        named = re.findall(r"^([§\dIV./]+): ", rule.text, re.MULTILINE)
        assert not named or len(named) == len(rule.text.splitlines()), rule.key
