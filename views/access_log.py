"""Who of the staff looked at whose record (SEC-16), kept cheaply: gathered in memory, written in one statement soon after.

A page does not wait for the disk: what a process gathered is written when a few seconds have passed, when fifty looks
wait, or at exit. A kill loses the looks of those seconds, never a change of the journal.
"""

import atexit
import logging
from threading import Lock, Timer

from flask import current_app
from peewee import PeeweeException

import models as m

MOST = 50
SECONDS = 5  # ACCESS_LOG_SECONDS of the application's configuration; 0 writes at once

log = logging.getLogger("zhurnal")
_lock = Lock()
_waiting: list[dict] = []


def keep(**look) -> None:
    """Keep one look: the fields of AccessRecord."""
    seconds = current_app.config.get("ACCESS_LOG_SECONDS", SECONDS)
    with _lock:
        _waiting.append(look)
        first, full = len(_waiting) == 1, len(_waiting) >= MOST
    if full or not seconds:
        flush()
    elif first:
        timer = Timer(seconds, _flush_aside)
        timer.daemon = True
        timer.start()


def flush() -> None:
    """Write what waits, in one statement."""
    with _lock:
        rows, _waiting[:] = list(_waiting), []
    if rows:
        m.AccessRecord.insert_many(rows).execute()


def _flush_aside() -> None:
    """The same on a connection of its own, where no request waits for it."""
    if not _waiting:
        return
    try:
        with m.db.connection_context():
            flush()
    except PeeweeException:
        log.exception("looks at records could not be kept")


atexit.register(_flush_aside)
