"""Everything that goes on paper: the list for each role, and one page a document with its parameters, PDF and Excel.

A parameter that is missing takes the sensible default of whoever asks: the own class, the period that runs. Whatever is
named goes through the gate; a foreign class and one that does not exist end at the same 403 page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from itertools import groupby

from flask import Blueprint, abort, current_app, render_template, request, send_file
from flask_babel import lazy_gettext as N_

import clock
import models as m
import policies
import rulebook.facts
import rulebook.rules
from formulas import GRADELESS
from printouts import access_sheet, activity, breach, class_journal, corrections, journal, reopening, screen, slips, substitutions, summary
from printouts.document import MONTHS, Document, Imprint
from printouts.render import TYPES, render
from views import visitor

bp = Blueprint("documents", __name__, url_prefix="/documents")

MOST_ACTS = 200  # to choose from
ALL, YEAR, STAFF = "all", "year", "staff"
PERIOD_SHEETS = (("results", N_("period marks")), ("averages", N_("averages of current marks")))
YEAR_SHEETS = (("results", N_("without the council's decision")), ("council", N_("with the council's decision")))


@dataclass(frozen=True)
class Choice:
    """A parameter on the page: its options as (group, [(value, label)]) and the one chosen."""

    name: str
    label: object
    groups: list[tuple[str, list[tuple[str, object]]]]
    chosen: str


@dataclass(frozen=True)
class Made:
    """A document with the choices that led to it; without a document, there is nothing to print yet: `missing` says what."""

    document: Document | None = None
    choices: list[Choice] = field(default_factory=list)
    unit: int | None = None
    missing: object = ""


@dataclass(frozen=True)
class Form:
    """A document of the list: id of its form, for whom, what it is, and the function that makes it."""

    slug: str
    code: str
    group: object
    title: object
    about: object
    roles: tuple[str, ...]
    make: Callable[[policies.User], Made]


@bp.get("/")
def index():
    own = [form for form in FORMS if visitor.user().has(*form.roles)]
    if not own:
        abort(403)
    groups = [(group, list(forms)) for group, forms in groupby(own, key=lambda form: form.group)]
    return render_template("documents/index.html", groups=groups)


@bp.get("/<slug>")
def show(slug: str):
    form, kind = next((form for form in FORMS if form.slug == slug), None), request.args.get("format", "html")
    if form is None or not visitor.user().has(*form.roles):
        abort(403)
    if kind not in ("html", *TYPES):
        abort(400)
    made = form.make(visitor.user())
    if made.document is None:
        return render_template("documents/empty.html", form=form, made=made)
    visitor.looked(f"documents/{slug}", unit=made.unit)
    return _page(form, made) if kind == "html" else _file(made.document, kind)


def _page(form: Form, made: Made) -> str:
    files = [(kind, {**request.args.to_dict(), "format": kind}) for kind in TYPES]
    return render_template("documents/document.html", form=form, made=made, document=made.document, files=files,
                           body=screen.render(made.document))


def _file(document: Document, kind: str):
    name = document.title.replace("/", "–").replace(":", ",")
    return send_file(BytesIO(render(document, kind)), TYPES[kind], as_attachment=True, download_name=f"{name}.{kind}")


# ---- the documents ----

def _journal_page(user: policies.User) -> Made:
    courses = journal.courses_for(user, _year())
    asked = request.args.get("course")
    course = (journal.course_for(user, _number(asked)) or abort(403)) if asked else _own_course(user, courses)
    periods = journal.periods_of(course) if course else []
    period = _period(user, periods)
    if period is None:
        return Made()
    groups = [(unit, [(str(each.id), f"{each.subject.name}, {unit}") for each in among])
              for unit, among in groupby(courses, key=lambda each: each.unit.name)]
    choices = [Choice("course", N_("Journal"), groups, str(course.id)), _period_choice(periods, period)]
    return Made(journal.facts(user, course, period, _imprint(user)), choices, course.unit_id)


def _class_journal(user: policies.User) -> Made:
    classes, chosen = _printed_class(user, "print")
    if chosen is None:
        return Made()
    return Made(class_journal.facts(user, chosen, _imprint(user)), [_class_choice(classes, str(chosen.id))], _unit_of(chosen))


def _summary_sheet(user: policies.User) -> Made:
    readable = summary.classes_for(user)
    classes = list(readable.where(m.SchoolClass.year == _year()))
    whole = request.args.get("class") == ALL and user.reads_all
    chosen = _own_class(user, classes) if whole else _class(readable, classes, user, _marked_class)
    if chosen is None:
        return Made()
    periods = summary.periods_of(chosen)
    period = None if request.args.get("period") == YEAR else _period(user, periods)
    shown, kind = _kind_choice(PERIOD_SHEETS if period else YEAR_SHEETS)
    document = summary.facts(user, classes if whole else [chosen], _imprint(user), period, council=kind == "council",
                             average=kind == "averages")
    more = [(ALL, N_("the whole school"))] if user.reads_all else []
    choices = [_class_choice(classes, ALL if whole else str(chosen.id), more), _period_choice(periods, period, whole_year=True)]
    return Made(document, [*choices, shown], None if whole else _unit_of(chosen))


def _substitutions(user: policies.User) -> Made:
    span, choice = _span()
    return Made(substitutions.facts(user, *span, _imprint(user)), [choice])


def _activity(user: policies.User) -> Made:
    span, choice = _span()
    return Made(activity.month(user.rules, span[0], span[1], clock.now(), _imprint(user)), [choice])


def _bonus(user: policies.User) -> Made:
    """Only where the school's regulation makes keeping the journal a ground for a bonus (CTL-15)."""
    if not user.rules.value("bonus.basis"):
        return Made(missing=N_("The school's regulation does not name a bonus for keeping the journal (rule «Bonus for proper keeping»)."))
    span, choice = _span()
    return Made(activity.bonus(user.rules, span[0], span[1], clock.now(), _imprint(user)), [choice])


def _corrections(user: policies.User) -> Made:
    span, choice = _span()
    return Made(corrections.register(user, *span, _imprint(user)), [choice])


def _correction_act(user: policies.User) -> Made:
    """Of a request; without a wish of the last one that was answered."""
    seen = m.Correction.whole().where(m.Correction.id.in_(policies.visible(user, m.Correction).select(m.Correction.id)))
    rows = [row for row in seen.limit(MOST_ACTS) if row.decision]
    asked = policies.find(user, m.Correction, request.args["number"]) or abort(403) if request.args.get(
        "number") else next(iter(rows), None)
    if asked is None:
        return Made()
    options = [(str(row.id), f"№ {row.number}, {row.asked_by.short_name}") for row in rows]
    options += [] if any(value == str(asked.id) for value, _label in options) else [(str(asked.id), f"№ {asked.number}")]
    return Made(corrections.act(user, asked.id, _imprint(user)), [Choice("number", N_("Request"), [("", options)], str(asked.id))])


def _reopening_act(user: policies.User) -> Made:
    """Of a period that was opened again; without a wish of the last one."""
    seen = policies.visible(user, m.PeriodClosure).select(m.PeriodClosure.id)
    rows = list(m.PeriodClosure.opened_again().where(m.PeriodClosure.id.in_(seen)).limit(MOST_ACTS))
    asked, number = next(iter(rows), None), request.args.get("closure")
    if number:
        found = policies.find(user, m.PeriodClosure, number) or abort(403)
        asked = m.PeriodClosure.opened_again().where(m.PeriodClosure.id == found.id).first() or abort(404)
    if asked is None:
        return Made(missing=N_("No closed period was opened again yet."))
    options = [(str(row.id), f"{row.school_class.name}, {row.period.name}, {row.reopen_paper}") for row in
               {row.id: row for row in [asked, *rows]}.values()]
    return Made(reopening.act(asked, _imprint(user)), [Choice("closure", N_("Period"), [("", options)], str(asked.id))])


def _span() -> tuple[tuple, Choice]:
    """(first day, last day, how it is called) of a month, a period or the year; without a wish the month that runs."""
    year, today = _year(), clock.today()
    spans = {f"{day:%Y-%m}": (day, (day + timedelta(days=31)).replace(day=1) - timedelta(days=1), f"{MONTHS[day.month - 1]} {day.year}")
             for day in _months(year)}
    periods = m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where(m.PeriodSet.year == year).order_by(
        m.PeriodSet.id, m.Period.number)
    named = {f"p{each.id}": (each.starts, each.ends, each.name) for each in periods}
    every = spans | named | {YEAR: (year.starts, year.ends, f"{year.name} учебный год")}
    asked = request.args.get("period") or f"{today:%Y-%m}"
    if asked not in every:
        asked = YEAR if not request.args.get("period") else abort(403)
    groups = [(N_("Month"), [(key, said) for key, (_f, _l, said) in spans.items()]),
              (N_("Period"), [(key, said) for key, (_f, _l, said) in named.items()]), ("", [(YEAR, N_("the whole year"))])]
    return every[asked], Choice("period", N_("Period"), groups, asked)


def _months(year: m.Year) -> list[date]:
    """The first day of each month of the school year."""
    return [day for day in m.each_day(year.starts.replace(day=1), year.ends) if day.day == 1]


def _access_sheet(user: policies.User) -> Made:
    return _handed_out(user, access_sheet)


def _access_slips(user: policies.User) -> Made:
    return _handed_out(user, slips, current_app.config["SECRET_KEY"], request.host_url)


def _handed_out(user: policies.User, printout, *more) -> Made:
    """A document of a class, or of the staff for the administrator, by a printout that has both."""
    everybody = [(STAFF, N_("staff"))] if user.has("ADM") else []
    if everybody and request.args.get("class") == STAFF:
        choice = _class_choice(_classes(user, "credentials"), STAFF, everybody)
        return Made(printout.of_staff(user, _imprint(user), *more), [choice])
    classes, chosen = _printed_class(user, "credentials")
    if chosen is None:
        return Made()
    document = printout.of_class(user, chosen, _imprint(user), *more)
    return Made(document, [_class_choice(classes, str(chosen.id), everybody)], _unit_of(chosen))


def _breach_report(user: policies.User) -> Made:
    return _of_breach(user, breach.notification)


def _breach_act(user: policies.User) -> Made:
    return _of_breach(user, breach.act)


def _of_breach(user: policies.User, printout) -> Made:
    """A paper of the case asked for, or of the last one."""
    cases = list(policies.visible(user, m.Breach).order_by(m.Breach.id.desc()).limit(100))
    asked = request.args.get("case")
    case = (policies.find(user, m.Breach, asked) or abort(403)) if asked else next(iter(cases), None)
    document = printout(case, _imprint(user)) if case else None
    if document is None:
        return Made(missing=N_(
            "There is nothing to print yet: nobody has reported a breach, or its act is not drawn up. Begin under «Breaches»."))
    options = [(str(each.id), f"№ {each.id}, {each.reported_at.astimezone(clock.zone()):%d.%m.%Y}") for each in cases]
    return Made(document, [Choice("case", N_("Breach"), [("", options)], str(case.id))])


_JOURNALS, _RESULTS, _ACCESS = N_("Journals"), N_("Results"), N_("Ways into the journal")
_USE = N_("Use of the journal")
_READERS = tuple(sorted(policies.READERS))
FORMS = (
    Form("journal-page", "F-01", _JOURNALS, N_("Journal page of a subject"),
         N_("One subject and period as in the paper journal: marks on the left, topics and homework on the right"),
         ("T", "MAS", "CT", *_READERS), _journal_page),
    Form("class-journal", "F-02 · F-03 · F-01 · F-31", _JOURNALS, N_("The whole class journal"),
         N_("A class's year: title, contents, every subject, summary sheet and the last sheet with the number of sheets"),
         ("CT", *_READERS), _class_journal),
    Form("substitutions", "F-13", _JOURNALS, N_("Register of substitutions"),
         N_("Missed and substituted lessons of a month, a period or the year: who, why, who instead, when it was recorded,"
            " with a place to sign"),
         ("ADM", "DIR", "SEC", "ZAV"), _substitutions),
    Form("corrections", "", _JOURNALS, N_("Register of corrections"),
         N_("Requests of a month, a period or the year to change what was closed: who asked, what stood and what stands, who allowed it"),
         ("ADM", "DIR", "SEC", "ZAV"), _corrections),
    Form("correction-act", "", _JOURNALS, N_("Act of a correction"),
         N_("One request to change what was closed, cell by cell, with the ground, the clause and place to sign"),
         ("T", "MAS", "CT", *_READERS), _correction_act),
    Form("reopening-act", "", _JOURNALS, N_("Protocol of opening a closed period"),
         N_("The paper by which a period was opened again, until when, and what was changed meanwhile: before and after"),
         ("ADM", "DIR", "ZAV"), _reopening_act),
    Form("summary-sheet", "F-04", _RESULTS, N_("Summary sheet of results"),
         N_("Period marks of a class in every subject, live; for one period or for the year"),
         ("T", "MAS", "CT", *_READERS), _summary_sheet),
    Form("activity", "R-12 · R-13", _USE, N_("Activity of teachers and families"),
         N_("How teachers kept the journal in a month and who of the staff, pupils and parents opened it"),
         ("ADM", "DIR", "ZAV"), _activity),
    Form("bonus", "R-12", _USE, N_("Figures for a bonus"),
         N_("The score of each teacher with what it is made of; nothing is decided by itself"), ("ADM", "DIR", "ZAV"), _bonus),
    Form("access-slips", "", _ACCESS, N_("Slips to cut out"),
         N_("One slip a person with the standing code or temporary password, for pupils and parents of a class and for staff"),
         ("ADM", "CT"), _access_slips),
    Form("access-sheet", "F-16", _ACCESS, N_("Sheet for signatures"),
         N_("Who was given a way into the journal, when and by whom, with a place to sign"), ("ADM", "CT"), _access_sheet),
    Form("breach-report", "F-30a", _ACCESS, N_("Notification of a breach"),
         N_("What was reported about a breach of confidentiality, and when head and technical support learned of it"),
         policies.BREACH_DESK, _breach_report),
    Form("breach-act", "F-30b", _ACCESS, N_("Act of a breach"),
         N_("The act that fixes a breach: the commission, operations after the notice and before it, measures, signatures"),
         policies.BREACH_DESK, _breach_act),
)


# ---- parameters ----

def _imprint(user: policies.User) -> Imprint:
    return Imprint(user.name, clock.now())


def _unit_of(school_class: m.SchoolClass) -> int | None:
    """The class as a unit of journals: what the record of looks names (SEC-16)."""
    return m.Unit.select(m.Unit.id).where((m.Unit.school_class == school_class) & (m.Unit.kind == "class")).scalar()


def _year() -> m.Year:
    return m.Year.on(clock.today())


def _number(text: str) -> int:
    """A record's number from the address; whatever is none ends like a record of somebody else."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        abort(403)
    return int(text)


def _own_course(user: policies.User, courses: list[m.Course]) -> m.Course | None:
    """The first journal one teaches, else the first of the own class, else the first at all."""
    ranked = sorted(courses, key=lambda course: (course.id not in user.taught, course.unit.school_class_id not in user.classes))
    return ranked[0] if ranked else None


def _own_class(user: policies.User, classes: list[m.SchoolClass]) -> m.SchoolClass | None:
    return next((each for each in classes if each.id in user.classes), classes[0] if classes else None)


def _marked_class(user: policies.User, classes: list[m.SchoolClass]) -> m.SchoolClass | None:
    """The own class; or else the first that has marks in the period that runs, or the first that is taught with marks at all."""
    today, rules = clock.today(), rulebook.rules.rules_on(clock.today())
    marked = {number for number, in m.PeriodMark.select(m.Enrolment.school_class).join(m.Period).join_from(
        m.PeriodMark, m.Enrolment, on=(m.Enrolment.pupil == m.PeriodMark.pupil)).where(
        (m.Period.starts <= today) & (m.Period.ends >= today) & (m.PeriodMark.value != GRADELESS)
        & m.Enrolment.covers(today)).distinct().tuples()}
    graded = [each for each in classes if not rulebook.facts.is_gradeless(rules, each.grade, rulebook.facts.half_of("", 0, today))]
    own = [each for each in classes if each.id in user.classes]
    return next(iter(own or [each for each in graded if each.id in marked] or graded or classes), None)


def _class(readable, classes: list[m.SchoolClass], user: policies.User, usual=_own_class) -> m.SchoolClass | None:
    """The class asked for among the readable ones, or the `usual` one."""
    asked = request.args.get("class")
    if not asked:
        return usual(user, classes)
    return readable.where(m.SchoolClass.id == _number(asked)).first() or abort(403)


def _classes(user: policies.User, verb: str) -> list[m.SchoolClass]:
    """Classes of the year for which the user may do this."""
    return [each for each in m.SchoolClass.select(m.SchoolClass, m.Year).join(m.Year).where(
        m.SchoolClass.year == _year()).order_by(m.SchoolClass.sort) if policies.allows(user, verb, each)]


def _printed_class(user: policies.User, verb: str) -> tuple[list[m.SchoolClass], m.SchoolClass | None]:
    """The classes to choose from and the class chosen, by a verb of RULES on classes."""
    classes, asked = _classes(user, verb), request.args.get("class")
    if not asked:
        return classes, _own_class(user, classes)
    chosen = policies.find(user, m.SchoolClass, asked)
    if chosen is None or not policies.allows(user, verb, chosen):
        abort(403)
    return classes, chosen


def _period(user: policies.User, periods: list[m.Period]) -> m.Period | None:
    """The period asked for, or the one that runs, or the last begun, or the first."""
    asked, today = request.args.get("period"), clock.today()
    if asked:
        return policies.find(user, m.Period, asked) or abort(403)
    begun = [period for period in periods if period.starts <= today]
    return next((period for period in begun if today <= period.ends), (begun or periods or [None])[-1 if begun else 0])


def _class_choice(classes: list[m.SchoolClass], chosen: str, more: list[tuple[str, object]] = ()) -> Choice:
    return Choice("class", N_("Class"), [("", [*((str(each.id), each.name) for each in classes), *more])], chosen)


def _period_choice(periods: list[m.Period], chosen: m.Period | None, whole_year: bool = False) -> Choice:
    options = [(str(period.id), period.name) for period in periods]
    if chosen and chosen not in periods:
        options.append((str(chosen.id), chosen.name))
    return Choice("period", N_("Period"), [("", [*options, *([(YEAR, N_("the whole year"))] if whole_year else [])])],
                  str(chosen.id) if chosen else YEAR)


def _kind_choice(kinds: tuple[tuple[str, object], ...]) -> tuple[Choice, str]:
    """Which of the kinds of a sheet to show, and the kind; one that this sheet does not have is the first."""
    asked = request.args.get("show")
    kind = asked if asked in dict(kinds) else kinds[0][0]
    return Choice("show", N_("What to show"), [("", list(kinds))], kind), kind
