"""Incidence: how likely each way of ending is by the horizon, where some leave early.

Those who left early have no outcome. Left out unweighted, they would make whatever
takes long to come look rarer, so those who stayed as long stand in for them: each row
weighs the inverse of the chance to have been seen to its end. Weighted by the
Kaplan-Meier estimate of that chance, a mean is the Aalen-Johansen estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.definitions.outcomes import EVENT, NO_EVENT, End
from models.judging.intervals import Figure, percentile_figure, resampled
from models.tables.terms import Floats


DRAWS = 500

_CAUSES = ("outcome", "competing")

Kind = Literal["outcome", "competing", "censoring", "none"]


@dataclass(frozen=True)
class Endings:
    """How rows ended, one each; all of them are told of.

    Attributes:
        status: What came first: "event", the name of an end, or "no event".
        days: From the as-of date until then; the horizon where nothing came.
        order: The outcome and the ends, as they decide on one day.
        ends: What is declared to end a row, apart from the outcome.
    """

    status: NDArray[Any]
    days: NDArray[np.int64]
    order: tuple[str, ...]
    ends: tuple[End, ...]

    def only(self, rows: NDArray[Any]) -> Endings:
        """Return the endings of these rows."""
        return replace(self, status=self.status[rows], days=self.days[rows])

    @property
    def time(self) -> NDArray[np.int64]:
        """When rows ended, so fine that two ways of ending share no moment."""
        moment = np.zeros(len(self.status), dtype=np.int64)
        for place, name in enumerate(self.order):
            moment[self.status == name] = place
        return self.days * len(self.order) + moment

    @property
    def is_censored(self) -> NDArray[np.bool_]:
        """Which rows ended so that nobody can see their outcome."""
        censored = np.zeros(len(self.status), dtype=np.bool_)
        for end in self.ends:
            if end.kind == "censoring":
                censored |= self.status == end.name
        return censored


@dataclass(frozen=True)
class EndFigures:
    """How often rows ended in one way. The count may be small: not for publishing.

    Attributes:
        end: "event", the name of an end, or "no event".
        kind: What it means for the outcome.
        cases: How many rows ended so.
        incidence: Chance to end so by the horizon, had nobody left; of a censoring end,
            the share that it took.
    """

    end: str
    kind: Kind
    cases: int
    incidence: Figure


def censoring_weights(endings: Endings) -> Floats | None:
    """Return the inverse chance that each row was seen to its end; 0 for who left.

    The chance is one Kaplan-Meier curve of leaving over all rows given, whatever their
    as-of date: a date has too few who left for a curve of its own. They add up to the
    number of rows.

    Args:
        endings: Of the rows that are fitted on, or of those judged; never both.

    Returns:
        None where nobody left: all rows weigh alike.
    """
    left = endings.is_censored
    if not left.any():
        return None
    from statsmodels.duration.survfunc import SurvfuncRight

    time = endings.time
    stayed = SurvfuncRight(time, left.astype(np.float64))
    chance = np.concatenate([[1.0], stayed.surv_prob])
    before = np.searchsorted(stayed.surv_times, time, side="left")
    weights: Floats = np.zeros(len(time))
    weights[~left] = 1.0 / chance[before[~left]]
    return weights


def end_figures(
    endings: Endings, linked_group: NDArray[Any], *, seed: int, draws: int = DRAWS
) -> tuple[EndFigures, ...]:
    """Return how often rows ended in each way: the outcome, each end, none.

    Intervals draw linked groups, each with all its rows.

    Args:
        endings: At least one.
        linked_group: Of each row.
        seed: The same seed gives the same intervals.
        draws: How often groups are drawn.
    """
    ways, told = list(_ways(endings.ends)), _Told.of(endings)
    found = told.incidences(np.ones(len(endings.days)))
    weights = resampled(linked_group, draws=draws, seed=seed)
    drawn = np.array([told.incidences(each) for each in weights])
    return tuple(
        EndFigures(name, kind, int(told.rows[name].sum()), percentile_figure(*parts))
        for (name, kind), *parts in zip(ways, found.tolist(), drawn.T, strict=True)
    )


def _ways(ends: Sequence[End]) -> Iterator[tuple[str, Kind]]:
    yield EVENT, "outcome"
    yield from ((end.name, end.kind) for end in ends)
    yield NO_EVENT, "none"


@dataclass(frozen=True)
class _Told:
    """Endings as numbers, so that each draw of groups needs only sums.

    Attributes:
        rows: Which rows ended in each way, in the order of `_ways`.
        time: When they did, as `Endings.time` says.
        causes: The outcome and the competing ends, by name.
        cause: The place of the one that came, from 1; 0 where none did.
        is_censored: Which rows left.
    """

    rows: dict[str, NDArray[np.bool_]]
    time: NDArray[np.int64]
    causes: tuple[str, ...]
    cause: NDArray[np.int64]
    is_censored: NDArray[np.bool_]

    @classmethod
    def of(cls, endings: Endings) -> _Told:
        rows = {name: endings.status == name for name, _ in _ways(endings.ends)}
        causes = tuple(n for n, kind in _ways(endings.ends) if kind in _CAUSES)
        cause = np.zeros(len(endings.status), dtype=np.int64)
        for number, name in enumerate(causes, 1):
            cause[rows[name]] = number
        return cls(rows, endings.time, causes, cause, endings.is_censored)

    def incidences(self, weights: Floats) -> Floats:
        """Return, in the order of `_ways`, the share of each way of ending."""
        whole = weights.sum()
        found = {name: weights[rows].sum() / whole for name, rows in self.rows.items()}
        if (weights[self.is_censored] > 0).any():
            found |= self._aalen_johansen(weights)
        return np.array(list(found.values()))

    def _aalen_johansen(self, weights: Floats) -> dict[str, float]:
        """Return the share of each way of ending had nobody left, but of leaving."""
        from statsmodels.duration.survfunc import CumIncidenceRight

        drawn = weights > 0
        cause = self.cause[drawn]
        found = dict.fromkeys(self.causes, 0.0)
        if cause.any():
            time, weights = self.time[drawn], weights[drawn]
            curves = CumIncidenceRight(time, cause, freq_weights=weights).cinc
            found |= {n: float(c[-1]) for n, c in zip(found, curves, strict=False)}
        return {**found, NO_EVENT: 1.0 - sum(found.values())}
