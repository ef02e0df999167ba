"""Where an administrative screen leads: buttons of a record's page, doors from a list."""

from collections.abc import Callable
from typing import NamedTuple


class Verb(NamedTuple):
    """A button of a record's page, shown when `allowed(record)`: it posts to an endpoint of the screen, or leads to an address."""

    label: object
    allowed: Callable
    hint: object = ""
    endpoint: str = ""
    address: Callable | None = None


class Door(NamedTuple):
    """A way from a list to the page where its rows are really made: label, endpoint of a view, roles that have it."""

    label: object
    endpoint: str
    roles: tuple
