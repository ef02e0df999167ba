"""How the journal is used (CTL-13): the staff and the classes for those who run the school, pupils and parents of a class for its class
teacher, and the reports of use that are kept month by month (CTL-04)."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, request, send_file, url_for

import clock
import models as m
import policies
import rulebook.activity
from exchange import kept
from printouts import activity as printout
from printouts.render import TYPES
from rulebook.due import span_of
from views import visitor
from views.frame import ROLE_NAMES

bp = Blueprint("activity", __name__, url_prefix="/activity")

GROUPS = ("ADMINISTRATION", "CLASS_TEACHERS", "TEACHERS")


@bp.get("/")
def index():
    """The month: who of the staff and how many of each class opened the journal. A class teacher goes to the own class."""
    user = visitor.user()
    if not _runs_school(user):
        return redirect(url_for(".of_class", number=user.classes[0])) if user.classes else abort(403)
    span = _month()
    members = rulebook.activity.staff(span.first, span.last)
    groups = [rulebook.activity.of_office(members, getattr(rulebook.activity, name)) for name in GROUPS]
    may = user.rules.value("security.admin_monitors_students")
    return render_template(
        "activity/index.html", span=span, members=members, groups=groups, classes=rulebook.activity.by_class(span.first, span.last),
        named=may, rule=user.rules["security.admin_monitors_students"], names=ROLE_NAMES, parts=rulebook.activity.PARTS,
        bonus=user.rules.value("bonus.basis"), **_beside(span))


@bp.get("/classes/<number>")
def of_class(number: str):
    """Pupils and parents of a class by name: its class teacher, and leaders where the regulation lets them (CTL-13)."""
    user = visitor.user()
    school_class = policies.find(user, m.SchoolClass, number) if user.is_staff else None
    if school_class is None or not policies.allows(user, "watch", school_class):
        abort(403)
    visitor.looked("activity of class")
    span = _month()
    found = rulebook.activity.by_class(span.first, span.last, school_class.id)
    return render_template("activity/class.html", school_class=school_class, span=span, parts=rulebook.activity.PARTS,
                           use=found[0] if found else rulebook.activity.ClassUse(school_class.id, school_class.name), **_beside(span))


@bp.get("/reports")
def reports():
    """The reports that were made, the newest first."""
    user = visitor.user()
    if not _runs_school(user):
        abort(403)
    rows = list(policies.visible(user, m.ActivityReport).order_by(m.ActivityReport.first.desc()))
    return render_template("activity/reports.html", rows=rows, rule=user.rules["reports.activity_interval"], when=printout.when,
                           waiting=rulebook.activity.due_reports(clock.now()))


@bp.get("/reports/<number>/<kind>")
def report(number: str, kind: str):
    """A report as it was made, byte for byte; 403 for one that was changed on the disk would hide it, so it is said (410)."""
    row = policies.find(visitor.user(), m.ActivityReport, number)
    if row is None or kind not in TYPES:
        abort(403)
    body = kept.unchanged(Path(current_app.instance_path) / "files", getattr(row, kind))
    if body is None:
        return render_template("activity/lost.html", row=row, digest=getattr(row, kind)), 410
    return send_file(BytesIO(body), TYPES[kind], as_attachment=True, download_name=f"aktivnost-{row.first}-{row.last}.{kind}")


def _runs_school(user) -> bool:
    return user.has(*policies.LEADERS, "ADM")


def _month():
    """The month asked for («2026-11»), without a wish the one that runs."""
    try:
        day = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        day = clock.today()
    return span_of("P1M", day if 2000 <= day.year <= 2100 else clock.today())


def _beside(span) -> dict:
    after = span.last + timedelta(days=1)
    return {"before": f"{span.first - timedelta(days=1):%Y-%m}", "after": f"{after:%Y-%m}" if after <= clock.today() else None}
