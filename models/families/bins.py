"""Bins: where a number is cut, and which categories share a value.

Every bin that a model tells apart rests on enough people and enough of either outcome,
so that no step of it remembers a few. Who recurs, or lives with others, counts once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tables.terms import Floats


# No bin or category of its own rests on fewer people, nor a leaf on fewer rows: smaller
# ones start to remember them (LiRA AUC .53 at 50 a leaf, .66 without a limit).
LEAST_PEOPLE = LEAST_ROWS = 50
# Nor on fewer with, or without, the outcome.
LEAST_OF_EACH = 8

# So many steps of the scale lie within the middle nine tenths of the values, or more.
_FINEST = 100
_MIDDLE = (0.05, 0.95)

Counts = NDArray[np.int64]
People = NDArray[np.intp]


def is_enough(happened: Floats, people: People | None = None) -> bool:
    """Say whether something can be told of rows by their outcomes, 0 or 1.

    Args:
        happened: 1 where it happened, else 0.
        people: Whose each row is, by number; None takes each row for another's.

    >>> is_enough(np.array([1.0] * 8 + [0.0] * 42))
    True
    >>> is_enough(np.array([1.0] * 7 + [0.0] * 43))
    False
    """
    whose = np.arange(len(happened)) if people is None else people
    parts = (whose, whose[happened > 0], whose[happened < 1])
    return _enough(*(len(np.unique(part)) for part in parts))


def number_edges(
    column: Floats, outcome: Floats, *, at_most: int, people: People | None = None
) -> tuple[float, ...]:
    """Return where a number is cut, at round values in its own unit.

    A bin holds what is above one edge up to and with the next.

    Args:
        column: The number, one a row; NaN is missing and in no bin.
        outcome: 1 where it happened, else 0.
        at_most: So many bins, of about as many rows each where values allow it.
        people: Whose each row is, from 0; None takes each row for another's.

    >>> visits = np.repeat([0.0, 1.0, 2.0, 3.0], 50)
    >>> number_edges(visits, np.tile([0.0, 1.0], 100), at_most=10)
    (0.0, 1.0, 2.0)
    """
    present = ~np.isnan(column)
    values, happened = column[present], outcome[present]
    edges = _round_values(values)
    group = np.searchsorted(edges, values, side="left")
    rows, events = _counts(group, happened, len(edges) + 1)
    cuts = _cuts(rows, events, at_most=at_most)
    if people is not None:
        cuts = _kept(cuts, _Seen.of(group, happened, people[present], cuts))
    return tuple(edges[cuts].tolist())


def category_bins(
    codes: Floats,
    outcome: Floats,
    *,
    count: int,
    is_ordered: bool,
    people: People | None = None,
) -> tuple[int, ...]:
    """Return which bin each category falls in: its own if that holds enough.

    Small categories join their neighbours where categories have an order, else each
    other and, if these are still too few, the smallest of the rest.

    Args:
        codes: Each row's category, from 0; NaN is missing and in no bin.
        outcome: 1 where it happened, else 0.
        count: How many categories there are.
        is_ordered: Whether neighbours are alike.
        people: Whose each row is, from 0; None takes each row for another's.

    >>> codes = np.repeat([0.0, 1.0, 2.0], [60, 10, 60])
    >>> category_bins(codes, np.arange(130) % 2.0, count=3, is_ordered=False)
    (1, 1, 0)
    """
    present = ~np.isnan(codes)
    group = codes[present].astype(np.int64)
    whose = np.arange(len(group)) if people is None else people[present]
    every = list(range(count - 1))
    seen = _Seen.of(group, outcome[present], whose, every)
    if is_ordered:
        cuts = _kept(every, seen)
        return tuple(np.searchsorted(cuts, np.arange(count), side="left").tolist())
    small = _pooled(seen)
    own = np.cumsum(~small) - 1
    return tuple(np.where(small, (~small).sum(), own).tolist())


@dataclass(frozen=True)
class _Seen:
    """Who is in which bin.

    Attributes:
        who: Bins x 3 x people: whether they are there, with the outcome, and without.
    """

    who: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        group: NDArray[np.int64],
        happened: Floats,
        people: People,
        cuts: Sequence[int],
    ) -> _Seen:
        """Note who is in which of the bins that groups are cut into."""
        bins = np.searchsorted(np.asarray(cuts, dtype=np.int64), group, side="left")
        count = int(people.max()) + 1 if len(people) else 1
        who = np.zeros((len(cuts) + 1, 3, count), dtype=np.bool_)
        who[bins, 0, people] = True
        for part, rows in ((1, happened > 0), (2, happened < 1)):
            who[bins[rows], part, people[rows]] = True
        return cls(who)

    def holds(self, bins: NDArray[np.intp]) -> bool:
        """Say whether some bins together are enough to tell something of."""
        return _enough(*self.who[bins].any(axis=0).sum(axis=1).tolist())


def _kept(cuts: Sequence[int], seen: _Seen) -> list[int]:
    """Return the cuts that leave enough people on both sides, from the left."""
    kept: list[int] = []
    first = 0
    for number, cut in enumerate(cuts):
        if seen.holds(np.arange(first, number + 1)):
            kept.append(cut)
            first = number + 1
    while kept and not seen.holds(np.arange(cuts.index(kept[-1]) + 1, len(cuts) + 1)):
        kept.pop()
    return kept


def _pooled(seen: _Seen) -> NDArray[np.bool_]:
    """Return which categories share one bin, that together hold enough."""
    count = len(seen.who)
    small = np.array([not seen.holds(np.array([n])) for n in range(count)], dtype=bool)
    size = seen.who[:, 0].sum(axis=1)
    for next_one in np.argsort(np.where(small, -1, size), kind="stable"):
        if not small.any() or seen.holds(np.flatnonzero(small)):
            break
        small[next_one] = True
    return small


def _enough(people: int, events: int, without: int) -> bool:
    return people >= LEAST_PEOPLE and min(events, without) >= LEAST_OF_EACH


def _counts(
    group: NDArray[np.int64], happened: Floats, groups: int
) -> tuple[Counts, Counts]:
    rows = np.bincount(group, minlength=groups)
    events = np.bincount(group, weights=happened, minlength=groups)
    return rows, np.rint(events).astype(np.int64)


def _cuts(rows: Counts, events: Counts, *, at_most: int | None) -> list[int]:
    """Return after which groups to cut, so that every bin holds enough.

    Args:
        rows: By group, in order.
        events: Of these, how many with the outcome.
        at_most: So many bins, each with its share of the rows that are left; None cuts
            wherever there is enough.
    """
    least = (LEAST_ROWS, LEAST_OF_EACH, LEAST_OF_EACH)
    sums = [np.cumsum(each) for each in (rows, events, rows - events)]
    cuts: list[int] = []
    while at_most is None or len(cuts) < at_most - 1:
        done = [int(s[cuts[-1]]) if cuts else 0 for s in sums]
        share = (int(sums[0][-1]) - done[0]) / (at_most - len(cuts)) if at_most else 0
        wanted = (max(least[0], share), *least[1:])
        ends = zip(sums, done, wanted, strict=True)
        end = max(int(np.searchsorted(s, d + w, side="left")) for s, d, w in ends)
        if end >= len(rows) or any(
            s[-1] - s[end] < w for s, w in zip(sums, least, strict=True)
        ):
            break
        cuts.append(end)
    return cuts


def _round_values(values: Floats) -> Floats:
    """Return the round values at which a cut may be made, in order."""
    if len(values) == 0:
        return values
    step = _step(values)
    if step is None:
        return np.unique(values)[:-1]
    # Above 1 the step is a whole number, below it one over a whole number, so that the
    # values read as they are written: 0.3 and not 0.30000000000000004.
    if step >= 1:
        return np.unique(np.ceil(values / step))[:-1] * step
    each = float(round(1 / step))
    return np.unique(np.ceil(values * each))[:-1] / each


def _step(values: Floats) -> float | None:
    """Return what to round up to: whole units, or a power of ten well below the spread.

    None where numbers are so large, or so small, that none would do.
    """
    if (values == np.floor(values)).all():
        return 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = np.quantile(values, _MIDDLE)
        spread = float(high - low) or float(values.max() - values.min())
    # The least numbers there are have no hundredth part.
    if not 0 < spread / _FINEST < math.inf:
        return None
    step = 10.0 ** math.floor(math.log10(spread / _FINEST))
    return step if 1e-15 <= step <= 1e15 else None


def coded(numbers: Floats, edges: Sequence[float]) -> Floats:
    """Return each number's bin, from 0; NaN stays NaN.

    >>> coded(np.array([0.0, 0.5, 2.0, np.nan]), (0.0, 1.0)).tolist()
    [0.0, 1.0, 2.0, nan]
    """
    codes = np.searchsorted(np.asarray(edges), numbers, side="left").astype(np.float64)
    return np.where(np.isnan(numbers), np.nan, codes)
