"""Each hole of Flask-Admin that the one base view closes, named; and what the base view promises of writing."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

import clock
import history
import models as m
from tests import factories as make
from tests.views.admin_school import entered, filled


@pytest.fixture
def s(db):
    with clock.frozen(make.NOW):
        yield filled()


def at(screen, place=""):
    return f"/admin/{screen}/{place}"


def test_an_edit_of_a_foreign_row_by_id_is_refused(app, s):
    assert entered(app, "class_teacher").get(at("pupil", f"details/?id={s.foreign_pupil.id}")).status_code == 403


def test_bulk_delete_heeds_the_scope_and_deletes_all_or_none(app, s):
    client = entered(app, "admin")
    free, taken = _room("13"), s.room
    answer = client.send(at("room", "action/"), action="delete", rowid=[free.id, taken.id], confirm="1")
    assert "Уроки расписания" in answer.text
    assert m.Room.select().count() == 2
    client.send(at("room", "action/"), action="delete", rowid=[free.id], confirm="1")
    assert [room.name for room in m.Room.select()] == ["12"]


def test_deleting_asks_first(app, s):
    room = _room("13")
    answer = entered(app, "admin").send(at("room", "delete/"), id=room.id)
    assert answer.status_code == 200 and "Удалить это?" in answer.text
    assert m.Room.select().where(m.Room.id == room.id).exists()


def test_deleting_a_class_takes_nobody_with_it(app, s):
    """Hole: delete_model deletes recursively in spite of RESTRICT."""
    pupils, marks = m.Pupil.select().count(), m.Mark.select().count()
    answer = entered(app, "admin").send(at("school_class", "delete/"), id=s.school_class.id, confirm="1")
    assert "Удалить нельзя" in answer.text and "Зачисление" in answer.text
    assert (m.Pupil.select().count(), m.Mark.select().count()) == (pupils, marks)
    assert m.SchoolClass.select().where(m.SchoolClass.id == s.school_class.id).exists()


def test_an_empty_class_goes_with_its_own_unit(app, s):
    empty, unit = make.school_class(s, "9В")
    entered(app, "admin").send(at("school_class", "delete/"), id=empty.id, confirm="1")
    assert not m.SchoolClass.select().where(m.SchoolClass.id == empty.id).exists()
    assert not m.Unit.select().where(m.Unit.id == unit.id).exists()


def test_a_select_accepts_only_what_it_offers(app, s):
    """Hole: foreign-key selects list and accept any row."""
    client = entered(app, "teacher")
    form = {"lesson": s.foreign_lessons[date(2026, 12, 16)].id, "pupil": s.pupils[0].id, "value": "5"}
    answer = client.send(at("mark", "new/"), **form)
    assert answer.status_code == 422 and "Выберите из списка" in answer.text
    answer = client.send(at("mark", "new/"), **{**form, "lesson": s.lessons[date(2026, 12, 17)].id, "pupil": s.foreign_pupil.id})
    assert answer.status_code == 422
    answer = client.send(at("mark", "new/"), **{**form, "lesson-text": "16.12.2026 8А физика", "lesson": ""})
    assert answer.status_code == 422
    assert m.Mark.select().where(m.Mark.lesson == s.foreign_lessons[date(2026, 12, 16)]).count() == 1


def test_a_record_is_not_handed_to_somebody_else(app, s):
    """Hole: posting the owner column moves a record."""
    mine = m.Mark.get(m.Mark.lesson == s.lessons[date(2026, 12, 16)])
    entered(app, "teacher").send(at("mark", f"edit/?id={mine.id}"), value="4", why="описка", pupil=s.pupils[2].id,
                                 lesson=s.foreign_lessons[date(2026, 12, 16)].id)
    after = m.Mark.get_by_id(mine.id)
    assert (after.pupil_id, after.lesson_id) == (mine.pupil_id, mine.lesson_id)


def test_an_author_cannot_give_a_plan_away_and_keep_it(app, s):
    with m.writing(make.SYSTEM):
        plan = m.Plan.create(year=s.year, subject=s.course.subject, grade=7, name="Мой", author=s.teacher)
    answer = entered(app, "teacher").send(at("plan", f"edit/?id={plan.id}"), year=s.year.id, subject=s.course.subject.id,
                                          grade="7", name="Мой", author=s.stranger.id)
    assert answer.status_code == 403
    assert m.Plan.get_by_id(plan.id).author_id == s.teacher.id


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-2", "@sum", "\t=1", "=HYPERLINK(\"http://x\")"])
def test_no_cell_of_an_export_becomes_a_formula(app, s, text):
    with m.writing(make.SYSTEM):
        m.Room.update(note=text).where(m.Room.id == s.room.id).execute()
    client = entered(app, "admin")
    lines = client.get(at("room", "export/csv/")).get_data(as_text=True)
    assert lines.startswith("\ufeff") and f"'{text.split(chr(34))[0]}" in lines
    sheet = load_workbook(io.BytesIO(client.get(at("room", "export/xlsx/")).data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and not str(cell.value or "").startswith(("=", "+", "-", "@")) for cell in cells)


def test_an_export_has_russian_headings_and_real_dates(app, s):
    sheet = load_workbook(io.BytesIO(entered(app, "admin").get(at("holiday", "export/xlsx/")).data)).active
    assert [cell.value for cell in sheet[1]][:4] == ["Название", "С", "По", "Вид"]
    assert [cell.value.date() if hasattr(cell.value, "date") else cell.value for cell in sheet[2]][:4] == [
        "Осенние каникулы", date(2026, 10, 26), date(2026, 11, 2), "каникулы"]


def test_what_was_typed_is_still_there_after_an_error(app, s):
    answer = entered(app, "admin").send(at("holiday", "new/"), year=s.year.id, name="Карантин по приказу", kind="cancelled",
                                        starts="2026-02-31", ends="2026-12-20", grade_from="семь", order_no="77")
    assert answer.status_code == 422
    for kept in ("Карантин по приказу", "2026-02-31", "семь", "77"):
        assert f'value="{kept}"' in answer.text
    assert "Такой даты нет" in answer.text and "Целое число" in answer.text
    assert m.Holiday.select().count() == 1


def test_a_collision_says_which_columns_and_keeps_the_form(app, s):
    answer = entered(app, "admin").send(at("subject", "new/"), name="Алгебра", position="1", grading="marks")
    assert answer.status_code == 422 and "такое значение уже занято" in answer.text and 'value="Алгебра"' in answer.text
    answer = entered(app, "admin").send(at("school_class", "new/"), year=s.year.id, name="7Б", grade="7", week_days="6", shift="1")
    assert answer.status_code == 422 and "Такая запись уже есть" in answer.text


@pytest.mark.parametrize("values", [
    {"grade": "99999999999999999999"}, {"grade": "-99999"}, {"name": "ы" * 31}, {"year": "abc"},
    {"year": "99999999999999999999"}, {"period_set": "7777"}, {"shift": "один"}, {"week_days": "4"}])
def test_values_no_column_can_hold_are_refused_in_words(app, s, values):
    form = {"year": s.year.id, "name": "9В", "grade": "9", "week_days": "6", "shift": "1", **values}
    assert entered(app, "admin").send(at("school_class", "new/"), **form).status_code == 422
    assert m.SchoolClass.select().count() == 2


def test_a_save_that_fails_leaves_nothing_behind(app, s):
    """A pupil's card and person are one transaction."""
    people = m.Person.select().count()
    with m.writing(make.SYSTEM):
        m.Pupil.update(file_no="К-1").where(m.Pupil.id == s.pupils[0].id).execute()
    answer = entered(app, "admin").send(at("pupil", "new/"), person__surname="Новенький", person__name="Иван",
                                            person__birth="2014-01-05", file_no="К-1")
    assert answer.status_code == 422 and "Личное дело № К-1" in answer.text
    assert m.Person.select().count() == people


def test_every_save_is_an_act_of_its_actor(app, s):
    entered(app, "admin").send(at("room", "new/"), name="21", capacity="30")
    row = m.Room.get(m.Room.name == "21")
    (_moment, who, _why, op, _old, new, *_rest), = history.of_row(m.db, "room", row.id)
    assert (who, op, new["capacity"]) == (s.admin.short_name, "I", 30)
    m.verify()


def test_somebody_elses_change_is_not_overwritten(app, s):
    """Two open the same form; the second to save is told."""
    one, two = entered(app, "admin"), entered(app, "deputy")
    path = at("room", f"edit/?id={s.room.id}")
    first, second = _seen(one.get(path).text), _seen(two.get(path).text)
    one.send(path, name="12", capacity="25", seen=first)
    answer = two.send(path, name="12", capacity="30", seen=second)
    assert answer.status_code == 422 and "изменил" in answer.text
    assert m.Room.get_by_id(s.room.id).capacity == 25


def test_a_view_that_fails_is_not_called_again(app, s):
    """Hole: _run_view hides a TypeError by a second call."""
    from views.base import Screen

    calls = []

    def fails(screen):
        calls.append(1)
        raise TypeError("ours")

    with pytest.raises(TypeError):
        Screen._run_view(object.__new__(Screen), fails)
    assert calls == [1]


def test_no_page_carries_inline_code_or_leads_outside(app, s):
    client = entered(app, "admin")
    for path in ("/admin/", at("pupil"), at("pupil", "new/"), at("timetable", f"details/?id={s.timetable.id}"), at("movement", "new/")):
        page = client.get(path).text
        for forbidden in (" onclick", " onchange", " style=", "javascript:", "<style", "bootstrap", "jquery", "http://", "//cdn"):
            assert forbidden not in page.replace("http://localhost", ""), (path, forbidden)


def _room(name):
    with m.writing(make.SYSTEM):
        return m.Room.create(name=name)


def _seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]
