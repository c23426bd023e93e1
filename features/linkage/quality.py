"""Link quality: how many links are right, how many are missing, if truth is known.

Works on any links and any truth: a place's own, a benchmark's, a simulated town's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass

import numpy as np


_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson's).

    The interval takes the cases as independent, which pairs of one entity are not
    quite: it is a little too narrow.

    Attributes:
        value: `part / whole`; None, as the ends are, if there are no cases.
    """

    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None


def share(part: int, whole: int) -> Share:
    """Return a share with its interval.

    >>> found = share(95, 100)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.95, 0.888, 0.978)
    """
    from scipy import stats

    if whole == 0:
        return Share(part, whole, None, None, None)
    tested = stats.binomtest(part, whole)
    ends = tested.proportion_ci(confidence_level=_CONFIDENCE, method="wilson")
    return Share(part, whole, part / whole, float(ends.low), float(ends.high))


@dataclass(frozen=True)
class Excess:
    """How much more common something is here than elsewhere.

    Attributes:
        chance: How often so much more, or more still, would come about if it were
            equally common (Fisher's exact test, one-sided).
        most: The greatest difference in shares that the counts leave room for: the
            upper end of Newcombe's 95 % interval.
    """

    chance: float
    most: float


def excess(here: Share, elsewhere: Share) -> Excess | None:
    """Return how much more common something is here; None if either has no cases.

    >>> found = excess(share(30, 100), share(50, 1000))
    >>> found.chance < 1e-9, round(found.most, 2)
    (True, 0.35)
    """
    from scipy import stats

    if here.value is None or elsewhere.value is None:
        return None
    table = np.array([[s.part, s.whole - s.part] for s in (here, elsewhere)])
    chance = float(stats.fisher_exact(table, alternative="greater").pvalue)
    above = (here.high or 0) - here.value
    below = elsewhere.value - (elsewhere.low or 0)
    difference = here.value - elsewhere.value
    return Excess(chance, difference + math.hypot(above, below))


@dataclass(frozen=True)
class LinkQuality:
    """How good links are, against a known truth.

    Attributes:
        judged: What was counted: "pairs" of records, or "records" placed.
        precision: Of what was linked, the share that is right.
        recall: Of what should be linked, the share that is.
        mixed_entities: Entities that hold records of two true ones; the worst fault.
        entities: Entities that hold any record with a known truth.
    """

    judged: str
    precision: Share
    recall: Share
    mixed_entities: int
    entities: int

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None if there is none."""
        precision, recall = self.precision.value, self.recall.value
        if not precision or not recall:
            return None
        return 2 * precision * recall / (precision + recall)


def judge_pairs(
    entities: Mapping[int, int], truth: Mapping[int, Hashable]
) -> LinkQuality:
    """Judge every pair of records: linked or not, of one true entity or not.

    Args:
        entities: Record -> entity; a record without a link is absent.
        truth: Record -> its true entity; records of unknown truth are left out.

    >>> quality = judge_pairs({1: 1, 2: 1, 3: 1}, {1: "a", 2: "a", 3: "b", 4: "b"})
    >>> quality.precision.part, quality.precision.whole, quality.recall.whole
    (1, 3, 2)
    """
    held = _held(entities, truth)
    right = sum(_pairs(n) for counts in held.values() for n in counts.values())
    linked = sum(_pairs(counts.total()) for counts in held.values())
    true = sum(_pairs(n) for n in Counter(truth.values()).values())
    return LinkQuality(
        judged="pairs",
        precision=share(right, linked),
        recall=share(right, true),
        mixed_entities=sum(len(counts) > 1 for counts in held.values()),
        entities=len(held),
    )


def judge_placing(
    entities: Mapping[int, int],
    truth: Mapping[int, Hashable],
    reference: Collection[int],
) -> LinkQuality:
    """Judge whether records found the entity of the reference they belong to.

    Precision is over all records with a known truth that were linked to an entity of
    the reference, also those whose own is not in the reference: they should have
    been linked to none. Recall is over those whose own is in it.

    Args:
        entities: Record -> entity; a record without a link is absent.
        truth: Record -> its true entity; records of unknown truth are left out.
        reference: The records that the others are to be linked to.
    """
    named = {r: truth[r] for r in reference if r in truth}
    known = set(named.values())
    stands_for = {e: set(c) for e, c in _held(entities, named).items()}
    placed = {r: t for r, t in truth.items() if r not in named}
    claimed = {
        record: true
        for record, true in placed.items()
        if entities.get(record) in stands_for
    }
    right = sum(true in stands_for[entities[r]] for r, true in claimed.items())
    held = _held(entities, truth)
    return LinkQuality(
        judged="records",
        precision=share(right, len(claimed)),
        recall=share(right, sum(true in known for true in placed.values())),
        mixed_entities=sum(len(counts) > 1 for counts in held.values()),
        entities=len(held),
    )


def _held(
    entities: Mapping[int, int], truth: Mapping[int, Hashable]
) -> dict[int, Counter[Hashable]]:
    """Return, of each entity, how many records of each true one it holds."""
    held: dict[int, Counter[Hashable]] = defaultdict(Counter)
    for record, true in truth.items():
        if record in entities:
            held[entities[record]][true] += 1
    return held


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
