"""Restricted records: whose are marked, and who has a new identity and an old one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import FIRST, LAST, NEVER, Ints, Strings
from features.town.names import PATTERNS
from features.town.naming import pattern_of
from features.town.people import People


# Numbers of closed identities: a range that the town's own never reach.
_CLOSED_NUMBERS = 970_000_000


@dataclass(frozen=True)
class Restricted:
    """Whose records are restricted, and what those with a new identity were called.

    By person, but `former`.

    Attributes:
        code: Why, as the contracts' codes say; empty for nearly everybody.
        since: The day from which it holds, or NEVER.
        former: Who has a closed identity; the names below are theirs, in this order.
        forename: As it was before.
        surname: As it was before.
        nhs_number: As it was before.
        sex: As it was registered before.
    """

    code: Strings
    since: Ints
    former: Ints
    forename: Strings
    surname: Strings
    nhs_number: Strings
    sex: Strings

    def before(self, person: Ints, day: Ints) -> Ints:
        """Return the place in `former` of each event before the change, else -1."""
        place = np.full(len(self.code), -1)
        place[self.former] = np.arange(len(self.former))
        return np.where(day < self.since[person], place[person], -1)


def restrict(people: People, rng: np.random.Generator) -> Restricted:
    """Choose whose records are restricted: a stated share, and one of each at least."""
    count = len(people)
    code = np.full(count, "", dtype=object)
    grown = np.flatnonzero(people.ages_on(FIRST) >= 30)
    free = rng.permutation(grown[grown > 0])  # truth writes a former person as -number
    for why, share in rates.RESTRICTED.items():
        taken, free = np.split(free, [max(1, round(share * count))])
        code[taken] = why
    changed = np.isin(code, rates.IDENTITY_CHANGED)
    since = np.where(code == "", NEVER, FIRST - 365)
    since[changed] = rng.integers(FIRST + 500, LAST - 500, int(changed.sum()))
    former = np.flatnonzero(changed)
    forename, surname, sex = (
        column[former].astype(object)
        for column in (people.forename, people.surname, people.sex)
    )
    patterns = pattern_of(people.ethnicity[former], people.forename[former])
    for place, person in enumerate(former):
        pattern = PATTERNS[patterns[place]]
        if code[person] == "GRA":
            sex[place] = "M" if people.sex[person] == "F" else "F"
            forename[place] = _other(_forenames(pattern, sex[place]), "", rng)
        else:
            surname[place] = _other(pattern.surnames, surname[place], rng)
        if code[person] == "WIT":
            names = _forenames(pattern, sex[place])
            forename[place] = _other(names, forename[place], rng)
    numbers = closed_numbers(former + people.part.first_person)
    return Restricted(code, since, former, forename, surname, numbers, sex)


def closed_numbers(person: Ints) -> Strings:
    """Return the valid NHS number of the closed identity of each true person.

    Source: NHS Data Dictionary, modulus 11 check digit; 10 is never issued.

    >>> [str(number) for number in closed_numbers(np.array([1, 2]))]
    ['9700000109', '9700000206']
    """
    written = []
    for first in (_CLOSED_NUMBERS + 10 * person).tolist():
        body = first
        while (check := _check_digit(body)) == 10:
            body += 1
        written.append(f"{body}{check}")
    return np.array(written, dtype=object)


def _check_digit(body: int) -> int:
    weighted = zip(str(body), range(10, 1, -1), strict=True)
    return -sum(int(digit) * weight for digit, weight in weighted) % 11


def _forenames(pattern: object, sex: str) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(pattern, "women" if sex == "F" else "men")
    return names


def _other(names: tuple[str, ...], than: str, rng: np.random.Generator) -> str:
    others = sorted(set(names) - {than})
    return others[rng.integers(len(others))]
