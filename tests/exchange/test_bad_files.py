"""Bad input of any kind gives a clear message at its place, never a trace, and never stops the rest."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange import intake
from exchange.intake import reading
from history import Actor
from tests.exchange import other_schools
from tests.exchange.other_schools import book, saved, text

NOW = datetime.datetime(2026, 9, 10, 9, tzinfo=datetime.UTC)
HEADINGS = ["№", "ФИО", "Дата рождения", "Класс", "Мать", "Телефон матери"]
GOOD = [1, "Лунин Ян Львович", "12.05.2015", "5А", "Лунина Ада Львовна", "8 945 000 00 01"]
ROOT = "[Content_Types].xml"


def findings(files):
    """`[(severity, file, cell)]`."""
    return [(each.severity, each.file, each.cell) for each in reading.read(files).findings]


def workbook(*changes):
    """A list of one pupil with cells changed: `(address, value)`."""
    made = openpyxl.Workbook()
    for row in (HEADINGS, GOOD):
        made.active.append(row)
    for address, value in changes:
        made.active[address] = value
    return saved(made)


def test_a_cell_at_the_end_of_the_world_does_not_end_the_server():
    files = {"далеко.xlsx": workbook(("XFD1048576", 1)), "рядом.xlsx": workbook()}
    assert ("error", "далеко.xlsx", "XFD1048576") in findings(files)
    assert len(reading.read(files).pupils) == 1


def test_a_file_that_swells_when_unpacked_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ROOT, b"0" * 250_000_000)
    assert findings({"бомба.xlsx": stream.getvalue()}) == [("error", "бомба.xlsx", None)]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"1" * 600, b"\0" * 5000, b"<html><table></table>",
                                     bytes(range(256)) * 20])
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.csv", "a.txt", "a.docx"])
def test_a_file_of_anything_is_told(name, content):
    found = findings({name: content})
    assert found and all(file == name for _, file, _ in found)


@pytest.mark.parametrize("headings, row", [
    (["Фамилия", "Предмет", "Класс", "Часов в неделю"], ["Лунина", "Алгебра", "7", 3]),
    (["Фамилия", "Имя", "Предмет", "5А", "5Б", "7"], ["Лунина", "Ада", "Алгебра", 3, 3, 3])])
def test_a_teaching_load_without_a_column_of_teachers_is_told(headings, row):
    school = reading.read({"Тарификация.xlsx": book({"1": [headings, row]})})
    assert school.load == []
    assert ("error", "The teaching load was not loaded: columns for teacher, subject and class are needed.") in [
        (each.severity, str(each.message)) for each in school.findings]


def test_csv_under_the_name_of_a_workbook_is_read():
    assert len(reading.read({"выгрузка.xls": text([HEADINGS, GOOD], "cp1251", ";")}).pupils) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866", "koi8-r"])
def test_any_russian_encoding_is_read(encoding):
    pupil, = reading.read({"список.csv": text([HEADINGS[1:], GOOD[1:]], encoding, ";")}).pupils
    assert pupil.name == GOOD[1]


def test_failed_and_uncomputed_formulas_are_told_at_their_cells():
    made = openpyxl.Workbook()
    for row in (HEADINGS, GOOD, [2, "=A1&B1", "01.02.2015", "5А"]):
        made.active.append(row)
    made.active["C2"] = "#REF!"
    made.active["C2"].data_type = "e"
    found = findings({"формулы.xlsx": saved(made)})
    assert ("warning", "формулы.xlsx", "C2") in found and ("warning", "формулы.xlsx", "B3") in found


def test_a_hidden_sheet_is_asked_about_and_not_loaded():
    school = reading.read({"список.xlsx": book({"5А": [HEADINGS, GOOD], "прошлый год": [HEADINGS, GOOD]}, hidden=("прошлый год",))})
    assert len(school.pupils) == 1
    assert [question.key for question in school.questions] == ["hidden|список.xlsx|прошлый год"]


def test_hours_of_a_thousand_million_are_told_and_left_out(db):
    files = {"план.xlsx": book({"п": [["Предмет", "5А", "5Б"], ["Математика", 10 ** 9, 5], ["Литература", -3, 3]]})}
    outcome = intake.run(files, Actor("секретарь", NOW))
    assert {row.class_name for row in outcome.school.curriculum} == {"5Б"}
    assert {each.cell for each in outcome.findings if each.severity == "warning"} >= {"B2", "B3"}


NASTY = st.sampled_from([
    "#REF!", "#ЗНАЧ!", "NaN", "nan", 10 ** 9, -1, 1e300, "😀", "Иванов 😀 Пётр", "\x00\x01", "\ufffe\x85", "a" * 40_000, "1" * 5000, "=1+1", "31.06.2015",
    "00.00.0000", "99.99.9999", "9999-99-99", "5" * 30 + " класс", "((((", "\\", "%s %(name)s", "'; drop table person; --", "5А/5Б/", ";;;", "\u202eИван",
    True, datetime.time(1, 1), datetime.datetime(1900, 1, 1), datetime.timedelta(days=400), None, "нет", "1.2.3.4", "25:61", "Мать: ", "0,5,5"])
TABLES = {"pupils": [HEADINGS, GOOD], "staff": [["ФИО", "Должность", "Кл. рук.", "Телефон"], ["Зуева Ия Львовна", "учитель", "5А", "8 945 000 00 02"]],
          "curriculum": [["Предмет", "5А", "5Б", "6А"], ["Математика", 5, 5, 5], ["Физика", 2, 2, 2]],
          "load": [["Учитель", "Предмет", "Класс", "Часы"], ["Зуева Ия Львовна", "Математика", "5А", 5]],
          "timetable": [["День", "Урок", "5А", "5Б", "6А"], ["Понедельник", 1, "Математика 5", "Физика", "Матем."], ["Вторник", 1, "Физика", "", ""]],
          "bells": [["Урок", "Начало", "Конец"], [1, "8.30", "9.15"], [2, "9.25", "10.10"], [3, "10.20", "11.05"]],
          "calendar": [["Периоды"], ["I четверть", "01.09.2026", "25.10.2026"], ["II четверть", "05.11.2026", "30.12.2026"], ["Каникулы"],
                       ["осенние каникулы", "26.10.2026", "04.11.2026"]],
          "plan": [["КТП Математика 5 класс"], ["№", "Тема", "Часы", "Д/з"], [1, "Числа", 1, "§1"], [2, "Дроби", 2, "§2"]]}


@st.composite
def spoiled(draw):
    """The tables of a small school as csv, some cells of each replaced by something nasty, a stray row and column put in."""
    files = {}
    for name, rows in TABLES.items():
        rows = [list(row) for row in rows]
        for _ in range(draw(st.integers(0, 3))):
            row = draw(st.integers(0, len(rows) - 1))
            rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(NASTY)
        if draw(st.booleans()):
            rows.insert(draw(st.integers(0, len(rows))), [])
        if draw(st.booleans()):
            rows = [["", *row] for row in rows]
        unquoted = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
        files[f"{name}.csv"] = text(rows, "utf-16", ";") if draw(st.booleans()) else unquoted.encode()
    return files


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoiled())
def test_nasty_cells_never_raise(files):
    for finding in reading.read(files).findings:
        assert str(finding.message) and finding.file in files


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoiled())
def test_nasty_cells_never_break_the_writing(db, files):
    intake.run(files, Actor("секретарь", NOW), dry_run=True)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_blank_rows_and_columns_change_nothing(data):
    rows = [list(row) for row in other_schools.pupils_b() if row]
    order = data.draw(st.permutations(range(10)))
    rows = [rows[0], *[[row[index] for index in order] for row in rows[1:-1]]]
    for _ in range(data.draw(st.integers(0, 4))):
        rows.insert(data.draw(st.integers(0, len(rows))), [])
    blank = data.draw(st.integers(0, 2))
    rows = [[None] * blank + row for row in rows]
    school = reading.read({"ученики.xlsx": book({"Лист1": rows})})
    assert {(pupil.class_name, pupil.name, pupil.birth) for pupil in school.pupils} == {
        (name, " ".join(filter(None, (surname, first, patronymic))), birth)
        for name, surname, first, patronymic, birth in other_schools.NAMES}
