"""The further columns of a lesson: add one, change it, take it away; and the works still awaited. Plain forms; asked for JSON, the
same in JSON for the grid."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

import clock
import models as m
import policies
import rulebook.entries
import rulebook.journal
import rulebook.lesson_facts
import rulebook.rules
import rulebook.verdicts
import rulebook.works
from views import correction_form, offline, visitor
from views.fields import Instant
from views.language import say

bp = Blueprint("works", __name__)

LONGEST = {"title": 300, "reason": 300}


@bp.post("/journal/<int:course>/works")
def add(course: int):
    """One more column: lesson, kind, weight (empty = the kind's), title, for_everyone (yes · no · empty = the kind's), reason."""
    lesson = policies.find(visitor.user(), m.Lesson, _asked("lesson"))
    if lesson is None or lesson.course_id != course:
        abort(403)
    made = []

    def add_column(*what, **more):
        decision, work = rulebook.works.add_work(*what, **more)
        made.append(work)
        if work:
            rulebook.entries.note_work(offline.actor(), request.form.get("key", "")[:80], work.id)
        return decision

    decision = _changing(add_column, lesson.id, **_values())
    return _answer(decision, m.Work.whole(made[-1].id) if decision.ok else None, lesson)


@bp.route("/work/<int:work>", methods=["GET", "POST"])
def change(work: int):
    """The form of a column; posted, its kind, weight, title and whom it concerns."""
    row = _work(work)
    if request.method == "GET":
        return _form(row, row.lesson)
    decision = _changing(rulebook.works.change_work, row.id, **_values())
    return _answer(decision, m.Work.whole(work), row.lesson)


@bp.post("/work/<int:work>/received")
def received(work: int):
    """When the results of an external work came (MRK-06)."""
    row, typed = _work(work), _asked("received")
    try:
        moment = Instant.read(typed.strip()) if isinstance(typed, str) and typed.strip() else None
    except ValueError as error:
        return _form(row, row.lesson, str(error), "received"), 422
    decision = _changing(rulebook.works.put_received, row.lesson_id, moment, row.id, _text("reason"))
    return _answer(decision, m.Work.whole(work), row.lesson, "received")


@bp.post("/work/<int:work>/delete")
def delete(work: int):
    """Take the column away; with `with_marks` its marks are cleared first, as far as the regulation lets them."""
    row = _work(work)
    decision = _changing(rulebook.works.delete_work, row.id, _text("reason"), with_marks=bool(_asked("with_marks")))
    return _answer(decision, None if decision.ok else row, row.lesson, "delete")


@bp.get("/journal/debts")
def debts():
    """Works that a dot stands for in the own journals, the first to be handed in first."""
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    return render_template("journal/debts.html", debts=rulebook.journal.debts(user), today=user.today)


# ---- what was asked ----

def _work(work: int) -> m.Work:
    row = policies.find(visitor.user(), m.Work, work)
    return m.Work.whole(work) if row is not None and policies.allows(visitor.user(), "edit", row) else abort(403)


def _asked(name: str):
    """A value of the request, from a form or from JSON."""
    body = request.get_json(silent=True) if request.is_json else request.form
    return body.get(name) if isinstance(body, dict) else None


def _text(name: str) -> str:
    value = _asked(name)
    return value.replace("\0", "").strip()[:LONGEST[name]] if isinstance(value, str) else ""


def _values() -> dict:
    weight = str(_asked("weight") or "").strip()
    everyone = {"yes": True, "no": False, "True": True, "False": False}.get(str(_asked("for_everyone")))
    return {"kind": _number(_asked("kind")), "title": _text("title"), "reason": _text("reason"), "for_everyone": everyone,
            "weight": _number(weight) if weight else None}


def _number(value) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _changing(change, *what, **more):
    """Once for a save of the browser's queue; whatever is somebody else's ends at 403."""
    try:
        return offline.once(lambda: change(visitor.user(), offline.actor(), *what, **more))
    except rulebook.entries.Foreign:
        abort(403)


# ---- what is answered ----

def _answer(decision, work: m.Work | None, lesson, action: str = "save"):
    """JSON {"state", "message", "rule", "clause", "work"}, or the journal again; 422 and the form when it was not saved."""
    status = 200 if decision.ok else 422
    if request.accept_mimetypes.best == "application/json":
        return jsonify(state=decision.state, rule=decision.rule or None, clause=decision.clause or None,
                       message=say(decision.message) if decision.message else None, work=work and _facts(work)), status
    if decision.ok:
        return redirect(url_for("journal.page", course=lesson.course_id, period=_period(lesson)))
    return _form(work, lesson, say(decision.message), action), status


def _period(lesson) -> int | None:
    """The period of the journal that shows the lesson."""
    row = next((row for row in m.Period.of_unit(lesson.course.unit) if row.starts <= lesson.day <= row.ends), None)
    return row and row.id


def _facts(work: m.Work) -> dict:
    return {"id": work.id, "lesson": work.lesson_id, "kind": work.kind_id, "code": work.kind.code, "name": work.kind.name,
            "title": work.title, "weight": work.weight, "for_everyone": work.for_everyone}


def _moment(at) -> str:
    return request.form.get("received") or (f"{at.astimezone(clock.zone()):%Y-%m-%dT%H:%M}" if at else "")


def _form(work: m.Work | None, lesson, problem: str = "", action: str = ""):
    """The page of a column, or of one to be added; what was typed stays when it was not saved."""
    rules, lesson = rulebook.rules.rules_on(clock.today()), m.Lesson.whole().where(m.Lesson.id == lesson.id).first()
    typed = request.form if action == "save" else {
        "kind": str(work.kind_id), "weight": str(work.weight or ""), "title": work.title,
        "for_everyone": {True: "yes", False: "no"}.get(work.for_everyone, ""), "reason": request.form.get("reason", "")}
    kinds = [(str(kind.id), f"{kind.name} ×{kind.weight}") for kind in m.WorkKind.select().where(
        m.WorkKind.active | (m.WorkKind.id == (work and work.kind_id))).order_by(m.WorkKind.position, m.WorkKind.id)]
    names = dict(m.WorkKind.select(m.WorkKind.id, m.WorkKind.name).tuples())
    column = correction_form.name_of("column", lesson.id, work and work.id)
    ask = url_for("corrections.new", **{column: names.get(_number(typed.get("kind")), ""),
                                           f"{column}-of": typed.get("title", ""), "lesson": lesson.id})
    return render_template("journal/work.html", work=work, ask=ask, lesson=lesson, kinds=kinds, typed=typed, problem=problem, action=action,
                           period=_period(lesson), received=_moment(work and work.received_at),
                           pupils=m.Mark.select(m.Mark.pupil).where(m.Mark.work == work).distinct().count() if work else 0,
                           zone=rulebook.verdicts.edit_zone(rules, rulebook.lesson_facts.lesson_facts(rules, lesson, work), clock.now()),
                           everyone=[("", _("as the kind of work")), ("yes", _("yes")), ("no", _("no"))])
