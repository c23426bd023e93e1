"""The rest of the reference: whole rows, with outcome, state and groups."""

from __future__ import annotations

from typing import Any

from features.definitions.indicators import Indicator
from tests.features.plain_filter import holds
from tests.features.reference import Reference
from tests.features.reference_outcomes import outcome_of
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
    status, outcome, days = outcome_of(reference, row)
    groups = [group for group in place.file.groups if group.name in plan.groups]
    return {
        "entity_id": f"{reference.kind}-{row.entity}",
        "as_of": row.as_of,
        "index_record": row.index_record,
        "linked_group": _linked_group(reference, row),
        "state": _state(reference, row, values),
        "outcome": outcome,
        "outcome_status": status,
        "outcome_days": days,
        **{f"group_{g.name}": reference.value(row, _latest(g)) for g in groups},
        **{name: values[name] for name in plan.indicators},
    }


def _latest(group: Any) -> Indicator:
    return group_indicator(group)


def _linked_group(reference: Reference, row: Row) -> str:
    name = reference.world.plan.linked_group
    if name is not None:
        relation = reference.place.relation(name)
        for related in reference.belonged(row.entity, relation, row.as_of):
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
