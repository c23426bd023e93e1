"""A process group that scores, shows, promotes and serves, killed again and again.

What is told to be done is written down in a file outside the ledger: by the processes,
and for what the service is sent by its client, which is not killed and sends again what
was not answered. Afterwards the ledger is held against that: nothing of it may be lost
or be there twice.
"""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from models.audit.check import check_audit
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.ledger import Ledger, open_ledger
from models.ledger.promotions import promote
from models.ledger.tables import batches, promotions, scores, views
from serving.scoring import score_cohort
from tests.crash_client import (
    KINDS,
    UNAVAILABLE,
    Client,
    answer_requests,
    judge_writes,
    until_available,
)
from tests.crash_notes import Outcome, said_lines, said_numbers, said_of, say
from tests.made_up_score import (
    NOW,
    TODAY,
    audit_files,
    batch_of,
    bundle,
    clock,
    cohort,
    url_of,
)
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


PROMOTED = bundle()
PEOPLE = {f"p{n:04}": (float(n % 5), 40.0, "owned", 0.0, 0.0) for n in range(120)}
CHUNK_ROWS = 20
# Looks are told apart by their moments, a millisecond each, in every life anew.
LOOKS_A_LIFE = 100_000
LOOKS_A_PROMOTION = 5
# A life ends so many acknowledgements after the service is up, and a little later.
MOST_DONE_A_LIFE = 12
MOST_WRITTEN_A_LIFE = 4
MOST_SECONDS_MORE = 0.05

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.crash_rig", "psycopg"])


class End(NamedTuple):
    """When a life ends: after so much, of which so much was written by the client."""

    done: int
    written: int
    seconds: float


def crash(folder: Path, *, kills: int, seed: int) -> Outcome:
    """Let a process group live so many times, kill it, and judge what it left.

    Args:
        folder: Where its ledger is, or is named.
        kills: How often.
        seed: The same lives have the same lengths.
    """
    ledger = people_ledger(folder, PROMOTED)
    service = Service(folder, ledger)
    token, client = service.token(), Client(service, partial(say, folder))
    draw = random.Random(seed)
    cut_short = 0
    for life in range(kills):
        end = End(
            draw.randrange(MOST_DONE_A_LIFE),
            draw.randrange(MOST_WRITTEN_A_LIFE),
            draw.uniform(0, MOST_SECONDS_MORE),
        )
        _live(folder, token, life, client, end)
        cut_short += _unfinished(ledger)
    _score_to_the_end(folder)
    service.now = _moment(kills * LOOKS_A_LIFE)
    client.finish(service)
    return _judge(folder, ledger, client, (kills, cut_short))


def _live(folder: Path, token: str, life: int, client: Client, end: End) -> None:
    ours, theirs = _forking.Pipe()
    process = _forking.Process(target=_work, args=(folder, token, life, theirs))
    process.start()
    # Else its end would not be noticed.
    theirs.close()
    assert process.pid is not None
    with ThreadPoolExecutor(1) as apart, ours:
        writing = apart.submit(client.write_while_it_lives, ours)
        while str(life) not in said_of(folder, "up"):
            _wait(process)
        lines, written = said_lines(folder) + end.done, client.answered + end.written
        while said_lines(folder) < lines or client.answered < written:
            _wait(process)
        time.sleep(end.seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        writing.result()


def _wait(process: ForkServerProcess) -> None:
    assert process.is_alive(), "it is to be killed, not to fail"
    time.sleep(0.001)


def _work(folder: Path, token: str, life: int, asked: Connection) -> None:
    """Three processes of one group: one scores, one shows and promotes, one serves."""
    os.setpgid(0, 0)
    works = [
        lambda: _score(folder, itertools.count(len(said_of(folder, "batch")))),
        lambda: _serve(folder, life, asked),
    ]
    for work in works:
        if os.fork() == 0:
            _work_or_end_all(work)
    _show(folder, token, life)


def _work_or_end_all(work: Callable[[], None]) -> None:
    try:
        work()
    except BaseException:  # what fails here nobody would notice
        traceback.print_exc()
        os.killpg(0, signal.SIGTERM)


def _serve(folder: Path, life: int, asked: Connection) -> None:
    now = _moment(life * LOOKS_A_LIFE)
    service = Service(folder, open_ledger(url_of(folder)), now)
    answer_requests(service, asked, partial(say, folder, "up", str(life)))


def _score(folder: Path, numbers: Iterator[int]) -> None:
    ledger = open_ledger(url_of(folder))
    for number in numbers:
        given = (ledger, _batch(number), _cases(number))
        write = partial(write_batch, *given, clock=clock, chunk_rows=CHUNK_ROWS)
        written = until_available(write)
        say(folder, "batch", written.batch)
    ledger.close()


def _show(folder: Path, token: str, life: int) -> None:
    ledger = open_ledger(url_of(folder))
    service = Service(folder, ledger)
    app = service.app()
    service.app = lambda: app  # type: ignore[method-assign]
    address = f"/v1/people/{service.person('p05')}/scores/care"
    for number in range(life * LOOKS_A_LIFE, (life + 1) * LOOKS_A_LIFE):
        service.now = _moment(number)
        answer = service.get(address, token=token)
        if answer.status_code == UNAVAILABLE:
            continue
        assert answer.status_code == 200, answer.text
        say(folder, "view", str(number))
        if number % LOOKS_A_PROMOTION == 0:
            promoted = bundle(version=number + 100)
            until_available(partial(promote, ledger, promoted, by="Analyst", at=NOW))
            say(folder, "promotion", promoted.sha256)


def _batch(number: int) -> Batch:
    # Of another score than the one that is looked at.
    return replace(batch_of(PROMOTED), score="crash", snapshot=f"crash-{number}")


def _cases(number: int) -> CaseRows:
    # Each batch's people are others, so that no row passes for another's.
    people = {f"{name}-{number}": values for name, values in PEOPLE.items()}
    return CaseRows(score_cohort(PROMOTED, cohort(people), on=TODAY))


def _moment(number: int) -> dt.datetime:
    return NOW + dt.timedelta(milliseconds=number)


def _unfinished(ledger: Ledger) -> int:
    query = sa.select(sa.func.count()).where(batches.c.finished.is_(None))
    with ledger.reading() as connection:
        return connection.execute(query).scalar_one()


def _score_to_the_end(folder: Path) -> None:
    """Go on as the next life would, with what was begun and one more."""
    done = len(said_of(folder, "batch"))
    _score(folder, iter(range(done, done + 2)))


def _judge(
    folder: Path, ledger: Ledger, client: Client, lives: tuple[int, int]
) -> Outcome:
    said = {kind: said_of(folder, kind) for kind in ("batch", "view", "promotion")}
    with ledger.reading() as connection:
        looks = sa.select(views.c.at).where(views.c.action == "score")
        shown = Counter(connection.execute(looks).scalars())
        promoted = Counter(connection.execute(sa.select(promotions.c.bundle)).scalars())
        whole = Counter(
            number
            for number, name in enumerate(dict.fromkeys(said["batch"]))
            if name == _batch(number).id and _is_whole(connection, number)
        )
        rows = connection.execute(
            sa.select(sa.func.count())
            .select_from(scores.join(batches))
            .where(batches.c.score == "crash")
        ).scalar_one()
    lost = sum(_moment(int(number)) not in shown for number in said["view"])
    lost += sum(sha256 not in promoted for sha256 in said["promotion"])
    lost += len(set(said["batch"])) - len(whole)
    doubled = (
        sum(n - 1 for n in shown.values()) + sum(promoted.values()) - len(promoted)
    )
    doubled += max(rows - len(PEOPLE) * len(set(said["batch"])), 0)
    written = judge_writes(ledger, {kind: said_numbers(folder, kind) for kind in KINDS})
    return Outcome(
        kills=lives[0],
        batches=len(set(said["batch"])),
        views=len(said["view"]),
        promotions=len(said["promotion"]),
        writes=client.answered,
        cut_short=lives[1],
        sent_again=client.sent_again,
        found_done=client.found_done,
        lost=lost + written.lost,
        doubled=doubled + written.doubled,
        unrecorded=written.unrecorded,
        answered_otherwise=client.answered_otherwise,
        broken=len(check_audit(ledger, audit_files(folder)).faults),
    )


def _is_whole(connection: sa.Connection, number: int) -> bool:
    """Say whether a batch is finished and its rows are those that it is to have."""
    batch = _batch(number)
    finished = sa.select(batches.c.finished).where(batches.c.id == batch.id)
    query = (
        sa.select(scores.c.number, scores.c.entity_id, scores.c.case_file)
        .where(scores.c.batch == batch.id)
        .order_by(scores.c.number)
    )
    expected = [
        (place, row.entity_id, row.given.case_file.model_dump_json())
        for place, row in enumerate(_cases(number).rows)
    ]
    found = [tuple(row) for row in connection.execute(query)]
    return connection.execute(finished).scalar() is not None and found == expected
