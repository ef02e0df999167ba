"""Notices to a member of staff: the list of all, and the act of having read them. The first pages show the unread ones."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

import models as m
import policies
from views import visitor
from views.language import inside

bp = Blueprint("notices", __name__, url_prefix="/notices")

PAGE = 50


@bp.get("/")
def index():
    """All notices, the unread ones first."""
    user = _staff()
    number = max(request.args.get("page", 0, int), 0)
    rows = list(m.Notice.of_person(user.person).offset(number * PAGE).limit(PAGE + 1))
    return render_template("duties/notices.html", rows=rows[:PAGE], number=number, more=len(rows) > PAGE,
                           unread=any(row.read_at is None for row in rows), topics=m.NOTICE_TOPICS)


@bp.post("/<number>/read")
def read(number: str):
    """This one is read; on to what it is about, if that was asked for, or back to where the button was."""
    _staff()
    notice = policies.find(visitor.user(), m.Notice, number)
    if notice is None:
        abort(403)
    m.Notice.read(visitor.actor(), [notice.id])
    return redirect(inside(notice.url if "open" in request.form else request.form.get("next", "")))


@bp.post("/read")
def read_all():
    user = _staff()
    m.Notice.read(visitor.actor(), [notice.id for notice in m.Notice.of_person(user.person).where(m.Notice.read_at.is_null())])
    return redirect(url_for(".index"))


def _staff():
    user = visitor.user()
    return user if user.is_staff else abort(403)
