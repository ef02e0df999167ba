"""What the marks of a period rest on: of one journal or of all journals of a class, a row a pupil.

Everything is read once for all courses asked for, in a number of queries that does not grow, and judged by policies. What of it
stands in the way of closing is a question for rulebook.closing. Knows no request.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby

from peewee import JOIN, SQL, fn

import clock
import models as m
import rulebook.entries
import rulebook.facts
import rulebook.result_desk
import rulebook.result_verdicts
from formulas import DEFERRED, in_border_zone, to_next, weighted_mean


@dataclass(frozen=True)
class Task:
    """A work that everybody writes: a lesson's own column (`work` None) or a further one."""

    lesson: int
    work: int | None
    day: date
    kind: str


@dataclass
class Line:
    """A pupil in a journal and a period: `given` rows of Mark.grounds, `codes` (lesson, day, code) of attendance, `results` by
    (kind, period), `owed` works with neither a mark nor an absence, `doubts` against the computed mark. `left`: the last day of
    one who is not in the list at the period's end and needs no mark."""

    pupil: int
    name: str
    school_class: int
    setting: tuple[int, int, rulebook.facts.PeriodFacts]
    spans: list[tuple[date, date | None]]
    left: date | None = None
    given: list = field(default_factory=list)
    codes: list[tuple[int, date, str]] = field(default_factory=list)
    results: dict[tuple, object] = field(default_factory=dict)
    facts: rulebook.facts.ResultFacts | None = None
    average: Fraction | None = None
    standing: object = None
    owed: list[Task] = field(default_factory=list)
    doubts: list[rulebook.facts.Decision] = field(default_factory=list)
    gradeless: bool = False

    def here(self, day: date) -> bool:
        return any(starts <= day and (ends is None or day <= ends) for starts, ends in self.spans)

    @property
    def value(self) -> str:
        return self.standing.value if self.standing else ""

    @property
    def version(self) -> str:
        return rulebook.entries.version_of(self.value)

    @property
    def missed(self) -> int:
        return len(self.missed_lessons)

    @property
    def missed_lessons(self) -> set[int]:
        return {lesson for lesson, _day, code in self.codes if code in m.codes().missed}

    @property
    def unexplained(self) -> list[tuple[int, date, str]]:
        return [row for row in self.codes if row[2] in m.codes().unexplained]

    @property
    def waits(self) -> bool:
        """Is a mark still to be put?"""
        return not (self.standing or self.left or self.gradeless)

    @property
    def on_border(self) -> bool:
        """The average is where a teacher should look twice (reports.md 3.8)."""
        return self.facts.computed != "" and in_border_zone(self.average)

    @property
    def undisputed(self) -> bool:
        """The computed mark may be taken as it is: nothing is missing and nothing speaks against it."""
        return bool(self.waits and self.facts.computed and not self.doubts and not self.owed and not self.setting[2].closed)

    @property
    def departs(self) -> bool:
        """The mark put is not the computed one, and no ground is written (MRK-11)."""
        put = self.standing
        return bool(put and self.facts.is_mark(put.value) and put.computed and put.value != put.computed and not put.reason)

    def weights(self, course) -> list[tuple[int, int]]:
        """(mark, weight) of what counts in the average."""
        return course.scale.weights([(row.value, row.weight) for row in self.given])


@dataclass
class Journal:
    """A course in a period with its pupils; `lessons` that are over, those of them without a topic in `blank`, and those of which
    nobody said who was there in `unstated`."""

    course: m.Course
    lines: list[Line]
    lessons: int = 0
    blank: list[tuple[int, date]] = field(default_factory=list)
    unstated: list[tuple[int, date]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    @property
    def here(self) -> list[Line]:
        """Those who need a mark."""
        return [line for line in self.lines if not line.left and not line.gradeless]

    @property
    def expected(self) -> int:
        return len(self.here)

    @property
    def put(self) -> int:
        return sum(line.standing is not None for line in self.here)


def journals(courses: list[m.Course], period, rules, now: datetime, school_class: int | None = None) -> list[Journal]:
    """These courses (rows of Course.whole) in a period that comes with its set, in their order; of the pupils of one class alone
    if given. Seven queries."""
    people = _people({course.unit_id for course in courses}, period, school_class)
    marks, codes = _grouped(_marks(courses, period)), _grouped(_codes(courses, period))
    results = _grouped(_results(courses))
    lessons, works = _by_course(_lessons(courses, period, now)), _by_course(_works(courses, period, now))
    found = []
    for course in courses:
        journal = Journal(course, [line for line in people.get(course.unit_id, {}).values()])
        journal.lines = [_line(line, course, marks, codes, results, period, rules, now) for line in journal.lines]
        _lay_lessons(journal, lessons.get(course.id, []), works.get(course.id, []))
        found.append(journal)
    return found


def _line(one: Line, course, marks, codes, results, period, rules, now) -> Line:
    """The pupil's line in one of the courses of the unit."""
    grade, half, _facts = one.setting
    line = Line(one.pupil, one.name, one.school_class, one.setting, one.spans, one.left)
    line.given = marks.get((course.id, line.pupil), [])
    line.codes = [(row.lesson, row.day, row.code) for row in codes.get((course.id, line.pupil), [])]
    line.results = {(row.kind, row.period): row for row in results.get((course.id, line.pupil), [])}
    line.standing = line.results.get(("period", period.id))
    given = [(row.value, row.weight, row.written) for row in line.given]
    line.facts, line.average = rulebook.result_desk.period_result(rules, line.setting, given, course)
    line.gradeless = rulebook.facts.is_gradeless(rules, grade, half)
    if not line.gradeless:
        line.doubts = rulebook.result_verdicts.doubts(rules, line.facts, line.value or line.facts.computed, now)
    return line


def _lay_lessons(journal: Journal, lessons: list, works: list) -> None:
    """What lessons ask of the pupils: topics, and works that everybody writes."""
    journal.lessons = len(lessons)
    journal.blank = [(row.id, row.day) for row in lessons if not row.topic.strip()]
    journal.unstated = [(row.id, row.day) for row in lessons if row.stated is None]
    journal.tasks = sorted([*(Task(row.id, None, row.day, row.kind) for row in lessons if row.everybody),
                            *(Task(row.lesson, row.id, row.day, row.kind) for row in works if row.everybody)],
                           key=lambda task: (task.day, task.lesson, task.work or 0))
    missed = m.codes().missed
    for line in journal.lines:
        if line.gradeless:
            continue
        marked = {(row.lesson, row.work) for row in line.given if row.value != "."}
        away = {lesson for lesson, _day, code in line.codes if code in missed}
        line.owed = [task for task in journal.tasks if line.here(task.day) and task.lesson not in away
                     and (task.lesson, task.work) not in marked]


# ---- what the next mark would do ----

def next_step(line: Line, course, rules) -> tuple[str, Fraction] | None:
    """The next better mark and how much the average lacks to it (reports.md 3.8); None at the best and without an average."""
    return to_next(line.average, course.scale.steps(rules.value("final.rounding"))) if course.scale.averaged else None


def one_more(line: Line, course, rules, weight: int) -> list[tuple[str, Fraction, str, bool]]:
    """(mark, average, result, does it change the result) with one more mark of this weight, best first (reports.md 3.13)."""
    scale, given, found = course.scale, line.weights(course), []
    for mark in scale.ladder:
        average = weighted_mean([*given, (scale.worth[mark], weight)])
        result = scale.earned(average, rules.value("final.rounding"))
        found.append((mark, average, result, result != line.facts.computed))
    return found


# ---- reading ----

def _people(units: set[int], period, school_class: int | None) -> dict[int, dict[int, Line]]:
    """Unit → pupil → a line with name, class and spans, by the alphabet: everybody who was in the unit in the period and
    whose class lives by its set."""
    member, enrolment, unit, klass = m.Membership, m.Enrolment, m.Unit, m.SchoolClass
    shut = m.PeriodClosure.standing().where((m.PeriodClosure.period == period.id) & (m.PeriodClosure.school_class == klass.id))
    rows = (member.select(member.unit, member.pupil, m.Person.surname, m.Person.name, member.starts, member.ends,
                          klass.id.alias("school_class"), klass.grade, fn.EXISTS(shut).alias("closed"),
                          m.ResultOrder.until_of(period.id, klass.id).alias("ordered"))
            .join(unit, on=(member.unit == unit.id)).join(enrolment, on=(enrolment.pupil == member.pupil)).join(klass)
            .join_from(member, m.Pupil, on=(member.pupil == m.Pupil.id)).join(m.Person)
            .where(member.unit.in_(list(units)) & (klass.period_set == period.period_set_id)
                   & (unit.school_class.is_null() | (enrolment.school_class == unit.school_class))
                   & _within(member, period) & _within(enrolment, period)))
    if school_class is not None:
        rows = rows.where(klass.id == school_class)
    rows = rows.order_by(m.Person.sort, member.pupil, member.unit, enrolment.starts, member.starts).namedtuples()
    found: dict[int, dict[int, Line]] = defaultdict(dict)
    for (number, pupil), group in groupby(rows, key=lambda row: (row.unit, row.pupil)):
        own = list(group)
        found[number][pupil] = _person(own, period)
    return found


def _person(rows: list, period) -> Line:
    """One line of the rows of a pupil in a unit; the later class speaks."""
    last = rows[-1]
    spans = sorted({(row.starts, row.ends) for row in rows})
    until = max(ends or period.ends for _starts, ends in spans)
    kind = period.period_set.kind
    facts = rulebook.facts.PeriodFacts(period.starts, period.ends, bool(last.closed), last.ordered, kind, period.name)
    setting = last.grade, rulebook.facts.half_of(kind, period.number, period.starts), facts
    return Line(last.pupil, f"{last.surname} {last.name}", last.school_class, setting, spans, until if until < period.ends else None)


def _within(span, period):
    return (span.starts <= period.ends) & (span.ends.is_null() | (span.ends >= period.starts))


def _ids(courses) -> list[int]:
    return [course.id for course in courses]


def _marks(courses, period):
    return m.Mark.grounds().where(m.Lesson.course.in_(_ids(courses)) & m.Lesson.day.between(period.starts, period.ends)).order_by(
        m.Lesson.day, m.Lesson.number, m.Mark.position, m.Mark.id).namedtuples()


def _codes(courses, period):
    absence, lesson = m.Absence, m.Lesson
    return absence.select(lesson.course, absence.pupil, absence.lesson, lesson.day, absence.code).join(lesson).where(
        lesson.course.in_(_ids(courses)) & lesson.day.between(period.starts, period.ends)).order_by(lesson.day).namedtuples()


def _results(courses):
    mark = m.PeriodMark
    return mark.select(mark.course, mark.pupil, mark.kind, mark.period, mark.value, mark.computed, mark.reason).where(
        mark.course.in_(_ids(courses))).namedtuples()


def _over(courses, period, now: datetime):
    """The condition on lessons of the period that are not cancelled and are over."""
    lesson, now = m.Lesson, now.astimezone(clock.zone())
    over = (lesson.day < now.date()) | (lesson.day == now.date()) & (lesson.ends <= now.time().replace(tzinfo=None))
    return lesson.course.in_(_ids(courses)) & lesson.day.between(period.starts, period.ends) & (lesson.state != "cancelled") & over


def _lessons(courses, period, now: datetime):
    lesson, kind = m.Lesson, m.WorkKind
    return lesson.select(lesson.course, lesson.id, lesson.day, lesson.topic, lesson.attendance_at.alias("stated"), kind.name.alias("kind"),
                         kind.for_everyone.alias("everybody")).join(kind, JOIN.LEFT_OUTER).where(
        _over(courses, period, now)).order_by(lesson.day, lesson.number).namedtuples()


def _works(courses, period, now: datetime):
    work, lesson, kind = m.Work, m.Lesson, m.WorkKind
    return work.select(lesson.course, work.id, work.lesson, lesson.day, kind.name.alias("kind"),
                       fn.COALESCE(work.for_everyone, kind.for_everyone).alias("everybody")).join(kind).join_from(work, lesson).where(
        _over(courses, period, now)).namedtuples()


def _grouped(rows) -> dict[tuple, list]:
    found = defaultdict(list)
    for row in rows:
        found[row.course, row.pupil].append(row)
    return found


def _by_course(rows) -> dict[int, list]:
    found = defaultdict(list)
    for row in rows:
        found[row.course].append(row)
    return found


# ---- the year, the exam, the final mark ----

@dataclass
class YearLine:
    """A pupil at the end of the year: `results` of the subject by (kind, period), and (facts, average) by kind."""

    pupil: int
    name: str
    left: date | None
    results: dict[tuple, object]
    kinds: dict[str, tuple[rulebook.facts.ResultFacts, Fraction | None]]

    def version(self, kind: str) -> str:
        put = self.results.get((kind, None))
        return rulebook.entries.version_of(put.value if put else "")

    @property
    def undisputed(self) -> bool:
        """The computed mark of the year may be taken as it is: it is not put yet, and no mark of a period is put off."""
        facts, _average = self.kinds["year"]
        put_off = any(kind == "period" and row.value in DEFERRED for (kind, _period), row in self.results.items())
        return bool(facts.computed and ("year", None) not in self.results and not self.left and not facts.period.closed and not put_off)

    @property
    def on_border(self) -> bool:
        """Between two marks of the year: both have as many grounds."""
        _facts, average = self.kinds["year"]
        return average is not None and average.denominator == 2


def year(course: m.Course, last) -> list[YearLine]:
    """The pupils of a course with what their marks of the year, the exam and the final ones are computed from (reports.md
    3.9). `last` is the last period of the set. Four queries."""
    people = _people({course.unit_id}, last, None).get(course.unit_id, {})
    since = course.unit.year.starts.replace(year=course.unit.year.starts.year - 1)
    rows = list(m.PeriodMark.of_subject(course.subject_id, people, since).namedtuples())
    known, orders = rulebook.result_desk.results_of_pupils(rows, course), m.ResultOrder.of_year(course.unit.year_id)
    own = _grouped(_results([course]))
    return [_year_line(line, known.get(line.pupil, []), orders, own.get((course.id, line.pupil), []), course.scale)
            for line in people.values()]


def _year_line(line: Line, known: list, orders: dict, own: list, scale) -> YearLine:
    grade, half, facts = line.setting
    kinds = {}
    for kind in m.RESULT_KINDS[1:]:
        ordered = orders.get((kind, line.school_class), orders.get((kind, None)))
        kinds[kind] = rulebook.result_desk.year_result(kind, (grade, half, replace(facts, ordered=ordered)), known, scale)
    return YearLine(line.pupil, line.name, line.left, {(row.kind, row.period): row for row in own}, kinds)


def is_nearly_over(periods: list, today: date) -> bool:
    """Marks of the year are put from the beginning of its last period on."""
    return bool(periods) and periods[-1].starts <= today


def courses_of_classes(classes, period) -> list[m.Course]:
    """Courses with results in which pupils of these classes have lessons in the period, in the curriculum's order. With the last
    period of the set also those that ended before it: their year is not closed without a mark. `here`: has lessons in the period."""
    def lessons(first, last):
        return fn.EXISTS(m.Lesson.select(SQL("1")).where((m.Lesson.course == m.Course.id) & (m.Lesson.state != "cancelled")
                                                         & m.Lesson.day.between(first, last)))
    shared = m.UnitMember.select(m.UnitMember.unit).join(m.Enrolment, on=(m.Enrolment.pupil == m.UnitMember.pupil)).where(
        m.Enrolment.school_class.in_(list(classes)))
    units = m.Unit.school_class.in_(list(classes)) | m.Unit.id.in_(shared)
    marked = fn.COALESCE(fn.NULLIF(m.Course.grading, ""), m.Subject.grading) != "none"
    here = lessons(period.starts, period.ends)
    last = fn.EXISTS(m.Period.select(SQL("1")).where((m.Period.id == period.id) & m.Period.is_last()))
    ended = last & lessons(m.Year.starts, period.ends)
    return list(m.Course.whole().join_from(m.Unit, m.Year).where(
        units & (m.Unit.year == period.period_set.year_id) & marked & (here | ended)).select_extend(here.alias("here")).order_by(
        m.Subject.position, m.Subject.name, m.Unit.name, m.Course.id))


# ---- how full a period is ----

@dataclass(frozen=True)
class Progress:
    """How full the marks of a period are in one course of a class: pupils, marks put."""

    course: int
    subject: str
    unit: str
    pupils: int
    put: int

    @property
    def missing(self) -> int:
        return self.pupils - self.put


def period_progress(period, classes, rules, courses=None) -> dict[int, list[Progress]]:
    """Class id → how full its period marks are, by course (only of `courses`, ids or a query, if given). A class taught without
    marks has nothing to fill (FIN-05). One query; the period comes with its set."""
    half = rulebook.facts.half_of(period.period_set.kind, period.number, period.ends)
    graded = [each for each in classes if not rulebook.facts.is_gradeless(rules, each.grade, half)]
    found: dict[int, list[Progress]] = {each.id: [] for each in classes}
    if graded:
        rows = m.PeriodMark.filled(period, graded, courses).namedtuples()
        for row in sorted(rows, key=lambda row: (row.position, row.subject, row.unit)):
            found[row.school_class].append(Progress(row.course, row.subject, row.unit, row.pupils, row.put))
    return found
