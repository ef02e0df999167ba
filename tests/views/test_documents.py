"""What is printed for whom: the list, the defaults, the gate on every parameter, files that can be read back."""

import io
import re
from datetime import date

import openpyxl
import pytest
from pypdf import PdfReader

import clock
import models as m
from tests import factories as f
from views import visitor


@pytest.fixture
def s(db):
    with clock.frozen(f.NOW):
        yield f.school()


@pytest.fixture
def get(app, s):
    """`get(who, path, **query)`: the answer to a member of the cast, who gets an account when first needed."""
    clients = {}

    def answer(who, path, **query):
        if who not in clients:
            f.account(getattr(s, who), who, "long enough")
            clients[who] = app.test_client().sign_in(who, "long enough")
        return clients[who].get(path, query_string=query)
    return answer


def text(answer) -> str:
    return answer.get_data(as_text=True)


def pages(answer) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(answer.data)).pages]


SLUGS = {"teacher": {"correction-act", "journal-page", "summary-sheet"},
         "class_teacher": {"correction-act", "journal-page", "class-journal", "summary-sheet", "access-sheet", "access-slips"},
         "deputy": {"correction-act", "corrections", "journal-page", "class-journal", "substitutions", "summary-sheet", "reopening-act",
                    "activity", "bonus", "breach-report", "breach-act"},
         "admin": {"correction-act", "corrections", "journal-page", "class-journal", "substitutions", "summary-sheet", "access-sheet",
                   "access-slips", "reopening-act", "activity", "bonus", "breach-report", "breach-act"}}


@pytest.mark.parametrize("login", SLUGS)
def test_each_role_finds_its_own_documents_and_every_one_opens_without_parameters(get, login):
    found = set(re.findall(r'href="/documents/([a-z-]+)"', text(get(login, "/documents/"))))
    assert found == SLUGS[login]
    for slug in found:
        assert get(login, f"/documents/{slug}").status_code == 200


def test_families_have_no_documents(get, s):
    for path in ("/documents/", "/documents/journal-page", "/documents/class-journal", "/documents/summary-sheet"):
        assert get("parent", path).status_code == 403


def test_the_teacher_gets_the_own_journal_and_the_running_period(get, s):
    page = text(get("teacher", "/documents/journal-page"))
    assert "<h1>Журнал: алгебра, 7Б, II четверть</h1>" in page
    assert "Ученикова001 Анна" in page


def test_the_class_teacher_gets_the_own_class(get, s):
    assert "<h1>Классный журнал 7Б класса</h1>" in text(get("class_teacher", "/documents/class-journal"))
    assert "7Б класс, II четверть" in text(get("class_teacher", "/documents/summary-sheet"))


def test_the_summary_sheet_opens_on_the_first_class_with_marks(get, s):
    first, _unit = f.school_class(s, "1А")
    f.pupil("Первоклашкина", first)
    assert "7Б класс" in text(get("deputy", "/documents/summary-sheet"))
    with m.writing(f.SYSTEM):
        m.PeriodMark.create(course=s.foreign_course, pupil=s.foreign_pupil, period=s.periods[1], value="5", entered_at=f.SYSTEM.at)
    assert "8А класс" in text(get("deputy", "/documents/summary-sheet")) and "7Б класс" in text(get("class_teacher", "/documents/summary-sheet"))


@pytest.mark.parametrize(("login", "path", "name"), [
    ("teacher", "journal-page", "course"), ("teacher", "summary-sheet", "class"), ("class_teacher", "class-journal", "class"),
    ("class_teacher", "access-sheet", "class"), ("class_teacher", "journal-page", "course")])
def test_a_foreign_record_and_a_missing_one_get_the_same_page(get, s, login, path, name):
    foreign = {"course": s.foreign_course.id, "class": s.foreign_class.id}[name]
    answers = [get(login, f"/documents/{path}", **{name: value, "format": kind})
               for value in (foreign, 999_999, "abc", "-1", 10**12) for kind in ("html", "pdf", "xlsx")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({re.sub(r'content="[^"]+"', "", text(answer)) for answer in answers}) == 1


@pytest.mark.parametrize("query", [{"period": "abc"}, {"period": 999_999}, {"class": "²"}, {"class": "staff"}])
def test_nonsense_in_the_address_is_refused_not_broken(get, query):
    assert get("deputy", "/documents/summary-sheet", **query).status_code == 403


def test_an_unknown_format_or_document_is_a_plain_refusal(get, s):
    assert get("deputy", "/documents/summary-sheet", format="exe").status_code == 400
    assert get("deputy", "/documents/nothing").status_code == 403


def test_the_journal_page_as_pdf_and_xlsx(get, s):
    f.mark(s.lessons[f.TODAY], s.pupils[0], "5")
    answer = get("teacher", "/documents/journal-page", format="pdf")
    assert answer.mimetype == "application/pdf"
    left, right = pages(answer)
    assert "алгебра, 7Б II четверть 2026/27 · разворот 1" in left and "Ученикова001 Анна 5" in left
    assert "Учитель: Алгебраева Анна Ивановна" in right and "17.12" in right
    book = openpyxl.load_workbook(io.BytesIO(get("teacher", "/documents/journal-page", format="xlsx").data))
    assert 5 in [cell.value for cell in book["алгебра отметки"][8]]


def test_the_class_journal_has_title_contents_pages_summary_and_the_last_sheet(get, s):
    texts = pages(get("deputy", "/documents/class-journal", **{"class": s.school_class.id, "format": "pdf"}))
    assert "Классный журнал 7Б класса" in texts[0] and "2026/2027 учебный год" in texts[0]
    assert "Содержание" in texts[1] and "1 Алгебра 7Б Алгебраева Анна Ивановна 1" in texts[1]
    assert "Сводная ведомость учёта успеваемости" in texts[-2]
    assert "(четыре) листа" in texts[-1] and "Директор ____________________ / Директорова А. И. /" in texts[-1]


def test_r_04_the_sheet_has_its_kinds_and_the_whole_school_for_who_reads_it(get, s):
    sheet = "/documents/summary-sheet"
    assert "Это расчёт, не отметка" in text(get("teacher", sheet, show="averages"))
    assert "Решение педсовета" in text(get("class_teacher", sheet, period="year", show="council"))
    assert "Решение педсовета" not in text(get("class_teacher", sheet, period="year", show="averages"))
    assert "8А класс, II четверть" in text(get("deputy", sheet, **{"class": "all"}))
    assert get("teacher", sheet, **{"class": "all"}).status_code == 403


def test_sec_01_the_register_is_for_those_who_hand_out(get, s):
    for login in ("deputy", "secretary", "teacher"):
        assert get(login, "/documents/access-sheet").status_code == 403
    page = text(get("class_teacher", "/documents/access-sheet"))
    assert "Ученикова001 Анна Ивановна" in page and "Родителева Анна Ивановна" in page and "Чужакова" not in page
    assert get("class_teacher", "/documents/access-sheet", **{"class": "staff"}).status_code == 403
    assert "Алгебраева" in text(get("admin", "/documents/access-sheet", **{"class": "staff"}))




def test_sec_02_slips_are_printed_for_the_own_class_until_the_code_is_used(get, s, app):
    with m.writing(f.SYSTEM):
        accounts = m.Account.waiting_for(f.actor(s.admin), [s.parent, s.stranger])
        m.Invitation.issue(f.actor(s.admin), accounts, app.config["SECRET_KEY"], date(2027, 1, 31), "password")
    whole = " ".join(pages(get("class_teacher", "/documents/access-slips", format="pdf")))
    assert "Родителева Анна Ивановна" in whole and "Временный пароль" in whole and "Действует по: 31.01.2027" in whole
    assert "Родитель: Ученикова001 Анна Ивановна, 7Б" in whole
    assert "Физикова" not in whole
    staff = " ".join(pages(get("admin", "/documents/access-slips", **{"class": "staff", "format": "pdf"})))
    assert "Физикова" in staff and "Родителева" not in staff
    assert get("deputy", "/documents/access-slips").status_code == 403


def test_a_school_without_classes_is_told_what_to_do(get, s):
    with m.writing(f.SYSTEM):
        m.Year.create(name="2027/28", starts=date(2026, 12, 1), ends=date(2027, 8, 31))
    for slug in SLUGS["admin"] - {"substitutions", "corrections", "activity", "bonus", "reopening-act"}:  # needs no class, or has words of its own
        answer = get("admin", f"/documents/{slug}", format="pdf")
        assert answer.status_code == 200 and "Печатать пока нечего" in text(answer)


def test_sec_16_a_look_at_a_class_on_paper_is_kept_with_its_unit(get, s):
    visitor._looks.clear()
    get("class_teacher", "/documents/class-journal", format="pdf")
    assert list(m.AccessRecord.select(m.AccessRecord.page, m.AccessRecord.unit_id).tuples()) == [
        ("documents/class-journal", s.unit.id)]
