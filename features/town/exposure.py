"""How long people were there to be counted, and where they were on a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town.blocks import Block
from features.town.days import DAYS_PER_YEAR, FIRST, LAST, NEVER, Flags, Ints
from features.town.parameters import OLD_AGE


@dataclass(frozen=True)
class Exposure:
    """The days on which each counts as a resident of 65 and over.

    Attributes:
        since: By person, the first day.
        until: By person, the last day; before `since` for who never does.
    """

    since: Ints
    until: Ints

    @property
    def years(self) -> float:
        """All person-years together."""
        return float(np.maximum(self.until - self.since + 1, 0).sum() / DAYS_PER_YEAR)

    def holds(self, person: Ints, day: Ints) -> Flags:
        """Return which of these persons and days count."""
        return np.asarray((day >= self.since[person]) & (day <= self.until[person]))


def of_age(block: Block) -> Exposure:
    """Return when everyone lived in the town and was 65 or over, within the span."""
    people = block.lives.people
    birthday = people.born + round(OLD_AGE * DAYS_PER_YEAR)
    since = np.maximum(np.maximum(birthday, people.joined), FIRST)
    return Exposure(since, np.minimum(block.lives.end, LAST))


def present_on(block: Block, day: int) -> Flags:
    """Return who of 65 and over lives in the town on a day."""
    exposure = of_age(block)
    return np.asarray((exposure.since <= day) & (exposure.until >= day))


def home_on(block: Block, day: int) -> Ints:
    """Return the index of the home where each lives on a day."""
    home = block.lives.people.home.copy()
    ever = np.full(len(home), -NEVER)
    moves = block.lives.diary.events("register", ever, np.full(len(home), day))
    home[moves.person] = moves.value  # by day, so that the last one stands
    return home


def running_on(block: Block, day: Ints | int) -> Flags:
    """Return which spells run on a day; days may be given by spell."""
    spells = block.spells
    return np.asarray((spells.began <= day) & (spells.ended > day))


def among(people: int, person: Ints) -> Flags:
    """Return by person whether they are among those listed."""
    found = np.zeros(people, dtype=bool)
    found[person] = True
    return found


def residents_on(block: Block, day: int) -> Flags:
    """Return who lives in a care home on a day."""
    spells = block.spells
    inside = spells.in_care_home & running_on(block, day)
    return among(len(block.lives.people), spells.person[inside])
