"""The grid of one journal and period, prepared as plain strings: a page of 25 pupils and 30 lessons costs a few milliseconds.

Everything is read by six queries of tuples; what may be edited now is asked of policies column by column, never cell by cell.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from babel.dates import get_day_names, get_month_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape
from peewee import JOIN, SQL, Value, fn

import clock
import models as m
import policies
import rulebook.checks
import rulebook.entries
import rulebook.facts
import rulebook.journal
import rulebook.lesson_facts
import rulebook.result_desk
import rulebook.result_verdicts
import rulebook.rules
import rulebook.verdicts
from marking import FIVE, Scale
from views.admin_words import PE_SHORT
from views.frame import icon
from views.language import say

ZONES = {"closed": "k", "read": "k", "reason": "w", "open": "", "ahead": ""}
SECOND = "₀₁₂₃₄₅₆₇₈₉"


class Column(NamedTuple):
    """A column of the sheet: a lesson, or one more work of it."""

    lesson: int
    work: int | None
    day: date
    number: int
    kind: str
    name: str
    weight: int
    topic: str
    zone: str
    label: str
    due: str


class Pupil(NamedTuple):
    """A pupil with the spans of days in the unit; `group`: the medical group in physical education, where it counts (MRK-16)."""

    id: int
    name: str
    spans: list[tuple[date, date | None]]
    group: str = ""

    def here(self, day: date) -> bool:
        return any(starts <= day and (ends is None or day <= ends) for starts, ends in self.spans)

    @property
    def left(self) -> date | None:
        return self.spans[-1][1]


@dataclass
class Sheet:
    """What the page shows. `head`, `cols` and `rows` are ready HTML; `by_rule` counts pupils whose computed mark is not put yet;
    `steps` are the thresholds of 5, 4 and 3 in hundredths; `values` what a period cell may have; `last` the newest change. `codes`
    (code → key, missed, explained) and `scale` (marks, their worth, thresholds in hundredths) are what the script counts with."""

    course: m.Course
    periods: list
    period: object
    columns: list[Column]
    pupils: list[Pupil]
    writes: bool
    result_writes: bool
    today: date
    planned: int = 0
    given: int = 0
    last: int = 0
    by_rule: int = 0
    steps: str = ""
    values: list[str] = field(default_factory=list)
    codes: dict = field(default_factory=dict)
    scale: dict = field(default_factory=dict)
    head: Markup = field(default_factory=Markup)
    cols: Markup = field(default_factory=Markup)
    rows: Markup = field(default_factory=Markup)

    @property
    def title(self) -> str:
        return f"{self.course.unit.name} · {self.course.subject.name}"


def course_of(user: policies.User, course: int) -> m.Course | None:
    """The journal with its unit, class and subject, if the user may open it."""
    if policies.sees_whole_journal(user, course):
        return next(iter(_course(course)), None)
    return m.Course.whole().where((m.Course.id == course) & m.Course.id.in_(policies.journals(user).select(m.Course.id))).first()


@m.prepared
def _course(course):
    return m.Course.whole().where(m.Course.id == course)


def period_of(periods: list, asked: int | None, today: date):
    """The period asked for, or else the one that runs, the last begun, or the first; None when there is none."""
    if asked is not None:
        return next((period for period in periods if period.id == asked), None)
    begun = [period for period in periods if period.starts <= today]
    return (begun or periods or [None])[-1 if begun else 0]


def sheet(user: policies.User, course: m.Course, periods: list, period, now: datetime) -> Sheet:
    """The grid of a course and period for this user at this moment."""
    rules = rulebook.rules.rules_on(now.date())
    facts = _period_facts(course, period)
    lessons = _lessons(user, course, period)
    columns = _columns(user, course, rules, facts, period.number, lessons, _works(course, period), now)
    pupils = _pupils(course, period)
    entries = _Entries(course, period)
    page = Sheet(course, periods, period, columns, pupils, writes=any(column.zone != "read" for column in columns),
                 result_writes=policies.allows(user, "edit", m.PeriodMark(course=course)), today=now.date(), planned=len(lessons),
                 given=sum(row[3] == "held" for row in lessons), last=entries.last)
    half, steps = rulebook.facts.half_of(facts.kind, period.number, period.starts), course.scale.steps(rules.value("final.rounding"))
    page.steps = " ".join(str(int(100 * step)) for _mark, step in steps)
    page.values = list(rulebook.result_verdicts.allowed_results(rules, _grade(course), half, course.scale))
    page.codes = {code.code: {"name": code.name, "key": code.key, "missed": code.missed, "explained": code.explained,
                              "active": code.active} for code in m.codes().all.values()}
    page.scale = {"code": course.scale.code, "marks": rulebook.checks.marks_in_use(rules, course.scale),
                  "worth": dict(course.scale.worth),
                  "ladder": course.scale.ladder, "steps": [int(100 * step) for _mark, step in steps],
                  "averaged": course.scale.averaged}
    page.cols, page.head = _cols(columns), _head(page, rules, facts)
    page.rows = _rows(page, rules, entries)
    return page


# ---- reading ----

def _lessons(user, course, period) -> list[tuple]:
    """(id, day, number, state, starts, topic, work topic, received, kind code, name, weight, deadline) by date."""
    if policies.sees_whole_journal(user, course.id):
        return _lesson_rows(course.id, period.starts, period.ends)
    seen = policies.visible(policies.without_family(user), m.Lesson).select(m.Lesson.id)
    return list(_lesson_query(course.id, period.starts, period.ends).where(m.Lesson.id.in_(seen)))


def _lesson_query(course, starts, ends):
    lesson, kind = m.Lesson, m.WorkKind
    return (lesson.select(lesson.id, lesson.day, lesson.number, lesson.state, lesson.starts, lesson.topic, lesson.work_topic,
                          lesson.received_at, kind.code, kind.name, m.KindWeight.heavy(kind, lesson.course), kind.deadline)
            .join(kind, JOIN.LEFT_OUTER).where((lesson.course == course) & lesson.day.between(starts, ends) & (lesson.state != "cancelled"))
            .order_by(lesson.day, lesson.number).tuples())


_lesson_rows = m.prepared(_lesson_query)


def _works(course, period) -> dict[int, list[tuple]]:
    """Lesson → (work, kind code, name, weight, deadline, received, title) of its further columns."""
    found = defaultdict(list)
    for lesson, *work in _work_rows(course.id, period.starts, period.ends):
        found[lesson].append(tuple(work))
    return found


@m.prepared
def _work_rows(course, starts, ends):
    work, kind, lesson = m.Work, m.WorkKind, m.Lesson
    weight = m.KindWeight.heavy(kind, lesson.course, work.weight)
    return (work.select(work.lesson, work.id, kind.code, kind.name, weight, kind.deadline, work.received_at, work.title)
            .join(kind).join_from(work, lesson).where((lesson.course == course) & lesson.day.between(starts, ends))
            .order_by(work.lesson, work.position).tuples())


def _pupils(course, period) -> list[Pupil]:
    rows = _pupil_rows(course.unit_id, period.starts, period.ends)
    exercise = course.subject.is_exercise
    return [Pupil(number, f"{surname} {name}", [(row[4], row[5]) for row in spans], str(PE_SHORT[group]) if exercise and group else "")
            for (number, surname, name, group), spans in groupby(rows, key=lambda row: row[:4])]


@m.prepared
def _pupil_rows(unit, starts, ends):
    member, pupil, person = m.Membership, m.Pupil, m.Person
    return (member.select(member.pupil, person.surname, person.name, pupil.theory_on(starts, ends), member.starts, member.ends)
            .join(pupil, on=(member.pupil == pupil.id)).join(person)
            .where((member.unit == unit) & (member.starts <= ends) & (member.ends.is_null() | (member.ends >= starts)))
            .order_by(person.sort, member.pupil, member.starts).tuples())


class _Entries:
    """Marks, absences and period marks of the sheet, by cell; and the last change of history seen with them."""

    def __init__(self, course, period):
        self.codes: dict[tuple, str] = {}
        self.marks: dict[tuple, list[str]] = defaultdict(list)
        self.late: set[tuple] = set()
        self.results: dict[int, tuple[str, str]] = {}
        self.last = 0
        for what, pupil, lesson, work, value, late, computed, _place in _entries(course.id, period.id, period.starts, period.ends):
            if what == "absence":
                self.codes[pupil, lesson] = value
            elif what == "mark":
                self.marks[pupil, lesson, work].append(value)
            elif what == "result":
                self.results[pupil] = value, computed
            else:
                self.last = pupil or 0
            if late and what != "result":
                self.late.add((pupil, lesson, work))

    def cell(self, pupil: int, lesson: int, work: int | None) -> rulebook.facts.Cell | None:
        """What a cell holds; None for an empty one. The code of absence stands in the lesson's own column."""
        marks = self.marks.get((pupil, lesson, work))
        code = self.codes.get((pupil, lesson), "") if work is None else ""
        if not marks and not code:
            return None
        marks = marks or []
        return rulebook.facts.Cell(code, tuple(value for value in marks if value != "."), "." in marks)


@m.prepared
def _entries(course, period, starts, ends):
    """(what, pupil, lesson, work, value, late, computed, place); the row «last» carries the newest change in place of a pupil.
    Of all lessons of the period: what is shown of them is decided by the columns."""
    lessons = m.Lesson.select(m.Lesson.id).where((m.Lesson.course == course) & m.Lesson.day.between(starts, ends))
    mark, absence, result, changes = m.Mark, m.Absence, m.PeriodMark, m.History
    nothing, empty, no = SQL("NULL"), SQL("''"), SQL("FALSE")
    query = (mark.select(Value("mark").alias("what"), mark.pupil, mark.lesson, mark.work, mark.value, mark.late, empty,
                         mark.position.alias("place")).where(mark.lesson.in_(lessons))
             .union_all(absence.select(Value("absence"), absence.pupil, absence.lesson, nothing, absence.code, absence.late,
                                       empty, Value(0)).where(absence.lesson.in_(lessons)))
             .union_all(result.select(Value("result"), result.pupil, nothing, nothing, result.value, no, result.computed, Value(0))
                        .where((result.course == course) & (result.period == period) & (result.kind == "period")))
             .union_all(changes.select(Value("last"), fn.MAX(changes.id), nothing, nothing, empty, no, empty, Value(0))))
    return query.order_by(SQL("place")).tuples()


def _period_facts(course, period) -> rulebook.facts.PeriodFacts:
    return rulebook.facts.PeriodFacts(period.starts, period.ends, bool(period.closed), period.ordered, period.period_set.kind, period.name)


# ---- columns ----

def _columns(user, course, rules, period, quarter: int, lessons, works, now) -> list[Column]:
    columns, grade, school_day = [], _grade(course), rulebook.lesson_facts.school_day_of(rules, course.unit.school_class)
    for number, day, place, _state, starts, topic, work_topic, received, code, name, weight, deadline in lessons:
        half = rulebook.facts.half_of(period.kind, quarter, day)
        starts_at = clock.at(day, starts) if starts else None
        facts = rulebook.facts.LessonFacts(day, clock.zone(), grade, half, period, deadline or "lesson", starts_at, None, received,
                                           school_day)
        zone, label = _zone(user, course, rules, facts, number, now)
        columns.append(Column(number, None, day, place, code or "", name or _("answer"), weight or 1, work_topic or topic, zone,
                              label, _due(rules, facts)))
        for work, code, name, weight, deadline, received, title in works[number]:
            facts = rulebook.facts.LessonFacts(day, clock.zone(), grade, half, period, deadline, starts_at, None, received, school_day)
            columns.append(Column(number, work, day, place, code, name, weight, title or topic, zone, label, _due(rules, facts)))
    return columns


def _grade(course) -> int:
    return course.unit.school_class.grade if course.unit.school_class else 0


def _zone(user, course, rules, facts, lesson: int, now) -> tuple[str, str]:
    if not policies.allows(user, "write", m.Lesson(id=lesson, course=course.id, day=facts.date)):
        if rulebook.journal.corrects_reasons(rules, user) and course.unit.school_class_id in user.classes:
            return "read", _("reasons of absence only")
        return "read", _("read only")
    if facts.date > now.date():
        return "ahead", _("ahead")
    zone = rulebook.verdicts.edit_zone(rules, facts, now)
    return zone.state, say(zone.label)


def _due(rules, facts) -> str:
    limit, clause = rulebook.lesson_facts.due_of(rules, facts)
    if limit is None:
        return ""
    return _("marks due by %(day)s, cl. %(clause)s", day=short_day(limit.date()), clause=clause) if clause else _(
        "marks due by %(day)s", day=short_day(limit.date()))


# ---- drawing ----

def short_day(day: date) -> str:
    """«9 дек»"""
    return f"{day.day} {_months('abbreviated', str(get_locale()))[day.month].rstrip('.')}"


def moment_of(at: datetime) -> str:
    """«9 дек, 10:41» by the school's clock."""
    here = at.astimezone(clock.zone())
    return f"{short_day(here.date())}, {here:%H:%M}"


def number_shown(average: Fraction | None, policy: str, scale: Scale = FIVE) -> str:
    """An average as it is written in the language of the page: «4,47»."""
    shown = scale.shown(average, policy)
    text = "" if shown is None else str(shown)
    return text.replace(".", ",") if str(get_locale()) == "ru" else text


def _cols(columns: list[Column]) -> Markup:
    parts = ['<col class="nm" width="186">']
    for zone, run in groupby(columns, key=lambda column: ZONES[column.zone]):
        parts.append(f'<col span="{len(list(run))}"{_class(zone)}>')
    return Markup("".join([*parts, '<col width="44"><col width="38"><col width="44"><col width="40">']))


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _head(page: Sheet, rules, facts) -> Markup:
    columns, pupils = page.columns, len(page.pupils)
    count = escape(ngettext("%(num)s pupil", "%(num)s pupils", pupils))
    months = "".join(f'<th colspan="{len(list(run))}" scope="colgroup" class="m">{_months("wide", str(get_locale()))[month].capitalize()}'
                     "</th>" for month, run in groupby(columns, key=lambda column: column.day.month))
    mean, absent, computed = _("w.<br>mean"), _("ab-<br>sent"), _("com-<br>puted")
    last = (f'<th rowspan="3" class="edge" scope="col">{mean}</th><th rowspan="3" scope="col">{absent}</th>'
            f'<th rowspan="3" scope="col">{computed}</th>'
            f'<th rowspan="3" scope="col" data-d="{escape(_results_due(rules, facts))}"><b>{escape(_roman(page.period))}</b></th>')
    return Markup(f'<tr><th class="p" rowspan="4" scope="col">{count}</th>{months}'
                  f'<th colspan="4" scope="colgroup" class="m edge">{escape(page.period.name)}</th></tr>'
                  f"<tr>{_zones(columns)}{last}</tr>"
                  f'<tr class="days">{_days(columns)}</tr><tr>{"".join(_kind(column) for column in columns)}</tr>')


def _roman(period) -> str:
    return period.name.split()[0]


def _results_due(rules, facts) -> str:
    first, limit, clause = rulebook.result_verdicts.results_due(rules, facts, clock.zone())
    parts = [_("from %(day)s", day=short_day(first))] if first else []
    parts += [_("by %(day)s", day=short_day(limit.date()))] if limit else []
    return " ".join([*parts, _("cl. %(clause)s", clause=clause) if clause else ""]).strip()


def _zones(columns: list[Column]) -> str:
    parts = []
    for (zone, label), run in groupby(columns, key=lambda column: (column.zone, column.label)):
        sign = {"closed": icon("lock"), "read": icon("lock"), "open": icon("edit")}.get(zone, "")
        state = {"reason": " late", "open": " ok"}.get(zone, "")
        text = f'<span class="vh">{escape(label)}</span>' if zone == "ahead" else escape(label)
        parts.append(f'<th colspan="{len(list(run))}" class="z{state}" scope="colgroup">{sign} {text}</th>')
    return "".join(parts)


def _days(columns: list[Column]) -> str:
    days, today, parts = _weekdays(str(get_locale())), clock.today(), []
    for day, run in groupby(columns, key=lambda column: column.day):
        for place, column in enumerate(run, 1):
            parts.append(_day(column, days[day.weekday()] + (SECOND[place] if place > 1 else ""), day == today and place == 1))
    return "".join(parts)


def _day(column: Column, weekday: str, is_today: bool) -> str:
    work = f' data-work="{column.work}"' if column.work else ""
    weight = f" ×{column.weight}" if column.weight != 1 else ""
    current = ' aria-current="date"' if is_today else ""
    return (f'<th scope="col" data-lesson="{column.lesson}"{work} data-date="{column.day.isoformat()}" data-zone="{column.zone}"'
            f' data-w="{column.weight}" data-k="{escape(column.name)}{weight}" data-t="{escape(column.topic)}"'
            f' data-d="{escape(column.due)}"{current}>'
            f'<a href="{_page_of(column)}"><b>{column.day.day}</b>{weekday}</a></th>')


def _page_of(column: Column) -> str:
    """Where the head of a column leads: to the lesson; of a further work one may write, to the work."""
    return f"/work/{column.work}" if column.work and column.zone != "read" else f"/lesson/{column.lesson}"


def _kind(column: Column) -> str:
    if not column.kind or (column.weight == 1 and not column.work):
        return f'<th scope="col"><span class="vh">{escape(column.name)}</span></th>'
    weight = f"<small>×{column.weight}</small>" if column.weight != 1 else ""
    return f'<th class="kind" scope="col">{escape(column.kind)}{weight}</th>'


def _rows(page: Sheet, rules, entries: _Entries) -> Markup:
    policy, columns = rules.value("final.rounding"), [
        (column, f' data-lesson="{column.lesson}"' + (f' data-work="{column.work}"' if column.work else ""))
        for column in page.columns]
    return Markup("\n".join(_row(page, number, pupil, columns, rules, policy, entries) for number, pupil in enumerate(page.pupils, 1)))


def _row(page: Sheet, number: int, pupil: Pupil, columns, rules, policy: str, entries: _Entries) -> str:
    parts, weighted, missed = [f'<tr><th class="p" scope="row"><i>{number}</i>{_group(pupil)}{escape(pupil.name)}</th>'], [], 0
    always = pupil.here(page.period.starts) and pupil.here(page.period.ends) and len(pupil.spans) == 1
    for column, attributes in columns:
        if not always and not pupil.here(column.day):
            parts.append('<td class="void"></td>')
            continue
        cell = entries.cell(pupil.id, column.lesson, column.work)
        if cell is None:
            parts.append(f'<td data-pupil="{pupil.id}"{attributes} data-version="0"></td>')
            continue
        missed += cell.missed
        weighted += [(mark, column.weight) for mark in cell.marks]
        late, text = (pupil.id, column.lesson, column.work) in entries.late, str(cell)
        parts.append(f'<td data-pupil="{pupil.id}"{attributes} data-version="{rulebook.entries.version_of(text)}"'
                     f'{_class(look(cell, late))}>{text}</td>')
    return "".join([*parts, _results(page, pupil, weighted, missed, rules, policy, entries), "</tr>"])


def _group(pupil: Pupil) -> str:
    return f'<small class="muted" title="{_("Medical group: theory is assessed")}">{escape(pupil.group)}</small>' if pupil.group else ""


def look(cell: rulebook.facts.Cell, late: bool) -> str:
    """At most two one-letter classes: n not explained, b explained, x narrow text, l late."""
    letters = []
    if cell.absence:
        letters.append("b" if m.codes()[cell.absence].explained else "n")
    if late:
        letters.append("l")
    elif len(str(cell)) > 2:
        letters.append("x")
    return " ".join(letters)


def _results(page: Sheet, pupil: Pupil, weighted, missed: int, rules, policy: str, entries: _Entries) -> str:
    if pupil.left and pupil.left < page.period.ends and pupil.id not in entries.results:
        until = _("until %(day)s", day=short_day(pupil.left))
        return f'<td class="edge void" colspan="4">{until}</td>'
    scale = page.course.scale
    average, computed = rulebook.result_desk.computed_result(rules, weighted, scale)
    value, _then = entries.results.get(pupil.id, ("", ""))
    page.by_rule += bool(computed and not value)
    return (f'<td class="edge calc">{number_shown(average, policy, scale)}</td><td class="calc">{missed or ""}</td>'
            f'<td class="calc">{computed}</td><td class="pm{departure(value, computed, scale)}" data-pupil="{pupil.id}"'
            f' data-period="{page.period.id}" data-version="{rulebook.entries.version_of(value)}">{escape(value)}</td>')


def departure(value: str, computed: str, scale: Scale = FIVE) -> str:
    """The class that says a period mark stands above or below the computed one."""
    if value not in scale.worth or computed not in scale.worth or value == computed:
        return ""
    return " up" if scale.worth[value] > scale.worth[computed] else " down"


@lru_cache(8)
def _months(width: str, locale: str):
    return get_month_names(width, "stand-alone" if width == "wide" else "format", locale=locale)


@lru_cache(4)
def _weekdays(locale: str):
    return get_day_names("short", locale=locale)
