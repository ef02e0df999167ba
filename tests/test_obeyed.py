"""Every rule of a regulation is obeyed, or the page of rules says plainly that it is not yet."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import clock
import models as m
import rulebook.rules
import rulebook.schedule
from tests import factories as f

ROOT = Path(__file__).parents[1]
ROOMS = ("rulebook", "views", "printouts", "exchange")
TALKERS = {"rulebook/words.py", "rulebook/preview.py", "rulebook/preview_look.py"}  # say what a rule means, do not act by it


def acted_by() -> set[str]:
    """Keys that stand as a string in code that acts."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] + [ROOT / "policies.py", ROOT / "cli.py"]
    found = set()
    for path in files:
        if path.relative_to(ROOT).as_posix() in TALKERS or "demo" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found & rulebook.rules.schema().keys()


def test_every_rule_is_obeyed_or_marked():
    """A key somebody begins to obey loses its `kept` in schema.toml, a new one without any code gets it."""
    read, marked = acted_by(), {key for key, known in rulebook.rules.schema().items() if known.kept}
    assert (sorted(marked & read), sorted(rulebook.rules.schema().keys() - read - marked)) == ([], [])


def test_what_is_always_kept_has_no_other_value_in_any_document():
    always = [key for key, known in rulebook.rules.schema().items() if known.kept == "always"]
    assert [key for key in always if len({str(rules.value(key)) for rules in rulebook.rules.presets()}) > 1] == []


@pytest.mark.usefixtures("db")
def test_the_page_of_rules_says_which_are_not_obeyed_yet(app):
    school = f.school()
    f.account(school.admin, "admin", "demo-demo")
    with clock.frozen(f.NOW):
        client = app.test_client().sign_in("admin", "demo-demo")
        page = client.get("/regulation/").get_data(as_text=True)
        waiting = [key for key, known in rulebook.rules.schema().items() if known.kept == "not_yet"]
        assert page.count("пока не исполняется программой") == len(waiting)
        one = client.get(f"/regulation/?rule={waiting[0]}").get_data(as_text=True)
    assert "Пока не исполняется программой: значение хранится и показывается" in one


@pytest.mark.usefixtures("db")
def test_org_type_the_words_follow_the_regulation_in_force(app):
    school = f.school()
    f.account(school.admin, "admin", "demo-demo")
    with clock.frozen(f.NOW):
        client = app.test_client().sign_in("admin", "demo-demo")
        client.send("/regulation/choice", preset="d2_spo", starts="2026-12-18", order_no="5", name="Колледж")
        assert m.School.the().kind == "school"
    with clock.frozen(f.NOW + timedelta(days=1)):
        assert "kind of organisation: college" in rulebook.schedule.run(f.actor(at=f.NOW + timedelta(days=1)))
        client = app.test_client().sign_in("admin", "demo-demo")
        assert "групп" in client.get("/orders/").get_data(as_text=True)
        client.send("/regulation/choice", preset="d1_asurso", starts="2026-12-18", order_no="6", name="Школа")
        assert m.School.the().kind == "school"
