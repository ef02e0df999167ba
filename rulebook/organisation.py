"""The school calls itself what its regulation calls it: a school or a college, with the words that go with it (org.type)."""

from datetime import date

import models as m
from history import Actor
from rulebook.rules import rules_on


def follow(by: Actor, today: date) -> str:
    """Make the kind of organisation what the regulation in force says; a line for the log when it changed. Two statements."""
    kind, school = rules_on(today).value("org.type"), m.School.the()
    if school is None or school.kind == kind:
        return ""
    with m.writing(by):
        m.School.update(kind=kind).where(m.School.id == school.id).execute()
    return f"kind of organisation: {kind}"
