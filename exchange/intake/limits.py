"""What a workbook may not do to us: files that swell when unpacked, cells at the end of the world, formulas nobody computed."""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

MOST_BYTES, MOST_UNPACKED = 30_000_000, 200_000_000
MOST_CELLS = 400_000
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,7})[\"']")
FAILED = re.compile(rb"\bt=[\"']e[\"']")
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)<")
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class TooLarge(Exception):
    """A file that would take too much memory."""


@dataclass
class Extent:
    """How far a sheet reaches; addresses of formulas without a value, and of failed ones with what they show."""

    rows: int = 0
    columns: int = 0
    formulas: list = field(default_factory=list)
    failed: list = field(default_factory=list)

    @property
    def too_large(self):
        return self.rows * self.columns > MOST_CELLS


def extents(content):
    """{sheet name: Extent} of xlsx bytes, read without building anything; TooLarge when they swell too much."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
            raise TooLarge
        return {name: _extent(archive.read(path)) for name, path in _paths(archive).items()}


def _paths(archive):
    """{sheet name: its part of the archive}."""
    parts = set(archive.namelist())
    targets = {each.get("Id"): each.get("Target") for each in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
    found = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        target = targets.get(sheet.get(RELATED)) if sheet.tag.endswith("}sheet") else None
        if target:
            path = posixpath.normpath(posixpath.join("xl", target)) if not target.startswith("/") else target[1:]
            found |= {sheet.get("name"): path} if path in parts else {}
    return found


def _extent(xml):
    found = Extent()
    for attributes, body in CELL.findall(xml):
        if not body:
            continue
        place = REFERENCE.search(attributes)
        if place is None:  # a cell without an address stands somewhere in the rows
            found.columns += 1
            continue
        found.columns = max(found.columns, _number(place[1]))
        found.rows = max(found.rows, int(place[2]))
        _note(found, (place[1] + place[2]).decode(), attributes, body)
    if found.columns and not found.rows:
        found.rows = max(map(int, ROW.findall(xml)), default=1)
    return found


def _note(found, address, attributes, body):
    value = VALUE.search(body)
    if FAILED.search(attributes):
        found.failed.append((address, value[1].decode("utf-8", "replace") if value else "#"))
    elif value is None and re.search(rb"<(?:\w+:)?f\b", body):
        found.formulas.append(address)


def _number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
