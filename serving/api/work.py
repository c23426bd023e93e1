"""The API's routes of work: what was done, what people think, queues and figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serving.api.asking import PROBLEMS, STRICT, AtDesk, By, Limit, Offset, Person
from serving.api.idempotency import AtDeskOnce
from serving.api.paging import link_pages
from serving.desk import answering, decisions, opinions, opinions_told, stewards
from serving.desk import figures as counted
from serving.desk import scores_told as told
from serving.schemas.figures import FiguresAnswer
from serving.schemas.models import ModelsAnswer
from serving.schemas.work import (
    AnsweredItem,
    Decision,
    DecisionAnswer,
    DecisionsAnswer,
    Opinion,
    OpinionAnswer,
    OpinionsAnswer,
    QueueAnswer,
    QueueItem,
    Verdict,
)


work = APIRouter(prefix="/v1", responses=PROBLEMS, dependencies=STRICT, tags=["work"])

Item = Annotated[
    str, Path(max_length=400, description="The opaque id of what waits for you.")
]


@work.post("/people/{person}/decisions")
def decide(
    desk: AtDeskOnce, caller: By, person: Person, decision: Decision
) -> DecisionAnswer:
    """Write down what was done. Nothing is sent or closed by it."""
    return decisions.decide(desk, caller, person, decision)


@work.get("/people/{person}/decisions")
def all_decisions(desk: AtDesk, caller: By, person: Person) -> DecisionsAnswer:
    """List what was done for a person, newest first."""
    return decisions.decisions_about(desk, caller, person)


@work.post("/people/{person}/opinions")
def opine(
    desk: AtDeskOnce, caller: By, person: Person, opinion: Opinion
) -> OpinionAnswer:
    """Say what you think of a score; a wrong record goes to its partner's steward."""
    return opinions.opine(desk, caller, person, opinion)


@work.get("/people/{person}/opinions")
def all_opinions(desk: AtDesk, caller: By, person: Person) -> OpinionsAnswer:
    """List what people think of a person's scores, with what stewards answered."""
    return opinions_told.opinions_about(desk, caller, person)


@work.get("/queue")
def queue(
    desk: AtDesk,
    caller: By,
    request: Request,
    response: Response,
    limit: Limit = 20,
    offset: Offset = 0,
) -> QueueAnswer:
    """List what waits for you as the steward of a partner."""
    found = stewards.queue(desk, caller, limit=limit, offset=offset)
    link_pages(request, response, found)
    return found


@work.get("/queue/{item}")
def waiting_item(desk: AtDesk, caller: By, item: Item) -> QueueItem:
    """Return one thing that waits for you."""
    return stewards.waiting_item(desk, caller, item)


@work.post("/queue/{item}/answer")
def answer(desk: AtDeskOnce, caller: By, item: Item, verdict: Verdict) -> AnsweredItem:
    """Answer about a record, or decide an uncertain link."""
    return answering.answer(desk, caller, item, verdict)


@work.get("/scores")
def promoted(desk: AtDesk, caller: By) -> ModelsAnswer:
    """List the promoted scores: purpose, forbidden uses, limits, measured facts."""
    return told.promoted_scores(desk, caller)


@work.get("/figures")
def figures(desk: AtDesk, caller: By) -> FiguresAnswer:
    """Return how the service was used; no person, no member of staff."""
    return counted.figures(desk, caller)
