"""Probes of the help desk: requests answered in time, printouts handed over, interruptions with their cause."""

from datetime import datetime, time

import clock
import models as m
import rulebook.tickets
from rulebook.audit_look import SCHOOL, Look, Trace, probe

_WAITS, _WAITS_LONG = m.Text(m.N_("a request waits for an answer")), m.Text(m.N_("a request waits for an answer too long"))
_NOT_HANDED, _ANSWERED_LATE = m.Text(m.N_("printed and not handed over")), m.Text(m.N_("a request was answered late"))


def tickets(look: Look):
    """Requests are answered within a few days (CTL-16, MRK-15); those of these days that were not are shown."""
    row = m.Ticket
    return [trace for number, kind, asked, state, entered, answered in row.select(
                row.id, row.kind, row.asked_at, row.state, row.since, row.answered_at).where(
                (row.kind != "print") & ((row.state == "new") | (row.asked_at >= _begin(look)))).tuples()
            if (trace := _trace(look, number, state, asked, entered, answered))]


def _trace(look, number, state, asked, entered, answered):
    day, name = asked.astimezone(clock.zone()).date(), f"№ {number}"
    if state == "new":
        late = look.now - entered > rulebook.tickets.PROMPT
        return Trace("broken" if late else "risk", None, None, ("ticket", number), None, day, _WAITS_LONG if late else _WAITS, name)
    if answered and answered - asked > rulebook.tickets.PROMPT:
        return Trace("lapsed", None, None, ("ticket", number), None, day, _ANSWERED_LATE, name)
    return None


def prints(look: Look):
    """What was asked for on paper is printed and handed over (CTL-19)."""
    row = m.Ticket
    rows = row.select(row.id, row.state, row.since).where((row.kind == "print") & row.state.in_(["new", "answered", "printed"])).tuples()
    return [Trace("broken" if look.now - since > rulebook.tickets.PROMPT else "risk", None, None, ("ticket", number), None,
                  since.astimezone(clock.zone()).date(), _NOT_HANDED if state == "printed" else _WAITS, f"№ {number}")
            for number, state, since in rows]


_NO_CAUSE, _WAS_DOWN = m.Text(m.N_("the journal did not work, nobody has said why")), m.Text(m.N_("the journal did not work"))


def outages(look: Look):
    """Every interruption has its cause in the log (PLN-07)."""
    rows = m.Outage.select().where((m.Outage.state == "proposed") | (
        (m.Outage.state == "kept") & ~m.Outage.planned & (m.Outage.starts >= _begin(look))))
    return [Trace("risk" if row.state == "proposed" else "noted", None, None, ("running",), None, row.starts.astimezone(clock.zone()).date(),
                  _NO_CAUSE if row.state == "proposed" else _WAS_DOWN, row.cause) for row in rows]


def _begin(look) -> datetime:
    return clock.at(look.first, time.min)


PROBES = (
    probe("tickets", m.N_("Requests answered"), "CTL-16 CTL-17 MRK-15", "", tickets, SCHOOL),
    probe("prints", m.N_("Printouts handed over"), "CTL-19", "", prints, SCHOOL),
    probe("outages", m.N_("The journal keeps running"), "PLN-07 CTL-21", "", outages, SCHOOL),
)
