"""Stopping: after how many trees linked groups that were held out are told no better.

Only fitted rows are looked at. A linked group is on one side with all its dates, so
that nobody is told from another date of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.families.inputs import Training


# Of so many parts of the linked groups, each is held out once, as far as is needed.
FOLDS = 5
# Enough outcomes held out to tell where to stop: fewer parts are fitted where many.
_ENOUGH_EVENTS = 500
# So many more trees are grown, to see whether there is anything yet to gain.
_PATIENCE = 15
_MOST_ROUNDS = 1_000
# Where there is nothing to hold out.
_BLIND_ROUNDS = 50

# Told the round and the loss of the held-out rows, lower being better.
Watch = Callable[[int, float], None]
_Part = tuple[NDArray[np.intp], NDArray[np.intp]]


def rounds_of(
    settings: Mapping[str, Any],
    dataset: lgb.Dataset,
    training: Training,
    *,
    seed: int,
    watch: Watch | None = None,
) -> tuple[int, float]:
    """Return after how many rounds to stop, and the loss of the held-out rows there.

    Args:
        settings: LightGBM's.
        dataset: The training rows.
        training: The same, with their linked groups.
        seed: The same inputs and seed hold out the same groups.
        watch: Called at every round; what it raises ends the rounds.
    """
    parts = held_out(training, seed=seed)
    if not parts:
        return _BLIND_ROUNDS, math.nan
    callbacks: list[Callable[..., Any]] = [lgb.early_stopping(_PATIENCE, verbose=False)]
    if watch is not None:
        told = watch
        callbacks.insert(0, lambda now: told(now.iteration + 1, _loss_of(now)))
    found = lgb.cv(
        dict(settings), dataset, _MOST_ROUNDS, folds=parts, callbacks=callbacks
    )
    losses = np.asarray(next(v for name, v in found.items() if name.endswith("-mean")))
    return len(losses), float(losses[-1])


def held_out(training: Training, *, seed: int) -> list[_Part]:
    """Return which rows are fitted and which held out, as often as is needed."""
    fold = folds_of(training, seed=seed)
    happened = training.outcome > 0
    events = np.bincount(fold[happened], minlength=FOLDS)
    is_told = np.array([_is_told(happened, fold == number) for number in range(FOLDS)])
    told = np.flatnonzero(is_told)
    enough = int(np.searchsorted(np.cumsum(events[told]), _ENOUGH_EVENTS)) + 1
    return [
        (np.flatnonzero(fold != n), np.flatnonzero(fold == n)) for n in told[:enough]
    ]


def folds_of(training: Training, *, seed: int) -> NDArray[np.int64]:
    """Return the part that each row's linked group was dealt to by lot."""
    group = training.linked_group
    group = np.arange(len(training.outcome)) if group is None else group
    count = int(group.max()) + 1
    dealt = np.random.default_rng(seed).permutation(count) % FOLDS
    return np.asarray(dealt[group], dtype=np.int64)


def _is_told(happened: NDArray[np.bool_], out: NDArray[np.bool_]) -> bool:
    """Say whether either side has rows with the outcome, and without."""
    sides = (happened[out], happened[~out])
    return all(side.any() and not side.all() for side in sides)


def _loss_of(now: Any) -> float:
    (told,) = now.evaluation_result_list
    return float(told[2])
