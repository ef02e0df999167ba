"""What people of the demo school have written to each other, and what is announced: a question about a mark, a message to a class, a
meeting."""

from datetime import date, time, timedelta

import clock
import models as m
import policies
import rulebook.talk
from history import Actor

QUESTION = "Здравствуйте! За что снизили отметку на этой неделе? Хотим разобрать дома."
REPLY = "Добрый день! Перепутаны знаки в последнем задании. Разберём на уроке, а дома повторите правило в тетради."
TO_PARENTS = "Уважаемые родители! В пятницу после уроков репетиция, задержимся до 15:00. Кого встретить раньше — напишите."
MEETING = "Родительское собрание — во вторник, 22 декабря, в 17:30 в актовом зале. Итоги четверти и безопасность на каникулах."
COUNCIL = "Педсовет — в понедельник, 21 декабря, в 14:30 в учительской."


def talk(roles: dict[str, m.Person], day: date) -> None:
    """A parent asks the teacher and is answered, the class teacher writes to the class, the deputy announces two things."""
    before = day - timedelta(days=1)
    parent = m.Account.get(m.Account.login == "parent").person
    _as(parent, before, time(19, 12), _ask, roles["teacher"])
    _as(roles["teacher"], before, time(19, 40), _reply)
    _as(roles["classteacher"], before, time(16, 5), _to_class)
    _as(roles["deputy"], before, time(15, 0), _announce, day)


def _as(person: m.Person, day: date, at: time, act, *more) -> None:
    act(policies.user_of(person.id, person.short_name, day), Actor(person.short_name, clock.at(day, at), person.id), *more)


def _ask(user, by: Actor, teacher: m.Person) -> None:
    """About the child whom the teacher teaches."""
    for pupil in user.pupils:
        if policies.allows(user, "create", m.Conversation(author=user.person, person=teacher.id, pupil=pupil)):
            rulebook.talk.start(user, by, QUESTION, person=teacher.id, pupil=pupil)
            return


def _reply(user, by: Actor) -> None:
    for conversation in policies.visible(user, m.Conversation):
        m.Receipt.read(by, conversation)
        rulebook.talk.answer(user, by, conversation, REPLY)


def _to_class(user, by: Actor) -> None:
    rulebook.talk.start(user, by, TO_PARENTS, school_class=user.classes[0], whom="parents")


def _announce(user, by: Actor, day: date) -> None:
    rulebook.talk.put_up(user, by, MEETING, "parents", by.day, day + timedelta(days=5))
    rulebook.talk.put_up(user, by, COUNCIL, "staff", by.day, day + timedelta(days=4))
