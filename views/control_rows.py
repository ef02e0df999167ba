"""What the screens of closing show of rulebook.closing, in words and ready numbers; nothing is judged here."""

from types import SimpleNamespace

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import models as m
import policies
import rulebook.changes
import rulebook.closing as closing
import rulebook.rules
import rulebook.signing as signing
from formulas import DEFERRED
from rulebook.plans import in_hours
from rulebook.words import value_in_words
from views import closing_words, correction_form, results_rows
from views.frame import ROLE_NAMES
from views.language import day, moment, say

MOST_CHANGES = 300
ENTRIES = {"mark": N_("mark"), "absence": N_("attendance code"), "period_mark": N_("mark of the period"), "lesson": N_("topic")}
# on which ground an entry of a closed period was changed → (words, colour of the tag)
GROUNDS = {"protocol": (N_("by a request"), "ok"), "opened": (N_("the period was open"), ""), "breach": (N_("by a breach"), ""),
           "none": (N_("without a permission"), "bad")}


def overview(period, classes, rules, now, group: str) -> dict:
    """The page of a period: its classes with their state, what was found in groups, until when, holds, the history."""
    parts, history = closing.survey(period, classes, rules, now), list(m.PeriodClosure.of_period(period).limit(200))
    own, holds = closing.by_class(parts), _holds(period)
    standing = {}
    for row in history:
        standing.setdefault(row.school_class_id, row)
    rows = [_class_row(each, own[each.id], standing.get(each.id), holds.get(each.id), now) for each in classes]
    reminded = signing.reminded(period)
    open_parts = [part for row in rows if row.state != "closed" for part in own[row.school_class.id]]
    teachers = closing.by_teacher(open_parts)
    groups = {"class": lambda: [_class_group(row, own[row.school_class.id], period) for row in rows],
              "teacher": lambda: [_teacher_group(period, *each, reminded, now) for each in teachers],
              "kind": lambda: _kind_groups(open_parts, rows, period)}[group]()
    return {"rows": rows, "groups": groups, "history": history, "put": sum(row.put for row in rows),
            "expected": sum(row.expected for row in rows), "found": sum(closing.totals(open_parts).values()),
            "teachers": sum(person is not None for person, _name, _parts in teachers), "limit": limit(rules),
            "due": _due(period, classes, rules, now) if any(row.state != "closed" for row in rows) else None,
            "state_of": lambda row: "open" if row.reopened_at and not row.stands(now) else "closed"}


def _class_row(school_class, parts, closure, hold, now) -> SimpleNamespace:
    """state: closed · stops · asks · ready; `open_until`: opened again by a paper."""
    closed = closure is not None and closure.stands(now)
    state = "closed" if closed else "stops" if closing.totals(parts, "block") else "asks" if closing.totals(parts, "reason") else "ready"
    opened = closure if closure and not closed and closure.closed_again_at is None else None
    held = [part for part in parts if getattr(part.course, "here", True)]
    return SimpleNamespace(school_class=school_class, state=state, closure=closure if closed else None, opened=opened, hold=hold,
                           put=sum(part.journal.put for part in held), expected=sum(part.journal.expected for part in held),
                           put_off=sum(line.value in DEFERRED for part in held for line in part.journal.here))


def _holds(period) -> dict:
    return {row.school_class_id: row for row in m.ResultHold.standing().where(m.ResultHold.period == period.id)}


def _due(period, classes, rules, now) -> SimpleNamespace | None:
    """Until when marks are put, the earliest where orders differ by class, counted down."""
    ordered = set(closing.orders(period, classes).values()) or {None}
    limits = [(*closing.due(period, rules, day), day) for day in ordered]
    limits = sorted((each for each in limits if each[1]), key=lambda each: each[1])
    if not limits:
        return None
    first, last, clause, day = limits[0]
    left = (last.date() - now.date()).days
    return SimpleNamespace(words=results_rows.due(None, last, clause, day), left=left, over=last < now)


def _journal_in_class(school_class):
    def name(part) -> str:
        unit = part.course.unit
        return part.course.subject.name + (f" ({unit.name})" if unit.name != school_class.name else "")
    return name


def _class_group(row, parts, period) -> SimpleNamespace:
    own = row.school_class
    shown = [] if row.state == "closed" else parts
    return SimpleNamespace(
        title=own.name, href=url_for("results.of_class", school_class=own.id, period=period.id), row=row, person=None,
        tags=closing_words.tags(closing.totals(shown), closing_words.severities(shown)),
        note=_marks(row),
        rows=closing_words.rows_by_kind(shown, period, _journal_in_class(own)))


def _marks(row) -> str:
    if not row.expected:
        return _("Taught without marks")
    put = _("%(put)s of %(all)s period marks are put", put=row.put, all=row.expected)
    return ", ".join([put, *([_("put off: %(n)s", n=row.put_off)] if row.put_off else [])])


def _teacher_group(period, person, name, parts, reminded, now) -> SimpleNamespace:
    notice = reminded.get(person)
    return SimpleNamespace(
        title=name or _("Without a teacher now"), href=person and url_for("control.of_teacher", number=period.id, person=person), row=None,
        person=person, tags=closing_words.tags(closing.totals(parts), closing_words.severities(parts)), note=_reminded(notice),
        lately=notice is not None and now - notice.created_at < signing.REMINDED_LATELY,
        rows=closing_words.rows_by_kind(parts, period, closing_words.journal_name))


def _reminded(notice) -> str:
    if notice is None:
        return ""
    at = moment(notice.created_at)
    return _("reminded %(at)s, read", at=at) if notice.read_at else _("reminded %(at)s, not read yet", at=at)


def _kind_groups(parts, rows, period) -> list[SimpleNamespace]:
    """A group a kind of obstacle, a row a class."""
    strict, clause, found = closing_words.severities(parts), closing_words.clauses(parts), []
    for what, count in closing.totals(parts).items():
        lines = []
        for row in rows:
            name = _journal_in_class(row.school_class)
            own = [(part, each) for part in parts if part.school_class == row.school_class.id for each in part if each.what == what]
            if own:
                count = in_hours(sum(each.count for _part, each in own))
                lines.append(SimpleNamespace(
                    what=what, title=row.school_class.name, clause="", manner="", tone="", count=count, more=0,
                    places=[(f"{name(part)} {in_hours(each.count)}", closing_words.journal_address(what, each, part.course.id, period.id))
                            for part, each in own]))
        tag = SimpleNamespace(title=closing_words.manner(strict[what]), count=in_hours(count), tone=closing_words.TONES[strict[what]])
        found.append(SimpleNamespace(title=closing_words.title(what), href=None, row=None, person=None, tags=[tag], rows=lines,
                                     note=_("cl. %(clause)s", clause=clause[what]) if clause[what] else ""))
    return found


def limit(rules) -> SimpleNamespace | None:
    """How long marks may be held back from families, in words: `span` «72 ч», `clause` « (п. 9.3)»; None without a limit."""
    rule = rules["final.publish_limit"]
    if policies.publish_limit(rules) is None:
        return None
    span = say(value_in_words(rulebook.rules.schema()[rule.key], rule.value))
    clause = _("cl. %(clause)s", clause=rule.clause) if rule.clause else ""
    return SimpleNamespace(span=span, clause=clause and f" ({clause})")


# ---- the list of a teacher ----

def of_teacher(period, classes, rules, now, person: int, courses: set[int]) -> dict:
    """Journal by journal, place by place; with the signatures of the teacher and whether they still hold."""
    parts = closing.survey(period, classes, rules, now, courses)
    whole = {part.course.id: part.course for part in parts}
    signed = m.JournalSignature.newest(period, whole)
    digests = signing.signatures_of_courses([whole[number] for number in signed], period) if signed else {}
    journals: dict[int, SimpleNamespace] = {}
    for part in parts:
        one = journals.setdefault(part.course.id, SimpleNamespace(
            course=part.course, name=closing_words.journal_name(part), obstacles=[], put=0, expected=0, stopped=False,
            signed=signed.get(part.course.id), holds=signed.get(part.course.id) and signed[part.course.id].digest
            == digests[part.course.id]["digest"]))
        one.obstacles += closing_words.listed(part, part.journal, period)
        one.put, one.expected = one.put + part.journal.put, one.expected + part.journal.expected
        one.stopped = one.stopped or any(each.stops for each in part)
    notice = signing.reminded(period).get(person)
    return {"journals": sorted(journals.values(), key=lambda one: (not one.obstacles, one.name)), "due": _due(period, classes, rules, now),
            "reminded": _reminded(notice), "lately": notice is not None and now - notice.created_at < signing.REMINDED_LATELY}


# ---- closing ----

def to_close(period, chosen, rules, now) -> list[SimpleNamespace]:
    """Each of the chosen classes with what is said of closing it: `problem` stops it, `asked` wants a reason, `warned` is told."""
    own = closing.by_class(closing.survey(period, chosen, rules, now))
    shut = {number for number, in m.PeriodClosure.standing(now).where(m.PeriodClosure.period == period.id).select(
        m.PeriodClosure.school_class).tuples()}
    found = []
    for each in chosen:
        parts = own[each.id]
        problem = _("Closed already.") if each.id in shut else closing.may_close(parts, knowingly=True)
        found.append(SimpleNamespace(school_class=each, problem=problem and say(problem), asked=_said(closing.totals(parts, "reason")),
                                     warned=_said(closing.totals(parts, "warn"))))
    return found


def _said(totals: dict) -> str:
    return say(closing.in_words(totals)) if totals else ""


def signature(closure, now) -> dict:
    """What was signed, what stands now, what was left as it was."""
    signed = signing.signatures(closure.period, [closure.school_class])[closure.school_class_id]
    left = dict(each.split("=") for each in closure.left.split())
    changes = rulebook.changes.of_closure(closure)
    return {"now": signed, "holds": signed["digest"] == closure.digest, "all_changes": len(changes),
            "changes": [(each, _name_of(each), _address_of(each), GROUNDS[each.ground]) for each in changes[-MOST_CHANGES:][::-1]],
            "stands": closure.stands(now),
            "role": ROLE_NAMES.get(closure.role, ""),
            "left": [(closing_words.title(what), n) for what, n in left.items() if what in closing.TITLES],
            "entries": ngettext("%(num)s entry", "%(num)s entries", closure.entries)}


def _name_of(change) -> str:
    """«7Б, Алгебра, 12 ноября: отметка, Ученикова Анна»"""
    kinds = correction_form.kinds()
    where = ", ".join(filter(None, (change.journal, change.day and day(change.day), kinds.get(change.kind, ""))))
    return f"{where}: {', '.join(filter(None, (str(ENTRIES[change.what]), change.name)))}"


def _address_of(change) -> str:
    """The whole history of the cell; of a topic its lesson."""
    if change.pupil is None:
        return url_for("lesson.page", lesson=change.lesson, _anchor="topic")
    return url_for("journal.cell_history", course=change.course, pupil=change.pupil, lesson=change.lesson, work=change.work,
                   period=change.period, kind=change.kind if change.kind in m.RESULT_KINDS[1:] else None)


# ---- the table for Excel ----

def sheet(parts, classes) -> tuple[list[str], list[list]]:
    """(heads, lines): every place of every obstacle, then every mark that is not the computed one with its reason (FIN-14)."""
    names = {each.id: each.name for each in classes}
    heads = [_("Class"), _("Journal"), _("Teacher"), _("What"), _("How strictly"), _("Clause"), _("Pupil"), _("Lesson"), _("Count"),
             _("Reason")]
    lines = [[names[part.school_class], closing_words.journal_name(part), part.teacher_name, closing_words.title(each.what),
              closing_words.manner(each.severity), each.clause, place.name, place.day, float(place.count), place.kind]
             for part in parts for each in part for place in each.places]
    lines += [[names[part.school_class], closing_words.journal_name(part), part.teacher_name,
               _("%(computed)s computed, %(value)s put", computed=line.standing.computed, value=line.value), "", "", line.name, None, 1,
               line.standing.reason]
              for part in parts for line in part.journal.here
              if line.standing and line.standing.computed and line.value != line.standing.computed and line.facts.is_mark(line.value)]
    return heads, lines
