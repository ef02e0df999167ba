"""Two requests of the demo's teacher to correct what is closed: one allowed and written a week ago, one that waits for the deputy."""

from datetime import date, datetime, time, timedelta

from peewee import fn

import clock
import models as m
import policies
import rulebook.corrections
import rulebook.entries
import rulebook.journal
from history import Actor

ANSWERED, WAITING = date(2026, 12, 8), date(2026, 12, 16)
REASONS = "Отметки за лабораторную перенесены не в ту строку", "Поставила отметку соседу по списку, тетрадь проверена заново"
CLOSED_AFTER = timedelta(days=16)


def request(teacher: m.Person, deputy: m.Person) -> None:
    """Ask for two cells; the first is allowed the same day and corrected the next."""
    first, second = _cell(teacher, ANSWERED), _cell(teacher, WAITING)
    if not first or not second:
        return
    row = _ask(teacher, clock.at(ANSWERED, time(14, 20)), first, REASONS[0])
    rulebook.corrections.allow(_user(deputy, ANSWERED), _actor(deputy, clock.at(ANSWERED, time(15, 5))), row,
                               clock.at(date(2026, 12, 9), time(23, 59)))
    mended = clock.at(date(2026, 12, 9), time(9, 30))
    entry = rulebook.entries.Entry(first.pupil_id, _other(first), first.lesson_id)
    rulebook.journal.put_cells(_user(teacher, mended.date()), _actor(teacher, mended), row.course_id, [entry])
    _ask(teacher, clock.at(WAITING, time(14, 45)), second, REASONS[1])


def _ask(teacher: m.Person, at: datetime, mark: m.Mark, reason: str) -> m.Correction:
    asked = rulebook.corrections.Asked("cell", _other(mark), mark.lesson_id, None, mark.pupil_id)
    course = m.Course.whole().where(m.Course.id == mark.lesson.course_id).get()
    return rulebook.corrections.ask(_user(teacher, at.date()), _actor(teacher, at), course, [asked], reason)


def _cell(teacher: m.Person, day: date) -> m.Mark | None:
    """The only mark of a pupil at a lesson that is closed on the day, the newest first."""
    alone = set(m.Mark.select(m.Mark.lesson, m.Mark.pupil).group_by(m.Mark.lesson, m.Mark.pupil).having(fn.COUNT(m.Mark.id) == 1).tuples())
    absent = set(m.Absence.select(m.Absence.lesson, m.Absence.pupil).tuples())
    rows = m.Mark.select(m.Mark, m.Lesson).join(m.Lesson).where(
        (m.Lesson.teacher == teacher) & m.Lesson.day.between(day - 2 * CLOSED_AFTER, day - CLOSED_AFTER) & m.Mark.work.is_null()
        & m.Mark.value.in_(["3", "4", "5"])).order_by(m.Lesson.day.desc(), m.Mark.id)
    return next((row for row in rows if (row.lesson_id, row.pupil_id) in alone - absent), None)


def _other(mark: m.Mark) -> str:
    return "5" if mark.value == "4" else "4"


def _user(person: m.Person, day: date) -> policies.User:
    return policies.user_of(person.id, person.short_name, day)


def _actor(person: m.Person, at: datetime) -> Actor:
    return Actor(person.short_name, at, person.id)
