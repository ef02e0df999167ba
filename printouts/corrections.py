"""The act of a correction, and the register of corrections of a span of days (MRK-08): number, who asked, who allowed, cell by cell what
stood and what stands, the ground, the clause, place to sign."""

from datetime import date, datetime

import clock
import models as m
import policies
from printouts.document import Column, Document, Heading, Imprint, Paragraph, Signatures, Table

KINDS = {"year": "годовая отметка", "exam": "экзаменационная отметка", "final": "итоговая отметка"}
STATES = {"waiting": "ожидает решения", "open": "разрешено", "over": "разрешено, срок истёк", "declined": "отклонено",
          "withdrawn": "отозвано"}


def act(user: policies.User, number: int, imprint: Imprint) -> Document:
    """The act of one request that the user may see."""
    row = m.Correction.whole().where(m.Correction.id == number).get()
    cells = list(m.CorrectionCell.whole([row.id]))
    decided = row.decision
    blocks = [Paragraph(f"{name}: {text}") for name, text in _paper(row, imprint.at, cells)]
    blocks += [Heading("Исправленные записи" if decided and decided.allowed else "Записи, которые просили исправить"),
               Table([Column(8, "center"), Column(67, head=True), Column(30), Column(30), Column(20, "center"), Column(25)],
                     [["№", "Запись", "Было", "Стало", "Пункт", "Исправлено"]],
                     [_cell(n, cell, bool(decided and decided.allowed)) for n, cell in enumerate(cells, 1)], name="Записи", size=9)]
    missing = sum(cell.mended_at is None for cell in cells)
    if decided and decided.allowed and missing:
        blocks.append(Paragraph(f"Без изменений осталось записей: {missing}."))
    names = [("Исправление просил(а)", row.asked_by.short_name)] + ([("Решение принял(а)", decided.by.short_name)] if decided else [])
    return Document(f"Акт исправления № {row.number} от {_day(decided.at if decided else row.asked_at)}", "",
                    f"akt-ispravleniya-{row.number}", imprint, [*blocks, Signatures([*names, ("Директор", "")])],
                    meta=[m.School.the().name, f"{row.year.name} учебный год"])


def register(user: policies.User, first: date, last: date, when: str, imprint: Imprint) -> Document:
    """Every request of these days that the user may see; three queries."""
    seen = policies.visible(user, m.Correction).select(m.Correction.id)
    rows = [row for row in m.Correction.whole().where(m.Correction.id.in_(seen))
            if first <= row.asked_at.astimezone(clock.zone()).date() <= last]
    cells: dict[int, list] = {}
    for cell in m.CorrectionCell.whole([row.id for row in rows]):
        cells.setdefault(cell.correction_id, []).append(cell)
    columns = [Column(9, "center"), Column(24), Column(30), Column(34, head=True), Column(88), Column(44), Column(38)]
    head = ["№", "Дата", "Кто просил", "Журнал", "Что исправлялось", "Основание", "Решение"]
    table = Table(columns, [head], [_line(row, cells.get(row.id, []), imprint.at) for row in reversed(rows)], name="Исправления",
                  row_height=8, empty="Исправлений не было.")
    return Document("Журнал исправлений", "", f"ispravleniya-{first}-{last}", imprint, [table, Signatures([("Заместитель директора", "")])],
                    meta=[m.School.the().name, when], landscape=True)


def _paper(row, now: datetime, cells) -> list[list[str]]:
    decided, rules = row.decision, policies.rules_on(row.asked_at.astimezone(clock.zone()).date())
    clauses = sorted({cell.clause for cell in cells if cell.clause})
    lines = [["Журнал", _journal(row)], ["Просил(а)", f"{row.asked_by.full_name}, {_moment(row.asked_at)}"], ["Причина", row.reason],
             ["Основание", ", ".join([rules.document, *(f"п. {clause}" for clause in clauses)])], ["Решение", _decision(row, now)]]
    if decided:
        lines.append(["Решение принял(а)", f"{decided.by.full_name}, {_moment(decided.at)}"])
        lines += [["Примечание", decided.note]] if decided.note else []
    return lines


def _journal(row) -> str:
    return f"{row.course.unit.name}, {row.course.subject.name}"


def _decision(row, now: datetime) -> str:
    decided = row.decision
    if row.withdrawn_at:
        return f"просьба отозвана {_moment(row.withdrawn_at)}"
    if decided is None:
        return "не принято"
    if not decided.allowed:
        return "отклонено"
    return f"разрешено до {_moment(decided.until)}"


def _cell(number: int, cell, allowed: bool) -> list:
    clause = cell.clause or ("период закрыт" if cell.rule == "period.closed" else "")
    return [number, name_of(cell), _value(cell, cell.before), _value(cell, cell.after) if cell.mended_at else "—" if allowed else
            f"просили: {_value(cell, cell.wanted)}", clause, _moment(cell.mended_at) if cell.mended_at else ""]


def _line(row, cells, now: datetime) -> list:
    told = "; ".join(f"{name_of(cell)}: было {_value(cell, cell.before)}, {_became(cell)}"
                     for cell in cells)
    decided = row.decision
    return [row.number, _day(row.asked_at), row.asked_by.short_name, _journal(row), told, row.reason,
            ", ".join(filter(None, (STATES[row.state(now)], decided and decided.by.short_name, decided and decided.note)))]


def name_of(cell) -> str:
    """«12.11.2026, Ученикова Анна», «12.11.2026, тема урока»."""
    if cell.what == "result":
        return f"{cell.pupil.person.surname} {cell.pupil.person.name}, {cell.period.name if cell.period_id else KINDS[cell.kind]}"
    on = f"{cell.lesson.day:%d.%m.%Y}"
    if cell.what == "cell":
        return f"{on}, {cell.pupil.person.surname} {cell.pupil.person.name}" + (f", {cell.work.kind.name}" if cell.work_id else "")
    if cell.what == "remark":
        return f"{on}, комментарий: {cell.pupil.person.surname} {cell.pupil.person.name}"
    return f"{on}, " + {"attendance": "кто на уроке", "topic": "тема урока", "homework": "домашнее задание", "kind": "вид работы",
                        "column": "колонка работы"}[cell.what]


def _value(cell, text: str) -> str:
    if cell.what == "attendance":
        return "отмечено" if text else "не отмечено"
    return text or "пусто"


def _became(cell) -> str:
    return f"стало {_value(cell, cell.after)}" if cell.mended_at else "не исправлено"


def _day(at: datetime) -> str:
    return f"{at.astimezone(clock.zone()):%d.%m.%Y}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.zone()):%d.%m.%Y %H:%M}"
