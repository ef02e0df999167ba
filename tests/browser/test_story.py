"""A day of the village school as its people live it: the teacher at a desk and with a telephone, the parent, the deputy head."""

import re

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE, WIDE, opened_page, overflows, sign_in

CHILD, CLASSMATE, SIBLING = "Гусев Савелий", "Голубцов Виктор", "Анна"
COURSE = "11 · Биология"
TODAY, OPEN, WITH_REASON, CLOSED = "2026-12-17", "2026-12-10", "2026-12-03", "2026-11-26"
HOMEWORK = "§ 14, нарисовать схему деления клетки"
REASON = "отметка за доклад, сданный 3 декабря"


def test_a_day_from_the_lesson_to_the_diary_and_the_printed_page(village, chromium):
    for desk in opened_page(chromium, WIDE):
        sign_in(desk, village, "teacher")
        topic = fills_the_lesson(desk)
        fills_the_grid(desk)
    for phone in opened_page(chromium, PHONE, has_touch=True):
        sign_in(phone, village, "parent")
        reads_the_diary(phone, topic)
    for office in opened_page(chromium, WIDE):
        sign_in(office, village, "deputy")
        prints_the_page(office)


# ---- the teacher: the lesson that runs now ----

def fills_the_lesson(page) -> str:
    """The lesson page by keyboard; the topic it took from the plan."""
    press(page.get_by_role("link", name=re.compile(f"{COURSE} 10:30")))
    expect(page.get_by_role("heading", name=COURSE)).to_be_visible()
    expect(page.locator("#attendance")).not_to_contain_text("отмечено")
    press(page.get_by_role("button", name="Подтвердить"))
    expect(page.locator("#attendance header")).to_contain_text("отмечено 17 декабря")
    notes_one_absent(page)
    topic = takes_the_topic(page)
    page.locator("#homework textarea").focus()
    page.keyboard.type(HOMEWORK)
    press(page.get_by_role("button", name="Сохранить задание"))
    expect(page.locator("#homework textarea")).to_have_value(HOMEWORK)
    gives_a_mark(page)
    return topic


def notes_one_absent(page):
    press(page.locator("#attendance").get_by_role("button", name=CLASSMATE))
    press(page.get_by_role("button", name="Подтвердить"))
    chosen = page.get_by_role("group", name=CLASSMATE).get_by_role("button", name="н")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".foot")).to_contain_text("Нет 1")


def takes_the_topic(page) -> str:
    offer = page.get_by_role("button", name="Взять из плана")
    topic = offer.inner_text().partition(":")[2].strip()
    press(offer)
    expect(page.locator("#topic header")).to_contain_text("из плана")
    expect(page.locator("#topic textarea")).to_have_value(topic)
    return topic


def gives_a_mark(page):
    mark = page.locator("#marks").get_by_label(CHILD).first
    mark.focus()
    page.keyboard.type("5")
    press(page.get_by_role("button", name="Сохранить отметки"))
    expect(page.locator("#marks .queued")).to_have_text("Сохранено")
    expect(mark).to_have_value("5")


# ---- the teacher: the grid by keyboard ----

def fills_the_grid(page):
    press(page.get_by_role("link", name="Вернуться в журнал"))
    expect(cell(page, CHILD, TODAY)).to_have_text("5")
    expect(cell(page, CLASSMATE, TODAY)).to_have_text("н")
    writes_in_the_open_zone(page)
    gives_the_reason_asked_for(page)
    meets_the_clause_in_the_closed_zone(page)
    written = {CHILD: "н", "Ким Эдуард": "5/4", "Филатов Денис": "3", "Баженов Максим": ""}
    page.reload()
    for name, value in written.items():
        expect(cell(page, name, OPEN)).to_have_text(value)
    expect(cell(page, CHILD, WITH_REASON)).to_have_text("4")


def writes_in_the_open_zone(page):
    cell(page, CHILD, TODAY).focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(cell(page, CHILD, OPEN)).to_be_focused()
    types_in_russian(page, "н", "KeyY")
    page.keyboard.press("Enter")
    saved(page, CHILD, "н")
    types_with_two_marks_and_codes(page)
    clears_and_thinks_again(page)


def types_with_two_marks_and_codes(page):
    """Two marks saved by Enter; «н» typed on a Latin layout, then a mark instead of it, saved by Tab, which moves right."""
    cell(page, "Ким Эдуард", OPEN).focus()
    for key in ("5", "/", "4", "Enter"):
        page.keyboard.press(key)
    saved(page, "Ким Эдуард", "5/4")
    expect(cell(page, "Филатов Денис", OPEN)).to_be_focused()
    page.keyboard.press("KeyY")
    page.keyboard.press("Enter")
    saved(page, "Филатов Денис", "н")
    cell(page, "Филатов Денис", OPEN).focus()
    page.keyboard.press("Delete")
    saved(page, "Филатов Денис", "")
    for key in ("3", "Tab"):
        page.keyboard.press(key)
    saved(page, "Филатов Денис", "3")
    expect(cell(page, "Филатов Денис", TODAY)).to_be_focused()


def clears_and_thinks_again(page):
    first = cell(page, "Баженов Максим", OPEN)
    first.focus()
    for key in ("3", "Enter"):
        page.keyboard.press(key)
    saved(page, "Баженов Максим", "3")
    first.focus()
    page.keyboard.press("2")
    expect(first).to_have_text("2")
    page.keyboard.press("Escape")
    expect(first).to_have_text("3")
    page.keyboard.press("Delete")
    saved(page, "Баженов Максим", "")


def gives_the_reason_asked_for(page):
    cell(page, CHILD, WITH_REASON).focus()
    for key in ("4", "Enter"):
        page.keyboard.press(key)
    expect(cell(page, CHILD, WITH_REASON)).to_have_attribute("data-s", "reason")
    expect(page.get_by_role("textbox", name="Причина")).to_be_focused()
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    expect(cell(page, CHILD, WITH_REASON)).to_have_attribute("data-s", re.compile("saved|late"))


def meets_the_clause_in_the_closed_zone(page):
    closed = cell(page, CHILD, CLOSED)
    before = closed.inner_text()
    closed.focus()
    for key in ("2", "Enter"):
        page.keyboard.press(key)
    expect(closed).to_have_attribute("data-s", "refused")
    expect(page.get_by_role("alertdialog")).to_contain_text(re.compile("Правка закрыта.*п. 3.6"))
    press(page.get_by_role("button", name="Понятно"))
    expect(closed).to_have_text(before)


# ---- the parent, with a telephone ----

def reads_the_diary(page, topic: str):
    page.locator(".kids").get_by_role("link", name=CHILD.split()[1]).tap()
    lesson = page.locator(".day.today .row", has_text="Биология")
    for part in ("5", topic, in_one_piece(HOMEWORK)):
        expect(lesson).to_contain_text(part)
    page.get_by_role("link", name="Прошлая неделя").tap()
    expect(page.locator(".row", has_text="Биология")).to_contain_text("ропуск, причина пока не выяснена")
    assert not overflows(page)
    page.locator(".kids").get_by_role("link", name=SIBLING).tap()
    expect(page.locator(".head")).to_contain_text(SIBLING)
    expect(page.locator("main")).not_to_contain_text(CHILD)


def in_one_piece(text: str) -> str:
    return text.replace("§ ", "§\u00a0")


# ---- the deputy head, at the printer ----

def prints_the_page(page):
    page.get_by_role("link", name="Журналы").first.click()
    page.get_by_label("Класс, предмет или учитель").fill("Биология")
    page.keyboard.press("Enter")
    page.get_by_role("region", name="11").get_by_role("link", name="Биология").click()
    page.get_by_role("link", name="Печать").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    sheets = [sheet.extract_text(extraction_mode="layout") for sheet in PdfReader(download.value.path()).pages]
    row = next(line for line in sheets[0].splitlines() if CHILD in line)
    assert row.split()[-3:] == ["4", "н", "5"], row


# ---- hands on the keyboard ----

def press(target):
    target.page.wait_for_load_state()  # scripts have their hands on the page
    target.focus()
    target.press("Enter")


def cell(page, pupil: str, day: str):
    page.wait_for_load_state()
    lesson = page.locator(f'#journal th[data-date="{day}"]').first.get_attribute("data-lesson")
    return page.locator("#journal tbody tr", has_text=pupil).locator(f'td[data-lesson="{lesson}"]').first


def saved(page, pupil: str, value: str):
    expect(cell(page, pupil, OPEN)).to_have_attribute("data-s", "saved")
    expect(cell(page, pupil, OPEN)).to_have_text(value)


def types_in_russian(page, letter: str, code: str):
    """A key as a Russian layout sends it."""
    keyboard = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": letter, "code": code, "text": letter if kind == "keyDown" else ""})

