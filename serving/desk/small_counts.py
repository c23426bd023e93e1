"""Small counts: nothing about 1 to so many people is told, alone or by subtraction."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from serving.schemas.scores import RateAnswer


K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Count:
    """How often something happened.

    Attributes:
        events: What is told.
        people: To how many different people it happened; this decides whether.
    """

    events: int
    people: int


def told_counts(counts: Mapping[K, Count], most_hidden: int) -> dict[K, int | None]:
    """Return the counts of one whole; None where one must not be told.

    What is hidden adds up to more people than may be hidden: the sum of a row can be
    known from elsewhere, and what is missing from it must not be a small count either.
    So the smallest others are hidden too, until it is so or nothing is left.

    Args:
        counts: The parts of one whole, each event in one of them.
        most_hidden: Counts about 1 to so many people are not told.

    >>> some = {"a": Count(3, 3), "b": Count(40, 40), "c": Count(9, 9)}
    >>> told_counts(some, 7)
    {'a': None, 'b': 40, 'c': None}
    """
    hidden = {k for k, count in counts.items() if 0 < count.people <= most_hidden}
    others = [k for k, count in counts.items() if count.people > most_hidden]
    others.sort(key=lambda k: counts[k].people)
    while others and 0 < sum(counts[k].people for k in hidden) <= most_hidden:
        hidden.add(others.pop(0))
    return {k: None if k in hidden else count.events for k, count in counts.items()}


@dataclass(frozen=True)
class Split:
    """What is so and what is not, of one whole.

    Attributes:
        beside: What is neither, by why: of the same whole as it is told elsewhere, from
            which it is known by subtraction.
    """

    so: Count
    not_so: Count
    beside: tuple[Count, ...] = ()

    @property
    def sides(self) -> tuple[Count, ...]:
        """All of which none may be a small count."""
        return (self.so, self.not_so, *self.beside)


def told_shares(splits: Mapping[K, Split], most_hidden: int) -> dict[K, Split | None]:
    """Return the splits of one whole; None where one must not be told.

    No side of a split that is told is about 1 to so many people. As the sums of each
    side can be known from elsewhere, what is hidden of each adds up to more.

    Args:
        splits: The parts of one whole, each event in one of them.
        most_hidden: Counts about 1 to so many people are not told.

    >>> some = {"a": Split(Count(3, 3), Count(50, 50)), "b": Split(*[Count(9, 9)] * 2)}
    >>> told_shares(some, 7)
    {'a': None, 'b': None}
    """
    hidden = {
        k
        for k, split in splits.items()
        if any(0 < side.people <= most_hidden for side in split.sides)
    }
    others = [k for k in splits if k not in hidden]
    others.sort(key=lambda k: sum(side.people for side in splits[k].sides))
    while others and _is_short([splits[k] for k in hidden], most_hidden):
        hidden.add(others.pop(0))
    return {k: None if k in hidden else split for k, split in splits.items()}


def _is_short(splits: Iterable[Split], most_hidden: int) -> bool:
    """Say whether any side of what is hidden is a small count by itself."""
    sides = [[side.people for side in split.sides] for split in splits]
    return any(0 < sum(side) <= most_hidden for side in zip(*sides, strict=True))


def share_answer(split: Split) -> RateAnswer | None:
    """Return the share of what is so with Wilson's interval; None of nothing."""
    # It imports scipy, which a service that is never asked for figures need not have.
    from models.judging.intervals import wilson

    share = wilson(split.so.events, split.so.events + split.not_so.events)
    if share.value is None or share.low is None or share.high is None:
        return None
    return RateAnswer(share=share.value, low=share.low, high=share.high)
