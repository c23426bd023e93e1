"""Did it happen within the horizon, how often, and can anybody know yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from features.definitions.outcomes import AtEvents, Calendar, Cohort, Outcome
from features.faults import Refusal
from features.snapshots.snapshot import build_snapshot
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


REGISTER = contract("register")
VISITS = contract("visits")
CALENDAR = Calendar(first=day("2024-01-01"), every_months=1)
COHORT = Cohort(entity="person", source="register", calendar=CALENDAR)
LISTED = {"record": 1, "person": 1, "on": "2020-01-01"}


def outcome_of(
    folder: Path, rows: list[Row], received: str = "2024-02-15", **changes: Any
) -> tuple[Any, str]:
    """Return the outcome on 1 January 2024 with its status: 30 days and a lag of 10."""
    small = place([REGISTER, VISITS], [family("count")])
    store = Store(folder).load(REGISTER, [LISTED])
    store.load(VISITS, rows, received=received)
    content = {"filter": "kind = 'b'", "measure": "exists", **changes}
    outcome = Outcome(
        source="visits",
        horizon_days=30,
        recording_lag_days=10,
        label="b",
        **content,
    )
    wanted = plan(list(small.indicators.values()), cohort=COHORT, outcome=outcome)
    [row] = answers(store.archive(), small, wanted, "2024-01-01")
    return row["outcome"], row["outcome_status"]


def visit(record: int, on: str, **more: Any) -> Row:
    return {"record": record, "person": 1, "on": on, "kind": "b", **more}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2023-12-31", (0, "no event")),
        ("2024-01-01", (1, "event")),
        # 1 January + 30 days = 31 January, which is outside.
        ("2024-01-30", (1, "event")),
        ("2024-01-31", (0, "no event")),
    ],
)
def test_the_horizon_begins_on_the_as_of_date(
    tmp_path: Path, on: str, expected: tuple[int, str]
) -> None:
    assert outcome_of(tmp_path, [visit(2, on)]) == expected


def test_an_outcome_may_count_events(tmp_path: Path) -> None:
    rows = [visit(2, "2024-01-05"), visit(3, "2024-01-05"), visit(4, "2024-03-01")]

    assert outcome_of(tmp_path, rows, measure="count") == (2, "event")


def test_an_outcome_may_add_up_a_column(tmp_path: Path) -> None:
    rows = [visit(2, "2024-01-05", number=4), visit(3, "2024-01-05", number=None)]
    rows += [visit(4, "2024-01-30", number=3), visit(5, "2024-02-01", number=9)]

    found = outcome_of(tmp_path, rows, measure="sum", column="number")

    assert found == (7, "event")


def test_what_nobody_counted_may_be_unknown_and_not_nothing(tmp_path: Path) -> None:
    asked = {"measure": "sum", "column": "number"}

    nothing = outcome_of(tmp_path / "1", [], **asked)
    unknown = outcome_of(tmp_path / "2", [], **asked, none_is_unknown=True)

    assert nothing == (0, "no event")
    assert unknown == (None, "no event")


def test_a_number_may_be_asked_of_a_later_window(tmp_path: Path) -> None:
    # 1 January + 10 days = 11 January; + 30 days = 10 February; + 10 of lag = 20.
    rows = [visit(2, "2024-01-10"), visit(3, "2024-01-11"), visit(4, "2024-02-09")]
    rows += [visit(5, "2024-02-10")]
    asked = {"measure": "count", "starts_after_days": 10}

    soon = outcome_of(tmp_path / "1", rows, received="2024-02-19", **asked)
    known = outcome_of(tmp_path / "2", rows, received="2024-02-20", **asked)

    assert soon == (None, "not yet known")
    assert known == (2, "event")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"measure": "sum"}, "`column` belongs to the measure sum"),
        ({"column": "number"}, "`column` belongs to the measure sum"),
        ({"starts_after_days": 9}, "belong to a count or a sum"),
        ({"exposure": "people"}, "belong to a count or a sum"),
        ({"measure": "count", "of_index": True, "starts_after_days": 9}, "on its day"),
    ],
)
def test_only_a_number_may_be_added_up_asked_of_later_or_have_an_exposure(
    changes: dict[str, Any], complaint: str
) -> None:
    outcome = {"source": "visits", "filter": "true", "horizon_days": 30, "label": "b"}

    with pytest.raises(ValidationError, match=complaint):
        Outcome.model_validate({**outcome, "recording_lag_days": 0, **changes})


def test_an_outcome_reads_only_what_passes_its_filter(tmp_path: Path) -> None:
    rows = [visit(2, "2024-01-05", kind="a"), visit(3, "2024-01-06", kind=None)]

    assert outcome_of(tmp_path, rows) == (0, "no event")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        # 1 January + 30 days of horizon + 10 of lag = 10 February.
        ("2024-02-09", (None, "not yet known")),
        ("2024-02-10", (1, "event")),
    ],
)
def test_an_outcome_is_known_once_horizon_and_lag_have_passed(
    tmp_path: Path, received: str, expected: tuple[Any, str]
) -> None:
    rows = [visit(2, "2024-01-05")]

    assert outcome_of(tmp_path, rows, received=received) == expected


def test_an_outcome_reads_the_newest_version_of_a_record(tmp_path: Path) -> None:
    wrong = visit(2, "2024-01-05")
    right = visit(2, "2024-06-05", known="2024-06-05", load=3)

    assert outcome_of(tmp_path, [wrong, right]) == (0, "no event")


def test_a_withdrawn_record_is_no_outcome(tmp_path: Path) -> None:
    gone = {"record": 2, "known": "2024-02-01", "withdrawn": True, "load": 3}

    assert outcome_of(tmp_path, [visit(2, "2024-01-05"), gone]) == (0, "no event")


def test_an_outcome_recorded_late_still_counts(tmp_path: Path) -> None:
    rows = [visit(2, "2024-01-05", known="2024-06-01")]

    assert outcome_of(tmp_path, rows) == (1, "event")


def test_the_outcome_of_an_index_event_is_its_own(tmp_path: Path) -> None:
    checks = contract(
        "checks", about=[{"kind": k, "key": ["id"]} for k in ("person", "visit")]
    )
    results = contract("results", about=[{"kind": "visit", "key": ["id"]}])
    small = place([checks, results], [family("count", source="checks")])
    store = Store(tmp_path)
    store.load(
        checks,
        [
            {"record": 1, "person": 1, "visit": 1, "on": "2024-01-05"},
            {"record": 2, "person": 1, "visit": 2, "on": "2024-01-05"},
        ],
    )
    store.load(results, [{"record": 3, "visit": 2, "on": "2024-03-01", "kind": "b"}])
    wanted = plan(
        list(small.indicators.values()),
        cohort=Cohort(
            entity="person",
            source="checks",
            at_events=AtEvents(kind="visit", first=day("2024-01-01")),
        ),
        outcome=Outcome(
            source="results",
            filter="kind = 'b'",
            of_index=True,
            horizon_days=1,
            recording_lag_days=0,
            label="b",
        ),
    )

    rows = answers(store.archive(), small, wanted, "2024-01-01", "2024-12-31")

    assert [(row["index_record"], row["outcome"]) for row in rows] == [(1, 0), (2, 1)]


def test_a_calendar_has_no_index_event_to_have_an_outcome(tmp_path: Path) -> None:
    small = place([REGISTER, VISITS], [family("count")])
    store = Store(tmp_path).load(REGISTER, [LISTED])
    outcome = Outcome(
        source="visits",
        filter="kind = 'b'",
        of_index=True,
        horizon_days=1,
        recording_lag_days=0,
        label="b",
    )
    wanted = plan(list(small.indicators.values()), cohort=COHORT, outcome=outcome)

    with pytest.raises(Refusal, match="only a cohort at events has an index event"):
        build_snapshot(
            store.warehouse, small, wanted, [day("2024-01-01")], on=day("2026-01-01")
        )


def test_no_outcome_is_asked_of_a_time_that_its_source_does_not_cover(
    tmp_path: Path,
) -> None:
    visits = contract("visits", coverage={"since": day("2024-02-01")})
    small = place([REGISTER, visits], [family("count")])
    store = Store(tmp_path).load(REGISTER, [LISTED])
    wanted = plan(list(small.indicators.values()), cohort=COHORT)

    with pytest.raises(Refusal, match="begin the cohort on 2024-02-01 or later"):
        build_snapshot(
            store.warehouse, small, wanted, [day("2024-01-01")], on=day("2026-01-01")
        )
