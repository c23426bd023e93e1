from __future__ import annotations

import socket

import numpy as np
import pandas as pd
import pytest

from monitoring.drift import LEAST_ROWS, drift


def some_rows(rows: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    income = draw.normal(0.0, 1.0, rows)
    income[draw.random(rows) < 0.2] = np.nan
    tenure = draw.choice(["owned", "rented"], rows, p=[0.7, 0.3]).astype(object)
    return pd.DataFrame(
        {
            "visits": draw.poisson(2.0, rows),
            "income": income,
            "tenure": np.where(draw.random(rows) < 0.1, None, tenure),
            "fell": draw.random(rows) < 0.1,
            "constant": np.zeros(rows),
            "never_known": np.full(rows, np.nan),
        }
    )


def verdicts(reference: pd.DataFrame, current: pd.DataFrame) -> dict[str, str]:
    return {c.column: str(c.values.verdict) for c in drift(reference, current)}


THEN = some_rows(1_000, seed=1)


def test_rows_of_the_same_kind_have_not_drifted():
    found = drift(THEN, some_rows(300, seed=2))

    assert not any(column.has_drifted for column in found)
    assert {c.column: str(c.values.verdict) for c in found} == {
        "visits": "not drifted",
        "income": "not drifted",
        "tenure": "not drifted",
        "fell": "not drifted",
        "constant": "not drifted",
        "never_known": "cannot tell",
    }


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("visits", lambda values: values + 1),
        ("income", lambda values: values * 3),
        ("tenure", lambda values: values.where(values.isna(), "rented")),
        ("tenure", lambda values: values.replace("owned", "a houseboat")),
        ("fell", lambda values: ~values),
        ("constant", lambda values: values + 1),
    ],
)
def test_a_planted_drift_is_found_and_nothing_else(column, change):
    now = some_rows(300, seed=2)
    now[column] = change(now[column])

    found = drift(THEN, now)

    assert [c.column for c in found if c.has_drifted] == [column]


def test_a_source_that_falls_silent_is_found_by_what_is_missing():
    now = some_rows(300, seed=2)
    now["tenure"] = None

    [tenure] = drift(THEN[["tenure"]], now)

    assert tenure.values.verdict == "cannot tell"
    assert tenure.missing.verdict == "drifted"
    assert tenure.has_drifted
    assert tenure.missing_now == 1.0
    assert tenure.missing_then == THEN["tenure"].isna().mean()


@pytest.mark.parametrize("rows", [0, 1, LEAST_ROWS - 1])
def test_with_few_rows_on_either_side_nothing_can_be_told(rows):
    few = some_rows(rows, seed=3)

    assert set(verdicts(THEN, few).values()) == {"cannot tell"}
    assert set(verdicts(few, THEN).values()) == {"cannot tell"}


def test_what_chance_does_to_few_rows_is_seldom_called_drift():
    # The mean of 50 values moves by .14 standard deviations by chance alone, and
    # Evidently's threshold is .1.
    draws = [some_rows(LEAST_ROWS, seed=seed) for seed in range(10, 30)]

    found = [drift(THEN[["visits"]], draw)[0].values for draw in draws]

    over = sum(each.difference >= each.threshold for each in found)
    called = sum(each.verdict == "drifted" for each in found)
    # Of 20 draws, .025 x 20 are to be expected, and by chance up to 2.
    assert over >= 10
    assert called <= 2


def test_a_difference_that_is_sure_and_small_is_not_called_drifted():
    then, now = (pd.DataFrame({"x": np.arange(20_000.0)}) for _ in range(2))
    now["x"] += 500.0

    [x] = drift(then, now)

    assert x.values.chance < x.values.chance_limit
    assert x.values.verdict == "not drifted"


def test_the_distances_are_those_of_the_definitions():
    then = pd.DataFrame({"x": [0.0, 1.0] * 50, "y": ["a"] * 100})
    now = pd.DataFrame({"x": [1.0, 2.0] * 50, "y": ["b"] * 100})

    x, y = drift(then, now)

    # Every value moved by 1, and the standard deviation then was .5.
    assert x.values.difference == pytest.approx(2.0)
    # Two distributions with nothing in common: the square root of log 2.
    assert y.values.difference == pytest.approx(np.sqrt(np.log(2)))
    assert (x.values.method, y.values.method) == ("wasserstein", "jensenshannon")


def test_drift_calls_nobody_and_writes_no_file(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", refuse)

    drift(THEN[["visits"]], THEN[["visits"]])

    assert list(tmp_path.iterdir()) == []


def test_the_same_rows_give_the_same_figures():
    now = some_rows(300, seed=2)

    assert drift(THEN, now) == drift(THEN, now)
