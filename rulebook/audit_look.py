"""What every probe of the self-audit looks at: whose part of the school, which days, the journals, classes and people in it.

Each thing is read once, when the first probe asks for it, in a statement that does not grow with the school. Knows no request.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from peewee import JOIN, SQL, Value, fn

import clock
import models as m
import policies
import rulebook.facts
from rulebook.rules import Event, NEVER, Rules, last_moment, parse_deadline

STATES = ("broken", "risk", "lapsed", "kept", "built", "open", "outside")
"""broken: stands now, somebody has to mend it · risk: still in time, due soon · lapsed: happened in these days, nothing is left to
mend · kept: looked at, nothing found · built: kept by the program itself, no data to look at · open: not kept by the program yet, or
only in part · outside: done by people. A finding may also be `noted`: a lawful exception, shown and counted against nobody."""


TEACHER, CLASS, SCHOOL = "teacher", "class", "school"


class Trace(NamedTuple):
    """Something a probe found. `link` names what it is mended at: (kind, *ids), made an address by views. `what` says what is
    the matter, `name` whom or what it concerns besides the journal; a count above 1 is that many of them, the link leads to one."""

    state: str
    person: int | None
    school_class: int | None
    link: tuple = ()
    course: int | None = None
    day: date | None = None
    what: m.Text | None = None
    name: str = ""
    count: int = 1


@dataclass(frozen=True)
class Probe:
    """One question to the data: `ids` of requirements and `keys` of the regulation it belongs to, `find(look)` → traces.
    `part`: whose matter it is, a teacher's and so everybody's, a class teacher's, or of the whole school."""

    name: str
    title: str
    ids: frozenset[str]
    keys: tuple[str, ...]
    find: Callable
    part: str = TEACHER


def asks(*questions):
    """Says that a probe asks these questions: `question(look)` is a select without order (None = nothing to ask), read by `Look.told`
    together with those of every other probe in one statement."""
    def noted(find):
        find.questions = questions
        return find
    return noted


def probe(name: str, title: str, ids: str, keys: str, find: Callable, part: str = TEACHER) -> Probe:
    """A Probe; `ids` and `keys` are words."""
    return Probe(name, title, frozenset(ids.split()), tuple(keys.split()), find, part)


@dataclass
class Standing:
    """How a probe stands: its traces, the worst and oldest first."""

    probe: Probe
    traces: list[Trace] = field(default_factory=list)
    off: bool = False

    @cached_property
    def counts(self) -> Counter:
        """State → how many."""
        found: Counter = Counter()
        for each in self.traces:
            found[each.state] += each.count
        return found

    @property
    def state(self) -> str:
        return "outside" if self.off else next((state for state in ("broken", "risk", "lapsed") if self.counts[state]), "kept")

    def people(self, *states: str) -> Counter:
        """Person → how many traces of these states."""
        found: Counter = Counter()
        for each in self.traces:
            if each.state in states and each.person:
                found[each.person] += each.count
        return found

    @property
    def since(self) -> date | None:
        """The day of the oldest thing that stands broken."""
        return min((each.day for each in self.traces if each.state == "broken" and each.day), default=None)


class Journal(NamedTuple):
    """A course of the year: `school_class` None of a stream."""

    id: int
    unit: str
    subject: str
    subject_id: int
    school_class: int | None
    plan: int | None
    hours: object
    grading: str


class Look:
    """The part of the school that somebody may look at, on the days from `first` to `last`; `user` None = the whole school."""

    def __init__(self, rules: Rules, now: datetime, first: date, user: policies.User | None = None):
        self.rules, self.now, self.user = rules, now, user and policies.without_family(user)
        self.today = now.astimezone(clock.zone()).date()
        self.first, self.last = first, self.today
        self.whole = user is None or user.has(*WHOLE)
        self._halves: dict = {}
        self._limits: dict = {}
        self._seen: dict = {}
        self._told: dict = {}
        self._expected: list = []

    def asks(self, probe: Probe) -> bool:
        """Is the probe about this part of the school at all?"""
        return self.whole or probe.part == TEACHER or probe.part == CLASS and bool(self.own_classes)

    def concerns(self, found: Trace) -> bool:
        """Is the finding within this part of the school: one's own, or of the own class (ACC-04, ACC-06)?"""
        return self.whole or found.person == self.user.person or found.school_class in self.user.classes

    def seen(self, read: Callable, *what):
        """What `read(look, *what)` answers, read once for all probes."""
        key = read, *what
        if key not in self._seen:
            self._seen[key] = read(self, *what)
        return self._seen[key]

    def expect(self, probes) -> None:
        """The questions of these probes will be asked."""
        asked = (question for each in probes for question in getattr(each.find, "questions", ()))
        self._expected = list(dict.fromkeys([_assignments, *asked]))

    def told(self, question: Callable) -> list[tuple]:
        """The rows that answer a question, days and moments as texts (see day_of, moment_of); with the first all that are expected, in
        one statement."""
        if question not in self._told:
            self._ask([question, *(each for each in self._expected if each is not question and each not in self._told)])
        return self._told[question]

    def _ask(self, questions: list) -> None:
        array, whole = fn.json_array if m.is_sqlite() else fn.json_build_array, None
        for number, question in enumerate(questions):
            self._told[question], query = [], question(self)
            if query is None:
                continue
            columns = [column.alias(f"c{place}") for place, column in enumerate(query._returning)]
            told = query.select(*columns).select_from(
                Value(number).alias("question"), array(*(SQL(f"c{place}") for place in range(len(columns)))).cast("TEXT").alias("row"))
            whole = told if whole is None else whole.union_all(told)
        for number, row in whole.tuples() if whole is not None else ():
            self._told[questions[number]].append(tuple(json.loads(row, parse_float=Decimal)))

    # ---- the school ----

    @cached_property
    def version(self) -> m.RegulationVersion | None:
        """The version of the regulation in force, with the regulation."""
        return m.RegulationVersion.on(self.today)

    @cached_property
    def year(self) -> m.Year:
        return m.Year.on(self.today)

    @cached_property
    def journals(self) -> dict[int, Journal]:
        """The journals of the year in this part of the school; one statement."""
        course, unit, subject = m.Course, m.Unit, m.Subject
        among = course.select() if self.user is None else policies.journals(self.user)
        rows = among.join(unit, on=(course.unit == unit.id)).join(subject, on=(course.subject == subject.id)).where(
            unit.year == self.year).select(
            course.id, unit.name, subject.name, subject.id, unit.school_class, course.plan, course.weekly_hours,
            fn.COALESCE(fn.NULLIF(course.grading, ""), subject.grading)).tuples()
        return {row[0]: Journal(*row) for row in rows}

    @cached_property
    def classes(self) -> dict[int, m.SchoolClass]:
        """Classes of the year, each with its set of periods."""
        return {row.id: row for row in m.SchoolClass.select(m.SchoolClass, m.PeriodSet).join(m.PeriodSet, JOIN.LEFT_OUTER).where(
            m.SchoolClass.year == self.year).order_by(m.SchoolClass.sort)}

    @cached_property
    def own_classes(self) -> list[int]:
        """Ids of the classes in this part of the school."""
        return list(self.classes) if self.whole else [each for each in self.user.classes if each in self.classes]

    @cached_property
    def periods(self) -> list[m.Period]:
        """Periods of the year's sets that classes live by, by set and number."""
        used = {each.period_set_id: each.period_set for each in self.classes.values() if each.period_set_id}
        rows = list(m.Period.select().where(m.Period.period_set.in_(list(used))).order_by(m.Period.period_set, m.Period.number))
        for row in rows:
            row.period_set = used[row.period_set_id]
        return rows

    @cached_property
    def appointments(self) -> list[m.Appointment]:
        return list(m.Appointment.on(self.today).order_by(m.Appointment.id))

    @cached_property
    def class_teachers(self) -> dict[int, int]:
        """Class id → its class teacher."""
        return {row.school_class_id: row.person_id for row in self.appointments if row.role == "CT" and row.school_class_id}

    @cached_property
    def teachers(self) -> dict[int, int]:
        """Course id → who teaches it today; the oldest assignment of several."""
        return {course: teacher for _id, course, teacher in sorted(self.told(_assignments), reverse=True)}

    def teacher_of(self, course: int | None) -> int | None:
        return self.teachers.get(course)

    def class_of(self, course: int | None) -> int | None:
        journal = self.journals.get(course)
        return journal and journal.school_class

    # ---- lessons ----

    def lessons(self):
        """The condition that a lesson lies in this part of the school and these days, and is not cancelled."""
        days = m.Lesson.day.between(self.first, self.last) & (m.Lesson.state != "cancelled")
        return days if self.whole else days & m.Lesson.course.in_(list(self.journals))

    def gradeless(self, school_class: int | None, day: date) -> bool:
        """Is the class taught without marks on this day (MRK-14)?"""
        key = school_class, day
        if key not in self._halves:
            self._halves[key] = self._gradeless(self.classes.get(school_class), day)
        return self._halves[key]

    def _gradeless(self, school_class, day):
        if school_class is None:
            return False
        own = next((each for each in self.periods if each.period_set_id == school_class.period_set_id
                    and each.starts <= day <= each.ends), None)
        half = rulebook.facts.half_of(own.period_set.kind if own else "", own.number if own else 0, day)
        return rulebook.facts.is_gradeless(self.rules, school_class.grade, half)

    def overdue(self, key: str, day: date, starts=None, school_class: int | None = None, received: datetime | None = None) -> bool:
        """Has the deadline under this key of the regulation passed for a lesson of the day? False where there is none."""
        rule = self.rules[key]
        deadline = None if rule.severity == "off" or rule.value == NEVER else parse_deadline(rule.value)
        if deadline is None:
            return False
        place = (key, day, starts if deadline.anchor == "lesson_start" else None,
                 school_class if deadline.anchor == "class_day_end" else None, received)
        if place not in self._limits:
            at = clock.at(day, starts) if starts else None
            event = Event(clock.zone(), day, at, self._day_end(school_class, day) if deadline.anchor == "class_day_end" else None,
                          received_at=received, is_school_day=self._is_school_day(school_class))
            limit = last_moment(deadline, event)
            self._limits[place] = limit is not None and limit < self.now
        return self._limits[place]

    def _day_end(self, school_class, day):
        """When the last lesson of a class ends; only of today is it asked, an earlier day is over."""
        if day != self.today:
            return None
        at = self._ends_today.get(school_class)
        return clock.at(day, at) if at else None

    @cached_property
    def _ends_today(self) -> dict:
        return dict(m.Lesson.select(m.Unit.school_class, fn.MAX(m.Lesson.ends)).join(m.Course).join(m.Unit).where(
            (m.Lesson.day == self.today) & (m.Lesson.state != "cancelled")).group_by(m.Unit.school_class).tuples())

    def _is_school_day(self, school_class):
        owner = self.classes.get(school_class)
        return (lambda day: bool(self._calendar.weekday(owner, day))) if owner else (lambda day: day.weekday() < 6)

    @cached_property
    def _calendar(self) -> m.Calendar:
        return m.Calendar(self.year)


def _assignments(look):
    return m.Assignment.on(look.today).select(m.Assignment.id, m.Assignment.course, m.Assignment.teacher)


WHOLE = ("DIR", "ZAV", "ADM")
"""Whose part is the whole school."""


@lru_cache(512)
def day_of(value) -> date | None:
    """A day as either database gives it: peewee reads each of ten thousand alike ones anew."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


@lru_cache(256)
def time_of(value):
    return datetime.strptime(value[:5], "%H:%M").time() if isinstance(value, str) else value


def moment_of(value: str | None) -> datetime | None:
    """A moment as `Look.told` gives it, by the school's clock."""
    if value is None:
        return None
    found = datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(clock.zone())


def days_of(interval: str) -> timedelta | None:
    """The length of an interval of the regulation (P7D, P1M, PT24H), a month being 30 days; None for `none`."""
    if interval == NEVER:
        return None
    count = int("".join(letter for letter in interval if letter.isdigit()))
    if interval.endswith("H"):
        return timedelta(hours=count)
    return timedelta(days=count * 30 if interval.endswith("M") else count)
