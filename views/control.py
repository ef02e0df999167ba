"""Closing a period: what stands in its way by class, teacher and kind; reminding; closing with a signature; holding marks back from
families; opening again by a paper. Leaders see the school, a teacher the own list of the period. FIN-05, FIN-12, FIN-14, LEG-07.
"""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.closing
import rulebook.rules
import rulebook.signing as signing
from views import control_rows, spreadsheet, visitor
from views.language import moment, say

bp = Blueprint("control", __name__, url_prefix="/control")

GROUPS = ("class", "teacher", "kind")


@bp.get("/")
def periods():
    """Everything that stands in the way of closing a period, the classes that are ready, who was reminded."""
    _leader()
    choice = _periods()
    period = _asked(request.args.get("period"), choice) if choice else None
    if period is None:
        return render_template("control/nothing.html")
    group = request.args.get("by", "class")
    rules, classes = _rules(), _classes(period)
    facts = control_rows.overview(period, classes, rules, clock.now(), group if group in GROUPS else abort(403))
    return render_template("control/periods.html", choice=choice, period=period, group=group, today=clock.today(), **facts)


@bp.get("/<number>/list")
def listed(number: str):
    """The same as a table for Excel: what was found at the control of the marks of a period (FIN-14)."""
    _leader()
    period = _period(number)
    parts = rulebook.closing.survey(period, _classes(period), _rules(), clock.now())
    return spreadsheet.answer("xlsx", _("Control, %(period)s", period=period.name), *control_rows.sheet(parts, _classes(period)))


# ---- the list of one teacher ----

@bp.get("/<number>/own")
def own(number: str):
    """What keeps the period open in the own journals, place by place; here a teacher signs them."""
    user = visitor.user()
    if not user.taught:
        abort(403)
    period = _period(number)
    return _list_of(period, user.person, "", set(user.taught), signs=True)


@bp.get("/<number>/of/<person>")
def of_teacher(number: str, person: str):
    _leader()
    period, who = _period(number), policies.find(visitor.user(), m.Person, person)
    courses = {course for course, in m.Assignment.on(clock.today()).where(m.Assignment.teacher == who).select(
        m.Assignment.course).tuples()} if who else set()
    if not courses:
        abort(403)
    return _list_of(period, who.id, who.full_name, courses)


def _list_of(period, person: int, name: str, courses: set[int], signs: bool = False):
    facts = control_rows.of_teacher(period, _classes(period), _rules(), clock.now(), person, courses)
    return render_template("control/teacher.html", period=period, person=person, name=name, signs=signs, choice=_periods(), **facts)


@bp.post("/<number>/sign/<course>")
def sign(number: str, course: str):
    """The teacher signs an own journal of the period that nothing stops from being closed."""
    period, row = _period(number), policies.find(visitor.user(), m.Course, course)
    if row is None or not policies.allows(visitor.user(), "edit", m.PeriodMark(course=row.id)):
        abort(403)
    try:
        signing.sign(visitor.user(), visitor.actor(), row.id, period, _classes(period), _rules())
    except m.Refused as refusal:
        flash(say(refusal.text), "warning")
    else:
        flash(_("The journal is signed."), "success")
    return redirect(url_for(".own", number=period.id))


# ---- reminding ----

@bp.post("/<number>/remind")
def remind(number: str):
    """All teachers in whose journals something is found, or those named; each finds the own list behind the notice."""
    _leader()
    period, rules = _period(number), _rules()
    named = request.form.getlist("person")
    parts = rulebook.closing.survey(period, _classes(period), rules, clock.now())
    concerned = [person for person, _name, _parts in rulebook.closing.by_teacher(parts) if person and (not named or str(person) in named)]
    told, lately = signing.remind(visitor.user(), visitor.actor(), period, concerned, rules)
    if told:
        flash(ngettext("%(num)s teacher is reminded.", "%(num)s teachers are reminded.", len(told)), "success")
    if lately:
        flash(ngettext("%(num)s teacher was reminded within the hour and is not told again.",
                       "%(num)s teachers were reminded within the hour and are not told again.", len(lately)), "warning")
    if not concerned:
        flash(_("There is nobody to remind: nothing is missing."), "success")
    return redirect(request.form.get("back") == "teacher" and named and url_for(".of_teacher", number=period.id, person=named[0])
                    or url_for(".periods", period=period.id, by="teacher"))


# ---- closing ----

@bp.route("/<number>/close", methods=["GET", "POST"])
def close(number: str):
    """Say once more what will be closed and with what, ask why, close; what cannot be closed is told class by class."""
    _leader()
    period = _period(number)
    chosen = _chosen(period)
    if not chosen:
        flash(_("Choose the classes to close."), "warning")
        return redirect(url_for(".periods", period=period.id))
    problem = None
    if request.method == "POST":
        try:
            result = signing.close(visitor.user(), visitor.actor(), period, chosen, request.form.get("reason", ""), _rules(),
                                   "knowingly" in request.form)
        except m.Refused as refusal:
            problem = say(refusal.text)
        else:
            if result.done:
                return _closed(period, result)
    rows = control_rows.to_close(period, chosen, _rules(), clock.now())
    page = render_template("control/close.html", period=period, rows=rows, chosen=chosen, problem=problem, typed=request.form,
                           early=clock.today() < period.ends)
    return page, 422 if request.method == "POST" else 200


def _closed(period, result: signing.Closed):
    names = ", ".join(each.name for each in result.done)
    flash(ngettext("%(period)s is closed for %(num)s class: %(names)s.", "%(period)s is closed for %(num)s classes: %(names)s.",
                   len(result.done), period=period.name, names=names), "success")
    for school_class, why in result.refused:
        flash(_("%(name)s is not closed. %(why)s", name=school_class.name, why=say(why)), "warning")
    return redirect(url_for(".periods", period=period.id))


@bp.get("/closures/<number>")
def signature(number: str):
    """The signature of a closing: who, in which role, when, what was closed, and whether it still stands as it was."""
    closure = _closure(number)
    return render_template("control/signature.html", closure=closure, **control_rows.signature(closure, clock.now()))


@bp.route("/closures/<number>/reopen", methods=["GET", "POST"])
def reopen(number: str):
    closure, problem = _closure(number), None
    if request.method == "POST":
        form = request.form
        try:
            signing.reopen(visitor.user(), visitor.actor(), closure, form.get("reason", ""), form.get("paper", ""), _day(form.get("until")))
        except m.Refused as refusal:
            problem = refusal
        else:
            flash(_("%(period)s is open for %(name)s until %(until)s, then it is closed again by itself.", period=closure.period.name,
                    name=closure.school_class.name, until=moment(closure.reopened_until)), "success")
            return redirect(url_for(".periods", period=closure.period_id))
    errors = {problem.field or "reason": say(problem.text)} if problem else {}
    page = render_template("control/reopen.html", closure=closure, errors=errors, typed=request.form, today=clock.today(),
                           most=clock.today() + signing.LONGEST_OPENING)
    return page, 422 if problem else 200


# ---- families ----

@bp.route("/<number>/hold", methods=["GET", "POST"])
def hold(number: str):
    """Hold the marks of a period back from the families of the chosen classes, with a reason."""
    _leader()
    period = _period(number)
    chosen, problem = _chosen(period), None
    if not chosen:
        flash(_("Choose the classes whose marks are held back."), "warning")
        return redirect(url_for(".periods", period=period.id))
    if request.method == "POST":
        try:
            signing.hold(visitor.user(), visitor.actor(), period, chosen, request.form.get("reason", ""))
        except m.Refused as refusal:
            problem = say(refusal.text)
        else:
            flash(ngettext("The marks of %(num)s class are held back.", "The marks of %(num)s classes are held back.", len(chosen)),
                  "success")
            return redirect(url_for(".periods", period=period.id))
    page = render_template("control/hold.html", period=period, chosen=chosen, problem=problem, limit=control_rows.limit(_rules()),
                           reason=request.form.get("reason", ""))
    return page, 422 if problem else 200


@bp.post("/<number>/publish")
def publish(number: str):
    _leader()
    period = _period(number)
    chosen = _chosen(period)
    signing.publish(visitor.user(), visitor.actor(), period, chosen)
    if chosen:
        flash(_("Families see the marks now: %(names)s.", names=", ".join(each.name for each in chosen)), "success")
    return redirect(url_for(".periods", period=period.id))


# ---- who, which ----

def _leader() -> None:
    if not policies.allows(visitor.user(), "close", m.Period()):
        abort(403)


def _closure(number: str) -> m.PeriodClosure:
    closure = policies.find(visitor.user(), m.PeriodClosure, number)
    if closure is None or not policies.allows(visitor.user(), "reopen", closure):
        abort(403)
    return closure


def _rules():
    return rulebook.rules.rules_on(clock.today())


def _periods() -> list[m.Period]:
    """Periods of the year of the sets that classes use, by set and number."""
    used = m.SchoolClass.select(m.SchoolClass.period_set).where(m.SchoolClass.year == m.Year.on(clock.today()))
    return list(m.Period.select(m.Period, m.PeriodSet, m.Year).join(m.PeriodSet).join(m.Year).where(
        m.PeriodSet.id.in_(used)).order_by(m.PeriodSet.id, m.Period.number))


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


def _chosen(period) -> list[m.SchoolClass]:
    """The classes ticked in the form; 403 for one that does not live by this period."""
    wanted = set(request.values.getlist("class"))
    found = [each for each in _classes(period) if str(each.id) in wanted]
    return found if len(found) == len(wanted) else abort(403)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
