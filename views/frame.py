"""What surrounds every page: the database for the request, the school, the menu of whoever looks, `/`, the profile, `/health`."""

from dataclasses import dataclass
from types import SimpleNamespace

from flask import Blueprint, abort, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as N_
from flask_login import current_user
from markupsafe import Markup

import clock
import models as m
import policies
import rulebook.running
from views.language import moment
from views.security import public

bp = Blueprint("profile", __name__)

ROLE_NAMES = {"DIR": N_("director"), "ZAV": N_("deputy director"), "ADM": N_("administrator"), "SEC": N_("secretary"),
              "CT": N_("class teacher"), "T": N_("teacher"), "MAS": N_("master of practical training"),
              "PAR": N_("parent"), "STU": N_("pupil")}


@dataclass(frozen=True)
class Section:
    """An entry of the menu, the roles that have it, and the name of the group it stands in; the first a role has is its workplace."""

    path: str
    label: object
    icon: str
    roles: frozenset
    group: object = None

    @property
    def current(self) -> bool:
        return request.path.startswith(self.path)

    @property
    def new(self) -> int:
        """Messages not read yet."""
        return current_user.unread if self.path == "/talk/" else 0


@dataclass(frozen=True)
class Group:
    """Sections under one name in the head of a page."""

    label: object
    parts: list[Section]

    @property
    def path(self) -> str:
        return self.parts[0].path

    @property
    def current(self) -> bool:
        return any(part.current for part in self.parts)

    @property
    def new(self) -> int:
        return sum(part.new for part in self.parts)


def section(path: str, label, icon: str, roles: str, group=None) -> Section:
    return Section(path, label, icon, frozenset(roles.split()), group)


def register(app, menu: list[Section]):
    app.extensions["menu"] = menu
    app.before_request_funcs.setdefault(None, []).insert(0, _open)  # before anything that may already answer with a page
    app.teardown_request(_close)
    app.context_processor(lambda: {"frame": _frame()})
    app.jinja_env.globals.update(icon=icon, allows=_allows)
    app.register_blueprint(bp)


def icon(name: str) -> Markup:
    """A sign of the sprite in _icons.html; decoration only, the word stands beside it."""
    return Markup('<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


# ---- pages that belong to nobody in particular ----

@bp.get("/")
def home():
    """Everybody to the own workplace: the first entry of the own menu."""
    own = _menu()
    return redirect(own[0].path if own else url_for("profile.page"))


@bp.get("/me")
def page():
    roles = [name for role, name in ROLE_NAMES.items() if role in current_user.roles]
    return render_template("account/profile.html", roles=roles)


@bp.get("/health")
@public
def health():
    return jsonify(ok=True, version=current_app.config["VERSION"])


# ---- around a request ----

def _open():
    g.school = None
    if request.endpoint == "static":
        return
    if current_app.config["SCHEMA"] == "older" and request.endpoint != "profile.health":
        abort(503)
    m.db.connect(reuse_if_open=True)
    g.school = m.School.the()
    if g.school:
        g.school_kind = g.school.kind
        clock.set_school(g.school.timezone, g.school.clock_offset)


def _close(error=None):
    """Back to the pool. SQLite has none: opening costs 16 ms of CPU, so each of the server's few threads keeps its connection."""
    if not m.is_sqlite() and not m.db.is_closed():
        m.db.close()


def _frame() -> SimpleNamespace:
    if "frame" not in g:
        school, menu = g.get("school"), _menu()
        g.frame = SimpleNamespace(
            school=(school.short_name or school.name) if school else "",
            demo=moment(clock.now()) if school and school.is_demo else None,
            name=current_user.name if current_user.is_authenticated else "", overlaps=_overlaps(), menu=menu, groups=_groups(menu),
            outage=rulebook.running.announced(school, clock.now()))
    return g.frame


def _overlaps() -> int:
    """Sign-ins of a family on a second device that nobody has looked at; staff have a notice of each (ACC-10)."""
    shown = current_user.is_authenticated and not current_user.is_staff and request.blueprint != "sign_ins"
    return g.sign_in.overlaps if shown else 0


def _menu() -> list[Section]:
    user = current_user._get_current_object()  # a hundred questions to the proxy would take a tenth of a small page
    return [entry for entry in current_app.extensions["menu"] if user.has(*entry.roles)] if user.is_authenticated else []


def _groups(menu: list[Section]) -> list[Group]:
    """The menu as the head of a page shows it: sections of one group stand where the first of them does."""
    groups: dict[object, Group] = {}
    for entry in menu:
        groups.setdefault(entry.group or entry.path, Group(entry.group or entry.label, [])).parts.append(entry)
    return list(groups.values())


def _allows(verb: str, obj) -> bool:
    """For templates: may whoever looks do this?"""
    return policies.allows(current_user, verb, obj)
