"""How an answer leaves: security headers, no-store, compression, and addresses of static files that may be kept for ever."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Response, request
from flask.sessions import SecureCookieSessionInterface

COMPRESSED = {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
SMALLEST = 600  # bytes; below it the headers of a compressed answer eat the gain
YEAR = 365 * 24 * 3600
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "frame-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'self'"))
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SessionCookies(SecureCookieSessionInterface):
    """The cookie is marked Secure exactly when the page came by https."""

    def get_cookie_secure(self, app):
        return request.is_secure


def register(app):
    app.session_interface = SessionCookies()
    app.after_request(_finish)
    app.url_defaults(lambda endpoint, values: _add_version(app, endpoint, values))


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    _set_caching(response)
    return _compress(response)


def _set_caching(response: Response) -> None:
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    elif "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"


def _compress(response: Response) -> Response:
    if not _worth_compressing(response):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        _weaken_etag(response)
    return response


def _worth_compressing(response: Response) -> bool:
    if response.mimetype not in COMPRESSED or response.status_code in (204, 206, 304) or "Content-Encoding" in response.headers:
        return False
    response.vary.add("Accept-Encoding")
    return "gzip" in request.accept_encodings and (response.is_sequence or request.endpoint == "static")


def _weaken_etag(response: Response) -> None:
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)


def _add_version(app, endpoint, values) -> None:
    if endpoint == "static" and values.get("filename"):
        values["v"] = _fingerprint(Path(app.static_folder) / values["filename"])


@lru_cache(maxsize=256)
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"
