"""Corrections of what is closed: asking for cells, the list of requests, allowing or declining, and writing by permission (MRK-08).

A request begins where somebody was refused: the grid, the lesson page and «Итоги» lead here with the cell and what was typed. Fields
are named by their cell, in the address as in the forms: c-<lesson>-<work or 0>-<pupil>, t-<lesson> (topic), h-<lesson> (homework),
a-<lesson> (who is at the lesson), r-<kind>-<period or 0>-<pupil>.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import clock
import history
import models as m
import policies
import policies_corrections
import policies_journal
from policies_corrections import Asked
from policies_rules import NOT_SET
from views import grid, visitor
from views.language import day, moment, say

bp = Blueprint("corrections", __name__, url_prefix="/corrections")

ANSWERED = 60   # answered requests on the list
CHANGES = 4     # last changes of a cell told on the page of a request
WRITTEN = ("saved", "late")
STATES = {"waiting": ("late", lambda: _("waits for an answer")), "open": ("ok", lambda: _("allowed")), "over": ("", lambda: _("answered, closed again")),
          "declined": ("bad", lambda: _("declined")), "withdrawn": ("", lambda: _("taken back"))}
_FIELD = re.compile(r"(?:c-(?P<lesson>\d{1,9})-(?P<work>\d{1,9})|(?P<part>[tha])-(?P<whole>\d{1,9})|r-(?P<kind>period|year|exam|final)-"
                    r"(?P<period>\d{1,9}))(?:-(?P<pupil>\d{1,9}))?")
_PARTS = {"t": "topic", "h": "homework", "a": "attendance"}


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
    return f"{what[0]}-{lesson}"


def asking(entries, course: int | None = None) -> str:
    """The query of the form's address that carries what was typed into these cells, or of the lesson's form that was refused."""
    fields = {name_of(*(("cell", entry.lesson, entry.work, entry.pupil) if entry.lesson else (
        "result", None, None, entry.pupil, entry.kind, entry.period))): entry.value for entry in entries}
    found = re.fullmatch(r"/lesson/(\d+)/(topic|homework|\w+)", request.path)
    if found:
        typed = {"topic": {f"t-{found[1]}": request.form.get("topic", "")}, "homework": {f"h-{found[1]}": request.form.get("text", "")}}
        fields |= typed.get(found[2], {}) | {"lesson": found[1]}
    return urlencode(fields | ({"course": course} if course else {}))


# ---- the list ----

@bp.get("/")
def index():
    """Requests that wait, that are allowed now, and the last answered; a teacher sees the own, a leader all."""
    user, now = visitor.user(), clock.now()
    if not user.is_staff:
        abort(403)
    rows = list(_seen().limit(500))
    found = {state: [row for row in rows if row.state(now) == state] for state in STATES}
    counts = m.CorrectionCell.counted([row.id for row in rows])
    answered = [row for row in rows if row.state(now) in ("over", "declined", "withdrawn")]
    return render_template("corrections/index.html", waiting=found["waiting"], open=found["open"], answered=answered[:ANSWERED],
                           counts=counts, whole=user.reads_all, state_of=lambda row: _state(row, now))


def _seen():
    return m.Correction.whole().where(m.Correction.id.in_(policies.visible(visitor.user(), m.Correction).select(m.Correction.id)))


def _state(row, now) -> tuple[str, str]:
    tone, words = STATES[row.state(now)]
    return tone, words()


# ---- asking ----

@bp.route("/new", methods=["GET", "POST"])
def new():
    """The form of a request: what was typed stands in it, other cells of the same lessons may be added."""
    user, given = visitor.user(), _given(request.values)
    if not user.is_staff:
        abort(403)
    course = _course(given)
    try:
        parts = _parts(course, given)
        if request.method == "POST":
            return _ask(course, parts)
    except policies_journal.Foreign:
        abort(403)
    return _form(course, parts)


def _ask(course, parts):
    lines = [line for part in parts for line in (*part.chosen, *part.others) if line.typed is not None and line.typed != line.before]
    try:
        row = policies_corrections.ask(visitor.user(), visitor.actor(), course, [line.asked for line in lines], request.form.get("reason", ""))
    except m.Refused as refusal:
        return _form(course, parts, refusal), 422
    flash(_("Request No. %(n)s is sent. You will be told when it is answered.", n=row.number), "success")
    return redirect(url_for(".page", number=row.id))


def _form(course, parts, refusal: m.Refused | None = None):
    """With what is wrong about single cells beside them."""
    lines = [line for part in parts for line in (*part.chosen, *part.others) if line.typed is not None and line.typed != line.before]
    looked = policies_corrections.look_over(visitor.user(), visitor.actor(), course.id, [line.asked for line in lines],
                                            request.form.get("reason", "") or "—") if lines else []
    for line, told in zip(lines, looked, strict=True):
        line.problem = say(told.problem) if told.problem else ""
    return render_template("corrections/new.html", course=course, parts=parts, reason=request.form.get("reason", ""),
                           problem=refusal and say(refusal.text), about=refusal and refusal.field, most=policies_corrections.MOST_CELLS)


def _given(values) -> dict[Asked, str]:
    """The cells named by the fields of a form or an address, with what was typed."""
    found = {}
    for name, text in values.items():
        match = _FIELD.fullmatch(name)
        if match and bool(match["pupil"]) != bool(match["part"]):
            found[_asked(match, text)] = text.strip()[:2000]
    return found


def _asked(match, text: str = "") -> Asked:
    number = {key: int(value) for key, value in match.groupdict().items() if value and value.isdigit()}
    if match["part"]:
        return Asked(_PARTS[match["part"]], "", number["whole"])
    if match["kind"]:
        return Asked("result", "", pupil=number["pupil"], kind=match["kind"], period=number["period"] or None)
    return Asked("cell", "", number["lesson"], number["work"] or None, number["pupil"])


def _course(given) -> m.Course:
    """The journal that was named, or that of a lesson that was."""
    user, asked = visitor.user(), request.values.get("course") or ""
    if not asked:
        lesson = next((str(each.lesson) for each in given if each.lesson), request.values.get("lesson", ""))
        row = policies.find(policies.without_family(user), m.Lesson, lesson)
        asked = str(row.course_id) if row else ""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        abort(403)
    return grid.course_of(user, int(asked)) or abort(403)


# ---- what stands on the form ----

def _parts(course, given) -> list[Part]:
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
    works = [(None, "")] + [(work.id, work.kind.name) for work in m.Work.select(m.Work, m.WorkKind).join(m.WorkKind).where(
        m.Work.lesson == lesson).order_by(m.Work.position)]
    for pupil, name in _members(course, lesson.day):
        for work, kind in works:
            _lay(part, given, Asked("cell", "", lesson.id, work, pupil), f"{name}, {kind}" if kind else name)
    if writes:
        for what, label in (("topic", _("Topic")), ("homework", _("Homework")), *(
                [] if lesson.attendance_at else [("attendance", _("Who is at the lesson was never stated: state it"))])):
            _lay(part, given, Asked(what, "", lesson.id), label)
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
    looked = policies_corrections.look_over(visitor.user(), visitor.actor(), course.id, [line.asked for line in lines])
    for line, told in zip(lines, looked, strict=True):
        line.before = told.before
    part.others = sorted((line for line in lines if line.typed in (None, line.before)), key=lines.index)
    part.chosen = [line for line in part.chosen if line.typed != line.before]
    return part


# ---- a request ----

@bp.get("/<number>")
def page(number: str):
    row = _request(number)
    visitor.looked("corrections", unit=row.course.unit_id)
    return _page(row)


@bp.post("/<number>/allow")
def allow(number: str):
    row = _request(number)
    if not policies_corrections.may_decide(visitor.user(), row):
        abort(403)
    return _decided(row, lambda by: policies_corrections.allow(visitor.user(), by, row, _until(), request.form.get("note", "")),
                    _("Allowed. The teacher is told."))


@bp.post("/<number>/decline")
def decline(number: str):
    row = _request(number)
    if not policies_corrections.may_decide(visitor.user(), row):
        abort(403)
    return _decided(row, lambda by: policies_corrections.decline(visitor.user(), by, row, request.form.get("reason", "")),
                    _("Declined. The teacher is told why."))


@bp.post("/<number>/lock")
def lock(number: str):
    row = _request(number)
    if not policies.allows(visitor.user(), "decide", row):
        abort(403)
    return _decided(row, lambda by: policies_corrections.lock(visitor.user(), by, row), _("The cells are closed again."))


@bp.post("/<number>/withdraw")
def withdraw(number: str):
    row = _request(number)
    if not policies.allows(visitor.user(), "withdraw", row):
        abort(403)
    return _decided(row, lambda by: policies_corrections.withdraw(visitor.user(), by, row), _("The request is taken back."))


@bp.post("/<number>/mend")
def mend(number: str):
    """Write what was allowed, or another lawful value; the cells one by one, as they may be."""
    row = _request(number)
    if not policies.allows(visitor.user(), "mend", row):
        abort(403)
    cells = list(m.CorrectionCell.whole([row.id]))
    typed = {cell.id: request.form[f"w-{cell.id}"].strip()[:2000] for cell in cells if f"w-{cell.id}" in request.form}
    try:
        wrong = _mend(row, cells, typed)
    except policies_journal.Foreign:
        abort(403)
    if wrong:
        return _page(_request(number), wrong=wrong, typed=typed), 422
    flash(_("Written. The journal keeps the number of the request as the ground."), "success")
    return redirect(url_for(".page", number=row.id))


def _request(number: str) -> m.Correction:
    seen = policies.find(visitor.user(), m.Correction, number)
    return m.Correction.whole().where(m.Correction.id == seen.id).get() if seen else abort(403)


def _decided(row, act, done: str):
    try:
        act(visitor.actor())
    except m.Refused as refusal:
        return _page(_request(str(row.id)), problem=say(refusal.text), about=refusal.field), 422
    flash(done, "success")
    return redirect(url_for(".page", number=row.id))


def _until() -> datetime | None:
    """The last second of the minute that was chosen, by the school's clock."""
    try:
        chosen = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return None
    return chosen.replace(tzinfo=clock.zone()) + timedelta(seconds=59) if chosen.tzinfo is None else None


def _page(row, *, problem: str = "", about: str | None = None, wrong: dict | None = None, typed: dict | None = None):
    user, now = visitor.user(), clock.now()
    cells, state = list(m.CorrectionCell.whole([row.id])), row.state(now)
    mine = policies.allows(user, "mend", row)
    return render_template(
        "corrections/page.html", row=row, cells=[(cell, label_of(cell), _address(row, cell)) for cell in cells], state=state, tag=_state(row, now),
        decides=state == "waiting" and policies_corrections.may_decide(user, row), locks=state == "open" and policies.allows(user, "decide", row),
        mine=mine, mends=mine and state == "open", until=policies_corrections.default_until(row, now).astimezone(
            clock.zone()) if state == "waiting" else None, lives=_lives(row, cells), problem=problem, about=about,
        wrong=wrong or {}, typed=typed or {}, clauses=sorted({cell.clause for cell in cells if cell.clause}), document=user.rules.document)


def label_of(cell) -> str:
    """«17 декабря, Ученикова Анна», «17 декабря, тема»."""
    if cell.what == "result":
        return f"{cell.pupil.person.surname} {cell.pupil.person.name}, {cell.period.name if cell.period_id else kinds()[cell.kind]}"
    if cell.what == "cell":
        work = f", {cell.work.kind.name}" if cell.work_id else ""
        return f"{day(cell.lesson.day)}, {cell.pupil.person.surname} {cell.pupil.person.name}{work}"
    return f"{day(cell.lesson.day)}, " + {"attendance": _("who is at the lesson"), "topic": _("topic"), "homework": _("homework")}[cell.what]


def _address(row, cell) -> str:
    """Where the cell's whole history is; for what belongs to a lesson, the lesson."""
    if cell.pupil_id is None:
        return url_for("lesson.page", lesson=cell.lesson_id)
    place = {"lesson": cell.lesson_id, "work": cell.work_id, "period": cell.period_id}
    return url_for("journal.cell_history", course=row.course_id, pupil=cell.pupil_id, **{name: value for name, value in place.items() if value})


def line_of(row) -> dict:
    """A request as a line of a cell's history; it is linked for who may open it."""
    user, said = visitor.user(), _("Request No. %(n)s to correct", n=row.number)
    answer = ": ".join(filter(None, (_state(row, clock.now())[1], row.decision and row.decision.by.short_name)))
    seen = user.reads_all or row.asked_by_id == user.person
    return {"at": grid.moment_of(row.asked_at), "who": row.asked_by.short_name, "was": None, "now": None, "why": row.reason, "late": False, "clause": "",
            "typed": "", "more": answer, "request": said, "url": policies_corrections.address(row) if seen else ""}


# ---- writing by permission ----

def _mend(row, cells, typed: dict[int, str]) -> dict[int, str]:
    """Cell → why it was not written; empty when all were."""
    wrong, user, by, entries, owner = {}, visitor.user(), visitor.actor(), [], {}
    for cell in cells:
        if cell.id in typed and cell.what in ("cell", "result"):
            for entry in _entries(row, cell, typed[cell.id]):
                entries.append(entry)
                owner[id(entry)] = cell.id
    for outcome in policies_journal.put_cells(user, by, row.course_id, entries) if entries else ():
        if outcome.state not in WRITTEN:
            wrong[owner[id(outcome.entry)]] = say(outcome.message)
    for cell in cells:
        if cell.id in typed and cell.what in ("topic", "homework", "attendance"):
            decision = _mend_lesson(user, by, cell, typed[cell.id])
            if not decision.ok:
                wrong[cell.id] = say(decision.message)
    return wrong


def _entries(row, cell, value: str) -> list[policies_journal.Entry]:
    entry = policies_journal.Entry(cell.pupil_id, value, cell.lesson_id, cell.work_id, cell.period_id, kind=cell.kind or "period")
    return [*policies_journal.cleared_first(entry, cell.before, row.course.scale), entry]


def _mend_lesson(user, by, cell, text: str):
    if cell.what == "topic":
        return policies_journal.put_topic(user, by, cell.lesson_id, text, **_column_of(cell.lesson))
    if cell.what == "homework":
        standing = policies_journal.homework_of_all(cell.lesson_id)[1]
        told = {"due": standing.due, "minutes": standing.minutes} if standing else {}
        return policies_journal.put_homework(user, by, cell.lesson_id, text, not_set=text == NOT_SET, **told)
    codes = dict(m.Absence.select(m.Absence.pupil, m.Absence.code).where(m.Absence.lesson == cell.lesson_id).tuples())
    return policies_journal.put_attendance(user, by, cell.lesson_id, codes)[0]


def _column_of(lesson) -> dict:
    """The kind of work and its topic stay as they are."""
    return {"plan_topic": lesson.plan_topic_id, "kind": lesson.kind_id, "work_topic": lesson.work_topic}


# ---- the history of the cells ----

def _lives(row, cells) -> dict[int, list[str]]:
    """Cell → its last changes in words, the newest first."""
    rows, found = m.CorrectionCell.rows_of(row.course_id, cells), {}
    for change in reversed(history.of_rows(m.db, {table: list(ids) for table, ids in rows.items()})):
        told, line = found.setdefault(rows[change[6]][change[7]], []), _change(change)
        if line and len(told) < CHANGES:
            told.append(line)
    return found


_COLUMNS = {"mark": "value", "absence": "code", "period_mark": "value", "lesson": "topic", "homework": "text"}


def _change(change: tuple) -> str:
    """«17 декабря, 10:41, Алгебраева А. И.: 5 вместо 2»; "" for a change that left the value alone."""
    at, who, _why, _op, old, new, table, _row = change
    was, now = ((image or {}).get(_COLUMNS[table]) or "" for image in (old, new))
    if was == now:
        return ""
    value = _("%(now)s in place of %(was)s", now=now or _("empty"), was=was) if was else now
    return f"{moment(at)}, {who}: {value}"
