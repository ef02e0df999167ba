"""Rows wanted against rows that stand: what is missing is made in bulk, what differs is changed, the rest is left alone."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from peewee import ForeignKeyField

from exchange.intake.school import Place

CHUNK = 200


@dataclass
class Item:
    """One line of the preview: `action` create or change, the table, the row in words, where it was read, what changes."""

    action: str
    table: str
    label: str
    place: Place | None
    changes: dict = field(default_factory=dict)


@dataclass
class Wanted:
    """A row as the files want it: values by field name (foreign keys as ids), the row in words, its place."""

    values: dict
    label: str = ""
    place: Place | None = None


class Ledger:
    """What an intake made and changed, in order."""

    def __init__(self):
        self.items = []

    def counts(self):
        """{(action, table): number}"""
        counted = defaultdict(int)
        for item in self.items:
            counted[item.action, item.table] += 1
        return dict(counted)

    def sync(self, model, key, wanted, within=None, update=True):
        """
        Makes missing rows and changes differing ones (not with `update=False`); `key` are field names that tell rows apart,
        `within` narrows the standing rows. Empty values never overwrite. Returns {key: id} of the wanted rows.
        """
        standing = {_key(row, key): row for row in (model.select().where(within) if within is not None else model.select())}
        new = {}
        for row in wanted:
            row_key = tuple(row.values[name] for name in key)
            if row_key in standing:
                if update:
                    self.change(standing[row_key], row)
            else:
                new.setdefault(row_key, row)
        made = dict(zip(new, self.make(model, list(new.values())), strict=True))
        return {tuple(row.values[name] for name in key): _id(standing, made, tuple(row.values[name] for name in key))
                for row in wanted}

    def make(self, model, rows):
        """Inserts rows in bulk; their ids in the same order."""
        ids = []
        for start in range(0, len(rows), CHUNK):
            part = [row.values for row in rows[start:start + CHUNK]]
            ids.extend(sorted(row[0] for row in model.insert_many(part).returning(model._meta.primary_key).tuples()))
        self.items.extend(Item("create", model._meta.table_name, row.label, row.place) for row in rows)
        return ids

    def note(self, action, model, label, place, changes):
        """Puts down what a verb of a record did."""
        self.items.append(Item(action, model._meta.table_name, label, place, changes))

    def change(self, standing, row):
        """Gives a standing row the wanted values that differ; True when any did."""
        changes = {}
        for name, value in row.values.items():
            was = _plain(standing, name)
            if value not in (None, "") and not _same(was, value):
                changes[name] = (was, value)
                setattr(standing, name, value)
        if not changes:
            return False
        standing.save(only=list(changes))
        self.items.append(Item("change", standing._meta.table_name, row.label, row.place, changes))
        return True


def _key(row, names):
    return tuple(_plain(row, name) for name in names)


def _plain(row, name):
    attribute = row._meta.fields[name]
    return getattr(row, attribute.object_id_name) if isinstance(attribute, ForeignKeyField) else getattr(row, name)


def _same(was, value):
    if isinstance(was, Decimal):
        return was == Decimal(str(value))
    return was == value


def _id(standing, made, key):
    return made[key] if key in made else standing[key].id
