"""A scorecard: whole points, added up by hand; `models.shown.points_page` prints it.

Read from a points model's tables alone: a point is the largest log-odds of which every
step is a multiple.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.faults import Fault, Refusal
from models.tables.table import TableModel
from models.tables.terms import Categories, Floats, Steps, Value


# All numbers of a card are multiples of this, so that no sum of them is ever rounded:
# whoever has the same points has the same log-odds, to the last bit.
GRAIN = 2.0**-20

Staircase = Steps | Categories


@dataclass(frozen=True)
class CardLine:
    """One indicator of a card.

    Attributes:
        indicator: Its name.
        points: What each step or category gives, as the model's term lists them; what
            is missing comes last, where something can be told of it.
    """

    indicator: str
    points: tuple[int, ...]


@dataclass(frozen=True)
class PointsCard:
    """A scorecard as it is added up.

    Attributes:
        lines: One an indicator.
        base: Log-odds of no points.
        worth: Log-odds of one point; 0 where the card tells nobody apart.
    """

    model: TableModel
    lines: tuple[CardLine, ...]
    base: float
    worth: float

    def points_of(self, row: Mapping[str, Value]) -> int:
        """Return the total of one row of values."""
        return self.points_at(self.model.log_odds_of(row))

    def points_at(self, log_odds: float) -> int:
        """Return the total that has these log-odds."""
        return round((log_odds - self.base) / self.worth) if self.worth else 0

    def risk_at(self, points: int) -> float:
        """Return the probability that goes with a total."""
        return float(self.model.risk(self.base + self.worth * points))

    @cached_property
    def most(self) -> int:
        """The highest total."""
        return sum(max(line.points) for line in self.lines)

    @cached_property
    def terms(self) -> list[Staircase]:
        """The model's terms, one a line."""
        return staircases(self.model)


def read_card(model: TableModel) -> PointsCard:
    """Return a points model as a card; the points follow from the tables alone.

    Raises:
        Refusal: The model is of another family.
    """
    if model.family != "points":
        do = "fit the family `points`"
        raise Refusal([Fault("card", "a card is of points", model.family, do)])
    terms = staircases(model)
    worth = _worth(terms)
    lowest = [min(heights(term)) for term in terms]
    lines = tuple(
        CardLine(term.name, _points(term, low, worth))
        for term, low in zip(terms, lowest, strict=True)
    )
    return PointsCard(model, lines, model.base + sum(lowest), worth)


def band_starts(
    card: PointsCard, bands: Sequence[tuple[str, float]], among: Floats
) -> list[tuple[str, int]]:
    """Return the total from which each band holds, the highest band first.

    A total's rank is the share of `among` that has fewer points. A band that no total
    up to the highest reaches is left out.
    """
    totals = np.sort([card.points_at(log_odds) for log_odds in among.tolist()])
    every = np.arange(card.most + 1)
    ranks = np.searchsorted(totals, every, side="left") / max(1, len(totals))
    starts = []
    for label, from_rank in sorted(bands, key=lambda band: -band[1]):
        if (ranks >= from_rank).any():
            starts.append((label, int(np.argmax(ranks >= from_rank))))
    return starts


def staircases(model: TableModel) -> list[Staircase]:
    """Return the terms that have a value for each bin: all of a points model."""
    return [term for term in model.terms if isinstance(term, Staircase)]


def heights(term: Staircase) -> list[float]:
    """Return all that a term may add, a missing value's part last."""
    missing = [] if term.missing is None else [term.missing]
    return [*term.values, *missing]


def _worth(terms: Sequence[Staircase]) -> float:
    """Return the largest log-odds of which every step of the card is a multiple."""
    grains = [
        round((height - min(heights(term))) / GRAIN)
        for term in terms
        for height in heights(term)
    ]
    return math.gcd(*grains) * GRAIN


def _points(term: Staircase, low: float, worth: float) -> tuple[int, ...]:
    every = ((height - low) / worth if worth else 0.0 for height in heights(term))
    return tuple(map(round, every))
