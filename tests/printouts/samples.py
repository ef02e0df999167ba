"""Documents made up for the renderers: no database behind them."""

from datetime import date, datetime, timedelta

from printouts.document import (
    Card, Cards, Cell, Certification, Column, Cover, Document, Heading, Imprint, Lesson, PageBreak, Signatures, Spread,
    Table, spreads_of,
)

IMPRINT = Imprint("Егорова Т. П.", datetime(2026, 12, 17, 10, 40))
LONG_NAME = "Христорождественская-Задунайская Александра"
LONG_TOPIC = ("Правописание безударных гласных в корне слова, проверяемых ударением. Практикум по развитию речи: "
              "устный рассказ на основе жизненных наблюдений (по картине И. И. Левитана)")
PUPILS = [LONG_NAME, "Ёлкин Матвей", *(f"Ученик {n} Имя" for n in range(3, 26))]


def spread(lessons: int = 30, pupils: int = 25, subject: str = "русский язык", first: int = 1) -> Spread:
    """A course of so many lessons, every tenth followed by a period column."""
    days = [date(2026, 9, 1) + timedelta(days=2 * n) for n in range(lessons)]
    columns = []
    for n, day in enumerate(days, 1):
        columns.append(Lesson(day, f"{n} / 1", LONG_TOPIC if n % 4 == 0 else f"Тема урока {n}", "§ 12, упр. 145"))
        if n % 10 == 0:
            columns.append(Lesson(label=f"{'I' * (n // 10)} четверть", closing="По плану 10 ч, дано 9 ч, отставание 1 ч."))
    names = PUPILS[:pupils]
    marks = [["н→4" if (row + n) % 7 == 0 else "5/4" if (row + n) % 11 == 0 else "" if (row + n) % 2 else "4"
              for n in range(len(columns))] for row in range(len(names))]
    return Spread(subject, "5А", "2026/27", "Щеглова Любовь Алексеевна", names, columns, marks, first)


def journal(*spreads: Spread) -> Document:
    contents = Table([Column(8, "center"), Column(90, head=True), Column(70)], [["№", "Предмет", "Учитель"]],
                     [[n, each.subject.capitalize(), each.teacher] for n, each in enumerate(spreads, 1)], caption="Содержание")
    blocks = [Cover("МБОУ «Верхнеберёзовская СОШ»", "Классный журнал 5А класса", ["2026/2027 учебный год"]), PageBreak(),
              contents, *spreads, Certification("В настоящем журнале", "Директор", "Сорокина Т. Л.")]
    return Document("Классный журнал 5А класса", "F-01", "zhurnal-5a", IMPRINT, blocks, book=True, bound=True)


def year() -> Document:
    """A class's whole year: fifteen courses, about a hundred pages."""
    courses, first = [], 1
    for number, lessons in enumerate((170, 170, 102, 68, 68, 34, 34, 34, 102, 68, 34, 34, 34, 34, 68), 1):
        courses.append(spread(lessons, subject=f"предмет {number}", first=first))
        first += spreads_of(len(courses[-1].lessons))
    return journal(*courses)


def register(rows: int = 3) -> Document:
    table = Table([Column(8, "center"), Column(70, head=True), Column(40), Column(40)],
                  [[Cell("№", rows=2), Cell("ФИО", rows=2), Cell("Выдача", span=2)], ["Логин", "Подпись"]],
                  [[n, LONG_NAME, "elkin", ""] for n in range(1, rows + 1)], caption="Выдано")
    blocks = [Heading("Реквизиты"), table, Signatures([("Директор", "Сорокина Т. Л."), ("Секретарь", "")])]
    return Document("Ведомость выдачи реквизитов", "F-16", "f16", IMPRINT, blocks, meta=["5А класс"], landscape=True)


def slips(count: int = 5) -> Document:
    cards = [Card(LONG_NAME, [("Код", f"7F3K-92Q{n}")], ["Код действует до 31.12.2026."]) for n in range(count)]
    return Document("Листки с кодами", "F-16а", "kody", IMPRINT, [Cards(cards)])
