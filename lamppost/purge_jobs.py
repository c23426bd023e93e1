"""The jobs behind `lamppost purge`: forget a person, old records, a lapsed source."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from features.definitions.contracts import Contract
from features.faults import Fault, Misuse, Refusal
from features.forgetting.tombstones import Tombstone
from lamppost.audit_jobs import account
from lamppost.purge_steps import Answer, Purge


if TYPE_CHECKING:
    from features.forgetting.selection import Selection
    from lamppost.opened import Open


def purge_person(
    opened: Open, entity_id: str, *, because: str, at: dt.datetime
) -> Answer:
    """Forget a person: every record by the newest links, and all that is said of them.

    Args:
        opened: The place.
        entity_id: The person's id in the ledger.
        because: Why, naming nobody: it is kept for good.
        at: The moment.

    Returns:
        What went; of a purge that was cut short, or done before, its tombstone.

    Raises:
        Refusal: No store knows the id, nor was anybody of that id forgotten.
    """
    with Purge(opened) as purge:
        purge.finish(at)
        selection = purge.of_person(entity_id)
        if selection is None:
            return _forgotten_before(purge, entity_id)
        versions, copies = purge.held().seals_of(selection, purge.seals)
        of_ledger = {purge.seals.copy(*copy) for copy in purge.copies_of(entity_id)}
        tombstone = Tombstone(
            what="person",
            at=at,
            because=because,
            by=account(),
            entities=purge.sealed_names(selection),
            versions=versions,
            copies=sorted({*copies, *of_ledger}),
            counts=_counts(selection),
        )
        return purge.begin(tombstone, at)


def purge_source(
    opened: Open, name: str, *, because: str | None, on: dt.date, at: dt.datetime
) -> Answer:
    """Forget a source's records that were kept for as long as its contract allows.

    Raises:
        Misuse: There is no such source, or no end to how long it may be kept.
    """
    ground = _contract(opened, name).governance
    if ground is None:
        do = "remove open data by hand, or declare [governance]"
        what = "the source's contract says how long records are kept"
        raise Misuse([Fault(f"sources/{name}.toml", what, "open data", do)])
    with Purge(opened) as purge:
        purge.finish(at)
        before = on - dt.timedelta(days=ground.retention_days)
        selection = purge.held().of_rule(name, before=before)
        if not selection.records:
            return {"source": name, "before": before, "records": 0}
        tombstone = Tombstone(
            what="source",
            at=at,
            because=because or f"kept for {ground.retention_days} days",
            by=account(),
            source=name,
            before=before,
            scores=_scores_reading(opened, name),
            entities=purge.sealed_names(selection),
            counts=_counts(selection),
        )
        return {"source": name, "before": before, **purge.begin(tombstone, at)}


def purge_agreements(opened: Open, *, on: dt.date, at: dt.datetime) -> Answer:
    """Forget every source whose sharing agreement has ended."""
    ended = [c for c in opened.place.contracts.values() if _has_ended(c, on)]
    with Purge(opened) as purge:
        purge.finish(at)
        done = [_purge_ended(opened, purge, contract, on, at) for contract in ended]
    return {"sources": [answer for answer in done if answer]}


def replay(opened: Open, *, at: dt.datetime) -> Answer:
    """Do again what a backup brought back, and finish what was cut short.

    Raises:
        Refusal: A tombstone is not as it was sealed.
    """
    with Purge(opened) as purge:
        done = purge.again(at)
    return {
        "tombstones": len(done),
        "records": sum(answer["records"] for answer in done),
        "rows": sum(answer["rows"] for answer in done),
    }


def _forgotten_before(purge: Purge, entity_id: str) -> Answer:
    """Say so of a purge that is done: now, if it had been cut short, or long ago."""
    found = purge.forgotten(entity_id)
    if found is None:
        raise Refusal([_nobody()])
    # It may have been cut short after the ledger's transaction, and before this.
    purge.scrub()
    records = found.counts.get("records", 0)
    return {"tombstone": found.seal, "records": records, "is": "done"}


def _purge_ended(
    opened: Open, purge: Purge, contract: Contract, on: dt.date, at: dt.datetime
) -> Answer | None:
    held = purge.held()
    selection = held.of_rule(contract.name, before=None)
    if not selection.records or contract.governance is None:
        return None
    tombstone = Tombstone(
        what="agreement",
        at=at,
        because=f"the agreement ended on {contract.governance.agreement.expires}",
        by=account(),
        source=contract.name,
        until=on,
        last_load=held.manifest.loads[-1].number,
        scores=_scores_reading(opened, contract.name),
        entities=purge.sealed_names(selection),
        counts=_counts(selection),
    )
    return {"source": contract.name, **purge.begin(tombstone, at)}


def _scores_reading(opened: Open, source: str) -> list[str]:
    """Return the scores that read a source, and all that nobody declares any more."""
    from features.snapshots.bearing import sources_used

    place, kept = opened.place, opened.warehouse.manifest().snapshots
    return sorted(
        name
        for name in {*opened.scores, *(entry.score for entry in kept)}
        if name not in opened.scores
        or source in {c.name for c in sources_used(place, opened.scores[name].plan())}
    )


def _has_ended(contract: Contract, on: dt.date) -> bool:
    ground = contract.governance
    return ground is not None and on > ground.agreement.expires


def _contract(opened: Open, name: str) -> Contract:
    contracts = opened.place.contracts
    if name not in contracts:
        do = f"name one of: {', '.join(sorted(contracts))}"
        raise Misuse([Fault("NAME", "the source must be declared", repr(name), do)])
    return contracts[name]


def _counts(selection: Selection) -> dict[str, int]:
    return {"records": len(selection.records), "entities": len(selection.names)}


def _nobody() -> Fault:
    do = "give the person's id as the ledger has it; look it up first"
    return Fault("ENTITY", "a store must know whom to forget", "nobody of that id", do)
