"""Clusters against a plain second way: look at every pair of members, every time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from features.linkage.clusters import Clusters, Link, holds


@dataclass(frozen=True)
class Graph:
    """Nodes that claim each other, the most probable first, and who is vetoed."""

    size: int
    links: tuple[Link, ...]
    vetoed: frozenset[frozenset[int]]

    def veto(self, one: int, other: int) -> str | None:
        return "veto" if frozenset((one, other)) in self.vetoed else None

    def united(self) -> Clusters:
        clusters = Clusters(range(self.size), self.veto)
        for link in self.links:
            clusters.unite(link)
        return clusters


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 9))
    node = st.integers(0, size - 1)
    pairs = st.tuples(node, node).filter(lambda pair: pair[0] != pair[1])
    some = draw(st.lists(st.tuples(pairs, st.floats(0.5, 1)), max_size=20))
    links = [Link(*pair, probability, "splink") for pair, probability in some]
    links.sort(key=lambda link: (-link.probability, link.left, link.right))
    vetoed = draw(st.frozensets(pairs.map(frozenset), max_size=8))
    return Graph(size, tuple(links), vetoed)


def members(clusters: Clusters) -> set[frozenset[int]]:
    return {frozenset(clusters.nodes(cluster)) for cluster in clusters}


def by_brute_force(graph: Graph) -> set[frozenset[int]]:
    groups = [frozenset({node}) for node in range(graph.size)]
    for link in graph.links:
        one = next(group for group in groups if link.left in group)
        other = next(group for group in groups if link.right in group)
        both = one | other
        if one != other and not any(graph.veto(a, b) for a in both for b in both):
            groups = [g for g in groups if g not in (one, other)] + [both]
    return set(groups)


@given(graphs())
def test_no_cluster_holds_two_that_are_vetoed(graph: Graph) -> None:
    for group in members(graph.united()):
        assert not any(graph.veto(a, b) for a in group for b in group)


@given(graphs())
def test_clusters_are_those_of_looking_at_every_pair(graph: Graph) -> None:
    assert members(graph.united()) == by_brute_force(graph)


@given(graphs())
def test_only_a_veto_keeps_linked_nodes_apart(graph: Graph) -> None:
    clusters = graph.united()

    for link in graph.links:
        apart = clusters.of(link.left) != clusters.of(link.right)
        assert apart == bool(clusters.veto(link.left, link.right))


@given(graphs(), st.randoms(use_true_random=False))
def test_without_vetoes_the_order_of_links_makes_no_difference(
    graph: Graph, random: object
) -> None:
    free = replace(graph, vetoed=frozenset())
    shuffled = list(free.links)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    other = replace(free, links=tuple(shuffled))

    assert members(free.united()) == members(other.united())


@given(graphs())
def test_nodes_with_one_signature_share_their_vetoes(graph: Graph) -> None:
    signatures = [node % 3 for node in range(graph.size)]
    clusters = Clusters(signatures, graph.veto)
    for link in graph.links:
        clusters.unite(link)

    for group in members(clusters):
        said = {signatures[node] for node in group}
        assert not any(graph.veto(a, b) for a in said for b in said)


@given(graphs())
def test_a_chain_holds_as_well_as_its_weakest_link(graph: Graph) -> None:
    clusters = graph.united()
    starts = [min(group) for group in members(clusters)]

    hold = holds(clusters.links, starts)

    for start in starts:
        for node in set(clusters.nodes(start)) - {start}:
            # Without the links weaker than the hold, the two are still together ...
            bound = hold[node].probability
            strong = [ln for ln in clusters.links if ln.probability >= bound]
            assert _together(graph.size, strong, start, node)
            # ... and without that strength they are not.
            strong = [ln for ln in clusters.links if ln.probability > bound]
            assert not _together(graph.size, strong, start, node)


def _together(size: int, links: list[Link], one: int, other: int) -> bool:
    free = Graph(size, tuple(links), frozenset()).united()
    return free.of(one) == free.of(other)


def test_what_is_alone_is_held_by_nothing() -> None:
    assert holds([], [0, 1]) == {}
