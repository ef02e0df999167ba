"""Who may: the gate over every table.

A `User` (roles on a day), SCOPES (what a user sees of each table, as a query), RULES (what a user may do to a record), SCREENS
(which administrative screens a role has). Deny is the default; an unknown key raises. Lists, object checks, look-ups, exports and
printouts all start from `visible`, so they cannot disagree.

What may be written is said by the school's regulation: `rulebook.rules` reads it, `rulebook.verdicts` judges a change of
`rulebook.facts` by it, `rulebook.words` says it to people. `rulebook.journal` is the one way to change the journal, `rulebook.plans`
a thematic plan; `rulebook.results` knows what period marks rest on and what keeps a period open.
`user` and `now` are arguments; nothing here knows the request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from peewee import Case, SQL, Value, fn

import clock
import models as m
from rulebook.checks import clause_in_words, said
from rulebook.facts import Decision
from rulebook.rules import Rules, rules_on, schema
from rulebook.words import value_in_words

# ---- who ----

READERS = frozenset({"DIR", "ZAV", "ADM", "SEC"})  # see the whole journal (ACC-07; SEC prints and certifies it, ARC-05)
LEADERS = frozenset({"DIR", "ZAV"})
RULES_DESK = ("DIR", "ADM")  # see who has accepted the rules of confidentiality (SEC-08)
HELP_DESK = ("ADM", "DIR", "ZAV")  # answer tickets, keep papers, links and the log of interruptions (CTL-16, LEG-11, CTL-20, PLN-07)
BREACH_DESK = ("DIR", "ZAV", "ADM")  # confirm reports of a breach and register who was told (SEC-11)
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
    leaves: tuple[int, ...] = ()   # ids of own corrections allowed until about now: see rulebook.leaves
    unread: int = 0                # messages not read yet, for the menu

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF)

    @property
    def reads_all(self) -> bool:
        return not self.roles.isdisjoint(READERS)

    @cached_property
    def rules(self) -> Rules:
        """The regulation in force for this user's day; one query at the first question."""
        return rules_on(self.today)


def user_of(person: int, name: str, today: date, account: int | None = None) -> User:
    """The person's roles in force on `today`, from appointments, teaching, families and enrolment; one query."""
    roles, classes, pupils, taught, substituted, leaves, unread = set(), set(), set(), {}, set(), [], 0
    for role, ref, starts, ends in _standing_of(person, today, today - timedelta(1)):
        if role == "LEAVE":
            leaves.append(ref)
            continue
        if role == "MAIL":
            unread = ref
            continue
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
                frozenset(substituted), tuple(sorted(leaves)), unread)


@m.prepared
def _standing_of(person, today, lately):
    """(role, class or course or pupil or lesson, first day, last day) of everything a person is. Corrections of the person that hold
    longer than the beginning of the day before, in whatever zone, are among it, and how many messages the person has not read."""
    nothing = (SQL("NULL"), SQL("NULL"))
    return (m.Assignment.select(Value("T").alias("role"), m.Assignment.course, m.Assignment.starts, m.Assignment.ends).where(
                m.Assignment.teacher == person)
            .union_all(m.Appointment.on(today).where(m.Appointment.person == person).select(
                m.Appointment.role, m.Appointment.school_class, *nothing))
            .union_all(m.Guardianship.on(today).where(m.Guardianship.guardian == person).select(
                Value("PAR"), m.Guardianship.pupil, *nothing))
            .union_all(m.Pupil.select(Value("STU"), m.Pupil.id, *nothing).where(m.Pupil.person == person))
            .union_all(m.Substitution.select(Value("SUB"), m.Substitution.lesson, *nothing).where(
                m.Substitution.substitute == person))
            .union_all(m.CorrectionDecision.select(Value("LEAVE"), m.Correction.id, *nothing).join(m.Correction).where(
                (m.Correction.asked_by == person) & m.CorrectionDecision.allowed & (m.CorrectionDecision.until >= lately)))
            .union_all(m.Receipt.select(Value("MAIL"), fn.COUNT(m.Receipt.id), *nothing).where(
                (m.Receipt.person == person) & m.Receipt.read_at.is_null()))).tuples()


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


def sees_whole_journal(user: User, course: int) -> bool:
    """Teaches or taught this course, or reads every journal: all of it is seen, and no query has to ask for the ways to it."""
    return course in user.taught or user.reads_all


def without_family(user: User) -> User:
    """The same person at work only: a teacher's journals do not widen by being a parent in the class."""
    return replace(user, roles=user.roles - FAMILY, pupils=())


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
        ways.append(m.PeriodMark.pupil.in_(user.pupils) & ~kept_from_family(user.rules))
    return m.PeriodMark.select().where(_any(ways))


def publish_limit(rules: Rules) -> timedelta | None:
    """How long a period mark may be held back from the family, from its saving (FIN-12, FIN-13); None without a limit. A month has
    30 days."""
    rule = rules["final.publish_limit"]
    found = re.fullmatch(r"P(?:(\d+)(D|WD|M)|T(\d+)H)", rule.value) if rule.severity != "off" else None
    if found is None:
        return None
    return timedelta(hours=int(found[3])) if found[3] else timedelta(days=int(found[1]) * (30 if found[2] == "M" else 1))


def kept_from_family(rules: Rules):
    """The condition that a family does not see a period mark yet: a hold stands over it and it is younger than the limit, counted from
    its saving, for results of an exam from the moment they came. Without a limit a hold hides until it is lifted."""
    limit = publish_limit(rules)
    if limit is None:
        return m.ResultHold.covering()
    came = m.Course.select(m.Course.exam_received_at).where(m.Course.id == m.PeriodMark.course)
    known = Case(None, [(m.PeriodMark.kind == "exam", fn.COALESCE(came, m.PeriodMark.entered_at))], m.PeriodMark.entered_at)
    return m.ResultHold.covering() & (known > m.PeriodMark.entered_at.db_value(clock.now() - limit))


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


def _checks(user: User):
    """Own ones and those of the own class; the administration all."""
    own = (m.Confirmation.person == user.person) | m.Confirmation.school_class.in_(user.classes)
    return m.Confirmation.select() if user.reads_all else m.Confirmation.select().where(own & SQL("1 = 1" if user.is_staff else "1 = 0"))


def _portfolio(user: User):
    """Own items, and those that others share with oneself (ACC-16); nobody reads all, the administrator neither."""
    if not user.is_staff:
        return _nothing(m.PortfolioItem)(user)
    shared = m.PortfolioReader.select(m.PortfolioReader.item).where(m.PortfolioReader.person == user.person)
    return m.PortfolioItem.select().where((m.PortfolioItem.person == user.person) | m.PortfolioItem.id.in_(shared))


def _findings(user: User):
    """Remarks written to oneself or by oneself, and those about the own class; leaders see all (CTL-03)."""
    if user.has(*LEADERS):
        return m.JournalRemark.select()
    own = (m.JournalRemark.person == user.person) | (m.JournalRemark.author == user.person) | m.JournalRemark.school_class.in_(user.classes)
    return m.JournalRemark.select().where(own & SQL("1 = 1" if user.is_staff else "1 = 0"))


def _corrections(user: User):
    """Requests to correct what is closed: leaders, the office and the administrator all, everybody else the own."""
    return m.Correction.select() if user.reads_all else m.Correction.select().where(m.Correction.asked_by == user.person)


def _of_correction(model):
    return lambda user: model.select().where(model.correction.in_(_corrections(user).select(m.Correction.id)))


def _alerts(user: User):
    """Alerts about pupils: who teaches the journal, the class teacher of the pupil, leaders all (ATT-08)."""
    if user.has(*LEADERS, "ADM"):
        return m.PupilAlert.select()
    ways = [m.PupilAlert.course.in_(list(user.taught))] if user.taught else []
    if user.classes:
        wards = m.Enrolment.on(user.today).where(m.Enrolment.school_class.in_(user.classes)).select(m.Enrolment.pupil)
        ways.append(m.PupilAlert.pupil.in_(wards))
    return m.PupilAlert.select().where(_any(ways))


def _requests_seen(user: User):
    """Requests to correct lists: own ones, those of the own class, and for the administration all."""
    rows = m.ListRequest.select()
    return rows if user.reads_all else rows.where((m.ListRequest.asked_by == user.person) | m.ListRequest.school_class.in_(user.classes))


def _tickets(user: User):
    """The desk sees what everybody asks, anybody else the own questions."""
    return m.Ticket.select() if user.has(*HELP_DESK) else m.Ticket.select().where(m.Ticket.asked_by == user.person)


def _resources(user: User):
    """Links for everybody, and those for whom one is; staff see all, so that they can recommend them."""
    return m.Resource.select() if user.is_staff else m.Resource.select().where(m.Resource.whom != "staff")


def _conversations(user: User):
    """Those one takes part in; nobody else reads them, whatever the office."""
    reached = m.Message.select(m.Message.conversation).join(m.Receipt).where(m.Receipt.person == user.person)
    return m.Conversation.select().where((m.Conversation.author == user.person) | m.Conversation.id.in_(reached))


def _receipts(user: User):
    """What came to oneself, and who has read what one wrote."""
    own = m.Message.select(m.Message.id).where(m.Message.author == user.person)
    return m.Receipt.select().where((m.Receipt.person == user.person) | m.Receipt.message.in_(own))


def board(user: User):
    """Announcements that stand today and are for this person: of the own role, and of the whole school, the own parallel, class or
    course (ACC-15)."""
    row, whom = m.Announcement, []
    whom += ["parents"] if user.has("PAR") else []
    whom += ["pupils"] if user.has("STU") else []
    whom += ["families", "all"] if whom else []
    classes = m.Enrolment.on(user.today).where(m.Enrolment.pupil.in_(user.pupils)).select(m.Enrolment.school_class)
    courses = m.Course.select(m.Course.id).where(m.Course.unit.in_(
        m.Membership.on(user.today).where(m.Membership.pupil.in_(user.pupils)).select(m.Membership.unit)))
    anywhere = row.school_class.is_null() & row.course.is_null() & row.grade.is_null()
    here = anywhere | row.school_class.in_(classes) | row.course.in_(courses) | row.grade.in_(
        m.SchoolClass.select(m.SchoolClass.grade).where(m.SchoolClass.id.in_(classes)))
    ways = [row.whom.in_(whom) & here] if whom else []
    ways += [row.whom.in_(("staff", "all"))] if user.is_staff else []
    return row.on(user.today).where(_any(ways))


def _announcements(user: User):
    """What stands on the own board, what one wrote, and for the administration all."""
    if user.reads_all:
        return m.Announcement.select()
    here = board(user).select(m.Announcement.id)
    return m.Announcement.select().where((m.Announcement.author == user.person) | m.Announcement.id.in_(here))


def _announcement_readings(user: User):
    own = m.Announcement.select(m.Announcement.id).where(m.Announcement.author == user.person)
    return m.AnnouncementReading.select().where((m.AnnouncementReading.person == user.person) | m.AnnouncementReading.announcement.in_(own))


SCOPES = {
    m.School: _everybody(m.School), m.Year: _everybody(m.Year), m.PeriodSet: _everybody(m.PeriodSet),
    m.Period: _everybody(m.Period), m.BellSet: _everybody(m.BellSet), m.Bell: _everybody(m.Bell),
    m.BellUse: _everybody(m.BellUse), m.Holiday: _everybody(m.Holiday), m.Subject: _everybody(m.Subject),
    m.WorkKind: _everybody(m.WorkKind), m.KindWeight: _everybody(m.KindWeight), m.AbsenceCode: _everybody(m.AbsenceCode),
    m.MarkScale: _everybody(m.MarkScale),
    m.Room: _everybody(m.Room), m.Regulation: _everybody(m.Regulation),
    m.RegulationVersion: _everybody(m.RegulationVersion),
    m.RegulationDraft: _only("ADM", "DIR", "ZAV")(m.RegulationDraft), m.RegulationReading: _only("ADM", "DIR", "ZAV")(m.RegulationReading),
    m.ListRequest: _requests_seen,
    m.SchoolClass: _classes, m.Unit: _units, m.SubgroupSet: _staff(m.SubgroupSet),
    m.CurriculumLine: _staff(m.CurriculumLine), m.Plan: _plans, m.PlanCorrection: _by_course(m.PlanCorrection),
    m.PlanDate: _by_course(m.PlanDate),
    m.PlanTopic: lambda user: m.PlanTopic.select().where(m.PlanTopic.plan.in_(_plans(user).select(m.Plan.id))),
    m.Timetable: _staff(m.Timetable), m.Slot: _staff(m.Slot), m.Employee: _staff(m.Employee),
    m.Person: _people, m.Account: _accounts, m.Pupil: _pupils, m.Guardianship: _guardianships,
    m.Appointment: _staff(m.Appointment), m.Movement: _of_pupil(m.Movement), m.Enrolment: _of_pupil(m.Enrolment),
    m.UnitMember: _of_pupil(m.UnitMember), m.Membership: _of_pupil(m.Membership),
    m.Course: _courses, m.Assignment: _by_course(m.Assignment), m.Lesson: _lessons, m.Work: _by_lesson(m.Work),
    m.Homework: _homework, m.Material: _by_lesson(m.Material),
    m.Attachment: lambda user: m.Attachment.select().where(
        m.Attachment.homework.in_(SCOPES[m.Homework](user).select(m.Homework.id))),
    m.Mark: _entries(m.Mark), m.Absence: _entries(m.Absence), m.Remark: _entries(m.Remark),
    m.Excuse: _excuses,
    m.Protocol: lambda user: m.Protocol.select().where(m.Protocol.id.in_(
        SCOPES[m.Mark](user).select(m.Mark.protocol))),
    m.Substitution: _by_lesson(m.Substitution), m.PeriodMark: _period_marks,
    m.ResultOrder: _staff(m.ResultOrder),
    m.Deferral: lambda user: m.Deferral.select().where(m.Deferral.mark.in_(
        _period_marks(replace(user, substituted=frozenset())).select(m.PeriodMark.id))),
    m.PeriodClosure: _everybody(m.PeriodClosure),
    m.ResultHold: _everybody(m.ResultHold), m.JournalSignature: _by_course(m.JournalSignature),
    m.Correction: _corrections, m.CorrectionDecision: _of_correction(m.CorrectionDecision),
    m.CorrectionCell: _of_correction(m.CorrectionCell),
    m.Invitation: _credentials(m.Invitation), m.CredentialIssue: _credentials(m.CredentialIssue),
    m.Notice: lambda user: m.Notice.select().where(m.Notice.person == user.person),
    m.PortfolioItem: _portfolio,
    m.PortfolioReader: lambda user: m.PortfolioReader.select().where(m.PortfolioReader.item.in_(
        m.PortfolioItem.select(m.PortfolioItem.id).where(m.PortfolioItem.person == user.person))),
    m.Confirmation: _checks, m.JournalRemark: _findings, m.Training: _staff(m.Training), m.TrainingVisit: _staff(m.TrainingVisit),
    m.Ticket: _tickets, m.TicketStep: lambda user: m.TicketStep.select().where(m.TicketStep.ticket.in_(_tickets(user).select(m.Ticket.id))),
    m.Paper: lambda user: m.Paper.select() if user.has(*HELP_DESK) else m.Paper.standing(),
    m.Resource: _resources, m.Outage: _only(*HELP_DESK)(m.Outage),
    m.Conversation: _conversations,
    m.Message: lambda user: m.Message.select().where(m.Message.conversation.in_(_conversations(user).select(m.Conversation.id))),
    m.Receipt: _receipts, m.Announcement: _announcements, m.AnnouncementReading: _announcement_readings,
    m.Breach: _only(*BREACH_DESK)(m.Breach), m.BreachNotice: _only(*BREACH_DESK)(m.BreachNotice),
    m.BreachOperation: _only(*BREACH_DESK)(m.BreachOperation), m.BreachAct: _only(*BREACH_DESK)(m.BreachAct),
    m.ImportRun: _only("ADM")(m.ImportRun), m.Act: _only("ADM", "DIR")(m.Act), m.History: _only("ADM", "DIR")(m.History),
    m.ConfidentialityRules: _everybody(m.ConfidentialityRules),
    m.RulesAcceptance: lambda user: m.RulesAcceptance.select() if user.has(*RULES_DESK) else m.RulesAcceptance.select().where(
        m.RulesAcceptance.account == user.account),
    m.SignInOverlap: lambda user: m.SignInOverlap.select() if user.has("ADM") else m.SignInOverlap.select().where(
        m.SignInOverlap.account == user.account),
    m.PupilAlert: _alerts,
    m.AlertTold: lambda user: m.AlertTold.select().where(m.AlertTold.alert.in_(_alerts(user).select(m.PupilAlert.id))),
    m.ActivityReport: _only("ADM", "DIR", "ZAV")(m.ActivityReport), m.Backup: _only("ADM", "DIR", "ZAV")(m.Backup),
    m.UseDay: _nothing(m.UseDay),
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


def enters_reasons(user: User, entry=None) -> bool:
    """Does the regulation name the user's office among those who enter reasons of absence (ATT-06)?"""
    return bool(user.roles & {"ADM", "ZAV"} & set(user.rules.value("rights.absence_reason_editor")))


def puts_off(user: User, deferral) -> bool:
    """Marks are put off by whoever puts them, or by the administration for all subjects at once (FIN-08, FIN-09)."""
    return user.has(*LEADERS) or writes_period_marks(user, deferral.mark)


def own_family(user: User, pupil) -> bool:
    """Is it the user's own child, or the user as a pupil (ACC-02)?"""
    return pupil.id in user.pupils


def leads_class_of_pupil(user: User, pupil) -> bool:
    """Is the pupil in a class of this class teacher today?"""
    return _in_own_class(user, pupil.id)


def asked_for(user: User, request) -> bool:
    """Is it the user's own request?"""
    return request.asked_by_id == user.person


def leads_class(user: User, school_class) -> bool:
    """Is this the user's own class today?"""
    return school_class.id in user.classes


def is_addressed(user: User, entry) -> bool:
    """Was it written to this person?"""
    return entry.person_id == user.person


def watches_pupils(user: User, school_class) -> bool:
    """Does the regulation let the administration look by name how pupils and parents use the journal (CTL-13)?"""
    return user.has(*LEADERS, "ADM") and user.rules.value("security.admin_monitors_students")


def controls(user: User, check) -> bool:
    """Does the regulation name one of the user's roles as who checks the keeping of the journal (CTL-01)?"""
    return user.has(*user.rules.value("control.interval")["by"])


def _in_own_class(user: User, pupil: int) -> bool:
    return bool(user.classes) and m.Enrolment.on(user.today).where(
        m.Enrolment.school_class.in_(user.classes) & (m.Enrolment.pupil == pupil)).exists()


def resets_account(user: User, account) -> bool:
    """The administrator any account; a class teacher those of own pupils and their guardians, never of staff."""
    return account.person_id in hands_out_to(user, [account.person_id])


def judges_breach(user: User, breach) -> bool:
    """The head or the administrator approves an act of breach or declines it (SEC-14), never in the case of the own account."""
    return user.has("DIR", "ADM") and breach.account_id != user.account


def declines_breach(user: User, breach) -> bool:
    """One of the desk says that a report does not hold; a confirmed one only who judges it. Never of the own account."""
    if breach.confirmed_at:
        return judges_breach(user, breach)
    own = m.Account.select().where((m.Account.id == user.account) & (fn.LOWER(m.Account.login) == breach.said_account.strip().lower()))
    return user.has(*BREACH_DESK) and not own.exists()


# ---- who may write to whom (ACC-14) ----

LENT = timedelta(days=7)  # so long after a lesson given in somebody's place a substitute and its families may write to each other


def _of_families(pupils, day: date):
    """The condition that a person is one of these pupils (ids), or answers for one."""
    return m.Person.id.in_(m.Pupil.select(m.Pupil.person).where(m.Pupil.id.in_(pupils))) | m.Person.id.in_(
        m.Guardianship.on(day).where(m.Guardianship.pupil.in_(pupils)).select(m.Guardianship.guardian))


def courses_given(user: User):
    """Courses the user teaches today, or gave a lesson of lately in somebody's place."""
    lent = m.Lesson.select(m.Lesson.course).where(m.Lesson.id.in_(user.substituted) & m.Lesson.day.between(user.today - LENT, user.today))
    taught = [course for course in user.taught if teaches(user, course, user.today)]
    return m.Course.select().where(m.Course.id.in_(taught) | m.Course.id.in_(lent))


def _families_taught(user: User):
    units = courses_given(user).select(m.Course.unit)
    return _of_families(m.Membership.on(user.today).where(m.Membership.unit.in_(units)).select(m.Membership.pupil), user.today)


def _families_led(user: User):
    return _of_families(m.Enrolment.on(user.today).where(m.Enrolment.school_class.in_(user.classes)).select(m.Enrolment.pupil), user.today)


def _families(user: User):
    return _of_families(m.Enrolment.on(user.today).select(m.Enrolment.pupil), user.today)


def _colleagues(user: User):
    return m.Person.id.in_(m.Employee.select(m.Employee.person).where(m.Employee.left.is_null() | (m.Employee.left >= user.today)))


def _own_teachers(user: User):
    units = m.Membership.on(user.today).where(m.Membership.pupil.in_(user.pupils)).select(m.Membership.unit)
    courses = m.Course.select(m.Course.id).where(m.Course.unit.in_(units))
    lent = m.Substitution.select(m.Substitution.substitute).join(m.Lesson).where(
        m.Lesson.course.in_(courses) & m.Lesson.day.between(user.today - LENT, user.today))
    return m.Person.id.in_(lent) | m.Person.id.in_(m.Assignment.on(user.today).where(
        m.Assignment.course.in_(courses)).select(m.Assignment.teacher))


def _own_class_teachers(user: User):
    classes = m.Enrolment.on(user.today).where(m.Enrolment.pupil.in_(user.pupils)).select(m.Enrolment.school_class)
    return m.Person.id.in_(m.Appointment.on(user.today).where(
        (m.Appointment.role == "CT") & m.Appointment.school_class.in_(classes)).select(m.Appointment.person))


def _administration(user: User):
    return m.Person.id.in_(m.Appointment.on(user.today).where(m.Appointment.role.in_(sorted(READERS))).select(m.Appointment.person))


# Role → whom it may write to.
CORRESPONDENTS = {
    **dict.fromkeys(FAMILY, (_own_teachers, _own_class_teachers, _administration)),
    **dict.fromkeys(("T", "MAS"), (_families_taught, _colleagues)), "CT": (_families_led, _colleagues),
    **dict.fromkeys(READERS, (_families, _colleagues)),
}


def writable(user: User):
    """A query of the people the user may write to; families only where the regulation lets them write (ACC-03)."""
    roles = user.roles if user.rules.value("rights.parent_messaging") else user.roles - FAMILY
    ways = dict.fromkeys(way for role in sorted(roles & CORRESPONDENTS.keys()) for way in CORRESPONDENTS[role])
    return m.Person.select().where(_any([way(user) for way in ways]) & (m.Person.id != user.person))


def writes_to(user: User, talk) -> bool:
    """May the user begin this conversation? A family only about the own child, staff about a pupil only with its family."""
    if talk.person_id is None:
        return writes_to_group(user, talk)
    about = replace(user, pupils=(talk.pupil_id,)) if talk.pupil_id in user.pupils else without_family(user) if talk.pupil_id else user
    people = writable(about).where(m.Person.id == talk.person_id)
    if talk.pupil_id and talk.pupil_id not in user.pupils:
        if find(about, m.Pupil, talk.pupil_id) is None:
            return False
        people = people.where(_of_families([talk.pupil_id], user.today))
    return people.exists() and (talk.lesson_id is None or find(about, m.Lesson, talk.lesson_id) is not None)


def writes_to_group(user: User, talk) -> bool:
    """The families of a class: its class teacher; of a course: who gives it; of any, and to the staff: the administration."""
    if talk.discussion and not user.rules.value("rights.discussions"):
        return False
    if talk.whom == "staff":
        return user.reads_all and talk.school_class_id is None and talk.course_id is None
    if talk.whom not in ("families", "parents", "pupils"):
        return False
    if talk.course_id:
        return user.reads_all or courses_given(user).where(m.Course.id == talk.course_id).exists()
    return talk.school_class_id is not None and (user.reads_all or talk.school_class_id in user.classes)


def answers_in(user: User, talk) -> bool:
    """May the user write on in this conversation: is who reads it still somebody the user may write to?"""
    if talk.author_id == user.person and talk.person_id is None:
        return writes_to_group(user, talk)
    if talk.discussion and not user.rules.value("rights.discussions"):
        return False
    return writable(user).where(m.Person.id == talk.other(user.person)).exists()


def announces(user: User, row) -> bool:
    """Class teachers to the own class, teachers to the own course, the administration to anybody (ACC-15)."""
    places = [row.school_class_id, row.course_id, row.grade]
    if row.whom in ("staff", "all"):
        return user.reads_all and not any(places)
    if row.whom not in m.WHOM or len([place for place in places if place]) > 1:
        return False
    if user.reads_all:
        return True
    return row.school_class_id in user.classes if row.school_class_id else bool(row.course_id) and teaches(user, row.course_id, user.today)


def wrote(user: User, row) -> bool:
    return row.author_id == user.person


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


def asks_about_own_class(user: User, request) -> bool:
    """Who leads the class tells what has to be corrected in it (CNT-04)."""
    return request.school_class_id in user.classes


def _anothers_request(user: User, request) -> bool:
    return request.school_class_id in user.classes and request.asked_by_id != user.person


def _own_group(user: User, member) -> bool:
    """A pupil of the own class, or a group that one teaches."""
    if member.pupil_id is None and member.unit_id is None:
        return bool(user.classes or user.taught)
    return _own_pupil(user, member) or m.Course.select().where(
        (m.Course.unit == member.unit_id) & m.Course.id.in_(list(user.taught))).exists()


def judge_group_move(rules: Rules, user: User, day: date, periods) -> Decision:
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
    return Decision(not refused, rule.severity, rule.key, rule.clause, said(text, clause_in_words(rules, rule), todo),
                    state="refused" if refused else "saved")


def who_keeps(rules: Rules, key: str) -> m.Text:
    """In words for who may not: whom the regulation names under `key`, its clause, and what to do instead."""
    return said(m.Text(m.N_("By the school's regulation this is changed by: %(who)s."),
                       who=value_in_words(schema()[key], rules.value(key))),
                clause_in_words(rules, rules[key]), m.Text(m.N_("Tell them what has to be corrected.")))


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
    **_table(m.AbsenceCode, _ADMIN), **_table(m.MarkScale, _ADMIN),
    **_table(m.Person, named_in(_CARDS, _own_card), named_in(_CARDS, _own_card), _ADMIN), **_table(m.Employee, _OFFICE, _OFFICE, _ADMIN),
    **_table(m.Pupil, named_in(_LISTS, _own_pupil), named_in(_CARDS, _own_pupil), _ADMIN),
    **_table(m.Guardianship, named_in(_CARDS, _own_pupil), named_in(_CARDS, _own_pupil), named_in(_CARDS, never)),
    **_table(m.Appointment, has("ADM", "DIR")), **_table(m.Account, _ADMIN, _ADMIN, never),
    **_table(m.ConfidentialityRules, _ADMIN, never, never),
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
    **_table(m.Homework, writes_entry), **_table(m.Material, writes_entry),
    **_table(m.PortfolioItem, is_addressed), **_table(m.PeriodMark, writes_period_marks),
    **_table(m.Deferral, puts_off, puts_off, never), **_table(m.PeriodClosure, never, never, never), **_table(m.ResultOrder, _PLANNERS),
    **_table(m.Regulation, has("ADM", "DIR"), has("ADM", "DIR"), never), **_table(m.RegulationVersion, has("ADM", "DIR"), never, never),
    **_table(m.RegulationDraft, has("ADM", "DIR")), **_table(m.RegulationReading, has("ADM", "DIR")),
    **_table(m.ListRequest, asks_about_own_class, never, never),
    (m.ListRequest, "reply"): any_of(named_in(_LISTS, _anothers_request), named_in(_CARDS, _anothers_request)),
    **_table(m.ImportRun, _ADMIN, _ADMIN, never),
    (m.Breach, "handle"): has(*BREACH_DESK), (m.Breach, "approve"): judges_breach,
    (m.Breach, "decline"): declines_breach,
    (m.Lesson, "write"): writes_lesson,
    **_table(m.Excuse, any_of(leads_class_of, enters_reasons)), (m.Absence, "reason"): any_of(leads_class_of, enters_reasons),
    (m.Substitution, "note"): any_of(_PLANNERS, hands_over),
    (m.Account, "reset"): resets_account,
    **_table(m.Correction, never), **_table(m.CorrectionDecision, never), **_table(m.CorrectionCell, never),
    (m.Correction, "decide"): has(*LEADERS), (m.Correction, "withdraw"): asked_for, (m.Correction, "mend"): asked_for,
    (m.Period, "close"): has(*LEADERS), (m.Period, "hold"): has(*LEADERS), (m.PeriodClosure, "reopen"): has(*LEADERS),
    (m.Pupil, "diary"): any_of(own_family, has(*READERS), leads_class_of_pupil),
    (m.Timetable, "publish"): _PLANNERS,
    (m.SchoolClass, "print"): any_of(has(*READERS), leads_class),
    (m.SchoolClass, "results"): any_of(has(*READERS), leads_class),
    (m.SchoolClass, "credentials"): any_of(_ADMIN, leads_class),
    (m.SchoolClass, "watch"): any_of(leads_class, watches_pupils), (m.SchoolClass, "printed"): has(*LEADERS, "ADM", "SEC"),
    (m.PupilAlert, "tell"): any_of(teaches_course_of, leads_class_of), (m.Backup, "create"): _ADMIN,
    (m.SchoolClass, "confirm"): any_of(has("ADM", "SEC"), leads_class), (m.SchoolClass, "check"): leads_class,
    (m.Ticket, "answer"): has(*HELP_DESK), (m.Ticket, "follow"): asked_for,
    **_table(m.Paper, has(*HELP_DESK), has(*HELP_DESK), never), (m.Paper, "approve"): has("DIR", "ADM"),
    **_table(m.Resource, has("ADM", "ZAV")), **_table(m.Outage, has(*HELP_DESK), has(*HELP_DESK), never),
    **_table(m.Conversation, writes_to, never), (m.Conversation, "answer"): answers_in, **_table(m.Message, never),
    **_table(m.Announcement, announces, never), (m.Announcement, "withdraw"): any_of(wrote, has("DIR", "ZAV", "ADM")),
    (m.Course, "analyse"): teaches_now, (m.Confirmation, "control"): controls, (m.Training, "create"): _PLANNERS,
    (m.JournalRemark, "create"): has(*LEADERS), (m.JournalRemark, "answer"): is_addressed, (m.JournalRemark, "close"): has(*LEADERS),
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
    m.AbsenceCode: _PLANNING, m.MarkScale: _PLANNING,
    m.Person: _PEOPLE, m.Employee: ("ADM", "DIR", "ZAV", "SEC"), m.Pupil: _PEOPLE, m.Guardianship: _PEOPLE,
    m.Appointment: ("ADM", "DIR"), m.Account: ("ADM", "CT"), m.Movement: _PEOPLE, m.Enrolment: _PEOPLE,
    m.SubgroupSet: _PLANNING, m.Unit: _PLANNING, m.UnitMember: (*_PLANNING, "CT", "T"),
    m.Plan: (*_PLANNING, "T", "MAS"), m.PlanTopic: (*_PLANNING, "T", "MAS"), m.Course: _ALL_STAFF,
    m.Assignment: _PLANNING, m.Timetable: _PLANNING, m.Slot: _PLANNING, m.Substitution: _PLANNING,
    m.Excuse: _PEOPLE, m.Lesson: _ALL_STAFF, m.Work: ("ADM", "ZAV", "T", "MAS"), m.Mark: _ALL_STAFF, m.Absence: _ALL_STAFF,
    m.Remark: _ALL_STAFF, m.Homework: _ALL_STAFF, m.PeriodMark: _ALL_STAFF, m.PeriodClosure: _PLANNING, m.ResultOrder: _PLANNING,
    m.ImportRun: ("ADM",), m.Act: ("ADM", "DIR"), m.AccessRecord: ("ADM", "DIR"),
}
