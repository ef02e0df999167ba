"""The regulation judges marks of periods and of the year: when, which, resting on what (FIN-01 … FIN-09, MRK-11, MRK-12)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import models as m
from formulas import DEFERRED, EXEMPT, GRADELESS, NOT_ATTESTED, minimum_marks
from marking import FIVE, Scale, scale_of
from rulebook.checks import (
    LESSON_AHEAD, by_severity, is_forbidden, local_day, marks_in_use, noted, period_open, refusal, said, standing_text, strongest,
    too_late,
)
from rulebook.facts import DEFERRED_AS, Decision, PeriodFacts, ResultFacts, is_gradeless, is_named, read_result
from rulebook.rules import NEVER, SEVERITIES, Rules, end_of_day, in_time, offset

_RESULT_CODES = {NOT_ATTESTED: "final.codes.na", EXEMPT: "final.codes.osv", GRADELESS: "final.codes.bezotm"}


def allowed_results(rules: Rules, grade: int, half: int, scale: Scale = FIVE) -> tuple[str, ...]:
    """The values a period cell may have, marks first (FIN-06, FIN-07). Without marks there is only «безотм»."""
    if is_gradeless(rules, grade, half) or not scale.marks:
        return (GRADELESS,) if rules.value("final.codes.bezotm") else ()
    codes = [code for code, key in _RESULT_CODES.items() if code != GRADELESS and rules.value(key)]
    instead = DEFERRED_AS.get(rules.value("final.instead_of_na"))
    return (*marks_in_use(rules, scale), *codes, *((instead,) if instead else ()))


def norm_of(rules: Rules, period_kind: str, weekly_hours) -> int | None:
    """The number of current marks a period mark should rest on (MRK-12); None for a kind of period without a norm."""
    counts = rules.value("min_marks.policy").get("half_year" if period_kind == "semester" else period_kind)
    return minimum_marks(weekly_hours, dict(enumerate(counts, 1))) if counts else None


def judge_period_mark(rules: Rules, facts: ResultFacts, old: str, new: str, now: datetime, *, reason: str = "",
                      unlocked: bool = False) -> Decision:
    """May the period mark become `new`? The edit window does not bind it, the closing of the period does."""
    old, new = (read_result(text or "", scale_of(facts.grading)) for text in (old, new))
    if old == new:
        return Decision()
    change = _Result(rules, facts, old, new, now, reason.strip(), standing_text(old), unlocked)
    return strongest(check(change) for check in _RESULT_CHECKS)


def doubts(rules: Rules, facts: ResultFacts, value: str, now: datetime) -> list[Decision]:
    """What stands against this result for a pupil, each apart: too few marks, no written work (MRK-12). Its being early, late
    or another than the computed one is judged when it is put."""
    change = _Result(rules, facts, "", value, now, "", standing_text(""))
    return [found for found in (check(change) for check in (_enough_marks, _enough_written, _enough_practical)) if found]


@dataclass(frozen=True)
class _Result:
    rules: Rules
    facts: ResultFacts
    was: str
    value: str
    now: datetime
    reason: str
    stands: m.Text
    unlocked: bool = False


def _result_known(change):
    value, rules, scale = change.value, change.rules, scale_of(change.facts.grading)
    if not value or value in _RESULT_CODES or value in DEFERRED or value in marks_in_use(rules, scale):
        return None
    what = m.Text(m.N_("«%(value)s» is not a result of a period."), value=value[:20])
    return refusal(rules, rules["mark.scale"], what, change.stands, _results_in_use(change))


def _result_open(change):
    """A closed period leaves open what it was closed with as put off: the mark of the later passing, and nothing else (FIN-05)."""
    passing = change.was in DEFERRED and change.value and change.facts.deferred_until
    return None if passing else period_open(change)


def _result_not_ahead(change):
    """Nothing is put for a period that has not begun, nor for the year before its last period has."""
    start = change.facts.period.start
    if not change.value or change.was or local_day(change.now, change.facts.zone) >= start:
        return None
    what = m.Text(m.N_("It is too early: the period begins on %(day)s."), day=start)
    return refusal(change.rules, LESSON_AHEAD, what, change.stands, m.Text(m.N_("The mark can be put from that day on.")))


def _result_allowed(change):
    """Codes that the regulation bans for a period (FIN-07, MRK-17)."""
    rules = change.rules
    key = _RESULT_CODES.get(change.value)
    banned = key and (not rules.value(key) or is_forbidden(rules, change.value))
    if not banned:
        return None
    what = m.Text(m.N_("«%(value)s» is not put for a period."), value=change.value)
    return refusal(rules, rules[key], what, change.stands, _instead(change))


def _result_graded(change):
    facts = change.facts
    if change.value in ("", GRADELESS) or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("Grade %(grade)s is taught without marks now."), grade=facts.grade)
    return by_severity(change, change.rules["gradeless.scope"], what,
                        m.Text(m.N_("The cell is filled with «безотм» by itself.")))


def _gradeless_only_there(change):
    facts = change.facts
    if change.value != GRADELESS or is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("«безотм» is only for grades taught without marks."))
    return refusal(change.rules, change.rules["gradeless.scope"], what, change.stands, _results_in_use(change))


def _as_computed(change):
    """A mark other than the computed one needs a ground (MRK-11)."""
    rules, computed, value = change.rules, change.facts.computed, change.value
    a_mark = change.facts.is_mark(value)
    if value in ("", computed) or not rules.value("final.departure") or not (computed or a_mark) or value in DEFERRED:
        return None
    if change.facts.kind == "exam":
        return None
    if computed:
        what = m.Text(m.N_("The computed mark is %(computed)s, you put %(value)s."), computed=computed, value=value)
    else:
        what = m.Text(m.N_("There are no marks to compute from, you put %(value)s."), value=value)
    return by_severity(change, rules["final.departure"], what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _enough_marks(change):
    facts = change.facts
    if not facts.is_mark(change.value) or facts.marks is None or facts.norm is None or facts.marks >= facts.norm:
        return None
    what = m.Text(m.N_("The mark rests on %(marks)s marks of %(norm)s needed."), marks=facts.marks, norm=facts.norm)
    return by_severity(change, change.rules["min_marks.policy"], what,
                        m.Text(m.N_("Check whether the pupil can be asked once more.")))


def _enough_written(change):
    """Written, laboratory or practical works are among the marks (MRK-12): strictly in the subjects named, a note in others."""
    rule, facts = change.rules["min_marks.written_work"], change.facts
    named = is_named(facts.subject, rule.value["subjects"])
    if not facts.is_mark(change.value) or facts.written is not False or not (named or rule.value["every_subject"]):
        return None
    severity = rule.severity if named else min(rule.severity, "warn", key=SEVERITIES.index)
    return by_severity(change, replace(rule, severity=severity), m.Text(m.N_("No written, laboratory or practical work is marked.")),
                        m.Text(m.N_("Write a reason, and it will be saved.")))


def _enough_practical(change):
    """In these subjects a laboratory or practical work is among the marks (MRK-12)."""
    rule, facts = change.rules["min_marks.laboratory"], change.facts
    if not facts.is_mark(change.value) or facts.practical is not False or not is_named(facts.subject, rule.value):
        return None
    return by_severity(change, rule, m.Text(m.N_("No laboratory or practical work is marked.")),
                        m.Text(m.N_("Write a reason, and it will be saved.")))


def _result_in_window(change):
    """When period marks are put (FIN-01 … FIN-04); only the first entry can be early or late."""
    rule, facts = change.rules["final.window"], change.facts
    if not change.value or change.was or change.value in (*DEFERRED, GRADELESS) or rule.severity == "off":
        return None
    first, limit = window_of_results(rule, facts)
    if first and local_day(change.now, facts.zone) < first:
        what = m.Text(m.N_("Earlier than period marks are put: from %(day)s."), day=first)
        return noted(change, replace(rule, severity="warn"), what)
    if in_time(limit, change.now):
        return None
    told = replace(rule, clause=rule.clause_of("order")) if facts.period.ordered else rule
    return too_late(change, told, limit)


def window_of_results(rule, facts):
    """First day (or None) and last in-time second (or None); an order's date replaces both. Exams and final marks come after
    the year and are bound by an order only."""
    period = facts.period
    if period.ordered:
        return None, end_of_day(period.ordered, facts.zone)
    if facts.kind in ("exam", "final"):
        return None, None
    first, last = (None if rule.value[name] == NEVER else period.end + offset(rule.value[name])
                   for name in ("from", "to"))
    return first, last and end_of_day(last, facts.zone)


def _put_off(change):
    """Whether marks are put off at all is the school's to say (FIN-08, FIN-09)."""
    rule = change.rules["final.instead_of_na"]
    if change.value not in DEFERRED or change.was in DEFERRED:
        return None
    if rule.value != "none":
        return None
    what = m.Text(m.N_("«%(value)s» is not put for a period."), value=change.value)
    return refusal(change.rules, rule, what, change.stands, _results_in_use(change))


def _passed_in_time(change):
    """The mark in place of a deferral comes by the day that was set."""
    rule, until = change.rules["final.instead_of_na"], change.facts.deferred_until
    if change.was not in DEFERRED or change.value in DEFERRED or not (change.value and until):
        return None
    limit = end_of_day(until, change.facts.zone)
    return None if in_time(limit, change.now) else too_late(change, replace(rule, severity="report"), limit)


_RESULT_CHECKS = (_result_known, _result_open, _result_not_ahead, _result_allowed, _result_graded, _gradeless_only_there, _put_off,
                  _as_computed, _enough_marks, _enough_written, _enough_practical, _result_in_window, _passed_in_time)


def _results_in_use(change):
    values = allowed_results(change.rules, change.facts.grade, change.facts.half, scale_of(change.facts.grading))
    return m.Text(m.N_("Possible: %(list)s."), list=", ".join(values))


def _instead(change):
    instead = change.rules.value("final.instead_of_na")
    if change.value == NOT_ATTESTED and instead == "extend_term":
        return m.Text(m.N_("Extend the pupil's study term: put «продление»."))
    if change.value == NOT_ATTESTED and instead == "deferral":
        return m.Text(m.N_("Defer the mark: put «отсрочка»."))
    if change.value == EXEMPT and change.rules.value("pe.special_group") == "theory":
        return said(m.Text(m.N_("Assess the theory instead.")), _results_in_use(change))
    return _results_in_use(change)


def results_due(rules: Rules, period: PeriodFacts, zone: ZoneInfo) -> tuple[date | None, datetime | None, str]:
    """(first day or None, last in-time moment or None, clause) for the marks of a period."""
    rule = rules["final.window"]
    first, limit = window_of_results(rule, ResultFacts(period, zone, 0, 1))
    return first, limit, rule.clause_of("order") if period.ordered else rule.clause
