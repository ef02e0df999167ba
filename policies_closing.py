"""What keeps a period open, journal by journal and teacher by teacher; its closing with a signature, and opening it again by a paper.

How strictly an obstacle is taken is said by the school's regulation: «block» stops the closing, «reason» asks whoever closes to do
it knowingly, everything else is told. A pupil without a mark always stops it (FIN-05). Knows no request.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from peewee import SQL, fn

import clock
import models as m
import policies_plans
from formulas import DEFERRED
from history import Actor
from policies import User, allows
from policies_facts import PeriodFacts
from policies_journal import Foreign, results_due
from policies_results import Journal, Line, courses_of_classes, journals
from policies_rules import Rules, end_of_day
from policies_verdicts import said
from policies_words import joined

TITLES = {
    "marks": m.N_("No mark for the period"), "year": m.N_("No mark for the year"),
    "both": m.N_("A mark and an absence in one cell, no protocol"), "departures": m.N_("Not as computed, no reason"),
    "few": m.N_("Too few marks"), "written": m.N_("No written or practical work"), "nothing": m.N_("No written or practical work in the journal"),
    "works": m.N_("Works without a mark"), "awaited": m.N_("Works still awaited"), "deferred": m.N_("The deferral is over, no mark"),
    "attendance": m.N_("Not said who was there"), "topics": m.N_("Empty topics"), "absences": m.N_("Absences not explained"),
    "plan": m.N_("Behind the plan, hours"),
}
"""Every kind of obstacle, in the order of the screens."""

_KEYS = {"departures": "final.departure", "few": "min_marks.policy", "written": "min_marks.written_work",
         "nothing": "min_marks.written_work", "both": "retake.protocol", "attendance": "entry.absence_deadline",
         "topics": "entry.topic_deadline", "awaited": "debt.deadline", "deferred": "final.instead_of_na"}
_ALWAYS = {"marks": "block", "year": "block"}
_TOLD = frozenset({"attendance", "topics", "awaited", "deferred"})  # deadlines of entries: their rule judges the entry, not the closing
REMINDED_LATELY = timedelta(hours=1)
LONGEST_OPENING = timedelta(days=31)


@dataclass(frozen=True)
class Place:
    """Where an obstacle is: a pupil's mark of the period, a lesson, or a pupil's cell of a lesson; `count` pupils, lessons or hours."""

    pupil: int | None = None
    name: str = ""
    lesson: int | None = None
    day: date | None = None
    kind: str = ""
    count: int | Decimal = 1


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way in one journal. `severity`: block · reason · warn."""

    what: str
    severity: str
    clause: str
    places: tuple[Place, ...]

    @property
    def stops(self) -> bool:
        return self.severity == "block"

    @property
    def count(self):
        return sum(place.count for place in self.places)


@dataclass
class Part:
    """The pupils of one class in one journal of the period, with what stands in the way, and who teaches it now."""

    journal: Journal
    school_class: int
    obstacles: list[Obstacle]
    teacher: int | None = None
    teacher_name: str = ""

    @property
    def course(self) -> m.Course:
        return self.journal.course

    def __iter__(self):
        return iter(self.obstacles)


# ---- what stands in the way ----

def survey(period, classes, rules: Rules, now: datetime, courses=None) -> list[Part]:
    """Every journal with results of these classes in a period that comes with its set, class by class; only of `courses` (ids) if
    given. A stream comes once for each class, what belongs to its lessons with the first. Thirteen queries, however many classes."""
    known = {each.id for each in classes}
    rows = [course for course in courses_of_classes(known, period) if courses is None or course.id in courses]
    found, more = journals(rows, period, rules, now), _More(rows, period, now)
    teachers, parts = _teachers(rows, now.date()), []
    for journal in found:
        own = journal.course.unit.school_class_id
        here = dict.fromkeys([own] if own in known else [], ()) | dict.fromkeys(line.school_class for line in journal.lines)
        for place, number in enumerate(number for number in here if number in known):
            part = _part_of(journal, number, lessons=place == 0)
            parts.append(Part(part, number, _obstacles(part, rules, more, lessons=place == 0),
                              *teachers.get(journal.course.id, (None, ""))))
    return parts


def of_journal(journal: Journal, period, rules: Rules, now: datetime) -> list[Obstacle]:
    """Everything found in a journal, the blocking first; empty when it is ready. Six queries."""
    return _obstacles(journal, rules, _More([journal.course], period, now))


def may_close(parts: list[Part], knowingly: bool = False) -> m.Text | None:
    """Why a class with these journals cannot be closed; None when it can. `knowingly`: with what the regulation wants a reason for."""
    stopping = totals(parts, "block")
    if stopping:
        needed = [m.Text(m.N_("Every pupil needs a mark, a code or a deferral in each subject."))] if stopping.keys() & _ALWAYS.keys() else []
        return said(m.Text(m.N_("Stands in the way: %(what)s."), what=in_words(stopping)), *needed)
    asking = totals(parts, "reason")
    if asking and not knowingly:
        return m.Text(m.N_("By the regulation this is closed only with a reason: %(what)s. Say that you close it as it is."),
                      what=in_words(asking))
    return None


def totals(parts, severity: str | None = None) -> dict[str, int]:
    """Kind of obstacle → how many in these parts, in the order of the screens; only of a severity if given."""
    found = Counter()
    for part in parts:
        for each in part:
            if severity in (None, each.severity):
                found[each.what] += each.count
    return {what: found[what] for what in TITLES if found[what]}


def in_words(found: dict) -> m.Text:
    """«нет отметки за период — 3, мало отметок — 2»"""
    return joined([m.Text(m.N_("%(what)s: %(count)s"), what=m.Text(TITLES[what]), count=policies_plans.in_hours(count))
                   for what, count in found.items()], ", ")


class _More:
    """What only closing asks of the courses: plan and fact, deferrals that are over, whether the year ends with the period."""

    def __init__(self, courses, period, now: datetime):
        ids, self.today = [course.id for course in courses], now.date()
        planned = [course.id for course in courses if course.plan_id]
        self.paces = policies_plans.plan_paces(planned, period.period_set.year, min(period.ends, self.today)) if planned else {}
        self.is_last = m.Period.select().where((m.Period.id == period.id) & m.Period.is_last()).exists()
        over = m.Deferral.select(m.PeriodMark.course, m.PeriodMark.pupil).join(m.PeriodMark).where(
            m.PeriodMark.course.in_(ids) & (m.PeriodMark.period == period.id) & (m.Deferral.until < self.today))
        self.over = set(over.tuples())


def _obstacles(journal: Journal, rules: Rules, more: _More, lessons: bool = True) -> list[Obstacle]:
    course = journal.course
    found = [*_of_results(journal, rules, more), *(_of_lessons(journal, rules) if lessons else ())]
    behind = more.paces[course.id].behind if lessons and course.id in more.paces else 0
    if behind >= 1:
        found.append(Obstacle("plan", "warn", "", (Place(count=behind),)))
    order = {what: place for place, what in enumerate(TITLES)}
    return sorted((each for each in found if each and each.places), key=lambda each: (not each.stops, order[each.what]))


def _of_results(journal: Journal, rules: Rules, more: _More) -> list[Obstacle | None]:
    """What is lacking in period marks: FIN-05, MRK-11, MRK-12; and a mark beside an absence without a protocol (ATT-07)."""
    here, held = journal.here, getattr(journal.course, "here", True)
    judged = [line for line in here if line.value not in DEFERRED] if held else []
    waiting = [line for line in here if not line.standing] if held else []
    yearless = [line for line in here if ("year", None) not in line.results] if more.is_last else []
    both = [Place(line.pupil, line.name, row.lesson, row.day) for line in here for row in line.given
            if row.protocol is None and row.lesson in line.missed_lessons and row.value != "."]
    over = [line for line in here if (journal.course.id, line.pupil) in more.over and line.value in DEFERRED]
    return [_told(rules, "marks", _pupils(waiting)), _told(rules, "year", _pupils(yearless)), _told(rules, "both", both),
            _told(rules, "departures", _pupils(line for line in here if line.departs)), _told(rules, "deferred", _pupils(over)),
            _doubted("few", "min_marks.policy", judged), *_written(journal, judged)]


def _written(journal: Journal, judged: list[Line]) -> list[Obstacle | None]:
    """No written work: of some pupils, or of nobody, which is one fault of the journal and not one of each pupil."""
    found = _doubted("written", "min_marks.written_work", judged)
    if found and not any(row.written for line in journal.lines for row in line.given):
        return [Obstacle("nothing", found.severity, found.clause, (Place(),))]
    return [found]


def _doubted(what: str, key: str, lines: list[Line]) -> Obstacle | None:
    """A doubt of the rules; a reason written with the mark answers what the regulation wants a reason for."""
    found = [(line, doubt) for line in lines for doubt in line.doubts if doubt.rule == key
             and not (doubt.severity == "reason" and line.standing and line.standing.reason)]
    if not found:
        return None
    return Obstacle(what, _manner(found[0][1].severity), found[0][1].clause, _pupils(line for line, _doubt in found))


def _of_lessons(journal: Journal, rules: Rules) -> list[Obstacle | None]:
    """What is lacking in lessons: works for everybody (MRK-07), «.», who was there (ATT-04), topics (PLN-05), reasons of absence."""
    owed: dict[tuple, int] = Counter((task.lesson, task.day, task.kind) for line in journal.here for task in line.owed)
    away: dict[tuple, int] = Counter((lesson, day, "") for line in journal.here for lesson, day, _code in line.unexplained)
    awaited = [Place(line.pupil, line.name, row.lesson, row.day, row.kind or "") for line in journal.here for row in line.given
               if row.value == "."]
    return [_told(rules, "works", _at_lessons(owed)), _told(rules, "awaited", awaited),
            _told(rules, "attendance", [Place(lesson=lesson, day=day) for lesson, day in journal.unstated]),
            _told(rules, "topics", [Place(lesson=lesson, day=day) for lesson, day in journal.blank]),
            _told(rules, "absences", _at_lessons(away))]


def _told(rules: Rules, what: str, places) -> Obstacle | None:
    rule = rules[_KEYS[what]] if what in _KEYS else None
    if rule and rule.severity == "off" and what != "awaited":
        return None
    severity = _ALWAYS.get(what, "warn") if rule is None or what in _TOLD else _manner(rule.severity)
    return Obstacle(what, severity, rule.clause if rule else "", tuple(places))


def _manner(severity: str) -> str:
    return severity if severity in ("block", "reason") else "warn"


def _pupils(lines) -> tuple[Place, ...]:
    return tuple(Place(line.pupil, line.name) for line in lines)


def _at_lessons(counted: dict[tuple, int]) -> list[Place]:
    return [Place(lesson=lesson, day=day, kind=kind, count=n) for (lesson, day, kind), n in sorted(
        counted.items(), key=lambda item: (item[0][1], item[0][0]))]


def _part_of(journal: Journal, school_class: int, lessons: bool) -> Journal:
    """The journal with the pupils of one class; its lessons belong to the first."""
    if all(line.school_class == school_class for line in journal.lines) and lessons:
        return journal
    own = [line for line in journal.lines if line.school_class == school_class]
    return Journal(journal.course, own, journal.lessons, *((journal.blank, journal.unstated) if lessons else ([], [])), journal.tasks)


def _teachers(courses: list[m.Course], day: date) -> dict[int, tuple[int, str]]:
    """Course → who teaches it on the day: the person and the short name; the newest assignment of several. One query."""
    rows = m.Assignment.on(day).where(m.Assignment.course.in_([course.id for course in courses])).join(m.Person).select(
        m.Assignment.course, m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic).order_by(m.Assignment.id).tuples()
    return {course: (person, m.short_name(*names)) for course, person, *names in rows}


# ---- until when ----

def due(period, rules: Rules, ordered: date | None) -> tuple[date | None, datetime | None, str]:
    """(first day or None, last in-time moment or None, clause) for the marks of a period; `ordered`: the day of an order."""
    return results_due(rules, PeriodFacts(period.starts, period.ends, False, ordered, period.period_set.kind, period.name), clock.zone())


def orders(period, classes) -> dict[int, date | None]:
    """Class id → the day that an order sets for the marks of the period, or None. One query."""
    rows = m.SchoolClass.select(m.SchoolClass.id, m.ResultOrder.until_of(period.id, m.SchoolClass.id)).where(
        m.SchoolClass.id.in_([each.id for each in classes]))
    return dict(rows.tuples())


# ---- closing, with a signature ----

@dataclass
class Closed:
    """What came of closing: the classes that are closed now, and those that are not with the words why."""

    done: list[m.SchoolClass] = field(default_factory=list)
    refused: list[tuple[m.SchoolClass, m.Text]] = field(default_factory=list)


def close(user: User, by: Actor, period, classes, reason: str, rules: Rules, knowingly: bool = False) -> Closed:
    """Close the period for those of the classes that are ready, each with what stood then as its signature; the others are told one
    by one. Raises Foreign, and Refused without a reason."""
    if not allows(user, "close", period):
        raise Foreign
    result = Closed()
    with m.writing(by, reason):
        parts = by_class(survey(period, classes, rules, by.at))
        shut = {number for number, in m.PeriodClosure.standing(by.at).where(m.PeriodClosure.period == period.id).select(
            m.PeriodClosure.school_class).tuples()}
        for each in classes:
            problem = m.Text(m.N_("Closed already.")) if each.id in shut else may_close(parts[each.id], knowingly)
            result.refused += [(each, problem)] if problem else []
            result.done += [] if problem else [each]
        signed = signatures(period, result.done)
        for each in result.done:
            signed[each.id]["left"] = " ".join(f"{what}={policies_plans.in_hours(n)}" for what, n in totals(parts[each.id]).items())[:200]
        m.PeriodClosure.close(by, period, result.done, reason, signed, role_of(user))
    return result


def by_class(parts: list[Part]) -> dict[int, list[Part]]:
    found = defaultdict(list)
    for part in parts:
        found[part.school_class].append(part)
    return found


def by_teacher(parts: list[Part]) -> list[tuple[int | None, str, list[Part]]]:
    """(person, short name, parts) of those in whose journals something is found, the most first; without a teacher last."""
    found: dict = defaultdict(list)
    for part in parts:
        if part.obstacles:
            found[part.teacher, part.teacher_name].append(part)
    return sorted(((*who, own) for who, own in found.items()), key=lambda row: (row[0] is None, -_weight(row[2]), row[1]))


def _weight(parts: list[Part]):
    return sum(each.count for part in parts for each in part)


def role_of(user: User) -> str:
    """The role in which somebody closes: the head before the deputy."""
    return next((role for role in ("DIR", "ZAV") if user.has(role)), "")


def signatures(period, classes) -> dict[int, dict]:
    """Class id → `entries` and `digest` of what stands in the period: marks, codes of attendance, period marks (with the last period
    those of the year) of everybody who was in the class in it, and the topics of the class's lessons. Five queries."""
    numbers = [each.id for each in classes]
    pupils = _pupils_of(period, numbers)
    classes_of: dict[int, list[int]] = defaultdict(list)
    for school_class, members in pupils.items():
        for pupil in members:
            classes_of[pupil].append(school_class)
    lines: dict[int, list[str]] = {number: [] for number in numbers}
    for pupil, _course, line in _entries(period, list(classes_of)):
        for school_class in classes_of[pupil]:
            lines[school_class].append(line)
    topics = _topics(period).join(m.Course).join(m.Unit).where(m.Unit.school_class.in_(numbers)).select(
        m.Unit.school_class, m.Lesson.id, m.Lesson.topic)
    for school_class, lesson, topic in topics.tuples():
        lines[school_class].append(f"topic {lesson} {topic}")
    return {number: _digest(found) for number, found in lines.items()}


def signatures_of_courses(courses: list[m.Course], period) -> dict[int, dict]:
    """Course id → `entries` and `digest` of the journal in the period. Four queries."""
    numbers, units = [course.id for course in courses], [course.unit_id for course in courses]
    pupils = m.Membership.select(m.Membership.pupil).where(m.Membership.unit.in_(units) & (m.Membership.starts <= period.ends) & (
        m.Membership.ends.is_null() | (m.Membership.ends >= period.starts)))
    lines: dict[int, list[str]] = {number: [] for number in numbers}
    for _pupil, course, line in _entries(period, pupils):
        lines.get(course, []).append(line)
    topics = _topics(period).where(m.Lesson.course.in_(numbers)).select(m.Lesson.course, m.Lesson.id, m.Lesson.topic)
    for course, lesson, topic in topics.tuples():
        lines[course].append(f"topic {lesson} {topic}")
    return {number: _digest(found) for number, found in lines.items()}


def sign(user: User, by: Actor, course: int, period, classes, rules: Rules) -> None:
    """The teacher signs the own journal of a period. Raises Foreign, and Refused while something stands in the way."""
    if not allows(user, "edit", m.PeriodMark(course=course)):
        raise Foreign
    with m.writing(by):
        parts = survey(period, classes, rules, by.at, {course})
        if not parts:
            raise Foreign
        problem = may_close(parts, knowingly=True)
        if problem:
            raise m.Refused(problem)
        signed = signatures_of_courses([parts[0].course], period)[course]
        m.JournalSignature.create(course=course, period=period, person=by.person, signed_at=by.at, **signed)


def _digest(lines: list[str]) -> dict:
    return {"entries": len(lines), "digest": hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()}


def _pupils_of(period, classes: list[int]) -> dict[int, set[int]]:
    rows = m.Enrolment.select(m.Enrolment.school_class, m.Enrolment.pupil).where(
        m.Enrolment.school_class.in_(classes) & (m.Enrolment.starts <= period.ends)
        & (m.Enrolment.ends.is_null() | (m.Enrolment.ends >= period.starts)))
    found: dict[int, set[int]] = defaultdict(set)
    for school_class, pupil in rows.tuples():
        found[school_class].add(pupil)
    return found


def _topics(period):
    return m.Lesson.select().where(m.Lesson.day.between(period.starts, period.ends) & (m.Lesson.topic != ""))


def _entries(period, pupils):
    """(pupil, course, the entry as a line) of what these pupils have in the period."""
    within = m.Lesson.day.between(period.starts, period.ends)
    marks = m.Mark.select(m.Mark.pupil, m.Lesson.course, m.Mark.lesson, m.Mark.work, m.Mark.position, m.Mark.value).join(m.Lesson)
    for pupil, course, *cell in marks.where(within & m.Mark.pupil.in_(pupils)).tuples():
        yield pupil, course, f"mark {pupil} {_joined(cell)}"
    codes = m.Absence.select(m.Absence.pupil, m.Lesson.course, m.Absence.lesson, m.Absence.code).join(m.Lesson)
    for pupil, course, *cell in codes.where(within & m.Absence.pupil.in_(pupils)).tuples():
        yield pupil, course, f"absence {pupil} {_joined(cell)}"
    last = fn.EXISTS(m.Period.select(SQL("1")).where((m.Period.id == period.id) & m.Period.is_last()))
    of_year = (m.PeriodMark.kind == "year") & last & (m.Unit.year == period.period_set.year_id)
    results = m.PeriodMark.select(m.PeriodMark.pupil, m.PeriodMark.course, m.PeriodMark.kind, m.PeriodMark.value).join(m.Course).join(m.Unit)
    for pupil, course, *cell in results.where(
            m.PeriodMark.pupil.in_(pupils) & ((m.PeriodMark.period == period.id) | of_year)).tuples():
        yield pupil, course, f"result {pupil} {course} {_joined(cell)}"


def _joined(cell) -> str:
    return " ".join(str(value or 0) for value in cell)


def reopen(user: User, by: Actor, closure: m.PeriodClosure, reason: str, paper: str, until: date | None) -> None:
    """Open a closed period by an order or a protocol until the end of a day; after it the period is closed again by itself. Raises
    Foreign, and Refused without reason, paper or day."""
    if not allows(user, "reopen", closure):
        raise Foreign
    if not paper.strip():
        raise m.Refused(m.Text(m.N_("Write the number and date of the order or protocol: a closed period is opened only by a paper")), "paper")
    if until is None or not by.day <= until <= by.day + LONGEST_OPENING:
        raise m.Refused(m.Text(m.N_("Choose the last day on which it is open, within %(days)s days"), days=LONGEST_OPENING.days), "until")
    closure.reopen(by, reason, paper, end_of_day(until, clock.zone()))


# ---- families: at once, or held back ----

def hold(user: User, by: Actor, period, classes, reason: str) -> None:
    """Hold the marks of the period back from the families of these classes (FIN-12, FIN-13). Raises Foreign, Refused without a reason."""
    if not allows(user, "hold", period):
        raise Foreign
    m.ResultHold.put(by, period, classes, reason)


def publish(user: User, by: Actor, period, classes) -> None:
    if not allows(user, "hold", period):
        raise Foreign
    m.ResultHold.lift(by, period, classes)


# ---- reminding ----

def address(period) -> str:
    """Where a teacher finds the own list of a period."""
    return f"/control/{period.id}/own"


def reminded(period) -> dict[int, m.Notice]:
    """Person → the last reminder about the period. One query."""
    rows = m.Notice.select().where((m.Notice.topic == "closing") & (m.Notice.url == address(period))).order_by(m.Notice.id)
    return {row.person_id: row for row in rows}


def remind(user: User, by: Actor, period, people, rules: Rules) -> tuple[list[int], list[int]]:
    """(told, passed over) of these people: those who were reminded within the hour are not told again. Raises Foreign."""
    if not allows(user, "close", period):
        raise Foreign
    with m.writing(by):
        known = reminded(period)
        lately = [person for person in people if person in known and by.at - known[person].created_at < REMINDED_LATELY]
        told = [person for person in people if person not in lately]
        _first, limit, _clause = due(period, rules, None)
        text = m.Text(m.N_("%(period)s: look through what keeps it open in your journals. Reminded on %(day)s."), period=period.name,
                      day=by.day)
        if limit and limit >= by.at:
            text = said(text, m.Text(m.N_("Marks are put by %(day)s."), day=limit.date()))
        m.Notice.tell(by, told, text, address(period), "closing")
    return told, lately
