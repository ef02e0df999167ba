"""«Соответствие регламенту»: every clause, how the journal keeps it, and how the school stands with it now.

Director, deputy and administrator see the whole school, a class teacher the own class, a teacher the own journals. Each finding leads
to the lesson, journal or card where it is mended.
"""

from dataclasses import dataclass, field
from itertools import groupby

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_babel import lazy_gettext as N_

import clock
import models as m
import policies
import rulebook.audit
import rulebook.rules
import rulebook.words
from views import visitor
from views.language import say
from views.regulation import ACTS

bp = Blueprint("compliance", __name__, url_prefix="/compliance")

READERS = ("DIR", "ZAV", "ADM", "CT", "T", "MAS")
SPANS = {"week": N_("This week"), "period": N_("This period"), "year": N_("The whole year")}
# state → (word, sign, colour of the tag)
STATES = {
    "broken": (N_("broken"), "x", "bad"), "risk": (N_("due soon"), "clock", "late"),
    "lapsed": (N_("late, but mended"), "hist", ""), "kept": (N_("kept"), "check", "ok"),
    "built": (N_("built in"), "lock", ""), "open": (N_("not yet in full"), "off", ""),
    "outside": (N_("outside the journal"), "users", ""), "noted": (N_("for information"), "file", ""),
}
MANNERS = {
    "prevents": N_("does not let it happen"), "asks": N_("asks for a reason"), "warns": N_("warns"), "flags": N_("flags lateness"),
    "reminds": N_("reminds"), "shows": N_("shows"), "built": N_("cannot be otherwise"), "outside": N_("outside the journal"),
    "partly": N_("keeps it in part"), "open": N_("does not keep it yet"),
}
EXAMPLES, LISTED = 2, 150


@bp.before_request
def _only_staff():
    if not visitor.user().has(*READERS):
        abort(403)


@bp.get("/")
def index():
    """Every clause by its state, the broken first; `state` and `person` narrow, `span` says since when."""
    look, span = _look()
    rows = rulebook.audit.audit(look)
    people = _people(look, rows)
    person = _chosen(people)
    if person:
        rows = rulebook.audit.of_person(rows, person)
    shown = request.args.get("state", "")
    groups = [(state, [_row(look, row) for row in among]) for state, among in groupby(rows, key=lambda row: row.state)
              if shown in ("", state)]
    return render_template("compliance/index.html", look=look, span=span, spans=SPANS, states=STATES, manners=MANNERS, groups=groups,
                           totals=rulebook.audit.totals(rows), all=len(rows), people=people, person=person, shown=shown,
                           version=look.version)


@bp.get("/<slug>")
def clause(slug: str):
    """One clause: its keys with their text and values, everything found by person, and where each is mended."""
    look, span = _look()
    row = rulebook.audit.clause(look, slug)
    if row is None:
        abort(404)
    names = rulebook.audit.names({each.person for each in row.traces if each.person})
    person = _chosen(names)
    probes = [_standing(look, standing, names, person) for standing in row.standings]
    return render_template("compliance/clause.html", look=look, row=row, span=span, spans=SPANS, states=STATES, manners=MANNERS,
                           keys=_keys(look.rules, row.clause.keys), probes=probes, person=person, names=names, acts=ACTS,
                           rules=look.rules, remark=_remark)


# ---- what is looked at ----

def _look() -> tuple[rulebook.audit.Look, str]:
    """The part of the school of whoever looks, and the name of the span asked for."""
    now = clock.now()
    version = m.RegulationVersion.on(clock.today())
    rules = rulebook.rules.rules_of(version) if version else rulebook.rules.preset("base")
    look = rulebook.audit.Look(rules, now, clock.today(), visitor.user())
    look.version = version
    span = request.args.get("span", "period")
    first = rulebook.audit.spans(look).get(span)
    if first is None:
        abort(403)
    look.first = first
    return look, span


def _people(look, rows) -> dict[int, str]:
    """Person → name of those about whom something was found, by the alphabet; only for who sees the whole school."""
    if not look.whole:
        return {}
    found = {each.person for row in rows for standing in row.standings for each in standing.traces if each.person}
    return dict(sorted(rulebook.audit.names(found).items(), key=lambda each: each[1]))


def _chosen(people) -> int | None:
    asked = request.args.get("person", "")
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) in people else None


# ---- a clause in the list ----

@dataclass
class Line:
    """A clause as the list shows it: what was found, the first examples, how many more of how many people."""

    row: rulebook.audit.Row
    counts: list[tuple[str, int]]
    examples: list
    more: int
    people: int


def _row(look, row) -> Line:
    shown = row.worst
    counts = [(state, count) for state in ("broken", "risk", "lapsed", "noted") if (count := row.count(state))]
    return Line(row, counts, [Item(look, each) for each in shown[:EXAMPLES]], sum(each.count for each in shown[EXAMPLES:]),
                len({each.person for each in shown if each.person}))


class Item:
    """A finding in words: where, what, and the address at which it is mended ("" where whoever looks may not go)."""

    def __init__(self, look, found):
        journal = look.journals.get(found.course)
        self.trace, self.url = found, _address(look, found)
        what = say(found.what) if found.what else ""
        self.where = f"{journal.unit} · {journal.subject}" if journal else found.name or what
        self.name = found.name if journal else ""
        self.what = what if self.where != what else ""
        self.times = found.count if found.count > 1 and not (found.what and found.what.params) else 0


# ---- the page of a clause ----

@dataclass
class Group:
    """What a probe found about one person, the worst first."""

    person: int | None
    counts: list[tuple[str, int]]
    items: list = field(default_factory=list)


@dataclass
class Shown:
    """A probe on the page of a clause: groups by person, the most to mend first."""

    standing: object
    groups: list[Group]
    hidden: int


def _standing(look, standing, names, person) -> Shown:
    found = [each for each in standing.traces if person in (None, each.person)]
    by_person: dict = {}
    for each in found[:LISTED]:
        by_person.setdefault(each.person if each.person in names else None, []).append(each)
    groups = [Group(who, _counts(among), [Item(look, each) for each in among]) for who, among in by_person.items()]
    groups.sort(key=lambda group: [-dict(group.counts).get(state, 0) for state in ("broken", "risk", "lapsed", "noted")])
    return Shown(standing, groups, max(0, len(found) - LISTED))


def _counts(found) -> list[tuple[str, int]]:
    return [(state, count) for state in ("broken", "risk", "lapsed", "noted")
            if (count := sum(each.count for each in found if each.state == state))]


@dataclass
class Key:
    """A key of the regulation as it holds: in words, as the document says it, since which version."""

    known: object
    rule: object
    value: str
    since: object


def _keys(rules, keys) -> list[Key]:
    if not keys:
        return []
    versions = list(m.RegulationVersion.newest_first().where(m.RegulationVersion.starts <= clock.today()))
    return [Key(known, rules[key], say(rulebook.words.value_in_words(known, rules.value(key))), _since(versions, rules, key))
            for key in keys if (known := rulebook.rules.schema().get(key))]


def _since(versions, rules, key):
    """The version in which the rule got the value and the strictness it has now."""
    found = None
    for version in versions:
        then = rulebook.rules.rules_of(version)[key]
        if (then.value, then.severity) != (rules[key].value, rules[key].severity):
            break
        found = version
    return found


# ---- addresses ----

def _address(look, found) -> str:
    """Where a finding is mended, for whoever looks."""
    if not found.link:
        return ""
    kind, *ids = found.link
    return _ADDRESSES[kind](look, found, *ids)


def _excuse(look, found, pupil, day):
    """The paper behind an absence for the class teacher, the diary for who only reads."""
    if found.school_class in visitor.user().classes:
        return url_for("admin_excuse.create_view", pupil=pupil, day=day.isoformat())
    return url_for("diary.week", number=pupil, week=day.isoformat()) if look.whole else ""


def _screen(model, view: str, roles=()):
    """A record in its administrative screen, where the role finds that."""
    def address(look, found, number):
        if not visitor.user().has(*(roles or policies.SCREENS[model])):
            return ""
        return url_for(f"admin_{model._meta.table_name}.{view}", id=number)
    return address


def _for_leaders(path: str):
    """A page of the administration."""
    return lambda look, found, *ids: path.format(*ids) if look.whole else ""


_ADDRESSES = {
    "lesson": lambda look, found, lesson: url_for("lesson.page", lesson=lesson),
    "results": lambda look, found, course, period: url_for("results.page", course=course, period=period or "year"),
    "plan": lambda look, found, plan: url_for("plans.page", plan=plan),
    "plan_course": lambda look, found, course: url_for("plan_course.page", course=course),
    "excuse": _excuse,
    "appointment": _screen(m.Appointment, "edit_view"),
    "class": _screen(m.SchoolClass, "details_view"),
    "course": _screen(m.Course, "details_view"),
    "pupil": _screen(m.Pupil, "details_view"),
    "access": lambda look, found, number: url_for("access.of_class", number=number) if visitor.user().has("ADM", "CT") else "",
    "staff": lambda look, found: url_for("access.staff") if visitor.user().has("ADM") else "",
    "rules": lambda look, found: "/confidentiality/edit" if visitor.user().has("ADM") else "",
    "rules_people": lambda look, found: "/confidentiality/people" if visitor.user().has(*policies.RULES_DESK) else "",
    "shared": lambda look, found: "/sign-ins/shared" if visitor.user().has("ADM") else "",
    "regulation": _for_leaders("/regulation/versions"),
    "closing": lambda look, found, period: url_for("control.periods", period=period) if visitor.user().has(*policies.LEADERS) else "",
    "lists": _for_leaders("/duties/school#lists"),
    "list_request": _for_leaders("/duties/school#requests"),
    "activity_reports": _for_leaders("/activity/reports"), "alerts": lambda look, found: "/alerts/",
    "backups": _for_leaders("/backups/"), "printed": _for_leaders("/duties/school#printed"),
    "duty_class": lambda look, found, number, place: f"/duties/classes/{number}#{place}",
    "duty_week": _for_leaders("/duties/week?day={}"),
    "analysis": lambda look, found: "/duties/analysis",
    "training": lambda look, found: "/duties/training",
    "remark": lambda look, found, number: f"/remarks/{number}",
    "correction": lambda look, found, number: f"/corrections/{number}",
    "breach": _for_leaders("/breach/{}"),
    "ticket": _for_leaders("/help/{}"),
    "running": _for_leaders("/help/running"),
}


def _remark(person: int | None, row, group) -> str:
    """Where a remark to the person on this clause is written; "" for who writes none."""
    if person is None or "remarks.new" not in current_app.view_functions or not visitor.user().has(*policies.LEADERS):
        return ""
    worst = group.items[0].trace
    lesson = worst.link[1] if worst.link[:1] == ("lesson",) else None
    return url_for("remarks.new", person=person, course=worst.course, lesson=lesson)
