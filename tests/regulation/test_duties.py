"""Duties of the documents with days of their own: lists by September, checks of class teachers, control of leaders, analyses."""

import pytest

import models as m
from tests import factories as f
from tests.regulation.conftest import PASSWORD
from tests.views.test_diary import text


def duties(life, at: str, who: str) -> str:
    return text(life.get("/duties/", at, who))


def upkeep(life, at: str, who: str = "deputy") -> str:
    """What the school page says is not up to date."""
    page = text(life.get("/duties/school", at, who))
    return page[:page.index("Списки в системе")]


@pytest.fixture
def d1(living):
    return living("d1_asurso")


def recorded(life, at: str):
    """The lessons of the first days have attendance and topic."""
    for day, lesson in life.school.lessons.items():
        if day.isoformat() <= f"2026-{at}":
            with m.writing(f.SYSTEM):
                lesson.record(f.actor(), topic="Степень", topic_at=f.SYSTEM.at, attendance_at=f.SYSTEM.at)


# ---- lists and sections by 5 September ----

@pytest.mark.parametrize("preset", ["d1_asurso", "d2_spo"])
def test_d1_4_5_1_lists_not_confirmed_by_5_september_are_red_for_the_deputy(living, preset):
    life = living(preset)
    assert "Списки не подтверждены: 7Б, 8А до 5 сентября" in duties(life, "09-05 23:00", "deputy")
    assert "список не подтверждён" not in upkeep(life, "09-05 23:00")
    assert "Списки не подтверждены: 7Б, 8А срок был 5 сентября" in duties(life, "09-06 08:00", "deputy")
    assert "7Б: список не подтверждён" in upkeep(life, "09-06 08:00") and "8А: список не подтверждён" in upkeep(life, "09-06 08:00")
    life.send("/duties/lists", "09-06 09:00", "secretary", **{"class": [life.school.school_class.id]})
    assert "7Б: список не подтверждён" not in upkeep(life, "09-06 10:00") and "8А: список не" in upkeep(life, "09-06 10:00")
    assert m.Confirmation.get().role == "SEC"


def test_d2_3_2_the_secretary_is_reminded_of_the_lists(living):
    life = living("d2_spo")
    assert "Списки не подтверждены: 7Б, 8А до 5 сентября · п. 3.2" in duties(life, "09-03 09:00", "secretary")


def test_d4_2_2_sections_not_complete_by_5_september_are_red(living):
    life = living("d4_hmao")
    page = life.get("/duties/school", "09-05 20:00", "deputy").text
    assert "Разделы журнала к 5 сентября" in page and "/admin/timetable/" in page and 'class="tag bad"' not in page.split('id="se"')[1]
    assert "Заполнить разделы журнала, не готово: 3 до 5 сентября · п. 2.2" in duties(life, "09-05 20:00", "deputy")
    assert "Заполнить разделы журнала, не готово: 3 срок был 5 сентября" in duties(life, "09-06 08:00", "deputy")
    assert 'class="tag bad"' in life.get("/duties/school", "09-06 08:00", "deputy").text.split('id="se"')[1].split("</section>")[0]


# ---- the class teacher: list and data every month, absences every week ----

@pytest.mark.parametrize("preset, clause", [("d1_asurso", "4.3.5"), ("d0_sosh1", "§5"), ("d3_shalazhi", "I.7")])
def test_d1_4_3_5_3_4_8_5_a_month_without_a_check_of_the_data_is_seen(living, preset, clause):
    life = living(preset)
    assert f"Подтвердить список и данные: 7Б до 30 ноября · п. {clause}" in duties(life, "11-30 23:00", "class_teacher")
    assert "данные не сверены" not in upkeep(life, "11-30 23:00")
    assert "Подтвердить список и данные: 7Б срок был 30 ноября" in duties(life, "12-01 00:01", "class_teacher")
    assert "7Б: данные не сверены" in upkeep(life, "12-01 00:01")
    life.send(f"/duties/classes/{life.school.school_class.id}/list", "12-01 09:00", "class_teacher")
    assert "Подтвердить список" not in duties(life, "12-02 09:00", "class_teacher")
    assert "7Б: данные не сверены" not in upkeep(life, "12-02 09:00")
    kept = m.Confirmation.get()
    assert (kept.kind, kept.role, kept.person_id) == ("list", "CT", life.school.class_teacher.id)


def test_d0_5_the_class_teacher_of_another_class_confirms_nothing_here(living):
    life = living("d0_sosh1")
    f.appoint(life.school.stranger, "CT", life.school.foreign_class)
    path = f"/duties/classes/{life.school.school_class.id}"
    assert life.get(path, "11-05 12:00", "stranger").status_code == 403
    assert life.send(f"{path}/list", "11-05 12:00", "stranger").status_code == 403 and not m.Confirmation.select().exists()


def test_d3_i_7_what_is_missing_in_a_card_stands_beside_the_pupil(living):
    page = text(living("d3_shalazhi").get("/duties/classes/1", "11-05 12:00", "class_teacher"))
    assert "Ученикова001 Анна Ивановна 08.03.2013 Родителева А. И. номер личного дела, телефон родителей" in page


def test_d1_4_3_1_4_3_6_a_week_without_a_check_of_the_absences_is_late_on_monday(d1):
    assert "Сверить пропуски: 7Б до 8 ноября" in duties(d1, "11-08 23:00", "class_teacher")
    assert "Сверить пропуски: 7Б срок был 8 ноября" in duties(d1, "11-09 00:01", "class_teacher")
    d1.send(f"/duties/classes/{d1.school.school_class.id}/absences", "11-09 09:00", "class_teacher")
    assert "Сверить пропуски" not in duties(d1, "11-09 10:00", "class_teacher")
    assert "Сверить пропуски: 7Б до 22 ноября" in duties(d1, "11-16 10:00", "class_teacher")
    assert d1.send(f"/duties/classes/{d1.school.school_class.id}/absences", "11-09 09:00", "secretary").status_code == 403


# ---- the leaders: control (CTL-01 … CTL-03), what is up to date (LEG-15) ----

def test_d0_10_each_week_is_checked_by_the_director_and_by_the_deputy(living):
    life = living("d0_sosh1")
    f.account(life.school.director, "director", PASSWORD)
    life.send("/duties/week", "11-06 15:00", "deputy", day="2026-11-06", note="Темы есть")
    assert "Проверить журнал" not in duties(life, "11-08 23:00", "deputy")
    assert "Проверить журнал как директор: 2 ноября – 8 ноября до 8 ноября · п. §10" in duties(life, "11-08 23:00", "director")
    assert "Проверить журнал как директор: 2 ноября – 8 ноября срок был 8 ноября" in duties(life, "11-09 00:01", "director")
    assert "Журнал не проверен, 2 ноября – 8 ноября" in upkeep(life, "11-09 08:00")
    page = text(life.get("/duties/week?day=2026-11-04", "11-09 08:00", "director"))
    assert "Темы есть" in page and "Директор срок был 8 ноября" in page
    life.send("/duties/week", "11-09 09:00", "director", day="2026-11-04")
    assert "2 ноября" not in duties(life, "11-09 10:00", "director") and "Журнал не проверен" not in upkeep(life, "11-09 10:00")


def test_d0_10_a_week_without_lessons_asks_for_nothing(living):
    assert "Проверить журнал" not in duties(living("d0_sosh1"), "10-29 12:00", "deputy")


def test_d1_3_7_4_2_4_4_6_7_leaders_check_activity_marks_topics_and_homework_of_any_days(d1):
    f.account(d1.school.director, "director", PASSWORD)
    d1.put("5", "11-05 11:00")
    for who in ("deputy", "director"):
        page = text(d1.get("/duties/week?first=2026-11-04&last=2026-11-05", "11-06 09:00", who))
        assert "Учитель Уроки Без записи Позже срока Темы Домашнее задание Отметки Есть отметки В срок Последний вход" in page
        assert "Алгебраева А. И. 2 2 0 0 % 0 % 1 33 % 25,0 % 5 ноября, 11:00" in page
        assert "Семьи в журнале" in page
    assert "Проверить журнал как завуч: 1 ноября – 30 ноября" in duties(d1, "11-20 09:00", "deputy")


def test_d1_6_3_a_remark_reaches_the_teacher_and_the_class_teacher(d1):
    lesson = d1.school.lessons[sorted(d1.school.lessons)[0]]
    for person in (d1.school.teacher, d1.school.class_teacher):
        d1.send("/remarks/new", "11-05 12:00", "deputy", lesson=str(lesson.id), person=str(person.id), text="Нет темы урока")
    for who in ("teacher", "class_teacher"):
        assert "Замечание по вашему журналу: Нет темы урока" in text(d1.get("/today/teacher", "11-05 13:00", who))


def test_d1_1_6_every_item_goes_by_the_act_that_mends_it(d1):
    d1.send("/duties/lists", "11-05 08:00", "admin", **{"class": [d1.school.school_class.id, d1.school.foreign_class.id]})
    assert "Уроки без записи: 2 Алгебраева А. И." in upkeep(d1, "11-05 12:00")
    recorded(d1, "11-05")
    assert "Всё актуально, 5 ноября." in upkeep(d1, "11-05 12:00")


def test_d3_i_7_the_class_teacher_sees_lessons_of_the_class_without_a_record(living):
    life = living("d3_shalazhi")
    page = life.get("/duties/classes/1", "11-05 12:00", "class_teacher")
    assert "Уроки класса без записи 2 Алгебра, 5 ноября" in text(page) and f"/lesson/{life.lesson.id}" in page.text


def test_d0_17_the_work_of_the_teachers_is_a_file_with_its_components(living):
    life = living("d0_sosh1")
    life.put("5", "11-05 11:00")
    answer = life.get("/duties/week/csv?first=2026-11-04&last=2026-11-05", "11-06 09:00", "deputy")
    assert "Алгебраева А. И.;04.11.2026;05.11.2026;2;2;0;0;0;2;1;1;3" in answer.get_data(as_text=True)
    assert life.get("/duties/week/csv", "11-06 09:00", "teacher").status_code == 403


# ---- the teacher: analysis of control works (CTL-14) ----

def test_d1_4_4_9_control_works_of_a_quarter_without_analysis_are_listed(d1):
    d1.of_kind("К").put("4", "11-05 11:00")
    assert "Сделать анализ контрольных за II четверть: 7Б, Алгебра до 27 декабря · п. 4.4.9" in duties(d1, "12-27 20:00", "teacher")
    assert "Сделать анализ контрольных за II четверть: 7Б, Алгебра срок был 27 декабря" in duties(d1, "12-28 08:00", "teacher")
    assert "Нет анализа контрольных за II четверть: 7Б, Алгебра Алгебраева А. И." in upkeep(d1, "12-28 08:00")
    course, period = d1.school.course.id, d1.school.periods[1].id
    assert d1.send("/duties/analysis", "12-28 08:30", "stranger", course=course, period=period, note="х").status_code == 403
    d1.send("/duties/analysis", "12-28 09:00", course=course, period=period, note="Степени усвоены, корни повторить")
    assert "Сделать анализ" not in duties(d1, "12-28 10:00", "teacher") and "Нет анализа" not in upkeep(d1, "12-28 10:00")
    assert "корни повторить" in d1.get("/duties/analysis", "12-28 10:00", "deputy").text


# ---- everybody: the password (SEC-07), seminars (CTL-18) ----

@pytest.mark.parametrize("at, told", [("2027-08-11 12:00", False), ("2027-08-12 00:01", True), ("2027-08-25 23:00", True)])
def test_d1_3_3_an_old_password_is_told_two_weeks_before_it_has_to_be_changed(d1, at, told):
    assert ("Сменить пароль до 25 августа · п. 3.3" in duties(d1, at, "teacher")) is told
    assert "Сменить пароль" not in duties(d1, at, "secretary") or told


def test_d2_3_3_l79_82_a_class_teacher_who_was_at_no_seminar_is_reminded_and_listed(living):
    life = living("d2_spo")
    assert "Побывать в этом году на семинаре по журналу" in duties(life, "11-05 12:00", "class_teacher")
    assert "Классова А. И. 7Б" in text(life.get("/duties/training", "11-05 12:00", "deputy"))
    life.send("/duties/training", "11-05 13:00", "admin", day="2026-11-05", theme="Заполнение журнала", person=str(life.school.class_teacher.id))
    assert "семинаре" not in duties(life, "11-05 14:00", "class_teacher")
    assert "Классова А. И. 7Б" not in text(life.get("/duties/training", "11-05 14:00", "deputy"))
