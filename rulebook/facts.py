"""What the rules look at: a period, a lesson, a result, what was typed into a cell; and the Decision they come to.

Facts are plain values given by the caller, so a whole page is judged without a query.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import models as m
from formulas import EXCUSED, FAILED, GRADELESS, ILL, LATE, PASSED
from marking import ALL_MARKS, FIVE, LETTERS, SCALES, Scale, scale_of
from rulebook.rules import Event, FIRST_MONTH, NEVER, Rules


@dataclass(frozen=True)
class Decision:
    """What the regulation says of one change. `ok`: it is saved. `state`: saved · late (saved and flagged) ·
    reason_required · refused · conflict. `rule` and `clause` say what spoke; `message` is what happened, clause, what stands, what
    to do. `told` is what happened and the clause alone; `also` the same of the weaker rules that speak of the change too, which
    `message` ends with. `stands` is the text that now stands, of a change of a text."""

    ok: bool = True
    severity: str = "off"
    rule: str = ""
    clause: str = ""
    message: m.Text | None = None
    late: bool = False
    state: str = "saved"
    stands: str | None = None
    told: m.Text | None = None
    also: tuple[tuple[str, m.Text], ...] = ()  # (rule, told)


@dataclass(frozen=True)
class PeriodFacts:
    """A period as the rules see it. `ordered`: the date that the school's order sets for its marks (FIN-04)."""

    start: date
    end: date
    closed: bool = False
    ordered: date | None = None
    kind: str = "quarter"
    name: str = ""


@dataclass(frozen=True)
class LessonFacts:
    """A lesson (one column) as the rules see it; one for all its cells. `kind`: lesson · control · written · external
    (WorkKind.deadline). `half` of the year: see half_of. `grading`: see marking.SCALES. Moments are aware."""

    date: date
    zone: ZoneInfo
    grade: int
    half: int
    period: PeriodFacts | None = None
    kind: str = "lesson"
    starts_at: datetime | None = None
    class_day_end: datetime | None = None
    received_at: datetime | None = None
    is_school_day: Callable[[date], bool] = lambda day: day.weekday() < 6
    grading: str = "marks"

    @property
    def event(self) -> Event:
        return Event(self.zone, self.date, self.starts_at, self.class_day_end, self.period and self.period.end,
                     self.received_at, None, self.is_school_day)


@dataclass(frozen=True)
class ResultFacts:
    """A cell of a period mark. `kind`: period · year · exam · final. `computed` and `average` come from formulas;
    `marks` and `norm` count the current marks it rests on, `written` says whether a written, laboratory or practical work is
    among them,
    `practical` whether one of the latter two; None = not to be checked. `deferred_until`: the last day of the deferral that stands in
    the cell (FIN-08, FIN-09)."""

    period: PeriodFacts
    zone: ZoneInfo
    grade: int
    half: int
    kind: str = "period"
    computed: str = ""
    marks: int | None = None
    norm: int | None = None
    written: bool | None = None
    subject: str = ""
    grading: str = "marks"
    deferred_until: date | None = None
    practical: bool | None = None

    def is_mark(self, value: str) -> bool:
        """Is it a mark that an average could have earned?"""
        scale = scale_of(self.grading)
        return scale.averaged and value in scale.worth


@dataclass(frozen=True)
class Cell:
    """What a lesson's cell holds: an attendance code, up to two marks, «.» for work awaited."""

    absence: str = ""
    marks: tuple[str, ...] = ()
    awaited: bool = False

    @property
    def missed(self) -> bool:
        return self.absence in m.codes().missed

    @property
    def graded(self) -> bool:
        return bool(self.marks) or self.awaited

    def __str__(self):
        """«5/4», «н», «.», «о 5», and «н→4» for a mark beside a missed lesson; read_cell reads it back."""
        work = "/".join((*self.marks, *("." * self.awaited)))
        return ("→" if self.missed else " ").join(part for part in (self.absence, work) if part)


@dataclass(frozen=True)
class Paper:
    """The protocol of a retake: without a number and a date it is none (ATT-07)."""

    number: str
    day: date


@dataclass(frozen=True)
class Zone:
    """How a column of the grid may be edited now. `state`: open · reason · closed; `day` counts from the lesson."""

    state: str
    day: int
    clause: str
    label: m.Text


def read_cell(text: str | Cell | None, scale: Scale = FIVE) -> Cell:
    """A cell from what was typed: «5», «5/4», «54», «н», «н 4», «.», «зач», letters where the scale has them; also the codes of
    other programs (УП, НП, ОТ). Raises Refused for anything else."""
    if isinstance(text, Cell):
        return text
    words = _words(text or "", scale)
    absence = [word for word in words if word in m.codes().all]
    marks = tuple(word for word in words if word in ALL_MARKS or word in scale.marks)
    if words is _UNREADABLE or len(absence) > 1 or len(marks) > 2:
        raise m.Refused(m.Text(m.N_("«%(value)s» cannot stand in the journal."), value=str(text)[:20]))
    return Cell("".join(absence), marks, "." in words)


def read_result(text: str, scale: Scale = FIVE) -> str:
    """The value of a period cell from what was typed."""
    value = as_read(text).replace("безотм.", GRADELESS)
    if scale.name:
        return _spelt_own(scale.marks).get(value, value)
    return _SPELT_LETTERS.get(value, value) if scale is LETTERS else {"зч": PASSED, "нз": FAILED}.get(value, value)


def read_paper(raw) -> Paper | None:
    """The protocol from a request: {"number", "day" or "date"} or «№ 3 от 12.11.2026»; None when number or date is missing or wrong."""
    if isinstance(raw, Paper):
        return raw
    if isinstance(raw, Mapping):
        raw = f"{raw.get('number', '')} от {raw.get('day') or raw.get('date', '')}"
    found = re.fullmatch(r"\s*№?\s*(\S.{0,39}?)\s+от\s+(\S+?)(?:\s*г\.?)?\s*", raw) if isinstance(raw, str) else None
    day = found and _read_day(found[2])
    return Paper(found[1], day) if day else None


_PARTS = {"математика": ("алгебра", "геометрия", "вероятность и статистика")}
"""Subjects that the curriculum teaches as courses of their own: whoever names the subject means them."""


def is_named(subject: str, names) -> bool:
    """Is a subject among those that a rule names? With a word after the name too («Физика (профиль)», «Алгебра и начала анализа»), and
    as a course of the subject named («Алгебра» where it says «математика»)."""
    subject, names = m.fold(subject), [m.fold(name) for name in names]
    meant = [*names, *(part for name in names for part in _PARTS.get(name, ()))]
    return any(subject == name or subject.startswith((f"{name} ", f"{name},", f"{name}(")) for name in meant)


def half_of(period_kind: str, number: int, day: date) -> int:
    """Which half-year (1 or 2) a day belongs to by its period: quarters III and IV are the second. Trimesters and modules
    do not meet the half-year, so there the calendar year parts it."""
    if period_kind == "quarter":
        return 1 if number <= 2 else 2
    if period_kind in ("half_year", "semester"):
        return 1 if number % 2 else 2
    return 1 if day.month >= FIRST_MONTH else 2


def is_gradeless(rules: Rules, grade: int, half: int) -> bool:
    """Is this grade taught without marks in this half-year (MRK-14)?"""
    scope = rules.value("gradeless.scope").get(str(grade), NEVER)
    return rules["gradeless.scope"].severity != "off" and (scope == "year" or (scope == "first_half" and half == 1))


def as_read(text: str) -> str:
    """What was typed, in small letters, with Cyrillic ones where Latin ones look the same."""
    return text.strip().lower().translate(_LOOKS_LIKE)


def _words(text, scale):
    """The words of a cell, or _UNREADABLE."""
    token_of, meant = _grammar(m.codes(), scale.code, scale.marks)
    found, rest = [], as_read(text)
    while rest:
        token = token_of.match(rest)
        if not token:
            return _UNREADABLE
        found.append(meant[token[1]])
        rest = rest[token.end():]
    return found


@lru_cache(32)
def _grammar(codes, scale, marks):
    """The pattern of one word of a cell, and what each word means: codes of the school, marks, codes of other programs."""
    meant = {word: code for word, code in _SPELT.items() if code in codes.all or code in ALL_MARKS}
    meant |= {mark: mark for mark in ALL_MARKS if mark not in LETTERS.marks} | {".": "."} | {code: code for code in codes.all}
    if scale == LETTERS.code:
        meant |= _SPELT_LETTERS
    elif scale not in SCALES:
        meant |= _spelt_own(marks)
    words = "|".join(map(re.escape, sorted(meant, key=len, reverse=True)))
    return re.compile(rf"({words})[\s/,→]*"), meant


def _spelt_own(marks) -> dict[str, str]:
    """What is typed → mark, of a scale of the school's own."""
    return {as_read(mark): mark for mark in marks}


def _read_day(text):
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


DEFERRED_AS = {"deferral": "отсрочка", "extend_term": "продление"}  # final.instead_of_na → what the cell says
_UNREADABLE: list[str] = []
_LOOKS_LIKE = str.maketrans("ёaceohpktyxmb", "еасеонрктухмв")  # Latin letters typed for Cyrillic ones
_SPELT = {"уп": EXCUSED, "п/у": EXCUSED, "оп": LATE, "зч": PASSED, "нз": FAILED, "в": ILL}
_SPELT_LETTERS = {"а": "A", "в": "B", "с": "C", "d": "D", "д": "D"}
RESERVED = frozenset({PASSED, FAILED, "зч", "нз", GRADELESS})  # words that a code of the school cannot be
