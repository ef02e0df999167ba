"""The first day and the frame as a person meets them: wide, on a telephone, in the dark, without a barrier (WCAG 2.2 AA)."""

import pytest

import models as m
from app import create_app
from exchange import founding
from tests import factories
from tests.browser.conftest import PHONE, WIDE, barriers, opened_page, overflows, serving, sign_in
from views import setup

PASSWORD = "зимний вечер"


@pytest.fixture
def address(db, url, tmp_path):
    s = factories.school()
    with m.writing(factories.SYSTEM):
        m.School.update(is_demo=True).execute()
    for login in ("admin", "teacher", "parent"):
        factories.account(getattr(s, login), login, PASSWORD)
    with serving(url, tmp_path) as address:
        yield address


@pytest.mark.parametrize("size, theme", [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark"), (PHONE, "dark")])
def test_the_shell_has_no_barriers_and_never_scrolls_sideways(address, chromium, size, theme):
    for page in opened_page(chromium, size, color_scheme=theme):
        found = {}
        for path in ("/login", "/nowhere"):
            page.goto(address + path)
            found[path] = barriers(page), overflows(page)
        sign_in(page, address, "admin", PASSWORD)
        for path in ("/me", "/sign-ins", "/password", "/setup/checklist", "/nowhere/else"):
            page.goto(address + path)
            found[path] = barriers(page), overflows(page)
        assert found == {path: ([], False) for path in found}


def test_a_wrong_password_is_told_beside_the_field(address, phone):
    sign_in(phone, address, "teacher", "nonsense")
    field = phone.locator("[name=password]")
    assert field.get_attribute("aria-invalid") == "true"
    assert "Осталось 4 попытки" in phone.locator(f"#{field.get_attribute('aria-describedby').strip()}").inner_text()
    assert barriers(phone) == []


def test_the_first_day_from_the_code_to_the_checklist(db, url, tmp_path, phone):
    with serving(url, tmp_path) as address:
        phone.goto(address)
        assert barriers(phone) == [] and not overflows(phone)
        answers = {"code": _code(url, tmp_path), "name": "Ольховская средняя школа", "surname": "Админова", "given_name": "Анна",
                   "password": PASSWORD, "again": PASSWORD}
        for name, value in answers.items():
            phone.fill(f"[name={name}]", value)
        phone.click("button.primary")
        assert phone.locator("h1").inner_text() == "Настройка учебного года"
    assert not founding.needed()


def _code(url, folder):
    return setup.code(create_app({"INSTANCE": folder / "instance", "DATABASE_URL": url}))
