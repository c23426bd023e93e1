"""The city's own 90-day densities of sanitation complaints, worked out again."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from features.definitions.indicators import Indicator
from features.snapshots.nearby import nearby_density
from tests.features.small_place import family


DATA = Path(os.environ.get("LAMPPOST_DATA", Path(__file__).parents[4] / "shared/data"))


@pytest.fixture(scope="module")
def chicago() -> Path:
    folder = DATA / "chicago"
    if not folder.is_dir() and os.environ.get("CI") != "true":
        pytest.skip(f"no data in {folder}: set LAMPPOST_DATA to the folder that has it")
    return folder


def test_densities_are_those_that_the_city_stored(chicago: Path) -> None:
    stored = pd.read_csv(chicago / "heat_sanitation.csv.gz")
    columns = ["Inspection_ID", "Inspection_Date", "Latitude", "Longitude"]
    checks = pd.read_csv(chicago / "food_inspections_features.csv.gz", usecols=columns)
    checks = checks.merge(stored, on="Inspection_ID").dropna()
    checks = checks.reset_index(drop=True)

    found = _sanitation_density(chicago, checks)

    assert len(found) == len(checks)
    assert (found - checks["heat_values"]).abs().max() < 1e-6


def _sanitation_density(folder: Path, checks: pd.DataFrame) -> pd.Series[float]:
    # The city's window holds the day of the inspection; ours is open at its end, so
    # that the same events lie in the 91 days before the next day.
    next_day = pd.to_datetime(checks["Inspection_Date"]) + dt.timedelta(days=1)
    rows = pd.DataFrame(
        {
            "row": checks.index,
            "as_of": next_day.dt.date,
            "index_record": -1,
            "latitude": checks["Latitude"],
            "longitude": checks["Longitude"],
        }
    )
    connection = ibis.duckdb.connect(threads=2)
    events = _as_table(_completed(folder))
    wanted = family(
        "nearby_density",
        windows_days=[91],
        nearby={"latitude": "lat", "longitude": "lon", "bandwidth_degrees": 0.01 / 4},
    )
    indicator = Indicator("near", wanted, 91)
    table = nearby_density(events, _as_table(rows), indicator)
    found = connection.to_pyarrow(table).to_pandas()
    return found.set_index("row")["near"].sort_index()


def _as_table(table: pd.DataFrame) -> ibis.Table:
    found = pa.Table.from_pandas(table, preserve_index=False)
    if "superseded_on" not in table:
        return ibis.memtable(found)
    position = found.schema.get_field_index("superseded_on")
    never = pa.nulls(len(table), pa.date32())
    return ibis.memtable(found.set_column(position, "superseded_on", never))


def _completed(folder: Path) -> pd.DataFrame:
    names = ["Creation_Date", "Status", "Latitude", "Longitude"]
    path = folder / "sanitation_complaints_311.csv.gz"
    complaints = pd.read_csv(path, usecols=names)
    complaints = complaints[complaints["Status"] == "Completed"].dropna()
    complaints = complaints.reset_index(drop=True)
    made_on = pd.to_datetime(complaints["Creation_Date"]).dt.date
    return pd.DataFrame(
        {
            "record_id": range(len(complaints)),
            "event_date": made_on,
            "known_date": made_on,
            "superseded_on": None,
            "withdrawn": False,
            "latitude": complaints["Latitude"],
            "longitude": complaints["Longitude"],
        }
    )
