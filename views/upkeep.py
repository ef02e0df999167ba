"""For those who run the school: what is up to date and what not (LEG-15, CNT-01, CNT-02), the control of a week or of any days with
the teachers' work in figures, and «проверено» (CTL-01, CTL-02)."""

from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.activity
import rulebook.audit
import rulebook.due
import rulebook.duties
import rulebook.upkeep
import rulebook.work
import rulebook.yearly
from views import spreadsheet, visitor
from views.frame import ROLE_NAMES

bp = Blueprint("upkeep", __name__, url_prefix="/duties")

LONGEST = timedelta(days=370)
PEOPLE = 10


@bp.get("/school")
def school():
    """What is not up to date, whose it is, and every confirmation of the year."""
    user = _reader()
    upkeep = rulebook.upkeep.state(user.rules, user.today)
    return render_template(
        "duties/school.html", upkeep=upkeep, stale=rulebook.upkeep.stale(user.rules, upkeep, clock.now()), today=user.today,
        sections=rulebook.upkeep.sections(user.today) if upkeep.lists_due else [], rules=user.rules, names=ROLE_NAMES,
        printed_by=rulebook.yearly.deadline(user.rules, user.today), unprinted=list(rulebook.yearly.unprinted(user.rules, user.today))
        if rulebook.yearly.asked(user.rules) else [], may_print=policies.allows(user, "printed", m.SchoolClass()),
        may=policies.allows(user, "confirm", m.SchoolClass()), checks=rulebook.duties.checkers(user.rules))


@bp.post("/lists")
def confirm_lists():
    """The lists of these classes are right: the office, all at once (CNT-01)."""
    user = _reader()
    if not policies.allows(user, "confirm", m.SchoolClass()):
        abort(403)
    role = "SEC" if user.has("SEC") else "ADM"
    chosen = [policies.find(user, m.SchoolClass, number) or abort(403) for number in request.form.getlist("class")[:200]]
    if not chosen:
        flash(_("Choose at least one line first."), "warning")
        return redirect(url_for(".school") + "#lists")
    with m.writing(visitor.actor()):
        for school_class in chosen:
            m.Confirmation.state(visitor.actor(), "list", role, user.today, school_class=school_class)
    flash(ngettext("The list of %(num)s class is confirmed.", "The lists of %(num)s classes are confirmed.", len(chosen)), "success")
    return redirect(url_for(".school") + "#lists")


@bp.post("/printed")
def printed():
    """The journals of these classes are printed, sewn, signed and sealed (ARC-06)."""
    user = _reader()
    if not policies.allows(user, "printed", m.SchoolClass()):
        abort(403)
    role = next(role for role in ("DIR", "ZAV", "SEC", "ADM") if user.has(role))
    waiting = {each.id: each for each in rulebook.yearly.unprinted(user.rules, user.today)}
    chosen = [waiting[int(number)] for number in request.form.getlist("class")[:200] if number.isdigit() and int(number) in waiting]
    if not chosen:
        flash(_("Choose at least one line first."), "warning")
        return redirect(url_for(".school") + "#printed")
    with m.writing(visitor.actor()):
        for school_class in chosen:
            m.Confirmation.state(visitor.actor(), "printed", role, user.today, request.form.get("note", ""), school_class=school_class)
    flash(ngettext("The journal of %(num)s class is printed.", "The journals of %(num)s classes are printed.", len(chosen)), "success")
    return redirect(url_for(".school") + "#printed")


# ---- the control of a week or of any days (CTL-01, CTL-02) ----

@bp.get("/week")
def week():
    """How the journal was kept from a day to a day; a whole span of the regulation can be stated as checked."""
    user = _controller()
    span, whole = _asked(user)
    now, person = clock.now(), request.args.get("teacher", "")
    teacher = int(person) if person.isascii() and person.isdigit() and len(person) < 10 else None
    rows = rulebook.work.by_teacher(user.rules, span.first, span.last, now)
    stated = list(m.Confirmation.of_span("control", span.first, span.last))
    return render_template(
        "duties/week.html", span=span, whole=whole, rows=rows, teacher=next((row for row in rows if row.person == teacher), None),
        gaps=list(rulebook.work.gaps(teacher, span.first, span.last, now).namedtuples()) if teacher else [],
        fullness=rulebook.work.fullness(user.rules, teacher, user.today) if teacher else [],
        families=rulebook.activity.by_class(span.first, span.last), stated=stated, rule=user.rules["control.interval"], names=ROLE_NAMES,
        wanted=rulebook.duties.checkers(user.rules), open_remarks=_open_remarks(user), today=user.today,
        may_write=policies.allows(user, "create", m.JournalRemark()), **(_of_whole(user, span, stated) if whole else {}))


def _of_whole(user, span, stated) -> dict:
    """What only a span of the regulation has: who may state it as checked, its neighbours; of the running one how the regulation stands."""
    digest = rulebook.audit.digest(user.rules, clock.now(), span.first) if span.holds(user.today) else None
    return {"mine": _own_roles(user, stated), "before": _beside(user, span, -1), "after": _beside(user, span, 1), "digest": digest,
            "people": rulebook.audit.names([person for person, _count in digest.people[:PEOPLE]]) if digest else {}}


@bp.get("/week/<kind>")
def work_file(kind: str):
    """The work of the teachers of the days asked for as a file, each figure in a column of its own (CTL-15)."""
    user = _controller()
    if kind not in spreadsheet.TYPES:
        abort(404)
    span, _whole = _asked(user)
    titles = [_("Teacher"), _("From"), _("To"), _("Lessons"), _("No record"), _("After the deadline"), _("Topics"), _("Homework"),
              _("Homework was due"), _("Marks"), _("Pupils with a mark"), _("Pupils"), _("Score, %")]
    return spreadsheet.answer(kind, _("Work of the teachers"), titles, (
        [row.name, span.first, span.last, row.lessons, row.missing, row.late, row.topics, row.homework, row.asked, row.marks,
         row.with_marks, row.places, None if row.score is None else float(row.score)]
        for row in rulebook.work.by_teacher(user.rules, span.first, span.last, clock.now())))


@bp.post("/week")
def checked():
    """The journal of the span was checked, in every role of the user that the regulation names."""
    user = _controller()
    if not policies.allows(user, "control", m.Confirmation()):
        abort(403)
    span, _whole = _asked(user)
    roles = _own_roles(user, list(m.Confirmation.of_span("control", span.first, span.last)))
    if span.first > user.today:
        flash(_("These days are still ahead."), "error")
    elif not roles:
        flash(_("You have stated that already."), "warning")
    else:
        with m.writing(visitor.actor()):
            for role in roles:
                m.Confirmation.state(visitor.actor(), "control", role, min(span.last, user.today), request.form.get("note", ""))
        flash(_("Kept: you have checked the journal."), "success")
    return redirect(url_for(".week", day=span.first))


def _own_roles(user, stated) -> list[str]:
    """The user's roles in which the span is not stated as checked yet."""
    done = {row.role for row in stated}
    return [role for role in rulebook.duties.checkers(user.rules) if user.has(role) and role not in done]


def _asked(user) -> tuple:
    """(the days asked for, whether they are a whole span of the regulation): `day` names a span, `first` and `last` any days; without
    either the running span."""
    first, last = (read_day(request.values.get(name, "")) for name in ("first", "last"))
    if first and last and first <= last and last - first <= LONGEST:
        return rulebook.due.Span(first, last), False
    return _span(user, read_day(request.values.get("day", "")) or user.today), True


def _span(user, day: date):
    """The span that the regulation wants checked; a week where it names none."""
    interval = user.rules.value("control.interval")["interval"]
    return rulebook.due.span_of(interval, day) or rulebook.due.span_of("P7D", day)


def _beside(user, span, step: int):
    """The span before or after, None in the future."""
    other = _span(user, (span.first if step < 0 else span.last) + timedelta(days=step))
    return other if other.first <= user.today else None


def _open_remarks(user) -> int:
    return policies.visible(user, m.JournalRemark).where(m.JournalRemark.closed_at.is_null()).count()


def read_day(text: str) -> date | None:
    """A day of a form or an address; None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _reader():
    user = visitor.user()
    return user if user.reads_all else abort(403)


def _controller():
    """Leaders, and whoever else the regulation wants to check the journal."""
    user = visitor.user()
    return user if user.has(*policies.LEADERS) or user.is_staff and policies.allows(user, "control", m.Confirmation()) else abort(403)
