"""A rule of the regulation said in words: what its value means to a person who is no programmer."""

import re
from dataclasses import dataclass

import models as m
from policies_rules import Deadline, Key, NEVER, Rule, Rules, parse_deadline, schema


@dataclass(frozen=True)
class Described:
    """A rule for a screen: the rule, its key, the value in words; `house` when no clause stands behind it."""

    key: Key
    rule: Rule
    value: m.Text
    house: bool


def describe(rules: Rules) -> list[Described]:
    """Every rule in words, in the order of the schema."""
    return [Described(key, rules[key.key], value_in_words(key, rules.value(key.key)), not rules[key.key].clause)
            for key in schema().values()]


def value_in_words(key: Key, value) -> m.Text:
    """A value as a person reads it: «same day», «through day 3», «н/а, осв»."""
    return _IN_WORDS[key.type](key, value)


# ---- the regulation: values in words ----


def _deadline_in_words(key, value):
    deadline = parse_deadline(value)
    if deadline is None:
        return m.Text(m.N_("no limit"))
    if deadline.unit == "DAY":
        return _day_in_words(key, value)
    if deadline.unit == "S":
        return m.Text(_AFTER[deadline.anchor], time=_clock_in_words(deadline.count))
    if deadline == Deadline("event", 0, "D"):
        return m.Text(m.N_("same day"))
    return m.Text(_THROUGH[deadline.anchor, deadline.unit], n=deadline.count)


def _interval_in_words(key, value):
    if value == NEVER:
        return m.Text(m.N_("no limit"))
    count, unit = re.fullmatch(r"PT?(\d+)(\w+)", value).groups()
    return m.Text(_SPANS[unit], n=int(count))


def _offset_in_words(key, value):
    if value == NEVER:
        return m.Text(m.N_("any day"))
    days = int(value.replace("P", "").rstrip("D"))
    if days == 0:
        return m.Text(m.N_("the last day of the period"))
    if days < 0:
        return m.Text(m.N_("%(n)s d. before the last day of the period"), n=-days)
    return m.Text(m.N_("%(n)s d. after the last day of the period"), n=days)


def _day_in_words(key, value):
    return m.Text(m.N_("through %(day)s.%(month)s each year"), day=value[3:], month=value[:2])


def _choice_in_words(key, value):
    return m.Text(key.choices[value])


def _bool_in_words(key, value):
    return m.Text(m.N_("yes") if value else m.N_("no"))


def _list_in_words(key, value):
    if not value:
        return m.Text(m.N_("nothing"))
    return joined([m.Text(key.choices.get(word, word)) for word in value], ", ")


def _table_in_words(key, value):
    parts = [m.Text("%(title)s: %(value)s", title=m.Text(field.title), value=_part_in_words(field, value[name]))
             for name, field in key.fields.items()]
    return joined(parts, "; ")


def _part_in_words(field, value):
    return m.Text(m.N_("no limit")) if field.optional and value == NEVER else value_in_words(field, value)


def _plain_in_words(key, value):
    return m.Text(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _clock_in_words(seconds):
    hours, minutes = divmod(seconds // 60, 60)
    if not minutes:
        return m.Text(m.N_("%(hours)s h"), hours=hours)
    if not hours:
        return m.Text(m.N_("%(minutes)s min"), minutes=minutes)
    return m.Text(m.N_("%(hours)s h %(minutes)s min"), hours=hours, minutes=minutes)


def joined(texts, by):
    """Several texts as one, each translated by itself."""
    names = [f"t{number}" for number in range(len(texts))]
    return m.Text(by.join(f"%({name})s" for name in names), **dict(zip(names, texts, strict=True)))


_AFTER = {
    "event": m.N_("%(time)s from the event"),
    "lesson_start": m.N_("%(time)s from the lesson's start"),
    "class_day_end": m.N_("%(time)s after the class's last lesson"),
    "from_receipt": m.N_("%(time)s after the results are received"),
}
_THROUGH = {
    ("event", "D"): m.N_("through day %(n)s"),
    ("event", "WD"): m.N_("through school day %(n)s"),
    ("period_end", "D"): m.N_("through day %(n)s from the end of the period"),
    ("from_receipt", "D"): m.N_("through day %(n)s after the results are received"),
    ("from_receipt", "WD"): m.N_("through school day %(n)s after the results are received"),
}
_SPANS = {"D": m.N_("%(n)s d."), "WD": m.N_("%(n)s school d."), "M": m.N_("%(n)s mo."), "H": m.N_("%(n)s h")}
_IN_WORDS = {"deadline": _deadline_in_words, "interval": _interval_in_words, "offset": _offset_in_words,
             "day": _day_in_words, "int": _plain_in_words, "bool": _bool_in_words, "choice": _choice_in_words,
             "list": _list_in_words, "numbers": _plain_in_words, "table": _table_in_words}
