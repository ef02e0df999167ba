"""Probes of the school itself: lists, subgroups, appointments, passwords, ways in, the regulation and its order."""

from datetime import timedelta

from peewee import SQL, fn

import models as m
import policies
from rulebook.access_order import needs_order
from rulebook.audit_look import CLASS, SCHOOL, Look, Trace, asks, moment_of, probe
from rulebook.verdicts import password_limit

SOON = timedelta(days=14)  # a password is due so long before

# ---- the regulation, appointments, teaching ----

_NO_ORDER_OF_REGULATION = m.Text(m.N_("the regulation in force has no order number"))
_NO_ORDER, _NO_CLASS_TEACHER = m.Text(m.N_("appointed without an order")), m.Text(m.N_("no class teacher"))
_NO_TEACHER, _NO_PERIODS = m.Text(m.N_("nobody teaches it")), m.Text(m.N_("no periods"))
_BY_ORDER = ("ADM", "ZAV", "SEC", "CT")  # of whom it is shown when no order is named


def regulation(look: Look):
    """The version in force names the order by which it was adopted (LEG-11)."""
    version = look.version
    ordered = version and (version.order_no or version.regulation.order_no)
    return [] if ordered else [Trace("broken", None, None, ("regulation",), what=_NO_ORDER_OF_REGULATION)]


def appointments(look: Look):
    """Who is responsible for the journal is appointed by an order with number and date (LEG-13)."""
    return [Trace("broken" if needs_order(look.rules, row.role) else "noted", row.person_id, row.school_class_id,
                  ("appointment", row.id), None, row.starts, _NO_ORDER)
            for row in look.appointments if row.role in _BY_ORDER and not (row.order_no and row.order_date)]


def teaching(look: Look):
    """Every class has a class teacher and periods, every journal somebody who teaches it (CNT-09)."""
    led = [(each, _NO_CLASS_TEACHER) for each in look.classes.values() if each.id not in look.class_teachers]
    cut = [(each, _NO_PERIODS) for each in look.classes.values() if not each.period_set_id]
    found = [Trace("broken", None, each.id, ("class", each.id), what=what, name=each.name) for each, what in led + cut]
    return found + [Trace("broken", None, each.school_class, ("course", each.id), each.id, None, _NO_TEACHER)
                    for each in look.journals.values() if each.id not in look.teachers]


# ---- pupils ----

_IN_NO_GROUP = m.N_("in no subgroup of «%(set)s»")


def _in_none(look):
    own, enrolment, member, unit = m.SubgroupSet, m.Enrolment, m.UnitMember, m.Unit
    inside = fn.EXISTS(member.select(SQL("1")).join(unit).where(
        (unit.subgroup_set == own.id) & (member.pupil == enrolment.pupil) & (member.starts <= look.today)
        & (member.ends.is_null() | (member.ends >= look.today))))
    used = fn.EXISTS(m.Course.select(SQL("1")).join(unit).where(unit.subgroup_set == own.id))
    return own.select(own.name, own.school_class, m.Pupil.id, m.Person.surname, m.Person.name).join(
        enrolment, on=(enrolment.school_class == own.school_class)).join(m.Pupil).join(m.Person).where(
        enrolment.covers(look.today) & own.school_class.in_(look.own_classes) & used & ~inside)


@asks(_in_none)
def subgroups(look: Look):
    """Each pupil is in a subgroup of every division of the class (CNT-07)."""
    return [Trace("broken", look.class_teachers.get(school_class), school_class, ("pupil", pupil), what=m.Text(_IN_NO_GROUP, set=name),
                    name=f"{surname} {first}") for name, school_class, pupil, surname, first in look.told(_in_none)]


_NO_ADULT = m.Text(m.N_("younger than 14 with a way in, no parent has one"))


def _without_adult(look):
    born = look.today.replace(year=look.today.year - policies.COMING_OF_AGE, day=min(look.today.day, 28))
    account, pupil, adult = m.Account, m.Pupil, m.Account.alias()
    answered = fn.EXISTS(m.Guardianship.on(look.today).join(adult, on=(adult.person == m.Guardianship.guardian)).where(
        (m.Guardianship.pupil == pupil.id) & adult.password.is_null(False) & (adult.locked == "")).select(SQL("1")))
    listed = (m.Enrolment.pupil == pupil.id) & m.Enrolment.covers(look.today) & m.Enrolment.school_class.in_(look.own_classes)
    return account.select(pupil.id, m.Enrolment.school_class, m.Person.surname, m.Person.name).join(m.Person).join(
        pupil, on=(pupil.person == m.Person.id)).join(m.Enrolment, on=listed).where(
        (m.Person.birth > born) & account.password.is_null(False) & ~answered)


@asks(_without_adult)
def young(look: Look):
    """Pupils younger than 14 have a way in only through a parent who has one (SEC-05)."""
    return [Trace("broken", look.class_teachers.get(school_class), school_class, ("access", school_class), what=_NO_ADULT,
                    name=f"{surname} {first}") for _pupil, school_class, surname, first in look.told(_without_adult)]


# ---- staff ----

_OLD, _OLD_SOON = m.Text(m.N_("the password is older than the school allows")), m.N_("the password is to be changed by %(day)s")


def _accounts(look):
    """(person, password changed at) of who can sign in with a place at the school today."""
    account, today = m.Account, look.today
    staff = m.Appointment.on(today).select(m.Appointment.person).union(m.Assignment.on(today).select(m.Assignment.teacher))
    return account.select(account.person, account.password_at).where(
        account.password.is_null(False) & (account.locked == "") & account.person.in_(staff))


@asks(_accounts)
def passwords(look: Look):
    """Passwords of staff older than the regulation allows, and those that will be within two weeks (SEC-07)."""
    found, roles = [], look.seen(_roles)
    for person, changed in look.told(_accounts):
        limit = password_limit(look.rules, roles[person], moment_of(changed)) if person in roles else None
        if limit and limit < look.now + SOON:
            state = "broken" if limit < look.now else "risk"
            found.append(Trace(state, person, None, ("staff",), None, limit.date(), _OLD if state == "broken" else m.Text(
                _OLD_SOON, day=limit.date())))
    return found


def _roles(look) -> dict[int, set]:
    found: dict[int, set] = {}
    for row in look.appointments:
        found.setdefault(row.person_id, set()).add(row.role)
    for person in look.teachers.values():
        found.setdefault(person, set()).add("T")
    return found


PROBES = (
    probe("regulation", m.N_("The regulation has its order"), "LEG-11", "", regulation, SCHOOL),
    probe("appointments", m.N_("Appointments by order"), "LEG-13", "", appointments, SCHOOL),
    probe("teaching", m.N_("Classes and journals have their people"), "CNT-02 CNT-09", "", teaching, SCHOOL),
    probe("subgroups", m.N_("Pupils in their subgroups"), "CNT-07 CNT-06", "rights.group_editor", subgroups, CLASS),
    probe("young", m.N_("Pupils younger than 14"), "SEC-05", "", young, CLASS),
    probe("passwords", m.N_("Passwords of staff"), "SEC-07", "auth.password_max_age", passwords),
)
