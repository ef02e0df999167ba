"""Lessons, marks, absences, homework and period marks in the administrative screens: the grid's rules, verdicts and history."""

from datetime import date

import pytest

import clock
import history
import models as m
from tests import factories as make
from tests.views.admin_school import entered, filled

TODAY = date(2026, 12, 17)


@pytest.fixture
def s(db):
    with clock.frozen(make.NOW):
        yield filled()


@pytest.fixture
def today(s):
    return s.lessons[TODAY]


def send(client, path, **form):
    return client.send(f"/admin/{path}", **form)


def mark_of(lesson, pupil):
    return [row.value for row in m.Mark.select().where((m.Mark.lesson == lesson) & (m.Mark.pupil == pupil)).order_by(m.Mark.position)]


def test_a_mark_is_put_as_in_the_grid(app, s, today):
    answer = send(entered(app, "teacher"), "mark/new/", lesson=today.id, pupil=s.pupils[1].id, value="4/5")
    assert answer.status_code == 302
    assert mark_of(today, s.pupils[1]) == ["4", "5"]
    row = m.Mark.get((m.Mark.lesson == today) & (m.Mark.pupil == s.pupils[1]))
    assert (row.entered_by_id, row.late) == (s.teacher.id, False)


def test_mrk_08_a_change_after_the_window_is_refused_with_its_clause(app, s):
    old = s.lessons[date(2026, 11, 4)]
    make.mark(old, s.pupils[0], "3")
    row = m.Mark.get((m.Mark.lesson == old) & (m.Mark.pupil == s.pupils[0]))
    answer = send(entered(app, "teacher"), f"mark/edit/?id={row.id}", value="5", why="")
    assert answer.status_code == 422 and "п. " in answer.text and 'value="5"' in answer.text
    assert mark_of(old, s.pupils[0]) == ["3"]


def test_a_value_outside_the_scale_is_refused(app, s, today):
    answer = send(entered(app, "teacher"), "mark/new/", lesson=today.id, pupil=s.pupils[1].id, value="7")
    assert answer.status_code == 422 and mark_of(today, s.pupils[1]) == []


def test_a_mark_taken_out_leaves_the_rest_of_the_cell(app, s, today):
    client = entered(app, "teacher")
    send(client, "mark/new/", lesson=today.id, pupil=s.pupils[1].id, value="4/5")
    row = m.Mark.get((m.Mark.lesson == today) & (m.Mark.value == "4"))
    send(client, "mark/delete/", id=row.id, confirm="1")
    assert mark_of(today, s.pupils[1]) == ["5"]


@pytest.mark.parametrize("who", ["admin", "deputy", "director", "secretary", "class_teacher", "stranger"])
def test_acc_06_whoever_does_not_give_the_lesson_writes_nothing(app, s, today, who):
    client, before = entered(app, who), m.Act.select().count()
    row = m.Mark.get(m.Mark.lesson == s.lessons[date(2026, 12, 16)])
    assert send(client, "mark/new/", lesson=today.id, pupil=s.pupils[1].id, value="5").status_code in (403, 422)
    assert send(client, f"mark/edit/?id={row.id}", value="2").status_code == 403
    assert send(client, "mark/delete/", id=row.id, confirm="1").status_code == 403
    assert send(client, "homework/new/", lesson=today.id, text="взлом").status_code in (403, 422)
    assert send(client, f"lesson/edit/?id={today.id}", topic="взлом").status_code == 403
    assert (m.Act.select().count(), mark_of(today, s.pupils[1])) == (before, [])


def test_sub_01_a_substitute_writes_that_lesson_only(app, s):
    client = entered(app, "substitute")
    lent, other = s.foreign_lessons[date(2026, 12, 16)], s.foreign_lessons[date(2026, 12, 14)]
    make.appoint(s.substitute, "T")
    assert send(client, "mark/new/", lesson=lent.id, pupil=s.foreign_pupil.id, value="4/5").status_code == 302
    assert send(client, "mark/new/", lesson=other.id, pupil=s.foreign_pupil.id, value="4").status_code == 422


def test_acc_05_a_class_teacher_says_why_and_nothing_else(app, s):
    row = m.Absence.get(m.Absence.lesson == s.lessons[date(2026, 12, 16)])
    answer = send(entered(app, "class_teacher"), f"absence/edit/?id={row.id}", code="б", why="справка 12")
    assert answer.status_code == 302
    after = m.Absence.get_by_id(row.id)
    assert (after.code, after.reason) == ("б", "справка 12")
    life = history.of_row(m.db, "absence", row.id)
    assert [entry[1] for entry in life][-1] == s.class_teacher.short_name


def test_plan_topics_and_works_of_a_lesson(app, s, today):
    client = entered(app, "teacher")
    topic = m.PlanTopic.get(m.PlanTopic.number == 1)
    answer = send(client, f"lesson/edit/?id={today.id}", topic="Одночлены", plan_topic=topic.id, kind=s.kinds["С"].id, work_topic="")
    assert answer.status_code == 302
    after = m.Lesson.get_by_id(today.id)
    assert (after.topic, after.plan_topic_id, after.kind_id, after.state) == ("Одночлены", topic.id, s.kinds["С"].id, "held")
    assert send(client, "work/new/", lesson=today.id, kind=s.kinds["К"].id, title="Тест").status_code == 302
    assert m.Work.get(m.Work.lesson == today).title == "Тест"


def test_hw_04_nothing_set_is_said_and_not_left_empty(app, s, today):
    client = entered(app, "teacher")
    assert send(client, "homework/new/", lesson=today.id, text="").status_code == 422
    assert send(client, "homework/new/", lesson=today.id, text="", not_set="1").status_code == 302
    assert m.Homework.get(m.Homework.lesson == today).not_set


def test_a_comment_is_written_and_taken_back(app, s, today):
    client = entered(app, "teacher")
    assert send(client, "remark/new/", lesson=today.id, pupil=s.pupils[1].id, text="Забыла тетрадь").status_code == 302
    row = m.Remark.get((m.Remark.lesson == today) & (m.Remark.pupil == s.pupils[1]))
    send(client, "remark/delete/", id=row.id, confirm="1")
    assert not m.Remark.select().where(m.Remark.id == row.id).exists()


def test_a_period_mark_that_departs_asks_why(app, s):
    for day in (date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 7)):
        make.mark(s.lessons[day], s.pupils[2], "3")
    client = entered(app, "teacher")
    form = {"course": s.course.id, "pupil": s.pupils[2].id, "period": s.periods[1].id, "value": "5"}
    answer = send(client, "period_mark/new/", **form)
    assert answer.status_code == 422 and not m.PeriodMark.select().where(m.PeriodMark.period == s.periods[1]).exists()
    assert send(client, "period_mark/new/", **form, why="олимпиада").status_code in (302, 422)


def test_a_planner_cancels_moves_and_takes_back(app, s):
    client, lesson = entered(app, "deputy"), s.lessons[date(2026, 12, 23)]
    client.send(f"/admin/lesson/cancel/?id={lesson.id}", reason="")
    assert m.Lesson.get_by_id(lesson.id).state == "planned"
    client.send(f"/admin/lesson/cancel/?id={lesson.id}", reason="актированный день")
    assert m.Lesson.get_by_id(lesson.id).state == "cancelled"
    client.send(f"/admin/lesson/restore/?id={lesson.id}")
    client.send(f"/admin/lesson/move/?id={lesson.id}", day="2026-12-25", number="2", reason="экскурсия")
    moved = m.Lesson.get((m.Lesson.course == s.course) & (m.Lesson.day == date(2026, 12, 25)))
    assert (moved.number, moved.teacher_id) == (2, s.teacher.id)
    for wrong in ({"day": "вчера"}, {"number": "первый"}, {"day": ""}):
        form = {"day": "2026-12-26", "number": "2", "reason": "экскурсия"} | wrong
        assert client.send(f"/admin/lesson/move/?id={moved.id}", **form).status_code == 302
    assert m.Lesson.get_by_id(moved.id).state == "planned"


@pytest.mark.parametrize("who", ["teacher", "class_teacher", "secretary"])
def test_only_planners_change_the_plan_of_the_day(app, s, who):
    lesson = s.lessons[date(2026, 12, 23)]
    assert entered(app, who).send(f"/admin/lesson/cancel/?id={lesson.id}", reason="взлом").status_code == 403


def test_a_lesson_outside_the_timetable(app, s):
    client, form = entered(app, "deputy"), {"day": "2026-12-19", "number": "2"}
    assert send(client, "lesson/new/", course=s.course.id, teacher=s.teacher.id, **form).status_code == 302
    assert m.Lesson.get(m.Lesson.day == date(2026, 12, 19)).by_hand
    assert send(client, "lesson/new/", course=s.course.id, teacher=s.teacher.id, **form).status_code == 422
    assert send(entered(app, "teacher"), "lesson/new/", course=s.course.id, **form).status_code == 403


def test_the_chain_holds_after_it_all(app, s, today):
    send(entered(app, "teacher"), "mark/new/", lesson=today.id, pupil=s.pupils[1].id, value="4")
    m.verify()
