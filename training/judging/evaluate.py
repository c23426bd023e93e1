"""Evaluate: what each family is worth on dates of which it knew nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.definitions.outcomes import EVENT, NO_EVENT
from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.judging.assessment import assess, capacity_threshold, untold
from models.judging.groups import GroupFigures, assess_groups
from models.judging.incidence import EndFigures, end_figures
from models.judging.intervals import wilson
from models.judging.judged import Judged
from models.tables.envelope import Calibration
from models.tables.terms import Floats
from training.checks.reorder import Reordering, reorder
from training.checks.same_cases import Drawn
from training.checks.sample import sample_of
from training.checks.sources import SourceFigures, source_figures
from training.checks.timing import Timing, timing_of
from training.cohort import Cases
from training.fit import CHALLENGER, Fitted
from training.judging.baselines import DECLARED_RULE, Baseline, Line, baseline_lines
from training.judging.calibration import Calibrated, CrossFitted, calibrate
from training.judging.choice import choose_family
from training.judging.evaluation import DateFigures, Evaluation, Sealed, Verdict
from training.judging.observed import observed_rates
from training.judging.rolled import Rolled, capacity_of, roll
from training.judging.splits import Rounds, fold_of
from training.judging.stability import stability
from training.judging.verdicts import Bench, Said


__all__ = ["Evaluated", "Evaluation", "Verdict", "capacity_of", "evaluate"]

# The served family's log-odds before calibration, which the challenger's are too.
_RAW = "before calibration"


@dataclass(frozen=True)
class Evaluated:
    """What was found, and what is registered because of it.

    Attributes:
        score: The definition; `serve` is the family that was chosen.
        fitted: The models of all that was known before the last date.
        calibration: What the file of the family that is served is given.
        rolled: The judged rows, and what every model said of them.
        drawn: Its figures on every draw; None where too few had the outcome.
    """

    evaluation: Evaluation
    score: ScoreDefinition
    fitted: Fitted
    calibration: Calibration
    rolled: Rolled
    drawn: Drawn | None = None


def evaluate(
    cases: Cases, rounds: Rounds, score: ScoreDefinition, place: Place
) -> Evaluated:
    """Fit before each judged date, choose and calibrate, and judge what was fitted.

    Args:
        cases: All cases of the snapshot.
        rounds: The judged dates; of the sealed one no outcome is looked at.
        score: The definition: families, capacity, groups, the rule of choice, seed.
        place: For the directions of the indicators.
    """
    rolled = roll(cases, rounds, score, place)
    choice = choose_family(rolled)
    served = choice.family if choice else score.serve
    chosen = score.model_copy(update={"serve": served})
    run = _Run(cases, rounds, place, rolled, chosen)
    crossed = run.calibrate()
    lines = baseline_lines(cases, rounds, rolled, served, place)
    bench = run.bench(crossed, lines)
    found = run.evaluation(bench, crossed.found, lines)
    found = replace(found, choice=choice, verdicts=run.verdicts(bench, crossed))
    drawn = bench.drawn(served)
    final, applied = rolled.final, crossed.found.applied
    return Evaluated(found, chosen, final, applied, rolled, drawn)


@dataclass(frozen=True)
class _Run:
    """What the parts of an evaluation all need; `score` serves the family chosen."""

    cases: Cases
    rounds: Rounds
    place: Place
    rolled: Rolled
    score: ScoreDefinition

    @cached_property
    def fold(self) -> NDArray[np.int64]:
        """The fold of each judged row's linked group."""
        return fold_of(self.rolled.cases)

    @property
    def served(self) -> Floats:
        """What the family that is served said of the judged rows."""
        return self.rolled.later[self.score.serve]

    def calibrate(self) -> CrossFitted:
        """Return the calibration that the judged rows ask for."""
        judged = self.rolled.judged(self.served)
        capacity = capacity_of(self.score)
        raw = assess(judged, capacity=capacity, seed=self.score.seed)
        return calibrate(judged, raw, self.fold[~np.isnan(self.served)])

    def bench(self, crossed: CrossFitted, lines: Sequence[Line]) -> Bench:
        """Return all that is judged on the same rows."""
        calibrated = crossed.of(self.served, self.fold)
        said = {name: Said(odds) for name, odds in self.rolled.later.items()}
        said |= {each.name: Said(each.log_odds) for each in lines}
        said |= {_RAW: Said(self.served)}
        said |= {self.score.serve: Said(self.served, calibrated)}
        judged = self.rolled.judged(self.served, calibrated=calibrated)
        threshold = capacity_threshold(judged, capacity_of(self.score))
        return Bench(self.rolled, said, threshold)

    def verdicts(self, bench: Bench, crossed: CrossFitted) -> dict[str, Verdict]:
        """Return what each family did; the one served as it is calibrated."""
        found = {}
        for name, odds in self.rolled.later.items():
            new = Said(self.rolled.new[name])
            if name == self.score.serve:
                new = replace(new, calibrated=crossed.of(new.log_odds, self.fold))
            found[name] = Verdict(
                later=bench.figures(name),
                later_and_new=bench.anew(new),
                unscored=int(np.isnan(odds).sum()),
                reordering=self._reordering(odds),
                stability=stability(self.rolled, odds),
            )
        return found

    def evaluation(
        self, bench: Bench, calibrated: Calibrated, lines: Sequence[Line]
    ) -> Evaluation:
        """Return what was found, but for the choice and the verdicts."""
        cases, judged, serve = self.cases, self.rolled.cases, self.score.serve
        fitted = cases.only(self.rounds.fitted).weighed()
        ends = _ends(cases, self.rounds.whole.judged, self.score)
        said = bench.said[serve]
        scored = self.rolled.judged(said.log_odds, calibrated=said.calibrated)
        return Evaluation(
            served=serve,
            fitted_rows=len(fitted),
            fitted_events=fitted.events,
            judged_rows=len(judged),
            judged_events=judged.events,
            base_rate=next(e.incidence for e in ends if e.kind == "outcome"),
            fitted_ends=_ends(cases, self.rounds.fitted, self.score),
            judged_ends=ends,
            untold=dict(cases.untold),
            recording_lag=cases.recording_lag,
            dates=tuple(self._dates(bench)),
            sealed=_sealed(self.rounds),
            choice=None,
            calibration=calibrated,
            threshold=bench.threshold,
            verdicts={},
            price=bench.gain(CHALLENGER, _RAW),
            baselines=tuple(_baseline(bench, serve, line) for line in lines),
            observed=observed_rates(scored),
            groups=self._groups(scored),
            sample=sample_of(fitted),
            above_rule=bench.gain(serve, DECLARED_RULE),
            sources=self._sources(),
            timing=_timing(fitted, self.score),
        )

    def _dates(self, bench: Bench) -> Iterator[DateFigures]:
        for date, each in enumerate(self.rounds.judged):
            fitted = self.cases.only(each.split.fitted).weighed()
            judged = self.rolled.cases.only(self.rolled.date == date)
            yield DateFigures(
                first=str(each.first),
                last=str(each.last),
                fitted_rows=len(fitted),
                fitted_events=fitted.events,
                judged_rows=len(judged),
                judged_events=judged.events,
                figures={n: bench.on_date(n, date) for n in self.rolled.later},
            )

    def _groups(self, scored: Judged) -> dict[str, tuple[GroupFigures, ...]]:
        rows, capacity = ~np.isnan(self.served), capacity_of(self.score)
        return {
            name: assess_groups(scored, values[rows], capacity=capacity)
            for name, values in self.rolled.cases.groups.items()
        }

    def _sources(self) -> tuple[SourceFigures, ...]:
        """Return what each source is worth, fitted before the first judged date."""
        if self.score.gates is None or self.score.gates.source_margin is None:
            return ()
        return source_figures(
            self.cases.only(self.rounds.whole.fitted).weighed(),
            self.rolled.cases,
            self.rolled.earliest.models[self.score.serve],
            self.score,
            self.place,
            capacity_of(self.score),
        )

    def _reordering(self, odds: Floats) -> Reordering | None:
        if self.score.cohort.at_events is None:
            return None
        as_of = self.rolled.cases.as_of[~np.isnan(odds)]
        return reorder(as_of, self.rolled.judged(odds), seed=self.score.seed)


def _timing(fitted: Cases, score: ScoreDefinition) -> Timing | None:
    # An index event's own outcome comes on its day.
    if score.outcome.of_index:
        return None
    return timing_of(fitted, score.outcome.horizon_days, seed=score.seed)


def _baseline(bench: Bench, serve: str, line: Line) -> Baseline:
    if line.reason:
        nothing = untold(line.reason)
        return Baseline(line.name, line.indicator, nothing, nothing, line.reason)
    figures, gain = bench.figures(line.name), bench.gain(serve, line.name)
    return Baseline(line.name, line.indicator, figures, gain)


def _sealed(rounds: Rounds) -> Sealed | None:
    if rounds.sealed is None:
        return None
    return Sealed(str(rounds.sealed.first), str(rounds.sealed.last))


def _ends(
    cases: Cases, rows: NDArray[np.bool_], score: ScoreDefinition
) -> tuple[EndFigures, ...]:
    ended = cases.only(rows)
    if score.outcome.ends:
        return end_figures(ended.endings, ended.linked_group, seed=score.seed)
    happened, rest = ended.events, len(ended) - ended.events
    return (
        EndFigures(EVENT, "outcome", happened, wilson(happened, len(ended))),
        EndFigures(NO_EVENT, "none", rest, wilson(rest, len(ended))),
    )
