"""Д1, положение о работе в АСУ РСО: the day of the lesson, 7 and 14 days, no «н/а», results two days before the end."""

import pytest

import models as m
from tests import factories as f
from tests.regulation.conftest import in_time, verdict

PRESET = "d1_asurso"


@pytest.mark.parametrize("at, said", [("11-05 23:59", "saved"), ("11-06 00:01", "late 4.4.1")])
def test_d1_4_4_1_marks_on_the_day_of_the_lesson(living, at, said):
    assert verdict(living(PRESET).put("5", at)).startswith(said)


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 00:01", True)])
def test_d1_4_4_2_absentees_on_the_day_of_the_lesson(living, at, late):
    life = living(PRESET)
    assert life.lesson_form("attendance", at).attendance_late is late


@pytest.mark.parametrize("code", ["К", "С"])
@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 08:00", True)])
def test_d1_4_4_1_control_and_written_works_are_no_exception(living, code, at, late):
    life = living(PRESET).of_kind(code)
    life.put("4", at)
    assert m.Mark.get().late is late


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 08:00", True)])
def test_d1_4_4_5_homework_daily(living, at, late):
    life = living(PRESET)
    life.lesson_form("homework", at, text="§ 12")
    assert m.Homework.get().late is late


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 08:00", True)])
def test_d1_4_4_1_the_topic_on_the_day_of_the_lesson(living, at, late):
    assert living(PRESET).lesson_form("topic", at, topic="Степень с натуральным показателем").topic_late is late


@pytest.mark.parametrize("at, said", [("11-12 12:00", "late"), ("11-13 12:00", "reason_required"), ("11-19 12:00", "reason_required"),
                                      ("11-20 12:00", "refused")])
def test_d1_3_6_4_1_11_seven_days_free_fourteen_with_a_reason_then_closed(living, at, said):
    assert living(PRESET).put("5", at)["state"] == said


@pytest.mark.parametrize("at, said", [("11-13 12:00", "late"), ("11-19 23:59", "late"), ("11-20 00:01", "refused")])
def test_d1_3_6_a_reason_opens_days_8_to_14_and_no_more(living, at, said):
    answer = living(PRESET).put("5", at, reason="ошибка в записи")
    assert answer["state"] == said and (said != "refused" or "3.6" in answer["clause"])


@pytest.mark.parametrize("at, late", [("11-20 12:00", False), ("11-21 14:00", True)])
def test_d1_4_4_12_external_works_a_day_after_their_results(living, at, late):
    life = living(PRESET).of_kind("ВД", received="11-20 13:00" if late else "11-20 08:00")
    assert life.put("4", at)["state"] == ("late" if late else "saved")


@pytest.mark.parametrize("value", ["н/а", "осв"])
def test_d1_5_3_no_unattested_and_no_released(living, value):
    answer = living(PRESET).result(value, "12-23 12:00")
    assert verdict(answer) == "refused 5.3" and answer["message"]


def test_d1_5_3_released_is_not_written_in_a_lesson_either(living):
    assert verdict(living(PRESET).put("осв", "11-05 11:00")) == "refused 5.3"


def test_d1_5_3_passing_later_leaves_the_absence_and_needs_a_protocol(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.put("4", "12-05 11:00", reason="сдано")["state"] == "refused"
    assert life.put("4", "12-05 11:00", protocol={"number": "3", "date": "2026-12-05"})["state"] in ("saved", "late")
    assert (m.Absence.get().code, m.Mark.get().value) == ("н", "4")


@pytest.mark.parametrize("at, late", [("12-25 23:59", False), ("12-26 00:01", True)])
def test_d1_5_4_results_two_days_before_the_end_of_the_period(living, at, late):
    assert in_time(living(PRESET).result("4", at, reason="по работам периода")) == ("late 5.4" if late else "saved")


@pytest.mark.parametrize("grade, said", [(1, "refused 3.9"), (2, "refused 3.9"), (3, "saved")])
def test_d1_3_9_no_marks_in_grade_1_and_the_first_half_of_grade_2(living, grade, said):
    assert verdict(living(PRESET).of_grade(grade).put("5", "11-05 11:00")) == said


def test_d1_3_9_no_homework_there_and_attendance_goes_on(living):
    life = living(PRESET).of_grade(1)
    life.lesson_form("homework", "11-05 11:00", text="§ 1")
    assert life.answer.status_code == 422 and not m.Homework.select().exists()
    assert life.put("н", "11-05 11:00")["state"] == "saved"


def test_d1_4_3_6_a_class_teacher_mends_the_reason_of_an_absence_and_nothing_else(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.put("б", "11-06 12:00", who="class_teacher")["state"] == "saved"
    assert life.put("5", "11-06 12:00", who="class_teacher", pupil=1)["state"] == "refused"


def test_d1_4_4_3_a_substitute_writes_the_lesson_lent_and_no_other(living):
    life = living(PRESET)
    f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    other = next(lesson for day, lesson in life.school.lessons.items() if lesson.id != life.lesson.id)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "saved"
    assert life.put("5", "11-05 11:00", who="substitute", lesson=other)["state"] == "refused"


def test_d1_4_4_10_a_topic_that_is_not_russian_is_told(living):
    life = living(PRESET)
    life.lesson_form("topic", "11-05 11:00", topic="My favourite season")
    page = life.get(f"/lesson/{life.lesson.id}", "11-05 11:01").get_data(as_text=True)
    assert m.Lesson.get_by_id(life.lesson.id).topic == "My favourite season" and "My favourite season" in page


def test_d1_3_8_a_family_sees_its_own_child_only(living):
    life = living(PRESET)
    assert [life.get(f"/diary/{pupil.id}/marks", "11-05 19:00", "parent").status_code for pupil in life.school.pupils[:2]] == [200, 403]


def test_d1_6_1_a_closed_period_takes_nothing_from_anybody(living):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=life.school.periods[1], school_class=life.school.school_class, closed_by=life.school.deputy,
                               closed_at=f.SYSTEM.at, reason="приказ 44")
    assert life.put("5", "11-05 11:00")["state"] == "refused"
    assert life.result("5", "12-24 11:00")["state"] == "refused"
