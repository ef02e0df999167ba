"""Clauses about the use of the journal: reports of each month, who watches whom, pupils to be told of, a bonus, copies, the yearly print."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import PASSWORD, moment
from tests.regulation.test_duties import duties
from tests.views.test_diary import text

PRESETS = [("d0_sosh1", "§15"), ("d1_asurso", "7.1"), ("d2_spo", "3.1")]


def worked(life, at: str) -> str:
    with clock.frozen(moment(at)):
        answer = life.app.test_cli_runner().invoke(args=["work", "--once"])
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.mark.parametrize("preset, clause", PRESETS)
def test_d0_15_the_report_of_use_is_made_once_a_month(living, preset, clause):
    life = living(preset)
    life.get("/journal/", "11-05 11:00")
    assert "report of activity" not in worked(life, "11-30 23:55")
    assert "report of activity 2026-11-01" in worked(life, "12-01 00:10") and "report of activity" not in worked(life, "12-01 00:11")
    page = text(life.get("/activity/reports", "12-01 09:00", "admin"))
    assert f"п. {clause}" in page and "Ноябрь 2026 составлен 1 декабря, 0:10" in page


def test_d1_7_1_no_report_of_a_finished_month_is_broken_until_it_is_made(living):
    life = living("d1_asurso")
    life.get("/journal/", "11-05 11:00")
    assert "нет отчёта об активности за 1 ноября" in text(life.get("/compliance/7-1", "12-02 09:00", "deputy"))
    worked(life, "12-02 10:00")
    assert "нет отчёта" not in text(life.get("/compliance/7-1", "12-02 11:00", "deputy"))


def test_d1_4_1_6_the_administrator_watches_the_use_by_the_staff(living):
    life = living("d1_asurso")
    life.get("/journal/", "11-05 11:00")
    page = text(life.get("/activity/", "11-06 09:00", "admin"))
    assert "Алгебраева А. И. учитель 1 1 5 ноября" in page and "Классова А. И. классный руководитель 0 0 — весь журнал" in page
    assert life.get("/activity/", "11-06 09:00", "teacher").status_code == 403


def test_d1_4_3_9_the_class_teacher_watches_the_use_by_own_families(living):
    life = living("d1_asurso")
    life.get(f"/diary/{life.school.pupils[0].id}", "11-05 19:00", "parent")
    page = text(life.get(f"/activity/classes/{life.school.school_class.id}", "11-06 09:00", "class_teacher"))
    assert "Родителева А. И. Ученикова001 Анна 1 1 5 ноября" in page and "Другова А. И. Ученикова002 Анна 0 0 — весь журнал" in page
    assert life.get(f"/activity/classes/{life.school.foreign_class.id}", "11-06 09:00", "class_teacher").status_code == 403


def test_d2_3_1_l149_157_the_administrator_watches_everybody_pupils_included(living):
    life = living("d2_spo")
    life.get(f"/diary/{life.school.pupils[0].id}", "11-05 19:00", "parent")
    assert "Родителева А. И." in text(life.get(f"/activity/classes/{life.school.school_class.id}", "11-06 09:00", "admin"))


def test_d1_4_4_4_a_message_about_a_failing_pupil_goes_to_the_class_teacher_and_the_parents(living):
    life = living("d1_asurso")
    for lesson in list(life.school.lessons.values())[:3]:
        f.mark(lesson, life.school.pupils[0], "2")
    assert "alerts about pupils: 1" in worked(life, "11-12 16:00") and "alerts" not in worked(life, "11-12 16:01")
    assert "Сообщить классному руководителю и родителям об учениках: 1 до 19 ноября · п. 4.4.4" in duties(life, "11-12 17:00", "teacher")
    number = m.PupilAlert.get().id
    life.send(f"/alerts/{number}/class-teacher", "11-12 17:05")
    life.send(f"/alerts/{number}/told", "11-12 17:06", how="phone", day="2026-11-12")
    assert "средний балл 2,00" in text(life.get("/notices/", "11-12 18:00", "class_teacher"))
    assert "Сообщить классному" not in duties(life, "11-12 18:00", "teacher")


def test_d1_4_4_4_three_lessons_missed_without_a_valid_reason_are_told(living):
    life = living("d1_asurso")
    lessons = list(life.school.lessons.values())
    for lesson in lessons[:2]:
        f.absence(lesson, life.school.pupils[0], "н")
    f.absence(lessons[2], life.school.pupils[0], "б")
    assert "alerts" not in worked(life, "11-12 16:00"), "two, and one by illness"
    f.absence(lessons[3], life.school.pupils[0], "н")
    assert "alerts about pupils: 1" in worked(life, "11-12 16:00")


@pytest.mark.parametrize("preset, clause", [("d0_sosh1", "§17"), ("d2_spo", "3.1")])
def test_d0_17_figures_for_a_bonus_with_what_they_are_made_of(living, preset, clause):
    life = living(preset)
    page = text(life.get("/documents/bonus?period=2026-11", "11-20 09:00", "admin"))
    assert "Показатель не назначает выплат" in page and f"пункт {clause} положения" in page and "Темы в срок" in page


def test_d2_3_1_l144_145_no_document_without_a_clause_offers_a_bonus(living):
    life = living("d1_asurso")
    assert "не называет поощрения" in text(life.get("/documents/bonus", "11-20 09:00", "admin"))


@pytest.mark.parametrize("at, words", [("11-08 09:00", ""), ("11-09 09:00", "последняя за 1 ноября: файл резервной копии")])
def test_d2_2_1_a_backup_older_than_a_week_is_asked_for(living, at, words):
    life = living("d2_spo")
    with clock.frozen(moment("11-01 12:00")):
        m.Backup.made(f.actor(at=moment("11-01 12:00")), "copy.zip", 1, "ab" * 32)
        m.Backup.put_aside(f.actor(at=moment("11-01 12:00")), "Диск 1", date(2026, 11, 1))
    page = text(life.get("/compliance/2-1", at, "admin"))
    assert (words in page) if words else ("последняя за" not in page)


def test_d4_3_4_1_the_journals_of_the_year_are_printed_by_30_june(living):
    life = living("d4_hmao")
    f.account(life.school.director, "director", PASSWORD)
    assert "журналы года: 7Б, 8А до 30 июня · п. 3.4.1, 3.4.2" in duties(life, "2027-06-01 09:00", "director")
    life.send("/duties/printed", "2027-06-20 09:00", "director", **{"class": [life.school.school_class.id, life.school.foreign_class.id]})
    assert "журналы года" not in duties(life, "2027-07-01 09:00", "director")
    assert {(row.kind, row.role) for row in m.Confirmation.select()} == {("printed", "DIR")}
