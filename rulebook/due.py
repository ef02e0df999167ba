"""What a duty is: something a person has to do by a day, with its clause; the facts duties are made of; weeks and months of a rule.

A topic (remarks, closing, corrections…) says in a `Source` which rows it needs and what they mean. `rulebook.duties` lists the sources
and reads all their rows in one statement, so that the first page of everybody stays cheap.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from peewee import Value

import models as m
from policies import User
from rulebook.rules import FIRST_MONTH, Rules

SOON = timedelta(days=3)


@dataclass(frozen=True)
class Duty:
    """Something to do: in words, until when (a date, a moment or None), the page where it is done, the clause it rests on, and
    whether it is late already. `topic` groups duties: list, attendance, control, analysis, remark, password…"""

    what: m.Text
    due: date | datetime | None
    url: str
    clause: str = ""
    late: bool = False
    topic: str = ""

    def urgency(self) -> tuple:
        """Sorts the late before the rest, then by the day; what has no day comes last."""
        due = self.due if isinstance(self.due, datetime) else datetime.combine(self.due or date.max, time.max)
        return (not self.late, due.replace(tzinfo=None), str(self.what))

    def soon(self, today: date) -> bool:
        """Is there little time left?"""
        day = self.due.date() if isinstance(self.due, datetime) else self.due
        return not self.late and day is not None and day - today <= SOON


class Fact(NamedTuple):
    """A row of a source: two numbers, a day, a moment, two texts; what is not given is None."""

    kind: str
    one: int | None
    other: int | None
    day: date | None
    at: datetime | None
    words: str | None
    more: str | None


class Source(NamedTuple):
    """`facts(user, rules, now)`: selects made by `fact`, none where the topic does not concern the user. `duties(user, rules, now,
    found)`: the duties, `found(kind)` being the rows of that kind as Facts. Kinds are names of the whole program."""

    facts: Callable[[User, Rules, datetime], list]
    duties: Callable[[User, Rules, datetime, Callable[[str], list[Fact]]], list[Duty]]


def fact(query, kind: str, *, one=None, other=None, day=None, at=None, words=None, more=None):
    """The rows of a query (without order or limit) as facts of a kind; the values are columns or expressions."""
    columns = {"one": (one, "INTEGER"), "other": (other, "INTEGER"), "day": (day, "TEXT"), "at": (at, "TEXT"), "words": (words, "TEXT"),
               "more": (more, "TEXT")}
    return query.select(Value(kind).cast("TEXT").alias("kind"), *(
        (Value(None) if column is None else column).cast(kind_of).alias(name) for name, (column, kind_of) in columns.items()))


def read(selects: list) -> dict[str, list[Fact]]:
    """Kind → its facts, of all these selects; one statement, none without selects."""
    found: dict[str, list] = {}
    if not selects:
        return found
    whole = selects[0]
    for select in selects[1:]:
        whole = whole.union_all(select)
    for kind, one, other, day, at, words, more in whole.tuples():
        found.setdefault(kind, []).append(Fact(kind, one, other, day and date.fromisoformat(day[:10]), at and _moment(at), words, more))
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# ---- weeks and months of a rule ----

class Span(NamedTuple):
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def year_start(day: date) -> date:
    """1 September of the school year that holds the day."""
    return date(day.year - (day.month < FIRST_MONTH), FIRST_MONTH, 1)


def span_of(interval: str, day: date) -> Span | None:
    """The stretch of time of an interval (P7D: Monday to Sunday, P1M: the calendar month, P10D: ten days counted from 1 September)
    that holds the day; None for `none`."""
    found = re.fullmatch(r"P(\d+)(D|M|WD)|PT(\d+)H", interval)
    if not found:
        return None
    if found[2] == "M":
        return _months(int(found[1]), day)
    days = int(found[1] or 1)
    start = year_start(day)
    if days % 7 == 0:
        start -= timedelta(days=start.weekday())
    first = start + timedelta(days=(day - start).days // days * days)
    return Span(first, first + timedelta(days=days - 1))


def days_of(interval: str) -> int | None:
    """An interval in days, a month as 30 and hours as the days they begin; None for `none`."""
    found = re.fullmatch(r"P(\d+)(D|M|WD)|PT(\d+)H", interval)
    if not found:
        return None
    return -(-int(found[3]) // 24) if found[3] else int(found[1]) * (30 if found[2] == "M" else 1)


def _months(count: int, day: date) -> Span:
    """So many calendar months together, counted from September."""
    passed = (day.month - FIRST_MONTH) % 12 // count * count
    first = _later(year_start(day), passed)
    return Span(first, _later(first, count) - timedelta(days=1))


def _later(day: date, months: int) -> date:
    """The first of the month so many months on."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def spans(interval: str, since: date, until: date) -> list[Span]:
    """The spans of an interval from the one that holds `since` to the one that holds `until`."""
    found, day = [], since
    while day <= until and (span := span_of(interval, day)):
        found.append(span)
        day = span.last + timedelta(days=1)
    return found


def worked(among: list[Span], days) -> list[Span]:
    """Those of the spans in which one of the days lies: weeks and months with lessons."""
    return [span for span in among if any(span.holds(day) for day in days)]


def missing(among: list[Span], checked) -> list[Span]:
    """Those of the spans in which none of the days `checked` lies."""
    return [span for span in among if not any(span.holds(day) for day in checked)]


def unchecked_since(among: list[Span], checked) -> list[Span]:
    """The spans after the last one that was checked."""
    return [span for span in among if not any(day >= span.first for day in checked)]
