"""«Мои дела»: what is due for the person, and the pages where it is done: the class teacher's list, data and absences (CNT-04, CNT-05,
ATT-05), the analysis of control works (CTL-14), seminars (CTL-18). `desk` is the short form for the first pages."""

from datetime import date, timedelta
from types import SimpleNamespace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _

import clock
import models as m
import policies
import rulebook.attendance
import rulebook.class_data
import rulebook.due
import rulebook.duties
import rulebook.list_requests
import rulebook.talk
import rulebook.upkeep
from views import visitor
from views.language import day as in_words
from views.language import moment, say

bp = Blueprint("duties", __name__, url_prefix="/duties")

SHOWN, NOTICES, LISTED = 4, 3, 30
LOOK_BACK = timedelta(days=30)
ABSENT_LONG = timedelta(days=7)  # ATT-05: an absence without a reason older than a week stands out


def register(app):
    app.register_blueprint(bp)
    app.jinja_env.globals.update(due_day=due_day, span_words=span_words)


def due_day(due) -> str:
    """The day of a deadline, with the time where it has one."""
    if not isinstance(due, date):
        return ""
    if not hasattr(due, "hour"):
        return in_words(due)
    local = due.astimezone(clock.zone())
    return in_words(local.date()) if (local.hour, local.minute) == (23, 59) else moment(due)


def span_words(span) -> str:
    """«октябрь» of a whole month, «9–15 ноября», «30 ноября – 6 декабря»."""
    if span == rulebook.due.span_of("P1M", span.first):
        return format_date(span.first, "LLLL")
    if span.first.month == span.last.month:
        return f"{span.first.day}–{in_words(span.last)}"
    return f"{in_words(span.first)} – {in_words(span.last)}"


# ---- on the first pages ----

def desk(user) -> SimpleNamespace:
    """The most urgent duties, the newest unread notices and what is announced, for «Сегодня»; one statement besides the regulation."""
    unread = m.Notice.select().where((m.Notice.person == user.person) & m.Notice.read_at.is_null())
    duties, found = rulebook.duties.of(user, user.rules, clock.now(), [rulebook.due.fact(
        unread, "notice", one=m.Notice.id, at=m.Notice.created_at, words=m.Notice.said, more=m.Notice.url),
        rulebook.talk.unread_on_board(user)])
    notices = sorted(found.get("notice", ()), key=lambda row: -row.one)
    return SimpleNamespace(
        duties=duties[:SHOWN], more=max(len(duties) - SHOWN, 0), late=sum(duty.late for duty in duties), unread=len(notices),
        board=rulebook.talk.newest_first(found),
        notices=[{"id": row.one, "text": m.Text.restored(row.words), "at": row.at, "url": row.more, "unread": True}
                 for row in notices[:NOTICES]])


@bp.get("/")
def own():
    """Everything that is due for whoever looks, the most urgent first."""
    user = _staff()
    duties, _found = rulebook.duties.of(user, user.rules, clock.now(), lessons=True)
    return render_template("duties/own.html", duties=duties, today=user.today)


# ---- a class: list, data, absences ----

@bp.get("/classes/")
def classes():
    """To the own class; the office to the lists of all."""
    user = _staff()
    if user.classes:
        return redirect(url_for(".of_class", number=user.classes[0]))
    return redirect(url_for("upkeep.school")) if user.reads_all else abort(403)


@bp.get("/classes/<number>")
def of_class(number: str):
    school_class, user = _class(number), visitor.user()
    visitor.looked("class list")
    rows = rulebook.class_data.pupils(school_class, user.today)
    absences = days_of(m.Absence.of_pupils_of(school_class, user.today - LOOK_BACK, user.today).namedtuples(), user.today)
    unrecorded = m.Lesson.unrecorded(user.today - LOOK_BACK, user.today, clock.now().time().replace(tzinfo=None)).where(
        m.Unit.school_class == school_class).limit(LISTED)
    keys = ("contingent.check_interval", "attendance.ct_check_interval")
    month = _month(user.today)
    return render_template(
        "duties/class.html", school_class=school_class, rows=rows, absences=absences, unrecorded=list(unrecorded.namedtuples()),
        checks={kind: list(m.Confirmation.of_classes(kind, [school_class.id]).limit(12)) for kind in ("list", "attendance")},
        rules={key: user.rules[key] for key in keys if rulebook.duties.asked(user.rules, key)},
        spans={key: rulebook.due.span_of(user.rules.value(key), user.today) for key in keys}, today=user.today,
        role=_role(user, school_class), short_name=m.short_name, month=month, month_before=f"{month.first - timedelta(days=1):%Y-%m}",
        systematic=user.rules["attendance.systematic_percent"],
        missed=rulebook.attendance.of_classes(user.rules, [school_class.id], month.first, min(month.last, user.today)))


def _month(today: date):
    """The month asked for of the absences («2026-10»), no later than the one that runs."""
    try:
        day = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        day = today
    return rulebook.attendance.month_of(day if today.replace(year=today.year - 1) <= day <= today else today)


@bp.post("/classes/<number>/list")
def confirm_list(number: str):
    """The list and the data of the class are right as of today."""
    school_class = _class(number)
    user = visitor.user()
    if not policies.allows(user, "confirm", school_class):
        abort(403)
    m.Confirmation.state(visitor.actor(), "list", _role(user, school_class), user.today, school_class=school_class)
    flash(_("The list and the data of %(name)s are confirmed.", name=school_class.name), "success")
    return redirect(url_for(".of_class", number=school_class.id))


@bp.post("/classes/<number>/absences")
def confirm_absences(number: str):
    """The absences of the class are checked."""
    school_class = _class(number)
    if not policies.allows(visitor.user(), "check", school_class):
        abort(403)
    m.Confirmation.state(visitor.actor(), "attendance", "CT", visitor.user().today, school_class=school_class)
    flash(_("The absences of %(name)s are checked.", name=school_class.name), "success")
    return redirect(url_for(".of_class", number=school_class.id) + "#absences")


@bp.post("/classes/<number>/mend")
def mend(number: str):
    """What has to be corrected in the list, asked of those who may (CNT-04)."""
    school_class = _class(number)
    try:
        told = rulebook.list_requests.ask(visitor.user(), visitor.actor(), school_class, None, request.form.get("text", ""))
    except rulebook.list_requests.NotYours:
        abort(403)
    except m.Refused as refusal:
        flash(say(refusal.text), "error")
    else:
        flash(_("Told: %(names)s.", names=", ".join(told)), "success")
    return redirect(url_for(".of_class", number=school_class.id))


def _class(number: str) -> m.SchoolClass:
    user = visitor.user()
    school_class = policies.find(user, m.SchoolClass, number) if user.is_staff else None
    if school_class is None or not policies.allows(user, "results", school_class):
        abort(403)
    return school_class


def _role(user, school_class) -> str:
    """In which role the user confirms the class: its class teacher, or the office."""
    return "CT" if school_class.id in user.classes else next((role for role in ("SEC", "ADM") if user.has(role)), "")


def days_of(rows, today: date) -> list[SimpleNamespace]:
    """Absences as one entry a pupil and day, with the lessons missed."""
    found: dict[tuple, SimpleNamespace] = {}
    for row in rows:
        entry = found.setdefault((row.pupil, row.day), SimpleNamespace(
            pupil=row.pupil, name=f"{row.surname} {row.name}", day=row.day, old=today - row.day > ABSENT_LONG, lessons=[]))
        entry.lessons.append(row)
    return list(found.values())


# ---- analysis of control works (CTL-14) ----

@bp.get("/analysis")
def analysis():
    """Control works of the own journals that wait for their analysis; for leaders those of the whole school."""
    user = _staff()
    rows = rulebook.upkeep.analysis(user.rules, user.today)
    own = [row for row in rows if row.course in user.taught]
    done = m.Confirmation.analyses(None if user.reads_all else user.person, rulebook.due.year_start(user.today))
    return render_template("duties/analysis.html", own=own, others=[row for row in rows if row not in own] if user.reads_all else [],
                           done=list(done.limit(100)), rule=user.rules["analysis.control_work"],
                           asked=rulebook.duties.asks_analysis(user.rules),
                           today=user.today, short_name=m.short_name)


@bp.post("/analysis")
def analysed():
    user = _staff()
    course = policies.find(user, m.Course, request.form.get("course", ""))
    period = policies.find(user, m.Period, request.form.get("period", ""))
    if course is None or period is None or not policies.allows(user, "analyse", course):
        abort(403)
    if not request.form.get("note", "").strip():
        flash(_("Say in a few words what the analysis showed."), "error")
        return redirect(url_for(".analysis"))
    m.Confirmation.state(visitor.actor(), "analysis", "T", user.today, request.form["note"], course=course, period=period)
    flash(_("The analysis is noted."), "success")
    return redirect(url_for(".analysis"))


# ---- seminars (CTL-18) ----

@bp.get("/training")
def training():
    """The register of seminars: date, theme, who came."""
    user = _staff()
    return render_template("duties/training.html", **_training(user), errors={}, typed={}, came=set())


@bp.post("/training")
def held():
    user = _staff()
    if not policies.allows(user, "create", m.Training()):
        abort(403)
    form, facts = request.form, _training(user)
    came = {person.id for person in facts["people"]} & {int(each) for each in form.getlist("person") if each.isascii() and each.isdigit()}
    try:
        m.Training.hold(visitor.actor(), _date(form.get("day", "")), form.get("theme", ""), came, form.get("leader", ""))
    except m.Refused as refusal:
        return render_template("duties/training.html", **facts, errors={refusal.field: say(refusal.text)}, typed=form, came=came), 422
    flash(_("The seminar is in the register."), "success")
    return redirect(url_for(".training"))


def _training(user) -> dict:
    return {"seminars": m.Training.register(rulebook.due.year_start(user.today)), "people": list(m.Employee.names_on(user.today)),
            "may": policies.allows(user, "create", m.Training()), "rule": user.rules["training.required"],
            "untrained": rulebook.upkeep.untrained(user.rules, user.today) if user.reads_all else [], "today": user.today}


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise m.Refused(m.Text(m.N_("Choose the day")), "day") from None
    if day > clock.today():
        raise m.Refused(m.Text(m.N_("The seminar has not been held yet")), "day")
    return day


def _staff():
    user = visitor.user()
    return user if user.is_staff else abort(403)
