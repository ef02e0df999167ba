"""A breach of confidentiality in a real browser: reported without signing in, confirmed and registered by the head on a telephone."""

from datetime import datetime

from playwright.sync_api import expect

import clock
from tests import factories as f
from tests.browser.conftest import barriers, beside, overflows, signed_in
from tests.regulation.conftest import PASSWORD, Life


def test_sec_11_sec_13_from_a_strangers_report_to_the_list_of_operations(app, page, phone):
    life = Life(app, "d4_hmao")
    f.account(life.school.director, "director", PASSWORD)
    life.put("4", "11-05 10:05")
    life.put("2", "11-05 10:30")
    with clock.frozen(datetime(2026, 11, 5, 11, 0)), beside(app) as site:
        page.goto(f"{site}/login")
        page.get_by_role("link", name="Сообщить о нарушении").click()
        assert (barriers(page), overflows(page)) == ([], False)
        page.get_by_label("Ваша фамилия и имя").fill("Соседова Мария")
        page.get_by_label("Логин учётной записи, если знаете").fill("teacher")
        page.get_by_label("Когда обнаружили?").fill("2026-11-05T10:00")
        page.get_by_label("Что случилось?").fill("Двойки ставит кто-то другой")
        page.get_by_role("button", name="Отправить сообщение").click()
        expect(page.get_by_role("status")).to_contain_text("Сообщение принято, его номер 1.")
        assert (barriers(page), overflows(page)) == ([], False)

        signed_in(phone, site, "director", PASSWORD)
        phone.goto(f"{site}/breach/")
        assert (barriers(phone), overflows(phone)) == ([], False)
        phone.get_by_role("link", name="Соседова Мария").click()
        phone.get_by_role("button", name="Подтвердить и закрыть запись").click()
        for whom, learned in (("head", "2026-11-05T10:10"), ("support", "2026-11-05T10:20")):
            phone.locator(f"#at-{whom}").fill(learned)
            phone.get_by_role("button", name="Записать", exact=True).and_(phone.locator(f"form:has(#at-{whom}) button")).click()
        expect(phone.get_by_text("стоит: 4")).to_be_visible()
        expect(phone.get_by_role("heading", name="Операции после уведомления")).to_be_visible()
        assert (barriers(phone), overflows(phone)) == ([], False)

        phone.locator("summary", has_text="Составить акт").click()
        for label, value in (("Номер акта", "1"), ("Председатель комиссии", "Иванова А. П., директор"), ("Члены комиссии", "Петров\nОрлова")):
            phone.get_by_label(label).fill(value)
        phone.get_by_role("button", name="Сохранить акт").click()
        expect(phone.get_by_role("button", name="Утвердить акт")).to_be_visible()
        assert (barriers(phone), overflows(phone)) == ([], False)
