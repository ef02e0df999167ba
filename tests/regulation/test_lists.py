"""Who corrects lists and cards, and what becomes of what somebody else sees to be wrong (CNT-12); how a way in is handed out in Д4."""

import pytest

import clock
import models as m
from tests import factories as f
from tests.regulation.conftest import moment

AT = "11-05 12:00"


def asked(life, who="class_teacher", at=AT):
    return life.send("/list-requests/new", at, who, **{"class": life.school.school_class.id, "pupil": life.school.pupils[0].id,
                                                       "text": "Новый адрес"})


def card(life, who):
    return life.send(f"/admin/pupil/edit/?id={life.school.pupils[0].id}", AT, who)


def keepers():
    return {row.person_id for row in m.Notice.select()}


def test_d0_5_what_a_class_teacher_may_not_correct_becomes_a_request(living):
    life = living("d0_sosh1")
    assert card(life, "class_teacher").status_code == 403
    assert "§2, §5" in life.get("/list-requests/new", AT, "class_teacher").text
    assert asked(life).status_code == 302 and keepers() == {life.school.admin.id}


def test_d0_2_the_responsible_person_corrects_and_answers(living):
    life = living("d0_sosh1")
    asked(life)
    assert card(life, "admin").status_code != 403
    row = m.ListRequest.get()
    assert life.send(f"/list-requests/{row.id}/reply", AT, "secretary", state="done", answer="").status_code == 403
    assert life.send(f"/list-requests/{row.id}/reply", AT, "admin", state="done", answer="Внесено").status_code == 302
    assert keepers() == {life.school.admin.id, life.school.class_teacher.id}


def test_d1_4_3_5_4_5_2_a_card_is_corrected_and_a_change_of_the_list_goes_to_the_administrator(living):
    life = living("d1_asurso")
    assert card(life, "class_teacher").status_code != 403
    form = life.get("/list-requests/new", AT, "class_teacher").text
    assert "4.1.7, 4.5.2" in form and "4.3.5" not in form
    assert asked(life).status_code == 302 and keepers() == {life.school.admin.id}


def test_d2_3_2_a_change_of_the_list_goes_to_the_secretary(living):
    life = living("d2_spo")
    assert asked(life).status_code == 302 and keepers() == {life.school.secretary.id}
    row = m.ListRequest.get()
    assert life.send(f"/list-requests/{row.id}/reply", AT, "secretary", state="declined", answer="Нет приказа").status_code == 302


def test_d3_i_7_a_class_teacher_corrects_both_and_need_not_ask(living):
    life = living("d3_shalazhi")
    assert card(life, "class_teacher").status_code != 403
    page = life.get(f"/admin/pupil/details/?id={life.school.pupils[0].id}", AT, "class_teacher").text
    assert "/list-requests/" not in page


@pytest.mark.parametrize("who", ["admin", "class_teacher"])
def test_d4_4_2_credentials_are_handed_out_while_there_is_no_state_sign_in(living, who):
    life = living("d4_hmao")
    with clock.frozen(moment(AT)):
        assert "ещё не подключён" in life.app.test_client().sign_in("deputy", "demo-demo").get("/regulation/").text
    parent = f.guardian(life.school.pupils[2], "Новенькая")
    life.send(f"/access/person/{parent.id}/issue", AT, who)
    assert m.Invitation.get().person_id == parent.id and m.Account.get(m.Account.person == parent).login
