"""Figures of every family: over all judged cases, and for each protected group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.report import progress
from benchmarks.studies import rounded
from models.definitions.definition import ScoreDefinition
from models.judging.assessment import Assessment, assess, price_of_transparency
from models.judging.groups import NOT_RECORDED
from models.judging.intervals import Figure
from models.judging.judged import Judged
from models.tables.terms import Floats
from training.cohort import Cases
from training.fit import CHALLENGER
from training.judging.evaluate import capacity_of


# What the figures call each of the models that were fitted.
FAMILIES = {"additive": "additive", "boosted": CHALLENGER, "logistic": "logistic"}


@dataclass(frozen=True)
class FamilyStudy:
    """One choice of indicators and of presentations, fitted and judged.

    Attributes:
        judged: The judged cases.
        fitted: How many cases were fitted on.
        log_odds: Of the judged cases, by the family's name in the figures.
        score: Says the capacity and the seed.
    """

    judged: Cases
    fitted: int
    log_odds: Mapping[str, Floats]
    score: ScoreDefinition

    def ranked(self, family: str, rows: NDArray[np.bool_] | None = None) -> Judged:
        """Return the cases that the family scored, of all or of some rows."""
        log_odds = self.log_odds[family]
        chosen = ~np.isnan(log_odds) if rows is None else rows & ~np.isnan(log_odds)
        cases = self.judged.only(chosen)
        one_list = np.zeros(len(cases))
        return Judged(cases.outcome, log_odds[chosen], cases.linked_group, one_list)

    def assessed(self, judged: Judged) -> Assessment:
        """Return every figure of some cases, with intervals that draw students."""
        capacity = capacity_of(self.score)
        return assess(judged, capacity=capacity, seed=self.score.seed)


def whole_figures(found: Mapping[str, FamilyStudy]) -> dict[str, float | None]:
    """Return the figures over all judged cases, of each study and family."""
    main = found[""]
    share = main.judged.events / len(main.judged)
    figures: dict[str, float | None] = {"judged": len(main.judged)}
    figures |= {"share_with_outcome": rounded(share)}
    for name, each in found.items():
        ending = f"_{name}" if name else ""
        figures[f"fitted{ending}"] = each.fitted
        for family in each.log_odds:
            ranked = each.ranked(family)
            figures |= named(f"{family}{ending}", each.assessed(ranked))
            unscored = len(main.judged) - len(ranked.outcome)
            figures[f"unscored_{family}{ending}"] = unscored
        figures |= price(ending, each)
    return figures


def price(ending: str, found: FamilyStudy) -> dict[str, float | None]:
    """Return what the challenger's AUC is above the additive one's."""
    rows = ~np.isnan(found.log_odds["additive"])
    gained = price_of_transparency(
        found.ranked("additive"),
        found.log_odds["boosted"][rows],
        capacity=capacity_of(found.score),
        seed=found.score.seed,
    )
    progress(f"  price of transparency {in_words(gained.auc)}")
    return with_interval(f"price_of_transparency{ending}", gained.auc)


def group_figures(found: FamilyStudy) -> Iterator[tuple[str, float | None]]:
    """Yield the figures of each group of each protected attribute, by family."""
    for attribute, values in found.judged.groups.items():
        names = pd.Series(values, dtype=object).fillna(NOT_RECORDED).astype(str)
        for group in sorted(names.unique()):
            rows = (names == group).to_numpy()
            progress(f"{attribute} {group}: {rows.sum():,} judged")
            for family in found.log_odds:
                ranked = found.ranked(family, rows)
                ending = f"{family}_{attribute}_{as_name(group)}"
                yield from named(ending, found.assessed(ranked)).items()


def named(ending: str, found: Assessment) -> dict[str, float | None]:
    """Return AUC and AUC-PR with their intervals, and tell them."""
    progress(
        f"  {ending:38} AUC {in_words(found.auc)}, "
        f"AUC-PR {in_words(found.average_precision)}"
    )
    figures = with_interval(f"auc_{ending}", found.auc)
    return figures | with_interval(f"auc_pr_{ending}", found.average_precision)


def with_interval(name: str, figure: Figure) -> dict[str, float | None]:
    """Return a figure and the ends of its interval; None where it cannot be told."""
    ends = {"": figure.value, "_low": figure.low, "_high": figure.high}
    return {f"{name}{ending}": rounded(value) for ending, value in ends.items()}


def in_words(figure: Figure) -> str:
    """Return a figure as a watcher reads it.

    >>> in_words(Figure(0.75, 0.7, 0.8))
    '.750 (.700 to .800)'
    """
    if figure.value is None:
        return f"cannot tell: {figure.reason}"
    value, low, high = (
        re.sub(r"^(-?)0\.", r"\1.", f"{number:.3f}")
        for number in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({low} to {high})"


def as_name(value: str) -> str:
    """Return a group's value as part of a figure's name.

    >>> as_name("55<="), as_name("East Anglian Region"), as_name("0-10%")
    ('55', 'east_anglian_region', '0_10')
    """
    return re.sub("[^a-z0-9]+", "_", value.lower()).strip("_")
