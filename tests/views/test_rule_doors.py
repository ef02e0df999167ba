"""Rules that have to hold at every door, not at the grid alone: substitutions, subgroups, ways in, reasons of absence, codes, words."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

import clock
import models as m
import rulebook.rules
from rulebook.entries import version_of
from rulebook.homework import homework_limit
from tests import factories as f

PASSWORD = "demo-demo"
DAY = date(2026, 12, 16)


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "substitute", "deputy", "director", "admin", "secretary"):
        f.account(getattr(s, name), name, PASSWORD)
    with clock.frozen(f.NOW):
        yield s


def as_(app, who):
    return app.test_client().sign_in(who, PASSWORD)


def regulate(preset, **changes):
    rules = rulebook.rules.preset(preset).changed({key.replace("__", "."): parts for key, parts in changes.items()})
    with m.writing(f.SYSTEM):
        m.RegulationVersion.update(values=rules.to_json()).execute()


def cell(client, school, value, lesson=None, **more):
    body = {"cells": [{"pupil": school.pupils[0].id, "lesson": (lesson or school.lessons[DAY]).id, "value": value, **more}]}
    answer = client.send_json(f"/journal/{school.course.id}/cells", body).get_json()
    return answer["cells"][0] if "cells" in answer else {"state": "foreign"}


# ---- substitutions ----

def test_sub_03_a_substitution_that_was_used_is_neither_deleted_nor_given_to_another(app, school):
    lesson = school.lessons[f.TODAY]
    row = f.substitution(lesson, school.substitute, school.teacher)
    assert cell(as_(app, "substitute"), school, "5", lesson)["state"] == "saved"
    admin = as_(app, "admin")
    for path, form in ((f"/admin/substitution/delete/?id={row.id}", {"id": row.id, "confirm": "1"}),
                       (f"/admin/substitution/edit/?id={row.id}", {"substitute": school.stranger.id, "kind": "same_subject"}),
                       ("/admin/substitution/action/", {"action": "delete", "rowid": row.id, "confirm": "1"})):
        assert admin.send(path, **form).status_code in (302, 422)
        assert m.Substitution.get().substitute_id == school.substitute.id and m.Substitution.get().recorded_at
    assert admin.send(f"/admin/substitution/edit/?id={row.id}", substitute=school.substitute.id, kind="same_subject",
                      order_no="77").status_code == 302
    assert m.Substitution.get().order_no == "77"


def test_sub_01_one_that_was_not_used_may_be_taken_back(app, school):
    row = f.substitution(school.lessons[f.TODAY], school.substitute, school.teacher)
    assert as_(app, "admin").send(f"/admin/substitution/delete/?id={row.id}", id=row.id, confirm="1").status_code == 302
    assert not m.Substitution.select().exists()


# ---- subgroups ----

@pytest.fixture
def halves(school):
    with m.writing(f.SYSTEM):
        own = m.SubgroupSet.create(school_class=school.school_class, name="Английский")
        units = [m.Unit.create(year=school.year, kind="subgroup", name=f"7Б/{n}", school_class=school.school_class, subgroup_set=own, number=n)
                 for n in (1, 2)]
        return units, m.UnitMember.create(unit=units[0], pupil=school.pupils[0], starts=f.YEAR[0])


@pytest.mark.parametrize("ends, status", [("2026-12-17", 422), ("2026-12-26", 422), ("2026-12-27", 302), ("2027-01-10", 302),
                                          ("2027-01-11", 422)])
def test_cnt_08_nobody_leaves_a_subgroup_in_the_middle_of_a_period(app, school, halves, ends, status):
    answer = as_(app, "admin").send(f"/admin/unit_member/edit/?id={halves[1].id}", ends=ends)
    assert answer.status_code == status
    assert m.UnitMember.get().ends == (date.fromisoformat(ends) if status == 302 else None)


def test_cnt_08_nor_is_the_membership_struck_out(app, school, halves):
    client = as_(app, "admin")
    client.send(f"/admin/unit_member/delete/?id={halves[1].id}", id=halves[1].id, confirm="1")
    client.send("/admin/unit_member/action/", action="delete", rowid=halves[1].id, confirm="1")
    assert m.UnitMember.select().exists()


def test_cnt_08_between_periods_the_administrator_may_and_a_class_teacher_never(app, school, halves):
    for who, kept in (("class_teacher", True), ("admin", False)):
        with clock.frozen(datetime(2027, 1, 5, 10)):
            as_(app, who).send(f"/admin/unit_member/delete/?id={halves[1].id}", id=halves[1].id, confirm="1")
        assert m.UnitMember.select().exists() is kept


# ---- ways in ----

@pytest.mark.parametrize("birth, waits", [(date(2012, 12, 18), True), (date(2012, 12, 17), False)])
@pytest.mark.parametrize("verb", ["issue", "reset"])
@pytest.mark.parametrize("who", ["admin", "class_teacher"])
def test_sec_05_a_pupil_younger_than_14_gets_a_way_in_through_the_parent_at_every_door(app, school, birth, waits, verb, who):
    pupil = school.pupils[0].person
    with m.writing(f.SYSTEM):
        m.Person.update(birth=birth).where(m.Person.id == pupil.id).execute()
    as_(app, who).send(f"/access/person/{pupil.id}/{verb}")
    assert m.Invitation.select().where(m.Invitation.person == pupil).exists() is not waits
    f.account(school.parent, "parent", PASSWORD)
    as_(app, who).send(f"/access/person/{pupil.id}/{verb}")
    assert m.Invitation.select().where(m.Invitation.person == pupil).exists()


# ---- reasons of absence ----

@pytest.mark.parametrize("preset, who, state", [("d2_spo", "admin", "saved"), ("d2_spo", "deputy", "foreign"), ("d1_asurso", "admin", "foreign"),
                                                ("d2_spo", "class_teacher", "saved")])
def test_att_06_reasons_are_entered_by_whom_the_regulation_names(app, school, preset, who, state):
    regulate(preset)
    f.absence(school.lessons[DAY], school.pupils[0], "н")
    assert cell(as_(app, who), school, "у")["state"] == state
    assert cell(as_(app, who), school, "5")["state"] in ("refused", "foreign") and not m.Mark.select().exists()


def test_att_06_the_administrator_enters_a_paper_where_the_regulation_says_so(app, school):
    f.absence(school.lessons[DAY], school.pupils[0], "н")
    paper = {"pupil": school.pupils[0].id, "code": "б", "document": "справка 9", "starts": "2026-12-14", "ends": "2026-12-18"}
    assert as_(app, "admin").send("/admin/excuse/new/", **paper).status_code == 403
    regulate("d2_spo")
    assert as_(app, "admin").send("/admin/excuse/new/", **paper).status_code == 302
    assert m.Absence.get().code == "б"


@pytest.mark.parametrize("severity, state", [("off", "saved"), ("warn", "saved"), ("reason", "reason_required"), ("block", "refused")])
def test_a_paper_behind_an_absence_is_asked_for_as_strictly_as_the_regulation_says(app, school, severity, state):
    regulate("base", attendance__document={"severity": severity})
    with m.writing(f.SYSTEM):
        m.AbsenceCode.lay()
        m.AbsenceCode.update(document=True).where(m.AbsenceCode.code == "б").execute()
    teacher, today = as_(app, "teacher"), school.lessons[f.TODAY]
    assert cell(teacher, school, "б", today)["state"] == state
    assert cell(teacher, school, "б", today, document="справка 9")["state"] == "saved"


def test_acc_05_the_teacher_learns_which_reason_the_class_teacher_has_corrected(app, school):
    f.absence(school.lessons[DAY], school.pupils[0], "н")
    assert cell(as_(app, "class_teacher"), school, "б")["state"] == "saved"
    notice = m.Notice.get()
    assert notice.person_id == school.teacher.id and "Ученикова001 А. И., 16.12: н → б" in str(notice.text)
    assert cell(as_(app, "teacher"), school, "у")["state"] == "saved" and m.Notice.select().count() == 1


def test_acc_05_a_paper_is_told_once_to_every_teacher_whose_lessons_it_explains(app, school):
    geometry = f.course(school.unit, "Геометрия", school.stranger)
    lessons = [school.lessons[date(2026, 12, 14)], school.lessons[DAY], f.lesson(geometry, school.stranger, DAY, 5)]
    for lesson in lessons:
        f.absence(lesson, school.pupils[0], "н")
    paper = {"pupil": school.pupils[0].id, "code": "б", "document": "справка 9", "starts": "2026-12-14", "ends": "2026-12-18"}
    assert as_(app, "class_teacher").send("/admin/excuse/new/", **paper).status_code == 302
    assert {row.person_id for row in m.Notice.select()} == {school.teacher.id, school.stranger.id}


# ---- codes and words ----

@pytest.fixture
def own_code(school):
    with m.writing(f.SYSTEM):
        m.AbsenceCode.lay()
        m.AbsenceCode.create(code="фз", name="освобождён от физкультуры", meaning="released", missed=False, position=20)


@pytest.mark.parametrize("preset, state", [("d1_asurso", "refused"), ("d4_hmao", "saved")])
def test_mrk_17_a_code_of_the_school_that_says_released_is_banned_with_the_usual_one(app, school, own_code, preset, state):
    regulate(preset)
    assert cell(as_(app, "teacher"), school, "фз")["state"] in (state, "late" if state == "saved" else state)
    answer = as_(app, "teacher").send(f"/lesson/{school.lessons[DAY].id}/attendance", **{f"c-{school.pupils[1].id}": "фз"})
    assert answer.status_code == (422 if state == "refused" else 302)


@pytest.mark.parametrize("words, kept", [("осв", False), ("Освобождена.", False), ("Освобождён от соревнований, болит рука", True)])
@pytest.mark.parametrize("door", ["lesson", "screen"])
def test_mrk_17_nor_is_it_written_as_a_comment(app, school, door, words, kept):
    lesson, client = school.lessons[DAY], as_(app, "teacher")
    if door == "lesson":
        client.send(f"/lesson/{lesson.id}/remark", pupil=school.pupils[0].id, text=words)
    else:
        client.send("/admin/remark/new/", lesson=lesson.id, pupil=school.pupils[0].id, text=words)
    assert m.Remark.select().exists() is kept


def test_pln_06_comments_and_titles_of_works_are_russian_too(app, school):
    regulate("base", journal__language={"severity": "block"})
    lesson, client, kind = school.lessons[DAY], as_(app, "teacher"), school.kinds["К"].id
    assert client.send(f"/lesson/{lesson.id}/remark", pupil=school.pupils[0].id, text="Well done").status_code == 422
    assert client.send(f"/journal/{school.course.id}/works", lesson=lesson.id, kind=kind, title="Unit test").status_code == 422
    assert client.send("/admin/work/new/", lesson=lesson.id, kind=kind, title="Unit test").status_code == 422
    assert client.send(f"/lesson/{lesson.id}/topic", topic="Дроби", kind=kind, work_topic="Unit test").status_code == 422
    assert client.send(f"/lesson/{lesson.id}/topic", topic="Дроби", kind=kind, work_topic="Контроль (Unit test)").status_code == 302
    assert not m.Work.select().exists() and not m.Remark.select().exists()


def test_hw_04_the_norms_of_homework_are_those_of_schools(app, school):
    assert [homework_limit(rulebook.rules.preset(name), 10) for name in ("base", "d1_asurso", "d2_spo")] == [210, 210, None]


# ---- school working days ----

@pytest.mark.parametrize("day, state", [("2026-11-09", "saved"), ("2026-11-10", "late")])
def test_a_deadline_in_school_days_knows_the_days_off_of_the_school(app, school, day, state):
    """A lesson of Thursday 5 November; Friday and Saturday are off by an order, Sunday always: Monday is the first working day."""
    regulate("base", entry__mark_deadline={"value": "P1WD"})
    with m.writing(f.SYSTEM):
        m.Holiday.create(year=school.year, name="карантин", kind="cancelled", starts=date(2026, 11, 6), ends=date(2026, 11, 7))
    with clock.frozen(datetime.fromisoformat(f"{day} 12:00")):
        assert cell(as_(app, "teacher"), school, "5", school.lessons[date(2026, 11, 5)])["state"] == state
        page = as_(app, "teacher").get(f"/journal/{school.course.id}").text
    assert "срок отметок 9 ноя" in page


# ---- kinds of work that a period mark rests on ----

def test_mrk_12_physics_wants_a_laboratory_work_beside_the_written_ones(app, school):
    f.account(school.stranger, "stranger", PASSWORD)
    with m.writing(f.SYSTEM):
        kinds = {code: m.WorkKind.create(code=code, name=name, for_everyone=False) for code, name in (("Л", "Лабораторная"),)} | school.kinds
        days = sorted(school.foreign_lessons)
        m.Lesson.update(kind=kinds["К"]).where(m.Lesson.id == school.foreign_lessons[days[0]].id).execute()
    for day in days[:7]:
        f.mark(school.foreign_lessons[day], school.foreign_pupil, "4")

    def put(**more):
        body = {"cells": [{"pupil": school.foreign_pupil.id, "period": school.periods[1].id, "value": "4", **more}]}
        with clock.frozen(datetime(2026, 12, 24, 12)):
            answer = as_(app, "stranger").send_json(f"/journal/{school.foreign_course.id}/cells", body)
            return answer.get_json()["cells"][0]

    answer = put()
    assert (answer["state"], answer["rule"], answer["clause"]) == ("reason_required", "min_marks.laboratory", "5.2")
    with m.writing(f.SYSTEM):
        m.Lesson.update(kind=kinds["Л"]).where(m.Lesson.id == school.foreign_lessons[days[1]].id).execute()
    assert put()["state"] == "saved"


# ---- nobody goes round the rules ----

RECORDS = (m.Mark, m.Absence, m.Homework, m.Remark, m.Work, m.PeriodMark, m.Deferral)


@pytest.fixture
def filled(school):
    """A lesson of today with something in every table, and the doors that would change it: (path, form) by name."""
    lesson, pupil, period = school.lessons[f.TODAY], school.pupils[0], school.periods[1]
    rows = SimpleNamespace(mark=f.mark(lesson, pupil, "4"), absence=f.absence(lesson, school.pupils[1], "н"))
    with m.writing(f.SYSTEM):
        rows.homework = m.Homework.create(lesson=lesson, text="§ 12, № 4", entered_at=f.SYSTEM.at)
        rows.remark = m.Remark.create(lesson=lesson, pupil=pupil, text="Молодец", author=school.teacher, at=f.SYSTEM.at)
        rows.work = m.Work.create(lesson=lesson, kind=school.kinds["К"], title="Степени", position=1)
        rows.result = m.PeriodMark.create(course=school.course, pupil=pupil, period=period, value="4", entered_at=f.SYSTEM.at)
        m.Lesson.update(topic="Степени", topic_at=f.SYSTEM.at, attendance_at=f.SYSTEM.at).where(m.Lesson.id == lesson.id).execute()
    why = {"why": "проба", "reason": "проба"}
    cells = {"lesson": lesson.id, "pupil": pupil.id}
    return {
        "attendance": (f"/lesson/{lesson.id}/attendance", {f"c-{school.pupils[2].id}": "н", f"c-{school.pupils[1].id}": "н", **why}),
        "topic": (f"/lesson/{lesson.id}/topic", {"topic": "Другое", **why}),
        "marks": (f"/lesson/{lesson.id}/marks", {f"m-{pupil.id}-0": "5", **why}),
        "homework": (f"/lesson/{lesson.id}/homework", {"text": "§ 13, № 5", **why}),
        "remark": (f"/lesson/{lesson.id}/remark", {"pupil": pupil.id, "text": "Иначе"}),
        "add work": (f"/journal/{school.course.id}/works", {"lesson": lesson.id, "kind": school.kinds["К"].id, **why}),
        "change work": (f"/work/{rows.work.id}", {"kind": school.kinds["С"].id, **why}),
        "delete work": (f"/work/{rows.work.id}/delete", why),
        "results": (f"/results/{school.course.id}", {
            f"m-{pupil.id}-period": "5", f"r-{pupil.id}-period": "проба", f"v-{pupil.id}-period": version_of("4"), "period": period.id}),
        "new mark": ("/admin/mark/new/", {**cells, "value": "5", **why}),
        "edit mark": (f"/admin/mark/edit/?id={rows.mark.id}", {"value": "5", **why}),
        "delete mark": ("/admin/mark/delete/", {"id": rows.mark.id, "confirm": "1"}),
        "new absence": ("/admin/absence/new/", {"lesson": lesson.id, "pupil": school.pupils[2].id, "code": "н", **why}),
        "edit absence": (f"/admin/absence/edit/?id={rows.absence.id}", {"code": "о", **why}),
        "delete absence": ("/admin/absence/delete/", {"id": rows.absence.id, "confirm": "1"}),
        "edit homework": (f"/admin/homework/edit/?id={rows.homework.id}", {"text": "§ 13, № 5", **why}),
        "delete homework": ("/admin/homework/delete/", {"id": rows.homework.id, "confirm": "1"}),
        "edit remark": (f"/admin/remark/edit/?id={rows.remark.id}", {"text": "Иначе"}),
        "delete remark": ("/admin/remark/delete/", {"id": rows.remark.id, "confirm": "1"}),
        "new column": ("/admin/work/new/", {"lesson": lesson.id, "kind": school.kinds["К"].id, "title": "Ещё", **why}),
        "edit column": (f"/admin/work/edit/?id={rows.work.id}", {"kind": school.kinds["С"].id, "title": "Степени", **why}),
        "delete column": ("/admin/work/delete/", {"id": rows.work.id, "confirm": "1"}),
        "edit result": (f"/admin/period_mark/edit/?id={rows.result.id}", {"value": "5", **why}),
        "delete result": ("/admin/period_mark/delete/", {"id": rows.result.id, "confirm": "1"}),
        "edit lesson": (f"/admin/lesson/edit/?id={lesson.id}", {"topic": "Другое", "work_topic": "", **why}),
        "cancel lesson": ("/admin/lesson/cancel/", {"id": lesson.id, "reason": "проба"}),
        "move lesson": ("/admin/lesson/move/", {"id": lesson.id, "day": "2026-12-18", "number": "5", "reason": "проба"}),
    }


def standing():
    """All that stands in the journal."""
    lessons = m.Lesson.select(m.Lesson.id, m.Lesson.topic, m.Lesson.state, m.Lesson.day).order_by(m.Lesson.id)
    return [list(model.select().order_by(model.id).dicts()) for model in RECORDS] + [list(lessons.tuples())]


@pytest.mark.parametrize("who", ["admin", "director", "deputy", "secretary", "class_teacher"])
def test_acc_06_no_office_writes_the_journal_of_a_teacher_at_any_door(app, school, filled, who):
    client, before = as_(app, who), standing()
    wrong = {name: status for name, (path, form) in filled.items()
             if (status := client.send(path, **form).status_code) not in (302, 403, 422)}
    assert wrong == {} and standing() == before
    body = {"cells": [{"pupil": school.pupils[0].id, "lesson": school.lessons[f.TODAY].id, "value": "5"},
                      {"pupil": school.pupils[0].id, "period": school.periods[1].id, "value": "5"}]}
    assert client.send_json(f"/journal/{school.course.id}/cells", body).status_code == 403 and standing() == before


def test_fin_a_closed_period_takes_nothing_at_any_door(app, school, filled):
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_by=school.deputy,
                               closed_at=f.SYSTEM.at, reason="приказ 44")
    client, before = as_(app, "teacher"), standing()
    wrong = {name: status for name, (path, form) in filled.items()
             if (status := client.send(path, **form).status_code) not in (302, 403, 422)}
    assert wrong == {} and standing() == before


def test_mrk_08_past_the_edit_window_nothing_of_a_lesson_changes_at_any_door(app, school, filled):
    client, before = as_(app, "teacher"), standing()
    doors = {name: door for name, door in filled.items() if "result" not in name and "remark" not in name}
    with clock.frozen(datetime(2027, 1, 12, 10)):
        client = as_(app, "teacher")
        for path, form in doors.values():
            client.send(path, **form)
    assert standing() == before


TEACHERS_DOORS = ("attendance", "topic", "marks", "homework", "remark", "add work", "change work", "delete work", "results", "new mark",
                  "edit mark", "delete mark", "new absence", "edit absence", "delete absence", "edit homework", "delete homework",
                  "edit remark", "delete remark", "new column", "edit column", "delete column", "edit result", "delete result", "edit lesson")


@pytest.mark.parametrize("door", TEACHERS_DOORS)
def test_acc_06_the_same_doors_are_open_to_the_teacher_of_the_lesson(app, school, filled, door):
    before, (path, form) = standing(), filled[door]
    assert as_(app, "teacher").send(path, **form).status_code == 302 and standing() != before


def test_fin_the_days_of_a_closed_period_and_the_system_of_its_class_stay(app, school):
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[0], school_class=school.school_class, closed_by=school.deputy,
                               closed_at=f.SYSTEM.at, reason="приказ 44")
        other = m.PeriodSet.create(year=school.year, name="Триместры", kind="trimester")
    deputy, (first, second) = as_(app, "deputy"), school.periods[:2]

    def period(row, **more):
        values = {"period_set": row.period_set_id, "number": row.number, "name": row.name, "starts": row.starts, "ends": row.ends, **more}
        return deputy.send(f"/admin/period/edit/?id={row.id}", **values).status_code

    assert period(first, ends="2026-10-20") == 422 and period(first, name="Первая четверть") == 302
    assert period(second, ends="2026-12-28") == 302
    card = {"year": school.year.id, "name": "7Б", "grade": 7, "letter": "Б", "week_days": 6, "shift": 1}
    assert deputy.send(f"/admin/school_class/edit/?id={school.school_class.id}", period_set=other.id, **card).status_code == 422
    assert m.SchoolClass.get_by_id(school.school_class.id).period_set_id == school.period_set.id


@pytest.mark.parametrize("door", ["topic", "homework", "attendance"])
def test_mrk_08_counted_from_the_entry_the_window_binds_words_and_attendance_too(app, school, filled, door):
    """A first entry is never shut out; what stands since August is."""
    regulate("d1_asurso", mark__edit_window={"value": {"free_days": 7, "reason_days": 14, "anchor": "entry"}})
    before, (path, form) = standing(), filled[door]
    assert as_(app, "teacher").send(path, **form).status_code == 422 and standing() == before
    old = school.lessons[date(2026, 11, 5)]
    assert as_(app, "teacher").send(path.replace(f"/{school.lessons[f.TODAY].id}/", f"/{old.id}/"), **form).status_code == 302


def test_pln_03_an_approved_plan_that_gets_another_grade_is_approved_anew(app, school):
    plan = f.plan(school.course, ["Степени"])
    with m.writing(f.SYSTEM):
        m.Plan.update(approved_at=f.SYSTEM.at, approved_by=school.deputy).execute()
    card = {"year": plan.year_id, "subject": plan.subject_id, "shared": "y"}
    assert as_(app, "admin").send(f"/admin/plan/edit/?id={plan.id}", name="Алгебра, новая", grade=7, **card).status_code == 302
    assert m.Plan.get().approved_at
    assert as_(app, "admin").send(f"/admin/plan/edit/?id={plan.id}", name="Алгебра, новая", grade=8, **card).status_code == 302
    assert m.Plan.get().approved_at is None


@pytest.mark.parametrize("preset, state", [("d1_asurso", "refused"), ("d3_shalazhi", "saved")])
@pytest.mark.parametrize("value", ["н/а", "осв"])
@pytest.mark.parametrize("kind", ["year", "exam", "final"])
def test_fin_07_mrk_17_of_the_year_the_exam_and_the_final_mark_too(app, school, preset, state, value, kind):
    regulate(preset)
    body = {"cells": [{"pupil": school.pupils[0].id, "kind": kind, "value": value}]}
    with clock.frozen(datetime(2027, 5, 24, 12)):
        answer = as_(app, "teacher").send_json(f"/journal/{school.course.id}/cells", body).get_json()["cells"][0]
    assert (answer["state"], answer["clause"]) == ("refused", "5.3") if state == "refused" else answer["state"] == "saved"
