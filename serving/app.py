"""The service: an application over one ledger."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from features.faults import Fault, Refusal
from features.forgetting.tombstones import folder_in, read_tombstones
from models.audit.audit import MOST_UNANCHORED_SECONDS, Audit
from models.audit.files import AuditFiles
from models.ledger.forgetting import unreplayed
from models.ledger.ledger import LedgerUnavailable, connect_ledger
from models.settings import OpenIdSettings
from serving.access.entrance import Entrance
from serving.access.machine_tokens import TokenRules
from serving.access.opaque_ids import OpaqueIds
from serving.access.open_id import OpenIdProvider
from serving.access.service_keys import KeyFiles, PublicKeys, derived, service_key
from serving.api.document import DocumentedApp
from serving.api.leading import leading
from serving.api.people import people
from serving.api.rights import rights
from serving.api.scores import health, scores
from serving.api.work import work
from serving.desk.desk import Desk
from serving.errors import Guard, answer_errors
from serving.gate import FormGuard, Gate
from serving.limits import BodyLimits, Crowd, Patience
from serving.logs import Watch
from serving.metrics_door import MetricsDoor
from serving.pages.routers import PAGES
from serving.plain_text import PlainText


log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

# Half of what is promised, so that one that fails can be made up for.
ANCHOR_EVERY_SECONDS = MOST_UNANCHORED_SECONDS / 2

# These say only "ok" or "not ok", and must say it in any case.
_FOR_SUPERVISORS = frozenset({"/healthz", "/readyz"})


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
        key_files: The service's keys; None looks beside the audit's key.
        audience: What a token for machines must say that it is for.
        insecure_cookies: Cookies go over http as well; only for one's own machine.
        public_address: How browsers reach the service, such as
            `https://lamppost.example`; OpenID sends them back there.
        open_id: The OpenID provider; None lets people in by local passwords.
        metrics_token_file: Who holds its token is shown /metrics; None shows nobody.
        most_at_once: One more request at a time is told to come again.
        longest_answer_seconds: What takes longer is answered with 503.
    """

    ledger_url: str
    audit_files: AuditFiles
    today: dt.date | None = None
    body_limit_bytes: int = 64 * 1024
    body_deadline_seconds: float = 5.0
    busy_timeout_ms: int = 2_000
    key_files: KeyFiles | None = None
    audience: str = "lamppost"
    insecure_cookies: bool = False
    public_address: str | None = None
    open_id: OpenIdSettings | None = None
    metrics_token_file: Path | None = None
    most_at_once: int = 32
    longest_answer_seconds: float = 10.0

    @property
    def keys(self) -> KeyFiles:
        """Where the service's keys are."""
        beside = self.audit_files.key_file.parent
        return self.key_files or KeyFiles.in_folder(beside)


def utc_now() -> dt.datetime:
    """Return the time in UTC."""
    return dt.datetime.now(dt.UTC)


def create_app(settings: ServiceSettings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application.

    The ledger need not be there yet: until it is, of this version, and knows of every
    purge that is written down beside its anchors, every answer is 503. No table is
    ever made or changed here.

    Args:
        settings: Which ledger, and the limits.
        clock: The time in UTC.

    Raises:
        Refusal: The ledger is not that of its audit's key and anchors, or a key of the
            service or a tombstone cannot be read.
    """
    key = service_key(settings.keys.service)
    audit = _open_audit(settings)
    entrance = _entrance(settings, audit, key, clock)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with anchoring(audit, clock):
            yield
        audit.ledger.close()

    app = DocumentedApp(
        title="Lamppost",
        version="1",
        description="Open risk scores: whom you may look at, what is known of them, "
        "what a score says and why, and what was done. Every look is on record.",
        lifespan=lifespan,
        redirect_slashes=False,
        # To holders of a token. A page of it would fetch its program from elsewhere.
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    ids = OpaqueIds(derived(key, "opaque ids"))
    app.state.desk = Desk(audit, clock, ids, settings.today)
    app.state.entrance = entrance
    for router in (people, scores, leading, work, rights, health, *PAGES):
        app.include_router(router)
    answer_errors(app)
    _guard(app, settings, entrance)
    return app


def _open_audit(settings: ServiceSettings) -> Audit:
    """Connect to the ledger; until it knows of every purge it is not available."""
    seals = read_tombstones(folder_in(settings.audit_files.anchors)).keys()
    ledger = connect_ledger(
        settings.ledger_url,
        busy_timeout_ms=settings.busy_timeout_ms,
        fault_in=partial(unreplayed, seals=seals),
    )
    audit = Audit(ledger, settings.audit_files)
    try:
        audit.open()
    except LedgerUnavailable:
        pass  # it may come later
    except Refusal:
        ledger.close()
        raise
    return audit


def _entrance(
    settings: ServiceSettings, audit: Audit, key: bytes, clock: Clock
) -> Entrance:
    keys = PublicKeys(settings.keys.tokens_public)
    open_id = settings.open_id
    return Entrance(
        audit,
        clock,
        derived(key, "forms"),
        TokenRules(settings.audience, keys),
        is_secure=not settings.insecure_cookies,
        public_address=settings.public_address,
        provider=_provider(settings),
        takes_passwords=open_id is None or open_id.keeps_passwords,
        today=settings.today,
    )


def _provider(settings: ServiceSettings) -> OpenIdProvider | None:
    if settings.open_id is None:
        return None
    if settings.public_address is None:
        what, do = "OpenID sends browsers back to the service", "set it"
        raise Refusal([Fault("LAMPPOST_PUBLIC_ADDRESS", what, "nothing", do)])
    return OpenIdProvider(settings.open_id, settings.public_address)


def _guard(app: FastAPI, settings: ServiceSettings, entrance: Entrance) -> None:
    """Put the guards around the application: the last is the first that is met."""
    app.add_middleware(PlainText)
    app.add_middleware(FormGuard, entrance=entrance)
    app.add_middleware(Gate, entrance=entrance)
    # Before the gate, which looks into the ledger: what is too much must cost nothing.
    # Behind the limits of bodies, so that who sends slowly takes nobody's place.
    app.add_middleware(Crowd, most=settings.most_at_once, always=_FOR_SUPERVISORS)
    app.add_middleware(Patience, longest_seconds=settings.longest_answer_seconds)
    app.add_middleware(
        BodyLimits,
        limit_bytes=settings.body_limit_bytes,
        deadline_seconds=settings.body_deadline_seconds,
    )
    app.add_middleware(MetricsDoor, token_file=settings.metrics_token_file)
    app.add_middleware(Guard)
    app.add_middleware(Watch)


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
