"""Probes of use and upkeep: reports of use, messages about pupils, systematic absence, backups, the yearly printing."""

import models as m
import rulebook.activity
import rulebook.alerts
import rulebook.attendance
import rulebook.backups
import rulebook.yearly
from rulebook.audit_look import CLASS, SCHOOL, Look, Trace, asks, moment_of, probe

_NO_REPORT = m.N_("no report of use of %(first)s – %(last)s")


def reports(look: Look):
    """The report of users' activity is made every month (CTL-04)."""
    return [Trace("broken", None, None, ("activity_reports",), None, span.last, m.Text(_NO_REPORT, first=span.first, last=span.last))
            for span in rulebook.activity.due_reports(look.now)]


_UNTOLD, _UNTOLD_LONG = m.Text(m.N_("not told of yet")), m.Text(m.N_("not told of for longer than a week"))


def _untold(look):
    return m.PupilAlert.untold().join(m.Pupil).join(m.Person).where(m.PupilAlert.course.in_(list(look.journals)) & (
        m.PupilAlert.made_at >= look.now - rulebook.alerts.SHOWN)).select(
        m.PupilAlert.course, m.PupilAlert.made_at, m.Person.surname, m.Person.name).order_by()


@asks(_untold)
def alerts(look: Look):
    """The class teacher and the parents are told of pupils who fail or miss lessons (ATT-08)."""
    found = []
    for course, told, surname, name in look.told(_untold):
        made = moment_of(told)
        long = look.now - made > rulebook.alerts.WAITED
        found.append(Trace("broken" if long else "risk", look.teacher_of(course), look.class_of(course), ("alerts",), course,
                           made.date(), _UNTOLD_LONG if long else _UNTOLD, f"{surname} {name}"))
    return found


_SYSTEMATIC = m.N_("%(missed)s of %(due)s lessons of the month missed without a valid reason")


def systematic(look: Look):
    """Pupils who miss a great part of a month without a valid reason (STR-18); for work with them; nobody kept the journal badly."""
    first, last = rulebook.attendance.month_of(look.today)
    state = "risk" if look.rules["attendance.systematic_percent"].severity == "warn" else "noted"
    return [Trace(state, look.class_teachers.get(row.school_class), row.school_class, ("duty_class", row.school_class, "missed"),
                  what=m.Text(_SYSTEMATIC, missed=row.lessons.unexcused, due=row.lessons.due), name=row.name)
            for row in rulebook.attendance.of_classes(look.rules, look.own_classes, first, min(last, look.today)) if row.systematic]


_NO_COPY, _OLD_COPY = m.N_("there is no %(what)s"), m.N_("the last %(what)s is of %(day)s")
_COPIES = {rulebook.backups.FILE: m.Text(m.N_("backup file")), rulebook.backups.MEDIUM: m.Text(m.N_("copy on a physical medium"))}


def backups(look: Look):
    """Backups are made in time (ARC-01, ARC-02)."""
    return [Trace(age.state, None, None, ("backups",), None, age.due,
                  m.Text(_OLD_COPY, what=_COPIES[age.kind], day=age.last) if age.last else m.Text(_NO_COPY, what=_COPIES[age.kind]))
            for age in rulebook.backups.ages(look.rules, look.today) if age.state != "kept"]


_NOT_PRINTED = m.Text(m.N_("the journal of the year is not printed and sewn"))


def printing(look: Look):
    """The journals of the year are printed, sewn and sealed by the day of the regulation (ARC-06, ARC-07)."""
    day = rulebook.yearly.deadline(look.rules, look.today)
    return [Trace("broken" if day < look.today else "risk", None, row.id, ("printed",), None, day, _NOT_PRINTED, row.name)
            for row in rulebook.yearly.unprinted(look.rules, look.today)]


PROBES = (
    probe("use_reports", m.N_("Reports of use"), "CTL-04", "reports.activity_interval", reports, SCHOOL),
    probe("alerts", m.N_("Messages about pupils"), "ATT-08", "inform.absence_message", alerts),
    probe("systematic", m.N_("Systematic absence"), "STR-18", "attendance.systematic_percent", systematic, CLASS),
    probe("backups", m.N_("Backups"), "ARC-01 ARC-02", "backup.interval", backups, SCHOOL),
    probe("printing", m.N_("Yearly printing"), "ARC-06 ARC-07", "archive.print_deadline", printing, SCHOOL),
)
