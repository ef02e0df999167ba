"""A rule of the regulation said in words: what its value means to a person who is no programmer."""

import re
from dataclasses import dataclass
from datetime import timedelta

import models as m
from rulebook.rules import Deadline, Event, Key, NEVER, Rule, Rules, last_moment, offset, parse_deadline, schema


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


def brief(text: str, longest: int = 90) -> str:
    """A text in one line of so many letters at most."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[:longest - 1]}…"


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


# ---- what a rule will mean ----


def example(key: Key, rule: Rule, event: Event) -> m.Text | None:
    """What the rule means for a lesson of the event, or for the period that the event lies in; None where no date says it."""
    if key.type == "deadline":
        return _example_of_deadline(rule.value, event)
    if key.key == "mark.edit_window":
        return _example_of_window(rule, event)
    if key.key == "final.window":
        return _example_of_results(rule.value, event)
    return None


def consequence(key: Key, severity: str) -> m.Text | None:
    """What the journal does when the rule is not kept, in a sentence; None for a plain setting."""
    if not key.severities or key.key == "mark.edit_window":  # there the example says it
        return None
    return m.Text((_LATER if key.type == "deadline" or key.key == "final.window" else _OTHERWISE)[severity])


def closest(text: str) -> str | None:
    """The deadline that somebody may have meant who typed «3 дня», «24 часа», «20 мин от начала урока» or «Р3Д»; None when nobody
    could say."""
    plain = re.sub(r"\s+", " ", str(text).strip().lower())
    anchor, sign, span = plain.replace(" ", "").rpartition("+")
    guess = f"{anchor}{sign}{span.translate(_KEYBOARD).upper()}"
    if _is_readable(guess):
        return guess
    if day := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.?", plain):
        guess = f"{int(day[2]):02d}-{int(day[1]):02d}"
        return guess if _is_readable(guess) else None
    form = next((form for words, form in _MEANT if re.search(words, plain)), "P{n}D" if plain.isdigit() else None)
    count = re.search(r"(?<![\d.,])\d{1,4}(?![\d.,])", plain)
    if form is None or "{n}" in form and not count:
        return None
    guess = form.format(n=count and int(count[0]))
    return guess if _is_readable(guess) else None


def _is_readable(text):
    try:
        parse_deadline(text)
    except m.Refused:
        return False
    return True


def _example_of_deadline(value, event):
    limit = last_moment(parse_deadline(value), event)
    return limit and m.Text(m.N_("Example: for a lesson of %(day)s in time until %(limit)s."), day=event.day, limit=limit)


def _example_of_window(rule, event):
    if rule.severity not in ("reason", "block"):
        return m.Text(m.N_("No reason is asked and nothing is closed, however long ago the lesson was."))
    free, last = (None if rule.value[name] == NEVER else event.day + timedelta(rule.value[name]) for name in ("free_days", "reason_days"))
    if last is None or rule.severity == "reason":
        return m.Text(m.N_("Example: a lesson of %(day)s may be changed freely until %(free)s, with a reason after that."),
                      day=event.day, free=free)
    return m.Text(m.N_("Example: a lesson of %(day)s may be changed freely until %(free)s, with a reason until %(last)s, not at all after "
                       "that."), day=event.day, free=free, last=last)


def _example_of_results(value, event):
    if event.period_end is None:
        return None
    first, last = (None if value[name] == NEVER else event.period_end + offset(value[name]) for name in ("from", "to"))
    words = m.N_("Example: the period ends on %(end)s. Its marks are put from %(first)s to %(last)s.")
    return m.Text(words, end=event.period_end, first=first or m.Text(m.N_("any day")), last=last or m.Text(m.N_("any day")))


_LATER = {
    "off": m.N_("Later: nothing happens, the rule is switched off."),
    "report": m.N_("Later: it is saved and marked «late»."),
    "warn": m.N_("Later: it is saved and marked «late», and who writes it is told at once."),
    "reason": m.N_("Later: it is saved only with a reason, and marked «late»."),
    "block": m.N_("Later: it is not saved."),
}
_OTHERWISE = {
    "off": m.N_("The rule is switched off: the journal says nothing."),
    "report": m.N_("What is not so is saved and stands in the reports."),
    "warn": m.N_("What is not so is saved, and who writes it is told at once."),
    "reason": m.N_("What is not so is saved only with a reason."),
    "block": m.N_("What is not so is not saved."),
}
_KEYBOARD = str.maketrans("рдтчмнсв", "pdthmhsb")
_MEANT = (  # words of people → the grammar, the first that fits
    (r"без срока|не огранич|нет срока|^нет$|никогда", "none"),
    (r"(тот же|этот|в) день|день урока|сегодня|same", "same_day"),
    (r"\d+ ?(м|мин\w*)\b.*(начал|урок)", "lesson_start+PT{n}M"),
    (r"\d+ ?(м|мин\w*)\b.*(конц|после)", "class_day_end+PT{n}M"),
    (r"\d+ ?(ч|час\w*)\b.*(получ|результ)", "from_receipt+PT{n}H"),
    (r"\d+ ?(ч|час\w*)\b.*(конц|занят)", "class_day_end+PT{n}H"),
    (r"\d+ ?(уч|раб)\w*\.? ?(д|день|дн\w*)", "P{n}WD"),
    (r"\d+ ?(д|день|дн\w*|day\w*)\b", "P{n}D"),
    (r"\d+ ?(ч|час\w*|hour\w*)\b", "PT{n}H"),
    (r"\d+ ?(м|мин\w*)\b", "lesson_start+PT{n}M"),
    (r"^недел[яю]$", "P7D"), (r"^сутки$", "PT24H"),
)
