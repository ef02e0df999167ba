"""Files of other schools: order, wording, structure and encoding differ, the school read is the same."""

import datetime

from hypothesis import HealthCheck, given, settings

from exchange.intake import kinds, reading, sheets, values
from tests.exchange import variant_school, variants

PEOPLE = [
    {"name": "Авдеева Полина Игоревна", "birth": datetime.date(2015, 3, 9), "sex": "ж", "class": "5А", "file": "А-12",
     "address": "с. Ольховка, ул. Лесная, д. 4", "mother": "Авдеева Ольга Петровна", "mother_phone": "+79450000001",
     "father": "Авдеев Игорь Львович", "father_phone": "+79450000002"},
    {"name": "Бойко Степан", "birth": datetime.date(2015, 12, 31), "sex": "м", "class": "5А", "file": "Б-3",
     "address": "с. Ольховка, ул. Лесная, д. 9", "mother": "Бойко Анна Ильинична", "mother_phone": "+79450000003",
     "father": "Бойко Пётр Ильич", "father_phone": "+79450000004"},
    {"name": "Авдеев Кирилл Игоревич", "birth": datetime.date(2013, 7, 1), "sex": "м", "class": "7", "file": "А-7",
     "address": "с. Ольховка, ул. Лесная, д. 4", "mother": "Авдеева Ольга Петровна", "mother_phone": "+79450000001",
     "father": "Авдеев Игорь Львович", "father_phone": "+79450000002"},
    {"name": "Алиева Айсель Эльчин кызы", "birth": datetime.date(2012, 11, 2), "sex": "ж", "class": "7", "file": "А-9",
     "address": "д. Ключи, д. 1", "mother": "Алиева Севиндж Рамизовна", "mother_phone": "+79450000005",
     "father": "Алиев Эльчин Гасан оглы", "father_phone": "+79450000006"},
    {"name": "Яковлев-Орлов Лев Юрьевич", "birth": datetime.date(2013, 1, 10), "sex": "м", "class": "7", "file": "Я-1",
     "address": "д. Ключи, д. 8", "mother": "Орлова Инна Львовна", "mother_phone": "+79450000007",
     "father": "Яковлев Юрий Андреевич", "father_phone": "+79450000008"},
]
EXAMPLES = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@EXAMPLES
@given(variants.class_lists(PEOPLE))
def test_class_lists_of_any_order_and_wording(files):
    school = reading.read(files)
    read = {(pupil.name, pupil.birth, pupil.sex, pupil.class_name, pupil.file_number, pupil.address,
             tuple(sorted((parent.relation, parent.name, tuple(parent.phones)) for parent in pupil.guardians)))
            for pupil in school.pupils}
    assert read == {(each["name"], each["birth"], values.sex(each["sex"]), each["class"], each["file"], each["address"],
                     (("father", each["father"], (each["father_phone"],)), ("mother", each["mother"], (each["mother_phone"],))))
                    for each in PEOPLE}, messages(files, school)
    assert len(school.guardians) == 8
    assert school.questions == []


def messages(files, school):
    """What a failure needs to be understood: the beginnings of the tables and the findings."""
    tables = [(sheet.file, sheet.name, kinds.of(sheet)[0], *map(str, sheet.rows[:5])) for sheet in sheets.read(files, print)]
    return "\n".join(map(str, [*tables, *(str(finding.message) for finding in school.findings)]))


@EXAMPLES
@given(variant_school.files())
def test_teaching_in_other_shapes(files):
    school = reading.read(files)
    told = messages(files, school)
    assert {row.subject.full_name for row in school.curriculum} == set(variant_school.FULL), told
    assert {(row.class_name, row.subject.full_name, row.hours) for row in school.curriculum} == {
        (name, subject, hours) for name, row in variant_school.HOURS.items() for subject, hours in row.items()}, told
    assert {person.name: (person.position, (person.class_teacher_of or [None])[0]) for person in school.staff} == \
        variant_school.STAFF, told
    assert {(row.teacher, row.subject.full_name, row.class_name, row.group, row.hours) for row in school.load} == \
        set(variant_school.LOAD), told
    assert school.questions == [] and not [each for each in school.findings if each.severity == "error"], told


@EXAMPLES
@given(variant_school.files())
def test_calendar_timetable_and_plans_in_other_shapes(files):
    school = reading.read(files)
    told = messages(files, school)
    slots = {(slot.class_name, slot.day, slot.lesson, slot.subject.full_name, slot.room, slot.group)
             for each in school.timetables for slot in each.slots}
    wanted = {(name, day, lesson, subject, each, group) for name, day, lesson, subject, rooms, groups in variant_school.CELLS
              for each, group in (zip(rooms, groups, strict=True) if groups else [(rooms, None)])}
    assert slots == wanted, (slots ^ wanted, told)
    assert all(slot.teacher for each in school.timetables for slot in each.slots), told
    assert [(each.name, each.start, each.end) for each in school.periods] == variant_school.PERIODS, told
    assert [(each.start, each.end) for each in school.breaks] == [each[1:] for each in variant_school.BREAKS], told
    assert [(each.name, each.date) for each in school.public_holidays] == variant_school.HOLIDAYS, told
    assert [each.lessons for each in school.bells] == [variant_school.BELLS], told
    plan, = school.plans
    assert (plan.subject.full_name, plan.grade, plan.classes) == ("Физика", 7, ["7"]), told
    assert [(topic.title, topic.hours) for topic in plan.topics] == variant_school.TOPICS, told
