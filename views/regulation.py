"""The school's regulation: every rule with its clause and its words, and the form that lays a changed rule into the draft.

What a value means is said while it is typed, what it would change is counted before it holds (rulebook.preview). A draft becomes a new
version from a date (regulation_versions); what was written before stays judged by the version of its time (LEG-06, LEG-11).
"""

from datetime import date, time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_login import current_user

import clock
import models as m
import policies
import rulebook.preview
import rulebook.rules
import rulebook.words
from views import visitor
from views.language import say
from views.regulation_form import fields_of, value_of

bp = Blueprint("regulation", __name__, url_prefix="/regulation")

READERS = ("ADM", "DIR", "ZAV")
SECTIONS = {
    "entry": N_("Deadlines and edits"),
    "results": N_("Marks and results"),
    "access": N_("Access and confidentiality"),
    "school": N_("Lists, control, organisation"),
    "records": N_("Families, paper, storage"),
}
# severity → (what the journal does, sign, colour of the tag)
ACTS = {
    "off": (N_("switched off"), "off", ""),
    "report": (N_("flags it"), "clock", "late"),
    "warn": (N_("warns"), "bell", ""),
    "reason": (N_("asks for a reason"), "edit", "acc"),
    "block": (N_("refuses"), "lock", "bad"),
}
# what is said of a record that a rule judges (rulebook.preview.VERDICTS)
SAID = {"late": N_("later than due"), "told": N_("with a warning"), "reason": N_("only with a reason"), "refused": N_("not saved"),
        "other": N_("another computed mark"), "expired": N_("to be changed now"), "": N_("nothing is said")}
SHOWN_CASES = 6
SUNDAY = 6


@bp.before_request
def only_leaders():
    if not current_user.has(*READERS):
        abort(403)


@bp.get("/")
def rules():
    """The rules of a version (the one in force unless `version` names another), `q` filters, `rule` opens a rule's form."""
    return _page(request.args.get("rule"))


@bp.post("/rules/<key>")
def change(key: str):
    """Lays one rule into the draft; `preview` only shows what the value means and what it would change."""
    only_writers()
    last = _newest_of(key)
    try:
        others = {other: parts for other, parts in drafted().items() if other != key}
        before = rulebook.rules.rules_of(last).changed(others)
        after = before.changed({key: _parts(rulebook.rules.schema()[key], before[key])})
        if "preview" in request.form:
            return _page(key, after, counted=rulebook.preview.effect(before, after, key, rulebook.preview.Look(clock.now())))
        _check_seen(last)
    except m.Refused as refusal:
        return _page(key, errors={_field(refusal.field, key): _helped(key, say(refusal.text))}), 422
    title = _(rulebook.rules.schema()[key].title)
    if after.parts_of(key) == rulebook.rules.rules_of(last).parts_of(key):
        m.RegulationDraft.drop(visitor.actor(), key)
        flash(_("«%(rule)s» stands like this already, so there is nothing for the draft.", rule=title), "warning")
        return redirect(url_for("regulation.rules", rule=key) + "#rule")
    m.RegulationDraft.put(visitor.actor(), {key: after.parts_of(key)})
    flash(_("«%(rule)s» is in the draft. It holds when the draft is written as a version.", rule=title), "ok")
    return redirect(url_for("regulation_versions.draft"))


@bp.get("/rules/<key>/meaning")
def meaning(key: str):
    """What the value in the form means, as a piece of the page, while it is typed."""
    before, known = rulebook.rules.rules_of(_newest_of(key)), rulebook.rules.schema()[key]
    try:
        after = before.changed({key: _parts(known, before[key], request.args)})
    except m.Refused as refusal:
        return render_template("regulation/_meaning.html", problem=_helped(key, say(refusal.text), request.args))
    return render_template("regulation/_meaning.html", meant=meant(known, after[key], after.preset), value=after.value(key))


def meant(key, rule, preset: str) -> list[str]:
    """Sentences on what a rule means: its value, an example with dates of these days, what the journal does, and whether the ready
    regulation has another value under the same clause."""
    texts = (rulebook.words.value_in_words(key, rule.value), rulebook.words.example(key, rule, _sample()),
             rulebook.words.consequence(key, rule.severity), _otherwise(key, rule, rulebook.rules.preset(preset)[key.key]))
    return [say(text) for text in texts if text]


def _otherwise(key, rule, ready) -> m.Text | None:
    if not rule.clause or rule.clause != ready.clause or rule.value == ready.value:
        return None
    return m.Text(m.N_("Clause %(clause)s says: %(value)s. Give the clause of your own document, or leave it empty."), clause=ready.clause,
                  value=rulebook.words.value_in_words(key, ready.value))


def newest() -> m.RegulationVersion | None:
    return m.RegulationVersion.newest_first().first()


def standing() -> m.RegulationVersion | None:
    return m.RegulationVersion.on(clock.today())


def drafted() -> dict[str, dict]:
    """What the draft changes, of the rules that this program knows."""
    return {key: parts for key, parts in m.RegulationDraft.changes().items() if key in rulebook.rules.schema()}


def only_writers() -> None:
    if not may_write():
        abort(403)


def may_write() -> bool:
    return policies.allows(visitor.user(), "create", m.RegulationVersion())


def word(name: str, limit: int) -> str:
    return request.form.get(name, "").strip()[:limit]


def day(name: str) -> date:
    try:
        return date.fromisoformat(word(name, 10))
    except ValueError:
        raise m.Refused(m.Text(m.N_("Please give a date.")), name) from None


def effect_shown(effect) -> dict | None:
    """A counted effect for the page: what was looked at, (verdict, now, then), some of the records with their addresses."""
    if effect is None:
        return None
    cases = [(say(case.words), _address(case.link), SAID[case.was], SAID[case.will]) for case in effect.cases[:SHOWN_CASES]]
    return {"what": say(effect.what), "first": effect.first, "looked": effect.looked, "cases": cases, "all": len(effect.cases),
            "rows": [(SAID[verdict], now, then) for verdict, now, then in effect.rows]}


# ---- the page of rules ----

def _page(key: str | None = None, shown=None, errors=None, counted=False):
    version, last = _version(), newest()
    rules_ = rulebook.rules.rules_of(version) if version else rulebook.rules.preset("base")
    if key and key not in rulebook.rules.schema():
        abort(403)
    drafts = drafted()
    rows = rulebook.words.describe(rules_)
    writes = may_write() and version is not None and version.id == last.id
    form = _form(shown or (rules_.changed(drafts) if writes else rules_), key, errors) if key else None
    return render_template(
        "regulation/rules.html", version=version, newest=last, rules=rules_, sections=_sections(rows), all=len(rows), acts=ACTS,
        search=request.args.get("q", ""), errors=errors or {}, drafted=drafts, may_write=may_write() and version is not None,
        writes=writes, form=form, counted=counted is not False, effect=effect_shown(counted or None),
        readings=m.RegulationReading.of(version.regulation_id) if version else {})


def _version():
    """The version asked for, or the one in force, or the first to come."""
    asked = request.args.get("version")
    if asked:
        return policies.find(visitor.user(), m.RegulationVersion, asked) or abort(403)
    if request.method == "POST":
        return newest()
    return standing() or newest()


def _newest_of(key: str) -> m.RegulationVersion:
    last = newest()
    if key not in rulebook.rules.schema() or last is None:
        abort(403)
    return last


def _sections(rows) -> list:
    """(name, rows) of the sections that hold something of what is sought."""
    sought = m.fold(request.args.get("q"))
    kept = [row for row in rows if sought in _searched(row)]
    return [(name, own) for section, name in SECTIONS.items() if (own := [row for row in kept if row.key.section == section])]


def _searched(row) -> str:
    return m.fold(" ".join((_(row.key.title), row.rule.clause, row.key.key, row.rule.text, say(row.value))))


def _form(rules_, key, errors) -> dict:
    """What the form of one rule shows: after a sending, what was typed."""
    known, rule = rulebook.rules.schema()[key], rules_[key]
    typed = request.form if request.method == "POST" else None
    return {
        "key": known, "rule": rule, "fields": fields_of(known, rule.value, typed), "severities": known.severities,
        "severity": typed.get("severity", rule.severity) if typed else rule.severity,
        "clause": typed.get("clause", rule.clause) if typed else rule.clause, "meant": [] if errors else meant(known, rule, rules_.preset),
    }


def _sample() -> rulebook.rules.Event:
    """A lesson of today for examples, whether there is one or not: it begins at nine, the class's last one ends at 13:40."""
    today, year = clock.today(), m.Year.on(clock.today())
    calendar = m.Calendar(year) if year else None
    one = m.SchoolClass.select().where(m.SchoolClass.year == year).order_by(m.SchoolClass.sort).first() if year else None
    period = next((each for each in calendar.periods.get(one.period_set_id, ()) if each.ends >= today), None) if one else None
    nine, end = clock.at(today, time(9)), clock.at(today, time(13, 40))
    return rulebook.rules.Event(clock.zone(), today, nine, end, period and period.ends, nine,
                                is_school_day=lambda day: bool(calendar.weekday(one, day)) if one else day.weekday() < SUNDAY)


def _address(link: tuple) -> str:
    kind, *ids = link
    if kind == "staff":
        return url_for("access.staff")
    if kind == "lesson":
        return url_for("lesson.page", lesson=ids[0], _anchor=ids[1])
    if kind == "cell":
        course, period, pupil, lesson = ids
        return url_for("journal.page", course=course, period=period, _anchor=f"cell-{pupil}-{lesson}")
    return url_for("results.page", course=ids[0], period=ids[1], _anchor=f"p-{ids[2]}")


# ---- what was sent ----

def _parts(known, rule, form=None) -> dict:
    """The parts of the rule as sent."""
    form = request.form if form is None else form
    parts = {"value": value_of(known, form)}
    if known.severities:
        parts["severity"] = form.get("severity", "")
    clause = form.get("clause", "").strip()[:40]
    return parts if clause == rule.clause else {**parts, "clause": clause, "clauses": {}}


def _helped(key: str, problem: str, form=None) -> str:
    """A refusal with what may have been meant."""
    form = request.form if form is None else form
    known = rulebook.rules.schema()[key]
    guess = rulebook.words.closest(form.get("value", "")) if known.type == "deadline" else None
    if not guess:
        return problem
    return problem + " " + _("Perhaps you mean %(guess)s: %(words)s.", guess=guess, words=say(rulebook.words.value_in_words(known, guess)))


def _check_seen(last) -> None:
    if request.form.get("seen") != str(last.id):
        raise m.Refused(m.Text(m.N_("Somebody wrote version %(number)s meanwhile. Look at it and change the rule again."),
                               number=last.number), "value")


def _field(name, key) -> str:
    """The form's field a refusal belongs to: a rule's own refusals to its value."""
    return "value" if name in (None, key) else name
