"""The language of the page, and the words of a college: «группа» and «преподаватель» where a school says «класс» and «учитель».

A college has a second Russian catalogue, `college`, that is asked first and holds only the sentences that differ.
"""

from datetime import date, datetime
from pathlib import Path

from babel.support import Translations
from flask import Blueprint, g, has_request_context, redirect, request, session
from flask_babel import Babel, Domain, format_date, format_datetime, get_locale, gettext

import clock
from models import Text

LANGUAGES = {"ru": "Русский", "en": "English"}
FOLDER = str(Path(__file__).parent / "translations")
SCHOOL, COLLEGE = "messages", "college"

bp = Blueprint("language", __name__)


class Words(Domain):
    """The catalogue of the school's kind; built once for each language and kind."""

    def __init__(self):
        super().__init__(FOLDER, SCHOOL)

    def get_translations(self):
        kind = kind_of_school()
        told = g.get("_words")  # of this request: a page says two hundred sentences
        if told is None or told[0] != kind:
            key = str(get_locale()), kind
            if key not in self.cache:
                self.cache[key] = _catalogue(*key)
            told = g._words = kind, self.cache[key]
        return told[1]


def register(app):
    app.config.update(BABEL_DEFAULT_LOCALE="ru", BABEL_TRANSLATION_DIRECTORIES=FOLDER)
    babel = Babel(app, locale_selector=choose, timezone_selector=lambda: clock.zone().key)
    babel.domain_instance = Words()
    app.jinja_env.filters.update(say=say, day=day, moment=moment, weekday=weekday)
    app.jinja_env.globals.update(languages=LANGUAGES)
    app.context_processor(lambda: {"language": choose()})
    app.extensions["say"] = say  # for the commands, which know no views
    app.register_blueprint(bp)


def say(text) -> str:
    """A message from below (`models.Text`) in the language of the page; dates among its parameters in words."""
    if not isinstance(text, Text):
        return str(text)
    return gettext(text.msgid, **{name: _said(value) for name, value in text.params.items()})


def day(value: date) -> str:
    """«9 декабря», with the year when it is not this one."""
    return format_date(value, "d MMMM" if value.year == clock.today().year else "d MMMM y")


def weekday(value: date) -> str:
    """«Четверг, 17 декабря»."""
    return f"{format_date(value, 'EEEE').capitalize()}, {day(value)}"


def moment(value: datetime) -> str:
    """«9 декабря, 10:40» by the school's clock."""
    return f"{day(value.astimezone(clock.zone()).date())}, {format_datetime(value, 'H:mm')}"


def choose() -> str:
    """What was switched to in this browser; otherwise, and in the terminal, Russian."""
    chosen = session.get("language") if has_request_context() else None
    return chosen if chosen in LANGUAGES else "ru"


def kind_of_school() -> str:
    """"school" or "college", told once a request by the frame of the page."""
    return g.get("school_kind", "school")


@bp.post("/language")
def switch():
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(inside(request.form.get("next", "")))


def inside(path: str) -> str:
    """A path of our own to go to next; anything that could lead out becomes the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _said(value):
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return say(value) if isinstance(value, Text) else value


def _catalogue(language: str, kind: str) -> Translations:
    words = Translations.load(FOLDER, [language], SCHOOL)
    if kind != COLLEGE:
        return words
    college = Translations.load(FOLDER, [language], COLLEGE)
    college.add_fallback(words)
    return college
