"""What stands in the way of closing, in words and with the address of each place: for the screens of results and of closing."""

from types import SimpleNamespace

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import rulebook.closing as closing
from rulebook.plans import in_hours
from views import grid
from views.language import day

MOST_PLACES = 30
ANCHORS = {"works": "marks", "topics": "topic", "attendance": "attendance", "absences": "attendance"}
TONES = {"block": "bad", "reason": "late", "warn": ""}


def title(what: str) -> str:
    return _(closing.TITLES[what])


def manner(severity: str) -> str:
    """What the regulation makes of it."""
    return {"block": _("not closed with it"), "reason": _("closed only with a reason"), "warn": _("to be looked at")}[severity]


def listed(obstacles, journal, period) -> list[SimpleNamespace]:
    """Obstacles of a journal with their places as (words, address); all its pupils together are one place."""
    return [SimpleNamespace(what=each.what, stops=each.stops, tone=TONES[each.severity], count=in_hours(each.count), title=title(each.what),
                            clause=each.clause, manner=manner(each.severity), **_places(each, journal, period)) for each in obstacles]


def _places(each, journal, period) -> dict:
    course = journal.course.id
    if each.what in ("marks", "year") and len(each.places) == journal.expected > 1:
        every = url_for("results.page", course=course, period="year" if each.what == "year" else period.id)
        return {"places": [(_("of all pupils"), every)], "more": 0}
    shown = [(words(each.what, place), address(each.what, place, course, period.id)) for place in each.places[:MOST_PLACES]]
    return {"places": shown, "more": len(each.places) - len(shown)}


def words(what: str, place) -> str:
    """«Иванов Пётр», «9 декабря», «Контрольная работа, 9 декабря: 3 ученика»."""
    if what in ("works", "absences"):
        told = day(place.day) if what == "absences" else _("%(kind)s, %(day)s", kind=place.kind, day=day(place.day))
        return ngettext("%(told)s: %(num)s pupil", "%(told)s: %(num)s pupils", place.count, told=told)
    if what == "plan":
        return _("plan and fact")
    if what == "nothing":
        return _("the journal of the period")
    if place.lesson and place.pupil:
        return f"{place.name}, {grid.short_day(place.day)}"
    return day(place.day) if place.lesson else place.name


def address(what: str, place, course: int, period: int) -> str:
    """Where it is mended: the pupil's row or cell, the part of the lesson, the plan of the course."""
    if what == "plan":
        return url_for("plan_course.page", course=course)
    if what == "nothing":
        return url_for("journal.page", course=course, period=period)
    if place.lesson and place.pupil:
        return url_for("journal.page", course=course, period=period, _anchor=f"cell-{place.pupil}-{place.lesson}")
    if place.lesson:
        return url_for("lesson.page", lesson=place.lesson, _anchor=ANCHORS[what])
    return url_for("results.page", course=course, period="year" if what == "year" else period, _anchor=f"p-{place.pupil}")


def journal_address(what: str, obstacle, course: int, period: int) -> str:
    """The place itself when there is one, else the journal that lists them."""
    if len(obstacle.places) == 1 or what in ("plan", "nothing"):
        return address(what, obstacle.places[0], course, period)
    return url_for("results.page", course=course, period="year" if what == "year" else period)


def tags(found: dict, severities: dict) -> list[SimpleNamespace]:
    """Totals by kind as short words, each in the tone of its severity."""
    return [SimpleNamespace(title=title(what), count=in_hours(count), tone=TONES[severities[what]]) for what, count in found.items()]


def severities(parts) -> dict[str, str]:
    """Kind → how strictly it is taken; the strictest where subjects differ."""
    order, found = {"block": 0, "reason": 1, "warn": 2}, {}
    for part in parts:
        for each in part:
            found[each.what] = min(found.get(each.what, "warn"), each.severity, key=order.get)
    return found


def clauses(parts) -> dict[str, str]:
    return {each.what: each.clause for part in parts for each in part}


def rows_by_kind(parts, period, name) -> list[SimpleNamespace]:
    """A row a kind of obstacle, with the journals where it is found; `name(part)` is how a journal is called here."""
    strict, clause, rows = severities(parts), clauses(parts), []
    for what, count in closing.totals(parts).items():
        places = [(f"{name(part)} {in_hours(each.count)}", journal_address(what, each, part.course.id, period.id))
                  for part in parts for each in part if each.what == what]
        rows.append(SimpleNamespace(what=what, title=title(what), clause=clause[what], count=in_hours(count), tone=TONES[strict[what]],
                                    manner=manner(strict[what]), places=places[:MOST_PLACES], more=max(0, len(places) - MOST_PLACES)))
    return rows


def journal_name(part) -> str:
    return f"{part.course.unit.name} · {part.course.subject.name}"
