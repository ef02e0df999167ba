"""Calendar, bells, clashes and the lessons a published timetable makes."""

from datetime import date, datetime, time, timedelta

import pytest

import models as m
from tests import factories
from tests.factories import SYSTEM, actor

NOW = datetime(2026, 11, 20, 12, 0).replace(tzinfo=factories.clock.zone())


@pytest.fixture
def school(db):
    s = factories.school()
    with m.writing(SYSTEM):
        m.Lesson.delete().execute()
        s.timetable = m.Timetable.create(year=s.year, name="Основное", starts=s.year.starts, ends=s.year.ends)
        s.room = m.Room.create(name="5")
    return s


def slot(s, weekday, number, course=None, **more):
    with m.writing(SYSTEM):
        return m.Slot.create(timetable=more.pop("timetable", s.timetable), course=course or s.course, weekday=weekday,
                             number=number, **more)


def days_of(s, course=None):
    return [day for day, in m.Lesson.select(m.Lesson.day).where(m.Lesson.course == (course or s.course)).order_by(
        m.Lesson.day).tuples()]


# ---- calendar and bells ----

def test_str_05_a_class_of_five_days_rests_on_saturday(school):
    calendar = m.Calendar(school.year)
    saturday = date(2026, 9, 5)
    assert calendar.weekday(school.school_class, saturday) == 6
    school.school_class.week_days = 5
    assert calendar.weekday(school.school_class, saturday) is None


def test_days_off_hold_for_grades_classes_and_week_lengths(school):
    with m.writing(SYSTEM):
        for name, more in (("школа", {}), ("5-дневка", {"week_days": 5}), ("1 класс", {"grade_from": 1, "grade_to": 1}),
                           ("класс", {"school_class": school.foreign_class})):
            day = date(2026, 9, 7) + timedelta(days=m.Holiday.select().count())
            m.Holiday.create(year=school.year, name=name, starts=day, ends=day, **more)
    days = m.Calendar(school.year).school_days(school.school_class, date(2026, 9, 7), date(2026, 9, 10))
    assert list(days) == [date(2026, 9, 8), date(2026, 9, 9), date(2026, 9, 10)]
    days = m.Calendar(school.year).school_days(school.foreign_class, date(2026, 9, 7), date(2026, 9, 10))
    assert list(days) == [date(2026, 9, 8), date(2026, 9, 9)]


def test_a_moved_working_day_follows_the_timetable_of_its_weekday(school):
    sunday = date(2026, 9, 6)
    with m.writing(SYSTEM):
        m.Holiday.create(year=school.year, name="перенос", starts=sunday, ends=sunday, kind="working", as_weekday=1)
    assert m.Calendar(school.year).weekday(school.school_class, sunday) == 1


def test_days_between_periods_are_off_and_belong_to_none(school):
    calendar, day = m.Calendar(school.year), date(2026, 10, 28)
    assert calendar.weekday(school.school_class, day) is None
    assert calendar.period(school.school_class, day) is None
    assert calendar.period(school.school_class, date(2026, 10, 25)) == school.periods[0]


def test_str_03_classes_of_one_school_use_different_periods_at_once(school):
    with m.writing(SYSTEM):
        halves = m.PeriodSet.create(year=school.year, name="Полугодия", kind="half_year")
        first = m.Period.create(period_set=halves, number=1, name="1 полугодие", starts=date(2026, 9, 1), ends=date(2026, 12, 30))
        school.foreign_class.period_set = halves
        school.foreign_class.save()
    calendar = m.Calendar(school.year)
    assert calendar.period(school.school_class, date(2026, 12, 1)) == school.periods[1]
    assert calendar.period(school.foreign_class, date(2026, 12, 1)) == first


def test_str_04_the_most_specific_bells_win(school):
    def use(name, **more):
        bells = m.BellSet.create(name=name)
        m.Bell.create(bell_set=bells, number=1, starts=time(int(name)), ends=time(int(name), 40))
        m.BellUse.create(bell_set=bells, year=school.year, **more)

    monday = date(2026, 9, 7)
    wins = []
    for hour, more in (("9", {"shift": 1}), ("10", {"grade_from": 7, "grade_to": 7}), ("11", {"weekday": 1}),
                       ("12", {"school_class": school.school_class}), ("13", {"starts": monday, "ends": monday})):
        with m.writing(SYSTEM):
            use(hour, **more)
        wins.append(m.Calendar(school.year).bells_on(school.school_class, monday)[1][0].hour)
    assert wins == [9, 10, 11, 12, 13]
    assert m.Calendar(school.year).bells_on(school.foreign_class, date(2026, 9, 8))[1][0] == time(9)


def test_the_week_of_the_first_of_september_is_odd(school):
    calendar = m.Calendar(school.year)
    assert [calendar.week(date(2026, 8, 31) + timedelta(days=n)) for n in (0, 1, 6, 7, 13, 14)] == [
        "odd", "odd", "odd", "even", "even", "odd"]


# ---- clashes ----

def place(key, label="5А", **more):
    more.setdefault("classes", (label,))
    return m.Place(key, more.pop("weekday", 4), more.pop("number", 4), label, **more)


@pytest.mark.parametrize("one, other, kinds", [
    ({"teacher": "Комарова"}, {"teacher": "Комарова"}, {"teacher"}),
    ({"room": "9"}, {"room": "9"}, {"room"}),
    ({"teacher": "Калашникова", "room": "5"}, {"teacher": "Калашникова", "room": "5"}, {"teacher", "room"}),
    ({"room": "зал", "shared_room": True}, {"room": "зал", "shared_room": True}, None),
    ({"teacher": "К", "week": "odd"}, {"teacher": "К", "week": "even"}, None),
    ({"teacher": "К", "week": "odd"}, {"teacher": "К"}, {"teacher"}),
    ({"teacher": "К", "ends": date(2026, 10, 1)}, {"teacher": "К", "starts": date(2026, 10, 2)}, None),
    ({"teacher": "К", "number": 5}, {"teacher": "К"}, None),
    ({"teacher": "К", "weekday": 5}, {"teacher": "К"}, None),
    ({"teacher": "К", "bells": (time(8), time(9))}, {"teacher": "К", "bells": (time(14), time(15))}, None),
    ({"teacher": "К", "number": 6, "bells": (time(13), time(14))}, {"teacher": "К", "number": 1, "bells": (time(13, 50), time(14, 30))},
     {"teacher"}),
    ({"teacher": "К", "room": "5", "subject": "Хор"}, {"teacher": "К", "room": "5", "subject": "Хор"}, None),
    ({"teacher": "К", "room": "5", "subject": "Хор", "group": ("хор", 1)}, {"teacher": "К", "room": "5", "subject": "Хор"},
     {"teacher", "room"}),
])
def test_pln_01_two_classes_clash_over_teacher_and_room(one, other, kinds):
    found = m.clashes_among([place(1, "8А", **one), place(2, "10", **other)])
    assert [set(clash.kinds) for clash in found] == ([kinds] if kinds else [])
    assert all((clash.one.label, clash.other.label) == ("8А", "10") for clash in found)


@pytest.mark.parametrize("one, other, kinds", [
    ({}, {}, {"class"}),
    ({"group": ("англ", 1)}, {}, {"class"}),
    ({"group": ("англ", 1)}, {"group": ("англ", 1)}, {"subgroup"}),
    ({"group": ("англ", 1)}, {"group": ("англ", 2)}, None),
    ({"group": ("англ", 2)}, {"group": ("информ", 1)}, None),
    ({"group": ("англ", 2), "pupils": frozenset({1, 2})}, {"group": ("информ", 1), "pupils": frozenset({2, 3})}, {"subgroup"}),
    ({"group": ("англ", 1), "teacher": "К", "subject": "Англ"}, {"group": ("англ", 2), "teacher": "К", "subject": "Англ"}, None),
    ({"group": ("а", 1), "teacher": "К", "subject": "Англ"}, {"group": ("а", 2), "teacher": "К", "subject": "Труд"}, {"teacher"}),
])
def test_a_class_is_once_at_a_time_but_for_its_subgroups(one, other, kinds):
    found = m.clashes_among([place(1, **one), place(2, **other)])
    assert [set(clash.kinds) for clash in found] == ([kinds] if kinds else [])


def test_a_clash_is_told_with_weekday_lesson_and_both_sides():
    clash, = m.clashes_among([place(1, "8А", teacher="Комарова", subject="Алгебра"), place(2, "10", teacher="Комарова")])
    assert str(clash.text) == "Thursday, lesson 4: teacher Комарова — 8А (Алгебра) and 10 at the same time"


def test_publishing_refuses_a_clash_and_makes_nothing(school):
    slot(school, 4, 4, room=school.room)
    slot(school, 4, 4, school.foreign_course, room=school.room)
    with pytest.raises(m.Clashing) as refusal:
        school.timetable.publish(actor(school.deputy), NOW)
    clash, = refusal.value.clashes
    assert (clash.weekday, clash.number, clash.one.label, clash.other.label) == (4, 4, "7Б", "8А")
    assert m.Lesson.select().count() == 0


# ---- lessons ----

def test_publishing_makes_the_lessons_of_the_whole_version(school):
    slot(school, 4, 3)
    counts = school.timetable.publish(actor(school.deputy), NOW)
    days = days_of(school)
    assert counts == {"made": len(days), "changed": 0, "withdrawn": 0, "left": 0}
    assert (days[0], days[-1]) == (date(2026, 9, 3), date(2027, 5, 20))
    assert date(2026, 10, 29) not in days and all(day.isoweekday() == 4 for day in days)
    lesson = m.Lesson.select().where(m.Lesson.day == date(2026, 12, 17)).get()
    assert (lesson.starts, lesson.teacher, lesson.state, lesson.by_hand) == (time(10, 30), school.teacher, "planned", False)


def test_odd_and_even_weeks_take_turns(school):
    slot(school, 4, 3, week="odd")
    slot(school, 4, 3, school.foreign_course, week="even")
    school.timetable.publish(actor(school.deputy), NOW)
    assert days_of(school)[:2] == [date(2026, 9, 3), date(2026, 9, 17)]
    assert days_of(school, school.foreign_course)[:2] == [date(2026, 9, 10), date(2026, 9, 24)]


def test_publishing_again_changes_nothing(school):
    slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    acts = m.Act.select().count()
    assert school.timetable.publish(actor(school.deputy), NOW) == {"made": 0, "changed": 0, "withdrawn": 0, "left": 0}
    assert m.Act.select().count() == acts


def test_a_change_touches_only_future_lessons_nobody_has_filled(school):
    moved = slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    filled = m.Lesson.select().where(m.Lesson.day == date(2026, 12, 10)).get()
    factories.mark(filled, school.pupils[0], "5")
    past = [day for day in days_of(school) if day <= NOW.date()]
    with m.writing(SYSTEM):
        moved.weekday = 5
        moved.save()
    counts = school.timetable.publish(actor(school.deputy), NOW)
    left = [day for day in days_of(school) if day.isoweekday() == 4]
    assert left == [*past, filled.day]
    assert min(day for day in days_of(school) if day.isoweekday() == 5) == date(2026, 11, 20) + timedelta(days=7)
    assert counts["withdrawn"] and counts["made"]


def test_the_version_begun_last_is_in_force_from_its_day(school):
    slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    with m.writing(SYSTEM):
        newer = m.Timetable.create(year=school.year, name="С декабря", starts=date(2026, 12, 1), ends=date(2026, 12, 27))
    slot(school, 5, 1, timetable=newer)
    newer.publish(actor(school.deputy), NOW)
    december = [day for day in days_of(school) if day.month == 12]
    assert december == [date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 18), date(2026, 12, 25)]
    school.timetable.publish(actor(school.deputy), NOW)
    assert [day for day in days_of(school) if day.month == 12] == december
    assert date(2027, 1, 14) in days_of(school)


def test_a_lesson_moves_and_the_old_place_tells_where(school):
    slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    lesson = m.Lesson.select().where(m.Lesson.day == date(2026, 12, 17)).get()
    moved = lesson.move(actor(school.deputy), date(2026, 12, 18), 2, "Семинар учителя")
    assert (lesson.state, lesson.reason) == ("cancelled", "Семинар учителя: перенос на 18.12.2026, 2 урок")
    assert (moved.starts, moved.teacher) == (time(9, 30), school.teacher)
    assert school.timetable.publish(actor(school.deputy), NOW) == {"made": 0, "changed": 0, "withdrawn": 0, "left": 0}


def test_a_filled_lesson_is_not_cancelled(school):
    slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    lesson = m.Lesson.select().where(m.Lesson.day == date(2026, 12, 17)).get()
    factories.absence(lesson, school.pupils[0], "н")
    with pytest.raises(m.Refused):
        lesson.cancel(actor(school.deputy), "Мороз")


def test_a_course_passes_to_another_teacher_from_a_day(school):
    slot(school, 4, 3)
    school.timetable.publish(actor(school.deputy), NOW)
    school.course.hand_over(actor(school.deputy), school.substitute, date(2026, 12, 1), order_no="12")
    teachers = {day: teacher for day, teacher in m.Lesson.select(m.Lesson.day, m.Lesson.teacher).where(
        m.Lesson.course == school.course).tuples()}
    assert teachers[date(2026, 11, 26)] == school.teacher.id
    assert teachers[date(2026, 12, 3)] == school.substitute.id
    spans = m.Assignment.select().where(m.Assignment.course == school.course).order_by(m.Assignment.starts)
    assert [(a.teacher, a.ends) for a in spans] == [(school.teacher, date(2026, 11, 30)), (school.substitute, None)]
