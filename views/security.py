"""Signing in and out, what stands before every page: a sign-in, a screen that locked itself, a password that must be changed, rules of
confidentiality to accept.

Every page needs a sign-in unless it is marked `public`. Sources: SEC-02, SEC-07, SEC-08, SEC-09, ACC-10, NFR-10.
"""

import hashlib
import secrets
from datetime import timedelta
from ipaddress import ip_address

from flask import Blueprint, abort, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

import clock
import models as m
import policies
import rulebook.access_shared
import rulebook.rules
import rulebook.verdicts
from exchange import demo
from views import errors, throttle
from views.language import inside, say
from views.visitor import actor, address

bp = Blueprint("security", __name__)

SEEN_EVERY = timedelta(seconds=60)  # how exactly a session's last use is kept
FAMILY_STAYS = timedelta(days=30)
FOREIGN_IDLE, FOREIGN_STAYS = timedelta(minutes=10), timedelta(hours=2)  # «not my device»: ended, not only locked
DEVICE, DEVICE_STAYS = "device", timedelta(days=730)  # the cookie that names this browser
DEMO_PASSWORD = "demo"
DEMO = (("teacher", N_("Teacher"), N_("journal, lessons, results")),
        ("classteacher", N_("Class teacher"), N_("own class and own subject")),
        ("deputy", N_("Deputy director"), N_("every journal, documents")),
        ("parent", N_("Parent"), N_("two children, diary")),
        ("pupil", N_("Pupil"), N_("own diary")),
        ("admin", N_("Administrator"), N_("set-up, Excel files")))


class Visitor(UserMixin, policies.User):
    """policies.User with what Flask-Login wants: the session's token stands for the person."""

    def get_id(self):
        return g.token


def public(view):
    """Marks a page that needs no sign-in."""
    view.public = True
    return view


def register(app):
    manager = LoginManager(app)
    manager.session_protection = None  # our own sessions say what is open; telephones change their address all day
    manager.user_loader(_load)
    app.config["PERMANENT_SESSION_LIFETIME"] = FAMILY_STAYS
    app.before_request(_guard)
    app.after_request(_name_device)
    app.register_blueprint(bp)


# ---- the way in and out ----

@bp.route("/login", methods=["GET", "POST"])
@public
def login():
    name, password = request.form.get("login", "").strip()[:60], request.form.get("password", "")
    if request.method != "POST":
        _wake_demo()
        return _login_page(request.args.get("login", "")[:60])
    if throttle.paused(name, address()):
        return _login_page(name, _("Too many attempts. The pause lasts %(n)s minutes.", n=throttle.PAUSE_MINUTES), 429)
    account = m.Account.of_login(name)
    if not _opens(account, password):
        return _login_page(name, wrong(throttle.failed(name, address())), 403)
    if _demo_from_outside(password):
        return _login_page(name, _("Demo passwords open the journal only on this computer."), 403)
    if account.locked:
        return _login_page(name, _("This account is closed: %(reason)s", reason=account.locked), 403)
    throttle.forgive(name, address())
    return _enter(account)


@bp.post("/logout")
@public
def logout():
    end(m.LoginSession.digest == _digest(session.get("_user_id", "")))
    logout_user()
    session.clear()
    return redirect(url_for("security.login"))


def sign_in(account, foreign: bool = False) -> None:
    """Open a session for the account in this browser, in place of the one that was here; `foreign`: for a short while, on a device of
    somebody else."""
    end(m.LoginSession.digest == _digest(session.get("_user_id", "")))
    language, token, now, device = session.get("language"), secrets.token_urlsafe(32), clock.now(), _device(foreign)
    other = rulebook.access_shared.open_elsewhere(account, now, device)
    session.clear()
    m.LoginSession.create(account=account, digest=_digest(token), device=device, created_at=now, seen_at=now, confirmed_at=now,
                          address=address(), agent=request.user_agent.string[:300], foreign=foreign)
    visitor = _visitor(account, token)
    session["language"] = account.language or language
    _ask_age(account, visitor)
    session.permanent = not visitor.is_staff and not foreign
    login_user(visitor)
    g.sign_in = m.LoginSession.open_with(_digest(token))
    if other is not None:
        rulebook.access_shared.keep_overlap(actor(), account, other, request.user_agent.string, visitor.is_staff)
        flash(_("This account is open on another device too. See «Where I am signed in» on your page."), "warning")


def _device(foreign: bool) -> str:
    """The name of this browser, whoever signs in; one that is not the visitor's own gets none to keep."""
    known = request.cookies.get(DEVICE, "")
    if len(known) == 32 and known.isalnum():
        return known
    device = secrets.token_hex(16)
    if not foreign:
        g.new_device = device
    return device


def _name_device(response):
    if g.get("new_device"):
        response.set_cookie(DEVICE, g.new_device, max_age=DEVICE_STAYS, httponly=True, samesite="Lax",
                            secure=request.is_secure)
    return response


def _enter(account):
    sign_in(account, foreign="foreign" in request.form)
    return go_on(account)


def go_on(account):
    """To what was kept or asked for, once nothing stands before it any more."""
    kept = _kept(account)
    if not kept:
        return redirect(inside(request.form.get("next", "")))
    return errors.once_more(*kept)


def keep_sent(account: int) -> str:
    """What the form of this request sent, sealed for the account, to travel through the pages that stand before it; "" for nothing."""
    kept = errors.sent()
    return _keeper().dumps([account, *kept]) if kept else ""


def _kept(account) -> list | None:
    """What this account sent before a page stood in the way (see errors.sent)."""
    try:
        owner, *form = _keeper().loads(request.form.get("kept", ""))
    except BadSignature:
        return None
    return form if owner == account.id else None


def _keeper() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="kept")


def _opens(account, password: str) -> bool:
    """Takes as long for a login nobody has, so that time does not tell which logins exist."""
    if account is None or not account.password:
        m.hash_password(password[:200])
    return account is not None and account.opens_with(password, clock.today())


def wrong(left: int) -> str:
    """What is said of a password that does not fit, with so many attempts left."""
    if not left:
        return _("The login or the password does not fit. The pause lasts %(n)s minutes.", n=throttle.PAUSE_MINUTES)
    return ngettext("The login or the password does not fit. %(num)s attempt is left, then a pause of %(n)s minutes.",
                    "The login or the password does not fit. %(num)s attempts are left, then a pause of %(n)s minutes.",
                    left, n=throttle.PAUSE_MINUTES)


def _login_page(name: str, problem=None, code=200, kept=""):
    name = name or _locked_login()
    page = render_template("account/login.html", login=name, problem=problem, demo=DEMO if _is_demo() else (),
                           next=inside(request.values.get("next", "")), locked=g.get("locked"), kept=kept or request.form.get("kept", ""))
    return page, code


def _locked_login() -> str:
    """The login of the screen that locked itself, so that only the password is asked."""
    return g.sign_in.account.login if not current_user.is_authenticated and g.get("locked") else ""


def _is_demo() -> bool:
    return bool(g.school and g.school.is_demo)


def _wake_demo() -> None:
    """A demo opened at night shows the next school morning, unless somebody is at work in it."""
    lately = clock.now() - timedelta(hours=1)
    if _is_demo() and not m.LoginSession.select().where(m.LoginSession.seen_at > lately).exists():
        demo.wake()


def _demo_from_outside(password: str) -> bool:
    """A demo password beyond this machine (contract: refused unless asked for)."""
    if not _is_demo() or password != DEMO_PASSWORD or current_app.config["DEMO_OPEN"]:
        return False
    return not (_is_here(current_app.config["HOST"]) and _is_here(address()))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


# ---- every request ----

def _guard():
    """Deny by default: sign-in first, then a password that is not due for a change. The rules of confidentiality come next
    (views.confidentiality)."""
    if is_public():
        return None
    if not current_user.is_authenticated:
        return _to_login()
    due = _password_due()
    if due and request.endpoint not in ("security.password", "language.switch"):
        return refuse_json(due, "/password") or _password_page(due) or redirect(url_for("security.password"))
    return None


def is_public() -> bool:
    """May this request be answered without a sign-in?"""
    view = current_app.view_functions.get(request.endpoint)
    return request.endpoint in (None, "static") or getattr(view, "public", False)


def _to_login():
    path = asked_page()
    refused = refuse_json(_("Sign in again"), "/login", "lock" if g.get("locked") else "")
    if refused is None and request.method == "POST" and g.get("locked") and errors.sent():
        return _login_page("", code=401, kept=keep_sent(g.sign_in.account_id))
    return refused or redirect(url_for("security.login", next=None if path == "/" else path))


def asked_page() -> str:
    """Where to go on after a page that stood before it."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def refuse_json(message: str, where: str, ask: str = ""):
    """401 for a script, with the page that stands before what it wants, or what is asked for on the page that is open (`lock`,
    `confirm`): what waits in the browser goes on waiting. None for somebody who reads pages."""
    return (jsonify(error=message, where=where, ask=ask), 401) if errors.wants_json() else None


def _load(token: str):
    sign_in = m.LoginSession.open_with(_digest(token))
    if sign_in is None or sign_in.account.locked:
        return None
    g.sign_in, now = sign_in, clock.now()
    if sign_in.foreign and (now - sign_in.seen_at > FOREIGN_IDLE or now - sign_in.created_at > FOREIGN_STAYS):
        end(m.LoginSession.id == sign_in.id)
        return None
    visitor = _visitor(sign_in.account, token)
    if sign_in.locked or _idle_too_long(visitor, sign_in, now):
        return lock(sign_in)
    if abs(now - sign_in.seen_at) > SEEN_EVERY:
        m.LoginSession.update(seen_at=now).where(m.LoginSession.id == sign_in.id).execute()
    return visitor


def _visitor(account, token: str) -> Visitor:
    g.token = token
    person = account.person
    return Visitor(**vars(policies.user_of(person.id, person.short_name, clock.today(), account.id)))


def _idle_too_long(visitor, sign_in, now) -> bool:
    """Only staff: a teacher's screen left open in class is the danger (ACC-10), not a parent's telephone."""
    minutes = g.school.idle_minutes if g.school else 0
    return bool(visitor.is_staff and minutes and now - sign_in.seen_at > timedelta(minutes=minutes))


def lock(sign_in) -> None:
    """From now on this session opens with the password only."""
    if not sign_in.locked:
        m.LoginSession.update(locked=True).where(m.LoginSession.id == sign_in.id).execute()
    g.locked = g.school.idle_minutes


def end(condition) -> int:
    """End the open sessions that fit; effective with their next request."""
    return m.LoginSession.update(ended_at=clock.now()).where(condition & m.LoginSession.ended_at.is_null()).execute()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# ---- passwords ----

@bp.route("/password", methods=["GET", "POST"])
def password():
    errors = _change_password() if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        flash(_("The new password is kept. Other devices were signed out."), "success")
        return go_on(g.sign_in.account)
    return _show_password(errors, _password_due(), request.form.get("kept", "")), 422 if errors else 200


def _password_page(due: str):
    """In place of the answer to a form that was sent: the password first, what was typed goes along. None for any other request."""
    kept = keep_sent(g.sign_in.account_id) if request.method == "POST" else ""
    return (_show_password({}, due, kept), 401) if kept else None


def _show_password(errors: dict, reason, kept: str):
    return render_template("account/password.html", errors=errors, reason=reason, login=g.sign_in.account.login, kept=kept,
                           shortest=m.SHORTEST_PASSWORD)


def _change_password() -> dict:
    """Take the new password of the form; what is wrong with it by field."""
    account, form = g.sign_in.account, request.form
    if throttle.paused(account.login, address()):
        abort(429)
    if not account.opens_with(form.get("current", ""), clock.today()):
        throttle.failed(account.login, address())
        return {"current": _("The present password does not fit")}
    if form.get("password") != form.get("again"):
        return {"again": _("The two new passwords differ")}
    if form.get("password") == form.get("current"):
        return {"password": _("The new password is the same as the present one")}
    try:
        account.set_password(actor(), form["password"])
    except m.Refused as refusal:
        return {"password": say(refusal.text)}
    session.pop("password_due", None)
    end_others()
    return {}


def end_others() -> int:
    """End every sign-in of this account but the one that asks; how many there were."""
    return end((m.LoginSession.account == g.sign_in.account_id) & (m.LoginSession.id != g.sign_in.id))


def _password_due() -> str | None:
    """Why the password must be changed now, or None (SEC-02, SEC-07)."""
    if g.sign_in.account.must_change:
        return _("The password was given to you by somebody. Choose one that only you know.")
    if session.get("password_asked") != str(clock.today()):
        _ask_age(g.sign_in.account, current_user)
    return session.get("password_due")


def _ask_age(account, visitor) -> None:
    """At sign-in, and once on every further day that a session is kept open."""
    session["password_due"], session["password_asked"] = _too_old(account, visitor), str(clock.today())


def _too_old(account, visitor) -> str | None:
    """What the regulation says of an old password."""
    changed = account.password_at and account.password_at.astimezone(clock.zone())
    decision = rulebook.verdicts.judge_password(rulebook.rules.rules_on(clock.today()), visitor.roles, changed, clock.now())
    if decision.message and decision.ok:
        flash(say(decision.message), "warning")
    return None if decision.ok else say(decision.message)
