"""Messages (ACC-14): who may write to whom, who reads what, who has read it; one conversation is nobody else's."""

from datetime import date, timedelta

import pytest

import clock
import models as m
import policies
from tests import factories as f
from tests.statements import counted

PASSWORD = "долгий пароль 1"


@pytest.fixture
def school(db):
    made = f.school(preset="d1_asurso")
    with m.writing(f.SYSTEM):
        m.School.update(idle_minutes=600).execute()
    return made


@pytest.fixture
def signed_in(app, school):
    """`signed_in("parent")`: a browser of somebody of the cast."""
    browsers = {}

    def browser(name, who=None):
        if name not in browsers:
            f.account(who or getattr(school, name), name, PASSWORD)
            browsers[name] = app.test_client().sign_in(name, PASSWORD)
        return browsers[name]

    with clock.frozen(f.NOW):
        yield browser


def send(client, text="Когда можно прийти?", **form):
    return client.send("/talk/new", text=text, **form)


def ask_teacher(signed_in, school, text="Почему стоит н?"):
    answer = send(signed_in("parent"), text, to=school.teacher.id, pupil=school.pupils[0].id)
    assert answer.status_code == 302
    return m.Conversation.select().order_by(m.Conversation.id.desc()).get()


def may_write(who) -> set[int]:
    return {person.id for person in policies.writable(f.user(who))}


def test_acc_14_a_parent_writes_to_the_teacher_and_sees_when_it_was_read(signed_in, school):
    parent, teacher = signed_in("parent"), signed_in("teacher")
    talk = ask_teacher(signed_in, school)
    assert "ещё не прочитано" in parent.get(f"/talk/{talk.id}").text
    first = teacher.get("/today/teacher").text
    assert '<span class="tag acc">1<span class="vh">' in first
    assert "Родителева" in teacher.get("/talk/").text
    with clock.frozen(f.NOW + timedelta(hours=2)):
        opened = teacher.get(f"/talk/{talk.id}").text
        assert "Почему стоит н?" in opened and "Ученикова" in opened and '<span class="tag acc">1<span' not in opened
    assert "прочитано 17 декабря, 12:40" in parent.get(f"/talk/{talk.id}").text
    assert teacher.send(f"/talk/{talk.id}", text="Опоздал\nна урок").status_code == 302
    assert "Опоздал<br>на урок" in parent.get(f"/talk/{talk.id}").text
    assert m.verify()


def test_who_may_write_to_whom(school):
    other = f.employee("Соседова")
    administration = {school.director.id, school.deputy.id, school.admin.id, school.secretary.id}
    assert may_write(school.parent) == {school.teacher.id, school.class_teacher.id} | administration
    pupil = m.Person.get_by_id(school.pupils[0].person_id)
    assert may_write(pupil) == may_write(school.parent)
    families = {each.person_id for each in school.pupils} | {school.parent.id, school.other_parent.id}
    staff = {person for person, in m.Employee.select(m.Employee.person).tuples()}
    assert may_write(school.teacher) == (families | staff) - {school.teacher.id}
    assert may_write(school.class_teacher) == (families | staff) - {school.class_teacher.id}
    assert may_write(school.stranger) == {school.foreign_pupil.person_id} | staff - {school.stranger.id}
    assert may_write(other) == set()  # no role yet
    assert may_write(school.director) == (families | staff | {school.foreign_pupil.person_id}) - {school.director.id}


def test_a_substitute_and_the_families_write_only_during_the_grant(school):
    assert school.substitute.id not in may_write(school.parent)
    f.substitution(school.lessons[f.TODAY], school.substitute, school.teacher)
    assert school.substitute.id in may_write(school.parent)
    assert school.parent.id in may_write(school.substitute)
    later = f.TODAY + timedelta(days=8)
    assert school.substitute.id not in {person.id for person in policies.writable(f.user(school.parent, later))}
    assert school.parent.id not in {person.id for person in policies.writable(f.user(school.substitute, later))}


@pytest.mark.parametrize("to, pupil", [("stranger", 0), ("other_parent", 0), ("teacher", 1), ("teacher", "foreign"), ("teacher", None)])
def test_a_parent_writes_about_the_own_child_to_its_people_only(signed_in, school, to, pupil):
    about = {} if pupil is None else {"pupil": school.foreign_pupil.id if pupil == "foreign" else school.pupils[pupil].id}
    answer = send(signed_in("parent"), to=getattr(school, to).id, **about)
    assert answer.status_code == (302 if pupil is None else 403)
    assert m.Conversation.select().count() == (pupil is None)


def test_a_teacher_names_a_pupil_only_to_the_pupils_own_family(signed_in, school):
    teacher = signed_in("teacher")
    assert send(teacher, to=school.parent.id, pupil=school.pupils[1].id).status_code == 403
    assert send(teacher, to=school.parent.id, pupil=school.pupils[0].id, lesson=school.lessons[f.TODAY].id).status_code == 302
    assert "урок 17 декабря" in signed_in("parent").get("/talk/").text


def test_nobody_but_who_takes_part_reads_a_conversation(signed_in, school):
    talk = ask_teacher(signed_in, school)
    for name in ("admin", "director", "deputy", "class_teacher", "stranger", "other_parent"):
        client = signed_in(name)
        assert client.get(f"/talk/{talk.id}").status_code == 403
        assert client.send(f"/talk/{talk.id}", text="Встряну").status_code == 403
        assert "Почему" not in client.get("/talk/").text
    assert "Сообщений — 1" in signed_in("admin").get("/talk/").text.replace("сообщений", "Сообщений")
    kept = [str(row.new) for row in m.History.select().where(m.History.tbl == "message")]
    assert kept and not any("Почему" in text for text in kept)


def test_a_message_to_a_class_is_answered_to_its_author_alone(signed_in, school):
    leader, parent, other = signed_in("class_teacher"), signed_in("parent"), signed_in("other_parent")
    assert send(leader, "Собрание в пятницу", **{"class": school.school_class.id, "whom": "parents"}).status_code == 302
    talk = m.Conversation.get()
    assert f"/talk/{talk.id}" in parent.get("/talk/").text and "Собрание" in parent.get(f"/talk/{talk.id}").text
    assert parent.send(f"/talk/{talk.id}", text="Не смогу прийти").status_code == 302
    assert parent.send(f"/talk/{talk.id}", text="Муж придёт").status_code == 302
    answer = m.Conversation.get(m.Conversation.answers == talk)
    assert answer.messages.count() == 2 and m.Conversation.select().count() == 2
    assert "Собрание" in parent.get(f"/talk/{answer.id}").text
    page = leader.get(f"/talk/{talk.id}").text
    assert "Прочитали 1 из 2" in page and "Муж придёт" in page and "Другова" in page
    assert other.get(f"/talk/{answer.id}").status_code == 403 and "Не смогу" not in other.get(f"/talk/{talk.id}").text
    pupil = signed_in("pupil", school.pupils[0].person)
    assert pupil.get(f"/talk/{talk.id}").status_code == 403
    assert leader.send(f"/talk/{talk.id}", text="Начало в 18:00").status_code == 302
    assert "Начало в 18:00" in other.get(f"/talk/{talk.id}").text


def test_a_discussion_is_read_by_all_and_may_be_switched_off(signed_in, school):
    leader, parent, other = signed_in("class_teacher"), signed_in("parent"), signed_in("other_parent")
    group = {"class": school.school_class.id, "whom": "families", "discussion": "1"}
    assert send(leader, "Куда поедем?", **group).status_code == 302
    talk = m.Conversation.get()
    assert parent.send(f"/talk/{talk.id}", text="В музей").status_code == 302
    assert "В музей" in other.get(f"/talk/{talk.id}").text
    assert "В музей" in signed_in("pupil", school.pupils[0].person).get(f"/talk/{talk.id}").text
    f.regulation("d1_asurso", starts=f.TODAY, rights__discussions=False)
    assert "Обсуждений в журнале школа не ведёт" in leader.get(f"/talk/new?class={school.school_class.id}").text
    refused = send(leader, "А в театр?", **group)
    assert refused.status_code == 422 and "А в театр?" in refused.text
    refused = other.send(f"/talk/{talk.id}", text="На каток")
    assert refused.status_code == 422 and "На каток" in refused.text and "Обсуждений" in refused.text


@pytest.mark.parametrize("name, group, status", [
    ("class_teacher", {"class": "own", "whom": "parents"}, 302), ("class_teacher", {"class": "foreign", "whom": "parents"}, 403),
    ("teacher", {"course": "own", "whom": "families"}, 302), ("teacher", {"course": "foreign", "whom": "families"}, 403),
    ("teacher", {"class": "own", "whom": "parents"}, 403), ("teacher", {"staff": 1}, 403), ("deputy", {"staff": 1}, 302),
    ("deputy", {"class": "foreign", "whom": "pupils"}, 302), ("parent", {"class": "own", "whom": "parents"}, 403),
    ("class_teacher", {"class": "own", "whom": "all"}, 403), ("parent", {}, 403)])
def test_who_writes_to_many(signed_in, school, name, group, status):
    places = {("class", "own"): school.school_class, ("class", "foreign"): school.foreign_class, ("course", "own"): school.course,
              ("course", "foreign"): school.foreign_course}
    form = {key: getattr(places.get((key, value)), "id", value) for key, value in group.items()}
    assert send(signed_in(name), **form).status_code == status


def test_acc_03_where_families_do_not_write_the_refusal_names_the_clause_and_keeps_the_text(signed_in, school):
    talk = ask_teacher(signed_in, school)
    f.regulation("d0_sosh1", starts=f.TODAY, rights__parent_messaging=False)
    parent = signed_in("parent")
    for page in (parent.get("/talk/"), parent.get("/talk/new"), parent.get(f"/talk/{talk.id}")):
        assert page.status_code == 200 and "здесь читают, но не пишут" in page.text and "§4" in page.text and "Позвоните" in page.text
    for path, form in (("/talk/new", {"to": school.teacher.id, "pupil": school.pupils[0].id}), (f"/talk/{talk.id}", {})):
        refused = parent.send(path, text="Мой вопрос", **form)
        assert refused.status_code == 422 and "§4" in refused.text and "Мой вопрос" in refused.text
    assert m.Message.select().count() == 1
    assert signed_in("teacher").send(f"/talk/{talk.id}", text="Приходите в школу").status_code == 302
    assert "Приходите в школу" in parent.get(f"/talk/{talk.id}").text


def test_a_teacher_who_left_the_course_is_written_to_no_more(signed_in, school):
    talk = ask_teacher(signed_in, school)
    with m.writing(f.SYSTEM):
        m.Assignment.update(ends=date(2026, 12, 16)).where(m.Assignment.course == school.course).execute()
    parent = signed_in("parent")
    assert "Напишите классному руководителю" in parent.get(f"/talk/{talk.id}").text
    refused = parent.send(f"/talk/{talk.id}", text="Ещё вопрос")
    assert refused.status_code == 422 and "Ещё вопрос" in refused.text


def test_a_flood_is_stopped_and_a_form_sent_twice_is_one_message(signed_in, school):
    talk = ask_teacher(signed_in, school)
    parent = signed_in("parent")
    for _ in range(2):
        assert parent.send(f"/talk/{talk.id}", text="То же самое").status_code == 302
    assert m.Message.select().count() == 2
    for number in range(28):
        assert parent.send(f"/talk/{talk.id}", text=f"Сообщение {number}").status_code == 302
    refused = parent.send(f"/talk/{talk.id}", text="Тридцать первое")
    assert refused.status_code == 422 and "чуть позже" in refused.text and "Тридцать первое" in refused.text
    with clock.frozen(f.NOW + timedelta(minutes=61)):
        assert parent.send(f"/talk/{talk.id}", text="Тридцать первое").status_code == 302


@pytest.mark.parametrize("text, says", [("  ", "Напишите"), ("ж" * 3001, "слишком длинное")])
def test_what_cannot_be_sent_comes_back(signed_in, school, text, says):
    answer = send(signed_in("parent"), text, to=school.teacher.id, pupil=school.pupils[0].id)
    assert answer.status_code == 422 and says in answer.text and text in answer.text and m.Message.select().count() == 0


def test_ask_the_teacher_from_the_diary_and_the_family_from_the_journal(signed_in, school):
    lesson, pupil = school.lessons[f.TODAY], school.pupils[0]
    f.mark(lesson, pupil, "3")
    parent, teacher = signed_in("parent"), signed_in("teacher")
    link = f"/talk/new?lesson={lesson.id}&amp;pupil={pupil.id}"
    assert link in parent.get(f"/diary/{pupil.id}").text
    form = parent.get(link.replace("&amp;", "&"), follow_redirects=True).text
    assert "Алгебраева" in form and "Алгебра, 17 декабря" in form
    history = teacher.get(f"/journal/{school.course.id}/history?pupil={pupil.id}&lesson={lesson.id}").text
    assert link in history
    assert "Родителева" in teacher.get(link.replace("&amp;", "&")).text
    assert parent.get(f"/talk/new?lesson={lesson.id}&pupil={school.pupils[1].id}").status_code == 403


def test_whom_to_write_to_is_listed_with_what_they_teach(signed_in, school):
    page = signed_in("parent").get("/talk/new").text
    assert "Алгебраева" in page and "Алгебра" in page and "классный руководитель" in page and "Физикова" not in page
    page = signed_in("class_teacher").get("/talk/new").text
    assert "7Б класс" in page and "8А класс" not in page and "Алгебраева" in page
    page = signed_in("class_teacher").get(f"/talk/new?class={school.school_class.id}").text
    assert "Родителева А. И. (мать)" in page and "Всем сразу" in page
    assert "8А класс" in signed_in("director").get("/talk/new").text


def test_messages_are_verified_by_their_digests(signed_in, school):
    ask_teacher(signed_in, school)
    assert m.Message.changed() is None
    with m.writing(f.SYSTEM):
        m.Message.update(text="подмена").execute()
    assert m.Message.changed() == m.Message.get().id


def test_the_list_and_a_conversation_take_the_same_statements_at_any_size(signed_in, school):
    talk, parent = ask_teacher(signed_in, school), signed_in("parent")
    counts = []
    for _ in range(2):
        for path in ("/talk/", f"/talk/{talk.id}"):
            parent.get(path)
            with counted() as sent:
                assert parent.get(path).status_code == 200
            counts.append(len(sent))
        for number in range(20):
            with m.writing(f.actor(school.teacher)):
                m.Conversation.start(f.actor(school.teacher), f"Письмо {number}", {school.parent.id}, person=school.parent.id)
                talk.say(f.actor(school.teacher), f"Ответ {number}", {school.parent.id})
    assert counts[:2] == counts[2:] and max(counts) <= 10
