"""Announcements (ACC-15): seen by those they are for, from a day to a day, above the content of the first page, until read."""

from datetime import timedelta

import pytest

import clock
import models as m
from tests import factories as f
from tests.statements import counted

PASSWORD = "долгий пароль 1"


@pytest.fixture
def school(db):
    return f.school(preset="d2_spo")


@pytest.fixture
def signed_in(app, school):
    browsers = {}

    def browser(name, who=None):
        if name not in browsers:
            f.account(who or getattr(school, name), name, PASSWORD)
            browsers[name] = app.test_client().sign_in(name, PASSWORD)
        return browsers[name]

    with clock.frozen(f.NOW):
        yield browser


def announce(client, place, whom="parents", text="Собрание в пятницу", starts=0, ends=14):
    days = {name: (f.TODAY + timedelta(days=days)).isoformat() for name, days in (("starts", starts), ("ends", ends))}
    return client.send("/announcements/new", place=place, whom=whom, text=text, **days)


def diary(school, number=0):
    pupil = school.foreign_pupil if number == "foreign" else school.pupils[number]
    return f"/diary/{pupil.id}"


def test_acc_15_an_announcement_for_a_class_is_invisible_to_another(signed_in, school):
    stranger = f.guardian(school.foreign_pupil, "Стороннева")
    assert announce(signed_in("class_teacher"), f"class-{school.school_class.id}").status_code == 302
    row = m.Announcement.get()
    parent = signed_in("parent")
    assert "Собрание в пятницу" in parent.get(diary(school)).text and "Собрание" in parent.get("/announcements/").text
    for name, who, page in (("other", stranger, diary(school, "foreign")), ("pupil", school.pupils[0].person, diary(school)),
                            ("teacher", None, "/today/teacher"), ("stranger", None, "/today/teacher")):
        client = signed_in(name, who)
        assert "Собрание" not in client.get(page).text and "Собрание" not in client.get("/announcements/").text, name
        assert client.get(f"/announcements/{row.id}").status_code == 403
        assert client.send(f"/announcements/{row.id}/read").status_code == 403
        assert client.send(f"/announcements/{row.id}/withdraw").status_code == 403


def test_it_is_dismissed_as_read_and_its_author_sees_by_how_many(signed_in, school):
    leader, parent = signed_in("class_teacher"), signed_in("parent")
    announce(leader, f"class-{school.school_class.id}", "families", "Поездка\nв музей")
    row = m.Announcement.get()
    assert "Поездка<br>в музей" in parent.get(diary(school)).text
    assert "Поездка" not in leader.get("/today/teacher").text
    answer = parent.send(f"/announcements/{row.id}/read", next=diary(school))
    assert answer.status_code == 302 and answer.location == diary(school)
    assert "Поездка" not in parent.get(diary(school)).text and "Поездка" in parent.get("/announcements/").text
    parent.send(f"/announcements/{row.id}/read")
    assert "прочитали: 1" in leader.get("/announcements/").text
    page = leader.get(f"/announcements/{row.id}").text
    assert "1 из 5" in page and "Родителева А. И." in page
    assert "Кто прочитал" in page and "Кто прочитал" not in parent.get(f"/announcements/{row.id}").text


@pytest.mark.parametrize("starts, ends, seen", [(0, 0, True), (-3, 5, True), (1, 5, False)])
def test_it_stands_from_a_day_to_a_day(signed_in, school, starts, ends, seen):
    announce(signed_in("class_teacher"), f"class-{school.school_class.id}", starts=starts, ends=ends)
    parent = signed_in("parent")
    assert ("Собрание" in parent.get(diary(school)).text) == seen
    assert (parent.get(f"/announcements/{m.Announcement.get().id}").status_code == 200) == seen
    with m.writing(f.SYSTEM):
        m.Announcement.update(starts=f.TODAY - timedelta(days=9), ends=f.TODAY - timedelta(days=1)).execute()
    assert "Собрание" not in parent.get(diary(school)).text


def test_it_is_taken_down_by_its_author_and_the_administration(signed_in, school):
    leader = signed_in("class_teacher")
    for name in ("class_teacher", "deputy"):
        announce(leader, f"class-{school.school_class.id}")
        row = m.Announcement.select().order_by(m.Announcement.id.desc()).get()
        assert signed_in("teacher").send(f"/announcements/{row.id}/withdraw").status_code == 403
        assert signed_in(name).send(f"/announcements/{row.id}/withdraw").status_code == 302
    assert "Собрание" not in signed_in("parent").get(diary(school)).text and "снято" in leader.get("/announcements/").text


@pytest.mark.parametrize("place, whom, who, seen", [
    ("school", "all", "parent", True), ("school", "all", "teacher", True), ("school", "staff", "parent", False),
    ("school", "staff", "teacher", True), ("school", "parents", "teacher", False), ("grade-7", "parents", "parent", True),
    ("grade-8", "parents", "parent", False), ("school", "pupils", "parent", False)])
def test_the_administration_announces_to_the_school_a_parallel_a_role(signed_in, school, place, whom, who, seen):
    assert announce(signed_in("deputy"), place, whom).status_code == 302
    page = signed_in(who).get(diary(school) if who == "parent" else "/today/teacher").text
    assert ("Собрание в пятницу" in page) == seen


@pytest.mark.parametrize("name, place, whom, status", [
    ("teacher", "course-own", "families", 302), ("teacher", "course-foreign", "families", 422), ("teacher", "class-own", "parents", 422),
    ("class_teacher", "class-foreign", "parents", 422), ("class_teacher", "school", "parents", 422),
    ("class_teacher", "class-own", "staff", 422), ("secretary", "school", "all", 302), ("parent", "class-own", "parents", 403),
    ("deputy", "class-own", "all", 422), ("deputy", "", "all", 422)])
def test_who_announces_where(signed_in, school, name, place, whom, status):
    ids = {"class-own": school.school_class.id, "class-foreign": school.foreign_class.id, "course-own": school.course.id,
           "course-foreign": school.foreign_course.id}
    place = f"{place.partition('-')[0]}-{ids[place]}" if place in ids else place
    assert announce(signed_in(name), place, whom).status_code == status
    assert m.Announcement.select().count() == (status == 302)


@pytest.mark.parametrize("wrong", [{"text": " "}, {"ends": -1}, {"starts": 5, "ends": 3}])
def test_what_is_wrong_comes_back_with_what_was_typed(signed_in, school, wrong):
    answer = announce(signed_in("class_teacher"), f"class-{school.school_class.id}", **{"text": "Важное дело"} | wrong)
    assert answer.status_code == 422 and (wrong.get("text") or "Важное дело") in answer.text and m.Announcement.select().count() == 0


def test_the_first_pages_cost_no_more_for_many_announcements(signed_in, school):
    parent, teacher, counts = signed_in("parent"), signed_in("teacher"), []
    for many in (1, 20):
        for number in range(many):
            announce(signed_in("deputy"), "school", "all", f"Новость {many} {number}")
        for client, path in ((parent, diary(school)), (teacher, "/today/teacher")):
            client.get(path)
            with counted() as sent:
                assert client.get(path).status_code == 200
            counts.append(len(sent))
    assert counts[:2] == counts[2:]
    assert "Ещё 18 объявлений" in parent.get(diary(school)).text
