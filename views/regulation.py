"""The school's regulation: every rule with its clause, the form that changes one, the ready regulations, the versions.

A change is a new version from a date; what was written before stays judged by the version of its time (LEG-06, LEG-11).
"""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_login import current_user

import clock
import models as m
import policies
import policies_rules
import policies_words
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


@bp.before_request
def _only_leaders():
    if not current_user.has(*READERS):
        abort(403)


@bp.get("/")
def rules():
    """The rules of a version (the one in force unless `version` names another), `q` filters, `rule` opens a rule's form."""
    return _page()


@bp.post("/rules/<key>")
def change(key: str):
    """A new version with one rule changed; `preview` only shows how the value is understood."""
    _only_writers()
    known, newest = policies_rules.schema().get(key), m.RegulationVersion.newest_first().first()
    if known is None or newest is None:
        abort(403)
    try:
        changed = policies_rules.rules_of(newest).changed({key: _parts(known, policies_rules.rules_of(newest)[key])})
        if "preview" in request.form:
            return _page(key, changed, understood=say(policies_words.value_in_words(known, changed.value(key))))
        _check_seen(newest)
        version = newest.amend(visitor.actor(), clock.today(), values=changed.to_json(), starts=_day("starts"),
                               order_no=_word("order_no", 60), note=_(known.title))
    except m.Refused as refusal:
        return _page(key, errors={_field(refusal.field, key): say(refusal.text)}), 422
    flash(_("Version %(number)s is written. It holds from %(day)s.", number=version.number, day=say_day(version.starts)), "ok")
    return redirect(url_for("regulation.rules", version=version.id, rule=key))


@bp.get("/choice")
def choice():
    return _choice_page({"starts": clock.today().isoformat()})


@bp.post("/choice")
def choose():
    """A ready regulation in place of the present one, from a date."""
    _only_writers()
    try:
        chosen = policies_rules.preset(request.form.get("preset", ""))
        order_date = _day("order_date") if _word("order_date", 10) else None
        version = m.Regulation.adopt(
            visitor.actor(), clock.today(), name=_word("name", 200) or chosen.title, preset=chosen.preset,
            values=chosen.to_json(), starts=_day("starts"), order_no=_word("order_no", 60), order_date=order_date)
    except m.Refused as refusal:
        return _choice_page(request.form, {refusal.field or "preset": say(refusal.text)}), 422
    flash(_("The school lives by «%(name)s» from %(day)s.", name=version.regulation.name, day=say_day(version.starts)), "ok")
    return redirect(url_for("regulation.rules", version=version.id))


@bp.get("/versions")
def versions():
    """Every version with what it changed against the one before."""
    rows = list(m.RegulationVersion.newest_first())
    changes = [_changes(newer, older) for newer, older in zip(rows, [*rows[1:], None], strict=True)]
    return render_template("regulation/versions.html", rows=list(zip(rows, changes, strict=True)), standing=_standing(),
                           acts=ACTS, today=clock.today())


# ---- the page of rules ----

def _page(key: str | None = None, shown=None, errors=None, understood=""):
    version = _version()
    newest = m.RegulationVersion.newest_first().first()
    rules_ = shown or (policies_rules.rules_of(version) if version else policies_rules.preset("base"))
    key = key or request.args.get("rule")
    if key and key not in policies_rules.schema():
        abort(403)
    rows = policies_words.describe(rules_)
    return render_template(
        "regulation/rules.html", version=version, newest=newest, rules=rules_, sections=_sections(rows), all=len(rows),
        acts=ACTS, search=request.args.get("q", ""), errors=errors or {}, understood=understood,
        may_write=_may_write() and version is not None, form=_form(rules_, key, errors) if key else None)


def _version():
    """The version asked for, or the one in force, or the first to come."""
    asked = request.args.get("version")
    if asked:
        return policies.find(visitor.user(), m.RegulationVersion, asked) or abort(403)
    if request.method == "POST":
        return m.RegulationVersion.newest_first().first()
    return _standing() or m.RegulationVersion.newest_first().first()


def _standing():
    return m.RegulationVersion.on(clock.today())


def _sections(rows) -> list:
    """(name, rows) of the sections that hold something of what is sought."""
    sought = m.fold(request.args.get("q"))
    kept = [row for row in rows if sought in _searched(row)]
    return [(name, own) for section, name in SECTIONS.items() if (own := [row for row in kept if row.key.section == section])]


def _searched(row) -> str:
    return m.fold(" ".join((_(row.key.title), row.rule.clause, row.key.key, row.rule.text, say(row.value))))


def _form(rules_, key, errors) -> dict:
    """What the form of one rule shows: after a refusal, what was typed."""
    known, rule = policies_rules.schema()[key], rules_[key]
    typed = request.form if errors else {}
    value = rule.value
    return {
        "key": known, "rule": rule, "fields": _refilled(fields_of(known, value, say), typed), "severities": known.severities,
        "severity": typed.get("severity", rule.severity), "clause": typed.get("clause", rule.clause),
        "starts": request.form.get("starts", clock.today().isoformat()), "order_no": request.form.get("order_no", ""),
    }


def _refilled(fields, typed):
    """(field, value to show): the typed one where there is one."""
    if not typed:
        return [(field, field.value) for field in fields]
    return [(field, typed.getlist(field.name) if field.kind == "many" else typed.get(field.name, "")) for field in fields]


# ---- what was sent ----

def _parts(known, rule) -> dict:
    """The parts of the rule as sent; a button of a contradiction's reading stands for its value and clauses."""
    reading = request.form.get("reading", "")
    if reading.isdigit() and int(reading) < len(rule.choices):
        return {"value": rule.choices[int(reading)]["value"]}
    parts = {"value": value_of(known, request.form)}
    if known.severities:
        parts["severity"] = request.form.get("severity", "")
    clause = _word("clause", 40)
    return parts if clause == rule.clause else {**parts, "clause": clause, "clauses": {}}


def _check_seen(newest) -> None:
    if request.form.get("seen") != str(newest.id):
        raise m.Refused(m.Text(m.N_("Somebody wrote version %(number)s meanwhile. Look at it and change the rule again."),
                               number=newest.number), "value")


def _field(name, key) -> str:
    """The form's field a refusal belongs to: a rule's own refusals to its value."""
    return "value" if name in (None, key) else name


def _word(name: str, limit: int) -> str:
    return request.form.get(name, "").strip()[:limit]


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_word(name, 10))
    except ValueError:
        raise m.Refused(m.Text(m.N_("Please give a date.")), name) from None


def _may_write() -> bool:
    return policies.allows(visitor.user(), "create", m.RegulationVersion())


def _only_writers():
    if not _may_write():
        abort(403)


# ---- the choice of a ready regulation, the list of versions ----

def _choice_page(form, errors=None):
    _only_writers()
    ready = [(rules_.preset, rules_.title, [_(row.key.title) for row in policies_words.describe(rules_) if row.rule.note])
             for rules_ in policies_rules.presets()]
    return render_template("regulation/choice.html", ready=ready, form=form, errors=errors or {}, standing=_standing())


def _changes(newer, older) -> list:
    """(rule before or None, rule now) of what differs; nothing for the first version of a regulation."""
    if older is None or older.regulation_id != newer.regulation_id:
        return []
    before = policies_rules.rules_of(older)
    was = {row.key.key: row for row in policies_words.describe(before)}
    now = policies_words.describe(policies_rules.rules_of(newer))
    return [(was[row.key.key], row) for row in now if row.rule != was[row.key.key].rule]


def say_day(day: date) -> str:
    return say(m.Text("%(day)s", day=day))
