"""The files of three invented schools, as three secretaries keep them: nothing here is like school A but the meaning."""

import csv
import datetime
import io

import openpyxl

LETTER = ["Уважаемая Нина Павловна!", "Направляем Вам материалы к началу учебного года.", "Просим проверить до пятницы.",
          "С уважением, секретарь"]
NAMES = (
    ("5А", "Абрамов", "Денис", "Олегович", datetime.date(2015, 9, 3)), ("5А", "Белкина", "Ева", "Романовна", datetime.date(2015, 2, 14)),
    ("5А", "Ворон", "Марк", "", datetime.date(2015, 11, 30)), ("5А", "Глухих", "Алёна", "Юрьевна", datetime.date(2015, 6, 1)),
    ("5Б", "Дёмин", "Пётр", "Ильич", datetime.date(2015, 8, 8)), ("5Б", "Ежова", "Лада", "Игоревна", datetime.date(2015, 12, 12)),
    ("5Б", "Жук", "Инна", "Павловна", datetime.date(2015, 4, 4)),
    ("6А", "Абрамова", "Яна", "Олеговна", datetime.date(2014, 3, 5)), ("6А", "Зуев", "Глеб", "Львович", datetime.date(2014, 7, 21)),
    ("6А", "Ибрагимова", "Лейла", "Рустам кызы", datetime.date(2014, 10, 10)),
    ("10", "Котов", "Егор", "Андреевич", datetime.date(2010, 5, 17)), ("10", "Лисина", "Дарья", "Ильинична", datetime.date(2010, 1, 9)),
)
CLASSES_B = ("5А", "5Б", "6А", "10")
SPELLINGS = {"5А": ("5 «А»", "5-А", "5 а", "5А класс"), "5Б": ("5-б", "5 Б", "5Б"), "6А": ("6 \"А\"", "6а", "6 А кл."), "10": (10, "10 класс")}
HOURS = {"Математика": (5, 5, 5, 6), "Русский язык": (5, 5, 6, 2), "Литература": (3, 3, 3, 3), "История": (2, 2, 2, 2),
         "Иностранный язык (английский)": (3, 3, 3, 3), "Физическая культура": (2, 2, 2, 2), "Биология": (1, 1, 1, "0,5")}
STAFF = (
    ("Петрова Ольга Ивановна", "учитель", "математика", "5А"), ("Сомов Игорь Петрович", "учитель", "русский язык, литература", "5 Б"),
    ("Тихая Нина Львовна", "учитель", "история; биология", "6-а, 10"), ("Уткин Олег Олегович", "учитель", "физкультура", "нет"),
    ("Фёдорова Инга Марковна", "учитель", "английский язык", ""), ("Царёва Вера Юрьевна", "директор", "", "—"),
    ("Чайкина Зоя Петровна", "секретарь", "", ""), ("Абрамов Олег Денисович", "сторож", "", ""),
)
TAUGHT = {"Математика": "Петрова", "Русский язык": "Сомов", "Литература": "Сомов", "История": "Тихая", "Биология": "Тихая",
          "Иностранный язык (английский)": "Фёдорова", "Физическая культура": "Уткин"}
SHORT = {"Математика": "Матем.", "Русский язык": "Рус. яз.", "Литература": "Лит-ра", "История": "История", "Биология": "Биол.",
         "Иностранный язык (английский)": "Англ. яз.", "Физическая культура": "Физ-ра"}
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря")


def school_b():
    """`{name: bytes}`: one list of all pupils, curriculum with classes as rows, a timetable sheet for each class."""
    return {
        "Все ученики.xlsx": book({"Лист1": pupils_b(), "Лист2": [], "справочник": [["м"], ["ж"]]}, hidden=("справочник",)),
        "кадры.csv": text([["Школа «Заречная», педагогический состав"], ["Ф.И.О. работника", "Долж.", "Преподаёт", "Кл. рук.", "Тел.", "Эл. почта"],
                           *staff_b(), ["Всего: 8"]], "cp1251", ";"),
        "Уч план 2026-27.xlsx": book({"план": curriculum_b()}),
        "Тарификация.xlsx": book({"Лист1": load_b()}),
        "Расписание уроков.xlsx": book({name: timetable_b(index) for index, name in enumerate(CLASSES_B)}),
        "График.xlsx": book({"График": [[line] for line in CALENDAR_B]}),
        "КТП/matematika_5.csv": text(plan_b(), "utf-8-sig", ","),
        "КТП/Биология 6 класс.xlsx": book({"Лист1": plan_b_sections()}),
        "Письмо.xlsx": book({"Лист1": [[line] for line in LETTER]}),
        "копия (повреждена).xlsx": b"PK\x03\x04" + b"\x00" * 400,
        "пустой.csv": b"",
    }


def pupils_b():
    """One sheet: class in a column, split names, both parents in one cell, dates in three manners, strangers among columns."""
    rows = [["Список обучающихся на 01.09.2026"], [],
            ["СНИЛС", "Фамилия", "Имя", "Отч.", "Класс", "Родители (законные представители)", "Д.р.", "Пол", "Пит.", "Лич. дело №"]]
    for number, (name, surname, first, patronymic, birth) in enumerate(NAMES):
        spellings = SPELLINGS[name]
        rows.append([f"111-{number:03d}-222 33", surname, first, patronymic, spellings[number % len(spellings)],
                     parents_b(number, surname), birthday(birth, number), "Ж" if surname.endswith(("а", "х")) or first == "Инна" else "М", "+",
                     f"{surname[0]}/{number + 1}"])
    return [*rows, ["", "Всего", len(NAMES)]]


def parents_b(number, surname):
    """Mother and father in one cell, in two manners; the Abramovs' children have the same ones."""
    if surname.startswith("Абрамов"):
        return "Мать: Абрамова Рита Сергеевна, 8-946-100-00-01; Отец: Абрамов Олег Денисович, 8-946-100-00-02"
    return f"Отец: {surname} Лев Ильич, тел. 8(947)200-{number:02d}-01\nМать: {surname} Анна Юрьевна, +7 947 200 {number:02d} 02"


def birthday(day, number):
    """As a serial number of Excel without a date format, as ISO text, in words, as a real date."""
    return ((day - datetime.date(1899, 12, 30)).days, day.isoformat(), f"{day.day} {MONTHS[day.month - 1]} {day.year} г.", day)[number % 4]


def staff_b():
    return [[name, position, subjects, leads, f"8 948 300 00 {number:02d}" if number < 7 else "8-946-100-00-02", f"p{number}@zarechnaya.example"]
            for number, (name, position, subjects, leads) in enumerate(STAFF)]


def curriculum_b():
    """Classes are rows, subjects are columns; the total is the last column and the last row."""
    rows = [["Учебный план на 2026/2027 учебный год"], [], ["Классы", *HOURS, "Итого"]]
    for index, name in enumerate(CLASSES_B):
        hours = [each[index] for each in HOURS.values()]
        rows.append([SPELLINGS[name][0], *hours, 21])
    return [*rows, ["Всего", *[None] * len(HOURS), 84]]


def load_b():
    """A row for each teacher and subject, several classes in one cell."""
    rows = [["№", "Предмет", "Педагог", "Классы", "Часов в каждом", "Всего часов"]]
    for number, (subject, hours) in enumerate(HOURS.items(), 1):
        teacher = next(name for name, *_ in STAFF if name.startswith(TAUGHT[subject]))
        surname, first, patronymic = teacher.split()
        for per_class in dict.fromkeys(hours):
            names = [name for name, each in zip(CLASSES_B, hours, strict=True) if each == per_class]
            rows.append([number, subject, f"{surname} {first[0]}.{patronymic[0]}.", ", ".join(names), per_class,
                         float(str(per_class).replace(",", ".")) * len(names)])
    return [*rows, ["", "", "Итого", "", "", 86]]


def timetable_b(index):
    """Days across, lessons down with their bells in the first column; the teacher's surname under the subject."""
    by_teacher = [("Математика",), ("Русский язык", "Литература"), ("История", "Биология"), ("Физическая культура",),
                  ("Иностранный язык (английский)",)]
    rows = [[f"Расписание {CLASSES_B[index]} класса"], ["Урок", "Понедельник", "Вторник", "Среда", "Четверг", "Пятница"]]
    for lesson in range(4):
        starts = 8 * 60 + lesson * 55
        taught = [by_teacher[(lesson + index + day) % 5] for day in range(5)]
        cells = [_lesson(subjects[day % len(subjects)]) for day, subjects in enumerate(taught)]
        rows.append([f"{lesson + 1}. {starts // 60}.{starts % 60:02d}-{(starts + 40) // 60}.{(starts + 40) % 60:02d}", *cells])
    return rows


def _lesson(subject):
    return f"{SHORT[subject]}\n{TAUGHT[subject]}"


CALENDAR_B = (
    "Календарный учебный график на 2026-2027 учебный год",
    "Начало учебного года – 1 сентября 2026 г.",
    "Продолжительность учебной недели: 5 дней",
    "I триместр: с 1 сентября по 22 ноября 2026 г. (11 недель)",
    "II триместр – с 30.11.2026 по 28.02.2027",
    "III триместр 09.03.2027 - 28.05.2027",
    "Для 10 класса: 1 полугодие с 01.09.2026 по 30.12.2026; 2 полугодие с 11 января по 28 мая 2027 г.",
    "Каникулы:",
    "осенние — с 5 по 11 октября 2026 г.",
    "зимние — с 31 декабря 2026 г. по 10 января 2027 г.",
    "Праздничные дни: 4 ноября, 23 февраля, 8 марта, 1 мая, 9 мая",
)


def plan_b():
    """The plan of mathematics of grade 5: two heading rows, a column of dates by plan and fact, a total."""
    rows = [["Календарно-тематическое планирование. Математика. 5 класс"], ["№ урока", "Содержание (разделы, темы)", "Кол-во часов", "Дата", "", "Домашнее задание"],
            ["", "", "", "план", "факт", ""]]
    rows += [[number, f"Действия с числами, часть {number}" if number % 34 else "Контрольная работа", 1, "", "", f"§ {number}"] for number in range(1, 171)]
    return [*rows, ["", "Итого", 170, "", "", ""]]


def plan_b_sections():
    return [["Рабочая программа по биологии, 6 класс"], ["Раздел", "Тема урока", "Часы", "Вид контроля"],
            ["Клетка", "Строение клетки", 4, ""], ["", "Деление клетки", 5, "тест"], ["Растения", "Корень", 12, ""],
            ["", "Лист и стебель", 12, "лабораторная работа"], ["", "Обобщение", 1, ""]]


def book(sheets, hidden=()):
    """xlsx bytes of `{sheet: rows}`."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    return saved(made)


def saved(made):
    """Bytes of a workbook."""
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def text(rows, encoding, delimiter):
    """csv bytes."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def school_c():
    """A tiny school: joint classes in one column, classes without letters, half-years only, everything in csv."""
    return {
        "Дети.csv": text([["класс", "Фамилия Имя", "дата рождения", "мама"], ["1 класс"], ["1", "Лунин Ян", "12.05.19", "Лунина Ада Львовна"],
                          ["3 класс"], ["3", "Мохова Ия", "1/2/2017", ""], ["", "Ноев Лука", "7 июня 2017", "Ноева Юна Ильинична"],
                          ["6", "Орех Том", "2014.03.30", "нет"]], "utf-8", ";"),
        "Часы.csv": text([["Предмет", "1-4", "6", "7", "8"], ["Математика", 4, 5, 5, 5], ["Чтение", 4, "", "", ""],
                          ["Физика", "", "", 2, 2]], "cp1251", ";"),
        "Полугодия.csv": text([["Учебный год 2026/27"], ["1 полугодие", "01.09.26-30.12.26"], ["2 полугодие", "11.01.27-28.05.27"],
                               ["зимние каникулы", "31 дек. - 10 янв."]], "cp866", ";"),
    }


def school_d():
    """A college: groups, disciplines, pairs."""
    people = [["Т-11", f"{surname} {first} {patronymic}", birth.replace(year=2009)] for _, surname, first, patronymic, birth in NAMES]
    return {
        "Контингент.xlsx": book({"Т-11": [["Группа", "ФИО студента", "Дата рождения"], *people]}),
        "Расписание.xlsx": book({"Лист1": [["День", "Пара", "Т-11", "Т-21"], ["Понедельник", 1, "Материаловедение", "Физика"],
                                           [None, 2, "Физика", "Черчение"], ["Вторник", 1, "Физика", "Материаловедение"]]}),
    }
