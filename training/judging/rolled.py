"""Rolled: what models said of each judged date, fitted on what was known before it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.judging.judged import Capacity, Judged
from models.tables.terms import Floats
from training.cohort import Cases
from training.fit import Fitted, fit_all
from training.judging.splits import Rounds, later_and_new


_FITS_AT_ONCE = 2

_Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Rolled:
    """The judged rows, and what each model said of them.

    Attributes:
        cases: All judged rows whose outcome is known, weighed.
        date: Which of the judged dates each is of, from 0.
        score: The definition.
        later: By model: the log-odds, by models of what was known before the date; NaN
            where a category was never seen.
        new: By model: the same by models that never saw the linked group, fitted on
            what was known before the first judged date.
        earliest: The models of what was known before the first judged date.
        final: The models of all that was known before the last date, sealed or not.
    """

    cases: Cases
    date: NDArray[np.int64]
    score: ScoreDefinition
    later: dict[str, Floats]
    new: dict[str, Floats]
    earliest: Fitted
    final: Fitted

    @cached_property
    def linked_group(self) -> NDArray[np.intp]:
        """The linked group of each row, as a number in the order of their names."""
        names = self.cases.linked_group.astype(str)
        return np.unique(names, return_inverse=True)[1]

    @property
    def ranked_in(self) -> NDArray[Any]:
        """The list that each row is ranked in: its date's or, at events, its part's."""
        return self.date if self.score.cohort.at_events else self.cases.as_of

    def judged(
        self,
        log_odds: Floats,
        *,
        calibrated: Floats | None = None,
        rows: _Rows | None = None,
    ) -> Judged:
        """Return the rows that have a score.

        Args:
            log_odds: Of all judged rows; NaN where there is none.
            calibrated: What their probabilities are read from, if another.
            rows: Which of the rows to take; None takes all.
        """
        kept = ~np.isnan(log_odds)
        kept = kept if rows is None else kept & rows
        weight = self.cases.weight
        return Judged(
            outcome=self.cases.outcome[kept],
            log_odds=log_odds[kept],
            linked_group=self.linked_group[kept],
            ranked_in=self.ranked_in[kept],
            weight=None if weight is None else weight[kept],
            calibrated=None if calibrated is None else calibrated[kept],
        )


def capacity_of(score: ScoreDefinition) -> Capacity:
    """Return how many can be visited, as the definition says."""
    return Capacity(score.judgement.capacity, score.judgement.capacity_share)


def roll(cases: Cases, rounds: Rounds, score: ScoreDefinition, place: Place) -> Rolled:
    """Fit before every judged date and before the sealed one, and score what is judged.

    Args:
        cases: All cases of the snapshot.
        rounds: The judged dates. Of the sealed one only what was known before is used.
        score: The definition.
        place: Says where log-odds may go.
    """
    parts = list(later_and_new(cases, rounds.whole))
    rolled = [each.split for each in rounds.judged]
    wanted = [rounds.fitted, *(split.fitted for split in [*rolled, *parts])]
    final, *fits = _fit_each(cases, wanted, score, place)
    told = rounds.whole.judged & cases.is_told
    later = list(zip(rolled, fits[: len(rolled)], strict=True))
    new = list(zip(parts, fits[len(rolled) :], strict=True))
    return Rolled(
        cases=cases.only(rounds.whole.judged).weighed(),
        date=rounds.number_of(told),
        score=score,
        later=_pooled(cases, [(s.judged, fitted) for s, fitted in later], told),
        new=_pooled(cases, [(s.judged, fitted) for s, fitted in new], told),
        earliest=fits[0],
        final=final,
    )


def _fit_each(
    cases: Cases, wanted: Sequence[_Rows], score: ScoreDefinition, place: Place
) -> list[Fitted]:
    """Fit on each choice of rows; two choices of the same rows are one fit."""
    keys = [rows.tobytes() for rows in wanted]
    different = dict(zip(keys, wanted, strict=True))
    # Each fit uses one thread and is the same whichever core it runs on.
    with ThreadPoolExecutor(_FITS_AT_ONCE) as pool:
        fits = pool.map(
            lambda rows: fit_all(cases, rows, score, place), different.values()
        )
        fitted = dict(zip(different, fits, strict=True))
    return [fitted[key] for key in keys]


def _pooled(
    cases: Cases, parts: Sequence[tuple[_Rows, Fitted]], told: _Rows
) -> dict[str, Floats]:
    """Return the judged rows' log-odds by model, each row's from its own part's."""
    found: dict[str, Floats] = {}
    for rows, fitted in parts:
        if not rows.any():
            continue
        for name, log_odds in fitted.log_odds(cases.only(rows)).items():
            every = found.setdefault(name, np.full(len(cases), np.nan))
            every[rows] = log_odds
    return {name: every[told] for name, every in found.items()}
