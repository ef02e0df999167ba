"""Presets, the schema, deadlines: profiles.md §1 and §3."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import models as m
import rulebook.rules
import rulebook.words
from views.regulation_builder import WAYS, put_together, taken_apart

PRESETS = ["base", "d0_sosh1", "d1_asurso", "d2_spo", "d3_shalazhi", "d4_hmao"]
MOSCOW, NEW_YORK = ZoneInfo("Europe/Moscow"), ZoneInfo("America/New_York")
D1 = rulebook.rules.preset("d1_asurso")


def local(text, zone=MOSCOW):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# ---- presets ----


def test_every_key_has_a_type_a_title_and_an_explanation():
    assert all(key.title and key.help and key.section for key in rulebook.rules.schema().values())


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_resolves_every_key(name):
    rules = rulebook.rules.preset(name)
    assert set(rules.rules) == set(rulebook.rules.schema())
    assert all(str(row.value) for row in rulebook.words.describe(rules))
    assert all(row.rule.severity in (row.key.severities or ("off",)) for row in rulebook.words.describe(rules))


def test_all_presets_are_found():
    assert [rules.preset for rules in rulebook.rules.presets()] == PRESETS


def test_house_rules_cite_no_clause():
    assert not [key for key, rule in rulebook.rules.preset("base").rules.items() if rule.clause or rule.clauses]


@pytest.mark.parametrize("name", PRESETS[1:])
def test_a_clause_comes_with_its_words_and_fits_the_verdict(name):
    for rule in rulebook.rules.preset(name).rules.values():
        assert bool(rule.clause) == bool(rule.text), rule.key
        assert len(rule.clause) <= 40


def test_a_document_that_is_silent_falls_back_to_the_house_rule():
    assert D1["backup.interval"] == rulebook.rules.preset("base")["backup.interval"]


# ---- versions ----


@pytest.mark.parametrize("name", PRESETS)
def test_rules_go_through_json_unchanged(name):
    rules = rulebook.rules.preset(name)
    assert rulebook.rules.Rules.from_json(json.loads(json.dumps(rules.to_json()))) == rules


def test_a_version_older_than_a_key_takes_the_key_from_base_and_forgets_unknown_ones():
    data = D1.to_json()
    del data["rules"]["entry.mark_deadline"]
    data["rules"]["gone.key"] = {"value": 1}
    rules = rulebook.rules.Rules.from_json(data)
    assert rules["entry.mark_deadline"] == rulebook.rules.preset("base")["entry.mark_deadline"]
    assert rules["mark.edit_window"] == D1["mark.edit_window"]


def test_rules_are_frozen():
    with pytest.raises(TypeError):
        D1.rules["entry.mark_deadline"] = None
    with pytest.raises(TypeError):
        D1.value("mark.edit_window")["free_days"] = 99
    with pytest.raises(AttributeError):
        D1.version = 1


# ---- bad input is a clear refusal ----


@pytest.mark.parametrize(
    "key, parts",
    [
        ("no.such.rule", {"value": 1}),
        ("entry.mark_deadline", {"value": "tomorrow"}),
        ("entry.mark_deadline", {"value": 3}),
        ("entry.mark_deadline", {"value": None}),
        ("entry.mark_deadline", {"severity": "shout"}),
        ("entry.mark_deadline", {"valeu": "P3D"}),
        ("entry.mark_deadline", "P3D"),
        ("org.type", {"value": "factory"}),
        ("org.type", {"severity": "block"}),
        ("mark.edit_window", {"value": {"free_days": 7}}),
        ("mark.edit_window", {"value": {"free_days": -1, "reason_days": 14, "anchor": "lesson"}}),
        ("mark.edit_window", {"value": {"free_days": True, "reason_days": 14, "anchor": "lesson"}}),
        ("mark.edit_window", {"value": {"free_days": 7, "reason_days": 14, "anchor": "moon"}}),
        ("mark.edit_window", {"value": [7, 14]}),
        ("final.window", {"value": {"from": "none", "to": "2 days"}}),
        ("final.codes.na", {"value": "yes"}),
        ("mark.scale", {"value": ["5", "5"]}),
        ("mark.scale", {"value": ["6"]}),
        ("mark.scale", {"value": [["5"]]}),
        ("min_marks.policy", {"value": {"quarter": [7, 5, 3], "trimester": [4, 7, 10], "half_year": [5, 8, 12]}}),
        ("contingent.deadline", {"value": "13-40"}),
        ("archive.journal_years", {"value": 4}),
        ("reports.activity_interval", {"value": "P0M"}),
    ],
)
def test_an_impossible_value_is_refused_by_name(key, parts):
    with pytest.raises(m.Refused) as refusal:
        D1.changed({key: parts})
    assert refusal.value.field == key
    assert str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [
        "not toml at all",
        '[preset]\nextends = "moon"',
        '[preset]\nextends = "base"\n[entry.mark_deadline]\nvalue = "x"',
        '[preset]\nextends = "../base"',
        "[preset]\ntitle = 'half'",
        '[preset]\nextends = "base"\n[nowhere]\nvalue = 1',
    ],
)
def test_a_bad_preset_file_is_refused_by_its_name(tmp_path, content):
    path = tmp_path / "ours.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(m.Refused, match="ours.toml"):
        rulebook.rules.read_preset(path)


def test_a_schools_own_file_extends_a_preset(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('[preset]\nextends = "d1_asurso"\ndocument = "Наше"\n[entry.mark_deadline]\nvalue = "P3D"', encoding="utf-8")
    rules = rulebook.rules.read_preset(path)
    assert (rules.value("entry.mark_deadline"), rules.document, rules["final.window"].clause) == ("P3D", "Наше", "5.4")


def test_an_unreadable_file_is_refused(tmp_path):
    with pytest.raises(m.Refused, match="none.toml"):
        rulebook.rules.read_preset(tmp_path / "none.toml")


# ---- deadlines ----

EVENT = rulebook.rules.Event(
    MOSCOW,
    date(2026, 11, 10),
    at=local("2026-11-10T09:00:00"),
    class_day_end=local("2026-11-10T13:40:00"),
    period_end=date(2026, 12, 30),
    received_at=local("2026-11-12T10:00:00"),
)


@pytest.mark.parametrize(
    "text, limit",
    [
        ("same_day", "2026-11-10T23:59:59"),
        ("P0D", "2026-11-10T23:59:59"),
        ("P3D", "2026-11-13T23:59:59"),
        ("P7D", "2026-11-17T23:59:59"),
        ("P1WD", "2026-11-11T23:59:59"),
        ("P5WD", "2026-11-16T23:59:59"),
        ("PT1H", "2026-11-10T10:00:00"),
        ("PT1H30M", "2026-11-10T10:30:00"),
        ("lesson_start+PT20M", "2026-11-10T09:20:00"),
        ("class_day_end+PT1H30M", "2026-11-10T15:10:00"),
        ("period_end-P2D", "2026-12-28T23:59:59"),
        ("period_end+P3D", "2027-01-02T23:59:59"),
        ("from_receipt+PT24H", "2026-11-13T10:00:00"),
        ("from_receipt+P1D", "2026-11-13T23:59:59"),
        ("09-05", "2026-09-05T23:59:59"),
        ("06-30", "2027-06-30T23:59:59"),
        ("02-29", "2027-02-28T23:59:59"),
    ],
)
def test_the_grammar_of_profiles_3(text, limit):
    last = rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), EVENT)
    assert last == local(limit)
    assert rulebook.rules.in_time(last, last + timedelta(microseconds=999_999))
    assert not rulebook.rules.in_time(last, last + timedelta(seconds=1))


def test_no_limit_and_nothing_to_count_from():
    bare = rulebook.rules.Event(MOSCOW, date(2026, 11, 10))
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("none"), EVENT) is None
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("from_receipt+PT24H"), bare) is None
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("period_end+P3D"), bare) is None
    for text in ("lesson_start+PT20M", "class_day_end+PT1H30M"):
        assert rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), bare) == local("2026-11-10T23:59:59")


def test_fin_04_an_order_replaces_the_deadline_earlier_or_later():
    for day in (date(2026, 11, 9), date(2027, 5, 27)):
        ordered = rulebook.rules.Event(MOSCOW, date(2026, 11, 10), ordered=day)
        assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("P3D"), ordered) == local(f"{day}T23:59:59")


FRIDAY = local("2026-11-13T17:00:00")


@pytest.mark.parametrize(
    "text, days_off, limit",
    [("P1WD", (5, 6), "2026-11-16T23:59:59"), ("P1WD", (6,), "2026-11-14T23:59:59"), ("PT1H", (6,), "2026-11-13T18:00:00")],
)
def test_sec_11_sec_12_hours_run_from_the_moment_school_days_from_the_day(text, days_off, limit):
    event = rulebook.rules.Event(MOSCOW, FRIDAY.date(), at=FRIDAY, is_school_day=lambda day: day.weekday() not in days_off)
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), event) == local(limit)


def test_sec_12_a_holiday_on_monday_moves_the_limit_to_tuesday():
    holiday = date(2026, 11, 16)
    event = rulebook.rules.Event(MOSCOW, FRIDAY.date(), is_school_day=lambda day: day.weekday() < 5 and day != holiday)
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("P1WD"), event) == local("2026-11-17T23:59:59")


def test_a_calendar_without_school_days_has_no_limit():
    event = rulebook.rules.Event(MOSCOW, FRIDAY.date(), is_school_day=lambda day: False)
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("P1WD"), event) is None


@pytest.mark.parametrize("day, hours", [("2026-03-08", 23), ("2026-11-01", 25), ("2026-07-01", 24)])
def test_days_end_by_the_wall_clock_also_when_clocks_change(day, hours):
    last = rulebook.rules.last_moment(rulebook.rules.parse_deadline("same_day"), rulebook.rules.Event(NEW_YORK, date.fromisoformat(day)))
    assert last.replace(tzinfo=None).isoformat() == f"{day}T23:59:59"
    midnight = local(f"{day}T00:00:00", NEW_YORK)
    assert last.astimezone(UTC) - midnight.astimezone(UTC) == timedelta(hours=hours, seconds=-1)


def test_hours_are_real_time_when_clocks_change():
    event = rulebook.rules.Event(NEW_YORK, date(2026, 10, 31), at=local("2026-10-31T12:00:00", NEW_YORK))
    assert rulebook.rules.last_moment(rulebook.rules.parse_deadline("PT24H"), event) == local("2026-11-01T11:00:00", NEW_YORK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "PD",
        "P-1D",
        "PT20",
        "3D",
        "P3W",
        "P3D ",
        "lesson_start",
        "lesson_start+P1D",
        "lesson_start-PT5M",
        "class_day_end+P1WD",
        "period_end+PT1H",
        "from_receipt-P1D",
        "moon+P1D",
        "13-01",
        "02-30",
        "9-5",
        "P99999D",
        "same day",
    ],
)
def test_a_deadline_that_cannot_be_read_is_refused_with_examples(text):
    with pytest.raises(m.Refused, match="P3D"):
        rulebook.rules.parse_deadline(text)


durations = st.one_of(
    st.integers(0, 9999).map(lambda n: f"P{n}D"),
    st.integers(0, 9999).map(lambda n: f"P{n}WD"),
    st.integers(0, 9999).map(lambda n: f"PT{n}H"),
    st.builds(lambda hours, minutes: f"PT{hours}H{minutes}M", st.integers(0, 9999), st.integers(0, 9999)),
    st.integers(0, 9999).map(lambda n: f"lesson_start+PT{n}M"),
    st.integers(0, 9999).map(lambda n: f"class_day_end+PT{n}M"),
    st.integers(0, 9999).map(lambda n: f"from_receipt+PT{n}H"),
    st.builds(lambda sign, n: f"period_end{sign}P{n}D", st.sampled_from("+-"), st.integers(0, 9999)),
    st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}"),
    st.sampled_from(["same_day", "none"]),
)
LOST_A_DAY = {
    "Pacific/Apia",
    "Pacific/Fakaofo",
    "Pacific/Enderbury",
    "Pacific/Kanton",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Kwajalein",
}
zones = st.sampled_from(sorted(available_timezones() - LOST_A_DAY - {"localtime"})).map(ZoneInfo)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def event_at(zone, moment):
    here = moment.astimezone(zone)
    return rulebook.rules.Event(zone, here.date(), here, here, here.date(), here)



@given(durations, st.sampled_from(sorted(available_timezones() - {"localtime"})).map(ZoneInfo), st.dates(), st.booleans())
@example("09-05", MOSCOW, date.min, False)
@example("P9999D", MOSCOW, date.max, False)
@example("P1D", ZoneInfo("Pacific/Apia"), date(2011, 12, 29), True)
def test_property_no_day_of_any_zone_makes_an_error(text, zone, day, told):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=zone) if told and 1 < day.year < 9998 else None
    event = rulebook.rules.Event(zone, day, at, at, day, at)
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), event)
    assert limit is None or rulebook.rules.in_time(limit, limit)


@given(st.text(max_size=30))
@example("lesson_start+PT20M")
def test_property_any_text_is_a_deadline_or_a_clear_refusal(text):
    try:
        rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), EVENT)
    except m.Refused as refusal:
        assert "P3D" in str(refusal)


@given(durations, zones, moments, moments)
def test_property_a_later_event_never_has_an_earlier_limit(text, zone, one, other):
    first, second = (rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), event_at(zone, moment)) for moment in sorted((one, other)))
    assert first is None and second is None or first.astimezone(UTC) <= second.astimezone(UTC)


@given(
    st.sampled_from(["P{}D", "P{}WD", "PT{}H", "lesson_start+PT{}M", "from_receipt+PT{}H"]),
    st.integers(0, 400),
    st.integers(0, 400),
    zones,
    moments,
)
def test_property_more_time_is_never_less(form, one, other, zone, moment):
    event = event_at(zone, moment)
    less, more = (rulebook.rules.last_moment(rulebook.rules.parse_deadline(form.format(n)), event) for n in sorted((one, other)))
    assert less.astimezone(UTC) <= more.astimezone(UTC)


@given(durations, zones, moments)
def test_property_the_limit_is_in_time_the_next_second_is_not(text, zone, moment):
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), event_at(zone, moment))
    if limit is not None:
        assert rulebook.rules.in_time(limit, limit)
        assert not rulebook.rules.in_time(limit, limit.astimezone(UTC) + timedelta(seconds=1))


@given(st.integers(0, 400), zones, moments)
def test_property_a_limit_in_days_ends_on_that_day_by_the_schools_clock(days, zone, moment):
    event = event_at(zone, moment)
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(f"P{days}D"), event)
    assert limit.date() == event.day + timedelta(days)
    assert (limit.astimezone(UTC) + timedelta(seconds=1)).astimezone(zone).date() > limit.date()


days_off = st.frozensets(st.dates(date(2026, 9, 1), date(2027, 5, 31)), max_size=40)
school_year = st.dates(date(2026, 9, 1), date(2027, 5, 31))


def in_school(day, off):
    """A five-day school with these holidays."""
    return rulebook.rules.Event(MOSCOW, day, is_school_day=lambda each: each.weekday() < 5 and each not in off)


@given(days_off, school_year, st.integers(1, 30))
def test_property_school_days_pass_over_weekends_and_holidays(off, day, count):
    event = in_school(day, off)
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(f"P{count}WD"), event)
    passed = [day + timedelta(n) for n in range(1, (limit.date() - day).days + 1)]
    assert sum(map(event.is_school_day, passed)) == count and event.is_school_day(limit.date())
    assert (limit.hour, limit.minute, limit.second) == (23, 59, 59)


@given(days_off, school_year, school_year, st.integers(0, 30))
def test_property_over_holidays_a_later_event_has_no_earlier_limit(off, one, other, count):
    first, second = (rulebook.rules.last_moment(rulebook.rules.parse_deadline(f"P{count}WD"), in_school(day, off)) for day in sorted((one, other)))
    assert first <= second


@given(st.sampled_from(["PT{}H", "lesson_start+PT{}M", "class_day_end+PT{}M", "from_receipt+PT{}H"]), st.integers(0, 3000), zones, moments)
def test_property_hours_and_minutes_are_real_time_in_every_zone(form, count, zone, moment):
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(form.format(count)), event_at(zone, moment))
    unit = timedelta(hours=count) if form.endswith("H") else timedelta(minutes=count)
    assert limit.astimezone(UTC) - moment.replace(microsecond=0) == unit


@given(durations, zones, moments, school_year)
def test_property_an_order_replaces_any_deadline(text, zone, moment, ordered):
    event = replace(event_at(zone, moment), ordered=ordered)
    limit = rulebook.rules.last_moment(rulebook.rules.parse_deadline(text), event)
    assert limit == rulebook.rules.end_of_day(ordered, zone) and limit.date() == ordered


@given(durations, zones, moments)
def test_property_every_deadline_is_said_in_words_and_with_an_example(text, zone, moment):
    key = rulebook.rules.schema()["entry.mark_deadline"]
    assert str(rulebook.words.value_in_words(key, text))
    assert str(rulebook.words.example(key, rulebook.rules.Rule(key.key, text), event_at(zone, moment)) or "none")


@given(st.one_of(st.text(max_size=40), st.builds("{} {}".format, st.integers(-5, 100000), st.sampled_from(
    ["дня", "учебных дней", "часа", "мин от начала урока", "минут после занятий", "недель", "P", "+PT", "."]))))
@example("20 мин от начала урока")
def test_property_a_guess_is_a_deadline_or_none(text):
    guess = rulebook.words.closest(text)
    assert guess is None or rulebook.rules.parse_deadline(guess) or guess == "none"


@given(st.sampled_from([(kind, way) for kind, ways in WAYS.items() for way in ways]), st.integers(1, 9999),
       st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_property_a_deadline_built_by_questions_is_taken_apart_into_the_same_answers(kind_and_way, number, day):
    kind, way = kind_and_way
    answers = way.code, str(number) if way.asks == "n" else "", f"{day:%d.%m}" if way.asks == "day" else ""
    text = put_together(kind, *answers)
    assert taken_apart(kind, text) == answers
    if kind == "deadline":
        rulebook.rules.parse_deadline(text)


@given(st.sampled_from(list(WAYS)), st.text(max_size=12), st.text(max_size=8), st.text(max_size=8))
def test_property_any_answers_make_a_text_and_any_text_is_taken_apart(kind, how, number, day):
    assert taken_apart(kind, put_together(kind, how, number, day))
    assert taken_apart(kind, number)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["P3D", "none", "5", "lesson"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(rulebook.rules.schema())), json_values)
def test_property_any_value_is_taken_or_clearly_refused(key, value):
    try:
        rules = D1.changed({key: {"value": value}})
    except m.Refused as refusal:
        assert refusal.field == key
    else:
        assert str(rulebook.words.describe(rules)) and rulebook.rules.Rules.from_json(json.loads(json.dumps(rules.to_json()))) == rules
