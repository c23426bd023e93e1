"""Sent once: a form that is sent twice, by a double press, is done once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Form, Request

from serving.api.asking import AtDesk
from serving.desk.desk import Desk
from serving.desk.once import Once, Repeated


LONGEST = 100


async def _sending(
    request: Request,
    desk: AtDesk,
    once: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Desk:
    """Return the desk for what a form asks; every form has a token of its own."""
    if not once:
        return desk
    form = await request.form()
    # The session's token may be another one by then.
    fields = [(n, str(value)) for n, value in form.multi_items() if n != "csrf"]
    asked = json.dumps([request.url.path, fields]).encode()
    return replace(desk, once=Once(f"form {once}", sha256(asked).hexdigest()))


# The desk for one write of a form; what is only shown again takes the other.
AtDeskSending = Annotated[Desk, Depends(_sending)]


@contextlib.contextmanager
def done_once() -> Iterator[None]:
    """Go on where a form was sent before: what it asks for is done, and shown."""
    with contextlib.suppress(Repeated):
        yield
