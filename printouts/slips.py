"""Slips to cut out: one person, one way into the journal (SEC-01, SEC-02). Printed again until the code is used."""

from collections import defaultdict

import models as m
import policies
from printouts import access_sheet
from printouts.document import Card, Cards, Document, Imprint

ADVICE = "Код открывает журнал один раз, затем его сменит ваш собственный пароль. Никому не сообщайте ни код, ни пароль."
NONE = "Ни у кого нет действующего кода. Коды выдаются на странице «Доступ»."


def of_class(user: policies.User, school_class: m.SchoolClass, imprint: Imprint, key: str, site: str) -> Document:
    """Pupils of the class and their guardians who hold a standing code; `site` is the journal's address, `key` the school's."""
    families = access_sheet.pupils_with_guardians(user, school_class, imprint.at.date())
    people = {person.id: person for pupil, guardians in families for person in (pupil, *guardians)}
    wards: dict[int, list[str]] = defaultdict(list)
    for pupil, guardians in families:
        for person in guardians:
            wards[person.id].append(pupil.full_name)
    about = {person: f"Родитель: {'; '.join(names)}, {school_class.name}" for person, names in wards.items()}
    about |= {pupil.id: f"Ученик: {pupil.full_name}, {school_class.name}" for pupil, _ in families}
    return _document(user, list(people.values()), about, imprint, key, site, f"{school_class.name} класс",
                     f"listki-{school_class.id}")


def of_staff(user: policies.User, imprint: Imprint, key: str, site: str) -> Document:
    """Employees who hold a standing code."""
    staff = access_sheet.staff(imprint.at.date())
    about = {person.id: position or "Сотрудник" for person, position in staff}
    people = [person for person, _ in staff]
    return _document(user, people, about, imprint, key, site, "Сотрудники", "listki-sotrudniki")


def _document(user, people: list[m.Person], about: dict[int, str], imprint: Imprint, key: str, site: str, whose: str,
              name: str) -> Document:
    cards = [_card(slip, about[slip.person.id], site) for slip in policies.slips(user, people, key)]
    return Document(f"Листки со входом в электронный журнал: {whose}", "", name, imprint, [Cards(cards, NONE)],
                    meta=[m.School.the().name])


def _card(slip: policies.Slip, about: str, site: str) -> Card:
    page = site.rstrip("/") + ("/join" if slip.by_code else "/login")
    way = [("Код приглашения", slip.code)] if slip.by_code else [("Логин", slip.login), ("Временный пароль", slip.code)]
    return Card(slip.addressee.full_name, [("Адрес", page), *way, ("Действует по", f"{slip.expires:%d.%m.%Y}")], [about, ADVICE])
