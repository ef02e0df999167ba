"""Every English string of the interface has a Russian translation that is neither missing, fuzzy nor broken."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import rulebook.rules

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2), "nN_": (1, 2)}
METHODS = [("views/templates/**.html", "jinja2"), ("printouts/templates/**.html", "jinja2"), ("**.py", "python")]
SKIPPED = ("tests", ".venv", "instance", "migrations", "node_modules")
PARAMETER = re.compile(r"%\((\w+)\)")


def sources() -> set:
    """The strings the code asks for: a msgid, or (singular, plural)."""
    found = extract_from_dir(
        str(ROOT), METHODS, {}, KEYWORDS,
        directory_filter=lambda path: not any(part in SKIPPED or part.startswith(".")
                                              for part in Path(path).relative_to(ROOT).parts))
    return {message for _file, _line, message, *_rest in found if message} | set(_words(rulebook.rules.schema()))


def _words(keys):
    """The words of the regulation's rules, which live in regulations/schema.toml."""
    for key in keys.values():
        yield from (word for word in (key.title, key.help, *key.choices.values()) if word)
        yield from _words(key.fields)


@pytest.fixture(scope="module")
def russian():
    with (ROOT / "views/translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ru")


def test_every_string_is_translated(russian):
    missing = []
    for message in sources():
        entry = russian.get(message[0] if isinstance(message, tuple) else message)
        strings = entry.string if entry and isinstance(entry.string, tuple) else (entry.string if entry else "",)
        if not entry or entry.fuzzy or not all(strings):
            missing.append(message)
    assert missing == []


def test_parameters_survive_translation(russian):
    broken = []
    for entry in russian:
        if not entry.id:
            continue
        wanted = set(PARAMETER.findall(" ".join(entry.id) if isinstance(entry.id, tuple) else entry.id))
        given = [set(PARAMETER.findall(text)) for text in
                 (entry.string if isinstance(entry.string, tuple) else (entry.string,))]
        if any(not names <= wanted for names in given) or wanted != set().union(*given):
            broken.append(entry.id)
    assert broken == []


def test_nothing_is_translated_that_nobody_asks_for(russian):
    asked = {message[0] if isinstance(message, tuple) else message for message in sources()}
    known = {entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in russian if entry.id}
    assert sorted(known - asked) == []
