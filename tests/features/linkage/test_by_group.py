"""Link quality by group: a planted difference is found, equal faults are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.linkage.by_group import (
    LEVEL,
    GroupQuality,
    Verdict,
    judge_groups,
)


Links = tuple[dict[int, int], dict[int, int]]


def people(torn: Mapping[int, float], mixed: Mapping[int, float], seed: int) -> Links:
    """Return the links and the truth of people of two records each.

    Args:
        torn: Person -> the chance that the two stand apart.
        mixed: Person -> the chance that the first is given to the next person.
        seed: Of chance.
    """
    rng = np.random.default_rng(seed)
    truth = {2 * p + n: p for p in torn for n in (0, 1)}
    entities = dict(truth)
    for p in torn:
        if rng.random() < torn[p]:
            entities[2 * p + 1] = -p - 1
        if rng.random() < mixed[p]:
            entities[2 * p] = (p + 1) % len(torn)
    return entities, truth


def found(report: list[GroupQuality], group: str) -> GroupQuality:
    return next(row for row in report if row.group == group)


def test_a_group_whose_records_are_torn_apart_more_often_is_found() -> None:
    ethnicity = {p: "A" if p < 500 else "W" for p in range(3_000)}
    torn = {p: 0.12 if group == "A" else 0.04 for p, group in ethnicity.items()}
    entities, truth = people(torn, dict.fromkeys(torn, 0.0), seed=1)

    report = judge_groups(entities, truth, {"ethnicity": ethnicity})

    assert found(report, "A").missed.verdict == Verdict.WORSE
    assert found(report, "A").wrong.verdict == Verdict.NO_DIFFERENCE
    assert not found(report, "W").is_worse


def test_a_group_given_others_records_more_often_is_found() -> None:
    sex = {p: "F" if p % 2 else "M" for p in range(4_000)}
    mixed = {p: 0.02 if group == "F" else 0.0 for p, group in sex.items()}
    # Both who are mixed suffer, so each is given the record of one of the same sex.
    entities, truth = people(dict.fromkeys(mixed, 0.0), dict.fromkeys(mixed, 0.0), 1)
    rng = np.random.default_rng(1)
    for p in sorted(sex):
        if rng.random() < mixed[p]:
            entities[2 * p] = (p + 2) % len(sex)

    report = judge_groups(entities, truth, {"sex": sex})

    assert found(report, "F").wrong.verdict == Verdict.WORSE
    assert not found(report, "M").is_worse


def test_with_equal_faults_hardly_any_report_cries_wolf() -> None:
    reports = 100
    attributes = {
        "ethnicity": {p: "WWWWWWWWABMO"[p % 12] for p in range(600)},
        "age": {p: str(p % 5) for p in range(600)},
    }
    equal = dict.fromkeys(range(600), 0.05)

    wolves = 0
    for seed in range(reports):
        entities, truth = people(equal, dict.fromkeys(equal, 0.01), seed)
        report = judge_groups(entities, truth, attributes)
        wolves += any(row.is_worse for row in report)

    # Of 100 at .05 at most 5 are expected; 3 standard deviations more are 11.5.
    assert wolves <= reports * LEVEL + 3 * (reports * LEVEL * (1 - LEVEL)) ** 0.5


def test_of_a_few_people_it_cannot_be_told() -> None:
    group = {p: "B" if p < 12 else "W" for p in range(2_000)}
    torn = dict.fromkeys(group, 0.05)
    entities, truth = people(torn, dict.fromkeys(torn, 0.0), seed=3)

    report = judge_groups(entities, truth, {"ethnicity": group})

    assert found(report, "B").missed.verdict == Verdict.CANNOT_TELL


def test_a_group_of_fewer_than_eight_is_never_judged() -> None:
    group = {p: "B" if p < 7 else "W" for p in range(2_000)}
    torn = {p: 1.0 if p < 7 else 0.0 for p in group}
    entities, truth = people(torn, dict.fromkeys(torn, 0.0), seed=3)

    report = judge_groups(entities, truth, {"ethnicity": group})

    assert {row.missed.verdict for row in report} == {Verdict.CANNOT_TELL}


def test_the_partner_whose_records_stand_apart_is_the_one_that_is_blamed() -> None:
    # Three partners hold one record of each of 900 people; hospital's is often lost.
    truth = {3 * p + n: p for p in range(900) for n in range(3)}
    partners = {r: ("gp", "hospital", "council")[r % 3] for r in truth}
    entities = {r: p for r, p in truth.items() if not (r % 3 == 1 and p % 5 == 0)}

    report = judge_groups(entities, truth, {}, partners=partners)

    assert found(report, "hospital").missed.verdict == Verdict.WORSE
    assert found(report, "gp").missed.people.part == 0
    assert found(report, "council").missed.people.part == 0


def test_who_is_in_no_group_is_a_group_of_its_own() -> None:
    report = judge_groups({1: 1, 2: 1}, {1: "a", 2: "b"}, {"sex": {"a": "F"}})

    assert [row.group for row in report] == ["F", "not known"]
    assert [row.wrong.people.part for row in report] == [1, 1]


def test_nobody_is_no_report() -> None:
    assert judge_groups({}, {}, {"sex": {}}, partners={}) == []


records = st.integers(0, 14)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(records, st.integers(0, 4)),
    st.dictionaries(records, st.sampled_from("abc"), min_size=1),
)
def test_people_are_counted_as_if_one_by_one(
    entities: dict[int, int], truth: dict[int, str]
) -> None:
    own: dict[str, list[int]] = defaultdict(list)
    for record, person in truth.items():
        own[person].append(entities.get(record, -1 - record))
    several = [held for held in own.values() if len(held) > 1]
    torn = sum(len(set(held)) > 1 for held in several)
    mixed = sum(any(set(own[p]) & set(own[q]) for q in own if q != p) for p in own)

    [row] = judge_groups(entities, truth, {"all": dict.fromkeys(own, "x")})

    assert (row.people, row.missed.people.whole) == (len(own), len(several))
    assert (row.missed.people.part, row.wrong.people.part) == (torn, mixed)
    assert row.missed.links.whole == sum(n * (n - 1) for n in map(len, own.values()))
