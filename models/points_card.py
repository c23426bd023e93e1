"""A scorecard: whole points, printed on one page and added up by hand.

Read from a points model's tables alone: a point is the largest log-odds of which every
step is a multiple.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.faults import Fault, Refusal
from models.table import TableModel
from models.terms import Categories, Floats, Steps, Value


# All numbers of a card are multiples of this, so that no sum of them is ever rounded:
# whoever has the same points has the same log-odds, to the last bit.
GRAIN = 2.0**-20
_RISK_LINES = 9

Staircase = Steps | Categories
Words = Callable[[str], str]


@dataclass(frozen=True)
class CardLine:
    """One indicator of a card.

    Attributes:
        indicator: Its name.
        points: By what holds, in words, such as "over 3, up to 8".
    """

    indicator: str
    points: tuple[tuple[str, int], ...]


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
        return sum(max(points for _, points in line.points) for line in self.lines)


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
        CardLine(term.name, tuple(_levels(term, low, worth)))
        for term, low in zip(terms, lowest, strict=True)
    )
    return PointsCard(model, lines, model.base + sum(lowest), worth)


def points_card(
    model: TableModel,
    *,
    title: str,
    words: Words,
    bands: Sequence[tuple[str, float]],
    among: Floats,
) -> str:
    """Return a scorecard as Markdown, of one page.

    Args:
        model: Of the family `points`.
        title: The score's question.
        words: Says what an indicator is called, by its name.
        bands: Label and `from_rank` (0 to 1) of each.
        among: Log-odds that the ranks are taken among: of the cases it was judged on.

    Raises:
        Refusal: The model is of another family.
    """
    card = read_card(model)
    starts = band_starts(card, bands, among)
    parts = [
        f"# {title}\n",
        "Find each line's points and add them up.\n",
        *(_line_text(line, words(line.indicator)) for line in card.lines),
        "\n| total | band |\n|---|---|",
        *(f"| from {start} | {label} |" for label, start in starts),
        "\n| total | of 100 people like this about |\n|---|---|",
        *(f"| {n} | {100 * card.risk_at(n):.0f} |" for n in _some_totals(card)),
    ]
    return "\n".join(parts) + "\n"


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


def _levels(term: Staircase, low: float, worth: float) -> list[tuple[str, int]]:
    def points(height: float) -> int:
        return round((height - low) / worth) if worth else 0

    if isinstance(term, Categories):
        by_points: dict[int, list[str]] = {}
        for category, value in zip(term.categories, term.values, strict=True):
            by_points.setdefault(points(value), []).append(category)
        levels = [(", ".join(named), n) for n, named in by_points.items()]
    else:
        named = _ranges(term.edges)
        levels = [(n, points(v)) for n, v in zip(named, term.values, strict=True)]
    if term.missing is not None:
        levels.append(("not known", points(term.missing)))
    return levels


def _ranges(edges: Sequence[float]) -> list[str]:
    """Return a staircase's steps in words.

    >>> _ranges((0.0, 2.5))
    ['up to 0', 'over 0, up to 2.5', 'over 2.5']
    """
    if not edges:
        return ["any"]
    plain = [f"{edge:.12g}" for edge in edges]
    inner = [f"over {a}, up to {b}" for a, b in zip(plain, plain[1:], strict=False)]
    return [f"up to {plain[0]}", *inner, f"over {plain[-1]}"]


def _line_text(line: CardLine, name: str) -> str:
    levels = " · ".join(f"{what}: **{points}**" for what, points in line.points)
    return f"- {name} — {levels}"


def _some_totals(card: PointsCard) -> list[int]:
    apart = max(1, math.ceil(card.most / _RISK_LINES))
    return [*range(0, card.most, apart), card.most]
