"""Every administrative screen × everybody × own, foreign, missing and malformed ids, at every endpoint."""

import csv
import io
from types import SimpleNamespace

import pytest
from flask import url_for

import clock
import models as m
import policies
from tests import factories as make
from tests.views.admin_school import PEOPLE, entered, filled
from views.admin import SCREENS

MALFORMED = ("", "abc", "-1", "99999999999999999999", "1 OR 1=1", "²")
TABLES = [screen.table for screen in SCREENS]
POSTS = {m.Timetable: ("publish",), m.Lesson: ("cancel", "restore", "move")}


@pytest.fixture(scope="module")
def house(copies, tmp_path_factory):
    """One filled school for the whole sweep: nothing of it may change anything."""
    from tests.conftest import application, opened

    url = copies.empty()
    for _ in opened(url):
        s = filled()
        app = application(url, tmp_path_factory.mktemp("sweep"), WTF_CSRF_ENABLED=False)
        with clock.frozen(make.NOW):
            yield SimpleNamespace(app=app, s=s, clients={name: entered(app, name) for name in (*PEOPLE, "")})


def table(model):
    return model._meta.table_name


def seen_by(house, name, model) -> set:
    user = make.user(getattr(house.s, name))
    return {row.id for row in policies.visible(user, model).select(model.id)}


def has_screen(house, name, model) -> bool:
    return make.user(getattr(house.s, name)).has(*policies.SCREENS[model])


def test_every_table_of_the_rules_has_its_screen():
    assert set(TABLES) == set(policies.SCREENS)


def test_every_screen_has_rows_of_more_than_one_family(house):
    assert [table(model) for model in TABLES if not model.select().exists()] == []


@pytest.mark.parametrize("name", PEOPLE)
def test_a_screen_opens_for_its_roles_and_for_nobody_else(house, name):
    opened = {model for model in TABLES if house.clients[name].get(f"/admin/{table(model)}/").status_code == 200}
    assert opened == {model for model in TABLES if has_screen(house, name, model)}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_first_page_leads_to_own_screens_only(house, name):
    answer = house.clients[name].get("/admin/")
    own = {model for model in TABLES if has_screen(house, name, model)}
    if not make.user(getattr(house.s, name)).is_staff:
        assert answer.status_code == 403
        return
    assert {model for model in TABLES if f'href="/admin/{table(model)}/"' in answer.text} == own


def test_nobody_unknown_gets_in(house):
    """Hole: anonymous /admin/ answers 200, is_accessible is True by default."""
    client = house.clients[""]
    for rule in house.app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin"):
            continue
        with house.app.test_request_context():
            path = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "csv"))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.get(path) if method == "GET" else client.post(path, data={"id": "1"})
            assert answer.status_code == 302 and answer.location.startswith("/login"), (path, method, answer.status_code)


def attempts(model, key):
    """(path, form or None) of everything that names one record."""
    base = f"/admin/{table(model)}"
    yield f"{base}/details/?id={key}", None
    yield f"{base}/edit/?id={key}", None
    yield f"{base}/edit/?id={key}", {"name": "взлом", "text": "взлом", "value": "2"}
    yield f"{base}/delete/", {"id": key, "confirm": "1"}
    yield f"{base}/action/", {"action": "delete", "rowid": key, "confirm": "1"}
    for verb in POSTS.get(model, ()):
        yield f"{base}/{verb}/?id={key}", {"reason": "взлом", "day": "2026-12-20", "number": "1"}


@pytest.mark.parametrize("name", PEOPLE)
def test_foreign_ids_are_the_same_403_at_every_endpoint(house, name):
    """Holes: get_one, details, delete, inline edit and bulk delete reach any row by id."""
    client, before, wrong = house.clients[name], _everything(), []
    for model in TABLES:
        own = seen_by(house, name, model) if has_screen(house, name, model) else set()
        foreign = [row.id for row in model.select(model.id) if row.id not in own][:1]
        for key in [*foreign, 999_999] if own else foreign:
            for path, form in attempts(model, key):
                answer = client.get(path) if form is None else client.post(path, data=form)
                if answer.status_code != 403:
                    wrong.append((path, form, answer.status_code))
    assert wrong == []
    assert _everything() == before


@pytest.mark.parametrize("key", MALFORMED)
def test_malformed_ids_are_the_same_403(house, key):
    client, wrong = house.clients["admin"], []
    for model in TABLES:
        for path, form in attempts(model, key):
            answer = client.get(path) if form is None else client.post(path, data=form)
            if (answer.status_code, form and form.get("rowid")) not in ((403, None), (403, key)):
                wrong.append((path, form, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("name", PEOPLE)
def test_rows_one_may_only_read_are_not_written(house, name):
    """Hole: can_edit=False does not stop an update, there are no rights by row."""
    client, user, wrong = house.clients[name], make.user(getattr(house.s, name)), []
    before = _everything()
    for model in [model for model in TABLES if has_screen(house, name, model)]:
        for row in policies.visible(user, model).limit(1):
            rules = {verb: policies.RULES.get((model, verb), policies.never)(user, row) for verb in ("edit", "delete")}
            for path, form in attempts(model, row.id):
                verb = "edit" if "/edit/" in path else "delete" if "delete" in path or "action" in path else None
                if verb is None or rules[verb] or form is None and "/edit/" not in path:
                    continue
                answer = client.get(path) if form is None else client.post(path, data=form)
                if answer.status_code != 403 and not _reason_of_absence(user, row):
                    wrong.append((path, form, answer.status_code))
    assert wrong == []
    assert _everything() == before


def test_everything_said_to_hang_on_a_record_has_its_filter(house):
    screens = house.app.extensions["screens"]
    assert [(model, key) for screen in screens.values() for model, key in screen.related
            if key not in {each.key for each in screens[model]._filters}] == []


@pytest.mark.parametrize("name", [name for name in PEOPLE if name not in ("parent", "other_parent", "pupil_person")])
def test_every_page_of_an_own_record_opens(house, name):
    client, user, wrong = house.clients[name], make.user(getattr(house.s, name)), []
    for model in [model for model in TABLES if has_screen(house, name, model)]:
        for row in policies.visible(user, model).limit(2):
            for place, codes in (("details", (200,)), ("edit", (200, 403))):
                answer = client.get(f"/admin/{table(model)}/{place}/?id={row.id}")
                if answer.status_code not in codes:
                    wrong.append((table(model), place, answer.status_code))
        if client.get(f"/admin/{table(model)}/new/").status_code not in (200, 403):
            wrong.append((table(model), "new"))
    assert wrong == []


@pytest.mark.parametrize("name", PEOPLE)
def test_lists_and_exports_hold_exactly_what_is_seen(house, name):
    client = house.clients[name]
    for model in [model for model in TABLES if has_screen(house, name, model)]:
        exported = client.get(f"/admin/{table(model)}/export/csv/")
        lines = list(csv.reader(io.StringIO(exported.get_data(as_text=True)), delimiter=";"))
        assert len(lines) - 1 == len(seen_by(house, name, model)), table(model)


@pytest.mark.parametrize("name", PEOPLE)
def test_look_ups_answer_only_what_is_seen_and_at_most_fifty(house, name):
    """Hole: the AJAX look-up returns everybody, with no cap, and fails without `query`."""
    client = house.clients[name]
    for screen in house.app.extensions["screens"].values():
        for key in screen._form_ajax_refs:
            path = f"/admin/{table(screen.model)}/ajax/lookup/"
            answer = client.get(path, query_string={"name": key, "limit": -1, "offset": -5})
            if not has_screen(house, name, screen.model):
                assert answer.status_code == 403
                continue
            *steps, last = key.split("__")
            target = screen.model._meta.fields[last].rel_model if not steps else None
            found = {row[0] for row in answer.json}
            assert len(found) <= 50 and found <= seen_by(house, name, target), (path, key)
            assert client.get(path, query_string={"name": key, "query": "%_'\"\\"}).status_code == 200


def test_what_flask_admin_offers_and_nobody_asked_for_is_closed(house):
    client = house.clients["admin"]
    for model in TABLES:
        base = f"/admin/{table(model)}"
        assert client.post(f"{base}/ajax/update/", data={"list_form_pk": "1", "name": "взлом"}).status_code == 404
        assert client.get(f"{base}/export/json/").status_code == 404
        assert client.get(f"{base}/ajax/lookup/?name=nothing").status_code == 404
        assert client.post(f"{base}/action/", data={"action": "drop", "rowid": "1"}).status_code in (403, 404)
    assert client.get("/admin/static/admin/js/actions.js").status_code == 404


def test_strange_arguments_of_a_list_are_no_failure(house):
    client = house.clients["admin"]
    for model in (m.Pupil, m.Mark, m.Period, m.Course):
        for query in ("page=-3", "page=99999999999", "sort=77", "sort=-1&desc=9", "page_size=100000", "search=%25_'",
                      "flt_day_from=yesterday", "flt_pupil=abc", "flt_class=99999999999999", "flt_year=1&flt_kind=nonsense",
                      "search=" + "ё" * 500):
            assert client.get(f"/admin/{table(model)}/?{query}").status_code == 200, (model, query)


def test_every_column_sorts_both_ways(house):
    client = house.clients["admin"]
    for screen in house.app.extensions["screens"].values():
        for place in range(len(screen.column_list)):
            assert client.get(f"/admin/{table(screen.model)}/?sort={place}&desc={place % 2}").status_code == 200


def test_every_filter_narrows_without_a_failure(house):
    client = house.clients["admin"]
    for screen in house.app.extensions["screens"].values():
        for each in screen._filters:
            value = {"date": "2026-12-01"}.get(each.kind, "1")
            answer = client.get(f"/admin/{table(screen.model)}/?flt_{each.key}={value}")
            assert answer.status_code == 200, (screen.model, each.key)


def _reason_of_absence(user, row) -> bool:
    return isinstance(row, m.Absence) and policies.allows(user, "reason", row)


def _everything() -> dict:
    """How many rows each table has, and the last act of change."""
    return {model: model.select().count() for model in m.TABLES if model.recorded} | {"acts": m.Act.select().count()}
