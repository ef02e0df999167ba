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
        if isinstance(record.msg, tuple):  # the pool writes to the same log, in words
            self.sent.append(str(record.msg[0]))
