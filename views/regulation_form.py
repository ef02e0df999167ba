"""A rule's value as fields of a form, and back. What was typed goes to policies as it is: they say whether it fits."""

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

from rulebook.rules import NEVER, Key
from views.regulation_builder import WAYS, WRITTEN, put_together, taken_apart

HINTS = {
    "deadline": N_("same_day · P3D, days · P1WD, school days · PT24H, hours · lesson_start+PT20M · class_day_end+PT1H30M · "
                   "from_receipt+PT24H · 09-05 · none"),
    "interval": N_("P7D, days · P1M, months · PT24H, hours · none"),
    "offset": N_("-P2D, two days before the end of the period · P0D · +P3D, three days after it · none"),
    "day": N_("Month and day: 09-05"),
    "numbers": N_("Three numbers: for 1, 2, 3 and more hours a week"),
    "list": N_("Separated by commas"),
}


@dataclass(frozen=True)
class Field:
    """One input. `kind`: choice · many · text · built; `options` are (value, words) to choose from, of a built one (code, words,
    what else is asked); `parts` of a built one are (code of the way, number, day)."""

    name: str
    label: str
    kind: str
    value: object
    options: list
    hint: str
    parts: tuple = ()


def fields_of(key: Key, value, typed=None, name: str = "value") -> list[Field]:
    """The inputs for a value; a table gives one for each of its parts. `typed`: the form that was sent, which then stands in them."""
    if key.type == "table":
        return [field for part in key.fields.values() for field in fields_of(part, value[part.key], typed, f"{name}.{part.key}")]
    label = _(key.title) if "." in name else _("Value")
    if key.type == "bool":
        return [Field(name, label, "choice", _shown(typed, name, "yes" if value else "no"), [("yes", _("yes")), ("no", _("no"))], "")]
    options = [(choice, _(words)) for choice, words in key.choices.items()]
    if key.type == "choice":
        return [Field(name, label, "choice", _shown(typed, name, value), options, "")]
    if key.type == "list" and options:
        return [Field(name, label, "many", typed.getlist(name) if typed else tuple(value), options, "")]
    if key.type in WAYS:
        return [_built(key, value, typed, name, label)]
    return [Field(name, label, "text", _shown(typed, name, _typed(key, value)), [], _hint(key))]


def value_of(key: Key, form, name: str = "value"):
    """What was typed, in the shape the rule has; not yet checked."""
    if key.type == "table":
        return {part: value_of(field, form, f"{name}.{part}") for part, field in key.fields.items()}
    if key.type == "list" and key.choices:
        return form.getlist(name)
    text = form.get(name, "").strip()
    if key.type in WAYS:
        return _built_value(key, form, name, text)
    if key.type == "bool":
        return {"yes": True, "no": False}.get(text, text)
    if key.type == "int":
        return _number(text) if text or not key.optional else NEVER
    if key.type == "numbers":
        return [_number(part) for part in re.split(r"[\s,;]+", text)]
    if key.type == "list":
        return [word for part in text.split(",") if (word := part.strip().lower())]
    return text


def _built(key, value, typed, name, label) -> Field:
    """The notation with the questions that make it; after a sending, what was sent or what it came to."""
    text = value_of(key, typed, name) if typed else value
    parts = taken_apart(key.type, text)
    if typed and parts[0] == WRITTEN and typed.get(f"{name}.how") in {way.code for way in WAYS[key.type]}:
        parts = typed[f"{name}.how"], typed.get(f"{name}.n", ""), typed.get(f"{name}.day", "")
    ways = [(way.code, str(way.words), way.asks) for way in WAYS[key.type]]
    return Field(name, label, "built", text, [*ways, (WRITTEN, _("otherwise, as a notation"), "")], _hint(key), parts)


def _built_value(key, form, name, text) -> str:
    """The notation as typed, unless the questions were answered otherwise than it stood before."""
    how = form.get(f"{name}.how", WRITTEN)
    answers = how, form.get(f"{name}.n", "").strip(), form.get(f"{name}.day", "").strip()
    before = form.get(f"{name}.was", "")
    if how == WRITTEN or text != before and answers == taken_apart(key.type, before):
        return text
    if taken_apart(key.type, before) == answers:
        return before
    return put_together(key.type, *answers)


def _shown(typed, name, value):
    return typed.get(name, "") if typed else value


def _typed(key, value) -> str:
    if key.optional and value == NEVER:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _hint(key) -> str:
    if key.type == "int":
        limits = _("From %(low)s to %(high)s", low=key.low, high=key.high)
        return "; ".join((limits, _("empty = never"))) if key.optional else limits
    return str(HINTS[key.type]) if key.type in HINTS else ""


def _number(text: str):
    """The number typed, or the text itself, which will be refused by name."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text
