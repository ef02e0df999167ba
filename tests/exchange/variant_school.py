"""The teaching of a small school in the ways other secretaries write it."""

import datetime

from hypothesis import strategies as st

from tests.exchange.variants import book, choice, table

CLASSES = ["5А", "5Б", "7"]
FULL = {"Русский язык": "Рус. яз.", "Литература": "Лит-ра", "Математика": "Матем.", "Физическая культура": "Физ-ра",
        "Иностранный язык (английский)": "Английский", "Информатика": "Информ.", "Физика": "Физика",
        "Изобразительное искусство": "ИЗО", "Вероятность и статистика": "ВиС"}
HOURS = {"5А": {"Русский язык": 5, "Литература": 3, "Математика": 5, "Физическая культура": 2, "Изобразительное искусство": 1},
         "5Б": {"Русский язык": 5, "Литература": 3, "Математика": 5, "Физическая культура": 2, "Изобразительное искусство": 1},
         "7": {"Русский язык": 4, "Иностранный язык (английский)": 3, "Информатика": 1, "Физика": 2, "Вероятность и статистика": 0.5,
               "Математика": 5}}
STAFF = {"Зуева Ольга Петровна": ("Учитель русского языка", "5А"), "Ким Анна": ("учитель математики", "7"),
         "Жуков Пётр Ильич": ("Директор", None), "Ёлкина Алёна Игоревна": ("Учитель английского языка", None),
         "Орлов Юрий Львович": ("Учитель физики и информатики", None), "Смирнова Инна Олеговна": ("Учитель физкультуры", "5Б")}
TEACHERS = {"Русский язык": "Зуева Ольга Петровна", "Литература": "Зуева Ольга Петровна", "Математика": "Ким Анна",
            "Вероятность и статистика": "Ким Анна", "Физическая культура": "Смирнова Инна Олеговна",
            "Изобразительное искусство": "Смирнова Инна Олеговна", "Физика": "Орлов Юрий Львович"}
SPLIT = {("Иностранный язык (английский)", 1): "Ёлкина Алёна Игоревна", ("Иностранный язык (английский)", 2): "Жуков Пётр Ильич",
         ("Информатика", 1): "Орлов Юрий Львович", ("Информатика", 2): "Ким Анна"}
LOAD = [(teacher, subject, name, None, HOURS[name][subject]) for name in CLASSES for subject, teacher in TEACHERS.items()
        if subject in HOURS[name]] + [(teacher, subject, "7", group, HOURS["7"][subject]) for (subject, group), teacher in SPLIT.items()]
# class, day, lesson, what stands in the cell, what it means: (subject, room, group)
CELLS = [("5А", 1, 1, "Русский язык", "12", None), ("5А", 1, 2, "Математика", "3", None), ("5А", 2, 1, "Физическая культура", "с/з", None),
         ("5Б", 1, 1, "Математика", "3", None), ("5Б", 1, 2, "Изобразительное искусство", "5", None),
         ("5Б", 2, 2, "Литература", "12", None), ("7", 1, 1, "Физика", "21", None), ("7", 2, 1, "Математика", "3", None),
         ("7", 2, 2, "Иностранный язык (английский)", ("4", "6"), (1, 2)), ("7", 3, 1, "Вероятность и статистика", "3", None)]
DAYS = (("ПОНЕДЕЛЬНИК", "Вторник", "Среда"), ("пн", "вт", "ср"), ("Понед.", "Вт.", "Ср."))
PERIODS = [("I четверть", datetime.date(2026, 9, 1), datetime.date(2026, 10, 25)),
           ("II четверть", datetime.date(2026, 11, 5), datetime.date(2026, 12, 30))]
BREAKS = [("осенние", datetime.date(2026, 10, 26), datetime.date(2026, 11, 4))]
HOLIDAYS = [("День народного единства", datetime.date(2026, 11, 4)), ("День Победы", datetime.date(2027, 5, 9))]
BELLS = [(1, datetime.time(8, 30), datetime.time(9, 15)), (2, datetime.time(9, 25), datetime.time(10, 10)),
         (3, datetime.time(10, 20), datetime.time(11, 5))]
TOPICS = [("Введение", 1), ("Механическое движение", 3), ("Контрольная работа № 1", 1)]


@st.composite
def files(draw):
    """Every table of the school in some shape: `{file name: bytes}`."""
    return {"штат.xlsx": _staff(draw), "план часов.xlsx": _curriculum(draw), **_load(draw), "уроки.xlsx": _timetable(draw),
            "график.xlsx": _calendar(draw), "звонки.xlsx": _bells(draw), **_plan(draw)}


def _staff(draw):
    headings = [draw(choice(["ФИО", "Ф.И.О. сотрудника", "Сотрудник", "Педагог"])), draw(choice(["Должность", "Занимаемая должность"])),
                draw(choice(["Кл. рук.", "Классное руководство", "Классный руководитель"])), draw(choice(["Стаж", "Категория"]))]
    rows = [[name, position, taught and draw(choice([taught, f"{taught} кл."])), "первая"] for name, (position, taught) in STAFF.items()]
    order = draw(st.permutations(range(4)))
    return book([("Лист1", [["Педагогические работники"]], [headings[i] for i in order], [[row[i] for i in order] for row in rows])])


def _hours(draw, hours):
    return draw(choice([hours, str(hours).replace(".", ",")]))


def _curriculum(draw):
    if draw(st.booleans()):
        headings = draw(choice([["Предмет", "Класс", "Часов в неделю"], ["Учебный предмет", "класс", "Кол-во часов"]]))
        return book([("УП", [], headings, [[subject, name, _hours(draw, hours)] for name in CLASSES
                                           for subject, hours in HOURS[name].items()])])
    spelled = draw(choice([CLASSES, ["5 «А»", "5 «Б»", "7 кл."], ["5-А класс", "5-Б класс", "7 класс"]]))
    rows = [[subject, *[_hours(draw, HOURS[name][subject]) if subject in HOURS[name] else draw(choice([None, "-"])) for name in CLASSES]]
            for subject in FULL]
    total = ["ИТОГО", *[sum(HOURS[name].values()) for name in CLASSES]]
    return book([("Лист1", [["Учебный план на 2026/2027 учебный год"]], [draw(choice(["Предметы", "Учебные предметы"])), *spelled],
                  [*rows, total])])


def _load(draw):
    headings = [draw(choice(["Учитель", "ФИО педагога", "Преподаватель"])), draw(choice(["Предмет", "Дисциплина"])),
                draw(choice(["Класс", "Классы"])), draw(choice(["Группа", "Подгруппа"])), draw(choice(["Часы", "Часов в неделю", "Нагрузка"]))]
    initials, blanks, rows, last = draw(st.booleans()), draw(st.booleans()), [], None
    for teacher, subject, name, group, hours in sorted(LOAD, key=lambda row: row[0]):
        shown = None if blanks and teacher == last else _short(teacher) if initials and teacher.count(" ") > 1 else teacher
        rows.append([shown, subject, name, group, _hours(draw, hours)])
        last = teacher
    order = draw(st.permutations(range(5)))
    lines = [[headings[i] for i in order], *[[row[i] for i in order] for row in rows]]
    if draw(st.booleans()):
        return {"Нагрузка.csv": table(lines, draw(choice(["cp1251", "utf-8"])), ";")}
    return {"Нагрузка.xlsx": book([("1", [["Тарификация"]], lines[0], lines[1:])])}


def _short(name):
    surname, first, patronymic = name.split()
    return f"{surname} {first[0]}.{patronymic[0]}."


def _timetable(draw):
    shape, days = draw(choice(["grid", "sheets", "list"])), draw(choice(DAYS))
    text = {cell: _written(draw, *cell[3:5]) for cell in CELLS}
    if shape == "list":
        rows = [[days[day - 1], lesson, name, text[cell], None] for cell in CELLS for name, day, lesson, *_ in [cell]]
        return book([("Р", [], ["День недели", "Урок", "Класс", "Предмет", "Примечание"], rows)])
    found = {(name, day, lesson): text[cell] for cell in CELLS for name, day, lesson, *_ in [cell]}
    if shape == "sheets":
        return book([(name, [], ["№", *days], [[lesson, *[found.get((name, day, lesson)) for day in (1, 2, 3)]] for lesson in (1, 2)])
                     for name in CLASSES])
    rows = [[days[day - 1] if lesson == 1 else None, lesson, *[found.get((name, day, lesson)) for name in CLASSES]]
            for day in (1, 2, 3) for lesson in (1, 2)]
    return book([("Лист1", [["Расписание"]], ["Дни", "Уроки", *CLASSES], rows)])


def _written(draw, subject, room):
    name = draw(choice([subject, FULL[subject]]))
    if isinstance(room, tuple):
        return f"{name} {room[0]}/{room[1]}"
    return draw(choice([f"{name} {room}", f"{name} каб. {room}", f"{name}\n{room}", f"{name} ({room})"]))


def _day(draw, day):
    months = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря")
    return draw(choice([day, f"{day:%d.%m.%Y}", f"{day.day} {months[day.month - 1]} {day.year} г."]))


def _calendar(draw):
    spans = [["Учебные периоды"], *[[name, *_span(draw, start, end)] for name, start, end in PERIODS],
             ["Каникулы"], *[[f"{name} каникулы", *_span(draw, start, end)] for name, start, end in BREAKS],
             ["Праздничные дни"], *[draw(choice([[name, _day(draw, day)], [_day(draw, day), name]])) for name, day in HOLIDAYS]]
    return book([("Лист1", [["Календарный учебный график на 2026-2027 учебный год"]], [], spans)])


def _span(draw, start, end):
    if draw(st.booleans()):
        return [_day(draw, start), _day(draw, end)]
    return [f"с {start:%d.%m.%Y} по {end:%d.%m.%Y}"]


def _bells(draw):
    shape = draw(choice(["range", "times", "dots"]))
    rows = [[draw(choice([number, f"{number} урок", f"{number}."])), *_bell(shape, start, end)] for number, start, end in BELLS]
    headings = ["Урок", "Начало", "Конец"] if shape == "times" else ["Урок", "Время"]
    return book([("Лист1", [], headings, [rows[0], [None, "Завтрак"], *rows[1:]])])


def _bell(shape, start, end):
    if shape == "times":
        return [start, end]
    mark = ":" if shape == "range" else "."
    return [f"{start.hour}{mark}{start:%M} - {end.hour}{mark}{end:%M}"]


def _plan(draw):
    headings = [draw(choice(["№", "№ урока"])), draw(choice(["Тема урока", "Тема", "Наименование раздела и темы"])),
                draw(choice(["Часы", "Кол-во часов", "Количество часов"])), draw(choice(["Д/з", "Домашнее задание"]))]
    rows, number = [[None, "Раздел 1. Движение (5 ч)", None, None]], 0
    for title, hours in TOPICS:
        rows.append([number + 1 if hours == 1 else f"{number + 1}-{number + hours}", title, hours, "§ 1"])
        number += hours
    rows.append([None, "Итого", number, None])
    order = draw(st.permutations(range(4)))
    name, titles = draw(choice([("Физика 7.xlsx", []), ("план.xlsx", [["КТП по физике, 7 класс"]]), ("7 класс физика.xlsx", [["КТП"]])]))
    return {name: book([("Лист1", titles, [headings[i] for i in order], [[row[i] for i in order] for row in rows])])}
