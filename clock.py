"""The one place that asks what time it is. Below the edge (views, cli) `now` is an argument.

The school has one time zone and, in a demonstration, a clock shifted by a stored offset. Both belong to the
school's data and are told to this module once, when the application opens the database.
"""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Europe/Moscow")
_offset = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """The present moment at the school: aware, in the school's time zone, shifted by the demo's offset."""
    moment = _frozen if _frozen is not None else datetime.now(UTC) + _offset
    return moment.astimezone(_zone)


def today() -> date:
    """The calendar date at the school."""
    return now().date()


def zone() -> ZoneInfo:
    """The school's time zone."""
    return _zone


def set_school(timezone: str, offset_seconds: int = 0) -> None:
    """Take over the school's time zone and its clock offset in seconds; raises KeyError for an unknown zone."""
    global _zone, _offset
    _zone, _offset = ZoneInfo(timezone), timedelta(seconds=offset_seconds)


def offset_to(moment: datetime) -> int:
    """Seconds to add to the real clock so that it shows `moment` (naive moments are school time)."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=_zone)
    return round((aware - datetime.now(UTC)).total_seconds())


def at(day: date, time) -> datetime:
    """The aware moment of a local date and bell time at the school."""
    return datetime.combine(day, time, tzinfo=_zone)


@contextmanager
def frozen(moment: datetime):
    """Hold the clock at `moment` (naive = school time) for the length of a block: for tests and data that is lived through."""
    global _frozen
    before, _frozen = _frozen, moment if moment.tzinfo else moment.replace(tzinfo=_zone)
    try:
        yield
    finally:
        _frozen = before
