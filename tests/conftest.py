"""Databases for the tests: made once for the run, copied for each test. SQLite, or PostgreSQL with ZHURNAL_TEST_DB=postgresql."""

import os
import shutil
from itertools import count
from pathlib import Path

import pytest

import clock
import models
from app import create_app
from tests.client import Client
from tests.cluster import Cluster

ON_POSTGRESQL = os.environ.get("ZHURNAL_TEST_DB") == "postgresql"
_numbers = count(1)


@pytest.fixture(scope="session")
def copies(tmp_path_factory):
    """`copies.empty()` and `copies.demo()` are URLs of fresh copies."""
    if not ON_POSTGRESQL:
        yield FileCopies(tmp_path_factory.mktemp("databases"))
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
    return copies.demo()


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
def client(app):
    return app.test_client()


def moved(app, url, folder):
    """The shared application over another database, with nothing left of the test before."""
    app.config.clear()
    app.config.update(app.extensions["settings of tests"], DATABASE_URL=url)
    app.instance_path = str(folder / "instance")
    app.extensions.pop("founded", None)
    models.open_database(url)
    return app


def application(url, folder, **config):
    """An application of the test's own, for other settings or routes."""
    app = create_app({"INSTANCE": folder / "instance", "DATABASE_URL": url, "TESTING": True,
                      "PROPAGATE_EXCEPTIONS": False, "ACCESS_LOG_SECONDS": 0, **config})
    app.test_client_class = Client
    return app


def opened(url):
    models.open_database(url)
    yield models.db
    close()
    clock.set_school("Europe/Moscow", 0)


def close():
    models.db.close()
    if not models.is_sqlite():
        models.db.close_all()


class FileCopies:
    def __init__(self, folder):
        self.folder = folder

    def empty(self):
        return self._copy("empty", models.migrate)

    def demo(self):
        return self._copy("demo", _build_demo)

    def _copy(self, name, build):
        original, copy = self.folder / f"{name}.db", self.folder / f"{next(_numbers)}.db"
        if not original.exists():
            _build(f"sqlite:///{original}.new", build)
            os.rename(f"{original}.new", original)
        shutil.copy(original, copy)
        return f"sqlite:///{copy}"

    def take_back(self, url):
        Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)


class ClusterCopies:
    def __init__(self, cluster):
        self.cluster, self.built, self.free = cluster, set(), []

    def empty(self):
        return self.free.pop() if self.free else self._copy("empty", models.migrate)

    def take_back(self, url):
        """A new copy takes half a second; emptied, the old one is as good."""
        if self.cluster.emptied(url, "empty"):
            self.free.append(url)

    def demo(self):
        return self._copy("demo", _build_demo)

    def _copy(self, name, build):
        if name not in self.built:
            _build(self.cluster.create(name), build)
            self.built.add(name)
        return self.cluster.create(f"test{next(_numbers)}", template=name)


def _build(url, build):
    models.open_database(url)
    build()
    close()


def _build_demo():
    from exchange import demo

    models.migrate()
    demo.build()
