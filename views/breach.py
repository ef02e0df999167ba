"""«Нарушения»: reporting a breach of confidentiality from anywhere, the register of cases, and a case from its report to the approved
act (SEC-11 … SEC-14, LAW-04; F-30a, F-30b). Reporting needs no sign-in; everything else is the desk's: head, deputy, administrator.
"""

from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer

import clock
import models as m
import policies
import rulebook.breach
import rulebook.breach_due as due
from views import throttle, uploads, visitor
from views.frame import ROLE_NAMES
from views.language import moment, say
from views.security import public

bp = Blueprint("breach", __name__, url_prefix="/breach")

MOST_REPORTS = 5  # from one address or account until a pause
SHOWN_AGAIN = timedelta(days=1)  # how long the confirmation of a report can be opened
KINDS = {"passed": N_("login or password became known to somebody"), "lost": N_("paper or device with it is lost"),
         "foreign": N_("somebody else signed in or wrote in the journal"), "leak": N_("data of people got out"),
         "other": N_("something else")}
STATES = {"new": N_("waits for confirmation"), "open": N_("in hand"), "done": N_("settled"), "declined": N_("not confirmed")}
STANDING = {"suspended": N_("suspended"), "invalid": N_("invalid"), "returned": N_("valid again")}
WHAT = {"mark": N_("mark"), "absence": N_("attendance code"), "remark": N_("comment"), "homework": N_("homework"),
        "attachment": N_("file of homework"), "topic": N_("topic"), "attendance": N_("attendance taken"), "work": N_("column"),
        "period_mark": N_("period mark"), "other": N_("other record")}
COPIES = ("pdf", "png", "jpg", "jpeg")


# ---- the report, by anybody ----

@bp.route("/report", methods=["GET", "POST"])
@public
def report():
    """F-30a: what the report says; kept as typed when something is missing."""
    errors, code = {}, 200
    if request.method == "POST":
        sender = f"account {current_user.account}" if current_user.is_authenticated else visitor.address()
        if throttle.too_many("breach", sender, MOST_REPORTS):
            errors, code = {"story": _("Too many reports at once. Wait %(n)s minutes, or call the school.", n=throttle.PAUSE_MINUTES)}, 429
        else:
            try:
                case = _keep()
                return redirect(url_for(".sent", key=_signer().dumps(case.id)))
            except m.Refused as refusal:
                errors, code = {refusal.field or "story": say(refusal.text)}, 422
    page = render_template("breach/report.html", typed=request.form or _typed_for(), errors=errors, kinds=KINDS, now=_local(clock.now()))
    return page, code


@bp.get("/sent/<key>")
@public
def sent(key: str):
    """The confirmation with its number, to print; for a day."""
    try:
        case = m.Breach.get_or_none(m.Breach.id == _signer().loads(key))
    except BadSignature:
        case = None
    if case is None or clock.now() - case.reported_at > SHOWN_AGAIN:
        abort(403)
    timers = due.timers(case, due.known(case), clock.now())
    return render_template("breach/sent.html", case=case, kinds=KINDS, steps=due.STEPS, timers=timers)


def _keep() -> m.Breach:
    form = request.form
    user = visitor.user() if current_user.is_authenticated else None
    said = rulebook.breach.Report(
        who=user.name if user else form.get("who", ""), role=_roles() if user else form.get("role", ""), contact=form.get("contact", ""),
        own=bool(user) and form.get("whose") == "own", account=form.get("account", ""), kind=_one_of(form.get("kind"), KINDS, "other"),
        discovered_at=_moment("discovered_at"), story=form.get("story", ""), data=form.get("data", ""),
        measures=form.get("measures", ""), personal="personal" in form)
    by = visitor.actor() if user else visitor.stranger(f"{said.who.strip()[:100]} (без входа)")
    return rulebook.breach.report(user, by, said)


def _typed_for() -> dict:
    return {"discovered_at": _local(clock.now()), "whose": "own", "kind": "foreign"}


def _roles() -> str:
    return ", ".join(str(name) for role, name in ROLE_NAMES.items() if role in current_user.roles)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="breach report")


# ---- the register ----

@bp.get("/")
def index():
    """Every case with its state, the next step and what remains of its time."""
    _desk()
    cases = list(m.Breach.whole().limit(200))
    facts = due.known_of(cases)
    rows = [_row(case, facts[case.id]) for case in cases]
    rows.sort(key=lambda row: row["state"] in ("done", "declined"))
    return render_template("breach/index.html", rows=rows, states=STATES, steps=due.STEPS)


@bp.get("/<number>")
def case(number: str):
    """One case: what is to be done, who was told, the operations, the act."""
    return _page(_case(number))


# ---- what the desk does ----

@bp.post("/<number>/confirm")
def confirm(number: str):
    case, login = _case(number), request.form.get("account", "").strip()
    account = m.Account.of_login(login) if login else None
    if login and account is None:
        problem = _("Nobody has the login «%(login)s». Look it up under «Access», or leave the field empty.", login=login)
        return _page(case, {"account": problem})
    return _done(case, lambda: rulebook.breach.confirm(visitor.actor(), case, account, "personal" in request.form),
                 _("The report is confirmed.") if account is None else _("The report is confirmed, the account is closed."))


@bp.post("/<number>/decline")
def decline(number: str):
    case = _case(number)
    if not policies.allows(visitor.user(), "decline", case):
        abort(403)
    return _done(case, lambda: rulebook.breach.decline(visitor.actor(), case, request.form.get("reason", "")),
                 _("Declined. What was taken back stands again."))


@bp.post("/<number>/told")
def told(number: str):
    """When somebody learned of the breach."""
    case, whom = _case(number), request.form.get("whom", "")
    if whom not in {timer.whom for timer in due.timers(case, due.known(case), clock.now())}:
        abort(403)
    return _done(case, lambda: rulebook.breach.tell(visitor.actor(), case, whom, _moment("at", whom), request.form.get("paper", "")),
                 _("It is registered."))


@bp.post("/<number>/facts")
def facts(number: str):
    """Since when the breach lasts, and whether personal data got out."""
    case, form = _case(number), request.form
    return _done(case, lambda: rulebook.breach.date_back(
        visitor.actor(), case, _moment("began_at") if form.get("began_at") else None, "known" in form, "personal" in form),
        _("It is kept. The list of operations is up to date."))


@bp.post("/<number>/review")
def review(number: str):
    """What became of operations that are only listed."""
    case = _case(number)
    chosen = [int(each) for each in request.form.getlist("operation") if each.isascii() and each.isdigit() and len(each) < 10]
    return _done(case, lambda: _reviewed(case, chosen, request.form.get("decision", "")), None)


def _reviewed(case, chosen: list[int], decision: str) -> None:
    """`rest`: whatever nobody has decided yet stays."""
    rest = [each.id for each in case.operations.where(m.BreachOperation.decision == "")] if decision == "rest" else chosen
    count = rulebook.breach.decide(visitor.actor(), case, rest, "kept" if decision == "rest" else decision)
    if not count:
        raise m.Refused(m.Text(m.N_("Choose the operations first")), "operation")
    flash(ngettext("%(num)s operation is reviewed.", "%(num)s operations are reviewed.", count), "success")


@bp.post("/<number>/act")
def act(number: str):
    """Draw the act up, or change it."""
    case, form = _case(number), request.form
    return _done(case, lambda: rulebook.breach.draw(
        visitor.actor(), case, number=form.get("number", ""), day=_moment("day", "day").date(), chair=form.get("chair", ""),
        members=form.get("members", ""), place=form.get("place", "").strip()[:200], order_no=form.get("order_no", "").strip()[:100],
        findings=form.get("findings", "").strip()[:2000], measures=form.get("measures", "").strip()[:1000]), _("The act is drawn up."))


@bp.post("/<number>/approve")
def approve(number: str):
    case = _case(number)
    if not policies.allows(visitor.user(), "approve", case):
        abort(403)
    return _done(case, lambda: rulebook.breach.approve(visitor.actor(), case), _("The act is approved: the operations are invalid."))


@bp.post("/<number>/copy")
def copy(number: str):
    """The signed copy of the act: a scan or a photo."""
    return _done(case := _case(number), lambda: _keep_copy(case), _("The signed act is attached."))


def _keep_copy(case) -> None:
    upload = request.files.get("signed")
    if upload is None or not upload.filename:
        raise m.Refused(m.Text(m.N_("Choose the file first")), "signed")
    if upload.filename.rpartition(".")[2].lower() not in COPIES:
        raise m.Refused(m.Text(m.N_("A signed act is a PDF or a picture")), "signed")
    try:
        file = uploads.keep(upload)
    except m.Refused as refusal:
        raise m.Refused(refusal.text, "signed") from None
    rulebook.breach.keep_copy(visitor.actor(), case, file.name, file.digest, file.mime)


@bp.get("/<number>/copy")
def signed(number: str):
    row = rulebook.breach.act_of(_case(number))
    if row is None or not row.copy_digest:
        abort(403)
    return send_from_directory(f"{current_app.instance_path}/files", row.copy_digest, mimetype=row.copy_mime, as_attachment=True,
                               download_name=row.copy_name)


# ---- who may, and what was typed ----

def _desk() -> None:
    if not visitor.user().has(*policies.BREACH_DESK):
        abort(403)


def _case(number: str) -> m.Breach:
    row = policies.find(visitor.user(), m.Breach, number)
    if row is None or not policies.allows(visitor.user(), "handle", row):
        abort(403)
    return row


def _done(case: m.Breach, change, told: str | None):
    """Do it and come back to the case; a refusal shows the case with what was typed."""
    try:
        change()
    except m.Refused as refusal:
        return _page(m.Breach.get_by_id(case.id), {refusal.field or "case": say(refusal.text)})
    if told:
        flash(told, "success")
    return redirect(url_for(".case", number=case.id))


def _moment(name: str, field: str | None = None) -> datetime:
    """A day or a moment of a form in school time; Refused when it is none, or none of our days."""
    try:
        at = datetime.fromisoformat(request.form.get(name, "").strip()).replace(tzinfo=clock.zone())
    except ValueError:
        at = None
    if at is None or not 2000 <= at.year < 2100:
        raise m.Refused(m.Text(m.N_("Say when: day and time")), field or name)
    return at


def _one_of(value: str | None, known, default: str) -> str:
    return value if value in known else default


def _local(at: datetime | None) -> str:
    """A moment as the field of a form wants it."""
    return f"{at.astimezone(clock.zone()):%Y-%m-%dT%H:%M}" if at else ""


# ---- what the pages show ----

def _row(case: m.Breach, facts: due.Known) -> dict:
    now = clock.now()
    following = next((step for step in due.steps(case, facts, now) if not step.done), None)
    state = "declined" if case.declined_at else "new" if not case.confirmed_at else "open" if following else "done"
    return {"case": case, "state": state, "next": following, "left": _left(following, now),
            "late": bool(following and following.limit and following.limit < now),
            "whose": case.account.person.short_name if case.account else "",
            "login": case.account.login if case.account else case.said_account}


def _left(step, now) -> str:
    if step is None or step.limit is None:
        return ""
    return _("the time is over since %(at)s", at=moment(step.limit)) if step.limit < now else _in_words(step.limit - now, step.limit)


def _in_words(left: timedelta, limit: datetime) -> str:
    """Minutes up to two hours, then hours up to three days, and the moment."""
    minutes = int(left.total_seconds()) // 60
    if minutes < 120:
        return ngettext("%(num)s minute left", "%(num)s minutes left", minutes)
    if minutes < 72 * 60:
        return ngettext("%(num)s hour left", "%(num)s hours left", minutes // 60)
    return _("until %(at)s", at=moment(limit))


def _page(case: m.Breach, errors: dict | None = None):
    now, facts, user = clock.now(), due.known(case), visitor.user()
    steps, operations = due.steps(case, facts, now), m.BreachOperation.of_case(case)
    after, before = ([each for each in operations if each.phase == phase] for phase in ("after", "before"))
    page = render_template(
        "breach/case.html", case=case, row=_row(case, facts), act=facts.act, steps=steps,
        following=next((step for step in steps if not step.done), None),
        timers=[(timer, "" if timer.left is None else _in_words(timer.left, timer.limit)) for timer in due.timers(case, facts, now)],
        after=after, before=before, notice=due.notice_time(facts), required=facts.act_required,
        standing=STANDING.get(due.standing(case, facts), ""), owner=case.account and case.account.person,
        suggested=_suggested(case), judges=policies.allows(user, "approve", case), declines=policies.allows(user, "decline", case),
        resets=bool(case.account) and policies.allows(user, "reset", case.account), errors=errors or {}, typed=request.form, local=_local,
        now=_local(now), words=due.STEPS, kinds=KINDS, states=STATES, what=WHAT)
    return page, 422 if errors else 200


def _suggested(case: m.Breach) -> str:
    """The login that a report names, if somebody has it."""
    account = m.Account.of_login(case.said_account) if case.said_account and not case.account_id else None
    return account.login if account else ""

