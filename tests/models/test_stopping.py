from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.families.boosted import fit_boosted, settle
from models.families.estimators import fit_additive
from models.families.inputs import Training
from models.families.stopping import FOLDS, folds_of, held_out
from models.families.trees import ADDITIVE, BOOSTED
from tests.models.conftest import some_people


def homes_of(training: Training, size: int) -> Training:
    """Return the same rows in homes of so many."""
    homes = np.arange(len(training.outcome)) // size
    return replace(training, linked_group=homes)


@pytest.fixture(scope="module")
def training() -> Training:
    return homes_of(some_people(3_000, seed=7).read(), 4)


def test_a_linked_group_is_held_out_whole(training):
    for fitted, out in held_out(training, seed=1):
        homes = training.linked_group[fitted], training.linked_group[out]

        assert np.intersect1d(*homes).size == 0


def test_every_row_is_held_out_once_where_outcomes_are_few(training):
    few = replace(training, outcome=(np.arange(3_000) % 20 == 0).astype(float))

    parts = held_out(few, seed=1)

    rows = np.sort(np.concatenate([out for _, out in parts]))
    assert rows.tolist() == list(range(3_000))


def test_one_part_is_held_out_where_it_has_outcomes_enough():
    training = some_people(12_000, seed=7).read()

    assert len(held_out(training, seed=1)) == 1


def test_without_linked_groups_rows_are_dealt_by_themselves(training):
    fold = folds_of(replace(training, linked_group=None), seed=1)

    assert np.bincount(fold).tolist() == [600] * FOLDS


def test_with_nothing_to_hold_out_it_grows_a_fixed_number(training):
    one_home = replace(training, linked_group=np.zeros(3_000, dtype=int))

    assert held_out(one_home, seed=1) == []
    trees, loss = settle(one_home, ADDITIVE, seed=1)
    assert trees.rounds == 50
    assert np.isnan(loss)


def test_what_was_settled_is_what_the_fit_stops_at(training):
    additive, _ = settle(training, ADDITIVE, seed=1)
    boosted, _ = settle(training, BOOSTED, seed=1, is_challenger=True)

    stopped = fit_additive(training, seed=1)
    fixed = fit_additive(training, seed=1, trees=additive)
    assert stopped.to_json() == fixed.to_json()
    challenger = fit_boosted(training, seed=1)
    assert challenger.booster.num_trees() == boosted.rounds


def test_labels_that_mean_nothing_stop_it_at_once():
    people = some_people(3_000, seed=7)
    noise = np.random.default_rng(3).permutation(people.outcome)
    training = homes_of(replace(people, outcome=noise).read(), 1)

    trees, _ = settle(training, ADDITIVE, seed=1)

    assert trees.rounds < 5


def test_each_round_is_told_to_who_watches(training):
    seen: list[tuple[int, float]] = []

    trees, loss = settle(
        training, ADDITIVE, seed=1, watch=lambda *told: seen.append(told)
    )

    assert [number for number, _ in seen] == list(range(1, len(seen) + 1))
    assert min(loss for _, loss in seen) == loss == seen[trees.rounds - 1][1]
