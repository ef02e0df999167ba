"""What the journal does by itself when its time has come. `run` is asked again and again, by `flask --app app work`; what was done is
not done twice."""

from datetime import timedelta

import clock
import models as m
import rulebook.audit
import rulebook.duties
import rulebook.organisation
from history import Actor
from rulebook.rules import rules_on
from rulebook.checks import local_day

A_WEEK = timedelta(days=7)


def run(by: Actor) -> list[str]:
    """Everything due at the moment of the actor and not done yet; answers with what was done, a line each."""
    return [line for line in (rulebook.organisation.follow(by, local_day(by.at, clock.zone())), weekly_digest(by)) if line]


def weekly_digest(by: Actor) -> str:
    """When a week (Monday to Sunday) with lessons is over, those who check the journal are told how the school stands with its
    regulation (CTL-01). Of the last week only."""
    today = local_day(by.at, clock.zone())
    first = today - timedelta(days=today.weekday()) - A_WEEK
    last, url = first + timedelta(days=6), f"/duties/week?day={first}"
    rules = rules_on(today)
    people = m.Appointment.on(today).select(m.Appointment.person).where(m.Appointment.role.in_(rulebook.duties.checkers(rules)))
    told = m.Notice.select(m.Notice.person).where((m.Notice.topic == "digest") & (m.Notice.url == url))
    waiting = sorted({person for person, in people.where(m.Appointment.person.not_in(told)).tuples()})
    lessons = m.Lesson.select().where(m.Lesson.day.between(first, last) & (m.Lesson.state != "cancelled"))
    if not waiting or not lessons.exists():
        return ""
    totals = rulebook.audit.digest(rules, by.at, first).totals
    m.Notice.tell(by, waiting, m.Text(
        m.N_("The week %(first)s – %(last)s by the regulation: clauses broken %(broken)s, soon due %(risk)s, kept %(kept)s."), first=first,
        last=last, broken=totals["broken"], risk=totals["risk"], kept=totals["kept"]), url, "digest")
    return f"weekly digest {first}: {len(waiting)} people told"
