"""The register of backups (ARC-01, ARC-02): files the program wrote, copies on a physical medium that the administrator put aside."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import clock
import models as m
import policies
import rulebook.backups
from views import visitor
from views.language import say
from views.upkeep import read_day

bp = Blueprint("backups", __name__, url_prefix="/backups")

LISTED = 60


@bp.get("/")
def index():
    user = visitor.user()
    if not user.has(*policies.LEADERS, "ADM"):
        abort(403)
    return _page(user)


@bp.post("/")
def put_aside():
    """A copy lies on a physical medium now."""
    user = visitor.user()
    if not policies.allows(user, "create", m.Backup()):
        abort(403)
    try:
        m.Backup.put_aside(visitor.actor(), request.form.get("medium", ""), read_day(request.form.get("day", "")) or clock.today(),
                           request.form.get("note", ""))
    except m.Refused as refusal:
        return _page(user, {refusal.field: say(refusal.text)}, request.form), 422
    flash(_("The copy is in the register."), "success")
    return redirect(url_for(".index"))


def _page(user, errors=None, typed=None):
    return render_template(
        "backups/index.html", rows=list(policies.visible(user, m.Backup).order_by(m.Backup.id.desc()).limit(LISTED)), errors=errors or {},
        typed=typed or {}, rule=user.rules["backup.interval"], ages=rulebook.backups.ages(user.rules, user.today), today=user.today,
        may=policies.allows(user, "create", m.Backup()))
