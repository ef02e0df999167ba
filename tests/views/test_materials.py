"""Links, files and online tests of a lesson, and the flag that it is given at a distance (ACC-17)."""

import re
from datetime import date
from io import BytesIO

import pytest

import clock
import models as m
from tests import factories as make

PDF = b"%PDF-1.4 a page"
TODAY = date(2026, 12, 17)


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("parent", "other_parent", "teacher", "stranger", "deputy"):
        make.account(getattr(s, name), name, "long enough")
    make.account(make.guardian(s.foreign_pupil, "Чужакова"), "foreign_parent", "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).strip()


def test_acc_17_a_lesson_at_a_distance_is_held_and_leads_pupils_to_its_test(app, school):
    lesson, client = school.lessons[TODAY], entering(app, "teacher")
    answer = client.send(f"/lesson/{lesson.id}/materials", distance="1", link="https://test.example.org/7", title="Степени", test="1",
                         files=(BytesIO(PDF), "карта.pdf"))
    assert answer.status_code == 302
    stands = m.Lesson.get_by_id(lesson.id)
    assert (stands.distance, stands.state) == (True, "held")
    diary = entering(app, "parent").get(f"/diary/{school.pupils[0].id}?week={TODAY}")
    assert "https://test.example.org/7" in diary.get_data(as_text=True)
    assert "дистанционно" in text(diary) and "Онлайн-тест: Степени" in text(diary)
    file = m.Material.get(m.Material.digest != "")
    assert entering(app, "parent").get(f"/diary/materials/{file.id}").data == PDF
    assert entering(app, "foreign_parent").get(f"/diary/materials/{file.id}").status_code == 403
    assert entering(app, "stranger").get(f"/diary/materials/{file.id}").status_code == 403


def test_acc_17_what_is_taken_away_is_gone_and_the_rest_stays(app, school):
    lesson, client = school.lessons[TODAY], entering(app, "teacher")
    for number in (1, 2):
        client.send(f"/lesson/{lesson.id}/materials", link=f"https://example.org/{number}")
    first = m.Material.select().order_by(m.Material.id).first()
    client.send(f"/lesson/{lesson.id}/materials", drop=first.id)
    assert [row.url for row in m.Material.select()] == ["https://example.org/2"]
    assert m.Lesson.get_by_id(lesson.id).state == "planned"


@pytest.mark.parametrize("day, reason, status, words", [
    (date(2026, 12, 7), "", 422, "4.1.11"), (date(2026, 12, 7), "Забыла приложить", 302, ""), (date(2026, 11, 30), "Забыла", 422, "3.6")])
def test_the_edit_window_holds_for_links_too(app, school, day, reason, status, words):
    answer = entering(app, "teacher").send(f"/lesson/{school.lessons[day].id}/materials", link="https://example.org/", reason=reason)
    assert answer.status_code == status and words in text(answer)
    assert m.Material.select().count() == (status == 302)
    assert words != "4.1.11" or "https://example.org/" in answer.get_data(as_text=True)


def test_a_closed_period_and_strangers_change_nothing(app, school):
    lesson = school.lessons[TODAY]
    assert entering(app, "stranger").send(f"/lesson/{lesson.id}/materials", distance="1").status_code == 403
    assert entering(app, "deputy").send(f"/lesson/{lesson.id}/materials", distance="1").status_code == 403
    assert entering(app, "teacher").send(f"/lesson/{lesson.id}/materials", link="javascript:alert(1)").status_code == 422
    with m.writing(make.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=make.SYSTEM.at, reason="")
    answer = entering(app, "teacher").send(f"/lesson/{lesson.id}/materials", distance="1")
    assert answer.status_code == 422 and "закрыт" in text(answer)
    assert not m.Lesson.get_by_id(lesson.id).distance and not m.Material.select().exists()
