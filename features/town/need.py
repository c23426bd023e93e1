"""Who needs help, whether or not anybody asks for it or writes it down."""

from __future__ import annotations

import numpy as np

from features.town import care_parameters as rates
from features.town.health_parameters import MEAN_FRAILTY, MOST_SHOCK
from features.town.life import Lives, Month, old_here
from features.town.people import NEVER, Floats


AGE_OF_NEED_0 = 77
YEARS_THAT_COUNT = 15


def feel_need(lives: Lives, month: Month) -> None:
    """Set what everyone needs this month, and when real need first came."""
    lives.need = needs_on(lives, month.first)
    real = (lives.need > rates.IN_NEED) & (lives.need_began == NEVER)
    lives.need_began[real & old_here(lives, month)] = month.first
    if month.april:
        lives.every_april[month.first] = (lives.frailty.copy(), lives.need)
    lives.asked_lately *= rates.REQUEST_KEPT


def needs_on(lives: Lives, day: int) -> Floats:
    """Return how much help each needs; 0 is somebody of 77 and mean frailty."""
    frail = np.minimum(lives.frailty, rates.FRAILTY_THAT_COUNTS) - MEAN_FRAILTY
    years = lives.people.ages_on(day) - AGE_OF_NEED_0
    years = np.clip(years, -YEARS_THAT_COUNT, YEARS_THAT_COUNT)
    return np.asarray(
        rates.NEED_BY_FRAILTY * frail
        + rates.NEED_BY_SHOCK * np.minimum(lives.shock, MOST_SHOCK)
        + rates.NEED_BY_YEAR_OF_AGE * years
        + lives.coping,
        dtype=np.float64,
    )
