"""How old the last backup is (ARC-02), the yearly printing (ARC-06), and what pupils missed in a month (STR-18)."""

from datetime import date, datetime

import pytest

import clock
import models as m
import rulebook.attendance
import rulebook.backups
import rulebook.yearly
from rulebook.rules import preset
from tests import factories as make
from tests.views.test_diary import text

PASSWORD = "long enough"


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("admin", "director", "deputy", "teacher", "class_teacher"):
        make.account(getattr(s, name), name, PASSWORD)
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, PASSWORD)


# ---- backups ----

@pytest.mark.parametrize("today, state", [("11-08", "kept"), ("11-09", "risk"), ("11-15", "risk"), ("11-16", "broken")])
def test_arc_02_the_last_copy_is_quiet_a_week_then_warns_then_is_red(today, state):
    last, rules = date(2026, 11, 1), preset("d2_spo")
    ages = rulebook.backups.ages(rules, date.fromisoformat(f"2026-{today}"), (last, last))
    assert [(age.kind, age.state) for age in ages] == [("file", state), ("medium", state)]
    assert [age.kind for age in rulebook.backups.ages(preset("d0_sosh1"), last, (last, None))] == ["file"], "no medium is asked for"


def test_arc_01_arc_02_the_command_and_the_administrator_write_the_register(app, school, tmp_path):
    client = entering(app, "admin")
    assert "Сделать резервную копию" in text(client.get("/duties/"))
    assert app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy.zip")]).exit_code == 0
    row = m.Backup.get()
    assert (row.file, row.day, row.size) == ("copy.zip", make.TODAY, (tmp_path / "copy.zip").stat().st_size)
    assert "Сделать резервную копию" not in text(client.get("/duties/"))
    assert client.send("/backups/", medium=" ", day="2026-12-17").status_code == 422
    assert client.send("/backups/", medium="Диск 2", day="2026-12-18").status_code == 422
    client.send("/backups/", medium="Диск 2", day="2026-12-17", note="сейф")
    page = text(client.get("/backups/"))
    assert "Диск 2 за 17 декабря" in page and "сейф" in page
    assert entering(app, "director").send("/backups/", medium="Диск 3", day="2026-12-17").status_code == 403
    assert entering(app, "teacher").get("/backups/").status_code == 403


# ---- the yearly printing ----

def test_arc_06_the_print_of_the_year_is_a_duty_until_every_class_is_confirmed(app, school):
    with clock.frozen(datetime(2027, 5, 10, 9)):
        assert "Распечатать, прошить" not in text(entering(app, "director").get("/duties/"))
    with clock.frozen(datetime(2027, 6, 1, 9)):
        client = entering(app, "director")
        assert "журналы года: 7Б, 8А до 30 июня" in text(client.get("/duties/"))
        client.send("/duties/printed", **{"class": [school.school_class.id]}, note="68 листов")
        assert "журналы года: 8А до 30 июня" in text(client.get("/duties/"))
    with clock.frozen(datetime(2027, 7, 1, 9)):
        assert "журналы года: 8А срок был 30 июня" in text(entering(app, "director").get("/duties/"))
        assert entering(app, "teacher").send("/duties/printed", **{"class": [school.foreign_class.id]}).status_code == 403
    autumn, rules = date(2027, 10, 1), preset("d4_hmao")
    assert rulebook.yearly.deadline(rules, autumn) == date(2027, 6, 30)
    assert [each.name for each in rulebook.yearly.unprinted(rules, autumn)] == ["8А"], "the autumn does not forget it"


# ---- missed days ----

def held(school, day: date, *numbers: int) -> list[m.Lesson]:
    return [make.lesson(school.course, school.teacher, day, number, state="held") for number in numbers]


@pytest.mark.parametrize("rule, days", [("all", 0), ("more_than_3", 1)])
def test_str_18_a_day_of_six_lessons_of_which_four_were_missed(school, rule, days):
    for lesson in held(school, date(2026, 10, 6), 1, 2, 3, 4, 5, 6)[:4]:
        make.absence(lesson, school.pupils[0], "н")
    rules = preset("base").changed({"attendance.missed_day": {"value": rule}})
    row = rulebook.attendance.of_classes(rules, [school.school_class.id], date(2026, 10, 1), date(2026, 10, 31))[0]
    assert (row.lessons.due, row.lessons.missed, row.days, row.systematic) == (6, 4, days, True)


def test_str_18_systematic_absence_stands_on_the_page_of_the_class(app, school):
    lessons = held(school, date(2026, 12, 1), 1, 2, 4, 5, 6)
    for lesson in lessons[:2]:
        make.absence(lesson, school.pupils[0], "нп")
        make.absence(lesson, school.pupils[1], "б")
    page = text(entering(app, "class_teacher").get(f"/duties/classes/{school.school_class.id}"))
    assert "Ученикова001 Анна систематические пропуски 2 0 0 2 0 0 60,0 %" in page
    assert "Ученикова002 Анна 2 2 0 0" in page, "an ill pupil misses nothing without a reason"
    assert "Ученикова003 Анна 0" not in page
