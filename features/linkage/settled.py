"""Settled: what an earlier linking said of records that have not changed since.

A later load is linked against it. What is settled stays together, and stays apart: a
new record may join a settled entity, but never joins two of them to one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import pyarrow as pa

from features.linkage.clusters import Link
from features.linkage.decisions import Decision
from features.linkage.identities import Identities
from features.linkage.restricted import RESTRICTED


# A name below zero is a record's own number, so many turns back: nobody else's.
_TURN = 2**40


class Weighed(NamedTuple):
    """Two identities that were compared, and what became of it.

    Attributes:
        weight: None for an exact key, which is not weighed.
        outcome: "merged", "vetoed: <name>", "below threshold", "tie", "bridge",
            "decided same", "exact" inside an entity that is not held by exact keys
            alone, or "contradicted: <name>" for a decision that a final veto overcomes.
    """

    left: int
    right: int
    probability: float
    weight: float | None
    outcome: str


@dataclass(frozen=True)
class Settled:
    """What an earlier linking settled, told in today's identities.

    Attributes:
        entity: Of each identity, the number of the entity that it is settled in; None
            where it is new, changed, or had no entity.
        links: That hold the identities of each entity to its earliest one.
        weighed: What was compared of them.
    """

    entity: list[int | None]
    links: list[Link] = field(default_factory=list)
    weighed: list[Weighed] = field(default_factory=list)

    @property
    def fresh(self) -> list[bool]:
        """Of each identity, whether it has no settled place."""
        return [entity is None for entity in self.entity]


def nothing_settled(identities: Identities) -> Settled:
    """Return that every identity is new."""
    return Settled([None] * len(identities))


def settled_of(
    identities: Identities,
    links: pa.Table,
    pairs: pa.Table,
    *,
    changed: Collection[int],
    decisions: Iterable[Decision],
) -> Settled:
    """Return what an earlier linking settled.

    Args:
        identities: Today's.
        links: As they were kept.
        pairs: As they were kept.
        changed: Records that say something else than they did then.
        decisions: Today's. An entity of which a steward says that it is two is no
            longer settled.
    """
    before = _Before(links, changed)
    entity = [before.entity_of(records) for records in identities.records]
    torn = set(_torn(identities, entity, decisions))
    entity = [None if one in torn else one for one in entity]
    at = {r: n for n, some in enumerate(identities.records) for r in some}
    stars = list(_stars(identities, entity, before))
    return Settled(entity, stars, list(_kept(pairs, entity, before.places(at))))


def entity_names(
    identities: Identities, clusters: Sequence[Sequence[int]], settled: Settled
) -> list[int]:
    """Return the number of each cluster's entity.

    A settled entity keeps its number, of several the smallest; a new one has that of
    its earliest record. A record that left an entity leaves its number there, too: no
    number, and with it no pseudonym, passes to another person with a record.
    """
    if not settled.links and not any(e is not None for e in settled.entity):
        return [_earliest(identities, some) for some in clusters]
    held = [
        {e for n in some if (e := settled.entity[n]) is not None} for some in clusters
    ]
    taken = {min(entities) for entities in held if entities}
    names: dict[int, int] = {}
    order = sorted(
        range(len(clusters)), key=lambda n: _earliest(identities, clusters[n])
    )
    for number in order:
        if held[number]:
            names[number] = min(held[number])
            continue
        free = _numbers(identities, clusters[number])
        names[number] = next(name for name in free if name not in taken)
        taken.add(names[number])
    return [names[number] for number in range(len(clusters))]


def _earliest(identities: Identities, nodes: Iterable[int]) -> int:
    return min(map(identities.first_records.__getitem__, nodes))


def _numbers(identities: Identities, nodes: Iterable[int]) -> Iterator[int]:
    records = sorted(r for node in nodes for r in identities.records[node])
    return (record - turn * _TURN for turn in count() for record in records)


class _Before:
    """The earlier links of records that have not changed."""

    def __init__(self, links: pa.Table, changed: Collection[int]) -> None:
        names = ("record_id", "entity", "identity", "method", "probability")
        rows = zip(*(links[name].to_pylist() for name in names), strict=True)
        # A record whose mark was lifted is linked like a new one.
        self._rows = {
            row[0]: row[1:]
            for row in rows
            if row[0] not in changed and row[3] != RESTRICTED
        }

    def entity_of(self, records: Iterable[int]) -> int | None:
        """Return the entity of the first of some records that had one."""
        return next((self._rows[r][0] for r in records if r in self._rows), None)

    def hold_of(self, records: Iterable[int]) -> tuple[str, float]:
        """Return by which method, and how surely, these records were held."""
        _, _, method, probability = next(
            self._rows[r] for r in records if r in self._rows
        )
        return method, probability

    def places(self, at: Mapping[int, int]) -> dict[int, int]:
        """Return, by an earlier identity's first record, the identity it is now."""
        found: dict[int, int] = {}
        for record, (_, identity, _, _) in self._rows.items():
            if record in at:
                found.setdefault(identity, at[record])
        return found


def _torn(
    identities: Identities,
    entity: Sequence[int | None],
    decisions: Iterable[Decision],
) -> Iterator[int]:
    """Yield the entities that hold two records which a steward told apart."""
    apart = [d for d in decisions if not d.same]
    named = {r for d in apart for r in (d.left_record, d.right_record)}
    entities = {
        record: entity[number]
        for number, records in enumerate(identities.records)
        for record in records
        if record in named
    }
    for decision in apart:
        left = entities.get(decision.left_record)
        if left is not None and left == entities.get(decision.right_record):
            yield left


def _stars(
    identities: Identities, entity: Sequence[int | None], before: _Before
) -> Iterator[Link]:
    """Yield links from each entity's earliest identity to its others."""
    members: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(entity):
        if one is not None:
            members[one].append(number)
    for some in members.values():
        start = min(some, key=identities.first_record)
        for other in some:
            if other != start:
                method, probability = before.hold_of(identities.records[other])
                yield Link(start, other, probability, method)


def _kept(
    pairs: pa.Table, entity: Sequence[int | None], places: Mapping[int, int]
) -> Iterator[Weighed]:
    """Yield what was compared of two identities that are both settled still."""
    names = ("record_id_l", "record_id_r", "probability", "weight", "outcome")
    for row in zip(*(pairs[name].to_pylist() for name in names), strict=True):
        ends = sorted(places.get(record, -1) for record in row[:2])
        if (
            ends[0] >= 0
            and ends[0] != ends[1]
            and None not in (entity[ends[0]], entity[ends[1]])
        ):
            yield Weighed(ends[0], ends[1], *row[2:])
