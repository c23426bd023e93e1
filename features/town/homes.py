"""Where people of the simulated town live: areas, homes, care homes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from features.town import home_parameters as home_rates
from features.town import parameters as rates
from features.town.days import FIRST, LAST, NEVER, Flags, Ints, Strings, day_number


OLDEST_ENTRY = day_number(dt.date(1975, 1, 1))
POSTCODES_A_DISTRICT = 4_000


@dataclass(frozen=True)
class Homes:
    """One entry per home: first those lived in, then the spare, then care homes.

    Attributes:
        area: The small area's code.
        deprivation: The area's fifth, 1 the most deprived.
        joined: The day on which those who live there first registered with the
            practice; NEVER where nobody does.
        rented: Rented from the council or an association.
        is_care_home: Nobody lives there on the first day but who needs care.
    """

    uprn: Strings
    postcode: Strings
    area: Strings
    deprivation: Ints
    diverse: Flags
    joined: Ints
    rented: Flags
    is_care_home: Flags

    def __len__(self) -> int:
        return len(self.uprn)


@dataclass(frozen=True)
class Part:
    """Which part of the town a block is, so that its numbers can run on.

    Attributes:
        number: From 0.
        of: How many parts the town has.
        first_person: The true number of the part's first person.
        first_home: The number of its first home.
        first_area: The number of its first area.
        first_postcode: The number of its first postcode.
    """

    number: int = 0
    of: int = 1
    first_person: int = 0
    first_home: int = 0
    first_area: int = 0
    first_postcode: int = 0


def build_homes(
    lived_in: int, people: int, part: Part, rng: np.random.Generator
) -> Homes:
    """Return a part's homes.

    Args:
        lived_in: How many homes people live in on the first day.
        people: About how many people of 65 and over live in them.
        part: Which part of the town.
        rng: The source of chance.
    """
    areas = max(5, people // rates.PEOPLE_PER_AREA)
    fifths = rng.permutation(np.arange(areas) % 5 + 1)
    diverse = rng.permutation(areas) < areas * rates.DIVERSE_AREAS
    share = np.array(home_rates.OLD_BY_FIFTH)[fifths - 1]
    area = np.sort(rng.choice(areas, lived_in, p=share / share.sum()))
    spare = rng.integers(0, lived_in, round(lived_in * home_rates.SPARE_HOMES))
    care_homes = _places_for_care_homes(fifths[area], people, rng)
    beside = np.concatenate([np.arange(lived_in), spare, care_homes])
    count, area = len(beside), area[beside]
    joined = rng.integers(OLDEST_ENTRY, FIRST, count)
    late = rng.random(count) < rates.MOVED_IN
    joined[late] = rng.integers(FIRST, LAST - 90, late.sum())
    joined[lived_in:] = NEVER
    is_care_home = np.arange(count) >= count - len(care_homes)
    rented = rng.random(count) < np.array(home_rates.RENTED)[fifths[area] - 1]
    numbers = part.first_home + rng.permutation(count)
    return Homes(
        uprn=np.array([f"9990{number:08d}" for number in numbers]),
        postcode=_postcodes(lived_in, part)[beside // rates.HOMES_PER_POSTCODE],
        area=np.array([f"E01{990_000 + part.first_area + n}" for n in range(areas)])[
            area
        ],
        deprivation=fifths[area],
        diverse=diverse[area],
        joined=joined,
        rented=rented & ~is_care_home,
        is_care_home=is_care_home,
    )


def _places_for_care_homes(fifth: Ints, people: int, rng: np.random.Generator) -> Ints:
    """Return beside which home each care home stands: at least one in every fifth."""
    each = max(1, round(people / home_rates.PEOPLE_PER_CARE_HOME / 5))
    found = [rng.choice(np.flatnonzero(fifth == f), each) for f in np.unique(fifth)]
    return np.concatenate(found)


def _postcodes(lived_in: int, part: Part) -> Strings:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    first = part.first_postcode
    numbers = range(first, first + postcodes_of(lived_in))
    return np.array(
        [
            f"AV{n // POSTCODES_A_DISTRICT + 1} {n // 400 % 10}{letters[n // 20 % 20]}"
            + letters[n % 20]
            for n in numbers
        ]
    )


def postcodes_of(lived_in: int) -> int:
    """Return how many postcodes so many homes have."""
    return -(-lived_in // rates.HOMES_PER_POSTCODE)
