"""Corrections of what is closed: asking for cells, the list of requests, allowing or declining, and writing by permission (MRK-08).

A request begins where somebody was refused: the grid, the lesson page and «Итоги» lead here with the cell and what was typed.
"""

from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import clock
import history
import models as m
import policies
import rulebook.corrections
import rulebook.entries
import rulebook.homework
import rulebook.journal
import rulebook.works
from rulebook.facts import Decision
from rulebook.rules import NOT_SET
from views import correction_form, grid, visitor
from views.language import day, moment, say

bp = Blueprint("corrections", __name__, url_prefix="/corrections")

ANSWERED = 60   # answered requests on the list
CHANGES = 4     # last changes of a cell told on the page of a request
WRITTEN = ("saved", "late")
STATES = {"waiting": ("late", N_("waits for an answer")), "open": ("ok", N_("allowed")), "over": ("", N_("answered, closed again")),
          "declined": ("bad", N_("declined")), "withdrawn": ("", N_("taken back"))}
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
    return tone, str(words)


# ---- asking ----

@bp.route("/new", methods=["GET", "POST"])
def new():
    """The form of a request: what was typed stands in it, other cells of the same lessons may be added."""
    user, given = visitor.user(), correction_form.given_in(request.values)
    if not user.is_staff:
        abort(403)
    course = _course(given)
    try:
        parts = correction_form.parts_of(course, given)
        if request.method == "POST":
            return _ask(course, parts)
    except rulebook.entries.Foreign:
        abort(403)
    return _form(course, parts)


def _ask(course, parts):
    lines = [line for part in parts for line in (*part.chosen, *part.others) if line.typed is not None and line.typed != line.before]
    try:
        row = rulebook.corrections.ask(visitor.user(), visitor.actor(), course, [line.asked for line in lines],
                                       request.form.get("reason", ""))
    except m.Refused as refusal:
        return _form(course, parts, refusal), 422
    flash(_("Request No. %(n)s is sent. You will be told when it is answered.", n=row.number), "success")
    return redirect(url_for(".page", number=row.id))


def _form(course, parts, refusal: m.Refused | None = None):
    """With what is wrong about single cells beside them."""
    lines = [line for part in parts for line in (*part.chosen, *part.others) if line.typed is not None and line.typed != line.before]
    looked = rulebook.corrections.look_over(visitor.user(), visitor.actor(), course.id, [line.asked for line in lines],
                                            request.form.get("reason", "") or "—") if lines else []
    for line, told in zip(lines, looked, strict=True):
        line.problem = say(told.problem) if told.problem else ""
    return render_template("corrections/new.html", course=course, parts=parts, reason=request.form.get("reason", ""),
                           problem=refusal and say(refusal.text), about=refusal and refusal.field, kinds=_kinds(),
                           longest=correction_form.LONGEST, most=rulebook.corrections.MOST_CELLS)


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


# ---- a request ----

@bp.get("/<number>")
def page(number: str):
    row = _request(number)
    visitor.looked("corrections", unit=row.course.unit_id)
    return _page(row)


@bp.post("/<number>/allow")
def allow(number: str):
    row = _request(number)
    if not rulebook.corrections.may_decide(visitor.user(), row):
        abort(403)
    return _decided(row, lambda by: rulebook.corrections.allow(visitor.user(), by, row, _until(), request.form.get("note", "")),
                    _("Allowed. The teacher is told."))


@bp.post("/<number>/decline")
def decline(number: str):
    row = _request(number)
    if not rulebook.corrections.may_decide(visitor.user(), row):
        abort(403)
    return _decided(row, lambda by: rulebook.corrections.decline(visitor.user(), by, row, request.form.get("reason", "")),
                    _("Declined. The teacher is told why."))


@bp.post("/<number>/lock")
def lock(number: str):
    row = _request(number)
    if not policies.allows(visitor.user(), "decide", row):
        abort(403)
    return _decided(row, lambda by: rulebook.corrections.lock(visitor.user(), by, row), _("The cells are closed again."))


@bp.post("/<number>/withdraw")
def withdraw(number: str):
    row = _request(number)
    if not policies.allows(visitor.user(), "withdraw", row):
        abort(403)
    return _decided(row, lambda by: rulebook.corrections.withdraw(visitor.user(), by, row), _("The request is taken back."))


@bp.post("/<number>/mend")
def mend(number: str):
    """Write what was allowed, or another lawful value; the cells one by one, as they may be."""
    row = _request(number)
    if not policies.allows(visitor.user(), "mend", row):
        abort(403)
    cells = list(m.CorrectionCell.whole([row.id]))
    typed = {cell.id: _typed(cell)[:2000] for cell in cells if f"w-{cell.id}" in request.form}
    try:
        wrong = _mend(row, cells, typed)
    except rulebook.entries.Foreign:
        abort(403)
    if wrong:
        return _page(_request(number), wrong=wrong, typed=typed), 422
    flash(_("Written. The journal keeps the number of the request as the ground."), "success")
    return redirect(url_for(".page", number=row.id))


def _typed(cell) -> str:
    text = request.form[f"w-{cell.id}"].strip()
    about = request.form.get(f"w-{cell.id}-of", "")
    return correction_form.column_typed(text, about) if cell.what in ("kind", "column") else text


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
        "corrections/page.html", row=row, cells=[(cell, label_of(cell), _address(row, cell)) for cell in cells], state=state,
        tag=_state(row, now), decides=state == "waiting" and rulebook.corrections.may_decide(user, row),
        locks=state == "open" and policies.allows(user, "decide", row),
        mine=mine, mends=mine and state == "open", until=rulebook.corrections.default_until(row, now).astimezone(
            clock.zone()) if state == "waiting" else None, lives=_lives(row, cells), problem=problem, about=about,
        kinds=_kinds() if state == "open" else (), longest=correction_form.LONGEST, column_of=correction_form.column_of,
        wrong=wrong or {}, typed=typed or {}, clauses=sorted({cell.clause for cell in cells if cell.clause}), document=user.rules.document)


def _kinds() -> list[str]:
    """Names of the kinds of work to choose from."""
    return [kind.name for kind in m.WorkKind.in_use()]


def label_of(cell) -> str:
    """«17 декабря, Ученикова Анна», «17 декабря, тема»."""
    if cell.what == "result":
        when = cell.period.name if cell.period_id else correction_form.kinds()[cell.kind]
        return f"{cell.pupil.person.surname} {cell.pupil.person.name}, {when}"
    if cell.what == "cell":
        work = f", {cell.work.kind.name}" if cell.work_id else ""
        return f"{day(cell.lesson.day)}, {cell.pupil.person.surname} {cell.pupil.person.name}{work}"
    if cell.what == "remark":
        return _("%(day)s, comment: %(who)s", day=day(cell.lesson.day), who=f"{cell.pupil.person.surname} {cell.pupil.person.name}")
    named = {"attendance": _("who is at the lesson"), "topic": _("topic"), "homework": _("homework"), "kind": _("kind of work"),
             "column": _("further column")}
    return f"{day(cell.lesson.day)}, {named[cell.what]}"


def _address(row, cell) -> str:
    """Where the cell's whole history is; for what belongs to a lesson, the lesson."""
    if cell.pupil_id is None or cell.what == "remark":
        return url_for("lesson.page", lesson=cell.lesson_id)
    return url_for("journal.cell_history", course=row.course_id, pupil=cell.pupil_id, lesson=cell.lesson_id, work=cell.work_id,
                   period=cell.period_id)


def line_of(row) -> dict:
    """A request as a line of a cell's history; it is linked for who may open it."""
    user, said = visitor.user(), _("Request No. %(n)s to correct", n=row.number)
    answer = ": ".join(filter(None, (_state(row, clock.now())[1], row.decision and row.decision.by.short_name)))
    seen = user.reads_all or row.asked_by_id == user.person
    return {"at": grid.moment_of(row.asked_at), "who": row.asked_by.short_name, "was": None, "now": None, "why": row.reason,
            "late": False, "clause": "", "typed": "", "more": answer, "request": said,
            "url": rulebook.corrections.address(row) if seen else ""}


# ---- writing by permission ----

def _mend(row, cells, typed: dict[int, str]) -> dict[int, str]:
    """Cell → why it was not written; empty when all were."""
    wrong, user, by, entries, owner = {}, visitor.user(), visitor.actor(), [], {}
    for cell in cells:
        if cell.id in typed and cell.what in ("cell", "result"):
            for entry in _entries(row, cell, typed[cell.id]):
                entries.append(entry)
                owner[id(entry)] = cell.id
    for outcome in rulebook.journal.put_cells(user, by, row.course_id, entries) if entries else ():
        if outcome.state not in WRITTEN:
            wrong[owner[id(outcome.entry)]] = say(outcome.message)
    for cell in cells:
        if cell.id in typed and cell.what not in ("cell", "result"):
            decision = _mend_lesson(user, by, cell, typed[cell.id])
            if not decision.ok:
                wrong[cell.id] = say(decision.message)
    return wrong


def _entries(row, cell, value: str) -> list[rulebook.entries.Entry]:
    entry = rulebook.entries.Entry(cell.pupil_id, value, cell.lesson_id, cell.work_id, cell.period_id, kind=cell.kind or "period")
    return [*rulebook.entries.cleared_first(entry, cell.before, row.course.scale), entry]


def _mend_lesson(user, by, cell, text: str):
    if cell.what == "topic":
        return rulebook.journal.put_topic(user, by, cell.lesson_id, text, **_column_of(cell.lesson))
    if cell.what == "remark":
        return rulebook.journal.put_remark(user, by, cell.lesson_id, cell.pupil_id, text)
    if cell.what in ("kind", "column"):
        return _mend_column(user, by, cell, text)
    if cell.what == "homework":
        standing = rulebook.homework.homework_of_all(cell.lesson_id)[1]
        told = {"due": standing.due, "minutes": standing.minutes} if standing else {}
        return rulebook.homework.put_homework(user, by, cell.lesson_id, text, not_set=text == NOT_SET, **told)
    codes = dict(m.Absence.select(m.Absence.pupil, m.Absence.code).where(m.Absence.lesson == cell.lesson_id).tuples())
    return rulebook.journal.put_attendance(user, by, cell.lesson_id, codes)[0]


def _mend_column(user, by, cell, text: str):
    """Another kind of work for a lesson's own column; a further column changed, added, or taken away with what stands in it."""
    kind, title = rulebook.works.read_column(text, rulebook.works.kinds_by_name())
    if text and kind is None:
        return rulebook.works.no_such_column()
    if cell.what == "kind":
        told = _column_of(cell.lesson) | {"kind": kind and kind.id, "work_topic": title}
        return rulebook.journal.put_topic(user, by, cell.lesson_id, cell.lesson.topic, **told)
    if cell.mended_at and cell.work_id is None:
        return Decision()  # it was added, or taken away, before
    if cell.work_id is None:
        return rulebook.works.add_work(user, by, cell.lesson_id, kind.id, title)[0] if kind else Decision()
    if kind is None:
        return rulebook.works.delete_work(user, by, cell.work_id, with_marks=True)
    return rulebook.works.change_work(user, by, cell.work_id, kind.id, title, weight=cell.work.weight, for_everyone=cell.work.for_everyone)


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


_COLUMNS = {"mark": "value", "absence": "code", "period_mark": "value", "lesson": "topic", "homework": "text", "remark": "text",
            "work": "title"}


def _change(change: tuple) -> str:
    """«17 декабря, 10:41, Алгебраева А. И.: 5 вместо 2»; "" for a change that left the value alone."""
    at, who, _why, _op, old, new, table, _row = change
    was, now = ((image or {}).get(_COLUMNS[table]) or "" for image in (old, new))
    if was == now:
        return ""
    value = _("%(now)s in place of %(was)s", now=now or _("empty"), was=was) if was else now
    return f"{moment(at)}, {who}: {value}"
