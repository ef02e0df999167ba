"""Screens of tables that have verbs: a save there is the verb, with its rules and its refusals."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as make
from tests.views.admin_school import entered, filled


@pytest.fixture
def s(db):
    with clock.frozen(make.NOW):
        yield filled()


def send(client, path, **form):
    return client.send(f"/admin/{path}", **{name: "" if value is None else value for name, value in form.items()})


# ---- people ----

def test_a_new_pupil_is_a_person_and_a_card_in_one_save(app, s):
    answer = send(entered(app, "admin"), "pupil/new/", person__surname="Ёлкина", person__name="Анна", person__birth="08.03.2014",
                  file_no="Ё-1", pe_group="main")
    assert answer.status_code == 302
    pupil = m.Pupil.get(m.Pupil.file_no == "Ё-1")
    assert (pupil.person.full_name, pupil.person.birth, pupil.person.search) == ("Ёлкина Анна", date(2014, 3, 8), "елкина анна")


def test_acc_01_a_teacher_who_is_a_pupils_mother_stays_one_person(app, s):
    people = m.Person.select().count()
    answer = send(entered(app, "admin"), "guardianship/new/", guardian=s.teacher.id, pupil=s.pupils[2].id, relation="мать")
    assert answer.status_code == 302 and m.Person.select().count() == people
    assert make.user(s.teacher).roles >= {"T", "PAR"}


def test_acc_01_a_namesake_needs_a_birth_date_of_their_own(app, s):
    client = entered(app, "admin")
    form = {"person__surname": "Ученикова001", "person__name": "Анна", "person__patronymic": "ивановна"}
    for birth in (None, "2013-03-08"):
        answer = send(client, "pupil/new/", **form, person__birth=birth)
        assert answer.status_code == 422 and "уже есть в списке людей" in answer.text
    assert send(client, "pupil/new/", **form, person__birth="2014-03-08").status_code == 302


def test_a_name_that_is_typed_and_fits_one_is_chosen_without_a_script(app, s):
    answer = send(entered(app, "admin"), "guardianship/new/", **{"guardian-text": "завучева", "pupil-text": "ученикова003"})
    assert answer.status_code == 302
    assert m.Guardianship.get(m.Guardianship.guardian == s.deputy).pupil_id == s.pupils[2].id


def test_a_name_that_fits_several_is_asked_back(app, s):
    answer = send(entered(app, "admin"), "guardianship/new/", **{"guardian-text": "завучева", "pupil-text": "ученикова"})
    assert answer.status_code == 422 and "Подходит несколько" in answer.text and 'value="ученикова"' in answer.text


def test_cnt_03_a_transfer_ends_one_list_and_begins_the_other(app, s):
    answer = send(entered(app, "admin"), "movement/new/", pupil=s.pupils[0].id, kind="transfer", day="2026-12-17",
                  to_class=s.foreign_class.id, order_no="41-у", order_date="2026-12-16")
    assert answer.status_code == 302
    rows = m.Enrolment.select().where(m.Enrolment.pupil == s.pupils[0]).order_by(m.Enrolment.starts)
    assert [(row.school_class_id, row.ends) for row in rows] == [(s.school_class.id, date(2026, 12, 16)), (s.foreign_class.id, None)]
    assert m.Movement.get(m.Movement.kind == "transfer").order_no == "41-у"


@pytest.mark.parametrize("form", [
    {"kind": "transfer"}, {"kind": "departure", "to_class": "other"}, {"kind": "transfer", "to_class": "own"},
    {"kind": "departure", "day": "2020-01-01"}, {"kind": "arrival", "to_class": "other"}, {"kind": "nonsense"}])
def test_cnt_03_a_movement_that_cannot_be_is_refused_at_the_form(app, s, form):
    classes = {"own": s.school_class.id, "other": s.foreign_class.id}
    before = m.Movement.select().count()
    answer = send(entered(app, "admin"), "movement/new/", **{
        "pupil": s.pupils[0].id, "day": "2026-12-17", "order_no": "41-у", **form, "to_class": classes.get(form.get("to_class"))})
    assert answer.status_code == 422 and 'value="41-у"' in answer.text
    assert m.Movement.select().count() == before


def test_a_written_movement_is_not_rewritten(app, s):
    row = m.Movement.get()
    assert entered(app, "admin").get(f"/admin/movement/edit/?id={row.id}").status_code == 403


@pytest.mark.parametrize("order", [{}, {"order_no": "7-к"}, {"order_date": "2026-12-01"}])
def test_leg_13_an_administrator_without_an_order_is_refused_by_d1(app, s, order):
    form = {"person": s.teacher.id, "role": "ADM", "starts": "2026-12-17"}
    answer = send(entered(app, "director"), "appointment/new/", **form, **order)
    assert answer.status_code == 422 and "4.2.2" in answer.text
    assert send(entered(app, "director"), "appointment/new/", **form, order_no="7-к", order_date="2026-12-01").status_code == 302


def test_leg_13_other_regulations_let_it_pass(app, s):
    make.regulation("d0_sosh1", date(2026, 12, 1))
    answer = send(entered(app, "director"), "appointment/new/", person=s.teacher.id, role="ADM", starts="2026-12-17")
    assert answer.status_code == 302


def test_a_class_teacher_has_a_class_and_nobody_else(app, s):
    client = entered(app, "director")
    for role, of in (("CT", None), ("ZAV", s.school_class.id)):
        answer = send(client, "appointment/new/", person=s.teacher.id, role=role, school_class=of, starts="2026-12-17")
        assert answer.status_code == 422


def test_the_school_keeps_an_administrator(app, s):
    row = m.Appointment.get(m.Appointment.role == "ADM")
    answer = send(entered(app, "admin"), f"appointment/edit/?id={row.id}", person=s.admin.id, role="ADM", starts=row.starts,
                  ends="2026-12-01", order_no="1-к", order_date="2026-09-01")
    assert answer.status_code == 422 and m.Appointment.get_by_id(row.id).ends is None
    send(entered(app, "admin"), "appointment/delete/", id=row.id, confirm="1")
    assert m.Appointment.select().where(m.Appointment.id == row.id).exists()


def test_nobody_closes_their_own_account(app, s):
    row = m.Account.of_login("admin")
    answer = send(entered(app, "admin"), f"account/edit/?id={row.id}", person=s.admin.id, login="admin", locked="ушла")
    assert answer.status_code == 422
    other = m.Account.of_login("teacher")
    send(entered(app, "admin"), f"account/edit/?id={other.id}", person=s.teacher.id, login="Teacher", locked="в отпуске")
    assert "в отпуске" in app.test_client().send("/login", login="teacher", password="long enough").text


# ---- who keeps lists and cards ----

def moved(app, s, who):
    pupil = s.pupils[2] if who == "admin" else s.pupils[1]
    return send(entered(app, who), "movement/new/", pupil=pupil.id, kind="transfer", day="2026-12-17", to_class=s.foreign_class.id,
                order_no="42-у").status_code


def corrected(app, s, who, pupil):
    card = pupil.person
    return send(entered(app, who), f"pupil/edit/?id={pupil.id}", person__surname=card.surname, person__name=card.name,
                person__patronymic=card.patronymic, person__phone="+79450000009", pe_group="main").status_code


@pytest.mark.parametrize("preset, lists, cards", [
    ("d0_sosh1", {"admin"}, {"admin"}), ("d1_asurso", {"admin"}, {"admin", "class_teacher"}),
    ("d2_spo", {"admin", "secretary"}, {"admin", "class_teacher"}), ("d3_shalazhi", {"admin", "class_teacher"}, {"admin", "class_teacher"}),
    ("base", {"admin", "secretary"}, {"admin", "secretary"})])
def test_cnt_12_lists_and_cards_are_kept_by_those_whom_the_regulation_names(app, s, preset, lists, cards):
    make.regulation(preset, date(2026, 12, 1))
    for who in ("deputy", "teacher", "secretary", "class_teacher", "admin"):
        assert (corrected(app, s, who, s.pupils[0]) == 302) == (who in cards), (who, "card")
        assert (moved(app, s, who) == 302) == (who in lists), (who, "list")


def test_cnt_12_a_class_teacher_keeps_the_own_class_and_no_colleague(app, s):
    assert corrected(app, s, "class_teacher", s.foreign_pupil) == 403
    with m.writing(make.SYSTEM):
        m.Guardianship.create(pupil=s.pupils[0], guardian=s.teacher, relation="мать", starts=make.YEAR[0])
    form = {"surname": "Родителева", "name": "Анна", "patronymic": "Ивановна", "phone": "+79450000008"}
    assert send(entered(app, "class_teacher"), f"person/edit/?id={s.parent.id}", **form).status_code == 302
    assert send(entered(app, "class_teacher"), f"person/edit/?id={s.teacher.id}", **form).status_code == 403


def test_cnt_12_who_may_not_is_told_who_may_and_by_which_clause(app, s):
    page = entered(app, "secretary").get("/admin/movement/").text
    assert "По положению школы правит: администратор" in page and "4.1.7, 4.5.2" in page and "/movement/new/" not in page


@pytest.mark.parametrize("who, day, code", [
    ("admin", "2026-10-25", 422), ("admin", "2026-10-26", 302), ("admin", "2026-11-05", 302), ("admin", "2026-11-06", 422),
    ("class_teacher", "2026-10-30", 422)])
def test_cnt_08_pupils_change_their_subgroup_between_periods_by_the_administrator(app, s, who, day, code):
    first = m.Unit.get(m.Unit.name == "7Б англ. 1")
    with m.writing(make.SYSTEM):
        second = m.Unit.create(year=s.year, kind="subgroup", name="7Б англ. 2", school_class=s.school_class,
                               subgroup_set=first.subgroup_set, number=2)
        m.Period.update(ends=date(2026, 10, 25)).where(m.Period.id == s.periods[0].id).execute()
        m.Period.update(starts=date(2026, 11, 5)).where(m.Period.id == s.periods[1].id).execute()
    answer = send(entered(app, who), "unit_member/new/", unit=second.id, pupil=s.pupils[0].id, starts=day)
    assert answer.status_code == code and (code == 302 or "4.4.11" in answer.text)
    newcomer = send(entered(app, "class_teacher"), "unit_member/new/", unit=second.id, pupil=s.pupils[2].id, starts=day)
    assert newcomer.status_code == 302, "the first division is no move"


# ---- classes, timetable ----

def test_a_new_class_has_its_journal_unit_at_once(app, s):
    send(entered(app, "deputy"), "school_class/new/", year=s.year.id, name="10А", grade="10", week_days="6", shift="1")
    made = m.SchoolClass.get(m.SchoolClass.name == "10А")
    assert [(unit.name, unit.kind) for unit in made.units] == [("10А", "class")]


def test_a_period_overlaps_no_other_and_lies_in_its_year(app, s):
    client = entered(app, "deputy")
    form = {"period_set": s.period_set.id, "number": "5", "name": "V четверть"}
    for starts, ends in (("2026-12-20", "2027-01-05"), ("2027-05-27", "2027-06-10"), ("2027-05-26", "2027-05-20")):
        answer = send(client, "period/new/", **form, starts=starts, ends=ends)
        assert answer.status_code == 422, (starts, ends)
    assert m.Period.select().count() == 4


def test_pln_01_clashes_name_both_sides_and_stop_the_publication(app, s):
    with m.writing(make.SYSTEM):
        m.Slot.create(timetable=s.timetable, course=s.foreign_course, weekday=1, number=3, teacher=s.teacher)
    client = entered(app, "deputy")
    page = client.get(f"/admin/timetable/details/?id={s.timetable.id}").text
    assert "7Б" in page and "8А" in page and "Алгебраева" in page
    client.send(f"/admin/timetable/publish/?id={s.timetable.id}")
    assert m.Timetable.get_by_id(s.timetable.id).published_at is None


def test_pln_01_a_version_without_clashes_becomes_lessons(app, s):
    client = entered(app, "deputy")
    client.send(f"/admin/timetable/publish/?id={s.timetable.id}")
    assert m.Timetable.get_by_id(s.timetable.id).published_at is not None
    assert m.Lesson.select().where((m.Lesson.course == s.course) & (m.Lesson.day == date(2027, 2, 1))).count() == 1


def test_mrk_08_a_first_publication_leaves_a_closed_period_alone_and_says_so_before(app, s):
    client = entered(app, "deputy")  # the first quarter is closed for 7Б
    page = client.get(f"/admin/timetable/details/?id={s.timetable.id}").text
    assert "их периоды закрыты" in page and f"7Б, {s.periods[0].name}: " in page
    client.send(f"/admin/timetable/publish/?id={s.timetable.id}")
    days = [day for day, in m.Lesson.select(m.Lesson.day).where(m.Lesson.course == s.course).tuples()]
    assert days and min(days) > s.periods[0].ends


def test_a_new_teacher_takes_the_course_over(app, s):
    answer = send(entered(app, "deputy"), "assignment/new/", course=s.course.id, teacher=s.substitute.id, hours="3", starts="2027-01-11")
    assert answer.status_code == 302
    rows = m.Assignment.select().where(m.Assignment.course == s.course).order_by(m.Assignment.starts)
    assert [(row.teacher_id, row.ends) for row in rows] == [(s.teacher.id, date(2027, 1, 10)), (s.substitute.id, None)]


def test_only_staff_is_offered_as_teacher(app, s):
    client = entered(app, "deputy")
    found = client.get("/admin/assignment/ajax/lookup/?name=teacher&query=родителева").json
    assert found == []
    assert send(client, "assignment/new/", course=s.course.id, teacher=s.parent.id, starts="2027-01-11").status_code == 422


def test_cnt_07_joining_a_subgroup_leaves_the_other_of_its_set(app, s):
    first = m.Unit.get(m.Unit.name == "7Б англ. 1")
    with m.writing(make.SYSTEM):
        second = m.Unit.create(year=s.year, kind="subgroup", name="7Б англ. 2", school_class=s.school_class,
                               subgroup_set=first.subgroup_set, number=2)
    answer = send(entered(app, "admin"), "unit_member/new/", unit=second.id, pupil=s.pupils[0].id, starts="2026-12-28")
    assert answer.status_code == 302
    rows = m.UnitMember.select().where(m.UnitMember.pupil == s.pupils[0]).order_by(m.UnitMember.starts)
    assert [(row.unit_id, row.ends) for row in rows] == [(first.id, date(2026, 12, 27)), (second.id, None)]


def test_sub_01_a_substitution_opens_the_lesson_to_the_substitute(app, s):
    lesson = s.lessons[date(2026, 12, 17)]
    answer = send(entered(app, "deputy"), "substitution/new/", lesson=lesson.id, substitute=s.stranger.id, kind="same_subject",
                  reason="болезнь", paid="1")
    assert answer.status_code == 302
    assert m.Substitution.get(m.Substitution.lesson == lesson).absent_id == s.teacher.id
    assert lesson.id in make.user(s.stranger).substituted


def test_an_account_made_here_waits_for_its_code(app, s):
    answer = send(entered(app, "admin"), "account/new/", person=s.parent.id, login="Rodnik")
    assert answer.status_code == 302
    assert (m.Account.of_login("rodnik").login, m.Account.of_login("rodnik").password) == ("rodnik", None)


def test_settings_of_the_school_stay_within_reason(app, s):
    client = entered(app, "admin")
    form = {"name": "Школа", "short_name": "Школа", "place": "", "timezone": "Europe/Samara", "idle_minutes": "20", "confirm_minutes": "15", "upload_limit_mb": "5"}
    for wrong in ({"timezone": "Mars/Base"}, {"idle_minutes": "-1"}, {"upload_limit_mb": "0"}):
        assert send(client, "school/edit/?id=1", **form | wrong).status_code == 422
    assert send(client, "school/edit/?id=1", **form).status_code == 302
    assert m.School.the().timezone == "Europe/Samara"
