"""The rules of confidentiality (SEC-08): everybody reads and accepts them before anything else, once a version; the administrator writes
the text and sees who has not accepted it.

A form sent while a new version waits is given back after the acceptance (security.keep_sent); the queue of a browser waits (401).
"""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

import clock
import models as m
import policies
import rulebook.access_rules
import rulebook.rules
from views import security, visitor
from views.language import inside, say

bp = Blueprint("confidentiality", __name__, url_prefix="/confidentiality")

WITHOUT = {"confidentiality.page", "confidentiality.accept", "security.password", "language.switch"}


def register(app):
    app.before_request(_accept_first)
    app.register_blueprint(bp)


def _accept_first():
    if security.is_public() or request.endpoint in WITHOUT or not current_user.is_authenticated or not g.sign_in.owes:
        return None
    refused = security.refuse_json(_("Accept the rules of confidentiality first"), "/confidentiality/")
    if refused is None and request.method == "POST" and (kept := security.keep_sent(g.sign_in.account_id)):
        return _show(kept=kept), 401
    path = security.asked_page()
    return refused or redirect(url_for("confidentiality.page", next=None if path == "/" else path))


@bp.get("/")
def page():
    return _show()


def _show(kept: str = ""):
    rules = m.ConfidentialityRules.in_force()
    accepted = rules and m.RulesAcceptance.get_or_none(
        (m.RulesAcceptance.rules == rules) & (m.RulesAcceptance.account == g.sign_in.account_id))
    earlier = rules and not accepted and m.RulesAcceptance.select().where(m.RulesAcceptance.account == g.sign_in.account_id).exists()
    return render_template("account/rules.html", rules=rules, accepted=accepted, earlier=earlier, kept=kept,
                           next=inside(request.args.get("next", "")))


@bp.post("/accept")
def accept():
    """Of the version that was shown only: one that came meanwhile is read first."""
    rules = m.ConfidentialityRules.in_force()
    if rules is None or request.form.get("rules") != str(rules.id):
        flash(_("The rules have changed meanwhile. Read them once more."), "warning")
        return _show(kept=request.form.get("kept", "")), 409
    m.RulesAcceptance.keep(visitor.actor(), rules, g.sign_in.account)
    return security.go_on(g.sign_in.account)


@bp.route("/edit", methods=["GET", "POST"])
def edit():
    """Write a new version: everybody is asked to accept it, the author too."""
    if not policies.allows(visitor.user(), "create", m.ConfidentialityRules()):
        abort(403)
    standing, error = m.ConfidentialityRules.in_force(), None
    ready = rulebook.access_rules.ready_text(rulebook.rules.rules_on(clock.today()))
    if request.method == "POST":
        try:
            m.ConfidentialityRules.publish(visitor.actor(), request.form.get("text", "")[:20000])
        except m.Refused as refusal:
            error = say(refusal.text)
        else:
            flash(_("The new rules are in force. Everybody accepts them at the next step in the journal."), "success")
            return redirect(url_for(".page"))
    text = request.form.get("text") or (ready if standing is None or "ready" in request.args else standing.text)
    return render_template("account/rules_edit.html", text=text, standing=standing, ready=ready, error=error,
                           people=m.Account.select().where(m.Account.password.is_null(False)).count()), 422 if error else 200


@bp.get("/people")
def people():
    """Who has not accepted the rules in force: staff first, then families."""
    if not visitor.user().has(*policies.RULES_DESK):
        abort(403)
    rules = m.ConfidentialityRules.in_force()
    waiting = rulebook.access_rules.waiting(rules, clock.today())
    accepted = m.RulesAcceptance.select().where(m.RulesAcceptance.rules == rules).count() if rules else 0
    groups = [(title, [row for row in waiting if (row.kind == "staff") == staff])
              for title, staff in ((_("Staff"), True), (_("Families"), False))]
    return render_template("account/rules_people.html", rules=rules, accepted=accepted, groups=groups)
