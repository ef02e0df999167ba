"""The summary sheet of a class, F-04 (R-04, FIN-11): period marks of every subject, live from the journal.

For one period it is a table of pupils and subjects with the class's figures below; for the year the archive's layout, a
block of lines for each pupil. What somebody does not see (a teacher, other people's subjects) is not on their sheet.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

import formulas
import models as m
import policies
import rulebook.rules
from marking import FIVE, Scale, scale_of
from printouts.document import Block, Cell, Column, Document, Heading, Imprint, PageBreak, Paragraph, Signatures, Table

MANY = 20
"""More subjects than this turn the sheet on its side."""
SIGNED = Signatures([("Классный руководитель", ""), ("Заместитель директора", "")])
YEAR_LINES = (("Год", "year"), ("Экз.", "exam"), ("Итог", "final"))


def facts(user: policies.User, classes: Sequence[m.SchoolClass], imprint: Imprint, period: m.Period | None = None,
          council: bool = False, average: bool = False) -> Document:
    """The sheet of one class or of several, each on a page of its own; the whole year without a `period`.

    `council` adds the column of the pedagogical council's decision to the sheet of the year; `average` shows the weighted
    averages of the current marks of a period in place of its results (R-04).
    """
    today = imprint.at.date()
    data = _Data(user, classes)
    sheet = _averages if average else _of_period
    blocks: list[Block] = []
    for number, school_class in enumerate(classes):
        own = period and data.period_like(school_class, period)
        blocks += [PageBreak()] if number else []
        blocks += [Heading(f"{school_class.name} класс, {own.name if own else school_class.year.name}")]
        blocks += sheet(data, school_class, own, today) if own else _of_year(data, school_class, today, council)
    what = period.name if period else f"{classes[0].year.name} учебный год"
    whose = classes[0].name if len(classes) == 1 else "вся школа"
    return Document(f"Сводная ведомость успеваемости: {whose}, {what}", "F-04", f"svodnaya-{classes[0].id}", imprint, blocks,
                    meta=[m.School.the().name], book=True, landscape=max(map(len, data.subjects.values()), default=0) > MANY)


def blocks(user: policies.User, school_class: m.SchoolClass, today: date) -> list[Block]:
    """The sheet of the year as a part of another document."""
    return [Heading("Сводная ведомость учёта успеваемости"),
            *_of_year(_Data(user, [school_class]), school_class, today, council=True)]


def classes_for(user: policies.User):
    """Query of the classes of all years in which the user reads at least one journal, in order."""
    units = policies.journals(user).join(m.Unit).select(m.Unit.school_class)
    return m.SchoolClass.select(m.SchoolClass, m.Year).join(m.Year).where(
        m.SchoolClass.id.in_(units)).order_by(m.SchoolClass.sort)


def periods_of(school_class: m.SchoolClass) -> list[m.Period]:
    """The periods a class is marked by, in order."""
    return list(m.Period.select().where(m.Period.period_set == school_class.period_set_id).order_by(m.Period.number))


@dataclass
class _Listed:
    """A pupil of a class: «Фамилия Имя», the days in the class."""

    id: int
    name: str
    spans: list[tuple[date, date | None]] = field(default_factory=list)

    def on(self, day: date) -> bool:
        return _within(self.spans, day)


class _Data:
    """What the sheets of some classes are made of: seven queries, however many classes."""

    def __init__(self, user: policies.User, classes: Sequence[m.SchoolClass]):
        self.user = user
        self.ids = [school_class.id for school_class in classes]
        self.pupils = self._pupils(user)
        self.scales: dict[tuple[int, int], Scale] = {}  # (class, subject) → how it is marked there
        self.subjects, self.courses = self._courses(user)
        self.members = self._members(user)
        self.values = self._values(user)
        self.departures = self._departures(user)
        sets = [school_class.period_set_id for school_class in classes]
        self.periods: dict[int, list[m.Period]] = defaultdict(list)
        for period in m.Period.select().where(m.Period.period_set.in_(sets)).order_by(m.Period.number):
            self.periods[period.period_set_id].append(period)
        self.closed = set(m.PeriodClosure.standing().where(
            m.PeriodClosure.school_class.in_(self.ids) & m.PeriodClosure.id.in_(policies.visible(user, m.PeriodClosure).select(
                m.PeriodClosure.id))).select(m.PeriodClosure.school_class, m.PeriodClosure.period).tuples())

    def period_like(self, school_class: m.SchoolClass, period: m.Period) -> m.Period | None:
        """The class's own period that holds the end of the one asked for: a half-year for a quarter."""
        own = self.periods[school_class.period_set_id]
        return next((each for each in own if each.starts <= period.ends <= each.ends), None)

    def heads(self, school_class: int, period: m.Period) -> list[Cell]:
        """The subjects as heads; on screen one that is a single journal opens it."""
        cells = []
        for subject, name in self.subjects[school_class].items():
            course, *others = self.courses[school_class, subject]
            cells.append(Cell(name, turned=True, href="" if others else f"/journal/{course}?period={period.id}"))
        return cells

    def value(self, pupil: int, subject: int, school_class: int, kind: str, period: int | None = None) -> str:
        """The pupil's result, from whichever course of the subject the pupil is in."""
        found = (self.values.get((course, pupil, kind, period)) for course in self.courses[school_class, subject])
        return next((value for value in found if value), "")

    def expected(self, pupil: int, subject: int, school_class: int, day: date) -> bool:
        """Should there be a mark: was the pupil in a course of the subject on that day?"""
        return any(_within(self.members.get((unit, pupil), ()), day)
                   for unit in self.courses[school_class, subject].values())

    def _pupils(self, user) -> dict[int, list[_Listed]]:
        rows = policies.visible(user, m.Enrolment).select(
            m.Enrolment.school_class, m.Enrolment.pupil, m.Person.surname, m.Person.name, m.Enrolment.starts,
            m.Enrolment.ends).join(m.Pupil).join(m.Person).where(m.Enrolment.school_class.in_(self.ids)).order_by(
            m.Person.sort, m.Enrolment.pupil, m.Enrolment.starts)
        pupils: dict[int, dict[int, _Listed]] = defaultdict(dict)
        for school_class, pupil, surname, name, starts, ends in rows.tuples():
            listed = pupils[school_class].setdefault(pupil, _Listed(pupil, f"{surname} {name}".strip()))
            listed.spans.append((starts, ends))
        return defaultdict(list, {school_class: list(found.values()) for school_class, found in pupils.items()})

    def _courses(self, user):
        """Class → subjects in the order of the curriculum, and (class, subject) → its courses with their units."""
        held = m.UnitMember.select(m.UnitMember.unit, m.Enrolment.school_class).join(
            m.Enrolment, on=(m.Enrolment.pupil == m.UnitMember.pupil)).where(
            m.Enrolment.school_class.in_(self.ids)).distinct()
        shared = defaultdict(set)
        for unit, school_class in held.tuples():
            shared[unit].add(school_class)
        rows = policies.journals(user).select(
            m.Course.id, m.Unit.id, m.Unit.school_class, m.Subject.id, m.Subject.name, m.Subject.official, m.Course.grading,
            m.Subject.grading).join(
            m.Unit).switch(m.Course).join(m.Subject).where(
            m.Unit.school_class.in_(self.ids) | m.Unit.id.in_(list(shared))).order_by(
            m.Subject.position, m.Subject.name, m.Course.id)
        subjects, courses = defaultdict(dict), defaultdict(dict)
        for course, unit, own, subject, name, official, grading, usual in rows.tuples():
            for school_class in ({own} if own else shared[unit]):
                self.scales[school_class, subject] = scale_of(grading or usual)
                subjects[school_class][subject] = official or name
                courses[school_class, subject][course] = unit
        return subjects, courses

    def _members(self, user) -> dict[tuple[int, int], list]:
        units = {unit for courses in self.courses.values() for unit in courses.values()}
        rows = policies.visible(user, m.Membership).select(
            m.Membership.unit, m.Membership.pupil, m.Membership.starts, m.Membership.ends).where(
            m.Membership.unit.in_(list(units)))
        members = defaultdict(list)
        for unit, pupil, starts, ends in rows.tuples():
            members[unit, pupil].append((starts, ends))
        return members

    def _values(self, user) -> dict[tuple, str]:
        courses = [course for found in self.courses.values() for course in found]
        rows = policies.visible(user, m.PeriodMark).select(
            m.PeriodMark.course, m.PeriodMark.pupil, m.PeriodMark.kind, m.PeriodMark.period, m.PeriodMark.value).where(
            m.PeriodMark.course.in_(courses))
        return {(course, pupil, kind, period): value for course, pupil, kind, period, value in rows.tuples()}

    def averages(self, school_class: int, period: m.Period) -> dict[tuple[int, int], Fraction]:
        """(pupil, subject) → the weighted average of the marks of the period; one query."""
        subject_of = {course: subject for (own, subject), courses in self.courses.items() if own == school_class for course in courses}
        rows = m.Mark.weighing().where(m.Lesson.course.in_(list(subject_of)) & m.Lesson.day.between(period.starts, period.ends))
        if not self.user.reads_all:
            rows = rows.where(m.Mark.id.in_(policies.visible(self.user, m.Mark).select(m.Mark.id)))
        marks = defaultdict(list)
        for course, pupil, _day, value, weight in rows.tuples():
            marks[pupil, subject_of[course]].append((value, weight))
        return {(pupil, subject): formulas.weighted_mean(self.scales[school_class, subject].weights(found))
                for (pupil, subject), found in marks.items()}

    def _departures(self, user) -> dict[tuple[int, int], str]:
        """(class, pupil) → «выбыл 03.12.2026, приказ № 12»."""
        rows = policies.visible(user, m.Movement).select(
            m.Movement.from_class, m.Movement.pupil, m.Movement.kind, m.Movement.day, m.Movement.order_no).where(
            m.Movement.from_class.in_(self.ids) & m.Movement.kind.in_(("departure", "transfer"))).order_by(m.Movement.day)
        words = {"departure": "выбыл", "transfer": "переведён в другой класс"}
        return {(school_class, pupil): f"{words[kind]} {day:%d.%m.%Y}" + (f", приказ № {order}" if order else "")
                for school_class, pupil, kind, day, order in rows.tuples()}


# ---- one period ----

def _of_period(data: _Data, school_class: m.SchoolClass, period: m.Period, today: date) -> list[Block]:
    day = _day_in(period, today)
    listed = [pupil for pupil in data.pupils[school_class.id] if pupil.on(day)]
    subjects = data.subjects[school_class.id]
    results = [[data.value(pupil.id, subject, school_class.id, "period", period.id) for subject in subjects] for pupil in listed]
    scales = [data.scales[school_class.id, subject] for subject in subjects]
    levels = [[scale.as_five(value) for scale, value in zip(scales, line, strict=True)] for line in results]
    means = [formulas.shown_mean(formulas.mean(int(mark) for mark in marks if mark.isdecimal())) for marks in levels]
    table = _matrix(listed, data.heads(school_class.id, period), results, means, f"{school_class.name} {period.name}")
    due = sum(data.expected(pupil.id, subject, school_class.id, day) for pupil in listed for subject in subjects)
    state = "закрыт" if (school_class.id, period.id) in data.closed else "не закрыт, ведомость предварительная"
    gone = [pupil.name for pupil in data.pupils[school_class.id] if not pupil.on(day) and pupil.on(period.starts)]
    below = _class_lines(levels) + ([f"Не считаются выбывшие: {', '.join(gone)}."] if gone else [])
    return [Paragraph(f"Период {period.starts:%d.%m.%Y}–{period.ends:%d.%m.%Y}, {state}. {_filled(results, due)}"),
            replace(table, foot=_figures(levels) if listed else ()), *map(Paragraph, below), SIGNED]


def _averages(data: _Data, school_class: m.SchoolClass, period: m.Period, today: date) -> list[Block]:
    policy = rulebook.rules.rules_on(today).value("final.rounding")
    listed = [pupil for pupil in data.pupils[school_class.id] if pupil.on(_day_in(period, today))]
    subjects, found = data.subjects[school_class.id], data.averages(school_class.id, period)
    exact = [[found.get((pupil.id, subject)) for subject in subjects] for pupil in listed]
    scales = [data.scales[school_class.id, subject] for subject in subjects]
    shown = [[scale.shown(average, policy) for scale, average in zip(scales, averages, strict=True)] for averages in exact]
    means = [formulas.shown_mean(formulas.mean(average for scale, average in zip(scales, averages, strict=True)
                                               if scale is FIVE and average is not None)) for averages in exact]
    return [Paragraph("Средневзвешенный балл текущих отметок за период. Это расчёт, не отметка."),
            _matrix(listed, data.heads(school_class.id, period), shown, means, f"{school_class.name} {period.name} баллы")]


def _day_in(period: m.Period, today: date) -> date:
    """The day whose list counts: today while the period runs, its last day afterwards (reports.md 3)."""
    return max(period.starts, min(period.ends, today))


def _matrix(listed: list[_Listed], heads: list[Cell], values: list[list], means: list, name: str) -> Table:
    columns = [Column(7, "center"), Column(44, head=True), *[Column(7.5, "center")] * len(heads), Column(11, "center", edge=True)]
    head = [Cell("№", align="center"), "Фамилия, имя", *heads, Cell("Средний балл", turned=True)]
    rows = [[number, pupil.name, *line, mean]
            for number, (pupil, line, mean) in enumerate(zip(listed, values, means, strict=True), 1)]
    return Table(columns, [head], rows, name=name, row_height=5.4, empty="В списке класса на этот период нет учеников.")


def _figures(results: list[list[str]]) -> list[list]:
    """Lines below the table, a figure for each subject (reports.md 3.1–3.4)."""
    groups = [formulas.tally(column) for column in zip(*results, strict=True)]
    lines = (("Успеваемость, %", formulas.success_rate, formulas.shown_percent),
             ("Качество, %", formulas.quality_rate, formulas.shown_percent),
             ("СОУ, %", formulas.training_level, formulas.shown_percent),
             ("Средний балл", formulas.group_mean, formulas.shown_mean))
    return [[Cell(name, span=2, align="left"), *[_or_dash(shown(figure(group))) for group in groups], ""]
            for name, figure, shown in lines]


def _class_lines(results: list[list[str]]) -> list[str]:
    """Two percentages that are easily taken for one another, each with its own words."""
    whole = formulas.class_result(results)
    marks = [formulas.quality_rate(group) for group in map(formulas.tally, zip(*results, strict=True))]
    marks = [share for share in marks if share is not None]
    over_subjects = formulas.shown_percent(Fraction(sum(marks), len(marks))) if marks else None
    return [f"По ученикам: успеваемость {_percent(formulas.shown_percent(whole.success))}, качество "
            f"{_percent(formulas.shown_percent(whole.quality))}; аттестовано {whole.assessed} из {len(results)}.",
            f"Среднее по предметам: качество {_percent(over_subjects)}."]


def _filled(results: list[list[str]], due: int) -> str:
    """The clause presupposes complete filling, so the sheet tells how far it is (CTL-07)."""
    there = sum(bool(value) for marks in results for value in marks)
    share = formulas.shown_percent(Fraction(100 * min(there, due), due)) if due else None
    return f"Заполнено на {_percent(share)}."


def _percent(share) -> str:
    return "—" if share is None else f"{share} %".replace(".", ",")


def _or_dash(value):
    return "—" if value is None else value


def _within(spans, day: date) -> bool:
    return any(starts <= day and (ends is None or day <= ends) for starts, ends in spans)


# ---- the year ----

def _of_year(data: _Data, school_class: m.SchoolClass, today: date, council: bool) -> list[Block]:
    subjects = data.subjects[school_class.id]
    lines = [(period.name, "period", period.id) for period in data.periods[school_class.period_set_id]]
    lines += [(label, kind, None) for label, kind in YEAR_LINES]
    columns = [Column(6, "center"), Column(34, head=True), Column(15), *[Column(6, "center") for _ in subjects]]
    head = [Cell("№", align="center"), "Фамилия, имя", "Период", *[Cell(name, turned=True) for name in subjects.values()]]
    if council:
        columns.append(Column(26))
        head.append("Решение педсовета (дата, №)")
    rows = []
    for number, pupil in enumerate(data.pupils[school_class.id], 1):
        rows += _block(data, school_class.id, number, pupil, lines, council, today)
    table = Table(columns, [head], rows, name=f"{school_class.name} год", row_height=4.6, keep=len(lines), size=7.5,
                  empty="В классе пока нет учеников.")
    return [table, SIGNED]


def _block(data: _Data, school_class: int, number: int, pupil: _Listed, lines, council: bool, today: date) -> list[list]:
    """The lines of one pupil; a leaver's order stands in place of the council's decision."""
    gone = "" if pupil.on(today) else data.departures.get((school_class, pupil.id), "")
    block = [[label, *[data.value(pupil.id, subject, school_class, kind, period) for subject in data.subjects[school_class]]]
             for label, kind, period in lines]
    name = pupil.name if council or not gone else f"{pupil.name}\n({gone})"
    block[0] = [Cell(number, rows=len(lines)), Cell(name, rows=len(lines)), *block[0]]
    if council:
        block[0].append(Cell(gone, rows=len(lines)))
    return block
