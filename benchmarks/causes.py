"""The town's causes: whether a model's reasons are what was planted, in that order.

A town goes the whole way from its partners' files to a judged model. Of each planted
cause, how far its reasons move people is held against how far the cause itself does, by
the truth, which nothing else reads. Police notices, which cause nothing, are to be
refused at promotion.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.planted import CAUSES, GAP_TELLS, OF_NO_CAUSE, moved, spread
from benchmarks.report import Report, Target, progress
from benchmarks.town_runs import TownRun, built_town, trained_town
from features.definitions.place import Place
from features.faults import Refusal
from lamppost import jobs
from models.definitions.definition import ScoreDefinition
from models.families.estimators import way_of
from models.families.inputs import Training, columns_of
from models.tables.table import TableModel
from models.tables.terms import Floats
from training.cohort import Cases, read_cases
from training.fit import training_of
from training.job import Trained, newest_snapshot
from training.judging.splits import rolling
from training.search import settled


PEOPLE, SEED, DRAWS = 100_000, 1, 20
# A first of April, when the truth keeps everyone's frailty; the first judged date.
JUDGED = dt.date(2024, 4, 1)
TARGETS: dict[str, Target] = {
    "rank_agreement": (">=", 0.8),
    "police_refused": (">=", 1.0),
}
_GATE, _POLICE = "gate.source", "police_notices"
_ENDS = (5, 95)


@dataclass(frozen=True)
class Told:
    """What a model is asked of.

    Attributes:
        model: Any of tables.
        asked: Those scored on the judged date.
        place: Says which family an indicator is of.
    """

    asked: Cases
    place: Place

    def moves(self, model: TableModel) -> dict[str, float]:
        """Return how far the reasons of each cause move people, on average.

        A cause of which no indicator of the model tells is left out.
        """
        columns = columns_of(self.asked.table, list(self.asked.table.columns))
        found = model.contributions(columns)
        parts: dict[str, Floats] = {}
        for name, part in zip(found.names, found.values.T, strict=True):
            for cause, share in self._told_by(name, part):
                parts[cause] = parts.get(cause, 0.0) + share
        return {c.name: spread(parts[c.name]) for c in CAUSES if c.name in parts}

    def _told_by(self, name: str, part: Floats) -> Iterator[tuple[str, Floats]]:
        """Yield the causes that an indicator tells of, and what it says of each."""
        family = self.place.indicators[name].family.name
        if family in GAP_TELLS:
            gap = self.asked.table[name].isna().to_numpy()
            by_gap = pd.Series(part).groupby(gap).transform("mean").to_numpy()
            yield GAP_TELLS[family], by_gap
            part = part - by_gap
        for cause in CAUSES:
            if family in cause.indicators:
                yield cause.name, part


def run(arguments: list[str]) -> Report:
    """Walk a town to a judged model, and hold its reasons against the truth."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        town = built_town(Path(folder), options.people, options.seed)
        trained = trained_town(town)
        progress("reading from the lives how far each cause moves people")
        truth = moved(town.truth, options.people, options.seed, JUDGED)
        figures = agreement(town, trained, truth, draws=options.draws)
        figures["police_refused"] = float(police_refused(town, trained))
    return Report("causes", figures | town.stages.figures, TARGETS)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks causes")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--draws", type=int, default=DRAWS, help="refits, for the range"
    )
    return parser.parse_args(arguments)


def agreement(
    town: TownRun, trained: Trained, truth: Mapping[str, float], *, draws: int
) -> dict[str, float | None]:
    """Return the rank agreement, what refits reach, and what it is made of.

    The range is of models fitted anew on linked groups drawn with replacement: nine of
    ten reach so much. Each has fewer different groups than the model itself, so that
    the model may well lie above it.
    """
    opened = town.opened
    score = opened.score(None)
    cases = read_cases(
        opened.warehouse, newest_snapshot(opened.warehouse, opened.place, score), score
    )
    asked = cases.only(cases.as_of == np.datetime64(JUDGED))
    told = Told(asked, opened.place)
    moves = told.moves(trained.model)
    for name in sorted(moves, key=lambda name: -truth[name]):
        progress(f"  {name:20} by the truth {truth[name]:.4f}, told {moves[name]:.4f}")
    drawn = [
        rank_agreement(truth, told.moves(model))
        for model in refitted(cases, score, opened.place, draws)
    ]
    low, high = np.percentile(drawn, _ENDS) if drawn else (None, None)
    idle = sum(size for name, size in moves.items() if truth[name] == 0)
    return {
        "rank_agreement": round(rank_agreement(truth, moves), 3),
        "rank_agreement_low": None if low is None else round(float(low), 3),
        "rank_agreement_high": None if high is None else round(float(high), 3),
        "causes": len(moves),
        "share_of_what_causes_nothing": round(idle / sum(moves.values()), 4),
        **{f"truth_{name}": round(truth[name], 4) for name in moves},
        **{f"told_{name}": round(size, 4) for name, size in moves.items()},
    }


def rank_agreement(truth: Mapping[str, float], told: Mapping[str, float]) -> float:
    """Return Spearman's correlation of two orders, ties sharing their rank.

    >>> truth = {"frailty": 2.0, "age": 1.0, "falls": 0.5, "police": 0.0}
    >>> rank_agreement(truth, {"frailty": 9, "age": 8, "falls": 7, "police": 1})
    1.0
    """
    names = sorted(told)
    both = pd.DataFrame([[truth[n], told[n]] for n in names]).rank()
    return round(float(both[0].corr(both[1])), 6)


def refitted(
    cases: Cases, score: ScoreDefinition, place: Place, draws: int
) -> Iterator[TableModel]:
    """Yield models of linked groups drawn anew, with settings settled once."""
    rounds = rolling(cases, score)
    chosen = settled(cases, rounds.whole.fitted, score, place).score
    training = training_of(cases.only(rounds.fitted).weighed(), chosen, place)
    fit = way_of("additive", chosen.trees, ())
    for draw in range(draws):
        progress(f"refit {draw + 1} of {draws}, on linked groups drawn anew")
        generator = np.random.default_rng([score.seed, draw])
        yield fit(redrawn(training, generator), seed=score.seed)


def redrawn(training: Training, generator: np.random.Generator) -> Training:
    """Return the rows of as many linked groups, drawn with replacement."""
    group = training.linked_group
    group = np.arange(len(training.outcome)) if group is None else group
    count = int(group.max()) + 1
    times = np.bincount(generator.integers(0, count, count), minlength=count)[group]
    rows = times > 0
    weights = np.ones(len(rows)) if training.weights is None else training.weights
    return replace(
        training,
        matrix=training.matrix[rows],
        outcome=training.outcome[rows],
        weights=(weights * times)[rows],
        linked_group=group[rows],
    )


def police_refused(town: TownRun, trained: Trained) -> bool:
    """Say whether promotion is refused because the police notices add nothing."""
    now = dt.datetime.now(dt.UTC)
    try:
        jobs.promote(town.opened, None, trained.version, "benchmark", now)
    except Refusal as refusal:
        for fault in refusal.faults:
            progress(f"  refused: {fault.where}: {fault.got}")
        return any(f.rule == _GATE and _POLICE in f.where for f in refusal.faults)
    return False


def unmapped(score: ScoreDefinition, place: Place) -> list[str]:
    """Return the score's indicators of which it is not said what they tell of."""
    known = {name for cause in CAUSES for name in cause.indicators} | {*OF_NO_CAUSE}
    families = {name: place.indicators[name].family.name for name in score.indicators}
    return [name for name, family in families.items() if family not in known]
