"""Probes of what people confirm, ask and answer: lists and checks, control, remarks, corrections, put-off and held-back marks, breaches."""

from datetime import timedelta

from peewee import JOIN, fn

import clock
import models as m
import rulebook.breach_due
import rulebook.due as due
import rulebook.upkeep
from rulebook.audit_look import CLASS, SCHOOL, Look, Trace, asks, day_of, moment_of, probe
from rulebook.rules import in_time

SOON = timedelta(days=3)  # before a span ends, a check that was not made in it is due
DEFERRED_SOON = timedelta(days=7)


def _upkeep(look: Look):
    return rulebook.upkeep.state(look.rules, look.today, look.year)


# ---- lists and the checks of class teachers ----

_UNCONFIRMED, _CONFIRMED_LATE = m.Text(m.N_("the list is not confirmed")), m.Text(m.N_("the list was confirmed late"))
_UNCHECKED, _MISSED = m.N_("not checked since %(day)s"), m.N_("%(n)s times not checked in time")
_DUE = m.N_("to be checked by %(day)s")


def lists(look: Look):
    """The list of every class is confirmed by the day of the regulation (CNT-01, CNT-02)."""
    state, found = look.seen(_upkeep), []
    for row in state.lists:
        if row.last is None:
            found.append(Trace("broken" if state.lists_due < look.today else "risk", None, row.number, ("lists",), None, state.lists_due,
                               _UNCONFIRMED, row.name))
        elif row.last.astimezone(clock.zone()).date() > state.lists_due:
            found.append(Trace("lapsed", None, row.number, ("lists",), None, state.lists_due, _CONFIRMED_LATE, row.name))
    return found


def data(look: Look):
    """Class teachers check the data of their class (CNT-04, CNT-05)."""
    return _checked(look, look.seen(_upkeep).monthly, "contingent.check_interval", "list")


def absences(look: Look):
    """Class teachers check the absences of their class (ATT-05)."""
    return _checked(look, look.seen(_upkeep).absences, "attendance.ct_check_interval", "absences")


def _checked(look, rows, key, place):
    """What was not checked since the last time stands; what was missed before it cannot be mended any more."""
    running, found = due.span_of(look.rules.value(key), look.today), []
    for row in rows:
        last = row.last and row.last.astimezone(clock.zone()).date()
        person, link = (row.people or (None,))[0], ("duty_class", row.number, place)
        open_, past = _parted(row.missing, last, look)
        if open_:
            found.append(Trace("broken", person, row.number, link, None, open_[0].last, m.Text(_UNCHECKED, day=open_[0].first), row.name))
        elif running and (last is None or last < running.first) and running.last - look.today <= SOON:
            found.append(Trace("risk", person, row.number, link, None, running.last, m.Text(_DUE, day=running.last), row.name))
        if past:
            found.append(Trace("lapsed", person, row.number, link, None, past[-1].last, m.Text(_MISSED, n=len(past)), row.name, len(past)))
    return found


def _parted(missing, last, look):
    """(spans since the last check, earlier ones within the days looked at)"""
    return ([span for span in missing if last is None or span.last > last],
            [span for span in missing if last is not None and look.first <= span.last <= last])


# ---- control of the administration, analysis, seminars ----

_NOT_CONTROLLED = m.N_("the journal was not checked from %(first)s to %(last)s")
_CONTROL_DUE = m.N_("the journal is to be checked by %(day)s")


def control(look: Look):
    """Each role that the regulation names checks the journal in every span (CTL-01)."""
    found, running = [], due.span_of(look.rules.value("control.interval")["interval"], look.today)
    for row in look.seen(_upkeep).control:
        person = next((each.person_id for each in look.appointments if each.role == row.name), None)
        last = row.last and row.last.astimezone(clock.zone()).date()
        for span in (span for span in row.missing if span.last >= look.first):
            found.append(Trace("broken", person, None, ("duty_week", span.first), None, span.last,
                               m.Text(_NOT_CONTROLLED, first=span.first, last=span.last)))
        if running and (last is None or last < running.first) and running.last - look.today <= SOON:
            found.append(Trace("risk", person, None, ("duty_week", running.first), None, running.last,
                               m.Text(_CONTROL_DUE, day=running.last)))
    return found


_UNANALYSED = m.N_("control works of %(period)s are not analysed")


def analysis(look: Look):
    """Control works are analysed once a period (CTL-14)."""
    return [Trace("broken" if row.ends < look.today else "risk", row.person, look.class_of(row.course), ("analysis",), row.course, row.ends,
                  m.Text(_UNANALYSED, period=row.period_name), count=1)
            for row in look.seen(_upkeep).analysis if row.course in look.journals]


_UNTRAINED = m.N_("at no seminar about the journal this year: %(name)s")


def training(look: Look):
    """Class teachers took part in a seminar this year (CTL-18)."""
    classes = {each.name: each.id for each in look.classes.values()}
    return [Trace("broken", look.class_teachers.get(classes.get(name)), classes.get(name), ("training",),
                  what=m.Text(_UNTRAINED, name=person), name=name) for name, person in look.seen(_upkeep).untrained]


# ---- remarks, corrections, requests ----

_UNANSWERED, _AWAITED = m.Text(m.N_("a remark without an answer in time")), m.Text(m.N_("a remark waits for an answer"))
_ANSWERED = m.Text(m.N_("an answered remark waits to be closed"))


def _open_remarks(look):
    row = m.JournalRemark
    return row.select(row.id, row.person, row.school_class, row.course, row.due, row.answered_at.is_null(False)).where(
        row.closed_at.is_null())


@asks(_open_remarks)
def remarks(look: Look):
    """Remarks are answered by their day (CTL-03)."""
    found = []
    for number, person, school_class, course, told, answered in look.told(_open_remarks):
        last = day_of(told)
        late = last is not None and last < look.today
        state, what = ("noted", _ANSWERED) if answered else ("broken", _UNANSWERED) if late else ("risk", _AWAITED)
        found.append(Trace(state, person, school_class or look.class_of(course), ("remark", number), course, last, what))
    return found


_WAITING, _MENDED = m.Text(m.N_("a request for a correction waits for a decision")), m.Text(m.N_("corrected by permission"))


def _corrections(look):
    row, decision, cell = m.Correction, m.CorrectionDecision, m.CorrectionCell
    mended = fn.COUNT(cell.mended_at)
    return row.select(row.id, row.course, row.asked_by, row.asked_at, decision.id, mended).join(decision, JOIN.LEFT_OUTER).join_from(
        row, cell, JOIN.LEFT_OUTER).where((row.year == look.year) & row.withdrawn_at.is_null()).group_by(
        row.id, row.course, row.asked_by, row.asked_at, decision.id)


@asks(_corrections)
def corrections(look: Look):
    """Requests to change what is closed wait for nobody too long; what was changed by permission is shown (MRK-08)."""
    found = []
    for number, course, person, asked, decided, changed in look.told(_corrections):
        day = moment_of(asked).date()
        if decided is None or changed and day >= look.first:
            found.append(Trace("risk" if decided is None else "noted", person, look.class_of(course), ("correction", number), course, day,
                               _WAITING if decided is None else _MENDED, count=changed or 1))
    return found


_ASKED = m.Text(m.N_("a request to correct a list or a card waits"))


def _list_requests(look):
    row = m.ListRequest
    return row.select(row.id, row.school_class, row.asked_at).where(row.state == "asked")


@asks(_list_requests)
def requests(look: Look):
    """Requests to correct lists and cards wait for an answer (CNT-03, CNT-12)."""
    return [Trace("risk", None, school_class, ("list_request", number), None, moment_of(asked).date(), _ASKED,
                  look.classes[school_class].name if school_class in look.classes else "")
            for number, school_class, asked in look.told(_list_requests)]


# ---- marks put off and held back ----

_OVERDUE, _PUT_OFF = m.N_("put off until %(day)s, and no mark since"), m.N_("put off until %(day)s")


def _running(look):
    row = m.Deferral.running().where(m.PeriodMark.course.in_(list(look.journals))).order_by()
    return row.select(m.Deferral.until, m.PeriodMark.course, m.PeriodMark.period, m.Person.surname, m.Person.name)


@asks(_running)
def deferrals(look: Look):
    """A mark that was put off is put by its day (FIN-08, FIN-09)."""
    found = []
    for told, course, period, surname, name in look.told(_running):
        until = day_of(told)
        state = "broken" if until < look.today else "risk" if until - look.today <= DEFERRED_SOON else "noted"
        found.append(Trace(state, look.teacher_of(course), look.class_of(course), ("results", course, period), course, until,
                           m.Text(_OVERDUE if state == "broken" else _PUT_OFF, day=until), f"{surname} {name}"))
    return found


_HELD = m.Text(m.N_("marks held back; they come out by themselves in time"))


def _held(look):
    row = m.ResultHold
    return row.select(row.set_by, row.school_class, row.period, row.set_at, m.SchoolClass.name).join(m.SchoolClass).where(
        row.lifted_at.is_null())


@asks(_held)
def holds(look: Look):
    """Period marks held back from families; each comes out by itself when the limit is over (FIN-12, FIN-13)."""
    return [Trace("noted", person, school_class, ("closing", period), None, moment_of(at).date(), _HELD, name)
            for person, school_class, period, at, name in look.told(_held)]


# ---- breaches of confidentiality ----

_TOLD_LATE, _UNTOLD = m.Text(m.N_("told late")), m.N_("not told yet: %(whom)s")
_NO_ACT = m.Text(m.N_("the act is not approved yet"))


def _told_of(look):
    return m.BreachNotice.select(m.BreachNotice.breach, m.BreachNotice.whom, m.BreachNotice.late)


@asks(_told_of)
def breaches(look: Look):
    """Head and support are told of a breach in time, and the act is approved (SEC-11 … SEC-14)."""
    told: dict[int, dict] = {}
    for breach, whom, late in look.told(_told_of):
        told.setdefault(breach, {})[whom] = late
    found, is_school_day = [], rulebook.breach_due.SchoolDays()
    for case in m.Breach.whole().where(m.Breach.declined_at.is_null()):
        at = case.discovered_at.astimezone(clock.zone())
        if at.date() < look.first and case.restored_at:
            continue
        link = "breach", case.id
        waiting = [whom for whom in look.rules.value("breach.notify_whom") if whom not in told.get(case.id, ())]
        if waiting:
            limit, _clause = rulebook.breach_due.limit_of(look.rules, case, "head", is_school_day)
            whom = m.Text(m.N_("head and support") if len(waiting) > 1 else _WHOM[waiting[0]])
            found.append(Trace("risk" if in_time(limit, look.now) else "broken", None, None, link, None, at.date(),
                               m.Text(_UNTOLD, whom=whom), f"№ {case.id}"))
        if any(told.get(case.id, {}).values()):
            found.append(Trace("lapsed", None, None, link, None, at.date(), _TOLD_LATE, f"№ {case.id}"))
        paper = getattr(case, "paper", None)
        if look.rules.value("breach.act_required") and not (paper and paper.approved_at):
            found.append(Trace("risk", None, None, link, None, at.date(), _NO_ACT, f"№ {case.id}"))
    return found


_WHOM = {"head": m.N_("the head"), "support": m.N_("technical support")}


PROBES = (
    probe("lists", m.N_("Lists of classes by September"), "CNT-01 CNT-02", "contingent.deadline", lists, SCHOOL),
    probe("data", m.N_("Data of pupils checked"), "CNT-04 CNT-05 LEG-15", "contingent.check_interval", data, CLASS),
    probe("absence_checks", m.N_("Absences checked by class teachers"), "ATT-05", "attendance.ct_check_interval", absences, CLASS),
    probe("control", m.N_("Control by the administration"), "CTL-01 CTL-02", "control.interval", control, SCHOOL),
    probe("analysis", m.N_("Control works analysed"), "CTL-14", "analysis.control_work", analysis),
    probe("training", m.N_("Seminars"), "CTL-18", "training.required", training, CLASS),
    probe("remarks", m.N_("Remarks and answers"), "CTL-03", "", remarks),
    probe("corrections", m.N_("Corrections by permission"), "MRK-08", "", corrections),
    probe("requests", m.N_("Requests to correct lists"), "CNT-03 CNT-12", "rights.contingent_editor rights.card_editor", requests, SCHOOL),
    probe("deferrals", m.N_("Marks that were put off"), "FIN-08 FIN-09", "final.instead_of_na", deferrals),
    probe("holds", m.N_("Results visible to families"), "FIN-12 FIN-13", "final.publish_limit", holds, SCHOOL),
    probe("breaches", m.N_("Breaches of confidentiality"), "SEC-11 SEC-12 SEC-13 SEC-14", "breach.notify_limit", breaches, SCHOOL),
)
