"""How likely each way of ending is, where some leave before it can be seen."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.definitions.outcomes import EVENT, NO_EVENT, End
from models.judging.incidence import Endings, censoring_weights, end_figures
from models.judging.intervals import wilson


HORIZON = 30
ENDS = (
    End(name="died first", kind="competing", source="s", filter="true"),
    End(name="left first", kind="censoring", source="s", filter="true"),
)
ORDER = (EVENT, "died first", "left first")
STATUSES = (*ORDER, NO_EVENT)


def endings(rows: list[tuple[str, int]], order: tuple[str, ...] = ORDER) -> Endings:
    status, days = zip(*rows, strict=True)
    return Endings(np.array(status, dtype=object), np.array(days), order, ENDS)


def incidences(ended: Endings) -> dict[str, float | None]:
    groups = np.arange(len(ended.days))
    found = end_figures(ended, groups, seed=1, draws=2)
    return {each.end: each.incidence.value for each in found}


def test_those_who_stayed_as_long_stand_in_for_who_left():
    # One of the three still there leaves on day 2, so the two that stay count 3/2.
    rows = [(EVENT, 1), ("left first", 2), ("died first", 3), (NO_EVENT, HORIZON)]

    weights = censoring_weights(endings(rows))

    assert weights is not None
    assert weights.tolist() == pytest.approx([1, 0, 1.5, 1.5])


def test_where_nobody_left_there_are_no_weights():
    rows = [(EVENT, 1), ("died first", 3), (NO_EVENT, HORIZON)]

    assert censoring_weights(endings(rows)) is None


def test_each_end_has_its_chance_by_the_horizon():
    rows = [(EVENT, 1), ("left first", 2), ("died first", 3), (NO_EVENT, HORIZON)]

    assert incidences(endings(rows)) == pytest.approx(
        {EVENT: 0.25, "died first": 0.375, "left first": 0.25, NO_EVENT: 0.375}
    )


def test_what_decides_on_one_day_says_who_was_seen_to_the_end():
    rows = [(EVENT, 5), ("left first", 5), (NO_EVENT, HORIZON)]
    left_before = ("left first", EVENT, "died first")

    outcome_first = censoring_weights(endings(rows))
    leaving_first = censoring_weights(endings(rows, left_before))

    assert outcome_first is not None
    assert outcome_first.tolist() == pytest.approx([1, 0, 2])
    assert leaving_first is not None
    assert leaving_first.tolist() == pytest.approx([1.5, 0, 1.5])


ended = st.tuples(st.sampled_from(ORDER), st.integers(0, HORIZON - 1))
stayed = st.just((NO_EVENT, HORIZON))
some_rows = st.lists(st.one_of(ended, ended, stayed), max_size=30).map(
    lambda rows: [*rows, (NO_EVENT, HORIZON)]
)


@settings(deadline=None)
@given(some_rows)
def test_a_weight_is_what_was_handed_on_by_all_who_left_before(
    rows: list[tuple[str, int]],
):
    found = endings(rows)
    handed_on = _handed_on(found)

    weights = censoring_weights(found)

    everyone = np.ones(len(rows)) if weights is None else weights
    assert everyone.tolist() == pytest.approx([float(mass) for mass in handed_on])
    assert everyone.sum() == pytest.approx(len(rows))


def _handed_on(found: Endings) -> list[Fraction]:
    """Hand on, one after another, the weight of each who leaves to all who stay."""
    mass = [Fraction(1)] * len(found.time)
    time, left = found.time.tolist(), found.is_censored.tolist()
    for moment in sorted(set(time)):
        later = [n for n, other in enumerate(time) if other > moment]
        leaving = [n for n, own in enumerate(time) if own == moment and left[n]]
        for n in later:
            mass[n] += sum((mass[m] for m in leaving), Fraction(0)) / len(later)
        for n in leaving:
            mass[n] = Fraction(0)
    return mass


@settings(deadline=None)
@given(some_rows)
def test_a_weighted_mean_is_the_aalen_johansen_estimate(rows: list[tuple[str, int]]):
    found = endings(rows)
    weights = censoring_weights(found)

    chances = incidences(found)

    weights = np.ones(len(rows)) if weights is None else weights
    for name in (EVENT, "died first", NO_EVENT):
        mean = weights[found.status == name].sum() / len(rows)
        assert chances[name] == pytest.approx(mean, abs=1e-12)


def simulated(rows: int, seed: int) -> Endings:
    """People to whom, each day, one of three things may happen."""
    draw = np.random.default_rng(seed)
    daily = {EVENT: 0.01, "died first": 0.02, "left first": 0.03}
    days = {n: draw.geometric(p, rows) - 1 for n, p in daily.items()}
    first = np.min(list(days.values()), axis=0)
    status = np.full(rows, NO_EVENT, dtype=object)
    for name in reversed(ORDER):
        status[days[name] == first] = name
    status[first >= HORIZON] = NO_EVENT
    return Endings(status, np.minimum(first, HORIZON), ORDER, ENDS)


# Each day the outcome comes to 1 in 100, and to the other 99 death comes 2 in 100; who
# is spared both sees the next day. Leaving takes no part in it.
SPARED = 0.99 * 0.98
TRUE_RISK = 0.01 * (1 - SPARED**HORIZON) / (1 - SPARED)


def test_weights_give_back_the_known_absolute_risk():
    found = simulated(40_000, seed=1)

    [event, *_] = end_figures(found, np.arange(40_000), seed=1, draws=200)

    low, high = event.incidence.low, event.incidence.high
    assert low is not None
    assert high is not None
    assert low < TRUE_RISK < high
    assert high - low < 0.01


def test_ignoring_that_some_left_misses_the_known_absolute_risk():
    found = simulated(40_000, seed=1)
    told = ~found.is_censored

    naive = wilson(int((found.status[told] == EVENT).sum()), int(told.sum()))
    as_a_no = wilson(int((found.status == EVENT).sum()), 40_000)

    # Who leaves late had time for the outcome; of those who stay, many had it early.
    for wrong in (naive, as_a_no):
        assert wrong.low is not None
        assert wrong.high is not None
        assert not wrong.low - 0.01 < TRUE_RISK < wrong.high + 0.01
