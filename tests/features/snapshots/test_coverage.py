"""Zero while observed is not the same as not observed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.outcomes import Calendar, Cohort
from features.snapshots.coverage import covered_until
from tests.features.small_place import (
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)


REGISTER = contract("register")
COHORT = Cohort(
    entity="person",
    source="register",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
LISTED = [{"record": n, "person": n, "on": "2020-01-01"} for n in (1, 2)]
VISIT = {"record": 3, "person": 1, "on": "2024-02-10", "number": 5}


def found_on(
    folder: Path,
    as_of: str,
    *,
    coverage: dict[str, Any],
    received: str = "2024-03-01",
    history: bool = False,
    measure: str = "count",
    **more: Any,
) -> list[Any]:
    """Return what visits say of persons 1 (who has one) and 2 (who has none)."""
    visits = contract("visits", coverage={"since": day("2020-01-01"), **coverage})
    small = place([REGISTER, visits], [family(measure, name="found", **more)])
    store = Store(folder).load(REGISTER, LISTED, received="2020-01-01")
    store.load(visits, [VISIT], received=received, history=history)
    wanted = plan(list(small.indicators.values()), cohort=COHORT)
    return [row["found"] for row in answers(store.archive(), small, wanted, as_of)]


def test_nobody_seen_while_everyone_is_covered_is_zero(tmp_path: Path) -> None:
    assert found_on(tmp_path, "2024-04-01", coverage={}) == [1, 0]


def test_who_is_not_linked_to_a_source_that_covers_its_own_is_missing(
    tmp_path: Path,
) -> None:
    assert found_on(tmp_path, "2024-04-01", coverage={"whom": "linked"}) == [1, None]


def test_who_was_seen_before_the_window_has_zero_in_it(tmp_path: Path) -> None:
    coverage = {"whom": "linked"}

    found = found_on(tmp_path, "2024-04-01", coverage=coverage, windows_days=[40])

    # 1 April - 40 days = 21 February: the visit was before, the delivery after.
    assert found == [0, None]


def test_before_the_source_begins_nothing_is_known(tmp_path: Path) -> None:
    coverage = {"since": day("2024-04-01")}

    assert found_on(tmp_path, "2024-04-01", coverage=coverage) == [None, None]


def test_a_window_covered_in_part_is_observed(tmp_path: Path) -> None:
    coverage = {"since": day("2024-03-31")}

    found = found_on(tmp_path, "2024-04-01", coverage=coverage, windows_days=[90])

    assert found == [1, 0]


def test_before_the_first_delivery_nothing_is_known(tmp_path: Path) -> None:
    found = found_on(tmp_path, "2024-03-01", coverage={}, received="2024-03-01")

    assert found == [None, None]


def test_a_window_after_the_last_delivery_is_not_covered(tmp_path: Path) -> None:
    # 31 March - 30 days = 1 March, the day of the delivery: nothing after it is held.
    assert found_on(tmp_path / "1", "2024-03-31", coverage={}, windows_days=[30]) == [
        None,
        None,
    ]
    assert found_on(tmp_path / "2", "2024-03-30", coverage={}, windows_days=[30]) == [
        0,
        0,
    ]


def test_a_history_stands_in_for_deliveries_that_came_in_time(tmp_path: Path) -> None:
    found = found_on(
        tmp_path, "2024-03-01", coverage={}, received="2026-01-01", history=True
    )

    assert found == [1, 0]


@pytest.mark.parametrize(
    ("measure", "more", "of_nobody"),
    [
        ("count", {}, 0),
        ("exists", {}, 0),
        ("sum", {"column": "number"}, 0),
        ("distinct", {"column": "number"}, 0),
        ("mean", {"column": "number"}, None),
        ("min", {"column": "number"}, None),
        ("max", {"column": "number"}, None),
        ("latest", {"column": "number"}, None),
        ("share", {"filter": "number = 5"}, None),
        ("days_since_last", {}, None),
        ("days_since_first", {}, None),
    ],
)
def test_only_counts_are_zero_without_records(
    tmp_path: Path, measure: str, more: dict[str, Any], of_nobody: int | None
) -> None:
    found = found_on(tmp_path, "2024-04-01", coverage={}, measure=measure, **more)

    assert found[0] is not None
    assert found[1] == of_nobody


def test_a_source_without_loads_covers_nothing(tmp_path: Path) -> None:
    visits = contract("visits")
    families = [
        family("count"),
        family("latest", column="amount"),
        family("latest", name="kind_of", column="kind"),
        family("count", name="near_household", relation="lives_in"),
    ]
    relation = {"name": "lives_in", "of": "person", "to": "household"}
    small = place(
        [REGISTER, visits], families, relations=[{**relation, "source": "visits"}]
    )
    store = Store(tmp_path).load(REGISTER, LISTED)
    wanted = plan(
        list(small.indicators.values()), cohort=COHORT, linked_group="lives_in"
    )

    rows = answers(store.archive(), small, wanted, "2024-04-01")

    assert [row["linked_group"] for row in rows] == ["person-1", "person-2"]
    assert {row["outcome_status"] for row in rows} == {"not yet known"}
    assert {row[name] for row in rows for name in small.indicators} == {None}


def test_nothing_is_covered_without_loads() -> None:
    assert covered_until([], day("2024-04-01")) is None
