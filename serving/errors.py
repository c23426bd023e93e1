"""Errors: the one place that turns what went wrong into an answer (RFC 9457)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Set
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from features.faults import Misuse, Refusal
from models.ledger.ledger import LedgerUnavailable
from serving.audit import Absent, Forbidden, NotGiven, TooMany, Unseen
from serving.desk.once import KeyUsed, Repeated
from serving.desk.own_view import OwnViewFirst
from serving.metrics import METRICS
from serving.pages.error_pages import error_page, wants_page


log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2

# No answer of this service may be kept, framed, guessed at or sent on as a referrer.
SAFE_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

TITLES = {
    400: "The request cannot be read",
    401: "A valid token is needed",
    403: "This token may not do that",
    404: "There is nothing here for you",
    405: "This address takes another method",
    408: "The request took too long",
    409: "No score is given",
    413: "The request is too large",
    422: "The request does not fit",
    429: "Too much in a short time",
    500: "The service failed",
    503: "The service cannot answer now",
}
_EXTRA: Mapping[int, Mapping[str, str]] = {
    401: {"www-authenticate": "Bearer"},
    # What is left of the request is not waited for.
    408: {"connection": "close"},
    413: {"connection": "close"},
    503: {"retry-after": str(RETRY_AFTER_SECONDS)},
}
_VIEW_FIRST = {
    "sentence": "Here your own view comes first: the score is shown once it is kept.",
    "next_step": "Open the score's page and say what you think; or send an opinion "
    "of the kind `view first`.",
}
_BAD_QUERY = {
    "sentence": "What stands after the question mark in the address does not fit this "
    "page.",
    "next_step": "Take it away and open the page again, or come by a link.",
}
_STATUS: Mapping[type[Unseen], int] = {
    Absent: 404,
    Forbidden: 403,
    NotGiven: 409,
    TooMany: 429,
}

_KEY_USED = {
    "where": "header.idempotency-key",
    "what": "a key is used for one write",
    "got": "a key of another write",
    "next": "send another key",
}


class Guard:
    """Outermost: safe headers on every answer, and an answer to every fault of ours.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to it that something safe comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_safely)
        except Exception as error:
            log.error("a fault of our own: %s", _without_values(error))
            if not started:
                await fault(Request(scope), 500)(scope, receive, send_safely)


def problem(status: int, **more: Any) -> JSONResponse:
    """Return the answer for a status: the same bytes for the same arguments.

    Args:
        status: The HTTP status.
        more: Members beside `type`, `title` and `status`; no value of a record.
    """
    title = TITLES.get(status, "The request failed")
    content = {"type": "about:blank", "title": title, "status": status, **more}
    extra = dict(_EXTRA.get(status, {}))
    return JSONResponse(content, status, extra, media_type="application/problem+json")


def fault(
    request: Request,
    status: int,
    *,
    sentence: str | None = None,
    next_step: str | None = None,
    **more: Any,
) -> Response:
    """Return what went wrong: a page for a person at a browser, else a problem.

    Args:
        request: Who asks, and what for.
        status: The HTTP status.
        sentence: For a page: what it means here, in place of the general words.
        next_step: For a page: what to do here, in place of the general words.
        more: Members of a problem. Of these a page shows `faults`.
    """
    if not wants_page(request.scope):
        return problem(status, **more)
    faults = [f"{found['where']}: {found['what']}" for found in more.get("faults", ())]
    page = error_page(
        request, status, sentence=sentence, next_step=next_step, faults=faults
    )
    page.headers.update(_EXTRA.get(status, {}))
    return page


def answer_errors(app: FastAPI) -> None:
    """Let every error that a route of `app` raises be answered here."""
    app.add_exception_handler(Unseen, _of_unseen)
    app.add_exception_handler(Misuse, _of_misuse)
    app.add_exception_handler(RequestValidationError, _of_body)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(LedgerUnavailable, _of_ledger)
    app.add_exception_handler(Refusal, _of_ledger)


async def _of_unseen(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unseen)
    if isinstance(error, NotGiven):
        state = error.state
        told = {"sentence": state.sentence, "next_step": state.next_step}
        words = {"sentence": state.sentence, "next": state.next_step}
        return fault(request, 409, **told, state={"name": state.value, **words})
    if isinstance(error, Repeated):
        done = {"idempotency-replayed": "true"}
        return Response(error.answer, 200, done, media_type="application/json")
    if isinstance(error, KeyUsed):
        return fault(request, 422, faults=[_KEY_USED])
    if isinstance(error, OwnViewFirst):
        return fault(request, 409, **_VIEW_FIRST, detail=_VIEW_FIRST["sentence"])
    return fault(request, _STATUS[type(error)])


async def _of_misuse(request: Request, error: Exception) -> Response:
    """A body that has the right shape and cannot be meant."""
    assert isinstance(error, Misuse)
    told = ("where", "what", "got", "next")
    faults = [{key: getattr(f, key) for key in told} for f in error.faults]
    return fault(request, 422, faults=faults)


async def _of_body(request: Request, error: Exception) -> Response:
    """Say where the body is wrong and which rule it breaks, never what it holds."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if wants_page(request.scope):
        return _of_address_or_form(request, {str(one["loc"][0]) for one in found})
    faults = [
        {"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in found
    ]
    return fault(request, 422, faults=faults)


def _of_address_or_form(request: Request, parts: Set[str]) -> Response:
    """Say it in our own words: whoever mistypes an address has read no rule of ours."""
    if "path" in parts:
        return fault(request, 404)
    if "query" in parts:
        return fault(request, 422, **_BAD_QUERY)
    return fault(request, 422)


async def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = fault(request, error.status_code)
    # Such as `Allow`, which says what other method the address takes.
    answer.headers.update(error.headers or {})
    return answer


async def _of_ledger(request: Request, error: Exception) -> Response:
    """Without a whole ledger there is no audit row, and without one no view."""
    # Its own message quotes nothing that a database said.
    told = f"{error}; " if isinstance(error, LedgerUnavailable) else ""
    log.error("the ledger did not answer: %s%s", told, _without_values(error))
    METRICS.unavailable.inc()
    return fault(request, 503)


def _without_values(error: BaseException) -> str:
    """Where and of what kind; the message of an error may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    cause = f", from {_without_values(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__}{where}{cause}"
