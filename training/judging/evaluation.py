"""Evaluation: what a training run found, as the registry keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from features.store.manifest import RecordingLag
from models.judging.assessment import Assessment
from models.judging.groups import GroupFigures
from models.judging.incidence import EndFigures
from models.judging.intervals import Figure
from training.checks.leaks import LookedAt
from training.checks.reorder import Reordering
from training.checks.sample import Sample
from training.checks.sources import SourceFigures
from training.checks.timing import Timing
from training.judging.baselines import Baseline
from training.judging.calibration import Calibrated
from training.judging.choice import Chosen
from training.judging.observed import ObservedRate


@dataclass(frozen=True)
class Verdict:
    """What one model did.

    Attributes:
        later: On later dates; entities may have been fitted on.
        later_and_new: On later dates and linked groups never fitted on.
        unscored: Cases left out because a category was never seen in training.
        reordering: At events: what visiting in the model's order would have changed.
        stability: Of those at the top on one date and judged on the next too, the share
            that is at the top there.
    """

    later: Assessment
    later_and_new: Assessment
    unscored: int
    reordering: Reordering | None
    stability: Figure


@dataclass(frozen=True)
class Sealed:
    """The date that nobody has looked at, or the part of a period of events."""

    first: str
    last: str


@dataclass(frozen=True)
class DateFigures:
    """One judged date, or one part of a judged period of events.

    Attributes:
        first: The as-of date.
        last: The same, or the last one of the part.
        fitted_rows: Known before it, and how many had the outcome: `fitted_events`.
        judged_rows: And how many had the outcome: `judged_events`.
        figures: By model.
    """

    first: str
    last: str
    fitted_rows: int
    fitted_events: int
    judged_rows: int
    judged_events: int
    figures: dict[str, Assessment]


@dataclass(frozen=True)
class Evaluation:
    """What a training run found; of the sealed date nothing.

    Attributes:
        served: The family that is registered.
        fitted_rows: Of the model that is registered, and how many of them had the
            outcome: `fitted_events`. Who left before it could be seen is not among
            them.
        judged_rows: And how many of them had the outcome: `judged_events`.
        base_rate: Share of the judged cases that had the outcome; where it has ends,
            the Aalen-Johansen estimate, as if nobody had left.
        fitted_ends: How those of the fitted period ended, whoever left among them.
        judged_ends: The same of the judged period.
        untold: How many rows nobody can tell of, by status.
        recording_lag: How long outcomes were waited for, and on what ground.
        dates: What each judged date gave by itself.
        sealed: The date that is opened at promotion; None where nothing is sealed.
        choice: How the family was chosen; None where the score names it.
        calibration: What was done about the probabilities of the family served.
        threshold: The probability at which capacity ends, where net benefit is taken.
        verdicts: By family; `rule` and `boosted` stand beside the families.
        price: What the challenger gains over the family that is served.
        baselines: What is there without the model, on the same cases.
        observed: For the family that is served: what came true, by probability.
        groups: For the family that is served, by protected attribute.
        sample: What was fitted on, beside what Riley's minimum asks for.
        above_rule: What the family that is served gains over the declared rule.
        sources: What each source is worth to it; empty where no gate asks.
        leaks: What the detectors looked at before the fit; None if none did.
        timing: When within the horizon the outcomes fitted on came; None where that
            cannot be told.
    """

    served: str
    fitted_rows: int
    fitted_events: int
    judged_rows: int
    judged_events: int
    base_rate: Figure
    fitted_ends: tuple[EndFigures, ...]
    judged_ends: tuple[EndFigures, ...]
    untold: dict[str, int]
    recording_lag: RecordingLag
    dates: tuple[DateFigures, ...]
    sealed: Sealed | None
    choice: Chosen | None
    calibration: Calibrated
    threshold: float
    verdicts: dict[str, Verdict]
    price: Assessment
    baselines: tuple[Baseline, ...]
    observed: list[ObservedRate]
    groups: dict[str, tuple[GroupFigures, ...]]
    sample: Sample
    above_rule: Assessment
    sources: tuple[SourceFigures, ...] = ()
    leaks: LookedAt | None = None
    timing: Timing | None = None
