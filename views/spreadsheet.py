"""A list as a file for Excel: XLSX, or CSV that a Russian Excel opens by a double click. No cell ever becomes a formula."""

import csv
import io
from datetime import date
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

import clock
from views.admin_words import short_day

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def answer(kind: str, name: str, titles: list[str], lines) -> Response:
    """The file as a download, called «<name> 2026-12-17.<kind>»; `lines` are lists of text, numbers and dates."""
    body = (_csv if kind == "csv" else _xlsx)(titles, lines)
    file = f"{name} {clock.today():%Y-%m-%d}.{kind}"
    return Response(body, mimetype=TYPES[kind], headers={
        "Content-Disposition": f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{quote(file)}"})


def tame(value):
    """Text that Excel would calculate gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(LIVE) else value


def _csv(titles, lines) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([tame(title) for title in titles])
    for line in lines:
        writer.writerow([_written(tame(value)) for value in line])
    return "\ufeff" + text.getvalue()


def _written(value):
    if isinstance(value, date):
        return short_day(value)
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _xlsx(titles, lines) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, title in enumerate(titles, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, min(40, len(title) + 6))
    sheet.append([_head(sheet, title) for title in titles])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _head(sheet, title):
    cell = WriteOnlyCell(sheet, tame(title))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet, value):
    if not isinstance(value, date):
        return "".join(c for c in tame(value) if c.isprintable() or c == "\n") if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = "DD.MM.YYYY"
    return cell
