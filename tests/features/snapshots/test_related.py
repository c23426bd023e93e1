"""An indicator may be about what an entity belongs to, and is given to each member."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.indicators import IndicatorFamily
from features.definitions.outcomes import AtEvents, Calendar, Cohort
from tests.features.small_place import (
    COLUMNS,
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)


def about(*kinds: str) -> list[dict[str, Any]]:
    return [{"kind": kind, "key": ["id"]} for kind in kinds]


HOMES = contract("homes", about=about("person", "household"))
VISITS = contract("visits")
FIRES = contract("fires", about=about("household"))
LIVES_IN = {"name": "home", "of": "person", "to": "household", "source": "homes"}
COHORT = Cohort(
    entity="person",
    source="homes",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
MOVED_IN: list[Row] = [
    {"record": 1, "person": 1, "household": 7, "on": "2020-01-01"},
    {"record": 2, "person": 2, "household": 7, "on": "2020-01-01"},
    {"record": 3, "person": 3, "household": 8, "on": "2020-01-01"},
]


def of_each_person(
    folder: Path,
    *dates: str,
    homes: list[Row] | None = None,
    visits: list[Row] | None = None,
    fires: list[Row] | None = None,
    wanted: IndicatorFamily,
) -> list[Any]:
    """Return an indicator of every person on every date."""
    small = place([HOMES, VISITS, FIRES], [wanted], relations=[LIVES_IN])
    store = Store(folder).load(HOMES, homes or MOVED_IN)
    store.load(VISITS, visits or []).load(FIRES, fires or [])
    named = plan(list(small.indicators.values()), cohort=COHORT)
    return [r[wanted.name] for r in answers(store.archive(), small, named, *dates)]


FIRES_AT_HOME = family("count", source="fires", relation="home")
VISITS_AT_HOME = family("count", source="visits", relation="home")


def test_a_count_of_the_household_is_given_to_each_of_its_members(
    tmp_path: Path,
) -> None:
    fires = [{"record": 9, "household": 7, "on": "2024-01-10"}]

    found = of_each_person(tmp_path, "2024-02-01", fires=fires, wanted=FIRES_AT_HOME)

    assert found == [1, 1, 0]


def test_records_about_members_are_counted_for_their_household(
    tmp_path: Path,
) -> None:
    visits = [
        {"record": 9, "person": 1, "on": "2024-01-10"},
        {"record": 10, "person": 2, "on": "2024-01-20"},
    ]

    found = of_each_person(tmp_path, "2024-02-01", visits=visits, wanted=VISITS_AT_HOME)

    assert found == [2, 2, 0]


def test_a_households_count_holds_nothing_of_anyones_future(tmp_path: Path) -> None:
    visits = [
        {"record": 9, "person": 1, "on": "2024-02-01"},
        {"record": 10, "person": 2, "on": "2024-01-20", "known": "2024-02-01"},
    ]

    found = of_each_person(tmp_path, "2024-02-01", visits=visits, wanted=VISITS_AT_HOME)

    assert found == [0, 0, 0]


def test_who_belongs_to_nothing_has_no_count(tmp_path: Path) -> None:
    homes: list[Row] = [
        *MOVED_IN,
        {"record": 4, "person": 4, "on": "2020-01-01"},
    ]
    fires = [{"record": 9, "household": 7, "on": "2024-01-10"}]

    found = of_each_person(
        tmp_path, "2024-02-01", homes=homes, fires=fires, wanted=FIRES_AT_HOME
    )

    assert found == [1, 1, 0, None]


def test_a_move_counts_from_when_it_is_known(tmp_path: Path) -> None:
    moved = {
        "record": 4,
        "person": 3,
        "household": 7,
        "on": "2024-01-15",
        "known": "2024-02-15",
    }
    fires = [{"record": 9, "household": 7, "on": "2024-01-10"}]

    found = of_each_person(
        tmp_path,
        "2024-02-01",
        "2024-03-01",
        homes=[*MOVED_IN, moved],
        fires=fires,
        wanted=FIRES_AT_HOME,
    )

    assert found == [1, 1, 0, 1, 1, 1]


def test_who_moves_takes_their_own_past_along(tmp_path: Path) -> None:
    moved = {"record": 4, "person": 1, "household": 8, "on": "2024-01-15"}
    visits = [{"record": 9, "person": 1, "on": "2024-01-10"}]

    found = of_each_person(
        tmp_path,
        "2024-02-01",
        homes=[*MOVED_IN, moved],
        visits=visits,
        wanted=VISITS_AT_HOME,
    )

    # Person 1 now lives with person 3; person 2 is alone.
    assert found == [1, 0, 1]


def test_of_two_moves_on_one_day_the_later_record_decides(tmp_path: Path) -> None:
    homes: list[Row] = [
        {"record": 1, "person": 1, "household": 8, "on": "2020-01-01"},
        {"record": 2, "person": 1, "household": 7, "on": "2020-01-01"},
    ]
    fires = [{"record": 9, "household": 7, "on": "2024-01-10"}]

    found = of_each_person(
        tmp_path, "2024-02-01", homes=homes, fires=fires, wanted=FIRES_AT_HOME
    )

    assert found == [1]


def test_the_linked_group_is_the_household_known_on_the_date(tmp_path: Path) -> None:
    small = place([HOMES, VISITS], [family("count")], relations=[LIVES_IN])
    homes: list[Row] = [*MOVED_IN, {"record": 4, "person": 4, "on": "2020-01-01"}]
    store = Store(tmp_path).load(HOMES, homes)
    named = plan(list(small.indicators.values()), cohort=COHORT, linked_group="home")

    rows = answers(store.archive(), small, named, "2024-02-01")

    assert [row["linked_group"] for row in rows] == [
        "household-7",
        "household-7",
        "household-8",
        "person-4",
    ]


CHECKS = contract("checks", about=about("person", "visit", "household"))
AT_CHECKS = Cohort(
    entity="person",
    source="checks",
    at_events=AtEvents(kind="visit", first=day("2024-01-01")),
)


@pytest.mark.parametrize(("relation", "expected"), [(None, [0, 1]), ("home", [0, 1])])
def test_the_event_being_scored_never_counts_itself(
    tmp_path: Path, relation: str | None, expected: list[int]
) -> None:
    # The first check was at first dated 1 January, and so known before its own day.
    check = {"record": 1, "person": 1, "visit": 1, "household": 7}
    rows: list[Row] = [
        {**check, "on": "2024-01-01", "load": 1},
        {**check, "on": "2024-02-01", "known": "2024-03-01", "load": 2},
        {**check, "record": 2, "visit": 2, "on": "2024-02-15"},
    ]
    home = {**LIVES_IN, "source": "checks"}
    small = place(
        [CHECKS, VISITS],
        [family("count", source="checks", relation=relation)],
        relations=[home],
    )
    store = Store(tmp_path).load(CHECKS, rows)
    named = plan(list(small.indicators.values()), cohort=AT_CHECKS)

    found = answers(store.archive(), small, named, "2024-01-01", "2024-12-31")

    assert [str(row["as_of"]) for row in found] == ["2024-02-01", "2024-02-15"]
    assert [row["count"] for row in found] == expected


def test_an_event_may_name_beforehand_what_it_belongs_to(tmp_path: Path) -> None:
    columns = [{**c, "known_beforehand": c["name"] == "id"} for c in COLUMNS]
    checks = contract(
        "checks", about=about("person", "visit", "household"), columns=columns
    )
    small = place(
        [checks, FIRES, VISITS],
        [FIRES_AT_HOME],
        relations=[{**LIVES_IN, "source": "checks"}],
    )
    store = Store(tmp_path).load(
        checks,
        [{"record": 1, "person": 1, "visit": 1, "household": 7, "on": "2024-02-01"}],
    )
    store.load(FIRES, [{"record": 9, "household": 7, "on": "2024-01-10"}])
    named = plan(list(small.indicators.values()), cohort=AT_CHECKS)

    [row] = answers(store.archive(), small, named, "2024-01-01", "2024-12-31")

    assert row["count"] == 1


def test_what_was_first_said_of_an_event_is_what_was_known_beforehand(
    tmp_path: Path,
) -> None:
    check = {"record": 1, "person": 1, "visit": 1, "on": "2024-02-01"}
    rows: list[Row] = [
        {**check, "planned": "x", "known": "2024-02-03", "load": 1},
        {**check, "planned": "y", "known": "2024-02-09", "load": 2},
    ]
    small = place(
        [CHECKS, VISITS], [family("at_index", source="checks", column="planned")]
    )
    store = Store(tmp_path).load(CHECKS, rows, history=False, received="2024-02-09")
    named = plan(list(small.indicators.values()), cohort=AT_CHECKS)

    [row] = answers(store.archive(), small, named, "2024-01-01", "2024-12-31")

    assert row["at_index"] == "x"


def test_a_fact_of_the_index_event_is_whether_it_passes_a_filter(
    tmp_path: Path,
) -> None:
    is_x = family("at_index", source="checks", filter="planned = 'x'")
    small = place([CHECKS, VISITS], [is_x])
    rows: list[Row] = [
        {"record": n, "person": n, "visit": n, "on": f"2024-02-0{n}", "planned": said}
        for n, said in enumerate(["x", "y", None], 1)
    ]
    store = Store(tmp_path).load(CHECKS, rows)
    named = plan(list(small.indicators.values()), cohort=AT_CHECKS)

    found = answers(store.archive(), small, named, "2024-01-01", "2024-12-31")

    assert [row["at_index"] for row in found] == [1, 0, None]
