"""How the value of a column looks: in a list as words and links, in an export as a date, a number, a text."""

from datetime import date, datetime, time
from decimal import Decimal

from flask_babel import gettext as _
from markupsafe import Markup, escape
from peewee import Model

import clock
import policies
from views import visitor
from views.admin_words import choices, name_of, short_day, value_name
from views.language import say
from views.listing import field_of


def value_of(screen, row, path: str):
    """The value at the end of a path, None where the way breaks off. A column the screen computes is its method `col_…`."""
    own = getattr(screen, f"col_{path.replace('.', '_')}", None)
    if own:
        return own(row)
    for step in path.split("."):
        row = getattr(row, step) if row is not None else None
    return row


def kept_by(screen) -> str:
    """To whom the regulation leaves the table of a screen, for those who may not add to it (CNT-12)."""
    return "" if screen.rule is None or screen.can_create else say(policies.who_keeps(visitor.user().rules, screen.rule))


def shown(screen, row, path: str) -> Markup | str:
    """For a page: a foreign key is a link to its record where one has its screen."""
    value = value_of(screen, row, path)
    if isinstance(value, Model):
        address = screen.address(value)
        return Markup('<a href="{}">{}</a>').format(address, name_of(value)) if address else escape(name_of(value))
    return escape(_words(screen, path, value))


def plain(screen, row, path: str):
    """For a spreadsheet: text, number or date."""
    value = value_of(screen, row, path)
    if isinstance(value, bool) or value is None:
        return _words(screen, path, value) if value is not None else ""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int | date) and not isinstance(value, datetime) and not _is_choice(screen, path):
        return value
    return name_of(value) if isinstance(value, Model) else _words(screen, path, value)


def _words(screen, path: str, value) -> str:
    if value is None:
        return ""
    if _is_choice(screen, path):
        return value_name(*_column(screen, path), value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{short_day(value.astimezone(clock.zone()))} {value.astimezone(clock.zone()):%H:%M}"
    if isinstance(value, date):
        return short_day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return str(value)


def _is_choice(screen, path: str) -> bool:
    column = _column(screen, path)
    return column is not None and choices(*column) is not None


def _column(screen, path: str):
    """(table, column) at the end of a path; None for a column the screen computes."""
    if hasattr(screen, f"col_{path.replace('.', '_')}"):
        return None
    field = field_of(screen.model, path)
    return field.model, field.name
