"""The diary beyond the week: marks by subject with their average, results of the year, topics covered.

Averages are of formulas (reports.md 3.6, 3.8), by the weights of the works and the school's rounding.
"""

from datetime import date, timedelta

from flask import abort
from flask_babel import gettext as _

import formulas
import models as m
import policies
import rulebook.forecast
import rulebook.rules
from marking import FIVE
from views import results_rows, visitor

VOWELS = "аеёиоуыэюяйьъ"
RESULTS = ("year", "exam", "final")


def by_subject(card, today: date, period: str | None, subject: str | None, day: date | None = None) -> dict:
    """The marks of a period by subject. `period` is an id, `year` or None for the one that holds `day`, or else runs; with a
    `subject` id the chosen subject with how its average came about."""
    school_class = card.school_class(today)
    if school_class is None:
        return {"chosen": None, "subjects": [], "periods": [], "span": None}
    span = _span(school_class, day or today, period)
    rules = rulebook.rules.rules_on(today)
    rounding = rules["final.rounding"]
    rows = _subjects(card.id, school_class, span, rounding.value)
    facts = {"subjects": rows, "periods": span["periods"], "span": span, "chosen": _chosen(rows, subject)}
    if facts["chosen"] is None:
        return facts | {"ahead": _works_ahead(card.id, today, span["ends"])}
    return facts | _detail(facts["chosen"], rounding) | {
        "teachers": _teachers(card.id, facts["chosen"]["id"], today), "forecast": _forecast(card.id, facts["chosen"], span, rules, today)}


def results(card, today: date, year: str | None) -> dict:
    """Results by subject: the columns are the periods of the class, then year, exam and final as far as there are any."""
    classes = {e.school_class.year_id: e.school_class for e in card.enrolments}
    if not classes:
        return {"rows": [], "columns": [], "years": [], "year": None, "held": []}
    number = _one_of(year, classes) or card.school_class(today).year_id
    put = list(_shown_results(card.id, number).namedtuples())
    columns = [(period.id, period.name) for period in _periods(classes[number])] + [
        (kind, _result_name(kind)) for kind in RESULTS if any(row.kind == kind for row in put)]
    years = m.Year.select().where(m.Year.id.in_(list(classes))).order_by(m.Year.starts)
    return {"held": _held(card.id, number, dict(columns)), "columns": columns, "year": number, "years": years,
            "rows": _result_rows(card.id, classes[number].year, put)}


def progress(card, today: date, subject: str | None) -> dict:
    """INF-14: lessons held and planned by subject; for a `subject` id its topics, those still ahead marked as plan."""
    school_class = card.school_class(today)
    if school_class is None:
        return {"rows": [], "chosen": None}
    year = school_class.year
    rows = [{"id": row.subject, "name": row.subject_name, "held": row.held, "planned": row.planned}
            for row in m.Lesson.progress_of(card.id, year.starts, year.ends).namedtuples()]
    chosen = _chosen(rows, subject)
    return {"rows": rows, "chosen": chosen, **(_topics(card.id, year, chosen) if chosen else {})}


def kind_name(kind: str | None) -> str:
    """«Контрольная работа»; a lesson without a kind of work is an answer."""
    return kind or _("Answer in class")


def short_kind(kind: str | None) -> str:
    """«контр.», «ответ»: the first word, cut after a consonant when it is long."""
    word = kind_name(kind).split()[0].lower()
    return word if len(word) <= 8 else word[:6].rstrip(VOWELS) + "."


# ---- marks ----

def _works_ahead(pupil: int, today: date, last: date) -> list:
    """Lessons still ahead with a work that everybody writes: the schedule of control works (PLN-09)."""
    coming = m.Lesson.of_pupil(pupil, today + timedelta(days=1), last)
    return list(coming.where(m.WorkKind.for_everyone & (m.Lesson.state != "cancelled")).namedtuples())


def _teachers(pupil: int, subject: int, today: date) -> list[str]:
    """Full names of those who teach the pupil this subject today (PLN-09)."""
    courses = m.Course.of_pupil(pupil, today, today).where(m.Course.subject == subject).select(m.Course.id)
    rows = m.Assignment.on(today).where(m.Assignment.course.in_(courses)).join(m.Person).select(m.Assignment, m.Person)
    return sorted({row.teacher.full_name for row in rows})


def _span(school_class, today: date, wanted: str | None) -> dict:
    """The period asked for, or the running one, or the last that began."""
    periods = list(_periods(school_class))
    if wanted == "year" or not periods:
        year = school_class.year
        return {"id": "year", "name": _("Year"), "starts": year.starts, "ends": year.ends, "periods": periods, "period": None,
                "year": year.id}
    begun = [period for period in periods if period.starts <= today] or periods[:1]
    number = _one_of(wanted, {period.id for period in periods}) or begun[-1].id
    period = next(period for period in periods if period.id == number)
    return {"id": period.id, "name": period.name, "starts": period.starts, "ends": period.ends, "periods": periods,
            "period": period}


def _periods(school_class):
    return m.Period.select().where(m.Period.period_set == school_class.period_set_id).order_by(m.Period.number)


def _one_of(text: str | None, ids) -> int | None:
    """The id asked for; 403 for one that is not among one's own, None for no wish."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) not in ids:
        abort(403)
    return int(text)


def _chosen(rows: list[dict], subject: str | None) -> dict | None:
    number = _one_of(subject, {row["id"] for row in rows})
    return next((row for row in rows if row["id"] == number), None)


def _subjects(pupil: int, school_class, span: dict, rounding: str) -> list[dict]:
    """One row a subject of the period: its marks, absences, average and the mark of the period."""
    first, last = span["starts"], span["ends"]
    marks, missed = {}, {}
    for mark in m.Mark.of_pupil(pupil, first, last).namedtuples():
        marks.setdefault(mark.subject, []).append(mark)
    for absence in m.Absence.of_pupil(pupil, first, last).namedtuples():
        missed.setdefault(absence.subject, []).append(absence)
    put = _period_marks(pupil, school_class.year_id, span)
    courses = list(m.Course.of_pupil(pupil, first, last))
    subjects, scales = ({course.subject_id: value(course) for course in courses} for value in (lambda c: c.subject, lambda c: c.scale))
    return [_subject(subject, scales[subject.id], marks.get(subject.id, []), missed.get(subject.id, []), put.get(subject.id), rounding)
            for subject in subjects.values() if scales[subject.id].marks or subject.id in marks]


def _subject(subject, scale, marks: list, missed: list, put, rounding: str) -> dict:
    average = formulas.weighted_mean(scale.weights((mark.value, weight(mark)) for mark in marks))
    return {"id": subject.id, "name": subject.name, "marks": marks, "put": put, "scale": scale,
            "missed": sum(absence.code in m.codes().missed for absence in missed), "late": sum(a.code in m.codes().late for a in missed),
            "average": shown(scale.shown(average, rounding)), "exact": average}


def weight(mark) -> int:
    return 1 if mark.weight is None else mark.weight


def shown(number) -> str:
    """«4,47», «—»."""
    return "—" if number is None else str(number).replace(".", ",")


def _period_marks(pupil: int, year: int, span: dict) -> dict[int, object]:
    kind, period = ("period", span["period"].id) if span["period"] else ("year", None)
    rows = _shown_results(pupil, year).where((m.PeriodMark.kind == kind) & (
        m.PeriodMark.period == period if period else m.PeriodMark.period.is_null())).namedtuples()
    return {row.subject: row for row in rows}


def _shown_results(pupil: int, year: int):
    """The pupil's results of a year that the visitor may see: a family not those that the school still holds back (FIN-12, FIN-13)."""
    user, rows = visitor.user(), m.PeriodMark.of_pupil(pupil, year)
    if pupil not in user.pupils:
        return rows
    return rows.where(m.PeriodMark.id.in_(policies.visible(user, m.PeriodMark).select(m.PeriodMark.id)))


def _held(pupil: int, year: int, periods: dict) -> list[str]:
    """Names of the periods, and of the year, whose marks stand already and are not shown to the family yet."""
    kept = m.PeriodMark.of_pupil(pupil, year).where(policies.kept_from_family(visitor.user().rules)).namedtuples()
    names = {row.period: periods[row.period] if row.period else _result_name(row.kind) for row in kept}
    return [names[number] for number in sorted(names, key=lambda number: number or 2**31)]


def _detail(chosen: dict, rounding) -> dict:
    """How the average came about: the marks by kind of work and weight, their sums, and the result."""
    scale = chosen["scale"]
    parts = formulas.shares((kind_name(mark.kind), scale.worth[mark.value], weight(mark))
                            for mark in chosen["marks"] if mark.value in scale.worth and scale.averaged)
    return {"parts": parts, "total": sum(part.sum for part in parts),
            "weights": sum(part.weight * len(part.marks) for part in parts),
            "computed": scale.earned(chosen["exact"], rounding.value), "rounding": _rounding_in_words(rounding, scale),
            "short_kind": short_kind, "kind_name": kind_name, "weight": weight}


def _rounding_in_words(rule, scale) -> str:
    """«От 4,50 — 5, от 3,50 — 4, от 2,50 — 3 (п. 5.1)»; "" where there are other marks."""
    if scale is not FIVE:
        return ""
    least = {f"mark{mark}": shown(formulas.shown_mean(bound)) for mark, bound in formulas.ROUNDING[rule.value].items()}
    words = _("From %(mark5)s it is a 5, from %(mark4)s a 4, from %(mark3)s a 3", **least)
    return f"{words} ({_('clause %(clause)s', clause=rule.clause)})." if rule.clause else f"{words}."


# ---- forecast ----

def _forecast(pupil: int, chosen: dict, span: dict, rules, today: date) -> dict | None:
    """FIN-15: what the running period comes to by the marks so far and what would change it, or the year on its page; None for one
    that is over or has its mark."""
    if chosen["put"] or not rulebook.forecast.is_told(rules, span["starts"], span["ends"], today):
        return None
    running = next((period for period in span["periods"] if period.starts <= today <= period.ends), None)
    if running is None:
        return None
    kinds = results_rows.kinds()
    marks = [(mark.value, weight(mark)) for mark in chosen["marks"] if running.starts <= mark.day <= running.ends]
    ahead = m.Lesson.of_pupil(pupil, today + timedelta(days=1), running.ends).where(
        (m.Course.subject == chosen["id"]) & (m.Lesson.state != "cancelled")).count()
    found = rulebook.forecast.of_period(chosen["scale"], marks, rules, [number for number, _names in kinds], ahead)
    if found is None:
        return None
    names = dict(kinds)
    told = {"found": found, "name": running.name, "gap": found.gap and results_rows.gap(found.gap),
            "ways": [(names[number], count) for number, count in found.ways], "lessons": ahead}
    if span["period"]:
        return told
    before = {row.period: row.value for row in _shown_results(pupil, span["year"]).where(
        (m.PeriodMark.kind == "period") & (m.Course.subject == chosen["id"])).namedtuples()}
    closed = [before[period.id] for period in span["periods"] if period.id in before and period.ends < today]
    return told | {"year": rulebook.forecast.of_year(closed, found.mark), "closed": closed}


# ---- results and topics ----

def _result_name(kind: str) -> str:
    return {"year": _("Year"), "exam": _("Exam"), "final": _("Final")}[kind]


def _result_rows(pupil: int, year, put: list) -> list[tuple]:
    """(subject, its results by column) of every subject the pupil has in the year."""
    table: dict[int, dict] = {}
    for row in put:
        table.setdefault(row.subject, {})[row.period if row.kind == "period" else row.kind] = row
    courses = {course.subject_id: course for course in m.Course.of_pupil(pupil, year.starts, year.ends)}
    return [(course.subject, table.get(number, {})) for number, course in courses.items()
            if number in table or course.scale.marks]


def _topics(pupil: int, year, chosen: dict) -> dict:
    lessons = m.Lesson.of_pupil(pupil, year.starts, year.ends).where(m.Course.subject == chosen["id"]).namedtuples()
    held = [lesson for lesson in lessons if lesson.state == "held"]
    taken = {lesson.plan_topic for lesson in held if lesson.plan_topic}
    plans = m.Course.of_pupil(pupil, year.starts, year.ends).where(m.Course.subject == chosen["id"]).select(m.Course.plan)
    ahead = m.PlanTopic.select().where(m.PlanTopic.plan.in_(plans)).order_by(m.PlanTopic.plan, m.PlanTopic.number)
    return {"held": held[::-1], "ahead": [topic for topic in ahead if topic.id not in taken]}
