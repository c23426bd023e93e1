"""What a training run found, made up, as the registry keeps it: as JSON."""

from __future__ import annotations

from typing import Any


def figure(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "reason": None}


def untold(reason: str) -> dict[str, Any]:
    return {"value": None, "low": None, "high": None, "reason": reason}


def figures(auc: float, *, precision: float = 0.3) -> dict[str, Any]:
    return {
        "auc": figure(auc, auc - 0.03, auc + 0.03),
        "average_precision": figure(0.21, 0.17, 0.26),
        "brier": figure(0.08, 0.07, 0.09),
        "precision": figure(precision, precision - 0.05, precision + 0.05),
        "recall": figure(0.4, 0.33, 0.47),
        "lift": figure(3.0, 2.4, 3.6),
        "observed_expected": figure(0.98, 0.9, 1.07),
        "calibration_slope": untold("too few cases"),
    }


def verdict(auc: float, **changes: Any) -> dict[str, Any]:
    content = {
        "later": figures(auc),
        "later_and_new": figures(auc - 0.01),
        "unscored": 0,
        "reordering": None,
    }
    return {**content, **changes}


def gain(auc: float) -> dict[str, Any]:
    every = {name: figure(0.01, -0.01, 0.03) for name in figures(0.5)}
    return {**every, "auc": figure(auc, auc - 0.01, auc + 0.01)}


def group(name: str, found: dict[str, Any]) -> dict[str, Any]:
    rates = ("selection_rate", "true_positive_rate", "precision")
    counts = {"group": name, "cases": 412, "outcomes": 40, "visited": 50}
    return {**counts, **dict.fromkeys(rates, found)}


def source(name: str, lost: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": name,
        "indicators": ["count"],
        "metric": "auc",
        "neutralised": figure(0.03, 0.02, 0.04),
        "refitted": lost,
    }


def end(name: str, kind: str, cases: int, incidence: dict[str, Any]) -> dict[str, Any]:
    return {"end": name, "kind": kind, "cases": cases, "incidence": incidence}


def evaluation(**changes: Any) -> dict[str, Any]:
    """Return an evaluation with every part that a card knows of."""
    base = figure(0.1, 0.09, 0.11)
    ends = [
        end("event", "outcome", 120, base),
        end("no event", "none", 1_080, figure(0.9, 0.89, 0.91)),
    ]
    content: dict[str, Any] = {
        "fitted_rows": 4_000,
        "fitted_events": 400,
        "judged_rows": 1_200,
        "judged_events": 120,
        "base_rate": base,
        "fitted_ends": ends,
        "judged_ends": ends,
        "untold": {"not yet known": 300, "opted out": 25},
        "recording_lag": {"days": 74, "declared_days": 60},
        "verdicts": {
            "additive": verdict(0.81),
            "logistic": verdict(0.8),
            "rule": verdict(0.67),
            "boosted": verdict(0.815),
        },
        "price": gain(0.005),
        "above_rule": gain(0.14),
        "observed": [
            {
                "from_probability": start,
                "mean_probability": start + 0.05,
                "share": start + 0.04,
                "low": start,
                "high": start + 0.09,
                "cases": 600,
            }
            for start in (0.0, 0.25)
        ],
        "groups": {
            "sex": [group("F", figure(0.2, 0.1, 0.3)), group("M", untold("few"))]
        },
        "leaks": {
            "shuffles": 40,
            "shuffled_auc": 0.502,
            "strongest": "count",
            "auc_alone": 0.68,
            "rows_known": 200,
        },
        "sample": {
            "parameters": 1,
            "groups": 900,
            "groups_with_outcome": 100,
            "needed": 500,
            "needed_with_outcome": 50,
        },
        "sources": [source("visits", figure(0.02, 0.01, 0.03))],
    }
    return {**content, **changes}


def forecasts(**changes: Any) -> dict[str, Any]:
    """Return what training a forecast found; `changes` are of its figures."""
    figures = {
        "mae": figure(310.0, 280.0, 340.0),
        "mase": figure(0.8, 0.75, 0.85),
        "mase_naive": figure(0.95, 0.9, 1.0),
        "above_naive": figure(-0.15, -0.2, -0.1),
        "coverage": figure(0.91, 0.88, 0.93),
    }
    date = {"as_of": "2018-04-01", "fitted_rows": 900, "forecasts": 120}
    date |= {"mase": 0.81, "mase_naive": 0.96, "coverage": None}
    return {
        "figures": {**figures, **changes},
        "by_date": [date],
        "spread": {"low": 0.91, "high": 1.1, "forecasts": 1_400},
        "fitted_rows": 900,
        "judged_rows": 120,
        "unexposed": 9,
        "untold": {"not yet known": 40},
        "naive": "same_month_last_year_350d_ago",
    }
