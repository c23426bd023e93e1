from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
from dataclasses import replace

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.definitions.states import State
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.cases import newest_batch
from models.ledger.ledger import LedgerUnavailable
from models.ledger.promotions import promote
from models.ledger.tables import batches, identities, metadata, records, scores
from serving.scoring import score_cohort
from tests.made_up_score import (
    AS_OF,
    NOW,
    RECEIVED,
    TODAY,
    batch_of,
    bundle,
    cases,
    clock,
    cohort,
    new_ledger,
)


pytestmark = pytest.mark.usefixtures("each_database")

PROMOTED = bundle()
MANY = {f"p{n:04}": (float(n % 5), 40.0, "owned", 0.0, 0.0) for n in range(400)}


def _many_cases():
    return CaseRows(score_cohort(PROMOTED, cohort(MANY), on=TODAY))


def _promoted(folder):
    ledger = new_ledger(folder)
    promote(ledger, PROMOTED, by="Analyst", at=NOW)
    return ledger


def _rows(ledger):
    with ledger.reading() as connection:
        return connection.execute(sa.select(scores).order_by(scores.c.number)).all()


def _whole(folder):
    folder.mkdir()
    ledger = _promoted(folder)
    write_batch(ledger, batch_of(PROMOTED), _many_cases(), clock=clock)
    return _rows(ledger)


def test_the_same_work_has_the_same_name_and_other_work_another():
    batch = batch_of(PROMOTED)
    reordered = dict(reversed(RECEIVED.items()))

    assert replace(batch, received=reordered).id == batch.id
    assert replace(batch, snapshot="care-2").id != batch.id
    assert replace(batch, received={**RECEIVED, "homes": AS_OF}).id != batch.id


def test_a_batch_writes_rows_records_and_identities(tmp_path):
    ledger = _promoted(tmp_path)

    written = write_batch(ledger, batch_of(PROMOTED), cases(PROMOTED), clock=clock)

    assert (written.rows, written.new) == (13, 13)
    with ledger.reading() as connection:
        counts = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in (scores, records, identities, batches)
        ]
    assert counts == [13, 9, 1, 1]


def test_nothing_is_done_by_a_score(tmp_path):
    ledger = _promoted(tmp_path)
    before = _filled(ledger)
    write_batch(ledger, batch_of(PROMOTED), cases(PROMOTED), clock=clock)

    assert _filled(ledger) - before == {"batches", "identities", "records", "scores"}


def _filled(ledger):
    """Return the tables that hold anything."""
    with ledger.reading() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if connection.execute(sa.select(table).limit(1)).first()
        }


def test_writing_a_batch_again_changes_nothing(tmp_path):
    ledger = _promoted(tmp_path)
    write_batch(ledger, batch_of(PROMOTED), cases(PROMOTED), clock=clock)
    before = _rows(ledger)

    again = write_batch(ledger, batch_of(PROMOTED), cases(PROMOTED), clock=clock)

    assert again.new == 0
    assert _rows(ledger) == before


def test_a_half_finished_batch_is_not_shown(tmp_path):
    ledger = _promoted(tmp_path)
    broken = cases(PROMOTED)

    with pytest.raises(Refusal):
        write_batch(
            ledger, batch_of(PROMOTED), replace(broken, records=[]), clock=clock
        )

    with ledger.reading() as connection:
        assert newest_batch(connection, "care") is None


def test_a_score_may_not_rest_on_a_record_that_is_not_given(tmp_path):
    without = replace(cases(PROMOTED), records=())

    with pytest.raises(Refusal, match="got 9 that are not"):
        write_batch(_promoted(tmp_path), batch_of(PROMOTED), without, clock=clock)


def test_a_batch_needs_its_bundle_in_the_ledger(tmp_path):
    with pytest.raises(LedgerUnavailable):
        write_batch(
            new_ledger(tmp_path), batch_of(PROMOTED), _many_cases(), clock=clock
        )


def _write_and_die(folder, after):
    """Write a batch, and be killed at the commit that so many precede."""
    ledger = _promoted(folder)
    left = after

    def count_down(_):
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(ledger.engine, "commit", count_down)
    write_batch(ledger, batch_of(PROMOTED), _many_cases(), clock=clock, chunk_rows=100)


# There are six commits: the start, four chunks, the end.
@pytest.mark.parametrize("after", [1, 3, 5])
def test_killed_at_any_commit_a_rerun_gives_the_same_rows(tmp_path, after):
    expected = _whole(tmp_path / "whole")
    folder = tmp_path / "killed"
    folder.mkdir()
    writer = multiprocessing.get_context("spawn").Process(
        target=_write_and_die, args=(folder, after)
    )
    writer.start()
    writer.join()

    ledger = new_ledger(folder)
    found = len(_rows(ledger))
    again = write_batch(
        ledger, batch_of(PROMOTED), _many_cases(), clock=clock, chunk_rows=100
    )

    assert writer.exitcode == -signal.SIGKILL
    assert again.new == 400 - found
    assert _rows(ledger) == expected


def test_a_batch_whose_rows_would_differ_now_begins_again(tmp_path):
    ledger = _promoted(tmp_path)
    rows = _many_cases().rows
    cut_short = CaseRows([*rows, rows[-1]])
    with pytest.raises(LedgerUnavailable):
        write_batch(ledger, batch_of(PROMOTED), cut_short, clock=clock, chunk_rows=100)
    assert len(_rows(ledger)) == 400

    stale = frozenset({"homes"})
    now = CaseRows(score_cohort(PROMOTED, cohort(MANY), on=TODAY, stale=stale))
    written = write_batch(ledger, batch_of(PROMOTED), now, clock=clock)

    assert written.new == 400
    assert {row.state for row in _rows(ledger)} == {State.STALE_SOURCE.value}


def test_an_identity_that_has_changed_takes_the_place_of_the_old_one(tmp_path):
    ledger = _promoted(tmp_path)

    for number, name in enumerate(("Ada Quill", "Ada Reed")):
        batch = Batch("care", PROMOTED.sha256, AS_OF, f"care-{number}", RECEIVED)
        identity = Identity("p0001", "person", {"name": name})
        write_batch(
            ledger, batch, replace(_many_cases(), identities=[identity]), clock=clock
        )

    with ledger.reading() as connection:
        shown = connection.execute(sa.select(identities.c.display)).scalars().all()
    assert shown == [{"name": "Ada Reed"}]


def test_one_entity_has_one_row_a_date_and_one_an_event(tmp_path):
    ledger = _promoted(tmp_path)
    row = _many_cases().rows[0]
    events = [replace(row, index_record=1), replace(row, index_record=2)]

    write_batch(ledger, batch_of(PROMOTED), CaseRows(events), clock=clock)
    for doubled in ([row, row], [events[0], events[0]]):
        batch = Batch("care", PROMOTED.sha256, AS_OF, f"{len(doubled)}", RECEIVED)
        with pytest.raises(LedgerUnavailable):
            write_batch(ledger, batch, CaseRows(doubled), clock=clock)


def test_a_finished_batch_says_when_it_began_and_ended(tmp_path):
    ledger = _promoted(tmp_path)
    times = iter([NOW, NOW + dt.timedelta(minutes=2)])

    write_batch(ledger, batch_of(PROMOTED), _many_cases(), clock=lambda: next(times))

    with ledger.reading() as connection:
        row = connection.execute(sa.select(batches)).one()
    assert (row.started, row.finished) == (NOW, NOW + dt.timedelta(minutes=2))
