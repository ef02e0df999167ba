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
    """The list in the order in which a school does it; a dozen counts."""
    classes = m.SchoolClass.select(m.SchoolClass.id).where(m.SchoolClass.year == year)
    courses = m.Course.select(m.Course.id).join(m.Unit).where(m.Unit.year == year)
    groups = m.Unit.select(m.Unit.id).where((m.Unit.year == year) & (m.Unit.kind != "class"))
    total, journals = classes.count(), courses.count()
    return [
        Item(N_("Staff"), N_("everybody who teaches or leads"), "/admin/employee/", m.Employee.select().count(), None),
        Item(N_("Classes"), N_("with shift and length of the week"), "/admin/school_class/", total, None),
        Item(N_("Pupils and parents"), N_("classes that have pupils"), "/admin/pupil/",
             _distinct(m.Enrolment.on(today), m.Enrolment.school_class, classes), total),
        Item(N_("Periods"), N_("classes that have quarters, half-years or semesters"), "/admin/period_set/",
             classes.where(m.SchoolClass.period_set.is_null(False)).count(), total),
        Item(N_("Holidays"), N_("days without lessons"), "/admin/holiday/", m.Holiday.select().where(m.Holiday.year == year).count(), None),
        Item(N_("Bells"), N_("sets of bells in use"), "/admin/bell_set/", m.BellUse.select().where(m.BellUse.year == year).count(), None),
        Item(N_("Curriculum"), N_("classes with weekly hours"), "/admin/curriculum_line/",
             _distinct(m.CurriculumLine.select(), m.CurriculumLine.school_class, classes), total),
        Item(N_("Subgroups"), N_("groups and streams that have pupils"), "/admin/unit/",
             _distinct(m.UnitMember.select(), m.UnitMember.unit, groups), groups.count()),
        Item(N_("Teaching load"), N_("journals that have a teacher"), "/admin/assignment/",
             _distinct(m.Assignment.on(today), m.Assignment.course, courses), journals),
        Item(N_("Thematic plans"), N_("journals that have a plan"), "/admin/plan/",
             courses.where(m.Course.plan.is_null(False)).count(), journals),
        Item(N_("Timetable"), N_("published versions"), "/admin/timetable/", m.Timetable.select().where(
            (m.Timetable.year == year) & m.Timetable.published_at.is_null(False)).count(), None),
        Item(N_("Class teachers"), N_("classes that have one"), "/admin/appointment/",
             _distinct(m.Appointment.on(today).where(m.Appointment.role == "CT"), m.Appointment.school_class, classes), total),
    ]


def _distinct(rows, column, among) -> int:
    """How many of `among` the column names."""
    return rows.where(column.in_(among)).select(fn.COUNT(column.distinct())).scalar()
