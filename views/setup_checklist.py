"""What a school needs before its first lesson can be entered, counted (CNT-02): nothing here is ticked by hand."""

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as N_
from peewee import fn

import models as m


@dataclass(frozen=True)
class Item:
    title: object
    why: object
    path: str
    done: int
    of: int | None  # None: any number above nought will do

    @property
    def ready(self) -> bool:
        return self.done > 0 and (self.of is None or self.done >= self.of)


def items(year: m.Year, today: date) -> list[Item]:
    """The list in the order in which a school does it; one statement."""
    steps = _steps(year, today)
    counts = m.Year.select(*[count.alias(f"n{place}") for place, count in enumerate(
        query for *_words, done, of in steps for query in (done, of) if query is not None)]).where(m.Year.id == year.id).tuples().get()
    found = iter(counts)
    return [Item(title, why, path, next(found), None if of is None else next(found)) for title, why, path, _done, of in steps]


def _steps(year: m.Year, today: date) -> list[tuple]:
    """(title, why, path, query of how many are there, query of how many there should be or None)"""
    classes = m.SchoolClass.select(m.SchoolClass.id).where(m.SchoolClass.year == year)
    courses = m.Course.select(m.Course.id).join(m.Unit).where(m.Unit.year == year)
    groups = m.Unit.select(m.Unit.id).where((m.Unit.year == year) & (m.Unit.kind != "class"))
    total, journals = _count(classes), _count(courses)
    return [
        (N_("Staff"), N_("everybody who teaches or leads"), "/admin/employee/", _count(m.Employee.select()), None),
        (N_("Classes"), N_("with shift and length of the week"), "/admin/school_class/", total, None),
        (N_("Pupils and parents"), N_("classes that have pupils"), "/admin/pupil/",
         _distinct(m.Enrolment.on(today), m.Enrolment.school_class, classes), total),
        (N_("Periods"), N_("classes that have quarters, half-years or semesters"), "/admin/period_set/",
         _count(classes.where(m.SchoolClass.period_set.is_null(False))), total),
        (N_("Holidays"), N_("days without lessons"), "/admin/holiday/", _count(m.Holiday.select().where(m.Holiday.year == year)), None),
        (N_("Bells"), N_("sets of bells in use"), "/admin/bell_set/", _count(m.BellUse.select().where(m.BellUse.year == year)), None),
        (N_("Curriculum"), N_("classes with weekly hours"), "/admin/curriculum_line/",
         _distinct(m.CurriculumLine.select(), m.CurriculumLine.school_class, classes), total),
        (N_("Subgroups"), N_("groups and streams that have pupils"), "/admin/unit/",
         _distinct(m.UnitMember.select(), m.UnitMember.unit, groups), _count(groups)),
        (N_("Teaching load"), N_("journals that have a teacher"), "/admin/assignment/",
         _distinct(m.Assignment.on(today), m.Assignment.course, courses), journals),
        (N_("Thematic plans"), N_("journals that have a plan"), "/admin/plan/",
         _count(courses.where(m.Course.plan.is_null(False))), journals),
        (N_("Timetable"), N_("published versions"), "/admin/timetable/", _count(m.Timetable.select().where(
            (m.Timetable.year == year) & m.Timetable.published_at.is_null(False))), None),
        (N_("Class teachers"), N_("classes that have one"), "/admin/appointment/",
         _distinct(m.Appointment.on(today).where(m.Appointment.role == "CT"), m.Appointment.school_class, classes), total),
    ]


def _count(rows):
    return rows.select(fn.COUNT(rows.model.id))


def _distinct(rows, column, among):
    """How many of `among` the column names."""
    return rows.where(column.in_(among)).select(fn.COUNT(column.distinct()))
