"""What the demo's people asked and were told, the links the school recommends, and the log of how the journal ran."""

from datetime import date, datetime, time, timedelta

import clock
import models as m
import policies
import rulebook.tickets
from history import Actor

LINKS = (("Российская электронная школа", "https://resh.edu.ru/", "уроки, задания и тренажёры по всем предметам", ""),
         ("Открытый банк заданий ФИПИ", "https://fipi.ru/", "задания ОГЭ и ЕГЭ, пробные варианты", ""),
         ("Всероссийская олимпиада школьников", "https://vserosolimp.edsoo.ru/", "этапы, сроки, задания прошлых лет", ""),
         ("Единое содержание общего образования", "https://edsoo.ru/", "федеральные программы и конструктор", "staff"))


def help_out(by: Actor, roles: dict[str, m.Person], today: date) -> None:
    """Tickets of a teacher and a parent, answered and waiting; links; an interruption of November; a seminar of October."""
    with m.writing(by, "Помощь и работа журнала"):
        for title, url, note, whom in LINKS:
            m.Resource.put(by, title, url, note=note, whom=whom)
        _tickets(roles, today)
        admin = _actor(roles["admin"], datetime(2026, 11, 11, 9, 5))
        m.Outage.note(admin, starts=clock.at(date(2026, 11, 11), time(8, 20)), ends=clock.at(date(2026, 11, 11), time(8, 55)),
                      cause="Отключили свет в селе", measures="Сервер включили, записи целы; батарею ИБП заменим")
        m.Training.hold(_actor(roles["admin"], datetime(2026, 10, 29, 16)), date(2026, 10, 29), "Итоги четверти в журнале",
                        [roles[name].id for name in ("teacher", "classteacher", "substitute")], roles["admin"].short_name)


def _tickets(roles, today: date) -> None:
    teacher, parent, admin = roles["teacher"], m.Account.of_login("parent").person, roles["admin"]
    asked = _ask(parent, "consult", "Как увидеть отметки за прошлую четверть?", "/diary/", datetime(2026, 12, 9, 19, 40))
    _step(admin, asked, "answer", "Откройте «Итоги» вверху дневника: там все периоды года.", datetime(2026, 12, 10, 8, 50))
    _step(parent, asked, "closed", "", datetime(2026, 12, 10, 18, 15))
    asked = _ask(teacher, "improve", "Хорошо бы печатать сводную ведомость сразу по двум четвертям.", "/documents/summary-sheet",
                 datetime(2026, 12, 14, 14, 20))
    _step(admin, asked, "support", "support@example.ru, заявка 118", datetime(2026, 12, 15, 9, 10))
    _ask(teacher, "print", "Список класса 7Б с телефонами родителей, к собранию в пятницу.", "",
         datetime.combine(today - timedelta(days=1), time(15, 5)))


def _ask(person: m.Person, kind: str, text: str, page: str, at: datetime) -> m.Ticket:
    return m.Ticket.ask(_actor(person, at), kind, text, page)


def _step(person: m.Person, ticket: m.Ticket, what: str, text: str, at: datetime) -> None:
    """As the person does it; a notice that came is read by now."""
    by = _actor(person, at)
    rulebook.tickets.step(policies.user_of(person.id, person.short_name, at.date()), by, ticket, what, text)
    told = m.Notice.of_person(ticket.asked_by_id).where(m.Notice.url == rulebook.tickets.url_of(ticket.id))
    m.Notice.read(by, [notice.id for notice in told])


def _actor(person: m.Person, at: datetime) -> Actor:
    return Actor(person.short_name, at.replace(tzinfo=clock.zone()), person.id)
