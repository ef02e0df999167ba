"""How the journal was kept between two days, teacher by teacher, and how families used it (CTL-02): figures for the leaders' control."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import JOIN, Case, Value, fn

import models as m
from rulebook.facts import half_of, is_gradeless
from rulebook.rules import Rules


@dataclass
class Work:
    """What one teacher did in the days looked at. `lessons` are those that are over; `recorded` of them have attendance and topic,
    `topics` a topic, `homework` of the `asked` something set or «not set»; `late` counts entries after their deadline; `with_marks` of
    `places` (pupils × journals) have a mark; `seen` is the last sign-in. Classes without marks count for neither homework nor marks."""

    person: int
    name: str
    lessons: int = 0
    recorded: int = 0
    topics: int = 0
    homework: int = 0
    late: int = 0
    asked: int = 0
    marks: int = 0
    with_marks: int = 0
    places: int = 0
    seen: datetime | None = None

    @property
    def missing(self) -> int:
        return self.lessons - self.recorded

    def share(self, part: str, whole: str = "lessons") -> int | None:
        """Whole per cent, rounded down so that 100 means all; None of nothing."""
        return getattr(self, part) * 100 // getattr(self, whole) if getattr(self, whole) else None


def by_teacher(rules: Rules, first: date, last: date, now: datetime) -> list[Work]:
    """The work of everybody who gave lessons from `first` to `last`, by the alphabet. Five statements."""
    found: dict[int, Work] = {}
    half = half_of("", 0, last)
    gradeless = [grade for grade in range(1, 12) if is_gradeless(rules, grade, half)] or [0]
    for person, surname, name, patronymic, *counts in _lessons(first, last, now, gradeless).tuples():
        lessons, recorded, topics, late, homework, asked = map(int, counts)
        found[person] = Work(person, m.short_name(surname, name, patronymic), lessons, recorded, topics, homework, late, asked)
    for rows in (_marks(first, last), _late_absences(first, last)):
        for person, marks, late, with_marks in rows.tuples():
            if person in found:
                work = found[person]
                work.marks, work.late, work.with_marks = work.marks + int(marks), work.late + int(late), work.with_marks + int(with_marks)
    for person, places in _places(first, last, gradeless).tuples():
        if person in found:
            found[person].places = int(places)
    for person, seen in m.LoginSession.select(m.Account.person, fn.MAX(m.LoginSession.seen_at)).join(m.Account).where(
            m.Account.person.in_(list(found))).group_by(m.Account.person).tuples():
        found[person].seen = seen
    return sorted(found.values(), key=lambda work: m.sort_key(work.name))


_GIVER = fn.COALESCE(m.Substitution.substitute, m.Lesson.teacher)


def _over(first: date, last: date, now: datetime):
    today, time = now.date(), now.time().replace(tzinfo=None)
    over = (m.Lesson.day < today) | ((m.Lesson.day == today) & (m.Lesson.ends <= time))
    return m.Lesson.day.between(first, last) & over & (m.Lesson.state != "cancelled")


def _flag(condition):
    return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)


def _lessons(first, last, now, gradeless):
    topic, taken = m.Lesson.topic != "", m.Lesson.attendance_at.is_null(False)
    late = _flag(m.Lesson.topic_late == True) + _flag(m.Lesson.attendance_late == True)  # noqa: E712
    homework = m.Lesson.id.in_(m.Homework.select(m.Homework.lesson))
    asked = m.SchoolClass.grade.is_null() | m.SchoolClass.grade.not_in(gradeless)
    return m.Lesson.select(
        m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic, fn.COUNT(m.Lesson.id), _flag(topic & taken), _flag(topic), late,
        _flag(homework & asked), _flag(asked)).join(m.Course).join(m.Unit).join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(
        m.Lesson, m.Substitution, JOIN.LEFT_OUTER).join(m.Person, on=(m.Person.id == _GIVER)).where(
        _over(first, last, now)).group_by(m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic)


def _marks(first, last):
    """Teacher, marks, late ones, places with a mark."""
    place = m.Lesson.course.cast("BIGINT") * 1_000_000 + m.Mark.pupil
    return _entries(m.Mark, first, last).select(_GIVER, fn.COUNT(m.Mark.id), _flag(m.Mark.late == True), fn.COUNT(place.distinct()))  # noqa: E712


def _late_absences(first, last):
    return _entries(m.Absence, first, last).where(m.Absence.late == True).select(_GIVER, Value(0), fn.COUNT(m.Absence.id), Value(0))  # noqa: E712


def _entries(model, first, last):
    return model.select().join(m.Lesson).join(m.Substitution, JOIN.LEFT_OUTER).where(
        m.Lesson.day.between(first, last) & _GIVER.is_null(False)).group_by(_GIVER)


def _places(first, last, gradeless):
    """Teacher, pupils × journals of the lessons given in these days."""
    taught = m.Lesson.select(_GIVER.alias("person"), m.Lesson.course.alias("course")).join(m.Substitution, JOIN.LEFT_OUTER).where(
        m.Lesson.day.between(first, last) & (m.Lesson.state != "cancelled") & _GIVER.is_null(False)).distinct().alias("taught")
    return m.Course.select(taught.c.person, fn.SUM(m.Unit.headcount(last))).join(m.Unit).join(
        m.SchoolClass, JOIN.LEFT_OUTER).join_from(m.Course, taught, on=(taught.c.course == m.Course.id)).where(
        m.SchoolClass.grade.is_null() | m.SchoolClass.grade.not_in(gradeless)).group_by(taught.c.person)


@dataclass(frozen=True)
class Families:
    """A class: how many pupils and parents there are, and how many of them looked into the journal in the days."""

    name: str
    pupils: int
    pupils_seen: int
    parents: int
    parents_seen: int


def by_class(first: date, last: date) -> list[Families]:
    """Whether families used the journal from `first` to `last`, class by class (ACC-13, CTL-02). Two statements."""
    seen = m.LoginSession.select(m.Account.person).join(m.Account).where(
        (fn.DATE(m.LoginSession.seen_at) >= first) & (fn.DATE(m.LoginSession.created_at) <= last))
    listed = m.Enrolment.on(last).join(m.SchoolClass).join_from(m.Enrolment, m.Pupil)
    pupils = listed.select(m.SchoolClass.name, m.SchoolClass.sort, fn.COUNT(m.Pupil.id), _flag(m.Pupil.person.in_(seen))).group_by(
        m.SchoolClass.name, m.SchoolClass.sort).order_by(m.SchoolClass.sort)
    guardian = m.Guardianship.guardian
    visited = Case(None, [(guardian.in_(seen), guardian)])
    parents = {name: counts for name, *counts in listed.join(m.Guardianship).select(
        m.SchoolClass.name, fn.COUNT(guardian.distinct()), fn.COUNT(visited.distinct())).group_by(m.SchoolClass.name).tuples()}
    return [Families(name, number, int(inside), *parents.get(name, (0, 0))) for name, _sort, number, inside in pupils.tuples()]


def gaps(person: int, first: date, last: date, now: datetime):
    """Lessons of a teacher in these days that lack attendance or a topic, as `Lesson.unrecorded`."""
    return m.Lesson.unrecorded(first, now.date(), now.time().replace(tzinfo=None)).where(
        (_GIVER == person) & (m.Lesson.day <= last))
