"""Who changed what: the act of a transaction, the triggers that write history, the chain of seals, and its check.

A transaction that changes recorded tables begins with a row in `act` (who, from where, when, why). As long as that row
carries no seal it is the context of its transaction: triggers hang every change on it and refuse a change without it,
whoever sends the statement. Leaving the transaction seals the act: SHA-256 over the previous seal, the act itself and
its history rows. Both tables are append-only. Sources: LEG-02, ARC-04, NFR-03, LAW-05.
"""

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from peewee import SqliteDatabase

CHUNK = 20_000
_LOCK = 7_263_541  # advisory lock of PostgreSQL under which acts are sealed one after another
_local = threading.local()


@dataclass(frozen=True)
class Actor:
    """Who writes: the account's person (None for the system itself), a readable name, the way in, the address, the moment, when it
    was typed if it waited for a connection, and the account itself: a breach of confidentiality concerns one account (SEC-13)."""

    who: str
    at: datetime
    person: int | None = None
    via: str = "web"
    address: str = ""
    typed_at: datetime | None = None
    account: int | None = None

    @property
    def day(self) -> date:
        """The date of the moment, in the zone it was given in: the school's, when it comes from the clock."""
        return self.at.date()


class Broken(Exception):
    """The history does not hold together; the text names the first place."""


@contextmanager
def writing(db, actor: Actor, why: str = ""):
    """A transaction with an actor; yields the act's id. Inside another one it joins it. Nothing written leaves no act."""
    current = getattr(_local, "act", None)
    if current is not None:
        yield current
        return
    with _transaction(db):
        _local.act = _open_act(db, actor, why)
        try:
            yield _local.act
            _seal(db, _local.act)
        finally:
            _local.act = None


def install(db, tables) -> None:
    """(Re)create the triggers: `tables` is (table name, primary key, all columns, secret columns) of each recorded table."""
    with db.atomic():
        for statement in _guards(db):
            db.execute_sql(statement)
        for name, key, columns, secret in tables:
            for statement in _triggers(db, name, key, columns, secret):
                db.execute_sql(statement)


def carry_over(db, tables, actor: Actor, why: str) -> None:
    """After a move to another kind of database: every recorded row once more, as the new one writes it, in one act.

    The old acts keep their seals; the two kinds write dates and truth values differently, so rows of today could not be
    held against images from the other."""
    with writing(db, actor, why) as act:
        for name, key, columns, secret in tables:
            image = _image(db, "t", columns, secret)
            db.execute_sql(f'INSERT INTO history (act_id, tbl, row_id, op, new) SELECT {act}, \'{name}\', t."{key}", \'I\', {image}'
                           f' FROM "{name}" t ORDER BY t."{key}"')


def verify(db, tables) -> dict:
    """Check every seal in order, then every recorded row against its history; raises Broken naming the first wrong place.

    Returns {"acts": n, "rows": n, "seal": hex of the last act}.
    """
    previous, number, rows = "", 0, 0
    for act in _acts(db):
        number += 1
        if act["seq"] != number:
            raise Broken(f"act {number} is missing from the chain (found act {act['id']} with number {act['seq']})")
        changes = list(_rows(db, act["id"]))
        rows += len(changes)
        if _digest(previous, act, changes) != act["seal"]:
            raise Broken(_name_act(act, changes))
        previous = act["seal"]
    _no_loose_rows(db)
    for table in tables:
        _verify_table(db, *table)
    return {"acts": number, "rows": rows, "seal": previous}


def of_row(db, table: str, row: int) -> list[tuple]:
    """The life of one row, oldest first: (at, who, why, op, old, new) with old and new as dicts or None."""
    return of_rows(db, {table: [row]})


def of_rows(db, keys: dict[str, list[int]]) -> list[tuple]:
    """The lives of several rows in one query, oldest first; `keys` is table name → row ids. Shape as `of_row`."""
    mark = db.param
    wanted = [(name, ids) for name, ids in keys.items() if ids]
    if not wanted:
        return []
    where = " OR ".join(f"(h.tbl = {mark} AND h.row_id IN ({', '.join([mark] * len(ids))}))" for name, ids in wanted)
    sql = (f"SELECT a.at, a.who, a.why, h.op, h.old, h.new, h.tbl, h.row_id FROM history h JOIN act a ON a.id = h.act_id"
           f" WHERE {where} ORDER BY h.id")
    values = [value for name, ids in wanted for value in (name, *ids)]
    return [(datetime.fromisoformat(at), who, why, op, _load(old), _load(new), table, row)
            for at, who, why, op, old, new, table, row in db.execute_sql(sql, values)]


def _load(text):
    return None if text is None else json.loads(text)


def _transaction(db):
    return db.atomic("IMMEDIATE") if _is_sqlite(db) else db.atomic()


def _is_sqlite(db) -> bool:
    return isinstance(getattr(db, "obj", db), SqliteDatabase)


def _open_act(db, actor: Actor, why: str) -> int:
    values = (actor.at.astimezone(UTC).isoformat(), actor.person, actor.account, actor.who, actor.via, actor.address, why)
    marks = ", ".join([db.param] * len(values))
    sql = f"INSERT INTO act (at, person_id, account_id, who, via, address, why) VALUES ({marks}) RETURNING id"
    if not _is_sqlite(db):  # the number stands in the transaction, where the triggers find the act without searching
        sql = f"WITH opened AS ({sql}) SELECT id, set_config('zhurnal.act', id::text, true) FROM opened"
    return db.execute_sql(sql, values).fetchone()[0]


def _seal(db, act: int) -> None:
    head = None
    digest = None
    for row in _rows(db, act, with_head=True):
        if head is None:
            head = row
            digest = _start(row[6] or "", _act_row(row[7:]))
        _feed(digest, row[:6])
    mark = db.param
    if head is None:
        db.execute_sql(f"DELETE FROM act WHERE id = {mark}", (act,))
        return
    sql = f"UPDATE act SET seq = COALESCE((SELECT max(seq) FROM act), 0) + 1, seal = {mark} WHERE id = {mark}"
    db.execute_sql(sql, (digest.hexdigest(), act))


_ACT = ("id", "at", "person_id", "account_id", "who", "via", "address", "why")


def _act_row(values) -> dict:
    return dict(zip(_ACT, values, strict=True))


def _rows(db, act: int, with_head: bool = False):
    """History rows of an act in order; with_head adds the previous seal and the act's own columns to each."""
    mark, last = db.param, 0
    previous = "SELECT seal FROM act WHERE seq = (SELECT max(seq) FROM act)" if _is_sqlite(db) else "SELECT history_last_seal()"
    more = f", ({previous}), " + ", ".join(f"a.{c}" for c in _ACT)
    sql = (f"SELECT h.id, h.tbl, h.row_id, h.op, h.old, h.new{more if with_head else ''} FROM history h"
           f"{' JOIN act a ON a.id = h.act_id' if with_head else ''}"
           f" WHERE h.act_id = {mark} AND h.id > {mark} ORDER BY h.id LIMIT {CHUNK}")
    while True:
        rows = db.execute_sql(sql, (act, last)).fetchall()
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def _acts(db):
    sql = "SELECT seq, seal, id, at, person_id, account_id, who, via, address, why FROM act ORDER BY seq, id"
    for seq, seal, *rest in db.execute_sql(sql).fetchall():
        if seal is None:
            raise Broken(f"act {rest[0]} of {rest[1]} ({rest[3]}) was never sealed")
        yield {"seq": seq, "seal": seal, **_act_row(rest)}


def _start(previous: str, act: dict):
    digest = hashlib.sha256(previous.encode())
    digest.update("\x1f".join(str(act[name]) for name in _ACT).encode())
    return digest


def _feed(digest, row) -> None:
    digest.update(("\x1e" + "\x1f".join("\x00" if value is None else str(value) for value in row)).encode())


def _digest(previous: str, act: dict, rows) -> str:
    digest = _start(previous, act)
    for row in rows:
        _feed(digest, row)
    return digest.hexdigest()


def _name_act(act: dict, rows) -> str:
    places = ", ".join(f"{row[1]} {row[2]}" for row in rows[:5])
    return f"act {act['seq']} of {act['at']} by {act['who']} does not match its seal (it changed {places or 'nothing'})"


def _no_loose_rows(db) -> None:
    sql = "SELECT h.id, h.tbl, h.row_id FROM history h LEFT JOIN act a ON a.id = h.act_id WHERE a.id IS NULL LIMIT 1"
    loose = db.execute_sql(sql).fetchone()
    if loose:
        raise Broken(f"history row {loose[0]} ({loose[1]} {loose[2]}) belongs to no act")


def _verify_table(db, name: str, key: str, columns, secret) -> None:
    """Replay the table's history and hold the rows of today against it."""
    replayed = _replay(db, name)
    image = _image(db, "t", columns, secret)
    for row, text in db.execute_sql(f'SELECT t."{key}", {image} FROM "{name}" t').fetchall():
        if replayed.pop(row, None) != json.loads(text):
            raise Broken(f"{name} {row} differs from its history")
    if replayed:
        raise Broken(f"{name} {min(replayed)} is in history but not in the table")


def _replay(db, name: str) -> dict[int, dict]:
    rows: dict[int, dict] = {}
    for row, op, new in db.execute_sql(
            f"SELECT row_id, op, new FROM history WHERE tbl = {db.param} ORDER BY id", (name,)).fetchall():
        if op == "D":
            rows.pop(row, None)
            continue
        image = {**rows.get(row, {}), **json.loads(new)}
        rows[row] = {column: value for column, value in image.items() if value is not None}
    return rows


# ---- the triggers: one text for each database ----

def _guards(db):
    if _is_sqlite(db):
        return [
            *_sqlite_trigger("history_fixed", "history", "UPDATE", "SELECT RAISE(ABORT, 'history is append-only')"),
            *_sqlite_trigger("history_kept", "history", "DELETE", "SELECT RAISE(ABORT, 'history is append-only')"),
            *_sqlite_trigger("act_fixed", "act", "UPDATE", "SELECT RAISE(ABORT, 'history is append-only')",
                             "OLD.seal IS NOT NULL"),
            *_sqlite_trigger("act_kept", "act", "DELETE", "SELECT RAISE(ABORT, 'history is append-only')",
                             "OLD.seal IS NOT NULL"),
        ]
    return [_PG_FUNCTIONS,
            *_pg_trigger("history_fixed", "history", "BEFORE UPDATE OR DELETE", "history_refuse()"),
            *_pg_trigger("history_whole", "history", "BEFORE TRUNCATE", "history_refuse()", "STATEMENT"),
            *_pg_trigger("act_fixed", "act", "BEFORE UPDATE OR DELETE", "act_refuse()"),
            *_pg_trigger("act_whole", "act", "BEFORE TRUNCATE", "history_refuse()", "STATEMENT"),
            'DROP TRIGGER IF EXISTS "act_sealed" ON "act"',
            'CREATE CONSTRAINT TRIGGER "act_sealed" AFTER INSERT ON "act" DEFERRABLE INITIALLY DEFERRED'
            " FOR EACH ROW EXECUTE FUNCTION act_must_be_sealed()"]


def _triggers(db, name, key, columns, secret):
    if not _is_sqlite(db):
        hidden = ",".join(secret)
        return [*_pg_trigger(f"history_{name}", name, "AFTER INSERT OR UPDATE OR DELETE",
                             f"history_write('{key}', '{hidden}')"),
                *_pg_trigger(f"history_{name}_whole", name, "BEFORE TRUNCATE", "history_refuse()", "STATEMENT")]
    new, old = _image(db, "NEW", columns, secret), _image(db, "OLD", columns, secret)
    changed = " UNION ALL ".join(f"SELECT '{c}' k, {_cell('OLD', c, secret)} o, {_cell('NEW', c, secret)} n, "
                                 f"OLD.\"{c}\" IS NOT NEW.\"{c}\" d" for c in columns)
    differs = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns)
    sides = [f"(SELECT json_group_object(k, {side}) FROM ({changed}) WHERE d)" for side in ("o", "n")]
    return [*_sqlite_trigger(f"history_{name}_i", name, "INSERT", _insert(name, key, "NEW", "I", "NULL", new)),
            *_sqlite_trigger(f"history_{name}_u", name, "UPDATE", _insert(name, key, "NEW", "U", *sides), differs),
            *_sqlite_trigger(f"history_{name}_d", name, "DELETE", _insert(name, key, "OLD", "D", old, "NULL"))]


def _cell(side: str, column: str, secret) -> str:
    value = f'{side}."{column}"'
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE '***' END" if column in secret else value


def _image(db, side: str, columns, secret) -> str:
    """SQL of a row as a JSON object without its nulls, secrets hidden."""
    if not _is_sqlite(db):
        hidden = "".join(f" || CASE WHEN {side}.\"{c}\" IS NULL THEN '{{}}'::jsonb ELSE '{{\"{c}\": \"***\"}}'::jsonb END"
                         for c in secret)
        return f"jsonb_strip_nulls(to_jsonb({side}){hidden})::text"
    pairs = ", ".join(f"'{c}', {_cell(side, c, secret)}" for c in columns)
    return f"json_patch('{{}}', json_object({pairs}))"


def _insert(name, key, side, op, old, new) -> str:
    act = "(SELECT id FROM act WHERE seal IS NULL)"
    return (f"SELECT RAISE(ABORT, 'a write to {name} without an actor') WHERE {act} IS NULL;"
            f" INSERT INTO history (act_id, tbl, row_id, op, old, new)"
            f" VALUES ({act}, '{name}', {side}.\"{key}\", '{op}', {old}, {new})")


def _sqlite_trigger(trigger, table, event, body, when=""):
    moment = "BEFORE" if table in ("history", "act") else "AFTER"
    condition = f" WHEN {when}" if when else ""
    return [f'DROP TRIGGER IF EXISTS "{trigger}"',
            f'CREATE TRIGGER "{trigger}" {moment} {event} ON "{table}"{condition} BEGIN {body}; END']


def _pg_trigger(trigger, table, event, call, each="ROW"):
    return [f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"',
            f'CREATE TRIGGER "{trigger}" {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {call}']


# history_last_seal: a statement inside a volatile function sees what was committed before it began, so after the wait for the lock
# the last seal is the last one.
_PG_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION history_last_seal() RETURNS text VOLATILE LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock({_LOCK});
  RETURN (SELECT seal FROM act WHERE seq = (SELECT max(seq) FROM act));
END $$;
""" + """
CREATE OR REPLACE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%% is append-only or recorded row by row', TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION act_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.seal IS NOT NULL THEN RAISE EXCEPTION 'history is append-only'; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION act_must_be_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM act WHERE id = NEW.id AND seal IS NULL) THEN RAISE EXCEPTION 'act %% is not sealed', NEW.id; END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION history_hide(body jsonb, secret text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_strip_nulls(body || COALESCE((SELECT jsonb_object_agg(s, '***') FROM unnest(string_to_array(secret, ',')) s
    WHERE body->s IS NOT NULL AND body->s <> 'null'::jsonb), '{}'::jsonb)) $$;
CREATE OR REPLACE FUNCTION history_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  the_act integer; key text := TG_ARGV[0]; secret text[] := string_to_array(TG_ARGV[1], ',');
  was jsonb; becomes jsonb; old_part jsonb; new_part jsonb;
BEGIN
  SELECT id INTO the_act FROM act WHERE id = NULLIF(current_setting('zhurnal.act', true), '')::integer AND seal IS NULL;
  IF the_act IS NULL THEN RAISE EXCEPTION 'a write to %% without an actor', TG_TABLE_NAME; END IF;
  IF TG_OP = 'INSERT' THEN
    becomes := to_jsonb(NEW);
    INSERT INTO history (act_id, tbl, row_id, op, old, new)
      VALUES (the_act, TG_TABLE_NAME, (becomes->>key)::bigint, 'I', NULL, CASE WHEN secret = '{}' THEN jsonb_strip_nulls(becomes)
        ELSE history_hide(becomes, TG_ARGV[1]) END::text);
    RETURN NEW;
  END IF;
  was := to_jsonb(OLD);
  IF TG_OP = 'DELETE' THEN
    INSERT INTO history (act_id, tbl, row_id, op, old, new)
      VALUES (the_act, TG_TABLE_NAME, (was->>key)::bigint, 'D', history_hide(was, TG_ARGV[1])::text, NULL);
    RETURN OLD;
  END IF;
  becomes := to_jsonb(NEW);
  IF was = becomes THEN RETURN NEW; END IF;
  SELECT jsonb_object_agg(o.key, CASE WHEN o.key = ANY(secret) AND o.value <> 'null'::jsonb THEN '"***"'::jsonb ELSE o.value END),
         jsonb_object_agg(o.key, CASE WHEN o.key = ANY(secret) AND becomes->o.key <> 'null'::jsonb THEN '"***"'::jsonb
                                      ELSE becomes->o.key END)
    INTO old_part, new_part FROM jsonb_each(was) o WHERE becomes->o.key IS DISTINCT FROM o.value;
  INSERT INTO history (act_id, tbl, row_id, op, old, new)
    VALUES (the_act, TG_TABLE_NAME, (becomes->>key)::bigint, 'U', old_part::text, new_part::text);
  RETURN NEW;
END $$;
"""
