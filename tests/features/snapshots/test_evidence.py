"""The records behind each value: by them alone the value can be worked out again."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from features.definitions.indicators import IndicatorFamily
from features.definitions.outcomes import Calendar, Cohort
from features.snapshots.evidence import evidence
from features.snapshots.snapshot import ask
from tests.features.plain_filter import holds
from tests.features.reference import measured
from tests.features.small_place import (
    Row,
    Store,
    contract,
    day,
    family,
    place,
    plan,
)
from tests.features.snapshots.test_indicator_values import PARTS, at_leisure, is_same
from tests.features.world import Version, World
from tests.features.worlds import worlds


HOMES = contract("homes")
VISITS = contract("visits")
COHORT = Cohort(
    entity="person",
    source="homes",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
HOME = {"record": 1, "person": 1, "on": "2020-01-01", "born": "1950-06-01"}


def records_behind(
    folder: Path, wanted: IndicatorFamily, *visits: Row, as_of: str = "2024-02-01"
) -> list[dict[str, Any]]:
    """Return the evidence of person 1's value."""
    small = place([HOMES, VISITS], [wanted])
    store = Store(folder).load(HOMES, [HOME]).load(VISITS, visits)
    indicators = list(small.indicators.values())
    archive = store.archive()
    named = plan(indicators, cohort=COHORT)
    question = ask(archive, small, named, [day(as_of)], on=day("2026-01-01"))
    found: list[dict[str, Any]] = archive.fetch(
        evidence(question, indicators)
    ).to_pylist()
    archive.close()
    return found


def ids(found: list[dict[str, Any]]) -> list[int]:
    return [row["record_id"] for row in found]


def visit(record: int, on: str, **more: Any) -> Row:
    return {"record": record, "person": 1, "on": on, **more}


def test_evidence_names_the_record_its_version_its_dates_and_its_link(
    tmp_path: Path,
) -> None:
    late = visit(5, "2024-01-10", known="2024-01-12", probability=0.875)

    found = records_behind(tmp_path, family("count"), late)

    assert found == [
        {
            "row": 0,
            "indicator": "count",
            "source": "visits",
            "record_id": 5,
            "load": 2,
            "event_date": day("2024-01-10"),
            "known_date": day("2024-01-12"),
            "probability": 0.875,
            "identity": 5,
        }
    ]


def test_a_count_rests_on_the_records_in_its_window_and_through_its_filter(
    tmp_path: Path,
) -> None:
    wanted = family("count", filter="kind = 'b'", windows_days=[30])
    visits = [
        visit(5, "2024-01-10", kind="b"),
        visit(6, "2024-01-10", kind="a"),
        visit(7, "2023-12-10", kind="b"),
        visit(8, "2024-02-01", kind="b"),
        visit(9, "2024-01-20", kind="b", known="2024-02-01"),
    ]

    assert ids(records_behind(tmp_path, wanted, *visits)) == [5]


def test_a_share_rests_on_all_that_it_is_a_share_of(tmp_path: Path) -> None:
    wanted = family("share", filter="number = 1", of="kind = 'b'")
    visits = [
        visit(5, "2024-01-10", kind="b", number=1),
        visit(6, "2024-01-11", kind="b", number=2),
        visit(7, "2024-01-12", kind="a", number=1),
    ]

    assert ids(records_behind(tmp_path, wanted, *visits)) == [5, 6]


def test_the_latest_rests_on_the_one_record_that_decides(tmp_path: Path) -> None:
    visits = [
        visit(5, "2024-01-10", number=1),
        visit(6, "2024-01-10", number=2),
        visit(7, "2024-01-11", number=None),
    ]
    latest = family("latest", column="number")

    assert ids(records_behind(tmp_path / "1", latest, *visits)) == [6]
    last, first = family("days_since_last"), family("days_since_first")
    assert ids(records_behind(tmp_path / "2", last, *visits)) == [7]
    assert ids(records_behind(tmp_path / "3", first, *visits)) == [5]


def test_evidence_names_the_version_that_was_known(tmp_path: Path) -> None:
    wrong = visit(5, "2024-01-10", load=2)
    right = visit(5, "2024-01-11", known="2024-02-05", load=3)

    early = records_behind(tmp_path / "1", family("count"), wrong, right)
    late = records_behind(
        tmp_path / "2", family("count"), wrong, right, as_of="2024-03-01"
    )

    assert [row["load"] for row in early] == [2]
    assert [row["load"] for row in late] == [3]


def test_a_value_that_was_not_observed_rests_on_nothing(tmp_path: Path) -> None:
    since = contract("visits", coverage={"since": day("2024-02-01")})
    small = place([HOMES, since], [family("count")])
    store = Store(tmp_path).load(HOMES, [HOME]).load(since, [visit(5, "2024-01-10")])
    indicators = list(small.indicators.values())
    archive = store.archive()
    named = plan(indicators, cohort=COHORT)

    question = ask(archive, small, named, [day("2024-02-01")], on=day("2026-01-01"))

    assert archive.fetch(evidence(question, indicators)).num_rows == 0


def test_a_ratio_rests_on_both_of_its_windows_and_a_lag_on_its_own(
    tmp_path: Path,
) -> None:
    days = ["2024-01-31", "2024-01-20", "2024-01-10", "2024-01-01"]
    visits = [visit(5 + n, on, number=1) for n, on in enumerate(days)]
    # [25 January, 1 February) against [8 January, 12 January).
    against = {"window_days": 4, "ago_days": 20}
    ratio = family("ratio", column="number", windows_days=[7], against=against)
    # [17 January, 22 January).
    lag = family("sum", column="number", windows_days=[5], ago_days=[10])

    assert ids(records_behind(tmp_path / "1", ratio, *visits)) == [5, 7]
    assert ids(records_behind(tmp_path / "2", lag, *visits)) == [6]


def test_an_age_rests_on_the_record_that_told_the_birth_date(tmp_path: Path) -> None:
    wanted = family("age", source="homes", column="born")

    found = records_behind(tmp_path, wanted)

    assert ids(found) == [1]
    assert "born" not in found[0]


@pytest.mark.parametrize("measures", PARTS, ids=", ".join)
def test_every_value_can_be_worked_out_from_its_evidence(
    measures: Sequence[str],
) -> None:
    @settings(at_leisure, max_examples=4)
    @given(worlds(measures))
    def can_be(world: World) -> None:
        with tempfile.TemporaryDirectory() as folder:
            rows = world.snapshot(Path(folder))
            behind = _evidence_of(world, Path(folder))
        for number, row in enumerate(rows):
            for name in world.place.indicators:
                versions = behind[number, name]
                _check(world, row, name, versions)

    can_be()


def _evidence_of(world: World, folder: Path) -> dict[Any, list[Version]]:
    archive = world.stored(folder)
    question = ask(archive, world.place, world.plan, world.dates, on=world.on)
    wanted = list(world.place.indicators.values())
    table = archive.fetch(evidence(question, wanted))
    archive.close()
    held = {(version.record, version.load): version for version in world.versions}
    behind: dict[Any, list[Version]] = defaultdict(list)
    for row in table.to_pylist():
        version = held[row["record_id"], row["load"]]
        assert row["source"] == version.source
        assert (row["event_date"], row["known_date"]) == (version.on, version.known)
        behind[row["row"], row["indicator"]].append(version)
    return behind


def _check(
    world: World, row: dict[str, Any], name: str, versions: list[Version]
) -> None:
    """Check one value: missing rests on nothing, any other on what gives it."""
    indicator = world.place.indicators[name]
    measure, column = indicator.family.measure, indicator.family.column or ""
    as_of, value = row["as_of"], row[name]
    if measure == "month" or (value is None and measure != "ratio"):
        # A ratio that cannot be told still names what is there of its two windows.
        assert versions == []
    elif measure == "at_index":
        [version] = versions
        filter_ = indicator.family.filter
        fact = _passes(world, filter_, version) if filter_ else version.cells[column]
        assert fact == value
    else:
        assert all(v.known < as_of and v.on and v.on < as_of for v in versions)
        assert row["index_record"] not in {v.record for v in versions}
        if measure == "age":
            [version] = versions
            assert value <= as_of.year - version.cells[column].year <= value + 1
        elif measure == "nearby_count":
            assert value == len(versions)
        elif measure != "nearby_density":
            again = measured(
                versions, indicator, as_of, lambda t, v: _passes(world, t, v)
            )
            assert is_same(value, again, measure), (name, row, versions)


def _passes(world: World, text: str | None, version: Version) -> bool:
    return text is None or holds(world.trees[text], version.cells) is True
