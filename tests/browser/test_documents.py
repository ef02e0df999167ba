"""The printed forms on screen: no barrier, no sideways scroll of the page, at a desk and on a telephone."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.browser.conftest import PHONE, WIDE, barriers, beside, overflows, sign_in


@pytest.fixture
def address(app):
    with clock.frozen(f.NOW):
        s = f.school(pupils=5)
    f.account(s.admin, "admin", "long enough")
    f.course(s.unit, "Основы безопасности и защиты Родины", s.teacher)
    with m.writing(f.SYSTEM):
        boys = m.Unit.create(year=s.year, kind="subgroup", name="7Б, мальчики", school_class=s.school_class)
    f.course(boys, "Алгебра", s.teacher)
    f.mark(s.lessons[f.TODAY], s.pupils[0], "5")
    with beside(app) as place:
        yield place


def test_nfr_documents_on_screen_are_open_to_everybody(page, address):
    sign_in(page, address, "admin", "long enough")
    found = {}
    for path in ("", "journal-page", "class-journal", "summary-sheet", "summary-sheet?period=year&show=council",
                 "access-sheet", "access-slips"):
        page.set_viewport_size(WIDE)
        page.goto(f"{address}/documents/{path}")
        found[path] = barriers(page)
        page.set_viewport_size(PHONE)
        found[path] += [*barriers(page), *(["scrolls sideways"] if overflows(page) else [])]
    assert found == dict.fromkeys(found, [])
