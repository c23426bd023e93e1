"""The API's routes about scores themselves, and whether the service is well."""

from __future__ import annotations

from fastapi import APIRouter, Response

from models.ledger.ledger import LedgerUnavailable
from serving.api.asking import PROBLEMS, STRICT, AtDesk, By, ScoreName
from serving.desk import scores as of_scores
from serving.schemas.scores import GivenValues, HealthAnswer, ScoreAnswer


scores = APIRouter(
    prefix="/v1/scores", responses=PROBLEMS, dependencies=STRICT, tags=["scores"]
)
health = APIRouter()


@scores.post("/{score}/explain")
def explain(
    desk: AtDesk, caller: By, score: ScoreName, given: GivenValues
) -> ScoreAnswer:
    """Score and explain values that you supply, by the promoted tables."""
    return of_scores.explain(desk, caller, score, given.values)


@health.get("/healthz")
def healthz() -> HealthAnswer:
    """Say that the process is alive."""
    return HealthAnswer(status="ok")


@health.get(
    "/readyz",
    responses={503: {"model": HealthAnswer, "description": "It cannot be read."}},
)
def readyz(desk: AtDesk, response: Response) -> HealthAnswer:
    """Say whether the ledger can be read."""
    try:
        desk.check()
    except LedgerUnavailable:
        response.status_code = 503
        return HealthAnswer(status="not ok")
    return HealthAnswer(status="ok")
