"""The one way to change the journal: rights, verdicts, cells, and how many statements it takes. Named after the rules."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest

import clock
import history
import models as m
import rulebook.entries
import rulebook.works
from rulebook.entries import Entry, Foreign, version_of
from rulebook.homework import put_homework
from rulebook.journal import put_attendance, put_cells, put_remark, put_topic
from tests import factories as f
from tests.statements import counted

DAY = date(2026, 12, 17)
AT = datetime(2026, 12, 17, 10, 40)


@pytest.fixture
def school(db):
    return f.school()


def put(s, value, *, who=None, at=AT, day=DAY, pupil=0, **more):
    """One cell of the algebra journal at a moment of school time."""
    who = who or s.teacher
    entry = Entry(s.pupils[pupil].id, value, s.lessons[day].id, **more)
    with clock.frozen(at):
        return put_cells(f.user(who, at.date()), f.actor(who, at), s.course.id, [entry])[0]


def put_result(s, value, *, at=AT, period=1, **more):
    entry = Entry(s.pupils[0].id, value, period=s.periods[period].id, **more)
    with clock.frozen(at):
        return put_cells(f.user(s.teacher), f.actor(s.teacher, at), s.course.id, [entry])[0]


def marks_of(s, day=DAY, pupil=0):
    rows = m.Mark.select().where((m.Mark.lesson == s.lessons[day]) & (m.Mark.pupil == s.pupils[pupil]))
    return [row.value for row in rows.order_by(m.Mark.position)]


def days_after(n, day=date(2026, 11, 25)):
    """A moment on day n after a lesson, and that lesson's day."""
    return {"day": day, "at": datetime.combine(day, AT.time()) + timedelta(n)}


# ---- cells ----

@pytest.mark.parametrize("typed, stands", [
    ("5", "5"), ("5/4", "5/4"), ("54", "5/4"), ("н", "н"), ("H", "н"), ("Б", "б"), ("y", "у"), ("o", "о"), (".", "."),
    ("зач", "зач"), ("о 5", "о 5"), ("УП", "у")])
def test_a_cell_takes_what_teachers_type(school, typed, stands):
    assert put(school, typed).value == stands


@pytest.mark.parametrize("typed", ["7", "10", "5/4/3", "пять", "нн"])
def test_a_value_that_is_no_mark_is_refused_and_told_what_is(school, typed):
    outcome = put(school, typed)
    assert (outcome.state, outcome.value) == ("refused", "")
    assert "5, 4, 3, 2" in str(outcome.message)


def test_an_empty_value_clears_the_cell_and_history_keeps_it(school):
    put(school, "5/4")
    assert put(school, "").value == ""
    assert marks_of(school) == []
    assert m.History.select().where((m.History.tbl == "mark") & (m.History.op == "D")).count() == 2


def test_several_cells_of_one_lesson_and_two_of_the_same(school):
    pupils = [pupil.id for pupil in school.pupils]
    lesson = school.lessons[DAY].id
    entries = [Entry(pupils[0], "5", lesson), Entry(pupils[1], "н", lesson), Entry(pupils[0], "4", lesson)]
    with clock.frozen(AT):
        outcomes = put_cells(f.user(school.teacher), f.actor(school.teacher), school.course.id, entries)
    assert [outcome.value for outcome in outcomes] == ["5", "н", "4"]
    assert marks_of(school) == ["4"]


def test_a_planned_lesson_is_held_once_something_is_recorded(school):
    put(school, "5")
    assert m.Lesson.get_by_id(school.lessons[DAY].id).state == "held"


def test_marks_of_another_work_stand_beside_the_lessons_own(school):
    with clock.frozen(AT):
        decision, work = rulebook.works.add_work(f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id,
                                                   school.kinds["К"].id, "Кубы")
    assert decision.ok
    put(school, "5")
    assert put(school, "3", work=work.id).value == "3"
    assert {(mark.work_id, mark.value) for mark in m.Mark.select()} == {(None, "5"), (work.id, "3")}


def test_a_work_of_another_lesson_is_foreign(school):
    with m.writing(f.SYSTEM):
        work = m.Work.create(lesson=school.lessons[date(2026, 12, 16)], kind=school.kinds["К"])
    with pytest.raises(Foreign):
        put(school, "5", work=work.id)


# ---- deadlines and the edit window ----

def test_mrk_01_a_mark_of_the_next_day_is_saved_and_flagged(school):
    in_time, late = put(school, "5", at=datetime(2026, 12, 17, 23, 59, 59)), put(
        school, "5", day=date(2026, 12, 16), at=datetime(2026, 12, 17, 0, 0))
    assert (in_time.state, in_time.rule) == ("saved", "")
    assert (late.state, late.rule, late.clause) == ("late", "entry.mark_deadline", "4.4.1, 8.4")
    row = m.Mark.get(m.Mark.late)
    assert (row.clause, row.regulation) == ("4.4.1, 8.4", school.regulation.id)


def test_a_correction_does_not_make_an_entry_in_time_late(school):
    put(school, "3", **days_after(0))
    outcome = put(school, "4", **days_after(2))
    row = m.Mark.get()
    assert (outcome.state, row.late, row.value) == ("saved", False, "4")
    assert row.entered_at.date() == date(2026, 11, 25)


@pytest.mark.parametrize("day, state", [(7, "saved"), (8, "reason_required"), (14, "reason_required"), (15, "refused")])
def test_mrk_09_days_0_7_free_8_14_with_a_reason_15_closed(school, day, state):
    put(school, "3", **days_after(0))
    assert put(school, "4", **days_after(day)).state == state
    assert marks_of(school, date(2026, 11, 25)) == (["4"] if state == "saved" else ["3"])


def test_mrk_08_day_14_with_a_reason_is_saved_and_day_15_names_the_clause(school):
    put(school, "3", **days_after(0))
    assert put(school, "4", reason="описка при вводе", **days_after(14)).state == "saved"
    refused = put(school, "5", reason="описка при вводе", **days_after(15))
    assert (refused.state, refused.clause, refused.value) == ("refused", "3.6", "4")
    assert "Положение" in str(refused.message) and "3.6" in str(refused.message) and "«4»" in str(refused.message)
    assert m.Mark.get().reason == "описка при вводе"


def test_mrk_18_a_retake_by_protocol_30_days_later_is_saved_a_plain_mark_is_not(school):
    put(school, "б", **days_after(0))
    late = days_after(22)
    assert put(school, "б→4", **late).state == "refused"
    retake = put(school, "4", protocol="№ 3 от 16.12.2026", **late)
    assert (retake.state, retake.value) == ("saved", "б→4")
    assert m.Mark.get().protocol.number == "3"
    assert put(school, "5", pupil=1, **late).state == "refused"


def test_att_07_a_retake_keeps_the_absence_and_needs_number_and_date(school):
    put(school, "н")
    for protocol in (None, "", {"number": "3"}, {"day": "2026-12-17"}):
        refused = put(school, "4", protocol=protocol)
        assert (refused.state, refused.rule, refused.value) == ("refused", "retake.protocol", "н")
    done = put(school, "н4", protocol={"number": "3", "day": "2026-12-17", "examiners": "Иванова, Петрова"})
    assert (done.state, done.value) == ("saved", "н→4")
    assert m.Absence.select().count() == 1 and m.Protocol.get().examiners == "Иванова, Петрова"


def test_mrk_17_osv_is_refused_with_its_clause(school):
    outcome = put(school, "осв")
    assert (outcome.state, outcome.rule, outcome.clause) == ("refused", "cell.codes_forbidden", "5.3")


def test_mrk_17_osv_is_accepted_where_the_regulation_is_silent(db):
    assert put(f.school(preset="d3_shalazhi"), "осв").state == "saved"


def test_mrk_14_grade_1_has_attendance_and_topics_but_no_marks(school):
    with m.writing(f.SYSTEM):
        m.SchoolClass.update(grade=1).where(m.SchoolClass.id == school.school_class).execute()
    refused = put(school, "5")
    assert (refused.state, refused.clause) == ("refused", "3.9")
    assert put(school, "н").state == "saved"
    with clock.frozen(AT):
        who = f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id
        assert put_topic(*who, "Счёт до десяти").ok
        assert put_homework(*who, "Прописи, с. 4").clause == "3.9"
        assert put_homework(*who, "", not_set=True).ok


def test_a_closed_period_refuses_everything_even_a_retake(school):
    put(school, "б")
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=f.SYSTEM.at)
    for value, more in (("5", {"pupil": 1}), ("б→4", {"protocol": "3 от 16.12.2026"}), ("", {})):
        outcome = put(school, value, **more)
        assert (outcome.state, outcome.rule) == ("refused", "period.closed")


def test_a_lesson_ahead_takes_no_marks(school):
    assert put(school, "5", day=date(2026, 12, 21)).rule == "lesson.ahead"


def test_a_pupil_who_was_not_there_that_day_has_no_cell(school):
    gone = f.pupil("Ушедшая", school.school_class, ends=date(2026, 12, 10))
    school.pupils.append(gone)
    outcome = put(school, "5", pupil=-1)
    assert (outcome.state, outcome.value) == ("refused", "")
    assert put(school, "5", pupil=-1, day=date(2026, 12, 10), at=datetime(2026, 12, 10, 12)).state == "saved"


def test_a_cancelled_lesson_takes_nothing(school):
    with m.writing(f.SYSTEM):
        m.Lesson.update(state="cancelled").where(m.Lesson.id == school.lessons[DAY].id).execute()
    assert put(school, "5").state == "refused"


# ---- who ----

@pytest.mark.parametrize("who", ["stranger", "deputy", "director", "admin", "secretary", "parent", "substitute"])
def test_acc_06_nobody_but_the_courses_teacher_writes(school, who):
    with pytest.raises(Foreign):
        put(school, "5", who=getattr(school, who))
    assert marks_of(school) == []


def test_acc_06_a_teacher_writes_only_within_the_dates_of_the_assignment(school):
    with m.writing(f.SYSTEM):
        m.Assignment.update(ends=date(2026, 12, 16)).where(m.Assignment.course == school.course).execute()
    with pytest.raises(Foreign):
        put(school, "5")
    assert put(school, "5", day=date(2026, 12, 16), at=datetime(2026, 12, 16, 12)).state == "saved"


def test_sub_01_a_substitute_writes_the_lent_lesson_and_no_other(school):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    assert put(school, "5", who=school.substitute).state == "saved"
    with pytest.raises(Foreign):
        put(school, "5", who=school.substitute, day=date(2026, 12, 16))


def test_foreign_and_missing_lessons_and_pupils_are_the_same(school):
    user, by = f.user(school.teacher), f.actor(school.teacher)
    foreign_lesson = next(iter(school.foreign_lessons.values())).id
    for pupil, lesson in ((school.pupils[0].id, foreign_lesson), (school.pupils[0].id, 10**6), (10**6, school.lessons[DAY].id),
                          (school.foreign_pupil.id, school.lessons[DAY].id)):
        with pytest.raises(Foreign), clock.frozen(AT):
            put_cells(user, by, school.course.id, [Entry(pupil, "5", lesson)])


def test_acc_05_a_class_teacher_changes_the_reason_of_absence_and_no_mark(school):
    put(school, "н")
    changed = put(school, "б", who=school.class_teacher, reason="справка № 5")
    assert (changed.state, changed.value) == ("saved", "б")
    refused = put(school, "5", pupil=1, who=school.class_teacher)
    assert (refused.state, refused.rule, refused.clause) == ("refused", "rights.ct_journal", "4.3.6")
    assert put(school, "", who=school.class_teacher).state == "refused"
    row = m.Absence.get()
    assert (row.reason, row.entered_by_id) == ("справка № 5", school.teacher.id)
    codes = [change.new for change in m.History.select().where(m.History.tbl == "absence")]
    assert any('"н"' in text for text in codes) and any('"б"' in text for text in codes)


def test_acc_04_where_the_regulation_says_view_a_class_teacher_changes_nothing(db):
    school = f.school(preset="d3_shalazhi")
    put(school, "н")
    answer = put(school, "б", who=school.class_teacher)
    assert (answer.state, answer.clause, answer.value) == ("refused", "I.5", "н")


# ---- others at the same time ----

def test_a_change_by_somebody_else_is_shown_and_never_overwritten(school):
    put(school, "3")
    outcome = put(school, "5", seen="0")
    assert (outcome.state, outcome.value, outcome.version) == ("conflict", "3", version_of("3"))
    assert marks_of(school) == ["3"]
    assert put(school, "5", seen=outcome.version).state == "saved"


def test_a_conflict_over_the_same_value_is_none(school):
    put(school, "5")
    assert put(school, "5", seen="0").state == "saved"


def test_the_same_key_twice_is_applied_once(school):
    first = put(school, "5", key="k1", seen="0")
    put(school, "4", key="k2", seen=first.version)
    again = put(school, "5", key="k1", seen="0")
    assert (again.state, again.value) == ("saved", "4")
    assert marks_of(school) == ["4"]


def test_the_key_of_somebody_else_does_not_count(school):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    put(school, "5", key="k1")
    assert put(school, "3", key="k1", who=school.substitute).value == "3"


def test_two_at_the_same_moment_save_one_and_tell_the_other(school):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    entry, together = Entry(school.pupils[0].id, "", school.lessons[DAY].id, seen="0"), Barrier(2)

    def save(who, value):
        with m.db.connection_context():
            user, by = f.user(who), f.actor(who)
            together.wait()
            return put_cells(user, by, school.course.id, [replace(entry, value=value)])[0].state

    with clock.frozen(AT), ThreadPoolExecutor(2) as pool:
        states = [pool.submit(save, who, value) for who, value in ((school.teacher, "5"), (school.substitute, "3"))]
        assert sorted(state.result() for state in states) == ["conflict", "saved"]
    assert m.Mark.select().count() == 1 and m.verify()["acts"]


# ---- attendance ----

def attend(s, codes, *, at=AT, day=DAY, who=None, **more):
    who = who or s.teacher
    with clock.frozen(at):
        return put_attendance(f.user(who, at.date()), f.actor(who, at), s.lessons[day].id,
                              {s.pupils[n].id: code for n, code in codes.items()}, **more)


def test_att_04_all_present_is_an_explicit_act(school):
    assert m.Lesson.get_by_id(school.lessons[DAY].id).attendance_at is None
    decision, outcomes = attend(school, {})
    lesson = m.Lesson.get_by_id(school.lessons[DAY].id)
    assert decision.ok and outcomes == []
    assert lesson.attendance_at is not None and lesson.attendance_by == school.teacher and lesson.state == "held"
    assert m.Absence.select().count() == 0


def test_att_03_attendance_of_the_next_day_is_flagged(school):
    decision, _ = attend(school, {0: "н"}, day=date(2026, 12, 16))
    lesson = m.Lesson.get_by_id(school.lessons[date(2026, 12, 16)].id)
    assert decision.state == "late" and lesson.attendance_late and lesson.attendance_clause == "4.4.1, 8.4"
    assert m.Absence.get().late


def test_attendance_stated_again_takes_back_who_came_after_all(school):
    attend(school, {0: "н", 1: "б"})
    attend(school, {1: "у", 2: "о"})
    rows = {row.pupil_id: row.code for row in m.Absence.select()}
    assert rows == {school.pupils[1].id: "у", school.pupils[2].id: "о"}


def test_att_01_the_20_minutes_bind_only_the_unexplained(db):
    school = f.school(preset="d4_hmao")
    start = datetime(2026, 12, 17, 10, 30)
    assert put(school, "н", at=start + timedelta(minutes=20)).state == "saved"
    assert put(school, "н", pupil=1, at=start + timedelta(minutes=20, seconds=1)).state == "late"
    assert put(school, "б", pupil=2, at=datetime(2026, 12, 17, 14)).state == "saved"
    assert put(school, "б", at=datetime(2026, 12, 18, 9)).state == "saved"
    assert not m.Absence.get(m.Absence.pupil == school.pupils[0]).late


def test_a_mark_and_absence_do_not_share_a_cell_by_attendance(school):
    put(school, "5")
    decision, outcomes = attend(school, {0: "н"})
    assert [outcome.state for outcome in outcomes] == ["refused"]
    assert m.Absence.select().count() == 0 and m.Lesson.get_by_id(school.lessons[DAY].id).attendance_at is None


def test_attendance_of_a_retaken_lesson_keeps_the_mark(school):
    put(school, "н")
    put(school, "4", protocol="3 от 17.12.2026")
    decision, _ = attend(school, {0: "б"})
    assert decision.ok and marks_of(school) == ["4"] and m.Absence.get().code == "б"


def test_attendance_of_a_lesson_ahead_is_refused(school):
    decision, _ = attend(school, {}, day=date(2026, 12, 21))
    assert decision.state == "refused"


# ---- topic, homework, comment ----

def test_topic_keeps_when_it_was_first_written_and_whether_late(school):
    user, lesson = f.user(school.teacher), school.lessons[date(2026, 12, 16)].id
    with clock.frozen(AT):
        late = put_topic(user, f.actor(school.teacher), lesson, "Кубы", kind=school.kinds["К"].id, work_topic="Разность кубов")
        put_topic(user, f.actor(school.teacher), lesson, "Сумма кубов", kind=school.kinds["К"].id)
    row = m.Lesson.get_by_id(lesson)
    assert late.state == "late" and row.topic_late and row.topic_clause == "4.4.1"
    assert (row.topic, row.kind.code, row.work_topic) == ("Сумма кубов", "К", "")


def test_a_topic_of_the_plan_is_taken_only_from_the_courses_own_plan(school):
    plan = f.plan(school.course, ["Кубы", "Квадраты"])
    other = f.plan(school.foreign_course, ["Оптика"])
    user, by, lesson = f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id
    with clock.frozen(AT):
        put_topic(user, by, lesson, "Кубы", plan_topic=plan.topics[0].id)
        assert m.Lesson.get_by_id(lesson).plan_topic_id == plan.topics[0].id
        put_topic(user, by, lesson, "Кубы", plan_topic=other.topics[0].id)
        assert m.Lesson.get_by_id(lesson).plan_topic_id is None


def test_hw_01_homework_of_the_next_day_is_flagged_and_due_the_next_lesson(school):
    user, lesson = f.user(school.teacher), school.lessons[date(2026, 12, 16)].id
    with clock.frozen(AT):
        decision = put_homework(user, f.actor(school.teacher), lesson, "§ 24, № 512")
    row = m.Homework.get()
    assert (decision.state, decision.clause, row.late, row.due) == ("late", "4.4.5", True, DAY)


def test_hw_02_homework_counts_from_the_end_of_the_classs_day(db):
    school = f.school(preset="d3_shalazhi")
    last = f.course(school.unit, "Музыка", school.stranger)
    f.lesson(last, school.stranger, DAY, number=6)
    user, lesson = f.user(school.teacher), school.lessons[DAY].id
    for moment, state in ((datetime(2026, 12, 17, 15, 45), "saved"), (datetime(2026, 12, 17, 15, 45, 1), "late")):
        with clock.frozen(moment):
            assert put_homework(user, f.actor(school.teacher, moment), lesson, "§ 24").state == state
            put_homework(user, f.actor(school.teacher, moment), lesson, "")


def test_hw_04_not_set_differs_from_nothing_entered(school):
    user, by, lesson = f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id
    with clock.frozen(AT):
        put_homework(user, by, lesson, "", not_set=True)
        assert m.Homework.get().not_set
        put_homework(user, by, lesson, "")
    assert m.Homework.select().count() == 0


def test_homework_files_are_added_and_dropped(school):
    user, by, lesson = f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id
    with clock.frozen(AT):
        put_homework(user, by, lesson, "§ 24", add=[rulebook.entries.File("карта.pdf", digest="a" * 64, size=10, mime="application/pdf"),
                                                    rulebook.entries.File("Видео", url="https://example.org/v")])
        put_homework(user, by, lesson, "§ 24", drop=[m.Attachment.get(m.Attachment.name == "Видео").id])
    assert [row.name for row in m.Attachment.select()] == ["карта.pdf"]


def test_a_comment_is_written_replaced_and_taken_away(school):
    user, by, lesson = f.user(school.teacher), f.actor(school.teacher), school.lessons[DAY].id
    with clock.frozen(AT):
        for text in ("Молодец", "Забыла тетрадь"):
            assert put_remark(user, by, lesson, school.pupils[0].id, text).ok
        assert [row.text for row in m.Remark.select()] == ["Забыла тетрадь"]
        put_remark(user, by, lesson, school.pupils[0].id, "")
        assert m.Remark.select().count() == 0
        with pytest.raises(Foreign):
            put_remark(user, by, lesson, school.foreign_pupil.id, "Молодец")


@pytest.mark.parametrize("change", [
    lambda *who: put_topic(*who, "Тема"), lambda *who: put_homework(*who, "§ 1"), lambda *who: put_attendance(*who, {}),
    lambda *who: rulebook.works.add_work(*who, 1)])
@pytest.mark.parametrize("who", ["stranger", "class_teacher", "deputy", "parent"])
def test_acc_04_acc_06_a_lesson_is_written_by_its_teacher_only(school, change, who):
    person = getattr(school, who)
    with pytest.raises(Foreign), clock.frozen(AT):
        change(f.user(person), f.actor(person), school.lessons[DAY].id)


# ---- period marks ----

def test_fin_02_two_days_before_the_end_is_in_time_one_is_late(school):
    f.unnamed(school.course)
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    end = school.periods[1].ends
    for before, state in ((2, "saved"), (1, "late"), (0, "late")):
        at = datetime.combine(end - timedelta(before), AT.time())
        outcome = put_result(school, "5", at=at)
        assert outcome.state == state, before
        put_result(school, "", at=at)


def test_fin_07_na_is_refused_with_what_to_do_instead(school):
    outcome = put_result(school, "н/а")
    assert (outcome.state, outcome.clause) == ("refused", "5.3")
    assert "продление" in str(outcome.message)


def test_mrk_11_a_period_mark_keeps_the_computed_one_and_departing_needs_a_reason(school):
    f.unnamed(school.course)
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    f.mark(school.lessons[date(2026, 12, 16)], school.pupils[0], "4")
    asked = put_result(school, "4")
    assert (asked.state, asked.clause) == ("reason_required", "5.1")
    assert put_result(school, "4", reason="две самостоятельные списаны").state == "saved"
    row = m.PeriodMark.get()
    assert (row.computed, row.average, row.reason) == ("5", "9/2", "две самостоятельные списаны")
    assert put_result(school, "5", seen=version_of("4")).value == "5"


def test_weights_of_works_count_in_the_computed_mark(school):
    lesson = school.lessons[DAY]
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=school.kinds["К"]).where(m.Lesson.id == lesson.id).execute()
    f.mark(lesson, school.pupils[0], "3")
    f.mark(school.lessons[date(2026, 12, 16)], school.pupils[0], "5")
    put_result(school, "4")
    assert m.PeriodMark.get().average == "7/2"


def test_a_period_of_another_school_set_is_foreign(school):
    with m.writing(f.SYSTEM):
        other = m.PeriodSet.create(year=school.year, name="Триместры", kind="trimester")
        period = m.Period.create(period_set=other, number=1, name="I", starts=f.YEAR[0], ends=f.QUARTERS[1][1])
    with pytest.raises(Foreign), clock.frozen(AT):
        put_cells(f.user(school.teacher), f.actor(school.teacher), school.course.id,
                  [Entry(school.pupils[0].id, "5", period=period.id)])


# ---- streams: each pupil by the class of its own ----

def test_a_stream_is_judged_by_each_pupils_own_class(school):
    with m.writing(f.SYSTEM):
        unit = m.Unit.create(year=school.year, kind="stream", name="7Б+8А, хор")
        for pupil in (school.pupils[0], school.foreign_pupil):
            m.UnitMember.create(unit=unit, pupil=pupil, starts=f.YEAR[0])
        m.PeriodClosure.create(period=school.periods[1], school_class=school.foreign_class, closed_at=f.SYSTEM.at)
    course = f.course(unit, "Хор", school.teacher)
    lesson = f.lesson(course, school.teacher, DAY, number=5)
    with clock.frozen(AT):
        outcomes = put_cells(f.user(school.teacher), f.actor(school.teacher), course.id,
                             [Entry(pupil.id, "5", lesson.id) for pupil in (school.pupils[0], school.foreign_pupil)])
    assert [outcome.state for outcome in outcomes] == ["saved", "refused"]


# ---- how much it costs ----

@pytest.mark.parametrize("pupils", [3, 30])
def test_a_batch_takes_the_same_few_statements_at_any_size(db, pupils):
    s = f.school(pupils)
    lesson = s.lessons[DAY].id
    user, by = f.user(s.teacher), f.actor(s.teacher)
    entries = [Entry(pupil.id, "5", lesson, seen="0", key=f"k{pupil.id}") for pupil in s.pupils]
    with clock.frozen(AT):
        put_topic(user, by, lesson, "Кубы")
        with counted() as sent:
            put_cells(user, by, s.course.id, entries)
    assert len(sent) <= (8 if m.is_sqlite() else 9), sent  # and three of the request: school, session, roles


@pytest.mark.parametrize("pupils", [3, 30])
def test_attendance_takes_the_same_few_statements_at_any_size(db, pupils):
    s = f.school(pupils)
    user, by = f.user(s.teacher), f.actor(s.teacher)
    codes = {pupil.id: "н" for pupil in s.pupils}
    with clock.frozen(AT), counted() as sent:
        put_attendance(user, by, s.lessons[DAY].id, codes)
    assert len(sent) <= (8 if m.is_sqlite() else 9), sent


def test_history_verifies_after_all_this(school):
    put(school, "5/4")
    put(school, "н")
    attend(school, {1: "б"})
    put_result(school, "отсрочка")
    assert m.verify()["acts"] >= 4


def test_raw_writes_without_an_actor_are_refused(school):
    with pytest.raises(Exception, match="without an actor"):
        m.Mark.insert(lesson=school.lessons[DAY], pupil=school.pupils[0], value="5", entered_at=f.SYSTEM.at).execute()
    assert isinstance(f.SYSTEM, history.Actor)
