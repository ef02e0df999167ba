"""The administrative screens in a real browser: an error on the way, the look-up by keyboard, many lines at once."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import barriers, signed_in

def test_an_error_takes_the_focus_and_leads_to_the_field(village, page):
    signed_in(page, village, "admin")
    page.goto(f"{village}/admin/movement/new/")
    page.fill("[name=order_no]", "41-у")
    page.click("button:has-text('Записать') >> nth=0")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("[name=order_no]")).to_have_value("41-у")
    assert barriers(page) == []


def test_a_pupil_is_found_by_keyboard(village, page):
    signed_in(page, village, "admin")
    page.goto(f"{village}/admin/movement/new/")
    page.keyboard.press("Tab")
    field = page.locator("#pupil")
    field.focus()
    page.keyboard.type("а")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#pupil[aria-activedescendant]")
    first = page.inner_text("[role=option] >> nth=0")
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(page.locator("[name=pupil]")).to_have_value(re.compile(r"^\d+$"))
    assert field.input_value() in first


def test_all_lines_of_a_page_are_chosen_at_once_and_deleting_asks_first(village, page):
    signed_in(page, village, "admin")
    page.goto(f"{village}/admin/room/")
    page.check("[data-all]")
    expect(page.locator("input[name=rowid]:checked")).to_have_count(page.locator("input[name=rowid]").count())
    page.click("button[value=delete]")
    expect(page.locator("h1")).to_contain_text(re.compile("удалить", re.IGNORECASE))
    assert barriers(page) == []
