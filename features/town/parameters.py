"""Who lives in the simulated town: figures, each with its source or "assumed".

Health, care, homes and records have their own: `health_parameters`, `care_parameters`,
`home_parameters`, `recording_parameters`. "Assumed" stands where no source was found;
such a figure says how the town was made and nothing about the world. Some assumed
figures (how noisy the frailty score is, how much recent events tell) were set so that a
model can learn something here, with an AUC of .75 to .85: what a model reaches in the
town is no evidence of what it is worth elsewhere. Rates are for people of 65 and over
and per year unless their name says otherwise.
"""

from __future__ import annotations

import datetime as dt
from typing import Final


FIRST_DAY: Final = dt.date(2019, 4, 1)
LAST_DAY: Final = dt.date(2026, 3, 31)

# Who lives here -----------------------------------------------------------------
OLD_AGE: Final = 65
# The youngest who turn 65 within the span; they are simulated from the first day.
YOUNGEST_SIMULATED: Final = 58
# Relative numbers by age. Assumed, after the shape of the 2019 population of the UK.
AGES: Final = (58, 65, 70, 75, 80, 85, 90, 95, 101)
AGE_WEIGHTS: Final = (1.08, 0.98, 0.93, 0.79, 0.62, 0.42, 0.21, 0.065, 0.006)
# Those who live alone are older than those who do not. Assumed, per year of age.
ALONE_AGE_TILT: Final = 0.015
# ONS, Profile of the older population, Census 2021: 36.3 % of women and 22.7 % of men
# live alone. Assumed, of all simulated on the first day: tuned to give that in 2021.
ALONE_WOMEN: Final = 0.30
ALONE_MEN: Final = 0.175
# Share of women at 65 and over. Assumed, after the same census.
WOMEN: Final = 0.54
# Of those who do not live alone, share in a couple. Assumed.
COUPLES: Final = 0.83
# ONS, Profile of the older population, Census 2021: 93.6 % White. The split of the rest
# is assumed; one area in four holds most of it.
ETHNICITY: Final = {"W": 0.936, "A": 0.036, "B": 0.014, "M": 0.006, "O": 0.008}
DIVERSE_AREAS: Final = 0.25
DIVERSE_TIMES: Final = 2.6
# So that 18.6 % (ONS, Census 2021) of about 1,500 residents of a small area are 65 and
# over two years later. Assumed: tuned to give that.
PEOPLE_PER_AREA: Final = 268
HOMES_PER_POSTCODE: Final = 15  # Assumed.
MOVED_IN: Final = 0.07  # Share of homes first registered within the span. Assumed.
TWINS_PER_PERSON: Final = 1 / 1_500  # Pairs. Assumed.
NAMESAKES_PER_PERSON: Final = 1 / 1_000  # Father and son of one name. Assumed.
MOVES_AWAY: Final = 0.012  # Homes a year. Assumed.
