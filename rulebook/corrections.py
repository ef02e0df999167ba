"""The protocol of a correction (MRK-08, MRK-09): what is closed is changed by a request and a permission, and in no other way.

Whoever may fill in a cell asks (`ask`): which cells, what shall stand in them, why. A leader who is not the asker allows exactly
those cells until a moment (`allow`), or declines (`decline`). Within that time the asker, and nobody else, writes any lawful value
into them by the ordinary functions of rulebook.journal; then they are closed again by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import clock
import models as m
import rulebook.trials
from history import Actor
from policies import LEADERS, User, allows
from rulebook.checks import local_day
from rulebook.due import Duty, Source, fact
from rulebook.entries import Entry, Foreign
from rulebook.leaves import LOCKS, protocol
from rulebook.rules import end_of_day

MOST_CELLS = 60
LONGEST = timedelta(days=31)
_SHORTEST = 4  # letters of a reason


class Asked(NamedTuple):
    """A cell and what shall stand in it: see CorrectionCell."""

    what: str
    value: str = ""
    lesson: int | None = None
    work: int | None = None
    pupil: int | None = None
    kind: str = ""
    period: int | None = None

    @property
    def place(self) -> tuple:
        return self.what, self.lesson, self.work, self.pupil, self.kind, self.period


@dataclass(frozen=True)
class Looked:
    """A cell that is asked for: what stands in it, the rule and clause that close it, and why it cannot be asked for, if so."""

    asked: Asked
    before: str
    rule: str = ""
    clause: str = ""
    problem: m.Text | None = None


# ---- asking ----

def look_over(user: User, by: Actor, course: int, asked: Sequence[Asked], reason: str = "") -> list[Looked]:
    """Each cell with what stands against it now, and against its new value once it is allowed. Nothing is written; raises Foreign
    for a cell that is not this user's to fill in."""
    cells = [each for each in asked if each.what in ("cell", "result")]
    entries = [Entry(each.pupil, each.value, each.lesson, each.work, each.period, kind=each.kind or "period") for each in cells]
    said = dict(zip(cells, rulebook.trials.trial(user, by, course, entries, reason), strict=True)) if cells else {}
    parts: dict[int, list[Asked]] = {}
    for each in asked:
        if each not in said:
            parts.setdefault(each.lesson, []).append(each)
    if parts and m.Lesson.select().where(m.Lesson.id.in_(list(parts)) & (m.Lesson.course == course)).count() != len(parts):
        raise Foreign
    for lesson, named in parts.items():
        said |= zip(named, rulebook.trials.trial_of_lesson(user, by, lesson, named, reason), strict=True)
    return [_looked(each, *said[each]) for each in asked]


def _looked(asked: Asked, before: str, now, then) -> Looked:
    problem = None
    if before == asked.value and asked.what != "attendance":
        problem = m.Text(m.N_("This stands there already."))
    elif now.state in ("saved", "late", "reason_required"):
        problem = m.Text(m.N_("This is not closed: write it in the journal as usual."))
    elif now.rule not in LOCKS or then.state not in ("saved", "late"):
        problem = then.message if now.rule in LOCKS else now.message
    return Looked(asked, before, now.rule, now.clause, problem)


def ask(user: User, by: Actor, course: m.Course, asked: Sequence[Asked], reason: str) -> m.Correction:
    """A request for these cells of one journal; the leaders are told. Raises Refused with what is wrong (field "reason" or
    "cells"), Foreign as look_over."""
    reason = _said_why(reason)
    if not 0 < len(asked) <= MOST_CELLS:
        raise m.Refused(m.Text(m.N_("Choose what is to be corrected, at most %(n)s cells in a request."), n=MOST_CELLS), "cells")
    with m.writing(by, reason):
        looked = look_over(user, by, course.id, asked, reason)
        wrong = next((each for each in looked if each.problem), None)
        if wrong:
            raise m.Refused(wrong.problem, "cells")
        _not_twice(user, asked)
        cells = [{"what": each.asked.what, "lesson": each.asked.lesson, "work": each.asked.work, "pupil": each.asked.pupil,
                  "kind": each.asked.kind, "period": each.asked.period, "before": each.before, "wanted": each.asked.value,
                  "rule": each.rule, "clause": each.clause} for each in looked]
        row = m.Correction.ask(by, course, reason, cells)
        _tellleaders(by, row, m.Text(m.N_("%(who)s asks to correct what is closed: %(unit)s, %(subject)s."), who=by.who,
                                      unit=course.unit.name, subject=course.subject.name))
    return row


def withdraw(user: User, by: Actor, correction: m.Correction) -> None:
    """Take an own request back. Raises Foreign for somebody else's, Refused when it has been answered."""
    if not allows(user, "withdraw", correction):
        raise Foreign
    correction.withdraw(by)


# ---- deciding ----

def may_decide(user: User, correction: m.Correction) -> bool:
    """A leader decides on what others ask; on an own request only where the school has no other leader to ask."""
    if not allows(user, "decide", correction):
        return False
    return correction.asked_by_id != user.person or not leaders(user.today) - {user.person}


def allow(user: User, by: Actor, correction: m.Correction, until: datetime | None, note: str = "") -> None:
    """Allow the cells of a request until a moment, that second included. The asker is told. Raises Foreign for who may not decide,
    Refused for a moment that is over or too far, or a request that has been answered."""
    if not may_decide(user, correction):
        raise Foreign
    if until is None or until <= by.at:
        raise m.Refused(m.Text(m.N_("Choose a moment that is still ahead.")), "until")
    if until > by.at + LONGEST:
        raise m.Refused(m.Text(m.N_("Choose a moment within %(n)s days: a correction is not kept open for long."), n=LONGEST.days), "until")
    with m.writing(by, protocol(correction)):
        correction.decide(by, True, note, until)
        m.Notice.tell(by, [correction.asked_by_id], m.Text(m.N_("You may make the corrections of request No. %(n)s until %(until)s."),
                                                           n=correction.number, until=until), address(correction), topic="correction")


def decline(user: User, by: Actor, correction: m.Correction, reason: str) -> None:
    """Decline a request; the asker is told why. Raises Foreign, Refused as `allow`, also without a reason."""
    if not may_decide(user, correction):
        raise Foreign
    reason = _said_why(reason)
    with m.writing(by, reason):
        correction.decide(by, False, reason)
        m.Notice.tell(by, [correction.asked_by_id], m.Text(m.N_("Request No. %(n)s is declined: %(reason)s"), n=correction.number,
                                                           reason=reason), address(correction), topic="correction")


def lock(user: User, by: Actor, correction: m.Correction) -> None:
    """End a permission before its time; the asker is told. Raises Foreign for who may not decide, Refused when it is over already."""
    if not allows(user, "decide", correction):
        raise Foreign
    if correction.state(by.at) != "open":
        raise m.Refused(m.Text(m.N_("This permission is over already.")))
    with m.writing(by, protocol(correction)):
        correction.decision.lock(by)
        m.Notice.tell(by, [correction.asked_by_id], m.Text(m.N_("The permission of request No. %(n)s was ended."), n=correction.number),
                      address(correction), topic="correction")


def default_until(correction: m.Correction, now: datetime) -> datetime:
    """The end of the next school day of the class."""
    today = local_day(now, clock.zone())
    school_class = correction.course.unit.school_class
    if school_class is None:
        return end_of_day(next(day for day in _days_after(today) if day.isoweekday() < 7), clock.zone())
    calendar = m.Calendar(school_class.year)
    day = next((day for day in _days_after(today) if calendar.weekday(school_class, day)), today + timedelta(1))
    return end_of_day(day, clock.zone())


def _days_after(today):
    return (today + timedelta(n) for n in range(1, 15))


# ---- what is due ----

def _facts(user, rules, now) -> list:
    """Requests that wait for this leader, and own ones that were allowed."""
    found = []
    if user.has(*LEADERS):
        rows = m.Correction.select().where(m.Correction.waiting() & (m.Correction.asked_by != user.person))
        found.append(fact(rows, "correction waits", one=m.Correction.id, other=m.Correction.number))
    if user.leaves:
        rows = m.CorrectionDecision.select().join(m.Correction).where(m.Correction.id.in_(list(user.leaves)))
        found.append(fact(rows, "correction allowed", one=m.Correction.id, other=m.Correction.number, at=m.CorrectionDecision.until))
    return found


def _duties(user, rules, now, found) -> list[Duty]:
    clause = rules["mark.edit_window"].clause_of("closed")
    return [*(Duty(m.Text(m.N_("Answer request No. %(n)s to correct what is closed"), n=row.other), user.today, f"/corrections/{row.one}",
                   clause, topic="correction") for row in found("correction waits")),
            *(Duty(m.Text(m.N_("Make the corrections of request No. %(n)s"), n=row.other), row.at, f"/corrections/{row.one}", clause,
                   topic="correction") for row in found("correction allowed") if row.at and row.at >= now)]


SOURCE = Source(_facts, _duties)


def address(correction: m.Correction) -> str:
    """The page of a request."""
    return f"/corrections/{correction.id}"


# ---- pieces ----

def _said_why(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) < _SHORTEST:
        raise m.Refused(m.Text(m.N_("Write why, in a few words: it stays in the protocol.")), "reason")
    return reason[:500]


def _not_twice(user: User, asked: Sequence[Asked]) -> None:
    places = {each.place for each in asked}
    if len(places) < len(asked):
        raise m.Refused(m.Text(m.N_("A cell is named twice.")), "cells")
    rows = m.CorrectionCell.select(m.CorrectionCell, m.Correction).join(m.Correction).where(
        (m.Correction.asked_by == user.person) & m.Correction.waiting())
    again = next((row for row in rows if row.place in places), None)
    if again:
        raise _asked_already(again.correction)


def _asked_already(correction) -> m.Refused:
    return m.Refused(m.Text(m.N_("Request No. %(n)s asks for this already and waits for an answer."), n=correction.number), "cells")


def leaders(day) -> set[int]:
    """The deputy heads and the head in office on a day (ids of people): who is told, and who decides."""
    return {person for person, in m.Appointment.on(day).where(m.Appointment.role.in_(sorted(LEADERS))).select(
        m.Appointment.person).tuples()}


def _tellleaders(by: Actor, correction: m.Correction, text: m.Text) -> None:
    m.Notice.tell(by, leaders(local_day(by.at, clock.zone())) - {by.person}, text, address(correction), topic="correction")
