"""How offices really keep records: flawed identifiers, double entries, late ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import Flags, Floats, Ints, Strings
from features.town.flaws import Entry, flaw
from features.town.naming import pattern_of
from features.town.people import People
from features.town.restricted import Restricted


# Local numbers of one part of the town lie apart from those of the next.
_NUMBERS_A_ROW: Final = 7


@dataclass(frozen=True)
class Filed:
    """Whom a partner holds on file: one entry per local number, as it is written there.

    Attributes:
        office: Its name, as in `recording_parameters`.
        person: The true person.
        is_former: The entry is of an identity that was closed since.
        birth_date: Day number, `flaws.MISSING` where the office holds none.
        keeps_old_home: The office does not hear of a move.
        no_postcode: It has no postcode.
        sex: As registered.
        restriction: The code that marks it; empty for nearly all.
        number_of: Whose NHS number the entry carries: another's where it was reused.
        first: By true person, the entry that is theirs; -1 for none.
        second: By true person, the entry made twice in error; -1 for none.
        former: By place in `Restricted.former`, the closed entry; -1 for none.
    """

    office: str
    person: Ints
    is_former: Flags
    local_id: Strings
    nhs_number: Strings
    forename: Strings
    surname: Strings
    birth_date: Ints
    keeps_old_home: Flags
    no_postcode: Flags
    sex: Strings
    restriction: Strings
    number_of: Ints
    first: Ints
    second: Ints
    former: Ints

    def entry(
        self, person: Ints, day: Ints, restricted: Restricted, rng: np.random.Generator
    ) -> Ints:
        """Return under which entry each event is kept; half under a double one."""
        twice = (self.second[person] >= 0) & (rng.random(len(person)) < 0.5)
        chosen = np.where(twice, self.second[person], self.first[person])
        place = restricted.before(person, day)
        if not len(self.former):
            return chosen
        return np.where(place >= 0, self.former[place], chosen)


@dataclass(frozen=True)
class Office:
    """A partner's way of keeping its files.

    Attributes:
        name: As in `recording_parameters`.
        letter: With which its local numbers begin.
        flawed_times: How many times as often some people's entries are flawed, by
            person: a planted fault; 1 for everybody else.
    """

    name: str
    letter: str
    flawed_times: Floats


def put_on_file(
    people: People,
    person: Ints,
    office: Office,
    restricted: Restricted,
    rng: np.random.Generator,
) -> Filed:
    """Return how an office writes down the people it knows.

    Args:
        people: Everyone.
        person: Whom the office knows; each once.
        office: Which one.
        restricted: Whose records are marked, and who had another identity.
        rng: The source of chance.
    """
    known = np.zeros(len(people), dtype=bool)
    known[person] = True
    twice = person[rng.random(len(person)) < rates.TWICE_ON_FILE[office.name]]
    twice = twice[restricted.code[twice] == ""]
    before = np.flatnonzero(known[restricted.former])
    rows = np.concatenate([person, twice, restricted.former[before]])
    is_former = np.arange(len(rows)) >= len(person) + len(twice)
    first, second = np.full(len(people), -1), np.full(len(people), -1)
    first[person] = np.arange(len(person))
    second[twice] = len(person) + np.arange(len(twice))
    former = np.full(len(restricted.former), -1)
    former[before] = np.flatnonzero(is_former)
    filed = Filed(
        office=office.name,
        person=rows,
        is_former=is_former,
        local_id=_local_ids(people, office, len(rows), rng),
        nhs_number=people.nhs_number[rows].astype(object),
        forename=people.forename[rows].astype(object),
        surname=people.surname[rows].astype(object),
        birth_date=people.born[rows],
        keeps_old_home=np.zeros(len(rows), dtype=bool),
        no_postcode=np.zeros(len(rows), dtype=bool),
        sex=people.sex[rows].astype(object),
        restriction=np.where(is_former, "", restricted.code[rows]),
        number_of=rows.copy(),
        first=first,
        second=second,
        former=former,
    )
    filed = _as_before(filed, restricted, before)
    filed = _lose_numbers(filed, people, office, rng)
    return _flawed(filed, people, office, rng)


def written_down(day: Ints, office: str, rng: np.random.Generator) -> Ints:
    """Return when each event was recorded: on its day or later, some much later."""
    slow = rng.random(len(day)) < rates.LONG_DELAYS[office]
    usual = rng.exponential(rates.DELAY_DAYS[office], len(day))
    slower = rng.exponential(rates.LONG_DELAY_DAYS[office], len(day))
    return day + np.floor(np.where(slow, slower, usual)).astype(np.int64)


def _local_ids(
    people: People, office: Office, count: int, rng: np.random.Generator
) -> Strings:
    """Draw distinct numbers; a later part of the town has others."""
    room = _NUMBERS_A_ROW * max(count, 100)
    start = 1_000_000 + 2 * _NUMBERS_A_ROW * people.part.first_person
    numbers = start + rng.permutation(room)[:count]
    return np.char.add(office.letter, numbers.astype(str)).astype(object)


def _as_before(filed: Filed, restricted: Restricted, before: Ints) -> Filed:
    """Write closed entries under the names that the people had then."""
    row = filed.former[before]

    def changed(column: Strings, former: Strings) -> Strings:
        column = column.copy()
        column[row] = former[before]
        return column

    return replace(
        filed,
        forename=changed(filed.forename, restricted.forename),
        surname=changed(filed.surname, restricted.surname),
        nhs_number=changed(filed.nhs_number, restricted.nhs_number),
        sex=changed(filed.sex, restricted.sex),
    )


def _lose_numbers(
    filed: Filed, people: People, office: Office, rng: np.random.Generator
) -> Filed:
    """Drop some NHS numbers, misprint the check digit of a few, mistake fewer.

    A double entry is made because the number was not at hand, so it has none.
    """
    if office.name in rates.WITHOUT_NHS_NUMBERS:
        return replace(filed, nhs_number=np.full(len(filed.person), "", dtype=object))
    times = 0.5 + _times(people, filed.person) / 2
    times *= office.flawed_times[filed.person]
    numbers, number_of = filed.nhs_number.copy(), filed.number_of.copy()
    draw = rng.random(len(numbers))
    for row in np.flatnonzero(draw < rates.BAD_NHS_NUMBER[office.name] * times):
        last = (int(numbers[row][-1]) + 1) % 10
        numbers[row] = f"{numbers[row][:-1]}{last}"
    other = _housemate(people)[filed.person]
    mistaken = rng.random(len(numbers)) < rates.REUSED_NHS_NUMBER[office.name]
    mistaken &= (other >= 0) & ~filed.is_former & (filed.restriction == "")
    number_of[mistaken] = other[mistaken]
    numbers[mistaken] = people.nhs_number[other[mistaken]]
    gone = rng.random(len(numbers)) < rates.NO_NHS_NUMBER[office.name] * times
    gone[filed.second[filed.second >= 0]] = True
    numbers[gone & ~mistaken] = ""
    return replace(filed, nhs_number=numbers, number_of=number_of)


def _housemate(people: People) -> Ints:
    """Return somebody else of each one's first home, or -1."""
    _, first = np.unique(people.home, return_index=True)
    head = np.zeros(people.home.max() + 1, dtype=np.int64)
    head[people.home[first]] = first
    other = head[people.home]
    return np.where(other == np.arange(len(people)), people.partner, other)


def _times(people: People, person: Ints) -> Floats:
    patterns = pattern_of(people.ethnicity[person], people.forename[person])
    return np.array([rates.FLAWED_TIMES[p] for p in patterns], dtype=np.float64)


def _again(patterns: Strings) -> Floats:
    times = np.array([rates.FLAWED_TIMES[p] for p in patterns], dtype=np.float64)
    return np.minimum(rates.FLAWED_AGAIN * times, rates.MOST_AGAIN)


def _flawed(
    filed: Filed, people: People, office: Office, rng: np.random.Generator
) -> Filed:
    """Give a share of entries one flaw each."""
    person = filed.person
    share = rates.FLAWED[office.name] * _times(people, person)
    share = np.minimum(share * office.flawed_times[person], 0.9)
    other = _housemate(people)
    names = ["forename", "surname", "birth_date", "keeps_old_home", "no_postcode"]
    columns = {name: getattr(filed, name).copy() for name in names}
    dated = office.name in rates.ALWAYS_A_BIRTH_DATE
    rows = np.flatnonzero(rng.random(len(share)) < share)
    patterns = pattern_of(people.ethnicity[person[rows]], people.forename[person[rows]])
    again = _again(patterns)
    for row, pattern, more in zip(rows, patterns, again, strict=True):
        mate = other[person[row]]
        entry = Entry(
            forename=filed.forename[row],
            surname=filed.surname[row],
            birth_date=int(filed.birth_date[row]),
            former=str(people.maiden[person[row]]),
            family=str(people.surname[mate]) if mate >= 0 else "",
        )
        for number in range(rates.MOST_FLAWS):
            if number == 0 or rng.random() < more**number:
                entry = flaw(entry, pattern, rng, dated=dated)
        for name, column in columns.items():
            column[row] = getattr(entry, name)
    return replace(filed, **columns)
