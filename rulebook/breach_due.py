"""How cases of breach stand: who has to be told by when, the steps that are left, whether operations hold (SEC-11 … SEC-14, LAW-04).

What is known of a case besides its own row is read for all cases of a page at once (`known_of`); nothing else here asks the database
but the calendar, once for a school year and only where the regulation counts school days.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import JOIN, Case, fn

import clock
import models as m
import policies
from models import N_, Text
from policies import User
from rulebook.due import Duty, Source, fact, year_start
from rulebook.rules import NEVER, Event, Rules, in_time, last_moment, parse_deadline, preset, rules_of

LAW = "152-ФЗ, ст. 21 ч. 3.1"
ASKED = ("incident", "inquiry")  # of TOLD: the state's regulator, where personal data got out
STEPS = {"confirm": N_("Confirm the report"), "head": N_("Register when the head learned of it"),
         "support": N_("Register when technical support learned of it"), "incident": N_("Tell Roskomnadzor of the incident"),
         "inquiry": N_("Tell Roskomnadzor of the inquiry's result"), "restore": N_("Issue new credentials"),
         "review": N_("Review the operations"), "act": N_("Draw the act up"), "approve": N_("Approve the act"),
         "copy": N_("Attach the signed act")}
REMINDED = timedelta(days=60)  # how long an unfinished case is among the duties


class SchoolDays:
    """Is a day a working day of the school: one on which some class has lessons; outside the school year Monday to Friday."""

    def __init__(self):
        self._years: dict[date, tuple] = {}

    def __call__(self, day: date) -> bool:
        start = year_start(day)
        if start not in self._years:
            year = m.Year.on(day)
            classes = list(m.SchoolClass.select().where(m.SchoolClass.year == year)) if year else []
            self._years[start] = year, m.Calendar(year) if classes else None, classes
        year, calendar, classes = self._years[start]
        if calendar is None or not year.starts <= day <= year.ends:
            return day.weekday() < 5
        return any(calendar.weekday(each, day) for each in classes)


@dataclass(frozen=True)
class Known:
    """What is known of a case: who was told, the act if there is one, the regulation it is handled by (in force when it was reported),
    how many operations are listed for somebody to decide, and of how many nobody has."""

    told: Mapping[str, m.BreachNotice]
    act: m.BreachAct | None
    rules: Rules
    listed: int
    undecided: int
    is_school_day: SchoolDays

    @property
    def act_required(self) -> bool:
        return self.rules.value("breach.act_required")

    @property
    def approved(self) -> bool:
        return bool(self.act and self.act.approved_at)


@dataclass(frozen=True)
class Timer:
    """Somebody to be told: until when (None = no limit), by which clause, the registered notice or None, and whether it is late: told
    late, or not told and the time is over. `left` is what remains."""

    whom: str
    limit: datetime | None
    clause: str
    notice: m.BreachNotice | None
    late: bool
    left: timedelta | None


@dataclass(frozen=True)
class Step:
    """Something to be done in a case, one of STEPS."""

    what: str
    done: bool
    limit: datetime | None = None


def known(case: m.Breach) -> Known:
    return known_of([case])[case.id]


def known_of(cases) -> dict[int, Known]:
    """Case (id) → what is known of it; four queries."""
    cases = list(cases)
    ids, told = [case.id for case in cases], {}
    for notice in m.BreachNotice.select(m.BreachNotice, m.Person).join(m.Person, JOIN.LEFT_OUTER).where(m.BreachNotice.breach.in_(ids)):
        told.setdefault(notice.breach_id, {})[notice.whom] = notice
    acts = {act.breach_id: act for act in m.BreachAct.select().where(m.BreachAct.breach.in_(ids))}
    versions = m.RegulationVersion.select().where(m.RegulationVersion.id.in_({case.regulation for case in cases} - {None}))
    rules, days = {version.id: rules_of(version) for version in versions}, SchoolDays()
    open_ = fn.SUM(Case(None, [(m.BreachOperation.decision == "", 1)], 0))
    listed = {row[0]: row[1:] for row in m.BreachOperation.select(m.BreachOperation.breach, fn.COUNT(m.BreachOperation.id), open_).where(
        m.BreachOperation.breach.in_(ids) & m.BreachOperation.state.in_(["review", "hand"])).group_by(m.BreachOperation.breach).tuples()}
    return {case.id: Known(told.get(case.id, {}), acts.get(case.id), rules.get(case.regulation) or preset("base"),
                           *listed.get(case.id, (0, 0)), days) for case in cases}


def notice_time(facts: Known) -> datetime | None:
    """The later of the moments when all whom the regulation names learned of the breach; None before, or where it lets operations
    stand (SEC-13: the clauses say «и»)."""
    whom = facts.rules.value("breach.notify_whom")
    if facts.rules.value("breach.invalidate") == "off" or not whom or not set(whom) <= facts.told.keys():
        return None
    return max(facts.told[name].told_at for name in whom).astimezone(clock.zone())


def standing(case: m.Breach, facts: Known) -> str:
    """What the operations since the notice are: returned · suspended · invalid, "" while none was taken back (SEC-14)."""
    if not case.suspended_by:
        return ""
    if case.declined_at:
        return "returned"
    return "invalid" if not facts.act_required or facts.approved else "suspended"


def timers(case: m.Breach, facts: Known, now: datetime) -> list[Timer]:
    """Everybody to be told in this case, counted from the discovery (SEC-11, SEC-12, LAW-04)."""
    whom = [name for name in m.TOLD if name in facts.rules.value("breach.notify_whom")]
    whom += [name for name in ASKED if case.personal and facts.rules.value("breach.regulator")[name] != NEVER]
    return [_timer(name, facts.told.get(name), *limit_of(facts.rules, case, name, facts.is_school_day), now) for name in whom]


def _timer(whom: str, notice, limit, clause: str, now: datetime) -> Timer:
    late = notice.late if notice else not in_time(limit, now)
    return Timer(whom, limit, clause, notice, late, limit - now if limit and not notice and not late else None)


def limit_of(rules: Rules, case: m.Breach, whom: str, is_school_day: SchoolDays) -> tuple[datetime | None, str]:
    """(last moment in time, clause): hours run from the moment of discovery, school days from its day."""
    found, rule = case.discovered_at.astimezone(clock.zone()), rules["breach.notify_limit"]
    value, clause = (_plain(rules.value("breach.regulator")[whom]), LAW) if whom in ASKED else (rule.value, rule.clause)
    return last_moment(parse_deadline(value), Event(clock.zone(), found.date(), found, is_school_day=is_school_day)), clause


def _plain(interval: str) -> str:
    """An interval as a deadline: months as thirty days."""
    months = re.fullmatch(r"P(\d+)M", interval)
    return f"P{30 * int(months[1])}D" if months else interval


def steps(case: m.Breach, facts: Known, now: datetime) -> list[Step]:
    """What there is to be done in a case, in order; a declined one is done."""
    if case.declined_at:
        return []
    told = [Step(timer.whom, timer.notice is not None, timer.limit) for timer in timers(case, facts, now)]
    wanted = [Step("confirm", bool(case.confirmed_at)), *(step for step in told if step.what != "inquiry")]
    if case.account_id:
        wanted.append(Step("restore", bool(case.restored_at)))
    if facts.listed:
        wanted.append(Step("review", not facts.undecided))
    if facts.act_required:
        wanted += [Step("act", facts.act is not None), Step("approve", facts.approved),
                   Step("copy", bool(facts.act and facts.act.copy_digest))]
    return wanted + [step for step in told if step.what == "inquiry"]


# ---- duties of the desk ----

def _open_cases(user: User, rules: Rules, now: datetime) -> list:
    if not user.has(*policies.BREACH_DESK):
        return []
    cases = m.Breach.select().where(m.Breach.declined_at.is_null() & (m.Breach.reported_at > now - REMINDED))
    return [fact(cases, "breach", one=m.Breach.id)]


def _duties(user: User, rules: Rules, now: datetime, found) -> list[Duty]:
    """Everybody who has to be told, and the next of the other steps, of each unfinished case."""
    cases = list(m.Breach.select().where(m.Breach.id.in_([row.one for row in found("breach")]))) if found("breach") else []
    facts = known_of(cases) if cases else {}
    return [duty for case in cases for duty in _of_case(case, facts[case.id], now)]


def _of_case(case: m.Breach, facts: Known, now: datetime):
    waiting = [step for step in steps(case, facts, now) if not step.done]
    clauses = {timer.whom: timer.clause for timer in timers(case, facts, now)}
    for step in (*[step for step in waiting if not step.limit][:1], *(step for step in waiting if step.limit)):
        words = Text(N_("Breach No. %(n)s: %(step)s"), n=case.id, step=Text(STEPS[step.what]))
        yield Duty(words, step.limit, f"/breach/{case.id}", clauses.get(step.what, ""), not in_time(step.limit, now), "breach")


SOURCE = Source(_open_cases, _duties)
"""What rulebook.duties takes from here."""
