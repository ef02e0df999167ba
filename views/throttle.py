"""Slows down guessing of passwords and codes, by the pair of login and address, by login, and by address; and floods of what anybody
may send.

The pair is strict, so that a stranger elsewhere cannot lock a teacher out; the address is mild, as a school has one for all.
"""

from datetime import timedelta

import clock
from models import LoginFailure

PAUSE_MINUTES = 5
PAUSE = timedelta(minutes=PAUSE_MINUTES)
FORGOTTEN = timedelta(minutes=30)
PAIR, LOGIN, ADDRESS = 5, 25, 60  # failures until a pause


def paused(login: str, address: str) -> bool:
    """Is a pause on for this login or address?"""
    keys = list(_limits(login, address))
    return LoginFailure.select().where(LoginFailure.key.in_(keys) & (LoginFailure.until > clock.now())).exists()


def failed(login: str, address: str) -> int:
    """Count a failure; how many attempts are left before the pause."""
    now = clock.now()
    LoginFailure.delete().where(LoginFailure.last_at < now - FORGOTTEN).execute()
    return min(_count(key, limit, now) for key, limit in _limits(login, address).items())


def forgive(login: str, address: str) -> None:
    """A success: forget the failures of this login."""
    keys = list(_limits(login, address))[:2]
    LoginFailure.delete().where(LoginFailure.key.in_(keys)).execute()


def too_many(what: str, whose: str, most: int) -> bool:
    """Count one more of something that anybody may send; True when there were so many already that a pause is on."""
    key, now = f"{what}:{whose}"[:120], clock.now()
    if LoginFailure.select().where((LoginFailure.key == key) & (LoginFailure.until > now)).exists():
        return True
    LoginFailure.delete().where((LoginFailure.key == key) & (LoginFailure.last_at < now - FORGOTTEN)).execute()
    _count(key, most, now)
    return False


def _limits(login: str, address: str) -> dict[str, int]:
    name = login.lower()[:50]
    return {f"{name}@{address}"[:120]: PAIR, f"login:{name}": LOGIN, f"address:{address}"[:120]: ADDRESS}


def _count(key: str, limit: int, now) -> int:
    LoginFailure.insert(key=key, failures=1, last_at=now).on_conflict(
        conflict_target=[LoginFailure.key],
        update={LoginFailure.failures: LoginFailure.failures + 1, LoginFailure.last_at: now}).execute()
    left = limit - LoginFailure.get(LoginFailure.key == key).failures
    if left <= 0:
        LoginFailure.update(until=now + PAUSE, failures=0).where(LoginFailure.key == key).execute()
    return max(left, 0)
