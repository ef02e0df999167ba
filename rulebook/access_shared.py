"""Sign-ins that look as if a login was passed on (SEC-09, ACC-10): an account open on two devices at once, a device on which both a
pupil and a member of staff sign in. Signs to be looked into, no proof; nothing anybody wrote is shown."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from peewee import SQL, fn

import models as m
from history import Actor

AT_ONCE = timedelta(minutes=15)  # a session used so lately is in use
LOOKED_BACK = timedelta(days=30)
BROWSERS = (("YaBrowser", "Яндекс Браузер"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
           ("Linux", "Linux"))


def device_of(agent: str) -> str:
    """Browser and system of a device as people name them: «Chrome, Windows»; "" for a strange one."""
    found = [next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in found if name)


def open_elsewhere(account: m.Account, now: datetime, but: str = "") -> m.LoginSession | None:
    """The session in which this account is in use now on another device than `but`; the one used last."""
    return m.LoginSession.select().where(
        (m.LoginSession.account == account) & m.LoginSession.ended_at.is_null() & (m.LoginSession.seen_at > now - AT_ONCE)
        & ((m.LoginSession.device != but) | (m.LoginSession.device == ""))).order_by(m.LoginSession.seen_at.desc()).first()


def keep_overlap(by: Actor, account: m.Account, other: m.LoginSession, agent: str, staff: bool) -> None:
    """`by` signed in to the account while `other` was in use: kept for the administrator, told to an owner who is of the staff. A
    family finds it on its own pages."""
    device = device_of(agent)
    with m.writing(by, "second device at once"):
        m.SignInOverlap.create(account=account, at=by.at, device=device, address=by.address, other_device=device_of(other.agent),
                               other_address=other.address)
        if staff:
            m.Notice.tell(by, [account.person_id], m.Text(
                m.N_("Your account was opened on a second device while the first was in use: %(device)s, %(address)s. If that was not "
                     "you, end the sign-in and change the password."), device=device or "?", address=by.address), "/sign-ins", "access")


# ---- for the administrator ----

class Several(NamedTuple):
    """An account that was open on several devices at once: its person (id and name), login, how often, when last, on which devices."""

    person: int
    name: str
    login: str
    times: int
    last: datetime
    devices: list[str]


def several(now: datetime) -> list[Several]:
    """Of the last 30 days, the most frequent first; one statement."""
    found: dict[int, list] = {}
    rows = m.SignInOverlap.select(m.SignInOverlap, m.Account, m.Person).join(m.Account).join(m.Person).where(
        m.SignInOverlap.at > now - LOOKED_BACK).order_by(m.SignInOverlap.at.desc())
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    lines = [Several(each[0].account.person_id, each[0].account.person.full_name, each[0].account.login, len(each), each[0].at,
                     sorted({name for row in each for name in (row.device, row.other_device) if name})) for each in found.values()]
    return sorted(lines, key=lambda line: -line.times)


class Together(NamedTuple):
    """A member of staff and a pupil who signed in on the same device: ids and names of both, the pupil's class, the moment of the
    later of their last sign-ins there."""

    staff: int
    staff_name: str
    pupil: int
    pupil_name: str
    school_class: str
    last: datetime


def together(now: datetime, today: date) -> list[Together]:
    """Pairs of the last 30 days, parents of that pupil left out, the latest first; one statement."""
    mine, own, who = m.LoginSession.alias(), m.Account.alias(), m.Person.alias()
    theirs, account, person = m.LoginSession.alias(), m.Account.alias(), m.Person.alias()
    related = m.Guardianship.select(SQL("1")).where((m.Guardianship.guardian == who.id) & (m.Guardianship.pupil == m.Pupil.id))
    rows = (mine.select(who.id, who.surname, who.name, who.patronymic, m.Pupil.id, person.surname, person.name, m.SchoolClass.name,
                        fn.MAX(mine.seen_at), fn.MAX(theirs.seen_at))
            .join(own, on=(mine.account == own.id)).join(who, on=(own.person == who.id))
            .join(m.Employee, on=(m.Employee.person == who.id) & (m.Employee.left.is_null() | (m.Employee.left >= today)))
            .join(theirs, on=(theirs.device == mine.device)).join(account, on=(theirs.account == account.id))
            .join(person, on=(account.person == person.id)).join(m.Pupil, on=(m.Pupil.person == person.id))
            .join(m.Enrolment, on=(m.Enrolment.pupil == m.Pupil.id) & m.Enrolment.covers(today)).join(m.SchoolClass)
            .where((mine.device != "") & (mine.seen_at > now - LOOKED_BACK) & (theirs.seen_at > now - LOOKED_BACK) & ~fn.EXISTS(related))
            .group_by(who.id, who.surname, who.name, who.patronymic, m.Pupil.id, person.surname, person.name, m.SchoolClass.name))
    lines = [Together(staff, m.short_name(surname, name, patronymic), pupil, f"{pupils_surname} {pupils_name}", school_class,
                      max(first, second))
             for staff, surname, name, patronymic, pupil, pupils_surname, pupils_name, school_class, first, second in rows.tuples()]
    return sorted(lines, key=lambda line: line.last, reverse=True)
