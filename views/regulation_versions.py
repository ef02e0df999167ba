"""Versions of the school's regulation: the draft that becomes one, the list of them, a ready regulation in place of the present one,
and the readings chosen where a document contradicts itself (LEG-06, LEG-11)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import clock
import models as m
import policies
import rulebook.organisation
import rulebook.preview
import rulebook.rules
import rulebook.words
from views import visitor
from views.language import inside, say
from views.language import day as in_words
from views.regulation import ACTS, day, drafted, effect_shown, may_write, newest, only_leaders, only_writers, standing, word

bp = Blueprint("regulation_versions", __name__, url_prefix="/regulation")
bp.before_request(only_leaders)


# ---- the draft ----

@bp.get("/draft")
def draft():
    """What the next version shall change, and what each change would mean for standing records."""
    return _draft_page({"starts": _earliest().isoformat()})


@bp.post("/draft")
def write():
    """Writes the draft as one version from a date; readings of contradictions that are in it are chosen with that."""
    only_writers()
    last, changes = newest(), drafted()
    if last is None or not changes:
        abort(403)
    try:
        if request.form.get("seen") != str(last.id):
            raise m.Refused(m.Text(m.N_("Somebody wrote version %(number)s meanwhile. Look at it and change the rule again."),
                                   number=last.number), "starts")
        with m.writing(visitor.actor(), word("note", 300)):
            version = _amended(last, changes, word("note", 300))
            m.RegulationDraft.drop(visitor.actor())
    except m.Refused as refusal:
        return _draft_page(request.form, {refusal.field or "starts": say(refusal.text)}), 422
    flash(_("Version %(number)s is written. It holds from %(day)s.", number=version.number, day=in_words(version.starts)), "ok")
    return redirect(url_for("regulation.rules", version=version.id))


@bp.post("/draft/drop")
def drop():
    """Takes one rule out of the draft, or all of them."""
    only_writers()
    m.RegulationDraft.drop(visitor.actor(), request.form.get("key") or None)
    return redirect(url_for(".draft" if m.RegulationDraft.select().exists() else "regulation.rules"))


def _draft_page(form, errors=None):
    last, changes = newest(), drafted()
    before = rulebook.rules.rules_of(last) if last else rulebook.rules.preset("base")
    after, look = before.changed(changes), rulebook.preview.Look(clock.now())
    was = {row.key.key: row for row in rulebook.words.describe(before)}
    rows = [(was[row.key.key], row, effect_shown(rulebook.preview.effect(
        before, before.changed({row.key.key: changes[row.key.key]}), row.key.key, look)))
        for row in rulebook.words.describe(after) if row.key.key in changes]
    return render_template("regulation/draft.html", rows=rows, drafts=m.RegulationDraft.authors(), form=form, errors=errors or {},
                           newest=last, may_write=may_write(), acts=ACTS)


def _amended(last, changes: dict, note: str) -> m.RegulationVersion:
    """The next version with these changes, from the form's date by its order; readings in it become the school's choice."""
    rules = rulebook.rules.rules_of(last).changed(changes)
    order_date = day("order_date") if word("order_date", 10) else None
    by = visitor.actor()
    version = last.amend(by, clock.today(), values=rules.to_json(), starts=day("starts"), order_no=word("order_no", 60),
                         order_date=order_date, note=note)
    m.RegulationReading.confirm(by, last.regulation_id, {
        rule.key: rule.reading or _("a value of the school's own") for rule in rules.contradictions if rule.key in changes})
    rulebook.organisation.follow(by, clock.today())
    return version


def _earliest():
    last = newest()
    return max(clock.today(), last.starts) if last else clock.today()


# ---- the list of versions ----

@bp.get("/versions")
def versions():
    """Every version with what it changed against the one before."""
    rows = list(m.RegulationVersion.listed())
    changes = [_changes(newer, older) for newer, older in zip(rows, [*rows[1:], None], strict=True)]
    return render_template("regulation/versions.html", rows=list(zip(rows, changes, strict=True)), standing=standing(),
                           acts=ACTS, today=clock.today(), may_write=may_write())


@bp.post("/versions/<int:version>/back")
def back(version: int):
    """Lays the values of an older version of the same regulation into the draft: going back is a new version too."""
    only_writers()
    old, last = policies.find(visitor.user(), m.RegulationVersion, version), newest()
    if old is None or old.regulation_id != last.regulation_id:
        abort(403)
    then, now = rulebook.rules.rules_of(old), rulebook.rules.rules_of(last)
    changes = {key: then.parts_of(key) for key in then.rules if then.parts_of(key) != now.parts_of(key)}
    m.RegulationDraft.put(visitor.actor(), changes)
    if not changes:
        flash(_("Version %(number)s says the same as the last one.", number=old.number), "ok")
    return redirect(url_for(".draft" if changes else ".versions"))


def _changes(newer, older) -> list | None:
    """(rule before, rule now) of what differs; None for the first version of a regulation."""
    if older is None or older.regulation_id != newer.regulation_id:
        return None
    was = {row.key.key: row for row in rulebook.words.describe(rulebook.rules.rules_of(older))}
    now = rulebook.words.describe(rulebook.rules.rules_of(newer))
    return [(was[row.key.key], row) for row in now if row.rule != was[row.key.key].rule]


# ---- a ready regulation ----

@bp.get("/choice")
def choice():
    return _choice_page({"starts": clock.today().isoformat()})


@bp.post("/choice")
def choose():
    """A ready regulation in place of the present one, from a date; then the readings of its contradictions."""
    only_writers()
    try:
        chosen = rulebook.rules.preset(request.form.get("preset", ""))
        order_date = day("order_date") if word("order_date", 10) else None
        version = m.Regulation.adopt(
            visitor.actor(), clock.today(), name=word("name", 200) or chosen.title, preset=chosen.preset,
            values=chosen.to_json(), starts=day("starts"), order_no=word("order_no", 60), order_date=order_date)
        rulebook.organisation.follow(visitor.actor(), clock.today())
    except m.Refused as refusal:
        return _choice_page(request.form, {refusal.field or "preset": say(refusal.text)}), 422
    flash(_("The school lives by «%(name)s» from %(day)s.", name=version.regulation.name, day=in_words(version.starts)), "ok")
    return redirect(url_for(".readings") if chosen.contradictions else url_for("regulation.rules", version=version.id))


def _choice_page(form, errors=None):
    only_writers()
    return render_template("regulation/choice.html", ready=rulebook.rules.presets(), keys=rulebook.rules.schema(), form=form,
                           errors=errors or {}, standing=standing())


# ---- readings of contradictions ----

@bp.get("/readings")
def readings():
    """The contradictions of the document with their readings, each with the words of its clause."""
    return _readings_page({"starts": _earliest().isoformat()})


@bp.post("/readings")
def confirm():
    """Confirms a reading of each contradiction; those that are not the present ones become a new version."""
    only_writers()
    last = newest() or abort(403)
    rules = rulebook.rules.rules_of(last)
    chosen = {rule.key: reading for rule in rules.contradictions
              if (reading := _chosen(rule, request.form.get(f"r.{rule.key}", ""))) is not None}
    if len(chosen) < len(rules.contradictions):
        return _readings_page(request.form, {"readings": _("Choose a reading of each contradiction.")}), 422
    changes = {key: {"value": rulebook.rules.plain(reading["value"])} for key, reading in chosen.items()
               if reading["value"] != rules.value(key)}
    try:
        with m.writing(visitor.actor(), _("Readings of contradictions")):
            if changes:
                _amended(last, changes, _("Readings of contradictions"))
            m.RegulationReading.confirm(visitor.actor(), last.regulation_id, {key: reading["title"] for key, reading in chosen.items()})
    except m.Refused as refusal:
        return _readings_page(request.form, {refusal.field or "starts": say(refusal.text)}), 422
    flash(_("The readings are chosen: the regulation page tells by whom and when."), "ok")
    return redirect(inside(request.form.get("next", "")) if request.form.get("next") else url_for("regulation.rules"))


def _chosen(rule, number: str):
    return rule.choices[int(number)] if number.isdigit() and int(number) < len(rule.choices) else None


def _readings_page(form, errors=None):
    last = newest()
    rules = rulebook.rules.rules_of(last) if last else rulebook.rules.preset("base")
    titles = {key: _(known.title) for key, known in rulebook.rules.schema().items()}
    return render_template("regulation/readings.html", version=last, rules=rules, titles=titles, form=form, errors=errors or {},
                           confirmed=m.RegulationReading.of(last.regulation_id) if last else {}, may_write=may_write(),
                           next=inside(request.values.get("next", "")) if request.values.get("next") else "")
