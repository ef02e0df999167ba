"""NFR: an answered save is never lost, however the server dies. A real server, killed with SIGKILL while it works."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from http.cookies import SimpleCookie
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import history
import models as m
from tests.cluster import free_port

ROOT = Path(__file__).parents[1]
SAVES, KILLS = 200, 8


def test_200_answered_saves_survive_a_server_killed_at_random_moments(demo, demo_url, tmp_path):
    lesson, cells = cells_of_the_lesson_that_is_on()
    m.db.close()
    clerk = Clerk(demo_url, tmp_path, lesson, Random(2026))
    clerk.sign_in("teacher")
    answered = clerk.work(cells)
    clerk.server.kill()
    m.db.connect(reuse_if_open=True)
    assert len(answered) >= SAVES and clerk.kills == KILLS
    for pupil, values in lasting(answered).items():
        assert is_within(values, lives_of(lesson, pupil)), f"pupil {pupil}: an answered save is missing"
    assert m.verify()["acts"] > SAVES
    assert m.Act.select().where(m.Act.seal.is_null()).count() == 0


def cells_of_the_lesson_that_is_on():
    teacher = m.Account.of_login("teacher").person
    lesson = m.Lesson.select().where((m.Lesson.teacher == teacher) & (m.Lesson.day == "2026-12-17")
                                     & (m.Lesson.number == 3)).get()
    pupils = m.Membership.on(lesson.day).where(m.Membership.unit == lesson.course.unit_id).select(m.Membership.pupil)
    return lesson, [pupil for pupil, in pupils.tuples()]


class Clerk:
    """Saves marks one after another; a killed server is started again and the save repeated with the version that stands."""

    def __init__(self, url, folder, lesson, random):
        self.url, self.folder, self.lesson, self.random, self.kills = url, folder, lesson, random, 0
        self.port, self.cookies, self.token = free_port(), SimpleCookie(), ""
        self.server = self._start()

    def sign_in(self, login):
        self.token = self._token("/login")
        self._ask("POST", "/login", urlencode({"login": login, "password": "demo", "csrf_token": self.token}),
                  "application/x-www-form-urlencoded")
        self.token = self._token("/journal/")

    def work(self, pupils):
        """[(pupil, value)] of the saves that were answered, in order."""
        answered, seen = [], dict.fromkeys(pupils)
        self._arm()
        while len(answered) < SAVES or self.kills < KILLS:
            pupil = pupils[len(answered) % len(pupils)]
            value = "543"[(len(answered) // len(pupils)) % 3]
            cell = self._save(pupil, value, seen[pupil])
            if cell is None:
                continue
            seen[pupil] = cell["version"]
            if cell["state"] in ("saved", "late"):
                answered.append((pupil, value))
            else:
                assert cell["state"] == "conflict", cell
        return answered

    def _save(self, pupil, value, seen):
        """The answer about the cell; None when the server died under it."""
        body = {"cells": [{"pupil": pupil, "lesson": self.lesson.id, "value": value, **({"seen": seen} if seen else {})}]}
        try:
            status, text = self._ask("POST", f"/journal/{self.lesson.course_id}/cells", json.dumps(body), "application/json")
        except (OSError, http.client.HTTPException):
            self._revive()
            return None
        assert status == 200, text
        return json.loads(text)["cells"][0]

    def _arm(self):
        """Kill the server soon, in the middle of whatever it does then."""
        if self.kills < KILLS:
            threading.Timer(self.random.uniform(0.02, 0.35), self.server.kill).start()

    def _revive(self):
        assert self.server.wait(10) == -9, "the server died of something else"
        self.server.stdout.close()
        self.kills += 1
        self.server = self._start()
        self._arm()

    def _start(self):
        settings = {"DATABASE_URL": self.url, "PORT": str(self.port), "SECRET_KEY": "the same after every start"}
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        assert "Zhurnal is at" in server.stdout.readline()
        return server

    def _token(self, path):
        return re.search(r'name="csrf-token" content="([^"]+)"', self._ask("GET", path)[1])[1]

    def _ask(self, method, path, body=None, kind="text/plain"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
            connection.request(method, path, body, {"Content-Type": kind, "X-CSRFToken": self.token, "Cookie": cookie})
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie", ()):
                self.cookies.load(header)
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def lasting(answered):
    """Pupil → values answered, in order."""
    values = {}
    for pupil, value in answered:
        values.setdefault(pupil, []).append(value)
    return values


def lives_of(lesson, pupil):
    """Every value the pupil's mark in the lesson ever had, by history, and the one that stands at the end."""
    marks = list(m.Mark.select().where((m.Mark.lesson == lesson.id) & (m.Mark.pupil == pupil)))
    assert len(marks) == 1
    values = [new["value"] for *_, new, _, _ in history.of_row(m.db, "mark", marks[0].id) if new and "value" in new]
    assert values[-1] == marks[0].value
    return values


def is_within(values, life):
    """Do the values occur in this order among those of the life?"""
    rest = iter(life)
    return all(any(value == lived for lived in rest) for value in values)
