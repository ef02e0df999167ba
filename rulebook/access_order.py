"""Who answers for the journal is appointed by an order (LEG-13): where the document asks for one, no administrator is appointed without;
elsewhere the director finds them listed «without an order».
"""

import models as m
from policies import User
from rulebook.due import Duty, Source, fact
from rulebook.rules import Rules

RESPONSIBLE = ("ADM", "ZAV", "SEC")  # keep the journal of the whole school
BY_ORDER = {"d1_asurso": ("ADM", "4.2.2, 8.6")}  # preset → the role that needs an order, the clauses that say so


def needs_order(rules: Rules, role: str) -> str:
    """The clause by which this role is given by an order with number and date; "" where none asks for it."""
    needed, clause = BY_ORDER.get(rules.preset, ("", ""))
    return clause if role == needed else ""


def without_order():
    """Appointments that name no order, or no date of it."""
    return m.Appointment.select().where((m.Appointment.order_no == "") | m.Appointment.order_date.is_null())


def _facts(user: User, rules: Rules, now):
    if not user.has("DIR"):
        return []
    rows = without_order().join(m.Person).where(
        m.Appointment.role.in_(RESPONSIBLE) & (m.Appointment.starts <= user.today)
        & (m.Appointment.ends.is_null() | (m.Appointment.ends >= user.today)))
    return [fact(rows, "no order", one=m.Appointment.id, words=m.Person.surname.concat(" ").concat(m.Person.name))]


def _duties(user: User, rules: Rules, now, found):
    names = sorted({row.words for row in found("no order")}, key=m.sort_key)
    if not names:
        return []
    return [Duty(m.Text(m.N_("Answer for the journal without an order: %(names)s"), names=", ".join(names)), None,
                 "/admin/appointment/?flt_order=no", needs_order(rules, "ADM") or rules["roles.responsible"].clause, False, "list")]


SOURCE = Source(_facts, _duties)
