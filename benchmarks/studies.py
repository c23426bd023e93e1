"""Studies: choices of indicators, judged on the same rows, and any other ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.report import progress
from models.definitions.definition import ScoreDefinition
from models.judging.assessment import assess
from models.judging.intervals import Figure
from models.judging.judged import Judged
from models.tables.terms import Floats
from training.checks.reorder import Reordering, reorder
from training.cohort import Cases
from training.judging.evaluate import Verdict, capacity_of
from training.judging.splits import Split


@dataclass(frozen=True)
class Study:
    """One choice of indicators, fitted and judged.

    Attributes:
        verdicts: By family; `boosted` and `rule` stand beside the families.
        served: The judged rows' log-odds by the family that is served.
    """

    score: ScoreDefinition
    cases: Cases
    split: Split
    verdicts: Mapping[str, Verdict]
    served: Floats


def figures_of(name: str, study: Study) -> dict[str, float | None]:
    """Return a study's figures: the family that is served has the plain names."""
    figures: dict[str, float | None] = {}
    for family, verdict in study.verdicts.items():
        ending = name if family == study.score.serve else f"{name}_{family}"
        figures |= named(ending, verdict.later.auc, verdict.reordering)
    auc = study.verdicts[study.score.serve].later.auc
    figures |= {f"auc_{name}_low": rounded(auc.low)}
    figures |= {f"auc_{name}_high": rounded(auc.high)}
    new = study.verdicts[study.score.serve].later_and_new.auc
    return figures | {f"auc_{name}_new_premises": rounded(new.value)}


def compared(
    label: str, values: Floats, other: Floats, study: Study
) -> dict[str, float | None]:
    """Judge any ranking of the judged rows on those that another one scored."""
    rows = np.isfinite(other) & np.isfinite(values)
    judged = study.cases.only(study.split.judged).only(rows)
    columns = (judged.outcome, values[rows], judged.linked_group, np.zeros(rows.sum()))
    ranked = Judged(*columns)
    seed = study.score.seed
    auc = assess(ranked, capacity=capacity_of(study.score), seed=seed).auc
    order = reorder(judged.as_of, ranked, seed=seed)
    progress(f"  {label}: {in_words(auc, order)}")
    return named("", auc, order)


def named(
    ending: str, auc: Figure, order: Reordering | None
) -> dict[str, float | None]:
    """Return the three figures of one ranking, by name."""
    figures = {"auc": auc}
    if order:
        figures["first_half"] = order.first_half
        figures["days_earlier"] = order.days_earlier
    return {
        f"{name}_{ending}".rstrip("_"): rounded(figure.value)
        for name, figure in figures.items()
    }


def in_words(auc: Figure, order: Reordering | None) -> str:
    """Return the figures of one ranking as a watcher reads them."""
    if auc.value is None or order is None:
        return auc.reason or "not judged as a list of visits"
    return (
        f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}), "
        f"{order.first_half.value:.1%} in the first half "
        f"(as made {order.first_half_as_made.value:.1%}), "
        f"{order.days_earlier.value:.1f} days earlier"
    )


def rounded(value: float | None) -> float | None:
    """Return a figure to the fourth decimal, far within its interval."""
    return None if value is None else round(value, 4)
