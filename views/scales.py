"""A scale of marks of the school's own: one form, a row a mark (rulebook/scales.py). The list is an administrative screen."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import marking
import models as m
import policies
import rulebook.rules
import rulebook.scales
from views import visitor
from views.language import say

bp = Blueprint("scales", __name__, url_prefix="/scales")

SPARE = 3  # blank rows under the marks
LEVEL_NAMES = (("5", N_("as «5»")), ("4", N_("as «4»")), ("3", N_("as «3»")), ("2", N_("as «2», not positive")),
               ("зач", N_("as a pass")), ("незач", N_("as a fail, not positive")))


@bp.route("/new", methods=["GET", "POST"])
def new():
    """An empty form, or one filled as a scale that is there (`like`)."""
    return _form(m.MarkScale(name="", marks=[], averaged=True))


@bp.route("/<int:scale>", methods=["GET", "POST"])
def page(scale: int):
    return _form(policies.find(visitor.user(), m.MarkScale, scale) or abort(403))


@bp.post("/<int:scale>/delete")
def delete(scale: int):
    row = policies.find(visitor.user(), m.MarkScale, scale) or abort(403)
    try:
        rulebook.scales.remove(visitor.user(), visitor.actor(), row)
    except rulebook.scales.Foreign:
        abort(403)
    except m.Refused as refusal:
        return _page(row, row.name, rulebook.scales.typed(row.meant), row.averaged, ("", say(refusal.text))), 422
    flash(_("The scale «%(name)s» is deleted.", name=row.name), "success")
    return redirect(url_for("admin_mark_scale.index_view"))


def _form(row):
    user = visitor.user()
    if not policies.allows(user, "edit" if row.id else "create", row):
        abort(403)
    if request.method == "GET":
        like = marking.scale_of(request.args.get("like", "none")) if not row.id else row.meant
        return _page(row, row.name, rulebook.scales.typed(like), like.averaged or not like.marks)
    name, averaged = request.form.get("name", "").strip()[:60], "averaged" in request.form
    columns = [[text.strip()[:20] for text in request.form.getlist(column)] for column in rulebook.scales.Typed._fields]
    if len({len(column) for column in columns}) != 1:
        abort(400)
    rows = [each for each in map(rulebook.scales.Typed, *columns) if each.mark or each.worth or each.least]
    try:
        rulebook.scales.keep(user, visitor.actor(), row, name, rows, averaged)
    except rulebook.scales.Foreign:
        abort(403)
    except m.Refused as refusal:
        return _page(row, name, rows, averaged, (refusal.field, say(refusal.text))), 422
    flash(_("The scale is kept. Choose it for subjects or single journals."), "success")
    return redirect(url_for(".page", scale=row.id))


def _page(row, name, rows, averaged, problem=("", "")):
    policy = rulebook.rules.rules_on(visitor.user().today).value("final.rounding")
    steps = [(mark, f"{float(least):.2f}".replace(".", ",")) for mark, least in row.meant.steps(policy)] if row.id else []
    return render_template(
        "admin/scale.html", row=row, name=name, rows=[*rows, *[rulebook.scales.Typed("")] * SPARE][:rulebook.scales.MOST_MARKS],
        averaged=averaged, problem=problem, levels=LEVEL_NAMES, steps=steps, users=row.users() if row.id else [],
        last=row.meant.ladder[-1:] if row.id else (), likes=[("marks", _("marks 5 to 2")), ("ten", _("ten points")),
                                                          ("letters", _("letters A to D")), ("pass", _("pass or fail"))])
