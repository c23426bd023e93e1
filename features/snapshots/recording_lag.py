"""The recording lag: how long after it happened an outcome was still unrecorded.

It is measured on the loads of one manifest, so that a later load changes no snapshot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.definitions.contracts import Contract
from features.definitions.filters import as_condition
from features.definitions.outcomes import Outcome
from features.snapshots.question import Question
from features.store.manifest import Load, RecordingLag


SHARE_KNOWN = 0.95
# One load after another: the first alone does not show what it came too early for.
LEAST_LOADS = 2

Days = NDArray[np.int64]


def recording_lag(question: Question, outcome: Outcome) -> RecordingLag:
    """Return how long outcomes must be waited for, and on what ground.

    Counted are outcomes whose record was first known from a load that is not `history`:
    in history the known date is an assumption. They happened on or after the day of the
    newest history load (or of the first load), because before it only latecomers come
    in later loads.

    Args:
        question: Whose archive holds the loads; only records that may be used count.
        outcome: What is waited for; its declared lag is the least.
    """
    contract = question.place.contracts[outcome.source]
    loads = question.archive.manifest.loads_of(outcome.source)
    later = [load for load in loads if not load.history]
    declared = outcome.recording_lag_days
    if len(later) < LEAST_LOADS:
        return RecordingLag(days=declared, declared_days=declared, loads=len(later))
    happened, lag = _lags(question, contract, outcome, loads)
    age = _number(max(load.received for load in loads)) - happened
    found, events = longest_wait(
        lag, age, declared_days=declared, least_events=outcome.least_lag_events
    )
    return RecordingLag(
        days=max(declared, found or 0),
        declared_days=declared,
        measured_days=found,
        events=events,
        loads=len(later),
    )


def longest_wait(
    lag: Days, age: Days, *, declared_days: int, least_events: int
) -> tuple[int | None, int]:
    """Return within how many days 95 of 100 outcomes were known, and of how many.

    Of what happened lately only the quickly recorded is known. So an outcome counts
    once it is as old as the wait itself, and the wait grows until that holds.

    Args:
        lag: Days from the event to the day on which it was first known.
        age: Days from the event to the newest delivery.
        declared_days: The wait to begin with.
        least_events: Fewer outcomes measure nothing.

    Returns:
        None and 0 where too few outcomes are old enough.

    >>> longest_wait(np.array([1] * 19 + [9]), np.full(20, 99), declared_days=0,
    ...              least_events=20)
    (1, 20)
    """
    found: int | None = None
    events = 0
    wait = declared_days
    while (counted := age >= wait).sum() >= least_events:
        within = np.quantile(lag[counted], SHARE_KNOWN, method="inverted_cdf")
        # Once grown it never shrinks: the older few may all have been quick.
        found = int(within) if wait == declared_days else max(int(within), wait)
        events = int(counted.sum())
        if found <= wait:
            break
        wait = found
    return found, events


def _lags(
    question: Question, contract: Contract, outcome: Outcome, loads: Sequence[Load]
) -> tuple[Days, Days]:
    """Return the day each outcome happened, as a number, and its lag in days."""
    records = question.usable(contract)
    passes = as_condition(outcome.filter, records) & ~records.withdrawn
    passing = records.filter(passes)
    assumed = passing.load.isin([load.number for load in loads if load.history])
    first = passing.group_by("record_id").aggregate(
        told=passing.known_date.min(where=~assumed),
        assumed=passing.known_date.min(where=assumed),
    )
    newest = passing.filter(passing.superseded_on.isnull())
    found = newest.select("record_id", happened="event_date").join(first, "record_id")
    was_told = found.told.notnull() & (
        found.assumed.isnull() | (found.told < found.assumed)
    )
    found = found.filter(was_told & (found.happened >= _begins(loads)))
    table = question.archive.fetch(found.select("happened", "told"))
    happened, told = (_numbers(table[name]) for name in ("happened", "told"))
    # What was booked beforehand was known at once.
    return happened, np.maximum(told - happened, 0)


def _begins(loads: Sequence[Load]) -> dt.date:
    first = min(load.received for load in loads)
    return max([first, *(load.received for load in loads if load.history)])


def _number(day: dt.date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _numbers(column: object) -> Days:
    days: NDArray[np.datetime64] = np.asarray(column, dtype="datetime64[D]")
    return days.astype(np.int64)
