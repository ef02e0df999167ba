"""Who may, and what may: the gate over every table, and the regulation's rules.

First half: a `User` (roles on a day), SCOPES (what a user sees of each table, as a query), RULES (what a user may do to a
record), SCREENS (which administrative screens a role has). Deny is the default; an unknown key raises. Lists, object
checks, look-ups, exports and printouts all start from `visible`, so they cannot disagree.
Second half: the regulation, from its TOML presets to a Decision about one record.
`user` and `now` are arguments; nothing here knows the request.
"""

import json
import re
import tomllib
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from zlib import crc32
from zoneinfo import ZoneInfo

from peewee import SQL, Case, Value, fn

import clock
import models as m
from formulas import (
    DEFERRED, EXCUSED, EXEMPT, FAILED, GRADELESS, ILL, LATE, NOT_ATTESTED, PASSED, Pace, certificate_mark,
    mean_result, minimum_marks, pace, weighted_mean, year_mark,
)
from history import Actor
from marking import ALL_MARKS, FIVE, FREE, LETTERS, REASON, SICK, UNEXPLAINED, Scale, scale_of

# ---- who ----

READERS = frozenset({"DIR", "ZAV", "ADM", "SEC"})  # see the whole journal (ACC-07; SEC prints and certifies it, ARC-05)
LEADERS = frozenset({"DIR", "ZAV"})
STAFF = frozenset({"DIR", "ZAV", "ADM", "SEC", "CT", "T", "MAS"})
FAMILY = frozenset({"PAR", "STU"})


@dataclass
class User:
    """Somebody signed in, as the gate sees them on one day: roles, own class, own children."""

    person: int
    name: str
    today: date
    account: int | None = None
    roles: frozenset = frozenset()
    classes: tuple[int, ...] = ()  # ids of the classes whose class teacher this is
    pupils: tuple[int, ...] = ()   # ids of own children, and of oneself as a pupil
    taught: Mapping[int, list] = field(default_factory=dict)  # course id → spans (first day, last day or None) of teaching it
    substituted: frozenset[int] = frozenset()  # ids of lessons given in place of somebody else

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF)

    @property
    def reads_all(self) -> bool:
        return not self.roles.isdisjoint(READERS)

    @cached_property
    def rules(self) -> "Rules":
        """The regulation in force for this user's day; one query at the first question."""
        return rules_on(self.today)


def user_of(person: int, name: str, today: date, account: int | None = None) -> User:
    """The person's roles in force on `today`, from appointments, teaching, families and enrolment; one query."""
    roles, classes, pupils, taught, substituted = set(), set(), set(), {}, set()
    for role, ref, starts, ends in _standing_of(person, today):
        roles.add("T" if role == "SUB" else role)
        if role == "SUB":
            substituted.add(ref)
        elif role == "CT" and ref:
            classes.add(ref)
        elif role in FAMILY:
            pupils.add(ref)
        elif ref and starts:
            taught.setdefault(ref, []).append((starts, ends))
    return User(person, name, today, account, frozenset(roles), tuple(sorted(classes)), tuple(sorted(pupils)), taught,
                frozenset(substituted))


@m.prepared
def _standing_of(person, today):
    """(role, class or course or pupil or lesson, first day, last day) of everything a person is."""
    nothing = (SQL("NULL"), SQL("NULL"))
    return (m.Assignment.select(Value("T").alias("role"), m.Assignment.course, m.Assignment.starts, m.Assignment.ends).where(
                m.Assignment.teacher == person)
            .union_all(m.Appointment.on(today).where(m.Appointment.person == person).select(
                m.Appointment.role, m.Appointment.school_class, *nothing))
            .union_all(m.Guardianship.on(today).where(m.Guardianship.guardian == person).select(
                Value("PAR"), m.Guardianship.pupil, *nothing))
            .union_all(m.Pupil.select(Value("STU"), m.Pupil.id, *nothing).where(m.Pupil.person == person))
            .union_all(m.Substitution.select(Value("SUB"), m.Substitution.lesson, *nothing).where(
                m.Substitution.substitute == person)).tuples())


# ---- what is seen: SCOPES ----

def visible(user: User, model):
    """A query of the rows of `model` that `user` may see; raises KeyError for a table without a scope."""
    return SCOPES[model](user)


def find(user: User, model, key):
    """The visible record with this primary key, or None: foreign, missing and malformed keys are one and the same."""
    number = key if isinstance(key, int) else int(key) if isinstance(key, str) and key.isascii() and key.isdigit() else None
    if number is None or not 0 < number < 2**31:
        return None
    return visible(user, model).where(model._meta.primary_key == number).first()


def sees(user: User, obj) -> bool:
    """Is this record within what the user sees?"""
    return find(user, type(obj), obj.get_id()) is not None


def _nothing(model):
    return lambda user: model.select().where(SQL("1 = 0"))


def _everybody(model):
    """Reference data any signed-in person may read: periods, bells, subjects."""
    return lambda user: model.select()


def _staff(model):
    return lambda user: model.select() if user.is_staff else _nothing(model)(user)


def _only(*roles):
    def scope_of(model):
        return lambda user: model.select() if user.has(*roles) else _nothing(model)(user)
    return scope_of


def _is_taught(course, user: User):
    """Is this column the id of a course the person teaches or has taught, or substitutes in (ACC-06)? The user carries the ids:
    as a list they cost a fifth of what peewee takes to write the same as a query."""
    taught = course.in_(list(user.taught))
    lent = m.Lesson.select(m.Lesson.course).where(m.Lesson.id.in_(user.substituted))
    return taught | course.in_(lent) if user.substituted else taught


def _units_of_own_class(user: User):
    """Units a class teacher looks into: the class, its subgroups, and streams that hold its pupils (ACC-04)."""
    own = m.Unit.select(m.Unit.id).where(m.Unit.school_class.in_(user.classes))
    shared = m.UnitMember.select(m.UnitMember.unit).join(
        m.Enrolment, on=(m.Enrolment.pupil == m.UnitMember.pupil)).where(m.Enrolment.school_class.in_(user.classes))
    return own.union(shared)


def _units_of_family(user: User):
    return m.Membership.select(m.Membership.unit).where(m.Membership.pupil.in_(user.pupils))


def _any(conditions):
    """Or of the conditions; nothing at all is seen when there are none."""
    if not conditions:
        return SQL("1 = 0")
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole | condition
    return whole


def _courses(user: User):
    if user.reads_all:
        return m.Course.select()
    ways = []
    if user.is_staff:
        ways.append(_is_taught(m.Course.id, user))
    if user.classes:
        ways.append(m.Course.unit.in_(_units_of_own_class(user)))
    if user.pupils:
        ways.append(m.Course.unit.in_(_units_of_family(user)))
    return m.Course.select().where(_any(ways))


def journals(user: User):
    """Courses whose journal page the user may open: a family reads its diary instead (ACC-02, ACC-06)."""
    if not user.is_staff:
        return _nothing(m.Course)(user)
    return _courses(without_family(user))


def result_journals(user: User):
    """Journals whose period marks the user may look at: a lesson given in somebody's place opens the lesson, not these (SUB-01)."""
    return journals(replace(user, substituted=frozenset()))


def without_family(user: User) -> User:
    """The same person at work only: a teacher's journals do not widen by being a parent in the class."""
    return replace(user, roles=user.roles - FAMILY, pupils=())


def as_teacher_of(user: User, course: int) -> User:
    """The same person as nothing but the teacher of this course, if that is so: what is seen of it is the whole of it already,
    and the query needs no other way to it."""
    return user if course not in user.taught else replace(
        user, roles=frozenset({"T"}), classes=(), pupils=(), taught={course: user.taught[course]}, substituted=frozenset())


def _lessons(user: User):
    if user.reads_all:
        return m.Lesson.select()
    ways = []
    if user.is_staff:
        ways.append(m.Lesson.course.in_(list(user.taught)))
    if user.substituted:
        ways.append(m.Lesson.id.in_(user.substituted))
    if user.classes:
        ways.append(m.Lesson.course.in_(m.Course.select(m.Course.id).where(m.Course.unit.in_(_units_of_own_class(user)))))
    if user.pupils:
        ways.append(m.Lesson.id.in_(_lessons_of_family(user)))
    return m.Lesson.select().where(_any(ways))


def _lessons_of_family(user: User):
    """Ids of lessons given while own children were members of the unit."""
    own = m.Lesson.alias()
    return own.select(own.id).join(m.Course, on=(own.course == m.Course.id)).join(
        m.Membership, on=(m.Membership.unit == m.Course.unit)).where(
        m.Membership.pupil.in_(user.pupils) & m.Membership.covers(own.day))


def _pupil_ids(user: User):
    """Ids of pupils the user may look at, as a query; None = all."""
    if user.reads_all:
        return None
    ways = []
    if user.is_staff:
        units = m.Course.select(m.Course.unit).where(_is_taught(m.Course.id, user))
        ways.append(m.Pupil.id.in_(m.Membership.select(m.Membership.pupil).where(m.Membership.unit.in_(units))))
    if user.classes:
        ways.append(m.Pupil.id.in_(m.Enrolment.select(m.Enrolment.pupil).where(
            m.Enrolment.school_class.in_(user.classes))))
    if user.pupils:
        ways.append(m.Pupil.id.in_(user.pupils))
    return m.Pupil.select(m.Pupil.id).where(_any(ways))


def _pupils(user: User):
    ids = _pupil_ids(user)
    return m.Pupil.select() if ids is None else m.Pupil.select().where(m.Pupil.id.in_(ids))


def _of_pupil(model, column="pupil"):
    """Rows that hang on a pupil: seen with the pupil's class or family (people's data, not the journal)."""
    def scope(user):
        ids = _pupil_ids(user)
        return model.select() if ids is None else model.select().where(getattr(model, column).in_(ids))
    return scope


def _entries(model):
    """Marks, absences, remarks: staff by lesson, a family by its own child only."""
    def scope(user):
        if user.reads_all:
            return model.select()
        staff = _lessons(without_family(user)).select(m.Lesson.id) if user.is_staff else None
        ways = [model.lesson.in_(staff)] if staff is not None else []
        if user.pupils:
            ways.append(model.pupil.in_(user.pupils))
        return model.select().where(_any(ways))
    return scope


def _by_lesson(model):
    def scope(user):
        return model.select() if user.reads_all else model.select().where(
            model.lesson.in_(_lessons(user).select(m.Lesson.id)))
    return scope


def _homework(user: User):
    """Homework by lesson; a family only what is set to everybody, to its child, or to the child's subgroup."""
    if user.reads_all:
        return m.Homework.select()
    ways = []
    if user.is_staff:
        ways.append(m.Homework.lesson.in_(_lessons(without_family(user)).select(m.Lesson.id)))
    if user.pupils:
        own = m.Homework.of_pupils(user.pupils).select(m.Homework.id)
        ways.append(m.Homework.lesson.in_(_lessons_of_family(user)) & m.Homework.id.in_(own))
    return m.Homework.select().where(_any(ways))


def _by_course(model):
    def scope(user):
        return model.select() if user.reads_all else model.select().where(
            model.course.in_(_courses(user).select(m.Course.id)))
    return scope


def _period_marks(user: User):
    if user.reads_all:
        return m.PeriodMark.select()
    ways = []
    if user.is_staff:
        ways.append(m.PeriodMark.course.in_(_courses(without_family(user)).select(m.Course.id)))
    if user.pupils:
        ways.append(m.PeriodMark.pupil.in_(user.pupils))
    return m.PeriodMark.select().where(_any(ways))


def _people(user: User):
    """Staff see colleagues, own pupils and their guardians; a family sees itself."""
    if user.reads_all:
        return m.Person.select()
    ways = [m.Person.id == user.person]
    ids = _pupil_ids(user)
    ways.append(m.Person.id.in_(m.Pupil.select(m.Pupil.person).where(m.Pupil.id.in_(ids))))
    if user.is_staff:
        ways.append(m.Person.id.in_(m.Employee.select(m.Employee.person)))
    if user.classes:
        wards = m.Enrolment.select(m.Enrolment.pupil).where(m.Enrolment.school_class.in_(user.classes))
        ways.append(m.Person.id.in_(m.Guardianship.select(m.Guardianship.guardian).where(
            m.Guardianship.pupil.in_(wards))))
    return m.Person.select().where(_any(ways))


def _guardianships(user: User):
    """Contacts of families: the office, the class teacher, the family itself."""
    if user.reads_all:
        return m.Guardianship.select()
    ways = [m.Guardianship.guardian == user.person]
    if user.classes:
        ways.append(m.Guardianship.pupil.in_(m.Enrolment.select(m.Enrolment.pupil).where(
            m.Enrolment.school_class.in_(user.classes))))
    return m.Guardianship.select().where(_any(ways))


def _accounts(user: User):
    """The administrator sees all; a class teacher those of own pupils and their guardians (SEC-02); anybody own."""
    if user.has("ADM"):
        return m.Account.select()
    ways = [m.Account.person == user.person]
    if user.classes:
        ways.append(_in_families_of_own_class(user, m.Account.person))
    return m.Account.select().where(_any(ways))


def _in_families_of_own_class(user: User, person):
    """The condition that a column holds a pupil of this class teacher's classes today, or such a pupil's guardian."""
    wards = m.Enrolment.on(user.today).where(m.Enrolment.school_class.in_(user.classes)).select(m.Enrolment.pupil)
    pupils = m.Pupil.select(m.Pupil.person).where(m.Pupil.id.in_(wards))
    guardians = m.Guardianship.on(user.today).where(m.Guardianship.pupil.in_(wards)).select(m.Guardianship.guardian)
    return person.in_(pupils) | person.in_(guardians)


def _credentials(model):
    """Ways in of the people whose accounts one sees."""
    def scope(user):
        if user.has("ADM"):
            return model.select()
        return model.select().where(model.person.in_(_accounts(user).select(m.Account.person)))
    return scope


def _excuses(user: User):
    """Papers behind absences: leaders and the office, the class teacher, the own family."""
    if user.reads_all:
        return m.Excuse.select()
    own = m.Enrolment.on(user.today).where(m.Enrolment.school_class.in_(user.classes)).select(m.Enrolment.pupil)
    return m.Excuse.select().where(m.Excuse.pupil.in_(own) | m.Excuse.pupil.in_(user.pupils))


def _classes(user: User):
    if user.is_staff:
        return m.SchoolClass.select()
    return m.SchoolClass.select().where(m.SchoolClass.id.in_(
        m.Enrolment.select(m.Enrolment.school_class).where(m.Enrolment.pupil.in_(user.pupils))))


def _units(user: User):
    if user.is_staff:
        return m.Unit.select()
    return m.Unit.select().where(m.Unit.id.in_(_units_of_family(user)))


def _plans(user: User):
    """Staff: own plans, those that colleagues share, and those of courses one looks into; leaders and the office all (PLN-02)."""
    if user.reads_all:
        return m.Plan.select()
    if not user.is_staff:
        return _nothing(m.Plan)(user)
    lived_by = _courses(without_family(user)).select(m.Course.plan)
    return m.Plan.select().where(m.Plan.shared | (m.Plan.author == user.person) | m.Plan.id.in_(lived_by))


def _own_sessions(user: User):
    return m.LoginSession.select().where(m.LoginSession.account == user.account)


SCOPES = {
    m.School: _everybody(m.School), m.Year: _everybody(m.Year), m.PeriodSet: _everybody(m.PeriodSet),
    m.Period: _everybody(m.Period), m.BellSet: _everybody(m.BellSet), m.Bell: _everybody(m.Bell),
    m.BellUse: _everybody(m.BellUse), m.Holiday: _everybody(m.Holiday), m.Subject: _everybody(m.Subject),
    m.WorkKind: _everybody(m.WorkKind), m.KindWeight: _everybody(m.KindWeight), m.AbsenceCode: _everybody(m.AbsenceCode),
    m.Room: _everybody(m.Room), m.Regulation: _everybody(m.Regulation),
    m.RegulationVersion: _everybody(m.RegulationVersion),
    m.SchoolClass: _classes, m.Unit: _units, m.SubgroupSet: _staff(m.SubgroupSet),
    m.CurriculumLine: _staff(m.CurriculumLine), m.Plan: _plans, m.PlanCorrection: _by_course(m.PlanCorrection),
    m.PlanTopic: lambda user: m.PlanTopic.select().where(m.PlanTopic.plan.in_(_plans(user).select(m.Plan.id))),
    m.Timetable: _staff(m.Timetable), m.Slot: _staff(m.Slot), m.Employee: _staff(m.Employee),
    m.Person: _people, m.Account: _accounts, m.Pupil: _pupils, m.Guardianship: _guardianships,
    m.Appointment: _staff(m.Appointment), m.Movement: _of_pupil(m.Movement), m.Enrolment: _of_pupil(m.Enrolment),
    m.UnitMember: _of_pupil(m.UnitMember), m.Membership: _of_pupil(m.Membership),
    m.Course: _courses, m.Assignment: _by_course(m.Assignment), m.Lesson: _lessons, m.Work: _by_lesson(m.Work),
    m.Homework: _homework,
    m.Attachment: lambda user: m.Attachment.select().where(
        m.Attachment.homework.in_(SCOPES[m.Homework](user).select(m.Homework.id))),
    m.Mark: _entries(m.Mark), m.Absence: _entries(m.Absence), m.Remark: _entries(m.Remark),
    m.Excuse: _excuses,
    m.Protocol: lambda user: m.Protocol.select().where(m.Protocol.id.in_(
        SCOPES[m.Mark](user).select(m.Mark.protocol))),
    m.Substitution: _by_lesson(m.Substitution), m.PeriodMark: _period_marks,
    m.ResultOrder: _staff(m.ResultOrder),
    m.PeriodClosure: _everybody(m.PeriodClosure),
    m.Invitation: _credentials(m.Invitation), m.CredentialIssue: _credentials(m.CredentialIssue),
    m.ImportRun: _only("ADM")(m.ImportRun), m.Act: _only("ADM", "DIR")(m.Act), m.History: _only("ADM", "DIR")(m.History),
    m.LoginSession: _own_sessions, m.LoginFailure: _only("ADM")(m.LoginFailure),
    m.AccessRecord: _only("ADM", "DIR")(m.AccessRecord), m.CellKey: _nothing(m.CellKey),
}


# ---- what may be done: RULES ----

def allows(user: User, verb: str, obj) -> bool:
    """May the user do `verb` (create, edit, delete, or a named verb) to this record? Raises KeyError for an unknown rule.

    For "create" the record is not saved yet; the predicates look at its foreign keys.
    """
    return RULES[type(obj), verb](user, obj)


def any_of(*predicates):
    return lambda user, obj: any(predicate(user, obj) for predicate in predicates)


def has(*roles):
    return lambda user, obj: user.has(*roles)


def never(user, obj) -> bool:
    return False


def teaches(user: User, course: int, day: date) -> bool:
    """Does the user teach this course on this day by a dated assignment (ACC-06)?"""
    return any(starts <= day and (ends is None or day <= ends) for starts, ends in user.taught.get(course, ()))


def writes_lesson(user: User, lesson) -> bool:
    """May the user fill in this lesson: its teacher by assignment, or its substitute (ACC-06, SUB-01)?"""
    if user.has("T", "MAS") and teaches(user, lesson.course_id, lesson.day):
        return True
    return lesson.id in user.substituted


def writes_entry(user: User, entry) -> bool:
    return writes_lesson(user, entry.lesson)


def writes_period_marks(user: User, entry) -> bool:
    """Period marks are put by whoever teaches the course now, or taught it in the period."""
    return user.has("T", "MAS") and entry.course_id in user.taught


def hands_over(user: User, substitution) -> bool:
    """Is it the lesson of this teacher that somebody else gives?"""
    return substitution.absent_id == user.person or teaches(user, substitution.lesson.course_id, substitution.lesson.day)


def teaches_now(user: User, course) -> bool:
    """Does the user teach this course today: who gives it a plan and corrects it (PLN-02, PLN-04)?"""
    return user.has("T", "MAS") and teaches(user, course.id, user.today)


def teaches_course_of(user: User, entry) -> bool:
    return user.has("T", "MAS") and teaches(user, entry.course_id, user.today)


def wrote_plan(user: User, plan) -> bool:
    return plan.author_id == user.person


def wrote_plan_of(user: User, topic) -> bool:
    return topic.plan.author_id == user.person


def leads_class_of(user: User, entry) -> bool:
    """Is the entry's pupil in a class of this class teacher today?"""
    return _in_own_class(user, entry.pupil_id)


def own_family(user: User, pupil) -> bool:
    """Is it the user's own child, or the user as a pupil (ACC-02)?"""
    return pupil.id in user.pupils


def leads_class_of_pupil(user: User, pupil) -> bool:
    """Is the pupil in a class of this class teacher today?"""
    return _in_own_class(user, pupil.id)


def leads_class(user: User, school_class) -> bool:
    """Is this the user's own class today?"""
    return school_class.id in user.classes


def _in_own_class(user: User, pupil: int) -> bool:
    return bool(user.classes) and m.Enrolment.on(user.today).where(
        m.Enrolment.school_class.in_(user.classes) & (m.Enrolment.pupil == pupil)).exists()


def resets_account(user: User, account) -> bool:
    """The administrator any account; a class teacher those of own pupils and their guardians, never of staff."""
    return account.person_id in hands_out_to(user, [account.person_id])


# ---- closing a period ----


@dataclass(frozen=True)
class Progress:
    """How full the marks of a period are in one course of a class: pupils, marks put."""

    course: int
    subject: str
    unit: str
    pupils: int
    put: int

    @property
    def missing(self) -> int:
        return self.pupils - self.put


def period_progress(period, classes, rules, courses=None) -> dict[int, list[Progress]]:
    """Class id → how full its period marks are, by course (only of `courses`, ids or a query, if given). A class taught without
    marks has nothing to fill (FIN-05). One query; the period comes with its set."""
    graded = [each for each in classes
              if not is_gradeless(rules, each.grade, half_of(period.period_set.kind, period.number, period.ends))]
    found: dict[int, list[Progress]] = {each.id: [] for each in classes}
    if graded:
        rows = m.PeriodMark.filled(period, graded, courses).namedtuples()
        for row in sorted(rows, key=lambda row: (row.position, row.subject, row.unit)):
            found[row.school_class].append(Progress(row.course, row.subject, row.unit, row.pupils, row.put))
    return found


def may_close(period, classes, rules) -> m.Text | None:
    """Why the period cannot be closed for these classes yet: pupils without a mark (FIN-05); None when it can."""
    for school_class, courses in period_progress(period, classes, rules).items():
        lacking = [course for course in courses if course.missing]
        if lacking:
            name = next(each.name for each in classes if each.id == school_class)
            return m.Text(m.N_("%(name)s is not closed: %(n)s period marks are missing (%(subjects)s). Every pupil needs a mark, "
                               "a code or a deferral in each subject."), name=name, n=sum(row.missing for row in lacking),
                          subjects=", ".join(f"{row.subject} {row.missing}" for row in lacking[:5]))
    return None


# ---- ways in for families and staff ----

COMING_OF_AGE = 14  # years; below it the slip is made out to the parent (SEC-05)


@dataclass(frozen=True)
class Slip:
    """A way in to print: whose, to whom it is made out (SEC-05), the login, the one-time code and its last day.
    `by_code`: the code is for /join; otherwise it is the temporary password of the login."""

    person: m.Person
    addressee: m.Person
    login: str
    code: str
    expires: date
    by_code: bool

    @property
    def young(self) -> bool:
        return self.addressee.id != self.person.id


def hands_out_to(user: User, people: list[int]) -> set[int]:
    """Those of the people (ids) to whom the user may hand out a way in or a new password: the administrator to anybody, a
    class teacher to own pupils and their guardians, never to staff (SEC-02, SEC-03). One query."""
    if user.has("ADM"):
        return set(people)
    if not user.classes:
        return set()
    staff = m.Appointment.on(user.today).select(m.Appointment.person).union_all(m.Assignment.select(m.Assignment.teacher))
    rows = m.Person.select(m.Person.id).where(
        m.Person.id.in_(people) & _in_families_of_own_class(user, m.Person.id) & m.Person.id.not_in(staff))
    return {person for person, in rows.tuples()}


def is_young(person: m.Person, day: date) -> bool:
    """Younger than 14 on the day (SEC-05); an unknown birthday counts as old enough."""
    if person.birth is None:
        return False
    return day.year - person.birth.year - ((day.month, day.day) < (person.birth.month, person.birth.day)) < COMING_OF_AGE


def parents_with_entry(people: list[m.Person], day: date) -> dict[int, m.Person]:
    """Of the pupils among the people: person id → the first guardian who can sign in already. One query."""
    rows = m.Guardianship.on(day).select(m.Pupil.person.alias("ward"), m.Guardianship, m.Person).join(m.Pupil).switch(
        m.Guardianship).join(m.Person, on=(m.Guardianship.guardian == m.Person.id)).where(
        m.Pupil.person.in_([person.id for person in people]) & m.Person.id.in_(
            m.Account.select(m.Account.person).where(m.Account.password.is_null(False) & (m.Account.locked == "")))).order_by(
        m.Guardianship.id.desc())
    return {row.pupil.ward: row.guardian for row in rows}


def slips(user: User, people: list[m.Person], key: str) -> list[Slip]:
    """The standing ways in of these people, as far as the user may hand them out, in the order of the people. `key` as for
    Invitation.issue. People without a standing code have no slip."""
    allowed = hands_out_to(user, [person.id for person in people])
    codes = {row.person_id: row for row in m.Invitation.standing(user.today).where(m.Invitation.person.in_(list(allowed)))}
    logins = dict(m.Account.select(m.Account.person, m.Account.login).where(m.Account.person.in_(list(codes))).tuples())
    parents = parents_with_entry([person for person in people if is_young(person, user.today)], user.today)
    by_code = rules_on(user.today).value("auth.registration") == "invite_code"
    return [Slip(person, parents.get(person.id, person), logins.get(person.id, ""), codes[person.id].code(key),
                 codes[person.id].expires, by_code) for person in people if person.id in codes]


def named_in(key: str, within):
    """The predicate that the school's regulation names one of the user's roles under `key` (CNT-07, CNT-12). Class teachers and
    teachers are bound to what `within(user, obj)` calls their own; the administrator is never shut out, or nobody could repair."""
    def named(user: User, obj) -> bool:
        if user.has("ADM"):
            return True
        roles = user.roles.intersection(user.rules.value(key))
        return bool(roles - {"CT", "T"}) or bool(roles) and within(user, obj)
    return named


def _own_card(user: User, obj) -> bool:
    """A person of the families of the own class, never a colleague; a new one is nobody's yet."""
    return bool(user.classes) and (obj.id is None or bool(hands_out_to(user, [obj.id])))


def _own_pupil(user: User, obj) -> bool:
    """Of the own class; a form that is still empty is everybody's who leads one."""
    pupil = obj.id if isinstance(obj, m.Pupil) else obj.pupil_id
    return bool(user.classes) and (pupil is None or _in_own_class(user, pupil))


def _own_movement(user: User, obj) -> bool:
    return _own_pupil(user, obj) or obj.to_class_id in user.classes


def _own_group(user: User, member) -> bool:
    """A pupil of the own class, or a group that one teaches."""
    if member.pupil_id is None and member.unit_id is None:
        return bool(user.classes or user.taught)
    return _own_pupil(user, member) or m.Course.select().where(
        (m.Course.unit == member.unit_id) & m.Course.id.in_(list(user.taught))).exists()


def judge_group_move(rules: "Rules", user: User, day: date, periods) -> "Decision":
    """May a pupil come from another subgroup on this day (CNT-08)? `periods` of the class in order, each with `starts` and `ends`;
    between two of them lie the days after the end of one up to the first day of the next, holidays included."""
    rule = rules["rights.group_transfer"]
    gaps = [(one.ends + timedelta(1), other.starts) for one, other in zip(periods, periods[1:], strict=False)]
    if rule.severity == "off" or rule.value == "any" or user.has("ADM") and any(first <= day <= last for first, last in gaps):
        return Decision()
    first, last = next((gap for gap in gaps if gap[1] >= day), (None, None))
    text = m.Text(m.N_("During the year the administrator alone moves pupils to another subgroup, and only between periods."))
    todo = m.Text(m.N_("The next days for it: %(first)s to %(last)s."), first=first, last=last) if first else m.Text(
        m.N_("The next days for it come at the beginning of the year."))
    refused = rule.severity == "block"
    return Decision(not refused, rule.severity, rule.key, rule.clause, _said(text, _clause(rules, rule), todo),
                    state="refused" if refused else "saved")


def who_keeps(rules: "Rules", key: str) -> m.Text:
    """In words for who may not: whom the regulation names under `key`, its clause, and what to do instead."""
    return _said(m.Text(m.N_("By the school's regulation this is changed by: %(who)s."),
                        who=value_in_words(schema()[key], rules.value(key))),
                 _clause(rules, rules[key]), m.Text(m.N_("Tell them what has to be corrected.")))


_OFFICE = has("ADM", "SEC")
_LISTS, _CARDS = "rights.contingent_editor", "rights.card_editor"
_ADMIN = has("ADM")
_PLANNERS = has("ADM", "ZAV")


def _table(model, create, edit=None, delete=None):
    return {(model, "create"): create, (model, "edit"): edit or create, (model, "delete"): delete or edit or create}


RULES = {
    **_table(m.School, never, has("ADM", "DIR"), never),
    **_table(m.Year, _ADMIN), **_table(m.PeriodSet, _PLANNERS), **_table(m.Period, _PLANNERS),
    **_table(m.Room, _PLANNERS), **_table(m.BellSet, _PLANNERS), **_table(m.Bell, _PLANNERS), **_table(m.BellUse, _PLANNERS),
    **_table(m.Holiday, _PLANNERS), **_table(m.Subject, _PLANNERS), **_table(m.SchoolClass, _PLANNERS),
    **_table(m.CurriculumLine, _PLANNERS), **_table(m.WorkKind, _PLANNERS), **_table(m.KindWeight, _PLANNERS),
    **_table(m.AbsenceCode, _ADMIN),
    **_table(m.Person, named_in(_CARDS, _own_card), named_in(_CARDS, _own_card), _ADMIN), **_table(m.Employee, _OFFICE, _OFFICE, _ADMIN),
    **_table(m.Pupil, named_in(_LISTS, _own_pupil), named_in(_CARDS, _own_pupil), _ADMIN),
    **_table(m.Guardianship, named_in(_CARDS, _own_pupil), named_in(_CARDS, _own_pupil), named_in(_CARDS, never)),
    **_table(m.Appointment, has("ADM", "DIR")), **_table(m.Account, _ADMIN, _ADMIN, never),
    **_table(m.Movement, named_in(_LISTS, _own_movement), never, never), **_table(m.Enrolment, never, never, never),
    **_table(m.SubgroupSet, _PLANNERS), **_table(m.Unit, _PLANNERS),
    **_table(m.UnitMember, named_in("rights.group_editor", _own_group), named_in("rights.group_editor", _own_group),
             named_in("rights.group_editor", never)),
    **_table(m.Plan, any_of(_ADMIN, has("T", "MAS")), any_of(_ADMIN, wrote_plan)),
    **_table(m.PlanTopic, any_of(_ADMIN, wrote_plan_of)), **_table(m.PlanCorrection, any_of(_ADMIN, teaches_course_of)),
    (m.Plan, "approve"): has(*LEADERS), (m.Course, "plan"): any_of(_ADMIN, teaches_now),
    **_table(m.Course, _PLANNERS), **_table(m.Assignment, _PLANNERS), **_table(m.Timetable, _PLANNERS),
    **_table(m.Slot, _PLANNERS), **_table(m.Substitution, _PLANNERS),
    **_table(m.Lesson, _PLANNERS, any_of(_PLANNERS, writes_lesson), never), **_table(m.Work, writes_entry),
    **_table(m.Mark, writes_entry), **_table(m.Absence, writes_entry), **_table(m.Remark, writes_entry),
    **_table(m.Homework, writes_entry), **_table(m.PeriodMark, writes_period_marks),
    **_table(m.PeriodClosure, never, never, never), **_table(m.ResultOrder, _PLANNERS),
    **_table(m.Regulation, has("ADM", "DIR"), has("ADM", "DIR"), never), **_table(m.RegulationVersion, has("ADM", "DIR"), never, never),
    **_table(m.ImportRun, _ADMIN, _ADMIN, never),
    (m.Lesson, "write"): writes_lesson,
    **_table(m.Excuse, leads_class_of), (m.Absence, "reason"): leads_class_of, (m.Substitution, "note"): any_of(_PLANNERS, hands_over),
    (m.Account, "reset"): resets_account,
    (m.Period, "close"): has(*LEADERS), (m.PeriodClosure, "reopen"): has(*LEADERS),
    (m.Pupil, "diary"): any_of(own_family, has(*READERS), leads_class_of_pupil),
    (m.Timetable, "publish"): _PLANNERS,
    (m.SchoolClass, "print"): any_of(has(*READERS), leads_class),
    (m.SchoolClass, "results"): any_of(has(*READERS), leads_class),
    (m.SchoolClass, "credentials"): any_of(_ADMIN, leads_class),
}


# ---- administrative screens: SCREENS ----

# Flask-Admin screen of a table → roles that find it in their menu. What they see there is `visible`, what they may do RULES.
_ALL_STAFF = ("ADM", "DIR", "ZAV", "SEC", "CT", "T", "MAS")
_PLANNING = ("ADM", "DIR", "ZAV")
_PEOPLE = ("ADM", "DIR", "ZAV", "SEC", "CT")

SCREENS = {
    m.School: ("ADM", "DIR"), m.Year: _PLANNING, m.PeriodSet: _PLANNING, m.Period: _PLANNING, m.Room: _PLANNING,
    m.BellSet: _PLANNING, m.Bell: _PLANNING, m.BellUse: _PLANNING, m.Holiday: _PLANNING, m.Subject: _PLANNING,
    m.SchoolClass: (*_PLANNING, "SEC"), m.CurriculumLine: _PLANNING, m.WorkKind: _PLANNING, m.KindWeight: _PLANNING,
    m.AbsenceCode: _PLANNING,
    m.Person: _PEOPLE, m.Employee: ("ADM", "DIR", "ZAV", "SEC"), m.Pupil: _PEOPLE, m.Guardianship: _PEOPLE,
    m.Appointment: ("ADM", "DIR"), m.Account: ("ADM", "CT"), m.Movement: _PEOPLE, m.Enrolment: _PEOPLE,
    m.SubgroupSet: _PLANNING, m.Unit: _PLANNING, m.UnitMember: (*_PLANNING, "CT", "T"),
    m.Plan: (*_PLANNING, "T", "MAS"), m.PlanTopic: (*_PLANNING, "T", "MAS"), m.Course: _ALL_STAFF,
    m.Assignment: _PLANNING, m.Timetable: _PLANNING, m.Slot: _PLANNING, m.Substitution: _PLANNING,
    m.Excuse: _PEOPLE, m.Lesson: _ALL_STAFF, m.Work: ("ADM", "ZAV", "T", "MAS"), m.Mark: _ALL_STAFF, m.Absence: _ALL_STAFF,
    m.Remark: _ALL_STAFF, m.Homework: _ALL_STAFF, m.PeriodMark: _ALL_STAFF, m.PeriodClosure: _PLANNING, m.ResultOrder: _PLANNING,
    m.ImportRun: ("ADM",), m.Act: ("ADM", "DIR"), m.AccessRecord: ("ADM", "DIR"),
}


# ---- the regulation ----
#
# TOML presets (regulations/) → Rules, a frozen value → judge_…(rules, facts, …) → Decision.
# Facts are plain values given by the caller, so a whole page is judged without a query.

SEVERITIES = ("off", "report", "warn", "reason", "block")
"""How strictly the journal takes a rule: not at all, flags it, tells at once, asks for a reason, refuses."""
PRESETS = Path(__file__).parent / "regulations"
NEVER = "none"
NOT_SET = "не задано"


# ---- the regulation: deadlines ----


@dataclass(frozen=True)
class Deadline:
    """A parsed deadline: `count` of `unit` (D days, WD school days, S seconds) after `anchor`; unit DAY is a day of the
    year, `count` = month * 100 + day."""

    anchor: str
    count: int
    unit: str


@dataclass(frozen=True)
class Event:
    """What a deadline runs from. Moments are aware; what is not known is None."""

    zone: ZoneInfo
    day: date
    at: datetime | None = None
    class_day_end: datetime | None = None
    period_end: date | None = None
    received_at: datetime | None = None
    ordered: date | None = None
    is_school_day: Callable[[date], bool] = lambda day: day.weekday() < 6


@lru_cache(256)
def parse_deadline(text: str) -> Deadline | None:
    """Reads `same_day`, `PnD`, `PnWD`, `PTnHnM`, `lesson_start+PT20M`, `class_day_end+PT1H30M`, `period_end±PnD`,
    `from_receipt+PTnH`, `MM-DD` (profiles.md §3); None for `none`. Raises Refused with a plain sentence for all else."""
    if text == NEVER:
        return None
    if text == "same_day":
        return Deadline("event", 0, "D")
    if _is_day_of_year(text):
        return Deadline("event", int(text[:2]) * 100 + int(text[3:]), "DAY")
    anchor, sign, days, unit, hours, minutes = _duration_parts(text)
    if days:
        return Deadline(anchor, int(sign + days), unit)
    return Deadline(anchor, int(hours or 0) * 3600 + int(minutes or 0) * 60, "S")


def last_moment(deadline: Deadline | None, event: Event) -> datetime | None:
    """The last in-time second, in the event's zone; None = no limit, or nothing to count from yet.

    A dated order replaces the deadline. Hours and minutes are real time, days end at 23:59:59 by the wall clock, also
    on days when clocks change. A lesson without bell times has the whole day.
    """
    try:
        if event.ordered:
            return _end_of(event.ordered, event.zone)
        return deadline and _LIMITS[deadline.unit](deadline, event)
    except OverflowError:
        return None


def in_time(limit: datetime | None, moment: datetime) -> bool:
    """Is a saving in time? The limit itself is; parts of a second do not count."""
    return limit is None or moment.astimezone(UTC).replace(microsecond=0) <= limit.astimezone(UTC)


_DURATION = re.compile(
    r"(?:(lesson_start|class_day_end|period_end|from_receipt)([+-]))?"
    r"P(?:(\d{1,4})(D|WD)|T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,4})M)?)"
)
_UNITS = {
    "event": {"D", "WD", "T"},
    "lesson_start": {"T"},
    "class_day_end": {"T"},
    "period_end": {"D"},
    "from_receipt": {"T", "D", "WD"},
}
_MOST_SCHOOL_DAYS = 1000


def _duration_parts(text):
    found = _DURATION.fullmatch(text)
    if not found:
        raise _unreadable(text)
    anchor, sign, days, unit, hours, minutes = found.groups()
    anchor, sign = anchor or "event", sign or "+"
    if (unit or "T") not in _UNITS[anchor] or (sign == "-" and anchor != "period_end"):
        raise _unreadable(text)
    return anchor, sign, days, unit, hours, minutes


def _unreadable(text):
    return m.Refused(m.Text(m.N_("«%(text)s» is not a deadline. Examples: same_day, P3D, P1WD, PT24H, lesson_start+PT20M, "
                                 "class_day_end+PT1H30M, from_receipt+PT24H, 09-05, none."), text=str(text)))


def _is_day_of_year(text: str) -> bool:
    if not re.fullmatch(r"\d\d-\d\d", text):
        return False
    try:
        return bool(date.fromisoformat(f"2000-{text}"))
    except ValueError:
        raise _unreadable(text) from None


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day: one before the next midnight, whatever the clocks do."""
    midnight = datetime.combine(day + timedelta(1), time(), tzinfo=zone)
    return (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)


def _after_days(deadline, event):
    start = _anchor_day(deadline, event)
    return start and _end_of(start + timedelta(deadline.count), event.zone)


def _after_school_days(deadline, event):
    day, left = _anchor_day(deadline, event), deadline.count
    if day is None:
        return None
    for _ in range(_MOST_SCHOOL_DAYS):
        if left <= 0:
            return _end_of(day, event.zone)
        day += timedelta(1)
        left -= event.is_school_day(day)
    return None


def _after_seconds(deadline, event):
    start = {"event": event.at, "lesson_start": event.at, "class_day_end": event.class_day_end,
             "from_receipt": event.received_at}[deadline.anchor]
    if start is None:
        return None if deadline.anchor == "from_receipt" else _end_of(event.day, event.zone)
    exact = start.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=deadline.count)
    return exact.astimezone(event.zone)


def _on_day_of_year(deadline, event):
    """That day of the school year in which the event lies; 29 February may be the 28th."""
    month, day = divmod(deadline.count, 100)
    year = event.day.year - (event.day.month < FIRST_MONTH) + (month < FIRST_MONTH)
    return _end_of(date(year, month, min(day, monthrange(year, month)[1])), event.zone)


def _anchor_day(deadline, event):
    if deadline.anchor == "period_end":
        return event.period_end
    if deadline.anchor == "from_receipt":
        return event.received_at and event.received_at.astimezone(event.zone).date()
    return event.day


FIRST_MONTH = 9
_LIMITS = {"D": _after_days, "WD": _after_school_days, "S": _after_seconds, "DAY": _on_day_of_year}


# ---- the regulation: keys and values ----


def _nothing_by_name():
    return MappingProxyType({})


@dataclass(frozen=True)
class Key:
    """What one rule may say (regulations/schema.toml). `title` and `help` are English, translated at the edge."""

    key: str
    type: str
    title: str
    section: str = ""
    help: str = ""
    severities: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=_nothing_by_name)
    fields: Mapping[str, "Key"] = field(default_factory=_nothing_by_name)
    low: int = 0
    high: int = 10_000
    optional: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule as it holds: its value, how strictly, and the printed clause ("" = the school's own rule)."""

    key: str
    value: object
    severity: str = "off"
    clause: str = ""
    clauses: Mapping[str, str] = field(default_factory=_nothing_by_name)
    text: str = ""
    note: str = ""
    choices: tuple = ()

    def clause_of(self, part: str) -> str:
        """The clause of a part of the rule («closed», «order»), or the rule's own."""
        return self.clauses.get(part, self.clause)


@dataclass(frozen=True)
class Rules:
    """A regulation resolved: every key of the schema has its rule. Frozen; `version` is the RegulationVersion's id."""

    preset: str
    code: str
    title: str
    document: str
    rules: Mapping[str, Rule]
    version: int | None = None

    def __getitem__(self, key: str) -> Rule:
        return self.rules[key]

    def value(self, key: str):
        return self.rules[key].value

    def changed(self, changes: Mapping[str, Mapping]) -> "Rules":
        """New rules with some keys changed: {key: {"value", "severity", "clause" …}}, each part optional. Raises Refused
        naming the key for an unknown one or an impossible value."""
        rules = dict(self.rules)
        for key, parts in changes.items():
            rules[key] = _merged(key, parts, rules.get(key))
        return replace(self, rules=MappingProxyType(rules), version=None)

    def to_json(self) -> dict:
        """The full values for a RegulationVersion."""
        names = ("value", "severity", "clause", "clauses", "text", "note", "choices")
        rows = {key: {name: _thawed(getattr(rule, name)) for name in names} for key, rule in self.rules.items()}
        return {"preset": self.preset, "code": self.code, "title": self.title, "document": self.document, "rules": rows}

    @classmethod
    def from_json(cls, data: Mapping) -> "Rules":
        """Rules from `to_json`; a key this program knows and the version does not is taken from base."""
        known = {key: parts for key, parts in data["rules"].items() if key in schema()}
        rules = replace(preset("base"), preset=data["preset"], code=data["code"], title=data["title"],
                        document=data["document"])
        return rules.changed(known)


@dataclass(frozen=True)
class Described:
    """A rule for a screen: the rule, its key, the value in words; `house` when no clause stands behind it."""

    key: Key
    rule: Rule
    value: m.Text
    house: bool


def schema() -> Mapping[str, Key]:
    """Every key of a regulation, in the order of the screen."""
    return _schema()


def preset(name: str) -> Rules:
    """A ready regulation by file name (`base`, `d1_asurso`…). Raises Refused when it cannot be read."""
    return _preset(name)


def presets() -> list[Rules]:
    """All ready regulations, the house rules first."""
    names = sorted(path.stem for path in PRESETS.glob("*.toml") if path.stem != "schema")
    return [preset(name) for name in names]


def read_preset(path: Path) -> Rules:
    """A regulation from a TOML file beside or outside the ready ones; `extends` names a ready one.
    Raises Refused with the file and the key at fault."""
    data = _toml(path)
    head = data.pop("preset", {})
    try:
        parent = preset(head["extends"]) if "extends" in head else Rules("", "", "", "", MappingProxyType({}))
        rules = parent.changed(dict(_flat(data, _has_value)))
    except m.Refused as error:
        raise m.Refused(m.Text(m.N_("%(file)s: %(problem)s"), file=path.name, problem=error.text), error.field) from None
    missing = [key for key in schema() if key not in rules.rules]
    if missing:
        raise m.Refused(m.Text(m.N_("%(file)s: %(problem)s"), file=path.name, problem=", ".join(missing)))
    return replace(rules, preset=path.stem, code=head.get("code", path.stem), title=head.get("title", path.stem),
                   document=head.get("document", ""))


def rules_on(day: date) -> Rules:
    """The rules in force on a day, from the version of the school's regulation; the house rules before the first. One query."""
    version = m.RegulationVersion.on(day)
    return preset("base") if version is None else rules_of(version)


def rules_of(version) -> Rules:
    """The rules that a RegulationVersion holds."""
    return replace(_from_text(json.dumps(version.values, sort_keys=True)), version=version.id)


def describe(rules: Rules) -> list[Described]:
    """Every rule in words, in the order of the schema."""
    return [Described(key, rules[key.key], value_in_words(key, rules.value(key.key)), not rules[key.key].clause)
            for key in schema().values()]


def value_in_words(key: Key, value) -> m.Text:
    """A value as a person reads it: «same day», «through day 3», «н/а, осв»."""
    return _IN_WORDS[key.type](key, value)


@lru_cache(32)
def _preset(name):
    path = PRESETS / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9_]+", name) or name == "schema" or not path.exists():
        raise m.Refused(m.Text(m.N_("There is no ready regulation «%(name)s»."), name=name))
    return read_preset(path)


@lru_cache(32)
def _from_text(text):
    return Rules.from_json(json.loads(text))


@lru_cache(1)
def _schema():
    return MappingProxyType({key: _key(key, parts) for key, parts in _flat(_toml(PRESETS / "schema.toml"), _is_key)})


def _toml(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise m.Refused(m.Text(m.N_("%(file)s cannot be read: %(problem)s"), file=path.name, problem=str(error))) from None


def _flat(data, is_rule, above=""):
    """Nested tables as (dotted key, table) pairs."""
    for name, table in data.items():
        key = f"{above}{name}"
        if isinstance(table, dict) and not is_rule(table):
            yield from _flat(table, is_rule, f"{key}.")
        else:
            yield key, table


def _has_value(table):
    return "value" in table


def _is_key(table):
    return isinstance(table.get("type"), str)


def _key(name, parts):
    parts = dict(parts)
    fields = {field: _key(field, inner) for field, inner in parts.pop("fields", {}).items()}
    return Key(name, choices=MappingProxyType(parts.pop("choices", {})), fields=MappingProxyType(fields),
               severities=tuple(parts.pop("severities", ())), **parts)


_PARTS = {"value", "severity", "clause", "clauses", "text", "note", "choices"}


def _merged(key, parts, before):
    """The rule `before` (or a new one) with parts replaced and everything checked."""
    if key not in schema():
        raise m.Refused(m.Text(m.N_("«%(key)s» is not a rule of the journal."), key=key), key)
    known = schema()[key]
    if not isinstance(parts, Mapping) or not set(parts) <= _PARTS:
        raise m.Refused(m.Text(m.N_("«%(rule)s» may have only: %(parts)s."), rule=m.Text(known.title),
                               parts=", ".join(sorted(_PARTS))), key)
    fresh = dict(parts)
    if "value" in fresh:
        fresh["value"] = _checked(known, fresh["value"])
    _check_severity(known, fresh)
    base = before or Rule(key, None, (*known.severities, "off")[0])
    if "value" in fresh and "clause" not in fresh and base.value is not None:
        fresh = {**_chosen(base, fresh["value"]), **fresh}
    return replace(base, **{name: _frozen(value) for name, value in fresh.items()})


def _check_severity(key, parts):
    severity = parts.get("severity")
    if "severity" in parts and severity not in (key.severities or ("off",)):
        raise m.Refused(m.Text(m.N_("«%(rule)s»: the journal cannot act as «%(severity)s» here. Possible: %(list)s."),
                               rule=m.Text(key.title), severity=severity, list=", ".join(key.severities)), key.key)


def _chosen(rule, value):
    """The clauses of that reading of a contradiction which the value picks, if it is one of those named."""
    for choice in rule.choices:
        if choice["value"] == _frozen(value):
            return {name: choice[name] for name in ("clause", "clauses") if name in choice}
    return {}


def _frozen(value):
    if isinstance(value, Mapping):
        return MappingProxyType({name: _frozen(inner) for name, inner in value.items()})
    return tuple(_frozen(inner) for inner in value) if isinstance(value, list | tuple) else value


def _thawed(value):
    if isinstance(value, Mapping):
        return {name: _thawed(inner) for name, inner in value.items()}
    return [_thawed(inner) for inner in value] if isinstance(value, tuple) else value


# ---- the regulation: what a value may be ----


def _checked(key, value):
    """The value, when it is of the key's type; raises Refused with the rule's name."""
    if key.optional and value == NEVER:
        return value
    try:
        fits = _TYPES[key.type](key, value)
    except m.Refused as error:
        raise m.Refused(m.Text(m.N_("«%(rule)s»: %(problem)s"), rule=m.Text(key.title), problem=error.text), key.key) from None
    if not fits:
        raise m.Refused(m.Text(m.N_("«%(rule)s»: «%(value)s» does not fit. %(wanted)s"), rule=m.Text(key.title),
                               value=str(_thawed(value)), wanted=_wanted(key)), key.key)
    return value


def _is_deadline(key, value):
    return isinstance(value, str) and (parse_deadline(value) or True)


def _is_interval(key, value):
    return isinstance(value, str) and bool(re.fullmatch(r"none|P[1-9]\d{0,3}(D|M|WD)|PT[1-9]\d{0,3}H", value))


def _is_offset(key, value):
    return isinstance(value, str) and bool(re.fullmatch(r"none|[+-]?P\d{1,3}D", value))


def _is_day(key, value):
    return isinstance(value, str) and _is_day_of_year(value)


def _is_int(key, value):
    return type(value) is int and key.low <= value <= key.high


def _is_bool(key, value):
    return type(value) is bool


def _is_choice(key, value):
    return isinstance(value, str) and value in key.choices


def _is_list(key, value):
    words = isinstance(value, list | tuple) and all(isinstance(word, str) and word for word in value)
    return words and len(set(value)) == len(value) and (not key.choices or set(value) <= set(key.choices))


def _is_numbers(key, value):
    """Marks for 1, 2, 3 and more hours a week: three counts that do not fall."""
    if not isinstance(value, list | tuple) or len(value) != 3 or not all(type(n) is int and 0 < n < 100 for n in value):
        return False
    return list(value) == sorted(value)


def _is_table(key, value):
    if not isinstance(value, Mapping) or set(value) != set(key.fields):
        return False
    return all(_checked(field, value[name]) == value[name] for name, field in key.fields.items())


_TYPES = {"deadline": _is_deadline, "interval": _is_interval, "offset": _is_offset, "day": _is_day, "int": _is_int,
          "bool": _is_bool, "choice": _is_choice, "list": _is_list, "numbers": _is_numbers, "table": _is_table}


def _wanted(key):
    if key.choices:
        return m.Text(m.N_("Possible: %(list)s."), list=", ".join(key.choices))
    if key.type == "int":
        return m.Text(m.N_("A whole number from %(low)s to %(high)s."), low=key.low, high=key.high)
    if key.type == "table":
        return m.Text(m.N_("It has these parts: %(list)s."), list=", ".join(key.fields))
    return m.Text(_EXAMPLES[key.type])


_EXAMPLES = {
    "deadline": m.N_("For example same_day or P3D."),
    "interval": m.N_("For example P7D, P1M or PT24H."),
    "offset": m.N_("Days from the end of the period: -P2D, P0D, +P3D, or none."),
    "day": m.N_("Month and day: 09-05."),
    "bool": m.N_("Yes or no."),
    "list": m.N_("A list of different words."),
    "numbers": m.N_("Three numbers that do not fall: for 1, 2, 3 and more hours a week."),
}


# ---- the regulation: values in words ----


def _deadline_in_words(key, value):
    deadline = parse_deadline(value)
    if deadline is None:
        return m.Text(m.N_("no limit"))
    if deadline.unit == "DAY":
        return _day_in_words(key, value)
    if deadline.unit == "S":
        return m.Text(_AFTER[deadline.anchor], time=_clock_in_words(deadline.count))
    if deadline == Deadline("event", 0, "D"):
        return m.Text(m.N_("same day"))
    return m.Text(_THROUGH[deadline.anchor, deadline.unit], n=deadline.count)


def _interval_in_words(key, value):
    if value == NEVER:
        return m.Text(m.N_("no limit"))
    count, unit = re.fullmatch(r"PT?(\d+)(\w+)", value).groups()
    return m.Text(_SPANS[unit], n=int(count))


def _offset_in_words(key, value):
    if value == NEVER:
        return m.Text(m.N_("any day"))
    days = int(value.replace("P", "").rstrip("D"))
    if days == 0:
        return m.Text(m.N_("the last day of the period"))
    if days < 0:
        return m.Text(m.N_("%(n)s d. before the last day of the period"), n=-days)
    return m.Text(m.N_("%(n)s d. after the last day of the period"), n=days)


def _day_in_words(key, value):
    return m.Text(m.N_("through %(day)s.%(month)s each year"), day=value[3:], month=value[:2])


def _choice_in_words(key, value):
    return m.Text(key.choices[value])


def _bool_in_words(key, value):
    return m.Text(m.N_("yes") if value else m.N_("no"))


def _list_in_words(key, value):
    if not value:
        return m.Text(m.N_("nothing"))
    return _joined([m.Text(key.choices.get(word, word)) for word in value], ", ")


def _table_in_words(key, value):
    parts = [m.Text("%(title)s: %(value)s", title=m.Text(field.title), value=_part_in_words(field, value[name]))
             for name, field in key.fields.items()]
    return _joined(parts, "; ")


def _part_in_words(field, value):
    return m.Text(m.N_("no limit")) if field.optional and value == NEVER else value_in_words(field, value)


def _plain_in_words(key, value):
    return m.Text(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _clock_in_words(seconds):
    hours, minutes = divmod(seconds // 60, 60)
    if not minutes:
        return m.Text(m.N_("%(hours)s h"), hours=hours)
    if not hours:
        return m.Text(m.N_("%(minutes)s min"), minutes=minutes)
    return m.Text(m.N_("%(hours)s h %(minutes)s min"), hours=hours, minutes=minutes)


def _joined(texts, by):
    """Several texts as one, each translated by itself."""
    names = [f"t{number}" for number in range(len(texts))]
    return m.Text(by.join(f"%({name})s" for name in names), **dict(zip(names, texts, strict=True)))


_AFTER = {
    "event": m.N_("%(time)s from the event"),
    "lesson_start": m.N_("%(time)s from the lesson's start"),
    "class_day_end": m.N_("%(time)s after the class's last lesson"),
    "from_receipt": m.N_("%(time)s after the results are received"),
}
_THROUGH = {
    ("event", "D"): m.N_("through day %(n)s"),
    ("event", "WD"): m.N_("through school day %(n)s"),
    ("period_end", "D"): m.N_("through day %(n)s from the end of the period"),
    ("from_receipt", "D"): m.N_("through day %(n)s after the results are received"),
    ("from_receipt", "WD"): m.N_("through school day %(n)s after the results are received"),
}
_SPANS = {"D": m.N_("%(n)s d."), "WD": m.N_("%(n)s school d."), "M": m.N_("%(n)s mo."), "H": m.N_("%(n)s h")}
_IN_WORDS = {"deadline": _deadline_in_words, "interval": _interval_in_words, "offset": _offset_in_words,
             "day": _day_in_words, "int": _plain_in_words, "bool": _bool_in_words, "choice": _choice_in_words,
             "list": _list_in_words, "numbers": _plain_in_words, "table": _table_in_words}


# ---- the regulation: judging ----


@dataclass(frozen=True)
class Decision:
    """What the regulation says of one change. `ok`: it is saved. `state`: saved · late (saved and flagged) ·
    reason_required · refused · conflict. `rule` and `clause` say what spoke; `message` is what happened, clause, what stands, what
    to do. `stands` is the text that now stands, of a change of a text."""

    ok: bool = True
    severity: str = "off"
    rule: str = ""
    clause: str = ""
    message: m.Text | None = None
    late: bool = False
    state: str = "saved"
    stands: str | None = None


@dataclass(frozen=True)
class PeriodFacts:
    """A period as the rules see it. `ordered`: the date that the school's order sets for its marks (FIN-04)."""

    start: date
    end: date
    closed: bool = False
    ordered: date | None = None
    kind: str = "quarter"
    name: str = ""


@dataclass(frozen=True)
class LessonFacts:
    """A lesson (one column) as the rules see it; one for all its cells. `kind`: lesson · control · written · external
    (WorkKind.deadline). `half` of the year: see half_of. `grading`: see marking.SCALES. Moments are aware."""

    date: date
    zone: ZoneInfo
    grade: int
    half: int
    period: PeriodFacts | None = None
    kind: str = "lesson"
    starts_at: datetime | None = None
    class_day_end: datetime | None = None
    received_at: datetime | None = None
    is_school_day: Callable[[date], bool] = lambda day: day.weekday() < 6
    grading: str = "marks"

    @property
    def event(self) -> Event:
        return Event(self.zone, self.date, self.starts_at, self.class_day_end, self.period and self.period.end,
                     self.received_at, None, self.is_school_day)


@dataclass(frozen=True)
class ResultFacts:
    """A cell of a period mark. `kind`: period · year · exam · final. `computed` and `average` come from formulas;
    `marks` and `norm` count the current marks it rests on, `written` says whether a written, laboratory or practical work is
    among them; None = not to be checked."""

    period: PeriodFacts
    zone: ZoneInfo
    grade: int
    half: int
    kind: str = "period"
    computed: str = ""
    marks: int | None = None
    norm: int | None = None
    written: bool | None = None
    subject: str = ""
    grading: str = "marks"

    def is_mark(self, value: str) -> bool:
        """Is it a mark that an average could have earned?"""
        scale = scale_of(self.grading)
        return scale.averaged and value in scale.worth


@dataclass(frozen=True)
class Cell:
    """What a lesson's cell holds: an attendance code, up to two marks, «.» for work awaited."""

    absence: str = ""
    marks: tuple[str, ...] = ()
    awaited: bool = False

    @property
    def missed(self) -> bool:
        return self.absence in m.codes().missed

    @property
    def graded(self) -> bool:
        return bool(self.marks) or self.awaited

    def __str__(self):
        """«5/4», «н», «.», «о 5», and «н→4» for a mark beside a missed lesson; read_cell reads it back."""
        work = "/".join((*self.marks, *("." * self.awaited)))
        return ("→" if self.missed else " ").join(part for part in (self.absence, work) if part)


@dataclass(frozen=True)
class Paper:
    """The protocol of a retake: without a number and a date it is none (ATT-07)."""

    number: str
    day: date


@dataclass(frozen=True)
class Zone:
    """How a column of the grid may be edited now. `state`: open · reason · closed; `day` counts from the lesson."""

    state: str
    day: int
    clause: str
    label: m.Text


def read_cell(text: str | Cell | None, scale: Scale = FIVE) -> Cell:
    """A cell from what was typed: «5», «5/4», «54», «н», «н 4», «.», «зач», letters where the scale has them; also the codes of
    other programs (УП, НП, ОТ). Raises Refused for anything else."""
    if isinstance(text, Cell):
        return text
    words = _words(text or "", scale)
    absence = [word for word in words if word in m.codes().all]
    marks = tuple(word for word in words if word in ALL_MARKS)
    if words is _UNREADABLE or len(absence) > 1 or len(marks) > 2:
        raise m.Refused(m.Text(m.N_("«%(value)s» cannot stand in the journal."), value=str(text)[:20]))
    return Cell("".join(absence), marks, "." in words)


def read_result(text: str, scale: Scale = FIVE) -> str:
    """The value of a period cell from what was typed."""
    value = as_read(text).replace("безотм.", GRADELESS)
    return _SPELT_LETTERS.get(value, value) if scale is LETTERS else {"зч": PASSED, "нз": FAILED}.get(value, value)


def read_paper(raw) -> Paper | None:
    """The protocol from a request: {"number", "day" or "date"} or «№ 3 от 12.11.2026»; None when number or date is missing or wrong."""
    if isinstance(raw, Paper):
        return raw
    if isinstance(raw, Mapping):
        raw = f"{raw.get('number', '')} от {raw.get('day') or raw.get('date', '')}"
    found = re.fullmatch(r"\s*№?\s*(\S.{0,39}?)\s+от\s+(\S+?)(?:\s*г\.?)?\s*", raw) if isinstance(raw, str) else None
    day = found and _read_day(found[2])
    return Paper(found[1], day) if day else None


def half_of(period_kind: str, number: int, day: date) -> int:
    """Which half-year (1 or 2) a day belongs to by its period: quarters III and IV are the second. Trimesters and modules
    do not meet the half-year, so there the calendar year parts it."""
    if period_kind == "quarter":
        return 1 if number <= 2 else 2
    if period_kind in ("half_year", "semester"):
        return 1 if number % 2 else 2
    return 1 if day.month >= FIRST_MONTH else 2


def is_gradeless(rules: Rules, grade: int, half: int) -> bool:
    """Is this grade taught without marks in this half-year (MRK-14)?"""
    scope = rules.value("gradeless.scope").get(str(grade), NEVER)
    return rules["gradeless.scope"].severity != "off" and (scope == "year" or (scope == "first_half" and half == 1))


def marks_in_use(rules: Rules, scale: Scale = FIVE) -> tuple[str, ...]:
    """The marks that may be put: on five points those of the regulation, else those of the scale."""
    return tuple(rules.value("mark.scale")) if scale is FIVE else scale.marks


def allowed_results(rules: Rules, grade: int, half: int, scale: Scale = FIVE) -> tuple[str, ...]:
    """The values a period cell may have, marks first (FIN-06, FIN-07). Without marks there is only «безотм»."""
    if is_gradeless(rules, grade, half) or not scale.marks:
        return (GRADELESS,) if rules.value("final.codes.bezotm") else ()
    codes = [code for code, key in _RESULT_CODES.items() if code != GRADELESS and rules.value(key)]
    instead = _INSTEAD.get(rules.value("final.instead_of_na"))
    return (*marks_in_use(rules, scale), *codes, *((instead,) if instead else ()))


def norm_of(rules: Rules, period_kind: str, weekly_hours) -> int | None:
    """The number of current marks a period mark should rest on (MRK-12); None for a kind of period without a norm."""
    counts = rules.value("min_marks.policy").get("half_year" if period_kind == "semester" else period_kind)
    return minimum_marks(weekly_hours, dict(enumerate(counts, 1))) if counts else None


def edit_zone(rules: Rules, facts: LessonFacts, now: datetime) -> Zone:
    """For the head of the grid: «открыто», «с причиной, п. 4.1.11», «закрыто, п. 3.6»."""
    day = _days_since(facts.date, facts.zone, now)
    if facts.period and facts.period.closed:
        return Zone("closed", day, "", m.Text(m.N_("closed: the period is closed")))
    stage, clause = _edit_stage(rules, day)
    state = "open" if SEVERITIES.index(stage) < SEVERITIES.index("reason") else "reason" if stage == "reason" else "closed"
    if state == "open":
        return Zone(state, day, "", m.Text(m.N_("open")))
    word = m.Text(m.N_("with a reason") if state == "reason" else m.N_("closed"))
    return Zone(state, day, clause, m.Text("%(word)s, %(clause)s", word=word, clause=_clause_short(clause)))


def may_mark(rules: Rules, facts: LessonFacts, now: datetime) -> str:
    """Which marks of a lesson may be put now: "all", "retakes" of those who missed it, by protocol (ATT-07), or "" none."""
    if facts.period and facts.period.closed:
        return ""
    exempt = rules.value("edit_window.exempt")
    received = facts.kind == "external" and facts.received_at is not None and "external_diagnostic" in exempt
    if received or edit_zone(rules, facts, now).state != "closed":
        return "all"
    return "retakes" if "retake_by_protocol" in exempt and rules.value("retake.protocol") else ""


def judge_cell(rules: Rules, facts: LessonFacts, old, new, now: datetime, *, reason: str = "", protocol=None,
               extended: bool = False, entered_at: datetime | None = None, unlocked: bool = False,
               by_role: str = "T") -> Decision:
    """May the cell become `new`? `old` and `new` are cells or what was typed. `protocol`: see read_paper; `extended`: the pupil
    passes in an extended term; `entered_at`: when the cell was first saved; `unlocked`: an approved unlock holds;
    `by_role` CT is a class teacher in somebody else's journal, who corrects only reasons of absence (ACC-04, ACC-05)."""
    stands = _stands(old)
    try:
        was, cell = read_cell(old, scale_of(facts.grading)), read_cell(new, scale_of(facts.grading))
    except m.Refused as error:
        return _refused(rules, rules["mark.scale"], error.text, stands, _in_use(rules, facts))
    if was == cell:
        return Decision()
    change = _Change(rules, facts, was, cell, now, reason.strip(), read_paper(protocol), extended, entered_at, unlocked,
                     by_role, stands)
    return _strongest(check(change) for check in _CELL_CHECKS)


def judge_attendance(rules: Rules, facts: LessonFacts, now: datetime, *, first: bool = True, reason: str = "",
                     unlocked: bool = False) -> Decision:
    """May «who is at the lesson» be stated, «all present» included (ATT-04)? Late by the deadline of absentees."""
    change = _Entry(rules, facts, "", "", now, reason.strip(), unlocked, m.Text(m.N_("Nothing was changed.")))
    late = _late(change, rules["entry.absence_deadline"]) if first else None
    return _strongest((_period_open(change), _window_open(change), late))


def judge_topic(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                unlocked: bool = False) -> Decision:
    """May the lesson's topic become `new`?"""
    if old == new:
        return Decision()
    change = _Entry(rules, facts, old, new, now, reason.strip(), unlocked, _stands(old))
    late = _late(change, rules["entry.topic_deadline"]) if new and not old else None
    return _strongest((_period_open(change), _window_open(change), late, _in_russian(change)))


def judge_homework(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                   unlocked: bool = False) -> Decision:
    """May the homework become `new`? «не задано» is NOT_SET, and is not homework."""
    if old == new:
        return Decision()
    change = _Entry(rules, facts, old, new, now, reason.strip(), unlocked, _stands(old))
    late = _late(change, rules["entry.homework_deadline"]) if new and not old else None
    return _strongest((_period_open(change), _homework_is_set(change), _window_open(change), late, _in_russian(change),
                       _homework_is_clear(change)))


def judge_period_mark(rules: Rules, facts: ResultFacts, old: str, new: str, now: datetime, *, reason: str = "") -> Decision:
    """May the period mark become `new`? The edit window does not bind it, the closing of the period does."""
    old, new = (read_result(text or "", scale_of(facts.grading)) for text in (old, new))
    if old == new:
        return Decision()
    change = _Result(rules, facts, old, new, now, reason.strip(), _stands(old))
    return _strongest(check(change) for check in _RESULT_CHECKS)


def doubts(rules: Rules, facts: ResultFacts, value: str, now: datetime) -> list[Decision]:
    """What stands against this result for a pupil, each apart: too few marks, no written work (MRK-12). Its being early, late
    or another than the computed one is judged when it is put."""
    change = _Result(rules, facts, "", value, now, "", _stands(""))
    return [found for found in (check(change) for check in (_enough_marks, _enough_written)) if found]


def judge_password(rules: Rules, roles, changed: datetime | None, now: datetime) -> Decision:
    """May somebody of these roles go on with a password of this age (SEC-07)? `changed` is school time; with P365D day 365 passes."""
    rule = rules["auth.password_max_age"]
    age, concerned = rule.value["age"], rule.value["roles"]
    if rule.severity == "off" or changed is None or not set(concerned) & set(roles) or not (limit := _limit_of_age(age, changed)):
        return Decision()
    if in_time(limit, now):
        return Decision()
    text = m.Text(m.N_("The password is older than the school allows."))
    stands = m.Text(m.N_("Everything you wrote is kept."))
    todo = m.Text(m.N_("Choose a new one."))
    return Decision(rule.severity != "block", rule.severity, rule.key, rule.clause, _said(text, _clause(rules, rule), stands, todo),
                    state="refused" if rule.severity == "block" else "saved")


def _limit_of_age(age, changed):
    """The last second of a record that may be so old: whole days, a month being 30."""
    found = re.fullmatch(r"P(\d+)([DM])", age)
    return found and _end_of(changed.date() + timedelta(int(found[1]) * (30 if found[2] == "M" else 1)), changed.tzinfo)


# ---- the regulation: the checks of a cell ----


@dataclass(frozen=True)
class _Change:
    rules: Rules
    facts: LessonFacts
    was: Cell
    cell: Cell
    now: datetime
    reason: str
    paper: Paper | None
    extended: bool
    entered_at: datetime | None
    unlocked: bool
    role: str
    stands: m.Text

    @property
    def retaken(self) -> bool:
        """Marks put by a protocol beside a missed lesson, or beside a mark that stays."""
        return self.paper is not None and (self.cell.missed and bool(self.cell.marks) or _is_beside(self.was, self.cell))

    @property
    def exempt(self) -> bool:
        """Lawfully later than the lesson: external works, retakes by protocol, an extended term (MRK-18)."""
        grounds = {"retake_by_protocol": self.retaken, "extended_term": self.extended,
                   "external_diagnostic": self.facts.kind == "external" and self.facts.received_at is not None}
        return any(grounds[name] for name in self.rules.value("edit_window.exempt"))


@dataclass(frozen=True)
class _Entry:
    rules: Rules
    facts: LessonFacts
    was: str
    text: str
    now: datetime
    reason: str
    unlocked: bool
    stands: m.Text
    exempt = False
    entered_at = None


@dataclass(frozen=True)
class _Result:
    rules: Rules
    facts: ResultFacts
    was: str
    value: str
    now: datetime
    reason: str
    stands: m.Text


def _period_open(change):
    period = change.facts.period
    if period is None or not period.closed:
        return None
    what = m.Text(m.N_("The period is closed: %(period)s."), period=period.name or period.end)
    return _refused(change.rules, _PERIOD_CLOSED, what, change.stands, m.Text(m.N_("Ask the deputy head to reopen the period.")))


def _role_may(change):
    if change.role != "CT":
        return None
    was, cell = change.was, change.cell
    only_reason = was.missed and cell.missed and (was.marks, was.awaited) == (cell.marks, cell.awaited)
    rule, mends = change.rules["rights.ct_journal"], _mends_reasons(change.rules)
    if mends and only_reason:
        return None
    if mends:
        what = m.Text(m.N_("A class teacher corrects only the reason of absence."))
    else:
        what = m.Text(m.N_("A class teacher looks at this journal without changing it."))
    return _refused(change.rules, rule, what, change.stands, m.Text(m.N_("Write to the teacher of the subject.")))


def _codes_in_use(change):
    code, rule = change.cell.absence, change.rules["cell.codes_forbidden"]
    if code in ("", change.was.absence):
        return None
    known, what = m.codes()[code], m.Text(m.N_("The record «%(code)s» is not used in the journal."), code=code)
    if not known.active:
        return _refused(change.rules, _CODE_OUT_OF_USE, what, change.stands, _in_use(change.rules, change.facts))
    if code not in rule.value:
        return None
    if known.meaning == FREE and change.rules.value("pe.special_group") == "theory":
        todo = m.Text(m.N_("Assess the theory instead."))
    else:
        todo = m.Text(m.N_("Choose another code."))
    return _by_severity(change, rule, what, todo)


def _marks_in_scale(change):
    scale = scale_of(change.facts.grading)
    odd = [mark for mark in change.cell.marks if mark not in marks_in_use(change.rules, scale)]
    if not odd or change.cell.marks == change.was.marks:
        return None
    what = m.Text(m.N_("The mark «%(mark)s» is not used in this school.") if scale is FIVE else
                  m.N_("The mark «%(mark)s» is not used in this subject."), mark=odd[0])
    return _refused(change.rules, change.rules["mark.scale"], what, change.stands, _in_use(change.rules, change.facts))


def _graded_at_all(change):
    facts = change.facts
    added = change.cell.graded and (change.cell.marks, change.cell.awaited) != (change.was.marks, change.was.awaited)
    if not added or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("Grade %(grade)s is taught without marks now."), grade=facts.grade)
    return _by_severity(change, change.rules["gradeless.scope"], what,
                        m.Text(m.N_("Note attendance and the topic; they are kept as always.")))


def _not_ahead(change):
    """No marks, and nobody absent without a known reason, before the day of the lesson."""
    ahead = change.facts.date > _local_day(change.now, change.facts.zone)
    added = change.cell.graded and change.cell.marks != change.was.marks or change.cell.awaited > change.was.awaited
    absence = change.cell.absence
    unknown = absence not in ("", change.was.absence) and m.codes()[absence].meaning not in (SICK, REASON)
    if not ahead or not (added or unknown):
        return None
    what = m.Text(m.N_("The lesson of %(day)s is still ahead."), day=change.facts.date)
    return _refused(change.rules, _LESSON_AHEAD, what, change.stands, m.Text(m.N_("It can be filled in from that day on.")))


def _mark_or_absence(change):
    """A mark beside a missed lesson only by a protocol (ATT-07)."""
    was, cell = change.was, change.cell
    rule = change.rules["retake.protocol"]
    untouched = was.missed and was.marks == cell.marks
    if not (cell.missed and cell.marks) or untouched or (rule.value and change.paper):
        return None
    what = m.Text(m.N_("A mark beside «%(code)s» is put by a protocol of the retake."), code=cell.absence)
    todo = (m.Text(m.N_("Give the number and the date of the protocol.")) if rule.value
            else m.Text(m.N_("Put the mark in the column of a lesson the pupil attended.")))
    return _refused(change.rules, rule, what, change.stands, todo)


def _window_open(change):
    """The two-stage edit window (MRK-08, MRK-09)."""
    rule, facts = change.rules["mark.edit_window"], change.facts
    if change.exempt or change.unlocked:
        return None
    anchor = facts.date
    if rule.value["anchor"] == "entry":
        anchor = _local_day(change.entered_at or change.now, facts.zone)
    day = _days_since(anchor, facts.zone, change.now)
    stage, clause = _edit_stage(change.rules, day)
    if stage == "off":
        return None
    told = replace(rule, severity=stage, clause=clause)
    if stage == "block":
        what = m.Text(m.N_("Editing is closed: it is day %(day)s after the lesson."), day=day)
        return _refused(change.rules, told, what, change.stands, _when_closed(facts))
    what = m.Text(m.N_("It is day %(day)s after the lesson."), day=day)
    return _by_severity(change, told, what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _when_closed(facts):
    if facts.kind == "external" and facts.received_at is None:
        return m.Text(m.N_("Enter when the results of the work were received."))
    return m.Text(m.N_("Ask the deputy head for a correction."))


def _mark_in_time(change):
    first = change.cell.marks and not change.was.marks
    if not first or change.retaken or change.extended:
        return None
    return _late(change, change.rules[_DEADLINES.get(change.facts.kind, "entry.mark_deadline")])


def _absence_in_time(change):
    if not change.cell.absence or change.was.absence:
        return None
    rule = change.rules["entry.absence_deadline"]
    if m.codes()[change.cell.absence].meaning != UNEXPLAINED and rule.value.startswith("lesson_start"):
        rule = replace(rule, value="same_day", clause=rule.clause_of("other"))
    return _late(change, rule)


_CELL_CHECKS = (_period_open, _role_may, _marks_in_scale, _codes_in_use, _graded_at_all, _not_ahead, _mark_or_absence,
                _window_open, _mark_in_time, _absence_in_time)
_DEADLINES = {"control": "deadline.control_work", "written": "deadline.written_work",
              "external": "deadline.external_diagnostic"}


# ---- the regulation: the checks of texts and period marks ----


def _homework_is_set(change):
    facts, rule = change.facts, change.rules["gradeless.homework"]
    if change.text in ("", NOT_SET) or rule.value == "allow" or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("No homework is set in grade %(grade)s now."), grade=facts.grade)
    return _by_severity(change, rule, what, m.Text(m.N_("Write to the parents by a message if something should be brought.")))


def _homework_is_clear(change):
    """Fewer than three letters, or a bare word, tells a family nothing (HW-05); what files say is not read."""
    letters = [letter for letter in change.text if letter.isalpha()]
    bare = m.fold(change.text).strip(" .!") in _BARE_HOMEWORK
    if change.text in ("", NOT_SET) or change.text.endswith(")") or (len(letters) >= 3 and not bare):
        return None
    return _by_severity(change, _HOMEWORK_CLEAR, m.Text(m.N_("The family may not understand this homework.")),
                        m.Text(m.N_("Say what to do: pages, numbers, how it is to look.")))


def _in_russian(change):
    """Fewer than half of the letters outside brackets and quotes are Cyrillic (PLN-06)."""
    rule = change.rules["journal.language"]
    letters = [letter for letter in re.sub(r"\([^)]*\)|«[^»]*»|\"[^\"]*\"|“[^”]*”", "", change.text) if letter.isalpha()]
    cyrillic = sum("а" <= letter.lower() <= "я" or letter in "ёЁ" for letter in letters)
    if rule.value == "any" or 2 * cyrillic >= len(letters):
        return None
    return _by_severity(change, rule, m.Text(m.N_("Entries are kept in Russian.")),
                        m.Text(m.N_("Write the Russian title and put the foreign one in brackets.")))


def _work_named(rules, kind, topic, work_topic):
    """Control, practical and laboratory works are entered with their own topic, or the lesson's topic quotes it (PLN-06)."""
    rule = rules["journal.language"]
    named = work_topic or re.search(r"[«\"“].+[»\"”]", topic)
    if kind is None or kind.code not in NAMED_WORKS or named or rule.value == "any" or rule.severity == "off":
        return None
    what = m.Text(m.N_("%(kind)s without the topic of the work."), kind=kind.name)
    todo = m.Text(m.N_("Write what the work is about."))
    return Decision(True, rule.severity, rule.key, rule.clause, _said(what, _clause(rules, rule), m.Text(m.N_("Saved.")), todo))


def judge_plan_words(rules: Rules, topics: list[str]) -> tuple[Decision, list[int]]:
    """(what the rule on language says, numbers of the topics it speaks of) of the topics of a plan; nothing is refused."""
    rule = replace(rules["journal.language"], severity="warn")
    if rules["journal.language"].severity == "off":
        return Decision(), []
    rules = replace(rules, rules=MappingProxyType({**rules.rules, rule.key: rule}))
    told = [_in_russian(_Entry(rules, None, "", topic, None, "", False, _NOTHING_CHANGED)) for topic in topics]
    return _strongest(told), [number for number, decision in enumerate(told, 1) if decision]


def _result_known(change):
    value, rules, scale = change.value, change.rules, scale_of(change.facts.grading)
    if not value or value in _RESULT_CODES or value in DEFERRED or value in marks_in_use(rules, scale):
        return None
    what = m.Text(m.N_("«%(value)s» is not a result of a period."), value=value[:20])
    return _refused(rules, rules["mark.scale"], what, change.stands, _results_in_use(change))


def _result_not_ahead(change):
    """Nothing is put for a period that has not begun, nor for the year before its last period has."""
    start = change.facts.period.start
    if not change.value or change.was or _local_day(change.now, change.facts.zone) >= start:
        return None
    what = m.Text(m.N_("It is too early: the period begins on %(day)s."), day=start)
    return _refused(change.rules, _LESSON_AHEAD, what, change.stands, m.Text(m.N_("The mark can be put from that day on.")))


def _result_allowed(change):
    """Codes that the regulation bans for a period (FIN-07, MRK-17)."""
    rules = change.rules
    key = _RESULT_CODES.get(change.value)
    banned = key and (not rules.value(key) or change.value in rules.value("cell.codes_forbidden"))
    if not banned:
        return None
    what = m.Text(m.N_("«%(value)s» is not put for a period."), value=change.value)
    return _refused(rules, rules[key], what, change.stands, _instead(change))


def _result_graded(change):
    facts = change.facts
    if change.value in ("", GRADELESS) or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("Grade %(grade)s is taught without marks now."), grade=facts.grade)
    return _by_severity(change, change.rules["gradeless.scope"], what,
                        m.Text(m.N_("The cell is filled with «безотм» by itself.")))


def _gradeless_only_there(change):
    facts = change.facts
    if change.value != GRADELESS or is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("«безотм» is only for grades taught without marks."))
    return _refused(change.rules, change.rules["gradeless.scope"], what, change.stands, _results_in_use(change))


def _as_computed(change):
    """A mark other than the computed one needs a ground (MRK-11)."""
    rules, computed, value = change.rules, change.facts.computed, change.value
    a_mark = change.facts.is_mark(value)
    if value in ("", computed) or not rules.value("final.departure") or not (computed or a_mark) or value in DEFERRED:
        return None
    if change.facts.kind == "exam":
        return None
    if computed:
        what = m.Text(m.N_("The computed mark is %(computed)s, you put %(value)s."), computed=computed, value=value)
    else:
        what = m.Text(m.N_("There are no marks to compute from, you put %(value)s."), value=value)
    return _by_severity(change, rules["final.departure"], what, m.Text(m.N_("Write a reason, and it will be saved.")))


def _enough_marks(change):
    facts = change.facts
    if not facts.is_mark(change.value) or facts.marks is None or facts.norm is None or facts.marks >= facts.norm:
        return None
    what = m.Text(m.N_("The mark rests on %(marks)s marks of %(norm)s needed."), marks=facts.marks, norm=facts.norm)
    return _by_severity(change, change.rules["min_marks.policy"], what,
                        m.Text(m.N_("Check whether the pupil can be asked once more.")))


def _enough_written(change):
    """Written, laboratory or practical works are among the marks (MRK-12): strictly in the subjects named, a note in others."""
    rule, facts = change.rules["min_marks.written_work"], change.facts
    named = m.fold(facts.subject) in map(m.fold, rule.value["subjects"])
    if not facts.is_mark(change.value) or facts.written is not False or not (named or rule.value["every_subject"]):
        return None
    severity = rule.severity if named else min(rule.severity, "warn", key=SEVERITIES.index)
    return _by_severity(change, replace(rule, severity=severity), m.Text(m.N_("No written, laboratory or practical work is marked.")),
                        m.Text(m.N_("Write a reason, and it will be saved.")))


def _result_in_window(change):
    """When period marks are put (FIN-01 … FIN-04); only the first entry can be early or late."""
    rule, facts = change.rules["final.window"], change.facts
    if not change.value or change.was or change.value in (*DEFERRED, GRADELESS) or rule.severity == "off":
        return None
    first, limit = _window(rule, facts)
    if first and _local_day(change.now, facts.zone) < first:
        what = m.Text(m.N_("Earlier than period marks are put: from %(day)s."), day=first)
        return _soft(change, replace(rule, severity="warn"), what)
    if in_time(limit, change.now):
        return None
    told = replace(rule, clause=rule.clause_of("order")) if facts.period.ordered else rule
    return _too_late(change, told, limit)


def _window(rule, facts):
    """First day (or None) and last in-time second (or None); an order's date replaces both. Exams and final marks come after
    the year and are bound by an order only."""
    period = facts.period
    if period.ordered:
        return None, _end_of(period.ordered, facts.zone)
    if facts.kind in ("exam", "final"):
        return None, None
    first, last = (None if rule.value[name] == NEVER else period.end + timedelta(_offset(rule.value[name]))
                   for name in ("from", "to"))
    return first, last and _end_of(last, facts.zone)


def _offset(text):
    return int(text.replace("P", "").rstrip("D"))


_RESULT_CHECKS = (_result_known, _period_open, _result_not_ahead, _result_allowed, _result_graded, _gradeless_only_there, _as_computed,
                  _enough_marks, _enough_written, _result_in_window)
_RESULT_CODES = {NOT_ATTESTED: "final.codes.na", EXEMPT: "final.codes.osv", GRADELESS: "final.codes.bezotm"}
_INSTEAD = {"deferral": "отсрочка", "extend_term": "продление"}


# ---- the regulation: from a check to a decision ----


def _edit_stage(rules, day):
    """(severity, clause) of the edit window on a day after its anchor; the rule's own severity is the strictest possible."""
    rule = rules["mark.edit_window"]
    free, last = rule.value["free_days"], rule.value["reason_days"]
    if day <= free:
        return "off", ""
    closed = last != NEVER and day > last
    strictest = "block" if closed else "reason"
    severity = min(rule.severity, strictest, key=SEVERITIES.index)
    return severity, rule.clause_of("closed" if closed else "reason")


def _late(change, rule):
    """The verdict when a first entry comes after the rule's deadline; None when in time."""
    if rule.severity == "off":
        return None
    limit = last_moment(parse_deadline(rule.value), change.facts.event)
    return None if in_time(limit, change.entered_at or change.now) else _too_late(change, rule, limit)


def _too_late(change, rule, limit):
    what = m.Text(m.N_("Later than due: in time until %(limit)s."), limit=limit)
    decision = _by_severity(change, rule, what, m.Text(m.N_("Write a reason, and it will be saved.")))
    return replace(decision, late=True, state="late") if decision.ok else decision


def _by_severity(change, rule, what, todo):
    """A rule was crossed: nothing, a note, a request for the reason, or a refusal."""
    if rule.severity == "off":
        return None
    if rule.severity == "block":
        return _refused(change.rules, rule, what, change.stands, todo)
    if rule.severity == "reason" and not change.reason:
        message = _said(what, _clause(change.rules, rule), change.stands, todo)
        return Decision(False, "reason", rule.key, rule.clause, message, state="reason_required")
    return _soft(change, rule, what)


def _soft(change, rule, what):
    return Decision(True, rule.severity, rule.key, rule.clause, _said(what, _clause(change.rules, rule), m.Text(m.N_("Saved."))))


def _refused(rules, rule, what, stands, todo):
    return Decision(False, "block", rule.key, rule.clause, _said(what, _clause(rules, rule), stands, todo), state="refused")


def _strongest(decisions):
    """One decision of many: a refusal before a request for the reason, before a late flag, before a note; the first of equals."""
    found = [decision for decision in decisions if decision]
    if not found:
        return Decision()
    return min(found, key=lambda decision: (_STRENGTH[decision.state], -SEVERITIES.index(decision.severity)))


def _said(*parts):
    return _joined(parts, " ")


def _clause(rules, rule):
    if not rule.clause:
        return m.Text(m.N_("A rule of the school."))
    return m.Text("%(document)s, %(clause)s.", document=rules.document, clause=_clause_short(rule.clause))


def _clause_short(clause):
    if not clause:
        return m.Text(m.N_("a rule of the school"))
    return m.Text(clause) if clause.startswith("§") else m.Text(m.N_("cl. %(clause)s"), clause=clause)


def _stands(old):
    value = str(old or "")
    return m.Text(m.N_("The journal keeps «%(value)s»."), value=value) if value else m.Text(m.N_("The cell stays empty."))


def _in_use(rules, facts):
    marks = ", ".join(marks_in_use(rules, scale_of(facts.grading)))
    codes = ", ".join(code.code for code in m.codes().active if code.code not in rules.value("cell.codes_forbidden"))
    if not marks:
        return m.Text(m.N_("This subject has no marks. Absence: %(codes)s."), codes=codes)
    return m.Text(m.N_("Marks in use: %(marks)s. Absence: %(codes)s."), marks=marks, codes=codes)


def _results_in_use(change):
    values = allowed_results(change.rules, change.facts.grade, change.facts.half, scale_of(change.facts.grading))
    return m.Text(m.N_("Possible: %(list)s."), list=", ".join(values))


def _instead(change):
    instead = change.rules.value("final.instead_of_na")
    if change.value == NOT_ATTESTED and instead == "extend_term":
        return m.Text(m.N_("Extend the pupil's study term: put «продление»."))
    if change.value == NOT_ATTESTED and instead == "deferral":
        return m.Text(m.N_("Defer the mark: put «отсрочка»."))
    return _results_in_use(change)


def _days_since(day, zone, now):
    return (_local_day(now, zone) - day).days


def _local_day(moment, zone):
    return moment.astimezone(zone).date()


def as_read(text: str) -> str:
    """What was typed, in small letters, with Cyrillic ones where Latin ones look the same."""
    return text.strip().lower().translate(_LOOKS_LIKE)


def _words(text, scale):
    """The words of a cell, or _UNREADABLE."""
    token_of, meant = _grammar(m.codes(), scale.code)
    found, rest = [], as_read(text)
    while rest:
        token = token_of.match(rest)
        if not token:
            return _UNREADABLE
        found.append(meant[token[1]])
        rest = rest[token.end():]
    return found


@lru_cache(32)
def _grammar(codes, scale):
    """The pattern of one word of a cell, and what each word means: codes of the school, marks, codes of other programs."""
    meant = {word: code for word, code in _SPELT.items() if code in codes.all or code in ALL_MARKS}
    meant |= {mark: mark for mark in ALL_MARKS if mark not in LETTERS.marks} | {".": "."} | {code: code for code in codes.all}
    if scale == LETTERS.code:
        meant |= _SPELT_LETTERS
    words = "|".join(map(re.escape, sorted(meant, key=len, reverse=True)))
    return re.compile(rf"({words})[\s/,→]*"), meant


def _read_day(text):
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


_UNREADABLE: list[str] = []
_LOOKS_LIKE = str.maketrans("ёaceohpktyxmb", "еасеонрктухмв")  # Latin letters typed for Cyrillic ones
_SPELT = {"уп": EXCUSED, "п/у": EXCUSED, "оп": LATE, "зч": PASSED, "нз": FAILED, "в": ILL}
_SPELT_LETTERS = {"а": "A", "в": "B", "с": "C", "d": "D", "д": "D"}
RESERVED = frozenset({PASSED, FAILED, "зч", "нз", GRADELESS})  # words that a code of the school cannot be
_CODE_OUT_OF_USE = Rule("attendance.codes", True, "block")
_BARE_HOMEWORK = {"повторить", "учить", "выучить", "доделать", "закончить", "читать", "прочитать", "решать", "подготовиться", "то же"}
_HOMEWORK_CLEAR = Rule("homework.clear", True, "warn")
_PERIOD_CLOSED = Rule("period.closed", True, "block")
_LESSON_AHEAD = Rule("lesson.ahead", True, "block")
_STRENGTH = {"refused": 0, "reason_required": 1, "late": 2, "saved": 3}


# ---- the one way to change the journal ----
#
# Grid, lesson page, administrative screens, import and shell change journal data by these functions and no others:
# put_cells, put_attendance, put_topic, put_homework, put_remark, add_work, change_work, delete_work. Each asks for rights, then
# for the regulation's verdict, then writes by the verbs of models in one transaction, in a number of statements that does not grow.


class Foreign(Exception):
    """Somebody else's journal, or no such lesson or pupil in it: nobody learns which (ACC-02, ACC-06)."""


@dataclass(frozen=True)
class Entry:
    """One cell to be changed: of a lesson (of its own column, or of a `work`), of a `period`, or of the year: `kind` year, exam
    or final (FIN-17). `value` is all that the cell shall hold, "" empties it. `seen`: the version that was looked at, None =
    whatever stands. `protocol`: see read_paper, a mapping may name the "examiners". The same `key` of a person is applied once.
    `typed_at`: see judged_at."""

    pupil: int
    value: str
    lesson: int | None = None
    work: int | None = None
    period: int | None = None
    seen: str | None = None
    reason: str = ""
    protocol: object = None
    key: str = ""
    typed_at: datetime | None = None
    kind: str = "period"
    due: date | None = None        # until when the work behind «.» is handed in; None = as it is, or by the regulation
    minutes: int | None = None     # of lateness; None = as it is
    document: str | None = None    # the paper behind an absence; None = as it is


@dataclass(frozen=True)
class Outcome:
    """What became of an entry: `state` saved · late · reason_required · refused · conflict, and the `value` that now stands.
    `wrote`: the version left behind by an entry that was applied before, since when somebody may have changed the cell."""

    entry: Entry
    state: str
    value: str = ""
    rule: str = ""
    clause: str = ""
    message: m.Text | None = None
    wrote: str | None = None

    @property
    def version(self) -> str:
        return version_of(self.value)


@dataclass(frozen=True)
class File:
    """An attachment of a homework to be added: a link (`url`) or a kept file (`digest` of its contents)."""

    name: str
    url: str = ""
    digest: str = ""
    size: int = 0
    mime: str = ""


@lru_cache(1024)
def version_of(value: str) -> str:
    """A short token of what a cell holds; «0» of an empty one."""
    return f"{crc32(value.encode()):x}"[:6] if value else "0"


def put_cells(user: User, by: Actor, course: int, entries: list[Entry]) -> list[Outcome]:
    """Change cells of one journal, each judged by itself; what may be saved is saved. Outcomes in the order of entries.

    Raises Foreign when the journal, a lesson, a work, a period or a pupil is not there for this user.
    """
    why = next((entry.reason for entry in entries if entry.reason), "")
    cleared = [entry.typed_at for entry in entries if entry.typed_at and not entry.value]  # no row is left to keep the moment
    with m.writing(replace(by, typed_at=min(cleared, default=None)), why):
        of_lessons = [entry for entry in entries if entry.lesson is not None]
        of_periods = [entry for entry in entries if entry.lesson is None]
        desks = [_LessonDesk(user, by, course, of_lessons)] if of_lessons else []
        desks += [_ResultDesk(user, by, course, of_periods)] if of_periods else []
        outcomes = {id(outcome.entry): outcome for desk in desks for outcome in desk.put_all()}
        _keep_keys(by, outcomes.values(), desks)
    return [outcomes[id(entry)] for entry in entries]


def judged_at(rules: Rules, typed_at: datetime | None, received_at: datetime) -> datetime:
    """The moment by which a change is judged: when it arrived, or when it was typed if it waited for a connection, the
    regulation takes that moment and it is not longer ago than allowed (`offline.*`)."""
    hours = rules.value("offline.typed_limit")
    if typed_at is None or rules.value("offline.judge_by") != "typed" or received_at - typed_at > timedelta(hours=hours):
        return received_at
    return min(typed_at, received_at)


def once(by: Actor, key: str, change: Callable[[], Decision | tuple], why: str = "") -> Decision | tuple | None:
    """What `change()` answers, a decision or (decision, outcomes); None when this person's save with the key was applied before.
    A change that is not saved leaves the key free. One transaction."""
    if not key:
        return change()
    with m.writing(by, why):
        if not m.CellKey.keep(by, {key: ""}):
            return None
        answer = change()
        decision, outcomes = answer if isinstance(answer, tuple) else (answer, ())
        own = (m.CellKey.person == by.person) & (m.CellKey.key == key)
        if not (decision.ok and all(outcome.state in _WRITTEN for outcome in outcomes)):
            m.CellKey.delete().where(own).execute()
        elif decision.stands is not None:
            m.CellKey.update(wrote=version_of(decision.stands)).where(own).execute()
        return answer


def wrote(by: Actor, key: str) -> str:
    """The version that a save with this key left behind it."""
    return m.CellKey.known(by, [key]).get(key, "")


def put_attendance(user: User, by: Actor, lesson: int, codes: Mapping[int, str], reason: str = "",
                   seen: Mapping[int, str] | None = None, *, minutes: Mapping[int, int] = MappingProxyType({}),
                   documents: Mapping[int, str] = MappingProxyType({})) -> tuple[Decision, list[Outcome]]:
    """State who is at the lesson: pupil → code of those away or late; all other members were there (ATT-04). `seen`: the codes
    that were looked at, where somebody may have changed one meanwhile. `minutes` of lateness and `documents` behind absences are
    by pupil; who is not named there keeps what was told before.

    All or nothing: with a decision or an outcome that is not saved nothing is. Raises Foreign as put_cells.
    """
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson) for pupil in codes], everybody=lesson)
        facts = desk.writable(lesson)
        row = desk.lessons[lesson]
        decision = desk.blocked(row, ahead=True) or judge_attendance(
            desk.rules, facts, desk.judged_at, first=row.attendance_at is None, reason=reason)
        outcomes = [desk.put(entry) for entry in desk.attendance(lesson, codes, reason, seen, minutes, documents)]
        if decision.ok and all(outcome.state in _WRITTEN for outcome in outcomes):
            if row.attendance_at is None:
                row.record(by, attendance_at=by.at, attendance_by=by.person, **desk.verdict("attendance", decision))
                desk.sign([lesson])
            desk.finish()
    return decision, outcomes


def put_topic(user: User, by: Actor, lesson: int, topic: str, *, plan_topic: int | None = None, kind: int | None = None,
              work_topic: str = "", reason: str = "", seen: str | None = None) -> Decision:
    """Write the topic of a lesson, the topic of the plan it follows, the kind of work of its own column and that work's topic.
    `seen`: the version of the topic that was looked at."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [], everybody=lesson)
        facts, row = desk.writable(lesson), desk.lessons[lesson]
        chosen = _kind(kind)
        topic, work_topic, plan_topic = topic.strip()[:500], work_topic.strip()[:300], _topic_of_plan(row, plan_topic)
        was, new = (row.topic, row.plan_topic_id, row.kind, row.work_topic), (topic, plan_topic, chosen, work_topic)
        if was == new:
            return Decision(stands=topic)
        if seen not in (None, version_of(row.topic)) and topic != row.topic:
            return _changed_below(row.topic)
        old, fresh = (row.topic, topic) if row.topic != topic else (_column_in_words(*was), _column_in_words(*new) + " ")
        decision = desk.blocked(row) or _strongest((
            judge_topic(desk.rules, facts, old, fresh, desk.judged_at, reason=reason), _work_named(desk.rules, chosen, topic, work_topic)))
        if decision.ok:
            first = {} if row.topic_at or not topic else {"topic_at": by.at, **desk.verdict("topic", decision)}
            row.record(by, topic=topic, plan_topic=plan_topic, kind=chosen, work_topic=work_topic, **first)
            desk.sign([lesson])
    return replace(decision, stands=topic if decision.ok else was[0])


def put_homework(user: User, by: Actor, lesson: int, text: str, *, not_set: bool = False, due: date | None = None,
                 add: list[File] = (), drop: list[int] = (), reason: str = "", unit: int | None = None, pupil: int | None = None,
                 minutes: int | None = None, seen: str | None = None) -> Decision:
    """Write the homework of a lesson: text with files and links added or dropped (by id), or «не задано» (HW-04); to everybody,
    to a subgroup of the class (`unit`) or to one `pupil`, each apart. Without `due` it is for the next lesson of the course;
    `minutes` is how long it takes. Empty on all counts takes the homework away. `seen`: the version of the text looked at."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson)] if pupil else [], everybody=lesson)
        facts, row = desk.writable(lesson, whole_day=True), desk.lessons[lesson]
        if pupil and (lesson, pupil) not in desk.members or unit and unit not in {each.id for each in subgroups_of(row)}:
            raise Foreign
        text = "" if not_set else text.strip()[:2000]
        standing = m.Homework.get_or_none((m.Homework.lesson == lesson) & _same(m.Homework.unit, unit) & _same(m.Homework.pupil, pupil))
        files = list(standing.attachments) if standing else []
        kept = [] if not_set else [file for file in files if file.id not in drop]
        below = standing.text if standing else ""
        if seen not in (None, version_of(below)) and text != below:
            return _changed_below(below)
        was = _homework_text(standing, files)
        new = NOT_SET if not_set else _in_words(text, [*kept, *add])
        due = due or row.next_day()
        decision = desk.blocked(row) or judge_homework(desk.rules, facts, was, new, desk.judged_at, reason=reason)
        if decision.ok and (was != new or (standing and (due, minutes) != (standing.due, standing.minutes))):
            _write_homework(desk, row, standing, new, decision, text=text, not_set=not_set, due=due, reason=reason, unit=unit,
                            pupil=pupil, minutes=None if not_set else minutes)
            _write_files(row, files, kept, add, unit, pupil)
    return replace(decision, stands=text if decision.ok else below)


def subgroups_of(lesson) -> list[m.Unit]:
    """The subgroups of the class whose lesson it is: homework may be set to one of them. None in a subgroup's own journal."""
    unit = lesson.course.unit
    if unit.kind != "class":
        return []
    return list(m.Unit.select().where((m.Unit.school_class == unit.school_class_id) & (m.Unit.kind == "subgroup")).order_by(m.Unit.name))


def homework_limit(rules: Rules, grade: int) -> int | None:
    """How many minutes of homework a day are enough for a grade; None where the school does not count them."""
    rule = rules["homework.day_limit"]
    starts = [int(name) for name in rule.value if int(name) <= grade]
    return rule.value[str(max(starts))] if rule.severity != "off" and starts else None


def put_remark(user: User, by: Actor, lesson: int, pupil: int, text: str, seen: str | None = None) -> Decision:
    """Write a comment to a pupil at a lesson; the family reads it. An empty text takes it away. `seen` as in put_topic."""
    with m.writing(by):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson)], everybody=lesson)
        facts = desk.writable(lesson)
        if (lesson, pupil) not in desk.members:
            return _plain_refusal(_NOT_A_MEMBER, _NOTHING_CHANGED, _SEE_THE_OFFICE)
        standing = m.Remark.select(m.Remark.text).where((m.Remark.lesson == lesson) & (m.Remark.pupil == pupil)).scalar() or ""
        if seen not in (None, version_of(standing)) and text.strip() != standing:
            return _changed_below(standing)
        change = _Entry(desk.rules, facts, "", text, desk.judged_at, "", False, _NOTHING_CHANGED)
        decision = desk.blocked(desk.lessons[lesson]) or _strongest((_period_open(change),))
        if decision.ok:
            m.Remark.put(by, lesson, pupil, text.strip()[:500])
    return replace(decision, stands=text.strip()[:500] if decision.ok else standing)


def add_work(user: User, by: Actor, lesson: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
             for_everyone: bool | None = None) -> tuple[Decision, m.Work | None]:
    """Give a lesson one more column: another work with a kind of its own; weight and «everyone has a mark» are the kind's
    where None."""
    with m.writing(by, reason):
        desk = _LessonDesk(user, by, None, [], everybody=lesson)
        decision = _judged_column(desk, lesson, _kind(kind) or _no_such_kind(), None, weight, reason)
        if not decision.ok:
            return decision, None
        last = m.Work.select(fn.MAX(m.Work.position)).where(m.Work.lesson == lesson).scalar() or 0
        return decision, m.Work.create(lesson=lesson, kind=kind, title=title.strip()[:300], position=last + 1, weight=weight,
                                       for_everyone=for_everyone)


def change_work(user: User, by: Actor, work: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
                for_everyone: bool | None = None) -> Decision:
    """Give a further column of a lesson another kind, weight or title. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work)
        decision = _judged_column(desk, row.lesson_id, _kind(kind) or _no_such_kind(), row.kind, weight, reason)
        if decision.ok:
            row.kind, row.weight, row.title, row.for_everyone = kind, weight, title.strip()[:300], for_everyone
            row.save(only=[m.Work.kind, m.Work.weight, m.Work.title, m.Work.for_everyone])
    return decision


def delete_work(user: User, by: Actor, work: int, reason: str = "", *, with_marks: bool = False) -> Decision:
    """Take a further column of a lesson away. With marks in it only if asked `with_marks`, and if the regulation lets each of them
    be cleared; all or nothing. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work, marked=True)
        decision = _judged_column(desk, row.lesson_id, row.kind, row.kind, row.weight, reason)
        if desk.entries and decision.ok and not with_marks:
            return _plain_refusal(m.Text(m.N_("The column holds marks of %(n)s pupils."), n=len(desk.entries)), _NOTHING_CHANGED,
                                  m.N_("Clear them first, or say that they go with the column."))
        outcomes = [desk.put(replace(entry, reason=reason)) for entry in desk.entries] if decision.ok else []
        kept = next((each for each in outcomes if each.state not in _WRITTEN), None)
        if kept:
            return Decision(False, "block", kept.rule, kept.clause, kept.message, state=kept.state)
        if decision.ok:
            desk.finish()
            row.drop(by)
    return decision


def _column(user: User, by: Actor, work: int, marked: bool = False) -> tuple[m.Work, "_LessonDesk"]:
    """The further column and its lesson's desk, if `marked` with an entry that clears each of its cells; Foreign for others."""
    row = m.Work.whole(work)
    if row is None or not allows(user, "edit", row):
        raise Foreign
    pupils = m.Mark.select(m.Mark.pupil).where(m.Mark.work == work).distinct().tuples() if marked else ()
    entries = [Entry(pupil, "", row.lesson_id, row.id) for pupil, in pupils]
    return row, _LessonDesk(user, by, None, entries, everybody=row.lesson_id)


def _judged_column(desk: "_LessonDesk", lesson: int, kind, was, weight: int | None, reason: str) -> Decision:
    """May the lesson have a column of this kind and weight? A kind that is not used any more stays only where it `was`."""
    facts = desk.writable(lesson)
    if kind != was and not kind.active:
        return _plain_refusal(m.Text(m.N_("«%(kind)s» is not used any more."), kind=str(kind)), _NOTHING_CHANGED,
                              m.N_("Choose another kind of work."))
    if weight is not None and not 1 <= weight <= MOST_WEIGHT:
        return _plain_refusal(m.N_("The weight is from 1 to 10"), _NOTHING_CHANGED)
    return desk.blocked(desk.lessons[lesson]) or judge_attendance(desk.rules, facts, desk.judged_at, first=False, reason=reason)


def _no_such_kind():
    raise Foreign


def computed_result(rules: Rules, weighted: list[tuple[str, int]], scale: Scale = FIVE) -> tuple[Fraction | None, str]:
    """(exact average, computed mark) of current marks with weights by the scale; what has no worth in it does not count
    (reports.md 3.6, 3.8). A scale without averages has the mark alone."""
    average = weighted_mean(scale.weights(weighted))
    return average if scale.averaged else None, scale.earned(average, rules.value("final.rounding"))


def period_result(rules: Rules, setting: tuple[int, int, PeriodFacts], given, course) -> tuple[ResultFacts, Fraction | None]:
    """(facts, exact average) of a period's cell. `setting` is (grade, half-year, period), `given` are (value, weight, written)
    of the current marks within the period, the course comes with its subject."""
    grade, half, period = setting
    counted = [each for each in given if each[0] != "."]
    average, computed = computed_result(rules, [each[:2] for each in counted], course.scale)
    return ResultFacts(period, clock.zone(), grade, half, "period", computed, len(counted),
                       norm_of(rules, period.kind, course.weekly_hours), any(written for *_, written in counted),
                       course.subject.name, course.scale.code), average


def year_result(kind: str, setting: tuple[int, int, PeriodFacts], results, scale: Scale = FIVE) -> tuple[ResultFacts, Fraction | None]:
    """The same of the year, the exam or the final mark (reports.md 3.9), a letter counting as what it is worth. `setting` is that of
    the last period, `results` are
    (kind, value, is it of this year) of the pupil in the subject, by date."""
    grade, half, period = setting
    numbers = [(each, str(scale.worth.get(value, value)), now) for each, value, now in results]
    basis = {"year": _basis_of_year, "final": _basis_of_final}.get(kind, lambda grade, results: [])(grade, numbers)
    mark = year_mark(basis) if kind == "year" else certificate_mark(basis)
    earned = next((each for each in scale.ladder if scale.worth[each] == mark), "")
    facts = ResultFacts(replace(period, closed=period.closed and kind == "year"), clock.zone(), grade, half, kind, earned,
                        grading=scale.code)
    return facts, mean_result(basis) if scale.averaged else None


def _basis_of_year(_grade, results) -> list[str]:
    return [value for kind, value, now in results if kind == "period" and now]


def _basis_of_final(grade, results) -> list[str]:
    """The year and the exam; in grade 11 the half-years and years of grades 10 and 11, if both are known."""
    if grade < 11:
        return [value for kind, value, now in results if kind in ("year", "exam") and now]
    known = [(value, now) for kind, value, now in results if kind in ("period", "year")]
    return [value for value, _ in known] if len({now for _, now in known}) == 2 else []


def results_of_pupils(rows, course) -> dict[int, list[tuple[str, str, bool]]]:
    """Pupil → what `year_result` takes, of rows of `PeriodMark.of_subject`. Of two journals (a pupil moved) the own one counts."""
    places: dict[tuple, tuple] = {}
    for row in rows:
        place = row.pupil, row.year, row.kind, row.period
        if place not in places or row.course == course.id:
            places[place] = row.kind, row.value, row.year == course.unit.year_id
    found: dict[int, list] = {}
    for place, result in places.items():
        found.setdefault(place[0], []).append(result)
    return found


def lesson_facts(rules: Rules, lesson, work=None, setting: tuple | None = None, whole_day: bool = False) -> LessonFacts:
    """The facts of a row of `Lesson.whole()`, or of one of its works. `setting` is (grade, half-year, period) where it is not
    the class's own; `whole_day` looks up when the class's day ends, if the rules ask (one query)."""
    school_class = lesson.course.unit.school_class
    if setting is None:
        setting = _setting(school_class, school_class.period, lesson.closed, lesson.day) if school_class else (
            0, half_of("", 0, lesson.day), None)
    column, starts = work or lesson, clock.at(lesson.day, lesson.starts) if lesson.starts else None
    return LessonFacts(lesson.day, clock.zone(), *setting, column.kind.deadline if column.kind_id else "lesson", starts,
                       _end_of_class_day(rules, lesson) if whole_day else None, column.received_at,
                       grading=lesson.course.scale.code)


def due_of(rules: Rules, facts: LessonFacts, what: str = "") -> tuple[datetime | None, str]:
    """(last in-time moment or None, clause) of a lesson's marks by their kind of work, or of its `what`: absence, topic,
    homework."""
    rule = rules[f"entry.{what}_deadline" if what else _DEADLINES.get(facts.kind, "entry.mark_deadline")]
    if rule.severity == "off":
        return None, ""
    return last_moment(parse_deadline(rule.value), facts.event), rule.clause


def results_due(rules: Rules, period: PeriodFacts, zone: ZoneInfo) -> tuple[date | None, datetime | None, str]:
    """(first day or None, last in-time moment or None, clause) for the marks of a period."""
    rule = rules["final.window"]
    first, limit = _window(rule, ResultFacts(period, zone, 0, 1))
    return first, limit, rule.clause_of("order") if period.ordered else rule.clause


def debts(user: User) -> list:
    """Works awaited by a dot in the courses the user teaches today, the first to be handed in first; see Mark.awaited. One query."""
    courses = [course for course in user.taught if teaches(user, course, user.today)]
    return list(m.Mark.awaited(courses, user.today).namedtuples()) if courses else []


def apply_excuse(user: User, by: Actor, paper: m.Excuse) -> list[Outcome]:
    """Give the pupil's absences within the days of a paper that nobody has explained its code (ATT-06). Each is judged by itself, the
    paper being the reason. None of them where the regulation leaves the reasons to the teachers."""
    lessons = [lesson for lesson, in paper.unexplained().tuples()]
    if not lessons or not corrects_reasons(rules_on(user.today), user):
        return []
    pupil = paper.pupil_id
    with m.writing(by, paper.document):
        desk = _LessonDesk(user, by, None, [Entry(pupil, "", lesson) for lesson in lessons])
        cells = {lesson: replace(desk.cell((lesson, pupil, None)), absence=paper.code) for lesson in lessons}
        outcomes = [desk.put(Entry(pupil, str(cell), lesson, reason=paper.document, document=paper.document))
                    for lesson, cell in cells.items()]
        desk.finish()
    return outcomes


def corrects_reasons(rules: Rules, user: User) -> bool:
    """May a class teacher turn «н» into a reason in other teachers' journals (ACC-05)?"""
    return user.has("CT") and _mends_reasons(rules)


def _mends_reasons(rules: Rules) -> bool:
    return rules.value("rights.ct_journal") == "absence_reason" and "CT" in rules.value("rights.absence_reason_editor")


# ---- the one way to change the journal: cells of lessons ----

_WRITTEN = ("saved", "late")
MOST_WEIGHT = 10
MOST_MINUTES = 240
NAMED_WORKS = ("К", "П", "Л")
_NOT_A_MEMBER = m.N_("The pupil was not in this class or group on the day of the lesson.")
_CANCELLED = m.N_("The lesson is cancelled.")
_NOTHING_CHANGED = m.Text(m.N_("Nothing was changed."))
_SEE_THE_OFFICE = m.N_("The office keeps the lists; ask it if they are wrong.")
_SEE_THE_DEPUTY = m.N_("Ask the deputy head to restore the lesson.")


class _LessonDesk:
    """What a batch of changes in the lessons of one course needs, read in four queries, and what it will write."""

    def __init__(self, user: User, by: Actor, course: int | None, entries: list[Entry], everybody: int | None = None):
        self.user, self.by, self.entries = user, by, entries
        self.rules = rules_on(_local_day(by.at, clock.zone()))
        wanted = {entry.lesson for entry in entries} | ({everybody} if everybody else set())
        self.lessons = {lesson.id: lesson for lesson in _held_still(wanted, course)}
        if len(self.lessons) != len(wanted):
            raise Foreign
        self._read({entry.pupil for entry in entries}, everybody, [entry.key for entry in entries if entry.key])
        self._works = _works({entry.work for entry in entries if entry.work})
        self._dirty: dict[tuple, dict] = {}
        self._settings, self._wards, self._papers = {}, None, {}

    @property
    def judged_at(self) -> datetime:
        """By which moment a change of the whole lesson is judged."""
        return judged_at(self.rules, self.by.typed_at, self.by.at)

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        self.finish()
        return outcomes

    def put(self, entry: Entry) -> Outcome:
        """Judge one entry and, if it may be, lay it ready."""
        place = (entry.lesson, entry.pupil, entry.work)
        lesson, role = self.lessons[entry.lesson], self._role(entry)
        was = self.cell(place)
        if entry.key in self.applied:
            return Outcome(entry, "saved", str(was), wrote=self.applied[entry.key])
        obstacle = self._obstacle(lesson, entry)
        if obstacle:
            return Outcome(entry, obstacle.state, str(was), message=obstacle.message)
        new = _meant(entry, was, lesson.course.scale)
        if entry.seen not in (None, version_of(str(was))) and str(new) != str(was):
            return Outcome(entry, "conflict", str(was), message=_changed_meanwhile(was))
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        decision = judge_cell(self.rules, self.facts(lesson, entry), was, new, moment, reason=entry.reason,
                              protocol=entry.protocol, entered_at=self._entered(place, was, new), by_role=role)
        if decision.ok:
            decision = self._with_details(place, was, new, decision, entry, role, moment)
        return Outcome(entry, decision.state, str(self.cell(place)), decision.rule, decision.clause, decision.message)

    def _with_details(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, role: str, moment: datetime) -> Decision:
        """Lay ready what the cell becomes, with minutes, paper and date; where only these change, they are judged as attendance is."""
        absence, due = self._absence_told(place, was, new, entry), self._due_told(place, new, entry) if role == "T" else None
        standing = self.absences.get(place[:2], {})
        told = any(standing.get(name) != value for name, value in absence.items()) or any(
            row.get("due") != due for _, row in self._marks_of(place) if role == "T" and row["value"] == "." and new.awaited)
        if str(new) == str(was):
            if not told:
                return decision
            lesson = self.lessons[entry.lesson]
            decision = judge_attendance(self.rules, self.facts(lesson, entry), moment, first=False, reason=entry.reason)
        if decision.ok and not decision.rule and m.codes()[new.absence].document and new.absence and not absence["document"]:
            decision = Decision(True, "warn", "attendance.document", message=_said(
                m.Text(m.N_("«%(code)s» wants a paper: a note, a certificate or an order."), code=new.absence), m.Text(m.N_("Saved."))))
        if decision.ok:
            self._lay(place, was, new, decision, entry, absence, due)
        return decision

    def _absence_told(self, place: tuple, was: Cell, new: Cell, entry: Entry) -> dict:
        """Minutes and paper of the absence as they shall stand; minutes belong to lateness alone."""
        if not new.absence:
            return {}
        standing = self.absences.get(place[:2], {})
        minutes = entry.minutes if entry.minutes is not None else standing.get("minutes")
        document = entry.document if entry.document is not None else standing.get("document", "")
        late = new.absence in m.codes().late and minutes and minutes > 0
        return {"minutes": min(minutes, MOST_MINUTES) if late else None, "document": document.strip()[:200]}

    def _due_told(self, place: tuple, new: Cell, entry: Entry) -> date | None:
        """Until when the work behind «.» is to be handed in: as told, as it stands, or as the regulation has it."""
        if not new.awaited:
            return None
        standing = next((row for _, row in self._marks_of(place) if row["value"] == "."), None)
        if entry.due is None and standing:
            return standing["due"]
        limit = last_moment(parse_deadline(self.rules.value("debt.deadline")), self.facts(self.lessons[entry.lesson], entry).event)
        return entry.due or (limit and limit.date())

    def finish(self) -> None:
        """Write what was laid ready: at most two statements for marks and two for absences."""
        for model, standing, first in ((m.Mark, self.marks, self._first_marks), (m.Absence, self.absences, self._first_absences)):
            kept = {row["id"] for row in standing.values() if "id" in row}
            rows = [_row(row) for place, row in self._dirty.items() if row.get("model") is model and standing.get(place) is row]
            gone = first - kept
            if rows or gone:
                model.put(self.by, rows, gone)
        planned = {place[0] for place in self._dirty if self.lessons[place[0]].state == "planned" and self._begun(place[0])}
        if planned:
            m.Lesson.hold(self.by, planned)
        self.sign({place[0] for place in self._dirty})

    def sign(self, lessons) -> None:
        """A substitute's record in these lessons puts them into the register of substitutions (SUB-03)."""
        lent = self.user.substituted.intersection(lessons)
        if lent:
            m.Substitution.record(self.by, lent)

    def cell(self, place: tuple) -> Cell:
        """What stands in (lesson, pupil, work) now, with what was laid ready."""
        lesson, pupil, _work = place
        absence = self.absences.get((lesson, pupil))
        values = [row["value"] for _, row in self._marks_of(place)]
        marks = tuple(value for value in values if value != ".")
        return Cell(absence["code"] if absence else "", marks, "." in values)

    def facts(self, lesson, entry: Entry | None = None, whole_day: bool = False) -> LessonFacts:
        """The lesson as the rules see it; a stream's pupils are each in a class of their own."""
        grade, half, period = self._setting(lesson, entry.pupil if entry else None)
        work = self._works.get(entry.work) if entry else None
        if entry and entry.work and (work is None or work.lesson_id != lesson.id):
            raise Foreign
        return lesson_facts(self.rules, lesson, work, (grade, half, period), whole_day)

    def writable(self, lesson: int, whole_day: bool = False) -> LessonFacts:
        """The facts of a lesson that this user fills in; Foreign for all others."""
        if not allows(self.user, "write", self.lessons[lesson]):
            raise Foreign
        return self.facts(self.lessons[lesson], whole_day=whole_day)

    def blocked(self, lesson, ahead: bool = False) -> Decision | None:
        """A refusal for a cancelled lesson, and if asked for one that is still ahead."""
        if lesson.state == "cancelled":
            return _plain_refusal(_CANCELLED, _NOTHING_CHANGED, _SEE_THE_DEPUTY)
        if ahead and not self._begun(lesson.id):
            return _plain_refusal(m.Text(m.N_("The lesson of %(day)s is still ahead."), day=lesson.day), _NOTHING_CHANGED,
                                  m.N_("It can be filled in from that day on."))
        return None

    def attendance(self, lesson: int, codes: Mapping[int, str], reason: str, seen: Mapping[int, str] | None, minutes,
                   documents) -> list[Entry]:
        """The entries that make the lesson's attendance what was stated."""
        members = [pupil for (_, pupil) in self.members]
        entries = []
        for pupil in dict.fromkeys([*codes, *members]):
            was, code = self.cell((lesson, pupil, None)), read_cell(codes.get(pupil, "")).absence
            told = {"minutes": minutes.get(pupil), "document": documents.get(pupil)} if code else {}
            if code != was.absence or any(each is not None for each in told.values()):
                looked_at = None if seen is None else version_of(str(replace(was, absence=seen.get(pupil, ""))))
                entries.append(Entry(pupil, str(replace(was, absence=code)), lesson, reason=reason, seen=looked_at,
                                     typed_at=self.by.typed_at, **told))
        return entries

    def verdict(self, what: str, decision: Decision) -> dict:
        """The columns of a lesson that keep the verdict on its topic or attendance."""
        return {f"{what}_late": decision.late, f"{what}_rule": decision.rule, f"{what}_clause": decision.clause,
                f"{what}_regulation": self.rules.version}

    def _read(self, pupils: set, everybody: int | None, keys: list[str]) -> None:
        self.marks, self.absences, self.members, known, self.applied = {}, {}, set(), set(), {}
        for kind, lesson, pupil, work, position, value, row in _standing(list(self.lessons), pupils, everybody, self.by, keys):
            if kind == "mark":
                self.marks[lesson, pupil, work, position] = row | {"value": value}
            elif kind == "absence":
                self.absences[lesson, pupil] = row | {"code": value}
            elif kind == "key":
                self.applied[value] = row["clause"]
            else:
                known.add((lesson, pupil))
                self.members |= {(lesson, pupil)} if position else set()
        if any((entry.lesson, entry.pupil) not in known for entry in self.entries):
            raise Foreign
        self._first_marks = {row["id"] for row in self.marks.values()}
        self._first_absences = {row["id"] for row in self.absences.values()}

    def _marks_of(self, place: tuple) -> list[tuple[tuple, dict]]:
        return sorted((key, self.marks[key]) for key in ((*place, position) for position in (1, 2, 3)) if key in self.marks)

    def _role(self, entry: Entry) -> str:
        """T for whoever fills in the lesson, CT for the class teacher of the pupil; Foreign for anybody else."""
        if allows(self.user, "write", self.lessons[entry.lesson]):
            return "T"
        if self._wards is None:
            self._wards = self._own_wards() if self.user.has("CT") else set()
        if entry.pupil not in self._wards:
            raise Foreign
        return "CT"

    def _own_wards(self) -> set[int]:
        rows = m.Enrolment.on(self.user.today).where(m.Enrolment.school_class.in_(self.user.classes)).select(m.Enrolment.pupil)
        return {pupil for pupil, in rows.tuples()}

    def _obstacle(self, lesson, entry: Entry) -> Decision | None:
        if (entry.lesson, entry.pupil) not in self.members:
            return _plain_refusal(_NOT_A_MEMBER, _NOTHING_CHANGED, _SEE_THE_OFFICE)
        return self.blocked(lesson)

    def _setting(self, lesson, pupil: int | None) -> tuple[int, int, PeriodFacts | None]:
        school_class = lesson.course.unit.school_class
        if school_class is None:
            return self._setting_in_stream(lesson, pupil)
        return _setting(school_class, school_class.period, lesson.closed, lesson.day)

    def _setting_in_stream(self, lesson, pupil):
        """Grade and period by the class that a member of a stream is in; of the lesson itself, any member's."""
        if lesson.id not in self._settings:
            today = (m.Period.starts <= lesson.day) & (m.Period.ends >= lesson.day)
            self._settings[lesson.id] = {
                row.pupil_id: _setting(row.school_class, getattr(row.school_class, "period", None), row.closed, lesson.day)
                for row in m.Enrolment.settings(lesson.course.unit, today).where(m.Enrolment.covers(lesson.day))}
        found = self._settings[lesson.id]
        return found.get(pupil) or next(iter(found.values()), (0, half_of("", 0, lesson.day), None))

    def _entered(self, place: tuple, was: Cell, new: Cell | str) -> datetime | None:
        """When the part of the cell that changes was first saved; None for a first entry."""
        rows = [row for _, row in self._marks_of(place)]
        if isinstance(new, Cell) and (new.marks, new.awaited) == (was.marks, was.awaited):
            rows = [self.absences[place[:2]]] if was.absence else []
        return min((row["entered_at"] for row in rows), default=None)

    def _lay(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, absence: dict, due: date | None) -> None:
        lesson, pupil, work = place
        self._lay_row(self.absences, (lesson, pupil), {"code": new.absence, **absence}, decision, entry,
                      {"model": m.Absence, "lesson": lesson, "pupil": pupil})
        values, beside = (*new.marks, *("." * new.awaited)), _is_beside(was, new)
        for position in (1, 2, 3):
            value = values[position - 1] if position <= len(values) else ""
            retaken = new.missed or beside and position > len(was.marks)
            self._lay_row(self.marks, (*place, position), {"value": value, "due": due if value == "." else None}, decision, entry,
                          {"model": m.Mark, "lesson": lesson, "pupil": pupil, "work": work, "position": position,
                           "protocol": self._paper(entry) if retaken and value != "." else None})

    def _lay_row(self, rows: dict, place: tuple, told: dict, decision: Decision, entry: Entry, more: dict) -> None:
        """Lay a row ready if what it tells differs from what stands; the first of `told` empty means none."""
        standing = rows.get(place)
        if not next(iter(told.values())):
            self._dirty[place] = rows.pop(place, {})
        elif standing is None or any(standing[name] != value for name, value in told.items()):
            rows[place] = self._dirty[place] = _judged(standing, self.by, self.rules, decision, entry) | more | told

    def _paper(self, entry: Entry):
        """The protocol of a retake, written once for a batch."""
        paper = read_paper(entry.protocol)
        if paper and paper not in self._papers:
            examiners = entry.protocol.get("examiners", "") if isinstance(entry.protocol, Mapping) else ""
            self._papers[paper] = m.Protocol.create(number=paper.number, day=paper.day, examiners=str(examiners)[:300]).id
        return self._papers.get(paper)

    def _begun(self, lesson: int) -> bool:
        return self.lessons[lesson].day <= _local_day(self.by.at, clock.zone())


def _held_still(ids: set, course: int | None):
    """The lessons of a batch; on PostgreSQL they are locked, on SQLite the transaction itself lets nobody else write."""
    query = m.Lesson.whole().where(m.Lesson.id.in_(list(ids)))
    if course is not None:
        query = query.where(m.Lesson.course == course)
    return query if m.is_sqlite() else query.order_by(m.Lesson.id).for_update("FOR UPDATE", of=m.Lesson)


_JUDGED = ("id", "entered_at", "entered_by", "late", "rule", "clause", "regulation", "reason")


def _standing(lessons: list[int], pupils: set, everybody: int | None, by: Actor, keys: list[str]):
    """(kind, lesson, pupil, work, position, value, row) of marks, absences, memberships and applied keys: one query.
    A membership's position says whether it holds on the lesson's day."""
    mark, absence, member, lesson, key = m.Mark, m.Absence, m.Membership, m.Lesson, m.CellKey
    nothing, empty = SQL("NULL"), SQL("''")
    unjudged = [Value(0), nothing, nothing, SQL("FALSE"), empty, empty, nothing, empty]

    def here(model):
        return model.lesson.in_(lessons) & (model.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE"))

    def judged(model):
        return [getattr(model, name) for name in _JUDGED]

    there = Case(None, [(member.covers(lesson.day), 1)], 0)
    bare = (nothing, nothing, empty)
    query = (mark.select(Value("mark").alias("what"), mark.lesson, mark.pupil, mark.work, mark.position, mark.value,
                         *judged(mark), mark.protocol, mark.due, empty).where(here(mark))
             .union_all(absence.select(Value("absence"), absence.lesson, absence.pupil, nothing, Value(0), absence.code,
                                       *judged(absence), absence.minutes, nothing, absence.document).where(here(absence)))
             .union_all(lesson.select(Value("member"), lesson.id, member.pupil, nothing, there, empty, *unjudged, *bare)
                        .join(m.Course).join(member, on=(member.unit == m.Course.unit)).where(
                            lesson.id.in_(lessons) & (member.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE")))))
    if keys:
        wrote = [key.wrote if name == "clause" else none for name, none in zip(_JUDGED, unjudged, strict=True)]
        query = query.union_all(key.select(Value("key"), Value(0), Value(0), nothing, Value(0), key.key, *wrote, *bare)
                                .where((key.person == by.person) & key.key.in_(keys)))
    told = {"mark": ("protocol", "due", ""), "absence": ("minutes", "", "document")}
    for what, of_lesson, pupil, work, position, value, *rest in query.tuples():
        row = dict(zip((*_JUDGED, *told.get(what, ("", "", ""))), rest, strict=True))
        row.pop("", None)
        yield what, of_lesson, pupil, work, position, value, row


def _works(ids: set) -> dict[int, m.Work]:
    if not ids:
        return {}
    return {work.id: work for work in m.Work.select(m.Work, m.WorkKind).join(m.WorkKind).where(m.Work.id.in_(list(ids)))}


def _setting(school_class, period, closed, day: date, ordered: date | None = None) -> tuple[int, int, PeriodFacts | None]:
    """(grade, half-year, period) of a class on a day, as the rules want them."""
    if period is None:
        return school_class.grade, half_of("", 0, day), None
    kind = period.period_set.kind
    return school_class.grade, half_of(kind, period.number, day), PeriodFacts(
        period.starts, period.ends, bool(closed), ordered, kind, period.name)


def _end_of_class_day(rules: Rules, lesson) -> datetime | None:
    """When the last lesson of the class that day ends, any subgroup's; asked only if homework is counted from it (HW-02)."""
    if not rules.value("entry.homework_deadline").startswith("class_day_end"):
        return None
    end = m.Lesson.last_of_day(lesson.course.unit, lesson.day)
    return clock.at(lesson.day, end) if end else None


def _meant(entry: Entry, was: Cell, scale: Scale) -> Cell | str:
    """What is to stand: a mark typed over a missed lesson is put beside it, for the absence stays recorded (ATT-07), and so is one
    that a protocol gives in place of a mark.
    What cannot be read is left as it was typed."""
    try:
        cell = read_cell(entry.value, scale)
    except m.Refused:
        return entry.value
    if read_paper(entry.protocol) and len(was.marks) == len(cell.marks) == 1 and not was.missed:
        return replace(cell, marks=(*was.marks, *cell.marks))
    return replace(cell, absence=was.absence) if was.missed and cell.marks and not cell.absence else cell


def _is_beside(was: Cell, new: Cell) -> bool:
    """Are marks added to those that stand, which stay?"""
    return 0 < len(was.marks) < len(new.marks) and new.marks[:len(was.marks)] == was.marks


def _judged(standing: dict | None, by: Actor, rules: Rules, decision: Decision, entry: Entry) -> dict:
    """The judged columns of a row: a first entry keeps its moment and whether it was late through all corrections."""
    first = standing or {"entered_at": by.at, "entered_by": by.person, "late": decision.late}
    spoken = decision if decision.rule or not standing else None
    verdict = {"rule": decision.rule, "clause": decision.clause, "regulation": rules.version} if spoken else {
        name: standing[name] for name in ("rule", "clause", "regulation")}
    kept = {name: first[name] for name in ("entered_at", "entered_by", "late")}
    identity = {"id": standing["id"]} if standing and "id" in standing else {}
    reason = (entry.reason or (standing or {}).get("reason", ""))[:300]
    return kept | verdict | identity | {"reason": reason, "typed_at": entry.typed_at}


def _row(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in ("id", "model")}


def _changed_meanwhile(was) -> m.Text:
    return _said(m.Text(m.N_("Somebody changed the cell meanwhile.")), _stands(was), m.Text(m.N_("Choose which to keep.")))


def _changed_below(standing: str) -> Decision:
    """A conflict over a text of the lesson: it is not what was looked at when this was typed."""
    text = _said(m.Text(m.N_("Somebody changed this meanwhile.")), _stands(standing) if standing else _NOTHING_CHANGED,
                 m.Text(m.N_("Choose which to keep.")))
    return Decision(False, "block", message=text, state="conflict", stands=standing)


def _plain_refusal(*parts) -> Decision:
    texts = [part if isinstance(part, m.Text) else m.Text(part) for part in parts]
    return Decision(False, "block", message=_said(*texts), state="refused")


def _keep_keys(by: Actor, outcomes, desks) -> None:
    applied = set().union(*(desk.applied for desk in desks))
    fresh = {outcome.entry.key: outcome.version for outcome in outcomes
             if outcome.entry.key and outcome.state in _WRITTEN and outcome.entry.key not in applied}
    if fresh:
        m.CellKey.keep(by, fresh)


# ---- the one way to change the journal: topic and homework ----

def _kind(kind: int | None):
    found = kind and m.WorkKind.get_or_none(m.WorkKind.id == kind)
    if kind and not found:
        raise Foreign
    return found or None


def _column_in_words(topic, _plan_topic, kind, work_topic) -> str:
    about = ", ".join(part for part in (str(kind or ""), work_topic) if part)
    return f"{topic} ({about})" if about else topic


def _topic_of_plan(lesson, plan_topic: int | None) -> int | None:
    """The topic's id when it belongs to the plan of the lesson's course."""
    if plan_topic is None:
        return None
    own = m.PlanTopic.select().where((m.PlanTopic.id == plan_topic) & (m.PlanTopic.plan == lesson.course.plan_id))
    return plan_topic if own.exists() else None


def _homework_text(homework, files) -> str:
    if homework is None:
        return ""
    return NOT_SET if homework.not_set else _in_words(homework.text, files)


def _in_words(text: str, files) -> str:
    """Homework as one text; files in brackets, which the rule on language passes over."""
    names = ", ".join(file.name for file in files)
    return f"{text} ({names})".strip() if names else text


def _same(column, value):
    return column.is_null() if value is None else column == value


def _write_homework(desk, lesson, standing, whole: str, decision: Decision, **values) -> None:
    row = vars(standing)["__data__"] if standing else None
    desk.sign([lesson.id])
    if not whole:
        m.Homework.put(desk.by, [], [standing.id] if standing else [])
        return
    judged = _judged(row, desk.by, desk.rules, decision, Entry(0, "", reason=values.pop("reason"), typed_at=desk.by.typed_at))
    m.Homework.put(desk.by, [_row(judged) | {"lesson": lesson.id, **values}])
    if lesson.state == "planned" and desk._begun(lesson.id):
        m.Lesson.hold(desk.by, [lesson.id])


def _write_files(lesson, files, kept, add, unit, pupil) -> None:
    gone = [file.id for file in files if file not in kept]
    if gone:
        m.Attachment.delete().where(m.Attachment.id.in_(gone)).execute()
    if add:
        homework = m.Homework.get((m.Homework.lesson == lesson) & _same(m.Homework.unit, unit) & _same(m.Homework.pupil, pupil))
        m.Attachment.insert_many([{"homework": homework.id, **vars(file)} for file in add]).execute()


# ---- the one way to change the journal: period marks ----

class _ResultDesk:
    """What a batch of period marks, or marks of the year, of one course needs, and what it will write. A place is
    (pupil, kind, period or None)."""

    def __init__(self, user: User, by: Actor, course: int, entries: list[Entry]):
        self.by, self.entries = by, entries
        self.rules = rules_on(_local_day(by.at, clock.zone()))
        if not allows(user, "edit", m.PeriodMark(course=course)):
            raise Foreign
        self.course = m.Course.whole().where(m.Course.id == course).first()
        yearly, pupils = any(entry.kind != "period" for entry in entries), {entry.pupil for entry in entries}
        self.settings = self._settings({entry.period for entry in entries if entry.period}, yearly)
        if any(_place_of(entry) not in self.settings for entry in entries):
            raise Foreign
        self.marks = m.Mark.weighted(course, pupils)
        self.results = results_of_pupils(list(m.PeriodMark.of_subject(
            self.course.subject_id, pupils, self.course.unit.year.starts - timedelta(days=366)).namedtuples()),
            self.course) if yearly else {}
        self.orders = m.ResultOrder.of_year(self.course.unit.year_id) if yearly else {}
        self.rows = {(row["pupil"], row["kind"], row["period"]): row for row in m.PeriodMark.select().where(
            (m.PeriodMark.course == course) & m.PeriodMark.pupil.in_(list(pupils))).dicts()}
        self.applied = m.CellKey.known(by, [entry.key for entry in entries if entry.key])
        self._first, self._dirty = {row["id"] for row in self.rows.values()}, {}

    def _settings(self, periods: set, yearly: bool) -> dict[tuple, m.Enrolment]:
        """Place → the enrolment with the class's period; the year stands in the last period of it."""
        when, found = m.Period.id.in_(list(periods)), {}
        for row in m.Enrolment.settings(self.course.unit, when | m.Period.is_last() if yearly else when):
            period = getattr(row.school_class, "period", None)
            if not _overlaps(row, period):
                continue
            found[row.pupil_id, "period", period.id] = row
            for kind in m.RESULT_KINDS[1:] if yearly else ():
                other = found.setdefault((row.pupil_id, kind, None), row)
                if other.school_class.period.ends <= period.ends:
                    found[row.pupil_id, kind, None] = row
        return found

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        kept = {row["id"] for row in self.rows.values() if "id" in row}
        if self._dirty:
            m.PeriodMark.put(self.by, [_row(row) for row in self._dirty.values() if row], self._first - kept)
        return outcomes

    def put(self, entry: Entry) -> Outcome:
        place = _place_of(entry)
        was = self.rows[place]["value"] if place in self.rows else ""
        value = read_result(entry.value, self.course.scale)
        if entry.key in self.applied:
            return Outcome(entry, "saved", was, wrote=self.applied[entry.key])
        if entry.seen not in (None, version_of(was)) and value != was:
            return Outcome(entry, "conflict", was, message=_changed_meanwhile(was))
        facts, average = self._facts(place)
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        decision = judge_period_mark(self.rules, facts, was, value, moment, reason=entry.reason)
        if decision.ok and value != was:
            self._lay(place, value, decision, entry, facts, average)
            was = value
        return Outcome(entry, decision.state, was, decision.rule, decision.clause, decision.message)

    def _facts(self, place: tuple) -> tuple[ResultFacts, Fraction | None]:
        pupil, kind, _period = place
        row = self.settings[place]
        period = row.school_class.period
        grade, half, facts = _setting(row.school_class, period, row.closed, period.starts, row.ordered)
        if kind != "period":
            ordered = self.orders.get((kind, row.school_class_id), self.orders.get((kind, None)))
            return year_result(kind, (grade, half, replace(facts, ordered=ordered)), self.results.get(pupil, []), self.course.scale)
        inside = [given for day, *given in self.marks.get(pupil, ()) if period.starts <= day <= period.ends]
        return period_result(self.rules, (grade, half, facts), inside, self.course)

    def _lay(self, place, value, decision, entry, facts, average) -> None:
        standing = self.rows.get(place)
        if not value:
            self._dirty[place] = {}
            del self.rows[place]
            return
        pupil, kind, period = place
        self.rows[place] = self._dirty[place] = _judged(standing, self.by, self.rules, decision, entry) | {
            "course": self.course.id, "pupil": pupil, "kind": kind, "period": period, "value": value,
            "computed": facts.computed, "average": "" if average is None else str(average)}


def _place_of(entry: Entry) -> tuple:
    return entry.pupil, entry.kind, entry.period if entry.kind == "period" else None


def _overlaps(enrolment, period) -> bool:
    return period is not None and enrolment.starts <= period.ends and (enrolment.ends is None or enrolment.ends >= period.starts)


# ---- thematic plans: hours against the curriculum, the one way to change a plan, compaction ----

MOST_TOPICS = 400


@dataclass(frozen=True)
class PlanRow:
    """A row of a plan as it was typed or stands; `id` None = a new one."""

    section: str
    topic: str
    hours: Decimal
    work_kind: str = ""
    homework: str = ""
    id: int | None = None

    @classmethod
    def of(cls, topic: m.PlanTopic) -> "PlanRow":
        return cls(*topic.words_of_row, topic.id)

    @property
    def told(self) -> tuple:
        return self.section, self.topic, self.hours, self.work_kind, self.homework

    @property
    def version(self) -> str:
        """A token of what the row says."""
        return version_of("\t".join((self.section, self.topic, in_hours(self.hours), self.work_kind, self.homework)))


@dataclass(frozen=True)
class PlanConflict:
    """A row that both changed since it was read; `mine` or `standing` None = taken out."""

    mine: PlanRow | None
    standing: PlanRow | None


def in_hours(hours) -> str:
    """«66», «0,5»"""
    return f"{float(hours):g}".replace(".", ",")


def difference(hours) -> str:
    """«+2», «−0,5»"""
    return f"{'−' if hours < 0 else '+'}{in_hours(abs(hours))}"


def plan_due(lines, subject: int) -> dict[str, Decimal]:
    """Class name → hours a year of a subject by these lines of the curriculum; parts of the curriculum are added up."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.subject_id == subject:
            found[line.school_class.name] = found.get(line.school_class.name, Decimal(0)) + line.hours
    return found


def judge_plan(rules: Rules, hours, due: Mapping[str, Decimal]) -> Decision:
    """Do the hours of a plan equal those of the curriculum, by class (PLN-03)? A refusal stands against the approval only:
    the plan itself is kept, and told."""
    rule, odd = rules["plan.hours_must_match"], {name: of for name, of in due.items() if of != hours}
    if not rule.value or rule.severity == "off" or not odd:
        return Decision()
    classes = ", ".join(f"{name}: {in_hours(of)} ({difference(hours - of)})" for name, of in odd.items())
    what = m.Text(m.N_("The plan has %(hours)s h and does not match the curriculum: %(classes)s."), hours=in_hours(hours),
                  classes=classes)
    todo = m.Text(m.N_("Bring the hours to the curriculum."))
    if rule.severity == "block":
        return _refused(rules, rule, what, m.Text(m.N_("The plan is kept, it cannot be approved so.")), todo)
    return Decision(True, rule.severity, rule.key, rule.clause, _said(what, _clause(rules, rule), todo))


def plan_paces(courses, year: m.Year, today: date) -> dict[int, Pace]:
    """Course id → how it goes through its plan by `today` (reports.md 3.12), of those courses (ids) that have one; three queries."""
    hours: dict[int, list] = {}
    for course, *row in m.Lesson.hours_by_now(courses, year, today):
        hours.setdefault(course, []).append(row)
    return {course: pace(topics, *_lesson_hours(hours.get(course, ()))) for course, topics in m.PlanTopic.tallies(courses).items()}


def _lesson_hours(rows) -> tuple[int, int, int]:
    """(scheduled until now, held, still to come without a topic). A lesson moved or added by hand is no part of the
    schedule, unless the course has no other ones."""
    by_hand_only = all(by_hand for _over, _state, by_hand, _topic, _hours in rows)
    scheduled = sum(n for over, _state, by_hand, _topic, n in rows if over and (by_hand_only or not by_hand))
    held = sum(n for over, state, _by_hand, _topic, n in rows if over and state == "held")
    ahead = sum(n for over, state, _by_hand, topic, n in rows if not over and state == "planned" and not topic)
    return scheduled, held, ahead


def approve_plan(user: User, by: Actor, plan: m.Plan, due: Mapping[str, Decimal]) -> Decision:
    """Approve a plan whose hours allow it (PLN-03); `due` as in judge_plan. Raises Foreign."""
    if not allows(user, "approve", plan):
        raise Foreign
    hours = sum((topic.hours for topic in plan.in_order()), Decimal(0))
    decision = judge_plan(rules_on(_local_day(by.at, clock.zone())), hours, due)
    if decision.ok:
        plan.approved_at, plan.approved_by = by.at, by.person
        with m.writing(by):
            plan.save(only=[m.Plan.approved_at, m.Plan.approved_by])
    return decision


def put_plan(user: User, by: Actor, plan: int, rows: list[PlanRow], known: Mapping[int, str], *, reason: str = "",
             **head) -> list[PlanConflict]:
    """Write the whole table of a plan and its `head` (name, shared). `known` are id → version of the rows as they were read:
    what a colleague changed meanwhile is kept, and where both changed a row nothing is written and the conflicts are told.
    A topic that lessons were given by goes only with a reason (Refused). Raises Foreign."""
    with m.writing(by, reason):
        row = _plan_held_still(user, plan)
        standing = {topic.id: PlanRow.of(topic) for topic in row.in_order()}
        merged, conflicts = merged_plan(rows, known, standing)
        if conflicts:
            return conflicts
        gone = standing.keys() - {each.id for each in merged}
        if gone and not reason.strip():
            _refuse_if_given(gone)
        row.lay(by, [(each.id, *each.told) for each in merged], reason)
        changed = [name for name, value in head.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, head[name])
        if changed:
            row.save(only=[getattr(m.Plan, name) for name in changed])
    return []


def merged_plan(rows: list[PlanRow], known: Mapping[int, str], standing: Mapping[int, PlanRow]) -> tuple[list, list[PlanConflict]]:
    """(rows as they become, conflicts) of a table typed over what was read, with what stands now."""
    mine = {row.id: row for row in rows if row.id in known}
    became, conflicts = dict(standing), []
    for number, version in known.items():
        own, theirs = mine.get(number), standing.get(number)
        touched, moved_on = own is None or own.version != version, theirs is None or theirs.version != version
        if touched and moved_on and (own and own.version) != (theirs and theirs.version):
            conflicts.append(PlanConflict(own, theirs))
        became[number] = own if touched else theirs
    for place, row in enumerate(rows):
        if row.id not in known:
            became[_new(place)] = replace(row, id=None)
    typed = [row.id if row.id in known else _new(place) for place, row in enumerate(rows)]
    order = _woven(typed, list(standing), list(known))
    return [became[key] for key in order if became.get(key)], conflicts


def _new(place: int) -> str:
    return f"new {place}"


def _woven(typed: list, standing: list, known: list) -> list:
    """The order of both: of whoever moved rows (of the typed table when both did); what only the other has comes after what
    stood above it there."""
    def order(keys, among):
        return [key for key in keys if key in among]

    common = set(typed) & set(standing) & set(known)
    only_they_moved = order(typed, common) == order(known, common) != order(standing, common)
    whole, other = (standing, typed) if only_they_moved else (typed, standing)
    whole = list(whole)
    for place, key in enumerate(other):
        if key not in whole:
            above = other[place - 1] if place else None
            whole.insert(whole.index(above) + 1 if above in whole else 0, key)
    return whole


def _plan_held_still(user: User, plan: int) -> m.Plan:
    """The plan, for whoever may edit it; on PostgreSQL locked, on SQLite nobody else writes in the transaction."""
    query = visible(user, m.Plan).where(m.Plan.id == plan)
    row = (query if m.is_sqlite() else query.for_update()).first()
    if row is None or not allows(user, "edit", row):
        raise Foreign
    return row


def _refuse_if_given(topics) -> None:
    given = m.Lesson.select(m.Lesson, m.PlanTopic, m.Course, m.Unit).join(m.PlanTopic).switch(m.Lesson).join(m.Course).join(
        m.Unit).where(m.Lesson.plan_topic.in_(list(topics))).order_by(m.Lesson.day).first()
    if given:
        raise m.Refused(m.Text(m.N_("The topic «%(topic)s» is given already: %(unit)s, %(day)s. Write why it is taken out; the "
                                    "lessons keep their words."), topic=given.plan_topic.topic, unit=given.course.unit.name,
                               day=given.day), "reason")


def give_plan(user: User, by: Actor, plan: m.Plan, courses: set[int], among) -> None:
    """Of the courses `among` (rows the user gives plans to) those of `courses` live by the plan from now on; the others of
    them no longer do. Raises Foreign for a course that is not among them."""
    own = {course.id: course for course in among if allows(user, "plan", course)}
    if not courses <= own.keys():
        raise Foreign
    left = [number for number, course in own.items() if course.plan_id == plan.id and number not in courses]
    taken = [number for number in courses if own[number].plan_id != plan.id]
    with m.writing(by):
        m.Course.update(plan=None).where(m.Course.id.in_(left)).execute()
        m.Course.update(plan=plan).where(m.Course.id.in_(taken)).execute()


def correct_plan(user: User, by: Actor, course: m.Course, wishes: Mapping[int, tuple[Decimal, bool]], reason: str) -> int:
    """Compaction (PLN-04): topic id → (hours in this course, given together with the topic above). What is covered stays as
    it is. Returns how many topics changed; raises Foreign, and Refused with the id of the topic as its field."""
    if not allows(user, "plan", course):
        raise Foreign
    wanted, gone, host, covered = [], [], None, set()
    for row in m.PlanTopic.of_course(course):
        with_above = row.correction.joined_to_id if row.correction else None
        if with_above in covered or not with_above and row.given >= row.needs:
            covered.add(row.id)
            host = None
            continue
        hours, join = wishes.get(row.id, (row.needs, with_above is not None))
        became = _corrected(row, hours, host if join else row)
        stands = (row.correction.hours, with_above) if row.correction else (row.hours, None)
        if became != stands and became == (row.hours, None):
            gone.append(row.id)
        elif became != stands:
            wanted.append({"topic": row.id, "hours": became[0], "joined_to": became[1]})
        host = host if join else row
    if wanted or gone:
        m.PlanCorrection.put(by, course, wanted, gone, reason)
    return len(wanted) + len(gone)


def _corrected(row, hours: Decimal, host) -> tuple[Decimal, int | None]:
    """(hours, topic it is joined to) of a topic given with `host`, itself when it stands alone; Refused when that cannot be."""
    least = max(Decimal(row.given), Decimal("0.5"))
    if host is None:
        raise m.Refused(m.Text(m.N_("«%(topic)s» has no topic above it that is still to be given: it cannot be given together with "
                                    "one."), topic=row.topic), str(row.id))
    if host is not row and row.given:
        raise m.Refused(m.Text(m.N_("A lesson is given by «%(topic)s» already: it stands by itself."), topic=row.topic), str(row.id))
    if host is row and hours < least:
        raise m.Refused(m.Text(m.N_("«%(topic)s» needs at least %(hours)s h: a topic is not left out, it is given together with "
                                    "another."), topic=row.topic, hours=in_hours(least)), str(row.id))
    return (hours, None) if host is row else (Decimal(0), host.id)
