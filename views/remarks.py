"""Remarks on journals (CTL-02, CTL-03): a leader writes one about a journal, a lesson, a cell or a class; its teacher answers; the leader
closes it or sends the answer back. Both sides have the list."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import models as m
import policies
import rulebook.remarks
from views import visitor
from views.language import say

bp = Blueprint("remarks", __name__, url_prefix="/remarks")

STATES = ("open", "answered", "closed")
SAID = {"answer": N_("The answer is sent."), "send_back": N_("The answer is sent back."), "close": N_("The remark is closed.")}
LISTED = 200


@bp.get("/")
def index():
    """The remarks one may read; `state` and `person` narrow the list."""
    user = _staff()
    state, person = request.args.get("state", ""), request.args.get("person", "")
    among = m.JournalRemark.narrowed(policies.visible(user, m.JournalRemark), state if state in STATES else "",
                                     int(person) if person.isascii() and person.isdigit() and len(person) < 10 else None)
    rows = list(m.JournalRemark.whole(among).limit(LISTED))
    leader = policies.allows(user, "create", m.JournalRemark())
    return render_template("remarks/index.html", rows=rows, state=state, person=person, leader=leader, today=user.today,
                           people=[(str(each.id), each.short_name) for each in m.JournalRemark.addressed()] if leader else [])


@bp.route("/new", methods=["GET", "POST"])
def new():
    """A new remark: to whom, about what (course, lesson, pupil, class), the words, until when an answer is expected."""
    user = _staff()
    if not policies.allows(user, "create", m.JournalRemark()):
        abort(403)
    about, people = _about(user)
    errors = {}
    if request.method == "POST":
        try:
            remark = rulebook.remarks.write(user, visitor.actor(), _addressee(people), request.form.get("text", ""), _due(), **about)
        except m.Refused as refusal:
            errors = {refusal.field: say(refusal.text)}
        else:
            flash(_("The remark is sent. The teacher sees it under «Today»."), "success")
            return redirect(url_for(".page", number=remark.id))
    choice = [(str(each.id), each.short_name) for each in people]
    return render_template("remarks/new.html", about=about, people=choice, errors=errors, typed=request.form, today=user.today,
                           chosen=request.values.get("person", "")), 422 if errors else 200


@bp.get("/<number>")
def page(number: str):
    return _page(_remark(number))


@bp.post("/<number>/<step>")
def act(number: str, step: str):
    """answer · send_back · close"""
    remark, user, by = _remark(number), visitor.user(), visitor.actor()
    steps = {"answer": lambda: rulebook.remarks.answer(user, by, remark, request.form.get("text", "")),
             "send_back": lambda: rulebook.remarks.send_back(user, by, remark, request.form.get("text", "")),
             "close": lambda: rulebook.remarks.close(user, by, remark)}
    if step not in steps:
        abort(404)
    try:
        steps[step]()
    except rulebook.remarks.NotYours:
        abort(403)
    except m.Refused as refusal:
        return _page(remark, say(refusal.text), request.form), 422
    flash(SAID[step], "success")
    return redirect(url_for(".page", number=remark.id))


def _page(remark, problem: str = "", typed=None):
    user, waits = visitor.user(), remark.closed_at is None
    return render_template("remarks/page.html", remark=remark, today=user.today, problem=problem, typed=typed or {},
                           may_answer=waits and policies.allows(user, "answer", remark),
                           may_close=waits and policies.allows(user, "close", remark))


# ---- who, which ----

def _about(user) -> tuple[dict, list]:
    """({what the remark is about}, people it may go to): from lesson, course, class and pupil of the request, each within sight."""
    found = {name: _seen(user, model, request.values.get(name, "")) for name, model in (
        ("lesson", m.Lesson), ("course", m.Course), ("school_class", m.SchoolClass), ("pupil", m.Pupil))}
    if found["lesson"]:
        found["course"] = found["lesson"].course
    return {name: row for name, row in found.items() if row}, m.JournalRemark.addressees(
        user.today, found["lesson"], found["course"], found["school_class"])


def _seen(user, model, number: str):
    return (policies.find(user, model, number) or abort(403)) if number else None


def _addressee(people) -> int:
    chosen = request.form.get("person", "")
    return next((person.id for person in people if str(person.id) == chosen), None) or _refuse("person", m.Text(m.N_("Choose to whom")))


def _due() -> date | None:
    text = request.form.get("due", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return _refuse("due", m.Text(m.N_("Choose the day")))


def _refuse(field: str, text: m.Text):
    raise m.Refused(text, field)


def _remark(number: str) -> m.JournalRemark:
    user = visitor.user()
    seen = policies.find(user, m.JournalRemark, number) if user.is_staff else None
    if seen is None:
        abort(403)
    return m.JournalRemark.whole(m.JournalRemark.select().where(m.JournalRemark.id == seen.id)).get()


def _staff():
    user = visitor.user()
    return user if user.is_staff else abort(403)
