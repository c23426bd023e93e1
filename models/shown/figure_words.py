"""Figures in words: with their interval, or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.judging.intervals import Figure, cannot_tell


NOT_MEASURED = "it was not measured"

# What each figure of an assessment is called, and what it means.
_WORDS = {
    "auc": "AUC: how often one with the outcome ranks above one without",
    "average_precision": "average precision: area under precision by recall",
    "brier": "Brier score: mean squared distance to what came; 0 is best",
    "precision": "precision: of those within capacity, the share with the outcome",
    "recall": "recall: of those with the outcome, the share within capacity",
    "lift": "lift: precision over the share with the outcome among all",
    "observed_expected": "observed over expected outcomes; 1 is calibrated",
    "calibration_intercept": "calibration intercept: what log-odds lack; 0 is right",
    "calibration_slope": "calibration slope: under 1, log-odds are too far apart",
    "net_benefit": "net benefit above visiting no one: in true visits a case",
    "net_benefit_above_everyone": "net benefit above visiting everyone",
    "net_benefit_above_rule": "net benefit above the rule",
}


def figure_at(found: Any, *path: str) -> Figure:
    """Return a figure of an evaluation as it was kept: as JSON.

    Args:
        found: What was kept, whole.
        path: The keys that lead to it. What is not there was not measured.

    >>> price = {"auc": {"value": 0.1, "low": 0.0, "high": 0.2, "reason": None}}
    >>> figure_at({"price": price}, "price", "auc")
    Figure(value=0.1, low=0.0, high=0.2, reason=None)
    >>> figure_at({}, "price", "auc").reason
    'it was not measured'
    """
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not is_figure(found):
        return cannot_tell(NOT_MEASURED)
    return Figure(found["value"], found["low"], found["high"], found.get("reason"))


def is_figure(found: Any) -> bool:
    """Say whether what was kept is one figure."""
    return isinstance(found, Mapping) and {"value", "low", "high"} <= set(found)


def words_for(name: str) -> str:
    """Return what a figure is called.

    >>> words_for("recall_at_noon")
    'recall at noon'
    """
    return _WORDS.get(name, name.replace("_", " "))


def name_of(name: str) -> str:
    """Return what a figure is called, without what it means.

    >>> name_of("brier")
    'Brier score'
    """
    return words_for(name).partition(":")[0].partition(";")[0]


def told(figure: Figure) -> str:
    """Return a figure with its interval, or why it cannot be told.

    >>> told(Figure(0.731, 0.702, 0.76))
    '.731 (.702 to .760)'
    >>> told(Figure(None, None, None, "too few"))
    'cannot tell: too few'
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return f"cannot tell: {figure.reason}"
    value, low, high = (short(x) for x in (figure.value, figure.low, figure.high))
    return f"{value} ({low} to {high})"


def of_100(figure: Figure) -> str:
    """Return a share as so many of 100, with its interval.

    >>> of_100(Figure(0.8121, 0.773, 0.845)), of_100(Figure(0.016, 0.013, 0.019))
    ('81 of 100 (77 to 84)', '1.6 of 100 (1.3 to 1.9)')
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return f"cannot tell: {figure.reason}"
    # Below ten, the first decimal is half of what there is to tell.
    places = 1 if abs(100 * figure.value) < 9.95 else 0
    value, low, high = (
        f"{100 * x:.{places}f}".removesuffix(".0")
        for x in (figure.value, figure.low, figure.high)
    )
    return f"{value} of 100 ({low} to {high})"


def short(number: float) -> str:
    """Return a number with three decimals, without the nought before them.

    >>> short(0.5), short(-0.02), short(12.345), short(-0.0001)
    ('.500', '-.020', '12.3', '.000')
    """
    text = f"{number:.3f}" if abs(number) < 10 else f"{number:.1f}"
    text = text.removeprefix("-") if not text.strip("-0.") else text
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
