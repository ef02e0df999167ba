"""The frame of every page: the menu by role, the way home, the language, the demo line (ACC-01)."""

import pytest

import clock
import models as m
from tests import factories
from tests.statements import counted

PASSWORD = "зимний вечер"


@pytest.fixture
def school(app):
    with clock.frozen(factories.NOW):
        yield factories.school()


@pytest.fixture
def signed_in(app, school):
    def enter(who):
        factories.account(getattr(school, who), who, PASSWORD)
        return app.test_client().sign_in(who, PASSWORD)
    return enter


@pytest.mark.parametrize("who, home", [("teacher", "/today/"), ("class_teacher", "/today/"), ("deputy", "/today/"),
                                       ("director", "/today/"), ("parent", "/diary/"), ("admin", "/today/")])
def test_the_first_page_leads_each_role_to_its_workplace(signed_in, who, home):
    assert signed_in(who).get("/").headers["Location"] == home


def test_acc_01_a_teacher_who_is_also_a_parent_has_both_workplaces(school, signed_in):
    with m.writing(factories.SYSTEM):
        m.Guardianship.create(guardian=school.teacher, pupil=school.pupils[0])
    page = signed_in("teacher").get("/me").get_data(as_text=True)
    assert 'href="/journal/"' in page and 'href="/diary/"' in page


def test_a_family_has_no_way_into_the_school_in_its_menu(signed_in):
    page = signed_in("parent").get("/me").get_data(as_text=True)
    assert 'href="/admin/"' not in page and 'href="/journal/"' not in page


def test_the_page_names_its_language_and_switches_it(signed_in):
    client = signed_in("teacher")
    assert '<html lang="ru">' in client.get("/me").get_data(as_text=True)
    assert client.send("/language", language="en", next="/me").headers["Location"] == "/me"
    page = client.get("/me").get_data(as_text=True)
    assert '<html lang="en">' in page and "Sign out" in page


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX-Y: z"])
def test_the_switch_never_leads_outside(signed_in, next):
    assert signed_in("teacher").send("/language", language="xx", next=next).headers["Location"] == "/"


def test_a_demo_school_says_so_with_its_own_date(app, school, signed_in):
    with m.writing(factories.SYSTEM):
        m.School.update(is_demo=True).execute()
    page = signed_in("parent").get("/me").get_data(as_text=True)
    assert "17 декабря, 10:40" in page


def test_signed_in_pages_carry_the_token_for_scripts(signed_in):
    assert '<meta name="csrf-token" content="' in signed_in("teacher").get("/me").get_data(as_text=True)


def test_a_page_of_the_frame_costs_three_statements(signed_in):
    """The school, the sign-in with its account and person, the person's roles."""
    client = signed_in("teacher")
    with counted() as statements:
        client.get("/me")
    assert len(statements) <= 3, statements
