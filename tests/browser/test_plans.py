"""A plan by keyboard in a real browser: rows, paste from Excel, the draft, compaction; and no barrier on any page of plans."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import barriers, beside, overflows, signed_in

PASSWORD = "demo-demo"
PASTE = """([field, text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def school(db):
    s = f.school(3)
    f.account(s.teacher, "teacher", PASSWORD)
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
        s.plan = m.Plan.create(year=s.year, subject=s.course.subject, grade=7, name="Алгебра, 7", author=s.teacher)
        s.plan.lay(f.SYSTEM, [(None, "Дроби", f"Тема {n}", Decimal(1), "", "") for n in (1, 2, 3)])
        m.Course.update(plan=s.plan).execute()
    return s


@pytest.fixture
def site(school, app):
    with beside(app) as address:
        yield address


def entered(page, site, path):
    signed_in(page, site, "teacher", PASSWORD)
    page.goto(site + path)


def topics(page):
    return page.locator("[name=topic]").evaluate_all("(fields) => fields.map((field) => field.value).filter(Boolean)")


def field(page, name, row):
    return page.locator(f"[name={name}]").nth(row - 1)


def test_pln_02_rows_by_keyboard_from_the_first_to_the_last_key(page, school, site):
    entered(page, site, f"/plans/{school.plan.id}")
    field(page, "topic", 1).focus()
    page.keyboard.press("Enter")
    expect(field(page, "topic", 2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Enter")
    expect(field(page, "topic", 2)).to_be_focused()
    expect(field(page, "section", 2)).to_have_value("Дроби")
    page.keyboard.type("Новая тема")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    expect(field(page, "hours", 2)).to_have_value("2")
    page.keyboard.press("Alt+ArrowDown")
    assert topics(page) == ["Тема 1", "Тема 2", "Новая тема", "Тема 3"]
    expect(field(page, "hours", 3)).to_be_focused()
    expect(page.locator(".plan-status")).to_have_text("Теперь это строка 3.")
    field(page, "topic", 1).focus()
    page.keyboard.press("Control+Delete")
    assert topics(page) == ["Тема 2", "Новая тема", "Тема 3"]
    page.get_by_role("button", name="Отменить").click()
    assert topics(page) == ["Тема 1", "Тема 2", "Новая тема", "Тема 3"]
    expect(page.locator(".plan-sum")).to_have_text("Тем: 4, часов: 5.")
    expect(field(page, "topic", 3)).to_have_accessible_name("Тема, строка 3")
    page.get_by_role("button", name="Сохранить план").click()
    expect(page.locator(".flash")).to_contain_text("План сохранён.")
    assert topics(page) == ["Тема 1", "Тема 2", "Новая тема", "Тема 3"]


def test_columns_of_excel_are_pasted_and_what_does_not_fit_is_told(page, school, site):
    entered(page, site, f"/plans/{school.plan.id}")
    cells = 'Степень\t2\tКонтрольная работа\t§ 1\tлишнее\n"Корень\nи степень"\t0,5\tтанец\t§ 2\nФормулы\tмного\t\t\n'
    field(page, "topic", 3).evaluate(f"(field) => ({PASTE})([field, {cells!r}])")
    assert topics(page) == ["Тема 1", "Тема 2", "Степень", "Корень и степень", "Формулы"]
    assert [field(page, "hours", row).input_value() for row in (3, 4, 5)] == ["2", "0,5", "много"]
    assert [field(page, "kind", row).input_value() for row in (3, 4)] == ["К", ""]
    told = page.locator(".plan-status")
    for words in ("Вставлено строк: 3.", "«лишнее»", "вида работы «танец» нет", "часы «много» — не число"):
        expect(told).to_contain_text(words)
    page.get_by_role("button", name="Сохранить план").click()
    expect(page.get_by_role("alert")).to_contain_text("посмотрите строки 5")
    assert topics(page)[2:] == ["Степень", "Корень и степень", "Формулы"]


def test_what_was_typed_survives_a_closed_page(page, school, site):
    entered(page, site, f"/plans/{school.plan.id}")
    field(page, "topic", 4).fill("Набрано и не сохранено")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site}/me")
    page.get_by_role("button", name="Выйти", exact=True).click()
    expect(page.get_by_role("alertdialog")).to_contain_text("План «Алгебра, 7»: набрано и не сохранено")
    page.goto(f"{site}/plans/{school.plan.id}")
    expect(page.locator(".plan-status")).to_contain_text("набранное и не сохранённое")
    assert topics(page)[3] == "Набрано и не сохранено"
    page.get_by_role("button", name="Сохранить план").click()
    expect(page.locator(".flash")).to_contain_text("План сохранён.")
    page.reload()
    expect(page.locator(".plan-status")).to_have_text("")


def test_pln_04_compaction_by_keyboard_tells_the_hours_at_once(page, school, site):
    entered(page, site, f"/plans/course/{school.course.id}")
    page.get_by_text("Уплотнение: другие часы").focus()
    page.locator("#compact summary").press("Enter")
    page.get_by_label("вместе с темой выше").nth(1).press("Space")
    expect(page.locator("[data-sum]")).to_contain_text("Темам нужно 2 ч")
    page.get_by_label("Часы: Тема 3").fill("0,5")
    expect(page.locator("[data-sum]")).to_contain_text("Темам нужно 1,5 ч")
    page.get_by_label("Причина коррекции").fill("Карантин")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_contain_text("вместе с темой выше")
    expect(page.locator("#sheet")).to_contain_text("Карантин")


@pytest.mark.parametrize("size", ["page", "phone"])
def test_pages_of_plans_have_no_barrier(request, school, site, size):
    page = request.getfixturevalue(size)
    entered(page, site, "/plans/")
    for path in ("/plans/", "/plans/new", "/plans/import", f"/plans/{school.plan.id}", f"/plans/course/{school.course.id}", "/plans/calendar"):
        page.goto(site + path)
        assert (barriers(page), overflows(page)) == ([], False), path
    page.goto(f"{site}/plans/import")
    page.set_input_files("[name=file]", {"name": "план.csv", "mimeType": "text/csv", "buffer": "Тема;Часы\nДроби;\nСтепени;2\nИтого;2\n".encode()})
    page.get_by_role("button", name="Показать, что в нём").click()
    expect(page.get_by_role("heading", name="Проверьте план")).to_be_visible()
    assert (barriers(page), overflows(page)) == ([], False)
