"""Tallies: what went wrong with the links of each person's records.

Each person counts once, so that whoever has many records does not weigh more.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Records:
    """Records whose truth is known, in columns of one length.

    Attributes:
        person: The true person, 0, 1, 2 ...
        entity: What they were linked to, 0, 1, 2 ...; unlinked ones are each their own.
        partner: Who holds them, as a number; all 0 where nobody says.
    """

    person: Ints
    entity: Ints
    partner: Ints


@dataclass(frozen=True)
class Tallies:
    """Of each unit (a person, or a person at one partner), what went wrong.

    Attributes:
        apart: Whether any record is away from the person's main entity.
        mixed: Whether any shares its entity with somebody else's.
        judged: Whether the person has two records, so that a link can be missed.
        true: Ends of links that there should be; `missed` of them are not there.
        made: Ends of links that there are; `wrong` of them are with somebody else.
    """

    apart: Flags
    mixed: Flags
    judged: Flags
    true: Ints
    missed: Ints
    made: Ints
    wrong: Ints

    def only(self, chosen: Flags) -> Tallies:
        """Return the tallies of some units."""
        return Tallies(*(column[chosen] for column in vars(self).values()))


def numbered(
    entities: Mapping[int, int],
    truth: Mapping[int, Hashable],
    partners: Mapping[int, str],
) -> Records:
    """Return the records whose truth is known, in the order of `truth`."""
    numbers = {person: n for n, person in enumerate(dict.fromkeys(truth.values()))}
    names = {name: n for n, name in enumerate(sorted(set(partners.values())))}
    # What has no entity is alone, under a number that no other has.
    below = min(entities.values(), default=0) - 1
    linked = [entities.get(r, below - n) for n, r in enumerate(truth)]
    return Records(
        person=np.array([numbers[person] for person in truth.values()], np.int64),
        entity=np.unique(np.array(linked, np.int64), return_inverse=True)[1],
        partner=np.array(
            [names[partners[r]] if r in partners else 0 for r in truth], np.int64
        ),
    )


def tallies_of(records: Records, unit: Ints) -> Tallies:
    """Count, for each different value of `unit`, what went wrong with its records."""
    person, entity = records.person, records.entity
    together, size = _sizes(person * (int(entity.max(initial=0)) + 1) + entity)
    of_person, of_entity = _sizes(person)[1], _sizes(entity)[1]
    main = _main_entities(records, together)[person]
    _, place = np.unique(unit, return_inverse=True)
    count = int(place.max(initial=-1)) + 1

    def total(values: Ints | Flags) -> Ints:
        return np.bincount(place, values, count).astype(np.int64)

    return Tallies(
        apart=total(together != main) > 0,
        mixed=total(of_entity > size) > 0,
        judged=total(of_person > 1) > 0,
        true=total(of_person - 1),
        missed=total(of_person - size),
        made=total(of_entity - 1),
        wrong=total(of_entity - size),
    )


def _sizes(values: Ints) -> tuple[Ints, Ints]:
    """Return each value's number, from 0, and how many are equal to it."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return place, counts[place]


def _main_entities(records: Records, together: Ints) -> Ints:
    """Return, of each person, where most partners' records of them are.

    That is a number of `together`: a person and an entity. Among equals, the one with
    more records counts, then the one that comes first.
    """
    parts, first, counts = np.unique(together, return_index=True, return_counts=True)
    spread = together * (int(records.partner.max(initial=0)) + 1) + records.partner
    _, firsts = np.unique(spread, return_index=True)
    partners = np.bincount(together[firsts], minlength=len(parts))
    owner = records.person[first]
    order = np.lexsort((parts, -counts, -partners, owner))
    _, best = np.unique(owner[order], return_index=True)
    return parts[order][best]
