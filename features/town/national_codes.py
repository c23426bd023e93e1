"""The headings and codes of Client Level Data, in its first and its second release."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from features.town import recording_parameters as rates
from features.town.days import Flags, Strings, day_number
from features.town.sheets import Sheet


HEADINGS: Final = (
    "LA Code", "LA Person Unique Identifier", "NHS Number", "GP Practice Code",
    "Gender", "Ethnicity", "Date of Birth", "Postcode", "Client Type",
    "Primary Support Reason", "Accommodation Status", "Has Unpaid Carer",
    "Client Funding Status", "Event Type", "Event Start Date", "Event End Date",
    "Event Outcome", "Request: Route of Access", "Assessment Type", "Service Type",
    "Service Component", "Delivery Mechanism", "Review Reason", "Event Reference",
    "Forename", "Surname", "Restriction",
)  # fmt: skip
# What is called otherwise elsewhere.
CALLED: Final = {
    "nhs_no": "NHS Number",
    "forename": "Forename",
    "surname": "Surname",
    "birth_date": "Date of Birth",
    "postcode": "Postcode",
}
GENDERS: Final = {"F": "Female", "M": "Male"}
ETHNICITIES: Final = {
    "W": "White",
    "A": "Asian / Asian British",
    "B": "Black / African / Caribbean / Black British",
    "M": "Mixed / Multiple",
    "O": "Other",
}
SERVICES: Final = {
    "long term: community": "Long Term Support: Community",
    "long term: residential": "Long Term Support: Residential Care",
    "long term: nursing": "Long Term Support: Nursing Care",
    "short term: reablement": "Short Term Support: ST-Max",
    "short term: low level": "Short Term Support: Ongoing Low Level",
    "short term: other": "Short Term Support: Other Short Term",
    "": "",
}
PAYERS: Final = {
    "council": "Council funded",
    "self": "Self-funded",
    "NHS continuing healthcare": "NHS continuing healthcare",
    "": "",
}
ROUTES: Final = {
    "community": "Community / Other route",
    "hospital discharge": "Discharge from Hospital",
    "": "",
}
AFTER_A_REQUEST: Final = {
    "nothing": "NFA - No services offered: Other reason",
    "signposted": "NFA - Information & Advice / Signposting only",
    "low level": "Progress to Support Planning / Services",
    "short term": "Progress to Support Planning / Services",
    "reablement": "Progress to Reablement/ST-Max",
    "long term": "Progress to Assessment",
    "": "",
}
AFTER_A_SERVICE: Final = {
    "died": "NFA - Deceased",
    "moved away": "NFA - Moved to another LA",
    "no longer needed": "NFA - Support ended: Other reason",
    "other service": "Progress to Support Planning / Services",
    "other payer": "NFA - 100% NHS funded care",
    "finished": "Service ended as planned",
    "": "",
}

# What the second release writes in another way.
SECOND_RELEASE: Final = {
    "Service User": "Service user",
    "Physical Support: Personal Care Support": (
        "Physical support: Personal care support"
    ),
    "Physical Support: Access & Mobility Only": (
        "Physical support: Access and mobility only"
    ),
    "Support with Memory & Cognition": "Support with memory and cognition",
    "Mental Health Support": "Mental health support",
    "Owner Occupier / Shared Ownership Scheme": (
        "Owner occupier or shared ownership scheme"
    ),
    "Registered Care Home": "Registered care home",
    "Progress to Reablement/ST-Max": "Progress to reablement/ST-Max",
    "Progress to Assessment": "Progress to assessment, review or reassessment",
    "Progress to Support Planning / Services": (
        "Progress to support planning or services"
    ),
    "NFA - Information & Advice / Signposting only": (
        "NFA - Information and advice or signposting only"
    ),
    "NFA - Self-funded client (Inc. 12wk disregard)": (
        "NFA - Self-funded client (including 12-week disregard)"
    ),
    "NFA - Support ended: Other reason": "NFA - Support ended: other reason",
    "NFA - No services offered: Other reason": (
        "NFA - No services offered: other reason"
    ),
    "Community / Other route": "Community or other route",
    "Discharge from Hospital": "Discharge from hospital",
    "Long Term Assessment": "Long term assessment",
    "Short Term Assessment": "Short term assessment",
    "Long Term Support: Community": "Long term support: Community",
    "Long Term Support: Residential Care": "Long term support: Residential care",
    "Long Term Support: Nursing Care": "Long term support: Nursing care",
    "Short Term Support: ST-Max": "Short term support: ST-Max",
    "Short Term Support: Ongoing Low Level": "Short term support: Ongoing low level",
    "Short Term Support: Other Short Term": "Short term support: Other short term",
    "Home Support": "Home support",
    "Day Support": "Day support",
    "Long Term Residential Care": "Long term residential care",
    "Long Term Nursing Care": "Long term nursing care",
    "Short Term Residential Care": "Short term residential care",
    "Direct Payment": "Direct payment",
    "CASSR Managed Personal Budget": "CASSR managed personal budget",
    "CASSR Commissioned Support": "CASSR commissioned support",
}


def in_the_codes_of_the_day(sheet: Sheet) -> Sheet:
    """Write what was recorded since the second release in its capitals and words."""
    new = sheet.recorded >= day_number(rates.CODES_CHANGED)
    columns = {
        heading: _in_new_codes(cells, new) for heading, cells in sheet.columns.items()
    }
    changes = tuple(
        replace(
            change,
            cells={
                heading: _in_new_codes(cells, new[change.rows])
                for heading, cells in change.cells.items()
            },
        )
        for change in sheet.changes
    )
    return replace(sheet, columns=columns, changes=changes)


def _in_new_codes(cells: Strings, new: Flags) -> Strings:
    distinct, places = np.unique(cells.astype(str), return_inverse=True)
    if not any(text in SECOND_RELEASE for text in distinct):
        return cells
    renamed = np.array([SECOND_RELEASE.get(t, t) for t in distinct], dtype=object)
    return np.where(new, renamed[places], cells)
