"""What keeps a period open, journal by journal and teacher by teacher, and until when it is to be mended.

How strictly an obstacle is taken is said by the school's regulation: «block» stops the closing, «reason» asks whoever closes to do
it knowingly, everything else is told. A pupil without a mark always stops it (FIN-05). Knows no request.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from peewee import SQL, fn

import clock
import models as m
import rulebook.plans
from formulas import DEFERRED
from policies import User, teaches
from rulebook.checks import said
from rulebook.due import Duty, Source, fact
from rulebook.facts import PeriodFacts, half_of, is_gradeless
from rulebook.result_verdicts import results_due
from rulebook.results import Journal, Line, courses_of_classes, journals
from rulebook.rules import Rules
from rulebook.words import joined

TITLES = {
    "marks": m.N_("No mark for the period"), "year": m.N_("No mark for the year"),
    "both": m.N_("A mark and an absence in one cell, no protocol"), "departures": m.N_("Not as computed, no reason"),
    "few": m.N_("Too few marks"), "written": m.N_("No written or practical work"),
    "practical": m.N_("No laboratory or practical work"),
    "nothing": m.N_("No written or practical work in the journal"),
    "works": m.N_("Works without a mark"), "awaited": m.N_("Works still awaited"), "deferred": m.N_("The deferral is over, no mark"),
    "unpapered": m.N_("Put off without a paper"),
    "attendance": m.N_("Not said who was there"), "topics": m.N_("Empty topics"), "absences": m.N_("Absences not explained"),
    "plan": m.N_("Behind the plan, hours"),
}
"""Every kind of obstacle, in the order of the screens."""

_KEYS = {"departures": "final.departure", "few": "min_marks.policy", "written": "min_marks.written_work",
         "practical": "min_marks.laboratory", "nothing": "min_marks.written_work", "both": "retake.protocol",
         "attendance": "entry.absence_deadline", "topics": "entry.topic_deadline", "awaited": "debt.deadline",
         "deferred": "final.instead_of_na", "unpapered": "final.instead_of_na"}
_ALWAYS = {"marks": "block", "year": "block"}
_TOLD = frozenset({"attendance", "topics", "awaited", "deferred", "unpapered"})  # their rules judge an entry, not the closing


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
        needed = m.Text(m.N_("Every pupil needs a mark, a code or a deferral in each subject."))
        return said(m.Text(m.N_("Stands in the way: %(what)s."), what=in_words(stopping)),
                    *([needed] if stopping.keys() & _ALWAYS.keys() else []))
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


def in_words(found: dict) -> m.Text:
    """«нет отметки за период — 3, мало отметок — 2»"""
    return joined([m.Text(m.N_("%(what)s: %(count)s"), what=m.Text(TITLES[what]), count=rulebook.plans.in_hours(count))
                   for what, count in found.items()], ", ")


class _More:
    """What only closing asks of the courses: plan and fact, deferrals that are over, whether the year ends with the period."""

    def __init__(self, courses, period, now: datetime):
        ids, self.today = [course.id for course in courses], now.date()
        planned = [course.id for course in courses if course.plan_id]
        self.paces = rulebook.plans.plan_paces(planned, period.period_set.year, min(period.ends, self.today)) if planned else {}
        self.is_last = m.Period.select().where((m.Period.id == period.id) & m.Period.is_last()).exists()
        papers = m.Deferral.select(m.PeriodMark.course, m.PeriodMark.pupil, m.Deferral.until).join(m.PeriodMark).where(
            m.PeriodMark.course.in_(ids) & (m.PeriodMark.period == period.id))
        self.papers = {(course, pupil): until for course, pupil, until in papers.tuples()}


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
    put_off = [(line, more.papers.get((journal.course.id, line.pupil))) for line in here if line.value in DEFERRED]
    over = [line for line, until in put_off if until and until < more.today]
    unpapered = [line for line, until in put_off if until is None]
    return [_told(rules, "marks", _pupils(waiting)), _told(rules, "year", _pupils(yearless)), _told(rules, "both", both),
            _told(rules, "departures", _pupils(line for line in here if line.departs)), _told(rules, "deferred", _pupils(over)),
            _told(rules, "unpapered", _pupils(unpapered)), _doubted("few", "min_marks.policy", judged), *_written(journal, judged),
            _doubted("practical", "min_marks.laboratory", judged)]


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


# ---- duties: marks to put, classes to close ----

SOON = timedelta(days=7)  # so long before the last day marks of a period become a duty
STALE = timedelta(days=60)


def _facts(user: User, rules: Rules, now: datetime) -> list:
    """Periods that run or ended lately, with how many marks are missing in the journals the user teaches today, and, for leaders, in
    how many classes they are over and not closed."""
    lately = m.Period.select().where((m.Period.starts <= user.today) & (m.Period.ends >= user.today - STALE))
    found, ordered = [], m.ResultOrder.select(m.ResultOrder.until).where(
        (m.ResultOrder.kind == "period") & (m.ResultOrder.period == m.Period.id) & m.ResultOrder.school_class.is_null())
    taught = [course for course in user.taught if teaches(user, course, user.today)]
    if taught:
        missing = fn.COALESCE(_missing(taught, rules, user.today), 0)
        found.append(fact(lately.join(m.PeriodSet), "marks of a period", one=m.Period.id, day=m.Period.ends, words=m.Period.name,
                          more=m.PeriodSet.kind, other=missing, at=fn.COALESCE(ordered, SQL("NULL"))))
    if user.has("DIR", "ZAV"):
        open_classes = m.SchoolClass.select(fn.COUNT(m.SchoolClass.id)).where(
            (m.SchoolClass.period_set == m.Period.period_set) & ~_is_closed(m.SchoolClass.id, now))
        found.append(fact(lately.where(m.Period.ends < user.today), "period to close", one=m.Period.id, day=m.Period.ends,
                          words=m.Period.name, other=fn.COALESCE(open_classes, 0)))
    return found


def _is_closed(school_class, now: datetime):
    closing = m.PeriodClosure.standing(now)
    return fn.EXISTS(closing.where((m.PeriodClosure.period == m.Period.id) & (m.PeriodClosure.school_class == school_class)))


def _missing(courses: list[int], rules: Rules, today: date):
    """How many pupils have no mark of the period (a column) in these courses, as a subquery: by the list of its last day, in classes
    that live by its set and are taught with marks."""
    gradeless = [grade for grade in (1, 2) if is_gradeless(rules, grade, half_of("", 0, today))]
    mark = m.PeriodMark.select(SQL("1")).where((m.PeriodMark.course == m.Course.id) & (m.PeriodMark.pupil == m.Membership.pupil)
                                               & (m.PeriodMark.kind == "period") & (m.PeriodMark.period == m.Period.id))
    lesson = m.Lesson.select(SQL("1")).where((m.Lesson.course == m.Course.id) & (m.Lesson.state != "cancelled")
                                             & m.Lesson.day.between(m.Period.starts, m.Period.ends))
    return (m.Course.select(fn.COUNT(SQL("1"))).join(m.Subject).join_from(m.Course, m.Membership, on=(m.Membership.unit == m.Course.unit))
            .join(m.Enrolment, on=(m.Enrolment.pupil == m.Membership.pupil)).join(m.SchoolClass)
            .where(m.Course.id.in_(courses) & (fn.COALESCE(fn.NULLIF(m.Course.grading, ""), m.Subject.grading) != "none")
                   & m.Membership.covers(m.Period.ends) & m.Enrolment.covers(m.Period.ends) & m.SchoolClass.grade.not_in(gradeless or [0])
                   & (m.SchoolClass.period_set == m.Period.period_set) & fn.EXISTS(lesson) & ~fn.EXISTS(mark)))


def _duties(user: User, rules: Rules, now: datetime, found) -> list[Duty]:
    duties = []
    for row in found("marks of a period"):
        period = PeriodFacts(row.day, row.day, ordered=row.at and row.at.date(), kind=row.more)
        _first, limit, clause = results_due(rules, period, clock.zone())
        last = limit.date() if limit else row.day
        if row.other and user.today >= last - SOON:
            what = m.Text(m.N_("Put the marks for %(period)s: %(n)s are missing"), period=row.words, n=row.other)
            duties.append(Duty(what, limit or row.day, f"/control/{row.one}/own", clause, bool(limit and limit < now), "closing"))
    for row in found("period to close"):
        if row.other:
            what = m.Text(m.N_("Close %(period)s: %(n)s classes are open"), period=row.words, n=row.other)
            duties.append(Duty(what, None, f"/control/?period={row.one}", topic="closing"))
    return duties


SOURCE = Source(_facts, _duties)
