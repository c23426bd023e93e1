"""Who lives in the simulated town: homes, ages, names and numbers, all made up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.town import care_parameters as care_rates
from features.town import home_parameters as home_rates
from features.town import parameters as rates
from features.town.days import (
    DAYS_PER_YEAR,
    FIRST,
    LAST,
    NEVER,
    Flags,
    Floats,
    Ints,
    Strings,
    day_number,
)
from features.town.homes import Homes, Part, build_homes
from features.town.naming import name_people


__all__ = [
    "DAYS_PER_YEAR",
    "FIRST",
    "LAST",
    "NEVER",
    "Flags",
    "Floats",
    "Homes",
    "Ints",
    "People",
    "Strings",
    "day_number",
    "nhs_numbers",
    "settle",
]

# The range 999 holds a million nine-digit bodies; each part of a large town needs some.
ROOM_FOR_NUMBERS = 1_000_000
ROOM_A_PART = 60_000


@dataclass(frozen=True)
class People:
    """One entry per person; index and `part.first_person` make the true number.

    Attributes:
        part: Which part of the town these are.
        home: Index into `homes`, of where each lives at first.
        partner: Index of the partner who lives there, -1 for none.
        born: Day number.
        pays: 2 has the means to pay for any care, 1 for a care home, 0 for none.
        maiden: For women, the surname that some offices still hold.
    """

    homes: Homes
    home: Ints
    partner: Ints
    sex: Strings
    born: Ints
    ethnicity: Strings
    forename: Strings
    surname: Strings
    maiden: Strings
    nhs_number: Strings
    pays: Ints
    part: Part = Part()

    def __len__(self) -> int:
        return len(self.home)

    @property
    def joined(self) -> Ints:
        """The day on which each registered with the practice."""
        return np.maximum(self.homes.joined[self.home], self.born)

    def ages_on(self, day: int) -> Floats:
        """Return everyone's age in years on a day number."""
        return (day - self.born) / DAYS_PER_YEAR


def settle(people: int, rng: np.random.Generator, part: Part | None = None) -> People:
    """Return the people of the town, or of one part of it.

    Args:
        people: About how many are 65 and over on the first day. Those who turn 65
            later, and the younger who live with them, come on top.
        rng: The source of chance.
        part: Which part of the town; without it, the whole.
    """
    part = part or Part()
    first_sex, ages, second, young = _households(people, rng)
    homes = build_homes(len(ages), people, part, rng)
    home = np.concatenate([np.arange(len(ages)), second, young])
    sex = np.concatenate(
        [first_sex, np.full(len(second), "M"), rng.choice(["F", "M"], len(young))]
    )
    born = _born(ages, second, young, rng)
    partner = np.full(len(home), -1)
    partner[second] = len(ages) + np.arange(len(second))
    partner[partner[second]] = second
    ethnicity = _ethnicity(homes, rng)[home]
    forename, surname, maiden = name_people(ethnicity, sex, home, rng)
    town = People(
        homes=homes,
        home=home,
        partner=partner,
        sex=sex,
        born=born,
        ethnicity=ethnicity,
        forename=forename,
        surname=surname,
        maiden=maiden,
        nhs_number=nhs_numbers(len(home), rng, part),
        pays=_means(homes, home, rng),
        part=part,
    )
    kin = np.arange(len(ages) + len(second), len(home))
    return _look_alikes(town, kin, people)


def _born(ages: Floats, second: Ints, young: Ints, rng: np.random.Generator) -> Ints:
    """Return the birth dates of first adults, their partners and the young at home."""
    partner_ages = np.clip(ages[second] + rng.normal(2, 3, len(second)), 50, 103)
    young_ages = np.clip(ages[young] - rng.uniform(20, 40, len(young)), 18, None)
    all_ages = np.concatenate([ages, partner_ages, young_ages])
    return FIRST - np.floor(all_ages * DAYS_PER_YEAR).astype(np.int64)


def nhs_numbers(
    count: int, rng: np.random.Generator, part: Part | None = None
) -> Strings:
    """Return distinct, valid NHS numbers from the range that no one is given.

    That range begins with 999; a town of hundreds of thousands goes on below it. No
    two parts of a town have a number in common.

    Source: NHS Data Dictionary, modulus 11 check digit; 10 is never issued.
    """
    part = part or Part()
    room = max(ROOM_FOR_NUMBERS // part.of, ROOM_A_PART)
    bodies = 999_999_999 - part.number - part.of * rng.permutation(room)
    places = 10 ** np.arange(8, -1, -1)
    digits = bodies[:, None] // places % 10
    check = 11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11
    check[check == 11] = 0
    issued = np.flatnonzero(check < 10)[:count]
    if len(issued) < count:
        raise ValueError(f"a part of the town has no NHS numbers for {count} people")
    written: Strings = (bodies[issued] * 10 + check[issued]).astype(str)
    return written


def _means(homes: Homes, home: Ints, rng: np.random.Generator) -> Ints:
    """Return who has the means to pay; all of a home have, and nobody who rents."""
    fifth = homes.deprivation - 1
    rented = np.array(home_rates.RENTED)[fifth]
    share = np.array(care_rates.PAYS_CARE_HOME)[fifth] / (1 - rented)
    well_off = ~homes.rented & (rng.random(len(homes)) < share)
    rich = well_off & (rng.random(len(homes)) < care_rates.PAYS_AT_HOME_TOO)
    return np.asarray((well_off.astype(np.int64) + rich)[home], dtype=np.int64)


def _households(
    people: int, rng: np.random.Generator
) -> tuple[Strings, Floats, Ints, Ints]:
    """First adults' sex and age, then the homes that have a partner and a younger."""
    old = _weight(rates.OLD_AGE, None)
    total = people * (1 + _weight(rates.YOUNGEST_SIMULATED, rates.OLD_AGE) / old)
    total /= 1 - rates.MOVED_IN  # who moves in later comes on top
    alone_women = round(total * rates.WOMEN * rates.ALONE_WOMEN)
    alone_men = round(total * (1 - rates.WOMEN) * rates.ALONE_MEN)
    together = total - alone_women - alone_men
    couples = round(together * rates.COUPLES / 2)
    others = round(together * (1 - rates.COUPLES))
    ages = np.concatenate(
        [
            _ages(alone_women + alone_men, rates.ALONE_AGE_TILT, rng),
            _ages(couples + others, -rates.ALONE_AGE_TILT / 2, rng),
        ]
    )
    sex = np.repeat(["F", "M", "F"], [alone_women, alone_men, couples + others])
    second = alone_women + alone_men + np.arange(couples)
    young = alone_women + alone_men + couples + np.arange(others)
    sex[young] = rng.choice(["F", "M"], others, p=[0.6, 0.4])
    return sex, ages, second, young


def _weights() -> tuple[Ints, Floats]:
    ages = np.arange(rates.AGES[0], rates.AGES[-1])
    return ages, np.interp(ages, rates.AGES, rates.AGE_WEIGHTS)


def _weight(lowest: int, below: int | None) -> float:
    ages, weights = _weights()
    chosen = (ages >= lowest) & (ages < (below or NEVER))
    return float(weights[chosen].sum())


def _ages(count: int, tilt: float, rng: np.random.Generator) -> Floats:
    ages, weights = _weights()
    weights = weights * np.exp(tilt * (ages - ages[0]))
    whole = rng.choice(ages, count, p=weights / weights.sum())
    return whole + rng.uniform(0, 1, count)


def _ethnicity(homes: Homes, rng: np.random.Generator) -> Strings:
    """One group a home: mixed homes would need more than a first version has."""
    groups = list(rates.ETHNICITY)
    shares = np.array(list(rates.ETHNICITY.values()))
    times, part = rates.DIVERSE_TIMES, rates.DIVERSE_AREAS
    drawn = np.full(len(homes.uprn), "W")
    for diverse, factor in ((True, times), (False, (1 - part * times) / (1 - part))):
        here = homes.diverse == diverse
        local = np.append(1 - factor * shares[1:].sum(), factor * shares[1:])
        drawn[here] = rng.choice(groups, here.sum(), p=local / local.sum())
    return drawn


def _look_alikes(town: People, kin: Ints, people: int) -> People:
    """Make a few of the younger a twin of the first adult, or a son of one name."""
    elders = town.home[kin]
    alike = town.sex[kin] == town.sex[elders]
    twins = kin[alike & (town.forename[kin] != town.forename[elders])]
    twins = twins[: round(people * rates.TWINS_PER_PERSON)]
    sons = np.setdiff1d(kin[alike & (town.sex[kin] == "M")], twins)
    sons = sons[: round(people * rates.NAMESAKES_PER_PERSON)]
    born, surname, forename = (
        town.born.copy(),
        town.surname.copy(),
        town.forename.copy(),
    )
    born[twins], surname[twins] = born[town.home[twins]], surname[town.home[twins]]
    fathers = town.home[sons]
    surname[sons], forename[sons] = surname[fathers], forename[fathers]
    return replace(town, born=born, surname=surname, forename=forename)
