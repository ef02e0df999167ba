"""The family's read-only diary: a week, the marks by subject, the results, the topics covered.

Whose diary it may be is one question to the gate (ACC-02); every page then reads the records of that pupil alone, by the
units the pupil was in on the day. Sources: INF-01, INF-14, PLN-09, FIN-17.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import clock
import marking
import models as m
import policies
import rulebook.due
import rulebook.rules
import rulebook.talk
import rulebook.tickets
from views import diary_about, diary_marks, uploads, visitor
from views.language import day as in_words

bp = Blueprint("diary", __name__, url_prefix="/diary")

HOMEWORK_REACH = timedelta(days=21)  # how far back homework for a coming lesson may have been set, holidays included
YEARS = range(2000, 2100)

ABSENT = {
    marking.UNEXPLAINED: N_("was absent, the reason is not known yet"),
    marking.SICK: N_("was absent through illness"),
    marking.REASON: N_("was absent for a valid reason"),
    marking.TRUANT: N_("was absent without a valid reason"),
    marking.TARDY: N_("came late"),
    marking.FREE: N_("was released from the lesson"),
}


@dataclass
class Card:
    """A pupil as the diary's head shows one: the record and the enrolments by date."""

    pupil: m.Pupil
    enrolments: list = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.pupil.id

    def enrolment(self, day: date):
        """The enrolment in force on a day, or None."""
        return next((e for e in self.enrolments if e.starts <= day and (e.ends is None or day <= e.ends)), None)

    def school_class(self, day: date):
        """The class on a day, or else the last one before it, or the first; None for a pupil never enrolled."""
        past = [e for e in self.enrolments if e.starts <= day]
        known = self.enrolment(day) or (past or self.enrolments[:1] or [None])[-1]
        return known.school_class if known else None


@bp.get("/")
def own():
    """To the first of the own children, or to oneself."""
    cards = _cards(policies.visible(visitor.user(), m.Pupil).where(m.Pupil.id.in_(visitor.user().pupils)))
    if not cards:
        return render_template("diary/nobody.html")
    return redirect(url_for(".week", number=cards[0].id, week=request.args.get("week"), _anchor="today"))


@bp.get("/<number>")
def week(number: str):
    monday = _monday(request.args.get("week"))
    card, cards = _reader(number, "diary")
    user = visitor.user()
    own = card.id in user.pupils
    news = rulebook.due.read([rulebook.tickets.news(user.person), *([rulebook.talk.unread_on_board(user)] if own else [])])
    return _page("week", card, cards, monday=monday, today=clock.today(), title=_span(monday), own=own,
                 board=rulebook.talk.newest_first(news), answered=news.get("ticket answered", []), **_week(card, monday))


@bp.get("/<number>/marks")
def marks(number: str):
    card, cards = _reader(number, "marks")
    day = _day(request.args["day"]) if request.args.get("day") else None
    facts = diary_marks.by_subject(card, clock.today(), request.args.get("period"), request.args.get("subject"), day)
    return _page("subject" if facts["chosen"] else "marks", card, cards, **facts)


@bp.get("/<number>/results")
def results(number: str):
    card, cards = _reader(number, "results")
    return _page("results", card, cards, **diary_marks.results(card, clock.today(), request.args.get("year")))


@bp.get("/<number>/topics")
def topics(number: str):
    card, cards = _reader(number, "topics")
    if not rulebook.rules.rules_on(clock.today()).value("plan.public_progress"):
        return _page("topics", card, cards, rows=[], chosen=None, hidden=True)
    return _page("topics", card, cards, **diary_marks.progress(card, clock.today(), request.args.get("subject")))


@bp.get("/<number>/about")
def about(number: str):
    card, cards = _reader(number, "about")
    return _page("about", card, cards, **diary_about.facts(card, clock.today()))


@bp.get("/files/<number>")
def file(number: str):
    """A file of a homework, to those who see the homework."""
    return uploads.sent(policies.find(visitor.user(), m.Attachment, number))


@bp.get("/materials/<number>")
def material(number: str):
    """A file of a lesson, to those who see the lesson."""
    return uploads.sent(policies.find(visitor.user(), m.Material, number))


# ---- whose diary ----

def _reader(number: str, page: str) -> tuple[Card, list[Card]]:
    """The pupil, if whoever looks may read the diary, and the own children to switch between; 403 otherwise."""
    user = visitor.user()
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    ids = user.pupils if wanted in user.pupils else (wanted,)
    cards = _cards(policies.visible(user, m.Pupil).where(m.Pupil.id.in_(ids)))
    card = next((card for card in cards if card.id == wanted), None)
    if card is None or not policies.allows(user, "diary", card.pupil):
        visitor.turned_away(page, pupil=wanted)
        abort(403)
    if wanted not in user.pupils:
        visitor.looked(page, pupil=wanted)
    return card, cards


def _cards(among) -> list[Card]:
    cards: dict[int, Card] = {}
    for pupil in m.Pupil.with_classes(among):
        card = cards.setdefault(pupil.id, Card(pupil))
        if getattr(pupil, "enrolment", None):
            card.enrolments.append(pupil.enrolment)
    return list(cards.values())


def _page(name: str, card: Card, cards: list[Card], **facts):
    today = clock.today()
    kids = [{"id": other.id, "name": other.pupil.person.name or other.pupil.person.surname,
             "class": other.school_class(today), "current": other is card} for other in cards]
    return render_template(f"diary/{name}.html", card=card, person=card.pupil.person, kids=kids, page=name,
                           class_name=card.school_class(facts.get("monday", today)), **facts)


# ---- a week ----

def _monday(text: str | None) -> date:
    """Monday of the week asked for; on a Sunday without a wish the next week, because that is what is ahead."""
    if not text:
        today = clock.today()
        return today - timedelta(days=today.weekday()) + timedelta(days=7 if today.weekday() == 6 else 0)
    asked = _day(text)
    return asked - timedelta(days=asked.weekday())


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    return day if day.year in YEARS else abort(400)


def _week(card: Card, monday: date) -> dict:
    sunday, today = monday + timedelta(days=6), clock.today()
    since = monday - HOMEWORK_REACH if sunday >= today else monday
    lessons = list(m.Lesson.of_pupil(card.id, since, sunday).namedtuples())
    given, due = _homework(card.id, lessons)
    notes = _notes(card.id, monday, sunday)
    carried = m.Material.of_lessons([lesson.id for lesson in lessons if lesson.carries and lesson.day >= monday])
    rows = [_row(lesson, given, due, notes, today) | {"materials": carried.get(lesson.id, [])}
            for lesson in lessons if lesson.day >= monday]
    return {"days": _days(card, monday, rows, today), "previous": monday - timedelta(days=7),
            "following": monday + timedelta(days=7), "lessons": len(rows),
            "enrolled": any(card.enrolment(monday + timedelta(days=n)) for n in range(7))}


def _homework(pupil: int, lessons) -> tuple[dict, dict]:
    """The pupil's homework by the lesson it was given at, and by the one it is for: its own date, or else the course's next lesson."""
    tasks: dict[int, list] = {}
    for row in m.Homework.of_pupils([pupil]).where(m.Homework.lesson.in_([lesson.id for lesson in lessons])).order_by(m.Homework.id):
        tasks.setdefault(row.lesson_id, []).append(row)
    files = _files([row.id for rows in tasks.values() for row in rows])
    given, due, later = {}, {}, {}
    for lesson in reversed(lessons):
        ahead = later.setdefault(lesson.course, [])
        for row in tasks.get(lesson.id, ()):
            target = _target(row, ahead)
            task = {"text": _unbroken(row.text), "not_set": row.not_set, "files": files.get(row.id, []), "minutes": row.minutes,
                    "alone": bool(row.pupil_id), "day": row.due or (target.day if target else None)}
            given.setdefault(lesson.id, []).append(task)
            if target and not row.not_set:
                due.setdefault(target.id, []).append(task)
        if lesson.state != "cancelled":
            ahead.append(lesson)
    return given, due


def _unbroken(text: str) -> str:
    """«§ 7» and «№ 498» stay on one line."""
    return text.replace("§ ", "§\u00a0").replace("№ ", "№\u00a0")


def _target(homework, ahead):
    if homework.due:
        return next((other for other in ahead if other.day == homework.due), None)
    return ahead[-1] if ahead else None


def _files(homework: list[int]) -> dict[int, list]:
    files: dict[int, list] = {}
    if homework:
        for file in m.Attachment.select().where(m.Attachment.homework.in_(homework)).order_by(m.Attachment.id):
            files.setdefault(file.homework_id, []).append(file)
    return files


def _notes(pupil: int, first: date, last: date) -> dict[str, dict]:
    """Marks, absence in words and remarks, each by lesson."""
    notes = {"marks": {}, "absence": {}, "remarks": {}}
    for mark in m.Mark.of_pupil(pupil, first, last).namedtuples():
        notes["marks"].setdefault(mark.lesson, []).append(
            {"value": mark.value, "kind": diary_marks.short_kind(mark.kind), "work": diary_marks.kind_name(mark.kind)})
    for absence in m.Absence.of_pupil(pupil, first, last).namedtuples():
        notes["absence"][absence.lesson] = {"code": absence.code, "words": _absence_in_words(absence),
                                            "late": absence.code in m.codes().late}
    for remark in m.Remark.of_pupil(pupil, first, last):
        notes["remarks"].setdefault(remark.lesson_id, []).append(remark)
    return notes


def _absence_in_words(absence) -> str:
    meaning = m.codes()[absence.code].meaning
    if meaning == marking.TARDY and absence.minutes:
        return _("came %(n)s min late", n=absence.minutes)
    if meaning == marking.UNEXPLAINED and rulebook.rules.rules_on(clock.today()).value("entry.absence_code_scope") == "unexcused_only":
        meaning = marking.TRUANT
    return str(ABSENT[meaning])


def _row(lesson, given: dict, due: dict, notes: dict, today: date) -> dict:
    substitute = " ".join(p for p in (lesson.sub_surname, lesson.sub_name, lesson.sub_patronymic) if p)
    return {"lesson": lesson, "times": _times(lesson), "room": lesson.room, "cancelled": lesson.state == "cancelled",
            "substitute": substitute and m.short_name(lesson.sub_surname, lesson.sub_name, lesson.sub_patronymic),
            "given": given.get(lesson.id, []), "due": due.get(lesson.id, []) if lesson.day >= today else [],
            "marks": notes["marks"].get(lesson.id, []), "absence": notes["absence"].get(lesson.id),
            "remarks": notes["remarks"].get(lesson.id, [])}


def _times(lesson) -> str:
    return f"{lesson.starts:%-H:%M}–{lesson.ends:%-H:%M}" if lesson.starts and lesson.ends else ""


def _days(card: Card, monday: date, rows: list[dict], today: date) -> list[dict]:
    school_class = card.school_class(monday + timedelta(days=6))
    off, remote = _days_by_calendar(school_class, monday)
    days = []
    for n in range(7):
        day = monday + timedelta(days=n)
        lessons = [row for row in rows if row["lesson"].day == day]
        if lessons or n < (school_class.week_days if school_class else 5):
            days.append({"day": day, "name": format_date(day, "EEEE").capitalize(), "today": day == today,
                         "off": off.get(day, ""), "remote": remote.get(day), "rows": lessons})
    return days


def _days_by_calendar(school_class, monday: date) -> tuple[dict, dict]:
    """Of this class in the week: the names of days without lessons, and the orders of days at a distance (SUB-04)."""
    off, remote = {}, {}
    holidays = m.Holiday.select().where((m.Holiday.starts <= monday + timedelta(days=6)) & (m.Holiday.ends >= monday))
    for holiday in holidays if school_class else ():
        days = m.each_day(holiday.starts, holiday.ends)
        if holiday.kind == "distance" and holiday.concerns(school_class):
            remote.update(dict.fromkeys(days, holiday))
        elif holiday.kind != "working" and holiday.concerns(school_class):
            off.update(dict.fromkeys(days, holiday.name))
    return off, remote


def _span(monday: date) -> str:
    """«14–20 декабря», «28 декабря – 3 января»."""
    last = monday + timedelta(days=6)
    return f"{monday.day}–{in_words(last)}" if monday.month == last.month else f"{in_words(monday)} – {in_words(last)}"
