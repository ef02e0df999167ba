"""A real server in a process of its own and a real browser in front of it."""

import logging
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

import clock
import models
from exchange import demo
from tests import factories
from tests.cluster import free_port
from tests.conftest import close

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".tools/node_modules/axe-core/axe.min.js"
expect.set_options(timeout=30_000)  # a busy machine takes its time
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@contextmanager
def serving(url, folder, port=None, **settings):
    """`python app.py` over the database of `url`, in a process of its own; yields its address. It is killed, not asked to stop."""
    environment = {**os.environ, "PORT": str(port or free_port()), "DATABASE_URL": url, "INSTANCE": str(folder / "instance"), **settings}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@contextmanager
def beside(app, port=0):
    """The application in a thread beside the test, over the database that is open: there in no time; yields its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=OneRequest)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()


class OneRequest(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection is closed after its answer, so that nothing is served to the test after


@pytest.fixture(scope="session")
def village(copies, tmp_path_factory):
    """The address of the demo school at its first moment, Thursday 17 December 2026 at 10:40, served once for the whole run;
    the teacher has brought a plan for the lesson that is on."""
    url = copies.demo()
    models.open_database(url)
    with models.writing(factories.SYSTEM):
        models.School.update(clock_offset=clock.offset_to(clock.at(demo.DAY, demo.MOMENT))).execute()
        _bring_a_plan("teacher", ("Основы генетики", "Законы Менделя"))
    close()
    with serving(url, tmp_path_factory.mktemp("village")) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    with chromium_at_work() as browser:
        yield browser


@contextmanager
def chromium_at_work():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def _bring_a_plan(login, topics):
    year, teacher = models.Year.on(demo.DAY), models.Account.get(models.Account.login == login).person
    course = models.Lesson.get(teacher=teacher, day=demo.DAY, number=demo.cast.NOW).course
    plan = models.Plan.create(year=year, subject=course.subject, grade=course.unit.school_class.grade, name=course.subject.name)
    for number, topic in enumerate(topics, start=1):
        models.PlanTopic.create(plan=plan, number=number, topic=topic)
    models.Course.update(plan=plan).where(models.Course.id == course.id).execute()


@pytest.fixture
def page(chromium):
    """A page at 1280 × 900; anything the page complains of on its console fails the test."""
    yield from opened_page(chromium, WIDE)


@pytest.fixture
def phone(chromium):
    """A page at 360 × 740."""
    yield from opened_page(chromium, PHONE)


def opened_page(chromium, size, **options):
    context = chromium.new_context(viewport=size, locale="ru-RU", **options)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # The last: a page just opened still asks for its service worker when its server is gone already.
    harmless = "Failed to load resource", "An unknown error occurred when fetching the script"
    assert [text for text in complaints if not text.startswith(harmless)] == []


def sign_in(page, address, login, password="demo"):
    page.goto(f"{address}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    with page.expect_navigation():  # or the next address would overtake the answer
        page.click("button.primary")


def signed_in(page, address, login, password="demo"):
    """Signed in past its pages, for tests of what comes after."""
    requests = page.context.request
    token = re.search(r'name="csrf-token" content="([^"]+)"', requests.get(f"{address}/login").text())[1]
    answer = requests.post(f"{address}/login", form={"login": login, "password": password, "csrf_token": token}, max_redirects=0)
    assert answer.status == 302


def barriers(page) -> list[str]:
    """What stands in somebody's way by WCAG 2.2 AA, as axe sees it: rule and place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]


def overflows(page) -> bool:
    """Does the page scroll sideways?"""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
