"""The family's diary: what it shows, to whom, and at what cost."""

import re
from datetime import date, datetime

import pytest

import clock
import models as m
from tests import factories as make
from tests.statements import counted
from views import visitor

MONDAY = date(2026, 12, 14)


@pytest.fixture
def school(db):
    visitor._looks.clear()
    s = make.school()
    for name in ("parent", "other_parent", "teacher", "stranger", "class_teacher", "deputy", "secretary", "admin", "director"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def text(answer) -> str:
    """What a person reads: without tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).strip()


def test_inf_01_what_the_teacher_entered_stands_in_the_week(app, school):
    lesson = school.lessons[MONDAY]
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Формулы сокращённого умножения", kind=school.kinds["К"])
        m.Homework.create(lesson=lesson, text="№ 498, 500", entered_at=make.SYSTEM.at)
        m.Remark.create(lesson=lesson, pupil=school.pupils[0], text="Работала отлично", author=school.teacher, at=make.SYSTEM.at)
    make.mark(lesson, school.pupils[0], "5")
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week=2026-12-16"))
    for shown in ("14–20 декабря", "Алгебра", "10:30–11:15", "Формулы сокращённого умножения", "№ 498, 500", "5 контр.",
                  "Работала отлично", "Алгебраева А. И."):
        assert shown in page


def test_a_week_without_lessons_is_one_sentence(app, school):
    with m.writing(make.SYSTEM):
        m.Holiday.create(year=school.year, name="Осенние каникулы", starts=date(2026, 10, 26), ends=date(2026, 11, 1))
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week=2026-10-26"))
    assert page.count("Осенние каникулы") == 1 and "На этой неделе уроков нет" in page and "Вторник" not in page


def test_homework_stands_where_it_was_given_and_where_it_is_due(app, school):
    with m.writing(make.SYSTEM):
        m.Homework.create(lesson=school.lessons[date(2026, 12, 16)], text="упр. 318", entered_at=make.SYSTEM.at)
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week=2026-12-14"))
    assert "Задано на 17 декабря: упр. 318" in page and "К уроку: упр. 318" in page


def test_absence_is_told_in_words_and_a_retake_beside_it(app, school):
    lesson = school.lessons[MONDAY]
    make.absence(lesson, school.pupils[0], "б")
    make.mark(lesson, school.pupils[0], "4")
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week=2026-12-14"))
    assert "Болезнь, работа сдана позже" in page and "б пропуск" in page and "4 ответ" in page


def test_pln_09_substitutions_cancellations_and_holidays(app, school):
    make.substitution(school.lessons[MONDAY], school.substitute, school.teacher)
    with m.writing(make.SYSTEM):
        m.Lesson.update(state="cancelled", reason="мороз").where(m.Lesson.id == school.lessons[date(2026, 12, 16)].id).execute()
        m.Holiday.create(year=school.year, name="Зимние каникулы", starts=date(2026, 12, 28), ends=date(2027, 1, 10))
    client = entering(app, "parent")
    page = text(client.get(f"/diary/{school.pupils[0].id}?week=2026-12-14"))
    assert "замена" in page and "Заменова А. И." in page and "отменён" in page and "мороз" in page
    assert "Зимние каникулы" in text(client.get(f"/diary/{school.pupils[0].id}?week=2026-12-28"))


def test_pln_09_works_ahead_and_who_teaches(app, school):
    with m.writing(make.SYSTEM):
        m.Lesson.update(kind=school.kinds["К"], work_topic="Многочлены").where(
            m.Lesson.id == school.lessons[date(2026, 12, 23)].id).execute()
    client = entering(app, "parent")
    assert "Впереди 23 декабря · Алгебра Контрольная работа: Многочлены" in text(client.get(f"/diary/{school.pupils[0].id}/marks"))
    page = client.get(f"/diary/{school.pupils[0].id}/marks?subject={school.course.subject_id}")
    assert school.teacher.full_name in text(page)


def test_a_mark_of_an_earlier_period_opens_that_period(app, school):
    day = date(2026, 10, 5)
    make.mark(make.lesson(school.course, school.teacher, day), school.pupils[0], "5")
    client = entering(app, "parent")
    assert f"subject={school.course.subject_id}&amp;day={day}" in client.get(
        f"/diary/{school.pupils[0].id}?week={day}").get_data(as_text=True)
    page = text(client.get(f"/diary/{school.pupils[0].id}/marks?subject={school.course.subject_id}&day={day}"))
    assert "I четверть" in page and "5 октября" in page


def test_a_subgroup_lesson_only_for_its_members_and_the_old_class_before_a_transfer(app, school):
    with m.writing(make.SYSTEM):
        group = m.Unit.create(year=school.year, kind="subgroup", name="7Б/1", school_class=school.school_class, number=1)
        m.UnitMember.create(unit=group, pupil=school.pupils[1], starts=make.YEAR[0])
        m.Enrolment.update(ends=date(2026, 12, 15)).where(m.Enrolment.pupil == school.pupils[0]).execute()
        m.Enrolment.create(pupil=school.pupils[0], school_class=school.foreign_class, starts=date(2026, 12, 16))
    make.lesson(make.course(group, "Английский", school.stranger), school.stranger, MONDAY, 4)
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week=2026-12-14"))
    assert "Английский" not in page and page.count("Алгебра") == 1 and page.count("Физика") == 2
    assert "Английский" in text(entering(app, "other_parent").get(f"/diary/{school.pupils[1].id}?week=2026-12-14"))


def test_a_parent_of_two_switches_in_one_tap(app, school):
    with m.writing(make.SYSTEM):
        m.Guardianship.create(guardian=school.parent, pupil=school.foreign_pupil, relation="мать")
    client = entering(app, "parent")
    first = client.get("/diary/", follow_redirects=True).get_data(as_text=True)
    kids = re.search(r'<nav class="kids.*?</nav>', first, re.S)[0]
    assert kids.count("<a ") == 2 and f'/diary/{school.pupils[0].id}?' in kids and f'/diary/{school.foreign_pupil.id}?' in kids


@pytest.mark.parametrize("page", ["", "/marks", "/results", "/topics"])
def test_acc_02_every_page_of_another_pupil_is_the_same_refusal(app, school, page):
    client = entering(app, "parent")
    foreign, missing, odd = (client.get(f"/diary/{number}{page}") for number in (school.pupils[1].id, 999_999, "abc"))
    assert (foreign.status_code, missing.status_code, odd.status_code) == (403, 403, 403)
    assert text(foreign) == text(missing) == text(odd)
    assert m.AccessRecord.select().where(m.AccessRecord.pupil_id == school.pupils[1].id).count() == 1


@pytest.mark.parametrize("page", ["", "/marks", "/results", "/topics"])
@pytest.mark.parametrize("login, code", [("deputy", 200), ("director", 200), ("secretary", 200), ("admin", 200),
                                         ("class_teacher", 200), ("teacher", 403), ("stranger", 403)])
def test_acc_06_staff_open_a_diary_by_their_right_and_it_is_logged(app, school, login, code, page):
    assert entering(app, login).get(f"/diary/{school.pupils[0].id}{page}").status_code == code
    looks = m.AccessRecord.select().where(m.AccessRecord.pupil_id == school.pupils[0].id)
    assert [look.person_id for look in looks] == [getattr(school, login).id]


def test_nobody_without_signing_in(app, school):
    assert app.test_client().get(f"/diary/{school.pupils[0].id}").status_code == 302


@pytest.mark.parametrize("week", ["abc", "2026-13-40", "0001-01-01", "9999-12-31"])
def test_an_odd_week_is_a_bad_request(app, school, week):
    assert entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week={week}").status_code == 400


@pytest.mark.parametrize("query", ["period=999999", "period=x", "subject=999999", "subject=-1"])
def test_a_period_or_subject_of_somebody_else_is_refused(app, school, query):
    assert entering(app, "parent").get(f"/diary/{school.pupils[0].id}/marks?{query}").status_code == 403


def test_a_file_of_homework_only_to_those_who_see_the_homework(app, school, tmp_path):
    with m.writing(make.SYSTEM):
        homework = m.Homework.create(lesson=school.lessons[MONDAY], text="лист", entered_at=make.SYSTEM.at)
        file = m.Attachment.create(homework=homework, name="лист.pdf", digest="0" * 64, size=3, mime="application/pdf")
        other = m.Homework.create(lesson=school.foreign_lessons[date(2026, 12, 14)], text="лист", entered_at=make.SYSTEM.at)
        foreign = m.Attachment.create(homework=other, name="лист.pdf", digest="0" * 64, size=3, mime="application/pdf")
    client = entering(app, "parent")
    assert "лист.pdf" in client.get(f"/diary/{school.pupils[0].id}?week=2026-12-14").get_data(as_text=True)
    assert client.get(f"/diary/files/{foreign.id}").status_code == 403
    assert client.get(f"/diary/files/{file.id}").status_code != 403


def test_marks_have_the_weighted_average_and_how_it_came_about(app, school):
    """reports.md 3.6: 5 (×3), 5 (×1), 4 (×3) → 32 / 7 = 4.57."""
    days = [MONDAY, date(2026, 12, 10), date(2026, 12, 9)]
    with m.writing(make.SYSTEM):
        for day in days[::2]:
            school.lessons[day].record(make.actor(), kind=school.kinds["К"])
    for day, value in zip(days, "554", strict=True):
        make.mark(school.lessons[day], school.pupils[0], value)
    client = entering(app, "parent")
    assert "4,57 средняя" in text(client.get(f"/diary/{school.pupils[0].id}/marks"))
    page = text(client.get(f"/diary/{school.pupils[0].id}/marks?subject={school.course.subject_id}"))
    for shown in ("32 : 7 = 4,57 → 5", "Контрольная работа ×3 4 5 27", "14 декабря · контрольная работа · вес 3"):
        assert shown in page


def test_results_have_every_period_the_year_and_the_final(app, school):
    with m.writing(make.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[0], value="4",
                            entered_at=make.SYSTEM.at)
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], kind="final", value="5", entered_at=make.SYSTEM.at)
    page = text(entering(app, "parent").get(f"/diary/{school.pupils[0].id}/results"))
    assert "Предмет I четверть II четверть III четверть IV четверть Итоговая Алгебра 4 — — — 5" in page


def test_inf_14_topics_held_and_what_is_ahead_as_plan(app, school):
    plan = make.plan(school.course, ["Одночлены", "Многочлены"])
    school.lessons[MONDAY].record(make.actor(), topic="Одночлены", plan_topic=plan.topics[0])
    client = entering(app, "parent")
    assert "Алгебра" in text(client.get(f"/diary/{school.pupils[0].id}/topics"))
    page = text(client.get(f"/diary/{school.pupils[0].id}/topics?subject={school.course.subject_id}"))
    assert "14 декабря Одночлены" in page and "Многочлены план" in page


@pytest.fixture
def graded(school):
    """4, 4 and 3 in the running quarter: 3,67."""
    for lesson, value in zip(list(school.lessons.values())[:3], "443", strict=True):
        make.mark(lesson, school.pupils[0], value)
    return f"/diary/{school.pupils[0].id}/marks?subject={school.course.subject_id}"


def test_fin_15_the_family_reads_a_forecast_that_is_no_mark(app, school, graded):
    client = entering(app, "parent")
    page = text(client.get(graded))
    assert "прогноз, не отметка По отметкам на сегодня за период «II четверть» выходит 4" in page
    assert "До 5 не хватает 0,83" in page and "2 × «5»: контрольная работа" in page and "ответ на уроке, домашняя" not in page
    with clock.frozen(datetime(2026, 12, 14, 9)):
        assert "5 × «5»: ответ на уроке" in text(entering(app, "parent").get(graded))
    with clock.frozen(datetime(2026, 12, 24, 9)):
        client = entering(app, "parent")
        assert "Осталось уроков: 0, в этом периоде 5 уже не выйдет" in text(client.get(graded))
    with m.writing(make.SYSTEM):
        for number, value in ((0, "3"), (2, "5")):
            m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[number], value=value, entered_at=make.SYSTEM.at)
    client = entering(app, "parent")
    page = text(client.get(f"{graded}&period=year"))
    assert "С отметками за периоды (3) и 4 за период «II четверть» за год выходит 4" in page
    with m.writing(make.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[1], value="4", entered_at=make.SYSTEM.at)
    assert "прогноз" not in text(client.get(graded))


def test_fin_16_no_forecast_where_the_school_gives_none_or_the_period_is_over(app, school, graded):
    with clock.frozen(datetime(2026, 12, 28, 9)):
        assert "прогноз" not in text(entering(app, "parent").get(f"{graded}&period={school.periods[1].id}"))
    school.regulation.values["rules"]["forecast.mode"]["value"] = "off"
    with m.writing(make.SYSTEM):
        school.regulation.save()
    assert "прогноз" not in text(entering(app, "parent").get(graded))


@pytest.mark.parametrize("lessons", [1, 6])
def test_a_week_costs_twelve_statements_at_any_size(app, school, lessons):
    for number in range(1, lessons + 1):
        lesson = make.lesson(make.course(school.unit, f"Предмет {number}", school.teacher), school.teacher, MONDAY, number)
        make.mark(lesson, school.pupils[0], "5")
        with m.writing(make.SYSTEM):
            homework = m.Homework.create(lesson=lesson, text="упр. 1", entered_at=make.SYSTEM.at)
            m.Attachment.create(homework=homework, name="памятка", url="https://example.org/")
    client = entering(app, "parent")
    client.get(f"/diary/{school.pupils[0].id}")  # what is noted once a day is no part of a page
    with counted() as sent:
        assert client.get(f"/diary/{school.pupils[0].id}?week=2026-12-14").status_code == 200
    assert len(sent) <= 12, sent


def test_the_page_is_kept_nowhere(app, school):
    assert entering(app, "parent").get(f"/diary/{school.pupils[0].id}").headers["Cache-Control"] == "no-store"
