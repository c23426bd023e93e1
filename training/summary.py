"""The summary of a training run, as the command prints it."""

from __future__ import annotations

from typing import Any

from models.definition import ScoreDefinition
from models.intervals import Figure
from training.evaluate import Evaluation, Verdict


def summarise(evaluation: Evaluation, score: ScoreDefinition) -> dict[str, Any]:
    """Return what a training run found, a line a model, intervals in words."""
    return {
        "fitted on": _counts(evaluation.fitted_rows, evaluation.fitted_events),
        "judged on": _counts(evaluation.judged_rows, evaluation.judged_events),
        "base rate": told(evaluation.base_rate),
        "judged": [_line(n, v) for n, v in evaluation.verdicts.items()],
        "price of transparency": f"AUC {told(evaluation.price.auc)} "
        f"(unconstrained above {score.serve})",
        "groups": [
            {
                "group": f"{name}: {figures.group}",
                "selected": told(figures.selection_rate),
                "found": told(figures.true_positive_rate),
            }
            for name, groups in evaluation.groups.items()
            for figures in groups
        ],
    }


def told(figure: Figure) -> str:
    """Return a figure with its interval, or why it cannot be told.

    >>> told(Figure(0.731, 0.702, 0.76))
    '.731 (.702 to .760)'
    >>> told(Figure(None, None, None, "too few"))
    'cannot tell: too few'
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return f"cannot tell: {figure.reason}"
    value, low, high = (_short(x) for x in (figure.value, figure.low, figure.high))
    return f"{value} ({low} to {high})"


def _counts(rows: int, events: int) -> str:
    return f"{rows} rows, {events} with the outcome"


def _line(name: str, verdict: Verdict) -> dict[str, str]:
    later, new = verdict.later, verdict.later_and_new
    line = {
        "model": name,
        "AUC later": told(later.auc),
        "later and new": told(new.auc),
        "precision": told(later.precision),
        "recall": told(later.recall),
    }
    if verdict.reordering:
        line["days earlier"] = told(verdict.reordering.days_earlier)
    return line


def _short(number: float) -> str:
    text = f"{number:.3f}" if abs(number) < 10 else f"{number:.1f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
