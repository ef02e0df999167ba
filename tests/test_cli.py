"""The commands of the contract that belong to the house itself."""

from datetime import datetime, timedelta

import pytest

import clock
import models as m
from tests import factories

INIT = ["init", "--name", "Школа", "--short-name", "Школа", "--kind", "college", "--timezone", "Asia/Omsk", "--year", "2026",
        "--regulation", "d2_spo", "--surname", "Админова", "--given-name", "Анна", "--patronymic", "", "--login", "admin",
        "--password", "зимний вечер"]


@pytest.fixture
def run(app):
    return app.test_cli_runner().invoke


def test_migrate_is_safe_to_repeat(run):
    assert [run(args=["migrate"]).exit_code for _ in range(2)] == [0, 0]


def test_init_sets_the_school_up_without_a_browser(run, app):
    answer = run(args=INIT)
    assert answer.exit_code == 0, answer.output
    assert (m.School.the().kind, m.Year.get().name, m.Regulation.get().preset) == ("college", "2026/27", "d2_spo")
    assert app.test_client().send("/login", login="admin", password="зимний вечер").status_code == 302


def test_init_asks_for_what_is_not_given(run):
    answer = run(args=["init"], input="Школа\n\nschool\nEurope/Samara\n2026\nbase\nАдминова\nАнна\n\nadmin\nзимний вечер\nзимний вечер\n")
    assert answer.exit_code == 0, answer.output
    assert m.School.the().timezone == "Europe/Samara"


def test_init_a_second_time_is_one_clear_line(run):
    run(args=INIT)
    answer = run(args=INIT)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ") and answer.output.count("\n") == 1


@pytest.mark.parametrize("option, value", [("--timezone", "Mars/Base"), ("--kind", "army"), ("--password", "short")])
def test_a_wrong_answer_to_init_is_told(run, option, value):
    arguments = list(INIT)
    arguments[arguments.index(option) + 1] = value
    answer = run(args=arguments)
    assert answer.exit_code != 0 and "Traceback" not in answer.output
    assert m.School.the() is None


def test_backup_restore_and_verify(run, tmp_path):
    s = factories.school()
    factories.mark(s.lessons[min(s.lessons)], s.pupils[0], "5")
    assert run(args=["backup", str(tmp_path / "b.zip")]).exit_code == 0
    factories.person("Лишняя")
    assert run(args=["restore", str(tmp_path / "b.zip")]).exit_code == 0
    assert not m.Person.select().where(m.Person.surname == "Лишняя").exists()
    assert m.Mark.get().value == "5"
    assert run(args=["verify"]).exit_code == 0


def test_a_place_that_cannot_be_written_is_one_clear_line(run, tmp_path):
    answer = run(args=["backup", str(tmp_path / "no" / "such" / "folder.zip")])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ") and answer.output.count("\n") == 1


def test_export_and_load_move_a_school(run, tmp_path):
    factories.school()
    assert run(args=["export", str(tmp_path / "s.zip")]).exit_code == 0
    refused = run(args=["load", str(tmp_path / "s.zip")])
    assert refused.exit_code == 1 and "не пуста" in refused.output


def test_verify_names_an_attached_file_that_is_gone(run):
    s = factories.school()
    lesson = s.lessons[min(s.lessons)]
    with m.writing(factories.SYSTEM):
        homework = m.Homework.create(lesson=lesson, text="§ 5", entered_at=factories.SYSTEM.at)
        m.Attachment.create(homework=homework, name="памятка.pdf", digest="ab" * 32, size=5)
    answer = run(args=["verify"])
    assert answer.exit_code == 1 and "ab" * 32 in answer.output


def test_ctl_01_the_worker_tells_director_and_deputy_how_the_week_went_and_tells_it_once(demo_app):
    run = demo_app.test_cli_runner().invoke
    monday = datetime(2026, 12, 14, 7, 0, tzinfo=clock.zone())
    with clock.frozen(monday):
        first, again = run(args=["work", "--once"]), run(args=["work", "--once"])
    assert (first.exit_code, again.output) == (0, "") and "weekly digest 2026-12-07" in first.output
    notices = list(m.Notice.select().where(m.Notice.topic == "digest"))
    assert notices and {row.url for row in notices} == {"/duties/week?day=2026-12-07"}
    heads = m.Appointment.on(monday.date()).select(m.Appointment.person).where(m.Appointment.role == "ZAV")
    assert {row.person_id for row in notices} == {row.person_id for row in heads}
    with clock.frozen(monday + timedelta(days=7)):
        assert "weekly digest 2026-12-14" in run(args=["work", "--once"]).output
