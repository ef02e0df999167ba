"""What is due for a member of staff, with dates and clauses, and what the school has confirmed and what not.

SOURCES is the list of topics; a new topic adds its `rulebook.due.Source`. `of` answers with the duties of one person in one
statement. `Year`-wide tables for the administration and the weekly digest are below.
"""

from datetime import date, datetime, time, timedelta

from peewee import JOIN, SQL, Value, fn

import clock
import models as m
import policies
import rulebook.access_order
import rulebook.alerts
import rulebook.backups
import rulebook.breach_due
import rulebook.closing
import rulebook.corrections
import rulebook.deferrals
import rulebook.due as due
import rulebook.list_requests
import rulebook.readings
import rulebook.remarks
import rulebook.running
import rulebook.tickets
import rulebook.yearly
from policies import User
from rulebook.due import Duty, Source, Span, fact
from rulebook.facts import LessonFacts
from rulebook.lesson_facts import due_of
from rulebook.rules import Rules
from rulebook.verdicts import password_limit

LOOK_BACK = timedelta(days=35)  # weeks of control that are still asked for
MONTHS_BACK = timedelta(days=62)
RECORDS_BACK = timedelta(days=30)
AROUND = timedelta(days=45)  # before and after the day for the sections of the journal
PASSWORD_SOON = timedelta(days=14)


def of(user: User, rules: Rules, now: datetime, also=(), lessons: bool = False) -> tuple[list[Duty], dict]:
    """The duties of a person, the most urgent first, and by kind the facts of the selects `also`, read in the same statement.
    `lessons`: the own lessons without a record too, which the first page lists by itself."""
    sources = (*SOURCES, LESSONS) if lessons else SOURCES
    found = due.read([*(select for source in sources for select in source.facts(user, rules, now)), *also])
    duties = [duty for source in sources for duty in source.duties(user, rules, now, lambda kind: found.get(kind, []))]
    return sorted(duties, key=Duty.urgency), found


def asked(rules: Rules, key: str) -> bool:
    """Does the regulation ask for it at all?"""
    return rules[key].severity != "off"


def checkers(rules: Rules) -> tuple[str, ...]:
    """The roles that check the keeping of the journal (CTL-01)."""
    rule = rules["control.interval"]
    return tuple(rule.value["by"]) if rule.severity != "off" else ()


# ---- the days on which there were lessons ----

def _lesson_days(user, rules, now):
    """Week and month ask for nothing while there are no lessons."""
    if not user.classes and not user.has(*checkers(rules)):
        return []
    days = m.Lesson.select().where(m.Lesson.day.between(user.today - MONTHS_BACK, user.today) & (m.Lesson.state != "cancelled"))
    return [fact(days, "lesson day", day=m.Lesson.day).distinct()]


def _days(found) -> list[date]:
    return [row.day for row in found("lesson day")]


# ---- the class teacher: list and data (CNT-04, CNT-05), absences (ATT-05) ----

def _class_facts(user, rules, now):
    if not user.classes:
        return []
    classes = m.SchoolClass.select().where(m.SchoolClass.id.in_(user.classes))
    checks = m.Confirmation.select().where(m.Confirmation.school_class.in_(user.classes) & (m.Confirmation.role == "CT")
                                    & (m.Confirmation.day >= user.today - MONTHS_BACK))
    return [fact(classes, "own class", one=m.SchoolClass.id, words=m.SchoolClass.name),
            *(fact(checks.where(m.Confirmation.kind == kind), f"{kind} checked", one=m.Confirmation.school_class, day=m.Confirmation.day)
              for kind in ("list", "attendance"))]


_OF_CLASS = {  # kind → key of the regulation, in words, where on the page of the class
    "list": ("contingent.check_interval", m.N_("Confirm the list and the data of %(name)s"), "list"),
    "attendance": ("attendance.ct_check_interval", m.N_("Check the absences of %(name)s"), "absences"),
}


def _class_duties(user, rules, now, found):
    duties = []
    for kind, (key, words, place) in _OF_CLASS.items():
        if not asked(rules, key):
            continue
        spans = due.worked(_spans(rules.value(key), user.today), _days(found))
        for school_class in found("own class"):
            checked = [row.day for row in found(f"{kind} checked") if row.one == school_class.one]
            waiting = due.unchecked_since(spans, checked)
            if waiting:
                duties.append(Duty(m.Text(words, name=school_class.words), waiting[0].last, f"/duties/classes/{school_class.one}#{place}",
                                   rules[key].clause, waiting[0].last < user.today, kind))
    return duties


def _spans(interval: str, today: date) -> list[Span]:
    """The running span and those just before it, none of an earlier school year."""
    since = today - (MONTHS_BACK if interval.endswith("M") else LOOK_BACK)
    return due.spans(interval, max(since, due.year_start(today)), today)


# ---- the administration: control (CTL-01), lists by September (CNT-01) ----

def _control_facts(user, rules, now):
    mine = [role for role in checkers(rules) if user.has(role)]
    if not mine:
        return []
    checks = m.Confirmation.select().where((m.Confirmation.kind == "control") & m.Confirmation.role.in_(mine)
                                           & (m.Confirmation.day >= user.today - MONTHS_BACK))
    return [fact(checks, "journal checked", day=m.Confirmation.day, words=m.Confirmation.role)]


def _control_duties(user, rules, now, found):
    rule, duties = rules["control.interval"], []
    spans = due.worked(_spans(rule.value["interval"], user.today), _days(found))
    for role in (role for role in checkers(rules) if user.has(role)):
        waiting = due.missing(spans, [row.day for row in found("journal checked") if row.words == role])
        for span in waiting[:3]:
            duties.append(Duty(m.Text(_CONTROL[role], first=span.first, last=span.last), span.last, f"/duties/week?day={span.first}",
                               rule.clause, span.last < user.today, "control"))
    return duties


_CONTROL = {"DIR": m.N_("Check the journal as the director: %(first)s to %(last)s"),
            "ZAV": m.N_("Check the journal as the deputy head: %(first)s to %(last)s"),
            "ADM": m.N_("Check the journal as the administrator: %(first)s to %(last)s")}


def _list_facts(user, rules, now):
    if not asked(rules, "contingent.deadline") or not user.has("SEC", "ADM", "ZAV", "DIR"):
        return []
    return [fact(unconfirmed_classes(user.today), "list unconfirmed", one=m.SchoolClass.id, words=m.SchoolClass.name)]


def unconfirmed_classes(today: date):
    """Classes of the running year whose list nobody has confirmed since it began (CNT-01)."""
    confirmed = m.Confirmation.select(m.Confirmation.school_class).where(
        (m.Confirmation.kind == "list") & m.Confirmation.school_class.is_null(False))
    year = m.Year.select(m.Year.id).where((m.Year.starts <= today) & (m.Year.ends >= today))
    return m.SchoolClass.select().where(m.SchoolClass.year.in_(year) & m.SchoolClass.id.not_in(confirmed))


def _list_duties(user, rules, now, found):
    rows, rule = found("list unconfirmed"), rules["contingent.deadline"]
    if not rows:
        return []
    limit = lists_due(rules, user.today)
    what = m.Text(m.N_("Lists not confirmed yet: %(names)s"), names=", ".join(sorted((row.words for row in rows), key=m.sort_key)))
    return [Duty(what, limit, "/duties/school#lists", rule.clause, limit < user.today, "list")]


def lists_due(rules: Rules, today: date) -> date:
    """The day of this school year until which lists and sections are in the system (CNT-01, CNT-02)."""
    month, day = map(int, rules.value("contingent.deadline").split("-"))
    start = due.year_start(today)
    return date(start.year + (month < start.month), month, min(day, 28) if month == 2 else day)


# ---- the administration: sections by September (CNT-02) ----

def _section_facts(user, rules, now):
    near = asked(rules, "contingent.deadline") and abs(lists_due(rules, user.today) - user.today) <= AROUND
    if not near or not user.has(*policies.LEADERS):
        return []
    years = m.Year.select(m.Year.id).where((m.Year.starts <= user.today + AROUND) & (m.Year.ends >= user.today))
    classes = m.SchoolClass.select().where(m.SchoolClass.year.in_(years))
    leading = m.Appointment.on(user.today).where((m.Appointment.role == "CT") & m.Appointment.school_class.is_null(False))
    lacking = (
        classes.where(m.SchoolClass.period_set.is_null()),
        classes.where(m.SchoolClass.id.not_in(leading.select(m.Appointment.school_class))),
        classes.where(m.SchoolClass.id.not_in(m.CurriculumLine.select(m.CurriculumLine.school_class))),
        m.Course.select().join(m.Unit).where(m.Unit.year.in_(years) & m.Course.id.not_in(
            m.Assignment.on(user.today).select(m.Assignment.course))),
        m.Year.select().where(m.Year.id.in_(years) & m.Year.id.not_in(m.BellUse.select(m.BellUse.year))),
        m.Year.select().where(m.Year.id.in_(years) & m.Year.id.not_in(
            m.Timetable.select(m.Timetable.year).where(m.Timetable.published_at.is_null(False)))))
    return [fact(rows, "section lacking", one=Value(number)).distinct() for number, rows in enumerate(lacking)]


def _section_duties(user, rules, now, found):
    lacking, limit = {row.one for row in found("section lacking")}, lists_due(rules, user.today)
    return [Duty(m.Text(m.N_("Complete the sections of the journal, not ready: %(count)s"), count=len(lacking)), limit, "/duties/school",
                 rules["contingent.deadline"].clause, limit < user.today, "list")] if lacking else []


# ---- everybody: the password (SEC-07), seminars (CTL-18) ----

def _password_facts(user, rules, now):
    rule = rules["auth.password_max_age"]
    if rule.severity == "off" or not user.has(*rule.value["roles"]):
        return []
    own = m.Account.select().where((m.Account.id == user.account) & m.Account.password_at.is_null(False))
    return [fact(own, "password", at=m.Account.password_at)]


def _password_duties(user, rules, now, found):
    duties = []
    for row in found("password"):
        limit = password_limit(rules, user.roles, row.at.astimezone(clock.zone()))
        if limit and limit - now <= PASSWORD_SOON:
            duties.append(Duty(m.Text(m.N_("Choose a new password")), limit.date(), "/password", rules["auth.password_max_age"].clause,
                               limit < now, "password"))
    return duties


def _training_facts(user, rules, now):
    if not user.classes or not rules.value("training.required") or not asked(rules, "training.required"):
        return []
    visits = m.TrainingVisit.select().join(m.Training).where(
        (m.TrainingVisit.person == user.person) & (m.Training.day >= due.year_start(user.today)))
    return [fact(visits, "training", day=m.Training.day)]


def _training_duties(user, rules, now, found):
    if not _training_facts(user, rules, now) or found("training"):
        return []
    return [Duty(m.Text(m.N_("Take part in a seminar about the journal this year")), None, "/duties/training",
                 rules["training.required"].clause, False, "training")]


# ---- the teacher: analysis of control works (CTL-14) ----

def _analysis_facts(user, rules, now):
    if not asks_analysis(rules) or not user.taught:
        return []
    own = [course for course in user.taught if policies.teaches(user, course, user.today)]
    return [fact(unanalysed(user.today, own), "analysis", one=m.Lesson.course, other=m.Period.id, day=m.Period.ends, more=m.Period.name,
                 words=m.Unit.name.concat(", ").concat(m.Subject.name)).distinct()]


def asks_analysis(rules: Rules) -> bool:
    return asked(rules, "analysis.control_work") and rules.value("analysis.control_work") != "off"


def unanalysed(today: date, courses=None):
    """Lessons of this year with control works, in periods for which nobody has said that they were analysed; of these courses
    (ids) or of all. Joined: course, unit, class, subject, period."""
    kinds = m.WorkKind.select(m.WorkKind.id).where(m.WorkKind.deadline == "control")
    done = m.Confirmation.alias()
    analysed = done.select(SQL("1")).where((done.kind == "analysis") & (done.course == m.Lesson.course) & (done.period == m.Period.id))
    further = m.Work.select(m.Work.lesson).where(m.Work.kind.in_(kinds))
    lessons = (m.Lesson.select().join(m.Course).join(m.Unit).join(m.SchoolClass)
               .join(m.Period, on=(m.Period.period_set == m.SchoolClass.period_set) & m.Lesson.day.between(m.Period.starts, m.Period.ends))
               .join_from(m.Course, m.Subject).where(
                   m.Lesson.day.between(due.year_start(today), today) & (m.Lesson.state == "held")
                   & (m.Lesson.kind.in_(kinds) | m.Lesson.id.in_(further)) & ~fn.EXISTS(analysed)))
    return lessons if courses is None else lessons.where(m.Lesson.course.in_(list(courses)))


def _analysis_duties(user, rules, now, found):
    """One for each period, however many journals."""
    waiting: dict[tuple, list] = {}
    for row in found("analysis"):
        waiting.setdefault((row.day, row.more), []).append(row.words)
    return [Duty(m.Text(m.N_("Analyse the control works of %(period)s: %(journals)s"), period=period, journals="; ".join(sorted(journals))),
                 ends, "/duties/analysis", rules["analysis.control_work"].clause, ends < user.today, "analysis")
            for (ends, period), journals in waiting.items()]


# ---- the teacher: lessons without a record (LEG-03) ----

def _lesson_facts(user, rules, now):
    giver, today, hour = fn.COALESCE(m.Substitution.substitute, m.Lesson.teacher), now.date(), now.time().replace(tzinfo=None)
    over = (m.Lesson.day < today) | ((m.Lesson.day == today) & (m.Lesson.ends <= hour))
    blank = m.Lesson.attendance_at.is_null() | (m.Lesson.topic == "")
    lessons = m.Lesson.select().join(m.Course).join(m.Unit).join(m.SchoolClass, JOIN.LEFT_OUTER).join_from(
        m.Lesson, m.Substitution, JOIN.LEFT_OUTER).where(
        (giver == user.person) & m.Lesson.day.between(today - RECORDS_BACK, today) & over & blank & (m.Lesson.state != "cancelled"))
    return [fact(lessons, "lesson to record", one=m.Lesson.id, other=m.SchoolClass.grade, day=m.Lesson.day, words=m.Lesson.starts)]


def _lesson_duties(user, rules, now, found):
    """One duty for all of them, due when the first of them is."""
    limits = []
    for row in found("lesson to record"):
        starts = clock.at(row.day, time.fromisoformat(row.words)) if row.words else None
        facts = LessonFacts(row.day, clock.zone(), row.other or 0, 1, starts_at=starts)
        limits += [each for each in (due_of(rules, facts, what) for what in ("absence", "topic")) if each[0]]
    count, (limit, clause) = len(found("lesson to record")), min(limits, default=(None, ""))
    return [Duty(m.Text(m.N_("Fill in lessons without a record: %(count)s"), count=count), limit, "/today/teacher#e", clause,
                 limit is not None and limit < now, "lesson")] if count else []


LESSONS = Source(_lesson_facts, _lesson_duties)

SOURCES = (
    Source(_lesson_days, lambda *_: []),
    Source(_class_facts, _class_duties),
    Source(_control_facts, _control_duties),
    Source(_list_facts, _list_duties),
    Source(_section_facts, _section_duties),
    Source(_analysis_facts, _analysis_duties),
    Source(_training_facts, _training_duties),
    Source(_password_facts, _password_duties),
    rulebook.access_order.SOURCE,
    rulebook.remarks.SOURCE,
    rulebook.list_requests.SOURCE,
    rulebook.tickets.SOURCE,
    rulebook.running.SOURCE,
    rulebook.readings.SOURCE,
    rulebook.deferrals.SOURCE,
    rulebook.alerts.SOURCE,
    rulebook.backups.SOURCE,
    rulebook.yearly.SOURCE,
    rulebook.corrections.SOURCE,
    rulebook.breach_due.SOURCE,
    rulebook.closing.SOURCE,
)
"""Every topic that has duties. Its facts go into one statement with all others, see rulebook.due."""
