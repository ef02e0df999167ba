"""The server's side of the queue: a save applied once, judged by the right moment, never for another account, and both its moments kept."""

import re
from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
from rulebook.entries import version_of
from tests import factories as f
from tests.statements import counted

PASSWORD = "demo-demo"
DAY = date(2026, 12, 17)
TYPED, ARRIVED = datetime(2026, 12, 17, 10, 45), datetime(2026, 12, 18, 9, 0)


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "substitute", "class_teacher", "deputy", "parent"):
        f.account(getattr(s, name), name, PASSWORD)
    f.substitution(s.lessons[DAY], s.substitute, s.teacher)
    with m.writing(f.SYSTEM):
        m.School.update(idle_minutes=0).execute()
    return s


@pytest.fixture
def client(school, app):
    with clock.frozen(f.NOW):
        yield app.test_client().sign_in("teacher", PASSWORD)


def milliseconds(moment):
    return moment.replace(tzinfo=clock.zone()).timestamp() * 1000


def send(client, school, value, at=ARRIVED, typed=TYPED, wrong=timedelta(), lesson="cells", **more):
    """A cell typed at one moment that reaches the server at another, from a machine whose clock is wrong by so much."""
    cell = {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id, "value": value, "typed": milliseconds(typed + wrong),
            "offset": -wrong.total_seconds() * 1000, **more}
    with clock.frozen(at):
        token = client.get("/queue").get_json()["token"]
        answer = client.post(f"/journal/{school.course.id}/cells", json={"cells": [cell], "clock": milliseconds(at + wrong)},
                             headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["cells"][0]


def local(moment):
    return moment.astimezone(clock.zone()).replace(tzinfo=None)


def by_typing(**more):
    """From tomorrow on the school judges by the moment of typing."""
    return f.regulation("d1_asurso", starts=DAY, offline__judge_by="typed", **more)


# ---- which moment counts ----

def test_a_mark_that_waited_is_late_when_the_regulation_counts_its_arrival(school, client):
    assert send(client, school, "5")["state"] == "late"
    assert [(local(row.typed_at), local(row.entered_at), row.late) for row in m.Mark.select()] == [(TYPED, ARRIVED, True)]


def test_a_mark_typed_in_time_is_in_time_where_the_regulation_counts_the_typing(school, client):
    by_typing()
    assert send(client, school, "5")["state"] == "saved"
    assert [(local(row.typed_at), local(row.entered_at), row.late) for row in m.Mark.select()] == [(TYPED, ARRIVED, False)]


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-400)])
def test_a_wrong_clock_of_the_machine_does_not_matter(school, client, wrong):
    by_typing()
    assert send(client, school, "5", wrong=wrong)["state"] == "saved"
    assert local(m.Mark.get().typed_at) == TYPED


def test_a_clock_that_was_set_meanwhile_tells_nothing(school, client):
    by_typing()
    assert send(client, school, "5", offset=-3_600_000)["state"] == "late"
    assert m.Mark.get().typed_at is None


@pytest.mark.parametrize("typed", [ARRIVED + timedelta(hours=2), ARRIVED - timedelta(seconds=30), ARRIVED - timedelta(days=90)])
def test_what_cannot_be_or_was_typed_just_now_leaves_no_second_moment(school, client, typed):
    by_typing()
    send(client, school, "5", typed=typed)
    assert m.Mark.get().typed_at is None


def test_typed_longer_ago_than_allowed_is_judged_by_arrival(school, client):
    by_typing(offline__typed_limit=4)
    assert send(client, school, "5")["state"] == "late"
    assert local(m.Mark.get().typed_at) == TYPED


@pytest.mark.parametrize("typed", ["soon", None, [], 1e300, "nan", True])
def test_a_moment_nobody_understands_never_costs_the_mark(school, client, typed):
    with clock.frozen(f.NOW):
        answer = client.send_json(f"/journal/{school.course.id}/cells", {"clock": typed, "cells": [
            {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id, "value": "5", "typed": typed, "offset": typed}]})
    assert answer.get_json()["cells"][0]["state"] == "saved"


def test_a_period_closed_meanwhile_refuses_whatever_the_time_of_typing(school, client):
    by_typing()
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=f.SYSTEM.at, closed_by=school.deputy)
    answer = send(client, school, "5")
    assert answer["state"] == "refused" and m.Mark.select().count() == 0


def test_the_history_of_the_cell_shows_both_moments(school, client):
    send(client, school, "5")
    send(client, school, "", typed=TYPED + timedelta(hours=1))
    place = {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id}
    with clock.frozen(ARRIVED):
        cleared, first = client.get(f"/journal/{school.course.id}/history", query_string=place,
                                    headers={"Accept": "application/json"}).get_json()["lines"]
        page = client.get(f"/journal/{school.course.id}/history", query_string=place).get_data(as_text=True)
    assert "9:00" in first["at"] and "10:45" in first["typed"]
    assert cleared["now"] is None and "набрано 17.12.2026 в 11:45" in cleared["why"]
    assert "Набрано без связи" in page
    assert m.verify()["acts"] > 0


# ---- once ----

def test_a_batch_sent_twice_is_applied_once_and_history_shows_it_once(school, client):
    before = m.History.select().count()
    first, again = (send(client, school, "5", key="a", seen="0") for _ in range(2))
    assert (first["state"], again["state"], again["wrote"]) == ("late", "saved", version_of("5"))
    assert m.History.select().where(m.History.tbl == "mark").count() == 1 and m.Mark.select().count() == 1
    assert m.History.select().count() > before


def test_a_repeated_save_never_covers_what_another_wrote_meanwhile(school, client, app):
    first = send(client, school, "5", key="a", seen="0")
    with clock.frozen(ARRIVED):
        other = app.test_client().sign_in("substitute", PASSWORD)
    send(other, school, "3", seen=first["version"])
    again = send(client, school, "5", key="a", seen="0")
    assert (again["value"], again["wrote"]) == ("3", first["version"])
    assert send(client, school, "4", key="b", seen=again["wrote"])["state"] == "conflict"
    assert [row.value for row in m.Mark.select()] == ["3"]


def test_keys_outlive_the_longest_wait(school, client):
    send(client, school, "5", key="a")
    by = f.actor(school.teacher, ARRIVED + timedelta(days=59))
    m.CellKey.update(id=999).execute()
    m.CellKey.keep(by, {"b": ""})
    assert m.CellKey.known(by, ["a"]) == {"a": version_of("5")}


def test_a_refused_save_leaves_its_key_free(school, client):
    with m.writing(f.SYSTEM):
        school.lessons[DAY].state = "cancelled"
        school.lessons[DAY].save()
    assert send(client, school, "5", key="a")["state"] == "refused"
    with m.writing(f.SYSTEM):
        m.Lesson.update(state="planned").where(m.Lesson.id == school.lessons[DAY].id).execute()
    assert send(client, school, "5", key="a")["state"] == "late"


# ---- whose ----

def test_another_account_never_saves_what_the_first_one_typed(school, client, app):
    with clock.frozen(f.NOW):
        own = client.get("/queue").headers["X-Account"]
        other = app.test_client().sign_in("substitute", PASSWORD)
        cell = {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id, "value": "5"}
        answer = other.post(f"/journal/{school.course.id}/cells", json={"cells": [cell]},
                            headers={"X-CSRFToken": other.token(), "X-Account": own})
        assert other.get("/queue").headers["X-Account"] != own
    assert answer.status_code == 409 and m.Mark.select().count() == 0


def test_an_ended_session_answers_the_queue_in_its_own_words(school, client):
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    answer = client.get("/queue", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.is_json) == (401, True)


def test_only_pages_of_own_courses_may_be_kept(school, client, app):
    with clock.frozen(f.NOW):
        def kept(who, path):
            answer = app.test_client().sign_in(who, PASSWORD).get(path)
            assert "X-Account" in answer.headers
            return answer.headers.get("X-Keep")

        grid, lesson = f"/journal/{school.course.id}", f"/lesson/{school.lessons[DAY].id}"
        assert (kept("teacher", grid), kept("teacher", lesson), kept("substitute", lesson)) == ("own", "own", "own")
        assert {kept(who, path) for who in ("class_teacher", "deputy") for path in (grid, lesson)} == {None}
        assert (kept("teacher", "/journal/"), kept("teacher", "/me"), kept("parent", "/diary/")) == (None, None, None)


def test_the_worker_and_its_page_hold_nothing_personal(school, client, app):
    worker = client.get("/sw.js")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert "worker-src 'self'" in worker.headers["Content-Security-Policy"]
    signed_in, stranger = (each.get("/offline") for each in (client, app.test_client()))
    assert signed_in.get_data() == stranger.get_data() and "Алгебраева" not in signed_in.get_data(as_text=True)
    assert "X-Account" not in stranger.headers


# ---- the forms of the lesson page ----

def form(client, school, section, at=f.NOW, **fields):
    with clock.frozen(at):
        return client.post(f"/lesson/{school.lessons[DAY].id}/{section}", data={"csrf_token": client.token(), **fields},
                           headers={"Accept": "application/json"})


def test_a_form_of_the_lesson_is_applied_once_and_answered_as_a_cell_is(school, client):
    answers = [form(client, school, "topic", topic="Квадратные корни", key="a", seen="0") for _ in range(2)]
    assert [answer.get_json()["state"] for answer in answers] == ["saved", "saved"]
    assert (answers[0].get_json()["version"], answers[1].get_json()["wrote"]) == (version_of("Квадратные корни"),) * 2
    assert m.Lesson.get_by_id(school.lessons[DAY].id).topic == "Квадратные корни"
    assert m.History.select().where((m.History.tbl == "lesson") & m.History.new.contains("Квадратные")).count() == 1


def test_a_topic_another_wrote_meanwhile_is_a_conflict(school, client):
    form(client, school, "topic", topic="Корни", key="a", seen="0")
    answer = form(client, school, "topic", topic="Степени", key="b", seen="0")
    assert (answer.status_code, answer.get_json()["state"], answer.get_json()["value"]) == (422, "conflict", "Корни")
    assert form(client, school, "topic", topic="Степени", key="b", seen=answer.get_json()["version"]).get_json()["state"] == "saved"


def test_attendance_that_another_changed_meanwhile_is_a_conflict(school, client):
    pupil = school.pupils[0]
    f.absence(school.lessons[DAY], pupil, "б")
    answer = form(client, school, "attendance", **{f"c-{pupil.id}": "н", f"s-{pupil.id}": "", "key": "a"})
    assert answer.get_json()["state"] == "conflict" and [row.code for row in m.Absence.select()] == ["б"]
    assert form(client, school, "attendance", **{f"c-{pupil.id}": "н", f"s-{pupil.id}": "б", "key": "a"}).get_json()["state"] == "saved"


def test_homework_that_waited_keeps_both_moments(school, client):
    times = {"typed": milliseconds(TYPED), "clock": milliseconds(ARRIVED), "key": "a"}
    assert form(client, school, "homework", ARRIVED, text="Упр. 12, с. 40", **times).get_json()["state"] in ("saved", "late")
    assert (local(m.Homework.get().typed_at), local(m.Homework.get().entered_at)) == (TYPED, ARRIVED)
    assert re.search("набрано 17.12.2026 в 10:45", m.Act.select().order_by(m.Act.id.desc()).first().why)


# ---- what it costs ----

@pytest.mark.parametrize("pupils", [3, 30])
def test_the_first_30_cells_of_a_planned_lesson_take_at_most_12_statements(db, app, pupils):
    s = f.school(pupils)
    f.account(s.teacher, "teacher", PASSWORD)
    with clock.frozen(f.NOW):
        browser = app.test_client().sign_in("teacher", PASSWORD)
        token = browser.token()
        cells = [{"pupil": pupil.id, "lesson": s.lessons[DAY].id, "value": "5", "seen": "0", "key": f"k{pupil.id}",
                  "typed": milliseconds(f.NOW - timedelta(hours=1)), "offset": 0} for pupil in s.pupils]
        with counted() as sent:
            browser.post(f"/journal/{s.course.id}/cells", json={"cells": cells, "clock": milliseconds(f.NOW)},
                         headers={"X-CSRFToken": token})
    assert len(sent) <= 12, sent
    assert m.Mark.select().count() == pupils and m.Lesson.get_by_id(s.lessons[DAY].id).state == "held"


def test_a_column_sent_again_after_a_lost_answer_names_the_one_it_made(client, school):
    form = {"lesson": school.lessons[DAY].id, "kind": school.kinds["К"].id, "title": "Диктант", "key": "k-17"}
    token, json = client.token(), {"Accept": "application/json"}
    first, again = (client.post(f"/journal/{school.course.id}/works", data={"csrf_token": token, **form}, headers=json).get_json()
                    for _ in range(2))
    assert again["wrote"] == f"work {first['work']['id']}" and m.Work.select().count() == 1
