from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.families.bins import category_bins, coded, is_enough, number_edges


numbers = st.one_of(
    st.just(np.nan),
    st.integers(0, 40).map(float),
    st.floats(-1e3, 1e3),
    st.sampled_from([0.0, -0.0, 5e-324, 1e300, -1e300]),
)


def assert_all_hold_enough(bins, outcome):
    groups = np.unique(bins[~np.isnan(bins)])
    for group in groups if len(groups) > 1 else []:
        happened = outcome[bins == group]
        assert len(happened) >= 50
        assert 8 <= happened.sum() <= len(happened) - 8


@given(
    column=arrays.arrays(
        float, st.integers(1, 800), elements=numbers, fill=st.nothing()
    ),
    every=st.integers(2, 9),
    at_most=st.integers(2, 70),
)
def test_every_bin_of_a_number_holds_enough_people_of_either_outcome(
    column, every, at_most
):
    outcome = (np.arange(len(column)) % every == 0).astype(float)

    edges = number_edges(column, outcome, at_most=at_most)

    assert list(edges) == sorted(set(edges))
    assert len(edges) < at_most
    assert_all_hold_enough(coded(column, edges), outcome)


@given(
    codes=st.lists(st.integers(0, 7), min_size=1, max_size=900),
    every=st.integers(2, 9),
    is_ordered=st.booleans(),
)
def test_every_bin_of_categories_holds_enough_people_of_either_outcome(
    codes, every, is_ordered
):
    column = np.array(codes, dtype=float)
    outcome = (np.arange(len(column)) % every == 0).astype(float)

    bins = category_bins(column, outcome, count=8, is_ordered=is_ordered)

    assert_all_hold_enough(np.array(bins, dtype=float)[codes], outcome)
    if is_ordered:
        assert list(bins) == sorted(bins)


def assert_all_hold_enough_people(bins, outcome, people):
    groups = np.unique(bins[~np.isnan(bins)])
    for group in groups if len(groups) > 1 else []:
        rows = bins == group
        assert len(set(people[rows])) >= 50
        for each in (0, 1):
            assert len(set(people[rows & (outcome == each)])) >= 8


@given(
    column=arrays.arrays(
        float, st.integers(1, 800), elements=numbers, fill=st.nothing()
    ),
    dates=st.integers(1, 6),
    every=st.integers(2, 9),
    at_most=st.integers(2, 70),
)
def test_who_recurs_is_one_of_the_fifty_people_of_a_bin(column, dates, every, at_most):
    people = np.arange(len(column)) // dates
    outcome = (people % every == 0).astype(float)

    edges = number_edges(column, outcome, at_most=at_most, people=people)

    assert_all_hold_enough_people(coded(column, edges), outcome, people)


@given(
    codes=st.lists(st.integers(0, 7), min_size=1, max_size=900),
    dates=st.integers(1, 6),
    is_ordered=st.booleans(),
)
def test_who_recurs_is_one_of_the_fifty_people_of_a_category(codes, dates, is_ordered):
    column = np.array(codes, dtype=float)
    people = np.arange(len(column)) // dates
    outcome = (people % 3 == 0).astype(float)

    bins = category_bins(column, outcome, count=8, is_ordered=is_ordered, people=people)

    found = np.array(bins, dtype=float)[codes]
    assert_all_hold_enough_people(found, outcome, people)


def test_a_value_that_few_people_miss_on_many_dates_is_not_told_apart():
    happened, people = np.arange(120) % 2.0, np.arange(120) // 4

    assert is_enough(happened)
    assert not is_enough(happened, people)


@given(
    column=arrays.arrays(
        float, st.integers(1, 400), elements=numbers, fill=st.nothing()
    ),
    at_most=st.integers(2, 70),
)
def test_where_each_row_is_another_s_bins_are_those_of_rows(column, at_most):
    outcome = (np.arange(len(column)) % 3 == 0).astype(float)

    by_rows = number_edges(column, outcome, at_most=at_most)
    by_people = number_edges(
        column, outcome, at_most=at_most, people=np.arange(len(column))
    )

    assert by_people == by_rows


def test_a_whole_number_is_cut_at_whole_units():
    days = np.random.default_rng(1).integers(0, 3_000, 5_000).astype(float)

    edges = number_edges(days, days % 2, at_most=63)

    assert len(edges) > 50
    assert all(edge.is_integer() for edge in edges)


def test_a_share_is_cut_at_round_values_in_its_own_unit():
    shares = np.random.default_rng(1).random(5_000)

    edges = number_edges(shares, (shares > 0.5) * 1.0, at_most=63)

    assert edges == tuple(round(edge, 3) for edge in edges)


def test_bins_after_a_spike_share_what_is_left_of_the_rows():
    clicks = np.append(np.zeros(9_000), np.arange(1.0, 1_001.0))

    edges = number_edges(clicks, np.arange(10_000) % 2.0, at_most=11)

    # 1,000 rows above the spike, in ten bins.
    assert edges == (0.0, *np.arange(100.0, 1_000.0, 100.0).tolist())
