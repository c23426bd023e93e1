"""Work of several callers in one transaction: each as if it were alone."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import accounts
from models.ledger.faults import LedgerUnavailable
from tests.made_up_score import NOW, new_ledger


def _add(connection, name):
    row = {"name": name, "display_name": name, "role": "board", "created_at": NOW}
    connection.execute(sa.insert(accounts).values(row))
    return name


def _names(ledger):
    with ledger.reading() as connection:
        return set(connection.execute(sa.select(accounts.c.name)).scalars())


@contextlib.contextmanager
def _somebody_writes(ledger):
    """Keep the turn, so that all who come meanwhile have to wait for it."""
    begun, ended = threading.Event(), threading.Event()

    def write():
        with ledger.writing():
            begun.set()
            ended.wait()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait()
    yield
    ended.set()
    thread.join()


def _all_at_once(ledger, *works):
    """Ask for all of them while another writes; returns what each gave or raised."""
    commits = []
    count = commits.append  # always the same object, to be found again
    with ThreadPoolExecutor(len(works)) as pool:
        with _somebody_writes(ledger):
            futures = [pool.submit(ledger.together, work) for work in works]
            while len(ledger._together._waiting) < len(works):
                pass
            sa.event.listen(ledger.engine, "commit", count)
        outcomes = [future.exception() or future.result() for future in futures]
    sa.event.remove(ledger.engine, "commit", count)
    return outcomes, len(commits)


def test_those_who_wait_share_a_transaction(tmp_path):
    ledger = new_ledger(tmp_path)
    names = [f"n{number}" for number in range(5)]

    outcomes, commits = _all_at_once(
        ledger, *(lambda c, name=name: _add(c, name) for name in names)
    )

    assert outcomes == names
    assert _names(ledger) == set(names)
    # That of who kept them waiting, and one for them all.
    assert commits <= 2


def test_what_one_raises_undoes_its_own_work_alone(tmp_path):
    ledger = new_ledger(tmp_path)

    def fail(connection):
        _add(connection, "half")
        raise KeyError("mine")

    outcomes, _ = _all_at_once(
        ledger, lambda c: _add(c, "one"), fail, lambda c: _add(c, "two")
    )

    assert outcomes[0] == "one"
    assert isinstance(outcomes[1], KeyError)
    assert outcomes[2] == "two"
    assert _names(ledger) == {"one", "two"}


def test_if_it_cannot_be_committed_nobody_is_told_that_it_is_done(tmp_path):
    ledger = new_ledger(tmp_path)

    def refuse(_):
        raise sa.exc.OperationalError("COMMIT", {}, OSError("the disk is full"))

    sa.event.listen(ledger.engine, "commit", refuse)
    with ThreadPoolExecutor(3) as pool:
        works = [pool.submit(ledger.together, lambda c: _add(c, "a")) for _ in range(3)]
        outcomes = [work.exception() for work in works]
    sa.event.remove(ledger.engine, "commit", refuse)

    assert {type(each) for each in outcomes} == {LedgerUnavailable}
    assert _names(ledger) == set()


def test_who_waits_for_too_long_has_nothing_done(tmp_path):
    ledger = new_ledger(tmp_path)
    ledger._wait_seconds = 0.05

    with _somebody_writes(ledger), pytest.raises(LedgerUnavailable, match="too long"):
        ledger.together(lambda c: _add(c, "late"))

    assert ledger.together(lambda c: _add(c, "next")) == "next"
    assert _names(ledger) == {"next"}


def test_each_work_is_done_in_the_context_of_who_asked(tmp_path):
    ledger, request = new_ledger(tmp_path), ContextVar("request")

    def ask(name):
        request.set(name)
        return ledger.together(lambda _: request.get())

    with ThreadPoolExecutor(8) as pool:
        names = [str(number) for number in range(40)]
        assert list(pool.map(ask, names)) == names


def _read_half(connection):
    names = connection.execute(sa.select(accounts.c.name)).scalars()
    for name in names:
        raise ValueError(name)


def _let_down(connection):
    """What half was read of is held by what was raised first."""
    try:
        _read_half(connection)
    except ValueError as error:
        raise KeyError("another") from error


@pytest.mark.parametrize("work", [_read_half, _let_down])
def test_what_raises_with_half_of_the_rows_read_bars_nobody_else(tmp_path, work):
    ledger, other = new_ledger(tmp_path), new_ledger(tmp_path)
    ledger.together(lambda c: [_add(c, name) for name in ("ann", "bob")])

    with pytest.raises((ValueError, KeyError)) as kept:
        ledger.together(work)

    with other.writing() as connection:
        _add(connection, "cid")
    assert _names(ledger) == {"ann", "bob", "cid"}
    assert kept.value
