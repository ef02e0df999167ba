"""The live self-audit: every clause of the regulation in force, how the journal keeps it, and how the school stands with it now.

One table of PROBES; a probe belongs to every clause that names one of its requirements or rests on one of its keys. What no clause
claims is a rule of the school. `audit` runs them all for one part of the school (a `Look`), `clause` those of one clause.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain, takewhile

import models as m
import rulebook.audit_access
import rulebook.audit_control
import rulebook.audit_help
import rulebook.audit_lessons
import rulebook.audit_results
import rulebook.audit_school
import rulebook.audit_use
from rulebook.audit_look import STATES, Probe, Trace, Look, Standing
from rulebook.clauses import Clause, clauses_of, slug_of
from rulebook.rules import Rules, schema

PROBES: tuple[Probe, ...] = (*rulebook.audit_lessons.PROBES, *rulebook.audit_results.PROBES, *rulebook.audit_school.PROBES,
                            *rulebook.audit_access.PROBES,
                            *rulebook.audit_control.PROBES, *rulebook.audit_help.PROBES, *rulebook.audit_use.PROBES)
_BY_SEVERITY = {"block": "prevents", "reason": "asks", "warn": "warns", "report": "flags", "off": "outside"}
_WITHOUT_DATA = {"outside": "outside", "open": "open", "partly": "open"}


@dataclass
class Row:
    """A clause with its probes and how they stand; `slug` names it in an address."""

    clause: Clause
    slug: str
    standings: list[Standing]

    @cached_property
    def state(self) -> str:
        """The worst of its probes; without data, how the clause is kept at all. One that the journal keeps only in part is never called
        kept: what it does not look at may be broken."""
        found, by_itself = {each.state for each in self.standings}, _WITHOUT_DATA.get(self.clause.manner, "built")
        worst = next((state for state in STATES if state in found), by_itself)
        return by_itself if (worst, by_itself) == ("kept", "open") else worst

    @property
    def traces(self) -> list[Trace]:
        """Of all its probes, the worst and oldest first."""
        return sorted((each for standing in self.standings for each in standing.traces), key=_urgency)

    @cached_property
    def worst(self) -> list[Trace]:
        """What makes its state, the oldest first; nothing where nothing is wrong."""
        if self.state not in _TROUBLES:
            return []
        found = [list(takewhile(lambda each: each.state == self.state, standing.traces)) for standing in self.standings
                 if standing.state == self.state]
        return found[0] if len(found) == 1 else sorted(chain(*found), key=_urgency)

    def count(self, *states: str) -> int:
        return sum(standing.counts[state] for standing in self.standings for state in states)

    def people(self, *states: str) -> Counter:
        return sum((standing.people(*states) for standing in self.standings), Counter())

    @property
    def since(self) -> date | None:
        return min(filter(None, (standing.since for standing in self.standings)), default=None)


def spans(look: Look) -> dict[str, date]:
    """Name of a span of days → its first day: the week, the period that began last, the year."""
    begun = [each.starts for each in look.periods if each.starts <= look.today]
    return {"week": look.today - timedelta(days=look.today.weekday()), "period": max(begun, default=look.year.starts),
            "year": look.year.starts}


def rows_of(rules: Rules) -> list[tuple[Clause, str, list[Probe]]]:
    """Every clause of the document in force with its address and its probes, then the rules of the school that no clause claims: those
    with probes, and where no document stands behind the rules all of them."""
    clauses, claimed, found = clauses_of(rules), set(), []
    for clause in clauses:
        own = [probe for probe in PROBES if probe.ids & set(clause.ids) or set(probe.keys) & set(clause.keys)]
        claimed |= {probe.name for probe in own}
        found.append((clause, clause.slug, own))
    free = [probe for probe in PROBES if probe.name not in claimed]
    found += [(_rule_of_school(rules, probe.title, probe.keys, probe.ids), f"school-{probe.name}", [probe]) for probe in free]
    if not clauses:
        taken = {key for probe in PROBES for key in probe.keys}
        found += [(_rule_of_school(rules, known.title, (key,)), f"school-{slug_of(key)}", [])
                  for key, known in schema().items() if key not in taken]
    return found


def _rule_of_school(rules, title, keys, ids=frozenset()) -> Clause:
    strict = [rules[key].severity for key in keys if schema()[key].severities]
    return Clause("", _BY_SEVERITY[strict[0]] if strict else "reminds" if ids else "built", tuple(sorted(ids)), title, tuple(keys))


def audit(look: Look) -> list[Row]:
    """Every clause as it stands now, the worst first, in the document's order among equals; for who sees a part of the school those
    that have something to look at there. Each probe is run once."""
    asked = [probe for probe in PROBES if look.asks(probe)]
    look.expect(asked)
    standing = {probe.name: run(probe, look) for probe in asked}
    rows = [Row(clause, slug, [standing[probe.name] for probe in probes if probe.name in standing])
            for clause, slug, probes in rows_of(look.rules)]
    return in_order([row for row in rows if look.whole or not all(standing.off for standing in row.standings)])


def clause(look: Look, slug: str) -> Row | None:
    """One clause; only its own probes are run."""
    found = next(((each, probes) for each, own, probes in rows_of(look.rules) if own == slug), None)
    if found is None:
        return None
    asked = [probe for probe in found[1] if look.asks(probe)]
    look.expect(asked)
    return Row(found[0], slug, [run(probe, look) for probe in asked])


def run(probe: Probe, look: Look) -> Standing:
    """How the probe stands in this part of the school; not asked where the school has switched its rules off."""
    severities = [look.rules[key].severity for key in probe.keys if schema()[key].severities]
    if severities and set(severities) == {"off"}:
        return Standing(probe, off=True)
    found = [each for each in probe.find(look) if each.state != "kept" and look.concerns(each)]
    return Standing(probe, sorted(found, key=_urgency))


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: STATES.index(row.state))


def of_person(rows: list[Row], person: int) -> list[Row]:
    """The same rows with nothing but what concerns one person."""
    narrowed = {}
    for row in rows:
        for standing in row.standings:
            if id(standing) not in narrowed:
                narrowed[id(standing)] = replace(standing, traces=[each for each in standing.traces if each.person == person])
    return in_order([replace(row, standings=[narrowed[id(each)] for each in row.standings]) for row in rows])


def totals(rows: list[Row]) -> dict[str, int]:
    """State → how many clauses."""
    count = Counter(row.state for row in rows)
    return {state: count[state] for state in STATES}


def names(people) -> dict[int, str]:
    """Person → short name; one statement."""
    rows = m.Person.select(m.Person.id, m.Person.surname, m.Person.name, m.Person.patronymic).where(m.Person.id.in_(list(people))).tuples()
    return {number: m.short_name(*parts) for number, *parts in rows}


def _urgency(found: Trace) -> tuple:
    state = _PLACES.get(found.state, len(_PLACES))
    return state, found.day or date.min, found.course or 0


_TROUBLES = ("broken", "risk", "lapsed")
_PLACES = {state: place for place, state in enumerate(STATES)}


# ---- the digest of a week (CTL-01) ----


@dataclass(frozen=True)
class Digest:
    """A week in short for director and deputy: from `first` to `last`, `totals` as of now, `rows` that are broken or at risk, `people`:
    person → how many broken things, the most first."""

    first: date
    last: date
    totals: dict[str, int]
    rows: list[Row]
    people: list[tuple[int, int]]


def digest(rules: Rules, now: datetime, first: date | None = None) -> Digest:
    """How the school stands after a week, by default the last seven days; the statements of one audit."""
    look = Look(rules, now, first or now.date() - timedelta(days=6))
    rows = audit(look)
    worst = [row for row in rows if row.state in ("broken", "risk")]
    people: Counter = Counter()
    for standing in {id(each): each for row in worst for each in row.standings}.values():
        people += standing.people("broken")
    return Digest(look.first, look.last, totals(rows), worst, people.most_common())
