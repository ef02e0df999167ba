"""Who is looking at the page: what the rest of the views ask for. `user()` is for the gate, `actor()` signs a write."""

import time
from datetime import datetime

from flask import request
from flask_login import current_user

import clock
import models as m
from history import Actor
from policies import User
from views import access_log

AGAIN = 600  # seconds within which the same look at the same record is one look
_looks: dict[tuple, float] = {}


def user() -> User:
    """The signed-in person as policies know them; only on pages that need a sign-in."""
    return current_user._get_current_object()


def actor(via: str = "web", typed_at: datetime | None = None) -> Actor:
    """Who writes, from where and when; `typed_at` if it waited in the browser since then (see offline.typed_at)."""
    return Actor(who=current_user.name, at=clock.now(), person=current_user.person, via=via, address=address(), typed_at=typed_at,
                 account=current_user.account)


def stranger(name: str) -> Actor:
    """The actor of a write before anybody has signed in."""
    return Actor(who=name, at=clock.now(), via="web", address=address())


def address() -> str:
    return (request.remote_addr or "")[:60]


def looked(page: str, pupil: int | None = None, unit: int | None = None) -> None:
    """Keep that staff looked at the record of a pupil or a unit (SEC-16); repeated looks within ten minutes are one."""
    if not current_user.is_staff or _lately(current_user.person, page, pupil, unit):
        return
    access_log.keep(m.AccessRecord, at=clock.now(), person=current_user.person, page=page, pupil_id=pupil, unit_id=unit)


def turned_away(page: str, pupil: int) -> None:
    """Keep that somebody asked for a pupil who is not theirs (ACC-02); repeated attempts within ten minutes are one."""
    if _lately(current_user.person, page, pupil, "turned away"):
        return
    access_log.keep(m.AccessRecord, at=clock.now(), person=current_user.person, page=f"{page}: refused", pupil_id=pupil, unit_id=None)


def _lately(*look) -> bool:
    """Was the same look kept a moment ago?"""
    now = time.monotonic()
    if now - _looks.get(look, -AGAIN) < AGAIN:
        return True
    if len(_looks) > 5000:
        _looks.clear()
    _looks[look] = now
    return False
