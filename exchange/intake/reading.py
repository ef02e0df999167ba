"""Files to a school: sheets are recognised, then read in the order in which one explains another."""

import datetime
import re
from collections import defaultdict

import models
from models import N_, Text, clashes_among

from exchange.intake import (
    bells, columns, curriculum, families, kinds, load, plans, pupils, sheets, staff, timetable, values,
)
from exchange.intake.school import Place, School
from exchange.intake.subjects import Subjects

NAME = re.compile(r"(?:М[АБК]?ОУ|ГБОУ|ОГБОУ|ЧОУ|НОУ|ФГКОУ)\s+[«\"][^»\"]+[»\"](?:\s+г\.\s*[А-ЯЁ][а-яё-]+)?")


def read(files, answers=None, progress=None, known=None):
    """
    The school told by `{name: bytes}`. `answers` are given answers to questions by key; `progress(done, of, name)` is called
    before each sheet; `known` is what the journal holds already (standing.known), for what the files leave out. Nothing
    raises for bad content: findings tell of it.
    """
    school = School(answers=answers or {}, known=known or School())
    found = sheets.read(files, school.findings.append)
    school.name, school.year = _school_name(found), _year(found)
    by_kind = _recognise(found, school, progress or (lambda *_: None))
    subjects = Subjects(school)
    _calendar(by_kind, school)
    _people(by_kind, school)
    _teaching(by_kind, school, subjects)
    _timetables(by_kind, school, subjects)
    _plans(by_kind, school, subjects)
    school.subjects = subjects.found
    _class_facts(school)
    return school


def _recognise(found, school, progress):
    by_kind = defaultdict(list)
    for done, sheet in enumerate(found):
        progress(done, len(found), sheet.file)
        kind, table = _kind(sheet, school)
        if kind in kinds.KINDS:
            by_kind[kind].append((sheet, table))
    return by_kind


def _kind(sheet, school):
    kind, table = kinds.of(sheet)
    if kind is not None and sheet.hidden and kind != "empty" and not _wants_hidden(sheet, kind, school):
        return None, None
    if kind is not None:
        return kind, table
    key = f"kind|{sheet.file}|{sheet.name or ''}"
    place = Place(sheet.file, sheet.name)
    options = [("", Text(N_("nothing for the journal"))), *((name, KIND_NAMES[name]) for name in kinds.KINDS)]
    answer = school.ask(key, Text(N_("What is on this sheet?")), place, options)
    if answer is None:
        school.tell("warning", place, None, Text(N_("The table was not recognised and was left out.")))
    return answer, table or columns.table(sheet, pupils.EVIDENCE | plans.EVIDENCE) if answer else None


def _wants_hidden(sheet, kind, school):
    """A hidden sheet may be last year's list: nobody sees it, so somebody must say that it is meant."""
    place = Place(sheet.file, sheet.name)
    answer = school.ask(f"hidden|{sheet.file}|{sheet.name or ''}", Text(N_("The sheet is hidden. Load it too (%(kind)s)?"),
                                                                         kind=KIND_NAMES[kind]), place,
                        [("", Text(N_("nothing for the journal"))), (kind, KIND_NAMES[kind])])
    if answer is None:
        school.tell("warning", place, None, Text(N_("The sheet is hidden and was left out.")))
    return answer == kind


KIND_NAMES = {"pupils": Text(N_("pupils")), "staff": Text(N_("staff")), "curriculum": Text(N_("curriculum")),
              "load": Text(N_("teaching load")), "timetable": Text(N_("timetable")), "bells": Text(N_("bells")),
              "calendar": Text(N_("school calendar")), "plan": Text(N_("thematic plan"))}


def _school_name(found):
    for sheet in found:
        for row in sheet.rows[:4]:
            for value in row[:3]:
                match = NAME.search(values.text(value))
                if match:
                    return match[0]
    return None


def _year(found):
    """The first calendar year of the school year: «2026/2027», «2026-27», or the year of a date on a title."""
    counted = defaultdict(int)
    for sheet in found:
        for row in sheet.rows[:6]:
            for value in row:
                match = re.search(r"\b(20\d\d)\s*[/–—-]\s*(20)?(\d\d)\b", values.text(value))
                if match and int(match[3]) == (int(match[1]) + 1) % 100:
                    counted[int(match[1])] += 1
    if counted:
        return max(counted, key=counted.get)
    days = [day for sheet in found for line in sheet.title.split(" · ") for day in values.dates(line) if 2000 < day.year < 2100]
    return days[0].year - (days[0].month < 8) if days else None


def _calendar(by_kind, school):
    for sheet, _ in by_kind["calendar"]:
        bells.read_calendar(sheet, school)
    for sheet, _ in by_kind["bells"]:
        school.bells.extend(bells.read_bells(sheet, school))
    school.breaks = bells.merge_breaks(school.breaks)


def _people(by_kind, school):
    rows, adults, tables = [], [], []
    for _, table in by_kind["pupils"]:
        found, parents = pupils.read(table, school)
        rows.extend(found)
        adults.extend(parents)
        tables.append((table, found))
    school.pupils, instead = families.one_record_each(rows, school)
    _check_totals(tables, school)
    school.guardians = families.accounts(adults, instead, school)
    for _, table in by_kind["staff"]:
        school.staff.extend(staff.read(table, school))
    for pupil in school.pupils:
        _know_class(school, pupil.class_name, pupil.place)
    for person in school.staff:
        for name in person.class_teacher_of:
            _know_class(school, name, person.place)


def _check_totals(tables, school):
    kept = {id(pupil) for pupil in school.pupils}
    for table, found in tables:
        in_list = sum(pupil.status != "left" and id(pupil) in kept for pupil in found)
        for total, place in pupils.totals(table)[-1:]:
            if total != in_list:
                school.tell("warning", place, total,
                            Text(N_("The total under the list says %(total)d, the rows give %(counted)d."), total=total,
                                 counted=in_list))


def _know_class(school, name, place):
    if name not in school.classes and name not in school.class_places:
        school.class_places[name] = place
        school.classes.append(name)
        school.classes.sort(key=lambda name: (values.grade(name) or 0, name))


def _teaching(by_kind, school, subjects):
    for sheet, _ in by_kind["curriculum"]:
        _, named = curriculum.class_columns(sheet)
        for name in named.values():
            if school.resolve(name) == [name]:
                _know_class(school, name, Place(sheet.file, sheet.name))
        school.curriculum.extend(curriculum.read(sheet, school, subjects))
    if not subjects.found:
        subjects.adopt(school.known.subjects)
    if not subjects.found:
        _subjects_of_load(by_kind, subjects)
    for _, table in by_kind["load"]:
        school.load.extend(load.read(table, school, subjects))
    for row in school.load:
        _know_class(school, row.class_name, row.place)
    school.staff = staff.reconcile(school.staff, [row.teacher for row in school.load], school)
    load.settle_teachers(school.load, school.staff or school.known.staff, school)
    families.recognise_staff(school.guardians, school.staff, school)
    _compare_load(school)
    _lean_on_journal(school, subjects)


def _lean_on_journal(school, subjects):
    """Classes of which the files have no curriculum or no load keep those of the journal."""
    for rows, standing in ((school.curriculum, school.known.curriculum), (school.load, school.known.load)):
        told = {row.class_name for row in rows}
        for row in standing:
            subject = subjects.match(row.subject.full_name)[0] or subjects.match(row.subject.name)[0]
            if subject and row.class_name not in told:
                row.subject = subject
                rows.append(row)
                _know_class(school, row.class_name, row.place)


def _subjects_of_load(by_kind, subjects):
    """Without a curriculum the load itself names the subjects."""
    for sheet, table in by_kind["load"]:
        index = table.index("subject")
        for row in range(table.first, len(sheet.rows) if index is not None else 0):
            written = sheet.text(row, index)
            if written and not re.match(curriculum.TOTAL, values.fold(written)) and subjects.match(written)[0] is None:
                subjects.add(written, table.place(row, index))


def _compare_load(school):
    """Hours of the load against the curriculum, for each class and subject that stands in both files."""
    if not school.curriculum or not school.load:
        return
    taught = defaultdict(lambda: defaultdict(float))
    for row in school.load:
        taught[row.class_name, id(row.subject)][row.group] += row.hours
    for row in school.curriculum:
        groups = taught.get((row.class_name, id(row.subject)))
        given = max(groups.values()) if groups else 0
        if given != row.hours:
            school.tell("warning", row.place, row.hours,
                        Text(N_("%(subject)s, %(class_name)s: the curriculum has %(hours)g h a week, the load %(given)g h."),
                             subject=row.subject.name, class_name=row.class_name, hours=row.hours, given=given))


def _timetables(by_kind, school, subjects):
    by_file, beside = defaultdict(list), []
    for sheet, _ in by_kind["timetable"]:
        found = timetable.cells(sheet)
        by_file[sheet.file].extend(found)
        header, classes = curriculum.class_columns(sheet)
        if classes:
            curriculum.tell_strangers(sheet, header, classes, school)
        beside.append((sheet, {values.grade(cell.class_name) for cell in found}))
    for name in {cell.class_name for found in by_file.values() for cell in found}:
        if school.resolve(name) == [name]:
            cell = next(cell for found in by_file.values() for cell in found if cell.class_name == name)
            _know_class(school, name, cell.place)
    if not subjects.found:
        school.tell("error", Place(next(iter(by_file)), None), None,
                    Text(N_("The timetable needs a curriculum or a teaching load: without them its subjects are unknown."))) \
            if by_file else None
        return
    if not school.bells:
        school.bells.extend(bells.beside_timetables(beside, school))
    bell_times = _bell_times(school)
    for file, found in by_file.items():
        read = timetable.read(file, found, school, subjects)
        read.clashes = clashes_among([_clash_place(slot, bell_times) for slot in read.slots])
        for clash in read.clashes:
            _tell_clash(clash, file, school)
        school.timetables.append(read)
    clashing = {each.file for each in school.timetables if each.clashes}
    school.bells = [each for each in school.bells if each.place.file not in clashing]


def _bell_times(school):
    """(grade, lesson number) -> (start, end)."""
    return {(grade, number): (start, end) for each in school.bells for grade in each.grades or range(1, 12)
            for number, start, end in each.lessons}


def _clash_place(slot, bell_times):
    group = ("subgroup", slot.group) if slot.group else None
    return models.Place(key=slot, weekday=slot.day, number=slot.lesson, label=slot.class_name, classes=(slot.class_name,),
                        group=group, subject=slot.subject.name, teacher=slot.teacher, room=slot.room, week=slot.week or "every",
                        bells=bell_times.get((values.grade(slot.class_name), slot.lesson)))


def _tell_clash(clash, file, school):
    one, other = sorted((clash.one.key, clash.other.key), key=lambda slot: slot.class_name)
    cell = ",".join(dict.fromkeys((one.place.cell, other.place.cell)))
    school.tell("error", Place(file, one.place.sheet, cell), ", ".join(clash.kinds), clash.text)


def _plans(by_kind, school, subjects):
    for sheet, table in by_kind["plan"]:
        if subjects.found or school.curriculum:
            plan = plans.read(table, school, subjects)
        else:
            plan = None
            school.tell("error", Place(sheet.file, sheet.name), None,
                        Text(N_("A thematic plan needs a curriculum or a teaching load: without them its subject is unknown.")))
        if plan:
            school.plans.append(plan)


def _class_facts(school):
    """Days of the week and the class teacher of each class."""
    saturdays = {slot.class_name for each in school.timetables for slot in each.slots if slot.day == 6}
    slotted = {slot.class_name for each in school.timetables for slot in each.slots}
    for name in school.classes:
        by_grade = school.week_of_grade.get(values.grade(name))
        if by_grade or name in slotted:
            school.week_days[name] = by_grade or (6 if name in saturdays else 5)
    for person in school.staff:
        for name in person.class_teacher_of:
            school.class_teachers.setdefault(name, person)


def first_day(school):
    """The first day of the school year by the periods, else the first of September."""
    return min((period.start for period in school.periods), default=datetime.date(school.year, 9, 1))
