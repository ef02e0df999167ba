"""Who of the staff looked at whose record (SEC-16), and who used the journal on a day (CTL-13), kept cheaply: gathered in memory,
written in one statement a table soon after.

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
_waiting: list[tuple] = []


def keep(table, **look) -> None:
    """Keep one look: a row of AccessRecord or UseDay; one that is there already stays."""
    seconds = current_app.config.get("ACCESS_LOG_SECONDS", SECONDS)
    with _lock:
        _waiting.append((table, look))
        first, full = len(_waiting) == 1, len(_waiting) >= MOST
    if full or not seconds:
        flush()
    elif first:
        timer = Timer(seconds, _flush_aside)
        timer.daemon = True
        timer.start()


def flush() -> None:
    """Write what waits, in one statement a table."""
    with _lock:
        looks, _waiting[:] = list(_waiting), []
    for table in (m.AccessRecord, m.UseDay):
        rows = [look for kind, look in looks if kind is table]
        if rows:
            table.insert_many(rows).on_conflict_ignore().execute()


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
