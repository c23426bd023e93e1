"""Seven years in the town, month by month: who is there, how frail, and what ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from features.town import health_parameters as health
from features.town import home_parameters as homes
from features.town import parameters as rates
from features.town.care_parameters import NEED_HIDDEN
from features.town.council import AT_HOME, NURSING, RESIDENTIAL
from features.town.diary import Diary
from features.town.people import (
    FIRST,
    NEVER,
    Flags,
    Floats,
    Ints,
    People,
    day_number,
)
from features.town.plant import Plant


NOBODY = -1
NO_SERVICE = -1


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
    april: bool


@dataclass
class Lives:
    """What is true of each person at present, and what became of them.

    Every array has one entry per person, but `vacant`.

    Attributes:
        plant: The fault that is planted in the town, if any.
        home: Index of the home where each lives now; `people.home` is the first.
        vacant: Indices of homes in which nobody lives.
        frailty: Share of possible deficits, 0 to 1; no one can see it.
        shock: What is left of recent falls, hospital stays and bereavements.
        coping: What no record shows of how much help each needs.
        need: How much help each needs this month; above `IN_NEED` it is real need.
        need_began: The first day of the first month of real need, or NEVER.
        asked_lately: 1 after a request, wearing off.
        service: The long-term support each has or is about to have, as a position in
            `council.SERVICES`, or NO_SERVICE.
        payer: Who pays for it, as a position in `council.PAYERS`.
        since: The day on which it begins.
        known: The council has it on its books.
        carer: Who looks after each without pay, or NOBODY.
        cared_since: The day since which they do.
        asked: Day of the first request within the span, or NEVER.
        died: Day number, or NEVER.
        moved: Day on which they left the town, or NEVER.
        spells: Long-term support that is over: person, service, payer, known, first
            day, last day, reason as a position in `council.END_REASONS`.
        caring: Unpaid care that is over: carer, cared-for, first and last day.
        every_april: By day number of 1 April, everyone's frailty and need.
    """

    people: People
    plant: Plant | None
    home: Ints
    vacant: Ints
    frailty: Floats
    shock: Floats
    coping: Floats
    need: Floats
    need_began: Ints
    asked_lately: Floats
    service: Ints
    payer: Ints
    since: Ints
    known: Flags
    carer: Ints
    cared_since: Ints
    asked: Ints
    died: Ints
    moved: Ints
    diary: Diary = field(default_factory=Diary)
    spells: list[tuple[Ints, ...]] = field(default_factory=list)
    caring: list[tuple[Ints, ...]] = field(default_factory=list)
    every_april: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)

    @property
    def end(self) -> Ints:
        """The last day on which each can have an event."""
        return np.minimum(self.died, self.moved)

    @property
    def served(self) -> Flags:
        """Who has long-term support, or is about to, whoever pays."""
        return np.asarray(self.service != NO_SERVICE)

    @property
    def in_care_home(self) -> Flags:
        """Who lives in a care home, or is about to."""
        resident = (self.service == RESIDENTIAL) | (self.service == NURSING)
        return np.asarray(resident)


def begin(people: People, plant: Plant | None, rng: np.random.Generator) -> Lives:
    """Return everyone as they are on the first day, but for the support they have."""
    count = len(people)
    frailty = _first_frailty(people, rng)
    never = np.full(count, NEVER)
    lived_in = np.zeros(len(people.homes), dtype=bool)
    lived_in[people.home] = True
    return Lives(
        people=people,
        plant=plant,
        home=people.home.copy(),
        vacant=np.flatnonzero(~lived_in & ~people.homes.is_care_home),
        frailty=frailty,
        shock=rng.exponential(health.SHOCK_AT_FIRST * frailty / health.MEAN_FRAILTY),
        coping=rng.normal(0, NEED_HIDDEN, count),
        need=np.zeros(count),
        need_began=never.copy(),
        asked_lately=np.zeros(count),
        service=np.full(count, NO_SERVICE),
        payer=np.full(count, NO_SERVICE),
        since=never.copy(),
        known=np.zeros(count, dtype=bool),
        carer=np.full(count, NOBODY),
        cared_since=never.copy(),
        asked=never.copy(),
        died=never.copy(),
        moved=never.copy(),
    )


def _first_frailty(people: People, rng: np.random.Generator) -> Floats:
    years = np.maximum(people.ages_on(FIRST) - 60, 0)
    frailty = rng.gamma(health.FRAILTY_SHAPE, health.FRAILTY_SCALE, len(people))
    frailty *= 1 + health.FRAILTY_BY_YEAR_OF_AGE * years
    deprivation = people.homes.deprivation[people.home]
    frailty += health.FRAILTY_BY_DEPRIVATION * (3 - deprivation)
    frailty += health.FRAILTY_OF_WOMEN * ((people.sex == "F") - 0.5)
    return np.clip(frailty, 0.0, 0.8)


def months() -> list[Month]:
    """Return the months of the span."""
    starts, day = [], rates.FIRST_DAY
    while day <= rates.LAST_DAY:
        starts.append(day)
        day = (day + dt.timedelta(days=32)).replace(day=1)
    ends = [*starts[1:], day]
    return [
        Month(
            first=day_number(start),
            days=(end - start).days,
            winter=start.month in (12, 1, 2),
            april=start.month == 4,
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def here(lives: Lives, month: Month) -> Flags:
    """Return who lives in the town at the start of the month."""
    return (lives.end >= month.first) & (lives.people.joined <= month.first)


def old_here(lives: Lives, month: Month) -> Flags:
    """Return who of 65 and over lives in the town at the start of the month."""
    return here(lives, month) & (lives.people.ages_on(month.first) >= rates.OLD_AGE)


def alone(lives: Lives, present: Flags) -> Flags:
    """Return who lives at home and with nobody else who is present."""
    at_home = np.bincount(lives.home[present], minlength=len(lives.people.homes))
    private = ~lives.people.homes.is_care_home[lives.home]
    return np.asarray(present & private & (at_home[lives.home] == 1))


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


def by_frailty(lives: Lives, log_hazard: tuple[float, ...]) -> Floats:
    """Return how many times as likely as the fit each is, by frailty."""
    at = np.interp(lives.frailty, health.FRAILTY_POINTS, log_hazard)
    return np.asarray(np.exp(at), dtype=np.float64)


def die(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let some die; who loses a partner takes a shock."""
    people = lives.people
    years = people.ages_on(month.first) - rates.OLD_AGE
    chance = health.DEATH_AT_65 * np.exp(health.DEATH_BY_YEAR_OF_AGE * years)
    chance *= by_frailty(lives, health.DEATH_LOG_HAZARD)
    chance *= np.where(people.sex == "M", health.DEATH_OF_MEN_TIMES, 1)
    shock = np.minimum(lives.shock, health.MOST_SHOCK)
    of_women, of_men = (health.DEATH_BY_SHOCK[sex] for sex in "FM")
    chance *= np.exp(np.where(people.sex == "M", of_men, of_women) * shock)
    times = (1.0, health.DEATH_TIMES_WITH_CARE, health.DEATH_TIMES_IN_CARE_HOME)
    chance *= np.array(times)[np.where(lives.in_care_home, 2, lives.service == AT_HOME)]
    chance *= health.WINTER_DEATH_TIMES if month.winter else 1
    dead, day = happens(chance, here(lives, month), month, rng)
    lives.died[dead] = day
    partner = people.partner[dead]
    bereaved = partner[partner != NOBODY]
    lives.shock[bereaved] += health.SHOCK_OF["bereaved"]


def leave(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let some homes leave the town, and some move to another home within it."""
    people = lives.people
    stay = here(lives, month) & (lives.died == NEVER)
    draw = rng.random(len(people.homes))
    day = days_in(month, len(people.homes), rng)
    private = ~people.homes.is_care_home
    going = private & (draw < rates.MOVES_AWAY / 12)
    leavers = np.flatnonzero(going[lives.home] & stay)
    lives.moved[leavers] = day[lives.home[leavers]]
    within = private & ~going & (draw > 1 - homes.MOVES_WITHIN / 12)
    movers = np.flatnonzero(within[lives.home] & stay & ~lives.served)
    left, which = np.unique(lives.home[movers], return_inverse=True)
    room = min(len(left), len(lives.vacant))
    movers, which = movers[which < room], which[which < room]
    chosen = rng.permutation(len(lives.vacant))[:room]
    _move(lives, movers, lives.vacant[chosen][which], day[left][which])
    lives.vacant = np.append(np.delete(lives.vacant, chosen), left[:room])


def _move(lives: Lives, person: Ints, home: Ints, day: Ints) -> None:
    lives.home[person] = home
    lives.diary.note("register", "moved home", person, day, home)


def enter_care_home(
    lives: Lives, person: Ints, day: Ints, rng: np.random.Generator
) -> None:
    """Move people to a care home in an area of the same fifth as theirs."""
    town = lives.people.homes
    care_homes = np.flatnonzero(town.is_care_home)
    order = np.argsort(town.deprivation[care_homes], kind="stable")
    fifths = town.deprivation[care_homes][order]
    fifth = town.deprivation[lives.home[person]]
    low, high = (np.searchsorted(fifths, fifth, side) for side in ("left", "right"))
    draw = low + np.floor(rng.random(len(person)) * (high - low)).astype(np.int64)
    _move(lives, person, care_homes[order][draw], day)


def grow_frail(lives: Lives, rng: np.random.Generator) -> None:
    """Move everyone's frailty on by a month and let what is recent wear off."""
    growth = health.FRAILTY_GROWTH / 12 * lives.frailty
    steps = rng.normal(0, health.FRAILTY_SPREAD, len(lives.frailty))
    lives.frailty = np.clip(lives.frailty + growth + steps, 0, 0.9)
    lives.shock *= health.SHOCK_KEPT
