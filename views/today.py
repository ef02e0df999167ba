"""«Сегодня»: the first page of each workplace. Somebody with several (a teacher who is also a parent) finds all of them, apart (ACC-01).

Teacher and class teacher: lessons of the day, what is still to be filled with its deadline and clause (LEG-03), period marks,
absentees of the own class (ATT-05). Leaders: what is recorded today. Office and administrator: where their work is.
"""

from datetime import date, timedelta
from types import SimpleNamespace

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import clock
import formulas
import models as m
import policies
from views import today_school, visitor
from views.language import day as in_words
from views.language import moment

bp = Blueprint("today", __name__, url_prefix="/today")

LOOK_BACK = timedelta(days=30)
OVERDUE = timedelta(days=7)  # ATT-05: an absence without a reason older than a week stands out
RESULTS_SOON = timedelta(days=21)
UNEXPLAINED = ("н", "от")

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
    return render_template(f"today/{name}.html", places=_switch(user), place=name, today=user.today, **facts)


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
    now, rules = clock.now(), policies.rules_on(user.today)
    lessons = list(m.Lesson.of_teacher(user.person, user.today - LOOK_BACK, user.today).namedtuples())
    rows = [_lesson(lesson, user, rules, now) for lesson in lessons if lesson.day == user.today]
    earlier = [_unfilled(lesson, rules, now) for lesson in lessons if lesson.day < user.today]
    results = _results(user, rules)
    return {"rows": rows, "earlier": earlier, "results": results, "own_class": _own_class(user) if user.classes else None,
            "substitutions": sum(row.instead != "" for row in rows),
            "ends": min((result.period for result in results), key=lambda period: period.ends, default=None)}


def _lesson(lesson, user, rules, now) -> SimpleNamespace:
    """A lesson of today as a row: what it is, when, whether it runs, what is missing in it."""
    starts, ends = (clock.at(lesson.day, at) if at else None for at in (lesson.starts, lesson.ends))
    given_away = lesson.substitute is not None and lesson.substitute != user.person
    begun, running = starts is not None and starts <= now, bool(starts and ends and starts <= now < ends)
    return SimpleNamespace(
        lesson=lesson, times=f"{lesson.starts:%-H:%M}–{lesson.ends:%-H:%M}" if starts and ends else "", running=running,
        left=round((ends - now).total_seconds() / 60) if running else 0, begun=begun, given_away=given_away,
        instead=m.short_name(lesson.surname, lesson.name, lesson.patronymic) if lesson.substitute == user.person and lesson.surname else "",
        lacks=[] if given_away or lesson.state == "cancelled" or not begun else _lacking(lesson, rules, now),
        mark_by=_attendance_limit(lesson, rules, now) if running and not lesson.attendance_at else None)


def _lacking(lesson, rules, now) -> list[str]:
    """What a lesson that has begun still waits for, in words; homework only where it may be set."""
    half = policies.half_of("", 0, lesson.day)
    homework = lesson.homework is None and not policies.is_gradeless(rules, lesson.grade or 0, half)
    parts = ((lesson.attendance_at is None, _("attendance")), (not lesson.topic, _("topic")), (homework, _("homework")))
    return [word for missing, word in parts if missing]


def _attendance_limit(lesson, rules, now):
    """Until when absentees are to be noted, if that is within the lesson (ATT-01)."""
    limit, _clause = policies.due_of(rules, _facts(lesson), "absence")
    return limit if limit and now <= limit < clock.at(lesson.day, lesson.ends) else None


def _unfilled(lesson, rules, now) -> SimpleNamespace:
    """An earlier lesson with gaps: what is missing, until when it was due and by which clause."""
    gaps = [(what, word) for missing, what, word in (
        (lesson.attendance_at is None, "absence", _("attendance")), (not lesson.topic, "topic", _("topic")),
        (lesson.for_everyone and lesson.put < lesson.pupils - lesson.absent, "", _marks_missing(lesson))) if missing]
    limit, clause = policies.due_of(rules, _facts(lesson), gaps[0][0])
    return SimpleNamespace(lesson=lesson, gaps=[word for _what, word in gaps], clause=clause,
                           limit=_limit_in_words(limit) if limit else "",
                           overdue=limit is not None and limit < now)


def _marks_missing(lesson) -> str:
    """«Контрольная работа: 14 отметок из 25»."""
    marks = ngettext("%(num)s mark of %(all)s", "%(num)s marks of %(all)s", lesson.put, all=lesson.pupils - lesson.absent)
    return f"{lesson.kind}: {marks}"


def _limit_in_words(limit) -> str:
    """The day of a deadline, with the time unless it is the day's end."""
    local = limit.astimezone(clock.zone())
    return in_words(local.date()) if (local.hour, local.minute) == (23, 59) else moment(limit)


def _facts(lesson) -> policies.LessonFacts:
    starts = clock.at(lesson.day, lesson.starts) if lesson.starts else None
    return policies.LessonFacts(lesson.day, clock.zone(), lesson.grade or 0, 1, kind=lesson.deadline or "lesson", starts_at=starts,
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
    rows = [row for each in policies.period_progress(period, classes, rules, mine).values() for row in each]
    facts = policies.PeriodFacts(period.starts, period.ends, kind=period.period_set.kind, name=period.name)
    _first, limit, clause = policies.results_due(rules, facts, clock.zone())
    return SimpleNamespace(period=period, pupils=sum(row.pupils for row in rows), put=sum(row.put for row in rows), limit=limit,
                           clause=clause, journals=len(rows), next=max(rows, key=lambda row: row.missing, default=None))


# ---- the own class ----

def _own_class(user) -> SimpleNamespace:
    """Who of the own class is absent today, and absences without a reason so far."""
    rows = list(m.Absence.of_classes(user.classes, user.today - LOOK_BACK, user.today).namedtuples())
    today = [row for row in rows if row.day == user.today and row.code in formulas.MISSED]
    before = [row for row in rows if row.day < user.today and row.code in UNEXPLAINED]
    return SimpleNamespace(absent=_days_of(today, user.today), open=_days_of(before, user.today))


def _days_of(rows, today: date) -> list[SimpleNamespace]:
    """One entry a pupil and day, with the lessons missed."""
    found: dict[tuple, SimpleNamespace] = {}
    for row in rows:
        entry = found.setdefault((row.pupil, row.day), SimpleNamespace(
            pupil=row.pupil, name=f"{row.surname} {row.name}", day=row.day, old=today - row.day > OVERDUE, lessons=[]))
        entry.lessons.append(row)
    return list(found.values())
