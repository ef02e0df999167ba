"""Other secretaries' files: the same school written with other headings, columns, sheets and encodings."""

import csv
import io

import openpyxl
from hypothesis import strategies as st

HEADINGS = {
    "name": ["Ф.И.О. ребёнка", "ФИО учащегося", "Фамилия, имя, отчество", "Фамилия Имя Отчество ученика", "Ученик", "Обучающийся",
             "F.I.O.", "ФИО", "Full name", "Teкст ФИО"],
    "surname": ["Фамилия", "Фамилия ученика", "Surname"],
    "first": ["Имя", "Имя ребёнка", "First name"],
    "patronymic": ["Отчество", "Отчество (при наличии)"],
    "birth": ["Дата рожд.", "Дата рождения", "Д/р", "ДАТА РОЖДЕНИЯ ребенка", "Birth date", "день рождения", "др"],
    "sex": ["Пол", "пол (м/ж)", "Sex"],
    "address": ["Адрес проживания", "Место жительства", "Домашний адрес", "Прописка (адрес)"],
    "file": ["Личное дело", "№ л/д", "Номер личного дела", "№ личн. дела"],
    "class": ["Класс", "КЛАСС", "Класс обучения", "Class"],
    "mother.name": ["ФИО матери", "Мама", "Мать (ФИО)", "Мать", "Mother"],
    "mother.phone": ["Телефон мамы", "Телефон матери", "Моб. тел. матери", "Контактный телефон мамы"],
    "father.name": ["ФИО отца", "Папа", "Отец", "Отец, Ф.И.О.", "Father"],
    "father.phone": ["Телефон папы", "Тел. отца", "Сотовый отца"],
    "parents": ["Родители (ФИО, телефон)", "Родители", "Сведения о родителях", "ФИО родителей, контакты"],
    "number": ["№", "№ п/п", "N", "п/п"],
    "junk": ["СНИЛС", "Национальность", "Любимый цвет", "Кружки"],
}
PHONES = (lambda p: p, lambda p: "8" + p[2:], lambda p: f"8 ({p[2:5]}) {p[5:8]}-{p[8:10]}-{p[10:]}", lambda p: int("8" + p[2:]),
          lambda p: f"{p[2:5]} {p[5:8]} {p[8:10]} {p[10:]}" if p[2] == "9" else p)
DATES = (lambda d: d, lambda d: f"{d:%d.%m.%Y}", lambda d: f"{d:%d.%m.%Y} г.", lambda d: f"{d.day}/{d.month}/{d:%y}",
         lambda d: f"{d:%d-%m-%Y}")
CLASSES = (lambda c: c, lambda c: f"{c} класс", lambda c: f"{c[:-1]} «{c[-1]}»" if c[-1].isalpha() else f"{c} кл.",
           lambda c: f"{c[:-1]}-{c[-1].lower()}" if c[-1].isalpha() else int(c))


def choice(options):
    """One of the spellings."""
    return st.sampled_from(options)


@st.composite
def class_lists(draw, people):
    """
    Files with the people (dicts of name, birth, sex, class, file, address, mother, mother_phone, father, father_phone) in some
    secretary's way: `{file name: bytes}`.
    """
    split, together, one_sheet = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    fields = ["number", *(["surname", "first", "patronymic"] if split else ["name"]), "birth", "sex", "address", "file"]
    fields += ["parents"] if together else ["mother.name", "mother.phone", "father.name", "father.phone"]
    fields += ["class"] if one_sheet else []
    fields += draw(st.sampled_from([[], ["junk"]]))
    fields = _shuffled(draw, fields)
    headings = [draw(choice(HEADINGS[field])) for field in fields]
    spell = {"phone": draw(choice(PHONES)), "date": draw(choice(DATES)), "class": draw(choice(CLASSES))}
    rows = [(person["class"], [_cell(person, field, number, spell) for field in fields]) for number, person in enumerate(people, 1)]
    titles = draw(st.integers(0, 3))
    if one_sheet:
        name = draw(choice(["ученики.xlsx", "1.xlsx", "Контингент.csv", "list.csv"]))
        return {name: written(draw, name, [("Лист1", _titles(titles, None), headings, [row for _, row in rows])])}
    sheets = [(_sheet_name(draw, each), _titles(titles, each), headings, [row for name, row in rows if name == each])
              for each in dict.fromkeys(name for name, _ in rows)]
    return {"Дети.xlsx": book(sheets)}


def written(draw, name, sheets):
    """A workbook, or the first table as csv in some encoding and with some delimiter."""
    if name.endswith(".xlsx"):
        return book(sheets)
    _, titles, headings, rows = sheets[0]
    return table(titles + [headings] + rows, draw(choice(["utf-8", "utf-8-sig", "cp1251"])), draw(choice([";", ",", "\t"])))


def book(sheets):
    """xlsx bytes of `[(sheet, title rows, headings, rows)]`."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, titles, headings, rows in sheets:
        sheet = made.create_sheet(name)
        for row in (*titles, headings, *rows):
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def table(rows, encoding, delimiter):
    """csv bytes."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([["" if value is None else _flat(value) for value in row] for row in rows])
    return stream.getvalue().encode(encoding)


def _flat(value):
    return f"{value:%d.%m.%Y}" if hasattr(value, "strftime") else value


def _shuffled(draw, fields):
    """Any order in which a contextless reader can still tell people apart."""
    order = draw(st.permutations(fields))
    return list(order)


def _cell(person, field, number, spell):
    surname, first, *rest = person["name"].split(" ", 2)
    simple = {"number": number, "name": person["name"], "surname": surname, "first": first, "patronymic": rest[0] if rest else None,
              "birth": spell["date"](person["birth"]), "sex": person["sex"], "address": person["address"], "file": person["file"],
              "class": spell["class"](person["class"]), "mother.name": person["mother"], "father.name": person["father"],
              "mother.phone": spell["phone"](person["mother_phone"]), "father.phone": spell["phone"](person["father_phone"]),
              "junk": "—"}
    if field != "parents":
        return simple[field]
    return f"{person['mother']}, {simple['mother.phone']}; {person['father']}, {simple['father.phone']}"


def _titles(count, class_name):
    lines = ["Утверждаю. Директор школы", f"Список учащихся {class_name} класса" if class_name else "Список учащихся школы", ""]
    return [[line] for line in lines[:count]]


def _sheet_name(draw, class_name):
    return draw(choice([class_name, f"{class_name} класс", f" {class_name}", f"{class_name} кл"]))
