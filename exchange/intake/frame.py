"""The frame of a school year out of the files: school, year, calendar, bells, rooms, subjects, classes."""

import datetime
import re

import models as m
from models import N_, Text

from exchange import founding
from exchange.intake import values
from exchange.intake.ledger import Wanted
from exchange.intake.school import Place

PERIOD_SETS = (("quarter", "четверт", "Четверти"), ("half_year", "полугоди", "Полугодия"), ("trimester", "триместр", "Триместры"),
               ("semester", "семестр", "Семестры"), ("module", "модул", "Модули"))


def lay(school, ledger):
    """Everything that lessons need to stand on; returns the Year. Inside `writing`."""
    year = _school_and_year(school, ledger)
    sets = _periods(school, ledger, year)
    _bells(school, ledger, year)
    _holidays(school, ledger, year)
    _rooms(school, ledger)
    _classes(school, ledger, year, sets)
    return year


def subjects(school, ledger):
    """{Subject as read: id}; a standing subject is known by its everyday or its curriculum name."""
    standing = {m.fold(name): row for row in m.Subject.select() for name in (row.name, row.official) if name}
    taken, found, new = set(), {}, []
    for position, subject in enumerate(school.subjects, 1):
        row = standing.get(m.fold(subject.name)) or standing.get(m.fold(subject.full_name))
        wanted = Wanted({"name": subject.name[:150], "official": subject.full_name[:250], "area": (subject.area or "")[:150],
                         "short": _short(subject, taken), "position": position}, subject.name, subject.place)
        if row is None:
            new.append((subject, wanted))
        else:
            ledger.change(row, Wanted({key: value for key, value in wanted.values.items() if key in {"official", "area"}},
                                      subject.name, subject.place))
            found[subject] = row.id
    made = ledger.make(m.Subject, [wanted for _, wanted in new])
    return found | {subject: row for (subject, _), row in zip(new, made, strict=True)}


def _school_and_year(school, ledger):
    if m.School.the() is None:
        name = school.name or "Школа"
        if not school.name:
            _tell(school, N_("The files do not name the school: it is called «Школа» until its name is set."))
        ledger.make(m.School, [Wanted({"id": 1, "name": name[:300], "short_name": _short_school(name)}, name)])
    founding.lay_work_kinds()
    first = datetime.date(school.year, 9, 1)
    standing = m.Year.select().where((m.Year.starts <= first) & (m.Year.ends >= first)).first()
    if standing:
        return standing
    name = founding.year_name(first)
    made, = ledger.make(m.Year, [Wanted({"name": name, "starts": first, "ends": datetime.date(school.year + 1, 8, 31)}, name)])
    return m.Year.get_by_id(made)


def _tell(school, message, **words):
    """A doubt about the whole of the files, told at the first of them."""
    first = next((row.place.file for rows in (school.pupils, school.staff, school.curriculum, school.load, school.periods, school.plans)
                  for row in rows), "")
    school.tell("warning", Place(first), None, Text(message, **words))


def _short_school(name):
    quoted = re.search(r"[«\"]([^»\"]+)[»\"]", name)
    return (quoted[1] if quoted else name)[:100]


def _periods(school, ledger, year):
    """Period sets by kind of period and grades; returns {grade: period set id}, the set of no grades in particular for the rest."""
    found = _period_sets(school)
    sets = ledger.sync(m.PeriodSet, ("year", "name"), [
        Wanted({"year": year.id, "name": name, "kind": kind}, name, periods[0].place)
        for name, (kind, _, periods) in found.items()], m.PeriodSet.year == year)
    wanted, of_grade = [], {}
    for name, (_, grades, periods) in sorted(found.items(), key=lambda item: bool(item[1][1])):
        owner = sets[year.id, name]
        of_grade.update(dict.fromkeys(grades or range(1, 13), owner))
        for number, period in enumerate(sorted(periods, key=lambda each: each.start), 1):
            wanted.append(Wanted({"period_set": owner, "number": number, "name": period.name[:60], "starts": period.start,
                                  "ends": period.end}, period.name, period.place))
    ledger.sync(m.Period, ("period_set", "number"), wanted)
    return of_grade


def _period_sets(school):
    """`{name: (kind, grades, periods)}`; periods of one kind with other grades are a set of their own («Четверти, 1 кл.»)."""
    grouped = {}
    for period in school.periods:
        kind, _, name = next((each for each in PERIOD_SETS if each[1] in values.fold(period.name)), ("quarter", "", "Периоды"))
        grouped.setdefault((kind, name, tuple(period.grades)), []).append(period)
    names = [name for _, name, _ in grouped]
    return {_titled(name, grades) if names.count(name) > 1 else name: (kind, grades, periods)
            for (kind, name, grades), periods in grouped.items()}


def _titled(name, grades):
    return f"{name}, {', '.join(f'{first}–{last}' if last > first else f'{first}' for first, last in _ranges(grades))} кл." \
        if grades else name


def _bells(school, ledger, year):
    sets = ledger.sync(m.BellSet, ("name",), [Wanted({"name": each.name[:100]}, each.name, each.place) for each in school.bells])
    wanted, uses = [], []
    for each in school.bells:
        owner = sets[each.name[:100],]
        wanted.extend(Wanted({"bell_set": owner, "number": number, "starts": start, "ends": end}, f"{each.name}, {number}",
                             each.place) for number, start, end in each.lessons)
        uses.extend(Wanted({"bell_set": owner, "year": year.id, "grade_from": first, "grade_to": last}, each.name, each.place)
                    for first, last in _ranges(each.grades or [*range(1, 12)]))
    ledger.sync(m.Bell, ("bell_set", "number"), wanted)
    ledger.sync(m.BellUse, ("bell_set", "year", "grade_from", "grade_to"), uses, m.BellUse.year == year)


def _ranges(grades):
    """`[1, 2, 3, 9]` -> `[(1, 3), (9, 9)]`."""
    found = []
    for grade in sorted(grades):
        if found and found[-1][1] == grade - 1:
            found[-1] = (found[-1][0], grade)
        else:
            found.append((grade, grade))
    return found


def _holidays(school, ledger, year):
    grades_of_school = {values.grade(name) for name in school.classes}
    wanted = []
    for each in school.breaks:
        everyone = not each.grades or grades_of_school <= set(each.grades)
        for first, last in [(None, None)] if everyone else _ranges(each.grades):
            name = each.name if "каникул" in values.fold(each.name) else f"{each.name} каникулы"
            wanted.append(Wanted({"year": year.id, "name": _capital(name)[:150], "starts": each.start, "ends": each.end,
                                  "kind": "holiday", "week_days": None, "grade_from": first, "grade_to": last}, name, each.place))
    wanted.extend(Wanted({"year": year.id, "name": each.name[:150], "starts": each.date, "ends": each.date, "kind": "public",
                          "week_days": each.week, "grade_from": None, "grade_to": None}, each.name, each.place)
                  for each in school.public_holidays)
    ledger.sync(m.Holiday, ("kind", "starts", "ends", "grade_from", "grade_to", "week_days"), wanted, m.Holiday.year == year,
                update=False)


def _capital(name):
    """«дополнительные (1 класс) каникулы» reads better as «Дополнительные каникулы (1 класс)»."""
    moved = re.sub(r"\s*(\([^)]*\))\s*каникулы$", r" каникулы \1", name)
    return moved[:1].upper() + moved[1:]


def _rooms(school, ledger):
    wanted = {slot.room: Wanted({"name": slot.room[:40]}, slot.room, slot.place)
              for each in school.timetables if not each.clashes for slot in each.slots if slot.room}
    ledger.sync(m.Room, ("name",), list(wanted.values()))


def _classes(school, ledger, year, sets):
    wanted = []
    for name in school.classes:
        grade = values.grade(name)
        wanted.append(Wanted({"year": year.id, "name": name, "grade": grade, "letter": name[len(str(grade)):],
                              "sort": m.class_sort(grade, name), "week_days": school.week_days.get(name, 5 if grade < 5 else 6),
                              "period_set": sets.get(grade)}, name, school.class_places.get(name)))
    standing = {row.name for row in m.SchoolClass.select(m.SchoolClass.name).where(m.SchoolClass.year == year)}
    for row in wanted:
        guessed = row.values["week_days"] == 5 or row.values["name"] not in school.week_days
        if row.values["name"] in standing and guessed and row.values["grade"] not in school.week_of_grade:
            del row.values["week_days"]
    new = [row for row in wanted if row.values["name"] not in standing]
    guessed = [row.values["name"] for row in new if row.values["name"] not in school.week_days]
    if guessed:
        _tell(school, N_("The files do not say how many days a week these classes study: %(classes)s. Up to grade 4 five days are "
                         "taken, above six: please check."), classes=", ".join(guessed))
    ledger.sync(m.SchoolClass, ("year", "name"), [row for row in wanted if row not in new], m.SchoolClass.year == year)
    ledger.make(m.SchoolClass, new)


def _short(subject, taken):
    """The shortest spelling the timetable uses, for narrow places: at most 12 letters and nobody else's."""
    shorter = [word for word in subject.shorts if len(word) < len(subject.name) and len(word) <= 12 and word not in taken]
    chosen = min(shorter, key=len, default="")
    taken.add(chosen)
    return chosen
