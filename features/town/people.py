"""Who lives in the simulated town: homes, ages, names and numbers, all made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from features.town import parameters as rates
from features.town.naming import name_people


Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[Any]  # of dtype str; numpy's own type for it is not exported

# A day is the number of days since 1 January 1970, as in numpy's datetime64[D].
NEVER = 10**6
DAYS_PER_YEAR = 365.25


def day_number(day: dt.date) -> int:
    """Return the day as the number of days since 1 January 1970.

    >>> day_number(dt.date(1970, 1, 2))
    1
    """
    return (day - dt.date(1970, 1, 1)).days


FIRST = day_number(rates.FIRST_DAY)
LAST = day_number(rates.LAST_DAY)


@dataclass(frozen=True)
class Homes:
    """One entry per home.

    Attributes:
        area: The small area's code.
        deprivation: The area's fifth, 1 the most deprived.
        joined: The day on which those who live there registered with the practice.
    """

    uprn: Strings
    postcode: Strings
    area: Strings
    deprivation: Ints
    diverse: Flags
    joined: Ints


@dataclass(frozen=True)
class People:
    """One entry per person; the index is the person's true number.

    Attributes:
        home: Index into `homes`.
        partner: Index of the partner who lives there, -1 for none.
        born: Day number.
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

    def __len__(self) -> int:
        return len(self.home)

    @property
    def joined(self) -> Ints:
        """The day on which each registered with the practice."""
        return np.maximum(self.homes.joined[self.home], self.born)

    def ages_on(self, day: int) -> Floats:
        """Return everyone's age in years on a day number."""
        return (day - self.born) / DAYS_PER_YEAR


def settle(people: int, rng: np.random.Generator) -> People:
    """Return the town's people.

    Args:
        people: About how many are 65 and over on the first day. Those who turn 65
            later, and the younger who live with them, come on top.
        rng: The source of chance.
    """
    first_sex, ages, second, young = _households(people, rng)
    homes = _homes(len(ages), people, rng)
    home = np.concatenate([np.arange(len(ages)), second, young])
    sex = np.concatenate(
        [first_sex, np.full(len(second), "M"), rng.choice(["F", "M"], len(young))]
    )
    partner_ages = np.clip(ages[second] + rng.normal(2, 3, len(second)), 50, 103)
    young_ages = np.clip(ages[young] - rng.uniform(20, 40, len(young)), 18, None)
    all_ages = np.concatenate([ages, partner_ages, young_ages])
    born = FIRST - np.floor(all_ages * DAYS_PER_YEAR).astype(np.int64)
    partner = np.full(len(home), -1)
    partner[second] = len(ages) + np.arange(len(second))
    partner[partner[second]] = second
    ethnicity = _ethnicity(homes, rng)[home]
    forename, surname, maiden = name_people(ethnicity, sex, home, rng)
    numbers = nhs_numbers(len(home), rng)
    town = People(
        homes, home, partner, sex, born, ethnicity, forename, surname, maiden, numbers
    )
    kin = np.arange(len(ages) + len(second), len(home))
    return _look_alikes(town, kin, people)


def nhs_numbers(count: int, rng: np.random.Generator) -> Strings:
    """Return distinct, valid NHS numbers from the range that no one is given (999).

    Source: NHS Data Dictionary, modulus 11 check digit; 10 is never issued.
    """
    bodies = rng.permutation(1_000_000)[: 2 * count + 100]
    digits = np.stack([np.full_like(bodies, 9)] * 3 + _digits(bodies), axis=1)
    check = 11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11
    check[check == 11] = 0
    issued = check < 10
    numbers = 9_990_000_000 + bodies[issued] * 10 + check[issued]
    if len(numbers) < count:
        raise ValueError(f"the range 999 holds too few NHS numbers for {count} people")
    written: Strings = numbers[:count].astype(str)
    return written


def _digits(bodies: Ints) -> list[Ints]:
    return [bodies // 10**power % 10 for power in range(5, -1, -1)]


def _households(
    people: int, rng: np.random.Generator
) -> tuple[Strings, Floats, Ints, Ints]:
    """First adults' sex and age, then the homes that have a partner and a younger."""
    old = _weight(rates.OLD_AGE, None)
    total = people * (1 + _weight(rates.YOUNGEST_SIMULATED, rates.OLD_AGE) / old)
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


def _homes(count: int, people: int, rng: np.random.Generator) -> Homes:
    areas = max(5, people // rates.PEOPLE_PER_AREA)
    fifths = rng.permutation(np.arange(areas) % 5 + 1)
    diverse = rng.permutation(areas) < areas * rates.DIVERSE_AREAS
    area = np.sort(rng.integers(0, areas, count))
    block = np.arange(count) // rates.HOMES_PER_POSTCODE
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
    postcodes = [
        f"AV{b // 4_000 % 9 + 1} {b // 400 % 10}{letters[b // 20 % 20]}"
        + letters[b % 20]
        for b in range(block[-1] + 1)
    ]
    joined = rng.integers(day_number(dt.date(1975, 1, 1)), FIRST, count)
    late = rng.random(count) < rates.MOVED_IN
    joined[late] = rng.integers(FIRST, LAST - 90, late.sum())
    return Homes(
        uprn=np.array([f"9990{n:08d}" for n in rng.permutation(count)]),
        postcode=np.array(postcodes)[block],
        area=np.array([f"E01{990_000 + n}" for n in range(areas)])[area],
        deprivation=fifths[area],
        diverse=diverse[area],
        joined=joined,
    )


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
