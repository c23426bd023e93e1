"""Boosters: LightGBM as the families use it, and the challenger that it makes.

The challenger has every interaction and the declared directions. It is kept as
LightGBM's own text beside a JSON file that names the text by its hash, is scored and
explained offline, and is never served.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.faults import Fault, Refusal
from models.bins import LEAST_ROWS
from models.compile import refuse_ungrouped
from models.inputs import Input, Training, matrix
from models.model_file import canonical, read_content, sha256_of
from models.table import CHALLENGER, Contributions
from models.terms import Floats


_SCHEMA = 1
_SHARED: dict[str, Any] = {
    "objective": "binary",
    "min_data_in_leaf": LEAST_ROWS,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two busy cores made two threads four times slower than one
    "verbosity": -1,
}
_ADDITIVE = {**_SHARED, "learning_rate": 0.1, "num_leaves": 4, "min_data_in_bin": 1}
_ADDITIVE_ROUNDS = 300
_BOOSTED = {
    **_SHARED,
    "learning_rate": 0.1,
    "num_leaves": 15,
    "max_bin": 255,
    # "basic" would hold a whole branch to the middle of its parent's two values.
    "monotone_constraints_method": "intermediate",
}
_BOOSTED_ROUNDS = 100
_KEYS = {"schema", "family", "inputs", "text_sha256", "sha256"}
_NEXT = "take both files from the run again, or fit the model again"


def boost_additive(
    training: Training, *, seed: int, pairs: Sequence[tuple[int, int]] = ()
) -> lgb.Booster:
    """Return the LightGBM model that the additive families compile.

    Args:
        training: It is fitted on the bins, not on the values.
        seed: The same inputs and seed give the same trees.
        pairs: The numbers of the inputs that may interact; every other is alone.
    """
    paired = {number for pair in pairs for number in pair}
    alone = [[n] for n in range(len(training.inputs)) if n not in paired]
    groups = [*alone, *(list(pair) for pair in pairs)]
    refuse_ungrouped(groups, training.inputs)
    settings = {
        **_ADDITIVE,
        "seed": seed,
        "interaction_constraints": groups,
        "monotone_constraints": [each.direction for each in training.inputs],
        # One for each of our bins, so that none is merged, and for missing values.
        "max_bin_by_feature": [each.width + 2 for each in training.inputs],
    }
    dataset = _dataset(training.coded, training, settings)
    return lgb.train(settings, dataset, _ADDITIVE_ROUNDS)


@dataclass(frozen=True)
class Boosted:
    """A LightGBM model with every interaction: what transparency is priced against.

    A category is read by its place among those seen in training, which an ordered one's
    direction binds; one never seen reads as missing.

    Attributes:
        booster: LightGBM's.
        inputs: What its columns are, in order.
    """

    booster: lgb.Booster
    inputs: tuple[Input, ...]

    def log_odds(self, table: pd.DataFrame) -> Floats:
        """Return the log-odds of all rows."""
        rows = matrix(table, self.inputs)
        found = self.booster.predict(rows, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, table: pd.DataFrame) -> Contributions:
        """Return each indicator's SHAP values, by LightGBM's own `pred_contrib`.

        They take 0.6 to 4 ms a row, so this is for few rows.
        """
        rows = matrix(table, self.inputs)
        found = self.booster.predict(rows, pred_contrib=True, num_threads=1)
        parts = np.asarray(found, dtype=np.float64)
        names = tuple(each.name for each in self.inputs)
        base = float(parts[0, -1]) if len(parts) else math.nan
        return Contributions(base, names, parts[:, :-1])

    def to_text(self) -> str:
        """Return LightGBM's own text of the model."""
        text: str = self.booster.model_to_string()
        return text

    def to_json(self) -> str:
        """Return what the text's columns are, and its hash."""
        content = {
            "schema": _SCHEMA,
            "family": CHALLENGER,
            "inputs": [
                {"name": i.name, "categories": i.categories, "direction": i.direction}
                for i in self.inputs
            ],
            "text_sha256": hashlib.sha256(self.to_text().encode()).hexdigest(),
        }
        return canonical({**content, "sha256": sha256_of(content)}).decode()


def read_boosted(text: str, content: str) -> Boosted:
    """Read a challenger back, to score and explain with it offline.

    Args:
        text: LightGBM's text.
        content: The JSON beside it.

    Raises:
        Refusal: The text is not the one that the JSON names, or either was changed.
    """
    named = read_content(content.encode(), "boosted.json", _keys_of)
    if named["text_sha256"] != hashlib.sha256(text.encode()).hexdigest():
        what = "the text must match the hash in boosted.json"
        raise Refusal([Fault("boosted.txt", what, "another hash", _NEXT)])
    inputs = tuple(_read_input(each) for each in named["inputs"])
    return Boosted(lgb.Booster(model_str=text), inputs)


def fit_boosted(training: Training, *, seed: int) -> Boosted:
    """Fit the challenger to what `models.inputs.read_training` read."""
    bound = [each.direction for each in training.inputs]
    settings = {**_BOOSTED, "seed": seed, "monotone_constraints": bound}
    dataset = _dataset(training.matrix, training, settings)
    booster = lgb.train(settings, dataset, _BOOSTED_ROUNDS)
    return Boosted(booster, training.inputs)


def _dataset(
    rows: Floats, training: Training, settings: Mapping[str, Any]
) -> lgb.Dataset:
    return lgb.Dataset(
        rows,
        training.outcome,
        weight=training.weights,
        params=dict(settings),
        categorical_feature=[],
    )


def _keys_of(content: Mapping[str, Any]) -> set[str] | None:
    return _KEYS if content.get("schema") == _SCHEMA else None


def _read_input(content: Any) -> Input:
    try:
        categories = content["categories"]
        named = None if categories is None else tuple(categories)
        return Input(content["name"], named, content["direction"], has_missing=False)
    except (KeyError, TypeError):
        what = "an input has a name, categories and a direction"
        raise Refusal([Fault("boosted.json", what, "others", _NEXT)]) from None
