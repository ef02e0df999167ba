"""The first pages: what a teacher, a class teacher, a leader, the office and the administrator find when they come in."""

from datetime import date, datetime

import pytest

import clock
import models as m
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text


@pytest.fixture
def school(db):
    s = make.school()
    with clock.frozen(make.NOW):
        yield s


def entering(app, school, name):
    make.account(getattr(school, name), name, "long enough")
    return app.test_client().sign_in(name, "long enough")


def recorded(lesson, homework=True):
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Одночлены", topic_at=make.SYSTEM.at, attendance_at=make.SYSTEM.at)
        if homework:
            m.Homework.create(lesson=lesson, not_set=True, entered_at=make.SYSTEM.at)


def record_all(school, until: date):
    for day, lesson in school.lessons.items():
        if day < until:
            recorded(lesson)


@pytest.mark.parametrize("name, place", [("teacher", "teacher"), ("class_teacher", "teacher"), ("deputy", "school"),
                                         ("director", "school"), ("secretary", "office"), ("admin", "admin")])
def test_everybody_comes_to_the_own_workplace(app, school, name, place):
    client = entering(app, school, name)
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200 and answer.request.path == f"/today/{place}"
    for other in {"teacher", "school", "office", "admin", "nonsense"} - {place}:
        assert client.get(f"/today/{other}").status_code == 403


def test_acc_01_a_teacher_who_is_a_parent_has_two_workplaces(app, school):
    with m.writing(make.SYSTEM):
        m.Guardianship.create(guardian=school.teacher, pupil=school.foreign_pupil, relation="отец")
    client = entering(app, school, "teacher")
    page = client.get("/today/teacher").get_data(as_text=True)
    assert "Мои уроки" in page and "Дневник моих детей" in page and "Чужакова" not in page
    assert client.get("/diary/", follow_redirects=True).request.path == f"/diary/{school.foreign_pupil.id}"


def test_the_running_lesson_waits_for_attendance(app, school):
    record_all(school, make.TODAY)
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    assert "7Б · Алгебра 10:30–11:15 · идёт, осталось 35 мин Отметить присутствующих" in page
    assert "Все уроки за 30 дней заполнены" in page and "II четверть: до конца 10 дней" in page


def test_leg_03_what_is_not_filled_stands_with_its_deadline_and_clause(app, school):
    record_all(school, date(2026, 12, 16))
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    assert "7Б · Алгебра, 16 декабря присутствующие, тема срок был 16 декабря · п. 4.4.1, 8.4" in page


def test_a_control_work_waits_for_the_marks_of_those_who_were_there(app, school):
    record_all(school, make.TODAY)
    lesson = school.lessons[date(2026, 12, 14)]
    lesson.record(make.actor(), kind=school.kinds["К"])
    make.mark(lesson, school.pupils[0], "5")
    make.absence(lesson, school.pupils[1], "б")
    client = entering(app, school, "teacher")
    assert "Контрольная работа: 1 отметка из 2" in text(client.get("/today/teacher"))
    make.mark(lesson, school.pupils[2], "4")
    assert "Контрольная работа" not in text(client.get("/today/teacher"))


def test_filled_gaps_and_substitutions_are_told_in_words(app, school):
    record_all(school, make.TODAY)
    today = school.lessons[make.TODAY]
    make.substitution(today, school.substitute, school.teacher)
    assert "ведёт другой учитель" in text(entering(app, school, "teacher").get("/today/teacher"))
    with clock.frozen(datetime(2026, 12, 17, 13, 0)):
        with m.writing(make.SYSTEM):
            m.Assignment.create(course=school.foreign_course, teacher=school.substitute, starts=make.YEAR[0])
        page = text(entering(app, school, "substitute").get("/today/teacher"))
        assert "вместо Алгебраева А. И." in page and "не записано: присутствующие, тема, домашнее задание" in page


def test_att_05_a_class_teacher_sees_the_absent_and_reasons_still_open(app, school):
    make.absence(school.lessons[make.TODAY], school.pupils[0], "н")
    make.absence(school.lessons[date(2026, 12, 2)], school.pupils[1], "н")
    make.absence(school.lessons[date(2026, 12, 16)], school.pupils[2], "б")
    page = text(entering(app, school, "class_teacher").get("/today/teacher"))
    assert "Мой класс: нет сегодня 1 Ученикова001 Анна" in page
    assert "Ученикова002 Анна, 2 декабря Алгебра дольше недели" in page and "Ученикова003" not in page


def test_att_06_an_open_reason_leads_to_the_paper_with_pupil_and_day(app, school):
    client, day = entering(app, school, "class_teacher"), date(2026, 12, 16)
    make.absence(school.lessons[day], school.pupils[1], "н")
    pupil = school.pupils[1].id
    address = f"/admin/excuse/new/?pupil={pupil}&amp;day={day}"
    assert address in client.get("/today/teacher").text
    page = client.get(address.replace("&amp;", "&")).text
    assert page.count(f'value="{day}"') == 2 and f'value="{pupil}"' in page
    assert client.get("/admin/excuse/new/?day=32").status_code == 200


def test_period_marks_put_by_the_teacher_until_when(app, school):
    record_all(school, make.TODAY)
    with m.writing(make.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[1], value="4",
                            entered_at=make.SYSTEM.at)
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    assert "Итоги: II четверть до 25 декабря, п. 5.4 Выставлено 1 из 3" in page


def test_leaders_see_what_is_recorded_and_what_is_not(app, school):
    record_all(school, date(2026, 12, 16))
    make.absence(school.lessons[make.TODAY], school.pupils[0], "н")
    page = text(entering(app, school, "deputy").get("/today/school"))
    assert "7Б · Алгебра 16 декабря" in page and "Алгебраева А. И. присутствующие, тема" in page
    assert "Нет в школе сегодня 1 из 4, причина не выяснена у 1" in page and "закрыто классов: 0 из 2" in page


@pytest.mark.parametrize("more", [0, 6])
def test_the_teachers_page_costs_ten_statements_at_any_size(app, school, more):
    for number in range(more):
        made, unit = make.school_class(school, f"{number + 5}Г")
        make.pupil("Новенькая", made)
        course = make.course(unit, "Алгебра", school.teacher)
        make.lesson(course, school.teacher, make.TODAY, 1)
        make.lesson(course, school.teacher, date(2026, 12, 10), 1)
    client = entering(app, school, "teacher")
    with counted() as sent:
        assert client.get("/today/teacher").status_code == 200
    assert len(sent) <= 10, sent


def test_the_next_lesson_and_the_week_ahead(app, school):
    with clock.frozen(datetime(2026, 12, 17, 10, 0)):
        page = text(entering(app, school, "teacher").get("/today/teacher"))
    assert "10:30–11:15 · следующий, через 30 мин" in page
    assert "Понедельник, 21 декабря 1 урок 3 7Б · Алгебра 10:30–11:15" in page and "Среда, 23 декабря" in page


def test_what_closes_first_is_the_most_urgent(app, school):
    record_all(school, date(2026, 12, 7))
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    earlier = page[page.index("Не заполнено раньше"):]
    days = ("7 декабря", "9 декабря", "16 декабря")
    assert [earlier.index(f"Алгебра, {day}") for day in days] == sorted(earlier.index(f"Алгебра, {day}") for day in days)
    assert "можно заполнить до 21 декабря" in earlier


def test_works_awaited_stand_on_the_first_page_the_first_to_be_handed_in_first(app, school):
    for (day, due), pupil in zip((("16", "23"), ("9", "16"), ("14", "21")), school.pupils, strict=True):
        make.mark(school.lessons[date(2026, 12, int(day))], pupil, ".", due=date(2026, 12, int(due)))
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    debts = page[page.index("Долги по работам 3"):]
    assert [debts.index(words) for words in ("срок был 16 декабря", "до 21 декабря", "до 23 декабря")] == sorted(
        debts.index(words) for words in ("срок был 16 декабря", "до 21 декабря", "до 23 декабря"))


def test_every_journal_at_a_glance(app, school):
    record_all(school, make.TODAY)
    for pupil, value in zip(school.pupils, "542", strict=True):
        make.mark(school.lessons[date(2026, 12, 9)], pupil, value)
    school.lessons[date(2026, 12, 21)].record(make.actor(), kind=school.kinds["К"])
    school.lessons[date(2026, 12, 14)].record(make.actor(), kind=school.kinds["К"])
    page = text(entering(app, school, "teacher").get("/today/teacher"))
    assert "7Б · Алгебра Контрольная работа, 21 декабря 1 работа без отметок не выставлено 3 итога 3,67" in page.replace(
        "не выставлены 3 итога", "не выставлено 3 итога")


def test_att_01_a_countdown_runs_where_the_regulation_gives_minutes(app, db):
    school = make.school(preset="d4_hmao")
    with clock.frozen(datetime(2026, 12, 17, 10, 42)):
        client = entering(app, school, "teacher")
        assert "Отметить до 10:50, ещё 8 мин" in text(client.get("/today/teacher"))
        assert 'data-until="2026-12-17T10:50' in client.get(f"/lesson/{school.lessons[make.TODAY].id}").text


@pytest.mark.parametrize("name, place", [("deputy", "school"), ("secretary", "office"), ("admin", "admin")])
def test_the_other_first_pages_cost_little(app, school, name, place):
    client = entering(app, school, name)
    with counted() as sent:
        assert client.get(f"/today/{place}").status_code == 200
    assert len(sent) <= 12, sent
