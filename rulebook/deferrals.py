"""Marks of a period that are put off: a deferral (FIN-09) or an extended study term (FIN-08), one record under two names.

The mark of the period says «отсрочка» or «продление» and is put as any other mark is, `rulebook.journal.put_cells` with `due`, `reason`
and `document`; its paper is `m.Deferral`. Here: the same for several subjects at once, what waits for whom, and the duties.
"""

from datetime import date, timedelta

from peewee import Case

import models as m
import rulebook.entries
import rulebook.journal
import rulebook.results
from formulas import DEFERRED
from history import Actor
from policies import LEADERS, User, allows, find, teaches_now, visible
from rulebook.due import Duty, Source, fact
from rulebook.facts import DEFERRED_AS
from rulebook.rules import Rules, rules_on

SHOWN = timedelta(days=7)  # a passing that is due later is no duty yet


def code_of(rules: Rules) -> str:
    """What the school puts in place of «н/а»: «отсрочка», «продление», or "" for nothing."""
    return DEFERRED_AS.get(rules.value("final.instead_of_na"), "")


def running(user: User):
    """The deferrals the user may see whose mark is still to be put, the first to end first; one query."""
    return m.Deferral.running().where(m.Deferral.id.in_(visible(user, m.Deferral).select(m.Deferral.id)))


def one_of(user: User, number) -> m.Deferral | None:
    """A running deferral that the user may change, whole; None for all others."""
    row = find(user, m.Deferral, number)
    row = row and m.Deferral.running().where(m.Deferral.id == row.id).first()
    return row if row is not None and allows(user, "edit", row) else None


def courses_of(user: User, pupil: int, school_class: m.SchoolClass, period: m.Period) -> list[m.Course]:
    """The subjects of the pupil in the period whose marks the user may put off."""
    units = {unit for unit, in m.Membership.select(m.Membership.unit).where(
        (m.Membership.pupil == pupil) & (m.Membership.starts <= period.ends) & (
            m.Membership.ends.is_null() | (m.Membership.ends >= period.starts))).tuples()}
    return [course for course in rulebook.results.courses_of_classes([school_class], period)
            if course.here and course.unit_id in units and (user.has(*LEADERS) or teaches_now(user, course))]


def put_off(user: User, by: Actor, pupil: int, period: int, courses: list[int], *, until: date, reason: str,
            paper: str) -> dict[int, rulebook.entries.Outcome]:
    """Put off the pupil's marks of a period in these courses (ids) where none stands; course → what became of it. What stands is left
    as it is. Refused without a ground or with a day that is over. Raises Foreign as put_cells."""
    _grounded(by, until, reason)
    value = code_of(rules_on(user.today))
    if not value:
        raise m.Refused(m.Text(m.N_("By the school's regulation marks are not put off.")))
    marked = {course for course, in m.PeriodMark.select(m.PeriodMark.course).where(
        (m.PeriodMark.pupil == pupil) & (m.PeriodMark.period == period) & m.PeriodMark.course.in_(courses)).tuples()}
    entry = rulebook.entries.Entry(pupil, value, period=period, reason=reason, due=until, document=paper)
    with m.writing(by, reason):
        return {course: rulebook.journal.put_cells(user, by, course, [entry])[0] for course in courses if course not in marked}


def amend(user: User, by: Actor, deferral: m.Deferral, *, until: date, reason: str, paper: str) -> rulebook.entries.Outcome:
    """Another day, ground or paper of a running deferral. Refused and raises as put_off."""
    if until != deferral.until:
        _grounded(by, until, reason)
    mark = deferral.mark
    entry = rulebook.entries.Entry(mark.pupil_id, mark.value, period=mark.period_id, kind=mark.kind, reason=reason, due=until,
                                   document=paper)
    return rulebook.journal.put_cells(user, by, mark.course_id, [entry])[0]


def _grounded(by: Actor, until: date, reason: str) -> None:
    if not reason.strip():
        raise m.Refused(m.Text(m.N_("Write why the mark is put off.")), "reason")
    if until < by.day:
        raise m.Refused(m.Text(m.N_("This day is over already. Choose a later one.")), "until")


# ---- what is due ----

def _facts(user: User, rules: Rules, now) -> list:
    """Running deferrals of own journals; those that are over, of the whole school for its leaders."""
    if not (user.taught or user.has(*LEADERS)):
        return []
    over = m.Deferral.until < user.today
    own = m.PeriodMark.course.in_([course for course in user.taught if teaches_now(user, m.Course(id=course))])
    mine = (m.Deferral.until <= user.today + SHOWN) | (m.Deferral.reason == "") | (m.Deferral.paper == "")
    rows = (m.Deferral.select().join(m.PeriodMark).join(m.Course).join(m.Subject).join_from(m.PeriodMark, m.Pupil).join(m.Person)
            .where(m.PeriodMark.value.in_(list(DEFERRED))))
    found = [fact(rows.where(own & mine), "deferral", one=m.Deferral.id, day=m.Deferral.until, words=m.Person.surname,
                  more=m.Subject.name, other=_complete())]
    if user.has(*LEADERS):
        found.append(fact(rows.where(over), "deferral over", one=m.Deferral.id, day=m.Deferral.until))
    return found


def _complete():
    return Case(None, [((m.Deferral.reason != "") & (m.Deferral.paper != ""), 1)], 0)


def _duties(user: User, rules: Rules, now, found) -> list[Duty]:
    clause, duties = rules["final.instead_of_na"].clause, []
    for row in found("deferral"):
        passes = row.other or row.day <= user.today + SHOWN
        words = m.N_("Put the deferred mark: %(pupil)s, %(subject)s") if passes else m.N_(
            "Write the ground of the deferral: %(pupil)s, %(subject)s")
        duties.append(Duty(m.Text(words, pupil=row.words, subject=row.more), row.day, f"/deferrals/{row.one}", clause,
                           row.day < user.today, "deferral"))
    late = found("deferral over")
    if late:
        duties.append(Duty(m.Text(m.N_("Deferred marks not put in time: %(n)s"), n=len(late)), min(row.day for row in late), "/deferrals/",
                           clause, True, "deferral"))
    return duties


SOURCE = Source(_facts, _duties)
