"""A batch of changes in the lessons of one course: read, judged cell by cell, written in a number of statements that does not grow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from peewee import SQL, Case, Value

import clock
import models as m
from history import Actor
from marking import Scale
from policies import User, allows, enters_reasons
from rulebook.checks import NOTHING_CHANGED, local_day, standing_text, strongest
from rulebook.entries import (
    Entry, Foreign, Outcome, changed_meanwhile, judged_at, judged_row, plain_refusal, stored_row, version_of,
)
from rulebook.facts import Cell, Decision, LessonFacts, PeriodFacts, half_of, read_cell, read_paper
from rulebook.leaves import Leaves, ground, leaves_of
from rulebook.lesson_facts import lesson_facts, school_day_of, setting_of
from rulebook.rules import last_moment, parse_deadline, rules_on
from rulebook.verdicts import is_beside, judge_attendance, judge_cell, judge_paper

MOST_MINUTES = 240
MOST_TOLD = 6  # corrections named in one notice
NOT_A_MEMBER = m.N_("The pupil was not in this class or group on the day of the lesson.")
_CANCELLED = m.N_("The lesson is cancelled.")
SEE_THE_OFFICE = m.N_("The office keeps the lists; ask it if they are wrong.")
_SEE_THE_DEPUTY = m.N_("Ask the deputy head to restore the lesson.")
_JUDGED = ("id", "entered_at", "entered_by", "late", "rule", "clause", "regulation", "reason")


class LessonDesk:
    """What a batch of changes in the lessons of one course needs, read in four queries, and what it will write."""

    def __init__(self, user: User, by: Actor, course: int | None, entries: list[Entry], everybody: int | None = None,
                 leaves: Leaves | None = None):
        self.user, self.by, self.entries = user, by, entries
        self.leaves = leaves_of(user, by.at) if leaves is None else leaves
        self.rules = rules_on(local_day(by.at, clock.zone()))
        wanted = {entry.lesson for entry in entries} | ({everybody} if everybody else set())
        self.lessons = {lesson.id: lesson for lesson in _held_still(wanted, course)}
        if len(self.lessons) != len(wanted):
            raise Foreign
        self._read({entry.pupil for entry in entries}, everybody, [entry.key for entry in entries if entry.key])
        self._works = _works({entry.work for entry in entries if entry.work})
        self._dirty: dict[tuple, dict] = {}
        self._settings, self._wards, self._papers, self._school_days, self._mended = {}, None, {}, {}, []

    @property
    def judged_at(self) -> datetime:
        """By which moment a change of the whole lesson is judged."""
        return judged_at(self.rules, self.by.typed_at, self.by.at)

    def put_all(self) -> list[Outcome]:
        outcomes = [self.put(entry) for entry in self.entries]
        self.finish()
        return outcomes

    @property
    def scale(self) -> Scale:
        return next(iter(self.lessons.values())).course.scale

    def standing(self, entry: Entry) -> str:
        return str(self.cell((entry.lesson, entry.pupil, entry.work)))

    def put(self, entry: Entry, unlocked: bool = False) -> Outcome:
        """Judge one entry and, if it may be, lay it ready."""
        place = (entry.lesson, entry.pupil, entry.work)
        leave = self.leaves.of("cell", entry.lesson, entry.work, entry.pupil)
        unlocked = unlocked or leave is not None
        lesson, role = self.lessons[entry.lesson], self._role(entry)
        was = self.cell(place)
        if entry.key in self.applied:
            return Outcome(entry, "saved", str(was), wrote=self.applied[entry.key])
        obstacle = self._obstacle(lesson, entry)
        if obstacle:
            return Outcome(entry, obstacle.state, str(was), message=obstacle.message)
        new = _meant(entry, was, lesson.course.scale)
        if entry.seen not in (None, version_of(str(was))) and str(new) != str(was):
            return Outcome(entry, "conflict", str(was), message=changed_meanwhile(was))
        moment = judged_at(self.rules, entry.typed_at, self.by.at)
        given = replace(entry, reason=ground(leave, entry.reason))
        decision = judge_cell(self.rules, self.facts(lesson, entry), was, new, moment, reason=given.reason,
                              protocol=entry.protocol, entered_at=self._entered(place, was, new), by_role=role, unlocked=unlocked,
                              extended=place[:2] in self.extended, theory=entry.pupil in self.theory and lesson.course.subject.is_exercise)
        if decision.ok:
            decision = self._with_details(place, was, new, decision, given, role, moment, unlocked)
            self.leaves.note(leave if decision.ok and str(new) != str(was) else None, str(new))
        if decision.ok and role != "T" and new != was:
            self._mended.append((lesson, entry.pupil, was.absence, new.absence))
        return Outcome(entry, decision.state, str(self.cell(place)), decision.rule, decision.clause, decision.message)

    def _with_details(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, role: str, moment: datetime,
                      unlocked: bool = False) -> Decision:
        """Lay ready what the cell becomes, with minutes, paper and date; where only these change, they are judged as attendance is."""
        absence, due = self._absence_told(place, was, new, entry), self._due_told(place, new, entry) if role == "T" else None
        standing = self.absences.get(place[:2], {})
        told = any(standing.get(name) != value for name, value in absence.items()) or any(
            row.get("due") != due for _, row in self._marks_of(place) if role == "T" and row["value"] == "." and new.awaited)
        if str(new) == str(was):
            if not told:
                return decision
            lesson = self.lessons[entry.lesson]
            decision = judge_attendance(self.rules, self.facts(lesson, entry), moment, first=False, reason=entry.reason, unlocked=unlocked,
                                        entered_at=standing.get("entered_at"))
        if new.absence and (told or new.absence != was.absence):
            paper = judge_paper(self.rules, new.absence, absence["document"], entry.reason, standing_text(was))
            decision = strongest((decision, paper))
        if decision.ok:
            self._lay(place, was, new, decision, entry, absence, due)
        return decision

    def _absence_told(self, place: tuple, was: Cell, new: Cell, entry: Entry) -> dict:
        """Minutes and paper of the absence as they shall stand; minutes belong to lateness alone."""
        if not new.absence:
            return {}
        standing = self.absences.get(place[:2], {})
        minutes = entry.minutes if entry.minutes is not None else standing.get("minutes")
        document = entry.document if entry.document is not None else standing.get("document", "")
        late = new.absence in m.codes().late and minutes and minutes > 0
        return {"minutes": min(minutes, MOST_MINUTES) if late else None, "document": document.strip()[:200]}

    def _due_told(self, place: tuple, new: Cell, entry: Entry) -> date | None:
        """Until when the work behind «.» is to be handed in: as told, as it stands, or as the regulation has it."""
        if not new.awaited:
            return None
        standing = next((row for _, row in self._marks_of(place) if row["value"] == "."), None)
        if entry.due is None and standing:
            return standing["due"]
        limit = last_moment(parse_deadline(self.rules.value("debt.deadline")), self.facts(self.lessons[entry.lesson], entry).event)
        return entry.due or (limit and limit.date())

    def finish(self) -> None:
        """Write what was laid ready: at most two statements for marks and two for absences."""
        for model, standing, first in ((m.Mark, self.marks, self._first_marks), (m.Absence, self.absences, self._first_absences)):
            kept = {row["id"] for row in standing.values() if "id" in row}
            rows = [stored_row(row) for place, row in self._dirty.items() if row.get("model") is model and standing.get(place) is row]
            gone = first - kept
            if rows or gone:
                model.put(self.by, rows, gone)
        planned = {place[0] for place in self._dirty if self.lessons[place[0]].state == "planned" and self.begun(place[0])}
        if planned:
            m.Lesson.hold(self.by, planned)
        self.sign({place[0] for place in self._dirty})
        if self._mended:
            self._tell_teachers()

    def _tell_teachers(self) -> None:
        """Whose lessons they are learns which reasons of absence somebody else has corrected (ACC-05)."""
        mended = [pupil for _, pupil, *_ in self._mended]
        pupils = {each.id: each.person.short_name for each in m.Pupil.named().where(m.Pupil.id.in_(mended))}
        told = [f"{pupils[pupil]}, {lesson.day:%d.%m}: {was} → {new}" for lesson, pupil, was, new in self._mended]
        text = m.Text(m.N_("%(who)s corrected reasons of absence in your journal: %(what)s"), who=self.by.who,
                      what="; ".join([*told[:MOST_TOLD], *(["…"] if len(told) > MOST_TOLD else [])]))
        teachers = {each.teacher_id for each, *_ in self._mended} - {None, self.by.person}
        m.Notice.tell(self.by, teachers, text, f"/lesson/{self._mended[0][0].id}" if len(teachers) == 1 else "/journal/", "correction")
        self._mended.clear()

    def sign(self, lessons) -> None:
        """A substitute's record in these lessons puts them into the register of substitutions (SUB-03); one made by permission goes
        into the request."""
        self.leaves.keep(self.by)
        lent = self.user.substituted.intersection(lessons)
        if lent:
            m.Substitution.record(self.by, lent)

    def cell(self, place: tuple) -> Cell:
        """What stands in (lesson, pupil, work) now, with what was laid ready."""
        lesson, pupil, _work = place
        absence = self.absences.get((lesson, pupil))
        values = [row["value"] for _, row in self._marks_of(place)]
        marks = tuple(value for value in values if value != ".")
        return Cell(absence["code"] if absence else "", marks, "." in values)

    def facts(self, lesson, entry: Entry | None = None, whole_day: bool = False) -> LessonFacts:
        """The lesson as the rules see it; a stream's pupils are each in a class of their own."""
        grade, half, period = self.setting(lesson, entry.pupil if entry else None)
        work = self._works.get(entry.work) if entry else None
        if entry and entry.work and (work is None or work.lesson_id != lesson.id):
            raise Foreign
        if lesson.course_id not in self._school_days:
            self._school_days[lesson.course_id] = school_day_of(self.rules, lesson.course.unit.school_class)
        return lesson_facts(self.rules, lesson, work, (grade, half, period), whole_day, self._school_days[lesson.course_id])

    def writable(self, lesson: int, whole_day: bool = False) -> LessonFacts:
        """The facts of a lesson that this user fills in; Foreign for all others."""
        if not allows(self.user, "write", self.lessons[lesson]):
            raise Foreign
        return self.facts(self.lessons[lesson], whole_day=whole_day)

    def blocked(self, lesson, ahead: bool = False) -> Decision | None:
        """A refusal for a cancelled lesson, and if asked for one that is still ahead."""
        if lesson.state == "cancelled":
            return plain_refusal(_CANCELLED, NOTHING_CHANGED, _SEE_THE_DEPUTY)
        if ahead and not self.begun(lesson.id):
            return plain_refusal(m.Text(m.N_("The lesson of %(day)s is still ahead."), day=lesson.day), NOTHING_CHANGED,
                                  m.N_("It can be filled in from that day on."))
        return None

    def attendance(self, lesson: int, codes: Mapping[int, str], reason: str, seen: Mapping[int, str] | None, minutes,
                   documents) -> list[Entry]:
        """The entries that make the lesson's attendance what was stated."""
        members = [pupil for (_, pupil) in self.members]
        entries = []
        for pupil in dict.fromkeys([*codes, *members]):
            was, code = self.cell((lesson, pupil, None)), read_cell(codes.get(pupil, "")).absence
            told = {"minutes": minutes.get(pupil), "document": documents.get(pupil)} if code else {}
            if code != was.absence or any(each is not None for each in told.values()):
                looked_at = None if seen is None else version_of(str(replace(was, absence=seen.get(pupil, ""))))
                entries.append(Entry(pupil, str(replace(was, absence=code)), lesson, reason=reason, seen=looked_at,
                                     typed_at=self.by.typed_at, **told))
        return entries

    def verdict(self, what: str, decision: Decision) -> dict:
        """The columns of a lesson that keep the verdict on its topic or attendance."""
        return {f"{what}_late": decision.late, f"{what}_rule": decision.rule, f"{what}_clause": decision.clause,
                f"{what}_regulation": self.rules.version}

    def _read(self, pupils: set, everybody: int | None, keys: list[str]) -> None:
        self.marks, self.absences, self.members, known, self.applied = {}, {}, set(), set(), {}
        self.extended, self.theory = set(), set()
        for kind, lesson, pupil, work, position, value, row in _standing(list(self.lessons), pupils, everybody, self.by, keys):
            if kind == "mark":
                self.marks[lesson, pupil, work, position] = row | {"value": value}
            elif kind == "absence":
                self.absences[lesson, pupil] = row | {"code": value}
            elif kind == "key":
                self.applied[value] = row["clause"]
            elif kind == "deferral":
                self.extended.add((lesson, pupil))
            else:
                known.add((lesson, pupil))
                self.theory |= {pupil} if value else set()
                self.members |= {(lesson, pupil)} if position else set()
        if any((entry.lesson, entry.pupil) not in known for entry in self.entries):
            raise Foreign
        self._first_marks = {row["id"] for row in self.marks.values()}
        self._first_absences = {row["id"] for row in self.absences.values()}

    def _marks_of(self, place: tuple) -> list[tuple[tuple, dict]]:
        return sorted((key, self.marks[key]) for key in ((*place, position) for position in (1, 2, 3)) if key in self.marks)

    def _role(self, entry: Entry) -> str:
        """T for whoever fills in the lesson, CT for the class teacher of the pupil, OFFICE for whom the regulation names to enter reasons
        of absence; Foreign for anybody else."""
        if allows(self.user, "write", self.lessons[entry.lesson]):
            return "T"
        if self._wards is None:
            self._wards = self._own_wards() if self.user.has("CT") else set()
        if entry.pupil in self._wards:
            return "CT"
        if not enters_reasons(self.user):
            raise Foreign
        return "OFFICE"

    def _own_wards(self) -> set[int]:
        rows = m.Enrolment.on(self.user.today).where(m.Enrolment.school_class.in_(self.user.classes)).select(m.Enrolment.pupil)
        return {pupil for pupil, in rows.tuples()}

    def _obstacle(self, lesson, entry: Entry) -> Decision | None:
        if (entry.lesson, entry.pupil) not in self.members:
            return plain_refusal(NOT_A_MEMBER, NOTHING_CHANGED, SEE_THE_OFFICE)
        return self.blocked(lesson)

    def setting(self, lesson, pupil: int | None = None) -> tuple[int, int, PeriodFacts | None]:
        school_class = lesson.course.unit.school_class
        if school_class is None:
            return self._setting_in_stream(lesson, pupil)
        return setting_of(school_class, school_class.period, lesson.closed, lesson.day)

    def _setting_in_stream(self, lesson, pupil):
        """Grade and period by the class that a member of a stream is in; of the lesson itself, any member's."""
        if lesson.id not in self._settings:
            today = (m.Period.starts <= lesson.day) & (m.Period.ends >= lesson.day)
            self._settings[lesson.id] = {
                row.pupil_id: setting_of(row.school_class, getattr(row.school_class, "period", None), row.closed, lesson.day)
                for row in m.Enrolment.settings(lesson.course.unit, today).where(m.Enrolment.covers(lesson.day))}
        found = self._settings[lesson.id]
        return found.get(pupil) or next(iter(found.values()), (0, half_of("", 0, lesson.day), None))

    def _entered(self, place: tuple, was: Cell, new: Cell | str) -> datetime | None:
        """When the part of the cell that changes was first saved; None for a first entry."""
        rows = [row for _, row in self._marks_of(place)]
        if isinstance(new, Cell) and (new.marks, new.awaited) == (was.marks, was.awaited):
            rows = [self.absences[place[:2]]] if was.absence else []
        return min((row["entered_at"] for row in rows), default=None)

    def _lay(self, place: tuple, was: Cell, new: Cell, decision: Decision, entry: Entry, absence: dict, due: date | None) -> None:
        lesson, pupil, work = place
        self._lay_row(self.absences, (lesson, pupil), {"code": new.absence, **absence}, decision, entry,
                      {"model": m.Absence, "lesson": lesson, "pupil": pupil})
        values, beside = (*new.marks, *("." * new.awaited)), is_beside(was, new)
        for position in (1, 2, 3):
            value = values[position - 1] if position <= len(values) else ""
            retaken = new.missed or beside and position > len(was.marks)
            self._lay_row(self.marks, (*place, position), {"value": value, "due": due if value == "." else None}, decision, entry,
                          {"model": m.Mark, "lesson": lesson, "pupil": pupil, "work": work, "position": position,
                           "protocol": self._paper(entry) if retaken and value != "." else None})

    def _lay_row(self, rows: dict, place: tuple, told: dict, decision: Decision, entry: Entry, more: dict) -> None:
        """Lay a row ready if what it tells differs from what stands; the first of `told` empty means none."""
        standing = rows.get(place)
        if not next(iter(told.values())):
            self._dirty[place] = rows.pop(place, {})
        elif standing is None or any(standing[name] != value for name, value in told.items()):
            rows[place] = self._dirty[place] = judged_row(standing, self.by, self.rules, decision, entry) | more | told

    def _paper(self, entry: Entry):
        """The protocol of a retake, written once for a batch."""
        paper = read_paper(entry.protocol)
        if paper and paper not in self._papers:
            examiners = entry.protocol.get("examiners", "") if isinstance(entry.protocol, Mapping) else ""
            self._papers[paper] = m.Protocol.create(number=paper.number, day=paper.day, examiners=str(examiners)[:300]).id
        return self._papers.get(paper)

    def begun(self, lesson: int) -> bool:
        return self.lessons[lesson].day <= local_day(self.by.at, clock.zone())


def _held_still(ids: set, course: int | None):
    """The lessons of a batch; on PostgreSQL they are locked, on SQLite the transaction itself lets nobody else write."""
    query = m.Lesson.whole().where(m.Lesson.id.in_(list(ids)))
    if course is not None:
        query = query.where(m.Lesson.course == course)
    return query if m.is_sqlite() else query.order_by(m.Lesson.id).for_update("FOR UPDATE", of=m.Lesson)


def _standing(lessons: list[int], pupils: set, everybody: int | None, by: Actor, keys: list[str]):
    """(kind, lesson, pupil, work, position, value, row) of marks, absences, memberships, running deferrals and applied keys: one query.
    A membership's position says whether it holds on the lesson's day, its value the medical group whose theory alone is assessed."""
    mark, absence, member, lesson, key = m.Mark, m.Absence, m.Membership, m.Lesson, m.CellKey
    nothing, empty = SQL("NULL"), SQL("''")
    unjudged = [Value(0), nothing, nothing, SQL("FALSE"), empty, empty, nothing, empty]

    def here(model):
        return model.lesson.in_(lessons) & (model.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE"))

    def judged(model):
        return [getattr(model, name) for name in _JUDGED]

    there = Case(None, [(member.covers(lesson.day), 1)], 0)
    bare = (nothing, nothing, empty)
    query = (mark.select(Value("mark").alias("what"), mark.lesson, mark.pupil, mark.work, mark.position, mark.value,
                         *judged(mark), mark.protocol, mark.due, empty).where(here(mark))
             .union_all(absence.select(Value("absence"), absence.lesson, absence.pupil, nothing, Value(0), absence.code,
                                       *judged(absence), absence.minutes, nothing, absence.document).where(here(absence)))
             .union_all(lesson.select(Value("member"), lesson.id, member.pupil, nothing, there, m.Pupil.theory_on(lesson.day, lesson.day),
                                      *unjudged, *bare)
                        .join(m.Course).join(member, on=(member.unit == m.Course.unit)).join(m.Pupil,
                                                                                             on=(m.Pupil.id == member.pupil)).where(
                            lesson.id.in_(lessons) & (member.pupil.in_(list(pupils)) if everybody is None else SQL("TRUE"))))
             .union_all(m.Deferral.at_lessons(lessons, local_day(by.at, clock.zone())).select(
                 Value("deferral"), lesson.id, m.PeriodMark.pupil, nothing, Value(0), empty, *unjudged, *bare)))
    if keys:
        wrote = [key.wrote if name == "clause" else none for name, none in zip(_JUDGED, unjudged, strict=True)]
        query = query.union_all(key.select(Value("key"), Value(0), Value(0), nothing, Value(0), key.key, *wrote, *bare)
                                .where((key.person == by.person) & key.key.in_(keys)))
    told = {"mark": ("protocol", "due", ""), "absence": ("minutes", "", "document")}
    for what, of_lesson, pupil, work, position, value, *rest in query.tuples():
        row = dict(zip((*_JUDGED, *told.get(what, ("", "", ""))), rest, strict=True))
        row.pop("", None)
        yield what, of_lesson, pupil, work, position, value, row


def _works(ids: set) -> dict[int, m.Work]:
    if not ids:
        return {}
    return {work.id: work for work in m.Work.select(m.Work, m.WorkKind).join(m.WorkKind).where(m.Work.id.in_(list(ids)))}


def _meant(entry: Entry, was: Cell, scale: Scale) -> Cell | str:
    """What is to stand: a mark typed over a missed lesson is put beside it, for the absence stays recorded (ATT-07), and so is one
    that a protocol gives in place of a mark.
    What cannot be read is left as it was typed."""
    try:
        cell = read_cell(entry.value, scale)
    except m.Refused:
        return entry.value
    if read_paper(entry.protocol) and len(was.marks) == len(cell.marks) == 1 and not was.missed:
        return replace(cell, marks=(*was.marks, *cell.marks))
    return replace(cell, absence=was.absence) if was.missed and cell.marks and not cell.absence else cell
