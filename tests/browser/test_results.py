"""Period marks in a real browser: by keyboard alone, the reason in place, accepting as computed, and by thumb at 360 px."""

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import barriers, overflows, serving
from tests.browser.test_grid import sign_in


@pytest.fixture
def school(db):
    s = f.school(4)
    f.account(s.teacher, "teacher", "demo-demo")
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
        m.Lesson.update(kind=s.kinds["С"]).where(m.Lesson.id == next(iter(s.lessons.values())).id).execute()
    for pupil in s.pupils:
        for lesson in list(s.lessons.values())[:7]:
            f.mark(lesson, pupil, "4")
    return s


@pytest.fixture
def site(school, url, tmp_path):
    with serving(url, tmp_path) as address:
        yield address


def opened(page, school, site):
    sign_in(page, site)
    page.goto(f"{site}/results/{school.course.id}?period={school.periods[1].id}")
    return [page.locator(f"#m-{pupil.id}-period") for pupil in school.pupils]


def standing():
    return [(row.value, row.reason) for row in m.PeriodMark.select().order_by(m.PeriodMark.pupil)]


def test_a_column_of_period_marks_by_keyboard_alone(page, school, site):
    fields = opened(page, school, site)
    expect(fields[0]).to_be_focused()
    for key in ("Space", "Enter", "4", "ArrowDown", "5"):
        page.keyboard.press(key)
    reason = page.get_by_label("Причина", exact=True)
    expect(reason).to_be_focused()
    page.keyboard.type("контрольная на отлично")
    page.keyboard.press("Enter")
    expect(fields[3]).to_be_focused()
    expect(page.locator(".marks .sign.ok, .marks .sign.late")).to_have_count(3)
    assert standing() == [("4", ""), ("4", ""), ("5", "контрольная на отлично")]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("3")
    expect(page.get_by_label("Причина", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(fields[2]).to_have_value("5")
    assert barriers(page) == []


def test_a_cut_link_keeps_the_mark_though_the_page_is_closed_and_sends_it_later(page, school, site):
    fields = opened(page, school, site)
    page.context.set_offline(True)
    fields[0].press("4")
    expect(page.locator("#state")).to_contain_text("нет связи")
    assert standing() == []
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(f"{site}/results/{school.course.id}?period={school.periods[1].id}")
    expect(page.locator(".marks .sign.ok")).to_have_count(1)
    expect(fields[0]).to_have_value("4")
    assert standing() == [("4", "")] and m.History.select().where(m.History.tbl == "period_mark").count() == 1


def test_undisputed_marks_are_accepted_with_one_confirmation(page, school, site):
    opened(page, school, site)
    page.get_by_role("link", name="Принять по расчёту: 4").press("Enter")
    page.get_by_role("button", name="Поставить отмеченные").press("Enter")
    expect(page.get_by_text("Поставлены 4 отметки по расчёту.")).to_be_visible()
    assert standing() == [("4", "")] * 4


def test_a_thumb_puts_a_mark_at_360(phone, school, site):
    fields = opened(phone, school, site)
    fields[0].click()
    phone.get_by_role("group", name="Ученикова001 Анна, II четверть").get_by_role("button", name="4", exact=True).click()
    expect(phone.locator(".marks .sign.ok")).to_have_count(1)
    assert standing() == [("4", "")]
    assert not overflows(phone) and barriers(phone) == []


def test_without_a_script_the_form_saves_and_asks(chromium, school, site):
    context = chromium.new_context(java_script_enabled=False, locale="ru-RU")
    page = context.new_page()
    fields = opened(page, school, site)
    fields[0].fill("4")
    fields[1].fill("5")
    page.get_by_role("button", name="Сохранить отметки").click()
    page.get_by_label("Причина").fill("олимпиада")
    page.get_by_role("button", name="Сохранить отметки").click()
    expect(page.get_by_text("Сохранена 1 отметка.")).to_be_visible()
    context.close()
    assert standing() == [("4", ""), ("5", "олимпиада")]
