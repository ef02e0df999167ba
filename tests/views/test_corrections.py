"""The protocol of a correction: asked for where the refusal stands, allowed for exactly those cells, closed again by itself (MRK-08)."""

import re
from datetime import date, datetime

import pytest

import clock
import models as m
import rulebook.entries
from tests import factories as f
from tests.statements import counted
from tests.views.test_diary import text

DAY = date(2026, 11, 5)
PASSWORD = "demo-demo"
WHY = "Перепутала строки, работа проверена заново"


@pytest.fixture
def s(db):
    school = f.school()
    for name in ("teacher", "substitute", "class_teacher", "stranger", "deputy", "director", "admin", "secretary", "parent"):
        f.account(getattr(school, name), name, PASSWORD)
    f.mark(school.lessons[DAY], school.pupils[0], "2")
    return school


@pytest.fixture
def at(app):
    """`at("11-20 10:00", "teacher")` is that person's browser at that moment of school time; it holds until the next."""
    frozen = []

    def client(moment, who):
        while frozen:
            frozen.pop().__exit__(None, None, None)
        frozen.append(clock.frozen(datetime.fromisoformat(moment if moment.count("-") == 2 else f"2026-{moment}")))
        frozen[-1].__enter__()
        return app.test_client().sign_in(who, PASSWORD)

    yield client
    while frozen:
        frozen.pop().__exit__(None, None, None)


def cell(s, value="4", pupil=0, day=DAY, **more):
    return {"pupil": s.pupils[pupil].id, "lesson": s.lessons[day].id, "value": value, **more}


def put(client, s, *cells):
    return client.send_json(f"/journal/{s.course.id}/cells", {"cells": list(cells)}).get_json()["cells"]


def field(s, pupil=0, day=DAY):
    return f"c-{s.lessons[day].id}-0-{s.pupils[pupil].id}"


def ask(client, s, **fields):
    return client.send("/corrections/new", course=s.course.id, **{"reason": WHY, **(fields or {field(s): "4"})})


def close_period(s, number=2):
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=s.periods[number - 1], school_class=s.school_class, closed_by=s.deputy, closed_at=f.SYSTEM.at,
                               reason="приказ 44")


def allow(at, moment="11-20 11:00", who="deputy", until="2026-11-20T12:00", number=1):
    return at(moment, who).send(f"/corrections/{number}/allow", until=until)


def standing(s, pupil=0):
    return [row.value for row in m.Mark.select().where(m.Mark.pupil == s.pupils[pupil]).order_by(m.Mark.position)]


# ---- asking ----

def test_mrk_08_the_refusal_leads_to_the_request_with_what_was_typed(at, s):
    teacher = at("11-20 10:00", "teacher")
    answer, = put(teacher, s, cell(s))
    assert (answer["state"], answer["clause"]) == ("refused", "3.6")
    page = teacher.get(f"/corrections/new?{answer['ask']}")
    assert f'name="{field(s)}"' in page.text and 'value="4"' in page.text and "В журнале: 2" in page.text
    sent = ask(teacher, s)
    assert sent.status_code == 302
    row, asked = m.Correction.get(), m.CorrectionCell.get()
    assert (row.number, row.reason, row.asked_by_id) == (1, WHY, s.teacher.id)
    assert (asked.before, asked.wanted, asked.rule, asked.clause) == ("2", "4", "mark.edit_window", "3.6")
    assert standing(s) == ["2"]


def test_several_cells_topic_homework_and_attendance_go_into_one_request(at, s):
    lesson = s.lessons[DAY].id
    teacher = at("11-20 10:00", "teacher")
    page = teacher.get(f"/corrections/new?lesson={lesson}").text
    assert all(name in page for name in (field(s), field(s, 1), f"t-{lesson}", f"h-{lesson}", f"a-{lesson}"))
    everything = {field(s): "4", field(s, 1): "н", field(s, 2): "", f"t-{lesson}": "Одночлены", f"h-{lesson}": "№ 12, 13", f"a-{lesson}": "1"}
    assert ask(teacher, s, **everything).status_code == 302
    assert sorted(m.CorrectionCell.select(m.CorrectionCell.what, m.CorrectionCell.wanted).tuples()) == [
        ("attendance", "1"), ("cell", "4"), ("cell", "н"), ("homework", "№ 12, 13"), ("topic", "Одночлены")]


@pytest.mark.parametrize("fields, said", [
    ({"reason": ""}, "Напишите причину"), ({}, "Измените то, что нужно исправить"), ({"value": "9"}, "«9» в школе не ставят"), ({"value": "осв"}, "«осв»")])
def test_what_cannot_be_asked_for_is_told_and_what_was_typed_stays(at, s, fields, said):
    value = fields.pop("value", "4" if fields else None)
    answer = at("11-20 10:00", "teacher").send("/corrections/new", course=s.course.id, **{
        "reason": WHY, **({field(s): value} if value else {field(s): "2"}), **fields})
    assert answer.status_code == 422 and said in text(answer) and not m.Correction.select().exists()
    assert value is None or f'value="{value}"' in answer.text


@pytest.mark.parametrize("moment", ["11-12 10:00", "11-19 10:00"])
def test_mrk_09_what_is_open_or_open_with_a_reason_is_not_asked_for(at, s, moment):
    answer = ask(at(moment, "teacher"), s)
    assert answer.status_code == 422 and "Это не закрыто" in text(answer)


def test_a_waiting_request_is_not_asked_twice_and_may_be_taken_back(at, s):
    teacher = at("11-20 10:00", "teacher")
    ask(teacher, s)
    again = ask(teacher, s)
    assert again.status_code == 422 and "просьба № 1" in text(again)
    assert at("11-20 10:01", "substitute").send("/corrections/1/withdraw").status_code == 403
    teacher = at("11-20 10:02", "teacher")
    assert teacher.send("/corrections/1/withdraw").status_code == 302
    assert allow(at).status_code == 422
    assert ask(at("11-20 12:00", "teacher"), s).location == "/corrections/2"


def test_what_waited_for_a_connection_and_came_too_late_leads_to_the_request_too(at, s):
    teacher, lesson = at("11-20 10:00", "teacher"), s.lessons[DAY].id
    answer = teacher.post(f"/lesson/{lesson}/topic", data={"topic": "Одночлены", "csrf_token": teacher.token()},
                          headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["rule"]) == (422, "mark.edit_window")
    assert "Одночлены</textarea>" in teacher.get(f"/corrections/new?{answer.get_json()['ask']}").text


@pytest.mark.parametrize("who", ["stranger", "substitute", "admin", "deputy", "secretary", "parent"])
def test_acc_06_nobody_asks_for_cells_of_somebody_elses_journal(at, s, who):
    client = at("11-20 10:00", who)
    assert ask(client, s).status_code == 403 and client.get(f"/corrections/new?lesson={s.lessons[DAY].id}").status_code == 403
    assert not m.Correction.select().exists()


def test_sub_01_a_substitute_asks_for_the_lesson_lent_and_no_other(at, s):
    f.substitution(s.lessons[DAY], s.substitute, s.teacher)
    client = at("11-20 10:00", "substitute")
    assert ask(client, s, **{field(s, day=date(2026, 11, 4)): "4"}).status_code == 403
    assert ask(client, s).status_code == 302
    allow(at)
    assert put(at("11-20 11:30", "substitute"), s, cell(s))[0]["state"] in ("saved", "late")
    assert put(at("11-20 11:30", "teacher"), s, cell(s, "5"))[0]["state"] == "refused"


def test_acc_05_a_class_teacher_asks_for_the_reason_of_an_absence_and_nothing_else(at, s):
    f.absence(s.lessons[DAY], s.pupils[1], "н")
    client = at("11-20 10:00", "class_teacher")
    refused = ask(client, s, **{field(s): "4"})
    assert refused.status_code == 422 and "только причину" in text(refused)
    assert ask(client, s, **{field(s, 1): "б"}).status_code == 302
    allow(at)
    assert put(at("11-20 11:30", "class_teacher"), s, cell(s, "б", 1))[0]["state"] == "saved"


# ---- deciding ----

def test_the_leaders_are_told_and_see_before_after_history_and_clause(at, s):
    ask(at("11-20 10:00", "teacher"), s)
    assert {row.person_id for row in m.Notice.select()} == {s.deputy.id, s.director.id}
    client = at("11-20 10:30", "deputy")
    today, listed, page = (text(client.get(path)) for path in ("/today/school", "/corrections/", "/corrections/1"))
    assert "Ответьте на просьбу № 1" in today and "ждёт ответа" in listed
    for said in ("Алгебраева Анна Ивановна", WHY, "В журнале: 2 → 4", "п. 3.6", "5 ноября, 11:00, tests: 2"):
        assert said in page
    assert 'value="2026-11-21T23:59"' in client.get("/corrections/1").text  # the end of the next school day


def test_the_asker_is_told_what_was_decided_and_finds_it_among_the_duties(at, s):
    ask(at("11-20 10:00", "teacher"), s)
    assert allow(at).status_code == 302
    page = text(at("11-20 11:10", "teacher").get("/today/teacher"))
    assert "По просьбе № 1 можно внести исправления" in page and "Внесите исправления по просьбе № 1" in page
    ask(at("11-20 11:11", "teacher"), s, **{field(s, 1): "5"})
    client = at("11-20 11:12", "director")
    assert client.send("/corrections/2/decline", reason="").status_code == 422
    assert client.send("/corrections/2/decline", reason="Работы в тетради нет").status_code == 302
    page = text(at("11-20 11:15", "teacher").get("/corrections/2"))
    assert "отклонена" in page and "Работы в тетради нет" in page
    assert put(at("11-20 11:15", "teacher"), s, cell(s, "5", 1))[0]["state"] == "refused"
    assert allow(at, "11-20 11:20", number=2).status_code == 422


@pytest.mark.parametrize("who", ["teacher", "class_teacher", "admin", "secretary", "substitute", "parent"])
def test_only_leaders_decide(at, s, who):
    ask(at("11-20 10:00", "teacher"), s)
    client = at("11-20 10:30", who)
    for act in ("allow", "decline", "lock"):
        assert client.send(f"/corrections/1/{act}", until="2026-11-20T12:00", reason="нет причин").status_code == 403
    assert not m.CorrectionDecision.select().exists()


def test_nobody_decides_on_the_own_request_unless_there_is_nobody_else(at, s):
    with m.writing(f.SYSTEM):
        m.Assignment.create(course=s.course, teacher=s.deputy, starts=f.YEAR[0])
    ask(at("11-20 10:00", "deputy"), s)
    assert allow(at).status_code == 403
    with m.writing(f.SYSTEM):
        m.Appointment.update(ends=date(2026, 11, 1)).where(m.Appointment.person == s.director).execute()
    assert allow(at).status_code == 302


@pytest.mark.parametrize("until, said", [("", "ещё не прошло"), ("2026-11-20T10:59", "ещё не прошло"), ("вчера", "ещё не прошло"),
                                         ("2027-01-20T10:00", "не дальше чем через 31 дн")])
def test_a_permission_ends_in_a_moment_that_is_ahead_and_not_far(at, s, until, said):
    ask(at("11-20 10:00", "teacher"), s)
    answer = allow(at, until=until)
    assert answer.status_code == 422 and said in text(answer) and not m.CorrectionDecision.select().exists()


# ---- writing by permission ----

@pytest.mark.parametrize("moment, state", [("11-20 10:59", "refused"), ("11-20 11:00", "saved"), ("11-20 12:00:59", "saved"),
                                           ("11-20 12:01:00", "refused")])
def test_mrk_08_a_permission_holds_to_its_last_second_and_closes_by_itself(at, s, moment, state):
    ask(at("11-20 10:00", "teacher"), s)
    if moment != "11-20 10:59":
        allow(at)
    assert put(at(moment, "teacher"), s, cell(s))[0]["state"] == state
    assert standing(s) == (["4"] if state == "saved" else ["2"])


def test_mrk_08_exactly_those_cells_with_any_lawful_value_and_the_protocol_as_their_ground(at, s):
    ask(at("11-20 10:00", "teacher"), s)
    allow(at)
    teacher = at("11-20 11:30", "teacher")
    answers = put(teacher, s, cell(s, "5"), cell(s, "5", 1), cell(s, "5", day=date(2026, 11, 4)))
    assert [each["state"] for each in answers] == ["saved", "refused", "refused"]
    assert put(teacher, s, cell(s, "9"))[0]["rule"] == "mark.scale"
    assert m.Mark.get().reason == f"Протокол исправления № 1: {WHY}"
    assert m.CorrectionCell.get().after == "5"
    lines = teacher.get(f"/journal/{s.course.id}/history?pupil={s.pupils[0].id}&lesson={s.lessons[DAY].id}",
                        headers={"Accept": "application/json"}).get_json()["lines"]
    assert [line["now"] for line in lines] == ["5", None, "2"] and "Протокол исправления № 1" in lines[0]["why"]
    assert (lines[1]["request"], lines[1]["url"]) == ("Просьба № 1 об исправлении", "/corrections/1")


def test_mrk_08_two_teachers_of_a_course_the_permission_is_for_who_asked(at, s):
    with m.writing(f.SYSTEM):
        m.Assignment.create(course=s.course, teacher=s.stranger, starts=f.YEAR[0])
    ask(at("11-20 10:00", "teacher"), s)
    allow(at)
    assert put(at("11-20 11:30", "stranger"), s, cell(s))[0]["state"] == "refused"
    assert at("11-20 11:30", "stranger").get("/corrections/1").status_code == 403
    assert put(at("11-20 11:30", "teacher"), s, cell(s))[0]["state"] == "saved"


def test_the_page_of_a_request_writes_everything_it_asked_for(at, s):
    f.absence(s.lessons[DAY], s.pupils[1], "н")
    lesson = s.lessons[DAY].id
    ask(at("11-20 10:00", "teacher"), s, **{field(s): "4", field(s, 1): "5", f"t-{lesson}": "Одночлены", f"h-{lesson}": "№ 12, 13", f"a-{lesson}": "1"})
    allow(at)
    teacher = at("11-20 11:30", "teacher")
    form = dict(re.findall(r'name="(w-\d+)"[^>]*value="([^"]*)"', teacher.get("/corrections/1").text))
    words = dict(re.findall(r'<textarea id="\S+" name="(w-\d+)"[^>]*>([^<]*)<', teacher.get("/corrections/1").text))
    assert (sorted(form.values()), sorted(words.values())) == (["1", "4", "5"], ["Одночлены", "№ 12, 13"])
    assert teacher.send("/corrections/1/mend", **form, **words).status_code == 302
    kept = m.Lesson.get_by_id(lesson)
    assert (standing(s), standing(s, 1), m.Absence.select().count()) == (["4"], ["5"], 0)  # was at the lesson after all
    assert (kept.topic, m.Homework.get().text, kept.attendance_by_id) == ("Одночлены", "№ 12, 13", s.teacher.id)
    assert m.CorrectionCell.select().where(m.CorrectionCell.mended_at.is_null()).count() == 0
    with clock.frozen(datetime(2026, 11, 20, 12, 1)):
        assert teacher.send("/corrections/1/mend", **form).status_code in (302, 403, 422)
    assert standing(s) == ["4"]


def test_what_is_refused_on_that_page_stays_typed(at, s):
    ask(at("11-20 10:00", "teacher"), s)
    allow(at)
    answer = at("11-20 11:30", "teacher").send("/corrections/1/mend", **{f"w-{m.CorrectionCell.get().id}": "9"})
    assert answer.status_code == 422 and 'value="9"' in answer.text and "«9» в школе не ставят" in text(answer) and standing(s) == ["2"]


def test_a_leader_ends_a_permission_before_its_time(at, s):
    ask(at("11-20 10:00", "teacher"), s)
    allow(at)
    assert at("11-20 11:30", "director").send("/corrections/1/lock").status_code == 302
    assert put(at("11-20 11:31", "teacher"), s, cell(s))[0]["state"] == "refused"
    assert "Разрешение по просьбе № 1 закончено" in text(at("11-20 11:31", "teacher").get("/notices/"))
    assert at("11-20 11:32", "deputy").send("/corrections/1/lock").status_code == 422


# ---- a closed period ----

def test_a_closed_period_opens_for_the_cells_allowed_and_the_marks_of_the_period_too(at, s):
    close_period(s)
    period = s.periods[1].id
    result = {"pupil": s.pupils[0].id, "period": period, "value": "5"}
    teacher = at("12-28 10:00", "teacher")
    refused = put(teacher, s, result, cell(s))
    assert [each["rule"] for each in refused] == ["period.closed", "period.closed"]
    assert f"r-period-{period}-{s.pupils[0].id}=5" in refused[0]["ask"]
    assert teacher.get(f"/corrections/new?{refused[0]['ask']}&{refused[1]['ask']}").status_code == 200
    assert "Попросить исправить" in teacher.get(f"/results/{s.course.id}?period={period}").text
    assert ask(teacher, s, **{field(s): "4", f"r-period-{period}-{s.pupils[0].id}": "5"}).status_code == 302
    allow(at, "12-28 11:00", until="2026-12-28T12:00")
    answers = put(at("12-28 11:30", "teacher"), s, result, cell(s), {**result, "pupil": s.pupils[1].id})
    assert [each["state"] for each in answers] == ["late", "saved", "refused"]
    assert "Протокол исправления № 1" in m.PeriodMark.get().reason
    assert put(at("12-28 12:01", "teacher"), s, {**result, "value": "4"})[0]["state"] == "refused"


def test_a_mark_of_the_year_is_corrected_by_the_same_protocol(at, s):
    close_period(s, 4)
    mark, year = {"pupil": s.pupils[0].id, "kind": "year", "value": "5"}, f"r-year-0-{s.pupils[0].id}"
    refused, = put(at("2027-06-01 10:00", "teacher"), s, mark)
    assert refused["rule"] == "period.closed" and year in refused["ask"]
    assert ask(at("2027-06-01 10:00", "teacher"), s, **{year: "5"}).status_code == 302
    assert "Год" in text(at("2027-06-01 10:30", "deputy").get("/corrections/1"))
    allow(at, "2027-06-01 11:00", until="2027-06-01T12:00")
    client = at("2027-06-01 11:30", "teacher")
    assert client.send("/corrections/1/mend", **{f"w-{m.CorrectionCell.get().id}": "5"}).status_code == 302
    assert (m.PeriodMark.get().kind, m.PeriodMark.get().value, m.CorrectionCell.get().after) == ("year", "5", "5")
    assert "годовая отметка" in text(client.get("/documents/correction-act"))


@pytest.mark.parametrize("who", ["teacher", "class_teacher", "admin", "deputy", "director"])
def test_mrk_08_nobody_changes_a_closed_record_by_any_other_door(at, s, who):
    close_period(s)
    _fill(s)
    client, before = at("12-28 10:00", who), _records()
    changed = [door for door in _doors(client, s) if _knock(client, s, door) and _records() != before]
    assert changed == []


def test_these_doors_do_lead_to_the_records_while_they_are_open(at, s):
    unmoved = []
    for door in _doors(None, s):
        _fill(s)
        before, who = _records(), {"excuse": "class_teacher", "plan": "deputy"}.get(door, "teacher")
        _knock(at("11-05 11:30", who), s, door)
        unmoved += [door] if _records() == before else []
    assert unmoved == []


def _fill(s):
    """Something in every kind of record of the closed period."""
    lesson, first = s.lessons[DAY], {"entered_at": f.SYSTEM.at}
    with m.writing(f.SYSTEM):
        for model, where, more in ((m.Mark, {"lesson": lesson, "pupil": s.pupils[0]}, {"value": "2"}),
                                   (m.Absence, {"lesson": lesson, "pupil": s.pupils[1]}, {"code": "н"}), (m.Homework, {"lesson": lesson}, {"text": "№ 1"}),
                                   (m.PeriodMark, {"course": s.course, "pupil": s.pupils[0], "period": s.periods[1]}, {"value": "4"})):
            model.delete().where(model.id.is_null(False)).execute()
            model.create(**where, **more, **first)


def _records():
    return [list(model.select().order_by(model.id).dicts()) for model in (m.Mark, m.Absence, m.Homework, m.PeriodMark, m.Remark, m.Work, m.Lesson)]


def _knock(client, s, door) -> bool:
    for act in _doors(client, s)[door]:
        act()
    return True


def _doors(client, s) -> dict:
    """Every way to a record of the journal, as what a browser would send."""
    lesson, pupil, absent, other = s.lessons[DAY].id, s.pupils[0].id, s.pupils[1].id, s.lessons[date(2026, 11, 9)].id
    found = {model: model.select().first() for model in (m.Mark, m.Absence, m.Homework, m.PeriodMark)}
    mark, absence, task, result = (row and row.id for row in found.values())
    why = {"why": "исправление", "reason": "исправление"}

    def send(path, **form):
        return lambda: client.send(path, **{**form, **why})

    def cells(*rows):
        return lambda: client.send_json(f"/journal/{s.course.id}/cells", {"cells": [{**row, "reason": "исправление"} for row in rows]})

    return {
        "grid": [cells(cell(s))], "grid results": [cells({"pupil": pupil, "period": s.periods[1].id, "value": "5"})],
        "attendance": [send(f"/lesson/{lesson}/attendance", **{f"c-{s.pupils[2].id}": "н"})],
        "topic": [send(f"/lesson/{lesson}/topic", topic="Другая тема")], "homework": [send(f"/lesson/{lesson}/homework", text="№ 2")],
        "marks": [send(f"/lesson/{lesson}/marks", **{f"m-{pupil}-0": "5"})], "remark": [send(f"/lesson/{lesson}/remark", pupil=pupil, text="Молодец")],
        "work": [send(f"/journal/{s.course.id}/works", lesson=lesson, kind=s.kinds["С"].id)],
        "mark screen": [send(f"/admin/mark/edit/?id={mark}", value="5"), send("/admin/mark/delete/", id=mark, confirm="1")],
        "new mark": [send("/admin/mark/new/", lesson=lesson, pupil=s.pupils[2].id, value="5")],
        "absence screen": [send(f"/admin/absence/edit/?id={absence}", code="б"), send("/admin/absence/delete/", id=absence, confirm="1")],
        "lesson screen": [send(f"/admin/lesson/edit/?id={lesson}", topic="Ещё одна тема")],
        "plan": [send(f"/admin/lesson/cancel/?id={other}", reason="нет"), send(f"/admin/lesson/move/?id={other}", day="2026-11-10", number="5"),
                 send("/admin/lesson/new/", course=s.course.id, day="2026-11-11", number="5"), send(f"/admin/lesson/delete/?id={other}", confirm="1")],
        "homework screen": [send(f"/admin/homework/edit/?id={task}", text="№ 9"), send("/admin/homework/delete/", id=task, confirm="1")],
        "result screen": [send(f"/admin/period_mark/edit/?id={result}", value="5"), send("/admin/period_mark/delete/", id=result, confirm="1")],
        "results": [send(f"/results/{s.course.id}", period=s.periods[1].id, **{f"m-{pupil}-period": "5", f"r-{pupil}-period": "ошибка",
                         f"v-{pupil}-period": rulebook.entries.version_of("4")})],
        "excuse": [send("/admin/excuse/new/", pupil=absent, code="б", document="справка", starts="2026-11-01", ends="2026-11-30")],
    }


# ---- comments, kinds of work and columns ----

def _with_column(s):
    """A lesson with a kind of its own, a further column with a mark in it and a comment, all closed by 20 November."""
    lesson = s.lessons[DAY]
    with m.writing(f.SYSTEM):
        work = m.Work.create(lesson=lesson, kind=s.kinds["С"], title="Сложение", position=1)
        m.Remark.create(lesson=lesson, pupil=s.pupils[0], text="Не готова", author=s.teacher, at=f.SYSTEM.at)
    f.mark(lesson, s.pupils[1], "3", work=work)
    return lesson.id, work.id


def test_mrk_08_comments_columns_and_kinds_of_work_are_asked_for_and_written_by_permission(at, s):
    close_period(s)
    lesson, work = _with_column(s)
    remark, kind, column, added = f"m-{lesson}-{s.pupils[0].id}", f"k-{lesson}", f"n-{lesson}-{work}", f"n-{lesson}-0"
    teacher = at("11-20 10:00", "teacher")
    page = teacher.get(f"/corrections/new?lesson={lesson}")
    assert all(f'name="{name}"' in page.text for name in (remark, kind, column, added))
    control = s.kinds["К"].name
    sent = ask(teacher, s, **{remark: "Готова", kind: control, f"{kind}-of": "Дроби", column: s.kinds["С"].name, f"{column}-of": "Вычитание",
                              added: control, f"{added}-of": "Проценты"})
    assert sent.status_code == 302
    assert sorted(m.CorrectionCell.select(m.CorrectionCell.what, m.CorrectionCell.before, m.CorrectionCell.wanted).tuples()) == [
        ("column", "", f"{control}: Проценты"), ("column", f"{s.kinds['С'].name}: Сложение", f"{s.kinds['С'].name}: Вычитание"),
        ("kind", "", f"{control}: Дроби"), ("remark", "Не готова", "Готова")]
    allow(at)
    teacher = at("11-20 11:30", "teacher")
    fields = {}
    for each in m.CorrectionCell.select():
        name, _colon, about = each.wanted.partition(": ")
        fields |= {f"w-{each.id}": name, **({f"w-{each.id}-of": about} if about else {})}
    assert teacher.send("/corrections/1/mend", **fields).status_code == 302
    row = m.Lesson.get_by_id(lesson)
    assert (row.kind, row.work_topic, m.Remark.get().text) == (s.kinds["К"], "Дроби", "Готова")
    assert list(m.Work.select(m.Work.kind, m.Work.title).order_by(m.Work.id).tuples()) == [(s.kinds["С"].id, "Вычитание"), (s.kinds["К"].id, "Проценты")]
    assert all(each.mended_at for each in m.CorrectionCell.select())
    act = text(teacher.get("/documents/correction-act"))
    assert all(words in act for words in ("комментарий", "вид работы", "колонка работы", "Вычитание"))
    again = teacher.send(f"/journal/{s.course.id}/works", lesson=lesson, kind=s.kinds["К"].id)
    assert again.status_code == 422  # one column was allowed, and no second


def test_mrk_08_a_column_of_a_closed_lesson_goes_by_permission_with_its_marks(at, s):
    close_period(s)
    lesson, work = _with_column(s)
    assert at("11-20 09:00", "teacher").send(f"/work/{work}/delete", with_marks="yes").status_code == 422
    assert ask(at("11-20 10:00", "teacher"), s, **{f"n-{lesson}-{work}": ""}).status_code == 302
    allow(at)
    assert at("11-20 11:30", "teacher").send("/corrections/1/mend", **{f"w-{m.CorrectionCell.get().id}": ""}).status_code == 302
    row = m.CorrectionCell.get()
    assert not m.Work.select().exists() and not m.Mark.select().where(m.Mark.pupil == s.pupils[1]).exists()
    assert row.mended_at and (row.work_id, row.after) == (None, "") and "Сложение" in row.before


def test_mrk_08_a_permission_for_the_topic_is_none_for_the_kind_of_work(at, s):
    lesson = s.lessons[DAY].id
    ask(at("11-20 10:00", "teacher"), s, **{f"t-{lesson}": "Одночлены"})
    allow(at)
    teacher = at("11-20 11:30", "teacher")
    both = teacher.send(f"/lesson/{lesson}/topic", topic="Одночлены", kind=s.kinds["К"].id, work_topic="Дроби")
    assert both.status_code == 422 and m.Lesson.get_by_id(lesson).kind is None


def test_a_kind_of_work_that_does_not_exist_is_told(at, s):
    answer = ask(at("11-20 10:00", "teacher"), s, **{f"k-{s.lessons[DAY].id}": "Диктант на луне"})
    assert answer.status_code == 422 and "Такого вида работы нет" in text(answer)


# ---- what it costs, what it prints ----

@pytest.mark.parametrize("wanted", [1, 3])
def test_asking_and_looking_cost_the_same_at_any_number_of_cells(at, s, wanted):
    teacher = at("11-20 10:00", "teacher")
    fields = {field(s, pupil): "5" for pupil in range(wanted)}
    teacher.get("/corrections/")
    with counted() as sent:
        assert ask(teacher, s, **fields).status_code == 302
    assert len(sent) <= 43, len(sent)
    client = at("11-20 11:00", "deputy")
    client.get("/corrections/")
    with counted() as sent:
        assert client.get("/corrections/1").status_code == 200
    assert len(sent) <= 17, sent


def test_a_permission_costs_the_grid_and_a_batch_two_statements_and_nobody_else_any(at, s):
    def costs(client):
        client.get(f"/journal/{s.course.id}")
        with counted() as page:
            client.get(f"/journal/{s.course.id}")
        token = client.token()
        with counted() as batch:
            client.post(f"/journal/{s.course.id}/cells", json={"cells": [cell(s, "3")]}, headers={"X-CSRFToken": token})
        return len(page), len(batch)

    before = costs(at("11-20 10:00", "teacher"))
    ask(at("11-20 10:05", "teacher"), s)
    allow(at)
    page, batch = costs(at("11-20 11:30", "teacher"))
    assert page <= min(before[0] + 1, 12) and batch <= 12
    assert costs(at("11-20 13:00", "teacher"))[0] <= before[0] + 1


@pytest.mark.parametrize("kind", ["html", "pdf", "xlsx"])
def test_the_act_and_the_register_print(at, s, kind):
    ask(at("11-20 10:00", "teacher"), s)
    allow(at)
    put(at("11-20 11:30", "teacher"), s, cell(s))
    for slug, query in (("correction-act", {"number": 1}), ("corrections", {"period": "2026-11"})):
        answer = at("11-20 12:00", "deputy").get(f"/documents/{slug}", query_string={**query, "format": kind})
        assert answer.status_code == 200
        if kind == "html":
            page = text(answer)
            for said in ("Алгебраева", "Завучева", WHY, "05.11.2026, Ученикова001 Анна"):
                assert said in page
    if kind == "html":
        act = text(at("11-20 12:00", "teacher").get("/documents/correction-act"))
        assert "Акт исправления № 1 от 20.11.2026" in act and "Положение, п. 3.6" in act and "2 4 3.6 20.11.2026 11:30" in act
        assert at("11-20 12:00", "stranger").get("/documents/correction-act?number=1").status_code == 403
