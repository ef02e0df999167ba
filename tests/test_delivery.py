"""What every answer carries, whoever asks (NFR-10)."""

import gzip

import pytest

from tests import factories


@pytest.fixture(autouse=True)
def somebody(app):
    """A school that is set up: somebody can sign in."""
    return factories.account(factories.person("Кто-то"), "somebody", "зимний вечер")


def test_pages_are_strict_and_never_kept(client):
    headers = client.get("/login").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_pages_hold_no_inline_code(client):
    page = client.get("/login").get_data(as_text=True)
    assert " style=" not in page and "<style" not in page and " on" + "click" not in page
    assert "<script>" not in page


def test_pages_and_style_sheets_are_compressed(client):
    for path in ("/login", "/static/app.css"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) * 2 < len(gzip.decompress(answer.data))


def test_static_files_named_by_content_are_kept_for_ever(client):
    page = client.get("/login").get_data(as_text=True)
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/app.css").headers["Cache-Control"]


def test_cookies_are_secure_when_the_page_came_by_https(app):
    plain = app.test_client().get("/login").headers["Set-Cookie"]
    secure = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" not in plain and "Secure" in secure
    assert "HttpOnly" in plain and "SameSite=Lax" in plain


def test_health_says_that_and_nothing_else(client, app):
    assert client.get("/health").get_json() == {"ok": True, "version": app.config["VERSION"]}
