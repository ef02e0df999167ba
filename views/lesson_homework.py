"""The homework section of the lesson page: for whom, for which lesson, how much the class has to do that day, what to begin with."""

from dataclasses import dataclass, field
from datetime import date

from flask import request
from flask_babel import gettext as _

import models as m
import rulebook.homework

NEXT_LESSONS = 6  # to choose from
OWN_TEXTS = 5


@dataclass
class Load:
    """What the class has to do for a day besides this homework: (subject, text, minutes) of each task."""

    day: date
    tasks: list[tuple] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(minutes or 0 for *_rest, minutes in self.tasks)


def section(row, person: int, rules, grade: int, pupils) -> dict:
    """What the section shows. The address or the form names a target; without one it is for everybody."""
    every = list(m.Homework.of_lesson(row.id))
    targets = _targets(row, pupils)
    chosen = request.values.get("for", "")
    chosen = chosen if chosen in dict(targets) else ""
    standing = next((each for each in every if target_of(each) == chosen), None)
    days = _days(row, standing)
    others = [(dict(targets).get(target_of(each), ""), target_of(each), each) for each in every if each is not standing]
    return {"homework": standing, "others": others,
            "targets": targets, "target": chosen, "days": days, "loads": _loads(row, every, days),
            "limit": rulebook.homework.homework_limit(rules, grade), "files": list(standing.attachments) if standing else [],
            "texts": [] if standing else _texts(row, person)}


def target_of(homework) -> str:
    """The name of a homework's target in forms: "" everybody, u7 a subgroup, p12 a pupil."""
    return f"u{homework.unit_id}" if homework.unit_id else f"p{homework.pupil_id}" if homework.pupil_id else ""


def read_target(text: str) -> dict:
    """Parameters of rulebook.homework.put_homework for a target."""
    number = int(text[1:]) if text[1:].isascii() and text[1:].isdigit() and len(text) < 11 else 0
    return {name: number or None for mark, name in (("u", "unit"), ("p", "pupil")) if text[:1] == mark}


def too_much(row, rules, grade: int, day: date | None) -> str:
    """A sentence when the class has more to do for a day than the school thinks enough; "" otherwise."""
    limit = rulebook.homework.homework_limit(rules, grade)
    if day is None or limit is None:
        return ""
    total = sum(each.minutes or 0 for each in m.Homework.due_for(row.course.unit, [day]).namedtuples() if each.pupil is None)
    if total <= limit:
        return ""
    return _("All homework for that day takes %(total)s min; %(limit)s are enough in this grade.", total=total, limit=limit)


def _targets(row, pupils) -> list[tuple[str, str]]:
    groups = [(f"u{unit.id}", unit.name) for unit in rulebook.homework.subgroups_of(row)]
    return [("", _("The whole class") if row.course.unit.kind == "class" else _("Everybody at the lesson")), *groups,
            *((f"p{pupil.id}", pupil.name) for pupil in pupils)]


def _days(row, standing) -> list[tuple[date, int | None]]:
    """(day, number of the lesson) of the next lessons of the course; a day chosen before stays among them."""
    days = list(row.following().limit(NEXT_LESSONS).tuples())
    if standing and standing.due and standing.due not in dict(days):
        days.append((standing.due, None))
    return sorted(days, key=lambda each: each[0])


def _loads(row, every, days) -> list[Load]:
    own = {each.id for each in every}
    loads = {day: Load(day) for day, _number in days}
    for each in m.Homework.due_for(row.course.unit, list(loads)).namedtuples() if loads else ():
        if each.id not in own and each.pupil is None:
            loads[each.due].tasks.append((each.subject, each.text, each.minutes))
    return list(loads.values())


def _texts(row, person: int) -> list[str]:
    """What to begin with: the plan's homework of the topic, then the own last ones in the subject."""
    planned = [row.plan_topic.homework] if row.plan_topic_id and row.plan_topic.homework else []
    recent = [text for text, _last in m.Homework.recent(row.course_id, person).limit(OWN_TEXTS).tuples()]
    return list(dict.fromkeys(planned + recent))
