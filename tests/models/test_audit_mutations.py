from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from benchmarks.audit_mutations import mutations, store, stored
from features.faults import Refusal
from models.audit.check import check_audit
from models.audit.rows import Entry
from tests.made_up_score import NOW, audit_files
from tests.models.made_up_audit import looks, new_audit


pytestmark = pytest.mark.usefixtures("each_database")


def _flush_never(engine):
    """A thousand states are stored; none has to survive a power cut."""

    def off(connection, _):
        connection.execute("PRAGMA synchronous = OFF")

    engine.dispose()
    sa.event.listen(engine, "connect", off)


def _purge(audit):
    """Let some rows say nobody any more, as a purge does: no mutation hides there."""
    with audit.ledger.writing() as connection:
        entry = Entry(NOW, "officer", "forgot", purpose="asked", detail="0" * 32)
        assert audit.forget(connection, ["p01", "p03"], entry) > 2
    audit.anchor(at=NOW)


def test_a_thousand_mutations_in_eight_classes_are_all_found(tmp_path, each_database):
    audit, files = new_audit(tmp_path), audit_files(tmp_path)
    if each_database == "sqlite":
        _flush_never(audit.ledger.engine)
    history = []
    for stage in range(5):
        looks(audit, 8, anchor_every=4)
        if stage == 2:
            _purge(audit)
        with audit.ledger.reading() as connection:
            history.append(stored(connection, audit.file))
    assert check_audit(audit.ledger, files).faults == ()
    each = 125 if each_database == "sqlite" else 12
    made, missed = Counter(), []

    for name, changed in mutations(history, each=each, seed=1):
        with audit.ledger.writing() as connection:
            store(connection, audit.file, changed)
        made[name] += 1
        try:
            found = bool(check_audit(audit.ledger, files).faults)
        except Refusal:
            found = True
        if not found:
            missed.append((name, changed))

    assert len(made) == 8 and set(made.values()) == {each}
    assert missed == []
