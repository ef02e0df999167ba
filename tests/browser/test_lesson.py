"""A whole lesson: by thumb on a telephone and by keyboard at a desk, on the page that works without the table."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, barriers, opened_page, overflows, sign_in

KB = 1024


@pytest.fixture
def touch(chromium):
    """A telephone with a thumb."""
    yield from opened_page(chromium, PHONE, has_touch=True, is_mobile=True)


def photo() -> dict:
    """A picture as a camera makes it: 12 megapixels, some megabytes."""
    picture, body = Image.effect_noise((4000, 3000), 60).convert("RGB"), BytesIO()
    picture.save(body, "JPEG", quality=90)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def test_nfr_01_a_lesson_by_thumb_at_360(village, touch):
    sign_in(touch, village, "substitute")
    lesson = touch.get_by_role("link", name=re.compile("5А · Русский язык"))
    lesson.first.tap()
    expect(touch.locator(".note.acc").filter(has_text="Вы ведёте этот урок вместо")).to_be_visible()
    notes_two_absent(touch)
    takes_the_topic_and_departs_from_it(touch)
    puts_marks_by_large_keys(touch)
    sets_homework_with_a_photo(touch)
    assert barriers(touch) == [] and not overflows(touch)


def notes_two_absent(page):
    rows = page.locator("#attendance [data-pupil]")
    for number in (1, 3):
        rows.nth(number).locator(".tap").tap()
        expect(page.locator("#marks [data-of]").nth(number)).to_have_class(re.compile("away"))
    rows.nth(3).get_by_role("button", name="о", exact=True).tap()
    expect(page.locator("#marks [data-of]").nth(3)).not_to_have_class(re.compile("away"))
    page.get_by_role("button", name="Подтвердить: нет 1").tap()
    expect(page.locator("#attendance header")).to_contain_text("отмечено 17 декабря")
    expect(page.locator("#attendance select").nth(1)).to_have_value("н")


def takes_the_topic_and_departs_from_it(page):
    page.get_by_role("button", name="Взять из плана").tap()
    expect(page.locator("#topic header")).to_contain_text("из плана")
    topic = page.locator("#f-topic").input_value()
    page.locator("#f-topic").fill(f"{topic}. Повторение")
    page.get_by_role("button", name="Сохранить тему").tap()
    expect(page.locator("#topic header")).to_contain_text("отличается от плана")
    expect(page.locator("#topic")).to_contain_text(f"В плане: {topic}")


def puts_marks_by_large_keys(page):
    field = page.locator("#marks input.mark").first
    assert field.get_attribute("inputmode") == "none"
    field.tap()
    key = page.locator(".pick").get_by_role("button", name="5", exact=True)
    box = key.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    key.tap()
    page.get_by_role("button", name="Сохранить отметки").tap()
    expect(page.locator("#marks .queued")).to_have_text("Сохранено")
    expect(page.locator("#marks input.mark").first).to_have_value("5")


def sets_homework_with_a_photo(page):
    text = page.locator("#homework .texts a").first
    text.tap()
    expect(page.locator("#f-text")).not_to_have_value("")
    page.get_by_label("Сколько минут займёт").fill("200")
    expect(page.locator("#loads .note.late:not([hidden])")).to_contain_text("Вместе с вашим 200 мин, а для этого класса хватит 120")
    page.set_input_files("#f-photo", files=[photo()])
    expect(page.locator("#f-photo ~ output")).to_contain_text("фото уменьшено")
    size = page.evaluate("document.getElementById('f-photo').files[0].size")
    assert size < 1000 * KB
    page.get_by_role("button", name="Сохранить задание").tap()
    expect(page.locator("#homework").get_by_role("link", name="IMG_0001.jpg")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#homework").get_by_role("link", name="IMG_0001.jpg").tap()
    assert max(Image.open(download.value.path()).size) == 1600


def test_a_lesson_by_keyboard_at_1280_with_the_link_cut_in_between(village, page):
    sign_in(page, village, "teacher")
    press(page.get_by_role("link", name=re.compile("5Б · Биология 11:35")))
    press(page.locator("#attendance .tap").nth(0))
    press(page.locator("#attendance").get_by_role("button", name="б", exact=True).first)
    press(page.get_by_role("button", name="Подтвердить: нет 1"))
    expect(page.locator("#attendance header")).to_contain_text("отмечено")
    page.context.set_offline(True)
    page.locator("#f-topic").focus()
    page.keyboard.type("Ткани растений")
    press(page.get_by_role("button", name="Сохранить тему"))
    expect(page.locator("#topic .queued")).to_contain_text("Ждёт сети")
    page.locator("#f-text").focus()
    page.keyboard.type("Выучить названия тканей, рис. 12")
    press(page.get_by_role("button", name="Сохранить задание"))
    expect(page.locator("#homework .queued")).to_contain_text("Ждёт сети")
    page.context.set_offline(False)
    expect(page.locator("#topic .queued")).to_have_text("Сохранено")
    expect(page.locator("#homework .queued")).to_have_text("Сохранено")
    page.reload()
    expect(page.locator("#f-topic")).to_have_value("Ткани растений")
    expect(page.locator("#f-text")).to_have_value("Выучить названия тканей, рис. 12")
    assert barriers(page) == [] and not overflows(page)


def press(locator):
    """A button by the keyboard: focus, then Enter."""
    locator.focus()
    locator.press("Enter")
