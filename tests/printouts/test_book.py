"""The journal's PDF engine: read back as text, because a page of black squares also «renders»."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

from pypdf import PdfReader

from printouts import book
from printouts.document import COLUMNS_OF_SPREAD, Document, Lesson, spreads_of
from tests.printouts.samples import IMPRINT, LONG_NAME, LONG_TOPIC, journal, register, spread


def pages(document: Document) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(book.render(document))).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_leg_05_the_left_page_has_the_month_row_names_dates_and_the_period_column_after_the_last_lesson():
    left = squeezed(pages(journal(spread()))[3])
    assert "русский язык, 5А 2026/27 · разворот 1 № Фамилия, имя сентябрь" in left
    assert LONG_NAME in left and "Ёлкин Матвей" in left
    assert "19 21 23 25" in left and "I четверть" in left
    assert "н/4" in left and "5/4" in left


def test_leg_05_the_right_page_has_teacher_date_number_topic_task_and_the_count_of_the_period():
    right = squeezed(pages(journal(spread()))[4])
    assert "Учитель: Щеглова Любовь Алексеевна" in right
    assert "Дата № / ч Содержание урока Задание на дом" in right
    assert "01.09 1 / 1 Тема урока 1 § 12, упр. 145" in right
    assert LONG_TOPIC in right
    assert "По плану 10 ч, дано 9 ч, отставание 1 ч." in right


def test_f_01_columns_of_a_left_page_are_the_lines_of_the_right_page_facing_it():
    texts = pages(journal(spread(lessons=60)))
    spreads = [text for text in texts if "разворот" in text]
    assert len(spreads) == 2 * spreads_of(66) == 6
    assert "01.09" in spreads[1] and "01.09" not in spreads[3]
    assert [part.first for part in spread(lessons=60).parts()] == [1, 2, 3]
    assert [len(part.lessons) for part in spread(lessons=60).parts()] == [COLUMNS_OF_SPREAD, COLUMNS_OF_SPREAD, 16]


def test_f_01_left_pages_of_a_bound_book_have_even_numbers():
    texts = pages(journal(spread(), spread(subject="физика", first=3)))
    lefts = [number for number, text in enumerate(texts, 1) if "Фамилия, имя" in text]
    assert lefts and all(number % 2 == 0 for number in lefts)


def test_nfr_05_every_page_is_a4_with_page_x_of_y_and_who_printed_when():
    document = journal(spread())
    reader = PdfReader(io.BytesIO(book.render(document)))
    for number, page in enumerate(reader.pages, 1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        text = squeezed(page.extract_text())
        assert f"F-01 · документ {document.code} · 17.12.2026 в 10:40 · Егорова Т. П." in text
        assert f"стр. {number} из" in text and re.search(rf"\b{len(reader.pages)}\b", text)


def test_law_07_the_last_sheet_counts_the_sheets_in_figures_and_words():
    texts = pages(journal(spread()))
    assert len(texts) == 8
    assert "В настоящем журнале пронумеровано, прошнуровано и скреплено печатью 4 (четыре) листа." in squeezed(texts[-1])
    assert "Директор ____________________ / Сорокина Т. Л. /" in squeezed(texts[-1])
    assert "М. П." in texts[-1]


def test_a_course_without_lessons_and_pupils_still_prints():
    texts = pages(journal(spread(lessons=0, pupils=0)))
    assert "В списке нет учеников." in texts[3]
    assert "Уроков пока нет." in texts[4]


def test_a_wide_sheet_repeats_its_head_on_every_page():
    texts = pages(replace(register(rows=80), book=True))
    assert len(texts) > 2
    assert all("Логин" in text for text in texts)
    assert "Секретарь ____________________ / ____________________ /" in squeezed(texts[-1])


def test_words_wider_than_their_column_are_cut_and_nothing_is_lost():
    word = "Ы" * 300
    course = replace(spread(lessons=1, pupils=1), lessons=[Lesson(date(2026, 9, 1), "1 / 1", word)])
    assert pages(journal(course))[4].count("Ы") == 300


def test_a_class_year_of_a_hundred_pages_fits_in_200_mb():
    measured = """if True:
        import re, sys
        from printouts import book
        from tests.printouts.samples import year
        sys.stdout.buffer.write(book.render(year()))
        print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", measured], capture_output=True, check=True)
    assert len(PdfReader(io.BytesIO(done.stdout)).pages) > 95
    assert int(done.stderr) < 200 * 1024


def test_the_same_facts_have_the_same_id_and_changed_facts_another():
    assert journal(spread()).code == journal(spread()).code != journal(spread(lessons=31)).code
    assert IMPRINT.by not in journal(spread()).code
