"""Who is in which list on which day (CNT-03, CNT-07, STR-13, reports.md 3.10)."""

from datetime import date

import pytest

import models as m
from tests import factories
from tests.factories import SYSTEM, actor

MOVE = date(2026, 10, 12)
BEFORE = date(2026, 10, 11)


@pytest.fixture
def school(db):
    return factories.school()


def listed(school_class, day):
    return [pupil.person.surname for pupil in m.Pupil.of_class(school_class, day)]


def members(unit, day):
    return sorted(pupil for pupil, in m.Membership.on(day).where(m.Membership.unit == unit).select(m.Membership.pupil).tuples())


def test_cnt_03_a_transfer_ends_the_old_class_the_day_before(school):
    pupil = school.pupils[0]
    pupil.transfer(actor(school.secretary), school.foreign_class, MOVE, order_no="44-у", order_date=MOVE)
    name = pupil.person.surname
    assert name in listed(school.school_class, BEFORE) and name not in listed(school.foreign_class, BEFORE)
    assert name not in listed(school.school_class, MOVE) and name in listed(school.foreign_class, MOVE)
    movement = m.Movement.get()
    assert (movement.kind, movement.from_class, movement.to_class, movement.order_no) == (
        "transfer", school.school_class, school.foreign_class, "44-у")


def test_cnt_03_the_day_of_departure_is_the_last_in_the_list(school):
    pupil = school.pupils[0]
    pupil.depart(actor(school.secretary), MOVE, place="г. Самара")
    assert pupil.person.surname in listed(school.school_class, MOVE)
    assert pupil.person.surname not in listed(school.school_class, date(2026, 10, 13))


def test_a_new_pupil_is_listed_from_the_day_of_arrival(school):
    with m.writing(SYSTEM):
        pupil = m.Pupil.create(person=factories.person("Прибывшая"))
    pupil.enrol(actor(school.secretary), school.school_class, MOVE, place="г. Самара")
    assert "Прибывшая" not in listed(school.school_class, BEFORE) and "Прибывшая" in listed(school.school_class, MOVE)
    with pytest.raises(m.Refused):
        pupil.enrol(actor(school.secretary), school.foreign_class, date(2026, 11, 9))


def test_a_transfer_needs_a_pupil_in_a_list_and_another_class(school):
    pupil, by = school.pupils[0], actor(school.secretary)
    for to_class, day in ((school.school_class, MOVE), (school.foreign_class, date(2026, 8, 1)),
                          (school.foreign_class, date(2026, 9, 1))):
        with pytest.raises(m.Refused):
            pupil.transfer(by, to_class, day)
    pupil.transfer(by, school.foreign_class, MOVE)
    with pytest.raises(m.Refused):
        pupil.depart(by, BEFORE)


@pytest.fixture
def halves(school):
    with m.writing(SYSTEM):
        division = m.SubgroupSet.create(school_class=school.school_class, name="Английский язык")
        return [m.Unit.create(year=school.year, kind="subgroup", name=f"7Б, группа {n}", school_class=school.school_class,
                              subgroup_set=division, number=n) for n in (1, 2)]


def test_cnt_07_a_pupil_is_in_one_subgroup_of_a_set(school, halves):
    first, second = halves
    pupil, by = school.pupils[0], actor(school.deputy)
    first.join(by, pupil, date(2026, 9, 1))
    second.join(by, pupil, MOVE)
    assert (members(first, BEFORE), members(second, BEFORE)) == ([pupil.id], [])
    assert (members(first, MOVE), members(second, MOVE)) == ([], [pupil.id])


def test_subgroups_close_with_the_move(school, halves):
    pupil = school.pupils[0]
    halves[0].join(actor(school.deputy), pupil, date(2026, 9, 1))
    pupil.transfer(actor(school.secretary), school.foreign_class, MOVE)
    assert (members(halves[0], BEFORE), members(halves[0], MOVE)) == ([pupil.id], [])


def test_a_subgroup_takes_only_pupils_of_its_class(school, halves):
    with pytest.raises(m.Refused):
        halves[0].join(actor(school.deputy), school.foreign_pupil, MOVE)


def test_cnt_10_a_stream_takes_pupils_of_several_classes(school):
    with m.writing(SYSTEM):
        stream = m.Unit.create(year=school.year, kind="stream", name="7–8, хор")
    for pupil in (school.pupils[0], school.foreign_pupil):
        stream.join(actor(school.deputy), pupil, MOVE)
    stream.leave(actor(school.deputy), school.pupils[0], date(2026, 12, 1))
    assert members(stream, date(2026, 12, 1)) == [school.pupils[0].id, school.foreign_pupil.id]
    assert members(stream, date(2026, 12, 2)) == [school.foreign_pupil.id]


def test_str_13_a_class_goes_on_into_the_next_year(school):
    with m.writing(SYSTEM):
        following = m.Year.create(name="2027/28", starts=date(2027, 9, 1), ends=date(2028, 5, 26))
    repeating = school.pupils[0]
    eighth = school.school_class.continue_in(actor(school.admin), following, "8Б", repeating={repeating.id}, order_no="90")
    assert (eighth.grade, eighth.previous, eighth.unit(SYSTEM).kind) == (8, school.school_class, "class")
    assert listed(eighth, date(2027, 9, 1)) == [p.person.surname for p in school.pupils[1:]]
    assert listed(school.school_class, date(2027, 8, 31)) == [p.person.surname for p in school.pupils]
    with m.writing(SYSTEM):
        seventh, _ = m.SchoolClass.create(year=following, name="7Б", grade=7), None
    repeating.promote(actor(school.admin), seventh, date(2027, 9, 1), kind="repeat")
    assert listed(seventh, date(2027, 9, 1)) == [repeating.person.surname]
