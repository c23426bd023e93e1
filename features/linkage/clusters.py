"""Clusters: nodes united one link at a time, never across a veto."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple


# The veto by which a steward keeps two nodes apart.
DECIDED = "a steward's decision"


class Link(NamedTuple):
    """Two nodes that were found to be one entity.

    Attributes:
        probability: That they are.
        method: How it was found: "exact nhs_number", "splink".
    """

    left: int
    right: int
    probability: float
    method: str


class Clusters:
    """Nodes 0, 1, 2 ... in clusters; at first each node is its own.

    No two nodes of one cluster are ever vetoed: a link that would bring two such
    together is refused, also when neither of them is an end of the link.

    Args:
        signatures: Of each node, the number of what it says that bears on vetoes.
        veto: The name of the veto between two signatures, or None; symmetric.
        only_in: Of some nodes, the sources that hold one record of each entity: two
            nodes of one such source are two entities.
    """

    def __init__(
        self,
        signatures: Sequence[int],
        veto: Callable[[int, int], str | None],
        only_in: Mapping[int, frozenset[str]] | None = None,
    ) -> None:
        self._signatures = signatures
        self._veto = veto
        # Of two signatures, the smaller first.
        self._vetoes: dict[tuple[int, int], str | None] = {}
        self._parents = list(range(len(signatures)))
        # Of each root of more than one node: its nodes, and, once they were asked for,
        # their different signatures.
        self._nodes: dict[int, list[int]] = {}
        self._held: dict[int, set[int]] = {}
        # Of a cluster: the sources of which it cannot have another record.
        self._only_in = dict(only_in or {})
        # Of a cluster: the nodes that may never be in it.
        self._foes: dict[int, set[int]] = defaultdict(set)
        self.links: list[Link] = []

    def of(self, node: int) -> int:
        """Return the cluster of a node, named by one of its nodes."""
        parents = self._parents
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    def nodes(self, node: int) -> list[int]:
        """Return the nodes of the cluster that a node is in."""
        root = self.of(node)
        return self._nodes.get(root) or [root]

    def __iter__(self) -> Iterator[int]:
        """Yield every cluster, as `of` names it."""
        return (node for node, parent in enumerate(self._parents) if node == parent)

    def know(self, vetoes: Mapping[tuple[int, int], str | None]) -> None:
        """Take vetoes between signatures, the smaller first, found beforehand."""
        self._vetoes = {**vetoes, **self._vetoes}

    def veto(self, one: int, other: int) -> str | None:
        """Return the name of a veto between the clusters of two nodes, or None."""
        one, other = self.of(one), self.of(other)
        return None if one == other else self._between(one, other)

    def keep_apart(self, one: int, other: int) -> None:
        """Forbid two nodes, of different clusters, ever to come together."""
        self._foes[self.of(one)].add(other)
        self._foes[self.of(other)].add(one)

    def unite(self, link: Link) -> str | None:
        """Unite the clusters of a link's nodes.

        Returns:
            None, or the name of the veto for which they stay apart.
        """
        one, other = self.of(link.left), self.of(link.right)
        if one == other:
            return None
        if veto := self._between(one, other):
            return veto
        self.join(link)
        return None

    def unite_against(
        self, link: Link, final: Callable[[int, int], str | None]
    ) -> str | None:
        """Unite the clusters of a link's nodes though a veto may say otherwise.

        What the vetoes said of the two clusters' signatures is forgotten for good.

        Args:
            link: Between two nodes.
            final: The name of a veto that even this link does not overcome, or None.

        Returns:
            None, or the name of such a veto.
        """
        one, other = self.of(link.left), self.of(link.right)
        if one != other and self._set_apart(one, other):
            return DECIDED
        said = [(a, b) for a in self._said(one) for b in self._said(other)]
        for a, b in said if one != other else ():
            if veto := final(a, b):
                return veto
        self._vetoes |= {(min(pair), max(pair)): None for pair in said}
        self.join(link)
        return None

    def join(self, link: Link) -> None:
        """Unite the clusters of a link's nodes, whatever any veto says."""
        one, other = self.of(link.left), self.of(link.right)
        if one == other:
            return
        nodes, held = self._nodes, self._held
        larger, smaller = nodes.get(one) or [one], nodes.get(other) or [other]
        if len(larger) < len(smaller):
            one, other, larger, smaller = other, one, smaller, larger
        self._parents[other] = one
        larger += smaller
        nodes[one] = larger
        nodes.pop(other, None)
        held.pop(one, None)
        held.pop(other, None)
        if other in self._foes:
            self._foes[one] |= self._foes.pop(other)
        if other in self._only_in:
            both = self._only_in.get(one, frozenset()) | self._only_in.pop(other)
            self._only_in[one] = both
        self.links.append(link)

    def _said(self, root: int) -> Collection[int]:
        held = self._held.get(root)
        if held is None:
            if root not in self._nodes:
                return (self._signatures[root],)
            held = self._held[root] = {self._signatures[n] for n in self._nodes[root]}
        return held

    def _set_apart(self, one: int, other: int) -> bool:
        return any(self.of(foe) == other for foe in self._foes.get(one, ()))

    def _between(self, one: int, other: int) -> str | None:
        if self._foes and self._set_apart(one, other):
            return DECIDED
        if self._only_in and (source := self._held_once(one, other)):
            return f"two records of {source}"
        said = self._said(other)
        for first in self._said(one):
            for second in said:
                if veto := self._known(first, second):
                    return veto
        return None

    def _held_once(self, one: int, other: int) -> str | None:
        """Return a source that holds one record of each entity, and has one of both."""
        nothing = frozenset[str]()
        of_one = self._only_in.get(one, nothing)
        return min(of_one & self._only_in.get(other, nothing), default=None)

    def _known(self, first: int, second: int) -> str | None:
        pair = (first, second) if first <= second else (second, first)
        try:
            return self._vetoes[pair]
        except KeyError:
            veto = self._vetoes[pair] = self._veto(*pair)
            return veto


def holds(links: Iterable[Link], starts: Iterable[int]) -> dict[int, Link]:
    """Return what holds each node to the start of its cluster.

    Of the links on the way to it, the least probable: a chain is as strong as that.
    What holds the start itself is the most probable of its own links.

    Args:
        links: The accepted ones; they form a tree in each cluster, so there is one way.
        starts: One node of each cluster.

    Returns:
        A link for every node that is not alone.
    """
    beside: dict[int, list[tuple[int, Link]]] = defaultdict(list)
    for link in links:
        beside[link.left].append((link.right, link))
        beside[link.right].append((link.left, link))
    found: dict[int, Link] = {}
    for start in starts:
        if start not in beside:
            continue
        found[start] = max((link for _, link in beside[start]), key=_probability)
        waiting = list(beside[start])
        while waiting:
            node, hold = waiting.pop()
            found[node] = hold
            for onward, link in beside[node]:
                if onward not in found:
                    is_weaker = link.probability < hold.probability
                    waiting.append((onward, link if is_weaker else hold))
    return found


def _probability(link: Link) -> float:
    return link.probability
