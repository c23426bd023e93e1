"""Request ids: a name for every request, which its answer and its log lines share."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar


HEADER = "x-request-id"

# As UUIDs and trace ids are written: too long for the number of a person, without the
# letters of a name. What a client chooses stands in our log.
_TAKEN = re.compile(rb"[0-9a-fA-F-]{16,64}")
_NAME = HEADER.encode()

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def begin(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the id of a request that begins, which is then the current one.

    Args:
        headers: The request's; an id that a proxy made is kept if it can mean nothing.

    >>> begin([(b"x-request-id", b"0af7651916cd43dd8448eb211c80319c")])
    '0af7651916cd43dd8448eb211c80319c'
    >>> len(begin([(b"x-request-id", b"Edith Smith, 943 476 5919")]))
    32
    """
    named = next((value for name, value in headers if name == _NAME), b"")
    taken = named.decode() if _TAKEN.fullmatch(named) else secrets.token_hex(16)
    _current.set(taken)
    return taken


def current() -> str | None:
    """Return the id of the request under way; None outside of one."""
    return _current.get()
