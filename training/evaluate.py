"""Evaluation: what each family is worth on cases that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.definitions.outcomes import EVENT, NO_EVENT
from features.definitions.place import Place
from features.store.manifest import RecordingLag
from models.assessment import Assessment, assess, price_of_transparency
from models.definition import ScoreDefinition
from models.groups import GroupFigures, assess_groups
from models.incidence import EndFigures, end_figures
from models.intervals import Figure, wilson
from models.judged import Capacity, Judged
from models.terms import Floats
from training.calibration import ObservedRate, observed_rates
from training.cohort import Cases
from training.fit import CHALLENGER, RULE, Fitted, fit_all
from training.leaks import LookedAt
from training.reorder import Reordering, reorder
from training.sample import Sample, sample_of
from training.sources import SourceFigures, source_figures
from training.splits import Split, later_and_new


_FITS_AT_ONCE = 2


@dataclass(frozen=True)
class Verdict:
    """What one model did.

    Attributes:
        later: On later dates; entities may have been fitted on.
        later_and_new: On later dates and linked groups never fitted on.
        unscored: Cases left out because a category was never seen in training.
        reordering: At events: what visiting in the model's order would have changed.
    """

    later: Assessment
    later_and_new: Assessment
    unscored: int
    reordering: Reordering | None


@dataclass(frozen=True)
class Evaluation:
    """What a training run found.

    Attributes:
        fitted_rows: And how many of them had the outcome: `fitted_events`. Who left
            before it could be seen is not among them.
        judged_rows: And how many of them had the outcome: `judged_events`.
        base_rate: Share of the judged cases that had the outcome; where it has ends,
            the Aalen-Johansen estimate, as if nobody had left.
        fitted_ends: How those of the fitted period ended, whoever left among them.
        judged_ends: The same of the judged period.
        untold: How many rows nobody can tell of, by status.
        recording_lag: How long outcomes were waited for, and on what ground.
        verdicts: By family; `rule` and `boosted` stand beside the families.
        price: What the challenger gains over the family that is served.
        observed: For the family that is served: what came true, by probability.
        groups: For the family that is served, by protected attribute.
        leaks: What the detectors looked at before the fit; None if none did.
        sample: What was fitted on, beside what Riley's minimum asks for.
        above_rule: What the family that is served gains over the one-indicator rule;
            None where no gate asks.
        sources: What each source is worth to it; empty where no gate asks.
    """

    fitted_rows: int
    fitted_events: int
    judged_rows: int
    judged_events: int
    base_rate: Figure
    fitted_ends: tuple[EndFigures, ...]
    judged_ends: tuple[EndFigures, ...]
    untold: dict[str, int]
    recording_lag: RecordingLag
    verdicts: dict[str, Verdict]
    price: Assessment
    observed: list[ObservedRate]
    groups: dict[str, tuple[GroupFigures, ...]]
    leaks: LookedAt | None = None
    sample: Sample | None = None
    above_rule: Assessment | None = None
    sources: tuple[SourceFigures, ...] = ()


def evaluate(
    cases: Cases, split: Split, fitted: Fitted, score: ScoreDefinition, place: Place
) -> Evaluation:
    """Judge what was fitted, on the later cases and on the later and new ones.

    Args:
        cases: All cases of the snapshot.
        split: What `fitted` was fitted on, and what is judged.
        fitted: The models of the split.
        score: The definition: capacity, groups, seed.
        place: For the directions of the indicators, as the folds are fitted anew.
    """
    fitted_on = cases.only(split.fitted).weighed()
    judged = cases.only(split.judged).weighed()
    ends = _ends(cases, split.judged, score)
    later = fitted.log_odds(judged)
    pooled = _pooled(cases, split, score, place)
    verdicts = {
        name: _verdict(judged, later[name], pooled[name], score) for name in later
    }
    return Evaluation(
        fitted_rows=len(fitted_on),
        fitted_events=fitted_on.events,
        judged_rows=len(judged),
        judged_events=judged.events,
        base_rate=next(each.incidence for each in ends if each.kind == "outcome"),
        fitted_ends=_ends(cases, split.fitted, score),
        judged_ends=ends,
        untold=dict(cases.untold),
        recording_lag=cases.recording_lag,
        verdicts=verdicts,
        price=_price(judged, later, score),
        observed=observed_rates(_scored(judged, later[score.serve], score)),
        groups=_by_group(judged, later[score.serve], score),
        sample=sample_of(fitted_on),
        above_rule=_above_rule(judged, later, score),
        sources=_sources(fitted_on, judged, fitted, score, place),
    )


def capacity_of(score: ScoreDefinition) -> Capacity:
    """Return how many can be visited, as the definition says."""
    return Capacity(score.judgement.capacity, score.judgement.capacity_share)


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


def _pooled(
    cases: Cases, split: Split, score: ScoreDefinition, place: Place
) -> dict[str, Floats]:
    """Return the judged rows' log-odds, each from models that never saw its group."""
    found: dict[str, Floats] = {}
    parts = list(later_and_new(cases, split))
    # Each fit uses one thread and is the same whichever core it runs on.
    with ThreadPoolExecutor(_FITS_AT_ONCE) as pool:
        fits = pool.map(lambda part: fit_all(cases, part.fitted, score, place), parts)
        pairs = list(zip(parts, fits, strict=True))
    for part, fitted in pairs:
        for name, log_odds in fitted.log_odds(cases.only(part.judged)).items():
            every = found.setdefault(name, np.full(len(cases), np.nan))
            every[part.judged] = log_odds
    told = split.judged & cases.is_told
    return {name: every[told] for name, every in found.items()}


def _verdict(
    judged: Cases, later: Floats, new: Floats, score: ScoreDefinition
) -> Verdict:
    capacity = capacity_of(score)
    known = _scored(judged, later, score)
    rows = ~np.isnan(later)
    order = None
    if score.cohort.at_events:
        order = reorder(judged.as_of[rows], known, seed=score.seed)
    return Verdict(
        later=assess(known, capacity=capacity, seed=score.seed),
        later_and_new=assess(
            _scored(judged, new, score), capacity=capacity, seed=score.seed
        ),
        unscored=int((~rows).sum()),
        reordering=order,
    )


def _scored(judged: Cases, log_odds: Floats, score: ScoreDefinition) -> Judged:
    """Return the cases that have a score; at events they are one list."""
    at_events = score.cohort.at_events is not None
    list_of = np.zeros(len(judged)) if at_events else judged.as_of
    rows = ~np.isnan(log_odds)
    return Judged(
        judged.outcome[rows],
        log_odds[rows],
        judged.linked_group[rows],
        list_of[rows],
        None if judged.weight is None else judged.weight[rows],
    )


def _by_group(
    judged: Cases, log_odds: Floats, score: ScoreDefinition
) -> dict[str, tuple[GroupFigures, ...]]:
    scored, rows = _scored(judged, log_odds, score), ~np.isnan(log_odds)
    return {
        name: assess_groups(scored, values[rows], capacity=capacity_of(score))
        for name, values in judged.groups.items()
    }


def _price(
    judged: Cases, log_odds: Mapping[str, Floats], score: ScoreDefinition
) -> Assessment:
    served = _scored(judged, log_odds[score.serve], score)
    rows = ~np.isnan(log_odds[score.serve])
    return price_of_transparency(
        served,
        log_odds[CHALLENGER][rows],
        capacity=capacity_of(score),
        seed=score.seed,
    )


def _above_rule(
    judged: Cases, log_odds: Mapping[str, Floats], score: ScoreDefinition
) -> Assessment | None:
    if score.gates is None or score.gates.least_precision_above_rule is None:
        return None
    served, rule = log_odds[score.serve], log_odds[RULE]
    rows = ~np.isnan(served) & ~np.isnan(rule)
    return price_of_transparency(
        _scored(judged.only(rows), rule[rows], score),
        served[rows],
        capacity=capacity_of(score),
        seed=score.seed,
    )


def _sources(
    fitted_on: Cases,
    judged: Cases,
    fitted: Fitted,
    score: ScoreDefinition,
    place: Place,
) -> tuple[SourceFigures, ...]:
    if score.gates is None or score.gates.source_margin is None:
        return ()
    model = fitted.models[score.serve]
    capacity = capacity_of(score)
    return source_figures(fitted_on, judged, model, score, place, capacity)
