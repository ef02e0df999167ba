"""Д4, положение ХМАО: twenty minutes for «н», the day for the rest, three days and a week for works, view only for class teachers."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import PASSWORD, in_time, moment, verdict

PRESET = "d4_hmao"


@pytest.mark.parametrize("at, said", [("11-05 10:50", "saved"), ("11-05 10:51", "late 2.9")])
def test_d4_2_9_twenty_minutes_for_an_absence_without_reason(living, at, said):
    assert verdict(living(PRESET).put("н", at)) == said


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 00:01", True)])
def test_d4_2_5_other_codes_have_the_day(living, at, late):
    life = living(PRESET)
    life.put("б", at)
    assert m.Absence.get().late is late


@pytest.mark.parametrize("at, said", [("11-05 23:59", "saved"), ("11-06 00:01", "late 2.5")])
def test_d4_2_5_marks_within_the_school_day(living, at, said):
    assert verdict(living(PRESET).put("5", at)) == said


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 00:01", True)])
def test_d4_2_7_homework_after_lessons_without_an_hour(living, at, late):
    life = living(PRESET)
    life.lesson_form("homework", at, text="§ 12")
    assert m.Homework.get().late is late


@pytest.mark.parametrize("at, said", [("11-08 23:59", "saved"), ("11-09 00:01", "late 2.11")])
def test_d4_2_11_control_works_within_three_days(living, at, said):
    assert verdict(living(PRESET).of_kind("К").put("4", at)) == said


@pytest.mark.parametrize("at, said", [("11-12 23:59", "saved"), ("11-13 08:00", "late 2.12")])
def test_d4_2_12_written_works_within_a_week(living, at, said):
    assert verdict(living(PRESET).of_kind("С").put("4", at, reason="проверка сочинений")) == said


@pytest.mark.parametrize("at, said", [("12-21 00:01", "saved"), ("12-27 23:59", "saved"), ("12-28 00:01", "late 2.13")])
def test_d4_2_13_results_in_the_last_week_of_the_period(living, at, said):
    assert in_time(living(PRESET).result("4", at, reason="по работам периода")) == said


@pytest.mark.parametrize("value", ["н/а", "осв", "отсрочка"])
def test_d4_2_8_1_6_5_codes_of_a_period(living, value):
    assert living(PRESET).result(value, "12-24 12:00", reason="болезнь")["state"] == "saved"


def test_d4_2_5_a_missed_lesson_is_passed_by_protocol(living):
    life = living(PRESET)
    life.put("н", "11-05 10:45")
    assert verdict(life.put("4", "12-01 11:00")) == "refused 2.5"
    assert life.put("4", "12-01 11:00", protocol={"number": "3", "date": "2026-12-01"})["state"] in ("saved", "late")


def test_d4_2_4_a_class_teacher_looks_and_changes_nothing(living):
    life = living(PRESET)
    life.put("н", "11-05 10:45")
    assert life.get(f"/journal/{life.school.course.id}", "11-06 12:00", "class_teacher").status_code == 200
    assert verdict(life.put("б", "11-06 12:00", who="class_teacher")) == "refused 2.4"


def test_d4_2_3_a_teacher_keeps_the_own_journal_only(living):
    assert living(PRESET).put("5", "11-05 11:00", who="stranger")["state"] == "refused"


def test_d4_2_10_a_substitution_stands_before_the_substitute_writes(living):
    life = living(PRESET)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "refused"
    f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "saved"


# ---- 4: confidentiality ----

@pytest.mark.parametrize("at, late", [("11-05 11:00:00", False), ("11-05 11:00:01", True)])
@pytest.mark.parametrize("whom", ["head", "support"])
def test_d4_4_3_head_and_support_learn_within_an_hour_of_the_discovery(living, whom, at, late):
    life = living(PRESET)
    number = life.breach("11-05 12:00", discovered="11-05 10:00")
    life.told(number, whom, at, "11-05 12:00")
    notice = m.BreachNotice.get()
    assert (notice.late, notice.clause) == (late, "4.3")


def test_d4_4_3_friday_evening_has_an_hour_too(living):
    life = living(PRESET)
    number = life.breach("11-06 17:30", discovered="11-06 17:00")
    assert "до 6 ноября, 18:00" in life.get(f"/breach/{number}", "11-06 17:40", "admin").get_data(as_text=True)


def test_d4_4_4_operations_are_invalid_by_an_act(living):
    life = living(PRESET)
    life.put("4", "11-05 09:50")
    life.put("2", "11-05 10:30")
    number = life.breach("11-05 11:00", discovered="11-05 10:00")
    for whom, at in (("head", "11-05 10:00:00"), ("support", "11-05 10:20:00")):
        life.told(number, whom, at, "11-05 11:00")
    assert m.Mark.get().value == "4" and "приостановлены" in life.get(f"/breach/{number}", "11-05 11:10", "admin").get_data(as_text=True)
    life.send(f"/breach/{number}/act", "11-05 11:20", "admin", number="1", day="2026-11-05", chair="Иванова А. П.", members="Петров\nОрлова")
    life.send(f"/breach/{number}/approve", "11-05 11:30", "admin")
    assert "недействительны" in life.get(f"/breach/{number}", "11-05 11:40", "admin").get_data(as_text=True)


def test_d4_4_1_each_record_says_who_wrote_it_and_when_and_sign_ins_end(living):
    life = living(PRESET)
    life.put("4", "11-05 10:50")
    page = life.get(f"/journal/{life.school.course.id}/history?pupil={life.school.pupils[0].id}&lesson={life.lesson.id}", "11-05 11:00", "deputy")
    assert life.school.teacher.short_name in page.get_data(as_text=True) and "10:50" in page.get_data(as_text=True)
    with clock.frozen(moment("11-05 12:00")):
        here, there = (life.app.test_client().sign_in("teacher", PASSWORD) for _ in range(2))
        here.send("/sign-ins/end")
        assert (here.get("/journal/").status_code, there.get("/journal/").status_code) == (200, 302)


@pytest.mark.parametrize("at, said", [("11-05 10:50:00", "saved"), ("11-05 10:50:01", "late 2.9")])
def test_d4_2_9_twenty_minutes_to_the_second(living, at, said):
    assert verdict(living(PRESET).put("н", at)) == said


def test_d4_2_5_an_absence_noted_in_time_and_explained_the_next_day_is_not_late(living):
    life = living(PRESET)
    life.put("н", "11-05 10:45")
    assert life.put("б", "11-06 09:00")["state"] == "saved" and m.Absence.get().late is False


def test_d4_2_5_released_may_be_written_in_a_lesson(living):
    assert living(PRESET).put("осв", "11-05 11:00")["state"] == "saved"


@pytest.mark.parametrize("at, early, late", [("12-20 23:59", True, False), ("12-21 00:00", False, False), ("12-27 23:59:59", False, False),
                                             ("12-28 00:00", False, True)])
def test_d4_2_13_earlier_than_the_last_week_is_told_and_later_is_late(living, at, early, late):
    life = living(PRESET)
    for day in sorted(life.school.lessons)[:7]:
        f.mark(life.school.lessons[day], life.school.pupils[0], "4")
    answer = life.result("4", at)
    assert answer["state"] == ("late" if late else "saved") and m.PeriodMark.get().late is late
    assert ("раньше" in (answer["message"] or "").lower()) is early


def test_d4_1_6_5_a_deferral_in_illness_is_a_record_the_administration_sees(living):
    life = living(PRESET)
    form = {"of": life.school.school_class.id, "pupil": life.school.pupils[0].id, "period": life.school.periods[1].id,
            "course": life.school.course.id, "until": "2027-01-20", "reason": "болезнь", "paper": "приказ 12"}
    assert life.send("/deferrals/new", "12-24 12:00", who="deputy", **form).status_code == 302
    assert (m.PeriodMark.get().value, m.Deferral.get().paper) == ("отсрочка", "приказ 12")
    assert life.result("4", "2027-01-20 23:59:59", reason="сдано")["state"] == "saved"


def test_d4_1_6_6_the_results_of_an_examination_work_are_put_within_a_day_of_their_receipt(living):
    life = living(PRESET).of_kind("ВД")
    life.send(f"/lesson/{life.lesson.id}/received", "11-20 09:00", received="2026-11-20T08:00")
    assert life.put("4", "11-21 08:00", reason="пришли результаты")["state"] == "saved"
    life.put("4", "11-21 08:01", reason="пришли результаты", pupil=1)
    assert m.Mark.get(m.Mark.pupil == life.school.pupils[1]).late


def test_d4_2_10_a_used_substitution_stays_in_the_register(living):
    life = living(PRESET)
    row = f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    life.put("5", "11-05 11:00", who="substitute")
    life.send("/admin/substitution/delete/", "11-05 12:00", who="admin", id=row.id, confirm="1")
    assert m.Substitution.get().substitute_id == life.school.substitute.id
