"""The sheet for signatures on which ways into the journal are handed out, F-16 (SEC-02, SEC-03): never a password."""

from collections import defaultdict

from peewee import JOIN

import clock
import models as m
import policies
from printouts.document import Column, Document, Imprint, Signatures, Table

ISSUED = {"password": "временный пароль", "invitation": "код приглашения", "reset": "новый пароль"}


def of_class(user: policies.User, school_class: m.SchoolClass, imprint: Imprint) -> Document:
    """Pupils of the class today and their guardians; what was issued last, and place for a signature."""
    columns = [Column(8, "center"), Column(58, head=True), Column(52), Column(30), Column(32), Column(20), Column(28), Column(28)]
    head = ["№", "ФИО обучающегося", "ФИО родителя (законного представителя)", "Логин", "Выдано", "Дата", "Подпись", "Выдал"]
    people = pupils_with_guardians(user, school_class, imprint.at.date())
    issued = _issued(user, [person for pupil, guardians in people for person in (pupil, *guardians)])
    rows = []
    for pupil, guardians in people:
        rows.append([pupil.full_name, "", *issued[pupil.id]])
        rows += [[pupil.full_name, guardian.full_name, *issued[guardian.id]] for guardian in guardians]
    return _sheet(columns, head, rows, imprint, f"{school_class.name} класс, {school_class.year.name} учебный год",
                  f"vydacha-{school_class.id}", ("Классный руководитель", ""))


def of_staff(user: policies.User, imprint: Imprint) -> Document:
    """Employees who work here today."""
    columns = [Column(8, "center"), Column(70, head=True), Column(52), Column(30), Column(32), Column(20), Column(30), Column(30)]
    head = ["№", "ФИО сотрудника", "Должность", "Логин", "Выдано", "Дата", "Подпись", "Выдал"]
    people = staff(imprint.at.date())
    issued = _issued(user, [person for person, _ in people])
    rows = [[person.full_name, position, *issued[person.id]] for person, position in people]
    return _sheet(columns, head, rows, imprint, "Сотрудники", "vydacha-sotrudniki", ("Администратор", ""))


def pupils_with_guardians(user: policies.User, school_class: m.SchoolClass, day) -> list[tuple[m.Person, list[m.Person]]]:
    """Pupils of the class on the day by the alphabet, each with the guardians of that day; two queries."""
    pupils = list(m.Pupil.named().where(m.Pupil.id.in_(m.Enrolment.on(day).where(
        m.Enrolment.school_class == school_class).select(m.Enrolment.pupil))))
    seen = policies.visible(user, m.Guardianship).select(m.Guardianship.id)
    rows = m.Guardianship.on(day).select(m.Guardianship, m.Person).join(m.Person).where(
        m.Guardianship.pupil.in_([pupil.id for pupil in pupils]) & m.Guardianship.id.in_(seen)).order_by(m.Person.sort)
    guardians = defaultdict(list)
    for row in rows:
        guardians[row.pupil_id].append(row.guardian)
    return [(pupil.person, guardians[pupil.id]) for pupil in pupils]


def staff(day) -> list[tuple[m.Person, str]]:
    """Employees on the day by the alphabet, with their positions."""
    rows = m.Employee.select(m.Employee, m.Person).join(m.Person).where(
        m.Employee.left.is_null() | (m.Employee.left >= day)).order_by(m.Person.sort)
    return [(row.person, row.position) for row in rows]


def _issued(user: policies.User, people: list[m.Person]) -> dict[int, list[str]]:
    """Person → login, what was issued last, when, place to sign, by whom."""
    issuer = m.Person.alias()
    rows = policies.visible(user, m.CredentialIssue).select(
        m.CredentialIssue.person, m.CredentialIssue.login, m.CredentialIssue.kind, m.CredentialIssue.issued_at,
        issuer.surname, issuer.name, issuer.patronymic).join(
        issuer, JOIN.LEFT_OUTER, on=(m.CredentialIssue.issued_by == issuer.id)).where(
        m.CredentialIssue.person.in_([person.id for person in people])).order_by(
        m.CredentialIssue.issued_at, m.CredentialIssue.id)
    issued: dict[int, list[str]] = defaultdict(lambda: ["", "", "", "", ""])
    for person, login, kind, at, surname, name, patronymic in rows.tuples():
        by = m.short_name(surname, name, patronymic) if surname else ""
        issued[person] = [login, ISSUED.get(kind, kind), f"{at.astimezone(clock.zone()):%d.%m.%Y}", "", by]
    return issued


def _sheet(columns, head, rows, imprint: Imprint, whose: str, name: str, signs: tuple[str, str]) -> Document:
    numbered = [[number, *row] for number, row in enumerate(rows, 1)]
    table = Table(columns, [head], numbered, name="Выдача реквизитов", empty="Выдавать пока некому.")
    return Document("Ведомость выдачи реквизитов доступа к электронному журналу", "F-16", name, imprint,
                    [table, Signatures([signs, ("Директор", "")])], meta=[m.School.the().name, whose], landscape=True)
