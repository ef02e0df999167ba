"""The arrows of the house: which room may know which, and how big its pieces may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the ground up; a room knows the rooms of the lines before its own.
STOREYS = """
history formulas clock migrations
marking
models
rulebook.rules
rulebook.words rulebook.clauses
rulebook.facts
rulebook.access_rules rulebook.access_shared
rulebook.checks
rulebook.verdicts rulebook.text_verdicts rulebook.result_verdicts
policies
rulebook.due
rulebook.access_order
rulebook.list_requests rulebook.readings rulebook.scales rulebook.talk rulebook.organisation rulebook.tickets rulebook.quarantine
rulebook.running
rulebook.leaves
rulebook.entries rulebook.lesson_facts
rulebook.lesson_desk rulebook.result_desk
rulebook.homework rulebook.works rulebook.materials
rulebook.journal
rulebook.trials
rulebook.preview_look
rulebook.preview
rulebook.corrections
rulebook.plans
rulebook.results rulebook.forecast
rulebook.takeback
rulebook.breach_list rulebook.breach_due
rulebook.breach
rulebook.closing
rulebook.signing rulebook.changes
rulebook.deferrals
rulebook.remarks rulebook.alerts rulebook.backups rulebook.yearly
rulebook.work rulebook.activity rulebook.attendance rulebook.class_data rulebook.duties
rulebook.upkeep
rulebook.audit_look
rulebook.audit_control rulebook.audit_help rulebook.audit_school rulebook.audit_access rulebook.audit_results rulebook.audit_lessons rulebook.audit_use
rulebook.audit
rulebook.schedule
printouts exchange
cli views
app
"""
FLOORS = {room: floor for floor, rooms in enumerate(STOREYS.split("\n")) for room in rooms.split()}
WEB = {"flask", "flask_admin", "flask_login", "flask_wtf", "flask_babel", "flask_mail", "wtforms", "werkzeug", "jinja2", "waitress"}
KEEPS_OUT = {  # what a room must not know
    "formulas": WEB | {"peewee", "playhouse"},
    "marking": WEB | {"peewee", "playhouse"},
    "clock": WEB | {"peewee", "playhouse"},
    "history": WEB - {"peewee"},
    "models": WEB,
    **{room: WEB for room in FLOORS if room == "policies" or room.startswith("rulebook.")},
    "exchange": WEB,
    "printouts": WEB - {"jinja2"},
}
BIG = {"models.py", "policies.py"}
ROOMS = {room.partition(".")[0] for room in FLOORS}
CODE = sorted(path for path in ROOT.rglob("*.py")
              if path.relative_to(ROOT).parts[0].removesuffix(".py") in ROOMS and path != ROOT / "rulebook/__init__.py")


def room_of(path):
    return room_named(".".join(path.relative_to(ROOT).with_suffix("").parts))


def room_named(module):
    """A room is a file or a folder at the top; in the rulebook every file is one."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "rulebook" else parts[0]


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
        top = room_named(module)
        assert top != "rulebook", f"{path.name}:{line} imports the rulebook as a whole"
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
    if str(path.relative_to(ROOT)) not in BIG and room_of(path) != "migrations":
        assert len(path.read_text(encoding="utf-8").splitlines()) < 600
    long = [f"{path.name}:{node.lineno} {node.name}" for node in ast.walk(of(path))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno >= 40]
    assert long == []
