"""No write without a trace: every recorded table, every way in, and a chain that names the changed byte."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from peewee import (
    BigIntegerField, BooleanField, CharField, DatabaseError, DateField, DateTimeField, DecimalField, ForeignKeyField,
    IntegerField, JSONField, TextField, TimeField,
)

import history
import models as m
from history import Actor
from tests import factories

ACTOR = Actor("Проверка", datetime(2026, 12, 17, 10, 40, tzinfo=UTC), via="test", address="127.0.0.1")
RECORDED = [model for model in m.TABLES if model.recorded]
SAMPLES = {  # type of a column → two values for it
    BooleanField: (False, True), DateField: ("2026-12-16", "2026-12-17"), TimeField: ("08:30:00", "09:15:00"),
    DateTimeField: ("2026-12-16 07:30:00", "2026-12-17 07:30:00"), DecimalField: (Decimal("1.5"), Decimal("2.5")),
    JSONField: ('{"a": 1}', '{"a": 2}'), IntegerField: (1, 2), BigIntegerField: (1, 2), CharField: ("а", "б"), TextField: ("а", "б"),
}


@pytest.fixture
def bare(db):
    """The database with foreign keys out of the way: rows of any table stand alone."""
    if m.is_sqlite():
        db.execute_sql("PRAGMA foreign_keys = OFF")
    else:
        db.execute_sql("SET session_replication_role = DEFAULT")
        for model in RECORDED:
            name = model._meta.table_name
            for constraint, in db.execute_sql("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                                              (f'"{name}"',)).fetchall():
                db.execute_sql(f'ALTER TABLE "{name}" DROP CONSTRAINT "{constraint}"')
    return db


def sample(field, turn):
    if isinstance(field, ForeignKeyField):
        return turn + 1
    value = next(values for kind, values in SAMPLES.items() if isinstance(field, kind))[turn]
    return value[:field.max_length] if isinstance(field, CharField) else value


def row_of(model, turn):
    """(column, value) of every column but the key, as raw SQL wants them."""
    return [(field.column_name, sample(field, turn)) for field in model._meta.sorted_fields if not field.primary_key]


def insert(model, turn=0, key=1):
    columns = [("id", key), *row_of(model, turn)]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    m.db.execute_sql(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({", ".join([m.db.param] * len(columns))})',
                     [value for _, value in columns])


def life(model, key=1):
    return [(op, old, new) for _, _, _, op, old, new, _, _ in history.of_row(m.db, model._meta.table_name, key)]


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model.__name__)
def test_nfr_03_raw_sql_leaves_history_in_every_table(bare, model):
    table = model._meta.table_name
    with m.writing(ACTOR, "вставка"):
        insert(model)
    changes = dict(row_of(model, 1))
    with m.writing(ACTOR, "правка"):
        m.db.execute_sql(f'UPDATE "{table}" SET ' + ", ".join(f'"{name}" = {m.db.param}' for name in changes), list(changes.values()))
    with m.writing(ACTOR, "удаление"):
        m.db.execute_sql(f'DELETE FROM "{table}"')
    ops = life(model)
    assert [op for op, _, _ in ops] == ["I", "U", "D"]
    columns = {field.column_name for field in model._meta.sorted_fields}
    assert ops[0][1] is None and ops[0][2].keys() == columns
    assert ops[1][1].keys() == ops[1][2].keys() == columns - {"id"}
    assert ops[2][1].keys() == columns and ops[2][2] is None
    for secret in model.secret:
        assert {ops[0][2][secret], ops[1][1][secret], ops[1][2][secret], ops[2][1][secret]} == {"***"}
    assert m.verify()["acts"] == 3


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model.__name__)
def test_a_write_without_an_actor_is_refused_in_every_table(bare, model):
    with pytest.raises(DatabaseError, match="without an actor"), m.db.atomic():
        insert(model)
    with m.writing(ACTOR):
        insert(model)
    for sql in (f'UPDATE "{model._meta.table_name}" SET {row_of(model, 1)[0][0]} = NULL', f'DELETE FROM "{model._meta.table_name}"'):
        with pytest.raises(DatabaseError), m.db.atomic():
            m.db.execute_sql(sql)
    assert m.verify()["acts"] == 1


def test_leg_02_the_orm_leaves_who_when_from_where_and_why(db):
    with m.writing(ACTOR, "Приказ № 1"):
        room = m.Room.create(name="5")
    with m.writing(ACTOR, "Опечатка"):
        room.name = "6"
        room.save()
    with m.writing(ACTOR):
        m.Room.insert_many([{"name": "7"}, {"name": "8"}]).execute()
    with m.writing(ACTOR):
        room.delete_instance()
    told = history.of_row(db, "room", room.id)
    assert [(at, who, why, op) for at, who, why, op, *_ in told] == [
        (ACTOR.at, "Проверка", "Приказ № 1", "I"), (ACTOR.at, "Проверка", "Опечатка", "U"), (ACTOR.at, "Проверка", "", "D")]
    assert (told[1][4], told[1][5]) == ({"name": "5"}, {"name": "6"})
    act = m.Act.get(m.Act.why == "Опечатка")
    assert (act.via, act.address) == ("test", "127.0.0.1")


def test_bulk_rows_leave_history_each(db):
    with m.writing(ACTOR):
        m.insert_rows(m.Room, [m.Room.id, m.Room.name], [(number, str(number)) for number in range(1, 301)])
    with m.writing(ACTOR):
        m.db.execute_sql("UPDATE room SET capacity = 25")
    assert (len(life(m.Room, 300)), m.verify()["rows"]) == (2, 600)


def test_an_act_that_changed_nothing_leaves_nothing(db):
    with m.writing(ACTOR):
        pass
    assert m.Act.select().count() == 0


def test_a_failed_act_leaves_neither_rows_nor_history(db):
    with pytest.raises(ZeroDivisionError), m.writing(ACTOR):
        m.Room.create(name="5")
        raise ZeroDivisionError
    assert (m.Room.select().count(), m.History.select().count(), m.Act.select().count()) == (0, 0, 0)
    assert m.verify() == {"acts": 0, "rows": 0, "seal": ""}


@pytest.mark.parametrize("sql", ["UPDATE history SET new = '{}'", "DELETE FROM history", "UPDATE act SET who = 'Никто'",
                                 "DELETE FROM act"])
def test_arc_04_history_is_append_only(db, sql):
    with m.writing(ACTOR):
        m.Room.create(name="5")
    with pytest.raises(DatabaseError, match="append-only"), m.db.atomic():
        m.db.execute_sql(sql)


def drop_triggers(db):
    """What somebody with the file or the database's own password could do."""
    if m.is_sqlite():
        for name, in db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute_sql(f'DROP TRIGGER "{name}"')
        return
    for name, table in db.execute_sql("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal").fetchall():
        db.execute_sql(f'DROP TRIGGER "{name}" ON {table}')


FORGERIES = {
    "a byte of a change": ("UPDATE history SET new = replace(new, '5', '4') WHERE tbl = 'mark'", "act 2 .*mark 1"),
    "a change taken out": ("DELETE FROM history WHERE tbl = 'mark'", "act 2 "),
    "another writer": ("UPDATE act SET who = 'Другой' WHERE seq = 2", "act 2 "),
    "another time": ("UPDATE act SET at = '2026-12-01T00:00:00+00:00' WHERE seq = 2", "act 2 "),
    "an act taken out": ("DELETE FROM act WHERE seq = 2", "act 2 is missing"),
    "a row of today": ("UPDATE mark SET value = '4'", "mark 1 differs"),
    "a row of today taken out": ("DELETE FROM mark", "mark 1 is in history"),
    "a row put in": ("INSERT INTO room (id, name, note, shared) VALUES (99, 'тайник', '', {false})", "room 99 differs"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_law_05_one_changed_byte_is_named(bare, forgery):
    sql, named = FORGERIES[forgery]
    with m.writing(ACTOR):
        m.Room.create(name="12")
    with m.writing(ACTOR):
        m.Mark.create(lesson=1, pupil=1, value="5", entered_at=ACTOR.at)
    with m.writing(ACTOR):
        m.Room.create(name="13")
    assert m.verify()["acts"] == 3
    drop_triggers(bare)
    if forgery == "an act taken out" and not m.is_sqlite():
        bare.execute_sql("ALTER TABLE history DROP CONSTRAINT history_act_id_fkey")
    bare.execute_sql(sql.format(false="0" if m.is_sqlite() else "false"))
    with pytest.raises(history.Broken, match=named):
        m.verify()


def test_the_whole_school_of_the_tests_verifies(db):
    factories.school()
    assert m.verify()["rows"] > 100
