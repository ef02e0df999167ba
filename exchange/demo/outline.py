"""What the demo school teaches lesson by lesson: its own thematic plans, and ready topics where it has none."""

import re
import tomllib
from dataclasses import dataclass
from itertools import count
from pathlib import Path

READY = tomllib.loads((Path(__file__).parent / "topics.toml").read_text(encoding="utf-8"))
EVERY = 6  # lessons between two written works of a course of 2 hours a week
NAMES = {"К": "Контрольная работа", "С": "Самостоятельная работа", "Т": "Тест", "П": "Практическая работа",
         "Л": "Лабораторная работа", "Дк": "Диктант", "Сч": "Сочинение", "И": "Изложение", "Пр": "Проект", "Зч": "Зачёт"}


@dataclass(frozen=True)
class Step:
    """One lesson: its topic, the plan's row it comes from, the kind of work written in it (code or "") with the topic of
    that work, and the homework ("" = nothing is set)."""

    topic: str
    row: int | None = None
    kind: str = ""
    work: str = ""
    homework: str = ""


def of_plan(rows):
    """Steps of a thematic plan: `rows` are (id, topic, hours, kind code, homework) in order; a row lasts its hours."""
    for row, topic, hours, kind, homework in rows:
        for _ in range(max(1, round(hours))):
            yield Step(topic, row, kind, _title(topic) if kind else "", homework)


def of_subject(subject: str, grade: int, weekly_hours: float):
    """Endless steps of a subject in a grade."""
    words = READY.get(subject) or READY["Индивидуальный проект"]
    topics = _band(words["bands"], grade)
    turns, works = words["turns"], words["works"]
    gap, numbers, number = max(4, round(EVERY * float(weekly_hours) / 2)), {}, 0
    for lap in count():
        for topic in topics:
            for turn in (None, *turns):
                number += 1
                if works and number % gap == 0:
                    kind = works[(number // gap - 1) % len(works)]
                    numbers[kind] = numbers.get(kind, 0) + 1
                    yield _written(kind, numbers[kind], topic, _task(words["homework"], number))
                    continue
                said = topic if turn is None else f"{topic}: {turn}"
                yield Step(f"Повторение. {said}" if lap else said, homework=_task(words["homework"], number))


def homework_of(subject: str, number: int) -> str:
    """A task for the lesson with this number, when the plan has none; "" for subjects without homework."""
    return _task(READY.get(subject, {"homework": []})["homework"], number)


def _written(kind: str, number: int, topic: str, homework: str) -> Step:
    return Step(f"{NAMES[kind]} № {number} «{topic}»", kind=kind, work=topic, homework=homework)


def _band(bands: dict, grade: int) -> list[str]:
    """The topics of the band that holds the grade, or of the nearest one."""
    def distance(band):
        low, _, high = band.partition("-")
        return max(int(low) - grade, grade - int(high or low), 0)
    return bands[min(bands, key=distance)]


def _task(patterns: list[str], number: int) -> str:
    if not patterns:
        return ""
    page, section = 8 + number * 3, 1 + number // 2
    return patterns[number % len(patterns)].format(n=page, m=page + 2, k=section, l=section + 1)


def _title(topic: str) -> str:
    quoted = re.search("«(.+)»", topic)
    return quoted[1] if quoted else topic
