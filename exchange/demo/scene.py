"""The demo school as its life needs it: courses with their pupils, lessons and plans, read in a few queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain, islice

import clock
import models as m
import rulebook.facts
import rulebook.rules
from exchange.demo import nature, outline


@dataclass(frozen=True)
class Given:
    """A lesson to be lived through; `writer` is its teacher or the substitute."""

    id: int
    day: date
    starts: time
    ends: time
    writer: int

    @property
    def begins(self) -> datetime:
        return clock.at(self.day, self.starts)

    @property
    def over(self) -> datetime:
        return clock.at(self.day, self.ends)


@dataclass
class Course:
    id: int
    subject: str
    grading: str
    grade: int
    hours: float
    school_class: m.SchoolClass
    members: list[tuple]  # (pupil, starts, ends)
    lessons: list[Given] = field(default_factory=list)
    steps: list[outline.Step] = field(default_factory=list)
    gradeless: bool = False

    def present(self, day: date) -> list[int]:
        """Pupils in the unit on a day."""
        return [pupil for pupil, starts, ends in self.members if starts <= day and (ends is None or day <= ends)]


@dataclass
class Scene:
    """Everything at once. `until` is the moment up to which the school has lived; `rules` are the regulation then."""

    until: datetime
    rules: rulebook.rules.Rules
    calendar: m.Calendar
    courses: list[Course]
    natures: dict[int, nature.Nature]
    people: dict[int, str]
    kinds: dict[str, tuple[int, int]]


def read(year: m.Year, until: datetime, seed: int) -> Scene:
    calendar, rules = m.Calendar(year), rulebook.rules.rules_on(until.date())
    courses = _courses(year, rules)
    _add_lessons(courses, until)
    longest = max((c.school_class for c in courses.values()), key=lambda c: c.week_days)
    days = list(calendar.school_days(longest, year.starts, until.date()))
    natures = {pupil.id: nature.of_pupil(seed, pupil.person.full_name, days) for pupil in m.Pupil.named()}
    people = {p.id: p.short_name for p in m.Person.select().join(m.Employee)}
    kinds = {k.code: (k.id, k.weight) for k in m.WorkKind.select()}
    return Scene(until, rules, calendar, list(courses.values()), natures, people, kinds)


def _courses(year: m.Year, rules: rulebook.rules.Rules) -> dict[int, Course]:
    members = defaultdict(list)
    for unit, *membership in m.Membership.select(
            m.Membership.unit, m.Membership.pupil, m.Membership.starts, m.Membership.ends).order_by(
            m.Membership.unit, m.Membership.pupil).tuples():
        members[unit].append(tuple(membership))
    rows = m.Course.select(m.Course, m.Unit, m.Subject, m.SchoolClass).join(m.Unit).join(m.SchoolClass).join_from(
        m.Course, m.Subject).where(m.Unit.year == year).order_by(m.SchoolClass.sort, m.Unit.name, m.Subject.name)
    plans = _plans(year)
    courses = {}
    for row in rows:
        school_class, subject = row.unit.school_class, row.subject
        course = courses[row.id] = Course(row.id, subject.name, subject.grading, school_class.grade, row.weekly_hours,
                                          school_class, members[row.unit_id])
        course.gradeless = rulebook.facts.is_gradeless(rules, course.grade, 1)
        ready = outline.of_subject(course.subject, course.grade, course.hours)
        course.steps = chain(outline.of_plan(plans.get(row.plan_id, ())), ready)
    return courses


def _plans(year: m.Year) -> dict[int, list[tuple]]:
    plans = defaultdict(list)
    rows = m.PlanTopic.select(m.PlanTopic.plan, m.PlanTopic.id, m.PlanTopic.topic, m.PlanTopic.hours, m.PlanTopic.work_kind,
                              m.PlanTopic.homework).join(m.Plan).where(m.Plan.year == year).order_by(m.PlanTopic.number)
    for plan, *row in rows.tuples():
        plans[plan].append(tuple(row))
    return plans


def _add_lessons(courses: dict[int, Course], until: datetime) -> None:
    """Lessons of each course in order, future ones too: homework is set for the next one."""
    rows = m.Lesson.select(m.Lesson.course, m.Lesson.id, m.Lesson.day, m.Lesson.starts, m.Lesson.ends,
                           m.Lesson.teacher, m.Substitution.substitute).join(m.Substitution, "LEFT JOIN").where(
        m.Lesson.starts.is_null(False) & (m.Lesson.state == "planned")).order_by(m.Lesson.day, m.Lesson.number).tuples()
    for course, row, day, starts, ends, teacher, substitute in rows:
        if course in courses and (substitute or teacher):
            courses[course].lessons.append(Given(row, day, starts, ends, substitute or teacher))
    for course in courses.values():
        course.steps = list(islice(course.steps, len([g for g in course.lessons if g.over <= until])))
