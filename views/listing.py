"""How a list is asked for: tables joined under names of their own, search without regard to case and ё, the order of the
Russian alphabet, filters. Rights and pages are views/base.py's.

A path leads from a table through foreign keys: «person.surname», «course.unit».
"""

import re
from collections import Counter
from datetime import date

from flask_admin.model.filters import BaseFilter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from peewee import JOIN, Asc, BooleanField, CharField, DateField, Desc, ForeignKeyField, TextField, fn

import clock
import models as m
from models import fold
from views.admin_words import NEEDS, choices, label, name_of, short_day

WORDS, LONGEST = 6, 100  # words of a search that count, letters of it
TOP = 2**31 - 1

# What a table is ordered by when a column that points to it is clicked; also the order of its rows in a select.
ORDER = {
    m.Person: ("sort", "id"), m.Pupil: ("person.sort", "id"), m.Employee: ("person.sort",), m.SchoolClass: ("year.starts", "sort"),
    m.Account: ("login",),
    m.Course: ("unit.school_class.sort", "unit.name", "subject.name"), m.Lesson: ("day", "number"), m.Period: ("starts", "number"),
    m.SubgroupSet: ("school_class.sort", "name"), m.PlanTopic: ("plan.name", "number"), m.WorkKind: ("position", "code"),
    m.Slot: ("weekday", "number"), m.Year: ("starts",), m.Subject: ("name",), m.Work: ("position",), m.Protocol: ("day",),
    m.Unit: ("school_class.sort", "name"), m.PeriodSet: ("year.starts", "name"), m.BellSet: ("name",), m.Timetable: ("starts",),
}
# What tells records of the same name apart.
APART = {m.SchoolClass: "year.name", m.Period: "period_set.name", m.PeriodSet: "year.name", m.Person: "birth", m.Pupil: "person.birth"}
_LETTERS = {"surname": "sort"}  # columns that have a key of the alphabet beside them
_AS_KEPT = {"sort", "search", "login", "code"}  # text whose own order is right


def field_of(model, path: str):
    """The field at the end of a path; AttributeError when there is none."""
    *steps, name = path.split(".")
    for step in steps:
        model = model._meta.fields[step].rel_model
    return model._meta.fields[name]


def parents(path: str) -> list[str]:
    """«a.b.c» → «a», «a.b»"""
    steps = path.split(".")[:-1]
    return [".".join(steps[:n + 1]) for n in range(len(steps))]


def joins_for(model, columns) -> set[str]:
    """Paths of the foreign keys that showing these columns needs."""
    needed = set()
    for path in columns:
        needed.update(parents(path))
        field = _try_field(model, path)
        if isinstance(field, ForeignKeyField):
            needed |= {path} | {f"{path}.{more}" for more in NEEDS.get(field.rel_model, ())}
    return needed | {parent for path in needed for parent in parents(path)}


def joined(query, paths):
    """The query with these foreign keys joined and selected; (query, {path: alias of its table})."""
    model = query.model
    aliases, columns, optional = {"": model}, [model], set()
    joins = []
    for path in sorted(paths, key=lambda p: p.count(".")):
        parent, _dot, name = path.rpartition(".")
        key = field_of(model, path)
        alias = aliases[path] = key.rel_model.alias()
        if key.null or parent in optional:
            optional.add(path)
        joins.append((aliases[parent], alias, JOIN.LEFT_OUTER if path in optional else JOIN.INNER, name))
        columns.append(alias)
    query = query.select(*columns)
    for source, alias, kind, name in joins:
        query = query.join_from(source, alias, kind, on=(getattr(source, name) == alias.id), attr=name)
    return query, aliases


def matching(model, paths, text: str):
    """The condition that every word of `text` stands in one of the columns; None for an empty text."""
    whole = None
    for word in fold(text[:LONGEST].replace("\x00", "")).split()[:WORDS]:
        either = None
        for here in _places_of(model, paths, word):
            either = here if either is None else either | here
        whole = either if whole is None else whole & either
    return whole


def _places_of(model, paths, word: str):
    """The conditions one word may fit; «17.12» and «17.12.2026» are a day where the table has one."""
    days = _days_of(word) if "day" in model._meta.fields else ()
    if days:
        yield model.day.in_(days)
    for path in paths:
        yield _reach(model, path, _contains(word))


def _days_of(word: str) -> list[date]:
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?\.?", word)
    if not found:
        return []
    years = [int(found[3])] if found[3] else [clock.today().year + more for more in (-1, 0, 1)]
    return [day for year in years if (day := _day(year, int(found[2]), int(found[1])))]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def order(query, aliases, path: str, desc: bool):
    """Terms of ORDER BY for a column, the primary key last so that pages never overlap."""
    key = query.model._meta.primary_key
    return [*(_term(query.model, aliases, step, desc) for step in _order_paths(query.model, path)),
            key.desc() if desc else key.asc()]


def order_joins(model, path: str) -> set[str]:
    """The joins `order` leans on."""
    return {parent for step in _order_paths(model, path) for parent in parents(step)}


def sortable(model, path: str) -> bool:
    return _try_field(model, path) is not None


def in_order(query):
    """The rows of a query in their own order, as selects and look-ups show them, with what their names need."""
    model = query.model
    own = _own_order(model)
    needs = NEEDS.get(model, ())
    paths = {*needs, *(parent for path in (*own, *needs, APART.get(model, "")) for parent in parents(path))}
    query, aliases = joined(query, paths)
    return query.order_by(*(_term(query.model, aliases, path) for path in own), model._meta.primary_key)


def named_apart(rows) -> list[tuple]:
    """(row, name) of rows `in_order`; those of the same name get what tells them apart."""
    rows = list(rows)
    names = [name_of(row) for row in rows]
    times = Counter(names)
    return [(row, f"{name} · {apart(row)}" if times[name] > 1 and apart(row) else name) for row, name in zip(rows, names, strict=True)]


def apart(row) -> str:
    """What tells a row from others of its name: a year, a date of birth."""
    value = row
    for step in APART.get(type(row), "").split("."):
        value = getattr(value, step) if step and value is not None else None
    return short_day(value) if isinstance(value, date) else str(value or "")


def _own_order(model) -> tuple:
    return ORDER.get(model, ("name",) if "name" in model._meta.fields else ("id",))


def _term(model, aliases, path: str, desc: bool = False):
    parent, _dot, name = path.rpartition(".")
    spoken = isinstance(field_of(model, path), CharField | TextField) and name not in _AS_KEPT
    return (Desc if desc else Asc)(getattr(aliases[parent], name), collation="ru" if spoken else None)


def _order_paths(model, path: str) -> list[str]:
    field = field_of(model, path)
    if isinstance(field, ForeignKeyField):
        return [f"{path}.{step}" for step in _own_order(field.rel_model) if step != "id"] or [path]
    parent, _dot, name = path.rpartition(".")
    other = _LETTERS.get(name)
    return [f"{parent}.{other}".lstrip(".")] if other else [path]


def _contains(word: str):
    return lambda column: (column if column.name == "search" else fn.fold(column)).contains(word)


def _reach(source, path: str, condition):
    """A condition on the column at the end of a path, without joining anything."""
    step, _dot, rest = path.partition(".")
    column = getattr(source, step)
    if not rest:
        return condition(column)
    model = getattr(source, "model", source)
    other = model._meta.fields[step].rel_model.alias()
    return column.in_(other.select(other.id).where(_reach(other, rest, condition)))


def _try_field(model, path):
    try:
        return field_of(model, path)
    except (KeyError, AttributeError):
        return None


# ---- filters ----

class Narrowing(BaseFilter):
    """A filter of a list, `flt_<key>=<value>` in the address. Kinds: `select` (of a few values), `date`."""

    kind = "select"

    def __init__(self, key: str, name, condition, options=None):
        super().__init__(name)
        self.key, self.condition, self.options = key, condition, options

    def clean(self, value: str):
        return value

    def values(self, screen) -> list[tuple[str, str]]:
        """(value, name) of each choice."""
        return [(str(value), str(name)) for value, name in (self.options(screen) if callable(self.options) else self.options)]

    def validate(self, value) -> bool:
        try:
            self.clean(value)
        except (ValueError, OverflowError):
            return False
        return True

    def apply(self, query, value):
        return query.where(self.condition(self.clean(value)))


class ByNumber(Narrowing):
    """The value is a whole number: an id or a value of an enumeration."""

    def clean(self, value):
        number = int(value)
        if not 0 <= number <= TOP:
            raise ValueError(value)
        return number


class ByRecord(ByNumber):
    """A foreign key to a table too long for a select: a link sets it, a chip shows it."""

    def __init__(self, key, name, condition, model):
        super().__init__(key, name, condition)
        self.model = model

    def values(self, screen):
        return []

    def chosen(self, screen, value) -> str:
        """The name of the record, or its number when it is not to be seen."""
        record = screen.find(self.model, value)
        return name_of(record) if record else _("No. %(n)s", n=value)


class ByFew(ByRecord):
    """A foreign key to a table that fits a select, in most schools."""

    def values(self, screen):
        return [(str(value), name) for value, name in screen.options(self.model)]


class ByDay(Narrowing):
    kind = "date"

    def clean(self, value):
        return date.fromisoformat(value)

    def values(self, screen):
        return []


class ByFlag(Narrowing):
    def clean(self, value):
        return {"1": True, "0": False}[value] if value in ("0", "1") else int("x")

    def values(self, screen):
        return [("1", _("yes")), ("0", _("no"))]


MOST_OPTIONS = 150  # of a select
LONG = {m.Person, m.Pupil, m.Course, m.Lesson, m.PlanTopic, m.Unit, m.Plan, m.Slot, m.Account, m.Protocol, m.Work}


def narrowings(model, path: str) -> list[Narrowing]:
    """The filters a column offers."""
    field, name, key = field_of(model, path), label(model, path), path.replace(".", "_")
    if isinstance(field, DateField):
        return [ByDay(f"{key}_from", N_("%(column)s, from", column=name), lambda v: _reach(model, path, lambda c: c >= v)),
                ByDay(f"{key}_to", N_("%(column)s, to", column=name), lambda v: _reach(model, path, lambda c: c <= v))]

    def equal(value):
        return _reach(model, path, lambda column: column == value)

    if isinstance(field, ForeignKeyField):
        return [(ByRecord if field.rel_model in LONG else ByFew)(key, name, equal, field.rel_model)]
    if isinstance(field, BooleanField):
        return [ByFlag(key, name, equal)]
    *_steps, column = path.split(".")
    values = choices(field.model, column)
    kind = Narrowing if isinstance(field, CharField) else ByNumber
    return [kind(key, name, equal, lambda screen: choices(field.model, column) if values else screen.distinct(path))]
