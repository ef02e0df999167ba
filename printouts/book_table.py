"""A `Table` as a platypus table: texts broken to the column, narrow cells shrunk to fit, heads repeated on each page.

Texts are broken here and handed over as plain strings with line ends: paragraphs inside cells would cost
ten times as much, and a class's year has a hundred thousand cells.
"""

from functools import lru_cache

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, TableStyle
from reportlab.platypus import Table as Drawn

from printouts import fonts
from printouts.document import Cell, Table, Value, plain
from printouts.grid import place

PAD = 1.6
NARROW = 12 * mm
"""Columns up to this width hold one line, shrunk when needed; wider ones break their texts."""
TALLEST_HEAD = 34 * mm
LINE, EDGE = 0.4, 1.1
SMALLEST = 4.2


class _Turned(Flowable):
    """A head that reads upwards, in as many lines as fit into its column."""

    def __init__(self, lines: list[str], size: float, width: float):
        super().__init__()
        self.lines, self.size = lines, size
        self.width, self.height = width, max(_wide(line, "Narrow-Bold", size) for line in lines)

    def wrap(self, _width, _height):
        return self.width, self.height

    def draw(self):
        leading = self.size * 1.05
        x = (self.width - leading * len(self.lines)) / 2 + self.size * 0.8
        self.canv.rotate(90)
        self.canv.setFont("Narrow-Bold", self.size)
        for number, line in enumerate(self.lines):
            self.canv.drawString(0, -x - number * leading, line)


def head_line(left: str, right: str, width: float, bold: bool = True) -> Drawn:
    """One line above a page's table: what is on it, and on the right which page it is."""
    texts = [[fonts.printable(left), fonts.printable(right)]]
    style = [("FONT", (0, 0), (0, 0), "Sans-Bold" if bold else "Sans", 10), ("FONT", (1, 0), (1, 0), "Narrow", 8),
             ("ALIGN", (1, 0), (1, 0), "RIGHT"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    beside = _wide(texts[0][1], "Narrow", 8) + 4
    return Drawn(texts, [width - beside, beside], [8 * mm], style=TableStyle(style))


def table_flowable(table: Table, width: float, caption: bool = True) -> Drawn:
    """The table over the full `width` in points."""
    return _Layout(table, width, caption).drawn()


class _Layout:
    """The growing pieces of one table: texts, row heights and style commands."""

    def __init__(self, table: Table, width: float, caption: bool):
        self.table = table
        self.count = len(table.columns)
        self.widths = _widths([column.width * mm for column in table.columns], width)
        self.caption = [[Cell(table.caption, span=self.count, bold=True)]] if caption and table.caption else []
        self.style: list[tuple] = []
        self.data: list[list] = []
        self.heights: list[float] = []

    def drawn(self) -> Drawn:
        table = self.table
        head = [*self.caption, *table.head]
        self._base(len(self.caption), len(head))
        self._add(head, bold=True, least=4.5 * mm)
        body = table.rows or [[Cell(table.empty, span=self.count)]]
        self._add(body, bold=False, least=table.row_height * mm)
        if table.keep > 1:
            last = len(head) + len(body)
            for row in range(len(head), last, table.keep):
                self.style += [("NOSPLIT", (0, row), (-1, min(row + table.keep, last) - 1)),
                               ("LINEABOVE", (0, row), (-1, row), EDGE, colors.black)]
        self._add(table.foot, bold=True, least=table.row_height * mm)
        return Drawn(self.data, self.widths, self.heights, repeatRows=len(head), style=TableStyle(self.style))

    def _base(self, captions: int, heads: int) -> None:
        size = self.table.size
        self.style += [("FONT", (0, 0), (-1, heads - 1), "Narrow-Bold", size - 0.5, size),
                       ("FONT", (0, heads), (-1, -1), "Narrow", size, size * 1.12),
                       ("GRID", (0, captions), (-1, -1), LINE, colors.black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                       ("LEFTPADDING", (0, 0), (-1, -1), PAD), ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
                       ("TOPPADDING", (0, 0), (-1, -1), PAD / 2), ("BOTTOMPADDING", (0, 0), (-1, -1), PAD),
                       ("BOX", (0, captions), (-1, -1), EDGE, colors.black),
                       ("LINEBELOW", (0, heads - 1), (-1, heads - 1), EDGE, colors.black)]
        for number, column in enumerate(self.table.columns):
            if column.align != "left":
                self.style.append(("ALIGN", (number, captions), (number, -1), column.align.upper()))
            if column.edge:
                self.style += [("LINEBEFORE", (number, captions), (number, -1), EDGE, colors.black),
                               ("LINEAFTER", (number, captions), (number, -1), EDGE, colors.black)]

    def _add(self, rows, bold: bool, least: float) -> None:
        """Append rows: break and shrink their texts, find their heights, note their spans."""
        start = len(self.data)
        matrix, spans = place(rows, self.count)
        reach = {(top, left): (bottom, right) for top, left, bottom, right in spans}
        heights = [least] * len(matrix)
        tall = []
        for number, row in enumerate(matrix):
            line = []
            for column, value in enumerate(row):
                bottom, right = reach.get((number, column), (number, column))
                content, needed = self._cell(value, start + number, column, sum(self.widths[column:right + 1]), bold)
                line.append(content)
                if bottom > number:
                    tall.append((number, bottom, needed))
                elif needed > heights[number]:
                    heights[number] = needed
            self.data.append(line)
        for top, bottom, needed in tall:
            heights[bottom] += max(0.0, needed - sum(heights[top:bottom + 1]))
        self.heights += heights
        self.style += [("SPAN", (left, start + top), (right, start + bottom)) for top, left, bottom, right in spans]

    def _cell(self, value: Value, row: int, column: int, width: float, bold: bool):
        """What stands in the cell and the height it needs, in points."""
        size = self.table.size - 0.5 if bold else self.table.size
        if isinstance(value, Cell):
            if value.turned:
                turned = _turned(fonts.printable(plain(value)), width)
                at = (column, row)
                self.style += [("VALIGN", at, at, "BOTTOM"), ("LEFTPADDING", at, at, 0)]
                return turned, turned.height + 4 * PAD
            if value.bold and not bold:
                bold = True
                self.style.append(("FONTNAME", (column, row), (column, row), "Narrow-Bold"))
            if value.align:
                self.style.append(("ALIGN", (column, row), (column, row), value.align.upper()))
        text = plain(value)
        if not text:
            return "", 0.0
        text, fitted, lines = _fitted(text, width - 2 * PAD, "Narrow-Bold" if bold else "Narrow", size)
        if fitted != size:
            self.style.append(("FONTSIZE", (column, row), (column, row), fitted))
        return text, lines * size * 1.12 + 2 * PAD


def _widths(asked: list[float], width: float) -> list[float]:
    """The asked widths brought to `width` together: too wide ones shrink alike, room left over goes to wide columns."""
    scale = width / sum(asked)
    wide = [each for each in asked if each > NARROW]
    if scale <= 1 or not wide:
        return [each * scale for each in asked]
    narrow = min(scale, 1.3)
    stretched = (width - narrow * (sum(asked) - sum(wide))) / sum(wide)
    return [each * (stretched if each > NARROW else narrow) for each in asked]


@lru_cache(maxsize=20_000)
def _fitted(text: str, width: float, font: str, size: float) -> tuple[str, float, int]:
    """The text broken to the width, its size and its number of lines; in a narrow column one shrunk line."""
    text = fonts.printable(text)
    if width > NARROW:
        lines = _broken(text, width, font, size)
        return "\n".join(lines), size, len(lines)
    natural = _wide(text, font, size)
    return text, size if natural <= width else max(SMALLEST, size * width / natural), 1


def _turned(text: str, width: float) -> _Turned:
    size = min(7.5, width * 0.62)
    lines = _broken(text, TALLEST_HEAD, "Narrow-Bold", size)
    if len(lines) * size * 1.05 > width:
        size = max(SMALLEST, width / len(lines) / 1.05)
        lines = _broken(text, TALLEST_HEAD, "Narrow-Bold", size)
    return _Turned(lines, size, width)


def _broken(text: str, width: float, font: str, size: float) -> list[str]:
    """Lines no wider than `width`; a word that is wider by itself is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for word in paragraph.split():
            longer = f"{current} {word}" if current else word
            if _wide(longer, font, size) <= width:
                current = longer
                continue
            if current:
                lines.append(current)
            *full, current = _cut(word, width, font, size)
            lines += full
        lines.append(current)
    return lines


def _cut(word: str, width: float, font: str, size: float) -> list[str]:
    pieces = []
    while len(word) > 1 and _wide(word, font, size) > width:
        fits = next((n for n in range(len(word) - 1, 1, -1) if _wide(word[:n], font, size) <= width), 1)
        pieces.append(word[:fits])
        word = word[fits:]
    return [*pieces, word]


def _wide(text: str, font: str, size: float) -> float:
    return stringWidth(text, font, size)
