"""Flaws: the ways in which one entry about a person is written down wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from features.town.days import NEVER, day_number
from features.town.names import ALIASES


MISSING = NEVER
PLACEHOLDER = day_number(dt.date(1900, 1, 1))
_TITLES: Final = frozenset({"Begum", "Bibi", "Khatun", "Kaur", "Singh"})
_WRONG_LETTERS: Final = "abcdefghijklmnoprstuvwy"


@dataclass(frozen=True)
class Entry:
    """What an office writes of a person.

    Attributes:
        birth_date: Day number, `MISSING` where there is none.
        keeps_old_home: The office does not hear of a move.
        no_postcode: It has no postcode.
        former: The surname that the person had before; empty for none.
        family: The surname of somebody else at the address; empty for nobody.
    """

    forename: str
    surname: str
    birth_date: int
    former: str = ""
    family: str = ""
    keeps_old_home: bool = False
    no_postcode: bool = False


_Flaw = Callable[[Entry, np.random.Generator], Entry]


def flaw(entry: Entry, pattern: str, rng: np.random.Generator, *, dated: bool) -> Entry:
    """Return the entry with one flaw.

    Args:
        entry: As it should be.
        pattern: By which the person was named; it decides which flaws are likely.
        rng: The source of chance.
        dated: The office cannot do without a birth date.
    """
    weights = {**_USUAL, **_OF_PATTERN.get(pattern, {})}
    if dated:
        del weights[placeholder]
    flaws = list(weights)
    shares = np.array(list(weights.values()))
    return flaws[rng.choice(len(flaws), p=shares / shares.sum())](entry, rng)


def misspell(text: str, rng: np.random.Generator) -> str:
    """Swap, drop, double or mistype one letter after the first."""
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    return [
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + _WRONG_LETTERS[rng.integers(len(_WRONG_LETTERS))] + text[at + 1 :],
    ][rng.integers(4)]


def forename_misspelt(entry: Entry, rng: np.random.Generator) -> Entry:
    """A typing slip in the first name."""
    return replace(entry, forename=misspell(entry.forename, rng))


def surname_misspelt(entry: Entry, rng: np.random.Generator) -> Entry:
    """A typing slip in the last name."""
    return replace(entry, surname=misspell(entry.surname, rng))


def other_spelling(entry: Entry, rng: np.random.Generator) -> Entry:
    """A short form or another spelling, or the initial where there is none."""
    forenames = ALIASES.get(entry.forename, (entry.forename[:1],))
    surnames = ALIASES.get(entry.surname, (entry.surname,))
    forename = forenames[rng.integers(len(forenames))]
    return replace(entry, forename=forename, surname=surnames[0])


def swapped(entry: Entry, _: np.random.Generator) -> Entry:
    """First and last name in each other's field."""
    return replace(entry, forename=entry.surname, surname=entry.forename)


def day_for_month(entry: Entry, _: np.random.Generator) -> Entry:
    """Day and month in each other's place, or a day that is a digit out."""
    if entry.birth_date in (MISSING, PLACEHOLDER):
        return entry
    born = dt.date(1970, 1, 1) + dt.timedelta(days=entry.birth_date)
    if born.day > 12:  # no such month
        other = born + dt.timedelta(days=1 if born.day < 28 else -1)
    else:
        other = born.replace(month=born.day, day=born.month)
    return replace(entry, birth_date=day_number(other))


def placeholder(entry: Entry, rng: np.random.Generator) -> Entry:
    """A date that stands for none, as old systems ask for one; or no date at all."""
    born = PLACEHOLDER if rng.random() < 0.5 else MISSING
    return replace(entry, birth_date=born)


def first_of_january(entry: Entry, _: np.random.Generator) -> Entry:
    """The year is known, and the form wants a day."""
    if entry.birth_date in (MISSING, PLACEHOLDER):
        return entry
    born = dt.date(1970, 1, 1) + dt.timedelta(days=entry.birth_date)
    return replace(entry, birth_date=day_number(born.replace(month=1, day=1)))


def former_surname(entry: Entry, rng: np.random.Generator) -> Entry:
    """The name before a marriage or after it; a typing slip if there is no other."""
    if not entry.former:
        return surname_misspelt(entry, rng)
    return replace(entry, surname=entry.former)


def title_for_name(entry: Entry, rng: np.random.Generator) -> Entry:
    """A title taken for the last name, or the family's name put in its place."""
    if entry.surname in _TITLES and entry.family:
        return replace(entry, surname=entry.family)
    return other_spelling(entry, rng)


def other_gender(entry: Entry, rng: np.random.Generator) -> Entry:
    """A Polish surname with the ending of the other sex."""
    for own, other in (("ska", "ski"), ("ski", "ska")):
        if entry.surname.endswith(own):
            return replace(entry, surname=entry.surname[: -len(own)] + other)
    return other_spelling(entry, rng)


def no_postcode(entry: Entry, _: np.random.Generator) -> Entry:
    """No postcode."""
    return replace(entry, no_postcode=True)


def old_home(entry: Entry, _: np.random.Generator) -> Entry:
    """The office does not hear of a move."""
    return replace(entry, keeps_old_home=True)


def in_capitals(entry: Entry, _: np.random.Generator) -> Entry:
    """All in capitals."""
    forename, surname = entry.forename.upper(), entry.surname.upper()
    return replace(entry, forename=forename, surname=surname)


# How likely each flaw is against the others. Assumed.
_USUAL: Final[Mapping[_Flaw, float]] = {
    forename_misspelt: 2.0,
    surname_misspelt: 2.0,
    other_spelling: 3.0,
    swapped: 0.6,
    day_for_month: 1.5,
    placeholder: 1.5,
    former_surname: 1.5,
    no_postcode: 1.5,
    old_home: 1.5,
    in_capitals: 1.0,
}
_OF_PATTERN: Final[Mapping[str, Mapping[_Flaw, float]]] = {
    "Polish": {other_spelling: 5.0, other_gender: 3.0},
    "Gujarati": {other_spelling: 5.0, first_of_january: 0.5},
    "Sikh": {title_for_name: 5.0, swapped: 1.5, former_surname: 0.2},
    "Pakistani and Bangladeshi": {
        other_spelling: 5.0,
        title_for_name: 4.0,
        swapped: 2.0,
        first_of_january: 2.0,
        former_surname: 0.2,
    },
    "West African": {other_spelling: 4.0, swapped: 2.0, first_of_january: 0.5},
    "Chinese": {other_spelling: 5.0, swapped: 4.0, former_surname: 0.2},
    "Middle Eastern": {other_spelling: 4.0, first_of_january: 1.0},
}
