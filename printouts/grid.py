"""Rows written as in HTML, laid out on a rectangle: what PDF tables and worksheets need of a `Table`."""

from collections.abc import Sequence

from printouts.document import Cell, Value

Span = tuple[int, int, int, int]
"""A merged area: first row, first column, last row, last column, counted from 0."""


def place(rows: Sequence[Sequence[Value]], width: int) -> tuple[list[list[Value]], list[Span]]:
    """Every row with exactly `width` values, covered positions holding "", and the merged areas.

    A row that is too short is filled up, one that is too long is a mistake of the document: ValueError.
    """
    matrix: list[list[Value]] = []
    spans: list[Span] = []
    covered: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        if not covered and not any(isinstance(value, Cell) for value in row):
            matrix.append(_filled(list(row), width))
        else:
            matrix.append(_placed(row, number, width, covered, spans))
    return matrix, spans


def _placed(row, number: int, width: int, covered: set[tuple[int, int]], spans: list[Span]) -> list[Value]:
    line: list[Value] = []
    for value in row:
        _skip(line, number, covered)
        line.append(value)
        if isinstance(value, Cell) and (value.span > 1 or value.rows > 1):
            column = len(line) - 1
            spans.append((number, column, number + value.rows - 1, column + value.span - 1))
            covered.update((number + down, column + right)
                           for down in range(value.rows) for right in range(value.span) if down or right)
    _skip(line, number, covered)
    return _filled(line, width)


def _skip(line: list[Value], number: int, covered: set[tuple[int, int]]) -> None:
    """Step over the positions that an earlier cell covers."""
    while (number, len(line)) in covered:
        covered.discard((number, len(line)))
        line.append("")


def _filled(line: list[Value], width: int) -> list[Value]:
    if len(line) > width:
        raise ValueError(f"a row of {len(line)} cells in a table of {width} columns: {line!r}")
    return line + [""] * (width - len(line))
