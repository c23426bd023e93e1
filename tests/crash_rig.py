"""A process group that scores, shows and promotes, killed again and again.

What it has been told is done it writes down in a file of its own, outside the ledger.
Afterwards the ledger is held against that: nothing of it may be lost or be there twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from models.audit.check import check_audit
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.ledger import Ledger, open_ledger
from models.ledger.promotions import promote
from models.ledger.tables import batches, promotions, scores, views
from serving.scoring import score_cohort
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
# A life ends so many acknowledgements after both are at work, and a little later.
MOST_DONE_A_LIFE = 8
MOST_SECONDS_MORE = 0.05
PROCESSES = 2

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.crash_rig", "psycopg"])


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged in all lives together, and what became of it.

    Attributes:
        kills: How often the group was killed.
        cut_short: How many batches a later life had to go on with.
        lost: Acknowledged, and not in the ledger as it was acknowledged.
        doubled: In the ledger more than once.
        broken: Faults of the record of looking, derived anew from its first row.
    """

    kills: int
    batches: int
    views: int
    promotions: int
    cut_short: int
    lost: int
    doubled: int
    broken: int


def crash(folder: Path, *, kills: int, seed: int) -> Outcome:
    """Let a process group live so many times, kill it, and judge what it left.

    Args:
        folder: Where its ledger is, or is named.
        kills: How often.
        seed: The same lives have the same lengths.
    """
    ledger = people_ledger(folder, PROMOTED)
    token = Service(folder, ledger).token()
    draw = random.Random(seed)
    cut_short = 0
    for life in range(kills):
        done = PROCESSES + draw.randrange(MOST_DONE_A_LIFE)
        _live(folder, token, life, done, draw.uniform(0, MOST_SECONDS_MORE))
        cut_short += _unfinished(ledger)
    _score_to_the_end(folder)
    return _judge(folder, ledger, kills, cut_short)


def _live(folder: Path, token: str, life: int, done: int, seconds: float) -> None:
    before = _lines(folder)
    process = _forking.Process(target=_work, args=(folder, token, life))
    process.start()
    assert process.pid is not None
    while _lines(folder) < before + done:
        assert process.is_alive(), "it is to be killed, not to fail"
        time.sleep(0.001)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _work(folder: Path, token: str, life: int) -> None:
    """Two processes of one group: one scores, the other shows and promotes."""
    os.setpgid(0, 0)
    _say(folder, "born", str(life))
    if os.fork() == 0:
        _say(folder, "born", str(life))
        _score(folder, itertools.count(len(_said(folder, "batch"))))
    else:
        _show(folder, token, life)


def _score(folder: Path, numbers: Iterator[int]) -> None:
    ledger = open_ledger(url_of(folder))
    for number in numbers:
        written = write_batch(
            ledger, _batch(number), _cases(number), clock=clock, chunk_rows=CHUNK_ROWS
        )
        _say(folder, "batch", written.batch)
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
        assert answer.status_code == 200, answer.text
        _say(folder, "view", str(number))
        if number % LOOKS_A_PROMOTION == 0:
            promoted = bundle(version=number + 100)
            promote(ledger, promoted, by="Analyst", at=NOW)
            _say(folder, "promotion", promoted.sha256)


def _batch(number: int) -> Batch:
    # Of another score than the one that is looked at.
    return replace(batch_of(PROMOTED), score="crash", snapshot=f"crash-{number}")


def _cases(number: int) -> CaseRows:
    # Each batch's people are others, so that no row passes for another's.
    people = {f"{name}-{number}": values for name, values in PEOPLE.items()}
    return CaseRows(score_cohort(PROMOTED, cohort(people), on=TODAY))


def _moment(number: int) -> dt.datetime:
    return NOW + dt.timedelta(milliseconds=number)


def _say(folder: Path, kind: str, what: str) -> None:
    """Write down that something is done; what is written outlives who wrote it."""
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(said, f"{kind} {what}\n".encode())
    os.close(said)


def _lines(folder: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return (folder / "said").read_bytes().count(b"\n")
    return 0


def _said(folder: Path, kind: str) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        lines = (folder / "said").read_text().splitlines()
        return [
            what for said, _, what in (x.partition(" ") for x in lines) if said == kind
        ]
    return []


def _unfinished(ledger: Ledger) -> int:
    query = sa.select(sa.func.count()).where(batches.c.finished.is_(None))
    with ledger.reading() as connection:
        return connection.execute(query).scalar_one()


def _score_to_the_end(folder: Path) -> None:
    """Go on as the next life would, with what was begun and one more."""
    done = len(_said(folder, "batch"))
    _score(folder, iter(range(done, done + 2)))


def _judge(folder: Path, ledger: Ledger, kills: int, cut_short: int) -> Outcome:
    said = {kind: _said(folder, kind) for kind in ("batch", "view", "promotion")}
    with ledger.reading() as connection:
        shown = Counter(connection.execute(sa.select(views.c.at)).scalars())
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
    counts = (len(set(said["batch"])), len(said["view"]), len(said["promotion"]))
    broken = len(check_audit(ledger, audit_files(folder)).faults)
    return Outcome(kills, *counts, cut_short, lost, doubled, broken)


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
