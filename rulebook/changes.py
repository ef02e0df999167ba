"""Every change of a closed period since its closing, out of the history: who, when, from what to what, on which ground (LEG-02, LEG-07)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from peewee import JOIN

import models as m
from rulebook.words import brief

GROUNDS = ("protocol", "opened", "breach", "none")
"""By permission of a request · while the period was open by a paper · taken back by the act of a breach · none of these."""

_VALUES = {"mark": "value", "absence": "code", "period_mark": "value", "lesson": "topic"}
_BREACH = "нарушени"  # how the acts of a breach name themselves


@dataclass(frozen=True)
class Change:
    """One entry that was changed: `what` its table, `pupil` and `lesson` ids or None, `kind` of a period mark. `ground`: see GROUNDS."""

    at: datetime
    who: str
    why: str
    what: str
    was: str
    now: str
    ground: str
    course: int
    journal: str
    pupil: int | None = None
    name: str = ""
    lesson: int | None = None
    day: date | None = None
    work: int | None = None
    period: int | None = None
    kind: str = ""


def of_closure(closure: m.PeriodClosure, since: datetime | None = None, until: datetime | None = None) -> list[Change]:
    """Changes of marks, attendance codes, period marks and topics of the closed class and period that were written after the closing,
    of those from `since` to `until` if given, the oldest first. Eleven queries at most, however many changes."""
    when = m.History.id > (m.History.select(m.History.id).where((m.History.tbl == "period_closure") & (
        m.History.row_id == closure.id)).order_by(m.History.id).limit(1).scalar() or 0)
    when = when & (m.Act.at >= _stamp(since)) if since else when
    when = when & (m.Act.at <= _stamp(until)) if until else when
    found = _changes(_standing(closure), when)
    gone = _gone(closure, [each for each in found if each[5] == "D"])
    found = [each for each in found if each[5] != "D" or each[3:5] in gone]
    found = sorted([*found, *_earlier(gone, when)], key=lambda each: each[0]) if gone else found
    return _told(closure, found, gone)


def _standing(closure) -> dict:
    """Table → the rows of the class and period that stand now, as a subquery of ids."""
    period, pupils = closure.period, _pupils(closure)
    inside = m.Lesson.day.between(period.starts, period.ends)
    yearly = m.Period.select().where((m.Period.id == period.id) & m.Period.is_last()).exists()
    result = m.PeriodMark.period == period.id
    if yearly:
        year = m.Course.select(m.Course.id).join(m.Unit).where(m.Unit.year == period.period_set.year_id)
        result |= (m.PeriodMark.kind == "year") & m.PeriodMark.course.in_(year)
    return {"mark": m.Mark.select(m.Mark.id).join(m.Lesson).where(inside & m.Mark.pupil.in_(pupils)),
            "absence": m.Absence.select(m.Absence.id).join(m.Lesson).where(inside & m.Absence.pupil.in_(pupils)),
            "period_mark": m.PeriodMark.select(m.PeriodMark.id).where(m.PeriodMark.pupil.in_(pupils) & result),
            "lesson": m.Lesson.select(m.Lesson.id).join(m.Course).join(m.Unit).where(
                inside & (m.Unit.school_class == closure.school_class_id))}


def _pupils(closure):
    period = closure.period
    return m.Enrolment.select(m.Enrolment.pupil).where(
        (m.Enrolment.school_class == closure.school_class_id) & (m.Enrolment.starts <= period.ends)
        & (m.Enrolment.ends.is_null() | (m.Enrolment.ends >= period.starts)))


def _changes(rows: dict, when) -> list[tuple]:
    """Changes of these rows, and of every mark, code and period mark that was deleted; see _read."""
    history = m.History
    own = (history.op == "D") & history.tbl.in_(["mark", "absence", "period_mark"])
    for table, ids in rows.items():
        own |= (history.tbl == table) & history.row_id.in_(ids)
    return _read(own, when)


def _earlier(gone: dict, when) -> list[tuple]:
    """What was changed in rows that were deleted later."""
    own = m.History.op == ""
    for table in {table for table, _row in gone}:
        own |= (m.History.tbl == table) & m.History.row_id.in_([row for name, row in gone if name == table]) & (m.History.op != "D")
    return _read(own, when)


def _read(own, when) -> list[tuple]:
    """(id, at, who, table, row, op, old, new, why), the oldest first."""
    history, act = m.History, m.Act
    rows = history.select(history.id, act.at, act.who, history.tbl, history.row_id, history.op, history.old, history.new, act.why).join(
        act).where(own & when).order_by(history.id).tuples()
    return [(number, datetime.fromisoformat(at), who, table, row, op, *(text and json.loads(text) for text in (old, new)), why)
            for number, at, who, table, row, op, old, new, why in rows]


def _stamp(moment: datetime) -> str:
    """A moment as acts keep it."""
    return moment.astimezone(UTC).isoformat()


def _gone(closure, deleted: list[tuple]) -> dict[tuple, dict]:
    """(table, row) → what a deleted row of this class and period was."""
    images = {(each[3], each[4]): each[6] or {} for each in deleted}
    if not images:
        return {}
    period, pupils = closure.period, {pupil for pupil, in _pupils(closure).tuples()}
    lessons = {image.get("lesson_id") for image in images.values()} - {None}
    inside = {lesson for lesson, in m.Lesson.select(m.Lesson.id).where(
        m.Lesson.id.in_(list(lessons)) & m.Lesson.day.between(period.starts, period.ends)).tuples()} if lessons else set()
    return {place: image for place, image in images.items() if image.get("pupil_id") in pupils and (
        image.get("lesson_id") in inside or image.get("period_id") == period.id)}


# ---- in words ----

def _told(closure, found: list[tuple], gone: dict) -> list[Change]:
    """The changes with whose and of what they are; a change that leaves the value alone is none."""
    shown = [each for each in found if _pair(each)[0] != _pair(each)[1]]
    places = _places({each[3:5] for each in shown} - gone.keys()) | {place: _Place.of(image) for place, image in gone.items()}
    courses = _courses({place.course for place in places.values() if place.course}, {place.lesson for place in places.values()} - {None})
    names = {each.id: f"{each.person.surname} {each.person.name}" for each in m.Pupil.named().where(
        m.Pupil.id.in_([place.pupil for place in places.values() if place.pupil]))} if places else {}
    by_protocol = {at for at, in m.CorrectionCell.select(m.CorrectionCell.mended_at).where(
        m.CorrectionCell.mended_at > closure.closed_at).tuples()}
    told = []
    for each in shown:
        place = places.get(each[3:5])
        course, journal, day = courses.get(("lesson", place.lesson) if place.lesson else ("course", place.course), (0, "", None))
        was, now = _pair(each)
        told.append(Change(each[1], each[2], each[8], each[3], was, now, _ground(closure, each, by_protocol), course, journal, place.pupil,
                           names.get(place.pupil, ""), place.lesson, day, place.work, place.period, place.kind))
    return told


def _pair(change: tuple) -> tuple[str, str]:
    column = _VALUES[change[3]]
    return tuple(brief((image or {}).get(column) or "", 80) for image in change[6:8])


def _ground(closure, change: tuple, by_protocol: set) -> str:
    if change[1] in by_protocol:
        return "protocol"
    if closure.reopened_at and closure.reopened_at <= change[1] and (closure.reopened_until is None or change[1] <= closure.reopened_until):
        return "opened"
    return "breach" if _BREACH in change[8].lower() else "none"


@dataclass(frozen=True)
class _Place:
    pupil: int | None = None
    lesson: int | None = None
    work: int | None = None
    course: int | None = None
    period: int | None = None
    kind: str = ""

    @classmethod
    def of(cls, image: dict) -> "_Place":
        return cls(*(image.get(name) for name in ("pupil_id", "lesson_id", "work_id", "course_id", "period_id")), image.get("kind", ""))


def _places(rows: Iterable[tuple]) -> dict[tuple, _Place]:
    """(table, row) → where it is, of rows that stand; a query a table that has some."""
    ids: dict[str, list[int]] = {}
    for table, row in rows:
        ids.setdefault(table, []).append(row)
    found = {("lesson", row): _Place(lesson=row) for row in ids.get("lesson", ())}
    for model, columns in ((m.Mark, ("pupil", "lesson", "work")), (m.Absence, ("pupil", "lesson")),
                           (m.PeriodMark, ("pupil", "course", "period", "kind"))):
        name = model._meta.table_name
        if name in ids:
            rows = model.select(model.id, *(getattr(model, column) for column in columns)).where(model.id.in_(ids[name])).tuples()
            found |= {(name, row[0]): _Place(**dict(zip(columns, row[1:], strict=True))) for row in rows}
    return found


def _courses(courses: set, lessons: set) -> dict[tuple, tuple]:
    """("course", id) and ("lesson", id) → (course id, «7Б, Алгебра», day or None). Two queries at most."""
    found = {}
    if lessons:
        rows = m.Lesson.select(m.Lesson.id, m.Course.id, m.Unit.name, m.Subject.name, m.Lesson.day).join(m.Course).join(
            m.Unit).join_from(m.Course, m.Subject).where(m.Lesson.id.in_(list(lessons))).tuples()
        found |= {("lesson", lesson): (course, f"{unit}, {subject}", day) for lesson, course, unit, subject, day in rows}
    if courses:
        rows = m.Course.select(m.Course.id, m.Unit.name, m.Subject.name).join(m.Unit).join_from(m.Course, m.Subject, JOIN.INNER).where(
            m.Course.id.in_(list(courses))).tuples()
        found |= {("course", course): (course, f"{unit}, {subject}", None) for course, unit, subject in rows}
    return found
