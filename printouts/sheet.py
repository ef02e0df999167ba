"""A document as a spreadsheet to look at and to count with: one sheet a table, heads frozen, numbers as numbers.

Nothing a person typed can become a formula: every text is stored as text, and one that begins like a formula gets
an apostrophe before it (OWASP «CSV injection»).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from printouts.document import Cards, Cell, Column, Cover, Document, Heading, Paragraph, Signatures, Spread, Table, Value
from printouts.grid import Span, place

SHEET_NAME = 31
RULED = Border(*[Side("thin")] * 4)
FORMULA = re.compile(r"[=+\-@\t\r]")
HARMLESS = re.compile(r"[+\-]?[\d\s(),.\-–—]*")
DIGITS = re.compile(r"[1-9]\d{0,8}|0")


def render(document: Document) -> bytes:
    """The document as an XLSX file."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    for table, notes in _tables(document):
        _sheet(book, _unique(table.name or table.caption or document.title, names), document, table, notes)
    if not book.worksheets:
        _words(book, document)
    book.properties.title, book.properties.creator = document.title, document.imprint.by
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _tables(document: Document) -> Iterator[tuple[Table, list[str]]]:
    """Every table with the words that stand before it since the last one."""
    words: list[str] = []
    for block in document.blocks:
        if isinstance(block, Spread):
            yield block.left(), [f"{block.subject}, {block.unit}", f"Учитель: {block.teacher}"]
            yield block.right(), [f"{block.subject}, {block.unit}", f"Учитель: {block.teacher}"]
        elif isinstance(block, Cards):
            yield _cards(block), words
            words = []
        elif isinstance(block, Table):
            yield block, words
            words = []
        else:
            words += _said(block)


def _said(block) -> list[str]:
    if isinstance(block, Heading | Paragraph):
        return [block.text]
    if isinstance(block, Cover):
        return [block.organisation, block.title, *block.lines]
    if isinstance(block, Signatures):
        return [f"{position} ____________ / {name} /" for position, name in block.lines]
    return []


def _cards(block: Cards) -> Table:
    heads = list(dict.fromkeys(name for card in block.items for name, _ in card.pairs))
    rows = [[card.title, *(dict(card.pairs).get(name, "") for name in heads), " ".join(card.lines)] for card in block.items]
    columns = [Column(60, head=True), *[Column(34) for _ in heads], Column(90)]
    return Table(columns, [["Кому", *heads, "Пояснение"]], rows, empty=block.empty)


def _words(book: Workbook, document: Document) -> None:
    sheet = book.create_sheet("Документ")
    pen = _Pen(sheet)
    for line in [document.title, *document.meta, *(word for block in document.blocks for word in _said(block))]:
        sheet.append([pen.cell(line, bold=False, ruled=False)])


def _sheet(book: Workbook, name: str, document: Document, table: Table, notes: list[str]) -> None:
    sheet = book.create_sheet(name)
    above = [document.title, *document.meta, *notes, document.footer]
    head, head_spans = place(table.head, len(table.columns))
    body, body_spans = place([*(table.rows or [[table.empty]]), *table.foot], len(table.columns))
    top = len(above) + 1
    frozen = next((n for n, column in enumerate(table.columns, 1) if column.head), 0)
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{top + len(head) + 1}"
    _page(sheet, document, top, len(head))
    for number, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(4.0, column.width / 1.9)
    _merge(sheet, head_spans, top)
    _merge(sheet, body_spans, top + len(head))
    pen, foot = _Pen(sheet), len(body) - len(table.foot)
    for number, line in enumerate(above):
        sheet.append([pen.cell(line, bold=number == 0, ruled=False)])
    sheet.append([])
    for line in head:
        sheet.append([pen.cell(value, bold=True) for value in line])
    for number, line in enumerate(body):
        sheet.append([pen.cell(value, bold=number >= foot) for value in line])


def _merge(sheet, spans: list[Span], shift: int) -> None:
    for first, left, last, right in spans:
        corners = (left, first), (right, last)
        sheet.merged_cells.add(":".join(f"{get_column_letter(column + 1)}{row + shift + 1}" for column, row in corners))


def _page(sheet, document: Document, top: int, heads: int) -> None:
    """A4, one page wide, heads repeated, «стр. x из y»: what leaves the printer looks like the form."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if document.landscape else "portrait"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = f"{top + 1}:{top + heads}"
    sheet.oddFooter.left.text = document.footer.replace("&", "&&")
    sheet.oddFooter.right.text = "стр. &P из &N"


class _Pen:
    """Makes the cells of one sheet; each look is built once and shared, or styles would take most of the time."""

    def __init__(self, sheet):
        self.sheet = sheet
        self.looks = {}

    def cell(self, value: Value, bold: bool, ruled: bool = True) -> WriteOnlyCell:
        turned = False
        if isinstance(value, Cell):
            bold, turned, value = bold or value.bold, value.turned, value.text
        places = max(0, -value.as_tuple().exponent) if isinstance(value, Decimal) else None
        cell = WriteOnlyCell(self.sheet, _typed(value))
        if cell.data_type == "f":
            cell.data_type = "s"
        cell._style = self._look(bold, turned, ruled, places)
        return cell

    def _look(self, bold: bool, turned: bool, ruled: bool, places: int | None):
        key = bold, turned, ruled, places
        if key not in self.looks:
            model = WriteOnlyCell(self.sheet, "")
            model.font = Font(bold=bold)
            if ruled:
                model.border = RULED
                model.alignment = Alignment(wrap_text=True, vertical="top", text_rotation=90 if turned else 0)
            if places is not None:
                model.number_format = f"0.{'0' * places}" if places else "0"
            self.looks[key] = model._style
        return self.looks[key]


def _typed(value):
    """Numbers as numbers, a text that looks like a formula made harmless."""
    if not isinstance(value, str):
        return value
    if DIGITS.fullmatch(value):
        return int(value)
    if len(value) > 1 and FORMULA.match(value) and not HARMLESS.fullmatch(value):
        return f"'{value}"
    return value


def _unique(name: str, taken: set[str]) -> str:
    """A sheet name Excel accepts: no forbidden signs, 31 signs, different from all others."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ") or "Лист"
    chosen, number = clean[:SHEET_NAME], 1
    while chosen.lower() in taken:
        number += 1
        chosen = f"{clean[:SHEET_NAME - len(str(number)) - 1]} {number}"
    taken.add(chosen.lower())
    return chosen
