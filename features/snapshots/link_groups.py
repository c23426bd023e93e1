"""Groups: all identities, in those that draws decide on and those that are settled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.snapshots.link_draws import Bits, Ints, LinkDraws, LinkGraph, mixed


@dataclass(frozen=True)
class Groups:
    """All identities in groups, each of which goes together in every draw.

    Attributes:
        table: `identity`, `group` and `entity` (-1 if it was left out), by identity.
            A settled entity is one group, numbered behind those of `drawn`.
        names: Of each group, its earliest identity.
        drawn: The draws.
    """

    table: pd.DataFrame
    names: Ints
    drawn: LinkDraws

    @classmethod
    def of(cls, graph: LinkGraph, drawn: LinkDraws) -> Groups:
        """Return the groups of a graph's identities."""
        own = pd.Series(drawn.groups, drawn.identities).reindex(graph.identities)
        settled = own.isna().to_numpy()
        alone = np.where(graph.entities >= 0, graph.entities, -1 - graph.identities)
        _, firsts, inverse = np.unique(
            alone[settled], return_index=True, return_inverse=True
        )
        group = own.fillna(0).to_numpy(np.int64, copy=True)
        group[settled] = inverse + len(drawn.names)
        table = pd.DataFrame({"identity": graph.identities, "group": group})
        names = [drawn.names, graph.identities[settled][firsts]]
        return cls(table.assign(entity=graph.entities), np.concatenate(names), drawn)

    @property
    def decided(self) -> int:
        """How many groups draws decide on; the settled are numbered from there."""
        return len(self.drawn.names)

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Whether, in some draw, a group's entity is not what it was linked to be."""
        found = np.zeros(len(self.names), dtype=bool)
        found[: self.decided] = self.drawn.moved
        return found

    def widest(self, group: Ints) -> Ints:
        """Return the first group of all that could come together with each."""
        found = group.copy()
        drawn = group < self.decided
        found[drawn] = self.drawn.widest[group[drawn]]
        return found

    def labels(self, group: Ints, draw: Ints) -> Ints:
        """Return the first group of the entity that each is in, in a draw."""
        found = group.copy()
        drawn = group < self.decided
        found[drawn] = self.drawn.labels[draw[drawn], group[drawn]]
        return found

    def contents(self, owner: Ints, group: Ints, *, owners: int) -> tuple[Bits, Bits]:
        """Return a hash of all whom some groups are one entity with.

        Args:
            owner: Whose hash each group goes into: 0, 1, 2 ...
            group: The groups.
            owners: How many owners there are.

        Returns:
            As linked, one an owner; and owners x draws. Alike hashes, alike people.
        """
        drawn = group < self.decided
        owner, group = owner[drawn], group[drawn]
        own = mixed(self.drawn.names[group].astype(np.uint64))
        linked = np.zeros(owners, np.uint64)
        np.add.at(linked, owner, mixed(own ^ self.drawn.contents_linked[group]))
        found = np.zeros((owners, len(self.drawn.labels)), np.uint64)
        for number, contents in enumerate(self.drawn.contents):
            np.add.at(found[:, number], owner, mixed(own ^ contents[group]))
        return linked, found
