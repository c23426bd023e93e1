"""A town of any size, one block of it after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.town import books, caring, housing, police
from features.town.books import Cases
from features.town.care import ask_for_care
from features.town.caring import Carers
from features.town.days import NEVER, Ints
from features.town.health import have_conditions, visit_hospital, visit_practice
from features.town.homes import Part, postcodes_of
from features.town.life import Lives, begin, die, grow_frail, leave, months
from features.town.need import feel_need
from features.town.people import settle
from features.town.plant import Plant
from features.town.support import (
    Spells,
    all_spells,
    arrange_alone,
    begin_in_support,
    change_support,
)


PEOPLE_PER_BLOCK = 20_000
# Streams of chance: what one draws changes nothing in another. Stream 2 is left for how
# things are written down.
PEOPLE, LIVES, HOUSING, POLICE, BOOKS = 0, 1, 3, 4, 5


@dataclass(frozen=True)
class Block:
    """A part of the town, lived to its end.

    Attributes:
        part: Which part, and where its numbers begin.
        spells: All support as it truly was.
        carers: All unpaid care of one for another.
        cases: The social workers' cases.
        package: By person, the day on which new long-term support first began that the
            council pays, or NEVER.
        self_funded: The same of what they pay themselves.
        nhs_funded: The same of what the NHS pays (continuing healthcare).
    """

    part: Part
    lives: Lives
    spells: Spells
    carers: Carers
    cases: Cases
    package: Ints
    self_funded: Ints
    nhs_funded: Ints


def blocks(people: int, seed: int, plant: Plant | None = None) -> Iterator[Block]:
    """Yield the town's blocks, each with at most 20,000 people of 65 and over.

    No home is split, and nobody has to do with anybody of another block. Numbers of
    people, homes, areas and postcodes run on.

    Args:
        people: About how many people of 65 and over live in the town on its first day.
        seed: The same seed and people make the same town.
        plant: A fault to plant; only "calibration" changes what happens.
    """
    of = -(-people // PEOPLE_PER_BLOCK)
    sizes = np.diff(np.linspace(0, people, of + 1).round().astype(int))
    part = Part(of=of)
    for size in sizes:
        block = live_block(int(size), seed, part, plant)
        yield block
        town = block.lives.people
        lived_in = int((town.homes.joined < NEVER).sum())
        part = Part(
            number=part.number + 1,
            of=of,
            first_person=part.first_person + len(town),
            first_home=part.first_home + len(town.homes),
            first_area=part.first_area + len(np.unique(town.homes.area)) + 5,
            first_postcode=part.first_postcode + postcodes_of(lived_in),
        )


def live_block(
    people: int, seed: int, part: Part | None = None, plant: Plant | None = None
) -> Block:
    """Return one part of the town and all that happens to its people."""
    part = part or Part()

    def chance(stream: int) -> np.random.Generator:
        return np.random.default_rng([seed, stream, part.number])

    lives = begin(settle(people, chance(PEOPLE), part), plant, rng := chance(LIVES))
    _live(lives, rng, chance(HOUSING))
    spells = all_spells(lives)
    police.give_notice(lives, chance(POLICE))
    housing.hold_tenancies(lives, _resident_since(lives, spells))
    books.write_down(lives, spells, rng := chance(BOOKS))
    paid = books.first_days(lives, spells)
    cases = books.open_cases(lives, spells, rng)
    return Block(part, lives, spells, caring.all_carers(lives), cases, *paid)


def _live(lives: Lives, rng: np.random.Generator, homes: np.random.Generator) -> None:
    """Let the seven years pass."""
    have_conditions(lives, rng)
    begin_in_support(lives, rng)
    caring.begin_to_care(lives, rng)
    for month in months():
        grow_frail(lives, rng)
        feel_need(lives, month)
        visit_practice(lives, month, rng)
        discharged = visit_hospital(lives, month, rng)
        ask_for_care(lives, month, discharged, rng)
        arrange_alone(lives, month, rng)
        change_support(lives, month, rng)
        die(lives, month, rng)
        leave(lives, month, rng)
        caring.care_unpaid(lives, month, rng)
        housing.keep_home(lives, month, homes)


def _resident_since(lives: Lives, spells: Spells) -> Ints:
    day = np.full(len(lives.people), NEVER)
    resident = spells.in_care_home
    np.minimum.at(day, spells.person[resident], spells.began[resident])
    return day
