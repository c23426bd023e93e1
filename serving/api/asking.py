"""Asking: what every route of the API takes, and what it may answer beside its own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.routing import APIRoute

from features.faults import Fault, Misuse
from serving.access.roles import Caller
from serving.desk.desk import Desk
from serving.schemas.problems import ProblemAnswer


PROBLEM = "application/problem+json"


def problem_response(description: str) -> dict[str, Any]:
    """Return how a status that is a problem is described."""
    schema = {"$ref": f"#/components/schemas/{ProblemAnswer.__name__}"}
    return {"description": description, "content": {PROBLEM: {"schema": schema}}}


# Asynchronous, for a plain function would take a thread to hand something on.
async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def _caller(request: Request) -> Caller:
    """Whom the gate let in; a route that it did not guard fails here."""
    caller: Caller = request.state.caller
    return caller


async def declared_only(request: Request) -> None:
    """Refuse a parameter that the address does not take, or that stands there twice.

    Raises:
        Misuse: Which it takes; what was sent is not repeated.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    route: APIRoute = request.scope["route"]
    taken = [field.alias for field in route.dependant.query_params]
    if set(given) <= set(taken) and len(set(given)) == len(given):
        return
    what = f"this address takes, each once: {', '.join(taken) or 'nothing'}"
    fault = Fault("query", what, "something else, or one twice", "leave it out")
    raise Misuse([fault])


STRICT = [Depends(declared_only)]

AtDesk = Annotated[Desk, Depends(_desk)]
By = Annotated[Caller, Depends(_caller)]

Person = Annotated[
    str,
    Path(max_length=400, description="The opaque id of a person, for this account."),
]
ScoreName = Annotated[str, Path(max_length=63, description="The score's name.")]
Limit = Annotated[
    int, Query(ge=1, le=200, description="How many at most are on this page.")
]
Offset = Annotated[
    int, Query(ge=0, le=1_000_000, description="How many stand before this page.")
]

Responses = dict[int | str, dict[str, Any]]

# What the routes may answer beside their own.
PROBLEMS: Responses = {
    status: problem_response(description)
    for status, description in {
        401: "No valid token.",
        403: "The account's role may not do this.",
        404: "It is not there, or not there for you.",
        408: "The body took too long.",
        413: "The body is too large.",
        422: "The request does not fit; `faults` says where and why.",
        429: "More people were looked at within the hour than the place allows.",
        503: "The ledger does not answer, or too many ask at once; nothing is shown "
        "without a record of it. Ask again after `retry-after` seconds.",
    }.items()
}
STATED: Responses = {409: problem_response("No score is given; see `state`.")}
# Only where the place asks for a worker's own view before a score is shown.
WAITING: Responses = {409: problem_response("Your own view comes first; see `detail`.")}
