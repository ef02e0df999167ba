"""One thematic plan out of a file before it is kept: the rows read, what each column was taken for, and every line of the sheet
that is not a topic, told by its number. Nothing is left out silently."""

import re
from collections import Counter
from dataclasses import dataclass, field

from models import N_, Text

from exchange.intake import columns, kinds, plans, sheets, values
from exchange.intake.school import Place, School, Topic
from exchange.intake.subjects import Subjects
from exchange.intake.teach import WORK_CODES

MOST_HOURS = 10


@dataclass
class Line:
    """A topic of the preview: what stands in its row, and `doubts` (Text) about it; `row` is the number on the sheet."""

    section: str
    topic: str
    hours: float
    work_kind: str
    homework: str
    row: int
    doubts: list = field(default_factory=list)


@dataclass
class Preview:
    """A sheet that reads as a plan. `columns`: (heading, meaning as Text or None for one that is not used); `left`: (row
    number, what stands there, why as Text) of lines that are no topics; `subject` (its name) and `grade` as far as the file tells."""

    place: Place
    lines: list
    columns: list
    left: list
    subject: str | None = None
    grade: int | None = None

    @property
    def hours(self):
        return sum(line.hours for line in self.lines)


def preview(files, known, codes) -> tuple[list, list]:
    """(plans found, findings about files and sheets) in `{name: bytes}`. `known` is the school as the journal holds it or None,
    `codes` are the kinds of work in use."""
    school = School(known=known or School())
    subjects = Subjects(school)
    subjects.adopt(school.known.subjects)
    found = [_sheet(sheet, school, subjects, codes) for sheet in sheets.read(files, school.findings.append)]
    return sorted(filter(None, found), key=lambda each: -len(each.lines)), [each for each in school.findings if each.cell is None]


def _sheet(sheet, school, subjects, codes):
    _kind, table = kinds.of(sheet)
    table = table or columns.table(sheet, plans.EVIDENCE)
    if table is None or table.index("topic") is None:
        if any(not sheet.empty(row) for row in range(len(sheet.rows))):
            school.tell("warning", Place(sheet.file, sheet.name), None,
                        Text(N_("No column of topics was found on this sheet: name it «Тема» in the row above the topics.")))
        return None
    columns.settle(table, school, plans.WANTED, Text(N_("Thematic plan")))
    topics = {_row_of(topic.place): topic for topic in _topics(table, school)}
    lines = [_line(table, row, topic, codes) for row, topic in topics.items()]
    _tell_twins(lines)
    left = [(row + 1, _words(sheet, row), _why_left(table, row)) for row in range(table.first, len(sheet.rows))
            if row not in topics and not sheet.empty(row)]
    grade = plans._grade(table)
    subject = next((found for found in (plans._in_phrase(text, subjects, None) for text in plans._titles(table)) if found), None)
    return Preview(Place(sheet.file, sheet.name), lines, _columns(table), left, subject and subject.name, grade)


def _topics(table, school):
    """A table of topics alone, without hours and numbers, has one in each row."""
    if table.index("hours", "number", "lesson") is not None:
        return plans._topics(table, school)
    rows = [row for row in range(table.first, len(table.sheet.rows)) if plans._text(table, row, "topic")]
    return [Topic(number, plans._text(table, row, "section") or None, plans._text(table, row, "topic"), 1,
                  plans._kind(table, row, plans._text(table, row, "topic")), plans._text(table, row, "homework") or None,
                  table.place(row, table.index("topic"))) for number, row in enumerate(rows, 1)]


def _columns(table):
    return [(column.heading, plans.WANTED.get(column.field) if column.certainty >= columns.SURE else None)
            for column in table.columns if column.heading]


def _row_of(place):
    return int(re.search(r"\d+$", place.cell)[0]) - 1


def _line(table, row, topic, codes):
    code = WORK_CODES.get(topic.kind, "")
    line = Line((topic.section or "")[:300], topic.title[:500], topic.hours, code if code in codes else "",
                (topic.homework or "")[:500], row + 1)
    said = plans._text(table, row, "kind")
    if plans._hours(table, row) is None:
        line.doubts.append(Text(N_("No hours are written: taken for %(hours)g h."), hours=topic.hours))
    if topic.hours > MOST_HOURS:
        line.doubts.append(Text(N_("%(hours)g hours for one topic: is it a total?"), hours=topic.hours))
    if said and not line.work_kind and not values.absent(said):
        line.doubts.append(Text(N_("The kind of work «%(kind)s» is not known here."), kind=said[:80]))
    if len(topic.title) > 500 or len(topic.homework or "") > 500:
        line.doubts.append(Text(N_("The text is longer than 500 characters and was cut.")))
    return line


def _tell_twins(lines):
    """The same topic on neighbouring lines is usual, twice in different places may be a slip of copying."""
    counted = Counter(values.fold(line.topic) for line in lines)
    for before, line in zip([None, *lines], lines, strict=False):
        if counted[values.fold(line.topic)] > 1 and before and values.fold(before.topic) == values.fold(line.topic):
            line.doubts.append(Text(N_("The same topic as in the line above.")))


def _words(sheet, row):
    return " · ".join(dict.fromkeys(text for text in map(values.text, sheet.rows[row]) if text))[:200]


def _why_left(table, row):
    title = plans._text(table, row, "topic")
    first = next(text for text in map(values.text, table.sheet.rows[row]) if text)
    if re.match(plans.TOTAL, values.fold(title or first)):
        return Text(N_("a total, not a topic"))
    if plans._hours(table, row) is None and plans._number(table, row) is None:
        return Text(N_("taken for the name of a section"))
    return Text(N_("hours or a number without a topic"))
