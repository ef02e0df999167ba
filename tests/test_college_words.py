"""A college reads «группа» and «преподаватель» where a school reads «класс» and «учитель»; only «классный руководитель» stays."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import clock
import models as m
from tests import factories

FOLDER = Path(__file__).parent.parent / "views/translations/ru/LC_MESSAGES"
SCHOOL_WORD = re.compile(r"класс(?!н\w+ руковод)|учител", re.IGNORECASE)
NAMED = {"School"}  # the menu's name for the whole organisation
BOTH = {"Words and structure: classes or groups, teachers or lecturers."}  # speaks of both kinds at once


def catalogue(name):
    with (FOLDER / f"{name}.po").open("rb") as file:
        return {entry.id if isinstance(entry.id, str) else entry.id[0]: entry.string if isinstance(entry.string, tuple)
                else (entry.string,) for entry in read_po(file, locale="ru") if entry.id}


def test_every_school_word_has_its_college_word():
    of_school, of_college = catalogue("messages"), catalogue("college")
    wanted = {key for key, strings in of_school.items() if any(map(SCHOOL_WORD.search, strings))} | NAMED
    assert sorted(wanted - of_college.keys()) == []
    assert sorted(of_college.keys() - wanted) == []


def test_the_college_words_are_a_colleges():
    assert [key for key, strings in catalogue("college").items() if key not in BOTH and any(map(SCHOOL_WORD.search, strings))] == []


@pytest.mark.parametrize("kind, words", [(m.SCHOOL, ("учитель", "Классы")), (m.COLLEGE, ("преподаватель", "Группы"))])
def test_the_pages_speak_the_words_of_their_kind(app, kind, words):
    with clock.frozen(factories.NOW):
        s = factories.school()
        with m.writing(factories.SYSTEM):
            m.School.update(kind=kind).execute()
            m.Assignment.create(course=s.course, teacher=s.admin, starts=factories.YEAR[0])
        factories.account(s.admin, "admin", "зимний вечер")
        client = app.test_client().sign_in("admin", "зимний вечер")
        assert words[0] in client.get("/me").get_data(as_text=True)
        assert words[1] in client.get("/setup/checklist").get_data(as_text=True)
