"""Files the journal keeps beside its database, each under the SHA-256 of its contents."""

import hashlib
import os
import tempfile
from pathlib import Path


def keep(files: Path, body: bytes) -> str:
    """The digest of the contents, which lie in the folder from now on: whole or not at all, the same contents once."""
    digest = hashlib.sha256(body).hexdigest()
    path = files / digest
    if path.exists():
        return digest
    files.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=files)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    return digest


def unchanged(files: Path, digest: str) -> bytes | None:
    """The contents; None when they are missing or are not what they were."""
    try:
        body = (files / digest).read_bytes()
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == digest else None
