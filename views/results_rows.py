"""What the screens of period marks show of rulebook.results, in words and ready numbers; nothing is read or judged here."""

from types import SimpleNamespace

from flask_babel import get_locale
from flask_babel import gettext as _

import models as m
import policies
import rulebook.facts
import rulebook.closing as closing
import rulebook.forecast
import rulebook.results as grounds
from formulas import NOT_ATTESTED, shown_percent
from rulebook.plans import in_hours
from views import closing_words, grid
from views.language import day


def number(average, rules, course) -> str:
    """An average as it is shown in this course: «4,47», «—»."""
    return grid.number_shown(average, rules.value("final.rounding"), course.scale) or "—"


def due(first, limit, clause: str, ordered) -> str:
    """«с 20 по 25 декабря, п. 5.4»"""
    parts = [_("from %(day)s", day=day(first))] if first else []
    parts += [_("by %(day)s", day=day(limit.date()))] if limit else []
    parts += [_("by the school's order")] if ordered else []
    return ", ".join([" ".join(parts), *([_("cl. %(clause)s", clause=clause)] if clause else [])]) if parts else ""


# ---- a journal ----

def of_journal(journal, before, rules) -> list[SimpleNamespace]:
    """The rows of the screen: the line itself, and how it is told."""
    known = kinds()
    return [_row(line, journal.course, before, rules, known) for line in journal.lines]


def _row(line, course, before, rules, known) -> SimpleNamespace:
    step, earlier = grounds.next_step(line, course, rules), line.results.get(("period", before.id)) if before else None
    more = known if line.average is not None and not line.left else []
    return SimpleNamespace(
        line=line, mean=number(line.average, rules, course), before=earlier.value if earlier else "",
        next=_("%(gap)s to a %(mark)s", gap=gap(step[1]), mark=step[0]) if step else "",
        more=[_one_more(line, course, rules, *kind) for kind in more], notes=_notes(line, rules))


def gap(lacking) -> str:
    """What is lacking, never shown as nothing: «0,12», «0,004»."""
    digits = next(digits for digits in range(2, 9) if round(lacking, digits))
    return f"{float(lacking):.{digits}f}".replace(".", "," if str(get_locale()) == "ru" else ".")


def _one_more(line, course, rules, weight: int, names: str) -> SimpleNamespace:
    return SimpleNamespace(weight=weight, names=names, marks=[
        (mark, number(average, rules, course), result, changes)
        for mark, average, result, changes in grounds.one_more(line, course, rules, weight)])


def kinds() -> list[tuple[int, str]]:
    """(weight, names of the kinds of work that have it), the lightest first. One query."""
    found: dict[int, list[str]] = {}
    for name, weight in m.WorkKind.select(m.WorkKind.name, m.WorkKind.weight).where(m.WorkKind.active).order_by(
            m.WorkKind.position).tuples():
        found.setdefault(weight, []).append(name.lower())
    return [(weight, ", ".join(names)) for weight, names in sorted(found.items())]


def _notes(line, rules) -> list[tuple[str, str, str]]:
    """(tone, words, clause) of what is to be noticed about a pupil."""
    if line.left:
        return [("", _("left on %(day)s, needs no mark", day=day(line.left)), "")]
    if line.gradeless:
        return [("", _("taught without marks"), rules["gradeless.scope"].clause)]
    notes = [_doubt(doubt, line) for doubt in line.doubts]
    notes += [("late", _("no mark: %(kind)s, %(day)s", kind=task.kind, day=grid.short_day(task.day)), "") for task in line.owed]
    if not line.facts.marks and not line.standing:
        notes.append(_without_marks(rules))
    if line.departs:
        notes.append(("bad", _("%(computed)s computed, the reason is missing", computed=line.standing.computed),
                      rules["final.departure"].clause))
    if line.on_border and line.waits:
        notes.append(("", _("on the border, look twice"), ""))
    return notes


def _doubt(doubt, line) -> tuple[str, str, str]:
    if doubt.rule == "min_marks.policy":
        return "late", _("few marks: %(marks)s of %(norm)s", marks=line.facts.marks, norm=line.facts.norm), doubt.clause
    if doubt.rule == "min_marks.laboratory":
        return "late", _("no laboratory or practical work"), doubt.clause
    return "late", _("no written or practical work"), doubt.clause


def _without_marks(rules) -> tuple[str, str, str]:
    """No marks at all: «н/а», or what this school does instead of it (FIN-07 … FIN-09)."""
    if rules.value("final.codes.na"):
        return "late", _("no marks: «%(code)s» may be put", code=NOT_ATTESTED), rules["final.codes.na"].clause
    instead = rulebook.facts.DEFERRED_AS.get(rules.value("final.instead_of_na"))
    if not instead:
        return "late", _("no marks, and «н/а» is not put"), rules["final.codes.na"].clause
    return "late", _("no marks: not «н/а» but «%(code)s»", code=instead), rules["final.instead_of_na"].clause


# ---- a class ----

def of_class(parts, foretold: bool = False) -> SimpleNamespace:
    """The table of a class: a row a journal, a column a kind of obstacle found anywhere in the class; `foretold`: with a forecast."""
    rows = [SimpleNamespace(journal=part.journal, teacher=part.teacher_name, found={each.what: in_hours(each.count) for each in part},
                            due=getattr(part.course, "here", True), forecast=_foretold(part.journal) if foretold else "") for part in parts]
    totals = {what: in_hours(count) for what, count in closing.totals(parts).items()}
    held = [row.journal for row in rows if row.due]
    return SimpleNamespace(rows=rows, columns=[(what, closing_words.title(what)) for what in totals], totals=totals,
                           put=sum(journal.put for journal in held), expected=sum(journal.expected for journal in held))


def _foretold(journal) -> str:
    """«100 % / 65 %»: success and quality, if it stays as it is."""
    shares = [shown_percent(share) for share in rulebook.forecast.of_class(journal)]
    return "" if None in shares else " / ".join(f"{share} %".replace(".", ",") for share in shares)


# ---- the overview ----

def overview(user, rules) -> list[SimpleNamespace]:
    """By period system, the period that runs or ran last: own journals, and own or all classes, with how full they are."""
    year = m.Year.on(user.today)
    classes = list(m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort)) if year else []
    mine = list(user.taught)
    found = []
    for period in _periods([each.period_set_id for each in classes], user.today):
        own = [each for each in classes if each.period_set_id == period.period_set_id]
        seen = [each for each in own if policies.allows(user, "results", each)]
        found.append(SimpleNamespace(period=period, journals=_journals(period, own, rules, mine) if mine else [],
                                     classes=_classes(period, seen, rules) if seen else []))
    return [each for each in found if each.journals or each.classes]


def _periods(sets: list, today) -> list[m.Period]:
    """Of each system the period that runs or the last begun."""
    rows = m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(
        m.Period.period_set.in_(sets) & (m.Period.starts <= today)).order_by(m.PeriodSet.id, m.Period.starts)
    return list({period.period_set_id: period for period in rows}.values())


def _journals(period, classes, rules, mine: list[int]) -> list[SimpleNamespace]:
    """A row a journal; of a stream its classes together."""
    found: dict[int, SimpleNamespace] = {}
    for rows in grounds.period_progress(period, classes, rules, mine).values():
        for row in rows:
            one = found.setdefault(row.course, SimpleNamespace(course=row.course, name=f"{row.unit} · {row.subject}", put=0, pupils=0))
            one.put, one.pupils = one.put + row.put, one.pupils + row.pupils
    return list(found.values())


def _classes(period, classes, rules) -> list[SimpleNamespace]:
    progress = grounds.period_progress(period, classes, rules)
    return [SimpleNamespace(school_class=each, put=sum(row.put for row in progress[each.id]),
                            pupils=sum(row.pupils for row in progress[each.id])) for each in classes]
