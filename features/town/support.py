"""Long-term support: how it begins, changes and ends, and who pays for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import care_parameters as rates
from features.town import council
from features.town import parameters as town_rates
from features.town.council import AT_HOME, COUNCIL, NHS, NURSING, RESIDENTIAL, SELF
from features.town.life import (
    NO_SERVICE,
    Lives,
    Month,
    alone,
    enter_care_home,
    happens,
    here,
)
from features.town.need import needs_on
from features.town.people import DAYS_PER_YEAR, FIRST, NEVER, Flags, Floats, Ints


@dataclass(frozen=True)
class Spells:
    """Support as it truly was: one entry per service, payer and time.

    Attributes:
        service: Position in `council.SERVICES`.
        payer: Position in `council.PAYERS`.
        known: The council has it on its books.
        began: Day number; may lie before the span.
        ended: Day number, or NEVER.
        reason: Why it ended, as a position in `council.END_REASONS`; -1 if it did not.
    """

    person: Ints
    service: Ints
    payer: Ints
    known: Flags
    began: Ints
    ended: Ints
    reason: Ints

    @property
    def long_term(self) -> Flags:
        """Which are long-term support."""
        return np.asarray(self.service <= NURSING)

    @property
    def in_care_home(self) -> Flags:
        """Which are in a care home."""
        resident = (self.service == RESIDENTIAL) | (self.service == NURSING)
        return np.asarray(resident)


def begin_in_support(lives: Lives, rng: np.random.Generator) -> None:
    """Give long-term support to those who had it before the first day."""
    people = lives.people
    present = people.joined <= FIRST
    old = present & (people.ages_on(FIRST) >= town_rates.OLD_AGE)
    weight = np.exp(rates.CARE_AT_FIRST_BY_NEED * needs_on(lives, FIRST)) * old
    lone = np.where(alone(lives, present), rates.CARE_HOME_ALONE, 1)
    residents = _drawn(weight * lone, rates.CARE_HOME_AT_FIRST * old.sum(), rng)
    kind = _kind_of_home(len(residents), rng)
    _have_long(lives, residents, kind, rng)
    weight[residents] = 0
    helped = _drawn(weight, rates.AT_HOME_AT_FIRST * old.sum(), rng)
    _have_long(lives, helped, np.full(len(helped), AT_HOME), rng)


def _drawn(weight: Floats, count: float, rng: np.random.Generator) -> Ints:
    """Return distinct people, the likelier the greater their weight."""
    count = min(round(count), int((weight > 0).sum()))
    chosen: Ints = rng.choice(
        len(weight), count, replace=False, p=weight / weight.sum()
    )
    return np.sort(chosen)


def _have_long(
    lives: Lives, person: Ints, service: Ints, rng: np.random.Generator
) -> None:
    years = rng.exponential(rates.YEARS_IN_CARE_AT_FIRST, len(person))
    began = FIRST - 1 - (years * DAYS_PER_YEAR).astype(np.int64)
    payer = np.where(pays(lives, person, service), SELF, COUNCIL)
    by_nhs = rng.random(len(person)) < rates.NHS_FUNDED
    payer = np.where(by_nhs, NHS, payer)
    known = (payer != SELF) | (rng.random(len(person)) < rates.SELF_KNOWN / 2)
    start(lives, (person, service, payer), began, known)
    resident = service != AT_HOME
    enter_care_home(lives, person[resident], began[resident], rng)


def pays(lives: Lives, person: Ints, service: Ints) -> Flags:
    """Return who has the means to pay for a service, so that the council does not."""
    means = lives.people.pays[person]
    return np.asarray(means >= np.where(service == AT_HOME, 2, 1))


def _kind_of_home(count: int, rng: np.random.Generator) -> Ints:
    return np.where(rng.random(count) < rates.NURSING, NURSING, RESIDENTIAL)


def kind_of_care(lives: Lives, person: Ints, rng: np.random.Generator) -> Ints:
    """Draw which long-term service each is to have: help at home or a care home."""
    above = lives.need[person] - rates.ELIGIBLE_AT
    chance = rates.CARE_HOME_FIRST * np.exp(rates.CARE_HOME_BY_NEED * above)
    in_home = rng.random(len(person)) < np.minimum(chance, 0.8)
    return np.where(in_home, _kind_of_home(len(person), rng), AT_HOME)


def start(lives: Lives, what: tuple[Ints, Ints, Ints], day: Ints, known: Flags) -> None:
    """Let long-term support begin.

    Args:
        lives: Changed in place.
        what: People, each once and without support now, with service and payer.
        day: The first day of each.
        known: Whether the council has it on its books.
    """
    person, service, payer = what
    lives.service[person], lives.payer[person] = service, payer
    lives.since[person], lives.known[person] = day, known


def stop(lives: Lives, person: Ints, day: Ints, reason: int) -> None:
    """Let long-term support end."""
    kept = (lives.service, lives.payer, lives.known, lives.since)
    columns = (column[person] for column in kept)
    lives.spells.append(spells(person, *columns, day, reason))
    lives.service[person] = NO_SERVICE


def spells(person: Ints, *columns: Ints | Flags | int) -> tuple[Ints, ...]:
    """Return spells as `Lives.spells` keeps them."""
    return (
        person,
        *(np.broadcast_to(column, person.shape).astype(np.int64) for column in columns),
    )


def change_support(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let support change: to a care home, another payer, or its end."""
    running = here(lives, month) & lives.served & (lives.since <= month.first)
    at_home = running & (lives.service == AT_HOME)
    _to_care_home(lives, month, at_home, rng)
    at_home &= lives.service == AT_HOME
    ending = np.minimum(np.exp(rates.ENDS_BY_NEED * (rates.IN_NEED - lives.need)), 5)
    well, day = happens(rates.NO_LONGER_NEEDED * ending, at_home, month, rng)
    stop(lives, well, day, council.NOT_NEEDED)
    running &= lives.served & (lives.since <= month.first)
    count = len(running)
    poor, day = happens(
        np.full(count, rates.MONEY_RUNS_OUT),
        running & (lives.payer == SELF),
        month,
        rng,
    )
    _change_payer(lives, poor, day, COUNCIL)
    ill, day = happens(
        np.full(count, rates.NHS_LATER),
        running & (lives.service == NURSING) & (lives.payer == COUNCIL),
        month,
        rng,
    )
    still = lives.since[ill] <= month.first
    _change_payer(lives, ill[still], day[still], NHS)


def _to_care_home(
    lives: Lives, month: Month, at_home: Flags, rng: np.random.Generator
) -> None:
    chance = np.exp(rates.CARE_HOME_BY_NEED * (lives.need - rates.ELIGIBLE_AT))
    lone = alone(lives, here(lives, month))
    chance *= rates.CARE_HOME_LATER * np.where(lone, rates.CARE_HOME_ALONE, 1)
    person, day = happens(chance, at_home, month, rng)
    service = _kind_of_home(len(person), rng)
    before, known = lives.payer[person], lives.known[person]
    payer = np.where((before == COUNCIL) & pays(lives, person, service), SELF, before)
    stop(lives, person, day, council.OTHER_SERVICE)
    start(lives, (person, service, payer), day, known)
    enter_care_home(lives, person, day, rng)


def _change_payer(lives: Lives, person: Ints, day: Ints, payer: int) -> None:
    service = lives.service[person]
    stop(lives, person, day, council.OTHER_PAYER)
    known = np.ones(len(person), dtype=bool)
    start(lives, (person, service, np.full(len(person), payer)), day, known)


def arrange_alone(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let people who can pay arrange care themselves; the council never hears."""
    old = lives.people.ages_on(month.first) >= town_rates.OLD_AGE
    may = here(lives, month) & old & ~lives.served & (lives.people.pays >= 1)
    chance = rates.ARRANGES_ALONE * eligible_share(lives.need, 0.0)
    person, day = happens(chance, may, month, rng)
    service = kind_of_care(lives, person, rng)
    able = pays(lives, person, service)
    person, service, day = person[able], service[able], day[able]
    unknown = np.zeros(len(person), dtype=bool)
    start(lives, (person, service, np.full(len(person), SELF)), day, unknown)
    resident = service != AT_HOME
    enter_care_home(lives, person[resident], day[resident], rng)


def eligible_share(need: Floats, stricter_by: Floats | float) -> Floats:
    """Return the chance that people in need are found eligible."""
    above = need - rates.ELIGIBLE_AT - stricter_by
    return np.asarray(1 / (1 + np.exp(-above / rates.ELIGIBLE_BLUR)), dtype=np.float64)


def all_spells(lives: Lives) -> Spells:
    """Return all support, ended by death and by leaving the town too."""
    person = np.flatnonzero(lives.served)
    kept = (lives.service, lives.payer, lives.known, lives.since)
    going_on = spells(person, *(column[person] for column in kept), NEVER, -1)
    columns = zip(*lives.spells, going_on, strict=True)
    who, service, payer, known, began, ended, why = (np.concatenate(c) for c in columns)
    last = lives.end[who]
    gone = np.where(lives.died[who] <= last, council.DIED, council.MOVED_AWAY)
    why = np.where(ended > last, gone, why)
    ended = np.minimum(ended, last)
    order = np.lexsort((began, who))
    order = order[(began <= last)[order]]
    cut = (c[order] for c in (who, service, payer, known == 1, began, ended, why))
    return Spells(*cut)
