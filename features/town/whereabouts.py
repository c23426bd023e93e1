"""Where each person lived on a day: the home they had first, and every move since."""

from __future__ import annotations

import numpy as np

from features.town.days import NEVER, Ints
from features.town.life import Lives


class Whereabouts:
    """Looks up homes by person and day.

    Args:
        lives: All that happened; moves are on its register pages.

    Attributes:
        first: By person, the index of the home where each lived at first.
    """

    def __init__(self, lives: Lives) -> None:
        self.first = lives.people.home
        ever = np.full(len(lives.people), -NEVER)
        moves = lives.diary.events("register", ever, lives.end)
        order = np.lexsort((moves.day, moves.person))
        # Persons apart by more than any day, so that one sorted list serves them all.
        self._keys = moves.person[order] * (4 * NEVER) + moves.day[order]
        self._person, self._home = moves.person[order], moves.value[order]
        self.moves = moves

    def on(self, person: Ints, day: Ints) -> Ints:
        """Return the index of the home of each person on a day."""
        if not len(self._keys):
            return self.first[person]
        keys = person * (4 * NEVER) + np.clip(day, -NEVER, NEVER)
        at = np.searchsorted(self._keys, keys, side="right") - 1
        moved = (at >= 0) & (self._person[at] == person)
        return np.where(moved, self._home[at], self.first[person])
