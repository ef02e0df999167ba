"""Closing a period for classes and opening it again: a plain action of the deputy or the director, with a reason (FIN-05, LEG-07).

What is missing stands beside every class; a class is closed when nothing is, and opened again only by saying why.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import policies_results
import policies_rules
from views import visitor
from views.language import say

bp = Blueprint("control", __name__, url_prefix="/control")


@bp.get("/")
def periods():
    """Class by class: what is missing in the period, what is closed, who closed it and why."""
    _leader()
    choice = _periods()
    period = _asked(request.args.get("period"), choice) if choice else None
    if period is None:
        return render_template("control/nothing.html")
    history = list(m.PeriodClosure.of_period(period).limit(200))
    rows = _rows(period, _classes(period), history)
    return render_template("control/periods.html", choice=choice, period=period, rows=rows, history=history,
                           ready=[row["class"] for row in rows if row["state"] == "ready"],
                           put=sum(row["put"] for row in rows), pupils=sum(row["pupils"] for row in rows))


@bp.route("/<number>/close", methods=["GET", "POST"])
def close(number: str):
    """Say once more what will be closed, ask why, close."""
    _leader()
    period = _period(number)
    chosen = [each for each in _classes(period) if str(each.id) in request.values.getlist("class")]
    if len(chosen) != len(set(request.values.getlist("class"))):
        abort(403)
    if not chosen:
        flash(_("Choose the classes to close."), "warning")
        return redirect(url_for(".periods", period=period.id))
    problem = _close(period, chosen) if request.method == "POST" else policies_results.may_close(period, chosen, _rules())
    if request.method == "POST" and not problem:
        flash(ngettext("%(period)s is closed for %(num)s class.", "%(period)s is closed for %(num)s classes.", len(chosen),
                       period=period.name), "success")
        return redirect(url_for(".periods", period=period.id))
    page = render_template("control/close.html", period=period, chosen=chosen, problem=problem and say(problem),
                           reason=request.form.get("reason", ""), early=clock.today() < period.ends)
    return page, 422 if request.method == "POST" else 200


@bp.route("/closures/<number>/reopen", methods=["GET", "POST"])
def reopen(number: str):
    closure = policies.find(visitor.user(), m.PeriodClosure, number)
    if closure is None or not policies.allows(visitor.user(), "reopen", closure):
        abort(403)
    problem = _reopen(closure) if request.method == "POST" else None
    if request.method == "POST" and not problem:
        flash(_("%(period)s is open again for %(name)s.", period=closure.period.name, name=closure.school_class.name), "success")
        return redirect(url_for(".periods", period=closure.period_id))
    page = render_template("control/reopen.html", closure=closure, problem=problem and say(problem),
                           reason=request.form.get("reason", ""))
    return page, 422 if problem else 200


# ---- the two actions ----

def _close(period, classes) -> m.Text | None:
    """Close, or tell why not."""
    with m.writing(visitor.actor()):
        problem = policies_results.may_close(period, classes, _rules())
        if problem:
            return problem
        try:
            m.PeriodClosure.close(visitor.actor(), period, classes, request.form.get("reason", ""))
        except m.Refused as refusal:
            return refusal.text
    return None


def _reopen(closure) -> m.Text | None:
    try:
        closure.reopen(visitor.actor(), request.form.get("reason", ""))
    except m.Refused as refusal:
        return refusal.text
    return None


# ---- who, which ----

def _leader() -> None:
    if not policies.allows(visitor.user(), "close", m.Period()):
        abort(403)


def _rules():
    return policies_rules.rules_on(clock.today())


def _periods() -> list[m.Period]:
    """Periods of the year of the sets that classes use, by set and number."""
    used = m.SchoolClass.select(m.SchoolClass.period_set).where(m.SchoolClass.year == m.Year.on(clock.today()))
    return list(m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(m.PeriodSet.id.in_(used)).order_by(
        m.PeriodSet.id, m.Period.number))


def _asked(text: str | None, choice: list[m.Period]) -> m.Period:
    """The period asked for; without a wish the last one that began."""
    if text is not None:
        return next((period for period in choice if str(period.id) == text), None) or abort(403)
    begun = [period for period in choice if period.starts <= clock.today()]
    return max(begun, key=lambda period: (period.starts, -period.id)) if begun else choice[0]


def _period(number: str) -> m.Period:
    return _asked(number, _periods())


def _classes(period) -> list[m.SchoolClass]:
    return list(m.SchoolClass.select().where(m.SchoolClass.period_set == period.period_set_id).order_by(m.SchoolClass.sort))


# ---- what the page shows ----

def _rows(period, classes, history) -> list[dict]:
    progress = policies_results.period_progress(period, classes, _rules())
    closed = {row.school_class_id: row for row in history if row.reopened_at is None}
    return [_row(each, progress[each.id], closed.get(each.id)) for each in classes]


def _row(school_class, courses, closure) -> dict:
    """state: closed · ready · missing"""
    lacking = sorted((course for course in courses if course.missing), key=lambda course: -course.missing)
    state = "closed" if closure else "missing" if lacking else "ready"
    return {"class": school_class, "state": state, "closure": closure, "lacking": lacking, "graded": bool(courses),
            "missing": sum(course.missing for course in lacking), "put": sum(course.put for course in courses),
            "pupils": sum(course.pupils for course in courses)}

