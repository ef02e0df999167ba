"""«Обращения»: anybody asks those who look after the journal; they answer, print what was asked for, pass on to technical support
(CTL-16, CTL-17, CTL-19, MRK-15). How long an answer took is counted; what is answered closes by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

import models as m
import policies
from history import Actor
from policies import User
from rulebook.clauses import clauses_of
from rulebook.due import Duty, Source, fact
from rulebook.rules import Rules
from rulebook.words import brief

KINDS = {"consult": m.N_("a question how something is done"), "broken": m.N_("something does not work"),
         "improve": m.N_("a proposal to improve the journal"), "print": m.N_("a printout is wanted")}
STATES = {"new": m.N_("waits for an answer"), "answered": m.N_("answered"), "printed": m.N_("printed, to be fetched"),
          "closed": m.N_("closed")}
PROMPT = timedelta(days=3)
"""«Своевременно» is no number in any of the documents: three days pass for it."""
CLOSES_AFTER = timedelta(days=14)
SAID = 160  # letters of a question and of an answer in a notice


class NotYours(Exception):
    """The person may not do this to the ticket."""


def kinds_for(user: User) -> dict[str, str]:
    """What the user may ask for: printouts are made for staff (D2 L115)."""
    return {kind: words for kind, words in KINDS.items() if kind != "print" or user.is_staff}


def ask(user: User, by: Actor, kind: str, text: str, page: str) -> m.Ticket:
    """A new ticket. Raises Refused for an unknown kind and without words."""
    if kind not in kinds_for(user):
        raise m.Refused(m.Text(m.N_("Choose what it is about")), "kind")
    return m.Ticket.ask(by, kind, text, page)


def step(user: User, by: Actor, ticket: m.Ticket, what: str, text: str = "") -> None:
    """What the desk or the asker does next; the asker on the staff is told of what the desk did. Raises NotYours, and Refused when it
    does not follow from the state."""
    own = what in ("more", "closed")
    if not policies.allows(user, "follow" if own else "answer", ticket):
        raise NotYours
    with m.writing(by):
        ticket.step(by, what, text)
        if what in _TOLD and ticket.asked_by_id != by.person and _is_staff(ticket.asked_by_id, user):
            words = m.Text(_TOLD[what], asked=brief(ticket.text, SAID), answer=brief(text, SAID))
            m.Notice.tell(by, [ticket.asked_by_id], words, url_of(ticket.id))


_TOLD = {"answer": m.N_("You asked: %(asked)s Answer: %(answer)s"), "printed": m.N_("Printed, fetch it: %(asked)s"),
         "support": m.N_("Your request is passed on to technical support: %(asked)s")}


def _is_staff(person: int, user: User) -> bool:
    return policies.user_of(person, "", user.today).is_staff


def close_old(by: Actor) -> str:
    """What was answered and not gone on with for two weeks is closed by itself; a line of what was done, or nothing."""
    rows = list(m.Ticket.select().where((m.Ticket.state == "answered") & (m.Ticket.since < by.at - CLOSES_AFTER)))
    for ticket in rows:
        ticket.step(by, "closed")
    return f"answered requests closed: {len(rows)}" if rows else ""


def url_of(ticket: int) -> str:
    return f"/help/{ticket}"


# ---- how fast ----

class Pace(NamedTuple):
    """The answers since a day: how many, half of them within `usual`, the slowest, how many within PROMPT; how many wait now."""

    answered: int
    usual: timedelta | None
    slowest: timedelta | None
    prompt: int
    waiting: int


def pace(since: datetime) -> Pace:
    """Of tickets asked since a moment; two statements."""
    rows = m.Ticket.select(m.Ticket.asked_at, m.Ticket.answered_at).where(
        (m.Ticket.asked_at >= since) & m.Ticket.answered_at.is_null(False))
    took = [row.answered_at - row.asked_at for row in rows]
    return Pace(len(took), median(took) if took else None, max(took, default=None), sum(each <= PROMPT for each in took),
                m.Ticket.select().where(m.Ticket.state == "new").count())


def news(person: int):
    """Own tickets with an answer that was not closed yet, as facts (rulebook.due) for the statement of a first page."""
    return fact(m.Ticket.select().where((m.Ticket.asked_by == person) & m.Ticket.state.in_(["answered", "printed"])), "ticket answered",
                one=m.Ticket.id)


def clause_of(rules: Rules, requirements: Iterable[str]) -> str:
    """The first clause of the document in force that any of these requirements was drawn from; "" without a document."""
    wanted = set(requirements)
    return next((clause.number for clause in clauses_of(rules) if wanted & set(clause.ids)), "")


# ---- duties ----

def answerers(rules: Rules) -> tuple[str, ...]:
    """Whose duty the answers are: the administrator's; where the document names the administration beside it (Д0 §13), all of it."""
    return policies.HELP_DESK if rules.code == "D0" else ("ADM",)


def _facts(user, rules, now):
    if not user.has(*answerers(rules)):
        return []
    waiting = m.Ticket.select().where(m.Ticket.state.in_(["new", "printed"]))
    return [fact(waiting, "ticket", one=m.Ticket.id, at=m.Ticket.since, words=m.Ticket.kind, more=m.Ticket.state)]


def _duties(user, rules, now, found):
    clause, rows = clause_of(rules, ["CTL-16"]), found("ticket")
    duties = []
    for words, among in ((m.N_("Answer requests: %(count)s"), [row for row in rows if row.more == "new" and row.words != "print"]),
                         (m.N_("Print what was asked for: %(count)s"), [row for row in rows if row.more == "new" and row.words == "print"]),
                         (m.N_("Hand over what is printed: %(count)s"), [row for row in rows if row.more == "printed"])):
        if among:
            limit = min(row.at for row in among) + PROMPT
            url = url_of(among[0].one) if len(among) == 1 else "/help/desk"
            duties.append(Duty(m.Text(words, count=len(among)), limit.astimezone(now.tzinfo).date(), url, clause, limit < now, "ticket"))
    return duties


SOURCE = Source(_facts, _duties)
