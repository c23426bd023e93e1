"""How long an outcome is waited for is measured on one load after another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from features.definitions.outcomes import Calendar, Cohort, Outcome
from features.definitions.place import Place
from features.snapshots.recording_lag import longest_wait
from features.snapshots.snapshot import build_snapshot
from features.store.manifest import RecordingLag
from features.store.warehouse import SnapshotEntry
from tests.features.small_place import Row, Store, contract, day, family, place, plan


VISITS = contract("visits")
REGISTER = contract("register")
SMALL: Place = place([REGISTER, VISITS], [family("count")])
LISTED = {"record": 1, "person": 1, "on": "2020-01-01"}


def told(number: int, on: str, *, late: int, **more: object) -> Row:
    """Return an outcome that happened on a day and was known some days later."""
    known = day(on) + dt.timedelta(days=late)
    return {
        "record": number,
        "person": 1,
        "on": on,
        "known": str(known),
        "kind": "b",
        **more,
    }


def entry_of(
    store: Store, *, declared: int = 5, least: int = 4, on: str = "2026-01-01"
) -> SnapshotEntry:
    outcome = Outcome(
        source="visits",
        filter="kind = 'b'",
        horizon_days=30,
        recording_lag_days=declared,
        least_lag_events=least,
        label="b",
    )
    cohort = Cohort(
        entity="person",
        source="register",
        calendar=Calendar(first=day("2024-01-01"), every_months=1),
    )
    wanted = plan(list(SMALL.indicators.values()), cohort=cohort, outcome=outcome)
    return build_snapshot(
        store.warehouse, SMALL, wanted, [day("2024-03-01")], on=day(on)
    )


def lag_of(store: Store, *, declared: int = 5, least: int = 4) -> RecordingLag:
    lag = entry_of(store, declared=declared, least=least).recording_lag
    assert lag is not None
    return lag


def loaded(folder: Path, *loads: tuple[str, bool, list[Row]]) -> Store:
    store = Store(folder).load(REGISTER, [LISTED])
    for received, history, rows in loads:
        store.load(VISITS, rows, received=received, history=history)
    return store


FIVE_LATE = [told(n, f"2024-02-{n:02}", late=20) for n in range(10, 15)]


def test_what_took_longer_than_declared_is_waited_for(tmp_path: Path) -> None:
    store = loaded(
        tmp_path,
        ("2024-02-01", True, []),
        ("2024-04-01", False, FIVE_LATE),
        ("2024-07-01", False, []),
    )

    assert lag_of(store) == RecordingLag(
        days=20, declared_days=5, measured_days=20, events=5, loads=2
    )


def test_the_declared_lag_is_the_least_that_is_waited_for(tmp_path: Path) -> None:
    store = loaded(
        tmp_path, ("2024-02-01", False, FIVE_LATE), ("2024-07-01", False, [])
    )

    lag = lag_of(store, declared=60)

    assert (lag.days, lag.measured_days) == (60, 20)


@pytest.mark.parametrize(
    ("second_is_history", "least"), [(True, 4), (False, 6)], ids=["loads", "outcomes"]
)
def test_where_too_few_loads_or_outcomes_tell_the_declared_lag_is_used(
    tmp_path: Path, second_is_history: bool, least: int
) -> None:
    store = loaded(
        tmp_path,
        ("2024-02-01", False, FIVE_LATE),
        ("2024-07-01", second_is_history, []),
    )

    lag = lag_of(store, least=least)

    assert (lag.days, lag.measured_days, lag.events) == (5, None, 0)


def test_history_does_not_show_how_late_it_came(tmp_path: Path) -> None:
    assumed = [told(20 + n, "2024-02-20", late=300) for n in range(5)]
    store = loaded(
        tmp_path,
        ("2024-02-01", True, assumed),
        ("2024-04-01", False, FIVE_LATE),
        ("2024-07-01", False, []),
    )

    assert lag_of(store).events == 5


def test_what_happened_before_the_history_came_was_late_by_selection(
    tmp_path: Path,
) -> None:
    before = [told(20 + n, "2024-01-20", late=60) for n in range(5)]
    store = loaded(
        tmp_path,
        ("2024-02-01", True, []),
        ("2024-04-01", False, [*FIVE_LATE, *before]),
        ("2024-07-01", False, []),
    )

    assert lag_of(store).measured_days == 20


def test_an_outcome_is_known_when_its_record_first_says_so(tmp_path: Path) -> None:
    asked = [{**row, "kind": "a", "known": row["on"]} for row in FIVE_LATE]
    store = loaded(
        tmp_path,
        ("2024-02-01", False, asked),
        ("2024-04-01", False, FIVE_LATE),
        ("2024-07-01", False, []),
    )

    assert lag_of(store).measured_days == 20


def test_a_later_load_changes_no_lag_of_a_snapshot_before_it(tmp_path: Path) -> None:
    store = loaded(
        tmp_path, ("2024-02-01", False, FIVE_LATE), ("2024-07-01", False, [])
    )
    before = entry_of(store)

    later = [told(30 + n, "2024-05-01", late=50) for n in range(5)]
    store.load(VISITS, later, received="2024-08-01", history=False)
    after = entry_of(store)

    assert before.recording_lag
    assert after.recording_lag
    assert (before.recording_lag.days, after.recording_lag.days) == (20, 50)
    kept = store.warehouse.manifest().snapshots
    assert [entry.recording_lag for entry in kept] == [
        before.recording_lag,
        after.recording_lag,
    ]


def test_an_outcome_is_not_yet_known_for_as_long_as_was_measured(
    tmp_path: Path,
) -> None:
    # 1 March + 30 days of horizon = 31 March; with 5 days of lag it would be known on
    # 5 April, with the 20 that were measured on 20 April.
    loads = [("2024-02-01", False, FIVE_LATE)]
    early = loaded(tmp_path / "1", *loads, ("2024-04-19", False, []))
    late = loaded(tmp_path / "2", *loads, ("2024-04-20", False, []))

    assert [_status(early), _status(late)] == ["not yet known", "no event"]


def _status(store: Store) -> str:
    import pyarrow.parquet as pq

    table = pq.read_table(store.warehouse.path(entry_of(store).table))
    [status] = table["outcome_status"].to_pylist()
    return str(status)


def test_what_happened_lately_shows_only_how_quick_the_quick_are() -> None:
    # Of what is older than 40 days all took 40; of what is newer only the quick came.
    lag, age = np.array([40] * 30 + [1] * 900), np.array([90] * 30 + [20] * 900)

    assert longest_wait(lag, age, declared_days=30, least_events=20) == (40, 30)


def test_the_wait_grows_until_what_it_rests_on_is_as_old_as_itself() -> None:
    # At 10 days, 95 of 100 seem known within 50; those older than that took 80.
    lag = np.array([80] * 25 + [50] * 25 + [10] * 50)
    age = np.array([200] * 25 + [60] * 25 + [20] * 50)

    assert longest_wait(lag, age, declared_days=10, least_events=20) == (80, 25)


def test_a_wait_that_grew_does_not_shrink_for_the_few_that_are_old_enough() -> None:
    lag = np.array([0, 0, 1, 1, 5, 9, 0, 0, 0, 0, 9])
    age = np.array([12, 12, 10, 10, 10, 1, 1, 1, 1, 1, 1])

    found = longest_wait(lag, age, declared_days=0, least_events=2)

    assert found == (9, 5)
