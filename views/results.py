"""Period marks: a screen for a journal and a period, the marks of the year, and what stands in the way of closing, by class.

A row is a pupil: what was given for what, how many marks of how many needed, the computed mark and how far the next one is.
Everything is saved by rulebook.journal.put_cells; the same form works without a script, which only sends each mark as it is typed.
"""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.closing as closing
import rulebook.corrections
import rulebook.entries
import rulebook.facts
import rulebook.forecast
import rulebook.journal
import rulebook.result_verdicts
import rulebook.rules
import rulebook.results as grounds
from views import closing_words, grid, offline, results_rows, visitor
from views.language import say

bp = Blueprint("results", __name__, url_prefix="/results")

YEAR = "year"
WRITTEN = ("saved", "late")


@bp.get("/")
def index():
    """Own journals and own classes, with how many marks of the period are put; for leaders every class."""
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    return render_template("results/index.html", groups=results_rows.overview(user, rulebook.rules.rules_on(user.today)))


# ---- a journal ----

@bp.get("/<int:course>")
def page(course: int):
    row = _course(course)
    visitor.looked("results", unit=row.unit_id)
    return _page(row, *_asked(row, request.args.get("period")))


@bp.post("/<int:course>")
def save(course: int):
    """Save what was changed in the form; what is not saved comes back as it was typed, with the reason asked for beside it."""
    row = _course(course)
    periods, period = _asked(row, request.form.get("period"))
    entries = _entries(period)
    outcomes = _put(row, entries) if entries else []
    wrong = {_name(outcome.entry): outcome for outcome in outcomes if outcome.state not in WRITTEN}
    if wrong:
        return _page(row, periods, period, wrong), 422
    _tell(outcomes)
    return redirect(url_for(".page", course=row.id, period=_key(period)))


@bp.route("/<int:course>/accept", methods=["GET", "POST"])
def accept(course: int):
    """Put the computed marks of a period, or of the year, where nothing speaks against them: shown once more, then saved in one go."""
    row = _course(course)
    periods, period = _asked(row, request.values.get("period"))
    if not periods or not _writes(row):
        abort(403)
    if request.method == "POST":
        entries = [entry for entry in _entries(period) if str(entry.pupil) in request.form.getlist("pupil")]
        return _accepted(row, period, _put(row, entries) if entries else [])
    rules = rulebook.rules.rules_on(clock.today())
    return render_template("results/accept.html", course=row, period=period, key=_key(period), lines=_undisputed(row, periods, period),
                           number=lambda average: results_rows.number(average, rules, row), early=period and _early(period))


def _undisputed(row, periods, period) -> list[dict]:
    """Those whose computed mark may be taken as it is; what stands on a border is looked at twice."""
    if period is None:
        kind, found = "year", [(line, *reversed(line.kinds["year"]), line.version("year")) for line in grounds.year(row, periods[-1])]
    else:
        kind, found = "period", [(line, line.average, line.facts, line.version) for line in _journal(row, period).lines]
    return [{"pupil": line.pupil, "name": line.name, "average": average, "mark": facts.computed, "version": version, "kind": kind,
             "on_border": line.on_border} for line, average, facts, version in found if line.undisputed]


def _accepted(row, period, outcomes):
    """Back to the screen, with how many were put and why some were not."""
    put = [outcome for outcome in outcomes if outcome.state in WRITTEN]
    if put:
        flash(ngettext("%(num)s mark is put as computed.", "%(num)s marks are put as computed.", len(put)), "success")
    for message in dict.fromkeys(say(outcome.message) for outcome in outcomes if outcome not in put):
        flash(message, "warning")
    return redirect(url_for(".page", course=row.id, period=_key(period)))


@bp.post("/<int:course>/received")
def received(course: int):
    """When the results of the exam came: from then on runs the time in which families learn them (FIN-13)."""
    row = _course(course)
    if not _writes(row):
        abort(403)
    try:
        row.receive_exam(visitor.actor(), _moment(request.form.get("received", "")))
    except m.Refused as refusal:
        flash(say(refusal.text), "warning")
    else:
        flash(_("The moment is kept."), "success")
    return redirect(url_for(".page", course=row.id, period=YEAR))


def _moment(text: str) -> datetime | None:
    """School time of a field; nothing for an empty one, 400 for what is no moment."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.zone()) if text else None
    except ValueError:
        abort(400)


# ---- a class ----

@bp.get("/class/<int:school_class>")
def of_class(school_class: int):
    """All journals of a class: what is put, what is missing, what to look at before the period is closed."""
    row = policies.find(visitor.user(), m.SchoolClass, school_class)
    if row is None or not policies.allows(visitor.user(), "results", row):
        abort(403)
    visitor.looked("results/class")
    periods = m.Period.of_unit(m.Unit(school_class=row.id, year=row.year_id))
    period = _chosen(periods, request.args.get("period"))
    if period is None:
        return render_template("journal/empty.html", title=row.name)
    rules = rulebook.rules.rules_on(clock.today())
    foretold = rulebook.forecast.is_told(rules, period.starts, period.ends, clock.today())
    rows = results_rows.of_class(closing.survey(period, [row], rules, clock.now()), foretold)
    return render_template("results/class.html", school_class=row, periods=periods, period=period, rows=rows, foretold=foretold,
                           due=_due(period), closes=policies.allows(visitor.user(), "close", period),
                           tells=policies.leads_class(visitor.user(), row) and not period.closed)


@bp.post("/class/<int:school_class>/tell")
def tell(school_class: int):
    """The class teacher lets the leaders know of journals of the own class with too few marks (MRK-10)."""
    user, row = visitor.user(), policies.find(visitor.user(), m.SchoolClass, school_class)
    if row is None or not policies.leads_class(user, row):
        abort(403)
    periods = m.Period.of_unit(m.Unit(school_class=row.id, year=row.year_id))
    period = _chosen(periods, request.form.get("period")) or abort(403)
    rows = results_rows.of_class(closing.survey(period, [row], rulebook.rules.rules_on(clock.today()), clock.now())).rows
    few = [f"{each.journal.course.subject.name}: {each.found['few']}" for each in rows if each.found.get("few")]
    if few:
        m.Notice.tell(visitor.actor(), rulebook.corrections.leaders(user.today), m.Text(
            m.N_("%(who)s, class teacher of %(name)s: pupils with too few marks, %(period)s. %(list)s"), who=user.name, name=row.name,
            period=period.name, list=", ".join(few)), url_for(".of_class", school_class=row.id, period=period.id), topic="remark")
    flash(_("The deputy head and the director are told.") if few else _("There are enough marks everywhere: nobody was told."), "success")
    return redirect(url_for(".of_class", school_class=row.id, period=period.id))


# ---- which ----

def _course(course: int) -> m.Course:
    return m.Course.whole().where((m.Course.id == course) & m.Course.id.in_(
        policies.result_journals(visitor.user()).select(m.Course.id))).first() or abort(403)


def _asked(row, text: str | None) -> tuple[list, m.Period | None]:
    """The periods of the journal and the one asked for; None stands for the year, once its last period has begun."""
    periods = m.Period.of_unit(row.unit)
    if text == YEAR:
        return (periods, None) if grounds.is_nearly_over(periods, clock.today()) else abort(403)
    return periods, _chosen(periods, text)


def _chosen(periods: list, text: str | None):
    asked = int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
    period = grid.period_of(periods, asked if text else None, clock.today())
    return abort(403) if period is None and periods else period


def _key(period):
    return YEAR if period is None else period.id


def _journal(row, period) -> grounds.Journal:
    return grounds.journals([row], period, rulebook.rules.rules_on(clock.today()), clock.now())[0]


def _writes(row) -> bool:
    return policies.allows(visitor.user(), "edit", m.PeriodMark(course=row))


# ---- showing ----

def _page(row, periods, period, wrong=None):
    if not periods:
        return render_template("journal/empty.html", title=f"{row.unit.name} · {row.subject.name}")
    rules, writes = rulebook.rules.rules_on(clock.today()), _writes(row)
    offline.keep(writes)
    frame = {"course": row, "periods": periods, "period": period, "writes": writes, "typed": request.form, "wrong": wrong or {},
             "year_too": grounds.is_nearly_over(periods, clock.today()), "number": lambda average: results_rows.number(average, rules, row)}
    if period is None:
        lines, at = grounds.year(row, periods[-1]), row.exam_received_at
        return render_template("results/year.html", lines=lines, kinds=m.RESULT_KINDS[1:], values=_values(rules, row, periods[-1]),
                               ready=sum(line.undisputed for line in lines),
                               received=f"{at.astimezone(clock.zone()):%Y-%m-%dT%H:%M}" if at else "", **frame)
    journal = grounds.journals([row], period, rules, clock.now())[0]
    before = next((each for each in reversed(periods) if each.number < period.number), None)
    return render_template(
        "results/page.html", journal=journal, before=before, rows=results_rows.of_journal(journal, before, rules),
        values=_values(rules, row, period), due=_due(period),
        obstacles=closing_words.listed(closing.of_journal(journal, period, rules, clock.now()), journal, period),
        ready=sum(line.undisputed for line in journal.lines), early=_early(period), **frame)


def _values(rules, row, period) -> list[str]:
    grade = row.unit.school_class.grade if row.unit.school_class else 0
    half = rulebook.facts.half_of(period.period_set.kind, period.number, period.starts)
    return list(rulebook.result_verdicts.allowed_results(rules, grade, half, row.scale))


def _facts(period) -> rulebook.facts.PeriodFacts:
    return rulebook.facts.PeriodFacts(period.starts, period.ends, bool(period.closed), period.ordered, period.period_set.kind, period.name)


def _due(period) -> str:
    due = rulebook.result_verdicts.results_due(rulebook.rules.rules_on(clock.today()), _facts(period), clock.zone())
    return results_rows.due(*due, period.ordered)


def _early(period):
    """The first day for marks of the period, as long as it is ahead."""
    first, _limit, _clause = rulebook.result_verdicts.results_due(rulebook.rules.rules_on(clock.today()), _facts(period), clock.zone())
    return first if first and clock.today() < first else None


# ---- saving ----

def _entries(period) -> list[rulebook.entries.Entry]:
    """What the form wants changed: fields m-<pupil>-<kind>, the version that was looked at in v-…, the reason in r-…."""
    kinds = ("period",) if period else m.RESULT_KINDS[1:]
    found = []
    for name, value in request.form.items():
        part = name.split("-")
        if part[0] != "m" or len(part) != 3 or part[2] not in kinds or not (part[1].isascii() and part[1].isdigit()) or len(part[1]) > 9:
            continue
        place, seen = f"{part[1]}-{part[2]}", request.form.get(f"v-{part[1]}-{part[2]}", "0")[:20]
        if rulebook.entries.version_of(value.strip().lower()) != seen:
            found.append(rulebook.entries.Entry(int(part[1]), value.strip()[:20], period=period.id if period else None, seen=seen,
                                                reason=request.form.get(f"r-{place}", "")[:300], kind=part[2]))
    return found


def _name(entry: rulebook.entries.Entry) -> str:
    return f"{entry.pupil}-{entry.kind}"


def _put(row, entries):
    try:
        return rulebook.journal.put_cells(visitor.user(), visitor.actor(), row.id, entries)
    except rulebook.entries.Foreign:
        abort(403)


def _tell(outcomes) -> None:
    for message in dict.fromkeys(say(outcome.message) for outcome in outcomes if outcome.message):
        flash(message, "late")
    if outcomes:
        flash(ngettext("%(num)s mark is kept.", "%(num)s marks are kept.", len(outcomes)), "success")
