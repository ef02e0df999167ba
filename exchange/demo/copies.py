"""A bigger demo school for measuring: parallel copies of its classes, people and journals, made by SQL inside the database.

Every copied row gets its original's number plus a constant of its table, so that references follow by addition. Journals
are copied from the running quarter on.
"""

from datetime import date, datetime

import models as m
from history import Actor

COPIED = (m.Room, m.Person, m.Employee, m.Pupil, m.SchoolClass, m.Appointment, m.Guardianship, m.Enrolment, m.SubgroupSet,
          m.Unit, m.UnitMember, m.CurriculumLine, m.Course, m.Assignment, m.Slot, m.Lesson, m.Work, m.Mark, m.Absence,
          m.Homework, m.Remark)
NAMED = (m.Room, m.SchoolClass, m.Unit)  # told apart by a number after the name
JOURNAL = (m.Work, m.Mark, m.Absence, m.Homework, m.Remark)


def grow(by: Actor, year: m.Year, pupils: int, now: datetime) -> None:
    """Copy the school until it has about so many pupils; each copy is an act."""
    since = m.Period.select(m.fn.MIN(m.Period.starts)).join(m.PeriodSet).where(
        (m.PeriodSet.year == year) & (m.PeriodSet.kind == "quarter") & (m.Period.ends >= now.date())).scalar()
    last = {model: model.select(m.fn.MAX(model.id)).scalar() for model in COPIED}
    people = list(m.Person.select().order_by(m.Person.id))
    for number in range(1, round(pupils / m.Pupil.select().count())):
        with m.writing(by, f"Параллельные классы, часть {number + 1}"):
            for model in COPIED:
                if model is m.Person:
                    _people(people, number, last[model])
                else:
                    _rows(model, number, last, since)
    m.follow_ids(*COPIED)


def _people(people: list[m.Person], number: int, step: int) -> None:
    """The same surnames with other people's names, shifted anew in each copy."""
    fields = [m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic, m.Person.birth, m.Person.sex,
              m.Person.phone, m.Person.search, m.Person.sort]
    alike: dict[bool, list[m.Person]] = {}
    for person in people:
        alike.setdefault(_is_woman(person), []).append(person)
    rows = []
    for group in alike.values():
        for place, person in enumerate(group):
            given = group[(place + 31 * number) % len(group)]
            keys = m.name_keys(person.surname, given.name, given.patronymic)
            rows.append((person.id + number * step, person.surname, given.name, given.patronymic, person.birth, person.sex,
                         person.phone, keys["search"], keys["sort"]))
    m.insert_rows(m.Person, fields, rows)


def _is_woman(person: m.Person) -> bool:
    return person.patronymic.endswith("на") or person.sex in ("f", "ж") or not person.patronymic and person.name.endswith("а")


def _rows(model, number: int, last: dict, since: date) -> None:
    fields = model._meta.sorted_fields
    values = ", ".join(_value(model, field, number, last) for field in fields)
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    table, mark = model._meta.table_name, m.db.param
    where, params = f"id <= {mark}", [last[model]]
    if model is m.Lesson:
        where, params = where + f" AND day >= {mark}", [*params, since]
    elif model in JOURNAL:
        where += f" AND lesson_id IN (SELECT id FROM lesson WHERE id <= {mark} AND day >= {mark})"
        params += [last[m.Lesson], since]
    m.db.execute_sql(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE {where}', params)


def _value(model, field, number: int, last: dict) -> str:
    column = f'"{field.column_name}"'
    if field.primary_key:
        return f"{column} + {number * last[model]}"
    if getattr(field, "rel_model", None) in last:
        return f"{column} + {number * last[field.rel_model]}"
    return f"{column} || '-{number + 1}'" if field.name == "name" and model in NAMED else column
