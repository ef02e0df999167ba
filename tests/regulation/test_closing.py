"""The end of a period under each document: everybody has a result, what is closed over and what not, when families see it."""

import pytest

import models as m
from tests import factories as f
from tests.views.test_diary import text

PUT = "12-21 10:00"  # a Monday in the last week of the II quarter


def closing(life, at: str, **more):
    """The deputy closes the II quarter of 7Б; the page that follows."""
    form = {"class": life.school.school_class.id, "reason": "приказ 44 от 25.12", **more}
    return life.send(f"/control/{life.school.periods[1].id}/close", at, "deputy", **form)


def everybody_has(life, value: str = "4", reason: str = "по работам периода"):
    for number in range(len(life.school.pupils)):
        assert life.result(value, PUT, pupil=number, reason=reason)["state"] in ("saved", "late")


def list_of(life, at: str = "12-26 10:00") -> str:
    """What the deputy reads of 7Б."""
    return text(life.get(f"/control/?period={life.school.periods[1].id}&by=kind", at, "deputy"))


def family_sees(life, at: str) -> bool:
    """Does the parent see the «4» of the II quarter?"""
    return "<b>4</b>" in life.get(f"/diary/{life.school.pupils[0].id}/results", at, "parent").text


def held(life) -> None:
    form = {"class": life.school.school_class.id, "reason": "до педсовета"}
    assert life.send(f"/control/{life.school.periods[1].id}/hold", PUT, "deputy", **form).status_code == 302


def closes_with_a_result_for_everybody(life) -> None:
    everybody_has(life)
    life.result("", PUT, pupil=2)
    answer = closing(life, "12-26 10:00", knowingly="on")
    assert answer.status_code == 422 and "Нет отметки за период: 1" in text(answer)
    assert life.result("отсрочка", "12-26 11:00", pupil=2, reason="болезнь")["state"] == "saved"
    assert closing(life, "12-26 12:00", knowingly="on").status_code == 302 and m.PeriodClosure.standing().exists()


def test_d3_ii_5_ii_11_a_period_closes_with_a_result_for_everybody_or_a_deferral(living):
    closes_with_a_result_for_everybody(living("d3_shalazhi"))


def test_d4_2_8_1_6_5_a_period_closes_with_a_result_for_everybody_or_a_deferral(living):
    closes_with_a_result_for_everybody(living("d4_hmao"))


def test_d3_ii_12_results_stand_in_the_summary_sheet_by_themselves(living):
    life = living("d3_shalazhi")
    life.result("4", PUT, reason="по работам периода")
    path = f"/documents/summary-sheet?class={life.school.school_class.id}&period={life.school.periods[1].id}"
    assert "33,3 %" in text(life.get(path, "12-21 10:01", "deputy"))
    life.result("", "12-21 10:02")
    assert "Заполнено на 0" in text(life.get(path, "12-21 10:03", "deputy"))


def departs(life) -> None:
    """A mark other than the computed one without a ground: laid in by an intake, not through a screen."""
    for lesson in list(life.school.lessons.values())[:7]:
        f.mark(lesson, life.school.pupils[0], "4")
    everybody_has(life)
    with m.writing(f.SYSTEM):
        m.PeriodMark.update(value="5", computed="4", reason="").where(m.PeriodMark.pupil == life.school.pupils[0]).execute()
    assert closing(life, "12-28 10:00").status_code == 422
    assert closing(life, "12-28 10:00", knowingly="on").status_code == 302 and "departures=1" in m.PeriodClosure.get().left


def test_d0_6_a_mark_without_its_ground_is_closed_over_only_knowingly(living):
    departs(living("d0_sosh1"))


def test_d1_5_1_6_2_a_mark_without_its_ground_is_closed_over_only_knowingly(living):
    departs(living("d1_asurso"))


def test_d1_5_2_6_2_too_few_marks_and_no_written_works_are_told_before_closing(living):
    life = living("d1_asurso")
    f.unnamed(life.school.course)
    everybody_has(life)
    page = list_of(life)
    assert "Мало отметок п. 5.2" in page and "В журнале нет письменных и практических работ п. 5.2" in page


def test_d1_4_6_3_6_2_the_deputy_takes_the_control_of_results_away_as_a_list(living):
    life = living("d1_asurso")
    answer = life.get(f"/control/{life.school.periods[1].id}/list", "12-26 10:00", "deputy")
    assert answer.status_code == 200 and answer.mimetype.endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("at, seen", [("12-24 09:59:59", False), ("12-24 10:00:00", True)])
def test_d1_9_3_results_reach_families_within_three_days(living, at, seen):
    life = living("d1_asurso")
    everybody_has(life)
    assert family_sees(life, PUT)
    held(life)
    assert not family_sees(life, PUT) and family_sees(life, at) is seen


@pytest.mark.parametrize("at, seen", [("12-22 09:59:59", False), ("12-22 10:00:00", True)])
def test_d4_1_6_6_results_reach_families_within_a_day(living, at, seen):
    life = living("d4_hmao")
    everybody_has(life)
    held(life)
    assert not family_sees(life, PUT) and family_sees(life, at) is seen


def forecast(life) -> str:
    """What the parent reads of the running quarter after 4, 4 and 3."""
    for lesson, value in zip(list(life.school.lessons.values())[:3], "443", strict=True):
        f.mark(lesson, life.school.pupils[0], value)
    path = f"/diary/{life.school.pupils[0].id}/marks?subject={life.school.course.subject_id}"
    return text(life.get(path, "11-20 10:00", "parent"))


def test_d1_2_8_9_2_the_family_is_told_the_forecast_of_the_quarter(living):
    page = forecast(living("d1_asurso"))
    assert "прогноз, не отметка" in page and "за период «II четверть» выходит 4" in page and "До 5 не хватает 0,83" in page


def test_d4_1_6_4_the_family_is_told_the_forecast_of_the_quarter(living):
    assert "за период «II четверть» выходит 4" in forecast(living("d4_hmao"))
