"""Merging: which identities are one entity, by exact keys, then by probability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.clusters import Clusters, Link, holds
from features.identities import Identities, exact_method
from features.linking_rules import KindRules
from features.pairs import Pair
from features.vetoes import Value, VetoRules


PROBABLE = "splink"
ALONE = "alone"


@dataclass(frozen=True)
class Weighed:
    """Two identities that were compared, and what became of it.

    Attributes:
        weight: None for an exact key, which is not weighed.
        outcome: "merged", "vetoed: <name>", "below threshold" or "tie".
    """

    left: int
    right: int
    probability: float
    weight: float | None
    outcome: str


@dataclass(frozen=True)
class Merged:
    """Identities in clusters, each one entity.

    Attributes:
        clusters: The identities of each entity; a tied one is in none.
        hold: What ties an identity to its entity's earliest record; none if alone.
        weighed: What was compared.
        tied: How many identities two entities claim alike.
    """

    clusters: list[list[int]]
    hold: dict[int, Link]
    weighed: list[Weighed]
    tied: int


def merge(identities: Identities, rules: KindRules, pairs: Sequence[Pair]) -> Merged:
    """Unite identities: exact keys first, then pairs by falling probability.

    Args:
        identities: Of one kind.
        rules: The kind's.
        pairs: The heaviest first.
    """
    vetoes = VetoRules(rules.vetoes)
    names = vetoes.attributes

    def veto(one: tuple[Value, ...], other: tuple[Value, ...]) -> str | None:
        return vetoes.between(
            dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True))
        )

    clusters = Clusters(identities.values(names), veto)
    weighed = list(_by_exact_keys(identities, rules, clusters))
    tied = _ties(identities, rules, clusters, pairs)
    weighed += _by_probability(clusters, pairs, rules.threshold, tied)
    whole = [clusters.nodes(c) for c in clusters if clusters.nodes(c)[0] not in tied]
    starts = [min(nodes, key=identities.first_record) for nodes in whole]
    return Merged(whole, holds(clusters.links, starts), weighed, len(tied))


def _by_exact_keys(
    identities: Identities, rules: KindRules, clusters: Clusters
) -> Iterator[Weighed]:
    """Unite what is equal in an exact key; yield what a veto kept apart."""
    says = identities.values(rules.used)
    fullness = [sum(value is not None for value in values) for values in says]
    for names in rules.exact:
        groups: dict[tuple[Value, ...], list[int]] = defaultdict(list)
        for identity, key in enumerate(identities.values(names)):
            if all(value is not None for value in key):
                groups[key].append(identity)
        for group in groups.values():
            # The fullest first: what says little fits everything.
            group.sort(key=lambda identity: (-fullness[identity], identity))
            yield from _unite_group(clusters, group, exact_method(names))


def _unite_group(
    clusters: Clusters, group: list[int], method: str
) -> Iterator[Weighed]:
    """Unite a group around its fullest; one that fits two apart is left to weighing."""
    centres: list[int] = []
    for identity in group:
        if clusters.of(identity) in {clusters.of(centre) for centre in centres}:
            continue
        vetoes = {centre: clusters.veto(centre, identity) for centre in centres}
        fitting = [centre for centre, veto in vetoes.items() if veto is None]
        for centre, veto in vetoes.items():
            if veto:
                left, right = sorted((centre, identity))
                yield Weighed(left, right, 1.0, None, f"vetoed: {veto}")
        if len(fitting) == 1:
            clusters.unite(Link(fitting[0], identity, 1.0, method))
        elif not fitting:
            centres.append(identity)


def _ties(
    identities: Identities, rules: KindRules, clusters: Clusters, pairs: Sequence[Pair]
) -> set[int]:
    """Return the identities that two entities claim alike which cannot be one.

    Only what no exact key names can be tied: the others stand by themselves.
    """
    margin = rules.tie_margin_bits
    if margin is None:
        return set()
    claims: dict[int, dict[int, float]] = defaultdict(dict)
    for pair in pairs:
        for own, other in ((pair.left, pair.right), (pair.right, pair.left)):
            cluster = clusters.of(other)
            if identities.exact[own] or pair.probability < rules.threshold:
                continue
            if cluster not in claims[own] and not clusters.veto(own, cluster):
                claims[own][cluster] = pair.weight
    return {own for own, claim in claims.items() if _is_tied(clusters, claim, margin)}


def _is_tied(clusters: Clusters, claim: dict[int, float], margin: float) -> bool:
    if not claim:
        return False
    # Pairs came heaviest first, and so do the claims.
    (best, weight), *others = claim.items()
    return any(
        weight - less <= margin and clusters.veto(best, other) for other, less in others
    )


def _by_probability(
    clusters: Clusters, pairs: Sequence[Pair], threshold: float, tied: set[int]
) -> Iterator[Weighed]:
    for pair in pairs:
        outcome = "merged"
        if pair.probability < threshold:
            outcome = "below threshold"
        elif tied & {pair.left, pair.right}:
            outcome = "tie"
        else:
            link = Link(pair.left, pair.right, pair.probability, PROBABLE)
            if veto := clusters.unite(link):
                outcome = f"vetoed: {veto}"
        yield Weighed(pair.left, pair.right, pair.probability, pair.weight, outcome)
