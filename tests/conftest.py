"""Databases for the tests: made once for the run, copied for each test. SQLite, or PostgreSQL with ZHURNAL_TEST_DB=postgresql."""

import os
import shutil
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher

import clock
import models
from app import create_app
from tests.client import Client
from tests.cluster import Cluster, emptied, shape_of

ON_POSTGRESQL = os.environ.get("ZHURNAL_TEST_DB") == "postgresql"
MEMORY = Path("/dev/shm")
SLOW_HASHER = models._hasher
_numbers = count(1)
_pools: dict = {}  # url of PostgreSQL → its pool of connections, kept open between tests
models._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # thousands of accounts, none of them worth stealing


def pytest_collection_modifyitems(config, items):
    """What touches no database is the same on either, and is tried on SQLite alone."""
    if ON_POSTGRESQL:
        config.hook.pytest_deselected(items=[item for item in items if "copies" not in item.fixturenames])
        items[:] = [item for item in items if "copies" in item.fixturenames]


@pytest.fixture(scope="session")
def copies():
    """`copies.empty()` and `copies.demo()` are URLs of fresh copies."""
    if not ON_POSTGRESQL:
        # A server killed in the middle of a save leaves in memory what it would leave on a disk.
        roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**30
        with TemporaryDirectory(prefix="zhurnal-", dir=MEMORY if roomy else None) as folder:
            yield FileCopies(Path(folder))
        return
    with Cluster() as cluster:
        yield ClusterCopies(cluster)


@pytest.fixture
def url(copies):
    """Where the test's database is."""
    url = copies.empty()
    yield url
    copies.take_back(url)


@pytest.fixture
def demo_url(copies):
    url = copies.demo()
    yield url
    copies.take_back(url)


@pytest.fixture
def db(url):
    """An empty migrated database, the models bound to it."""
    yield from opened(url)


@pytest.fixture
def demo(demo_url):
    """The demo school, the models bound to a copy of it; its clock starts on Thursday 17 December 2026 at 10:40."""
    yield from opened(demo_url)


@pytest.fixture
def app(url, db, tmp_path, shared_app):
    """The application over the empty database."""
    return moved(shared_app, url, tmp_path)


@pytest.fixture
def demo_app(demo_url, demo, tmp_path, shared_app):
    """The application over a copy of the demo school."""
    return moved(shared_app, demo_url, tmp_path)


@pytest.fixture(scope="session")
def shared_app(copies, tmp_path_factory):
    """Made once, as its thousand routes take a third of a second; each test moves it to its own database."""
    app = application(copies.empty(), tmp_path_factory.mktemp("instance"))
    app.extensions["settings of tests"] = dict(app.config)
    close()
    return app


@pytest.fixture
def slow_hasher(monkeypatch):
    """Passwords are hashed as slowly as in a school."""
    monkeypatch.setattr(models, "_hasher", SLOW_HASHER)


@pytest.fixture
def client(app):
    return app.test_client()


def moved(app, url, folder):
    """The shared application over another database, with nothing left of the test before."""
    app.config.clear()
    app.config.update(app.extensions["settings of tests"], DATABASE_URL=url)
    app.instance_path = str(folder / "instance")
    app.extensions.pop("founded", None)
    app.extensions["used today"] = (None, set())
    bind(url)
    return app


def application(url, folder, **config):
    """An application of the test's own, for other settings or routes."""
    app = create_app({"INSTANCE": folder / "instance", "DATABASE_URL": url, "TESTING": True,
                      "PROPAGATE_EXCEPTIONS": False, "ACCESS_LOG_SECONDS": 0, **config})
    app.test_client_class = Client
    return app


def opened(url):
    bind(url)
    yield models.db
    close()
    clock.set_school("Europe/Moscow", 0)


def bind(url):
    """The models over a database; the same once more meets its old connections to PostgreSQL, warm with plans and triggers."""
    if url in _pools:
        models.db.initialize(_pools[url])
    else:
        models.open_database(url)
        if not models.is_sqlite():
            _pools[url] = models.db.obj


def close():
    models.db.close()
    if not models.is_sqlite() and models.db.obj not in _pools.values():
        models.db.close_all()  # opened by an application of the test's own


class FileCopies:
    def __init__(self, folder):
        self.folder = folder
        self.originals = Path(os.environ.get("ZHURNAL_TEST_ORIGINALS", folder))  # of several runs at once, or of this one

    def empty(self):
        return self.of("empty", models.migrate)

    def demo(self):
        return self.of("demo", _build_demo)

    def of(self, name, build):
        """A copy of the database of this name, which `build` fills when it is first asked for."""
        original, copy = self.originals / f"{name}.db", self.folder / f"{next(_numbers)}.db"
        if not original.exists():
            made = original.with_suffix(f".{os.getpid()}")
            _build(f"sqlite:///{made}", build)
            os.rename(made, original)
        shutil.copy(original, copy)
        return f"sqlite:///{copy}"

    def take_back(self, url):
        for path in self.folder.glob(f"{url.rpartition('/')[2]}*"):
            path.unlink()


class ClusterCopies:
    def __init__(self, cluster):
        self.cluster, self.built, self.free, self.given = cluster, set(), [], set()

    def empty(self):
        """Emptied, an old copy is as good as a new one, and its connections are warm."""
        while self.free:
            url = self.free.pop()
            bind(url)
            with models.db.connection_context():
                if emptied(models.db.connection(), self.shape):
                    return url
            self._drop(url)
        url = self.of("empty", models.migrate)
        bind(url)
        with models.db.connection_context():
            self.shape = shape_of(models.db.connection())
        self.given.add(url)
        return url

    def demo(self):
        return self.of("demo", _build_demo)

    def of(self, name, build):
        if name not in self.built:
            _build(self.cluster.create(name), build)
            self.built.add(name)
        return self.cluster.create(f"test{next(_numbers)}", template=name)

    def take_back(self, url):
        if url in self.given:
            self.free.append(url)
        else:
            self._drop(url)

    def _drop(self, url):
        if url in _pools:
            _pools.pop(url).close_all()
        self.given.discard(url)
        self.cluster.drop(url)


def _build(url, build):
    bind(url)
    build()
    if not models.is_sqlite():
        models.db.connection().execute("ANALYZE")
    close()
    if url in _pools:
        _pools.pop(url).close_all()


def _build_demo():
    from exchange import demo

    models.migrate()
    demo.build()
