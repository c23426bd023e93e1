"""Bridges: one weak link that would join two strong groups.

Two groups of records, each sure in itself, are two people more often than the weight of
the one pair between them says: weights look at two ways of writing, not at two lives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from features.linkage.clusters import Link
from features.linkage.identities import Identities
from features.linkage.pairs import Pair


class Strong:
    """What exact keys, decisions and strong links hold together.

    Args:
        identities: All of them.
        links: Accepted ones; those below `bridge_below` count for nothing here.
        pairs: Those that are probable enough to be united.
        bridge_below: From this probability on, a link is strong.
    """

    def __init__(
        self,
        identities: Identities,
        links: Iterable[Link],
        pairs: Iterable[Pair],
        *,
        bridge_below: float,
    ) -> None:
        held = (link for link in links if link.probability >= bridge_below)
        self._held = {node for link in held for node in (link.left, link.right)}
        self._records = identities.records
        self._beside: dict[int, set[int]] = defaultdict(set)
        for pair in pairs:
            self._beside[pair.left].add(pair.right)
            self._beside[pair.right].add(pair.left)

    def is_bridge(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether all that joins two clusters hangs on a single identity.

        Args:
            one: The identities of one cluster.
            other: Those of the other.
        """
        if not (self._holds_strong(one) and self._holds_strong(other)):
            return False
        return not (self._ends(one, other) > 1 and self._ends(other, one) > 1)

    def _holds_strong(self, nodes: Iterable[int]) -> bool:
        return any(node in self._held or len(self._records[node]) > 1 for node in nodes)

    def _ends(self, nodes: Iterable[int], others: Iterable[int]) -> int:
        """Return how many of `nodes` a pair joins to any of `others`."""
        there = set(others)
        return sum(bool(self._beside[node] & there) for node in nodes)
