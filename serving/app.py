"""The service: an application over one ledger."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from features.faults import Refusal
from models.audit.audit import MOST_UNANCHORED_SECONDS, Audit
from models.audit.files import AuditFiles
from models.ledger.ledger import Ledger, LedgerUnavailable, connect_ledger
from serving.access.machine_tokens import caller_of
from serving.access.roles import Caller
from serving.api.people import people
from serving.api.scores import health, scores
from serving.desk.desk import Desk
from serving.errors import Guard, answer_errors, problem
from serving.limits import BodyLimits


log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

# Half of what is promised, so that one that fails can be made up for.
ANCHOR_EVERY_SECONDS = MOST_UNANCHORED_SECONDS / 2

# These say only "ok" or "not ok", so that a supervisor needs no token.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True)
class ServiceSettings:
    """All that the service needs to know; it reads no environment and no place.

    Attributes:
        ledger_url: SQLAlchemy's address of the ledger.
        audit_files: Where the audit's key and anchors are.
        today: The day on which approvals and freshness are judged; None takes the real
            one. Only for showing data of the past, as a demonstration does.
        body_limit_bytes: A longer request body is refused.
        body_deadline_seconds: A body that takes longer to arrive is refused.
        busy_timeout_ms: How long a look waits for another writer of a SQLite ledger.
        docs: Serve /docs and /openapi.json, to holders of a token.
    """

    ledger_url: str
    audit_files: AuditFiles
    today: dt.date | None = None
    body_limit_bytes: int = 64 * 1024
    body_deadline_seconds: float = 5.0
    busy_timeout_ms: int = 2_000
    docs: bool = False


def utc_now() -> dt.datetime:
    """Return the time in UTC."""
    return dt.datetime.now(dt.UTC)


def create_app(settings: ServiceSettings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application.

    The ledger need not be there yet: until it is, and of this version, every answer is
    503. No table is ever made or changed here.

    Args:
        settings: Which ledger, and the limits.
        clock: The time in UTC.

    Raises:
        Refusal: The ledger is not that of its audit's key and anchors.
    """
    ledger = connect_ledger(
        settings.ledger_url, busy_timeout_ms=settings.busy_timeout_ms
    )
    audit = Audit(ledger, settings.audit_files)
    try:
        audit.open()
    except LedgerUnavailable:
        pass  # it may come later
    except Refusal:
        ledger.close()
        raise

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with anchoring(audit, clock):
            yield
        ledger.close()

    app = FastAPI(
        title="Lamppost",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url="/openapi.json" if settings.docs else None,
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
    )
    app.state.desk = Desk(audit, clock, settings.today)
    app.include_router(v1)
    app.include_router(health)
    answer_errors(app)
    # The last that is added is the first that a request meets.
    app.add_middleware(
        BodyLimits,
        limit_bytes=settings.body_limit_bytes,
        deadline_seconds=settings.body_deadline_seconds,
    )
    app.add_middleware(TokenGate, ledger=ledger, clock=clock)
    app.add_middleware(Guard)
    return app


@contextlib.contextmanager
def anchoring(audit: Audit, clock: Clock) -> Iterator[None]:
    """Anchor what is new now, every so often meanwhile, and once more at the end."""
    ended = threading.Event()

    def keep_anchored() -> None:
        _anchor(audit, clock)
        while not ended.wait(ANCHOR_EVERY_SECONDS):
            _anchor(audit, clock)
        _anchor(audit, clock)

    thread = threading.Thread(target=keep_anchored)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _anchor(audit: Audit, clock: Clock) -> None:
    """An anchor that fails is tried again, at the latest by a look that needs it."""
    try:
        audit.anchor(at=clock())
    except (LedgerUnavailable, Refusal) as error:
        log.error("the audit could not be anchored: %s", error)


class TokenGate:
    """Lets in who holds a token, before a path is looked up or a body is read.

    A route that is added later needs a token without anyone having thought of it.

    Args:
        app: What answers those who are let in.
        ledger: Where the tokens' hashes are.
        clock: The time in UTC.
    """

    def __init__(self, app: ASGIApp, *, ledger: Ledger, clock: Clock) -> None:
        self._app = app
        self._ledger = ledger
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with its caller in the state, or answer 401."""
        if scope["type"] == "lifespan" or scope.get("path") in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            caller = await run_in_threadpool(self._caller, Headers(scope=scope))
        except LedgerUnavailable as error:
            log.error("no token can be looked up: %s", error)
            await problem(503)(scope, receive, send)
            return
        if caller is None:
            await problem(401)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    def _caller(self, headers: Headers) -> Caller | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return caller_of(self._ledger, token.strip(), at=self._clock())
