"""Schools of the factories are built once for the run; in an empty database they are laid in again row by row, as they were."""

import pickle
import sqlite3
from functools import wraps

import models as m

_kept: dict = {}


def remembered(build):
    """A function that fills a database and answers with the rows it made: called again with the same arguments in another
    empty database, it leaves the same rows, ids, history and seals in a tenth of the time."""
    @wraps(build)
    def built(*arguments, **named):
        key = m.is_sqlite(), build.__qualname__, arguments, tuple(sorted(named.items()))
        if m.Act.select().exists():
            return build(*arguments, **named)
        if key not in _kept:
            answer = build(*arguments, **named)
            _kept[key] = _taken(), pickle.dumps(answer)
            return answer
        rows, answer = _kept[key]
        _laid_in(rows)
        return pickle.loads(answer)
    return built


def _taken():
    """Every row of the open database: a copy of it in memory, or a script for PostgreSQL."""
    if not m.is_sqlite():
        return _script()
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    m.db.connection().backup(copy)
    return copy


def _laid_in(rows) -> None:
    if m.is_sqlite():
        rows.backup(m.db.connection())
        return
    with m.db.atomic():
        m.db.connection().execute(rows)


def _script() -> str:
    lines = ["SET LOCAL session_replication_role = replica"]  # past the triggers that would write history once more
    for table in _column("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration'"):
        rows, = _column(f'SELECT json_agg(t)::text FROM "{table}" t')
        if rows:
            quoted = rows.replace("'", "''")
            lines.append(f"INSERT INTO \"{table}\" SELECT * FROM json_populate_recordset(null::\"{table}\", '{quoted}')")
    lines += _column("SELECT format('SELECT setval(%L, %s)', sequencename, last_value) FROM pg_sequences WHERE last_value IS NOT NULL")
    return ";\n".join(lines)


def _column(sql: str) -> list:
    return [value for value, in m.db.connection().execute(sql)]
