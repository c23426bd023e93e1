"""Idempotency: a write of the API that is sent twice is done once."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request

from serving.api.asking import AtDesk
from serving.desk.desk import Desk
from serving.desk.once import Once


IdempotencyKey = Annotated[
    str,
    Header(
        min_length=8,
        max_length=200,
        pattern="^[!-~]+$",
        description="Of your own choice, another one for each write. The same write "
        "sent again under the same key within a day is answered as before and not "
        "done again; anything else under that key is refused.",
    ),
]


async def _writing(
    request: Request, desk: AtDesk, idempotency_key: IdempotencyKey
) -> Desk:
    return replace(desk, once=Once(idempotency_key, await _asked(request)))


async def _asked(request: Request) -> str:
    """Return the hash of all that is asked."""
    first = f"{request.method} {request.url.path}\n".encode()
    return sha256(first + await request.body()).hexdigest()


# The desk for one write, which it does once; every route that writes takes this.
AtDeskOnce = Annotated[Desk, Depends(_writing)]
