from __future__ import annotations

import datetime as dt

import pytest

from benchmarks.audit_mutations import store, stored
from features.faults import Misuse, Refusal
from models.audit.audit import Audit
from models.audit.check import check_audit
from models.audit.restored import Loss, accept_restored, losses_of
from models.ledger.ledger import LedgerUnavailable
from tests.made_up_score import NOW, audit_files
from tests.models.made_up_audit import look, looks, new_audit


pytestmark = pytest.mark.usefixtures("each_database")

LATER = NOW + dt.timedelta(hours=1)
SAID = {"by": "IT officer", "because": "the disk failed", "at": LATER}


@pytest.fixture
def restored(tmp_path):
    """An audit of eight rows that once had twelve; its anchors know of all."""
    audit = new_audit(tmp_path)
    looks(audit, 8)
    with audit.ledger.reading() as connection:
        backup = stored(connection, audit.file)
    looks(audit, 4)
    anchors = audit.file.path.read_bytes()
    with audit.ledger.writing() as connection:
        store(connection, audit.file, backup)
    audit.file.path.write_bytes(anchors)
    return Audit(audit.ledger, audit_files(tmp_path), is_older_fine=True)


def test_an_older_ledger_is_not_gone_on_with(restored, tmp_path):
    with pytest.raises(Refusal, match="an anchor of row 12, and a ledger that ends"):
        Audit(restored.ledger, audit_files(tmp_path)).open()


def test_a_service_that_runs_meanwhile_stops_at_the_next_anchor(restored):
    with pytest.raises(LedgerUnavailable, match="older than its anchors"):
        look(restored, at=LATER)
        look(restored, at=LATER + dt.timedelta(hours=1))


def test_once_it_is_said_the_loss_is_on_record_and_looks_go_on(restored, tmp_path):
    loss, aside = accept_restored(restored, **SAID)

    assert loss == Loss(9, 12, LATER, "IT officer", "the disk failed")
    assert losses_of(restored.ledger) == [loss]
    assert len(aside.read_bytes().splitlines()) > len(restored.file.lines()) - 1
    again = new_audit(tmp_path)
    assert look(again, at=LATER) == 10
    checked = check_audit(again.ledger, audit_files(tmp_path))
    assert (checked.rows, checked.faults) == (10, ())


def test_a_ledger_that_lost_nothing_has_nothing_to_say(tmp_path):
    audit = new_audit(tmp_path)
    looks(audit, 3)

    with pytest.raises(Misuse, match="nothing needs to be done"):
        accept_restored(audit, **SAID)


def test_anchors_of_another_ledger_are_not_accepted(restored):
    lines = restored.file.lines()
    restored.file.path.write_bytes(b"\n".join(lines[1:]) + b"\n")

    with pytest.raises(Refusal, match="the anchors are those of this ledger"):
        accept_restored(restored, **SAID)
