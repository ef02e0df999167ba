"""The journal page of a course in the layout of the paper journal: F-01L marks, F-01R topics and tasks.

`facts` is one course and period; `spreads` draws any number of courses with the same seven queries and is what the whole
class journal is made of. Everything is read through the gate, so a substitute's page holds the lessons given.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from peewee import JOIN

import models as m
import policies
from printouts.document import Document, Imprint, Lesson, Spread, spreads_of

UNNAMED = frozenset({"О", "Д"})
"""Answers and homework are not named beside the topic; control, practical, laboratory, independent works are (F-01R)."""
RESULTS = {"year": "Год", "exam": "Экзамен", "final": "Итоговая"}


def facts(user: policies.User, course: m.Course, period: m.Period, imprint: Imprint) -> Document:
    """F-01L/F-01R of one course and period (LEG-05)."""
    [spread] = spreads(user, [course], [period], imprint.at.date(), when=f"{period.name} {course.unit.year.name}")
    title = f"Журнал: {spread.subject}, {spread.unit}, {period.name}"
    return Document(title, "F-01", f"zhurnal-{course.id}-{period.number}", imprint, [spread], book=True)


def spreads(user: policies.User, courses: Sequence[m.Course], periods: Sequence[m.Period], today: date,
            when: str, results: bool = False) -> list[Spread]:
    """One spread a course, numbered through; lessons up to `today` and those already filled, each period's column right
    after its last lesson, and with `results` the columns of the year that have marks."""
    book = _Book(user, courses, periods, today)
    made, first = [], 1
    for course in courses:
        spread = replace(book.spread(course, results), when=when, first=first)
        first += spreads_of(len(spread.lessons))
        made.append(spread)
    return made


def of_class(user: policies.User, school_class: m.SchoolClass) -> list[m.Course]:
    """The courses of a class in the order of the curriculum: its own, its subgroups', streams with its pupils."""
    pupils = m.Enrolment.select(m.Enrolment.pupil).where(m.Enrolment.school_class == school_class)
    shared = m.UnitMember.select(m.UnitMember.unit).where(m.UnitMember.pupil.in_(pupils))
    return list(_named(policies.journals(user)).where(
        (m.Unit.school_class == school_class) | (m.Unit.year == school_class.year_id) & m.Unit.id.in_(shared)).order_by(
        m.Subject.position, m.Subject.name, m.Unit.kind, m.Unit.number, m.Unit.name, m.Course.id))


def courses_for(user: policies.User, year: m.Year) -> list[m.Course]:
    """The journals of a year that the user may open, by class and subject."""
    return list(_named(policies.journals(user)).where(m.Unit.year == year).join_from(
        m.Unit, m.SchoolClass, JOIN.LEFT_OUTER).order_by(m.SchoolClass.sort, m.Unit.name, m.Subject.position, m.Subject.name))


def course_for(user: policies.User, number: int) -> m.Course | None:
    """The journal with this number, if the user may open it."""
    return _named(policies.journals(user)).where(m.Course.id == number).first()


def periods_of(course: m.Course) -> list[m.Period]:
    """The periods a course is marked by: those of its class, or of its pupils' classes; in order, a set after another."""
    classes = m.Enrolment.select(m.Enrolment.school_class).join(
        m.UnitMember, on=(m.UnitMember.pupil == m.Enrolment.pupil)).where(m.UnitMember.unit == course.unit_id)
    sets = m.SchoolClass.select(m.SchoolClass.period_set).where(m.SchoolClass.year == course.unit.year_id).where(
        (m.SchoolClass.id == course.unit.school_class_id) if course.unit.school_class_id else m.SchoolClass.id.in_(classes))
    return list(m.Period.select().where(m.Period.period_set.in_(sets)).order_by(m.Period.period_set, m.Period.number))


def _named(courses):
    """The query with unit, year and subject read in the same statement."""
    return courses.select(m.Course, m.Unit, m.Year, m.Subject).join(m.Unit).join(m.Year).switch(m.Course).join(m.Subject)


def on_page(subject: m.Subject) -> str:
    """A subject's name in the curriculum as it stands on a page: «русский язык», but «ИЗО» (F-01L)."""
    name = subject.official or subject.name
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


class _Row(NamedTuple):
    """A lesson that was not cancelled, as the right page tells it."""

    id: int
    course: int
    day: date
    hours: int
    state: str
    topic: str
    task: str


class _Book:
    """Everything the pages of some courses need, read in bulk and kept by course."""

    def __init__(self, user: policies.User, courses: Sequence[m.Course], periods: Sequence[m.Period], today: date):
        self.user, self.periods, self.today = user, periods, today
        self.ids = [course.id for course in courses]
        self.starts, self.ends = min(p.starts for p in periods), max(p.ends for p in periods)
        self.teachers = self._teachers()
        self.pupils = self._pupils({course.unit_id for course in courses})
        self.entries = self._entries()
        self.results = self._results()
        self.remote = _days_at_a_distance(courses, self.starts, self.ends)
        self.lessons = self._lessons()

    def spread(self, course: m.Course, results: bool) -> Spread:
        columns = self._columns(course.id, results)
        members = self.pupils[course.unit_id]
        known = self.results[course.id]
        marks = [[known.get((key, pupil), "") if isinstance(key, tuple) else self.entries.get((key, pupil), "")
                  for key, _ in columns] for pupil in members]
        teacher = "; ".join(self.teachers[course.id]) or "не назначен"
        return Spread(on_page(course.subject), course.unit.name, "", teacher, list(members.values()),
                      [column for _, column in columns], marks)

    # ---- columns, each with the key of its marks: a lesson's id, or the kind of a result and its period ----

    def _columns(self, course: int, results: bool) -> list[tuple[object, Lesson]]:
        columns: list[tuple[object, Lesson]] = []
        numbered = list(enumerate(self.lessons[course], 1))
        for period in self.periods:
            inside = [(number, row) for number, row in numbered if period.starts <= row.day <= period.ends]
            columns += [(row.id, Lesson(row.day, f"{number} / {row.hours}", row.topic, row.task))
                        for number, row in inside if self._shown(row)]
            closing = self._closing([row for _, row in inside])
            columns.append((("period", period.id), Lesson(label=period.name, closing=closing)))
        known = {kind for (kind, _), _ in self.results[course]}
        return columns + [((kind, None), Lesson(label=label)) for kind, label in RESULTS.items() if results and kind in known]

    def _shown(self, row: _Row) -> bool:
        """Lessons to come have no place on paper unless something is written in them already."""
        return row.day <= self.today or bool(row.topic) or row.id in self.filled

    def _closing(self, rows: list[_Row]) -> str:
        """Plan is what the timetable gives the period; the lag is counted to the day of printing (reports.md 3.12)."""
        planned, given = sum(row.hours for row in rows), sum(row.hours for row in rows if row.state == "held")
        due = sum(row.hours for row in rows if row.day <= self.today)
        return f"По плану {planned} ч, дано {given} ч, отставание {max(0, due - given)} ч. Подпись ______________"

    # ---- what is read, one query each ----

    def _teachers(self) -> dict[int, list[str]]:
        """Full names by course, in the order they taught within the span."""
        rows = policies.visible(self.user, m.Assignment).select(
            m.Assignment.course, m.Person.surname, m.Person.name, m.Person.patronymic).join(m.Person).where(
            m.Assignment.course.in_(self.ids) & (m.Assignment.starts <= self.ends)
            & (m.Assignment.ends.is_null() | (m.Assignment.ends >= self.starts))).order_by(m.Assignment.starts, m.Assignment.id)
        teachers: dict[int, list[str]] = defaultdict(list)
        for course, *parts in rows.tuples():
            name = " ".join(part for part in parts if part)
            if name not in teachers[course]:
                teachers[course].append(name)
        return teachers

    def _pupils(self, units: set[int]) -> dict[int, dict[int, str]]:
        """Unit → pupil → «Фамилия Имя» by the alphabet: everybody who was in the unit within the span."""
        rows = policies.visible(self.user, m.Membership).select(
            m.Membership.unit, m.Membership.pupil, m.Person.surname, m.Person.name).join(
            m.Pupil, on=(m.Membership.pupil == m.Pupil.id)).join(m.Person).where(
            m.Membership.unit.in_(list(units)) & (m.Membership.starts <= self.ends)
            & (m.Membership.ends.is_null() | (m.Membership.ends >= self.starts))).order_by(m.Person.sort, m.Membership.pupil)
        pupils: dict[int, dict[int, str]] = defaultdict(dict)
        for unit, pupil, surname, name in rows.tuples():
            pupils[unit][pupil] = f"{surname} {name}".strip()
        return pupils

    def _entries(self) -> dict[tuple[int, int], str]:
        """(lesson, pupil) → the cell: code, marks of all works, or «н→4» for a retake."""
        marks: dict[tuple[int, int], list[str]] = defaultdict(list)
        rows = self._within(policies.visible(self.user, m.Mark).select(m.Mark.lesson, m.Mark.pupil, m.Mark.value).join(m.Lesson))
        for lesson, pupil, value in rows.order_by(m.Mark.work.is_null(False), m.Mark.work, m.Mark.position).tuples():
            marks[lesson, pupil].append(value)
        rows = self._within(policies.visible(self.user, m.Absence).select(
            m.Absence.lesson, m.Absence.pupil, m.Absence.code).join(m.Lesson))
        cells = {key: "/".join(values) for key, values in marks.items()}
        for lesson, pupil, code in rows.tuples():
            later = cells.get((lesson, pupil))
            cells[lesson, pupil] = f"{code}{'→' if code in m.codes().missed else ' '}{later}" if later else code
        self.filled = {lesson for lesson, _ in cells}
        return cells

    def _results(self) -> dict[int, dict[tuple, str]]:
        """Course → ((kind, period), pupil) → value."""
        rows = policies.visible(self.user, m.PeriodMark).select(
            m.PeriodMark.course, m.PeriodMark.kind, m.PeriodMark.period, m.PeriodMark.pupil, m.PeriodMark.value).where(
            m.PeriodMark.course.in_(self.ids))
        results: dict[int, dict[tuple, str]] = defaultdict(dict)
        for course, kind, period, pupil, value in rows.tuples():
            results[course][(kind, period), pupil] = value
        return results

    def _lessons(self) -> dict[int, list[_Row]]:
        """Course → its lessons of the year up to the end of the span: the number of a lesson counts from the first."""
        works, tasks, lent = self._works(), self._homework(), m.Person.alias()
        rows = policies.visible(self.user, m.Lesson).select(
            m.Lesson.id, m.Lesson.course, m.Lesson.day, m.Lesson.hours, m.Lesson.state, m.Lesson.topic, m.WorkKind.code,
            m.WorkKind.name, m.Lesson.work_topic, m.Lesson.distance, lent.surname, lent.name,
            lent.patronymic).join(m.WorkKind, JOIN.LEFT_OUTER).switch(m.Lesson).join(
            m.Substitution, JOIN.LEFT_OUTER, on=(m.Substitution.lesson == m.Lesson.id)).join(
            lent, JOIN.LEFT_OUTER, on=(m.Substitution.substitute == lent.id)).where(
            m.Lesson.course.in_(self.ids) & (m.Lesson.state != "cancelled") & (m.Lesson.day <= self.ends)).order_by(
            m.Lesson.course, m.Lesson.day, m.Lesson.number)
        lessons: dict[int, list[_Row]] = defaultdict(list)
        for lesson, course, day, hours, state, topic, code, kind, title, distance, *who in rows.tuples():
            said = _content(topic, [(code, kind, title), *works[lesson]], who)
            said += " (дистанционно)" if said and (distance or day in self.remote[course]) else ""
            lessons[course].append(_Row(lesson, course, day, hours, state, said, "; ".join(tasks[lesson])))
        return lessons

    def _homework(self) -> dict[int, list[str]]:
        """Lesson → what was set to everybody, then to subgroups by name; a single pupil's own task is no matter of the class."""
        rows = policies.visible(self.user, m.Homework).select(
            m.Homework.lesson, m.Homework.text, m.Homework.not_set, m.Unit.name).join(m.Lesson).switch(m.Homework).join(
            m.Unit, JOIN.LEFT_OUTER, on=(m.Homework.unit == m.Unit.id)).where(
            m.Homework.pupil.is_null() & m.Lesson.course.in_(self.ids) & (m.Lesson.day <= self.ends))
        tasks: dict[int, list[str]] = defaultdict(list)
        for lesson, text, not_set, unit in sorted(rows.tuples(), key=lambda row: row[3] or ""):
            said = text or ("не задано" if not_set else "")
            tasks[lesson].append(f"{unit}: {said}" if unit else said)
        return tasks

    def _works(self) -> dict[int, list[tuple]]:
        """Lesson → (code, kind, title) of its further works."""
        rows = self._within(policies.visible(self.user, m.Work).select(
            m.Work.lesson, m.WorkKind.code, m.WorkKind.name, m.Work.title).join(m.Lesson).switch(m.Work).join(
            m.WorkKind, on=(m.Work.kind == m.WorkKind.id)))
        works: dict[int, list[tuple]] = defaultdict(list)
        for lesson, *work in rows.order_by(m.Work.position).tuples():
            works[lesson].append(tuple(work))
        return works

    def _within(self, query):
        return query.where(m.Lesson.course.in_(self.ids) & m.Lesson.day.between(self.starts, self.ends))


def _days_at_a_distance(courses: Sequence[m.Course], first: date, last: date) -> dict[int, set[date]]:
    """Course → days on which an order has its class at a distance (SUB-04)."""
    orders, days = m.Holiday.at_distance(first, last), defaultdict(set)
    classes = {row.id: row for row in m.SchoolClass.select().where(
        m.SchoolClass.id.in_([course.unit.school_class_id for course in courses if course.unit.school_class_id]))} if orders else {}
    for course in courses:
        own = classes.get(course.unit.school_class_id)
        for order in orders:
            if own is not None and order.concerns(own):
                days[course.id].update(m.each_day(order.starts, order.ends))
    return days


def _content(topic: str, works: list[tuple], substitute: list[str | None]) -> str:
    """The topic, the works it does not name itself, and who gave the lesson in place of the teacher."""
    named = [f"{kind}: {title}" if title else kind for code, kind, title in works
             if kind and code not in UNNAMED and kind.lower() not in topic.lower()]
    said = ". ".join(part.rstrip(".") for part in (topic, *named) if part)
    if not substitute[0]:
        return said
    return f"{said} (замена: {m.short_name(*substitute)})".strip()
