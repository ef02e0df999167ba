"""Messages between people (ACC-14) and announcements (ACC-15): written, answered, read, put up, taken down.

Who may write to whom is the gate's (`policies.CORRESPONDENTS`). Nobody but those who take part reads a conversation; nobody changes
or deletes what was sent.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_

from peewee import JOIN

import models as m
import policies
from history import Actor
from policies import User
from rulebook.checks import clause_in_words, said
from rulebook.due import fact
from rulebook.rules import Rules

HOUR, MOST_IN_AN_HOUR = timedelta(hours=1), 30  # so many messages a family sends in an hour
COUNTED = timedelta(days=30)


class NotYours(Exception):
    """The record is none of the user's, or this may not be done to it."""


# ---- messages ----

def closed_to_families(rules: Rules) -> m.Text | None:
    """Why families do not write here, with the clause and what to do; None where they do (ACC-03)."""
    rule = rules["rights.parent_messaging"]
    if rule.value:
        return None
    return said(m.Text(m.N_("Families read here and do not write.")), clause_in_words(rules, rule),
                m.Text(m.N_("Call the school or come: the class teacher answers.")))


def no_discussions(rules: Rules) -> m.Text | None:
    """Why nothing is opened as a discussion; None where it may be."""
    rule = rules["rights.discussions"]
    if rule.value:
        return None
    return said(m.Text(m.N_("The school holds no discussions here.")), clause_in_words(rules, rule),
                m.Text(m.N_("Send an ordinary message: the answers come to you alone.")))


def obstacle(user: User, talk: m.Conversation) -> m.Text | None:
    """Why the user may not write on in a conversation; None when nothing stands in the way."""
    if policies.allows(user, "answer", talk):
        return None
    if talk.discussion and (why := no_discussions(user.rules)):
        return why
    if user.has(*policies.FAMILY) and (why := closed_to_families(user.rules)):
        return why
    if user.is_staff:
        return m.Text(m.N_("You do not teach this family now, so this conversation is only read. Its class teacher can write."))
    return m.Text(m.N_("The person does not teach here now, so this conversation is only read. Write to the class teacher."))


def start(user: User, by: Actor, text: str, **about) -> m.Conversation:
    """A message to one (`person`, perhaps `pupil` and `lesson`: ids) or to many (`whom`, `school_class` or `course`, `discussion`).
    The same once more within a minute is the same message. Raises NotYours, and Refused where the regulation or a limit forbids it."""
    talk = m.Conversation(author=user.person, **about)
    if talk.discussion and (why := no_discussions(user.rules)):
        raise m.Refused(why)
    if not policies.allows(user, "create", talk):
        if not user.is_staff and (why := closed_to_families(user.rules)):
            raise m.Refused(why)
        raise NotYours
    if twin := m.Message.same(by, text, _alike(talk)):
        return twin
    _not_too_many(user, by)
    people = {talk.person_id} if talk.person_id else members(user, talk)
    if not people - {user.person}:
        raise m.Refused(m.Text(m.N_("There is nobody to read this: the list is empty.")), "text")
    return m.Conversation.start(by, text, people, **about)


def _alike(talk: m.Conversation):
    """The condition that a conversation is of the same people about the same."""
    fields = (m.Conversation.author, m.Conversation.person, m.Conversation.pupil, m.Conversation.school_class, m.Conversation.course,
              m.Conversation.whom)
    return reduce(and_, (each == getattr(talk, each.column_name) for each in fields))


def answer(user: User, by: Actor, talk: m.Conversation, text: str) -> m.Conversation:
    """Write on; the conversation in which it now stands: an answer to a message to many is one of two with its author, unless it is a
    discussion. Refused where the user may not write to who reads it."""
    if why := obstacle(user, talk):
        raise m.Refused(why, "text")
    apart = talk.person_id is None and not talk.discussion and talk.author_id != user.person
    here = (m.Conversation.answers == talk.id) if apart else (m.Conversation.id == talk.id)
    if twin := m.Message.same(by, text, here):
        return twin
    _not_too_many(user, by)
    if not apart:
        talk.say(by, text, talk.people())
        return talk
    own = own_answer(user, talk)
    if own is None:
        return m.Conversation.start(by, text, {talk.author_id}, person=talk.author_id, answers=talk.id)
    own.say(by, text, {talk.author_id})
    return own


def own_answer(user: User, talk: m.Conversation) -> m.Conversation | None:
    """The conversation in which the user has answered a message to many."""
    return m.Conversation.select().where((m.Conversation.answers == talk.id) & (m.Conversation.author == user.person)).first()


def members(user: User, talk) -> set[int]:
    """The people (ids) a message or announcement to many is for today."""
    return {person for person, in m.audience(user.today, talk.whom, talk.school_class, talk.course, getattr(talk, "grade", None)).tuples()}


def _not_too_many(user: User, by: Actor) -> None:
    if not user.is_staff and m.Message.since(user.person, by.at - HOUR) >= MOST_IN_AN_HOUR:
        raise m.Refused(m.Text(m.N_("You have sent %(n)s messages within an hour. Your text is below: send it a little later, or call "
                                    "the school."), n=MOST_IN_AN_HOUR), "text")


# ---- whom to write to ----

@dataclass
class Correspondent:
    """Somebody a family may write to about a child: the subjects taught to it, the roles."""

    person: m.Person
    subjects: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)


def around(user: User, pupil: int) -> list[Correspondent]:
    """Whom the family of this pupil may write to about it: class teacher, teachers with their subjects, administration."""
    own = replace(user, pupils=(pupil,), roles=user.roles & policies.FAMILY)
    found = {person.id: Correspondent(person) for person in policies.writable(own).order_by(m.Person.sort)}
    units = m.Membership.on(user.today).where(m.Membership.pupil == pupil).select(m.Membership.unit)
    classes = m.Enrolment.on(user.today).where(m.Enrolment.pupil == pupil).select(m.Enrolment.school_class)
    taught = m.Assignment.on(user.today).select(m.Assignment.teacher, m.Subject.name).join(m.Course).join(m.Subject).where(
        m.Course.unit.in_(units))
    lent = m.Substitution.select(m.Substitution.substitute, m.Subject.name).join(m.Lesson).join(m.Course).join(m.Subject).where(
        m.Course.unit.in_(units) & m.Lesson.day.between(user.today - policies.LENT, user.today))
    for person, subject in taught.union(lent).tuples():
        if person in found:
            found[person].subjects.append(subject)
    roles = m.Appointment.on(user.today).where(m.Appointment.person.in_(list(found)) & (
        m.Appointment.role.in_(sorted(policies.READERS)) | (m.Appointment.role == "CT") & m.Appointment.school_class.in_(classes)))
    for person, role in roles.select(m.Appointment.person, m.Appointment.role).distinct().tuples():
        found[person].roles.append(role)
    for each in found.values():
        each.subjects.sort()
    return sorted(found.values(), key=lambda each: ("CT" not in each.roles, not each.subjects, each.person.sort))


def teachers_of(lesson: m.Lesson, day) -> list[int]:
    """Who answers for a lesson (ids): who gave it in somebody's place, else its own teacher, else those who teach the course now."""
    lent = m.Substitution.select(m.Substitution.substitute).where(m.Substitution.lesson == lesson).scalar()
    now = [person for person, in m.Assignment.on(day).where(m.Assignment.course == lesson.course_id).select(m.Assignment.teacher).tuples()]
    return [person for person in (lent, lesson.teacher_id, *now) if person]


def families(user: User, school_class=None, course=None) -> list[m.Pupil]:
    """The pupils of a class or a course today, by the alphabet, each with `parents`: guardianships with their people."""
    among = (m.Enrolment.on(user.today).where(m.Enrolment.school_class == school_class).select(m.Enrolment.pupil) if course is None else
             m.Membership.on(user.today).where(m.Membership.unit == course.unit_id).select(m.Membership.pupil))
    pupils = list(m.Pupil.named().where(m.Pupil.id.in_(among)))
    parents: dict[int, list] = {}
    for row in m.Guardianship.on(user.today).select(m.Guardianship, m.Person).join(m.Person).where(
            m.Guardianship.pupil.in_([pupil.id for pupil in pupils])).order_by(m.Person.sort):
        parents.setdefault(row.pupil_id, []).append(row)
    for pupil in pupils:
        pupil.parents = parents.get(pupil.id, [])
    return pupils


def colleagues(user: User) -> list[tuple[m.Person, str]]:
    """The staff one may write to, with the position of each."""
    rows = policies.writable(user).select(m.Person, m.Employee.position.alias("position")).join(
        m.Employee, JOIN.INNER, on=(m.Employee.person == m.Person.id)).order_by(m.Person.sort)
    return [(person, person.position) for person in rows.objects()]


def tally(now: datetime) -> tuple[int, int]:
    """(messages, their authors) of the last thirty days: what the administrator sees of messages."""
    return m.Message.tally(now - COUNTED)


# ---- announcements ----

def put_up(user: User, by: Actor, text: str, whom: str, starts, ends, **place) -> m.Announcement:
    """A new announcement. Raises NotYours, and Refused for what is missing in it."""
    if not policies.allows(user, "create", m.Announcement(author=user.person, whom=whom, **place)):
        raise NotYours
    return m.Announcement.put_up(by, text, whom, starts, ends, **place)


def withdraw(user: User, by: Actor, row: m.Announcement) -> None:
    if not policies.allows(user, "withdraw", row):
        raise NotYours
    if row.withdrawn_at is None:
        row.withdraw(by)


def unread_on_board(user: User):
    """What stands on the person's board unread, as facts (rulebook.due) for the statement of a first page: number, last day, words,
    author."""
    done = m.AnnouncementReading.select(m.AnnouncementReading.announcement).where(m.AnnouncementReading.person == user.person)
    rows = policies.board(user).join(m.Person).where((m.Announcement.author != user.person) & m.Announcement.id.not_in(done))
    author = m.Person.surname.concat(" ").concat(m.Person.name).concat(" ").concat(m.Person.patronymic)
    return fact(rows, "announcement", one=m.Announcement.id, day=m.Announcement.ends, words=m.Announcement.text, more=author)


def newest_first(found: dict) -> list:
    """The facts of `unread_on_board` among those that were read."""
    return sorted(found.get("announcement", ()), key=lambda row: -row.one)
