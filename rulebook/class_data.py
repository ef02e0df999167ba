"""The list and data of a class as its class teacher checks them (CNT-04, CNT-05): what is missing in each card."""

from dataclasses import dataclass
from datetime import date

from peewee import JOIN

import models as m


@dataclass
class Line:
    """A pupil with the card's parents and what is missing in it, in words."""

    pupil: m.Pupil
    parents: list[m.Person]
    lacks: list[m.Text]


def pupils(school_class, day: date) -> list[Line]:
    """The class on the day, by the alphabet. Two statements."""
    lines = {pupil.id: Line(pupil, [], []) for pupil in m.Pupil.of_class(school_class, day)}
    for row in m.Guardianship.on(day).select(m.Guardianship, m.Person).join(m.Person, JOIN.INNER, on=(
            m.Guardianship.guardian == m.Person.id)).where(m.Guardianship.pupil.in_(list(lines))).order_by(m.Guardianship.id):
        lines[row.pupil_id].parents.append(row.guardian)
    for line in lines.values():
        person = line.pupil.person
        line.lacks = [m.Text(words) for missing, words in (
            (person.birth is None, m.N_("date of birth")), (not line.pupil.file_no, m.N_("personal file")),
            (not line.parents, m.N_("parents")),
            (line.parents and not any(parent.phone or parent.email for parent in line.parents), m.N_("telephone of the parents")))
            if missing]
    return list(lines.values())
