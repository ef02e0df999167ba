"""What a sheet is, by its headings and content; its name only breaks a tie."""

import re

from exchange.intake import bells, columns, curriculum, load, plans, pupils, staff, timetable, values

PUPIL_HEADS = {"birth", "sex", "file", "class", "grade", "health", "consent", "address"}
KINDS = ("pupils", "staff", "curriculum", "load", "timetable", "bells", "calendar", "plan")


def of(sheet):
    """`(kind or None, Table or None)`; a kind is one of KINDS, None when the sheet is none of them; `'empty'` when blank."""
    if all(sheet.empty(row) for row in range(len(sheet.rows))):
        return "empty", None
    if _is_calendar(sheet):
        return "calendar", None
    if _is_timetable(sheet):
        return "timetable", None
    if _is_bells(sheet):
        return "bells", None
    found = columns.table(sheet, pupils.EVIDENCE | staff.EVIDENCE | load.EVIDENCE | plans.EVIDENCE)
    _, classes = curriculum.class_columns(sheet)
    if len(classes) > 1 and not (found and _named(found, "teacher", "employee", "name", "surname")):
        return "curriculum", None
    if curriculum.class_rows(sheet)[1] and not (found and _named(found, "teacher", "employee", "name")):
        return "curriculum", None
    return (_by_headings(sheet, found, classes), found) if found else (None, None)


def _by_headings(sheet, found, classes):
    heads = {column.attribute for column in found.columns}
    roles = {column.role for column in found.columns} & {"mother", "father", "guardian", "parent"}
    person = heads & {"name", "surname", "teacher", "employee"}
    if "topic" in heads and heads & {"hours", "number", "lesson", "homework", "kind"}:
        return "plan"
    grid = len(classes) > 1
    if "subject" in heads and person and (grid or "class" in heads) and (grid or heads & {"hours", "group"}):
        return "load"
    if {"subject", "class", "hours"} <= heads:
        return "curriculum"
    if person and (heads & {"position", "class_teacher"} or "subject" in heads and not roles):
        return "staff"
    if heads & {"name", "surname"} and (roles or heads & PUPIL_HEADS or _is_class_list(sheet)):
        return "staff" if re.search("сотрудник|педагог|учител|персонал", values.fold(sheet.title)) and not roles else "pupils"
    return None


def _named(found, *attributes):
    return any(column.attribute in attributes for column in found.columns)


def _is_class_list(sheet):
    titled = re.search("список (?:обуча|учащ|учени|класс)|контингент", values.fold(sheet.title))
    return bool(values.class_name(sheet.name) or titled)


def _is_calendar(sheet):
    pairs = words = 0
    for row in sheet.rows:
        line = values.fold(" ".join(values.text(value) for value in row))
        days = [day for value in row for day in values.dates(value, 2000)]
        pairs += len(days) >= 2
        words += bool(re.search(bells.PERIOD + "|каникул|праздничн|нерабоч|выходн", line))
    return pairs >= 2 and words >= 2 or words >= 2 and _holiday_list(sheet)


def _holiday_list(sheet):
    rows = [row for row in sheet.rows if any(values.text(value) for value in row)]
    dated = [row for row in rows if any(values.dates(value, 2000) for value in row)]
    return len(dated) >= 3 and len(dated) * 2 > len(rows) and max(len([v for v in row if values.text(v)]) for row in dated) <= 4


def _is_timetable(sheet):
    days = {timetable.day_of(value) for row in sheet.rows for value in row if isinstance(value, str)} - {None}
    return len(days) >= 2 and any(cell.lesson is not None for cell in timetable.cells(sheet))


def _is_bells(sheet):
    lessons = moments = filled = 0
    for row in range(len(sheet.rows)):
        lesson, found = bells._lesson_row(sheet, row)
        lessons += lesson is not None and len(found) >= 2
        filled += not sheet.empty(row)
        moments += len(found)
    return lessons >= 3 and lessons * 2 >= filled - 6
