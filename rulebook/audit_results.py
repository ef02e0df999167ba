"""Probes of period marks and of thematic plans: missing, late, departing, resting on too little; hours, pace."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from peewee import JOIN, SQL, Case, fn

import clock
import models as m
import rulebook.facts
import rulebook.plans
import rulebook.result_verdicts
import rulebook.results
from formulas import DEFERRED, GRADELESS
from marking import scale_of
from rulebook.audit_look import Look, Trace, asks, day_of, probe
from rulebook.result_verdicts import norm_of

SOON = timedelta(days=21)  # before a period ends, its marks are looked at
AFTER = timedelta(days=30)  # and for so long after it
AHEAD = timedelta(days=7)  # before they may be put, they are due soon


def _periods(look: Look) -> list[m.Period]:
    """Periods that end soon or ended lately."""
    return [each for each in look.periods if look.today - AFTER <= each.ends <= look.today + SOON]


def _window(look: Look, period, school_class: int | None) -> tuple:
    """(first day or None, last moment or None) for the marks of a period in a class, by its order if there is one (FIN-04)."""
    orders = {row[:2]: day_of(row[2]) for row in look.told(_orders)}
    ordered = orders.get((period.id, school_class), orders.get((period.id, None)))
    facts = rulebook.facts.PeriodFacts(period.starts, period.ends, False, ordered, period.period_set.kind, period.name)
    return rulebook.result_verdicts.results_due(look.rules, facts, clock.zone())[:2]


def _orders(look):
    """(period, class or None, the last day that an order sets for its marks)"""
    order = m.ResultOrder
    return order.select(order.period, order.school_class, order.until).where((order.year == look.year) & (order.kind == "period"))


# ---- period marks ----

_MISSING = m.N_("%(put)s of %(all)s period marks are put")
_LATE_RESULTS, _DEPARTS = m.Text(m.N_("period marks put late")), m.Text(m.N_("another mark than the computed one, without a reason"))
_EXPLAINED = m.Text(m.N_("another mark than the computed one, with its reason"))
_BANNED = m.N_("«%(value)s» stands as a result")


class _Result(NamedTuple):
    course: int
    period: int | None
    value: str
    late: bool
    departs: int
    explained: int
    day: date
    times: int
    surname: str
    name: str


def _odd(look) -> list[_Result]:
    return [_Result(*row[:6], day_of(row[6]), *row[7:]) for row in look.told(_odd_results)]


def _odd_results(look):
    """Results of the year that a probe may ask about, by journal and kind: late, departing, codes in place of a mark, and those of
    classes that may be taught without marks. `day`: the last day of the period."""
    mark, period = m.PeriodMark, m.Period
    departs = _flag((mark.computed != "") & (mark.value != mark.computed) & (mark.kind != "exam"))
    young = [each.id for each in look.journals.values() if each.school_class in look.classes
             and str(look.classes[each.school_class].grade) in look.rules.value("gradeless.scope")]
    return mark.select(mark.course, mark.period, mark.value, mark.late, departs,
                       _flag(mark.reason != ""), fn.COALESCE(period.ends, look.year.ends), fn.COUNT(mark.id),
                       fn.MIN(m.Person.surname), fn.MIN(m.Person.name)).join(
        period, JOIN.LEFT_OUTER).join_from(mark, m.Pupil).join(m.Person).where(
        mark.course.in_(list(look.journals)) & fn.COALESCE(period.ends, look.year.ends).between(look.first, look.year.ends)
        & (mark.late | (departs == 1) | mark.value.in_(_banned(look) or [""]) | mark.course.in_(young))).group_by(
        mark.course, mark.period, mark.value, mark.late, SQL("5"), SQL("6"), period.ends)


def _flag(condition):
    return Case(None, [(condition, 1)], 0)


@asks(_orders, _odd_results)
def put(look: Look):
    """Period marks: those still to be put while there is time, missing after it, and put late (FIN-01 … FIN-05)."""
    found = []
    for period in _periods(look):
        for school_class, own in look.seen(_progress, period).items():
            first, limit = _window(look, period, school_class)
            state = "broken" if limit is not None and limit < look.now else "risk"
            if state == "broken" or not first or look.today >= first - AHEAD:
                found += [Trace(state, look.teacher_of(row.course), school_class, ("results", row.course, period.id), row.course,
                                  limit.date() if limit else period.ends, m.Text(_MISSING, put=row.put, all=row.pupils), period.name,
                                  row.missing) for row in own if row.missing]
    return found + [_of_result(look, row, "lapsed", _LATE_RESULTS) for row in _odd(look) if row.late]


def _progress(look, period):
    classes = [each for each in look.classes.values() if each.period_set_id == period.period_set_id]
    courses = None if look.whole else list(look.journals)
    return rulebook.results.period_progress(period, classes, look.rules, courses)


@asks(_odd_results)
def departures(look: Look):
    """Period marks other than the computed ones: without a reason broken, with one shown (MRK-11)."""
    if not look.rules.value("final.departure"):
        return []
    return [_of_result(look, row, "noted" if row.explained else "broken", _EXPLAINED if row.explained else _DEPARTS)
            for row in _odd(look) if row.departs and row.value in scale_of(look.journals[row.course].grading).worth]


@asks(_odd_results)
def values(look: Look):
    """Results that the regulation does not allow (FIN-06, FIN-07)."""
    found = []
    for row in _odd(look):
        graded = row.value == GRADELESS or not look.gradeless(look.class_of(row.course), row.day)
        if row.value in _banned(look) or not graded and row.value not in DEFERRED:
            found.append(_of_result(look, row, "broken", m.Text(_BANNED, value=row.value)))
    return found


def _banned(look) -> list[str]:
    keys = {"н/а": "final.codes.na", "осв": "final.codes.osv", GRADELESS: "final.codes.bezotm"}
    return [value for value, key in keys.items() if not look.rules.value(key)]


def _of_result(look, row, state, what):
    return Trace(state, look.teacher_of(row.course), look.class_of(row.course), ("results", row.course, row.period), row.course,
                   row.day, what, f"{row.surname} {row.name}" if row.times == 1 else "", row.times)


# ---- what they rest on ----

_FEW = m.N_("pupils with fewer marks than needed: %(n)s")
_UNWRITTEN = m.N_("pupils without a written, laboratory or practical work: %(n)s")


def few(look: Look):
    """Pupils with fewer current marks than the period mark should rest on (MRK-12)."""
    return [_resting(look, period, course, _FEW, sum(n for (marks, _works), n in pupils.items() if marks < norm))
            for period, course, norm, pupils in look.seen(_grounds) if norm]


def written(look: Look):
    """Pupils without a written, laboratory or practical work in the subjects that the regulation names (MRK-12)."""
    named = look.rules.value("min_marks.written_work")["subjects"]
    return [_resting(look, period, course, _UNWRITTEN, sum(n for (_marks, works), n in pupils.items() if not works))
            for period, course, _norm, pupils in look.seen(_grounds) if rulebook.facts.is_named(look.journals[course].subject, named)]


def _resting(look, period, course, what, n):
    state = "broken" if period.ends < look.today else "risk"
    return Trace(state if n else "kept", look.teacher_of(course), look.class_of(course), ("results", course, period.id), course,
                   period.ends, m.Text(what, n=n), period.name, n)


def _grounds(look):
    """(period, course, norm or None, {(marks, has any written work): pupils}) of journals with marks, in periods that end soon or ended
    lately; of those in the unit on the period's last day, or today. One statement."""
    periods = {each.id: each for each in _periods(look)}
    courses = {each.id: each for each in look.journals.values() if scale_of(each.grading).averaged}
    counted: dict[tuple, dict] = defaultdict(dict)
    for number, course, marks, works, pupils in _counted(look, periods, courses).tuples() if periods else ():
        counted[number, course][marks, bool(works)] = pupils
    found = []
    for (number, course), pupils in counted.items():
        period, journal = periods[number], courses[course]
        if not look.gradeless(journal.school_class, min(period.ends, look.today)):
            found.append((period, course, norm_of(look.rules, period.period_set.kind, journal.hours), pupils))
    return found


def _counted(look, periods, courses):
    """(period, course, marks, has any of them a written work, pupils with so many)"""
    given = _given_marks(periods, courses).alias("given")
    day = Case(None, [(m.Period.ends < look.today, m.Period.ends)], look.today)
    taught = fn.EXISTS(m.Lesson.select(SQL("1")).where((m.Lesson.course == m.Course.id) & (m.Lesson.state != "cancelled")
                                                       & m.Lesson.day.between(m.Period.starts, m.Period.ends)))
    marks, works = fn.COALESCE(given.c.marks, 0), _flag(given.c.works > 0)
    rows = m.Membership.select(m.Period.id, m.Course.id, marks, works, fn.COUNT(m.Membership.pupil)).join(
        m.Course, on=(m.Course.unit == m.Membership.unit))
    return _in_periods(rows, periods, m.Membership.covers(day)).join(given, JOIN.LEFT_OUTER, on=(
        (given.c.period == m.Period.id) & (given.c.course == m.Course.id) & (given.c.pupil == m.Membership.pupil))).where(
        m.Course.id.in_(list(courses)) & taught).group_by(*(SQL(str(place)) for place in range(1, 5)))  # by place: see Lesson.hours_by_now


def _given_marks(periods, courses):
    """(period, course, pupil, marks, works: those of them for written works)"""
    written = fn.COALESCE(m.Work.for_everyone, m.WorkKind.for_everyone) | (m.WorkKind.deadline != "lesson")
    rows = m.Mark.select(m.Period.id.alias("period"), m.Lesson.course.alias("course"), m.Mark.pupil.alias("pupil"),
                         fn.COUNT(m.Mark.id).alias("marks"), fn.SUM(_flag(written)).alias("works")).join(m.Lesson).join(
        m.Course).join_from(m.Mark, m.Work, JOIN.LEFT_OUTER).join(
        m.WorkKind, JOIN.LEFT_OUTER, on=(m.WorkKind.id == fn.COALESCE(m.Work.kind, m.Lesson.kind)))
    return _in_periods(rows, periods, m.Lesson.day.between(m.Period.starts, m.Period.ends)).where(
        m.Lesson.course.in_(list(courses)) & (m.Mark.value != ".") & m.Lesson.day.between(
            min(each.starts for each in periods.values()), max(each.ends for each in periods.values()))).group_by(
        m.Period.id, m.Lesson.course, m.Mark.pupil)


def _in_periods(query, periods, when):
    """Courses of a query by the periods of their class that fit `when`."""
    return query.join_from(m.Course, m.Unit).join(m.SchoolClass).join(m.Period, on=(
        (m.Period.period_set == m.SchoolClass.period_set) & m.Period.id.in_(list(periods)) & when))


# ---- plans ----

_NO_PLAN, _SHORT = m.Text(m.N_("no thematic plan")), m.N_("%(hours)s h of the plan have no lessons left")
_HOURS = m.N_("plan %(plan)s h, curriculum %(due)s h (%(difference)s)")


def _plan_hours(look):
    """(course, hours of its plan, hours of topics that are still to be given) of journals with a plan."""
    topic, lesson, course, correction = m.PlanTopic, m.Lesson, m.Course, m.PlanCorrection
    given = lesson.select(lesson.course, lesson.plan_topic, fn.SUM(lesson.hours).alias("hours")).where(
        lesson.plan_topic.is_null(False) & lesson.course.in_(list(look.journals))).group_by(lesson.course, lesson.plan_topic).alias("given")
    needs, done = fn.COALESCE(correction.hours, topic.hours), fn.COALESCE(given.c.hours, 0)
    left = fn.SUM(Case(None, [(needs > done, needs - done)], 0))
    return topic.select(course.id, fn.SUM(topic.hours), left).join(course, on=(course.plan == topic.plan)).join(
        correction, JOIN.LEFT_OUTER, on=((correction.topic == topic.id) & (correction.course == course.id))).join(
        given, JOIN.LEFT_OUTER, on=((given.c.course_id == course.id) & (given.c.plan_topic_id == topic.id))).where(
        course.id.in_(list(look.journals))).group_by(course.id)


def _curriculum(look):
    line = m.CurriculumLine  # its hours are texts or numbers, by the database: reckoned here
    return line.select(line.school_class, line.subject, line.weekly_hours, line.weeks, line.year_hours).where(
        line.school_class.in_(list(look.classes)))


def _lessons_left(look):
    lesson = m.Lesson
    waiting = (lesson.day >= look.today) & (lesson.state == "planned") & (lesson.topic == "")
    return lesson.select(lesson.course, fn.SUM(Case(None, [(waiting, lesson.hours)], 0))).where(
        lesson.course.in_(list(look.journals))).group_by(lesson.course)


def _hours_left(look) -> dict[int, Decimal]:
    """Journals with lessons this year → hours of those still to come without a topic."""
    return {course: Decimal(str(hours)) for course, hours in look.told(_lessons_left)}


@asks(_lessons_left)
def plans(look: Look):
    """Journals with lessons and without a plan (PLN-02)."""
    return [Trace("broken", look.teacher_of(each.id), each.school_class, ("plan_course", each.id), each.id, None, _NO_PLAN)
            for each in look.journals.values() if each.plan is None and each.id in _hours_left(look)]


@asks(_plan_hours, _curriculum)
def hours(look: Look):
    """Plans whose hours are not those of the curriculum of their classes (PLN-03)."""
    if not look.rules.value("plan.hours_must_match"):
        return []
    whole = {course: Decimal(str(hours)) for course, hours, _left in look.told(_plan_hours)}
    due: dict[tuple, Decimal] = defaultdict(Decimal)
    for school_class, subject, weekly, weeks, yearly in look.told(_curriculum):
        due[school_class, subject] += Decimal(str(weekly)) * weeks if yearly is None else Decimal(str(yearly))
    found = []
    for each in look.journals.values():
        wanted, given = due.get((each.school_class, each.subject_id)), whole.get(each.id, Decimal(0))
        if each.plan and wanted is not None and wanted != given:
            words = {"plan": rulebook.plans.in_hours(given), "due": rulebook.plans.in_hours(wanted),
                     "difference": rulebook.plans.difference(given - wanted)}
            found.append(Trace("broken", look.teacher_of(each.id), each.school_class, ("plan", each.plan), each.id, None,
                                 m.Text(_HOURS, **words)))
    return found


@asks(_plan_hours, _lessons_left)
def pace(look: Look):
    """Journals whose plan needs more lessons than are left of the year: to be compacted while there is time (PLN-04)."""
    ahead, found = _hours_left(look), []
    for number, _hours, left in look.told(_plan_hours):
        short = Decimal(str(left)) - ahead.get(number, 0)
        if short > 0:
            found.append(Trace("risk", look.teacher_of(number), look.class_of(number), ("plan_course", number), number, None,
                               m.Text(_SHORT, hours=rulebook.plans.in_hours(short))))
    return found


PROBES = (
    probe("results", m.N_("Period marks in time"), "FIN-01 FIN-02 FIN-03 FIN-04 FIN-05", "final.window", put),
    probe("departures", m.N_("Marks other than the computed ones"), "MRK-11 FIN-14", "final.departure", departures),
    probe("values", m.N_("What may stand as a result"), "FIN-06 FIN-07",
           "final.codes.na final.codes.osv final.codes.bezotm", values),
    probe("few", m.N_("Enough marks for a period"), "MRK-10 MRK-12", "min_marks.policy", few),
    probe("written_works", m.N_("Written works behind a period mark"), "MRK-12", "min_marks.written_work", written),
    probe("plans", m.N_("Every journal has its plan"), "PLN-02", "", plans),
    probe("hours", m.N_("Hours of plans and curriculum"), "PLN-03", "plan.hours_must_match", hours),
    probe("pace", m.N_("Lessons left for the plan"), "PLN-04 PLN-08", "", pace),
)
