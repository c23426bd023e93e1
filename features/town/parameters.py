"""Every figure that the simulated town rests on, each with its source.

"Assumed" stands where no source was found; such a figure says how the town was made and
nothing about the world. Some assumed figures (how noisy the frailty score is, how much
recent events tell) were set so that a model can learn something here, with an AUC
of .75 to .85: what a model reaches in the town is no evidence of what it is worth
elsewhere. Rates are for people of 65 and over and per year unless their
name says otherwise.
"""

from __future__ import annotations

import datetime as dt
from typing import Final


FIRST_DAY: Final = dt.date(2020, 4, 1)
LAST_DAY: Final = dt.date(2026, 3, 31)

# Who lives here -----------------------------------------------------------------
OLD_AGE: Final = 65
# The youngest who turn 65 within the span; they are simulated from the first day.
YOUNGEST_SIMULATED: Final = 59
# Relative numbers by age. Assumed, after the shape of the 2020 population of the UK.
AGES: Final = (59, 65, 70, 75, 80, 85, 90, 95, 101)
AGE_WEIGHTS: Final = (1.06, 0.98, 0.93, 0.79, 0.62, 0.42, 0.21, 0.065, 0.006)
# Those who live alone are older than those who do not. Assumed, per year of age.
ALONE_AGE_TILT: Final = 0.015
# ONS, Profile of the older population, Census 2021.
ALONE_WOMEN: Final = 0.363
ALONE_MEN: Final = 0.227
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
PEOPLE_PER_AREA: Final = 280  # 18.6 % of about 1,500 residents of a small area
HOMES_PER_POSTCODE: Final = 15  # Assumed.
MOVED_IN: Final = 0.07  # Share of homes first registered within the span. Assumed.
TWINS_PER_PERSON: Final = 1 / 1_500  # Pairs. Assumed.
NAMESAKES_PER_PERSON: Final = 1 / 1_000  # Father and son of one name. Assumed.
MOVES_AWAY: Final = 0.012  # Homes a year. Assumed.

# Frailty: a share of possible deficits, from 0 to 1 ---------------------------------
# Clegg 2016, Age and Ageing: hazard ratios of severe frailty (about .42) against none
# (about .06) are 4.52 for death and 4.73 for a hospital stay: log / .36.
DEATH_BY_FRAILTY: Final = 4.2
HOSPITAL_BY_FRAILTY: Final = 4.3
# ONS, 581,363 deaths in England and Wales in 2023: about 4.3 % of those of 65 and over.
DEATHS: Final = 0.043
# Gompertz: the hazard at 65 without frailty, and its rise per year. Assumed: tuned to
# give DEATHS.
DEATH_AT_65: Final = 0.0039
DEATH_BY_YEAR_OF_AGE: Final = 0.088
# How much likelier those in long-term support are to die than others as frail. Assumed:
# tuned so that the share in support stays about the same.
DEATH_TIMES_IN_SUPPORT: Final = 2.8
# All assumed: what frailty is at first, and how it moves in a month.
FRAILTY_SHAPE: Final = 2.0
FRAILTY_SCALE: Final = 0.032
FRAILTY_BY_YEAR_OF_AGE: Final = 0.052
FRAILTY_BY_DEPRIVATION: Final = 0.008
FRAILTY_DRIFT: Final = 0.0006
FRAILTY_SPREAD: Final = 0.004
FRAILTY_AFTER_ADMISSION: Final = 0.010
MEAN_FRAILTY: Final = 0.14
# An acute event wears off by this factor each month. Assumed.
SHOCK_KEPT: Final = 0.85
SHOCK_OF: Final = {
    "fall": 0.8,
    "attendance": 0.6,
    "admission": 1.0,
    "bereaved": 1.5,
    "request": 2.0,
}
# What is left on the first day of the events before it, for somebody of mean frailty.
SHOCK_AT_FIRST: Final = 0.5
HOSPITAL_BY_SHOCK: Final = 0.35

# Health care, all assumed but where a source is named --------------------------------
ATTENDANCES: Final = 0.33
ADMITTED_OF_ATTENDANCES: Final = 0.42
ELECTIVE_ADMISSIONS: Final = 0.16
EMERGENCY_STAY_DAYS: Final = 7.0
ELECTIVE_STAY_DAYS: Final = 2.0
WINTER_TIMES: Final = 1.2
FALLS: Final = 0.13
APPOINTMENTS: Final = 2.0
APPOINTMENTS_BY_FRAILTY: Final = 2.5
# NHS Digital via GPonline: 6.8 % of appointments booked 2 to 7 days ahead are missed.
MISSED: Final = 0.068
FRAILTY_CHECKS: Final = 0.5
FRAILTY_CHECK_ERROR: Final = 0.045
CONDITIONS_PER_FRAILTY: Final = 12.0
NEW_CONDITIONS: Final = 0.12
# The young who live with them use this share of it. Assumed.
YOUNG_USE: Final = 0.35

# Social care ---------------------------------------------------------------------
# Nuffield Trust: 1,427,375 requests of new clients of 65 and over in England in
# 2023-24, for about 10.5 million people.
REQUESTS: Final = 0.136
# The rate of somebody of mean frailty and 77 years who had no acute event. Assumed:
# tuned to give REQUESTS.
REQUESTS_AT_REST: Final = 0.0305
# King's Fund, Social care 360: 1 in 5 requests comes from a hospital discharge.
REQUESTS_FROM_HOSPITAL: Final = 0.2
# Share of emergency discharges followed by a request. Assumed: tuned to give that.
REQUESTS_PER_DISCHARGE: Final = 0.18
REQUEST_BY_FRAILTY: Final = 6.5
REQUEST_BY_YEAR_OF_AGE: Final = 0.07
REQUEST_BY_SHOCK: Final = 4.0
# HSCIC, what follows a request, 2014-15: long-term 8 %, reablement 12 %, low-level
# 16 %; the rest is signposted or nothing. 26 % of reablement goes on to long-term.
LONG_TERM_OF_REQUESTS: Final = 0.08
REABLEMENT_OF_REQUESTS: Final = 0.12
LOW_LEVEL_OF_REQUESTS: Final = 0.16
LONG_TERM_OF_REABLEMENT: Final = 0.26
# How the chance of long-term need after a request rises with frailty, and what those
# who ask have of it on average. Assumed.
LONG_TERM_BY_FRAILTY: Final = 8.5
FRAILTY_OF_THOSE_WHO_ASK: Final = 0.232
REABLEMENT_LOWERS_FRAILTY: Final = 0.03
# ONS, 2019-20: residents of older people's homes who pay themselves, from the most
# (1) to the least (5) deprived fifth of areas; the three between are a straight line.
SELF_FUNDED: Final = (0.216, 0.297, 0.377, 0.458, 0.538)
# Share of new packages that the NHS pays as continuing healthcare. Assumed.
NHS_FUNDED: Final = 0.03
# Share of new packages by type. Assumed, after 584 care-home admissions per 100,000
# (Nuffield Trust, 2019-20).
RESIDENTIAL: Final = 0.20
NURSING: Final = 0.10
# Calculation in the guide: about 1.5 % of people of 65 and over a year begin one.
PACKAGES: Final = 0.015
# ASC-FR, 2023-24: 559,220 people of 65 and over, about 5 %, whom councils support.
IN_SUPPORT_AT_FIRST: Final = 0.05
DAYS_TO_ASSESSMENT: Final = 20.0
DAYS_TO_SERVICE: Final = 12.0
DAYS_OF_REABLEMENT: Final = 42
ASSESSED_WITHOUT_SERVICE: Final = 0.3

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
