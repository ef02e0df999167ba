"""A parent asks a question from the diary with a thumb; what was typed outlives a link that breaks."""

from datetime import date, datetime

from playwright.sync_api import expect

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import barriers, beside, overflows, signed_in

PASSWORD = "долгий пароль 1"


def test_acc_14_a_parent_asks_from_the_diary_and_the_words_outlive_a_broken_link(app, phone):
    school = f.school()
    f.account(school.parent, "parent", PASSWORD)
    f.mark(school.lessons[date(2026, 11, 5)], school.pupils[0], "3")
    with clock.frozen(datetime(2026, 11, 5, 14, 0)), beside(app) as site:
        signed_in(phone, site, "parent", PASSWORD)
        phone.goto(f"{site}/diary/{school.pupils[0].id}")
        phone.get_by_role("link", name="Спросить учителя").click()
        field = phone.get_by_label("Сообщение")
        assert (barriers(phone), overflows(phone)) == ([], False)
        field.fill("За что тройка?")
        form = phone.url
        phone.route("**/talk/new", lambda route: route.abort())
        phone.get_by_role("button", name="Отправить").click()
        phone.unroute("**/talk/new")
        phone.goto(form)
        expect(phone.get_by_label("Сообщение")).to_have_value("За что тройка?")
        phone.get_by_role("button", name="Отправить").click()
        expect(phone.get_by_text("ещё не прочитано")).to_be_visible()
        assert (barriers(phone), overflows(phone)) == ([], False)
        assert m.Message.get().text == "За что тройка?"
        phone.goto(form)
        expect(phone.get_by_label("Сообщение")).to_have_value("")
