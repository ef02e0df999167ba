"""Pupils the class teacher and the parents have to be told of (ATT-08): whose average of the running period fell below a «3», who missed
three more lessons of a subject without a valid reason. The journal finds them by itself, the teacher tells and notes it down.

A draft is made once: the next of an average only when it has recovered and fallen again, the next of absences after three more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from peewee import JOIN, SQL, fn

import clock
import formulas
import models as m
import policies
import rulebook.talk
from history import Actor
from marking import Scale, scale_of
from rulebook.due import Duty, Source, fact, year_start
from rulebook.rules import Rules

LEAST_MARKS, MISSED = 3, 3
KEY = "inform.absence_message"
WAITED = timedelta(days=7)  # until an alert that nobody passed on counts against its teacher
SHOWN = timedelta(days=62)  # an older one is past


# ---- found by the journal itself ----

def follow(by: Actor, rules: Rules, today: date) -> str:
    """Make the drafts that are due and mark the averages that have recovered; seven statements at most, whatever the school's size."""
    rows = _failing(by, rules, today) + (_absent(rules, today) if rules.value(KEY) else [])
    m.PupilAlert.make(by, [{**row, "clause": rules[KEY].clause} for row in rows])
    return f"alerts about pupils: {len(rows)}" if rows else ""


def _failing(by: Actor, rules: Rules, today: date) -> list[dict]:
    """Averages below that have no open alert of their period; open alerts whose average is not below are closed."""
    policy, open_, recovered = rules.value("final.rounding"), {}, []
    for number, pupil, course, period in m.PupilAlert.select(
            m.PupilAlert.id, m.PupilAlert.pupil, m.PupilAlert.course, m.PupilAlert.period).where(
            (m.PupilAlert.kind == "failing") & m.PupilAlert.recovered_at.is_null()).tuples():
        open_[pupil, course, period] = number
    given, found = defaultdict(list), []
    for course, pupil, period, grading, value, weight, times in _marks(today).tuples():
        given[pupil, course, period, grading] += [(value, weight)] * times
    for (pupil, course, period, grading), marks in given.items():
        scale, place = scale_of(grading), (pupil, course, period)
        counted = scale.weights(marks)
        average, limit = formulas.weighted_mean(counted), three_of(scale, policy)
        below = average is not None and limit is not None and average < limit
        if place in open_ and not below:
            recovered.append(open_[place])
        elif below and place not in open_ and len(counted) >= LEAST_MARKS:
            found.append({"pupil": pupil, "course": course, "period": period, "kind": "failing", "marks": len(counted), "lessons": [],
                          "average": str(scale.shown(average, policy))})
    if recovered:
        m.PupilAlert.recover(by, recovered)
    return found


def three_of(scale: Scale, policy: str) -> Fraction | None:
    """The lowest average that still earns a «3» of five points; None for a scale without averages."""
    return next((least for mark, least in reversed(scale.steps(policy)) if scale.as_five(mark) == "3"), None) if scale.averaged else None


def _marks(today: date):
    """Course, pupil, period, scale, value, weight, how often: of the running periods and of pupils who are in the list today."""
    running = (m.Period.period_set == m.SchoolClass.period_set) & (m.Period.starts <= today) & (m.Period.ends >= today)
    listed = m.Membership.on(today).select(SQL("1")).where((m.Membership.unit == m.Course.unit) & (m.Membership.pupil == m.Mark.pupil))
    grading = fn.COALESCE(fn.NULLIF(m.Course.grading, ""), m.Subject.grading)
    weight = m.KindWeight.heavy(m.WorkKind, m.Lesson.course, m.Work.weight)
    return m.Mark.select(
        m.Lesson.course, m.Mark.pupil, m.Period.id, grading, m.Mark.value, weight, fn.COUNT(m.Mark.id)).join(m.Lesson).join_from(
        m.Mark, m.Work, JOIN.LEFT_OUTER).join(
        m.WorkKind, JOIN.LEFT_OUTER, on=(m.WorkKind.id == fn.COALESCE(m.Work.kind, m.Lesson.kind))).join_from(
        m.Lesson, m.Course).join(m.Unit).join(m.SchoolClass).join(m.Period, on=running).join_from(m.Course, m.Subject).where(
        m.Lesson.day.between(m.Period.starts, today) & fn.EXISTS(listed)).group_by(*(SQL(str(place)) for place in range(1, 7)))


def _absent(rules: Rules, today: date) -> list[dict]:
    """Three lessons of a subject missed without a valid reason that no alert has counted yet, since the school year began."""
    since = year_start(today)
    counted: dict[tuple, set] = defaultdict(set)
    for pupil, course, lessons in m.PupilAlert.select(m.PupilAlert.pupil, m.PupilAlert.course, m.PupilAlert.lessons).where(
            (m.PupilAlert.kind == "absence") & (m.PupilAlert.made_at >= clock.at(since, datetime.min.time()))).tuples():
        counted[pupil, course].update(lessons)
    codes = [code.code for code in m.codes().all.values() if code.missed and not code.explained]
    listed = m.Enrolment.on(today).select(m.Enrolment.pupil)
    missed = defaultdict(list)
    for pupil, course, lesson in m.Absence.select(m.Absence.pupil, m.Lesson.course, m.Lesson.id).join(m.Lesson).where(
            m.Absence.code.in_(codes or [""]) & m.Lesson.day.between(since, today) & m.Absence.pupil.in_(listed)).order_by(
            m.Lesson.day, m.Lesson.number).tuples():
        if lesson not in counted[pupil, course]:
            missed[pupil, course].append(lesson)
    return [{"pupil": pupil, "course": course, "period": None, "kind": "absence", "marks": 0, "lessons": lessons, "average": ""}
            for (pupil, course), lessons in missed.items() if len(lessons) >= MISSED]


# ---- passed on by people ----

@dataclass(frozen=True)
class Line:
    """An alert with what a page says of it: the pupil, the class, the subject, who teaches it now, the day of the first and last missed
    lesson, and whom somebody told (whom → AlertTold with its person)."""

    alert: m.PupilAlert
    told: dict

    @property
    def waits(self) -> bool:
        return self.alert.recovered_at is None and len(self.told) < len(m.TOLD_OF_ALERT)


def lines(user: policies.User, now: datetime, only=None) -> list[Line]:
    """The alerts the user sees, those that wait first, then the newest. Two statements."""
    rows = m.PupilAlert.select(m.PupilAlert, m.Pupil, m.Person, m.Course, m.Unit, m.SchoolClass, m.Subject, m.Period).join(m.Pupil).join(
        m.Person).join_from(m.PupilAlert, m.Course).join(m.Unit).join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(
        m.Course, m.Subject).join_from(m.PupilAlert, m.Period, JOIN.LEFT_OUTER).where(
        m.PupilAlert.id.in_(policies.visible(user, m.PupilAlert).select(m.PupilAlert.id)) & (m.PupilAlert.made_at >= now - SHOWN)).order_by(
        m.PupilAlert.id.desc())
    found = list(rows.where(m.PupilAlert.id == only) if only else rows)
    told: dict[int, dict] = defaultdict(dict)
    for row in m.AlertTold.select(m.AlertTold, m.Person).join(m.Person).where(m.AlertTold.alert.in_([alert.id for alert in found])):
        told[row.alert_id][row.whom] = row
    return sorted((Line(alert, told[alert.id]) for alert in found), key=lambda line: not line.waits)


def message(alert: m.PupilAlert) -> m.Text:
    """The prepared words about the pupil; the alert comes with pupil, person, course, unit and subject, as of `lines`."""
    person, course = alert.pupil.person, alert.course
    facts = {"pupil": f"{person.surname} {person.name}", "unit": course.unit.name, "subject": course.subject.name}
    if alert.kind == "failing":
        return m.Text(m.N_("%(pupil)s, %(unit)s: the average in «%(subject)s» of %(period)s is %(average)s, that is below a «3» "
                           "(marks: %(marks)s). Please take note and see that the pupil gets help."),
                      **facts, period=alert.period.name, average=alert.average.replace(".", ","), marks=alert.marks)
    return m.Text(m.N_("%(pupil)s, %(unit)s: lessons of «%(subject)s» missed without a valid reason: %(count)s. Please find out the reason "
                       "and bring the papers, if there are any."), **facts, count=len(alert.lessons))


def tell_class_teacher(by: Actor, alert: m.PupilAlert, today: date) -> bool:
    """Send the words to the class teachers of the pupil as a notice, and note it down. False when the pupil has none."""
    leading = m.Appointment.on(today).join(m.Enrolment, on=(m.Enrolment.school_class == m.Appointment.school_class)).where(
        (m.Appointment.role == "CT") & (m.Enrolment.pupil == alert.pupil_id) & m.Enrolment.covers(today)).select(m.Appointment.person)
    people = [person for person, in leading.tuples()]
    if not people:
        return False
    with m.writing(by):
        m.Notice.tell(by, people, message(alert), "/alerts/", "alert")
        m.AlertTold.note_down(by, alert, "CT", "notice", today)
    return True


def is_of_own_class(user: policies.User, alert: m.PupilAlert) -> bool:
    """Does the user lead the class of the journal? The alert comes with its course and unit; no query."""
    return alert.course.unit.school_class_id in user.classes


def passes_on(user: policies.User, alert: m.PupilAlert) -> bool:
    """Is it the user who tells: the teacher of the journal or the class teacher? As the gate says it, for whole lists; no query."""
    return policies.teaches_course_of(user, alert) or is_of_own_class(user, alert)


def parents_told(user: policies.User, by: Actor, alert: m.PupilAlert, how: str, day: date, note: str = "") -> None:
    """Note down that the parents were told. A class teacher who tells them knows it already."""
    with m.writing(by):
        m.AlertTold.note_down(by, alert, "PAR", how, day, note)
        if is_of_own_class(user, alert):
            m.AlertTold.note_down(by, alert, "CT", "talk", day)


def write_to_parents(user: policies.User, by: Actor, alert: m.PupilAlert, text: str) -> int:
    """Write the words to those parents of the pupil who have a way into the journal, and note it down; how many they are. Raises what
    rulebook.talk.start raises."""
    account = m.Account.select(m.Account.person).where(m.Account.password.is_null(False) & (m.Account.locked == ""))
    parents = m.Guardianship.on(user.today).where((m.Guardianship.pupil == alert.pupil_id) & m.Guardianship.guardian.in_(account))
    people = [person for person, in parents.select(m.Guardianship.guardian).order_by(m.Guardianship.guardian).tuples()]
    with m.writing(by):
        for person in people:
            rulebook.talk.start(user, by, text, person=person, pupil=alert.pupil_id)
        if people:
            parents_told(user, by, alert, "notice", user.today)
    return len(people)


# ---- duties ----

def _facts(user, rules, now):
    own = [course for course in user.taught if policies.teaches(user, course, user.today)]
    if not own:
        return []
    waiting = m.PupilAlert.untold().where(m.PupilAlert.course.in_(own) & (m.PupilAlert.made_at >= now - SHOWN))
    return [fact(waiting, "alert", one=m.PupilAlert.id, at=m.PupilAlert.made_at)]


def _duties(user, rules, now, found):
    rows = found("alert")
    if not rows:
        return []
    limit = min(row.at for row in rows) + WAITED
    return [Duty(m.Text(m.N_("Tell the class teacher and the parents of pupils: %(count)s"), count=len(rows)),
                 limit.astimezone(clock.zone()).date(), "/alerts/", rules[KEY].clause, limit < now, "alert")]


SOURCE = Source(_facts, _duties)
