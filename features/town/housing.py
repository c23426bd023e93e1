"""Homes rented from the council or an association: tenancies, arrears, repairs."""

from __future__ import annotations

from typing import Final

import numpy as np

from features.town import home_parameters as rates
from features.town.health_parameters import MEAN_FRAILTY
from features.town.life import NOBODY, Lives, Month, happens, here
from features.town.people import LAST, NEVER, Flags, Ints


# What a repair is of; an event's value is the position in this list.
REPAIRS: Final = (
    "heating",
    "plumbing",
    "electrics",
    "doors and windows",
    "damp and mould",
    "adaptation",
)
_ADAPTATION: Final = 5
_SHARES: Final = (0.30, 0.30, 0.16, 0.14, 0.10)


def tenants(lives: Lives) -> Flags:
    """Return who holds the tenancy of a rented home: the first adult, then a partner.

    Where somebody moves within the town the tenancy goes with them.
    """
    people = lives.people
    rented = people.homes.rented[people.home]
    first = np.zeros(len(people), dtype=bool)
    first[np.unique(people.home, return_index=True)[1]] = True
    partner = people.partner
    heir = (partner != NOBODY) & first[partner] & (lives.end[partner] < NEVER)
    return np.asarray(rented & (first | heir))


def keep_home(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Note arrears and repairs of those who rent.

    Args:
        lives: All that happens; this writes to the housing pages only.
        month: The month.
        rng: A source of chance of its own, so that nothing else can hang on it.
    """
    holder = here(lives, month) & tenants(lives) & ~lives.in_care_home
    fifth = lives.people.homes.deprivation[lives.home]
    owing, day = happens(np.array(rates.ARREARS)[fifth - 1], holder, month, rng)
    weeks = rng.geometric(1 / rates.ARREARS_WEEKS, len(owing))
    lives.diary.note("housing", "arrears", owing, day, weeks)
    count = len(holder)
    calling, day = happens(np.full(count, rates.REPAIRS), holder, month, rng)
    kind = rng.choice(_ADAPTATION, len(calling), p=_SHARES)
    lives.diary.note("housing", "repair", calling, day, kind)
    frail = rates.ADAPTATIONS_BY_FRAILTY * (lives.frailty - MEAN_FRAILTY)
    chance = rates.ADAPTATIONS * np.exp(frail)
    adapting, day = happens(chance, holder, month, rng)
    lives.diary.note("housing", "repair", adapting, day, _ADAPTATION)


def hold_tenancies(lives: Lives, resident_since: Ints) -> None:
    """Note when tenancies start and end, once all lives are known.

    Args:
        lives: All that happened.
        resident_since: By person, the day of entering a care home, or NEVER.
    """
    people, holder = lives.people, tenants(lives)
    over = np.minimum(lives.end, resident_since)
    person = np.flatnonzero(holder)
    first = np.zeros(len(people), dtype=bool)
    first[np.unique(people.home, return_index=True)[1]] = True
    partner = people.partner[person]
    start = np.where(first[person], people.joined[person], over[partner] + 1)
    runs = (start <= LAST) & (start < over[person])
    person, start = person[runs], start[runs]
    lives.diary.note("housing", "tenancy start", person, start)
    ends = over[person] <= LAST
    lives.diary.note("housing", "tenancy end", person[ends], over[person][ends])
