"""The way in by an invitation code: the code, then a login and a password of one's own (SEC-01). Nobody registers without one."""

import hashlib

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _

import clock
import models as m
from views import throttle
from views.language import say
from views.security import public, sign_in
from views.visitor import address, stranger

bp = Blueprint("join", __name__)


@bp.route("/join", methods=["GET", "POST"])
@public
def join():
    code = request.form.get("code", "")[:60]
    if request.method != "POST":
        return _page({})
    if throttle.paused(_name(code), address()):
        return _page({"code": _("Too many attempts. The pause lasts %(n)s minutes.", n=throttle.PAUSE_MINUTES)}, 429)
    invitation = m.Invitation.of_code(code, clock.today()).first()
    if invitation is None:
        throttle.failed(_name(code), address())
        return _page({"code": _("This code opens nothing: it was used, its time is over, or a letter is wrong. "
                                "The class teacher or the administrator gives a new one.")}, 422)
    account = _account(invitation)
    if account.locked:
        return _page({"code": _("This account is closed: %(reason)s", reason=account.locked)}, 403)
    if "password" not in request.form:
        return _page({}, 200, account)
    problems = _register(account, request.form)
    return _page(problems, 422, account) if problems else _enter(account)


def _account(invitation):
    """The account waiting for this person; one with the offered login is made if there is none yet."""
    return m.Account.waiting_for(stranger("/join"), [invitation.person])[0]


def _register(account, form) -> dict:
    """Give the account its login and password; what is wrong with them by field."""
    if form.get("password") != form.get("again"):
        return {"again": _("The two new passwords differ")}
    by = stranger(account.person.short_name)
    try:
        with m.writing(by, "registration by invitation code"):
            account.rename(by, form.get("login", ""))
            account.set_password(by, form["password"])
    except m.Refused as refusal:
        return {refusal.field or "login": say(refusal.text)}
    return {}


def _enter(account):
    sign_in(account)
    flash(_("You are in. From now on sign in with the login «%(login)s» and your password.", login=account.login), "success")
    return redirect("/")


def _page(errors: dict, code: int = 200, account=None):
    page = render_template("access/join.html", errors=errors, account=account, code=request.form.get("code", "")[:60],
                           login=request.form.get("login", account.login if account else ""), shortest=m.SHORTEST_PASSWORD)
    return page, code


def _name(code: str) -> str:
    """Failures are counted by code without keeping it: a code mistyped by one letter is nobody else's business."""
    secret = current_app.config["SECRET_KEY"] + m.read_code(code)
    return "code " + hashlib.sha256(secret.encode()).hexdigest()[:16]
