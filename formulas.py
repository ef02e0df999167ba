"""Arithmetic of marks, lists and hours: spec/reports.md §3.

Everything is exact. Averages and shares are `Fraction`, None stands for «—» (nothing to count),
and a number is rounded once, when it is shown. Nothing here knows a table, a request or today's date.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

Number = int | Fraction
Weighted = tuple[Number, Number]
"""A mark and its weight."""

ILL, EXCUSED, LATE, RELEASED = "б", "у", "о", "осв"
UNEXCUSED = frozenset({"нп", "н", "от"})
MISSED = frozenset({ILL, EXCUSED}) | UNEXCUSED
"""Codes that count as a missed lesson; being late («о») and being released («осв») do not."""

NOT_ATTESTED, EXEMPT, GRADELESS = "н/а", "осв", "безотм"
DEFERRED = frozenset({"отсрочка", "продление"})
PASSED, FAILED = "зач", "незач"


# ---- 3.1–3.4 results of a group in a subject ----


@dataclass(frozen=True)
class Tally:
    """How many pupils of a list have which result of a period in one subject."""

    fives: int = 0
    fours: int = 0
    threes: int = 0
    twos: int = 0
    not_attested: int = 0
    exempt: int = 0
    passed: int = 0
    failed: int = 0
    gradeless: int = 0
    deferred: int = 0
    missing: int = 0

    @property
    def listed(self) -> int:
        """N: all pupils of the list."""
        return sum(vars(self).values())

    @property
    def counted(self) -> int:
        """D = n5+n4+n3+n2+nNA: «н/а» stays in the denominator."""
        return self.fives + self.fours + self.threes + self.twos + self.not_attested


def tally(results: Iterable[str | None]) -> Tally:
    """Counts the period results of a list of pupils; None or "" is a pupil without any. A «1» counts as a «2»."""
    return Tally(**Counter(_TALLIED.get(result or "", "missing") for result in results))


def success_rate(group: Tally) -> Fraction | None:
    """3.1 % успеваемости. A pass/fail subject has its own share: зач of зач and незач."""
    if group.counted:
        return Fraction(100 * (group.fives + group.fours + group.threes), group.counted)
    return _percent(group.passed, group.passed + group.failed)


def quality_rate(group: Tally) -> Fraction | None:
    """3.2 % качества знаний: fives and fours."""
    return _percent(group.fives + group.fours, group.counted)


def training_level(group: Tally) -> Fraction | None:
    """3.3 СОУ by Simonov, in percent."""
    if not group.counted:
        return None
    points = 100 * group.fives + 64 * group.fours + 36 * group.threes + 16 * group.twos + 7 * group.not_attested
    return Fraction(points, group.counted)


def group_mean(group: Tally) -> Fraction | None:
    """3.4 average mark of a group, without н/а, осв and зач."""
    marked = group.counted - group.not_attested
    if not marked:
        return None
    return Fraction(5 * group.fives + 4 * group.fours + 3 * group.threes + 2 * group.twos, marked)


_TALLIED = {
    "5": "fives",
    "4": "fours",
    "3": "threes",
    "2": "twos",
    "1": "twos",
    NOT_ATTESTED: "not_attested",
    EXEMPT: "exempt",
    PASSED: "passed",
    FAILED: "failed",
    GRADELESS: "gradeless",
    **dict.fromkeys(DEFERRED, "deferred"),
}


# ---- 3.5–3.6 averages of a pupil ----


def mean(marks: Iterable[Number]) -> Fraction | None:
    """3.5 average of a pupil's marks; a double mark is two of them."""
    return weighted_mean((mark, 1) for mark in marks)


def weighted_mean(marks: Iterable[Weighted]) -> Fraction | None:
    """3.6 Σ(m·w)/Σw; None without marks or when they weigh nothing."""
    total, weight = _sums(marks)
    return total / weight if weight else None


@dataclass(frozen=True)
class Share:
    """What works of one kind and weight bring to a weighted average: marks in the order given, and Σ(m·w)."""

    kind: str
    weight: Number
    marks: tuple[Number, ...]

    @property
    def sum(self) -> Number:
        return sum(self.marks) * self.weight


def shares(marks: Iterable[tuple[str, Number, Number]]) -> list[Share]:
    """How an average of 3.6 came about, from (kind of work, mark, weight): the heaviest kinds first."""
    parts: dict[tuple, list] = {}
    for kind, mark, weight in marks:
        parts.setdefault((kind, weight), []).append(mark)
    found = [Share(kind, weight, tuple(values)) for (kind, weight), values in parts.items()]
    return sorted(found, key=lambda share: (-share.weight, share.kind))


# ---- a class, the pupil being the unit ----

CATEGORIES = (
    "failing",
    "not_attested",
    "deferred",
    "no_data",
    "excellent",
    "one_four",
    "good",
    "one_three",
    "satisfactory",
)
"""R-03, in the order of the test: the first that fits is the pupil's."""


def category(results: Iterable[str | None]) -> str:
    """R-03: the category of a pupil by the results of a period in all subjects. осв, зач and безотм are passed over."""
    seen = tally(results)
    if seen.twos or seen.failed:
        return "failing"
    if seen.not_attested:
        return "not_attested"
    if seen.deferred:
        return "deferred"
    if seen.missing or not seen.counted:
        return "no_data"
    return _by_worst_mark(seen)


@dataclass(frozen=True)
class ClassResult:
    """Success and quality of a class over its pupils (reports.md 3.6, class level)."""

    counts: Mapping[str, int]
    gradeless: int = 0

    @property
    def assessed(self) -> int:
        """Nа: the list at the period's end without «нет данных», deferred and gradeless pupils."""
        return sum(self.counts.get(name, 0) for name in CATEGORIES if name not in ("deferred", "no_data"))

    @property
    def success(self) -> Fraction | None:
        lagging = self.counts.get("failing", 0) + self.counts.get("not_attested", 0)
        return _percent(self.assessed - lagging, self.assessed)

    @property
    def quality(self) -> Fraction | None:
        return _percent(sum(self.counts.get(name, 0) for name in ("excellent", "one_four", "good")), self.assessed)


def class_result(pupils: Iterable[Sequence[str | None]]) -> ClassResult:
    """Class-level percentages; a pupil whose every result is «безотм» is gradeless and belongs to no category."""
    counts, gradeless = Counter(), 0
    for results in pupils:
        if results and all(result == GRADELESS for result in results):
            gradeless += 1
        else:
            counts[category(results)] += 1
    return ClassResult(dict(counts), gradeless)


def _by_worst_mark(seen: Tally) -> str:
    if seen.threes:
        return "one_three" if seen.threes == 1 else "satisfactory"
    if seen.fours:
        return "one_four" if seen.fours == 1 else "good"
    return "excellent"


# ---- 3.7 enough marks for attestation ----

MINIMUM_MARKS = {
    "quarter": {1: 3, 2: 5, 3: 7},
    "trimester": {1: 4, 2: 7, 3: 10},
    "half_year": {1: 5, 2: 8, 3: 12},
}
ALERT_SHARE = 70


def minimum_marks(hours_a_week: Number | Decimal, table: Mapping[int, int]) -> int:
    """3.7 the norm of current marks in a period; `table` is hours a week → marks, the last row serves all above it.
    A part of an hour counts as a whole one."""
    hours = max(1, -int(-Fraction(hours_a_week) // 1))
    return table[min(hours, max(table))]


def accumulation(marks: int, norm: int) -> Fraction:
    """3.7 накопляемость, percent of the norm. Below 100 is below the norm, below ALERT_SHARE is an alert."""
    return Fraction(100 * marks, norm)


def density(marks: int, pupils: int, lessons: int) -> Fraction | None:
    """3.7 плотность: marks for one pupil in one lesson held."""
    return Fraction(marks, pupils * lessons) if pupils * lessons else None


# ---- 3.8 rounding of term marks ----

ROUNDING = {
    "math": {5: Fraction("4.5"), 4: Fraction("3.5"), 3: Fraction("2.5")},
    "0.60": {5: Fraction("4.6"), 4: Fraction("3.6"), 3: Fraction("2.6")},
    "0.65": {5: Fraction("4.65"), 4: Fraction("3.65"), 3: Fraction("2.65")},
    "0.51": {5: Fraction("4.51"), 4: Fraction("3.51"), 3: Fraction("2.70")},
}
"""Policies by name: the lowest average that earns each mark; below all of them is a «2»."""

BORDER = (Fraction("0.4"), Fraction("0.7"))


def term_mark(average: Fraction | None, policy: str = "math") -> int | None:
    """3.8 the mark an average earns. Compared exactly; an average equal to the threshold gets the higher mark."""
    if average is None:
        return None
    return next((mark for mark, least in ROUNDING[policy].items() if average >= least), 2)


def to_next(average: Fraction | None, steps: Iterable[tuple[str, Fraction]]) -> tuple[str, Fraction] | None:
    """3.8 the next better mark and how much the average lacks to it, of the lowest averages that earn each mark, best first;
    None without an average and at the best mark."""
    above = [(mark, least - average) for mark, least in steps if average is not None and average < least]
    return above[-1] if above else None


def in_border_zone(average: Fraction | None, zone: tuple[Fraction, Fraction] = BORDER) -> bool:
    """3.8 whether the teacher should look twice: x.40 ≤ average < x.70."""
    return average is not None and zone[0] <= average % 1 < zone[1]


def shown_mean(average: Fraction | None, policy: str = "math", earned: Callable = term_mark) -> Decimal | None:
    """An average to show: 2 digits, half up; more when 2 would reach a threshold that the exact value does not
    (4.496 is shown as 4.496, because «4.50» beside a «4» would look like a mistake). `earned` is the scale's own term_mark."""
    if average is None:
        return None
    digits = 2
    while earned(Fraction(_half_up(average, digits)), policy) != earned(average, policy):
        digits += 1
    return _half_up(average, digits)


def shown_percent(share: Fraction | None) -> Decimal | None:
    """A percentage to show: 1 digit, half up."""
    return None if share is None else _half_up(share, 1)


def _half_up(value: Fraction, digits: int) -> Decimal:
    scaled = abs(value) * 10**digits
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-digits)


# ---- 3.9 year, exam, certificate ----


def year_mark(
    periods: Sequence[str | None], *, attestation: str | None = None, tie: str = "pupil", least: int = 1
) -> int | None:
    """3.9 the year's mark: mean of the numeric period marks (and of the attestation beside them), math rounding.

    `tie` settles x.5: "pupil" up, "last" towards the last numeric period mark.
    None when fewer than `least` periods have a numeric mark.
    """
    marks = _numeric(periods)
    if not marks or len(marks) < least:
        return None
    average = mean(marks)
    if attestation:
        average = mean([average, *_numeric([attestation])])
    if tie == "last" and average % 1 == Fraction(1, 2):
        return int(average) + (marks[-1] > average)
    return _nearest(average)


def certificate_mark(marks: Sequence[str | None]) -> int | None:
    """3.9 the mark of a certificate: grade 9, year and exam; grade 11, the half-years and years of 10–11.
    Mean, math rounding."""
    average = mean(_numeric(marks))
    return None if average is None else _nearest(average)


def mean_result(results: Iterable[str | None]) -> Fraction | None:
    """3.9 the mean of those results that are marks."""
    return mean(_numeric(results))


def _numeric(results: Iterable[str | None]) -> list[int]:
    return [int(result) for result in results if result and result.isdecimal()]


def _nearest(average: Fraction) -> int:
    return int(average + Fraction(1, 2))


# ---- 3.11 attendance ----


@dataclass(frozen=True)
class Attendance:
    """Lessons a pupil (or a whole list) had to attend and what became of them."""

    due: int
    ill: int = 0
    excused: int = 0
    unexcused: int = 0
    unresolved: int = 0
    late: int = 0

    @property
    def missed(self) -> int:
        """б + у + (нп + н + от); the unresolved are a part of the unexcused."""
        return self.ill + self.excused + self.unexcused

    @property
    def rate(self) -> Fraction | None:
        """% посещаемости; None when no lesson was due."""
        return _percent(self.due - self.missed, self.due)


def attendance(due: int, codes: Iterable[str]) -> Attendance:
    """3.11 from the codes of cells. `due` = lessons held on days of membership, without осв and home-taught ones."""
    seen = Counter(codes)
    return Attendance(
        due,
        ill=seen[ILL],
        excused=seen[EXCUSED],
        unexcused=sum(seen[code] for code in UNEXCUSED),
        unresolved=seen["н"] + seen["от"],
        late=seen[LATE],
    )


def missed_days(days: Iterable[tuple[int, Sequence[str]]], rule: str = "all") -> tuple[int, int]:
    """3.11 (days missed, of them by illness). A day is (lessons due, codes of cells);
    rule "all": every lesson of the day, rule "more_than_3": four lessons or more.
    A day is by illness when all of it is missed and every lesson is «б»."""
    missed = ill = 0
    for due, codes in days:
        count = sum(code in MISSED for code in codes)
        missed += bool(due) and (count == due if rule == "all" else count > 3)
        ill += bool(due) and codes.count(ILL) == due
    return missed, ill


def is_systematic(missed: int, due: int, percent: int = 30) -> bool:
    """3.11 missing ≥ 30 % of the lessons of a calendar month; count only those without valid reason by default."""
    return due > 0 and 100 * missed >= percent * due


# ---- 3.13 forecast: what is still needed. Never the mark itself ----


def needed(marks: Iterable[Weighted], threshold: Fraction, mark: int, weight: Number = 1) -> int | None:
    """3.13 how many marks `mark` of `weight` bring the average to the threshold; None when no number does."""
    total, sum_of_weights = _sums(marks)
    if not sum_of_weights:
        return 1 if mark >= threshold else None
    if total >= threshold * sum_of_weights:
        return 0
    if mark <= threshold:
        return None
    return _ceil((threshold * sum_of_weights - total) / (weight * (mark - threshold)))


def lowest_safe_mark(marks: Sequence[Weighted], weight: Number = 1, policy: str = "math") -> int | None:
    """3.13 the worst next mark that does not lower the present result; None without marks."""
    present = term_mark(weighted_mean(marks), policy)
    if present is None:
        return None
    kept = (mark for mark in (2, 3, 4, 5) if term_mark(weighted_mean([*marks, (mark, weight)]), policy) >= present)
    return next(kept, None)


def _sums(marks: Iterable[Weighted]) -> tuple[Fraction, Fraction]:
    total = sum_of_weights = 0
    for mark, weight in marks:
        total += mark * weight
        sum_of_weights += weight
    return Fraction(total), Fraction(sum_of_weights)


def _percent(part: Number, whole: Number) -> Fraction | None:
    return Fraction(100) * part / whole if whole else None


def _ceil(value: Fraction) -> int:
    return -int(-value // 1)


# ---- 3.12 a course against its thematic plan ----


def spread(needs: Sequence[Decimal], lessons: Sequence[int]) -> list[list[int]]:
    """Which lessons, by their places, each topic takes when topics of so many hours follow one another over lessons of so
    many hours (PLN-02). A topic that no lesson is left for has an empty list."""
    ends, found, begun = list(accumulate(lessons)), [], 0
    for need in needs:
        first, until = bisect_right(ends, begun), begun + need
        last = bisect_left(ends, until)
        found.append(list(range(first, min(last + 1, len(ends)))) if need else [])
        begun = until
    return found


@dataclass(frozen=True)
class Pace:
    """How a course goes through its plan, in hours: `planned` should be covered by now, `covered` is, by `held` lessons;
    topics that are `left` have the lessons `ahead`."""

    planned: Decimal
    covered: Decimal
    held: Decimal
    left: Decimal
    ahead: Decimal

    @property
    def behind(self) -> Decimal:
        """Hours behind the plan; negative = ahead of it."""
        return self.planned - self.covered

    @property
    def short(self) -> Decimal:
        """Hours that will be missing at the end of the year; negative = in reserve."""
        return self.left - self.ahead

    @property
    def compacted(self) -> Decimal:
        """Covered by compaction: hours of the plan beyond the lessons that were held."""
        return max(Decimal(0), self.covered - self.held)


def pace(topics: Iterable[tuple[Decimal, Decimal, Decimal]], scheduled: int, held: int, ahead: int) -> Pace:
    """`topics` are (hours of the plan a topic stands for, hours it needs here, hours given so far); `scheduled` are the hours
    of the timetable until now, cancelled lessons included, `held` those given, `ahead` those still to come."""
    whole = covered = left = Decimal(0)
    for worth, needs, given in topics:
        whole += worth
        covered += worth if given >= needs > 0 else min(given, worth)
        left += max(Decimal(0), needs - given)
    return Pace(min(Decimal(scheduled), whole), covered, Decimal(held), left, Decimal(ahead))
