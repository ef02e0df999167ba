"""Who uses the journal (CTL-13), the report of it that is kept month by month (CTL-04), figures for a bonus (CTL-15)."""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import clock
import models as m
import rulebook.activity
import rulebook.work
from rulebook.rules import preset
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

PASSWORD = "long enough"
PEOPLE = ("teacher", "class_teacher", "stranger", "deputy", "director", "admin", "secretary", "parent")


@pytest.fixture
def school(db):
    s = make.school()
    for name in PEOPLE:
        make.account(getattr(s, name), name, PASSWORD)
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, PASSWORD)


def of_staff(who: m.Person, first=date(2026, 12, 1), last=date(2026, 12, 31)):
    return next(each for each in rulebook.activity.staff(first, last) if each.person == who.id)


# ---- use, counted once a day ----

def test_ctl_13_a_day_of_use_counts_once_and_only_the_first_page_writes(app, school):
    client = entering(app, "teacher")
    for _ in range(3):
        client.get("/journal/")
    own = m.UseDay.select().join(m.Account).where(m.Account.person == school.teacher)
    assert [(row.day, row.part) for row in own] == [(make.TODAY, "journal")]
    m.UseDay.delete().execute()
    client.get("/journal/")
    assert m.UseDay.select().count() == 0, "the first page of the day has written it, none after it"
    with clock.frozen(make.NOW + timedelta(days=1)):
        entering(app, "teacher").get("/plans/")
    seen = of_staff(school.teacher)
    assert (seen.days, seen.sign_ins, seen.last, seen.never) == (1, 2, date(2026, 12, 18), ("journal", "results", "duties"))


def test_ctl_13_leaders_see_the_staff_and_classes_in_numbers(app, school):
    entering(app, "parent").get(f"/diary/{school.pupils[0].id}")
    page = text(entering(app, "deputy").get("/activity/"))
    assert "7Б 0 из 3 0,0 % 1 из 2 50,0 % 2" in page, "one parent of two looked in, two families did not"
    assert "Алгебраева А. И. учитель 0 0 — весь журнал" in page and "Заменова" not in page, "who is appointed to nothing is no user"


def test_ctl_13_r_13_the_class_teacher_sees_own_families_by_name(app, school):
    entering(app, "parent").get(f"/diary/{school.pupils[0].id}")
    page = text(entering(app, "class_teacher").get(f"/activity/classes/{school.school_class.id}"))
    assert "Родителева А. И. Ученикова001 Анна 1 1 17 декабря отметки, отметки за периоды" in page
    assert "Ученикова002 Анна, Ученикова003 Анна" in page, "families nobody came from"
    assert entering(app, "class_teacher").get(f"/activity/classes/{school.foreign_class.id}").status_code == 403
    assert entering(app, "stranger").get(f"/activity/classes/{school.school_class.id}").status_code == 403


@pytest.mark.parametrize("watched, status", [(True, 200), (False, 403)])
def test_ctl_13_the_regulation_says_whether_the_administration_sees_pupils_by_name(app, school, watched, status):
    make.regulation(**{"security__admin_monitors_students": watched})
    for login in ("admin", "deputy"):
        assert entering(app, login).get(f"/activity/classes/{school.school_class.id}").status_code == status
    assert entering(app, "class_teacher").get(f"/activity/classes/{school.school_class.id}").status_code == 200
    report = text(entering(app, "admin").get("/documents/activity"))
    assert ("Ученикова002" in report) == watched


def test_the_page_of_use_costs_the_same_for_any_school(app, school):
    client = entering(app, "deputy")
    client.get("/activity/")
    with counted() as few:
        client.get("/activity/")
    for number in range(20):
        make.guardian(make.pupil(f"Новенькая{number}", school.school_class), f"Мама{number}")
    with counted() as many:
        client.get("/activity/")
    assert len(many) == len(few)


# ---- the score ----

def test_r_12_the_score_is_the_mean_of_the_shares_done_in_time():
    work = rulebook.work.Work(1, "А", lessons=10, asked=8, topics_in_time=9, attendance_in_time=10, homework_in_time=4, marks=20, marks_late=5)
    assert work.in_time() == {"attendance": 100, "topics": 90, "homework": 50, "marks": 75}
    assert work.score == Decimal("78.8"), "78.75, half up"
    assert rulebook.work.Work(1, "А", lessons=3, topics_in_time=1, attendance_in_time=1).score == Decimal("33.3"), "what was not due is left out"
    assert rulebook.work.Work(1, "А").score is None
    assert rulebook.work.Work(1, "А", lessons=3, topics_in_time=1).in_time()["topics"] == Fraction(100, 3)


def test_r_12_lessons_as_they_were_recorded(app, school):
    first, second = (school.lessons[date(2026, 12, day)] for day in (14, 16))
    with m.writing(make.SYSTEM):
        first.record(make.actor(), topic="Степень", topic_at=make.SYSTEM.at, topic_late=True, attendance_at=make.SYSTEM.at)
        second.record(make.actor(), attendance_at=make.SYSTEM.at)
        m.Homework.create(lesson=first, text="№ 5", entered_at=make.SYSTEM.at)
    make.mark(first, school.pupils[0], "5")
    make.mark(first, school.pupils[1], "4", late=True)
    works = rulebook.work.by_teacher(preset("d1_asurso"), date(2026, 12, 14), date(2026, 12, 16), clock.now())
    work = next(each for each in works if each.person == school.teacher.id)
    assert (work.lessons, work.recorded, work.topics, work.taken, work.homework, work.marked, work.late) == (2, 1, 1, 2, 1, 1, 2)
    assert work.in_time() == {"attendance": 100, "topics": 0, "homework": 50, "marks": 50} and work.score == Decimal("50.0")


def test_r_14_fullness_of_the_journals_in_the_running_period(app, school):
    lesson = school.lessons[date(2026, 12, 14)]
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Степень")
    make.mark(lesson, school.pupils[0], "5")
    row, = rulebook.work.fullness(preset("base"), school.teacher.id, make.TODAY)
    assert (row.lessons, row.pupils, row.marks, row.norm, row.fewer, row.bare) == (1, 3, 1, 7, 3, 2)
    assert (row.accumulation, row.shown_density, row.alert) == (Decimal("4.8"), Decimal("0.33"), True)
    page = text(entering(app, "deputy").get(f"/duties/week?first=2026-12-14&last=2026-12-16&teacher={school.teacher.id}"))
    assert "7Б, Алгебра 1 3 1" in page


# ---- CTL-15 ----

def test_ctl_15_figures_for_a_bonus_only_where_the_regulation_names_it(app, school):
    assert "не называет поощрения" in text(entering(app, "director").get("/documents/bonus"))
    make.regulation(**{"bonus__basis": True})
    page = text(entering(app, "director").get("/documents/bonus"))
    assert "Показатель не назначает выплат" in page and "Алгебраева А. И." in page
    assert entering(app, "director").get("/documents/bonus?format=xlsx").data[:2] == b"PK"
    assert entering(app, "teacher").get("/documents/bonus").status_code == 403


# ---- CTL-04: the report of a month ----

def worker(app, at: datetime) -> str:
    with clock.frozen(at):
        answer = app.test_cli_runner().invoke(args=["work", "--once"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_ctl_04_the_report_of_a_month_is_made_on_the_first_day_once_and_never_changes(app, school):
    entering(app, "teacher").get("/journal/")
    assert "report of activity" not in worker(app, datetime(2026, 12, 31, 23, 50))
    assert "report of activity 2026-12-01" in worker(app, datetime(2027, 1, 1, 0, 5))
    row = m.ActivityReport.get()
    assert (row.first, row.last, row.made_at.astimezone(clock.zone()).date()) == (date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert "report of activity" not in worker(app, datetime(2027, 1, 1, 0, 6))
    with clock.frozen(datetime(2027, 1, 2, 9)):
        client = entering(app, "director")
        assert "декабрь 2026" in text(client.get("/activity/reports")).lower()
        for kind, digest in (("pdf", row.pdf), ("xlsx", row.xlsx)):
            file = client.get(f"/activity/reports/{row.id}/{kind}")
            assert file.status_code == 200 and hashlib.sha256(file.data).hexdigest() == digest
        assert {entering(app, login).get(f"/activity/reports/{row.id}/pdf").status_code for login in ("admin", "deputy")} == {200}
        assert {entering(app, login).get(f"/activity/reports/{row.id}/pdf").status_code for login in ("teacher", "secretary", "parent")} == {403}
        assert client.get(f"/activity/reports/{row.id}/exe").status_code == 403
    assert m.Notice.select().where((m.Notice.topic == "report") & (m.Notice.person == school.director)).count() == 1


def test_ctl_04_a_report_of_months_the_server_was_off_is_made_late_and_says_so(app, school):
    entering(app, "teacher").get("/journal/")
    done = worker(app, datetime(2027, 2, 20, 8))
    assert "report of activity 2026-12-01" in done and "report of activity 2027-01-01" in done
    assert {row.made_at.astimezone(clock.zone()).date() for row in m.ActivityReport.select()} == {date(2027, 2, 20)}


def test_ctl_04_a_changed_file_is_told_by_the_page_and_by_verify(app, school):
    entering(app, "teacher").get("/journal/")
    worker(app, datetime(2027, 1, 1, 0, 5))
    row, run = m.ActivityReport.get(), app.test_cli_runner().invoke
    assert run(args=["verify"]).exit_code == 0
    file = Path(app.instance_path) / "files" / row.pdf
    file.write_bytes(file.read_bytes() + b" ")
    with clock.frozen(datetime(2027, 1, 2, 9)):
        page = entering(app, "director").get(f"/activity/reports/{row.id}/pdf")
    assert page.status_code == 410 and "Файл изменён или пропал" in page.text
    assert run(args=["verify"]).exit_code == 1


def test_ctl_04_the_interval_of_the_regulation_may_be_none(app, school):
    make.regulation(**{"reports__activity_interval": "none"})
    entering(app, "teacher").get("/journal/")
    assert "report of activity" not in worker(app, datetime(2027, 2, 20, 8))
