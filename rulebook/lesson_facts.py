"""The facts of a lesson as the rules want them: class, period, kind of work, bell times, school days."""

from collections.abc import Callable
from datetime import date, datetime

import clock
import models as m
from rulebook.checks import DEADLINES
from rulebook.facts import LessonFacts, PeriodFacts, half_of
from rulebook.rules import Rules, last_moment, parse_deadline


def school_day_of(rules: Rules, school_class) -> Callable[[date], bool]:
    """Which days are school days for a class, as LessonFacts wants it: by the school's calendar where a deadline counts school days
    (four queries), otherwise nobody asks."""
    counted = ("entry.mark_deadline", "entry.absence_deadline", "entry.topic_deadline", "entry.homework_deadline", "debt.deadline",
               *DEADLINES.values())
    if school_class is None or not any(rules.value(key).endswith("WD") for key in counted):
        return lambda day: day.weekday() < 6
    calendar = m.Calendar(school_class.year)
    return lambda day: calendar.weekday(school_class, day) is not None


def lesson_facts(rules: Rules, lesson, work=None, setting: tuple | None = None, whole_day: bool = False, school_day=None) -> LessonFacts:
    """The facts of a row of `Lesson.whole()`, or of one of its works. `setting` is (grade, half-year, period) where it is not
    the class's own; `whole_day` looks up when the class's day ends, if the rules ask (one query); `school_day` see school_day_of."""
    school_class = lesson.course.unit.school_class
    if setting is None:
        setting = setting_of(school_class, school_class.period, lesson.closed, lesson.day) if school_class else (
            0, half_of("", 0, lesson.day), None)
    column, starts = work or lesson, clock.at(lesson.day, lesson.starts) if lesson.starts else None
    return LessonFacts(lesson.day, clock.zone(), *setting, column.kind.deadline if column.kind_id else "lesson", starts,
                       end_of_class_day(rules, lesson) if whole_day else None, column.received_at,
                       school_day or school_day_of(rules, school_class), lesson.course.scale.code)


def due_of(rules: Rules, facts: LessonFacts, what: str = "") -> tuple[datetime | None, str]:
    """(last in-time moment or None, clause) of a lesson's marks by their kind of work, or of its `what`: absence, topic,
    homework."""
    rule = rules[f"entry.{what}_deadline" if what else DEADLINES.get(facts.kind, "entry.mark_deadline")]
    if rule.severity == "off":
        return None, ""
    return last_moment(parse_deadline(rule.value), facts.event), rule.clause


def setting_of(school_class, period, closed, day: date, ordered: date | None = None) -> tuple[int, int, PeriodFacts | None]:
    """(grade, half-year, period) of a class on a day, as the rules want them."""
    if period is None:
        return school_class.grade, half_of("", 0, day), None
    kind = period.period_set.kind
    return school_class.grade, half_of(kind, period.number, day), PeriodFacts(
        period.starts, period.ends, bool(closed), ordered, kind, period.name)


def end_of_class_day(rules: Rules, lesson) -> datetime | None:
    """When the last lesson of the class that day ends, any subgroup's; asked only if homework is counted from it (HW-02)."""
    if not rules.value("entry.homework_deadline").startswith("class_day_end"):
        return None
    end = m.Lesson.last_of_day(lesson.course.unit, lesson.day)
    return clock.at(lesson.day, end) if end else None
