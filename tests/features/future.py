"""The future must change nothing: random worlds of any place, and records to come.

`assert_no_future` builds a snapshot, adds records that became known on or after a day,
builds it again, and finds every row up to that day as it was, its outcome apart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import sqlglot
from sqlglot import exp

from features.definitions.contracts import Column, Contract
from features.definitions.outcomes import SnapshotPlan
from features.definitions.place import Place
from tests.features.world import Delivery, Version, World


_OUTCOME = ("outcome", "outcome_status", "outcome_days")
_ENTITIES = 6
_RECORDS = 40
_DAYS_BACK = 500


def assert_no_future(
    world: World, as_of: dt.date, folder: Path, *, seed: int = 1
) -> list[dict[str, Any]]:
    """Check that nothing known on or after `as_of` bears on rows up to it.

    Args:
        world: What is known; its loads and definitions.
        as_of: Records are added that became known on this day or later.
        folder: An empty folder to write two warehouses in.
        seed: Of the records that are added.

    Returns:
        The rows up to `as_of`.
    """
    later = with_records_known_from(world, earliest(world, as_of), Random(seed))
    folder.mkdir(exist_ok=True)
    before = _by_key(world.snapshot(folder / "before"), as_of)
    after = _by_key(later.snapshot(folder / "after"), as_of)
    if world.plan.cohort.at_events:
        # An event is dated by its newest version, so a correction may move its row.
        before = {key: row for key, row in before.items() if key in after}
        after = {key: row for key, row in after.items() if key in before}
    assert after == before
    return list(before.values())


def earliest(world: World, as_of: dt.date) -> dt.date:
    """Return the first day on which a record may become known without bearing.

    At events, what was first said of an event counts whenever that was; so what is
    added must come after all that is there.
    """
    if world.plan.cohort.at_events is None:
        return as_of
    return max([as_of, *(version.known for version in world.versions)])


def with_records_known_from(world: World, day: dt.date, draw: Random) -> World:
    """Return the world with new records, corrections and withdrawals of every source.

    Registers of opt-outs are left alone: they bear on past dates on purpose.
    """
    loads = list(world.loads)
    versions = []
    first = 1_000 + max((version.record for version in world.versions), default=0)
    for name, contract in sorted(world.place.contracts.items()):
        known = [version for version in world.versions if version.source == name]
        if contract.objections or not known:
            continue
        loads.append(Delivery(name, len(loads) + 1, day, history=False))
        for number, version in enumerate(draw.choices(known, k=len(known))):
            shift = dt.timedelta(days=draw.randrange(-30, 3))
            versions.append(
                replace(
                    draw.choice([version, _withdrawn(version)]),
                    record=draw.choice([version.record, first + number]),
                    load=len(loads),
                    known=day + dt.timedelta(days=draw.choice([0, 0, 1, 9])),
                    on=version.on and version.on + shift,
                    cells=draw.choice(known).cells,
                )
            )
        first += len(known)
    return replace(world, versions=world.versions + _once(versions, world), loads=loads)


def _withdrawn(version: Version) -> Version:
    return replace(version, withdrawn=True)


def _once(versions: list[Version], world: World) -> list[Version]:
    """Keep one version a record, with the links that the record has already."""
    about = {version.record: version.about for version in world.versions}
    chosen = {version.record: version for version in versions}
    return [replace(v, about=about.get(v.record, v.about)) for v in chosen.values()]


def _by_key(rows: list[dict[str, Any]], as_of: dt.date) -> dict[Any, dict[str, Any]]:
    return {
        (row["entity_id"], row["as_of"], row["index_record"]): {
            name: value for name, value in row.items() if name not in _OUTCOME
        }
        for row in rows
        if row["as_of"] <= as_of
    }


def world_of(
    place: Place,
    plan: SnapshotPlan,
    dates: list[dt.date],
    *,
    seed: int = 1,
    records: int = _RECORDS,
) -> World:
    """Return random records that keep to a place's contracts, linked at random.

    Args:
        place: The definitions.
        plan: What the snapshot is of.
        dates: The as-of dates.
        seed: Of the records.
        records: Of each source.
    """
    draw = Random(seed)
    versions: list[Version] = []
    loads: list[Delivery] = []
    texts = _texts_asked_for(place, plan)
    for name, contract in sorted(place.contracts.items()):
        loads.append(Delivery(name, len(loads) + 1, max(dates), history=True))
        for _ in range(records // 8 if contract.objections else records):
            record = len(versions) + 1
            source = _Source(contract, texts, max(dates), draw)
            versions.append(source.version(record, len(loads)))
    on = max(dates) + dt.timedelta(days=30)
    return World(place, plan, dates, on, versions, loads, trees={})


def _texts_asked_for(place: Place, plan: SnapshotPlan) -> dict[str, list[str]]:
    """Return, for each column, the texts that some filter compares it with."""
    families = [indicator.family for indicator in place.indicators.values()]
    filters = [plan.cohort.filter, plan.outcome.filter]
    filters += [end.filter for end in plan.outcome.ends]
    filters += [text for family in families for text in (family.filter, family.of)]
    texts: dict[str, list[str]] = {}
    for text in filter(None, filters):
        for node in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.EQ, exp.In):
            found = [part.this for part in node.find_all(exp.Literal)]
            texts.setdefault(node.this.name, []).extend(found)
    return texts


@dataclass(frozen=True)
class _Source:
    """Draws records of one source that keep to its contract."""

    contract: Contract
    texts: dict[str, list[str]]
    last: dt.date
    draw: Random

    def version(self, record: int, load: int) -> Version:
        """Return the first version of a record, happened in the last years."""
        draw, event = self.draw, self.contract.dates.event
        happened = self.last - dt.timedelta(days=draw.randrange(-20, _DAYS_BACK))
        cells = {column.name: self.cell(column) for column in self.contract.columns}
        return Version(
            source=self.contract.name,
            record=record,
            load=load,
            on=happened if event else None,
            known=happened + dt.timedelta(days=draw.choice([0, 1, 10, 40])),
            withdrawn=False,
            cells={**cells, event: happened} if event else cells,
            about={
                about.kind: 1 if about.constant else draw.randint(1, _ENTITIES)
                for about in self.contract.about
            },
        )

    def cell(self, column: Column) -> Any:
        """Return a value that the column allows."""
        draw = self.draw
        if not column.required and draw.randrange(10) == 0:
            return None
        least = column.minimum if column.minimum is not None else 0
        most = column.maximum if column.maximum is not None else least + 9
        # Places lie near one another, so that something is nearby.
        number = draw.uniform(least, min(most, least + 0.02))
        is_birth_date = column.sensitivity == "identifier"
        age = dt.timedelta(days=draw.randrange(_DAYS_BACK) + 20_000 * is_birth_date)
        return {
            "text": draw.choice([*self.texts.get(column.name, []), "a", "b"]),
            "code": draw.choice([*column.values, "a"][: len(column.values) or 1]),
            "integer": draw.randint(int(least), int(most)),
            "decimal": round(Decimal(number), column.scale or 0),
            "float": number,
            "date": self.last - age,
            "boolean": draw.choice([True, False]),
        }[column.type]
