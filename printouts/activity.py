"""The activity of teachers (R-12), of pupils and parents (R-13), the monthly report of both (CTL-04), the figures for a bonus (CTL-15)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import formulas
import models as m
import rulebook.activity
import rulebook.work
from printouts.document import MONTHS, Cell, Column, Document, Heading, Imprint, Paragraph, Signatures, Table
from printouts.render import TYPES, render
from rulebook.due import Span, span_of
from rulebook.rules import Rules

ROLES = {"DIR": "директор", "ZAV": "завуч", "ADM": "администратор", "SEC": "секретарь", "CT": "кл. рук.", "T": "учитель",
         "MAS": "мастер п/о"}
ONE_DAY = timedelta(days=1)
_HOW = ("Дни с входом: сколько дней человек открывал журнал, день считается один раз. Просрочено — записи после срока по положению. "
        "В срок — доля сделанного в срок; итог — среднее этих долей, "
        "«раньше» — за предыдущий период.")


def month(rules: Rules, first: date, last: date, now: datetime, imprint: Imprint) -> Document:
    """Teachers, the rest of the staff and families from a day to a day; names of pupils only where the regulation lets leaders see them."""
    classes = rulebook.activity.by_class(first, last)
    blocks = [Heading("Активность учителей (R-12)"), Paragraph(_HOW), _teachers(rules, first, last, now),
              Heading("Администрация и классные руководители"), _office(first, last),
              Heading("Активность обучающихся и родителей (R-13)"), _families(classes)]
    if rules.value("security.admin_monitors_students"):
        blocks += [Heading("Семьи, которые не заходили в журнал"), _absent(classes)]
    return Document("Отчёт об активности пользователей", "R-12 · R-13", f"aktivnost-{first}-{last}", imprint,
                    [*blocks, Signatures([("Администратор журнала", "")])], meta=[m.School.the().name, when(first, last)], landscape=True,
                    book=True)


def bonus(rules: Rules, first: date, last: date, now: datetime, imprint: Imprint) -> Document:
    """The score of each teacher with what it is made of; nobody's pay follows from it by itself (CTL-15)."""
    rule = rules["bonus.basis"]
    columns = [Column(8, "center"), Column(52, head=True), *[Column(18, "right")] * 9]
    head = [["№", "Учитель", "Уроков", "Посещ. в срок", "Темы в срок", "ДЗ в срок", "Отметки в срок", "Просрочено", "Правок после срока",
             "Замещений", "Итог, %"]]
    rows = [[n, work.name, work.lessons, *_shares(work), work.late, work.corrected, work.substituted, Cell(work.score, bold=True)]
            for n, work in enumerate(rulebook.work.by_teacher(rules, first, last, now), 1)]
    words = Paragraph("Показатель не назначает выплат: его рассматривает директор. " + (
        f"Основание: пункт {rule.clause} положения." if rule.clause else ""))
    return Document("Показатели ведения журнала для представления к поощрению", "R-12", f"pooschrenie-{first}-{last}", imprint,
                    [words, Paragraph(_HOW), Table(columns, head, rows, name="Показатели", empty="Уроков не было."),
                     Signatures([("Представление составил", ""), ("Директор", "")])],
                    meta=[m.School.the().name, when(first, last)], landscape=True)


def when(first: date, last: date) -> str:
    """«октябрь 2026» of a whole month, else both days."""
    whole = span_of("P1M", first)
    return f"{MONTHS[first.month - 1]} {first.year}" if whole == (first, last) else f"{first:%d.%m.%Y} – {last:%d.%m.%Y}"


def files(rules: Rules, span: Span, now: datetime, by: str) -> dict[str, bytes]:
    """The monthly report as it is kept: kind of file → its bytes."""
    document = month(rules, span.first, span.last, now, Imprint(by, now))
    return {kind: render(document, kind) for kind in TYPES}


def _teachers(rules, first, last, now) -> Table:
    before = _before(first, last)
    was = {work.person: work.score for work in rulebook.work.by_teacher(rules, *before, now)}
    use = {each.person: each for each in rulebook.activity.staff(first, last)}
    columns = [Column(8, "center"), Column(38, head=True), Column(12, "right"), Column(18), *[Column(13, "right")] * 15]
    head = [[Cell("№", rows=2), Cell("Учитель", rows=2), Cell("Дней с входом", rows=2), Cell("Последний вход", rows=2),
             Cell("Уроков", rows=2), Cell("Оформлено", rows=2), Cell("Без записи", span=4, align="center"), Cell("Просрочено", rows=2),
             Cell("Правок после срока", rows=2), Cell("Замещений", rows=2), Cell("В срок, %", span=4, align="center"),
             Cell("Итог, %", rows=2), Cell("Итог раньше, %", rows=2)],
            ["темы", "ДЗ", "посещ.", "отметок", "посещ.", "темы", "ДЗ", "отметки"]]
    rows = []
    for number, work in enumerate(rulebook.work.by_teacher(rules, first, last, now), 1):
        own = use.get(work.person)
        rows.append([number, work.name, own.days if own else 0, _day(own and own.last), work.lessons, work.recorded,
                     work.lessons - work.topics, work.asked - work.homework, work.lessons - work.taken, work.asked - work.marked, work.late,
                     work.corrected, work.substituted, *_shares(work),
                     Cell(_or_dash(work.score), bold=True), _or_dash(was.get(work.person))])
    return Table(columns, head, rows, name="Учителя", size=7, empty="Уроков не было.")


def _shares(work) -> list[Decimal | str]:
    return [_or_dash(formulas.shown_percent(share)) for share in work.in_time().values()]


def _before(first: date, last: date) -> tuple[date, date]:
    """The month before a month; as many days before any other days."""
    whole = span_of("P1M", first)
    if whole == (first, last):
        return tuple(span_of("P1M", first - ONE_DAY))
    return first - (last - first) - ONE_DAY, first - ONE_DAY


def _office(first, last) -> Table:
    columns = [Column(8, "center"), Column(48, head=True), Column(52), Column(18, "right"), Column(18, "right"), Column(24), Column(92)]
    rows = [[n, each.name, ", ".join(ROLES[role] for role in each.roles), each.days, each.sign_ins, _day(each.last), _never(each)]
            for n, each in enumerate(rulebook.activity.staff(first, last), 1)]
    head = ["№", "Сотрудник", "Кто", "Дней с входом", "Входов", "Последний вход", "Не открывал(а)"]
    return Table(columns, [head], rows, name="Сотрудники", empty="Сотрудников нет.")


def _families(classes) -> Table:
    columns = [Column(24, head=True), *[Column(22, "right")] * 10]
    head = [[Cell("Класс", rows=2), Cell("Обучающиеся", span=5, align="center"), Cell("Родители", span=5, align="center")],
            ["всего", "с доступом", "заходили", "%", "дней с входом"] * 2]
    rows = [[each.name, *_counted(each.pupils), *_counted(each.parents)] for each in classes]
    pupils = rulebook.activity.Group([one for each in classes for one in each.pupils.members])
    parents = rulebook.activity.Group([one for each in classes for one in each.parents.members])
    return Table(columns, head, rows, [["Всего", *_counted(pupils), *_counted(parents)]], name="Семьи", empty="Классов нет.")


def _counted(group) -> list:
    return [group.everybody, group.registered, group.seen, _or_dash(group.share), group.visits]


def _absent(classes) -> Table:
    rows = [[each.name, len(each.absent), ", ".join(each.absent)] for each in classes if each.absent]
    return Table([Column(24, head=True), Column(16, "right"), Column(220)], [["Класс", "Семей", "Обучающиеся"]], rows, name="Не заходили",
                 empty="Заходили все семьи.")


_NAMES = {"journal": "журналы", "results": "итоги", "plans": "планы", "duties": "дела", "control": "контроль", "compliance": "соответствие",
          "documents": "документы", "lists": "списки", "diary": "дневник", "marks": "отметки", "finals": "отметки за периоды"}


def _never(member) -> str:
    return ", ".join(_NAMES[part] for part in member.never)


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "—"


def _or_dash(value):
    return "—" if value is None else value
