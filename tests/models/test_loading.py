from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.faults import Misuse, Refusal
from models import load
from models.registry.loading import LoadedModel
from models.registry.registry import RunRecord, open_registry
from models.tables.envelope import Calibration, Described, Envelope
from models.tables.table import TableModel, from_json
from models.tables.terms import Categories, Steps


ROOT = Path(__file__).parents[2]
PLACE = ROOT / "places" / "avonmere"
ORIGIN = ("place_sha256", "links", "data_from", "data_to", "snapshot_sha256")
MODEL = TableModel(
    "additive",
    -2.0,
    (
        Steps("falls", (0.0,), (-0.25, 0.75), missing=0.125),
        Categories("tenure", ("own", "rent"), (0.0, 0.5), missing=None),
    ),
    facts=dict.fromkeys(ORIGIN, "?"),
    envelope=Envelope(
        (Described("falls", "falls", "1"), Described("tenure", "", "2")),
        Calibration(0.1, 0.9),
    ),
)
ROWS = pd.DataFrame(
    {"falls": [0, 2, np.nan, 1], "tenure": ["own", "rent", "own", "boat"], "x": 1},
    index=["a", "b", "c", "d"],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    registry = open_registry(
        f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts", place="avonmere"
    )
    texts = {"evaluation.json": '{"served": "additive"}'}
    record = RunRecord("long_term_care", texts=texts, model_json=MODEL.to_json())
    registry.promote("long_term_care", registry.register(record))
    registry.register(record)
    return folder


@pytest.fixture(scope="module")
def model(store: Path) -> LoadedModel:
    return load("champion", place=PLACE, store=store)


def test_the_champion_and_the_challenger_are_found_by_name(store):
    numbers = [
        load(wanted, score="long_term_care", place=PLACE, store=store).registered.number
        for wanted in ("champion", "challenger", 2)
    ]

    assert numbers == [1, 2, 2]


def test_log_odds_are_what_the_model_gives_each_row(model):
    found = model.log_odds(ROWS)

    assert list(found.index) == list(ROWS.index)
    assert found["b"] == from_json(MODEL.to_json()).log_odds_of(
        {"falls": 2, "tenure": "rent"}
    )
    assert found[["a", "c"]].tolist() == [-2.25, -1.875]
    assert np.isnan(found["d"])  # a category that training never saw


def test_risk_is_as_calibrated(model):
    assert model.risk(ROWS)["b"] == 1 / (1 + np.exp(-(0.1 + 0.9 * -0.75)))


def test_what_it_explains_adds_up_to_the_log_odds(model):
    found = model.explain(ROWS)

    assert list(found.columns) == ["base", "falls", "tenure"]
    whole = found.sum(axis=1, skipna=False)
    pd.testing.assert_series_equal(whole, model.log_odds(ROWS), check_names=False)


def test_indicators_that_are_no_column_are_all_refused(model):
    with pytest.raises(Refusal) as refused:
        model.risk(ROWS[["x"]])

    assert len(refused.value.faults) == 2


def test_it_tells_its_evaluation_and_what_it_reads(model):
    assert model.evaluation() == {"served": "additive"}
    assert model.indicators == ["falls", "tenure"]


def test_a_snapshot_that_is_not_in_the_store_is_refused(model):
    with pytest.raises(Refusal, match="the model's snapshot is in the warehouse"):
        model.snapshot()


def test_a_score_that_is_not_declared_is_misuse(store):
    with pytest.raises(Misuse, match="name one of: long_term_care"):
        load("champion", score="falls", place=PLACE, store=store)


def test_the_store_is_found_as_the_command_finds_it(store, monkeypatch):
    monkeypatch.setenv("LAMPPOST_STORE", str(store))

    assert load(place=PLACE).registered.number == 1


def test_importing_models_imports_nothing_heavy():
    said = subprocess.run(
        [sys.executable, "-c", "import models, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert not {"mlflow", "pandas", "numpy", "duckdb"} & set(said.stdout.split())


def test_there_is_nothing_else_to_load():
    import models

    with pytest.raises(AttributeError, match="no attribute 'unload'"):
        models.unload  # noqa: B018
