"""What may stand in a cell and what it means: scales of marks, and attendance codes as the school has them.

The formulas speak of fives, fours, threes, twos and of the usual codes; a scale and a book of codes translate what the school
uses into that. Nothing here knows a table, a request or today's date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from formulas import EXCUSED, FAILED, ILL, LATE, MISSED, PASSED, RELEASED, ROUNDING, shown_mean

# ---- scales ----


@dataclass(frozen=True)
class Scale:
    """A way of marking. `marks`: what may be put, best first. `worth`: what a mark counts for in an average; the others count for
    nothing. `ladder`: marks that an average can earn, best first. `five`: marks of the five-point scale with the same meaning
    (reports.md 3, other scales). `averaged`: an average says something and is shown. A scale of the school's own has a `name` and may
    have `bounds`: the lowest average that earns each mark of the ladder but the last, in place of those of the regulation."""

    code: str
    marks: tuple[str, ...]
    worth: Mapping[str, int]
    ladder: tuple[str, ...]
    five: Mapping[str, str]
    averaged: bool = True
    name: str = ""
    bounds: Mapping[str, Fraction] = field(default_factory=dict)

    def weights(self, weighted: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
        """(mark, weight) as numbers, without what does not count."""
        return [(self.worth[mark], weight) for mark, weight in weighted if mark in self.worth]

    def steps(self, policy: str) -> list[tuple[str, Fraction]]:
        """The lowest average that earns each mark but the last one, best first (reports.md 3.8). Beyond five points every mark
        begins at the same part of the way to it from the one below."""
        if self.bounds:
            return [(mark, self.bounds[mark]) for mark in self.ladder[:-1]]
        usual, part = ROUNDING[policy], ROUNDING[policy][5] - 4
        worths = [self.worth[mark] for mark in self.ladder]
        by_fives = worths == [5, 4, 3, 2][:len(worths)]
        return [(mark, usual[worth] if by_fives else below + (worth - below) * part)
                for mark, worth, below in zip(self.ladder, worths, worths[1:], strict=False)]

    def earned(self, average: Fraction | None, policy: str = "math") -> str:
        """The mark an average earns; "" without an average. Compared exactly, the threshold itself gets the better mark."""
        if average is None or not self.ladder:
            return ""
        return next((mark for mark, least in self.steps(policy) if average >= least), self.ladder[-1])

    def shown(self, average: Fraction | None, policy: str = "math") -> Decimal | None:
        """An average to show; None for a scale without averages."""
        return shown_mean(average, policy, self.earned) if self.averaged else None

    def nearest(self, average: Fraction | None) -> str:
        """The mark whose worth the average is nearest to, the better one in the middle (reports.md 3.9); "" without an average."""
        return replace(self, bounds={}).earned(average)

    def as_five(self, result: str) -> str:
        """A result in the words of the formulas 3.1–3.4: «9» of ten points is a «5». Codes stay."""
        return self.five.get(result, result)


def _same(marks: Iterable[str]) -> dict[str, str]:
    return {mark: mark for mark in marks}


FIVE = Scale("marks", ("5", "4", "3", "2", "1"), {"5": 5, "4": 4, "3": 3, "2": 2, "1": 1}, ("5", "4", "3", "2"), _same("54321"))
TEN = Scale("ten", tuple(map(str, range(10, 0, -1))), {str(n): n for n in range(10, 0, -1)}, tuple(map(str, range(10, 0, -1))),
            dict(zip(map(str, range(10, 0, -1)), "5544332222", strict=True)))
LETTERS = Scale("letters", ("A", "B", "C", "D"), {"A": 5, "B": 4, "C": 3, "D": 2}, ("A", "B", "C", "D"),
                {"A": "5", "B": "4", "C": "3", "D": "2"})
PASS = Scale("pass", (PASSED, FAILED), {PASSED: 1, FAILED: 0}, (PASSED, FAILED), {}, averaged=False)
NONE = Scale("none", (), {}, (), {}, averaged=False)
SCALES = {scale.code: scale for scale in (FIVE, TEN, LETTERS, PASS, NONE)}
"""By Subject.grading: five points, ten points, letters, зачёт/незачёт, no marks."""

ALL_MARKS = frozenset(mark for scale in SCALES.values() for mark in scale.marks)


_own: Mapping[str, Scale] = {}


def learn(scales: Iterable[Scale]) -> None:
    """From now on these are the scales of the school's own."""
    global _own
    _own = {scale.code: scale for scale in scales}


def own_scales() -> list[Scale]:
    """The scales of the school's own, by name."""
    return list(_own.values())


def own_scale(code: str, name: str, rows: Iterable[tuple], averaged: bool) -> Scale:
    """A scale of the school's own from its marks, the best first: (mark, worth or None, lowest average that earns it as text or "", what
    it is among five points or of pass and fail)."""
    rows, ladder = list(rows), []
    worth = {mark: number for mark, number, _least, _level in rows if number is not None}
    for mark in worth:
        if not ladder or worth[mark] < worth[ladder[-1]]:
            ladder.append(mark)
    return Scale(code, tuple(mark for mark, *_rest in rows), worth, tuple(ladder), {mark: level for mark, _number, _least, level in rows},
                 averaged, name, {mark: Fraction(least) for mark, _number, least, _level in rows if least})


def scale_of(grading: str) -> Scale:
    """The scale of a subject or a course; five points for one that is not told."""
    return SCALES.get(grading) or _own.get(grading, FIVE)


# ---- attendance codes ----

UNEXPLAINED, SICK, REASON, TRUANT, TARDY, FREE = MEANINGS = ("unexplained", "ill", "excused", "unexcused", "late", "released")
"""What a code says: away and not clear why, ill, with a valid reason, without one, late, released from the lesson."""

_USUAL = {UNEXPLAINED: "н", SICK: ILL, REASON: EXCUSED, TRUANT: "нп", TARDY: LATE, FREE: RELEASED}


@dataclass(frozen=True)
class Code:
    """An attendance code. `missed`: the lesson counts as missed; `document`: a paper has to be shown; `key`: the letter that puts it
    in the grid; one that is not `active` is read, and put no more."""

    code: str
    name: str
    meaning: str
    missed: bool
    document: bool = False
    key: str = ""
    active: bool = True

    @property
    def explained(self) -> bool:
        """Is there a reason the school accepts?"""
        return self.meaning not in (UNEXPLAINED, TRUANT)


class Codes:
    """The attendance codes of a school, in their order."""

    def __init__(self, codes: Iterable[Code]):
        self.all = {code.code: code for code in codes}

    def __getitem__(self, code: str) -> Code:
        """The code with what it means; one that nobody knows any more is an absence not explained."""
        return self.all.get(code) or Code(code, code, UNEXPLAINED, True, active=False)

    @cached_property
    def active(self) -> list[Code]:
        return [code for code in self.all.values() if code.active]

    @cached_property
    def missed(self) -> frozenset[str]:
        """Codes that count as a missed lesson."""
        return frozenset(code.code for code in self.all.values() if code.missed)

    @cached_property
    def unexplained(self) -> frozenset[str]:
        """Codes of absences that nobody has explained yet (ATT-05)."""
        return self.meaning(UNEXPLAINED)

    @cached_property
    def late(self) -> frozenset[str]:
        return self.meaning(TARDY)

    def meaning(self, *meanings: str) -> frozenset[str]:
        return frozenset(code.code for code in self.all.values() if code.meaning in meanings)

    def usual(self, code: str) -> str:
        """The code in the words of the formulas 3.11, by what it means: «к» of a competition is «у»."""
        known = self[code]
        if known.missed == (_USUAL[known.meaning] in MISSED):
            return _USUAL[known.meaning]
        return EXCUSED if known.missed else RELEASED


STANDARD = Codes([
    Code("н", "не был, причина не выяснена", UNEXPLAINED, True, key="н"),
    Code("б", "болел", SICK, True, key="б"),
    Code("у", "уважительная причина", REASON, True, key="у"),
    Code("о", "опоздал", TARDY, False, key="о"),
    Code("нп", "без уважительной причины", TRUANT, True),
    Code("от", "отсутствовал", UNEXPLAINED, True),
    Code("осв", "освобождён", FREE, False),
])
"""The codes a school begins with (reports.md §1)."""
