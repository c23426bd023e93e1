"""What bears on a snapshot: the sources it uses, and a hash of all its definitions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from features.definitions.contracts import Contract
from features.definitions.governance import refused_uses
from features.definitions.outcomes import Outcome, SnapshotPlan
from features.definitions.place import Place
from features.faults import Fault
from features.snapshots.opt_outs import registers_of


_BEARING = {"relations", "points", "groups", "purposes"}
_INDICATOR_WORDS = {"label", "wording", "negated", "unit", "category"}
# Words and promises; and of each column, where it is shown.
_CONTRACT_WORDS: dict[str, Any] = {
    **dict.fromkeys(("title", "partner", "governance", "open_data"), True),
    **dict.fromkeys(("freshness", "flags"), True),
    "columns": {"__all__": {"shown"}},
}


def sources_used(place: Place, plan: SnapshotPlan) -> list[Contract]:
    """Return every source that a snapshot reads for its purpose, by name.

    Registers of opt-outs are not among them: they are read to keep to the law, not for
    a purpose, so no expired agreement may keep an objection from being honoured.
    """
    families = [place.indicators[name].family for name in _named(plan)]
    sources = {family.source for family in families}
    sources |= {plan.cohort.source, *plan.outcome.sources}
    sources |= {g.source for g in place.file.groups if g.name in plan.groups}
    relations = {family.relation for family in families} | {plan.linked_group}
    sources |= {r.source for r in place.file.relations if r.name in relations}
    if any(family.nearby for family in families):
        points = [p for p in place.file.points if p.kind == plan.cohort.entity]
        sources |= {point.source for point in points}
    return [place.contracts[name] for name in sorted(sources)]


def definition_sha256(place: Place, plan: SnapshotPlan) -> str:
    """Return a hash of all definitions that bear on a snapshot's values.

    Words, promises and agreements do not: renewing one must not look like a new score.
    """
    contracts = {c.name: c for c in [*sources_used(place, plan), *registers_of(place)]}
    families = {name: place.indicators[name].family for name in _named(plan)}
    content = {
        "cohort": plan.cohort.model_dump(mode="json"),
        "outcome": plan.outcome.model_dump(mode="json", exclude={"label"}),
        "plan": [plan.purpose, plan.indicators, plan.groups, plan.linked_group],
        "place": place.file.model_dump(mode="json", include=_BEARING),
        "families": {
            name: family.model_dump(mode="json", exclude=_INDICATOR_WORDS)
            for name, family in families.items()
        },
        "contracts": {
            name: contract.model_dump(mode="json", exclude=_CONTRACT_WORDS)
            for name, contract in contracts.items()
        },
    }
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of_plan(
    place: Place, plan: SnapshotPlan, dates: Sequence[dt.date], *, on: dt.date
) -> Iterator[Fault]:
    """Yield why a snapshot may not be built, or would not mean what it says.

    Args:
        place: The definitions.
        plan: What the snapshot is of.
        dates: The as-of dates.
        on: The day of the build, on which agreements must still run.
    """
    yield from refused_uses(sources_used(place, plan), purpose=plan.purpose, on=on)
    outcome = plan.outcome
    where = f"scores/{plan.score}.toml: outcome"
    if outcome.of_index and plan.cohort.at_events is None:
        yield Fault(
            f"{where}.of_index",
            "only a cohort at events has an index event",
            "a cohort with a calendar",
            "remove `of_index`, or give [cohort.at_events]",
        )
    for key, source in [] if outcome.of_index else _asked_how_rows_end(outcome):
        since = place.contracts[source].coverage.since
        if any(as_of < since for as_of in dates):
            yield Fault(
                f"{where}.{key}",
                f"{source} must hold all outcomes of every as-of date",
                f"as-of dates from {min(dates)}, complete from {since}",
                f"begin the cohort on {since} or later",
            )


def _asked_how_rows_end(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield where an outcome names a source, and the source."""
    yield "source", outcome.source
    for number, end in enumerate(outcome.ends):
        yield f"ends[{number}].source", end.source


def _named(plan: SnapshotPlan) -> list[str]:
    return sorted({*plan.indicators, *plan.cohort_indicators})
