"""The portfolio: private until an item is shared with chosen readers (ACC-16)."""

from io import BytesIO

import pytest

import clock
import models as m
from tests import factories as make

PDF = b"%PDF-1.4 a certificate"


@pytest.fixture
def school(db):
    s = make.school()
    for name in ("parent", "teacher", "class_teacher", "stranger", "deputy", "admin", "director"):
        make.account(getattr(s, name), name, "long enough")
    with clock.frozen(make.NOW):
        yield s


def entering(app, login):
    return app.test_client().sign_in(login, "long enough")


def add(app, **more):
    client = entering(app, "class_teacher")
    answer = client.send("/portfolio/new", **{"title": "Курсы, 72 часа", "kind": "course", "day": "2026-10-03", **more})
    return client, answer


def test_acc_16_an_item_is_private_by_default_even_to_the_administrator(app, school):
    client, answer = add(app, file=(BytesIO(PDF), "удостоверение.pdf"))
    item = m.PortfolioItem.get()
    assert answer.status_code == 302 and "вижу только я" in client.get("/portfolio/").get_data(as_text=True)
    assert client.get(f"/portfolio/{item.id}/file").data == PDF
    for login in ("teacher", "deputy", "admin", "director", "parent"):
        other = entering(app, login)
        assert other.get(f"/portfolio/{item.id}").status_code == other.get(f"/portfolio/{item.id}/file").status_code == 403
        assert "72 часа" not in other.get("/portfolio/").get_data(as_text=True)


def test_acc_16_another_user_opens_only_what_is_shared(app, school):
    client, _ = add(app, reader=school.deputy.id, link="https://example.org/")
    add(app, title="Открытый урок")
    shared, private = m.PortfolioItem.select().order_by(m.PortfolioItem.id)
    reader = entering(app, "deputy")
    page = reader.get("/portfolio/").get_data(as_text=True)
    assert "Курсы, 72 часа" in page and "Открытый урок" not in page
    assert reader.get(f"/portfolio/{shared.id}").status_code == 200 and reader.get(f"/portfolio/{private.id}").status_code == 403
    assert reader.send(f"/portfolio/{shared.id}", title="Моё").status_code == 403
    assert reader.send(f"/portfolio/{shared.id}/drop").status_code == 403
    assert entering(app, "stranger").get(f"/portfolio/{shared.id}").status_code == 403
    client.send(f"/portfolio/{shared.id}", title="Курсы, 72 часа", kind="course")  # nobody is ticked any more
    assert reader.get(f"/portfolio/{shared.id}").status_code == 403 and m.PortfolioItem.get_by_id(shared.id).url == "https://example.org/"
    client.send(f"/portfolio/{shared.id}/drop")
    assert m.PortfolioItem.select().count() == 1


@pytest.mark.parametrize("sent, kept", [({"title": " "}, "Курсы по чтению"), ({"day": "вчера"}, "Курсы по чтению"),
                                        ({"link": "ftp://x"}, "Курсы по чтению")])
def test_what_is_missing_is_said_and_what_was_typed_stays(app, school, sent, kept):
    _client, answer = add(app, text=kept, **sent)
    assert answer.status_code == 422 and kept in answer.get_data(as_text=True) and not m.PortfolioItem.select().exists()
