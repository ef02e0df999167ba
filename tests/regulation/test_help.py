"""Clauses on consultations, technical support, documents, links and uninterrupted work (CTL-16 … CTL-21, LEG-11, LEG-12, PLN-07)."""

import re
from html import unescape

import pytest

import models as m
from tests import factories as f
from tests.regulation.conftest import moment

NOON = "11-05 12:00"


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def asked(life, who: str, kind: str = "consult", at: str = NOON) -> int:
    life.send("/help/new", at, who, kind=kind, text="Как это сделать?", page="/today/")
    return m.Ticket.select().order_by(m.Ticket.id.desc()).get().id


def audit(life, clause: str, at: str) -> str:
    return text(life.get(f"/compliance/{clause}", at, "deputy"))


# ---- consultations (CTL-16, MRK-15) ----

@pytest.mark.parametrize("who, clause", [("deputy", "4.6.4"), ("class_teacher", "4.3.10"), ("parent", "8.1"), ("teacher", "8.1")])
def test_d1_4_1_8_4_3_10_4_6_4_8_1_everybody_asks_and_the_administrator_answers_in_time(living, who, clause):
    life = living("d1_asurso")
    number = asked(life, who)
    assert "Ответить на обращения: 1 до 8 ноября · п. 4.1.8" in text(life.get("/duties/", "11-05 12:30", "admin"))
    assert "Ответить на обращения" not in text(life.get("/duties/", "11-05 12:30", "secretary"))
    slug = clause.replace(".", "-")
    assert "обращение ждёт ответа" in audit(life, slug, "11-08 11:59") and "слишком долго" not in audit(life, slug, "11-08 12:00")
    assert "обращение слишком долго ждёт ответа" in audit(life, slug, "11-08 12:01")
    life.send(f"/help/{number}/answer", "11-09 12:00", "admin", text="Вот так")
    assert "слишком долго" not in audit(life, slug, "11-09 12:01") and "на обращение ответили поздно" in audit(life, slug, "11-09 12:01")
    assert "Ответили за 4 дн." in text(life.get(f"/help/{number}", "11-09 13:00", who))


def test_d1_4_4_14_a_proposal_of_a_teacher_reaches_the_administrator(living):
    life = living("d1_asurso")
    number = asked(life, "teacher", "improve")
    assert "предложение по улучшению журнала" in text(life.get("/help/desk", NOON, "admin"))
    life.send(f"/help/{number}/answer", NOON, "admin", text="Передадим разработчику")
    assert "Передадим разработчику" in text(life.get("/notices/", "11-05 13:00"))


def test_d0_13_the_administration_owes_answers_too(living):
    life = living("d0_sosh1")
    asked(life, "parent")
    for who in ("admin", "deputy"):
        assert "Ответить на обращения: 1 до 8 ноября · п. §13" in text(life.get("/duties/", "11-05 12:30", who))


def test_d1_4_1_10_a_request_is_passed_on_to_technical_support(living):
    life = living("d1_asurso")
    number = asked(life, "teacher", "broken")
    assert "Версия: " in life.get("/help/diagnostics", NOON, "admin").text
    life.send(f"/help/{number}/support", "11-05 15:00", "admin", text="заявка 118")
    page = text(life.get(f"/help/{number}", "11-06 09:00"))
    assert "Передано в техническую поддержку: заявка 118" in page and "5 ноября, 15:00" in page


def test_d0_2_support_is_told_what_the_page_of_health_knows(living):
    life = living("d0_sosh1")
    assert "положение: d0_sosh1" in life.get("/help/diagnostics", NOON, "admin").text
    assert "Работа журнала" in text(life.get("/help/running", NOON, "admin"))


@pytest.mark.parametrize("who", ["secretary", "class_teacher", "parent"])
def test_d2_3_2_3_3_l55_75_3_1_l108_116_consultation_in_time(living, who):
    life = living("d2_spo")
    number = asked(life, who)
    assert "п. 3.1 L108–116" in text(life.get("/duties/", "11-05 12:30", "admin"))
    life.send(f"/help/{number}/answer", "11-05 13:00", "admin", text="Так")
    assert "Ответили за 1 ч" in text(life.get(f"/help/{number}", "11-05 14:00", who))


# ---- printouts (CTL-19), links (CTL-20, ACC-18) ----

def test_d2_2_1_3_1_l108_116_a_printout_at_request_with_its_times(living):
    life = living("d2_spo")
    number = asked(life, "class_teacher", "print")
    assert "обращение ждёт ответа" in audit(life, "2-1", "11-05 13:00")
    life.send(f"/help/{number}/printed", "11-05 14:00", "admin")
    assert "напечатано, но не выдано" in audit(life, "2-1", "11-05 15:00")
    life.send(f"/help/{number}/handed", "11-06 09:00", "admin")
    page = text(life.get(f"/help/{number}", "11-06 10:00", "class_teacher"))
    assert "5 ноября, 12:00" in page and "5 ноября, 14:00" in page and "6 ноября, 9:00" in page


@pytest.mark.parametrize("preset", ["d0_sosh1", "d2_spo"])
def test_d0_14_links_for_everybody(living, preset):
    life = living(preset)
    life.send("/help/links", NOON, "admin", title="Медиатека", url="https://resh.edu.ru/")
    for who in ("parent", "teacher"):
        assert "Медиатека" in text(life.get("/help/links", NOON, who))


# ---- documents (LEG-11, LEG-12) ----

def test_d1_4_1_1_4_6_1_4_2_1_prepared_by_administrator_or_deputy_approved_by_order_published(living):
    life = living("d1_asurso")
    place = life.send("/help/papers/new", NOON, "deputy", kind="rules", title="Положение о журнале", text="1. Общее").location
    assert life.send(f"{place}/publish", NOON, "deputy").status_code == 422
    assert life.send(f"{place}/approve", NOON, "deputy", order_no="94", order_date="2026-08-27").status_code == 403
    life.send(f"{place}/approve", NOON, "admin", order_no="94", order_date="2026-08-27")
    life.send(f"{place}/publish", NOON, "deputy")
    assert "Положение о журнале" in text(life.get("/help/papers", NOON, "parent"))
    assert "приказ № 94 от 27 августа" in text(life.get(place, NOON, "parent"))


def test_d2_3_1_l149_157_documents_and_the_log_are_the_administrators(living):
    life = living("d2_spo")
    assert life.send("/help/papers/new", NOON, "admin", kind="order", title="Приказ", text="О назначении").status_code == 302
    assert life.get("/help/running", NOON, "admin").status_code == 200
    assert life.get("/help/running", NOON, "secretary").status_code == 403


def test_d1_4_1_4_documents_and_three_instructions_stand_where_nobody_has_to_sign_in(living):
    life = living("d1_asurso")
    nobody = life.app.test_client()
    assert "/help/papers" in nobody.get("/login").text
    assert "/help/papers" in life.get(f"/diary/{life.school.pupils[0].id}", NOON, "parent").text
    page = nobody.get("/help/papers").text
    for whom in ("STU", "PAR", "T"):
        assert f"/help/papers/for/{whom}" in page and nobody.get(f"/help/papers/for/{whom}").status_code == 200


# ---- uninterrupted work (PLN-07, CTL-21) ----

@pytest.mark.parametrize("preset, clause", [("d1_asurso", "4-1-3"), ("d1_asurso", "4-2-3"), ("d1_asurso", "6-1"), ("d0_sosh1", "9"),
                                            ("d2_spo", "3-1-l149-157")])
def test_d1_4_1_3_4_2_3_6_1_an_interruption_found_by_itself_wants_its_cause(living, preset, clause):
    life = living(preset)
    m.Outage.propose(f.actor(at=moment("11-05 08:00")), moment("11-04 18:00"), moment("11-05 08:00"))
    assert "журнал не работал, причина не записана" in audit(life, clause, NOON)
    form = {"starts": "2026-11-04T18:00", "ends": "2026-11-05T08:00", "cause": "Не было света"}
    life.send(f"/help/running/{m.Outage.get().id}", NOON, "admin", **form)
    assert "причина не записана" not in audit(life, clause, "11-05 13:00")
    assert "Не было света 4 ноября, 18:00 – 5 ноября, 8:00 (14 ч)" in text(life.get("/help/running", "11-05 13:00", "deputy"))


def test_d0_9_the_same_log_and_its_page(living):
    life = living("d0_sosh1")
    form = {"starts": "2026-11-05T09:00", "ends": "2026-11-05T09:30", "cause": "Обрыв связи"}
    assert life.send("/help/running", NOON, "deputy", **form).status_code == 302
    assert "Обрыв связи" in text(life.get("/help/running", NOON, "admin"))
