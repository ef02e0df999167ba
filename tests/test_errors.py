"""A person sees a sentence, never a trace; the log keeps the trace under the same number."""

import re

import pytest
from flask import request

from tests import factories
from tests.conftest import application
from views.security import public


@pytest.fixture
def app(url, db, tmp_path):
    return application(url, tmp_path)


@pytest.fixture(autouse=True)
def somebody(app):
    """A school that is set up: somebody can sign in."""
    return factories.account(factories.person("Кто-то"), "somebody", "зимний вечер")


def test_an_unknown_address_is_a_page_of_ours(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "<h1>" in answer.get_data(as_text=True)


def test_a_failure_has_a_number_found_again_in_the_log(app, caplog):
    app.add_url_rule("/broken", view_func=public(lambda: 1 / 0))
    answer = app.test_client().get("/broken")
    page = answer.get_data(as_text=True)
    number = re.search(r"<code>(\w+)</code>", page)[1]
    assert answer.status_code == 500
    assert "Traceback" not in page and "ZeroDivision" not in page
    assert number in caplog.text and "ZeroDivisionError" in caplog.text


def test_a_failure_told_to_a_script_is_json(app):
    app.add_url_rule("/broken", view_func=public(lambda: 1 / 0), methods=["POST"])
    client = app.test_client()
    answer = client.send_json("/broken", {})
    assert answer.status_code == 500
    assert set(answer.get_json()) == {"error", "message", "number"}


def test_a_forged_request_is_refused(client):
    assert client.post("/login", data={"login": "teacher", "password": "demo"}).status_code == 400


def test_a_form_of_a_page_open_for_too_long_comes_back_whole_and_is_sent_at_a_press(app, client):
    app.add_url_rule("/said", view_func=public(lambda: request.form["text"]), methods=["POST"])
    typed = {"text": "Двойка исправлена", "kind": ["3", "4"], "csrf_token": "of yesterday"}
    answer = client.post("/said", data=typed, headers={"Origin": "http://localhost", "Referer": "http://localhost/page"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "Двойка исправлена" in page and 'href="http://localhost/page"' in page
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    assert [value for name, value in fields if name == "kind"] == ["3", "4"]
    assert client.post("/said", data=dict(fields)).get_data(as_text=True) == "Двойка исправлена"
    for other in ({"Origin": "http://evil.example"}, {}):
        assert "Двойка исправлена" not in client.post("/said", data=typed, headers=other).get_data(as_text=True)


@pytest.mark.parametrize("path", ["/login?next=%00", "/nowhere/%00", "/login?login=%ff%fe", "/sign-ins/99999999999999999999999/end",
                                  "/login?next=%F0%9F%98%80", "/static/../app.py", "/static/%00"])
def test_odd_addresses_are_never_a_failure(client, path):
    assert client.get(path).status_code < 500


def test_odd_signs_in_a_form_are_never_a_failure(client):
    for text in ("\x00", "\ud800", "😀" * 100, "x" * 10_000, "%s %(n)s {}", "'; DROP TABLE person; --"):
        assert client.post("/login", data={"csrf_token": client.token(), "login": text.encode("utf-8", "surrogatepass"),
                                           "password": text.encode("utf-8", "surrogatepass")}).status_code < 500


def test_odd_signs_in_json_are_never_a_failure(client):
    for body in (b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b"{", b"[]", b"null", b"\xff"):
        answer = client.post("/language", data=body, content_type="application/json", headers={"X-CSRFToken": client.token()})
        assert answer.status_code < 500


def test_a_body_that_is_too_big_is_told(client, app):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert client.send("/login", login="x" * 2000, password="y").status_code == 413
