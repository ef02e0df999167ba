"""The journal's pages and the endpoint of its cells: what the contract promises, who gets what, what a page costs."""

import gzip
import re
from datetime import date

import pytest

import clock
import models as m
from rulebook.entries import version_of
from tests import factories as f
from tests.statements import counted
from views import access_log, visitor

DAY = date(2026, 12, 17)
PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "deputy", "director", "admin", "secretary", "stranger", "substitute", "parent"):
        f.account(getattr(s, name), name, PASSWORD)
    return s


@pytest.fixture
def at():
    """The clock held at 10:40 on Thursday 17 December 2026; `at(moment)` holds it elsewhere."""
    with clock.frozen(f.NOW):
        yield


@pytest.fixture
def client(school, app, at):
    return app.test_client().sign_in("teacher", PASSWORD)


def sign_in(client, who):
    client.get("/logout")
    return client.application.test_client().sign_in(who, PASSWORD)


def page(client, school, **params):
    answer = client.get(f"/journal/{school.course.id}", query_string=params)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def cell(html, pupil, lesson):
    """(attributes, text) of a cell of the sheet."""
    found = re.search(rf'<td data-pupil="{pupil.id}" data-lesson="{lesson.id}"([^>]*)>([^<]*)</td>', html)
    return found and found.groups()


def save(client, school, *cells, status=200):
    answer = client.send_json(f"/journal/{school.course.id}/cells", {"cells": list(cells)})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def entry(school, value, pupil=0, day=DAY, **more):
    return {"pupil": school.pupils[pupil].id, "lesson": school.lessons[day].id, "value": value, **more}


# ---- the list ----

def test_the_list_holds_own_journals_and_leaders_find_all(school, client):
    own = client.get("/journal/").get_data(as_text=True)
    assert "Алгебра" in own and "Физика" not in own
    leader = sign_in(client, "deputy")
    assert {"Алгебра", "Физика"} <= set(re.findall(r"Алгебра|Физика", leader.get("/journal/").get_data(as_text=True)))
    found = leader.get("/journal/?q=ФИЗИКОВА").get_data(as_text=True)
    assert "Физика" in found and "Алгебра" not in found


def test_an_empty_list_says_what_to_do(school, client):
    with m.writing(f.SYSTEM):
        m.Assignment.delete().execute()
    f.appoint(school.teacher, "T")
    assert "Журналов пока нет" in sign_in(client, "teacher").get("/journal/").get_data(as_text=True)


# ---- the grid ----

def test_the_grid_has_the_contracts_attributes(school, client):
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    html = page(client, school)
    assert '<table id="journal"' in html
    assert re.search(rf'<th scope="col" data-lesson="{school.lessons[DAY].id}" data-date="2026-12-17"', html)
    assert cell(html, school.pupils[0], school.lessons[DAY]) == (f' data-version="{version_of("5")}"', "5")
    assert cell(html, school.pupils[1], school.lessons[DAY]) == (' data-version="0"', "")
    assert re.search(rf'data-pupil="{school.pupils[0].id}" data-period="{school.periods[1].id}"', html)
    assert re.search(r'<meta name="csrf-token" content="[^"]+"', html)


def test_the_period_that_runs_is_shown_unless_another_is_asked_for(school, client):
    assert 'data-date="2026-12-17"' in page(client, school)
    assert "2026-12-17" not in page(client, school, period=school.periods[2].id)


@pytest.mark.parametrize("asked", ["999", "abc", "9" * 30, "-1"])
def test_a_period_that_is_not_there_is_refused(school, client, asked):
    assert client.get(f"/journal/{school.course.id}?period={asked}").status_code == 403


def test_zones_of_editing_are_columns_and_named_in_the_head(school, client):
    html = page(client, school)
    assert "закрыто, п. 3.6" in html and "с причиной, п. 4.1.11" in html and "открыто" in html
    assert re.search(r'<col span="\d+" class="k">', html) and re.search(r'<col span="\d+" class="w">', html)


def test_averages_absences_and_the_computed_mark_stand_at_the_right(school, client):
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=school.kinds["К"]).where(m.Lesson.id == school.lessons[DAY].id).execute()
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    f.mark(school.lessons[date(2026, 12, 16)], school.pupils[0], "3")
    f.absence(school.lessons[date(2026, 12, 14)], school.pupils[0], "н")
    row = re.search(r"<tr>.*?Ученикова001.*?</tr>", page(client, school), re.S)[0]
    assert '<td class="edge calc">4,50</td><td class="calc">1</td><td class="calc">5</td>' in row


def test_a_period_mark_that_departs_from_the_computed_one_is_pointed_out(school, client):
    f.mark(school.lessons[DAY], school.pupils[0], "4")
    with m.writing(f.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[1], value="5", computed="4",
                            entered_at=f.SYSTEM.at)
    assert '<td class="pm up"' in page(client, school)


def test_late_corners_and_days_outside_membership(school, client):
    f.mark(school.lessons[DAY], school.pupils[0], "5", late=True)
    gone = f.pupil("Ушедшая", school.school_class, ends=date(2026, 12, 10))
    html = page(client, school)
    assert 'class="l"' in cell(html, school.pupils[0], school.lessons[DAY])[0]
    assert cell(html, gone, school.lessons[DAY]) is None and cell(html, gone, school.lessons[date(2026, 12, 9)])
    assert "до 10 дек" in html


def test_a_further_work_of_a_lesson_is_one_more_column(school, client):
    answer = client.send(f"/journal/{school.course.id}/works", lesson=school.lessons[DAY].id, kind=school.kinds["К"].id,
                         title="Кубы", period=school.periods[1].id)
    assert answer.status_code == 302
    work = m.Work.get()
    assert f'data-work="{work.id}"' in page(client, school)
    assert f'href="/work/{work.id}"' in page(client, school)
    assert f'href="/work/{work.id}"' not in page(sign_in(client, "deputy"), school)
    assert save(client, school, entry(school, "5", work=work.id))["cells"][0]["work"] == work.id


def test_names_and_topics_cannot_break_the_page(school, client):
    with m.writing(f.SYSTEM):
        school.pupils[0].person.surname = '<b>"Х'
        school.pupils[0].person.save()
        m.Lesson.update(topic='"><script>').where(m.Lesson.id == school.lessons[DAY].id).execute()
    html = page(client, school)
    assert "<b>\"Х" not in html and '"><script>' not in html


def test_the_journal_of_a_stream_has_the_periods_of_its_pupils(school, client):
    with m.writing(f.SYSTEM):
        unit = m.Unit.create(year=school.year, kind="stream", name="7Б+8А, хор")
        for pupil in (school.pupils[0], school.foreign_pupil):
            m.UnitMember.create(unit=unit, pupil=pupil, starts=f.YEAR[0])
    course = f.course(unit, "Хор", school.teacher)
    lesson = f.lesson(course, school.teacher, DAY, number=5)
    html = sign_in(client, "teacher").get(f"/journal/{course.id}").get_data(as_text=True)
    assert cell(html, school.foreign_pupil, lesson)
    assert "7Б+8А, хор" in client.get("/journal/").get_data(as_text=True)


# ---- who ----

@pytest.mark.parametrize("who, status", [("class_teacher", 200), ("deputy", 200), ("director", 200), ("secretary", 200), ("admin", 200),
                                         ("stranger", 403), ("parent", 403), ("substitute", 403)])
def test_acc_04_acc_06_acc_07_who_opens_a_journal(school, client, who, status):
    assert sign_in(client, who).get(f"/journal/{school.course.id}").status_code == status


def test_a_foreign_journal_and_one_that_is_not_there_look_the_same(school, client):
    foreign, missing = client.get(f"/journal/{school.foreign_course.id}"), client.get("/journal/99999")
    assert foreign.status_code == missing.status_code == 403
    assert foreign.get_data() == missing.get_data()


def test_acc_04_a_class_teacher_reads_and_may_not_put_marks(school, client):
    reader = sign_in(client, "class_teacher")
    assert "только причины пропусков" in page(reader, school)
    answer = save(reader, school, entry(school, "5"), status=403)
    assert answer["cells"][0]["state"] == "refused"
    assert m.Mark.select().count() == 0


@pytest.mark.parametrize("who", ["deputy", "director", "admin", "secretary", "stranger", "parent", "substitute"])
def test_acc_06_saving_in_a_foreign_journal_is_403(school, client, who):
    save(sign_in(client, who), school, entry(school, "5"), status=403)
    assert m.Mark.select().count() == 0


def test_sub_01_a_substitute_sees_and_fills_only_the_lent_lesson(school, client):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    f.mark(school.lessons[date(2026, 12, 16)], school.pupils[0], "2")
    lent = sign_in(client, "substitute")
    html = page(lent, school)
    assert 'data-date="2026-12-17"' in html and 'data-date="2026-12-16"' not in html
    assert save(lent, school, entry(school, "5"))["cells"][0]["state"] == "saved"
    save(lent, school, entry(school, "5", day=date(2026, 12, 16)), status=403)


def test_a_substitute_who_is_a_parent_in_the_class_sees_no_more_of_it(school, client):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    with m.writing(f.SYSTEM):
        m.Guardianship.create(guardian=school.substitute, pupil=school.pupils[0])
    html = page(sign_in(client, "substitute"), school)
    assert 'data-date="2026-12-16"' not in html


# ---- the endpoint of cells ----

def test_an_answer_has_exactly_the_contracts_fields(school, client):
    answer = save(client, school, entry(school, "5", seen="0"))["cells"][0]
    assert answer == {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id, "state": "saved", "value": "5",
                      "version": version_of("5"), "rule": None, "clause": None, "message": None}


def test_late_reason_refused_and_conflict_say_why_in_russian(school, client):
    late, asked, refused = save(client, school, entry(school, "5", day=date(2026, 12, 16)), entry(school, "4", day=date(2026, 12, 7)),
                                entry(school, "3", day=date(2026, 12, 2)))["cells"]
    assert (late["state"], asked["state"], refused["state"]) == ("late", "reason_required", "refused")
    assert "3.6" in refused["clause"] and "Положение, п. 3.6" in refused["message"]
    assert "Правка закрыта" in refused["message"] and "осталась пустой" in refused["message"]
    conflict = save(client, school, entry(school, "2", day=date(2026, 12, 16), seen="0"))["cells"][0]
    assert (conflict["state"], conflict["value"], conflict["version"]) == ("conflict", "5", version_of("5"))


def test_a_period_mark_goes_the_same_way(school, client):
    answer = save(client, school, {"pupil": school.pupils[0].id, "period": school.periods[1].id, "value": "н/а"})["cells"][0]
    assert (answer["state"], answer["period"], answer["clause"]) == ("refused", school.periods[1].id, "5.3")
    assert "продление" in answer["message"]


@pytest.mark.parametrize("body", [
    None, [], {}, {"cells": []}, {"cells": "5"}, {"cells": [1]}, {"cells": [{"pupil": 1}]},
    {"cells": [{"pupil": "1", "lesson": 1, "value": "5"}]}, {"cells": [{"pupil": 1, "lesson": 1, "value": 5}]},
    {"cells": [{"pupil": True, "lesson": 1, "value": "5"}]}, {"cells": [{"pupil": 2**40, "lesson": 1, "value": "5"}]},
    {"cells": [{"pupil": 1, "lesson": 1, "period": 1, "value": "5"}]}, {"cells": [{"pupil": 1, "lesson": 1, "value": "5" * 50}]},
    {"cells": [{"pupil": 1, "lesson": 1, "value": "5", "reason": "а" * 301}]},
    {"cells": [{"pupil": 1, "lesson": 1, "value": "5", "key": 7}]}, {"cells": [{"pupil": 1, "lesson": 1, "value": "\0"}]},
    {"cells": [{"pupil": 1, "lesson": 1, "value": "5", "protocol": [1]}]},
    {"cells": [{"pupil": 1, "lesson": 1, "value": "5"}] * 501}])
def test_malformed_cells_get_a_message_and_no_failure(school, client, body):
    answer = client.send_json(f"/journal/{school.course.id}/cells", body)
    assert answer.status_code == 400 and answer.get_json()["message"]


@pytest.mark.parametrize("protocol", ["№ 3 от 32.13.2026", {"number": 5, "day": None}, {"number": "3", "day": "завтра"}, "мусор"])
def test_a_protocol_that_cannot_be_read_is_none(school, client, protocol):
    f.absence(school.lessons[DAY], school.pupils[0], "б")
    answer = save(client, school, entry(school, "4", protocol=protocol))["cells"][0]
    assert (answer["state"], answer["value"]) == ("refused", "б")


def test_cells_without_the_token_of_the_page_are_not_taken(school, client):
    answer = client.post(f"/journal/{school.course.id}/cells", json={"cells": [entry(school, "5")]})
    assert answer.status_code == 400 and m.Mark.select().count() == 0


def test_a_signed_out_browser_is_told_to_sign_in_again(school, app, at):
    assert app.test_client().post(f"/journal/{school.course.id}/cells", json={}).status_code in (400, 401)


# ---- history of a cell, and what others changed ----

def test_the_history_of_a_cell_names_every_value_even_one_taken_away(school, client):
    for value in ("3", "5", ""):
        save(client, school, entry(school, value))
    where = {"pupil": school.pupils[0].id, "lesson": school.lessons[DAY].id}
    lines = client.get(f"/journal/{school.course.id}/history", query_string=where,
                       headers={"Accept": "application/json"}).get_json()["lines"]
    assert [(line["was"], line["now"]) for line in lines] == [("5", None), ("3", "5"), (None, "3")]
    assert {line["who"] for line in lines} == {school.teacher.short_name}
    assert "вместо" in client.get(f"/journal/{school.course.id}/history", query_string=where).get_data(as_text=True)


def test_the_history_of_a_foreign_cell_is_403(school, client):
    where = {"pupil": school.pupils[0].id, "lesson": next(iter(school.foreign_lessons.values())).id}
    for params in (where, {"pupil": school.foreign_pupil.id, "lesson": school.lessons[DAY].id}, {"pupil": "x"}, {}):
        assert client.get(f"/journal/{school.course.id}/history", query_string=params).status_code == 403


def test_changes_of_others_are_told_with_who_made_them(school, client):
    since = int(re.search(r'data-since="(\d+)"', page(client, school))[1])
    url = f"/journal/{school.course.id}/changes?since="
    assert client.get(url + str(since)).get_json()["cells"] == []
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    lent = sign_in(client, "substitute")
    save(lent, school, entry(school, "4"), entry(school, "н", pupil=1))
    told = client.get(url + str(since)).get_json()
    assert {(each["pupil"], each["value"], each["who"]) for each in told["cells"]} == {
        (school.pupils[0].id, "4", school.substitute.short_name), (school.pupils[1].id, "н", school.substitute.short_name)}
    assert told["since"] > since and client.get(url + str(told["since"])).get_json()["cells"] == []


def test_ones_own_changes_are_told_without_a_name(school, client):
    save(client, school, entry(school, "5"))
    told = client.get(f"/journal/{school.course.id}/changes?since=0").get_json()["cells"]
    assert [(each["value"], each["who"]) for each in told] == [("5", "")]


def test_changes_in_foreign_journals_are_not_told(school, client):
    f.mark(next(iter(school.foreign_lessons.values())), school.foreign_pupil, "2")
    assert client.get(f"/journal/{school.course.id}/changes?since=0").get_json()["cells"] == []
    assert client.get(f"/journal/{school.foreign_course.id}/changes?since=0").status_code == 403


# ---- what it costs ----

@pytest.mark.parametrize("pupils", [3, 25])
def test_the_grid_takes_at_most_12_statements_at_any_size(db, app, at, pupils):
    s = f.school(pupils)
    f.account(s.teacher, "teacher", PASSWORD)
    browser = app.test_client().sign_in("teacher", PASSWORD)
    for day, lesson in list(s.lessons.items())[:19]:
        for pupil in s.pupils[::2]:
            f.mark(lesson, pupil, "5" if day.day % 2 else "4")
    page(browser, s)
    with counted() as sent:
        page(browser, s)
    assert len(sent) == 11, sent


@pytest.mark.parametrize("pupils", [3, 30])
def test_saving_takes_at_most_12_statements_at_any_size(db, app, at, pupils):
    s = f.school(pupils)
    f.account(s.teacher, "teacher", PASSWORD)
    browser = app.test_client().sign_in("teacher", PASSWORD)
    save(browser, s, entry(s, "4"))
    token = browser.token()
    cells = [entry(s, "5", pupil=n, key=f"k{n}") for n in range(pupils)]
    with counted() as sent:
        browser.post(f"/journal/{s.course.id}/cells", json={"cells": cells}, headers={"X-CSRFToken": token})
    assert len(sent) <= 12, sent
    assert m.Mark.select().count() == pupils


def test_a_page_of_25_by_23_is_at_most_20_kb_compressed(db, app, at):
    s = f.school(25)
    f.account(s.teacher, "teacher", PASSWORD)
    for n, lesson in enumerate(s.lessons.values()):
        for pupil in s.pupils[n % 2::2]:
            f.mark(lesson, pupil, "5432"[(n + pupil.id) % 4])
    html = page(app.test_client().sign_in("teacher", PASSWORD), s)
    assert len(gzip.compress(html.encode(), 6)) < 20_000


# ---- who looked ----

def test_sec_16_looks_of_staff_are_gathered_and_written_in_one_statement(school, client):
    client.application.config["ACCESS_LOG_SECONDS"] = 3600
    visitor._looks.clear()
    access_log.flush()
    page(client, school)
    client.get(f"/lesson/{school.lessons[DAY].id}")
    assert m.AccessRecord.select().count() == 0
    with counted() as sent:
        access_log.flush()
    assert len(sent) == 1
    assert {(row.page, row.unit_id, row.person_id) for row in m.AccessRecord.select()} == {
        ("journal", school.unit.id, school.teacher.id), ("lesson", school.unit.id, school.teacher.id)}
