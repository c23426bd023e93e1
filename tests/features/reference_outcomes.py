"""The reference of how a row ends: what came first, and when anybody can know it.

Written from what the words mean, not from the engine: it loops over every record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from tests.features.plain_filter import holds
from tests.features.reference import exactly
from tests.features.reference_records import Records, Row
from tests.features.world import Version


def outcome_of(
    reference: Records, row: Row
) -> tuple[str, int | float | None, int | None]:
    """Return a row's status, its outcome, and after how many days it ended."""
    outcome = reference.world.plan.outcome
    sources = [outcome.source, *(end.source for end in outcome.ends)]
    if any(_is_opted_out(reference, row, source) for source in sources):
        return "opted out", None, None
    closes = outcome.starts_after_days + outcome.horizon_days
    wait = dt.timedelta(days=closes + lag_of(reference))
    for source in sources:
        received = [x.received for x in reference.world.loads if x.source == source]
        if not received or max(received) < row.as_of + wait:
            return "not yet known", None, None
    if outcome.of_index:
        count = sum(_of_index(reference, row))
        value = count if outcome.measure == "count" else min(count, 1)
        return ("event" if count else "no event"), value, None
    return _ended(reference, row)


def _ended(reference: Records, row: Row) -> tuple[str, int | float | None, int]:
    outcome = reference.world.plan.outcome
    kinds = {end.name: end.kind for end in outcome.ends}
    came = sorted(_what_came(reference, row))
    if not came:
        none = 0.0 if _adds_fractions(reference) else 0
        none = None if outcome.none_is_unknown else none
        return "no event", none, outcome.starts_after_days + outcome.horizon_days
    day, _, status = came[0]
    days = (day - row.as_of).days
    if outcome.measure == "count":
        return status, len(came), days
    if outcome.measure == "sum":
        return status, _added_up(reference, row), days
    if kinds.get(status) == "censoring":
        return status, None, days
    return status, int(status == "event"), days


def _what_came(reference: Records, row: Row) -> Iterator[tuple[dt.date, int, str]]:
    """Yield what came in the horizon: its day, what decides on one day, its name."""
    outcome = reference.world.plan.outcome
    for on in _days(reference, row, outcome.source, outcome.filter):
        yield on, 0, "event"
    for number, end in enumerate(outcome.ends):
        rank = number - 100 if end.before_event else number + 1
        for on in _days(reference, row, end.source, end.filter):
            yield on, rank, end.name


def _adds_fractions(reference: Records) -> bool:
    return reference.world.plan.outcome.column in ("amount", "level")


def _added_up(reference: Records, row: Row) -> int | float:
    """Return what the column of the outcome's records adds up to."""
    outcome = reference.world.plan.outcome
    told = _records(reference, row, outcome.source, outcome.filter)
    cells = [record.cells[outcome.column or ""] for record in told]
    total = sum((exactly(cell) for cell in cells if cell is not None), Fraction(0))
    return float(total) if _adds_fractions(reference) else int(total)


def _days(reference: Records, row: Row, source: str, text: str) -> Iterator[dt.date]:
    for record in _records(reference, row, source, text):
        if record.on is not None:
            yield record.on


def _records(reference: Records, row: Row, source: str, text: str) -> Iterator[Version]:
    world = reference.world
    start = row.as_of + dt.timedelta(days=world.plan.outcome.starts_after_days)
    end = start + dt.timedelta(days=world.plan.outcome.horizon_days)
    for record in reference.today(source):
        is_own = record.about.get(reference.kind) == row.entity
        in_time = record.on is not None and start <= record.on < end
        if is_own and in_time and holds(world.trees[text], record.cells) is True:
            yield record


def _is_opted_out(reference: Records, row: Row, source: str) -> bool:
    contract = reference.place.contracts[source]
    about = {about.kind for about in contract.about}
    out = reference.has_opted_out(reference.kind, row.entity, contract)
    return reference.kind in about and out


def _of_index(reference: Records, row: Row) -> Iterator[bool]:
    world, outcome = reference.world, reference.world.plan.outcome
    kind = reference.event_kind or ""
    index = next(v for v in world.versions if v.record == row.index_record)
    for record in reference.today(outcome.source):
        if holds(world.trees[outcome.filter], record.cells) is True:
            yield kind in index.about and record.about.get(kind) == index.about[kind]


def lag_of(reference: Records) -> int:
    """Return how long the world waits for an outcome after its horizon."""
    outcome, world = reference.world.plan.outcome, reference.world
    loads = [load for load in world.loads if load.source == outcome.source]
    declared = outcome.recording_lag_days
    if sum(not load.history for load in loads) < 2:
        return declared
    told = list(_told(reference))
    until = max(load.received for load in loads)
    wait = declared
    while True:
        # What happened later than this would show only how quick the quick are.
        lags = sorted(lag for on, lag in told if (until - on).days >= wait)
        if len(lags) < outcome.least_lag_events:
            return wait
        within = lags[ceil(0.95 * len(lags)) - 1]
        if within <= wait:
            return wait
        wait = within


def _told(reference: Records) -> Iterator[tuple[dt.date, int]]:
    """Yield the outcomes that came in loads other than history, with their lags."""
    outcome, world = reference.world.plan.outcome, reference.world
    loads = [load for load in world.loads if load.source == outcome.source]
    history = {load.number for load in loads if load.history}
    begins = [load.received for load in loads if load.history]
    begins.append(min(load.received for load in loads))
    for versions in reference.versions_of(outcome.source):
        said = [v for v in versions if _is_outcome(reference, v)]
        newest = reference.newest(versions)
        if newest not in said or newest.on is None or newest.on < max(begins):
            continue
        by_load = [v.known for v in said if v.load not in history]
        assumed = [v.known for v in said if v.load in history]
        if by_load and min(by_load) < min([*assumed, dt.date.max]):
            yield newest.on, max(0, (min(by_load) - newest.on).days)


def _is_outcome(reference: Records, version: Version) -> bool:
    tree = reference.world.trees[reference.world.plan.outcome.filter]
    return not version.withdrawn and holds(tree, version.cells) is True
