"""What the judgements of the regulation share: checks of any record, and the way from a check to a decision in words."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

import models as m
from marking import FIVE, FREE, STANDARD, TARDY, TRUANT, Scale, scale_of
from rulebook.facts import Decision, LessonFacts
from rulebook.rules import NEVER, SEVERITIES, Rule, Rules, in_time, last_moment, parse_deadline
from rulebook.words import joined

DEADLINES = {"control": "deadline.control_work", "written": "deadline.written_work",
             "external": "deadline.external_diagnostic"}
ASK_FOR_CORRECTION = m.Text(m.N_("Ask the deputy head for a correction."))
PERIOD_CLOSED = Rule("period.closed", True, "block")
LESSON_AHEAD = Rule("lesson.ahead", True, "block")
_STRENGTH = {"refused": 0, "reason_required": 1, "late": 2, "saved": 3}
NOTHING_CHANGED = m.Text(m.N_("Nothing was changed."))


def marks_in_use(rules: Rules, scale: Scale = FIVE) -> tuple[str, ...]:
    """The marks that may be put: on five points those of the regulation, else those of the scale."""
    return tuple(rules.value("mark.scale")) if scale is FIVE else scale.marks


@dataclass(frozen=True)
class Wording:
    rules: Rules
    facts: LessonFacts
    was: str
    text: str
    now: datetime
    reason: str
    unlocked: bool
    stands: m.Text
    entered_at: datetime | None = None
    exempt = False


def period_open(change):
    period = change.facts.period
    if period is None or not period.closed or change.unlocked:
        return None
    what = m.Text(m.N_("The period is closed: %(period)s."), period=period.name or period.end)
    return refusal(change.rules, PERIOD_CLOSED, what, change.stands, ASK_FOR_CORRECTION)


def is_forbidden(rules: Rules, code: str) -> bool:
    """Is this code not written in lessons (MRK-17)? A code of the school's own that means what a forbidden one means is forbidden too."""
    rule = rules["cell.codes_forbidden"]
    if rule.severity == "off" or code in rule.value or code in STANDARD.all:
        return rule.severity != "off" and code in rule.value
    return m.codes()[code].meaning in {STANDARD[each].meaning for each in rule.value} & {FREE, TARDY, TRUANT}


def window_open(change):
    """The two-stage edit window (MRK-08, MRK-09)."""
    rule, facts = change.rules["mark.edit_window"], change.facts
    if change.exempt or change.unlocked:
        return None
    anchor = facts.date
    if rule.value["anchor"] == "entry":
        anchor = local_day(change.entered_at or change.now, facts.zone)
    day = days_since(anchor, facts.zone, change.now)
    stage, clause = edit_stage(change.rules, day)
    if stage == "off":
        return None
    told = replace(rule, severity=stage, clause=clause)
    if stage == "block":
        what = m.Text(m.N_("Editing is closed: it is day %(day)s after the lesson."), day=day)
        return refusal(change.rules, told, what, change.stands, _when_closed(facts))
    what = m.Text(m.N_("It is day %(day)s after the lesson."), day=day)
    return by_severity(change, told, what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _when_closed(facts):
    if facts.kind == "external" and facts.received_at is None:
        return m.Text(m.N_("Enter on the lesson's page when the results of the work were received."))
    return ASK_FOR_CORRECTION


def in_russian(change):
    """Fewer than half of the letters outside brackets and quotes are Cyrillic (PLN-06)."""
    rule = change.rules["journal.language"]
    letters = [letter for letter in re.sub(r"\([^)]*\)|«[^»]*»|\"[^\"]*\"|“[^”]*”", "", change.text) if letter.isalpha()]
    cyrillic = sum("а" <= letter.lower() <= "я" or letter in "ёЁ" for letter in letters)
    if rule.value == "any" or 2 * cyrillic >= len(letters):
        return None
    return by_severity(change, rule, m.Text(m.N_("Entries are kept in Russian.")),
                        m.Text(m.N_("Write the Russian title and put the foreign one in brackets.")))


def edit_stage(rules, day):
    """(severity, clause) of the edit window on a day after its anchor; the rule's own severity is the strictest possible."""
    rule = rules["mark.edit_window"]
    free, last = rule.value["free_days"], rule.value["reason_days"]
    if day <= free:
        return "off", ""
    closed = last != NEVER and day > last
    strictest = "block" if closed else "reason"
    severity = min(rule.severity, strictest, key=SEVERITIES.index)
    return severity, rule.clause_of("closed" if closed else "reason")


def in_deadline(change, rule):
    """The verdict when a first entry comes after the rule's deadline; None when in time."""
    if rule.severity == "off":
        return None
    limit = last_moment(parse_deadline(rule.value), change.facts.event)
    return None if in_time(limit, change.entered_at or change.now) else too_late(change, rule, limit)


def too_late(change, rule, limit):
    what = m.Text(m.N_("Later than due: in time until %(limit)s."), limit=limit)
    decision = by_severity(change, rule, what, m.Text(m.N_("Write a reason, and it will be saved.")))
    return replace(decision, late=True, state="late") if decision.ok else decision


def by_severity(change, rule, what, todo):
    """A rule was crossed: nothing, a note, a request for the reason, or a refusal."""
    if rule.severity == "off":
        return None
    if rule.severity == "block":
        return refusal(change.rules, rule, what, change.stands, todo)
    if rule.severity == "reason" and not change.reason:
        told = said(what, clause_in_words(change.rules, rule))
        return Decision(False, "reason", rule.key, rule.clause, said(told, change.stands, todo), state="reason_required", told=told)
    return noted(change, rule, what)


def noted(change, rule, what):
    told = said(what, clause_in_words(change.rules, rule))
    return Decision(True, rule.severity, rule.key, rule.clause, said(told, m.Text(m.N_("Saved."))), told=told)


def refusal(rules, rule, what, stands, todo):
    told = said(what, clause_in_words(rules, rule))
    return Decision(False, "block", rule.key, rule.clause, said(told, stands, todo), state="refused", told=told)


def strongest(decisions):
    """One decision of many: a refusal before a request for the reason, before a late flag, before a note; the first of equals. What the
    other rules have to say is told after it, a rule once."""
    found = sorted(filter(None, decisions), key=lambda decision: (_STRENGTH[decision.state], -SEVERITIES.index(decision.severity)))
    if not found:
        return Decision()
    first, spoken = found[0], {}
    for decision in found:
        for rule, told in ((decision.rule, decision.told), *decision.also):
            if told is not None:
                spoken.setdefault(rule, told)
    also = tuple((rule, told) for rule, told in spoken.items() if rule != first.rule)
    if also == first.also:
        return first
    return replace(first, also=also, message=said(first.message, m.Text(m.N_("Besides:")), *(told for _rule, told in also)))


def said(*parts):
    return joined(parts, " ")


def clause_in_words(rules, rule):
    if not rule.clause:
        return m.Text(m.N_("A rule of the school."))
    return m.Text("%(document)s, %(clause)s.", document=rules.document, clause=clause_short(rule.clause))


def clause_short(clause):
    if not clause:
        return m.Text(m.N_("a rule of the school"))
    return m.Text(clause) if clause.startswith("§") else m.Text(m.N_("cl. %(clause)s"), clause=clause)


def standing_text(old):
    value = str(old or "")
    return m.Text(m.N_("The journal keeps «%(value)s»."), value=value) if value else m.Text(m.N_("The cell stays empty."))


def values_in_use(rules, facts):
    marks = ", ".join(marks_in_use(rules, scale_of(facts.grading)))
    codes = ", ".join(code.code for code in m.codes().active if not is_forbidden(rules, code.code))
    if not marks:
        return m.Text(m.N_("This subject has no marks. Absence: %(codes)s."), codes=codes)
    return m.Text(m.N_("Marks in use: %(marks)s. Absence: %(codes)s."), marks=marks, codes=codes)


def days_since(day, zone, now):
    return (local_day(now, zone) - day).days


def local_day(moment, zone):
    return moment.astimezone(zone).date()
