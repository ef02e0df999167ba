"""Results reach families at once, or when the school publishes them; a hold ends by itself at the limit of the regulation."""

from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
import policies
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

MONDAY = datetime(2026, 12, 21, 10)
SECOND = timedelta(seconds=1)
HOLD = {"reason": "до педсовета"}


def living(preset):
    s = make.school(preset=preset)
    for name in ("deputy", "teacher", "class_teacher", "parent", "other_parent"):
        make.account(getattr(s, name), name, "long enough")
    return s


@pytest.fixture
def school(db):
    s = living("d4_hmao")
    with clock.frozen(MONDAY):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def put(school, at=MONDAY, **more):
    """A result of the first pupil saved at a moment."""
    values = {"course": school.course, "pupil": school.pupils[0], "period": school.periods[1], "value": "3", "entered_at": make._aware(at)}
    with m.writing(make.SYSTEM):
        return m.PeriodMark.create(**values | more)


def hold(school, period=1):
    m.ResultHold.put(make.actor(school.deputy, MONDAY), school.periods[period], [school.school_class], "до педсовета")


def seen(school, who, at):
    """Ids of the results that somebody sees at a moment."""
    with clock.frozen(at):
        return {row.id for row in policies.visible(make.user(getattr(school, who), at.date()), m.PeriodMark)}


# ---- the edges ----

@pytest.mark.parametrize("preset, hours", [("d4_hmao", 24), ("d1_asurso", 72), ("base", 24)])
def test_fin_12_fin_13_a_held_mark_comes_out_by_itself_when_the_limit_is_over(db, preset, hours):
    school = living(preset)
    row, limit = put(school), MONDAY + timedelta(hours=hours)
    hold(school)
    assert seen(school, "parent", MONDAY) == set() and seen(school, "parent", limit - SECOND) == set()
    assert seen(school, "parent", limit) == {row.id}
    assert seen(school, "teacher", MONDAY) == seen(school, "deputy", MONDAY) == seen(school, "class_teacher", MONDAY) == {row.id}


def test_fin_12_without_a_hold_a_mark_is_there_at_once(school):
    row = put(school)
    assert seen(school, "parent", MONDAY) == {row.id} and seen(school, "other_parent", MONDAY) == set()


def test_fin_12_a_hold_concerns_its_period_and_class_alone(school):
    first, other = put(school, period=school.periods[0]), put(school, pupil=school.foreign_pupil, course=school.foreign_course)
    held, foreign = put(school), make.guardian(school.foreign_pupil, "Третьякова")
    school.foreign = foreign
    hold(school)
    assert seen(school, "parent", MONDAY) == {first.id} and seen(school, "foreign", MONDAY) == {other.id}
    m.ResultHold.lift(make.actor(school.deputy, MONDAY), school.periods[1], [school.school_class])
    assert seen(school, "parent", MONDAY) == {first.id, held.id}


@pytest.mark.parametrize("severity, value, comes", [("off", "PT24H", False), ("report", "none", False), ("report", "P2D", True)])
def test_fin_13_without_a_limit_a_hold_lasts_until_it_is_lifted(db, severity, value, comes):
    school = living("d4_hmao")
    row = put(school)
    hold(school)
    version = school.regulation
    version.values["rules"]["final.publish_limit"] |= {"severity": severity, "value": value}
    with m.writing(make.SYSTEM):
        version.save()
    assert seen(school, "parent", MONDAY + timedelta(hours=48) - SECOND) == set()
    assert seen(school, "parent", MONDAY + timedelta(days=20)) == ({row.id} if comes else set())


def test_fin_13_the_last_period_holds_the_year_the_exam_and_the_final_mark(school):
    rows = {kind: put(school, period=None, kind=kind) for kind in ("year", "exam", "final")}
    assert seen(school, "parent", MONDAY) == {row.id for row in rows.values()}
    hold(school, 1)
    assert seen(school, "parent", MONDAY) == {row.id for row in rows.values()}
    hold(school, 3)
    assert seen(school, "parent", MONDAY) == set()
    assert seen(school, "parent", MONDAY + timedelta(hours=24)) == {row.id for row in rows.values()}


def test_fin_13_results_of_an_exam_are_counted_from_their_receipt(school):
    row = put(school, period=None, kind="exam")
    hold(school, 3)
    school.course.receive_exam(make.actor(school.teacher, MONDAY), make._aware(MONDAY - timedelta(hours=10)))
    limit = MONDAY + timedelta(hours=14)
    assert seen(school, "parent", limit - SECOND) == set() and seen(school, "parent", limit) == {row.id}


def test_fin_13_the_teacher_tells_when_the_results_of_the_exam_came(app, school):
    make.lesson(school.course, school.teacher, date(2027, 5, 20))
    with clock.frozen(datetime(2027, 5, 24, 12)):
        client, path = entering(app, "teacher"), f"/results/{school.course.id}/received"
        client.send(path, received="2027-05-24T11:30")
        assert m.Course.get_by_id(school.course.id).exam_received_at == make._aware(datetime(2027, 5, 24, 11, 30))
        assert 'value="2027-05-24T11:30"' in client.get(f"/results/{school.course.id}?period=year").text
        page = client.get(client.send(path, received="2027-05-24T12:30").location)
        assert "не могли прийти позже" in text(page) and client.send(path, received="x").status_code == 400
        assert entering(app, "class_teacher").send(path, received="").status_code == 403


# ---- the doors ----

def test_fin_12_every_door_of_a_family_keeps_a_held_mark(app, school):
    put(school)
    put(school, pupil=school.pupils[1])
    deputy, period = entering(app, "deputy"), school.periods[1]
    chosen = {"class": school.school_class.id}
    assert deputy.send(f"/control/{period.id}/hold", **chosen, reason=" ").status_code == 422
    assert "семьи пока не видят" in text(deputy.get(deputy.send(f"/control/{period.id}/hold", **chosen, **HOLD).location))
    pages = [f"/diary/{school.pupils[0].id}/results", f"/diary/{school.pupils[0].id}/marks?period={period.id}"]
    for page in pages:
        assert "<b>3</b>" not in entering(app, "parent").get(page).text, page
        assert "<b>3</b>" in entering(app, "class_teacher").get(page).text, page
    assert "Пока не показано семьям: II четверть" in text(entering(app, "parent").get(pages[0]))
    deputy.send(f"/control/{period.id}/publish", **chosen)
    assert "<b>3</b>" in entering(app, "parent").get(pages[0]).text
    row = m.ResultHold.get()
    assert (row.set_by_id, row.lifted_by_id, row.reason) == (school.deputy.id, school.deputy.id, "до педсовета")


def test_a_hold_costs_a_family_no_statement_more_for_ten_marks_than_for_one(app, school):
    put(school)
    hold(school)
    client, path = entering(app, "parent"), f"/diary/{school.pupils[0].id}/results"
    client.get(path)
    with counted() as few:
        client.get(path)
    for number in range(9):
        put(school, course=make.course(school.unit, f"Предмет {number}", school.teacher))
    with counted() as many:
        client.get(path)
    assert len(many) == len(few)


def test_a_teacher_who_is_a_parent_sees_at_work_what_the_family_does_not_yet(school):
    row = put(school)
    with m.writing(make.SYSTEM):
        m.Guardianship.create(guardian=school.teacher, pupil=school.pupils[0], relation="мать")
    other = put(school, course=make.course(school.unit, "Химия", school.stranger))
    hold(school)
    assert seen(school, "teacher", MONDAY) == {row.id}
    assert seen(school, "teacher", MONDAY + timedelta(hours=24)) == {row.id, other.id}
