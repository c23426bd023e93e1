"""What came first decides: the outcome, or an end after which it cannot be seen."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from features.definitions.outcomes import EVENT, Calendar, Cohort, End, Outcome
from tests.features.reference_outcomes import lag_of, outcome_of
from tests.features.reference_records import Records
from tests.features.small_place import (
    SCOPES,
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)
from tests.features.snapshots.test_indicator_values import at_leisure
from tests.features.world import World
from tests.features.worlds import worlds


def test_the_engine_ends_rows_as_the_reference_does() -> None:
    seen: set[tuple[str, bool]] = set()
    waits: set[bool] = set()

    @settings(at_leisure, max_examples=30)
    @given(worlds(["count"], ended=True))
    def agree(world: World) -> None:
        reference = Records(world)
        expected = [outcome_of(reference, row) for row in reference.rows()]
        with tempfile.TemporaryDirectory() as folder:
            found = world.snapshot(Path(folder))

        names = ("outcome_status", "outcome", "outcome_days")
        assert [tuple(row[name] for name in names) for row in found] == expected
        kinds = {end.name: end.kind for end in world.plan.outcome.ends}
        seen.update((kinds.get(s, s), days is None) for s, _, days in expected)
        waits.add(lag_of(reference) > world.plan.outcome.recording_lag_days)

    agree()

    told = {status for status, unknown in seen if not unknown}
    assert told == {"event", "no event", "competing", "censoring"}
    assert waits == {True, False}


# People are listed in a register, which also says who died and who left; care tells of
# packages, the council's (kind b) and those of others (kind c).
REGISTER = contract("register")
CARE = contract("care")
ENDS = [
    {"name": "died first", "kind": "competing", "source": "register"},
    {"name": "funded elsewhere first", "kind": "competing", "source": "care"},
    {"name": "left first", "kind": "censoring", "source": "register"},
]
FILTERS = ("kind = 'died'", "kind = 'c'", "kind = 'left'")


def ended(
    folder: Path, *rows: Row, care: str = "2024-03-01", **changes: Any
) -> tuple[Any, str, Any]:
    """Return the outcome on 1 January 2024 with its status and days: 30 and 10 days."""
    small = place([REGISTER, CARE], [family("count", source="care")])
    listed = {"record": 1, "person": 1, "on": "2020-01-01", "kind": "listed"}
    here = [row for row in rows if row["kind"] in ("died", "left")]
    store = Store(folder).load(REGISTER, [listed, *here], received="2024-03-01")
    store.load(CARE, [row for row in rows if row not in here], received=care)
    ends = [
        End.model_validate({**end, "filter": text, **changes.get(end["name"], {})})
        for end, text in zip(ENDS, FILTERS, strict=True)
    ]
    outcome = Outcome(
        source="care",
        filter="kind = 'b'",
        horizon_days=30,
        recording_lag_days=10,
        label="b",
        ends=ends,
    )
    calendar = Calendar(first=day("2024-01-01"), every_months=1)
    cohort = Cohort(
        entity="person", source="register", filter="kind = 'listed'", calendar=calendar
    )
    wanted = plan(list(small.indicators.values()), cohort=cohort, outcome=outcome)
    [row] = answers(store.archive(), small, wanted, "2024-01-01")
    return row["outcome"], row["outcome_status"], row["outcome_days"]


def what(kind: str, on: str, record: int = 2) -> Row:
    return {"record": record, "person": 1, "on": on, "kind": kind}


def test_a_row_to_which_nothing_comes_ends_with_its_horizon(tmp_path: Path) -> None:
    assert ended(tmp_path) == (0, "no event", 30)


def test_who_dies_before_the_outcome_is_a_no_counted_apart(tmp_path: Path) -> None:
    rows = (what("died", "2024-01-11"), what("b", "2024-01-21", 3))

    assert ended(tmp_path, *rows) == (0, "died first", 10)


def test_the_outcome_that_comes_before_death_is_a_yes(tmp_path: Path) -> None:
    rows = (what("died", "2024-01-21"), what("b", "2024-01-11", 3))

    assert ended(tmp_path, *rows) == (1, "event", 10)


def test_who_is_funded_elsewhere_first_is_a_no_counted_apart(tmp_path: Path) -> None:
    rows = (what("c", "2024-01-04"), what("b", "2024-01-21", 3))

    assert ended(tmp_path, *rows) == (0, "funded elsewhere first", 3)


def test_of_who_leaves_first_nobody_knows_the_outcome(tmp_path: Path) -> None:
    rows = (what("left", "2024-01-11"), what("b", "2024-01-21", 3))

    assert ended(tmp_path, *rows) == (None, "left first", 10)


def test_on_one_day_the_outcome_comes_before_every_end(tmp_path: Path) -> None:
    rows = (what("left", "2024-01-11"), what("died", "2024-01-11", 3))
    rows = (*rows, what("b", "2024-01-11", 4))

    assert ended(tmp_path, *rows) == (1, "event", 10)


def test_an_end_may_be_declared_to_come_before_the_outcome(tmp_path: Path) -> None:
    rows = (what("died", "2024-01-11"), what("b", "2024-01-11", 3))
    early = {"died first": {"before_event": True}}

    assert ended(tmp_path, *rows, **early) == (0, "died first", 10)


def test_of_ends_on_one_day_the_one_declared_first_decides(tmp_path: Path) -> None:
    rows = (what("left", "2024-01-11"), what("died", "2024-01-11", 3))

    assert ended(tmp_path, *rows) == (0, "died first", 10)


@pytest.mark.parametrize("on", ["2023-12-31", "2024-01-31"])
def test_an_end_outside_the_horizon_ends_nothing(tmp_path: Path, on: str) -> None:
    assert ended(tmp_path, what("died", on)) == (0, "no event", 30)


def test_nothing_is_known_before_every_source_that_tells_has_come(
    tmp_path: Path,
) -> None:
    # 1 January + 30 days of horizon + 10 of lag = 10 February; the register came later.
    row = what("died", "2024-01-11")

    assert ended(tmp_path, row, care="2024-02-09") == (None, "not yet known", None)


def test_of_whom_an_end_may_not_be_looked_at_nothing_is_told(tmp_path: Path) -> None:
    scopes = {"column": "scope", "scopes": SCOPES}
    objections = contract("objections", objections=scopes)
    deaths = contract("deaths", honours=["objection"])
    small = place(
        [REGISTER, CARE, deaths, objections], [family("count", source="care")]
    )
    store = Store(tmp_path)
    listed = [{"record": n, "person": n, "on": "2020-01-01"} for n in (1, 2)]
    store.load(REGISTER, listed)
    store.load(CARE, [{**what("b", "2024-01-11"), "record": 3}])
    store.load(deaths, [{**what("died", "2024-01-05"), "record": 4}])
    objected = {"record": 5, "person": 1, "on": "2023-01-01", "scope": "O"}
    store.load(objections, [objected])
    end = End(name="died first", kind="competing", source="deaths", filter="true")
    outcome = Outcome(
        source="care",
        filter="kind = 'b'",
        horizon_days=30,
        recording_lag_days=10,
        label="b",
        ends=[end],
    )
    calendar = Calendar(first=day("2024-01-01"), every_months=1)
    cohort = Cohort(entity="person", source="register", calendar=calendar)
    wanted = plan(list(small.indicators.values()), cohort=cohort, outcome=outcome)

    rows = answers(store.archive(), small, wanted, "2024-01-01")

    assert [(row["outcome"], row["outcome_status"]) for row in rows] == [
        (None, "opted out"),
        (0, "no event"),
    ]


def test_what_decides_on_one_day_is_declared() -> None:
    ends = [
        End(name=name, kind="competing", source="care", filter="true", before_event=own)
        for name, own in (("left first", False), ("died first", True))
    ]

    outcome = Outcome(
        source="care",
        filter="true",
        horizon_days=30,
        recording_lag_days=0,
        label="b",
        ends=ends,
    )

    assert outcome.in_order == ["died first", EVENT, "left first"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"names": ["died first", "died first"]}, "used once, not twice"),
        ({"names": ["no event"]}, "a name of its own"),
        ({"measure": "count"}, "only an outcome that happens once"),
        ({"of_index": True}, "only an outcome that happens once"),
    ],
)
def test_ends_that_cannot_be_meant_are_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    names = changes.pop("names", ["died first"])
    end = {"kind": "competing", "source": "care", "filter": "true"}
    content = {"source": "care", "filter": "true", "horizon_days": 30, "label": "b"}

    with pytest.raises(ValueError, match=complaint):
        Outcome.model_validate(
            {
                **content,
                "recording_lag_days": 0,
                "ends": [{**end, "name": name} for name in names],
                **changes,
            }
        )
