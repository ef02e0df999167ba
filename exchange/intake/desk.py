"""Uploaded files on their way in: kept in a folder of their own, read and tried in the background, written when told to.

A desk is a folder with the files and `state.json`: {owner, names, stage, done, of, name, answers, pid, run, problem}; the
stage is reading, preview, writing, done or failed. What the dry run found lies beside it in `found.json`.
"""

import io
import json
import logging
import os
import secrets
import shutil
import threading
import time
import zipfile
from pathlib import Path

import models as m
from models import N_, Refused, Text

from exchange.intake.apply import run

DAY = 24 * 3600
MOST_FILES, MOST_BYTES = 500, 200 * 2**20
log = logging.getLogger(__name__)


class Stopped(Exception):
    """The desk was cleared away while it was being read."""


class Desk:
    """One upload of one person; raises FileNotFoundError when there is none under this token."""

    def __init__(self, root: Path, token: str):
        if not token.isalnum():
            raise FileNotFoundError(token)
        self.folder, self.token = root / token, token
        self.state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))

    @classmethod
    def lay(cls, root: Path, owner: int, files: dict):
        """A new desk with `{name: bytes}`; desks older than a day are cleared away, for they hold personal data."""
        root.mkdir(parents=True, exist_ok=True)
        for old in root.iterdir():
            if time.time() - old.stat().st_mtime > DAY:
                shutil.rmtree(old, ignore_errors=True)
        token = secrets.token_hex(12)
        folder = root / token
        folder.mkdir(mode=0o700)
        for number, content in enumerate(files.values()):
            (folder / f"{number}.bin").write_bytes(content)
        _write(folder / "state.json", {"owner": owner, "names": list(files), "stage": "preview", "answers": {}})
        return cls(root, token)

    @property
    def stage(self):
        """The stage; failed when the process that worked on it is no more."""
        stage = self.state["stage"]
        return "failed" if stage in {"reading", "writing"} and not _alive(self.state.get("pid")) else stage

    def found(self):
        """What the last dry run or writing found: {findings, questions, items, lessons, understood}, or None."""
        path = self.folder / "found.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def files(self):
        return {name: (self.folder / f"{number}.bin").read_bytes() for number, name in enumerate(self.state["names"])}

    def start(self, by, write=False, answers=None):
        """Reads and tries (or, with `write`, writes) in the background."""
        if self.stage in {"reading", "writing"}:
            return
        self._save(stage="writing" if write else "reading", pid=os.getpid(), done=0, of=0, name="", problem=None,
                   answers={**self.state["answers"], **(answers or {})})
        threading.Thread(target=self._work, args=(by, write), daemon=True).start()

    def clear(self):
        """Throws everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _work(self, by, write):
        try:
            with m.db.connection_context():
                outcome = run(self.files(), by, self.state["answers"], dry_run=not write, progress=self._progress)
            _write(self.folder / "found.json", _packed(outcome))
            self._save(stage="done" if write else "preview", run=outcome.run)
            if write:
                self._forget_files()
        except (Stopped, FileNotFoundError):
            return
        except Refused as refusal:
            self._save(stage="failed", problem=pack(refusal.text))
        except Exception:  # a worker has nobody above it to tell
            log.exception("intake %s", self.token)
            message = Text(N_("Something went wrong while the files were being loaded. Nothing was written."))
            self._save(stage="failed", problem=pack(message))

    def _progress(self, done, of, name):
        if not self.folder.exists():
            raise Stopped
        self._save(done=done, of=of, name=name)

    def _save(self, **changes):
        self.state.update(changes)
        _write(self.folder / "state.json", self.state)

    def _forget_files(self):
        for path in self.folder.glob("*.bin"):
            path.unlink()


def unfold(uploads, limit):
    """
    `{name: bytes}` of uploaded (name, bytes), archives opened. Refused for too many, too big (`limit` bytes a file) or broken ones.
    """
    files = {}
    for name, content in uploads:
        for inner, inside in _unzipped(name, content) if name.lower().endswith(".zip") else [(_clean(name), content)]:
            if len(inside) > limit:
                raise Refused(Text(N_("«%(name)s» is bigger than %(n)s MB."), name=inner, n=limit // 2**20), "files")
            if inner and not Path(inner).name.startswith((".", "~$")):
                files[inner] = inside
    if not files:
        raise Refused(Text(N_("Choose the files.")), "files")
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise Refused(Text(N_("Too many files at once: load them in parts.")), "files")
    return files


def pack(value):
    """A Text as JSON, with Texts among its parameters."""
    if isinstance(value, Text):
        return {"msgid": value.msgid, "params": {name: pack(each) for name, each in value.params.items()}}
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


def unpack(value):
    """The Text of `pack`."""
    if isinstance(value, dict):
        return Text(value["msgid"], **{name: unpack(each) for name, each in value["params"].items()})
    return value


def _packed(outcome):
    return {
        "understood": outcome.understood, "lessons": outcome.lessons,
        "findings": [[each.severity, each.file, each.sheet, each.cell, pack(each.value), pack(each.message)]
                     for each in outcome.findings],
        "questions": [{"key": each.key, "message": pack(each.message), "place": _place(each.place), "guess": each.guess,
                       "options": [[value, pack(label)] for value, label in each.options]} for each in outcome.questions],
        "columns": [[_place(place), pack(kind), [[heading, pack(meaning)] for heading, meaning in columns]]
                    for place, kind, columns in outcome.school.columns],
        "items": [[each.action, each.table, each.label, _place(each.place),
                   {name: [pack(was), pack(now)] for name, (was, now) in each.changes.items()}] for each in outcome.items]}


def _place(place):
    return [place.file, place.sheet, place.cell] if place else [None, None, None]


def _unzipped(name, content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise Refused(Text(N_("Too many files at once: load them in parts.")), "files")
            return [(_clean(_zip_name(entry)), archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
        raise Refused(Text(N_("The archive «%(name)s» cannot be opened: it is damaged or protected by a password."), name=name),
                      "files") from None


def _zip_name(entry):
    """Archives made by Windows in Russia name their files in cp866."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return entry.filename


def _clean(name):
    """A name with its folders, without ways out of them; it is only shown, never opened."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."})[-200:]


def _write(path, value):
    draft = path.with_suffix(f".{threading.get_ident()}.new")
    draft.write_text(json.dumps(value, ensure_ascii=False, default=str), encoding="utf-8")
    draft.replace(path)


def _alive(pid):
    return pid == os.getpid() or bool(pid) and Path(f"/proc/{pid}").exists()
