"""The intake in the browser: upload, preview, questions, writing, undo, and whose desk it is."""

import io
import time
import zipfile
from datetime import date

import pytest

import clock
import models as m
from tests import factories as make
from tests.exchange import variants

HEADINGS = ["ФИО", "Класс", "Дата рождения", "Телефон", "Мать", "Телефон"]
ROW = ["Авдеев Кирилл Игоревич", "7Б", date(2013, 7, 1), None, "Авдеева Ольга Петровна", "8 945 000-00-01"]


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("admin", "director", "teacher"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


@pytest.fixture
def client(app, school):
    return app.test_client().sign_in("admin", "long enough")


def test_upload_preview_write_and_undo(client):
    path = upload(client, {"Список.xlsx": book([ROW])})
    page = settled(client, path)
    assert "Авдеев Кирилл Игоревич" in page and "Список.xlsx · лист «Лист1» · A2" in page
    assert not m.Person.select().where(m.Person.surname == "Авдеев").exists()
    client.send(f"{path}/write")
    assert "Записано" in settled(client, path)
    pupil = m.Pupil.select().join(m.Person).where(m.Person.surname == "Авдеев").get()
    assert pupil.guardians.get().guardian.phone == "+79450000001"
    run = m.ImportRun.get()
    assert run.by_person_id is not None and run.files == ["Список.xlsx"]
    client.send(f"/intake/runs/{run.id}/undo")
    assert not m.Person.select().where(m.Person.surname == "Авдеев").exists()
    assert "отменена" in client.get("/intake/").get_data(as_text=True)


def test_a_question_is_answered_on_the_page(client):
    rows = [["Авдеев Кирилл Игоревич", "01.07.2013", "Авдеева Ольга Петровна"], ["Бойко Лев Ильич", "02.08.2013", "Бойко Анна Львовна"]]
    path = upload(client, {"7Б.xlsx": variants.book([("7Б", [], ["Ребёнок учится", "Д.р.", "Кто-то"], rows)])})
    page = settled(client, path)
    assert "Столбец «Кто-то»" in page and "ФИО матери" in page
    client.send(f"{path}/answers", q0="mother.name")
    assert "Столбец «Кто-то»" not in settled(client, path)
    client.send(f"{path}/write")
    settled(client, path)
    assert m.Guardianship.select().join(m.Person).where(m.Person.surname == "Бойко").exists()


def test_a_birth_date_that_is_none_is_given_on_the_page(client):
    path = upload(client, {"Список.xlsx": book([[ROW[0], "7Б", "31.06.2013", *ROW[3:]]])})
    assert settled(client, path).count("31.06.2013 не существует") == 2, "once to be read and once as the name of the field"
    client.send(f"{path}/answers", q0="31.06.2013")
    assert "31.06.2013 не существует" in settled(client, path), "no date is no answer"
    client.send(f"{path}/answers", q0="2013-06-30")
    assert "дата рождения 30.06.2013 указана вручную" in settled(client, path)
    client.send(f"{path}/write")
    settled(client, path)
    assert m.Person.get(m.Person.surname == "Авдеев").birth == date(2013, 6, 30)


def test_an_archive_is_opened_and_its_russian_names_read(client):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        entry = zipfile.ZipInfo("Списки/Список.xlsx".encode("cp866").decode("cp437"))
        archive.writestr(entry, book([ROW]))
    page = settled(client, upload(client, {"всё.zip": stream.getvalue()}))
    assert "Авдеев Кирилл Игоревич" in page


def test_the_report_has_every_row_and_no_formula(client):
    path = upload(client, {"Список.xlsx": book([["=Авдеев Кирилл", "7Б", None, None, None, None], ROW])})
    settled(client, path)
    report = client.get(f"{path}/report.csv").get_data(as_text=True)
    assert "Авдеев Кирилл Игоревич" in report and "\n=" not in report and ";=" not in report


@pytest.mark.parametrize("files", [{}, {"а.zip": b"PK\x03\x04broken"}, {"б.xlsx": b"x" * 11 * 2**20}])
def test_bad_uploads_are_refused_with_words(client, files):
    answer = client.post("/intake/", data={"csrf_token": client.token(), "files": as_uploads(files)})
    assert answer.status_code == 422 and "errors" in answer.get_data(as_text=True)


def test_files_may_be_thrown_away(client, app):
    path = upload(client, {"Список.xlsx": book([ROW])})
    settled(client, path)
    client.send(f"{path}/clear")
    assert client.get(path).status_code == 403


def test_only_administrators_come_in_and_nobody_to_anothers_desk(client, app, school):
    path = upload(client, {"Список.xlsx": book([ROW])})
    settled(client, path)
    with m.writing(make.SYSTEM):
        m.Appointment.create(person=school.director, role="ADM", starts=date(2026, 9, 1))
    other = app.test_client().sign_in("director", "long enough")
    assert other.get("/intake/").status_code == 200
    for address in (path, f"{path}/report.csv", f"{path}/progress", "/intake/000000000000000000000000", "/intake/..%2f..%2fetc"):
        assert other.get(address).status_code in (403, 404), address
    assert other.send(f"{path}/write").status_code == 403
    teacher = app.test_client().sign_in("teacher", "long enough")
    assert teacher.get("/intake/").status_code == 403
    assert teacher.send("/intake/runs/1/undo").status_code == 403


def test_a_run_that_is_not_there_is_the_same_403(client):
    assert client.send("/intake/runs/999/undo").status_code == 403


def book(rows):
    return variants.book([("Лист1", [], HEADINGS, rows)])


def as_uploads(files):
    return [(io.BytesIO(content), name) for name, content in files.items()]


def upload(client, files):
    """The address of the desk the files were laid on."""
    answer = client.post("/intake/", data={"csrf_token": client.token(), "files": as_uploads(files)})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.headers["Location"]


def settled(client, path):
    """The page once the work in the background has come to its end."""
    give_up = time.monotonic() + 60
    while client.get(f"{path}/progress").json["stage"] in {"reading", "writing"}:
        assert time.monotonic() < give_up
    return client.get(path).get_data(as_text=True)
