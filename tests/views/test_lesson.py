"""The lesson page: each section saves by itself without script, and what could not be kept stays typed."""

import re
from datetime import date
from io import BytesIO

import pytest

import clock
import models as m
from rulebook.entries import version_of
from tests import factories as f
from tests.statements import counted

DAY = date(2026, 12, 17)
PASSWORD = "demo-demo"
PDF = b"%PDF-1.4 test"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "deputy", "stranger", "substitute", "parent", "other_parent"):
        f.account(getattr(s, name), name, PASSWORD)
    return s


@pytest.fixture
def client(school, app):
    with clock.frozen(f.NOW):
        yield app.test_client().sign_in("teacher", PASSWORD)


def as_(client, who):
    return client.application.test_client().sign_in(who, PASSWORD)


def url(school, section="", day=DAY):
    return f"/lesson/{school.lessons[day].id}" + (f"/{section}" if section else "")


def page(client, school, day=DAY):
    answer = client.get(url(school, day=day))
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def send(client, school, section, day=DAY, **form):
    return client.send(url(school, section, day), **form)


# ---- attendance ----

def test_att_04_confirming_nobody_away_states_that_all_are_present(school, client):
    assert "Присутствие ещё не отмечено" in page(as_(client, "deputy"), school)
    assert send(client, school, "attendance").status_code == 302
    assert m.Lesson.get_by_id(school.lessons[DAY].id).attendance_at is not None
    assert "Присутствовали все" in page(as_(client, "deputy"), school)


def test_att_04_those_chosen_are_away_and_the_form_shows_it(school, client):
    send(client, school, "attendance", **{f"c-{school.pupils[0].id}": "н", f"c-{school.pupils[1].id}": "о"})
    assert {row.code for row in m.Absence.select()} == {"н", "о"}
    assert re.search(rf'name="c-{school.pupils[0].id}".*?<option selected>н</option>', page(client, school))


def test_an_absentee_with_a_mark_is_told_in_the_row_and_nothing_is_kept(school, client):
    f.mark(school.lessons[DAY], school.pupils[0], "5")
    answer = send(client, school, "attendance", **{f"c-{school.pupils[0].id}": "н", f"c-{school.pupils[1].id}": "б"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "протокол" in html and m.Absence.select().count() == 0
    assert re.search(rf'name="c-{school.pupils[1].id}".*?<option selected>б</option>', html)


def test_saving_the_attendance_of_25_takes_at_most_12_statements(db, app):
    s = f.school(25)
    f.account(s.teacher, "teacher", PASSWORD)
    with clock.frozen(f.NOW):
        browser = app.test_client().sign_in("teacher", PASSWORD)
        form = {f"c-{pupil.id}": "н" for pupil in s.pupils} | {"csrf_token": browser.token()}
        with counted() as sent:
            assert browser.post(url(s, "attendance"), data=form).status_code == 302
    assert len(sent) <= 12 and m.Absence.select().count() == 25, sent


# ---- topic and marks ----

def test_the_next_unused_topic_of_the_plan_is_one_tap(school, client):
    plan = f.plan(school.course, ["Одночлены", "Кубы"])
    with m.writing(f.SYSTEM):
        m.Lesson.update(plan_topic=plan.topics[0]).where(m.Lesson.id == school.lessons[date(2026, 12, 16)].id).execute()
    assert "Взять из плана: Кубы" in page(client, school)
    send(client, school, "topic", take=plan.topics[1].id, topic="", kind=school.kinds["С"].id)
    row = m.Lesson.get_by_id(school.lessons[DAY].id)
    assert (row.topic, row.plan_topic_id, row.kind.code, row.state) == ("Кубы", plan.topics[1].id, "С", "held")
    assert "из плана" in page(client, school)


def test_mrk_09_a_topic_of_day_8_asks_for_a_reason_and_keeps_what_was_typed(school, client):
    day = date(2026, 12, 9)
    answer = send(client, school, "topic", day, topic="Кубы и квадраты")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Кубы и квадраты" in html and "4.1.11" in html
    assert send(client, school, "topic", day, topic="Кубы", reason="журнал был закрыт на ремонт").status_code == 302
    assert m.Lesson.get_by_id(school.lessons[day].id).topic == "Кубы"


def test_marks_are_saved_by_a_plain_form_and_only_those_changed(school, client):
    f.mark(school.lessons[DAY], school.pupils[1], "4")
    names = [f"m-{pupil.id}-0" for pupil in school.pupils]
    send(client, school, "marks", **{names[0]: "5/4", names[1]: "4", names[2]: ""})
    rows = [(row.pupil_id, row.value) for row in m.Mark.select().order_by(m.Mark.pupil, m.Mark.position)]
    assert rows == [(school.pupils[0].id, "5"), (school.pupils[0].id, "4"), (school.pupils[1].id, "4")]


def test_a_mark_beside_lateness_keeps_the_lateness(school, client):
    f.absence(school.lessons[DAY], school.pupils[0], "о")
    send(client, school, "marks", **{f"m-{school.pupils[0].id}-0": "5"})
    assert m.Absence.get().code == "о" and m.Mark.get().value == "5"


def test_a_wrong_mark_is_told_in_its_row_and_stays_typed(school, client):
    answer = send(client, school, "marks", **{f"m-{school.pupils[0].id}-0": "7"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="7"' in html and "aria-invalid" in html


def test_a_mark_changed_by_somebody_meanwhile_is_not_overwritten(school, client):
    f.mark(school.lessons[DAY], school.pupils[0], "3")
    name = school.pupils[0].id
    answer = send(client, school, "marks", **{f"m-{name}-0": "5", f"v-{name}-0": version_of("")})
    assert answer.status_code == 422 and m.Mark.get().value == "3"


def test_att_07_a_retake_takes_its_protocol_from_the_form(school, client):
    f.absence(school.lessons[DAY], school.pupils[0], "б")
    form = {f"m-{school.pupils[0].id}-0": "4"}
    assert send(client, school, "marks", **form).status_code == 422
    assert send(client, school, "marks", **form, protocol="7", protocol_day="2026-12-17").status_code == 302
    assert m.Absence.get().code == "б" and m.Mark.get().protocol.number == "7"


def test_mrk_14_a_gradeless_class_has_no_fields_for_marks(school, client):
    with m.writing(f.SYSTEM):
        m.SchoolClass.update(grade=1).where(m.SchoolClass.id == school.school_class.id).execute()
    html = page(client, school)
    assert 'class="mark"' not in html and 'id="f-attendance"' in html


# ---- homework ----

def test_homework_with_a_link_and_a_file_reaches_the_family_and_nobody_else(school, client):
    answer = send(client, school, "homework", text="§ 24, № 512", link="https://example.org/video",
                  files=(BytesIO(PDF), "карта.pdf"))
    assert answer.status_code == 302
    row = m.Homework.get()
    assert (row.text, row.due) == ("§ 24, № 512", date(2026, 12, 21))
    kept = m.Attachment.get(m.Attachment.digest != "")
    path = f"/diary/files/{kept.id}"
    got = as_(client, "parent").get(path)
    assert got.data == PDF and got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert as_(client, "stranger").get(path).status_code == 403


@pytest.mark.parametrize("name, body", [
    ("вирус.exe", b"MZ"), ("карта.pdf", b"<html>"), ("без расширения", PDF), ("пусто.pdf", b""), ("x.svg", b"<svg/>"), ("x.txt", b"a\0b")])
def test_a_file_that_is_not_what_it_says_is_refused_and_the_text_stays(school, client, name, body):
    answer = send(client, school, "homework", text="§ 24", files=(BytesIO(body), name))
    assert answer.status_code == 422 and "§ 24" in answer.get_data(as_text=True)
    assert m.Attachment.select().count() == 0 and m.Homework.select().count() == 0


def test_a_file_above_the_schools_limit_is_refused_with_the_limit(school, client):
    with m.writing(f.SYSTEM):
        m.School.update(upload_limit_mb=1).execute()
    answer = send(client, school, "homework", text="§ 24", files=(BytesIO(PDF + b"0" * 2**20), "большой.pdf"))
    assert answer.status_code == 422 and "1 МБ" in answer.get_data(as_text=True)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x.org", "http://", "file:///etc/passwd", "просто слова", "http://[::"])
def test_only_links_to_pages_are_taken(school, client, link):
    assert send(client, school, "homework", text="§ 24", link=link).status_code == 422


def test_hw_04_not_set_by_one_tap(school, client):
    send(client, school, "homework", text="", not_set="1")
    assert m.Homework.get().not_set and "не задано" in page(as_(client, "deputy"), school)


def test_hw_01_homework_of_yesterday_is_kept_and_flagged(school, client):
    day = date(2026, 12, 16)
    send(client, school, "homework", day, text="§ 23")
    assert m.Homework.get().late and "позже срока" in page(client, school, day)


# ---- comments, and who ----

def test_a_comment_is_kept_and_taken_away(school, client):
    pupil = school.pupils[0].id
    send(client, school, "remark", pupil=pupil, text="Забыла тетрадь")
    assert "Забыла тетрадь" in page(client, school)
    send(client, school, "remark", pupil=pupil)
    assert m.Remark.select().count() == 0


@pytest.mark.parametrize("who, status", [("class_teacher", 200), ("deputy", 200), ("stranger", 403), ("substitute", 403), ("parent", 403)])
def test_acc_04_acc_06_who_opens_a_lesson(school, client, who, status):
    answer = as_(client, who).get(url(school))
    assert answer.status_code == status
    if status == 200:
        html = answer.get_data(as_text=True)
        assert "<form" not in html.split("<main")[1].split("</main>")[0] and "Это журнал" in html


@pytest.mark.parametrize("section", ["attendance", "topic", "marks", "homework", "remark"])
@pytest.mark.parametrize("who", ["class_teacher", "deputy", "stranger", "parent"])
def test_acc_06_nobody_but_the_teacher_saves_a_lesson(school, client, section, who):
    form = {f"m-{school.pupils[0].id}-0": "5", "pupil": school.pupils[0].id, "text": "…", "topic": "…"}
    before = m.History.select().count()
    assert send(as_(client, who), school, section, **form).status_code == 403
    assert m.History.select().count() == before


def test_sub_01_a_substitute_fills_the_lent_lesson(school, client):
    f.substitution(school.lessons[DAY], school.substitute, school.teacher)
    assert send(as_(client, "substitute"), school, "attendance").status_code == 302


def test_a_foreign_lesson_and_one_that_is_not_there_look_the_same(school, client):
    foreign = client.get(f"/lesson/{next(iter(school.foreign_lessons.values())).id}")
    missing = client.get("/lesson/99999")
    assert foreign.status_code == missing.status_code == 403 and foreign.get_data() == missing.get_data()


@pytest.mark.parametrize("form", [{"kind": "99999"}, {"kind": "abc"}, {"take": "99999"}, {"due": "завтра"}, {"pupil": "x"}, {"drop": "-1"}])
@pytest.mark.parametrize("section", ["attendance", "topic", "marks", "homework", "remark"])
def test_nonsense_is_never_a_failure(school, client, section, form):
    assert send(client, school, section, text="§", topic="Т", **form).status_code < 500


# ---- what is known before it is stated ----

def test_who_was_ill_at_the_lesson_before_is_suggested_and_never_written_silently(school, client):
    early = f.lesson(f.course(school.unit, "Химия", school.stranger), school.stranger, DAY, 1)
    with m.writing(f.SYSTEM):
        early.record(f.actor(), attendance_at=f.SYSTEM.at)
    for pupil, code in zip(school.pupils, ("б", "н"), strict=False):
        f.absence(early, pupil, code)
    html = page(client, school)
    assert re.search(rf'name="c-{school.pupils[0].id}".*?<option selected>б</option>', html) and "на 1 уроке сегодня «б»" in html
    assert not re.search(rf'name="c-{school.pupils[1].id}"[^/]*<option selected>', html)
    assert m.Absence.select().where(m.Absence.lesson == school.lessons[DAY]).count() == 0
    send(client, school, "attendance", **{f"c-{school.pupils[0].id}": "б"})
    assert m.Absence.get(m.Absence.lesson == school.lessons[DAY]).code == "б"


def test_plan_kind_and_departure_from_the_plan_pln_05(school, client):
    f.plan(school.course, ["Одночлены", "Кубы"])
    topic = m.PlanTopic.get(number=1)
    with m.writing(f.SYSTEM):
        m.PlanTopic.update(work_kind="К", homework="Упр. 5, письменно").where(m.PlanTopic.id == topic.id).execute()
    send(client, school, "topic", take=topic.id, topic="")
    row = m.Lesson.get_by_id(school.lessons[DAY].id)
    assert (row.topic, row.kind.code) == ("Одночлены", "К") and "Упр. 5, письменно" in page(client, school)
    send(client, school, "topic", topic="Одночлены. Степени", kind=row.kind_id)
    html = page(client, school)
    assert "отличается от плана" in html and "В плане: Одночлены" in html
    send(client, school, "topic", topic="Контрольная по степеням", own="1")
    assert m.Lesson.get_by_id(row.id).plan_topic_id is None


# ---- homework: for whom, for when, how much ----

def test_homework_of_a_pupil_is_seen_by_that_family_only(school, client):
    one, other = school.pupils[:2]
    send(client, school, "homework", text="Упр. 12 всем")
    assert send(client, school, "homework", text="Карточка № 3", minutes="20", files=(BytesIO(PDF), "карточка.pdf"),
                **{"for": f"p{one.id}"}).status_code == 302
    assert m.Homework.select().count() == 2
    mine, theirs = (as_(client, who).get(f"/diary/{pupil.id}?week={DAY}").get_data(as_text=True)
                    for who, pupil in (("parent", one), ("other_parent", other)))
    assert "Упр. 12 всем" in mine and "Карточка" in mine and "примерно 20 мин" in mine
    assert "Упр. 12 всем" in theirs and "Карточка" not in theirs
    path = f"/diary/files/{m.Attachment.get().id}"
    assert as_(client, "parent").get(path).status_code == 200 and as_(client, "other_parent").get(path).status_code == 403
    assert as_(client, "class_teacher").get(path).status_code == 200


def test_homework_of_a_subgroup_goes_to_its_members_on_the_day(school, client):
    with m.writing(f.SYSTEM):
        halves = m.SubgroupSet.create(school_class=school.school_class, name="Английский")
        group = m.Unit.create(year=school.year, kind="subgroup", name="7Б (1)", school_class=school.school_class,
                              subgroup_set=halves, number=1)
        m.UnitMember.create(unit=group, pupil=school.pupils[0], starts=f.YEAR[0], ends=DAY)
    send(client, school, "homework", text="Диалог наизусть", **{"for": f"u{group.id}"})
    diary = as_(client, "parent").get(f"/diary/{school.pupils[0].id}?week={DAY}").get_data(as_text=True)
    assert "Диалог наизусть" in diary
    assert "Диалог" not in as_(client, "other_parent").get(f"/diary/{school.pupils[1].id}?week={DAY}").get_data(as_text=True)
    assert "7Б (1): Диалог наизусть" in as_(client, "deputy").get(f"/documents/journal-page?course={school.course.id}").get_data(as_text=True)


@pytest.mark.parametrize("target", ["p99999", "u99999", "p"])
def test_homework_for_somebody_who_is_not_here_is_refused(school, client, target):
    foreign = {"p": f"p{school.foreign_pupil.id}"}.get(target, target)
    assert send(client, school, "homework", text="Упр. 12", **{"for": foreign}).status_code == 403
    assert m.Homework.select().count() == 0


def test_the_load_of_the_day_stands_before_saving_and_too_much_is_told(school, client):
    other = f.lesson(f.course(school.unit, "Химия", school.stranger), school.stranger, date(2026, 12, 16), 1)
    with m.writing(f.SYSTEM):
        m.Homework.create(lesson=other, text="Параграф 12", minutes=100, due=date(2026, 12, 21), entered_at=f.SYSTEM.at)
    html = page(client, school)
    assert "Химия: Параграф 12" in html and 'data-minutes="100"' in html and "100 мин из 150" in html.replace("\n", " ")
    client.send(url(school, "homework"), text="Упр. 5 и 6", minutes="60", due="2026-12-21")
    assert "160 мин, а для этого класса хватит 150" in page(client, school)


def test_homework_is_for_a_lesson_that_is_chosen(school, client):
    assert "value=\"2026-12-23\"" in page(client, school)
    send(client, school, "homework", text="Реферат о степенях", due="2026-12-23")
    assert m.Homework.get().due == date(2026, 12, 23)


@pytest.mark.parametrize("words, told", [("№5", True), ("Повторить", True), ("Упр. 12, с. 40", False), ("учить стихотворение", False)])
def test_hw_05_what_a_family_cannot_understand_is_told_and_kept(school, client, words, told):
    send(client, school, "homework", text=words)
    assert m.Homework.get().text == words and ("Семья может не понять" in page(client, school)) == told


def test_another_target_does_not_write_over_what_stands_there(school, client):
    send(client, school, "homework", text="Упр. 12 всем")
    answer = send(client, school, "homework", text="Карточка", shown=f"p{school.pupils[0].id}", **{"for": ""})
    assert answer.status_code == 422 and "Карточка" in answer.get_data(as_text=True)
    assert m.Homework.get().text == "Упр. 12 всем"


# ---- past the edit window ----

def test_mrk_08_past_the_window_the_page_is_a_sheet_with_the_clause_and_takes_retakes_only(school, client):
    day = date(2026, 11, 30)
    f.absence(school.lessons[day], school.pupils[0], "б")
    html = page(client, school, day)
    assert "закрыто, п. 3.6" in html and 'id="f-attendance"' not in html and 'name="text" maxlength="2000"' not in html
    names = re.findall(r'name="m-(\d+)-0"', html)
    assert names == [str(school.pupils[0].id)] and "протоколу пересдачи" in html
    form = {f"m-{school.pupils[0].id}-0": "4", "protocol": "7", "protocol_day": "2026-12-17"}
    assert send(client, school, "marks", day, **form).status_code == 302 and m.Mark.get().value == "4"
