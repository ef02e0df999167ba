"""School A read from its files, field by field against the truth (issue: intake of a real school)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from exchange.intake import plans, reading, sheets, values

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "exchange/demo/school_a"
TRUTH = json.loads((ROOT / "tests/data/school_a.json").read_text())
CANONICAL = {alias: name for name, spellings in TRUTH["subject_aliases"].items()
             for alias in (name, spellings["plan"], spellings["load"])}


@pytest.fixture(scope="module")
def files():
    return sheets.folder(FOLDER)


@pytest.fixture(scope="module")
def school(files):
    return reading.read(files)


def canonical(subject):
    return CANONICAL[subject.full_name]


def by_class(pupils):
    found = {}
    for pupil in pupils:
        found.setdefault(pupil.class_name, []).append(pupil)
    return found


def test_asks_nothing_of_a_school_it_understands_but_the_date_that_does_not_exist(school):
    assert [question.place.cell for question in school.questions] == ["D19"]


def test_name_year_and_classes(school):
    assert (school.name, school.year) == (TRUTH["meta"]["school"], 2026)
    assert school.classes == [each["name"] for each in TRUTH["classes"]]
    assert school.week_days == {each["name"]: each["week_days"] for each in TRUTH["classes"]}
    assert {name: values.fold(person.name) for name, person in school.class_teachers.items()} == {
        each["name"]: values.fold(each["class_teacher"]) for each in TRUTH["classes"]}


def test_counts_of_people(school):
    counts = TRUTH["counts"]
    in_list = [pupil for pupil in school.pupils if pupil.status != "left"]
    parents = {id(guardian): guardian for pupil in in_list for guardian in pupil.guardians}
    assert len(school.pupils) == counts["pupils_distinct"]
    assert len(in_list) == counts["pupils_in_list_now"]
    assert len(school.pupils) - len(in_list) == counts["left"]
    assert sum(pupil.status == "arrived" for pupil in school.pupils) == counts["arrived_since_1_sept"]
    assert Counter(pupil.class_name for pupil in in_list) == counts["per_class_in_list"]
    assert len(parents) == counts["parents_distinct_accounts"]
    assert len(school.guardians) == counts["parents_distinct_incl_of_left_pupils"]
    assert sum(guardian.staff is not None for guardian in parents.values()) == counts["parents_who_are_staff"]
    assert len(school.staff) == counts["staff"]
    assert len({values.fold(row.teacher) for row in school.load}) == counts["teachers_with_load"]


@pytest.mark.parametrize("class_name", list(TRUTH["rosters"]))
def test_roster(school, class_name):
    read = by_class(school.pupils)[class_name]
    told = TRUTH["rosters"][class_name]
    assert [pupil_facts(pupil) for pupil in read] == [truth_of_pupil(each) for each in told]


def pupil_facts(pupil):
    surname, name, patronymic = values.parts(pupil.name)
    return {"key": values.fold(pupil.name), "surname": values.fold(surname), "name": values.fold(name),
            "patronymic": values.fold(patronymic), "sex": pupil.sex, "birth": pupil.birth and pupil.birth.isoformat(),
            "personal_file": pupil.file_number, "status": pupil.status,
            "joined": pupil.joined.isoformat() if pupil.joined and not pupil.moved_from else None,
            "left": pupil.left and pupil.left.isoformat(), "order": None if pupil.status == "in" else int(pupil.order),
            "from_or_to": pupil.other_school, "note": pupil.note, "phys_group": pupil.health_group, "consent": pupil.consent,
            "place": (pupil.place.sheet, pupil.place.cell)}


def truth_of_pupil(told):
    cells = {"surname", "name", "patronymic"}
    facts = {key: values.fold(told[key]) if key in cells else told[key] for key in (
        "key", "surname", "name", "patronymic", "sex", "birth", "personal_file", "status", "joined", "left", "order", "from_or_to",
        "note", "phys_group", "consent")}
    if told["id"] == "u39":  # D003: kept as typed, told
        facts["sex"] = "f"
    return facts | {"place": (told["sheet"], f"C{told['row']}")}


def test_a_move_inside_the_school_is_read_from_the_remark(school):
    pupil = next(pupil for pupil in school.pupils if pupil.file_number == "Г-49")
    assert (pupil.class_name, pupil.moved_from, str(pupil.joined), pupil.order) == ("8Б", "8А", "2026-10-01", "38")


def test_parents_each_one_account(school):
    ids = {values.fold(told["fio"]) + told["birth"] if told["birth"] else values.fold(told["fio"]): told["id"]
           for told in (each for roster in TRUTH["rosters"].values() for each in roster)}

    def pupil_id(pupil):
        return ids[values.fold(pupil.name) + (pupil.birth.isoformat() if pupil.birth else "")]
    relations = {"мать": "mother", "отец": "father", "опекун (бабушка)": "guardian"}
    read = sorted((values.fold(guardian.name), tuple(sorted(guardian.phones)), guardian.email, guardian.relation,
                   tuple(sorted(map(pupil_id, guardian.children))),
                   guardian.staff and values.fold(guardian.staff.name)) for guardian in school.guardians)
    staff = {each["id"]: each["key"] for each in TRUTH["staff"]}
    told = sorted((each["key"], tuple(sorted(each["phones"])), each["email"], relations[each["relation"]],
                   tuple(sorted(each["children"])), staff.get(each["staff_id"])) for each in TRUTH["parents"])
    assert [one for one in read if one not in told] == []
    assert read == told


def test_staff(school):
    read = [(values.fold(person.name), person.position, person.subjects or "", person.class_teacher_of, person.phone,
             person.email, person.birth.isoformat(), person.place.cell) for person in school.staff]
    assert read == [(told["key"], told["position"], told["subjects"], told["class_teacher_of"], told["phone"], told["email"],
                     told["birth"], f"B{told['row']}") for told in TRUTH["staff"]]


def test_curriculum(school):
    read = {}
    for row in school.curriculum:
        read.setdefault(row.class_name, {})[canonical(row.subject)] = row.hours
    assert read == TRUTH["curriculum"]


def test_subjects_have_the_everyday_name_of_the_load(school):
    assert {subject.full_name: subject.name for subject in school.subjects} == {
        spellings["plan"]: name for name, spellings in TRUTH["subject_aliases"].items()}


def test_load(school):
    read = sorted((values.fold(row.teacher), canonical(row.subject), row.class_name, row.group or 0, row.hours, row.place.cell)
                  for row in school.load)
    assert read == sorted((values.fold(told["teacher"]), told["subject"], told["cls"], told["group"] or 0, told["hours"],
                           told["cell"]) for told in TRUTH["load"])
    assert sum(row.hours for row in school.load) == TRUTH["counts"]["load_hours_total"]


@pytest.mark.parametrize("class_name", list(TRUTH["timetable"]))
def test_timetable(school, class_name):
    timetable = next(each for each in school.timetables if each.file == "Расписание.xlsx")
    read = {(slot.day, slot.lesson, slot.place.sheet, slot.place.cell, canonical(slot.subject), values.fold(slot.teacher),
             slot.room, slot.group, slot.week) for slot in timetable.slots if slot.class_name == class_name}
    assert read == {(told["day"], told["lesson"], told["sheet"], told["cell"], entry["subject"], values.fold(entry["teacher"]),
                     entry["room"], entry["group"], entry["week"])
                    for told in TRUTH["timetable"][class_name] for entry in told["entries"]}


def test_only_the_timetable_with_planted_clashes_has_any(school):
    clashes = {each.file: len(each.clashes) for each in school.timetables}
    assert clashes == {"Расписание.xlsx": 0, "Расписание с ошибками.xlsx": len(TRUTH["timetable_with_errors_clashes"])}


def test_clashes_name_both_sides(school):
    found = next(each for each in school.timetables if each.clashes).clashes
    read = [(clash.weekday, clash.number, sorted((clash.one.label, clash.other.label)),
             [name for kind, name in clash.kinds.items() if kind == "teacher"],
             [name for kind, name in clash.kinds.items() if kind == "room"]) for clash in found]
    told = [(each["day"], each["lesson"], sorted(each["classes"]), each["teachers"], each["rooms"])
            for each in TRUTH["timetable_with_errors_clashes"]]
    assert sorted(read) == sorted(told)


def test_bells(school):
    read = {each.name: [{"lesson": number, "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
                        for number, start, end in each.lessons] for each in school.bells}
    assert read == TRUTH["bells"]
    assert [each.grades for each in school.bells] == [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10, 11]]


def test_calendar(school):
    def grades(each):
        return f"{each.grades[0]}–{each.grades[-1]}" if len(each.grades) > 1 else f"{each.grades[0]}"
    periods = [{"classes": grades(each), "name": each.name, "start": each.start.isoformat(), "end": each.end.isoformat()}
               for each in school.periods]
    breaks = [{"name": each.name, "start": each.start.isoformat(), "end": each.end.isoformat(), "classes": grades(each)}
              for each in school.breaks]
    days = [{"date": each.date.isoformat(), "name": each.name, "scope": "5-day" if each.week == 5 else "all"}
            for each in school.public_holidays]
    assert (periods, breaks, days) == (TRUTH["periods"], TRUTH["holidays"], TRUTH["public_holidays"])


@pytest.mark.parametrize("told", TRUTH["ktp"], ids=lambda told: told["file"])
def test_thematic_plan(school, told):
    plan = next(each for each in school.plans if each.place.file == told["file"])
    kinds = Counter(topic.kind for topic in plan.topics)
    teachers = sorted({row.teacher for row in school.load if row.subject is plan.subject and row.class_name in plan.classes})
    weekly = next(row.hours for row in school.curriculum if row.subject is plan.subject and row.class_name in plan.classes)
    read = {"subject": canonical(plan.subject), "grade": plan.grade, "classes": plan.classes, "teachers": teachers,
            "topic_rows": len(plan.topics), "hours_sum": plan.hours, "curriculum_hours": weekly * plans.weeks(plan.grade),
            "control_works": kinds["control"], "lab_works": kinds["laboratory"], "practical_works": kinds["practical"],
            "has_homework": any(topic.homework for topic in plan.topics),
            "first_topic": plan.topics[0].title, "last_topic": plan.topics[-1].title}
    assert read == {key: told[key] for key in read}
    sections = list(dict.fromkeys(topic.section for topic in plan.topics))
    if sections != [None]:  # one layout has no sections at all
        assert sections == told["sections"]


def test_every_defect_is_told_at_its_cell(school):
    for defect in TRUTH["defects"]:
        cell = (defect["file"], defect["sheet"], defect["cell"])
        at = [each for each in school.findings if (each.file, each.sheet, each.cell) == cell]
        finding = next((each for each in at if each.value in {defect["raw"], None}), at[0] if at else None)
        assert finding is not None, defect
        assert finding.severity == defect["severity"].replace("silent", "info"), defect


def test_variants_are_understood_silently_and_nothing_else_is_told(school):
    defects = {(each["file"], each["sheet"], each["cell"]) for each in TRUTH["defects"]}
    assert [finding for finding in school.findings if (finding.file, finding.sheet, finding.cell) not in defects] == []
    assert len(school.findings) == len(TRUTH["defects"])
