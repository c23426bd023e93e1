"""The door to the metrics: open to who holds their token, and for others not there."""

from __future__ import annotations

import hmac
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import problem
from serving.metrics import METRICS


PATH = "/metrics"


class MetricsDoor:
    """Answers `/metrics` to who holds its token; for all others there is nothing.

    Args:
        app: What answers everything else.
        token_file: Holds the token, read at each request so that it can be changed;
            None shows the metrics to nobody.
    """

    def __init__(self, app: ASGIApp, *, token_file: Path | None) -> None:
        self._app = app
        self._token_file = token_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is not about metrics."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and self._is_open(Headers(scope=scope)):
            shown = generate_latest(METRICS.registry)
            answer = Response(shown, media_type=CONTENT_TYPE_LATEST)
            await answer(scope, receive, send)
        else:
            await problem(404)(scope, receive, send)

    def _is_open(self, headers: Headers) -> bool:
        token = _read(self._token_file)
        given = headers.get("authorization", "").encode()
        return bool(token) and hmac.compare_digest(given, b"Bearer " + token)


def _read(token_file: Path | None) -> bytes:
    """Return the token; a file that cannot be read opens no door."""
    try:
        return token_file.read_bytes().strip() if token_file else b""
    except OSError:
        return b""
