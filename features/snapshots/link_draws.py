"""Draws of links: which identities would be one entity, were doubt to fall otherwise.

Each draw decides every uncertain pair by its probability. Whether a pair holds in a
draw follows from the pair and the draw alone, so the same links give the same draws,
and what is uncertain about others changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]

# Odds stay finite: no pair is so sure, nor so improbable.
_LEAST = 1e-6
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class LinkGraph:
    """Identities of one kind, and the pairs of them that were compared.

    Attributes:
        identities: Their numbers, rising.
        entities: Of each, the entity that it was linked to; -1 if it was left out.
        sure: Pairs that hold in every draw, as places in `identities`: n x 2.
        uncertain: Pairs that a draw decides: n x 2.
        probability: Of the uncertain ones.
        apart: Pairs that a veto keeps in different entities in every draw: n x 2.
    """

    identities: Ints
    entities: Ints
    sure: Ints
    uncertain: Ints
    probability: Floats
    apart: Ints


@dataclass(frozen=True)
class LinkDraws:
    """What became of the identities that any uncertain pair touches.

    Identities that sure pairs hold together go together: they are one group.

    Attributes:
        names: Of each group, its earliest identity's number, rising.
        labels: Draws x groups: the first group of the entity that it is in.
        linked: Of each group, the same as it was linked.
        widest: Of each group, the same if every uncertain pair held.
        identities: The numbers of the groups' identities, rising.
        groups: Of each of these, its group.
    """

    names: Ints
    labels: Ints
    linked: Ints
    widest: Ints
    identities: Ints
    groups: Ints

    @cached_property
    def contents(self) -> Bits:
        """Draws x groups: a hash of all that is in the entity of each group."""
        found = [self._contents(labels) for labels in self.labels]
        return np.stack(found) if found else self.labels.astype(np.uint64)

    @cached_property
    def contents_linked(self) -> Bits:
        """Of each group the same hash, as it was linked."""
        return self._contents(self.linked)

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Whether, in some draw, a group's entity is not what it was linked to be."""
        differs = self.contents != self.contents_linked
        return np.asarray(np.any(differs, axis=0), dtype=np.bool_)

    def _contents(self, labels: Ints) -> Bits:
        sums = np.zeros(len(self.names), np.uint64)
        np.add.at(sums, labels, mixed(self.names.astype(np.uint64)))
        return sums[labels]


def draw_links(graph: LinkGraph, draws: int) -> LinkDraws:
    """Draw link sets from the probabilities of the uncertain pairs.

    Between two groups the most probable pair decides, as it does in linking: pairs of
    the same two are hardly ever independent of each other. Where accepted pairs would
    bring together what a veto keeps apart, one of them gives way, by its odds.

    Args:
        graph: The identities and their pairs.
        draws: How many.
    """
    group = components(graph.sure, len(graph.identities))
    pairs, probability = _strongest(group[graph.uncertain], graph.probability)
    touched = np.unique(pairs)
    place = np.full(len(graph.identities), -1, np.int64)
    place[touched] = np.arange(len(touched))
    members = np.flatnonzero(place[group] >= 0)
    pairs, names = place[pairs], graph.identities[touched]
    apart = place[group[graph.apart]]
    drawing = _Drawing(names, pairs, probability, apart[(apart >= 0).all(axis=1)])
    labels = [drawing.labels(number) for number in range(draws)]
    return LinkDraws(
        names=names,
        labels=np.stack(labels) if labels else np.empty((0, len(names)), np.int64),
        linked=_firsts(graph.entities[touched], np.arange(len(touched))),
        widest=components(pairs, len(touched)),
        identities=graph.identities[members],
        groups=place[group[members]],
    )


def components(pairs: Ints, nodes: int) -> Ints:
    """Return, of each node, the first node that pairs join it to, itself included.

    >>> components(np.array([[3, 1], [4, 3]]), 5).tolist()
    [0, 1, 2, 1, 1]
    """
    labels = np.arange(nodes, dtype=np.int64)
    left, right = pairs[:, 0], pairs[:, 1]
    while len(pairs):
        lower = np.minimum(labels[left], labels[right])
        found = labels.copy()
        np.minimum.at(found, left, lower)
        np.minimum.at(found, right, lower)
        found = found[found]
        if np.array_equal(found, labels):
            break
        labels = found
    return labels


def mixed(numbers: Bits) -> Bits:
    """Return numbers whose bits look random (the finaliser of splitmix64)."""
    found = numbers + _GOLDEN
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


@dataclass(frozen=True)
class _Drawing:
    """Pairs of groups, to be decided once a draw."""

    names: Ints
    pairs: Ints
    probability: Floats
    apart: Ints

    def labels(self, draw: int) -> Ints:
        holds = self._chance(2 * draw) < self.probability
        pairs = self.pairs[holds]
        labels = components(pairs, len(self.names))
        if not len(self.apart):
            return labels
        torn = labels[self.apart]
        for wrong in np.unique(torn[torn[:, 0] == torn[:, 1]][:, 0]):
            inside = labels[pairs[:, 0]] == wrong
            order = np.argsort(self._race(draw)[holds][inside], kind="stable")
            self._put_apart(labels, int(wrong), pairs[inside][order])
        return labels

    def _chance(self, stream: int) -> Floats:
        """Return a number from 0 to 1 for each pair: its own in every stream."""
        left, right = self.names[self.pairs].T.astype(np.uint64)
        bits = mixed(mixed(mixed(left) + right) + np.uint64(stream))
        return (bits >> np.uint64(11)).astype(np.float64) / 2.0**53

    def _race(self, draw: int) -> Floats:
        """Return who goes first: of two that exclude each other, by their odds."""
        sure = np.clip(self.probability, _LEAST, 1 - _LEAST)
        waits = -np.log(np.maximum(self._chance(2 * draw + 1), 2.0**-53))
        return waits * (1 - sure) / sure

    def _put_apart(self, labels: Ints, wrong: int, pairs: Ints) -> None:
        """Unite the groups of one entity anew, pair by pair, never across a veto."""
        nodes = np.flatnonzero(labels == wrong).tolist()
        sets = {node: {node} for node in nodes}
        for one, other in pairs.tolist():
            if sets[one] is not sets[other] and not self._vetoed(
                sets[one], sets[other]
            ):
                sets[one] |= sets[other]
                sets |= dict.fromkeys(sets[other], sets[one])
        for node in nodes:
            labels[node] = min(sets[node])

    def _vetoed(self, one: set[int], other: set[int]) -> bool:
        return any(self._partners.get(node, set()) & other for node in one)

    @cached_property
    def _partners(self) -> dict[int, set[int]]:
        partners: dict[int, set[int]] = defaultdict(set)
        for one, other in self.apart.tolist():
            partners[one].add(other)
            partners[other].add(one)
        return partners


def _strongest(pairs: Ints, probability: Floats) -> tuple[Ints, Floats]:
    """Return each pair of different groups once, with its greatest probability."""
    different = pairs[:, 0] != pairs[:, 1]
    pairs, probability = np.sort(pairs[different], axis=1), probability[different]
    order = np.lexsort((-probability, pairs[:, 1], pairs[:, 0]))
    pairs, probability = pairs[order], probability[order]
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return pairs[first], probability[first]


def _firsts(entities: Ints, alone: Iterable[int]) -> Ints:
    """Return the first place of each entity's number; one that is left out is alone."""
    names = np.where(entities >= 0, entities, -1 - np.fromiter(alone, np.int64))
    _, firsts, inverse = np.unique(names, return_index=True, return_inverse=True)
    found: Ints = firsts[inverse].astype(np.int64)
    return found
