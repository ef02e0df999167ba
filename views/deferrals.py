"""Deferred marks: whose mark of a period waits for a later passing, why, until when and by which paper (FIN-08, FIN-09).

A teacher puts a mark off where marks are put; here the administration does it for all subjects of a pupil who is ill, and everybody sees
what runs and what is over.
"""

from datetime import date
from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.deferrals
import rulebook.entries
import rulebook.rules
from views import visitor
from views.language import say

bp = Blueprint("deferrals", __name__, url_prefix="/deferrals")


@bp.get("/")
def index():
    """What runs: the own journals', the own class's, for the administration all of them."""
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    rows = list(rulebook.deferrals.running(policies.without_family(user)))
    groups = [list(group) for _ground, group in groupby(rows, key=_ground_of)]
    return render_template("deferrals/index.html", groups=groups, today=user.today,
                           own={row.id for row in rows if policies.allows(user, "edit", row)},
                           rule=rulebook.rules.rules_on(user.today)["final.instead_of_na"], classes=_classes(user))


def _ground_of(row) -> tuple:
    """What deferrals of a pupil have in common: they are told together."""
    return row.until, row.mark.pupil_id, row.mark.period_id, row.reason, row.paper


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Put off the marks of a pupil of a class (`of`) in a period, in some subjects or in all."""
    user = visitor.user()
    school_class = next((each for each in _classes(user) if str(each.id) == request.values.get("of")), None) or abort(403)
    pupils = list(m.Pupil.of_class(school_class, user.today))
    periods = [period for period in m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(
        m.Period.period_set == school_class.period_set_id).order_by(m.Period.starts) if period.starts <= user.today]
    pupil, period = _chosen(pupils, "pupil"), _chosen(periods, "period") or (periods or [None])[-1]
    courses = rulebook.deferrals.courses_of(user, pupil.id, school_class, period) if pupil and period else []
    error = None
    if request.method == "POST" and courses:
        error = _put_off(pupil, period, courses)
        if error is None:
            return redirect(url_for(".index"))
    page = render_template("deferrals/new.html", school_class=school_class,
                           pupils=[(str(each.id), each.person.full_name) for each in pupils],
                           periods=[(str(each.id), each.name) for each in periods], pupil=pupil, period=period, courses=courses,
                           error=error, typed=request.form, marked=set(request.form.getlist("course")) if request.form else None)
    return page, 422 if error else 200


@bp.route("/<int:deferral>", methods=["GET", "POST"])
def change(deferral: int):
    """Another day, ground or paper; the mark itself is put where marks are put."""
    user = visitor.user()
    row, error = rulebook.deferrals.one_of(policies.without_family(user), deferral) or abort(403), None
    if request.method == "POST":
        try:
            outcome = rulebook.deferrals.amend(user, visitor.actor(), row, **_told())
            error = None if outcome.state in ("saved", "late") else (None, say(outcome.message))
        except rulebook.entries.Foreign:
            abort(403)
        except m.Refused as refusal:
            error = refusal.field, say(refusal.text)
        if error is None:
            flash(_("The deferral is kept."), "success")
            return redirect(url_for(".index"))
    return render_template("deferrals/change.html", row=row, error=error, typed=request.form, today=user.today), 422 if error else 200


def _put_off(pupil, period, courses) -> tuple | None:
    """Write it; (field, sentence) of what stands against it."""
    wanted = [course.id for course in courses if str(course.id) in request.form.getlist("course")]
    if not wanted:
        return "course", _("Choose a subject at least.")
    try:
        outcomes = rulebook.deferrals.put_off(visitor.user(), visitor.actor(), pupil.id, period.id, wanted, **_told())
    except rulebook.entries.Foreign:
        abort(403)
    except m.Refused as refusal:
        return refusal.field, say(refusal.text)
    kept = [outcome for outcome in outcomes.values() if outcome.state in ("saved", "late")]
    odd = next((outcome for outcome in outcomes.values() if outcome not in kept), None)
    if not kept:
        return None, say(odd.message) if odd else _("There are marks in these subjects already: nothing has to be put off.")
    flash(ngettext("%(num)s mark is put off.", "%(num)s marks are put off.", len(kept)), "success")
    if odd:
        flash(say(odd.message), "warning")
    return None


def _told() -> dict:
    """What the form says of the ground; Refused for a day that is none."""
    form = request.form
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise m.Refused(m.Text(m.N_("Choose the day until which the pupil passes.")), "until") from None
    return {"until": until, "reason": form.get("reason", "").replace("\0", "").strip()[:300],
            "paper": form.get("paper", "").replace("\0", "").strip()[:200]}


def _classes(user) -> list[m.SchoolClass]:
    """Classes of this year in which the user may put marks off."""
    year = m.Year.on(clock.today())
    of_year = m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort)
    if user.has(*policies.LEADERS):
        return list(of_year)
    own = [course for course in user.taught if policies.teaches_now(user, m.Course(id=course))]
    return list(of_year.where(m.SchoolClass.id.in_(m.Unit.select(m.Unit.school_class).join(m.Course).where(m.Course.id.in_(own)))))


def _chosen(rows, name: str):
    return next((row for row in rows if str(row.id) == request.values.get(name)), None)
