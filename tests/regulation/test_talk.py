"""The clauses about talking to each other: who writes to whom under each document, and what is announced to whom (ACC-14, ACC-15)."""

import pytest

import models as m
from tests import factories as f
from tests.regulation.conftest import DAY

AT, LATER = "11-05 12:00", "11-05 12:10"


def asks(life, text="Можно прийти завтра?", who="parent", at=AT):
    """A parent asks the teacher about the own child."""
    return life.send("/talk/new", at, who, to=life.school.teacher.id, pupil=life.school.pupils[0].id, text=text)


def talks_both_ways(life):
    assert asks(life).status_code == 302
    talk = m.Conversation.get()
    assert "Можно прийти завтра?" in life.get(f"/talk/{talk.id}", LATER, "teacher").text
    assert life.send(f"/talk/{talk.id}", LATER, "teacher", text="Приходите").status_code == 302
    page = life.get(f"/talk/{talk.id}", "11-05 12:20", "parent").text
    assert "Приходите" in page and "прочитано" in page
    return talk


def test_d0_0_teachers_administration_parents_and_pupils_write_to_each_other(living):
    life = living("d0_sosh1")
    talks_both_ways(life)
    f.account(life.school.pupils[0].person, "pupil", "demo-demo")
    for who, to in (("parent", "deputy"), ("pupil", "class_teacher"), ("deputy", "parent"), ("teacher", "deputy")):
        about = {"pupil": life.school.pupils[0].id} if who in ("parent", "pupil") else {}
        assert life.send("/talk/new", LATER, who, to=getattr(life.school, to).id, text="Здравствуйте", **about).status_code == 302


@pytest.mark.parametrize("chosen", [True, False])
def test_d0_4_families_write_as_the_school_has_read_the_clause(living, chosen):
    life = living("d0_sosh1", rights__parent_messaging=chosen)
    answer = asks(life)
    if chosen:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422 and "§4" in answer.text and "Можно прийти завтра?" in answer.text and "Позвоните" in answer.text
    assert life.send("/talk/new", AT, "teacher", to=life.school.parent.id, pupil=life.school.pupils[0].id, text="Жду вас").status_code == 302
    assert "Жду вас" in life.get(f"/talk/{m.Conversation.get().id}", LATER, "parent").text


def test_d1_2_10_direct_talk_wherever_people_are(living):
    talks_both_ways(living("d1_asurso"))


def test_d1_2_12_a_class_and_its_teacher_work_together_over_the_net(living):
    life = living("d1_asurso")
    group = {"class": life.school.school_class.id, "whom": "parents", "discussion": "1"}
    assert life.send("/talk/new", AT, "class_teacher", text="Что дарим школе?", **group).status_code == 302
    talk = m.Conversation.get()
    assert life.send(f"/talk/{talk.id}", LATER, "parent", text="Книги").status_code == 302
    assert "Книги" in life.get(f"/talk/{talk.id}", "11-05 12:20", "other_parent").text


def test_d1_3_9_in_grade_1_teacher_and_parents_go_on_talking(living):
    life = living("d1_asurso").of_grade(1)
    assert life.put("5", "11-05 11:00")["state"] == "refused"
    talks_both_ways(life)


def test_d2_1_7_l83_86_direct_talk_wherever_people_are(living):
    talks_both_ways(living("d2_spo"))


def announces(life, place, whom, who="class_teacher"):
    return life.send("/announcements/new", AT, who, place=place, whom=whom, text="Собрание группы", starts="2026-11-05", ends="2026-11-12")


def test_d2_3_3_l55_75_the_class_teacher_announces_to_the_own_group_alone(living):
    life = living("d2_spo")
    other = f.guardian(life.school.foreign_pupil, "Стороннева")
    f.account(other, "outsider", "demo-demo")
    assert announces(life, f"class-{life.school.school_class.id}", "parents").status_code == 302
    assert announces(life, f"class-{life.school.foreign_class.id}", "parents").status_code == 422
    assert "Собрание группы" in life.get(f"/diary/{life.school.pupils[0].id}", LATER, "parent").text
    assert "Собрание группы" not in life.get(f"/diary/{life.school.foreign_pupil.id}", LATER, "outsider").text
    assert life.get(f"/announcements/{m.Announcement.get().id}", LATER, "outsider").status_code == 403
    assert "Собрание группы" not in life.get(f"/diary/{life.school.pupils[0].id}", "11-13 08:00", "parent").text


def test_d2_3_1_l144_145_the_staff_discusses_and_the_school_may_switch_it_off(living):
    life = living("d2_spo")
    assert life.send("/talk/new", AT, "admin", staff="1", discussion="1", text="Как заполняем практику?").status_code == 302
    talk = m.Conversation.get()
    assert life.send(f"/talk/{talk.id}", LATER, "teacher", text="По журналу мастера").status_code == 302
    assert "По журналу мастера" in life.get(f"/talk/{talk.id}", LATER, "stranger").text
    assert life.get(f"/talk/{talk.id}", LATER, "parent").status_code == 403
    f.regulation("d2_spo", DAY, rights__discussions=False)
    answer = life.send(f"/talk/{talk.id}", "11-05 12:30", "teacher", text="Ещё вопрос")
    assert answer.status_code == 422 and "3.1" in answer.text and "Ещё вопрос" in answer.text


def test_d3_i_2_teacher_and_family_keep_in_touch(living):
    life = living("d3_shalazhi")
    talks_both_ways(life)
    assert announces(life, f"class-{life.school.school_class.id}", "families").status_code == 302
    assert "Собрание" in life.get(f"/diary/{life.school.pupils[0].id}", LATER, "parent").text
