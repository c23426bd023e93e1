"""Who lives in the simulated town and how partners keep records: figures with sources.

Health, care and homes have their own: `health_parameters`, `care_parameters`,
`home_parameters`. "Assumed" stands where no source was found; such a figure says how
the town was made and nothing about the world. Some assumed figures (how noisy the
frailty score is, how much recent events tell) were set so that a model can learn
something here, with an AUC of .75 to .85: what a model reaches in the town is no
evidence of what it is worth elsewhere. Rates are for people of 65 and over and per year
unless their name says otherwise.
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
# Share whose ethnicity the practice has not asked, White and other groups. Assumed.
ETHNICITY_NOT_STATED: Final = {"W": 0.04, "A": 0.11, "B": 0.11, "M": 0.11, "O": 0.14}
ETHNICITY_EMPTY: Final = 0.01
# So that 18.6 % (ONS, Census 2021) of about 1,500 residents of a small area are 65 and
# over two years later. Assumed: tuned to give that.
PEOPLE_PER_AREA: Final = 268
HOMES_PER_POSTCODE: Final = 15  # Assumed.
MOVED_IN: Final = 0.07  # Share of homes first registered within the span. Assumed.
TWINS_PER_PERSON: Final = 1 / 1_500  # Pairs. Assumed.
NAMESAKES_PER_PERSON: Final = 1 / 1_000  # Father and son of one name. Assumed.
MOVES_AWAY: Final = 0.012  # Homes a year. Assumed.

# Opt-outs: BJGP Open, 2021, national data opt-out by sex; the others are assumed ------
NATIONAL_OPT_OUT: Final = {"F": 0.0553, "M": 0.0441}
TYPE_1: Final = 0.012
OBJECTIONS: Final = 0.004
RESTRICTIONS: Final = 0.002
OPT_OUTS_ENDED: Final = 0.05

# How each source is kept, all assumed -------------------------------------------------
# Mean days until an event is written down, and the share with the long delay.
DELAY_DAYS: Final = {"gp": 1.0, "hospital": 4.0, "council": 9.0, "opt_outs": 2.0}
LONG_DELAY_DAYS: Final = {"gp": 20.0, "hospital": 30.0, "council": 40.0, "opt_outs": 9}
LONG_DELAYS: Final = {"gp": 0.01, "hospital": 0.03, "council": 0.06, "opt_outs": 0.02}
# Share of a source's people with a flaw in what identifies them.
FLAWED: Final = {"gp": 0.01, "hospital": 0.05, "council": 0.07, "opt_outs": 0.01}
# Practices and the opt-outs take birth dates from the national register of patients.
ALWAYS_A_BIRTH_DATE: Final = ("gp", "opt_outs")
# Flaws are this many times as common for names that English speakers misspell.
FLAWED_TIMES_UNFAMILIAR: Final = 2.0
NO_NHS_NUMBER: Final = {"gp": 0.0, "hospital": 0.03, "council": 0.15, "opt_outs": 0.0}
BAD_NHS_NUMBER: Final = {"gp": 0.0, "hospital": 0.002, "council": 0.004, "opt_outs": 0}
TWICE_ON_FILE: Final = {"gp": 0.001, "hospital": 0.01, "council": 0.02, "opt_outs": 0}
CORRECTED: Final = 0.002
DAYS_TO_CORRECTION: Final = 30
NO_UPRN: Final = 0.04
