"""Д3, дополнения к должностным инструкциям: the school day, an hour and a half for homework, three days and a week for works."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import PASSWORD, in_time, moment, verdict

PRESET = "d3_shalazhi"


@pytest.mark.parametrize("at, said", [("11-05 23:59", "saved"), ("11-06 00:01", "late II.2")])
def test_d3_ii_2_marks_within_the_school_day(living, at, said):
    assert verdict(living(PRESET).put("5", at)) == said


@pytest.mark.parametrize("at, late", [("11-05 12:45", False), ("11-05 12:46", True)])
def test_d3_ii_4_homework_an_hour_and_a_half_after_the_classs_lessons(living, at, late):
    life = living(PRESET)
    life.lesson_form("homework", at, text="§ 12")
    assert m.Homework.get().late is late


@pytest.mark.parametrize("at, late", [("11-05 14:15", False), ("11-05 15:46", True)])
def test_d3_ii_4_counts_from_the_last_lesson_of_the_class_that_day(living, at, late):
    life = living(PRESET)
    f.lesson(f.course(life.school.unit, "Труд", life.school.stranger), life.school.stranger, life.lesson.day, 6)
    life.lesson_form("homework", at, text="§ 12")
    assert m.Homework.get().late is late


@pytest.mark.parametrize("at, late", [("11-05 23:59", False), ("11-06 08:00", True)])
def test_d3_ii_7_absentees_on_the_day_by_each_teacher(living, at, late):
    assert living(PRESET).lesson_form("attendance", at).attendance_late is late


@pytest.mark.parametrize("at, said", [("11-08 23:59", "saved"), ("11-09 00:01", "late II.9")])
def test_d3_ii_9_control_works_within_three_days(living, at, said):
    assert verdict(living(PRESET).of_kind("К").put("4", at)) == said


@pytest.mark.parametrize("at, said", [("11-12 23:59", "saved"), ("11-13 08:00", "late II.10")])
def test_d3_ii_10_written_works_within_a_week(living, at, said):
    assert verdict(living(PRESET).of_kind("С").put("4", at, reason="проверка сочинений")) == said


def test_d3_ii_2_a_missed_lesson_is_passed_by_protocol_and_the_absence_stays(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert verdict(life.put("4", "12-01 11:00")) == "refused II.2"
    assert life.put("4", "12-01 11:00", protocol={"number": "3", "date": "2026-12-01"})["state"] in ("saved", "late")
    assert (m.Absence.get().code, m.Mark.get().value) == ("н", "4")


@pytest.mark.parametrize("at, said", [("12-21 00:01", "saved"), ("12-27 23:59", "saved"), ("12-28 00:01", "late II.11")])
def test_d3_ii_11_results_in_the_last_week_of_the_period(living, at, said):
    assert in_time(living(PRESET).result("4", at, reason="по работам периода")) == said


@pytest.mark.parametrize("value", ["н/а", "осв"])
def test_d3_ii_5_codes_of_a_period(living, value):
    assert living(PRESET).result(value, "12-24 12:00")["state"] == "saved"


def test_d3_i_5_a_class_teacher_looks_and_changes_nothing(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.get(f"/journal/{life.school.course.id}", "11-06 12:00", "class_teacher").status_code == 200
    assert verdict(life.put("б", "11-06 12:00", who="class_teacher")) == "refused I.5"


def test_d3_ii_1_a_teacher_keeps_the_own_journal_only(living):
    assert living(PRESET).put("5", "11-05 11:00", who="stranger")["state"] == "refused"


def test_d3_ii_8_a_substitution_stands_before_the_substitute_writes(living):
    life = living(PRESET)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "refused"
    f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    assert life.put("5", "11-05 11:00", who="substitute")["state"] == "saved"


@pytest.mark.parametrize("text, told", [("повторить", True), ("§ 12, № 4 письменно", False)])
def test_d3_ii_6_homework_that_a_family_may_not_understand_is_told(living, text, told):
    life = living(PRESET)
    with clock.frozen(moment("11-05 11:00")):
        client = life.app.test_client().sign_in("teacher", PASSWORD)
        client.send(f"/lesson/{life.lesson.id}/homework", text=text)
        page = client.get(f"/lesson/{life.lesson.id}").get_data(as_text=True)
    assert m.Homework.get().text == text and ("Семья может не понять" in page) is told


# ---- confidentiality ----

@pytest.mark.parametrize("week, at, late", [(5, "11-16 23:59:59", False), (5, "11-17 00:00:01", True),
                                            (6, "11-14 23:59:59", False), (6, "11-15 00:00:01", True)])
@pytest.mark.parametrize("hour", ["16:00", "17:00"])
def test_d3_i_11_ii_16_a_working_day_after_the_day_of_learning(living, week, hour, at, late):
    """Learned on Friday 13 November, at whatever hour."""
    life = living(PRESET).of_week(week)
    number = life.breach("11-13 18:00", discovered=f"11-13 {hour}")
    life.told(number, "support", at, "11-18 12:00")
    notice = m.BreachNotice.get()
    assert (notice.late, notice.clause) == (late, "I.11, II.16")


@pytest.mark.parametrize("at, late", [("11-17 23:59:59", False), ("11-18 00:00:01", True)])
def test_d3_i_11_ii_16_a_holiday_on_monday_is_no_working_day(living, at, late):
    life = living(PRESET).of_week(5)
    with m.writing(f.SYSTEM):
        m.Holiday.create(year=life.school.year, name="Выходной", starts=date(2026, 11, 16), ends=date(2026, 11, 16))
    number = life.breach("11-13 18:00", discovered="11-13 17:00")
    life.told(number, "head", at, "11-19 12:00")
    assert m.BreachNotice.get().late is late


def test_d3_i_11_ii_16_operations_are_invalid_without_an_act(living):
    life = living(PRESET)
    life.put("4", "11-05 09:50")
    life.put("2", "11-05 10:30")
    number = life.breach("11-05 11:00", discovered="11-05 10:00")
    for whom, at in (("head", "11-05 10:00:00"), ("support", "11-05 10:20:00")):
        life.told(number, whom, at, "11-05 11:00")
    page = life.get(f"/breach/{number}", "11-05 11:10", "admin").get_data(as_text=True)
    assert m.Mark.get().value == "4" and "недействительны" in page and "по положению достаточно этого реестра" in page


def test_d3_i_9_ii_14_each_record_says_who_wrote_it_and_sign_ins_end(living):
    life = living(PRESET)
    life.put("4", "11-05 10:50")
    page = life.get(f"/journal/{life.school.course.id}/history?pupil={life.school.pupils[0].id}&lesson={life.lesson.id}", "11-05 11:00", "deputy")
    assert life.school.teacher.short_name in page.get_data(as_text=True)
    with clock.frozen(moment("11-05 12:00")):
        here, there = (life.app.test_client().sign_in("teacher", PASSWORD) for _ in range(2))
        here.send("/sign-ins/end")
        assert (here.get("/journal/").status_code, there.get("/journal/").status_code) == (200, 302)


@pytest.mark.parametrize("at, said", [("11-12 12:00", "late"), ("11-19 12:00", "reason_required"), ("11-20 12:00", "reason_required")])
def test_d3_has_no_clause_on_editing_so_day_15_asks_a_reason_and_refuses_nothing(living, at, said):
    life = living(PRESET)
    assert life.put("5", at)["state"] == said
    assert life.put("5", at, reason="ошибка в записи", pupil=1)["state"] == "late"


@pytest.mark.parametrize("at, late", [("11-05 12:45:00", False), ("11-05 12:45:01", True)])
def test_d3_ii_4_ninety_minutes_to_the_second(living, at, late):
    life = living(PRESET)
    life.lesson_form("homework", at, text="§ 12, № 4")
    assert m.Homework.get().late is late


@pytest.mark.parametrize("at, early, late", [("12-20 23:59", True, False), ("12-21 00:00", False, False), ("12-27 23:59:59", False, False),
                                             ("12-28 00:00", False, True)])
def test_d3_ii_11_earlier_than_the_last_week_is_told_and_later_is_late(living, at, early, late):
    life = living(PRESET)
    for day in sorted(life.school.lessons)[:7]:
        f.mark(life.school.lessons[day], life.school.pupils[0], "4")
    answer = life.result("4", at)
    assert answer["state"] == ("late" if late else "saved") and m.PeriodMark.get().late is late
    assert ("раньше" in (answer["message"] or "").lower()) is early


def test_d3_ii_12_a_deferral_in_illness_is_a_record_and_ends_with_the_mark(living):
    life = living(PRESET)
    assert life.result("отсрочка", "12-24 12:00", reason="болезнь", due="2027-01-20", document="справка 7")["state"] == "saved"
    row = m.Deferral.get()
    assert (row.reason, row.paper, str(row.until)) == ("болезнь", "справка 7", "2027-01-20")
    page = life.get("/deferrals/", "12-25 12:00", "deputy").get_data(as_text=True)
    assert "болезнь" in page and "II.12" in page
    assert life.result("4", "2027-01-21 08:00", reason="сдано")["state"] == "late"
    assert "болезнь" not in life.get("/deferrals/", "2027-01-21 12:00", "deputy").get_data(as_text=True)


def test_d3_i_6_a_class_teacher_fills_the_groups_of_the_own_class(living):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        halves = m.SubgroupSet.create(school_class=life.school.school_class, name="Английский")
        unit = m.Unit.create(year=life.school.year, kind="subgroup", name="7Б/1", school_class=life.school.school_class, subgroup_set=halves,
                             number=1)
    own, other = life.school.pupils[0].id, life.school.foreign_pupil.id
    answers = [life.send("/admin/unit_member/new/", "11-05 11:00", who="class_teacher", unit=unit.id, pupil=pupil, starts="2026-09-01")
               for pupil in (own, other)]
    assert answers[0].status_code == 302 and answers[1].status_code in (403, 422)
    assert [row.pupil_id for row in m.UnitMember.select()] == [own]


def test_d3_ii_8_a_used_substitution_stays_in_the_register(living):
    life = living(PRESET)
    row = f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    life.put("5", "11-05 11:00", who="substitute")
    life.send("/admin/substitution/delete/", "11-05 12:00", who="admin", id=row.id, confirm="1")
    assert m.Substitution.get().recorded_at == moment("11-05 11:00")


@pytest.mark.parametrize("at", ["11-12 12:00", "11-13 12:00", "11-19 12:00", "11-20 12:00", "12-20 12:00"])
def test_d3_ii_2_no_day_closes_a_lesson_so_there_is_nothing_to_ask_for(living, at):
    life = living(PRESET)
    answer = life.send("/corrections/new", at, course=life.school.course.id, reason="описка в строке",
                       **{f"c-{life.lesson.id}-0-{life.school.pupils[0].id}": "4"})
    assert answer.status_code == 422 and "Это не закрыто" in answer.get_data(as_text=True)
    assert life.put("4", at, reason="описка в строке")["state"] in ("saved", "late")
