"""The grid at the speed of a spreadsheet, by real keys and clipboard: ranges, filling, Excel, undo, two teachers, the view and paper.

One school and one server for all; every test has a journal of its own."""

import re
from datetime import date
from itertools import count
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import PHONE, WIDE, barriers, overflows, serving
from tests.browser.test_grid import PASSWORD, sign_in
from tests.conftest import bind, close

TODAY = date(2026, 12, 17)
REASON, OPEN, LAST, CLOSED = date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 16), date(2026, 12, 2)
DAYS = (CLOSED, REASON, OPEN, LAST, TODAY)
_subjects = count(1)


@pytest.fixture(scope="module")
def site(copies, tmp_path_factory):
    url = copies.empty()
    bind(url)
    school = f.school(30)
    for name in ("teacher", "substitute"):
        f.account(getattr(school, name), name, PASSWORD)
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
    with serving(url, tmp_path_factory.mktemp("sheet")) as address:
        yield SimpleNamespace(school=school, url=url, address=address, signed_in={})
    close()
    copies.take_back(url)


@pytest.fixture
def journal(site):
    """A journal of the class's 30 pupils with five lessons: one closed, one to be changed with a reason, three open."""
    bind(site.url)
    course = f.course(site.school.unit, f"Предмет {next(_subjects)}", site.school.teacher)
    return SimpleNamespace(course=course, pupils=site.school.pupils, lessons={day: f.lesson(course, site.school.teacher, day) for day in DAYS})


@pytest.fixture
def opened(site, journal, chromium):
    """`opened(who, size)` is the journal in a browser of its own; whatever a page complains of fails the test."""
    contexts, complaints = [], []

    def open_journal(who="teacher", size=WIDE, **options):
        context = chromium.new_context(viewport=size, locale="ru-RU", storage_state=site.signed_in.get(who), **options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if who not in site.signed_in:
            sign_in(page, site.address, who)
            site.signed_in[who] = context.storage_state()
        page.goto(f"{site.address}/journal/{journal.course.id}")
        expect(page.locator("#journal tfoot td").first).to_be_attached()
        return page

    yield open_journal
    for context in contexts:
        context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture
def sheet(opened):
    return opened()


def at(page, journal, pupil=0, day=TODAY):
    return page.locator(f'td[data-pupil="{journal.pupils[pupil].id}"][data-lesson="{journal.lessons[day].id}"]')


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def paste(page, text):
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def stand(page, journal, count, day=TODAY):
    """Waits until so many cells of the day's column are saved."""
    expect(page.locator(f'td[data-lesson="{journal.lessons[day].id}"][data-s="saved"]')).to_have_count(count)


def kept(journal, day=TODAY) -> list[str]:
    """What the database holds of the day, by pupil: a mark, a code, or nothing."""
    lesson, values = journal.lessons[day], {}
    for row in (*m.Mark.select().where(m.Mark.lesson == lesson), *m.Absence.select().where(m.Absence.lesson == lesson)):
        values[row.pupil_id] = row.value if isinstance(row, m.Mark) else row.code
    return [values.get(pupil.id, "") for pupil in journal.pupils]


# ---- a column ----

MIXED = ["5", "4", "3", "2", "н", "б", "."] * 4 + ["5", "4"]


def test_a_column_of_30_marks_typed_is_in_the_database_as_typed(sheet, journal):
    at(sheet, journal).focus()
    for value in MIXED:
        press(sheet, {"н": "KeyY", "б": "Comma"}.get(value, value), "Enter")
    stand(sheet, journal, 30)
    assert kept(journal) == MIXED


BOARD = {"о": "KeyJ", "т": "KeyN", "л": "KeyK", "х": "BracketLeft", "р": "KeyH", "у": "KeyE", "д": "KeyL", "н": "KeyY"}


def spell(page, word):
    """A word by the keys of the board, and Enter."""
    press(page, *(BOARD.get(letter, letter) for letter in word), "Enter")


def test_marks_of_a_schools_own_scale_are_typed_as_words_with_attendance_codes_beside(opened, journal):
    with m.writing(f.SYSTEM):
        scale = m.MarkScale.create(name=f"Слова {journal.course.id}", marks=[["отл", 5, "", "5"], ["хор+", 4, "", "4"], ["хор", 4, "", "4"],
                                                                             ["уд", 3, "", "3"], ["A", 2, "", "2"]])
        m.Course.update(grading=scale.code).where(m.Course.id == journal.course.id).execute()
    sheet = opened()
    at(sheet, journal).focus()
    for word in ("отл", "хор+", "уд", "н", "хор", "A", "о"):
        spell(sheet, word)
    stand(sheet, journal, 7)
    assert kept(journal)[:7] == ["отл", "хор+", "уд", "н", "хор", "A", "о"]
    at(sheet, journal, 4).focus()  # over a mark «о» stands beside it, and is the beginning of «отл» when the word goes on
    spell(sheet, "отл")
    expect(at(sheet, journal, 4)).to_have_text("отл")
    at(sheet, journal, 2).focus()
    spell(sheet, "о")
    expect(at(sheet, journal, 2)).to_have_attribute("data-s", "saved")
    expect(at(sheet, journal, 2)).to_have_text("о уд")


def test_a_column_of_30_pasted_from_excel_is_one_change_and_stands_once_in_history(sheet, journal):
    before = m.History.select().where(m.History.tbl.in_(["mark", "absence"])).count()
    at(sheet, journal).focus()
    paste(sheet, "\r\n".join(["Н" if value == "н" else value for value in MIXED]) + "\r\n")
    stand(sheet, journal, 30)
    assert kept(journal) == MIXED
    assert m.History.select().where(m.History.tbl.in_(["mark", "absence"])).count() - before == 30
    press(sheet, "Control+z")
    stand(sheet, journal, 30)
    assert kept(journal) == [""] * 30


def test_what_does_not_fit_is_shown_first_and_nothing_is_put_before_it_is_agreed_to(sheet, journal):
    at(sheet, journal, 27, LAST).focus()
    table = '5\t"4"\t5\n9\tхор.\n4,0\t 3 \n2\t2\n'
    paste(sheet, table)
    preview = sheet.get_by_role("dialog", name="Не всё подходит")
    rows = preview.locator("tbody tr")
    expect(rows).to_have_count(5)
    expect(preview).to_contain_text("Подходит клеток: 4. Не подходит: 5.")
    expect(preview).to_contain_text("нет такой отметки")
    expect(preview).to_contain_text("за пределами таблицы")
    expect(preview).to_contain_text("журнал считает этот столбец сам")
    assert kept(journal, LAST) == kept(journal) == [""] * 30
    sheet.get_by_role("button", name="Ничего не записывать").click()
    expect(at(sheet, journal, 27, LAST)).to_be_focused()
    expect(sheet.locator("#journal [data-s]")).to_have_count(0)
    paste(sheet, table)
    press(sheet, "Enter")
    stand(sheet, journal, 2)
    assert (kept(journal, LAST)[27:], kept(journal)[27:]) == (["5", "", "4"], ["4", "", "3"])


def test_a_closed_column_takes_no_paste(sheet, journal):
    at(sheet, journal, 0, CLOSED).focus()
    paste(sheet, "5\t\t5")
    preview = sheet.get_by_role("dialog", name="Не всё подходит")
    expect(preview.locator("tbody tr")).to_have_count(1)
    expect(preview).to_contain_text("столбец закрыт")
    sheet.keyboard.press("Enter")
    stand(sheet, journal, 1, OPEN)


def test_a_range_goes_to_excel_as_rows_and_columns(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    paste(sheet, "5/4\tн\n4\t3")
    stand(sheet, journal, 2)
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "Shift+ArrowDown", "Shift+ArrowRight", "Control+c")
    assert sheet.evaluate("navigator.clipboard.readText()") == "5/4\tн\n4\t3"


# ---- ranges ----

def test_a_mark_typed_over_a_range_fills_it_and_the_choice_is_told(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    expect(sheet.locator('#journal td[aria-selected="true"]')).to_have_count(6)
    expect(sheet.get_by_role("status").filter(has_text="выделено клеток: 6")).to_be_visible()
    press(sheet, "5", "/", "4")
    expect(at(sheet, journal, 0, LAST)).to_have_text("5/4")
    press(sheet, "Escape")
    expect(sheet.locator("#journal .rng").first).to_have_text("")
    press(sheet, "4", "Enter")
    stand(sheet, journal, 3)
    assert (kept(journal, LAST)[:4], kept(journal)[:4]) == (["4", "4", "4", ""], ["4", "4", "4", ""])


def test_a_mouse_draws_a_range_and_delete_clears_it(sheet, journal):
    at(sheet, journal).focus()
    paste(sheet, "5\n4\n3")
    stand(sheet, journal, 3)
    at(sheet, journal, 2).hover()
    sheet.mouse.down()
    at(sheet, journal, 1).hover()
    at(sheet, journal, 0).hover()
    sheet.mouse.up()
    expect(sheet.locator("#journal .rng")).to_have_count(3)
    expect(sheet.locator(".pop")).to_have_count(0)
    press(sheet, "Delete")
    expect(at(sheet, journal, 2)).to_have_text("")
    stand(sheet, journal, 3)
    assert kept(journal) == [""] * 30


def test_a_column_is_filled_where_it_is_empty(sheet, journal):
    at(sheet, journal, 3).focus()
    press(sheet, "KeyY", "Enter")
    stand(sheet, journal, 1)
    at(sheet, journal).focus()
    press(sheet, "5", "Control+Enter")
    stand(sheet, journal, 30)
    assert kept(journal) == [*["5"] * 3, "н", *["5"] * 26]
    at(sheet, journal, 0, LAST).click()
    sheet.get_by_role("button", name="Заполнить столбец").click()
    sheet.get_by_role("dialog", name="Во все пустые клетки столбца: 30").get_by_role("button", name="4", exact=True).click()
    stand(sheet, journal, 30, LAST)
    assert kept(journal, LAST) == ["4"] * 30


def test_ctrl_d_fills_down_and_ctrl_space_takes_the_column(sheet, journal):
    at(sheet, journal).focus()
    press(sheet, "3", "Enter", "ArrowUp", "Control+Space")
    expect(sheet.locator("#journal .rng")).to_have_count(30)
    press(sheet, "Control+d")
    stand(sheet, journal, 30)
    assert kept(journal) == ["3"] * 30


def test_one_reason_serves_all_cells_of_a_change(sheet, journal):
    at(sheet, journal, 0, REASON).focus()
    press(sheet, "Shift+ArrowDown", "Shift+ArrowDown", "5", "Enter")
    pop = sheet.get_by_role("dialog", name="нужна причина")
    pop.get_by_role("textbox", name="Причина").fill("работа проверена позже")
    pop.get_by_role("button", name="Записать все с этой причиной: 3").click()
    stand(sheet, journal, 3, REASON)
    assert kept(journal, REASON)[:3] == ["5"] * 3
    assert {row.reason for row in m.Mark.select().where(m.Mark.lesson == journal.lessons[REASON])} == {"работа проверена позже"}


# ---- undo, and two at once ----

def test_undo_and_redo_go_through_the_journal_one_change_at_a_time(sheet, journal):
    at(sheet, journal).focus()
    press(sheet, "5", "Enter", "4", "Enter")
    stand(sheet, journal, 2)
    press(sheet, "ArrowUp", "3", "Enter")
    expect(at(sheet, journal, 1)).to_have_text("3")
    stand(sheet, journal, 2)
    for keys, values in ((("Control+z",), ["5", "4"]), (("Control+z",), ["5", ""]), (("Control+y",), ["5", "4"]),
                         (("Control+Shift+z",), ["5", "3"]), (("Control+z", "Control+z", "Control+z"), ["", ""])):
        press(sheet, *keys)
        for pupil, value in enumerate(values):
            expect(at(sheet, journal, pupil)).to_have_text(value)
        stand(sheet, journal, 2)
        assert kept(journal)[:2] == values
    press(sheet, "Control+z")
    expect(sheet.locator("#state")).to_have_text("Отменять больше нечего")


def test_undo_does_not_take_away_what_another_wrote_since(sheet, journal):
    at(sheet, journal).focus()
    press(sheet, "5", "Enter")
    stand(sheet, journal, 1)
    with m.writing(f.SYSTEM):
        m.Mark.update(value="2").where(m.Mark.lesson == journal.lessons[TODAY]).execute()
    press(sheet, "Control+z")
    expect(at(sheet, journal)).to_have_attribute("data-s", "conflict")
    assert kept(journal)[0] == "2"
    sheet.locator(".pop").get_by_role("button", name="Оставить 2").click()
    expect(at(sheet, journal)).to_have_text("2")


def test_two_teachers_in_one_grid_meet_cell_by_cell(opened, site, journal):
    f.substitution(journal.lessons[TODAY], site.school.substitute, site.school.teacher)
    first, second = opened(), opened("substitute")
    at(first, journal).focus()
    press(first, "5", "Enter", "4", "Enter", "3", "Enter")
    stand(first, journal, 3)
    at(second, journal).focus()
    press(second, "2", "Enter", "4", "Enter", "2", "Enter", "5", "Enter")
    stand(second, journal, 2)
    expect(second.locator('#journal [data-s="conflict"]')).to_have_count(2)
    assert kept(journal)[:4] == ["5", "4", "3", "5"]
    pop = second.locator(".pop")
    pop.get_by_role("button", name="Оставить 5").click()
    expect(at(second, journal)).to_have_text("5")
    pop.get_by_role("button", name="Записать 2").click()
    stand(second, journal, 3)
    assert kept(journal)[:4] == ["5", "4", "2", "5"]
    with first.expect_response("**/changes?*"):
        first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(at(first, journal, 2)).to_have_text("2")
    expect(at(first, journal, 3)).to_have_attribute("data-s", "other")


# ---- what is looked at ----

def test_averages_of_pupil_and_class_follow_the_typing_before_it_is_saved(sheet, journal):
    f.mark(journal.lessons[OPEN], journal.pupils[0], "4")
    sheet.reload()
    at(sheet, journal).focus()
    sheet.context.set_offline(True)
    press(sheet, "5")
    row, below = at(sheet, journal).locator("xpath=.."), sheet.locator("#journal tfoot td")
    expect(row.locator(".calc").first).to_have_text("4,50")
    press(sheet, "Enter", "3", "Enter")
    expect(below.nth(DAYS.index(TODAY))).to_have_text("4,00")
    expect(below.nth(len(DAYS))).to_have_text("4,00")


def test_a_pupil_is_found_by_letters_even_on_the_other_layout(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "Control+f")
    sheet.keyboard.type("extybrjdf017")
    expect(sheet.locator("#found")).to_have_text("найдено: 1")
    press(sheet, "Enter")
    expect(at(sheet, journal, 16, LAST)).to_be_focused()


def test_columns_hidden_and_pinned_stay_so_and_arrows_pass_over_them(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "-")
    expect(at(sheet, journal)).to_be_focused()
    expect(at(sheet, journal, 0, LAST)).to_be_hidden()
    press(sheet, "+", "ArrowLeft")
    expect(at(sheet, journal, 0, OPEN)).to_be_focused()
    sheet.reload()
    expect(at(sheet, journal, 0, LAST)).to_be_hidden()
    expect(at(sheet, journal)).to_have_css("position", "sticky")
    at(sheet, journal, 0, OPEN).focus()
    paste(sheet, "5\t4")
    stand(sheet, journal, 1)
    assert kept(journal, OPEN)[0] == "5" and kept(journal)[0] == "4"
    sheet.get_by_role("button", name="Скрыто столбцов: 1. Показать").click()
    expect(at(sheet, journal, 0, LAST)).to_be_visible()


def test_lessons_are_filtered_by_the_kind_of_work(sheet, journal, site):
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=site.school.kinds["К"]).where(m.Lesson.id == journal.lessons[OPEN].id).execute()
    sheet.reload()
    at(sheet, journal).focus()
    press(sheet, "F4")
    view = sheet.get_by_role("dialog", name="Что показать")
    view.get_by_label("ответ", exact=True).uncheck()
    press(sheet, "Escape")
    expect(sheet.locator("#journal .days th:visible")).to_have_count(1)
    expect(at(sheet, journal, 0, OPEN)).to_be_visible()


def test_paper_has_what_is_seen_with_its_head_repeated(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "-")
    sheet.emulate_media(media="print")
    expect(at(sheet, journal)).to_be_visible()
    expect(at(sheet, journal, 0, LAST)).to_be_hidden()
    expect(sheet.locator("#journal thead")).to_have_css("display", "table-header-group")
    expect(sheet.locator("#journal tbody tr").first).to_have_css("display", "table-row")
    for selector in (".bar", ".legend", "#find", "#view", ".top"):
        expect(sheet.locator(selector)).to_be_hidden()


def test_a_work_is_added_without_leaving_the_keyboard(sheet, journal, site):
    at(sheet, journal, 2).focus()
    press(sheet, "F9")
    expect(sheet.get_by_role("dialog").get_by_label("Вид работы")).to_be_focused()
    press(sheet, "ArrowDown", "ArrowDown", "ArrowDown", "Tab")
    sheet.keyboard.type("Кубы")
    press(sheet, "Tab", "4", "Tab", "ArrowDown", "Enter")
    head = sheet.locator("#journal .days th[data-work]")
    expect(head).to_have_attribute("data-k", "Контрольная работа ×4")
    work = m.Work.get(m.Work.lesson == journal.lessons[TODAY])
    assert (work.kind, work.title, work.weight, work.for_everyone) == (site.school.kinds["К"], "Кубы", 4, True)
    expect(sheet.locator(f'td[data-work="{work.id}"]').first).to_be_focused()
    press(sheet, "5", "Enter")
    expect(sheet.locator(f'td[data-work="{work.id}"][data-s="saved"]')).to_have_count(1)


# ---- for everybody ----

def test_the_grid_and_its_dialogs_stand_in_nobodys_way(sheet, journal):
    at(sheet, journal, 0, LAST).focus()
    press(sheet, "Shift+ArrowDown")
    assert barriers(sheet) == []
    for key, name in (("F4", "Что показать"), ("F9", "Ещё одна колонка урока: другая работа"), ("?", "Клавиши")):
        press(sheet, key)
        expect(sheet.get_by_role("dialog", name=name)).to_be_visible()
        assert barriers(sheet) == []
        press(sheet, "Escape")
    paste(sheet, "хор.")
    expect(sheet.get_by_role("dialog")).to_be_visible()
    assert barriers(sheet) == []


def test_fingers_write_and_fill_at_360_px(opened, journal):
    phone = opened(size=PHONE, has_touch=True)
    at(phone, journal, 1).tap()
    phone.get_by_role("button", name="4", exact=True).tap()
    stand(phone, journal, 1)
    phone.get_by_role("button", name="Заполнить столбец").tap()
    phone.get_by_role("dialog", name=re.compile("Во все пустые")).get_by_role("button", name="5", exact=True).tap()
    stand(phone, journal, 30)
    assert kept(journal) == ["5", "4", *["5"] * 28]
    assert not overflows(phone)
