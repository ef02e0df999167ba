"""Messages about pupils (ATT-08): drafts the journal has prepared, who was told of them and how."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.alerts
import rulebook.talk
from views import visitor
from views.language import say
from views.upkeep import read_day

bp = Blueprint("alerts", __name__, url_prefix="/alerts")

HOW = {"talk": N_("in person"), "phone": N_("by telephone"), "diary": N_("in the diary"), "paper": N_("by a letter"),
       "notice": N_("in the journal")}


@bp.get("/")
def index():
    """Those that wait for the user, then what was told in the last two months."""
    user = visitor.user()
    if not user.is_staff:
        abort(403)
    lines = rulebook.alerts.lines(user, clock.now())
    own = [line for line in lines if line.waits and rulebook.alerts.passes_on(user, line.alert)]
    return render_template("alerts/index.html", own=own, others=[line for line in lines if line not in own], how=HOW, today=user.today,
                           is_own=lambda alert: rulebook.alerts.is_of_own_class(user, alert),
                           message=rulebook.alerts.message, rule=user.rules[rulebook.alerts.KEY])


@bp.post("/<number>/class-teacher")
def class_teacher(number: str):
    """Send the prepared words to the class teacher."""
    alert = _alert(number)
    if rulebook.alerts.tell_class_teacher(visitor.actor(), alert, visitor.user().today):
        flash(_("The class teacher has the message."), "success")
    else:
        flash(_("The pupil's class has no class teacher now. Tell the deputy head."), "error")
    return redirect(url_for(".index"))


@bp.post("/<number>/parents")
def parents(number: str):
    """Write to the parents here, in the prepared words."""
    alert = _alert(number)
    try:
        count = rulebook.alerts.write_to_parents(visitor.user(), visitor.actor(), alert, say(rulebook.alerts.message(alert)))
    except rulebook.talk.NotYours:
        flash(_("You do not write to this family. Its class teacher can."), "error")
    except m.Refused as refusal:
        flash(say(refusal.text), "error")
    else:
        if count:
            flash(ngettext("Written to %(num)s parent.", "Written to %(num)s parents.", count), "success")
        else:
            flash(_("None of the parents has a way into the journal. Tell them otherwise and note it down."), "error")
    return redirect(url_for(".index"))


@bp.post("/<number>/told")
def told(number: str):
    """The parents were told, by other ways than the journal."""
    alert, form = _alert(number), request.form
    how, day = form.get("how", ""), read_day(form.get("day", ""))
    if how not in HOW or how == "notice":
        abort(400)
    if day is None or not alert.made_at.astimezone(clock.zone()).date() <= day <= clock.today():
        flash(_("Choose the day on which they were told: not before the message was prepared and not in the future."), "error")
    else:
        rulebook.alerts.parents_told(visitor.user(), visitor.actor(), alert, how, day, form.get("note", ""))
        flash(_("Kept: the parents were told."), "success")
    return redirect(url_for(".index"))


def _alert(number: str) -> m.PupilAlert:
    user = visitor.user()
    row = policies.find(user, m.PupilAlert, number) if user.is_staff else None
    line = next(iter(rulebook.alerts.lines(user, clock.now(), row.id)), None) if row else None
    if line is None or not policies.allows(user, "tell", line.alert):
        abort(403)
    return line.alert
