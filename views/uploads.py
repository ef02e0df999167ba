"""Files of homework: checked by what they hold, kept under the digest of their contents, links checked for where they lead."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from flask import abort, current_app, g, send_from_directory

import models as m
from exchange import kept
from rulebook.entries import File

# extension: (type for the browser, how such a file begins)
TYPES = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", (b"RIFF",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (b"PK\x03\x04",)),
    "odt": ("application/vnd.oasis.opendocument.text", (b"PK\x03\x04",)),
    "doc": ("application/msword", (b"\xd0\xcf\x11\xe0",)),
    "xls": ("application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0",)),
    "ppt": ("application/vnd.ms-powerpoint", (b"\xd0\xcf\x11\xe0",)),
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "mp4": ("video/mp4", (b"\x00\x00\x00",)),
    "txt": ("text/plain", ()),
}
MOST_FILES = 10


def keep(upload) -> File:
    """A file sent by a form, laid into the instance folder; Refused when it is too big, empty, or not what its name says."""
    name, body = _name(upload.filename), upload.stream.read(g.school.upload_limit_mb * 2**20 + 1)
    if len(body) > g.school.upload_limit_mb * 2**20:
        raise m.Refused(m.Text(m.N_("«%(name)s» is bigger than %(n)s MB. Send a link to it instead."), name=name,
                               n=g.school.upload_limit_mb), "files")
    if not body:
        raise m.Refused(m.Text(m.N_("«%(name)s» is empty."), name=name), "files")
    mime = _type(name, body)
    digest = kept.keep(Path(current_app.instance_path) / "files", body)
    return File(name, digest=digest, size=len(body), mime=mime)


def sent(row):
    """The kept file of a record as an answer, under its own name; the same 403 for no record and for one without a file."""
    if row is None or not row.digest:
        abort(403)
    return send_from_directory(f"{current_app.instance_path}/files", row.digest, mimetype=row.mime, as_attachment=True,
                               download_name=row.name)


def link(address: str) -> File:
    """A link to a page; Refused for anything but http and https."""
    address = address.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = None
    if not parts or parts.scheme not in ("http", "https") or not parts.hostname or len(address) > 1000 or not address.isprintable():
        raise m.Refused(m.Text(m.N_("A link begins with https:// and leads to a page.")), "link")
    return File(parts.hostname[:200], url=address)


def _name(filename: str | None) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f]", "", (filename or "").replace("\\", "/").rsplit("/", 1)[-1]).strip()
    stem, dot, extension = plain.rpartition(".")
    return f"{stem[:180]}{dot}{extension[:10]}" if dot else plain[:190]


def _type(name: str, body: bytes) -> str:
    mime, beginnings = TYPES.get(name.rpartition(".")[2].lower(), (None, ()))
    text = mime == "text/plain" and b"\0" not in body
    if mime is None or not (text or body.startswith(beginnings or (b"\0",))):
        raise m.Refused(m.Text(m.N_("«%(name)s» cannot be kept. Possible: PDF, pictures, Word, Excel, PowerPoint, text, sound and "
                                    "video."), name=name), "files")
    return mime
