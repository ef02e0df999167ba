"""«Школа»: the administrative screens, one for every table of policies.SCREENS, and the page that leads to them."""

from types import SimpleNamespace

from flask import abort
from flask_admin import Admin, AdminIndexView, expose
from flask_login import current_user
from peewee import fn

import models as m
import policies
from views import admin_journal, admin_marking, admin_people, admin_school, admin_teaching, visitor
from views.admin_words import GROUPS, TITLES

SCREENS = (*admin_school.SCREENS, *admin_people.SCREENS, *admin_teaching.SCREENS, *admin_marking.SCREENS, *admin_journal.SCREENS)


class Home(AdminIndexView):
    """What whoever looks may administer, in groups."""

    def __init__(self):
        super().__init__(name="", endpoint="admin", url="/admin")
        self.static_folder = None  # nothing of Flask-Admin's own scripts and styles is served

    def is_accessible(self):
        return current_user.is_authenticated and current_user.is_staff

    def inaccessible_callback(self, name, **kwargs):
        abort(403)

    @expose()
    def index(self):
        screens = {model: screen for model, screen in screens_of(self.admin.app).items() if screen.is_accessible()}
        counts = _counts([model for model, screen in screens.items() if screen.counted])
        groups = [(title, [_entry(screens[model], counts.get(model)) for model in models if model in screens])
                  for title, models in GROUPS]
        return self.render("admin/home.html", groups=[(title, entries) for title, entries in groups if entries])


def register(app):
    admin = Admin(app, name="", url="/admin", index_view=Home())
    app.extensions["screens"] = {}
    for kind in SCREENS:
        screen = app.extensions["screens"][kind.table] = kind()
        admin.add_view(screen)


def screens_of(app) -> dict:
    return app.extensions["screens"]


def _entry(screen, count) -> SimpleNamespace:
    title, about = TITLES[screen.model]
    return SimpleNamespace(address=screen.get_url(f"{screen.endpoint}.index_view"), title=title, about=about, count=count)


def _counts(models) -> dict:
    """How many rows of each table one sees, all in one statement."""
    if not models:
        return {}
    user = visitor.user()
    numbers = [policies.visible(user, model).select(fn.COUNT(model._meta.primary_key)) for model in models]
    row = m.School.select(*(number.alias(f"n{place}") for place, number in enumerate(numbers))).tuples().first()
    return dict(zip(models, row or [None] * len(models), strict=True))
