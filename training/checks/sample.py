"""The least sample: how many cases and outcomes a model of so many parameters needs.

Source: Riley RD and others, Calculating the sample size required for developing a
clinical prediction model, BMJ 2020;368:m441, steps 1, 3 and 4 for a binary outcome.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.cohort import Cases


SHRINKAGE = 0.9
# Where no earlier model says otherwise: 15 % of the most that R² can be.
_SHARE_OF_GREATEST_R2 = 0.15
_OPTIMISM = 0.05
_MARGIN = 0.05
_Z = 1.96


@dataclass(frozen=True)
class Sample:
    """What there is to fit on, beside what there should be.

    Rows of one linked group on several dates tell much the same, so groups are counted.

    Attributes:
        parameters: One a number, one less than its categories a text.
        groups: Linked groups that are fitted on.
        groups_with_outcome: Those with the outcome on some date.
        needed: Groups needed.
        needed_with_outcome: Of these, groups with the outcome.
    """

    parameters: int
    groups: int
    groups_with_outcome: int
    needed: int
    needed_with_outcome: int

    @property
    def is_enough(self) -> bool:
        """Whether both counts are reached."""
        return (
            self.groups >= self.needed
            and self.groups_with_outcome >= self.needed_with_outcome
        )


def sample_of(fitted: Cases) -> Sample:
    """Return how the fitted cases compare with Riley's minimum.

    Args:
        fitted: Cases whose outcome is known, at least one.
    """
    parameters = sum(_parameters(fitted.table[name]) for name in fitted.table.columns)
    happened = fitted.linked_group[fitted.outcome == 1]
    groups = len(np.unique(fitted.linked_group.astype(str)))
    with_outcome = len(np.unique(happened.astype(str)))
    share = with_outcome / groups
    needed = minimum_sample(share, parameters) if 0 < share < 1 else groups + 1
    return Sample(
        parameters=parameters,
        groups=groups,
        groups_with_outcome=with_outcome,
        needed=needed,
        needed_with_outcome=math.ceil(needed * share),
    )


def minimum_sample(share: float, parameters: int) -> int:
    """Return the cases needed to fit `parameters` to an outcome of a share of cases.

    The greatest of what keeps the share itself within .05, the shrinkage above .9, and
    the optimism of R² below .05.

    >>> minimum_sample(0.5, 20)
    1498
    >>> minimum_sample(0.02, 30) > minimum_sample(0.02, 10)
    True
    """
    null = share * math.log(share) + (1 - share) * math.log(1 - share)
    greatest = 1 - math.exp(2 * null)
    r2 = _SHARE_OF_GREATEST_R2 * greatest
    small_optimism = r2 / (r2 + _OPTIMISM * greatest)
    return max(
        math.ceil((_Z / _MARGIN) ** 2 * share * (1 - share)),
        _cases(parameters, r2, SHRINKAGE),
        _cases(parameters, r2, small_optimism),
    )


def _cases(parameters: int, r2: float, shrinkage: float) -> int:
    return math.ceil(parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage)))


def _parameters(column: pd.Series) -> int:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return 1
    return max(1, column.nunique() - 1)
