"""Quarantine and distance lessons, network resources, the portfolio, and the eight things a family is shown (PLN-09)."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import DAY, PASSWORD, moment
from tests.views.test_diary import text

QUARANTINE = {"kind": "distance", "name": "Карантин", "starts": "2026-11-05", "ends": "2026-11-11", "order_no": "98-од"}


def test_d0_8_a_class_in_quarantine_works_by_the_special_instruction(living):
    life = living("d0_sosh1")
    order = {**QUARANTINE, "class": life.school.school_class.id}
    refused = life.send("/orders/", "11-04 15:00", "deputy", **order)
    assert refused.status_code == 422 and "ведутся по особой инструкции." in text(refused) and "§8." in text(refused)
    assert life.send("/orders/", "11-04 15:00", "deputy", **order, instruction="https://example.org/instruction").status_code == 302
    page = life.get(f"/lesson/{life.lesson.id}", "11-05 10:40")
    assert "Работайте по инструкции" in text(page) and "https://example.org/instruction" in page.text and "п. §8" in text(page)
    for day in (date(2026, 11, 5), date(2026, 11, 9), date(2026, 11, 11)):  # all lessons of the five school days
        life.lesson = life.school.lessons[day]
        assert life.lesson_form("attendance", f"{day:%m-%d} 11:30", **{f"c-{life.school.pupils[0].id}": "н"}).state == "held"
    diary = text(life.get(f"/diary/{life.school.pupils[0].id}?week=2026-11-05", "11-11 12:00", "parent"))
    assert "дистанционно Карантин, приказ № 98-од" in diary and m.Absence.select().count() == 3


def test_d1_2_11_a_lesson_leads_pupils_to_a_network_resource(living):
    life = living("d1_asurso")
    life.lesson_form("materials", "11-05 10:40", distance="1", link="https://school.example.org/lesson/7", title="Видеоурок")
    page = life.get(f"/diary/{life.school.pupils[0].id}?week=2026-11-05", "11-05 12:00", "parent")
    assert "https://school.example.org/lesson/7" in page.text and "Видеоурок" in text(page) and "дистанционно" in text(page)
    assert m.Lesson.get_by_id(life.lesson.id).state == "held"


@pytest.mark.parametrize("link, said", [
    ("", "нет ссылки на дистанционный курс. Положение, п. 1.7."), ("https://courses.example.org/7", "Ученики и родители видят это")])
def test_d2_1_7_l45_51_a_distance_lesson_without_its_course_is_noticed_at_once(living, link, said):
    life = living("d2_spo")
    with clock.frozen(moment("11-05 10:40")):
        client = life.app.test_client().sign_in("teacher", PASSWORD)
        answer = client.send(f"/lesson/{life.lesson.id}/materials", distance="1", link=link)
        assert said in text(client.get(answer.location))
    assert m.Lesson.get_by_id(life.lesson.id).distance


def test_d2_3_3_l55_75_the_class_teacher_keeps_a_portfolio_nobody_else_opens(living):
    life = living("d2_spo")
    life.send("/portfolio/new", "11-05 15:00", "class_teacher", title="Грамота", kind="award", reader=life.school.deputy.id)
    item = m.PortfolioItem.get()
    assert [life.get(f"/portfolio/{item.id}", "11-05 16:00", who).status_code for who in ("class_teacher", "deputy", "teacher", "admin")] == [
        200, 200, 403, 403]


def eight_things(life) -> list[str]:
    """What the diary of the first pupil does not show of the eight things."""
    pupil, later = life.school.pupils[0], life.school.lessons[date(2026, 11, 12)]
    f.mark(life.lesson, pupil, "5")
    life.send(f"/admin/lesson/move/?id={life.school.lessons[date(2026, 11, 9)].id}", "11-04 15:00", "deputy", day="2026-11-10", number="4",
              reason="Олимпиада")
    with m.writing(f.SYSTEM):
        later.record(f.actor(), kind=life.school.kinds["К"], work_topic="Степени")
        m.Homework.create(lesson=life.lesson, text="№ 498", entered_at=f.SYSTEM.at)
        m.Remark.create(lesson=life.lesson, pupil=pupil, text="Повторить степени", author=life.school.teacher, at=f.SYSTEM.at)
        m.Holiday.create(year=life.school.year, name="Зимние каникулы", starts=date(2026, 12, 28), ends=date(2027, 1, 10))
    f.substitution(later, life.school.substitute, life.school.teacher)
    first, second, about = (text(life.get(f"/diary/{pupil.id}{page}", "11-06 12:00", "parent"))
                            for page in ("?week=2026-11-05", "?week=2026-11-12", "/about"))
    shown = {
        "success": "5 ответ" in first, "timetable": "10:30–11:15" in first,
        "substitutions and moves": "замена" in second and "Заменова" in second and "перенос на 10.11.2026, 4 урок" in second,
        "control works": "12 ноября Алгебра Контрольная работа: Степени" in about,
        "teachers": "Алгебраева Анна Ивановна Алгебра" in about and "Классова Анна Ивановна классный руководитель" in about,
        "holidays": "Зимние каникулы 28 декабря – 10 января" in about, "homework": "№ 498" in first,
        "recommendations": "Повторить степени" in first and "Повторить степени 5 ноября" in about}
    return [name for name, is_shown in shown.items() if not is_shown]


def test_d4_1_6_2_the_eight_things_stand_in_the_diary(living):
    assert eight_things(living("d4_hmao")) == []


def test_d3_i_2_the_eight_things_stand_in_the_diary(living):
    assert eight_things(living("d3_shalazhi")) == []


def test_pln_09_the_calendar_is_the_classs_own_and_another_family_is_refused(living):
    life = living("d3_shalazhi")
    with m.writing(f.SYSTEM):
        m.Holiday.create(year=life.school.year, name="День 8А", starts=DAY, ends=DAY, school_class=life.school.foreign_class)
    assert "День 8А" not in text(life.get(f"/diary/{life.school.pupils[0].id}/about", "11-05 12:00", "parent"))
    assert life.get(f"/diary/{life.school.pupils[0].id}/about", "11-05 12:00", "other_parent").status_code == 403


def test_leg_15_changes_of_a_published_timetable_wait_until_they_are_published(living):
    life = living("d1_asurso")
    with m.writing(f.SYSTEM):
        timetable = m.Timetable.create(year=life.school.year, name="Осень", starts=f.YEAR[0], ends=f.YEAR[1])
        m.Slot.create(timetable=timetable, course=life.school.foreign_course, weekday=5, number=1)
    publish = f"/admin/timetable/publish/?id={timetable.id}"
    page = lambda at: text(life.get("/duties/school", at, "deputy"))  # noqa: E731
    assert "Расписание «Осень» не опубликовано" in page("11-05 12:00")
    life.send(publish, "11-05 12:10", "deputy")
    assert "Осень" not in page("11-05 12:20")
    with m.writing(f.SYSTEM):
        m.Slot.create(timetable=timetable, course=life.school.foreign_course, weekday=4, number=2)
    assert "Изменения расписания «Осень» не опубликованы" in page("11-05 12:30")
    life.send(publish, "11-05 12:40", "deputy")
    assert "Осень" not in page("11-05 12:50")
