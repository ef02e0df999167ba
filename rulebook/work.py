"""How the journal was kept between two days, teacher by teacher (CTL-02, R-12): figures for the leaders' control, the share done in time
and the score made of it (CTL-15); and how full single journals are (R-14)."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from peewee import JOIN, Case, fn

import formulas
import models as m
from rulebook.facts import half_of, is_gradeless
from rulebook.result_verdicts import norm_of
from rulebook.rules import Rules

IN_TIME = (("attendance", "attendance_in_time", "lessons"), ("topics", "topics_in_time", "lessons"),
           ("homework", "homework_in_time", "asked"), ("marks", "marks_in_time", "marks"))
"""What the score is made of: a part, the figure that was done in time, the figure it is a share of."""


@dataclass
class Work:
    """What one teacher did in the days looked at. `lessons` are those that are over; `recorded` of them have attendance and topic,
    `topics` a topic, `taken` attendance, `homework` of the `asked` something set or «not set», `marked` of the `asked` a mark; `late`
    counts entries after their deadline; `with_marks` of `places` (pupils × journals) have a mark; `substituted` lessons were given in
    somebody's place; `corrected` cells of closed lessons were changed by permission; `seen` is the last sign-in. Classes without marks
    count for neither homework nor marks."""

    person: int
    name: str
    lessons: int = 0
    recorded: int = 0
    topics: int = 0
    taken: int = 0
    homework: int = 0
    marked: int = 0
    asked: int = 0
    substituted: int = 0
    topics_in_time: int = 0
    attendance_in_time: int = 0
    homework_in_time: int = 0
    late: int = 0
    marks: int = 0
    marks_late: int = 0
    with_marks: int = 0
    places: int = 0
    corrected: int = 0
    seen: datetime | None = None

    @property
    def missing(self) -> int:
        return self.lessons - self.recorded

    @property
    def marks_in_time(self) -> int:
        return self.marks - self.marks_late

    def share(self, part: str, whole: str = "lessons") -> int | None:
        """Whole per cent, rounded down so that 100 means all; None of nothing."""
        return getattr(self, part) * 100 // getattr(self, whole) if getattr(self, whole) else None

    def in_time(self) -> dict[str, Fraction | None]:
        """Part of IN_TIME → exact per cent done in time; None where nothing was due."""
        return {part: Fraction(100 * getattr(self, done), getattr(self, whole)) if getattr(self, whole) else None
                for part, done, whole in IN_TIME}

    @property
    def score(self) -> Decimal | None:
        """R-12: the mean of the shares done in time, per cent, rounded once; None where nothing was due."""
        return formulas.shown_percent(formulas.mean(share for share in self.in_time().values() if share is not None))


_COUNTED = [field.name for field in fields(Work)][2:14]  # what `_lessons` counts, in its order


def by_teacher(rules: Rules, first: date, last: date, now: datetime) -> list[Work]:
    """The work of everybody who gave lessons from `first` to `last`, by the alphabet. Six statements."""
    found: dict[int, Work] = {}
    gradeless = _gradeless(rules, last)
    for person, surname, name, patronymic, *counts in _lessons(first, last, now, gradeless).tuples():
        found[person] = Work(person, m.short_name(surname, name, patronymic), **dict(zip(_COUNTED, map(int, counts), strict=True)))
    for person, marks, late, with_marks in _marks(first, last).tuples():
        if person in found:
            work = found[person]
            work.marks, work.marks_late, work.with_marks, work.late = int(marks), int(late), int(with_marks), work.late + int(late)
    for rows, figure in ((_late_absences(first, last), "late"), (_places(first, last, gradeless), "places"),
                         (_corrected(first, last), "corrected")):
        for person, number in rows.tuples():
            if person in found:
                setattr(found[person], figure, getattr(found[person], figure) + int(number))
    for person, seen in m.LoginSession.select(m.Account.person, fn.MAX(m.LoginSession.seen_at)).join(m.Account).where(
            m.Account.person.in_(list(found))).group_by(m.Account.person).tuples():
        found[person].seen = seen
    return sorted(found.values(), key=lambda work: m.sort_key(work.name))


def _gradeless(rules, day) -> list[int]:
    """Grades without marks in the half-year of the day; [0] for none, which no class has."""
    half = half_of("", 0, day)
    return [grade for grade in range(1, 12) if is_gradeless(rules, grade, half)] or [0]


_GIVER = fn.COALESCE(m.Substitution.substitute, m.Lesson.teacher)


def _over(first: date, last: date, now: datetime):
    today, time = now.date(), now.time().replace(tzinfo=None)
    over = (m.Lesson.day < today) | ((m.Lesson.day == today) & (m.Lesson.ends <= time))
    return m.Lesson.day.between(first, last) & over & (m.Lesson.state != "cancelled")


def _flag(condition):
    return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)


def _lessons(first, last, now, gradeless):
    """Person, name in parts, then what _COUNTED names."""
    lesson, topic, taken = m.Lesson, m.Lesson.topic != "", m.Lesson.attendance_at.is_null(False)
    set_ = lesson.id.in_(m.Homework.select(m.Homework.lesson))
    set_late = lesson.id.in_(m.Homework.select(m.Homework.lesson).where(m.Homework.late == True))  # noqa: E712
    marked, lent = lesson.id.in_(m.Mark.select(m.Mark.lesson)), m.Substitution.substitute.is_null(False)
    asked = m.SchoolClass.grade.is_null() | m.SchoolClass.grade.not_in(gradeless)
    said_late, taken_late = topic & (lesson.topic_late == True), taken & (lesson.attendance_late == True)  # noqa: E712
    flags = (topic & taken, topic, taken, set_ & asked, marked & asked, asked, lent, topic & (lesson.topic_late == False),  # noqa: E712
             taken & (lesson.attendance_late == False), set_ & asked & ~set_late)  # noqa: E712
    return lesson.select(
        m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic, fn.COUNT(lesson.id), *map(_flag, flags),
        _flag(said_late) + _flag(taken_late)).join(m.Course).join(m.Unit).join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(
        lesson, m.Substitution, JOIN.LEFT_OUTER).join(m.Person, on=(m.Person.id == _GIVER)).where(
        _over(first, last, now)).group_by(m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic)


def _marks(first, last):
    """Teacher, marks, late ones, places with a mark."""
    place = m.Lesson.course.cast("BIGINT") * 1_000_000 + m.Mark.pupil
    return _entries(m.Mark, first, last).select(_GIVER, fn.COUNT(m.Mark.id), _flag(m.Mark.late == True), fn.COUNT(place.distinct()))  # noqa: E712


def _late_absences(first, last):
    return _entries(m.Absence, first, last).where(m.Absence.late == True).select(_GIVER, fn.COUNT(m.Absence.id))  # noqa: E712


def _corrected(first, last):
    """Teacher, cells of closed lessons changed by permission in these days."""
    changed = fn.DATE(m.CorrectionCell.mended_at)
    return m.CorrectionCell.select(m.Correction.asked_by, fn.COUNT(m.CorrectionCell.id)).join(m.Correction).where(
        (changed >= first) & (changed <= last)).group_by(m.Correction.asked_by)


def _entries(model, first, last):
    return model.select().join(m.Lesson).join(m.Substitution, JOIN.LEFT_OUTER).where(
        m.Lesson.day.between(first, last) & _GIVER.is_null(False)).group_by(_GIVER)


def _places(first, last, gradeless):
    """Teacher, pupils × journals of the lessons given in these days."""
    taught = m.Lesson.select(_GIVER.alias("person"), m.Lesson.course.alias("course")).join(m.Substitution, JOIN.LEFT_OUTER).where(
        m.Lesson.day.between(first, last) & (m.Lesson.state != "cancelled") & _GIVER.is_null(False)).distinct().alias("taught")
    return m.Course.select(taught.c.person, fn.SUM(m.Unit.headcount(last))).join(m.Unit).join(
        m.SchoolClass, JOIN.LEFT_OUTER).join_from(m.Course, taught, on=(taught.c.course == m.Course.id)).where(
        m.SchoolClass.grade.is_null() | m.SchoolClass.grade.not_in(gradeless)).group_by(taught.c.person)


def gaps(person: int, first: date, last: date, now: datetime):
    """Lessons of a teacher in these days that lack attendance or a topic, as `Lesson.unrecorded`."""
    return m.Lesson.unrecorded(first, now.date(), now.time().replace(tzinfo=None)).where(
        (_GIVER == person) & (m.Lesson.day <= last))


# ---- how full the journals of a teacher are (R-14, reports.md 3.7) ----

@dataclass(frozen=True)
class Fullness:
    """A journal in a period: `lessons` held, `pupils` in the list, their `marks`, the `norm` of marks a pupil should have (None: there is
    none for such a period), and how many pupils have `fewer`, how many none (`bare`)."""

    course: int
    unit: str
    subject: str
    period: str
    lessons: int
    pupils: int
    marks: int
    norm: int | None
    fewer: int
    bare: int

    @property
    def density(self) -> Fraction | None:
        """Marks for one pupil in one lesson."""
        return formulas.density(self.marks, self.pupils, self.lessons)

    @property
    def shown_density(self) -> Decimal | None:
        return formulas.shown_mean(self.density)

    @property
    def accumulation(self) -> Decimal | None:
        """Marks in per cent of what the norm asks of the whole list."""
        return formulas.shown_percent(formulas.accumulation(self.marks, self.norm * self.pupils)) if self.norm and self.pupils else None

    @property
    def alert(self) -> bool:
        """Fewer than ALERT_SHARE per cent."""
        return self.norm is not None and self.pupils > 0 and formulas.accumulation(
            self.marks, self.norm * self.pupils) < formulas.ALERT_SHARE


def fullness(rules: Rules, person: int, today: date) -> list[Fullness]:
    """The journals with marks that a teacher keeps on a day, in the period that runs in each of their classes. Two statements."""
    rows = list(_running(person, today, _gradeless(rules, today)))
    counted: dict[int, list[int]] = {}
    for course, number in _marks_of_pupils([row.course for row in rows], today).tuples():
        counted.setdefault(course, []).append(number)
    found = []
    for row in rows:
        norm, marks = norm_of(rules, row.kind, row.hours), counted.get(row.course, [])
        bare = row.pupils - sum(number > 0 for number in marks)
        fewer = bare + sum(0 < number < norm for number in marks) if norm else 0
        found.append(Fullness(row.course, row.unit, row.subject, row.period, row.lessons, row.pupils, sum(marks), norm, fewer, bare))
    return found


def _running(person, today, gradeless):
    """The journals with their period, weekly hours, pupils of the list and lessons held in the period."""
    held = m.Lesson.select(fn.COUNT(m.Lesson.id)).where(
        (m.Lesson.course == m.Course.id) & (m.Lesson.state == "held") & m.Lesson.day.between(m.Period.starts, today))
    grading = fn.COALESCE(fn.NULLIF(m.Course.grading, ""), m.Subject.grading)
    own = (m.Assignment.teacher == person) & m.SchoolClass.grade.not_in(gradeless) & (grading != "none")
    return m.Assignment.on(today).where(own).join(m.Course).join(m.Unit).join(m.SchoolClass).join(m.PeriodSet).join(m.Period).join_from(
        m.Course, m.Subject).where(
        (m.Period.starts <= today) & (m.Period.ends >= today)).select(
        m.Course.id.alias("course"), m.Unit.name.alias("unit"), m.Subject.name.alias("subject"), m.Period.name.alias("period"),
        m.PeriodSet.kind.alias("kind"), m.Course.weekly_hours.alias("hours"), m.Unit.headcount(today).alias("pupils"),
        held.alias("lessons")).order_by(m.SchoolClass.sort, m.Subject.name).namedtuples()


def _marks_of_pupils(courses, today):
    """(course, how many marks) of each pupil in the list who has any in the period that runs; «.» is no mark."""
    inside = m.Lesson.day.between(m.Period.starts, m.Period.ends) & (m.Period.starts <= today) & (m.Period.ends >= today)
    listed = m.Membership.on(today).select(m.Membership.pupil).where((m.Membership.unit == m.Course.unit) & (
        m.Membership.pupil == m.Mark.pupil))
    return m.Mark.select(m.Lesson.course, fn.COUNT(m.Mark.id)).join(m.Lesson).join(m.Course).join(m.Unit).join(m.SchoolClass).join(
        m.Period, on=(m.Period.period_set == m.SchoolClass.period_set) & inside).where(
        m.Lesson.course.in_(courses) & (m.Mark.value != ".") & fn.EXISTS(listed)).group_by(m.Lesson.course, m.Mark.pupil)
