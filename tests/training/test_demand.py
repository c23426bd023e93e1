"""Forecasts of a number: rolling, judged beside the naive rule, refused if worse."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.definitions.place import Place, read_place
from features.faults import Refusal
from features.store.manifest import RecordingLag
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from models.judging.incidence import Endings
from models.judging.intervals import Figure
from training.cohort import Cases
from training.demand.demand import (
    SHARE,
    Origin,
    evaluate_numbers,
    known_by,
    roll,
    spread_by,
)
from training.demand.gates import failed_number_gates


ROOT = Path(__file__).parents[2]
MONTHS, TRUSTS = 30, 60
NAIVE = "same_month_last_year_350d_ago"


@pytest.fixture(scope="module")
def declared() -> tuple[Place, ScoreDefinition]:
    place, faults = read_place(ROOT / "places" / "demand")
    assert place, faults
    scores, faults = read_scores(place)
    assert faults == []
    return place, scores["attendances_1"]


def months_of(*, growth: float, seed: int = 1) -> Cases:
    """Cases of sixty trusts on thirty dates, with numbers that grow by the year."""
    draw = np.random.default_rng(seed)
    first = dt.date(2017, 4, 1)
    dates = [
        dt.date(first.year + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(MONTHS)
    ]
    as_of = np.repeat(np.array(dates, dtype="datetime64[D]"), TRUSTS)
    trust = np.tile(np.arange(TRUSTS), MONTHS)
    naive = 500 * (1 + trust % 7) * np.exp(draw.normal(0, 0.03, len(trust)))
    grown = growth + draw.normal(0, 0.02, len(trust))
    table = pd.DataFrame(
        {
            NAIVE: np.round(naive),
            "seasonal_position_350d_ago": draw.normal(1, 0.05, len(trust)),
            "month_0m": as_of.astype("datetime64[M]").astype(int) % 12 + 1,
            "growth_month": grown,
            "growth_quarter": grown + draw.normal(0, 0.01, len(trust)),
            "growth_half": np.where(draw.random(len(trust)) < 0.1, np.nan, grown),
        }
    )
    outcome = draw.poisson(table[NAIVE] * grown).astype(float)
    names = np.array([f"trust-{n}" for n in trust], dtype=object)
    told = np.full(len(trust), "event", dtype=object)
    return Cases(
        table=table,
        outcome=outcome,
        as_of=as_of,
        linked_group=names,
        groups={},
        endings=Endings(told, np.zeros(len(trust), np.int64), ("event",), ()),
        recording_lag=RecordingLag(days=0, declared_days=0),
    )


def judged_by(score: ScoreDefinition, **changes: Any) -> ScoreDefinition:
    judgement = score.judgement.model_copy(update=changes)
    return score.model_copy(update={"judgement": judgement})


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def test_where_numbers_grow_the_forecast_is_better_than_last_year(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.08)

    found = evaluate_numbers(cases, score, roll(cases, score, place))

    assert found.naive == NAIVE
    assert found.entities == TRUSTS
    assert found.figures.above_naive.high is not None
    assert found.figures.above_naive.high < 0
    assert found.figures.coverage.value == pytest.approx(SHARE, abs=0.03)
    assert found.figures.observed_expected.value == pytest.approx(1, abs=0.01)
    assert list(failed_number_gates(score, asdict(found.figures))) == []


def test_a_forecast_is_of_the_model_of_what_was_known_before_it(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.08)
    late = cases.as_of + np.timedelta64(28, "D") > day("2018-06-01")
    other = replace(cases, outcome=np.where(late, 7.0, cases.outcome))

    before = {str(o.as_of): o for o in roll(cases, score, place)}
    after = {str(o.as_of): o for o in roll(other, score, place)}

    for date in ("2018-05-01", "2018-06-01"):
        assert before[date].model == after[date].model
        assert (before[date].expected == after[date].expected).all()
    assert before["2018-07-01"].model != after["2018-07-01"].model


def test_an_interval_rests_only_on_forecasts_whose_months_were_over(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.08)
    origins = roll(cases, score, place)
    # A window of 28 days that begins on 1 May is over on 29 May.
    may = [o for o in origins if o.as_of == day("2018-05-01")]

    assert spread_by(may, cases, score, day("2018-05-28")) is None
    over = spread_by(may, cases, score, day("2018-05-29"))
    assert over
    assert over.forecasts == TRUSTS
    assert over.low < 1 < over.high


def test_an_interval_takes_the_tails_of_the_earlier_forecasts(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    _, score = declared
    cases = months_of(growth=1.0)
    rows = cases.as_of == day("2018-05-01")
    ratios = np.arange(1, TRUSTS + 1) / 10
    outcome = cases.outcome.copy()
    outcome[rows] = 100 * ratios
    origin = Origin(day("2018-05-01"), rows, np.full(TRUSTS, 100.0), 0, None)  # type: ignore[arg-type]

    found = spread_by(
        [origin], replace(cases, outcome=outcome), score, day("2019-01-01")
    )

    # A twentieth of 61 is 3.05: the third from either end.
    assert found
    assert (found.low, found.high) == (pytest.approx(0.3), pytest.approx(5.8))


def test_a_number_is_known_once_its_window_is_over(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    _, score = declared
    cases = months_of(growth=1.0)

    known = known_by(cases, score, day("2017-06-01"))

    assert set(cases.as_of[known].astype(str)) == {"2017-04-01", "2017-05-01"}


def test_what_is_no_better_than_last_year_would_be_refused(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.0)
    same = replace(cases, outcome=cases.table[NAIVE].to_numpy())

    found = evaluate_numbers(same, score, roll(same, score, place))
    failed = list(failed_number_gates(score, asdict(found.figures)))

    assert [fault.rule for fault in failed] == ["gate.naive"]


@pytest.mark.parametrize(
    ("figure", "rule"),
    [
        ({"above_naive": Figure(-0.1, -0.3, 0.01)}, "gate.naive"),
        ({"above_naive": Figure(None, None, None, "few")}, "gate.naive"),
        ({"coverage": Figure(0.85, 0.79, 0.9)}, "gate.coverage"),
        ({"coverage": Figure(None, None, None, "few")}, "gate.coverage"),
    ],
)
def test_each_gate_tests_the_worse_end(
    declared: tuple[Place, ScoreDefinition], figure: dict[str, Figure], rule: str
) -> None:
    _, score = declared
    good = {
        "above_naive": Figure(-0.2, -0.3, -0.1),
        "coverage": Figure(0.9, 0.88, 0.92),
    }

    figures = {name: asdict(each) for name, each in {**good, **figure}.items()}
    faults = list(failed_number_gates(score, figures))

    assert [fault.rule for fault in faults] == [rule]


def test_rows_without_an_exposure_are_counted_and_not_forecast(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.08)
    cases.table.loc[cases.linked_group == "trust-5", NAIVE] = 0.0

    found = evaluate_numbers(cases, score, roll(cases, score, place))

    assert found.entities == TRUSTS - 1
    judged = np.unique(cases.as_of[cases.as_of >= day("2018-04-01")])
    assert found.unexposed == len(judged)


def test_a_judged_period_without_a_forecast_is_refused(
    declared: tuple[Place, ScoreDefinition],
) -> None:
    place, score = declared
    cases = months_of(growth=1.08)
    later = judged_by(score, first=dt.date(2030, 1, 1))

    with pytest.raises(Refusal, match="a judged date needs 100 rows"):
        evaluate_numbers(cases, later, roll(cases, later, place))
