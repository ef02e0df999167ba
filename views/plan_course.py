"""A course against its plan: when each topic is due and when it was given, behind or ahead, hours against the curriculum, and
compaction with its correction sheet (PLN-02 … PLN-04, STR-06). For leaders the same of a whole parallel, and what a day that was
cancelled took from which plans.
"""

from datetime import date
from decimal import Decimal
from itertools import groupby
from types import SimpleNamespace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import formulas
import models as m
import policies
import rulebook.entries
import rulebook.facts
import rulebook.plans
import rulebook.rules
from views import visitor
from views.language import say
from views.plans import hours_of

bp = Blueprint("plan_course", __name__, url_prefix="/plans")


# ---- one course ----

@bp.get("/course/<int:course>")
def page(course: int):
    row = course_of(course)
    return _page(row)


@bp.post("/course/<int:course>/plan")
def take(course: int):
    """The plan this course goes by from now on, or none."""
    row, user, chosen = course_of(course), visitor.user(), request.form.get("plan", "")
    plan = policies.find(user, m.Plan, chosen or row.plan_id)
    if plan is None or plan.subject_id != row.subject_id or not policies.allows(user, "plan", row):
        abort(403)
    rulebook.plans.give_plan(user, visitor.actor(), plan, {course} if chosen else set(), [row])
    flash(_("The course goes by the plan «%(name)s».", name=plan.name) if chosen else _("The course has no plan now."), "success")
    return redirect(url_for(".page", course=course))


@bp.post("/course/<int:course>/correct")
def correct(course: int):
    """Compaction: hours of topics in this course and topics given together, with one reason (PLN-04)."""
    row, form = course_of(course), request.form
    typed = {int(name[2:]): (hours_of(text.strip()), f"j-{name[2:]}" in form) for name, text in form.items()
             if name.startswith("h-") and name[2:].isdigit()}
    wishes = {topic: (hours, join) for topic, (hours, join) in typed.items() if hours is not None or join}
    seen = {int(name[2:]): text for name, text in form.items() if name.startswith("s-") and name[2:].isdigit()}
    odd = [topic for topic in typed if topic not in wishes]
    try:
        if odd:
            raise m.Refused(m.Text(m.N_("Hours are a number: 1, 2 or 0,5.")), str(odd[0]))
        changed = rulebook.plans.correct_plan(visitor.user(), visitor.actor(), row, wishes, form.get("reason", ""), seen)
    except m.Refused as refusal:
        own = {topic: wish for topic, wish in typed.items() if wish[0] is None or rulebook.plans.stood(*wish) != seen.get(topic)}
        return _page(row, typed={topic: (form.get(f"h-{topic}", ""), join) for topic, (_hours, join) in own.items()},
                     problem=(refusal.field, say(refusal.text))), 422
    except rulebook.entries.Foreign:
        abort(403)
    done = ngettext("%(num)s topic is corrected.", "%(num)s topics are corrected.", changed) if changed else _("Nothing was changed.")
    flash(done, "success")
    return redirect(url_for(".page", course=course, _anchor="sheet"))


def course_of(course: int) -> m.Course:
    user = visitor.user()
    return m.Course.whole().where((m.Course.id == course) & m.Course.id.in_(
        policies.journals(user).select(m.Course.id))).first() or abort(403)


def _page(course, typed=None, problem=(None, "")):
    user, year = visitor.user(), m.Year.get_by_id(course.unit.year_id)
    facts = against_plan(course, year, user.today)
    plan = policies.find(user, m.Plan, course.plan_id) if course.plan_id else None
    rules, edits = rulebook.rules.rules_on(user.today), policies.allows(user, "plan", course)
    school_class = course.unit.school_class
    due = rulebook.plans.plan_due(m.CurriculumLine.of_grades(year, [school_class.grade] if school_class else []), course.subject_id)
    due = {school_class.name: due[school_class.name]} if school_class and school_class.name in due else {}
    choice = list(policies.visible(user, m.Plan).where((m.Plan.subject == course.subject_id) & (m.Plan.year == year)).order_by(
        m.Plan.grade, m.Plan.name)) if edits else []
    total = sum((row.topic.hours for row in facts.rows), Decimal(0))
    return render_template(
        "plans/course.html", course=course, plan=plan, facts=facts, edits=edits, choice=choice, typed=typed, problem=problem,
        total=rulebook.plans.in_hours(total), due=rulebook.plans.in_hours(next(iter(due.values()))) if due else "",
        decision=rulebook.plans.judge_plan(rules, total, due) if plan else rulebook.facts.Decision(), h=rulebook.plans.in_hours,
        pace=rulebook.plans.plan_paces([course.id], year, user.today).get(course.id),
        sheet=list(m.PlanCorrection.sheet(course)) if plan else [])


def against_plan(course, year, today) -> SimpleNamespace:
    """Every topic of the plan with its dates by plan and in fact, and the lessons that do not follow it."""
    lessons = list(m.Lesson.of_plans([course.id], year.starts, year.ends).namedtuples())
    scheduled, kept = m.Lesson.scheduled(lessons), m.PlanDate.of_courses([course.id])
    waiting = [lesson for lesson in lessons if lesson.state == "planned" and not lesson.topic and lesson.day >= today]
    topics = m.PlanTopic.of_course(course) if course.plan_id else []
    due = formulas.spread([topic.hours for topic in topics], [lesson.hours for lesson in scheduled])
    still = formulas.spread([max(Decimal(0), topic.needs - topic.given) for topic in topics], [lesson.hours for lesson in waiting])
    rows, until = [], date.min  # until when the topics above lasted
    for topic, due_places, still_places in zip(topics, due, still, strict=True):
        given = [lesson for lesson in lessons if lesson.plan_topic == topic.id]
        row = _row(topic, [scheduled[n] for n in due_places], [waiting[n] for n in still_places], given, until)
        rows.append(_as_first_planned(row, kept.get((course.id, topic.id)), lessons))
        until = max([until, *(lesson.day for lesson in given)]) if topic.given >= topic.needs else date.max
    own = {topic.id for topic in topics}
    return SimpleNamespace(
        rows=rows, off=[lesson for lesson in lessons if lesson.topic and lesson.plan_topic not in own],
        cancelled=[lesson for lesson in lessons if lesson.state == "cancelled"],
        blank=sum(lesson.state != "cancelled" and not lesson.topic and lesson.day < today for lesson in lessons),
        hours=sum(lesson.hours for lesson in lessons if lesson.state != "cancelled"))


def _row(topic, due, still, given, until) -> SimpleNamespace:
    """`state`: joined · done · begun · ahead · none (no lesson is left for it)."""
    joined = topic.correction is not None and topic.correction.joined_to_id is not None
    state = ("joined" if joined else "done" if topic.given >= topic.needs else "begun" if topic.given else "ahead" if still else "none")
    odd = [lesson for lesson in given if m.fold(lesson.topic) not in (m.fold(topic.words), m.fold(topic.topic), "")]
    return SimpleNamespace(topic=topic, due=_days(due), lost=[lesson.day for lesson in due if lesson.state == "cancelled"], given=given,
                           still=_days(still), state=state, odd=odd, early=bool(given) and given[0].day < until,
                           late=bool(given and due) and given[0].day > due[-1].day)


def _as_first_planned(row, kept, lessons) -> SimpleNamespace:
    """A topic that the timetable has moved since goes by the days it had first; `moved`: those it has instead."""
    row.moved = []
    if kept and list(kept) != row.due[:1] + row.due[-1:]:
        row.moved, row.due = row.due, list(dict.fromkeys(kept))
        row.lost = [lesson.day for lesson in lessons if lesson.state == "cancelled" and lesson.day in row.due]
        row.late = bool(row.given) and row.given[0].day > row.due[-1]
    return row


def _days(lessons) -> list:
    return list(dict.fromkeys(lesson.day for lesson in lessons))


# ---- for leaders: a parallel ----

@bp.get("/progress")
def progress():
    """All courses of a parallel against their plans."""
    user = visitor.user()
    if not user.reads_all:
        abort(403)
    year = m.Year.on(user.today)
    grades = sorted({grade for grade, in m.SchoolClass.select(m.SchoolClass.grade).where(m.SchoolClass.year == year).tuples()})
    grade = next((each for each in grades if str(each) == request.args.get("grade")), grades[0] if grades else None)
    courses = list(m.Course.whole().where((m.Unit.year == year) & (m.SchoolClass.grade == grade)).order_by(
        m.SchoolClass.sort, m.Subject.position, m.Subject.name, m.Unit.name))
    paces = rulebook.plans.plan_paces([course.id for course in courses], year, user.today) if courses else {}
    teachers = m.Assignment.names_on([course.id for course in courses], user.today)
    rows = [SimpleNamespace(course=course, pace=paces.get(course.id), teacher=teachers.get(course.id, "")) for course in courses]
    groups = [(name, list(group)) for name, group in groupby(rows, key=lambda row: row.course.unit.school_class.name)]
    return render_template("plans/progress.html", groups=groups, grades=grades, grade=grade, h=rulebook.plans.in_hours,
                           behind=sum(row.pace is not None and row.pace.behind > 0 for row in rows),
                           without=sum(row.pace is None for row in rows))


@bp.get("/calendar")
def calendar():
    """Days on which lessons fell out, by an order or one by one, and the plans they were taken from (PLN-04)."""
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    year = m.Year.on(user.today)
    lost = m.lost_lessons(year) if year else {}
    seen = {course.id: course for course in m.Course.whole().where(m.Course.plan.is_null(False) & m.Course.id.in_(
        policies.journals(user).select(m.Course.id)) & m.Course.id.in_({course for _why, courses in lost.values() for course in courses}))}
    paces = rulebook.plans.plan_paces(list(seen), year, user.today) if seen else {}
    days = [SimpleNamespace(day=day, why=why, courses=[(seen[course], paces.get(course)) for course in courses if course in seen])
            for day, (why, courses) in sorted(lost.items(), reverse=True)]
    return render_template("plans/calendar.html", days=[each for each in days if each.courses], h=rulebook.plans.in_hours)


