"""What stands on the journal's pages and summary sheets, and at what cost."""

from datetime import UTC, date, datetime

import pytest

import models as m
from printouts import access_sheet, class_journal, journal, screen, summary
from printouts.document import Imprint, Table, plain
from printouts.render import render
from tests import factories as f
from tests.statements import counted

IMPRINT = Imprint("Завучева А. И.", f.NOW)
DAY = date(2026, 12, 14)


@pytest.fixture
def s(db):
    return f.school()


def page(s, who, course=None, period=None):
    course = journal.course_for(f.user(who), (course or s.course).id)
    return journal.facts(f.user(who), course, period or s.periods[1], IMPRINT).blocks[0]


def sheet(s, who, period=None, **more) -> Table:
    document = summary.facts(f.user(who), [s.school_class], IMPRINT, period, **more)
    return next(block for block in document.blocks if isinstance(block, Table))


def result(s, pupil, value, period=None, kind="period", course=None):
    with m.writing(f.SYSTEM):
        return m.PeriodMark.create(course=course or s.course, pupil=pupil, kind=kind, period=period, value=value,
                                   entered_at=f.SYSTEM.at)


def column(spread, day: date) -> list[str]:
    at = [lesson.on for lesson in spread.lessons].index(day)
    return [row[at] for row in spread.marks]


# ---- the journal page ----

def test_leg_05_cells_hold_marks_absences_double_marks_and_retakes_as_the_paper_journal_does(s):
    lesson, (first, second, third) = s.lessons[DAY], s.pupils
    f.mark(lesson, first, "5")
    f.mark(lesson, first, "4", position=2)
    f.absence(lesson, second, "н")
    f.mark(lesson, second, "3")
    f.absence(lesson, third, "б")
    assert column(page(s, s.deputy), DAY) == ["5/4", "н→3", "б"]


def test_a_mark_of_a_further_work_stands_in_the_cell_of_its_lesson_and_the_work_beside_the_topic(s):
    lesson = s.lessons[DAY]
    with m.writing(f.SYSTEM):
        work = m.Work.create(lesson=lesson, kind=s.kinds["К"], title="Линейные уравнения", position=2)
        m.Lesson.update(topic="Решение задач.", kind=s.kinds["С"]).where(m.Lesson.id == lesson.id).execute()
    f.mark(lesson, s.pupils[0], "4")
    f.mark(lesson, s.pupils[0], "5", work=work)
    spread = page(s, s.deputy)
    assert column(spread, DAY)[0] == "4/5"
    [line] = [lesson for lesson in spread.lessons if lesson.on == DAY]
    assert line.topic == "Решение задач. Самостоятельная работа. Контрольная работа: Линейные уравнения"


def test_f_01_the_period_column_follows_the_last_lesson_and_holds_the_period_mark(s):
    result(s, s.pupils[0], "4", s.periods[1])
    spread = page(s, s.deputy)
    assert [lesson.label for lesson in spread.lessons][-1] == "II четверть"
    assert spread.lessons[-2].on == f.TODAY, "lessons to come have no place on paper"
    assert [row[-1] for row in spread.marks] == ["4", "", ""]


def test_f_01r_counts_the_hours_of_the_period(s):
    with m.writing(f.SYSTEM):
        m.Lesson.update(state="held").where((m.Lesson.course == s.course) & (m.Lesson.day < DAY)).execute()
        m.Lesson.update(state="cancelled").where(m.Lesson.id == s.lessons[DAY].id).execute()
    closing = page(s, s.deputy).lessons[-1].closing
    assert closing.startswith("По плану 22 ч, дано 17 ч, отставание 2 ч.")


def test_homework_that_was_not_set_is_told_apart_from_nothing_entered(s):
    with m.writing(f.SYSTEM):
        m.Homework.create(lesson=s.lessons[DAY], not_set=True, entered_at=f.SYSTEM.at)
    tasks = {lesson.on: lesson.homework for lesson in page(s, s.deputy).lessons}
    assert (tasks[DAY], tasks[f.TODAY]) == ("не задано", "")


def test_acc_06_a_substitute_prints_the_lessons_given_and_no_others(s):
    f.mark(s.lessons[DAY], s.pupils[0], "5")
    f.mark(s.lessons[f.TODAY], s.pupils[0], "3")
    f.substitution(s.lessons[DAY], s.substitute, s.teacher)
    spread = page(s, s.substitute)
    assert [lesson.on for lesson in spread.lessons] == [DAY, None]
    assert spread.marks[0] == ["5", ""]
    assert "(замена: Заменова А. И.)" in spread.lessons[0].topic


def test_who_left_stays_on_the_page_and_who_came_later_is_there_too(s):
    gone = f.pupil("Ушедшая", s.school_class, ends=date(2026, 11, 20))
    before = f.pupil("Бывшая", s.school_class, ends=date(2026, 10, 1))
    came = f.pupil("Пришедшая", s.school_class, starts=date(2026, 12, 1))
    names = page(s, s.deputy).pupils
    assert [person.person.surname in " ".join(names) for person in (gone, before, came)] == [True, False, True]


# ---- the class journal ----

def test_f_03_contents_name_subjects_teachers_and_spreads(s):
    f.course(s.unit, "Физическая культура", s.stranger)
    blocks = class_journal.facts(f.user(s.deputy), s.school_class, IMPRINT).blocks
    contents = next(block for block in blocks if isinstance(block, Table))
    assert [[plain(value) for value in row] for row in contents.rows] == [
        ["1", "Алгебра", "7Б", "Алгебраева Анна Ивановна", "1"],
        ["2", "Физическая культура", "7Б", "Физикова Анна Ивановна", "2"]]


def test_a_class_without_subjects_or_periods_still_has_its_journal(s):
    empty, _ = f.school_class(s, "9В")
    with m.writing(f.SYSTEM):
        m.SchoolClass.update(period_set=None).where(m.SchoolClass.id == empty.id).execute()
    document = class_journal.facts(f.user(s.deputy), m.SchoolClass.get_by_id(empty.id), IMPRINT)
    assert render(document, "pdf").startswith(b"%PDF")
    assert "У класса пока нет предметов." in screen.render(document)


# ---- the summary sheet ----

def test_fin_11_the_sheet_equals_the_journal_after_every_change(s):
    mark = result(s, s.pupils[0], "4", s.periods[0])
    assert [row[2] for row in sheet(s, s.deputy, s.periods[0]).rows] == ["4", "", ""]
    with m.writing(f.SYSTEM):
        m.PeriodMark.update(value="5").where(m.PeriodMark.id == mark.id).execute()
    assert [row[2] for row in sheet(s, s.deputy, s.periods[0]).rows] == ["5", "", ""]


def test_r_04_figures_below_each_subject_are_those_of_the_formulas(s):
    for pupil, value in zip(s.pupils, ("5", "4", "2"), strict=True):
        result(s, pupil, value, s.periods[0])
    foot = [[plain(value) for value in row] for row in sheet(s, s.deputy, s.periods[0]).foot]
    assert [row[:2] for row in foot] == [
        ["Успеваемость, %", "66,7"], ["Качество, %", "66,7"], ["СОУ, %", "60,0"], ["Средний балл", "3,67"]]


def test_fin_17_the_year_has_every_period_the_year_the_exam_and_the_final_mark(s):
    result(s, s.pupils[0], "4", s.periods[0])
    for kind, value in (("year", "5"), ("exam", "4"), ("final", "5")):
        result(s, s.pupils[0], value, kind=kind)
    rows = sheet(s, s.deputy).rows[:7]
    assert [plain(value) for value in rows[0]] == ["1", "Ученикова001 Анна", "I четверть", "4"]
    assert rows[1:4] == [["II четверть", ""], ["III четверть", ""], ["IV четверть", ""]]
    assert rows[4:] == [["Год", "5"], ["Экз.", "4"], ["Итог", "5"]]


def test_f_04_a_leaver_has_the_order_in_the_column_of_the_council(s):
    gone = f.pupil("Ушедшая", s.school_class, ends=date(2026, 12, 3))
    with m.writing(f.SYSTEM):
        m.Movement.create(pupil=gone, kind="departure", day=date(2026, 12, 3), from_class=s.school_class, order_no="12")
    rows = sheet(s, s.deputy, council=True).rows
    [line] = [row for row in rows if len(row) > 2 and plain(row[1]).startswith("Ушедшая")]
    assert plain(line[-1]) == "выбыл 03.12.2026, приказ № 12"


def test_r_04_averages_of_current_marks_are_weighted_and_of_the_period_only(s):
    first = s.pupils[0]
    with m.writing(f.SYSTEM):
        work = m.Work.create(lesson=s.lessons[DAY], kind=s.kinds["К"], position=2)
    f.mark(s.lessons[DAY], first, "5")
    f.mark(s.lessons[DAY], first, "3", work=work)
    f.mark(s.lessons[f.TODAY], first, "зач")
    f.mark(f.lesson(s.course, s.teacher, date(2026, 10, 5)), first, "2")
    rows = [[plain(value) for value in row[1:]] for row in sheet(s, s.teacher, s.periods[1], average=True).rows]
    assert rows == [["Ученикова001 Анна", "3,50", "3,50"], ["Ученикова002 Анна", "", ""], ["Ученикова003 Анна", "", ""]]


def test_f_01r_a_work_that_the_topic_names_is_not_named_twice(s):
    with m.writing(f.SYSTEM):
        m.Lesson.update(topic="Контрольная работа № 1", kind=s.kinds["К"]).where(m.Lesson.id == s.lessons[DAY].id).execute()
        m.Lesson.update(topic="Дроби", kind=s.kinds["О"]).where(m.Lesson.id == s.lessons[f.TODAY].id).execute()
    topics = {lesson.on: lesson.topic for lesson in page(s, s.deputy).lessons}
    assert (topics[DAY], topics[f.TODAY]) == ("Контрольная работа № 1", "Дроби")


def test_acc_06_a_teacher_sees_the_own_subject_only(s):
    physics = f.course(s.unit, "Физика", s.stranger)
    result(s, s.pupils[0], "5", s.periods[0], course=physics)
    assert [plain(head) for head in sheet(s, s.teacher, s.periods[0]).head[0]] == ["№", "Фамилия, имя", "Алгебра", "Средний балл"]
    assert len(sheet(s, s.deputy, s.periods[0]).head[0]) == 5


def test_two_subgroups_of_a_subject_are_one_column(s):
    with m.writing(f.SYSTEM):
        halves = m.SubgroupSet.create(school_class=s.school_class, name="Английский")
        units = [m.Unit.create(year=s.year, kind="subgroup", name=f"7Б англ. {n}", school_class=s.school_class,
                               subgroup_set=halves, number=n) for n in (1, 2)]
        for unit, pupil in zip(units, s.pupils, strict=False):
            m.UnitMember.create(unit=unit, pupil=pupil, starts=f.YEAR[0])
    for unit, pupil, value in zip(units, s.pupils, "54", strict=False):
        result(s, pupil, value, s.periods[0], course=f.course(unit, "Английский язык", s.stranger))
    table = sheet(s, s.deputy, s.periods[0])
    at = [plain(head) for head in table.head[0]].index("Английский язык")
    assert [row[at] for row in table.rows] == ["5", "4", ""]


# ---- the register of ways in ----

def test_f_16_names_pupils_and_parents_with_what_was_issued_and_never_a_password(s):
    f.account(s.parent, "roditeleva")
    with m.writing(f.SYSTEM):
        m.CredentialIssue.create(person=s.parent, login="roditeleva", kind="invitation",
                                 issued_at=datetime(2026, 9, 2, 21, 30, tzinfo=UTC), issued_by=s.admin)
    table = access_sheet.of_class(f.user(s.class_teacher), s.school_class, IMPRINT).blocks[0]
    assert table.rows[1] == [2, "Ученикова001 Анна Ивановна", "Родителева Анна Ивановна", "roditeleva", "код приглашения",
                             "03.09.2026", "", "Админова А. И."]
    assert not [head for head in table.head[0] if "парол" in head.lower()]


# ---- cost ----

def test_statements_do_not_grow_with_pupils_lessons_or_subjects(s):
    def statements():
        user = f.user(s.deputy)
        with counted() as sent:
            class_journal.facts(user, s.school_class, IMPRINT)
            summary.facts(user, [s.school_class], IMPRINT, s.periods[1])
            access_sheet.of_class(f.user(s.admin), s.school_class, IMPRINT)
            journal.courses_for(user, s.year)
        return len(sent)

    small = statements()
    for number in range(5):
        f.lessons(f.course(s.unit, f"Предмет {number}", s.teacher), s.teacher, DAY, f.TODAY)
        f.guardian(f.pupil(f"Ещёодна{number}", s.school_class), f"Мама{number}")
    for lesson in list(s.lessons.values())[:20]:
        f.mark(lesson, s.pupils[0], "5")
    assert statements() == small <= 40

