"""Д1, положение о работе в АСУ РСО: the day of the lesson, 7 and 14 days, no «н/а», results two days before the end."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import PASSWORD, in_time, moment, verdict

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


@pytest.mark.parametrize("grade, day, said", [(2, "2026-11-20", "refused 3.9"), (2, "2027-01-20", "saved"), (1, "2027-01-20", "refused 3.9"),
                                              (1, "2027-05-20", "refused 3.9")])
def test_d1_3_9_grade_2_is_marked_from_the_second_half_and_grade_1_never(living, grade, day, said):
    life = living(PRESET).of_grade(grade)
    lesson = f.lesson(life.school.course, life.school.teacher, date.fromisoformat(day))
    assert verdict(life.put("5", f"{day} 11:00", lesson=lesson)) == said
    assert life.put("н", f"{day} 11:00", lesson=lesson, pupil=1)["state"] in ("saved", "late")


@pytest.mark.parametrize("at, said", [("12-20 12:00", "saved"), ("12-24 12:00", "saved"), ("12-25 23:59:59", "saved"), ("12-26 00:00", "late 5.4"),
                                      ("12-27 12:00", "late 5.4"), ("12-30 12:00", "late 5.4")])
def test_d1_5_4_results_at_every_edge_of_their_window(living, at, said):
    assert in_time(living(PRESET).result("4", at, reason="по работам периода")) == said


@pytest.mark.parametrize("at, late", [("12-29 23:59:59", False), ("12-30 00:00", True)])
def test_d1_4_4_6_a_date_of_the_schools_order_replaces_the_two_days(living, at, late):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        m.ResultOrder.create(year=life.school.year, period=life.school.periods[1], until=date(2026, 12, 29), order_no="51")
    life.result("4", at, reason="по работам периода")
    row = m.PeriodMark.get()
    assert (row.late, row.clause) == (late, "4.4.6" if late else row.clause)


def test_d1_5_1_2_6_a_mark_other_than_the_computed_one_wants_its_ground(living):
    life = living(PRESET)
    f.unnamed(life.school.course)
    for day in sorted(life.school.lessons)[:7]:
        f.mark(life.school.lessons[day], life.school.pupils[0], "4")
    assert verdict(life.result("5", "12-24 12:00")) == "reason_required 5.1"
    assert life.result("4", "12-24 12:00")["state"] == "saved"
    assert life.result("5", "12-24 12:00", reason="итоговая работа")["state"] == "saved"


def test_d1_5_2_too_few_marks_and_no_written_work_are_told(living):
    life = living(PRESET)
    f.mark(life.lesson, life.school.pupils[0], "4")
    answer = life.result("4", "12-24 12:00")
    assert verdict(answer) == "reason_required 5.2" and answer["message"].count("5.2") == 2  # algebra is mathematics
    f.unnamed(life.school.course)
    answer = life.result("4", "12-24 12:00")
    assert verdict(answer) == "saved 5.2" and answer["message"].count("5.2") == 2  # too few marks, and no written work


def test_d1_5_3_an_extended_term_is_a_record_and_what_is_passed_in_it_is_lawful(living):
    """FIN-08, MRK-18: long after the lesson, beside the absence, and the mark of the period when it is closed."""
    life = living(PRESET)
    life.put("б", "11-05 11:00")
    assert life.put("4", "12-22 11:00")["state"] == "refused"
    assert life.result("продление", "12-22 12:00", reason="болезнь", due="2027-01-29", document="справка 7")["state"] == "saved"
    assert life.put("4", "12-23 11:00")["state"] == "saved" and (m.Absence.get().code, m.Mark.get().value) == ("б", "4")
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=life.school.periods[1], school_class=life.school.school_class, closed_by=life.school.deputy,
                               closed_at=f.SYSTEM.at, reason="приказ 44")
    assert life.put("5", "2027-01-20 11:00", reason="сдано")["state"] == "refused"
    assert life.result("4", "2027-01-29 23:59:59", reason="сдано")["state"] == "saved"
    assert life.result("5", "2027-01-29 23:59:59", reason="ошибка")["state"] == "refused"


def test_d1_5_3_a_plain_mark_in_the_column_of_a_retake_is_refused(living):
    life = living(PRESET)
    life.put("н", "11-05 11:00")
    assert life.put("4", "12-05 11:00", protocol={"number": "3", "date": "2026-12-05"})["state"] in ("saved", "late")
    assert verdict(life.put("4", "12-05 11:00", pupil=1)) == "refused 3.6"


@pytest.mark.parametrize("words, kept", [("осв", False), ("Освобождена от физкультуры до 20 декабря", True)])
def test_d1_5_3_released_is_no_comment_either(living, words, kept):
    life = living(PRESET)
    life.send(f"/lesson/{life.lesson.id}/remark", "11-05 11:00", pupil=life.school.pupils[0].id, text=words)
    assert m.Remark.select().exists() is kept


def test_d1_5_3_a_special_medical_group_is_assessed_in_theory_and_positively(living):
    life = living(PRESET)
    exercise = f.course(life.school.unit, "Физическая культура", life.school.teacher)
    lesson = f.lesson(exercise, life.school.teacher, life.lesson.day, 4)
    with m.writing(f.SYSTEM):
        m.Pupil.update(pe_group="special_a", pe_paper="справка").where(m.Pupil.id == life.school.pupils[0].id).execute()
    assert verdict(life.put("2", "11-05 12:00", lesson=lesson)) == "saved 5.3"
    assert verdict(life.put("4", "11-05 12:00", lesson=lesson, pupil=1)) == "saved"


@pytest.mark.parametrize("day, status", [("2026-11-15", 422), ("2026-12-26", 422), ("2026-12-28", 302), ("2027-01-11", 302), ("2027-01-12", 422)])
def test_d1_4_4_11_a_move_between_subgroups_between_periods_by_the_administrator_alone(living, day, status):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        halves = m.SubgroupSet.create(school_class=life.school.school_class, name="Английский")
        one, two = (m.Unit.create(year=life.school.year, kind="subgroup", name=f"7Б/{n}", school_class=life.school.school_class,
                                  subgroup_set=halves, number=n) for n in (1, 2))
        one.join(f.SYSTEM, life.school.pupils[0], f.YEAR[0])
    form = {"unit": two.id, "pupil": life.school.pupils[0].id, "starts": day}
    assert life.send("/admin/unit_member/new/", "12-25 12:00", who="class_teacher", **form).status_code in (403, 422)
    assert life.send("/admin/unit_member/new/", "12-25 12:00", who="admin", **form).status_code == status


def test_d1_4_4_7_a_plan_with_other_hours_than_the_curriculum_is_not_approved(living):
    life = living(PRESET)
    plan = f.plan(life.school.course, ["Степени", "Одночлены"])
    with m.writing(f.SYSTEM):
        m.CurriculumLine.create(school_class=life.school.school_class, subject=life.school.course.subject, weekly_hours=3, year_hours=3)
    answer = life.send(f"/plans/{plan.id}/approve", "11-05 11:00", who="deputy")
    assert m.Plan.get().approved_at is None and answer.status_code in (302, 422)
    with m.writing(f.SYSTEM):
        m.CurriculumLine.update(year_hours=2).execute()
    life.send(f"/plans/{plan.id}/approve", "11-05 11:00", who="deputy")
    assert m.Plan.get().approved_at


@pytest.mark.parametrize("day, due", [("2027-09-01", False), ("2027-09-02", True)])
@pytest.mark.parametrize("who, asked", [("teacher", True), ("class_teacher", True), ("secretary", True), ("admin", True), ("parent", False)])
def test_d1_3_3_staff_change_their_password_once_a_year(living, day, due, who, asked):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        m.Account.update(password_at=moment("2026-09-01 09:00")).where(m.Account.login == who).execute()
    with clock.frozen(moment(f"{day} 12:00")):
        answer = life.app.test_client().sign_in(who, PASSWORD).get("/sign-ins")
    assert (answer.status_code == 302 and "/password" in answer.location) is (due and asked)


def test_d1_3_3_a_session_that_is_kept_open_is_asked_too(living):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        m.Account.update(password_at=moment("2026-09-01 09:00")).where(m.Account.login == "teacher").execute()
        m.School.update(idle_minutes=0).execute()
    with clock.frozen(moment("2027-09-01 23:00")):
        client = life.app.test_client().sign_in("teacher", PASSWORD)
        assert client.get("/sign-ins").status_code == 200
    with clock.frozen(moment("2027-09-02 08:00")):
        assert "/password" in client.get("/sign-ins").location
        client.send("/password", current=PASSWORD, password="longer words", again="longer words")
        assert client.get("/sign-ins").status_code == 200


@pytest.mark.parametrize("birth, waits", [(date(2012, 11, 6), True), (date(2012, 11, 5), False)])
def test_d1_4_1_9_a_pupil_younger_than_14_gets_a_way_in_through_the_parent(living, birth, waits):
    life = living(PRESET)
    child = life.school.pupils[2].person
    mother = f.guardian(life.school.pupils[2], "Матерева")
    with m.writing(f.SYSTEM):
        m.Person.update(birth=birth).where(m.Person.id == child.id).execute()
    life.send(f"/access/person/{child.id}/issue", "11-05 11:00", who="class_teacher")
    assert m.Invitation.select().exists() is not waits
    f.account(mother, "mother", PASSWORD)
    life.send(f"/access/person/{child.id}/issue", "11-05 11:00", who="class_teacher")
    page = life.get(f"/access/person/{child.id}", "11-05 11:01", "class_teacher").get_data(as_text=True)
    assert ("Матерева" in page) is waits and m.CredentialIssue.get().person_id == child.id


def test_d1_4_4_3_the_register_keeps_whoever_has_written(living):
    life = living(PRESET)
    row = f.substitution(life.lesson, life.school.substitute, life.school.teacher)
    life.put("5", "11-05 11:00", who="substitute")
    life.send("/admin/substitution/delete/", "11-05 12:00", who="admin", id=row.id, confirm="1")
    kept = m.Substitution.get()
    assert kept.recorded_at == moment("11-05 11:00")


def test_d1_4_4_10_a_control_work_is_entered_with_its_own_topic(living):
    life = living(PRESET)
    with clock.frozen(moment("11-05 11:00")):
        client, address = life.app.test_client().sign_in("teacher", PASSWORD), f"/lesson/{life.lesson.id}"
        client.send(f"{address}/topic", topic="Степени", kind=life.school.kinds["К"].id)
        assert "без темы работы" in client.get(address).text and m.Lesson.get_by_id(life.lesson.id).topic == "Степени"
        client.send(f"{address}/topic", topic="Степени", kind=life.school.kinds["К"].id, work_topic="Степень произведения")
        assert "без темы работы" not in client.get(address).text


def asked(life, at, value="4"):
    """The teacher asks at a moment for the first pupil's cell in the lesson of DAY."""
    lesson, pupil = life.lesson.id, life.school.pupils[0].id
    return life.send("/corrections/new", at, course=life.school.course.id, reason="описка в строке", **{f"c-{lesson}-0-{pupil}": value})


@pytest.mark.parametrize("at, said", [("11-12 12:00", 422), ("11-13 12:00", 422), ("11-19 12:00", 422), ("11-20 12:00", 302)])
def test_d1_3_6_4_1_11_a_correction_is_asked_for_from_day_15_on(living, at, said):
    assert asked(living(PRESET), at).status_code == said


def test_d1_3_6_after_14_days_the_cells_allowed_and_until_the_moment(living):
    life = living(PRESET)
    life.put("2", "11-05 11:00")
    asked(life, "11-20 10:00")
    assert life.put("4", "11-20 10:30")["state"] == "refused"
    life.send("/corrections/1/allow", "11-20 11:00", who="deputy", until="2026-11-21T11:00")
    assert life.put("4", "11-20 12:00", pupil=1)["state"] == "refused"
    assert life.put("4", "11-21 11:00")["state"] == "saved"
    assert life.put("5", "11-21 11:01")["state"] == "refused"
    assert (m.Mark.get().value, m.Mark.get().reason) == ("4", "Протокол исправления № 1: описка в строке")
    assert "описка в строке" in life.get("/documents/corrections?period=2026-11", "11-21 12:00", "admin").get_data(as_text=True)


def test_d1_6_1_a_closed_period_is_corrected_by_protocol_only(living):
    life = living(PRESET)
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=life.school.periods[1], school_class=life.school.school_class, closed_by=life.school.deputy,
                               closed_at=f.SYSTEM.at, reason="приказ 44")
    asked(life, "11-06 10:00")
    assert life.put("4", "11-06 10:30", reason="ошибка")["state"] == "refused"
    life.send("/corrections/1/allow", "11-06 11:00", who="deputy", until="2026-11-06T12:00")
    assert life.put("4", "11-06 11:30")["state"] in ("saved", "late")


def test_d1_4_3_2_the_class_teacher_sees_where_marks_are_few_and_tells_the_deputy(living):
    life = living(PRESET)
    life.put("5", "11-05 11:00")
    address = f"/results/class/{life.school.school_class.id}"
    page = life.get(address, "12-17 12:00", "class_teacher").get_data(as_text=True)
    assert "Мало отметок" in page and "Сообщить завучу" in page
    assert life.send(f"{address}/tell", "12-17 12:00", who="stranger").status_code == 403
    assert life.send(f"{address}/tell", "12-17 12:00", who="class_teacher", period=life.school.periods[1].id).status_code == 302
    notice = m.Notice.get(m.Notice.person == life.school.deputy)
    assert "Алгебра" in str(notice.text) and notice.url.startswith(address)


def test_d1_1_5_an_unfilled_lesson_is_shown_as_broken_until_it_is_filled(living):
    life = living(PRESET)
    shown = lambda: life.get("/compliance/1-5?span=year", "11-06 09:00", "deputy").get_data(as_text=True)  # noqa: E731
    assert f'href="/lesson/{life.lesson.id}"' in shown()
    life.lesson_form("topic", "11-05 11:00", topic="Степень с натуральным показателем")
    life.lesson_form("attendance", "11-05 11:01")
    assert f'href="/lesson/{life.lesson.id}"' not in shown()


def test_d1_4_2_1_a_regulation_without_an_order_is_shown(living):
    life = living(PRESET)
    shown = lambda: life.get("/compliance/4-2-1", "11-06 09:00", "deputy").get_data(as_text=True)  # noqa: E731
    assert "нет номера приказа" not in shown()
    with m.writing(f.SYSTEM):
        m.Regulation.update(order_no="").execute()
    assert "у действующего положения нет номера приказа" in shown()
