"""The API's routes: each asks the desk one question."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from models.ledger.ledger import LedgerUnavailable
from serving.access import Caller
from serving.answers import Page
from serving.desk import Desk
from serving.schemas import (
    EvidenceAnswer,
    GivenValues,
    HealthAnswer,
    ListAnswer,
    ProblemAnswer,
    ScoreAnswer,
)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _caller(request: Request) -> Caller:
    """Whom the gate let in; a route that it did not guard fails here."""
    caller: Caller = request.state.caller
    return caller


AtDesk = Annotated[Desk, Depends(_desk)]
By = Annotated[Caller, Depends(_caller)]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemAnswer, "description": description}
    for status, description in {
        401: "No valid token.",
        403: "The token's role may not do this.",
        404: "It is not there, or not there for you.",
        408: "The body took too long.",
        413: "The body is too large.",
        422: "The request does not fit; `faults` says where and why.",
        503: "The ledger does not answer; nothing is shown without a record of it.",
    }.items()
}
_STATED: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemAnswer, "description": "No score is given; see `state`."}
}

v1 = APIRouter(prefix="/v1/scores", responses=_PROBLEMS)
health = APIRouter()


@v1.get("/{score}", responses=_STATED)
def entities(
    desk: AtDesk,
    caller: By,
    score: str,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
    as_of: dt.date | None = None,
) -> ListAnswer:
    """List who was scored on an as-of date, the newest if none is named."""
    return desk.entities(caller, score, Page(limit, offset, as_of))


@v1.get("/{score}/{entity}")
def score(desk: AtDesk, caller: By, score: str, entity: str) -> ScoreAnswer:
    """Return an entity's newest score taken apart, or the state that stands for it."""
    return desk.score(caller, score, entity)


@v1.get("/{score}/{entity}/evidence/{indicator}", responses=_STATED)
def evidence(
    desk: AtDesk, caller: By, score: str, entity: str, indicator: str
) -> EvidenceAnswer:
    """Return the records behind one indicator of an entity's newest score."""
    return desk.evidence(caller, score, entity, indicator)


@v1.post("/{score}/explain")
def explain(desk: AtDesk, caller: By, score: str, given: GivenValues) -> ScoreAnswer:
    """Score and explain values that you supply, by the promoted tables."""
    return desk.explain(caller, score, given.values)


@health.get("/healthz")
def healthz() -> HealthAnswer:
    """Say that the process is alive."""
    return HealthAnswer(status="ok")


@health.get("/readyz")
def readyz(desk: AtDesk, response: Response) -> HealthAnswer:
    """Say whether the ledger can be read."""
    try:
        desk.check()
    except LedgerUnavailable:
        response.status_code = 503
        return HealthAnswer(status="not ok")
    return HealthAnswer(status="ok")
