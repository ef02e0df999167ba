"""«Сообщить об изменении»: what a class teacher may not correct in lists and cards goes as a request to who may (CNT-04, CNT-12)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import models as m
import policies
import rulebook.list_requests
from views import visitor
from views.language import say

bp = Blueprint("list_requests", __name__, url_prefix="/list-requests")

PAGE = 100


@bp.get("/")
def index():
    """Requests of one's own, of the own class, or all of them for the administration, with the form of the answer for who may."""
    return _index_page()


@bp.get("/new")
def new():
    """The form, about a pupil (`pupil`) or the list of the own class."""
    user = _staff()
    if not user.classes:
        abort(403)
    return _form_page(user, request.args)


@bp.post("/new")
def ask():
    user = _staff()
    school_class = policies.find(user, m.SchoolClass, request.form.get("class", ""))
    pupil = policies.find(user, m.Pupil, request.form.get("pupil", "")) if request.form.get("pupil") else None
    if school_class is None or request.form.get("pupil") and not _in_class(user, pupil, school_class):
        abort(403)
    try:
        told = rulebook.list_requests.ask(user, visitor.actor(), school_class, pupil, request.form.get("text", ""))
    except rulebook.list_requests.NotYours:
        abort(403)
    except m.Refused as refusal:
        return _form_page(user, request.form, {refusal.field or "text": say(refusal.text)}), 422
    flash(_("The request is sent to: %(names)s", names=", ".join(told)), "ok")
    return redirect(url_for(".index"))


@bp.post("/<number>/reply")
def reply(number: str):
    """Done, or declined with the reason."""
    user = _staff()
    asked = policies.find(user, m.ListRequest, number)
    if asked is None:
        abort(403)
    try:
        rulebook.list_requests.reply(user, visitor.actor(), asked, request.form.get("state", ""), request.form.get("answer", ""))
    except rulebook.list_requests.NotYours:
        abort(403)
    except m.Refused as refusal:
        return _index_page({asked.id: say(refusal.text)}), 422
    flash(_("The answer is sent to who asked."), "ok")
    return redirect(url_for(".index") + f"#r{asked.id}")


def _index_page(errors=None):
    user = _staff()
    seen = policies.visible(user, m.ListRequest).select(m.ListRequest.id)
    rows = list(m.ListRequest.listed().where(m.ListRequest.id.in_(seen)).limit(PAGE))
    answers = {row.id for row in rows if row.state == "asked" and policies.allows(user, "reply", row)}
    return render_template("list_requests/index.html", rows=rows, answers=answers, states=rulebook.list_requests.STATES,
                           errors=errors or {}, asks=bool(user.classes))


def _form_page(user, form, errors=None):
    classes = list(policies.visible(user, m.SchoolClass).where(m.SchoolClass.id.in_(user.classes)))
    pupils = [(pupil, school_class) for school_class in classes for pupil in m.Pupil.of_class(school_class, user.today)]
    chosen = next((each for each, _one in pupils if str(each.id) == form.get("pupil")), None)
    rules = {key: policies.who_keeps(user.rules, key) for key in rulebook.list_requests.KEYS
             if rulebook.list_requests.asks(user.rules, key)}
    return render_template("list_requests/new.html", classes=classes, pupils=pupils, chosen=chosen, form=form, errors=errors or {},
                           rules=rules, whom=[person.short_name for person in rulebook.list_requests.keepers(user)])


def _in_class(user, pupil, school_class) -> bool:
    return pupil is not None and any(each.id == pupil.id for each in m.Pupil.of_class(school_class, user.today))


def _staff():
    user = visitor.user()
    return user if user.is_staff else abort(403)
