"""«Помощь»: requests and their answers, documents without a sign-in, links, the log of how the journal runs."""

import re
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO

import pytest

import clock
import models as m
import rulebook.running
import rulebook.schedule
import rulebook.tickets
from tests import factories as f
from tests.statements import counted
from views import running

PASSWORD = "долгий пароль 1"


@pytest.fixture
def school(db):
    return f.school()


@pytest.fixture
def signed_in(app, school):
    def browser(name):
        if not m.Account.select().where(m.Account.login == name).exists():
            f.account(getattr(school, name), name, PASSWORD)
        return app.test_client().sign_in(name, PASSWORD)

    with clock.frozen(f.NOW):
        yield browser


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def ask(client, kind="consult", words="Как поставить вторую отметку?", **more):
    return client.send("/help/new", kind=kind, text=words, **more)


def ticket() -> m.Ticket:
    return m.Ticket.select().order_by(m.Ticket.id.desc()).get()


def told(person):
    return [str(row.text) for row in m.Notice.select().where(m.Notice.person == person)]


def sent_from(page):
    return {"headers": {"Referer": f"http://localhost{page}"}}


# ---- requests ----

def test_ctl_16_a_question_knows_its_page_is_answered_measured_and_closed(signed_in, school):
    teacher, admin = signed_in("teacher"), signed_in("admin")
    form = teacher.get("/help/new", **sent_from("/journal/1?period=2")).text
    assert 'value="/journal/1?period=2"' in form and "Спросить об этой странице" in teacher.get("/today/teacher").text
    assert ask(teacher, page="/journal/1?period=2").status_code == 302
    row = ticket()
    assert (row.kind, row.page, row.state, row.asked_by_id) == ("consult", "/journal/1?period=2", "new", school.teacher.id)
    assert "Ответить на обращения: 1" in text(admin.get("/duties/"))
    with clock.frozen(f.NOW + timedelta(hours=5)):
        assert signed_in("admin").send(f"/help/{row.id}/answer", text="Через «/»: 4/5").status_code == 302
    assert any("4/5" in words for words in told(school.teacher))
    page = text(teacher.get(f"/help/{row.id}"))
    assert "Через «/»: 4/5" in page and "Ответили за 5 ч" in page
    assert "Обычно отвечают за 5 ч" in text(admin.get("/help/desk")) and "Ответить на обращения" not in text(admin.get("/duties/"))
    assert teacher.send(f"/help/{row.id}/more", text="А три отметки?").status_code == 302 and ticket().state == "new"
    admin.send(f"/help/{row.id}/answer", text="Так не бывает")
    assert teacher.send(f"/help/{row.id}/closed").status_code == 302 and ticket().state == "closed"
    assert ticket().answered_at == clock.at(f.TODAY, f.NOW.time()) + timedelta(hours=5)


def test_ctl_16_a_family_finds_the_answer_on_its_page(signed_in, school):
    parent = signed_in("parent")
    ask(parent, words="Где итоги?")
    diary = f"/diary/{school.pupils[0].id}"
    assert "Есть ответ" not in parent.get(diary).text
    signed_in("admin").send(f"/help/{ticket().id}/answer", text="Вверху дневника")
    assert f"Есть ответ на ваше обращение № {ticket().id}" in text(parent.get(diary)) and told(school.parent) == []
    parent.send(f"/help/{ticket().id}/closed")
    assert "Есть ответ" not in parent.get(diary).text


def test_what_is_answered_closes_by_itself_after_two_weeks(signed_in, school):
    ask(signed_in("parent"))
    signed_in("admin").send(f"/help/{ticket().id}/answer", text="Так")
    rulebook.schedule.run(f.actor(at=f.NOW + timedelta(days=14)))
    assert ticket().state == "answered"
    rulebook.schedule.run(f.actor(at=f.NOW + timedelta(days=14, minutes=1)))
    assert ticket().state == "closed" and m.TicketStep.select().order_by(m.TicketStep.id.desc()).get().by_id is None


def test_nothing_typed_is_lost_and_steps_follow_their_order(signed_in, school):
    teacher, admin = signed_in("teacher"), signed_in("admin")
    answer = ask(teacher, kind="", words="Слова", page="/today/")
    assert answer.status_code == 422 and "Слова" in answer.text and "Выберите, о чём" in answer.text
    assert ask(teacher, words=" ").status_code == 422 and m.Ticket.select().count() == 0
    ask(teacher, page="https://evil.example/")
    assert ticket().page == ""
    assert admin.send(f"/help/{ticket().id}/answer", text=" ").status_code == 422
    assert admin.send(f"/help/{ticket().id}/printed").status_code == 422
    assert admin.send(f"/help/{ticket().id}/nonsense").status_code == 404
    teacher.send(f"/help/{ticket().id}/closed")
    late = admin.send(f"/help/{ticket().id}/answer", text="Поздний ответ")
    assert late.status_code == 422 and "уже поработали" in late.text


@pytest.mark.parametrize("name, may", [("admin", True), ("deputy", True), ("director", True), ("secretary", False), ("class_teacher", False),
                                       ("parent", False)])
def test_only_the_desk_answers_and_sees_what_others_ask(signed_in, school, name, may):
    ask(signed_in("teacher"))
    client = signed_in(name)
    assert client.get(f"/help/{ticket().id}").status_code == client.get("/help/desk").status_code == (200 if may else 403)
    assert client.send(f"/help/{ticket().id}/answer", text="Да").status_code == (302 if may else 403)
    assert client.send(f"/help/{ticket().id}/more", text="Ещё").status_code == 403


def test_ctl_19_a_printout_is_asked_for_printed_and_handed_over_with_times(signed_in, school):
    assert ask(signed_in("parent"), kind="print", words="Ведомость").status_code == 422
    ask(signed_in("class_teacher"), kind="print", words="Ведомость 7Б к собранию")
    admin, number = signed_in("admin"), ticket().id
    assert "Напечатать по просьбам: 1" in text(admin.get("/duties/"))
    assert admin.send(f"/help/{number}/handed").status_code == 422
    admin.send(f"/help/{number}/printed")
    assert "можно забрать" in text(signed_in("class_teacher").get("/notices/")) and "Выдать напечатанное: 1" in text(admin.get("/duties/"))
    with clock.frozen(f.NOW + timedelta(days=1)):
        signed_in("admin").send(f"/help/{number}/handed")
    page = text(signed_in("admin").get(f"/help/{number}"))
    assert "закрыто" in page and "17 декабря, 10:40" in page and "18 декабря, 10:40" in page


def test_ctl_17_support_gets_diagnostics_without_people_and_the_ticket_says_whom_it_went_to(signed_in, app, school):
    ask(signed_in("teacher"), kind="broken", words="Не печатается")
    admin = signed_in("admin")
    report = admin.get("/help/diagnostics")
    assert report.status_code == 200 and "attachment" in report.headers["Content-Disposition"]
    body = report.get_data(as_text=True)
    assert "Версия: 1.0" in body and "d1_asurso" in body and ("SQLite" in body) == m.is_sqlite() and "  lesson: " in body
    people = [row.surname for row in m.Person.select()]
    assert not [name for name in people if name in body] and app.config["SECRET_KEY"] not in body
    assert admin.send(f"/help/{ticket().id}/support", text="").status_code == 422
    admin.send(f"/help/{ticket().id}/support", text="support@example.ru, № 118")
    assert "Передано в техническую поддержку: support@example.ru, № 118" in text(admin.get(f"/help/{ticket().id}"))
    assert ticket().state == "new" and "передано в техническую поддержку" in text(signed_in("teacher").get("/notices/"))
    assert signed_in("secretary").get("/help/diagnostics").status_code == 403


def test_the_queue_takes_the_same_statements_for_one_and_for_thirty(signed_in, school):
    ask(signed_in("teacher"))
    admin, counts = signed_in("admin"), []
    for _ in range(2):
        admin.get("/help/desk")
        with counted() as sent:
            assert admin.get("/help/desk").status_code == 200
        counts.append(len(sent))
        for number in range(29):
            m.Ticket.ask(f.actor(school.parent), "consult", f"Вопрос {number}")
    assert counts[0] == counts[1]


# ---- documents ----

def test_leg_12_anybody_reads_the_documents_and_three_instructions_without_signing_in(client, school):
    f.account(school.admin, "admin", PASSWORD)
    assert "/help/papers" in client.get("/login").text
    with clock.frozen(f.NOW):
        page = client.get("/help/papers")
    assert page.status_code == 200 and "Действующее положение" in page.text and "приказ" in page.text
    for whom, word in (("STU", "обучающемуся"), ("PAR", "родителю"), ("T", "учителю")):
        assert f"/help/papers/for/{whom}" in page.text
        assert f"Инструкция {word}" in text(client.get(f"/help/papers/for/{whom}"))
    assert "Новый документ" not in page.text and client.get("/help/papers/for/ADM").status_code == 404


def test_leg_11_draft_order_publication_and_the_instruction_that_takes_the_place(signed_in, app, school):
    admin, deputy, nobody = signed_in("admin"), signed_in("deputy"), app.test_client()
    assert "Дневник открыт каждый день" in admin.get("/help/papers/new?whom=PAR").text
    assert deputy.send("/help/papers/new", kind="guide", whom="PAR", title="", text="Слова").status_code == 422
    answer = deputy.send("/help/papers/new", kind="guide", whom="PAR", title="Памятка родителю", text="## Главное\nСмотрите дневник\n- раз\n- два")
    place = answer.location
    assert answer.status_code == 302 and "проект" in deputy.get(place).text and nobody.get(place).status_code == 403
    assert deputy.send(f"{place}/publish").status_code == 422
    assert deputy.send(f"{place}/approve", order_no="7", order_date="2026-12-01").status_code == 403
    assert admin.send(f"{place}/approve", order_no="", order_date="2026-12-01").status_code == 422
    assert admin.send(f"{place}/approve", order_no="7", order_date="2026-12-01").status_code == 302
    assert admin.send(f"{place}/edit", kind="guide", whom="PAR", title="Другое", text="Другое").status_code == 422
    assert nobody.get(place).status_code == 403
    deputy.send(f"{place}/publish")
    assert nobody.get("/help/papers/for/PAR").location == place
    shown = nobody.get(place)
    assert "<h2>Главное</h2>" in shown.text and shown.text.count("<li>") == 2 and "приказ № 7 от 1 декабря" in text(shown)
    assert signed_in("teacher").send(f"{place}/withdraw").status_code == 403
    deputy.send(f"{place}/withdraw")
    assert nobody.get(place).status_code == 403 and nobody.get("/help/papers/for/PAR").status_code == 200


def test_leg_11_a_file_is_kept_and_given_to_everybody_once_published(signed_in, app, school):
    admin, nobody = signed_in("admin"), app.test_client()
    answer = admin.send("/help/papers/new", kind="rules", title="Положение", text="", file=(BytesIO(b"%PDF-1.4 x"), "Положение.pdf"))
    place = answer.location
    assert answer.status_code == 302 and nobody.get(f"{place}/file").status_code == 403
    assert admin.send("/help/papers/new", kind="rules", title="Положение", text="", file=(BytesIO(b"MZ"), "x.exe")).status_code == 422
    admin.send(f"{place}/approve", order_no="94", order_date="2026-08-27")
    admin.send(f"{place}/publish")
    assert nobody.get(f"{place}/file").get_data() == b"%PDF-1.4 x" and "Положение" in nobody.get("/help/papers").text


# ---- links ----

def test_ctl_20_acc_18_links_by_subject_and_grade_open_only_by_a_click(signed_in, school):
    admin, parent = signed_in("admin"), signed_in("parent")
    assert "Ссылок пока нет" in text(parent.get("/help/links"))
    subject = school.course.subject_id
    assert admin.send("/help/links", title="РЭШ", url="javascript:alert(1)").status_code == 422
    admin.send("/help/links", title="РЭШ", url="https://resh.edu.ru/", note="уроки", subject=str(subject), grade="7")
    admin.send("/help/links", title="Методистам", url="https://edsoo.ru/", whom="staff")
    page = parent.get("/help/links").text
    assert '<a href="https://resh.edu.ru/" rel="noopener noreferrer" target="_blank">' in page and "Методистам" not in page
    assert not re.search(r'(src|action)="https?:', page)
    assert "РЭШ" in parent.get(f"/help/links?grade=7&subject={subject}").text and "РЭШ" not in parent.get("/help/links?grade=8").text
    assert "Методистам" in signed_in("teacher").get("/help/links").text
    number = m.Resource.get(m.Resource.title == "РЭШ").id
    assert parent.send(f"/help/links/{number}/remove").status_code == 403
    assert admin.send(f"/help/links/{number}/remove").status_code == 302 and m.Resource.select().count() == 1


# ---- how the journal runs ----

def test_pln_07_an_interruption_has_start_end_and_cause(signed_in, school):
    deputy = signed_in("deputy")
    form = {"starts": "2026-12-16T09:00", "ends": "2026-12-16T09:40", "cause": "Отключили свет", "measures": "Включили"}
    assert deputy.send("/help/running", **form | {"cause": ""}).status_code == 422
    bad = deputy.send("/help/running", **form | {"ends": "2026-12-16T08:00"})
    assert bad.status_code == 422 and "Конец должен быть позже" in bad.text and "Отключили свет" in bad.text
    assert deputy.send("/help/running", **form).status_code == 302
    page = text(deputy.get("/help/running"))
    assert "Отключили свет 16 декабря, 9:00 – 16 декабря, 9:40 (40 мин) Включили" in page and "Последняя копия" in page
    assert signed_in("teacher").get("/help/running").status_code == 403


def test_pln_07_the_server_finds_by_itself_that_it_was_down(signed_in, app, school, tmp_path):
    by = f.actor(at=f.NOW)
    assert rulebook.running.found_at_start(tmp_path, by) is None
    assert rulebook.running.found_at_start(tmp_path, f.actor(at=f.NOW + timedelta(minutes=10))) is None
    rulebook.running.beat(tmp_path, by.at)
    row = rulebook.running.found_at_start(tmp_path, f.actor(at=f.NOW + timedelta(hours=3)))
    assert (row.state, row.ends - row.starts) == ("proposed", timedelta(hours=3))
    with clock.frozen(f.NOW + timedelta(hours=4)):
        admin = signed_in("admin")
        assert "Записать, почему не работал журнал: 1" in text(admin.get("/duties/"))
        form = {"starts": "2026-12-17T10:40", "ends": "2026-12-17T13:40"}
        assert admin.send(f"/help/running/{row.id}", **form, cause="").status_code == 422
        admin.send(f"/help/running/{row.id}", **form, cause="Сгорел блок питания")
        assert (m.Outage.get().state, m.Outage.get().cause) == ("kept", "Сгорел блок питания")
        assert admin.send(f"/help/running/{row.id}", **form, cause="Ещё раз").status_code == 403
        assert "почему не работал" not in text(admin.get("/duties/"))


def test_a_computer_that_was_switched_off_on_purpose_is_no_interruption(signed_in, school):
    row = m.Outage.propose(f.actor(), f.actor().at - timedelta(hours=9), f.actor().at)
    admin = signed_in("admin")
    admin.send(f"/help/running/{row.id}/drop")
    assert m.Outage.get().state == "dropped" and "Перебоев не записано" in text(admin.get("/help/running"))


def test_the_server_looks_at_its_start_and_a_damaged_sign_of_life_stops_nothing(app, school):
    folder = running.Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alive.json").write_text("{broken")
    assert rulebook.running.found_at_start(folder, f.actor()) is None and rulebook.running.health(folder).backup is None
    m.Backup.put_aside(f.actor(), "флешка", f.TODAY)
    m.Backup.made(f.actor(at=f.NOW - timedelta(days=1)), "x.zip", 5, "")
    assert rulebook.running.health(folder).backup == f.actor(at=f.NOW - timedelta(days=1)).at


def test_overlapping_interruptions_count_once(school):
    def at(hour):
        return clock.at(f.TODAY, datetime(2026, 1, 1, hour).time())
    for first, last in ((1, 4), (2, 3), (3, 5), (8, 9)):
        m.Outage.note(f.actor(), starts=at(first), ends=at(last), cause="х")
    assert rulebook.running.down_since(at(2), at(12)) == timedelta(hours=4)


def test_acc_11_planned_work_is_told_to_everybody_a_week_before_and_called_off(signed_in, school):
    admin, parent = signed_in("admin"), signed_in("parent")
    page, words = f"/diary/{school.pupils[0].id}", "Журнал не будет работать с 20 декабря, 22:00 до 20 декабря, 23:30: новый диск"
    admin.send("/help/running", planned="1", starts="2026-12-20T22:00", ends="2026-12-20T23:30", cause="новый диск")
    assert words in text(parent.get(page)) and words in text(admin.get("/today/admin"))
    with clock.frozen(datetime(2026, 12, 20, 23, 31)):
        assert "не будет работать" not in text(signed_in("parent").get(page))
    row = m.Outage.get()
    with clock.frozen(datetime(2026, 12, 13, 21, 59)):
        assert "не будет работать" not in text(signed_in("parent").get(page))
    admin.send(f"/help/running/{row.id}/drop")
    assert "не будет работать" not in text(parent.get(page))
    assert signed_in("teacher").send("/help/running", planned="1", cause="х").status_code == 403


def test_failures_are_counted_for_the_page_of_health(signed_in, app, school):
    app.extensions["failures"].clear()
    with app.test_request_context("/nowhere"):
        app.handle_user_exception(KeyError("surname of somebody"))
    page = text(signed_in("admin").get("/help/running"))
    assert "сбоев за это время: 1" in page and "KeyError" in page and "surname" not in page
    app.extensions["failures"].clear()
