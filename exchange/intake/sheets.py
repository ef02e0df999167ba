"""Files into grids: xlsx, xls, ods and csv in any usual encoding, with merged ranges and struck-out rows."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import python_calamine

from models import N_, Text

from exchange.intake import limits, values
from exchange.intake.school import Finding

BOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
TEXTS = {".csv", ".tsv", ".txt"}
OLE = b"\xd0\xcf\x11\xe0"
TOLD = 30
LONGEST = 3_000


@dataclass
class Sheet:
    """One table of a file. `rows` are lists of values, None where empty; rows and columns count from 0."""

    file: str
    name: str | None
    rows: list
    merged: list = field(default_factory=list)
    struck: frozenset = frozenset()
    hidden: bool = False

    def at(self, row, column):
        """The value, or None outside."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return None

    def text(self, row, column):
        """The value as one line of text."""
        return values.text(self.at(row, column))

    def empty(self, row):
        """Whether nothing stands in the row."""
        return not any(values.text(value) for value in self.rows[row])

    @property
    def width(self):
        """Columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def title(self):
        """What stands over and beside the table, for recognising it: file and sheet name and the lone cells on top."""
        lone = [self._lone(row) for row in range(min(6, len(self.rows)))]
        return " · ".join(filter(None, [Path(self.file).stem.replace("_", " "), self.name or "", *lone]))

    def _lone(self, row):
        cells = [values.text(value) for value in self.rows[row] if values.text(value)]
        return cells[0] if len(cells) == 1 else ""


def address(row, column):
    """A1 style of a cell counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def span(row, column, last_row, last_column):
    """A1 style of a range counted from 0."""
    return f"{address(row, column)}:{address(last_row, last_column)}"


def folder(path):
    """
    `{relative name: bytes}` of every file under a folder; hidden and lock files are passed over. Of a file that is too large
    only the beginning is taken, `read` tells of it.
    """
    root = Path(path)
    files = sorted(item for item in root.rglob("*") if item.is_file() and not item.name.startswith((".", "~$")))
    return {item.relative_to(root).as_posix(): _beginning(item) for item in files}


def read(files, find):
    """The sheets of `{name: bytes}`. What cannot be read is told through `find(Finding)` and never stops the rest."""
    sheets = []
    for name, content in files.items():
        try:
            sheets.extend(_sheets(name, content, find))
        except limits.TooLarge:
            find(Finding("error", name, None, None, None, Text(N_(
                "The file %(file)s is too large for the lists of a school and was not read."), file=name)))
        except Exception as error:  # a spreadsheet library may raise anything on a broken file
            find(Finding("error", name, None, None, type(error).__name__,
                         Text(N_("The file %(file)s cannot be read: it is damaged or protected by a password."), file=name)))
    return [_cut(sheet, find) for sheet in sheets]


def _beginning(item):
    with item.open("rb") as stream:
        return stream.read(limits.MOST_BYTES + 1)


def _sheets(name, content, find):
    kind = Path(name).suffix.lower()
    if len(content) > limits.MOST_BYTES:
        raise limits.TooLarge
    if kind in BOOKS | TEXTS and not content.strip():
        find(Finding("warning", name, None, None, None, Text(N_("The file %(file)s is empty."), file=name)))
        return []
    if kind in BOOKS and content.startswith((b"PK", OLE)):
        return _book(name, content, find)
    if kind in TEXTS or kind in BOOKS and b"\0" not in content[:1000] and not content.lstrip().startswith(b"<"):
        return [Sheet(name, None, _table(content))]
    if kind in BOOKS:
        raise ValueError
    if kind != ".json":
        find(Finding("warning", name, None, None, kind,
                     Text(N_("%(file)s is not a table: only Excel and CSV files are read."), file=name)))
    return []


def _book(name, content, find):
    zipped = content.startswith(b"PK") and not name.lower().endswith((".ods", ".xlsb"))
    extents = limits.extents(content) if zipped else {}
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    struck = _struck(name, content, find) if zipped else {}
    sheets = []
    for about in book.sheets_metadata:
        extent = extents.get(about.name, limits.Extent())
        _tell_cells(name, about.name, extent, find)
        sheet = None if extent.too_large else book.get_sheet_by_name(about.name)
        if sheet is None or sheet.total_height * sheet.total_width > limits.MOST_CELLS:
            _tell_size(name, about.name, extent, find)
            continue
        rows = [[_value(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
        merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
        sheets.append(Sheet(name, about.name, rows, merged, struck.get(about.name, frozenset()),
                            about.visible != python_calamine.SheetVisibleEnum.Visible))
    return sheets


def _tell_size(name, sheet, extent, find):
    corner = address(extent.rows - 1, extent.columns - 1) if extent.rows else None
    find(Finding("error", name, sheet, corner, None, Text(N_(
        "The sheet is too large for a list of a school and was not read: delete what stands far below and beside the table."))))


def _tell_cells(name, sheet, extent, find):
    """Cells that show nothing to us though a person may see something there."""
    for cell, shown in extent.failed[:TOLD]:
        find(Finding("warning", name, sheet, cell, shown, Text(N_("The cell shows the error %(value)s and was read as empty."),
                                                               value=shown)))
    if extent.formulas:
        find(Finding("warning", name, sheet, ",".join(extent.formulas[:TOLD]), None, Text(N_(
            "Formulas without a saved result were read as empty (%(n)d cells): open the file in Excel and save it."),
            n=len(extent.formulas))))


def _cut(sheet, find):
    """Cells longer than anything a school writes, cut and told."""
    for row, line in enumerate(sheet.rows):
        for column, value in enumerate(line):
            if isinstance(value, str) and len(value) > LONGEST:
                line[column] = value[:LONGEST]
                find(Finding("warning", sheet.file, sheet.name, address(row, column), value[:60], Text(N_(
                    "The cell holds %(n)d characters: only the first %(most)d were read."), n=len(value), most=LONGEST)))
    return sheet


def _value(value):
    if value == "":
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _struck(name, content, find):
    """Rows struck out in each sheet; a file whose styles are damaged is read without them, and that is told."""
    try:
        return _struck_sheets(content)
    except Exception as error:  # a spreadsheet library may raise anything on a broken file
        find(Finding("warning", name, None, None, type(error).__name__, Text(N_(
            "The formats of %(file)s are damaged: rows struck out cannot be told from the others."), file=name)))
        return {}


def _struck_sheets(content):
    """Styles are read only when the file has any strike-through."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/styles.xml" not in archive.namelist() or b"<strike" not in archive.read("xl/styles.xml"):
            return {}
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: frozenset(_struck_rows(sheet)) for sheet in book.worksheets}


def _struck_rows(sheet):
    for index, row in enumerate(sheet.iter_rows()):
        filled = [cell for cell in row if cell.value is not None]
        if filled and sum(bool(cell.font.strike) for cell in filled) * 2 > len(filled):
            yield index


def _table(content):
    written = _decoded(content)
    lines = [line for line in written.splitlines() if line.strip()][:30]
    delimiter = max(";\t,", key=lambda mark: _steadiness(lines, mark))
    rows = csv.reader(io.StringIO(written), delimiter=delimiter)
    return [[cell if cell.strip() else None for cell in row] for row in rows]


def _decoded(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return max((content.decode(name, "replace") for name in ("cp1251", "cp866", "koi8-r")), key=_russian)


def _russian(written):
    """How Russian a text reads: its most common letters against all that are not ASCII."""
    foreign = [letter for letter in written[:5000] if letter > "\x7f"]
    return sum(letter in "оеаинтсрвлОЕАИНТСРВЛ" for letter in foreign) / (len(foreign) or 1)


def _steadiness(lines, mark):
    """How well a mark divides the lines: many lines with the same number of it."""
    counts = [len(re.sub(r'"[^"]*"', "", line).split(mark)) - 1 for line in lines]
    if not any(counts):
        return 0
    usual = max(set(counts), key=lambda count: (counts.count(count), count))
    return counts.count(usual) if usual else 0.1
