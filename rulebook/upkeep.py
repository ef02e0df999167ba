"""What the school has confirmed and what not: lists, checks of class teachers, control, analyses, sections, seminars (LEG-15, CTL-01).

One `Row` a class, role or teacher; `stale` gathers what is not up to date, each with whose it is. For pages, the weekly digest and
the self-audit; a fixed number of statements however large the school.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from peewee import JOIN, fn

import models as m
import rulebook.due as due
import rulebook.duties as duties
from rulebook.due import Span
from rulebook.rules import Rules

UNRECORDED = timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """A duty of one owner over the year: whose (a class, a role), when it was done last and by whom, and the spans it is missing in."""

    name: str
    number: int
    owner: str
    last: datetime | None
    by: str
    missing: list[Span]
    clause: str = ""
    people: tuple = ()  # ids of the owners


@dataclass(frozen=True)
class Stale:
    """Something that is not up to date: what, since when, whose, where it is mended."""

    what: m.Text
    owner: str
    url: str
    clause: str = ""
    since: date | None = None


@dataclass
class Upkeep:
    """The state of all confirmations on a day."""

    today: date
    lists_due: date | None
    lists: list[Row]
    monthly: list[Row] = field(default_factory=list)
    absences: list[Row] = field(default_factory=list)
    control: list[Row] = field(default_factory=list)
    analysis: list = field(default_factory=list)
    untrained: list[tuple] = field(default_factory=list)


def state(rules: Rules, today: date, year: m.Year | None = None) -> Upkeep:
    """Everything the regulation wants confirmed, from the beginning of the year until `today`. Six statements."""
    year = year or m.Year.on(today)
    classes = list(_classes(year, today)) if year else []
    days = _lesson_days(today)
    checks = list(m.Confirmation.select(m.Confirmation, m.Person).join(m.Person).where(
        m.Confirmation.day >= due.year_start(today) - timedelta(days=31)).order_by(
        m.Confirmation.id))
    listed = duties.asked(rules, "contingent.deadline")
    return Upkeep(
        today, duties.lists_due(rules, today) if listed else None, _list_rows(rules, classes, checks) if listed else [],
        _class_rows(rules, "list", "contingent.check_interval", classes, checks, days, today),
        _class_rows(rules, "attendance", "attendance.ct_check_interval", classes, checks, days, today),
        _control_rows(rules, checks, days, today), analysis(rules, today), _without_training(rules, classes, today))


def _classes(year, today: date):
    """Classes of the year with their class teachers of the day: names and ids."""
    found: dict[int, dict] = {}
    rows = m.SchoolClass.select(m.SchoolClass.id, m.SchoolClass.name, m.Person.id.alias("person"), m.Person.surname,
                                m.Person.name.alias("first"), m.Person.patronymic).join(
        m.Appointment, JOIN.LEFT_OUTER, on=(m.Appointment.school_class == m.SchoolClass.id) & (m.Appointment.role == "CT")
        & (m.Appointment.starts <= today) & (m.Appointment.ends.is_null() | (m.Appointment.ends >= today))).join(
        m.Person, JOIN.LEFT_OUTER).where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort).namedtuples()
    for row in rows:
        each = found.setdefault(row.id, {"id": row.id, "name": row.name, "people": [], "names": []})
        if row.person:
            each["people"].append(row.person)
            each["names"].append(m.short_name(row.surname, row.first, row.patronymic))
    return found.values()


def _lesson_days(today: date) -> list[date]:
    return [day for day, in m.Lesson.select(m.Lesson.day).where(
        m.Lesson.day.between(due.year_start(today), today) & (m.Lesson.state != "cancelled")).distinct().tuples()]


def _list_rows(rules, classes, checks) -> list[Row]:
    """Whether the list of each class was ever confirmed this year (CNT-01)."""
    clause, rows = rules["contingent.deadline"].clause, []
    for each in classes:
        first = next((check for check in checks if check.kind == "list" and check.school_class_id == each["id"]), None)
        rows.append(_row(each, first, [], clause))
    return rows


def _row(each, check, missing, clause) -> Row:
    return Row(each["name"], each["id"], ", ".join(each["names"]), check and check.at, check.person.short_name if check else "", missing,
               clause, tuple(each["people"]))


def _class_rows(rules, kind, key, classes, checks, days, today) -> list[Row]:
    """Each class with the finished spans of the year in which its class teacher did not check."""
    if not duties.asked(rules, key):
        return []
    spans = _finished(rules.value(key), days, today)
    rows = []
    for each in classes:
        own = [check for check in checks if check.kind == kind and check.role == "CT" and check.school_class_id == each["id"]]
        rows.append(_row(each, own[-1] if own else None, due.missing(spans, [check.day for check in own]), rules[key].clause))
    return rows


def _finished(interval: str, days, today: date) -> list[Span]:
    """The spans of the year with lessons that are over."""
    return [span for span in due.worked(due.spans(interval, due.year_start(today), today), days) if span.last < today]


def _control_rows(rules, checks, days, today) -> list[Row]:
    """Each role that the regulation wants to check the journal, with the finished weeks or months nobody of it did (CTL-01)."""
    rule, rows = rules["control.interval"], []
    for role in duties.checkers(rules):
        own = [check for check in checks if check.kind == "control" and check.role == role]
        spans = _finished(rule.value["interval"], days, today)
        rows.append(Row(role, 0, role, own[-1].at if own else None, own[-1].person.short_name if own else "",
                        due.missing(spans, [check.day for check in own]), rule.clause))
    return rows


def analysis(rules: Rules, today: date) -> list:
    """Journals with control works nobody has analysed, as `.namedtuples()` with class, subject, period and teacher (CTL-14)."""
    if not duties.asks_analysis(rules):
        return []
    return list(duties.unanalysed(today).join(m.Assignment, JOIN.LEFT_OUTER, on=(m.Assignment.course == m.Lesson.course)
                & (m.Assignment.starts <= today) & (m.Assignment.ends.is_null() | (m.Assignment.ends >= today))).join(
                m.Person, JOIN.LEFT_OUTER).select(
        m.Lesson.course, m.Unit.name.alias("unit"), m.SchoolClass.sort, m.Subject.name.alias("subject"), m.Period.id.alias("period"),
        m.Period.name.alias("period_name"), m.Period.ends, m.Person.id.alias("person"), m.Person.surname, m.Person.name,
        m.Person.patronymic, fn.COUNT(m.Lesson.id).alias("works")).group_by(
        m.Lesson.course, m.Unit.name, m.SchoolClass.sort, m.Subject.name, m.Period.id, m.Period.name, m.Period.ends, m.Person.id,
        m.Person.surname, m.Person.name, m.Person.patronymic).order_by(m.Period.ends, m.SchoolClass.sort, m.Subject.name).namedtuples())


def _without_training(rules, classes, today) -> list[tuple]:
    """(class, its class teacher) of those who were at no seminar this year, where the regulation wants them there (CTL-18)."""
    if not rules.value("training.required") or not duties.asked(rules, "training.required"):
        return []
    seen = {person for person, in m.TrainingVisit.select(m.TrainingVisit.person).join(m.Training).where(
        m.Training.day >= due.year_start(today)).tuples()}
    return [(each["name"], name) for each in classes for person, name in zip(each["people"], each["names"], strict=True)
            if person not in seen]


def untrained(rules: Rules, today: date) -> list[tuple]:
    """As `Upkeep.untrained`, alone."""
    year = m.Year.on(today)
    return _without_training(rules, _classes(year, today) if year else [], today)


# ---- what is not up to date (LEG-15) ----

def stale(rules: Rules, upkeep: Upkeep, now: datetime) -> list[Stale]:
    """Everything that is not up to date, each with whose it is and where it is mended; empty when all is. Two statements."""
    today = upkeep.today
    found = [Stale(m.Text(m.N_("The list of %(name)s is not confirmed"), name=row.name), row.owner, "/duties/school#lists", row.clause,
                   upkeep.lists_due) for row in upkeep.lists if row.last is None and upkeep.lists_due < today]
    for rows, words in ((upkeep.monthly, m.N_("The data of %(name)s were not checked")),
                        (upkeep.absences, m.N_("The absences of %(name)s were not checked"))):
        found += [Stale(m.Text(words, name=row.name), row.owner, f"/duties/classes/{row.number}", row.clause, span.last)
                  for row in rows if (span := _open_gap(row))]
    found += [Stale(m.Text(m.N_("The journal was not checked, %(first)s to %(last)s"), first=span.first, last=span.last), row.owner,
                    f"/duties/week?day={span.first}", row.clause, span.last) for row in upkeep.control for span in row.missing[-3:]]
    found += _unanalysed(rules, upkeep)
    return found + _unrecorded(today, now) + _unpublished(today, now)


def _open_gap(row: Row) -> Span | None:
    """The first finished span since the last check of the owner; what was missed before it cannot be mended any more."""
    return next((span for span in row.missing if row.last is None or span.last > row.last.date()), None)


def _unanalysed(rules, upkeep: Upkeep) -> list[Stale]:
    """Periods whose control works a teacher has not analysed in time."""
    owing: dict[tuple, list] = {}
    for row in upkeep.analysis:
        if row.ends < upkeep.today:
            owing.setdefault((row.ends, row.period_name, _name(row)), []).append(f"{row.unit}, {row.subject}")
    clause = rules["analysis.control_work"].clause
    return [Stale(m.Text(m.N_("Control works of %(period)s are not analysed: %(journals)s"), period=period, journals="; ".join(journals)),
                  name, "/duties/analysis", clause, ends) for (ends, period, name), journals in owing.items()]


def _unrecorded(today: date, now: datetime) -> list[Stale]:
    """Lessons that are over and lack attendance or a topic, by teacher."""
    counted: dict[str, list] = {}
    for row in m.Lesson.unrecorded(today - UNRECORDED, today, now.time().replace(tzinfo=None)).namedtuples():
        counted.setdefault(_name(row), []).append(row)
    return [Stale(m.Text(m.N_("Lessons without a record: %(count)s"), count=len(rows)), name, f"/lesson/{rows[-1].id}", "", rows[-1].day)
            for name, rows in sorted(counted.items())]


def _unpublished(today: date, now: datetime) -> list[Stale]:
    """Timetables that should hold already and are not published, and changes to the one in force that no lesson follows yet."""
    versions = list(m.Timetable.select().where((m.Timetable.starts <= today) & (m.Timetable.ends >= today)).order_by(
        m.Timetable.starts.desc(), m.Timetable.id.desc()))
    found = [_timetable(m.Text(m.N_("The timetable «%(name)s» is not published"), name=draft.name), draft)
             for draft in versions if draft.published_at is None]
    standing = next((version for version in versions if version.published_at), None)
    counts = standing.change(now).counts if standing else {}
    waiting = sum(counts.get(what, 0) for what in ("made", "changed", "withdrawn"))
    if waiting:
        found.append(_timetable(m.Text(m.N_("Changes of the timetable «%(name)s» are not published; lessons concerned: %(count)s"),
                                       name=standing.name, count=waiting), standing))
    return found


def _timetable(text: m.Text, timetable) -> Stale:
    return Stale(text, "ZAV", f"/admin/timetable/details/?id={timetable.id}", "", timetable.starts)


def _name(row) -> str:
    return m.short_name(row.surname, row.name, row.patronymic) if row.surname else ""


# ---- the sections of the journal by September (CNT-02) ----

@dataclass(frozen=True)
class Section:
    """A part of the set-up: how many of how many are there."""

    title: str
    url: str
    done: int
    of: int

    @property
    def ready(self) -> bool:
        return self.of > 0 and self.done >= self.of


def sections(today: date) -> list[Section]:
    """Periods, bells, curriculum, teaching load, subgroups, timetable, class teachers: what describes the process in the journal."""
    year = m.Year.on(today)
    classes = m.SchoolClass.select(m.SchoolClass.id).where(m.SchoolClass.year == year)
    courses = m.Course.select(m.Course.id).join(m.Unit).where(m.Unit.year == year)
    groups = m.Unit.select(m.Unit.id).where((m.Unit.year == year) & (m.Unit.kind != "class"))
    total, journals, parts = classes.count(), courses.count(), groups.count()
    published = m.Timetable.select().where((m.Timetable.year == year) & m.Timetable.published_at.is_null(False)).count()
    return [
        Section(m.N_("Periods"), "/admin/period_set/", classes.where(m.SchoolClass.period_set.is_null(False)).count(), total),
        Section(m.N_("Bells"), "/admin/bell_set/", min(m.BellUse.select().where(m.BellUse.year == year).count(), 1), 1),
        Section(m.N_("Curriculum"), "/admin/curriculum_line/",
                _covered(m.CurriculumLine.select(), m.CurriculumLine.school_class, classes), total),
        Section(m.N_("Teaching load"), "/admin/assignment/", _covered(m.Assignment.on(today), m.Assignment.course, courses), journals),
        Section(m.N_("Subgroups"), "/admin/unit/", _covered(m.UnitMember.select(), m.UnitMember.unit, groups) if parts else 1, parts or 1),
        Section(m.N_("Timetable"), "/admin/timetable/", min(published, 1), 1),
        Section(m.N_("Class teachers"), "/admin/appointment/",
                _covered(m.Appointment.on(today).where(m.Appointment.role == "CT"), m.Appointment.school_class, classes), total),
    ]


def _covered(rows, column, among) -> int:
    """How many of `among` the column names."""
    return rows.where(column.in_(among)).select(fn.COUNT(column.distinct())).scalar() or 0
