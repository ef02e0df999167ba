"""MRK-06, MRK-18: the deadline of an external work runs from the receipt of its results, which may be told at every door and long after."""

from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
from tests import factories as f

PASSWORD = "demo-demo"
DAY = date(2026, 11, 5)


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "deputy", "admin", "stranger"):
        f.account(getattr(s, name), name, PASSWORD)
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=s.kinds["ВД"]).where(m.Lesson.id == s.lessons[DAY].id).execute()
        s.work = m.Work.create(lesson=s.lessons[DAY], kind=s.kinds["ВД"], title="ВПР", position=1)
    s.lesson = m.Lesson.get_by_id(s.lessons[DAY].id)
    return s


def ask(app, school, moment, act, who="teacher"):
    with clock.frozen(datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M")):
        return act(app.test_client().sign_in(who, PASSWORD))


def put(app, school, moment, work=None):
    cell = {"pupil": school.pupils[0].id, "lesson": school.lesson.id, "value": "4"} | ({"work": work} if work else {})
    body = {"cells": [cell]}
    return ask(app, school, moment, lambda c: c.send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0])


DOORS = {
    "the lesson page": lambda s, received, reason: (f"/lesson/{s.lesson.id}/received", {"received": received, "reason": reason}),
    "the page of a work": lambda s, received, reason: (f"/work/{s.work.id}/received", {"received": received, "reason": reason}),
    "the screen of lessons": lambda s, received, reason: (f"/admin/lesson/edit/?id={s.lesson.id}", {
        "topic": "", "kind": s.kinds["ВД"].id, "work_topic": "", "received_at": received, "why": reason}),
    "the screen of works": lambda s, received, reason: (f"/admin/work/edit/?id={s.work.id}", {
        "kind": s.kinds["ВД"].id, "title": "ВПР", "received_at": received, "why": reason}),
}


@pytest.mark.parametrize("door", DOORS)
def test_mrk_06_at_every_door_the_receipt_moves_the_deadline_and_opens_a_column_long_closed(app, school, door):
    work = school.work.id if "work" in door and "lesson" not in door else None
    assert put(app, school, "11-24 12:00", work)["state"] == "refused"
    path, form = DOORS[door](school, "2026-11-24T10:00", "")
    assert ask(app, school, "11-24 12:00", lambda c: c.send(path, **form)).status_code == 302
    assert put(app, school, "11-25 10:00", work)["state"] == "saved"
    path, form = DOORS[door](school, "2026-11-25T09:00", "")
    assert ask(app, school, "11-25 12:00", lambda c: c.send(path, **form)).status_code == 422
    path, form = DOORS[door](school, "2026-11-25T09:00", "прислали исправленный протокол")
    assert ask(app, school, "11-25 12:00", lambda c: c.send(path, **form)).status_code == 302
    owner = m.Work.get_by_id(work) if work else m.Lesson.get_by_id(school.lesson.id)
    assert owner.received_at.astimezone(clock.zone()).hour == 9


@pytest.mark.parametrize("received", ["2026-11-04T10:00", "2026-11-25T10:00", "вчера"])
@pytest.mark.parametrize("door", DOORS)
def test_mrk_06_results_come_after_the_work_and_not_in_the_future(app, school, door, received):
    path, form = DOORS[door](school, received, "опечатка")
    answer = ask(app, school, "11-24 12:00", lambda c: c.send(path, **form))
    assert answer.status_code == 422 and m.Lesson.get_by_id(school.lesson.id).received_at is None
    assert m.Work.get().received_at is None


def test_mrk_06_of_a_lesson_that_is_no_external_work_nothing_is_received(app, school):
    other = school.lessons[DAY + timedelta(days=4)]
    answer = ask(app, school, "11-24 12:00", lambda c: c.send(f"/lesson/{other.id}/received", received="2026-11-20T10:00"))
    assert answer.status_code == 422 and "не внешняя работа" in answer.text


@pytest.mark.parametrize("who", ["deputy", "admin", "stranger"])
def test_mrk_06_only_the_teacher_of_the_lesson_says_so(app, school, who):
    for path in (f"/lesson/{school.lesson.id}/received", f"/work/{school.work.id}/received"):
        assert ask(app, school, "11-24 12:00", lambda c, at=path: c.send(at, received="2026-11-24T10:00"), who).status_code == 403
