"""One correction from end to end: refused in the grid, asked for, allowed with a thumb, mended, closed again."""

from datetime import date, datetime

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import PHONE, WIDE, barriers, beside, opened_page, overflows
from tests.browser.test_grid import PASSWORD, cell, sign_in, state

DAY, NOW = date(2026, 11, 30), datetime(2026, 12, 17, 10, 40)


@pytest.fixture
def school(db):
    s = f.school(5)
    for name in ("teacher", "deputy"):
        f.account(getattr(s, name), name, PASSWORD)
    f.mark(s.lessons[DAY], s.pupils[0], "2")
    _move_to(NOW)
    return s


def _move_to(moment):
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(moment)).execute()


@pytest.fixture
def site(school, app):
    with beside(app) as address:
        yield address


def test_mrk_08_asked_in_the_grid_allowed_by_thumb_mended_and_closed_again(school, site, chromium):
    for desk in opened_page(chromium, WIDE):
        sign_in(desk, site)
        _asks(desk, school, site)
    for phone in opened_page(chromium, PHONE, has_touch=True):
        sign_in(phone, site, "deputy")
        _allows(phone, site)
    for desk in opened_page(chromium, WIDE):
        sign_in(desk, site)
        _mends(desk, school, site)
    _move_to(datetime(2026, 12, 19, 0, 0, 30))
    for desk in opened_page(chromium, WIDE):
        sign_in(desk, site)
        _is_refused(desk, school, site)


def _asks(page, school, site):
    page.goto(f"{site}/journal/{school.course.id}")
    for pupil, key in ((0, "4"), (1, "5")):
        cell(page, school, pupil, DAY).focus()
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        state(page, school, "refused", pupil, DAY)
    page.get_by_role("button", name="Попросить исправить все 2").click()
    page.wait_for_url("**/corrections/new?**")
    first = page.get_by_label("Ученикова001 Анна", exact=True)
    expect(first).to_have_value("4")
    expect(page.get_by_label("Ученикова002 Анна", exact=True)).to_have_value("5")
    assert barriers(page) == []
    page.set_viewport_size(PHONE)
    assert not overflows(page)
    page.get_by_label("Причина").fill("Перепутала строки")
    page.get_by_role("button", name="Отправить просьбу").click()
    expect(page.get_by_role("heading", name="Просьба № 1")).to_be_visible()
    page.set_viewport_size(WIDE)
    page.goto(f"{site}/journal/{school.course.id}")
    expect(cell(page, school, 0, DAY)).to_have_text("2")  # nothing waits in the browser any more
    expect(cell(page, school, 0, DAY)).not_to_have_attribute("data-s", "refused")


def _allows(page, site):
    page.goto(f"{site}/today/school")
    page.get_by_role("link", name="Ответьте на просьбу № 1").tap()
    expect(page.locator("#main form .rows")).to_contain_text("В журнале: 2 → 4")
    assert not overflows(page) and barriers(page) == []
    page.get_by_role("button", name="Разрешить 2 клетки").tap()
    expect(page.get_by_text("Разрешено до 18 декабря, 23:59")).to_be_visible()


def _mends(page, school, site):
    page.goto(f"{site}/journal/{school.course.id}")
    expect(page.locator("#journal td.o")).to_have_count(2)
    cell(page, school, 0, DAY).focus()
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    state(page, school, "saved", 0, DAY)
    page.get_by_role("link", name="Внести исправления").click()
    page.get_by_role("button", name="Записать в журнал").click()
    expect(page.get_by_text("Записано. Основанием")).to_be_visible()


def _is_refused(page, school, site):
    page.goto(f"{site}/journal/{school.course.id}")
    expect(cell(page, school, 1, DAY)).to_have_text("5")
    expect(page.locator("#journal td.o")).to_have_count(0)
    cell(page, school, 1, DAY).focus()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    state(page, school, "refused", 1, DAY)
