"""«Объявления» (ACC-15): the board of whoever looks, what one wrote with who has read it, a new one for a class, a course, a parallel
or the school, from a day to a day. The first pages show what is unread (templates/announcements/_board.html)."""

from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import models as m
import policies
import rulebook.talk
from views import visitor
from views.language import inside, say

bp = Blueprint("announcements", __name__, url_prefix="/announcements")

LISTED, SHOWN = 100, 3
USUAL = timedelta(days=14)
FAMILIES = ("families", "parents", "pupils")


def register(app):
    app.register_blueprint(bp)
    app.jinja_env.globals.update(board_limit=SHOWN)


@bp.get("/")
def index():
    """What stands on the board, what one wrote, and for the administration everything."""
    user = visitor.user()
    rows = list(m.Announcement.listed(policies.visible(user, m.Announcement), user.person).limit(LISTED))
    return render_template("announcements/index.html", rows=rows, today=user.today, may=bool(_places(user)), place_of=place_of)


@bp.route("/new", methods=["GET", "POST"])
def new():
    """A new announcement: where, for whom, the words, from which day to which."""
    user, errors = visitor.user(), {}
    places = _places(user)
    if not places:
        abort(403)
    if request.method == "POST":
        try:
            where = _chosen(user, request.form.get("place", ""))
            row = rulebook.talk.put_up(user, visitor.actor(), request.form.get("text", ""), request.form.get("whom", ""),
                                       _day("starts"), _day("ends"), **where)
        except rulebook.talk.NotYours:
            errors = {"whom": _("This cannot be announced to these people there. Choose others.")}
        except m.Refused as refusal:
            errors = {refusal.field or "text": say(refusal.text)}
        else:
            flash(_("The announcement is on the board."), "ok")
            return redirect(url_for(".page", number=row.id))
    typed = request.form or {"starts": user.today.isoformat(), "ends": (user.today + USUAL).isoformat()}
    whom = [(key, _(words)) for key, words in m.WHOM.items() if user.reads_all or key in FAMILIES]
    return render_template("announcements/new.html", places=places, whom=whom, typed=typed, errors=errors), 422 if errors else 200


@bp.get("/<number>")
def page(number: str):
    """One announcement; to its author and the administration also who has read it."""
    row = _announcement(number)
    user = visitor.user()
    knows = row.author_id == user.person or user.reads_all
    return render_template("announcements/page.html", row=row, today=user.today, place_of=place_of, knows=knows,
                           readings=list(m.AnnouncementReading.of(row)) if knows else [],
                           all=len(rulebook.talk.members(user, row) - {row.author_id}) if knows else 0)


@bp.post("/<number>/read")
def read(number: str):
    row = _announcement(number)
    m.AnnouncementReading.note(visitor.actor(), row)
    return redirect(inside(request.form.get("next", "")))


@bp.post("/<number>/withdraw")
def withdraw(number: str):
    """Off the board before its last day."""
    row = _announcement(number)
    try:
        rulebook.talk.withdraw(visitor.user(), visitor.actor(), row)
    except rulebook.talk.NotYours:
        abort(403)
    flash(_("The announcement is off the board."), "ok")
    return redirect(url_for(".index"))


def place_of(row: m.Announcement) -> str:
    """«7Б класс: родители», «все 7-е классы: ученики», «вся школа: все»."""
    if row.course_id:
        place = f"{row.course.unit.name} · {row.course.subject.name}"
    elif row.school_class_id:
        place = _("Class %(name)s", name=row.school_class.name)
    else:
        place = _("all of grade %(n)s", n=row.grade) if row.grade else _("whole school")
    return f"{place}: {_(m.WHOM[row.whom])}"


# ---- where ----

def _places(user) -> list[tuple[str, str]]:
    """(value, name) of every place the user may announce something in; none for families."""
    if not user.is_staff:
        return []
    classes = m.SchoolClass.select().join(m.Year).where((m.Year.starts <= user.today) & (m.Year.ends >= user.today)).order_by(
        m.SchoolClass.sort)
    classes = list(classes if user.reads_all else classes.where(m.SchoolClass.id.in_(user.classes)))
    places = []
    if user.reads_all:
        places = [("school", _("whole school"))]
        places += [(f"grade-{grade}", _("all of grade %(n)s", n=grade)) for grade in dict.fromkeys(each.grade for each in classes)]
    places += [(f"class-{each.id}", _("Class %(name)s", name=each.name)) for each in classes]
    taught = [number for number in user.taught if policies.teaches(user, number, user.today)]
    courses = m.Course.select(m.Course, m.Unit, m.Subject).join(m.Unit).join_from(m.Course, m.Subject).where(
        m.Course.id.in_(taught)).order_by(m.Unit.name, m.Subject.name)
    return places + [(f"course-{each.id}", f"{each.unit.name} · {each.subject.name}") for each in courses]


def _chosen(user, place: str) -> dict:
    if place not in dict(_places(user)):
        raise m.Refused(m.Text(m.N_("Choose where")), "place")
    kind, _dash, number = place.partition("-")
    return {} if kind == "school" else {{"grade": "grade", "class": "school_class", "course": "course"}[kind]: int(number)}


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise m.Refused(m.Text(m.N_("Choose the day")), name) from None


def _announcement(number: str) -> m.Announcement:
    user = visitor.user()
    seen = policies.find(user, m.Announcement, number)
    if seen is None:
        abort(403)
    return m.Announcement.listed(m.Announcement.select().where(m.Announcement.id == seen.id), user.person).get()
