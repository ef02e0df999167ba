"""The regulation in the browser: who sees it, how a rule is changed, what a bad value gets."""

from datetime import date, timedelta

import pytest

import clock
import models as m
import rulebook.rules
from tests import factories
from tests.factories import NOW

PASSWORD = "долгий пароль 1"
NEXT_DAY = NOW.date() + timedelta(1)


@pytest.fixture
def school(db):
    return factories.school()


@pytest.fixture
def signed_in(app, school):
    """`signed_in("admin")` is that person's browser."""

    def browser(name):
        factories.account(getattr(school, name), name, PASSWORD)
        return app.test_client().sign_in(name, PASSWORD)

    with clock.frozen(NOW):
        yield browser


def page(client, path="/regulation/"):
    return client.get(path).get_data(as_text=True)


def sent(**changes):
    """The form of `entry.mark_deadline` as the page would send it."""
    newest = m.RegulationVersion.newest_first().first()
    return {"seen": newest.id, "value": "P3D", "severity": "report", "clause": "4.4.1, 8.4", "starts": NEXT_DAY.isoformat(),
            "order_no": "118-од"} | changes


def test_every_rule_stands_with_its_clause_and_contradictions_are_named(signed_in):
    text = page(signed_in("admin"))
    assert all(words in text for words in ("Отметки за урок", "в день урока", "4.4.1, 8.4", "помечает", "правило школы"))
    assert "Противоречие внутри документа" in text
    assert text.count('<th scope="row">') == len(rulebook.rules.schema())


def test_search_finds_by_word_and_by_clause(signed_in):
    client = signed_in("admin")
    assert 'rule=mark.edit_window' in page(client, "/regulation/?q=правка")
    found = page(client, "/regulation/?q=5.4")
    assert "rule=final.window" in found and "rule=entry.mark_deadline" not in found
    assert "попробуйте" in page(client, "/regulation/?q=ящерица").lower()


@pytest.mark.parametrize("name", ["teacher", "class_teacher", "secretary", "parent"])
def test_it_is_for_the_leaders_only(signed_in, name):
    client = signed_in(name)
    for path in ("/regulation/", "/regulation/versions", "/regulation/choice"):
        assert client.get(path).status_code == 403
    assert client.send("/regulation/rules/entry.mark_deadline", **sent()).status_code == 403
    assert m.RegulationVersion.select().count() == 1


def test_the_deputy_reads_without_changing(signed_in):
    client = signed_in("deputy")
    assert "Записать" not in page(client, "/regulation/?rule=entry.mark_deadline")
    assert client.send("/regulation/rules/entry.mark_deadline", **sent()).status_code == 403
    assert client.send("/regulation/choice", preset="base", starts=NEXT_DAY.isoformat()).status_code == 403


def written(client, key="entry.mark_deadline", **changes):
    """A rule laid into the draft, and the draft written; the answer of whichever refused."""
    form = sent(**changes)
    answer = client.send(f"/regulation/rules/{key}", **form)
    return client.send("/regulation/draft", **form) if answer.status_code == 302 else answer


def test_a_change_is_a_dated_version_and_leaves_history(signed_in, school):
    client = signed_in("admin")
    assert written(client).status_code == 302
    assert rulebook.rules.rules_on(NOW.date()).value("entry.mark_deadline") == "same_day"
    rules = rulebook.rules.rules_on(NEXT_DAY)
    version = m.RegulationVersion.newest_first().first()
    assert (rules.value("entry.mark_deadline"), rules.version) == ("P3D", version.id)
    assert (version.number, version.order_no, version.starts) == (2, "118-од", NEXT_DAY)
    assert rules["entry.homework_deadline"] == rulebook.rules.preset("d1_asurso")["entry.homework_deadline"]
    act = m.History.select().where((m.History.tbl == "regulation_version") & (m.History.row_id == version.id)).get().act
    assert act.person_id == school.admin.id
    assert "до конца 3-го дня" in page(client, "/regulation/versions")


def test_a_table_value_is_sent_by_its_parts_and_empty_means_never(signed_in):
    client = signed_in("admin")
    form = sent(clause="3.6, 4.1.11", severity="reason") | {
        "value.free_days": "10", "value.reason_days": "", "value.anchor": "lesson"}
    assert written(client, "mark.edit_window", **form).status_code == 302
    rule = rulebook.rules.rules_on(NEXT_DAY)["mark.edit_window"]
    assert (rule.value, rule.severity) == ({"free_days": 10, "reason_days": "none", "anchor": "lesson"}, "reason")


def test_lists_numbers_and_switches_are_read_back(signed_in):
    client = signed_in("admin")
    changes = {
        "cell.codes_forbidden": ({"value": ["осв", "о"], "severity": "block"}, ("осв", "о")),
        "final.codes.na": ({"value": "yes", "severity": "block"}, True),
        "archive.journal_years": ({"value": "10", "severity": "block"}, 10),
        "min_marks.policy": ({"value.quarter": "3, 4, 5", "value.trimester": "4 5 6", "value.half_year": "5;6;7",
                              "severity": "warn"}, {"quarter": (3, 4, 5), "trimester": (4, 5, 6), "half_year": (5, 6, 7)}),
    }
    for key, (form, value) in changes.items():
        assert written(client, key, **form).status_code == 302, key
        assert rulebook.rules.rules_on(NEXT_DAY).value(key) == value


def test_a_preview_tells_how_the_value_is_understood_and_writes_nothing(signed_in):
    client = signed_in("admin")
    answer = client.send("/regulation/rules/entry.mark_deadline", **sent(preview="1", value="P1WD"))
    assert "до конца 1-го учебного дня" in answer.get_data(as_text=True)
    assert m.RegulationVersion.select().count() == 1


@pytest.mark.parametrize("changes, words", [({"value": "вчера"}, "не похоже на срок"), ({"severity": "shout"}, "не подходит"),
                                            ({"seen": "0"}, "Тем временем")])
def test_a_bad_value_is_told_and_kept_in_the_form(signed_in, changes, words):
    client = signed_in("admin")
    answer = client.send("/regulation/rules/entry.mark_deadline", **sent(**changes))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert not m.RegulationDraft.select().exists()


def test_versions_follow_one_another(signed_in):
    client = signed_in("admin")
    later = NEXT_DAY + timedelta(30)
    assert written(client, starts=later.isoformat()).status_code == 302
    assert written(client, value="P5D").status_code == 422


@pytest.mark.parametrize("path", ["/regulation/?version=999", "/regulation/?version=x", "/regulation/?rule=no.such"])
def test_an_unknown_version_or_rule_is_refused_like_a_foreign_one(signed_in, path):
    assert signed_in("admin").get(path).status_code == 403


def test_every_rule_has_a_form(signed_in):
    client = signed_in("admin")
    for key in rulebook.rules.schema():
        assert client.get(f"/regulation/?rule={key}").status_code == 200


def test_another_ready_regulation_from_a_date(signed_in):
    client = signed_in("director")
    assert "Готовые регламенты" in page(client, "/regulation/choice")
    form = {"preset": "d4_hmao", "starts": NEXT_DAY.isoformat(), "order_no": "5", "order_date": "2026-12-17", "name": ""}
    assert client.send("/regulation/choice", **form).status_code == 302
    rules = rulebook.rules.rules_on(NEXT_DAY)
    assert (rules.code, rules["entry.absence_deadline"].clause) == ("D4", "2.9")
    row = m.RegulationVersion.on(NEXT_DAY)
    assert (row.number, row.regulation.order_date) == (1, date(2026, 12, 17))
    assert client.send("/regulation/choice", **form | {"preset": "../x"}).status_code == 422
