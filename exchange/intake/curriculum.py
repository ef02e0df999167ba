"""The curriculum: weekly hours of subjects by class, as a grid of classes or as a list."""

import re

from models import N_, Text

from exchange.intake import columns, values
from exchange.intake.school import Hours, Place
from exchange.intake.sheets import address

TOTAL = r"^(?:итого\b|всего\b|максимальн|предельн|деление|общее|учебн\w* недел|количество|при \d|total)"
SECTION = r"част[ьи]\b|курсы|компонент|внеурочн"


USUAL = (r"русск|литер|матем|алгебр|геометр|информ|истори|обществ|географ|биолог|хими|физик|физ|англ|иностр|немец|музык|\bизо|"
         r"изобраз|технолог|труд|окруж|чтени|обж|обзр|безопасн|право|эконом|психолог")
SET_OR_GROUP = r"\d{1,2}\s*(?:[-–—,+/]|и)\s*\d{1,2}(?:\s*кл\w*\.?)?$|[А-ЯA-Z]{1,4}[\s-]?\d{1,3}(?:-\d+)?$"
MOST_LEADING = 4
MOST_HOURS = 40


def class_columns(sheet):
    """`(row, {column: class name})` of the heading row with the most class names; `(None, {})` when there is none."""
    best, found = None, {}
    for row in range(min(len(sheet.rows), columns.DEEPEST_HEADER)):
        named = {column: values.class_name(value) for column, value in enumerate(sheet.rows[row]) if values.class_name(value)}
        if len(named) > len(found) and _is_heading(sheet, row, named):
            best, found = row, named
    return best, found


def class_rows(sheet):
    """
    `(heading row, {row: class name}, {column: subject})` of a grid with classes down and subjects across; `(None, {}, {})`
    when it is none. Some of its headings must be subjects every school has: a table of classes may hold other numbers too.
    """
    for column in range(min(sheet.width, MOST_LEADING)):
        named = {row: values.class_name(sheet.at(row, column)) for row in range(len(sheet.rows))}
        named = {row: name for row, name in named.items() if name}
        header = _heading_over(sheet, column, min(named, default=0))
        if len(named) < 2 or len(set(named.values())) < len(named) or header is None:
            continue
        headings = {index: sheet.text(header, index) for index in range(column + 1, sheet.width) if _names(sheet, header, index)}
        if sum(bool(re.search(USUAL, values.fold(text))) for text in headings.values()) >= 2:
            return header, named, headings
    return None, {}, {}


def read(sheet, school, subjects):
    """The hours of one sheet; every subject row becomes a subject."""
    header, classes = class_columns(sheet)
    if len(classes) < 2:
        header, rows, headings = class_rows(sheet)
        return list(_turned(sheet, header, rows, headings, school, subjects)) if rows else _from_list(sheet, school, subjects)
    tell_strangers(sheet, header, classes, school)
    subject_column = _subject_column(sheet, header, min(classes))
    found, area, part = [], None, None
    for row in range(header + 1, len(sheet.rows)):
        name = sheet.text(row, subject_column)
        first = next((sheet.text(row, column) for column in range(subject_column + 1) if sheet.text(row, column)), "")
        if re.match(TOTAL, values.fold(first)) or not first:
            continue
        if not any(values.text(sheet.at(row, column)) for column in classes):
            part = first
            continue
        area = sheet.text(row, subject_column - 1) or area if subject_column else None
        subject = subjects.add(name or first, _place(sheet, row, subject_column), area, part)
        found.extend(_row_hours(sheet, row, classes, subject, school))
    return found


def tell_strangers(sheet, header, classes, school):
    """Columns with values among the classes of a grid that are headed by none: a set of joint classes, a group of a college."""
    for column in range(1, sheet.width):
        heading = sheet.text(header, column)
        filled = sum(bool(sheet.text(row, column)) for row in range(header + 1, len(sheet.rows)))
        if column not in classes and filled > 1 and re.match(SET_OR_GROUP, heading, re.IGNORECASE):
            school.tell("error", _place(sheet, header, column), heading, Text(
                N_("Column «%(heading)s» is no class and was left out: joint classes and groups of a college cannot be loaded "
                   "from files yet."), heading=heading))


def _heading_over(sheet, column, first):
    """The row over the classes with the most words to the right of their column, or None."""
    words = {row: sum(_names(sheet, row, index) for index in range(column + 1, sheet.width)) for row in range(max(0, first - 4), first)}
    best = max(words, key=lambda row: (words[row], row), default=None)
    return best if best is not None and words[best] >= 2 else None


def _names(sheet, row, column):
    return bool(re.search("[А-Яа-яA-Za-z]{3}", sheet.text(row, column)))


def _turned(sheet, header, rows, headings, school, subjects):
    """Hours of a grid with classes down; headings of totals are no subjects."""
    found = {column: subjects.add(text, _place(sheet, header, column)) for column, text in headings.items()
             if not re.search(TOTAL + "|нагрузк|" + SECTION, values.fold(text)) and _numbers(sheet, rows, column)}
    for row, class_name in rows.items():
        for column, subject in found.items():
            yield from _row_hours(sheet, row, {column: class_name}, subject, school)


def _numbers(sheet, rows, column):
    """Whether hours stand in a column: something does, and it begins as a number does."""
    filled = [value for value in (sheet.text(row, column) for row in rows) if not values.absent(value)]
    return sum(value[0].isdigit() for value in filled) * 2 > len(filled)


def _is_heading(sheet, row, named):
    """Class names side by side in school order, written as classes («5А», «6 кл.») and not as bare numbers of some data."""
    order = [(values.grade(name), name) for name in named.values()]
    between = [column for column in range(min(named), max(named)) if column not in named]
    written = [values.text(sheet.at(row, column)) for column in named]
    said = any(re.search("класс|предмет|дисциплин", values.fold(value)) for line in sheet.rows[max(row - 1, 0):row + 1] for value in line)
    clear = sum(not text.isdigit() for text in written)
    return (min(named) > 0 and order == sorted(set(order))
            and all(re.match("каб|ауд|№", values.fold(sheet.at(row, column))) for column in between)
            and (clear == len(named) or len(named) > 2 and (clear > 1 or said)))


def _subject_column(sheet, header, first_class):
    for column in range(first_class):
        if re.search("предмет|дисциплин|subject", values.fold(sheet.text(header, column))) \
                and "област" not in values.fold(sheet.text(header, column)):
            return column
    filled = {column: sum(bool(re.search("[А-Яа-яA-Za-z]{3}", sheet.text(row, column)))
                          for row in range(header + 1, len(sheet.rows))) for column in range(first_class)}
    return max(filled, key=lambda column: (filled[column], column), default=0)


def _row_hours(sheet, row, classes, subject, school):
    for column, class_name in classes.items():
        value = sheet.at(row, column)
        if values.absent(value):
            continue
        hours = values.number(value)
        place = _place(sheet, row, column)
        if hours is None or not 0 <= hours <= MOST_HOURS:
            school.tell("warning", place, values.text(value),
                        Text(N_("«%(value)s» is not a number of hours: %(subject)s, %(class_name)s."), value=values.text(value),
                             subject=subject.name, class_name=class_name))
        elif hours:
            for name in school.resolve(class_name):
                yield Hours(name, subject, hours, place)


def _from_list(sheet, school, subjects):
    table = columns.table(sheet, {"subject", "class", "hours"})
    if table is None or not table.has("subject", "class", "hours"):
        school.tell("error", Place(sheet.file, sheet.name), None,
                    Text(N_("The curriculum was not understood: neither a grid of classes nor a list.")))
        return []
    found = []
    for row in range(table.first, len(sheet.rows)):
        name, cell = sheet.text(row, table.index("subject")), sheet.at(row, table.index("class"))
        hours = values.number(sheet.at(row, table.index("hours")))
        if not name or re.match(TOTAL, values.fold(name)) or hours == 0:
            continue
        if hours is None or not 0 <= hours <= MOST_HOURS or not values.class_names(cell):
            _tell_row(table, row, cell, school)
            continue
        subject = subjects.add(name, table.place(row, table.index("subject")))
        names = [each for written in values.class_names(cell) for each in school.resolve(written)]
        found.extend(Hours(each, subject, hours, table.place(row, table.index("hours"))) for each in names)
    return found


def _tell_row(table, row, cell, school):
    """A line of the list without a class or hours: the heading of a part, if it holds nothing else, or a row left out."""
    hours = table.sheet.text(row, table.index("hours"))
    if not hours and not values.text(cell):
        return
    field = "hours" if values.class_names(cell) else "class"
    school.tell("error", table.place(row, table.index(field)), table.sheet.text(row, table.index(field)) or None,
                Text(N_("The class or the hours are not understood: this row of the curriculum was left out.")))


def _place(sheet, row, column):
    return Place(sheet.file, sheet.name, address(row, column))
