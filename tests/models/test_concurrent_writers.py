"""Several writers of one ledger at once: batches are whole, promotions in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.ledger.batches import CaseRows, Identity, write_batch
from models.ledger.cases import StoredRecord
from models.ledger.ledger import LedgerUnavailable, open_ledger
from models.ledger.promotions import champion, promote
from models.ledger.tables import batches, promotions, records, scores
from serving.scoring import score_cohort
from tests.made_up_score import (
    AS_OF,
    NOW,
    TODAY,
    batch_of,
    bundle,
    clock,
    cohort,
    new_ledger,
    url_of,
)


pytestmark = pytest.mark.usefixtures("each_database")

PROMOTED = bundle()
MANY = {f"p{n:04}": (float(n % 5), 40.0, "owned", 0.0, 0.0) for n in range(300)}
ROWS = score_cohort(PROMOTED, cohort(MANY), on=TODAY)
STALE = score_cohort(PROMOTED, cohort(MANY), on=TODAY, stale=frozenset({"homes"}))


@pytest.fixture
def ledger(tmp_path):
    ledger = new_ledger(tmp_path)
    promote(ledger, PROMOTED, by="Analyst", at=NOW)
    return ledger


def _write(ledger, rows, *, clock=clock, **more):
    cases = CaseRows(rows, **more)
    return write_batch(ledger, batch_of(PROMOTED), cases, clock=clock, chunk_rows=50)


def _states(ledger):
    """Return whether the batch is finished, and the state of each of its rows."""
    with ledger.reading() as connection:
        finished = connection.execute(sa.select(batches.c.finished)).scalar_one()
        query = sa.select(scores.c.state).order_by(scores.c.number)
        return finished is not None, connection.execute(query).scalars().all()


def _at_once(folder, jobs):
    """Do each job over a ledger of its own, all at once; returns what they answer."""

    def done(job):
        ledger = open_ledger(url_of(folder), busy_timeout_ms=60_000)
        try:
            return job(ledger)
        finally:
            ledger.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(done, jobs))


def test_a_batch_that_several_write_at_once_is_written_once(tmp_path, ledger):
    written = _at_once(tmp_path, [lambda one: _write(one, ROWS)] * 4)

    assert sum(one.new for one in written) == len(ROWS)
    assert _states(ledger) == (True, [None] * len(ROWS))


def test_writers_who_take_the_same_rows_in_another_order_do_not_bar_each_other(
    tmp_path, ledger
):
    people = [Identity(f"p{n:04}", "person", {"n": str(n)}) for n in range(300)]
    rest_on = [StoredRecord(n, 1, "visits", AS_OF, AS_OF, {}) for n in range(300)]

    def write(number, turned):
        batch = replace(batch_of(PROMOTED), snapshot=f"care-{number}")
        order = slice(None, None, -1 if turned else 1)
        cases = CaseRows(ROWS, rest_on[order], people[order])
        return lambda one: write_batch(one, batch, cases, clock=clock)

    written = _at_once(tmp_path, [write(n, n % 2) for n in range(4)])

    assert [one.new for one in written] == [300] * 4
    with ledger.reading() as connection:
        count = sa.select(sa.func.count()).select_from(records)
        assert connection.execute(count).scalar() == 300


def test_a_run_whose_batch_another_began_anew_writes_no_more_rows(ledger):
    def meanwhile():
        _write(ledger, STALE)
        yield from ()

    with pytest.raises(Refusal, match="another that began it anew"):
        _write(ledger, ROWS, records=meanwhile())

    assert _states(ledger) == (True, ["stale source"] * len(STALE))


def test_a_run_whose_batch_another_began_anew_does_not_finish_it_half(ledger):
    def meanwhile():
        if not began:
            began.append(NOW)
        else:
            with pytest.raises(LedgerUnavailable):
                _write(ledger, [*STALE, STALE[-1]])
        return NOW

    began = []
    with pytest.raises(Refusal, match="another that began it anew"):
        _write(ledger, ROWS, clock=meanwhile)

    is_finished, states = _states(ledger)
    assert not is_finished
    assert set(states) == {"stale source"}


def test_of_promotions_at_once_each_follows_another(tmp_path, ledger):
    both = [PROMOTED, bundle(version=4)]

    def promoting(chosen):
        return lambda one: [
            promote(one, chosen, by="Analyst", at=NOW) for _ in range(5)
        ]

    _at_once(tmp_path, [promoting(both[n % 2]) for n in range(6)])

    with ledger.reading() as connection:
        query = sa.select(promotions.c.bundle).order_by(promotions.c.id)
        history = connection.execute(query).scalars().all()
        assert champion(connection, "care") == history[-1]
    assert all(one != next_one for one, next_one in pairwise(history))
