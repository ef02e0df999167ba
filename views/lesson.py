"""The lesson page, thumb first: who is there, topic, marks, homework, comments. Each section is a form and saves by itself.

A refusal keeps what was typed and says which clause stands against it; script only makes the same forms quicker and lets them
wait for a connection (see static/queue.js). Past the edit window the page reads as a sheet: only a retake by protocol is written.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.checks
import rulebook.entries
import rulebook.facts
import rulebook.homework
import rulebook.journal
import rulebook.leaves
import rulebook.lesson_facts
import rulebook.materials
import rulebook.rules
import rulebook.verdicts
import rulebook.works
from views import lesson_homework, lesson_materials, offline, uploads, visitor
from views.admin_words import PE_SHORT
from views.fields import Instant
from views.language import day as in_words
from views.language import moment, say

bp = Blueprint("lesson", __name__, url_prefix="/lesson")

WRITTEN = ("saved", "late")
SOON = timedelta(minutes=60)  # a deadline further away is no countdown


@dataclass
class Row:
    """A pupil of the lesson: attendance code, marks by column (None = the lesson's own), comment; `likely` is the code to begin
    with and `because` why, as long as nobody has stated who is there; `group`: the medical group in physical education (MRK-16)."""

    id: int
    name: str
    code: str = ""
    marks: dict[int | None, list[str]] = field(default_factory=dict)
    remark: str = ""
    likely: str = ""
    because: str = ""
    minutes: int | None = None
    document: str = ""
    group: str = ""

    @property
    def late(self) -> bool:
        return self.code in m.codes().late

    @property
    def missed(self) -> bool:
        return self.code in m.codes().missed

    def typed(self, work: int | None = None) -> str:
        return "/".join(self.marks.get(work, []))

    def version(self, work: int | None = None) -> str:
        """The version of the cell, code included, as the grid has it."""
        marks = self.marks.get(work, [])
        cell = rulebook.facts.Cell("" if work else self.code, tuple(mark for mark in marks if mark != "."), "." in marks)
        return rulebook.entries.version_of(str(cell))


@dataclass
class Trouble:
    """What a section answered when it did not save: the sentence, and by pupil what is wrong in their row."""

    section: str = ""
    message: str = ""
    rows: dict[int, str] = field(default_factory=dict)


@bp.get("/<int:lesson>")
def page(lesson: int):
    row = _lesson(lesson)
    visitor.looked("lesson", unit=row.course.unit_id)
    return _render(row)


@bp.post("/<int:lesson>/attendance")
def attendance(lesson: int):
    """Who is away or late; everybody else is stated to be there (ATT-04)."""
    codes = {_number(name[2:]): code for name, code in request.form.items() if name.startswith("c-") and code in m.codes().all}
    seen = {_number(name[2:]): code for name, code in request.form.items() if name.startswith("s-")} or None
    told = {"minutes": {_number(name[4:]): _number(value) for name, value in request.form.items() if name.startswith("min-")},
            "documents": {_number(name[4:]): value for name, value in request.form.items() if name.startswith("doc-")}}
    decision, outcomes = _changing(rulebook.journal.put_attendance, lesson, codes, request.form.get("reason", "")[:300], seen=seen, **told)
    wrong = {outcome.entry.pupil: say(outcome.message) for outcome in outcomes if outcome.state not in WRITTEN}
    if offline.asked_by_queue():
        return offline.told(decision, outcomes)
    if not decision.ok or wrong:
        return _again(_lesson(lesson), "attendance", decision, wrong)
    return _done(lesson, "attendance", decision, ngettext("Attendance is kept: %(num)s away or late.",
                                                       "Attendance is kept: %(num)s away or late.", len(codes)))


@bp.post("/<int:lesson>/topic")
def topic(lesson: int):
    """Topic, kind of work of the lesson's own column, and what that work is about. A topic taken from the plan stays tied to it
    when its words are changed: the page then shows both (PLN-05)."""
    row, form = _lesson(lesson), request.form
    offered = m.PlanTopic.offered(row.course, _number(form.get("take"))) if form.get("take") else None
    words = offered.words if offered else form.get("topic", "")
    plan_topic = offered.id if offered else row.plan_topic_id if words.strip() and "own" not in form else None
    decision = _changing(rulebook.journal.put_topic, row.id, words, plan_topic=plan_topic, kind=_kind(offered, form),
                         work_topic=form.get("work_topic", ""), reason=form.get("reason", "")[:300], seen=_seen())
    return _answer(row, "topic", decision, _("The topic is kept."), words.strip()[:500])


@bp.post("/<int:lesson>/marks")
def marks(lesson: int):
    """Marks of the lesson's own column and of its further works; only what was changed is sent on."""
    row = _lesson(lesson)
    if not policies.allows(visitor.user(), "write", row):
        abort(403)
    entries = [entry for pupil in _pupils(row) for work in (None, *[work.id for work in _works(row)])
               for entry in _entry(row, pupil, work)]
    outcomes = _changing(_put_marks, row.course_id, entries)[1] if entries else []
    if offline.asked_by_queue():
        return offline.told(None, outcomes)
    wrong = {outcome.entry.pupil: say(outcome.message) for outcome in outcomes if outcome.state not in WRITTEN}
    if wrong:
        return _again(row, "marks", None, wrong)
    late = next((outcome for outcome in outcomes if outcome.message), None)
    return _done(row.id, "marks", late, ngettext("%(num)s mark is kept.", "%(num)s marks are kept.", len(outcomes)))


@bp.post("/<int:lesson>/received")
def received(lesson: int):
    """When the results of the external work of the lesson's own column came (MRK-06)."""
    row, typed = _lesson(lesson), request.form.get("received", "").strip()
    try:
        moment_of = Instant.read(typed) if typed else None
    except ValueError as error:
        return _again(row, "marks", rulebook.facts.Decision(False, message=m.Text(str(error)), state="refused"))
    decision = _changing(rulebook.works.put_received, row.id, moment_of, reason=request.form.get("reason", "")[:300])
    return _answer(row, "marks", decision, _("The moment is kept: the deadline runs from it."))


def _put_marks(user, by, course: int, entries) -> tuple:
    return rulebook.facts.Decision(), rulebook.journal.put_cells(user, by, course, entries)


@bp.post("/<int:lesson>/homework")
def homework(lesson: int):
    """Text, files and links, or «не задано»; for everybody, a subgroup or one pupil."""
    row, form = _lesson(lesson), request.form
    target, day = form.get("for", ""), _day(form.get("due"))
    try:
        if target != form.get("shown", target) and any(lesson_homework.target_of(each) == target for each in m.Homework.of_lesson(row.id)):
            raise m.Refused(m.Text(m.N_("There is homework for them already. Open it in the list below and change it there.")))
        files = [uploads.keep(upload) for upload in request.files.getlist("files")[:uploads.MOST_FILES] if upload.filename]
        files += [uploads.link(form["link"])] if form.get("link", "").strip() else []
    except m.Refused as refusal:
        return _answer(row, "homework", rulebook.facts.Decision(False, "block", message=refusal.text, state="refused"), "")
    drop = [number for number in map(_number, form.getlist("drop")) if number]
    decision = _changing(rulebook.homework.put_homework, row.id, form.get("text", ""), not_set="not_set" in form, due=day,
                         add=files, drop=drop, reason=form.get("reason", "")[:300], minutes=_number(form.get("minutes")) or None,
                         seen=_seen(), **lesson_homework.read_target(target))
    rules = rulebook.rules.rules_on(clock.today())
    much = lesson_homework.too_much(row, rules, rulebook.lesson_facts.lesson_facts(rules, row).grade, day) if decision.ok else ""
    return _answer(row, "homework", decision, " ".join(filter(None, (_("The homework is kept."), much))),
                   "" if "not_set" in form else form.get("text", "").strip()[:2000], much)


@bp.post("/<int:lesson>/materials")
def materials(lesson: int):
    """Links, files, an online test; whether the lesson is given at a distance (ACC-17)."""
    row = _lesson(lesson)
    try:
        told = lesson_materials.sent()
    except m.Refused as refusal:
        return _answer(row, "materials", rulebook.facts.Decision(False, "block", message=refusal.text, state="refused"), "")
    decision = _changing(rulebook.materials.put_materials, row.id, **told)
    return _answer(row, "materials", decision, _("Kept. Pupils and parents see it in the diary."))


@bp.post("/<int:lesson>/remark")
def remark(lesson: int):
    """A comment to one pupil; an empty one takes it away."""
    row = _lesson(lesson)
    decision = _changing(rulebook.journal.put_remark, row.id, _number(request.form.get("pupil")),
                         request.form.get("text", ""), seen=_seen())
    return _answer(row, "remarks", decision, _("The comment is kept."), request.form.get("text", "").strip()[:500])


@bp.post("/<int:lesson>/note")
def note(lesson: int):
    """What the absent teacher, or the deputy head, leaves for whoever gives the lesson instead."""
    row = _lesson(lesson)
    lent = _lent(row)
    if lent is None or not policies.allows(visitor.user(), "note", lent):
        abort(403)
    lent.leave_note(visitor.actor(), request.form.get("text", ""))
    return _done(row.id, "note", None, _("The note is kept. The substitute sees it over the lesson."))


# ---- answering ----

def _lesson(lesson: int):
    return m.Lesson.whole().where((m.Lesson.id == lesson) & m.Lesson.id.in_(
        policies.visible(_reader(), m.Lesson).select(m.Lesson.id))).first() or abort(403)


def _reader() -> policies.User:
    """Staff only: a family reads its diary (ACC-02)."""
    user = visitor.user()
    return policies.without_family(user) if user.is_staff else abort(403)


def _changing(change, *what, **more):
    """Call one of the functions that change the journal, once for a save of the queue; whatever is somebody else's ends at 403."""
    try:
        return offline.once(lambda: change(visitor.user(), offline.actor(), *what, **more), request.form.get("reason", "")[:300])
    except rulebook.entries.Foreign:
        abort(403)


def _answer(row, section: str, decision, done: str, text: str = "", note: str = ""):
    """`text` is what now stands if it was saved, `note` a word of warning beside what was done."""
    if offline.asked_by_queue():
        return offline.told(decision, note=note, wrote=rulebook.entries.version_of(text) if decision.ok else None)
    return _done(row.id, section, decision, done) if decision.ok else _again(row, section, decision)


def _done(lesson: int, section: str, decision, done: str):
    flash(say(decision.message) if decision is not None and decision.message else done,
          "late" if decision is not None and decision.message else "success")
    return redirect(url_for("lesson.page", lesson=lesson, _anchor=section))


def _again(row, section: str, decision, wrong: dict | None = None):
    """The page once more, with what was typed and why it was not kept."""
    message = say(decision.message) if decision is not None and decision.message else _("Some rows were not kept.")
    return _render(row, Trouble(section, message, wrong or {})), 422


def _render(row, trouble: Trouble | None = None):
    rules, user, now = rulebook.rules.rules_on(clock.today()), visitor.user(), clock.now()
    facts, mine = rulebook.lesson_facts.lesson_facts(rules, row, whole_day=True), policies.allows(user, "write", row)
    leave = next((each for each in rulebook.leaves.leaves_of(user, now).cells.values() if each.lesson_id == row.id), None)
    zone, writes = rulebook.verdicts.edit_zone(rules, facts, now), mine and row.state != "cancelled"
    offline.keep(mine)
    pupils, lent, ahead = _pupils(row), _lent(row), row.day > clock.today()
    if row.attendance_at is None and not ahead:
        _expect(row, pupils)
    return render_template(
        "lesson/page.html", lesson=row, pupils=pupils, works=_works(row), writes=writes and zone.state != "closed", mine=writes,
        marking=rulebook.verdicts.may_mark(rules, facts, now) if writes and not ahead else "", zone=zone, ahead=ahead,
        closed_period=bool(facts.period and facts.period.closed), leave=leave, scale=rulebook.checks.marks_in_use(rules, row.course.scale),
        due={what: _due(rules, facts, what) for what in ("absence", "topic", "homework", "")}, until=_until(rules, facts, now),
        place=_place(row), offer=m.PlanTopic.next_of(row.course) if row.course.plan_id and not row.topic else None,
        before=_before(row) if not row.topic else None, version_of=rulebook.entries.version_of,
        kinds=m.WorkKind.in_use(), missed=sorted(m.codes().missed),
        codes=[code.code for code in m.codes().active if code.key and not rulebook.checks.is_forbidden(rules, code.code)],
        received=f"{row.received_at.astimezone(clock.zone()):%Y-%m-%dT%H:%M}" if row.received_at else "",
        teachers=_teachers(row) if not mine else "", trouble=trouble or Trouble(), typed=request.form, limit_kinds=_accept(),
        limit_mb=g.school.upload_limit_mb, lent=lent, instead=lent is not None and lent.substitute_id == user.person,
        notes=lent is not None and policies.allows(user, "note", lent),
        gradeless=rulebook.facts.is_gradeless(rules, facts.grade, facts.half), load_words=_load_words(),
        **lesson_homework.section(row, user.person, rules, facts.grade, pupils), **lesson_materials.section(row, rules))


def _load_words() -> dict:
    """What the script says beside the homework of a day."""
    return {"total": _("Together with yours: {n} min"), "much": _("Together with yours: {n} min, {limit} are enough in this grade")}


def _accept() -> str:
    return ",".join(f".{extension}" for extension in uploads.TYPES)


def _due(rules, facts, what: str) -> str:
    limit, clause = rulebook.lesson_facts.due_of(rules, facts, what)
    if limit is None:
        return ""
    until = f"{limit:%H:%M}" if limit.date() == facts.date and limit.date() == clock.today() else moment(limit)
    return _("until %(moment)s, cl. %(clause)s", moment=until, clause=clause) if clause else _("until %(moment)s", moment=until)


def _until(rules, facts, now) -> str:
    """The moment until which absentees are in time, for the countdown, while it runs (ATT-01)."""
    limit, _clause = rulebook.lesson_facts.due_of(rules, facts, "absence")
    return limit.isoformat() if limit and facts.starts_at and facts.starts_at <= now <= limit and limit - now <= SOON else ""


# ---- reading ----

def _pupils(row) -> list[Row]:
    """The members of the unit on the lesson's day, with what stands in the lesson."""
    member, pupil, person = m.Membership, m.Pupil, m.Person
    people = (member.select(member.pupil, person.surname, person.name, pupil.theory_on(row.day, row.day))
              .join(pupil, on=(member.pupil == pupil.id)).join(person)
              .where((member.unit == row.course.unit_id) & member.covers(row.day)).order_by(person.sort, pupil.id).tuples())
    exercise = row.course.subject.is_exercise
    rows = {number: Row(number, f"{surname} {name}", group=PE_SHORT[group] if exercise and group else "")
            for number, surname, name, group in people}
    for number, *told in m.Absence.select(m.Absence.pupil, m.Absence.code, m.Absence.minutes, m.Absence.document).where(
            m.Absence.lesson == row.id).tuples():
        if number in rows:
            rows[number].code, rows[number].minutes, rows[number].document = told
    for number, work, value in m.Mark.select(m.Mark.pupil, m.Mark.work, m.Mark.value).where(
            m.Mark.lesson == row.id).order_by(m.Mark.position).tuples():
        if number in rows:
            rows[number].marks.setdefault(work, []).append(value)
    for number, text in m.Remark.select(m.Remark.pupil, m.Remark.text).where(m.Remark.lesson == row.id).tuples():
        if number in rows:
            rows[number].remark = text
    return list(rows.values())


def _expect(row, pupils: list[Row]) -> None:
    """Offer the code of those whose reason is known: a paper speaks of the day (ATT-06), or they were ill or excused at the lesson
    before. Nothing is written by it."""
    papers = {paper.pupil_id: paper for paper in m.Excuse.on(row.day).where(m.Excuse.pupil.in_([pupil.id for pupil in pupils]))}
    last = {pupil: (number, code) for pupil, number, code in m.Absence.before(row).tuples()}
    for pupil in pupils:
        number, code = last.get(pupil.id, (0, None))
        if pupil.id in papers and not pupil.code and not pupil.marks:
            pupil.likely, pupil.because = papers[pupil.id].code, _("a paper until %(day)s", day=in_words(papers[pupil.id].ends))
            continue
        if code and m.codes()[code].missed and m.codes()[code].explained and not pupil.code and not pupil.marks:
            pupil.likely, pupil.because = code, _("«%(code)s» at lesson %(n)s today", code=code, n=number)


def _lent(row):
    """The substitution of the lesson with its people, or None."""
    lent = m.Substitution.of_lesson(row.id).first()
    if lent:
        lent.lesson = row
    return lent


def _before(row):
    """The lesson of the course before this one: where it stopped."""
    return m.Lesson.select(m.Lesson.id, m.Lesson.day, m.Lesson.topic).where(
        (m.Lesson.course == row.course_id) & (m.Lesson.topic != "")
        & ((m.Lesson.day < row.day) | ((m.Lesson.day == row.day) & (m.Lesson.number < row.number)))).order_by(
        m.Lesson.day.desc(), m.Lesson.number.desc()).first()


def _works(row) -> list:
    return list(m.Work.select(m.Work, m.WorkKind).join(m.WorkKind).where(m.Work.lesson == row.id).order_by(m.Work.position))


def _place(row) -> tuple[int, int]:
    """(number of the lesson, all lessons) of the course's year."""
    lessons = m.Lesson.select().where((m.Lesson.course == row.course_id) & (m.Lesson.state != "cancelled"))
    before = lessons.where((m.Lesson.day < row.day) | ((m.Lesson.day == row.day) & (m.Lesson.number <= row.number)))
    return before.count(), lessons.count()


def _teachers(row) -> str:
    rows = m.Assignment.on(row.day).where(m.Assignment.course == row.course_id).join(m.Person).select(
        m.Person.surname, m.Person.name, m.Person.patronymic).tuples()
    return ", ".join(m.short_name(*names) for names in rows)


def _entry(row, pupil: Row, work: int | None) -> list[rulebook.entries.Entry]:
    """The change of one field of marks, if there is one. A code stays: «о» beside the marks, «н» until a protocol."""
    name, standing = f"m-{pupil.id}-{work or 0}", pupil.typed(work)
    typed = request.form.get(name)
    if typed is None or typed.strip() == standing:
        return []
    code = pupil.code if work is None else ""
    typed, missed = typed.strip()[:20], code in m.codes().missed
    value = (typed or code) if missed else f"{code} {typed}".strip()
    number, day = request.form.get("protocol", "").strip(), request.form.get("protocol_day", "")
    return [rulebook.entries.Entry(pupil.id, value, row.id, work, reason=request.form.get("reason", "")[:300],
                                   protocol={"number": number, "day": day} if number and missed else None,
                                   seen=request.form.get(f"v-{pupil.id}-{work or 0}"))]


def _seen() -> str | None:
    """The version of what the form began with."""
    return request.form.get("seen") or None


def _kind(offered, form) -> int | None:
    """The kind of work that was chosen; a topic taken from the plan brings the one planned for it."""
    chosen = _number(form.get("kind")) or None
    if chosen or not offered or not offered.work_kind:
        return chosen
    planned = m.WorkKind.get_or_none((m.WorkKind.code == offered.work_kind) & m.WorkKind.active)
    return planned.id if planned else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
