from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judging.intervals import percentile_figure, resampled, wilson


def test_wilson_is_the_formula_of_1927():
    part, whole, z = 15, 40, 1.959963984540054
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = (
        z
        / (1 + z * z / whole)
        * math.sqrt(share * (1 - share) / whole + (z / (2 * whole)) ** 2)
    )

    figure = wilson(part, whole)

    assert figure.value == share
    assert figure.low == pytest.approx(middle - half)
    assert figure.high == pytest.approx(middle + half)


def test_a_share_of_nothing_cannot_be_told():
    assert wilson(0, 0).value is None
    assert wilson(0, 0).reason == "there are no cases"


@given(groups=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30))
def test_a_group_is_drawn_with_all_its_rows(groups):
    names = np.array(groups)

    for weights in resampled(names, draws=5, seed=1):
        per_group = {name: set(weights[names == name]) for name in names}
        assert all(len(drawn) == 1 for drawn in per_group.values())
        # As many groups are drawn as there are.
        assert sum(min(drawn) for drawn in per_group.values()) == len(per_group)


def test_the_same_seed_draws_the_same():
    groups = np.arange(50)

    first, second = (list(resampled(groups, draws=3, seed=4)) for _ in range(2))

    np.testing.assert_array_equal(first, second)


def test_an_interval_is_the_middle_95_of_100_draws():
    figure = percentile_figure(50.0, np.arange(101.0))

    found = (figure.value, figure.low, figure.high)
    assert found == pytest.approx((50.0, 2.5, 97.5))


def test_draws_without_a_figure_are_left_out_while_they_are_few():
    few = np.r_[np.arange(96.0), np.full(4, np.nan)]
    many = np.r_[np.arange(94.0), np.full(6, np.nan)]

    assert percentile_figure(1.0, few).low == pytest.approx(2.375)
    assert percentile_figure(1.0, many).value is None
    assert percentile_figure(math.nan, few).value is None
