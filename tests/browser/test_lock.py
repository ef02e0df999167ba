"""The screen that locks itself and the password before period marks: on the page, with everything typed (ACC-10)."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import beside
from tests.browser.test_grid import PASSWORD, sign_in


@pytest.fixture
def school(db):
    s = f.school(4)
    f.account(s.teacher, "teacher", PASSWORD)
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
    return s


@pytest.fixture
def house(school, app):
    with beside(app) as address:
        yield address


def give(page, password):
    page.fill("#lock-password", password)
    page.press("#lock-password", "Enter")


def test_acc_10_a_screen_left_alone_locks_and_opens_where_it_stood(school, house, page):
    page.clock.install()
    sign_in(page, house)
    page.goto(f"{house}/lesson/{school.lessons[f.TODAY].id}")
    topic = page.locator("[name=topic]")
    topic.fill("Степень с натуральным")
    page.clock.fast_forward(16 * 60 * 1000)
    lock = page.get_by_role("dialog", name="Экран закрыт")
    expect(lock).to_be_visible()
    assert m.LoginSession.get().locked
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    give(page, "nonsense")
    expect(lock).to_contain_text("не подход")
    give(page, PASSWORD)
    expect(lock).to_be_hidden()
    expect(topic).to_have_value("Степень с натуральным")
    assert not m.LoginSession.get().locked


def test_acc_10_period_marks_wait_for_the_password_and_marks_of_lessons_do_not(school, house, page):
    sign_in(page, house)
    page.goto(f"{house}/results/{school.course.id}")
    m.LoginSession.update(confirmed_at=clock.now() - timedelta(minutes=61)).execute()
    pupil = school.pupils[0].id
    page.locator(f"input[name='m-{pupil}-period']").fill("4")
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Ещё раз ваш пароль")
    expect(box).to_be_visible()
    assert not m.PeriodMark.select().exists()
    page.get_by_role("button", name="Позже").click()
    expect(page.locator("#queue [role=status]")).to_contain_text("Для итоговых отметок нужен ваш пароль")
    page.goto(f"{house}/journal/{school.course.id}")
    expect(box).to_be_visible()
    give(page, PASSWORD)
    expect(box).to_be_hidden()
    expect(page.locator("#queue [role=status]")).to_be_empty()


def test_acc_10_on_a_foreign_device_nothing_stays_in_the_browser(school, house, page):
    page.goto(f"{house}/login")
    page.check("[name=foreign]")
    page.fill("[name=login]", "teacher")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.goto(f"{house}/journal/{school.course.id}")
    cell = page.locator(f"td[data-pupil='{school.pupils[0].id}'][data-lesson='{school.lessons[f.TODAY].id}']")
    cell.focus()
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(cell).to_have_attribute("data-s", "saved")
    kept = page.evaluate("""async () => [(await caches.keys()).filter((name) => name.startsWith("pages-")).length,
        (await indexedDB.databases()).length, localStorage.length, (await navigator.serviceWorker.getRegistrations()).length]""")
    assert kept == [0, 0, 0, 0]
