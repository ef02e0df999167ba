"""The clauses of the document a school lives by: what each asks for, how the journal keeps it, and the keys that rest on it.

Read from regulations/documents/clauses.toml, the index of requirements.md §17 with the manner of keeping. Pure data: nothing here
looks at the school.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rulebook.rules import PRESETS, Rules

MANNERS = ("prevents", "asks", "warns", "flags", "reminds", "shows", "built", "outside", "partly", "open")
"""How a clause is kept, the strongest first; what each means stands at the head of the file."""
_FILE = PRESETS / "documents/clauses.toml"


@dataclass(frozen=True)
class Clause:
    """A clause of a document: its `number` as printed, `gist`, `manner` (MANNERS), `ids` of requirements, `keys` of the
    regulation that rest on it. `number` "" is a rule of the school, which no document names."""

    number: str
    manner: str
    ids: tuple[str, ...]
    gist: str
    keys: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The clause in an address: «4-4-1», «1-7-l45-51»."""
        return slug_of(self.number)


def slug_of(number: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", number.lower()).strip("-")


def documents() -> Mapping[str, Mapping[str, Clause]]:
    """Document (D0 … D4) → clause as printed → Clause, in the document's order, without keys."""
    return _documents()


def clauses_of(rules: Rules) -> list[Clause]:
    """The clauses of the document these rules come from, each with the keys that rest on it as the rules stand now; none for the
    house rules, behind which stands no document."""
    rows = documents().get(rules.code, {})
    keys = cited(rules, rows)
    return [Clause(row.number, row.manner, row.ids, row.gist, tuple(keys.get(row.number, ()))) for row in rows.values()]


def cited(rules: Rules, rows: Mapping[str, object]) -> dict[str, list[str]]:
    """Clause → the keys of the rules that rest on it; «3.4» stands for 3.4.1 and 3.4.2. One that has no row stays as it is cited."""
    found: dict[str, list[str]] = {}
    for key, rule in rules.rules.items():
        for clause in filter(None, re.split(r",\s*", ", ".join(filter(None, (rule.clause, *rule.clauses.values()))))):
            named = [row for row in rows if row == clause or row.startswith((f"{clause} ", f"{clause}."))]
            for row in named or [clause]:
                kept = found.setdefault(row, [])
                kept += [key] * (key not in kept)
    return found


@lru_cache(1)
def _documents():
    return MappingProxyType({
        document: MappingProxyType({number: Clause(number, row[0], tuple(row[1].split()), row[2])
                                    for number, row in rows.items() if number != "document"})
        for document, rows in _read().items()})


def _read():
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
