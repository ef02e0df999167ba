"""Intake of the school's Excel files in the browser: upload, questions, preview, writing, undo (mock 11)."""

import csv
import io
from datetime import date
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

import clock
import models as m
import policies
from exchange import intake
from exchange.intake.desk import Desk, unfold, unpack
from views import visitor
from views.admin_words import TITLES
from views.frame import ROLE_NAMES
from views.language import say

bp = Blueprint("intake", __name__, url_prefix="/intake")

SHOWN = 60  # rows of a table listed on the page; the report has all of them
PAST = 6


@bp.before_request
def _only_those_who_may():
    if not policies.allows(visitor.user(), "create", m.ImportRun()):
        abort(403)


@bp.get("/")
def start():
    """Where files are given, and what was taken in before."""
    return _start_page()


@bp.post("/")
def upload():
    """Files or an archive onto a desk of one's own; the dry run begins."""
    try:
        files = unfold([(each.filename, each.read()) for each in request.files.getlist("files") if each.filename], _limit())
    except m.Refused as refusal:
        return _start_page(say(refusal.text)), 422
    desk = Desk.lay(_root(), current_user.person, files)
    desk.start(visitor.actor("intake"))
    return redirect(url_for("intake.look", token=desk.token))


@bp.get("/<token>")
def look(token):
    """Reading goes on, or the preview with its questions, or what was written."""
    desk = _desk(token)
    if desk.stage in {"reading", "writing"}:
        return render_template("intake/wait.html", desk=desk, state=desk.state)
    if desk.stage == "failed":
        problem = desk.state.get("problem")
        return render_template("intake/failed.html", desk=desk, problem=say(unpack(problem)) if problem else None)
    found = desk.found()
    return render_template("intake/preview.html", desk=desk, **_preview(found, desk.stage == "done"), today=clock.today(), past=_past())


@bp.get("/<token>/progress")
def progress(token):
    """JSON {stage, done, of, name} for the page that waits."""
    desk = _desk(token)
    return jsonify(stage=desk.stage, **{name: desk.state.get(name) for name in ("done", "of", "name")})


@bp.post("/<token>/answers")
def answer(token):
    """Answers to the questions: the files are tried again with them."""
    desk = _desk(token)
    found = desk.found() or {"questions": []}
    given = {}
    for number, question in enumerate(found["questions"]):
        value = request.form.get(f"q{number}", "?")
        if value in {option for option, _label in question["options"]} - {"?"} or not question["options"] and _is_day(value):
            given[question["key"]] = value
    desk.start(visitor.actor("intake"), answers=given)
    return redirect(url_for("intake.look", token=token))


@bp.post("/<token>/write")
def write(token):
    """Everything at once: one act, or nothing."""
    desk = _desk(token)
    if desk.stage == "preview":
        desk.start(visitor.actor("intake"), write=True)
    return redirect(url_for("intake.look", token=token))


@bp.post("/<token>/clear")
def clear(token):
    """Stop, and throw the files away."""
    _desk(token).clear()
    flash(_("The files were thrown away, nothing was written."), "ok")
    return redirect(url_for("intake.start"))


@bp.get("/<token>/report.csv")
def report(token):
    """Every finding and every row of the preview, for a spreadsheet."""
    found = _desk(token).found() or abort(403)
    stream = io.StringIO()
    table = csv.writer(stream, delimiter=";")
    table.writerow([_("What"), _("File"), _("Sheet"), _("Cell"), _("Value"), _("Message")])
    for severity, file, sheet, cell, value, message in found["findings"]:
        table.writerow(map(_harmless, [_severity(severity), file, sheet, cell, value, say(unpack(message))]))
    for action, name, label, (file, sheet, cell), changes in found["items"]:
        table.writerow(map(_harmless, [_("create") if action == "create" else _("change"), file, sheet, cell, _table(name),
                                       f"{_role_named(label)} {_changes(changes)}".strip()]))
    return Response("\ufeff" + stream.getvalue(), mimetype="text/csv; charset=utf-8",
                    headers={"Content-Disposition": "attachment; filename=intake.csv"})


@bp.post("/runs/<int:run>/undo")
def undo(run):
    """Takes a whole intake back, as long as nothing depends on it."""
    try:
        count = intake.undo(visitor.actor("intake"), run)
        flash(_("The intake is undone: %(n)s rows were taken back.", n=count), "ok")
    except m.ImportRun.DoesNotExist:
        abort(403)
    except m.Refused as refusal:
        flash(say(refusal.text), "error")
    return redirect(url_for("intake.start"))


def _start_page(problem=None):
    return render_template("intake/start.html", problem=problem, past=_past(), limit=_limit() // 2**20)


def _limit():
    return (g.school.upload_limit_mb if g.school else 10) * 2**20


def _root():
    return Path(current_app.instance_path) / "intake"


def _desk(token):
    """One's own desk; somebody else's and a missing one are the same 403."""
    try:
        desk = Desk(_root(), token)
    except (FileNotFoundError, ValueError, KeyError):
        abort(403)
    if desk.state["owner"] != current_user.person:
        abort(403)
    return desk


def _preview(found, done):
    """What a page shows of it; a cell that is asked about stands among the questions only."""
    found = found or {"findings": [], "questions": [], "items": [], "columns": [], "understood": False, "lessons": 0}
    asked = [question["place"] for question in found["questions"] if not question["options"] and not done]
    findings = [_finding(*each) for each in found["findings"] if not (each[0] == "error" and each[1:4] in asked)]
    return {
        "understood": found["understood"], "lessons": found["lessons"], "questions": [_question(each) for each in found["questions"]],
        "errors": [each for each in findings if each["severity"] == "error"],
        "warnings": [each for each in findings if each["severity"] == "warning"],
        "infos": [each for each in findings if each["severity"] == "info"],
        "tables": [(_place(*place), say(unpack(kind)), [(heading, say(unpack(meaning))) for heading, meaning in columns])
                   for place, kind, columns in found["columns"]],
        "created": _groups(found["items"], "create"), "changed": _groups(found["items"], "change")}


def _is_day(text) -> bool:
    try:
        return date.fromisoformat(text) <= clock.today()
    except ValueError:
        return False


def _finding(severity, file, sheet, cell, value, message):
    """A line of the preview; the raw value only where the message does not repeat it."""
    words = say(unpack(message))
    shown = value if value is not None and cell and str(value) not in words and severity != "error" else None
    return {"severity": severity, "place": _place(file, sheet, cell), "message": words, "value": shown}


def _question(question):
    options = [(value, say(unpack(label)) if isinstance(label, dict) else label) for value, label in question["options"]]
    return {"message": say(unpack(question["message"])), "place": _place(*question["place"]), "options": options,
            "guess": question["guess"]}


def _groups(items, action):
    """The preview by table: its name, number of rows, files, the first rows with their places."""
    groups = {}
    for act, name, label, place, changes in items:
        if act == action:
            groups.setdefault(name, []).append((_role_named(label), _place(*place), _changes(changes), place[0]))
    return [{"name": _table(name), "count": len(rows), "rows": rows[:SHOWN], "more": max(len(rows) - SHOWN, 0),
             "files": _files(rows), "example": rows[0][0]} for name, rows in groups.items()]


def _role_named(label):
    """«Иванова Анна — DIR» with the role in words."""
    head, dash, role = label.rpartition(" — ")
    return f"{head}{dash}{ROLE_NAMES.get(role, role)}"


def _files(rows):
    names = list(dict.fromkeys(file for *_row, file in rows if file))
    shown = ", ".join(names[:2])
    return _("%(files)s and %(n)s more", files=shown, n=len(names) - 2) if len(names) > 2 else shown


def _place(file, sheet, cell):
    return " · ".join(part for part in (file, sheet and _("sheet «%(name)s»", name=sheet),
                                     (cell or "").replace(",", ", ")) if part)


def _changes(changes):
    return "; ".join(f"{was or '—'} → {now}" for was, now in changes.values())


def _table(name):
    model = next((model for model in m.TABLES if model._meta.table_name == name), None)
    return str(TITLES[model][0]) if model in TITLES else name


def _severity(severity):
    return {"error": _("error"), "warning": _("check"), "info": _("for information")}[severity]


def _harmless(value):
    """A cell that a spreadsheet will not take for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in "=+-@\t\r" and not text[1:].isdigit() else text


def _past():
    return list(m.ImportRun.select(m.ImportRun, m.Person).join(m.Person, "LEFT JOIN").order_by(m.ImportRun.id.desc()).limit(PAST))
