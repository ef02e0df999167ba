"""Remarks of leaders on the keeping of a journal (CTL-02, CTL-03): written, answered, sent back, closed; each step tells the other side."""

from datetime import date

import models as m
import policies
from history import Actor
from policies import User
from rulebook.due import Duty, Source, fact
from rulebook.words import brief


class NotYours(Exception):
    """The record is none of the user's, or this may not be done to it."""


def write(user: User, by: Actor, person: int, text: str, due: date | None = None, **about) -> m.JournalRemark:
    """A remark to somebody who teaches or leads a class; `about`: school_class, course, lesson, pupil (rows or None).
    Raises NotYours, and Refused for what is missing in it."""
    remark = m.JournalRemark(author=by.person, person=person)
    if not policies.allows(user, "create", remark):
        raise NotYours
    with m.writing(by):
        remark = m.JournalRemark.write(by, person, text, due, **about)
        m.Notice.tell(by, [person], m.Text(m.N_("A remark on your journal: %(text)s"), text=brief(text)), _url(remark), "remark")
    return remark


def answer(user: User, by: Actor, remark: m.JournalRemark, text: str) -> None:
    _must(user, "answer", remark)
    with m.writing(by):
        remark.put_answer(by, text)
        m.Notice.tell(by, [remark.author_id], m.Text(m.N_("%(name)s answered your remark: %(text)s"), name=by.who, text=brief(text)),
                      _url(remark), "remark")


def send_back(user: User, by: Actor, remark: m.JournalRemark, text: str) -> None:
    _must(user, "close", remark)
    with m.writing(by):
        remark.send_back(by, text)
        m.Notice.tell(by, [remark.person_id], m.Text(m.N_("Your answer came back: %(text)s"), text=brief(text)), _url(remark), "remark")


def close(user: User, by: Actor, remark: m.JournalRemark) -> None:
    _must(user, "close", remark)
    with m.writing(by):
        remark.close(by)
        m.Notice.tell(by, {remark.person_id} - {by.person}, m.Text(m.N_("The remark is closed: %(text)s"), text=brief(remark.text)),
                      _url(remark), "remark")


def _must(user: User, verb: str, remark: m.JournalRemark) -> None:
    if not policies.allows(user, verb, remark):
        raise NotYours


def _url(remark: m.JournalRemark) -> str:
    return f"/remarks/{remark.id}"


# ---- duties ----

def _facts(user, rules, now):
    open_ones = m.JournalRemark.select().where(m.JournalRemark.closed_at.is_null())
    selects = [fact(open_ones.where((m.JournalRemark.person == user.person) & m.JournalRemark.answered_at.is_null()), "remark to answer",
                    one=m.JournalRemark.id, day=m.JournalRemark.due, words=m.JournalRemark.text)]
    if user.has(*policies.LEADERS):
        answered = open_ones.where((m.JournalRemark.author == user.person) & m.JournalRemark.answered_at.is_null(False))
        selects.append(fact(answered, "answer to read",
                            one=m.JournalRemark.id, words=m.JournalRemark.text))
    return selects


def _duties(user, rules, now, found):
    to_answer = [Duty(m.Text(m.N_("Answer a remark: %(text)s"), text=brief(row.words)), row.day, f"/remarks/{row.one}", "",
                      row.day is not None and row.day < user.today, "remark") for row in found("remark to answer")]
    to_read = [Duty(m.Text(m.N_("Look at the answer to your remark: %(text)s"), text=brief(row.words)), None, f"/remarks/{row.one}", "",
                    False, "remark") for row in found("answer to read")]
    return to_answer + to_read


SOURCE = Source(_facts, _duties)
