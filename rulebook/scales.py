"""Scales of marks that the school defines itself: what a scale must be, and what of it may still change once marks stand on it.

What a mark is worth, what it is called and what it means in reports is kept for every mark that stands in a journal: averages and
reports of the past must not change by a form of the administrator.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import models as m
from formulas import DEFERRED, EXEMPT, FAILED, GRADELESS, NOT_ATTESTED, PASSED
from history import Actor
from marking import Scale
from policies import User, allows
from rulebook.facts import as_read

FIVES, PASSES = ("5", "4", "3", "2"), (PASSED, FAILED)
LEVELS = (*FIVES, *PASSES)
"""What a mark is in reports: among five points, or of pass and fail; positive are all but «2» and «незач»."""
MOST_MARKS, MOST_WORTH = 20, 100
_SPELLING = re.compile(r"[0-9A-Za-zА-Яа-яЁё]{0,5}[+-]?")
_RESULTS = frozenset({NOT_ATTESTED, EXEMPT, GRADELESS, ".", *DEFERRED})


class Typed(NamedTuple):
    """A mark of a scale as it was typed."""

    mark: str
    worth: str = ""
    least: str = ""
    level: str = ""


class Foreign(Exception):
    """Scales are the administrator's."""


def typed(scale: Scale) -> list[Typed]:
    """The marks of a scale as they would be typed; those of pass and fail mean themselves."""
    return [Typed(mark, str(scale.worth.get(mark, "")), f"{float(scale.bounds[mark]):g}".replace(".", ",") if mark in scale.bounds else "",
                  scale.as_five(mark) if scale.as_five(mark) in LEVELS else "2") for mark in scale.marks]


def keep(user: User, by: Actor, scale: m.MarkScale, name: str, rows: Iterable[Typed], averaged: bool) -> None:
    """Write a scale, new or standing, from its marks, the best first. Raises Foreign, and Refused with "name", "marks" or the number of the
    row, from 0, as its field."""
    if not allows(user, "edit" if scale.id else "create", scale):
        raise Foreign
    marks = _read(list(rows))
    if not name.strip():
        raise m.Refused(m.Text(m.N_("Give the scale a name.")), "name")
    with m.writing(by):
        twin = next((each for each in m.MarkScale.select() if m.fold(each.name) == m.fold(name.strip()) and each.id != scale.id), None)
        if twin:
            raise m.Refused(m.Text(m.N_("There is a scale with this name already.")), "name")
        if scale.id:
            _still_means(m.MarkScale.get_by_id(scale.id), marks, averaged)
        scale.name, scale.marks = name.strip()[:60], marks
        scale.averaged = averaged and len({worth for _mark, worth, *_rest in marks} - {None}) > 1
        scale.save()


def remove(user: User, by: Actor, scale: m.MarkScale) -> None:
    """Delete a scale that no subject and no journal is marked by; Refused otherwise."""
    if not allows(user, "delete", scale):
        raise Foreign
    with m.writing(by):
        users = scale.users()
        if users:
            raise m.Refused(m.Text(m.N_("The scale is in use: %(names)s. Choose another one there first."), names=", ".join(users[:5])))
        scale.delete_instance()


def _read(rows: list[Typed]) -> list[list]:
    """[mark, worth, least, level] of each row; Refused for what is no scale."""
    if not 2 <= len(rows) <= MOST_MARKS:
        raise m.Refused(m.Text(m.N_("A scale has from 2 to %(most)s marks."), most=MOST_MARKS), "marks")
    if len({row.level in FIVES for row in rows if row.level in LEVELS}) > 1:
        raise m.Refused(m.Text(m.N_("In reports the marks of one scale are either all among «5» to «2», or all «pass» and «fail».")),
                        "marks")
    marks, seen = [], set()
    for place, row in enumerate(rows):
        _check_spelling(row.mark, seen, place)
        seen.add(as_read(row.mark))
        worth, above = _worth(row, place), next((each[1] for each in reversed(marks) if each[1] is not None), None)
        if row.level not in LEVELS:
            raise m.Refused(m.Text(m.N_("Say what the mark is in reports.")), str(place))
        if marks and LEVELS.index(row.level) < LEVELS.index(marks[-1][3]) or None not in (worth, above) and worth > above:
            raise m.Refused(m.Text(m.N_("The best mark stands first: this one cannot be better than the one above it.")), str(place))
        marks.append([row.mark, worth, "", row.level])
    _set_bounds(marks, rows)
    return marks


def _check_spelling(mark: str, seen: set, place: int) -> None:
    word = as_read(mark)
    if not mark or not _SPELLING.fullmatch(mark):
        raise m.Refused(m.Text(m.N_("A mark is one to five letters or digits, and may end with + or −.")), str(place))
    if word in seen:
        raise m.Refused(m.Text(m.N_("This mark is in the scale twice.")), str(place))
    if word in m.codes().all or word in _RESULTS:
        raise m.Refused(m.Text(m.N_("«%(mark)s» means something else in the journal already, an attendance code or a result. Call the "
                                    "mark otherwise."), mark=mark), str(place))


def _worth(row: Typed, place: int) -> int | None:
    if not row.worth:
        return None
    if not (row.worth.isascii() and row.worth.isdigit() and int(row.worth) <= MOST_WORTH):
        raise m.Refused(m.Text(m.N_("What a mark counts for is a whole number up to %(most)s; empty: it does not count."),
                               most=MOST_WORTH), str(place))
    return int(row.worth)


def _set_bounds(marks: list[list], rows: list[Typed]) -> None:
    """Lowest averages: of no mark, or of every one that an average can earn but the last; each above the worth of the mark below and at
    most that of its own, so that equal marks earn that mark."""
    ladder, told = [], [place for place, row in enumerate(rows) if row.least]
    for place, (_mark, worth, *_rest) in enumerate(marks):
        if worth is not None and (not ladder or worth < marks[ladder[-1]][1]):
            ladder.append(place)
    if not told:
        return
    for place in sorted({*told, *ladder[:-1]}):
        least = _number(rows[place].least)
        if place not in ladder[:-1]:
            raise m.Refused(m.Text(m.N_("An average does not earn this mark, or it is the last one: leave its lowest average empty.")),
                            str(place))
        below = marks[ladder[ladder.index(place) + 1]][1]
        if least is None or not below < least <= marks[place][1]:
            raise m.Refused(m.Text(m.N_("The lowest average is above %(below)s and at most %(own)s, with two digits: fill it for every "
                                        "mark but the last, or for none."), below=below, own=marks[place][1]), str(place))
        marks[place][2] = str(least)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number == round(number, 2) else None


def _still_means(scale: m.MarkScale, marks: list[list], averaged: bool) -> None:
    """Refused for a change that would give another meaning to marks that stand."""
    became = {mark: (worth, level) for mark, worth, _least, level in marks}
    standing, results = scale.standing()
    for mark, worth, _least, level in scale.marks:
        if standing.get(mark) and became.get(mark) != (worth, level):
            raise m.Refused(m.Text(m.N_("The mark «%(mark)s» stands in the journal %(times)s times: it stays in the scale and counts as it "
                                        "did. Make a new scale and choose it for subjects or journals without marks."),
                                   mark=mark, times=standing[mark]), "marks")
    bounds = [{mark: least for mark, _worth, least, _level in each if least} for each in (scale.marks, marks)]
    if results and (bounds[0] != bounds[1] or scale.averaged != averaged):
        raise m.Refused(m.Text(m.N_("Marks for periods are put by this scale already: averages and their lowest values stay as they are. "
                                    "Make a new scale for the coming year.")), "marks")
