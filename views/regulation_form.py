"""A rule's value as fields of a form, and back. What was typed goes to policies as it is: they say whether it fits."""

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

from policies_rules import NEVER, Key
from policies_words import value_in_words

HINTS = {
    "deadline": N_("same_day · P3D, days · P1WD, school days · PT24H, hours · lesson_start+PT20M · class_day_end+PT1H30M · "
                   "from_receipt+PT24H · 09-05 · none"),
    "interval": N_("P7D, days · P1M, months · PT24H, hours · none"),
    "offset": N_("-P2D, two days before the end of the period · P0D · +P3D, three days after it · none"),
    "day": N_("Month and day: 09-05"),
    "numbers": N_("Three numbers: for 1, 2, 3 and more hours a week"),
    "list": N_("Separated by commas"),
}
USUAL = {
    "deadline": ("same_day", "P1D", "P3D", "P7D", "P1WD", "lesson_start+PT20M", "class_day_end+PT1H30M", "from_receipt+PT24H"),
    "interval": ("PT1H", "PT24H", "PT72H", "P7D", "P1M", "P365D", NEVER),
    "offset": ("-P6D", "-P2D", "P0D", "+P3D", NEVER),
}


@dataclass(frozen=True)
class Field:
    """One input. `kind`: choice · many · text; `options` are (value, words) to choose from or to suggest."""

    name: str
    label: str
    kind: str
    value: object
    options: list
    hint: str


def fields_of(key: Key, value, say, name: str = "value") -> list[Field]:
    """The inputs for a value; a table gives one for each of its parts. `say` translates a Text."""
    if key.type == "table":
        return [field for part in key.fields.values() for field in fields_of(part, value[part.key], say, f"{name}.{part.key}")]
    label = _(key.title) if "." in name else _("Value")
    if key.type == "bool":
        return [Field(name, label, "choice", "yes" if value else "no", [("yes", _("yes")), ("no", _("no"))], "")]
    options = [(choice, _(words)) for choice, words in key.choices.items()]
    if key.type == "choice":
        return [Field(name, label, "choice", value, options, "")]
    if key.type == "list" and options:
        return [Field(name, label, "many", tuple(value), options, "")]
    usual = [(text, say(value_in_words(key, text))) for text in USUAL.get(key.type, ())]
    return [Field(name, label, "text", _typed(key, value), usual, _hint(key))]


def value_of(key: Key, form, name: str = "value"):
    """What was typed, in the shape the rule has; not yet checked."""
    if key.type == "table":
        return {part: value_of(field, form, f"{name}.{part}") for part, field in key.fields.items()}
    if key.type == "list" and key.choices:
        return form.getlist(name)
    text = form.get(name, "").strip()
    if key.type == "bool":
        return {"yes": True, "no": False}.get(text, text)
    if key.type == "int":
        return _number(text) if text or not key.optional else NEVER
    if key.type == "numbers":
        return [_number(part) for part in re.split(r"[\s,;]+", text)]
    if key.type == "list":
        return [word for part in text.split(",") if (word := part.strip().lower())]
    return text


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
