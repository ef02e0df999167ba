"""The test values of spec/reports.md §3, then properties."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import formulas as f


def test_3_1_to_3_4_group_indicators():
    group = f.tally(["5"] * 2 + ["4"] * 3 + ["3"] * 3 + ["2", "н/а", "осв"])
    assert (group.listed, group.counted) == (11, 10)
    assert f.success_rate(group) == 80
    assert f.quality_rate(group) == 50
    assert f.shown_percent(f.training_level(group)) == Decimal("52.3")
    assert f.shown_mean(f.group_mean(group)) == Decimal("3.67")


def test_3_1_deferred_gradeless_and_blank_leave_the_denominator():
    group = f.tally(["5", "отсрочка", "продление", "безотм", "", None, "1"])
    assert group == f.Tally(fives=1, twos=1, deferred=2, gradeless=1, missing=2)
    assert f.success_rate(group) == 50


def test_3_1_pass_fail_subject_has_no_quality_and_an_empty_one_nothing():
    group = f.tally(["зач", "зач", "незач"])
    assert f.shown_percent(f.success_rate(group)) == Decimal("66.7")
    indicators = (f.quality_rate, f.training_level, f.group_mean)
    assert [indicator(group) for indicator in indicators] == [None] * 3
    assert [indicator(f.tally(["осв"])) for indicator in (f.success_rate, *indicators)] == [None] * 4


def test_3_5_double_mark_is_two_marks():
    assert f.mean([5, 4, 3]) == 4
    assert f.mean([]) is None


def test_3_6_weighted_mean():
    average = f.weighted_mean([(5, 3), (5, 1), (4, 5)])
    assert average == Fraction(40, 9)
    assert f.shown_mean(average) == Decimal("4.44")
    assert f.weighted_mean([]) is None


@pytest.mark.parametrize(
    "results, expected",
    [
        (["5", "5", "2", "н/а"], "failing"),
        (["5", "незач"], "failing"),
        (["5", "5", "н/а"], "not_attested"),
        (["5", "отсрочка", ""], "deferred"),
        (["5", "5", "осв"], "excellent"),
        (["5", "4", ""], "no_data"),
        (["зач", "осв"], "no_data"),
        (["5", "5", "4"], "one_four"),
        (["5", "4", "4", "зач"], "good"),
        (["4", "4", "3"], "one_three"),
        (["5", "3", "3"], "satisfactory"),
    ],
)
def test_r_03_categories(results, expected):
    assert f.category(results) == expected


def test_3_6_class_level():
    pupils = [["5"]] * 2 + [["5", "4"]] + [["4", "4"]] * 2 + [["5", "3"]] + [["3", "3"]] * 2
    pupils += [["2"], ["н/а"], ["отсрочка"], [""]]
    result = f.class_result(pupils)
    assert result.assessed == 10
    assert (result.success, result.quality) == (80, 50)
    assert sum(result.counts.values()) == len(pupils) == 12


def test_3_6_gradeless_class_has_no_percentages():
    result = f.class_result([["безотм", "безотм"]] * 3)
    assert (result.gradeless, result.assessed, result.success, result.quality) == (3, 0, None, None)


@pytest.mark.parametrize(
    "hours, kind, norm",
    [(1, "quarter", 3), (2, "quarter", 5), (3, "quarter", 7), (6, "quarter", 7), (Fraction(1, 2), "quarter", 3)]
    + [(Decimal("1.5"), "quarter", 5), (Decimal("2.5"), "quarter", 7), (0, "quarter", 3)]
    + [(1, "half_year", 5), (2, "half_year", 8), (4, "half_year", 12), (2, "trimester", 7), (3, "trimester", 10)],
)
def test_3_7_minimum_marks(hours, kind, norm):
    assert f.minimum_marks(hours, f.MINIMUM_MARKS[kind]) == norm


@pytest.mark.parametrize(
    "marks, norm, shown, alert",
    [(2, 3, "66.7", True), (3, 5, "60.0", True), (4, 5, "80.0", False), (5, 7, "71.4", False)],
)
def test_3_7_accumulation(marks, norm, shown, alert):
    share = f.accumulation(marks, norm)
    assert f.shown_percent(share) == Decimal(shown)
    assert (share < f.ALERT_SHARE) is alert
    assert share < 100


def test_3_7_density():
    assert f.density(30, 10, 6) == Fraction(1, 2)
    assert f.density(0, 0, 6) is None


@pytest.mark.parametrize(
    "average, policy, mark",
    [("4.50", "math", 5), ("4.50", "0.60", 4), ("4.50", "0.65", 4), ("4.50", "0.51", 4)]
    + [("4.60", "math", 5), ("4.60", "0.60", 5), ("4.60", "0.65", 4), ("4.60", "0.51", 5)]
    + [("4.64", "0.65", 4), ("4.65", "0.65", 5), ("2.55", "math", 3), ("2.55", "0.60", 2), ("2.55", "0.65", 2)]
    + [("2.69", "0.51", 2), ("2.70", "0.51", 3), ("1", "math", 2), ("5", "0.65", 5)],
)
def test_3_8_rounding(average, policy, mark):
    assert f.term_mark(Fraction(average), policy) == mark


@pytest.mark.parametrize(
    "average, shown",
    [
        ("4.496", "4.496"),
        ("4.4996", "4.4996"),
        ("4.449", "4.45"),
        ("4.5", "4.50"),
        ("4.005", "4.01"),
        ("3.4949", "3.49"),
    ],
)
def test_3_8_display_is_rounded_once_and_never_reaches_a_threshold_falsely(average, shown):
    assert str(f.shown_mean(Fraction(average))) == shown


def test_3_8_border_zone():
    edges = ["4.39", "4.40", "4.69", "4.70"]
    assert [f.in_border_zone(Fraction(edge)) for edge in edges] == [False, True, True, False]
    assert not f.in_border_zone(None)


@pytest.mark.parametrize("average, step", [("4.38", ("5", Fraction("0.12"))), ("2", ("3", Fraction("0.5"))), ("4.5", None), (None, None)])
def test_3_8_what_is_lacking_to_the_next_mark(average, step):
    steps = [("5", Fraction("4.5")), ("4", Fraction("3.5")), ("3", Fraction("2.5"))]
    assert f.to_next(average and Fraction(average), steps) == step


@pytest.mark.parametrize(
    "periods, options, mark",
    [
        (["4", "5", "4", "5"], {}, 5),
        (["5", "5", "4", "4"], {"tie": "last"}, 4),
        (["4", "4", "5", "5"], {"tie": "last"}, 5),
        (["4", "н/а", "осв", "5"], {}, 5),
        (["4", "н/а", None, ""], {"least": 2}, None),
        ([], {}, None),
        (["4", "4", "4", "4"], {"attestation": "5"}, 5),
        (["4", "4", "4", "4"], {"attestation": "2"}, 3),
    ],
)
def test_3_9_year_mark(periods, options, mark):
    assert f.year_mark(periods, **options) == mark


def test_3_9_certificates():
    assert f.certificate_mark(["4", "5"]) == 5
    assert f.certificate_mark(["4", "4", "4", "5", "4", "5"]) == 4
    assert f.certificate_mark(["осв"]) is None


def test_3_11_attendance():
    seen = f.attendance(120, ["б"] * 6 + ["у"] * 3 + ["нп"] + ["н"] * 2 + ["о"] * 4)
    assert (seen.missed, seen.rate, seen.late, seen.unresolved) == (12, 90, 4, 2)
    assert f.attendance(0, []).rate is None


@pytest.mark.parametrize(
    "due, codes, rule, days",
    [(6, ["н"] * 4, "all", (0, 0)), (6, ["н"] * 4, "more_than_3", (1, 0)), (3, ["б"] * 3, "all", (1, 1))]
    + [(3, ["б"] * 3, "more_than_3", (0, 1)), (3, ["б", "б", "у"], "all", (1, 0)), (0, [], "all", (0, 0))],
)
def test_3_11_days(due, codes, rule, days):
    assert f.missed_days([(due, codes)], rule) == days


def test_3_11_systematic():
    assert [f.is_systematic(missed, 100) for missed in (29, 30)] == [False, True]
    assert not f.is_systematic(0, 0)


HALF, STRICT = Fraction("4.5"), Fraction("4.6")


@pytest.mark.parametrize(
    "marks, threshold, mark, weight, count",
    [
        ([(4, 1), (4, 1), (3, 1)], HALF, 5, 1, 5),
        ([(4, 1), (4, 1), (3, 1)], STRICT, 5, 1, 7),
        ([(5, 3), (5, 1), (4, 5)], HALF, 5, 5, 1),
        ([(3, 1), (3, 1)], Fraction("3.5"), 4, 1, 2),
        ([(5, 1)], HALF, 5, 1, 0),
        ([(4, 1)], HALF, 4, 1, None),
        ([], HALF, 5, 1, 1),
        ([], HALF, 4, 1, None),
    ],
)
def test_3_13_how_many_marks_are_needed(marks, threshold, mark, weight, count):
    assert f.needed(marks, threshold, mark, weight) == count


def test_3_13_the_mark_that_lowers_nothing():
    assert f.lowest_safe_mark([(5, 1), (5, 1), (4, 1)]) == 4
    assert f.lowest_safe_mark([]) is None


marks = st.integers(1, 5)
weights = st.fractions(Fraction(1, 10), 100, max_denominator=10)
weighted = st.lists(st.tuples(marks, weights), max_size=30)
policies = st.sampled_from(sorted(f.ROUNDING))
results = st.lists(
    st.sampled_from(["5", "4", "3", "2", "1", "н/а", "осв", "зач", "незач", "безотм", "отсрочка", "", None])
)


@given(results)
def test_property_indicators_stay_within_their_scale(values):
    group = f.tally(values)
    assert group.listed == len(values)
    for indicator in (f.success_rate, f.quality_rate, f.training_level):
        assert indicator(group) is None or 0 <= indicator(group) <= 100


@given(st.lists(results))
def test_property_every_pupil_has_one_category(pupils):
    result = f.class_result(pupils)
    assert sum(result.counts.values()) + result.gradeless == len(pupils)
    assert set(result.counts) <= set(f.CATEGORIES)


@given(weighted, weights)
def test_property_weights_scale_out(pairs, factor):
    assert f.weighted_mean(pairs) == f.weighted_mean([(mark, weight * factor) for mark, weight in pairs])


@given(st.fractions(1, 5), st.fractions(1, 5), policies)
def test_property_rounding_is_monotone(one, other, policy):
    low, high = sorted((one, other))
    assert f.term_mark(low, policy) <= f.term_mark(high, policy)


@given(st.fractions(1, 5, max_denominator=10_000), policies)
def test_property_what_is_shown_earns_the_same_mark(average, policy):
    shown = Fraction(f.shown_mean(average, policy))
    assert f.term_mark(shown, policy) == f.term_mark(average, policy)
    assert abs(shown - average) <= Fraction(1, 200)


@given(weighted, st.sampled_from([HALF, STRICT, Fraction("3.5")]), marks, weights)
def test_property_the_count_needed_is_enough_and_the_least(pairs, threshold, mark, weight):
    count = f.needed(pairs, threshold, mark, weight)
    if count is None:
        assert mark <= threshold
        return
    assert f.weighted_mean([*pairs, *[(mark, weight)] * count]) >= threshold
    if count:
        before = f.weighted_mean([*pairs, *[(mark, weight)] * (count - 1)])
        assert before is None or before < threshold


@given(st.lists(st.sampled_from(["н", "б", "у", "нп", "от", "о", "осв"])))
def test_property_missed_is_always_the_sum_of_its_reasons(codes):
    seen = f.attendance(len(codes), codes)
    assert seen.missed == seen.ill + seen.excused + seen.unexcused == sum(code in f.MISSED for code in codes)
    assert seen.rate is None or 0 <= seen.rate <= 100
