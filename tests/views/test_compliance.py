"""«Соответствие регламенту»: what is broken shows with a link, and goes when it is mended where the link leads."""

import re
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

import clock
import models as m
import rulebook.audit
import rulebook.clauses
import rulebook.rules
from rulebook.audit_look import STATES
from tests import factories as f
from tests.statements import counted

PASSWORD = "demo-demo"
WORDS = {"broken": "нарушено", "risk": "скоро срок", "lapsed": "было позже срока", "noted": "к сведению"}
BEFORE = date(2026, 12, 16)  # a Wednesday with algebra, a day before f.NOW
CAST = ("teacher", "class_teacher", "deputy", "director", "admin", "secretary", "stranger", "substitute", "parent")


@pytest.fixture
def school(app):
    s = f.school()
    for name in CAST:
        f.account(getattr(s, name), name, PASSWORD)
    s.clients = {}
    s.enter = lambda name: s.clients.get(name) or s.clients.setdefault(name, app.test_client().sign_in(name, PASSWORD))
    with clock.frozen(f.NOW):
        yield s


@contextmanager
def at(s, day, hour, minute=0):
    """Another moment of December; everybody signs in anew."""
    with clock.frozen(datetime(2026, 12, day, hour, minute)):
        s.clients.clear()
        yield
    s.clients.clear()


def found(s, probe: str, who: str = "deputy", span: str = "year") -> dict[str, int]:
    """State → how many, of a probe on the page of the first clause that has it."""
    rules = rulebook.rules.rules_on(clock.today())
    slug, title = next((slug, each.title) for _clause, slug, own in rulebook.audit.rows_of(rules) for each in own if each.name == probe)
    page = s.enter(who).get(f"/compliance/{slug}?span={span}").get_data(as_text=True)
    with s.enter(who).application.test_request_context():
        from flask_babel import gettext
        heading = gettext(title)
    section = re.search(rf'<h2 id="p\d+">{re.escape(heading)}</h2>.*?</section>', page, re.DOTALL)[0]
    summaries = " ".join(re.findall(r"<summary>.*?</summary>", section, re.DOTALL))
    told = {state: sum(map(int, re.findall(rf"{word} (\d+)", summaries))) for state, word in WORDS.items()}
    return {state: count for state, count in told.items() if count}


def put(s, value, lesson=None, who="teacher", pupil=0, **more):
    place = {} if "period" in more else {"lesson": (lesson or s.lessons[BEFORE]).id}
    cell = {"pupil": s.pupils[pupil].id, "value": value, **place, **more}
    answer = s.enter(who).send_json(f"/journal/{s.course.id}/cells", {"cells": [cell]}).get_json()
    assert answer["cells"][0]["state"] in ("saved", "late"), answer
    return answer


def section(s, name, lesson=None, who="teacher", **form):
    answer = s.enter(who).send(f"/lesson/{(lesson or s.lessons[BEFORE]).id}/{name}", **form)
    assert answer.status_code == 302, answer.get_data(as_text=True)


def change(model, row, **values):
    with m.writing(f.SYSTEM):
        model.update(**values).where(model.id == row.id).execute()


# ---- lessons ----

@pytest.mark.parametrize(("probe", "mend"), [("topics", "topic"), ("attendance", "attendance")])
def test_leg_03_a_lesson_without_a_record_is_broken_until_it_is_written_and_late_after(school, probe, mend):
    over = sum(day < f.TODAY for day in school.lessons) + sum(day < f.TODAY for day in school.foreign_lessons)
    assert found(school, probe) == {"broken": over, "risk": 2}
    section(school, mend, **({"topic": "Степень с натуральным показателем"} if mend == "topic" else {}))
    assert found(school, probe) == {"broken": over - 1, "risk": 2, "lapsed": 1}
    section(school, mend, school.lessons[f.TODAY], **({"topic": "Свойства степени"} if mend == "topic" else {}))
    assert found(school, probe) == {"broken": over - 1, "risk": 1, "lapsed": 1}


def test_hw_01_homework_is_due_on_the_day_and_late_after(school):
    section(school, "attendance", school.lessons[f.TODAY])
    assert found(school, "homework") == {"risk": 1}
    section(school, "homework", school.lessons[f.TODAY], text="§ 12, упражнение 5")
    assert found(school, "homework") == {}
    section(school, "homework", text="§ 11, упражнение 4")
    assert found(school, "homework") == {"lapsed": 1}


@pytest.mark.parametrize(("probe", "code"), [("marks", "О"), ("control_works", "К"), ("written", "С"), ("external", "ВД")])
def test_mrk_01_a_work_for_everybody_is_broken_until_the_last_has_a_mark(school, probe, code):
    change(m.WorkKind, school.kinds[code], for_everyone=True)
    change(m.Lesson, school.lessons[BEFORE], kind=school.kinds[code],
           **({"received_at": f.SYSTEM.at} if code == "ВД" else {}))
    assert found(school, probe) == {"broken": 1}
    put(school, "4"), put(school, "5", pupil=1)
    assert found(school, probe)["broken"] == 1
    put(school, "н", pupil=2)
    assert found(school, probe) == {"lapsed": 2}
    change(m.Lesson, school.lessons[f.TODAY], kind=school.kinds[code])
    assert found(school, probe).get("risk", 0) == 1


def test_mrk_09_changes_after_the_window_are_shown_with_a_reason_and_broken_without(school):
    f.mark(school.lessons[date(2026, 12, 7)], school.pupils[0], "3")
    put(school, "4", school.lessons[date(2026, 12, 7)], reason="проверены тетради")
    loose = f.mark(school.lessons[date(2026, 12, 9)], school.pupils[1], "3", rule="mark.edit_window", regulation=1)
    assert found(school, "edits") == {"noted": 1, "broken": 1}
    put(school, "", school.lessons[date(2026, 12, 9)], pupil=1, reason="ошибочная запись")
    assert found(school, "edits") == {"noted": 1} and not m.Mark.select().where(m.Mark.id == loose.id).exists()


def test_mrk_14_marks_where_the_class_is_taught_without_them(school):
    f.mark(school.lessons[BEFORE], school.pupils[0], "5")
    change(m.SchoolClass, school.school_class, grade=1)
    assert found(school, "gradeless") == {"broken": 1}
    put(school, "")
    assert found(school, "gradeless") == {}


def test_mrk_17_a_banned_code_and_att_07_a_mark_beside_an_absence(school):
    f.absence(school.lessons[BEFORE], school.pupils[0], "осв")
    f.absence(school.lessons[BEFORE], school.pupils[1], "н")
    f.mark(school.lessons[BEFORE], school.pupils[1], "4")
    assert found(school, "codes") == {"broken": 1} == found(school, "retakes")
    put(school, "у"), put(school, "н", pupil=1)
    assert found(school, "codes") == {} == found(school, "retakes")


def test_att_05_an_absence_nobody_explained_is_the_class_teachers(school):
    old = school.lessons[date(2026, 12, 9)]
    f.absence(old, school.pupils[0], "н")
    f.absence(school.lessons[BEFORE], school.pupils[1], "н")
    assert found(school, "unexplained") == {"broken": 1, "risk": 1} == found(school, "unexplained", "class_teacher")
    put(school, "б", old, "class_teacher", reason="справка")
    assert found(school, "unexplained") == {"risk": 1}


def test_sub_03_a_substitution_without_a_record(school):
    f.substitution(school.lessons[BEFORE], school.substitute, school.teacher)
    assert found(school, "substitutions") == {"broken": 1} == found(school, "substitutions", "teacher") | {"broken": 1}
    section(school, "topic", who="substitute", topic="Одночлены")
    assert found(school, "substitutions") == {}


def test_pln_06_and_hw_05_words(school):
    change(m.Lesson, school.lessons[BEFORE], topic="Present Perfect", kind=school.kinds["О"])
    change(m.Lesson, school.lessons[date(2026, 12, 14)], topic="Степень", kind=school.kinds["К"])
    assert found(school, "language") == {"broken": 2}
    section(school, "topic", topic="Настоящее совершённое время (Present Perfect)")
    assert found(school, "language") == {"broken": 1}
    section(school, "homework", text="Read the text about London")
    assert found(school, "language") == {"broken": 2}
    section(school, "homework", text="повторить")
    assert found(school, "words") == {"broken": 1} and found(school, "language") == {"broken": 1}
    section(school, "homework", text="№ 5")
    assert found(school, "words") == {"noted": 1}


# ---- results ----

def test_fin_02_period_marks_are_due_then_missing_then_late(school):
    lessons = [school.lessons[day] for day in list(school.lessons)[:7]]
    for lesson in lessons:
        f.mark(lesson, school.pupils[0], "4")
    assert found(school, "results") == {"risk": 4} and found(school, "results", "teacher") == {"risk": 3}
    with at(school, 26, 9):
        assert found(school, "results")["broken"] == 4
        put(school, "4", period=school.periods[1].id, reason="нет письменных работ")
        assert found(school, "results") == {"broken": 3, "lapsed": 1}


def test_mrk_11_a_departure_without_a_reason_and_fin_07_a_banned_result(school):
    def result(pupil, value, computed):
        with m.writing(f.SYSTEM):
            m.PeriodMark.create(course=school.course, pupil=school.pupils[pupil], period=school.periods[1], value=value, computed=computed,
                                entered_at=f.SYSTEM.at)
    result(0, "5", "4"), result(1, "н/а", "")
    assert found(school, "departures") == {"broken": 1} == found(school, "values")
    put(school, "4", period=school.periods[1].id, reason="работы семестра")
    put(school, "продление", pupil=1, period=school.periods[1].id, reason="болезнь")
    assert found(school, "values") == {} and found(school, "departures") in ({}, {"noted": 1})


def test_mrk_12_few_marks_and_no_written_work(school):
    change(m.Subject, school.course.subject, name="Математика")
    for lesson in list(school.lessons.values())[:6]:
        f.mark(lesson, school.pupils[0], "4")
    assert found(school, "few", "teacher") == {"risk": 3} == found(school, "written_works", "teacher")
    change(m.Lesson, school.lessons[BEFORE], kind=school.kinds["К"])
    put(school, "5")
    assert found(school, "few", "teacher") == {"risk": 2} == found(school, "written_works", "teacher")


def test_fin_08_a_deferral_ends_and_is_broken_until_the_mark_is_put(school):
    with m.writing(f.SYSTEM):
        mark = m.PeriodMark.create(course=school.course, pupil=school.pupils[0], period=school.periods[0], value="продление",
                                   entered_at=f.SYSTEM.at)
        m.Deferral.create(mark=mark, until=date(2026, 12, 20), reason="болезнь", given_at=f.SYSTEM.at)
    assert found(school, "deferrals") == {"risk": 1}
    with at(school, 21, 9):
        assert found(school, "deferrals") == {"broken": 1}
        put(school, "4", period=school.periods[0].id, reason="сдал материал")
        assert found(school, "deferrals") == {}


# ---- plans ----

def test_pln_02_and_pln_03_a_journal_without_a_plan_and_hours_that_differ(school):
    assert found(school, "plans", "teacher") == {"broken": 1}
    plan = f.plan(school.course, ["Степень", "Одночлен"])
    with m.writing(f.SYSTEM):
        m.CurriculumLine.create(school_class=school.school_class, subject=school.course.subject, weekly_hours=3, year_hours=3)
    assert found(school, "plans", "teacher") == {} and found(school, "hours") == {"broken": 1}
    with m.writing(f.SYSTEM):
        plan.lay(f.SYSTEM, [(row.id, *row.words_of_row) for row in plan.in_order()] + [(None, "", "Итоги", 1, "", "")])
    assert found(school, "hours") == {}


def test_pln_04_a_plan_longer_than_the_lessons_left_as_the_page_of_the_plan_counts_it(school):
    f.plan(school.course, [f"Тема {number}" for number in range(1, 12)])
    left = sum(day >= f.TODAY for day in school.lessons)
    assert found(school, "pace") == {"risk": 1} and left < 11
    page = school.enter("deputy").get("/compliance/4-4-8?span=year").get_data(as_text=True)
    assert f"на {11 - left} ч плана не хватает уроков" in page


# ---- the school ----

def test_leg_13_leg_11_an_order_is_named(school):
    assert found(school, "appointments") == {} == found(school, "regulation")
    row = m.Appointment.get(m.Appointment.person == school.admin)
    change(m.Appointment, row, order_no="")
    change(m.Regulation, m.Regulation.get(), order_no="")
    assert found(school, "appointments") == {"broken": 1} == found(school, "regulation")
    answer = school.enter("director").send(f"/admin/appointment/edit/?id={row.id}", person=school.admin.id, role="ADM", starts="2026-09-01",
                                           order_no="7-к", order_date="2026-08-31")
    assert answer.status_code == 302 and found(school, "appointments") == {}


def test_cnt_09_a_class_without_class_teacher_a_journal_without_teacher(school):
    assert found(school, "teaching") == {"broken": 1}
    f.appoint(school.stranger, "CT", school.foreign_class)
    assert found(school, "teaching") == {}
    change(m.Assignment, m.Assignment.get(m.Assignment.course == school.course), ends=date(2026, 12, 1))
    assert found(school, "teaching") == {"broken": 1}


def test_cnt_07_a_pupil_in_no_subgroup(school):
    with m.writing(f.SYSTEM):
        own = m.SubgroupSet.create(school_class=school.school_class, name="Иностранный язык")
        unit = m.Unit.create(year=school.year, kind="subgroup", name="7Б англ. 1", school_class=school.school_class, subgroup_set=own, number=1)
    f.course(unit, "Английский язык", school.teacher)
    assert found(school, "subgroups") == {"broken": 3} == found(school, "subgroups", "class_teacher")
    for pupil in school.pupils:
        unit.join(f.SYSTEM, pupil, f.YEAR[0])
    assert found(school, "subgroups") == {}


def test_sec_05_a_young_pupil_with_a_way_in_and_no_parent_with_one(school):
    f.account(school.pupils[1].person, "young", PASSWORD)
    assert found(school, "young") == {"broken": 1} == found(school, "young", "class_teacher")
    f.account(school.other_parent, "mother", PASSWORD)
    assert found(school, "young") == {}


def test_sec_07_an_old_password_is_broken_until_it_is_changed(school):
    account = m.Account.get(m.Account.login == "secretary")
    change(m.Account, account, password_at=f.SYSTEM.at - timedelta(days=360))
    with clock.frozen(datetime(2026, 8, 29, 9)):
        change(m.Account, account, password_at=datetime(2025, 9, 5, tzinfo=clock.zone()))
    old = found(school, "passwords")
    assert old == {"broken": 1}
    school.enter("secretary").send("/password", old=PASSWORD, new="new-password-1", again="new-password-1", password="new-password-1")
    account.set_password(f.actor(school.secretary), "new-password-1")
    assert found(school, "passwords") == {}


# ---- what people confirm, ask and answer ----

def test_cnt_01_and_cnt_05_lists_and_data_confirmed(school):
    assert found(school, "lists") == {"broken": 2}
    with m.writing(f.SYSTEM):
        m.Confirmation.state(f.actor(school.class_teacher), "list", "CT", f.TODAY, school_class=school.school_class)
    assert found(school, "lists") == {"broken": 1, "lapsed": 1}
    assert found(school, "data", "class_teacher").get("broken", 0) == 0


def test_ctl_03_a_remark_without_an_answer(school):
    made = m.JournalRemark.write(f.actor(school.deputy), school.teacher.id, "Заполните темы", date(2026, 12, 17), course=school.course)
    assert found(school, "remarks") == {"risk": 1} == found(school, "remarks", "teacher")
    with at(school, 18, 9):
        assert found(school, "remarks") == {"broken": 1}
        made.put_answer(f.actor(school.teacher), "Заполнено")
        assert found(school, "remarks") == {"noted": 1}


def test_mrk_08_a_request_for_a_correction_waits_and_cnt_12_one_for_a_list(school):
    m.Correction.ask(f.actor(school.teacher), school.course, "ошибка в отметке", [{"what": "topic", "lesson": school.lessons[BEFORE]}])
    m.ListRequest.ask(f.actor(school.class_teacher), school.school_class, school.pupils[0], "другая фамилия")
    assert found(school, "corrections") == {"risk": 1} == found(school, "requests")
    request = m.ListRequest.get()
    request.reply(f.actor(school.secretary), "done", "")
    assert found(school, "requests") == {}


def test_sec_11_a_breach_nobody_was_told_of(school):
    with m.writing(f.SYSTEM):
        case = m.Breach.create(reported_at=f.actor().at, reporter="Алгебраева", discovered_at=f.actor().at, story="потерян телефон")
    assert found(school, "breaches")["risk"] >= 1
    with at(school, 17, 11, 41):
        assert found(school, "breaches")["broken"] == 1
        for whom in ("head", "support"):
            m.BreachNotice.put(f.actor(school.deputy), case, whom, told_at=f.actor().at, late=True)
        assert "broken" not in found(school, "breaches") and found(school, "breaches")["lapsed"] == 1


# ---- whose part, which clauses ----

def test_acc_06_a_teacher_meets_only_own_journals_and_a_class_teacher_the_own_class(school):
    for who, foreign in (("teacher", ("8А", "Физик", "Классова")), ("class_teacher", ("8А", "Физик")), ("stranger", ("7Б", "Алгебра"))):
        pages = school.enter(who).get("/compliance/?span=year").get_data(as_text=True)
        links = set(re.findall(r'href="(/compliance/[^"?]+)', pages))
        assert links
        for link in sorted(links):
            pages += school.enter(who).get(f"{link}?span=year").get_data(as_text=True)
        main = " ".join(re.findall(r'<main id="main".*?</main>', pages, re.DOTALL))
        assert [word for word in foreign if word in main] == [], who
    assert school.enter("secretary").get("/compliance/").status_code == 403 == school.enter("parent").get("/compliance/").status_code


@pytest.mark.parametrize("preset", [rules.preset for rules in rulebook.rules.presets()])
def test_every_clause_of_every_document_has_a_state(app, preset):
    s = f.school(preset=preset)
    f.account(s.deputy, "deputy", PASSWORD)
    with clock.frozen(f.NOW):
        rows = rulebook.audit.audit(rulebook.audit.Look(rulebook.rules.rules_on(f.TODAY), f.actor().at, f.YEAR[0]))
        page = app.test_client().sign_in("deputy", PASSWORD).get("/compliance/?span=year").get_data(as_text=True)
    rules = rulebook.rules.preset(preset)
    assert {row.clause.number for row in rows} - {""} == set(rulebook.clauses.documents().get(rules.code, {}))
    assert len({row.slug for row in rows}) == len(rows) and {row.state for row in rows} <= set(STATES)
    assert all(f"/compliance/{row.slug}?" in page for row in rows)
    assert {each.name for row in rows for standing in row.standings for each in [standing.probe]} == {
        each.name for each in rulebook.audit.PROBES}
    if preset == "base":
        assert {row.clause.number for row in rows} == {""} and "правило школы" in page


def test_what_no_data_can_tell_is_said_plainly(school):
    page = school.enter("deputy").get("/compliance/3-8").get_data(as_text=True)
    assert "Журнал так устроен" in page
    assert "исполняют люди" in school.enter("deputy").get("/compliance/1-8").get_data(as_text=True)
    assert school.enter("deputy").get("/compliance/77-7").status_code == 404


def test_a_clause_tells_its_keys_their_text_and_since_which_version_they_hold(school):
    page = school.enter("deputy").get("/compliance/4-4-5").get_data(as_text=True)
    assert "Ежедневно заполняет данные по домашним заданиям." in page and "1 сентября" in page and "редакция 1" in page


def test_a_rule_that_is_switched_off_is_not_asked(app, school):
    f.regulation("d1_asurso", date(2026, 12, 1))
    version = m.RegulationVersion.newest_first().first()
    rules = rulebook.rules.rules_of(version).changed({"entry.topic_deadline": {"severity": "off"}})
    change(m.RegulationVersion, version, values=rules.to_json())
    assert "выключено школой" in school.enter("deputy").get("/compliance/4-4-1").get_data(as_text=True)


# ---- the demo school: numbers, persons, speed ----

def _as(app, login):
    return app.test_client().sign_in(login)


def test_the_demo_school_tells_its_state_and_every_number_opens_its_list(demo_app):
    client = _as(demo_app, "deputy")
    page = client.get("/compliance/").get_data(as_text=True)
    shown = dict(zip(WORDS.values(), (int(n) for n in re.search(r"нарушено (\d+), скоро срок (\d+), было позже срока (\d+)", page).groups()),
                     strict=False))
    assert shown["нарушено"] > 0 and shown["скоро срок"] > 0
    narrowed = client.get("/compliance/?state=broken").get_data(as_text=True)
    assert narrowed.count("<tbody>") == 1 and len(re.findall(r'<th scope="row"', narrowed)) == shown["нарушено"]
    person = re.search(r'<option value="(\d+)">(\S+ \S\. \S\.)', page)
    own = client.get(f"/compliance/?person={person[1]}").get_data(as_text=True)
    assert f'<option value="{person[1]}" selected>' in own and own.count("нарушено") <= page.count("нарушено")
    for link in sorted(set(re.findall(r'href="(/(?:lesson|results|plans|duties|journal|diary)/[^"]*)"', narrowed)))[:12]:
        assert client.get(link.replace("&amp;", "&")).status_code in (200, 302), link


def test_the_statements_do_not_grow_with_the_school(school):
    def statements() -> int:
        with counted() as sent:
            assert school.enter("deputy").get("/compliance/?span=year").status_code == 200
        return len(sent)
    statements()
    small = statements()
    for number in range(3):
        _class, unit = f.school_class(school, f"{number + 4}В")
        for pupil in range(4):
            f.pupil(f"Новая{pupil}", _class)
        for subject in ("Алгебра", "Русский язык"):
            own = f.course(unit, subject, f.employee(f"Учителева{number}{subject[0]}"))
            f.lessons(own, school.teacher, date(2026, 12, 1), date(2026, 12, 27))
    assert statements() == small <= 66


@pytest.mark.parametrize("path", ["/compliance/?span=year", "/compliance/4-4-1?span=year"])
def test_the_page_of_the_demo_school_takes_no_more_statements(demo_app, path):
    client = _as(demo_app, "deputy")
    client.get(path)
    with counted() as sent:
        client.get(path)
    assert len(sent) <= (74 if "4-4-1" not in path else 20)


def test_ctl_01_the_digest_of_a_week_says_the_worst_and_whose_it_is(demo_app):
    digest = rulebook.audit.digest(rulebook.rules.rules_on(clock.today()), clock.now())
    assert (digest.last - digest.first).days == 6 and sum(digest.totals.values()) > 80
    assert {row.state for row in digest.rows} <= {"broken", "risk"}
    assert digest.people == sorted(digest.people, key=lambda each: -each[1]) and digest.people
