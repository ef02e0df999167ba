"""Probes of the help desk: requests answered in time, printouts handed over, interruptions with their cause."""

from datetime import datetime, time

import clock
import models as m
import rulebook.tickets
from rulebook.audit_look import SCHOOL, Look, Trace, asks, moment_of, probe

_WAITS, _WAITS_LONG = m.Text(m.N_("a request waits for an answer")), m.Text(m.N_("a request waits for an answer too long"))
_NOT_HANDED, _ANSWERED_LATE = m.Text(m.N_("printed and not handed over")), m.Text(m.N_("a request was answered late"))


def _rows(look):
    """What is open and what was asked in these days."""
    row = m.Ticket
    return row.select(row.kind, row.id, row.state, row.asked_at, row.since, row.answered_at).where(
        (row.state != "closed") | (row.asked_at >= _begin(look)))


def _requests(look) -> list[tuple]:
    """(kind, number, state, asked at, since when in this state, answered at), read once for both probes."""
    return [(kind, number, state, *map(moment_of, moments)) for kind, number, state, *moments in look.told(_rows)]


@asks(_rows)
def tickets(look: Look):
    """Requests are answered within a few days (CTL-16, MRK-15); those of these days that were not are shown."""
    return list(filter(None, (_trace(look, *row) for kind, *row in _requests(look) if kind != "print")))


def _trace(look, number, state, asked, since, answered):
    link, name = ("ticket", number), f"№ {number}"
    if state == "new":
        late = look.now - since > rulebook.tickets.PROMPT
        return Trace("broken" if late else "risk", None, None, link, None, since.date(), _WAITS_LONG if late else _WAITS, name)
    if answered and answered - asked > rulebook.tickets.PROMPT and asked >= _begin(look):
        return Trace("lapsed", None, None, link, None, asked.date(), _ANSWERED_LATE, name)
    return None


@asks(_rows)
def prints(look: Look):
    """What was asked for on paper is printed and handed over (CTL-19)."""
    return [Trace("broken" if look.now - since > rulebook.tickets.PROMPT else "risk", None, None, ("ticket", number), None, since.date(),
                  _NOT_HANDED if state == "printed" else _WAITS, f"№ {number}")
            for kind, number, state, _asked, since, _answered in _requests(look) if kind == "print" and state != "closed"]


_NO_CAUSE, _WAS_DOWN = m.Text(m.N_("the journal did not work, nobody has said why")), m.Text(m.N_("the journal did not work"))


def _outages(look):
    return m.Outage.select(m.Outage.state, m.Outage.starts, m.Outage.cause).where((m.Outage.state == "proposed") | (
        (m.Outage.state == "kept") & ~m.Outage.planned & (m.Outage.starts >= _begin(look))))


@asks(_outages)
def outages(look: Look):
    """Every interruption has its cause in the log (PLN-07)."""
    return [Trace("risk" if state == "proposed" else "noted", None, None, ("running",), None, moment_of(starts).date(),
                  _NO_CAUSE if state == "proposed" else _WAS_DOWN, cause) for state, starts, cause in look.told(_outages)]


def _begin(look) -> datetime:
    return clock.at(look.first, time.min)


PROBES = (
    probe("tickets", m.N_("Requests answered"), "CTL-16 CTL-17 MRK-15", "", tickets, SCHOOL),
    probe("prints", m.N_("Printouts handed over"), "CTL-19", "", prints, SCHOOL),
    probe("outages", m.N_("The journal keeps running"), "PLN-07 CTL-21", "", outages, SCHOOL),
)
