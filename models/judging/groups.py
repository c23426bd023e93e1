"""Groups: what a model does for each group that a place has declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.judging.intervals import LEAST_PEOPLE, Figure, cannot_tell
from models.judging.judged import Capacity, Judged, count_groups, within_capacity
from models.judging.shares import grouped_share


NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class GroupFigures:
    """What the model does for one group. Its counts may be small: not for publishing.

    Attributes:
        group: The group's value of a protected attribute.
        cases: Rows of the group.
        outcomes: Of these, those with the outcome.
        visited: Of the cases, those within capacity.
        selection_rate: Visited over cases. All rates weigh the cases, where some left.
        true_positive_rate: Of those with the outcome, the share visited.
        precision: Of those visited, the share with the outcome.
    """

    group: str
    cases: int
    outcomes: int
    visited: int
    selection_rate: Figure
    true_positive_rate: Figure
    precision: Figure


def assess_groups(
    judged: Judged, membership: NDArray[Any], *, capacity: Capacity
) -> tuple[GroupFigures, ...]:
    """Return selection rate, true-positive rate and precision for each group.

    Wilson's intervals are about linked groups: a person on several dates is one.

    Args:
        judged: The cases.
        membership: Each case's value of one protected attribute; None or NaN counts
            as the group "not recorded".
        capacity: How many of each list can be visited.

    Returns:
        One a group, by name; "cannot tell" where fewer than 8 linked groups have, or
        have not, the outcome.
    """
    named = pd.Series(membership, dtype=object).fillna(NOT_RECORDED).astype(str)
    visited = within_capacity(judged, capacity)
    values = _values_by_group(judged, visited, named)
    return tuple(
        _figures(judged, visited, name, (named == name).to_numpy(), values)
        for name in sorted(named.unique())
    )


def _values_by_group(
    judged: Judged, visited: NDArray[np.bool_], named: pd.Series
) -> dict[str, dict[str, float]]:
    from fairlearn.metrics import MetricFrame, selection_rate, true_positive_rate
    from sklearn.metrics import precision_score

    def precision(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        return float(
            precision_score(
                y_true, y_pred, zero_division=0, sample_weight=sample_weight
            )
        )

    metrics = {
        "selection_rate": selection_rate,
        "true_positive_rate": true_positive_rate,
        "precision": precision,
    }
    frame = MetricFrame(
        metrics=metrics,
        y_true=judged.outcome.astype(int),
        y_pred=visited.astype(int),
        sensitive_features=named.rename("group"),
        sample_params={name: {"sample_weight": judged.weights} for name in metrics},
    )
    values: dict[str, dict[str, float]] = frame.by_group.to_dict("index")
    return values


def _figures(
    judged: Judged,
    visited: NDArray[np.bool_],
    name: str,
    rows: NDArray[np.bool_],
    values: Mapping[str, Mapping[str, float]],
) -> GroupFigures:
    happened = judged.outcome == 1
    cases, outcomes = int(rows.sum()), int((rows & happened).sum())
    chosen = int((rows & visited).sum())
    too_few = judged.only(rows).too_few
    few_visited = count_groups(judged, rows & visited) < LEAST_PEOPLE
    few = f"fewer than {LEAST_PEOPLE} visited" if few_visited else None
    shares = {
        "selection_rate": (visited, rows, too_few),
        "true_positive_rate": (visited, rows & happened, too_few),
        "precision": (happened, rows & visited, too_few or few),
    }
    figures = {
        key: cannot_tell(why)
        if why
        else replace(_share(judged, part, whole), value=float(values[name][key]))
        for key, (part, whole, why) in shares.items()
    }
    return GroupFigures(name, cases, outcomes, chosen, **figures)


def _share(judged: Judged, part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Figure:
    within = judged.only(whole)
    return grouped_share(part[whole], within.weights, within.linked_group)
