"""Which column means what: headings by stems and word order, values by their look; every guess carries its certainty."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from models import N_, Text

from exchange.intake import values
from exchange.intake.school import Place
from exchange.intake.sheets import Sheet, address, span

SURE, UNSURE = 0.7, 0.4
DEEPEST_HEADER = 25
SAMPLE = 60

ROLES = (
    ("mother", r"\bмат(?:ь|ери)\b|\bмам[аы]\b|\bmother|\bmama\b|\bmat\b|\bmum\b"),
    ("father", r"\bот(?:ец|ца)\b|\bпап[аы]\b|\bfather|\bpapa\b|\botec\b|\bdad\b"),
    ("parent", r"родител|parent|roditel"),
    ("guardian", r"опекун|законн\w* представ|попечител|guardian"),
    ("pupil", r"ученик|ученица|учащ|обучающ|реб[её]н|воспитанник|школьник|\bдет(?:и|ей)\b|student|pupil|child|uchenik"),
)
ADULTS = {"mother", "father", "guardian", "parent"}
ATTRIBUTES = (
    ("class_teacher", r"кл\w* рук|классн\w* руковод|руководство класс|class teacher"),
    ("left", r"дат\w* (?:выбыт|отчисл|убыт)|выбыл\w* дата"),
    ("joined", r"дат\w* (?:прибыт|зачисл|поступл|прием)"),
    ("birth", r"рожд|\bд р\b|\bдр\b|birth|\bdob\b|rozhd"),
    ("file", r"лич\w* дел|\bл д\b|№ дела|номер дела|алфавитн|lichn\w* del|file no"),
    ("documents", r"снилс|полис|паспорт|свидетельств|гражданств|национальн|\bинн\b|серия|документ"),
    ("email", r"e ?mail|почт|\bэл\w* адрес|imeyl|имейл"),
    ("phone", r"тел(?:еф|\b)|\bмоб|phone|\btel\b|сотов|контакт"),
    ("address", r"адрес|прожив|место жит|регистрац|address|\badres"),
    ("health", r"групп\w* здоров|\bфиз\b|физ ?ра|физкульт|физ гр|health"),
    ("consent", r"соглас|consent"),
    ("note", r"примеч|коммент|отметк\w* о|движени|прибыл|выбыл|\bnotes?\b|remark|особ\w* сведен|дополнительн"),
    ("order", r"приказ|\border\b"),
    ("position", r"\bдолж|position|\bpost\b|dolzhnost"),
    ("education", r"образован|категор|стаж|квалифик|диплом|звани|разряд|аттестац|курс\w* повыш"),
    ("work", r"место работ|работ\w* (?:мат|от|род)|\bработа\b|work ?place"),
    ("homework", r"домашн|\bд з\b|\bдз\b|homework"),
    ("resources", r"ресурс|\bэор\b|\bцор\b|\bэцор\b|resource|оборудован|материал"),
    ("topic", r"\bтем[аы]\b|содержание|topic|\btema\b|lesson topic|наименование (?:разд|тем)"),
    ("section", r"раздел|модул|\bглав[аы]\b|section|chapter|\bблок\b"),
    ("kind", r"(?:вид|форм|тип)\w* (?:контрол|работ|урок|занят|деятельн|аттест)|контроль$|\bконтроль\b|kind"),
    ("control_hours", r"контрольн\w* раб|\bк р\b"),
    ("practical_hours", r"практическ\w*(?: раб)?|лабораторн|\bп р\b|\bл р\b"),
    ("hours", r"\bчас|кол ?во ч|количество ч|нагрузк|\bhours?\b|недельн\w* нагр|\bвсего\b|\bч(?: нед\w*| в нед\w*)?$"),
    ("day", r"\bдень\b|\bдни\b|\bday\b|день недели"),
    ("plan_date", r"\bдат[аы]\b|план$|факт$|\bdate\b|недел\w*$|срок"),
    ("group", r"подгр|\bгрупп|\bgroup"),
    ("teacher", r"учител|педагог|преподавател|\bteacher|uchitel"),
    ("area", r"област"),
    ("subject", r"предмет|преподает|\bведет\b|дисциплин|subject|predmet"),
    ("class", r"\bкласс|\bclass|\bklass|\bкл$"),
    ("grade", r"параллель|\bgrade\b"),
    ("letter", r"литер|буква|letter"),
    ("sex", r"\bпол\b|\bsex\b|gender|\bpol\b|\bм ж\b"),
    ("room", r"каб|аудитор|помещен|\broom"),
    ("lesson", r"\bурок|\bпара\b|\blesson"),
    ("week", r"недел|week|ч[её]тн"),
    ("employee", r"сотрудник|работник|employee|\bstaff"),
)
FULL_NAME = r"\bф ?и ?о\b|фамилия.*имя|имя.*фамилия|\bf ?i ?o\b|full name|surname.*name|имя и отчество"
NUMBER = r"^(?:№|n|no|п п|пп|№ ?п ?п|номер|num|number|\d)?$"


@dataclass
class Column:
    """A column of a table: its heading, the role (pupil, mother, …, or '') and attribute it was given, how surely."""

    index: int
    heading: str
    role: str
    attribute: str
    certainty: float

    @property
    def field(self):
        """`'mother.phone'`, `'hours'`."""
        return f"{self.role}.{self.attribute}" if self.role else self.attribute


@dataclass
class Table:
    """A sheet under a header: `first` is the first row of data; `columns` in order."""

    sheet: Sheet
    header: int
    first: int
    columns: list = field(default_factory=list)

    def index(self, *fields):
        """The index of the first column that has one of the fields, or None."""
        for name in fields:
            for column in self.columns:
                if column.field == name and column.certainty >= SURE:
                    return column.index
        return None

    def has(self, *fields):
        """Whether all these fields were found for sure."""
        return all(self.index(name) is not None for name in fields)

    def place(self, row, column):
        """The place of one cell."""
        return Place(self.sheet.file, self.sheet.name, address(row, column))

    def header_span(self):
        """The header's range in A1 style."""
        return span(self.header, 0, self.first - 1, max(column.index for column in self.columns))


def folded_heading(value):
    """A heading for matching: Russian letters, lower case, words and № only."""
    bare = values.fold(values.russian(value)[0])
    return " ".join(re.sub(r"[^\w№]+", " ", re.sub(r"-\s*\n?\s*(?=[а-я])", " ", bare)).replace("_", " ").split())


@lru_cache(2000)
def meaning(heading):
    """`(role, attribute)` of a heading, either may be ''."""
    folded = folded_heading(heading)
    role = next((name for name, stem in ROLES if re.search(stem, folded)), "")
    return role, _attribute(folded)


def table(sheet, wanted, start=0):
    """
    The best table of a sheet under a header in or after row `start`, or None. A header row is the one with the most
    headings understood, at least two of them `wanted` (a set of attributes); merged and two-row headers are joined.
    """
    best, best_score = None, 1
    for row in range(start, min(len(sheet.rows), start + DEEPEST_HEADER)):
        found, score = _header(sheet, row, wanted)
        if score > best_score:
            best, best_score = found, score
    return best


def settle(found, school, wanted, label):
    """
    Checks the columns against their values, asks about unsure ones and tells of unused ones. `wanted` maps a field
    name to its Text label; `label` names the kind of table in questions.
    """
    for column in found.columns:
        fits = _fit(found, column)
        if fits is not None and fits < 0.4:
            column.certainty = min(column.certainty, 0.5)
    for column in found.columns:
        if column.certainty < SURE:
            _ask(found, column, school, wanted, label)
    for column in found.columns:
        if column.attribute == "documents" and column_values(found, column.index, 1):
            _tell_unused(column, school, Place(found.sheet.file, found.sheet.name, address(found.first - 1, column.index)))
    understood = [(column.heading, wanted[column.field]) for column in found.columns
                  if column.field in wanted and column.certainty >= SURE]
    school.columns.append((Place(found.sheet.file, found.sheet.name, found.header_span()), label, understood))
    return found


def column_values(found, index, limit=SAMPLE):
    """The filled values of a column below the header, as (row, value)."""
    rows = range(found.first, min(len(found.sheet.rows), found.first + limit))
    return [(row, found.sheet.at(row, index)) for row in rows if values.text(found.sheet.at(row, index))]


def _attribute(folded):
    if re.fullmatch(NUMBER, folded):
        return "number"
    if re.search(FULL_NAME, folded):
        return "name"
    for name, stem in ATTRIBUTES:
        if re.search(stem, folded):
            return name
    return _part_of_name(folded)


def _part_of_name(folded):
    for name, stem in (("surname", r"фамил|\bфам\b|surname|last ?name|famili"), ("patronymic", r"отчеств|\bотч\b|patronym|middle"),
                       ("first", r"\bимя\b|first ?name|\bname\b|\bimya\b")):
        if re.search(stem, folded):
            return name
    return "number" if re.search("№|номер|п п", folded) else ""


def _header(sheet, row, wanted):
    """`(Table, score)` of taking this row, alone or with the next one, for the header."""
    top = _spread(sheet, row)
    if sum(bool(value) for value in top) < 2:
        return None, 0
    two = _second_row(sheet, row, top)
    headings = [" ".join(filter(None, pair)) for pair in zip(top, two, strict=True)] if two else top
    found = Table(sheet, row, row + (2 if two else 1))
    found.columns = [_column(index, heading) for index, heading in enumerate(headings)]
    _promote_names(found)
    _lend_roles(found)
    known = {column.attribute for column in found.columns if column.attribute}
    score = len(known & wanted) + 0.1 * sum(bool(column.attribute) for column in found.columns)
    return found, score if len(known & wanted) >= 2 else 0


def _spread(sheet, row):
    """The row's headings with merged ones spread over their columns."""
    line = [sheet.text(row, index) for index in range(sheet.width)]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom and right > left and right - left + 1 < sheet.width:
            line[left:right + 1] = [sheet.text(top, left)] * (right - left + 1)
    return line


def _second_row(sheet, row, top):
    """The headings of a second header row standing under this one, or None."""
    if row + 1 >= len(sheet.rows):
        return None
    below = _spread(sheet, row + 1)
    filled = [index for index, value in enumerate(below) if value]
    if not filled or any(re.search(r"\d{2}|@", below[index]) for index in filled):
        return None
    understood = [index for index in filled if any(meaning(below[index]))]
    tall = any(first == row and last == row + 1 for first, _, last, _ in sheet.merged)
    under_gaps = not top[0] or not below[0]
    if len(understood) < max(2, len(filled) * 0.6) or not (tall or under_gaps):
        return None
    return [below[i] if below[i] != top[i] else "" for i in range(len(top))] if tall else _ungapped(top, below)


def _ungapped(top, below):
    """In a file without merged cells a group heading stands only over its first column: lend it to the right."""
    group = ""
    for index, value in enumerate(top):
        group = value or group
        if below[index] and not value:
            top[index] = group
    return below


def _column(index, heading):
    role, attribute = meaning(heading)
    certainty = 0.9 if role or attribute else 0
    return Column(index, heading, role, attribute, certainty)


def _promote_names(found):
    """«Имя» or «Фамилия» over whole names is a column of full names."""
    for column in found.columns:
        if column.attribute in {"surname", "first"}:
            cells = column_values(found, column.index, 20)
            if cells and sum(len(values.text(value).split()) > 1 for _, value in cells) * 2 > len(cells):
                column.attribute = "name"


def _lend_roles(found):
    """Whose a column is when its heading does not say: names without a role are the pupil's, phones go with the name before."""
    for column in found.columns:
        if column.role == "pupil" and not column.attribute or column.role in ADULTS and column.attribute in {"", "number"}:
            column.attribute = "name"
    nameless = [column for column in found.columns if column.attribute == "name" and column.role == ""]
    if any(column.attribute in {"name", "surname"} and column.role == "pupil" for column in found.columns):
        nameless.insert(0, None)
    for column in nameless[1:]:
        column.role, column.certainty = "parent", 0.5
    owner = ""
    for column in found.columns:
        if column.role == "pupil":
            column.role = ""
        if column.attribute in {"name", "surname", "first"}:
            owner = column.role
        elif column.attribute in {"phone", "work"} and not column.role:
            column.role = owner


LOOKS = {
    "birth": lambda value: values.looks_like_date(value),
    "name": lambda value: values.looks_like_name(value) or "ваканс" in values.fold(value),
    "phone": lambda value: bool(values.phones(value)),
    "email": lambda value: "@" in values.text(value),
    "sex": lambda value: values.sex(value) is not None,
    "hours": lambda value: values.number(value) is not None,
    "class": lambda value: bool(values.class_names(value)),
}


def _fit(found, column):
    """The share of a column's said values that look like what it should hold; None when nothing can be told."""
    look = LOOKS.get(column.attribute)
    cells = _said(found, column)
    if look is None or not cells or column.role == "parent":
        return None
    return sum(look(value) for value in cells) / len(cells)


def _said(found, column):
    return [value for _, value in column_values(found, column.index) if not values.absent(value)]


def _ask(found, column, school, wanted, label):
    cells = column_values(found, column.index, 12)
    if not cells:
        return
    guess = column.field if column.field in wanted else _guess(found, column, wanted)
    place = Place(found.sheet.file, found.sheet.name, address(found.first - 1, column.index))
    if not guess:
        return _tell_unused(column, school, place)
    key = f"column|{found.sheet.file}|{found.sheet.name or ''}|{column.index}"
    message = Text(N_("Column «%(heading)s»: what stands in it? For example: %(example)s"),
                   heading=column.heading or address(found.first - 1, column.index), example=values.text(cells[0][1]))
    answer = school.ask(key, message, place, [("", Text(N_("not used"))), *wanted.items()], guess)
    if answer is None:
        school.tell("warning", place, column.heading or None,
                    Text(N_("Column «%(heading)s» of the table «%(table)s» is not clear and was left out."),
                         heading=column.heading, table=label))
        column.attribute, column.role, column.certainty = "", "", 0
        return
    column.role, _, column.attribute = answer.rpartition(".")
    column.certainty = 1


def _tell_unused(column, school, place):
    if column.heading:
        school.tell("info", place, column.heading,
                    Text(N_("Column «%(heading)s» is not used by the journal and was not loaded."), heading=column.heading))


def _guess(found, column, wanted):
    """A wanted field not found by heading whose look nearly all values of the column have."""
    taken = {other.field for other in found.columns if other.certainty >= SURE}
    cells = _said(found, column)
    for name in wanted:
        look = LOOKS.get(name.rpartition(".")[2])
        if look and cells and name not in taken and sum(map(look, cells)) >= 0.9 * len(cells):
            return name
    return ""
