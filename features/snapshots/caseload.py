"""Caseloads: which worker has whose case open, as the declared source says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import ibis

from features.definitions.contracts import Contract
from features.definitions.service import Caseload
from features.snapshots.shown import records_known
from features.store.archive import Archive


def cases_known(
    archive: Archive, contract: Contract, caseload: Caseload, on: dt.date
) -> Iterator[dict[str, Any]]:
    """Yield the cases as they were known at the end of a day, by record.

    Args:
        archive: Where they are; its newest links say whose they are.
        contract: The caseload's source.
        caseload: Says which columns hold what.
        on: The day.

    Yields:
        `record_id`, `entity_id`, `worker`, `reference`, `opened_on` and `closed_on`
        (missing while it is open). A case without a worker or a reference is nobody's.
    """
    known = records_known(archive, contract, on)
    links = archive.links(caseload.kind_of(contract)).select("record_id", "entity_id")
    found = known.join(links, "record_id")
    ends = ibis.null("date") if caseload.closed is None else found[caseload.closed]
    cases = found.select(
        "record_id",
        "entity_id",
        worker=found[caseload.worker],
        reference=found[caseload.reference],
        opened_on=found.event_date,
        closed_on=ends,
    )
    cases = cases.filter(cases.worker.notnull() & cases.reference.notnull())
    yield from archive.fetch(cases.order_by("record_id")).to_pylist()
