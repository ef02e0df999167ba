"""Letters, spreadsheets and the screen are drawn from the same description."""

import io
import re
from decimal import Decimal

import openpyxl
import pytest
from pypdf import PdfReader

from printouts import letter, screen, sheet
from printouts.document import Cell, Column, Document, Table
from printouts.grid import place
from tests.printouts.samples import IMPRINT, LONG_NAME, journal, register, slips, spread


def text_of(content: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


def table(rows, columns=2) -> Document:
    return Document("Т", "F-00", "t", IMPRINT, [Table([Column(30)] * columns, [["А"] * columns], rows)])


# ---- letters ----

def test_f_16_the_register_prints_with_cyrillic_and_page_x_of_y():
    first, *_ = text_of(letter.render(register()))
    assert "Ведомость выдачи реквизитов" in first and "Выдано" in first and LONG_NAME in first
    assert "Секретарь ____________________ / ____________________ /" in first
    assert re.search(r"F-16 · документ \S+ · 17.12.2026 в 10:40 · Егорова Т. П. стр. 1 из 1", first)


def test_every_slip_of_a_batch_is_there_once():
    whole = " ".join(text_of(letter.render(slips(15))))
    assert whole.count("7F3K-92Q") == 15


def test_markup_in_a_name_is_printed_not_obeyed():
    document = table([['<img src="file:///etc/passwd">', "<b>жирно</b>"]])
    assert '<img src="file:///etc/passwd">' in " ".join(text_of(letter.render(document)))
    assert "&lt;b&gt;жирно&lt;/b&gt;" in screen.render(document)


# ---- spreadsheets ----

def test_each_table_is_a_sheet_with_frozen_heads_and_merged_cells():
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(journal(spread(), spread(subject="русский язык: литература")))))
    assert book.sheetnames == ["Содержание", "русский язык отметки", "русский язык темы",
                               "русский язык  литература отметк", "русский язык  литература темы"]
    marks = book["русский язык отметки"]
    assert marks.freeze_panes == "C8"
    assert marks["B6"].value == "Фамилия, имя" and marks["C6"].value == "сентябрь"
    assert "B6:B7" in [str(area) for area in marks.merged_cells.ranges]
    assert marks["B8"].value == LONG_NAME
    assert marks.page_setup.paperSize == 9


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1", '=HYPERLINK("http://x")'])
def test_nothing_typed_becomes_a_formula(text):
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(table([[text, text]]))))
    cell = book.worksheets[0]["A5"]
    assert cell.data_type == "s" and cell.value == f"'{text}"


def test_numbers_are_numbers_and_words_that_only_look_odd_stay():
    content = sheet.render(table([["5", Decimal("4.50")], ["+7 945 111-22-33", "-"], ["05", 12]]))
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=5, values_only=True))
    assert rows == [(5, 4.5), ("+7 945 111-22-33", "-"), ("05", 12)]


def test_slips_are_a_table_in_a_spreadsheet():
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.render(slips(2)))).worksheets[0].iter_rows(values_only=True))
    assert rows[-1] == (LONG_NAME, "7F3K-92Q1", "Код действует до 31.12.2026.")


# ---- the screen ----

def test_tables_on_screen_have_captions_scopes_and_a_scroll_box_with_a_name():
    html = screen.render(register())
    assert "<caption>Выдано</caption>" in html
    assert '<th scope="col" rowspan="2">ФИО</th>' in html and '<th scope="colgroup" colspan="2">Выдача</th>' in html
    assert f'<th scope="row">{LONG_NAME}</th>' in html
    assert 'tabindex="0" role="region" aria-label="Выдано"' in html
    assert "style=" not in html and "<script" not in html


def test_a_journal_on_screen_is_one_table_of_marks_and_one_of_topics():
    html = screen.render(journal(spread(lessons=60)))
    assert html.count("<table") == 3
    assert html.count('<span class="turned">') == 6


# ---- spans ----

def test_rows_are_laid_out_as_html_lays_them_out():
    rows = [[Cell("a", rows=2), "b", Cell("c", rows=2)], ["d"], [Cell("e", span=3)]]
    matrix, spans = place(rows, 3)
    assert [[getattr(value, "text", value) for value in row] for row in matrix] == [["a", "b", "c"], ["", "d", ""], ["e", "", ""]]
    assert spans == [(0, 0, 1, 0), (0, 2, 1, 2), (2, 0, 2, 2)]


def test_a_row_longer_than_its_table_is_a_mistake():
    with pytest.raises(ValueError, match="3 cells in a table of 2"):
        place([["a", "b", "c"]], 2)
