"""The records that a changed rule is tried on: read in bulk, each kind in one statement when it is first asked for. Knows no request."""

from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from peewee import JOIN, SQL, Value, fn

import clock
import models as m
from rulebook.checks import local_day
from rulebook.facts import half_of
from rulebook.rules import Event, last_moment, parse_deadline

FIRST_WEEK = 7


class Look:
    """The records, read when they are first asked for, each kind in one statement."""

    def __init__(self, now: datetime):
        self.now, self.zone = now, clock.zone()
        self.today = local_day(now, self.zone)
        month = self.today.replace(day=1)
        self.first = month if (self.today - month).days >= FIRST_WEEK else (month - timedelta(1)).replace(day=1)
        self._limits: dict = {}

    @cached_property
    def year(self) -> m.Year | None:
        return m.Year.on(self.today)

    @cached_property
    def classes(self) -> dict[int, m.SchoolClass]:
        return {row.id: row for row in m.SchoolClass.select().where(m.SchoolClass.year == self.year)}

    @cached_property
    def calendar(self) -> m.Calendar:
        return m.Calendar(self.year)

    @cached_property
    def lessons(self) -> dict:
        """Lesson id → its row: course, day, times, class, kind, topic, attendance, period."""
        lesson, course, unit = m.Lesson, m.Course, m.Unit
        inside = (m.Period.period_set == m.SchoolClass.period_set) & lesson.day.between(m.Period.starts, m.Period.ends)
        query = (lesson.select(
            lesson.id, lesson.course, lesson.day, lesson.starts, lesson.ends, lesson.received_at, lesson.topic, lesson.topic_at,
            lesson.attendance_at, course.unit, unit.name.alias("unit_name"), unit.school_class, m.Subject.name.alias("subject"),
            fn.COALESCE(fn.NULLIF(course.grading, ""), m.Subject.grading).alias("grading"), m.SchoolClass.grade,
            m.WorkKind.deadline.alias("kind"), m.Period.id.alias("period"),
            m.Period.ends.alias("period_end"), m.Period.number, m.PeriodSet.kind.alias("set_kind"))
            .join(course).join(unit).join_from(course, m.Subject).join_from(lesson, m.WorkKind, JOIN.LEFT_OUTER)
            .join_from(unit, m.SchoolClass, JOIN.LEFT_OUTER).join(m.Period, JOIN.LEFT_OUTER, on=inside)
            .join(m.PeriodSet, JOIN.LEFT_OUTER).where(lesson.day.between(self.first, self.today) & (lesson.state != "cancelled")))
        return {row.id: row for row in query.namedtuples()}

    @cached_property
    def marks(self) -> list:
        """Marks of these lessons with their pupil and the kind of work of a further column."""
        own = m.WorkKind.alias()
        query = (m.Mark.select(m.Mark.lesson, m.Mark.pupil, m.Mark.position, m.Mark.value, m.Mark.entered_at, m.Mark.typed_at,
                               m.Mark.protocol, m.Mark.work, own.deadline.alias("kind"), m.Work.received_at, m.Person.surname,
                               m.Person.name)
                 .join(m.Work, JOIN.LEFT_OUTER).join(own, JOIN.LEFT_OUTER, on=(m.Work.kind == own.id))
                 .join_from(m.Mark, m.Lesson).join_from(m.Mark, m.Pupil).join(m.Person))
        return [row for row in query.where(self._days()).namedtuples() if row.lesson in self.lessons]

    @cached_property
    def absences(self) -> list:
        query = (m.Absence.select(m.Absence.lesson, m.Absence.pupil, m.Absence.code, m.Absence.entered_at, m.Absence.typed_at,
                                  m.Absence.document, m.Person.surname, m.Person.name)
                 .join(m.Lesson).join_from(m.Absence, m.Pupil).join(m.Person))
        return [row for row in query.where(self._days()).namedtuples() if row.lesson in self.lessons]

    @cached_property
    def homework(self) -> list:
        query = m.Homework.select(m.Homework.lesson, m.Homework.text, m.Homework.not_set, m.Homework.entered_at, m.Homework.typed_at)
        return [row for row in query.join(m.Lesson).where(self._days()).namedtuples() if row.lesson in self.lessons]

    @cached_property
    def changes(self) -> list:
        """(moment, row) of every change since the first day of marks and absences that stand, of whatever lesson."""
        return [(datetime.fromisoformat(row.at), row) for model in (m.Mark, m.Absence) for row in self._changes_of(model)]

    @cached_property
    def begun(self) -> dict[int, list[m.Period]]:
        """Set of periods → those that have begun, in order."""
        found: dict[int, list] = {}
        rows = m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(
            (m.PeriodSet.year == self.year) & (m.Period.starts <= self.today)).order_by(m.Period.starts)
        for row in rows:
            found.setdefault(row.period_set_id, []).append(row)
        return found

    @cached_property
    def periods(self) -> dict[int, m.Period]:
        """Set of periods → the one that runs, or the one that ended last."""
        return {period_set: rows[-1] for period_set, rows in self.begun.items()}

    @cached_property
    def results(self) -> list:
        """Marks of these periods and of those before them with course, class and pupil; `ordered` is the day set by an order."""
        result, course = m.PeriodMark, m.Course
        query = (result.select(
            result.course, result.pupil, result.period, result.value, result.computed, result.average, result.entered_at, m.Person.surname,
            m.Person.name, m.Subject.name.alias("subject"), m.SchoolClass.grade,
            fn.COALESCE(fn.NULLIF(course.grading, ""), m.Subject.grading).alias("grading"), m.Period.starts, m.Period.ends,
            m.Period.number, m.PeriodSet.kind.alias("set_kind"), m.ResultOrder.until_of(m.Period.id, m.SchoolClass.id).alias("ordered"))
            .join(course).join(m.Unit).join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(course, m.Subject)
            .join_from(result, m.Period).join(m.PeriodSet).join_from(result, m.Pupil).join(m.Person))
        return list(query.where((result.kind == "period") & result.period.in_(
            [each.id for rows in self.begun.values() for each in rows[-2:]])).namedtuples())

    @cached_property
    def grounds(self) -> list:
        """(course, pupil, number of current marks, written ones among them, course facts) in the periods of the classes."""
        last = min((each.starts for each in self.periods.values()), default=self.today)
        rows = m.Mark.grounds().where(m.Lesson.day.between(last, self.today) & (m.Mark.value != ".")).tuples()
        counted: dict[tuple, list] = {}
        about = self._courses()
        for of_course, pupil, _lesson, _work, day, *_rest, written in rows:
            period = about[of_course].period if of_course in about else None
            if period and period.starts <= day <= period.ends:
                tally = counted.setdefault((of_course, pupil), [0, False])
                tally[0] += 1
                tally[1] = tally[1] or bool(written)
        people = self._people({pupil for _, pupil in counted})
        return [(about[of_course], pupil, people.get(pupil, ""), *tally) for (of_course, pupil), tally in sorted(counted.items())]

    @cached_property
    def passwords(self) -> list[tuple[str, set[str], datetime]]:
        """(name, roles, when it was chosen by the school's clock) of every password in use."""
        roles: dict[int, set] = {}
        held = m.Appointment.on(self.today).select(m.Appointment.person, m.Appointment.role)
        for person, role in held.union_all(m.Assignment.on(self.today).select(m.Assignment.teacher, Value("T"))).tuples():
            roles.setdefault(person, set()).add(role)
        rows = m.Account.select(m.Account.person, m.Person.surname, m.Person.name, m.Account.password_at).join(m.Person).where(
            m.Account.password.is_null(False) & m.Account.password_at.is_null(False) & (m.Account.locked == ""))
        return [(f"{surname} {name}", roles.get(person, set()), at.astimezone(self.zone)) for person, surname, name, at in rows.tuples()]

    def limit(self, text: str, lesson, received: datetime | None = None, day_end: bool = False) -> datetime | None:
        """The last in-time moment of a deadline for a lesson."""
        key = text, lesson.id, received, day_end
        if key not in self._limits:
            at = clock.at(lesson.day, lesson.starts) if lesson.starts else None
            ends = self._ends.get((lesson.school_class or -lesson.unit, lesson.day)) if day_end else None
            self._limits[key] = last_moment(parse_deadline(text), Event(
                self.zone, lesson.day, at, clock.at(lesson.day, ends) if ends else None, lesson.period_end, received,
                is_school_day=self._school_days(lesson)))
        return self._limits[key]

    def half(self, row) -> int:
        return half_of(row.set_kind or "", row.number or 0, row.day)

    def _school_days(self, lesson):
        owner = self.classes.get(lesson.school_class) if lesson.school_class else None
        return (lambda day: bool(self.calendar.weekday(owner, day))) if owner else (lambda day: day.weekday() < 6)

    @cached_property
    def _ends(self) -> dict:
        """(class, or less than nought a unit without one, day) → when its last lesson ends."""
        found: dict = {}
        for row in self.lessons.values():
            place = row.school_class or -row.unit, row.day
            found[place] = max(found.get(place) or time(), row.ends or time()) or None
        return found

    def _days(self):
        return m.Lesson.day.between(self.first, self.today)

    def _changes_of(self, model):
        since = datetime.combine(self.first, time(), tzinfo=self.zone).astimezone(UTC).isoformat()
        protocol = model.protocol if model is m.Mark else SQL("NULL")
        return (m.History.select(m.Act.at, model.lesson, model.pupil, model.entered_at, protocol.alias("protocol"), m.Lesson.day,
                                 m.Lesson.received_at, m.Subject.name.alias("subject"), m.Person.surname, m.Person.name)
                .join(m.Act).join_from(m.History, model, on=(m.History.row_id == model.id)).join(m.Lesson).join(m.Course).join(m.Subject)
                .join_from(model, m.Pupil).join(m.Person)
                .where((m.History.tbl == model._meta.table_name) & (m.Act.at >= since)).namedtuples())

    def _courses(self) -> dict:
        """Course id → (id, subject, hours, grading, grade, period of its class)."""
        course = m.Course
        rows = (course.select(course.id, m.Subject.name, course.weekly_hours, fn.COALESCE(fn.NULLIF(course.grading, ""), m.Subject.grading),
                              m.SchoolClass.grade, m.SchoolClass.period_set)
                .join(m.Unit).join(m.SchoolClass).join_from(course, m.Subject).where(m.Unit.year == self.year).tuples())
        return {row[0]: Journal(*row[:5], self.periods.get(row[5])) for row in rows}

    def _people(self, pupils) -> dict[int, str]:
        rows = m.Pupil.select(m.Pupil.id, m.Person.surname, m.Person.name).join(m.Person).where(m.Pupil.id.in_(list(pupils))).tuples()
        return {pupil: f"{surname} {name}" for pupil, surname, name in rows}


class Journal(NamedTuple):
    id: int
    subject: str
    hours: object
    grading: str
    grade: int
    period: m.Period | None
