"""Whatever three people type, undo, resend and choose while their links come and go, they end in the same state: every page shows what
the journal holds, a batch that comes twice is applied once, and nobody covers what they have not seen."""

from dataclasses import dataclass, field
from datetime import date, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import clock
import models as m
from tests import factories as f

PASSWORD = "demo-demo"
DAY = date(2026, 12, 17)
WRITTEN = ("saved", "late")


@dataclass
class Save:
    """A row of the browser's queue (static/queue.js)."""

    cell: int
    value: str
    seen: str
    key: str
    tried: bool = False
    state: str = "waiting"
    answer: dict = field(default_factory=dict)


class Browser:
    """One person's page and queue, by the rules of static/queue.js and grid.js, in front of the real server."""

    def __init__(self, client, name, school, keys):
        self.client, self.name, self.keys, self.online = client, name, keys, True
        self.address, self.lesson, self.pupils = f"/journal/{school.course.id}", school.lessons[DAY].id, [p.id for p in school.pupils]
        self.queue, self.undone, self.since, self.school, self.own = [], [], 0, school, {}
        self.shown = dict.fromkeys(range(len(self.pupils)), ("", "0"))  # cell → what the page holds as saved, and its version
        self.token = client.get("/queue").get_json()["token"]

    # ---- what a person does ----

    def type(self, cell, value):
        self.undone.append((cell, self.text(cell)))
        self.put(cell, value, self.shown[cell][1])

    def undo(self):
        if self.undone:
            cell, value = self.undone.pop()
            self.put(cell, value, self.shown[cell][1])

    def choose(self, mine):
        """Of the first conflict: mine is typed once more over what stands, or what stands is kept."""
        trouble = next((save for save in self.queue if save.state != "waiting"), None)
        if trouble is None:
            return
        self.queue.remove(trouble)
        if mine and trouble.state == "conflict":
            self.put(trouble.cell, trouble.value, trouble.answer["version"])

    # ---- the queue ----

    def text(self, cell):
        """What the cell shows: the last of what waits, or what is saved."""
        return next((save.value for save in reversed(self.queue) if save.cell == cell and save.state == "waiting"), self.shown[cell][0])

    def put(self, cell, value, seen):
        self.queue = [save for save in self.queue if save.cell != cell or save.state == "waiting"]
        standing = next((save for save in reversed(self.queue) if save.cell == cell), None)
        if standing and not standing.tried and (standing.value or not value):
            standing.value, standing.key = value, next(self.keys)
        else:
            self.queue.append(Save(cell, value, seen, next(self.keys)))

    def send(self, fate="arrives"):
        """Send what waits, each cell once. `fate`: the batch is lost on the way, its answer is, it comes twice, or it arrives."""
        batch = []
        for save in self.queue:
            if save.state == "waiting" and save.cell in [each.cell for each in batch]:
                break
            batch += [save] if save.state == "waiting" else []
        for save in batch:
            save.tried = True
        if not batch or not self.online or fate == "lost":
            return
        stood, known = [held(self.school, save.cell) for save in batch], [self.known(save.cell) for save in batch]
        answers = self.post(batch)
        for save, answer, before, seen in zip(batch, answers, stood, known, strict=True):
            assert answer["state"] not in WRITTEN or before in (answer["value"], *seen), f"{self.name} covered {before} by {save.value}"
        if fate == "twice":
            before = m.History.newest()
            answers = self.post(batch)
            assert m.History.newest() == before
        if fate != "unanswered":
            for save, answer in zip(batch, answers, strict=True):
                self.answered(save, answer)

    def known(self, cell):
        """What this person has seen in the cell or put there."""
        return {self.shown[cell][0], self.own.get(cell), *(save.value for save in self.queue if save.cell == cell and save.tried)}

    def post(self, batch):
        cells = [{"pupil": self.pupils[save.cell], "lesson": self.lesson, "value": save.value, "seen": save.seen, "key": save.key} for save in batch]
        answer = self.client.post(f"{self.address}/cells", json={"cells": cells}, headers={"X-CSRFToken": self.token})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["cells"]

    def answered(self, save, answer):
        after = next((each for each in self.queue[self.queue.index(save) + 1:] if each.cell == save.cell and each.state == "waiting"), None)
        if answer["state"] in WRITTEN:
            self.queue.remove(save)
            if after:
                after.seen, self.own[save.cell] = answer.get("wrote", answer["version"]), save.value
        elif after:
            self.queue.remove(save)
            after.seen = save.seen
        else:
            save.state, save.answer = answer["state"], answer
        if not after:
            self.shown[save.cell] = answer["value"], answer["version"]

    def look(self):
        """What others changed, except where something of this page still waits or is to be decided."""
        if not self.online:
            return
        told = self.client.get(f"{self.address}/changes?since={self.since}").get_json()
        self.since = told["since"]
        for change in told["cells"]:
            cell = self.pupils.index(change["pupil"])
            if not any(save.cell == cell for save in self.queue):
                self.shown[cell] = change["value"], change["version"]

    def settle(self):
        """The link is back for good: everything is sent and decided."""
        self.online = True
        while self.queue:
            self.send()
            self.choose(mine=len(self.queue) % 2 == 0)


ACTORS, CELLS = st.integers(0, 2), st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("type"), ACTORS, CELLS, st.sampled_from(["5", "4", "3", "2/3", "", "о", "."])),
    st.tuples(st.just("send"), ACTORS, st.sampled_from(["arrives", "lost", "unanswered", "twice"])),
    st.tuples(st.just("undo"), ACTORS),
    st.tuples(st.just("choose"), ACTORS, st.booleans()),
    st.tuples(st.just("look"), ACTORS),
    st.tuples(st.just("link"), ACTORS, st.booleans()),
)


def test_every_order_of_events_ends_in_one_state(db, app):
    school = f.school()
    people = (school.teacher, school.stranger, school.substitute)
    for number, person in enumerate(people):
        f.account(person, f"actor{number}", PASSWORD)
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    with m.writing(f.SYSTEM):
        m.Assignment.create(course=school.course, teacher=school.stranger, starts=f.YEAR[0], hours=3)
    keys = (f"k{number}" for number in range(10**9))
    with clock.frozen(datetime(2026, 12, 17, 11, 0)):
        clients = [app.test_client().sign_in(f"actor{number}", PASSWORD) for number in range(3)]

        @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @example([("type", 0, 0, "5"), ("send", 0, "unanswered"), ("look", 1), ("type", 1, 0, "3"), ("send", 1, "arrives"),
                  ("type", 0, 0, "4"), ("send", 0, "arrives"), ("send", 0, "arrives")])
        @given(st.lists(STEPS, min_size=5, max_size=40))
        def holds(steps):
            _clear(school)
            start = m.History.newest()
            browsers = [Browser(client, f"actor{number}", school, keys) for number, client in enumerate(clients)]
            for browser in browsers:
                browser.since = start
            for name, actor, *what in steps:
                if name == "link":
                    browsers[actor].online = what[0]
                else:
                    getattr(browsers[actor], name)(*what)
            _check_the_end(school, browsers)

        holds()
    assert m.verify()["acts"] > 0


def _clear(school):
    with m.writing(f.SYSTEM):
        m.Mark.delete().execute()
        m.Absence.delete().execute()


def _check_the_end(school, browsers):
    for browser in browsers:
        browser.settle()
    for browser in browsers:
        browser.look()
    journal = {cell: held(school, cell) for cell in range(len(school.pupils))}
    assert [{cell: text for cell, (text, _version) in browser.shown.items()} for browser in browsers] == [journal] * 3


def held(school, cell):
    """What the journal holds in the cell."""
    lesson, pupil = school.lessons[DAY], school.pupils[cell]
    codes = [row.code for row in m.Absence.select().where((m.Absence.lesson == lesson) & (m.Absence.pupil == pupil))]
    marks = [row.value for row in m.Mark.select().where((m.Mark.lesson == lesson) & (m.Mark.pupil == pupil)).order_by(m.Mark.position)]
    return " ".join([*codes, "/".join(marks)]).strip()
