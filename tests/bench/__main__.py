"""`make bench`: what four ordinary requests cost, at 1,000 and at 10,000 pupils; then what work of seconds costs, the first
start and the grid on a slow PC. Prints tables and asserts nothing.

Each school is built anew. Statements, CPU time of the server's code and bytes are measured in one process without a
network; times, requests a second and memory on a real server on this machine, asked by 1, 4 and 16 clients. Other schools
than the usual, and no more than them: `python -m tests.bench SQLite:500`.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import models
from app import create_app
from exchange import demo
from tests.bench import tasks
from tests.bench.cases import prepare, token
from tests.client import Client
from tests.cluster import Cluster, free_port
from tests.statements import counted

ROOT = Path(__file__).parents[2]
SCHOOLS = ("SQLite:1000", "SQLite:10000", "PostgreSQL:1000")
REPEATS, SECONDS = 40, 4
COLUMNS = ("", "statements", "CPU ms", "KB gzip", "p50 ms", "p95 ms", "1 client /s", "4 /s", "16 /s", "asked for")
WIDTHS = (20, 10, 8, 8, 8, 8, 11, 8, 8, 30)
TASK_WIDTHS = (24, 8, 8, 30)
PAINT_COLUMNS, PAINT_WIDTHS = ("", "ms", "asked for"), (28, 8, 30)


def main() -> None:
    requests(sys.argv[1:] or SCHOOLS)
    if not sys.argv[1:]:
        for kind in ("SQLite", "PostgreSQL"):
            long_work(kind, 1500)
        first_start()
        slow_pc()


def requests(schools) -> None:
    for kind, pupils in (name.split(":") for name in schools):
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            began = time.perf_counter()
            cases = build(url, int(pupils))
            print(f"\n{kind}, {pupils} pupils (built in {time.perf_counter() - began:.0f} s)", flush=True)
            line(COLUMNS)
            measured = [inside(url, Path(folder), case) for case in cases]
            with Server(url) as server:
                for case, numbers in zip(cases, measured, strict=True):
                    line((case.name, *numbers, *outside(server, case), case.limits))
                print(f"memory of the server after all this: {server.memory():.0f} MB (asked for: under 150 MB)", flush=True)


def long_work(kind: str, pupils: int) -> None:
    """Intake into an empty database, then the printed forms of a school of so many pupils."""
    print(f"\n{kind}, work of seconds, {pupils} pupils", flush=True)
    line(tasks.COLUMNS, TASK_WIDTHS)
    for of, fill in ((tasks.OF_NOTHING, models.migrate), (tasks.OF_A_SCHOOL, lambda: (models.migrate(), demo.build(pupils)))):
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            with models.open_database(url).connection_context():
                fill()
            for row in tasks.measured(of, url):
                line(row, TASK_WIDTHS)


def first_start() -> None:
    """From `make run` in a clone whose packages are installed, the demo school not yet built, to the page of signing in."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        server = subprocess.Popen(["make", "run", f"DEMO={folder}/demo.db"], cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, env={**os.environ, "PORT": str(port), "INSTANCE": folder})
        try:
            while not answers(f"http://127.0.0.1:{port}/login") and server.poll() is None:
                time.sleep(0.1)
            print(f"\nmake run, from nothing to the first page: {time.perf_counter() - began:.1f} s", flush=True)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def answers(address: str) -> bool:
    try:
        return urlopen(address, timeout=20).status == 200
    except URLError:
        return False


def slow_pc() -> None:
    print("\nthe grid in Chromium, processor slowed down 6 times", flush=True)
    line(PAINT_COLUMNS, PAINT_WIDTHS)
    done = subprocess.run([sys.executable, "-m", "tests.bench.paint"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    for what, milliseconds, limit in map(json.loads, done.stdout.splitlines()):
        line((what, f"{milliseconds:.0f}", limit), PAINT_WIDTHS)


@contextmanager
def database(kind: str, folder: Path):
    if kind == "SQLite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    with Cluster() as cluster:
        yield cluster.create("bench")


def build(url: str, pupils: int):
    models.open_database(url)
    with models.db.connection_context():
        models.migrate()
        demo.build(pupils)
        return prepare()


# ---- in this process ----

def inside(url: str, folder: Path, case) -> tuple:
    """(statements, CPU milliseconds, kilobytes compressed)"""
    app = create_app({"INSTANCE": folder / "instance", "DATABASE_URL": url, "TESTING": True})
    app.test_client_class = Client
    client = app.test_client().sign_in(case.login)
    csrf = token(client.get("/", follow_redirects=True).get_data(as_text=True))

    def ask(turn):
        method, path, form = case.turns[turn % len(case.turns)]
        answer = client.open(path, method=method, data=form and {**form, "csrf_token": csrf}, headers={"Accept-Encoding": "gzip"})
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code}")
        return answer

    for turn in range(len(case.turns)):
        ask(turn)
    with counted() as statements:
        size = len(ask(0).get_data())
    began = time.process_time()
    for turn in range(REPEATS):
        ask(turn)
    return len(statements), f"{(time.process_time() - began) / REPEATS * 1000:.1f}", f"{size / 1024:.1f}"


# ---- through a real server ----

class Server:
    """`python app.py` over the database."""

    def __init__(self, url: str):
        self.url, self.port = url, free_port()

    def __enter__(self):
        settings = {"DATABASE_URL": self.url, "PORT": str(self.port), "SECRET_KEY": "only for the benchmark"}
        self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings}, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        return int(next(row for row in status.read_text().splitlines() if row.startswith("VmRSS")).split()[1]) / 1024


class Visitor:
    """One signed-in client on one connection."""

    def __init__(self, server: Server, login: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.cookies = SimpleCookie()
        self.csrf = token(self.ask("GET", "/login", None))
        self.ask("POST", "/login", {"login": login, "password": "demo"})
        self.csrf = token(self.ask("GET", "/password", None))

    def ask(self, method: str, path: str, form: dict | None) -> str:
        body = urlencode({**form, "csrf_token": self.csrf}) if form is not None else None
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        self.connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie})
        answer = self.connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie", ()):
            self.cookies.load(header)
        text = answer.read().decode()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status}")
        return text


def outside(server: Server, case) -> tuple:
    """(p50, p95 of one client in milliseconds, requests a second of 1, 4 and 16 clients)"""
    visitors = [Visitor(server, case.login) for _ in range(16)]
    times, *rates = ([], *(0,) * 3)
    for place, number in enumerate((1, 4, 16)):
        taken = together(visitors[:number], case)
        times = times or sorted(taken)
        rates[place] = len(taken) / SECONDS
    return (*(f"{times[int(len(times) * share)] * 1000:.1f}" for share in (0.5, 0.95)), *(f"{rate:.0f}" for rate in rates))


def together(visitors: list[Visitor], case) -> list[float]:
    """Seconds of each request when all ask at once for SECONDS."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS

    def work(visitor, turn):
        while (began := time.perf_counter()) < until:
            visitor.ask(*case.turns[turn % len(case.turns)])
            taken.append(time.perf_counter() - began)
            turn += 1

    threads = [threading.Thread(target=work, args=(visitor, turn)) for turn, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def line(cells, widths=WIDTHS) -> None:
    print(" ".join(f"{cell!s:<{width}}" if place in (0, len(widths) - 1) else f"{cell!s:>{width}}"
                   for place, (cell, width) in enumerate(zip(cells, widths, strict=True))), flush=True)


if __name__ == "__main__":
    main()
