"""Load: how many answers a second, and how long each takes, over plain sockets.

The clients cost little, so that what is measured is the server: a request is written as
it stands, and of an answer only status and length are read.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


NO_ANSWER = 0
_ANSWER_WITHIN_SECONDS = 10.0


@dataclass(frozen=True)
class Target:
    """Where requests go.

    Attributes:
        port: Of this machine.
        requests: Whole requests, head and body, sent in turn.
    """

    port: int
    requests: Sequence[bytes]


@dataclass
class Seen:
    """What came back.

    Attributes:
        statuses: How often each; 0 where nothing came.
        milliseconds: How long each answer took, from when its request was due.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def a_second(self) -> float:
        """Answers with status 200 a second."""
        return self.statuses[200] / self.seconds

    def quantile(self, share: float) -> float:
        """Return the milliseconds within which this share was answered."""
        ordered = sorted(self.milliseconds)
        return ordered[min(math.ceil(share * len(ordered)), len(ordered)) - 1]

    @property
    def errors(self) -> int:
        """How many were not answered with 200."""
        return sum(self.statuses.values()) - self.statuses[200]

    def add(self, status: int, milliseconds: float) -> None:
        """Take in an answer."""
        self.statuses[status] += 1
        self.milliseconds.append(milliseconds)


def get(path: str, **headers: str) -> bytes:
    """Return a GET as it is sent; headers' names with `_` for `-`."""
    return _request("GET", path, b"", headers)


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Return a POST of JSON as it is sent."""
    length = {"content_type": "application/json", "content_length": str(len(body))}
    return _request("POST", path, body, headers | length)


def _request(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    named = {"host": "127.0.0.1"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def as_fast_as_it_goes(target: Target, *, connections: int, seconds: float) -> Seen:
    """Ask on so many connections, each the next as soon as the last was answered."""
    return asyncio.run(_closed(target, connections, seconds))


def at_a_rate(target: Target, *, a_second: float, seconds: float) -> Seen:
    """Ask so often a second, whether or not the last was answered yet.

    Each takes a connection that is free, or a new one. What waits for its turn because
    the server is slow counts as waiting: the clock starts when the request was due.
    """
    return asyncio.run(_open(target, a_second, seconds))


async def _closed(target: Target, connections: int, seconds: float) -> Seen:
    seen, started = Seen(), time.perf_counter()

    async def ask_on_and_on(number: int) -> None:
        line = _Line(target.port)
        turn = number
        while time.perf_counter() < started + seconds:
            began = time.perf_counter()
            status = await line.ask(target.requests[turn % len(target.requests)])
            seen.add(status, 1e3 * (time.perf_counter() - began))
            turn += connections
        line.close()

    await asyncio.gather(*map(ask_on_and_on, range(connections)))
    seen.seconds = time.perf_counter() - started
    return seen


async def _open(target: Target, a_second: float, seconds: float) -> Seen:
    seen, started = Seen(), time.perf_counter()
    free: list[_Line] = []

    async def ask(request: bytes, due: float) -> None:
        line = free.pop() if free else _Line(target.port)
        status = await line.ask(request)
        seen.add(status, 1e3 * (time.perf_counter() - due))
        free.append(line)

    await _in_time(int(a_second * seconds), a_second, started, target.requests, ask)
    seen.seconds = time.perf_counter() - started
    for line in free:
        line.close()
    return seen


async def _in_time(
    count: int,
    a_second: float,
    started: float,
    requests: Sequence[bytes],
    ask: Callable[[bytes, float], Awaitable[None]],
) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            due = started + number / a_second
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(_as_task(ask(requests[number % len(requests)], due)))


async def _as_task(asked: Awaitable[None]) -> None:
    await asked


class _Line:
    """A connection, opened when first needed and anew when the server ended it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Return the status of the answer; 0 if there is none."""
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
                return await self._asked(request)
        except (OSError, EOFError, TimeoutError):
            self.close()
            return NO_ANSWER

    async def _asked(self, request: bytes) -> int:
        was_open = self._streams is not None
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        try:
            return await self._answer(reader)
        except (OSError, EOFError):
            if not was_open:
                raise
            # The server may end a connection that was idle, just as it is used again.
            self.close()
            return await self._asked(request)

    async def _answer(self, reader: asyncio.StreamReader) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"content-length:")
        await reader.readexactly(int(length.partition(b"\r\n")[0] or b"0"))
        if b"connection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
