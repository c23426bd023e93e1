"""What causes the outcome in the simulated town, and how strongly."""

from __future__ import annotations

import math

import numpy as np

from features.town import care_parameters as care
from features.town import health_parameters as health
from features.town.days import Strings


def causes() -> dict[str, Strings]:
    """Return every cause as `cause`, `of`, `strength` and `in`.

    A package comes of need, asking, eligibility, means and funding, in this order. The
    strength is what one step of the cause adds to `of`: to need, in its own units; to
    the logarithm of how often people ask; to the log-odds of being found eligible. Of
    means it is the share who pay themselves. What is 0 causes nothing, on purpose.
    """
    shock, strict = care.NEED_BY_SHOCK, care.STRICTER_BY / care.ELIGIBLE_BLUR
    rows = [
        ("frailty, by .1", "need", care.NEED_BY_FRAILTY / 10, "gp_events, with error"),
        ("age, by 10 years", "need", care.NEED_BY_YEAR_OF_AGE * 10, "gp_register"),
        *(
            (f"{event}, just now", "need", shock * health.SHOCK_OF[event], where)
            for event, where in _SHOCKS.items()
        ),
        ("how well people cope, by standard deviation", "need", care.NEED_HIDDEN, ""),
        ("need, by 1", "asking", care.REQUEST_BY_NEED, ""),
        ("asked this month", "asking", math.log(1 + care.ASKS_AGAIN), "asc_cld"),
        ("living alone", "asking", math.log(care.ASKING_ALONE), "gp_register"),
        ("a carer at home", "asking", math.log(care.ASKING_WITH_CARER), "carers"),
        *(
            (f"ethnic group {group}", "asking", math.log(times), "gp_register")
            for group, times in care.ASKING_OF.items()
        ),
        ("need, by 1", "eligibility", 1 / care.ELIGIBLE_BLUR, ""),
        ("the stricter rule since 2022-10-01", "eligibility", -strict, ""),
        *(
            (f"deprivation fifth {n + 1}", "means", share, "gp_register")
            for n, share in enumerate(care.PAYS_CARE_HOME)
        ),
        ("police notices", "need", 0.0, "police_notices"),
        ("rent arrears", "need", 0.0, "housing_events"),
        ("appointments missed", "need", 0.0, "gp_events"),
    ]
    told = [(cause, of, round(size, 4), where) for cause, of, size, where in rows]
    columns = zip(*told, strict=True)
    names = ("cause", "of", "strength", "in")
    return {n: np.array(c, dtype=object) for n, c in zip(names, columns, strict=True)}


_SHOCKS = {
    "fall": "gp_events",
    "attendance": "hospital_events",
    "admission": "hospital_events",
    "bereaved": "gp_register",
    "carer lost": "carers",
}
