"""Substitutions of a day: the deputy head says who is absent, and who gives each of the lessons instead (SUB-01, STR-11).

Whoever is free at that hour is offered first, those of the same subject before all. The register (F-13) is among the documents.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
from views import visitor
from views.admin_words import choices
from views.language import say

bp = Blueprint("substitution", __name__, url_prefix="/substitutions")

TEACHING = ("T", "MAS", "CT", "ZAV", "DIR")


@dataclass
class Row:
    """A lesson of the absent teacher with what is appointed or typed for it; `offered` are (group, [(person, name)])."""

    lesson: m.Lesson
    offered: list = field(default_factory=list)
    chosen: int = 0
    kind: str = "same_subject"
    paid: bool = True
    note: str = ""
    recorded: bool = False
    standing: bool = False


@bp.route("/", methods=["GET", "POST"])
def day():
    """The day's substitutions; of a teacher that is absent, the lessons to be given by others."""
    if not policies.allows(visitor.user(), "create", m.Substitution()):
        abort(403)
    when = _day(request.values.get("day"))
    given = list(m.Lesson.given_on(when).namedtuples())
    absent = next((row.teacher for row in given if str(row.teacher) == request.values.get("absent")), None)
    rows = _rows(when, absent, given) if absent else []
    problem = _appoint(rows) if request.method == "POST" else None
    if request.method == "POST" and not problem:
        count = sum(row.chosen > 0 for row in rows)
        flash(ngettext("%(num)s lesson is in other hands.", "%(num)s lessons are in other hands.", count) if count
              else _("The teacher gives these lessons: the substitutions are taken back."), "success")
        return redirect(url_for(".day", day=when, absent=absent))
    page = render_template(
        "substitution/day.html", when=when, rows=rows, absent=absent, teachers=_absent_or_not(given), problem=problem and say(problem),
        kinds=choices(m.Substitution, "kind"), register=list(m.Substitution.register(when, when)), typed=request.form,
        paper=_paper(rows), previous=when - timedelta(days=1), following=when + timedelta(days=1), short_name=m.short_name)
    return page, 422 if problem else 200


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        abort(400)


def _absent_or_not(given) -> list[tuple[int, str, int]]:
    """(person, name, lessons) of everybody who has lessons that day, by the alphabet."""
    people: dict[int, list] = {}
    for row in given:
        people.setdefault(row.teacher, [row.sort, m.short_name(row.surname, row.name, row.patronymic), 0])[2] += 1
    return [(person, name, count) for person, (_sort, name, count) in sorted(people.items(), key=lambda item: item[1])]


def _paper(rows: list[Row]) -> dict:
    """The reason and the order of what stands already."""
    standing = m.Substitution.select().where(m.Substitution.lesson.in_([row.lesson.id for row in rows])).first() if rows else None
    return {"reason": standing.reason if standing else "", "order_no": standing.order_no if standing else ""}


# ---- the lessons of the absent teacher ----

def _rows(when: date, absent: int, given) -> list[Row]:
    lessons = list(m.Lesson.whole().where((m.Lesson.day == when) & (m.Lesson.teacher == absent) & (m.Lesson.state != "cancelled"))
                   .order_by(m.Lesson.number))
    standing = {each.lesson_id: each for each in m.Substitution.select().where(m.Substitution.lesson.in_([row.id for row in lessons]))}
    staff, taught = _staff(when, absent), _taught(when)
    return [_row(lesson, standing.get(lesson.id), _offered(lesson, staff, taught, given)) for lesson in lessons]


def _row(lesson, standing, offered) -> Row:
    row = Row(lesson, offered)
    if standing:
        row.chosen, row.kind, row.paid, row.note = standing.substitute_id, standing.kind, standing.paid, standing.note
        row.recorded, row.standing = standing.recorded_at is not None, True
    if request.method == "POST":
        form = request.form
        text = form.get(f"s-{lesson.id}", "")
        row.chosen = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        row.kind, row.note = form.get(f"k-{lesson.id}", row.kind), form.get(f"n-{lesson.id}", "")[:1000]
        row.paid = f"p-{lesson.id}" in form
    return row


def _staff(when: date, absent: int) -> list[tuple[int, str]]:
    """Everybody who may give a lesson that day, by the alphabet, the absent one left out."""
    teaching = m.Assignment.on(when).select(m.Assignment.teacher).union(
        m.Appointment.on(when).where(m.Appointment.role.in_(TEACHING)).select(m.Appointment.person))
    people = m.Person.select().where(m.Person.id.in_(teaching) & (m.Person.id != absent)).order_by(m.Person.sort)
    return [(person.id, person.short_name) for person in people]


def _taught(when: date) -> dict[int, set[int]]:
    """Teacher → subjects."""
    taught: dict[int, set[int]] = {}
    for teacher, subject in m.Assignment.on(when).join(m.Course).select(m.Assignment.teacher, m.Course.subject).tuples():
        taught.setdefault(teacher, set()).add(subject)
    return taught


def _offered(lesson, staff, taught, given) -> list[tuple[str, list]]:
    """Groups of possible substitutes: free with the same subject, free, at a lesson of their own."""
    busy = {row.giver: row.unit for row in given if row.number == lesson.number and row.state != "cancelled"}
    same, free, others = [], [], []
    for person, name in staff:
        if person in busy:
            others.append((person, f"{name} ({busy[person]})"))
        else:
            (same if lesson.course.subject_id in taught.get(person, ()) else free).append((person, name))
    return [(_("free, same subject"), same), (_("free"), free), (_("at a lesson with another class"), others)]


# ---- appointing ----

def _appoint(rows: list[Row]) -> m.Text | None:
    """Write what was chosen for each lesson, or tell why not; all or nothing."""
    kinds, reason = dict(choices(m.Substitution, "kind")), request.form.get("reason", "").strip()[:200]
    if any(row.kind not in kinds or row.chosen and row.chosen not in {person for _name, among in row.offered for person, _n in among}
           for row in rows):
        abort(403)
    if not any(row.chosen or row.standing for row in rows):
        return m.Text(m.N_("Nobody is chosen yet. Choose at one lesson at least who gives it."))
    if not reason and any(row.chosen for row in rows):
        return m.Text(m.N_("Say why the teacher is absent: the register of substitutions tells it."))
    try:
        with m.writing(visitor.actor(), reason):
            for row in rows:
                m.Substitution.appoint(visitor.actor(), row.lesson, row.chosen or None, kind=row.kind, paid=row.paid, note=row.note.strip(),
                                       reason=reason, order_no=request.form.get("order_no", "").strip()[:60])
    except m.Refused as refusal:
        return refusal.text
    return None
