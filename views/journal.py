"""The teacher's journals: the list, the grid, saving its cells, their history, and what others changed meanwhile."""

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby

from flask import Blueprint, abort, jsonify, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from peewee import JOIN

import clock
import history
import models as m
import policies
import rulebook.entries
import rulebook.facts
import rulebook.journal
import rulebook.leaves
import rulebook.lesson_desk
import rulebook.takeback
from views import correction_form, corrections, grid, offline, visitor
from views.language import kind_of_school, say

bp = Blueprint("journal", __name__, url_prefix="/journal")

MOST_CELLS = 500
OVERLAP = 200  # changes looked at again: on PostgreSQL a number may be given before and seen after a later one
LONGEST = {"value": 20, "reason": 300, "seen": 20, "key": 80, "document": 200}


# ---- the list ----

@bp.get("/")
def index():
    """Own journals by class; for leaders all of them, with search by class, subject and teacher."""
    user, query = visitor.user(), request.args.get("q", "")[:60]
    if not user.is_staff:
        abort(403)
    rows = [row for row in _courses(user) if m.fold(query) in m.fold(" ".join(map(str, row[1:])))]
    groups = [(name, list(courses)) for name, courses in groupby(rows, key=lambda row: row[1])]
    return render_template("journal/index.html", groups=groups, query=query, whole=user.reads_all,
                           taught=user.taught)


def _courses(user) -> list[tuple]:
    """(course, class, unit, subject, teachers) of this year by class and subject."""
    year = m.Year.on(clock.today())
    rows = (policies.journals(user).select(m.Course.id, m.SchoolClass.name, m.Unit.name, m.Subject.name).join(m.Unit)
            .join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(m.Course, m.Subject).where(m.Unit.year == year)
            .order_by(m.SchoolClass.sort, m.Unit.name, m.Subject.position, m.Subject.name).tuples()) if year else []
    rows = list(rows)
    teachers = _teachers([row[0] for row in rows])
    return [(course, of_class or _("Groups of several classes"), unit if unit != of_class else "", subject, teachers.get(course, ""))
            for course, of_class, unit, subject in rows]


def _teachers(courses: list[int]) -> dict[int, str]:
    rows = m.Assignment.on(clock.today()).where(m.Assignment.course.in_(courses)).join(m.Person).select(
        m.Assignment.course, m.Person.surname, m.Person.name, m.Person.patronymic).tuples()
    return {course: m.short_name(*names) for course, *names in rows}


# ---- the grid ----

@bp.get("/<int:course>")
def page(course: int):
    user = visitor.user()
    row = _course(course)
    periods = m.Period.of_unit(row.unit)
    period = grid.period_of(periods, _number(request.args.get("period")), clock.today())
    if period is None:
        return _without_periods(row, periods)
    visitor.looked("journal", unit=row.unit_id)
    sheet = grid.sheet(user, row, periods, period, clock.now())
    offline.keep(sheet.writes)
    kinds = m.WorkKind.in_use() if sheet.writes else []
    facts = [{"id": kind.id, "name": kind.name, "weight": kind.weight} for kind in kinds]
    leaves = [each for each in rulebook.leaves.leaves_of(user, clock.now()).cells.values() if each.correction.course_id == row.id]
    return render_template("journal/grid.html", leaves=leaves, sheet=sheet, kinds=kinds, kind_facts=facts, corrects=_corrects(user, row),
                           words=_words(str(get_locale()), kind_of_school()))


@lru_cache(8)
def _words(_language: str, _kind: str) -> Markup:
    """What the grid's script says, in a language and for a kind of school."""
    return Markup(render_template("journal/_words.html"))


def _without_periods(row, periods):
    if periods:
        abort(403)
    return render_template("journal/empty.html", title=f"{row.unit.name} · {row.subject.name}")


def _course(course: int) -> m.Course:
    return grid.course_of(visitor.user(), course) or abort(403)


def _corrects(user, course) -> bool:
    return course.unit.school_class_id in user.classes


def _number(text: str | None) -> int | None:
    """A number of the address; nothing for a missing one, and a period that cannot be for one that is no number."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# ---- saving cells ----

@bp.post("/<int:course>/cells")
def cells(course: int):
    """The endpoint of the contract; 403 when everything asked for is somebody else's to write."""
    user, entries = visitor.user(), _entries(request.get_json(silent=True))
    if isinstance(entries, str):
        _course(course)
        return jsonify(error=entries, message=entries), 400
    try:
        outcomes = rulebook.journal.put_cells(user, visitor.actor(), course, entries)
    except rulebook.entries.Foreign:
        abort(403)
    code = 403 if all(outcome.rule == "rights.ct_journal" for outcome in outcomes) else 200
    return jsonify(cells=[_answer(outcome, course) for outcome in outcomes]), code


def _entries(body) -> list[rulebook.entries.Entry] | str:
    """The entries of a request, or what is wrong with it."""
    rows = body.get("cells") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        return _("The list of cells is missing.")
    if len(rows) > MOST_CELLS:
        return _("At most %(n)s cells at once.", n=MOST_CELLS)
    if not all(_is_entry(row) for row in rows):
        return _("A cell is a pupil, a lesson or a period, and a value.")
    known = ("pupil", "lesson", "work", "period", "kind", "protocol", "minutes", *LONGEST)
    return [rulebook.entries.Entry(**{name: row[name] for name in known if row.get(name) is not None}, due=_day(row.get("due")),
                                   typed_at=offline.typed_at(row, body.get("clock"))) for row in rows]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _is_entry(row) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("value"), str) or not _has_place(row):
        return False
    ids = [row.get(name) for name in ("pupil", "lesson", "work", "period")]
    texts = [(row.get(name), most) for name, most in LONGEST.items()]
    return (_is_id(row.get("pupil")) and all(number is None or _is_id(number) for number in ids)
            and all(text is None or isinstance(text, str) and len(text) <= most and "\0" not in text for text, most in texts)
            and (row.get("minutes") is None or _is_id(row["minutes"]) and row["minutes"] <= rulebook.lesson_desk.MOST_MINUTES)
            and (row.get("due") is None or isinstance(row["due"], str) and _day(row["due"]) is not None)
            and isinstance(row.get("protocol"), str | dict | None) and len(str(row.get("protocol"))) < 600)


def _has_place(row: dict) -> bool:
    """A lesson, a period, or a mark of the year named by its kind: exactly one of them."""
    named = row.get("kind") in m.RESULT_KINDS[1:]
    return (named or row.get("kind") in (None, "period")) and named + (row.get("lesson") is not None) + (row.get("period") is not None) == 1


def _is_id(value) -> bool:
    return type(value) is int and 0 < value < 2**31


def _answer(outcome: rulebook.entries.Outcome, course: int) -> dict:
    entry = outcome.entry
    place = {name: getattr(entry, name) for name in ("lesson", "period", "work") if getattr(entry, name) is not None}
    place |= {"kind": entry.kind} if entry.kind != "period" else {}
    return {"pupil": entry.pupil, **place, "state": outcome.state, "value": outcome.value, "version": outcome.version,
            "rule": outcome.rule or None, "clause": outcome.clause or None,
            "message": say(outcome.message) if outcome.message else None, **({"key": entry.key} if entry.key else {}),
            **({"ask": correction_form.asking([entry], course)} if rulebook.leaves.may_be_asked(outcome) else {}),
            **({"wrote": outcome.wrote} if outcome.wrote is not None else {})}


# ---- what others changed ----

@bp.get("/<int:course>/changes")
def changes(course: int):
    """Cells of the journal changed after the change `since`, as they stand now, each with who changed it ("" oneself, in another
    window or just before this page was opened)."""
    _course(course)
    since, newest = _number(request.args.get("since")) or 0, m.History.newest()
    touched = _touched(course, max(0, since - OVERLAP)) if newest > since else {}
    return jsonify(since=newest, cells=_standing(course, touched))


def _touched(course: int, since: int) -> dict[tuple, str]:
    """(pupil, lesson, work, period) → who changed the cell last, of changes after `since`; the newest thousand."""
    places = {}
    rows = (m.History.select(m.History.tbl, m.History.row_id, m.History.op, m.History.old, m.History.new, m.Act.who, m.Act.person_id)
            .join(m.Act).where((m.History.id > since) & m.History.tbl.in_(["mark", "absence", "period_mark"]))
            .order_by(m.History.id.desc()).limit(1000).tuples())
    rows = list(rows)
    standing = _places({(table, row) for table, row, operation, *_rest in rows if operation == "U"})
    me = visitor.user().person
    for table, row, operation, old, new, who, person in reversed(rows):
        place = standing.get((table, row)) if operation == "U" else _place(json.loads(new if operation == "I" else old))
        if place:
            places[place] = "" if person == me else who
    return places


def _places(rows: set) -> dict[tuple, tuple]:
    """Table and row → place of the rows that still stand."""
    found = {}
    for table, model in (("mark", m.Mark), ("absence", m.Absence), ("period_mark", m.PeriodMark)):
        ids = [row for name, row in rows if name == table]
        if ids:
            found |= {(table, row["id"]): _place(row) for row in model.select().where(model.id.in_(ids)).dicts()}
    return found


def _place(row: dict) -> tuple:
    def value(name):
        return row.get(f"{name}_id", row.get(name))
    return value("pupil"), value("lesson"), value("work"), value("period")


def _standing(course: int, touched: dict[tuple, str]) -> list[dict]:
    """The touched cells of this course as they stand now."""
    lessons = {lesson for _pupil, lesson, _work, period in touched if lesson}
    mine = {lesson for lesson, in policies.visible(policies.without_family(visitor.user()), m.Lesson).where(
        m.Lesson.id.in_(list(lessons)) & (m.Lesson.course == course)).select(m.Lesson.id).tuples()} if lessons else set()
    codes = {row[:2]: row[2] for row in m.Absence.select(m.Absence.pupil, m.Absence.lesson, m.Absence.code).where(
        m.Absence.lesson.in_(list(mine))).tuples()} if mine else {}
    marks: dict[tuple, list] = {}
    for *place, value in m.Mark.select(m.Mark.pupil, m.Mark.lesson, m.Mark.work, m.Mark.value).where(
            m.Mark.lesson.in_(list(mine))).order_by(m.Mark.position).tuples() if mine else ():
        marks.setdefault(tuple(place), []).append(value)
    found = [_shown(place, codes, marks, who) for place, who in touched.items() if place[1] in mine]
    return found + _standing_results(course, {place: who for place, who in touched.items() if place[3]})


def _shown(place: tuple, codes, marks, who: str) -> dict:
    pupil, lesson, work, _period = place
    values = marks.get((pupil, lesson, work), [])
    cell = rulebook.facts.Cell("" if work else codes.get((pupil, lesson), ""), tuple(v for v in values if v != "."), "." in values)
    return {"pupil": pupil, "lesson": lesson, "work": work, "value": str(cell), "version": rulebook.entries.version_of(str(cell)),
            "look": grid.look(cell, False), "who": who}


def _standing_results(course: int, touched: dict[tuple, str]) -> list[dict]:
    if not touched:
        return []
    rows = m.PeriodMark.select(m.PeriodMark.pupil, m.PeriodMark.period, m.PeriodMark.value).where(
        (m.PeriodMark.course == course) & (m.PeriodMark.kind == "period")
        & m.PeriodMark.pupil.in_([place[0] for place in touched])).tuples()
    values = {(pupil, period): value for pupil, period, value in rows}
    return [{"pupil": pupil, "period": period, "value": values[pupil, period],
             "version": rulebook.entries.version_of(values[pupil, period]), "look": "pm", "who": who}
            for (pupil, _lesson, _work, period), who in touched.items() if (pupil, period) in values]


# ---- the history of a cell ----

@bp.get("/<int:course>/history")
def cell_history(course: int):
    """Who wrote what in one cell, newest first; JSON for the grid, a page for everybody else."""
    row = _course(course)
    place = tuple(_number(request.args.get(name)) for name in ("pupil", "lesson", "work", "period"))
    kind = request.args.get("kind") if request.args.get("kind") in m.RESULT_KINDS[1:] and not any(place[1:]) else "period"
    pupil = policies.find(policies.without_family(visitor.user()), m.Pupil, place[0])
    if pupil is None or kind == "period" and not _has_cell(row, place):
        abort(403)
    visitor.looked("journal/history", pupil=pupil.id)
    lines = _lines(row, place, kind)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(lines=lines)
    lesson = policies.find(visitor.user(), m.Lesson, place[1]) if place[1] else None
    return render_template("journal/history.html", course=row, pupil=pupil.person, lesson=lesson, lines=lines, kind=kind)


def _has_cell(course, place: tuple) -> bool:
    """Is the cell one of this journal: a visible lesson of it, or a period?"""
    _pupil, lesson, _work, period = place
    if period:
        return any(period == row.id for row in m.Period.of_unit(course.unit))
    row = policies.find(policies.without_family(visitor.user()), m.Lesson, lesson)
    return row is not None and row.course_id == course.id


def _lines(course, place: tuple, kind: str) -> list[dict]:
    rows = {"mark": [], "absence": [], "period_mark": []}
    for table, row, image in m.History.of_pupil(place[0]).tuples():
        first = json.loads(image)
        if _place(first) == place and first.get("course_id", course.id) == course.id and first.get("kind", "period") == kind:
            rows[table].append(row)
    life = history.of_rows(m.db, rows)
    named = {(new or {}).get("protocol_id") for *_rest, new, table, _row in life if table == "mark"} - {None}
    papers = {row.id: row for row in m.Protocol.select().where(m.Protocol.id.in_(list(named)))} if named else {}
    lines = [(change[0], line) for change in reversed(life) if (line := _line(change, papers))]
    pupil, lesson, work, period = place
    asked = [(row.asked_at, corrections.line_of(row)) for row in m.CorrectionCell.of_cell(course.id, pupil, lesson, work, period)
             if kind == "period"]
    return [line for _at, line in sorted([*lines, *asked], key=lambda each: each[0], reverse=True)]


def _line(change: tuple, papers: dict) -> dict | None:
    """One change in words; nothing for one that left the value alone."""
    at, who, why, operation, old, new, table, _row = change
    column = "code" if table == "absence" else "value"
    was, now = (old or {}).get(column), (new or {}).get(column)
    if was is None and now is None:
        return None
    fresh = new or {}
    typed = fresh.get("typed_at") and datetime.fromisoformat(fresh["typed_at"]).replace(tzinfo=UTC)
    taken = (why or "").startswith(rulebook.takeback.GROUND)  # a row that came back still has the reason it was written for
    ground = why if taken else fresh.get("reason") or why or ""
    return {"at": grid.moment_of(at), "who": who, "was": was, "now": now, "why": ground,
            "late": bool(fresh.get("late")), "clause": fresh.get("clause") or "", "typed": grid.moment_of(typed) if typed else "",
            "more": ", ".join(_details(fresh, papers.get(fresh.get("protocol_id"))))}


def _details(image: dict, paper) -> list[str]:
    """What stands behind a value: the protocol of a retake, until when a work is due, minutes of lateness, the paper."""
    due = _day(str(image.get("due") or "")[:10])
    retake = [_("retake, protocol No. %(number)s of %(day)s", number=paper.number, day=f"{paper.day:%d.%m.%Y}")] if paper else []
    return [*retake, *([_("hand in by %(day)s", day=grid.short_day(due))] if due else []),
            *([_("%(n)s min late", n=image["minutes"])] if image.get("minutes") else []),
            *([image["document"]] if image.get("document") else [])]
