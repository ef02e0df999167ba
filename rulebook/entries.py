"""What is entered into the journal and what became of it: entries, outcomes, versions, keys of saves that came twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from zlib import crc32

import models as m
from history import Actor
from marking import Scale
from rulebook.checks import NOTHING_CHANGED, said, standing_text
from rulebook.facts import Decision, read_cell
from rulebook.rules import Rules

WRITTEN = ("saved", "late")


class Foreign(Exception):
    """Somebody else's journal, or no such lesson or pupil in it: nobody learns which (ACC-02, ACC-06)."""


@dataclass(frozen=True)
class Entry:
    """One cell to be changed: of a lesson (of its own column, or of a `work`), of a `period`, or of the year: `kind` year, exam
    or final (FIN-17). `value` is all that the cell shall hold, "" empties it. `seen`: the version that was looked at, None =
    whatever stands. `protocol`: see read_paper, a mapping may name the "examiners". The same `key` of a person is applied once.
    `typed_at`: see judged_at."""

    pupil: int
    value: str
    lesson: int | None = None
    work: int | None = None
    period: int | None = None
    seen: str | None = None
    reason: str = ""
    protocol: object = None
    key: str = ""
    typed_at: datetime | None = None
    kind: str = "period"
    due: date | None = None        # until when the work behind «.» is handed in; None = as it is, or by the regulation
    minutes: int | None = None     # of lateness; None = as it is
    document: str | None = None    # the paper behind an absence; None = as it is


@dataclass(frozen=True)
class Outcome:
    """What became of an entry: `state` saved · late · reason_required · refused · conflict, and the `value` that now stands.
    `wrote`: the version left behind by an entry that was applied before, since when somebody may have changed the cell."""

    entry: Entry
    state: str
    value: str = ""
    rule: str = ""
    clause: str = ""
    message: m.Text | None = None
    wrote: str | None = None

    @property
    def version(self) -> str:
        return version_of(self.value)


@dataclass(frozen=True)
class File:
    """An attachment of a homework to be added: a link (`url`) or a kept file (`digest` of its contents)."""

    name: str
    url: str = ""
    digest: str = ""
    size: int = 0
    mime: str = ""


@lru_cache(1024)
def version_of(value: str) -> str:
    """A short token of what a cell holds; «0» of an empty one."""
    return f"{crc32(value.encode()):x}"[:6] if value else "0"


def cleared_first(entry: Entry, standing: str, scale: Scale) -> list[Entry]:
    """A mark in place of an absence, where the pupil was at the lesson after all, takes an entry before it that clears the cell."""
    try:
        was, cell = (read_cell(text if entry.lesson else "", scale) for text in (standing, entry.value))
    except m.Refused:
        return []
    return [replace(entry, value="")] if was.missed and cell.marks and not cell.absence else []


def judged_at(rules: Rules, typed_at: datetime | None, received_at: datetime) -> datetime:
    """The moment by which a change is judged: when it arrived, or when it was typed if it waited for a connection, the
    regulation takes that moment and it is not longer ago than allowed (`offline.*`)."""
    hours = rules.value("offline.typed_limit")
    if typed_at is None or rules.value("offline.judge_by") != "typed" or received_at - typed_at > timedelta(hours=hours):
        return received_at
    return min(typed_at, received_at)


def once(by: Actor, key: str, change: Callable[[], Decision | tuple], why: str = "") -> Decision | tuple | None:
    """What `change()` answers, a decision or (decision, outcomes); None when this person's save with the key was applied before.
    A change that is not saved leaves the key free. One transaction."""
    if not key:
        return change()
    with m.writing(by, why):
        if not m.CellKey.keep(by, {key: ""}):
            return None
        answer = change()
        decision, outcomes = answer if isinstance(answer, tuple) else (answer, ())
        own = (m.CellKey.person == by.person) & (m.CellKey.key == key)
        if not (decision.ok and all(outcome.state in WRITTEN for outcome in outcomes)):
            m.CellKey.delete().where(own).execute()
        elif decision.stands is not None:
            m.CellKey.update(wrote=version_of(decision.stands)).where(own).execute()
        return answer


def note_work(by: Actor, key: str, work: int) -> None:
    """The save with this key made this column: whoever sends it again is told so. Inside `once`."""
    if key:
        m.CellKey.update(wrote=f"work {work}").where((m.CellKey.person == by.person) & (m.CellKey.key == key)).execute()


def wrote(by: Actor, key: str) -> str:
    """The version that a save with this key left behind it."""
    return m.CellKey.known(by, [key]).get(key, "")


def judged_row(standing: dict | None, by: Actor, rules: Rules, decision: Decision, entry: Entry) -> dict:
    """The judged columns of a row: a first entry keeps its moment and whether it was late through all corrections."""
    first = standing or {"entered_at": by.at, "entered_by": by.person, "late": decision.late}
    spoken = decision if decision.rule or not standing else None
    verdict = {"rule": decision.rule, "clause": decision.clause, "regulation": rules.version} if spoken else {
        name: standing[name] for name in ("rule", "clause", "regulation")}
    kept = {name: first[name] for name in ("entered_at", "entered_by", "late")}
    identity = {"id": standing["id"]} if standing and "id" in standing else {}
    reason = (entry.reason or (standing or {}).get("reason", ""))[:300]
    return kept | verdict | identity | {"reason": reason, "typed_at": entry.typed_at}


def stored_row(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in ("id", "model")}


def changed_meanwhile(was) -> m.Text:
    return said(m.Text(m.N_("Somebody changed the cell meanwhile.")), standing_text(was), m.Text(m.N_("Choose which to keep.")))


def changed_below(standing: str) -> Decision:
    """A conflict over a text of the lesson: it is not what was looked at when this was typed."""
    text = said(m.Text(m.N_("Somebody changed this meanwhile.")), standing_text(standing) if standing else NOTHING_CHANGED,
                m.Text(m.N_("Choose which to keep.")))
    return Decision(False, "block", message=text, state="conflict", stands=standing)


def plain_refusal(*parts) -> Decision:
    texts = [part if isinstance(part, m.Text) else m.Text(part) for part in parts]
    return Decision(False, "block", message=said(*texts), state="refused")


def keep_keys(by: Actor, outcomes, desks) -> None:
    applied = set().union(*(desk.applied for desk in desks))
    fresh = {outcome.entry.key: outcome.version for outcome in outcomes
             if outcome.entry.key and outcome.state in WRITTEN and outcome.entry.key not in applied}
    if fresh:
        m.CellKey.keep(by, fresh)


def same_or_null(column, value):
    return column.is_null() if value is None else column == value
