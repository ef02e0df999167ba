"""The teaching load: who teaches what to which class or group for how many hours."""

import re

from models import N_, Text

from exchange.intake import columns, curriculum, values
from exchange.intake.school import Load, Place
from exchange.intake.sheets import address, span

WANTED = {"teacher": Text(N_("teacher")), "name": Text(N_("teacher")), "subject": Text(N_("subject")), "class": Text(N_("class")),
          "group": Text(N_("group")), "hours": Text(N_("hours a week"))}
SUMS = r"всего|итого|\bобщ|\bгод"
EVIDENCE = {"teacher", "name", "employee", "subject", "class", "hours", "group"}


def read(table, school, subjects):
    """The load of one sheet. A name standing only in the first row of a block holds for the block; totals are passed over."""
    sheet = table.sheet
    _, grid = curriculum.class_columns(sheet)
    named = table.has("subject") and _teacher_column(table) is not None
    if named and table.index("class") is None and len(grid) > 1:
        return _rows(table, school, subjects, grid)
    _prefer_weekly(table)
    columns.settle(table, school, WANTED, Text(N_("Teaching load")))
    if not (named and table.has("class")):
        school.tell("error", Place(sheet.file, sheet.name), None,
                    Text(N_("The teaching load was not loaded: columns for teacher, subject and class are needed.")))
        return []
    return _rows(table, school, subjects, None)


def settle_teachers(load, staff, school):
    """Gives every row the name from the staff list: by the name without ё, then by initials. Returns names found in neither."""
    unknown = {}
    by_key = {values.fold(person.name): person for person in staff}
    for row in load:
        person = by_key.get(values.fold(row.teacher)) or _by_initials(row.teacher, staff)
        if person is None:
            unknown.setdefault(values.fold(row.teacher), row)
        elif values.is_short(row.teacher):
            row.teacher = person.name
    for row in unknown.values():
        school.tell("warning" if staff else "info", row.place, row.teacher,
                    Text(N_("%(name)s has a teaching load but is not in the list of staff."), name=row.teacher))
    return list(unknown.values())


def _prefer_weekly(table):
    """Of several columns of hours those of totals and of the year are not the hours of a class in a week."""
    found = [column for column in table.columns if column.attribute == "hours"]
    plain = [column for column in found if not re.search(SUMS, columns.folded_heading(column.heading))]
    for column in found if plain else ():
        if column not in plain:
            column.attribute = "sum"


def _teacher_column(table):
    return table.index("teacher", "name", "employee")


def _rows(table, school, subjects, grid):
    sheet, column = table.sheet, _teacher_column(table)
    found, teacher = [], None
    for row in range(table.first, len(sheet.rows)):
        name = sheet.text(row, column)
        if values.looks_like_name(name):
            teacher = values.name(values.russian(name)[0])
        written = sheet.text(row, table.index("subject"))
        if not written or re.match(curriculum.TOTAL, values.fold(written)) or re.match(curriculum.TOTAL, values.fold(name)):
            continue
        found.extend(_grid_row(table, row, teacher, grid, school, subjects) if grid
                     else _list_row(table, row, teacher, school, subjects))
    _tell_merged(table, column, school)
    return found


def _tell_merged(table, column, school):
    blocks = [(top, bottom) for top, left, bottom, right in table.sheet.merged
              if left == right == column and top >= table.first and bottom > top]
    if blocks:
        last = max(row for row in range(len(table.sheet.rows)) if not table.sheet.empty(row))
        school.tell("info", Place(table.sheet.file, table.sheet.name, span(min(blocks)[0], column, last, column)), None,
                    Text(N_("Teachers' names were read from merged cells for every row of a block.")))


def _list_row(table, row, teacher, school, subjects):
    cell, index = table.sheet.at(row, table.index("class")), table.index("hours")
    names = [name for written in values.class_names(cell) for name in school.resolve(written)]
    hours = values.number(table.sheet.at(row, index)) if index is not None else None
    place = table.place(row, index if index is not None else table.index("class"))
    subject = subjects.find(table.sheet.text(row, table.index("subject")), table.place(row, table.index("subject")))
    if not (teacher and names and subject and hours and 0 < hours <= curriculum.MOST_HOURS * len(names)):
        _tell_left_out(table, row, teacher, names, subject, hours, school)
        return
    subjects.learn(table.sheet.text(row, table.index("subject")), subject, rename=True)
    shares = _shares(names, subject, hours, table, place, school)
    for name in names:
        yield Load(teacher, subject, name, _group(table, row), shares[name], place, _note(table, row))


def _shares(names, subject, hours, table, place, school):
    """{class: hours}: a sum over several classes is shared out as the curriculum has it, or evenly, and told."""
    planned = {row.class_name: row.hours for row in school.curriculum if row.subject is subject and row.class_name in names}
    if len(names) < 2 or set(planned.values()) == {hours}:
        return dict.fromkeys(names, hours)
    heading = next(column.heading for column in table.columns if column.index == table.index("hours"))
    fits = len(planned) == len(names) and sum(planned.values()) == hours
    if not fits and not re.search(SUMS, columns.folded_heading(heading)):
        return dict.fromkeys(names, hours)
    shares = planned if fits else dict.fromkeys(names, hours / len(names))
    school.tell("warning", place, hours, Text(N_("%(hours)g h were read as the sum over %(classes)s and shared out: please check."),
                                              hours=hours, classes=", ".join(names)))
    return shares


def _tell_left_out(table, row, teacher, names, subject, hours, school):
    wrong = not hours or not 0 < hours <= curriculum.MOST_HOURS
    for missing, field, message in ((not teacher, "teacher", N_("The teacher is not known: this row of the load was left out.")),
                                    (not names, "class", N_("The class is not known: this row of the load was left out.")),
                                    (wrong, "hours", N_("The hours are not a number: this row of the load was left out.")),
                                    (not subject, "subject", N_("The subject is not known: this row of the load was left out."))):
        if missing:
            index = table.index(field) if table.index(field) is not None else table.index("subject")
            return school.tell("error", table.place(row, index), table.sheet.text(row, index) or None, Text(message))


def _grid_row(table, row, teacher, grid, school, subjects):
    written = table.sheet.text(row, table.index("subject"))
    subject = subjects.find(written, table.place(row, table.index("subject")))
    for column, class_name in grid.items():
        hours = values.number(table.sheet.at(row, column))
        if not (hours and teacher and subject):
            continue
        subjects.learn(written, subject, rename=True)
        place = Place(table.sheet.file, table.sheet.name, address(row, column))
        for name in school.resolve(class_name):
            yield Load(teacher, subject, name, _group(table, row), hours, place, _note(table, row))


def _group(table, row):
    index = table.index("group")
    written = values.fold(table.sheet.at(row, index)) if index is not None else ""
    match = re.search(r"\d", written)
    if match:
        return int(match[0])
    return {"мальчики": 1, "юноши": 1, "девочки": 2, "девушки": 2}.get(written.strip(" ."))


def _note(table, row):
    index = table.index("note")
    return table.sheet.text(row, index) or None if index is not None else None


def _by_initials(name, staff):
    if not values.is_short(name):
        return None
    surname, letters = values.initials(name)
    same = [person for person in staff if values.initials(person.name)[0] == surname
            and values.initials(person.name)[1].startswith(letters)]
    return same[0] if len(same) == 1 else None
