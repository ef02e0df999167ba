"""«Полезные ссылки»: educational resources elsewhere (CTL-20, ACC-18). Nothing is asked of another host before somebody follows a link."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from peewee import JOIN

import models as m
import policies
from views import uploads, visitor
from views.language import say

bp = Blueprint("resources", __name__, url_prefix="/help/links")

WHOM = {"": N_("for everybody"), "staff": N_("for staff"), "family": N_("for families")}
GRADES = range(1, 12)


@bp.get("")
def index():
    """Links by subject, those of no subject first; narrowed by `grade` and `subject`."""
    return _index_page()


@bp.post("")
def add():
    user, form = visitor.user(), request.form
    if not policies.allows(user, "create", m.Resource()):
        abort(403)
    try:
        m.Resource.put(visitor.actor(), form.get("title", ""), _address(form.get("url", "")), note=form.get("note", "").strip()[:300],
                       subject=policies.find(user, m.Subject, form.get("subject", "")), grade=_grade(form.get("grade", "")),
                       whom=form.get("whom", "") if form.get("whom") in WHOM else "")
    except m.Refused as refusal:
        return _index_page({refusal.field or "title": say(refusal.text)}, form), 422
    flash(_("The link is in the catalogue."), "ok")
    return redirect(url_for(".index"))


@bp.post("/<number>/remove")
def remove(number: str):
    row = policies.find(visitor.user(), m.Resource, number)
    if row is None or not policies.allows(visitor.user(), "delete", row):
        abort(403)
    row.drop(visitor.actor())
    flash(_("The link is removed."), "ok")
    return redirect(url_for(".index"))


def _index_page(errors=None, typed=None):
    user = visitor.user()
    grade, subject = _grade(request.args.get("grade", "")), request.args.get("subject", "")
    rows = list(policies.visible(user, m.Resource).select(m.Resource, m.Subject).join(m.Subject, JOIN.LEFT_OUTER))
    subjects = sorted({(row.subject_id, row.subject.name) for row in rows if row.subject_id}, key=lambda each: m.sort_key(each[1]))
    rows = [row for row in rows if (grade is None or row.grade in (None, grade)) and (not subject or str(row.subject_id or "") == subject)]
    groups: dict[str, list] = {}
    for row in sorted(rows, key=lambda each: m.sort_key(each.subject.name if each.subject_id else "", each.title)):
        groups.setdefault(row.subject.name if row.subject_id else "", []).append(row)
    may = policies.allows(user, "create", m.Resource())
    return render_template("help/links.html", groups=groups, subjects=subjects, grade=grade, subject=subject, grades=GRADES, whom=WHOM,
                           may=may, every=_subjects() if may else [], errors=errors or {}, typed=typed or {},
                           grades_named=[("", _("all grades")), *((str(each), str(each)) for each in GRADES)])


def _subjects() -> list:
    rows = m.Subject.select(m.Subject.id, m.Subject.name).tuples()
    return [(str(number), name) for number, name in sorted(rows, key=lambda row: m.sort_key(row[1]))]


def _grade(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) in GRADES else None


def _address(text: str) -> str:
    """An address of the web; Refused as `url` for anything else."""
    try:
        return uploads.link(text).url
    except m.Refused as refusal:
        raise m.Refused(refusal.text, "url") from None
