"""How offices really keep records: flawed identifiers, double entries, late ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from features.town import parameters as rates
from features.town.names import ALIASES
from features.town.people import NEVER, Ints, People, Strings, day_number


MISSING = NEVER
LIKE_WHITE = frozenset({"W", "M"})
PLACEHOLDER = day_number(dt.date(1900, 1, 1))


@dataclass(frozen=True)
class Filed:
    """Whom a partner holds on file: one entry per local number, as it is written there.

    Attributes:
        person: The true person.
        birth_date: Day number, `MISSING` where the office holds none.
        first: By true person, the entry that is theirs; -1 for none.
        second: By true person, the entry made twice in error; -1 for none.
    """

    person: Ints
    local_id: Strings
    nhs_number: Strings
    forename: Strings
    surname: Strings
    birth_date: Ints
    postcode: Strings
    first: Ints
    second: Ints

    def entry(self, person: Ints, rng: np.random.Generator) -> Ints:
        """Return under which entry each event is kept; half under a double one."""
        twice = (self.second[person] >= 0) & (rng.random(len(person)) < 0.5)
        return np.where(twice, self.second[person], self.first[person])


def put_on_file(
    people: People, person: Ints, partner: str, rng: np.random.Generator
) -> Filed:
    """Return how `partner` writes down the people it knows.

    Args:
        people: Everyone.
        person: Whom the partner knows; each once.
        partner: Its name in the parameters.
        rng: The source of chance.
    """
    twice = person[rng.random(len(person)) < rates.TWICE_ON_FILE[partner]]
    rows = np.concatenate([person, twice])
    first, second = np.full(len(people), -1), np.full(len(people), -1)
    first[person] = np.arange(len(person))
    second[twice] = len(person) + np.arange(len(twice))
    numbers = 100_000 + rng.permutation(9 * len(rows))[: len(rows)]
    filed = Filed(
        person=rows,
        local_id=np.char.add(partner[0].upper(), numbers.astype(str)),
        nhs_number=people.nhs_number[rows],
        forename=people.forename[rows],
        surname=people.surname[rows],
        birth_date=people.born[rows],
        postcode=people.homes.postcode[people.home[rows]],
        first=first,
        second=second,
    )
    filed = _lose_numbers(filed, partner, rng, doubles=len(twice))
    return _flawed(filed, people, partner, rng)


def written_down(day: Ints, partner: str, rng: np.random.Generator) -> Ints:
    """Return when each event was recorded: on its day or later, some much later."""
    slow = rng.random(len(day)) < rates.LONG_DELAYS[partner]
    usual = rng.exponential(rates.DELAY_DAYS[partner], len(day))
    slower = rng.exponential(rates.LONG_DELAY_DAYS[partner], len(day))
    return day + np.floor(np.where(slow, slower, usual)).astype(np.int64)


def _lose_numbers(
    filed: Filed, partner: str, rng: np.random.Generator, *, doubles: int
) -> Filed:
    """Drop some NHS numbers and misprint the check digit of a few.

    A double entry is made because the number was not at hand, so it has none.
    """
    numbers = filed.nhs_number.copy()
    bad = rng.random(len(numbers)) < rates.BAD_NHS_NUMBER[partner]
    for row in np.flatnonzero(bad):
        last = (int(numbers[row][-1]) + 1) % 10
        numbers[row] = f"{numbers[row][:-1]}{last}"
    gone = rng.random(len(numbers)) < rates.NO_NHS_NUMBER[partner]
    gone[len(numbers) - doubles :] = True
    numbers[gone] = ""
    return replace(filed, nhs_number=numbers)


def _flawed(
    filed: Filed, people: People, partner: str, rng: np.random.Generator
) -> Filed:
    """Give a share of entries one flaw each."""
    unfamiliar = ~np.isin(people.ethnicity[filed.person], list(LIKE_WHITE))
    can_lack_date = partner not in rates.ALWAYS_A_BIRTH_DATE
    share = rates.FLAWED[partner] * np.where(
        unfamiliar, rates.FLAWED_TIMES_UNFAMILIAR, 1.0
    )
    columns = {
        "forename": filed.forename.astype(object),
        "surname": filed.surname.astype(object),
        "birth_date": filed.birth_date.copy(),
        "postcode": filed.postcode.astype(object),
    }
    kinds = [flaw for flaw in _FLAWS if flaw is not _placeholder or can_lack_date]
    for row in np.flatnonzero(rng.random(len(share)) < share):
        entry = _Entry(
            forename=str(columns["forename"][row]),
            surname=str(columns["surname"][row]),
            birth_date=int(columns["birth_date"][row]),
            postcode=str(columns["postcode"][row]),
            maiden=str(people.maiden[filed.person[row]]),
        )
        flawed = kinds[rng.integers(len(kinds))](entry, rng)
        for name, column in columns.items():
            column[row] = getattr(flawed, name)
    return replace(
        filed,
        forename=columns["forename"].astype(str),
        surname=columns["surname"].astype(str),
        birth_date=columns["birth_date"],
        postcode=columns["postcode"].astype(str),
    )


@dataclass(frozen=True)
class _Entry:
    forename: str
    surname: str
    birth_date: int
    postcode: str
    maiden: str


def _misspell(text: str, rng: np.random.Generator) -> str:
    """Swap, drop, double or mistype one letter after the first."""
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    return [
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + "abcdefghijklmnoprstuvwy"[rng.integers(23)] + text[at + 1 :],
    ][rng.integers(4)]


def _forename_misspelt(entry: _Entry, rng: np.random.Generator) -> _Entry:
    return replace(entry, forename=_misspell(entry.forename, rng))


def _surname_misspelt(entry: _Entry, rng: np.random.Generator) -> _Entry:
    return replace(entry, surname=_misspell(entry.surname, rng))


def _alias(entry: _Entry, _: np.random.Generator) -> _Entry:
    """A short form or another spelling, or the initial where there is none."""
    forename = ALIASES.get(entry.forename, entry.forename[0])[0]
    surname = ALIASES.get(entry.surname, (entry.surname,))[0]
    return replace(entry, forename=forename, surname=surname)


def _swapped(entry: _Entry, _: np.random.Generator) -> _Entry:
    return replace(entry, forename=entry.surname, surname=entry.forename)


def _day_for_month(entry: _Entry, _: np.random.Generator) -> _Entry:
    born = dt.date(1970, 1, 1) + dt.timedelta(days=entry.birth_date)
    if born.day > 12:
        # No such month: the day itself is a digit out.
        other = born + dt.timedelta(days=1 if born.day < 28 else -1)
    else:
        other = born.replace(month=born.day, day=born.month)
    return replace(entry, birth_date=day_number(other))


def _placeholder(entry: _Entry, rng: np.random.Generator) -> _Entry:
    """A date that stands for none, as old systems ask for one; or no date at all."""
    born = PLACEHOLDER if rng.random() < 0.5 else MISSING
    return replace(entry, birth_date=born)


def _former_surname(entry: _Entry, rng: np.random.Generator) -> _Entry:
    if not entry.maiden:
        return _surname_misspelt(entry, rng)
    return replace(entry, surname=entry.maiden)


def _no_postcode(entry: _Entry, _: np.random.Generator) -> _Entry:
    return replace(entry, postcode="")


def _in_capitals(entry: _Entry, _: np.random.Generator) -> _Entry:
    return replace(
        entry, forename=entry.forename.upper(), surname=entry.surname.upper()
    )


_FLAWS: tuple[Callable[[_Entry, np.random.Generator], _Entry], ...] = (
    _forename_misspelt,
    _surname_misspelt,
    _alias,
    _swapped,
    _day_for_month,
    _placeholder,
    _former_surname,
    _no_postcode,
    _in_capitals,
)
