"""Figures of how the partners keep their records; assumed unless a source is named.

They say how the town was made and nothing about any real partner. The shares of flawed
entries were chosen so that links come out about as good as those that were measured in
hospital records: .2 % false and 4.1 % missed, both more common for Asian, Black and
other groups (PMC4550723, children).
"""

from __future__ import annotations

import datetime as dt
from typing import Final


# Offices, as the shares below name them. "opt_outs" and "carers" are the council's, but
# kept apart from its other records.
OFFICES: Final = (
    "gp",
    "hospital",
    "council",
    "carers",
    "housing",
    "police",
    "opt_outs",
)

# Mean days until an event is written down, and the share with the long delay.
DELAY_DAYS: Final = {
    "gp": 1.0, "hospital": 4.0, "council": 9.0, "carers": 12.0, "housing": 2.0,
    "police": 3.0, "opt_outs": 2.0,
}  # fmt: skip
LONG_DELAY_DAYS: Final = {
    "gp": 20.0, "hospital": 30.0, "council": 40.0, "carers": 60.0, "housing": 20.0,
    "police": 30.0, "opt_outs": 9.0,
}  # fmt: skip
LONG_DELAYS: Final = {
    "gp": 0.01, "hospital": 0.03, "council": 0.06, "carers": 0.08, "housing": 0.02,
    "police": 0.03, "opt_outs": 0.02,
}  # fmt: skip

# Share of a partner's entries with a flaw in what identifies the person.
FLAWED: Final = {
    "gp": 0.01, "hospital": 0.07, "council": 0.11, "carers": 0.12, "housing": 0.12,
    "police": 0.18, "opt_outs": 0.01,
}  # fmt: skip
# Flaws come together: the share of flawed entries with one more, times as below.
FLAWED_AGAIN: Final = 0.22
MOST_AGAIN: Final = 0.75
MOST_FLAWS: Final = 3
# Flaws are so many times as common by naming pattern, and missing NHS numbers half as
# many times more: 2 where flaws are 3 times as common.
FLAWED_TIMES: Final = {
    "British": 1.0, "Caribbean": 1.5, "Gujarati": 2.5, "Polish": 2.5, "Sikh": 3.5,
    "West African": 3.5, "Pakistani and Bangladeshi": 4.0, "Chinese": 4.0,
    "Middle Eastern": 3.5,
}  # fmt: skip
# Practices and the opt-outs take birth dates from the national register of patients.
ALWAYS_A_BIRTH_DATE: Final = ("gp", "opt_outs")
# Landlords and the police have no NHS numbers at all.
WITHOUT_NHS_NUMBERS: Final = ("housing", "police")
NO_NHS_NUMBER: Final = {
    "gp": 0.0, "hospital": 0.04, "council": 0.15, "carers": 0.18, "opt_outs": 0.0,
}  # fmt: skip
BAD_NHS_NUMBER: Final = {
    "gp": 0.0, "hospital": 0.002, "council": 0.004, "carers": 0.004, "opt_outs": 0.0,
}  # fmt: skip
# Share of entries that carry the number of somebody else at the same address.
REUSED_NHS_NUMBER: Final = {
    "gp": 0.0, "hospital": 0.001, "council": 0.002, "carers": 0.002, "opt_outs": 0.0,
}  # fmt: skip
# Share of people with two entries, the second made because the first was not found.
TWICE_ON_FILE: Final = {
    "gp": 0.001, "hospital": 0.01, "council": 0.02, "carers": 0.01, "housing": 0.01,
    "police": 0.06, "opt_outs": 0.0,
}  # fmt: skip
# Share of a council's missing NHS numbers that are traced after the first quarter.
TRACED: Final = 0.15
# Share of a source's rows with a cell that turns out wrong, and when it is put right.
CORRECTED: Final = 0.002
DAYS_TO_CORRECTION: Final = 30
# Share of hospital entries without a property number.
NO_UPRN: Final = 0.04

# Share whose ethnicity the practice has not asked, and of cells that are empty.
ETHNICITY_NOT_STATED: Final = {"W": 0.04, "A": 0.11, "B": 0.11, "M": 0.11, "O": 0.14}
ETHNICITY_EMPTY: Final = 0.01
# The council has asked less often.
ETHNICITY_UNKNOWN_TO_COUNCIL: Final = 0.12

# Small areas to a practice; of so many practices one shares no events.
AREAS_PER_PRACTICE: Final = 2
ONE_PRACTICE_IN: Final = 8
SILENT_PRACTICE: Final = 5

# BJGP Open, 2021: national data opt-outs by sex; the other shares are assumed.
NATIONAL_OPT_OUT: Final = {"F": 0.0553, "M": 0.0441}
TYPE_1: Final = 0.012
OBJECTIONS: Final = 0.004
RESTRICTIONS: Final = 0.002
OPT_OUTS_ENDED: Final = 0.05

# Share of people whose records are restricted, by why. At least one in every block.
RESTRICTED: Final = {
    "S": 0.001, "REF": 0.0004, "ADP": 0.0002, "GRA": 0.0001, "WIT": 0.0001,
    "STF": 0.003,
}  # fmt: skip
# These have a new name and number, and the old identity is closed.
IDENTITY_CHANGED: Final = ("ADP", "GRA", "WIT")

# The national specification's second release, with other capitals and words.
CODES_CHANGED: Final = dt.date(2023, 4, 1)

# Client Level Data: what councils add to an event, and how they buy.
DELIVERY: Final = {"Direct Payment": 0.2, "Managed": 0.3, "Commissioned": 0.5}
SELF_FUNDING_NOTED: Final = 0.6
EQUIPMENT_OF_LOW_LEVEL: Final = 0.6
UNPLANNED_REVIEWS: Final = 0.25

# Police notices of the first half-year were exported under the wrong names.
WRONG_EXTRACT: Final = "police_notices"

# Plants: where a planted fault strikes, and since when.
DRIFTING_FROM: Final = dt.date(2025, 4, 1)
BIASED_GROUP: Final = "A"
STALE_SOURCE: Final = "hospital_events"

# Share of unpaid carers whom the council knows of. Assumed.
CARERS_KNOWN: Final = 0.45
