"""What pupils missed between two days: lessons by reason, whole days, and whether it is systematic (STR-18, reports.md 3.11)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from peewee import fn

import formulas
import models as m
from rulebook.due import Span, span_of
from rulebook.rules import Rules


@dataclass
class Missed:
    """A pupil: `lessons` as the formulas count them, whole `days` missed and those of them by illness, whether it is `systematic`."""

    pupil: int
    name: str
    school_class: int
    lessons: formulas.Attendance
    days: int
    ill_days: int
    systematic: bool

    @property
    def rate(self) -> Decimal | None:
        """Per cent of the lessons the pupil was at."""
        return formulas.shown_percent(self.lessons.rate)


@dataclass
class _Pupil:
    name: str
    school_class: int
    due: dict = field(default_factory=dict)  # day → lessons
    codes: dict = field(default_factory=lambda: defaultdict(list))  # day → codes, in the words of the formulas


def of_classes(rules: Rules, classes, first: date, last: date) -> list[Missed]:
    """The pupils who are in these classes (ids) on the last day, by class and alphabet. A lesson with a release is not due.
    Three statements."""
    pupils = {pupil: _Pupil(f"{surname} {name}", number) for pupil, number, surname, name in m.Enrolment.on(last).join(
        m.Pupil).join(m.Person).join_from(m.Enrolment, m.SchoolClass).where(m.Enrolment.school_class.in_(list(classes))).select(
        m.Pupil.id, m.SchoolClass.id, m.Person.surname, m.Person.name).order_by(m.SchoolClass.sort, m.Person.sort).tuples()}
    held = (m.Lesson.state == "held") & m.Lesson.day.between(first, last)
    listed = m.Enrolment.on(last).where(m.Enrolment.school_class.in_(list(classes))).select(m.Enrolment.pupil)
    for pupil, day, lessons in m.Lesson.select(m.Membership.pupil, m.Lesson.day, fn.COUNT(m.Lesson.id.distinct())).join(m.Course).join(
            m.Membership, on=(m.Membership.unit == m.Course.unit)).where(
            held & m.Membership.covers(m.Lesson.day) & m.Membership.pupil.in_(listed)).group_by(m.Membership.pupil, m.Lesson.day).tuples():
        pupils[pupil].due[day] = lessons
    for pupil, day, code in m.Absence.select(m.Absence.pupil, m.Lesson.day, m.Absence.code).join(m.Lesson).where(
            held & m.Absence.pupil.in_(listed)).tuples():
        pupils[pupil].codes[day].append(m.codes().usual(code))
    return [_missed(rules, number, pupil) for number, pupil in pupils.items()]


def _missed(rules: Rules, number: int, pupil: _Pupil) -> Missed:
    due = {day: lessons - pupil.codes[day].count(formulas.RELEASED) for day, lessons in pupil.due.items()}
    lessons = formulas.attendance(sum(due.values()), [code for codes in pupil.codes.values() for code in codes])
    days, ill = formulas.missed_days([(each, pupil.codes[day]) for day, each in due.items()], rules.value("attendance.missed_day"))
    limit = rules["attendance.systematic_percent"]
    often = limit.severity != "off" and formulas.is_systematic(lessons.unexcused, lessons.due, limit.value)
    return Missed(number, pupil.name, pupil.school_class, lessons, days, ill, often)


def month_of(day: date) -> Span:
    """The calendar month of a day: what systematic absence is counted over."""
    return span_of("P1M", day)
