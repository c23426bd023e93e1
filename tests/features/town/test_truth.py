"""What the truth tells of the causes, and that police notices are none of them."""

from __future__ import annotations

from collections import Counter

from features.town import Town
from features.town.naming import pattern_of
from tests.features.town.delivered import newest, person_of, truth_of


def test_the_causes_are_told_with_their_strength_and_police_notices_have_none(
    town: Town,
) -> None:
    strength = {
        (r["cause"], r["of"]): float(r["strength"]) for r in truth_of(town, "causes")
    }

    assert strength["police notices", "need"] == 0
    assert strength["frailty, by .1", "need"] > 0
    assert strength["need, by 1", "asking"] > 0
    assert strength["the stricter rule since 2022-10-01", "eligibility"] < 0
    assert strength["ethnic group A", "asking"] < strength["ethnic group W", "asking"]


def test_people_with_a_notice_begin_a_package_as_often_as_others_of_their_age(
    town: Town,
) -> None:
    person = person_of(town)
    noticed = {
        person["police_notices", row["nominal_no"]].lstrip("-")
        for row in newest(town, "police_notices").values()
    }
    packages: Counter[bool] = Counter()
    people: Counter[bool] = Counter()
    for row in truth_of(town, "outcomes"):
        # Those who lived in the town throughout had as much time for a notice.
        if row["born_on"] < "1945" and not row["died_on"] and row["joined_on"] < "2019":
            people[row["person"] in noticed] += 1
            packages[row["person"] in noticed] += bool(row["package_on"])

    with_one, without = (packages[k] / people[k] for k in (True, False))

    assert people[True] > 100
    # Two standard deviations of a share of about .15 among those with a notice.
    assert abs(with_one - without) < 2 * (0.15 * 0.85 / people[True]) ** 0.5


def test_everybody_is_named_by_a_pattern_of_their_group(town: Town) -> None:
    import numpy as np

    rows = truth_of(town, "outcomes")
    groups = {row["person"]: row["ethnicity"] for row in rows}
    person = person_of(town)
    named = {
        person["opt_outs", row["person_no"]]: row["forename"]
        for row in newest(town, "opt_outs").values()
    }
    told = [(groups[who], name) for who, name in named.items() if who in groups]

    # A few are misspelt or called otherwise: these belong to no list.
    found = 0
    for group, name in told:
        try:
            pattern_of(np.array([group]), np.array([name]))
            found += 1
        except KeyError:
            pass

    assert found > 0.95 * len(told)
