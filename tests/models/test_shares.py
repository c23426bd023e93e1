"""A share's interval is about the people, however often each is asked."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging.intervals import wilson
from models.judging.shares import grouped_share


@pytest.mark.parametrize(("part", "whole"), [(0, 10), (3, 10), (50, 400), (8, 8)])
def test_rows_that_stand_alone_and_weigh_alike_have_wilson_s_interval(
    part: int, whole: int
):
    rows = np.arange(whole) < part

    found = grouped_share(rows, np.full(whole, 1.7), np.arange(whole))

    plain = wilson(part, whole)
    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-9)


def test_copies_of_the_same_people_tell_nothing_more():
    people = np.tile(np.arange(40), 6)

    found = grouped_share(people < 10, np.ones(240), people)

    assert found.high == pytest.approx(wilson(10, 40).high)


def test_luck_that_homes_share_widens_the_interval_beyond_the_number_of_rows():
    home = np.arange(200) // 4

    shared = grouped_share(home < 12, np.ones(200), home)
    apart = grouped_share(home < 12, np.ones(200), np.arange(200))

    assert shared.low < apart.low
    assert shared.high > apart.high


def test_nobody_has_no_share():
    assert grouped_share(np.zeros(0), np.zeros(0), np.zeros(0)).value is None
