"""What a family asks about the school itself: who teaches, when control works are written and holidays begin, what teachers advise
(PLN-09: with the week, the marks and the results the eight things a family is shown)."""

from datetime import date

import models as m


def facts(card, today: date) -> dict:
    """Teachers of the pupil's class and groups, the control works of the running period, the calendar of the class, the words of
    teachers to the pupil, the newest first. Seven statements."""
    school_class = card.school_class(today)
    if school_class is None:
        return {"teachers": [], "tutors": [], "works": [], "period": None, "calendar": [], "periods": [], "advice": []}
    periods = list(m.Period.select().where(m.Period.period_set == school_class.period_set_id).order_by(m.Period.starts))
    period = next((each for each in periods if each.ends >= today), (periods or [None])[-1])
    return {"teachers": _teachers(card.id, today), "tutors": _tutors(school_class, today), "period": period, "periods": periods,
            "works": _works(card.id, period) if period else [], "calendar": _calendar(school_class, today),
            "advice": _advice(card.id, school_class.year)}


def _teachers(pupil: int, today: date) -> list[tuple[str, list[str]]]:
    """(teacher, subjects) of everything the pupil is taught today, with the group or stream where it is not the whole class."""
    found: dict[str, list] = {}
    rows = m.Assignment.on(today).select(m.Assignment, m.Person, m.Course, m.Subject, m.Unit).join(m.Person).join_from(
        m.Assignment, m.Course).join(m.Subject).join_from(m.Course, m.Unit).where(
        m.Assignment.course.in_(m.Course.of_pupil(pupil, today, today).select(m.Course.id))).order_by(
        m.Subject.position, m.Subject.name, m.Unit.name, m.Person.sort)
    for row in rows:
        group = "" if row.course.unit.kind == "class" else f" ({row.course.unit.name})"
        found.setdefault(row.teacher.full_name, []).append(row.course.subject.name + group)
    return list(found.items())


def _tutors(school_class, today: date) -> list[str]:
    """Class teachers of the class today."""
    rows = m.Appointment.on(today).where((m.Appointment.role == "CT") & (m.Appointment.school_class == school_class)).join(
        m.Person).select(m.Appointment, m.Person)
    return [row.person.full_name for row in rows]


def _works(pupil: int, period) -> list:
    """Lessons of the period with a work that everybody writes, by day."""
    return list(m.Lesson.of_pupil(pupil, period.starts, period.ends).where(
        m.WorkKind.for_everyone & (m.Lesson.state != "cancelled")).namedtuples())


def _calendar(school_class, today: date) -> list:
    """Holidays, days off and days by order of the class from today on."""
    rows = m.Holiday.select().where((m.Holiday.year == school_class.year_id) & (m.Holiday.ends >= today)).order_by(m.Holiday.starts)
    return [row for row in rows if row.concerns(school_class)]


def _advice(pupil: int, year) -> list:
    """What teachers wrote to the pupil this year, with the subject."""
    rows = m.Remark.of_pupil(pupil, year.starts, year.ends).select_extend(m.Lesson, m.Course, m.Subject).join_from(
        m.Lesson, m.Course).join(m.Subject)
    return list(rows)[::-1]
