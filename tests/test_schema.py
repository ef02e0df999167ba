"""The migrated schema is the models' schema, and no table stands outside gate and history."""

import re

import pytest

import history
import models as m
import policies


@pytest.fixture
def fresh(db, tmp_path):
    """An empty place beside the migrated database, and the names of both for `described`."""
    if m.is_sqlite():
        with m.Sqlite(tmp_path / "fresh.db") as other, other.bind_ctx(m.TABLES):
            yield m.db.obj, other
    else:
        with m.db.atomic() as transaction:
            m.db.execute_sql("CREATE SCHEMA fresh")
            m.db.execute_sql("SET LOCAL search_path TO fresh, public")
            yield "public", "fresh"
            transaction.rollback()


def described(place):
    """Tables, columns, constraints and indexes as sorted lines of text, without what `migrate` makes around the models."""
    if not isinstance(place, str):
        rows = place.execute_sql("SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL").fetchall()
        lines = [re.sub(r"\s+", " ", sql) for sql, in rows]
    else:
        asked = (
            "SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
            " is_nullable) FROM information_schema.columns WHERE table_schema = %s AND table_name <> 'membership'",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = %s",
            "SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE"
            " contype <> 't' AND connamespace = %s::regnamespace")
        lines = [line for sql in asked for line, in m.db.execute_sql(sql, (place,)).fetchall()]
    return sorted(line.replace("public.", "").replace("fresh.", "") for line in lines
                  if not any(name in line for name in ("schema_migration", "sqlite_sequence", "history_pupil")))


def test_the_migrated_schema_equals_the_models(fresh):
    migrated, beside = fresh
    for model in m.TABLES:
        model.create_table()
    assert described(migrated) == described(beside)
    assert len(described(beside)) > 100


def test_migrating_again_changes_nothing(db):
    assert m.schema_state() == "current"
    assert m.migrate() == []


def test_a_schema_of_a_newer_program_is_known_as_such(db):
    m.db.execute_sql("INSERT INTO schema_migration (name, applied) SELECT '9999_from_the_future', applied FROM"
                     " schema_migration LIMIT 1")
    assert m.schema_state() == "newer"


def test_every_table_has_a_scope():
    assert {model for model in m.TABLES if model not in policies.SCOPES} == set()


def test_every_screen_has_rules_and_a_scope():
    for model in policies.SCREENS:
        assert model in policies.SCOPES
        if model.recorded:
            assert {verb for verb in ("create", "edit", "delete") if (model, verb) not in policies.RULES} == set()


@pytest.mark.parametrize("model", [model for model in m.TABLES if model.recorded], ids=lambda model: model.__name__)
def test_every_recorded_table_has_its_triggers(db, model):
    table = model._meta.table_name
    if m.is_sqlite():
        found = {name for name, in db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                                                  (table,)).fetchall()}
        assert found == {f"history_{table}_{event}" for event in "iud"}
    else:
        found = {name for name, in db.execute_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid ="
                                                  " %s::regclass", (f'"{table}"',)).fetchall()}
        assert found == {f"history_{table}", f"history_{table}_whole"}


def test_installing_the_triggers_twice_is_safe(db):
    history.install(m.db, m.recorded())


def test_deleting_takes_nothing_along_by_surprise():
    """A foreign key that cascades belongs to a part of its owner, or is no record."""
    cascading = {f"{model.__name__}.{field.name}" for model in m.TABLES for field in model._meta.refs
                 if field.on_delete == "CASCADE" and model.recorded}
    assert cascading == {"Bell.bell_set", "BellUse.bell_set", "PlanTopic.plan", "PlanCorrection.topic", "PlanCorrection.joined_to",
                         "PlanDate.course", "PlanDate.topic",
                         "Slot.timetable", "Attachment.homework", "Deferral.mark", "Material.lesson", "PortfolioReader.item"}
