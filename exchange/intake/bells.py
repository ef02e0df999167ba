"""Bell sets, and the school calendar: periods, holidays, public holidays."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

from models import N_, Text

from exchange.intake import timetable, values
from exchange.intake.school import Bells, Holiday, Period, Place
from exchange.intake.sheets import address

PERIOD = r"четверт|полугоди|триместр|семестр|модул|quarter|term"
BREAK = r"каникул|осенни|зимни|весенни|летни|дополнительн|holiday"
NO_LESSONS = r"аттестац|экзамен|\bгиа\b|сборы|практик"
HOLIDAYS = r"праздничн|нерабоч|выходн"


def read_bells(sheet, school):
    """The bell sets of a sheet: lesson numbers with times; a row naming grades begins a set, meals are passed over."""
    sets, name = [], sheet.name
    grades = values.grades(sheet.name) if re.search(r"кл|\d\s*[-–]\s*\d", sheet.name or "") else []
    current = None
    for row in range(len(sheet.rows)):
        lesson, moments = _lesson_row(sheet, row)
        if lesson is not None and len(moments) >= 2:
            if current is None or any(lesson == number for number, _, _ in current.lessons):
                current = Bells(name or sheet.file, grades, [], Place(sheet.file, sheet.name, address(row, 0)))
                sets.append(current)
            current.lessons.append((lesson, moments[0], moments[1]))
        elif (title := _title_with_grades(sheet, row)) and (current is None or not _is_footnote(sheet, row, current)):
            name, grades, current = (name if grades and name and current is None else title), values.grades(title), None
    if not sets:
        school.tell("error", Place(sheet.file, sheet.name), None, Text(N_("No bell times were found.")))
    return sets


def beside_timetables(sheets, school):
    """
    The bell sets written beside the lessons of timetables, `[(sheet, grades)]`: grades with the same times share a set. Where a
    lesson has several times, the most usual one holds and it is told.
    """
    sets = {}
    for sheet, grades in sheets:
        counted = defaultdict(Counter)
        for lesson, start, end in timetable.moments(sheet):
            counted[lesson][start, end] += 1
        if any(len(times) > 1 for times in counted.values()):
            school.tell("warning", Place(sheet.file, sheet.name), None,
                        Text(N_("One lesson has several times here: the most usual ones were taken for bells, please check.")))
        times = tuple(sorted((lesson, *each.most_common(1)[0][0]) for lesson, each in counted.items()))
        if times:
            sets.setdefault(times, []).append((Place(sheet.file, sheet.name), grades))
    return [_shared_set(times, uses, len(sets), number) for number, (times, uses) in enumerate(sets.items(), start=1)]


def _shared_set(times, uses, sets, number):
    grades = sorted(set().union(*(grades for _, grades in uses)))
    return Bells("Звонки" if sets == 1 else f"Звонки {number}", [] if sets == 1 else grades, list(times), uses[0][0])


def read_calendar(sheet, school):
    """Adds the periods, breaks and public holidays of a sheet to the school, and the working week of grades."""
    section, grades = "", []
    for row in range(len(sheet.rows)):
        grades = _grades_cell(sheet, row) or ([] if _running(sheet, row) else grades)
        for words, cells in _pieces(sheet, row):
            days = [day for value in cells for day in values.dates(value, school.year)]
            line = values.fold(" ".join(words))
            if not days:
                section = _section(line) or section
                continue
            school.year = school.year or _year_of(days[0])
            grades = _named_grades(line) or grades
            place = Place(sheet.file, sheet.name, address(row, 0))
            if not _calendar_row(section, words, days, grades if section != "holidays" else [], place, school):
                _tell_unused(line, " ".join(words), place, school)
    _read_week(sheet, school)


def _lesson_row(sheet, row):
    """`(lesson number or None, times)` of a row."""
    cells = [value for value in sheet.rows[row] if values.text(value)]
    moments = [moment for value in cells for moment in values.times(value)]
    first = values.fold(cells[0]) if cells else ""
    match = re.fullmatch(r"(?:урок\s*)?№?\s*(\d{1,2})\s*(?:-?(?:й|ый))?\.?\s*(?:урок|пара)?", first)
    return (int(match[1]) if match and isinstance(cells[0], (int, float, str)) else None), moments


def _title_with_grades(sheet, row):
    for value in sheet.rows[row]:
        if re.search(r"клас|\bкл\b", values.fold(value)) and values.grades(value):
            return values.text(value)
    return None


def _is_footnote(sheet, row, current):
    """A remark under a set («1 класс — уроки по 35 минут») begins no other set unless lessons follow it."""
    return not any(_lesson_row(sheet, below)[0] is not None for below in range(row + 1, len(sheet.rows)))


def _section(line):
    if re.search(HOLIDAYS, line) and "каникул" not in line:
        return "holidays"
    if "каникул" in line:
        return "breaks"
    return "periods" if re.search(PERIOD + "|учебные период", line) else ""


def _grades_cell(sheet, row):
    """Grades of the first cell that holds nothing but grades («1–9 классы», «1», «10-11»)."""
    for value in sheet.rows[row]:
        written = values.fold(value)
        if re.fullmatch(r"[\d\s,–—-]+(?:-?(?:е|й|х))?\s*(?:кл\w*\.?)?", written) and not values.dates(value):
            return [grade for grade in values.grades(written) if grade <= 12]
    return []


def _year_of(day):
    """The first calendar year of the school year of a day, None of a day no calendar of ours can hold."""
    return day.year - (day.month < 8) if 2000 < day.year < 2100 else None


def _running(sheet, row):
    """Whether the row is a line of running text: one filled cell."""
    return sum(bool(values.text(value)) for value in sheet.rows[row]) == 1


def _pieces(sheet, row):
    """`[(words, cells)]` of a row: one of the whole row, or one of each clause of a line of running text."""
    cells = [value for value in sheet.rows[row] if values.text(value)]
    if len(cells) != 1 or not isinstance(cells[0], str):
        return [([values.text(value) for value in cells], cells)] if cells else []
    clauses = [clause for clause in re.split(r";|\n|\.\s+(?=[А-ЯЁIV])", cells[0]) if values.text(clause)]
    return [([values.text(clause)], [clause]) for clause in clauses]


def _named_grades(line):
    """Grades that a clause is for: «для 10–11 классов», «(1 класс)»."""
    match = re.search(r"([\d\s,и–—-]*\d)\s*(?:-?(?:х|е|го|й))?\s*(?:доп\w*\s*)?класс", line)
    return [grade for grade in values.grades(match[1]) if grade <= 12] if match else []


def _calendar_row(section, words, days, grades, place, school):
    """Takes a period, a break or public holidays out of a row; False when it is none of them."""
    named = next((word for word in words if re.search("[А-Яа-яA-Za-z]{2}", word) and not _only_classes(word)
                  and not _only_dates(word)), "")
    name = _clean(_before_dates(named) if len(words) == 1 else named)
    whole = values.fold(" ".join(words))
    if _is_public(section, whole):
        return _public_holidays(words, name, days, place, school)
    kind = _kind(section, values.fold(name), whole)
    if len(days) < 2 or not kind or re.search(NO_LESSONS, whole):
        return False
    if len(days) > 2:
        _tell_several(words, place, school)
    _keep(school.periods if kind == "periods" else school.breaks, Period(name, grades, days[0], days[1], place), school)
    return True


def _is_public(section, line):
    return (section == "holidays" or bool(re.search(HOLIDAYS, line))) and not re.search(PERIOD + "|каникул", line)


def _kind(section, name, line):
    if re.search("каникул", line) or section == "breaks" and not re.search(PERIOD, name):
        return "breaks"
    return "periods" if re.search(PERIOD, name) else None


def _public_holidays(words, name, days, place, school):
    """Each date a day off; several in one line are named by what stands beside each."""
    whole = " ".join(word for word in words if not _only_dates(word))
    week = 5 if re.search(r"5-?\s*дневн|пятидневн", values.fold(whole)) else None
    plain = re.sub(r"\s*\((?:для\s)?[^)]*(?:дневн|классы)[^)]*\)", "", name)
    own = _after_dates(words[0]) if len(words) == 1 else []
    for index, day in enumerate(days if len(words) == 1 else days[:1]):
        said = own[index] if index < len(own) and own[index] else plain
        said = "Праздничный день" if not said or len(words) == 1 and re.match(HOLIDAYS, values.fold(said)) else said
        school.public_holidays.append(Holiday(said, day, week, place))
    return True


def _before_dates(clause):
    first = values.DAY.search(clause)
    head = clause[:first.start()] if first else clause
    return re.sub(r"(?:^|[\s–—:-])(?:с|со|от)\s*$", "", head.strip(" –—:-"))


def _after_dates(clause):
    """What stands after each date of a clause, up to the next one."""
    return [values.text(piece).strip(" ,.()–—:-") for piece in values.DAY.sub("\0", clause).split("\0")[1:]]


def _tell_unused(line, written, place, school):
    """A line with dates that is nothing for the journal: the bounds of the year and the exams are no news, others are told."""
    if not re.search(r"начал|оконч|конец|аттестац|\bгиа\b|экзамен|утвержд|приказ|протокол|сборы|учебный год", line):
        school.tell("warning", place, written, Text(N_("A line with dates was not understood and was left out.")))


def _tell_several(words, place, school):
    school.tell("warning", place, " ".join(words), Text(N_("More than two dates stand here: the first two were taken, please check.")))


def _keep(rows, period, school):
    if period.end < period.start:
        school.tell("error", period.place, f"{period.start:%d.%m.%Y} – {period.end:%d.%m.%Y}",
                    Text(N_("%(name)s ends before it begins, it was left out."), name=period.name))
    elif school.year and not school.year <= period.start.year <= period.end.year <= school.year + 1:
        school.tell("error", period.place, f"{period.start:%d.%m.%Y} – {period.end:%d.%m.%Y}", Text(
            N_("%(name)s is not in the school year %(first)d/%(last)d, it was left out."), name=period.name, first=school.year,
            last=school.year + 1))
    else:
        rows.append(period)


def _only_classes(word):
    return bool(re.fullmatch(r"[\d\s,–—-]+(?:-?(?:е|й|х))?\s*кл\w*\.?", values.fold(word)))


def _only_dates(word):
    return bool(values.dates(word)) and not re.search("[а-я]{3}", values.DAY.sub("", values.fold(word)))


def _clean(name):
    bare = re.sub(r"^(?:для\s+)?[\d\s,и–—-]*\d\s*(?:-?(?:х|го|е))?\s*класс\w*\s*[:–—-]?\s*", "", name, flags=re.IGNORECASE)
    return re.sub(r"^\d+[.)]\s*", "", bare).strip(" :–—-")


def _read_week(sheet, school):
    """«1–4 классы — пятидневная неделя; 5–11 классы — шестидневная неделя»."""
    for row in sheet.rows:
        for value in row:
            for piece in re.split(r"[;\n]", values.text(value)):
                match = re.search(r"(пяти|шести|[56])-?\s*дневн\w* (?:учебн\w* |рабоч\w* )?недел|недел\w*\D{0,20}\b([56])\s*д(?:н|ен)|"
                                  r"\b(пяти|шести)дневка", values.fold(piece))
                if match and len(piece) < 200:
                    days = 5 if (match[1] or match[2] or match[3]) in {"пяти", "5"} else 6
                    found = values.grades(re.sub(r"[56]-?\s*д(?:невн|н|ен)", "", piece)) or range(1, 13)
                    school.week_of_grade.update(dict.fromkeys(found, days))


def merge_breaks(breaks):
    """Breaks named twice for the same grades and dates, once each."""
    seen = {}
    for each in breaks:
        key = (each.start, each.end)
        known = seen.get(key)
        seen[key] = replace(known, grades=sorted({*known.grades, *each.grades})) if known else each
    return list(seen.values())
