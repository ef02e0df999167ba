"""Who is who in the demo school: appointments, accounts with the password `demo`, substitutions."""

from collections import defaultdict
from datetime import date

import models as m
import rulebook.access_rules
import rulebook.rules
from exchange.demo.nature import EASY
from history import Actor

PASSWORD = "demo"
POSITIONS = {"director": ("DIR", "директор%"), "deputy": ("ZAV", "заместитель директора по увр%"),
             "secretary": ("SEC", "секретарь%"), "admin": ("ADM", "учитель физики и информатики%")}
NOW = 3  # the lesson that is on when the demo begins
GRADELESS, PRIMARY = 2, 4
ILLNESS = (date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19))


def appoint(by: Actor, year: m.Year) -> dict[str, m.Person]:
    """Appoint the office; the people of the staff accounts by account name."""
    roles = {}
    with m.writing(by, "Приказ № 95 от 31.08.2026"):
        for login, (role, position) in POSITIONS.items():
            roles[login] = person = _employee(position)
            _appoint_once(person, role, year)
    return roles


def choose(year: m.Year, roles: dict[str, m.Person], day: date) -> None:
    """Add teacher (a lesson on when the demo begins, a plan, no class), class teacher of a middle class, and substitute."""
    busy, leaders = _day_of_teachers(day), _class_teachers(year)
    office = {person.id for person in roles.values()}
    teacher = max((who for who in busy if NOW in busy[who] and _has_plan(who) and who not in office),
                  key=lambda who: (who not in leaders, len(busy[who]), -who))
    leader = min((who for who in leaders if who != teacher), key=lambda who: (abs(leaders[who] - 7), who))
    lender, _ = _replacement(busy, leaders, office | {teacher, leader})
    for login, who in (("teacher", teacher), ("classteacher", leader), ("substitute", lender)):
        roles[login] = m.Person.get_by_id(who)


def lend(by: Actor, year: m.Year, roles: dict[str, m.Person], day: date) -> None:
    """The substitute's lessons of the demo's day, and a teacher's illness in November with lessons lent and lost."""
    busy, spared = _day_of_teachers(day), {roles[login].id for login in roles if login != "substitute"}
    lender, (absent, numbers) = _replacement(busy, _class_teachers(year), spared)
    with m.writing(by, "Приказ № 131 от 16.12.2026"):
        for number in numbers:
            _lend(busy[absent][number], absent, lender, "Районное методическое объединение", "131")
    ill = max(busy, key=lambda who: (who not in spared and who != absent, len(busy[who]), -who))
    with m.writing(by, "Приказ № 121 от 16.11.2026"):
        for ill_day in ILLNESS:
            _do_without(ill, ill_day)


def accounts(by: Actor, roles: dict[str, m.Person], day: date) -> None:
    """One account a role, and two families: `parent` has two children in different classes, one of them before `teacher`."""
    people = {**roles, **_families(roles["teacher"], day)}
    digest = m.hash_password(PASSWORD)
    with m.writing(by, "Учётные записи демонстрации"):
        rules = rulebook.access_rules.lay(by, rulebook.rules.rules_on(day))
        for login, person in people.items():
            account = m.Account.create(person=person, login=login, password=digest, password_at=by.at)
            m.RulesAcceptance.create(rules=rules, account=account, at=by.at)


def _employee(position: str) -> m.Person:
    pattern = position.rstrip("%")
    staff = m.Employee.select(m.Employee, m.Person).join(m.Person).order_by(m.Employee.id)
    return next(card.person for card in staff if m.fold(card.position).startswith(m.fold(pattern)))


def _appoint_once(person: m.Person, role: str, year: m.Year) -> None:
    if not m.Appointment.select().where((m.Appointment.person == person) & (m.Appointment.role == role)).exists():
        m.Appointment.create(person=person, role=role, starts=year.starts, order_no="95", order_date=date(2026, 8, 31))


def _day_of_teachers(day: date) -> dict[int, dict[int, int]]:
    """Teacher → lesson number → lesson of this day, in whole classes and groups of pupils with marks alike."""
    busy: dict[int, dict[int, int]] = {}
    for teacher, number, lesson in m.Lesson.select(m.Lesson.teacher, m.Lesson.number, m.Lesson.id).where(
            (m.Lesson.day == day) & m.Lesson.teacher.is_null(False)).order_by(m.Lesson.teacher, m.Lesson.number).tuples():
        busy.setdefault(teacher, {})[number] = lesson
    return busy


def _class_teachers(year: m.Year) -> dict[int, int]:
    """Class teacher → grade."""
    return dict(m.Appointment.select(m.Appointment.person, m.SchoolClass.grade).join(m.SchoolClass).where(
        (m.Appointment.role == "CT") & (m.SchoolClass.year == year)).tuples())


def _has_plan(teacher: int) -> bool:
    return m.Course.select().join(m.Assignment).where(
        (m.Assignment.teacher == teacher) & m.Course.plan.is_null(False)).exists()


def _replacement(busy, leaders, spared) -> tuple:
    """(substitute, (absent teacher, lesson numbers)): a colleague of the same subjects who is free at those hours after NOW."""
    subjects, found = _subjects(), []
    for absent in busy.keys() - spared:
        for lender in busy.keys() - spared - {absent}:
            numbers = [number for number in busy[absent] if number > NOW and number not in busy[lender]]
            if numbers and subjects[absent] & subjects[lender]:
                found.append(((lender not in leaders, len(numbers), -absent, -lender), lender, (absent, numbers)))
    return max(found)[1:]


def _do_without(ill: int, day: date) -> None:
    """Each lesson of the day goes to a free colleague of the same subjects, or is cancelled."""
    busy, subjects = _day_of_teachers(day), _subjects()
    for number, lesson in busy.get(ill, {}).items():
        free = [who for who in sorted(busy) if who != ill and number not in busy[who] and subjects[who] & subjects[ill]]
        if free:
            _lend(lesson, ill, free[0], "Больничный лист", "121")
        else:
            m.Lesson.update(state="cancelled", reason="Болезнь учителя").where(m.Lesson.id == lesson).execute()


def _lend(lesson: int, absent: int, lender: int, reason: str, order_no: str) -> None:
    m.Substitution.create(lesson=lesson, absent=absent, substitute=lender, reason=reason, order_no=order_no)


def _subjects() -> dict[int, set[str]]:
    """Teacher → subjects beyond primary school with homework: nobody is asked to replace a colleague in the gym."""
    taught: dict[int, set[str]] = defaultdict(set)
    rows = m.Assignment.select(m.Assignment.teacher, m.Subject.name).join(m.Course).join(m.Unit).join(m.SchoolClass).join_from(
        m.Course, m.Subject).where(m.SchoolClass.grade > PRIMARY)
    for teacher, subject in rows.tuples():
        if subject not in EASY:
            taught[teacher].add(subject)
    return taught


def _families(teacher: m.Person, day: date) -> dict[str, m.Person]:
    """parent, pupil, parent2 and pupil2; both pupils sit in the teacher's lesson that is on when the demo begins."""
    taught = m.Membership.on(day).join(m.Course, on=(m.Course.unit == m.Membership.unit)).join(m.Lesson).where(
        (m.Lesson.teacher == teacher) & (m.Lesson.day == day) & (m.Lesson.number == NOW)).select(m.Membership.pupil)
    seated = {pupil for pupil, in taught.tuples()}
    staff = {person for person, in m.Employee.select(m.Employee.person).tuples()}
    families = {guardian: dict(children) for guardian, children in _children(day).items() if guardian not in staff}
    parent = next(guardian for guardian, grades in families.items() if len(grades) == 2 and not seated.isdisjoint(grades)
                  and len(set(grades.values())) == 2 and min(grades.values()) > GRADELESS)
    parent2 = next(guardian for guardian, grades in families.items() if len(grades) == 1 and not seated.isdisjoint(grades))
    people = {"parent": parent, "parent2": parent2}
    for login, guardian in (("pupil", parent), ("pupil2", parent2)):
        people[login] = m.Pupil.get_by_id(min(seated & families[guardian].keys())).person_id
    return {login: m.Person.get_by_id(who) for login, who in people.items()}


def _children(day: date) -> dict[int, list[tuple[int, int]]]:
    """Guardian → [(pupil, grade)] of children in the list."""
    found: dict[int, list] = {}
    rows = m.Guardianship.on(day).join(m.Enrolment, on=(m.Enrolment.pupil == m.Guardianship.pupil)).join(m.SchoolClass).where(
        m.Enrolment.covers(day)).select(m.Guardianship.guardian, m.Guardianship.pupil, m.SchoolClass.grade).order_by(
        m.Guardianship.guardian, m.Guardianship.pupil)
    for guardian, pupil, grade in rows.tuples():
        found.setdefault(guardian, []).append((pupil, grade))
    return found
