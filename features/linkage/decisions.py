"""Decisions: what a steward said of two records, in place of a probability."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """A steward's word on whether two records are of one entity.

    It beats probabilities and every veto but a final one: two different numbers that
    both pass their check are two people, whoever says otherwise.

    Attributes:
        left_record: The number of one record.
        right_record: The number of the other.
        same: They are of one entity; False: they are not.
    """

    left_record: int
    right_record: int
    same: bool


def told_apart(decisions: Iterable[Decision]) -> set[int]:
    """Return the records that a steward told apart from another.

    >>> told_apart([Decision(1, 2, same=True), Decision(3, 5, same=False)])
    {3, 5}
    """
    return {
        record
        for decision in decisions
        for record in (decision.left_record, decision.right_record)
        if not decision.same
    }
