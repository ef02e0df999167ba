"""How the journal runs: the sign of life of the server, what it finds when it starts after a pause, planned work
(PLN-07, CTL-21, ACC-11).

The server writes a sign of life into the instance folder every few minutes. When it starts and the last one is old, it was down in
between, and an entry of the log is proposed; people say why.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from peewee import fn

import models as m
from history import Actor
from rulebook.due import Duty, Source, fact
from rulebook.tickets import clause_of

BEAT = timedelta(minutes=5)
DOWN = timedelta(minutes=15)  # an older sign of life is a pause; a restart after an update takes less
TOLD_BEFORE = timedelta(days=7)
_BEAT = "alive.json"


def beat(folder: Path, now: datetime) -> None:
    """The server is alive at this moment."""
    _write(folder / _BEAT, {"at": now.isoformat()})


def found_at_start(folder: Path, by: Actor) -> m.Outage | None:
    """What the server finds when it starts: the entry it proposes if its last sign of life is old. A first start proposes nothing."""
    last = _moment(_read(folder / _BEAT))
    beat(folder, by.at)
    return m.Outage.propose(by, last, by.at) if last and by.at - last > DOWN else None


@dataclass(frozen=True)
class Health:
    """Sizes in bytes; `backup`: when the program wrote the last one, none = never."""

    database: int
    disk_free: int
    disk: int
    backup: datetime | None


def health(folder: Path) -> Health:
    folder.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(folder)
    written = m.Backup.select(fn.MAX(m.Backup.at)).where(m.Backup.medium == "").scalar()
    return Health(m.database_size(), disk.free, disk.total, m.Backup.at.python_value(written))


def down_since(since: datetime, now: datetime) -> timedelta:
    """How long the journal was not working since a moment, by its log, planned work included; overlapping entries count once."""
    open_or_later = m.Outage.ends.is_null() | (m.Outage.ends > since)
    rows = m.Outage.select(m.Outage.starts, m.Outage.ends).where(
        (m.Outage.state == "kept") & (m.Outage.starts < now) & open_or_later).order_by(m.Outage.starts)
    total, reached = timedelta(), since
    for row in rows:
        first, last = max(row.starts, reached), min(row.ends or now, now)
        if last > first:
            total, reached = total + (last - first), last
    return total


def announced(school: m.School | None, now: datetime) -> m.Outage | None:
    """Planned work that everybody is told about now: from a week before it begins until it ends. No statement."""
    outage = school.outage if school else None
    return outage if outage and outage.id and outage.starts - TOLD_BEFORE <= now < outage.ends else None


def _write(path: Path, facts: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(path)


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _moment(facts: dict) -> datetime | None:
    try:
        return datetime.fromisoformat(facts["at"])
    except (KeyError, TypeError, ValueError):
        return None


# ---- duties ----

def _facts(user, rules, now):
    if not user.has("ADM"):
        return []
    return [fact(m.Outage.select().where(m.Outage.state == "proposed"), "outage", one=m.Outage.id, at=m.Outage.starts)]


def _duties(user, rules, now, found):
    rows = found("outage")
    return [Duty(m.Text(m.N_("Say why the journal did not work: %(count)s"), count=len(rows)), None, "/help/running",
                 clause_of(rules, ["PLN-07"]), False, "outage")] if rows else []


SOURCE = Source(_facts, _duties)
