"""The school leaves in one file and comes back whole, with its history (LEG-14, ARC-09)."""

import json
import zipfile

import pytest
from peewee import DatabaseError

import models as m
from exchange import dump
from models import Refused
from tests import factories
from tests.conftest import opened


@pytest.fixture
def school(db):
    s = factories.school()
    day = min(s.lessons)
    factories.mark(s.lessons[day], s.pupils[0], "5")
    factories.account(s.teacher, "teacher", "зимний вечер")
    return s


@pytest.fixture
def written(school, tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    (files / ("a" * 64)).write_bytes(b"attached")
    dump.write(tmp_path / "school.zip", files)
    return tmp_path / "school.zip"


def content():
    """Every row of every table that travels."""
    return {table._meta.table_name: list(table.select().order_by(table._meta.primary_key).tuples()) for table in dump.TABLES}


def test_everything_comes_back_and_the_chain_holds(written, copies, tmp_path):
    before = content()
    for _ in opened(copies.empty()):
        taken = dump.load(written, tmp_path / "elsewhere", factories.SYSTEM)
        assert content() == before
        assert taken == dump.Taken(sum(map(len, before.values())), 1)
        assert (tmp_path / "elsewhere" / ("a" * 64)).read_bytes() == b"attached"
        m.verify()


def test_one_goes_on_writing_after_a_load(written, copies, tmp_path):
    for _ in opened(copies.empty()):
        dump.load(written, tmp_path / "elsewhere", factories.SYSTEM)
        factories.person("Новая")
        m.verify()
        with pytest.raises(DatabaseError, match="without an actor"):
            m.Person.update(name="x").execute()


def test_a_load_goes_only_into_an_empty_database(written, tmp_path):
    with pytest.raises(Refused, match="not empty"):
        dump.load(written, tmp_path, factories.SYSTEM)


def test_replacing_brings_back_what_was(written, school, tmp_path):
    before = content()
    factories.person("Лишняя")
    dump.replace(written, tmp_path / "files", factories.SYSTEM)
    assert content() == before


def test_a_file_changed_by_one_value_is_refused_and_nothing_is_lost(written, school, tmp_path):
    before, forged = content(), tmp_path / "forged.zip"
    with zipfile.ZipFile(written) as archive, zipfile.ZipFile(forged, "w") as out:
        for name in archive.namelist():
            body = archive.read(name)
            out.writestr(name, body.replace("Алгебраева".encode(), "Чужаковаяя".encode()) if name == "tables/person.jsonl" else body)
    with pytest.raises(Refused, match="person"):
        dump.replace(forged, tmp_path / "files", factories.SYSTEM)
    assert content() == before


@pytest.mark.parametrize("spoil", ["not a zip", "newer", "foreign"])
def test_a_file_that_is_not_ours_is_refused(written, tmp_path, spoil):
    bad = tmp_path / "bad.zip"
    if spoil == "not a zip":
        bad.write_bytes(b"PK nonsense")
    else:
        with zipfile.ZipFile(bad, "w") as out:
            out.writestr("manifest.json", json.dumps({"program": "zhurnal" if spoil == "newer" else "other", "format": 1,
                                                      "schema": ["9999_later"], "tables": [], "files": 0}))
    with pytest.raises(Refused):
        dump.replace(bad, tmp_path, factories.SYSTEM)
    assert m.Person.select().exists()


def test_the_school_moves_to_sqlite_and_back_to_where_it_was(written, copies, tmp_path):
    """On the PostgreSQL run this crosses from one kind of database to the other, twice."""
    people, elsewhere = named(), tmp_path / "elsewhere"
    for _ in opened(f"sqlite:///{tmp_path}/moved.db"):
        m.migrate()
        dump.load(written, elsewhere, factories.SYSTEM)
        assert named() == people
        m.verify()
        dump.write(tmp_path / "back.zip", elsewhere)
    for _ in opened(copies.empty()):
        dump.load(tmp_path / "back.zip", elsewhere, factories.SYSTEM)
        assert named() == people
        m.verify()


def named():
    return [(p.id, p.full_name, p.birth) for p in m.Person.select().order_by(m.Person.id)]
