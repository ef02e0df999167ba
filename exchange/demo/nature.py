"""What the pupils of the demo school are like: how able, how often ill. The same seed and names give the same school."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

EASY = {"Физическая культура", "Музыка", "ИЗО", "Труд (технология)", "ОБЗР", "ОДНКНР", "Индивидуальный проект"}
UNEXPLAINED = timedelta(days=4)  # nobody has asked yet why somebody was away in the last days


@dataclass
class Nature:
    """One pupil: `level` is the mark around which own marks lie; `away` is the code of a day missed, with its paper."""

    level: float
    random: Random
    away: dict[date, tuple[str, str]] = field(default_factory=dict)
    leanings: dict[str, float] = field(default_factory=dict)

    def mark(self, subject: str, kind: str) -> str:
        """A mark for a work of this kind."""
        leaning = self.leanings.setdefault(subject, self.random.gauss(0, 0.3))
        level = self.level + leaning + (0.6 if subject in EASY else 0) - (0.15 if kind in ("К", "Дк", "Т") else 0)
        return str(min(5, max(2, round(self.random.gauss(level, 0.62)))))


def of_pupil(seed: int, name: str, days: list[date]) -> Nature:
    """The nature of the pupil with this name; `days` are the school days lived through."""
    random = Random(f"{seed} {name}")
    nature = Nature(min(4.9, max(2.9, random.gauss(4.0, 0.5))), random)
    _fall_ill(nature, days)
    _stay_away(nature, days)
    return nature


def _fall_ill(nature: Nature, days: list[date]) -> None:
    for _ in range(nature.random.choice((0, 0, 1, 1, 1, 2))):
        start, length = nature.random.randrange(len(days)), nature.random.randint(2, 7)
        for day in days[start:start + length]:
            nature.away[day] = ("б", "медицинская справка") if days[-1] - day > UNEXPLAINED else ("н", "")


def _stay_away(nature: Nature, days: list[date]) -> None:
    for _ in range(nature.random.choice((0, 0, 1, 1, 2))):
        nature.away.setdefault(nature.random.choice(days[:-3]), ("у", "заявление родителей"))
    if nature.level < 3.5:
        for day in nature.random.sample(days[:-3], 2):
            nature.away.setdefault(day, ("н", ""))
