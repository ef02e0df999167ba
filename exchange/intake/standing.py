"""What the journal knows already, for reading files that lean on it: a new timetable alone needs the subjects and the load."""

from datetime import date

import models as m

from exchange.intake.school import Hours, Load, Place, School, Staff, Subject
from exchange.intake.subjects import spelling

JOURNAL = Place("журнал")


def known(day: date) -> School | None:
    """The subjects, classes, curriculum, load and staff of the year that holds `day`; None before the first year."""
    year = m.Year.select().where((m.Year.starts <= day) & (m.Year.ends >= day)).first()
    if year is None:
        return None
    school = School(year=year.starts.year)
    subjects = {row.id: _subject(row) for row in m.Subject.select().order_by(m.Subject.position, m.Subject.id)}
    school.subjects = list(subjects.values())
    school.classes = [row.name for row in m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort)]
    lines = m.CurriculumLine.select(m.CurriculumLine, m.SchoolClass).join(m.SchoolClass).where(m.SchoolClass.year == year)
    school.curriculum = [Hours(row.school_class.name, subjects[row.subject_id], float(row.weekly_hours), JOURNAL) for row in lines]
    school.load = [_load(row, subjects) for row in _assignments(year, day)]
    school.staff = [Staff(row.person.full_name, row.position, row.subjects, [], row.person.phone, row.person.email, None, JOURNAL)
                    for row in m.Employee.select(m.Employee, m.Person).join(m.Person)]
    return school


def _subject(row):
    names = {spelling(name) for name in (row.name, row.official, row.short) if name}
    return Subject(row.name, row.official or row.name, JOURNAL, row.area, None, names, [row.short] if row.short else [])


def _assignments(year, day):
    """Standing assignments of courses whose unit belongs to one class."""
    return m.Assignment.on(day).select(m.Assignment, m.Course, m.Unit, m.SchoolClass, m.SubgroupSet, m.Person).join(
        m.Course).join(m.Unit).join(m.SchoolClass).switch(m.Unit).join(m.SubgroupSet, "LEFT JOIN").switch(m.Assignment).join(
        m.Person).where(m.Unit.year == year).order_by(m.Assignment.id)


def _load(row, subjects):
    unit = row.course.unit
    division = unit.subgroup_set.name if unit.subgroup_set_id else None
    return Load(row.teacher.full_name, subjects[row.course.subject_id], unit.school_class.name, unit.number,
                float(row.course.weekly_hours), JOURNAL, division)
