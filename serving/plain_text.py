"""Plain text: U+0000 is refused, which SQLite keeps and Postgres does not.

Left to the database it would be taken for one that does not answer.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import fault
from serving.limits import replay


FORM = "application/x-www-form-urlencoded"
# An even number of backslashes before it are backslashes themselves.
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_REFUSED = {
    "where": "the request",
    "what": "text may hold any letter or sign but U+0000",
    "got": "U+0000",
    "next": "leave it out",
}


class PlainText:
    """Answers 422 to who sends U+0000 in a query, a form or a body of JSON.

    It stands within the gate, which must see strangers first, and within `BodyLimits`,
    which hands the body on in one piece. In a path nothing is found under it.

    Args:
        app: What answers everybody else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what holds no U+0000."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        message = await receive()
        body: bytes = message.get("body", b"")
        kind = Headers(scope=scope).get("content-type", "")
        if holds_nul(scope["query_string"]) or holds_nul(body, kind):
            answer = fault(Request(scope), 422, faults=[_REFUSED])
            await answer(scope, receive, send)
        else:
            await self._app(scope, replay(body, receive), send)


def holds_nul(text: bytes, kind: str = FORM) -> bool:
    r"""Say whether U+0000 stands in a form, a query or a body of JSON.

    Args:
        text: As it was sent.
        kind: Its content type; a query is written as a form is.

    >>> holds_nul(b"score=%00"), holds_nul(b"text=90%2500")
    (True, False)
    >>> [holds_nul(json, "application/json") for json in (rb'"\u0000"', rb'"\\u0000"')]
    [True, False]
    """
    if kind.partition(";")[0].strip().lower() == FORM:
        return b"\0" in unquote_to_bytes(text)
    return b"\0" in text or _ESCAPED.search(text) is not None
