"""What somebody may change although it is closed: the cells of requests that were allowed, until their last second (MRK-08).

Which requests a person has open comes with the `User`; their cells are read only for those who have one, so that judging costs
nobody else a query. The regulation's other rules hold for these cells as for any.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import models as m
from policies import User
from rulebook.rules import in_time

LOCKS = ("mark.edit_window", "period.closed")
"""Rules that a correction lifts."""


@dataclass(frozen=True)
class Leaves:
    """Permissions by place (see CorrectionCell.place, with the course for marks of a period), and what was written by them."""

    cells: Mapping[tuple, m.CorrectionCell]
    written: dict[int, str] = field(default_factory=dict)

    def of(self, what: str, lesson: int | None = None, work: int | None = None, pupil: int | None = None, kind: str = "",
           period: int | None = None, course: int | None = None) -> m.CorrectionCell | None:
        return self.cells.get((course if what == "result" else None, what, lesson, work, pupil, kind, period)) if self.cells else None

    def note(self, leave: m.CorrectionCell | None, text: str) -> None:
        """`text` is written by this permission; see `keep`."""
        if leave is not None:
            self.written[leave.id] = text

    def keep(self, by) -> None:
        """Write into the requests what was noted; no statement when nothing was."""
        if self.written:
            m.CorrectionCell.mended(by, self.written)
            self.written.clear()


def leaves_of(user: User, now: datetime) -> Leaves:
    """What this person may change by permission at this moment. One query, or none for who has no permission of these days."""
    if not user.leaves:
        return Leaves({})
    rows = [row for row in m.CorrectionCell.allowed(user.leaves).order_by(m.CorrectionCell.id)
            if row.correction.asked_by_id == user.person and in_time(row.correction.decision.until, now)]
    return Leaves({(row.correction.course_id if row.what == "result" else None, *row.place): row for row in rows})


def may_be_asked(outcome) -> bool:
    """Was this refused (an outcome or a decision) by a rule that a correction lifts?"""
    return outcome.state == "refused" and outcome.rule in LOCKS


def ground(leave: m.CorrectionCell | None, reason: str = "") -> str:
    """The ground a record keeps: the protocol by which it was corrected, with the reason of the request or a further one."""
    if leave is None:
        return reason
    words = reason or leave.correction.reason
    return f"{protocol(leave.correction)}: {words}"[:300]


def protocol(correction: m.Correction) -> str:
    """«Протокол исправления № 5», as it stands in the records and in their history."""
    return f"Протокол исправления № {correction.number}"
