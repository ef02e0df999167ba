"""The first record of a school: its name and kind, the year, the regulation, the kinds of work, the first administrator.

Used by the set-up in the browser and in the terminal (CNT-02, CNT-09). What already stands, because files were taken in
first, is completed and not made again.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

import models as m
import rulebook.access_rules
import rulebook.rules
from history import Actor
from models import N_, Refused, Text

# code, name, weight, family of the deadline, given to everyone (reports.md §1; weights as settled for new schools)
WORK_KINDS = (
    ("О", "Ответ на уроке", 1, "lesson", False), ("Д", "Домашняя работа", 1, "lesson", False),
    ("С", "Самостоятельная работа", 2, "lesson", True), ("П", "Практическая работа", 2, "lesson", True),
    ("Л", "Лабораторная работа", 2, "lesson", True), ("Т", "Тест", 2, "lesson", True),
    ("К", "Контрольная работа", 3, "control", True), ("Дк", "Диктант", 3, "control", True),
    ("И", "Изложение", 3, "written", True), ("Сч", "Сочинение", 3, "written", True),
    ("Пр", "Проект", 2, "lesson", False), ("Зч", "Зачёт", 3, "control", True),
    ("ВПР", "Всероссийская проверочная работа", 3, "external", True),
    ("ВД", "Внешняя диагностика", 3, "external", True), ("Тр", "Теория", 1, "lesson", False),
)


@dataclass(frozen=True)
class Founding:
    """What a school says about itself on its first day; `starts` and `ends` are the school year."""

    name: str
    short_name: str
    kind: str
    timezone: str
    starts: date
    ends: date
    preset: str
    surname: str
    given_name: str
    patronymic: str
    login: str
    password: str
    accepts: bool = False  # the administrator has read the rules of confidentiality and accepts them (SEC-08)


def needed() -> bool:
    """Is there nobody yet who could sign in?"""
    return not m.Account.select().where(m.Account.password.is_null(False)).exists()


def found(by: Actor, facts: Founding) -> m.Account:
    """Write it all down as one act; the administrator's account. Refused when the school has somebody already."""
    if not needed():
        raise Refused(Text(N_("The school is set up already; sign in")))
    if facts.timezone not in available_timezones():
        raise Refused(Text(N_("There is no time zone «%(name)s»"), name=facts.timezone), "timezone")
    with m.writing(by, "первая настройка школы"):
        _school(facts)
        year = _year(facts)
        lay_work_kinds()
        _regulation(by, facts, year)
        rules = rulebook.access_rules.lay(by, rulebook.rules.preset(facts.preset))
        account = _administrator(by, facts)
        if facts.accepts:
            m.RulesAcceptance.keep(by, rules, account)
        return account


def lay_work_kinds() -> None:
    """The usual kinds of work with their weights and the usual attendance codes, as far as the school has none of that code.
    Inside `writing`."""
    m.AbsenceCode.lay()
    known = {code for code, in m.WorkKind.select(m.WorkKind.code).tuples()}
    rows = [{"code": code, "name": name, "weight": weight, "deadline": deadline, "for_everyone": everyone, "position": n}
            for n, (code, name, weight, deadline, everyone) in enumerate(WORK_KINDS, 1) if code not in known]
    if rows:
        m.WorkKind.insert_many(rows).execute()


def suggested_year(today: date) -> int:
    """The calendar year in which the school year to set up begins; the new one is prepared from June on."""
    return today.year if today.month >= 6 else today.year - 1


def year_span(year: int) -> tuple[date, date]:
    """First and last day of the school year that begins in September of `year`."""
    return date(year, 9, 1), date(year + 1, 8, 31)


def year_name(starts: date) -> str:
    """«2026/27»"""
    return f"{starts.year}/{(starts.year + 1) % 100:02d}"


def _school(facts: Founding) -> None:
    words = {"name": facts.name, "short_name": facts.short_name, "kind": facts.kind, "timezone": facts.timezone}
    school = m.School.the()
    if school is None:
        m.School.create(id=1, **words)
        return
    for field, value in words.items():
        setattr(school, field, value)
    school.save()


def _year(facts: Founding) -> m.Year:
    standing = m.Year.select().where((m.Year.starts <= facts.ends) & (m.Year.ends >= facts.starts)).first()
    return standing or m.Year.create(name=year_name(facts.starts), starts=facts.starts, ends=facts.ends)


def _regulation(by: Actor, facts: Founding, year: m.Year) -> None:
    if m.RegulationVersion.select().exists():
        return
    rules = rulebook.rules.preset(facts.preset)
    if rules.value("org.type") != facts.kind:
        rules = rules.changed({"org.type": {"value": facts.kind, "clause": ""}})
    regulation = m.Regulation.create(name=rules.title, preset=rules.preset)
    m.RegulationVersion.create(regulation=regulation, number=1, starts=year.starts, values=rules.to_json(), created_at=by.at)


def _administrator(by: Actor, facts: Founding) -> m.Account:
    name = m.name_keys(facts.surname, facts.given_name, facts.patronymic)["search"]
    person = m.Person.get_or_none(m.Person.search == name) or m.Person.create(
        surname=facts.surname, name=facts.given_name, patronymic=facts.patronymic)
    m.Appointment.create(person=person, role="ADM", starts=by.at.date())
    m.Employee.get_or_create(person=person, defaults={"position": "администратор"})
    account = m.Account.get_or_none(m.Account.login == facts.login)
    if account and account.person_id != person.id:
        raise Refused(Text(N_("The login is somebody else's already")), "login")
    account = account or m.Account.create(person=person, login=facts.login)
    account.set_password(by, facts.password)
    return account
