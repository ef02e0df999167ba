"""«Сообщить об изменении»: who may not correct a list or a card asks, who may answers (CNT-04, CNT-12)."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.statements import counted

PASSWORD = "долгий пароль 1"


@pytest.fixture
def school(db):
    return f.school(preset="d0_sosh1")


@pytest.fixture
def signed_in(app, school):
    def browser(name):
        if not m.Account.select().where(m.Account.login == name).exists():
            f.account(getattr(school, name), name, PASSWORD)
        return app.test_client().sign_in(name, PASSWORD)

    with clock.frozen(f.NOW):
        yield browser


def ask(client, school, text="Переехала, новый адрес", **form):
    return client.send("/list-requests/new", **{"class": school.school_class.id, "pupil": school.pupils[0].id, "text": text} | form)


def told(person):
    return [str(row.text) for row in m.Notice.select().where(m.Notice.person == person)]


def test_cnt_12_under_d0_a_class_teacher_reports_and_the_responsible_person_corrects(signed_in, school):
    teacher = signed_in("class_teacher")
    card = f"/admin/pupil/details/?id={school.pupils[0].id}"
    assert f"/list-requests/new?pupil={school.pupils[0].id}" in teacher.get(card).text
    form = teacher.get(f"/list-requests/new?pupil={school.pupils[0].id}").text
    assert "§2, §5" in form and school.admin.short_name in form and " selected>" in form
    assert ask(teacher, school).status_code == 302
    row = m.ListRequest.get()
    assert (row.pupil_id, row.asked_by_id, row.state) == (school.pupils[0].id, school.class_teacher.id, "asked")
    assert any("новый адрес" in text for text in told(school.admin)) and not told(school.secretary)
    admin = signed_in("admin")
    assert "Исправить или объяснить" in admin.get("/duties/").text
    assert admin.send(f"/list-requests/{row.id}/reply", state="done", answer="Внесено").status_code == 302
    assert (m.ListRequest.get().state, m.ListRequest.get().answered_by_id) == ("done", school.admin.id)
    assert any("новый адрес" in text for text in told(school.class_teacher))
    assert "Внесено" in teacher.get("/list-requests/").text
    again = admin.send(f"/list-requests/{row.id}/reply", state="declined", answer="Поздно")
    assert again.status_code == 422 and "уже ответили" in again.text and m.ListRequest.get().state == "done"


def test_cnt_04_about_the_list_of_the_class_from_the_page_of_the_class(signed_in, school):
    teacher = signed_in("class_teacher")
    assert teacher.send(f"/duties/classes/{school.school_class.id}/mend", text="Нет Сидорова").status_code == 302
    row = m.ListRequest.get()
    assert (row.pupil_id, row.text) == (None, "Нет Сидорова")
    assert signed_in("admin").send(f"/duties/classes/{school.school_class.id}/mend", text="x").status_code == 403


def test_a_request_is_declined_only_with_a_reason_and_nothing_typed_is_lost(signed_in, school):
    teacher = signed_in("class_teacher")
    answer = ask(teacher, school, "  ")
    assert answer.status_code == 422 and "Напишите, что нужно исправить" in answer.text and m.ListRequest.select().count() == 0
    ask(teacher, school)
    row, admin = m.ListRequest.get(), signed_in("admin")
    answer = admin.send(f"/list-requests/{row.id}/reply", state="declined", answer="")
    assert answer.status_code == 422 and "почему" in answer.text
    assert admin.send(f"/list-requests/{row.id}/reply", state="declined", answer="Справки нет").status_code == 302
    assert any("Справки нет" in text for text in told(school.class_teacher))


@pytest.mark.parametrize("name", ["teacher", "secretary", "admin", "parent", "stranger"])
def test_only_who_leads_the_class_asks(signed_in, school, name):
    client = signed_in(name)
    assert ask(client, school).status_code == 403
    assert m.ListRequest.select().count() == 0


@pytest.mark.parametrize("name, may", [("class_teacher", False), ("secretary", False), ("deputy", False), ("teacher", False), ("parent", False)])
def test_only_who_may_correct_answers(signed_in, school, name, may):
    ask(signed_in("class_teacher"), school)
    row = m.ListRequest.get()
    assert signed_in(name).send(f"/list-requests/{row.id}/reply", state="done", answer="").status_code == 403
    assert m.ListRequest.get().state == "asked"


def test_a_foreign_pupil_or_class_is_none_of_the_class_teachers(signed_in, school):
    teacher = signed_in("class_teacher")
    other = f.pupil("Чужая", school.foreign_course.unit.school_class)
    assert ask(teacher, school, pupil=other.id).status_code == 403
    assert ask(teacher, school, **{"class": school.foreign_course.unit.school_class_id, "pupil": ""}).status_code == 403
    assert ask(teacher, school, pupil="x").status_code == 403


def test_the_list_takes_the_same_statements_for_one_and_for_thirty(signed_in, school):
    teacher, admin = signed_in("class_teacher"), signed_in("admin")
    counts = []
    for _ in range(2):
        ask(teacher, school)
        admin.get("/list-requests/")
        with counted() as sent:
            assert admin.get("/list-requests/").status_code == 200
        counts.append(len(sent))
        for number in range(29):
            with m.writing(f.actor(school.class_teacher)):
                m.ListRequest.ask(f.actor(school.class_teacher), school.school_class, school.pupils[1], f"Просьба {number}")
    assert counts[0] == counts[1]
