"""The arrows of the house: which room may know which, and how big its pieces may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {"app": 6, "cli": 5, "views": 5, "printouts": 4, "exchange": 4, "policies_schedule": 3.995, "policies_audit": 3.99, "policies_audit_control": 3.98, "policies_audit_school": 3.98, "policies_audit_results": 3.98,
          "policies_audit_lessons": 3.98, "policies_audit_look": 3.97, "policies_upkeep": 3.965, "policies_work": 3.96, "policies_class_data": 3.96, "policies_duties": 3.96,
          "policies_remarks": 3.94, "policies_deferrals": 3.93, "policies_signing": 3.91, "policies_closing": 3.9, "policies_breach": 3.86, "policies_breach_list": 3.85, "policies_breach_due": 3.85, "policies_takeback": 3.84, "policies_results": 3.8, "policies_forecast": 3.8, "policies_plans": 3.7, "policies_corrections": 3.65, "policies_preview": 3.62,
          "policies_preview_look": 3.61, "policies_journal": 3.6, "policies_leaves": 3.55,
          "policies_list_requests": 3.53, "policies_readings": 3.53, "policies_due": 3.52, "policies": 3.5, "policies_verdicts": 3.4, "policies_facts": 3.2, "policies_words": 3.1,
          "policies_clauses": 3.1, "policies_rules": 3, "models": 2, "marking": 1, "history": 0, "formulas": 0, "clock": 0,
          "migrations": 0}
WEB = {"flask", "flask_admin", "flask_login", "flask_wtf", "flask_babel", "flask_mail", "wtforms", "werkzeug", "jinja2", "waitress"}
KEEPS_OUT = {  # what a room must not know
    "formulas": WEB | {"peewee", "playhouse"},
    "marking": WEB | {"peewee", "playhouse"},
    "clock": WEB | {"peewee", "playhouse"},
    "history": WEB - {"peewee"},
    "models": WEB,
    **{room: WEB for room in FLOORS if room.startswith("policies")},
    "exchange": WEB,
    "printouts": WEB - {"jinja2"},
}
BIG = {"models.py", "policies.py", "policies_journal.py", "policies_verdicts.py"}
CODE = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0].removesuffix(".py") in FLOORS)


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree):
    """(module, line) of everything imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            yield node.module, node.lineno


def of(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_knows_only_the_rooms_below(path):
    room, wrong = room_of(path), []
    for module, line in imports(of(path)):
        top = module.split(".")[0]
        below = top in FLOORS and (top == room or FLOORS[top] < FLOORS[room])
        if top in FLOORS and not below or top in KEEPS_OUT.get(room, ()) or top in ("app", "tests"):
            wrong.append(f"{path.name}:{line} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in CODE if room_of(path) == "migrations"], ids=lambda path: path.name)
def test_a_migration_knows_only_peewee(path):
    known = {module.split(".")[0] for module, _ in imports(of(path))}
    assert known <= {"peewee", "playhouse", "datetime", "decimal", "json"}


@pytest.mark.parametrize("path", [path for path in CODE if room_of(path) != "clock"], ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_asks_for_the_time(path):
    asked = [f"{path.name}:{node.lineno}" for node in ast.walk(of(path))
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
             and (node.value.id, node.attr) in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}]
    assert asked == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    if path.name not in BIG and room_of(path) != "migrations":
        assert len(path.read_text(encoding="utf-8").splitlines()) < 600
    long = [f"{path.name}:{node.lineno} {node.name}" for node in ast.walk(of(path))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno >= 40]
    assert long == []
