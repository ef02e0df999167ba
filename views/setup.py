"""The first day of a school in the browser: one page of questions opened by a one-time code, then a list of what is still missing.

The code is printed in the terminal of whoever started the server, and works as long as nobody can sign in.
Sources: CNT-02, CNT-09.
"""

import base64
import hashlib
import hmac
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_login import current_user

import clock
import models as m
import rulebook.access_rules
import rulebook.rules
from exchange import founding
from exchange.founding import Founding
from views import throttle
from views.language import say
from views.security import public, sign_in
from views.setup_checklist import items
from views.visitor import address, stranger

bp = Blueprint("setup", __name__, url_prefix="/setup")

KINDS = ((m.SCHOOL, N_("School")), (m.COLLEGE, N_("College")))
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Europe/Saratov", "Asia/Yekaterinburg", "Asia/Omsk",
         "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan",
         "Asia/Kamchatka")
# form field → what it is called in a message
NEEDED = {"name": N_("the name of the school"), "surname": N_("your surname"), "given_name": N_("your name"),
          "login": N_("the login")}


def register(app):
    app.register_blueprint(bp)
    app.before_request(_to_setup)


def code(app) -> str:
    """The one-time code of this installation: the same for every process of it, worth nothing after the set-up."""
    key = app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, b"first day " + app.config["DATABASE_URL"].encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:10].decode()


def waiting(app) -> bool:
    """Is the school not set up yet? Once it is, nobody asks the database again."""
    if not app.extensions.get("founded"):
        app.extensions["founded"] = not founding.needed()
    return not app.extensions["founded"]


def _to_setup():
    """Until somebody can sign in, every page leads here."""
    if request.endpoint in (None, "static", "setup.start", "profile.health", "language.switch") or not waiting(current_app):
        return None
    return redirect(url_for("setup.start"))


@bp.route("/", methods=["GET", "POST"])
@public
def start():
    if not waiting(current_app):
        return redirect("/")
    form = request.form if request.method == "POST" else _suggested()
    errors = _found(form) if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        checklist = url_for("setup.checklist")
        contradicts = rulebook.rules.preset(form["preset"]).contradictions
        return redirect(url_for("regulation_versions.readings", next=checklist) if contradicts else checklist)
    years = [(str(year), founding.year_name(date(year, 9, 1))) for year in _years()]
    page = render_template("setup/start.html", form=form, errors=errors, kinds=KINDS, zones=_zones(), years=years,
                           presets=_presets().items(), confidentiality=rulebook.access_rules.ready_text(rulebook.rules.preset("base")),
                           shortest=m.SHORTEST_PASSWORD)
    return page, 422 if errors else 200


@bp.get("/checklist")
def checklist():
    """What a working journal needs, each with its count and the place where it is done."""
    if not current_user.has("ADM", "DIR", "ZAV"):
        abort(403)
    year = m.Year.on(clock.today())
    rows = items(year, clock.today()) if year else []
    return render_template("setup/checklist.html", rows=rows, done=sum(row.ready for row in rows))


def _found(form) -> dict:
    """Set the school up from the form and sign its administrator in; what is wrong by field."""
    if throttle.paused("setup", address()):
        abort(429)
    errors = _errors(form)
    if "code" in errors:
        throttle.failed("setup", address())
    if errors:
        return errors
    clock.set_school(form["timezone"])
    try:
        account = founding.found(stranger("set-up"), _facts(form))
    except m.Refused as refusal:
        return {refusal.field or "name": say(refusal.text)}
    sign_in(account)
    return {}


def _errors(form) -> dict:
    errors = {}
    if not hmac.compare_digest(form.get("code", "").strip().upper().encode(), code(current_app).encode()):
        errors["code"] = _("The code does not fit. It stands in the terminal where the server was started.")
    for field, title in NEEDED.items():
        if not form.get(field, "").strip():
            errors[field] = _("Please give %(what)s", what=title)
    for field, known in (("kind", dict(KINDS)), ("timezone", available_timezones()), ("preset", _presets()),
                         ("year", {str(year) for year in _years()})):
        if form.get(field) not in known:
            errors[field] = _("Please choose from the list")
    if form.get("password") != form.get("again"):
        errors["again"] = _("The two passwords differ")
    return errors


def _facts(form) -> Founding:
    starts, ends = founding.year_span(int(form["year"]))
    words = {name: form.get(name, "").strip()[:limit] for name, limit in (
        ("name", 300), ("short_name", 100), ("surname", 100), ("given_name", 100), ("patronymic", 100), ("login", 60))}
    return Founding(**words, kind=form["kind"], timezone=form["timezone"], preset=form["preset"],
                    password=form.get("password", ""), starts=starts, ends=ends, accepts=True)


def _suggested() -> dict:
    school = m.School.the()
    return {"code": request.args.get("code", ""), "name": school.name if school else "",
            "short_name": school.short_name if school else "", "kind": school.kind if school else m.SCHOOL,
            "timezone": school.timezone if school else current_app.config["SCHOOL_TIMEZONE"],
            "year": str(_years()[1]), "preset": "base", "login": "admin"}


def _presets() -> dict[str, str]:
    return {rules.preset: rules.title for rules in rulebook.rules.presets()}


def _years() -> tuple[int, int, int]:
    """First calendar years of last, this and next school year."""
    this = founding.suggested_year(clock.today())
    return this - 1, this, this + 1


def _zones() -> list[tuple[str, str]]:
    now, names = clock.now(), dict.fromkeys((*ZONES, current_app.config["SCHOOL_TIMEZONE"]))
    return [(name, f"{get_timezone_location(name, locale=get_locale(), return_city=True)} (UTC{now.astimezone(ZoneInfo(name)):%z})")
            for name in names]
