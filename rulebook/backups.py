"""How old the last backup is (ARC-01, ARC-02): quiet up to the first limit of the regulation, a warning after it, an alarm after the
second; the same for the copy on a physical medium where the regulation wants one."""

from datetime import date, timedelta
from typing import NamedTuple

from peewee import fn

import models as m
from rulebook.due import Duty, Source, days_of, fact
from rulebook.rules import Rules

KEY = "backup.interval"
FILE, MEDIUM = "file", "medium"


class Age(NamedTuple):
    """The last copy of a kind (None: there was none), until which day it is young enough, and how it stands: kept · risk · broken."""

    kind: str
    last: date | None
    due: date
    state: str


def ages(rules: Rules, today: date, last: tuple | None = None) -> list[Age]:
    """How the copies stand that the regulation asks for. One statement, none where `last` gives the days of the last file and medium."""
    rule = rules[KEY]
    if rule.severity == "off":
        return []
    days = m.Backup.last_days() if last is None else last
    kinds = ((FILE, days[0]), (MEDIUM, days[1])) if rule.value["offline_copy"] else ((FILE, days[0]),)
    return [_age(kind, day, today, days_of(rule.value["interval"]), days_of(rule.value["alert"])) for kind, day in kinds]


def _age(kind: str, last: date | None, today: date, soon: int | None, late: int | None) -> Age:
    if last is None:
        return Age(kind, None, today, "broken")
    old = (today - last).days
    state = "broken" if late is not None and old > late else "risk" if soon is not None and old > soon else "kept"
    return Age(kind, last, last + timedelta(days=soon or 0), state)


# ---- duties ----

_WORDS = {FILE: m.N_("Make a backup"), MEDIUM: m.N_("Copy the journal to a physical medium")}


def _facts(user, rules, now):
    if not user.has("ADM") or rules[KEY].severity == "off":
        return []
    return [fact(m.Backup.select().where((m.Backup.medium == "") == (kind == FILE)), f"backup {kind}", day=fn.MAX(m.Backup.day))
            for kind in (FILE, MEDIUM)]


def _duties(user, rules, now, found):
    if not _facts(user, rules, now):
        return []
    last = tuple(next((row.day for row in found(f"backup {kind}")), None) for kind in (FILE, MEDIUM))
    return [Duty(m.Text(_WORDS[age.kind]), age.due, "/backups/", rules[KEY].clause, age.state == "broken", "backup")
            for age in ages(rules, user.today, last) if age.state != "kept"]


SOURCE = Source(_facts, _duties)
