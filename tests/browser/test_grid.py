"""The grid by keyboard in a real browser: each key of the map, and what a cell says when it is not simply saved."""

import re
from datetime import date, timedelta
from itertools import islice, product

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import beside, signed_in

PASSWORD = "demo-demo"
DAY = date(2026, 12, 17)


@pytest.fixture
def school(db):
    s = f.school(5)
    for name in ("teacher", "substitute"):
        f.account(getattr(s, name), name, PASSWORD)
    f.substitution(s.lessons[DAY], s.substitute, s.teacher)
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
    return s


@pytest.fixture
def site(school, app):
    with beside(app) as address:
        yield address


@pytest.fixture
def grid(school, site, page):
    page.add_init_script("delete Navigator.prototype.serviceWorker")  # what goes through a worker passes by page.route
    sign_in(page, site)
    page.goto(f"{site}/journal/{school.course.id}")
    return page


def sign_in(page, site, who="teacher"):
    signed_in(page, site, who, PASSWORD)


def cell(page, school, pupil=0, day=DAY):
    return page.locator(f'td[data-pupil="{school.pupils[pupil].id}"][data-lesson="{school.lessons[day].id}"]')


def state(page, school, expected, pupil=0, day=DAY):
    expect(cell(page, school, pupil, day)).to_have_attribute("data-s", expected)


def test_a_link_leads_to_the_very_cell(grid, site, school):
    lesson, pupil = school.lessons[date(2026, 11, 9)].id, school.pupils[3].id
    grid.goto("about:blank")
    grid.goto(f"{site}/journal/{school.course.id}?period={school.periods[1].id}#cell-{pupil}-{lesson}")
    expect(grid.locator('#journal td[aria-selected="true"]')).to_have_attribute("data-pupil", str(pupil))
    expect(grid.locator("#journal td:focus")).to_have_attribute("data-lesson", str(lesson))


def test_of_a_large_sheet_what_is_out_of_sight_comes_by_itself_and_at_once_when_asked_for(site, school, page):
    days = (date(2026, 11, 9) + timedelta(days=n) for n in range(30))
    with m.writing(f.SYSTEM):
        for day, number in islice(product((day for day in days if day.isoweekday() < 6 and day not in school.lessons), range(1, 7)), 90):
            f.lesson(school.course, school.teacher, day, number)
    sign_in(page, site)
    page.goto(f"{site}/journal/{school.course.id}")
    row = page.locator("#journal tbody tr").first.locator("td[data-lesson]")
    page.locator('#journal td[tabindex="0"]').press("Home")
    expect(row.first).to_be_focused()
    page.reload()
    page.wait_for_function("[...document.querySelectorAll('#journal td[data-pupil]')].every((cell) => cell.checkVisibility())")


def test_today_is_the_one_tab_stop_of_the_grid(grid, school):
    expect(grid.locator('#journal td[tabindex="0"]')).to_have_count(1)
    expect(cell(grid, school)).to_have_attribute("tabindex", "0")
    expect(grid.locator("#journal")).to_have_attribute("role", "grid")


def test_digits_enter_and_tab_save_and_move(grid, school):
    cell(grid, school).focus()
    for key in ("5", "Enter", "4", "Enter"):
        grid.keyboard.press(key)
    expect(cell(grid, school, 2)).to_be_focused()
    state(grid, school, "saved")
    state(grid, school, "saved", 1)
    grid.keyboard.press("3")
    grid.keyboard.press("Tab")
    expect(cell(grid, school, 2)).to_have_text("3")
    expect(cell(grid, school, 2, date(2026, 12, 21))).to_be_focused()


@pytest.mark.parametrize("key, code", [("KeyY", "н"), ("Comma", "б"), ("KeyE", "у"), ("KeyJ", "о")])
def test_codes_by_the_place_of_the_key_on_both_layouts(grid, school, key, code):
    cell(grid, school).focus()
    grid.keyboard.press(key)
    grid.keyboard.press("Enter")
    state(grid, school, "saved")
    expect(cell(grid, school)).to_have_text(code)


def test_two_marks_escape_delete_and_undo(grid, school):
    cell(grid, school).focus()
    grid.keyboard.press("5")
    grid.keyboard.press("/")
    grid.keyboard.press("4")
    grid.keyboard.press("Enter")
    state(grid, school, "saved")
    expect(cell(grid, school)).to_have_text("5/4")
    grid.keyboard.press("ArrowUp")
    grid.keyboard.press("2")
    expect(cell(grid, school)).to_have_text("2")
    grid.keyboard.press("Escape")
    expect(cell(grid, school)).to_have_text("5/4")
    grid.keyboard.press("Delete")
    state(grid, school, "saved")
    expect(cell(grid, school)).to_have_text("")
    grid.keyboard.press("Control+z")
    expect(cell(grid, school)).to_have_text("5/4")


def test_a_mark_typed_right_after_an_absence_was_cleared_is_saved(grid, school):
    cell(grid, school).focus()
    grid.keyboard.press("KeyY")
    grid.keyboard.press("Enter")
    state(grid, school, "saved")
    cell(grid, school).focus()
    with grid.expect_request("**/cells") as first:
        for key in ("Delete", "3", "Enter"):
            grid.keyboard.press(key)
    assert [each["value"] for each in first.value.post_data_json["cells"]] == [""]
    expect(cell(grid, school)).to_have_text("3")
    state(grid, school, "saved")


def test_arrows_ends_today_and_leaving(grid, school):
    cell(grid, school).focus()
    grid.keyboard.press("Home")
    expect(cell(grid, school, 0, date(2026, 11, 4))).to_be_focused()
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("ArrowRight")
    expect(cell(grid, school, 1, date(2026, 11, 5))).to_be_focused()
    grid.keyboard.press("Control+Home")
    expect(cell(grid, school, 1)).to_be_focused()
    grid.keyboard.press("F6")
    expect(grid.locator("#journal :focus")).to_have_count(0)


def test_a_reason_is_asked_in_place_and_the_mark_saved_with_it(grid, school):
    day = date(2026, 12, 7)
    cell(grid, school, 0, day).focus()
    grid.keyboard.press("4")
    grid.keyboard.press("Enter")
    state(grid, school, "reason", 0, day)
    grid.locator(".pop").get_by_role("textbox", name="Причина").fill("описка при вводе")
    grid.locator(".pop").get_by_role("button", name="Записать 4").click()
    state(grid, school, "saved", 0, day)
    assert m.Mark.get().reason == "описка при вводе"


def test_a_refusal_names_the_clause_and_stays_until_dismissed(grid, school):
    day = date(2026, 12, 2)
    cell(grid, school, 0, day).focus()
    grid.keyboard.press("4")
    grid.keyboard.press("Enter")
    state(grid, school, "refused", 0, day)
    refusal = grid.get_by_role("alertdialog")
    expect(refusal).to_contain_text("Правка закрыта")
    expect(refusal).to_contain_text("п. 3.6")
    grid.keyboard.press("ArrowDown")
    state(grid, school, "refused", 0, day)
    cell(grid, school, 0, day).click()
    grid.locator(".pop").get_by_role("button", name="Понятно").click()
    expect(cell(grid, school, 0, day)).to_have_text("")
    expect(cell(grid, school, 0, day)).not_to_have_attribute("data-s", "refused")


def test_a_mark_over_absence_asks_for_the_protocol(grid, school):
    cell(grid, school).focus()
    for key in ("KeyY", "Enter"):
        grid.keyboard.press(key)
    state(grid, school, "saved")
    cell(grid, school).focus()
    for key in ("4", "Enter"):
        grid.keyboard.press(key)
    state(grid, school, "refused")
    grid.get_by_label("Номер протокола").fill("7")
    grid.get_by_label("Дата протокола").fill("2026-12-17")
    grid.locator(".pop").get_by_role("button", name="Пересдача по протоколу").click()
    expect(cell(grid, school)).to_have_text("н→4")
    state(grid, school, "saved")


def test_another_persons_change_is_a_choice_never_overwritten(grid, school):
    f.mark(school.lessons[DAY], school.pupils[0], "3")
    cell(grid, school).focus()
    for key in ("5", "Enter"):
        grid.keyboard.press(key)
    state(grid, school, "conflict")
    assert [row.value for row in m.Mark.select()] == ["3"]
    grid.locator(".pop").get_by_role("button", name="Записать 5").click()
    state(grid, school, "saved")
    assert [row.value for row in m.Mark.select()] == ["5"]


def test_without_network_the_mark_waits_and_leaves_with_the_same_key(grid, school):
    keys = set()
    grid.on("request", lambda request: request.url.endswith("/cells") and keys.add(request.post_data_json["cells"][0]["key"]))
    grid.context.set_offline(True)
    cell(grid, school).focus()
    for key in ("5", "Enter"):
        grid.keyboard.press(key)
    expect(grid.locator("#queue")).to_contain_text("Можно работать дальше")
    state(grid, school, "wait")
    grid.context.set_offline(False)
    state(grid, school, "saved")
    assert len(keys) == 1
    expect(grid.locator("#queue [role=status]")).to_be_empty()


def test_the_line_above_tells_pupil_day_kind_and_deadline(grid, school):
    cell(grid, school, 1).focus()
    bar = grid.locator(".bar [role=status]")
    expect(bar).to_contain_text("Ученикова002")
    expect(bar).to_contain_text(re.compile("17 дек.*срок отметок"))


def test_history_and_the_map_of_keys_open_and_close_by_keyboard(grid, school):
    cell(grid, school).focus()
    for key in ("5", "Enter", "ArrowUp"):
        grid.keyboard.press(key)
    state(grid, school, "saved")
    grid.keyboard.press("F2")
    expect(grid.get_by_role("dialog", name="История ячейки")).to_contain_text(school.teacher.short_name)
    grid.keyboard.press("Escape")
    expect(grid.get_by_role("dialog")).to_have_count(0)
    grid.keyboard.press("?")
    expect(grid.get_by_role("dialog", name="Клавиши")).to_be_visible()
    grid.keyboard.press("Escape")
    expect(cell(grid, school)).to_be_focused()


def test_averages_follow_each_save(grid, school):
    cell(grid, school).focus()
    for key in ("5", "Enter", "4", "Enter"):
        grid.keyboard.press(key)
    row = cell(grid, school).locator("xpath=..")
    expect(row.locator(".calc").first).to_have_text("5,00")


def test_fingers_have_keys_as_buttons(grid, school):
    cell(grid, school, 3).click()
    grid.get_by_role("button", name="4", exact=True).click()
    state(grid, school, "saved", 3)
    expect(cell(grid, school, 3)).to_have_text("4")


def test_without_script_the_grid_is_a_table_to_read(school, site, chromium):
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    context = chromium.new_context(java_script_enabled=False, locale="ru-RU")
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/journal/{school.course.id}")
    expect(cell(page, school)).to_have_text("5")
    context.close()
