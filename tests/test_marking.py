"""Scales and attendance codes by themselves: what a mark is worth, what an average earns, what a code counts as."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import formulas
import marking
from marking import FIVE, LETTERS, NONE, PASS, SCALES, STANDARD, TEN, Code, Codes
from rulebook.facts import Cell, read_cell, read_result

POLICIES = st.sampled_from(sorted(formulas.ROUNDING))
AVERAGED = st.sampled_from([FIVE, TEN, LETTERS])


def averages(scale):
    return st.fractions(min_value=min(scale.worth.values()), max_value=max(scale.worth.values()), max_denominator=60)


@given(AVERAGED, POLICIES, st.data())
def test_3_8_a_better_average_never_earns_a_worse_mark(scale, policy, data):
    low, high = sorted(data.draw(st.tuples(averages(scale), averages(scale))))
    assert scale.worth[scale.earned(low, policy)] <= scale.worth[scale.earned(high, policy)]


@given(AVERAGED, POLICIES, st.data())
def test_3_8_equal_marks_earn_that_mark_and_none_is_further_off_than_one(scale, policy, data):
    mark = data.draw(st.sampled_from(scale.ladder))
    assert scale.earned(Fraction(scale.worth[mark]), policy) == mark
    average = data.draw(averages(scale))
    assert abs(scale.worth[scale.earned(average, policy)] - average) <= 1


@given(POLICIES, averages(FIVE))
def test_3_8_five_points_are_what_the_formulas_say(policy, average):
    assert FIVE.earned(average, policy) == str(formulas.term_mark(average, policy))
    assert FIVE.shown(average, policy) == formulas.shown_mean(average, policy)


@given(AVERAGED, POLICIES, st.data())
def test_3_8_what_is_shown_earns_the_same_mark(scale, policy, data):
    average = data.draw(averages(scale))
    assert scale.earned(Fraction(scale.shown(average, policy)), policy) == scale.earned(average, policy)


@pytest.mark.parametrize("average, policy, mark", [
    ("9.5", "math", "10"), ("9.49", "math", "9"), ("9.5", "0.60", "9"), ("9.60", "0.60", "10"), ("6.65", "0.65", "7"), ("1.2", "math", "1")])
def test_3_8_ten_points_are_rounded_by_the_same_policy(average, policy, mark):
    assert TEN.earned(Fraction(average), policy) == mark


def test_reports_3_ten_points_have_the_levels_10_9_8_7_6_5():
    levels = formulas.tally(map(TEN.as_five, ["10", "9", "8", "7", "6", "5", "4", "1", "н/а"]))
    assert (levels.fives, levels.fours, levels.threes, levels.twos, levels.not_attested) == (2, 2, 2, 2, 1)


def test_pass_or_fail_has_a_result_and_no_average():
    half = formulas.weighted_mean(PASS.weights([("зач", 1), ("незач", 1), (".", 3)]))
    assert (half, PASS.earned(half), PASS.earned(half, "0.60"), PASS.shown(half)) == (Fraction(1, 2), "зач", "незач", None)
    assert NONE.earned(Fraction(4)) == ""


CELLS = st.sampled_from(sorted(SCALES.values(), key=lambda scale: scale.code)).flatmap(lambda scale: st.tuples(st.just(scale), st.builds(
    Cell, st.sampled_from(["", *STANDARD.all]), st.lists(st.sampled_from(scale.marks), max_size=2).map(tuple) if scale.marks
    else st.just(()), st.booleans())))


@given(CELLS)
def test_a_cell_is_read_back_from_what_it_shows(case):
    scale, cell = case
    assert read_cell(str(cell), scale) == cell
    assert all(read_result(mark, scale) == read_result(mark.lower(), scale) == mark for mark in scale.marks)


@pytest.mark.parametrize("typed, scale, shown", [
    ("10", TEN, "10"), ("109", TEN, "10/9"), ("a", LETTERS, "A"), ("АВ", LETTERS, "A/B"), ("д", LETTERS, "D"), ("в", FIVE, "б"), ("ЗЧ", PASS, "зач")])
def test_a_cell_takes_what_is_typed_on_its_scale(typed, scale, shown):
    assert str(read_cell(typed, scale)) == shown


CODES = st.builds(Code, st.text("абвгд", min_size=1, max_size=3), st.just("слово"), st.sampled_from(marking.MEANINGS), st.booleans())


@given(st.lists(CODES, max_size=8, unique_by=lambda code: code.code))
def test_3_11_any_book_of_codes_counts_as_the_usual_codes_do(codes):
    book = Codes(codes)
    counted = formulas.attendance(20, [book.usual(code.code) for code in codes])
    assert counted.missed == len(book.missed)
    assert counted.unresolved == sum(code.meaning == marking.UNEXPLAINED and code.missed for code in codes)
    assert counted.late == sum(code.meaning == marking.TARDY and not code.missed for code in codes)


def test_3_11_the_standard_codes_are_those_of_the_formulas():
    assert STANDARD.missed == formulas.MISSED
    assert {code.code for code in STANDARD.all.values() if not code.explained} == formulas.UNEXCUSED
    assert not STANDARD["забыт"].active and STANDARD["забыт"].missed
