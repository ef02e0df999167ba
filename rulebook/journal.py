"""The one way to change the journal.

Grid, lesson page, administrative screens, import and shell change journal data by these functions and no others: put_cells,
put_attendance, put_topic, put_homework, put_remark, put_received, add_work, change_work, delete_work. Each asks for rights, then for the
regulation's verdict, then writes by the verbs of models in one transaction, in a number of statements that does not grow.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import clock
import models as m
from history import Actor
from policies import User, enters_reasons, teaches
from rulebook.checks import NOTHING_CHANGED, said, strongest
from rulebook.entries import WRITTEN, Entry, Outcome, changed_below, keep_keys, plain_refusal, version_of
from rulebook.facts import Decision
from rulebook.leaves import Leaves, ground, leaves_of
from rulebook.lesson_desk import NOT_A_MEMBER, SEE_THE_OFFICE, LessonDesk
from rulebook.result_desk import ResultDesk
from rulebook.rules import Rules, rules_on
from rulebook.text_verdicts import judge_remark, judge_topic, judge_words, work_named
from rulebook.verdicts import judge_attendance, mends_reasons
from rulebook.works import column_in_words, kind_of


def put_cells(user: User, by: Actor, course: int, entries: list[Entry]) -> list[Outcome]:
    """Change cells of one journal, each judged by itself; what may be saved is saved. Outcomes in the order of entries.

    Raises Foreign when the journal, a lesson, a work, a period or a pupil is not there for this user.
    """
    leaves = leaves_of(user, by.at)
    why = next((entry.reason for entry in entries if entry.reason), "") or _grounds(leaves, course, entries)
    cleared = [entry.typed_at for entry in entries if entry.typed_at and not entry.value]  # no row is left to keep the moment
    with m.writing(replace(by, typed_at=min(cleared, default=None)), why):
        of_lessons = [entry for entry in entries if entry.lesson is not None]
        of_periods = [entry for entry in entries if entry.lesson is None]
        desks = [LessonDesk(user, by, course, of_lessons, leaves=leaves)] if of_lessons else []
        desks += [ResultDesk(user, by, course, of_periods, leaves)] if of_periods else []
        outcomes = {id(outcome.entry): outcome for desk in desks for outcome in desk.put_all()}
        leaves.keep(by)
        keep_keys(by, outcomes.values(), desks)
    return [outcomes[id(entry)] for entry in entries]


def check_planning(course: m.Course, *days: date) -> None:
    """Raises Refused when one of the days lies in a period that is closed for a class of the course: no lesson is added, moved, cancelled
    or restored in it (MRK-08)."""
    for day in days:
        rows = m.Enrolment.settings(course.unit, (m.Period.starts <= day) & (m.Period.ends >= day))
        closed = next((row for row in rows if row.closed), None)
        if closed:
            raise m.Refused(said(m.Text(m.N_("The period is closed: %(period)s."), period=closed.school_class.period.name),
                                 m.Text(m.N_("Its lessons stay as they are. The deputy head can open the period again by an order."))))


def put_attendance(user: User, by: Actor, lesson: int, codes: Mapping[int, str], reason: str = "",
                   seen: Mapping[int, str] | None = None, *, minutes: Mapping[int, int] = MappingProxyType({}),
                   documents: Mapping[int, str] = MappingProxyType({})) -> tuple[Decision, list[Outcome]]:
    """State who is at the lesson: pupil → code of those away or late; all other members were there (ATT-04). `seen`: the codes
    that were looked at, where somebody may have changed one meanwhile. `minutes` of lateness and `documents` behind absences are
    by pupil; who is not named there keeps what was told before.

    All or nothing: with a decision or an outcome that is not saved nothing is. Raises Foreign as put_cells.
    """
    with m.writing(by, reason):
        desk = LessonDesk(user, by, None, [Entry(pupil, "", lesson) for pupil in codes], everybody=lesson)
        facts = desk.writable(lesson)
        row, leave = desk.lessons[lesson], desk.leaves.of("attendance", lesson)
        entries = desk.attendance(lesson, codes, reason, seen, minutes, documents)
        by_cells = row.attendance_at is not None and all(desk.leaves.of("cell", lesson, None, entry.pupil) for entry in entries)
        decision = desk.blocked(row, ahead=True) or judge_attendance(
            desk.rules, facts, desk.judged_at, first=row.attendance_at is None, reason=ground(leave, reason),
            unlocked=leave is not None or by_cells, entered_at=row.attendance_at)
        outcomes = [desk.put(entry) for entry in entries]
        if decision.ok and all(outcome.state in WRITTEN for outcome in outcomes):
            desk.leaves.note(leave, f"{by.at.astimezone(clock.zone()):%d.%m.%Y %H:%M}")
            if row.attendance_at is None:
                row.record(by, attendance_at=by.at, attendance_by=by.person, **desk.verdict("attendance", decision))
                desk.sign([lesson])
            desk.finish()
    return decision, outcomes


def put_topic(user: User, by: Actor, lesson: int, topic: str, *, plan_topic: int | None = None, kind: int | None = None,
              work_topic: str = "", reason: str = "", seen: str | None = None) -> Decision:
    """Write the topic of a lesson, the topic of the plan it follows, the kind of work of its own column and that work's topic.
    `seen`: the version of the topic that was looked at."""
    with m.writing(by, reason):
        desk = LessonDesk(user, by, None, [], everybody=lesson)
        facts, row = desk.writable(lesson), desk.lessons[lesson]
        chosen = kind_of(kind)
        topic, work_topic, plan_topic = topic.strip()[:500], work_topic.strip()[:300], _topic_of_plan(row, plan_topic)
        was, new = (row.topic, row.plan_topic_id, row.kind, row.work_topic), (topic, plan_topic, chosen, work_topic)
        if was == new:
            return Decision(stands=topic)
        if seen not in (None, version_of(row.topic)) and topic != row.topic:
            return changed_below(row.topic)
        leaves = {what: desk.leaves.of(what, lesson) for what, part in (("topic", slice(0, 2)), ("kind", slice(2, 4)))
                  if was[part] != new[part]}
        decision = desk.blocked(row) or judged_topic(desk, facts, row, new, reason=ground(next(iter(leaves.values())), reason),
                                                     unlocked=None not in leaves.values())
        if decision.ok:
            for what, leave in leaves.items():
                desk.leaves.note(leave, topic if what == "topic" else column_in_words(chosen, work_topic))
            first = {} if row.topic_at or not topic else {"topic_at": by.at, **desk.verdict("topic", decision)}
            row.record(by, topic=topic, plan_topic=plan_topic, kind=chosen, work_topic=work_topic, **first)
            desk.sign([lesson])
    return replace(decision, stands=topic if decision.ok else was[0])


def judged_topic(desk: LessonDesk, facts, row, new: tuple, *, reason: str = "", unlocked: bool = False) -> Decision:
    """What is said of a lesson's topic and own column becoming `new`: (topic, topic of the plan, kind, work's topic)."""
    topic, _plan_topic, kind, title = new
    old, fresh = (row.topic, topic) if row.topic != topic else (
        f"{topic} ({column_in_words(row.kind, row.work_topic)})", f"{topic} ({column_in_words(kind, title)}) ")
    return strongest((
        judge_topic(desk.rules, facts, old, fresh, desk.judged_at, reason=reason, unlocked=unlocked, entered_at=row.topic_at),
        work_named(desk.rules, kind, topic, title), judge_words(desk.rules, title if title != row.work_topic else "")))


def put_remark(user: User, by: Actor, lesson: int, pupil: int, text: str, seen: str | None = None) -> Decision:
    """Write a comment to a pupil at a lesson; the family reads it. An empty text takes it away. `seen` as in put_topic."""
    with m.writing(by):
        desk = LessonDesk(user, by, None, [Entry(pupil, "", lesson)], everybody=lesson)
        facts = desk.writable(lesson)
        if (lesson, pupil) not in desk.members:
            return plain_refusal(NOT_A_MEMBER, NOTHING_CHANGED, SEE_THE_OFFICE)
        standing, leave = m.Remark.at_lesson(lesson).get(pupil, ""), desk.leaves.of("remark", lesson, None, pupil)
        if seen not in (None, version_of(standing)) and text.strip() != standing:
            return changed_below(standing)
        decision = desk.blocked(desk.lessons[lesson]) or judge_remark(desk.rules, facts, text, desk.judged_at, unlocked=leave is not None)
        if decision.ok:
            desk.leaves.note(leave, text.strip()[:500])
            m.Remark.put(by, lesson, pupil, text.strip()[:500])
            desk.leaves.keep(by)
    return replace(decision, stands=text.strip()[:500] if decision.ok else standing)


def debts(user: User) -> list:
    """Works awaited by a dot in the courses the user teaches today, the first to be handed in first; see Mark.awaited. One query."""
    courses = [course for course in user.taught if teaches(user, course, user.today)]
    return list(m.Mark.awaited(courses, user.today).namedtuples()) if courses else []


def apply_excuse(user: User, by: Actor, paper: m.Excuse) -> list[Outcome]:
    """Give the pupil's absences within the days of a paper that nobody has explained its code (ATT-06). Each is judged by itself, the
    paper being the reason. None of them where the regulation leaves the reasons to the teachers."""
    lessons = [lesson for lesson, in paper.unexplained().tuples()]
    if not lessons or not corrects_reasons(rules_on(user.today), user):
        return []
    pupil = paper.pupil_id
    with m.writing(by, paper.document):
        desk = LessonDesk(user, by, None, [Entry(pupil, "", lesson) for lesson in lessons])
        cells = {lesson: replace(desk.cell((lesson, pupil, None)), absence=paper.code) for lesson in lessons}
        outcomes = [desk.put(Entry(pupil, str(cell), lesson, reason=paper.document, document=paper.document))
                    for lesson, cell in cells.items()]
        desk.finish()
    return outcomes


def corrects_reasons(rules: Rules, user: User) -> bool:
    """May the user turn «н» into a reason in other teachers' journals: a class teacher (ACC-05), or whom the regulation names?"""
    return user.has("CT") and mends_reasons(rules) or enters_reasons(user)


def _grounds(leaves: Leaves, course: int, entries: list[Entry]) -> str:
    """The ground of a batch in which nobody gives a reason: the protocol of the first cell that is corrected by one."""
    found = (leaves.of("cell", entry.lesson, entry.work, entry.pupil) if entry.lesson is not None else
             leaves.of("result", pupil=entry.pupil, kind=entry.kind, period=entry.period, course=course) for entry in entries)
    return ground(next(filter(None, found), None))


def _topic_of_plan(lesson, plan_topic: int | None) -> int | None:
    """The topic's id when it belongs to the plan of the lesson's course."""
    if plan_topic is None:
        return None
    own = m.PlanTopic.select().where((m.PlanTopic.id == plan_topic) & (m.PlanTopic.plan == lesson.course.plan_id))
    return plan_topic if own.exists() else None
