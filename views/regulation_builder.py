"""Deadlines, intervals and days before or after a period's end as questions: what it is counted from, how many, which day. Nobody
has to know the grammar (rulebook.rules.parse_deadline), and what the questions cannot say stays as it is written."""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as N_

WRITTEN = "written"


@dataclass(frozen=True)
class Way:
    """An answer to «counted how?»: the notation it makes, and what else it asks: "n" a number, "day" a day and month, "" nothing."""

    code: str
    words: object
    form: str
    asks: str = ""


WAYS = {
    "deadline": (
        Way("same_day", N_("on the day itself"), "same_day"),
        Way("days", N_("days after it"), "P{n}D", "n"),
        Way("school_days", N_("school days after it"), "P{n}WD", "n"),
        Way("hours", N_("hours after it"), "PT{n}H", "n"),
        Way("lesson_start", N_("minutes from the lesson's start"), "lesson_start+PT{n}M", "n"),
        Way("class_day_end", N_("minutes after the class's last lesson"), "class_day_end+PT{n}M", "n"),
        Way("period_before", N_("days before the end of the period"), "period_end-P{n}D", "n"),
        Way("period_after", N_("days after the end of the period"), "period_end+P{n}D", "n"),
        Way("receipt_hours", N_("hours after the results are received"), "from_receipt+PT{n}H", "n"),
        Way("receipt_days", N_("days after the results are received"), "from_receipt+P{n}D", "n"),
        Way("fixed", N_("by a day of the year"), "{day}", "day"),
        Way("none", N_("no limit"), "none"),
    ),
    "interval": (
        Way("days", N_("days"), "P{n}D", "n"), Way("months", N_("months"), "P{n}M", "n"),
        Way("school_days", N_("school days"), "P{n}WD", "n"), Way("hours", N_("hours"), "PT{n}H", "n"),
        Way("none", N_("no limit"), "none"),
    ),
    "offset": (
        Way("before", N_("days before the last day of the period"), "-P{n}D", "n"),
        Way("last", N_("the last day of the period"), "P0D"),
        Way("after", N_("days after the last day of the period"), "+P{n}D", "n"),
        Way("none", N_("any day"), "none"),
    ),
}


def taken_apart(kind: str, text: str) -> tuple[str, str, str]:
    """(code of the way, number, day as «05.09») of a notation; WRITTEN where no way says it."""
    plain = _minutes(text)
    for way in WAYS[kind]:
        if way.asks == "day":
            if found := re.fullmatch(r"(\d\d)-(\d\d)", plain):
                return way.code, "", f"{found[2]}.{found[1]}"
            continue
        pattern = re.escape(way.form).replace(r"\{n\}", r"(\d{1,4})")
        if found := re.fullmatch(pattern, plain):
            return way.code, found[1] if way.asks else "", ""
    return WRITTEN, "", ""


def put_together(kind: str, code: str, number: str, day: str) -> str:
    """The notation of the answers. What is missing or no number stays in it as it was typed, and will be refused by name."""
    way = next((way for way in WAYS[kind] if way.code == code), None)
    if way is None:
        return ""
    if way.asks == "day":
        found = re.fullmatch(r"\s*(\d{1,2})[.\-/ ](\d{1,2})\.?\s*", day)
        return f"{int(found[2]):02d}-{int(found[1]):02d}" if found else day.strip()
    return way.form.format(n=number.strip())


def _minutes(text: str) -> str:
    """Hours and minutes of a notation as minutes alone, where it counts from a bell: PT1H30M → PT90M."""
    found = re.fullmatch(r"((?:lesson_start|class_day_end)\+PT)(?:(\d+)H)?(?:(\d+)M)?", text)
    return f"{found[1]}{int(found[2] or 0) * 60 + int(found[3] or 0)}M" if found else text
