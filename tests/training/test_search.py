from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from models.families.trees import ADDITIVE, FamilyTrees, Search, Trees
from tests.training.made_up_cases import cases
from tests.training.test_fit import PLACE, wanted
from training.cohort import Cases
from training.fit import fit_all
from training.search import Settled, settled


ROWS = 2_400
EARLY = np.arange(ROWS) < ROWS // 2
SEARCHED = wanted(search=Search(trials=4))


def some_cases() -> Cases:
    """Return 600 homes of two, each on two dates."""
    draw = np.random.default_rng(1)
    count, total = draw.poisson(2.0, ROWS), draw.normal(100.0, 20.0, ROWS)
    log_odds = -2.0 + 0.6 * count - 0.01 * (total - 100.0)
    outcome = (draw.random(ROWS) < 1 / (1 + np.exp(-log_odds))).astype(int)
    dates = np.where(EARLY, "2023-01-01", "2025-01-01").tolist()
    homes = [str(row % (ROWS // 2) // 2) for row in range(ROWS)]
    made = cases(dates, outcome.tolist(), homes)
    table = made.table.assign(count=count.astype(float), sum=total)
    return replace(made, table=table)


@pytest.fixture(scope="module")
def found() -> Settled:
    return settled(some_cases(), EARLY, SEARCHED, PLACE)


def test_the_same_inputs_and_seed_find_the_same_settings(found):
    again = settled(some_cases(), EARLY, SEARCHED, PLACE)

    assert again == found
    first, second = (
        fit_all(some_cases(), EARLY, each.score, PLACE).models["additive"]
        for each in (found, again)
    )
    assert first.to_json() == second.to_json()


def test_the_rows_that_are_judged_are_never_looked_at(found):
    made = some_cases()
    other = np.where(EARLY, made.outcome, 1.0 - made.outcome)
    table = made.table.assign(count=np.where(EARLY, made.table["count"], 0.0))

    again = settled(replace(made, outcome=other, table=table), EARLY, SEARCHED, PLACE)

    assert again == found


def test_every_trial_is_counted_and_what_was_found_is_told(found):
    assert {each.trials for each in found.found.values()} == {4}
    assert found.facts["trees_additive"] == found.score.trees.additive.in_words()
    assert found.facts["search"].startswith("additive: 4 tried, ")


def test_a_search_never_loses_to_the_fixed_settings(found):
    fixed = settled(some_cases(), EARLY, wanted(), PLACE)

    for family, each in fixed.found.items():
        assert found.found[family].loss <= each.loss


def test_without_a_search_only_the_rounds_are_settled():
    fixed = settled(some_cases(), EARLY, wanted(), PLACE)

    trees = fixed.score.trees.additive
    assert trees.rounds is not None
    assert trees.model_copy(update={"rounds": None}) == ADDITIVE
    assert "search" not in fixed.facts


def test_declared_rounds_are_kept():
    trees = Trees(learning_rate=0.1, leaves=3, ridge=1, rounds=40)
    declared = wanted(trees=FamilyTrees(additive=trees))

    fixed = settled(some_cases(), EARLY, declared, PLACE)

    assert fixed.score.trees.additive == trees


def test_settings_of_one_home_alone_are_the_fixed_ones():
    one_home = replace(some_cases(), linked_group=np.array(["home"] * ROWS))

    found = settled(one_home, EARLY, SEARCHED, PLACE)

    assert found.score.trees.additive == ADDITIVE.model_copy(update={"rounds": 50})


def test_the_search_prints_nothing(capfd):
    settled(some_cases(), EARLY, wanted(search=Search(trials=2)), PLACE)

    assert capfd.readouterr() == ("", "")


def test_settings_are_declared_or_searched_for_and_not_both():
    trees = FamilyTrees(additive=ADDITIVE.model_copy(update={"rounds": 40}))

    with pytest.raises(ValidationError, match="either `search` or `trees`"):
        wanted(search=Search(trials=4), trees=trees)
