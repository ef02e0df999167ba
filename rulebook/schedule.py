"""What the journal does by itself when its time has come. `run` is asked again and again, by `flask --app app work`; what was done is
not done twice."""

from collections.abc import Callable
from datetime import timedelta

import clock
import models as m
import rulebook.activity
import rulebook.alerts
import rulebook.audit
import rulebook.duties
import rulebook.organisation
import rulebook.tickets
from history import Actor
from rulebook.checks import local_day
from rulebook.due import Span
from rulebook.rules import rules_on

A_WEEK = timedelta(days=7)


def run(by: Actor, draw: Callable[[Span], dict] | None = None) -> list[str]:
    """Everything due at the moment of the actor and not done yet; answers with what was done, a line each. `draw` makes the files of a
    report of use and says under which digests they are kept (`pdf`, `xlsx`)."""
    today = local_day(by.at, clock.zone())
    done = [rulebook.organisation.follow(by, today), weekly_digest(by), rulebook.tickets.close_old(by),
            rulebook.alerts.follow(by, rules_on(today), today)]
    return [line for line in (*done, *(activity_reports(by, draw) if draw else ())) if line]


def activity_reports(by: Actor, draw: Callable[[Span], dict]) -> list[str]:
    """The reports of users' activity of the months that are over, each once (CTL-04): late where nobody ran the worker, and dated so."""
    lines = []
    for span in rulebook.activity.due_reports(by.at):
        m.ActivityReport.keep(by, span.first, span.last, **draw(span))
        people = m.Appointment.on(by.day).where(m.Appointment.role.in_(("DIR", "ZAV", "ADM"))).select(m.Appointment.person).tuples()
        m.Notice.tell(by, {person for person, in people}, m.Text(
            m.N_("The report of users' activity is made: %(first)s – %(last)s."), first=span.first, last=span.last),
            "/activity/reports", "report")
        lines.append(f"report of activity {span.first}")
    if lines:
        rulebook.activity.forget(by)
    return lines


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
