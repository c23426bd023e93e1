"""Figures of health and death in the simulated town, each with its source or "assumed".

Rates are per year and for people of 65 and over unless their name says otherwise.
"Tuned to give X" means: the figure itself is assumed, and X, which has a source, is
what comes out of it; `python -m benchmarks town` measures X.
"""

from __future__ import annotations

from typing import Final


# Frailty: a share of possible deficits, from 0 to 1 ---------------------------------
# The electronic frailty index's classes begin here: mild, moderate, severe.
# Clegg 2016, Age and Ageing.
FRAILTY_CLASSES: Final = (0.12, 0.24, 0.36)
# All assumed: what frailty is at first, and how it moves.
FRAILTY_SHAPE: Final = 2.6
FRAILTY_SCALE: Final = 0.029
FRAILTY_BY_YEAR_OF_AGE: Final = 0.042
FRAILTY_BY_DEPRIVATION: Final = 0.009
FRAILTY_OF_WOMEN: Final = 0.012
MEAN_FRAILTY: Final = 0.14
# Growth in proportion to what is there, a year, and chance steps, a month.
FRAILTY_GROWTH: Final = 0.032
FRAILTY_SPREAD: Final = 0.0045
FRAILTY_AFTER_ADMISSION: Final = 0.006

# Clegg 2016: one-year hazard ratios of mild, moderate and severe frailty against none
# are 1.92, 3.10 and 4.52 for death and 1.93, 3.04 and 4.73 for a hospital stay. The
# hazards' logarithm runs straight between these points of frailty. Tuned to give them:
# frailty changes within the year, and brings care homes and hospital stays with it.
FRAILTY_POINTS: Final = (0.02, 0.10, 0.18, 0.29, 0.42, 0.60)
DEATH_LOG_HAZARD: Final = (-0.30, 0.0, 0.25, 0.20, 0.0, 0.0)
HOSPITAL_LOG_HAZARD: Final = (-0.30, 0.0, 0.55, 0.95, 1.25, 1.5)

# An acute event wears off by this factor each month. Assumed, with all of `SHOCK_OF`.
SHOCK_KEPT: Final = 0.85
MOST_SHOCK: Final = 4.0
SHOCK_OF: Final = {
    "fall": 0.8,
    "attendance": 0.5,
    "admission": 2.0,
    "bereaved": 1.5,
    "carer lost": 1.0,
}
# What is left on the first day of the events before it, for somebody of mean frailty.
SHOCK_AT_FIRST: Final = 0.5
HOSPITAL_BY_SHOCK: Final = 0.4

# Death ------------------------------------------------------------------------------
# ONS, 581,363 deaths in England and Wales in 2023: about 4.3 % of those of 65 and over.
# Gompertz: a woman's hazard at 65 with hardly any frailty, and its rise per year.
# Assumed: tuned to give that.
DEATH_AT_65: Final = 0.0042
DEATH_BY_YEAR_OF_AGE: Final = 0.072
DEATH_OF_MEN_TIMES: Final = 1.25
# How acute events bring death, of women and men. Assumed: tuned to give the shares at
# home 91 days after reablement: 82 %; 81 % of women and 77 % of men in 2020-21
# (Nuffield Trust).
DEATH_BY_SHOCK: Final = {"F": 0.74, "M": 1.08}
# How much likelier than others as old and frail those with long-term care at home and
# in care homes are to die. Assumed: tuned so that the numbers in support stay level.
DEATH_TIMES_WITH_CARE: Final = 1.3
DEATH_TIMES_IN_CARE_HOME: Final = 4.0
WINTER_DEATH_TIMES: Final = 1.2

# Hospital, assumed but where a source is named --------------------------------------
# Of somebody of mean frailty, outside care homes.
ATTENDANCES: Final = 0.25
ADMITTED_OF_ATTENDANCES: Final = 0.48
# BMJ Quality & Safety: a resident of a residential or nursing home goes to A&E 1.44 and
# 1.10 times a person-year and has 1.04 and .87 emergency admissions.
# Tuned to give that: somewhat higher, because nobody goes twice in a month.
CARE_HOME_ATTENDANCES: Final = (1.54, 1.17)
CARE_HOME_ADMITTED: Final = (1.04 / 1.44, 0.87 / 1.10)
ELECTIVE_ADMISSIONS: Final = 0.16
EMERGENCY_STAY_DAYS: Final = 8.0
STAY_BY_FRAILTY: Final = 2.0
ELECTIVE_STAY_DAYS: Final = 2.0
# December to February against the rest of the year.
WINTER_TIMES: Final = 1.2

# The practice, assumed but where a source is named ----------------------------------
FALLS: Final = 0.13
# Far fewer than people truly have: only what tells something is worth a row here.
APPOINTMENTS: Final = 2.0
APPOINTMENTS_BY_FRAILTY: Final = 2.5
# How far ahead appointments are booked, in days: the least and the most of each group,
# and its share of all (assumed).
BOOKED_AHEAD: Final = ((0, 0), (1, 1), (2, 7), (8, 14), (15, 21), (22, 40))
BOOKED_SHARES: Final = (0.42, 0.08, 0.22, 0.13, 0.08, 0.07)
# NHS Digital via GPonline: 1.9 % of same-day appointments are missed, 5 % of next-day,
# 6.8 % at 2 to 7 days, 8.2 to 8.9 % of those beyond.
MISSED: Final = (0.019, 0.05, 0.068, 0.082, 0.085, 0.089)
FRAILTY_CHECKS: Final = 0.5
FRAILTY_CHECK_ERROR: Final = 0.045
CONDITIONS_PER_FRAILTY: Final = 12.0
NEW_CONDITIONS: Final = 0.12
NEW_CONDITIONS_BY_FRAILTY: Final = 4.0
# The young who live with them use this share of it.
YOUNG_USE: Final = 0.35
