"""What each source is worth: some are stood in for by others, some add nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.leaks import clean_run
from features.definitions.outcomes import EVENT, NO_EVENT
from models.families.estimators import fit_logistic
from models.families.inputs import read_training
from models.judging.gates import NOT_WHEN_DECIDING, Gates
from models.judging.incidence import Endings
from models.judging.judged import Capacity
from models.tables.table import probability
from tests.features.small_place import contract, family, place
from training.checks.sources import source_figures
from training.cohort import Cases


FAMILIES = [
    family("count", name="needed", source="visits"),
    family("count", name="needed_too", source="letters"),
    family("count", name="alone", source="homes"),
    family("count", name="noise", source="notices", available_when_deciding=False),
]


def made_up(seed: int, rows: int = 3_000) -> Cases:
    draw = np.random.default_rng(seed)
    need, home = draw.normal(size=(2, rows))
    table = pd.DataFrame(
        {
            "needed": need,
            "needed_too": need + draw.normal(scale=0.05, size=rows),
            "alone": home,
            "noise": draw.normal(size=rows),
        }
    )
    chance = probability(-1 + need + 0.7 * home)
    outcome = (draw.random(rows) < chance).astype(float)
    plain = clean_run(seed=1).cases
    status = np.where(outcome == 1, EVENT, NO_EVENT).astype(object)
    return replace(
        plain,
        endings=Endings(status, np.full(rows, 90), (EVENT,), ()),
        table=table,
        outcome=outcome,
        as_of=np.full(rows, np.datetime64("2024-01-01")),
        linked_group=np.array([f"g{n // 2}" for n in range(rows)], dtype=object),
    )


@pytest.fixture(scope="module")
def found():
    fitted, judged = made_up(1), made_up(2)
    names = list(fitted.table.columns)
    sources = ["visits", "letters", "homes", "notices"]
    small = place([contract(name) for name in sources], FAMILIES)
    score = clean_run(seed=1).score.model_copy(
        update={
            "indicators": names,
            "families": ["logistic"],
            "serve": "logistic",
            "gates": Gates(source_margin=0.0),
        }
    )
    model = fit_logistic(
        read_training(fitted.table, fitted.outcome, indicators=names, directions={}),
        seed=1,
    )
    figures = source_figures(fitted, judged, model, score, small, Capacity(100))
    return {each.source: each for each in figures}


def test_every_source_is_told_of_and_what_only_deciders_know_apart(found):
    assert list(found) == ["homes", "letters", NOT_WHEN_DECIDING, "notices", "visits"]
    assert found[NOT_WHEN_DECIDING].indicators == ("noise",)


def test_a_source_that_nothing_stands_in_for_is_lost_either_way(found):
    assert found["homes"].refitted.low > 0.02
    assert found["homes"].neutralised.low > 0.02


def test_a_source_that_another_stands_in_for_is_not_lost_when_refitted(found):
    assert found["visits"].refitted.low < 0.005
    assert found["visits"].neutralised.low > found["visits"].refitted.high


def test_a_source_that_adds_nothing_has_no_loss_above_zero(found):
    refitted = found["notices"].refitted

    assert refitted.low <= 0
    assert refitted.value == pytest.approx(0, abs=0.003)
