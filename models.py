"""The database and every table, in foreign-key order: school · people · timetable · journal · results · families ·
control · records.

A table is its fields, its Meta (constraints, explicit on_delete, indexes), named queries (unexecuted selects) and verbs.
Verbs take the actor (`history.Actor`) as `by` and write inside `writing`. Moments are stored in UTC and given back aware;
dates and bell times are the school's own. Terms: docs/glossary.md.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Hashable
from contextlib import contextmanager, suppress
from ctypes import CDLL
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache, reduce, wraps
from itertools import combinations
from operator import or_
from pathlib import Path
from secrets import token_hex
from threading import BoundedSemaphore
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from peewee import (
    JOIN, SQL, AutoField, BigIntegerField, BooleanField, Case, CharField, DatabaseProxy, DateField, DateTimeField, DecimalField,
    ForeignKeyField, IntegerField, JSONField, Model, Node, SqliteDatabase, TextField, TimeField, __exception_wrapper__, chunked,
    fn,
)
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

import clock
import formulas
import history
import marking
from formulas import DEFERRED
from history import Actor

db = DatabaseProxy()

ALPHABET = " -абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_PLACE = {letter: chr(97 + i // 26) + chr(97 + i % 26) for i, letter in enumerate(ALPHABET)} | {d: f"0{d}" for d in "0123456789"}


def N_(msgid: str) -> str:
    """Marks an English string for translation at the edge."""
    return msgid


class Text:
    """A message with parameters, translated where it is shown: `Text(N_("Closed on %(day)s"), day=day)`."""

    def __init__(self, msgid: str, **params):
        self.msgid, self.params = msgid, params

    def __str__(self) -> str:
        return self.msgid % self.params if self.params else self.msgid

    def __repr__(self) -> str:
        return f"Text({str(self)!r})"

    def __eq__(self, other) -> bool:
        return isinstance(other, Text) and (self.msgid, self.params) == (other.msgid, other.params)

    def __hash__(self) -> int:
        return hash(str(self))

    def stored(self) -> str:
        """As JSON, to be read again in whatever language: numbers, words, dates, moments and further Texts among the parameters."""
        return json.dumps(_packed(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def restored(cls, stored: str):
        """The Text that was `stored`."""
        return _unpacked(json.loads(stored))


def _packed(value):
    if isinstance(value, Text):
        return {"text": value.msgid, "with": {name: _packed(each) for name, each in value.params.items()}}
    if isinstance(value, date):
        return {"moment" if isinstance(value, datetime) else "day": value.isoformat()}
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


def _unpacked(value):
    match value:
        case {"text": msgid, "with": params}:
            return Text(msgid, **{name: _unpacked(each) for name, each in params.items()})
        case {"day": day}:
            return date.fromisoformat(day)
        case {"moment": at}:
            return datetime.fromisoformat(at)
    return value


class Refused(Exception):
    """A verb declines: `text` says what happened and what to do, `field` names the form field it belongs to."""

    def __init__(self, text: Text, field: str | None = None):
        super().__init__(str(text))
        self.text, self.field = text, field


def fold(text: str | None) -> str:
    """Lower case, ё as е, single spaces: the form in which names are searched and compared."""
    return re.sub(r"\s+", " ", (text or "").replace("\u00a0", " ").strip().lower().replace("ё", "е"))


def sort_key(*parts: str | None) -> str:
    """Two ASCII signs for each letter, so that any database sorts digits, then the Russian alphabet (ё after е), then Latin."""
    text = re.sub(r"\s+", " ", " ".join(part for part in parts if part).strip().lower())
    return "".join(_PLACE.get(letter, "z" + letter if letter.isascii() and letter.isalnum() else "by") for letter in text)[:250]


# ---- opening the database ----

class PlainJson(SqliteDatabase.json_methods):
    """JSON goes to SQLite as text: a value that passed its `json()` would enter history as an object, not as what is stored."""

    def make_value_wrapper(self, dumps):
        return dumps


class Sqlite(SqliteDatabase):
    """SQLite with our functions: `fold` for search and the collation `ru` for sorting; durable in WAL mode."""

    json_methods = PlainJson

    def __init__(self, path):
        super().__init__(path, pragmas={"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1,
                                        "recursive_triggers": 1, "busy_timeout": 15_000, "cache_size": -8_000})
        self.register_function(fold, "fold", 1)
        self.register_collation(lambda a, b: (sort_key(a) > sort_key(b)) - (sort_key(a) < sort_key(b)), "ru")


def open_database(url: str):
    """Bind the models to `sqlite:///path` or `postgresql://…`; raises ValueError for any other address."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        db.initialize(Sqlite(path))
    elif url.startswith(("postgresql://", "postgres://")):
        db.initialize(PooledPostgresqlDatabase(url, prefer_psycopg3=True, max_connections=16, stale_timeout=300))
    else:
        raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {url.split(':')[0]}:")
    _learn_codes([])
    return db


def is_sqlite() -> bool:
    return isinstance(db.obj, SqliteDatabase)


def database_size() -> int:
    """Bytes that the database takes."""
    size = ("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()" if is_sqlite()
            else "SELECT pg_database_size(current_database())")
    return db.execute_sql(size).fetchone()[0]


@contextmanager
def writing(by: Actor, why: str = ""):
    """The one way to write: a transaction of `by` that leaves history. Yields the act's id; nests."""
    with history.writing(db, by, "; ".join(filter(None, (why, _when_typed(by))))) as act:
        yield act


def _when_typed(by: Actor) -> str:
    """For the history of what waited for a connection: when it was typed, in school time."""
    return f"набрано {by.typed_at.astimezone(clock.zone()):%d.%m.%Y в %H:%M}, без связи" if by.typed_at else ""


class _StandIn(Node):
    """Keeps the place of a value in a prepared statement."""

    def __init__(self, place: int):
        self.place = place

    def __sql__(self, ctx):
        ctx._values.append(self)
        return ctx.literal(ctx.state.param or "?")


def prepared(build):
    """Decorates a function of values that returns a query; calling it answers the rows as a list. The text is written once for
    each kind of database, as peewee takes longer to write some statements than the database to answer them.

    Of the values nothing may depend but what they are compared with: no None, no lists, no question asked of them in `build`.
    """
    written = {}

    @wraps(build)
    def rows(*values) -> list:
        kind = type(db.obj)
        if kind not in written:
            query = build(*map(_StandIn, range(len(values))))
            written[kind] = query, *query.sql()
        query, text, given = written[kind]
        cursor = db.execute_sql(text, [_plain(values[value.place]) if isinstance(value, _StandIn) else value for value in given])
        wrapper = query._get_cursor_wrapper(cursor)
        wrapper.fill_cache()
        return wrapper.row_cache
    return rows


def _plain(value):
    """A moment as it is stored."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


MIGRATIONS = Path(__file__).parent / "migrations"


def schema_state() -> str:
    """`empty`, `current`, `older` (migrations wait) or `newer` (the database knows migrations this code does not)."""
    runner = Runner(db, str(MIGRATIONS), table_name="schema_migration")
    status = runner.status()
    if any(m.path is None for m in status):
        return "newer"
    if all(m.applied is None for m in status):
        return "empty"
    return "older" if any(m.applied is None for m in status) else "current"


def migrate() -> list[str]:
    """Bring the database to the newest schema and set the history triggers; names of the migrations applied."""
    applied = Runner(db, str(MIGRATIONS), table_name="schema_migration").up()
    history.install(db, recorded())
    db.execute_sql(f"CREATE INDEX IF NOT EXISTS history_pupil ON history ({_pupil_of_change()})"
                   " WHERE op = 'I' AND tbl IN ('mark', 'absence', 'period_mark')")
    return applied


def _pupil_of_change() -> str:
    """The pupil of a change as SQL: what the history of a cell is found by, deleted rows included."""
    return "json_extract(new, '$.pupil_id')" if is_sqlite() else "((new::jsonb)->>'pupil_id')"


def recorded() -> list[tuple]:
    """(table, primary key, columns, secret columns) of every table whose changes are history."""
    return [(m._meta.table_name, m._meta.primary_key.column_name, [f.column_name for f in m._meta.sorted_fields], m.secret)
            for m in TABLES if m.recorded]


def verify() -> dict:
    """Check the chain of history and every recorded row against it; see history.verify."""
    return history.verify(db, recorded())


class Moment(DateTimeField):
    """A moment: stored in UTC without a zone, given back aware."""

    def db_value(self, value):
        if isinstance(value, datetime) and value.tzinfo:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value):
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def insert_rows(model, fields, rows) -> None:
    """Insert many rows quickly inside `writing`: tuples in the order of `fields`, a foreign key as the row's id.

    Columns left out take the model's defaults.
    """
    if not rows:
        return
    given = {field.name for field in fields}
    left = [field for field in model._meta.sorted_fields if field.default is not None and field.name not in given]
    rest = tuple(field.default for field in left)
    names = ", ".join(f'"{field.column_name}"' for field in (*fields, *left))
    marks = ", ".join([db.param] * (len(fields) + len(left)))
    moments = {place for place, field in enumerate(fields) if isinstance(field, Moment)}
    if moments:
        rows = [[fields[i].db_value(value) if i in moments else value for i, value in enumerate(row)] for row in rows]
    rows = [(*row, *rest) for row in rows]
    with __exception_wrapper__:
        db.connection().cursor().executemany(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({marks})', rows)


def update_rows(model, fields, rows) -> None:
    """Update many rows quickly inside `writing`: tuples in the order of `fields` with the row's id at the end."""
    if not rows:
        return
    values = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
    moments = {place for place, field in enumerate(fields) if isinstance(field, Moment)}
    rows = [[fields[i].db_value(value) if i in moments else value for i, value in enumerate(row)] for row in rows]
    with __exception_wrapper__:
        db.connection().cursor().executemany(
            f'UPDATE "{model._meta.table_name}" SET {values} WHERE id = {db.param}', rows)


def follow_ids(*tables) -> None:
    """After rows with ids of their own: let PostgreSQL number on from the highest. SQLite does so by itself."""
    for model in () if is_sqlite() else tables:
        name = model._meta.table_name
        db.execute_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM \"{name}\"))")


def learn_sizes() -> None:
    """In the middle of a big transaction: show PostgreSQL how the tables have grown, or it plans the rest for empty ones."""
    if not is_sqlite():
        db.execute_sql("ANALYZE " + ", ".join(f'"{model._meta.table_name}"' for model in TABLES))


class Base(Model):
    recorded = True
    secret: tuple = ()

    class Meta:
        database = db
        legacy_table_names = False


def to(model, name=None, null=False, on_delete="RESTRICT", **more):
    """A foreign key that never deletes by surprise."""
    return ForeignKeyField(model, backref=name, null=null, on_delete=on_delete, **more)


# ---- school ----

SCHOOL, COLLEGE = "school", "college"


class School(Base):
    """The one organisation of this database (row 1) and its settings."""

    name = CharField(300)
    short_name = CharField(100, default="")
    kind = CharField(10, default=SCHOOL)
    timezone = CharField(60, default="Europe/Moscow")
    place = CharField(200, default="")
    is_demo = BooleanField(default=False)
    clock_offset = BigIntegerField(default=0, help_text="seconds added to the real clock, in a demonstration")
    idle_minutes = IntegerField(default=15)
    confirm_minutes = IntegerField(default=60, help_text="period marks want a password given so lately; 0 = never asked again")
    upload_limit_mb = IntegerField(default=10)
    accent_letter = CharField(1, default="")

    @classmethod
    def the(cls):
        """The school, or None before it is set up. Its attendance codes and scales of marks come along, and hold from then on (see codes);
        so does the planned work that was announced last (`outage`, with no id where there is none)."""
        rows = _school()
        _learn_codes(list({row.code.id: row.code for row in rows if row.code and row.code.code}.values()))
        marking.learn(row.scale.meant for row in rows if row.scale and row.scale.marks)
        return rows[0] if rows else None


@prepared
def _school():
    planned = Outage.alias()
    last = planned.select(fn.MAX(planned.id)).where(planned.planned & (planned.state == "kept"))
    first = AbsenceCode.alias()
    beside_one = AbsenceCode.id.is_null() | (AbsenceCode.id == first.select(fn.MIN(first.id)))  # so that rows are few
    return School.select(School, AbsenceCode, Outage, MarkScale).join(AbsenceCode, JOIN.LEFT_OUTER, on=SQL("1 = 1"), attr="code").join_from(
        School, Outage, JOIN.LEFT_OUTER, on=(Outage.id == last), attr="outage").join_from(
        School, MarkScale, JOIN.LEFT_OUTER, on=beside_one, attr="scale").where(School.id == 1).order_by(
        AbsenceCode.position, AbsenceCode.id, MarkScale.name)


_codes = marking.STANDARD


def codes() -> marking.Codes:
    """The attendance codes of the school and what they mean: the one place that is asked. Read with the school at the beginning of
    every request; the usual ones for a school that has none of its own."""
    return _codes


def _learn_codes(rows) -> None:
    global _codes
    _codes = _book(tuple(row.meant for row in rows)) if rows else marking.STANDARD


@lru_cache(8)
def _book(rows: tuple) -> marking.Codes:
    return marking.Codes(rows)


class Year(Base):
    """A school year, «2026/27»."""

    name = CharField(20, unique=True)
    starts = DateField()
    ends = DateField()

    def __str__(self):
        return self.name

    @classmethod
    def on(cls, day: date):
        """The year that holds `day`, or else the latest that began before it, or the first."""
        past = cls.select().where(cls.starts <= day).order_by(cls.starts.desc()).first()
        return past or cls.select().order_by(cls.starts).first()


PERIOD_KINDS = ("quarter", "trimester", "half_year", "semester", "module", "year")


class PeriodSet(Base):
    """A way of cutting the year: quarters, trimesters, half-years… Classes of one school use several at once (STR-03)."""

    year = to(Year, "period_sets")
    name = CharField(60)
    kind = CharField(12, default="quarter")

    class Meta:
        indexes = ((("year", "name"), True),)

    def __str__(self):
        return self.name


class Period(Base):
    period_set = to(PeriodSet, "periods")
    number = IntegerField()
    name = CharField(60)
    starts = DateField()
    ends = DateField()

    class Meta:
        indexes = ((("period_set", "number"), True),)

    def __str__(self):
        return self.name

    @classmethod
    def of_unit(cls, unit):
        """Periods of the set that the unit's class lives by (a stream: the first of its pupils' classes' sets), by number,
        each with its set, `closed`: whether it is closed for the class, and `ordered`: see ResultOrder. A list."""
        if unit.school_class_id is not None:
            return _periods_of_class(unit.school_class_id, clock.now().replace(microsecond=0))
        pupils = Membership.select(Membership.pupil).where(Membership.unit == unit)
        own = (SchoolClass.select(fn.MIN(SchoolClass.period_set)).join(Enrolment)
               .where(Enrolment.pupil.in_(pupils) & (SchoolClass.year == unit.year_id)))
        return list(cls.in_force(None, clock.now()).where(cls.period_set.in_(own)))

    @classmethod
    def in_force(cls, school_class, now: datetime):
        """Every period by number with its set, `closed` and `ordered` for the class at this moment."""
        shut = PeriodClosure.standing(now).where((PeriodClosure.period == cls.id) & (PeriodClosure.school_class == school_class))
        until = ResultOrder.until_of(cls.id, school_class).alias("ordered")
        return cls.select(cls, PeriodSet, fn.EXISTS(shut).alias("closed"), until).join(PeriodSet).order_by(cls.number)

    @classmethod
    def is_last(cls):
        """The condition that a period is the last of its set."""
        later = cls.alias()
        return ~fn.EXISTS(later.select(SQL("1")).where((later.period_set == cls.period_set) & (later.number > cls.number)))


@prepared
def _periods_of_class(school_class, now):
    own = SchoolClass.select(SchoolClass.period_set).where(SchoolClass.id == school_class)
    return Period.in_force(school_class, now).where(Period.period_set.in_(own))


class Room(Base):
    name = CharField(40, unique=True)
    capacity = IntegerField(null=True)
    shared = BooleanField(default=False, help_text="several lessons at once, as in a gym: no clash")
    note = CharField(200, default="")

    def __str__(self):
        return self.name


class BellSet(Base):
    """Start and end of each lesson number (STR-04)."""

    name = CharField(100, unique=True)

    def __str__(self):
        return self.name


class Bell(Base):
    bell_set = to(BellSet, "bells", on_delete="CASCADE")
    number = IntegerField()
    starts = TimeField()
    ends = TimeField()

    class Meta:
        indexes = ((("bell_set", "number"), True),)


class Subject(Base):
    name = CharField(150, unique=True)
    short = CharField(30, default="")
    official = CharField(250, default="", help_text="as the curriculum has it, for papers; empty = the name")
    area = CharField(150, default="")
    position = IntegerField(default=0, help_text="order in the curriculum")
    grading = CharField(10, default="marks", help_text="marks · ten · letters · pass (зач/незач) · none: marking.SCALES; or MarkScale.code")

    def __str__(self):
        return self.name

    @property
    def is_exercise(self) -> bool:
        """Physical education, where medical groups count (MRK-16)."""
        return "физическ" in fold(self.name) and "культур" in fold(self.name) or "физкультур" in fold(self.name)


class SchoolClass(Base):
    """A class (a college group) of one year; it continues last year's (STR-01, STR-15)."""

    year = to(Year, "classes")
    name = CharField(30)
    grade = IntegerField(help_text="parallel 1–11; in a college the course")
    letter = CharField(15, default="")
    sort = CharField(40, default="")
    profile = CharField(150, default="")
    week_days = IntegerField(default=6)
    shift = IntegerField(default=1)
    period_set = to(PeriodSet, "classes", null=True)
    room = to(Room, "classes", null=True)
    previous = to("self", "continued_by", null=True)
    size_on_20_september = IntegerField(null=True)

    class Meta:
        indexes = ((("year", "name"), True),)

    def __str__(self):
        return self.name

    @classmethod
    def with_period(cls, courses, day: date):
        """Classes of these courses with the period of their own set that runs on the day, in `period_set.period`; `ordered`:
        see ResultOrder."""
        units = Unit.select(Unit.school_class).where(Unit.id.in_(Course.select(Course.unit).where(Course.id.in_(courses))))
        until = ResultOrder.until_of(Period.id, cls.id).alias("ordered")
        return cls.select(cls, PeriodSet, Period, until).join(PeriodSet).join(Period, attr="period").where(
            cls.id.in_(units) & (Period.starts <= day) & (Period.ends >= day)).order_by(Period.ends, cls.sort)

    def save(self, *args, **kwargs):
        self.sort = class_sort(self.grade, self.name)
        return super().save(*args, **kwargs)

    def unit(self, by: Actor):
        """The journal unit of the whole class, made when it is missing and renamed with the class."""
        unit = Unit.get_or_none((Unit.school_class == self) & (Unit.kind == "class"))
        if unit and unit.name == self.name:
            return unit
        with writing(by):
            unit = unit or Unit(year=self.year_id, kind="class", school_class=self)
            unit.name = self.name
            unit.save()
        return unit

    def continue_in(self, by: Actor, year: Year, name: str, repeating=(), **paper):
        """The class of the next year that continues this one, with everybody in its list promoted but `repeating` pupils
        (ids), who wait for their own movement; returns it (STR-13)."""
        with writing(by, _why(paper)):
            following = SchoolClass.create(year=year, name=name, grade=self.grade + 1, letter=self.letter,
                                           profile=self.profile, week_days=self.week_days, shift=self.shift,
                                           room=self.room_id, previous=self)
            following.unit(by)
            for pupil in Pupil.of_class(self, year.starts - timedelta(days=1)):
                if pupil.id not in repeating:
                    pupil.promote(by, following, year.starts, **paper)
        return following


def class_sort(grade: int, name: str) -> str:
    """Sorts 2 before 10, then by letter."""
    return f"{grade:02d}{sort_key(name)}"[:40]


class BellUse(Base):
    """Which bell set holds for whom and when; the most specific row wins (date, class, weekday, grades, shift)."""

    bell_set = to(BellSet, "uses", on_delete="CASCADE")
    year = to(Year, "bell_uses")
    grade_from = IntegerField(default=1)
    grade_to = IntegerField(default=11)
    school_class = to(SchoolClass, "bell_uses", null=True)
    shift = IntegerField(null=True)
    weekday = IntegerField(null=True, help_text="1 Monday … 7 Sunday")
    starts = DateField(null=True)
    ends = DateField(null=True)

    def concerns(self, school_class, day: date, weekday: int) -> bool:
        """Does this use hold for the class on this day of this weekday?"""
        return (self.grade_from <= school_class.grade <= self.grade_to
                and self.school_class_id in (None, school_class.id)
                and self.shift in (None, school_class.shift) and self.weekday in (None, weekday)
                and (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends))

    def precision(self) -> tuple:
        """Sorts the uses of one lesson: dated before undated, then class, weekday, fewer grades, shift, the newest."""
        dated = self.starts is not None or self.ends is not None
        return (dated, self.school_class_id is not None, self.weekday is not None, self.grade_from - self.grade_to,
                self.shift is not None, self.id)


class Holiday(Base):
    """Days without lessons, or with them after all (`working`), or with lessons at a `distance` (SUB-04): for all, for grades, for a
    class, for one week length."""

    year = to(Year, "holidays")
    name = CharField(150)
    starts = DateField()
    ends = DateField()
    kind = CharField(10, default="holiday", help_text="holiday · public · cancelled · working · distance")
    week_days = IntegerField(null=True, help_text="only for classes of a 5- or 6-day week")
    grade_from = IntegerField(null=True)
    grade_to = IntegerField(null=True)
    school_class = to(SchoolClass, "holidays", null=True)
    as_weekday = IntegerField(null=True, help_text="a working day by the timetable of this weekday")
    order_no = CharField(60, default="")
    instruction = CharField(500, default="", help_text="of lessons at a distance: a link or the name of the instruction")

    @property
    def in_words(self) -> str:
        """«Карантин, приказ № 12»: how a lesson and a family's diary name it."""
        return f"{self.name}, приказ № {self.order_no}" if self.order_no else self.name

    @property
    def link(self) -> str:
        return self.instruction if self.instruction.startswith(("https://", "http://")) else ""

    @classmethod
    def at_distance(cls, first: date, last: date) -> list:
        """The orders on lessons at a distance that touch these days. One query."""
        return list(cls.select().where((cls.kind == "distance") & (cls.starts <= last) & (cls.ends >= first)).order_by(cls.id))

    @classmethod
    def sends_home(cls, lesson) -> Node:
        """The condition that an order has the class of a lesson at a distance on its day; Unit and SchoolClass have to be joined."""
        order = cls.alias()
        own = ((order.school_class.is_null() | (order.school_class == SchoolClass.id))
               & (order.grade_from.is_null() | (order.grade_from <= SchoolClass.grade))
               & (order.grade_to.is_null() | (order.grade_to >= SchoolClass.grade)))
        return fn.EXISTS(order.select(SQL("1")).where((order.kind == "distance") & lesson.day.between(order.starts, order.ends) & own))

    def covers(self, lesson) -> Node:
        """The condition that a lesson lies on these days, in the journal of a class that they hold for."""
        units = Unit.select(Unit.id).join(SchoolClass, JOIN.LEFT_OUTER, on=(Unit.school_class == SchoolClass.id)).where(
            Unit.year == self.year_id)
        for column, value in ((SchoolClass.id, self.school_class_id), (SchoolClass.week_days, self.week_days)):
            units = units.where(column == value) if value else units
        units = units.where(SchoolClass.grade >= self.grade_from) if self.grade_from else units
        units = units.where(SchoolClass.grade <= self.grade_to) if self.grade_to else units
        return lesson.day.between(self.starts, self.ends) & lesson.course.in_(Course.select(Course.id).where(Course.unit.in_(units)))

    def concerns(self, school_class) -> bool:
        """Does this day off (or on) hold for the class?"""
        if self.school_class_id and self.school_class_id != school_class.id:
            return False
        if self.week_days and self.week_days != school_class.week_days:
            return False
        low, high = self.grade_from or 0, self.grade_to or 99
        return low <= school_class.grade <= high


class Calendar:
    """Which days are school days for whom: the year's periods, days off and bells, read once (STR-03 … STR-05, STR-12).

    Three queries when it is made, none afterwards: ask it in bulk.
    """

    def __init__(self, year: Year):
        self.year = year
        self.holidays = list(Holiday.select().where(Holiday.year == year).order_by(Holiday.starts, Holiday.id))
        self.bells = _bells_of(year)
        self.periods: dict[int, list[Period]] = {}
        for period in Period.select(Period).join(PeriodSet).where(PeriodSet.year == year).order_by(Period.number):
            self.periods.setdefault(period.period_set_id, []).append(period)

    def weekday(self, school_class: SchoolClass, day: date) -> int | None:
        """The weekday whose timetable holds for the class on this day, 1 Monday … 7 Sunday; None when it has no school.

        A working day moved by order beats every day off; days between the periods of the class's set are off.
        """
        told = [h for h in self.holidays if h.kind != "distance" and h.starts <= day <= h.ends and h.concerns(school_class)]
        moved = next((h for h in told if h.kind == "working"), None)
        if moved:
            return moved.as_weekday or day.isoweekday()
        if told or day.isoweekday() > school_class.week_days or not self.year.starts <= day <= self.year.ends:
            return None
        return day.isoweekday() if self._in_period(school_class, day) else None

    def school_days(self, school_class: SchoolClass, starts: date, ends: date) -> dict[date, int]:
        """The class's school days from `starts` to `ends`, both included, each with the weekday whose timetable holds."""
        days = {day: self.weekday(school_class, day) for day in each_day(starts, ends)}
        return {day: weekday for day, weekday in days.items() if weekday}

    def period(self, school_class: SchoolClass, day: date) -> Period | None:
        """The period of the class's own set that holds the day; None in holidays between periods."""
        own = self.periods.get(school_class.period_set_id, ())
        return next((p for p in own if p.starts <= day <= p.ends), None)

    def bells_on(self, school_class: SchoolClass, day: date) -> dict[int, tuple[time, time]]:
        """Lesson number → start and end for the class on this day, by the most specific use; empty when none fits."""
        weekday = self.weekday(school_class, day) or day.isoweekday()
        fitting = [use for use in self.bells if use.concerns(school_class, day, weekday)]
        return max(fitting, key=BellUse.precision).times if fitting else {}

    def week(self, day: date) -> str:
        """`odd` or `even`; the week (Monday to Sunday) in which the year begins is the first and so odd."""
        first = self.year.starts - timedelta(days=self.year.starts.weekday())
        return "even" if (day - first).days // 7 % 2 else "odd"

    def _in_period(self, school_class: SchoolClass, day: date) -> bool:
        own = self.periods.get(school_class.period_set_id)
        return own is None or any(p.starts <= day <= p.ends for p in own)


def each_day(starts: date, ends: date) -> list[date]:
    """Every date from `starts` to `ends`, both included."""
    return [starts + timedelta(days=n) for n in range((ends - starts).days + 1)]


def _bells_of(year: Year) -> list[BellUse]:
    """The year's bell uses, each with `times`: lesson number → (start, end)."""
    times: dict[int, dict] = {}
    for bell in Bell.select():
        times.setdefault(bell.bell_set_id, {})[bell.number] = (bell.starts, bell.ends)
    uses = list(BellUse.select().where(BellUse.year == year).order_by(BellUse.id))
    for use in uses:
        use.times = times.get(use.bell_set_id, {})
    return uses


# ---- people ----

ROLES = ("DIR", "ZAV", "ADM", "SEC", "CT", "T", "MAS", "PAR", "STU")


class Person(Base):
    """A human being, once: a teacher who is also a parent is one row with two workplaces (ACC-01)."""

    surname = CharField(100)
    name = CharField(100, default="")
    patronymic = CharField(100, default="")
    birth = DateField(null=True)
    sex = CharField(1, default="")
    phone = CharField(200, default="")
    email = CharField(200, default="")
    address = CharField(300, default="")
    search = CharField(300, default="", index=True)
    sort = CharField(250, default="", index=True)

    def __str__(self):
        return self.full_name

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        return short_name(self.surname, self.name, self.patronymic)

    def save(self, *args, **kwargs):
        for key, value in name_keys(self.surname, self.name, self.patronymic).items():
            setattr(self, key, value)
        return super().save(*args, **kwargs)


def name_keys(surname: str, name: str, patronymic: str) -> dict[str, str]:
    """The derived columns of a person, for bulk inserts."""
    return {"search": fold(f"{surname} {name} {patronymic}")[:300], "sort": sort_key(surname, name, patronymic)}


def short_name(surname: str, name: str, patronymic: str) -> str:
    """«Смирнова О. В.»"""
    return " ".join([surname, *(f"{part[0]}." for part in (name, patronymic) if part)])


class Account(Base):
    """A way in. Without a password it waits for its invitation code."""

    secret = ("password",)

    person = to(Person, "accounts")
    login = CharField(60, unique=True)
    password = CharField(200, null=True, help_text="argon2")
    must_change = BooleanField(default=False)
    password_at = Moment(null=True)
    locked = CharField(200, default="", help_text="reason; empty = open")
    language = CharField(5, default="")

    @classmethod
    def of_login(cls, login: str):
        """The account of this login with its person, or None; capitals and spaces around do not matter."""
        return cls.select(cls, Person).join(Person).where(fn.LOWER(cls.login) == login.strip().lower()).first()

    @classmethod
    def waiting_for(cls, by: Actor, people) -> list:
        """The accounts of these people, in their order; one without a password and with an offered login for whoever has none."""
        people = list(people)
        found = {account.person_id: account for account in cls.select().where(
            cls.person.in_([person.id for person in people])).order_by(cls.id.desc())}
        taken = {login for login, in cls.select(fn.LOWER(cls.login)).tuples()} if len(found) < len(people) else set()
        with writing(by):
            for person in people:
                if person.id not in found:
                    found[person.id] = cls.create(person=person, login=offered_login(person, taken), must_change=True)
        return [found[person.id] for person in people]

    def opens_with(self, password: str, day: date | None = None) -> bool:
        """Is this the password? An account without one opens with its one-time code, if that stands on `day` (SEC-02)."""
        if self.password:
            return password_matches(self.password, password)
        return day is not None and Invitation.of_code(password, day).where(Invitation.person == self.person_id).exists()

    def rename(self, by: Actor, login: str) -> None:
        """Take another login; Refused when it cannot be typed easily or somebody has it."""
        login = login.strip()
        if not re.fullmatch(r"[A-Za-z0-9._@-]{3,60}", login):
            raise Refused(Text(N_("A login is 3 to 60 Latin letters, digits, dots and hyphens")), "login")
        other = Account.of_login(login)
        if other is not None and other.id != self.id:
            raise Refused(Text(N_("This login is taken, choose another")), "login")
        self.login = login
        with writing(by):
            self.save(only=[Account.login])

    def reset(self, by: Actor) -> None:
        """The password is void and every sign-in ended: only a new one-time code opens the account."""
        self.password, self.must_change = None, True
        with writing(by):
            self.save(only=[Account.password, Account.must_change])
            self._end_sign_ins(by)

    def shut(self, by: Actor, reason: str) -> None:
        """Nobody enters by it any more: sign-ins end at once, a code that was handed out is void, and the password does not open
        it. A reason that stands already stays."""
        self.locked = self.locked or reason
        with writing(by):
            self.save(only=[Account.locked])
            self._end_sign_ins(by)
            Invitation.revoke(by, [self.person_id])

    def _end_sign_ins(self, by: Actor) -> None:
        LoginSession.update(ended_at=by.at).where((LoginSession.account == self.id) & LoginSession.ended_at.is_null()).execute()

    def set_password(self, by: Actor, password: str, must_change: bool = False) -> None:
        """Take a new password; Refused for one that is too short or is the login itself."""
        if len(password) < SHORTEST_PASSWORD:
            raise Refused(Text(N_("The password needs at least %(n)s characters"), n=SHORTEST_PASSWORD), "password")
        if fold(password) == fold(self.login):
            raise Refused(Text(N_("The password cannot be the login itself")), "password")
        self.password, self.password_at, self.must_change = hash_password(password), by.at, must_change
        with writing(by):
            self.save(only=[Account.password, Account.password_at, Account.must_change])
            Invitation.update(used_at=by.at).where(
                (Invitation.person == self.person_id) & Invitation.used_at.is_null() & Invitation.revoked_at.is_null()).execute()


_SOUNDS = "a,b,v,g,d,e,e,zh,z,i,y,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,sch,,y,,e,yu,ya"
_LATIN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", _SOUNDS.split(","), strict=True))


def offered_login(person: Person, taken: set[str]) -> str:
    """«petrova.ma», with a number when somebody has it; the login is added to `taken`."""
    surname, *others = ("".join(_LATIN.get(letter, letter) for letter in part.lower() if letter.isalnum())
                        for part in (person.surname, person.name[:1], person.patronymic[:1]))
    plain = re.sub(r"[^a-z0-9.]", "", f"{surname[:40]}.{''.join(others)}").strip(".") or "user"
    login, number = plain, 1
    while login in taken or len(login) < 3:
        number += 1
        login = f"{plain}{number}"
    taken.add(login)
    return login


SHORTEST_PASSWORD = 8
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashing = BoundedSemaphore(2)  # each takes 19 MiB and a core: a rush of sign-ins waits its turn


def hand_memory_back() -> None:
    """Tell glibc to return big blocks at once: it would keep the 19 MiB of each password check for its thread."""
    with suppress(AttributeError, TypeError, OSError):  # another C library has no such switch and no such habit
        CDLL(None).mallopt(_MMAP_THRESHOLD, 2**20)


_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h


def hash_password(password: str) -> str:
    """argon2id of a password; slow on purpose, so never for hundreds of accounts at once."""
    with _hashing:
        return _hasher.hash(password)


def password_matches(digest: str, password: str) -> bool:
    """Does the password belong to the digest? Passwords beyond 200 characters never do."""
    with _hashing:
        try:
            return len(password) <= 200 and _hasher.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False


class Appointment(Base):
    """A role of a person from a day to a day, by an order (LEG-13). PAR and STU follow from families and enrolment."""

    person = to(Person, "appointments")
    role = CharField(4)
    school_class = to(SchoolClass, "appointments", null=True)
    starts = DateField()
    ends = DateField(null=True)
    order_no = CharField(60, default="")
    order_date = DateField(null=True)

    class Meta:
        indexes = ((("person", "role"), False),)

    @classmethod
    def on(cls, day: date):
        """Appointments in force on `day`."""
        return cls.select().where((cls.starts <= day) & (cls.ends.is_null() | (cls.ends >= day)))


class Employee(Base):
    """The staff card of a person."""

    person = to(Person, "employee", unique=True)
    position = CharField(200, default="")
    subjects = CharField(300, default="")
    hired = DateField(null=True)
    left = DateField(null=True)

    @classmethod
    def names_on(cls, day: date):
        """The people of the staff on a day, by the alphabet."""
        return Person.select().join(cls, on=(cls.person == Person.id)).where(cls.left.is_null() | (cls.left >= day)).order_by(Person.sort)


PE_GROUPS = ("main", "preparatory", "special_a", "special_b", "released")
PE_THEORY = ("special_a", "special_b", "released")  # whose theory is assessed, not the exercises (MRK-16, STR-10)


class Pupil(Base):
    """The pupil's card of a person; its id is the pupil's number everywhere in the journal."""

    person = to(Person, "pupil", unique=True)
    file_no = CharField(40, default="", help_text="номер личного дела")
    pe_group = CharField(15, default="main", help_text="medical group in physical education (STR-10)")
    pe_from = DateField(null=True)
    pe_until = DateField(null=True)
    pe_paper = CharField(200, default="", help_text="the certificate behind the group")
    consent = BooleanField(null=True)
    note = CharField(300, default="")

    @classmethod
    def theory_on(cls, first, last):
        """The medical group of a joined pupil whose theory is assessed on some day from `first` to `last` (dates or columns), or "",
        as an expression."""
        holds = (cls.pe_from.is_null() | (cls.pe_from <= last)) & (cls.pe_until.is_null() | (cls.pe_until >= first))
        return Case(None, [(cls.pe_group.in_(PE_THEORY) & holds, cls.pe_group)], "")

    @classmethod
    def named(cls):
        """Pupils with their person joined, by the alphabet."""
        return cls.select(cls, Person).join(Person).order_by(Person.sort, cls.id)

    @classmethod
    def of_class(cls, school_class, day: date):
        """Pupils in the class's list on `day`, by the alphabet, with their person joined."""
        return cls.named().join_from(cls, Enrolment).where(
            (Enrolment.school_class == school_class) & Enrolment.covers(day))

    # Movements: each writes its paper (`paper`: place, order_no, order_date, note) and the dated lists that follow from it
    # by reports.md 3.10. A move dated d: the old class to d − 1, the new one from d. A departure dated d: d is the last day.

    def enrol(self, by: Actor, school_class, day: date, kind: str = "arrival", form: str = "", **paper):
        """Into a class from `day` on, `kind` arrival or start (the list on 1 September); returns the Enrolment."""
        later = self.enrolments.where(Enrolment.ends.is_null() | (Enrolment.ends >= day)).first()
        if later:
            raise Refused(Text(N_("The pupil is already in the list of %(name)s"), name=later.school_class.name), "pupil")
        with writing(by, _why(paper)):
            Movement.create(pupil=self, kind=kind, day=day, to_class=school_class, **paper)
            return Enrolment.create(pupil=self, school_class=school_class, starts=day, form=form)

    def transfer(self, by: Actor, to_class, day: date, **paper):
        """To another class of the year from `day` on; subgroups of the old class end the day before; returns the Enrolment."""
        current = self._listed_on(day)
        old = current.school_class
        if old == to_class or old.year_id != to_class.year_id:
            raise Refused(Text(N_("Choose another class of the same year")), "to_class")
        if current.starts == day:
            raise Refused(Text(N_("The pupil is in %(name)s since that very day: choose a later one"), name=old.name), "day")
        with writing(by, _why(paper)):
            self._close(current, day - timedelta(days=1))
            Movement.create(pupil=self, kind="transfer", day=day, from_class=old, to_class=to_class, **paper)
            return Enrolment.create(pupil=self, school_class=to_class, starts=day, form=current.form)

    def depart(self, by: Actor, day: date, kind: str = "departure", **paper) -> None:
        """Out of the school, `kind` departure or graduation; `day` is the last one in the list."""
        current = self._listed_on(day)
        with writing(by, _why(paper)):
            self._close(current, day)
            Movement.create(pupil=self, kind=kind, day=day, from_class=current.school_class, **paper)

    def promote(self, by: Actor, to_class, day: date, kind: str = "promotion", **paper):
        """Into a class of the next year from `day` on, `kind` promotion, conditional or repeat (STR-13)."""
        current = self._listed_on(day - timedelta(days=1))
        if to_class.year.starts <= current.school_class.year.starts:
            raise Refused(Text(N_("Choose a class of the next year")), "to_class")
        with writing(by, _why(paper)):
            self._close(current, day - timedelta(days=1))
            Movement.create(pupil=self, kind=kind, day=day, from_class=current.school_class, to_class=to_class, **paper)
            return Enrolment.create(pupil=self, school_class=to_class, starts=day, form=current.form)

    def _listed_on(self, day: date):
        """The enrolment that holds on `day`; Refused when there is none or a later one is already written."""
        rows = list(self.enrolments.where(Enrolment.ends.is_null() | (Enrolment.ends >= day)).order_by(Enrolment.starts))
        if not rows or rows[0].starts > day:
            raise Refused(Text(N_("The pupil is in no list on %(day)s"), day=day), "day")
        if len(rows) > 1:
            raise Refused(Text(N_("A later move of the pupil is already written, from %(day)s"), day=rows[1].starts), "day")
        return rows[0]

    def _close(self, enrolment, last: date) -> None:
        """End the enrolment with `last`, and with it every subgroup, stream and individual unit."""
        enrolment.ends = last
        enrolment.save(only=[Enrolment.ends])
        members = UnitMember.pupil == self
        UnitMember.delete().where(members & (UnitMember.starts > last)).execute()
        UnitMember.update(ends=last).where(members & (UnitMember.ends.is_null() | (UnitMember.ends > last))).execute()

    @classmethod
    def with_classes(cls, among):
        """The pupils of the query `among`, by the alphabet: one row for each enrolment by date, in `enrolment` with its
        class; `enrolment` is missing for a pupil never enrolled."""
        return among.select(cls, Person, Enrolment, SchoolClass).join(Person).switch(cls).join(
            Enrolment, JOIN.LEFT_OUTER, on=(Enrolment.pupil == cls.id), attr="enrolment").join(
            SchoolClass, JOIN.LEFT_OUTER).order_by(Person.sort, cls.id, Enrolment.starts)


class Guardianship(Base):
    """Who answers for whom; its rows are what a parent may see (ACC-02)."""

    guardian = to(Person, "wards")
    pupil = to(Pupil, "guardians")
    relation = CharField(30, default="")
    starts = DateField(null=True)
    ends = DateField(null=True)

    class Meta:
        indexes = ((("guardian", "pupil"), True),)

    @classmethod
    def on(cls, day: date):
        return cls.select().where((cls.starts.is_null() | (cls.starts <= day)) & (cls.ends.is_null() | (cls.ends >= day)))


def _why(paper: dict) -> str:
    return f"Приказ № {paper['order_no']}" if paper.get("order_no") else ""


MOVEMENTS = ("start", "arrival", "transfer", "departure", "promotion", "conditional", "repeat", "graduation")


class Movement(Base):
    """A dated change of the contingent by an order (CNT-03, STR-13, reports.md 3.10)."""

    pupil = to(Pupil, "movements")
    kind = CharField(12)
    day = DateField()
    from_class = to(SchoolClass, "left_by", null=True)
    to_class = to(SchoolClass, "joined_by", null=True)
    place = CharField(300, default="", help_text="откуда прибыл, куда выбыл")
    order_no = CharField(60, default="")
    order_date = DateField(null=True)
    note = CharField(300, default="")


class Enrolment(Base):
    """A pupil in a class, both days included."""

    pupil = to(Pupil, "enrolments")
    school_class = to(SchoolClass, "enrolments")
    starts = DateField()
    ends = DateField(null=True)
    form = CharField(20, default="", help_text="empty = full time at school; home, family, individual (STR-08, STR-09)")

    class Meta:
        indexes = ((("school_class", "pupil", "starts"), True), (("pupil", "starts"), False))

    @classmethod
    def on(cls, day: date):
        """Enrolments in force on `day`."""
        return cls.select().where(cls.covers(day))

    @classmethod
    def covers(cls, day):
        """The condition that an enrolment holds on `day` (a date or a column)."""
        return (cls.starts <= day) & (cls.ends.is_null() | (cls.ends >= day))

    @classmethod
    def settings(cls, unit, when):
        """Enrolments of a unit's pupils with their class and those periods of its set that `when` (a condition on Period)
        names: `school_class.period` with its set, None without one; `closed` and `ordered` for the class. The later enrolment
        comes last."""
        shut = PeriodClosure.standing().where((PeriodClosure.period == Period.id) & (
            PeriodClosure.school_class == SchoolClass.id))
        pupils = Membership.select(Membership.pupil).where(Membership.unit == unit)
        here = cls.pupil.in_(pupils) if unit.school_class_id is None else cls.school_class == unit.school_class_id
        until = ResultOrder.until_of(Period.id, SchoolClass.id).alias("ordered")
        return (cls.select(cls, SchoolClass, Period, PeriodSet, fn.EXISTS(shut).alias("closed"), until).join(SchoolClass)
                .join(Period, JOIN.LEFT_OUTER, on=(Period.period_set == SchoolClass.period_set) & when, attr="period")
                .join(PeriodSet, JOIN.LEFT_OUTER).where(here).order_by(cls.starts))


# ---- units, teaching, timetable ----

UNITS = ("class", "subgroup", "stream", "individual")


class SubgroupSet(Base):
    """A division of a class: one pupil is in one subgroup of a set (CNT-07)."""

    school_class = to(SchoolClass, "subgroup_sets")
    name = CharField(100)

    class Meta:
        indexes = ((("school_class", "name"), True),)

    def __str__(self):
        return f"{self.school_class.name} · {self.name}"


class Unit(Base):
    """A journal unit: a class, a subgroup, a stream across classes, one pupil (CNT-10)."""

    year = to(Year, "units")
    kind = CharField(10, default="class")
    name = CharField(80)
    school_class = to(SchoolClass, "units", null=True)
    subgroup_set = to(SubgroupSet, "subgroups", null=True)
    number = IntegerField(null=True, help_text="subgroup 1, 2…")

    class Meta:
        indexes = ((("year", "name"), True),)

    def __str__(self):
        return self.name

    @classmethod
    def headcount(cls, day):
        """How many pupils a joined unit has on `day` (a date or a column), as an expression."""
        enrolled = Enrolment.on(day).select(fn.COUNT(Enrolment.id)).where(
            (cls.kind == "class") & (Enrolment.school_class == cls.school_class))
        grouped = UnitMember.select(fn.COUNT(UnitMember.id)).where((UnitMember.unit == cls.id) & (UnitMember.starts <= day) & (
            UnitMember.ends.is_null() | (UnitMember.ends >= day)))
        return fn.COALESCE(enrolled, 0) + fn.COALESCE(grouped, 0)

    @property
    def group(self) -> tuple | None:
        """What keeps its pupils apart from others of their class, as `Place.group`; None for a whole class."""
        if self.kind == "class":
            return None
        return (self.subgroup_set_id, self.number) if self.kind == "subgroup" else (f"unit {self.id}", 0)

    def join(self, by: Actor, pupil: Pupil, day: date) -> None:
        """Into this subgroup, stream or individual unit from `day` on; another subgroup of the set ends the day before."""
        if self.kind == "class":
            raise Refused(Text(N_("A class takes its pupils from enrolment: write a movement")), "unit")
        if not self._takes(pupil, day):
            raise Refused(Text(N_("The pupil is not in the list of %(name)s on %(day)s"), name=self.school_class.name,
                               day=day), "pupil")
        with writing(by):
            self._end_rivals(pupil, day)
            UnitMember.create(unit=self, pupil=pupil, starts=day)

    def moves(self, pupil: Pupil, day: date) -> bool:
        """Does the pupil come to this subgroup on `day` from another one of its set (CNT-08)?"""
        return UnitMember.select().join(Unit).where(
            (Unit.subgroup_set == self.subgroup_set_id) & (Unit.id != self.id) & (UnitMember.pupil == pupil)
            & (UnitMember.starts < day)).exists()

    def leave(self, by: Actor, pupil: Pupil, day: date) -> None:
        """Out of the unit; `day` is the last one in it."""
        with writing(by):
            UnitMember.update(ends=day).where((UnitMember.unit == self) & (UnitMember.pupil == pupil)
                                              & (UnitMember.starts <= day) & UnitMember.open_after(day)).execute()

    def _takes(self, pupil: Pupil, day: date) -> bool:
        return self.school_class_id is None or Enrolment.on(day).where(
            (Enrolment.pupil == pupil) & (Enrolment.school_class == self.school_class_id)).exists()

    def _end_rivals(self, pupil: Pupil, day: date) -> None:
        """One pupil is in one subgroup of a set (CNT-07): what is open in the set, or in this unit, ends before `day`."""
        units = Unit.select(Unit.id).where(Unit.subgroup_set == self.subgroup_set_id) if self.subgroup_set_id else [self.id]
        rivals = UnitMember.unit.in_(units) & (UnitMember.pupil == pupil)
        UnitMember.delete().where(rivals & (UnitMember.starts >= day)).execute()
        UnitMember.update(ends=day - timedelta(days=1)).where(
            rivals & UnitMember.open_after(day - timedelta(days=1))).execute()


class UnitMember(Base):
    """A pupil in a subgroup, a stream or an individual unit; classes take theirs from enrolment."""

    unit = to(Unit, "members")
    pupil = to(Pupil, "unit_memberships")
    starts = DateField()
    ends = DateField(null=True)

    class Meta:
        indexes = ((("unit", "pupil", "starts"), True), (("pupil",), False))

    @classmethod
    def open_after(cls, day: date):
        """The condition that a membership goes on beyond `day`."""
        return cls.ends.is_null() | (cls.ends > day)


class Membership(Base):
    """A view: who is in which unit from when to when, of whatever kind. Read only."""

    recorded = False
    view = """CREATE VIEW membership AS
        SELECT u.id AS unit_id, e.pupil_id, e.starts, e.ends FROM unit u JOIN enrolment e ON e.school_class_id = u.school_class_id
          WHERE u.kind = 'class'
        UNION ALL SELECT unit_id, pupil_id, starts, ends FROM unit_member"""

    unit = to(Unit, "memberships")
    pupil = to(Pupil, "memberships")
    starts = DateField()
    ends = DateField(null=True)

    class Meta:
        primary_key = False

    @classmethod
    def on(cls, day: date):
        return cls.select().where(cls.covers(day))

    @classmethod
    def covers(cls, day):
        """The condition that a membership holds on `day` (a date or a column)."""
        return (cls.starts <= day) & (cls.ends.is_null() | (cls.ends >= day))


class CurriculumLine(Base):
    """Weekly hours of a subject in a class; the year's hours are weeks × hours unless given (STR-06)."""

    school_class = to(SchoolClass, "curriculum")
    subject = to(Subject, "curriculum")
    weekly_hours = DecimalField(5, 2)
    weeks = IntegerField(default=34)
    year_hours = DecimalField(6, 2, null=True)
    component = CharField(100, default="")

    class Meta:
        indexes = ((("school_class", "subject", "component"), True),)

    @property
    def hours(self):
        """Hours a year."""
        return self.year_hours if self.year_hours is not None else self.weekly_hours * self.weeks

    @classmethod
    def of_grades(cls, year, grades):
        """The lines of the year's classes in these grades, each with its class."""
        return cls.select(cls, SchoolClass).join(SchoolClass).where(
            (SchoolClass.year == year) & SchoolClass.grade.in_(list(grades))).order_by(SchoolClass.sort)


class Plan(Base):
    """A calendar-thematic plan (КТП) of a subject and a parallel (PLN-02). A `shared` one stands in the library of all
    colleagues; an approved one loses the approval with its next change (PLN-03)."""

    year = to(Year, "plans")
    subject = to(Subject, "plans")
    grade = IntegerField()
    name = CharField(200)
    author = to(Person, "plans", null=True)
    source = CharField(300, default="")
    shared = BooleanField(default=True)
    approved_at = Moment(null=True)
    approved_by = to(Person, "approved_plans", null=True)

    def __str__(self):
        return self.name

    @classmethod
    def described(cls, among):
        """The plans of the query `among` with subject and author, by subject, grade and name, each with `topic_count` and
        `hours`: the sum of its topics."""
        topics = PlanTopic.select(fn.COUNT(PlanTopic.id)).where(PlanTopic.plan == cls.id)
        hours = PlanTopic.select(fn.COALESCE(fn.SUM(PlanTopic.hours), 0)).where(PlanTopic.plan == cls.id)
        return among.select(cls, Subject, Person, topics.alias("topic_count"), hours.alias("hours")).join(Subject).switch(cls).join(
            Person, JOIN.LEFT_OUTER, on=(cls.author == Person.id)).order_by(Subject.name, cls.grade, cls.name, cls.id)

    def in_order(self):
        """Its topics from the first to the last."""
        return self.topics.order_by(PlanTopic.number, PlanTopic.id)

    def lay(self, by: Actor, rows: list[tuple], why: str = "") -> None:
        """Make the topics exactly these, in this order: (id of a standing topic or None, *PlanTopic.told). Topics that are
        left out go; lessons given by them keep their words. An approval ends."""
        standing = {row.id: (row.number, *row.words_of_row) for row in self.in_order()}
        told = [getattr(PlanTopic, name) for name in PlanTopic.told]
        changed = [(number, *row[1:], row[0]) for number, row in enumerate(rows, 1)
                   if row[0] and standing[row[0]] != (number, *row[1:])]
        fresh = [(self.id, number, *row[1:]) for number, row in enumerate(rows, 1) if not row[0]]
        gone = standing.keys() - {row[0] for row in rows}
        if not (changed or fresh or gone):
            return
        with writing(by, why):
            PlanTopic.delete().where(PlanTopic.id.in_(list(gone))).execute()
            update_rows(PlanTopic, [PlanTopic.number, *told], [_without_decimals(row) for row in changed])
            insert_rows(PlanTopic, [PlanTopic.plan, PlanTopic.number, *told], [_without_decimals(row) for row in fresh])
            self.approved_at = self.approved_by = None
            self.save(only=[Plan.approved_at, Plan.approved_by])


def _without_decimals(row: tuple) -> tuple:
    """Decimals as the drivers of both databases take them."""
    return tuple(float(value) if isinstance(value, Decimal) else value for value in row)


class PlanTopic(Base):
    """A topic of a plan with its hours. `told` are the columns a teacher writes."""

    told = ("section", "topic", "hours", "work_kind", "homework")

    plan = to(Plan, "topics", on_delete="CASCADE")
    number = IntegerField(help_text="order in the plan, from 1")
    section = CharField(300, default="")
    topic = CharField(500)
    hours = DecimalField(4, 1, default=1)
    work_kind = CharField(10, default="", help_text="code of the planned work, К Л П…")
    homework = CharField(500, default="")

    class Meta:
        indexes = ((("plan", "number"), False),)

    @property
    def words_of_row(self) -> tuple:
        return tuple(getattr(self, name) for name in self.told)

    @classmethod
    def of_course(cls, course) -> list:
        """The topics of the course's plan in their order, as this course gives them; one query. Each has `given` (hours of
        its lessons), `needs` (hours it takes here), `worth` (hours of the plan it stands for), `words` (its topic with those
        of the topics joined to it), and `correction`, None without one. A topic joined to another needs no hours."""
        given = Lesson.select(fn.COALESCE(fn.SUM(Lesson.hours), 0)).where(
            (Lesson.plan_topic == cls.id) & (Lesson.course == course.id))
        here = (PlanCorrection.topic == cls.id) & (PlanCorrection.course == course.id)
        rows = list(cls.select(cls, PlanCorrection, given.alias("given")).join(
            PlanCorrection, JOIN.LEFT_OUTER, on=here, attr="correction").where(
            cls.plan == course.plan_id).order_by(cls.number, cls.id))
        hosts = {}
        for row in rows:
            row.correction = getattr(row, "correction", None)
            row.needs = row.correction.hours if row.correction else row.hours
            row.worth, row.words = row.hours, row.topic
            hosts[row.id] = row
            host = hosts.get(row.correction.joined_to_id) if row.correction else None
            if host:
                host.worth, host.words, row.worth = host.worth + row.hours, f"{host.words}; {row.topic}", 0
        return rows

    @classmethod
    def tallies(cls, courses) -> dict[int, list[tuple]]:
        """Course id → (worth, needs, given) of every topic, as in `of_course`, for many courses (ids); two queries."""
        here = (PlanCorrection.topic == cls.id) & (PlanCorrection.course == Course.id)
        rows = list(cls.select(Course.id, cls.id, cls.hours, PlanCorrection.hours, PlanCorrection.joined_to).join(
            Course, on=(Course.plan == cls.plan)).join(PlanCorrection, JOIN.LEFT_OUTER, on=here).where(
            Course.id.in_(list(courses))).tuples())
        given = {(course, topic): hours for course, topic, hours in Lesson.select(
            Lesson.course, Lesson.plan_topic, fn.SUM(Lesson.hours)).where(
            Lesson.course.in_(list(courses)) & Lesson.plan_topic.is_null(False)).group_by(
            Lesson.course, Lesson.plan_topic).tuples()}
        joined, found = {}, {}
        for course, _topic, hours, _needs, host in rows:
            if host:
                joined[course, host] = joined.get((course, host), 0) + hours
        for course, topic, hours, needs, host in rows:
            worth = 0 if host else hours + joined.get((course, topic), 0)
            found.setdefault(course, []).append((worth, hours if needs is None else needs, given.get((course, topic), 0)))
        return found

    @classmethod
    def next_of(cls, course):
        """The first topic of the course's plan that has not been given all the hours it needs here; None at the end."""
        return next((row for row in cls.of_course(course) if row.given < row.needs), None)

    @classmethod
    def offered(cls, course, number: int):
        """The topic with this id as the course gives it; None when it is not of the course's plan."""
        return next((row for row in cls.of_course(course) if row.id == number), None)


class Course(Base):
    """A journal: unit × subject × year."""

    unit = to(Unit, "courses")
    subject = to(Subject, "courses")
    weekly_hours = DecimalField(5, 2, default=0)
    plan = to(Plan, "courses", null=True)
    grading = CharField(10, default="", help_text="as of a subject; empty = the subject's")
    exam_received_at = Moment(null=True, help_text="when the results of the exam came: families wait from then on (FIN-13)")

    class Meta:
        indexes = ((("unit", "subject"), True),)

    @property
    def scale(self) -> marking.Scale:
        """How the course is marked: by its own scale, or by the subject's."""
        return marking.scale_of(self.grading or self.subject.grading)

    @classmethod
    def whole(cls):
        """Courses with their unit, class and subject joined."""
        return (cls.select(cls, Unit, SchoolClass, Subject).join(Unit)
                .join(SchoolClass, JOIN.LEFT_OUTER, on=(Unit.school_class == SchoolClass.id), attr="school_class")
                .join_from(cls, Subject))

    def receive_exam(self, by: Actor, at: datetime | None) -> None:
        """The results of the exam came at this moment. Refused for one still ahead."""
        if at and at > by.at:
            raise Refused(Text(N_("The results of the exam cannot have come later than now")), "received")
        self.exam_received_at = at
        with writing(by):
            self.save(only=[Course.exam_received_at])

    def hand_over(self, by: Actor, teacher: Person, day: date, order_no: str = "") -> None:
        """Another teacher from `day` on: standing assignments end the day before, lessons nobody has filled go to the new one."""
        standing = (Assignment.course == self) & (Assignment.ends.is_null() | (Assignment.ends >= day))
        if Assignment.select().where(standing & (Assignment.starts >= day)).exists():
            raise Refused(Text(N_("An assignment from %(day)s or later is already written for this course"), day=day), "day")
        with writing(by, _why({"order_no": order_no})):
            Assignment.update(ends=day - timedelta(days=1)).where(standing).execute()
            Assignment.create(course=self, teacher=teacher, starts=day, hours=self.weekly_hours, order_no=order_no)
            waiting = Lesson.untouched().where((Lesson.course == self) & (Lesson.day >= day)).select(Lesson.id)
            Lesson.update(teacher=teacher).where(Lesson.id.in_([row for row, in waiting.tuples()])).execute()

    def add_lesson(self, by: Actor, day: date, number: int, teacher=None, room=None, hours: int = 1):
        """One lesson by hand, outside the timetable, with the bells of that day; Refused where the course has one already."""
        if self.lessons.where((Lesson.day == day) & (Lesson.number == number)).exists():
            raise Refused(Text(N_("This course already has lesson %(number)s on %(day)s"), number=number, day=day), "day")
        starts, ends = _bells_for(self.unit, day).get(number, (None, None))
        with writing(by):
            return Lesson.create(course=self, day=day, number=number, starts=starts, ends=ends, teacher=teacher, room=room,
                                 by_hand=True, hours=hours)

    @classmethod
    def of_pupil(cls, pupil: int, first: date, last: date):
        """Courses of the units a pupil was in on some day from `first` to `last`, with subject, in the curriculum's order."""
        units = Membership.select(Membership.unit).where(
            (Membership.pupil == pupil) & (Membership.starts <= last) & (Membership.ends.is_null() | (Membership.ends >= first)))
        return cls.select(cls, Subject).join(Subject).where(cls.unit.in_(units)).order_by(
            Subject.position, Subject.name, cls.id)


class PlanCorrection(Base):
    """How a course departs from the hours of its plan, with the reason: other hours for a topic, or a topic given together
    with one before it («уплотнение», PLN-04). The plan itself, which other courses share, stays as it is."""

    course = to(Course, "plan_corrections")
    topic = to(PlanTopic, "corrections", on_delete="CASCADE")
    hours = DecimalField(4, 1, help_text="in place of the plan's; 0 of a topic joined to another")
    joined_to = to(PlanTopic, "joined", null=True, on_delete="CASCADE")
    reason = CharField(300)
    author = to(Person, "plan_corrections", null=True)
    at = Moment()

    class Meta:
        indexes = ((("course", "topic"), True), (("topic",), False))

    @classmethod
    def sheet(cls, course):
        """The correction sheet of a course: its corrections with topic and author, in the order of the plan."""
        return cls.select(cls, PlanTopic, Person).join(PlanTopic, on=(cls.topic == PlanTopic.id)).switch(cls).join(
            Person, JOIN.LEFT_OUTER).where((cls.course == course) & (PlanTopic.plan == course.plan_id)).order_by(
            PlanTopic.number, PlanTopic.id)

    @classmethod
    def put(cls, by: Actor, course, wanted: list[dict], gone: list[int], reason: str) -> None:
        """Write the corrections `wanted` (topic, hours, joined_to as ids) of a course, and take back those of the topics `gone`.
        Refused without a reason."""
        reason = _said_why(reason)
        with writing(by, reason):
            cls.delete().where((cls.course == course) & cls.topic.in_(gone)).execute()
            rows = [{"course": course, "reason": reason, "author": by.person, "at": by.at, **row} for row in wanted]
            if rows:
                cls.insert_many(rows).on_conflict(conflict_target=["course_id", "topic_id"], preserve=[
                    "hours", "joined_to_id", "reason", "author_id", "at"]).execute()


class PlanDate(Base):
    """The days that a topic of a plan had in a course until a publication of the timetable moved it: its date by plan, which stays
    (PLN-02, PLN-04). The first days told stay; a topic without a row goes by the timetable as it stands."""

    course = to(Course, "plan_dates", on_delete="CASCADE")
    topic = to(PlanTopic, "plan_dates", on_delete="CASCADE")
    starts = DateField()
    ends = DateField()

    class Meta:
        indexes = ((("course", "topic"), True), (("topic",), False))

    @classmethod
    def by_timetable(cls, courses, year: Year) -> dict[tuple[int, int], tuple[date, date]]:
        """(course, topic) → first and last day when the topics of the plans of these courses (ids) are given by the lessons of the
        year as they stand, one after another. Two queries."""
        lessons: dict[int, list] = {}
        for lesson in Lesson.of_plans(courses, year.starts, year.ends).namedtuples():
            lessons.setdefault(lesson.course, []).append(lesson)
        topics: dict[int, list] = {}
        for course, *topic in PlanTopic.select(Course.id, PlanTopic.id, PlanTopic.hours).join(
                Course, on=(Course.plan == PlanTopic.plan)).where(Course.id.in_(list(lessons))).order_by(
                PlanTopic.number, PlanTopic.id).tuples():
            topics.setdefault(course, []).append(topic)
        found = {}
        for course, rows in topics.items():
            scheduled, (ids, hours) = Lesson.scheduled(lessons[course]), zip(*rows, strict=True)
            for topic, places in zip(ids, formulas.spread(hours, [each.hours for each in scheduled]), strict=True):
                if places:
                    found[course, topic] = scheduled[places[0]].day, scheduled[places[-1]].day
        return found

    @classmethod
    def keep(cls, days: dict[tuple[int, int], tuple[date, date]]) -> None:
        """Remember these days of topics as those by plan, where none are remembered yet. Inside `writing`."""
        rows = [(course, topic, *span) for (course, topic), span in days.items()]
        for part in chunked(rows, 500):
            cls.insert_many(part, [cls.course, cls.topic, cls.starts, cls.ends]).on_conflict_ignore().execute()

    @classmethod
    def of_courses(cls, courses) -> dict[tuple[int, int], tuple[date, date]]:
        """(course, topic) → the first and the last day it had by plan, of those courses (ids) where the timetable has moved it."""
        rows = cls.select(cls.course, cls.topic, cls.starts, cls.ends).where(cls.course.in_(list(courses))).tuples()
        return {(course, topic): tuple(span) for course, topic, *span in rows}


class Assignment(Base):
    """Who teaches a course from when to when."""

    course = to(Course, "assignments")
    teacher = to(Person, "assignments")
    starts = DateField()
    ends = DateField(null=True)
    hours = DecimalField(5, 2, default=0)
    order_no = CharField(60, default="")

    class Meta:
        indexes = ((("course", "teacher", "starts"), True), (("teacher",), False))

    @classmethod
    def on(cls, day: date):
        return cls.select().where((cls.starts <= day) & (cls.ends.is_null() | (cls.ends >= day)))

    @classmethod
    def names_on(cls, courses, day: date) -> dict[int, str]:
        """Course id → who teaches it on the day, of these courses (ids)."""
        found: dict[int, list] = {}
        for course, *names in cls.on(day).join(Person).where(cls.course.in_(list(courses))).order_by(Person.sort).select(
                cls.course, Person.surname, Person.name, Person.patronymic).tuples():
            found.setdefault(course, []).append(short_name(*names))
        return {course: ", ".join(names) for course, names in found.items()}


WEEKS = ("every", "odd", "even")
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


class Place(NamedTuple):
    """What of a timetable slot can clash. Things are hashable and shown by `str`: rows and plain names alike.

    `group` is (subgroup set, number) of a subgroup, (anything of its own, 0) of a stream, None of a whole class; `pupils`
    may be left empty when nobody is in the groups yet. `bells` is (start, end); without them lessons of one number are at
    once. `starts` and `ends` bound the place within the timetable. Places with the same `key` are the same slot.
    """

    key: Hashable
    weekday: int
    number: int
    label: str
    classes: tuple = ()
    group: tuple | None = None
    subject: str = ""
    teacher: Hashable = None
    room: Hashable = None
    shared_room: bool = False
    week: str = "every"
    bells: tuple[time, time] | None = None
    pupils: frozenset = frozenset()
    starts: date | None = None
    ends: date | None = None

    def meets(self, other) -> bool:
        """Are both at once in some week?"""
        if {self.week, other.week} == {"odd", "even"} or not self._lasts_into(other) or not other._lasts_into(self):
            return False
        if self.bells and other.bells and all(self.bells) and all(other.bells):
            return self.bells[0] < other.bells[1] and other.bells[0] < self.bells[1]
        return self.number == other.number

    def excludes(self, other, kind: str) -> bool:
        """Do two places that meet clash over a thing of this kind (class, teacher, room) that they share?"""
        halves = self.group and other.group and not set(self.classes).isdisjoint(other.classes)
        if kind == "class":
            return not halves or self._shares_pupils(other)
        if kind == "room":
            return not (self.shared_room or halves or self._is_joint(other))
        return not (halves and self.subject == other.subject or self._is_joint(other))

    def _lasts_into(self, other) -> bool:
        return (self.starts or date.min) <= (other.ends or date.max)

    def _shares_pupils(self, other) -> bool:
        """Subgroups of one set never share pupils, those of two sets only if known to."""
        if self.group == other.group:
            return True
        return self.group[0] != other.group[0] and not self.pupils.isdisjoint(other.pupils)

    def _is_joint(self, other) -> bool:
        """One teacher gives several whole classes one subject in one room."""
        known = self.teacher and self.subject and self.room
        whole = self.group is None and other.group is None and self.classes != other.classes
        return bool(known and whole) and (self.teacher, self.subject, self.room) == (other.teacher, other.subject, other.room)


class Clash(NamedTuple):
    """Two slots that cannot be at once; `kinds` is what they share: class, subgroup, teacher, room → the thing itself."""

    weekday: int
    number: int
    one: Place
    other: Place
    kinds: dict[str, Hashable]

    @property
    def text(self) -> Text:
        return Text(N_("%(weekday)s, lesson %(number)s: %(what)s — %(one)s and %(other)s at the same time"),
                    weekday=Text(WEEKDAYS[self.weekday - 1]), number=self.number, what=self._what(),
                    one=_side(self.one), other=_side(self.other))

    def _what(self) -> Text:
        if self.kinds.keys() == {"teacher", "room"}:
            return Text(N_("teacher %(teacher)s and room %(room)s"), teacher=str(self.kinds["teacher"]),
                        room=str(self.kinds["room"]))
        kind = next(kind for kind in _SHARED if kind in self.kinds)
        return Text(_SHARED[kind], thing=str(self.kinds[kind]))


_SHARED = {"class": N_("class %(thing)s"), "subgroup": N_("pupils of class %(thing)s"), "teacher": N_("teacher %(thing)s"),
           "room": N_("room %(thing)s")}


def _side(place: Place) -> str:
    return f"{place.label} ({place.subject})" if place.subject else place.label


def clashes_among(places) -> list[Clash]:
    """Every pair of places that cannot be at once, by weekday and lesson number: teacher, class, subgroup, room (PLN-01).

    Pure: the intake asks it before anything is saved.
    """
    rivals: dict[tuple, list[Place]] = {}
    for place in places:
        for kind, thing in (*(("class", c) for c in place.classes), ("teacher", place.teacher), ("room", place.room)):
            if thing is not None:
                rivals.setdefault((place.weekday, kind, thing), []).append(place)
    found: dict[tuple, Clash] = {}
    for (weekday, kind, thing), together in rivals.items():
        for one, other in combinations(together, 2):
            if one.key == other.key or not one.meets(other) or not one.excludes(other, kind):
                continue
            clash = found.setdefault((one.key, other.key), Clash(weekday, one.number, one, other, {}))
            clash.kinds["subgroup" if kind == "class" and one.group and other.group else kind] = thing
    return sorted(found.values(), key=lambda clash: clash[:2])


class Clashing(Refused):
    """A timetable cannot be published: `clashes` names both sides of each."""

    def __init__(self, clashes: list[Clash]):
        super().__init__(Text(N_("The timetable is not published, clashes: %(count)s. %(first)s"), count=len(clashes),
                              first=clashes[0].text))
        self.clashes = clashes


class Timetable(Base):
    """A dated version of the timetable; publishing makes the lessons."""

    year = to(Year, "timetables")
    name = CharField(150)
    starts = DateField()
    ends = DateField()
    published_at = Moment(null=True)

    def __str__(self):
        return self.name

    def clashes(self) -> list[Clash]:
        """Pairs of this version's slots that cannot be at once; five queries."""
        return clashes_among(_places(self))

    def publish(self, by: Actor, now: datetime) -> dict[str, int]:
        """Make the lessons of the whole version; {"made", "changed", "withdrawn", "left"} are numbers of lessons.

        Later publications, of this version or one that takes over from it, touch only future lessons that nobody has
        filled. On a day the published version that began last is in force. What would fall into a closed period is left as
        it is (MRK-08). Days that topics of plans had until now are kept, see PlanDate. Raises Clashing.
        """
        clashes = self.clashes()
        if clashes:
            raise Clashing(clashes)
        with writing(by, f"Расписание «{self.name}»"):
            change = self.change(now)
            before = PlanDate.by_timetable(change.courses, self.year)
            change.write()
            after = PlanDate.by_timetable({course for course, _topic in before}, self.year)
            PlanDate.keep({row: days for row, days in before.items() if after.get(row) != days})
            if self.published_at is None:
                self.published_at = now
                self.save(only=[Timetable.published_at])
        return change.counts

    def change(self, now: datetime):
        """What publishing would do to the lessons now. Nothing is written."""
        return _lesson_change(self, _days_to_bring(self, now.date()), now)

    @classmethod
    def published(cls, year):
        return cls.select().where((cls.year == year) & cls.published_at.is_null(False))


def _places(timetable: Timetable) -> list[Place]:
    slots = list(Slot.select(Slot, Course, Unit, Subject, Room).join(Course).join(Unit).switch(Course).join(Subject)
                 .switch(Slot).join(Room, "LEFT JOIN").where(Slot.timetable == timetable).order_by(Slot.id))
    pupils, classes = _composition(timetable)
    teachers, bells = _teachers(timetable), _usual_bells(timetable, classes)
    names = {p.id: p for p in Person.select(Person.id, Person.surname, Person.name, Person.patronymic).where(
        Person.id.in_({t for spans in teachers.values() for t, *_ in spans} | {s.teacher_id for s in slots if s.teacher_id}))}
    places = []
    for slot in slots:
        unit = slot.course.unit
        spans = [(slot.teacher_id, None, None)] if slot.teacher_id else teachers.get(slot.course_id) or [(None, None, None)]
        for teacher, starts, ends in spans:
            places.append(Place(
                slot.id, slot.weekday, slot.number, unit.name, classes.get(unit.id, ()), unit.group, slot.course.subject.name,
                names.get(teacher), slot.room, bool(slot.room and slot.room.shared), slot.week,
                bells.get((unit.id, slot.weekday), {}).get(slot.number), pupils.get(unit.id, frozenset()), starts, ends))
    return places


def _usual_bells(timetable: Timetable, classes: dict) -> dict[tuple, dict]:
    """(unit id, weekday) → bells of the first such school day of the version, for the unit's first class."""
    calendar = Calendar(timetable.year)
    days = each_day(timetable.starts, min(timetable.ends, timetable.starts + timedelta(days=60)))
    usual: dict[tuple, dict] = {}
    for school_class in {own[0] for own in classes.values() if own}:
        for weekday, fitting in _plan_of_days(calendar, school_class, days)[0].items():
            usual[school_class, weekday] = calendar.bells_on(school_class, fitting[0])
    return {(unit, weekday): usual.get((own[0], weekday), {}) for unit, own in classes.items() for weekday in range(1, 8) if own}


def _composition(timetable: Timetable) -> tuple[dict, dict]:
    """Unit id → its pupils (none for classes), and unit id → the classes it takes pupils from."""
    classes = {c.id: c for c in SchoolClass.select().where(SchoolClass.year == timetable.year)}
    units = {u: (classes[c],) for u, c in Unit.select(Unit.id, Unit.school_class).where(
        (Unit.year == timetable.year) & Unit.school_class.is_null(False)).tuples()}
    pupils: dict[int, set] = {}
    origin: dict[int, set] = {}
    rows = UnitMember.select(UnitMember.unit, UnitMember.pupil, Enrolment.school_class).join(
        Enrolment, on=(Enrolment.pupil == UnitMember.pupil)).where(
        (UnitMember.ends.is_null() | (UnitMember.ends >= timetable.starts)) & Enrolment.school_class.in_(list(classes))
        & (Enrolment.ends.is_null() | (Enrolment.ends >= UnitMember.starts)))
    for unit, pupil, school_class in rows.tuples():
        pupils.setdefault(unit, set()).add(pupil)
        origin.setdefault(unit, set()).add(school_class)
    for unit, ids in origin.items():
        units.setdefault(unit, tuple(classes[i] for i in sorted(ids)))
    return {unit: frozenset(ids) for unit, ids in pupils.items()}, units


def _teachers(timetable: Timetable) -> dict[int, list[tuple]]:
    """Course id → [(teacher, starts, ends)] of the assignments that touch the version's span, the earliest first."""
    spans: dict[int, list] = {}
    for course, *span in Assignment.select(
            Assignment.course, Assignment.teacher, Assignment.starts, Assignment.ends).join(Course).join(Unit).where(
            (Unit.year == timetable.year) & (Assignment.starts <= timetable.ends)
            & (Assignment.ends.is_null() | (Assignment.ends >= timetable.starts))).order_by(
            Assignment.starts, Assignment.id).tuples():
        spans.setdefault(course, []).append(tuple(span))
    return spans


def _days_to_bring(timetable: Timetable, today: date) -> list[date]:
    """Days on which this version is in force and lessons may be made: all at its first publication unless another version
    has made them already, and otherwise from today on."""
    others = list(Timetable.published(timetable.year).where(Timetable.id != timetable.id))
    days = []
    for day in each_day(timetable.starts, timetable.ends):
        rivals = [other for other in others if other.starts <= day <= other.ends]
        if any((other.starts, other.id) > (timetable.starts, timetable.id) for other in rivals):
            continue
        if day >= today or timetable.published_at is None and not rivals:
            days.append(day)
    return days


class LessonChange(NamedTuple):
    """What a publication does to the lessons: rows to make, (lesson, planned values) to change, lessons to withdraw, and what
    would fall into a period that is `closed`: (class, period) → how many lessons are left as they are."""

    made: list[tuple]
    changed: list[tuple]
    withdrawn: dict[int, int]
    closed: dict[tuple, int]

    @property
    def counts(self) -> dict[str, int]:
        return {"made": len(self.made), "changed": len(self.changed), "withdrawn": len(self.withdrawn), "left": sum(self.closed.values())}

    @property
    def courses(self) -> set[int]:
        """Courses whose days change."""
        return {row[0] for row in self.made} | set(self.withdrawn.values())

    def write(self) -> None:
        """Inside `writing`."""
        for part in chunked(list(self.withdrawn), 500):
            Lesson.delete().where(Lesson.id.in_(part)).execute()
        for row, rest in self.changed:
            Lesson.update(dict(zip(_PLANNED, rest, strict=True))).where(Lesson.id == row).execute()
        fields = [Lesson.course, Lesson.day, Lesson.number, *_PLANNED, Lesson.by_hand]
        insert_rows(Lesson, fields, [(*row, False) for row in self.made])


def _lesson_change(timetable: Timetable, days: list[date], now: datetime) -> LessonChange:
    """How the lessons of these days come to follow the timetable."""
    if not days:
        return LessonChange([], [], {}, {})
    wanted = _wanted(timetable, days)
    standing = _standing(timetable.year, days)
    new = {key: rest for key, rest in wanted.items() if key not in standing}
    if timetable.published_at is not None or min(days) >= now.date():
        new = {key: rest for key, rest in new.items() if is_future(key[1], rest[0], now)}
    free = {key: (row, rest) for key, (row, rest, untouched) in standing.items()
            if untouched and is_future(key[1], rest[0], now)}
    moved = {key for key, (_row, rest) in free.items() if wanted.get(key) != rest}
    closed, left = _closed_days(timetable.year, now), {}
    for course, day, number in [*new, *moved]:
        shut = next((pair for pair, starts, ends in closed.get(course, ()) if starts <= day <= ends), None)
        if shut:
            left.setdefault(shut, set()).add((course, day, number))
    shut = set().union(*left.values())
    return LessonChange(
        [(*key, *rest) for key, rest in new.items() if key not in shut],
        [(free[key][0], wanted[key]) for key in moved - shut if key in wanted],
        {free[key][0]: key[0] for key in moved - shut if key not in wanted},
        {pair: len(keys) for pair, keys in left.items()})


def _closed_days(year, now: datetime) -> dict[int, list[tuple]]:
    """Course id → [((class, period), first day, last day)] of the periods that are closed for its class, by the names of both."""
    found: dict[int, list] = {}
    rows = PeriodClosure.standing(now).join(Period).switch(PeriodClosure).join(SchoolClass).join(Unit).join(Course).where(
        SchoolClass.year == year).order_by(SchoolClass.sort, Period.number).select(
        Course.id, SchoolClass.name, Period.name, Period.starts, Period.ends)
    for course, school_class, period, *days in rows.tuples():
        found.setdefault(course, []).append(((school_class, period), *days))
    return found


def is_future(day: date, starts: time | None, now: datetime) -> bool:
    """Has a lesson of this day and bell time not begun? One without bells begins with its day."""
    return (day, starts or time.min) > (now.date(), now.time())


def _wanted(timetable: Timetable, days: list[date]) -> dict[tuple, tuple]:
    """(course, day, number) → (starts, ends, teacher, room, slot) of every lesson the timetable asks for."""
    calendar = Calendar(timetable.year)
    _, classes = _composition(timetable)
    teachers = _teachers(timetable)
    slots = list(Slot.select(Slot.id, Slot.course, Slot.weekday, Slot.number, Slot.week, Slot.teacher, Slot.room, Course.unit)
                 .join(Course).where(Slot.timetable == timetable).tuples())
    plans = {c: _plan_of_days(calendar, c, days) for own in classes.values() for c in own}
    wanted = {}
    for slot, course, weekday, number, week, teacher, room, unit in slots:
        own = classes.get(unit, ())
        for day in sorted({day for c in own for day in plans[c][0].get(weekday, ())}):
            if week in ("every", calendar.week(day)):
                bells = next((plans[c][1][day] for c in own if day in plans[c][1]), {}).get(number, (None, None))
                wanted[course, day, number] = (*bells, teacher or _teacher_on(teachers.get(course, ()), day), room, slot)
    return wanted


def _plan_of_days(calendar: Calendar, school_class: SchoolClass, days: list[date]) -> tuple[dict, dict]:
    """Weekday → the class's school days that follow its timetable, and day → its bells."""
    by_weekday: dict[int, list[date]] = {}
    bells = {}
    for day in days:
        weekday = calendar.weekday(school_class, day)
        if weekday:
            by_weekday.setdefault(weekday, []).append(day)
            bells[day] = calendar.bells_on(school_class, day)
    return by_weekday, bells


def _teacher_on(spans, day: date) -> int | None:
    return next((teacher for teacher, starts, ends in spans if starts <= day and (ends is None or day <= ends)), None)


def _standing(year, days: list[date]) -> dict[tuple, tuple]:
    """(course, day, number) → (lesson, (starts, ends, teacher, room, slot), nobody has filled it) of lessons on these days."""
    within = (Lesson.day >= days[0]) & (Lesson.day <= days[-1]) & Lesson.course.in_(
        Course.select(Course.id).join(Unit).where(Unit.year == year))
    untouched = {row for row, in Lesson.untouched().where(within & ~Lesson.by_hand).select(Lesson.id).tuples()}
    rows = Lesson.select(Lesson.course, Lesson.day, Lesson.number, Lesson.id, *_PLANNED).where(within).tuples()
    allowed = set(days)
    return {(course, day, number): (row, tuple(rest), row in untouched)
            for course, day, number, row, *rest in rows if day in allowed}


class Slot(Base):
    """A lesson of the timetable: weekday × number, every week or on odd or even ones."""

    timetable = to(Timetable, "slots", on_delete="CASCADE")
    course = to(Course, "slots")
    teacher = to(Person, "slots", null=True)
    weekday = IntegerField()
    number = IntegerField()
    room = to(Room, "slots", null=True)
    week = CharField(5, default="every")

    class Meta:
        indexes = ((("timetable", "course", "weekday", "number", "week"), True),)


def lost_lessons(year: Year) -> dict[date, tuple[str, list[int]]]:
    """Day → (why, courses (ids)) that lose a lesson on it: by an order that cancels the day for their class, or one by one
    (PLN-04). Five queries."""
    lost: dict[date, tuple[str, list]] = {}
    days = [(day, holiday) for holiday in Holiday.select().where((Holiday.year == year) & (Holiday.kind == "cancelled"))
            for day in each_day(holiday.starts, holiday.ends)]
    calendar, versions = Calendar(year), list(Timetable.published(year).order_by(Timetable.starts, Timetable.id))
    slots = list(Slot.select(Slot, Course, Unit, SchoolClass).join(Course).join(Unit).join(SchoolClass).where(
        Slot.timetable.in_([version.id for version in versions]))) if days else []
    for day, holiday in days:
        version = next((each for each in reversed(versions) if each.starts <= day <= each.ends), None)
        for slot in slots:
            fits = version is not None and slot.timetable_id == version.id and slot.weekday == day.isoweekday()
            if fits and slot.week in ("every", calendar.week(day)) and holiday.concerns(slot.course.unit.school_class):
                lost.setdefault(day, (holiday.name, []))[1].append(slot.course_id)
    for day, course, reason in Lesson.select(Lesson.day, Lesson.course, Lesson.reason).where(
            (Lesson.state == "cancelled") & Lesson.day.between(year.starts, year.ends)).order_by(Lesson.day, Lesson.number).tuples():
        lost.setdefault(day, (reason, []))[1].append(course)
    return {day: (why, list(dict.fromkeys(courses))) for day, (why, courses) in lost.items()}


# ---- journal ----

class WorkKind(Base):
    """A kind of work for which marks are given, with its weight and the family of its deadline (PLN-05)."""

    code = CharField(10, unique=True)
    name = CharField(80)
    weight = IntegerField(default=1)
    deadline = CharField(10, default="lesson", help_text="lesson · control · written · external")
    for_everyone = BooleanField(default=False)
    position = IntegerField(default=0)
    active = BooleanField(default=True)

    def __str__(self):
        return self.name

    @classmethod
    def in_use(cls) -> list:
        """The kinds to choose from, in the school's order. One query."""
        return _kinds_in_use()


@prepared
def _kinds_in_use():
    return WorkKind.select().where(WorkKind.active).order_by(WorkKind.position)


PRACTICAL = ("П", "Л")  # codes of kinds: practical and laboratory works


class KindWeight(Base):
    """The weight of a kind of work in one subject, where it is not the usual one."""

    kind = to(WorkKind, "weights")
    subject = to(Subject, "weights")
    weight = IntegerField(default=1)

    class Meta:
        indexes = ((("kind", "subject"), True),)

    @classmethod
    def heavy(cls, kind, course, *own):
        """What a mark for a work weighs, as an expression: the weight of its `own` where it has one, of its kind in the subject of
        the course, of its kind, or 1. `kind` is WorkKind or an alias of it, `course` a column with the course's id."""
        at = Course.alias()
        here = cls.select(cls.weight).join(at, on=(at.subject == cls.subject)).where((cls.kind == kind.id) & (at.id == course))
        return fn.COALESCE(*own, here, kind.weight, 1)


class AbsenceCode(Base):
    """An attendance code and what it means (reports.md §1). Rows of absences name it by its text, so it never changes once used."""

    code = CharField(5, unique=True)
    name = CharField(80)
    meaning = CharField(12, default="excused", help_text=" · ".join(marking.MEANINGS))
    missed = BooleanField(default=True, help_text="the lesson counts as missed")
    document = BooleanField(default=False, help_text="a paper has to be shown")
    key = CharField(1, default="", help_text="the letter that puts it in the grid")
    position = IntegerField(default=0)
    active = BooleanField(default=True)

    def __str__(self):
        return f"{self.code}: {self.name}"

    @property
    def meant(self) -> marking.Code:
        return marking.Code(self.code, self.name, self.meaning, self.missed, self.document, self.key, self.active)

    @classmethod
    def lay(cls) -> None:
        """The usual codes, as far as the school has none of that text. Inside `writing`."""
        known = {code for code, in cls.select(cls.code).tuples()}
        rows = [{"code": code.code, "name": code.name, "meaning": code.meaning, "missed": code.missed, "document": code.document,
                 "key": code.key, "position": n} for n, code in enumerate(marking.STANDARD.all.values(), 1) if code.code not in known]
        if rows:
            cls.insert_many(rows).execute()


class MarkScale(Base):
    """A scale of marks of the school's own. Subjects and courses name it by its code (`grading`)."""

    name = CharField(60, unique=True)
    marks = JSONField(help_text="the best first: [mark, worth or null, lowest average that earns it or \"\", level among five points]")
    averaged = BooleanField(default=True, help_text="an average says something and is shown")

    def __str__(self):
        return self.name

    @property
    def code(self) -> str:
        return f"own{self.id}"

    @property
    def meant(self) -> marking.Scale:
        return marking.own_scale(self.code, self.name, self.marks, self.averaged)

    def users(self) -> list[str]:
        """Names of the subjects and journals that are marked by it."""
        courses = Course.whole().where(Course.grading == self.code).order_by(SchoolClass.sort, Subject.name)
        return [subject.name for subject in Subject.select().where(Subject.grading == self.code).order_by(Subject.name)] + [
            f"{course.unit.name} · {course.subject.name}" for course in courses]

    def standing(self) -> tuple[dict[str, int], int]:
        """(mark → how many times it stands in journals that are marked by it, how many marks of periods do)."""
        here = fn.COALESCE(fn.NULLIF(Course.grading, ""), Subject.grading) == self.code
        marks = dict(Mark.select(Mark.value, fn.COUNT(Mark.id)).join(Lesson).join(Course).join(Subject).where(here).group_by(
            Mark.value).tuples())
        results = dict(PeriodMark.select(PeriodMark.value, fn.COUNT(PeriodMark.id)).join(Course).join(Subject).where(here).group_by(
            PeriodMark.value).tuples())
        return {mark: marks.get(mark, 0) + results.get(mark, 0) for mark in marks | results}, sum(results.values())


class Lesson(Base):
    """A lesson of a course on a date: planned, held or cancelled; its topic, and when it was recorded."""

    course = to(Course, "lessons")
    day = DateField()
    number = IntegerField()
    starts = TimeField(null=True)
    ends = TimeField(null=True)
    teacher = to(Person, "lessons", null=True)
    room = to(Room, "lessons", null=True)
    slot = to(Slot, "lessons", null=True, on_delete="SET NULL")
    by_hand = BooleanField(default=True, help_text="not made by the timetable, so publishing leaves it alone")
    state = CharField(10, default="planned", help_text="planned · held · cancelled")
    reason = CharField(200, default="")
    distance = BooleanField(default=False, help_text="at a distance, says its teacher (ACC-17); one by order is a Holiday (SUB-04)")
    hours = IntegerField(default=1)
    kind = to(WorkKind, "lessons", null=True, help_text="kind of work of the lesson's own column; none = answer")
    work_topic = CharField(300, default="", help_text="topic of the control, practical… work itself (PLN-06)")
    received_at = Moment(null=True, help_text="results of an external work received (MRK-06)")
    topic = CharField(500, default="")
    plan_topic = to(PlanTopic, "lessons", null=True, on_delete="SET NULL")
    topic_at = Moment(null=True)
    topic_late = BooleanField(default=False)
    topic_rule = CharField(60, default="")
    topic_clause = CharField(40, default="")
    topic_regulation = IntegerField(null=True)
    attendance_at = Moment(null=True, help_text="«кто на уроке» was stated, all present included (ATT-04)")
    attendance_by = to(Person, "attendance_taken", null=True)
    attendance_late = BooleanField(default=False)
    attendance_rule = CharField(60, default="")
    attendance_clause = CharField(40, default="")
    attendance_regulation = IntegerField(null=True)

    class Meta:
        indexes = ((("course", "day", "number"), True), (("day", "teacher"), False), (("teacher", "day"), False))

    @classmethod
    def whole(cls):
        """Lessons with their course, unit, class, subject and kind of work joined; `course.unit.school_class.period` is the
        period of the class's own set on that day with its set, `closed` whether that period is closed for the class."""
        shut = PeriodClosure.standing().where((PeriodClosure.period == Period.id) & (
            PeriodClosure.school_class == SchoolClass.id))
        day_in_period = (Period.period_set == SchoolClass.period_set) & cls.day.between(Period.starts, Period.ends)
        outer = JOIN.LEFT_OUTER
        return (cls.select(cls, Course, Unit, SchoolClass, Subject, WorkKind, Period, PeriodSet, fn.EXISTS(shut).alias("closed"))
                .join(Course).join(Unit).join(SchoolClass, outer, on=(Unit.school_class == SchoolClass.id), attr="school_class")
                .join(Period, outer, on=day_in_period, attr="period").join(PeriodSet, outer)
                .join_from(Course, Subject).join_from(cls, WorkKind, outer, on=(cls.kind == WorkKind.id), attr="kind"))

    @classmethod
    def hold(cls, by: Actor, ids) -> None:
        """These planned lessons were given: something was recorded in them."""
        with writing(by):
            cls.update(state="held").where(cls.id.in_(list(ids)) & (cls.state == "planned")).execute()

    @classmethod
    def last_of_day(cls, unit: Unit, day: date) -> time | None:
        """When the last lesson of the unit's class ends that day, held or planned, any subgroup's (HW-02)."""
        same = Unit.id == unit.id if unit.school_class_id is None else Unit.school_class == unit.school_class_id
        return cls.select(fn.MAX(cls.ends)).join(Course).join(Unit).where(
            same & (cls.day == day) & (cls.state != "cancelled")).scalar()

    @staticmethod
    def scheduled(lessons: list) -> list:
        """Those of a course's lessons that its plan is laid over: a lesson moved or added by hand is no part of the timetable, unless
        there are no others."""
        return [lesson for lesson in lessons if not lesson.by_hand] or lessons

    def next_day(self) -> date | None:
        """The day of the course's next lesson that is not cancelled."""
        return next((day for day, _number in self.following().limit(1).tuples()), None)

    def following(self):
        """(day, number) of the course's next lessons that are not cancelled, one a day."""
        return Lesson.select(Lesson.day, fn.MIN(Lesson.number)).where(
            (Lesson.course == self.course_id) & (Lesson.day > self.day) & (Lesson.state != "cancelled")).group_by(
            Lesson.day).order_by(Lesson.day)

    def record(self, by: Actor, **values) -> None:
        """Write columns of the lesson; a planned lesson whose day has come becomes a held one."""
        if self.state == "planned" and self.day <= by.day:
            values["state"] = "held"
        for name, value in values.items():
            setattr(self, name, value)
        with writing(by):
            self.save(only=list(values))

    @classmethod
    def of_pupil(cls, pupil: int, first: date, last: date):
        """Lessons from `first` to `last` of units the pupil was in on the lesson's day, as `.namedtuples()` for a diary:
        subject, room, times, topic, planned work, whether it `carries` links or files, who gives it and in whose place. By day and
        number."""
        giver, substitute = Person.alias(), Person.alias()
        stuff = Material.select(SQL("1")).where(Material.lesson == cls.id)
        return cls.select(
            cls.id, cls.course, cls.day, cls.number, cls.starts, cls.ends, cls.state, cls.reason, cls.distance, cls.topic, cls.work_topic,
            cls.plan_topic, fn.EXISTS(stuff).alias("carries"), Course.subject, Subject.name.alias("subject_name"), Room.name.alias("room"),
            WorkKind.name.alias("kind"), giver.surname, giver.name, giver.patronymic, substitute.surname.alias("sub_surname"),
            substitute.name.alias("sub_name"), substitute.patronymic.alias("sub_patronymic"),
        ).join(Course).join(Subject).switch(cls).join(Membership, on=(Membership.unit == Course.unit)).switch(cls).join(
            Room, JOIN.LEFT_OUTER).switch(cls).join(WorkKind, JOIN.LEFT_OUTER).switch(cls).join(
            giver, JOIN.LEFT_OUTER, on=(cls.teacher == giver.id)).switch(cls).join(
            Substitution, JOIN.LEFT_OUTER).join(
            substitute, JOIN.LEFT_OUTER, on=(Substitution.substitute == substitute.id)).where(
            (Membership.pupil == pupil) & cls.day.between(first, last) & Membership.covers(cls.day)).order_by(
            cls.day, cls.number, cls.starts, Subject.name)

    @classmethod
    def hours_by_now(cls, courses, year: Year, today: date):
        """Hours of the year's lessons of these courses (ids) as tuples (course, is it over, state, outside the timetable, has
        it a topic, hours). A lesson of today is over once it is held."""
        over = Case(None, [((cls.day < today) | ((cls.day == today) & (cls.state == "held")), 1)], 0)
        topic = Case(None, [(cls.topic != "", 1)], 0)
        return cls.select(cls.course, over, cls.state, cls.by_hand, topic, fn.SUM(cls.hours)).where(
            cls.course.in_(list(courses)) & cls.day.between(year.starts, year.ends)).group_by(
            cls.course, SQL("2"), cls.state, cls.by_hand, SQL("5")).tuples()  # by place: PostgreSQL takes equal parameters for different

    @classmethod
    def of_plans(cls, courses, first: date, last: date):
        """The lessons of these courses (ids) from `first` to `last` as `.namedtuples()` by date: what a plan is held against."""
        return cls.select(cls.id, cls.course, cls.day, cls.number, cls.state, cls.hours, cls.by_hand, cls.topic, cls.plan_topic,
                          cls.reason).where(cls.course.in_(list(courses)) & cls.day.between(first, last)).order_by(
            cls.course, cls.day, cls.number)

    @classmethod
    def of_teacher(cls, person: int, first: date, today: date, last: date):
        """What a teacher's day is made of, as `.namedtuples()`: all lessons from `today` to `last` that are the person's by
        timetable or substitution, and those since `first` without attendance, without a topic, or with marks of a work for
        everybody missing. `put` and `absent` count pupils with a mark and absent; `pupils` those in the unit on the day."""
        put, absent, pupils = (fn.COALESCE(count, 0) for count in (  # a bare query would take + and - for those of sets
            Mark.select(fn.COUNT(Mark.pupil.distinct())).where((Mark.lesson == cls.id) & Mark.work.is_null()),
            Absence.select(fn.COUNT(Absence.id)).where((Absence.lesson == cls.id) & Absence.code.not_in(list(codes().late) or [""])),
            Unit.headcount(cls.day)))
        waiting = WorkKind.for_everyone & (put + absent < pupils)
        blank = cls.attendance_at.is_null() | (cls.topic == "") | waiting
        own = Substitution.id.is_null() | (Substitution.substitute == person)
        mine, homework = Lesson.alias(), Homework.select(fn.MIN(Homework.id)).where(Homework.lesson == cls.id)
        ids = mine.select(mine.id).where((mine.teacher == person) & mine.day.between(first, last)).union_all(
            Substitution.select(Substitution.lesson).where(Substitution.substitute == person))
        return cls.select(
            cls.id, cls.course, cls.day, cls.number, cls.starts, cls.ends, cls.state, cls.reason, cls.topic, cls.attendance_at,
            cls.received_at, Subject.name.alias("subject"), Unit.name.alias("unit"), SchoolClass.grade, Room.name.alias("room"),
            WorkKind.name.alias("kind"), WorkKind.deadline, WorkKind.for_everyone, fn.COALESCE(homework, 0).alias("homework"),
            Substitution.substitute, Substitution.note, Person.surname, Person.name, Person.patronymic, put.alias("put"),
            absent.alias("absent"), pupils.alias("pupils"), (cls.distance | Holiday.sends_home(cls)).alias("distance"),
        ).join(Course).join(Subject).switch(Course).join(Unit).join(SchoolClass, JOIN.LEFT_OUTER).switch(cls).join(
            Room, JOIN.LEFT_OUTER).switch(cls).join(WorkKind, JOIN.LEFT_OUTER).switch(cls).join(
            Substitution, JOIN.LEFT_OUTER).switch(cls).join(
            Person, JOIN.LEFT_OUTER, on=(cls.teacher == Person.id)).where(
            cls.id.in_(ids) & (cls.day.between(today, last) | (
                own & cls.day.between(first, today) & (cls.state != "cancelled") & blank))
        ).order_by(cls.day, cls.number, Subject.name)

    @classmethod
    def unrecorded(cls, first: date, today: date, now: time):
        """Lessons since `first` that are over and lack attendance or a topic, as `.namedtuples()` with class, subject and who
        gives them; the newest first."""
        over = (cls.day < today) | ((cls.day == today) & (cls.ends <= now))
        giver = fn.COALESCE(Substitution.substitute, cls.teacher)
        return cls.select(cls.id, cls.day, cls.number, cls.attendance_at, cls.topic, Unit.name.alias("unit"),
                          Subject.name.alias("subject"), Person.surname, Person.name, Person.patronymic).join(Course).join(
            Unit).switch(Course).join(Subject).switch(cls).join(Substitution, JOIN.LEFT_OUTER).join(
            Person, JOIN.LEFT_OUTER, on=(Person.id == giver)).where(
            cls.day.between(first, today) & over & (cls.state != "cancelled")
            & (cls.attendance_at.is_null() | (cls.topic == ""))).order_by(cls.day.desc(), Unit.name, cls.number)

    @classmethod
    def given_on(cls, day: date):
        """All lessons of a day that have a teacher, as `.namedtuples()`: the teacher with the name, who gives it (`giver`), number,
        state and class."""
        return cls.select(cls.id, cls.teacher, cls.number, cls.state, Unit.name.alias("unit"), Person.surname, Person.name,
                          Person.patronymic, Person.sort, fn.COALESCE(Substitution.substitute, cls.teacher).alias("giver")).join(
            Course).join(Unit).switch(cls).join(Person, on=(cls.teacher == Person.id)).switch(cls).join(
            Substitution, JOIN.LEFT_OUTER).where(cls.day == day).order_by(cls.number, Unit.name)

    @classmethod
    def tally(cls, day: date, now: time):
        """(lessons of the day, those over by `now`, those with attendance and topic), the cancelled left out; one row."""
        over, full = cls.ends <= now, cls.attendance_at.is_null(False) & (cls.topic != "")
        return cls.select(fn.COUNT(cls.id), *(fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0) for condition in (over, full))
                          ).where((cls.day == day) & (cls.state != "cancelled"))

    @classmethod
    def progress_of(cls, pupil: int, first: date, last: date):
        """Lessons held and planned (all but the cancelled) by subject in the pupil's units on the day, as `.namedtuples()`."""
        held = fn.SUM(Case(None, [(cls.state == "held", 1)], 0))
        return cls.select(Course.subject, Subject.name.alias("subject_name"), held.alias("held"),
                          fn.COUNT(cls.id).alias("planned")).join(Course).join(Subject).switch(cls).join(
            Membership, on=(Membership.unit == Course.unit)).where(
            (Membership.pupil == pupil) & cls.day.between(first, last) & Membership.covers(cls.day)
            & (cls.state != "cancelled")).group_by(Course.subject, Subject.name, Subject.position).order_by(
            Subject.position, Subject.name)

    @classmethod
    def untouched(cls):
        """Planned lessons that nobody has filled: no topic, homework, attendance, mark, remark, work or substitution."""
        blank = ((cls.state == "planned") & (cls.topic == "") & cls.attendance_at.is_null() & cls.kind.is_null()
                 & (cls.work_topic == "") & ~cls.distance)
        for part in (Mark, Absence, Remark, Work, Homework, Material, Substitution, CorrectionCell):
            blank = blank & ~fn.EXISTS(part.select(SQL("1")).where(part.lesson == cls.id))
        return cls.select().where(blank)

    def cancel(self, by: Actor, reason: str) -> None:
        """Strike the lesson out; Refused without a reason or when something is entered in it."""
        self._must_be_blank()
        if not reason.strip():
            raise Refused(Text(N_("Say why the lesson does not take place")), "reason")
        self.state, self.reason = "cancelled", reason.strip()
        with writing(by, self.reason):
            self.save(only=[Lesson.state, Lesson.reason])

    def restore(self, by: Actor) -> None:
        """Take back a cancellation."""
        self.state, self.reason = "planned", ""
        with writing(by):
            self.save(only=[Lesson.state, Lesson.reason])

    @classmethod
    def fall_out(cls, by: Actor, order: "Holiday") -> int:
        """Cancel what is still blank on the days and in the classes of an order, for the order's reason; how many. Lessons of several
        classes at once fall out only with the whole school."""
        blank = cls.untouched().select(cls.id).where(order.covers(cls))
        with writing(by):
            return cls.update(state="cancelled", reason=order.in_words[:200]).where(cls.id.in_(blank)).execute()

    @classmethod
    def come_back(cls, by: Actor, order: "Holiday", still: "Holiday | None" = None) -> int:
        """Take place after all: what fell out by an order, without what it holds for `still` as it stands now; how many."""
        own = order.covers(cls) & (cls.state == "cancelled") & (cls.reason == order.in_words[:200])
        kept = still is not None and still.in_words == order.in_words
        with writing(by):
            return cls.update(state="planned", reason="").where(own & ~still.covers(cls) if kept else own).execute()

    def move(self, by: Actor, day: date, number: int, reason: str):
        """Hold the lesson at another day and number: this one is cancelled with the reason, the new one is returned."""
        with writing(by, reason):
            self.cancel(by, f"{reason.strip()}: перенос на {day:%d.%m.%Y}, {number} урок" if reason.strip() else "")
            return self.course.add_lesson(by, day, number, self.teacher_id, self.room_id, self.hours)

    def _must_be_blank(self) -> None:
        if not Lesson.untouched().where(Lesson.id == self.id).exists():
            raise Refused(Text(N_("Something is already entered in this lesson, or it is cancelled: clear it first")))


_PLANNED = (Lesson.starts, Lesson.ends, Lesson.teacher, Lesson.room, Lesson.slot)


def _bells_for(unit: Unit, day: date) -> dict[int, tuple[time, time]]:
    """The bells of a unit on a day; those of its class, or of the first pupil's class."""
    school_class = unit.school_class or SchoolClass.select().join(Enrolment).join(
        UnitMember, on=(UnitMember.pupil == Enrolment.pupil)).where(
        (UnitMember.unit == unit) & (SchoolClass.year == unit.year_id)).order_by(SchoolClass.sort).first()
    return Calendar(unit.year).bells_on(school_class, day) if school_class else {}


class Work(Base):
    """A further column of a lesson: another work with a kind and weight of its own."""

    lesson = to(Lesson, "works")
    kind = to(WorkKind, "works")
    weight = IntegerField(null=True, help_text="none = the kind's")
    for_everyone = BooleanField(null=True, help_text="none = the kind's")
    title = CharField(300, default="")
    position = IntegerField(default=1)
    received_at = Moment(null=True)

    class Meta:
        indexes = ((("lesson", "position"), True),)

    @classmethod
    def whole(cls, work: int):
        """The column with its kind, lesson, unit and subject; None when there is none."""
        return cls.select(cls, WorkKind, Lesson, Course, Unit, Subject).join(WorkKind).switch(cls).join(Lesson).join(Course).join(
            Unit).switch(Course).join(Subject).where(cls.id == work).first()

    @classmethod
    def of_lesson(cls, lesson: int):
        """The further columns of a lesson with their kinds, in their order."""
        return cls.select(cls, WorkKind).join(WorkKind).where(cls.lesson == lesson).order_by(cls.position)

    def drop(self, by: Actor) -> None:
        """Take the column away; Refused while marks stand in it."""
        with writing(by):
            count = self.marks.count()
            if count:
                raise Refused(Text(N_("The column holds %(n)s marks."), n=count))
            self.delete_instance()


class CellKey(Base):
    """A save of a person that was applied; sent again with the same key it changes nothing (contract, «cells»)."""

    recorded = False

    lasts = timedelta(days=60)  # longer than anybody's browser waits for a connection

    person = to(Person, "cell_keys", on_delete="CASCADE")
    key = CharField(80)
    wrote = CharField(20, default="", help_text="version that the save left behind it")
    at = Moment(index=True)

    class Meta:
        indexes = ((("person", "key"), True),)

    @classmethod
    def known(cls, by: Actor, keys: list[str]) -> dict[str, str]:
        """Which of these keys of a person were applied already, each with the version it wrote."""
        if not keys:
            return {}
        return dict(cls.select(cls.key, cls.wrote).where((cls.person == by.person) & cls.key.in_(keys)).tuples())

    @classmethod
    def keep(cls, by: Actor, wrote: dict[str, str]) -> bool:
        """Remember keys as applied, each with the version it wrote; now and then forget old ones. False when none was new."""
        rows = [{"person": by.person, "key": key, "wrote": version, "at": by.at} for key, version in wrote.items()]
        last = list(cls.insert_many(rows).on_conflict_ignore().returning(cls.id).execute())
        if any(row.id % 1000 == 0 for row in last):
            cls.delete().where(cls.at < by.at - cls.lasts).execute()
        return bool(last)


class Judged(Base):
    """What every judged record keeps: who first entered it and when, and the verdict of the rule then in force."""

    cell: tuple = ()  # columns (or SQL of the index) that name one cell of the table

    entered_at = Moment()
    typed_at = Moment(null=True, help_text="when what stands was typed, if it waited for a connection")
    entered_by = to(Person, null=True)
    late = BooleanField(default=False)
    rule = CharField(60, default="", help_text="key of the regulation that spoke")
    clause = CharField(40, default="")
    regulation = IntegerField(null=True, help_text="RegulationVersion that judged")
    reason = CharField(300, default="")

    @classmethod
    def put(cls, by: Actor, rows: list[dict], gone=()) -> None:
        """Write cells in at most two statements: `rows` are whole rows by field name, new or in place of what stands in
        their cell; `gone` are ids to delete."""
        with writing(by):
            if gone:
                cls.delete().where(cls.id.in_(list(gone))).execute()
            if rows:
                fixed = {part for part in cls.cell if isinstance(part, str)}
                kept = [cls._meta.fields[name].column_name for name in rows[0]]
                kept = [column for column in kept if column not in fixed]
                cls.insert_many(rows).on_conflict(conflict_target=list(cls.cell), preserve=kept).execute()


class Protocol(Base):
    """The paper that carries a retake (ATT-07)."""

    number = CharField(40)
    day = DateField()
    examiners = CharField(300, default="")


class Mark(Judged):
    """A mark of a pupil for a work of a lesson; two marks of one cell are positions 1 and 2 (reports.md §1)."""

    cell = ("lesson_id", "pupil_id", SQL("COALESCE(work_id, 0)"), "position")

    @classmethod
    def weighted(cls, course: int, pupils) -> dict[int, list[tuple[date, str, int, bool]]]:
        """Pupil → (day, value, weight, written) of current marks in a course, by date; see `grounds`. One query."""
        found: dict[int, list] = {}
        for row in cls.grounds().where((Lesson.course == course) & cls.pupil.in_(list(pupils))).order_by(Lesson.day).namedtuples():
            found.setdefault(row.pupil, []).append((row.day, row.value, row.weight, row.written))
        return found

    @classmethod
    def grounds(cls):
        """What a period mark rests on, narrow it by Lesson: course, pupil, lesson, work, day, value, code and name of the kind of
        work (none = answer), weight (of the work, of its kind, or 1), the protocol of a retake, and what it is for MRK-12: 1 a written
        work, given to everybody or with a deadline of its own, 2 a laboratory or practical one, 0 neither."""
        written = Case(None, [(WorkKind.code.in_(PRACTICAL), 2), (
            fn.COALESCE(Work.for_everyone, WorkKind.for_everyone) | (WorkKind.deadline != "lesson"), 1)], 0)
        return (cls.select(Lesson.course, cls.pupil, cls.lesson, cls.work, Lesson.day, cls.value, cls.protocol, WorkKind.code,
                           WorkKind.name.alias("kind"),
                           KindWeight.heavy(WorkKind, Lesson.course, Work.weight).alias("weight"), written.alias("written"))
                .join(Lesson).join_from(cls, Work, JOIN.LEFT_OUTER).join(
                    WorkKind, JOIN.LEFT_OUTER, on=(WorkKind.id == fn.COALESCE(Work.kind, Lesson.kind))))

    @classmethod
    def of_journals(cls, person: int, day: date):
        """The journals a teacher keeps on a day, as `.namedtuples()` by class: course, unit, subject, grading, and each value with its
        weight that stands in the period running in the class, with how many there are (0: no marks yet)."""
        inside = (Lesson.course == Course.id) & Lesson.day.between(Period.starts, Period.ends)
        running = (Period.period_set == SchoolClass.period_set) & (Period.starts <= day) & (Period.ends >= day)
        outer, kind = JOIN.LEFT_OUTER, (WorkKind.id == fn.COALESCE(Work.kind, Lesson.kind))
        return (Assignment.on(day).where(Assignment.teacher == person).join(Course).join(Unit).join(SchoolClass, outer)
                .join(Period, outer, on=running).join_from(Course, Subject).join_from(Course, Lesson, outer, on=inside)
                .join(cls, outer).join(Work, outer).join(WorkKind, outer, on=kind)
                .group_by(*(SQL(str(place)) for place in range(1, 8))).order_by(SQL("2"), SQL("3"), SQL("4"), SQL("1"))
                .select(Course.id.alias("course"), SchoolClass.sort.alias("sort"), Unit.name.alias("unit"), Subject.name.alias("subject"),
                        fn.COALESCE(fn.NULLIF(Course.grading, ""), Subject.grading).alias("grading"), cls.value.alias("value"),
                        KindWeight.heavy(WorkKind, Course.id, Work.weight).alias("weight"), fn.COUNT(cls.id).alias("times")))

    @classmethod
    def weighing(cls):
        """Query of (course, pupil, day, value, weight) of current marks; narrow it by Lesson."""
        of_work = WorkKind.alias()
        weight = fn.COALESCE(Work.weight, Case(None, [(Work.id.is_null(), KindWeight.heavy(WorkKind, Lesson.course))],
                                               KindWeight.heavy(of_work, Lesson.course)))
        return (cls.select(Lesson.course, cls.pupil, Lesson.day, cls.value, weight).join(Lesson).join(WorkKind, JOIN.LEFT_OUTER)
                .join_from(cls, Work, JOIN.LEFT_OUTER).join(of_work, JOIN.LEFT_OUTER, on=(Work.kind == of_work.id)))

    lesson = to(Lesson, "marks")
    pupil = to(Pupil, "marks")
    work = to(Work, "marks", null=True, help_text="none = the lesson's own column")
    position = IntegerField(default=1)
    value = CharField(10)
    protocol = to(Protocol, "marks", null=True)
    due = DateField(null=True, help_text="until when the work behind «.» is to be handed in")

    class Meta:
        indexes = ((("pupil", "lesson"), False),
                   SQL("CREATE UNIQUE INDEX mark_cell ON mark (lesson_id, pupil_id, COALESCE(work_id, 0), position)"))

    @classmethod
    def awaited(cls, courses, today: date):
        """Works still awaited («.») in these courses (ids) of pupils who are in their unit today, as `.namedtuples()` with pupil, lesson,
        work and kind: the first to be handed in first."""
        return cls.select(
            cls.id, cls.due, cls.pupil, cls.lesson, Lesson.day, Lesson.course, Person.surname, Person.name, Unit.name.alias("unit"),
            Subject.name.alias("subject"), WorkKind.name.alias("kind"), fn.COALESCE(Work.title, Lesson.work_topic).alias("title"),
            Lesson.topic,
        ).join(Lesson).join(Course).join(Unit).join_from(Course, Subject).join_from(cls, Pupil).join(Person).join_from(
            cls, Work, JOIN.LEFT_OUTER).join(WorkKind, JOIN.LEFT_OUTER, on=(WorkKind.id == fn.COALESCE(Work.kind, Lesson.kind))).where(
            (cls.value == ".") & Lesson.course.in_(list(courses)) & fn.EXISTS(Membership.on(today).select(SQL("1")).where(
                (Membership.unit == Course.unit) & (Membership.pupil == cls.pupil)))).order_by(
            cls.due, Lesson.day, Person.sort, cls.id)

    @classmethod
    def of_pupil(cls, pupil: int, first: date, last: date):
        """A pupil's marks of lessons from `first` to `last` as `.namedtuples()`, by date, with subject, kind of work (none =
        answer), weight, what the work was about and the protocol of a retake."""
        return cls.select(
            cls.id, cls.lesson, cls.value, cls.protocol, cls.reason, Lesson.day, Lesson.topic, Course.subject,
            WorkKind.name.alias("kind"), KindWeight.heavy(WorkKind, Lesson.course, Work.weight).alias("weight"),
            fn.COALESCE(Work.title, Lesson.work_topic).alias("title"),
        ).join(Lesson).join(Course).switch(cls).join(Work, JOIN.LEFT_OUTER).join(
            WorkKind, JOIN.LEFT_OUTER, on=(WorkKind.id == fn.COALESCE(Work.kind, Lesson.kind))).where(
            (cls.pupil == pupil) & Lesson.day.between(first, last)).order_by(
            Lesson.day, Lesson.number, Work.position, cls.position, cls.id)


class Absence(Judged):
    """The attendance code of a pupil at a lesson: н б у о нп от осв (reports.md §1)."""

    cell = ("lesson_id", "pupil_id")

    lesson = to(Lesson, "absences")
    pupil = to(Pupil, "absences")
    code = CharField(5)
    minutes = IntegerField(null=True, help_text="late by so many minutes")
    document = CharField(200, default="")

    class Meta:
        indexes = ((("lesson", "pupil"), True), (("pupil", "lesson"), False))

    @classmethod
    def before(cls, lesson):
        """(pupil, number, code or None) of the pupils of a lesson at the lessons they had before it on its day, in order, where it was
        stated who was there."""
        here, there = Membership.alias(), Membership.alias()
        return (Lesson.select(there.pupil, Lesson.number, cls.code).join(Course).join(there, on=(there.unit == Course.unit)).join(
            here, on=(here.pupil == there.pupil)).join(cls, JOIN.LEFT_OUTER, on=((cls.lesson == Lesson.id) & (cls.pupil == there.pupil)))
            .where((here.unit == lesson.course.unit_id) & (Lesson.day == lesson.day) & (Lesson.number < lesson.number)
                   & Lesson.attendance_at.is_null(False) & (here.starts <= lesson.day) & (there.starts <= lesson.day)
                   & (here.ends.is_null() | (here.ends >= lesson.day)) & (there.ends.is_null() | (there.ends >= lesson.day)))
            .order_by(Lesson.number))

    @classmethod
    def of_classes(cls, classes, first: date, today: date):
        """Of pupils in these classes today: all codes of `today`, and since `first` those not explained («н», «от»), as
        `.namedtuples()` with the pupil's name and the lesson; by the alphabet, then by date."""
        pupils = Enrolment.on(today).select(Enrolment.pupil).where(Enrolment.school_class.in_(classes))
        return cls.select(cls.pupil, cls.code, cls.lesson, Lesson.day, Lesson.number, Person.surname, Person.name,
                          Subject.name.alias("subject")).join(Lesson).join(Course).join(Subject).switch(cls).join(Pupil).join(
            Person).where(cls.pupil.in_(pupils) & ((Lesson.day == today) | (
                cls.code.in_(list(codes().unexplained) or [""]) & Lesson.day.between(first, today)))).order_by(
            Person.sort, cls.pupil, Lesson.day, Lesson.number)

    @classmethod
    def of_pupils_of(cls, school_class, first: date, today: date):
        """What is not explained («н», «от») since `first` of pupils in the class today, as `of_classes`."""
        return cls.of_classes([school_class], first, today).where(cls.code.in_(list(codes().unexplained) or [""]))

    @classmethod
    def of_pupil(cls, pupil: int, first: date, last: date):
        """A pupil's attendance codes at lessons from `first` to `last` as `.namedtuples()`, by date."""
        return cls.select(cls.lesson, cls.code, cls.minutes, Lesson.day, Course.subject).join(Lesson).join(Course).where(
            (cls.pupil == pupil) & Lesson.day.between(first, last)).order_by(Lesson.day, Lesson.number)


class Excuse(Base):
    """A paper that explains why a pupil is away from a day to a day: a certificate, a note, an order (ATT-06)."""

    pupil = to(Pupil, "excuses")
    code = CharField(5, help_text="an AbsenceCode with a reason the school accepts")
    document = CharField(200)
    starts = DateField()
    ends = DateField()

    class Meta:
        indexes = ((("pupil", "starts"), False),)

    @classmethod
    def on(cls, day: date):
        return cls.select().where((cls.starts <= day) & (cls.ends >= day))

    def unexplained(self):
        """Ids of lessons within its days at which the pupil was absent and nobody has explained it yet, as a query."""
        return Absence.select(Absence.lesson).join(Lesson).where(
            (Absence.pupil == self.pupil) & Absence.code.in_(list(codes().unexplained) or [""])
            & Lesson.day.between(self.starts, self.ends))


class Remark(Base):
    """A teacher's comment to a pupil at a lesson; the family reads it."""

    lesson = to(Lesson, "remarks")
    pupil = to(Pupil, "remarks")
    text = CharField(500)
    author = to(Person, "remarks")
    at = Moment()

    class Meta:
        indexes = ((("lesson", "pupil"), True), (("pupil",), False))

    @classmethod
    def of_pupil(cls, pupil: int, first: date, last: date):
        """Remarks to a pupil at lessons from `first` to `last` with their authors."""
        return cls.select(cls, Person).join(Person).switch(cls).join(Lesson).where(
            (cls.pupil == pupil) & Lesson.day.between(first, last)).order_by(Lesson.day, Lesson.number, cls.id)

    @classmethod
    def at_lesson(cls, lesson: int) -> dict[int, str]:
        """Pupil → the comment at a lesson. One query."""
        return dict(cls.select(cls.pupil, cls.text).where(cls.lesson == lesson).tuples())

    @classmethod
    def put(cls, by: Actor, lesson: Lesson, pupil: int, text: str) -> None:
        """Write the comment of `by` to a pupil in place of the one that stood; an empty text takes it away."""
        with writing(by):
            if not text:
                cls.delete().where((cls.lesson == lesson) & (cls.pupil == pupil)).execute()
                return
            cls.insert(lesson=lesson, pupil=pupil, text=text, author=by.person, at=by.at).on_conflict(
                conflict_target=["lesson_id", "pupil_id"], preserve=["text", "author_id", "at"]).execute()


class Homework(Judged):
    """What is set at a lesson, to everybody of it, to a subgroup of the class or to one pupil; `not_set` is «не задано»,
    different from nothing entered (HW-04)."""

    cell = ("lesson_id", SQL("COALESCE(unit_id, 0)"), SQL("COALESCE(pupil_id, 0)"))

    lesson = to(Lesson, "homework")
    unit = to(Unit, "homework", null=True, help_text="the subgroup it is set to alone; none = everybody of the lesson")
    pupil = to(Pupil, "homework", null=True, help_text="the pupil it is set to alone")
    text = CharField(2000, default="")
    not_set = BooleanField(default=False)
    due = DateField(null=True)
    minutes = IntegerField(null=True, help_text="about so long at home")

    class Meta:
        indexes = (SQL("CREATE UNIQUE INDEX homework_cell ON homework (lesson_id, COALESCE(unit_id, 0), COALESCE(pupil_id, 0))"),)

    @classmethod
    def common(cls):
        """What is set to everybody of a lesson. Said so that no index fits: it is most of all homework."""
        return fn.COALESCE(cls.unit, cls.pupil).is_null()

    @classmethod
    def of_pupils(cls, pupils):
        """Homework set to everybody, to one of these pupils, or to a subgroup that one of them was in on the lesson's day. Whether
        they were at the lesson's unit at all is not asked here."""
        at, member = Lesson.alias(), Membership.alias()
        grouped = fn.EXISTS(at.select(SQL("1")).join(member, on=(member.unit == cls.unit)).where(
            (at.id == cls.lesson) & member.pupil.in_(list(pupils)) & (member.starts <= at.day) & (
                member.ends.is_null() | (member.ends >= at.day))))
        return cls.select().where(cls.common() | cls.pupil.in_(list(pupils)) | cls.unit.is_null(False) & grouped)

    @classmethod
    def of_lesson(cls, lesson: int):
        """Every homework of a lesson with its subgroup and pupil: the one for everybody first."""
        return (cls.select(cls, Unit, Pupil, Person).join(Unit, JOIN.LEFT_OUTER).switch(cls).join(Pupil, JOIN.LEFT_OUTER)
                .join(Person, JOIN.LEFT_OUTER).where(cls.lesson == lesson).order_by(
                    cls.pupil.is_null(False), cls.unit.is_null(False), cls.id))

    @classmethod
    def due_for(cls, unit: Unit, days: list[date]):
        """What pupils of the unit have to do for each of these days by any teacher, as `.namedtuples()`: day, subject, text,
        minutes, to which subgroup or pupil."""
        pupils = Membership.on(max(days)).select(Membership.pupil).where(Membership.unit == unit)
        units = Membership.on(max(days)).select(Membership.unit).where(Membership.pupil.in_(pupils))
        return cls.select(cls.id, cls.due, Subject.name.alias("subject"), cls.text, cls.minutes, cls.unit, cls.pupil).join(Lesson).join(
            Course).join(Subject).where(Course.unit.in_(units) & cls.due.in_(days) & ~cls.not_set).order_by(
            cls.due, Subject.position, Subject.name, cls.id)

    @classmethod
    def recent(cls, course: int, person: int | None):
        """The last texts that a person wrote as homework of the subject of a course; newest first."""
        subject = Course.select(Course.subject).where(Course.id == course)
        return cls.select(cls.text, fn.MAX(cls.id)).join(Lesson).join(Course).where(
            Course.subject.in_(subject) & (cls.entered_by == person) & (cls.text != "")).group_by(cls.text).order_by(
            fn.MAX(cls.id).desc())


class Attachment(Base):
    """A file or a link of a homework; file contents lie in the instance folder under their SHA-256."""

    homework = to(Homework, "attachments", on_delete="CASCADE")
    name = CharField(200)
    url = CharField(1000, default="")
    digest = CharField(64, default="")
    size = IntegerField(default=0)
    mime = CharField(100, default="")


class Material(Base):
    """What a lesson carries for its pupils: a file, a link, or an online test (ACC-17); file contents lie as those of homework do."""

    lesson = to(Lesson, "materials", on_delete="CASCADE")
    name = CharField(200)
    url = CharField(1000, default="")
    digest = CharField(64, default="")
    size = IntegerField(default=0)
    mime = CharField(100, default="")
    test = BooleanField(default=False, help_text="an online test to be done")

    @classmethod
    def of_lessons(cls, lessons) -> dict[int, list]:
        """Lesson → its materials in the order they came. One query; none for no lesson."""
        found: dict[int, list] = {}
        for row in cls.select().where(cls.lesson.in_(list(lessons))).order_by(cls.id) if lessons else ():
            found.setdefault(row.lesson_id, []).append(row)
        return found


class Substitution(Base):
    """A lesson given by somebody else: what lets a stranger write it (SUB-01). `recorded_at` is the moment of the first record
    the substitute made in it (SUB-03); `note` what the absent colleague left for the lesson."""

    lesson = to(Lesson, "substitutions", unique=True)
    absent = to(Person, "substituted", null=True)
    substitute = to(Person, "substitutions")
    kind = CharField(20, default="same_subject")
    reason = CharField(200, default="")
    paid = BooleanField(default=True)
    order_no = CharField(60, default="")
    note = CharField(1000, default="")
    recorded_at = Moment(null=True)

    class Meta:
        indexes = ((("substitute",), False),)

    @classmethod
    def record(cls, by: Actor, lessons) -> None:
        """The substitute has written in these lessons: the register has its line from this moment on."""
        with writing(by):
            cls.update(recorded_at=by.at).where(cls.lesson.in_(list(lessons)) & (cls.substitute == by.person)
                                                & cls.recorded_at.is_null()).execute()

    @classmethod
    def of_lesson(cls, lesson: int):
        """The substitution of a lesson with both people: `stood_in_for` and `giver`."""
        absent, substitute = Person.alias(), Person.alias()
        return (cls.select(cls, absent, substitute).join(absent, JOIN.LEFT_OUTER, on=(cls.absent == absent.id), attr="stood_in_for")
                .join_from(cls, substitute, on=(cls.substitute == substitute.id), attr="giver").where(cls.lesson == lesson))

    def leave_note(self, by: Actor, text: str) -> None:
        self.note = text.strip()[:1000]
        with writing(by):
            self.save(only=[Substitution.note])

    @classmethod
    def appoint(cls, by: Actor, lesson: Lesson, substitute: int | None, **paper) -> None:
        """Let somebody give this lesson (`paper`: kind, reason, order_no, paid, note), or nobody any more with None. Refused for
        its own teacher, a cancelled lesson, and when the one appointed before has written in it."""
        standing = cls.get_or_none(cls.lesson == lesson)
        if standing and standing.substitute_id != substitute and standing.recorded_at:
            raise Refused(Text(N_("Lesson %(n)s: the substitute has written in it already, the register keeps that."), n=lesson.number))
        if substitute and substitute == lesson.teacher_id:
            raise Refused(Text(N_("This is the lesson's own teacher")), "substitute")
        if substitute and lesson.state == "cancelled":
            raise Refused(Text(N_("The lesson is cancelled.")))
        with writing(by, paper.get("reason", "")):
            if standing and not substitute:
                standing.delete_instance()
            elif standing:
                cls.update(substitute=substitute, **paper).where(cls.id == standing.id).execute()
            elif substitute:
                cls.create(lesson=lesson, absent=lesson.teacher_id, substitute=substitute, **paper)

    @classmethod
    def register(cls, first: date, last: date):
        """Substitutions of lessons from a day to a day with lesson, class, subject and people, by day and number."""
        absent, substitute = Person.alias(), Person.alias()
        return (cls.select(cls, Lesson, Course, Unit, Subject, absent, substitute).join(Lesson).join(Course).join(Unit)
                .join_from(Course, Subject).join_from(cls, absent, JOIN.LEFT_OUTER, on=(cls.absent == absent.id), attr="stood_in_for")
                .join_from(cls, substitute, on=(cls.substitute == substitute.id), attr="giver")
                .where(Lesson.day.between(first, last)).order_by(Lesson.day, Lesson.number, Unit.name, cls.id))


# ---- results ----

RESULT_KINDS = ("period", "year", "exam", "final")


class ResultOrder(Base):
    """An order of the school: until when marks of a period, or those of the year, the exam or the final ones, are put. It
    replaces the whole window of the regulation (FIN-04), for one class or for all."""

    year = to(Year, "result_orders")
    kind = CharField(6, default="period")
    period = to(Period, "result_orders", null=True, help_text="only of marks for a period")
    school_class = to(SchoolClass, "result_orders", null=True, help_text="none = every class")
    until = DateField()
    order_no = CharField(60, default="")
    order_date = DateField(null=True)

    class Meta:
        indexes = (SQL("CREATE UNIQUE INDEX result_order_place ON result_order "
                       "(year_id, kind, COALESCE(period_id, 0), COALESCE(school_class_id, 0))"),)

    @classmethod
    def until_of(cls, period, school_class):
        """The last day for marks of a period (a row or a column) in a class by order, or NULL, as an expression."""
        marks = cls.select(cls.until).where((cls.kind == "period") & (cls.period == period))
        return fn.COALESCE(marks.where(cls.school_class == school_class), marks.where(cls.school_class.is_null())).converter(_as_day)

    @classmethod
    def of_year(cls, year: int) -> dict[tuple, date]:
        """(kind, class or None) → last day by order, of the marks that belong to no period. One query."""
        rows = cls.select(cls.kind, cls.school_class, cls.until).where((cls.year == year) & (cls.kind != "period"))
        return {(kind, school_class): until for kind, school_class, until in rows.tuples()}


def _as_day(value) -> date | None:
    """A date that came out of an expression: SQLite hands it back as it stores it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class PeriodMark(Judged):
    """The mark of a pupil in a course for a period, the year, the exam, or the final one (FIN-17)."""

    cell = ("course_id", "pupil_id", "kind", SQL("COALESCE(period_id, 0)"))

    course = to(Course, "period_marks")
    pupil = to(Pupil, "period_marks")
    kind = CharField(6, default="period")
    period = to(Period, "marks", null=True)
    value = CharField(12)
    computed = CharField(12, default="")
    average = CharField(20, default="", help_text="exact, as a fraction")

    class Meta:
        indexes = ((("pupil",), False),
                   SQL("CREATE UNIQUE INDEX period_mark_cell ON period_mark (course_id, pupil_id, kind, COALESCE(period_id, 0))"))

    @classmethod
    def with_deferrals(cls):
        """Marks with what is written of their being put off: `until`, `put_off_for`, `paper`."""
        return cls.select(cls, Deferral.until.alias("until"), Deferral.reason.alias("put_off_for"), Deferral.paper.alias("paper")).join(
            Deferral, JOIN.LEFT_OUTER)

    @classmethod
    def filled(cls, period, classes, courses=None):
        """How full the period's marks are in these classes, as `.namedtuples()` by course and class: pupils of the class on the
        period's last day in the course's unit, and those of them with a mark. Only subjects with results and lessons in the
        period; of `courses` alone (ids or a query) if given."""
        pupils = Enrolment.on(period.ends).where(Enrolment.school_class.in_(classes))
        part = (UnitMember.pupil == Enrolment.pupil) & (UnitMember.starts <= period.ends) & (
            UnitMember.ends.is_null() | (UnitMember.ends >= period.ends))
        whole = pupils.join(Unit, on=(Unit.kind == "class") & (Unit.school_class == Enrolment.school_class))
        return cls._filled(whole, period, courses).union_all(
            cls._filled(pupils.join(UnitMember, on=part).join(Unit), period, courses))

    @classmethod
    def _filled(cls, members, period, courses):
        lessons = fn.EXISTS(Lesson.select(SQL("1")).where((Lesson.course == Course.id) & (Lesson.state != "cancelled")
                                                          & Lesson.day.between(period.starts, period.ends)))
        mark = ((cls.course == Course.id) & (cls.pupil == Enrolment.pupil) & (cls.kind == "period") & (cls.period == period.id))
        rows = members.join(Course, on=(Course.unit == Unit.id)).join(Subject).switch(Course).join(
            cls, JOIN.LEFT_OUTER, on=mark).where(
            (fn.COALESCE(fn.NULLIF(Course.grading, ""), Subject.grading) != "none") & lessons).group_by(
            Course.id, Enrolment.school_class, Subject.name, Subject.position, Unit.name)
        return (rows if courses is None else rows.where(Course.id.in_(courses))).select(
            Course.id.alias("course"), Enrolment.school_class.alias("school_class"), Subject.name.alias("subject"),
            Subject.position.alias("position"), Unit.name.alias("unit"),
            fn.COUNT(Enrolment.pupil.distinct()).alias("pupils"), fn.COUNT(cls.pupil.distinct()).alias("put"))

    @classmethod
    def of_subject(cls, subject: int, pupils, since: date):
        """Results of these pupils in a subject, in whatever journal of a year that began on `since` or later, as `.namedtuples()`
        by date: what marks of the year, the exam and the final ones are computed from (reports.md 3.9)."""
        return cls.select(cls.course, cls.pupil, cls.kind, cls.period, cls.value, Unit.year).join(Course).join(Unit).join(
            Year).join_from(cls, Period, JOIN.LEFT_OUTER).where(
            (Course.subject == subject) & cls.pupil.in_(list(pupils)) & (Year.starts >= since)).order_by(
            Year.starts, Period.starts, cls.id)

    @classmethod
    def of_pupil(cls, pupil: int, year: int):
        """A pupil's results of a year as `.namedtuples()` with subject, oldest first."""
        return cls.select(cls.id, cls.kind, cls.period, cls.value, cls.computed, cls.reason, Course.subject).join(Course).join(
            Unit).where((cls.pupil == pupil) & (Unit.year == year)).order_by(cls.id)


class Deferral(Base):
    """The paper behind a period mark that is put off, «отсрочка» or «продление» (FIN-08, FIN-09): why and until which day. It runs as long
    as the mark says so; the mark put in its place is that of the later passing."""

    lasts = timedelta(days=30)  # unless another day is told

    mark = to(PeriodMark, "deferrals", unique=True, on_delete="CASCADE")
    until = DateField(index=True)
    reason = CharField(300, default="")
    paper = CharField(200, default="", help_text="order, certificate, application")
    given_by = to(Person, "deferrals", null=True)
    given_at = Moment()

    @classmethod
    def put(cls, by: Actor, rows: list[dict]) -> None:
        """Lay papers by mark (id), new or in place of those that stand."""
        given = {"given_by": by.person, "given_at": by.at}
        with writing(by):
            cls.insert_many([row | given for row in rows]).on_conflict(
                conflict_target=["mark_id"], preserve=["until", "reason", "paper"]).execute()

    @classmethod
    def running(cls):
        """Deferrals whose mark is still to be put, with mark, course, unit, subject, pupil and person; the first to end first."""
        return (cls.select(cls, PeriodMark, Course, Unit, Subject, Pupil, Person, Period).join(PeriodMark).join(Course).join(Unit)
                .join_from(Course, Subject).join_from(PeriodMark, Pupil).join(Person).join_from(PeriodMark, Period, JOIN.LEFT_OUTER)
                .where(PeriodMark.value.in_(list(DEFERRED))).order_by(cls.until, Person.sort, Subject.position, Subject.name, cls.id))

    @classmethod
    def at_lessons(cls, lessons, day: date):
        """(lesson, pupil) of lessons (ids) in whose period a deferral of the pupil runs on `day`: what they pass now is lawfully later
        than the lesson (MRK-18). Narrow it by PeriodMark.pupil."""
        inside = Period.id.is_null() | Lesson.day.between(Period.starts, Period.ends)
        return (cls.select(Lesson.id, PeriodMark.pupil).join(PeriodMark).join(Lesson, on=(Lesson.course == PeriodMark.course))
                .join_from(PeriodMark, Period, JOIN.LEFT_OUTER)
                .where(Lesson.id.in_(list(lessons)) & PeriodMark.value.in_(list(DEFERRED)) & (cls.until >= day) & inside))


class PeriodClosure(Base):
    """A period closed for a class, by whom, in which role and why, with a digest of what stood then: the signature. Opened again in
    the same row, by a paper and until a moment; after that moment it is closed as before, by itself (LEG-07)."""

    period = to(Period, "closures")
    school_class = to(SchoolClass, "closures")
    closed_at = Moment()
    closed_by = to(Person, "closures", null=True)
    role = CharField(4, default="", help_text="in which role it was closed")
    reason = CharField(300, default="")
    entries = IntegerField(default=0, help_text="how many marks, codes and topics were signed")
    digest = CharField(64, default="", help_text="SHA-256 over them, see rulebook.closing; empty = not signed")
    left = CharField(200, default="", help_text="what was left as it is, «few=3 topics=1»")
    reopened_at = Moment(null=True)
    reopened_by = to(Person, "reopenings", null=True)
    reopen_reason = CharField(300, default="")
    reopen_paper = CharField(200, default="", help_text="number and date of the order or protocol")
    reopened_until = Moment(null=True, help_text="the last second in which it is open; none = until it is closed anew")
    closed_again_at = Moment(null=True, help_text="closed anew, by a row of its own")

    class Meta:
        indexes = ((("school_class", "period"), False),)

    @classmethod
    def standing(cls, now: datetime | None = None):
        """The closings that hold at a moment, now unless told."""
        now = clock.now() if now is None else now
        over = cls.closed_again_at.is_null() & (cls.reopened_until < (now.replace(microsecond=0) if isinstance(now, datetime) else now))
        return cls.select().where(cls.reopened_at.is_null() | over)

    @classmethod
    def of_period(cls, period):
        """Every closing of the period with class and people, the newest first."""
        closer, opener = Person.alias(), Person.alias()
        return cls.select(cls, SchoolClass, closer, opener).join(SchoolClass).switch(cls).join(
            closer, JOIN.LEFT_OUTER, on=(cls.closed_by == closer.id), attr="closer").switch(cls).join(
            opener, JOIN.LEFT_OUTER, on=(cls.reopened_by == opener.id), attr="opener").where(
            cls.period == period).order_by(cls.id.desc())

    @classmethod
    def opened_again(cls):
        """Closings that were opened again with class, period and people, the newest first."""
        closer, opener = Person.alias(), Person.alias()
        return cls.select(cls, SchoolClass, Period, PeriodSet, closer, opener).join(SchoolClass).join_from(cls, Period).join(
            PeriodSet).join_from(cls, closer, JOIN.LEFT_OUTER, on=(cls.closed_by == closer.id), attr="closed_by").join_from(
            cls, opener, JOIN.LEFT_OUTER, on=(cls.reopened_by == opener.id), attr="reopened_by").where(
            cls.reopened_at.is_null(False)).order_by(cls.id.desc())

    def stands(self, now: datetime) -> bool:
        """Does it hold at this moment, as in `standing`?"""
        return self.reopened_at is None or self.closed_again_at is None and self.reopened_until is not None and (
            self.reopened_until < now.replace(microsecond=0))

    @classmethod
    def close(cls, by: Actor, period, classes, reason: str, signed=None, role: str = "") -> None:
        """Close the period for these classes: nothing in it changes from now on. Refused without a reason or for a class
        where it is closed already. `signed`: class id → values of the signature (entries, digest, left). Whether it is complete
        (FIN-05) is a question for policies."""
        reason = _said_why(reason)
        with writing(by, reason):
            closed = cls.standing(by.at).where((cls.period == period) & cls.school_class.in_(list(classes))).first()
            if closed:
                raise Refused(Text(N_("%(period)s is closed for %(name)s already"), period=period.name,
                                   name=closed.school_class.name), "classes")
            cls.update(closed_again_at=by.at).where((cls.period == period) & cls.school_class.in_(list(classes))
                                                    & cls.closed_again_at.is_null()).execute()
            for school_class in classes:
                cls.create(period=period, school_class=school_class, closed_at=by.at, closed_by=by.person, reason=reason, role=role,
                           **(signed or {}).get(school_class.id, {}))

    def reopen(self, by: Actor, reason: str, paper: str = "", until: datetime | None = None) -> None:
        """The period may be written again by the ordinary rules, until the moment if one is given. Refused without a reason, for a
        moment that is over, or when it is open already."""
        reason = _said_why(reason)
        if not self.stands(by.at):
            raise Refused(Text(N_("%(period)s is open for %(name)s already"), period=self.period.name,
                               name=self.school_class.name))
        if until and until <= by.at:
            raise Refused(Text(N_("This moment is over. Choose a later one.")), "until")
        self.reopened_at, self.reopened_by, self.reopen_reason = by.at, by.person, reason
        self.reopen_paper, self.reopened_until = paper.strip()[:200], until
        with writing(by, reason):
            self.save(only=[PeriodClosure.reopened_at, PeriodClosure.reopened_by, PeriodClosure.reopen_reason,
                            PeriodClosure.reopen_paper, PeriodClosure.reopened_until])


class ResultHold(Base):
    """Marks for a period kept back from the families of a class: by whom and why. With the last period of a class those of the year,
    the exam and the final ones too. It ends when it is lifted; before that each mark comes out by itself when the limit of the
    regulation is over (FIN-12, FIN-13)."""

    period = to(Period, "holds")
    school_class = to(SchoolClass, "holds")
    set_at = Moment()
    set_by = to(Person, "holds", null=True)
    reason = CharField(300, default="")
    lifted_at = Moment(null=True)
    lifted_by = to(Person, "holds_lifted", null=True)

    class Meta:
        indexes = (SQL("CREATE UNIQUE INDEX result_hold_place ON result_hold (school_class_id, period_id) WHERE lifted_at IS NULL"),)

    @classmethod
    def standing(cls):
        """Holds that nobody has lifted, with class and who set them."""
        return cls.select(cls, SchoolClass, Person).join(SchoolClass).switch(cls).join(Person, JOIN.LEFT_OUTER, on=(
            cls.set_by == Person.id), attr="author").where(cls.lifted_at.is_null())

    @classmethod
    def covering(cls):
        """The condition that a hold stands over a PeriodMark: that of the class in which the pupil is at the end of its period."""
        year = Course.select(Unit.year).join(Unit).where(Course.id == PeriodMark.course)
        place = (cls.period == PeriodMark.period) | (PeriodMark.period.is_null() & Period.is_last() & (SchoolClass.year == year))
        there = (Enrolment.pupil == PeriodMark.pupil) & (Enrolment.school_class == cls.school_class) & Enrolment.covers(Period.ends)
        return fn.EXISTS(cls.select(SQL("1")).join(Period).switch(cls).join(SchoolClass).join(Enrolment, on=there).where(
            cls.lifted_at.is_null() & place))

    @classmethod
    def put(cls, by: Actor, period, classes, reason: str) -> None:
        """Hold the marks of the period back for these classes; where a hold stands already it stays. Refused without a reason."""
        reason = _said_why(reason)
        with writing(by, reason):
            held = {number for number, in cls.standing().where(cls.period == period).select(cls.school_class).tuples()}
            rows = [{"period": period.id, "school_class": each.id, "set_at": by.at, "set_by": by.person, "reason": reason}
                    for each in classes if each.id not in held]
            cls.insert_many(rows).execute() if rows else None

    @classmethod
    def lift(cls, by: Actor, period, classes) -> None:
        """The families of these classes see the marks from now on."""
        with writing(by):
            cls.update(lifted_at=by.at, lifted_by=by.person).where(
                (cls.period == period) & cls.school_class.in_(list(classes)) & cls.lifted_at.is_null()).execute()


class JournalSignature(Base):
    """A teacher signs the own journal of a period: what stood in it then, as in PeriodClosure. The newest counts."""

    course = to(Course, "signatures")
    period = to(Period, "signatures")
    person = to(Person, "signatures")
    signed_at = Moment()
    entries = IntegerField()
    digest = CharField(64)

    class Meta:
        indexes = ((("period", "course"), False),)

    @classmethod
    def newest(cls, period, courses) -> dict:
        """Course id → its newest signature of the period with who signed. One query."""
        rows = cls.select(cls, Person).join(Person).where((cls.period == period) & cls.course.in_(list(courses))).order_by(cls.id)
        return {row.course_id: row for row in rows}


def _said_why(reason: str) -> str:
    if not reason.strip():
        raise Refused(Text(N_("Say why in a few words: the reason stays in the history")), "reason")
    return reason.strip()[:300]


# ---- families: ways in ----

class Invitation(Base):
    """A single-use code for a person (SEC-01); only its digest is kept."""

    secret = ("digest",)

    person = to(Person, "invitations")
    digest = CharField(64, unique=True)
    nonce = CharField(32)
    issued_at = Moment()
    issued_by = to(Person, "issued_invitations", null=True)
    expires = DateField()
    used_at = Moment(null=True)
    revoked_at = Moment(null=True)

    @classmethod
    def standing(cls, day: date):
        """Codes that still open something on `day`: not used, not revoked, not expired."""
        return cls.select().where(cls.used_at.is_null() & cls.revoked_at.is_null() & (cls.expires >= day))

    @classmethod
    def of_code(cls, code: str, day: date):
        """The standing invitation with this code, as a query of one row or none; however the code was typed."""
        return cls.standing(day).where(cls.digest == _digest_of(read_code(code)))

    @classmethod
    def issue(cls, by: Actor, accounts, key: str, expires: date, kind: str) -> None:
        """A new code for the person of each account in place of the one that stood, noted in the register (SEC-02, SEC-03).
        `key` is the secret from which codes are derived; `kind` as in CredentialIssue."""
        invitations, issues = [], []
        for account in accounts:
            nonce = token_hex(16)
            invitations.append({"person": account.person_id, "digest": _digest_of(_code_of(key, nonce)), "nonce": nonce,
                             "issued_at": by.at, "issued_by": by.person, "expires": expires})
            issues.append({"person": account.person_id, "login": account.login, "kind": kind, "issued_at": by.at,
                           "issued_by": by.person})
        with writing(by):
            cls.revoke(by, [account.person_id for account in accounts])
            for rows, model in ((invitations, cls), (issues, CredentialIssue)):
                for part in chunked(rows, 100):
                    model.insert_many(part).execute()

    @classmethod
    def revoke(cls, by: Actor, people: list[int]) -> None:
        """The codes of these people open nothing any more."""
        with writing(by):
            cls.update(revoked_at=by.at).where(
                cls.person.in_(people) & cls.used_at.is_null() & cls.revoked_at.is_null()).execute()

    def code(self, key: str) -> str:
        """«K7M2-9PXD-4RTB»: derived again from the school's key, so that a slip can be printed once more."""
        code = _code_of(key, self.nonce)
        return "-".join(code[i:i + 4] for i in range(0, len(code), 4))


_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ALIKE = str.maketrans("АВСЕНКМРТХУ", "ABCEHKMPTXY")


def read_code(text: str) -> str:
    """A code as it was printed, whatever case, spaces and look-alike Cyrillic letters it was typed with."""
    return "".join(letter for letter in text.upper().translate(_ALIKE) if letter in _CODE_LETTERS)


def _code_of(key: str, nonce: str) -> str:
    """Twelve letters of five bits: sixty bits that only the holder of the key can derive."""
    digest = hmac.digest(key.encode(), f"invitation {nonce}".encode(), "sha256")
    return "".join(_CODE_LETTERS[byte % 32] for byte in digest[:12])


def _digest_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


class CredentialIssue(Base):
    """The register of handed-out ways in (SEC-02, SEC-03, F-16): no password in it."""

    person = to(Person, "credential_issues")
    login = CharField(60)
    kind = CharField(12, help_text="password · invitation · reset")
    issued_at = Moment()
    issued_by = to(Person, "issued_credentials", null=True)


# ---- families: rules of confidentiality, sign-ins that look shared ----

class ConfidentialityRules(Base):
    """A version of the school's rules of confidentiality. The newest one is in force; every account accepts it once (SEC-08)."""

    number = IntegerField(unique=True)
    text = TextField()
    made_at = Moment()
    made_by = to(Person, "confidentiality_rules", null=True, help_text="none = the text the journal came with")

    @classmethod
    def in_force(cls):
        """The newest version, or None before there is any."""
        return cls.select().order_by(cls.number.desc()).first()

    @classmethod
    def publish(cls, by: Actor, text: str):
        """A new version that everybody is asked to accept; Refused for a text that is empty or stands already."""
        text, standing = "\n".join(line.rstrip() for line in text.strip().splitlines()), cls.in_force()
        if not text:
            raise Refused(Text(N_("The rules need a text")), "text")
        if standing is not None and standing.text == text:
            raise Refused(Text(N_("This very text is in force already: nobody has to accept it again")), "text")
        with writing(by):
            return cls.create(number=standing.number + 1 if standing else 1, text=text, made_at=by.at, made_by=by.person)


class RulesAcceptance(Base):
    """The owner of an account accepted a version of the rules of confidentiality: when and from where (SEC-08)."""

    rules = to(ConfidentialityRules, "acceptances")
    account = to(Account, "acceptances")
    at = Moment()
    address = CharField(60, default="")

    class Meta:
        indexes = ((("account", "rules"), True),)

    @classmethod
    def keep(cls, by: Actor, rules: ConfidentialityRules, account: Account) -> None:
        """The account accepts these rules now; once is enough."""
        with writing(by):
            cls.get_or_create(rules=rules, account=account, defaults={"at": by.at, "address": by.address})

    @classmethod
    def missing(cls, rules: ConfidentialityRules):
        """Accounts that open (with a password, not closed) whose owners have not accepted these rules."""
        accepted = cls.select(cls.account).where(cls.rules == rules)
        return Account.select(Account, Person).join(Person).where(
            Account.password.is_null(False) & (Account.locked == "") & Account.id.not_in(accepted))


class SignInOverlap(Base):
    """An account was opened on a second device while the first one was in use (ACC-10, SEC-09): which devices, until when the owner
    had not looked at it."""

    account = to(Account, "overlaps")
    at = Moment()
    device = CharField(60)
    address = CharField(60)
    other_device = CharField(60, help_text="the one that was open already")
    other_address = CharField(60)
    seen_at = Moment(null=True)

    class Meta:
        indexes = ((("account", "seen_at"), False),)

    @classmethod
    def see(cls, by: Actor, account: int) -> None:
        """The owner has looked at them."""
        rows = (cls.account == account) & cls.seen_at.is_null()
        if cls.select().where(rows).exists():
            with writing(by):
                cls.update(seen_at=by.at).where(rows).execute()


# ---- control: regulation ----

class Regulation(Base):
    """A regulation the school lives by, from a day on (LEG-06, LEG-11)."""

    name = CharField(200)
    preset = CharField(40)
    order_no = CharField(60, default="")
    order_date = DateField(null=True)

    @classmethod
    def adopt(cls, by: Actor, today: date, *, name: str, preset: str, values: dict, starts: date, order_no: str = "",
              order_date: date | None = None) -> "RegulationVersion":
        """Another regulation in place of the present one, from `starts` on; its first version."""
        RegulationVersion.check_start(today, starts)
        with writing(by):
            row = cls.create(name=name, preset=preset, order_no=order_no, order_date=order_date)
            RegulationDraft.delete().execute()
            return RegulationVersion.create(regulation=row, number=1, starts=starts, values=values, order_no=order_no,
                                            order_date=order_date, created_by=by.person, created_at=by.at)


class RegulationVersion(Base):
    """The regulation's values in full, from a day until the next version."""

    regulation = to(Regulation, "versions")
    number = IntegerField()
    starts = DateField()
    values = JSONField(column_name="rule_values")
    order_no = CharField(60, default="")
    order_date = DateField(null=True)
    note = CharField(300, default="")
    created_by = to(Person, "regulation_versions", null=True)
    created_at = Moment()

    @classmethod
    def on(cls, day: date):
        """The version in force on `day`: the last begun, the newest of those begun the same day; None before the first."""
        return next(iter(_version_on(day)), None)

    @classmethod
    def newest_first(cls):
        """All versions, the last to begin first."""
        return cls.select(cls, Regulation).join(Regulation).order_by(cls.starts.desc(), cls.id.desc())

    @classmethod
    def listed(cls):
        """The same with who wrote each."""
        return cls.newest_first().select_extend(Person).join_from(cls, Person, JOIN.LEFT_OUTER, on=(cls.created_by == Person.id),
                                                                  attr="author")

    @classmethod
    def check_start(cls, today: date, starts: date) -> None:
        """Versions follow one another: a new one begins neither in the past, where everything is judged already, nor
        before the last."""
        last = cls.newest_first().first()
        if last and starts < today:
            raise Refused(Text(N_("What was written before %(day)s is judged already. Choose that day or a later one."),
                               day=today), "starts")
        if last and starts < last.starts:
            raise Refused(Text(N_("Version %(number)s begins on %(day)s. The next one begins then or later."),
                               number=last.number, day=last.starts), "starts")

    def amend(self, by: Actor, today: date, *, values: dict, starts: date, order_no: str = "", order_date: date | None = None,
              note: str = ""):
        """The next version of the same regulation, with these full values, from `starts` on."""
        self.check_start(today, starts)
        with writing(by):
            return RegulationVersion.create(
                regulation=self.regulation_id, number=self.number + 1, starts=starts, values=values, order_no=order_no,
                order_date=order_date, note=note, created_by=by.person, created_at=by.at)


class RegulationDraft(Base):
    """A rule as the next version shall have it, written by somebody who may; the rules of a draft become one version together."""

    key = CharField(60, unique=True)
    parts = JSONField(help_text="what changes: value, severity, clause …")
    person = to(Person, "regulation_drafts", null=True)
    at = Moment()

    @classmethod
    def put(cls, by: Actor, changes: dict[str, dict]) -> None:
        """Lay changes of rules into the draft, each in place of what it said of that rule before. Two statements."""
        with writing(by):
            cls.delete().where(cls.key.in_(list(changes))).execute()
            if changes:
                cls.insert_many([{"key": key, "parts": parts, "person": by.person, "at": by.at}
                                 for key, parts in changes.items()]).execute()

    @classmethod
    def drop(cls, by: Actor, key: str | None = None) -> None:
        """Take one rule out of the draft, or all of them."""
        with writing(by):
            cls.delete().where(True if key is None else cls.key == key).execute()

    @classmethod
    def changes(cls) -> dict[str, dict]:
        """Rule → what changes. One query."""
        return dict(cls.select(cls.key, cls.parts).order_by(cls.id).tuples())

    @classmethod
    def authors(cls) -> dict[str, "RegulationDraft"]:
        """Rule → its row with the person. One query."""
        return {row.key: row for row in cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER)}


class RegulationReading(Base):
    """The school has chosen a reading of a contradiction within its document: which, who, when. Another choice replaces it."""

    regulation = to(Regulation, "readings")
    key = CharField(60)
    title = CharField(300)
    person = to(Person, "regulation_readings", null=True)
    at = Moment()

    class Meta:
        indexes = ((("regulation", "key"), True),)

    @classmethod
    def confirm(cls, by: Actor, regulation: int, titles: dict[str, str]) -> None:
        """Keep the readings chosen for these rules. Two statements."""
        with writing(by):
            cls.delete().where((cls.regulation == regulation) & cls.key.in_(list(titles))).execute()
            if titles:
                cls.insert_many([{"regulation": regulation, "key": key, "title": title, "person": by.person, "at": by.at}
                                 for key, title in titles.items()]).execute()

    @classmethod
    def of(cls, regulation: int | None) -> dict[str, "RegulationReading"]:
        """Rule → the reading chosen, with its person. One query."""
        rows = cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER).where(cls.regulation == regulation)
        return {row.key: row for row in rows}


@prepared
def _version_on(day):
    return RegulationVersion.newest_first().where(RegulationVersion.starts <= day).limit(1)


# ---- control: requests to correct lists and cards ----

class ListRequest(Base):
    """Somebody who may not correct a class list or a card says what has to be corrected (CNT-04, CNT-12). `state`: asked · done ·
    declined, with the answer of whoever may."""

    school_class = to(SchoolClass, "list_requests")
    pupil = to(Pupil, "list_requests", null=True, help_text="none = the list of the class")
    text = CharField(1000)
    asked_by = to(Person, "list_requests")
    asked_at = Moment()
    state = CharField(8, default="asked")
    answer = CharField(500, default="")
    answered_by = to(Person, "list_answers", null=True)
    answered_at = Moment(null=True)

    class Meta:
        indexes = ((("state", "id"), False),)

    @classmethod
    def ask(cls, by: Actor, school_class, pupil, text: str):
        """A new request; Refused without words."""
        if not text.strip():
            raise Refused(Text(N_("Write what has to be corrected.")), "text")
        with writing(by):
            return cls.create(school_class=school_class, pupil=pupil, text=text.strip()[:1000], asked_by=by.person, asked_at=by.at)

    def reply(self, by: Actor, state: str, answer: str) -> None:
        """Done or declined; Refused when it has an answer already, and when it is declined without a word."""
        if self.state != "asked":
            raise Refused(Text(N_("This request has an answer already.")))
        if state == "declined" and not answer.strip():
            raise Refused(Text(N_("Say why the request is declined.")), "answer")
        with writing(by):
            self.state, self.answer, self.answered_by, self.answered_at = state, answer.strip()[:500], by.person, by.at
            self.save(only=[ListRequest.state, ListRequest.answer, ListRequest.answered_by, ListRequest.answered_at])

    @classmethod
    def listed(cls):
        """All requests with class, pupil and people; those without an answer first, then the newest."""
        asker, answerer, ward = Person.alias(), Person.alias(), Person.alias()
        return (cls.select(cls, SchoolClass, Pupil, ward, asker, answerer).join(SchoolClass).join_from(cls, Pupil, JOIN.LEFT_OUTER)
                .join(ward, JOIN.LEFT_OUTER, on=(Pupil.person == ward.id))
                .join_from(cls, asker, on=(cls.asked_by == asker.id), attr="asker")
                .join_from(cls, answerer, JOIN.LEFT_OUTER, on=(cls.answered_by == answerer.id), attr="answerer")
                .order_by(Case(None, [(cls.state == "asked", 0)], 1), cls.id.desc()))


# ---- control: corrections of what is closed ----

CORRECTED = ("cell", "attendance", "topic", "homework", "remark", "kind", "column", "result")
"""What can be corrected: a cell of the grid, «who is at the lesson» as a whole, topic, homework, a mark of a period or the year."""


class Correction(Base):
    """A request to change what is closed already, the protocol of a correction (MRK-08): who asks and why; the cells are
    CorrectionCell, what became of it CorrectionDecision. A whole period is opened again otherwise, see PeriodClosure."""

    year = to(Year, "corrections")
    number = IntegerField(help_text="of the protocol, running through the school year")
    course = to(Course, "corrections")
    asked_by = to(Person, "corrections")
    asked_at = Moment()
    reason = CharField(500)
    withdrawn_at = Moment(null=True)

    class Meta:
        indexes = ((("year", "number"), True),)

    @classmethod
    def ask(cls, by: Actor, course: Course, reason: str, cells: list[dict]):
        """A new request with the next number of the year; `cells` are the values of its CorrectionCell rows."""
        year = course.unit.year_id
        with writing(by, reason):
            if not is_sqlite():
                Year.select(Year.id).where(Year.id == year).for_update().execute()  # one number at a time
            number = cls.select(fn.COALESCE(fn.MAX(cls.number), 0) + 1).where(cls.year == year).scalar()
            row = cls.create(year=year, number=number, course=course, asked_by=by.person, asked_at=by.at, reason=reason[:500])
            CorrectionCell.insert_many([{"correction": row.id, **cell} for cell in cells]).execute()
            return row

    @classmethod
    def whole(cls):
        """Requests with who asks, the journal and its class, the decision and who took it; the newest first."""
        outer, decider = JOIN.LEFT_OUTER, Person.alias()
        return (cls.select(cls, Person, Year, Course, Unit, SchoolClass, Subject, CorrectionDecision, decider)
                .join(Person, on=(cls.asked_by == Person.id), attr="asked_by").join_from(cls, Year).join_from(cls, Course).join(Unit)
                .join(SchoolClass, outer, on=(Unit.school_class == SchoolClass.id), attr="school_class").join_from(Course, Subject)
                .join_from(cls, CorrectionDecision, outer, on=(CorrectionDecision.correction == cls.id), attr="decision")
                .join(decider, outer, on=(CorrectionDecision.by == decider.id), attr="by").order_by(cls.id.desc()))

    @classmethod
    def waiting(cls):
        """The condition that a request has been neither decided nor taken back."""
        decided = CorrectionDecision.select(SQL("1")).where(CorrectionDecision.correction == cls.id)
        return cls.withdrawn_at.is_null() & ~fn.EXISTS(decided)

    def state(self, now: datetime) -> str:
        """waiting · withdrawn · declined · open · over (of a row of `whole()`)."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.decision is None:
            return "waiting"
        return self.decision.state(now)

    def withdraw(self, by: Actor) -> None:
        """Taken back by who asked; Refused when it has been decided."""
        with writing(by):
            self._must_wait()
            self.withdrawn_at = by.at
            self.save(only=[Correction.withdrawn_at])

    def decide(self, by: Actor, allowed: bool, note: str, until: datetime | None = None):
        """Allow it until a moment, or decline it; Refused when it has been decided or taken back."""
        with writing(by, note):
            self._must_wait()
            return CorrectionDecision.create(correction=self.id, allowed=allowed, by=by.person, at=by.at, until=until, note=note[:500])

    def _must_wait(self) -> None:
        query = Correction.select(Correction.id).where((Correction.id == self.id) & Correction.waiting())
        if not (query if is_sqlite() else query.for_update()).first():
            raise Refused(Text(N_("This request has been answered or taken back already.")))


class CorrectionDecision(Base):
    """What the deputy head or the director said to a request: allowed until a moment, or declined; with a word to it."""

    correction = to(Correction, "decisions", unique=True)
    allowed = BooleanField()
    by = to(Person, "corrections_decided")
    at = Moment()
    until = Moment(null=True, help_text="the last second in which the cells may be changed; none = declined")
    note = CharField(500, default="")

    def state(self, now: datetime) -> str:
        if not self.allowed:
            return "declined"
        return "open" if now.replace(microsecond=0) <= self.until else "over"

    def lock(self, by: Actor) -> None:
        """The permission ends now."""
        self.until = by.at - timedelta(seconds=1)
        with writing(by):
            self.save(only=[CorrectionDecision.until])


class CorrectionCell(Base):
    """One cell of a request: what stood in it, what is wanted, the rule that stands against it, and what was written by permission.

    A cell of the grid is (lesson, pupil, work), a mark of a period (pupil, kind, period) in the request's course; of a lesson's
    attendance, topic, homework and the kind of its own column the lesson alone, a remark with the pupil, a further column with the work;
    without one it is a column to be added."""

    correction = to(Correction, "cells")
    what = CharField(10, help_text="see CORRECTED")
    lesson = to(Lesson, "corrections", null=True)
    work = to(Work, "corrections", null=True)
    pupil = to(Pupil, "corrections", null=True)
    kind = CharField(6, default="")
    period = to(Period, "corrections", null=True)
    before = TextField(default="")
    wanted = TextField(default="")
    rule = CharField(60, default="")
    clause = CharField(40, default="")
    after = TextField(default="")
    mended_at = Moment(null=True)

    @property
    def place(self) -> tuple:
        """(what, lesson, work, pupil, kind, period) as ids."""
        return self.what, self.lesson_id, self.work_id, self.pupil_id, self.kind, self.period_id

    @classmethod
    def whole(cls, corrections):
        """The cells of these requests (ids) with lesson, work, pupil and period, by date and name."""
        outer = JOIN.LEFT_OUTER
        return (cls.select(cls, Lesson, Work, WorkKind, Pupil, Person, Period).join(Lesson, outer).join_from(cls, Work, outer)
                .join(WorkKind, outer).join_from(cls, Pupil, outer).join(Person, outer).join_from(cls, Period, outer)
                .where(cls.correction.in_(list(corrections))).order_by(cls.correction, Lesson.day, Lesson.number, cls.what,
                                                                       Person.sort, cls.id))

    @classmethod
    def allowed(cls, corrections):
        """The cells of these requests (ids) that were allowed, each with its request and the decision."""
        return cls.select(cls, Correction, CorrectionDecision).join(Correction).join(
            CorrectionDecision, on=(CorrectionDecision.correction == Correction.id), attr="decision").where(
            Correction.id.in_(list(corrections)) & CorrectionDecision.allowed)

    @classmethod
    def of_cell(cls, course: int, pupil: int, lesson: int | None, work: int | None, period: int | None):
        """The requests about one cell of the grid or one mark of a period, as `whole()` of Correction."""
        here = (cls.lesson == lesson) & (cls.work == work if work else cls.work.is_null()) if lesson else (cls.period == period)
        return Correction.whole().where((Correction.course == course) & Correction.id.in_(
            cls.select(cls.correction).where((cls.pupil == pupil) & here)))

    @classmethod
    def counted(cls, corrections) -> dict[int, int]:
        """Request → how many cells it asks for. One query."""
        return dict(cls.select(cls.correction, fn.COUNT(cls.id)).where(cls.correction.in_(list(corrections))).group_by(
            cls.correction).tuples())

    @classmethod
    def rows_of(cls, course: int, cells) -> dict[str, dict[int, int]]:
        """Table → row → cell (ids) of what stands in these cells of a request. At most five queries."""
        places, lessons, people = {cell.place: cell.id for cell in cells}, {cell.lesson_id for cell in cells} - {None}, {
            cell.pupil_id for cell in cells} - {None}
        here = {model: model.lesson.in_(lessons) for model in (Mark, Absence, Homework)}
        marks = Mark.select(Mark.id, Mark.lesson, Mark.work, Mark.pupil).where(here[Mark] & Mark.pupil.in_(people)).tuples()
        codes = Absence.select(Absence.id, Absence.lesson, Absence.pupil).where(here[Absence] & Absence.pupil.in_(people)).tuples()
        results = PeriodMark.select(PeriodMark.id, PeriodMark.pupil, PeriodMark.kind, PeriodMark.period).where(
            (PeriodMark.course == course) & PeriodMark.pupil.in_(people)).tuples()
        tasks = Homework.select(Homework.id, Homework.lesson).where(
            here[Homework] & Homework.unit.is_null() & Homework.pupil.is_null()).tuples()
        words = Remark.select(Remark.id, Remark.lesson, Remark.pupil).where(
            Remark.lesson.in_(lessons) & Remark.pupil.in_(people)).tuples() if any(cell.what == "remark" for cell in cells) else ()
        found = {"mark": {row: places.get(("cell", lesson, work, pupil, "", None)) for row, lesson, work, pupil in marks},
                 "absence": {row: places.get(("cell", lesson, None, pupil, "", None)) for row, lesson, pupil in codes},
                 "period_mark": {row: places.get(("result", None, None, *place)) for row, *place in results},
                 "lesson": {lesson: places.get(("topic", lesson, None, None, "", None)) for lesson in lessons},
                 "homework": {row: places.get(("homework", lesson, None, None, "", None)) for row, lesson in tasks},
                 "remark": {row: places.get(("remark", lesson, None, pupil, "", None)) for row, lesson, pupil in words},
                 "work": {cell.work_id: cell.id for cell in cells if cell.what == "column"}}
        return {table: {row: cell for row, cell in rows.items() if cell} for table, rows in found.items()}

    @classmethod
    def names(cls, work, besides) -> bool:
        """Does a request name this column, other than one of its cells (or None)?"""
        return cls.select().where((cls.work == work) & (cls.id != (besides.id if besides else 0))).exists()

    @classmethod
    def let_go(cls, by: Actor, work) -> None:
        """The column is taken away by permission: its request keeps the words and lets the row go."""
        with writing(by):
            cls.update(work=None).where(cls.work == work).execute()

    @classmethod
    def mended(cls, by: Actor, after: dict[int, str]) -> None:
        """What was written into cells (id → text) by permission; one statement."""
        with writing(by):
            update_rows(cls, (cls.after, cls.mended_at), [(text, by.at, cell) for cell, text in after.items()])


# ---- control: notices, duties ----

class Notice(Base):
    """A message of the journal to a member of staff. Stays until it is read, and in the list of all notices after that.

    `topic` says what it is about: access, correction, breach, closing, remark, digest, duty (NOTICE_TOPICS)."""

    person = to(Person, "notices")
    topic = CharField(20)
    said = TextField(help_text="a stored Text")
    url = CharField(300, default="")
    created_at = Moment()
    read_at = Moment(null=True)

    class Meta:
        indexes = ((("person", "read_at"), False),)

    @property
    def text(self) -> Text:
        return Text.restored(self.said)

    @classmethod
    def tell(cls, by: Actor, people, text: Text, url: str = "", topic: str = "duty") -> None:
        """Tell these people (Person rows or their ids; nobody is fine, the author himself too) the same: `text` in words made of
        N_ msgid and parameters (numbers, words, dates, moments, further Texts), `url` a path of ours where they act on it.
        Joins the running `writing`, or opens one; two statements however many people. Who has the same message unread is not
        told again."""
        said, people = text.stored(), {getattr(person, "id", person) for person in people}
        if not people:
            return
        with writing(by):
            told = {person for person, in cls.select(cls.person).where(
                cls.person.in_(sorted(people)) & cls.read_at.is_null() & (cls.said == said) & (cls.url == url)).tuples()}
            rows = [{"person": person, "topic": topic, "said": said, "url": url, "created_at": by.at}
                    for person in sorted(people - told)]
            if rows:
                cls.insert_many(rows).execute()

    @classmethod
    def of_person(cls, person: int):
        """All notices of a person: unread ones first, then the newest."""
        return cls.select().where(cls.person == person).order_by(cls.read_at.is_null().desc(), cls.id.desc())

    @classmethod
    def read(cls, by: Actor, notices) -> None:
        """These notices (ids) are read; those read before keep their moment."""
        with writing(by):
            cls.update(read_at=by.at).where(cls.id.in_(list(notices)) & cls.read_at.is_null()).execute()


NOTICE_TOPICS = {"access": N_("sign-ins"), "correction": N_("correction"), "breach": N_("confidentiality"),
                 "closing": N_("closing of a period"), "remark": N_("remark on a journal"), "alert": N_("pupils"),
                 "digest": N_("weekly digest"), "report": N_("report of use"), "duty": N_("duty")}


class Confirmation(Base):
    """Somebody states that something was looked at, as a duty asks: who, in which role, when, and a day of the span it is about.

    `kind` is one of CONFIRMATIONS: the list and data of a class (CNT-01, CNT-04, CNT-05), the absences of a class (ATT-05), the
    keeping of the journal by the administration (CTL-01), the control works of a course in a period (CTL-14)."""

    kind = CharField(12)
    person = to(Person, "confirmations")
    role = CharField(4)
    school_class = to(SchoolClass, "confirmations", null=True)
    course = to(Course, "confirmations", null=True)
    period = to(Period, "confirmations", null=True)
    day = DateField(help_text="a day of the week, month or period that was checked")
    at = Moment()
    note = CharField(500, default="")

    class Meta:
        indexes = ((("kind", "day"), False),)

    @classmethod
    def state(cls, by: Actor, kind: str, role: str, day: date, note: str = "", *, school_class=None, course=None, period=None):
        """It was checked: the row. Whether it was due, and whose duty it was, are questions for policies."""
        with writing(by, note):
            return cls.create(kind=kind, person=by.person, role=role, day=day, at=by.at, note=note.strip()[:500],
                              school_class=school_class, course=course, period=period)

    @classmethod
    def of_classes(cls, kind: str, classes):
        """Confirmations of this kind of these classes with who made them, the newest first."""
        return cls.select(cls, Person).join(Person).where((cls.kind == kind) & cls.school_class.in_(list(classes))).order_by(cls.id.desc())

    @classmethod
    def of_span(cls, kind: str, first: date, last: date):
        """Confirmations of this kind about these days, with who made them."""
        return cls.select(cls, Person).join(Person).where((cls.kind == kind) & cls.day.between(first, last)).order_by(cls.id)

    @classmethod
    def analyses(cls, person: int | None, since: date):
        """Analyses of control works since a day, of a person or of all, with journal and period, the newest first."""
        rows = cls.select(cls, Person, Course, Unit, Subject, Period).join(Person).join_from(cls, Course).join(Unit).join_from(
            Course, Subject).join_from(cls, Period).where((cls.kind == "analysis") & (cls.day >= since)).order_by(cls.id.desc())
        return rows if person is None else rows.where(cls.person == person)


CONFIRMATIONS = ("list", "attendance", "control", "analysis", "printed")


class JournalRemark(Base):
    """What a check of the journal found: the remark of a leader to a teacher or class teacher, the answer, and how it ended
    (CTL-02, CTL-03). It may be about a class, a journal, a lesson or a pupil's cell in it."""

    author = to(Person, "journal_remarks_made")
    person = to(Person, "journal_remarks")
    school_class = to(SchoolClass, "journal_remarks", null=True)
    course = to(Course, "journal_remarks", null=True)
    lesson = to(Lesson, "journal_remarks", null=True, on_delete="SET NULL")
    pupil = to(Pupil, "journal_remarks", null=True)
    text = CharField(1000)
    due = DateField(null=True, help_text="until when an answer is expected")
    at = Moment()
    answer = CharField(1000, default="")
    answered_at = Moment(null=True)
    reply = CharField(1000, default="", help_text="why the answer was sent back")
    closed_at = Moment(null=True)
    closed_by = to(Person, "journal_remarks_closed", null=True)

    class Meta:
        indexes = ((("person", "closed_at"), False), (("author", "closed_at"), False))

    @property
    def state(self) -> str:
        """open · answered · closed"""
        return "closed" if self.closed_at else "answered" if self.answered_at else "open"

    @classmethod
    def whole(cls, among):
        """The remarks of the query `among` with author, addressee, class, journal, lesson and pupil: those that wait for
        somebody first, then the newest."""
        outer, author, addressee, ward = JOIN.LEFT_OUTER, Person.alias(), Person.alias(), Person.alias()
        return among.select(cls, author, addressee, SchoolClass, Course, Unit, Subject, Lesson, Pupil, ward).join(
            author, on=(cls.author == author.id), attr="author").join_from(
            cls, addressee, on=(cls.person == addressee.id), attr="person").join_from(
            cls, SchoolClass, outer, on=(cls.school_class == SchoolClass.id), attr="school_class").join_from(
            cls, Course, outer, on=(cls.course == Course.id), attr="course").join(Unit, outer).join_from(Course, Subject, outer).join_from(
            cls, Lesson, outer, on=(cls.lesson == Lesson.id), attr="lesson").join_from(
            cls, Pupil, outer, on=(cls.pupil == Pupil.id), attr="pupil").join(
            ward, outer, on=(Pupil.person == ward.id), attr="person").order_by(
            cls.closed_at.is_null().desc(), cls.id.desc())

    @classmethod
    def narrowed(cls, among, state: str, person: int | None):
        """The query `among` with only the remarks of a state ("" = any) and to a person."""
        waits, answered = cls.closed_at.is_null(), cls.answered_at.is_null(False)
        conditions = {"open": waits & ~answered, "answered": waits & answered, "closed": ~waits}
        among = among.where(conditions[state]) if state else among
        return among.where(cls.person == person) if person else among

    @classmethod
    def addressed(cls):
        """Everybody a remark was ever written to, by the alphabet."""
        return Person.select().where(Person.id.in_(cls.select(cls.person))).order_by(Person.sort)

    @classmethod
    def addressees(cls, day: date, lesson=None, course=None, school_class=None) -> list:
        """Whom a remark about this may go to, the likeliest first: who gives the lesson, the teachers of the course, the class
        teachers; without any of them everybody who teaches or leads a class."""
        taught = Assignment.on(day).select(Assignment.teacher)
        led = Appointment.on(day).where(Appointment.role == "CT").select(Appointment.person)
        first = lesson and (Substitution.select(Substitution.substitute).where(Substitution.lesson == lesson).scalar() or lesson.teacher_id)
        if course is not None:
            taught, led = taught.where(Assignment.course == course), led.where(Appointment.school_class == course.unit.school_class_id)
        elif school_class is not None:
            taught, led = taught.where(SQL("1 = 0")), led.where(Appointment.school_class == school_class)
        people = list(Person.select().where(Person.id.in_(taught) | Person.id.in_(led) | (Person.id == (first or 0))).order_by(Person.sort))
        own = {person for person, in taught.tuples()} if course is not None else set()
        return sorted(people, key=lambda person: (person.id != first, person.id not in own))

    @classmethod
    def write(cls, by: Actor, person: int, text: str, due: date | None = None, **about):
        """A remark to this person; `about`: school_class, course, lesson, pupil (rows or ids). Refused without words."""
        text = _said_something(text, "text")
        if due and due < by.day:
            raise Refused(Text(N_("The answer is expected by a day that has passed. Choose a later one.")), "due")
        with writing(by):
            return cls.create(author=by.person, person=person, text=text, due=due, at=by.at, **about)

    def put_answer(self, by: Actor, text: str) -> None:
        """The answer of whom it was written to; a further one replaces it until the remark is closed."""
        self._must_be_open()
        self.answer, self.answered_at = _said_something(text, "answer"), by.at
        with writing(by):
            self.save(only=[JournalRemark.answer, JournalRemark.answered_at])

    def send_back(self, by: Actor, text: str) -> None:
        """The answer is not enough, with the words why: an answer is awaited again."""
        self._must_be_open()
        self.reply, self.answered_at = _said_something(text, "reply"), None
        with writing(by, self.reply):
            self.save(only=[JournalRemark.reply, JournalRemark.answered_at])

    def close(self, by: Actor) -> None:
        """It is mended, or was a mistake."""
        self._must_be_open()
        self.closed_at, self.closed_by = by.at, by.person
        with writing(by):
            self.save(only=[JournalRemark.closed_at, JournalRemark.closed_by])

    def _must_be_open(self) -> None:
        if self.closed_at:
            raise Refused(Text(N_("This remark is closed already")))


def _said_something(text: str, field: str) -> str:
    if not text.strip():
        raise Refused(Text(N_("Write a few words")), field)
    return text.strip()[:1000]


class Training(Base):
    """A seminar about the journal, and who came (CTL-18)."""

    day = DateField()
    theme = CharField(300)
    leader = CharField(200, default="")

    @classmethod
    def hold(cls, by: Actor, day: date, theme: str, people, leader: str = ""):
        """The seminar with those who came (ids). Refused without a theme."""
        theme = _said_something(theme, "theme")[:300]
        with writing(by):
            training = cls.create(day=day, theme=theme, leader=leader.strip()[:200])
            for person in sorted(set(people)):
                TrainingVisit.create(training=training, person=person)
        return training


    @classmethod
    def register(cls, since: date) -> list:
        """Seminars since a day, the newest first, each with `people`: short names of who came. Two queries."""
        rows = list(cls.select().where(cls.day >= since).order_by(cls.day.desc(), cls.id.desc()))
        came: dict[int, list] = {}
        for visit in TrainingVisit.select(TrainingVisit, Person).join(Person).where(
                TrainingVisit.training.in_([row.id for row in rows])).order_by(Person.sort):
            came.setdefault(visit.training_id, []).append(visit.person.short_name)
        for row in rows:
            row.people = came.get(row.id, [])
        return rows


class TrainingVisit(Base):
    training = to(Training, "visits")
    person = to(Person, "trainings")

    class Meta:
        indexes = ((("training", "person"), True),)


# ---- control: help desk, papers of the school, links, interruptions ----

TICKET_STEPS = {"answer": (("new", "answered"), "answered"), "more": (("answered", "printed"), "new"),
                "support": (("new", "answered"), ""), "printed": (("new", "answered"), "printed"), "handed": (("printed",), "closed"),
                "closed": (("new", "answered", "printed"), "closed")}
"""Step of a ticket → the states it may follow, the state after it ("" = as before). more: the asker writes once more, support: passed on
to technical support, printed and handed: what was asked for on paper."""


class Ticket(Base):
    """Somebody asks the people who look after the journal (CTL-16, MRK-15, CTL-19). `kind`: consult · improve · print · broken;
    `state`: new · answered · printed · closed. What was said and done since are its TicketSteps."""

    kind = CharField(8)
    text = CharField(1000)
    page = CharField(300, default="", help_text="path of the page it is about")
    asked_by = to(Person, "tickets")
    asked_at = Moment()
    state = CharField(8, default="new")
    since = Moment(help_text="when it came into this state")
    answered_at = Moment(null=True, help_text="of the first answer, or when it was printed")

    class Meta:
        indexes = ((("state", "since"), False),)

    @classmethod
    def ask(cls, by: Actor, kind: str, text: str, page: str = ""):
        """A new one; Refused without words."""
        text = _said_something(text, "text")
        with writing(by):
            return cls.create(kind=kind, text=text, page=page[:300], asked_by=by.person, asked_at=by.at, since=by.at)

    def step(self, by: Actor, what: str, text: str = "") -> None:
        """One of TICKET_STEPS; Refused when it does not follow the state, and when words are missing."""
        before, after = TICKET_STEPS[what]
        if self.state not in before or what in ("printed", "handed") and self.kind != "print":
            raise Refused(Text(N_("Somebody has gone on with this request meanwhile. Look at it once more.")))
        text = _said_something(text, "text") if what in ("answer", "more", "support") else text.strip()[:1000]
        with writing(by):
            TicketStep.create(ticket=self, what=what, text=text, by=by.person, at=by.at)
            if after:
                self.state, self.since = after, by.at
            if what in ("answer", "printed") and self.answered_at is None:
                self.answered_at = by.at
            self.save(only=[Ticket.state, Ticket.since, Ticket.answered_at])

    @classmethod
    def listed(cls):
        """With who asked; what waits for an answer first and the oldest of it, then the newest."""
        waits = Case(None, [(cls.state == "new", 0)], 1)
        return cls.select(cls, Person).join(Person).order_by(waits, Case(None, [(cls.state == "new", cls.id)], cls.id * -1))


class TicketStep(Base):
    """What happened to a ticket (TICKET_STEPS): words or the contact of support, who, when; `by` none = closed by itself."""

    ticket = to(Ticket, "steps")
    what = CharField(8)
    text = CharField(1000, default="")
    by = to(Person, "ticket_steps", null=True)
    at = Moment()

    @classmethod
    def of(cls, ticket: Ticket):
        return cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER).where(cls.ticket == ticket).order_by(cls.id)


PAPER_KINDS = {"rules": N_("regulation"), "order": N_("order"), "guide": N_("instruction"), "other": N_("other document")}
GUIDES_FOR = {"STU": N_("for pupils"), "PAR": N_("for parents"), "T": N_("for teachers")}


class Paper(Base):
    """A normative document or an instruction (LEG-11, LEG-12): drawn up, approved by an order, published for everybody, withdrawn.

    Its words are `text`, a file (contents under the SHA-256 in the instance folder), or both. An instruction `whom` (GUIDES_FOR) it is
    for takes the place of the one published before."""

    kind = CharField(8)
    whom = CharField(4, default="")
    title = CharField(300)
    text = TextField(default="")
    file_name = CharField(200, default="")
    digest = CharField(64, default="")
    mime = CharField(100, default="")
    drawn_by = to(Person, "papers_drawn")
    drawn_at = Moment()
    order_no = CharField(100, default="")
    order_date = DateField(null=True)
    approved_by = to(Person, "papers_approved", null=True)
    approved_at = Moment(null=True)
    published_by = to(Person, "papers_published", null=True)
    published_at = Moment(null=True)
    ended_by = to(Person, "papers_ended", null=True)
    ended_at = Moment(null=True)

    @property
    def state(self) -> str:
        return ("ended" if self.ended_at else "published" if self.published_at else "approved" if self.approved_at else "draft")

    @classmethod
    def draw(cls, by: Actor, **values):
        """A draft: kind, whom, title, text, and of a file file_name, digest, mime. Refused without a title or contents."""
        row = cls(drawn_by=by.person, drawn_at=by.at)
        row.change(by, **values)
        return row

    def change(self, by: Actor, **values) -> None:
        """A draft is written anew; what is approved stays as it was approved."""
        if self.approved_at:
            raise Refused(Text(N_("An approved document is not changed. Draw up a new one; it takes the place of this one.")))
        for name, value in values.items():
            setattr(self, name, value)
        self.title = _said_something(self.title, "title")[:300]
        if not (self.text.strip() or self.digest):
            raise Refused(Text(N_("Write the text of the document or attach a file")), "text")
        with writing(by):
            self.save()

    def approve(self, by: Actor, order_no: str, order_date: date | None) -> None:
        """By an order with its number and date."""
        if self.approved_at:
            raise Refused(Text(N_("This document is approved already")))
        if not order_no.strip() or order_date is None:
            raise Refused(Text(N_("Write the number and the date of the order")), "order_no")
        self._write(by, order_no=order_no.strip()[:100], order_date=order_date, approved_by=by.person, approved_at=by.at)

    def publish(self, by: Actor) -> None:
        """For everybody, without a sign-in; the instruction for the same people published before ends."""
        if not self.approved_at or self.published_at:
            raise Refused(Text(N_("A document is published once, after it was approved")))
        with writing(by):
            if self.whom:
                Paper.update(ended_by=by.person, ended_at=by.at).where(
                    (Paper.whom == self.whom) & Paper.published_at.is_null(False) & Paper.ended_at.is_null()).execute()
            self._write(by, published_by=by.person, published_at=by.at)

    def withdraw(self, by: Actor) -> None:
        if self.ended_at:
            raise Refused(Text(N_("This document is withdrawn already")))
        self._write(by, ended_by=by.person, ended_at=by.at)

    def _write(self, by: Actor, **values) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        with writing(by):
            self.save(only=list(values))

    @classmethod
    def standing(cls):
        """Published and not withdrawn, by kind, the newest first."""
        return cls.select().where(cls.published_at.is_null(False) & cls.ended_at.is_null()).order_by(cls.kind.desc(), cls.id.desc())


class Resource(Base):
    """A link to an educational resource elsewhere (CTL-20, ACC-18): of a subject, of a grade, for staff or families alone."""

    title = CharField(200)
    url = CharField(1000)
    note = CharField(300, default="")
    subject = to(Subject, "resources", null=True)
    grade = IntegerField(null=True)
    whom = CharField(6, default="", help_text="staff · family · none = everybody")

    @classmethod
    def put(cls, by: Actor, title: str, url: str, **values):
        """A new link; Refused without a title."""
        title = _said_something(title, "title")[:200]
        with writing(by):
            return cls.create(title=title, url=url, **values)

    def drop(self, by: Actor) -> None:
        with writing(by):
            self.delete_instance()


class Outage(Base):
    """A time in which the journal did not work, with cause and what was done (PLN-07), or `planned` work told in advance (ACC-11).
    `state`: proposed (the server found by itself that it was down) · kept · dropped (it was switched off on purpose, or called off)."""

    planned = BooleanField(default=False)
    state = CharField(8, default="kept")
    starts = Moment()
    ends = Moment(null=True, help_text="none = still going on")
    cause = CharField(300, default="")
    measures = CharField(1000, default="")
    noted_by = to(Person, "outages", null=True)
    noted_at = Moment()

    @classmethod
    def note(cls, by: Actor, **values):
        """A new entry: planned, starts, ends, cause, measures. Refused as by `settle`."""
        row = cls()
        row.settle(by, **values)
        return row

    def settle(self, by: Actor, **values) -> None:
        """Kept with these values by whoever writes. Refused without a cause, and when the end comes before the beginning."""
        for name, value in values.items():
            setattr(self, name, value)
        self.cause = _said_something(self.cause, "cause")[:300]
        if self.planned and self.ends is None or self.ends is not None and self.ends <= self.starts:
            raise Refused(Text(N_("The end comes after the beginning")), "ends")
        if not self.planned and self.starts > by.at:
            raise Refused(Text(N_("This is still ahead: announce it as planned work")), "starts")
        self.state, self.noted_by, self.noted_at = "kept", by.person, by.at
        with writing(by):
            self.save()

    @classmethod
    def propose(cls, by: Actor, starts: datetime, ends: datetime):
        """The server was down from a moment to a moment."""
        with writing(by):
            return cls.create(state="proposed", starts=starts, ends=ends, noted_at=by.at)

    def drop(self, by: Actor) -> None:
        """Switched off on purpose, or planned work that is called off."""
        with writing(by):
            self.state, self.noted_by, self.noted_at = "dropped", by.person, by.at
            self.save(only=[Outage.state, Outage.noted_by, Outage.noted_at])

    @classmethod
    def register(cls, since: datetime):
        """Since a moment, with who wrote it; the newest first, without what was dropped."""
        return cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER).where(
            (cls.state != "dropped") & (cls.starts >= since)).order_by(cls.starts.desc(), cls.id.desc())


# ---- people: portfolio ----

PORTFOLIO_KINDS = {"award": N_("award"), "course": N_("training"), "work": N_("publication or work"), "event": N_("event"),
                   "other": N_("other")}


class PortfolioItem(Base):
    """Something that a member of staff keeps in the own portfolio: an achievement with words, a day, a file or a link (ACC-16).
    Nobody else sees it but those it is shared with."""

    person = to(Person, "portfolio")
    kind = CharField(10, default="other")
    title = CharField(200)
    text = CharField(2000, default="")
    day = DateField(null=True)
    name = CharField(200, default="")
    url = CharField(1000, default="")
    digest = CharField(64, default="")
    size = IntegerField(default=0)
    mime = CharField(100, default="")

    @classmethod
    def put(cls, by: Actor, item: "PortfolioItem | None", readers, **values) -> "PortfolioItem":
        """Write a new item of the actor, or an own one anew, with exactly these readers (ids). Refused without a title."""
        if not values.get("title", "").strip():
            raise Refused(Text(N_("Write a few words")), "title")
        with writing(by):
            item = item or cls(person=by.person)
            for name, value in values.items():
                setattr(item, name, value)
            item.save()
            standing = {person for person, in PortfolioReader.select(PortfolioReader.person).where(PortfolioReader.item == item).tuples()}
            wanted = set(readers) - {item.person_id}
            gone = PortfolioReader.person.in_(list(standing - wanted))
            if standing - wanted:
                PortfolioReader.delete().where((PortfolioReader.item == item) & gone).execute()
            if wanted - standing:
                PortfolioReader.insert_many([{"item": item.id, "person": person} for person in sorted(wanted - standing)]).execute()
        return item

    def drop(self, by: Actor) -> None:
        with writing(by):
            PortfolioReader.delete().where(PortfolioReader.item == self).execute()
            self.delete_instance()


class PortfolioReader(Base):
    """Somebody an item of a portfolio is shared with."""

    item = to(PortfolioItem, "readers", on_delete="CASCADE")
    person = to(Person, "portfolio_read")

    class Meta:
        indexes = ((("item", "person"), True), (("person",), False))


# ---- talk: messages, announcements ----

# Whom a message or an announcement to many is for.
WHOM = {"families": N_("parents and pupils"), "parents": N_("parents"), "pupils": N_("pupils"), "staff": N_("staff"),
        "all": N_("everybody")}


def audience(day: date, whom: str, school_class=None, course=None, grade: int | None = None):
    """Those people (ids, as a query) on a day: `whom` of WHOM, in a class, a course, a parallel, or without any of them at the school.
    Staff is always the staff of the whole school."""
    pupils = Enrolment.on(day).select(Enrolment.pupil)
    if course is not None:
        pupils = Membership.on(day).where(Membership.unit == course.unit_id).select(Membership.pupil)
    elif school_class is not None:
        pupils = pupils.where(Enrolment.school_class == school_class)
    elif grade:
        pupils = pupils.join(SchoolClass).where(SchoolClass.grade == grade)
    ways = []
    if whom in ("families", "parents", "all"):
        ways.append(Person.id.in_(Guardianship.on(day).where(Guardianship.pupil.in_(pupils)).select(Guardianship.guardian)))
    if whom in ("families", "pupils", "all"):
        ways.append(Person.id.in_(Pupil.select(Pupil.person).where(Pupil.id.in_(pupils))))
    if whom in ("staff", "all"):
        ways.append(Person.id.in_(Employee.select(Employee.person).where(Employee.left.is_null() | (Employee.left >= day))))
    return Person.select(Person.id).where(reduce(or_, ways))


class Conversation(Base):
    """What people write to each other: two people, or one to the families of a class or a course, or to the staff (ACC-14).

    `person` is the addressee of a message to one; `whom` (WHOM) says whom one to many is for. In a `discussion` everybody reads every
    answer; otherwise who answers starts a conversation of two with the author, which names what it `answers`. `pupil` and `lesson` are
    what it is about."""

    author = to(Person, "conversations")
    person = to(Person, "conversations_with", null=True)
    school_class = to(SchoolClass, "conversations", null=True)
    course = to(Course, "conversations", null=True)
    whom = CharField(10, default="")
    discussion = BooleanField(default=False)
    answers = to("self", "answered_in", null=True)
    pupil = to(Pupil, "conversations", null=True)
    lesson = to(Lesson, "conversations", null=True, on_delete="SET NULL")
    at = Moment()

    class Meta:
        indexes = ((("author",), False),)

    @classmethod
    def start(cls, by: Actor, text: str, people, **about):
        """A conversation with its first message to these people (ids); `about`: the further columns. Refused without words."""
        text = _message(text)
        with writing(by):
            conversation = cls.create(author=by.person, at=by.at, **about)
            conversation.say(by, text, people)
            return conversation

    def say(self, by: Actor, text: str, people) -> None:
        """A further message to these people (ids), the author aside."""
        text = _message(text)
        with writing(by):
            message = Message.create(conversation=self, author=by.person, text=text, digest=digest_of(text), at=by.at)
            rows = [{"message": message, "person": person} for person in sorted(set(people) - {by.person})]
            for part in chunked(rows, 200):
                Receipt.insert_many(part).execute()

    def people(self) -> set[int]:
        """Everybody (ids) who is in it: the author and those whom the first message went to."""
        first = Message.select(fn.MIN(Message.id)).where(Message.conversation == self.id)
        return {self.author_id, *(person for person, in Receipt.select(Receipt.person).where(Receipt.message == first).tuples())}

    @classmethod
    def listed(cls, among, person: int):
        """The conversations of the query `among` with whom and what they are about, their last message in `last`, and `unread`: how many
        messages in it the person has not read. The newest first."""
        outer, author, addressee, ward, later = JOIN.LEFT_OUTER, Person.alias(), Person.alias(), Person.alias(), Message.alias()
        newest = later.select(fn.MAX(later.id)).where(later.conversation == cls.id)
        unread = Receipt.select(fn.COUNT(Receipt.id)).join(later).where(
            (later.conversation == cls.id) & (Receipt.person == person) & Receipt.read_at.is_null())
        return among.select(cls, Message, author, addressee, SchoolClass, Course, Unit, Subject, Pupil, ward, Lesson,
                            unread.alias("unread")).join(Message, on=(Message.id == newest), attr="last").join_from(
            cls, author, on=(cls.author == author.id), attr="author").join_from(
            cls, addressee, outer, on=(cls.person == addressee.id), attr="person").join_from(
            cls, SchoolClass, outer, on=(cls.school_class == SchoolClass.id), attr="school_class").join_from(
            cls, Course, outer, on=(cls.course == Course.id), attr="course").join(Unit, outer).join_from(Course, Subject, outer).join_from(
            cls, Pupil, outer, on=(cls.pupil == Pupil.id), attr="pupil").join(
            ward, outer, on=(Pupil.person == ward.id), attr="person").join_from(
            cls, Lesson, outer, on=(cls.lesson == Lesson.id), attr="lesson").order_by(Message.id.desc())

    def other(self, person: int) -> int:
        """Who reads what the person writes in a conversation of two; in one of many its author. An id."""
        return self.person_id if person == self.author_id else self.author_id


class Message(Base):
    """What somebody wrote. Nobody changes or deletes it. Who does not take part does not read it, in the history either: that keeps its
    digest, and `verify` holds the words against it."""

    secret = ("text",)
    conversation = to(Conversation, "messages")
    author = to(Person, "messages")
    text = TextField()
    digest = CharField(64)
    at = Moment()

    class Meta:
        indexes = ((("conversation",), False), (("author", "at"), False))

    @classmethod
    def since(cls, person: int, moment: datetime) -> int:
        """How many the person has written since a moment."""
        return cls.select().where((cls.author == person) & (cls.at > moment)).count()

    @classmethod
    def same(cls, by: Actor, text: str, where):
        """The conversation (among those of the condition `where`) into which the same was written within the last minute: a form that
        was sent twice; None otherwise."""
        return Conversation.select().join(cls).where(
            (cls.author == by.person) & (cls.digest == digest_of(_message(text))) & (cls.at > by.at - timedelta(minutes=1)) & where).first()

    @classmethod
    def changed(cls) -> int | None:
        """The first message whose words are not those of its digest."""
        return next((number for number, text, digest in cls.select(cls.id, cls.text, cls.digest).order_by(cls.id).tuples().iterator()
                     if digest_of(text) != digest), None)

    @classmethod
    def tally(cls, since: datetime):
        """(how many messages, by how many people) since a moment: all that an administrator learns of them."""
        return cls.select(fn.COUNT(cls.id), fn.COUNT(cls.author.distinct())).where(cls.at > since).tuples().get()


class Receipt(Base):
    """To whom a message went, and when it was read."""

    message = to(Message, "receipts")
    person = to(Person, "receipts")
    read_at = Moment(null=True)

    class Meta:
        indexes = ((("message", "person"), True), (("person", "read_at"), False))

    @classmethod
    def read(cls, by: Actor, conversation: Conversation) -> None:
        """Everything in the conversation is read by the person; what was read before keeps its moment."""
        within = Message.select(Message.id).where(Message.conversation == conversation)
        with writing(by):
            cls.update(read_at=by.at).where(cls.message.in_(within) & (cls.person == by.person) & cls.read_at.is_null()).execute()

    @classmethod
    def of_messages(cls, messages):
        """Receipts of these messages (ids) with the people, by the alphabet."""
        return cls.select(cls, Person).join(Person).where(cls.message.in_(list(messages))).order_by(Person.sort)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


LONGEST_MESSAGE = 3000


def _message(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(Text(N_("Write a few words")), "text")
    if len(text) > LONGEST_MESSAGE:
        raise Refused(Text(N_("The message is too long: at most %(n)s signs. Send it in two parts."), n=LONGEST_MESSAGE), "text")
    return text


class Announcement(Base):
    """What is told from a day to a day to `whom` (WHOM) in a class, a course, a parallel (`grade`), or the whole school (ACC-15)."""

    author = to(Person, "announcements")
    school_class = to(SchoolClass, "announcements", null=True)
    course = to(Course, "announcements", null=True)
    grade = IntegerField(null=True)
    whom = CharField(10)
    text = CharField(2000)
    starts = DateField()
    ends = DateField()
    at = Moment()
    withdrawn_at = Moment(null=True)

    class Meta:
        indexes = ((("ends", "starts"), False),)

    @classmethod
    def on(cls, day: date):
        """Those that stand on the board on a day."""
        return cls.select().where((cls.starts <= day) & (cls.ends >= day) & cls.withdrawn_at.is_null())

    @classmethod
    def put_up(cls, by: Actor, text: str, whom: str, starts: date, ends: date, **place):
        """A new one; `place`: school_class, course or grade. Refused without words, or with days that have passed."""
        if not text.strip():
            raise Refused(Text(N_("Write a few words")), "text")
        if ends < max(starts, by.day):
            raise Refused(Text(N_("The last day has passed already, or lies before the first one.")), "ends")
        with writing(by):
            return cls.create(author=by.person, text=text.strip()[:2000], whom=whom, starts=starts, ends=ends, at=by.at, **place)

    def withdraw(self, by: Actor) -> None:
        """It does not hold any more: nobody sees it on the board, the list keeps it."""
        self.withdrawn_at = by.at
        with writing(by):
            self.save(only=[Announcement.withdrawn_at])

    @classmethod
    def listed(cls, among, person: int):
        """Those of the query `among` with author and place, how many have read them in `readers`, and whether the person has in `mine`;
        those that stand longest come first."""
        reading = AnnouncementReading.alias()
        readers = reading.select(fn.COUNT(reading.id)).where(reading.announcement == cls.id)
        return among.select(cls, Person, SchoolClass, Course, Unit, Subject, readers.alias("readers"),
                            readers.where(reading.person == person).alias("mine")).join(Person).join_from(
            cls, SchoolClass, JOIN.LEFT_OUTER, on=(cls.school_class == SchoolClass.id), attr="school_class").join_from(
            cls, Course, JOIN.LEFT_OUTER, on=(cls.course == Course.id), attr="course").join(Unit, JOIN.LEFT_OUTER).join_from(
            Course, Subject, JOIN.LEFT_OUTER).order_by(cls.withdrawn_at.is_null().desc(), cls.ends.desc(), cls.id.desc())


class AnnouncementReading(Base):
    """Somebody has read an announcement; it leaves that person's first page."""

    announcement = to(Announcement, "readings")
    person = to(Person, "announcement_readings")
    at = Moment()

    class Meta:
        indexes = ((("announcement", "person"), True),)

    @classmethod
    def note(cls, by: Actor, announcement: Announcement) -> None:
        with writing(by):
            if not cls.select().where((cls.announcement == announcement) & (cls.person == by.person)).exists():
                cls.create(announcement=announcement, person=by.person, at=by.at)

    @classmethod
    def of(cls, announcement: Announcement):
        """Who has read it and when, by the alphabet."""
        return cls.select(cls, Person).join(Person).where(cls.announcement == announcement).order_by(Person.sort)


# ---- control: alerts about pupils ----

ALERTS = ("failing", "absence")
TELLINGS = ("notice", "talk", "phone", "diary", "paper")
"""How somebody was told of an alert: by a notice of the journal, in person, by telephone, in the diary, by a letter."""


class PupilAlert(Base):
    """A pupil whom the class teacher and the parents should be told of (ATT-08): the average of the running period fell below a «3»
    («failing»), or three more lessons of the subject were missed without a valid reason («absence»).

    `lessons` are those missed lessons (ids): each counts for one alert only. `recovered_at`: since when the average is not below any
    more; until then there is no second alert of the period."""

    pupil = to(Pupil, "alerts")
    course = to(Course, "alerts")
    kind = CharField(8)
    period = to(Period, "alerts", null=True)
    made_at = Moment()
    average = CharField(10, default="")
    marks = IntegerField(default=0)
    lessons = JSONField(default=list)
    clause = CharField(40, default="")
    recovered_at = Moment(null=True)

    class Meta:
        indexes = ((("course", "kind"), False), (("pupil",), False))

    @classmethod
    def make(cls, by: Actor, rows: list[dict]) -> None:
        """New alerts, by field name; one statement."""
        if rows:
            with writing(by):
                cls.insert_many([{**row, "made_at": by.at} for row in rows]).execute()

    @classmethod
    def recover(cls, by: Actor, ids) -> None:
        """The averages behind these alerts (ids) are not below any more."""
        with writing(by):
            cls.update(recovered_at=by.at).where(cls.id.in_(list(ids))).execute()

    @classmethod
    def untold(cls):
        """Alerts that still have to be passed on: nobody of the two was told of them, or only one; a pupil who has recovered by then needs
        no message. `told` is how many of the two were."""
        told = AlertTold.select(fn.COUNT(AlertTold.whom.distinct())).where(AlertTold.alert == cls.id)
        return cls.select().where(cls.recovered_at.is_null() & (told < len(TOLD_OF_ALERT)))


TOLD_OF_ALERT = ("CT", "PAR")


class AlertTold(Base):
    """The class teacher or the parents were told of an alert: how, on which day, by whom it is noted (ATT-08)."""

    alert = to(PupilAlert, "tellings")
    whom = CharField(3, help_text="CT · PAR")
    how = CharField(8)
    day = DateField()
    person = to(Person, "told_alerts")
    at = Moment()
    note = CharField(300, default="")

    class Meta:
        indexes = ((("alert", "whom"), True),)

    @classmethod
    def note_down(cls, by: Actor, alert, whom: str, how: str, day: date, note: str = "") -> None:
        """They were told; who says it again corrects what was noted."""
        values = {"how": how, "day": day, "person": by.person, "at": by.at, "note": note.strip()[:300]}
        with writing(by):
            cls.insert(alert=alert, whom=whom, **values).on_conflict(
                conflict_target=["alert_id", "whom"],
                preserve=["person_id" if name == "person" else name for name in values]).execute()


# ---- control: reports of use, backups ----

class ActivityReport(Base):
    """The report of users' activity of a month as it was made: one file of each kind, kept under its SHA-256 and never made anew
    (CTL-04). `made_at` says truthfully when."""

    first = DateField(unique=True)
    last = DateField()
    made_at = Moment()
    pdf = CharField(64)
    xlsx = CharField(64)

    @classmethod
    def keep(cls, by: Actor, first: date, last: date, pdf: str, xlsx: str) -> None:
        """The report of these days; what was made before stays as it is."""
        with writing(by):
            cls.insert(first=first, last=last, made_at=by.at, pdf=pdf, xlsx=xlsx).on_conflict_ignore().execute()


class Backup(Base):
    """The register of backups (ARC-01, ARC-02): a file that the program wrote, or a copy on a medium that somebody put aside."""

    at = Moment()
    who = CharField(200)
    person = to(Person, "backups", null=True)
    medium = CharField(100, default="", help_text="number or name of the physical medium; empty = a file")
    day = DateField(help_text="of which day the copy is")
    file = CharField(300, default="")
    size = BigIntegerField(default=0)
    digest = CharField(64, default="", help_text="SHA-256 of the file")
    note = CharField(300, default="")

    @classmethod
    def made(cls, by: Actor, file: str, size: int, digest: str):
        """The program wrote a backup."""
        with writing(by):
            return cls.create(at=by.at, who=by.who[:200], person=by.person, day=by.day, file=file[:300], size=size, digest=digest)

    @classmethod
    def put_aside(cls, by: Actor, medium: str, day: date, note: str = ""):
        """Somebody says that a copy of the day lies on a physical medium. Refused without its name, or for a day to come."""
        if not medium.strip():
            raise Refused(Text(N_("Name the medium: its number or what is written on it")), "medium")
        if day > by.day:
            raise Refused(Text(N_("This day is still to come")), "day")
        with writing(by):
            return cls.create(at=by.at, who=by.who[:200], person=by.person, day=day, medium=medium.strip()[:100], note=note.strip()[:300])

    @classmethod
    def last_days(cls) -> tuple[date | None, date | None]:
        """The days of the last file and of the last copy on a medium."""
        found = dict(cls.select(Case(None, [(cls.medium == "", 0)], 1), fn.MAX(cls.day)).group_by(SQL("1")).tuples())
        return found.get(0), found.get(1)


# ---- control: breach of confidentiality ----

BREACH_KINDS = ("passed", "lost", "foreign", "leak", "other")
"""How the secret got out: told to somebody, lost or read by somebody, a strange sign-in, data got out, something else."""
TOLD = ("head", "support", "incident", "inquiry")
"""Who has to be told: the head, technical support; the state's regulator of the incident and of the inquiry's result (LAW-04)."""


class Breach(Base):
    """A report of a breach of confidentiality and what became of it (F-30a; SEC-11 … SEC-13). Its id is its number."""

    reported_at = Moment()
    reported_by = to(Person, "reported_breaches", null=True, help_text="none = somebody who was not signed in")
    reporter = CharField(200, help_text="as the report names them")
    role = CharField(100, default="")
    contact = CharField(200, default="")
    said_account = CharField(100, default="", help_text="the account as the report names it")
    account = to(Account, "breaches", null=True)
    discovered_at = Moment()
    began_at = Moment(null=True, help_text="since when somebody else may have used the account")
    began_known = BooleanField(default=False, help_text="known, not only assumed")
    kind = CharField(10, default="other")
    story = CharField(2000)
    data = CharField(1000, default="", help_text="what became known")
    measures = CharField(1000, default="", help_text="what was done at once")
    personal = BooleanField(default=False, help_text="personal data of people got out (LAW-04)")
    regulation = IntegerField(null=True, help_text="RegulationVersion by which it is handled")
    confirmed_at = Moment(null=True)
    confirmed_by = to(Person, "confirmed_breaches", null=True)
    declined_at = Moment(null=True)
    declined_by = to(Person, "declined_breaches", null=True)
    decline_reason = CharField(300, default="")
    restored_at = Moment(null=True, help_text="new credentials were issued")
    restored_by = to(Person, "restored_breaches", null=True)
    suspended_by = IntegerField(null=True, help_text="the act that took the operations back")

    class Meta:
        indexes = ((("account", "restored_at"), False),)

    @classmethod
    def whole(cls):
        """Cases with account, its owner, and the act (`paper`, none where there is none); the newest first."""
        outer = JOIN.LEFT_OUTER
        return (cls.select(cls, Account, Person, BreachAct).join(Account, outer).join(Person, outer)
                .join_from(cls, BreachAct, outer, on=(BreachAct.breach == cls.id), attr="paper").order_by(cls.id.desc()))

    @classmethod
    def holding(cls, account):
        """Those that keep this account shut."""
        return cls.standing().where(cls.account == account)

    @classmethod
    def standing(cls):
        """Cases that keep an account shut: confirmed, not declined, without new credentials yet."""
        return cls.select().where(cls.confirmed_at.is_null(False) & cls.declined_at.is_null() & cls.restored_at.is_null()
                                  & cls.account.is_null(False))

    def write(self, by: Actor, why: str = "", **values) -> None:
        """Write columns of the case."""
        for name, value in values.items():
            setattr(self, name, value)
        with writing(by, why):
            self.save(only=list(values))

    def own_acts(self) -> set[int]:
        """The acts in which this case was handled."""
        rows = History.select(History.act).where((History.tbl == "breach") & (History.row_id == self.id)).distinct()
        return {act for act, in rows.tuples()}


class BreachNotice(Base):
    """Somebody was told of a breach (TOLD): when they learned of it, who registered that, and whether it was in time (SEC-11,
    SEC-12, LAW-04)."""

    breach = to(Breach, "notices")
    whom = CharField(10)
    told_at = Moment()
    paper = CharField(100, default="", help_text="number of the letter to the regulator")
    late = BooleanField(default=False)
    clause = CharField(40, default="")
    registered_at = Moment()
    registered_by = to(Person, "registered_breach_notices", null=True)

    class Meta:
        indexes = ((("breach", "whom"), True),)

    @classmethod
    def put(cls, by: Actor, breach: Breach, whom: str, **values) -> None:
        """Register when somebody was told, in place of what was registered before."""
        values |= {"registered_at": by.at, "registered_by": by.person}
        with writing(by):
            cls.insert(breach=breach, whom=whom, **values).on_conflict(
                conflict_target=["breach_id", "whom"], preserve=[*(name for name in values if name != "registered_by"),
                                                                 "registered_by_id"]).execute()


class BreachOperation(Base):
    """An operation of the affected account as the act lists it (F-30b): one change of the journal, what it changed, and what is to
    become of it. Kept in words, since the act stays true when lessons and people are gone.

    `phase` after: since both were told; before: from the beginning of the breach until then, to be reviewed. `state` undone: taken back ·
    stands: somebody changed the cell later · hand: no cell of the journal, to be put right by hand · review."""

    breach = to(Breach, "operations")
    phase = CharField(6)
    act = IntegerField()
    at = Moment()
    what = CharField(20)
    subject = CharField(300, default="", help_text="class, subject, lesson, pupil")
    course = IntegerField(null=True)
    lesson = IntegerField(null=True)
    old = CharField(500, default="")
    new = CharField(500, default="")
    restored = CharField(500, default="", help_text="what stood once operations were taken back")
    state = CharField(6)
    link = CharField(200, default="", help_text="path of the page where a record other than a cell is mended")
    decision = CharField(5, default="", help_text="of an operation to be reviewed: kept · wrong · back (mended by hand)")
    decided_at = Moment(null=True)
    decided_by = to(Person, "breach_decisions", null=True)

    @classmethod
    def of_case(cls, breach: Breach):
        """The operations of a case in their order, each with who decided on it."""
        return cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER).where(cls.breach == breach).order_by(cls.at, cls.id)

    @classmethod
    def decide(cls, by: Actor, breach: Breach, ids, decision: str) -> int:
        """What became of operations that are reviewed or put right by hand; how many."""
        with writing(by):
            return cls.update(decision=decision, decided_at=by.at, decided_by=by.person).where(
                (cls.breach == breach) & cls.id.in_(list(ids)) & cls.state.in_(["review", "hand"])).execute()


class BreachAct(Base):
    """The act that fixes a breach of confidentiality (F-30b, SEC-14): drawn up, approved, its signed copy. The act of a case that is
    declined falls with it."""

    breach = to(Breach, "acts", unique=True)
    number = CharField(40)
    day = DateField()
    place = CharField(200, default="")
    order_no = CharField(100, default="", help_text="order that appoints the commission")
    chair = CharField(200)
    members = CharField(1000, help_text="one a line, at least two")
    findings = CharField(2000, default="")
    measures = CharField(1000, default="")
    drawn_at = Moment()
    drawn_by = to(Person, "drawn_breach_acts", null=True)
    approved_at = Moment(null=True)
    approved_by = to(Person, "approved_breach_acts", null=True)
    copy_name = CharField(200, default="")
    copy_digest = CharField(64, default="")
    copy_mime = CharField(100, default="")

    def write(self, by: Actor, why: str = "", **values) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        with writing(by, why):
            self.save(only=list(values))


# ---- records: history, sessions, logs ----

class ImportRun(Base):
    """One intake: its files, its findings, the act that applied it."""

    at = Moment()
    by_person = to(Person, "imports", null=True)
    files = JSONField()
    report = JSONField()
    act = IntegerField(null=True)
    undone_at = Moment(null=True)


class Act(Base):
    """A transaction that changed records; see history.py."""

    recorded = False

    seq = IntegerField(null=True, unique=True)
    at = CharField(40)
    person_id = IntegerField(null=True)
    account_id = IntegerField(null=True)
    who = CharField(300)
    via = CharField(20)
    address = CharField(60)
    why = CharField(500)
    seal = CharField(64, null=True)

    class Meta:
        indexes = ((("account_id", "at"), False), SQL("CREATE INDEX act_open ON act (id) WHERE seal IS NULL"))


class History(Base):
    """One change of one row; see history.py."""

    recorded = False

    id = AutoField()
    act = to(Act, "changes")
    tbl = CharField(60)
    row_id = BigIntegerField()
    op = CharField(1)
    old = TextField(null=True)
    new = TextField(null=True)

    class Meta:
        indexes = ((("tbl", "row_id"), False),)

    @classmethod
    def of_pupil(cls, pupil: int):
        """(table, row, first image) of every mark, absence and period mark the pupil ever had."""
        whose = SQL(_pupil_of_change()) == (pupil if is_sqlite() else str(pupil))
        return cls.select(cls.tbl, cls.row_id, cls.new).where(
            SQL("op = 'I' AND tbl IN ('mark', 'absence', 'period_mark')") & whose).order_by(cls.id)

    @classmethod
    def newest(cls) -> int:
        return cls.select(fn.MAX(cls.id)).scalar() or 0

    @classmethod
    def last_writers(cls, table: str, rows) -> dict[int, str]:
        """Row id → who changed it last, of these rows of a table."""
        changes = cls.select(cls.row_id, Act.who).join(Act).where((cls.tbl == table) & cls.row_id.in_(list(rows))).order_by(cls.id)
        return dict(changes.tuples())


class LoginSession(Base):
    """A signed-in device; its token is kept as a digest. `device` names the browser itself, whoever signs in there; `foreign`: signed
    in with «not my device», a short session that leaves nothing behind."""

    recorded = False

    account = to(Account, "sessions", on_delete="CASCADE")
    digest = CharField(64, unique=True)
    device = CharField(32, default="", index=True)
    created_at = Moment()
    seen_at = Moment()
    confirmed_at = Moment(help_text="the password was given last")
    address = CharField(60)
    agent = CharField(300)
    ended_at = Moment(null=True)
    locked = BooleanField(default=False)
    foreign = BooleanField(default=False)

    @classmethod
    def open_with(cls, digest: str):
        """The open session with this token, its account and person, or None; `owes`: the rules in force are not accepted yet,
        `overlaps`: so many sign-ins on a second device the owner has not looked at. One statement."""
        return next(iter(_open_session(digest)), None)


@prepared
def _open_session(digest):
    newest = ConfidentialityRules.select(fn.MAX(ConfidentialityRules.id))
    accepted = RulesAcceptance.select(RulesAcceptance.rules).where(RulesAcceptance.account == LoginSession.account)
    owes = ConfidentialityRules.select(fn.COUNT(ConfidentialityRules.id)).where(
        (ConfidentialityRules.id == newest) & ConfidentialityRules.id.not_in(accepted))
    overlaps = SignInOverlap.select(fn.COUNT(SignInOverlap.id)).where(
        (SignInOverlap.account == LoginSession.account) & SignInOverlap.seen_at.is_null())
    whole = LoginSession.select(LoginSession, Account, Person, owes.alias("owes"), overlaps.alias("overlaps"))
    return whole.join(Account).join(Person).where(
        LoginSession.ended_at.is_null() & (LoginSession.digest == digest))


class LoginFailure(Base):
    """Failed sign-ins by account or address, for throttling."""

    recorded = False

    key = CharField(120, unique=True)
    failures = IntegerField(default=0)
    last_at = Moment()
    until = Moment(null=True)


class AccessRecord(Base):
    """Staff looked at a pupil's record (SEC-16)."""

    recorded = False

    at = Moment(index=True)
    person = to(Person, "accesses", on_delete="CASCADE")
    page = CharField(60)
    pupil_id = IntegerField(null=True, index=True)
    unit_id = IntegerField(null=True)


class UseDay(Base):
    """A part of the journal that an account opened on a day, however often (CTL-13): a word of rulebook.activity.PARTS."""

    recorded = False

    account = to(Account, "uses", on_delete="CASCADE")
    day = DateField()
    part = CharField(12)

    class Meta:
        indexes = ((("account", "day", "part"), True), (("day",), False))


TABLES = [School, Year, PeriodSet, Period, Room, BellSet, Bell, Subject, SchoolClass, BellUse, Holiday, Person, Account,
          Appointment, Employee, Pupil, Guardianship, Movement, Enrolment, SubgroupSet, Unit, UnitMember, CurriculumLine,
          Plan, PlanTopic, Course, PlanCorrection, PlanDate, Assignment, Timetable, Slot, WorkKind, KindWeight, AbsenceCode, MarkScale,
          Lesson, Work,
          CellKey, Protocol, Mark, Absence, Excuse, Remark, Homework, Attachment, Material, Substitution, ResultOrder, PeriodMark,
          Deferral, PeriodClosure, ResultHold, JournalSignature, Invitation, CredentialIssue, ConfidentialityRules,
          RulesAcceptance, SignInOverlap, Regulation,
          RegulationVersion, RegulationDraft, RegulationReading, ListRequest, Correction, CorrectionDecision, CorrectionCell, Notice,
          Confirmation, JournalRemark, Training, TrainingVisit, Conversation, Message, Receipt,
          Announcement, AnnouncementReading, Ticket, TicketStep, Paper, Resource, Outage, PortfolioItem,
          PortfolioReader, PupilAlert, AlertTold, ActivityReport, Backup,
          Breach, BreachNotice, BreachOperation, BreachAct, ImportRun, Act, History, LoginSession, LoginFailure, AccessRecord, UseDay]
