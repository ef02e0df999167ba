"""The list of staff."""

import re

from models import N_, Text

from exchange.intake import columns, values
from exchange.intake.school import Place, Staff

WANTED = {"name": Text(N_("full name")), "position": Text(N_("position")), "subject": Text(N_("subjects")),
          "class_teacher": Text(N_("class teacher of")), "phone": Text(N_("phone")), "email": Text(N_("e-mail")),
          "birth": Text(N_("date of birth"))}
EVIDENCE = {"name", "surname", "first", "position", "subject", "class_teacher", "phone", "email", "birth", "education",
            "employee", "teacher"}


def read(table, school):
    """The members of staff of one sheet; a vacancy is told and makes no account."""
    columns.settle(table, school, WANTED, Text(N_("Staff")))
    if not (table.has("name") or table.has("surname", "first") or table.has("employee") or table.has("teacher")):
        school.tell("error", Place(table.sheet.file, table.sheet.name), None,
                    Text(N_("No column with names of staff was found: the list was not loaded.")))
        return []
    people = [_person(table, row, school) for row in range(table.first, len(table.sheet.rows)) if not table.sheet.empty(row)]
    return [person for person in people if person]


def reconcile(people, mentioned, school):
    """
    Spellings with ё found elsewhere (`mentioned`: names of the load and the timetable) replace those with е; the same person
    twice in the lists is one.
    """
    better = {values.fold(name): name for name in mentioned if "ё" in name.lower()}
    found = {}
    for person in people:
        better_name = better.get(values.fold(person.name))
        if better_name and better_name != person.name:
            school.tell("info", person.place, person.name,
                        Text(N_("%(name)s: the same member of staff, е for ё."), name=better_name))
            person.name = better_name
        first = found.setdefault((values.fold(person.name), person.phone), person)
        first.class_teacher_of.extend(name for name in person.class_teacher_of if name not in first.class_teacher_of)
    return list(found.values())


def _person(table, row, school):
    raw, index = _raw_name(table, row)
    place = table.place(row, index)
    if re.search("ваканс|vacan", values.fold(raw)):
        school.tell("info", place, raw, Text(N_("The row «%(value)s» is a vacancy, not a member of staff."), value=raw))
        return None
    if not values.looks_like_name(raw):
        if raw and not re.match("итого|всего", values.fold(raw)) and table.index("position") is not None:
            school.tell("warning", place, raw, Text(N_("«%(value)s» is not a full name, the row was left out."), value=raw))
        return None
    repaired, latin = values.russian(raw)
    if latin:
        school.tell("warning", place, raw, Text(N_("Latin letters in «%(name)s» were replaced by Russian ones: please check."),
                                                name=values.name(repaired)))
    return _filled(table, row, values.name(repaired), place, school)


def _filled(table, row, name, place, school):
    taught = [class_name for index in [table.index("class_teacher")] if index is not None
              for class_name in values.class_names(table.sheet.at(row, index))]
    return Staff(name, _said(table, row, "position"), _said(table, row, "subject"), taught,
                 next(iter(values.phones(_cell(table, row, "phone"))), None), _email(table, row, school),
                 _birth(table, row, name, school), place)


def _raw_name(table, row):
    index = table.index("name", "employee", "teacher")
    if index is not None:
        return table.sheet.text(row, index), index
    pieces = [_cell(table, row, field) for field in ("surname", "first", "patronymic")]
    return " ".join(values.text(piece) for piece in pieces if piece), table.index("surname")


def _cell(table, row, field):
    index = table.index(field)
    return None if index is None else table.sheet.at(row, index)


def _said(table, row, field):
    cell = _cell(table, row, field)
    return None if values.absent(cell) else values.text(cell)


def _email(table, row, school):
    cell = _cell(table, row, "email")
    if values.absent(cell):
        return None
    found = values.email(cell)
    if not found:
        school.tell("warning", table.place(row, table.index("email")), values.text(cell),
                    Text(N_("The address %(value)s is not complete and was not loaded."), value=values.text(cell)))
    return found


def _birth(table, row, name, school):
    cell = _cell(table, row, "birth")
    if values.absent(cell):
        return None
    try:
        return values.date(cell)
    except ValueError:
        school.tell("warning", table.place(row, table.index("birth")), values.text(cell),
                    Text(N_("%(name)s: there is no such date as %(value)s, please give the date of birth."), name=name,
                         value=values.text(cell)))
        return None
