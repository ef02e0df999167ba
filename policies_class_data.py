"""The list and data of a class as its class teacher checks them (CNT-04, CNT-05): what is missing in each card, and asking those who
may mend it."""

from dataclasses import dataclass
from datetime import date

from peewee import JOIN

import models as m
from history import Actor
from policies import User
from policies_rules import Rules


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
            (line.parents and not any(parent.phone or parent.email for parent in line.parents), m.N_("telephone of the parents"))) if missing]
    return list(lines.values())


def editors(rules: Rules) -> tuple[str, ...]:
    """The roles that correct lists and cards (CNT-12)."""
    return tuple(dict.fromkeys((*rules.value("rights.contingent_editor"), *rules.value("rights.card_editor"))))


def ask_to_mend(user: User, by: Actor, school_class, text: str) -> list[str]:
    """Tell those who correct lists what is wrong in this class; short names of whom it reached. Refused without words, or when
    the school has nobody with such a role."""
    if not text.strip():
        raise m.Refused(m.Text(m.N_("Write what has to be corrected")), "text")
    roles = [role for role in editors(user.rules) if role != "CT"] or ["ADM"]
    people = list(m.Person.select().where(m.Person.id.in_(m.Appointment.on(user.today).where(m.Appointment.role.in_(roles)).select(
        m.Appointment.person))).order_by(m.Person.sort))
    if not people:
        raise m.Refused(m.Text(m.N_("Nobody at the school has the role that corrects lists. Tell the director.")))
    m.Notice.tell(by, people, m.Text(m.N_("%(name)s asks to correct the list of %(class_name)s: %(text)s"), name=by.who,
                                     class_name=school_class.name, text=text.strip()[:400]), f"/duties/classes/{school_class.id}")
    return [person.short_name for person in people]
