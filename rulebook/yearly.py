"""The yearly printing of the journals (ARC-06, ARC-07): until which day the year's journals are printed, sewn, signed and sealed, and which
classes nobody has said it of."""

from datetime import date, timedelta

import models as m
from rulebook.due import Duty, Source, fact, year_start
from rulebook.rules import Rules

KEY = "archive.print_deadline"
BEFORE = timedelta(days=45)  # so long before the day it becomes a duty


def deadline(rules: Rules, today: date) -> date:
    """The day of the printing that is near or was the last one: in the calendar year in which its school year ends."""
    month, day = map(int, rules.value(KEY).split("-"))
    own = date(year_start(today).year + 1, month, min(day, 28) if month == 2 else day)
    return own if own - today <= BEFORE else own.replace(year=own.year - 1)


def unprinted(rules: Rules, today: date):
    """The classes of that school year whose journals nobody has confirmed as printed."""
    begun = deadline(rules, today).year - 1
    years = m.Year.select(m.Year.id).where(m.Year.starts.between(date(begun, 7, 1), date(begun, 12, 31)))
    done = m.Confirmation.select(m.Confirmation.school_class).where(
        (m.Confirmation.kind == "printed") & m.Confirmation.school_class.is_null(False))
    return m.SchoolClass.select().where(m.SchoolClass.year.in_(years) & m.SchoolClass.id.not_in(done)).order_by(m.SchoolClass.sort)


def asked(rules: Rules) -> bool:
    return rules[KEY].severity != "off"


def _facts(user, rules, now):
    if not asked(rules) or not user.has("DIR", "ZAV"):
        return []
    return [fact(unprinted(rules, user.today).order_by(), "journal unprinted", one=m.SchoolClass.id, words=m.SchoolClass.name)]


def _duties(user, rules, now, found):
    rows = found("journal unprinted")
    if not rows:
        return []
    day, names = deadline(rules, user.today), ", ".join(sorted((row.words for row in rows), key=m.sort_key))
    return [Duty(m.Text(m.N_("Print, sew, sign and seal the journals of the year: %(names)s"), names=names), day, "/duties/school#printed",
                 rules[KEY].clause, day < user.today, "printing")]


SOURCE = Source(_facts, _duties)
