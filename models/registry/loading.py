"""Loading: a registered model for a notebook, to score and explain DataFrames.

from models import load

model = load("champion", place="places/avonmere", store="var/demo-5000-1")
model.risk(model.snapshot())
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.definitions.place import Place, read_place
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from features.store.warehouse import Warehouse
from models.definitions.score_files import read_scores
from models.families.inputs import columns_of
from models.registry.registry import Alias, RegisteredModel, open_registry
from models.settings import read_settings
from models.tables.table import Contributions, TableModel, from_json


@dataclass(frozen=True)
class LoadedModel:
    """One version of a score's model, whose bytes are those that its hash names.

    Rows are given as a DataFrame with a column an indicator, more if you like: numbers
    with NaN, or texts with None, where missing. What comes back has the same index.

    Attributes:
        score: Its name.
        registered: Number, tags and metrics, as the registry holds them.
        table: The model itself.
        warehouse: Of the place.
    """

    score: str
    registered: RegisteredModel
    table: TableModel
    warehouse: Warehouse

    @property
    def indicators(self) -> list[str]:
        """The columns that it reads."""
        return list(self.table.names)

    def log_odds(self, rows: pd.DataFrame) -> pd.Series:
        """Return the log-odds before calibration; NaN where nothing can be told.

        Raises:
            Refusal: With every indicator that is not a column of `rows`.
        """
        found = self._contributions(rows).log_odds
        return pd.Series(found, index=rows.index, name="log_odds")

    def risk(self, rows: pd.DataFrame) -> pd.Series:
        """Return the probabilities (0 to 1), as calibrated; NaN where untold.

        Raises:
            Refusal: With every indicator that is not a column of `rows`.
        """
        found = self.table.risk(self._contributions(rows).log_odds)
        return pd.Series(found, index=rows.index, name="risk")

    def explain(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what adds up to the log-odds: `base`, and a column a term.

        A term is an indicator, or a named pair of two.

        Raises:
            Refusal: With every indicator that is not a column of `rows`.
        """
        found = self._contributions(rows)
        columns = pd.DataFrame(found.values, index=rows.index, columns=found.names)
        columns.insert(0, "base", found.base)
        return columns

    def evaluation(self) -> dict[str, Any]:
        """Return what its training found, as `docs/judgement.md` describes it.

        Raises:
            Refusal: The file is not the one that was logged.
        """
        found: dict[str, Any] = json.loads(self.registered.text("evaluation.json"))
        return found

    def snapshot(self) -> pd.DataFrame:
        """Return the snapshot that it was fitted and judged on, a row an entity a date.

        Raises:
            Refusal: The warehouse has none of that hash.
        """
        wanted = self.table.facts.get("snapshot_sha256")
        for entry in self.warehouse.manifest().snapshots:
            if entry.table.sha256 == wanted:
                return pd.read_parquet(self.warehouse.path(entry.table))
        what, do = "the model's snapshot is in the warehouse", "name its store"
        got = f"none with sha256 {wanted}"
        raise Refusal([Fault(f"{self.warehouse.root}", what, got, do)])

    def _contributions(self, rows: pd.DataFrame) -> Contributions:
        given = [name for name in self.table.names if name in rows.columns]
        return self.table.contributions(columns_of(rows, given))


def load(
    version: int | Alias = "champion",
    *,
    score: str | None = None,
    place: str | Path = ".",
    store: str | Path | None = None,
) -> LoadedModel:
    """Load one version of a score's model from a place's registry.

    Args:
        version: Its number, or `champion` or `challenger`.
        score: Which score; may be left out if the place has one.
        place: The folder of definitions, as the command's `--place`.
        store: The folder of data, as the command's `--store`: else `LAMPPOST_STORE`,
            else `var/<place>`. `LAMPPOST_TRACKING` names another registry.

    Raises:
        Misuse: There is no such score.
        Refusal: The place has faults, there is no such version, its bytes have changed,
            or the registry cannot be reached.
    """
    settings = read_settings(Path(place), None if store is None else Path(store))
    read, faults = read_place(settings.place)
    if read is None:
        raise Refusal(faults)
    refuse_if_any(faults)
    name = _named(score, read)
    registry = open_registry(
        settings.tracking_uri, settings.store / "artifacts", place=read.name
    )
    found = registry.version(name, version)
    model = from_json(found.model_json)
    return LoadedModel(name, found, model, Warehouse(settings.store))


def _named(score: str | None, place: Place) -> str:
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    if score is None and len(scores) == 1:
        return next(iter(scores))
    if score is None or score not in scores:
        got = repr(score) if score else "no name, and there are several"
        do = f"name one of: {', '.join(scores) or 'none is declared'}"
        raise Misuse([Fault("score", "the score must be declared", got, do)])
    return score
