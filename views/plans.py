"""Thematic plans (КТП): the library by subject and parallel, one plan as a table that is edited in place, copying, giving it to
courses, approval (PLN-02, PLN-03). A course against its plan is views/plan_course.py, files are views/plan_files.py.
"""

import re
from decimal import Decimal, InvalidOperation
from itertools import groupby
from types import SimpleNamespace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import models as m
import policies
import rulebook.entries
import rulebook.plans
import rulebook.rules
import rulebook.text_verdicts
from views import visitor
from views.language import day, say

bp = Blueprint("plans", __name__, url_prefix="/plans")

GRADES = range(1, 12)
SHOWN = 200
LONGEST_HOURS = Decimal(99)
DOUBTS = 8  # rows of a file that are told after saving: they travel in a cookie


# ---- the library ----

@bp.get("/")
def index():
    """Own courses with their plans, then the plans one may see, by subject and parallel."""
    user, asked = visitor.user(), _asked()
    if not user.is_staff:
        abort(403)
    years, year = list(m.Year.select().order_by(m.Year.starts.desc())), m.Year.on(user.today)
    chosen = next((each for each in years if str(each.id) == request.args.get("year")), year)
    rows = list(m.Plan.described(_found(policies.visible(user, m.Plan), chosen, asked)).limit(SHOWN + 1))
    lines = list(m.CurriculumLine.of_grades(chosen, {row.grade for row in rows})) if rows else []
    classes, rules = _classes_of(rows), rulebook.rules.rules_on(user.today)
    entries = [_entry(row, classes.get(row.id, []), lines, rules, user) for row in rows[:SHOWN]]
    groups = [(subject, list(group)) for subject, group in groupby(entries, key=lambda entry: entry.plan.subject.name)]
    return render_template("plans/index.html", groups=groups, asked=asked, more=len(rows) > SHOWN, years=years, year=chosen,
                           own=_own_courses(user, year) if chosen == year else [], reads_all=user.reads_all, h=rulebook.plans.in_hours,
                           grades=GRADES,
                           creates=policies.allows(user, "create", m.Plan()))


def _asked() -> SimpleNamespace:
    grade = request.args.get("grade", "")
    return SimpleNamespace(q=request.args.get("q", "").strip()[:60], grade=int(grade) if grade in map(str, GRADES) else None,
                           mine=request.args.get("mine") == "1")


def _found(plans, year, asked):
    """The plans of the year that were asked for; a word is looked for in the name and the subject."""
    plans = plans.where(m.Plan.year == year)
    if asked.grade:
        plans = plans.where(m.Plan.grade == asked.grade)
    if asked.mine:
        plans = plans.where(m.Plan.author == visitor.user().person)
    if asked.q:
        named = [number for number, *words in m.Plan.select(m.Plan.id, m.Plan.name, m.Subject.name).join(m.Subject).where(
            m.Plan.year == year).tuples() if m.fold(asked.q) in m.fold(" ".join(words))]
        plans = plans.where(m.Plan.id.in_(named))
    return plans


def _classes_of(plans) -> dict[int, list[str]]:
    """Plan → names of the classes and groups that live by it."""
    found: dict[int, list[str]] = {}
    rows = m.Course.select(m.Course.plan, m.Unit.name).join(m.Unit).where(
        m.Course.plan.in_([plan.id for plan in plans])).order_by(m.Unit.name).tuples()
    for plan, name in rows:
        found.setdefault(plan, []).append(name)
    return found


def _entry(plan, classes, lines, rules, user) -> SimpleNamespace:
    due = rulebook.plans.plan_due([line for line in lines if line.school_class.grade == plan.grade], plan.subject_id)
    hours = Decimal(str(plan.hours))
    return SimpleNamespace(plan=plan, classes=classes, hours=rulebook.plans.in_hours(hours), own=plan.author_id == user.person,
                           matches=rulebook.plans.judge_plan(rules, hours, _of_classes(due, classes)).message is None)


def _of_classes(due, classes) -> dict:
    """The hours of the classes that live by the plan; of the whole parallel when none does."""
    return {name: hours for name, hours in due.items() if name in classes} or due


def _own_courses(user, year) -> list[SimpleNamespace]:
    """The courses the user teaches today, each with its pace when it has a plan."""
    taught = [course for course in user.taught if policies.teaches(user, course, user.today)]
    courses = m.Course.whole().where(m.Course.id.in_(taught)).order_by(m.Subject.name, m.SchoolClass.sort, m.Unit.name)
    paces = rulebook.plans.plan_paces(taught, year, user.today) if taught else {}
    return [SimpleNamespace(course=course, pace=paces.get(course.id)) for course in courses]


# ---- a new plan ----

@bp.route("/new", methods=["GET", "POST"])
def new():
    """An empty table, or the rows that were read from a file and looked through."""
    user = visitor.user()
    if not policies.allows(user, "create", m.Plan()):
        abort(403)
    if request.method == "GET":
        return _new_page(SimpleNamespace(subject=request.args.get("subject", ""), grade=request.args.get("grade", ""), name="",
                                         shared=True, source=""), [])
    head, rows, problems = _head(), typed_rows(), {}
    subject = next((each for each in subjects_for(user) if str(each.id) == head.subject), None)
    if subject is None or head.grade not in map(str, GRADES):
        problems["subject"] = _("Choose the subject and the grade.")
    if problems or wrong(rows):
        return _new_page(head, rows, problems), 422
    plan, conflicts = rulebook.plans.make_plan(
        user, visitor.actor(), said(rows), _draft() or "", year=m.Year.on(user.today), subject=subject, grade=int(head.grade),
        name=head.name or f"{subject.name}, {head.grade}", shared=head.shared, source=head.source)
    if conflicts:
        return _conflicts_page(_plan(plan.id), rows, {}, conflicts), 409
    flash(_("The plan is made."), "success")
    _tell_doubts(request.form.getlist("doubt"))
    return redirect(url_for(".page", plan=plan.id, kept=_draft()))


def _tell_doubts(doubts: list[str]) -> None:
    """What was doubted when the file was read and not touched since, once more over the plan that was made of it."""
    if doubts:
        more = ngettext("and %(num)s more row", "and %(num)s more rows", len(doubts) - DOUBTS) if len(doubts) > DOUBTS else ""
        told = "; ".join([*(_line(doubt)[:160] for doubt in doubts[:DOUBTS]), *filter(None, [more])])
        flash(_("Look at these rows once more: %(rows)s", rows=told), "warning")


def _head() -> SimpleNamespace:
    form = request.form
    return SimpleNamespace(subject=form.get("subject", ""), grade=form.get("grade", ""), name=_line(form.get("name", ""))[:200],
                           shared="shared" in form, source=_line(form.get("source", ""))[:300])


def _new_page(head, rows, problems=None):
    return render_template("plans/new.html", head=head, rows=rows, problems=problems or {}, subjects=subjects_for(visitor.user()),
                           grades=GRADES, kinds=kinds(), wrong=wrong(rows))


def subjects_for(user) -> list[m.Subject]:
    """The subjects a plan can be of: one's own first."""
    taught = {subject for subject, in m.Course.select(m.Course.subject).where(m.Course.id.in_(list(user.taught))).tuples()}
    return sorted(m.Subject.select(), key=lambda subject: (subject.id not in taught, m.sort_key(subject.name)))


def kinds() -> list[tuple[str, str]]:
    return [("", "—"), *m.WorkKind.select(m.WorkKind.code, m.WorkKind.name).where(m.WorkKind.active).order_by(
        m.WorkKind.position).tuples()]


# ---- the table as it is typed ----

def typed_rows() -> list[SimpleNamespace]:
    """The rows of a posted table, rows without a word left out; each with its `errors` by field."""
    names = ("id", "section", "topic", "hours", "kind", "homework")
    columns = [request.form.getlist(name)[:2 * rulebook.plans.MOST_TOPICS] for name in names]
    if len({len(column) for column in columns}) != 1:
        abort(400)
    keys, known_kinds = request.form.getlist("key")[:len(columns[0])], {code for code, _name in kinds()}
    names, columns = (*names, "key"), [*columns, keys + [""] * (len(columns[0]) - len(keys))]
    rows = [_typed(dict(zip(names, cells, strict=True)), known_kinds) for cells in zip(*columns, strict=True)
            if any(_line(cell) for name, cell in zip(names, cells, strict=True) if name in ("section", "topic", "homework"))]
    return rows


def _typed(cells: dict, known_kinds: set) -> SimpleNamespace:
    row = SimpleNamespace(id=_number(cells["id"]), key=cells["key"][:20], kind=cells["kind"], errors={}, conflict=None, given=False,
                          **{name: _line(cells[name]) for name in ("section", "topic", "hours", "homework")})
    if not row.topic:
        row.errors["topic"] = _("Write the topic.")
    for name, most in (("section", 300), ("topic", 500), ("homework", 500)):
        if len(getattr(row, name)) > most:
            row.errors[name] = _("At most %(n)s characters: %(now)s now.", n=most, now=len(getattr(row, name)))
    if hours_of(row.hours) is None:
        row.errors["hours"] = _("Hours are a number: 1, 2 or 0,5.")
    if row.kind not in known_kinds:
        row.errors["kind"] = _("Choose the kind of work from the list.")
    return row


def hours_of(text: str) -> Decimal | None:
    """Hours as typed, by halves and tenths; None for anything else."""
    try:
        hours = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    fits = hours.is_finite() and 0 < hours <= LONGEST_HOURS and hours == hours.quantize(Decimal("0.1"))
    return hours if fits else None


def wrong(rows) -> list[int]:
    """Numbers of the rows that cannot be kept as they are."""
    found = [number for number, row in enumerate(rows, 1) if row.errors]
    return found or ([rulebook.plans.MOST_TOPICS + 1] if len(rows) > rulebook.plans.MOST_TOPICS else [])


def said(rows) -> list[rulebook.plans.PlanRow]:
    return [rulebook.plans.PlanRow(row.section, row.topic, hours_of(row.hours), row.kind, row.homework, row.id, row.key) for row in rows]


def shown(topics, given=frozenset()) -> list[SimpleNamespace]:
    """Standing topics, or rows of policies, as rows of the table."""
    return [SimpleNamespace(id=row.id, section=row.section, topic=row.topic, hours=rulebook.plans.in_hours(row.hours), kind=row.work_kind,
                            homework=row.homework, errors={}, conflict=None, given=row.id in given) for row in topics]


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


# ---- one plan ----

@bp.get("/<int:plan>")
def page(plan: int):
    row = _plan(plan)
    return _page(row)


@bp.post("/<int:plan>")
def save(plan: int):
    """The whole table at once; nothing typed is lost when a row is wrong or a colleague was quicker."""
    row, rows, known = _plan(plan, "edit"), typed_rows(), _known()
    if wrong(rows):
        return _page(row, rows, known=known), 422
    name = _line(request.form.get("name", ""))[:200] or row.name
    try:
        conflicts = rulebook.plans.put_plan(visitor.user(), visitor.actor(), plan, said(rows), known, name=name,
                                            shared="shared" in request.form, draft=_draft() or "",
                                            reason=request.form.get("reason", "").strip()[:300])
    except m.Refused as refusal:
        return _page(row, rows, known=known, problem=say(refusal.text), asks_reason=True), 422
    except rulebook.entries.Foreign:
        abort(403)
    if conflicts:
        return _conflicts_page(row, rows, known, conflicts), 409
    flash(_("The plan is kept."), "success")
    return redirect(url_for(".page", plan=plan, kept=_draft()))


def _draft() -> str | None:
    """The name of the draft in the browser that the plan was typed in: it goes when the page that follows names it, and a draft that is
    sent twice makes nothing twice."""
    found = re.fullmatch(r"[0-9-]{1,25}", request.form.get("draft", ""))
    return found and found[0]


def _plan(plan: int, verb: str = "") -> m.Plan:
    """The plan for whoever sees it, or may do this to it; 403 for all others alike."""
    row = m.Plan.described(policies.visible(visitor.user(), m.Plan).where(m.Plan.id == plan)).first()
    if row is None or verb and not policies.allows(visitor.user(), verb, row):
        abort(403)
    return row


def _known() -> dict[int, str]:
    """id → version of the rows as the page was given out."""
    return {int(number): version for number, version in re.findall(r"(\d{1,9}):([0-9a-f]{1,6})", request.form.get("known", ""))}


def _conflicts_page(plan, rows, known, conflicts):
    standing = {topic.id: rulebook.plans.PlanRow.of(topic) for topic in plan.in_order()}
    known = rulebook.plans.recognised(visitor.actor(), _draft() or "", rows, known, standing)
    return _page(plan, *_with_conflicts(rows, known, conflicts))


def _with_conflicts(rows, known, conflicts) -> tuple[list, dict]:
    """What was typed with the colleague's words beside it; kept once more, it stands knowingly."""
    by_id = {row.id: row for row in rows if row.id}
    who = m.History.last_writers("plan_topic", [(each.mine or each.standing).id for each in conflicts])
    for each in conflicts:
        number = (each.mine or each.standing).id
        row = by_id.get(number)
        if row is None:  # taken out here, changed there: it comes back to be looked at
            row, = shown([each.standing])
            rows.append(row)
        row.conflict = SimpleNamespace(who=who.get(number, ""), gone=each.mine is None,
                                       standing=each.standing and shown([each.standing])[0])
        if each.standing:
            known[number] = each.standing.version
        else:
            known.pop(number)
            row.id = None
    return rows, known


def _page(plan, rows=None, known=None, problem="", asks_reason=False):
    user, edits = visitor.user(), policies.allows(visitor.user(), "edit", plan)
    topics = list(plan.in_order())
    given: dict[int, list] = {}
    for topic, *lesson in m.Lesson.select(m.Lesson.plan_topic, m.Lesson.course, m.Lesson.day).where(
            m.Lesson.plan_topic.in_([topic.id for topic in topics])).order_by(m.Lesson.day).tuples():
        given.setdefault(topic, []).append(lesson)
    courses = list(m.Course.whole().where((m.Course.subject == plan.subject_id) & (m.Unit.year == plan.year_id) & (
        (m.Course.plan == plan) | m.Course.id.in_(list(user.taught)))).order_by(m.SchoolClass.sort, m.Unit.name))
    classes = [course.unit.school_class.name for course in courses if course.plan_id == plan.id and course.unit.school_class]
    due = _of_classes(rulebook.plans.plan_due(m.CurriculumLine.of_grades(plan.year_id, [plan.grade]), plan.subject_id), classes)
    hours = sum((topic.hours for topic in topics), Decimal(0))
    rules = rulebook.rules.rules_on(user.today)
    wording, foreign = rulebook.text_verdicts.judge_plan_words(rules, [topic.topic for topic in topics])
    known = known if known is not None else {topic.id: rulebook.plans.PlanRow.of(topic).version for topic in topics}
    rows = rows if rows is not None else shown(topics, given)
    years = list(m.Year.select().order_by(m.Year.starts.desc()))
    dates = _dates(plan, [course for course in courses if course.plan_id == plan.id], given)
    for row in rows:
        row.dates = dates.get(row.id, ())
    return render_template(
        "plans/page.html", plan=plan, rows=rows, edits=edits, kinds=kinds(), known=" ".join(f"{n}:{at}" for n, at in known.items()),
        problem=problem, asks_reason=asks_reason, wrong=wrong(rows), conflicts=sum(row.conflict is not None for row in rows),
        hours=rulebook.plans.in_hours(hours), due=[(name, rulebook.plans.in_hours(of)) for name, of in due.items()],
        decision=rulebook.plans.judge_plan(rules, hours, due), wording=wording, foreign=foreign, courses=courses,
        gives=[course for course in courses if policies.allows(user, "plan", course)], grades=GRADES,
        years=years, copies=policies.allows(user, "create", m.Plan()),
        sections=[(name, list(group)) for name, group in groupby(rows, key=lambda row: row.section)])


def _dates(plan, courses, given) -> dict[int, list[str]]:
    """Topic → «7Б: по плану 12 октября, проведено 14 октября» for each of the courses that gave it, or that have another day for it
    since the timetable was published again."""
    ids, told = [course.id for course in courses], {}
    first = m.PlanDate.of_courses(ids)
    now = m.PlanDate.by_timetable(ids, m.Year.get_by_id(plan.year_id)) if given or first else {}
    for course in courses:
        for topic in given.keys() | {topic for own, topic in first if own == course.id}:
            held, at = [when for own, when in given.get(topic, ()) if own == course.id], (course.id, topic)
            words = _date_words(course.unit.name, first.get(at, now.get(at)), held, now.get(at))
            if words:
                told.setdefault(topic, []).append(words)
    return told


def _date_words(unit: str, planned, held, now) -> str:
    planned, held, now = (", ".join(map(day, dict.fromkeys(days or ()))) or "—" for days in (planned, held, now))
    if held != "—":
        return _("%(unit)s: by plan %(planned)s, given %(held)s", unit=unit, planned=planned, held=held)
    return _("%(unit)s: by plan %(planned)s, now %(now)s", unit=unit, planned=planned, now=now) if planned != now else ""


@bp.post("/<int:plan>/copy")
def copy(plan: int):
    """The plan once more as one's own: for another parallel, another year, or from a colleague."""
    row, user, form = _plan(plan), visitor.user(), request.form
    year = m.Year.get_or_none(m.Year.id == (_number(form.get("year")) or row.year_id))
    if not policies.allows(user, "create", m.Plan()) or year is None:
        abort(403)
    grade = int(form["grade"]) if form.get("grade") in map(str, GRADES) else row.grade
    author = row.author.short_name if row.author_id else ""
    by = visitor.actor()
    with m.writing(by):
        made = m.Plan.create(year=year, subject=row.subject_id, grade=grade, author=user.person, shared=False,
                             name=_line(form.get("name", ""))[:200] or f"{row.subject.name}, {grade}",
                             source=", ".join(part for part in (row.name, author) if part)[:300])
        made.lay(by, [(None, *topic.words_of_row) for topic in row.in_order()])
    flash(_("This is your copy: change it as you like, the original stays as it is."), "success")
    return redirect(url_for(".page", plan=made.id))


@bp.post("/<int:plan>/courses")
def give(plan: int):
    """Which of one's courses live by the plan."""
    row, user = _plan(plan), visitor.user()
    among = m.Course.whole().where((m.Course.subject == row.subject_id) & (m.Unit.year == row.year_id))
    chosen = {_number(text) for text in request.form.getlist("course")} - {None}
    try:
        rulebook.plans.give_plan(user, visitor.actor(), row, chosen, [each for each in among if user.has("ADM") or each.id in user.taught])
    except rulebook.entries.Foreign:
        abort(403)
    flash(ngettext("%(num)s course goes by this plan.", "%(num)s courses go by this plan.", len(chosen)), "success")
    return redirect(url_for(".page", plan=plan))


@bp.post("/<int:plan>/approve")
def approve(plan: int):
    """PLN-03: hours that differ from the curriculum stand against it, by the clause of the school."""
    row = _plan(plan, "approve")
    classes = _classes_of([row]).get(plan, [])
    due = rulebook.plans.plan_due(m.CurriculumLine.of_grades(row.year_id, [row.grade]), row.subject_id)
    decision = rulebook.plans.approve_plan(visitor.user(), visitor.actor(), row, _of_classes(due, classes))
    if not decision.ok:
        return _page(_plan(plan), problem=say(decision.message)), 422
    flash(say(decision.message) if decision.message else _("The plan is approved."), "late" if decision.message else "success")
    return redirect(url_for(".page", plan=plan))


@bp.post("/<int:plan>/delete")
def delete(plan: int):
    """Only a plan that no course lives by and no lesson was given by."""
    row = _plan(plan, "delete")
    used = _classes_of([row]).get(plan) or m.Lesson.select().where(
        m.Lesson.plan_topic.in_(row.topics.select(m.PlanTopic.id))).exists()
    if used:
        return _page(row, problem=_("The plan is in use: courses live by it, or lessons were given by it. Take it from the courses; what "
                                    "was given stays.")), 422
    with m.writing(visitor.actor()):
        row.delete_instance()
    flash(_("The plan is deleted."), "success")
    return redirect(url_for(".index"))
