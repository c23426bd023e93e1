from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.judging.groups import assess_groups
from models.judging.intervals import wilson
from models.judging.judged import Capacity, Judged, within_capacity


def judged_cases(rows=600):
    draw = np.random.default_rng(1)
    log_odds = draw.normal(size=rows)
    outcome = (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return Judged(outcome, log_odds, np.arange(rows), np.zeros(rows))


def assert_alike(one, other):
    ends = ("value", "low", "high")
    assert [getattr(one, end) for end in ends] == pytest.approx(
        [getattr(other, end) for end in ends]
    )


def test_each_group_has_its_rates_with_wilson_s_intervals():
    judged, capacity = judged_cases(), Capacity(places=150)
    membership = np.array(["men", "women", None], dtype=object)[np.arange(600) % 3]

    groups = assess_groups(judged, membership, capacity=capacity)

    visited = within_capacity(judged, capacity)
    assert [group.group for group in groups] == ["men", "not recorded", "women"]
    assert sum(group.visited for group in groups) == 150
    for number, group in ((0, groups[0]), (1, groups[2]), (2, groups[1])):
        rows = np.arange(600) % 3 == number
        happened = rows & (judged.outcome == 1)
        found = int((happened & visited).sum())
        assert (group.cases, group.outcomes) == (200, happened.sum())
        chosen = int((rows & visited).sum())
        assert_alike(group.selection_rate, wilson(chosen, 200))
        assert_alike(group.true_positive_rate, wilson(found, int(happened.sum())))
        assert_alike(group.precision, wilson(found, chosen))


def test_where_some_left_the_rates_of_a_group_are_weighted():
    judged, capacity = judged_cases(), Capacity(places=300)
    times = np.random.default_rng(2).integers(1, 4, 600)
    repeated = judged.only(np.repeat(np.arange(600), times))
    weighted = replace(judged, weight=times.astype(float))

    (found,) = assess_groups(weighted, np.full(600, "all"), capacity=capacity)

    everyone = np.full(len(repeated.outcome), "all")
    (plain,) = assess_groups(repeated, everyone, capacity=capacity)
    for name in ("selection_rate", "true_positive_rate", "precision"):
        share, whole = getattr(found, name), getattr(plain, name)
        # The last place may go to a case that stands for two or three.
        assert share.value == pytest.approx(whole.value, abs=0.005)
        assert share.low < share.value < share.high
        # Copies of the same people tell nothing more of them.
        width = whole.high - whole.low
        assert share.high - share.low == pytest.approx(width, abs=0.005)


def test_a_person_on_several_dates_narrows_no_interval():
    judged, capacity = judged_cases(), Capacity(share=0.25)
    again = replace(
        judged.only(np.tile(np.arange(600), 3)), ranked_in=np.repeat(np.arange(3), 600)
    )

    (once,) = assess_groups(judged, np.full(600, "all"), capacity=capacity)
    (thrice,) = assess_groups(again, np.full(1_800, "all"), capacity=capacity)

    for name in ("selection_rate", "true_positive_rate", "precision"):
        assert_alike(getattr(once, name), getattr(thrice, name))


def test_a_group_with_too_few_of_either_outcome_cannot_be_told():
    judged = judged_cases()
    happened = np.flatnonzero(judged.outcome == 1)
    others = np.flatnonzero(judged.outcome == 0)
    membership = np.full(600, "many", dtype=object)
    membership[np.r_[happened[:50], others[:7]]] = "seven"

    many, seven = assess_groups(judged, membership, capacity=Capacity(share=0.5))

    assert many.precision.value is not None
    assert seven.selection_rate.value is None
    assert seven.true_positive_rate.reason == "fewer than 8 without it"


def test_one_person_on_many_dates_is_not_many():
    judged = judged_cases()
    same = Judged(judged.outcome, judged.log_odds, np.zeros(600), judged.ranked_in)

    (everyone,) = assess_groups(same, np.full(600, "all"), capacity=Capacity(places=50))

    assert everyone.selection_rate.reason == "fewer than 8 with the outcome"


@pytest.mark.parametrize("places", [7, 1])
def test_the_precision_of_fewer_than_8_visited_cannot_be_told(places):
    (everyone,) = assess_groups(
        judged_cases(), np.full(600, "all"), capacity=Capacity(places=places)
    )

    assert everyone.precision.reason == "fewer than 8 visited"
    assert everyone.selection_rate.value == pytest.approx(places / 600)
