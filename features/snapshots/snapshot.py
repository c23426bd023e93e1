"""Snapshots: what was known of every entity of a cohort on each as-of date."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from features.definitions.filters import as_condition
from features.definitions.indicators import Indicator, IndicatorFamily
from features.definitions.outcomes import SnapshotPlan
from features.definitions.place import Place
from features.faults import Fault, Refusal, refuse_if_any
from features.snapshots.bearing import definition_sha256, faults_of_plan
from features.snapshots.opt_outs import registers_of, scopes_in_force
from features.snapshots.outcome_values import outcome_values
from features.snapshots.question import Question
from features.snapshots.recording_lag import recording_lag
from features.snapshots.restrictions import unscored
from features.snapshots.spine import spine
from features.snapshots.values import indicator_values
from features.store.archive import Archive
from features.store.warehouse import Manifest, SnapshotEntry, Warehouse


if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = [
    "GROUP_PREFIX",
    "ask",
    "build_snapshot",
    "definition_sha256",
    "snapshot_table",
]

KEYS = ("entity_id", "as_of", "index_record", "linked_group", "state")
OUTCOME = ("outcome", "outcome_status", "outcome_days")
GROUP_PREFIX = "group_"


def build_snapshot(
    warehouse: Warehouse,
    place: Place,
    plan: SnapshotPlan,
    dates: Sequence[dt.date],
    *,
    on: dt.date,
) -> SnapshotEntry:
    """Build the snapshot of a plan from the newest manifest, and keep it.

    Args:
        warehouse: Where it is read from and written to.
        place: The definitions.
        plan: What the snapshot is of.
        dates: The as-of dates; at events, the first and last day.
        on: The day of the build, on which agreements and opt-outs are looked at.

    Returns:
        The entry in the manifest. The same inputs give the same entry and bytes, and
        nothing is written a second time.

    Raises:
        Refusal: A source may not be used for the purpose, the plan would not mean what
            it says, or there are no rows.
    """
    refuse_if_any(faults_of_plan(place, plan, dates, on=on))
    if not dates:
        raise Refusal([_no_rows(plan, "no as-of date")])
    dates = sorted(set(dates))
    with warehouse.writing() as writer:
        name = _name(writer.manifest, place, plan, dates, on)
        kept = _kept(writer.manifest, plan.score, name)
        if kept:
            return kept
        with contextlib.closing(Archive(warehouse, writer.manifest)) as archive:
            question = ask(archive, place, plan, dates, on=on)
            lag = recording_lag(question, plan.outcome)
            table = _answered(question, plan, lag_days=lag.days)
        if table.num_rows == 0:
            span = f"no row from {dates[0]} to {dates[-1]}"
            raise Refusal([_no_rows(plan, span)])
        stored = writer.stage(
            "warehouse", f"snapshots/{plan.score}/{name}.parquet", table
        )
        entry = SnapshotEntry(
            score=plan.score,
            name=name,
            manifest=writer.manifest.version,
            definition_sha256=definition_sha256(place, plan),
            first_as_of=dates[0],
            last_as_of=dates[-1],
            on=on,
            rows=table.num_rows,
            table=stored,
            recording_lag=lag,
        )
        snapshots = [*writer.manifest.snapshots, entry]
        writer.commit(writer.manifest.model_copy(update={"snapshots": snapshots}))
        return entry


def snapshot_table(
    archive: Archive,
    place: Place,
    plan: SnapshotPlan,
    dates: Sequence[dt.date],
    *,
    on: dt.date,
) -> pa.Table:
    """Compute a snapshot: one row per entity and as-of date, in a fixed order.

    Returns:
        `entity_id`, `as_of`, `index_record`, `linked_group`, `state` (missing where a
        score can be given), `outcome`, `outcome_status`, `outcome_days`, one `group_`
        column for each protected attribute, and one column an indicator.
    """
    question = ask(archive, place, plan, dates, on=on)
    lag = recording_lag(question, plan.outcome)
    return _answered(question, plan, lag_days=lag.days)


def _answered(question: Question, plan: SnapshotPlan, *, lag_days: int) -> pa.Table:
    place = question.place
    names = dict.fromkeys([*plan.indicators, *plan.cohort_indicators])
    indicators = [place.indicators[name] for name in names]
    rows = indicator_values(question, [*indicators, *_groups(place, plan)])
    rows = rows.join(outcome_values(question, plan.outcome, lag_days=lag_days), "row")
    rows = rows.join(_linked_groups(question, plan), "row")
    rows = rows.mutate(state=states_of(rows, question, plan)).order_by("row")
    groups = [f"{GROUP_PREFIX}{name}" for name in plan.groups]
    return question.archive.fetch(
        rows.select(*KEYS, *OUTCOME, *groups, *plan.indicators)
    )


def ask(
    archive: Archive,
    place: Place,
    plan: SnapshotPlan,
    dates: Sequence[dt.date],
    *,
    on: dt.date,
) -> Question:
    """Return the question whose answer is the plan's snapshot."""
    cohort = plan.cohort
    rows = spine(archive, place, cohort, dates)
    found = archive.fetch(rows.select("as_of").distinct().order_by("as_of"))
    kinds = {about.kind for c in registers_of(place) for about in c.about}
    opt_outs = {
        kind: scopes_in_force(archive, place, kind, plan.purpose, on)
        for kind in sorted(kinds)
    }
    as_ofs = found["as_of"].to_pylist()
    return Question(archive, place, cohort, rows, as_ofs, opt_outs)


def _groups(place: Place, plan: SnapshotPlan) -> list[Indicator]:
    """A protected attribute is the newest value known, like any latest indicator."""
    return [
        Indicator(
            f"{GROUP_PREFIX}{group.name}",
            IndicatorFamily(
                name=group.name,
                source=group.source,
                measure="latest",
                column=group.column,
                unit="",
                category="group",
                expected="none",
                label=group.label,
                wording=group.label,
                negated=group.label,
            ),
            None,
        )
        for group in place.file.groups
        if group.name in plan.groups
    ]


def _linked_groups(question: Question, plan: SnapshotPlan) -> ir.Table:
    """Return `row` and `linked_group`: what must stay on one side of a split."""
    own = question.rows.select("row", own="entity_id")
    if plan.linked_group is None:
        return own.select("row", linked_group="own")
    relation = question.place.relation(plan.linked_group)
    members = question.members(relation)
    ids = question.archive.entities(relation.to)
    ids = ids.select(related="entity", related_id="entity_id")
    found = question.rows.join(members, ["entity", "as_of"]).join(ids, "related")
    found = own.left_join(found.select("row", "related_id"), "row")
    return found.select("row", linked_group=ibis.coalesce(found.related_id, found.own))


def states_of(rows: ir.Table, question: Question, plan: SnapshotPlan) -> ir.StringValue:
    """Return the named state of each row without a score; missing where it has one.

    Who opted out of the very source that lists the cohort is not in it.
    """
    scopes = question.opt_outs.get(question.kind)
    guarded = unscored(question.archive, question.place, question.kind)
    cases = [(rows.entity.isin(guarded.entity), "restricted")]
    if scopes is not None:
        for scope, state in (("restriction", "restricted"), ("objection", "objected")):
            marked = scopes.filter(scopes.scope == scope).entity
            cases.append((rows.entity.isin(marked), state))
        out = question.excluded(question.place.contracts[plan.cohort.source])
        cases.append((rows.entity.isin(out.entity), "not in the cohort"))
    for way in plan.cohort.exits:
        cases.append((as_condition(way.when, rows).fill_null(False), way.state))
    if plan.cohort.where is not None:
        inside = as_condition(plan.cohort.where, rows).fill_null(False)
        cases.append((~inside, "not in the cohort"))
    # Last: nothing hangs on a link where no score would be given anyway.
    flagged = question.archive.flagged(question.kind)
    cases.append((rows.entity.isin(flagged.entity), "link uncertain"))
    return ibis.cases(*cases, else_=ibis.null("string"))


def _name(
    manifest: Manifest,
    place: Place,
    plan: SnapshotPlan,
    dates: Sequence[dt.date],
    on: dt.date,
) -> str:
    """Name a snapshot by what went into it, so that a rerun finds the same one."""
    loads = [[load.number, load.content_sha256] for load in manifest.loads]
    links = [[v.kind, v.number, v.links.sha256] for v in manifest.links]
    content = [
        definition_sha256(place, plan),
        loads,
        links,
        [str(d) for d in dates],
        str(on),
    ]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return f"{dates[0]}-{dates[-1]}-{digest[:12]}"


def _kept(manifest: Manifest, score: str, name: str) -> SnapshotEntry | None:
    wanted = (score, name)
    return next((e for e in manifest.snapshots if (e.score, e.name) == wanted), None)


def _no_rows(plan: SnapshotPlan, got: str) -> Fault:
    return Fault(
        f"scores/{plan.score}.toml: cohort",
        "the cohort must have somebody in it",
        got,
        f"load and link {plan.cohort.source}, or correct the cohort's filter and dates",
    )
