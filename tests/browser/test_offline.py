"""Nothing typed is lost or doubled: the link is cut, the server dies, the session ends, the clock is wrong, another tab or another person is there."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

import clock
import models as m
from rulebook.entries import version_of
from tests import factories as f
from tests.browser import conftest
from tests.browser.conftest import beside
from tests.browser.test_grid import PASSWORD, sign_in
from tests.cluster import free_port

DAY, LOST = date(2026, 12, 17), "lost"


@pytest.fixture
def school(db):
    s = f.school(6)
    for name in ("teacher", "substitute"):
        f.account(getattr(s, name), name, PASSWORD)
    f.substitution(s.lessons[DAY], s.substitute, s.teacher)
    with m.writing(f.SYSTEM):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
    return s


@pytest.fixture
def house(school, app):
    """A server that can be stopped and started again at the same address, and made to fail at saving."""
    with House(app) as house:
        yield house


class House:
    """`fault` of saving cells: the status that is answered in their place, or LOST: they are saved and the answer never arrives."""

    def __init__(self, app):
        self.app, self.port, self.running, self.fault = app, free_port(), None, None

    def __call__(self, environ, start):
        if not self.fault or not environ["PATH_INFO"].endswith("/cells"):
            return self.app(environ, start)
        if self.fault == LOST:
            self.app(environ, lambda *_answer: None).close()
            raise ConnectionAbortedError
        start(f"{self.fault} Fault", [("Content-Type", "application/json")])
        return [b'{"error": "disk full"}']

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def start(self):
        self.running = beside(self, self.port)
        self.address = self.running.__enter__()

    def stop(self):
        if self.running:
            self.running.__exit__(None, None, None)
        self.running = None


@pytest.fixture
def grid(school, house, page):
    sign_in(page, house.address)
    return opened(page, house, school)


def opened(page, house, school):
    page.goto(f"{house.address}/journal/{school.course.id}")
    kept_pages(page, 1)
    return page


def kept_pages(page, number):
    """Wait until this browser keeps the pages of so many accounts."""
    assert page.evaluate("""async (number) => {
        const kept = async () => (await caches.keys()).filter((name) => name.startsWith("pages-")).length, late = performance.now() + 60000;
        while (await kept() !== number && performance.now() < late) await new Promise((done) => setTimeout(done, 20));
        return kept();
    }""", number) == number


def cell(page, school, pupil=0):
    return page.locator(f'td[data-pupil="{school.pupils[pupil].id}"][data-lesson="{school.lessons[DAY].id}"]')


def type_column(page, school, values, first=0):
    cell(page, school, first).focus()
    for value in values:
        page.keyboard.press(value)
        page.keyboard.press("Enter")


def states(page, school, expected):
    for pupil, state in enumerate(expected):
        if state:
            expect(cell(page, school, pupil)).to_have_attribute("data-s", state)


def go_on(page):
    page.evaluate("window.dispatchEvent(new Event('online'))")


def written(school):
    """The marks of the lesson by pupil, and how many rows of history they have."""
    marks = {row.pupil_id: row.value for row in m.Mark.select().where(m.Mark.lesson == school.lessons[DAY])}
    return [marks.get(pupil.id, "") for pupil in school.pupils], m.History.select().where(m.History.tbl == "mark").count()


def line(page):
    return page.locator("#queue [role=status]")


def test_a_cut_link_loses_and_doubles_nothing(grid, school):
    grid.context.set_offline(True)
    type_column(grid, school, "5432")
    expect(line(grid)).to_contain_text(re.compile(r"4 записи ждут связи с \d\d:\d\d.*Можно работать дальше"))
    states(grid, school, ["wait"] * 4)
    grid.reload()
    expect(line(grid)).to_contain_text("4 записи ждут связи")
    expect(grid.locator("#queue")).to_contain_text(re.compile(r"Без связи, показано на \d\d:\d\d"))
    for pupil, value in enumerate("5432"):
        expect(cell(grid, school, pupil)).to_have_text(value)
    type_column(grid, school, "4", first=4)
    grid.context.set_offline(False)
    go_on(grid)
    states(grid, school, ["saved"] * 5)
    expect(line(grid)).to_be_empty()
    assert written(school) == (["5", "4", "3", "2", "4", ""], 5)


def test_a_stopped_server_and_a_repeated_batch(grid, school, house):
    """The batch is applied, its answer never comes, the server starts again: sent a second time it changes nothing."""
    house.fault = LOST
    type_column(grid, school, "54")
    expect(line(grid)).to_contain_text("2 записи ждут связи")
    house.stop()
    house.fault = None
    type_column(grid, school, "3", first=2)
    expect(line(grid)).to_contain_text("3 записи ждут связи")
    house.start()
    go_on(grid)
    states(grid, school, ["saved"] * 3)
    assert written(school) == (["5", "4", "3", "", "", ""], 3)
    assert m.verify()["acts"] > 0


def test_a_server_that_cannot_write_is_asked_again(grid, school, house):
    for pupil, house.fault in enumerate((507, 500, 503, 429)):
        type_column(grid, school, "5", first=pupil)
        expect(line(grid)).to_contain_text(re.compile("1 запись ждёт сервера.*Сервер сейчас не может"))
        house.fault = None
        go_on(grid)
        states(grid, school, [None] * pupil + ["saved"])
        expect(line(grid)).to_be_empty()


def test_a_session_that_ended_in_mid_typing(grid, school, house):
    type_column(grid, school, "5")
    states(grid, school, ["saved"])
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    type_column(grid, school, "43", first=1)
    expect(line(grid)).to_contain_text(re.compile("2 записи ждут вашего входа.*Войдите снова: всё набранное сохранено"))
    grid.get_by_role("link", name="Войти").click()
    grid.fill("[name=login]", "teacher")
    grid.fill("[name=password]", PASSWORD)
    grid.click("main form button")
    grid.wait_for_url("**/journal/*")
    states(grid, school, [None, "saved", "saved"])
    assert written(school) == (["5", "4", "3", "", "", ""], 3)


def test_another_account_neither_sends_nor_sees_what_the_first_one_left(grid, school, house):
    house.stop()
    type_column(grid, school, "5")
    expect(line(grid)).to_contain_text("1 запись ждёт связи")
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    house.start()
    conftest.sign_in(grid, house.address, "substitute", PASSWORD)
    grid.goto(f"{house.address}/lesson/{school.lessons[DAY].id}")
    expect(grid.locator("#queue [role=group]")).to_have_count(0)
    expect(line(grid)).to_be_empty()
    assert written(school)[0][0] == ""
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    conftest.sign_in(grid, house.address, "teacher", PASSWORD)
    opened(grid, house, school)
    expect(cell(grid, school)).to_have_text("5")
    expect(line(grid)).to_be_empty()
    assert written(school) == (["5", "", "", "", "", ""], 1)


def test_a_clock_that_is_an_hour_off(school, house, page):
    """The machine shows an hour too late: the record is dated by the school's clock, and nothing says it waited."""
    page.add_init_script("const real = Date.now.bind(Date); Date.now = () => real() + 3600000")
    sign_in(page, house.address)
    opened(page, house, school)
    page.context.set_offline(True)
    type_column(page, school, "5")
    expect(line(page)).to_contain_text(re.compile("1 запись ждёт связи с 10:4"))
    page.context.set_offline(False)
    go_on(page)
    states(page, school, ["saved"])
    mark = m.Mark.get()
    assert mark.typed_at is None and mark.entered_at.astimezone(clock.zone()).hour == 10


def test_a_conflict_stands_side_by_side_on_every_page(grid, school, house):
    grid.context.set_offline(True)
    type_column(grid, school, "54")
    f.mark(school.lessons[DAY], school.pupils[0], "3")
    f.mark(school.lessons[DAY], school.pupils[1], "2")
    grid.context.set_offline(False)
    go_on(grid)
    states(grid, school, ["conflict", "conflict"])
    assert [row.value for row in m.Mark.select().order_by(m.Mark.id)] == ["3", "2"]
    grid.goto(f"{house.address}/me")
    expect(grid.locator("#queue [role=group]")).to_have_count(2)
    first = grid.locator("#queue [role=group]").first
    expect(first).to_contain_text("Ученикова001")
    expect(first).to_contain_text(re.compile("в журнале.*3.*у вас.*5", re.S))
    first.get_by_role("button", name="Оставить моё: 5").click()
    expect(grid.locator("#queue [role=group]")).to_have_count(1)
    grid.get_by_role("button", name="Оставить чужое: 2").click()
    expect(grid.locator("#queue [role=group]")).to_have_count(0)
    opened(grid, house, school)
    expect(cell(grid, school)).to_have_text("5")
    expect(cell(grid, school)).to_have_attribute("data-version", version_of("5"))
    assert written(school)[0][:2] == ["5", "2"]


def test_a_refusal_names_its_clause_and_keeps_what_was_typed(grid, school, house):
    grid.context.set_offline(True)
    type_column(grid, school, "5")
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=f.SYSTEM.at)
    grid.context.set_offline(False)
    go_on(grid)
    states(grid, school, ["refused"])
    grid.goto(f"{house.address}/me")
    refusal = grid.locator("#queue [role=group]")
    expect(refusal).to_contain_text("закрыт")
    expect(refusal.get_by_role("button", name="Скопировать набранное")).to_be_visible()
    refusal.get_by_role("button", name="Понятно").click()
    expect(refusal).to_have_count(0)
    assert written(school)[0][0] == ""


def test_signing_out_sends_first_and_warns_of_what_could_not_leave(grid, school, house):
    house.fault = 503
    type_column(grid, school, "5")
    expect(line(grid)).to_contain_text("1 запись ждёт сервера")
    grid.goto(f"{house.address}/me")
    grid.get_by_role("button", name="Выйти", exact=True).click()
    warning = grid.get_by_role("alertdialog")
    expect(warning).to_contain_text("1 запись не отправлена")
    expect(warning).to_contain_text("Ученикова001")
    house.fault = None
    warning.get_by_role("button", name="Остаться и отправить").click()
    expect(line(grid)).to_be_empty()
    expect(grid.get_by_role("alertdialog")).to_have_count(0)
    grid.get_by_role("button", name="Выйти", exact=True).click()
    grid.wait_for_url("**/login*")
    assert written(school) == (["5", "", "", "", "", ""], 1)
    assert left_behind(grid) == [0, []]


def test_a_lesson_filled_without_a_connection_arrives_whole_and_once(grid, school, house):
    """Attendance, topic, homework with a photograph, marks; a colleague put one of the marks meanwhile."""
    lesson, (first, second, third, *_others) = school.lessons[DAY], school.pupils
    grid.goto(f"{house.address}/lesson/{lesson.id}")
    grid.context.set_offline(True)
    grid.locator(f'#attendance [data-pupil="{third.id}"] .tap').click()
    grid.get_by_role("button", name="Подтвердить: нет 1").click()
    grid.locator("#f-topic").fill("Формулы")
    grid.get_by_role("button", name="Сохранить тему").click()
    grid.locator("#f-text").fill("№ 12")
    grid.set_input_files("#f-photo", {"name": "доска.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n the board"})
    grid.get_by_role("button", name="Сохранить задание").click()
    for pupil, value in ((first, "5"), (second, "4")):
        grid.locator(f"#m-{pupil.id}-0").fill(value)
    grid.get_by_role("button", name="Сохранить отметки").click()
    expect(line(grid)).to_contain_text("4 записи ждут связи")
    expect(grid.locator("#homework .queued")).to_contain_text("Ждёт сети")
    grid.goto(f"{house.address}/lesson/{lesson.id}")
    expect(grid.locator("#f-topic")).to_have_value("Формулы")
    expect(grid.locator(f'#attendance [data-pupil="{third.id}"] .tap')).to_have_attribute("aria-pressed", "true")
    f.mark(lesson, second, "3")
    grid.goto(f"{house.address}/me")
    grid.context.set_offline(False)
    grid.goto(f"{house.address}/me")
    expect(line(grid)).to_be_empty()
    trouble = grid.locator("#queue [role=group]")
    expect(trouble).to_contain_text(f"{second.person.surname} {second.person.name}: ")
    expect(trouble).to_contain_text("отметки")
    standing = m.Lesson.get_by_id(lesson.id)
    assert (standing.topic, standing.attendance_at is not None) == ("Формулы", True)
    assert [(row.pupil_id, row.code) for row in m.Absence.select()] == [(third.id, "н")]
    assert written(school) == (["5", "3", "", "", "", ""], 2)
    assert [(row.homework.text, row.name) for row in m.Attachment.select()] == [("№ 12", "доска.png")]
    assert history_of("absence", "homework", "attachment") == [1, 1, 1]


def history_of(*tables):
    """Rows of history by table."""
    return [m.History.select().where(m.History.tbl == table).count() for table in tables]


def test_a_column_that_waited_is_there_when_the_connection_is_back(grid, school):
    cell(grid, school).focus()
    grid.context.set_offline(True)
    grid.keyboard.press("F9")
    grid.get_by_label("О чём работа").last.fill("Диктант")
    grid.keyboard.press("Enter")
    expect(line(grid)).to_contain_text("1 запись ждёт связи")
    expect(grid.get_by_role("dialog")).to_have_count(0)
    grid.context.set_offline(False)
    go_on(grid)
    grid.get_by_role("button", name="Показать новую колонку").click()
    expect(grid.locator("#journal th[data-work]")).to_have_count(1)
    assert [row.title for row in m.Work.select()] == ["Диктант"] and history_of("work") == [1]


def test_mrk_01_marks_typed_into_a_column_that_waits_follow_it(grid, school):
    cell(grid, school).focus()
    grid.context.set_offline(True)
    grid.keyboard.press("F9")
    grid.get_by_label("О чём работа").last.fill("Диктант")
    grid.keyboard.press("Enter")
    grid.get_by_role("button", name="Вписать отметки").click()
    for text in ("5", "нет", "4"):
        grid.keyboard.type(text)
        grid.keyboard.press("Enter")
    expect(grid.get_by_role("dialog").get_by_role("alert")).to_contain_text("нет такой отметки")
    grid.get_by_role("dialog").locator("input").nth(1).fill("")
    grid.get_by_role("button", name="Закрыть").click()
    expect(line(grid)).to_contain_text("3 записи ждут связи")
    grid.reload()
    expect(grid.get_by_role("button", name="Вписать отметки")).to_be_visible()
    grid.context.set_offline(False)
    go_on(grid)
    expect(line(grid)).to_be_empty()
    work = m.Work.get()
    assert [(row.value, row.work_id) for row in m.Mark.select().where(m.Mark.work == work).order_by(m.Mark.pupil)] == [("5", work.id), ("4", work.id)]


def left_behind(page):
    """Rows of the queue and of drafts, and kept pages in this browser."""
    return page.evaluate("""async () => {
        const open = await new Promise((done) => { const r = indexedDB.open("zhurnal", 2); r.onsuccess = () => done(r.result); });
        const count = (store) => new Promise((done) => { const r = open.transaction(store).objectStore(store).count(); r.onsuccess = () => done(r.result); });
        return [await count("saves") + await count("drafts"), (await caches.keys()).filter((name) => name.startsWith("pages-"))];
    }""")


def test_pages_of_own_courses_open_without_a_connection_and_no_others(grid, school, house):
    grid.goto(f"{house.address}/lesson/{school.lessons[DAY].id}")
    grid.goto(f"{house.address}/journal/")
    house.stop()
    grid.goto(f"{house.address}/lesson/{school.lessons[DAY].id}")
    expect(grid.locator("#queue")).to_contain_text("Без связи, показано на")
    expect(grid.locator("h1")).to_contain_text("Алгебра")
    grid.goto(f"{house.address}/journal/")
    expect(grid.get_by_role("heading", name="Нет связи")).to_be_visible()
    expect(grid.locator("#kept a")).to_have_count(2)
    grid.goto(f"{house.address}/journal/{school.course.id}")
    house.start()
    grid.get_by_role("link", name="Обновить").click()
    expect(grid.locator("#queue")).not_to_contain_text("Без связи")


def test_an_ended_session_takes_the_kept_pages_with_it(grid, school, house):
    m.LoginSession.update(ended_at=f.SYSTEM.at).execute()
    grid.goto(f"{house.address}/journal/{school.course.id}")
    kept_pages(grid, 0)
    house.stop()
    grid.goto(f"{house.address}/journal/{school.course.id}")
    expect(grid.get_by_role("heading", name="Нет связи")).to_be_visible()


def test_two_tabs_send_each_record_once(grid, school, house):
    other = grid.context.new_page()
    opened(other, house, school)
    grid.context.set_offline(True)
    type_column(grid, school, "54")
    type_column(other, school, "32", first=2)
    expect(line(other)).to_contain_text("4 записи ждут связи")
    expect(line(grid)).to_contain_text("4 записи ждут связи")
    grid.context.set_offline(False)
    for each in (grid, other):
        go_on(each)
    for each in (grid, other):
        expect(line(each)).to_be_empty()
    states(grid, school, ["saved", "saved"])
    assert written(school) == (["5", "4", "3", "2", "", ""], 4)


def test_a_browser_that_keeps_nothing_says_so_and_still_sends(school, house, page):
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    sign_in(page, house.address)
    page.goto(f"{house.address}/journal/{school.course.id}")
    page.context.set_offline(True)
    type_column(page, school, "5")
    expect(line(page)).to_contain_text("не закрывайте страницу")
    page.context.set_offline(False)
    go_on(page)
    states(page, school, ["saved"])
    assert written(school) == (["5", "", "", "", "", ""], 1)
