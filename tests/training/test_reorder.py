from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.judging.judged import Judged
from training.checks.reorder import reorder


def judged(outcome: list[int], log_odds: list[float]) -> Judged:
    return Judged(
        np.array(outcome, dtype=float),
        np.array(log_odds, dtype=float),
        np.array([f"p{n}" for n in range(len(outcome))], dtype=object),
        np.zeros(len(outcome)),
    )


def days(*numbers: int) -> np.ndarray:
    return np.datetime64("2024-01-01") + np.array(numbers)


def test_the_highest_score_takes_the_first_day():
    # The third visit found something and has the highest score: day 2 becomes day 0.
    found = reorder(days(0, 1, 2), judged([0, 0, 1], [-1.0, 0.0, 1.0]), seed=1)

    assert found.days_earlier.value == 2.0


def test_a_score_that_says_nothing_changes_nothing():
    found = reorder(days(0, 0, 1, 1), judged([0, 1, 0, 1], [0.0] * 4), seed=1)

    assert found.days_earlier.value == 0.0
    assert found.first_half.value == found.first_half_as_made.value


def test_the_first_half_counts_visits_not_days():
    # Four visits, two of them in the first half, whatever the days between.
    cases = judged([0, 1, 1, 1], [-1.0, 3.0, 2.0, 1.0])

    found = reorder(days(0, 1, 50, 51), cases, seed=1)

    assert found.first_half.value == pytest.approx(2 / 3)
    assert found.first_half_as_made.value == pytest.approx(1 / 3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 1), st.integers(-3, 3)),
        min_size=2,
        max_size=40,
    ).filter(lambda rows: any(found for _, found, _ in rows))
)
def test_it_agrees_with_handing_out_the_slots_one_by_one(
    rows: list[tuple[int, int, int]],
):
    day, outcome, score = zip(*rows, strict=True)
    visits = sorted(range(len(rows)), key=lambda n: day[n])
    slots = sorted(day)
    wanted = sorted(visits, key=lambda n: -score[n])
    gained = [day[n] - slots[i] for i, n in enumerate(wanted) if outcome[n]]

    found = reorder(
        days(*day), judged(list(outcome), [float(s) for s in score]), seed=1, draws=1
    )

    expected = sum(gained) / len(gained)
    if found.days_earlier.value is not None:
        assert found.days_earlier.value == pytest.approx(expected)
