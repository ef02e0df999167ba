"""Fields of administrative forms, made from the columns of a table: what is typed is kept, what is wrong is said in words."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from peewee import (
    BooleanField, CharField, DateField, DecimalField, ForeignKeyField, IntegerField, TimeField,
)
from wtforms import Field, fields
from wtforms.validators import ValidationError

import clock
import models as m
from views.admin_words import choices, hint, label, name_of
from views.listing import LONG, named_apart

NOTHING = "__None"
AREA = 300  # letters beyond which a line becomes an area
SMALL_YEAR, LATE_YEAR = 1900, 2200


def field_for(screen, name: str):
    """The form field of a column of the screen's table; «person__birth» is a column of the table `person` points to."""
    *steps, column_name = name.split("__")
    model = screen.model
    for step in steps:
        model = model._meta.fields[step].rel_model
    if name in screen.extra_fields:
        return Line(label(model, name), hint(model, name), CharField(screen.extra_fields[name], default=""))
    column = model._meta.fields[column_name]
    more = {"label": label(model, column_name), "description": hint(model, column_name), "column": column}
    if isinstance(column, ForeignKeyField):
        kind = Lookup if column.rel_model in LONG else RecordSelect
        return kind(screen=screen, name_in_form=name, **more)
    if choices(model, column_name):
        return ValueSelect(**more)
    return _KINDS.get(type(column), Line)(**more)


class Told(Field):
    """A field that knows whether it must be told, and says so in one sentence."""

    input_type = "text"

    def __init__(self, label, description="", column=None, **more):
        self.column = column
        self.needed = not column.null and column.default is None
        super().__init__(label, description=description, default=column.default, **more)

    def _value(self) -> str:
        """What stands in the input: as typed when there was something typed."""
        return self.raw_data[0] if self.raw_data else self.shown(self.data)

    def shown(self, value) -> str:
        return "" if value is None else str(value)

    def process_formdata(self, valuelist):
        typed = (valuelist[0] if valuelist else "").replace("\x00", "").strip()
        self.data = self.parsed(typed) if typed else self.emptied()

    def emptied(self):
        """What an empty input means: nothing, or the column's default where it cannot hold nothing."""
        return None if self.column.null else self.column.default

    def parsed(self, typed: str):
        return typed

    def pre_validate(self, form):
        if self.needed and self.data in (None, "") and not self.process_errors:
            raise ValidationError(_("Fill in «%(field)s»", field=self.label.text))

    def in_words(self) -> str:
        """The value as a person reads it, "" for none."""
        return self.shown(self.data)

    @property
    def attributes(self) -> dict:
        """More attributes of the input."""
        return {}


class Line(Told):
    """One line of text, or an area for a long one."""

    def emptied(self):
        return None if self.column.null else self.column.default or ""

    def parsed(self, typed):
        longest = getattr(self.column, "max_length", None)
        if longest and len(typed) > longest:
            raise ValueError(_("At most %(n)s characters; there are %(now)s", n=longest, now=len(typed)))
        return typed

    @property
    def input_type(self):
        return "area" if (getattr(self.column, "max_length", 0) or 9999) > AREA else "text"


class Whole(Told):
    input_type = "number"

    def parsed(self, typed):
        return self.read(typed)

    @staticmethod
    def read(typed: str) -> int:
        """The number of a text; ValueError in words."""
        try:
            number = int(typed)
        except ValueError:
            raise ValueError(_("A whole number, for example 7")) from None
        if not -9999 <= number <= 999_999:
            raise ValueError(_("The number is too big"))
        return number


class Fraction(Told):
    """Hours: «2,5» and «2.5» are the same."""

    attributes = {"inputmode": "decimal"}

    def shown(self, value):
        return "" if value is None else f"{Decimal(value):f}".replace(".", ",")

    def parsed(self, typed):
        try:
            number = Decimal(typed.replace(",", "."))
        except InvalidOperation:
            raise ValueError(_("A number, for example 2,5")) from None
        if not number.is_finite() or not 0 <= number < 10 ** (self.column.max_digits - self.column.decimal_places):
            raise ValueError(_("The number is too big"))
        return number.quantize(Decimal(1).scaleb(-self.column.decimal_places))


class Day(Told):
    input_type = "date"

    def shown(self, value):
        return value.isoformat() if value else ""

    def parsed(self, typed):
        return self.read(typed)

    @staticmethod
    def read(typed: str) -> date:
        """The date of a text, ISO or as written in Russia; ValueError in words."""
        for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                day = datetime.strptime(typed, pattern).date()
            except ValueError:
                continue
            if SMALL_YEAR < day.year < LATE_YEAR:
                return day
        raise ValueError(_("There is no such date; for example %(day)s", day=clock.today().strftime("%d.%m.%Y")))


class Clock(Told):
    input_type = "time"

    def shown(self, value):
        return value.strftime("%H:%M") if value else ""

    def parsed(self, typed):
        try:
            return datetime.strptime(typed[:5], "%H:%M").time()
        except ValueError:
            raise ValueError(_("Hours and minutes, for example 08:30")) from None


class Instant(Told):
    """A moment by the school's clock."""

    input_type = "datetime-local"

    def shown(self, value):
        return value.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M") if value else ""

    def parsed(self, typed):
        return self.read(typed)

    @staticmethod
    def read(typed: str) -> datetime:
        """The moment of a text, ISO or as written in Russia; ValueError in words."""
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"):
            try:
                moment = datetime.strptime(typed, pattern)
            except ValueError:
                continue
            if SMALL_YEAR < moment.year < LATE_YEAR:
                return moment.replace(tzinfo=clock.zone())
        raise ValueError(_("There is no such moment; for example %(moment)s",
                           moment=clock.now().astimezone(clock.zone()).strftime("%d.%m.%Y %H:%M")))


class Flag(fields.BooleanField):
    input_type, needed, attributes = "checkbox", False, {}

    def __init__(self, label, description="", column=None, **more):
        super().__init__(label, description=description, default=column.default, **more)

    def in_words(self):
        return _("yes") if self.data else ""


class Select(Told):
    """A choice of a few values. `options` are (value as text, value, name)."""

    input_type = "select"

    def options(self):
        raise NotImplementedError

    def shown(self, value):
        return NOTHING if value is None else str(value)

    def in_words(self):
        return next((name for key, _value, name in self.options() if key == self.shown(self.data)), "")

    def listed(self) -> list[tuple[str, str]]:
        """(value, name) of each option, an empty one first where nothing may be chosen or nothing is."""
        pairs = [(key, name) for key, _value, name in self.options()]
        return pairs if self.needed and self._value() not in ("", NOTHING) else [(NOTHING, "—"), *pairs]

    def parsed(self, typed):
        if typed == NOTHING:
            return None
        for key, value, _name in self.options():
            if key == typed:
                return value
        raise ValueError(_("Choose one of the list"))


class ValueSelect(Select):
    def listed(self):
        listed = super().listed()
        return listed[1:] if listed[0][0] == NOTHING and self.column.default is not None else listed

    def options(self):
        return [(str(value), value, str(name)) for value, name in choices(self.column.model, self.column.name)]


class YesNo(Select):
    """Yes, no, or not known."""

    def options(self):
        return [("1", True, _("yes")), ("0", False, _("no"))]

    def shown(self, value):
        return {True: "1", False: "0"}.get(value, NOTHING)


class RecordSelect(Select):
    """A record of a short table, out of those the user sees."""

    def __init__(self, screen, name_in_form, **more):
        self.screen, self.name_in_form = screen, name_in_form
        super().__init__(**more)

    def options(self):
        if not hasattr(self, "_options"):
            self._options = [(str(row.id), row, name) for row, name in named_apart(self.screen.choosable(self.name_in_form))]
        return self._options

    def shown(self, value):
        return NOTHING if value is None else str(getattr(value, "id", value))


class Lookup(Told):
    """A record of a long table: found by typing a part of its name. `<name>` carries the id a script chose, `<name>-text`
    what was typed; without a script the text itself is looked up and has to fit one record."""

    input_type = "lookup"

    def __init__(self, screen, name_in_form, **more):
        self.screen, self.name_in_form, self.typed = screen, name_in_form, None
        super().__init__(**more)

    def process(self, formdata, data=None, extra_filters=None):
        self.typed = formdata.get(f"{self.name}-text") if formdata else None
        super().process(formdata, data, extra_filters)

    def process_formdata(self, valuelist):
        self._take((valuelist[0] if valuelist else "").strip())

    def _take(self, key: str):
        typed = (self.typed or "").strip()
        chosen = self.screen.choosable_one(self.name_in_form, key) if key else None
        if key and (chosen is None or (typed and typed != name_of(chosen))) and not typed:
            raise ValueError(_("Choose one of the list"))
        if chosen is None or (typed and typed != name_of(chosen)):
            chosen = self._only_one(typed) if typed else None
        self.data = chosen

    def _only_one(self, typed: str):
        found = self.screen.choosable_like(self.name_in_form, typed, limit=20)
        exact = [row for row in found if name_of(row) == typed]
        if len(exact or found) == 1:
            return (exact or found)[0]
        raise ValueError(_("Nobody and nothing is called «%(text)s»", text=typed) if not found
                         else _("Several are called so: %(names)s", names="; ".join(map(name_of, found[:5]))))

    def _value(self):
        return str(self.data.id) if self.data else ""

    def in_words(self):
        return name_of(self.data) if self.data else ""

    @property
    def text(self) -> str:
        if self.typed is not None:
            return self.typed
        return name_of(self.data) if self.data else ""


_KINDS = {IntegerField: Whole, DecimalField: Fraction, DateField: Day, TimeField: Clock, CharField: Line, m.Moment: Instant}
_KINDS[BooleanField] = lambda column, **more: (YesNo if column.null else Flag)(column=column, **more)
