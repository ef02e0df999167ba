"""What is measured: four requests of ordinary work, each by a person whose work it is."""

import re
from dataclasses import dataclass
from datetime import date

import models as m
from exchange.demo import cast
from history import Actor

TODAY = date(2026, 12, 17)
SIZE = 25, 30  # pupils and lessons of the grid
MOST = 500  # courses looked at: the first of them stand in every school


@dataclass(frozen=True)
class Case:
    """`turns` are requests (method, path, form) gone through in a circle; `limits` is what the issue asks for, in words."""

    name: str
    login: str
    turns: tuple
    limits: str


def prepare() -> list[Case]:
    """The cases over the open demo school; gives the teacher of the grid an account of its own."""
    course, teacher, lessons = _course_of_size()
    by = Actor("bench", m.RegulationVersion.select(m.RegulationVersion.created_at).scalar())
    with m.writing(by):
        account, _made = m.Account.get_or_create(login="bench", defaults={
            "person": teacher, "password": m.hash_password(cast.PASSWORD), "password_at": by.at})
        m.RulesAcceptance.keep(by, m.ConfidentialityRules.in_force(), account)
    period = m.Period.select(m.Period.id).join(m.PeriodSet).join(m.SchoolClass).join(m.Unit).join(m.Course).where(
        (m.Course.id == course) & (m.Period.starts <= TODAY) & (m.Period.ends >= TODAY)).scalar()
    child = m.Account.of_login("pupil").person.pupil.get().id
    return [
        Case("grid of a class", "bench", (("GET", f"/journal/{course}?period={period}", None),), "≤ 12 statements, 15 ms, 20 KB"),
        Case("saving attendance", "bench", tuple(_attendance(lessons)), "≤ 12 statements, 20 ms"),
        Case("diary, a week", "parent", (("GET", f"/diary/{child}?week=2026-12-14", None),), "≤ 12 statements"),
        Case("list of pupils", "admin", (("GET", "/admin/pupil/", None),), "≤ 6 statements"),
    ]


def token(page: str) -> str:
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


def _course_of_size() -> tuple[int, int, list[tuple[int, list[int]]]]:
    """(course, teacher, lessons of the last days with their pupils) of the marked course whose table is nearest to SIZE."""
    quarter = m.Period.select(m.Period.starts, m.Period.ends).where(
        (m.Period.starts <= TODAY) & (m.Period.ends >= TODAY)).order_by(m.Period.starts.desc()).tuples().first()
    marked = m.Mark.select(m.Lesson.course).join(m.Lesson)
    lessons = dict(m.Lesson.select(m.Lesson.course, m.fn.COUNT(m.Lesson.id)).join(m.Course).join(m.Unit).where(
        m.Lesson.day.between(*quarter) & (m.Unit.kind == "class") & m.Lesson.course.in_(marked)).group_by(m.Lesson.course).tuples())
    pupils = dict(m.Membership.on(TODAY).select(m.Membership.unit, m.fn.COUNT(m.Membership.pupil)).group_by(
        m.Membership.unit).tuples())
    courses = m.Course.select(m.Course.id, m.Course.unit, m.Assignment.teacher).join(m.Assignment).where(
        m.Course.id.in_(list(lessons)[:MOST])).order_by(m.Course.id).tuples()
    course, unit, teacher = min(courses, key=lambda row: (abs(pupils[row[1]] - SIZE[0]) * SIZE[1] // SIZE[0] + abs(
        lessons[row[0]] - SIZE[1]), row[0]))
    members = [pupil for pupil, in m.Membership.on(TODAY).where(m.Membership.unit == unit).select(m.Membership.pupil).tuples()]
    recent = m.Lesson.select(m.Lesson.id).where((m.Lesson.course == course) & m.Lesson.day.between(date(2026, 12, 11), date(
        2026, 12, 16))).order_by(m.Lesson.day).tuples()
    return course, teacher, [(lesson, members) for lesson, in recent]


def _attendance(lessons):
    """Every pupil is late, then everybody is in time, lesson after lesson: each request changes the whole class."""
    for code in ("о", ""):
        for lesson, pupils in lessons:
            yield "POST", f"/lesson/{lesson}/attendance", {f"c-{pupil}": code for pupil in pupils}
