"""Closing a period with a signature, opening it again by a paper, the teacher's own signature; holding marks back from families;
reminding teachers. What stands in the way is said by rulebook.closing. Knows no request.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from peewee import SQL, fn

import clock
import models as m
from history import Actor
from policies import User, allows
from rulebook.checks import said
from rulebook.closing import by_class, due, may_close, survey, totals
from rulebook.entries import Foreign
from rulebook.plans import in_hours
from rulebook.rules import Rules, end_of_day

REMINDED_LATELY = timedelta(hours=1)
LONGEST_OPENING = timedelta(days=31)


# ---- closing, with a signature ----

@dataclass
class Closed:
    """What came of closing: the classes that are closed now, and those that are not with the words why."""

    done: list[m.SchoolClass] = field(default_factory=list)
    refused: list[tuple[m.SchoolClass, m.Text]] = field(default_factory=list)


def close(user: User, by: Actor, period, classes, reason: str, rules: Rules, knowingly: bool = False) -> Closed:
    """Close the period for those of the classes that are ready, each with what stood then as its signature; the others are told one
    by one. Raises Foreign, and Refused without a reason."""
    if not allows(user, "close", period):
        raise Foreign
    result = Closed()
    with m.writing(by, reason):
        parts = by_class(survey(period, classes, rules, by.at))
        shut = {number for number, in m.PeriodClosure.standing(by.at).where(m.PeriodClosure.period == period.id).select(
            m.PeriodClosure.school_class).tuples()}
        for each in classes:
            problem = m.Text(m.N_("Closed already.")) if each.id in shut else may_close(parts[each.id], knowingly)
            result.refused += [(each, problem)] if problem else []
            result.done += [] if problem else [each]
        signed = signatures(period, result.done)
        for each in result.done:
            signed[each.id]["left"] = " ".join(f"{what}={in_hours(n)}" for what, n in totals(parts[each.id]).items())[:200]
        m.PeriodClosure.close(by, period, result.done, reason, signed, role_of(user))
    return result


def role_of(user: User) -> str:
    """The role in which somebody closes: the head before the deputy."""
    return next((role for role in ("DIR", "ZAV") if user.has(role)), "")


def signatures(period, classes) -> dict[int, dict]:
    """Class id → `entries` and `digest` of what stands in the period: marks, codes of attendance, period marks (with the last period
    those of the year) of everybody who was in the class in it, and the topics of the class's lessons. Five queries."""
    numbers = [each.id for each in classes]
    pupils = _pupils_of(period, numbers)
    classes_of: dict[int, list[int]] = defaultdict(list)
    for school_class, members in pupils.items():
        for pupil in members:
            classes_of[pupil].append(school_class)
    lines: dict[int, list[str]] = {number: [] for number in numbers}
    for pupil, _course, line in _entries(period, list(classes_of)):
        for school_class in classes_of[pupil]:
            lines[school_class].append(line)
    topics = _topics(period).join(m.Course).join(m.Unit).where(m.Unit.school_class.in_(numbers)).select(
        m.Unit.school_class, m.Lesson.id, m.Lesson.topic)
    for school_class, lesson, topic in topics.tuples():
        lines[school_class].append(f"topic {lesson} {topic}")
    return {number: _digest(found) for number, found in lines.items()}


def signatures_of_courses(courses: list[m.Course], period) -> dict[int, dict]:
    """Course id → `entries` and `digest` of the journal in the period. Four queries."""
    numbers, units = [course.id for course in courses], [course.unit_id for course in courses]
    within = (m.Membership.starts <= period.ends) & (m.Membership.ends.is_null() | (m.Membership.ends >= period.starts))
    pupils = m.Membership.select(m.Membership.pupil).where(m.Membership.unit.in_(units) & within)
    lines: dict[int, list[str]] = {number: [] for number in numbers}
    for _pupil, course, line in _entries(period, pupils):
        lines.get(course, []).append(line)
    topics = _topics(period).where(m.Lesson.course.in_(numbers)).select(m.Lesson.course, m.Lesson.id, m.Lesson.topic)
    for course, lesson, topic in topics.tuples():
        lines[course].append(f"topic {lesson} {topic}")
    return {number: _digest(found) for number, found in lines.items()}


def sign(user: User, by: Actor, course: int, period, classes, rules: Rules) -> None:
    """The teacher signs the own journal of a period. Raises Foreign, and Refused while something stands in the way."""
    if not allows(user, "edit", m.PeriodMark(course=course)):
        raise Foreign
    with m.writing(by):
        parts = survey(period, classes, rules, by.at, {course})
        if not parts:
            raise Foreign
        problem = may_close(parts, knowingly=True)
        if problem:
            raise m.Refused(problem)
        signed = signatures_of_courses([parts[0].course], period)[course]
        m.JournalSignature.create(course=course, period=period, person=by.person, signed_at=by.at, **signed)


def _digest(lines: list[str]) -> dict:
    return {"entries": len(lines), "digest": hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()}


def _pupils_of(period, classes: list[int]) -> dict[int, set[int]]:
    rows = m.Enrolment.select(m.Enrolment.school_class, m.Enrolment.pupil).where(
        m.Enrolment.school_class.in_(classes) & (m.Enrolment.starts <= period.ends)
        & (m.Enrolment.ends.is_null() | (m.Enrolment.ends >= period.starts)))
    found: dict[int, set[int]] = defaultdict(set)
    for school_class, pupil in rows.tuples():
        found[school_class].add(pupil)
    return found


def _topics(period):
    return m.Lesson.select().where(m.Lesson.day.between(period.starts, period.ends) & (m.Lesson.topic != ""))


def _entries(period, pupils):
    """(pupil, course, the entry as a line) of what these pupils have in the period."""
    within = m.Lesson.day.between(period.starts, period.ends)
    marks = m.Mark.select(m.Mark.pupil, m.Lesson.course, m.Mark.lesson, m.Mark.work, m.Mark.position, m.Mark.value).join(m.Lesson)
    for pupil, course, *cell in marks.where(within & m.Mark.pupil.in_(pupils)).tuples():
        yield pupil, course, f"mark {pupil} {_joined(cell)}"
    codes = m.Absence.select(m.Absence.pupil, m.Lesson.course, m.Absence.lesson, m.Absence.code).join(m.Lesson)
    for pupil, course, *cell in codes.where(within & m.Absence.pupil.in_(pupils)).tuples():
        yield pupil, course, f"absence {pupil} {_joined(cell)}"
    last = fn.EXISTS(m.Period.select(SQL("1")).where((m.Period.id == period.id) & m.Period.is_last()))
    of_year = (m.PeriodMark.kind == "year") & last & (m.Unit.year == period.period_set.year_id)
    results = m.PeriodMark.select(m.PeriodMark.pupil, m.PeriodMark.course, m.PeriodMark.kind, m.PeriodMark.value).join(
        m.Course).join(m.Unit)
    for pupil, course, *cell in results.where(
            m.PeriodMark.pupil.in_(pupils) & ((m.PeriodMark.period == period.id) | of_year)).tuples():
        yield pupil, course, f"result {pupil} {course} {_joined(cell)}"


def _joined(cell) -> str:
    return " ".join(str(value or 0) for value in cell)


def reopen(user: User, by: Actor, closure: m.PeriodClosure, reason: str, paper: str, until: date | None) -> None:
    """Open a closed period by an order or a protocol until the end of a day; after it the period is closed again by itself. Raises
    Foreign, and Refused without reason, paper or day."""
    if not allows(user, "reopen", closure):
        raise Foreign
    if not paper.strip():
        raise m.Refused(m.Text(m.N_("Write the number and date of the order or protocol: a closed period is opened only by a paper")),
                        "paper")
    if until is None or not by.day <= until <= by.day + LONGEST_OPENING:
        raise m.Refused(m.Text(m.N_("Choose the last day on which it is open, within %(days)s days"), days=LONGEST_OPENING.days),
                        "until")
    closure.reopen(by, reason, paper, end_of_day(until, clock.zone()))


# ---- families: at once, or held back ----

def hold(user: User, by: Actor, period, classes, reason: str) -> None:
    """Hold the marks of the period back from the families of these classes (FIN-12, FIN-13). Raises Foreign, Refused without a reason."""
    if not allows(user, "hold", period):
        raise Foreign
    m.ResultHold.put(by, period, classes, reason)


def publish(user: User, by: Actor, period, classes) -> None:
    if not allows(user, "hold", period):
        raise Foreign
    m.ResultHold.lift(by, period, classes)


# ---- reminding ----

def address(period) -> str:
    """Where a teacher finds the own list of a period."""
    return f"/control/{period.id}/own"


def reminded(period) -> dict[int, m.Notice]:
    """Person → the last reminder about the period. One query."""
    rows = m.Notice.select().where((m.Notice.topic == "closing") & (m.Notice.url == address(period))).order_by(m.Notice.id)
    return {row.person_id: row for row in rows}


def remind(user: User, by: Actor, period, people, rules: Rules) -> tuple[list[int], list[int]]:
    """(told, passed over) of these people: those who were reminded within the hour are not told again. Raises Foreign."""
    if not allows(user, "close", period):
        raise Foreign
    with m.writing(by):
        known = reminded(period)
        lately = [person for person in people if person in known and by.at - known[person].created_at < REMINDED_LATELY]
        told = [person for person in people if person not in lately]
        _first, limit, _clause = due(period, rules, None)
        text = m.Text(m.N_("%(period)s: look through what keeps it open in your journals. Reminded on %(day)s."), period=period.name,
                      day=by.day)
        if limit and limit >= by.at:
            text = said(text, m.Text(m.N_("Marks are put by %(day)s."), day=limit.date()))
        m.Notice.tell(by, told, text, address(period), "closing")
    return told, lately
