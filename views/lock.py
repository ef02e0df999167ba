"""A screen left alone is locked until its owner gives the password (ACC-10), and marks of a period want a password that was given
lately. A script locks and opens the page that is on the screen, where everything typed stays; without one the next request is answered
with the sign-in, or with the same form and a field for the password.
"""

from datetime import timedelta

from flask import Blueprint, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

import clock
import models as m
from views import offline, security, throttle
from views.errors import AGAIN
from views.security import public
from views.visitor import address

bp = Blueprint("lock", __name__)


def register(app):
    app.before_request(_ask_again)
    app.register_blueprint(bp)


# ---- the locked screen ----

@bp.post("/lock")
def shut():
    """The screen has locked itself: the server does the same."""
    security.lock(g.sign_in)
    return "", 204


@bp.route("/unlock", methods=["GET", "POST"])
@public
def reopen():
    """For the script of a page that is locked, or that wants the password once more: a fresh token, and the password by JSON."""
    signed_in = current_user.is_authenticated
    sign_in = g.get("sign_in")
    if sign_in is None:
        return jsonify(error=_("Sign in again"), where="/login"), 401
    if request.method == "GET":
        return jsonify(token=generate_csrf())
    if request.headers.get("X-Account", "") != offline.account(sign_in.account_id):
        return jsonify(error=_("Another account is signed in here.")), 409
    problem = _try(sign_in, str((request.get_json(silent=True) or {}).get("password", "")))
    return (jsonify(error=problem), 403) if problem else jsonify(ok=True, token=generate_csrf(), locked=not signed_in)


def _try(sign_in, password: str) -> str:
    """Take the password for this session: it opens, and the moment counts. Otherwise what is wrong."""
    login = sign_in.account.login
    if throttle.paused(login, address()):
        return _("Too many attempts. The pause lasts %(n)s minutes.", n=throttle.PAUSE_MINUTES)
    if not sign_in.account.opens_with(password):
        return security.wrong(throttle.failed(login, address()))
    throttle.forgive(login, address())
    now = clock.now()
    m.LoginSession.update(locked=False, seen_at=now, confirmed_at=now).where(m.LoginSession.id == sign_in.id).execute()
    return ""


# ---- once more before marks of a period ----

def _cells_of_period() -> bool:
    cells = (request.get_json(silent=True) or {}).get("cells") if request.is_json else None
    return isinstance(cells, list) and any(isinstance(cell, dict) and not cell.get("lesson") for cell in cells)


def _always() -> bool:
    return True


FINAL = {  # endpoint → does this request write marks of a period, or sign one?
    "journal.cells": _cells_of_period, "results.save": _always, "results.accept": _always, "control.sign": _always,
    "control.close": _always, "corrections.mend": _always,
    **{f"admin_period_mark.{view}": _always for view in ("create_view", "edit_view", "delete_view")},
}


def _ask_again():
    minutes = g.school.confirm_minutes if g.get("school") else 0
    asked = FINAL.get(request.endpoint)
    if request.method != "POST" or not minutes or asked is None or not current_user.is_authenticated or not asked():
        return None
    if abs(clock.now() - g.sign_in.confirmed_at) <= timedelta(minutes=minutes):
        return None
    words = _("Period marks and signatures want your password once more.")
    refused = security.refuse_json(words, "", "confirm")
    if refused is not None:
        return refused
    problem = _try(g.sign_in, request.form[AGAIN]) if AGAIN in request.form else None
    return None if problem == "" else _once_more(words, problem)


def _once_more(words: str, problem: str | None):
    """The same form, with a field for the password: what was typed goes along."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", AGAIN)]
    return render_template("account/confirm.html", words=words, problem=problem, fields=fields, again=AGAIN,
                           action=request.full_path.rstrip("?"), login=g.sign_in.account.login), 401
