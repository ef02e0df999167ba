"""Three other schools, as their secretaries keep them: all is read or told, with file, sheet and cell."""

import datetime

import pytest

from exchange import intake
from exchange.intake import reading
from history import Actor
from tests.exchange import other_schools

NOW = datetime.datetime(2026, 9, 10, 9, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def b():
    return reading.read(other_schools.school_b())


def told(school, file):
    """`[(severity, cell)]` of a file's findings."""
    return [(each.severity, each.cell) for each in school.findings if each.file == file]


def test_one_list_of_all_classes_with_serial_iso_and_worded_dates(b):
    assert b.classes == list(other_schools.CLASSES_B)
    assert {(pupil.class_name, pupil.name, pupil.birth) for pupil in b.pupils} == {
        (name, " ".join(filter(None, (surname, first, patronymic))), birth)
        for name, surname, first, patronymic, birth in other_schools.NAMES}
    assert all(pupil.file_number for pupil in b.pupils)


def test_both_parents_in_one_cell_and_one_account_for_two_children(b):
    rita = next(each for each in b.guardians if each.name == "Абрамова Рита Сергеевна")
    assert (rita.relation, rita.phones, len(rita.children)) == ("mother", ["+79461000001"], 2)
    assert all(sorted(each.relation for each in pupil.guardians) == ["father", "mother"] for pupil in b.pupils)
    assert [each.name for each in b.guardians if each.staff] == ["Абрамов Олег Денисович"]


def test_a_number_read_as_a_date_and_an_unused_column_are_told(b):
    assert told(b, "Все ученики.xlsx")[:2] == [("warning", None), ("info", "I3")]
    assert ("info", "G4") in told(b, "Все ученики.xlsx")


def test_staff_with_abbreviated_headings_in_cp1251(b):
    read = {person.name: (person.position, person.subjects, person.class_teacher_of) for person in b.staff}
    assert read == {name: (position, subjects or None, {"5А": ["5А"], "5 Б": ["5Б"], "6-а, 10": ["6А", "10"]}.get(leads, []))
                    for name, position, subjects, leads in other_schools.STAFF}


def test_curriculum_with_classes_down(b):
    assert {(row.class_name, row.subject.name): row.hours for row in b.curriculum} == {
        (name, subject): float(str(hours[index]).replace(",", "."))
        for subject, hours in other_schools.HOURS.items() for index, name in enumerate(other_schools.CLASSES_B)}


def test_load_of_several_classes_in_a_cell_takes_the_hours_of_each(b):
    assert len(b.load) == 28
    assert {row.hours for row in b.load if row.subject.name == "Математика"} == {5, 6}
    assert {row.teacher for row in b.load} <= {person.name for person in b.staff}


def test_a_timetable_sheet_for_each_class_with_surnames_and_bells(b):
    timetable, = b.timetables
    assert (len(timetable.slots), timetable.clashes) == (80, [])
    assert {(slot.subject.name, slot.teacher.split()[0]) for slot in timetable.slots} == set(other_schools.TAUGHT.items())
    assert not any(slot.room for slot in timetable.slots)
    assert [(number, f"{start:%H.%M}") for number, start, _ in b.bells[0].lessons] == [(1, "08.00"), (2, "08.55"), (3, "09.50"), (4, "10.45")]


def test_a_calendar_of_running_text(b):
    day = datetime.date
    assert [(each.name, each.grades, each.start, each.end) for each in b.periods] == [
        ("I триместр", [], day(2026, 9, 1), day(2026, 11, 22)), ("II триместр", [], day(2026, 11, 30), day(2027, 2, 28)),
        ("III триместр", [], day(2027, 3, 9), day(2027, 5, 28)), ("1 полугодие", [10], day(2026, 9, 1), day(2026, 12, 30)),
        ("2 полугодие", [10], day(2027, 1, 11), day(2027, 5, 28))]
    assert [(each.start, each.end) for each in b.breaks] == [(day(2026, 10, 5), day(2026, 10, 11)), (day(2026, 12, 31), day(2027, 1, 10))]
    assert [each.date for each in b.public_holidays] == [day(2026, 11, 4), day(2027, 2, 23), day(2027, 3, 8), day(2027, 5, 1), day(2027, 5, 9)]
    assert set(b.week_days.values()) == {5}


def test_thematic_plans_in_csv_and_in_sections(b):
    plans = {plan.subject.name: plan for plan in b.plans}
    assert (plans["Математика"].hours, plans["Математика"].classes) == (170, ["5А", "5Б"])
    assert [(topic.section, topic.hours, topic.kind) for topic in plans["Биология"].topics] == [
        ("Клетка", 4, None), ("Клетка", 5, "test"), ("Растения", 12, None), ("Растения", 12, "laboratory"), ("Растения", 1, None)]


@pytest.mark.parametrize("file", ["Письмо.xlsx", "копия (повреждена).xlsx", "пустой.csv"])
def test_what_is_no_table_is_told(b, file):
    assert [severity for severity, _ in told(b, file)] == ["error" if "копия" in file else "warning"]


@pytest.mark.parametrize("make", [other_schools.school_b, other_schools.school_c, other_schools.school_d])
def test_is_taken_in_twice_with_nothing_new_the_second_time(db, make):
    actor = Actor("секретарь", NOW)
    first = intake.run(make(), actor)
    again = intake.run(make(), actor)
    assert again.items == [], (first.findings, again.items)


def test_a_tiny_school_is_read_but_for_its_joint_classes_which_are_told():
    school = reading.read(other_schools.school_c())
    assert [(pupil.name, pupil.class_name, pupil.birth.year) for pupil in school.pupils] == [
        ("Лунин Ян", "1", 2019), ("Мохова Ия", "3", 2017), ("Ноев Лука", "3", 2017), ("Орех Том", "6", 2014)]
    assert ("error", "B1") in told(school, "Часы.csv")
    assert [(each.name, each.start.year) for each in school.periods] == [("1 полугодие", 2026), ("2 полугодие", 2027)]
    assert len(school.breaks) == 1


def test_a_college_is_told_what_cannot_be_loaded():
    school = reading.read(other_schools.school_d())
    assert school.pupils == [] and school.classes == []
    assert [severity for severity, _ in told(school, "Контингент.xlsx")] == ["error"]
    assert told(school, "Расписание.xlsx")
