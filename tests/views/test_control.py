"""Closing a period: what stands in the way, reminding, the signature, opening again by a paper; who may."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

import clock
import models as m
import rulebook.changes
import rulebook.closing
import rulebook.duties
import rulebook.rules
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

LATER = datetime(2026, 12, 28, 9)
PAPER = {"reason": "ошибка в 7Б", "paper": "приказ 51 от 28.12.2026", "until": "2026-12-29"}


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("deputy", "director", "admin", "teacher", "class_teacher", "stranger", "parent", "secretary"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def put_all(school, period, course=None, pupils=None, **more):
    with m.writing(make.SYSTEM):
        for pupil in pupils or school.pupils:
            m.PeriodMark.create(course=course or school.course, pupil=pupil, period=period, entered_at=make.SYSTEM.at, **{"value": "4"} | more)


def complete(school):
    """Nothing is missing in the algebra of 7Б: topics, attendance, and seven marks with a written work for each."""
    with m.writing(make.SYSTEM):
        m.Lesson.update(topic="Степени", attendance_at=make.SYSTEM.at).where(m.Lesson.course == school.course).execute()
        m.Lesson.update(kind=school.kinds["С"]).where(m.Lesson.id == next(iter(school.lessons.values())).id).execute()
    for pupil in school.pupils:
        for lesson in list(school.lessons.values())[:7]:
            make.mark(lesson, pupil, "4")
    put_all(school, school.periods[1])


def close(client, school, *classes, reason="приказ 44 от 25.12", **more):
    chosen = [each.id for each in classes or (school.school_class,)]
    return client.send(f"/control/{school.periods[1].id}/close", **{"class": chosen, "reason": reason, **more})


def overview(client, school, by="class"):
    return client.get(f"/control/?period={school.periods[1].id}&by={by}")


# ---- what stands in the way ----

def test_fin_05_a_blank_is_listed_and_closing_refused(app, school):
    put_all(school, school.periods[1], pupils=school.pupils[:2])
    client = entering(app, "deputy")
    page = overview(client, school)
    assert "Нет отметки за период: 1" in text(page) and "не готов" in text(page)
    assert f"/results/{school.course.id}?period={school.periods[1].id}#p-{school.pupils[2].id}" in page.text
    answer = close(client, school)
    assert answer.status_code == 422 and "Мешает закрыть: Нет отметки за период: 1." in text(answer)
    assert not m.PeriodClosure.select().exists()


def test_fin_05_a_deferral_fills_the_place(app, school):
    make.unnamed(school.course)
    put_all(school, school.periods[1], pupils=school.pupils[:2])
    put_all(school, school.periods[1], pupils=school.pupils[2:], value="отсрочка")
    assert close(entering(app, "deputy"), school).status_code == 302


@pytest.mark.parametrize("by, told", [("class", "7Б"), ("teacher", "Алгебраева А. И."), ("kind", "Пустые темы")])
def test_fin_14_everything_is_told_by_class_teacher_and_kind_with_its_place(app, school, by, told):
    complete(school)
    lessons = list(school.lessons.values())
    with m.writing(make.SYSTEM):
        m.Lesson.update(topic="").where(m.Lesson.id == lessons[0].id).execute()
        m.Lesson.update(attendance_at=None).where(m.Lesson.id == lessons[1].id).execute()
        m.PeriodMark.update(value="5", computed="4").where(m.PeriodMark.pupil == school.pupils[0]).execute()
    make.absence(lessons[2], school.pupils[1], "н")
    make.absence(lessons[8], school.pupils[1], "н")
    page = overview(entering(app, "deputy"), school, by)
    words = text(page)
    assert told in words and "осталось 8 дней, до 25 декабря, п. 5.4" in words
    for place in (f"/lesson/{lessons[0].id}#topic", f"/lesson/{lessons[1].id}#attendance", f"#cell-{school.pupils[1].id}-{lessons[2].id}",
                  f"#p-{school.pupils[0].id}"):
        assert place in page.text, place
    assert "Отметка и «н» в одной клетке без протокола" in words and "Пропуски без причины" in words


def test_fin_09_what_is_put_off_is_told_without_a_paper_and_after_its_day(app, school):
    put_all(school, school.periods[1], value="отсрочка")
    papers = [{"mark": row.id, "until": day, "reason": "болезнь", "paper": "справка"} for row, day in zip(
        m.PeriodMark.select().order_by(m.PeriodMark.pupil), (date(2026, 12, 27), date(2026, 12, 28)), strict=False)]
    m.Deferral.put(make.SYSTEM, papers)
    assert {what: n for what, n in rulebook.closing.totals(parts(school)).items() if what in ("marks", "deferred", "unpapered")} == {
        "deferred": 1, "unpapered": 1}
    assert "отложено: 3" in text(overview(entering(app, "deputy"), school))


def test_mrk_12_a_journal_without_written_works_is_one_fault_and_not_one_of_each_pupil(app, school):
    for pupil in school.pupils:
        for lesson in list(school.lessons.values())[:7]:
            make.mark(lesson, pupil, "4")
    found, = parts(school)
    assert {each.what: each.count for each in found if each.what in ("nothing", "written")} == {"nothing": 1}
    make.mark(list(school.lessons.values())[8], school.pupils[0], "5")
    with m.writing(make.SYSTEM):
        m.Lesson.update(kind=school.kinds["С"]).where(m.Lesson.id == list(school.lessons.values())[8].id).execute()
    found, = parts(school)
    assert {each.what: each.count for each in found if each.what in ("nothing", "written")} == {"written": 2}


def parts(school, at=LATER, **changes):
    rules = rulebook.rules.rules_on(make.TODAY).changed(changes)
    with clock.frozen(at):
        return rulebook.closing.survey(m.Period.of_unit(school.unit)[1], [school.school_class], rules, clock.now())


@pytest.mark.parametrize("severity, closes, knowingly", [("off", True, True), ("report", True, True), ("warn", True, True),
                                                         ("reason", False, True), ("block", False, False)])
def test_fin_14_what_blocks_and_what_only_warns_is_said_by_the_regulation(school, severity, closes, knowingly):
    complete(school)
    with m.writing(make.SYSTEM):
        m.PeriodMark.update(value="5", computed="4").execute()
    found = parts(school, **{"final.departure": {"severity": severity}})
    assert (rulebook.closing.may_close(found) is None) is closes
    assert (rulebook.closing.may_close(found, knowingly=True) is None) is knowingly
    assert ("departures" in rulebook.closing.totals(found)) is (severity != "off")


def test_a_reason_written_with_the_mark_answers_what_the_regulation_wants_one_for(school):
    complete(school)
    with m.writing(make.SYSTEM):
        m.Lesson.update(kind=None).execute()
    named = {"min_marks.written_work": {"value": {"every_subject": True, "subjects": ["Алгебра"]}}}
    assert rulebook.closing.totals(parts(school, **named), "reason") == {"nothing": 1}
    with m.writing(make.SYSTEM):
        m.PeriodMark.update(reason="по устным ответам").execute()
    assert rulebook.closing.totals(parts(school, **named), "reason") == {}


@pytest.mark.parametrize("at, empty", [(datetime(2026, 12, 17, 11, 14), 0), (datetime(2026, 12, 17, 11, 15), 1)])
def test_a_lesson_that_is_not_over_yet_is_no_gap(school, at, empty):
    complete(school)
    with m.writing(make.SYSTEM):
        m.Lesson.update(topic="").where(m.Lesson.day == make.TODAY).execute()
    assert rulebook.closing.totals(parts(school, at)).get("topics", 0) == empty


def test_the_year_is_not_closed_without_a_mark_of_the_year(app, school):
    period = school.periods[3]
    make.lesson(school.course, school.teacher, date(2027, 5, 20))
    put_all(school, period)
    with clock.frozen(datetime(2027, 5, 27, 10)):
        client = entering(app, "deputy")
        form = {"class": school.school_class.id, "reason": "конец года", "knowingly": "on"}
        answer = client.send(f"/control/{period.id}/close", **form)
        assert answer.status_code == 422 and "Нет годовой отметки: 3" in text(answer)
        put_all(school, None, kind="year")
        assert client.send(f"/control/{period.id}/close", **form).status_code == 302


def test_a_course_that_ended_before_the_last_period_needs_its_year(school):
    with clock.frozen(datetime(2027, 5, 27, 10)):
        rules = rulebook.rules.rules_on(clock.today())
        found = rulebook.closing.survey(m.Period.of_unit(school.unit)[3], [school.school_class], rules, clock.now())
    assert rulebook.closing.totals(found, "block") == {"year": 3}


def test_a_class_without_marks_is_ready(app, school):
    first, unit = make.school_class(school, "1А")
    make.pupil("Первоклашкина", first)
    make.lesson(make.course(unit, "Чтение", school.teacher), school.teacher, make.TODAY)
    rules, period = rulebook.rules.rules_on(make.TODAY), m.Period.of_unit(unit)[1]
    found = rulebook.closing.by_class(rulebook.closing.survey(period, [first, school.school_class], rules, clock.now()))
    assert rulebook.closing.may_close(found[first.id]) is None
    assert rulebook.closing.may_close(found[school.school_class.id]) is not None


def test_fin_14_the_list_goes_to_excel_with_departures_and_their_reasons(app, school):
    complete(school)
    with m.writing(make.SYSTEM):
        m.PeriodMark.update(value="5", computed="4", reason="контрольная на 5").where(m.PeriodMark.pupil == school.pupils[0]).execute()
        m.Lesson.update(topic="").where(m.Lesson.id == next(iter(school.lessons.values())).id).execute()
    answer = entering(app, "deputy").get(f"/control/{school.periods[1].id}/list")
    rows = [row for row in load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)]
    assert ("7Б", "7Б · Алгебра", "Алгебраева А. И.", "Пустые темы") in [row[:4] for row in rows]
    assert ("По расчёту 4, выставлено 5", "контрольная на 5") in [(row[3], row[9]) for row in rows]


# ---- the teacher: reminded, with a list of the own, signing ----

def test_reminding_tells_the_teachers_concerned_once_an_hour(app, school):
    put_all(school, school.periods[1], pupils=school.pupils[:2])
    client, path = entering(app, "deputy"), f"/control/{school.periods[1].id}/remind"
    assert "Напомнили 2 учителям" in text(client.get(client.send(path).location))
    notices = list(m.Notice.select().order_by(m.Notice.person))
    assert {row.person_id for row in notices} == {school.teacher.id, school.stranger.id}
    assert {row.url for row in notices} == {f"/control/{school.periods[1].id}/own"}
    page = text(overview(client, school, "teacher"))
    assert "напомнили 17 декабря, 10:40, ещё не прочитано" in page
    with clock.frozen(make.NOW + timedelta(minutes=59)):
        client = entering(app, "deputy")
        assert "2 учителям напоминали меньше часа назад" in text(client.get(client.send(path).location))
    with m.writing(make.SYSTEM):
        m.Notice.update(read_at=make.SYSTEM.at).execute()
    with clock.frozen(make.NOW + timedelta(minutes=60)):
        client = entering(app, "deputy")
        client.send(path, person=school.teacher.id)
    assert m.Notice.select().count() == 3


def test_a_teacher_finds_the_own_list_and_only_that(app, school):
    put_all(school, school.periods[1], pupils=school.pupils[1:])
    page = entering(app, "teacher").get(f"/control/{school.periods[1].id}/own")
    assert "Алгебра" in text(page) and "Физика" not in text(page) and f"#p-{school.pupils[0].id}" in page.text
    assert "Физика" in text(entering(app, "deputy").get(f"/control/{school.periods[1].id}/of/{school.stranger.id}"))


def test_a_teacher_signs_a_journal_that_is_complete_and_sees_when_it_was_changed(app, school):
    client, path = entering(app, "teacher"), f"/control/{school.periods[1].id}/sign/{school.course.id}"
    assert "Мешает закрыть" in text(client.get(client.send(path).location)) and not m.JournalSignature.select().exists()
    complete(school)
    assert "Подписано 17 декабря, 10:40, Алгебраева А. И." in text(client.get(client.send(path).location))
    assert m.JournalSignature.get().entries > 3 and "без изменений" in text(client.get(f"/control/{school.periods[1].id}/own"))
    make.mark(list(school.lessons.values())[9], school.pupils[0], "5")
    assert "После этого что-то изменили" in text(client.get(f"/control/{school.periods[1].id}/own"))
    assert entering(app, "stranger").send(path).status_code == 403 and entering(app, "deputy").send(path).status_code == 403

def test_leg_03_marks_to_put_and_classes_to_close_are_duties(school):
    def told(who, at):
        with clock.frozen(at):
            user = make.user(getattr(school, who), at.date())
            duties, _found = rulebook.duties.of(user, rulebook.rules.rules_on(at.date()), clock.now())
            return [(str(each.what), each.url, each.late) for each in duties if each.topic == "closing"]
    put_all(school, school.periods[1], pupils=school.pupils[:1])
    own = f"/control/{school.periods[1].id}/own"
    assert told("teacher", datetime(2026, 12, 17, 9)) == []
    assert told("teacher", datetime(2026, 12, 18, 9)) == [("Put the marks for II четверть: 2 are missing", own, False)]
    assert told("teacher", datetime(2026, 12, 26)) == [("Put the marks for II четверть: 2 are missing", own, True)]
    assert told("deputy", LATER) == [("Close II четверть: 2 classes are open", f"/control/?period={school.periods[1].id}", False)]
    with m.writing(make.SYSTEM):
        m.ResultOrder.create(year=school.year, period=school.periods[1], until=date(2026, 12, 29))
    assert told("teacher", datetime(2026, 12, 26))[0][2] is False


# ---- closing and opening again ----

@pytest.mark.parametrize("who, role", [("deputy", "заместитель директора"), ("director", "директор")])
def test_leg_02_the_signature_proves_what_stood_and_by_whom(app, school, who, role):
    complete(school)
    client = entering(app, who)
    page = text(client.get(f"/control/{school.periods[1].id}/close?class={school.school_class.id}"))
    assert "Закрыть 1 класс" in page and "Период идёт до 27 декабря" in page
    close(client, school)
    closure = m.PeriodClosure.standing().get()
    assert (closure.closed_by_id, closure.reason) == (getattr(school, who).id, "приказ 44 от 25.12")
    page = text(client.get(f"/control/closures/{closure.id}"))
    assert "Всё стоит так, как было подписано" in page and closure.digest in page and role in page and getattr(school, who).surname in page
    with m.writing(make.SYSTEM):
        m.Mark.update(value="5").where(m.Mark.id == m.Mark.select(m.Mark.id).limit(1)).execute()
    page = text(client.get(f"/control/closures/{closure.id}"))
    assert "отпечатки различаются" in page and "Изменено после закрытия 1" in page and "→ 5" in page and "без разрешения" in page


def test_mrk_08_a_correction_by_permission_shows_beside_the_signature(app, school):
    complete(school)
    lesson, pupil = list(school.lessons.values())[0], school.pupils[0].id
    with clock.frozen(LATER):
        close(entering(app, "deputy"), school)
        teacher = entering(app, "teacher")
        teacher.send("/corrections/new", course=school.course.id, reason="Перепутала строки", **{f"c-{lesson.id}-0-{pupil}": "5"})
    with clock.frozen(LATER + timedelta(minutes=5)):
        deputy = entering(app, "deputy")
        deputy.send(f"/corrections/{m.Correction.get().id}/allow", until="2026-12-28T12:00")
        answer = entering(app, "teacher").send_json(f"/journal/{school.course.id}/cells", {"cells": [
            {"pupil": pupil, "lesson": lesson.id, "value": "5"}]}).get_json()["cells"][0]
        assert answer["state"] == "saved", answer
        page = text(deputy.get(f"/control/closures/{m.PeriodClosure.get().id}"))
    assert "отпечатки различаются" in page and "4 → 5" in page and "по просьбе об исправлении" in page
    assert "Алгебраева" in page and "без разрешения" not in page


def test_leg_07_what_was_changed_while_a_period_was_open_is_a_protocol_and_the_page_tells_everything(app, school):
    complete(school)
    lessons, pupils = list(school.lessons.values()), school.pupils
    with clock.frozen(LATER):
        close(entering(app, "deputy"), school)
        closure = m.PeriodClosure.get()
        deputy = entering(app, "deputy")
        assert "ещё не открывали" in text(deputy.get("/documents/reopening-act"))
        deputy.send(f"/control/closures/{closure.id}/reopen", **PAPER)
    with clock.frozen(LATER + timedelta(minutes=5)), m.writing(make.actor(school.teacher, LATER + timedelta(minutes=5))):
        for row in m.Mark.select().where((m.Mark.lesson == lessons[0]) & (m.Mark.pupil == pupils[0])):
            row.value = "5"
            row.save()
        m.Mark.delete().where((m.Mark.lesson == lessons[1]) & (m.Mark.pupil == pupils[1])).execute()
        m.Lesson.update(topic="Новая тема").where(m.Lesson.id == lessons[0].id).execute()
    with clock.frozen(LATER + timedelta(days=3)):
        with m.writing(make.actor(school.teacher, LATER + timedelta(days=3))):
            m.Mark.update(value="3").where((m.Mark.lesson == lessons[2]) & (m.Mark.pupil == pupils[2])).execute()
        deputy = entering(app, "deputy")
        act = text(deputy.get("/documents/reopening-act"))
        page = text(deputy.get(f"/control/closures/{closure.id}"))
        assert all(word in act for word in ("приказ 51 от 28.12.2026", "ошибка в 7Б", "сам собой", "Новая тема")) and "отметка, " in act
        assert [deputy.get(f"/documents/reopening-act?format={kind}").status_code for kind in ("pdf", "xlsx")] == [200, 200]
        assert entering(app, "teacher").get("/documents/reopening-act").status_code == 403
    changes = rulebook.changes.of_closure(m.PeriodClosure.get())
    assert [(each.what, each.was, each.now, each.ground) for each in changes] == [
        ("mark", "4", "5", "opened"), ("mark", "4", "", "opened"), ("lesson", changes[2].was, "Новая тема", "opened"), ("mark", "4", "3", "none")]
    assert "Изменено после закрытия 4" in page and page.count("период был открыт") == 3 and page.count("без разрешения") == 1


def test_several_classes_are_closed_at_once_and_the_others_told_one_by_one(app, school):
    complete(school)
    client = entering(app, "deputy")
    answer = close(client, school, school.school_class, school.foreign_class)
    page = text(client.get(answer.location))
    assert "закрыта для 1 класса: 7Б" in page and "8А не закрыт. Мешает закрыть: Нет отметки за период: 1" in page
    assert [row.school_class_id for row in m.PeriodClosure.standing()] == [school.school_class.id]
    assert "Уже закрыт" in text(close(client, school))


def test_remarks_that_want_a_reason_are_closed_over_only_knowingly(app, school):
    put_all(school, school.periods[1], value="5", computed="4")
    client = entering(app, "deputy")
    answer = close(client, school)
    assert answer.status_code == 422 and "Закрываю с этими замечаниями" in text(answer) and "приказ 44" in answer.text
    assert close(client, school, knowingly="on").status_code == 302
    assert "departures=3" in m.PeriodClosure.get().left
    assert "Отличается от расчёта без причины: 3" in text(client.get(f"/control/closures/{m.PeriodClosure.get().id}"))


def test_closing_asks_for_a_reason(app, school):
    put_all(school, school.periods[1])
    assert close(entering(app, "deputy"), school, reason=" ").status_code == 422 and not m.PeriodClosure.select().exists()


def test_leg_07_a_period_is_opened_again_only_by_a_paper_and_closes_by_itself(app, school):
    complete(school)
    with clock.frozen(LATER):
        client = entering(app, "deputy")
        close(client, school)
        path = f"/control/closures/{m.PeriodClosure.get().id}/reopen"
        for lacking in ({"paper": " "}, {"until": ""}, {"until": "2026-12-27"}, {"until": "2027-02-01"}, {"reason": ""}):
            answer = client.send(path, **PAPER | lacking)
            assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text and m.PeriodClosure.standing().exists(), lacking
        assert client.send(path, **PAPER).status_code == 302
        assert "открыт до 29 декабря, 23:59" in text(overview(client, school))
        assert client.send(path, **PAPER).status_code == 422
    for at, value, state in ((datetime(2026, 12, 29, 23, 59), "5", "saved"), (datetime(2026, 12, 30), "3", "refused")):
        with clock.frozen(at):
            body = {"cells": [{"pupil": school.pupils[0].id, "period": school.periods[1].id, "value": value, "reason": f"по приказу {at}"}]}
            answer = entering(app, "teacher").send_json(f"/journal/{school.course.id}/cells", body)
            assert answer.get_json()["cells"][0]["state"] == state, at
    with clock.frozen(datetime(2026, 12, 30)):
        page = text(overview(entering(app, "deputy"), school))
        assert "снова закрыт" in page and "приказ 51 от 28.12.2026. ошибка в 7Б" in page


def test_what_was_closed_anew_does_not_depend_on_the_first_opening(app, school):
    complete(school)
    with clock.frozen(LATER):
        client = entering(app, "deputy")
        close(client, school)
        client.send(f"/control/closures/{m.PeriodClosure.get().id}/reopen", **PAPER)
        close(client, school, reason="исправлено")
        newest = m.PeriodClosure.select().order_by(m.PeriodClosure.id.desc()).get()
        client.send(f"/control/closures/{newest.id}/reopen", **PAPER | {"until": "2027-01-15"})
    with clock.frozen(datetime(2027, 1, 10, 10)):
        assert not m.PeriodClosure.standing().exists()
    with clock.frozen(datetime(2027, 1, 16)):
        assert m.PeriodClosure.standing().count() == 1


# ---- who, which, how dear ----

@pytest.mark.parametrize("who", ["admin", "teacher", "class_teacher", "parent", "secretary"])
def test_nobody_else_closes_reopens_reminds_or_holds_back(app, school, who):
    put_all(school, school.periods[1])
    m.PeriodClosure.close(make.actor(school.deputy), school.periods[0], [school.school_class], "приказ")
    client, closure, period = entering(app, who), m.PeriodClosure.get(), school.periods[1].id
    chosen = {"class": school.school_class.id, "reason": "так"}
    answers = [client.get("/control/"), client.get(f"/control/{period}/close?class={school.school_class.id}"), close(client, school),
               client.get(f"/control/closures/{closure.id}"), client.send(f"/control/closures/{closure.id}/reopen", **PAPER),
               client.send(f"/control/{period}/remind"), client.send(f"/control/{period}/hold", **chosen),
               client.send(f"/control/{period}/publish", **chosen), client.get(f"/control/{period}/list"),
               client.get(f"/control/{period}/of/{school.teacher.id}")]
    assert [answer.status_code for answer in answers] == [403] * 10
    assert m.PeriodClosure.standing().count() == 1 and not m.ResultHold.select().exists() and not m.Notice.select().exists()


@pytest.mark.parametrize("path", ["/control/?period=999999", "/control/?by=x", "/control/x/close?class=1", "/control/closures/999999/reopen",
                                  "/control/closures/x/reopen", "/control/1/of/999999", "/control/1/close?class=x", "/control/1/of/x"])
def test_what_does_not_exist_is_refused(app, school, path):
    assert entering(app, "deputy").get(path).status_code == 403


def test_the_pages_cost_the_same_for_one_class_and_for_five(app, school):
    deputy, teacher, period = entering(app, "deputy"), entering(app, "teacher"), school.periods[1].id
    complete(school)
    teacher.send(f"/control/{period}/sign/{school.course.id}")
    asks = [(deputy, f"/control/?period={period}&by={by}") for by in ("class", "teacher", "kind")] + [
        (teacher, f"/control/{period}/own"), (deputy, f"/control/{period}/close?class={school.school_class.id}")]
    few = [cost(*ask) for ask in asks]
    for number in range(5, 9):
        made, unit = make.school_class(school, f"{number}Г")
        pupil = make.pupil("Новенькая", made)
        course = make.course(unit, "Алгебра", school.teacher)
        make.lesson(course, school.teacher, make.TODAY)
        put_all(school, school.periods[1], course, [pupil])
        with m.writing(make.SYSTEM):
            m.JournalSignature.create(course=course, period=period, person=school.teacher, signed_at=make.SYSTEM.at, entries=1, digest="x")
    assert [cost(*ask) for ask in asks] == few and max(few) <= 28, few


def cost(client, path):
    client.get(path)
    with counted() as sent:
        assert client.get(path).status_code == 200
    return len(sent)
