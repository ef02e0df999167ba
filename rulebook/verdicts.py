"""The regulation judges one change: judge_…(rules, facts, …) → Decision, check by check, the strongest word is kept."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import models as m
from formulas import DEFERRED, EXEMPT, GRADELESS, NOT_ATTESTED, minimum_marks
from marking import FIVE, FREE, REASON, SICK, STANDARD, TARDY, TRUANT, UNEXPLAINED, Scale, scale_of
from rulebook.facts import (
    DEFERRED_AS, Cell, Decision, LessonFacts, Paper, ResultFacts, Zone, is_gradeless, read_cell, read_paper, read_result,
)
from rulebook.rules import NEVER, NOT_SET, Rule, Rules, SEVERITIES, end_of_day, in_time, last_moment, offset, parse_deadline
from rulebook.words import joined


def marks_in_use(rules: Rules, scale: Scale = FIVE) -> tuple[str, ...]:
    """The marks that may be put: on five points those of the regulation, else those of the scale."""
    return tuple(rules.value("mark.scale")) if scale is FIVE else scale.marks


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


def edit_zone(rules: Rules, facts: LessonFacts, now: datetime) -> Zone:
    """For the head of the grid: «открыто», «с причиной, п. 4.1.11», «закрыто, п. 3.6»."""
    day = _days_since(facts.date, facts.zone, now)
    if facts.period and facts.period.closed:
        return Zone("closed", day, "", m.Text(m.N_("closed: the period is closed")))
    stage, clause = edit_stage(rules, day)
    state = "open" if SEVERITIES.index(stage) < SEVERITIES.index("reason") else "reason" if stage == "reason" else "closed"
    if state == "open":
        return Zone(state, day, "", m.Text(m.N_("open")))
    word = m.Text(m.N_("with a reason") if state == "reason" else m.N_("closed"))
    return Zone(state, day, clause, m.Text("%(word)s, %(clause)s", word=word, clause=_clause_short(clause)))


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
        return refusal(rules, rules["mark.scale"], error.text, stands, _in_use(rules, facts))
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
    late = _late(change, rules["entry.absence_deadline"]) if first else None
    return strongest((period_open(change), _window_open(change), late))


def judge_topic(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                unlocked: bool = False, entered_at: datetime | None = None) -> Decision:
    """May the lesson's topic become `new`?"""
    if old == new:
        return Decision()
    change = Wording(rules, facts, old, new, now, reason.strip(), unlocked, standing_text(old), entered_at if old else None)
    late = _late(change, rules["entry.topic_deadline"]) if new and not old else None
    return strongest((period_open(change), _window_open(change), late, _in_russian(change)))


def judge_homework(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                   unlocked: bool = False, entered_at: datetime | None = None) -> Decision:
    """May the homework become `new`? «не задано» is NOT_SET, and is not homework."""
    if old == new:
        return Decision()
    change = Wording(rules, facts, old, new, now, reason.strip(), unlocked, standing_text(old), entered_at if old else None)
    late = _late(change, rules["entry.homework_deadline"]) if new and not old else None
    return strongest((period_open(change), _homework_is_set(change), _window_open(change), late, _in_russian(change),
                      _homework_is_clear(change)))


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


# ---- the regulation: the checks of a cell ----


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


def period_open(change):
    period = change.facts.period
    if period is None or not period.closed or change.unlocked:
        return None
    what = m.Text(m.N_("The period is closed: %(period)s."), period=period.name or period.end)
    return refusal(change.rules, _PERIOD_CLOSED, what, change.stands, _ASK)


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
        return refusal(change.rules, _CODE_OUT_OF_USE, what, change.stands, _in_use(change.rules, change.facts))
    if not is_forbidden(change.rules, code):
        return None
    if known.meaning == FREE and change.rules.value("pe.special_group") == "theory":
        todo = m.Text(m.N_("Assess the theory instead."))
    else:
        todo = m.Text(m.N_("Choose another code."))
    return _by_severity(change, rule, what, todo)


def is_forbidden(rules: Rules, code: str) -> bool:
    """Is this code not written in lessons (MRK-17)? A code of the school's own that means what a forbidden one means is forbidden too."""
    rule = rules["cell.codes_forbidden"]
    if rule.severity == "off" or code in rule.value or code in STANDARD.all:
        return rule.severity != "off" and code in rule.value
    return m.codes()[code].meaning in {STANDARD[each].meaning for each in rule.value} & {FREE, TARDY, TRUANT}


def is_code_in_words(rules: Rules, text: str) -> bool:
    """Does a comment say nothing but a forbidden code, or its name (MRK-17)?"""
    word = m.fold(text).strip(" .!")
    return any(word in (m.fold(code.code), m.fold(code.name), m.fold(code.name) + "а") for code in m.codes().all.values()
               if is_forbidden(rules, code.code))


def judge_remark(rules: Rules, facts: LessonFacts, text: str, now: datetime) -> Decision:
    """May this comment to a pupil be written? Its language is watched as that of all entries (PLN-06)."""
    change = Wording(rules, facts, "", text, now, "", False, NOTHING_CHANGED)
    forbidden = None
    if is_code_in_words(rules, text):
        what = m.Text(m.N_("The record «%(code)s» is not used in the journal."), code=text[:20])
        forbidden = _by_severity(change, rules["cell.codes_forbidden"], what, m.Text(m.N_("Write what the family has to know.")))
    return strongest((period_open(change), forbidden, _in_russian(change)))


def judge_words(rules: Rules, text: str) -> Decision:
    """Is what a work is about written in the language of the journal (PLN-06)?"""
    return strongest((_in_russian(Wording(rules, None, "", text, None, "", False, NOTHING_CHANGED)),))


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
        asked = _by_severity(change, replace(rule, severity="reason"), m.Text(m.N_("There are marks in this column already.")),
                             m.Text(m.N_("Write a reason, and it will be saved.")))
    return strongest((period_open(change), asked))


def judge_paper(rules: Rules, code: str, document: str, reason: str, stands) -> Decision:
    """Is the paper told that this attendance code wants?"""
    rule = rules["attendance.document"]
    if not code or document or not m.codes()[code].document or rule.severity == "off":
        return Decision()
    change = Wording(rules, None, "", "", None, reason.strip(), False, stands)
    return _by_severity(change, rule, m.Text(m.N_("«%(code)s» wants a paper: a note, a certificate or an order."), code=code),
                        m.Text(m.N_("Write which paper it is.")))


def _theory_alone(change):
    """A pupil of a special medical group is assessed in theory, and positively (MRK-16)."""
    rule, cell = change.rules["pe.special_group"], change.cell
    poor = [mark for mark in cell.marks if mark in _POOR and mark not in change.was.marks]
    if not change.theory or rule.value != "theory" or not poor:
        return None
    what = m.Text(m.N_("The pupil is of a special medical group: the theory is assessed, and positively."))
    return _by_severity(change, rule, what, m.Text(m.N_("Ask about the theory once more.")))


def _marks_in_scale(change):
    scale = scale_of(change.facts.grading)
    odd = [mark for mark in change.cell.marks if mark not in marks_in_use(change.rules, scale)]
    if not odd or change.cell.marks == change.was.marks:
        return None
    what = m.Text(m.N_("The mark «%(mark)s» is not used in this school.") if scale is FIVE else
                  m.N_("The mark «%(mark)s» is not used in this subject."), mark=odd[0])
    return refusal(change.rules, change.rules["mark.scale"], what, change.stands, _in_use(change.rules, change.facts))


def _graded_at_all(change):
    facts = change.facts
    added = change.cell.graded and (change.cell.marks, change.cell.awaited) != (change.was.marks, change.was.awaited)
    if not added or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("Grade %(grade)s is taught without marks now."), grade=facts.grade)
    return _by_severity(change, change.rules["gradeless.scope"], what,
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
    return refusal(change.rules, _LESSON_AHEAD, what, change.stands, m.Text(m.N_("It can be filled in from that day on.")))


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


def _window_open(change):
    """The two-stage edit window (MRK-08, MRK-09)."""
    rule, facts = change.rules["mark.edit_window"], change.facts
    if change.exempt or change.unlocked:
        return None
    anchor = facts.date
    if rule.value["anchor"] == "entry":
        anchor = local_day(change.entered_at or change.now, facts.zone)
    day = _days_since(anchor, facts.zone, change.now)
    stage, clause = edit_stage(change.rules, day)
    if stage == "off":
        return None
    told = replace(rule, severity=stage, clause=clause)
    if stage == "block":
        what = m.Text(m.N_("Editing is closed: it is day %(day)s after the lesson."), day=day)
        return refusal(change.rules, told, what, change.stands, _when_closed(facts))
    what = m.Text(m.N_("It is day %(day)s after the lesson."), day=day)
    return _by_severity(change, told, what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _when_closed(facts):
    if facts.kind == "external" and facts.received_at is None:
        return m.Text(m.N_("Enter on the lesson's page when the results of the work were received."))
    return _ASK


def _mark_in_time(change):
    first = change.cell.marks and not change.was.marks
    if not first or change.retaken or change.extended:
        return None
    return _late(change, change.rules[DEADLINES.get(change.facts.kind, "entry.mark_deadline")])


def _absence_in_time(change):
    if not change.cell.absence or change.was.absence:
        return None
    rule = change.rules["entry.absence_deadline"]
    if m.codes()[change.cell.absence].meaning != UNEXPLAINED and rule.value.startswith("lesson_start"):
        rule = replace(rule, value="same_day", clause=rule.clause_of("other"))
    return _late(change, rule)


_CELL_CHECKS = (period_open, _role_may, _marks_in_scale, _codes_in_use, _graded_at_all, _not_ahead, _mark_or_absence,
                _theory_alone, _window_open, _mark_in_time, _absence_in_time)
DEADLINES = {"control": "deadline.control_work", "written": "deadline.written_work",
             "external": "deadline.external_diagnostic"}


# ---- the regulation: the checks of texts and period marks ----


def _homework_is_set(change):
    facts, rule = change.facts, change.rules["gradeless.homework"]
    if change.text in ("", NOT_SET) or rule.value == "allow" or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("No homework is set in grade %(grade)s now."), grade=facts.grade)
    return _by_severity(change, rule, what, m.Text(m.N_("Write to the parents by a message if something should be brought.")))


def _homework_is_clear(change):
    """Fewer than three letters, or a bare word, tells a family nothing (HW-05); what files say is not read."""
    if change.text in ("", NOT_SET) or change.text.endswith(")") or not unclear_homework(change.text):
        return None
    return _by_severity(change, _HOMEWORK_CLEAR, m.Text(m.N_("The family may not understand this homework.")),
                        m.Text(m.N_("Say what to do: pages, numbers, how it is to look.")))


def unclear_homework(text: str) -> bool:
    """Has the text fewer than three letters, or is it one of the bare words (HW-05)?"""
    return sum(map(str.isalpha, text)) < 3 or m.fold(text).strip(" .!") in _BARE_HOMEWORK


def _in_russian(change):
    """Fewer than half of the letters outside brackets and quotes are Cyrillic (PLN-06)."""
    rule = change.rules["journal.language"]
    letters = [letter for letter in re.sub(r"\([^)]*\)|«[^»]*»|\"[^\"]*\"|“[^”]*”", "", change.text) if letter.isalpha()]
    cyrillic = sum("а" <= letter.lower() <= "я" or letter in "ёЁ" for letter in letters)
    if rule.value == "any" or 2 * cyrillic >= len(letters):
        return None
    return _by_severity(change, rule, m.Text(m.N_("Entries are kept in Russian.")),
                        m.Text(m.N_("Write the Russian title and put the foreign one in brackets.")))


def work_named(rules, kind, topic, work_topic):
    """Control, practical and laboratory works are entered with their own topic, or the lesson's topic quotes it (PLN-06)."""
    rule = rules["journal.language"]
    named = work_topic or re.search(r"[«\"“].+[»\"”]", topic)
    if kind is None or kind.code not in NAMED_WORKS or named or rule.value == "any" or rule.severity == "off":
        return None
    what = m.Text(m.N_("%(kind)s without the topic of the work."), kind=kind.name)
    todo = m.Text(m.N_("Write what the work is about."))
    return Decision(True, rule.severity, rule.key, rule.clause, said(what, clause_in_words(rules, rule), m.Text(m.N_("Saved.")), todo))


def judge_plan_words(rules: Rules, topics: list[str]) -> tuple[Decision, list[int]]:
    """(what the rule on language says, numbers of the topics it speaks of) of the topics of a plan; nothing is refused."""
    rule = replace(rules["journal.language"], severity="warn")
    if rules["journal.language"].severity == "off":
        return Decision(), []
    rules = replace(rules, rules=MappingProxyType({**rules.rules, rule.key: rule}))
    told = [_in_russian(Wording(rules, None, "", topic, None, "", False, NOTHING_CHANGED)) for topic in topics]
    return strongest(told), [number for number, decision in enumerate(told, 1) if decision]


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
    return refusal(change.rules, _LESSON_AHEAD, what, change.stands, m.Text(m.N_("The mark can be put from that day on.")))


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
    return _by_severity(change, change.rules["gradeless.scope"], what,
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
    return _by_severity(change, rules["final.departure"], what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _enough_marks(change):
    facts = change.facts
    if not facts.is_mark(change.value) or facts.marks is None or facts.norm is None or facts.marks >= facts.norm:
        return None
    what = m.Text(m.N_("The mark rests on %(marks)s marks of %(norm)s needed."), marks=facts.marks, norm=facts.norm)
    return _by_severity(change, change.rules["min_marks.policy"], what,
                        m.Text(m.N_("Check whether the pupil can be asked once more.")))


def _enough_written(change):
    """Written, laboratory or practical works are among the marks (MRK-12): strictly in the subjects named, a note in others."""
    rule, facts = change.rules["min_marks.written_work"], change.facts
    named = m.fold(facts.subject) in map(m.fold, rule.value["subjects"])
    if not facts.is_mark(change.value) or facts.written is not False or not (named or rule.value["every_subject"]):
        return None
    severity = rule.severity if named else min(rule.severity, "warn", key=SEVERITIES.index)
    return _by_severity(change, replace(rule, severity=severity), m.Text(m.N_("No written, laboratory or practical work is marked.")),
                        m.Text(m.N_("Write a reason, and it will be saved.")))


def _enough_practical(change):
    """In these subjects a laboratory or practical work is among the marks (MRK-12)."""
    rule, facts = change.rules["min_marks.laboratory"], change.facts
    if not facts.is_mark(change.value) or facts.practical is not False or m.fold(facts.subject) not in map(m.fold, rule.value):
        return None
    return _by_severity(change, rule, m.Text(m.N_("No laboratory or practical work is marked.")),
                        m.Text(m.N_("Write a reason, and it will be saved.")))


def _result_in_window(change):
    """When period marks are put (FIN-01 … FIN-04); only the first entry can be early or late."""
    rule, facts = change.rules["final.window"], change.facts
    if not change.value or change.was or change.value in (*DEFERRED, GRADELESS) or rule.severity == "off":
        return None
    first, limit = window_of_results(rule, facts)
    if first and local_day(change.now, facts.zone) < first:
        what = m.Text(m.N_("Earlier than period marks are put: from %(day)s."), day=first)
        return _soft(change, replace(rule, severity="warn"), what)
    if in_time(limit, change.now):
        return None
    told = replace(rule, clause=rule.clause_of("order")) if facts.period.ordered else rule
    return _too_late(change, told, limit)


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
    return None if in_time(limit, change.now) else _too_late(change, replace(rule, severity="report"), limit)


_RESULT_CHECKS = (_result_known, _result_open, _result_not_ahead, _result_allowed, _result_graded, _gradeless_only_there, _put_off,
                  _as_computed, _enough_marks, _enough_written, _enough_practical, _result_in_window, _passed_in_time)
_RESULT_CODES = {NOT_ATTESTED: "final.codes.na", EXEMPT: "final.codes.osv", GRADELESS: "final.codes.bezotm"}


# ---- the regulation: from a check to a decision ----


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


def _late(change, rule):
    """The verdict when a first entry comes after the rule's deadline; None when in time."""
    if rule.severity == "off":
        return None
    limit = last_moment(parse_deadline(rule.value), change.facts.event)
    return None if in_time(limit, change.entered_at or change.now) else _too_late(change, rule, limit)


def _too_late(change, rule, limit):
    what = m.Text(m.N_("Later than due: in time until %(limit)s."), limit=limit)
    decision = _by_severity(change, rule, what, m.Text(m.N_("Write a reason, and it will be saved.")))
    return replace(decision, late=True, state="late") if decision.ok else decision


def _by_severity(change, rule, what, todo):
    """A rule was crossed: nothing, a note, a request for the reason, or a refusal."""
    if rule.severity == "off":
        return None
    if rule.severity == "block":
        return refusal(change.rules, rule, what, change.stands, todo)
    if rule.severity == "reason" and not change.reason:
        message = said(what, clause_in_words(change.rules, rule), change.stands, todo)
        return Decision(False, "reason", rule.key, rule.clause, message, state="reason_required")
    return _soft(change, rule, what)


def _soft(change, rule, what):
    return Decision(True, rule.severity, rule.key, rule.clause, said(what, clause_in_words(change.rules, rule), m.Text(m.N_("Saved."))))


def refusal(rules, rule, what, stands, todo):
    return Decision(False, "block", rule.key, rule.clause, said(what, clause_in_words(rules, rule), stands, todo), state="refused")


def strongest(decisions):
    """One decision of many: a refusal before a request for the reason, before a late flag, before a note; the first of equals."""
    found = [decision for decision in decisions if decision]
    if not found:
        return Decision()
    return min(found, key=lambda decision: (_STRENGTH[decision.state], -SEVERITIES.index(decision.severity)))


def said(*parts):
    return joined(parts, " ")


def clause_in_words(rules, rule):
    if not rule.clause:
        return m.Text(m.N_("A rule of the school."))
    return m.Text("%(document)s, %(clause)s.", document=rules.document, clause=_clause_short(rule.clause))


def _clause_short(clause):
    if not clause:
        return m.Text(m.N_("a rule of the school"))
    return m.Text(clause) if clause.startswith("§") else m.Text(m.N_("cl. %(clause)s"), clause=clause)


def standing_text(old):
    value = str(old or "")
    return m.Text(m.N_("The journal keeps «%(value)s»."), value=value) if value else m.Text(m.N_("The cell stays empty."))


def _in_use(rules, facts):
    marks = ", ".join(marks_in_use(rules, scale_of(facts.grading)))
    codes = ", ".join(code.code for code in m.codes().active if not is_forbidden(rules, code.code))
    if not marks:
        return m.Text(m.N_("This subject has no marks. Absence: %(codes)s."), codes=codes)
    return m.Text(m.N_("Marks in use: %(marks)s. Absence: %(codes)s."), marks=marks, codes=codes)


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


def _days_since(day, zone, now):
    return (local_day(now, zone) - day).days


def local_day(moment, zone):
    return moment.astimezone(zone).date()
_CODE_OUT_OF_USE = Rule("attendance.codes", True, "block")
_BARE_HOMEWORK = {"повторить", "учить", "выучить", "доделать", "закончить", "читать", "прочитать", "решать", "подготовиться", "то же"}
_HOMEWORK_CLEAR = Rule("homework.clear", True, "warn")
_ASK = m.Text(m.N_("Ask the deputy head for a correction."))
_PERIOD_CLOSED = Rule("period.closed", True, "block")
_LESSON_AHEAD = Rule("lesson.ahead", True, "block")
_POOR = frozenset({"1", "2", "D", "незач"})
_STRENGTH = {"refused": 0, "reason_required": 1, "late": 2, "saved": 3}


def mends_reasons(rules: Rules) -> bool:
    return rules.value("rights.ct_journal") == "absence_reason" and "CT" in rules.value("rights.absence_reason_editor")
NAMED_WORKS = ("К", "П", "Л")
NOTHING_CHANGED = m.Text(m.N_("Nothing was changed."))


def is_beside(was: Cell, new: Cell) -> bool:
    """Are marks added to those that stand, which stay?"""
    return 0 < len(was.marks) < len(new.marks) and new.marks[:len(was.marks)] == was.marks
