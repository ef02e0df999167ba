"""The register of substituted lessons, F-13 (SUB-02): each line stands from the moment the substitution is appointed, and says when
the substitute made the first record in the lesson (SUB-03)."""

from collections import Counter
from datetime import date

import clock
import models as m
import policies
from printouts.document import Column, Document, Heading, Imprint, Signatures, Table

KINDS = {"same_subject": "тот же предмет", "other_subject": "другой предмет", "joining": "объединение подгрупп",
         "second_class": "два класса сразу"}


def facts(user: policies.User, first: date, last: date, when: str, imprint: Imprint) -> Document:
    """The substitutions of lessons from a day to a day; `when` is how the span is called. Three queries."""
    seen = policies.visible(user, m.Substitution).select(m.Substitution.id)
    rows = list(m.Substitution.register(first, last).where(m.Substitution.id.in_(seen)))
    columns = [Column(8, "center"), Column(18), Column(16), Column(10, "center"), Column(31), Column(32, head=True), Column(32),
               Column(30), Column(32), Column(14), Column(24), Column(26)]
    head = ["№", "Дата", "Класс", "Урок", "Предмет", "Отсутствует", "Причина, приказ", "Как проведён", "Заменяет", "Оплата",
            "Запись сделана", "Подпись"]
    table = Table(columns, [head], [_line(number, row) for number, row in enumerate(rows, 1)], name="Замены", row_height=8,
                  empty="Замен не было.")
    return Document("Журнал пропущенных и замещённых уроков", "F-13", f"zameny-{first}-{last}", imprint,
                    [table, *_totals(rows), Signatures([("Заместитель директора", "")])], meta=[m.School.the().name, when], landscape=True)


def _line(number: int, row) -> list:
    lesson, at = row.lesson, row.recorded_at
    return [number, f"{lesson.day:%d.%m.%Y}", lesson.course.unit.name, lesson.number, lesson.course.subject.name,
            row.stood_in_for.short_name if row.stood_in_for else "",
            ", ".join(part for part in (row.reason, row.order_no and f"пр. {row.order_no}") if part),
            KINDS.get(row.kind, row.kind), row.giver.short_name, "да" if row.paid else "нет",
            f"{at.astimezone(clock.zone()):%d.%m %H:%M}" if at else "", ""]


def _totals(rows) -> list:
    """Lessons by substitute, of them paid, and by reason."""
    if not rows:
        return []
    given, paid = Counter(row.giver.short_name for row in rows), Counter(row.giver.short_name for row in rows if row.paid)
    reasons = Counter(row.reason or "не указана" for row in rows)
    return [Heading("Итого"), Table([Column(70, head=True), Column(24, "right"), Column(24, "right")],
                                    [["Кто заменял", "Уроков", "Оплачивается"]],
                                    [[name, count, paid[name]] for name, count in sorted(given.items())], name="По учителям"),
            Table([Column(70, head=True), Column(24, "right")], [["Причина", "Уроков"]], sorted(reasons.items()), name="По причинам")]
