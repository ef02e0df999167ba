"""What outlives a cut link: the queue of a browser asks here for a token and the time, the service worker comes from here.

Every answer to somebody signed in names the account, by a token that tells nothing, and the server's clock: the browser keeps
what was typed and the pages of own courses by account, and never sends or shows them to another one.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g, jsonify, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

import clock
import models as m
import rulebook.entries
import rulebook.leaves
from history import Actor
from views import correction_form, visitor
from views.language import kind_of_school, say
from views.security import public

bp = Blueprint("offline", __name__)

AT_ONCE, LONGEST = timedelta(minutes=1), timedelta(days=60)  # what is younger was typed at once, what is older is a clock astray
SAME_CLOCK = timedelta(minutes=2)  # a machine whose clock was set meanwhile tells nothing about when something was typed
WORKER = Path(__file__).parent / "static" / "sw.js"


def register(app):
    app.before_request(_same_account)
    app.after_request(_finish)
    app.context_processor(lambda: {"queue": _queue})
    app.register_blueprint(bp)


@bp.get("/sw.js")
@public
def worker():
    """The service worker: from the root, so that it serves every page. Its first line changes with the page that it keeps."""
    shell = hashlib.sha256(page().encode()).hexdigest()[:16]
    return Response(f"// {shell}\n{WORKER.read_text(encoding='utf-8')}", mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@bp.get("/offline")
@public
def page():
    """What the service worker shows in place of a page it does not keep; nothing personal."""
    return render_template("offline.html")


@bp.get("/queue")
def state():
    """A fresh token for a page that was open for long, or through a sign-out."""
    return jsonify(token=generate_csrf(), account=account())


# ---- for the views that save ----

def keep(own: bool) -> None:
    """This page may be kept for work without a connection: it is of a course that the visitor writes."""
    g.kept = own and not g.sign_in.foreign


def typed_at(row, clock_of_browser) -> datetime | None:
    """When something was typed, by the school's clock; None for what was typed at once, and where it cannot be known.

    `row` holds milliseconds of the browser's clock in `typed`, and in `offset` how far the server's was from it then.
    `clock_of_browser` is what that clock showed when the save was sent, so it may be wrong by any amount.
    """
    typed, offset, sent = _number(row.get("typed")), _number(row.get("offset")), _number(clock_of_browser)
    if typed is None or sent is None:
        return None
    now, age = clock.now(), timedelta(milliseconds=sent - typed)
    moved = timedelta(milliseconds=0 if offset is None else abs(now.timestamp() * 1000 - sent - offset))
    return now - age if AT_ONCE <= age <= LONGEST and moved <= SAME_CLOCK else None


def actor() -> Actor:
    """Who saves a form that came out of the queue: visitor.actor() with the moment of typing."""
    return visitor.actor(typed_at=typed_at(request.form, request.form.get("clock")))


def once(change, reason: str = ""):
    """policies.once for the form of this request; a save that was applied before is answered without looking any further."""
    by, key = actor(), request.form.get("key", "")[:80]
    answer = rulebook.entries.once(by, key, change, reason)
    return answer if answer is not None else abort(make_response(jsonify(state="saved", wrote=rulebook.entries.wrote(by, key))))


def asked_by_queue() -> bool:
    return request.accept_mimetypes.best == "application/json"


def told(decision, outcomes=(), **more):
    """The answer to the queue about a form: the state of the decision, or of the first row that was not saved, with the
    sentence of every such row, and the text that stands; 422 when nothing was saved. `more` goes along: a `note` of warning, the
    version this save `wrote`."""
    wrong = [outcome for outcome in outcomes if outcome.state not in ("saved", "late")]
    worst = decision if decision is not None and not decision.ok or not wrong else wrong[0]
    pupils = [outcome.entry.pupil for outcome in wrong]
    named = {row.id: f"{row.person.surname} {row.person.name}" for row in m.Pupil.named().where(m.Pupil.id.in_(pupils))} if wrong else {}
    rows = [{"pupil": outcome.entry.pupil, "name": named.get(outcome.entry.pupil, ""), "value": outcome.value,
             "message": say(outcome.message)} for outcome in wrong]
    answer = {"state": getattr(worst, "state", "saved"), "rule": getattr(worst, "rule", "") or None,
              "clause": getattr(worst, "clause", "") or None, "rows": rows,
              "message": say(worst.message) if worst is not None and worst.message else None, **more}
    if worst is not None and rulebook.leaves.may_be_asked(worst):
        answer["ask"] = correction_form.asking([outcome.entry for outcome in wrong])
    if decision is not None and decision.stands is not None:
        answer |= {"value": decision.stands, "version": rulebook.entries.version_of(decision.stands)}
    return jsonify(answer), 200 if answer["state"] in ("saved", "late") else 422


# ---- around a request ----

def account(number: int | None = None) -> str:
    """A name of the account (by default of whoever is signed in) that tells nothing and belongs to this installation alone."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"browser of {number or current_user.account}".encode(), hashlib.sha256).hexdigest()[:16]


def _same_account():
    """What one account typed is never saved by another that signed in meanwhile."""
    named = request.headers.get("X-Account")
    if named and current_user.is_authenticated and named != account():
        return jsonify(error=_("Another account is signed in here.")), 409
    return None


def _finish(response: Response) -> Response:
    if g.get("_login_user") is None or not current_user.is_authenticated:  # never ask the database for the sake of a header
        return response
    response.headers["X-Account"] = account()
    response.headers["X-Now"] = _now()
    if g.get("kept"):
        response.headers["X-Keep"] = "own"
    return response


def _now() -> str:
    return str(round(clock.now().timestamp() * 1000))


def _queue() -> dict | None:
    """For base.html: what the queue needs on the pages of somebody who may write."""
    if not current_user.is_authenticated or not current_user.is_staff:
        return None
    return {"account": account(), "now": _now(), "zone": clock.zone().key, "words": _words(str(get_locale()), kind_of_school()),
            "lock": _lock(str(get_locale())), "foreign": g.sign_in.foreign, "idle": g.school.idle_minutes if g.school else 0}


@lru_cache(8)
def _words(_language: str, _kind: str) -> Markup:
    """What the queue's script says, in a language and for a kind of school."""
    return Markup(render_template("_queue_words.html"))


@lru_cache(4)
def _lock(_language: str) -> Markup:
    """The box of lock.js that asks for the password."""
    return Markup(render_template("_lock.html"))


def _number(value) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 2**46 else None
