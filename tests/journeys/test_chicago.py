"""Chicago: its contracts by example, and the whole way on a slice of real files."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import chicago
from benchmarks.report import Report
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import Misuse, Refusal
from features.store.warehouse import Warehouse
from models.definitions.score_files import read_scores


ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LAMPPOST_DATA", ROOT.parent / "shared" / "data"))

needs_data = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true",
    reason=f"needs the real data in {DATA}, or in the folder LAMPPOST_DATA names",
)

# Nobody may learn from these: they were written down after the day they seem to be of.
KNOWN_LATER = {
    "licences": {"LICENSE_STATUS", "maxDate", "ageAtInspection"},
    "sanitation_requests": {"Status", "Completion_Date"},
    "burglaries": {"Arrest", "Updated_On"},
    "inspections": {"pastFail", "pastCritical", "pastSerious", "pastMinor"},
}

INSPECTION = {
    "Inspection_ID": "9000001",
    "DBA_Name": "A CAFE",
    "License": "12345",
    "Facility_Type": "a kind that nobody wrote before",
    "Risk": "Risk 1 (High)",
    "Address": "1 W ANY ST ",
    "Zip": "60601.0",
    "Inspection_Date": "2021-03-04",
    "Inspection_Type": "Canvass",
    "Results": "Pass",
    "Latitude": "41.9",
    "Longitude": "-87.7",
    "Facility_Type_Clean": "Other",
    "criticalCount": "0",
    "seriousCount": "1",
    "minorCount": "2",
    "pass_flag": "1",
    "fail_flag": "0",
}


@pytest.fixture(scope="module")
def place() -> Place:
    found, faults = read_place(chicago.PLACE)
    assert found, faults
    return found


@pytest.fixture
def load(place: Place, tmp_path: Path) -> Callable[..., int]:
    def load(source: str, *rows: dict[str, str]) -> int:
        contract = place.contracts[source]
        path = tmp_path / "extract.csv"
        with path.open("w", newline="") as file:
            headings = [column.header for column in contract.columns]
            writer = csv.DictWriter(file, headings, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        delivery = Delivery(dt.date(2021, 4, 1), history=contract.history is not None)
        return load_extract(Warehouse(tmp_path / "w"), contract, path, delivery).new

    return load


def test_the_place_and_its_scores_are_without_a_fault(place: Place) -> None:
    scores, faults = read_scores(place)

    assert faults == []
    assert set(scores) == {chicago.SCORE, chicago.WITH_INSPECTOR}


def test_every_indicator_of_the_place_is_explained_in_its_document(
    place: Place,
) -> None:
    document = (ROOT / "docs" / "places" / "chicago.md").read_text()

    names = {indicator.family.name for indicator in place.indicators.values()}

    assert {name for name in names if f"`{name}`" not in document} == set()


def test_no_indicator_reads_what_came_to_be_known_later(place: Place) -> None:
    for indicator in place.indicators.values():
        family = indicator.family
        read = f"{family.column} {family.filter} {family.of}"
        later = KNOWN_LATER.get(family.source, set())
        assert not [name for name in later if name in read], family.name


def test_the_score_that_orders_visits_knows_nothing_of_who_will_go(
    place: Place,
) -> None:
    scores, _ = read_scores(place)

    for name in scores[chicago.SCORE].indicators:
        assert place.indicators[name].family.available_when_deciding


def test_later_years_and_kinds_never_written_before_are_accepted(
    load: Callable[..., int],
) -> None:
    unplaced = {**INSPECTION, "Inspection_ID": "9000002", "Latitude": "", "Zip": ""}

    assert load("inspections", INSPECTION, unplaced) == 2


def test_all_nonsense_in_inspections_is_refused_at_once(
    load: Callable[..., int],
) -> None:
    nonsense = [
        ("criticalCount", "-1"),
        ("criticalCount", ""),
        ("criticalCount", "two"),
        ("Inspection_Date", "04/03/2021"),
        ("Inspection_Date", "2031-03-04"),
        ("Latitude", "0.0"),
        ("Zip", "6060X"),
        ("Risk", "Risk 9"),
        ("pass_flag", "2"),
        ("License", ""),
    ]
    rows = [
        {**INSPECTION, "Inspection_ID": str(number), column: text}
        for number, (column, text) in enumerate(nonsense, 1)
    ]

    with pytest.raises(Refusal) as refused:
        load("inspections", *rows)

    # The first row stands on line 2.
    told = "\n".join(fault.where for fault in refused.value.faults)
    for line, (column, _) in enumerate(nonsense, 2):
        assert f"line {line}, column '{column}'" in told


def test_a_request_closed_twice_is_two_records(load: Callable[..., int]) -> None:
    request = {
        "Creation_Date": "2021-01-02",
        "Status": "Completed",
        "Service_Request_Number": "21-00000001",
        "Type_of_Service_Request": "Sanitation Code Violation",
    }
    closed = [{**request, "Completion_Date": f"2021-01-0{n}"} for n in (3, 4)]

    assert load("sanitation_requests", *closed, closed[0]) == 2


def test_a_period_that_ends_before_it_begins_is_misuse(tmp_path: Path) -> None:
    period = ["--test-from", "2014-05-01", "--test-to", "2014-04-30"]

    with pytest.raises(Misuse, match="the judged period begins before it ends"):
        chicago.run([*period, "--data", str(tmp_path)])


def test_without_a_file_of_inspectors_the_rest_is_still_compared(
    place: Place,
) -> None:
    scores, _ = read_scores(place)

    studied = chicago.studied(place, scores, has_inspectors=False)

    assert set(studied) == {"without_inspector", "premises_only"}


def test_without_a_file_of_the_city_s_scores_their_figures_are_left_open(
    tmp_path: Path,
) -> None:
    options = chicago.read_options(["--data", str(tmp_path)])

    figures = chicago.beside_the_city(options, {}, pd.Series(dtype="int64"))

    assert figures == {"city_auc": None, "city_days_earlier": None}


# Inspections of ten months, the last two judged.
PERIOD = ["--test-from", "2013-02-01", "--test-to", "2013-03-31"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("chicago")
    cut(folder, "2012-06-01", "2013-03-31")
    return chicago.run([*PERIOD, "--data", str(folder)])


def cut(folder: Path, first: str, last: str) -> None:
    """Copy what happened from the first to the last day, and what belongs to it."""
    dates = {
        "food_inspections_features.csv.gz": "Inspection_Date",
        "crime_burglary.csv.gz": "Date",
        "sanitation_complaints_311.csv.gz": "Creation_Date",
        "weather_daily.csv.gz": "date",
    }
    for name, column in dates.items():
        _keep(name, folder, lambda row, c=column: first <= row[c] <= last)
    with gzip.open(folder / chicago.FILES["inspections"], "rt", newline="") as file:
        ids = {row["Inspection_ID"] for row in csv.DictReader(file)}
    name = chicago.FILES["licences"]
    _keep(name, folder, lambda row: row["Inspection_ID"] in ids)
    name = chicago.INSPECTORS["inspector_assignments"]
    _keep(name, folder, lambda row: row["inspectionID"] in ids)
    shutil.copy(DATA / "chicago" / chicago.CITY, folder)


def _keep(name: str, folder: Path, wanted: Callable[[dict[str, str]], bool]) -> None:
    with (
        gzip.open(DATA / "chicago" / name, "rt", newline="") as file,
        gzip.open(folder / name, "wt", 1, newline="") as kept,
    ):
        rows = csv.DictReader(file)
        writer = csv.DictWriter(kept, rows.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if wanted(row))


@needs_data
def test_the_score_finds_violations_sooner_and_the_inspector_most_of_them(
    report: Report,
) -> None:
    figures = {name: value or 0.0 for name, value in report.figures.items()}

    assert figures["auc_without_inspector"] > 0.6
    assert figures["auc_with_inspector"] > figures["auc_without_inspector"]
    assert figures["auc_without_inspector"] > figures["auc_premises_only"]
    assert figures["days_earlier_without_inspector"] > 0
    assert figures["first_half_without_inspector"] > 0.5


@needs_data
def test_the_city_s_scores_stand_beside_ours_and_are_marked_in_sample(
    report: Report,
) -> None:
    figures = report.figures

    assert figures["city_in_sample"] == 1
    assert (figures["city_auc"] or 0) > 0.6
    assert figures["auc_without_inspector_city_rows"] is not None
