"""Forecasts of real attendances, from the published file to a promoted model."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import demand
from benchmarks.attendances import (
    naive_errors,
    read_attendances,
    series_before,
    write_extract,
)
from features.definitions.place import read_place
from features.extracts.deliveries import Delivery
from features.faults import Misuse, Refusal
from lamppost import demand_jobs, jobs
from lamppost.champions import champion_problems
from lamppost.opened import Open, open_place
from models.definitions.score_files import read_scores
from models.settings import read_settings


ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LAMPPOST_DATA", ROOT.parent / "shared" / "data"))
# The newest month of the file is over.
ON = dt.date(2019, 4, 1)
SCORE = "attendances_2"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true",
    reason=f"needs the real data in {DATA}, or in the folder LAMPPOST_DATA names",
)


def some(every: int) -> pd.DataFrame:
    rows = read_attendances(DATA / "demand")
    return rows[rows["trust"].isin(rows["trust"].unique()[::every])]


def plus_months(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def test_the_place_and_its_scores_are_without_a_fault() -> None:
    place, faults = read_place(demand.PLACE)
    assert place, faults

    scores, faults = read_scores(place)

    assert faults == []
    assert set(scores) == {f"attendances_{lead}" for lead in demand.LEADS}


def test_every_window_holds_just_the_months_that_its_words_name() -> None:
    place, _ = read_place(demand.PLACE)
    assert place
    scores, _ = read_scores(place)
    dates = [dt.date(2015 + n // 12, n % 12 + 1, 1) for n in range(14 * 12)]
    one_before = {"growth_month": 1, "growth_quarter": 3, "growth_half": 6}

    def months(as_of: dt.date, first: int, end: int) -> list[int]:
        """Months whose first day is `first` to before `end` days from the date."""
        near = range(-30, 13)
        days = {n: (plus_months(as_of, n) - as_of).days for n in near}
        return [n for n in near if first <= days[n] < end]

    for as_of in dates:
        for lead, score in enumerate(
            scores[f"attendances_{lead}"] for lead in demand.LEADS
        ):
            outcome = score.outcome
            closes = outcome.closes_after_days
            assert months(as_of, outcome.starts_after_days, closes) == [lead]
            # What is forecast is known before the next date on which it could be used.
            over = as_of + dt.timedelta(days=closes)
            assert over <= plus_months(as_of, lead + 1)
            last_year = place.indicators[outcome.exposure or ""]
            ago, window = last_year.ago_days, last_year.window_days or 0
            assert months(as_of, -ago - window, -ago) == [lead - 12]
        for name, many in one_before.items():
            growth = place.indicators[name]
            against = growth.family.against
            assert against
            end = -against.ago_days
            newest = months(as_of, -(growth.window_days or 0), 0)
            assert newest == list(range(-many, 0))
            before = months(as_of, end - against.window_days, end)
            assert before == list(range(-many - 12, -12))


def test_forecasts_beat_last_year_and_their_intervals_hold() -> None:
    options = demand.Options(DATA / "demand", 3, dt.date(2018, 10, 1), with_ets=False)

    report = demand.judge(some(3), options)

    figures = report.figures
    assert report.met
    assert figures["dates"] == 6
    for lead in (1, 2, 3):
        assert (figures[f"mase_over_naive_{lead}_high"] or 9) < 1
        assert (figures[f"coverage_90_{lead}_low"] or 0) > 0.85
    assert "mase_ets" not in figures


def test_a_yardstick_is_the_trusts_own_naive_error_before_the_date() -> None:
    months = pd.period_range("2016-04", "2018-06", freq="M")
    counts = [100 + 3 * (n >= 12) for n in range(len(months))]
    rows = pd.DataFrame(
        {
            "trust": "A",
            "month": months.start_time.date,
            "month_ended": months.end_time.date,
            "attendances": counts,
        }
    )

    short = series_before(rows, dt.date(2018, 3, 1))
    long = series_before(rows, dt.date(2018, 4, 1))

    assert naive_errors(short) == {}
    assert naive_errors(long) == {"A": 3.0}


def test_only_the_months_since_the_last_gap_make_a_series() -> None:
    rows = some(40)
    trust = rows["trust"].iloc[0]
    gap = (rows["trust"] == trust) & (rows["month"] == dt.date(2017, 6, 1))

    series = series_before(rows[~gap], dt.date(2018, 1, 1))

    assert series[trust].index[0] == pd.Period("2017-07", "M")
    assert not series[trust].isna().any()


def test_a_folder_without_the_file_is_a_misuse_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"without ae_attendances\.csv"):
        read_attendances(tmp_path)


def opened(folder: Path, attendances: pd.DataFrame) -> Open:
    """The place with some months loaded, linked and built for one score."""
    place = open_place(read_settings(demand.PLACE, folder / "store"))
    path = write_extract(attendances, folder)
    jobs.load(place, demand.SOURCE, path, Delivery(received=ON, history=True))
    jobs.link(place, lambda _: None)
    jobs.build(place, SCORE, on=ON)
    return place


def test_a_forecast_is_trained_promoted_and_told_for_each_trust(tmp_path: Path) -> None:
    place = opened(tmp_path, some(3))

    trained = jobs.train(place, SCORE, on=ON)
    at = dt.datetime(2019, 4, 1, tzinfo=dt.UTC)
    promoted = jobs.promote(place, SCORE, None, "analyst", at)
    told = demand_jobs.forecast(place, SCORE, on=ON)

    assert list(champion_problems(place)) == []
    with pytest.raises(Refusal, match="a number is forecast, and not scored"):
        jobs.score_cohort(place, SCORE, [ON], on=ON)
    assert trained["gates"] == "passed"
    assert promoted["model"] == trained["model"]
    assert (told["version"], told["as of"]) == (trained["version"], ON)
    lines = {line["about"]: line for line in told["forecasts"]}
    assert set(lines) < set(some(3)["trust"])
    some_trust = next(iter(lines))
    low, high = (int(n) for n in str(lines[some_trust]["likely"]).split(" to "))
    assert low < int(lines[some_trust]["expected"]) < high


def test_a_forecast_that_is_no_better_than_last_year_is_refused(tmp_path: Path) -> None:
    rows = some(4)
    # Every year is the one before it, give or take what nobody could know.
    draw = np.random.default_rng(1)
    first = rows[rows["month"] < dt.date(2017, 4, 1)]
    years = [
        first.assign(
            month=[plus_months(m, 12 * n) for m in first["month"]],
            month_ended=[
                plus_months(m, 12 * n + 1) - dt.timedelta(days=1)
                for m in first["month"]
            ],
        )
        for n in range(3)
    ]
    same = pd.concat(years)
    noise = np.exp(draw.normal(0, 0.001, len(same)))
    same["attendances"] = np.maximum(1, same["attendances"] * noise).round().astype(int)
    place = opened(tmp_path, same)

    trained = jobs.train(place, SCORE, on=ON)

    assert trained["gates"][0].startswith("would be refused: the scaled error")
    with pytest.raises(Refusal, match="is less than that of same_month_last_year"):
        demand_jobs.promote_numbers(place, place.scores[SCORE], None)
    with pytest.raises(Refusal, match="champion"):
        demand_jobs.forecast(place, SCORE, on=ON)


def test_what_is_scored_is_not_forecast(tmp_path: Path) -> None:
    avonmere = read_settings(ROOT / "places" / "avonmere", tmp_path / "store")

    with pytest.raises(Misuse, match="a forecast is of a count or a sum"):
        demand_jobs.forecast(open_place(avonmere), None, on=ON)
