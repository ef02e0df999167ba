"""The portfolio of a member of staff: achievements with words, files and links, private until an item is shared (ACC-16)."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import models as m
import policies
from views import uploads, visitor
from views.language import say

bp = Blueprint("portfolio", __name__, url_prefix="/portfolio")

NO_FILE = {"name": "", "url": "", "digest": "", "size": 0, "mime": ""}


@bp.get("/")
def index():
    """Own items, and what others share."""
    user = _staff()
    rows = list(policies.visible(user, m.PortfolioItem).select(m.PortfolioItem, m.Person).join(m.Person).order_by(
        m.PortfolioItem.day.is_null(), m.PortfolioItem.day.desc(), m.PortfolioItem.id.desc()))
    own = [row for row in rows if row.person_id == user.person]
    return render_template("portfolio/index.html", own=own, shared=[row for row in rows if row.person_id != user.person],
                           readers=_readers(own), kinds=m.PORTFOLIO_KINDS)


@bp.route("/new", methods=["GET", "POST"])
def new():
    return _form(None)


@bp.route("/<int:item>", methods=["GET", "POST"])
def page(item: int):
    """An own item as a form; somebody else's that is shared, to read."""
    row = _found(item)
    if policies.allows(visitor.user(), "edit", row):
        return _form(row)
    if request.method == "POST":
        abort(403)
    return render_template("portfolio/read.html", item=row, author=row.person, kinds=m.PORTFOLIO_KINDS)


@bp.get("/<int:item>/file")
def file(item: int):
    return uploads.sent(_found(item))


@bp.post("/<int:item>/drop")
def drop(item: int):
    row = _found(item)
    if not policies.allows(visitor.user(), "delete", row):
        abort(403)
    row.drop(visitor.actor())
    flash(_("«%(title)s» is taken out of the portfolio.", title=row.title), "success")
    return redirect(url_for(".index"))


def _form(row):
    user, error = _staff(), None
    colleagues = list(m.Person.select().join(m.Employee).where(m.Person.id != user.person).order_by(m.Person.sort))
    if request.method == "POST":
        try:
            m.PortfolioItem.put(visitor.actor(), row, _chosen(colleagues), **_told(row))
            flash(_("It is in your portfolio."), "success")
            return redirect(url_for(".index"))
        except m.Refused as refusal:
            error = {refusal.field or "title": say(refusal.text)}
    chosen = _chosen(colleagues) if request.method == "POST" else set(_readers([row]).get(row.id, {})) if row else set()
    return render_template("portfolio/form.html", item=row, typed=request.form if request.method == "POST" else None, errors=error or {},
                           kinds=[(kind, _(name)) for kind, name in m.PORTFOLIO_KINDS.items()], colleagues=colleagues, chosen=chosen,
                           accept=",".join(f".{extension}" for extension in uploads.TYPES)), 422 if error else 200


def _told(row) -> dict:
    """The columns of an item from the form; a file or link sent takes the place of the one that stood."""
    form = request.form
    words = {name: form.get(name, "").replace("\0", "").strip()[:limit] for name, limit in (("title", 200), ("text", 2000))}
    kind = form.get("kind") if form.get("kind") in m.PORTFOLIO_KINDS else "other"
    upload = request.files.get("file")
    fresh = uploads.keep(upload) if upload and upload.filename else uploads.link(form["link"]) if form.get("link", "").strip() else None
    paper = vars(fresh) if fresh else NO_FILE if row is None or "away" in form else {}
    return {**words, "kind": kind, "day": _day(form.get("day", "")), **paper}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        if text:
            raise m.Refused(m.Text(m.N_("Please give a date.")), "day") from None
        return None
    return day


def _chosen(colleagues) -> set[int]:
    sent = set(request.form.getlist("reader"))
    return {person.id for person in colleagues if str(person.id) in sent}


def _readers(items) -> dict[int, dict[int, str]]:
    """Item → its readers, person → short name. One query."""
    found: dict[int, dict] = {}
    for row in m.PortfolioReader.select(m.PortfolioReader, m.Person).join(m.Person).where(
            m.PortfolioReader.item.in_([item.id for item in items])).order_by(m.Person.sort) if items else ():
        found.setdefault(row.item_id, {})[row.person_id] = row.person.short_name
    return found


def _found(item: int) -> m.PortfolioItem:
    return policies.find(_staff(), m.PortfolioItem, item) or abort(403)


def _staff():
    user = visitor.user()
    return user if user.is_staff else abort(403)
