"""Police vulnerability notices: by area and chance; nothing else depends on them."""

from __future__ import annotations

from typing import Final

import numpy as np

from features.town import home_parameters as rates
from features.town.life import Lives
from features.town.people import DAYS_PER_YEAR, FIRST, LAST


# What a notice is about; an event's value is the position in this list.
NOTICES: Final = (
    "concern for safety",
    "victim of fraud",
    "victim of theft",
    "missing person",
    "domestic incident",
)
_SHARES: Final = (0.4, 0.25, 0.2, 0.05, 0.1)


def give_notice(lives: Lives, rng: np.random.Generator) -> None:
    """Note police notices, at a rate that an area has by chance alone.

    Args:
        lives: All that happens; this writes to the police's pages only.
        rng: A source of chance of its own, so that nothing else can hang on it.
    """
    homes = lives.people.homes
    areas, area = np.unique(homes.area, return_inverse=True)
    spread = rates.NOTICES_SPREAD
    of_area = rates.NOTICES * rng.lognormal(-(spread**2) / 2, spread, len(areas))
    years = (LAST - FIRST + 1) / DAYS_PER_YEAR
    count = rng.poisson(years * of_area[area[lives.people.home]])
    person = np.repeat(np.arange(len(count)), count)
    day = rng.integers(FIRST, LAST + 1, len(person))
    kind = rng.choice(len(NOTICES), len(person), p=_SHARES)
    lives.diary.note("police", "vulnerability notice", person, day, kind)
