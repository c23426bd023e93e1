"""Fitting: the additive family beside interpret's EBM, and whole runs on the town.

Both fit the same rows of two generated tables, in one process with one thread, by
turns: from a table to a model that scores. The EBM is as its documents show it, but
without pairs. What they say is compared on rows that neither was fitted on. A whole
training run of the town of 5,000 is timed too and, with `--large`, of one of 100,000.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.fitting_tables import TABLES, Table
from benchmarks.report import Report, Target, progress
from benchmarks.town_runs import built_town, trained_town
from models.families.estimators import fit_additive
from models.families.inputs import columns_of, read_training
from models.tables.terms import Floats
from training.checks.shuffles import auc_of


ROWS, ROUNDS, TOWN, LARGE, SEED = 50_000, 3, 5_000, 100_000, 1
TARGETS: dict[str, Target] = {
    "times_faster_than_ebm": (">=", 5.0),
    "auc_gap_to_ebm": ("<=", 0.003),
    "town_seconds": ("<=", 60.0),
    "town_100k_seconds": ("<=", 480.0),
}

Score = Callable[[pd.DataFrame], Floats]


@dataclass(frozen=True)
class Side:
    """What one way of fitting took and reached.

    Attributes:
        seconds: By the clock, the median of the rounds.
        cpu_seconds: Of the processor, likewise.
        auc: On the rows that are judged.
    """

    seconds: float
    cpu_seconds: float
    auc: float


def run(arguments: list[str]) -> Report:
    """Fit by turns, then train on the town."""
    options = _options(arguments)
    figures: dict[str, float | None] = {}
    for name, made in TABLES.items():
        figures |= compared(name, made, rows=options.rows, rounds=options.rounds)
    times = [figures[f"times_faster_{name}"] for name in TABLES]
    gaps = [figures[f"auc_gained_{name}"] for name in TABLES]
    figures["times_faster_than_ebm"] = min(each for each in times if each is not None)
    figures["auc_gap_to_ebm"] = max(abs(each) for each in gaps if each is not None)
    figures |= {"town_seconds": None, "town_100k_seconds": None}
    if options.town:
        figures |= town_figures(options.town, "town")
    if options.large:
        figures |= town_figures(LARGE, "town_100k")
    return Report("train", figures, TARGETS)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks train")
    parser.add_argument("--rows", type=int, default=ROWS, help="fitted on")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each")
    parser.add_argument("--town", type=int, default=TOWN, help="people; 0 for none")
    parser.add_argument(
        "--large", action="store_true", help=f"also a town of {LARGE:,}"
    )
    return parser.parse_args(arguments)


def compared(
    name: str, made: Callable[[int, int], Table], *, rows: int, rounds: int
) -> dict[str, float | None]:
    """Return what both took and reached on one of the tables."""
    fitted, judged = made(rows, SEED), made(rows, SEED + 1)
    progress(f"{name}: {rows:,} x {fitted.rows.shape[1]}, fitted by turns")
    _import_ebm()
    turns = [(_timed(_additive, fitted), _timed(_ebm, fitted)) for _ in range(rounds)]
    ours, theirs = (_side(name, each, judged) for each in zip(*turns, strict=True))
    better = "additive" if ours.auc > theirs.auc else "EBM"
    gained = ours.auc - theirs.auc
    progress(f"{name}: the {better}'s AUC is higher by {abs(gained):.4f}")
    return {
        f"times_faster_{name}": round(theirs.seconds / ours.seconds, 1),
        f"times_faster_cpu_{name}": round(theirs.cpu_seconds / ours.cpu_seconds, 1),
        f"seconds_additive_{name}": round(ours.seconds, 2),
        f"seconds_ebm_{name}": round(theirs.seconds, 2),
        f"auc_additive_{name}": round(ours.auc, 4),
        f"auc_ebm_{name}": round(theirs.auc, 4),
        f"auc_gained_{name}": round(gained, 4),
    }


def town_figures(people: int, name: str) -> dict[str, float | None]:
    """Return what a training run on a town costs."""
    with tempfile.TemporaryDirectory() as folder:
        town = built_town(Path(folder), people, SEED)
        trained_town(town)
    train = {n: v for n, v in town.stages.figures.items() if n.startswith("train_")}
    return {f"{name}_{n.removeprefix('train_')}": v for n, v in train.items()}


@dataclass(frozen=True)
class _Turn:
    score: Score
    seconds: float
    cpu_seconds: float


def _timed(fit: Callable[[Table], Score], table: Table) -> _Turn:
    wall, cpu = time.perf_counter(), time.process_time()
    score = fit(table)
    return _Turn(score, time.perf_counter() - wall, time.process_time() - cpu)


def _side(name: str, turns: tuple[_Turn, ...], judged: Table) -> Side:
    seconds = statistics.median(each.seconds for each in turns)
    cpu_seconds = statistics.median(each.cpu_seconds for each in turns)
    auc = auc_of(turns[-1].score(judged.rows), judged.outcome)
    progress(f"  {seconds:.2f} s, {cpu_seconds:.2f} s of processor, AUC {auc:.4f}")
    return Side(seconds, cpu_seconds, auc)


def _additive(table: Table) -> Score:
    names = list(table.rows)
    training = read_training(table.rows, table.outcome, indicators=names, directions={})
    model = fit_additive(training, seed=SEED)
    return lambda rows: model.log_odds(columns_of(rows, names))


def _import_ebm() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from interpret.glassbox import ExplainableBoostingClassifier
    return ExplainableBoostingClassifier


def _ebm(table: Table) -> Score:
    model = _import_ebm()(interactions=0, n_jobs=1, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table.rows, table.outcome)
    return lambda rows: np.asarray(model.decision_function(rows), dtype=np.float64)
