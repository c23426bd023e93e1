"""Two ways to one answer: the engine and a plain reference agree on any world."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from features.definitions.indicators import Measure
from tests.features.made_up_definitions import MEASURES
from tests.features.reference_rows import snapshot_of
from tests.features.world import World
from tests.features.worlds import worlds


RELATIVE = 1e-12
# A density adds kernels rounded to fifteen decimals and leaves out those below 1e-13.
DENSITY = {"rel_tol": 1e-9, "abs_tol": 1e-6}

at_leisure = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


# A few measures at a time, so that each is asked for in many worlds.
PARTS = [MEASURES[first::5] for first in range(5)]


@pytest.mark.parametrize("measures", PARTS, ids=", ".join)
def test_the_engine_agrees_with_the_reference(measures: Sequence[str]) -> None:
    given_a_value: set[str] = set()
    missing: set[str] = set()

    @settings(at_leisure, max_examples=9)
    @given(worlds([*measures, *measures]))
    def agree(world: World) -> None:
        expected = snapshot_of(world)
        with tempfile.TemporaryDirectory() as folder:
            found = world.snapshot(Path(folder))

        assert_same(found, expected, world)
        for row in expected:
            for name, indicator in world.place.indicators.items():
                kept = missing if row[name] is None else given_a_value
                kept.add(indicator.family.measure)

    agree()

    assert given_a_value == set(measures)
    assert missing == set(measures)


def test_every_measure_is_generated() -> None:
    assert {measure for part in PARTS for measure in part} == set(get_args(Measure))


def assert_same(
    found: list[dict[str, Any]], expected: list[dict[str, Any]], world: World
) -> None:
    assert len(found) == len(expected)
    for got, want in zip(found, expected, strict=True):
        assert list(got) == list(want)
        for name in want:
            assert is_same(got[name], want[name], _measure(world, name)), (
                name,
                got,
                want,
                world.place.indicators.get(name),
            )


def _measure(world: World, name: str) -> str:
    indicator = world.place.indicators.get(name)
    return indicator.family.measure if indicator else ""


def is_same(got: Any, want: Any, measure: str) -> bool:
    if measure == "nearby_density" and None not in (got, want):
        return math.isclose(got, want, **DENSITY)
    if isinstance(want, float) and got is not None:
        return math.isclose(got, want, rel_tol=RELATIVE, abs_tol=RELATIVE)
    return type(got) is type(want) and got == want
