"""The regulation a school lives by: TOML presets (regulations/) and saved versions → `Rules`, a frozen value; the grammar of deadlines.

A key has a type, a value, a severity and the clause it comes from (spec: profiles.md §1, §3). Nothing here judges a record.
"""

import json
import re
import tomllib
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import models as m

SEVERITIES = ("off", "report", "warn", "reason", "block")
"""How strictly the journal takes a rule: not at all, flags it, tells at once, asks for a reason, refuses."""
PRESETS = Path(__file__).parents[1] / "regulations"
NEVER = "none"
NOT_SET = "не задано"


# ---- the regulation: deadlines ----


@dataclass(frozen=True)
class Deadline:
    """A parsed deadline: `count` of `unit` (D days, WD school days, S seconds) after `anchor`; unit DAY is a day of the
    year, `count` = month * 100 + day."""

    anchor: str
    count: int
    unit: str


@dataclass(frozen=True)
class Event:
    """What a deadline runs from. Moments are aware; what is not known is None."""

    zone: ZoneInfo
    day: date
    at: datetime | None = None
    class_day_end: datetime | None = None
    period_end: date | None = None
    received_at: datetime | None = None
    ordered: date | None = None
    is_school_day: Callable[[date], bool] = lambda day: day.weekday() < 6


@lru_cache(256)
def parse_deadline(text: str) -> Deadline | None:
    """Reads `same_day`, `PnD`, `PnWD`, `PTnHnM`, `lesson_start+PT20M`, `class_day_end+PT1H30M`, `period_end±PnD`,
    `from_receipt+PTnH`, `MM-DD` (profiles.md §3); None for `none`. Raises Refused with a plain sentence for all else."""
    if text == NEVER:
        return None
    if text == "same_day":
        return Deadline("event", 0, "D")
    if _is_day_of_year(text):
        return Deadline("event", int(text[:2]) * 100 + int(text[3:]), "DAY")
    anchor, sign, days, unit, hours, minutes = _duration_parts(text)
    if days:
        return Deadline(anchor, int(sign + days), unit)
    return Deadline(anchor, int(hours or 0) * 3600 + int(minutes or 0) * 60, "S")


def last_moment(deadline: Deadline | None, event: Event) -> datetime | None:
    """The last in-time second, in the event's zone; None = no limit, or nothing to count from yet.

    A dated order replaces the deadline. Hours and minutes are real time, days end at 23:59:59 by the wall clock, also
    on days when clocks change. A lesson without bell times has the whole day.
    """
    try:
        if event.ordered:
            return end_of_day(event.ordered, event.zone)
        return deadline and _LIMITS[deadline.unit](deadline, event)
    except (OverflowError, ValueError):  # beyond the calendar
        return None


def offset(text: str) -> timedelta:
    """-P2D, P0D, +P3D as days from the last day of a period."""
    return timedelta(int(text.replace("P", "").rstrip("D")))


def in_time(limit: datetime | None, moment: datetime) -> bool:
    """Is a saving in time? The limit itself is; parts of a second do not count."""
    return limit is None or moment.astimezone(UTC).replace(microsecond=0) <= limit.astimezone(UTC)


_DURATION = re.compile(
    r"(?:(lesson_start|class_day_end|period_end|from_receipt)([+-]))?"
    r"P(?:(\d{1,4})(D|WD)|T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,4})M)?)"
)
_UNITS = {
    "event": {"D", "WD", "T"},
    "lesson_start": {"T"},
    "class_day_end": {"T"},
    "period_end": {"D"},
    "from_receipt": {"T", "D", "WD"},
}
_MOST_SCHOOL_DAYS = 1000


def _duration_parts(text):
    found = _DURATION.fullmatch(text)
    if not found:
        raise _unreadable(text)
    anchor, sign, days, unit, hours, minutes = found.groups()
    anchor, sign = anchor or "event", sign or "+"
    if (unit or "T") not in _UNITS[anchor] or (sign == "-" and anchor != "period_end"):
        raise _unreadable(text)
    return anchor, sign, days, unit, hours, minutes


def _unreadable(text):
    return m.Refused(m.Text(m.N_("«%(text)s» is not a deadline. Examples: same_day, P3D, P1WD, PT24H, lesson_start+PT20M, "
                                 "class_day_end+PT1H30M, from_receipt+PT24H, 09-05, none."), text=str(text)))


def _is_day_of_year(text: str) -> bool:
    if not re.fullmatch(r"\d\d-\d\d", text):
        return False
    try:
        return bool(date.fromisoformat(f"2000-{text}"))
    except ValueError:
        raise _unreadable(text) from None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day: one before the next midnight, whatever the clocks do."""
    midnight = datetime.combine(day + timedelta(1), time(), tzinfo=zone)
    return (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)


def _after_days(deadline, event):
    start = _anchor_day(deadline, event)
    return start and end_of_day(start + timedelta(deadline.count), event.zone)


def _after_school_days(deadline, event):
    day, left = _anchor_day(deadline, event), deadline.count
    if day is None:
        return None
    for _ in range(_MOST_SCHOOL_DAYS):
        if left <= 0:
            return end_of_day(day, event.zone)
        day += timedelta(1)
        left -= event.is_school_day(day)
    return None


def _after_seconds(deadline, event):
    start = {"event": event.at, "lesson_start": event.at, "class_day_end": event.class_day_end,
             "from_receipt": event.received_at}[deadline.anchor]
    if start is None:
        return None if deadline.anchor == "from_receipt" else end_of_day(event.day, event.zone)
    exact = start.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=deadline.count)
    return exact.astimezone(event.zone)


def _on_day_of_year(deadline, event):
    """That day of the school year in which the event lies; 29 February may be the 28th."""
    month, day = divmod(deadline.count, 100)
    year = event.day.year - (event.day.month < FIRST_MONTH) + (month < FIRST_MONTH)
    return end_of_day(date(year, month, min(day, monthrange(year, month)[1])), event.zone)


def _anchor_day(deadline, event):
    if deadline.anchor == "period_end":
        return event.period_end
    if deadline.anchor == "from_receipt":
        return event.received_at and event.received_at.astimezone(event.zone).date()
    return event.day


FIRST_MONTH = 9
_LIMITS = {"D": _after_days, "WD": _after_school_days, "S": _after_seconds, "DAY": _on_day_of_year}


# ---- the regulation: keys and values ----


def _nothing_by_name():
    return MappingProxyType({})


@dataclass(frozen=True)
class Key:
    """What one rule may say (regulations/schema.toml). `title` and `help` are English, translated at the edge. `kept`: "" where the
    journal acts by the value; "always" where it does the same whatever the value; "not_yet" where nothing obeys it."""

    key: str
    type: str
    title: str
    section: str = ""
    help: str = ""
    severities: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=_nothing_by_name)
    fields: Mapping[str, "Key"] = field(default_factory=_nothing_by_name)
    low: int = 0
    high: int = 10_000
    optional: bool = False
    kept: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule as it holds: its value, how strictly, and the printed clause ("" = the school's own rule).

    `text` quotes the document word for word («…» leaves words out), a line a clause, «6.4: » before it where there are several;
    `remark` is what the school adds where the document is silent. `note` names a contradiction within the document, `choices` are
    its readings: each a mapping with title, value, clause, quote and perhaps clauses."""

    key: str
    value: object
    severity: str = "off"
    clause: str = ""
    clauses: Mapping[str, str] = field(default_factory=_nothing_by_name)
    text: str = ""
    remark: str = ""
    note: str = ""
    choices: tuple = ()

    @property
    def reading(self) -> str:
        """The title of the reading of a contradiction that the value is; "" for any other."""
        return next((choice["title"] for choice in self.choices if choice["value"] == self.value), "")

    def clause_of(self, part: str) -> str:
        """The clause of a part of the rule («closed», «order»), or the rule's own."""
        return self.clauses.get(part, self.clause)


@dataclass(frozen=True)
class Rules:
    """A regulation resolved: every key of the schema has its rule. Frozen; `version` is the RegulationVersion's id."""

    preset: str
    code: str
    title: str
    document: str
    rules: Mapping[str, Rule]
    version: int | None = None

    def __getitem__(self, key: str) -> Rule:
        return self.rules[key]

    def value(self, key: str):
        return self.rules[key].value

    def parts_of(self, key: str) -> dict:
        """What `changed` takes to give another regulation this rule: its value, severity and clauses."""
        return {name: plain(getattr(self.rules[key], name)) for name in ("value", "severity", "clause", "clauses")}

    @property
    def contradictions(self) -> list[Rule]:
        """The rules on which the document contradicts itself: the school chooses a reading."""
        return [rule for rule in self.rules.values() if rule.choices]

    def changed(self, changes: Mapping[str, Mapping]) -> "Rules":
        """New rules with some keys changed: {key: {"value", "severity", "clause" …}}, each part optional. Raises Refused
        naming the key for an unknown one or an impossible value."""
        rules = dict(self.rules)
        for key, parts in changes.items():
            rules[key] = _merged(key, parts, rules.get(key))
        return replace(self, rules=MappingProxyType(rules), version=None)

    def to_json(self) -> dict:
        """The full values for a RegulationVersion."""
        names = ("value", "severity", "clause", "clauses", "text", "remark", "note", "choices")
        rows = {key: {name: plain(getattr(rule, name)) for name in names} for key, rule in self.rules.items()}
        return {"preset": self.preset, "code": self.code, "title": self.title, "document": self.document, "rules": rows}

    @classmethod
    def from_json(cls, data: Mapping) -> "Rules":
        """Rules from `to_json`; a key this program knows and the version does not is taken from base."""
        known = {key: parts for key, parts in data["rules"].items() if key in schema()}
        rules = replace(preset("base"), preset=data["preset"], code=data["code"], title=data["title"],
                        document=data["document"])
        return rules.changed(known)


def schema() -> Mapping[str, Key]:
    """Every key of a regulation, in the order of the screen."""
    return _schema()


def preset(name: str) -> Rules:
    """A ready regulation by file name (`base`, `d1_asurso`…). Raises Refused when it cannot be read."""
    return _preset(name)


def presets() -> list[Rules]:
    """All ready regulations, the house rules first."""
    names = sorted(path.stem for path in PRESETS.glob("*.toml") if path.stem != "schema")
    return [preset(name) for name in names]


def read_preset(path: Path) -> Rules:
    """A regulation from a TOML file beside or outside the ready ones; `extends` names a ready one.
    Raises Refused with the file and the key at fault."""
    data = _toml(path)
    head = data.pop("preset", {})
    try:
        parent = preset(head["extends"]) if "extends" in head else Rules("", "", "", "", MappingProxyType({}))
        rules = parent.changed(dict(_flat(data, _has_value)))
    except m.Refused as error:
        raise m.Refused(m.Text(m.N_("%(file)s: %(problem)s"), file=path.name, problem=error.text), error.field) from None
    missing = [key for key in schema() if key not in rules.rules]
    if missing:
        raise m.Refused(m.Text(m.N_("%(file)s: %(problem)s"), file=path.name, problem=", ".join(missing)))
    return replace(rules, preset=path.stem, code=head.get("code", path.stem), title=head.get("title", path.stem),
                   document=head.get("document", ""))


def rules_on(day: date) -> Rules:
    """The rules in force on a day, from the version of the school's regulation; the house rules before the first. One query."""
    version = m.RegulationVersion.on(day)
    return preset("base") if version is None else rules_of(version)


def rules_of(version) -> Rules:
    """The rules that a RegulationVersion holds."""
    return replace(_from_text(json.dumps(version.values, sort_keys=True)), version=version.id)


@lru_cache(32)
def _preset(name):
    path = PRESETS / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9_]+", name) or name == "schema" or not path.exists():
        raise m.Refused(m.Text(m.N_("There is no ready regulation «%(name)s»."), name=name))
    return read_preset(path)


@lru_cache(32)
def _from_text(text):
    return Rules.from_json(json.loads(text))


@lru_cache(1)
def _schema():
    return MappingProxyType({key: _key(key, parts) for key, parts in _flat(_toml(PRESETS / "schema.toml"), _is_key)})


def _toml(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise m.Refused(m.Text(m.N_("%(file)s cannot be read: %(problem)s"), file=path.name, problem=str(error))) from None


def _flat(data, is_rule, above=""):
    """Nested tables as (dotted key, table) pairs."""
    for name, table in data.items():
        key = f"{above}{name}"
        if isinstance(table, dict) and not is_rule(table):
            yield from _flat(table, is_rule, f"{key}.")
        else:
            yield key, table


def _has_value(table):
    return "value" in table


def _is_key(table):
    return isinstance(table.get("type"), str)


def _key(name, parts):
    parts = dict(parts)
    fields = {field: _key(field, inner) for field, inner in parts.pop("fields", {}).items()}
    return Key(name, choices=MappingProxyType(parts.pop("choices", {})), fields=MappingProxyType(fields),
               severities=tuple(parts.pop("severities", ())), **parts)


_PARTS = {"value", "severity", "clause", "clauses", "text", "remark", "note", "choices"}


def _merged(key, parts, before):
    """The rule `before` (or a new one) with parts replaced and everything checked."""
    if key not in schema():
        raise m.Refused(m.Text(m.N_("«%(key)s» is not a rule of the journal."), key=key), key)
    known = schema()[key]
    if not isinstance(parts, Mapping) or not set(parts) <= _PARTS:
        raise m.Refused(m.Text(m.N_("«%(rule)s» may have only: %(parts)s."), rule=m.Text(known.title),
                               parts=", ".join(sorted(_PARTS))), key)
    fresh = dict(parts)
    if "value" in fresh:
        fresh["value"] = _checked(known, fresh["value"])
    _check_severity(known, fresh)
    base = before or Rule(key, None, (*known.severities, "off")[0])
    if "value" in fresh and "clause" not in fresh and base.value is not None:
        fresh = {**_chosen(base, fresh["value"]), **fresh}
    return replace(base, **{name: _frozen(value) for name, value in fresh.items()})


def _check_severity(key, parts):
    severity = parts.get("severity")
    if "severity" in parts and severity not in (key.severities or ("off",)):
        raise m.Refused(m.Text(m.N_("«%(rule)s»: the journal cannot act as «%(severity)s» here. Possible: %(list)s."),
                               rule=m.Text(key.title), severity=severity, list=", ".join(key.severities)), key.key)


def _chosen(rule, value):
    """The clauses of that reading of a contradiction which the value picks, if it is one of those named."""
    for choice in rule.choices:
        if choice["value"] == _frozen(value):
            return {name: choice[name] for name in ("clause", "clauses") if name in choice}
    return {}


def _frozen(value):
    if isinstance(value, Mapping):
        return MappingProxyType({name: _frozen(inner) for name, inner in value.items()})
    return tuple(_frozen(inner) for inner in value) if isinstance(value, list | tuple) else value


def plain(value):
    """A value of a rule as JSON has it: lists and dicts."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, tuple) else value


# ---- the regulation: what a value may be ----


def _checked(key, value):
    """The value, when it is of the key's type; raises Refused with the rule's name."""
    if key.optional and value == NEVER:
        return value
    try:
        fits = _TYPES[key.type](key, value)
    except m.Refused as error:
        raise m.Refused(m.Text(m.N_("«%(rule)s»: %(problem)s"), rule=m.Text(key.title), problem=error.text), key.key) from None
    if not fits:
        raise m.Refused(m.Text(m.N_("«%(rule)s»: «%(value)s» does not fit. %(wanted)s"), rule=m.Text(key.title),
                               value=str(plain(value)), wanted=_wanted(key)), key.key)
    return value


def _is_deadline(key, value):
    return isinstance(value, str) and (parse_deadline(value) or True)


def _is_interval(key, value):
    return isinstance(value, str) and bool(re.fullmatch(r"none|P[1-9]\d{0,3}(D|M|WD)|PT[1-9]\d{0,3}H", value))


def _is_offset(key, value):
    return isinstance(value, str) and bool(re.fullmatch(r"none|[+-]?P\d{1,3}D", value))


def _is_day(key, value):
    return isinstance(value, str) and _is_day_of_year(value)


def _is_int(key, value):
    return type(value) is int and key.low <= value <= key.high


def _is_bool(key, value):
    return type(value) is bool


def _is_choice(key, value):
    return isinstance(value, str) and value in key.choices


def _is_list(key, value):
    words = isinstance(value, list | tuple) and all(isinstance(word, str) and word for word in value)
    return words and len(set(value)) == len(value) and (not key.choices or set(value) <= set(key.choices))


def _is_numbers(key, value):
    """Marks for 1, 2, 3 and more hours a week: three counts that do not fall."""
    if not isinstance(value, list | tuple) or len(value) != 3 or not all(type(n) is int and 0 < n < 100 for n in value):
        return False
    return list(value) == sorted(value)


def _is_table(key, value):
    if not isinstance(value, Mapping) or set(value) != set(key.fields):
        return False
    return all(_checked(field, value[name]) == value[name] for name, field in key.fields.items())


_TYPES = {"deadline": _is_deadline, "interval": _is_interval, "offset": _is_offset, "day": _is_day, "int": _is_int,
          "bool": _is_bool, "choice": _is_choice, "list": _is_list, "numbers": _is_numbers, "table": _is_table}


def _wanted(key):
    if key.choices:
        return m.Text(m.N_("Possible: %(list)s."), list=", ".join(key.choices))
    if key.type == "int":
        return m.Text(m.N_("A whole number from %(low)s to %(high)s."), low=key.low, high=key.high)
    if key.type == "table":
        return m.Text(m.N_("It has these parts: %(list)s."), list=", ".join(key.fields))
    return m.Text(_EXAMPLES[key.type])


_EXAMPLES = {
    "deadline": m.N_("For example same_day or P3D."),
    "interval": m.N_("For example P7D, P1M or PT24H."),
    "offset": m.N_("Days from the end of the period: -P2D, P0D, +P3D, or none."),
    "day": m.N_("Month and day: 09-05."),
    "bool": m.N_("Yes or no."),
    "list": m.N_("A list of different words."),
    "numbers": m.N_("Three numbers that do not fall: for 1, 2, 3 and more hours a week."),
}
