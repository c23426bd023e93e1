"""An explanation: how much each indicator moved one score, in log-odds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from features.faults import Fault, Refusal
from models.tables.table import TableModel
from models.tables.terms import Value


# A sum of one-indicator terms has one SHAP value an indicator, without any sampling:
# the term's value less its mean over training (Lundberg and Lee 2017, section 4.2).
METHOD = "SHAP values in log-odds, exact: one table an indicator"
# What a pair adds is the sum of its two SHAP values; it is not split between them.
PAIRS_METHOD = "SHAP values in log-odds, exact: one table an indicator, or named pair"
# An exposure's value is its logarithm, less the mean of it in training.
NUMBER_METHOD = "SHAP values in the log of the number, exact: one table an indicator"


@dataclass(frozen=True)
class Explanation:
    """A score taken apart.

    Attributes:
        method: How the values were reached.
        base_value: Log-odds of the training rows' mean.
        names: The indicators, and pairs of them, in the model's order.
        values: SHAP values, one a name, in log-odds.
    """

    method: str
    base_value: float
    names: tuple[str, ...]
    values: tuple[float, ...]

    @property
    def log_odds(self) -> float:
        """The whole: base + values, added in order."""
        total = 0.0
        for value in self.values:
            total += value
        return self.base_value + total


def explain(model: TableModel, row: Mapping[str, Value]) -> Explanation:
    """Explain the score of one row of indicators.

    Args:
        model: The model that gives the score.
        row: The indicators' values by name; None or NaN is missing.

    Returns:
        Values that add up to `model.log_odds_of(row)`, bit for bit.

    Raises:
        Refusal: An indicator is not in `row`, or holds what training never saw: there
            is no score to explain.
    """
    values = model.contributions_of(row)
    names = model.term_names
    unseen = [n for n, v in zip(names, values, strict=True) if math.isnan(v)]
    if unseen:
        what, got = "a score needs values that training saw", "one that it never saw"
        do = "show the state without a score, or fit the model on newer data"
        raise Refusal(Fault(f"indicator {name}", what, got, do) for name in unseen)
    return Explanation(method_of(model), model.base, names, values)


def method_of(model: TableModel) -> str:
    """Return how the values of a model are reached."""
    if model.link == "log":
        return NUMBER_METHOD
    return METHOD if model.names == model.term_names else PAIRS_METHOD
