"""Boosters: LightGBM as the families use it, and the challenger that it makes.

The challenger has every interaction and the declared directions. It is kept as
LightGBM's own text beside a JSON file that names the text by its hash, is scored and
explained offline, and is never served.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.faults import Fault, Refusal
from models.families.bins import LEAST_ROWS
from models.families.compile import refuse_ungrouped
from models.families.inputs import Input, Training, facing, matrix
from models.families.stopping import Watch, rounds_of
from models.families.trees import ADDITIVE, BOOSTED, Trees
from models.tables.model_file import canonical, read_content, sha256_of
from models.tables.table import CHALLENGER, Contributions
from models.tables.terms import Floats


_SCHEMA = 1
_SHARED: dict[str, Any] = {
    "objective": "binary",
    "min_data_in_leaf": LEAST_ROWS,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two busy cores made two threads four times slower than one
    "verbosity": -1,
}
_CHALLENGER = {
    "max_bin": 255,
    # "basic" would hold a whole branch to the middle of its parent's two values.
    "monotone_constraints_method": "intermediate",
}
_KEYS = {"schema", "family", "inputs", "text_sha256", "sha256"}
_NEXT = "take both files from the run again, or fit the model again"


def boost_additive(
    training: Training,
    *,
    seed: int,
    pairs: Sequence[tuple[int, int]] = (),
    trees: Trees = ADDITIVE,
) -> lgb.Booster:
    """Return the LightGBM model that the additive families compile.

    Args:
        training: It is fitted on the bins, not on the values.
        seed: The same inputs and seed give the same trees.
        pairs: The numbers of the inputs that may interact; every other is alone.
        trees: How they are grown.
    """
    return _grown(_additive(training, pairs), trees, seed)


def settle(
    training: Training,
    trees: Trees,
    *,
    seed: int,
    is_challenger: bool = False,
    watch: Watch | None = None,
) -> tuple[Trees, float]:
    """Return the trees with their number of rounds, and the loss of held-out rows.

    Args:
        training: Linked groups are held out of it.
        trees: Their rounds, if any, are found anew.
        seed: The same inputs and seed hold out the same groups.
        is_challenger: Grow the challenger's, not the additive family's.
        watch: Called at every round with the loss so far; what it raises ends it.
    """
    plot = _challenger(training) if is_challenger else _additive(training)
    settings = plot.settings(trees, seed)
    dataset = plot.dataset(settings)
    rounds, loss = rounds_of(settings, dataset, training, seed=seed, watch=watch)
    return trees.model_copy(update={"rounds": rounds}), loss


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
        rows = facing(matrix(table, self.inputs), self.inputs)
        found = self.booster.predict(rows, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, table: pd.DataFrame) -> Contributions:
        """Return each indicator's SHAP values, by LightGBM's own `pred_contrib`.

        They take 0.6 to 4 ms a row, so this is for few rows.
        """
        rows = facing(matrix(table, self.inputs), self.inputs)
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
                {
                    "name": i.name,
                    "categories": i.categories,
                    "direction": i.direction,
                    "is_reversed": i.is_reversed,
                }
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


def fit_boosted(training: Training, *, seed: int, trees: Trees = BOOSTED) -> Boosted:
    """Fit the challenger to what `models.families.inputs.read_training` read."""
    return Boosted(_grown(_challenger(training), trees, seed), training.inputs)


@dataclass(frozen=True)
class _Plot:
    """Where trees are grown.

    Attributes:
        training: The outcomes, weights and linked groups of the rows.
        rows: What is split: the values, or their bins.
        bounds: LightGBM's settings that come of the inputs.
    """

    training: Training
    rows: Floats
    bounds: Mapping[str, Any]

    def settings(self, trees: Trees, seed: int) -> dict[str, Any]:
        """Return all of LightGBM's settings but the number of rounds."""
        return {
            **_SHARED,
            "monotone_constraints": [each.bound for each in self.training.inputs],
            **self.bounds,
            "learning_rate": trees.learning_rate,
            "num_leaves": trees.leaves,
            "lambda_l2": trees.ridge,
            "seed": seed,
        }

    def dataset(self, settings: Mapping[str, Any]) -> lgb.Dataset:
        """Return the rows as LightGBM takes them."""
        return lgb.Dataset(
            self.rows,
            self.training.outcome,
            weight=self.training.weights,
            params=dict(settings),
            categorical_feature=[],
        )


def _additive(training: Training, pairs: Sequence[tuple[int, int]] = ()) -> _Plot:
    paired = {number for pair in pairs for number in pair}
    alone = [[n] for n in range(len(training.inputs)) if n not in paired]
    groups = [*alone, *(list(pair) for pair in pairs)]
    refuse_ungrouped(groups, training.inputs)
    bounds = {
        "interaction_constraints": groups,
        "min_data_in_bin": 1,
        # One for each of our bins, so that none is merged, and for missing values.
        "max_bin_by_feature": [each.width + 2 for each in training.inputs],
    }
    return _Plot(training, training.coded, bounds)


def _challenger(training: Training) -> _Plot:
    rows = facing(training.matrix, training.inputs)
    return _Plot(training, rows, _CHALLENGER)


def _grown(plot: _Plot, trees: Trees, seed: int) -> lgb.Booster:
    settings = plot.settings(trees, seed)
    dataset, rounds = plot.dataset(settings), trees.rounds
    if rounds is None:
        rounds, _ = rounds_of(settings, dataset, plot.training, seed=seed)
    return lgb.train(settings, dataset, rounds)


def _keys_of(content: Mapping[str, Any]) -> set[str] | None:
    return _KEYS if content.get("schema") == _SCHEMA else None


def _read_input(content: Any) -> Input:
    try:
        categories = content["categories"]
        named = None if categories is None else tuple(categories)
        each = Input(content["name"], named, content["direction"], has_missing=False)
        return replace(each, is_reversed=content["is_reversed"])
    except (KeyError, TypeError):
        what = "an input has a name, categories, a direction and which end is first"
        raise Refusal([Fault("boosted.json", what, "others", _NEXT)]) from None
