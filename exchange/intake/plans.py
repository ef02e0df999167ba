"""Thematic plans in any of the usual layouts: a list of lessons, sections in a column of their own, topics of several hours."""

import re
from pathlib import Path

from models import N_, Text

from exchange.intake import columns, values
from exchange.intake.school import Place, Plan, Topic

WANTED = {"topic": Text(N_("topic")), "hours": Text(N_("hours")), "homework": Text(N_("homework")),
          "kind": Text(N_("kind of work")), "section": Text(N_("section"))}
EVIDENCE = {"topic", "hours", "homework", "kind", "section", "lesson", "number", "plan_date", "control_hours", "practical_hours",
            "resources"}
TOTAL = r"^(?:итого\b|всего\b|общее количество|total\b)"
NOISE = re.compile(r"\b(?:ктп|рп|календарно|календарное|тематическое|тематический|поурочное|планирование|план|рабочая|программа|"
                   r"по|предмету|учебному|учебный|предмет|для|на|класс\w*|кл|год|уч|учебный|ч|час\w*|неделю|нед|в|г)\b\.?|\d+|[_,;:()/№–—-]")
KINDS = (("control", r"контрольн|\bк\W{0,2}р\b|диктант|\bкр\b"), ("laboratory", r"лаборатор|\bл\W{0,2}р\b|\bлр\b"),
         ("practical", r"практич|\bп\W{0,2}р\b|\bпр\b"), ("independent", r"самостоят|\bс\W{0,2}р\b|\bср\b"),
         ("test", r"тест|зач[её]т|проверочн"), ("project", r"проект"))
WEEKS, WEEKS_OF_FIRST_GRADE = 34, 33


def read(table, school, subjects):
    """The plan of one sheet, or None when its subject is not known; its hours are compared with the curriculum."""
    columns.settle(table, school, WANTED, Text(N_("Thematic plan")))
    place = Place(table.sheet.file, table.sheet.name)
    grade, classes = _grade(table), []
    subject = _subject(table, grade, school, subjects, place)
    if subject is None:
        return None
    if grade is None:
        school.tell("error", place, None, Text(N_("The grade of the thematic plan is not told: it was left out.")))
        return None
    named = next(filter(None, (values.class_in(text) for text in _titles(table))), None)
    classes = [named] if named in school.classes and named != str(grade) else school.classes_with(subject, grade)
    plan = Plan(subject, grade, classes, list(_topics(table, school)), place)
    _compare(plan, school)
    return plan


def weeks(grade):
    """Study weeks of a year."""
    return WEEKS_OF_FIRST_GRADE if grade == 1 else WEEKS


def kind_of(written):
    """The kind of work a phrase names, or None."""
    folded = values.fold(written)
    return next((kind for kind, stem in KINDS if re.search(stem, folded)), None)


def _titles(table):
    """What may name the subject and the grade: the lines over the header, the file's name, the sheet's."""
    over = [table.sheet.text(row, column) for row in range(table.header) for column in range(table.sheet.width)]
    over = [text for text in over if text and not re.match("учител|педагог|составител|утвержд|рассмотрен", values.fold(text))]
    return [*over, Path(table.sheet.file).stem.replace("_", " "), table.sheet.name or ""]


def _grade(table):
    for text in _titles(table):
        class_name = values.class_in(text)
        if class_name:
            return values.grade(class_name)
    for text in _titles(table):
        match = re.search(r"(?<![\d.])(1[01]|[1-9])(?![\d./])(?!\s*ч)", text)
        if match:
            return int(match[1])
    return None


def _subject(table, grade, school, subjects, place):
    among = {row.subject for row in school.curriculum if grade is None or values.grade(row.class_name) == grade} or None
    tried = []
    for text in _titles(table):
        found = _in_phrase(text, subjects, among) or (among and _in_phrase(text, subjects, None))
        if found:
            return found
        tried.append(text)
    stem = " ".join(NOISE.sub(" ", values.fold(Path(table.sheet.file).stem)).split())
    return subjects.find(stem or Path(table.sheet.file).stem, place)


def _in_phrase(text, subjects, among):
    """The subject best named by some words of a phrase."""
    best, best_score = None, 0
    for run in NOISE.split(values.fold(re.sub("[«»\"]", " ", text))):
        words = (run or "").split()
        for first in range(len(words)):
            for last in range(first + 1, min(len(words), first + 6) + 1):
                subject, score, rival = subjects.match(" ".join(words[first:last]), among)
                score += 0.03 * (last - first)
                if subject and rival is None and len(words[first]) > 2 and score > best_score:
                    best, best_score = subject, score
    return best


def _topics(table, school):
    section, next_number = None, 1
    for row in range(table.first, len(table.sheet.rows)):
        if table.sheet.empty(row):
            continue
        title = _text(table, row, "topic")
        first = next(text for text in (values.text(value) for value in table.sheet.rows[row]) if text)
        if re.match(TOTAL, values.fold(title or first)):
            continue
        section = _clean_section(_text(table, row, "section")) or section
        hours, number = _hours(table, row), _number(table, row)
        if hours is None and number is None:
            section = _clean_section(title or first)
        elif title:
            count = hours if hours is not None else _range(table, row)
            yield Topic(next_number, section, title, count, _kind(table, row, title), _text(table, row, "homework") or None,
                        table.place(row, table.index("topic")))
            next_number += 1
        else:
            school.tell("warning", table.place(row, table.index("topic")), first,
                        Text(N_("A row of the thematic plan has hours but no topic, it was left out.")))


def _text(table, row, field):
    index = table.index(field)
    return table.sheet.text(row, index) if index is not None else ""


def _hours(table, row):
    index = table.index("hours")
    value = values.number(table.sheet.at(row, index)) if index is not None else None
    return value if value else None


def _number(table, row):
    index = table.index("number", "lesson")
    written = table.sheet.text(row, index) if index is not None else ""
    return written if re.match(r"\d", written) else None


def _range(table, row):
    match = re.match(r"(\d+)\s*[-–—]\s*(\d+)", _number(table, row) or "")
    return int(match[2]) - int(match[1]) + 1 if match else 1


def _clean_section(text):
    bare = re.sub(r"^(?:раздел|модуль|глава|тема|блок)\s*(?:№\s*)?[\dIVX]+\s*[.:)]?\s*", "", text or "", flags=re.IGNORECASE)
    return re.sub(r"\s*[(–—-]?\s*\d+(?:[.,]\d)?\s*ч(?:ас\w*)?\.?\s*\)?\s*$", "", bare).strip() or None


def _kind(table, row, title):
    said = kind_of(_text(table, row, "kind"))
    if said:
        return said
    for field, kind in (("control_hours", "control"), ("practical_hours", "practical")):
        index = table.index(field)
        if index is not None and values.number(table.sheet.at(row, index)):
            return "laboratory" if values.fold(title).startswith("лаборатор") else kind
    if table.index("control_hours") is not None:
        return None
    match = re.match(r"(?:итогов\w* |входн\w* )?((?:контрольн|лабораторн|практическ|самостоятельн)\w* работ)", values.fold(title))
    return kind_of(match[1]) if match else None


def _compare(plan, school):
    for hours in {row.hours for row in school.curriculum if row.subject is plan.subject and row.class_name in plan.classes}:
        needed = hours * weeks(plan.grade)
        if plan.hours != needed:
            school.tell("warning", plan.place, plan.hours,
                        Text(N_("%(subject)s, %(class_name)s: the thematic plan has %(hours)g h, the curriculum %(needed)g h "
                                "(difference %(difference)+g h)."),
                             subject=plan.subject.name, class_name=", ".join(plan.classes) or plan.grade, hours=plan.hours,
                             needed=needed, difference=plan.hours - needed))
