"""Limits: what is too large, too slow or too much at once is answered at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import fault
from serving.metrics import METRICS


log = logging.getLogger(__name__)


class BodyLimits:
    """Takes the whole body in before the application sees the request.

    The server has a deadline for headers and none for a body, and the framework would
    turn a refusal half-way through a body into a fault of its own.

    Args:
        app: What answers.
        limit_bytes: A longer body is answered with 413.
        deadline_seconds: A body that takes longer is answered with 408.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, deadline_seconds: float
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose body is whole and within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._deadline_seconds):
                body = await self._body(scope, receive)
        except TimeoutError:
            await fault(Request(scope), 408)(scope, receive, send)
            return
        except _TooLarge:
            await fault(Request(scope), 413)(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, replay(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body; None if the client went away."""
        self._check(_declared_length(scope))
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            self._check(len(body))
            if not message.get("more_body", False):
                return bytes(body)

    def _check(self, length: int) -> None:
        if length > self._limit_bytes:
            raise _TooLarge


class Crowd:
    """Lets so many requests in at a time; one more is told to come again.

    Whoever waits in a queue that grows gives up before it is their turn, and what is
    done for them is lost. It stands within `BodyLimits`, so that a client that sends
    slowly takes nobody's place.

    Args:
        app: What answers.
        most: So many requests are answered at once, the rest with 503.
        always: Paths that are answered in any case, so that a supervisor does not take
            a service that is busy for one that is dead.
    """

    def __init__(self, app: ASGIApp, *, most: int, always: frozenset[str]) -> None:
        self._app = app
        self._most = most
        self._always = always
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if there is room."""
        if scope["type"] != "http" or scope["path"] in self._always:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            METRICS.turned_away.inc()
            await fault(Request(scope), 503)(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


class Patience:
    """Answers 503 in the end where nothing else is answered.

    A database that has hung says nothing, not even that it failed, and whoever asked it
    cannot be called back. They are left to it: what they answer then is not sent. It
    stands around `Crowd`, so that whoever still waits keeps their place there.

    Args:
        app: What answers.
        longest_seconds: How long an answer may take to begin.
    """

    def __init__(self, app: ASGIApp, *, longest_seconds: float) -> None:
        self._app = app
        self._longest_seconds = longest_seconds
        # The loop itself would forget who is left.
        self._left: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer it if nobody else does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = is_over = False

        async def send_in_time(message: Message) -> None:
            nonlocal has_begun
            if not is_over:
                has_begun = True
                await send(message)

        task = asyncio.create_task(_told(self._app(scope, receive, send_in_time)))
        await asyncio.wait({task}, timeout=self._longest_seconds)
        if task.done() or has_begun:
            await task
            return
        is_over = True
        self._leave(task)
        await fault(Request(scope), 503)(scope, receive, send)

    def _leave(self, task: asyncio.Task[None]) -> None:
        log.error("an answer took too long")
        METRICS.unavailable.inc()
        self._left.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        # Asked for, or the loop would write the error's words into the log.
        if not task.cancelled() and (error := task.exception()):
            log.error("what took too long failed: %s", type(error).__name__)


async def _told(answering: Awaitable[None]) -> None:
    await answering


class _TooLarge(Exception):
    """The body is longer than the limit, or says that it will be."""


def _declared_length(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    # The first digits of a longer number are too many already.
    return int(text[:18]) if text.isdigit() else 0


def replay(body: bytes, receive: Receive) -> Receive:
    """Return what hands a whole body on that was read already."""
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replayed() -> Message:
        nonlocal first
        if first is None:
            return await receive()
        message, first = first, None
        return message

    return replayed
