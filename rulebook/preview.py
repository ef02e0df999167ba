"""What a changed rule would mean for the records that stand: their kept facts are judged again, in bulk, as the rules are and as they
would be. Nothing is written: what was judged stays judged by the version of its time (LEG-06).

Looked at are the records of the running month (in its first week of the month before, too), and for results those of the
periods that run and of those before them. The statements do not grow with the school. Knows no request.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import models as m
from formulas import DEFERRED, EXEMPT, GRADELESS, NOT_ATTESTED
from marking import UNEXPLAINED, scale_of
from rulebook.checks import DEADLINES, edit_stage, local_day, marks_in_use
from rulebook.entries import judged_at
from rulebook.facts import PeriodFacts, ResultFacts, is_gradeless, is_named
from rulebook.preview_look import Look
from rulebook.result_verdicts import norm_of, window_of_results
from rulebook.rules import NOT_SET, Rule, Rules, SEVERITIES, in_time
from rulebook.text_verdicts import judge_plan_words
from rulebook.verdicts import password_limit

VERDICTS = ("late", "told", "reason", "refused", "other", "expired")
"""late: saved and flagged · told: saved with a word · reason: asked for one · refused · other: another computed mark · expired: a
password that has to be changed now."""


@dataclass(frozen=True)
class Case:
    """A record judged otherwise: what it is, where it is seen ("lesson", lesson), ("results", course, period) or ("staff",), and what
    is said of it now and then ("" nothing)."""

    words: m.Text
    link: tuple
    was: str
    will: str


@dataclass
class Effect:
    """`what` was looked at since `first` (None: what it says itself), and how many; what is said of them now and with the new value;
    those of which something else is said."""

    what: m.Text
    first: date | None
    looked: int = 0
    now: Counter = field(default_factory=Counter)
    then: Counter = field(default_factory=Counter)
    cases: list[Case] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """(verdict, how many now, how many then), of what is said at all."""
        return [(each, self.now[each], self.then[each]) for each in VERDICTS if self.now[each] or self.then[each]]


def effect(old: Rules, new: Rules, key: str, look: Look) -> Effect | None:
    """What becomes of the records this rule judges when `new` holds in place of `old`; None for a rule that judges no record. `look`
    reads each kind of records once, for however many rules."""
    if key not in FAMILIES:
        return None
    what, records, judge, case = FAMILIES[key]
    found = Effect(m.Text(what), None if what in (_RESULTS, _PAIRS, _PASSWORDS) else look.first)
    was, will = judge(look, old), judge(look, new)
    for row in records(look):
        one, other = was(row), will(row)
        found.looked += 1
        found.now[one] += bool(one)
        found.then[other] += bool(other)
        if one != other:
            found.cases.append(Case(*case(look, row), one, other))
    return found


# ---- what is said: a judge takes (look, rules) and answers with a function of a row ----

_SOFT = {"off": "", "report": "told", "warn": "told", "reason": "reason", "block": "refused"}


def _too_late(rule: Rule, limit, moment) -> str:
    """What the severity of a deadline makes of a record that is late."""
    if rule.severity == "off" or in_time(limit, moment):
        return ""
    return {"reason": "reason", "block": "refused"}.get(rule.severity, "late")


def _mark_in_time(look, rules):
    def judge(row):
        lesson = look.lessons[row.lesson]
        kind, received = (row.kind, row.received_at) if row.work else (lesson.kind, lesson.received_at)
        rule = rules[DEADLINES.get(kind, "entry.mark_deadline")]
        return _too_late(rule, look.limit(rule.value, lesson, received), judged_at(rules, row.typed_at, row.entered_at))
    return judge


def _absence_in_time(look, rules):
    rule = rules["entry.absence_deadline"]
    started = rule.value.startswith("lesson_start")  # binds only what is not explained (ATT-01)

    def judge(row):
        value = "same_day" if started and m.codes()[row.code].meaning != UNEXPLAINED else rule.value
        return _too_late(rule, look.limit(value, look.lessons[row.lesson]), judged_at(rules, row.typed_at, row.entered_at))
    return judge


def _papered(look, rules):
    """Absences whose code wants a paper and that name none."""
    said = _SOFT[rules["attendance.document"].severity]
    return lambda row: said if row.code in m.codes().all and m.codes()[row.code].document and not row.document else ""


def _topic_in_time(look, rules):
    rule = rules["entry.topic_deadline"]
    return lambda row: _too_late(rule, look.limit(rule.value, row), row.topic_at)


def _homework_in_time(look, rules):
    rule = rules["entry.homework_deadline"]
    return lambda row: _too_late(rule, look.limit(rule.value, look.lessons[row.lesson], day_end=True),
                                 judged_at(rules, row.typed_at, row.entered_at))


def _in_window(look, rules):
    """Changes of lessons by their day after the lesson, or after the first entry (MRK-08, MRK-09, MRK-18)."""
    value, exempt = rules.value("mark.edit_window"), rules.value("edit_window.exempt")

    def judge(change):
        at, row = change
        if row.protocol and "retake_by_protocol" in exempt or row.received_at and "external_diagnostic" in exempt:
            return ""
        anchor = local_day(row.entered_at, look.zone) if value["anchor"] == "entry" else row.day
        stage, _clause = edit_stage(rules, (local_day(at, look.zone) - anchor).days)
        return _SOFT[stage]
    return judge


def _graded(look, rules):
    said = _SOFT[rules["gradeless.scope"].severity]
    return lambda row: said if _gradeless(look, rules, look.lessons[row.lesson]) else ""


def _homework_set(look, rules):
    rule = rules["gradeless.homework"]
    said = "" if rule.value == "allow" else _SOFT[rule.severity]
    return lambda row: said if not row.not_set and row.text and _gradeless(look, rules, look.lessons[row.lesson]) else ""


def _gradeless(look, rules, lesson) -> bool:
    return lesson.grade is not None and is_gradeless(rules, lesson.grade, look.half(lesson))


def _code_used(look, rules):
    said = _SOFT[rules["cell.codes_forbidden"].severity]
    return lambda row: said if row.code in rules.value("cell.codes_forbidden") else ""


def _mark_used(look, rules):
    return lambda row: "refused" if row.value != "." and row.value not in marks_in_use(
        rules, scale_of(look.lessons[row.lesson].grading)) else ""


def _in_language(look, rules):
    said = _SOFT[rules["journal.language"].severity]
    texts = [text for text, _lesson in _texts(look)]
    foreign = {texts[number - 1] for number in judge_plan_words(rules, texts)[1]}
    return lambda row: said if row[0] in foreign else ""


def _result_in_window(look, rules):
    rule = rules["final.window"]

    def judge(row):
        if row.value in (*DEFERRED, GRADELESS) or rule.severity == "off":
            return ""
        facts = ResultFacts(PeriodFacts(row.starts, row.ends, ordered=row.ordered), look.zone, row.grade or 0, 1)
        first, limit = window_of_results(rule, facts)
        if first and local_day(row.entered_at, look.zone) < first:
            return "told"
        return _too_late(rule, limit, row.entered_at)
    return judge


def _code_of_period(look, rules):
    banned = [code for code, name in _RESULT_CODES.items() if not rules.value(name) or code in rules.value("cell.codes_forbidden")]
    return lambda row: "refused" if row.value in banned else ""


def _as_computed(look, rules):
    rule = rules["final.departure"]
    said = _SOFT[rule.severity] if rule.value else ""

    def judge(row):
        departs = row.value not in (row.computed, *DEFERRED) and (row.computed or row.value in scale_of(row.grading).worth)
        return said if departs else ""
    return judge


def _computed(look, rules):
    policy = rules.value("final.rounding")
    return lambda row: "other" if row.average and scale_of(row.grading).earned(Fraction(row.average), policy) != row.computed else ""


def _enough(look, rules):
    said = _SOFT[rules["min_marks.policy"].severity]

    def judge(row):
        journal, _pupil, _name, marks, _written = row
        norm = norm_of(rules, journal.period.period_set.kind, journal.hours)
        return said if norm is not None and marks < norm else ""
    return judge


def _written(look, rules):
    rule = rules["min_marks.written_work"]

    def judge(row):
        journal, *_who, written = row
        above_all = is_named(journal.subject, rule.value["subjects"])
        severity = rule.severity if above_all else min(rule.severity, "warn", key=SEVERITIES.index)
        return _SOFT[severity] if not written and (above_all or rule.value["every_subject"]) else ""
    return judge


def _password_in_time(look, rules):
    def judge(row):
        _name, roles, at = row
        limit = password_limit(rules, roles, at)
        return "" if limit is None or in_time(limit, look.now) else "expired"
    return judge


_RESULT_CODES = {NOT_ATTESTED: "final.codes.na", EXEMPT: "final.codes.osv", GRADELESS: "final.codes.bezotm"}


# ---- which records, and how one is named ----

def _first_marks(look) -> list:
    return [row for row in look.marks if row.position == 1 and row.protocol is None and row.value != "."]


def _topics(look) -> list:
    return [row for row in look.lessons.values() if row.topic_at and row.topic]


def _texts(look) -> Iterator[tuple]:
    """(text, lesson) of topics and homework."""
    yield from ((row.topic, row.id) for row in look.lessons.values() if row.topic)
    yield from ((row.text, row.lesson) for row in look.homework if row.text and row.text != NOT_SET)


def _of_pupil(look, row):
    lesson = look.lessons[row.lesson]
    return _named(lesson, f"{row.surname} {row.name}"), _cell(look, row)


def _cell(look, row) -> tuple:
    """The cell of the grid; of a lesson before the days looked at, the lesson."""
    lesson = look.lessons.get(row.lesson)
    return ("cell", lesson.course, lesson.period, row.pupil, row.lesson) if lesson else ("lesson", row.lesson, "marks")


def _of_topic(look, row):
    return _named(row, row.unit_name), ("lesson", row.id, "topic")


def _of_homework(look, row):
    lesson = look.lessons[row.lesson]
    return _named(lesson, lesson.unit_name), ("lesson", lesson.id, "homework")


def _of_text(look, row):
    lesson = look.lessons[row[1]]
    return _named(lesson, row[0][:60]), ("lesson", lesson.id, "topic" if lesson.topic == row[0] else "homework")


def _of_change(look, change):
    row = change[1]
    return _named(row, f"{row.surname} {row.name}"), _cell(look, row)


def _of_result(look, row):
    words = m.Text("%(subject)s: %(name)s", subject=row.subject, name=f"{row.surname} {row.name}")
    return words, ("results", row.course, row.period, row.pupil)


def _of_pair(look, row):
    journal, pupil, name, *_counts = row
    return m.Text("%(subject)s: %(name)s", subject=journal.subject, name=name), ("results", journal.id, journal.period.id, pupil)


def _of_account(look, row):
    return m.Text("%(name)s", name=row[0]), ("staff",)


def _named(lesson, name) -> m.Text:
    return m.Text("%(subject)s, %(day)s: %(name)s", subject=lesson.subject, day=lesson.day, name=name)


_MARKS = (m.N_("marks of lessons"), _first_marks, _mark_in_time, _of_pupil)
_CHANGES = (m.N_("changes of marks and absences"), lambda look: look.changes, _in_window, _of_change)
_RESULTS = m.N_("marks for this period and the one before")
_PAIRS = m.N_("pupils with marks in a subject in this period")
_PASSWORDS = m.N_("passwords in use")
FAMILIES = {  # rule → what is looked at, the records, the judge, how a record is named
    **dict.fromkeys(("entry.mark_deadline", *DEADLINES.values(), "offline.judge_by", "offline.typed_limit"), _MARKS),
    "entry.absence_deadline": (m.N_("noted absences"), lambda look: look.absences, _absence_in_time, _of_pupil),
    "entry.topic_deadline": (m.N_("topics of lessons"), _topics, _topic_in_time, _of_topic),
    "entry.homework_deadline": (m.N_("homework"), lambda look: look.homework, _homework_in_time, _of_homework),
    "mark.edit_window": _CHANGES, "edit_window.exempt": _CHANGES,
    "cell.codes_forbidden": (m.N_("noted absences"), lambda look: look.absences, _code_used, _of_pupil),
    "attendance.document": (m.N_("noted absences"), lambda look: look.absences, _papered, _of_pupil),
    "mark.scale": (m.N_("marks of lessons"), lambda look: look.marks, _mark_used, _of_pupil),
    "gradeless.scope": (m.N_("marks of lessons"), lambda look: look.marks, _graded, _of_pupil),
    "gradeless.homework": (m.N_("homework"), lambda look: look.homework, _homework_set, _of_homework),
    "journal.language": (m.N_("topics and homework"), lambda look: list(_texts(look)), _in_language, _of_text),
    "final.window": (_RESULTS, lambda look: look.results, _result_in_window, _of_result),
    **dict.fromkeys(_RESULT_CODES.values(), (_RESULTS, lambda look: look.results, _code_of_period, _of_result)),
    "final.departure": (_RESULTS, lambda look: look.results, _as_computed, _of_result),
    "final.rounding": (_RESULTS, lambda look: look.results, _computed, _of_result),
    "auth.password_max_age": (_PASSWORDS, lambda look: look.passwords, _password_in_time, _of_account),
    "min_marks.policy": (_PAIRS, lambda look: look.grounds, _enough, _of_pair),
    "min_marks.written_work": (_PAIRS, lambda look: look.grounds, _written, _of_pair),
}
