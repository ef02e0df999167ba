"""The form on which a correction is asked for: its fields, named by their cells, and what stands in them.

In the address as in the form: c-<lesson>-<work or 0>-<pupil>, t-<lesson> (topic), h-<lesson> (homework), a-<lesson> (who is at the
lesson), k-<lesson> (kind of its own column), n-<lesson>-<work or 0> (further column), m-<lesson>-<pupil> (comment),
r-<kind>-<period or 0>-<pupil>. A column is a kind, and in a second field with «-of» what the work is about.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import abort, request
from flask_babel import gettext as _

import models as m
import policies
import rulebook.corrections
from rulebook.corrections import Asked
from views import visitor
from views.language import day

LONGEST = {"topic": 500, "homework": 2000, "remark": 500}
_NUMBER = r"(\d{1,9})"
_FIELDS = {  # the form of a name → the cell it names, from its numbers
    rf"c-{_NUMBER}-{_NUMBER}-{_NUMBER}": lambda lesson, work, pupil: Asked("cell", "", lesson, work or None, pupil),
    rf"m-{_NUMBER}-{_NUMBER}": lambda lesson, pupil: Asked("remark", "", lesson, pupil=pupil),
    rf"n-{_NUMBER}-{_NUMBER}": lambda lesson, work: Asked("column", "", lesson, work or None),
    **{rf"{what[0]}-{_NUMBER}": lambda lesson, what=what: Asked(what, "", lesson) for what in ("topic", "homework", "attendance", "kind")},
    **{rf"r-{kind}-{_NUMBER}-{_NUMBER}": lambda period, pupil, kind=kind: Asked("result", "", pupil=pupil, kind=kind, period=period or None)
       for kind in m.RESULT_KINDS}}


@dataclass
class Line:
    """A cell on the form: the name of its field, whose or what it is, what stands, what was typed, and what is wrong with it."""

    asked: Asked
    label: str
    before: str = ""
    typed: str | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        return name_of(*self.asked.place)

    @property
    def column(self) -> tuple[str, str]:
        """(kind, what about) of a column, as it is typed or stands."""
        return column_of(self.before if self.typed is None else self.typed)


@dataclass
class Part:
    """A lesson, or a period, on the form: the cells asked for, and the others that may be added."""

    title: str
    chosen: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)


def name_of(what, lesson=None, work=None, pupil=None, kind="", period=None) -> str:
    """The name of a cell's field."""
    if what == "cell":
        return f"c-{lesson}-{work or 0}-{pupil}"
    if what == "result":
        return f"r-{kind}-{period or 0}-{pupil}"
    if what in ("remark", "column"):
        return f"m-{lesson}-{pupil}" if what == "remark" else f"n-{lesson}-{work or 0}"
    return f"{what[0]}-{lesson}"


def asking(entries, course: int | None = None) -> str:
    """The query of the form's address that carries what was typed into these cells, or of the lesson's form that was refused."""
    fields = {name_of(*(("cell", entry.lesson, entry.work, entry.pupil) if entry.lesson else (
        "result", None, None, entry.pupil, entry.kind, entry.period))): entry.value for entry in entries}
    found = re.fullmatch(r"/lesson/(\d+)/(topic|homework|\w+)", request.path)
    if found:
        typed = {"topic": {f"t-{found[1]}": request.form.get("topic", "")}, "homework": {f"h-{found[1]}": request.form.get("text", "")},
                 "remark": {f"m-{found[1]}-{request.form.get('pupil', '')}": request.form.get("text", "")}}
        fields |= typed.get(found[2], {}) | {"lesson": found[1]}
    return urlencode(fields | ({"course": course} if course else {}))


# ---- what was typed ----

def given_in(values) -> dict[Asked, str]:
    """The cells named by the fields of a form or an address, with what was typed."""
    found = {}
    for name, text in values.items():
        asked = _asked(name)
        if asked:
            about = values.get(f"{name}-of", "") if asked.what in ("kind", "column") else ""
            found[asked] = column_typed(text, about)[:2000]
    return found


def column_typed(kind: str, about: str) -> str:
    """A column as one text: «Контрольная работа: Дроби»; without a kind there is none."""
    return ": ".join(part for part in (kind.strip(), about.strip()) if part) if kind.strip() else ""


def column_of(text: str) -> tuple[str, str]:
    """(kind, what about) of such a text."""
    kind, _colon, about = text.partition(": ")
    return kind, about


def _asked(name: str) -> Asked | None:
    for form, named in _FIELDS.items():
        if match := re.fullmatch(form, name):
            return named(*map(int, match.groups()))
    return None


# ---- what stands on the form ----

def parts_of(course, given) -> list[Part]:
    """The lessons and periods that were named, each with its cells; what was typed stands first."""
    lessons = {each.lesson for each in given if each.lesson} | {int(text) for text in request.values.getlist("lesson")
                                                                if text.isascii() and text.isdigit() and len(text) < 10}
    periods = {(each.kind, each.period) for each in given if each.what == "result"}
    asked = request.args.get("period", "")
    periods |= {("period", int(asked))} if asked.isascii() and asked.isdigit() and len(asked) < 10 else set()
    parts = [_lesson_part(course, number, given) for number in sorted(lessons)] + [
        _result_part(course, *place, given) for place in sorted(periods, key=str)]
    return parts if parts else abort(403)


def _lesson_part(course, number: int, given) -> Part:
    user = visitor.user()
    lesson = policies.visible(policies.without_family(user), m.Lesson).where(
        (m.Lesson.id == number) & (m.Lesson.course == course)).first() or abort(403)
    writes, part = policies.allows(user, "write", lesson), Part(_("Lesson of %(day)s", day=day(lesson.day)))
    works = [(None, "")] + [(work.id, work.kind.name) for work in m.Work.of_lesson(lesson.id)]
    members = _members(course, lesson.day)
    for pupil, name in members:
        for work, kind in works:
            _lay(part, given, Asked("cell", "", lesson.id, work, pupil), f"{name}, {kind}" if kind else name)
    if writes:
        for what, label in (("topic", _("Topic")), ("homework", _("Homework")), *(
                [] if lesson.attendance_at else [("attendance", _("Who is at the lesson was never stated: state it"))])):
            _lay(part, given, Asked(what, "", lesson.id), label)
        _lay(part, given, Asked("kind", "", lesson.id), _("Kind of work"))
        for work, kind in works[1:]:
            _lay(part, given, Asked("column", "", lesson.id, work), _("Further column: %(kind)s", kind=kind))
        _lay(part, given, Asked("column", "", lesson.id), _("One more column"))
        for pupil, name in members:
            _lay(part, given, Asked("remark", "", lesson.id, pupil=pupil), _("Comment: %(who)s", who=name))
    return _filled(course, part)


def _members(course, on):
    member, pupil, person = m.Membership, m.Pupil, m.Person
    rows = (member.select(member.pupil, person.surname, person.name).join(pupil, on=(member.pupil == pupil.id)).join(person)
            .where((member.unit == course.unit_id) & member.covers(on)).order_by(person.sort, pupil.id).tuples())
    return [(number, f"{surname} {name}") for number, surname, name in rows]


def _result_part(course, kind: str, period: int | None, given) -> Part:
    every = list(m.Period.of_unit(course.unit))
    row = next((each for each in every if each.id == period), None) if kind == "period" else (every or [None])[-1]
    if row is None or kind == "period" and period is None:
        abort(403)
    part = Part(row.name if kind == "period" else kinds()[kind])
    for pupil, name in _members(course, row.ends):
        _lay(part, given, Asked("result", "", pupil=pupil, kind=kind, period=period), name)
    return _filled(course, part)


def kinds() -> dict[str, str]:
    return {"year": _("Year"), "exam": _("Exam"), "final": _("Final mark")}


def _lay(part: Part, given, asked: Asked, label: str) -> None:
    typed = given.get(asked)
    line = Line(asked if typed is None else asked._replace(value=typed), label, typed=typed)
    (part.others if typed is None else part.chosen).append(line)


def _filled(course, part: Part) -> Part:
    """What stands in every cell of the part; one that is as it stands is no wish."""
    lines = [*part.chosen, *part.others]
    looked = rulebook.corrections.look_over(visitor.user(), visitor.actor(), course.id, [line.asked for line in lines])
    for line, told in zip(lines, looked, strict=True):
        line.before = told.before
    part.others = sorted((line for line in lines if line.typed in (None, line.before)), key=lines.index)
    part.chosen = [line for line in part.chosen if line.typed != line.before]
    return part
