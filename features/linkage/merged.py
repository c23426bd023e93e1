"""Merged: what came of merging identities."""

from __future__ import annotations

from dataclasses import dataclass

from features.linkage.clusters import Link
from features.linkage.settled import Weighed


PROBABLE = "splink"
STEWARD = "steward"
DECIDED_SAME = "decided same"
MERGED = "merged"
BRIDGE = "bridge"
ALONE = "alone"
EXACT = "exact"


@dataclass(frozen=True)
class Merged:
    """Identities in clusters, each one entity.

    Attributes:
        clusters: The identities of each entity; a tied one is in none.
        entities: The number of each cluster's entity.
        hold: What ties an identity to its entity's earliest record; none if alone.
        weighed: What was compared.
        bridges: Pairs for which two clusters are flagged: they may be one.
        notes: What a reader of the links should know.
    """

    clusters: list[list[int]]
    entities: list[int]
    hold: dict[int, Link]
    weighed: list[Weighed]
    bridges: list[Weighed]
    notes: tuple[str, ...]
