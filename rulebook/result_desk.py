"""A batch of period marks, or marks of the year, of one course; and what such a mark is computed from."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import clock
import models as m
from formulas import DEFERRED, certificate_mark, mean_result, weighted_mean, year_mark
from history import Actor
from marking import FIVE, Scale
from policies import User, allows
from rulebook.checks import local_day
from rulebook.entries import Entry, Foreign, Outcome, changed_meanwhile, judged_at, judged_row, stored_row, version_of
from rulebook.facts import PeriodFacts, ResultFacts, read_result
from rulebook.leaves import Leaves, ground
from rulebook.lesson_facts import setting_of
from rulebook.result_verdicts import judge_period_mark, norm_of
from rulebook.rules import Rules, rules_on

_GROUND_WANTED = m.Text(m.N_(
    "The mark is put off for a month. Write why, until when and by which paper: «Deferred marks» among the results."))


def computed_result(rules: Rules, weighted: list[tuple[str, int]], scale: Scale = FIVE) -> tuple[Fraction | None, str]:
    """(exact average, computed mark) of current marks with weights by the scale; what has no worth in it does not count
    (reports.md 3.6, 3.8). A scale without averages has the mark alone."""
    average = weighted_mean(scale.weights(weighted))
    return average if scale.averaged else None, scale.earned(average, rules.value("final.rounding"))


def period_result(rules: Rules, setting: tuple[int, int, PeriodFacts], given, course) -> tuple[ResultFacts, Fraction | None]:
    """(facts, exact average) of a period's cell. `setting` is (grade, half-year, period), `given` are (value, weight, written)
    of the current marks within the period, the course comes with its subject."""
    grade, half, period = setting
    counted = [each for each in given if each[0] != "."]
    average, computed = computed_result(rules, [each[:2] for each in counted], course.scale)
    return ResultFacts(period, clock.zone(), grade, half, "period", computed, len(counted),
                       norm_of(rules, period.kind, course.weekly_hours), any(written for *_, written in counted),
                       course.subject.name, course.scale.code, practical=any(written == 2 for *_, written in counted)), average


def year_result(kind: str, setting: tuple[int, int, PeriodFacts], results, scale: Scale = FIVE) -> tuple[ResultFacts, Fraction | None]:
    """The same of the year, the exam or the final mark (reports.md 3.9), a letter counting as what it is worth. `setting` is that of
    the last period, `results` are
    (kind, value, is it of this year) of the pupil in the subject, by date."""
    grade, half, period = setting
    numbers = [(each, str(scale.worth.get(value, value)), now) for each, value, now in results]
    basis = {"year": _basis_of_year, "final": _basis_of_final}.get(kind, lambda grade, results: [])(grade, numbers)
    mark = year_mark(basis) if kind == "year" else certificate_mark(basis)
    earned = scale.nearest(mean_result(basis)) if scale.name else next((each for each in scale.ladder if scale.worth[each] == mark), "")
    facts = ResultFacts(replace(period, closed=period.closed and kind == "year"), clock.zone(), grade, half, kind, earned,
                        grading=scale.code)
    return facts, mean_result(basis) if scale.averaged else None


def _basis_of_year(_grade, results) -> list[str]:
    return [value for kind, value, now in results if kind == "period" and now]


def _basis_of_final(grade, results) -> list[str]:
    """The year and the exam; in grade 11 the half-years and years of grades 10 and 11, if both are known."""
    if grade < 11:
        return [value for kind, value, now in results if kind in ("year", "exam") and now]
    known = [(value, now) for kind, value, now in results if kind in ("period", "year")]
    return [value for value, _ in known] if len({now for _, now in known}) == 2 else []


def results_of_pupils(rows, course) -> dict[int, list[tuple[str, str, bool]]]:
    """Pupil → what `year_result` takes, of rows of `PeriodMark.of_subject`. Of two journals (a pupil moved) the own one counts."""
    places: dict[tuple, tuple] = {}
    for row in rows:
        place = row.pupil, row.year, row.kind, row.period
        if place not in places or row.course == course.id:
            places[place] = row.kind, row.value, row.year == course.unit.year_id
    found: dict[int, list] = {}
    for place, result in places.items():
        found.setdefault(place[0], []).append(result)
    return found


class ResultDesk:
    """What a batch of period marks, or marks of the year, of one course needs, and what it will write. A place is
    (pupil, kind, period or None)."""

    def __init__(self, user: User, by: Actor, course: int, entries: list[Entry], leaves: Leaves):
        self.by, self.entries, self.leaves = by, entries, leaves
        self.rules = rules_on(local_day(by.at, clock.zone()))
        mark = m.PeriodMark(course=course)
        puts, puts_off = allows(user, "edit", mark), allows(user, "create", m.Deferral(mark=mark))
        if not (puts or puts_off):
            raise Foreign
        self.course = m.Course.whole().where(m.Course.id == course).first()
        yearly, pupils = any(entry.kind != "period" for entry in entries), {entry.pupil for entry in entries}
        self.settings = self._settings({entry.period for entry in entries if entry.period}, yearly)
        if any(_place_of(entry) not in self.settings for entry in entries):
            raise Foreign
        self.marks = m.Mark.weighted(course, pupils)
        self.results = results_of_pupils(list(m.PeriodMark.of_subject(
            self.course.subject_id, pupils, self.course.unit.year.starts - timedelta(days=366)).namedtuples()),
            self.course) if yearly else {}
        self.orders = m.ResultOrder.of_year(self.course.unit.year_id) if yearly else {}
        self.rows = {(row["pupil"], row["kind"], row["period"]): row for row in m.PeriodMark.with_deferrals().where(
            (m.PeriodMark.course == course) & m.PeriodMark.pupil.in_(list(pupils))).dicts()}
        if not puts and not all(self._only_puts_off(entry) for entry in entries):
            raise Foreign
        self.applied = m.CellKey.known(by, [entry.key for entry in entries if entry.key])
        self._first, self._dirty, self._deferred = {row["id"] for row in self.rows.values()}, {}, {}

    def _only_puts_off(self, entry: Entry) -> bool:
        """Is a mark put off, or its deferral taken back, and nothing else?"""
        standing = self.rows.get(_place_of(entry), {}).get("value", "")
        return read_result(entry.value, self.course.scale) in DEFERRED | {""} and standing in DEFERRED | {""}

    def _settings(self, periods: set, yearly: bool) -> dict[tuple, m.Enrolment]:
        """Place → the enrolment with the class's period; the year stands in the last period of it."""
        when, found = m.Period.id.in_(list(periods)), {}
        for row in m.Enrolment.settings(self.course.unit, when | m.Period.is_last() if yearly else when):
            period = getattr(row.school_class, "period", None)
            if not _overlaps(row, period):
                continue
            found[row.pupil_id, "period", period.id] = row
            for kind in m.RESULT_KINDS[1:] if yearly else ():
                other = found.setdefault((row.pupil_id, kind, None), row)
                if other.school_class.period.ends <= period.ends:
                    found[row.pupil_id, kind, None] = row
        return found

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        kept = {row["id"] for row in self.rows.values() if "id" in row}
        if self._dirty:
            m.PeriodMark.put(self.by, [stored_row(row) for row in self._dirty.values() if row], self._first - kept)
        if self._deferred:
            self._write_deferrals()
        return outcomes

    def _write_deferrals(self) -> None:
        """Lay the paper of each mark put off (FIN-08, FIN-09): what is not told stays as it stands, or is a month from today."""
        pupils = {place[0] for place in self._deferred}
        marks = {(row.pupil_id, row.kind, row.period_id): row.id for row in m.PeriodMark.select(
            m.PeriodMark.id, m.PeriodMark.pupil, m.PeriodMark.kind, m.PeriodMark.period).where(
            (m.PeriodMark.course == self.course.id) & m.PeriodMark.pupil.in_(list(pupils)))}
        later = local_day(self.by.at, clock.zone()) + m.Deferral.lasts
        m.Deferral.put(self.by, [
            {"mark": marks[place], "until": entry.due or was.get("until") or later,
             "reason": (entry.reason or was.get("put_off_for") or "")[:300],
             "paper": (entry.document or was.get("paper") or "").strip()[:200]} for place, (entry, was) in self._deferred.items()])

    @property
    def scale(self) -> Scale:
        return self.course.scale

    def standing(self, entry: Entry) -> str:
        return self.rows.get(_place_of(entry), {}).get("value", "")

    def put(self, entry: Entry, unlocked: bool = False) -> Outcome:
        place = _place_of(entry)
        was = self.rows[place]["value"] if place in self.rows else ""
        value = read_result(entry.value, self.course.scale)
        if entry.key in self.applied:
            return Outcome(entry, "saved", was, wrote=self.applied[entry.key])
        if entry.seen not in (None, version_of(was)) and value != was:
            return Outcome(entry, "conflict", was, message=changed_meanwhile(was))
        facts, average = self._facts(place)
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        leave = self.leaves.of("result", pupil=entry.pupil, kind=entry.kind, period=place[2], course=self.course.id)
        given = replace(entry, reason=ground(leave, entry.reason))
        if was in DEFERRED:
            facts = replace(facts, deferred_until=self.rows[place].get("until"))
        decision = judge_period_mark(self.rules, facts, was, value, moment, reason=given.reason, unlocked=unlocked or leave is not None)
        if decision.ok and value in DEFERRED and (value != was or entry.due or entry.document or entry.reason):
            self._deferred[place] = given, self.rows[place] if was in DEFERRED else {}
        if decision.ok and value != was:
            self._lay(place, value, decision, given, facts, average)
            self.leaves.note(leave, value)
            was = value
            if value in DEFERRED and not given.reason and not decision.message:
                decision = replace(decision, message=_GROUND_WANTED)
        return Outcome(entry, decision.state, was, decision.rule, decision.clause, decision.message)

    def _facts(self, place: tuple) -> tuple[ResultFacts, Fraction | None]:
        pupil, kind, _period = place
        row = self.settings[place]
        period = row.school_class.period
        grade, half, facts = setting_of(row.school_class, period, row.closed, period.starts, row.ordered)
        if kind != "period":
            ordered = self.orders.get((kind, row.school_class_id), self.orders.get((kind, None)))
            return year_result(kind, (grade, half, replace(facts, ordered=ordered)), self.results.get(pupil, []), self.course.scale)
        inside = [given for day, *given in self.marks.get(pupil, ()) if period.starts <= day <= period.ends]
        return period_result(self.rules, (grade, half, facts), inside, self.course)

    def _lay(self, place, value, decision, entry, facts, average) -> None:
        standing = self.rows.get(place)
        if not value:
            self._dirty[place] = {}
            del self.rows[place]
            return
        pupil, kind, period = place
        passing = bool(standing) and standing["value"] in DEFERRED and value not in DEFERRED  # the mark's own first entry
        identity = {"id": standing["id"]} if standing and "id" in standing else {}
        judged = judged_row(None if passing else standing, self.by, self.rules, decision, entry)
        self.rows[place] = self._dirty[place] = judged | identity | {
            "course": self.course.id, "pupil": pupil, "kind": kind, "period": period, "value": value,
            "computed": facts.computed, "average": "" if average is None else str(average)}


def _place_of(entry: Entry) -> tuple:
    return entry.pupil, entry.kind, entry.period if entry.kind == "period" else None


def _overlaps(enrolment, period) -> bool:
    return period is not None and enrolment.starts <= period.ends and (enrolment.ends is None or enrolment.ends >= period.starts)
