"""One pass for each date and one join of all rows give the same values."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings

from features.definitions.indicators import Indicator
from features.definitions.outcomes import Calendar, Cohort
from features.snapshots.measures import AGGREGATED
from features.snapshots.question import Question
from features.snapshots.snapshot import ask, snapshot_table
from features.snapshots.values import FEW_DATES, by_date, by_join
from features.store.archive import Archive
from tests.features.small_place import Store, contract, day, family, place, plan
from tests.features.snapshots.test_indicator_values import at_leisure
from tests.features.world import World
from tests.features.worlds import worlds


@settings(at_leisure, max_examples=9)
@given(worlds(sorted(AGGREGATED)))
def test_both_ways_of_aggregating_give_the_same_values(world: World) -> None:
    assume(world.plan.cohort.calendar is not None)

    with tempfile.TemporaryDirectory() as folder:
        archive = world.stored(Path(folder))
        question = ask(archive, world.place, world.plan, world.dates, on=world.on)
        assume(question.dates)
        for group in _groups(question, world):
            _, pairs = question.counted(group[0])
            records = archive.keep(question.records_for(group[0]))
            joined = _by_key(archive, by_join(pairs, records, group))
            dated = _by_key(archive, by_date(records, question.dates, group))

            wanted = _keys(archive, pairs)
            assert {key: dated.get(key) for key in wanted} == {
                key: joined.get(key) for key in wanted
            }


def _groups(question: Question, world: World) -> list[list[Indicator]]:
    """Return the indicators that may be had either way, by source and relation."""
    groups: dict[Any, list[Indicator]] = {}
    for indicator in world.place.indicators.values():
        family = indicator.family
        if family.measure not in AGGREGATED or question.counts_members(indicator):
            continue
        if not _counts_for_each_row(world, indicator):
            groups.setdefault((family.source, family.relation), []).append(indicator)
    return list(groups.values())


def _counts_for_each_row(world: World, indicator: Indicator) -> bool:
    """Whether two rows of one entity and date may count other records."""
    if indicator.family.relation is None:
        return False
    relation = world.place.relation(indicator.family.relation)
    return relation.many or relation.others_only


def _by_key(archive: Archive, table: Any) -> dict[Any, dict[str, Any]]:
    rows = archive.fetch(table).to_pylist()
    return {(row.pop("key"), row.pop("as_of")): row for row in rows}


def _keys(archive: Archive, pairs: Any) -> list[Any]:
    rows = archive.fetch(pairs.select("key", "as_of").distinct()).to_pylist()
    return [(row["key"], row["as_of"]) for row in rows]


def test_many_dates_say_what_each_says_alone(tmp_path: Path) -> None:
    visits = contract("visits")
    families = [family("count", windows_days=[40]), family("days_since_first")]
    small = place([visits], families)
    rows = [
        {"record": n, "person": n % 3, "on": f"2020-{n % 12 + 1:02}-07"}
        for n in range(30)
    ]
    monthly = Calendar(first=day("2020-01-01"), every_months=1)
    cohort = Cohort(entity="person", source="visits", calendar=monthly)
    wanted = plan(list(small.indicators.values()), cohort=cohort)
    archive = Store(tmp_path).load(visits, rows).archive()
    dates = monthly.dates(day("2024-01-01"))

    def snapshot(days: list[Any]) -> list[dict[str, Any]]:
        table = snapshot_table(archive, small, wanted, days, on=day("2026-01-01"))
        found: list[dict[str, Any]] = table.to_pylist()
        return found

    assert len(dates) > FEW_DATES
    together = snapshot(dates)
    some = [dates[3], dates[20], dates[40]]
    assert [row for row in together if row["as_of"] in some] == snapshot(some)
