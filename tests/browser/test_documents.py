"""The printed forms on screen: no barrier, no sideways scroll of the page, at a desk and on a telephone."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import PHONE, WIDE, barriers, opened_page, overflows, serving, sign_in


@pytest.fixture
def address(db, url, tmp_path):
    with clock.frozen(f.NOW):
        s = f.school(pupils=5)
    f.account(s.admin, "admin", "long enough")
    f.course(s.unit, "Основы безопасности и защиты Родины", s.teacher)
    with m.writing(f.SYSTEM):
        boys = m.Unit.create(year=s.year, kind="subgroup", name="7Б, мальчики", school_class=s.school_class)
    f.course(boys, "Алгебра", s.teacher)
    f.mark(s.lessons[f.TODAY], s.pupils[0], "5")
    with serving(url, tmp_path) as place:
        yield place


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nfr_documents_on_screen_are_open_to_everybody(chromium, address, size):
    for page in opened_page(chromium, size):
        sign_in(page, address, "admin", "long enough")
        found = {}
        for path in ("", "journal-page", "class-journal", "summary-sheet", "summary-sheet?period=year&show=council",
                     "access-sheet", "access-slips"):
            page.goto(f"{address}/documents/{path}")
            found[path] = [*barriers(page), *(["scrolls sideways"] if overflows(page) else [])]
        assert found == dict.fromkeys(found, [])
