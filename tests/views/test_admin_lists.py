"""Search, order, filters, pages and cost of the administrative lists."""

import csv
import io
import re
from datetime import date

import pytest

import clock
import models as m
from tests import factories as make
from tests.statements import counted
from tests.views.admin_school import entered, filled


@pytest.fixture
def s(db):
    with clock.frozen(make.NOW):
        yield filled()


def column(client, path, number=0) -> list[str]:
    """A column of the list, as the export has it."""
    base, _sep, query = path.partition("?")
    text = client.get(f"{base}export/csv/?{query}").get_data(as_text=True)
    return [line[number] for line in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]]


@pytest.fixture
def names(s):
    for surname in ("Ёлкина", "Елисеева", "Жукова", "Еремеев", "Яшина", "Абрамова", "де Лазари"):
        make.pupil(surname, s.foreign_class)
    return s


@pytest.mark.parametrize("asked", ["Ёлкина", "елкина", "ЁЛКИНА", "  ёлки  ", "анна ёлкина", "ИВАНОВНА елк"])
def test_search_knows_neither_case_nor_yo(app, names, asked):
    assert column(entered(app, "admin"), f"/admin/pupil/?search={asked}") == ["Ёлкина"]


@pytest.mark.parametrize("asked", ["алгебра", "АЛГЕБРА", "7б алг"])
def test_search_of_columns_without_a_key_of_their_own(app, s, asked):
    assert column(entered(app, "admin"), f"/admin/course/?search={asked}") == ["7Б"]


@pytest.mark.parametrize("asked", ["%", "_", "\\", "100%"])
def test_signs_of_like_are_letters(app, s, asked):
    assert entered(app, "admin").get("/admin/pupil/", query_string={"search": asked}).status_code == 200
    assert column(entered(app, "admin"), f"/admin/subject/?search={asked.replace('%', '%25')}") == []


def test_people_stand_by_the_russian_alphabet(app, names):
    found = [name for name in column(entered(app, "admin"), "/admin/pupil/") if not name.startswith(("Учен", "Чуж"))]
    assert found == ["Абрамова", "де Лазари", "Елисеева", "Еремеев", "Ёлкина", "Жукова", "Яшина"]


def test_classes_stand_by_number_and_letter(app, s):
    for name in ("10А", "2Б", "2А", "11А"):
        make.school_class(s, name)
    assert column(entered(app, "admin"), "/admin/school_class/") == ["2А", "2Б", "7Б", "8А", "10А", "11А"]


def test_plain_text_stands_by_the_russian_alphabet_too(app, s):
    with m.writing(make.SYSTEM):
        for name in ("ёж", "еда", "Яма", "жир", "Аист"):
            m.Room.create(name=name)
    assert column(entered(app, "admin"), "/admin/room/") == ["12", "Аист", "еда", "ёж", "жир", "Яма"]


def test_a_filter_by_class_counts_who_is_there_today(app, s):
    client = entered(app, "admin")
    left = make.pupil("Ушедшая", s.school_class, ends=date(2026, 10, 1))
    assert len(column(client, f"/admin/pupil/?flt_class={s.school_class.id}")) == 3
    assert column(client, "/admin/pupil/?flt_status=left") == [left.person.surname]


def test_among_hundreds_of_classes_a_filter_is_a_link_and_a_chip(app, s):
    with m.writing(make.SYSTEM):
        m.SchoolClass.insert_many([{"year": s.year.id, "name": f"{number}Ю", "grade": 1, "letter": "Ю", "sort": f"{number:04}Ю",
                                    "period_set": s.school_class.period_set_id} for number in range(200)]).execute()
    client = entered(app, "admin")
    assert "flt-class" not in client.get("/admin/pupil/").text
    page = client.get(f"/admin/pupil/?flt_class={s.school_class.id}").text
    assert "flt-class" not in page and f'name="flt_class" value="{s.school_class.id}"' in page
    assert len(column(client, f"/admin/pupil/?flt_class={s.school_class.id}")) == 3


def test_every_number_beside_a_record_opens_a_list_of_that_length(app, s):
    client = entered(app, "admin")
    page = client.get(f"/admin/school_class/details/?id={s.school_class.id}").text
    for address, number in re.findall(r'<a class="grow" href="([^"]+)">[^<]+</a><span class="no">(\d+)</span>', page):
        assert len(column(client, address.replace("&amp;", "&"))) == int(number), address


def test_a_page_of_fifty_and_the_next(app, s):
    for n in range(60):
        make.pupil(f"Иванова{n:03d}", s.foreign_class)
    client = entered(app, "admin")
    first, second = (client.get(f"/admin/pupil/?page={n}").text for n in (0, 1))
    assert (first.count('name="rowid"'), second.count('name="rowid"')) == (50, 14)
    assert 'aria-current="page">2<' in second


def test_an_empty_list_says_what_to_do(app, s):
    client = entered(app, "admin")
    assert "Сбросить" in client.get("/admin/pupil/?search=нетакого").text
    with m.writing(make.SYSTEM):
        m.CurriculumLine.delete().execute()
    assert "Добавить первую запись" in client.get("/admin/curriculum_line/").text


LISTS = ("pupil", "mark", "lesson", "person", "course", "enrolment", "absence")


@pytest.mark.parametrize("screen", LISTS)
def test_a_list_costs_the_same_at_two_sizes(app, s, screen):
    client = entered(app, "admin")
    small = statements(client, f"/admin/{screen}/")
    with m.writing(make.SYSTEM):
        for n in range(40):
            pupil = make.pupil(f"Новенькая{n:02d}", s.school_class)
            day = list(s.lessons)[n % len(s.lessons)]
            make.mark(s.lessons[day], pupil, "4")
            make.absence(list(s.lessons.values())[(n + 3) % len(s.lessons)], pupil, "н")
            make.course(s.unit, f"Предмет {n:02d}", s.teacher)
    large = statements(client, f"/admin/{screen}/")
    assert len(large) == len(small)
    if screen == "pupil":
        assert len(large) <= 6, large


@pytest.mark.parametrize("screen", LISTS)
def test_an_export_costs_the_same_at_two_sizes(app, s, screen):
    client = entered(app, "teacher" if screen in ("mark", "absence", "lesson", "course") else "admin")
    path = f"/admin/{screen}/export/csv/"
    small = statements(client, path)
    with m.writing(make.SYSTEM):
        for n in range(20):
            make.mark(list(s.lessons.values())[n % len(s.lessons)], make.pupil(f"Новенькая{n:02d}", s.school_class), "4")
    assert len(statements(client, path)) == len(small)


def test_the_count_is_not_joined(app, s):
    counts = [sql for sql in statements(entered(app, "admin"), "/admin/pupil/") if sql.startswith("SELECT COUNT(") and '"pupil"' in sql]
    assert len(counts) == 1 and "JOIN" not in counts[0]


def statements(client, path) -> list[str]:
    client.get(path)
    with counted() as sent:
        assert client.get(path).status_code == 200
    return [sql for sql in sent if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]


def test_classes_of_two_years_are_told_apart(app, s):
    with m.writing(make.SYSTEM):
        year = m.Year.create(name="2025/26", starts=date(2025, 9, 1), ends=date(2026, 5, 26))
        m.SchoolClass.create(year=year, name="7Б", grade=7)
    page = entered(app, "admin").get("/admin/pupil/").text
    assert "7Б · 2025/26" in page and "7Б · 2026/27" in page and ">8А<" in page


def test_namesakes_are_told_apart_in_a_look_up(app, s):
    make.pupil("Тёзкина", s.school_class)
    found = entered(app, "admin").get("/admin/movement/ajax/lookup/?name=pupil&query=тезкина").json
    assert [row[1:] for row in found] == [["Тёзкина Анна Ивановна", "08.03.2013"]]


@pytest.mark.parametrize("asked", ["17.12", "17.12.2026", "алгебра 17.12"])
def test_a_lesson_is_found_by_its_day(app, s, asked):
    found = entered(app, "teacher").get("/admin/mark/ajax/lookup/", query_string={"name": "lesson", "query": asked}).json
    assert [row[1] for row in found] == ["17.12.2026 · 3 урок · 7Б · Алгебра"]


@pytest.mark.parametrize("asked", ["31.02", "99.99.9999", "0.0", "1.1.0000"])
def test_days_that_do_not_exist_find_nothing(app, s, asked):
    assert entered(app, "admin").get("/admin/lesson/", query_string={"search": asked}).status_code == 200


def test_leg_13_roles_without_an_order_are_listed(app, s):
    with m.writing(make.SYSTEM):
        m.Appointment.create(person=s.teacher, role="ZAV", starts=date(2026, 12, 1))
    assert column(entered(app, "director"), "/admin/appointment/?flt_order=no") == ["Алгебраева Анна Ивановна"]
