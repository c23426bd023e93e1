"""Doubt in links, carried through: from drawn values to a score's range and reasons.

Pure functions over arrays; no HTTP, no file, no database.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.definitions.bundle import Bundle
from models.definitions.doubt import LinkDoubt
from models.shown.wording import REASONS_AT_MOST
from models.tables.table import Contributions


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Signs = NDArray[np.int8]
Truths = NDArray[np.bool_]

# The range leaves out one draw in twenty at each end: the 5th and 95th percentile.
_ONE_IN = 20


@dataclass(frozen=True)
class DrawnCohort:
    """What some rows of a cohort would hold if links were as drawn.

    Attributes:
        draws: How many link sets were drawn.
        rows: The rows of the cohort that some draw changes.
        places: Rows x draws: which row of `values` stands for it; `as_linked` where the
            draw leaves the row as it is, `absent` where the draw has no such row.
        values: By indicator, as in the cohort.
        stated: Of each row of `values`, whether it has no score but a state.
    """

    draws: int
    rows: Ints
    places: Ints
    values: Mapping[str, NDArray[Any]]
    stated: Truths

    as_linked = -1
    absent = -2


def doubts(
    bundle: Bundle,
    found: Contributions,
    as_of: Sequence[dt.date],
    ranks: Sequence[float | None],
    drawn: DrawnCohort,
) -> dict[int, LinkDoubt]:
    """Return what the links' uncertainty makes of each scored row: nothing, for most.

    Args:
        bundle: The promoted score.
        found: What the cohort's rows are worth as linked.
        as_of: Of each row.
        ranks: Of each row, the share ranked lower on its date; None if it has no score.
        drawn: The draws.
    """
    log_odds = found.log_odds.tolist()
    scored = {row: rank for row, rank in enumerate(ranks) if rank is not None}
    by_date: dict[dt.date, list[float]] = defaultdict(list)
    for row in scored:
        by_date[as_of[row]].append(log_odds[row])
    rising = {date: np.sort(np.array(values)) for date, values in by_date.items()}
    told = {
        row: _settled(bundle, log_odds[row], rank, drawn.draws)
        for row, rank in scored.items()
    }
    ranges = _Ranges(bundle, found, drawn)
    for number, row in enumerate(drawn.rows.tolist()):
        if row in scored:
            told[row] = ranges.of(number, rising[as_of[row]])
    return told


def crosses(doubt: LinkDoubt) -> bool:
    """Return whether a range reaches into another band, or into having no score."""
    return len(doubt.bands) > 1 or doubt.unscored > 1 / _ONE_IN


def _settled(bundle: Bundle, log_odds: float, rank: float, draws: int) -> LinkDoubt:
    """Return the doubt of a row that no draw changes."""
    ends = (log_odds, log_odds)
    bands = [bundle.band_of(rank).name]
    return LinkDoubt(draws=draws, log_odds=ends, rank_share=(rank, rank), bands=bands)


def top_reasons(parts: Floats, names: Sequence[str]) -> Signs:
    """Return rows x indicators: 1 or -1 for a top reason up or down, else 0.

    The same as `models.shown.wording.reasons` tells, for many rows at once.
    """
    by_name = np.argsort(np.array(names, dtype=object), kind="stable")
    found: Signs = np.zeros(parts.shape, np.int8)
    for sign in (1, -1):
        size = np.nan_to_num(np.maximum(sign * parts[:, by_name], 0.0))
        order = np.argsort(-size, axis=1, kind="stable")[:, :REASONS_AT_MOST]
        is_one = np.take_along_axis(size, order, axis=1) > 0
        columns = by_name[order]
        kept = np.take_along_axis(found, columns, axis=1)
        np.put_along_axis(found, columns, np.where(is_one, sign, kept), axis=1)
    return found


@dataclass(frozen=True)
class _Ranges:
    bundle: Bundle
    found: Contributions
    drawn: DrawnCohort

    @cached_property
    def contributions(self) -> Contributions:
        """Of each row of the drawn values."""
        return self.bundle.model.contributions(self.drawn.values)

    @cached_property
    def scored(self) -> Truths:
        """Rows x draws: whether there would be a score."""
        stands = np.append(~(self.drawn.stated | self.contributions.unseen), False)
        return np.where(self._changed, stands[self._taken], True)

    @cached_property
    def log_odds(self) -> Floats:
        """Rows x draws; NaN where there would be no score."""
        linked = self.found.log_odds[self.drawn.rows][:, np.newaxis]
        drawn = np.append(self.contributions.log_odds, np.nan)[self._taken]
        return np.where(self.scored, np.where(self._changed, drawn, linked), np.nan)

    @cached_property
    def survival(self) -> Floats:
        """Rows x indicators: share of draws in which a top reason still is one.

        1 for what is no top reason as linked.
        """
        names = self.found.names
        linked = top_reasons(self.found.values[self.drawn.rows], names)
        drawn = top_reasons(self.contributions.values, names)
        drawn = np.vstack([drawn, np.zeros((1, len(names)), np.int8)])
        kept = np.zeros(linked.shape)
        for draw in range(self.drawn.draws):
            changed = self._changed[:, draw, np.newaxis]
            same = drawn[self._taken[:, draw]] == linked
            kept += np.where(changed, same, True) & self.scored[:, draw, np.newaxis]
        return np.where(linked != 0, kept / self.drawn.draws, 1.0)

    def of(self, number: int, others: Floats) -> LinkDoubt:
        """Return the doubt of one row."""
        row = self.drawn.rows[number]
        given = float(self.found.log_odds[row])
        low, high = self._ends(number, given)
        ranks = self._rank(low, given, others), self._rank(high, given, others)
        bands = [self.bundle.band_of(rank).name for rank in ranks]
        scored = int(self.scored[number].sum())
        return LinkDoubt(
            draws=self.drawn.draws,
            log_odds=(low, high),
            rank_share=ranks,
            bands=list(dict.fromkeys(bands)),
            unscored=(self.drawn.draws - scored) / self.drawn.draws,
            survival=self._survival(number),
        )

    def _ends(self, number: int, given: float) -> tuple[float, float]:
        """Return the percentiles of the draws that have a score, and the score."""
        values = np.sort(self.log_odds[number][self.scored[number]])
        cut = len(values) // _ONE_IN
        kept = [given, *values[cut : len(values) - cut].tolist()]
        return min(kept), max(kept)

    def _rank(self, log_odds: float, given: float, others: Floats) -> float:
        """Return the share of those ranked with it who would score lower."""
        lower = int(np.searchsorted(others, log_odds, side="left"))
        return (lower - (given < log_odds)) / len(others)

    def _survival(self, number: int) -> dict[str, float]:
        shares = zip(self.found.names, self.survival[number].tolist(), strict=True)
        return {name: share for name, share in shares if share < 1}

    @property
    def _changed(self) -> Truths:
        changed: Truths = self.drawn.places != DrawnCohort.as_linked
        return changed

    @cached_property
    def _taken(self) -> Ints:
        """Where the drawn values are; behind the last where there are none."""
        places = self.drawn.places
        return np.where(places < 0, len(self.drawn.stated), places)
