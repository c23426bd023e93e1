"""Stability: how much of the top of one date's list is at the top of the next."""

from __future__ import annotations

import numpy as np

from models.judging.draws import Draws
from models.judging.intervals import (
    LEAST_PEOPLE,
    Figure,
    cannot_tell,
    percentile_figure,
)
from models.judging.judged import within_capacity
from models.tables.terms import Floats
from training.judging.rolled import Rolled, capacity_of


DRAWS = 500


def stability(rolled: Rolled, log_odds: Floats) -> Figure:
    """Return how many of the top stay there, among those judged on the next date too.

    Each date's list is its own model's, as it would have been served. The interval
    draws linked groups with all their dates.

    Args:
        rolled: The judged rows.
        log_odds: Of all of them, by one family; NaN where there is none.
    """
    entity = rolled.cases.entity
    if rolled.score.cohort.at_events or entity is None:
        return cannot_tell("events have no list of one date")
    if rolled.date.max() == 0:
        return cannot_tell("there is one judged date")
    staying, top = _counts(rolled, log_odds, entity.astype(str))
    if top.sum() < LEAST_PEOPLE:
        return cannot_tell(f"fewer than {LEAST_PEOPLE} at the top on two dates")
    draws = Draws.of(rolled.linked_group, number=DRAWS, seed=rolled.score.seed)
    sums = [np.bincount(rolled.linked_group, each) for each in (staying, top)]
    drawn = np.concatenate(
        [
            np.einsum("dg,pg->pd", block, np.array(sums)).T
            for block in draws.blocks(len(top))
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = drawn[:, 0] / drawn[:, 1]
    return percentile_figure(float(shares[0]), shares[1:])


def _counts(
    rolled: Rolled, log_odds: Floats, entity: np.ndarray[tuple[int], np.dtype[np.str_]]
) -> tuple[Floats, Floats]:
    """Return, by row, whether it is at the top with a next date, and stays there."""
    scored = np.flatnonzero(~np.isnan(log_odds))
    top = np.zeros(len(log_odds), dtype=np.bool_)
    judged = rolled.judged(log_odds)
    top[scored] = within_capacity(judged, capacity_of(rolled.score))
    at_top, stays = np.zeros(len(top)), np.zeros(len(top))
    for date in range(int(rolled.date.max())):
        here, there = (scored[rolled.date[scored] == d] for d in (date, date + 1))
        _, mine, theirs = np.intersect1d(
            entity[here], entity[there], return_indices=True
        )
        mine, theirs = here[mine], there[theirs]
        at_top[mine] = top[mine]
        stays[mine] = top[mine] & top[theirs]
    return stays, at_top
