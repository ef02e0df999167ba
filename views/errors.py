"""What a person sees when a page cannot be given. A failure of ours has a number that stands in the log too; never a trace."""

import logging
import secrets
from collections import deque
from types import SimpleNamespace
from urllib.parse import urlsplit

from flask import abort, current_app, jsonify, render_template, request
from flask_babel import lazy_gettext as N_
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

import clock

log = logging.getLogger("zhurnal")
MOST_KEPT = 100

AGAIN = "password_again"  # the field in which a form that needs it carries the password, see views.lock

# What is not there and what is not yours look the same, so that nobody learns which ids exist.
PAGES = {
    400: (N_("The request was not understood"), N_("Open the page again and repeat. What was saved before is safe.")),
    403: (N_("This page is not for you"), N_("It belongs to somebody else, or there is no such record. "
                                             "The administrator knows who sees what.")),
    404: (N_("There is no such page"), N_("Check the address, or begin from your own page.")),
    405: (N_("This page does not work that way"), N_("Open it from the menu.")),
    413: (N_("The file is too big"), N_("Send a smaller file, or several files one after another.")),
    429: (N_("Too many attempts"), N_("Wait a few minutes and try again.")),
    503: (N_("The school is being changed"), N_("Try again in a minute. Your data is whole.")),
}
FAILURE = (N_("Something broke on our side"), N_("Your data is whole. Tell the administrator the number, and try once more."))
STALE = (N_("The page was open for too long"), N_("Open it again and repeat. Nothing was changed."))
KEPT = (N_("The page was open for too long"), N_("Nothing typed is lost. Look it over and send it once more."))


class Key(IntegerConverter):
    """A record's number in an address: what no database can hold is no address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"min": 1, "max": 2**31 - 1, **kwargs})


def register(app):
    app.url_map.converters["int"] = Key
    app.extensions["failures"] = deque(maxlen=MOST_KEPT)  # since the start, for the page of health and for technical support
    app.before_request(_refuse_unwritable)
    app.register_error_handler(UnicodeEncodeError, lambda error: _answer(400, *PAGES[400]))
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _refuse_unwritable():
    """No database keeps the sign NUL, and nobody types it."""
    sent = [request.path, *request.values.values()]
    if any("\x00" in text for text in sent) or (request.is_json and rb"\u0000" in request.get_data()):
        abort(400)


def _stale(error):
    """A form that waited too long comes back whole, for the person to send once more; never one that came from another site."""
    if wants_json() or not sent():
        return _answer(400, *STALE)
    return once_more(*sent())


def sent() -> tuple | None:
    """(address, page it was typed on, fields, were there files) of the form of this request; None for one that no page of our own sent,
    and for one that holds a password."""
    ours = [address if urlsplit(address).netloc == request.host else "" for address in (request.origin or "", request.referrer or "")]
    if not ours[0] or not request.form or "password" in request.form:
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", AGAIN)]
    return request.full_path.rstrip("?"), ours[1], fields, any(request.files.values())


def once_more(action: str, back: str, fields, files: bool):
    """The page that shows what was typed and sends it at a press."""
    heading, advice = KEPT
    return render_template("error.html", heading=heading, advice=advice, action=action, back=back, fields=fields, files=files,
                           typed=[value for _name, value in fields if not value.isascii() or " " in value.strip()]), 400


def _refused(error: HTTPException):
    if error.response is not None or error.code is None or error.code < 400:
        return error
    heading, advice = PAGES.get(error.code, PAGES[400] if error.code < 500 else FAILURE)
    return _answer(error.code, heading, advice)


def _failed(error: Exception):
    number = secrets.token_hex(4)
    current_app.extensions["failures"].append(
        SimpleNamespace(at=clock.now(), number=number, what=type(error).__name__, where=f"{request.method} {request.endpoint}"))
    log.error("failure %s at %s %s", number, request.method, request.path, exc_info=error)
    return _answer(500, *FAILURE, number=number)


def _answer(code: int, heading, advice, number=None):
    if wants_json():
        return jsonify(error=str(heading), message=str(advice), number=number), code
    return render_template("error.html", heading=heading, advice=advice, number=number), code


def wants_json() -> bool:
    """Was this asked by a script, which cannot show a page?"""
    return request.is_json or request.accept_mimetypes.best == "application/json"
