"""The protocol of opening a closed period again (LEG-07, MRK-08): the paper, who opened it and until when, and entry by entry what was
changed while it was open."""

from datetime import datetime

import clock
import models as m
import rulebook.changes
from printouts.document import Column, Document, Heading, Imprint, Paragraph, Signatures, Table

WHAT = {"mark": "отметка", "absence": "посещаемость", "period_mark": "итоговая отметка", "lesson": "тема урока"}


def act(closure: m.PeriodClosure, imprint: Imprint) -> Document | None:
    """Of a closing that was opened again; None of any other. The closing comes with its class, period and people."""
    if closure.reopened_at is None:
        return None
    ends = min(filter(None, (closure.reopened_until, closure.closed_again_at)), default=None)
    changes = rulebook.changes.of_closure(closure, closure.reopened_at, ends)
    lines = [("Класс, период", f"{closure.school_class.name}, {closure.period.name}"),
             ("Период закрыт", f"{_moment(closure.closed_at)}, {closure.closed_by.full_name if closure.closed_by else 'программа'}"),
             ("Открыт снова", f"{_moment(closure.reopened_at)}, {closure.reopened_by.full_name if closure.reopened_by else 'программа'}"),
             ("Основание", closure.reopen_paper or "не указано"), ("Причина", closure.reopen_reason),
             ("Открыт до", _moment(closure.reopened_until) if closure.reopened_until else "до нового закрытия"),
             ("Закрыт вновь", _closed_again(closure, imprint.at))]
    table = Table([Column(8, "center"), Column(32), Column(34), Column(62, head=True), Column(22), Column(22)],
                  [["№", "Когда", "Кто", "Запись", "Было", "Стало"]],
                  [[number, _moment(each.at), each.who, name_of(each), each.was or "пусто", each.now or "пусто"]
                   for number, each in enumerate(changes, 1)], name="Изменения", size=9,
                  empty="Пока период был открыт, записи не изменялись.")
    opener = closure.reopened_by.short_name if closure.reopened_by else ""
    return Document(f"Протокол открытия периода: {closure.school_class.name}, {closure.period.name}", "",
                    f"otkrytie-perioda-{closure.id}", imprint,
                    [*(Paragraph(f"{name}: {text}") for name, text in lines), Heading("Что изменено, пока период был открыт"), table,
                     Signatures([("Период открыл(а)", opener), ("Директор", "")])], meta=[m.School.the().name])


def name_of(change: rulebook.changes.Change) -> str:
    """«7Б, Алгебра, 12.11.2026: отметка, Ученикова Анна»"""
    kinds = {"year": "за год", "exam": "за экзамен", "final": "итоговая"}
    where = ", ".join(filter(None, (change.journal, change.day and f"{change.day:%d.%m.%Y}", kinds.get(change.kind, ""))))
    return f"{where}: {', '.join(filter(None, (WHAT[change.what], change.name)))}"


def _closed_again(closure, now: datetime) -> str:
    if closure.closed_again_at:
        return f"{_moment(closure.closed_again_at)}, с новой подписью"
    if closure.reopened_until and closure.reopened_until < now:
        return f"{_moment(closure.reopened_until)}, сам собой по истечении срока"
    return "ещё открыт"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.zone()):%d.%m.%Y %H:%M}"
