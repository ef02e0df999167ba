"""School A into the database and back out of it: dry run, one act, repetition, undo, on both databases."""

import json
from collections import Counter
from datetime import UTC, date, datetime

import pytest

import models as m
from exchange import facts, intake
from history import Actor
from tests.conftest import opened
from tests.exchange import variants
from tests.exchange.test_reading import FOLDER, TRUTH

BY = Actor("секретарь", datetime(2026, 11, 20, 9, 0, tzinfo=UTC), via="test")
TODAY = date(2026, 11, 20)
FILES = intake.folder(FOLDER)


@pytest.fixture
def outcome(copies):
    """School A taken in, once for the run: a copy of its database is open."""
    url = copies.of("school_a", _take_in)
    for _ in opened(url):
        yield _done[0]
    copies.take_back(url)


_done: list = []


def _take_in():
    m.migrate()
    _done.append(intake.run(FILES, BY))


def rows():
    """Numbers of rows of every recorded table."""
    return {model._meta.table_name: model.select().count() for model in m.TABLES if model.recorded}


def test_works_right_after_migrate_and_counts_come_out_as_expected(outcome):
    told, counts = facts.facts(TODAY), TRUTH["counts"]
    in_list = [pupil for pupil in told["pupils"] if pupil["status"] == "in"]
    assert m.School.the().name == TRUTH["meta"]["school"]
    assert (len(told["pupils"]), len(in_list)) == (counts["pupils_distinct"], counts["pupils_in_list_now"])
    assert Counter(pupil["class"] for pupil in in_list) == counts["per_class_in_list"]
    assert (told["parents"], told["staff"]) == (counts["parents_distinct_accounts"], counts["staff"])
    assert sum(told["slots"].values()) == counts["timetable_class_slots"]
    assert outcome.lessons > 10_000


def test_facts_agree_with_the_truth_row_by_row(outcome):
    told = facts.facts(TODAY)
    assert {(m.fold(each["name"]), each["birth"], each["class"], each["status"]) for each in told["pupils"]} == {
        (each["key"], each["birth"], name, "left" if each["status"] == "left" else "in")
        for name, roster in TRUTH["rosters"].items() for each in roster}
    assert sorted((m.fold(each["teacher"]), each["subject"], each["class"], each["group"] or 0, each["hours"])
                  for each in told["courses"]) == sorted(
        (m.fold(each["teacher"]), each["subject"], each["cls"], each["group"] or 0, each["hours"]) for each in TRUTH["load"])
    assert told["slots"] == {each["name"]: each["weekly_slots"] for each in TRUTH["classes"]}
    assert {(each["class"], each["subject"], each["hours"], each["topics"]) for each in told["plans"]} == {
        (name, each["subject"], each["hours_sum"], each["topic_rows"]) for each in TRUTH["ktp"] for name in each["classes"]}
    assert [(each["name"], each["from"], each["to"]) for each in told["periods"]] == [
        (each["name"], each["start"], each["end"]) for each in TRUTH["periods"]]


def test_movement_is_written_with_its_papers(outcome):
    moves = Counter(m.Movement.select(m.Movement.kind).tuples())
    assert moves == {("start",): 239, ("arrival",): 4, ("departure",): 3, ("transfer",): 1}
    move = m.Movement.get(m.Movement.kind == "transfer")
    assert (move.from_class.name, move.to_class.name, move.day, move.order_no) == ("8А", "8Б", date(2026, 10, 1), "38")
    assert move.order_date == date(2026, 10, 1)
    lists = m.Enrolment.select().where(m.Enrolment.pupil == move.pupil).order_by(m.Enrolment.starts)
    assert [(row.school_class.name, row.starts, row.ends) for row in lists] == [
        ("8А", date(2026, 9, 1), date(2026, 9, 30)), ("8Б", date(2026, 10, 1), None)]


def test_a_parent_who_works_at_the_school_is_one_person(outcome):
    both = m.Person.select().join(m.Employee).switch(m.Person).join(m.Guardianship).distinct()
    assert [person.full_name for person in both] == ["Харитонова Лариса Евгеньевна"]


def test_roles_follow_from_positions_and_load(outcome):
    roles = Counter(role for role, in m.Appointment.select(m.Appointment.role).tuples())
    assert roles == {"T": 25, "CT": 14, "DIR": 1, "ZAV": 2, "SEC": 1}


def test_subgroups_are_units_with_members_and_nobody_is_in_two_of_a_set(outcome):
    rooms = {unit.name: unit.members.count() for unit in m.Unit.select().where(m.Unit.kind == "subgroup")}
    assert rooms["6/1"] + rooms["6/2"] == rooms["6 мальчики"] + rooms["6 девочки"] == 24
    assert m.Unit.select().where(m.Unit.kind == "class").count() == 14


def test_papers_keep_the_curriculums_name_of_a_subject(outcome):
    subject = m.Subject.get(m.Subject.name == "ИЗО")
    assert subject.official == "Изобразительное искусство"
    assert m.Subject.get(m.Subject.name == "Физическая культура").short == "Физ-ра"


def test_a_dry_run_tells_the_same_and_leaves_nothing(db):
    before = rows()
    tried = intake.run(FILES, BY, dry_run=True)
    assert rows() == before and tried.run is None
    done = intake.run(FILES, BY)
    assert tried.counts() == done.counts()
    assert [(item.label, item.place) for item in tried.items] == [(item.label, item.place) for item in done.items]


def test_every_row_of_the_preview_has_file_and_cell(outcome):
    nowhere = {item.table for item in outcome.items if not (item.place and item.place.file and item.place.cell)}
    assert nowhere <= {"school", "year"}


def test_a_second_run_changes_nothing(outcome):
    before = rows()
    again = intake.run(FILES, BY)
    assert (again.items, again.run, again.lessons) == ([], None, 0)
    assert rows() == before
    assert again.understood


def test_a_timetable_with_clashes_is_reported_and_not_applied(db):
    only = {name: content for name, content in FILES.items() if "Расписание" not in name}
    outcome = intake.run(only | {"Расписание с ошибками.xlsx": FILES["Расписание с ошибками.xlsx"]}, BY)
    assert sum(finding.file == "Расписание с ошибками.xlsx" for finding in outcome.findings) == 5
    assert m.Timetable.select().count() == 0 and m.Pupil.select().count() == 243
    alone = intake.run({"Расписание с ошибками.xlsx": FILES["Расписание с ошибками.xlsx"]}, BY)
    assert not alone.understood and alone.items == []


def test_a_new_timetable_alone_leans_on_the_journal(outcome):
    cells = [["Дни", "Урок", "6 класс"], ["Понедельник", 1, "Матем. 20"], [None, 2, "Англ. яз. 5/14"], ["Вторник", 1, "Труд маст./8"]]
    later = intake.run({"Новое.xlsx": variants.book([("Лист1", [], cells[0], cells[1:])])}, BY)
    assert {table for _, table in later.counts()} == {"timetable", "slot"}, later.counts()
    version = m.Timetable.select().order_by(m.Timetable.id.desc()).get()
    names = sorted(slot.course.unit.name for slot in version.slots if slot.course.unit.school_class.name == "6")
    assert (version.starts, names) == (date(2026, 11, 21), ["6", "6 девочки", "6 мальчики", "6/1", "6/2"])
    assert version.slots.count() == 5 + m.Slot.select().join(m.Course).join(m.Unit).join(m.SchoolClass).where(
        (m.Slot.timetable != version) & (m.SchoolClass.name != "6")).count()
    assert version.published_at is not None


def test_a_new_plan_alone_leans_on_the_journal(outcome):
    plan = variants.book([("Лист1", [["Химия, 9 класс"]], ["№", "Тема", "Часы"], [[1, "Введение", 34], [2, "Металлы", 34]])])
    later = intake.run({"Химия 9.xlsx": plan}, BY)
    assert later.counts() == {("create", "plan"): 1, ("create", "plan_topic"): 2}
    course = m.Course.select().join(m.Unit).switch(m.Course).join(m.Subject).where(
        (m.Unit.name == "9") & (m.Subject.name == "Химия")).get()
    assert course.plan.topics.count() == 2


def test_undo_takes_everything_back_and_the_chain_holds(outcome):
    intake.undo(BY, outcome.run)
    left = {name: count for name, count in rows().items() if count}
    assert left == {"import_run": 1}
    m.verify()
    assert intake.run(FILES, BY).items


def test_undo_is_refused_naming_what_depends(outcome):
    with m.writing(BY):
        lesson = m.Lesson.select().first()
        m.Mark.create(lesson=lesson, pupil=m.Pupil.select().first(), value="5", entered_at=BY.at)
    with pytest.raises(m.Refused, match="marks"):
        intake.undo(BY, outcome.run)
    assert m.Pupil.select().count() == 243


def test_undo_is_refused_when_a_row_was_changed_since(outcome):
    with m.writing(BY):
        m.Person.update(phone="+79450000000").where(m.Person.surname == "Ким").execute()
    with pytest.raises(m.Refused, match="people"):
        intake.undo(BY, outcome.run)


def test_undo_of_a_change_restores_the_old_values(outcome):
    changed = intake.run(class_list("Авдеева Полина Игоревна", "5А", address="с. Новое, д. 1", phone="+79450000001"), BY)
    again = intake.run(class_list("Авдеева Полина Игоревна", "5А", address="с. Другое, д. 2", phone="+79450000001"), BY)
    assert {(item.action, item.table) for item in again.items} == {("change", "person")}
    intake.undo(BY, again.run)
    assert m.Person.get(m.Person.search == "авдеева полина игоревна").address == "с. Новое, д. 1"
    intake.undo(BY, changed.run)
    assert not m.Person.select().where(m.Person.search == "авдеева полина игоревна").exists()


def test_a_later_list_writes_departures_and_moves_and_doubts_the_rest(outcome):
    gone = next(each for each in TRUTH["rosters"]["6"] if each["status"] == "in")
    pupil = m.Pupil.get(m.Pupil.file_no == gone["personal_file"])
    later = intake.run(class_list(gone["fio"], "6", file=gone["personal_file"], birth=date.fromisoformat(gone["birth"]),
                                  note="выбыл 19.11.2026 пр. № 70 в МБОУ «СОШ № 1»"), BY)
    last = m.Enrolment.get(m.Enrolment.pupil == pupil)
    move = m.Movement.get((m.Movement.pupil == pupil) & (m.Movement.kind == "departure"))
    assert (last.ends, move.order_no, move.place) == (date(2026, 11, 19), "70", "МБОУ «СОШ № 1»")
    assert ("change", "enrolment") in later.counts()
    other = next(each for each in TRUTH["rosters"]["6"][1:] if each["status"] == "in")
    doubted = intake.run(class_list(other["fio"], "7", file=other["personal_file"], birth=date.fromisoformat(other["birth"])), BY)
    assert any(finding.severity == "error" and "6" in str(finding.message) for finding in doubted.findings)


def class_list(name, class_name, address="д. 1", phone="", file="Я-1", birth=date(2015, 1, 1), note=""):
    """A class list of one pupil."""
    headings = ["ФИО", "Класс", "Дата рождения", "Адрес", "Телефон ученика", "Личное дело", "Примечание"]
    return {"Список.xlsx": variants.book([("Лист1", [], headings, [[name, class_name, birth, address, phone, file, note]])])}


def test_bad_files_are_told_and_never_raise(db):
    bad = {"битый.xlsx": b"PK\x03\x04nothing", "пустой.xlsx": variants.book([("1", [], [], [])]), "рисунок.png": b"\x89PNG",
           "мусор.csv": bytes(range(256)), "Папка/нет.xls": b""}
    outcome = intake.run(bad, BY)
    assert not outcome.understood
    assert {finding.file for finding in outcome.findings} >= {"битый.xlsx", "рисунок.png", "Папка/нет.xls"}


def test_the_report_is_json(outcome):
    report = [intake.as_json(finding) for finding in outcome.findings]
    assert json.loads(json.dumps(report)) == report
    assert {tuple(each) for each in report} == {("severity", "file", "sheet", "cell", "value", "message")}
    assert m.ImportRun.get_by_id(outcome.run).report["findings"] == report


def test_answers_decide_what_was_doubted(db):
    sheet = variants.book([("5А", [], ["Ребёнок учится", "Д.р.", "Кто-то"], [
        ["Авдеев Кирилл Игоревич", "01.07.2015", "Авдеева Ольга Петровна"], ["Бойко Степан Ильич", "02.08.2015", "Бойко Анна Львовна"]])])
    asked = intake.run({"а.xlsx": sheet}, BY, dry_run=True)
    question, = asked.questions
    answered = intake.run({"а.xlsx": sheet}, BY, answers={question.key: "mother.name"}, dry_run=True)
    assert answered.questions == []
    assert [guardian.name for guardian in answered.school.guardians] == ["Авдеева Ольга Петровна", "Бойко Анна Львовна"]




# ---- the intake and the rules of the journal ----

def test_lists_come_in_and_nothing_that_a_regulation_judges(outcome):
    """Marks, absences, homework and results have no way in by files; lessons come out of the timetable, unfilled."""
    for model in (m.Mark, m.Absence, m.Homework, m.Remark, m.PeriodMark, m.Deferral, m.PeriodClosure, m.Substitution, m.Excuse):
        assert not model.select().exists(), model
    assert not m.Lesson.select().where((m.Lesson.state == "held") | (m.Lesson.topic != "") | m.Lesson.attendance_at.is_null(False)).exists()


def test_sec_05_no_way_in_arises_by_an_intake(outcome):
    assert not m.Account.select().where(m.Account.password.is_null(False)).exists()
    assert not m.Invitation.select().exists() and not m.CredentialIssue.select().exists()


def test_cnt_08_a_second_intake_moves_nobody_between_subgroups(outcome):
    member = m.UnitMember.select().first()
    with m.writing(BY):
        other = m.Unit.get((m.Unit.subgroup_set == member.unit.subgroup_set_id) & (m.Unit.id != member.unit_id))
        other.join(BY, member.pupil, date(2026, 11, 3))
    before = sorted(m.UnitMember.select(m.UnitMember.unit, m.UnitMember.pupil, m.UnitMember.starts, m.UnitMember.ends).tuples(), key=str)
    intake.run(FILES, BY)
    assert sorted(m.UnitMember.select(m.UnitMember.unit, m.UnitMember.pupil, m.UnitMember.starts, m.UnitMember.ends).tuples(), key=str) == before


def test_pln_03_plans_come_unapproved_and_a_file_that_changes_an_approved_one_ends_its_approval(outcome):
    assert not m.Plan.select().where(m.Plan.approved_at.is_null(False)).exists()
    changed, kept = m.Plan.select().order_by(m.Plan.id).limit(2)
    with m.writing(BY):
        m.Plan.update(approved_at=BY.at).execute()
        m.PlanTopic.update(topic="Другая тема").where((m.PlanTopic.plan == changed) & (m.PlanTopic.number == 1)).execute()
    told = intake.run(FILES, BY)
    assert m.Plan.get_by_id(changed.id).approved_at is None and m.Plan.get_by_id(kept.id).approved_at
    assert any("approval ended" in str(finding.message) for finding in told.findings)
