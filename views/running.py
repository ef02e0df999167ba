"""«Работа журнала»: how the server is, the log of interruptions, planned work told in advance, and what technical support wants to know
(PLN-07, CTL-21, ACC-11, CTL-17)."""

import platform
import sys
import time as ticking
from collections import deque
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Thread

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import clock
import models as m
import policies
import rulebook.due
import rulebook.running
import rulebook.tickets
from history import Actor
from rulebook.rules import rules_on
from views import visitor
from views.language import say
from views.tickets import lasting

bp = Blueprint("running", __name__, url_prefix="/help")

SERVER = "сервер журнала"


def register(app):
    app.extensions["started"] = ticking.monotonic()
    app.register_blueprint(bp)


def watch(app) -> None:
    """The server begins to serve: look whether it was down, then give a sign of life every few minutes. A demo is not watched."""
    folder = Path(app.instance_path)
    with m.db.connection_context():
        school = m.School.the()
        if school and school.is_demo:
            return
        if school:
            clock.set_school(school.timezone, school.clock_offset)
        rulebook.running.found_at_start(folder, Actor(SERVER, clock.now(), via="server"))
    Thread(target=_beat, args=(folder,), daemon=True).start()


def _beat(folder: Path) -> None:
    while True:
        ticking.sleep(rulebook.running.BEAT.total_seconds())
        rulebook.running.beat(folder, clock.now())


# ---- the page ----

@bp.get("/running")
def index():
    """Health, the log of the year, planned work."""
    return _page(_desk())


@bp.post("/running")
def note():
    """An interruption, or `planned` work."""
    user, form = _desk(), request.form
    planned = form.get("planned") == "1"
    return _kept(user, "planned" if planned else "new", lambda values: m.Outage.note(visitor.actor(), planned=planned, **values),
                 _("Announced: everybody sees it from a week before.") if planned else _("The interruption is in the log."))


@bp.post("/running/<number>")
def settle(number: str):
    """What the server found by itself: why, and what was done."""
    row = _proposed(number)
    return _kept(_desk(), str(row.id), lambda values: row.settle(visitor.actor(), **values), _("The interruption is in the log."))


@bp.post("/running/<number>/drop")
def drop(number: str):
    """It was switched off on purpose, or planned work is called off."""
    _desk()
    row = policies.find(visitor.user(), m.Outage, number)
    if row is None or not (row.state == "proposed" or row.planned and row.ends > clock.now()):
        abort(403)
    row.drop(visitor.actor())
    flash(_("Taken off the list."), "ok")
    return redirect(url_for(".index"))


def _proposed(number: str) -> m.Outage:
    row = policies.find(visitor.user(), m.Outage, number)
    return row if row is not None and row.state == "proposed" else abort(403)


def _kept(user, where: str, write, told: str):
    form = request.form
    try:
        values = {"cause": form.get("cause", ""), "measures": form.get("measures", "").strip()[:1000], "starts": _moment("starts"),
                  "ends": _moment("ends") if form.get("ends") else None}
        write(values)
    except m.Refused as refusal:
        return _page(user, where, {refusal.field: say(refusal.text)}), 422
    flash(told, "ok")
    return redirect(url_for(".index"))


def _page(user, where: str = "", errors=None):
    """`where`: the form that was sent and came back with `errors`."""
    now, since = clock.now(), clock.at(rulebook.due.year_start(user.today), time.min)
    rows = list(m.Outage.register(since))
    return render_template(
        "help/running.html", health=rulebook.running.health(Path(current_app.instance_path)), up=lasting(_up()), failures=_failures(),
        proposed=[row for row in rows if row.state == "proposed"], log=[row for row in rows if row.state == "kept" and not row.planned],
        planned=[row for row in rows if row.state == "kept" and row.planned], now=now, local=_local, lasting=lasting, size=_size,
        down=rulebook.running.down_since(since, now), where=where, errors=errors or {}, typed=request.form,
        clause=rulebook.tickets.clause_of(user.rules, ["PLN-07"]), version=current_app.config["VERSION"])


def _desk():
    user = visitor.user()
    return user if policies.allows(user, "create", m.Outage()) else abort(403)


def _up() -> timedelta:
    return timedelta(seconds=ticking.monotonic() - current_app.extensions["started"])


def _failures() -> deque:
    return current_app.extensions["failures"]


def _moment(name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo or not 2000 <= moment.year <= 2100:
        raise m.Refused(m.Text(m.N_("Write the day and the time")), name)
    return moment.replace(tzinfo=clock.zone())


def _local(moment: datetime | None) -> str:
    """As a field of a form wants it."""
    return f"{moment.astimezone(clock.zone()):%Y-%m-%dT%H:%M}" if moment else ""


def _size(count: int) -> str:
    return _("%(n)s GB", n=f"{count / 2**30:.1f}".replace(".", ",")) if count >= 2**30 else _("%(n)s MB", n=max(1, round(count / 2**20)))


# ---- for technical support (CTL-17) ----

@bp.get("/diagnostics")
def diagnostics():
    """What support asks first, as a text: no names, no addresses of people, no settings, no secrets."""
    _desk()
    name = f"zhurnal-{clock.today()}.txt"
    return Response("\n".join(_lines()) + "\n", mimetype="text/plain; charset=utf-8",
                    headers={"Content-Disposition": f"attachment; filename={name}"})


def _lines() -> list[str]:
    health, school = rulebook.running.health(Path(current_app.instance_path)), m.School.the()
    kind = "SQLite" if m.is_sqlite() else "PostgreSQL"
    counts = [(table._meta.table_name, table.select().count()) for table in m.TABLES]
    return [
        "Журнал: сведения для технической поддержки", f"Составлено {clock.now():%d.%m.%Y %H:%M %z}", "",
        f"Версия: {current_app.config['VERSION']}", f"Python {sys.version.split()[0]}, {platform.system()} {platform.release()}",
        f"База данных: {kind}, {health.database} байт; схема: {m.schema_state()}",
        f"Диск: свободно {health.disk_free} из {health.disk} байт",
        f"Последняя копия: {f'{health.backup:%d.%m.%Y %H:%M}' if health.backup else 'нет'}",
        f"Работает без перезапуска: {int(_up().total_seconds() // 60)} мин",
        f"Часовой пояс: {school.timezone}; демонстрация: {'да' if school.is_demo else 'нет'}; положение: {rules_on(clock.today()).preset}",
        "", "Строк в таблицах:", *(f"  {name}: {count}" for name, count in counts),
        "", f"Сбои с последнего запуска: {len(_failures())}",
        *(f"  {each.at:%d.%m.%Y %H:%M} {each.number} {each.what} {each.where}" for each in _failures())]
