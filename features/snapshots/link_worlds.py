"""Worlds: the few records that bear on one entity, as some draws link them.

An entity is affected if what it consists of, or what those consist of who share a
small related entity with it (a household), is in some draw not as it was linked. For
each affected entity and each different way in which draws put these people together
there is one world, however many draws agree on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.snapshots.link_draws import Bits, Ints, LinkDraws, LinkGraph
from features.snapshots.link_groups import Groups


# What more share than this one person's link hardly moves, so that it stays as it is:
# an area, a care home, a placeholder for an address.
MOST_SHARING = 20

# The world as it was linked; the others are numbered from 1.
AS_LINKED = 0


@dataclass(frozen=True)
class Mentions:
    """Which identities' records name which related entity, by one relation.

    Attributes:
        table: `identity` and `related`, each pair once.
        counts_members: Some indicator counts the records of all members.
    """

    table: pd.DataFrame
    counts_members: bool


@dataclass(frozen=True)
class Worlds:
    """The worlds of all affected entities.

    Attributes:
        entities: The affected ones, rising.
        numbers: Entities x draws: the world of each draw; `AS_LINKED` where the draw
            changes nothing.
        members: `world`, `identity`, `label` (the entity of that world that the
            identity is in, named by its earliest identity) and nothing twice.
        owners: `world`, `entity` and `label`: whose world it is, and what it is there.
        related: `world`, `relation`, `related`: the small related entities in it.
        unmoved: `relation` and `entity`: where too many share what is related, so
            that the indicators of the relation stay as they are.
    """

    entities: Ints
    numbers: Ints
    members: pd.DataFrame
    owners: pd.DataFrame
    related: pd.DataFrame
    unmoved: pd.DataFrame

    @property
    def most(self) -> int:
        """The greatest number of a world."""
        return int(self.owners["world"].max()) if len(self.owners) else AS_LINKED

    def part(self, first: int, end: int) -> Worlds:
        """Return the worlds from `first` on, before `end`."""

        def of(table: pd.DataFrame) -> pd.DataFrame:
            return table[table["world"].between(first, end, inclusive="left")]

        return replace(
            self,
            members=of(self.members),
            owners=of(self.owners),
            related=of(self.related),
        )


def worlds_of(
    graph: LinkGraph, drawn: LinkDraws, wanted: Ints, mentions: Mapping[str, Mentions]
) -> Worlds:
    """Return the worlds of those wanted who are affected.

    Args:
        graph: The identities, and the entities they were linked to.
        drawn: The draws.
        wanted: Entities, such as those that have a score.
        mentions: By relation, for the relations that any indicator goes by.
    """
    said = _said(mentions)
    finding = _Finding(Groups.of(graph, drawn), said)
    return finding.worlds(finding.candidates(wanted))


@dataclass(frozen=True)
class _Said:
    """`relation`, `identity`, `related`: what is small, and what too many share."""

    small: pd.DataFrame
    counted: pd.DataFrame
    great: pd.DataFrame


def _said(mentions: Mapping[str, Mentions]) -> _Said:
    none = pd.DataFrame({"identity": [], "related": []}, dtype=np.int64)
    parts = [m.table.assign(relation=name) for name, m in mentions.items()]
    table = pd.concat([none.assign(relation=""), *parts], ignore_index=True)
    sharing = table.groupby(["relation", "related"])["identity"].transform("size")
    small = table[sharing <= MOST_SHARING]
    counting = [name for name, m in mentions.items() if m.counts_members]
    counted = small[small["relation"].isin(counting)]
    return _Said(small, counted, table[sharing > MOST_SHARING])


@dataclass(frozen=True)
class _Finding:
    groups: Groups
    said: _Said

    def candidates(self, wanted: Ints) -> pd.DataFrame:
        """Return `entity` and `group` (of its earliest identity) of whoever may be.

        That is who is moved, and who shares a small related entity with one who is.
        """
        table = self.groups.table
        moving = table[self.groups.moved[table["group"]]]
        shared = self.said.counted.merge(moving[["identity"]], on="identity")
        shared = shared[["relation", "related"]].drop_duplicates()
        beside = self.said.counted.merge(shared, on=["relation", "related"])
        # Whoever may come to hold an identity that shares is beside them as well.
        near = table[table["identity"].isin(beside["identity"])]
        wide = self.groups.widest(table["group"].to_numpy())
        near = table[np.isin(wide, self.groups.widest(near["group"].to_numpy()))]
        both = np.union1d(moving["entity"], near["entity"])
        named = table[table["entity"].isin(np.intersect1d(both, wanted))]
        earliest = named.drop_duplicates("entity")[["entity", "group"]]
        return earliest.sort_values("entity").reset_index(drop=True)

    def worlds(self, owners: pd.DataFrame) -> Worlds:
        """Number the different ways in which draws put each owner's people together."""
        related = self._related(owners)
        beside = self._beside(owners, related)
        pairs = (beside["owner"].to_numpy(), beside["group"].to_numpy())
        linked, drawn = self.groups.contents(*pairs, owners=len(owners))
        numbers, owner, draw = _numbered(linked, drawn)
        affected = (numbers != AS_LINKED).any(axis=1)
        world = np.arange(1, len(owner) + 1)
        of = pd.DataFrame({"world": world, "owner": owner, "draw": draw})
        members = self._members(of, owners, beside)
        related = related.merge(of, on="owner")[["world", "relation", "related"]]
        entities = owners["entity"].to_numpy()
        group = owners["group"].to_numpy()[owner]
        return Worlds(
            entities=entities[affected],
            numbers=numbers[affected],
            members=members,
            owners=pd.DataFrame(
                {
                    "world": world,
                    "entity": entities[owner],
                    "label": self.groups.names[self.groups.labels(group, draw)],
                }
            ),
            related=related,
            unmoved=self._unmoved(owners),
        )

    def _could_hold(self, owners: pd.DataFrame) -> pd.DataFrame:
        """Return `owner` (its place) and `identity`: what it could come to hold."""
        wide = self.groups.widest(owners["group"].to_numpy())
        own = pd.DataFrame({"owner": np.arange(len(owners)), "wide": wide})
        table = self.groups.table
        held = table[["identity"]].assign(
            wide=self.groups.widest(table["group"].to_numpy())
        )
        return own.merge(held, on="wide")[["owner", "identity"]]

    def _related(self, owners: pd.DataFrame) -> pd.DataFrame:
        """Return `owner`, `relation`, `related`: the small ones it could belong to."""
        found = self._could_hold(owners).merge(self.said.small, on="identity")
        return found[["owner", "relation", "related"]].drop_duplicates()

    def _beside(self, owners: pd.DataFrame, related: pd.DataFrame) -> pd.DataFrame:
        """Return `owner` and `group`: who could share with it, and itself."""
        sharing = related.merge(self.said.counted, on=["relation", "related"])
        found = sharing[["owner", "identity"]].merge(self.groups.table, on="identity")
        own = pd.DataFrame({"owner": np.arange(len(owners)), "group": owners["group"]})
        both = pd.concat([own, found[["owner", "group"]]], ignore_index=True)
        return both.drop_duplicates().reset_index(drop=True)

    def _members(
        self, of: pd.DataFrame, owners: pd.DataFrame, beside: pd.DataFrame
    ) -> pd.DataFrame:
        """Return `world`, `identity`, `label` of whoever is in each world."""
        present = of.merge(beside, on="owner")
        draw = present["draw"].to_numpy()
        label = self.groups.labels(present["group"].to_numpy(), draw)
        present = present.assign(label=label)[["world", "draw", "label"]]
        present = present.drop_duplicates()
        settled = present[present["label"] >= self.groups.decided]
        settled = settled.assign(group=settled["label"])
        decided = present.merge(self._in_draws(present), on=["draw", "label"])
        both = pd.concat([settled, decided])[["world", "label", "group"]]
        found = both.merge(self.groups.table[["group", "identity"]], on="group")
        found["label"] = self.groups.names[found["label"].to_numpy(np.int64)]
        return found[["world", "identity", "label"]].reset_index(drop=True)

    def _in_draws(self, present: pd.DataFrame) -> pd.DataFrame:
        """Return `draw`, `label`, `group` for all draws that some world stands for."""
        draws = np.unique(present["draw"].to_numpy(np.int64))
        labels = self.groups.drawn.labels[draws]
        each = np.arange(self.groups.decided)
        return pd.DataFrame(
            {
                "draw": np.repeat(draws, len(each)),
                "label": labels.ravel(),
                "group": np.tile(each, len(draws)),
            }
        )

    def _unmoved(self, owners: pd.DataFrame) -> pd.DataFrame:
        found = self._could_hold(owners).merge(self.said.great, on="identity")
        found["entity"] = owners["entity"].to_numpy()[found["owner"].to_numpy(np.int64)]
        return found[["relation", "entity"]].drop_duplicates().reset_index(drop=True)


def _numbered(linked: Bits, drawn: Bits) -> tuple[Ints, Ints, Ints]:
    """Number what differs from how it was linked, alike draws of an owner alike.

    Returns:
        Owners x draws: the number, from 1, or `AS_LINKED`; and of each number its
        owner and the first draw.
    """
    owner, draw = np.nonzero(drawn != linked[:, np.newaxis])
    keys = np.stack([owner.astype(np.uint64), drawn[owner, draw]], axis=1)
    _, firsts, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    numbers = np.full(drawn.shape, AS_LINKED, np.int64)
    numbers[owner, draw] = inverse.reshape(-1) + 1
    return numbers, owner[firsts], draw[firsts]
