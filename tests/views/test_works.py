"""The further columns of a lesson, as the forms and the grid ask for them: add, change, take away; who may, and what stands against it."""

from datetime import date

import pytest

import clock
import models as m
from tests import factories as f

DAY = date(2026, 12, 17)
PASSWORD = "demo-demo"


@pytest.fixture
def school(db):
    s = f.school()
    for name in ("teacher", "class_teacher", "deputy", "stranger", "parent"):
        f.account(getattr(s, name), name, PASSWORD)
    with clock.frozen(f.NOW):
        yield s


@pytest.fixture
def client(school, app):
    return app.test_client().sign_in("teacher", PASSWORD)


def ask(client, path, **body):
    """POST as the grid's dialog does: a form in, JSON out."""
    answer = client.post(path, data={"csrf_token": client.token(), **body}, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


def added(client, school, day=DAY, **more):
    body = {"lesson": school.lessons[day].id, "kind": school.kinds["К"].id, "title": "Кубы", **more}
    status, answer = ask(client, f"/journal/{school.course.id}/works", **body)
    assert (status, answer["state"]) == (200, "saved"), answer
    return answer["work"]


def test_a_column_is_added_with_its_own_weight_and_counts_by_it(school, client):
    work = added(client, school, weight=5, for_everyone="no")
    assert (work["code"], work["title"], work["weight"], work["for_everyone"]) == ("К", "Кубы", 5, False)
    f.mark(school.lessons[DAY], school.pupils[0], "5", work=work["id"])
    f.mark(school.lessons[DAY], school.pupils[0], "2")
    assert {(value, weight) for _day, value, weight, *_more in m.Mark.weighted(school.course.id, [school.pupils[0].id])[
        school.pupils[0].id]} == {("5", 5), ("2", 1)}
    assert 'data-w="5"' in client.get(f"/journal/{school.course.id}").text


def test_a_column_is_changed_on_a_plain_form_and_history_has_both_images(school, client):
    work = added(client, school)
    form = client.get(f"/work/{work['id']}").text
    assert 'value="Кубы"' in form and "7Б · Алгебра" in form
    answer = client.send(f"/work/{work['id']}", kind=school.kinds["С"].id, title="Квадраты", weight="4", for_everyone="yes")
    assert answer.status_code == 302 and answer.location.endswith(f"/journal/{school.course.id}?period={school.periods[1].id}")
    row = m.Work.get_by_id(work["id"])
    assert (row.kind.code, row.title, row.weight, row.for_everyone) == ("С", "Квадраты", 4, True)
    change = m.History.get((m.History.tbl == "work") & (m.History.op == "U"))
    assert "Кубы" in change.old and "Квадраты" in change.new


@pytest.mark.parametrize("weight", ["0", "11", "-1", "три"])
def test_a_weight_that_cannot_be_is_refused_and_nothing_typed_is_lost(school, client, weight):
    work = added(client, school)
    answer = client.send(f"/work/{work['id']}", kind=school.kinds["К"].id, title="Новое имя", weight=weight)
    assert answer.status_code == 422 and "от 1 до 10" in answer.text and "Новое имя" in answer.text
    assert m.Work.get().title == "Кубы"


def test_a_kind_out_of_use_is_kept_where_it_stands_and_offered_nowhere_else(school, client):
    work = added(client, school)
    with m.writing(f.SYSTEM):
        m.WorkKind.update(active=False).where(m.WorkKind.code == "К").execute()
    path = f"/journal/{school.course.id}/works"
    status, answer = ask(client, path, lesson=school.lessons[DAY].id, kind=school.kinds["К"].id)
    assert status == 422 and "больше не используют" in answer["message"]
    assert ask(client, f"/work/{work['id']}", kind=school.kinds["К"].id, title="Кубы и квадраты")[0] == 200


def test_an_empty_column_is_taken_away(school, client):
    work = added(client, school)
    assert client.send(f"/work/{work['id']}/delete").status_code == 302
    assert m.Work.select().count() == 0
    assert m.History.select().where((m.History.tbl == "work") & (m.History.op == "D")).count() == 1


def test_a_column_with_marks_stays_until_they_are_to_go_with_it(school, client):
    work = added(client, school)
    f.mark(school.lessons[DAY], school.pupils[0], "5", work=work["id"])
    status, answer = ask(client, f"/work/{work['id']}/delete")
    assert (status, answer["state"]) == (422, "refused") and "1" in answer["message"]
    assert client.send(f"/work/{work['id']}/delete").status_code == 422
    assert ask(client, f"/work/{work['id']}/delete", with_marks="yes")[0] == 200
    assert m.Work.select().count() == m.Mark.select().count() == 0
    assert m.verify()["acts"]


def test_mrk_08_mrk_09_a_column_follows_the_edit_window_and_its_marks_too(school, client, app):
    """Day 9 asks for a reason, day 15 is closed: neither column nor mark goes."""
    work = added(client, school)
    f.mark(school.lessons[DAY], school.pupils[0], "5", work=work["id"])
    with clock.frozen(f.NOW.replace(day=26)):
        client = app.test_client().sign_in("teacher", PASSWORD)
        path = f"/work/{work['id']}/delete"
        status, answer = ask(client, path, with_marks="yes")
        assert (status, answer["state"], answer["clause"]) == (422, "reason_required", "4.1.11")
        form = client.send(path, with_marks="yes")
        assert form.status_code == 422 and 'id="d-reason"' in form.text
        late = {"lesson": school.lessons[date(2026, 12, 10)].id, "kind": str(school.kinds["С"].id), "title": "Забытая работа"}
        refused = client.send(f"/journal/{school.course.id}/works", **late)
        assert refused.status_code == 422 and "Забытая работа" in refused.text and "3.6" in refused.text
        assert ask(client, path, with_marks="yes", reason="не та колонка")[0] == 200
    assert m.Work.select().count() == 0


def test_a_closed_period_keeps_its_columns(school, client):
    work = added(client, school)
    with m.writing(f.SYSTEM):
        m.PeriodClosure.create(period=school.periods[1], school_class=school.school_class, closed_at=f.SYSTEM.at)
    for path, body in ((f"/work/{work['id']}", {"kind": school.kinds["К"].id}), (f"/work/{work['id']}/delete", {})):
        assert ask(client, path, **body)[1]["rule"] == "period.closed"
    assert m.Work.select().count() == 1


@pytest.mark.parametrize("who", ["class_teacher", "deputy", "stranger", "parent"])
def test_acc_06_columns_are_the_lessons_teachers_own(school, app, client, who):
    work = added(client, school)
    other = app.test_client().sign_in(who, PASSWORD)
    body = {"kind": school.kinds["К"].id, "lesson": school.lessons[DAY].id}
    for path in (f"/journal/{school.course.id}/works", f"/work/{work['id']}", f"/work/{work['id']}/delete"):
        assert other.send(path, **body).status_code == 403
    assert other.get(f"/work/{work['id']}").status_code == 403
    assert (m.Work.select().count(), m.Work.get().title) == (1, "Кубы")


def test_malformed_requests_are_answered_without_an_error(school, client):
    path = f"/journal/{school.course.id}/works"
    for body in ({}, {"lesson": "abc"}, {"lesson": school.lessons[DAY].id, "kind": "9" * 30}, {"lesson": school.lessons[DAY].id}):
        assert client.send(path, **body).status_code == 403
    assert client.send_json(path, ["lesson"]).status_code == 403
