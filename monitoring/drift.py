"""Drift: how far the rows scored now are from those the model was fitted on.

The one door to Evidently; of it only the measured distances are used.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from scipy import stats


# Fewer values than this on either side say nothing about a distribution.
LEAST_ROWS = 50

# Evidently's own limits: a tenth of a standard deviation, and a tenth of the greatest
# distance there is. A share of missing values has moved from ten points on.
GREATEST_DISTANCE = 0.1
GREATEST_MISSING_CHANGE = 0.1

# The chance of one false alarm among all comparisons of a report, shared out equally.
FALSE_ALARMS = 0.05


class Drift(StrEnum):
    """What can be said of one column."""

    DRIFTED = "drifted"
    NOT_DRIFTED = "not drifted"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Comparison:
    """One thing compared then and now.

    It has drifted if the difference is both greater than the threshold (it matters) and
    less likely than `chance_limit` (it is not luck). The chance takes rows as
    independent, which entities that recur are not quite; the threshold does not.

    Attributes:
        method: How the difference is measured.
        difference: None where it cannot be told.
        chance: How likely chance alone makes a difference so large.
    """

    verdict: Drift
    method: str
    difference: float | None
    threshold: float
    chance: float | None
    chance_limit: float


@dataclass(frozen=True)
class ColumnDrift:
    """One column then and now.

    Attributes:
        values: The values that are there.
        missing: The share of missing values.
        missing_then: That share in the reference; None without rows.
        missing_now: That share now; None without rows.
    """

    column: str
    values: Comparison
    missing: Comparison
    missing_then: float | None
    missing_now: float | None

    @property
    def has_drifted(self) -> bool:
        """Whether the values, or how many are missing, have drifted."""
        return Drift.DRIFTED in (self.values.verdict, self.missing.verdict)


def drift(reference: pd.DataFrame, current: pd.DataFrame) -> tuple[ColumnDrift, ...]:
    """Compare the columns of two tables.

    Args:
        reference: The rows that the model was fitted on; numbers with NaN or texts with
            None where missing.
        current: The rows scored now, with at least the reference's columns.

    Returns:
        One a column, in the reference's order.
    """
    columns = [
        _read(name, reference[name], current[name]) for name in reference.columns
    ]
    distances = _distances([column for column in columns if column.has_enough])
    chance_limit = FALSE_ALARMS / max(1, 2 * len(columns))
    return tuple(
        ColumnDrift(
            column=column.name,
            values=_values(column, distances.get(column.name), chance_limit),
            missing=_missing(column, chance_limit),
            missing_then=_share_missing(column.then),
            missing_now=_share_missing(column.now),
        )
        for column in columns
    )


@dataclass(frozen=True)
class _Column:
    """One column of both tables: floats with NaN, or texts with None."""

    name: str
    then: pd.Series
    now: pd.Series
    is_number: bool

    @property
    def method(self) -> str:
        return "wasserstein" if self.is_number else "jensenshannon"

    @property
    def has_enough(self) -> bool:
        return min(self.then.count(), self.now.count()) >= LEAST_ROWS


def _read(name: str, then: pd.Series, now: pd.Series) -> _Column:
    is_number = _is_number(then) and _is_number(now)
    prepare = _floats if is_number else _texts
    return _Column(name, prepare(then), prepare(now), is_number)


def _values(column: _Column, distance: float | None, chance_limit: float) -> Comparison:
    if distance is None:
        return _untold(column.method, GREATEST_DISTANCE, chance_limit)
    then, now = column.then.dropna(), column.now.dropna()
    if column.is_number:
        chance = float(stats.ks_2samp(then, now, method="asymp").pvalue)
    else:
        chance = _chance_of_counts(then, now)
    return _judged(column.method, distance, GREATEST_DISTANCE, chance, chance_limit)


def _missing(column: _Column, chance_limit: float) -> Comparison:
    method, threshold = "change of share", GREATEST_MISSING_CHANGE
    then, now = column.then.isna(), column.now.isna()
    if min(len(then), len(now)) < LEAST_ROWS:
        return _untold(method, threshold, chance_limit)
    change = abs(float(now.mean()) - float(then.mean()))
    chance = _chance_of_counts(then, now)
    return _judged(method, change, threshold, chance, chance_limit)


def _judged(
    method: str, difference: float, threshold: float, chance: float, chance_limit: float
) -> Comparison:
    has_drifted = difference >= threshold and chance < chance_limit
    verdict = Drift.DRIFTED if has_drifted else Drift.NOT_DRIFTED
    return Comparison(verdict, method, difference, threshold, chance, chance_limit)


def _untold(method: str, threshold: float, chance_limit: float) -> Comparison:
    return Comparison(Drift.CANNOT_TELL, method, None, threshold, None, chance_limit)


def get_ready() -> None:
    """Import Evidently, which takes seconds; later imports of it take none."""
    with warnings.catch_warnings():
        # Evidently's imports use deprecated parts of numpy and litestar.
        warnings.simplefilter("ignore", DeprecationWarning)
        import evidently.metrics  # noqa: F401


def _distances(columns: Sequence[_Column]) -> dict[str, float]:
    """Return Evidently's distance of each column."""
    if not columns:
        return {}
    get_ready()
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    definition = DataDefinition(
        numerical_columns=[c.name for c in columns if c.is_number],
        categorical_columns=[c.name for c in columns if not c.is_number],
    )
    then, now = (
        Dataset.from_pandas(pd.DataFrame(table), data_definition=definition)
        for table in (
            {c.name: c.then for c in columns},
            {c.name: c.now for c in columns},
        )
    )
    metrics = [ValueDrift(column=c.name, method=c.method) for c in columns]
    found = Report(metrics).run(now, then).dict()["metrics"]
    return {each["config"]["column"]: float(each["value"]) for each in found}


def _chance_of_counts(then: pd.Series, now: pd.Series) -> float:
    """Chance that two lists of categories are of one kind; 1 if there is only one."""
    table = pd.concat([then.value_counts(), now.value_counts()], axis=1).fillna(0)
    return float(stats.chi2_contingency(table).pvalue) if len(table) > 1 else 1.0


def _share_missing(column: pd.Series) -> float | None:
    return float(column.isna().mean()) if len(column) else None


def _floats(column: pd.Series) -> pd.Series:
    return column.astype("float64").reset_index(drop=True)


def _texts(column: pd.Series) -> pd.Series:
    """Texts, truth values among them, with None where missing."""
    values = column.astype(object).where(column.notna(), None)
    return values.map(str, na_action="ignore").reset_index(drop=True)


def _is_number(column: pd.Series) -> bool:
    is_truth = pd.api.types.is_bool_dtype(column.dtype)
    return pd.api.types.is_numeric_dtype(column.dtype) and not is_truth
