"""The scores that a re-link touches, found in the ledger by pseudonym."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from models.definitions.states import State
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.cases import CaseFile, Scored, ScoreRow
from models.ledger.promotions import promote
from models.ledger.touched import TouchedScore, scores_of
from tests.made_up_score import AS_OF, NOW, RECEIVED, bundle, clock, new_ledger


pytestmark = pytest.mark.usefixtures("each_database")


def _row(entity, given=None):
    scored = Scored(0.0, 0.5, 0.0, "others", CaseFile(contributions={}))
    return ScoreRow(entity, AS_OF, None, given or scored)


def test_every_score_of_the_named_is_found_and_nobody_elses(tmp_path: Path):
    ledger = new_ledger(tmp_path)
    promote(ledger, bundle(), by="Analyst", at=NOW)
    first = Batch("care", bundle().sha256, AS_OF, "care-1", RECEIVED)
    later = Batch("care", bundle().sha256, AS_OF, "care-2", RECEIVED)
    for batch in (first, later):
        rows = [_row("p1"), _row("p2", State.OBJECTED), _row("p3")]
        write_batch(ledger, batch, CaseRows(rows), clock=clock)

    found = scores_of(ledger, ["p2", "p1", "nobody"])

    assert [(one.entity_id, one.batch) for one in found] == sorted(
        (entity, batch.id) for entity in ("p1", "p2") for batch in (first, later)
    )
    assert found[0] == TouchedScore("care", AS_OF, "p1", min(first.id, later.id), None)
    assert {one.state for one in found if one.entity_id == "p2"} == {"objected"}
    ledger.close()


def test_more_names_than_one_statement_takes_are_looked_up(tmp_path: Path):
    ledger = new_ledger(tmp_path)
    promote(ledger, bundle(), by="Analyst", at=NOW)
    batch = Batch("care", bundle().sha256, AS_OF, "care-1", RECEIVED)
    rows = [_row(f"p{n:04}") for n in range(1_100)]
    write_batch(ledger, batch, CaseRows(rows), clock=clock)

    found = scores_of(ledger, [row.entity_id for row in rows])

    assert len(found) == 1_100
    assert found[0].as_of == dt.date(AS_OF.year, AS_OF.month, AS_OF.day)
    ledger.close()
