"""Fairness: what share of each declared group is selected, and how far that is sure.

For those who answer for the score. Groups of very few people are not shown; but what is
published of the rest must first be kept from being worked out by subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import pandas as pd
from scipy import stats

from models.judging.intervals import CONFIDENCE


NOT_RECORDED = "not recorded"
TOO_FEW = "too few"


@dataclass(frozen=True)
class GroupRate:
    """One group's selection rate, with Wilson's 95 % interval.

    The interval takes the cases as independent, which entities that recur are not
    quite. Every figure is None where the group is not shown.

    Attributes:
        people: Entities scored.
        cases: Their rows; more than `people` where entities recur.
        selected: Of the cases.
        rate: Selected over cases.
        reason: Why nothing is shown; None where it is.
    """

    group: str
    people: int | None
    cases: int | None
    selected: int | None
    rate: float | None
    low: float | None
    high: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Gap:
    """The largest gap between two groups that are shown.

    Of each pair the difference of the two rates has Newcombe's interval, made of the
    two groups' Wilson intervals, at a confidence that makes 95 % over all pairs (as the
    largest gap was searched for). There is a gap if the interval of the pair that is
    furthest apart leaves out 0; else we cannot tell, which is not to say there is none.

    Attributes:
        highest: The group selected most; None with fewer than two groups shown.
        lowest: The group selected least.
        difference: Of their rates.
    """

    verdict: Literal["a gap", "cannot tell"]
    highest: str | None = None
    lowest: str | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SelectionRates:
    """The selection rates by one protected attribute."""

    attribute: str
    groups: tuple[GroupRate, ...]
    gap: Gap


@dataclass(frozen=True)
class _Count:
    group: str
    people: int
    cases: int
    selected: int

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        share = stats.binomtest(self.selected, self.cases)
        ends = share.proportion_ci(confidence_level=confidence, method="wilson")
        return float(ends.low), float(ends.high)


def selection_rates(
    cases: pd.DataFrame, *, attribute: str, threshold: int
) -> SelectionRates:
    """Return the share selected of each group of one protected attribute.

    Args:
        cases: One row a case: `entity_id`, `is_selected`, and a column called as the
            attribute, whose missing values are the group "not recorded".
        attribute: The protected attribute.
        threshold: Groups of 1 to this many people are shown as too few.
    """
    groups = cases[attribute].astype(object).fillna(NOT_RECORDED).astype(str)
    counts = _counts(cases.assign(group=groups))
    shown = [count for count in counts if count.people > threshold]
    rates = _rates(cases["is_selected"], groups, shown)
    return SelectionRates(
        attribute,
        tuple(_group_rate(count, rates.get(count.group)) for count in counts),
        _largest_gap(shown, rates),
    )


def _counts(cases: pd.DataFrame) -> list[_Count]:
    by_group = cases.groupby("group", sort=True)
    people, selected = by_group["entity_id"].nunique(), by_group["is_selected"].sum()
    columns = zip(people.index, people, by_group.size(), selected, strict=True)
    return [_Count(str(name), int(p), int(c), int(s)) for name, p, c, s in columns]


def _rates(
    is_selected: pd.Series, groups: pd.Series, shown: Sequence[_Count]
) -> dict[str, float]:
    """Return fairlearn's selection rate of each group that is shown."""
    from fairlearn.metrics import MetricFrame, selection_rate

    rows = groups.isin([count.group for count in shown])
    if not rows.any():
        return {}
    chosen = is_selected[rows].astype(int)
    frame: Any = MetricFrame(
        metrics=selection_rate,
        y_true=chosen,
        y_pred=chosen,
        sensitive_features=groups[rows].rename("group"),
    )
    return {str(group): float(rate) for group, rate in frame.by_group.items()}


def _group_rate(count: _Count, rate: float | None) -> GroupRate:
    if rate is None:
        return GroupRate(count.group, None, None, None, None, None, None, TOO_FEW)
    low, high = count.interval()
    numbers = (count.people, count.cases, count.selected)
    return GroupRate(count.group, *numbers, rate, low, high)


def _largest_gap(shown: Sequence[_Count], rates: dict[str, float]) -> Gap:
    if len(shown) < 2:
        return Gap("cannot tell")
    by_rate = sorted(shown, key=lambda count: (rates[count.group], count.group))
    lowest, highest = by_rate[0], by_rate[-1]
    pairs = len(list(combinations(shown, 2)))
    ends = [c.interval(1 - (1 - CONFIDENCE) / pairs) for c in (highest, lowest)]
    (low_of_highest, high_of_highest), (low_of_lowest, high_of_lowest) = ends
    top, bottom = rates[highest.group], rates[lowest.group]
    low = top - bottom - math.hypot(top - low_of_highest, high_of_lowest - bottom)
    high = top - bottom + math.hypot(high_of_highest - top, bottom - low_of_lowest)
    verdict: Literal["a gap", "cannot tell"] = "a gap" if low > 0 else "cannot tell"
    return Gap(verdict, highest.group, lowest.group, top - bottom, low, high)
