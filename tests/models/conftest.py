from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.families.inputs import Training, read_training


BANDS = ["under 18", "18 to 64", "65 and over"]


@dataclass(frozen=True)
class People:
    """A training table with every kind of indicator, and what came of it."""

    table: pd.DataFrame
    outcome: np.ndarray
    directions: dict[str, int] = field(
        default_factory=lambda: {"visits": 1, "income": -1, "band": 1}
    )

    @property
    def indicators(self) -> list[str]:
        return list(self.table.columns)

    def read(self, **changes: Any) -> Training:
        """Read them as an estimator does, but for what is given otherwise."""
        given = {"indicators": self.indicators, "directions": self.directions}
        return read_training(self.table, self.outcome, **{**given, **changes})


def some_people(rows: int, seed: int) -> People:
    draw = np.random.default_rng(seed)
    visits = draw.poisson(2.0, rows).astype(float)
    income = draw.normal(0.0, 1.0, rows)
    income[draw.random(rows) < 0.2] = np.nan
    zeros = np.where(draw.random(rows) < 0.5, 0.0, draw.normal(0.0, 1e-34, rows))
    tenure = draw.choice(["owned", "rented", "shared"], rows, p=[0.6, 0.37, 0.03])
    tenure = np.where(draw.random(rows) < 0.1, None, tenure.astype(object))
    band = draw.choice(BANDS, rows)
    log_odds = -1.5 + 0.4 * visits - 0.6 * np.nan_to_num(income) + (tenure == "rented")
    log_odds += 0.5 * (band == BANDS[2]) + 0.8 * (visits > 3) * (band == BANDS[0])
    outcome = (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    table = pd.DataFrame(
        {
            "visits": visits,
            "income": income,
            "tiny": zeros,
            "constant": np.ones(rows),
            "never_known": np.full(rows, np.nan),
            "tenure": tenure,
            "band": pd.Categorical(band, categories=BANDS, ordered=True),
        }
    )
    return People(table, outcome)


@pytest.fixture(scope="session")
def people() -> People:
    return some_people(3_000, seed=7)


@pytest.fixture(scope="session")
def later_people() -> People:
    return some_people(1_000, seed=8)
