"""Figures of need and care in the simulated town, each with its source or "assumed".

Need is apart from asking, eligibility, means and funding. Rates are per year and for
people of 65 and over unless their name says otherwise. "Tuned to give X" means: the
figure itself is assumed, and X, which has a source, is what comes out of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Final


# Need, in units of its own: 0 is somebody of 77 and mean frailty --------------------
# All assumed.
NEED_BY_FRAILTY: Final = 6.5
FRAILTY_THAT_COUNTS: Final = 0.50
NEED_BY_SHOCK: Final = 0.36
NEED_BY_YEAR_OF_AGE: Final = 0.05
# What no record shows: how well each copes. A standard deviation.
NEED_HIDDEN: Final = 0.85
# Who needs help with two tasks of daily living or more is above this. Assumed.
IN_NEED: Final = 1.6

# Asking -----------------------------------------------------------------------------
# Nuffield Trust: 1,427,375 requests of new clients of 65 and over in England in
# 2023-24, for about 10.5 million people: .136 a year.
# The rate at need 0. Assumed: tuned to give that.
REQUESTS_AT_REST: Final = 0.0495
REQUEST_BY_NEED: Final = 0.85
MOST_REQUESTS: Final = 9.0
# Who asked lately asks again: times as often, while the last request is still fresh.
# Assumed: tuned to give about 1.5 requests a person who asks (King's Fund).
ASKS_AGAIN: Final = 17.0
REQUEST_KEPT: Final = 0.8
# Living alone brings people to ask earlier, a carer at home later. Assumed.
ASKING_ALONE: Final = 1.3
ASKING_WITH_CARER: Final = 0.75
# Some groups ask less at the same need. Assumed: by ethnic group as in `ETHNICITY`.
ASKING_OF: Final = {"W": 1.0, "A": 0.65, "B": 0.8, "M": 0.9, "O": 0.7}
# King's Fund, Social care 360: 1 in 5 requests comes from a hospital discharge.
# The share of emergency discharges followed by one, at need 0, and its rise. Assumed:
# tuned to give that.
REQUESTS_PER_DISCHARGE: Final = 0.112
DISCHARGE_BY_NEED: Final = 0.7
MOST_PER_DISCHARGE: Final = 0.7

# Eligibility and what follows -------------------------------------------------------
# HSCIC, what follows a request, 2014-15: signposted 31 %, nothing 28 %, low-level 16 %,
# reablement 12 %, long-term 8 %; so 5 % for the rest, which is other short-term help.
# Need at which half are found eligible, and how blurred that is. Assumed: tuned.
ELIGIBLE_AT: Final = 2.14
ELIGIBLE_BLUR: Final = 0.7
# A council that runs short asks for more from this day on. Assumed.
STRICTER_FROM: Final = dt.date(2022, 10, 1)
STRICTER_BY: Final = 0.35
# From this day the planted fault "calibration" works.
CALIBRATION_FROM: Final = dt.date(2024, 4, 1)
# Of the eligible, the share who get reablement first, by route. Assumed.
REABLED_FIRST: Final = (0.29, 0.60)
# Of the others, the share who get it, by route, at need 0 and its rise. Assumed.
REABLED_ELSE: Final = (0.0185, 0.070)
REABLED_BY_NEED: Final = 0.8
# What the rest get: low level, other short-term, signposted; nothing is what is left.
REST: Final = (0.212, 0.066, 0.37)
# What reablement does: it lowers frailty and clears most of what the acute event left.
REABLEMENT_LOWERS_FRAILTY: Final = 0.03
REABLEMENT_KEEPS_SHOCK: Final = 0.7
DAYS_OF_REABLEMENT: Final = 42
DAYS_OF_SHORT_TERM: Final = 21
DAYS_OF_LOW_LEVEL: Final = 90
# HSCIC: 26 % of reablement goes on to long-term support. Of those not eligible before
# it, the share found eligible after; of the eligible, the share still so. Assumed:
# tuned.
ELIGIBLE_AFTER: Final = (0.065, 0.49)
DAYS_TO_ASSESSMENT: Final = (18.0, 2.0)
DAYS_TO_SERVICE: Final = (12.0, 2.0)
# Share of requests without a service that get an assessment all the same. Assumed.
ASSESSED_WITHOUT_SERVICE: Final = 0.3

# Means ------------------------------------------------------------------------------
# Share who would pay for a care home themselves, from the most (1) to the least (5)
# deprived fifth of areas. Tuned to give, of residents of older people's homes, 48.9 %
# (ONS, 2022-23) and 21.6 % and 53.8 % in the most and least deprived fifth (ONS,
# 2019-20, homes of all kinds).
PAYS_CARE_HOME: Final = (0.185, 0.48, 0.55, 0.55, 0.525)
# Share of those who would pay for care at home too: their house does not count there.
# Assumed.
PAYS_AT_HOME_TOO: Final = 0.6
# Who can pay and is in need arranges care without asking the council. Assumed: tuned
# so that the residents who pay themselves are as many as their source says.
ARRANGES_ALONE: Final = 0.22
# Share of those whom the council tells to pay that it still has on its books. Assumed.
SELF_KNOWN: Final = 0.5
# Money runs out, and the council takes over. Assumed.
MONEY_RUNS_OUT: Final = 0.02

# Care -------------------------------------------------------------------------------
# Share of new packages that the NHS pays as continuing healthcare, at need as for an
# eligible person, and later in nursing homes a year. Assumed.
NHS_FUNDED: Final = 0.03
NHS_LATER: Final = 0.04
# Share of new long-term support that is a care home, at the need of `ELIGIBLE_AT` and
# its rise; and of those at home who move to one, a year. Assumed: tuned to give 584
# council-supported admissions per 100,000 (Nuffield Trust, 2019-20).
CARE_HOME_FIRST: Final = 0.35
CARE_HOME_BY_NEED: Final = 0.45
CARE_HOME_ALONE: Final = 1.4
CARE_HOME_LATER: Final = 0.115
NURSING: Final = 0.36
# Support at home that ends because it is no longer needed. Assumed: tuned so that the
# numbers in support stay level.
NO_LONGER_NEEDED: Final = 0.19
ENDS_BY_NEED: Final = 0.4
# Calculation in the guide: about 1.5 % of people of 65 and over a year begin one.
# ASC-FR, 2023-24: 559,220 people of 65 and over, about 5 %, had long-term support from
# councils during the year; so about 3.6 % on one day.
AT_HOME_AT_FIRST: Final = 0.029
# ONS, Profile of the older population, Census 2021: 2.7 % in communal establishments.
CARE_HOME_AT_FIRST: Final = 0.027
# Who has it on the first day: how that rises with need, and for how many years.
# Assumed.
CARE_AT_FIRST_BY_NEED: Final = 1.3
YEARS_IN_CARE_AT_FIRST: Final = 2.2
DAYS_TO_REVIEW: Final = (320, 410)
