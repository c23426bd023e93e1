"""The town's links, judged as the benchmark judges them, on a town of 150."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import link_speed, splink_alone, town_links
from features.definitions.place import Place, read_place
from features.linkage.linking import link_place
from features.store.warehouse import Warehouse
from features.town.build import Town


AVONMERE = Path(__file__).parents[1] / "places" / "avonmere"
KEY = bytes(32)


@pytest.fixture(scope="module")
def place() -> Place:
    found, faults = read_place(AVONMERE)
    assert found, faults
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("links")


@pytest.fixture(scope="module")
def town(folder: Path, place: Place) -> Town:
    return town_links.load_town(folder, place, 150)


@pytest.fixture(scope="module")
def known(folder: Path, place: Place, town: Town) -> town_links.Known:
    warehouse = Warehouse(folder / "store")
    link_place(warehouse, place, KEY)
    return town_links.known_of(town, warehouse, place)


def test_the_towns_people_are_found_and_not_mixed(known: town_links.Known) -> None:
    figures = town_links.figures_of(known)

    assert figures["town_recall"] >= 0.9
    assert figures["town_mixed_people_share"] <= 0.01


def test_no_restricted_file_is_linked_with_another(known: town_links.Known) -> None:
    assert known.restricted
    assert town_links.figures_of(known)["restricted_breaches"] == 0


def test_no_entity_holds_two_that_a_veto_tells_apart(
    folder: Path, place: Place, known: town_links.Known
) -> None:
    assert town_links.breaches_of(Warehouse(folder / "store"), place) == 0


def test_every_file_is_some_persons(known: town_links.Known, town: Town) -> None:
    groups = town_links.groups_of(town)

    assert set(known.records) == set(known.person)
    assert set(known.person.values()) <= set(groups["sex"])


def test_splink_alone_finds_the_same_by_its_levels_and_by_ours(
    folder: Path, place: Place, town: Town
) -> None:
    rules = place.linkage["person"].model_copy(update={"training": None})
    table = link_speed.ready(Warehouse(folder / "store"), place)
    identities = splink_alone.identities_of(table.slice(0, 2_000))
    own_levels = splink_alone.as_it_comes(rules, identities)

    as_it_comes, by_ours = (
        splink_alone.link(rules, identities, model)
        .select(["cluster_id", "unique_id"])
        .sort_by("unique_id")
        for model in (own_levels, None)
    )

    assert "year(" not in own_levels
    assert as_it_comes == by_ours


def test_of_each_file_one_record_is_loaded_for_the_cost(
    tmp_path: Path, place: Place, town: Town
) -> None:
    link_speed.load_files(tmp_path, place, town)

    warehouse = Warehouse(tmp_path / "store")
    link_place(warehouse, place, KEY)
    found = town_links.known_of(town, warehouse, place)
    assert set(Counter(map(len, found.records.values()))) == {1}
