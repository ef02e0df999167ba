"""«Помощь»: one page that leads to everything of the kind, and «Обращения»: a question to those who look after the journal, its answer,
printouts on request (CTL-16, CTL-17, CTL-19, MRK-15)."""

from datetime import time, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import clock
import models as m
import policies
import rulebook.due
import rulebook.tickets
from views import throttle, visitor
from views.language import inside, say

bp = Blueprint("tickets", __name__, url_prefix="/help")

PAGE = 100
MOST = 10  # from one account until a pause
LOOKS = {"new": ("late", "clock"), "answered": ("ok", "msg"), "printed": ("ok", "print"), "closed": ("", "check")}
STEPS = {"answer": N_("answer"), "more": N_("asked once more"), "support": N_("passed on to technical support"), "printed": N_("printed"),
         "handed": N_("handed over"), "closed": N_("closed")}
DONE = {"answer": N_("The answer is sent."), "more": N_("Sent once more."),
        "support": N_("It is noted that this is with technical support."),
        "printed": N_("It is noted that it is printed."), "handed": N_("It is noted that it was handed over."),
        "closed": N_("The request is closed.")}


def register(app):
    app.register_blueprint(bp)


@bp.get("/")
def index():
    """Where help is, and the own requests."""
    user = visitor.user()
    rows = m.Ticket.listed().where(m.Ticket.asked_by == user.person).limit(PAGE)
    return render_template("help/index.html", rows=list(rows), waiting=_waiting(user), clause=_clause(user), **_words())


def _waiting(user) -> int | None:
    """How many the desk has before it; None for who is not of it."""
    desk = policies.allows(user, "answer", m.Ticket())
    return m.Ticket.select().where(m.Ticket.state.in_(["new", "printed"])).count() if desk else None


@bp.get("/new")
def new():
    """The form; it is about the page of ours that led here. `kind` is chosen already."""
    return _form(visitor.user(), {"page": _page(_came_from()), "kind": request.args.get("kind", "")})


@bp.post("/new")
def ask():
    user, form = visitor.user(), request.form
    try:
        if throttle.too_many("ticket", f"account {user.account}", MOST):
            raise m.Refused(m.Text(m.N_("Many requests at once. Wait %(n)s minutes, or call the school."), n=throttle.PAUSE_MINUTES))
        ticket = rulebook.tickets.ask(user, visitor.actor(), form.get("kind", ""), form.get("text", ""), _page(form.get("page", "")))
    except m.Refused as refusal:
        return _form(user, form, {refusal.field or "text": say(refusal.text)}), 422
    flash(_("Your request № %(n)s is sent. The answer comes here.", n=ticket.id), "ok")
    return redirect(url_for(".page", number=ticket.id))


@bp.get("/desk")
def desk():
    """Everything that was asked, what waits first, and how fast answers come."""
    user = visitor.user()
    if not policies.allows(user, "answer", m.Ticket()):
        abort(403)
    kind = request.args.get("kind", "")
    rows = m.Ticket.listed()
    rows = rows.where(m.Ticket.kind == kind) if kind in rulebook.tickets.KINDS else rows
    since = clock.at(rulebook.due.year_start(user.today), time.min)
    return render_template("help/desk.html", rows=list(rows.limit(PAGE)), kind=kind, pace=rulebook.tickets.pace(since), lasting=lasting,
                           now=clock.now(), prompt=rulebook.tickets.PROMPT, clause=_clause(user), **_words())


@bp.get("/<number>")
def page(number: str):
    return _ticket_page(_find(number))


@bp.post("/<number>/<what>")
def step(number: str, what: str):
    """The next of m.TICKET_STEPS, by the desk or by who asked."""
    if what not in m.TICKET_STEPS:
        abort(404)
    ticket = _find(number)
    try:
        rulebook.tickets.step(visitor.user(), visitor.actor(), ticket, what, request.form.get("text", ""))
    except rulebook.tickets.NotYours:
        abort(403)
    except m.Refused as refusal:
        return _ticket_page(ticket, {what: say(refusal.text)}), 422
    flash(DONE[what], "ok")
    return redirect(url_for(".page", number=ticket.id))


def _find(number: str) -> m.Ticket:
    return policies.find(visitor.user(), m.Ticket, number) or abort(403)


def _ticket_page(ticket, errors=None):
    user = visitor.user()
    may = {what for what, (before, _after) in m.TICKET_STEPS.items() if ticket.state in before
           and policies.allows(user, "follow" if what in ("more", "closed") else "answer", ticket)
           and (what not in ("printed", "handed") or ticket.kind == "print")}
    return render_template("help/ticket.html", ticket=ticket, steps=list(m.TicketStep.of(ticket)), may=may, errors=errors or {},
                           asker=m.Person.get_by_id(ticket.asked_by_id), lasting=lasting, said=STEPS, **_words())


def _form(user, typed, errors=None):
    kinds = [("", _("choose")), *((kind, _(words)) for kind, words in rulebook.tickets.kinds_for(user).items())]
    return render_template("help/new.html", typed=typed, errors=errors or {}, kinds=kinds)


def _words() -> dict:
    return {"kinds": rulebook.tickets.KINDS, "states": rulebook.tickets.STATES, "looks": LOOKS}


def _clause(user) -> str:
    return rulebook.tickets.clause_of(user.rules, ["CTL-16"])


def _came_from() -> str:
    """The path of our own page that led here."""
    parts = urlsplit(request.referrer or "")
    return f"{parts.path}?{parts.query}".rstrip("?") if parts.netloc == request.host else ""


def _page(path: str) -> str:
    """A path of ours, "" for anything else and for pages of help itself."""
    path = path.strip()[:300]
    return "" if inside(path) != path or path == "/" or path.startswith("/help") else path


def lasting(span: timedelta) -> str:
    """«40 мин», «5 ч», «3 дн.»."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min", n=minutes)
    return _("%(n)s h", n=minutes // 60) if minutes < 48 * 60 else _("%(n)s days", n=minutes // (24 * 60))
