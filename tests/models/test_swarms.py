from __future__ import annotations

import math

import numpy as np
import pytest

from models.families.estimators import FITS
from models.families.inputs import columns_of
from models.shown.swarms import LEAST_CASES_A_DOT, MOST_DOTS, swarms_of
from models.tables.table import TableModel
from models.tables.terms import Categories, Line, Steps


MODEL = TableModel(
    "additive",
    -1.0,
    (
        Steps("visits", (2.0,), (-0.1, 0.4), missing=0.0),
        Line("income", 0.0, -1.0, missing=None),
        Categories("band", ("a", "b"), (0.0, 0.0), missing=None),
    ),
)


def columns(rows: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    return {
        "visits": draw.integers(0, 5, rows).astype(float),
        "income": draw.normal(size=rows),
        "band": np.where(draw.random(rows) < 0.5, "a", "b").astype(object),
    }


def test_the_weightiest_indicator_is_first():
    assert [s.name for s in swarms_of(MODEL, columns(400))] == [
        *("income", "visits", "band")
    ]


def test_no_dot_is_of_fewer_than_eight_cases_and_together_they_are_all():
    given = columns(401)

    for swarm in swarms_of(MODEL, given):
        assert len(swarm.adds) == 401 // LEAST_CASES_A_DOT
        assert swarm.cases_a_dot >= LEAST_CASES_A_DOT
    # Nobody's own income can be read off.
    shown = next(s for s in swarms_of(MODEL, given) if s.name == "income").adds
    assert not set(shown) & set((-given["income"]).tolist())


def test_many_cases_share_a_bounded_number_of_dots():
    [swarm, *_] = swarms_of(MODEL, columns(10_000))

    assert len(swarm.adds) == MOST_DOTS
    assert list(swarm.adds) == sorted(swarm.adds)


def test_low_values_have_low_ranks_and_categories_have_none():
    income, visits, band = swarms_of(MODEL, columns(800))

    assert income.ranks[0] > 0.9  # a high income takes most away
    assert visits.ranks[0] < visits.ranks[-1]
    assert all(map(math.isnan, band.ranks))


def test_fewer_than_eight_cases_make_no_dot():
    assert [s.adds for s in swarms_of(MODEL, columns(7))] == [(), (), ()]


@pytest.mark.parametrize("family", ["additive", "logistic"])
def test_the_mean_of_a_swarm_is_the_mean_contribution(people, family):
    model = FITS[family](people.read(), seed=1)
    given = columns_of(people.table, model.names)
    means = dict(
        zip(
            model.term_names,
            model.contributions(given).values.mean(axis=0),
            strict=True,
        )
    )

    for swarm in swarms_of(model, given):
        assert np.mean(swarm.adds) == pytest.approx(means[swarm.name], abs=0.02)
