"""Splits: what is fitted on, and what is judged, so that no time and no kin leaks."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal
from models.definitions.definition import ScoreDefinition
from training.cohort import Cases, days


FOLDS = 5
# Where rows are events, so many parts of the judged period stand for judged dates.
PARTS = 4


@dataclass(frozen=True)
class Split:
    """Which rows are fitted on and which are judged.

    Attributes:
        fitted: Their outcomes' windows and the recording lag close before the first
            judged date.
        judged: As-of dates in the judged period.
        left_out: Between the two: known too late to learn from, too early to judge.
    """

    fitted: NDArray[np.bool_]
    judged: NDArray[np.bool_]

    @property
    def left_out(self) -> int:
        """How many rows are on neither side."""
        return int((~self.fitted & ~self.judged).sum())


@dataclass(frozen=True)
class Round:
    """One judged date, or one part of a judged period of events.

    Attributes:
        first: The as-of date.
        last: The same, or the last one of the part.
        split: What is known before `first`, and what is judged.
    """

    first: dt.date
    last: dt.date
    split: Split


@dataclass(frozen=True)
class Rounds:
    """The judged dates, oldest first, and the sealed one.

    Attributes:
        judged: Those that training looks at; at least one.
        sealed: The last one, of which training sees no outcome; None where the judged
            period has one date only, or was opened whole.
    """

    judged: tuple[Round, ...]
    sealed: Round | None = None

    @property
    def fitted(self) -> NDArray[np.bool_]:
        """What the model that is registered is fitted on: all known by the last."""
        return (self.sealed or self.judged[-1]).split.fitted

    @property
    def whole(self) -> Split:
        """All judged dates, and what was known before the first of them."""
        judged = np.logical_or.reduce([each.split.judged for each in self.judged])
        return Split(self.judged[0].split.fitted, judged)

    def number_of(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return which of the judged dates each of the judged rows is of, from 0."""
        number = np.zeros(len(rows), dtype=np.int64)
        for place, each in enumerate(self.judged):
            number[each.split.judged] = place
        return number[rows]


def rolling(cases: Cases, score: ScoreDefinition) -> Rounds:
    """Return the judged dates; each is judged by what was known before it.

    Raises:
        Refusal: What is fitted on, or what is judged, has no row with, or none without,
            the outcome.
    """
    period = _judged(cases, score)
    spans = list(_spans(np.unique(cases.as_of[period]), score))
    rounds = [_round(cases, score, period, *span) for span in spans]
    if not rounds:
        raise Refusal(list(_too_few(cases, period, "judged", score)))
    if len(rounds) == 1:
        return _checked(Rounds(tuple(rounds)), cases, score)
    return _checked(Rounds(tuple(rounds[:-1]), rounds[-1]), cases, score)


def one_window(cases: Cases, score: ScoreDefinition) -> Rounds:
    """Return the whole judged period as one date, none of it sealed.

    For studies of the past that fit once and judge a period given beforehand.

    Raises:
        Refusal: As `rolling`.
    """
    split = split_by_date(cases, score)
    dates = cases.as_of[split.judged]
    return Rounds((Round(_day(dates.min()), _day(dates.max()), split),))


def split_by_date(cases: Cases, score: ScoreDefinition) -> Split:
    """Return the split *later*: entities may recur on both sides, dates may not.

    Raises:
        Refusal: One of the sides has no row with, or none without, the outcome.
    """
    split = Split(
        known_before(cases, score, score.judgement.first), _judged(cases, score)
    )
    _refuse_too_few(split, cases, score)
    return split


def known_before(
    cases: Cases, score: ScoreDefinition, day: dt.date
) -> NDArray[np.bool_]:
    """Return which rows' horizon and recording lag close before a day."""
    wait = score.outcome.horizon_days + cases.recording_lag.days
    return cases.as_of + np.timedelta64(wait, "D") <= days(day)


def fold_of(cases: Cases) -> NDArray[np.int64]:
    """Return each row's fold, 0 to 4, by a hash of its linked group.

    All rows of a household or premises, on all dates, fall in one fold.
    """
    names, group_of = np.unique(cases.linked_group.astype(str), return_inverse=True)
    folds = [_fold(name) for name in names]
    return np.array(folds, dtype=np.int64)[group_of]


def later_and_new(cases: Cases, split: Split) -> Iterator[Split]:
    """Yield five splits: judged groups, though later, were never fitted on.

    Nor was anybody who is judged in one of them, in a home of an earlier date.
    """
    folds = fold_of(cases)
    whom = cases.linked_group if cases.entity is None else cases.entity
    whom = np.unique(whom.astype(str), return_inverse=True)[1]
    for number in range(FOLDS):
        held_out = folds == number
        judged = split.judged & held_out
        known = np.isin(whom, whom[judged])
        yield Split(split.fitted & ~held_out & ~known, judged)


def _judged(cases: Cases, score: ScoreDefinition) -> NDArray[np.bool_]:
    judged = cases.as_of >= days(score.judgement.first)
    if score.judgement.last:
        judged &= cases.as_of <= days(score.judgement.last)
    return judged


def _spans(
    dates: NDArray[np.datetime64], score: ScoreDefinition
) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and last day of each judged date or part of the period."""
    if score.cohort.at_events is None or len(dates) <= PARTS:
        yield from ((_day(each), _day(each)) for each in dates)
        return
    first, last = score.judgement.first, score.judgement.last or _day(dates.max())
    length = (last - first).days + 1
    starts = [first + dt.timedelta(length * part // PARTS) for part in range(PARTS)]
    ends = [*(start - dt.timedelta(1) for start in starts[1:]), last]
    for start, end in zip(starts, ends, strict=True):
        if ((dates >= days(start)) & (dates <= days(end))).any():
            yield start, end


def _round(
    cases: Cases,
    score: ScoreDefinition,
    period: NDArray[np.bool_],
    first: dt.date,
    last: dt.date,
) -> Round:
    judged = period & (cases.as_of >= days(first)) & (cases.as_of <= days(last))
    return Round(first, last, Split(known_before(cases, score, first), judged))


def _checked(rounds: Rounds, cases: Cases, score: ScoreDefinition) -> Rounds:
    _refuse_too_few(rounds.whole, cases, score)
    return rounds


def _refuse_too_few(split: Split, cases: Cases, score: ScoreDefinition) -> None:
    faults = [
        fault
        for name, rows in (("fitted", split.fitted), ("judged", split.judged))
        for fault in _too_few(cases, rows, name, score)
    ]
    if faults:
        raise Refusal(faults)


def _day(date: np.datetime64) -> dt.date:
    day = date.astype("datetime64[D]").item()
    if not isinstance(day, dt.date):
        raise TypeError("an as-of date is a day")
    return day


def _fold(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % FOLDS


def _too_few(
    cases: Cases, rows: NDArray[np.bool_], name: str, score: ScoreDefinition
) -> Iterator[Fault]:
    events = int((cases.outcome[rows] == 1).sum())
    without = int((cases.outcome[rows] == 0).sum())
    if min(events, without) == 0:
        yield Fault(
            f"scores/{score.name}.toml: judgement",
            f"the {name} rows must hold some with the outcome and some without",
            f"{events} with and {without} without",
            "move `first`, or load and build a longer history",
        )
