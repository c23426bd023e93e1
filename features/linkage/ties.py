"""Ties: what two entities claim alike which cannot be one belongs to neither."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from features.definitions.linking_rules import KindRules
from features.linkage.clusters import Clusters
from features.linkage.pairs import Pair


def tied(
    pairs: Sequence[Pair],
    rules: KindRules,
    clusters: Clusters,
    unsettled: Collection[int],
) -> set[int]:
    """Return the identities that two entities claim alike which cannot be one.

    Args:
        pairs: The heaviest first.
        rules: With the margin within which two weights are alike.
        clusters: As exact keys and decisions made them.
        unsettled: What they do not place for certain; only these can be tied.
    """
    if rules.tie_margin_bits is None:
        return set()
    # Of each identity, with what weight which cluster claims it, the heaviest first.
    claims: dict[int, dict[int, float]] = defaultdict(dict)
    for pair in pairs:
        if pair.probability < rules.threshold:
            break
        for own, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if own not in unsettled or len(clusters.nodes(own)) > 1:
                continue
            cluster = clusters.of(other)
            if cluster not in claims[own] and not clusters.veto(own, cluster):
                claims[own][cluster] = pair.weight
    margin = rules.tie_margin_bits
    return {own for own, claim in claims.items() if _is_tied(claim, clusters, margin)}


def _is_tied(claim: dict[int, float], clusters: Clusters, margin: float) -> bool:
    if not claim:
        return False
    (best, weight), *others = claim.items()
    return any(
        weight - less <= margin and clusters.veto(best, other) for other, less in others
    )
