from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.shown.wording import (
    plain_number,
    reasons,
    sentence,
    spoken_value,
    window_words,
)
from tests.made_up_score import INDICATORS, bundle, indicator


VISITS, DAYS, TENURE, FELL, _ = INDICATORS


def test_a_count_is_told_with_its_value_unit_and_window():
    assert sentence(VISITS, 3.0) == "Had 3 visits in the last 12 months"


def test_one_of_a_thing_is_told_in_the_singular():
    assert sentence(VISITS, 1.0) == "Had 1 visit in the last 12 months"
    assert spoken_value(indicator("x", unit="agencies"), 1.0) == "1 agency"
    assert spoken_value(indicator("x", unit="out of 100"), 1.0) == "1 out of 100"


def test_a_unit_that_the_wording_names_is_not_said_twice():
    worded = indicator("x", wording="Had {value} planned visits in {window}")

    assert sentence(worded, 3.0) == "Had 3 planned visits in the last 12 months"


def test_none_of_a_thing_takes_the_negated_wording():
    assert sentence(VISITS, 0.0) == "Had no visit in the last 12 months"
    assert sentence(FELL, 0.0) == "Did not fall in the last 90 days"


def test_a_missing_value_is_never_told_as_none():
    for value in (None, math.nan):
        told = sentence(VISITS, value)

        assert told.startswith("We do not know: visits to the surgery.")


def test_a_category_is_told_by_its_meaning():
    assert sentence(TENURE, "rented") == "The home is rented from someone"


def test_a_category_that_nobody_described_is_told_as_it_stands():
    assert spoken_value(TENURE, "a houseboat") == "a houseboat"


def test_a_share_is_told_as_so_many_in_100():
    assert spoken_value(indicator("x", measure="share"), 0.451) == "45 in 100"


@pytest.mark.parametrize(
    ("value", "told"),
    [(5.0, "5"), (0.5, "0.5"), (2.345, "2.35"), (12.34, "12.3"), (12345.6, "12,346")],
)
def test_numbers_have_no_more_decimals_than_they_need(value, told):
    assert plain_number(value) == told


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_words_is_close_to_the_number(value):
    told = float(plain_number(value).replace(",", ""))

    assert told == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, "the last day"),
        (30, "the last 30 days"),
        (364, "the last 364 days"),
        (365, "the last 12 months"),
        (366, "the last 12 months"),
        (730, "the last 2 years"),
        (731, "the last 2 years"),
        (1825, "the last 5 years"),
        (None, "all years on record"),
    ],
)
def test_windows_are_told_as_people_say_them(days, told):
    assert window_words(days) == told


def test_reasons_come_largest_first_and_say_which_way_and_how_far():
    values = {"visits_365d": 9.0, "days_since_last_visit": 90.0, "fell": 1.0}
    parts = {"visits_365d": 0.9, "days_since_last_visit": -0.05, "fell": 0.3}

    up, down = reasons(bundle(), values, parts)

    # 0.9, 0.3 and 0.05 of 1.25 in all: 72, 24 and 4 in 100
    assert [(r.indicator, r.size) for r in up] == [
        ("visits_365d", "a lot"),
        ("fell", "some"),
    ]
    assert [(r.indicator, r.direction, r.size) for r in down] == [
        ("days_since_last_visit", "lowers", "a little")
    ]


def test_a_reason_says_what_goes_with_a_score_and_never_why():
    up, down = reasons(bundle(), {"fell": 1.0}, {"fell": 0.5, "visits_365d": -0.5})

    assert up[0].effect == "goes with a higher score, a lot"
    assert down[0].effect == "goes with a lower score, a lot"
    assert "because" not in up[0].sentence + down[0].sentence


def test_at_most_so_many_reasons_are_given_each_way():
    parts = {one.name: 0.1 for one in INDICATORS}

    up, down = reasons(bundle(), {}, parts, top=3)

    assert (len(up), len(down)) == (3, 0)


def test_what_adds_nothing_is_no_reason():
    assert reasons(bundle(), {}, {one.name: 0.0 for one in INDICATORS}) == ([], [])
