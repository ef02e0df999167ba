"""Days by order: which classes learn at a distance or have no lessons, from when to when, by which order (SUB-04, PLN-04).

All staff read it; the deputy head and the administrator write. The calendar among the lists holds the same rows.
"""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from peewee import JOIN

import models as m
import policies
import rulebook.quarantine
from views import visitor
from views.language import say

bp = Blueprint("quarantine", __name__, url_prefix="/orders")


@bp.get("/")
def index():
    return _page()


@bp.post("/")
def lay():
    """A new order, for the classes chosen or the whole school."""
    user = _writer()
    form, year = request.form, m.Year.on(user.today)
    try:
        orders = _orders(year, form)
        concerned, kept = rulebook.quarantine.lay(visitor.actor(), user.rules, orders)
    except m.Refused as refusal:
        return _page({refusal.field or "starts": say(refusal.text)})
    if orders[0].kind == "cancelled":
        flash(ngettext("%(num)s lesson falls out.", "%(num)s lessons fall out.", concerned), "success")
        if kept:
            flash(ngettext("%(num)s lesson of these days stays: something is entered in it already.",
                           "%(num)s lessons of these days stay: something is entered in them already.", kept), "warning")
        return redirect(url_for("plan_course.calendar"))
    flash(ngettext("%(num)s lesson is given at a distance.", "%(num)s lessons are given at a distance.", concerned), "success")
    return redirect(url_for(".index"))


@bp.post("/end")
def end():
    """Orders (`id`, several) end on another day, or are taken back."""
    user = _writer()
    rows = [policies.find(user, m.Holiday, number) or abort(403) for number in request.form.getlist("id")[:200]]
    if not rows or any(row.kind not in rulebook.quarantine.KINDS for row in rows):
        abort(403)
    try:
        with m.writing(visitor.actor()):
            for row in rows:
                last = date.min if "back" in request.form else _day("last")
                rulebook.quarantine.end(visitor.actor(), user.rules, row, last)
    except m.Refused as refusal:
        flash(say(refusal.text), "error")
        return redirect(url_for(".index"))
    flash(_("The order is taken back.") if "back" in request.form else _("The order ends on another day now."), "success")
    return redirect(url_for(".index"))


def _page(errors=None):
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    year = m.Year.on(user.today)
    classes = list(m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort))
    page = render_template(
        "orders/index.html", groups=_groups(year), classes=classes, errors=errors or {}, form=request.form, today=user.today,
        kinds=[(kind, _(words)) for kind, words in rulebook.quarantine.KINDS.items()], may=policies.allows(user, "create", m.Holiday()),
        presence=rulebook.quarantine.presence(user.rules), rule=user.rules["quarantine.mode"], chosen=request.form.getlist("class"))
    return page, 422 if errors else 200


def _groups(year) -> list[dict]:
    """Orders that say the same of several classes as one, those to come and the running ones first."""
    found: dict[tuple, dict] = {}
    rows = m.Holiday.select(m.Holiday, m.SchoolClass).join(m.SchoolClass, JOIN.LEFT_OUTER, attr="school_class").where(
        (m.Holiday.year == year) & m.Holiday.kind.in_(list(rulebook.quarantine.KINDS))).order_by(
        m.Holiday.ends.desc(), m.Holiday.starts.desc(), m.SchoolClass.sort)
    for row in rows:
        key = row.kind, row.name, row.order_no, row.starts, row.ends, row.instruction
        group = found.setdefault(key, {"row": row, "ids": [], "classes": []})
        group["ids"].append(row.id)
        group["classes"].append(_whom(row))
    return list(found.values())


def _whom(row) -> str:
    if row.school_class_id:
        return row.school_class.name
    if row.grade_from or row.grade_to:
        return _("grades %(low)s–%(high)s", low=row.grade_from or 1, high=row.grade_to or 11)
    return _("the whole school")


def _orders(year, form) -> list[m.Holiday]:
    """Unsaved rows of the order as sent; Refused for what is missing."""
    known = {str(each.id): each for each in m.SchoolClass.select().where(m.SchoolClass.year == year)}
    classes = [None] if "everybody" in form else [known[number] for number in form.getlist("class") if number in known]
    if form.get("kind") not in rulebook.quarantine.KINDS or year is None:
        abort(400)
    if not form.get("name", "").strip():
        raise m.Refused(m.Text(m.N_("Say why: quarantine, frost, no heating…")), "name")
    if not classes:
        raise m.Refused(m.Text(m.N_("Choose the classes, or the whole school.")), "class")
    words = {name: form.get(name, "").replace("\0", "").strip()[:limit]
             for name, limit in (("name", 150), ("order_no", 60), ("instruction", 500))}
    days = {"starts": _day("starts"), "ends": _day("ends")}
    return [m.Holiday(year=year, kind=form["kind"], school_class=each, **days, **words) for each in classes]


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise m.Refused(m.Text(m.N_("Please give a date.")), name) from None


def _writer():
    user = visitor.user()
    return user if policies.allows(user, "create", m.Holiday()) else abort(403)
