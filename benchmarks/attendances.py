"""Attendances by trust and month: the published file as an extract, and as series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from features.faults import Fault, Misuse


FILE = "ae_attendances.csv"
_COLUMNS = {"period", "org_code", "attendances"}
# Of the mean of this share the intervals hold nine tenths.
LEVEL = 90
YEAR = 12

Series = dict[str, "pd.Series[float]"]


def read_attendances(folder: Path) -> pd.DataFrame:
    """Return `trust`, `month`, `month_ended` and `attendances`, all types together.

    Raises:
        Misuse: The file is not there, or lacks a column.
    """
    path = folder / FILE
    what, do = "the folder must hold the data set", "name another with --data DIR"
    if not path.is_file():
        raise Misuse([Fault(str(folder), what, f"without {FILE}", do)])
    rows = pd.read_csv(path)
    if missing := sorted(_COLUMNS - set(rows.columns)):
        raise Misuse([Fault(str(path), what, f"without the columns {missing}", do)])
    months = pd.PeriodIndex(pd.to_datetime(rows["period"]), freq="M")
    named = rows.assign(trust=rows["org_code"], month=months)
    found = named.groupby(["trust", "month"], as_index=False)["attendances"].sum()
    return pd.DataFrame(
        {
            "trust": found["trust"],
            "month": found["month"].dt.start_time.dt.date,
            "month_ended": found["month"].dt.end_time.dt.date,
            "attendances": found["attendances"].astype("int64"),
        }
    )


def write_extract(attendances: pd.DataFrame, folder: Path) -> Path:
    """Write the extract of the source `attendances`."""
    path = folder / "attendances.csv"
    attendances.to_csv(path, index=False, lineterminator="\n")
    return path


def series_before(attendances: pd.DataFrame, day: dt.date) -> Series:
    """Return each trust's months before a day: the newest without a gap in them."""
    known = attendances[attendances["month_ended"] < day]
    found: Series = {}
    for trust, rows in known.groupby("trust"):
        months = pd.PeriodIndex(pd.to_datetime(rows["month"]), freq="M")
        whole = pd.Series(rows["attendances"].to_numpy(float), months).sort_index()
        whole = whole.reindex(pd.period_range(months.min(), months.max(), freq="M"))
        gaps = np.flatnonzero(whole.isna())
        found[str(trust)] = whole.iloc[gaps[-1] + 1 :] if len(gaps) else whole
    return found


def naive_errors(series: Series) -> dict[str, float]:
    """Return each trust's mean error, so far, of taking the same month last year.

    It takes two years, so that each month of one has been taken for.
    """
    return {
        trust: float(np.abs(months.diff(YEAR).dropna()).mean())
        for trust, months in series.items()
        if len(months) >= 2 * YEAR
    }


def auto_ets(series: Series, day: dt.date, leads: Sequence[int]) -> pd.DataFrame:
    """Return statsforecast's AutoETS: `trust`, `lead`, `ets`, `ets_low`, `ets_high`.

    Args:
        series: By trust, up to the month before `day`.
        day: The first of a month, the first that is forecast.
        leads: How many months ahead.
    """
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS

    table = pd.concat(
        pd.DataFrame({"unique_id": trust, "ds": s.index.to_timestamp(), "y": s.values})
        for trust, s in series.items()
        if len(s) >= 2 * YEAR and s.index[-1] == pd.Period(day, "M") - 1
    )
    model = StatsForecast([AutoETS(season_length=YEAR)], freq="MS", n_jobs=1)
    found = model.forecast(df=table, h=max(leads), level=[LEVEL])
    found["lead"] = found.groupby("unique_id").cumcount() + 1
    ends = {f"AutoETS-lo-{LEVEL}": "ets_low", f"AutoETS-hi-{LEVEL}": "ets_high"}
    return found.rename(columns={"unique_id": "trust", "AutoETS": "ets", **ends})
