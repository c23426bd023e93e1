"""Linkage: how many links are right and how many are missing, where truth is known.

FEBRL 1 to 3 are made-up people with errors planted in them; Chicago's inspectors wrote
down whom they visited, and the licence number they also wrote is kept for judging; the
simulated town sets every trap that real records set. All go the whole way: contract,
load, link. Of 100,000 records of the town it is told what linking costs beside Splink.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import tempfile
import time
from pathlib import Path

from benchmarks import link_speed, town_links
from benchmarks.report import Report, data_folder, progress
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import refuse_if_any
from features.linkage.linking import link_place
from features.linkage.quality import LinkQuality
from features.linkage.reports import KindReport
from features.store.warehouse import Warehouse
from features.town.build import write_town


ROOT = Path(__file__).resolve().parent.parent
CHICAGO_FILES = {
    "inspections": "food_inspections_features.csv.gz",
    "licences": "business_licences_at_inspection.csv.gz",
    "inspector_visits": "inspector_visits_anon.csv.gz",
}
FEBRL = ("1", "2", "3")
RECEIVED = dt.date(2015, 6, 1)
# The links of a benchmark are thrown away, and so are their pseudonyms.
KEY = bytes(32)
TARGETS = {
    "febrl3_f1": (">=", 0.97),
    "chicago_precision": (">=", 0.95),
    "chicago_recall": (">=", 0.90),
    "town_recall": (">=", 0.97),
    "town_mixed_people_share": ("<=", 0.001),
    "veto_breaches": ("<=", 0),
    "restricted_breaches": ("<=", 0),
    # Names and numbers of one group are flawed three times as often, and it shows;
    # groups dealt out by chance are called worse no more often than one time in ten.
    "town_planted_found": (">=", 1),
    "town_wolf_share": ("<=", 0.1),
    "overhead_over_splink": ("<=", 1.3),
}


def run(arguments: list[str]) -> Report:
    """Link them all and judge the links."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks linkage")
    parser.add_argument("--data", type=Path, help="the folder of real data")
    parser.add_argument(
        *("--people", "-n"), type=int, default=5_000, help="of the town, 65 and over"
    )
    asked = parser.parse_args(arguments)
    data = data_folder(asked.data)
    figures: dict[str, float | None] = {}
    for number in FEBRL:
        figures |= febrl(data / "linkage", number)
    figures |= _chicago(data / "chicago")
    return Report("linkage", figures | town(asked.people) | _many_records(), TARGETS)


def town(people: int) -> dict[str, float | None]:
    """Return how good the links of a town are, all its deliveries loaded."""
    place = _place(ROOT / "places" / "avonmere")
    with tempfile.TemporaryDirectory() as name:
        written = town_links.load_town(Path(name), place, people)
        warehouse = Warehouse(Path(name) / "store")
        started = time.monotonic()
        link_place(warehouse, place, KEY, progress=progress)
        seconds = time.monotonic() - started
        known = town_links.known_of(written, warehouse, place)
        breaches = town_links.breaches_of(warehouse, place)
    quality = town_links.figures_of(known)
    return {**quality, "veto_breaches": breaches, "town_seconds": seconds}


def _many_records() -> dict[str, float | None]:
    """Return what linking 100,000 records costs, and how well it goes by group."""
    progress(f"a town of {link_speed.PEOPLE:,} people of 65 and over")
    place = _place(ROOT / "places" / "avonmere")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = write_town(
            folder / "town",
            people=link_speed.PEOPLE,
            seed=town_links.SEED,
            plant=town_links.PLANT,
        )
        link_speed.load_files(folder, place, written)
        costs = link_speed.figures(folder, place, KEY)
        warehouse = Warehouse(folder / "store")
        link_place(warehouse, place, KEY)
        known = town_links.known_of(written, warehouse, place)
        return {**costs, **town_links.group_figures(written, known)}


def febrl(data: Path, number: str) -> dict[str, float | None]:
    """Return the figures of one set; `data` is the folder of linkage files."""
    progress(f"FEBRL {number}")
    with tempfile.TemporaryDirectory() as name:
        extract = Path(name) / "people.csv"
        _clean(data / f"febrl_{number}.csv", extract)
        [report], seconds = _linked(
            ROOT / "benchmarks" / "places" / "febrl", {"people": extract}, Path(name)
        )
    quality = _quality(report)
    return {
        f"febrl{number}_f1": quality.f1,
        f"febrl{number}_mixed": quality.mixed_entities,
        f"febrl{number}_seconds": seconds,
    }


def _clean(source: Path, target: Path) -> None:
    """Write FEBRL's rows without the spaces after commas, and whom each is of.

    `rec-12-org` and `rec-12-dup-3` are records of person 12.
    """
    with source.open(newline="") as read, target.open("w", newline="") as written:
        rows = csv.DictReader(read, skipinitialspace=True)
        names = ["person", *(rows.fieldnames or [])]
        writer = csv.DictWriter(written, names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({"person": row["rec_id"].split("-")[1], **row})


def _chicago(data: Path) -> dict[str, float | None]:
    progress("Chicago: inspectors' visits against licences")
    files = {source: data / name for source, name in CHICAGO_FILES.items()}
    with tempfile.TemporaryDirectory() as name:
        reports, seconds = _linked(ROOT / "places" / "chicago", files, Path(name))
    report = next(report for report in reports if report.kind == "premises")
    quality = _quality(report)
    return {
        "chicago_precision": quality.precision.value,
        "chicago_precision_low": quality.precision.low,
        "chicago_recall": quality.recall.value,
        "chicago_recall_low": quality.recall.low,
        "chicago_mixed": quality.mixed_entities,
        "chicago_vetoed": report.vetoed,
        "chicago_seconds": seconds,
    }


def _linked(
    root: Path, files: dict[str, Path], folder: Path
) -> tuple[list[KindReport], float]:
    """Load extracts into a new warehouse, link them, and time the linking."""
    place = _place(root)
    warehouse = Warehouse(folder / "store")
    for source, path in files.items():
        contract = place.contracts[source]
        delivery = Delivery(RECEIVED, history=contract.history is not None)
        load_extract(warehouse, contract, path, delivery)
    started = time.monotonic()
    reports = link_place(warehouse, place, KEY, progress=progress)
    return reports, time.monotonic() - started


def _place(root: Path) -> Place:
    place, faults = read_place(root)
    refuse_if_any(faults)
    if place is None:
        raise ValueError(f"{root} could not be read")
    return place


def _quality(report: KindReport) -> LinkQuality:
    if report.quality is None:
        raise ValueError(f"{report.kind} has no truth to be judged by")
    return report.quality
