"""«Сообщения» (ACC-14): the list of own conversations, whom to write to, a conversation with who has read it and when.

Thumb first: a person is chosen by a tap, then there is one field and one button. Opening a conversation is reading it.
"""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

import clock
import models as m
import policies
import rulebook.talk
from views import visitor
from views.frame import ROLE_NAMES
from views.language import say

bp = Blueprint("talk", __name__, url_prefix="/talk")
bp.context_processor(lambda: {"foreign": current_user.is_authenticated and g.sign_in.foreign})

PAGE, SHOWN = 30, 200
GROUPS = ("parents", "pupils", "families")


@bp.get("/")
def index():
    """Own conversations, the one written in last first; to the administrator also how many messages there are, nothing of them."""
    user = visitor.user()
    number = max(request.args.get("page", 0, int), 0)
    among = policies.visible(user, m.Conversation)
    rows = list(m.Conversation.listed(among, user.person).offset(number * PAGE).limit(PAGE + 1))
    return render_template("talk/index.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, title_of=title_of,
                           closed=_closed(user), tally=rulebook.talk.tally(clock.now()) if user.has("ADM") else None)


@bp.get("/new")
def new():
    """Whom to write to, or the form when that is said: `to` (with `pupil`, `lesson`), `lesson` alone, `class` or `course`, `staff`."""
    user = visitor.user()
    if _closed(user):
        return _whom_page(user)
    if request.args.get("lesson") and not request.args.get("to"):
        return _about_lesson(user)
    if request.args.get("to"):
        return _form_page(user, _one(user))
    if request.args.get("class") or request.args.get("course") or request.args.get("staff"):
        return _form_page(user, _many(user))
    return _whom_page(user)


@bp.post("/new")
def start():
    """Send to one or to many, as the form said."""
    user = visitor.user()
    if _closed(user):
        return _whom_page(user, typed=request.form.get("text", "")), 422
    about = _one(user) if request.form.get("to") else _many(user)
    try:
        talk = rulebook.talk.start(user, visitor.actor(), request.form.get("text", ""), **_ids(about))
    except rulebook.talk.NotYours:
        abort(403)
    except m.Refused as refusal:
        return _form_page(user, about, {refusal.field or "text": say(refusal.text)}), 422
    flash(_("The message is sent."), "ok")
    return redirect(url_for(".page", number=talk.id, sent=1))


@bp.get("/<number>")
def page(number: str):
    return _page(_conversation(number))


@bp.post("/<number>")
def answer(number: str):
    """Write on, or answer the author of a message to many."""
    talk = _conversation(number)
    try:
        where = rulebook.talk.answer(visitor.user(), visitor.actor(), talk, request.form.get("text", ""))
    except m.Refused as refusal:
        return _page(talk, {refusal.field or "text": say(refusal.text)}), 422
    return redirect(url_for(".page", number=where.id, sent=1, _anchor="end"))


# ---- a conversation ----

def _conversation(number: str) -> m.Conversation:
    user = visitor.user()
    seen = policies.find(user, m.Conversation, number)
    if seen is None:
        abort(403)
    return m.Conversation.listed(m.Conversation.select().where(m.Conversation.id == seen.id), user.person).get()


def _page(talk: m.Conversation, errors=None):
    user = visitor.user()
    if talk.unread:
        m.Receipt.read(visitor.actor(), talk)
        user.unread = max(user.unread - talk.unread, 0)
    messages = list(m.Message.select(m.Message, m.Person).join(m.Person).where(m.Message.conversation == talk).order_by(
        m.Message.id.desc()).limit(SHOWN))[::-1]
    receipts: dict[int, list] = {}
    for row in m.Receipt.of_messages([message.id for message in messages if message.author_id == user.person]):
        receipts.setdefault(row.message_id, []).append(row)
    return render_template(
        "talk/page.html", talk=talk, title=title_of(talk), messages=messages, receipts=receipts, errors=errors or {},
        typed=request.form.get("text", ""), obstacle=say(rulebook.talk.obstacle(user, talk) or ""), **_answers(user, talk))


def _answers(user, talk) -> dict:
    """Of a message to many: to its author the answers, to who received it the own one; of an answer what it answers."""
    if talk.answers_id:
        return {"first": m.Message.select(m.Message, m.Person).join(m.Person).where(m.Message.conversation == talk.answers_id).order_by(
            m.Message.id).first()}
    if talk.person_id or talk.discussion:
        return {}
    if talk.author_id != user.person:
        return {"own": rulebook.talk.own_answer(user, talk), "apart": True}
    among = policies.visible(user, m.Conversation).where(m.Conversation.answers == talk.id)
    return {"answers": list(m.Conversation.listed(among, user.person).limit(SHOWN)), "title_of": title_of}


def title_of(talk: m.Conversation) -> str:
    """With whom: the other person's name, «7Б класс: родители», «7Б · Алгебра: родители», «Сотрудники школы»."""
    if talk.person_id:
        other = talk.person if talk.author_id == visitor.user().person else talk.author
        return other.full_name
    if talk.whom == "staff":
        return _("Staff of the school")
    place = f"{talk.course.unit.name} · {talk.course.subject.name}" if talk.course_id else _("Class %(name)s", name=talk.school_class.name)
    return f"{place}: {_(m.WHOM[talk.whom])}"


# ---- to whom ----

def _closed(user) -> str:
    """Why somebody who is here as a family only does not write; "" when they may."""
    why = None if user.is_staff else rulebook.talk.closed_to_families(user.rules)
    return say(why) if why else ""


def _whom_page(user, typed: str = ""):
    """Whom the user may write to; `typed` is what was written and may not be sent."""
    kids = m.Pupil.named().where(m.Pupil.id.in_(user.pupils)) if user.pupils else []
    may_as_family = user.rules.value("rights.parent_messaging")
    classes = m.SchoolClass.select().join(m.Year).where((m.Year.starts <= user.today) & (m.Year.ends >= user.today)).order_by(
        m.SchoolClass.sort)
    return render_template(
        "talk/new.html", closed=_closed(user), typed=typed,
        kids=[(kid, [(each.person, _what_of(each)) for each in rulebook.talk.around(user, kid.id)]) for kid in kids if may_as_family],
        classes=list(classes if user.reads_all else classes.where(m.SchoolClass.id.in_(user.classes))) if user.is_staff else [],
        courses=_courses(user) if user.is_staff else [], colleagues=rulebook.talk.colleagues(user) if user.is_staff else [])


def _what_of(each) -> str:
    """«Классный руководитель, алгебра, геометрия»"""
    return ", ".join([str(ROLE_NAMES[role]) for role in each.roles] + each.subjects)


def _courses(user) -> list[m.Course]:
    among = policies.courses_given(user).select(m.Course.id)
    return list(m.Course.select(m.Course, m.Unit, m.Subject).join(m.Unit).join_from(m.Course, m.Subject).where(
        m.Course.id.in_(among)).order_by(m.Unit.name, m.Subject.name))


def _about_lesson(user):
    """«Спросить учителя»: straight to the form for the teacher of the lesson. From the journal the other way: pupil and parents."""
    lesson, pupil = _seen(m.Lesson, "lesson"), _seen(m.Pupil, "pupil")
    if lesson is None or pupil is None:
        abort(403)
    if pupil.id not in user.pupils:
        parents = m.Guardianship.on(user.today).select(m.Guardianship, m.Person).join(m.Person).where(m.Guardianship.pupil == pupil)
        return render_template("talk/family.html", pupil=pupil, lesson=lesson, parents=list(parents))
    for person in rulebook.talk.teachers_of(lesson, user.today):
        if policies.allows(user, "create", m.Conversation(author=user.person, person=person, pupil=pupil.id, lesson=lesson.id)):
            return redirect(url_for(".new", to=person, pupil=pupil.id, lesson=lesson.id))
    return _whom_page(user)


def _one(user) -> dict:
    """The person written to, and the pupil and lesson it is about; 403 where the gate forbids it."""
    number = request.values.get("to", "")
    person = m.Person.get_or_none(m.Person.id == int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    about = {"person": person, "pupil": _seen(m.Pupil, "pupil"), "lesson": _seen(m.Lesson, "lesson")}
    if person is None:
        abort(403)
    talk = m.Conversation(author=user.person, **_ids(about))
    if not policies.allows(user, "create", talk):
        abort(403)
    return about


def _many(user) -> dict:
    """The class, course or staff written to; 403 where the gate forbids it."""
    staff, whom = bool(request.values.get("staff")), request.values.get("whom", "parents")
    about = {"school_class": _seen(m.SchoolClass, "class"), "course": _seen(m.Course, "course"), "whom": "staff" if staff else whom,
             "discussion": bool(request.values.get("discussion"))}
    plain = m.Conversation(author=user.person, **_ids(about | {"discussion": False}))
    if not policies.allows(user, "create", plain):
        abort(403)
    return about


def _form_page(user, about: dict, errors=None):
    if "person" in about:
        return render_template("talk/write.html", about=about, errors=errors or {}, form_=request.form)
    pupils = [] if about["whom"] == "staff" else rulebook.talk.families(user, about["school_class"], about["course"])
    return render_template("talk/group.html", about=about, pupils=pupils, groups=[(key, _(m.WHOM[key])) for key in GROUPS],
                           errors=errors or {}, form_=request.form,
                           no_discussions=say(why) if (why := rulebook.talk.no_discussions(user.rules)) else "")


def _ids(about: dict) -> dict:
    return {name: getattr(value, "id", value) for name, value in about.items()}


def _seen(model, name: str):
    """The record an argument names, as far as the gate shows it; None without the argument."""
    number = request.values.get(name, "")
    return (policies.find(visitor.user(), model, number) or abort(403)) if number else None
