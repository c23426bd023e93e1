from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.faults import Refusal
from models.families.boosted import fit_boosted
from models.families.directions import against, checked
from models.families.estimators import fit_additive
from models.families.inputs import read_training
from models.families.pairs import Pair
from models.tables.table import TableModel
from models.tables.terms import Categories, Line, Steps


MODEL = TableModel(
    "additive",
    0.0,
    (
        Steps("visits", (1.0, 5.0), (-0.5, 0.0, 0.5), missing=9.0),
        Steps("income", (1.0, 5.0), (0.5, -0.1, 0.0), missing=-9.0),
        Line("pence", 0.0, -1e-12, missing=None),
        Categories("band", ("young", "old"), (-0.1, 0.1), missing=None),
    ),
)


def test_a_model_that_goes_every_declared_way_passes_whatever_missing_values_do():
    assert checked(MODEL, {"visits": 1, "pence": -1, "band": 1}) == MODEL


def test_every_indicator_that_goes_another_way_is_named():
    directions = {"visits": -1, "income": -1, "pence": 1, "band": -1, "absent": 1}

    with pytest.raises(Refusal) as refusal:
        checked(MODEL, directions)

    assert against(MODEL, directions) == ["visits", "income", "pence", "band"]
    assert len(refusal.value.faults) == 4


def pair(first, second, values):
    axes = [Steps(n, (0.0,), (0.0, 1.0), missing=2.0) for n in (first, second)]
    return Pair(f"{first} and {second}", *axes, values)


RISES = ((0.0, 0.1, 5.0), (0.2, 0.3, 6.0), (9.0, 9.0, 9.0))


def test_a_pair_is_looked_at_along_each_of_its_two_whatever_the_other_is():
    model = TableModel("pairs", 0.0, (pair("a", "b", RISES),))
    broken = ((0.0, 0.1, 5.0), (0.2, 0.15, 6.0), (9.0, 9.0, 9.0))

    assert against(model, {"a": 1, "b": 1}) == []
    assert against(model, {"a": -1, "b": -1}) == ["a", "b"]
    again = TableModel("pairs", 0.0, (pair("a", "b", broken),))
    assert against(again, {"a": 1, "b": 1}) == ["b"]


def test_one_pair_may_fall_where_another_always_rises_by_as_much():
    falls = ((0.0, -0.05, 0.0), (0.0, -0.05, 0.0), (0.0, 0.0, 0.0))
    rises = ((0.0, 0.0, 0.0), (0.1, 0.2, 0.2), (0.0, 0.0, 0.0))
    both = TableModel("pairs", 0.0, (pair("a", "b", falls), pair("b", "c", rises)))
    alone = TableModel("pairs", 0.0, (pair("a", "b", falls),))

    assert against(both, {"b": 1}) == []
    assert against(alone, {"b": 1}) == ["b"]


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("side", [1, -1])
def test_missing_values_may_lie_beyond_all_others_on_either_side(direction, side):
    draw = np.random.default_rng(5)
    known = draw.normal(0.0, 1.0, 6_000)
    value = np.where(draw.random(6_000) < 0.3, np.nan, known)
    log_odds = np.where(np.isnan(value), 2.5 * side, 0.5 * direction * known)
    happened = (draw.random(6_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    training = read_training(
        pd.DataFrame({"value": value}),
        happened,
        indicators=["value"],
        directions={"value": direction},
    )

    (term,) = fit_additive(training, seed=1).terms

    beyond = max(side * height for height in term.values)
    assert side * term.missing > beyond
    boosted = fit_boosted(training, seed=1)
    gap, *others = boosted.log_odds(pd.DataFrame({"value": [np.nan, -3.0, 0.0, 3.0]}))
    assert side * gap > max(side * other for other in others)
