"""Breaches: entities that hold two identities which a veto says are two."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pyarrow as pa

from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import VetoRules
from features.linkage.identities import Identities


def veto_breaches(identities: Identities, rules: KindRules, links: pa.Table) -> int:
    """Return how many entities hold two members that a veto tells apart.

    Every two members are looked at, whichever way they came together. An entity that
    a steward united against a veto on names counts, too.

    Args:
        identities: Of the records that were linked.
        rules: With the vetoes.
        links: With `record_id` and `entity`.
    """
    vetoes = VetoRules(rules.vetoes)
    said = identities.values(vetoes.attributes)
    entities = dict(
        zip(links["record_id"].to_pylist(), links["entity"].to_pylist(), strict=True)
    )
    members: dict[int, list[int]] = defaultdict(list)
    for identity, records in enumerate(identities.records):
        for entity in {entities[r] for r in records if r in entities}:
            members[entity].append(identity)
    return sum(
        any(
            vetoes.between(said[one], said[other]) or _held_once(identities, one, other)
            for one, other in combinations(some, 2)
        )
        for some in members.values()
    )


def _held_once(identities: Identities, one: int, other: int) -> bool:
    """Whether both have a record of a source that holds one of each entity."""
    nothing: frozenset[str] = frozenset()
    sources = identities.only_in
    return bool(sources.get(one, nothing) & sources.get(other, nothing))
