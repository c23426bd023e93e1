"""A record counts on a date only if it had happened and was known before that date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.outcomes import Calendar, Cohort
from features.snapshots.snapshot import snapshot_table
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


VISITS = contract()
LISTED = {"record": 1, "person": 1, "on": "2020-01-01", "kind": "a"}


def count_on(
    folder: Path, rows: list[Row], *dates: str, measure: str = "count", **more: Any
) -> list[Any]:
    """Return what is said of person 1 on each date, of visits of kind b."""
    indicator = family(measure, name="found", filter="kind = 'b'", **more)
    small = place([VISITS], [indicator])
    archive = Store(folder).load(VISITS, [LISTED, *rows]).archive()
    wanted = plan(
        list(small.indicators.values()),
        cohort=Cohort(
            entity="person",
            source="visits",
            filter="kind = 'a'",
            calendar=Calendar(first=day("2020-01-01"), every_months=1),
        ),
    )
    days = [day(text) for text in dates]
    table = snapshot_table(archive, small, wanted, days, on=day("2026-01-01"))
    found: list[Any] = table["found"].to_pylist()
    return found


def test_an_event_before_the_as_of_date_counts(tmp_path: Path) -> None:
    visit = {"record": 2, "person": 1, "on": "2024-03-01", "kind": "b"}

    assert count_on(tmp_path, [visit], "2024-03-02") == [1]


def test_an_event_on_the_as_of_date_does_not_count(tmp_path: Path) -> None:
    visit = {"record": 2, "person": 1, "on": "2024-03-01", "kind": "b"}

    assert count_on(tmp_path, [visit], "2024-03-01") == [0]


@pytest.mark.parametrize("measure", ["count", "exists", "days_since_last"])
def test_an_event_recorded_after_the_as_of_date_changes_no_indicator(
    tmp_path: Path, measure: str
) -> None:
    early = {"record": 2, "person": 1, "on": "2024-02-01", "kind": "b"}
    late = {**early, "record": 3, "on": "2024-02-20", "known": "2024-03-01"}

    without = count_on(tmp_path / "1", [early], "2024-03-01", measure=measure)
    with_it = count_on(tmp_path / "2", [early, late], "2024-03-01", measure=measure)

    assert with_it == without


def test_a_late_event_counts_from_the_day_after_it_was_known(tmp_path: Path) -> None:
    late = {
        "record": 2,
        "person": 1,
        "on": "2024-02-20",
        "known": "2024-03-05",
        "kind": "b",
    }

    found = count_on(tmp_path, [late], "2024-03-01", "2024-03-05", "2024-03-06")

    assert found == [0, 0, 1]


def test_a_window_is_closed_at_its_first_day_and_open_at_the_as_of_date(
    tmp_path: Path,
) -> None:
    # 31 March - 30 days = 1 March, which is inside; 29 February is not.
    days = ["2024-02-29", "2024-03-01", "2024-03-30", "2024-03-31"]
    rows = [
        {"record": n, "person": 1, "on": on, "kind": "b"}
        for n, on in enumerate(days, 2)
    ]

    assert count_on(tmp_path, rows, "2024-03-31", windows_days=[30]) == [2]


def test_a_correction_known_later_does_not_change_the_past(tmp_path: Path) -> None:
    wrong = {"record": 2, "person": 1, "on": "2024-01-10", "kind": "b"}
    right = {**wrong, "kind": "a", "known": "2024-03-10", "load": 2}

    found = count_on(tmp_path, [wrong, right], "2024-03-10", "2024-03-11")

    assert found == [1, 0]


def test_a_correction_may_move_an_event_to_another_day(tmp_path: Path) -> None:
    wrong = {"record": 2, "person": 1, "on": "2024-01-10", "kind": "b"}
    right = {**wrong, "on": "2024-01-20", "known": "2024-03-10", "load": 2}
    rows = [wrong, right]

    found = count_on(
        tmp_path, rows, "2024-03-10", "2024-03-11", measure="days_since_last"
    )

    # 10 March is 60 days after 10 January; 11 March is 51 days after 20 January.
    assert found == [60, 51]


def test_a_withdrawn_record_stops_counting_from_its_withdrawal(tmp_path: Path) -> None:
    visit = {"record": 2, "person": 1, "on": "2024-01-10", "kind": "b"}
    gone = {
        "record": 2,
        "person": 1,
        "known": "2024-03-10",
        "withdrawn": True,
        "load": 2,
    }

    found = count_on(tmp_path, [visit, gone], "2024-03-10", "2024-03-11")

    assert found == [1, 0]


def test_a_record_that_comes_back_counts_again(tmp_path: Path) -> None:
    visit = {"record": 2, "person": 1, "on": "2024-01-10", "kind": "b"}
    gone = {"record": 2, "known": "2024-03-10", "withdrawn": True, "load": 2}
    back = {**visit, "known": "2024-04-10", "load": 3}

    found = count_on(tmp_path, [visit, gone, back], "2024-04-01", "2024-04-11")

    assert found == [0, 1]


def test_of_two_versions_of_one_day_the_later_load_counts(tmp_path: Path) -> None:
    wrong = {"record": 2, "person": 1, "on": "2024-01-10", "kind": "b", "load": 1}
    right = {**wrong, "kind": "a", "load": 2}

    assert count_on(tmp_path, [right, wrong], "2024-02-01") == [0]


def test_a_record_without_a_date_counts_in_no_window(tmp_path: Path) -> None:
    undated = {
        "record": 2,
        "person": 1,
        "on": None,
        "known": "2024-01-10",
        "kind": "b",
    }

    assert count_on(tmp_path, [undated], "2024-02-01") == [0]


def test_an_event_dated_after_it_was_known_counts_once_it_has_happened(
    tmp_path: Path,
) -> None:
    booked = {
        "record": 2,
        "person": 1,
        "on": "2024-05-01",
        "known": "2024-01-10",
        "kind": "b",
    }

    found = count_on(tmp_path, [booked], "2024-03-01", "2024-05-01", "2024-05-02")

    assert found == [0, 0, 1]


def test_an_older_delivery_that_is_loaded_late_does_not_win(tmp_path: Path) -> None:
    small = place([VISITS], [family("count", filter="kind = 'b'")])
    visit = {"record": 1, "person": 1, "on": "2024-01-10"}
    store = Store(tmp_path)
    store.load(VISITS, [{**visit, "kind": "b"}], received="2024-06-01")
    store.load(VISITS, [{**visit, "kind": "a"}], received="2024-05-01")
    wanted = plan(list(small.indicators.values()))

    [row] = answers(store.archive(), small, wanted, "2024-02-01")

    assert row["count"] == 1
