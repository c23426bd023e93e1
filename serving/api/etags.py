"""Tags of answers: who has one already is told so; it is on record all the same."""

from __future__ import annotations

from hashlib import sha256

from fastapi import Response

from serving.schemas.strict import Schema


_TAG_DIGITS = 32


def tagged(answer: Schema, known: str | None) -> Response:
    """Return an answer with its tag, or 304 where the caller has it.

    Args:
        answer: What is to be sent.
        known: The tags that the caller names; None if none.

    >>> tagged(Schema(), None).status_code
    200
    """
    content = answer.model_dump_json().encode()
    tag = f'"{sha256(content).hexdigest()[:_TAG_DIGITS]}"'
    headers = {"etag": tag}
    if known is not None and tag in [one.strip() for one in known.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")
