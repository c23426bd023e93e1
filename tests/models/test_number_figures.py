"""Figures of forecasts, each worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging.number_figures import (
    Forecasts,
    as_number_metrics,
    judge_numbers,
    ratio_figure,
)


def forecasts(**changes: object) -> Forecasts:
    """Ten sites: 100 came to each; 90 were forecast, and 120 came last year."""
    given = {
        "entity": np.array([f"site {n}" for n in range(10)], dtype=object),
        "counted": np.full(10, 100.0),
        "expected": np.full(10, 90.0),
        "naive": np.full(10, 120.0),
        "scale": np.full(10, 5.0),
        "low": np.full(10, 80.0),
        "high": np.array([99.0] * 4 + [110.0] * 6),
    }
    return Forecasts(**{**given, **changes})  # type: ignore[arg-type]


def test_each_figure_is_what_its_name_says() -> None:
    found = judge_numbers(forecasts(), seed=1)

    assert found.mae.value == 10
    assert found.mase.value == 2
    assert found.mase_naive.value == 4
    assert found.above_naive.value == -2
    assert found.coverage.value == 0.6
    assert found.observed_expected.value == pytest.approx(100 / 90)
    # 2 (100 log(100 / 90) - (100 - 90)).
    assert found.deviance.value == pytest.approx(1.0721, abs=1e-4)
    assert found.deviance_naive.value == pytest.approx(3.5357, abs=1e-4)


def test_without_a_yardstick_a_row_is_left_out_of_the_scaled_error() -> None:
    scale = np.array([5.0] * 8 + [0.0, np.nan])
    counted = np.array([100.0] * 8 + [1_000.0, 1_000.0])

    found = judge_numbers(forecasts(scale=scale, counted=counted), seed=1)

    assert found.mase.value == 2
    assert found.mae.value == 190


def test_whole_entities_are_drawn_with_all_their_dates() -> None:
    over = np.repeat(np.arange(10.0), 20)
    alone = np.arange(200).astype(object)
    sites = np.repeat(np.arange(10), 20).astype(object)

    apart = ratio_figure(over, np.ones(200), alone, seed=1)
    together = ratio_figure(over, np.ones(200), sites, seed=1)

    def width(figure):  # type: ignore[no-untyped-def]
        return figure.high - figure.low

    assert together.value == apart.value == 4.5
    assert width(together) > 3 * width(apart)


def test_of_few_entities_nothing_is_told() -> None:
    figure = ratio_figure(np.ones(70), np.ones(70), np.arange(70) % 7, seed=1)

    assert figure.value is None
    assert figure.reason == "fewer than 8 entities were forecast"


def test_metrics_are_flat_and_leave_out_what_cannot_be_told() -> None:
    found = as_number_metrics(judge_numbers(forecasts(low=np.full(10, np.nan)), seed=1))

    assert found["mase"] == 2
    assert {"mase_low", "mase_high"} <= set(found)
    assert "coverage" not in found
