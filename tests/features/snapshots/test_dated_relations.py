"""A membership begins and ends, may be one of several, and may hold in one role."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from features.definitions.outcomes import Calendar, Cohort
from features.snapshots.evidence import evidence
from features.snapshots.snapshot import ask
from tests.features.reference_records import Records
from tests.features.reference_rows import snapshot_of
from tests.features.small_place import (
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)
from tests.features.snapshots.test_indicator_values import assert_same, at_leisure
from tests.features.world import World
from tests.features.worlds import worlds


PERSON_AND_HOME = [{"kind": kind, "key": ["id"]} for kind in ("person", "household")]
HOMES = contract("homes", about=PERSON_AND_HOME)
CARERS = contract("carers", about=PERSON_AND_HOME)
VISITS = contract("visits")
COHORT = Cohort(
    entity="person",
    source="homes",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
IN_JUNE = "2024-06-01"


def lives(record: int, person: int, household: int, on: str, **more: Any) -> Row:
    return {
        "record": record,
        "person": person,
        "household": household,
        "on": on,
        **more,
    }


ALL_AT_HOME: list[Row] = [lives(n, n, 10 + n, "2020-01-01") for n in range(1, 5)]
# One visit to each of four people.
VISITED: list[Row] = [
    {"record": 20 + n, "person": n, "on": "2024-05-01"} for n in range(1, 5)
]


def counts(
    folder: Path,
    links: list[Row],
    *dates: str,
    visits: list[Row] | None = None,
    **relation: Any,
) -> list[Any]:
    """Return how many visits each of four people's related entity had, by date.

    Args:
        folder: Of the store.
        links: Rows of the source that says who belongs to what.
        dates: As-of dates.
        visits: Instead of one to each person.
        relation: More of the relation's declaration.
    """
    declared = {"name": "with", "of": "person", "to": "household", "source": "carers"}
    small = place(
        [HOMES, CARERS, VISITS],
        [family("count", relation="with")],
        relations=[{**declared, **relation}],
    )
    store = Store(folder).load(HOMES, ALL_AT_HOME).load(CARERS, links)
    store.load(VISITS, VISITED if visits is None else visits)
    named = plan(list(small.indicators.values()), cohort=COHORT)
    found = answers(store.archive(), small, named, *(dates or [IN_JUNE]))
    return [row["count"] for row in found]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, [2, 2, None, None]),
        # The last day is the as-of date itself: it has not passed.
        ("2024-06-01", [2, 2, None, None]),
        ("2024-05-31", [1, None, None, None]),
        ("2030-01-01", [2, 2, None, None]),
    ],
)
def test_who_has_left_by_the_date_belongs_to_nothing(
    tmp_path: Path, until: str | None, expected: list[Any]
) -> None:
    links = [
        lives(11, 1, 7, "2023-01-01"),
        lives(12, 2, 7, "2023-01-01", until=until),
    ]

    assert counts(tmp_path, links, ends="until") == expected


def test_an_end_that_is_known_later_has_not_come_yet(tmp_path: Path) -> None:
    stay = lives(11, 1, 7, "2023-01-01", load=2)
    links = [stay, {**stay, "until": "2024-05-01", "known": "2024-06-15", "load": 3}]

    found = counts(tmp_path, links, "2024-06-01", "2024-07-01", ends="until")

    assert found == [1, None, None, None] + [None] * 4


def test_the_newest_home_decides_also_when_it_has_ended(tmp_path: Path) -> None:
    links = [
        lives(11, 1, 7, "2022-01-01"),
        lives(12, 1, 8, "2023-01-01", until="2024-01-01"),
    ]

    assert counts(tmp_path, links, ends="until") == [None] * 4


def test_a_closing_entry_ends_what_it_names_and_no_other(tmp_path: Path) -> None:
    closes = {"ended": "kind = 'b'"}
    links = [
        lives(11, 1, 7, "2022-01-01", kind="a"),
        lives(12, 1, 8, "2023-01-01", kind="a"),
        # The old home is closed after the new one was begun.
        lives(13, 1, 7, "2023-02-01", kind="b"),
        lives(14, 2, 8, "2023-01-01", kind="a"),
        lives(15, 2, 8, "2023-02-01", kind="b"),
        lives(16, 3, 8, "2023-01-01", kind=None),
    ]

    # Persons 1 and 3 live in 8.
    assert counts(tmp_path, links, **closes) == [2, None, 2, None]


def test_a_closing_entry_known_later_closes_nothing_yet(tmp_path: Path) -> None:
    links = [
        lives(11, 1, 7, "2022-01-01", kind="a"),
        lives(12, 1, 7, "2024-05-01", kind="b", known="2024-06-15"),
    ]

    found = counts(tmp_path, links, "2024-06-01", "2024-07-01", ended="kind = 'b'")

    assert found == [1, None, None, None] + [None] * 4


def test_who_comes_back_belongs_again(tmp_path: Path) -> None:
    links = [
        lives(11, 1, 7, "2022-01-01", kind="a"),
        lives(12, 1, 7, "2023-01-01", kind="b"),
        lives(13, 1, 7, "2024-01-01", kind="a"),
    ]

    assert counts(tmp_path, links, ended="kind = 'b'") == [1, None, None, None]


def test_others_only_leaves_out_the_own_records(tmp_path: Path) -> None:
    links = [lives(10 + n, n, 7, "2023-01-01") for n in (1, 2, 3)]

    assert counts(tmp_path, links) == [3, 3, 3, None]
    assert counts(tmp_path / "2", links, others_only=True) == [2, 2, 2, None]


def test_who_lives_alone_has_no_others_to_count(tmp_path: Path) -> None:
    links = [lives(11, 1, 7, "2023-01-01")]

    found = counts(tmp_path, links, others_only=True)

    assert found == [0, None, None, None]


# Person 1 cares for 2 and for 3, who also cares for 4; each pair has a number.
CARING: list[Row] = [
    lives(11, 1, 70, "2023-01-01", kind="a"),
    lives(12, 2, 70, "2023-01-01", kind="b"),
    lives(13, 1, 71, "2023-01-01", kind="a"),
    lives(14, 3, 71, "2023-01-01", kind="b", until="2024-06-30"),
    lives(15, 3, 72, "2023-01-01", kind="a"),
    lives(16, 4, 72, "2023-01-01", kind="b"),
]
CARER_OF: dict[str, Any] = {
    "many": True,
    "filter": "kind = 'a'",
    "counts": "kind = 'b'",
    "others_only": True,
    "ends": "until",
}


def test_a_carer_of_two_is_given_what_befell_both(tmp_path: Path) -> None:
    # Only carers belong to anything by this relation: 1 cares for two, 3 for one.
    assert counts(tmp_path, CARING, **CARER_OF) == [2, None, 1, None]


def test_the_one_cared_for_no_more_is_not_counted(tmp_path: Path) -> None:
    found = counts(tmp_path, CARING, "2024-06-01", "2024-07-01", **CARER_OF)

    assert found == [2, None, 1, None, 1, None, 1, None]


def test_of_several_memberships_each_ends_by_itself(tmp_path: Path) -> None:
    ended = {**CARING[0], "until": "2024-01-01"}

    found = counts(tmp_path, [ended, *CARING[1:]], **CARER_OF)

    assert found == [1, None, 1, None]


def test_who_is_cared_for_twice_by_one_carer_is_counted_once(tmp_path: Path) -> None:
    again = [
        lives(17, 1, 73, "2023-01-01", kind="a"),
        lives(18, 2, 73, "2023-01-01", kind="b"),
    ]

    assert counts(tmp_path, [*CARING, *again], **CARER_OF) == [2, None, 1, None]


def test_a_role_that_was_corrected_counts_as_it_is_known(tmp_path: Path) -> None:
    first = {**CARING[1], "kind": "a", "load": 2}
    corrected = {**CARING[1], "known": "2024-06-15", "load": 3}
    links = [CARING[0], first, corrected]

    found = counts(tmp_path, links, "2024-06-01", "2024-07-01", **CARER_OF)

    # Until then both were taken for carers, of nobody.
    assert found == [0, 0, None, None, 1, None, None, None]


def test_the_records_behind_are_those_of_the_others_each_once(tmp_path: Path) -> None:
    small = place(
        [HOMES, CARERS, VISITS],
        [family("count", relation="with")],
        relations=[
            {
                **{"name": "with", "of": "person", "to": "household"},
                **{"source": "carers", **CARER_OF},
            }
        ],
    )
    store = Store(tmp_path).load(HOMES, ALL_AT_HOME).load(CARERS, CARING)
    archive = store.load(VISITS, VISITED).archive()
    indicators = list(small.indicators.values())
    named = plan(indicators, cohort=COHORT)

    question = ask(archive, small, named, [day(IN_JUNE)], on=day("2026-01-01"))
    behind = archive.fetch(evidence(question, indicators)).to_pylist()
    archive.close()

    assert [(r["row"], r["record_id"]) for r in behind] == [(0, 22), (0, 23), (2, 24)]


@settings(at_leisure, max_examples=20)
@given(worlds(["count", "latest", "exists", "count"]))
def test_any_relation_says_what_the_reference_says(world: World) -> None:
    expected = snapshot_of(world)

    with tempfile.TemporaryDirectory() as folder:
        found = world.snapshot(Path(folder))

    assert_same(found, expected, world)


@settings(at_leisure, max_examples=40)
@given(worlds(["count"]))
def test_who_belongs_to_what_is_what_the_reference_says(world: World) -> None:
    records = Records(world)
    with tempfile.TemporaryDirectory() as folder:
        archive = world.stored(Path(folder))
        question = ask(archive, world.place, world.plan, world.dates, on=world.on)
        for relation in world.place.file.relations:
            for role in {None, relation.filter, relation.counts}:
                found = archive.fetch(question.members(relation, role)).to_pylist()

                assert sorted(tuple(row.values()) for row in found) == [
                    (person, as_of, related)
                    for person in (1, 2, 3)
                    for as_of in question.dates
                    for related in sorted(
                        records.belonged(person, relation, as_of, role)
                    )
                ]
        archive.close()
