"""Schemas of problems: what is said when the answer asked for is not given."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from serving.schemas.strict import Schema


class FaultAnswer(Schema):
    """One thing that is wrong with a request.

    Attributes:
        where: In the request, such as `body.values.visits`.
        what: Which rule it breaks.
        got: What stands there instead, never as it was sent; left out where `what` says
            all.
        next: What to send instead; left out where `what` says all.
    """

    where: str
    what: str
    got: str | None = None
    next: str | None = None


class ProblemState(Schema):
    """The state for which no score is given."""

    name: str
    sentence: str
    next: str


class ProblemAnswer(Schema):
    """An answer that is not the one asked for (RFC 9457).

    The header `x-request-id` names the request, as the log does.

    Attributes:
        title: What the status means here.
        detail: What it means in this case, where that can be told.
        faults: All that is wrong with a request; with 422 alone.
        state: Why no score is given; with 409 alone.
    """

    type: Literal["about:blank"]
    title: str
    status: int = Field(ge=400, le=599)
    detail: str | None = None
    faults: list[FaultAnswer] | None = None
    state: ProblemState | None = None
