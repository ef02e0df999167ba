"""Puts the application together: settings, database, pages, commands. `python app.py` serves it; it knows no rule, no table."""

import logging
import os
import re
import secrets
import sys
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from flask_wtf import CSRFProtect
from peewee import DatabaseError, InterfaceError
from waitress import create_server
from werkzeug.middleware.proxy_fix import ProxyFix

import cli
import models
import views

ROOT = Path(__file__).parent
VERSION = "1.0"
NUMBER, YES_NO = r"\d{1,5}", "yes|no"
# name: (default, what a value looks like, the same in words, how it is read)
SETTINGS = {
    "DATABASE_URL": ("sqlite:///instance/school.db", r"sqlite:///.+|postgres(ql)?://.+",
                     "sqlite:///path or postgresql://user@host/name", str),
    "SECRET_KEY": ("", "|.{16,}", "at least 16 characters", str),
    "HOST": ("127.0.0.1", ".+", "an address such as 127.0.0.1 or 0.0.0.0", lambda text: str(ip_address(text))),
    "PORT": ("8000", NUMBER, "a number from 1 to 65535", lambda text: range(65536)[int(text)]),
    "PROXIES": ("0", r"\d", "how many web servers stand in front, 0 to 9", int),
    "DEMO_OPEN": ("no", YES_NO, "yes or no", "yes".__eq__),
    "SCHOOL_TIMEZONE": ("Europe/Moscow", ".+", "a time zone such as Europe/Moscow", lambda text: ZoneInfo(text).key),
    "MAIL_SERVER": ("", r"[\w.:-]*", "the name of a mail server", str),
    "MAIL_PORT": ("25", NUMBER, "a number such as 587", int),
    "MAIL_USERNAME": ("", ".*", "a name", str),
    "MAIL_PASSWORD": ("", ".*", "a password", str),
    "MAIL_USE_TLS": ("no", YES_NO, "yes or no", "yes".__eq__),
    "MAIL_DEFAULT_SENDER": ("", r"|[^@\s]+@[^@\s]+|.+<[^@\s]+@[^@\s]+>", "a mail address", str),
}


def create_app(config: dict | None = None) -> Flask:
    """The application. `config` overrides the environment, which overrides instance/settings.env (see SETTINGS);
    INSTANCE names another instance folder, other keys are Flask's own. A wrong value raises SystemExit with one line."""
    config = dict(config or {})
    instance = Path(config.pop("INSTANCE", os.environ.get("INSTANCE", ROOT / "instance"))).resolve()
    app = Flask(__name__, instance_path=str(instance), static_folder="views/static", template_folder="views/templates")
    app.config.update(VERSION=VERSION, MAX_CONTENT_LENGTH=64 * 2**20, SESSION_COOKIE_NAME="zhurnal",
                      SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=12 * 3600)
    app.config.update(config | _settings(instance, config))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept_secret(instance / "secret_key")
    app.config["SCHEMA"] = _open_database(app.config["DATABASE_URL"])
    if app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, app.config["PROXIES"], app.config["PROXIES"], app.config["PROXIES"])
    CSRFProtect(app)
    views.register(app)
    cli.register(app)
    return app


def serve() -> None:
    """Serve with waitress and four threads until stopped."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    models.hand_memory_back()
    app = create_app()
    if app.config["SCHEMA"] == "older":
        raise SystemExit("The database waits for a migration. Back it up, then run: flask --app app migrate")
    host, port = app.config["HOST"], app.config["PORT"]
    try:
        server = create_server(app, host=host, port=port, threads=4, ident=None,
                               clear_untrusted_proxy_headers=not app.config["PROXIES"])
    except OSError as error:
        raise SystemExit(f"HOST, PORT: {host}:{port} cannot be used: {error.strerror}") from None
    address = f"http://{host}:{port}"
    views.started(app)
    print(f"Zhurnal is at {address}", *views.announcements(app, address), sep="\n", flush=True)
    server.run()


# ---- settings ----

def _settings(instance: Path, config: dict) -> dict:
    given = _file(instance / "settings.env") | os.environ
    return {name: _read(name, str(config.get(name, given.get(name, default))), pattern, words, kind)
            for name, (default, pattern, words, kind) in SETTINGS.items()}


def _file(path: Path) -> dict:
    if not path.exists():
        return {}
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    values = {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
    for name in values.keys() - SETTINGS.keys():
        raise SystemExit(f"{path}: there is no setting {name}; there are {', '.join(SETTINGS)}")
    return values


def _read(name: str, text: str, pattern: str, words: str, kind):
    try:
        if re.fullmatch(pattern, text):
            return kind(text)
    except (ValueError, LookupError):
        pass
    shown = "the value given" if name in ("SECRET_KEY", "DATABASE_URL", "MAIL_PASSWORD") else f"«{text}»"
    raise SystemExit(f"{name}: {shown} is not {words}")


def _kept_secret(path: Path) -> str:
    """The key that signs cookies: made at the first start, kept for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _open_database(url: str) -> str:
    """Bind the models, fill an empty database with its tables; the state of the schema."""
    path = url.removeprefix("sqlite:///")
    try:
        database = models.open_database(f"sqlite:///{ROOT / path}" if path != url else url)
        with database.connection_context():
            state = models.schema_state()
            if state == "empty":
                models.migrate()
    except (DatabaseError, InterfaceError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SystemExit(f"DATABASE_URL: the database cannot be opened: {reason}") from None
    if state == "newer":
        raise SystemExit("The database was made by a newer version of this program; install that version or a newer one")
    return "current" if state == "empty" else state


if __name__ == "__main__":
    sys.exit(serve())
