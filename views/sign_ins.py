"""«Где выполнен вход»: the devices an account is open on, ended by its owner at once (SEC-09); for the administrator, sign-ins that look
as if a login was passed on (ACC-10)."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.access_shared
from views import security, visitor
from views.language import moment

bp = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")


@bp.get("")
def own():
    """Open sign-ins with the present one first, and what looked strange lately; looking at it settles it."""
    rows = [{"id": row.id, "device": _named(rulebook.access_shared.device_of(row.agent)), "address": row.address,
             "since": moment(row.created_at), "seen": moment(row.seen_at), "current": row.id == g.sign_in.id, "foreign": row.foreign}
            for row in _open().order_by((m.LoginSession.id == g.sign_in.id).desc(), m.LoginSession.seen_at.desc())]
    lately = m.SignInOverlap.at > clock.now() - rulebook.access_shared.LOOKED_BACK
    overlaps = list(policies.visible(visitor.user(), m.SignInOverlap).where(
        (m.SignInOverlap.account == g.sign_in.account_id) & lately).order_by(m.SignInOverlap.id.desc()).limit(10))
    return render_template("account/sign_ins.html", rows=rows, overlaps=overlaps, named=_named, fresh=g.sign_in.overlaps)


@bp.post("/<int:sign_in>/end")
def end(sign_in: int):
    row = policies.find(visitor.user(), m.LoginSession, sign_in)
    if row is None:
        abort(403)
    security.end(m.LoginSession.id == row.id)
    flash(_("That sign-in is ended."), "success")
    return redirect(url_for(".own"))


@bp.post("/end")
def end_others():
    ended = security.end_others()
    flash(ngettext("%(num)s sign-in is ended.", "%(num)s sign-ins are ended.", ended), "success")
    return redirect(url_for(".own"))


@bp.post("/seen")
def seen():
    """The owner knows of the second device."""
    m.SignInOverlap.see(visitor.actor(), g.sign_in.account_id)
    return redirect(url_for(".own"))


@bp.get("/shared")
def shared():
    """Accounts that were open on several devices at once, and devices of a pupil and of a member of staff."""
    user = visitor.user()
    if not user.has("ADM"):
        abort(403)
    now = clock.now()
    return render_template("account/shared.html", several=rulebook.access_shared.several(now), named=_named,
                           together=rulebook.access_shared.together(now, user.today), days=rulebook.access_shared.LOOKED_BACK.days)


def _open():
    return policies.visible(visitor.user(), m.LoginSession).where(m.LoginSession.ended_at.is_null())


def _named(device: str) -> str:
    return device or _("unknown device")
