"""Homework: set to a class, a subgroup or one pupil, with files, or «не задано» (HW-04)."""

from dataclasses import replace
from datetime import date

import models as m
from history import Actor
from policies import User
from rulebook.entries import Entry, File, Foreign, changed_below, judged_row, same_or_null, stored_row, version_of
from rulebook.facts import Decision
from rulebook.leaves import ground
from rulebook.lesson_desk import LessonDesk
from rulebook.rules import NOT_SET, Rules
from rulebook.text_verdicts import judge_homework


def homework_of_all(lesson: int) -> tuple[str, m.Homework | None]:
    """The text of the homework that is set to everybody at a lesson, or «не задано», and its record."""
    row = m.Homework.get_or_none((m.Homework.lesson == lesson) & m.Homework.unit.is_null() & m.Homework.pupil.is_null())
    return (NOT_SET if row.not_set else row.text) if row else "", row


def put_homework(user: User, by: Actor, lesson: int, text: str, *, not_set: bool = False, due: date | None = None,
                 add: list[File] = (), drop: list[int] = (), reason: str = "", unit: int | None = None, pupil: int | None = None,
                 minutes: int | None = None, seen: str | None = None) -> Decision:
    """Write the homework of a lesson: text with files and links added or dropped (by id), or «не задано» (HW-04); to everybody,
    to a subgroup of the class (`unit`) or to one `pupil`, each apart. Without `due` it is for the next lesson of the course;
    `minutes` is how long it takes. Empty on all counts takes the homework away. `seen`: the version of the text looked at."""
    with m.writing(by, reason):
        desk = LessonDesk(user, by, None, [Entry(pupil, "", lesson)] if pupil else [], everybody=lesson)
        facts, row = desk.writable(lesson, whole_day=True), desk.lessons[lesson]
        if pupil and (lesson, pupil) not in desk.members or unit and unit not in {each.id for each in subgroups_of(row)}:
            raise Foreign
        text = "" if not_set else text.strip()[:2000]
        standing = m.Homework.get_or_none((m.Homework.lesson == lesson) & same_or_null(m.Homework.unit, unit) &
                                          same_or_null(m.Homework.pupil, pupil))
        files = list(standing.attachments) if standing else []
        kept = [] if not_set else [file for file in files if file.id not in drop]
        below = standing.text if standing else ""
        if seen not in (None, version_of(below)) and text != below:
            return changed_below(below)
        was = _homework_text(standing, files)
        new = NOT_SET if not_set else _in_words(text, [*kept, *add])
        due = due or row.next_day()
        leave = desk.leaves.of("homework", lesson)
        reason = ground(leave, reason)
        decision = desk.blocked(row) or judge_homework(
            desk.rules, facts, was, new, desk.judged_at, reason=reason, unlocked=leave is not None,
            entered_at=standing.entered_at if standing else None)
        if decision.ok and (was != new or (standing and (due, minutes) != (standing.due, standing.minutes))):
            desk.leaves.note(leave, new)
            _write_homework(desk, row, standing, new, decision, text=text, not_set=not_set, due=due, reason=reason, unit=unit,
                            pupil=pupil, minutes=None if not_set else minutes)
            _write_files(row, files, kept, add, unit, pupil)
    return replace(decision, stands=text if decision.ok else below)


def subgroups_of(lesson) -> list[m.Unit]:
    """The subgroups of the class whose lesson it is: homework may be set to one of them. None in a subgroup's own journal."""
    unit = lesson.course.unit
    if unit.kind != "class":
        return []
    return list(m.Unit.select().where((m.Unit.school_class == unit.school_class_id) & (m.Unit.kind == "subgroup")).order_by(m.Unit.name))


def homework_limit(rules: Rules, grade: int) -> int | None:
    """How many minutes of homework a day are enough for a grade; None where the school does not count them."""
    rule = rules["homework.day_limit"]
    starts = [int(name) for name in rule.value if int(name) <= grade]
    return rule.value[str(max(starts))] if rule.severity != "off" and starts else None


def _homework_text(homework, files) -> str:
    if homework is None:
        return ""
    return NOT_SET if homework.not_set else _in_words(homework.text, files)


def _in_words(text: str, files) -> str:
    """Homework as one text; files in brackets, which the rule on language passes over."""
    names = ", ".join(file.name for file in files)
    return f"{text} ({names})".strip() if names else text


def _write_homework(desk, lesson, standing, whole: str, decision: Decision, **values) -> None:
    row = vars(standing)["__data__"] if standing else None
    desk.sign([lesson.id])
    if not whole:
        m.Homework.put(desk.by, [], [standing.id] if standing else [])
        return
    judged = judged_row(row, desk.by, desk.rules, decision, Entry(0, "", reason=values.pop("reason"), typed_at=desk.by.typed_at))
    m.Homework.put(desk.by, [stored_row(judged) | {"lesson": lesson.id, **values}])
    if lesson.state == "planned" and desk.begun(lesson.id):
        m.Lesson.hold(desk.by, [lesson.id])


def _write_files(lesson, files, kept, add, unit, pupil) -> None:
    gone = [file.id for file in files if file not in kept]
    if gone:
        m.Attachment.delete().where(m.Attachment.id.in_(gone)).execute()
    if add:
        homework = m.Homework.get((m.Homework.lesson == lesson) & same_or_null(m.Homework.unit, unit) &
                                  same_or_null(m.Homework.pupil, pupil))
        m.Attachment.insert_many([{"homework": homework.id, **vars(file)} for file in add]).execute()
