"""The first day as a person meets it, on a telephone."""

import pytest
from playwright.sync_api import expect

import models as m
from exchange import founding
from tests import factories
from tests.browser.conftest import barriers, beside, overflows, sign_in
from views import setup

PASSWORD = "зимний вечер"


@pytest.fixture
def address(app):
    s = factories.school()
    with m.writing(factories.SYSTEM):
        m.School.update(is_demo=True).execute()
    for login in ("admin", "teacher", "parent"):
        factories.account(getattr(s, login), login, PASSWORD)
    with beside(app) as address:
        yield address


def test_a_wrong_password_is_told_beside_the_field(address, phone):
    sign_in(phone, address, "teacher", "nonsense")
    field = phone.locator("[name=password]")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "Осталось 4 попытки" in phone.locator(f"#{field.get_attribute('aria-describedby').strip()}").inner_text()
    assert barriers(phone) == []


def test_the_first_day_from_the_code_to_the_checklist(app, phone):
    with beside(app) as address:
        phone.goto(address)
        assert barriers(phone) == [] and not overflows(phone)
        answers = {"code": setup.code(app), "name": "Ольховская средняя школа", "surname": "Админова", "given_name": "Анна",
                   "password": PASSWORD, "again": PASSWORD}
        for name, value in answers.items():
            phone.fill(f"[name={name}]", value)
        phone.click("button.primary")
        expect(phone.locator("h1")).to_have_text("Настройка учебного года")
    assert not founding.needed()
