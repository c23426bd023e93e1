"""Events around a point: counted within a radius, or as a density."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.definitions.indicators import IndicatorFamily
from features.definitions.outcomes import AtEvents, Calendar, Cohort
from features.faults import Refusal
from tests.features.plain_distance import density_of, metres_between
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


CITY = [{"kind": "city", "constant": "all"}]
HOMES = contract("homes")
VISITS = contract("visits")
FIRES = contract("fires", about=CITY)
COHORT = Cohort(
    entity="person",
    source="homes",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
POINT = {"kind": "person", "source": "homes", "latitude": "lat", "longitude": "lon"}
HOME = {"record": 1, "person": 1, "on": "2020-01-01", "lat": 51.5, "lon": -0.1}


def near(measure: str, **nearby: Any) -> IndicatorFamily:
    where = {"latitude": "lat", "longitude": "lon", **nearby}
    return family(measure, name="near", source="fires", windows_days=[30], nearby=where)


def found_near(
    folder: Path, homes: list[Row], fires: list[Row], wanted: IndicatorFamily
) -> list[Any]:
    """Return an indicator of every person on 1 February 2024."""
    small = place([HOMES, VISITS, FIRES], [wanted], points=[POINT])
    store = Store(folder).load(HOMES, homes)
    store.load(FIRES, [{"city": 1, **fire} for fire in fires])
    named = plan(list(small.indicators.values()), cohort=COHORT)
    rows = answers(store.archive(), small, named, "2024-02-01")
    return [row["near"] for row in rows]


def fire(record: int, metres_north: float, metres_east: float, **more: Any) -> Row:
    latitude = 51.5 + math.degrees(metres_north / 6_371_008.8)
    across = 6_371_008.8 * math.cos(math.radians(51.5))
    longitude = -0.1 + math.degrees(metres_east / across)
    content = {"on": "2024-01-15", "lat": latitude, "lon": longitude}
    return {"record": record, **content, **more}


def test_events_within_the_radius_are_counted(tmp_path: Path) -> None:
    fires = [
        fire(11, 499, 0),
        fire(12, -501, 0),
        fire(13, 0, 499),
        fire(14, 0, -501),
        fire(15, 300, 300),
        fire(16, 400, -400),
    ]

    found = found_near(tmp_path, [HOME], fires, near("nearby_count", radius_metres=500))

    assert found == [3]


def test_events_nearby_obey_the_window_and_the_clocks(tmp_path: Path) -> None:
    fires = [
        fire(11, 0, 0, on="2024-01-31"),
        fire(12, 0, 0, on="2024-02-01"),
        fire(13, 0, 0, on="2024-01-02"),
        # 1 February - 30 days = 2 January.
        fire(14, 0, 0, on="2024-01-01"),
        fire(15, 0, 0, on="2024-01-15", known="2024-02-01"),
    ]

    found = found_near(tmp_path, [HOME], fires, near("nearby_count", radius_metres=500))

    assert found == [2]


def test_events_without_a_point_are_not_counted(tmp_path: Path) -> None:
    fires = [fire(11, 0, 0, lat=None), fire(12, 0, 0)]

    found = found_near(tmp_path, [HOME], fires, near("nearby_count", radius_metres=500))

    assert found == [1]


def test_nobody_without_a_point_has_anything_nearby(tmp_path: Path) -> None:
    nowhere = {**HOME, "record": 2, "person": 2, "lon": None}

    found = found_near(
        tmp_path, [HOME, nowhere], [], near("nearby_count", radius_metres=500)
    )

    assert found == [0, None]


def test_a_point_is_of_one_record(tmp_path: Path) -> None:
    # The newer record has half a point; the older one's other half must not join it.
    half = {**HOME, "record": 2, "on": "2021-01-01", "lat": 51.9, "lon": None}

    found = found_near(
        tmp_path, [HOME, half], [fire(11, 0, 0)], near("nearby_count", radius_metres=9)
    )

    assert found == [1]


def test_a_window_without_events_has_no_density(tmp_path: Path) -> None:
    found = found_near(
        tmp_path, [HOME], [], near("nearby_density", bandwidth_degrees=0.0025)
    )

    assert found == [None]


def test_far_from_all_events_the_density_is_zero(tmp_path: Path) -> None:
    found = found_near(
        tmp_path,
        [HOME],
        [fire(11, 9_000, 0)],
        near("nearby_density", bandwidth_degrees=0.0025),
    )

    assert found == [0]


def test_the_density_is_the_mean_of_the_kernels(tmp_path: Path) -> None:
    fires = [fire(11, 0, 0), fire(12, 200, 100), fire(13, 9_000, 0)]

    [found] = found_near(
        tmp_path, [HOME], fires, near("nearby_density", bandwidth_degrees=0.0025)
    )

    where = [(f["lat"], f["lon"]) for f in fires]
    expected = density_of((51.5, -0.1), where, 0.0025)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_place_says_where_its_entities_are(tmp_path: Path) -> None:
    small = place([HOMES, VISITS, FIRES], [near("nearby_count", radius_metres=1)])
    store = Store(tmp_path).load(HOMES, [HOME])
    named = plan(list(small.indicators.values()), cohort=COHORT)

    with pytest.raises(Refusal, match="need to know where a person is"):
        answers(store.archive(), small, named, "2024-02-01")


@pytest.mark.parametrize(
    ("measure", "nearby", "expected"),
    [
        ("nearby_count", {"radius_metres": 500}, [0, 1]),
        # Alone in the window, an event has no others to be near.
        ("nearby_density", {"bandwidth_degrees": 0.0025}, [None, "a density"]),
    ],
)
def test_the_event_being_scored_is_not_near_itself(
    tmp_path: Path, measure: str, nearby: dict[str, Any], expected: list[Any]
) -> None:
    both = [{"kind": kind, "key": ["id"]} for kind in ("person", "visit")]
    columns = [{**c, "known_beforehand": c["name"] in ("lat", "lon")} for c in COLUMNS]
    checks = contract("checks", about=both, columns=columns)
    wanted = family(
        measure,
        name="near",
        source="checks",
        windows_days=[60],
        nearby={"latitude": "lat", "longitude": "lon", **nearby},
    )
    small = place([checks, VISITS], [wanted], points=[{**POINT, "source": "checks"}])
    check = {**HOME, "visit": 1}
    store = Store(tmp_path).load(
        checks,
        [
            {**check, "on": "2024-01-01", "load": 1},
            {**check, "on": "2024-02-01", "known": "2024-03-01", "load": 2},
            {**check, "record": 2, "visit": 2, "on": "2024-02-15"},
        ],
    )
    at_checks = Cohort(
        entity="person",
        source="checks",
        at_events=AtEvents(kind="visit", first=day("2024-01-01")),
    )
    named = plan(list(small.indicators.values()), cohort=at_checks)

    rows = answers(store.archive(), small, named, "2024-01-01", "2024-12-31")

    values = [row["near"] for row in rows]
    assert ["a density" if isinstance(v, float) else v for v in values] == expected


degrees = st.floats(-60, 60)


@given(degrees, degrees, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_distance_agrees_with_the_haversine_formula(
    latitude: float, longitude: float, north: float, east: float
) -> None:
    other = (latitude + north, longitude + east)
    chord = (
        math.sin(math.radians(north) / 2) ** 2
        + math.cos(math.radians(latitude))
        * math.cos(math.radians(other[0]))
        * math.sin(math.radians(east) / 2) ** 2
    )

    found = metres_between((latitude, longitude), other)

    expected = 2 * 6_371_008.8 * math.asin(math.sqrt(chord))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)
