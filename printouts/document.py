"""What a printed document is, apart from how it looks: a title, blocks in order, and who printed it when.

Every form and report is described once as a `Document`; screen, PDF and XLSX are drawn from the same description,
so they cannot disagree. Lengths are millimetres. Values in tables are text, int, Decimal or None (an empty cell).
"""

import hashlib
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby

MONTHS = ("январь", "февраль", "март", "апрель", "май", "июнь",
          "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь")
COLUMNS_OF_SPREAD = 25
"""Lesson and period columns on one left page of the journal, and as many lines on its right page."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who made the document and when (school time): stands at the foot of every page (ARC-05)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that needs more than its text: spans, text running upwards, weight, alignment, a link on screen."""

    text: str | int | Decimal | None = ""
    span: int = 1
    rows: int = 1
    turned: bool = False
    bold: bool = False
    align: str = ""
    href: str = ""


Value = str | int | Decimal | None | Cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column: width, alignment (left, center, right), whether it names its row, a thick rule on its left side."""

    width: float
    align: str = "left"
    head: bool = False
    edge: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Head and body rows as in HTML: a position covered by a span from above or from the left is left out.

    `keep` rows at a time stay on one page; `row_height` is the least height of a body row.
    """

    columns: Sequence[Column]
    head: Sequence[Sequence[Value]]
    rows: Sequence[Sequence[Value]]
    foot: Sequence[Sequence[Value]] = ()
    caption: str = ""
    name: str = ""
    row_height: float = 5.2
    keep: int = 1
    size: float = 8
    empty: str = "Записей нет."


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    align: str = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign: (position, name in full or short); an empty name leaves a blank to write it."""

    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block begins a page; `landscape` turns that page and the following ones."""

    landscape: bool | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """A title page (F-02): the organisation above, the name of the book in the middle, lines below it."""

    organisation: str
    title: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One slip to cut out: whose it is, lines of explanation, the pairs to be told, such as («Код», «7F3K-92QA»)."""

    title: str
    pairs: Sequence[tuple[str, str]]
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    items: Sequence[Card]
    empty: str = "Листков нет."


@dataclass(frozen=True, slots=True)
class Certification:
    """The inscription on the last sheet of a bound printout (F-31, LAW-07), on a page of its own and always last."""

    what: str
    position: str
    name: str
    both_sides: bool = True


@dataclass(frozen=True, slots=True)
class Lesson:
    """One column of the journal's left page and the line of the right page that belongs to it.

    A lesson has its date; a period column has none but a `label` («I четверть») and fills the line with `closing`
    («По плану … дано …»). `number` is the lesson's number in the course and its hours: «12 / 1».
    """

    on: date | None = None
    number: str = ""
    topic: str = ""
    homework: str = ""
    label: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """The journal of one course (F-01L, F-01R): pupils × lessons on the left, dates × topics on the right.

    `marks` has one row per pupil with one text per lesson. Paper shows it in spreads of COLUMNS_OF_SPREAD
    columns, screen and spreadsheet in one table each; `first` is the number of the first spread in its book, `when`
    the period or the year.
    """

    subject: str
    unit: str
    when: str
    teacher: str
    pupils: Sequence[str]
    lessons: Sequence[Lesson]
    marks: Sequence[Sequence[str]]
    first: int = 1

    def parts(self) -> Iterator["Spread"]:
        """The spread cut into pages' worth of columns; a course without lessons still has one empty page."""
        starts = range(0, len(self.lessons), COLUMNS_OF_SPREAD) or [0]
        for number, start in enumerate(starts, self.first):
            chunk = slice(start, start + COLUMNS_OF_SPREAD)
            rows = [row[chunk] for row in self.marks]
            yield replace(self, lessons=self.lessons[chunk], marks=rows, first=number)

    def left(self, blanks: int = 0) -> Table:
        """The left page as a table, with so many blank columns after the last one."""
        lead = [Cell("№", rows=2, align="center"), Cell("Фамилия, имя", rows=2)]
        heads, days = _heads(self.lessons)
        heads += [Cell(rows=2)] * blanks
        columns = [Column(6, "center"), Column(44, head=True)]
        columns += [Column(5.1, "center", edge=bool(lesson.label)) for lesson in self.lessons]
        columns += [Column(5.1)] * blanks
        rows = [[n, name, *marks, *[""] * blanks]
                for n, (name, marks) in enumerate(zip(self.pupils, self.marks, strict=True), 1)]
        return Table(columns, [lead + heads, days], rows, caption=f"{self.subject}, {self.unit}: отметки",
                     name=f"{self.subject} отметки", row_height=5.6, empty="В списке нет учеников.")

    def right(self) -> Table:
        """The right page as a table."""
        columns = [Column(12, head=True), Column(11, "center"), Column(93), Column(62)]
        head = [["Дата", "№ / ч", "Содержание урока", "Задание на дом"]]
        return Table(columns, head, [_line(lesson) for lesson in self.lessons],
                     caption=f"{self.subject}, {self.unit}: темы и задания", name=f"{self.subject} темы", row_height=9,
                     empty="Уроков пока нет.")


Block = Table | Heading | Paragraph | Signatures | PageBreak | Cover | Cards | Certification | Spread


@dataclass(frozen=True)
class Document:
    """`form` is the id of the form (F-04), `name` the file's name without its ending, `book` asks for the journal's
    engine (large tables, spreads) in place of the letter's. `bound` keeps a wider margin for stitching."""

    title: str
    form: str
    name: str
    imprint: Imprint
    blocks: Sequence[Block]
    meta: Sequence[str] = ()
    landscape: bool = False
    book: bool = False
    bound: bool = False

    @cached_property
    def code(self) -> str:
        """The document's id: eight signs drawn from its content, so the same facts printed twice have the same id."""
        content = repr((self.form, self.title, self.meta, self.blocks)).encode()
        sign = b32encode(hashlib.sha256(content).digest()[:5]).decode()
        return f"{sign[:4]}-{sign[4:]}"

    @property
    def footer(self) -> str:
        """The line at the foot of each page, without the page number."""
        at = self.imprint.at
        parts = (self.form, f"документ {self.code}", f"{at:%d.%m.%Y} в {at:%H:%M}", self.imprint.by)
        return " · ".join(part for part in parts if part)


def spreads_of(lessons: int) -> int:
    """How many spreads a course with so many columns takes."""
    return max(1, -(-lessons // COLUMNS_OF_SPREAD))


def plain(value: Value) -> str:
    """A cell's value as text: decimals with a comma, nothing for None."""
    if isinstance(value, Cell):
        value = value.text
    if value is None:
        return ""
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def _heads(lessons: Sequence[Lesson]) -> tuple[list[Cell], list[Value]]:
    """The month row, with period columns standing through both rows, and the row of days below it."""
    heads: list[Cell] = []
    for (month, label), group in groupby(lessons, key=lambda lesson: (lesson.on and lesson.on.month, lesson.label)):
        width = len(list(group))
        if label:
            heads += [Cell(label, rows=2, turned=True, bold=True)] * width
        else:
            heads.append(Cell(MONTHS[month - 1][: None if width > 2 else 3], span=width, align="center"))
    return heads, [lesson.on.day for lesson in lessons if lesson.on]


def _line(lesson: Lesson) -> list[Value]:
    if lesson.on is None:
        return [Cell(lesson.closing, span=4, bold=True)]
    return [f"{lesson.on:%d.%m}", lesson.number, lesson.topic, lesson.homework]
