"""Who uses the journal and what of it they open (CTL-13, R-13): the staff, and pupils and parents by class; and the monthly report that is
kept (CTL-04).

Use is one row an account, part of the journal and day, whatever a page is asked for (`models.UseDay`), so nothing is known of single pages.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from peewee import Value, fn

import clock
import formulas
import models as m
import rulebook.due as due
from history import Actor
from rulebook.due import Span
from rulebook.rules import rules_on

PARTS = {
    "journal": (m.N_("the journals"), "T MAS CT ZAV DIR"), "results": (m.N_("the results"), "T MAS CT ZAV DIR"),
    "plans": (m.N_("the plans"), "T MAS ZAV"), "duties": (m.N_("the duties"), "T MAS CT ZAV DIR ADM SEC"),
    "control": (m.N_("the control of the journal"), "ZAV DIR"), "compliance": (m.N_("the compliance"), "DIR ZAV ADM"),
    "documents": (m.N_("the documents"), "CT ZAV DIR SEC ADM"), "lists": (m.N_("the lists"), "ADM SEC"),
    "diary": (m.N_("the diary"), "PAR STU"), "marks": (m.N_("all marks"), "PAR STU"), "finals": (m.N_("marks of the periods"), "PAR STU"),
    "other": ("", ""),
}
"""Part of the journal → its name and the roles that are expected to open it."""
KEPT = timedelta(days=400)  # use is forgotten after that: the reports of the months stay
ADMINISTRATION, CLASS_TEACHERS, TEACHERS = frozenset({"DIR", "ZAV", "ADM", "SEC"}), frozenset({"CT"}), frozenset({"T", "MAS"})


@dataclass(frozen=True)
class Member:
    """How one person used the journal in the days looked at: `days` with use, `sign_ins`, the `last` day of use up to their end, parts of
    the journal `never` opened in them; `way`: they have a password of their own. `of`: whose parent."""

    person: int
    name: str
    roles: tuple[str, ...]
    way: bool
    days: int
    sign_ins: int
    last: date | None
    never: tuple[str, ...]
    of: str = ""


@dataclass
class Group:
    """Pupils or parents of a class, or a part of the staff."""

    members: list[Member] = field(default_factory=list)

    @property
    def everybody(self) -> int:
        return len({each.person for each in self.members})

    @property
    def registered(self) -> int:
        return len({each.person for each in self.members if each.way})

    @property
    def seen(self) -> int:
        """How many opened the journal in these days."""
        return len({each.person for each in self.members if each.days})

    @property
    def visits(self) -> int:
        """Days with use of all together: one person counts once a day (R-13)."""
        return sum({each.person: each.days for each in self.members}.values())

    @property
    def share(self) -> Decimal | None:
        """Per cent of all who opened the journal in these days."""
        return formulas.shown_percent(Fraction(100 * self.seen, self.everybody)) if self.members else None


@dataclass
class ClassUse:
    """A class: its pupils, their parents, and `absent`: names of pupils in whose family nobody opened the journal in these days."""

    id: int
    name: str
    pupils: Group = field(default_factory=Group)
    parents: Group = field(default_factory=Group)
    absent: list[str] = field(default_factory=list)


# ---- the staff ----

def staff(first: date, last: date) -> list[Member]:
    """Everybody in office on the last day, by the alphabet, with all their roles. Five statements."""
    roles: dict[int, set] = {}
    rows = m.Appointment.on(last).select(m.Appointment.person, m.Appointment.role).union_all(
        m.Assignment.on(last).select(m.Assignment.teacher, Value("T")))
    for person, role in rows.tuples():
        roles.setdefault(person, set()).add(role)
    seen = _Seen(first, last, m.Account.person.in_(list(roles)))
    people = m.Person.select(m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic).where(
        m.Person.id.in_(list(roles))).order_by(m.Person.sort)
    return [seen.member(person, m.short_name(*name), roles[person]) for person, *name in people.tuples()]


def of_office(members: list[Member], roles: frozenset) -> Group:
    """Those of the staff who have one of these roles."""
    return Group([each for each in members if not roles.isdisjoint(each.roles)])


# ---- pupils and parents ----

def by_class(first: date, last: date, school_class: int | None = None) -> list[ClassUse]:
    """The classes on the last day, or one of them: pupils and parents. Five statements."""
    listed = m.Enrolment.on(last).join(m.SchoolClass).join_from(m.Enrolment, m.Pupil)
    if school_class is not None:
        listed = listed.where(m.Enrolment.school_class == school_class)
    person, guardian = m.Person, m.Guardianship
    columns = (m.SchoolClass.id, m.SchoolClass.name, m.Pupil.id, person.id, person.surname, person.name, person.patronymic)
    pupils = list(listed.join(person).select(*columns).order_by(m.SchoolClass.sort, person.sort).tuples())
    parents: dict[int, list] = {}
    for pupil, *who in guardian.on(last).join(person, on=(guardian.guardian == person.id)).where(
            guardian.pupil.in_(listed.select(m.Pupil.id))).order_by(person.sort).select(
            guardian.pupil, person.id, person.surname, person.name, person.patronymic).tuples():
        parents.setdefault(pupil, []).append(who)
    families = m.Account.person.in_(listed.select(m.Pupil.person)) | m.Account.person.in_(
        guardian.on(last).where(guardian.pupil.in_(listed.select(m.Pupil.id))).select(guardian.guardian))
    seen, found = _Seen(first, last, families), {}
    for number, class_name, pupil, who, surname, name, _patronymic in pupils:
        use = found.setdefault(number, ClassUse(number, class_name))
        family = [seen.member(who, f"{surname} {name}", {"STU"})]
        use.pupils.members += family
        for parent, *names in parents.get(pupil, ()):
            family.append(seen.member(parent, m.short_name(*names), {"PAR"}, f"{surname} {name}"))
        use.parents.members += family[1:]
        if not any(each.days for each in family):
            use.absent.append(f"{surname} {name}")
    return list(found.values())


class _Seen:
    """The use of some accounts from a day to a day; three statements. A person may have several accounts."""

    def __init__(self, first: date, last: date, whose):
        account, use, session = m.Account, m.UseDay, m.LoginSession
        own = account.select(account.person, fn.MAX(account.password)).where(whose & (account.locked == "")).group_by(account.person)
        self.ways = {person for person, password in own.tuples() if password}
        self.days: dict[int, set] = {}
        self.parts: dict[int, set] = {}
        for person, day, part in use.select(account.person, use.day, use.part).join(account).where(
                whose & use.day.between(first, last)).tuples():
            self.days.setdefault(person, set()).add(day)
            self.parts.setdefault(person, set()).add(part)
        begun = (session.created_at >= clock.at(first, time.min)) & (session.created_at < clock.at(last + timedelta(days=1), time.min))
        self.sign_ins = dict(session.select(account.person, fn.COUNT(session.id)).join(account).where(whose & begun).group_by(
            account.person).tuples())

    def member(self, person: int, name: str, roles, of: str = "") -> Member:
        days, parts = self.days.get(person, ()), self.parts.get(person, ())
        never = tuple(part for part, (_name, expected) in PARTS.items() if part not in parts and not roles.isdisjoint(expected.split()))
        return Member(person, name, tuple(sorted(roles)), person in self.ways, len(days), self.sign_ins.get(person, 0),
                      max(days, default=None), never, of)


# ---- the report of a month (CTL-04) ----

def due_reports(now: datetime) -> list[Span]:
    """The months (or whatever the regulation names) that are over, in which somebody used the journal or any later one, and whose report
    is not made; the earliest first. Two statements."""
    today = now.astimezone(clock.zone()).date()
    interval, begun = rules_on(today).value("reports.activity_interval"), m.UseDay.select(fn.MIN(m.UseDay.day)).scalar()
    if begun is None or due.span_of(interval, today) is None:
        return []
    made = {first for first, in m.ActivityReport.select(m.ActivityReport.first).tuples()}
    return [span for span in due.spans(interval, begun, today) if span.last < today and span.first not in made]


def forget(by: Actor) -> None:
    """Drop the use of days whose reports are long made."""
    m.UseDay.delete().where(m.UseDay.day < by.day - KEPT).execute()

