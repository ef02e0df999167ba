"""The life of a record in words: what was changed, by whom, when and why, the newest first."""

from types import SimpleNamespace

from flask_babel import gettext as _
from peewee import BooleanField, DateField, ForeignKeyField

import clock
import history
import models as m
import policies
from views import visitor
from views.admin_words import choices, label, name_of, short_day, value_name
from views.listing import in_order

LAST = 30
UNSAID = {"id", "search", "sort", "rule", "regulation"}  # said by other columns, or by nothing a person knows


def of_record(record) -> list[SimpleNamespace]:
    """The last changes of a row: what, at, who, why."""
    model = type(record)
    rows = history.of_row(m.db, model._meta.table_name, record.get_id())[-LAST:]
    names = _names(model, [image for _at, _who, _why, _op, old, new, *_rest in rows for image in (old, new) if image])
    return [SimpleNamespace(what=_what(model, op, old or {}, new or {}, names), at=_moment(at), who=who, why=why)
            for at, who, why, op, old, new, *_rest in reversed(rows)]


def _what(model, op: str, old: dict, new: dict, names: dict) -> str:
    if op == "I":
        return _("Entered")
    if op == "D":
        return _("Deleted")
    return "; ".join(f"{label(model, field.name)}: {_words(field, old.get(field.column_name), names)} → "
                     f"{_words(field, new.get(field.column_name), names)}"
                     for field in model._meta.sorted_fields if field.column_name in new and _is_said(field)) or _("Changed")


def _is_said(field) -> bool:
    return field.name not in UNSAID and not field.name.endswith(("_rule", "_regulation"))


def _words(field, value, names: dict) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(field, ForeignKeyField):
        return names.get((field.rel_model, value), _number(value))
    if choices(field.model, field.name):
        return value_name(field.model, field.name, value)
    if isinstance(field, BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, m.Moment):
        return _moment(field.python_value(value.replace("T", " ")))
    return short_day(field.python_value(value)) if isinstance(field, DateField) else str(value)


def _number(value) -> str:
    return _("No. %(n)s", n=value)


def _names(model, images: list[dict]) -> dict:
    """(table, id) → name of the visible records that the images point to; a query for each table."""
    wanted: dict = {}
    for field in model._meta.sorted_fields:
        if isinstance(field, ForeignKeyField):
            wanted.setdefault(field.rel_model, set()).update(image[field.column_name] for image in images if image.get(field.column_name))
    user = visitor.user()
    return {(table, row.id): name_of(row) for table, ids in wanted.items() if ids
            for row in in_order(policies.visible(user, table).where(table.id.in_(list(ids))))}


def _moment(at) -> str:
    local = at.astimezone(clock.zone())
    return f"{short_day(local)} {local:%H:%M}"
