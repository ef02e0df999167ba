"""A school that lives by one of the five documents, spoken to over HTTP at moments of the school's clock."""

from datetime import date, datetime

import pytest

import clock
import models as m
from tests import factories as f

DAY = date(2026, 11, 5)  # a Thursday at the beginning of the II quarter; its algebra goes from 10:30 to 11:15
PASSWORD = "demo-demo"


@pytest.fixture
def living(app):
    """`living("d1_asurso")`: the school of the factories under that preset."""
    return lambda preset, **changes: Life(app, preset, **changes)


class Life:
    """Acts of people at moments «11-05 11:00» of the year 2026; each answers with what the journal said."""

    def __init__(self, app, preset: str, **changes):
        self.app, self.school = app, f.school(preset=preset)
        if changes:
            f.regulation(preset, **changes)
        self.lesson = self.school.lessons[DAY]
        for name in ("teacher", "class_teacher", "substitute", "stranger", "deputy", "admin", "secretary", "parent", "other_parent"):
            f.account(getattr(self.school, name), name, PASSWORD)

    def of_kind(self, code: str, received: str | None = None):
        """The lesson's work is of this kind; results of an external one came at a moment."""
        values = {"kind": self.school.kinds[code]} | ({"received_at": moment(received)} if received else {})
        with m.writing(f.SYSTEM):
            m.Lesson.update(**values).where(m.Lesson.id == self.lesson.id).execute()
        return self

    def of_grade(self, grade: int):
        with m.writing(f.SYSTEM):
            m.SchoolClass.update(grade=grade).where(m.SchoolClass.id == self.school.school_class.id).execute()
        return self

    def of_week(self, days: int):
        """Every class goes to school on so many days a week."""
        with m.writing(f.SYSTEM):
            m.SchoolClass.update(week_days=days).execute()
        return self

    def breach(self, at: str, discovered: str) -> int:
        """The administrator reports at a moment that somebody else writes as the teacher; the number of the report."""
        self.send("/breach/report", at, "admin", whose="other", account="teacher", discovered_at=f"{moment(discovered):%Y-%m-%dT%H:%M}",
                  story="Чужие записи", kind="foreign")
        return m.Breach.select().order_by(m.Breach.id.desc()).get().id

    def told(self, number: int, whom: str, learned: str, at: str):
        """It is registered at a moment that somebody learned of a breach at another: «11-05 10:20:00»."""
        form = {"whom": whom, "at": f"2026-{learned.replace(' ', 'T')}"}
        return self._ask("admin", at, lambda client: client.send(f"/breach/{number}/told", **form))

    def put(self, value: str, at: str, who: str = "teacher", lesson: m.Lesson | None = None, pupil: int = 0, **more) -> dict:
        """A cell of the grid, by default of the first pupil in the lesson of DAY."""
        place = {} if "period" in more else {"lesson": (lesson or self.lesson).id}
        course = (lesson or self.lesson).course_id
        body = {"cells": [{"pupil": self.school.pupils[pupil].id, "value": value, **place, **more}]}
        return self._ask(who, at, lambda client: _one(client.send_json(f"/journal/{course}/cells", body)))

    def result(self, value: str, at: str, period: int = 2, **more) -> dict:
        """A mark of the II quarter, or of another."""
        return self.put(value, at, period=self.school.periods[period - 1].id, **more)

    def send(self, path: str, at: str, who: str = "teacher", **form):
        """A form of a page."""
        return self._ask(who, at, lambda client: client.send(path, **form))

    def get(self, path: str, at: str, who: str = "teacher"):
        return self._ask(who, at, lambda client: client.get(path))

    def lesson_form(self, section: str, at: str, who: str = "teacher", **form):
        """A section of the lesson page: attendance, topic, homework…; answers with the lesson as it then stands."""
        self.answer = self.send(f"/lesson/{self.lesson.id}/{section}", at, who, **form)
        return m.Lesson.get_by_id(self.lesson.id)

    def _ask(self, who: str, at: str, ask):
        with clock.frozen(moment(at)):
            return ask(self.app.test_client().sign_in(who, PASSWORD))


def moment(text: str) -> datetime:
    pattern = "%Y-%m-%d %H:%M:%S" if text.count(":") == 2 else "%Y-%m-%d %H:%M"
    return datetime.strptime(f"2026-{text}" if text.count("-") == 1 else text, pattern).replace(tzinfo=clock.zone())


def _one(answer) -> dict:
    body = answer.get_json()
    return body["cells"][0] if body and body.get("cells") else {"state": "refused", "code": answer.status_code, **(body or {})}


def verdict(answer: dict) -> str:
    """What was said of a cell, with the clause it rests on: «late 4.4.1», «saved»."""
    return " ".join(filter(None, (answer["state"], answer.get("clause"))))


def in_time(answer: dict) -> str:
    """«saved», or what was late: a reason that was given brings a clause of its own."""
    return "saved" if answer["state"] == "saved" else verdict(answer)
