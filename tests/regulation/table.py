"""docs/clauses.md: every clause of the five documents, the rule behind it, its tests, and how the journal keeps it.

`python -m tests.regulation.table` writes the page anew from regulations/documents/clauses.toml, the presets and the names of
the tests: `test_d1_4_4_1_…` beside this file belongs to clause 4.4.1 of Д1, `test_d1_3_6_4_1_11_…` to two clauses, and
`test_sec_07_…` anywhere to the rule SEC-07.
"""

import ast
import re
from pathlib import Path

import rulebook.clauses
import rulebook.rules

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/clauses.md"
PRESETS = {"D0": "d0_sosh1", "D1": "d1_asurso", "D2": "d2_spo", "D3": "d3_shalazhi", "D4": "d4_hmao"}
MANNERS = {"prevents": "не даёт", "asks": "спрашивает основание", "warns": "предупреждает", "flags": "помечает опоздание",
           "reminds": "напоминает", "shows": "показывает", "built": "устроено так", "outside": "вне программы",
           "partly": "частично", "open": "ещё нет"}
JUDGED = {"prevents", "asks", "warns", "flags"}  # what a test has to prove
HEAD = """# Пункты положений и журнал

Таблица составлена программой: `python -m tests.regulation.table`. «Не даёт», «спрашивает», «предупреждает», «помечает» —
журнал судит каждую запись. «Напоминает», «показывает» — пункт виден на экране или в документе. «Устроено так» — иначе не бывает.
«Частично» и «ещё нет» — чего журнал пока не исполняет. «Вне программы» — дело людей. «Проверено» — имена проверок пункта и
правила, у которых есть свои проверки.
"""


def clauses() -> dict[str, dict[str, tuple[str, str, str]]]:
    """Document → clause → (manner, ids of requirements, what it asks for)."""
    return {document: {row.number: (row.manner, " ".join(row.ids), row.gist) for row in rows.values()}
            for document, rows in rulebook.clauses.documents().items()}


def cited(document: str) -> dict[str, list[str]]:
    """Clause → the keys of the preset that rest on it."""
    return rulebook.clauses.cited(rulebook.rules.preset(PRESETS[document]), clauses()[document])


def tests(document: str) -> dict[str, list[str]]:
    """Clause → the tests that carry it in their name."""
    slugs = {_slug(clause): clause for clause in clauses()[document]}
    found: dict[str, list[str]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(f"test_{document.lower()}_"):
                for slug in _slugs_of(node.name.removeprefix(f"test_{document.lower()}_"), slugs):
                    found.setdefault(slugs[slug], []).append(node.name)
    return found


def tested_rules() -> set[str]:
    """The requirements that a test anywhere carries in its name: test_sec_07_… is SEC-07."""
    names = re.findall(r"def test_(\w+)", "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")))
    return {f"{family.upper()}-{number}" for name in names for family, number in re.findall(r"(?:^|_)([a-z]{3})_(\d\d)(?=_|$)", name)}


def page() -> str:
    parts, tested = [HEAD], tested_rules()
    for document, rows in clauses().items():
        keys, proved = cited(document), tests(document)
        parts += [f"\n## {document.replace('D', 'Д')}\n", "| пункт | о чём | как | правила | ключи | проверено |", "|---|---|---|---|---|---|"]
        for clause, (manner, ids, says) in rows.items():
            names = ", ".join([f"`{name}`" for name in proved.get(clause, ())] + [rule for rule in ids.split() if rule in tested])
            parts.append(f"| {clause} | {says} | {MANNERS[manner]} | {ids} | {', '.join(keys.get(clause, ()))} | {names} |")
    return "\n".join(parts) + "\n"


def _slug(clause: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", clause.lower()).strip("_")


def _slugs_of(name: str, slugs) -> list[str]:
    """The clauses at the beginning of a test's name, the longest reading first: «4_4_10_…» is no 4.4.1."""
    found = []
    while match := max((slug for slug in slugs if re.match(rf"{slug}(_|$)", name)), key=len, default=None):
        found.append(match)
        name = name[len(match) + 1:]
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
