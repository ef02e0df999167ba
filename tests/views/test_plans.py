"""Thematic plans at work: library, table, conflicts, files, hours against the curriculum, plan against fact, compaction."""

import io
import re
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

import clock
import formulas
import models as m
from tests import factories as make
from tests.statements import counted
from tests.views.test_diary import text

MONDAY = date(2026, 12, 14)


@pytest.fixture
def school(db):
    s = make.school()
    with clock.frozen(make.NOW):
        yield s


def entering(app, school, name):
    make.account(getattr(school, name), name, "long enough")
    return app.test_client().sign_in(name, "long enough")


def plan_of(school, topics, *, author="teacher", course=True, **more):
    """A plan of algebra in grade 7 with one-hour topics, given to the course unless told."""
    with m.writing(make.SYSTEM):
        plan = m.Plan.create(**{"year": school.year, "subject": school.course.subject, "grade": 7, "name": "Алгебра, 7",
                                "author": getattr(school, author), **more})
        plan.lay(make.SYSTEM, [(None, "", topic, Decimal(hours), "", "") for topic, hours in topics])
        if course:
            school.course.plan = plan
            school.course.save()
    return plan


def one_hour(number):
    return [(f"Тема {n}", 1) for n in range(1, number + 1)]


def curriculum(school, hours, **more):
    with m.writing(make.SYSTEM):
        return m.CurriculumLine.create(school_class=school.school_class, subject=school.course.subject, weekly_hours=2,
                                       year_hours=hours, **more)


def table(page, **changes):
    """What the form of a page would post: `changes` are field → list of values, or a callable over the rows read."""
    fields = {"id": re.findall(r'name="id" value="(\d*)"', page),
              **{name: [value.strip() for value in re.findall(rf'<textarea name="{name}"[^>]*>([^<]*)<', page)]
                 for name in ("section", "topic", "homework")},
              "hours": re.findall(r'name="hours"[^>]*value="([^"]*)"', page)}
    kinds = [re.search(r'<option value="([^"]*)" selected', each) for each in re.findall(r'<select name="kind".*?</select>', page, re.S)]
    fields["kind"] = [found[1] if found else "" for found in kinds]
    known = re.search(r'name="known" value="([^"]*)"', page)
    return {**fields, **({"known": known[1]} if known else {}), "shared": "1", **changes}


def topics(plan):
    return [topic.topic for topic in m.Plan.get_by_id(plan.id).in_order()]


def page_of(client, plan):
    return client.get(f"/plans/{plan.id}").get_data(as_text=True)


# ---- arithmetic ----

def test_pln_02_topics_follow_one_another_over_lessons_of_any_length():
    half = Decimal("0.5")
    assert formulas.spread([Decimal(2), Decimal(1), half, half, Decimal(3)], [1] * 6) == [[0, 1], [2], [3], [3], [4, 5]]
    assert formulas.spread([Decimal(1), Decimal(1), Decimal(1)], [2]) == [[0], [0], []]
    assert formulas.spread([Decimal(1), Decimal(0), Decimal(1)], [1, 1]) == [[0], [], [1]]


def test_str_06_fulfilment_backlog_and_compaction():
    topics = [(Decimal(2), Decimal(1), 1), (Decimal(1), Decimal(1), 0), (Decimal(3), Decimal(3), 2)]
    pace = formulas.pace(topics, scheduled=5, held=3, ahead=1)
    assert (pace.planned, pace.covered, pace.held, pace.behind) == (5, 4, 3, 1)
    assert (pace.left, pace.ahead, pace.short, pace.compacted) == (2, 1, 1, 1)


# ---- the library ----

def test_pln_02_the_library_holds_own_and_shared_plans_by_subject_and_parallel(app, school):
    plan_of(school, one_hour(3), name="Мой план", course=False, shared=False)
    hidden = plan_of(school, one_hour(2), author="stranger", name="Чужой черновик", course=False, shared=False)
    plan_of(school, one_hour(4), author="stranger", name="Общий план", course=False, grade=8)
    client = entering(app, school, "teacher")
    page = text(client.get("/plans/"))
    assert "Мой план" in page and "Общий план" in page and "Чужой черновик" not in page
    assert "Общий план" not in text(client.get("/plans/?grade=7")) and "Общий план" not in text(client.get("/plans/?mine=1"))
    assert "Общий план" in text(client.get("/plans/?q=ОБЩИЙ"))
    assert client.get(f"/plans/{hidden.id}").status_code == 403 == client.send(f"/plans/{hidden.id}/copy").status_code


def test_pln_02_a_colleagues_plan_is_copied_for_another_parallel_and_stays_as_it_is(app, school):
    plan = plan_of(school, one_hour(3), author="stranger", course=False)
    client = entering(app, school, "teacher")
    assert 'name="topic"' not in page_of(client, plan) and client.send(f"/plans/{plan.id}").status_code == 403
    answer = client.send(f"/plans/{plan.id}/copy", grade="8", name="Алгебра, мой восьмой")
    copy = m.Plan.get(m.Plan.author == school.teacher)
    assert answer.location.endswith(f"/plans/{copy.id}")
    assert (copy.grade, copy.name, copy.shared, copy.source) == (8, "Алгебра, мой восьмой", False, "Алгебра, 7, Физикова А. И.")
    assert topics(copy) == topics(plan) == ["Тема 1", "Тема 2", "Тема 3"]


def test_leaders_read_every_plan_and_the_administrator_edits(app, school):
    plan = plan_of(school, one_hour(2), shared=False)
    for name, edits in (("deputy", False), ("director", False), ("admin", True)):
        client = entering(app, school, name)
        page = page_of(client, plan)
        assert "Тема 2" in page and ('name="topic"' in page) == edits, name
        assert (client.send(f"/plans/{plan.id}", **table(page) if edits else {}).status_code == 302) == edits
        assert client.get(f"/plans/course/{school.course.id}").status_code == 200


# ---- the table ----

def test_rows_are_added_moved_changed_and_taken_out_in_one_go(app, school):
    plan = plan_of(school, one_hour(3))
    with m.writing(make.SYSTEM):
        m.Plan.update(approved_at=make.SYSTEM.at).execute()
    client = entering(app, school, "teacher")
    ids = [str(topic.id) for topic in plan.in_order()]
    rows = {"id": [ids[2], "", ids[0], ""], "section": ["", "Дроби", "Дроби", ""], "topic": ["Тема 3", "Новая  тема", "Тема 1, уточнённая", ""],
            "hours": ["1", "0,5", "2", "1"], "kind": ["", "К", "", ""], "homework": ["", "§ 4", "", ""]}
    answer = client.send(f"/plans/{plan.id}", **table(page_of(client, plan)) | rows, name="Алгебра семь")
    assert answer.status_code == 302
    standing = [topic.words_of_row for topic in plan.in_order()]
    assert standing == [("", "Тема 3", 1, "", ""), ("Дроби", "Новая тема", Decimal("0.5"), "К", "§ 4"), ("Дроби", "Тема 1, уточнённая", 2, "", "")]
    row = m.Plan.get_by_id(plan.id)
    assert (row.name, row.shared, row.approved_at) == ("Алгебра семь", True, None)


def test_a_wrong_row_keeps_nothing_and_loses_nothing(app, school):
    plan = plan_of(school, one_hour(2))
    client = entering(app, school, "teacher")
    typed = table(page_of(client, plan), topic=["Тема 1 по-новому", "", "", "", ""], homework=["", "только задание", "", "", ""],
                  hours=["много", "1", "1", "1", "1"])
    answer = client.send(f"/plans/{plan.id}", **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "посмотрите строки 1, 2" in page and "Напишите тему." in page
    assert "Часы — это число" in page and 'value="много"' in page and "Тема 1 по-новому" in page and "только задание" in page
    assert topics(plan) == ["Тема 1", "Тема 2"]


def test_a_given_topic_goes_only_with_a_reason_and_the_lesson_keeps_its_words(app, school):
    plan = plan_of(school, one_hour(2))
    lesson = school.lessons[MONDAY]
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Тема 1", plan_topic=plan.in_order()[0])
    client = entering(app, school, "teacher")
    typed = {name: values[1:] if isinstance(values, list) else values for name, values in table(page_of(client, plan)).items()}
    answer = client.send(f"/plans/{plan.id}", **typed)
    assert answer.status_code == 422 and "Тема «Тема 1» уже пройдена: 7Б, 14 декабря" in text(answer) and len(topics(plan)) == 2
    assert client.send(f"/plans/{plan.id}", **typed, reason="Тема перенесена в 8 класс").status_code == 302
    after = m.Lesson.get_by_id(lesson.id)
    assert (topics(plan), after.topic, after.plan_topic_id) == (["Тема 2"], "Тема 1", None)
    assert m.Act.select().where(m.Act.why == "Тема перенесена в 8 класс").exists()


# ---- two at once ----

def test_what_two_write_in_different_rows_is_kept_of_both(app, school):
    plan = plan_of(school, one_hour(3))
    teacher, admin = entering(app, school, "teacher"), entering(app, school, "admin")
    mine, theirs = table(page_of(teacher, plan)), table(page_of(admin, plan))
    theirs["topic"][2], theirs["topic"][3] = "Тема 3 завуча", "Добавлена завучем"
    assert admin.send(f"/plans/{plan.id}", **theirs).status_code == 302
    mine["topic"][0], mine["topic"][3] = "Тема 1 учителя", "Добавлена учителем"
    assert teacher.send(f"/plans/{plan.id}", **mine).status_code == 302
    assert topics(plan)[:3] == ["Тема 1 учителя", "Тема 2", "Тема 3 завуча"]
    assert set(topics(plan)[3:]) == {"Добавлена завучем", "Добавлена учителем"}


def test_a_row_both_changed_is_told_and_nothing_is_lost(app, school):
    plan = plan_of(school, one_hour(3))
    teacher, admin = entering(app, school, "teacher"), entering(app, school, "admin")
    mine, theirs = table(page_of(teacher, plan)), table(page_of(admin, plan))
    theirs["topic"][1] = "Слова завуча"
    admin.send(f"/plans/{plan.id}", **theirs)
    mine["topic"][1] = "Слова учителя"
    answer = teacher.send(f"/plans/{plan.id}", **mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "строку изменил(а): Админова А. И." in page
    assert "Слова завуча" in page and "Слова учителя" in page and topics(plan)[1] == "Слова завуча"
    assert teacher.send(f"/plans/{plan.id}", **table(page)).status_code == 302
    assert topics(plan) == ["Тема 1", "Слова учителя", "Тема 3"]


@pytest.mark.parametrize("first", ["taken out", "changed"])
def test_a_row_taken_out_by_one_and_changed_by_the_other_comes_back_to_be_looked_at(app, school, first):
    plan = plan_of(school, one_hour(3))
    teacher, admin = entering(app, school, "teacher"), entering(app, school, "admin")
    gone, changed = table(page_of(teacher, plan)), table(page_of(admin, plan))
    for name in ("topic", "section", "homework"):
        gone[name][1] = ""
    changed["topic"][1] = "Важная тема"
    (early, typed), (late, answer) = ((teacher, gone), (admin, changed)) if first == "taken out" else ((admin, changed), (teacher, gone))
    assert early.send(f"/plans/{plan.id}", **typed).status_code == 302
    answer = late.send(f"/plans/{plan.id}", **answer)
    assert answer.status_code == 409 and "Важная тема" in text(answer)
    assert late.send(f"/plans/{plan.id}", **table(answer.get_data(as_text=True))).status_code == 302
    assert sorted(topics(plan)) == ["Важная тема", "Тема 1", "Тема 3"]


# ---- hours against the curriculum ----

@pytest.mark.parametrize("preset, hours, words, approved", [
    ("d1_asurso", 66, "не соответствует учебному плану: 7Б: 68 (−2). Положение, п. 4.4.7.", False),
    ("d1_asurso", 68, "", True),
    ("d1_asurso", 70, "7Б: 68 (+2). Положение, п. 4.4.7.", False),
    ("base", 66, "7Б: 68 (−2). Правило школы.", True),
])
def test_pln_03_hours_of_the_plan_equal_the_curriculum(app, db, preset, hours, words, approved):
    with clock.frozen(make.NOW):
        s = make.school(preset=preset)
        curriculum(s, 68)
        plan = plan_of(s, [("Вся программа", hours - 60), ("Повторение", 60)])
        deputy = entering(app, s, "deputy")
        page = text(deputy.get(f"/plans/{plan.id}"))
        assert words in page and ("соответствует" in page) == bool(words)
        answer = deputy.send(f"/plans/{plan.id}/approve")
        assert answer.status_code == (302 if approved else 422) and (m.Plan.get().approved_at is not None) == approved
        assert entering(app, s, "teacher").send(f"/plans/{plan.id}/approve").status_code == 403


def test_pln_03_without_yearly_hours_weeks_of_the_parallel_count(app, school):
    curriculum(school, None, weeks=33)
    plan = plan_of(school, one_hour(66), course=False)
    assert "соответствует" not in text(entering(app, school, "teacher").get(f"/plans/{plan.id}"))


# ---- an answer that was lost ----

def rows_of(client, plan, *fresh, **changes):
    """The table as the page has it, its blank rows left out, with further rows (key, topic)."""
    sent = table(page_of(client, plan))
    standing = [n for n, number in enumerate(sent["id"]) if number]
    rows = {name: [sent[name][n] for n in standing] for name in ("id", "section", "topic", "hours", "kind", "homework")}
    for _key, topic in fresh:
        for name, value in (("id", ""), ("section", ""), ("topic", topic), ("hours", "1"), ("kind", ""), ("homework", "")):
            rows[name].append(value)
    return {**sent, **rows, "key": [""] * len(standing) + [key for key, _topic in fresh], "draft": "17-4", **changes}


def test_pln_02_a_plan_sent_again_after_a_lost_answer_and_edited_meanwhile_has_no_row_twice(app, school):
    plan = plan_of(school, one_hour(2))
    client = entering(app, school, "teacher")
    sent = rows_of(client, plan, ("n1", "Степени"), ("n2", "Корни"))
    sent["topic"][0] = "Тема первая"
    assert client.send(f"/plans/{plan.id}", **sent).status_code == 302
    sent["topic"][0], sent["topic"][2] = "Тема самая первая", "Степени и их свойства"  # the answer never came, the draft was edited
    assert client.send(f"/plans/{plan.id}", **sent).status_code == 302
    assert topics(plan) == ["Тема самая первая", "Тема 2", "Степени и их свойства", "Корни"]
    for name in ("id", "section", "topic", "hours", "kind", "homework", "key"):
        sent[name].pop()  # and lost once more, a row was taken out
    assert client.send(f"/plans/{plan.id}", **sent).status_code == 302
    assert topics(plan) == ["Тема самая первая", "Тема 2", "Степени и их свойства"]


def test_a_colleagues_change_after_a_lost_answer_is_still_told(app, school):
    plan = plan_of(school, one_hour(1))
    client, admin = entering(app, school, "teacher"), entering(app, school, "admin")
    sent = rows_of(client, plan, ("n1", "Степени"))
    client.send(f"/plans/{plan.id}", **sent)
    other = rows_of(admin, plan, draft="9-9")
    other["topic"][1] = "Степени чисел"
    assert admin.send(f"/plans/{plan.id}", **other).status_code == 302
    sent["topic"][1] = "Степени и корни"
    answer = client.send(f"/plans/{plan.id}", **sent)
    assert answer.status_code == 409 and "Степени чисел" in text(answer) and topics(plan) == ["Тема 1", "Степени чисел"]
    again = {**table(answer.get_data(as_text=True)), "draft": "17-4"}
    assert client.send(f"/plans/{plan.id}", **again).status_code == 302 and topics(plan) == ["Тема 1", "Степени и корни"]


def test_pln_02_a_new_plan_sent_twice_is_made_once_with_what_was_typed_last(app, school):
    client = entering(app, school, "teacher")
    rows = {"id": ["", ""], "section": ["", ""], "topic": ["Свет", "Звук"], "hours": ["1", "1"], "kind": ["", ""], "homework": ["", ""],
            "key": ["n1", "n2"], "draft": "5-5", "subject": str(school.course.subject_id), "grade": "7", "name": "Мой план"}
    first = client.send("/plans/new", **rows)
    second = client.send("/plans/new", **rows | {"topic": ["Свет", "Звук и эхо"]})
    assert first.location == second.location and topics(m.Plan.get()) == ["Свет", "Звук и эхо"]
    client.send("/plans/new", **rows | {"draft": "6-6"})
    assert m.Plan.select().count() == 2


# ---- plan against fact ----

def published(school, course):
    """Its lessons on Mondays and Thursdays of the year, but for the autumn holidays and one public holiday, a Thursday."""
    with m.writing(make.SYSTEM):
        m.Holiday.create(year=school.year, name="День народного единства", starts=date(2026, 11, 5), ends=date(2026, 11, 5), kind="public")
        version = m.Timetable.create(year=school.year, name="Год", starts=make.YEAR[0], ends=make.YEAR[1])
        for weekday in (1, 4):
            m.Slot.create(timetable=version, course=course, weekday=weekday, number=5)
        version.publish(make.SYSTEM, datetime(2026, 8, 25, 9, tzinfo=clock.zone()))


def test_pln_02_a_plan_is_spread_over_the_days_of_the_timetable_without_holidays(app, school):
    course = make.course(school.unit, "Химия", school.teacher)
    published(school, course)
    with m.writing(make.SYSTEM):
        plan = m.Plan.create(year=school.year, subject=course.subject, grade=7, name="Химия, 7", author=school.teacher)
        plan.lay(make.SYSTEM, [(None, "", f"Вещество {n}", Decimal(1), "", "") for n in range(1, 35)])
    client = entering(app, school, "teacher")
    assert client.send(f"/plans/{plan.id}/courses", course=course.id).status_code == 302
    page = text(client.get(f"/plans/course/{course.id}"))
    days = [lesson.day for lesson in course.lessons.order_by(m.Lesson.day)]
    assert {day.isoweekday() for day in days} == {1, 4} and not any(date(2026, 10, 26) <= day <= date(2026, 11, 5) for day in days)
    for number, words in ((1, "3 сентября"), (2, "7 сентября"), (16, "9 ноября"), (34, "25 января 2027")):
        assert re.search(rf"\b{number} Вещество {number} 1 {words}", page), number
    assert "отстаёт на 26 ч" in page


def test_pln_02_the_first_day_by_plan_stays_when_the_timetable_is_published_again(app, school):
    course = make.course(school.unit, "Химия", school.teacher)
    published(school, course)
    plan = plan_of(school, one_hour(34), course=False, name="Химия, 7", subject=course.subject)
    with m.writing(make.SYSTEM):
        course.plan = plan
        course.save()
    version, client = m.Timetable.get(), entering(app, school, "teacher")
    for weekday in (2, 5):  # twice: what stays is the first of three days
        with m.writing(make.SYSTEM):
            m.Slot.update(weekday=weekday).where(m.Slot.weekday == m.Slot.select(m.fn.MAX(m.Slot.weekday))).execute()
            version.publish(make.SYSTEM, make.NOW)
    moved = m.PlanDate.get(m.PlanDate.topic == plan.in_order()[30])
    assert moved.starts == moved.ends == date(2027, 1, 14) and not m.PlanDate.select().where(m.PlanDate.starts < make.NOW.date()).exists()
    page = text(client.get(f"/plans/course/{course.id}"))
    assert re.search(r"31 Тема 31 1 14 января 2027 по новому расписанию 15 января 2027", page)
    assert "7Б: по плану 14 января 2027, теперь 15 января 2027" in text(client.get(f"/plans/{plan.id}"))
    lesson = course.lessons.where(m.Lesson.day == date(2026, 12, 10)).get()
    with m.writing(make.SYSTEM):
        lesson.record(make.actor(), topic="Тема 1", plan_topic=plan.in_order()[0])
    assert "7Б: по плану 3 сентября, проведено 10 декабря" in text(client.get(f"/plans/{plan.id}"))
    assert client.get(f"/plans/course/{course.id}/export.xlsx").status_code == 200


def test_what_departs_from_the_plan_is_marked(app, school):
    plan = plan_of(school, [("Одночлены", 1), ("Многочлены", 2), ("Формулы", 1)])
    one, two, three = plan.in_order()
    days = list(school.lessons)
    with m.writing(make.SYSTEM):
        for day, topic, words in ((days[0], two, "Многочлены и дроби"), (days[1], None, "Игра «Счастливый случай»"), (days[2], one, "Одночлены")):
            school.lessons[day].record(make.actor(), topic=words, plan_topic=topic)
        school.lessons[days[3]].cancel(make.SYSTEM, "Карантин")
    page = text(entering(app, school, "teacher").get(f"/plans/course/{school.course.id}"))
    assert "записано иначе: «Многочлены и дроби»" in page and "Дано вне плана 1" in page and "Игра «Счастливый случай»" in page
    assert "начата не по порядку отличается от плана" in page and "позже плана" in page
    assert "урок выпал" in page and "Карантин" in page


def test_pln_04_a_cancelled_day_shows_the_plans_it_took_from(app, school):
    plan_of(school, one_hour(3))
    with m.writing(make.SYSTEM):
        school.lessons[MONDAY].cancel(make.SYSTEM, "Морозы")
        m.Holiday.create(year=school.year, name="Карантин", starts=date(2026, 12, 10), ends=date(2026, 12, 10), kind="cancelled")
        version = m.Timetable.create(year=school.year, name="Год", starts=make.YEAR[0], ends=make.YEAR[1], published_at=make.SYSTEM.at)
        for course in (school.course, school.foreign_course):
            m.Slot.create(timetable=version, course=course, weekday=4, number=3)
        m.Course.update(plan=m.Plan.get()).where(m.Course.id == school.foreign_course.id).execute()
    page = text(entering(app, school, "deputy").get("/plans/calendar"))
    assert "Понедельник, 14 декабря Морозы затронут 1 план" in page and "Четверг, 10 декабря Карантин затронуты 2 плана" in page
    assert "Карантин затронут 1 план" in text(entering(app, school, "teacher").get("/plans/calendar"))


# ---- compaction ----

def correcting(client, school, reason="Выпали уроки: карантин", **wishes):
    """`wishes` by the number of the topic: t2="1", or t3=True for «with the topic above»."""
    ids = {f"t{topic.number}": topic for topic in m.PlanTopic.of_course(school.course)}
    form = {f"h-{topic.id}": f"{topic.needs or topic.hours:g}" for topic in ids.values()}
    form |= {f"j-{topic.id}": "1" for topic in ids.values() if topic.correction and topic.correction.joined_to_id}
    for name, wish in wishes.items():
        form[f"{'j' if wish is True else 'h'}-{ids[name].id}"] = "1" if wish is True else wish
    return client.send(f"/plans/course/{school.course.id}/correct", **form, reason=reason)


def test_pln_04_topics_are_given_together_or_in_fewer_hours_with_a_reason(app, school):
    plan = plan_of(school, [("Одночлены", 2), ("Степени", 3), ("Стандартный вид", 1)])
    client = entering(app, school, "teacher")
    refused = correcting(client, school, reason=" ", t2="1")
    assert refused.status_code == 422 and "Напишите" in text(refused) and not m.PlanCorrection.select().exists()
    assert correcting(client, school, t2="1", t3=True).status_code == 302
    page = text(client.get(f"/plans/course/{school.course.id}"))
    assert "по плану 3 ч, здесь 1 ч: Выпали уроки: карантин" in page and "даётся вместе с темой выше: Выпали уроки: карантин" in page
    assert "2. Степени 3 1 Выпали уроки: карантин 17 декабря, 10:40, Алгебраева А. И." in page
    assert [topic.hours for topic in plan.in_order()] == [2, 3, 1]
    given_all(school)
    pace = text(client.get(f"/plans/course/{school.course.id}"))
    assert "Пройдено 6 3 ч за счёт уплотнения" in pace and "Проведено уроков, ч 3" in pace


def given_all(school):
    """Lessons given by what the plan offers until it ends."""
    days = iter(school.lessons.values())
    with m.writing(make.SYSTEM):
        while topic := m.PlanTopic.next_of(school.course):
            next(days).record(make.actor(), topic=topic.words, plan_topic=topic)


def test_pln_05_a_lesson_offers_the_joined_topics_as_one(app, school):
    plan_of(school, [("Степени", 1), ("Стандартный вид", 1), ("Формулы", 1)])
    client = entering(app, school, "teacher")
    correcting(client, school, t2=True)
    lesson = school.lessons[make.TODAY]
    assert "Степени; Стандартный вид" in text(client.get(f"/lesson/{lesson.id}"))
    client.send(f"/lesson/{lesson.id}/topic", take=m.PlanTopic.next_of(school.course).id)
    assert m.Lesson.get_by_id(lesson.id).topic == "Степени; Стандартный вид"
    assert m.PlanTopic.next_of(school.course).topic == "Формулы"
    assert "отличается" not in text(client.get(f"/plans/course/{school.course.id}"))


@pytest.mark.parametrize("wishes, words", [
    ({"t1": True}, "«Одночлены»: выше нет темы"), ({"t2": "0"}, "Часы — это число"), ({"t2": "0,1"}, "нужно не меньше 0,5 ч"),
])
def test_a_topic_is_never_left_out(app, school, wishes, words):
    plan_of(school, [("Одночлены", 2), ("Степени", 3)])
    answer = correcting(entering(app, school, "teacher"), school, **wishes)
    assert answer.status_code == 422 and words in text(answer) and not m.PlanCorrection.select().exists()


def test_a_correction_is_taken_back_and_what_is_covered_stays(app, school):
    plan_of(school, [("Одночлены", 2), ("Степени", 3)])
    client = entering(app, school, "teacher")
    correcting(client, school, t1="1", t2="2")
    first = m.PlanTopic.next_of(school.course)
    with m.writing(make.SYSTEM):
        school.lessons[MONDAY].record(make.actor(), topic=first.words, plan_topic=first)
    assert correcting(client, school, t1="2", t2="3", reason="Уроки вернули").status_code == 302
    assert [row.topic.topic for row in m.PlanCorrection.sheet(school.course)] == ["Одночлены"]


def test_two_who_compact_one_plan_at_once_keep_both_changes_and_see_the_one_they_share(app, school):
    plan_of(school, [("Одночлены", 2), ("Степени", 3), ("Стандартный вид", 2)])
    one, two, three = (topic.id for topic in m.PlanTopic.of_course(school.course))
    client, seen = entering(app, school, "teacher"), {f"s-{one}": "2", f"s-{two}": "3", f"s-{three}": "2"}
    looked = {f"h-{one}": "2", f"h-{two}": "3", f"h-{three}": "2", "reason": "Карантин"}

    def keep(**typed):
        return client.send(f"/plans/course/{school.course.id}/correct", **{**seen, **looked, **typed})

    assert keep(**{f"h-{one}": "1"}).status_code == 302
    assert keep(**{f"h-{two}": "2"}).status_code == 302
    assert [(row.topic_id, row.hours) for row in m.PlanCorrection.sheet(school.course)] == [(one, 1), (two, 2)]
    refused = keep(**{f"h-{two}": "1"})
    assert refused.status_code == 422 and "«Степени» тем временем изменил коллега: 2 ч" in text(refused)
    told = dict(re.findall(r'name="([hs]-\d+)"[^>]*value="([^"]*)"', refused.get_data(as_text=True)))
    assert (told[f"h-{one}"], told[f"h-{two}"], told[f"s-{two}"]) == ("1", "1", "2")
    assert client.send(f"/plans/course/{school.course.id}/correct", **told, reason="Карантин").status_code == 302
    assert [(row.topic_id, row.hours) for row in m.PlanCorrection.sheet(school.course)] == [(one, 1), (two, 1)]


def test_only_the_teacher_of_the_course_corrects_and_chooses_its_plan(app, school):
    plan = plan_of(school, one_hour(2))
    for name, status in (("stranger", 403), ("deputy", 403), ("class_teacher", 403)):
        client = entering(app, school, name)
        assert correcting(client, school, t1="2").status_code == status
        assert client.send(f"/plans/course/{school.course.id}/plan", plan="").status_code == status
        assert client.send(f"/plans/{plan.id}/courses", course=school.course.id).status_code == status, name
    assert m.Course.get_by_id(school.course.id).plan_id == plan.id and not m.PlanCorrection.select().exists()


# ---- files ----

def book(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


FILE = [["Календарно-тематическое планирование, алгебра, 7 класс"], ["№", "Тема урока", "Часы", "Вид контроля", "Домашнее задание", "УУД"],
        ["Раздел 1. Дроби (5 ч)"], [1, "Обыкновенные дроби", 2, None, "§ 1", "умеют"], [2, "Контрольная работа № 1", 1, "контрольная", None, ""],
        [3, "Сказка о дробях", 1, "инсценировка", None, ""], [None, None, 4, None, None, None], [4, "Итоговый урок", None, None, "", ""],
        ["Итого", None, 20]]


def sent(client, body, name="КТП алгебра 7.xlsx"):
    return client.post("/plans/import", data={"csrf_token": client.token(), "file": (io.BytesIO(body), name)})


def test_pln_02_a_file_is_previewed_line_by_line_and_kept_after_a_look(app, school):
    client = entering(app, school, "teacher")
    before = m.Act.select().count()
    answer = sent(client, book(FILE))
    page, words = answer.get_data(as_text=True), text(answer)
    assert answer.status_code == 200 and m.Act.select().count() == before and not m.Plan.select().exists()
    assert "4 темы, 5 ч" in words and "2 строки проверить" in words and "3 строки файла — не темы" in words
    assert "3 Раздел 1. Дроби (5 ч) принято за название раздела" in words and "9 Итого · 20 итог, а не тема" in words
    assert "7 4 часы или номер без темы" in words
    assert "Вид работы «инсценировка» в журнале не заведён." in words and "Часы не указаны: принято 1 ч." in words
    assert "«Тема урока» тема" in words and "«УУД» не используется" in words
    typed = table(page, subject=re.search(r'name="subject".*?<option value="(\d+)" selected>Алгебра', page, re.S)[1], grade="7", name="Алгебра")
    assert client.send("/plans/new", **typed).status_code == 302
    plan = m.Plan.get()
    assert [topic.words_of_row for topic in plan.in_order()] == [
        ("Дроби", "Обыкновенные дроби", 2, "", "§ 1"), ("Дроби", "Контрольная работа № 1", 1, "К", ""), ("Дроби", "Сказка о дробях", 1, "", ""),
        ("Дроби", "Итоговый урок", 1, "", "")]
    assert (plan.author, plan.grade, plan.subject) == (school.teacher, 7, school.course.subject)


def test_pln_06_topics_that_are_not_russian_are_told(app, school):
    plan = plan_of(school, [("Present Perfect", 1), ("Настоящее совершённое время (Present Perfect)", 1)])
    page = text(entering(app, school, "teacher").get(f"/plans/{plan.id}"))
    assert "Строки 1: Записи ведутся на русском языке." in page and "п. 4.4.10" in page


@pytest.mark.parametrize("code, topic, work, told", [
    ("К", "Степени", "", True), ("К", "Степени", "Действия со степенями", False), ("К", "Контрольная работа «Степени»", "", False),
    ("С", "Степени", "", False)])
def test_pln_06_a_control_work_asks_for_its_own_topic(app, school, code, topic, work, told):
    client = entering(app, school, "teacher")
    lesson = school.lessons[make.TODAY]
    client.send(f"/lesson/{lesson.id}/topic", topic=topic, kind=school.kinds[code].id, work_topic=work)
    assert m.Lesson.get_by_id(lesson.id).topic == topic
    assert ("без темы работы. Положение, п. 4.4.10." in text(client.get(f"/lesson/{lesson.id}"))) == told


def test_topics_alone_are_a_plan_of_one_hour_each(app, school):
    words = text(sent(entering(app, school, "teacher"), "Тема;Домашнее задание\nДроби;§ 1\nСтепени;\n".encode(), "план.csv"))
    assert "2 темы, 2 ч" in words and "2 строки проверить" in words


def test_a_text_file_is_read_and_a_file_without_topics_says_what_to_do(app, school):
    client = entering(app, school, "teacher")
    assert "Дроби" in text(sent(client, "Тема;Часы\nДроби;2\nСтепени;1\n".encode("cp1251"), "план.csv"))
    for body, name in ((book([["Фамилия", "Имя"], ["Петров", "Пётр"]]), "список.xlsx"), (b"\x00\x01", "битый.xlsx"), (b"", "пустой.csv")):
        answer = sent(client, body, name)
        assert answer.status_code == 422 and ("вставить туда" in text(answer) or "Выберите файл" in text(answer)), name


def test_a_plan_goes_out_to_excel_and_is_read_back(app, school):
    plan = plan_of(school, [("=Дроби", 2), ("Степени", 1)])
    client = entering(app, school, "teacher")
    body = client.get(f"/plans/{plan.id}/export.xlsx").data
    rows = list(openpyxl.load_workbook(io.BytesIO(body)).active.values)
    assert rows[0] == ("№", "Раздел", "Тема", "Часы", "Вид работы", "Домашнее задание") and rows[1][2:4] == ("'=Дроби", 2)
    assert "2 темы, 3 ч" in text(sent(client, body))
    dated = openpyxl.load_workbook(io.BytesIO(client.get(f"/plans/course/{school.course.id}/export.xlsx").data)).active
    assert [row[6] for row in dated.values][1:] == ["04.11.2026, 05.11.2026", "09.11.2026"]


# ---- what it costs ----

@pytest.mark.parametrize("size", [3, 120])
def test_pages_of_plans_cost_the_same_at_any_size(app, school, size):
    curriculum(school, 68)
    plan = plan_of(school, one_hour(size))
    with m.writing(make.SYSTEM):
        for number in range(size // 20):
            made, unit = make.school_class(school, f"{number + 5}Г")
            course = make.course(unit, "Алгебра", school.teacher)
            m.Course.update(plan=plan).where(m.Course.id == course.id).execute()
            make.lesson(course, school.teacher, MONDAY, 1, state="cancelled")
            m.Plan.create(year=school.year, subject=school.course.subject, grade=number + 5, name=f"План {number}", author=school.teacher)
    client, reader = entering(app, school, "teacher"), entering(app, school, "deputy")
    course = f"/plans/course/{school.course.id}"
    for who, path, most in ((client, "/plans/", 13), (client, f"/plans/{plan.id}", 13), (client, course, 16), (reader, "/plans/calendar", 15),
                            (reader, "/plans/progress?grade=7", 12)):
        with counted() as statements:
            assert who.get(path).status_code == 200
        assert len(statements) <= most, (path, len(statements))
    typed = table(page_of(client, plan))
    typed["topic"] = [f"{topic} заново" if topic else "" for topic in typed["topic"]]
    token = client.token()
    with counted() as statements:
        assert client.post(f"/plans/{plan.id}", data={"csrf_token": token, **typed}).status_code == 302
    assert len(statements) <= 18, len(statements)
    with counted() as statements:
        form = {"csrf_token": token, "reason": "Карантин"} | {f"h-{topic.id}": "2" for topic in plan.in_order()}
        assert client.post(f"{course}/correct", data=form).status_code == 302
    assert len(statements) <= 16, len(statements)
