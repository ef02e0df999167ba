"""The one way to change the journal.

Grid, lesson page, administrative screens, import and shell change journal data by these functions and no others: put_cells,
put_attendance, put_topic, put_homework, put_remark, put_received, add_work, change_work, delete_work. Each asks for rights, then for the
regulation's verdict, then writes by the verbs of models in one transaction, in a number of statements that does not grow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from zlib import crc32
from zoneinfo import ZoneInfo

from peewee import SQL, Case, Value, fn

import clock
import models as m
from formulas import DEFERRED, certificate_mark, mean_result, weighted_mean, year_mark
from history import Actor
from marking import FIVE, Scale
from policies import User, allows, enters_reasons, teaches
from rulebook.facts import (
    Cell, Decision, LessonFacts, PeriodFacts, ResultFacts, half_of, read_cell, read_paper, read_result,
)
from rulebook.leaves import Leaves, ground, leaves_of
from rulebook.rules import NOT_SET, Rules, last_moment, parse_deadline, rules_on
from rulebook.verdicts import (
    DEADLINES, NOTHING_CHANGED, is_beside, judge_attendance, judge_cell, judge_homework, judge_paper,
    judge_period_mark, judge_received, judge_remark, judge_topic, judge_words, local_day, mends_reasons, norm_of, said, standing_text,
    strongest,
    window_of_results, work_named,
)


class Foreign(Exception):
    """Somebody else's journal, or no such lesson or pupil in it: nobody learns which (ACC-02, ACC-06)."""


@dataclass(frozen=True)
class Entry:
    """One cell to be changed: of a lesson (of its own column, or of a `work`), of a `period`, or of the year: `kind` year, exam
    or final (FIN-17). `value` is all that the cell shall hold, "" empties it. `seen`: the version that was looked at, None =
    whatever stands. `protocol`: see read_paper, a mapping may name the "examiners". The same `key` of a person is applied once.
    `typed_at`: see judged_at."""

    pupil: int
    value: str
    lesson: int | None = None
    work: int | None = None
    period: int | None = None
    seen: str | None = None
    reason: str = ""
    protocol: object = None
    key: str = ""
    typed_at: datetime | None = None
    kind: str = "period"
    due: date | None = None        # until when the work behind «.» is handed in; None = as it is, or by the regulation
    minutes: int | None = None     # of lateness; None = as it is
    document: str | None = None    # the paper behind an absence; None = as it is


@dataclass(frozen=True)
class Outcome:
    """What became of an entry: `state` saved · late · reason_required · refused · conflict, and the `value` that now stands.
    `wrote`: the version left behind by an entry that was applied before, since when somebody may have changed the cell."""

    entry: Entry
    state: str
    value: str = ""
    rule: str = ""
    clause: str = ""
    message: m.Text | None = None
    wrote: str | None = None

    @property
    def version(self) -> str:
        return version_of(self.value)


@dataclass(frozen=True)
class File:
    """An attachment of a homework to be added: a link (`url`) or a kept file (`digest` of its contents)."""

    name: str
    url: str = ""
    digest: str = ""
    size: int = 0
    mime: str = ""


@lru_cache(1024)
def version_of(value: str) -> str:
    """A short token of what a cell holds; «0» of an empty one."""
    return f"{crc32(value.encode()):x}"[:6] if value else "0"


def put_cells(user: User, by: Actor, course: int, entries: list[Entry]) -> list[Outcome]:
    """Change cells of one journal, each judged by itself; what may be saved is saved. Outcomes in the order of entries.

    Raises Foreign when the journal, a lesson, a work, a period or a pupil is not there for this user.
    """
    leaves = leaves_of(user, by.at)
    why = next((entry.reason for entry in entries if entry.reason), "") or _grounds(leaves, course, entries)
    cleared = [entry.typed_at for entry in entries if entry.typed_at and not entry.value]  # no row is left to keep the moment
    with m.writing(replace(by, typed_at=min(cleared, default=None)), why):
        of_lessons = [entry for entry in entries if entry.lesson is not None]
        of_periods = [entry for entry in entries if entry.lesson is None]
        desks = [_LessonDesk(user, by, course, of_lessons, leaves=leaves)] if of_lessons else []
        desks += [_ResultDesk(user, by, course, of_periods, leaves)] if of_periods else []
        outcomes = {id(outcome.entry): outcome for desk in desks for outcome in desk.put_all()}
        leaves.keep(by)
        _keep_keys(by, outcomes.values(), desks)
    return [outcomes[id(entry)] for entry in entries]


def trial(user: User, by: Actor, course: int, entries: list[Entry], reason: str) -> list[tuple[str, Outcome, Outcome]]:
    """(what stands, what would be said of the entry as things are, and with permission for the cell) of each; the reason is that of
    all. Nothing is written. Raises Foreign as put_cells."""
    of_lessons = [entry for entry in entries if entry.lesson is not None]
    of_periods = [entry for entry in entries if entry.lesson is None]
    desks = [_LessonDesk(user, by, course, of_lessons)] if of_lessons else []
    desks += [_ResultDesk(user, by, course, of_periods, leaves_of(user, by.at))] if of_periods else []
    said = {id(entry): _tried(desk, entry, reason) for desk in desks for entry in desk.entries}
    return [said[id(entry)] for entry in entries]


def _tried(desk, entry: Entry, reason: str) -> tuple[str, Outcome, Outcome]:
    standing = desk.standing(entry)
    steps = [*cleared_first(entry, standing, desk.scale), entry]
    now = desk.put(steps[0])
    then = [desk.put(replace(step, reason=reason), unlocked=True) for step in steps]
    return standing, now, then[-1]


def cleared_first(entry: Entry, standing: str, scale: Scale) -> list[Entry]:
    """A mark in place of an absence, where the pupil was at the lesson after all, takes an entry before it that clears the cell."""
    try:
        was, cell = (read_cell(text if entry.lesson else "", scale) for text in (standing, entry.value))
    except m.Refused:
        return []
    return [replace(entry, value="")] if was.missed and cell.marks and not cell.absence else []


def trial_of_lesson(user: User, by: Actor, lesson: int, what: str, value: str, reason: str) -> tuple[str, Decision, Decision]:
    """The same of a lesson's attendance, topic, or homework for everybody, as decisions."""
    desk = _LessonDesk(user, by, None, [], everybody=lesson)
    facts, row = desk.writable(lesson, whole_day=what == "homework"), desk.lessons[lesson]
    standing = row.topic if what == "topic" else homework_of_all(lesson)[0] if what == "homework" else ""

    def said(unlocked: bool) -> Decision:
        told = {"reason": reason if unlocked else "", "unlocked": unlocked or desk.leaves.of(what, lesson) is not None}
        if blocked := desk.blocked(row, ahead=what == "attendance"):
            return blocked
        if what == "attendance":
            return judge_attendance(desk.rules, facts, desk.judged_at, first=row.attendance_at is None, **told)
        judge = judge_topic if what == "topic" else judge_homework
        return judge(desk.rules, facts, standing, value, desk.judged_at, **told)

    return standing, said(False), said(True)


def homework_of_all(lesson: int) -> tuple[str, m.Homework | None]:
    """The text of the homework that is set to everybody at a lesson, or «не задано», and its record."""
    row = m.Homework.get_or_none((m.Homework.lesson == lesson) & m.Homework.unit.is_null() & m.Homework.pupil.is_null())
    return (NOT_SET if row.not_set else row.text) if row else "", row


def check_planning(course: m.Course, *days: date) -> None:
    """Raises Refused when one of the days lies in a period that is closed for a class of the course: no lesson is added, moved, cancelled
    or restored in it (MRK-08)."""
    for day in days:
        rows = m.Enrolment.settings(course.unit, (m.Period.starts <= day) & (m.Period.ends >= day))
        closed = next((row for row in rows if row.closed), None)
        if closed:
            raise m.Refused(said(m.Text(m.N_("The period is closed: %(period)s."), period=closed.school_class.period.name),
                                 m.Text(m.N_("Its lessons stay as they are. The deputy head can open the period again by an order."))))


def judged_at(rules: Rules, typed_at: datetime | None, received_at: datetime) -> datetime:
    """The moment by which a change is judged: when it arrived, or when it was typed if it waited for a connection, the
    regulation takes that moment and it is not longer ago than allowed (`offline.*`)."""
    hours = rules.value("offline.typed_limit")
    if typed_at is None or rules.value("offline.judge_by") != "typed" or received_at - typed_at > timedelta(hours=hours):
        return received_at
    return min(typed_at, received_at)


def once(by: Actor, key: str, change: Callable[[], Decision | tuple], why: str = "") -> Decision | tuple | None:
    """What `change()` answers, a decision or (decision, outcomes); None when this person's save with the key was applied before.
    A change that is not saved leaves the key free. One transaction."""
    if not key:
        return change()
    with m.writing(by, why):
        if not m.CellKey.keep(by, {key: ""}):
            return None
        answer = change()
        decision, outcomes = answer if isinstance(answer, tuple) else (answer, ())
        own = (m.CellKey.person == by.person) & (m.CellKey.key == key)
        if not (decision.ok and all(outcome.state in _WRITTEN for outcome in outcomes)):
            m.CellKey.delete().where(own).execute()
        elif decision.stands is not None:
            m.CellKey.update(wrote=version_of(decision.stands)).where(own).execute()
        return answer


def wrote(by: Actor, key: str) -> str:
    """The version that a save with this key left behind it."""
    return m.CellKey.known(by, [key]).get(key, "")


def put_attendance(user: User, by: Actor, lesson: int, codes: Mapping[int, str], reason: str = "",
                   seen: Mapping[int, str] | None = None, *, minutes: Mapping[int, int] = MappingProxyType({}),
                   documents: Mapping[int, str] = MappingProxyType({})) -> tuple[Decision, list[Outcome]]:
    """State who is at the lesson: pupil → code of those away or late; all other members were there (ATT-04). `seen`: the codes
    that were looked at, where somebody may have changed one meanwhile. `minutes` of lateness and `documents` behind absences are
    by pupil; who is not named there keeps what was told before.

    All or nothing: with a decision or an outcome that is not saved nothing is. Raises Foreign as put_cells.
    """
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson) for pupil in codes], everybody=lesson)
        facts = desk.writable(lesson)
        row, leave = desk.lessons[lesson], desk.leaves.of("attendance", lesson)
        entries = desk.attendance(lesson, codes, reason, seen, minutes, documents)
        by_cells = row.attendance_at is not None and all(desk.leaves.of("cell", lesson, None, entry.pupil) for entry in entries)
        decision = desk.blocked(row, ahead=True) or judge_attendance(
            desk.rules, facts, desk.judged_at, first=row.attendance_at is None, reason=ground(leave, reason),
            unlocked=leave is not None or by_cells, entered_at=row.attendance_at)
        outcomes = [desk.put(entry) for entry in entries]
        if decision.ok and all(outcome.state in _WRITTEN for outcome in outcomes):
            desk.leaves.note(leave, f"{by.at.astimezone(clock.zone()):%d.%m.%Y %H:%M}")
            if row.attendance_at is None:
                row.record(by, attendance_at=by.at, attendance_by=by.person, **desk.verdict("attendance", decision))
                desk.sign([lesson])
            desk.finish()
    return decision, outcomes


def put_topic(user: User, by: Actor, lesson: int, topic: str, *, plan_topic: int | None = None, kind: int | None = None,
              work_topic: str = "", reason: str = "", seen: str | None = None) -> Decision:
    """Write the topic of a lesson, the topic of the plan it follows, the kind of work of its own column and that work's topic.
    `seen`: the version of the topic that was looked at."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [], everybody=lesson)
        facts, row = desk.writable(lesson), desk.lessons[lesson]
        chosen = _kind(kind)
        topic, work_topic, plan_topic = topic.strip()[:500], work_topic.strip()[:300], _topic_of_plan(row, plan_topic)
        was, new = (row.topic, row.plan_topic_id, row.kind, row.work_topic), (topic, plan_topic, chosen, work_topic)
        if was == new:
            return Decision(stands=topic)
        if seen not in (None, version_of(row.topic)) and topic != row.topic:
            return _changed_below(row.topic)
        old, fresh = (row.topic, topic) if row.topic != topic else (_column_in_words(*was), _column_in_words(*new) + " ")
        leave = desk.leaves.of("topic", lesson)
        decision = desk.blocked(row) or strongest((
            judge_topic(desk.rules, facts, old, fresh, desk.judged_at, reason=ground(leave, reason), unlocked=leave is not None,
                        entered_at=row.topic_at),
            work_named(desk.rules, chosen, topic, work_topic), judge_words(desk.rules, work_topic if work_topic != row.work_topic else "")))
        if decision.ok:
            desk.leaves.note(leave, topic)
            first = {} if row.topic_at or not topic else {"topic_at": by.at, **desk.verdict("topic", decision)}
            row.record(by, topic=topic, plan_topic=plan_topic, kind=chosen, work_topic=work_topic, **first)
            desk.sign([lesson])
    return replace(decision, stands=topic if decision.ok else was[0])


def put_homework(user: User, by: Actor, lesson: int, text: str, *, not_set: bool = False, due: date | None = None,
                 add: list[File] = (), drop: list[int] = (), reason: str = "", unit: int | None = None, pupil: int | None = None,
                 minutes: int | None = None, seen: str | None = None) -> Decision:
    """Write the homework of a lesson: text with files and links added or dropped (by id), or «не задано» (HW-04); to everybody,
    to a subgroup of the class (`unit`) or to one `pupil`, each apart. Without `due` it is for the next lesson of the course;
    `minutes` is how long it takes. Empty on all counts takes the homework away. `seen`: the version of the text looked at."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson)] if pupil else [], everybody=lesson)
        facts, row = desk.writable(lesson, whole_day=True), desk.lessons[lesson]
        if pupil and (lesson, pupil) not in desk.members or unit and unit not in {each.id for each in subgroups_of(row)}:
            raise Foreign
        text = "" if not_set else text.strip()[:2000]
        standing = m.Homework.get_or_none((m.Homework.lesson == lesson) & _same(m.Homework.unit, unit) & _same(m.Homework.pupil, pupil))
        files = list(standing.attachments) if standing else []
        kept = [] if not_set else [file for file in files if file.id not in drop]
        below = standing.text if standing else ""
        if seen not in (None, version_of(below)) and text != below:
            return _changed_below(below)
        was = _homework_text(standing, files)
        new = NOT_SET if not_set else _in_words(text, [*kept, *add])
        due = due or row.next_day()
        leave = desk.leaves.of("homework", lesson)
        reason = ground(leave, reason)
        decision = desk.blocked(row) or judge_homework(
            desk.rules, facts, was, new, desk.judged_at, reason=reason, unlocked=leave is not None,
            entered_at=standing.entered_at if standing else None)
        if decision.ok and (was != new or (standing and (due, minutes) != (standing.due, standing.minutes))):
            desk.leaves.note(leave, new)
            _write_homework(desk, row, standing, new, decision, text=text, not_set=not_set, due=due, reason=reason, unit=unit,
                            pupil=pupil, minutes=None if not_set else minutes)
            _write_files(row, files, kept, add, unit, pupil)
    return replace(decision, stands=text if decision.ok else below)


def subgroups_of(lesson) -> list[m.Unit]:
    """The subgroups of the class whose lesson it is: homework may be set to one of them. None in a subgroup's own journal."""
    unit = lesson.course.unit
    if unit.kind != "class":
        return []
    return list(m.Unit.select().where((m.Unit.school_class == unit.school_class_id) & (m.Unit.kind == "subgroup")).order_by(m.Unit.name))


def homework_limit(rules: Rules, grade: int) -> int | None:
    """How many minutes of homework a day are enough for a grade; None where the school does not count them."""
    rule = rules["homework.day_limit"]
    starts = [int(name) for name in rule.value if int(name) <= grade]
    return rule.value[str(max(starts))] if rule.severity != "off" and starts else None


def put_remark(user: User, by: Actor, lesson: int, pupil: int, text: str, seen: str | None = None) -> Decision:
    """Write a comment to a pupil at a lesson; the family reads it. An empty text takes it away. `seen` as in put_topic."""
    with m.writing(by):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson)], everybody=lesson)
        facts = desk.writable(lesson)
        if (lesson, pupil) not in desk.members:
            return _plain_refusal(_NOT_A_MEMBER, NOTHING_CHANGED, _SEE_THE_OFFICE)
        standing = m.Remark.select(m.Remark.text).where((m.Remark.lesson == lesson) & (m.Remark.pupil == pupil)).scalar() or ""
        if seen not in (None, version_of(standing)) and text.strip() != standing:
            return _changed_below(standing)
        decision = desk.blocked(desk.lessons[lesson]) or judge_remark(desk.rules, facts, text, desk.judged_at)
        if decision.ok:
            m.Remark.put(by, lesson, pupil, text.strip()[:500])
    return replace(decision, stands=text.strip()[:500] if decision.ok else standing)


def add_work(user: User, by: Actor, lesson: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
             for_everyone: bool | None = None) -> tuple[Decision, m.Work | None]:
    """Give a lesson one more column: another work with a kind of its own; weight and «everyone has a mark» are the kind's
    where None."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [], everybody=lesson)
        decision = _judged_column(desk, lesson, _kind(kind) or _no_such_kind(), None, weight, reason, title)
        if not decision.ok:
            return decision, None
        last = m.Work.select(fn.MAX(m.Work.position)).where(m.Work.lesson == lesson).scalar() or 0
        return decision, m.Work.create(lesson=lesson, kind=kind, title=title.strip()[:300], position=last + 1, weight=weight,
                                       for_everyone=for_everyone)


def change_work(user: User, by: Actor, work: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
                for_everyone: bool | None = None) -> Decision:
    """Give a further column of a lesson another kind, weight or title. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work)
        if (row.kind_id, row.title, row.weight, row.for_everyone) == (kind, title.strip(), weight, for_everyone):
            return Decision()
        decision = _judged_column(desk, row.lesson_id, _kind(kind) or _no_such_kind(), row.kind, weight, reason, title)
        if decision.ok:
            row.kind, row.weight, row.title, row.for_everyone = kind, weight, title.strip()[:300], for_everyone
            row.save(only=[m.Work.kind, m.Work.weight, m.Work.title, m.Work.for_everyone])
    return decision


def delete_work(user: User, by: Actor, work: int, reason: str = "", *, with_marks: bool = False) -> Decision:
    """Take a further column of a lesson away. With marks in it only if asked `with_marks`, and if the regulation lets each of them
    be cleared; all or nothing. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work, marked=True)
        decision = _judged_column(desk, row.lesson_id, row.kind, row.kind, row.weight, reason)
        if decision.ok and m.CorrectionCell.select().where(m.CorrectionCell.work == row).exists():
            return _plain_refusal(m.N_("A request to correct names this column: it stays."), NOTHING_CHANGED)
        if desk.entries and decision.ok and not with_marks:
            return _plain_refusal(m.Text(m.N_("The column holds marks of %(n)s pupils."), n=len(desk.entries)), NOTHING_CHANGED,
                                  m.N_("Clear them first, or say that they go with the column."))
        outcomes = [desk.put(replace(entry, reason=reason)) for entry in desk.entries] if decision.ok else []
        kept = next((each for each in outcomes if each.state not in _WRITTEN), None)
        if kept:
            return Decision(False, "block", kept.rule, kept.clause, kept.message, state=kept.state)
        if decision.ok:
            desk.finish()
            row.drop(by)
    return decision


def put_received(user: User, by: Actor, lesson: int, received_at: datetime | None, work: int | None = None, reason: str = "") -> Decision:
    """Say when the results of an external work were received (MRK-06): of the lesson's own column, or of a further one. None takes it
    back. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        column, desk = _column(user, by, work) if work else (None, _LessonDesk(user, by, None, [], everybody=lesson))
        if column is not None and column.lesson_id != lesson:
            raise Foreign
        desk.writable(lesson)
        row = desk.lessons[lesson]
        facts = lesson_facts(desk.rules, row, column, desk.setting(row))
        marked = m.Mark.select().where((m.Mark.lesson == lesson) & _same(m.Mark.work, work)).exists()
        owner = column or row
        decision = desk.blocked(row) or judge_received(desk.rules, facts, owner.received_at, received_at, by.at, marked=marked,
                                                       reason=reason)
        if decision.ok and received_at != owner.received_at:
            owner.received_at = received_at
            owner.save(only=[type(owner).received_at])
            desk.sign([lesson])
    return decision


def _column(user: User, by: Actor, work: int, marked: bool = False) -> tuple[m.Work, "_LessonDesk"]:
    """The further column and its lesson's desk, if `marked` with an entry that clears each of its cells; Foreign for others."""
    row = m.Work.whole(work)
    if row is None or not allows(user, "edit", row):
        raise Foreign
    pupils = m.Mark.select(m.Mark.pupil).where(m.Mark.work == work).distinct().tuples() if marked else ()
    entries = [Entry(pupil, "", row.lesson_id, row.id) for pupil, in pupils]
    return row, _LessonDesk(user, by, None, entries, everybody=row.lesson_id)


def _judged_column(desk: "_LessonDesk", lesson: int, kind, was, weight: int | None, reason: str, title: str = "") -> Decision:
    """May the lesson have a column of this kind, weight and title? A kind that is not used any more stays only where it `was`."""
    facts = desk.writable(lesson)
    if kind != was and not kind.active:
        return _plain_refusal(m.Text(m.N_("«%(kind)s» is not used any more."), kind=str(kind)), NOTHING_CHANGED,
                              m.N_("Choose another kind of work."))
    if weight is not None and not 1 <= weight <= MOST_WEIGHT:
        return _plain_refusal(m.N_("The weight is from 1 to 10"), NOTHING_CHANGED)
    return desk.blocked(desk.lessons[lesson]) or strongest((
        judge_attendance(desk.rules, facts, desk.judged_at, first=False, reason=reason), judge_words(desk.rules, title)))


def _no_such_kind():
    raise Foreign


def computed_result(rules: Rules, weighted: list[tuple[str, int]], scale: Scale = FIVE) -> tuple[Fraction | None, str]:
    """(exact average, computed mark) of current marks with weights by the scale; what has no worth in it does not count
    (reports.md 3.6, 3.8). A scale without averages has the mark alone."""
    average = weighted_mean(scale.weights(weighted))
    return average if scale.averaged else None, scale.earned(average, rules.value("final.rounding"))


def period_result(rules: Rules, setting: tuple[int, int, PeriodFacts], given, course) -> tuple[ResultFacts, Fraction | None]:
    """(facts, exact average) of a period's cell. `setting` is (grade, half-year, period), `given` are (value, weight, written)
    of the current marks within the period, the course comes with its subject."""
    grade, half, period = setting
    counted = [each for each in given if each[0] != "."]
    average, computed = computed_result(rules, [each[:2] for each in counted], course.scale)
    return ResultFacts(period, clock.zone(), grade, half, "period", computed, len(counted),
                       norm_of(rules, period.kind, course.weekly_hours), any(written for *_, written in counted),
                       course.subject.name, course.scale.code, practical=any(written == 2 for *_, written in counted)), average


def year_result(kind: str, setting: tuple[int, int, PeriodFacts], results, scale: Scale = FIVE) -> tuple[ResultFacts, Fraction | None]:
    """The same of the year, the exam or the final mark (reports.md 3.9), a letter counting as what it is worth. `setting` is that of
    the last period, `results` are
    (kind, value, is it of this year) of the pupil in the subject, by date."""
    grade, half, period = setting
    numbers = [(each, str(scale.worth.get(value, value)), now) for each, value, now in results]
    basis = {"year": _basis_of_year, "final": _basis_of_final}.get(kind, lambda grade, results: [])(grade, numbers)
    mark = year_mark(basis) if kind == "year" else certificate_mark(basis)
    earned = next((each for each in scale.ladder if scale.worth[each] == mark), "")
    facts = ResultFacts(replace(period, closed=period.closed and kind == "year"), clock.zone(), grade, half, kind, earned,
                        grading=scale.code)
    return facts, mean_result(basis) if scale.averaged else None


def _basis_of_year(_grade, results) -> list[str]:
    return [value for kind, value, now in results if kind == "period" and now]


def _basis_of_final(grade, results) -> list[str]:
    """The year and the exam; in grade 11 the half-years and years of grades 10 and 11, if both are known."""
    if grade < 11:
        return [value for kind, value, now in results if kind in ("year", "exam") and now]
    known = [(value, now) for kind, value, now in results if kind in ("period", "year")]
    return [value for value, _ in known] if len({now for _, now in known}) == 2 else []


def results_of_pupils(rows, course) -> dict[int, list[tuple[str, str, bool]]]:
    """Pupil → what `year_result` takes, of rows of `PeriodMark.of_subject`. Of two journals (a pupil moved) the own one counts."""
    places: dict[tuple, tuple] = {}
    for row in rows:
        place = row.pupil, row.year, row.kind, row.period
        if place not in places or row.course == course.id:
            places[place] = row.kind, row.value, row.year == course.unit.year_id
    found: dict[int, list] = {}
    for place, result in places.items():
        found.setdefault(place[0], []).append(result)
    return found


def school_day_of(rules: Rules, school_class) -> Callable[[date], bool]:
    """Which days are school days for a class, as LessonFacts wants it: by the school's calendar where a deadline counts school days
    (four queries), otherwise nobody asks."""
    counted = ("entry.mark_deadline", "entry.absence_deadline", "entry.topic_deadline", "entry.homework_deadline", "debt.deadline",
               *DEADLINES.values())
    if school_class is None or not any(rules.value(key).endswith("WD") for key in counted):
        return lambda day: day.weekday() < 6
    calendar = m.Calendar(school_class.year)
    return lambda day: calendar.weekday(school_class, day) is not None


def lesson_facts(rules: Rules, lesson, work=None, setting: tuple | None = None, whole_day: bool = False, school_day=None) -> LessonFacts:
    """The facts of a row of `Lesson.whole()`, or of one of its works. `setting` is (grade, half-year, period) where it is not
    the class's own; `whole_day` looks up when the class's day ends, if the rules ask (one query); `school_day` see school_day_of."""
    school_class = lesson.course.unit.school_class
    if setting is None:
        setting = _setting(school_class, school_class.period, lesson.closed, lesson.day) if school_class else (
            0, half_of("", 0, lesson.day), None)
    column, starts = work or lesson, clock.at(lesson.day, lesson.starts) if lesson.starts else None
    return LessonFacts(lesson.day, clock.zone(), *setting, column.kind.deadline if column.kind_id else "lesson", starts,
                       _end_of_class_day(rules, lesson) if whole_day else None, column.received_at,
                       school_day or school_day_of(rules, school_class), lesson.course.scale.code)


def due_of(rules: Rules, facts: LessonFacts, what: str = "") -> tuple[datetime | None, str]:
    """(last in-time moment or None, clause) of a lesson's marks by their kind of work, or of its `what`: absence, topic,
    homework."""
    rule = rules[f"entry.{what}_deadline" if what else DEADLINES.get(facts.kind, "entry.mark_deadline")]
    if rule.severity == "off":
        return None, ""
    return last_moment(parse_deadline(rule.value), facts.event), rule.clause


def results_due(rules: Rules, period: PeriodFacts, zone: ZoneInfo) -> tuple[date | None, datetime | None, str]:
    """(first day or None, last in-time moment or None, clause) for the marks of a period."""
    rule = rules["final.window"]
    first, limit = window_of_results(rule, ResultFacts(period, zone, 0, 1))
    return first, limit, rule.clause_of("order") if period.ordered else rule.clause


def debts(user: User) -> list:
    """Works awaited by a dot in the courses the user teaches today, the first to be handed in first; see Mark.awaited. One query."""
    courses = [course for course in user.taught if teaches(user, course, user.today)]
    return list(m.Mark.awaited(courses, user.today).namedtuples()) if courses else []


def apply_excuse(user: User, by: Actor, paper: m.Excuse) -> list[Outcome]:
    """Give the pupil's absences within the days of a paper that nobody has explained its code (ATT-06). Each is judged by itself, the
    paper being the reason. None of them where the regulation leaves the reasons to the teachers."""
    lessons = [lesson for lesson, in paper.unexplained().tuples()]
    if not lessons or not corrects_reasons(rules_on(user.today), user):
        return []
    pupil = paper.pupil_id
    with m.writing(by, paper.document):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson) for lesson in lessons])
        cells = {lesson: replace(desk.cell((lesson, pupil, None)), absence=paper.code) for lesson in lessons}
        outcomes = [desk.put(Entry(pupil, str(cell), lesson, reason=paper.document, document=paper.document))
                    for lesson, cell in cells.items()]
        desk.finish()
    return outcomes


def corrects_reasons(rules: Rules, user: User) -> bool:
    """May the user turn «н» into a reason in other teachers' journals: a class teacher (ACC-05), or whom the regulation names?"""
    return user.has("CT") and mends_reasons(rules) or enters_reasons(user)


# ---- the one way to change the journal: cells of lessons ----

_WRITTEN = ("saved", "late")
MOST_WEIGHT = 10
MOST_MINUTES = 240
MOST_TOLD = 6  # corrections named in one notice
_NOT_A_MEMBER = m.N_("The pupil was not in this class or group on the day of the lesson.")
_CANCELLED = m.N_("The lesson is cancelled.")
_SEE_THE_OFFICE = m.N_("The office keeps the lists; ask it if they are wrong.")
_SEE_THE_DEPUTY = m.N_("Ask the deputy head to restore the lesson.")


class _LessonDesk:
    """What a batch of changes in the lessons of one course needs, read in four queries, and what it will write."""

    def __init__(self, user: User, by: Actor, course: int | None, entries: list[Entry], everybody: int | None = None,
                 leaves: Leaves | None = None):
        self.user, self.by, self.entries = user, by, entries
        self.leaves = leaves_of(user, by.at) if leaves is None else leaves
        self.rules = rules_on(local_day(by.at, clock.zone()))
        wanted = {entry.lesson for entry in entries} | ({everybody} if everybody else set())
        self.lessons = {lesson.id: lesson for lesson in _held_still(wanted, course)}
        if len(self.lessons) != len(wanted):
            raise Foreign
        self._read({entry.pupil for entry in entries}, everybody, [entry.key for entry in entries if entry.key])
        self._works = _works({entry.work for entry in entries if entry.work})
        self._dirty: dict[tuple, dict] = {}
        self._settings, self._wards, self._papers, self._school_days, self._mended = {}, None, {}, {}, []

    @property
    def judged_at(self) -> datetime:
        """By which moment a change of the whole lesson is judged."""
        return judged_at(self.rules, self.by.typed_at, self.by.at)

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        self.finish()
        return outcomes

    @property
    def scale(self) -> Scale:
        return next(iter(self.lessons.values())).course.scale

    def standing(self, entry: Entry) -> str:
        return str(self.cell((entry.lesson, entry.pupil, entry.work)))

    def put(self, entry: Entry, unlocked: bool = False) -> Outcome:
        """Judge one entry and, if it may be, lay it ready."""
        place = (entry.lesson, entry.pupil, entry.work)
        leave = self.leaves.of("cell", entry.lesson, entry.work, entry.pupil)
        unlocked = unlocked or leave is not None
        lesson, role = self.lessons[entry.lesson], self._role(entry)
        was = self.cell(place)
        if entry.key in self.applied:
            return Outcome(entry, "saved", str(was), wrote=self.applied[entry.key])
        obstacle = self._obstacle(lesson, entry)
        if obstacle:
            return Outcome(entry, obstacle.state, str(was), message=obstacle.message)
        new = _meant(entry, was, lesson.course.scale)
        if entry.seen not in (None, version_of(str(was))) and str(new) != str(was):
            return Outcome(entry, "conflict", str(was), message=_changed_meanwhile(was))
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        given = replace(entry, reason=ground(leave, entry.reason))
        decision = judge_cell(self.rules, self.facts(lesson, entry), was, new, moment, reason=given.reason,
                              protocol=entry.protocol, entered_at=self._entered(place, was, new), by_role=role, unlocked=unlocked,
                              extended=place[:2] in self.extended, theory=entry.pupil in self.theory and lesson.course.subject.is_exercise)
        if decision.ok:
            decision = self._with_details(place, was, new, decision, given, role, moment, unlocked)
            self.leaves.note(leave if decision.ok and str(new) != str(was) else None, str(new))
        if decision.ok and role != "T" and new != was:
            self._mended.append((lesson, entry.pupil, was.absence, new.absence))
        return Outcome(entry, decision.state, str(self.cell(place)), decision.rule, decision.clause, decision.message)

    def _with_details(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, role: str, moment: datetime,
                      unlocked: bool = False) -> Decision:
        """Lay ready what the cell becomes, with minutes, paper and date; where only these change, they are judged as attendance is."""
        absence, due = self._absence_told(place, was, new, entry), self._due_told(place, new, entry) if role == "T" else None
        standing = self.absences.get(place[:2], {})
        told = any(standing.get(name) != value for name, value in absence.items()) or any(
            row.get("due") != due for _, row in self._marks_of(place) if role == "T" and row["value"] == "." and new.awaited)
        if str(new) == str(was):
            if not told:
                return decision
            lesson = self.lessons[entry.lesson]
            decision = judge_attendance(self.rules, self.facts(lesson, entry), moment, first=False, reason=entry.reason, unlocked=unlocked,
                                        entered_at=standing.get("entered_at"))
        if new.absence and (told or new.absence != was.absence):
            paper = judge_paper(self.rules, new.absence, absence["document"], entry.reason, standing_text(was))
            decision = paper if not paper.ok or paper.rule and decision.ok and not decision.rule else decision
        if decision.ok:
            self._lay(place, was, new, decision, entry, absence, due)
        return decision

    def _absence_told(self, place: tuple, was: Cell, new: Cell, entry: Entry) -> dict:
        """Minutes and paper of the absence as they shall stand; minutes belong to lateness alone."""
        if not new.absence:
            return {}
        standing = self.absences.get(place[:2], {})
        minutes = entry.minutes if entry.minutes is not None else standing.get("minutes")
        document = entry.document if entry.document is not None else standing.get("document", "")
        late = new.absence in m.codes().late and minutes and minutes > 0
        return {"minutes": min(minutes, MOST_MINUTES) if late else None, "document": document.strip()[:200]}

    def _due_told(self, place: tuple, new: Cell, entry: Entry) -> date | None:
        """Until when the work behind «.» is to be handed in: as told, as it stands, or as the regulation has it."""
        if not new.awaited:
            return None
        standing = next((row for _, row in self._marks_of(place) if row["value"] == "."), None)
        if entry.due is None and standing:
            return standing["due"]
        limit = last_moment(parse_deadline(self.rules.value("debt.deadline")), self.facts(self.lessons[entry.lesson], entry).event)
        return entry.due or (limit and limit.date())

    def finish(self) -> None:
        """Write what was laid ready: at most two statements for marks and two for absences."""
        for model, standing, first in ((m.Mark, self.marks, self._first_marks), (m.Absence, self.absences, self._first_absences)):
            kept = {row["id"] for row in standing.values() if "id" in row}
            rows = [_row(row) for place, row in self._dirty.items() if row.get("model") is model and standing.get(place) is row]
            gone = first - kept
            if rows or gone:
                model.put(self.by, rows, gone)
        planned = {place[0] for place in self._dirty if self.lessons[place[0]].state == "planned" and self._begun(place[0])}
        if planned:
            m.Lesson.hold(self.by, planned)
        self.sign({place[0] for place in self._dirty})
        if self._mended:
            self._tell_teachers()

    def _tell_teachers(self) -> None:
        """Whose lessons they are learns which reasons of absence somebody else has corrected (ACC-05)."""
        mended = [pupil for _, pupil, *_ in self._mended]
        pupils = {each.id: each.person.short_name for each in m.Pupil.named().where(m.Pupil.id.in_(mended))}
        told = [f"{pupils[pupil]}, {lesson.day:%d.%m}: {was} → {new}" for lesson, pupil, was, new in self._mended]
        text = m.Text(m.N_("%(who)s corrected reasons of absence in your journal: %(what)s"), who=self.by.who,
                      what="; ".join([*told[:MOST_TOLD], *(["…"] if len(told) > MOST_TOLD else [])]))
        teachers = {each.teacher_id for each, *_ in self._mended} - {None, self.by.person}
        m.Notice.tell(self.by, teachers, text, f"/lesson/{self._mended[0][0].id}" if len(teachers) == 1 else "/journal/", "correction")
        self._mended.clear()

    def sign(self, lessons) -> None:
        """A substitute's record in these lessons puts them into the register of substitutions (SUB-03); one made by permission goes
        into the request."""
        self.leaves.keep(self.by)
        lent = self.user.substituted.intersection(lessons)
        if lent:
            m.Substitution.record(self.by, lent)

    def cell(self, place: tuple) -> Cell:
        """What stands in (lesson, pupil, work) now, with what was laid ready."""
        lesson, pupil, _work = place
        absence = self.absences.get((lesson, pupil))
        values = [row["value"] for _, row in self._marks_of(place)]
        marks = tuple(value for value in values if value != ".")
        return Cell(absence["code"] if absence else "", marks, "." in values)

    def facts(self, lesson, entry: Entry | None = None, whole_day: bool = False) -> LessonFacts:
        """The lesson as the rules see it; a stream's pupils are each in a class of their own."""
        grade, half, period = self.setting(lesson, entry.pupil if entry else None)
        work = self._works.get(entry.work) if entry else None
        if entry and entry.work and (work is None or work.lesson_id != lesson.id):
            raise Foreign
        if lesson.course_id not in self._school_days:
            self._school_days[lesson.course_id] = school_day_of(self.rules, lesson.course.unit.school_class)
        return lesson_facts(self.rules, lesson, work, (grade, half, period), whole_day, self._school_days[lesson.course_id])

    def writable(self, lesson: int, whole_day: bool = False) -> LessonFacts:
        """The facts of a lesson that this user fills in; Foreign for all others."""
        if not allows(self.user, "write", self.lessons[lesson]):
            raise Foreign
        return self.facts(self.lessons[lesson], whole_day=whole_day)

    def blocked(self, lesson, ahead: bool = False) -> Decision | None:
        """A refusal for a cancelled lesson, and if asked for one that is still ahead."""
        if lesson.state == "cancelled":
            return _plain_refusal(_CANCELLED, NOTHING_CHANGED, _SEE_THE_DEPUTY)
        if ahead and not self._begun(lesson.id):
            return _plain_refusal(m.Text(m.N_("The lesson of %(day)s is still ahead."), day=lesson.day), NOTHING_CHANGED,
                                  m.N_("It can be filled in from that day on."))
        return None

    def attendance(self, lesson: int, codes: Mapping[int, str], reason: str, seen: Mapping[int, str] | None, minutes,
                   documents) -> list[Entry]:
        """The entries that make the lesson's attendance what was stated."""
        members = [pupil for (_, pupil) in self.members]
        entries = []
        for pupil in dict.fromkeys([*codes, *members]):
            was, code = self.cell((lesson, pupil, None)), read_cell(codes.get(pupil, "")).absence
            told = {"minutes": minutes.get(pupil), "document": documents.get(pupil)} if code else {}
            if code != was.absence or any(each is not None for each in told.values()):
                looked_at = None if seen is None else version_of(str(replace(was, absence=seen.get(pupil, ""))))
                entries.append(Entry(pupil, str(replace(was, absence=code)), lesson, reason=reason, seen=looked_at,
                                     typed_at=self.by.typed_at, **told))
        return entries

    def verdict(self, what: str, decision: Decision) -> dict:
        """The columns of a lesson that keep the verdict on its topic or attendance."""
        return {f"{what}_late": decision.late, f"{what}_rule": decision.rule, f"{what}_clause": decision.clause,
                f"{what}_regulation": self.rules.version}

    def _read(self, pupils: set, everybody: int | None, keys: list[str]) -> None:
        self.marks, self.absences, self.members, known, self.applied = {}, {}, set(), set(), {}
        self.extended, self.theory = set(), set()
        for kind, lesson, pupil, work, position, value, row in _standing(list(self.lessons), pupils, everybody, self.by, keys):
            if kind == "mark":
                self.marks[lesson, pupil, work, position] = row | {"value": value}
            elif kind == "absence":
                self.absences[lesson, pupil] = row | {"code": value}
            elif kind == "key":
                self.applied[value] = row["clause"]
            elif kind == "deferral":
                self.extended.add((lesson, pupil))
            else:
                known.add((lesson, pupil))
                self.theory |= {pupil} if value else set()
                self.members |= {(lesson, pupil)} if position else set()
        if any((entry.lesson, entry.pupil) not in known for entry in self.entries):
            raise Foreign
        self._first_marks = {row["id"] for row in self.marks.values()}
        self._first_absences = {row["id"] for row in self.absences.values()}

    def _marks_of(self, place: tuple) -> list[tuple[tuple, dict]]:
        return sorted((key, self.marks[key]) for key in ((*place, position) for position in (1, 2, 3)) if key in self.marks)

    def _role(self, entry: Entry) -> str:
        """T for whoever fills in the lesson, CT for the class teacher of the pupil, OFFICE for whom the regulation names to enter reasons
        of absence; Foreign for anybody else."""
        if allows(self.user, "write", self.lessons[entry.lesson]):
            return "T"
        if self._wards is None:
            self._wards = self._own_wards() if self.user.has("CT") else set()
        if entry.pupil in self._wards:
            return "CT"
        if not enters_reasons(self.user):
            raise Foreign
        return "OFFICE"

    def _own_wards(self) -> set[int]:
        rows = m.Enrolment.on(self.user.today).where(m.Enrolment.school_class.in_(self.user.classes)).select(m.Enrolment.pupil)
        return {pupil for pupil, in rows.tuples()}

    def _obstacle(self, lesson, entry: Entry) -> Decision | None:
        if (entry.lesson, entry.pupil) not in self.members:
            return _plain_refusal(_NOT_A_MEMBER, NOTHING_CHANGED, _SEE_THE_OFFICE)
        return self.blocked(lesson)

    def setting(self, lesson, pupil: int | None = None) -> tuple[int, int, PeriodFacts | None]:
        school_class = lesson.course.unit.school_class
        if school_class is None:
            return self._setting_in_stream(lesson, pupil)
        return _setting(school_class, school_class.period, lesson.closed, lesson.day)

    def _setting_in_stream(self, lesson, pupil):
        """Grade and period by the class that a member of a stream is in; of the lesson itself, any member's."""
        if lesson.id not in self._settings:
            today = (m.Period.starts <= lesson.day) & (m.Period.ends >= lesson.day)
            self._settings[lesson.id] = {
                row.pupil_id: _setting(row.school_class, getattr(row.school_class, "period", None), row.closed, lesson.day)
                for row in m.Enrolment.settings(lesson.course.unit, today).where(m.Enrolment.covers(lesson.day))}
        found = self._settings[lesson.id]
        return found.get(pupil) or next(iter(found.values()), (0, half_of("", 0, lesson.day), None))

    def _entered(self, place: tuple, was: Cell, new: Cell | str) -> datetime | None:
        """When the part of the cell that changes was first saved; None for a first entry."""
        rows = [row for _, row in self._marks_of(place)]
        if isinstance(new, Cell) and (new.marks, new.awaited) == (was.marks, was.awaited):
            rows = [self.absences[place[:2]]] if was.absence else []
        return min((row["entered_at"] for row in rows), default=None)

    def _lay(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, absence: dict, due: date | None) -> None:
        lesson, pupil, work = place
        self._lay_row(self.absences, (lesson, pupil), {"code": new.absence, **absence}, decision, entry,
                      {"model": m.Absence, "lesson": lesson, "pupil": pupil})
        values, beside = (*new.marks, *("." * new.awaited)), is_beside(was, new)
        for position in (1, 2, 3):
            value = values[position - 1] if position <= len(values) else ""
            retaken = new.missed or beside and position > len(was.marks)
            self._lay_row(self.marks, (*place, position), {"value": value, "due": due if value == "." else None}, decision, entry,
                          {"model": m.Mark, "lesson": lesson, "pupil": pupil, "work": work, "position": position,
                           "protocol": self._paper(entry) if retaken and value != "." else None})

    def _lay_row(self, rows: dict, place: tuple, told: dict, decision: Decision, entry: Entry, more: dict) -> None:
        """Lay a row ready if what it tells differs from what stands; the first of `told` empty means none."""
        standing = rows.get(place)
        if not next(iter(told.values())):
            self._dirty[place] = rows.pop(place, {})
        elif standing is None or any(standing[name] != value for name, value in told.items()):
            rows[place] = self._dirty[place] = _judged(standing, self.by, self.rules, decision, entry) | more | told

    def _paper(self, entry: Entry):
        """The protocol of a retake, written once for a batch."""
        paper = read_paper(entry.protocol)
        if paper and paper not in self._papers:
            examiners = entry.protocol.get("examiners", "") if isinstance(entry.protocol, Mapping) else ""
            self._papers[paper] = m.Protocol.create(number=paper.number, day=paper.day, examiners=str(examiners)[:300]).id
        return self._papers.get(paper)

    def _begun(self, lesson: int) -> bool:
        return self.lessons[lesson].day <= local_day(self.by.at, clock.zone())


def _held_still(ids: set, course: int | None):
    """The lessons of a batch; on PostgreSQL they are locked, on SQLite the transaction itself lets nobody else write."""
    query = m.Lesson.whole().where(m.Lesson.id.in_(list(ids)))
    if course is not None:
        query = query.where(m.Lesson.course == course)
    return query if m.is_sqlite() else query.order_by(m.Lesson.id).for_update("FOR UPDATE", of=m.Lesson)


_JUDGED = ("id", "entered_at", "entered_by", "late", "rule", "clause", "regulation", "reason")


def _standing(lessons: list[int], pupils: set, everybody: int | None, by: Actor, keys: list[str]):
    """(kind, lesson, pupil, work, position, value, row) of marks, absences, memberships, running deferrals and applied keys: one query.
    A membership's position says whether it holds on the lesson's day, its value the medical group whose theory alone is assessed."""
    mark, absence, member, lesson, key = m.Mark, m.Absence, m.Membership, m.Lesson, m.CellKey
    nothing, empty = SQL("NULL"), SQL("''")
    unjudged = [Value(0), nothing, nothing, SQL("FALSE"), empty, empty, nothing, empty]

    def here(model):
        return model.lesson.in_(lessons) & (model.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE"))

    def judged(model):
        return [getattr(model, name) for name in _JUDGED]

    there = Case(None, [(member.covers(lesson.day), 1)], 0)
    bare = (nothing, nothing, empty)
    query = (mark.select(Value("mark").alias("what"), mark.lesson, mark.pupil, mark.work, mark.position, mark.value,
                         *judged(mark), mark.protocol, mark.due, empty).where(here(mark))
             .union_all(absence.select(Value("absence"), absence.lesson, absence.pupil, nothing, Value(0), absence.code,
                                       *judged(absence), absence.minutes, nothing, absence.document).where(here(absence)))
             .union_all(lesson.select(Value("member"), lesson.id, member.pupil, nothing, there, m.Pupil.theory_on(lesson.day, lesson.day),
                                      *unjudged, *bare)
                        .join(m.Course).join(member, on=(member.unit == m.Course.unit)).join(m.Pupil,
                                                                                             on=(m.Pupil.id == member.pupil)).where(
                            lesson.id.in_(lessons) & (member.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE"))))
             .union_all(m.Deferral.at_lessons(lessons, local_day(by.at, clock.zone())).select(
                 Value("deferral"), lesson.id, m.PeriodMark.pupil, nothing, Value(0), empty, *unjudged, *bare)))
    if keys:
        wrote = [key.wrote if name == "clause" else none for name, none in zip(_JUDGED, unjudged, strict=True)]
        query = query.union_all(key.select(Value("key"), Value(0), Value(0), nothing, Value(0), key.key, *wrote, *bare)
                                .where((key.person == by.person) & key.key.in_(keys)))
    told = {"mark": ("protocol", "due", ""), "absence": ("minutes", "", "document")}
    for what, of_lesson, pupil, work, position, value, *rest in query.tuples():
        row = dict(zip((*_JUDGED, *told.get(what, ("", "", ""))), rest, strict=True))
        row.pop("", None)
        yield what, of_lesson, pupil, work, position, value, row


def _grounds(leaves: Leaves, course: int, entries: list[Entry]) -> str:
    """The ground of a batch in which nobody gives a reason: the protocol of the first cell that is corrected by one."""
    found = (leaves.of("cell", entry.lesson, entry.work, entry.pupil) if entry.lesson is not None else
             leaves.of("result", pupil=entry.pupil, kind=entry.kind, period=entry.period, course=course) for entry in entries)
    return ground(next(filter(None, found), None))


def _works(ids: set) -> dict[int, m.Work]:
    if not ids:
        return {}
    return {work.id: work for work in m.Work.select(m.Work, m.WorkKind).join(m.WorkKind).where(m.Work.id.in_(list(ids)))}


def _setting(school_class, period, closed, day: date, ordered: date | None = None) -> tuple[int, int, PeriodFacts | None]:
    """(grade, half-year, period) of a class on a day, as the rules want them."""
    if period is None:
        return school_class.grade, half_of("", 0, day), None
    kind = period.period_set.kind
    return school_class.grade, half_of(kind, period.number, day), PeriodFacts(
        period.starts, period.ends, bool(closed), ordered, kind, period.name)


def _end_of_class_day(rules: Rules, lesson) -> datetime | None:
    """When the last lesson of the class that day ends, any subgroup's; asked only if homework is counted from it (HW-02)."""
    if not rules.value("entry.homework_deadline").startswith("class_day_end"):
        return None
    end = m.Lesson.last_of_day(lesson.course.unit, lesson.day)
    return clock.at(lesson.day, end) if end else None


def _meant(entry: Entry, was: Cell, scale: Scale) -> Cell | str:
    """What is to stand: a mark typed over a missed lesson is put beside it, for the absence stays recorded (ATT-07), and so is one
    that a protocol gives in place of a mark.
    What cannot be read is left as it was typed."""
    try:
        cell = read_cell(entry.value, scale)
    except m.Refused:
        return entry.value
    if read_paper(entry.protocol) and len(was.marks) == len(cell.marks) == 1 and not was.missed:
        return replace(cell, marks=(*was.marks, *cell.marks))
    return replace(cell, absence=was.absence) if was.missed and cell.marks and not cell.absence else cell


def _judged(standing: dict | None, by: Actor, rules: Rules, decision: Decision, entry: Entry) -> dict:
    """The judged columns of a row: a first entry keeps its moment and whether it was late through all corrections."""
    first = standing or {"entered_at": by.at, "entered_by": by.person, "late": decision.late}
    spoken = decision if decision.rule or not standing else None
    verdict = {"rule": decision.rule, "clause": decision.clause, "regulation": rules.version} if spoken else {
        name: standing[name] for name in ("rule", "clause", "regulation")}
    kept = {name: first[name] for name in ("entered_at", "entered_by", "late")}
    identity = {"id": standing["id"]} if standing and "id" in standing else {}
    reason = (entry.reason or (standing or {}).get("reason", ""))[:300]
    return kept | verdict | identity | {"reason": reason, "typed_at": entry.typed_at}


def _row(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in ("id", "model")}


def _changed_meanwhile(was) -> m.Text:
    return said(m.Text(m.N_("Somebody changed the cell meanwhile.")), standing_text(was), m.Text(m.N_("Choose which to keep.")))


def _changed_below(standing: str) -> Decision:
    """A conflict over a text of the lesson: it is not what was looked at when this was typed."""
    text = said(m.Text(m.N_("Somebody changed this meanwhile.")), standing_text(standing) if standing else NOTHING_CHANGED,
                m.Text(m.N_("Choose which to keep.")))
    return Decision(False, "block", message=text, state="conflict", stands=standing)


def _plain_refusal(*parts) -> Decision:
    texts = [part if isinstance(part, m.Text) else m.Text(part) for part in parts]
    return Decision(False, "block", message=said(*texts), state="refused")


def _keep_keys(by: Actor, outcomes, desks) -> None:
    applied = set().union(*(desk.applied for desk in desks))
    fresh = {outcome.entry.key: outcome.version for outcome in outcomes
             if outcome.entry.key and outcome.state in _WRITTEN and outcome.entry.key not in applied}
    if fresh:
        m.CellKey.keep(by, fresh)


# ---- the one way to change the journal: topic and homework ----

def _kind(kind: int | None):
    found = kind and m.WorkKind.get_or_none(m.WorkKind.id == kind)
    if kind and not found:
        raise Foreign
    return found or None


def _column_in_words(topic, _plan_topic, kind, work_topic) -> str:
    about = ", ".join(part for part in (str(kind or ""), work_topic) if part)
    return f"{topic} ({about})" if about else topic


def _topic_of_plan(lesson, plan_topic: int | None) -> int | None:
    """The topic's id when it belongs to the plan of the lesson's course."""
    if plan_topic is None:
        return None
    own = m.PlanTopic.select().where((m.PlanTopic.id == plan_topic) & (m.PlanTopic.plan == lesson.course.plan_id))
    return plan_topic if own.exists() else None


def _homework_text(homework, files) -> str:
    if homework is None:
        return ""
    return NOT_SET if homework.not_set else _in_words(homework.text, files)


def _in_words(text: str, files) -> str:
    """Homework as one text; files in brackets, which the rule on language passes over."""
    names = ", ".join(file.name for file in files)
    return f"{text} ({names})".strip() if names else text


def _same(column, value):
    return column.is_null() if value is None else column == value


def _write_homework(desk, lesson, standing, whole: str, decision: Decision, **values) -> None:
    row = vars(standing)["__data__"] if standing else None
    desk.sign([lesson.id])
    if not whole:
        m.Homework.put(desk.by, [], [standing.id] if standing else [])
        return
    judged = _judged(row, desk.by, desk.rules, decision, Entry(0, "", reason=values.pop("reason"), typed_at=desk.by.typed_at))
    m.Homework.put(desk.by, [_row(judged) | {"lesson": lesson.id, **values}])
    if lesson.state == "planned" and desk._begun(lesson.id):
        m.Lesson.hold(desk.by, [lesson.id])


def _write_files(lesson, files, kept, add, unit, pupil) -> None:
    gone = [file.id for file in files if file not in kept]
    if gone:
        m.Attachment.delete().where(m.Attachment.id.in_(gone)).execute()
    if add:
        homework = m.Homework.get((m.Homework.lesson == lesson) & _same(m.Homework.unit, unit) & _same(m.Homework.pupil, pupil))
        m.Attachment.insert_many([{"homework": homework.id, **vars(file)} for file in add]).execute()


# ---- the one way to change the journal: period marks ----

class _ResultDesk:
    """What a batch of period marks, or marks of the year, of one course needs, and what it will write. A place is
    (pupil, kind, period or None)."""

    def __init__(self, user: User, by: Actor, course: int, entries: list[Entry], leaves: Leaves):
        self.by, self.entries, self.leaves = by, entries, leaves
        self.rules = rules_on(local_day(by.at, clock.zone()))
        mark = m.PeriodMark(course=course)
        puts, puts_off = allows(user, "edit", mark), allows(user, "create", m.Deferral(mark=mark))
        if not (puts or puts_off):
            raise Foreign
        self.course = m.Course.whole().where(m.Course.id == course).first()
        yearly, pupils = any(entry.kind != "period" for entry in entries), {entry.pupil for entry in entries}
        self.settings = self._settings({entry.period for entry in entries if entry.period}, yearly)
        if any(_place_of(entry) not in self.settings for entry in entries):
            raise Foreign
        self.marks = m.Mark.weighted(course, pupils)
        self.results = results_of_pupils(list(m.PeriodMark.of_subject(
            self.course.subject_id, pupils, self.course.unit.year.starts - timedelta(days=366)).namedtuples()),
            self.course) if yearly else {}
        self.orders = m.ResultOrder.of_year(self.course.unit.year_id) if yearly else {}
        self.rows = {(row["pupil"], row["kind"], row["period"]): row for row in m.PeriodMark.with_deferrals().where(
            (m.PeriodMark.course == course) & m.PeriodMark.pupil.in_(list(pupils))).dicts()}
        if not puts and not all(self._only_puts_off(entry) for entry in entries):
            raise Foreign
        self.applied = m.CellKey.known(by, [entry.key for entry in entries if entry.key])
        self._first, self._dirty, self._deferred = {row["id"] for row in self.rows.values()}, {}, {}

    def _only_puts_off(self, entry: Entry) -> bool:
        """Is a mark put off, or its deferral taken back, and nothing else?"""
        standing = self.rows.get(_place_of(entry), {}).get("value", "")
        return read_result(entry.value, self.course.scale) in DEFERRED | {""} and standing in DEFERRED | {""}

    def _settings(self, periods: set, yearly: bool) -> dict[tuple, m.Enrolment]:
        """Place → the enrolment with the class's period; the year stands in the last period of it."""
        when, found = m.Period.id.in_(list(periods)), {}
        for row in m.Enrolment.settings(self.course.unit, when | m.Period.is_last() if yearly else when):
            period = getattr(row.school_class, "period", None)
            if not _overlaps(row, period):
                continue
            found[row.pupil_id, "period", period.id] = row
            for kind in m.RESULT_KINDS[1:] if yearly else ():
                other = found.setdefault((row.pupil_id, kind, None), row)
                if other.school_class.period.ends <= period.ends:
                    found[row.pupil_id, kind, None] = row
        return found

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        kept = {row["id"] for row in self.rows.values() if "id" in row}
        if self._dirty:
            m.PeriodMark.put(self.by, [_row(row) for row in self._dirty.values() if row], self._first - kept)
        if self._deferred:
            self._write_deferrals()
        return outcomes

    def _write_deferrals(self) -> None:
        """Lay the paper of each mark put off (FIN-08, FIN-09): what is not told stays as it stands, or is a month from today."""
        pupils = {place[0] for place in self._deferred}
        marks = {(row.pupil_id, row.kind, row.period_id): row.id for row in m.PeriodMark.select(
            m.PeriodMark.id, m.PeriodMark.pupil, m.PeriodMark.kind, m.PeriodMark.period).where(
            (m.PeriodMark.course == self.course.id) & m.PeriodMark.pupil.in_(list(pupils)))}
        later = local_day(self.by.at, clock.zone()) + m.Deferral.lasts
        m.Deferral.put(self.by, [
            {"mark": marks[place], "until": entry.due or was.get("until") or later,
             "reason": (entry.reason or was.get("put_off_for") or "")[:300],
             "paper": (entry.document or was.get("paper") or "").strip()[:200]} for place, (entry, was) in self._deferred.items()])

    @property
    def scale(self) -> Scale:
        return self.course.scale

    def standing(self, entry: Entry) -> str:
        return self.rows.get(_place_of(entry), {}).get("value", "")

    def put(self, entry: Entry, unlocked: bool = False) -> Outcome:
        place = _place_of(entry)
        was = self.rows[place]["value"] if place in self.rows else ""
        value = read_result(entry.value, self.course.scale)
        if entry.key in self.applied:
            return Outcome(entry, "saved", was, wrote=self.applied[entry.key])
        if entry.seen not in (None, version_of(was)) and value != was:
            return Outcome(entry, "conflict", was, message=_changed_meanwhile(was))
        facts, average = self._facts(place)
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        leave = self.leaves.of("result", pupil=entry.pupil, kind=entry.kind, period=place[2], course=self.course.id)
        given = replace(entry, reason=ground(leave, entry.reason))
        if was in DEFERRED:
            facts = replace(facts, deferred_until=self.rows[place].get("until"))
        decision = judge_period_mark(self.rules, facts, was, value, moment, reason=given.reason, unlocked=unlocked or leave is not None)
        if decision.ok and value in DEFERRED and (value != was or entry.due or entry.document or entry.reason):
            self._deferred[place] = given, self.rows[place] if was in DEFERRED else {}
        if decision.ok and value != was:
            self._lay(place, value, decision, given, facts, average)
            self.leaves.note(leave, value)
            was = value
            if value in DEFERRED and not given.reason and not decision.message:
                decision = replace(decision, message=_GROUND_WANTED)
        return Outcome(entry, decision.state, was, decision.rule, decision.clause, decision.message)

    def _facts(self, place: tuple) -> tuple[ResultFacts, Fraction | None]:
        pupil, kind, _period = place
        row = self.settings[place]
        period = row.school_class.period
        grade, half, facts = _setting(row.school_class, period, row.closed, period.starts, row.ordered)
        if kind != "period":
            ordered = self.orders.get((kind, row.school_class_id), self.orders.get((kind, None)))
            return year_result(kind, (grade, half, replace(facts, ordered=ordered)), self.results.get(pupil, []), self.course.scale)
        inside = [given for day, *given in self.marks.get(pupil, ()) if period.starts <= day <= period.ends]
        return period_result(self.rules, (grade, half, facts), inside, self.course)

    def _lay(self, place, value, decision, entry, facts, average) -> None:
        standing = self.rows.get(place)
        if not value:
            self._dirty[place] = {}
            del self.rows[place]
            return
        pupil, kind, period = place
        passing = bool(standing) and standing["value"] in DEFERRED and value not in DEFERRED  # the mark's own first entry
        identity = {"id": standing["id"]} if standing and "id" in standing else {}
        self.rows[place] = self._dirty[place] = _judged(None if passing else standing, self.by, self.rules, decision, entry) | identity | {
            "course": self.course.id, "pupil": pupil, "kind": kind, "period": period, "value": value,
            "computed": facts.computed, "average": "" if average is None else str(average)}


_GROUND_WANTED = m.Text(m.N_(
    "The mark is put off for a month. Write why, until when and by which paper: «Deferred marks» among the results."))


def _place_of(entry: Entry) -> tuple:
    return entry.pupil, entry.kind, entry.period if entry.kind == "period" else None


def _overlaps(enrolment, period) -> bool:
    return period is not None and enrolment.starts <= period.ends and (enrolment.ends is None or enrolment.ends >= period.starts)
