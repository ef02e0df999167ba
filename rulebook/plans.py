"""Thematic plans: hours against the curriculum, the one way to change a plan, compaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import clock
import models as m
from formulas import Pace, pace
from history import Actor
from policies import User, allows, visible
from rulebook.checks import clause_in_words, local_day, refusal, said
from rulebook.entries import Foreign, version_of
from rulebook.facts import Decision
from rulebook.rules import Rules, rules_on

MOST_TOPICS = 400


@dataclass
class PlanRow:
    """A row of a plan as it was typed or stands; `id` None = a new one. `key`: what the browser calls a new row."""

    section: str
    topic: str
    hours: Decimal
    work_kind: str = ""
    homework: str = ""
    id: int | None = None
    key: str = ""

    @classmethod
    def of(cls, topic: m.PlanTopic) -> "PlanRow":
        return cls(*topic.words_of_row, topic.id)

    @property
    def told(self) -> tuple:
        return self.section, self.topic, self.hours, self.work_kind, self.homework

    @property
    def version(self) -> str:
        """A token of what the row says."""
        return version_of("\t".join((self.section, self.topic, in_hours(self.hours), self.work_kind, self.homework)))


@dataclass(frozen=True)
class PlanConflict:
    """A row that both changed since it was read; `mine` or `standing` None = taken out."""

    mine: PlanRow | None
    standing: PlanRow | None


def in_hours(hours) -> str:
    """«66», «0,5»"""
    return f"{float(hours):g}".replace(".", ",")


def difference(hours) -> str:
    """«+2», «−0,5»"""
    return f"{'−' if hours < 0 else '+'}{in_hours(abs(hours))}"


def plan_due(lines, subject: int) -> dict[str, Decimal]:
    """Class name → hours a year of a subject by these lines of the curriculum; parts of the curriculum are added up."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.subject_id == subject:
            found[line.school_class.name] = found.get(line.school_class.name, Decimal(0)) + line.hours
    return found


def judge_plan(rules: Rules, hours, due: Mapping[str, Decimal]) -> Decision:
    """Do the hours of a plan equal those of the curriculum, by class (PLN-03)? A refusal stands against the approval only:
    the plan itself is kept, and told."""
    rule, odd = rules["plan.hours_must_match"], {name: of for name, of in due.items() if of != hours}
    if not rule.value or rule.severity == "off" or not odd:
        return Decision()
    classes = ", ".join(f"{name}: {in_hours(of)} ({difference(hours - of)})" for name, of in odd.items())
    what = m.Text(m.N_("The plan has %(hours)s h and does not match the curriculum: %(classes)s."), hours=in_hours(hours),
                  classes=classes)
    todo = m.Text(m.N_("Bring the hours to the curriculum."))
    if rule.severity == "block":
        return refusal(rules, rule, what, m.Text(m.N_("The plan is kept, it cannot be approved so.")), todo)
    return Decision(True, rule.severity, rule.key, rule.clause, said(what, clause_in_words(rules, rule), todo))


def plan_paces(courses, year: m.Year, today: date) -> dict[int, Pace]:
    """Course id → how it goes through its plan by `today` (reports.md 3.12), of those courses (ids) that have one; three queries."""
    hours: dict[int, list] = {}
    for course, *row in m.Lesson.hours_by_now(courses, year, today):
        hours.setdefault(course, []).append(row)
    return {course: pace(topics, *_lesson_hours(hours.get(course, ()))) for course, topics in m.PlanTopic.tallies(courses).items()}


def _lesson_hours(rows) -> tuple[int, int, int]:
    """(scheduled until now, held, still to come without a topic). A lesson moved or added by hand is no part of the
    schedule, unless the course has no other ones."""
    by_hand_only = all(by_hand for _over, _state, by_hand, _topic, _hours in rows)
    scheduled = sum(n for over, _state, by_hand, _topic, n in rows if over and (by_hand_only or not by_hand))
    held = sum(n for over, state, _by_hand, _topic, n in rows if over and state == "held")
    ahead = sum(n for over, state, _by_hand, topic, n in rows if not over and state == "planned" and not topic)
    return scheduled, held, ahead


def approve_plan(user: User, by: Actor, plan: m.Plan, due: Mapping[str, Decimal]) -> Decision:
    """Approve a plan whose hours allow it (PLN-03); `due` as in judge_plan. Raises Foreign."""
    if not allows(user, "approve", plan):
        raise Foreign
    hours = sum((topic.hours for topic in plan.in_order()), Decimal(0))
    decision = judge_plan(rules_on(local_day(by.at, clock.zone())), hours, due)
    if decision.ok:
        plan.approved_at, plan.approved_by = by.at, by.person
        with m.writing(by):
            plan.save(only=[m.Plan.approved_at, m.Plan.approved_by])
    return decision


def make_plan(user: User, by: Actor, rows: list[PlanRow], draft: str = "", **head) -> tuple[m.Plan, list[PlanConflict]]:
    """A new plan of these rows, or the one that was made of the same draft already and whose answer was lost: as put_plan writes it.
    `head` are the columns of the plan. Raises Foreign and Refused."""
    if not allows(user, "create", m.Plan()):
        raise Foreign
    name, made = f"plan:{draft}", None
    with m.writing(by):
        if draft and not m.CellKey.keep(by, {name: ""}):
            made = m.Plan.get_or_none(m.Plan.id == int(m.CellKey.known(by, [name])[name] or 0))
        plan = made or m.Plan.create(author=user.person, **head)
        if draft:
            m.CellKey.update(wrote=str(plan.id)).where((m.CellKey.person == by.person) & (m.CellKey.key == name)).execute()
        return plan, put_plan(user, by, plan.id, rows, {}, draft=draft, name=head["name"], shared=head["shared"])


def recognised(by: Actor, draft: str, rows: Iterable, known: Mapping[int, str], standing: Mapping[int, PlanRow]) -> dict[int, str]:
    """`known` with what an earlier save of this draft wrote, when its answer was lost: rows it made get their `id` here by their key, and
    what it changed is no colleague's change. `rows` have `id` and `key`."""
    known, prefix = dict(known), f"plan:{draft}:"
    wrote = dict(m.CellKey.select(m.CellKey.key, m.CellKey.wrote).where(
        (m.CellKey.person == by.person) & m.CellKey.key.startswith(prefix)).tuples()) if draft else {}
    made = {key.removeprefix(prefix): (int(value.partition(":")[0]), value.partition(":")[2]) for key, value in wrote.items()}
    for number, version in made.values():
        if number in standing and (number not in known or standing[number].version == version):
            known[number] = version
    for row in rows:
        number, _version = made.get(row.key, (None, ""))
        if row.id is None and number in standing:
            row.id = number
    return known


def _remember(by: Actor, draft: str, before: Mapping[int, PlanRow], rows: list[PlanRow], topics) -> None:
    """What this save of the draft wrote, row by row, for `recognised`."""
    wrote = {f"plan:{draft}:{row.key or topic.id}": f"{topic.id}:{row.version}" for row, topic in zip(rows, topics, strict=True)
             if topic.id not in before or before[topic.id].version != row.version}
    m.CellKey.delete().where((m.CellKey.person == by.person) & m.CellKey.key.in_(list(wrote))).execute()
    if wrote:
        m.CellKey.keep(by, wrote)


def put_plan(user: User, by: Actor, plan: int, rows: list[PlanRow], known: Mapping[int, str], *, reason: str = "", draft: str = "",
             **head) -> list[PlanConflict]:
    """Write the whole table of a plan and its `head` (name, shared). `known` are id → version of the rows as they were read:
    what a colleague changed meanwhile is kept, and where both changed a row nothing is written and the conflicts are told.
    The same `draft` twice makes no row twice. A topic that lessons were given by goes only with a reason (Refused). Raises Foreign."""
    with m.writing(by, reason):
        row = _plan_held_still(user, plan)
        standing = {topic.id: PlanRow.of(topic) for topic in row.in_order()}
        known = recognised(by, draft, rows, known, standing)
        merged, conflicts = merged_plan(rows, known, standing)
        if conflicts:
            return conflicts
        gone = standing.keys() - {each.id for each in merged}
        if gone and not reason.strip():
            _refuse_if_given(gone)
        row.lay(by, [(each.id, *each.told) for each in merged], reason)
        if draft:
            _remember(by, draft, standing, merged, row.in_order())
        changed = [name for name, value in head.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, head[name])
        if changed:
            row.save(only=[getattr(m.Plan, name) for name in changed])
    return []


def merged_plan(rows: list[PlanRow], known: Mapping[int, str], standing: Mapping[int, PlanRow]) -> tuple[list, list[PlanConflict]]:
    """(rows as they become, conflicts) of a table typed over what was read, with what stands now."""
    mine = {row.id: row for row in rows if row.id in known}
    became, conflicts = dict(standing), []
    for number, version in known.items():
        own, theirs = mine.get(number), standing.get(number)
        touched, moved_on = own is None or own.version != version, theirs is None or theirs.version != version
        if touched and moved_on and (own and own.version) != (theirs and theirs.version):
            conflicts.append(PlanConflict(own, theirs))
        became[number] = own if touched else theirs
    for place, row in enumerate(rows):
        if row.id not in known:
            became[_new(place)] = replace(row, id=None)
    typed = [row.id if row.id in known else _new(place) for place, row in enumerate(rows)]
    order = _woven(typed, list(standing), list(known))
    return [became[key] for key in order if became.get(key)], conflicts


def _new(place: int) -> str:
    return f"new {place}"


def _woven(typed: list, standing: list, known: list) -> list:
    """The order of both: of whoever moved rows (of the typed table when both did); what only the other has comes after what
    stood above it there."""
    def order(keys, among):
        return [key for key in keys if key in among]

    common = set(typed) & set(standing) & set(known)
    only_they_moved = order(typed, common) == order(known, common) != order(standing, common)
    whole, other = (standing, typed) if only_they_moved else (typed, standing)
    whole = list(whole)
    for place, key in enumerate(other):
        if key not in whole:
            above = other[place - 1] if place else None
            whole.insert(whole.index(above) + 1 if above in whole else 0, key)
    return whole


def _plan_held_still(user: User, plan: int) -> m.Plan:
    """The plan, for whoever may edit it; on PostgreSQL locked, on SQLite nobody else writes in the transaction."""
    query = visible(user, m.Plan).where(m.Plan.id == plan)
    row = (query if m.is_sqlite() else query.for_update()).first()
    if row is None or not allows(user, "edit", row):
        raise Foreign
    return row


def _refuse_if_given(topics) -> None:
    given = m.Lesson.select(m.Lesson, m.PlanTopic, m.Course, m.Unit).join(m.PlanTopic).switch(m.Lesson).join(m.Course).join(
        m.Unit).where(m.Lesson.plan_topic.in_(list(topics))).order_by(m.Lesson.day).first()
    if given:
        raise m.Refused(m.Text(m.N_("The topic «%(topic)s» is given already: %(unit)s, %(day)s. Write why it is taken out; the "
                                    "lessons keep their words."), topic=given.plan_topic.topic, unit=given.course.unit.name,
                               day=given.day), "reason")


def give_plan(user: User, by: Actor, plan: m.Plan, courses: set[int], among) -> None:
    """Of the courses `among` (rows the user gives plans to) those of `courses` live by the plan from now on; the others of
    them no longer do. Raises Foreign for a course that is not among them."""
    own = {course.id: course for course in among if allows(user, "plan", course)}
    if not courses <= own.keys():
        raise Foreign
    left = [number for number, course in own.items() if course.plan_id == plan.id and number not in courses]
    taken = [number for number in courses if own[number].plan_id != plan.id]
    with m.writing(by):
        m.Course.update(plan=None).where(m.Course.id.in_(left)).execute()
        m.Course.update(plan=plan).where(m.Course.id.in_(taken)).execute()


def correct_plan(user: User, by: Actor, course: m.Course, wishes: Mapping[int, tuple[Decimal, bool]], reason: str,
                 seen: Mapping[int, str] = MappingProxyType({})) -> int:
    """Compaction (PLN-04): topic id → (hours in this course, given together with the topic above). `seen`: topic id → how it stood
    when it was looked at (see stood); what a colleague changed meanwhile is kept, and where both changed a topic nothing is written.
    What is covered stays as it is. Returns how many topics changed; raises Foreign, and Refused with the id of the topic as its
    field."""
    if not allows(user, "plan", course):
        raise Foreign
    with m.writing(by, reason):
        if not m.is_sqlite():
            m.Course.select(m.Course.id).where(m.Course.id == course.id).for_update().execute()
        rows = list(m.PlanTopic.of_course(course))
        wanted, gone = _corrections(rows, _agreed(rows, wishes, seen))
        if wanted or gone:
            m.PlanCorrection.put(by, course, wanted, gone, reason)
    return len(wanted) + len(gone)


def stood(hours, joined: bool) -> str:
    """How a topic stands in a course, as a token: its hours, or «+» when it is given with the one above."""
    return "+" if joined else in_hours(hours)


def _stands(row) -> tuple[Decimal, bool]:
    return row.needs, bool(row.correction and row.correction.joined_to_id)


def _agreed(rows, wishes, seen) -> dict[int, tuple[Decimal, bool]]:
    """The wishes without those that only repeat what was looked at; Refused for a topic that a colleague changed differently."""
    own = {topic: wish for topic, wish in wishes.items() if topic not in seen or stood(*wish) != seen[topic]}
    for row in rows:
        now = stood(*_stands(row))
        if row.id in own and seen.get(row.id, now) != now != stood(*own[row.id]):
            raise m.Refused(m.Text(m.N_("«%(topic)s» was changed by a colleague meanwhile: %(now)s. What you typed is here: keep it once "
                                        "more, and it stands."), topic=row.topic, now=_stands_in_words(row)), str(row.id))
    return own


def _stands_in_words(row) -> m.Text:
    hours, joined = _stands(row)
    return m.Text(m.N_("given together with the topic above")) if joined else m.Text(m.N_("%(hours)s h"), hours=in_hours(hours))


def _corrections(rows, wishes) -> tuple[list[dict], list[int]]:
    """(corrections to write, topics whose corrections go)"""
    wanted, gone, host, covered = [], [], None, set()
    for row in rows:
        with_above = row.correction.joined_to_id if row.correction else None
        if with_above in covered or not with_above and row.given >= row.needs:
            covered.add(row.id)
            host = None
            continue
        hours, join = wishes.get(row.id, (row.needs, with_above is not None))
        became = _corrected(row, hours, host if join else row)
        stands = (row.correction.hours, with_above) if row.correction else (row.hours, None)
        if became != stands and became == (row.hours, None):
            gone.append(row.id)
        elif became != stands:
            wanted.append({"topic": row.id, "hours": became[0], "joined_to": became[1]})
        host = host if join else row
    return wanted, gone


def _corrected(row, hours: Decimal, host) -> tuple[Decimal, int | None]:
    """(hours, topic it is joined to) of a topic given with `host`, itself when it stands alone; Refused when that cannot be."""
    least = max(Decimal(row.given), Decimal("0.5"))
    if host is None:
        raise m.Refused(m.Text(m.N_("«%(topic)s» has no topic above it that is still to be given: it cannot be given together with "
                                    "one."), topic=row.topic), str(row.id))
    if host is not row and row.given:
        raise m.Refused(m.Text(m.N_("A lesson is given by «%(topic)s» already: it stands by itself."), topic=row.topic), str(row.id))
    if host is row and hours < least:
        raise m.Refused(m.Text(m.N_("«%(topic)s» needs at least %(hours)s h: a topic is not left out, it is given together with "
                                    "another."), topic=row.topic, hours=in_hours(least)), str(row.id))
    return (hours, None) if host is row else (Decimal(0), host.id)
