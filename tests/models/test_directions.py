from __future__ import annotations

import pytest

from features.faults import Refusal
from models.directions import against, checked
from models.pairs import Pair
from models.table import TableModel
from models.terms import Categories, Line, Steps


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
