"""A document as HTML for the page it is shown on: tables with scopes and names, scrolling in their own boxes."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from printouts.document import Cell, Column, Document, Value, plain
from printouts.grid import place

ALIGN = {"left": "", "center": "c", "right": "n"}


def render(document: Document) -> Markup:
    """The blocks of the document; its title and meta lines belong to the page around it."""
    return Markup(environment().get_template("screen.html").render(document=document))


@cache
def environment() -> Environment:
    """Templates of this room, escaping everything."""
    made = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
                       undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"kind": lambda block: type(block).__name__, "rows_of": _rows, "plain": plain}
    return made


def _rows(rows, columns: list[Column]):
    """Body rows as lists of (cell, its column, its classes), positions covered by spans left out."""
    matrix, spans = place(rows, len(columns))
    covered = {(row, column) for top, left, bottom, right in spans for row in range(top, bottom + 1)
               for column in range(left, right + 1) if (row, column) != (top, left)}
    for number, line in enumerate(matrix):
        yield [_described(value, columns[at]) for at, value in enumerate(line) if (number, at) not in covered]


def _described(value: Value, column: Column) -> tuple[Cell, Column, str]:
    cell = value if isinstance(value, Cell) else Cell(value)
    names = [ALIGN[cell.align or column.align], column.edge and "edge", cell.bold and "strong"]
    return cell, column, " ".join(name for name in names if name)
