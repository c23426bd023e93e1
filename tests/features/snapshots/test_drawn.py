"""What values would be under drawn links: the very same as if linked so throughout."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.definitions.outcomes import AtEvents, Cohort, SnapshotPlan
from features.definitions.place import Place
from features.snapshots.drawn import Doubt, DrawnValues, drawn_values
from features.snapshots.link_draws import draw_links
from features.snapshots.link_graph import read_graph
from features.snapshots.snapshot import ask, snapshot_table
from features.store.archive import Archive
from tests.features.small_place import Store, contract, day, family, place, plan
from tests.features.snapshots.doubtful import (
    ALONE,
    AS_OF,
    HOME,
    HOMES,
    IDENTITIES,
    LOADS,
    ON,
    PLAN,
    VISITS,
    Pair,
    drawn,
    entities_by,
    link,
    snapshot,
    store_of,
)


def linked_as(archive: Archive, draws: int) -> list[dict[int, int]]:
    """Return, for each draw, the entity of every identity."""
    graph = read_graph(archive, "person", sure=0.999)
    found = draw_links(graph, draws)
    worlds = []
    for labels in found.labels:
        entities = dict(
            zip(graph.identities.tolist(), graph.entities.tolist(), strict=True)
        )
        named = found.names[labels[found.groups]].tolist()
        worlds.append(
            entities | dict(zip(found.identities.tolist(), named, strict=True))
        )
    return worlds


def value_in(
    found: DrawnValues, linked: pd.DataFrame, row: int, draw: int
) -> dict[str, Any] | None:
    """Return a row's indicators and state in a draw; None if it has no row there."""
    names = [*PLAN.indicators, "state"]
    place = -1
    if row in found.rows:
        place = int(found.places[found.rows.tolist().index(row), draw])
    if place == DrawnValues.absent:
        return None
    source = linked.iloc[row] if place == DrawnValues.as_linked else None
    source = found.values.iloc[place] if source is None else source
    return {n: None if pd.isna(source[n]) else source[n] for n in names}


def test_a_draw_without_a_link_takes_its_records_away(tmp_path: Path) -> None:
    pairs: list[Pair] = [(1, 13, 0.6, "merged")]
    archive = link(
        store_of(tmp_path, *LOADS), IDENTITIES, entities_by(pairs), pairs, {13: 0.6}
    )

    linked, found = drawn(archive)

    # Person 1 visited on one day under this name, and on two under the other.
    counts = {value_in(found, linked, 0, draw)["count"] for draw in range(20)}
    assert counts == {1, 3}
    assert linked["count"][0] == 3


def test_a_draw_with_a_link_that_was_not_made_brings_its_records(
    tmp_path: Path,
) -> None:
    pairs: list[Pair] = [(1, 13, 0.4, "below threshold")]
    archive = link(store_of(tmp_path, *LOADS), IDENTITIES, ALONE, pairs)

    linked, found = drawn(archive)

    counts = {value_in(found, linked, 0, draw)["count"] for draw in range(20)}
    assert counts == {1, 3}


def test_who_shares_a_household_is_affected_with_the_one_who_is_doubted(
    tmp_path: Path,
) -> None:
    pairs: list[Pair] = [(1, 13, 0.6, "merged")]
    archive = link(
        store_of(tmp_path, *LOADS), IDENTITIES, entities_by(pairs), pairs, {13: 0.6}
    )

    linked, found = drawn(archive)

    # Persons 1 and 2 live at 7, and person 3 does not.
    assert found.rows.tolist() == [0, 1]
    seen = [value_in(found, linked, 1, draw) for draw in range(20)]
    assert {row["at_home"] for row in seen} == {1, 3}
    assert {row["count"] for row in seen} == {0}


def test_what_more_than_twenty_share_stays_as_it_is(tmp_path: Path) -> None:
    crowd = [{"record": 100 + n, "household": 7, **HOME} for n in range(20)]
    homes = (HOMES, [*LOADS[0][1], *crowd])
    identities = IDENTITIES | {100 + n: [100 + n] for n in range(20)}
    pairs: list[Pair] = [(1, 13, 0.6, "merged")]
    entities = {n: n for n in identities} | entities_by(pairs)
    archive = link(
        store_of(tmp_path, homes, *LOADS[1:]), identities, entities, pairs, {13: 0.6}
    )

    linked, found = drawn(archive)

    assert len(found.rows) == 1
    row = int(found.rows[0])
    seen = [value_in(found, linked, row, draw) for draw in range(20)]
    assert {values["at_home"] for values in seen} == {3}
    assert {values["count"] for values in seen} == {1, 3}


def test_in_a_draw_that_takes_the_register_away_there_is_no_row(
    tmp_path: Path,
) -> None:
    visits = (VISITS, [{"record": 9, "on": "2024-01-09"}, *LOADS[1][1]])
    homes = (HOMES, [{**row, "record": 20 + row["record"]} for row in LOADS[0][1]])
    identities = {9: [9], 21: [21]}
    archive = link(
        store_of(tmp_path, homes, visits),
        identities,
        {9: 9, 21: 9},
        [(9, 21, 0.6, "merged")],
        {21: 0.6},
    )

    linked, found = drawn(archive)

    seen = [value_in(found, linked, 0, draw) for draw in range(20)]
    assert None in seen
    assert any(row and row["count"] == 1 for row in seen)


def of_events(folder: Path) -> tuple[Place, SnapshotPlan, Store]:
    """Return a place that scores visits by the visits before them, and three visits."""
    both = [{"kind": kind, "key": ["id"]} for kind in ("person", "visit")]
    visits = contract("visits", about=both)
    small = place([visits], [family("count")])
    at = AtEvents(kind="visit", first=day("2024-01-01"))
    cohort = Cohort(entity="person", source="visits", at_events=at)
    rows = [
        {"record": number, "visit": number, "on": f"2024-01-{number:02}"}
        for number in (11, 12, 13)
    ]
    by = plan(list(small.indicators.values()), cohort=cohort)
    return small, by, store_of(folder, (visits, rows))


def drawn_events(
    archive: Archive, small: Place, by: SnapshotPlan
) -> tuple[pd.DataFrame, DrawnValues]:
    """Return the snapshot of all events, and what draws make of it."""
    dates = [day("2024-01-01"), AS_OF]
    question = ask(archive, small, by, dates, on=ON)
    linked = snapshot_table(archive, small, by, dates, on=ON).to_pandas()
    return linked, drawn_values(question, by, linked, Doubt(20, 0.999), on=ON)


def test_events_are_drawn_with_the_one_whom_they_happened_to(tmp_path: Path) -> None:
    small, by, store = of_events(tmp_path)
    identities = {11: [11], 12: [12, 13]}
    pairs: list[Pair] = [(11, 12, 0.6, "merged")]
    archive = link(store, identities, {11: 11, 12: 11}, pairs, {12: 0.6})

    linked, found = drawn_events(archive, small, by)

    # The events on 12 and 13 January are another's where the pair does not hold; the
    # first of all has nothing before it either way.
    assert linked["count"].tolist() == [0, 1, 2]
    assert found.rows.tolist() == [0, 1, 2]
    apart = found.places[0] >= 0
    assert apart.any() and not apart.all()
    assert (found.places[1:, apart] == DrawnValues.absent).all()
    assert (found.places[:, ~apart] == DrawnValues.as_linked).all()
    assert set(found.values["count"]) == {0}


def test_events_that_a_draw_adds_are_counted_and_are_no_rows(tmp_path: Path) -> None:
    small, by, store = of_events(tmp_path)
    identities = {11: [11], 12: [12, 13]}
    pairs: list[Pair] = [(11, 12, 0.4, "below threshold")]
    archive = link(store, identities, {11: 11, 12: 12}, pairs)

    _, found = drawn_events(archive, small, by)

    # Theirs are one and two events; together they have three, and still those rows.
    assert found.rows.tolist() == [0, 1, 2]
    together = found.places[0] >= 0
    assert together.any() and not together.all()
    values = found.values["count"].to_numpy()
    assert [set(values[row[together]]) for row in found.places] == [{0}, {1}, {2}]


def test_a_flag_says_nothing_of_others_whatever_they_are_numbered_in_a_draw(
    tmp_path: Path,
) -> None:
    pairs: list[Pair] = [(1, 13, 0.6, "merged")]
    archive = link(
        store_of(tmp_path, *LOADS),
        IDENTITIES,
        entities_by(pairs),
        pairs,
        {13: 0.6},
        flagged=[*range(2, 200)],
    )

    linked, found = drawn(archive)

    assert linked["state"].fillna("").tolist() == ["", *["link uncertain"] * 2]
    assert found.rows.tolist() == [0]
    assert found.values["state"].isna().all()


def test_nothing_is_drawn_where_nothing_is_uncertain(tmp_path: Path) -> None:
    pairs: list[Pair] = [(1, 13, 0.9995, "merged"), (3, 15, 1.0, "vetoed: twins")]
    archive = link(store_of(tmp_path, *LOADS), IDENTITIES, entities_by(pairs), pairs)

    _, found = drawn(archive)

    assert (len(found.rows), len(found.values)) == (0, 0)


def test_the_same_links_give_the_same_draws(tmp_path: Path) -> None:
    pairs: list[Pair] = [(1, 13, 0.6, "merged"), (2, 15, 0.5, "below threshold")]
    archive = link(store_of(tmp_path, *LOADS), IDENTITIES, entities_by(pairs), pairs)

    (_, once), (_, again) = drawn(archive), drawn(archive)

    assert np.array_equal(once.places, again.places)
    pd.testing.assert_frame_equal(once.values, again.values)


names = st.sampled_from(sorted(IDENTITIES))
uncertain = st.tuples(names, names, st.sampled_from([0.3, 0.6, 0.9, 1.0]))
some_pairs = st.lists(
    uncertain.filter(lambda pair: pair[0] < pair[1]),
    min_size=1,
    max_size=5,
    unique_by=lambda pair: pair[:2],
)


@settings(max_examples=4, deadline=None)
@given(some_pairs)
def test_drawn_values_are_those_of_a_place_that_is_linked_so(
    weighed: list[tuple[int, int, float]],
) -> None:
    outcome = {0.3: "below threshold", 0.6: "merged", 0.9: "merged", 1.0: "merged"}
    pairs = [(one, other, p, outcome[p]) for one, other, p in weighed]
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(Path(folder), *LOADS)
        archive = link(store, IDENTITIES, entities_by(pairs), pairs)
        linked, found = drawn(archive, draws=4)
        truths: dict[str, pd.DataFrame] = {}
        for draw, entities in enumerate(linked_as(archive, draws=4)):
            if str(entities) not in truths:
                truths[str(entities)] = snapshot(link(store, IDENTITIES, entities))
            truth = truths[str(entities)]
            for row, person in enumerate(linked["entity_id"]):
                anchor = int(person.removeprefix("person-"))
                expected = f"person-{entities[anchor]}"
                seen = value_in(found, linked, row, draw)
                wanted = None
                if expected in truth.index:
                    said = truth.loc[expected]
                    wanted = {
                        name: None if pd.isna(said[name]) else said[name]
                        for name in [*PLAN.indicators, "state"]
                    }
                assert seen == wanted, (draw, person)
