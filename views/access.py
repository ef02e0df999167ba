"""«Доступ»: who of a class and of the staff has entered, who has not; handing out ways in, new passwords, taking codes back.

By the school's regulation (auth.registration) a way in is a login with a temporary password or an invitation code; both are a
single-use code derived from the school's key, so that its slip can be printed again until it is used. Sources: SEC-01 … SEC-05.
"""

from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from peewee import JOIN, fn

import clock
import models as m
import policies
import rulebook.breach
import rulebook.rules
from printouts import access_sheet
from views import visitor
from views.language import inside

bp = Blueprint("access", __name__, url_prefix="/access")

CODE_LIVES = timedelta(days=60)


@bp.get("/")
def index():
    """The administrator chooses a class, a class teacher comes to the own one."""
    user = visitor.user()
    classes = [each for each in m.SchoolClass.select().where(m.SchoolClass.year == m.Year.on(clock.today())).order_by(
        m.SchoolClass.sort) if policies.allows(user, "credentials", each)]
    if not classes and not user.has("ADM"):
        abort(403)
    if len(classes) == 1 and not user.has("ADM"):
        return redirect(url_for(".of_class", number=classes[0].id))
    return render_template("access/index.html", classes=classes, entered=_entered(classes))


@bp.get("/<number>")
def of_class(number: str):
    school_class = _class(number)
    people = _families(school_class)
    rows = _rows([person for family in people for person in family])
    return render_template("access/class.html", school_class=school_class, families=[[rows[p.id] for p in f] for f in people],
                           rows=rows.values(), **_regulation())


@bp.get("/staff")
def staff():
    _administrator()
    people = [person for person, _position in access_sheet.staff(clock.today())]
    rows = _rows(people)
    return render_template("access/staff.html", rows=[rows[person.id] for person in people], **_regulation())


@bp.post("/<number>/issue")
def issue_class(number: str):
    school_class = _class(number)
    return _issue([person for family in _families(school_class) for person in family], url_for(".of_class", number=number))


@bp.post("/staff/issue")
def issue_staff():
    _administrator()
    return _issue([person for person, _position in access_sheet.staff(clock.today())], url_for(".staff"))


@bp.get("/person/<number>")
def slip(number: str):
    """The standing way in of one person, to read out or copy."""
    person = _person(number)
    slips = policies.slips(visitor.user(), [person], _key())
    return render_template("access/slip.html", person=person, slip=slips[0] if slips else None, back=_back())


@bp.post("/person/<number>/issue")
def issue_person(number: str):
    """A way in for one person who has none, in place of a code that was lost."""
    person = _person(number)
    if _waits_for_parent(person):
        return redirect(_back())
    account = m.Account.waiting_for(visitor.actor(), [person])[0]
    if account.password:
        flash(_("%(name)s signs in already. A forgotten password is replaced by «New password».",
                name=person.short_name), "warning")
        return redirect(_back())
    _hand_out([account], _kind())
    return redirect(url_for(".slip", number=number, back=_back()))


@bp.post("/person/<number>/reset")
def reset(number: str):
    """The present password is void; a one-time code takes its place. An account that a breach has shut opens with it (SEC-13)."""
    person = _person(number)
    if _waits_for_parent(person):
        return redirect(_back())
    by = visitor.actor()
    account = rulebook.breach.shut_account(person.id) or m.Account.waiting_for(by, [person])[0]
    with m.writing(by, "new password asked for"):
        account.reset(by)
        rulebook.breach.restore(by, account)
        _hand_out([account], "reset")
    return redirect(url_for(".slip", number=number, back=_back()))


@bp.post("/person/<number>/revoke")
def revoke(number: str):
    person = _person(number)
    m.Invitation.revoke(visitor.actor(), [person.id])
    flash(_("The code of %(name)s opens nothing any more.", name=person.short_name), "success")
    return redirect(_back())


# ---- who may, and for whom ----

def _class(number: str) -> m.SchoolClass:
    school_class = policies.find(visitor.user(), m.SchoolClass, number)
    if school_class is None or not policies.allows(visitor.user(), "credentials", school_class):
        abort(403)
    return school_class


def _administrator() -> None:
    if not visitor.user().has("ADM"):
        abort(403)


def _person(number: str) -> m.Person:
    user = visitor.user()
    person = policies.find(user, m.Person, number)
    if person is None or not policies.hands_out_to(user, [person.id]):
        abort(403)
    return person


def _families(school_class) -> list[list[m.Person]]:
    pairs = access_sheet.pupils_with_guardians(visitor.user(), school_class, clock.today())
    return [[pupil, *guardians] for pupil, guardians in pairs]


# ---- handing out ----

def _issue(people: list[m.Person], back: str):
    """Codes for all of these people who neither sign in nor hold a standing code."""
    rows = _rows(people)
    wanted = [row["person"] for row in rows.values() if row["state"] in ("none", "over")]
    first = sum(row["state"] == "parent_first" for row in rows.values())
    if wanted:
        _hand_out(m.Account.waiting_for(visitor.actor(), wanted), _kind())
        flash(ngettext("%(num)s way in is ready. Print the slip and the sheet for signatures.",
                       "%(num)s ways in are ready. Print the slips and the sheet for signatures.", len(wanted)), "success")
    if first:
        flash(ngettext("%(num)s pupil younger than 14 waits until a parent has signed in.",
                       "%(num)s pupils younger than 14 wait until a parent has signed in.", first), "warning")
    if not wanted and not first:
        flash(_("Everybody has a way in already."), "success")
    return redirect(back)


def _waits_for_parent(person: m.Person) -> bool:
    """Is there nobody yet to whom the slip of a pupil younger than 14 is made out (SEC-05)? Told, when so."""
    day = clock.today()
    if not policies.is_young(person, day) or person.id in policies.parents_with_entry([person], day):
        return False
    flash(_("First a parent has to sign in: the slip of a pupil younger than 14 is made out to the parent."), "warning")
    return True


def _hand_out(accounts: list[m.Account], kind: str) -> None:
    m.Invitation.issue(visitor.actor(), accounts, _key(), clock.today() + CODE_LIVES, kind)


def _kind() -> str:
    by_code = rulebook.rules.rules_on(clock.today()).value("auth.registration") == "invite_code"
    return "invitation" if by_code else "password"


def _key() -> str:
    return current_app.config["SECRET_KEY"]


def _back() -> str:
    return inside(request.values.get("back", "/access/"))


# ---- what the pages show ----

def _rows(people: list[m.Person]) -> dict[int, dict]:
    """Person id → the person, the account, the state of the way in and what may be done about it."""
    user, day = visitor.user(), clock.today()
    ids = [person.id for person in people]
    accounts, codes = _accounts(ids), _codes(ids)
    allowed = policies.hands_out_to(user, ids)
    parents = policies.parents_with_entry([person for person in people if policies.is_young(person, day)], day)
    rows = {}
    for person in people:
        young = policies.is_young(person, day)
        row = {"person": person, "account": accounts.get(person.id), "code": codes.get(person.id), "young": young,
               "parent": parents.get(person.id), "may": person.id in allowed}
        rows[person.id] = row | {"state": _state(row, day)}
    return rows


def _state(row: dict, day) -> str:
    """entered · closed · shut (by a breach) · out (a code stands) · staff (somebody else hands out) · parent_first · over (expired) ·
    none"""
    account, code = row["account"], row["code"]
    if account and account.locked:
        return "shut" if account.locked.startswith(rulebook.breach.SHUT) and row["may"] else "closed"
    if account and account.password:
        return "entered"
    if not row["may"]:
        return "staff"
    if code and code.expires >= day:
        return "out"
    if row["young"] and row["parent"] is None:
        return "parent_first"
    return "over" if code else "none"


def _accounts(people: list[int]) -> dict[int, m.Account]:
    """The account of each person with `seen`, the last use."""
    seen = fn.MAX(m.LoginSession.seen_at)
    rows = m.Account.select(m.Account, seen.alias("seen")).join(m.LoginSession, JOIN.LEFT_OUTER).where(
        m.Account.person.in_(people)).group_by(m.Account.id).order_by(m.Account.id.desc())
    return {row.person_id: row for row in rows}


def _codes(people: list[int]) -> dict[int, m.Invitation]:
    """The last code of each person that was neither used nor revoked."""
    rows = m.Invitation.select().where(m.Invitation.person.in_(people) & m.Invitation.used_at.is_null()
                                       & m.Invitation.revoked_at.is_null()).order_by(m.Invitation.id)
    return {row.person_id: row for row in rows}


def _entered(classes) -> dict[int, tuple[int, int]]:
    """Class id → (pupils who sign in, pupils)."""
    day = clock.today()
    entered = fn.COUNT(m.Account.person.distinct())
    rows = m.Enrolment.on(day).select(m.Enrolment.school_class, entered, fn.COUNT(m.Enrolment.pupil.distinct())).join(
        m.Pupil).join(m.Account, JOIN.LEFT_OUTER, on=((m.Account.person == m.Pupil.person) & m.Account.password.is_null(False))
                      ).where(m.Enrolment.school_class.in_(classes)).group_by(m.Enrolment.school_class)
    return {school_class: (some, all_) for school_class, some, all_ in rows.tuples()}


def _regulation() -> dict:
    rule = rulebook.rules.rules_on(clock.today())["auth.registration"]
    return {"by_code": rule.value == "invite_code", "clause": rule.clause}
