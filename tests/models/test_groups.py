from __future__ import annotations

import numpy as np
import pytest

from models.assessment import Capacity, Judged, within_capacity
from models.groups import assess_groups
from models.intervals import wilson


def judged_cases(rows=600):
    draw = np.random.default_rng(1)
    log_odds = draw.normal(size=rows)
    outcome = (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return Judged(outcome, log_odds, np.arange(rows), np.zeros(rows))


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
        assert group.selection_rate == wilson(int((rows & visited).sum()), 200)
        assert group.true_positive_rate == wilson(found, int(happened.sum()))
        assert group.precision == wilson(found, int((rows & visited).sum()))


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
