"""From persons to demand, in simulated towns: do the intervals hold what began?

In each town the risks are judged on its earlier judged dates, and then added up on the
last one, by small area and by deprivation. The numbers that really began are counted.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.report import Report, progress
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import Fault, Refusal, refuse_if_any
from features.linkage.linking import link_place
from features.snapshots.snapshot import build_snapshot
from features.store.warehouse import Warehouse
from features.town.build import write_town
from models.definition import ScoreDefinition
from models.estimators import FITS
from models.inputs import columns_of
from models.intervals import Figure
from models.number_figures import ratio_figure
from models.score_files import read_scores
from models.terms import Floats
from training.cohort import Cases, read_cases
from training.expected_demand import (
    ALL,
    Calibrated,
    Expected,
    calibrated_by,
    expected_by,
)
from training.fit import training_of
from training.splits import Round, rolling


ROOT = Path(__file__).resolve().parent.parent
SCORE = "long_term_care"
GROUP = "deprivation"
AREA = "in_area"
TODAY = dt.date(2026, 4, 1)
KEY = bytes(32)
# 95 % are meant; so many intervals of ten towns tell it apart from this.
TARGETS = {"held": (">=", 0.93)}


def run(arguments: Sequence[str]) -> Report:
    """Return what share of the intervals held; what is being done is told on stderr.

    Raises:
        Refusal: A town could not be loaded, or nothing could be judged in it.
    """
    parser = argparse.ArgumentParser("python -m benchmarks expect")
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--towns", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    read = parser.parse_args(arguments)
    seeds = range(read.first_seed, read.first_seed + read.towns)
    found = pd.concat(in_town(read.people, seed).assign(town=seed) for seed in seeds)
    whole = found["group"] == ALL
    parts = found[~whole]
    widths = parts["high"] - parts["low"]
    return Report(
        "expect",
        {
            "towns": read.towns,
            "intervals": len(parts),
            "held": round(float(parts["held"].mean()), 4),
            "held_whole_town": round(float(found[whole]["held"].mean()), 4),
            "held_without_calibration": round(float(parts["held_alone"].mean()), 4),
            "began": int(found[whole]["began"].sum()),
            "expected": round(float(found[whole]["expected"].sum()), 1),
            "median_width": float(widths.median()),
        },
        TARGETS,
    )


def in_town(people: int, seed: int) -> pd.DataFrame:
    """Return one town's intervals, each with the number that really began."""
    place, score = definitions()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "store")
        town = write_town(Path(folder) / "town", people=people, seed=seed)
        for extract in town.extracts:
            delivery = Delivery(extract.received, extract.history, extract.period)
            contract = place.contracts[extract.source]
            load_extract(warehouse, contract, extract.path, delivery)
        link_place(warehouse, place, KEY)
        calendar = score.cohort.calendar
        dates = calendar.dates(TODAY) if calendar else []
        entry = build_snapshot(warehouse, place, score.plan(), dates, on=TODAY)
        cases = read_cases(warehouse, entry, score)
    progress(f"town {seed}: {len(cases):,} rows")
    return judged(cases, score, place)


def definitions() -> tuple[Place, ScoreDefinition]:
    """Return Avonmere and its score, with the small area to add up by."""
    place, faults = read_place(ROOT / "places" / "avonmere")
    if place is None:
        raise Refusal(faults)
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    return place, scores[SCORE].model_copy(update={"linked_group": AREA})


def judged(cases: Cases, score: ScoreDefinition, place: Place) -> pd.DataFrame:
    """Add the risks of the last judged date up, and count what began."""
    rounds = rolling(cases, score)
    before = [_told(cases, each, score, place) for each in rounds.judged]
    ratios = [_ratio(*each, seed=score.seed) for each in before]
    parts = zip(*before, strict=True)
    pooled = _ratio(*(np.concatenate(part) for part in parts), seed=score.seed)
    calibrated = calibrated_by(pooled, ratios)
    if calibrated is None or rounds.sealed is None:
        where, what = "town", "judged dates must tell of the risks"
        raise Refusal([Fault(where, what, str(pooled.reason), "take a larger town")])
    last = rounds.sealed
    outcome, risk, _ = _told(cases, last, score, place)
    rows = cases.only(last.split.judged & cases.is_told)
    alone = Calibrated(1.0, 0.0)
    tables = []
    for group in (rows.linked_group, rows.groups[GROUP]):
        pair = (
            expected_by(risk, group, c, seed=score.seed) for c in (calibrated, alone)
        )
        began = pd.Series(outcome).groupby(group.astype(str)).sum().to_dict()
        began[ALL] = outcome.sum()
        tables.append(_table(zip(*pair, strict=True), began))
    both = pd.concat(tables)
    return both.drop_duplicates("group")


def _told(
    cases: Cases, each: Round, score: ScoreDefinition, place: Place
) -> tuple[Floats, Floats, NDArray[Any]]:
    """Return outcomes, risks and people of a date, by a model of what came before."""
    fitted = cases.only(each.split.fitted).weighed()
    model = FITS["additive"](training_of(fitted, score, place), seed=score.seed)
    rows = cases.only(each.split.judged & cases.is_told)
    risk = model.risk(model.log_odds(columns_of(rows.table, model.names)))
    people = rows.linked_group if rows.entity is None else rows.entity
    return rows.outcome, risk, people


def _ratio(outcome: Floats, risk: Floats, people: NDArray[Any], *, seed: int) -> Figure:
    return ratio_figure(outcome, risk, people, seed=seed)


def _table(
    pairs: Iterable[tuple[Expected, Expected]], began: Mapping[str, float]
) -> pd.DataFrame:
    rows = [
        {
            "group": each.group,
            "expected": each.number.value,
            "low": each.number.low,
            "high": each.number.high,
            "began": began.get(each.group, 0.0),
            "held": _holds(each.number, began.get(each.group, 0.0)),
            "held_alone": _holds(alone.number, began.get(each.group, 0.0)),
        }
        for each, alone in pairs
        if each.number.value is not None
    ]
    return pd.DataFrame(rows)


def _holds(figure: Figure, number: float) -> bool:
    low, high = figure.low, figure.high
    return low is not None and high is not None and low <= number <= high
