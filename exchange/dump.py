"""The complete data of the school in one file, and back: for moving between databases, for backups, for leaving.

The file is a zip: `manifest.json` (program, schema, database kind, tables with columns and numbers of rows), one
`tables/NAME.jsonl` per table with an array of values in each line, and `files/DIGEST` with the attached files.
History comes along with its seals. Open sessions stay behind. Sources: LEG-14, ARC-09, NFR-08.
"""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from peewee import AutoField, DateField, DecimalField, TimeField
from playhouse.migrations import Runner

import history
import models as m
from history import Actor
from models import N_, Refused, Text

CHUNK = 5_000
DIGEST = re.compile("[0-9a-f]{64}")
LEFT_BEHIND = (m.LoginSession, m.LoginFailure)
TABLES = [table for table in m.TABLES if table not in LEFT_BEHIND]
FORMAT = 1


@dataclass(frozen=True)
class Taken:
    """What a file holds or a load has written: rows and attached files."""

    rows: int
    files: int


def write(path: Path, files: Path) -> Taken:
    """Write everything to `path`, as it stands at one moment though others go on writing; `files` is the folder of attachments.
    Refused when nothing can be written there. Nobody but the owner may read the file."""
    unfinished = path.with_name(path.name + ".part")
    tables, stored = [], sorted(file for file in files.glob("*") if DIGEST.fullmatch(file.name))
    with _private(unfinished) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive, _snapshot():
        for table in TABLES:
            tables.append(_write_table(archive, table))
        for file in stored:
            archive.write(file, f"files/{file.name}")
        archive.writestr("manifest.json", json.dumps(_manifest(tables, len(stored)), ensure_ascii=False, indent=1))
    os.replace(unfinished, path)
    return Taken(sum(table["rows"] for table in tables), len(stored))


def load(path: Path, files: Path, by: Actor) -> Taken:
    """Read a file of `write` into an empty database. Refused when the file is damaged or of a newer program, or when somebody
    is in the database already."""
    if not is_empty():
        raise Refused(Text(N_("The database is not empty. Load into a new one, or use restore.")))
    return replace(path, files, by)


def replace(path: Path, files: Path, by: Actor) -> Taken:
    """Put the content of the file in place of everything that is in the database, in one transaction."""
    with _opened(path) as (archive, manifest), _without_foreign_keys(), m.db.atomic():
        _drop_everything()
        taken = _read(archive, manifest, by)
        _verify(manifest)
        _read_files(archive, files)
    return taken


def is_empty() -> bool:
    """No school and nobody in it."""
    return not m.School.select().exists() and not m.Person.select().exists()


def verify_files(files: Path) -> int:
    """Hold every attached file against its digest; how many there are. Raises history.Broken naming the first that is wrong."""
    columns = (m.Attachment.digest, m.Material.digest, m.PortfolioItem.digest, m.Paper.digest, m.BreachAct.copy_digest,
               m.ActivityReport.pdf, m.ActivityReport.xlsx)
    kept = (digest for column in columns for digest, in column.model.select(column).where(column != "").distinct().tuples())
    digests = sorted(set(kept))
    for digest in digests:
        file = files / digest
        if not file.is_file():
            raise history.Broken(f"attached file {digest} is missing from {files}")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise history.Broken(f"attached file {digest} in {files} was changed")
    return len(digests)


# ---- out ----

def _private(path: Path):
    try:
        return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
    except OSError as error:
        raise Refused(Text(N_("«%(file)s» cannot be written: %(reason)s"), file=str(path), reason=error.strerror)) from None


@contextmanager
def _snapshot():
    with m.db.atomic():
        if not m.is_sqlite():
            m.db.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _manifest(tables: list[dict], files: int) -> dict:
    return {"program": "zhurnal", "format": FORMAT, "schema": _migrations(), "database": _dialect(), "tables": tables, "files": files}


def _migrations() -> list[str]:
    return [migration.name for migration in _runner().status() if migration.applied]


def _dialect() -> str:
    return "sqlite" if m.is_sqlite() else "postgresql"


def _write_table(archive, table) -> dict:
    fields, number = table._meta.sorted_fields, 0
    with archive.open(f"tables/{table._meta.table_name}.jsonl", "w", force_zip64=True) as out:
        for row in _rows(table):
            out.write(json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n")
            number += 1
    return {"name": table._meta.table_name, "columns": [field.column_name for field in fields], "rows": number}


def _rows(table) -> Iterator[tuple]:
    key, last = table._meta.primary_key, 0
    place = table._meta.sorted_fields.index(key)
    while True:
        rows = list(table.select().where(key > last).order_by(key).limit(CHUNK).tuples())
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1][place]


def _plain(value) -> str:
    return str(value) if isinstance(value, Decimal) else value.isoformat()


# ---- in ----

@contextmanager
def _opened(path: Path):
    """The archive and its manifest; Refused for what is no such file."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            damaged = archive.testzip()
            _check(manifest, damaged)
            yield archive, manifest
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Refused(Text(N_("«%(file)s» is not a whole file of this program: %(reason)s"), file=path.name, reason=error)) from error


def _check(manifest: dict, damaged: str | None) -> None:
    if damaged:
        raise Refused(Text(N_("The file is damaged at %(place)s. Take an earlier one."), place=damaged))
    if manifest["program"] != "zhurnal" or manifest["format"] > FORMAT:
        raise Refused(Text(N_("The file was written by another program or a newer version of this one.")))
    unknown = set(manifest["schema"]) - {migration.name for migration in _runner().migrations()}
    if unknown:
        raise Refused(Text(N_("The file was written by a newer version of this program; install that version.")))


@contextmanager
def _without_foreign_keys():
    """SQLite checks keys row by row, also while tables are dropped; the check of the whole follows before the end."""
    if m.is_sqlite():
        m.db.execute_sql("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        if m.is_sqlite():
            m.db.execute_sql("PRAGMA foreign_keys = ON")


def _drop_everything() -> None:
    m.db.execute_sql("DROP VIEW IF EXISTS membership")
    for name in m.db.get_tables():
        if not name.startswith("sqlite_"):
            m.db.execute_sql(f'DROP TABLE "{name}"' + ("" if m.is_sqlite() else " CASCADE"))


def _read(archive, manifest: dict, by: Actor) -> Taken:
    """Tables as they were when the file was written, their rows, then the way to the newest schema."""
    runner = _runner()
    runner.up(max(manifest["schema"]))
    known = {table._meta.table_name: table for table in TABLES}
    for content in manifest["tables"]:
        _read_table(archive, content, known.get(content["name"]))
    runner.up()
    history.install(m.db, m.recorded())
    if manifest["database"] != _dialect():
        history.carry_over(m.db, m.recorded(), by, f"перенос из {manifest['database']}")
    return Taken(sum(content["rows"] for content in manifest["tables"]), manifest["files"])


def _read_table(archive, content: dict, table) -> None:
    fields = [table and table._meta.columns.get(column) for column in content["columns"]]
    marks = ", ".join([m.db.param] * len(fields))
    columns = ", ".join(f'"{column}"' for column in content["columns"])
    sql = f'INSERT INTO "{content["name"]}" ({columns}) VALUES ({marks})'
    number = 0
    with archive.open(f"tables/{content['name']}.jsonl") as lines:
        cursor = m.db.cursor()
        for line in lines:
            cursor.execute(sql, [_value(field, value) for field, value in zip(fields, json.loads(line), strict=True)])
            number += 1
    if number != content["rows"]:
        raise Refused(Text(N_("The file is damaged at %(place)s. Take an earlier one."), place=content["name"]))
    if table and not m.is_sqlite() and isinstance(table._meta.primary_key, AutoField):
        _move_sequence(content["name"], table._meta.primary_key.column_name)


def _value(field, value):
    """A value of the file as this database keeps it."""
    if value is None or field is None:
        return value
    for kind, parse in ((m.Moment, datetime.fromisoformat), (DateField, date.fromisoformat), (TimeField, time.fromisoformat),
                        (DecimalField, Decimal)):
        if isinstance(field, kind):
            return field.db_value(parse(value))
    return field.db_value(value)


def _move_sequence(table: str, key: str) -> None:
    m.db.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), "
                     f'COALESCE((SELECT max("{key}") FROM "{table}"), 0) + 1, false)')


def _verify(manifest: dict) -> None:
    if m.is_sqlite():
        broken = m.db.execute_sql("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise Refused(Text(N_("The file is damaged at %(place)s. Take an earlier one."), place=broken[0]))
    try:
        m.verify()
    except history.Broken as error:
        raise Refused(Text(N_("The history in the file does not hold together: %(place)s"), place=str(error))) from error


def _read_files(archive, files: Path) -> None:
    names = [name for name in archive.namelist() if name.startswith("files/")]
    if names:
        files.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = files / Path(name).name
        if not target.exists():
            target.write_bytes(archive.read(name))


def _runner() -> Runner:
    return Runner(m.db, str(m.MIGRATIONS), table_name="schema_migration")
