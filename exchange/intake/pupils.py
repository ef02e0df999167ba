"""Class lists: pupils, their movement told by remarks, and the raw cells of their parents."""

import datetime
import re
from dataclasses import dataclass

from models import N_, Text

from exchange.intake import columns, values
from exchange.intake.school import Place, Pupil
from exchange.intake.sheets import address, span

WANTED = {
    "name": Text(N_("pupil's full name")), "class": Text(N_("class")), "birth": Text(N_("date of birth")),
    "sex": Text(N_("sex")), "address": Text(N_("address")), "file": Text(N_("personal file number")),
    "phone": Text(N_("pupil's phone")), "email": Text(N_("e-mail of the parent")), "note": Text(N_("remark")),
    "mother.name": Text(N_("mother's full name")), "mother.phone": Text(N_("mother's phone")),
    "father.name": Text(N_("father's full name")), "father.phone": Text(N_("father's phone")),
    "parent.name": Text(N_("parents in one cell")), "parent.phone": Text(N_("parents' phones")),
}
EVIDENCE = {"name", "surname", "first", "patronymic", "birth", "sex", "address", "file", "class", "grade", "phone", "email",
            "health", "consent", "note"}
YOUNGEST, OLDEST = 5, 25
TOTAL = r"(?:итого|всего|мальчик\w*|девоч\w*|total)\b"
LEFT = r"выбы|убы[лт]|отчисл|ушел|ушла"
ARRIVED = r"прибы|зачисл|принят|поступ"
MOVED = r"перевед[её]?н|перешел|перешла|переведен"
NEXT_ADULT = re.compile(r"[;\n/]|,(?=\s*[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ])|,(?=\s*(?:мать|мама|отец|папа|опекун))")
ADULT_ROLES = ("mother", "father", "guardian", "parent")


@dataclass
class Adult:
    """Cells about one parent in one pupil's row, before accounts are joined."""

    pupil: Pupil
    relation: str
    name: str
    phones: list
    email: str | None
    note: str | None
    raw: str
    place: Place
    phone_place: Place | None
    raw_phone: object = None


def read(table, school):
    """The pupils of one sheet and the adults of their rows; sheets naming no class need a class column."""
    columns.settle(table, school, WANTED, Text(N_("Pupils")))
    if not _has_names(table):
        school.tell("error", Place(table.sheet.file, table.sheet.name), None,
                    Text(N_("No column with pupils' names was found: the list was not loaded.")))
        return [], []
    sheet_class = values.class_name(table.sheet.name) or _title_class(table.sheet)
    pupils, adults, rows = [], [], _Rows(table, school)
    for row in rows.filled():
        pupil = _pupil(table, row, rows, rows.section or sheet_class, school)
        if pupil:
            pupils.append(pupil)
            adults.extend(_adults(table, row, pupil, school))
    rows.tell()
    return pupils, adults


class _Rows:
    """Walks the rows of data, past blanks and totals, keeping what there is to tell about the table itself."""

    def __init__(self, table, school):
        self.table, self.school, self.blank, self.section, self.classless = table, school, [], None, []

    def filled(self):
        """The rows with a person; `section` is the class named by a line of its own above («5А класс»)."""
        pending = []
        for row in range(self.table.first, len(self.table.sheet.rows)):
            if self.table.sheet.empty(row):
                pending.append(row)
            elif _name_cell(self.table, row) is not None:
                self.blank.extend(pending)
                pending = []
                yield row
            elif not self._section(row):
                self._tell_left_out(row)

    def _section(self, row):
        said = [values.text(value) for value in self.table.sheet.rows[row] if values.text(value)]
        named = (values.class_name(said[0]) or values.class_in(said[0])) if len(said) == 1 else None
        self.section = named or self.section
        return named

    def _tell_left_out(self, row):
        """A row that is neither a person nor a total nor a repeated heading."""
        said = [values.text(value) for value in self.table.sheet.rows[row] if values.text(value)]
        if len(said) < 2 or any(re.match(TOTAL, values.fold(text)) for text in said) or _repeats_heading(self.table, row):
            return
        name = self.table.sheet.text(row, self.table.index("name", "surname"))
        self.school.tell("warning", self.table.place(row, self.table.index("name", "surname")), name or None,
                         Text(N_("No full name stands in this row of the list: it was left out.")))

    def tell(self):
        sheet = self.table.sheet
        self._tell_classless()
        for row in self.blank:
            self.school.tell("info", Place(sheet.file, sheet.name, span(row, 0, row, sheet.width - 1)), None,
                             Text(N_("An empty row inside the list was passed over.")))
        if self.table.first - self.table.header == 2:
            self.school.tell("info", Place(sheet.file, sheet.name, self.table.header_span()), None,
                             Text(N_("A heading of two rows was understood.")))
        for group in _families(self.table):
            self.school.tell("info", Place(sheet.file, sheet.name, ",".join(span(*cells) for cells in group)), None,
                             Text(N_("Merged cells of a family were read for every child in them.")))


    def _tell_classless(self):
        """Rows without a class, each by its name; many of them together in one line."""
        if len(self.classless) <= 5:
            for place, name in self.classless:
                self.school.tell("error", place, name, Text(N_("%(name)s: the class is not known, the row was left out."), name=name))
            return
        place, name = self.classless[0]
        cells = ",".join(each.cell for each, _ in self.classless)
        self.school.tell("error", Place(place.file, place.sheet, cells), name, Text(N_(
            "%(n)d rows were left out, for their class is not known. A class is written like 5А or 10; joint classes and groups of "
            "a college cannot be loaded from files yet, enter them in the journal."), n=len(self.classless)))


def _families(table):
    """Merged ranges over several rows of data, grouped by the rows they span."""
    by_rows = {}
    for top, left, bottom, right in table.sheet.merged:
        if top >= table.first and bottom > top:
            by_rows.setdefault((top, bottom), []).append((top, left, bottom, right))
    return [sorted(group) for group in by_rows.values()]


def _has_names(table):
    return table.has("name") or table.has("surname", "first")


def _title_class(sheet):
    for part in sheet.title.split(" · "):
        if values.class_in(part):
            return values.class_in(part)
    return None


def _name_cell(table, row):
    """The index of the row's name cell when a person stands in the row, else None; totals and titles are none."""
    index = table.index("name", "surname")
    cell = table.sheet.text(row, index)
    if not cell or re.match(TOTAL, values.fold(cell)) or _repeats_heading(table, row):
        return None
    has_number = any(table.sheet.text(row, i) for i in range(index) if i != index)
    return index if values.looks_like_name(cell) or has_number or table.index("name") is None else None


def _repeats_heading(table, row):
    """Whether the headings stand here once more, as over each class of one long list."""
    cells = [(values.fold(table.sheet.at(row, column.index)), values.fold(column.heading)) for column in table.columns]
    return sum(bool(cell) and cell in heading for cell, heading in cells) >= 3


def _value(table, row, *fields):
    """The value under a field in the row, merged cells read from their first."""
    index = table.index(*fields)
    return (None, None) if index is None else (_merged(table.sheet, row, index), index)


def _merged(sheet, row, index):
    value = sheet.at(row, index)
    if value is not None:
        return value
    for top, left, bottom, right in sheet.merged:
        if top < row <= bottom and left <= index <= right and left == right:
            return sheet.at(top, left)
    return None


def _pupil(table, row, rows, sheet_class, school):
    raw, name_index = _raw_name(table, row)
    repaired, latin = values.russian(raw)
    full = values.name(repaired)
    place = table.place(row, name_index)
    class_name = _class(table, row, sheet_class)
    if not class_name:
        rows.classless.append((place, full))
        return None
    if latin:
        school.tell("warning", place, raw, Text(N_("Latin letters in «%(name)s» were replaced by Russian ones: please check."),
                                                name=full))
    pupil = Pupil(full, class_name, None, None, None, None, None, place)
    _fill(table, row, pupil, school)
    _read_movement(table, row, pupil, school)
    return pupil


def _raw_name(table, row):
    whole, index = _value(table, row, "name")
    if index is not None:
        return values.text(whole), index
    pieces = [_value(table, row, name) for name in ("surname", "first", "patronymic")]
    return " ".join(values.text(piece) for piece, _ in pieces if piece), pieces[0][1]


def _class(table, row, sheet_class):
    cell, index = _value(table, row, "class", "grade")
    letter, _ = _value(table, row, "letter")
    written = f"{values.text(cell)}{values.text(letter)}"
    return sheet_class if index is None or values.absent(written) else values.class_name(written) or values.class_in(written)


def _fill(table, row, pupil, school):
    pupil.birth = _birth(table, row, pupil, school)
    pupil.sex = _sex(table, row, pupil, school)
    pupil.file_number = _said(table, row, "file")
    pupil.address = _said(table, row, "address")
    pupil.health_group = _said(table, row, "health")
    pupil.note = _said(table, row, "note")
    pupil.consent = values.yes(_value(table, row, "consent")[0])
    phone, _ = _value(table, row, "phone")
    pupil.phone = next(iter(values.phones(phone)), None)


def _said(table, row, field):
    cell, _ = _value(table, row, field)
    return None if values.absent(cell) else values.text(cell)


def _birth(table, row, pupil, school):
    cell, index = _value(table, row, "birth")
    if index is None:
        return None
    place = table.place(row, index)
    if values.absent(cell):
        school.tell("warning", place, cell, Text(N_("%(name)s: the date of birth is missing."), name=pupil.name))
        return None
    try:
        birth = values.date(cell, before=datetime.date(school.year or 2100, 9, 1))
    except ValueError:
        birth = None
        message = N_("%(name)s: there is no such date as %(value)s, please give the date of birth.")
    else:
        message = N_("%(name)s: «%(value)s» is not a date, please give the date of birth.")
    birth = birth or _birth_by_hand(Text(message, name=pupil.name, value=values.text(cell)), cell, place, pupil, school)
    if birth:
        _doubt_birth(cell, birth, place, pupil, school)
    return birth


def _birth_by_hand(message, cell, place, pupil, school):
    """The date somebody gave in place of a cell that holds none; until then it stays unknown and the cell is an error."""
    answer = school.ask(f"birth|{place.file}|{place.sheet or ''}|{place.cell}", message, place, [])
    if answer is None:
        school.tell("error", place, values.text(cell), message)
        return None
    birth = values.date(answer)
    school.tell("info", place, values.text(cell), Text(
        N_("%(name)s: the date of birth %(day)s was given by hand."), name=pupil.name, day=f"{birth:%d.%m.%Y}"))
    return birth


def _doubt_birth(cell, birth, place, pupil, school):
    if values.is_serial(cell):
        school.tell("info", place, values.text(cell), Text(
            N_("%(name)s: the number %(value)s was read as the date %(day)s, as Excel counts days."), name=pupil.name,
            value=values.text(cell), day=f"{birth:%d.%m.%Y}"))
    if school.year and not YOUNGEST <= school.year - birth.year <= OLDEST:
        school.tell("warning", place, values.text(cell), Text(
            N_("%(name)s: a pupil born on %(day)s? Please check the date of birth."), name=pupil.name, day=f"{birth:%d.%m.%Y}"))


def _sex(table, row, pupil, school):
    cell, index = _value(table, row, "sex")
    by_name = values.patronymic_sex(pupil.name)
    written = values.sex(cell)
    if index is None:
        return by_name
    if written and by_name and written != by_name:
        school.tell("warning", table.place(row, index), values.text(cell),
                    Text(N_("%(name)s: sex «%(value)s» does not agree with the patronymic, kept as typed: please check."),
                         name=pupil.name, value=values.text(cell)))
    return written or by_name


def _read_movement(table, row, pupil, school):
    """Arrived, left and moved pupils by the remark or by columns of dates; a struck-out row without a remark is asked about."""
    note = values.fold(pupil.note)
    joined, _ = _value(table, row, "joined")
    left, _ = _value(table, row, "left")
    first = next(iter(values.dates(pupil.note)), None)
    if left or re.search(LEFT, note):
        pupil.status, pupil.left = "left", _quiet_date(left) or first
    elif joined or re.search(ARRIVED, note):
        pupil.joined = _quiet_date(joined) or first
        pupil.status = "arrived" if _during_year(pupil.joined, school) else "in"
    elif re.search(MOVED, note):
        pupil.joined, pupil.moved_from = first, _moved_from(pupil.note)
    elif row in table.sheet.struck:
        _ask_struck(table, row, pupil, school)
    pupil.order, pupil.other_school = _order(table, row, pupil.note), _other_school(pupil.note)
    if pupil.status == "left" and not pupil.left:
        school.tell("warning", pupil.place, pupil.note, Text(N_("%(name)s left, but the date is not told."), name=pupil.name))


def _during_year(joined, school):
    return joined is None or school.year is None or joined > datetime.date(school.year, 9, 1)


def _quiet_date(cell):
    return next(iter(values.dates(cell)), None)


def _order(table, row, note):
    cell, _ = _value(table, row, "order")
    match = re.search(r"\bпр(?:иказ\w*\b|\b)\.?\s*(.*)", values.text(note), re.IGNORECASE)
    after = values.text(cell) or (match[1] if match else "")
    numbered = re.search(r"№\s*([\w/-]+)", after) or re.match(r"([\d/-]+\w?)(?![\d.]*\.\d)", after)
    return numbered[1] if numbered else None


def _other_school(note):
    match = re.search(r"(?:пр\w*\.?\s*№?\s*[\w/-]+(?:\s+от\s+[\d.]+)?|\d{4}(?:\s*г\.?)?)\s+(?:из|в)\s+(.+)$", values.text(note))
    return match[1].strip() if match and not values.class_name(match[1]) else None


def _moved_from(note):
    match = re.search(r"\bиз\s+(\d{1,2}\s*[«\"]?[А-Яа-яЁё]?[»\"]?)", values.text(note))
    return values.class_name(match[1]) if match else None


def _ask_struck(table, row, pupil, school):
    key = f"struck|{pupil.place.file}|{pupil.place.sheet or ''}|{row}"
    answer = school.ask(key, Text(N_("%(name)s is struck out, and no reason is given. Has the pupil left?"), name=pupil.name),
                        pupil.place, [("left", Text(N_("left"))), ("in", Text(N_("still studies")))], "left")
    pupil.status = answer or "in"
    if answer is None:
        school.tell("warning", pupil.place, pupil.name,
                    Text(N_("%(name)s is struck out, and no reason is given: kept in the list."), name=pupil.name))


def _adults(table, row, pupil, school):
    adults = []
    for role in ADULT_ROLES:
        adults.extend(_role_adults(table, row, pupil, role))
    _give_email(table, row, adults, school)
    return adults


def _role_adults(table, row, pupil, role):
    raw, index = _adult_name(table, row, role)
    phone, phone_index = _value(table, row, f"{role}.phone")
    if index is None or values.absent(raw):
        return []
    people = _people(raw)
    spare = values.phones(phone)
    found = []
    for position, (full, relation, phones, note) in enumerate(people):
        own = phones or (spare[position:position + 1] if len(people) > 1 and len(spare) > 1 else spare)
        found.append(Adult(pupil, _relation(role, f"{relation or ''} {note or ''}", full), full, own, None, note, values.text(raw),
                           table.place(row, index), None if phone_index is None else table.place(row, phone_index), phone))
    return found


def _adult_name(table, row, role):
    whole, index = _value(table, row, f"{role}.name")
    if index is not None:
        return whole, index
    pieces = [_value(table, row, f"{role}.{name}") for name in ("surname", "first", "patronymic")]
    return " ".join(values.text(piece) for piece, _ in pieces if piece), pieces[0][1]


def _people(raw):
    """`[(name, relation or None, phones, note)]` of a cell that may hold several people with their phones."""
    people = []
    for chunk in NEXT_ADULT.split(str(raw)):
        phones = values.phones(chunk)
        note = re.search(r"\((.*?)\)", re.sub(values.PHONE, "", chunk))
        label = re.match(r"\s*(мать|мама|отец|папа|опекун|бабушка|дедушка)\s*[:–—-]?\s*", chunk, re.IGNORECASE)
        bare = re.sub(values.PHONE, " ", chunk[label.end():] if label else chunk)
        full = values.name(values.russian(re.sub(r"\b(?:тел|моб)\b\.?|[,:–—]", " ", bare))[0])
        if values.looks_like_name(full):
            people.append((full, label[1] if label else None, phones, note[1] if note else None))
        elif phones and people:
            people[-1][2].extend(phones)
    return people or [(values.name(values.russian(raw)[0]), None, [], None)]


def _relation(role, said, full):
    folded = values.fold(said)
    if re.search("опекун|попечител|бабушк|дедушк|тет[як]|дяд|представит", folded):
        return "guardian"
    for relation, stem in (("mother", "мать|мама|мачех"), ("father", "отец|папа|отчим")):
        if re.search(stem, folded):
            return relation
    by_name = {"f": "mother", "m": "father"}.get(values.patronymic_sex(full))
    return by_name or "parent" if role == "parent" else role


def _give_email(table, row, adults, school):
    """An e-mail column of no one in particular is the mother's, or the father's when there is no mother."""
    for adult in adults:
        cell, index = _value(table, row, f"{adult.relation}.email")
        if index is not None:
            adult.email = _email(table, row, cell, index, school)
    cell, index = _value(table, row, "email", "parent.email")
    if index is not None and adults:
        first = min(adults, key=lambda adult: ADULT_ROLES.index(adult.relation))
        first.email = first.email or _email(table, row, cell, index, school)


def _email(table, row, cell, index, school):
    if values.absent(cell):
        return None
    found = values.email(cell)
    if not found:
        school.tell("warning", table.place(row, index), values.text(cell),
                    Text(N_("The address %(value)s is not complete and was not loaded."), value=values.text(cell)))
    return found


def totals(table):
    """`[(number, place)]` of rows like «ИТОГО: 15 чел.» under a list."""
    found = []
    for row in range(table.first, len(table.sheet.rows)):
        for index, value in enumerate(table.sheet.rows[row]):
            match = re.match(r"(?:итого|всего)\D{0,20}(\d+)", values.fold(value))
            if match:
                found.append((int(match[1]), Place(table.sheet.file, table.sheet.name, address(row, index))))
    return found
