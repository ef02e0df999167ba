"""What a period, or a year, comes to by the marks so far, and what would change it (FIN-15, FIN-16, reports.md 3.13): for pupils and
families. It is never a mark. Knows no request.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from formulas import lowest_safe_mark, needed, quality_rate, success_rate, tally, to_next, weighted_mean, year_mark
from marking import FIVE, Scale
from rulebook.rules import Rules


@dataclass(frozen=True)
class Forecast:
    """`mark` by the marks so far; the next `better` one with what the average lacks (`gap`), and `ways` to it: (weight of a work, how
    many best marks on such works), as far as lessons are left for them; `safe`: the worst mark of an answer that changes nothing.
    "" and None where there is none."""

    mark: str
    best: str
    better: str = ""
    gap: Fraction | None = None
    ways: tuple[tuple[int, int], ...] = ()
    safe: int | None = None


def is_told(rules: Rules, first: date, last: date, today: date) -> bool:
    """Is a forecast given for a stretch of time: while it runs, if the school gives any?"""
    return rules.value("forecast.mode") != "off" and first <= today <= last


def of_period(scale: Scale, given: list[tuple[str, int]], rules: Rules, weights: list[int], lessons: int) -> Forecast | None:
    """The forecast of a period by its current marks (value, weight); `weights` of the kinds of work in use, the lightest first;
    `lessons` still to come in it. None without a mark that counts, or in a scale without averages."""
    policy, counted = rules.value("final.rounding"), scale.weights(given)
    average = weighted_mean(counted)
    if average is None or not scale.averaged:
        return None
    best, step = scale.ladder[0], to_next(average, scale.steps(policy))
    safe = lowest_safe_mark(counted, 1, policy) if scale is FIVE else None
    if step is None:
        return Forecast(scale.earned(average, policy), best, safe=safe)
    ways = ((weight, needed(counted, average + step[1], scale.worth[best], weight)) for weight in weights)
    return Forecast(scale.earned(average, policy), best, *step, tuple((weight, n) for weight, n in ways if n and n <= lessons), safe)


def of_year(results: list[str], running: str) -> str:
    """The mark of the year by the marks of the periods that are over and the forecast of the running one; "" without any."""
    mark = year_mark([*results, running])
    return str(mark) if mark else ""


def of_class(journal) -> tuple[Fraction | None, Fraction | None]:
    """(success, quality) in per cent of a rulebook.results.Journal, if whoever has no mark of the period yet gets the computed one."""
    expected = tally(journal.course.scale.as_five(line.value or line.facts.computed) for line in journal.here)
    return success_rate(expected), quality_rate(expected)
