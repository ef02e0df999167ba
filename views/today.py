"""«Сегодня»: the first page of each workplace. Somebody with several (a teacher who is also a parent) finds all of them, apart (ACC-01).

Teacher and class teacher: lessons of the day and the week ahead, what is still to be filled with its deadline and clause, the
most urgent first (LEG-03), every journal at a glance, absentees of the own class (ATT-05). Leaders: what is recorded today. Office
and administrator: where their work is.
"""

from datetime import date, timedelta
from itertools import groupby
from types import SimpleNamespace

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.facts
import rulebook.journal
import rulebook.lesson_facts
import rulebook.result_desk
import rulebook.result_verdicts
import rulebook.results
import rulebook.rules
from marking import scale_of
from views import duties, today_school, visitor
from views.grid import number_shown
from views.language import day as in_words
from views.language import moment

bp = Blueprint("today", __name__, url_prefix="/today")

LOOK_BACK = timedelta(days=30)
RESULTS_SOON = timedelta(days=21)
AHEAD = timedelta(days=7)
COUNTED = timedelta(minutes=60)  # a deadline further away is no countdown

# Workplace → its name and roles, in the order in which one of them is opened first.
PLACES = {
    "school": (N_("School today"), ("DIR", "ZAV")),
    "admin": (N_("Administration"), ("ADM",)),
    "teacher": (N_("My lessons"), ("T", "MAS", "CT")),
    "office": (N_("Office"), ("SEC",)),
}


@bp.get("/")
def index():
    """To the first of the own workplaces; a family to its diary."""
    user = visitor.user()
    own = _places(user)
    if own:
        return redirect(url_for(".place", name=own[0]))
    return redirect(url_for("diary.own") if user.has(*policies.FAMILY) else url_for("profile.page"))


@bp.get("/<name>")
def place(name: str):
    user = visitor.user()
    if name not in _places(user):
        abort(403)
    facts = {"school": today_school.overview, "teacher": _teacher, "office": today_school.office,
             "admin": today_school.administration}[name](user)
    return render_template(f"today/{name}.html", places=_switch(user), place=name, today=user.today, desk=duties.desk(user), **facts)


def _places(user) -> list[str]:
    return [name for name, (_title, roles) in PLACES.items() if user.has(*roles)]


def _switch(user) -> list[tuple]:
    """(address, name, is it here) of every workplace of the person, the diary of the own children last."""
    own = [(url_for(".place", name=name), PLACES[name][0], name) for name in _places(user)]
    if user.has(*policies.FAMILY):
        own.append((url_for("diary.own"), _("Diary of my children") if user.has("PAR") else _("My diary"), "diary"))
    return own


# ---- the teacher's page ----

def _teacher(user) -> dict:
    now, rules = clock.now(), user.rules
    lessons = list(m.Lesson.of_teacher(user.person, user.today - LOOK_BACK, user.today, user.today + AHEAD).namedtuples())
    rows = [_lesson(lesson, user, rules, now) for lesson in lessons if lesson.day == user.today]
    earlier = [_unfilled(lesson, rules, now) for lesson in lessons if lesson.day < user.today]
    results = _results(user, rules)
    following = next((row for row in rows if not row.begun and not row.given_away and row.lesson.state != "cancelled"), None)
    return {"rows": rows, "earlier": sorted(earlier, key=lambda gap: gap.urgency), "results": results, "following": following,
            "week": _week([lesson for lesson in lessons if lesson.day > user.today], user),
            "journals": _journals(user, rules, lessons, results), "debts": rulebook.journal.debts(user),
            "own_class": _own_class(user) if user.classes else None, "substitutions": sum(row.instead != "" for row in rows),
            "ends": min((result.period for result in results), key=lambda period: period.ends, default=None)}


def _lesson(lesson, user, rules, now) -> SimpleNamespace:
    """A lesson of today as a row: what it is, when, whether it runs, what is missing in it."""
    starts, ends = (clock.at(lesson.day, at) if at else None for at in (lesson.starts, lesson.ends))
    given_away = lesson.substitute is not None and lesson.substitute != user.person
    begun, running = starts is not None and starts <= now, bool(starts and ends and starts <= now < ends)
    return SimpleNamespace(
        lesson=lesson, times=_times(lesson), running=running, left=_minutes(ends - now) if running else 0,
        soon=_minutes(starts - now) if starts and not begun and starts - now <= COUNTED else 0, begun=begun, given_away=given_away,
        instead=_instead(lesson, user),
        lacks=[] if given_away or lesson.state == "cancelled" or not begun else _lacking(lesson, rules, now),
        mark_by=_attendance_limit(lesson, rules, now) if running and not lesson.attendance_at else None)


def _times(lesson) -> str:
    return f"{lesson.starts:%-H:%M}–{lesson.ends:%-H:%M}" if lesson.starts and lesson.ends else ""


def _minutes(span: timedelta) -> int:
    """Whole minutes, a begun one counted."""
    return -(-int(span.total_seconds()) // 60)


def _instead(lesson, user) -> str:
    """In whose place the person gives the lesson; "" for an own one."""
    return m.short_name(lesson.surname, lesson.name, lesson.patronymic) if lesson.substitute == user.person and lesson.surname else ""


def _week(lessons, user) -> list[SimpleNamespace]:
    """The days ahead with their lessons, each with what was put into another's hands."""
    return [SimpleNamespace(day=day, rows=[SimpleNamespace(lesson=lesson, times=_times(lesson), instead=_instead(lesson, user),
                                                           given_away=lesson.substitute not in (None, user.person)) for lesson in among])
            for day, among in groupby(lessons, key=lambda lesson: lesson.day)]


def _lacking(lesson, rules, now) -> list[str]:
    """What a lesson that has begun still waits for, in words; homework only where it may be set."""
    half = rulebook.facts.half_of("", 0, lesson.day)
    homework = not lesson.homework and not rulebook.facts.is_gradeless(rules, lesson.grade or 0, half)
    parts = ((lesson.attendance_at is None, _("attendance")), (not lesson.topic, _("topic")), (homework, _("homework")))
    return [word for missing, word in parts if missing]


def _attendance_limit(lesson, rules, now):
    """Until when absentees are to be noted, if that is within the lesson (ATT-01)."""
    limit, _clause = rulebook.lesson_facts.due_of(rules, _facts(lesson), "absence")
    return SimpleNamespace(at=limit, left=_minutes(limit - now)) if limit and now <= limit < clock.at(lesson.day, lesson.ends) else None


def _unfilled(lesson, rules, now) -> SimpleNamespace:
    """An earlier lesson with gaps: what is missing, until when it was due and by which clause."""
    gaps = [(what, word) for missing, what, word in (
        (lesson.attendance_at is None, "absence", _("attendance")), (not lesson.topic, "topic", _("topic")),
        (lesson.for_everyone and lesson.put < lesson.pupils - lesson.absent, "", _marks_missing(lesson))) if missing]
    limit, clause = rulebook.lesson_facts.due_of(rules, _facts(lesson), gaps[0][0])
    last = _last_day(lesson, rules)
    return SimpleNamespace(lesson=lesson, gaps=[word for _what, word in gaps], clause=clause,
                           limit=_limit_in_words(limit) if limit else "", overdue=limit is not None and limit < now,
                           closes=_closes(last, rules),
                           urgency=(bool(last and last < clock.today()), last or date.max, limit or now, lesson.number))


def _last_day(lesson, rules) -> date | None:
    """The last day on which the regulation lets the lesson be filled; None where the window never closes."""
    window = rules.value("mark.edit_window")
    if rules["mark.edit_window"].severity != "block" or window["reason_days"] == rulebook.rules.NEVER:
        return None
    return lesson.day + timedelta(days=window["reason_days"])


def _closes(last: date | None, rules) -> str:
    """What is closed soon, or was, is said with the day."""
    if last is None:
        return ""
    if last < clock.today():
        return _("closed: ask the deputy head for a correction")
    return _("can be filled in until %(day)s", day=in_words(last))


def _marks_missing(lesson) -> str:
    """«Контрольная работа: 14 отметок из 25»."""
    marks = ngettext("%(num)s mark of %(all)s", "%(num)s marks of %(all)s", lesson.put, all=lesson.pupils - lesson.absent)
    return f"{lesson.kind}: {marks}"


def _limit_in_words(limit) -> str:
    """The day of a deadline, with the time unless it is the day's end."""
    local = limit.astimezone(clock.zone())
    return in_words(local.date()) if (local.hour, local.minute) == (23, 59) else moment(limit)


def _facts(lesson) -> rulebook.facts.LessonFacts:
    starts = clock.at(lesson.day, lesson.starts) if lesson.starts else None
    return rulebook.facts.LessonFacts(lesson.day, clock.zone(), lesson.grade or 0, 1, kind=lesson.deadline or "lesson", starts_at=starts,
                                      received_at=lesson.received_at)


# ---- period marks of the own journals ----

def _results(user, rules) -> list[SimpleNamespace]:
    """Periods that run now and end soon: how many of the own period marks are put, the emptiest journal, until when."""
    mine = m.Assignment.on(user.today).select(m.Assignment.course).where(m.Assignment.teacher == user.person)
    by_period: dict[int, list] = {}
    periods = {}
    for school_class in m.SchoolClass.with_period(mine, user.today):
        period = school_class.period_set.period
        period.period_set = school_class.period_set
        periods[period.id] = period
        by_period.setdefault(period.id, []).append(school_class)
    found = [_progress(periods[number], classes, rules, mine) for number, classes in by_period.items()
             if periods[number].ends - user.today <= RESULTS_SOON]
    return [result for result in found if result.pupils]


def _progress(period, classes, rules, mine) -> SimpleNamespace:
    rows = [row for each in rulebook.results.period_progress(period, classes, rules, mine).values() for row in each]
    ordered = min((each.ordered for each in classes if each.ordered), default=None)
    facts = rulebook.facts.PeriodFacts(period.starts, period.ends, False, ordered, period.period_set.kind, period.name)
    _first, limit, clause = rulebook.result_verdicts.results_due(rules, facts, clock.zone())
    return SimpleNamespace(period=period, rows=rows, pupils=sum(row.pupils for row in rows), put=sum(row.put for row in rows), limit=limit,
                           clause=clause, journals=len(rows), next=max(rows, key=lambda row: row.missing, default=None))


# ---- the own journals at a glance ----

def _journals(user, rules, lessons, results) -> list[SimpleNamespace]:
    """Every journal kept today: average of the running period, period marks still to be put, works whose marks are missing, and the
    next work that everybody writes."""
    missing = {row.course: (row.missing, result.period.id) for result in results for row in result.rows if row.missing}
    found = []
    for course, among in groupby(m.Mark.of_journals(user.person, user.today).namedtuples(), key=lambda row: row.course):
        among = list(among)
        scale = scale_of(among[0].grading)
        weighted = [(row.value, row.weight * row.times) for row in among if row.value]
        average, _mark = rulebook.result_desk.computed_result(rules, weighted, scale)
        works = [lesson for lesson in lessons if lesson.course == course and lesson.for_everyone and lesson.state != "cancelled"]
        found.append(SimpleNamespace(
            course=course, unit=among[0].unit, subject=among[0].subject,
            average=number_shown(average, rules.value("final.rounding"), scale) if scale.averaged else "",
            missing=missing.get(course, (0, None)),
            unmarked=sum(work.day < user.today and work.put < work.pupils - work.absent for work in works),
            ahead=next((work for work in works if work.day >= user.today), None)))
    return found


# ---- the own class ----

def _own_class(user) -> SimpleNamespace:
    """Who of the own class is absent today, and absences without a reason so far."""
    rows = list(m.Absence.of_classes(user.classes, user.today - LOOK_BACK, user.today).namedtuples())
    today = [row for row in rows if row.day == user.today and row.code in m.codes().missed]
    before = [row for row in rows if row.day < user.today and row.code in m.codes().unexplained]
    return SimpleNamespace(absent=duties.days_of(today, user.today), open=duties.days_of(before, user.today))
