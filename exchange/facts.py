"""What is in the database, as one object for checks: the shape is promised in the README (command `facts`)."""

from collections import defaultdict
from datetime import date

import models as m

DEMO_ROLES = ("admin", "director", "deputy", "secretary", "classteacher", "teacher", "substitute", "master", "parent", "parent2",
              "pupil", "pupil2")


def facts(today: date) -> dict:
    """
    `{accounts, classes, pupils, parents, staff, courses, slots, plans, periods}` of the year that holds `today`. Dates are ISO
    strings, hours numbers.
    """
    year = m.Year.on(today)
    pupils = _pupils(year, today) if year else []
    listed = {pupil["id"] for pupil in pupils if pupil["status"] == "in"}
    return {
        "accounts": _accounts(today), "classes": _classes(year), "pupils": pupils,
        "parents": _parents(listed, today), "staff": m.Employee.select().where(m.Employee.left.is_null()).count(),
        "courses": _courses(year, today), "slots": _slots(year, today), "plans": _plans(year), "periods": _periods(year)}


def _accounts(today):
    """Role -> login: the demo's accounts by their names, else the first account of each role."""
    logins = {login for login, in m.Account.select(m.Account.login).tuples()}
    found = {name: name for name in DEMO_ROLES if name in logins}
    rows = m.Appointment.on(today).select(m.Appointment.role, m.Account.login).join(m.Person).join(
        m.Account, on=(m.Account.person == m.Person.id)).order_by(m.Account.id).tuples()
    for role, login in rows:
        found.setdefault(_ROLE_NAMES.get(role, role), login)
    return found


_ROLE_NAMES = {"ADM": "admin", "DIR": "director", "ZAV": "deputy", "SEC": "secretary", "CT": "classteacher", "T": "teacher",
               "MAS": "master"}


def _classes(year):
    rows = m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort)
    return [{"id": row.id, "name": row.name} for row in rows]


def _pupils(year, today):
    """Pupils of the year's lists with their last class; left when the last list ended before today."""
    rows = m.Enrolment.select(m.Enrolment, m.Pupil, m.Person, m.SchoolClass).join(m.Pupil).join(m.Person).switch(
        m.Enrolment).join(m.SchoolClass).where(m.SchoolClass.year == year).order_by(
        m.SchoolClass.sort, m.Person.sort, m.Pupil.id, m.Enrolment.starts)
    last = {}
    for row in rows:
        known = last.get(row.pupil_id)
        if known is None or known.starts < row.starts:
            last[row.pupil_id] = row
    return [{"id": row.pupil_id, "name": row.pupil.person.full_name,
             "birth": row.pupil.person.birth and row.pupil.person.birth.isoformat(), "class": row.school_class.name,
             "status": "left" if row.ends and row.ends < today else "in"} for row in last.values()]


def _parents(listed, today):
    rows = m.Guardianship.on(today).select(m.Guardianship.guardian, m.Guardianship.pupil).tuples()
    return len({guardian for guardian, pupil in rows if pupil in listed})


def _courses(year, today):
    teachers = defaultdict(list)
    for row in m.Assignment.on(today).select(m.Assignment, m.Person).join(m.Person).order_by(m.Assignment.id):
        teachers[row.course_id].append(row.teacher.full_name)
    rows = m.Course.select(m.Course, m.Unit, m.Subject, m.SchoolClass).join(m.Unit).join(
        m.SchoolClass, "LEFT JOIN").switch(m.Course).join(m.Subject).where(m.Unit.year == year).order_by(
        m.SchoolClass.sort, m.Subject.position, m.Unit.number)
    return [{"id": row.id, "class": row.unit.school_class.name if row.unit.school_class_id else row.unit.name,
             "group": row.unit.number, "subject": row.subject.name, "teacher": ", ".join(teachers[row.id]) or None,
             "hours": float(row.weekly_hours)} for row in rows]


def _slots(year, today):
    """Class name -> lessons of a week: numbers of a day at which the class, or a part of it, has a lesson."""
    version = m.Timetable.select().where((m.Timetable.year == year) & (m.Timetable.starts <= today)).order_by(
        m.Timetable.starts.desc(), m.Timetable.id.desc()).first() or m.Timetable.select().where(
        m.Timetable.year == year).order_by(m.Timetable.starts).first()
    rows = m.Slot.select(m.SchoolClass.name, m.Slot.weekday, m.Slot.number).join(m.Course).join(m.Unit).join(m.SchoolClass).where(
        m.Slot.timetable == version).distinct().tuples() if version else ()
    found = defaultdict(int)
    for name, _, _ in rows:
        found[name] += 1
    return dict(found)


def _plans(year):
    """One line for each class that lives by a plan."""
    topics = defaultdict(lambda: [0, 0])
    for plan, hours in m.PlanTopic.select(m.PlanTopic.plan, m.PlanTopic.hours).tuples():
        topics[plan][0] += 1
        topics[plan][1] += float(hours)
    rows = m.Course.select(m.Course.plan, m.SchoolClass.name, m.Subject.name).join(m.Unit).join(m.SchoolClass).switch(
        m.Course).join(m.Subject).where((m.Unit.year == year) & m.Course.plan.is_null(False)).order_by(
        m.SchoolClass.sort, m.Subject.position).tuples()
    seen = dict.fromkeys((name, subject, plan) for plan, name, subject in rows)
    return [{"class": name, "subject": subject, "hours": topics[plan][1], "topics": topics[plan][0]}
            for name, subject, plan in seen]


def _periods(year):
    rows = m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(m.PeriodSet.year == year).order_by(
        m.PeriodSet.id, m.Period.number)
    return [{"id": row.id, "name": row.name, "from": row.starts.isoformat(), "to": row.ends.isoformat()} for row in rows]
