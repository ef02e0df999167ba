"""Period marks: what the screen says of a pupil, saving by the form, accepting as computed, the year, and what blocks closing."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

import clock
import models as m
import rulebook.entries
import rulebook.facts
import rulebook.journal
import rulebook.result_desk
from tests import factories as f
from tests.statements import counted
from tests.views.test_diary import text

LAST = datetime(2027, 5, 24, 12)


@pytest.fixture
def school(db):
    s = f.school(5)
    for name in ("deputy", "teacher", "class_teacher", "substitute", "stranger", "parent"):
        f.account(getattr(s, name), name, "long enough")
    with clock.frozen(f.NOW):
        yield s


def entering(app, login="teacher"):
    return app.test_client().sign_in(login, "long enough")


def given(school, pupil, *values, course=None):
    """Marks of the first lessons of the II quarter, one a lesson."""
    for lesson, value in zip(school.lessons.values(), values, strict=False):
        f.mark(lesson, pupil, value)


def enough(school, pupil, value="4"):
    """Seven marks with a written work among them: nothing speaks against the computed one."""
    given(school, pupil, *[value] * 7)
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=school.kinds["С"]).where(m.Lesson.id == next(iter(school.lessons.values())).id).execute()


def standing(school, kind="period"):
    rows = m.PeriodMark.select().where(m.PeriodMark.kind == kind).order_by(m.PeriodMark.pupil)
    return [(row.pupil_id, row.value, row.computed, row.reason) for row in rows]


def address(school, period=1, extra=""):
    return f"/results/{school.course.id}{extra}?period={school.periods[period].id}"


def save(client, school, **fields):
    return client.send(f"/results/{school.course.id}", period=school.periods[1].id, **fields)


# ---- what the screen says ----

def test_mrk_11_a_row_shows_marks_kinds_mean_computed_and_what_is_lacking(app, school):
    enough(school, school.pupils[0], "4")
    f.mark(list(school.lessons.values())[7], school.pupils[0], "5")
    page = text(entering(app).get(address(school)))
    assert "4С×2" in page.replace(" ", "") and "8 / 7" in page
    assert "4,11" in page and "до 5 не хватает 0,39" in page
    assert "×3 контрольная работа, внешняя диагностика 5 → 4,33" in page


def test_mrk_12_few_marks_no_written_work_and_no_marks_at_all_are_said_with_their_clause(app, school):
    given(school, school.pupils[0], "4", "5")
    page = text(entering(app).get(address(school)))
    assert "мало отметок: 2 из 7 п. 5.2" in page and "нет письменных и практических работ п. 5.2" in page
    assert "нет отметок: вместо «н/а» — «продление» п. 5.3" in page


def test_mrk_07_a_control_work_without_a_mark_is_a_warning_unless_the_pupil_was_away(app, school):
    control = school.lessons[date(2026, 12, 10)]
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=school.kinds["К"], state="held").where(m.Lesson.id == control.id).execute()
    f.absence(control, school.pupils[0], "б")
    f.mark(control, school.pupils[1], "5")
    page = text(entering(app).get(address(school)))
    assert page.count("нет отметки: Контрольная работа, 10 дек") == 3
    assert "Контрольная работа, 10 декабря: 3 ученика" in page


def test_the_mark_of_the_period_before_stands_beside(app, school):
    with m.writing(f.SYSTEM):
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[0], value="3", entered_at=f.SYSTEM.at)
    assert 'data-l="I четверть">3<' in entering(app).get(address(school)).text.replace("\n", "")


def test_mrk_14_a_class_without_marks_has_nothing_to_put(app, school):
    first, unit = f.school_class(school, "1А")
    f.pupil("Первоклашкина", first)
    course = f.course(unit, "Чтение", school.teacher)
    page = entering(app).get(f"/results/{course.id}?period={school.periods[1].id}").text
    assert "обучение без отметок" in page and 'class="mark"' not in page


# ---- saving ----

def test_the_form_saves_without_a_script_and_asks_for_a_reason_in_place(app, school):
    one, other = school.pupils[:2]
    enough(school, one), enough(school, other)
    client = entering(app)
    answer = save(client, school, **{f"m-{one.id}-period": "4", f"m-{other.id}-period": "5", f"v-{one.id}-period": "0"})
    assert answer.status_code == 422 and f'name="r-{other.id}-period"' in answer.text
    assert "По отметкам выходит 4, вы ставите 5" in text(answer) and f'value="5" data-pupil="{other.id}"' in answer.text
    assert standing(school) == [(one.id, "4", "4", "")]
    answer = save(client, school, **{f"m-{other.id}-period": "5", f"r-{other.id}-period": "контрольная на 5"})
    assert answer.status_code == 302
    assert standing(school)[1] == (other.id, "5", "4", "контрольная на 5")


def test_a_mark_that_somebody_changed_meanwhile_is_not_overwritten(app, school):
    one = school.pupils[0]
    enough(school, one)
    client = entering(app)
    save(client, school, **{f"m-{one.id}-period": "4"})
    answer = save(client, school, **{f"m-{one.id}-period": "3", f"v-{one.id}-period": "0", f"r-{one.id}-period": "так"})
    assert answer.status_code == 422 and standing(school) == [(one.id, "4", "4", "")]


def test_fin_07_na_is_refused_with_what_to_do_instead(app, school):
    one = school.pupils[0]
    answer = save(entering(app), school, **{f"m-{one.id}-period": "н/а"})
    assert answer.status_code == 422 and "«продление»" in text(answer) and 'value="н/а"' in answer.text
    assert save(entering(app), school, **{f"m-{one.id}-period": "продление"}).status_code == 302


def test_mrk_12_a_named_subject_asks_for_a_reason_without_written_works(app, school):
    course = f.course(school.unit, "Физика", school.teacher)
    for lesson in f.lessons(course, school.teacher, date(2026, 12, 1), date(2026, 12, 16)).values():
        f.mark(lesson, school.pupils[0], "4")
    entry = rulebook.entries.Entry(school.pupils[0].id, "4", period=school.periods[1].id)
    user, by = f.user(school.teacher), f.actor(school.teacher)
    outcome, = rulebook.journal.put_cells(user, by, course.id, [entry])
    assert (outcome.state, outcome.rule, outcome.clause) == ("reason_required", "min_marks.written_work", "5.2")
    outcome, = rulebook.journal.put_cells(user, by, course.id, [replace(entry, reason="опрос устный по приказу")])
    assert outcome.state == "saved"


def test_a_period_ahead_takes_no_marks(app, school):
    one = school.pupils[0]
    outcome, = rulebook.journal.put_cells(f.user(school.teacher), f.actor(school.teacher), school.course.id,
                                          [rulebook.entries.Entry(one.id, "4", period=school.periods[3].id, reason="заранее")])
    assert outcome.state == "refused" and "29" in str(outcome.message.params)


# ---- accepting as computed ----

def test_undisputed_marks_are_put_in_one_action_after_one_confirmation(app, school):
    for pupil in school.pupils[:3]:
        enough(school, pupil)
    given(school, school.pupils[3], "5")
    client = entering(app)
    assert "Принять по расчёту: 3" in text(client.get(address(school)))
    page = client.get(address(school, extra="/accept")).text
    assert page.count('type="checkbox"') == page.count(" checked") == 3
    fields = {f"m-{pupil.id}-period": "4" for pupil in school.pupils[:3]}
    client.send(f"/results/{school.course.id}/accept", period=school.periods[1].id,
                pupil=[str(pupil.id) for pupil in school.pupils[:2]], **fields)
    assert standing(school) == [(pupil.id, "4", "4", "") for pupil in school.pupils[:2]]
    assert m.History.select().where((m.History.tbl == "period_mark") & (m.History.op == "I")).count() == 2


def test_a_border_average_is_offered_unticked(app, school):
    enough(school, school.pupils[0])
    f.mark(list(school.lessons.values())[7], school.pupils[0], "5")
    for lesson in list(school.lessons.values())[8:14]:
        f.mark(lesson, school.pupils[0], "5")
    page = entering(app).get(address(school, extra="/accept"))
    assert "на границе" in page.text and " checked" not in page.text


@pytest.mark.parametrize("pupils", [5, 30])
def test_accepting_costs_the_same_for_five_and_for_thirty(app, db, pupils):
    s = f.school(pupils)
    with clock.frozen(f.NOW):
        for pupil in s.pupils:
            enough(s, pupil)
        user, by = f.user(s.teacher), f.actor(s.teacher)
        entries = [rulebook.entries.Entry(pupil.id, "4", period=s.periods[1].id, seen="0") for pupil in s.pupils]
        with counted() as sent:
            outcomes = rulebook.journal.put_cells(user, by, s.course.id, entries)
    assert {outcome.state for outcome in outcomes} == {"saved"}
    assert len(sent) <= 12, sent


# ---- the year ----

def year_of(school, pupil, *values):
    with m.writing(f.SYSTEM):
        for period, value in zip(school.periods, values, strict=False):
            m.PeriodMark.create(course=school.course, pupil=pupil, period=period, value=value, entered_at=f.SYSTEM.at)


def test_fin_17_year_exam_and_final_marks_are_computed_and_saved(app, school):
    one = school.pupils[0]
    year_of(school, one, "4", "3", "4", "5")
    with clock.frozen(LAST):
        client = entering(app)
        page = text(client.get(f"/results/{school.course.id}?period=year"))
        assert "4,00" in page and "Экзамен" in page
        send = {"year": "4", "exam": "5"}
        client.send(f"/results/{school.course.id}", period="year", **{f"m-{one.id}-{kind}": value for kind, value in send.items()})
        client.send_json(f"/journal/{school.course.id}/cells", {"cells": [{"pupil": one.id, "kind": "final", "value": "5", "seen": "0"}]})
    assert standing(school, "year") == [(one.id, "4", "4", "")] and standing(school, "exam") == [(one.id, "5", "", "")]
    assert standing(school, "final") == [(one.id, "5", "5", "")]


YEAR_11 = [("period", "4", False), ("period", "4", False), ("year", "4", False)], [("period", "5", True), ("period", "4", True), ("year", "5", True)]


@pytest.mark.parametrize("grade, results, mark", [
    (9, [("period", "3", True), ("year", "4", True), ("exam", "5", True)], "5"), (8, [("year", "4", True)], "4"),
    (11, YEAR_11[0] + YEAR_11[1], "4"), (11, YEAR_11[1], "")])
def test_reports_3_9_the_final_mark_by_grade(grade, results, mark):
    period = rulebook.facts.PeriodFacts(date(2027, 3, 29), date(2027, 5, 26))
    facts, _average = rulebook.result_desk.year_result("final", (grade, 2, period), results)
    assert facts.computed == mark


def test_a_pupil_who_moved_takes_the_marks_of_the_former_journal_into_the_year(app, school):
    one = school.pupils[0]
    former = f.course(f.school_class(school, "7А")[1], "Алгебра", school.stranger)
    with m.writing(f.SYSTEM):
        m.PeriodMark.create(course=former, pupil=one, period=school.periods[0], value="2", entered_at=f.SYSTEM.at)
        for period in school.periods[1:]:
            m.PeriodMark.create(course=school.course, pupil=one, period=period, value="5", entered_at=f.SYSTEM.at)
    by = f.actor(school.teacher, LAST)
    outcome, = rulebook.journal.put_cells(f.user(school.teacher), by, school.course.id, [rulebook.entries.Entry(one.id, "4", kind="year")])
    assert outcome.state == "saved" and standing(school, "year") == [(one.id, "4", "4", "")]


def test_fin_17_undisputed_years_are_accepted_in_one_go_and_keep_their_history(app, school):
    sure, border, put_off, done = school.pupils[:4]
    year_of(school, sure, "4", "4", "4", "4"), year_of(school, border, "4", "4", "5", "5"), year_of(school, put_off, "4", "4", "4", "отсрочка")
    year_of(school, done, "5", "5", "5", "5")
    with clock.frozen(LAST):
        client, path = entering(app), f"/results/{school.course.id}/accept?period=year"
        client.send(f"/results/{school.course.id}", period="year", **{f"m-{done.id}-year": "5"})
        page = client.get(path).text
        offered = re.findall(r'name="pupil" value="(\d+)"( checked)?', page)
        assert offered[:2] == [(str(sure.id), " checked"), (str(border.id), "")]
        assert not {str(put_off.id), str(done.id)} & {pupil for pupil, _checked in offered}
        forms = {name: value for pupil in (sure, border) for name, value in ((f"m-{pupil.id}-year", "4"), (f"v-{pupil.id}-year", "0"))}
        assert client.send(f"/results/{school.course.id}/accept", period="year", pupil=sure.id, **forms).status_code == 302
        assert [row[:2] for row in standing(school, "year")] == [(sure.id, "4"), (done.id, "5")]
        link = f"/journal/{school.course.id}/history?pupil={sure.id}&kind=year"
        assert link.replace("&", "&amp;") in client.get(f"/results/{school.course.id}?period=year").text
        page = text(client.get(link))
        assert "Алгебра · год" in page and "24 мая, 12:00" in page
        assert "никто не писал" in text(client.get(link.replace("year", "exam"))).lower()


def test_the_year_opens_with_its_last_period(app, school):
    assert entering(app).get(f"/results/{school.course.id}?period=year").status_code == 403
    outcome, = rulebook.journal.put_cells(f.user(school.teacher), f.actor(school.teacher), school.course.id,
                                          [rulebook.entries.Entry(school.pupils[0].id, "4", kind="year", reason="заранее")])
    assert outcome.state == "refused"


def test_fin_04_an_order_moves_the_deadline_of_a_period_and_of_the_year(app, school):
    one = school.pupils[0]
    enough(school, one)
    year_of(school, school.pupils[1], "4", "4", "4", "4")
    with m.writing(f.SYSTEM):
        m.ResultOrder.create(year=school.year, period=school.periods[1], school_class=school.school_class, until=date(2026, 12, 30), order_no="9")
        m.ResultOrder.create(year=school.year, kind="year", until=date(2027, 5, 26), order_no="10")

    def put(at, **entry):
        return rulebook.journal.put_cells(f.user(school.teacher), f.actor(school.teacher, at), school.course.id, [rulebook.entries.Entry(**entry)])[0]

    late = put(datetime(2026, 12, 31, 9), pupil=one.id, value="4", period=school.periods[1].id)
    assert (late.state, late.clause) == ("late", "4.4.6")
    put(datetime(2026, 12, 31, 9, 5), pupil=one.id, value="", period=school.periods[1].id)
    assert put(datetime(2026, 12, 30, 23), pupil=one.id, value="4", period=school.periods[1].id).state == "saved"
    assert put(datetime(2027, 5, 26, 12), pupil=school.pupils[1].id, value="4", kind="year").state == "saved"
    assert "выставить до 30 декабря по приказу школы, п. 4.4.6" in text(entering(app).get(address(school)))


def test_closing_the_last_period_closes_the_year_but_not_the_exam(app, school):
    one = school.pupils[0]
    year_of(school, one, "4", "4", "4", "4")
    m.PeriodClosure.close(f.actor(school.deputy), school.periods[3], [school.school_class], "приказ")
    entries = [rulebook.entries.Entry(one.id, "4", kind=kind) for kind in ("year", "exam")]
    by = f.actor(school.teacher, LAST)
    assert [each.state for each in rulebook.journal.put_cells(f.user(school.teacher), by, school.course.id, entries)] == ["refused", "saved"]


# ---- what stands in the way of closing ----

def test_fin_14_what_blocks_closing_is_listed_with_its_places(app, school):
    with m.writing(f.SYSTEM):
        m.Lesson.update(topic="Степени", state="held", attendance_at=f.SYSTEM.at).where(m.Lesson.day < f.TODAY).execute()
        m.Lesson.update(topic="").where(m.Lesson.id == school.lessons[date(2026, 12, 9)].id).execute()
        m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[1], value="5", computed="4",
                            entered_at=f.SYSTEM.at)
    f.absence(school.lessons[date(2026, 12, 10)], school.pupils[1], "н")
    page = entering(app).get(address(school))
    words = text(page)
    assert "Нет отметки за период: 4" in words and "Пустые темы: 1" in words and "Пропуски без причины: 1" in words
    assert "Отличается от расчёта без причины: 1" in words
    assert f'/lesson/{school.lessons[date(2026, 12, 9)].id}#topic' in page.text
    assert f'/lesson/{school.lessons[date(2026, 12, 10)].id}#attendance' in page.text and f'#p-{school.pupils[1].id}"' in page.text


def test_a_class_teacher_and_the_deputy_see_all_journals_of_the_class(app, school):
    enough(school, school.pupils[0])
    f.lessons(f.course(school.unit, "География", school.stranger), school.stranger, date(2026, 12, 1), date(2026, 12, 20))
    for who in ("class_teacher", "deputy"):
        page = text(entering(app, who).get(f"/results/class/{school.school_class.id}?period={school.periods[1].id}"))
        assert "Алгебра" in page and "География" in page and "Алгебраева А. И." in page and "0 из 10" in page
        assert "Прогноз: успеваемость / качество" in page and "100,0 % / 100,0 %" in page
    page = text(entering(app, "class_teacher").get("/results/"))
    assert "II четверть: классы" in page and "7Б" in page and "8А" not in page
    assert "8А" in text(entering(app, "deputy").get("/results/"))


@pytest.mark.parametrize("who, allowed", [("deputy", {"page", "class"}), ("class_teacher", {"page", "class"}), ("teacher", {"page", "accept"}),
                                          ("substitute", set()), ("stranger", set()), ("parent", set())])
def test_acc_06_others_see_and_write_nothing(app, school, who, allowed):
    f.substitution(school.lessons[f.TODAY], school.substitute, school.teacher)
    client, before = entering(app, who), m.PeriodMark.select().count()
    pages = {"page": address(school), "accept": address(school, extra="/accept"), "class": f"/results/class/{school.school_class.id}"}
    assert {name for name, path in pages.items() if client.get(path).status_code == 200} == allowed
    if who != "teacher":
        assert save(client, school, **{f"m-{school.pupils[0].id}-period": "4"}).status_code == 403
        assert m.PeriodMark.select().count() == before


def test_the_screens_cost_the_same_for_five_pupils_and_for_thirty(app, school):
    client, deputy = entering(app), entering(app, "deputy")
    asks = ((client, address(school)), (deputy, f"/results/class/{school.school_class.id}?period={school.periods[1].id}"),
            (client, "/results/"))
    few = [cost(*ask) for ask in asks]
    for number in range(6, 31):
        pupil = f.pupil(f"Новикова{number:03d}", school.school_class)
        given(school, pupil, "4", "5", "3")
    for name in ("Химия", "География", "История"):
        f.lessons(f.course(school.unit, name, school.stranger), school.stranger, date(2026, 12, 1), date(2026, 12, 20))
    assert [cost(*ask) for ask in asks] == few
    assert max(few) <= 18, few


def cost(client, path):
    client.get(path)  # the first look is kept in the register of looks
    with counted() as sent:
        assert client.get(path).status_code == 200
    return len(sent)
