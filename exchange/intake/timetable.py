"""
The timetable of a week: a grid of classes, a sheet for each class with days across, or a plain list.

A cell holds a subject, rooms and sometimes a teacher. «Англ. яз. 5/14» are two groups; «Информ. 11/Англ. яз. 14» two halves of a
class; «Род. яз./Род. лит. 12» two subjects by odd and even weeks. Teachers not named come from the teaching load.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from models import N_, Text

from exchange.intake import columns, curriculum, values
from exchange.intake.school import Place, Slot, Timetable
from exchange.intake.sheets import address

DAYS = ("понед|пн|mon", "вторн|вт|tue", "сред|ср|wed", "четв|чт|thu", "пятн|пт|fri", "субб|сб|sat")
SLASH_ROOM = re.compile(r"\b([а-яё]{1,2})/([а-яё]{1,2})\b\.?", re.IGNORECASE)
TEACHER = re.compile(r"\(?\b([А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)\s+([А-ЯЁ])\.\s*([А-ЯЁ])?\.?\)?")
ROOM = re.compile(r"(?:каб(?:инет)?\.?|ауд\.?|№)\s*([\w/-]+)", re.IGNORECASE)
ROOM_LIKE = re.compile(r"\d|/|зал|маст|библ|стад|двор|улиц|корп|акт|спорт|^[(]?[А-ЯЁа-яё][)]?$", re.IGNORECASE)
SLASH = "\u2215"
LEADING = 4
SPAN = r"\d{1,2}[.:]\d{2}\s*[-–—]\s*\d{1,2}[.:]\d{2}"
SURNAME = re.compile(r"[А-ЯЁ][а-яё]+(?:ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ский|ская|цкий|цкая|енко|чук|юк|ко|ян|их|ых)")


@dataclass
class Cell:
    """A cell of the grid before it is understood."""

    class_name: str
    day: int
    lesson: int
    text: str
    room: str | None
    teacher: str | None
    place: Place


def day_of(value):
    """1 … 6 of a cell naming a weekday, or None."""
    word = re.sub(r"[\s.]+", "", values.fold(value))
    for number, stems in enumerate(DAYS, start=1):
        if re.fullmatch(rf"(?:{stems})\w*" if len(word) > 3 else rf"(?:{stems})", word):
            return number
    return None


def cells(sheet):
    """The filled cells of a sheet in any of the three layouts; [] when it is no timetable."""
    header, classes = curriculum.class_columns(sheet)
    days = _day_columns(sheet)
    if days:
        return list(_class_sheet(sheet, *days))
    if classes and any(day_of(value) for row in sheet.rows for value in row[:min(classes)]):
        return list(_grid(sheet, header, classes))
    return list(_list(sheet))


class Teachers:
    """Those who may be named in a cell, by a surname alone or with initials: everybody of the load and of the staff list."""

    def __init__(self, school):
        self.school, self.told, self.by_surname = school, set(), defaultdict(list)
        for name in dict.fromkeys([row.teacher for row in school.load] + [person.name for person in school.staff]):
            self.by_surname[values.initials(name)[0]].append(name)

    def cut(self, text):
        """`(the teacher as written or None, the text without)`."""
        match = TEACHER.search(text)
        if match:
            return match[0].strip("() "), values.text(TEACHER.sub(" ", text).replace("()", " "))
        for word in re.findall(r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?", text):
            if values.fold(word) in self.by_surname:
                return word, values.text(re.sub(rf"\(?\b{word}\b\)?", " ", text, count=1))
        return None, values.text(text)

    def full(self, written, cell, load):
        """The name of the one teacher meant; who is not to be told for sure is None and told."""
        surname, letters = values.initials(written)
        same = [name for name in self.by_surname[surname] if values.initials(name)[1].startswith(letters)]
        here = [name for name in same if any(row.teacher == name for row in load)]
        if len(here or same) == 1:
            return (here or same)[0]
        if written not in self.told:
            self.told.add(written)
            self.school.tell("warning", cell.place, values.text(cell.text), Text(
                N_("Teacher «%(name)s» is not found among the staff, or is not the only one of this name: please check."),
                name=written))
        return values.name(written) if letters and not same else None


def read(file, found, school, subjects):
    """The timetable made of the cells of one file's sheets."""
    slots, teachers = [], Teachers(school)
    for cell in found:
        if cell.lesson is None:
            school.tell("warning", cell.place, values.text(cell.text),
                        Text(N_("The number of the lesson is not known: this cell of the timetable was left out.")))
            continue
        for name in school.resolve(cell.class_name):
            slots.extend(_slots(cell, name, school, subjects, teachers))
    return Timetable(file, slots)


def moments(sheet):
    """`[(lesson, start, end)]` of bells written in or beside the cells of the lessons' numbers, as often as they stand there."""
    found = []
    for row in range(len(sheet.rows)):
        for column in range(min(LEADING, sheet.width)):
            lesson = _lesson(sheet.at(row, column))
            beside = [*values.times(sheet.at(row, column)), *values.times(sheet.at(row, column + 1))]
            if lesson is not None and len(beside) == 2:
                found.append((lesson, *beside))
                break
    return found


def _grid(sheet, header, classes):
    lesson_column = _lesson_column(sheet, header, min(classes))
    day = None
    for row in range(header + 1, len(sheet.rows)):
        day = next((day_of(value) for value in sheet.rows[row][:min(classes)] if day_of(value)), day)
        lesson = _lesson(sheet.at(row, lesson_column))
        for column, class_name in classes.items() if day else ():
            if not values.absent(sheet.at(row, column)) and not values.class_name(sheet.at(row, column)):
                yield Cell(class_name, day, lesson, str(sheet.at(row, column)), _room_beside(sheet, header, row, column), None,
                           Place(sheet.file, sheet.name, address(row, column)))


def _room_beside(sheet, header, row, column):
    if re.match("каб|ауд", values.fold(sheet.at(header, column + 1))):
        return sheet.text(row, column + 1) or None
    return None


def _lesson_column(sheet, header, first_class):
    def numbers(column):
        return sum(_lesson(sheet.at(row, column)) is not None for row in range(header + 1, len(sheet.rows)))
    return max(range(first_class), key=numbers, default=0)


def _lesson(value):
    match = re.fullmatch(rf"(?:урок\s*)?№?\s*(\d{{1,2}})\s*(?:-?й)?\.?\)?\s*(?:урок)?(?:[\s,:(]*{SPAN}\)?)?", values.fold(value))
    return int(match[1]) if match and int(match[1]) <= 14 else None


def _day_columns(sheet):
    for row in range(min(len(sheet.rows), columns.DEEPEST_HEADER)):
        found = {column: day_of(value) for column, value in enumerate(sheet.rows[row]) if day_of(value)}
        if len(set(found.values())) >= 3:
            return row, found
    return None


def _class_sheet(sheet, header, days):
    """One class a sheet, or blocks of classes one under another, each with days across."""
    class_name = values.class_name(sheet.name) or values.class_in(sheet.title)
    lesson_column = _lesson_column(sheet, header, min(days))
    for row in range(header + 1, len(sheet.rows)):
        lone = [value for value in sheet.rows[row] if values.text(value)]
        if len(lone) == 1 and (values.class_name(lone[0]) or values.class_in(lone[0])):
            class_name = values.class_name(lone[0]) or values.class_in(lone[0])
        lesson = _lesson(sheet.at(row, lesson_column))
        for column, day in days.items():
            if class_name and len(lone) > 1 and not values.absent(sheet.at(row, column)) and not day_of(sheet.at(row, column)):
                yield Cell(class_name, day, lesson, str(sheet.at(row, column)), None, None,
                           Place(sheet.file, sheet.name, address(row, column)))


def _list(sheet):
    table = columns.table(sheet, {"day", "lesson", "class", "subject", "room", "teacher"})
    if table is None or not table.has("day", "subject", "class") or table.index("lesson", "number") is None:
        return
    day = None
    for row in range(table.first, len(sheet.rows)):
        day = day_of(sheet.at(row, table.index("day"))) or day
        lesson = _lesson(sheet.at(row, table.index("lesson", "number")))
        subject = sheet.text(row, table.index("subject"))
        for name in values.class_names(sheet.at(row, table.index("class"))):
            if day and lesson is not None and subject:
                yield Cell(name, day, lesson, subject, _listed(table, row, "room"), _listed(table, row, "teacher", "name"),
                           table.place(row, table.index("subject")))


def _listed(table, row, *fields):
    index = table.index(*fields)
    return table.sheet.text(row, index) or None if index is not None else None


def _slots(cell, class_name, school, subjects, teachers):
    among = {hours.subject for hours in school.curriculum if hours.class_name == class_name} or None
    pieces = [_piece(text, cell, among, teachers, subjects) for text in _split(cell.text)]
    if any(piece == (None, None, None) for piece in pieces) or not any(subject for subject, _, _ in pieces):
        school.tell("error", cell.place, values.text(cell.text),
                    Text(N_("«%(value)s»: the subject was not understood, the lesson was left out."),
                         value=values.text(cell.text)))
        return []
    load = [row for row in school.load if row.class_name == class_name]
    return [_slot(cell, class_name, entry, load, teachers) for entry in _entries(pieces, load, cell, school)]


def _split(text):
    guarded = SLASH_ROOM.sub(lambda match: match[0].replace("/", SLASH), text)
    return [piece.replace(SLASH, "/") for piece in re.split(r"\s*/\s*|\n\s*(?=\S)", guarded.strip()) if piece.strip()]


def _piece(text, cell, among, teachers, subjects):
    """`(subject or None, room or None, teacher or None)` of a part of a cell; a part may be a room or a teacher alone."""
    teacher, rest = teachers.cut(text)
    if teacher is None and SURNAME.fullmatch(rest) and subjects.match(rest)[0] is None:
        teacher, rest = rest, ""
    named = teacher or cell.teacher
    room = ROOM.search(rest)
    if room:
        rest = values.text(rest[:room.start()] + " " + rest[room.end():]).strip(" ()")
    words = rest.strip(" ,;()").split()
    for tail in range(min(3, len(words) + 1)):
        head = " ".join(words[:len(words) - tail])
        if any(not ROOM_LIKE.search(word) for word in words[len(words) - tail:]):
            break
        subject, _, rival = subjects.match(head, among) if head and not re.search(r"^\d", head) else (None, 0, None)
        if subject and rival is None:
            _note_short(subject, head)
            return subject, (room[1] if room else _bare(" ".join(words[len(words) - tail:]))) or cell.room, named
    if words and (len(words) == 1 and (re.search(r"\d|/", words[0]) or len(rest) <= 6)) and not subjects.match(rest)[0]:
        return None, rest, named
    if not words and (room or teacher):
        return None, room[1] if room else None, named
    guessed = re.sub(r"\s+[\dа-я]{1,3}(?:/[\dа-я]{1,3})?$", "", rest) or rest
    return subjects.find(guessed, cell.place, among), (room[1] if room else rest[len(guessed):].strip() or None), named


def _bare(room):
    return room.strip(" ()") or None


def _note_short(subject, written):
    if written not in subject.shorts:
        subject.shorts.append(written)


def _entries(pieces, load, cell, school):
    """`[(subject, room, teacher, group, week)]` of the parts of a cell."""
    pieces = _joined(pieces)
    named = [subject for subject, _, _ in pieces if subject]
    if len(pieces) == 1:
        subject, room, teacher = pieces[0]
        return [(subject, room, teacher, None, None)]
    if len(set(map(id, named))) == 1:
        _doubt_groups(named[0], load, cell, school)
        return [(named[0], room, teacher, number, None) for number, (_, room, teacher) in enumerate(pieces, start=1)]
    if _by_weeks(pieces, load):
        last_room = pieces[-1][1]
        return [(subject, room or last_room, teacher, None, week)
                for (subject, room, teacher), week in zip(pieces, ("odd", "even"), strict=False)]
    if not _grouped(named, load):
        school.tell("warning", cell.place, values.text(cell.text),
                    Text(N_("«%(value)s» was read as two halves of the class at once: please check."),
                         value=values.text(cell.text)))
    return [(subject or named[0], room, teacher, number, None) for number, (subject, room, teacher) in enumerate(pieces, start=1)]


def _doubt_groups(subject, load, cell, school):
    """Groups that the load does not know are a guess."""
    rows = [row for row in load if row.subject is subject]
    if rows and not any(row.group for row in rows):
        school.tell("warning", cell.place, values.text(cell.text), Text(
            N_("«%(value)s» was read as subgroups, but the teaching load has %(subject)s for the whole class: please check."),
            value=values.text(cell.text), subject=subject.name))


def _joined(pieces):
    """A line with only a teacher or a room under a subject belongs to it."""
    joined = []
    for subject, room, teacher in pieces:
        if joined and subject is None and (joined[-1][1] is None and room is not None and len(pieces) == 2
                                           or room is None and joined[-1][2] is None):
            joined[-1] = (joined[-1][0], joined[-1][1] or room, joined[-1][2] or teacher)
        else:
            joined.append((subject, room, teacher))
    return joined


def _by_weeks(pieces, load):
    """Two subjects alternate when the load gives them fractions of an hour, or when one room stands after both."""
    hours = {id(row.subject): row.hours % 1 for row in load}
    fractions = [hours.get(id(subject)) for subject, _, _ in pieces]
    if any(fraction is None for fraction in fractions):
        return len(pieces) == 2 and pieces[0][1] is None and pieces[1][1] is not None
    return all(fractions)


def _grouped(named, load):
    grouped = {id(row.subject) for row in load if row.group}
    return not load or all(id(subject) in grouped for subject in named)


def _slot(cell, class_name, entry, load, teachers):
    subject, room, written, group, week = entry
    rows = [row for row in load if row.subject is subject]
    of_group = [row for row in rows if row.group == group] or [row for row in rows if row.group is None]
    loaded = {row.teacher for row in of_group}
    teacher = teachers.full(written, cell, rows) if written else None
    if teacher is None and len(loaded) == 1:
        teacher = of_group[0].teacher
    _doubt_teacher(teacher, loaded, subject, class_name, cell, teachers.school)
    return Slot(class_name, cell.day, cell.lesson, subject, teacher, room, group, week, cell.place)


def _doubt_teacher(teacher, loaded, subject, class_name, cell, school):
    message = N_("%(class_name)s, %(subject)s: the teaching load names no single teacher for this lesson.") if teacher is None \
        else N_("%(class_name)s, %(subject)s: the timetable names %(name)s, the teaching load another teacher: please check.")
    if teacher is None or loaded and teacher not in loaded:
        school.tell("warning", cell.place, values.text(cell.text),
                    Text(message, class_name=class_name, subject=subject.name, name=teacher))
