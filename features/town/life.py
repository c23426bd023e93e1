"""Six years in the town, month by month: frailty, and what comes of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from features.town import parameters as rates
from features.town.people import (
    FIRST,
    LAST,
    NEVER,
    Flags,
    Floats,
    Ints,
    People,
    Strings,
    day_number,
)


@dataclass(frozen=True)
class Month:
    """One month of the span.

    Attributes:
        first: Day number of its first day.
        days: How many days it has.
    """

    first: int
    days: int
    winter: bool


@dataclass(frozen=True)
class Events:
    """What happened, by day: one entry per event.

    Attributes:
        value: What more there is to say, by kind: days in hospital, a frailty score, a
            number in a list; -1 for nothing.
    """

    person: Ints
    day: Ints
    kind: Strings
    value: Ints


@dataclass
class Diary:
    """Collects events as they come about."""

    pages: dict[str, list[tuple[str, Ints, Ints, Ints]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def note(
        self, partner: str, kind: str, person: Ints, day: Ints, value: Ints | int = -1
    ) -> None:
        """Write down events of one kind that a partner took part in."""
        values = np.broadcast_to(np.asarray(value, dtype=np.int64), person.shape)
        self.pages[partner].append((kind, person, day, values))

    def events(self, partner: str, since: Ints, until: Ints) -> Events:
        """Return a partner's events by day, without those outside each one's years."""
        kinds, people, days, values = zip(*self.pages[partner], strict=True)
        person, day = np.concatenate(people), np.concatenate(days)
        kind = np.repeat(np.array(kinds), [len(part) for part in people])
        value = np.concatenate(values)
        lived = (day >= since[person]) & (day <= until[person]) & (day <= LAST)
        order = np.flatnonzero(lived)
        order = order[np.lexsort((person[order], day[order]))]
        return Events(person[order], day[order], kind[order], value[order])


@dataclass
class Lives:
    """What is true of each person at present, and what became of them.

    Attributes:
        frailty: Share of possible deficits, 0 to 1; no one can see it.
        shock: What is left of recent falls, hospital stays and bereavements.
        served: Has, or is about to have, long-term support, whoever pays.
        package: Day on which a council-funded package began, or NEVER.
        self_funded: Day on which one began that they pay themselves, or NEVER.
        died: Day number, or NEVER.
        moved: Day on which they left the town, or NEVER.
    """

    people: People
    frailty: Floats
    shock: Floats
    served: Flags
    package: Ints
    self_funded: Ints
    died: Ints
    moved: Ints
    diary: Diary

    @property
    def end(self) -> Ints:
        """The last day on which each can have an event."""
        return np.minimum(self.died, self.moved)


def begin(people: People, rng: np.random.Generator) -> Lives:
    """Return everyone as they are on the first day."""
    count = len(people)
    years = np.maximum(people.ages_on(FIRST) - 60, 0)
    frailty = rng.gamma(rates.FRAILTY_SHAPE, rates.FRAILTY_SCALE, count)
    frailty *= 1 + rates.FRAILTY_BY_YEAR_OF_AGE * years
    deprivation = people.homes.deprivation[people.home]
    frailty += rates.FRAILTY_BY_DEPRIVATION * (5 - deprivation)
    never = np.full(count, NEVER)
    return Lives(
        people=people,
        frailty=np.clip(frailty, 0, 0.8),
        shock=rng.exponential(rates.SHOCK_AT_FIRST * frailty / rates.MEAN_FRAILTY),
        served=np.zeros(count, dtype=bool),
        package=never,
        self_funded=never.copy(),
        died=never.copy(),
        moved=never.copy(),
        diary=Diary(),
    )


def months() -> list[Month]:
    """Return the months of the span."""
    starts, day = [], rates.FIRST_DAY
    while day <= rates.LAST_DAY:
        starts.append(day)
        day = (day + dt.timedelta(days=32)).replace(day=1)
    ends = [*starts[1:], day]
    return [
        Month(day_number(start), (end - start).days, start.month in (12, 1, 2))
        for start, end in zip(starts, ends, strict=True)
    ]


def here(lives: Lives, month: Month) -> Flags:
    """Return who lives in the town at the start of the month."""
    return (lives.end >= month.first) & (lives.people.joined <= month.first)


def happens(
    chance: Floats, who: Flags, month: Month, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw once a person: return to whom it happens this month, and on which day.

    Args:
        chance: Rate per year of each person.
        who: To whom it can happen at all.
        month: The month.
        rng: The source of chance.
    """
    person = np.flatnonzero(who & (rng.random(len(chance)) < chance / 12))
    return person, days_in(month, len(person), rng)


def days_in(month: Month, count: int, rng: np.random.Generator) -> Ints:
    """Return random days of the month."""
    return month.first + rng.integers(0, month.days, count)


def die_and_leave(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let some die and some homes leave; who loses a partner takes a shock."""
    people, present = lives.people, here(lives, month)
    years = people.ages_on(month.first) - rates.OLD_AGE
    chance = rates.DEATH_AT_65 * np.exp(
        rates.DEATH_BY_YEAR_OF_AGE * years + rates.DEATH_BY_FRAILTY * lives.frailty
    )
    chance *= np.where(lives.served, rates.DEATH_TIMES_IN_SUPPORT, 1)
    dead, day = happens(chance, present, month, rng)
    lives.died[dead] = day
    bereaved = people.partner[dead]
    lives.shock[bereaved[bereaved >= 0]] += rates.SHOCK_OF["bereaved"]
    going = rng.random(len(people.homes.uprn)) < rates.MOVES_AWAY / 12
    day_of = days_in(month, len(going), rng)
    leavers = np.flatnonzero(going[people.home] & present & (lives.died == NEVER))
    lives.moved[leavers] = day_of[people.home[leavers]]


def grow_frail(lives: Lives, rng: np.random.Generator) -> None:
    """Move everyone's frailty on by a month and let shocks wear off."""
    steps = rng.normal(rates.FRAILTY_DRIFT, rates.FRAILTY_SPREAD, len(lives.frailty))
    lives.frailty = np.clip(lives.frailty + steps, 0, 0.9)
    lives.shock *= rates.SHOCK_KEPT
