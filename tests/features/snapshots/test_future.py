"""Whatever becomes known on or after a date changes nothing before it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.definitions.place import Place, read_place
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from tests.features.future import (
    assert_no_future,
    with_records_known_from,
    world_of,
)
from tests.features.snapshots.test_indicator_values import PARTS, at_leisure
from tests.features.world import World
from tests.features.worlds import worlds


PLACES = sorted(
    path.parent for path in Path(__file__).parents[3].glob("places/*/place.toml")
)


@pytest.mark.parametrize("measures", PARTS, ids=", ".join)
def test_no_generated_world_knows_its_future(measures: Sequence[str]) -> None:
    @settings(at_leisure, max_examples=3)
    @given(worlds(measures), st.data(), st.integers(0, 2**16))
    def knows_nothing(world: World, data: st.DataObject, seed: int) -> None:
        as_of = data.draw(st.sampled_from(world.dates))
        with tempfile.TemporaryDirectory() as folder:
            assert_no_future(world, as_of, Path(folder), seed=seed)

    knows_nothing()


@pytest.mark.parametrize("root", PLACES, ids=lambda root: root.name)
def test_no_indicator_of_a_shipped_place_knows_its_future(
    root: Path, tmp_path: Path
) -> None:
    for number, (world, score) in enumerate(_worlds_of(root)):
        folder = tmp_path / str(number)

        rows = assert_no_future(world, world.dates[-1], folder)

        assert rows
        for name in score.indicators:
            assert any(row[name] is not None for row in rows), name


@pytest.mark.parametrize("root", PLACES, ids=lambda root: root.name)
def test_what_is_known_a_day_earlier_would_have_changed_it(
    root: Path, tmp_path: Path
) -> None:
    [(world, score), *_] = _worlds_of(root)
    early = min(version.known for version in world.versions)

    with_more = with_records_known_from(world, early, Random(1))

    before, after = (
        [[row[name] for name in score.indicators] for row in w.snapshot(folder)]
        for w, folder in ((world, tmp_path / "1"), (with_more, tmp_path / "2"))
    )
    assert after != before


def _worlds_of(root: Path) -> list[tuple[World, ScoreDefinition]]:
    """Return a random world for each score, that asks for every indicator there is."""
    place, faults = read_place(root)
    assert place is not None, faults
    scores, faults = read_scores(place)
    assert scores
    assert not faults
    return [(_world_of(place, score), score) for score in scores.values()]


def _world_of(place: Place, score: ScoreDefinition) -> World:
    plan = replace(score.plan(), indicators=list(place.indicators))
    cohort = score.cohort
    if cohort.calendar:
        dates = cohort.calendar.dates(score.judgement.first)[-3:]
    else:
        dates = [score.judgement.first - dt.timedelta(days=90), score.judgement.first]
    # A month against the same a year before needs records of one entity in both.
    records = 120 if score.outcome.is_number else 40
    return world_of(place, plan, dates, records=records)
