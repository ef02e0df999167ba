"""A rule's form in a real browser: the questions write the notation, the meaning follows the typing, the effect fits a telephone."""

from playwright.sync_api import expect

from tests.browser.conftest import barriers, overflows, signed_in


def test_a_deadline_is_built_by_questions_and_explained_while_it_is_typed(phone, village):
    signed_in(phone, village, "admin")
    phone.goto(f"{village}/regulation/?rule=entry.absence_deadline&q=отсутств")
    meaning, how_many = phone.locator("#meaning"), phone.locator("[name='value.n']")
    expect(meaning).to_contain_text("в день урока")
    expect(how_many).to_be_hidden()
    phone.select_option("[name='value.how']", "lesson_start")
    how_many.fill("20")
    expect(meaning).to_contain_text("20 мин от начала урока")
    expect(phone.locator("[name=value]")).to_have_value("lesson_start+PT20M")
    phone.click("#rule-form summary")
    phone.fill("[name=value]", "завтра")
    expect(meaning).to_contain_text("не похоже на срок")
    expect(phone.locator("[name='value.how']")).to_have_value("written")
    phone.fill("[name=value]", "lesson_start+PT20M")
    with phone.expect_navigation():
        phone.click("button[name=preview]")
    expect(phone.locator("#rule")).to_contain_text("Иначе будут оценены")
    assert phone.locator("#rule-form a[href*='#cell-']").count() > 1
    assert not overflows(phone) and not barriers(phone)
