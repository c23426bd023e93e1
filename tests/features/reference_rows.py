"""The rest of the reference: whole rows, with outcome, state and groups."""

from __future__ import annotations

import datetime as dt
from typing import Any

from features.definitions.indicators import Indicator
from tests.features.plain_filter import holds
from tests.features.reference import Reference
from tests.features.reference_records import Row
from tests.features.world import World, group_indicator


def snapshot_of(world: World) -> list[dict[str, Any]]:
    """Return the rows of a world's snapshot, each a mapping of its columns."""
    reference = Reference(world)
    return [_row(reference, row) for row in reference.rows()]


def _row(reference: Reference, row: Row) -> dict[str, Any]:
    plan, place = reference.world.plan, reference.place
    names = dict.fromkeys([*plan.indicators, *plan.cohort_indicators])
    values = {name: reference.value(row, place.indicators[name]) for name in names}
    status, outcome = _outcome(reference, row)
    groups = [group for group in place.file.groups if group.name in plan.groups]
    return {
        "entity_id": f"{reference.kind}-{row.entity}",
        "as_of": row.as_of,
        "index_record": row.index_record,
        "linked_group": _linked_group(reference, row),
        "state": _state(reference, row, values),
        "outcome": outcome,
        "outcome_status": status,
        **{f"group_{g.name}": reference.value(row, _latest(g)) for g in groups},
        **{name: values[name] for name in plan.indicators},
    }


def _latest(group: Any) -> Indicator:
    return group_indicator(group)


def _linked_group(reference: Reference, row: Row) -> str:
    name = reference.world.plan.linked_group
    if name is not None:
        relation = reference.place.relation(name)
        related = reference.belonged(row.entity, relation, row.as_of)
        if related is not None:
            return f"{relation.to}-{related}"
    return f"{reference.kind}-{row.entity}"


def _state(reference: Reference, row: Row, values: dict[str, Any]) -> str | None:
    cohort, trees = reference.world.plan.cohort, reference.world.trees
    scopes = reference.scopes(reference.kind, row.entity)
    for scope, state in (("restriction", "restricted"), ("objection", "objected")):
        if scope in scopes:
            return state
    contract = reference.place.contracts[cohort.source]
    if reference.has_opted_out(reference.kind, row.entity, contract):
        return "not in the cohort"
    for way in cohort.exits:
        if holds(trees[way.when], values) is True:
            return way.state
    if cohort.where is not None and holds(trees[cohort.where], values) is not True:
        return "not in the cohort"
    return None


def _outcome(reference: Reference, row: Row) -> tuple[str, int | None]:
    outcome = reference.world.plan.outcome
    contract = reference.place.contracts[outcome.source]
    about = {about.kind for about in contract.about}
    opted_out = reference.has_opted_out(reference.kind, row.entity, contract)
    if reference.kind in about and opted_out:
        return "opted out", None
    wait = dt.timedelta(days=outcome.horizon_days + outcome.recording_lag_days)
    received = [
        load.received for load in reference.world.loads if load.source == outcome.source
    ]
    if not received or max(received) < row.as_of + wait:
        return "not yet known", None
    count = _happened(reference, row)
    value = count if outcome.measure == "count" else int(count > 0)
    return ("event" if count else "no event"), value


def _happened(reference: Reference, row: Row) -> int:
    outcome, world = reference.world.plan.outcome, reference.world
    end = row.as_of + dt.timedelta(days=outcome.horizon_days)
    count = 0
    for record in reference.today(outcome.source):
        if holds(world.trees[outcome.filter], record.cells) is not True:
            continue
        if outcome.of_index:
            count += _is_of_index(reference, row, record.about)
        elif record.about.get(reference.kind) == row.entity:
            count += record.on is not None and row.as_of <= record.on < end
    return count


def _is_of_index(reference: Reference, row: Row, about: dict[str, int]) -> bool:
    kind = reference.event_kind or ""
    index = next(v for v in reference.world.versions if v.record == row.index_record)
    return kind in index.about and about.get(kind) == index.about[kind]
