"""Figures of homes, carers and police notices, each with its source or "assumed"."""

from __future__ import annotations

from typing import Final


# Homes: all assumed -----------------------------------------------------------------
# Where people of 65 and over live: shares of the fifths, the most deprived first.
OLD_BY_FIFTH: Final = (0.155, 0.18, 0.21, 0.225, 0.23)
# Share of homes rented from the council or an association, by fifth.
RENTED: Final = (0.38, 0.24, 0.15, 0.09, 0.05)
MOVES_WITHIN: Final = 0.022
SPARE_HOMES: Final = 0.06
PEOPLE_PER_CARE_HOME: Final = 1_000  # of 65 and over in the town, for each home
# A tenant falls into arrears, a year, by fifth; each time owes weeks, on average.
ARREARS: Final = (0.16, 0.12, 0.10, 0.08, 0.07)
ARREARS_WEEKS: Final = 4.0
# Repairs a home and year, but adaptations: these at mean frailty, and their rise.
REPAIRS: Final = 1.1
ADAPTATIONS: Final = 0.05
ADAPTATIONS_BY_FRAILTY: Final = 4.5

# Carers -----------------------------------------------------------------------------
# ONS, Profile of the older population, Census 2021: just over 1 in 10 people of 65 and
# over are unpaid carers. All rates here are assumed: tuned to give that.
# A partner, somebody younger at home, and a neighbour begin to care, a year, at mean
# frailty; and how that rises with frailty.
CARING_PARTNER: Final = 0.045
CARING_YOUNGER: Final = 0.05
CARING_NEIGHBOUR: Final = 0.012
CARING_BY_FRAILTY: Final = 6.0
CARING_ENDS: Final = 0.10
# Years for which those who care on the first day have done so, on average.
CARING_YEARS_AT_FIRST: Final = 4.0

# Police: assumed --------------------------------------------------------------------
# Notices a person and year, and how areas differ (standard deviation of the logarithm).
NOTICES: Final = 0.03
NOTICES_SPREAD: Final = 0.7

# Social workers: assumed ------------------------------------------------------------
CASES_PER_WORKER: Final = 25
DAYS_CASE_STAYS_OPEN: Final = (30, 90)
