"""Requests to correct a class list or a card by those who may not correct it themselves (CNT-04, CNT-12): asked, told to whoever may,
done or declined with an answer that goes back to who asked."""

import models as m
import policies
from history import Actor
from policies import User
from rulebook.due import Duty, Source, fact
from rulebook.rules import Rules
from rulebook.words import brief

LISTS, CARDS = KEYS = ("rights.contingent_editor", "rights.card_editor")
LONGEST = 200  # letters of a request told in a notice
STATES = {"asked": m.N_("waits for an answer"), "done": m.N_("corrected"), "declined": m.N_("declined")}


class NotYours(Exception):
    """The request is none of the user's, or this may not be done to it."""


def asks(rules: Rules, key: str) -> bool:
    """Does a class teacher have to ask somebody else under this key?"""
    return "CT" not in rules.value(key)


def ask(user: User, by: Actor, school_class: m.SchoolClass, pupil: m.Pupil | None, text: str) -> list[str]:
    """A request about a pupil, or about the list of the class; short names of whom it reached. Raises NotYours, and Refused
    without words or when nobody at the school may correct it."""
    request = m.ListRequest(school_class=school_class, pupil=pupil, asked_by=user.person)
    if not policies.allows(user, "create", request):
        raise NotYours
    people = keepers(user)
    if not people:
        raise m.Refused(m.Text(m.N_("Nobody at the school has the role that corrects lists. Tell the director.")))
    with m.writing(by):
        request = m.ListRequest.ask(by, school_class, pupil, text)
        whom = pupil.person.short_name if pupil else m.Text(m.N_("the list"))
        m.Notice.tell(by, people, m.Text(m.N_("%(name)s asks to correct %(whom)s, %(class_name)s: %(text)s"), name=by.who, whom=whom,
                                         class_name=school_class.name, text=brief(request.text, LONGEST)), _url(request))
    return [person.short_name for person in people]


def reply(user: User, by: Actor, request: m.ListRequest, state: str, answer: str) -> None:
    """Done or declined; who asked is told. Raises NotYours, and Refused for an answer that is missing or came already."""
    if state not in ("done", "declined") or not policies.allows(user, "reply", request):
        raise NotYours
    with m.writing(by):
        request.reply(by, state, answer)
        words = m.N_("Corrected as you asked: %(text)s %(answer)s") if state == "done" else m.N_("Not corrected: %(text)s. %(answer)s")
        m.Notice.tell(by, {request.asked_by_id} - {by.person},
                      m.Text(words, text=brief(request.text, LONGEST), answer=brief(request.answer, LONGEST)), _url(request))


def keepers(user: User) -> list[m.Person]:
    """Whom the regulation lets correct lists and cards of the whole school; the administrators where it names only class teachers."""
    roles = {*user.rules.value(LISTS), *user.rules.value(CARDS)} - {"CT"} or {"ADM"}
    who = m.Appointment.on(user.today).where(m.Appointment.role.in_(sorted(roles))).select(m.Appointment.person)
    return list(m.Person.select().where(m.Person.id.in_(who)).order_by(m.Person.sort))


def _url(request: m.ListRequest) -> str:
    return f"/list-requests/#r{request.id}"


# ---- duties ----

def _facts(user, rules, now):
    if not user.has("ADM", *rules.value(LISTS), *rules.value(CARDS)):
        return []
    waiting = m.ListRequest.select().where((m.ListRequest.state == "asked") & (m.ListRequest.asked_by != user.person))
    if not user.has("ADM", "SEC"):
        waiting = waiting.where(m.ListRequest.school_class.in_(user.classes))
    return [fact(waiting, "list request", one=m.ListRequest.id, words=m.ListRequest.text)]


def _duties(user, rules, now, found):
    clause = ", ".join(dict.fromkeys(rules[key].clause for key in KEYS if rules[key].clause))
    return [Duty(m.Text(m.N_("Correct, or say why not: %(text)s"), text=brief(row.words, LONGEST)), None, f"/list-requests/#r{row.one}",
                 clause if len(clause) <= 40 else rules[LISTS].clause, False, "list") for row in found("list request")]


SOURCE = Source(_facts, _duties)
