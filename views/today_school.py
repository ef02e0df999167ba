"""The first pages of those who run the school: leaders, the office, the administrator."""

from datetime import timedelta

from peewee import JOIN, fn

import clock
import models as m
import policies
from views import setup_checklist

A_WEEK = timedelta(days=7)
LISTED = 40


def overview(user) -> dict:
    """Lessons recorded and not, pupils absent, periods open and closed."""
    now = clock.now().time().replace(tzinfo=None)
    planned, over, recorded = m.Lesson.tally(user.today, now).tuples().get()
    late = list(m.Lesson.unrecorded(user.today - A_WEEK, user.today, now).limit(LISTED + 1).namedtuples())
    return {"planned": planned, "over": over, "recorded": recorded, "late": late[:LISTED], "more": len(late) > LISTED,
            "periods": _periods(user), "now": clock.now(), "short_name": m.short_name, **_absent(user)}


def office(user) -> dict:
    """Pupils on the list, absent today, the last movements."""
    movements = m.Movement.select(m.Movement, m.Pupil, m.Person).join(m.Pupil).join(m.Person).where(
        m.Movement.day <= user.today).order_by(m.Movement.day.desc(), m.Movement.id.desc()).limit(8)
    return {"movements": list(movements), **_absent(user)}


def administration(user) -> dict:
    """How many can sign in: pupils, parents, staff."""
    enrolled = m.Enrolment.on(user.today)
    pupils = m.Pupil.select(m.Pupil.person).where(m.Pupil.id.in_(enrolled.select(m.Enrolment.pupil)))
    parents = m.Guardianship.on(user.today).select(m.Guardianship.guardian).where(
        m.Guardianship.pupil.in_(enrolled.select(m.Enrolment.pupil)))
    staff = m.Employee.select(m.Employee.person).where(m.Employee.left.is_null() | (m.Employee.left >= user.today))
    return {"entries": {name: _entries(people) for name, people in (("pupils", pupils), ("parents", parents), ("staff", staff))},
            "steps": setup_checklist.items(year, user.today) if (year := m.Year.on(user.today)) else []}


def _entries(people) -> tuple[int, int]:
    """(those who sign in, all) of a query of people."""
    signing = m.Account.person
    return m.Person.select(fn.COUNT(signing.distinct()), fn.COUNT(m.Person.id.distinct())).join(
        m.Account, JOIN.LEFT_OUTER, on=((m.Account.person == m.Person.id) & m.Account.password.is_null(False))).where(
        m.Person.id.in_(people)).tuples().get()


def _absent(user) -> dict:
    """Pupils on the list today, those absent at some lesson, those of them without a reason."""
    absences = policies.visible(user, m.Absence).join(m.Lesson).where(
        (m.Lesson.day == user.today) & m.Absence.code.in_(list(m.codes().missed)))
    rows = list(absences.select(m.Absence.pupil, m.Absence.code).distinct().tuples())
    return {"pupils": m.Enrolment.on(user.today).count(), "absent": len({pupil for pupil, _code in rows}),
            "unexplained": len({pupil for pupil, code in rows if code in m.codes().unexplained})}


def _periods(user) -> list[dict]:
    """Periods that run or ended this month, with how many of their classes are closed."""
    closed = m.PeriodClosure.standing().where(m.PeriodClosure.period == m.Period.id).select(fn.COUNT(m.PeriodClosure.id))
    year = m.Year.select(m.Year.id).where(m.Year.starts <= user.today).order_by(m.Year.starts.desc()).limit(1)
    rows = m.Period.select(m.Period, fn.COUNT(m.SchoolClass.id).alias("classes"), closed.alias("closed")).join(m.PeriodSet).join(
        m.SchoolClass, on=(m.SchoolClass.period_set == m.PeriodSet.id)).where(
        (m.Period.starts <= user.today) & (m.PeriodSet.year == year)).group_by(m.Period.id).order_by(
        m.Period.starts.desc(), m.Period.id)
    return [{"period": row, "classes": row.classes, "closed": row.closed, "days": (row.ends - user.today).days} for row in rows]
