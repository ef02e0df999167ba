"""Which parts of the journal an account opened on a day (CTL-13): at most one row an account, part and day, written aside."""

from flask import current_app, request
from flask_login import current_user

import clock
import models as m
from views import access_log

# How an address begins → part of the journal; the first that fits.
PLACES = (("/journal/", "journal"), ("/lesson/", "journal"), ("/results/", "results"), ("/plans/", "plans"),
          ("/duties/week", "control"), ("/duties/", "duties"), ("/control/", "control"), ("/activity/", "control"),
          ("/compliance/", "compliance"), ("/documents/", "documents"), ("/admin/", "lists"))
FAMILY = {"diary.marks": "marks", "diary.results": "finals"}  # every other page of the diary is the diary


def register(app):
    app.extensions["used today"] = (None, set())
    app.after_request(_keep)


def _keep(response):
    """Only a page that was shown to somebody is use; what the browser asks for by itself is not."""
    if response.status_code == 200 and response.mimetype == "text/html" and request.endpoint and current_user.is_authenticated:
        today, known = clock.today(), current_app.extensions["used today"]
        use = current_user.account, _part()
        if known[0] != today:
            known = current_app.extensions["used today"] = (today, set())
        if use not in known[1]:
            known[1].add(use)
            access_log.keep(m.UseDay, account=use[0], day=today, part=use[1])
    return response


def _part() -> str:
    if request.blueprint == "diary":
        return FAMILY.get(request.endpoint, "diary")
    return next((part for begin, part in PLACES if request.path.startswith(begin)), "other")
