"""The regulation judges one change of a lesson: judge_…(rules, facts, …) → Decision, check by check, the strongest word is kept."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import models as m
from formulas import FAILED
from marking import FIVE, FREE, REASON, SICK, UNEXPLAINED, scale_of
from rulebook.checks import (
    DEADLINES, LESSON_AHEAD, NOTHING_CHANGED, Wording, by_severity, clause_in_words, clause_short, days_since, edit_stage, in_deadline,
    is_forbidden, local_day, marks_in_use, period_open, refusal, said, standing_text, strongest, values_in_use, window_open,
)
from rulebook.facts import Cell, Decision, LessonFacts, Paper, Zone, is_gradeless, read_cell, read_paper
from rulebook.rules import SEVERITIES, Rule, Rules, end_of_day, in_time

_CODE_OUT_OF_USE = Rule("attendance.codes", True, "block")
_POOR = frozenset({"1", "2", FAILED})


def edit_zone(rules: Rules, facts: LessonFacts, now: datetime) -> Zone:
    """For the head of the grid: «открыто», «с причиной, п. 4.1.11», «закрыто, п. 3.6»."""
    day = days_since(facts.date, facts.zone, now)
    if facts.period and facts.period.closed:
        return Zone("closed", day, "", m.Text(m.N_("closed: the period is closed")))
    stage, clause = edit_stage(rules, day)
    state = "open" if SEVERITIES.index(stage) < SEVERITIES.index("reason") else "reason" if stage == "reason" else "closed"
    if state == "open":
        return Zone(state, day, "", m.Text(m.N_("open")))
    word = m.Text(m.N_("with a reason") if state == "reason" else m.N_("closed"))
    return Zone(state, day, clause, m.Text("%(word)s, %(clause)s", word=word, clause=clause_short(clause)))


def may_mark(rules: Rules, facts: LessonFacts, now: datetime) -> str:
    """Which marks of a lesson may be put now: "all", "retakes" of those who missed it, by protocol (ATT-07), or "" none."""
    if facts.period and facts.period.closed:
        return ""
    exempt = rules.value("edit_window.exempt")
    received = facts.kind == "external" and facts.received_at is not None and "external_diagnostic" in exempt
    if received or edit_zone(rules, facts, now).state != "closed":
        return "all"
    return "retakes" if "retake_by_protocol" in exempt and rules.value("retake.protocol") else ""


def judge_cell(rules: Rules, facts: LessonFacts, old, new, now: datetime, *, reason: str = "", protocol=None,
               extended: bool = False, entered_at: datetime | None = None, unlocked: bool = False,
               by_role: str = "T", theory: bool = False) -> Decision:
    """May the cell become `new`? `old` and `new` are cells or what was typed. `protocol`: see read_paper; `extended`: the pupil
    passes in an extended term; `entered_at`: when the cell was first saved; `unlocked`: an approved unlock holds;
    `by_role` CT is a class teacher in somebody else's journal, who corrects only reasons of absence (ACC-04, ACC-05), OFFICE anybody
    else whom the regulation names for that; `theory`: the pupil's medical group in physical education leaves only the theory (MRK-16)."""
    stands = standing_text(old)
    try:
        was, cell = read_cell(old, scale_of(facts.grading)), read_cell(new, scale_of(facts.grading))
    except m.Refused as error:
        return refusal(rules, rules["mark.scale"], error.text, stands, values_in_use(rules, facts))
    if was == cell:
        return Decision()
    change = _Change(rules, facts, was, cell, now, reason.strip(), read_paper(protocol), extended, entered_at, unlocked,
                     by_role, theory, stands)
    return strongest(check(change) for check in _CELL_CHECKS)


def judge_attendance(rules: Rules, facts: LessonFacts, now: datetime, *, first: bool = True, reason: str = "",
                     unlocked: bool = False, entered_at: datetime | None = None) -> Decision:
    """May «who is at the lesson» be stated, «all present» included (ATT-04)? Late by the deadline of absentees. `entered_at`, here and
    below: when it was first entered, where the edit window counts from that."""
    change = Wording(rules, facts, "", "", now, reason.strip(), unlocked, NOTHING_CHANGED, None if first else entered_at)
    late = in_deadline(change, rules["entry.absence_deadline"]) if first else None
    return strongest((period_open(change), window_open(change), late))


def password_limit(rules: Rules, roles, changed: datetime | None) -> datetime | None:
    """The last second of a password of this age, for somebody of these roles; None where it never grows old."""
    rule = rules["auth.password_max_age"]
    concerned = rule.severity != "off" and changed is not None and set(rule.value["roles"]) & set(roles)
    return _limit_of_age(rule.value["age"], changed) if concerned else None


def judge_password(rules: Rules, roles, changed: datetime | None, now: datetime) -> Decision:
    """May somebody of these roles go on with a password of this age (SEC-07)? `changed` is school time; with P365D day 365 passes."""
    rule, limit = rules["auth.password_max_age"], password_limit(rules, roles, changed)
    if limit is None or in_time(limit, now):
        return Decision()
    text = m.Text(m.N_("The password is older than the school allows."))
    stands = m.Text(m.N_("Everything you wrote is kept."))
    todo = m.Text(m.N_("Choose a new one."))
    return Decision(rule.severity != "block", rule.severity, rule.key, rule.clause, said(text, clause_in_words(rules, rule), stands, todo),
                    state="refused" if rule.severity == "block" else "saved")


def _limit_of_age(age, changed):
    """The last second of a record that may be so old: whole days, a month being 30."""
    found = re.fullmatch(r"P(\d+)([DM])", age)
    return found and end_of_day(changed.date() + timedelta(int(found[1]) * (30 if found[2] == "M" else 1)), changed.tzinfo)


@dataclass(frozen=True)
class _Change:
    rules: Rules
    facts: LessonFacts
    was: Cell
    cell: Cell
    now: datetime
    reason: str
    paper: Paper | None
    extended: bool
    entered_at: datetime | None
    unlocked: bool
    role: str
    theory: bool
    stands: m.Text

    @property
    def retaken(self) -> bool:
        """Marks put by a protocol beside a missed lesson, or beside a mark that stays."""
        return self.paper is not None and (self.cell.missed and bool(self.cell.marks) or is_beside(self.was, self.cell))

    @property
    def exempt(self) -> bool:
        """Lawfully later than the lesson: external works, retakes by protocol, an extended term (MRK-18)."""
        grounds = {"retake_by_protocol": self.retaken, "extended_term": self.extended,
                   "external_diagnostic": self.facts.kind == "external" and self.facts.received_at is not None}
        return any(grounds[name] for name in self.rules.value("edit_window.exempt"))


def _role_may(change):
    if change.role == "T":
        return None
    was, cell = change.was, change.cell
    only_reason = was.missed and cell.missed and (was.marks, was.awaited) == (cell.marks, cell.awaited)
    if change.role == "OFFICE":
        rule, mends = change.rules["rights.absence_reason_editor"], True
    else:
        rule, mends = change.rules["rights.ct_journal"], mends_reasons(change.rules)
    if mends and only_reason:
        return None
    if change.role == "OFFICE":
        what = m.Text(m.N_("In somebody else's journal only the reason of absence is corrected."))
    elif mends:
        what = m.Text(m.N_("A class teacher corrects only the reason of absence."))
    else:
        what = m.Text(m.N_("A class teacher looks at this journal without changing it."))
    return refusal(change.rules, rule, what, change.stands, m.Text(m.N_("Write to the teacher of the subject.")))


def _codes_in_use(change):
    code, rule = change.cell.absence, change.rules["cell.codes_forbidden"]
    if code in ("", change.was.absence):
        return None
    known, what = m.codes()[code], m.Text(m.N_("The record «%(code)s» is not used in the journal."), code=code)
    if not known.active:
        return refusal(change.rules, _CODE_OUT_OF_USE, what, change.stands, values_in_use(change.rules, change.facts))
    if not is_forbidden(change.rules, code):
        return None
    if known.meaning == FREE and change.rules.value("pe.special_group") == "theory":
        todo = m.Text(m.N_("Assess the theory instead."))
    else:
        todo = m.Text(m.N_("Choose another code."))
    return by_severity(change, rule, what, todo)


def judge_received(rules: Rules, facts: LessonFacts, was: datetime | None, new: datetime | None, now: datetime, *, marked: bool,
                   reason: str = "") -> Decision:
    """May it be said that the results of an external work came at this moment (MRK-06)? Their deadline runs from it, so with marks in the
    column another moment wants a reason. The edit window does not bind it: results come when they come."""
    rule = rules["deadline.external_diagnostic"]
    change = Wording(rules, facts, "", "", now, reason.strip(), False, NOTHING_CHANGED)
    if was == new:
        return Decision()
    if facts.kind != "external":
        return refusal(rules, rule, m.Text(m.N_("This is no external work.")), NOTHING_CHANGED,
                       m.Text(m.N_("Choose an external kind of work first.")))
    if new and not facts.date <= local_day(new, facts.zone) <= local_day(now, facts.zone) or new and new > now:
        what = m.Text(m.N_("Results come after the work and not later than now: the work was on %(day)s."), day=facts.date)
        return refusal(rules, rule, what, NOTHING_CHANGED, m.Text(m.N_("Correct the day and the hour.")))
    asked = None
    if marked and was and rule.severity != "off":
        asked = by_severity(change, replace(rule, severity="reason"), m.Text(m.N_("There are marks in this column already.")),
                             m.Text(m.N_("Write a reason, and it will be saved.")))
    return strongest((period_open(change), asked))


def judge_paper(rules: Rules, code: str, document: str, reason: str, stands) -> Decision:
    """Is the paper told that this attendance code wants?"""
    rule = rules["attendance.document"]
    if not code or document or not m.codes()[code].document or rule.severity == "off":
        return Decision()
    change = Wording(rules, None, "", "", None, reason.strip(), False, stands)
    return by_severity(change, rule, m.Text(m.N_("«%(code)s» wants a paper: a note, a certificate or an order."), code=code),
                        m.Text(m.N_("Write which paper it is.")))


def _theory_alone(change):
    """A pupil of a special medical group is assessed in theory, and positively (MRK-16)."""
    rule, cell = change.rules["pe.special_group"], change.cell
    poor = [mark for mark in cell.marks if scale_of(change.facts.grading).as_five(mark) in _POOR and mark not in change.was.marks]
    if not change.theory or rule.value != "theory" or not poor:
        return None
    what = m.Text(m.N_("The pupil is of a special medical group: the theory is assessed, and positively."))
    return by_severity(change, rule, what, m.Text(m.N_("Ask about the theory once more.")))


def _marks_in_scale(change):
    scale = scale_of(change.facts.grading)
    odd = [mark for mark in change.cell.marks if mark not in marks_in_use(change.rules, scale)]
    if not odd or change.cell.marks == change.was.marks:
        return None
    what = m.Text(m.N_("The mark «%(mark)s» is not used in this school.") if scale is FIVE else
                  m.N_("The mark «%(mark)s» is not used in this subject."), mark=odd[0])
    return refusal(change.rules, change.rules["mark.scale"], what, change.stands, values_in_use(change.rules, change.facts))


def _graded_at_all(change):
    facts = change.facts
    added = change.cell.graded and (change.cell.marks, change.cell.awaited) != (change.was.marks, change.was.awaited)
    if not added or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("Grade %(grade)s is taught without marks now."), grade=facts.grade)
    return by_severity(change, change.rules["gradeless.scope"], what,
                        m.Text(m.N_("Note attendance and the topic; they are kept as always.")))


def _not_ahead(change):
    """No marks, and nobody absent without a known reason, before the day of the lesson."""
    ahead = change.facts.date > local_day(change.now, change.facts.zone)
    added = change.cell.graded and change.cell.marks != change.was.marks or change.cell.awaited > change.was.awaited
    absence = change.cell.absence
    unknown = absence not in ("", change.was.absence) and m.codes()[absence].meaning not in (SICK, REASON)
    if not ahead or not (added or unknown):
        return None
    what = m.Text(m.N_("The lesson of %(day)s is still ahead."), day=change.facts.date)
    return refusal(change.rules, LESSON_AHEAD, what, change.stands, m.Text(m.N_("It can be filled in from that day on.")))


def _mark_or_absence(change):
    """A mark beside a missed lesson only by a protocol (ATT-07)."""
    was, cell = change.was, change.cell
    rule = change.rules["retake.protocol"]
    untouched = was.missed and was.marks == cell.marks
    if not (cell.missed and cell.marks) or untouched or change.extended or (rule.value and change.paper):
        return None
    what = m.Text(m.N_("A mark beside «%(code)s» is put by a protocol of the retake."), code=cell.absence)
    todo = (m.Text(m.N_("Give the number and the date of the protocol.")) if rule.value
            else m.Text(m.N_("Put the mark in the column of a lesson the pupil attended.")))
    return refusal(change.rules, rule, what, change.stands, todo)


def _mark_in_time(change):
    first = change.cell.marks and not change.was.marks
    if not first or change.retaken or change.extended:
        return None
    return in_deadline(change, change.rules[DEADLINES.get(change.facts.kind, "entry.mark_deadline")])


def _absence_in_time(change):
    if not change.cell.absence or change.was.absence:
        return None
    rule = change.rules["entry.absence_deadline"]
    if m.codes()[change.cell.absence].meaning != UNEXPLAINED and rule.value.startswith("lesson_start"):
        rule = replace(rule, value="same_day", clause=rule.clause_of("other"))
    return in_deadline(change, rule)


_CELL_CHECKS = (period_open, _role_may, _marks_in_scale, _codes_in_use, _graded_at_all, _not_ahead, _mark_or_absence,
                _theory_alone, window_open, _mark_in_time, _absence_in_time)


def mends_reasons(rules: Rules) -> bool:
    return rules.value("rights.ct_journal") == "absence_reason" and "CT" in rules.value("rights.absence_reason_editor")


def is_beside(was: Cell, new: Cell) -> bool:
    """Are marks added to those that stand, which stay?"""
    return 0 < len(was.marks) < len(new.marks) and new.marks[:len(was.marks)] == was.marks
