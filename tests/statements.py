"""Counting the statements a piece of code sends to the database."""

import logging
from contextlib import contextmanager

LOGGER = logging.getLogger("peewee")


@contextmanager
def counted():
    """Yields a list that fills with the statements sent inside the block, in order."""
    sent: list[str] = []
    handler = _Keeper(sent)
    before = LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        yield sent
    finally:
        LOGGER.setLevel(before)
        LOGGER.removeHandler(handler)


class _Keeper(logging.Handler):
    def __init__(self, sent: list[str]):
        super().__init__()
        self.sent = sent

    def emit(self, record):
        """The pool writes to the same log, in words; the log of use is written aside in a school, and in a request only by tests."""
        if isinstance(record.msg, tuple) and 'INTO "use_day"' not in str(record.msg[0]):
            self.sent.append(str(record.msg[0]))
