"""Chicago: critical violations at food inspections, found by which score how early.

The City of Chicago's records go the whole way: contract, load, link, snapshot, fit on
the inspections before a period and judge on those in it. Printed beside the score are
the same with the inspector, the premises' own records alone, and the city's scores.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.report import Report, data_folder, progress
from benchmarks.studies import Study, compared, figures_of, in_words
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from features.linkage.linking import link_place
from features.snapshots.snapshot import build_snapshot
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from training.cohort import read_cases
from training.judging.evaluate import evaluate
from training.judging.splits import one_window


PLACE = Path(__file__).resolve().parents[1] / "places" / "chicago"
FILES = {
    "inspections": "food_inspections_features.csv.gz",
    "licences": "business_licences_at_inspection.csv.gz",
    "burglaries": "crime_burglary.csv.gz",
    "sanitation_requests": "sanitation_complaints_311.csv.gz",
    "weather": "weather_daily.csv.gz",
}
INSPECTORS = {"inspector_assignments": "inspector_assignments_anon.csv.gz"}
CITY = "reference_model_data_30_dat.parquet"
# The city fitted its model on inspections up to this day; later ones judge it fairly.
CITY_JUDGED_FROM = dt.date(2014, 9, 1)

SCORE = "critical_violation"
WITH_INSPECTOR = "critical_violation_with_inspector"
# None where no file says who inspected.
LEFT_OPEN = [f"{name}_with_inspector" for name in ("auc", "first_half", "days_earlier")]
TARGETS = {"auc_without_inspector": (">=", 0.65)}
# Of the pseudonyms of premises: all is open, so nothing is kept secret by it.
KEY = b"open data has nothing to hide..."


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        data: The folder that holds the files.
        first: First day that is judged; nothing from this day on is fitted on.
        last: Last day that is judged.
    """

    data: Path
    first: dt.date
    last: dt.date


def run(arguments: Sequence[str]) -> Report:
    """Return what was found; what is being done is told on stderr.

    Raises:
        Misuse: An argument cannot be meant, or a file that is needed is not there.
        Refusal: An extract is not as its contract says, or nothing can be judged.
    """
    options = read_options(arguments)
    place, scores = definitions(options)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        has_inspectors = load_all(warehouse, place, options.data)
        link_place(warehouse, place, KEY, progress=progress)
        progress("computing the indicators as of every inspection")
        widest = scores[WITH_INSPECTOR if has_inspectors else SCORE]
        entry = snapshot(warehouse, place, widest, options)
        studies = {
            name: study(name, warehouse, place, entry, score)
            for name, score in studied(place, scores, has_inspectors).items()
        }
        figures: dict[str, float | None] = dict.fromkeys(LEFT_OPEN)
        for name, each in studies.items():
            figures |= figures_of(name, each)
        ids = inspection_ids(warehouse, entry)
        figures |= beside_the_city(options, studies, ids)
    return Report("chicago", figures, TARGETS)


def read_options(arguments: Sequence[str]) -> Options:
    """Return the options; `--data` may name the folder of files or the one above."""
    parser = argparse.ArgumentParser("python -m benchmarks chicago")
    parser.add_argument("--data", type=Path, help="folder of the city's files")
    for name, day in (("--test-from", "2014-05-01"), ("--test-to", "2014-08-31")):
        parser.add_argument(name, type=dt.date.fromisoformat, default=day)
    read = parser.parse_args(arguments)
    if read.test_from > read.test_to:
        got = f"{read.test_from} to {read.test_to}"
        what, do = "the judged period begins before it ends", "correct the dates"
        raise Misuse([Fault("--test-from", what, got, do)])
    folder = data_folder(read.data)
    inside = folder / "chicago"
    data = inside if inside.is_dir() else folder
    return Options(data, read.test_from, read.test_to)


def definitions(options: Options) -> tuple[Place, dict[str, ScoreDefinition]]:
    """Return the place and its scores, to be judged on the period asked for."""
    place, faults = read_place(PLACE)
    if place is None:
        raise Refusal(faults)
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    period = {"first": options.first, "last": options.last}
    return place, {
        name: score.model_copy(
            update={"judgement": score.judgement.model_copy(update=period)}
        )
        for name, score in scores.items()
    }


def load_all(warehouse: Warehouse, place: Place, data: Path) -> bool:
    """Load every file that the scores read; return whether inspectors are among them.

    The files are histories: their contracts say when each row could be known.
    """
    has_inspectors = all((data / name).is_file() for name in INSPECTORS.values())
    if not has_inspectors:
        progress("no file says who inspected: no figure with the inspector")
    for source, name in (FILES | (INSPECTORS if has_inspectors else {})).items():
        contract = place.contracts[source]
        delivery = Delivery(received=today(), history=contract.history is not None)
        load = load_extract(warehouse, contract, data / name, delivery)
        progress(f"loaded {source}: {load.rows:,} rows, {load.new:,} records")
    return has_inspectors


def snapshot(
    warehouse: Warehouse, place: Place, score: ScoreDefinition, options: Options
) -> SnapshotEntry:
    """Build the snapshot: a row for each inspection up to the end of the period."""
    events = score.cohort.at_events
    first = events.first if events else options.first
    dates = [first, options.last]
    return build_snapshot(warehouse, place, score.plan(), dates, on=today())


def studied(
    place: Place, scores: Mapping[str, ScoreDefinition], has_inspectors: bool
) -> dict[str, ScoreDefinition]:
    """Return the scores to compare, by the ending of their figures' names."""
    score = scores[SCORE]
    families = {name: place.indicators[name].family for name in score.indicators}
    own = [n for n, f in families.items() if not f.relation and not f.nearby]
    chosen = {"without_inspector": score}
    if has_inspectors:
        chosen["with_inspector"] = scores[WITH_INSPECTOR]
    chosen["premises_only"] = score.model_copy(update={"indicators": own})
    return chosen


def study(
    name: str,
    warehouse: Warehouse,
    place: Place,
    entry: SnapshotEntry,
    score: ScoreDefinition,
) -> Study:
    """Fit and judge one choice of indicators on the rows that all have in common."""
    cases = read_cases(warehouse, entry, score)
    # The period is asked for on the command line: it is fitted once, and all judged.
    rounds = one_window(cases, score)
    split = rounds.whole
    judged = cases.only(split.judged)
    progress(f"{name}: {split.fitted.sum():,} fitted on, {len(judged):,} judged")
    for column in judged.table.columns[judged.table.isna().all()]:
        progress(f"  nothing is known of {column} in the judged period")
    found = evaluate(cases, rounds, score, place)
    verdicts = found.evaluation.verdicts
    for family, verdict in verdicts.items():
        told = in_words(verdict.later.auc, verdict.reordering)
        progress(f"  {family:13} {told}; not scored: {verdict.unscored}")
    served = found.fitted.log_odds(judged)[score.serve]
    return Study(score, cases, split, verdicts, served)


def beside_the_city(
    options: Options, studies: Mapping[str, Study], ids: pd.Series
) -> dict[str, float | None]:
    """Return the figures of the city's stored scores, and ours on the same rows.

    Args:
        options: Where the scores are, and from when on they are judged.
        studies: All over the same cases.
        ids: The inspection's number of each case.
    """
    path = options.data / CITY
    missing: dict[str, float | None] = {"city_auc": None, "city_days_earlier": None}
    if not path.is_file():
        progress("no file of the city's scores: no figure of them")
        return missing
    stored = pd.read_parquet(path, columns=["Inspection_ID", "glm_pred"])
    chance = stored.drop_duplicates("Inspection_ID").set_index("Inspection_ID")
    judged = ids[studies["without_inspector"].split.judged]
    city = chance["glm_pred"].reindex(judged).to_numpy(dtype=np.float64)
    progress(f"the city scored {np.isfinite(city).sum():,} of {len(city):,} judged")
    if not np.isfinite(city).any():
        progress("no figure of the city's scores: none lies in the judged period")
        return missing
    figures = {"city_in_sample": float(options.first < CITY_JUDGED_FROM)}
    told = "in-sample, so flattered" if figures["city_in_sample"] else "out of sample"
    found = compared(f"city ({told})", city, city, studies["without_inspector"])
    all_of_them = {f"city_{name}": value for name, value in found.items()}
    for name, each in studies.items():
        found = compared(f"{name}, same rows", each.served, city, each)
        all_of_them |= {f"{n}_{name}_city_rows": value for n, value in found.items()}
    return figures | all_of_them


def inspection_ids(warehouse: Warehouse, entry: SnapshotEntry) -> pd.Series:
    """Return the inspection's number of each case of the snapshot, in order."""
    loads = warehouse.manifest().loads_of("inspections")
    columns = ["record_id", "Inspection_ID"]
    records = pd.concat(
        pd.read_parquet(warehouse.path(load.records), columns=columns) for load in loads
    )
    rows = pd.read_parquet(warehouse.path(entry.table))
    # As `read_cases` chooses them.
    rows = rows[rows["state"].isna() & rows["outcome"].notna()]
    numbers = records.drop_duplicates("record_id").set_index("record_id")
    return numbers["Inspection_ID"].reindex(rows["index_record"])


def today() -> dt.date:
    """Return the day of the run: the files are taken as received on it."""
    return dt.datetime.now(tz=dt.UTC).date()
