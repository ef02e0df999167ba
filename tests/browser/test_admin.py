"""The administrative screens in a real browser: no barriers by axe, no sideways page, the look-up by keyboard."""

import pytest

from tests.browser.conftest import barriers, overflows, sign_in

PAGES = ("/admin/", "/admin/pupil/", "/admin/pupil/?search=нетакого", "/admin/pupil/details/?id=1", "/admin/pupil/edit/?id=1",
         "/admin/movement/new/", "/admin/lesson/?flt_day_from=2026-12-17&flt_day_to=2026-12-17", "/admin/timetable/details/?id=1",
         "/admin/act/?search=нет")


@pytest.mark.parametrize("path", PAGES)
def test_no_barriers_and_no_sideways_page_on_either_screen(village, page, phone, path):
    for each in (page, phone):
        sign_in(each, village, "admin")
        assert each.goto(f"{village}{path}").status == 200
        assert barriers(each) == []
        assert not overflows(each)


def test_an_error_takes_the_focus_and_leads_to_the_field(village, page):
    sign_in(page, village, "admin")
    page.goto(f"{village}/admin/movement/new/")
    page.fill("[name=order_no]", "41-у")
    page.click("button:has-text('Записать') >> nth=0")
    assert page.evaluate("document.activeElement.id") == "errors"
    assert page.input_value("[name=order_no]") == "41-у"
    assert barriers(page) == []


def test_a_pupil_is_found_by_keyboard(village, page):
    sign_in(page, village, "admin")
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
    assert field.input_value() in first
    assert page.input_value("[name=pupil]").isdigit()
    assert field.get_attribute("aria-expanded") == "false"


def test_all_lines_of_a_page_are_chosen_at_once_and_deleting_asks_first(village, page):
    sign_in(page, village, "admin")
    page.goto(f"{village}/admin/room/")
    page.check("[data-all]")
    assert page.locator("input[name=rowid]:checked").count() == page.locator("input[name=rowid]").count()
    page.click("button[value=delete]")
    assert "удалить" in page.inner_text("h1").lower()
    assert barriers(page) == []
