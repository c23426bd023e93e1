"""Asking: what every route of the API takes, and what it may answer beside its own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from serving.access.roles import Caller
from serving.desk.desk import Desk
from serving.schemas.scores import ProblemAnswer


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _caller(request: Request) -> Caller:
    """Whom the gate let in; a route that it did not guard fails here."""
    caller: Caller = request.state.caller
    return caller


AtDesk = Annotated[Desk, Depends(_desk)]
By = Annotated[Caller, Depends(_caller)]

Person = Annotated[
    str,
    Path(max_length=400, description="The opaque id of a person, for this account."),
]
ScoreName = Annotated[str, Path(max_length=63, description="The score's name.")]
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]

Responses = dict[int | str, dict[str, Any]]

PROBLEMS: Responses = {
    status: {"model": ProblemAnswer, "description": description}
    for status, description in {
        401: "No valid token.",
        403: "The account's role may not do this.",
        404: "It is not there, or not there for you.",
        408: "The body took too long.",
        413: "The body is too large.",
        422: "The request does not fit; `faults` says where and why.",
        429: "More people were looked at within the hour than the place allows.",
        503: "The ledger does not answer; nothing is shown without a record of it.",
    }.items()
}
STATED: Responses = {
    409: {"model": ProblemAnswer, "description": "No score is given; see `state`."}
}
