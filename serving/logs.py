"""Logs: one JSON object a line, about requests and never about anyone.

A line says when, what, how it ended and how long it took. It names a route's template
and no address, a role and nobody who has it, the kind of an error and not its words.
What a library has to say is told only by where it said it, for its words may quote what
it was given.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import request_ids
from serving.metrics import METRICS


log = logging.getLogger(__name__)

NO_ROUTE = "none"

_JSON = json.JSONEncoder(ensure_ascii=False)
_ID = request_ids.HEADER.encode()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Whose messages were written with care for what they may hold.
_OURS = frozenset({"features", "models", "serving", "lamppost", "_granian", "__main__"})


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": _event(record),
            "logger": record.name,
        }
        if named := request_ids.current():
            line["request"] = named
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = _kinds(record.exc_info[1])
        return _JSON.encode(line)


class Watch:
    """Outermost: an id for every request, a line in the log, and a count.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it when it has been answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = request_ids.begin(scope["headers"])
        began, status = time.perf_counter(), 499  # gone before it was answered

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (_ID, named.encode()),
                ]
            await send(message)

        METRICS.in_flight.inc()
        try:
            await self._app(scope, receive, send_named)
        finally:
            METRICS.in_flight.dec()
            _tell(scope, status, time.perf_counter() - began)


def write_json_lines(level: int = logging.INFO) -> None:
    """Let this process write its log as JSON lines to standard error, and nothing else.

    Args:
        level: Of our own messages; of libraries' only warnings are told.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("serving").setLevel(level)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = getattr(scope.get("route"), "path", None) or NO_ROUTE
    METRICS.count(method, route, status, seconds)
    caller = scope.get("state", {}).get("caller")
    told = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(1_000 * seconds, 1),
        "role": getattr(caller, "role", None),
    }
    log.info("request", extra={"told": told})


def _event(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    return f"said by a library at {record.module}:{record.lineno}"


def _kinds(error: BaseException | None) -> str:
    """Return the kinds of an error and its causes; their words may quote somebody."""
    names = []
    while error is not None:
        names.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return " from ".join(names)
