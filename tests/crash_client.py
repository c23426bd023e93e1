"""A client that writes to a service which is killed under it, and then asks again.

It lives on when the service does not. What it was answered it writes down; what it was
not it sends again under the same key, and now and then also what it was, as a client
does whose answer was lost on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

import httpx
import sqlalchemy as sa

from models.ledger.access_tables import accounts, worklist_people
from models.ledger.ledger import Ledger, LedgerUnavailable
from models.ledger.tables import views
from models.ledger.work_tables import decisions, opinions
from tests.serving.conftest import Service


T = TypeVar("T")
KINDS = ("decide", "opine", "allocate")
PERSON = "p05"
# A service that is not available now is asked again, as a client does.
UNAVAILABLE = 503


def until_available(write: Callable[[], T]) -> T:
    """Write, and again where others were writing for too long."""
    while True:
        with contextlib.suppress(LedgerUnavailable):
            return write()


class Request(NamedTuple):
    """A write as it is sent."""

    path: str
    token: str
    key: str
    body: dict[str, Any]


class Answer(NamedTuple):
    """What came back."""

    status: int
    is_replayed: bool
    content: Any


def answer_requests(
    service: Service, asked: Connection, when_up: Callable[[], None]
) -> None:
    """Answer one request after another, by one application, until it is killed."""

    async def answering(client: httpx.AsyncClient) -> None:
        when_up()
        while True:
            request = await asyncio.to_thread(asked.recv)
            asked.send(await _answered(client, request))

    service.talk(answering)


async def _answered(client: httpx.AsyncClient, request: Request) -> Answer:
    headers = {"Authorization": f"Bearer {request.token}"}
    headers["Idempotency-Key"] = request.key
    got = await client.post(request.path, headers=headers, json=request.body)
    return Answer(got.status_code, "idempotency-replayed" in got.headers, got.json())


class Client:
    """Writes decisions, opinions and allocations in turn, each with its number.

    Attributes:
        answered: How many; they are numbered from 0.
        sent_again: How often one was sent again whose answer never came.
        found_done: How many of these had been done before the service was killed.
        answered_otherwise: How many were answered in another way when sent again.
    """

    def __init__(self, service: Service, say: Callable[[str, str], None]) -> None:
        """Set up.

        Args:
            service: Whose accounts write.
            say: Writes down that something was answered: its kind and number.
        """
        self._tokens = {name: service.token(name) for name in ("ann", "mia")}
        self._person = service.person(PERSON)
        self._say = say
        self._is_sent = False
        self._last: Any = None
        self.answered = 0
        self.sent_again = 0
        self.found_done = 0
        self.answered_otherwise = 0

    def write_while_it_lives(self, service: Connection) -> None:
        """Write until the service is gone, first of all what it left unanswered."""
        with contextlib.suppress(EOFError, OSError):
            self._repeat_last(service)
            while True:
                self._write(service)

    def finish(self, service: Service) -> None:
        """Let what is unanswered be answered, by a service that is not killed."""
        request = self._request(self.answered)

        async def asked(client: httpx.AsyncClient) -> Answer:
            return await _answered(client, request)

        self._take(service.talk(asked))

    def _repeat_last(self, service: Connection) -> None:
        if self.answered:
            answer = _exchange(service, self._request(self.answered - 1))
            self.answered_otherwise += answer.content != self._last

    def _write(self, service: Connection) -> None:
        request = self._request(self.answered)
        was_sent, self._is_sent = self._is_sent, True
        self.sent_again += was_sent
        self._take(_exchange(service, request))

    def _take(self, answer: Answer) -> None:
        assert answer.status == 200, answer.content
        self._say(KINDS[self.answered % len(KINDS)], str(self.answered))
        self.found_done += answer.is_replayed
        self._last = answer.content
        self._is_sent = False
        self.answered += 1

    def _request(self, number: int) -> Request:
        who, path, body = _ask(number, self._person)
        return Request(f"/v1/{path}", self._tokens[who], f"crash-{number:06}", body)


def _exchange(service: Connection, request: Request) -> Answer:
    answer = Answer(UNAVAILABLE, False, None)
    while answer.status == UNAVAILABLE:
        service.send(request)
        answer = service.recv()
    return answer


def _ask(number: int, person: str) -> tuple[str, str, dict[str, Any]]:
    """Return who asks, where and for what; the number is in it."""
    kind = KINDS[number % len(KINDS)]
    if kind == "allocate":
        return "mia", "worklists/1/allocations", {"number": 1, "account": _to(number)}
    about = f"people/{person}"
    if kind == "decide":
        done = {"score": "care", "kind": "visited", "what": str(number)}
        return "ann", f"{about}/decisions", done
    knows = {"kind": "I know something it does not", "text": str(number)}
    return "ann", f"{about}/opinions", {"score": "care", **knows}


def _to(number: int) -> str | None:
    # Turn by turn, so that one that is lost or there twice shows.
    return "ann" if number // len(KINDS) % 2 else None


@dataclass(frozen=True)
class Writes:
    """What became of what was written.

    Attributes:
        lost: Answered, and not in the ledger.
        doubled: In the ledger more than once.
        unrecorded: Done without a row in the record of looking, or the other way round.
    """

    lost: int
    doubled: int
    unrecorded: int


def judge_writes(ledger: Ledger, said: dict[str, Collection[int]]) -> Writes:
    """Hold the ledger against what was answered: the numbers, by kind."""
    with ledger.reading() as connection:
        parts = [
            _judge_rows(connection, decisions.c.what, "decide", said["decide"]),
            _judge_rows(connection, opinions.c.text, "opine", said["opine"]),
            _judge_allocations(connection, sorted(said["allocate"])),
        ]
    return Writes(*map(sum, zip(*(vars(part).values() for part in parts), strict=True)))


def _judge_rows(
    connection: sa.Connection,
    column: sa.ColumnElement[Any],
    action: str,
    said: Collection[int],
) -> Writes:
    assert isinstance(column, sa.Column)
    rows = connection.execute(sa.select(column, column.table.c.at)).all()
    found = Counter(int(number) for number, _ in rows)
    done: Counter[dt.datetime] = Counter(at for _, at in rows)
    looked = Counter(at for at, _ in _looks(connection, action))
    unrecorded = ((done - looked) + (looked - done)).total()
    return Writes(len(set(said) - set(found)), found.total() - len(found), unrecorded)


def _judge_allocations(connection: sa.Connection, said: list[int]) -> Writes:
    """Hold the record of who was given to whom against what was asked for, in order."""
    expected = [_to(number) or "nobody" for number in said]
    found = [detail["to"] for _, detail in _looks(connection, "allocate")]
    many = len(found) - len(expected)
    now = (
        sa.select(accounts.c.name)
        .select_from(worklist_people.outerjoin(accounts))
        .where(worklist_people.c.worklist == 1, worklist_people.c.number == 1)
    )
    has = connection.execute(now).scalar_one() or "nobody"
    is_other = found[: len(expected)] != expected[: len(found)] or has != found[-1]
    return Writes(max(-many, 0), max(many, 0), int(is_other))


def _looks(connection: sa.Connection, action: str) -> list[tuple[dt.datetime, Any]]:
    """Return when something was done, and its detail; not when it was but repeated."""
    query = (
        sa.select(views.c.at, views.c.detail)
        .where(views.c.action == action, views.c.outcome == "shown")
        .order_by(views.c.id)
    )
    looks = [(at, json.loads(detail)) for at, detail in connection.execute(query)]
    return [(at, detail) for at, detail in looks if "repeated" not in detail]
