"""What would be said of an entry as things are, and once it is permitted; nothing is written (MRK-08)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import models as m
from history import Actor
from policies import User
from rulebook.entries import Entry, Foreign, Outcome, cleared_first
from rulebook.facts import Decision
from rulebook.homework import homework_of_all
from rulebook.journal import judged_topic
from rulebook.leaves import leaves_of
from rulebook.lesson_desk import LessonDesk
from rulebook.result_desk import ResultDesk
from rulebook.text_verdicts import judge_homework, judge_remark, judge_topic
from rulebook.verdicts import judge_attendance
from rulebook.works import column_in_words, judged_column, kinds_by_name, no_such_column, read_column


def trial(user: User, by: Actor, course: int, entries: list[Entry], reason: str) -> list[tuple[str, Outcome, Outcome]]:
    """(what stands, what would be said of the entry as things are, and with permission for the cell) of each; the reason is that of
    all. Nothing is written. Raises Foreign as put_cells."""
    of_lessons = [entry for entry in entries if entry.lesson is not None]
    of_periods = [entry for entry in entries if entry.lesson is None]
    desks = [LessonDesk(user, by, course, of_lessons)] if of_lessons else []
    desks += [ResultDesk(user, by, course, of_periods, leaves_of(user, by.at))] if of_periods else []
    said = {id(entry): _tried(desk, entry, reason) for desk in desks for entry in desk.entries}
    return [said[id(entry)] for entry in entries]


def _tried(desk, entry: Entry, reason: str) -> tuple[str, Outcome, Outcome]:
    standing = desk.standing(entry)
    steps = [*cleared_first(entry, standing, desk.scale), entry]
    now = desk.put(steps[0])
    then = [desk.put(replace(step, reason=reason), unlocked=True) for step in steps]
    return standing, now, then[-1]


def trial_of_lesson(user: User, by: Actor, lesson: int, parts, reason: str) -> list[tuple[str, Decision, Decision]]:
    """The same of what belongs to a lesson, as decisions, each of `parts` with `what`, `value`, `work` and `pupil`: attendance, topic,
    homework for everybody, a remark to a pupil, the kind of its own column, a further column (`work` None = one to be added, `value` "" =
    to be taken away). A number of queries that does not grow with them."""
    desk = LessonDesk(user, by, None, [Entry(part.pupil, "", lesson) for part in parts if part.pupil], everybody=lesson)
    trial = _Trial(desk, desk.writable(lesson, whole_day=any(part.what == "homework" for part in parts)), desk.lessons[lesson], parts)
    return [trial.of(part, reason) for part in parts]


class _Trial:
    """A lesson on trial: what stands in its parts, and how each of them is judged."""

    def __init__(self, desk: LessonDesk, facts, lesson, parts):
        self.desk, self.facts, self.lesson = desk, facts, lesson
        asked = {part.what for part in parts}
        self.homework = homework_of_all(lesson.id)[0] if "homework" in asked else ""
        self.remarks = m.Remark.at_lesson(lesson.id) if "remark" in asked else {}
        self.works = {row.id: row for row in m.Work.of_lesson(lesson.id)} if "column" in asked else {}
        self.kinds = kinds_by_name() if asked & {"kind", "column"} else {}

    def of(self, part, reason: str) -> tuple[str, Decision, Decision]:
        standing, judge = getattr(self, f"_{part.what}")(part)
        held = self.desk.leaves.of(part.what, self.lesson.id, part.work, part.pupil) is not None
        blocked = self.desk.blocked(self.lesson, ahead=part.what == "attendance")
        return standing, *(blocked or judge(reason=why, unlocked=unlocked or held) for why, unlocked in (("", False), (reason, True)))

    def _attendance(self, _part) -> tuple[str, Callable]:
        return "", partial(judge_attendance, self.desk.rules, self.facts, self.desk.judged_at, first=self.lesson.attendance_at is None)

    def _topic(self, part) -> tuple[str, Callable]:
        return self.lesson.topic, partial(judge_topic, self.desk.rules, self.facts, self.lesson.topic, part.value, self.desk.judged_at)

    def _homework(self, part) -> tuple[str, Callable]:
        return self.homework, partial(judge_homework, self.desk.rules, self.facts, self.homework, part.value, self.desk.judged_at)

    def _remark(self, part) -> tuple[str, Callable]:
        if (self.lesson.id, part.pupil) not in self.desk.members:
            raise Foreign
        return self.remarks.get(part.pupil, ""), partial(judge_remark, self.desk.rules, self.facts, part.value, self.desk.judged_at)

    def _kind(self, part) -> tuple[str, Callable]:
        row, (kind, title) = self.lesson, read_column(part.value, self.kinds)
        new = row.topic, row.plan_topic_id, kind, title
        return column_in_words(row.kind, row.work_topic), no_such_column if part.value and not kind else partial(
            judged_topic, self.desk, self.facts, row, new)

    def _column(self, part) -> tuple[str, Callable]:
        if part.work and part.work not in self.works:
            raise Foreign
        standing = self.works.get(part.work)
        was = standing.kind if standing else None
        kind, title = read_column(part.value, self.kinds) if part.value else (was, "")
        return column_in_words(was, standing.title) if standing else "", partial(
            judged_column, self.desk, self.lesson.id, kind, was, None, title=title)
