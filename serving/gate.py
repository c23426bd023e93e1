"""The gate: who is let in, and that a form was sent from one of our own pages.

Both are decided before a route is looked up, so that a route that is added later is
guarded without anyone having thought of it.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from models.ledger.ledger import LedgerUnavailable
from serving.access.entrance import Entrance
from serving.access.machine_tokens import caller_of
from serving.access.roles import Caller
from serving.access.sessions import Session, find_session
from serving.errors import fault, problem
from serving.limits import replay
from serving.metrics import METRICS
from serving.pages.assets_served import STATIC_PATH
from serving.pages.frames import frame_of
from serving.pages.open_pages import OPEN_PAGES
from serving.plain_text import FORM


log = logging.getLogger(__name__)

SIGN_IN = "/sign-in"

# All that is open to everyone; what these show is about nobody.
OPEN_PATHS = OPEN_PAGES | {"/healthz", "/readyz", SIGN_IN}
_OPEN_BELOW = (STATIC_PATH, "/oidc/")

# These take tokens for machines only, and all others sessions only.
_FOR_PROGRAMS = frozenset({"/v1", "/metrics", "/docs", "/openapi.json"})
_FOR_PROGRAMS_BELOW = ("/v1/", "/docs/")

_CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_NEXT = 500
_MOST_FIELDS = 200


def is_open(path: str) -> bool:
    """Say whether anyone may ask for a path."""
    return path in OPEN_PATHS or path.startswith(_OPEN_BELOW)


def is_for_programs(path: str) -> bool:
    """Say whether a path takes tokens for machines, and no session."""
    return path in _FOR_PROGRAMS or path.startswith(_FOR_PROGRAMS_BELOW)


def local_path(text: str) -> str:
    """Return where to go after signing in: a path of this service, else its start.

    >>> local_path("/people/abc?sort=band")
    '/people/abc?sort=band'
    >>> local_path("//elsewhere.example"), local_path("https://elsewhere.example/")
    ('/', '/')
    """
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    is_plain = text.isascii() and text.isprintable() and not set(text) & set("\\ #")
    if not is_path or not is_plain or len(text) > _LONGEST_NEXT:
        return "/"
    return text


class Gate:
    """Lets in who holds a session or a token, before a path is looked up.

    `request.state.caller` is then the `Caller`, as the ledger has it at this moment;
    for a page `request.state.session` is the `Session` and `request.state.frame` what
    stands around it.

    Args:
        app: What answers those who are let in.
        entrance: How callers get in.
    """

    def __init__(self, app: ASGIApp, *, entrance: Entrance) -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with its caller in the state, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            refusal = await self._let_in(scope)
        except LedgerUnavailable as error:
            log.error("nobody can be let in: %s", error)
            METRICS.unavailable.inc()
            refusal = fault(Request(scope), 503)
        await (refusal or self._app)(scope, receive, send)

    async def _let_in(self, scope: Scope) -> Response | None:
        """Put the caller into the state; an answer if nobody is let in."""
        path: str = scope["path"]
        state = scope.setdefault("state", {})
        if is_open(path):
            return None
        if is_for_programs(path):
            caller = await run_in_threadpool(self._holder, Headers(scope=scope))
            state["caller"] = caller
            return None if caller else problem(401)
        session = await run_in_threadpool(self._session, Request(scope).cookies)
        if session is None:
            return RedirectResponse(_sign_in_address(scope), 303)
        state["caller"], state["session"] = session.caller, session
        frame = partial(frame_of, today=self._entrance.other_day)
        ledger = self._entrance.audit.ledger
        state["frame"] = await run_in_threadpool(frame, ledger, session, path)
        return None

    def _session(self, cookies: Mapping[str, str]) -> Session | None:
        entrance = self._entrance
        token = cookies.get(entrance.session_cookie, "")
        ledger = entrance.audit.ledger
        return find_session(ledger, token, entrance.key, entrance.clock())

    def _holder(self, headers: Headers) -> Caller | None:
        given = headers.getlist("authorization")
        scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        entrance = self._entrance
        ledger = entrance.audit.ledger
        return caller_of(ledger, entrance.rules, token, at=entrance.clock())


class FormGuard:
    """Takes a form only from a page of ours, shown to the same browser.

    Whatever changes something and is not for programs must bring back `csrf`: the
    session's, or at sign-in that of the browser before it.

    Args:
        app: What answers.
        entrance: What forms' tokens are made with.
    """

    def __init__(self, app: ASGIApp, *, entrance: Entrance) -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what changes nothing, or was sent by a page of ours; else 403."""
        is_guarded = scope["type"] == "http" and (
            scope["method"] not in _CHANGES_NOTHING
            and not is_for_programs(scope["path"])
        )
        if not is_guarded:
            await self._app(scope, receive, send)
            return
        # `BodyLimits` stands before this, and hands the body on in one piece.
        message = await receive()
        is_whole = not message.get("more_body", False)
        body: bytes = message.get("body", b"")
        if is_whole and self._is_ours(Request(scope), body):
            await self._app(scope, replay(body, receive), send)
        else:
            await fault(Request(scope), 403, **_NOT_OURS)(scope, receive, send)

    def _is_ours(self, request: Request, body: bytes) -> bool:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != FORM or not self._is_same_origin(request):
            return False
        session: Session | None = request.scope.get("state", {}).get("session")
        needed = session.csrf if session else self._entrance.form_token(request.cookies)
        given = _field(body, "csrf")
        return needed is not None and hmac.compare_digest(needed, given)

    def _is_same_origin(self, request: Request) -> bool:
        """Believe the browser, which says more of itself than a page can make it."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("origin")
        # Our pages send no referrer, so that older browsers say "null" of them too.
        if origin is None or origin == "null":
            return True
        return urlsplit(origin).netloc == self._own_host(request)

    def _own_host(self, request: Request) -> str | None:
        address = self._entrance.public_address
        return urlsplit(address).netloc if address else request.headers.get("host")


_NOT_OURS = {
    "sentence": "The form was too old, or was not sent from a page of ours. "
    "Nothing was changed.",
    "next_step": "Go back, load the page again, and send it once more.",
}


def _sign_in_address(scope: Scope) -> str:
    """Where to sign in, and to come back from if a page was asked for."""
    query = scope.get("query_string", b"").decode("latin-1")
    asked = scope["path"] + (f"?{query}" if query else "")
    if scope["method"] != "GET" or local_path(asked) == "/":
        return SIGN_IN
    return f"{SIGN_IN}?next={quote(asked, safe='/')}"


def _field(body: bytes, name: str) -> str:
    """Return a field of a form; nothing if it stands there more than once."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    found = fields.get(name, [])
    return found[0] if len(found) == 1 and found[0].isascii() else ""
