"""The ledger of the small walk: every table that may be about a person is, of Rose."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from models.audit.audit import Audit
from models.audit.rows import Entry
from models.ledger.access_tables import (
    accounts,
    alerts,
    grants,
    idempotency,
    worklist_people,
    worklists,
)
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.cases import CaseFile, Evidence, Scored, ScoreRow, StoredRecord
from models.ledger.ledger import Ledger
from models.ledger.link_tables import link_questions
from models.ledger.people_tables import cases, entity_records, withheld_sources
from models.ledger.promotions import promote
from models.ledger.work_tables import (
    decisions,
    opinions,
    rights_requests,
    subject_packs,
)
from tests.made_up_score import bundle


if TYPE_CHECKING:
    from tests.lamppost.small_walk import Walk

NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 1, 1)


def fill(ledger: Ledger, walk: Walk) -> None:
    """Put into every table that may be about a person something about Rose."""
    her, other = walk.rose_id, walk.other_id
    promoted = bundle()
    promote(ledger, promoted, by="Analyst", at=NOW)
    hers = [r for r, name in walk.links().items() if name == her]
    loads = walk.warehouse.manifest().loads
    day, said = dt.date(2025, 6, 6), {"note": "her own note"}
    stored = [
        StoredRecord(record, load.number, load.source, day, AS_OF, said)
        for load in loads
        for record in pq.read_table(walk.warehouse.path(load.records))[0].to_pylist()
        if record in hers
    ]
    behind = {"visits_365d": Evidence(records=[(r.record_id, r.load) for r in stored])}
    scored = Scored(0.4, 0.6, 0.5, "most", CaseFile(evidence=behind))
    rows = [ScoreRow(name, AS_OF, None, scored) for name in (her, other)]
    shown = {"name": "Rose Hale", "born": "1951-04-23"}
    batch = Batch("care", promoted.sha256, AS_OF, "care-1", {"visits": AS_OF})
    people = [
        Identity(her, "person", shown),
        Identity(other, "person", {"name": "Ada"}),
    ]
    write_batch(ledger, batch, CaseRows(rows, stored, people), clock=lambda: NOW)
    with ledger.writing() as connection:
        for table, row in _work(her, hers[0], batch.id):
            connection.execute(sa.insert(table).values(row))
    _look(ledger, walk, her, other)


def _work(her: str, record: int, batch: str) -> list[tuple[sa.Table, dict[str, Any]]]:
    day, about = NOW.date(), {"entity_id": her}
    one = {"at": NOW, "account": 1, **about, "score": "care", "batch": batch}
    role = {"role": "caseworker", "created_at": NOW}
    lasting = {"begins": NOW, "purpose": "planning", "given_by": 1, "account": 1}
    asked = {"received_on": day, "due_on": day, "owner": "o", "entered_by": "e"}
    drawn = {"score": "care", "batch": batch, "as_of": AS_OF, "purpose": "planning"}
    drawn |= {"team": "East", "drawn_by": 1, "drawn_at": NOW, "expires": NOW}
    record_of = {"record_id": record, "load": 1, "source": "visits"}
    kept = {**about, **record_of, "event_date": day, "probability": 1.0}
    case = {**about, "record_id": record, "worker": "W1", "reference": "CASE-ROSE"}
    opined = {"kind": "disagree", "text": "Rose is well", "answer": "Hale is"}
    answer = {"request_sha256": "0" * 64, "done": "her own note"}
    asked_of = {"pair": "0" * 16, "kind": "person", "partner": "council", "why": "tie"}
    asked_of |= {"usefulness": 1.0, "holds_scores_back": False, "asked_at": NOW}
    asked_of |= {"left_entity_id": her, "right_entity_id": "another"}
    return [
        (link_questions, {**asked_of, "sides": {"forename": [["Rose"], ["Ada"]]}}),
        (accounts, {"id": 1, "name": "ann", "display_name": "Ann", **role}),
        (entity_records, kept),
        (cases, {**case, "opened_on": day}),
        (withheld_sources, {**about, "source": "visits", "purpose": "planning"}),
        (worklists, {"id": 1, **drawn}),
        (worklist_people, {"worklist": 1, "number": 1, **about}),
        (grants, {"kind": "contact", **about, **lasting, "reference": "CASE-ROSE"}),
        (alerts, {"at": NOW, "kind": "k", "about": 1, **about, "reason": "Rose fell"}),
        (idempotency, {"account": 1, "key": "k", "at": NOW, **answer}),
        (decisions, {**one, "kind": "offered", "what": "Rose", "relation": "own case"}),
        (opinions, {**one, **opined, "record_id": record, "load": 1}),
        (
            rights_requests,
            {"id": 1, "kind": "access", **about, **asked, "what": "Hale"},
        ),
        (subject_packs, {"request": 1, "made_at": NOW, "made_by": "m", "content": her}),
    ]


def _look(ledger: Ledger, walk: Walk, her: str, other: str) -> None:
    audit = Audit(ledger, walk.settings.audit_files)
    detail = '{"reference": "CASE-ROSE", "relation": "own case"}'
    for name, told in ((her, detail), (other, None), (her, None)):
        entry = Entry(NOW, "ann", "person", "care", name, "planning", detail=told)
        with ledger.writing() as connection:
            audit.append(connection, entry)
    audit.anchor(at=NOW)
