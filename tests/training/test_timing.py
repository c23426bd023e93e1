"""When in the horizon outcomes come: their shares, and how surely those are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.definitions.outcomes import EVENT, NO_EVENT
from tests.training.made_up_cases import cases
from training.checks.timing import parts_of, timing_of
from training.cohort import Cases


def known(
    days: list[int] | np.ndarray,
    *,
    as_of: list[str] | None = None,
    groups: list[str] | None = None,
) -> Cases:
    """Return one case for each day on which an outcome came, and as many without."""
    many = len(days)
    of = groups or [f"p{n}" for n in range(many)]
    found = cases(
        (as_of or ["2024-01-01"] * many) * 2, [1] * many + [0] * many, of + of
    )
    ended = np.concatenate([np.asarray(days), np.full(many, 365)])
    status = np.array([EVENT] * many + [NO_EVENT] * many, dtype=object)
    return replace(found, endings=replace(found.endings, days=ended, status=status))


def test_a_year_has_four_quarters_and_a_horizon_shorter_than_one_has_one_part() -> None:
    assert parts_of(365) == (91, 182, 274, 365)
    assert parts_of(180) == (90, 180)
    assert parts_of(90) == (90,)
    assert parts_of(1) == (1,)


def test_the_shares_are_those_of_outcomes_and_the_day_after_a_part_is_the_next() -> (
    None
):
    # [0, 91), [91, 182), [182, 274), [274, 365)
    days = [0, 1, 50, 90, 91, 181, 182, 364, 10, 20]

    told = timing_of(known(days), 365, seed=1)

    assert told
    assert told.ends_days == (91, 182, 274, 365)
    assert told.shares == pytest.approx((0.6, 0.2, 0.1, 0.1))


def test_of_fewer_than_eight_households_with_the_outcome_nothing_is_told() -> None:
    seven = [f"h{n % 7}" for n in range(30)]

    assert timing_of(known([5] * 7), 365, seed=1) is None
    assert timing_of(known([5] * 30, groups=seven), 365, seed=1) is None


def test_who_left_early_is_stood_in_for_by_a_case_that_counts_for_two() -> None:
    rows = known([5] * 10 + [300] * 10)
    weight = np.array([1.0] * 10 + [2.0] * 10 + [1.0] * 20)

    told = timing_of(replace(rows, weight=weight), 365, seed=1)

    assert told
    assert told.shares == pytest.approx((1 / 3, 0, 0, 2 / 3))


def test_cases_by_themselves_are_worth_their_number() -> None:
    draw = np.random.default_rng(1)

    told = timing_of(known(draw.integers(0, 365, 400)), 365, seed=1)

    assert told
    assert told.worth == pytest.approx(400, rel=0.1)


def test_households_that_begin_together_are_worth_less_than_their_number() -> None:
    draw = np.random.default_rng(1)
    days = np.repeat(draw.integers(0, 365, 100), 4)
    homes = [f"h{n // 4}" for n in range(400)]

    told = timing_of(known(days, groups=homes), 365, seed=1)

    assert told
    assert told.worth == pytest.approx(100, rel=0.15)


def test_dates_that_differ_by_more_than_chance_are_worth_less() -> None:
    dates = ["2024-01-01"] * 200 + ["2024-04-01"] * 200
    draw = np.random.default_rng(1)
    alike = draw.integers(0, 365, 400)
    unlike = np.concatenate([draw.integers(0, 200, 200), draw.integers(165, 365, 200)])

    calm = timing_of(known(alike, as_of=dates), 365, seed=1)
    drifting = timing_of(known(unlike, as_of=dates), 365, seed=1)

    assert calm
    assert drifting
    assert calm.worth > 200
    assert drifting.worth < 20


def test_where_all_came_in_one_part_the_others_still_have_a_chance() -> None:
    told = timing_of(known([3] * 20), 365, seed=1)
    assert told
    drawn = told.drawn(np.random.default_rng(1), 1_000)

    assert told.shares == (1.0, 0.0, 0.0, 0.0)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(1_000))
    assert 0 < drawn[:, 1].mean() < 0.05
