"""Further columns of a lesson: added, changed, taken away; when the results of an external work came (MRK-06)."""

from dataclasses import replace
from datetime import datetime

from peewee import fn

import models as m
from history import Actor
from policies import User, allows
from rulebook.checks import NOTHING_CHANGED, strongest
from rulebook.entries import WRITTEN, Entry, Foreign, plain_refusal, same_or_null
from rulebook.facts import Decision
from rulebook.leaves import ground
from rulebook.lesson_desk import LessonDesk
from rulebook.lesson_facts import lesson_facts
from rulebook.text_verdicts import judge_words
from rulebook.verdicts import judge_attendance, judge_received

MOST_WEIGHT = 10


def add_work(user: User, by: Actor, lesson: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
             for_everyone: bool | None = None) -> tuple[Decision, m.Work | None]:
    """Give a lesson one more column: another work with a kind of its own; weight and «everyone has a mark» are the kind's
    where None."""
    with m.writing(by, reason):
        desk = LessonDesk(user, by, None, [], everybody=lesson)
        chosen, leave = kind_of(kind) or no_such_kind(), desk.leaves.of("column", lesson)
        leave = None if leave and leave.mended_at else leave  # allowed is one column, and no second
        decision = judged_column(desk, lesson, chosen, None, weight, reason=ground(leave, reason), title=title, unlocked=leave is not None)
        if not decision.ok:
            return decision, None
        desk.leaves.note(leave, column_in_words(chosen, title))
        desk.sign([lesson])
        last = m.Work.select(fn.MAX(m.Work.position)).where(m.Work.lesson == lesson).scalar() or 0
        return decision, m.Work.create(lesson=lesson, kind=kind, title=title.strip()[:300], position=last + 1, weight=weight,
                                       for_everyone=for_everyone)


def change_work(user: User, by: Actor, work: int, kind: int, title: str = "", reason: str = "", *, weight: int | None = None,
                for_everyone: bool | None = None) -> Decision:
    """Give a further column of a lesson another kind, weight or title. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work)
        if (row.kind_id, row.title, row.weight, row.for_everyone) == (kind, title.strip(), weight, for_everyone):
            return Decision()
        chosen, leave = kind_of(kind) or no_such_kind(), desk.leaves.of("column", row.lesson_id, row.id)
        decision = judged_column(desk, row.lesson_id, chosen, row.kind, weight, reason=ground(leave, reason), title=title,
                                 unlocked=leave is not None)
        if decision.ok:
            desk.leaves.note(leave, column_in_words(chosen, title))
            desk.sign([row.lesson_id])
            row.kind, row.weight, row.title, row.for_everyone = kind, weight, title.strip()[:300], for_everyone
            row.save(only=[m.Work.kind, m.Work.weight, m.Work.title, m.Work.for_everyone])
    return decision


def delete_work(user: User, by: Actor, work: int, reason: str = "", *, with_marks: bool = False) -> Decision:
    """Take a further column of a lesson away. With marks in it only if asked `with_marks`, and if the regulation lets each of them
    be cleared; all or nothing. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        row, desk = _column(user, by, work, marked=True)
        leave = desk.leaves.of("column", row.lesson_id, row.id)
        reason = ground(leave, reason)
        decision = judged_column(desk, row.lesson_id, row.kind, row.kind, row.weight, reason=reason, unlocked=leave is not None)
        if decision.ok and m.CorrectionCell.names(row, leave):
            return plain_refusal(m.N_("A request to correct names this column: it stays."), NOTHING_CHANGED)
        if desk.entries and decision.ok and not with_marks:
            return plain_refusal(m.Text(m.N_("The column holds marks of %(n)s pupils."), n=len(desk.entries)), NOTHING_CHANGED,
                                  m.N_("Clear them first, or say that they go with the column."))
        outcomes = [desk.put(replace(entry, reason=reason), unlocked=leave is not None) for entry in desk.entries] if decision.ok else []
        kept = next((each for each in outcomes if each.state not in WRITTEN), None)
        if kept:
            return Decision(False, "block", kept.rule, kept.clause, kept.message, state=kept.state)
        if decision.ok:
            desk.leaves.note(leave, "")
            desk.finish()
            m.CorrectionCell.let_go(by, row)
            row.drop(by)
    return decision


def put_received(user: User, by: Actor, lesson: int, received_at: datetime | None, work: int | None = None, reason: str = "") -> Decision:
    """Say when the results of an external work were received (MRK-06): of the lesson's own column, or of a further one. None takes it
    back. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        column, desk = _column(user, by, work) if work else (None, LessonDesk(user, by, None, [], everybody=lesson))
        if column is not None and column.lesson_id != lesson:
            raise Foreign
        desk.writable(lesson)
        row = desk.lessons[lesson]
        facts = lesson_facts(desk.rules, row, column, desk.setting(row))
        marked = m.Mark.select().where((m.Mark.lesson == lesson) & same_or_null(m.Mark.work, work)).exists()
        owner = column or row
        decision = desk.blocked(row) or judge_received(desk.rules, facts, owner.received_at, received_at, by.at, marked=marked,
                                                       reason=reason)
        if decision.ok and received_at != owner.received_at:
            owner.received_at = received_at
            owner.save(only=[type(owner).received_at])
            desk.sign([lesson])
    return decision


def _column(user: User, by: Actor, work: int, marked: bool = False) -> tuple[m.Work, "LessonDesk"]:
    """The further column and its lesson's desk, if `marked` with an entry that clears each of its cells; Foreign for others."""
    row = m.Work.whole(work)
    if row is None or not allows(user, "edit", row):
        raise Foreign
    pupils = m.Mark.select(m.Mark.pupil).where(m.Mark.work == work).distinct().tuples() if marked else ()
    entries = [Entry(pupil, "", row.lesson_id, row.id) for pupil, in pupils]
    return row, LessonDesk(user, by, None, entries, everybody=row.lesson_id)


def judged_column(desk: "LessonDesk", lesson: int, kind, was, weight: int | None, *, reason: str = "", title: str = "",
                  unlocked: bool = False) -> Decision:
    """May the lesson have a column of this kind, weight and title? A kind that is not used any more stays only where it `was`."""
    facts = desk.writable(lesson)
    if kind is None:
        return no_such_column()
    if kind != was and not kind.active:
        return plain_refusal(m.Text(m.N_("«%(kind)s» is not used any more."), kind=str(kind)), NOTHING_CHANGED,
                              m.N_("Choose another kind of work."))
    if weight is not None and not 1 <= weight <= MOST_WEIGHT:
        return plain_refusal(m.N_("The weight is from 1 to 10"), NOTHING_CHANGED)
    return desk.blocked(desk.lessons[lesson]) or strongest((
        judge_attendance(desk.rules, facts, desk.judged_at, first=False, reason=reason, unlocked=unlocked), judge_words(desk.rules, title)))


def column_in_words(kind, title: str = "") -> str:
    """«Контрольная работа: Дроби», as a request to correct names a column; "" without kind and title."""
    return ": ".join(part for part in (str(kind or ""), title.strip()) if part)


def kinds_by_name() -> dict[str, m.WorkKind]:
    """Every kind of work by its folded name. One query."""
    return {m.fold(kind.name): kind for kind in m.WorkKind.select()}


def read_column(text: str, kinds: dict[str, m.WorkKind]) -> tuple[m.WorkKind | None, str]:
    """(kind, title) of such words; no kind where none has the name."""
    name, _colon, title = text.partition(":")
    return kinds.get(m.fold(name.strip())), title.strip()[:300]


def no_such_column(**_told) -> Decision:
    return plain_refusal(m.N_("There is no such kind of work."), NOTHING_CHANGED, m.N_("Choose another kind of work."))


def no_such_kind():
    raise Foreign


def kind_of(kind: int | None):
    found = kind and m.WorkKind.get_or_none(m.WorkKind.id == kind)
    if kind and not found:
        raise Foreign
    return found or None
