"""The API's routes about people: each asks the desk one question."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from serving.api.asking import (
    PROBLEMS,
    STATED,
    STRICT,
    WAITING,
    AtDesk,
    By,
    Limit,
    Offset,
    Person,
    ScoreName,
)
from serving.api.etags import tagged
from serving.api.paging import link_pages
from serving.desk import chronology as chronologies
from serving.desk import evidence as behind
from serving.desk import history as histories
from serving.desk import people as everybody
from serving.desk import person as one
from serving.desk import scores
from serving.desk.people import Order
from serving.schemas.people import HistoryAnswer, PeopleAnswer, PersonAnswer
from serving.schemas.records import ChronologyAnswer, EvidenceAnswer
from serving.schemas.scores import ScoreAnswer


people = APIRouter(
    prefix="/v1/people", responses=PROBLEMS, dependencies=STRICT, tags=["people"]
)

Indicator = Annotated[str, Path(max_length=63, description="What a reason rests on.")]


def _choice(description: str) -> Any:
    return Query(max_length=200, description=description)


Score = Annotated[
    str | None, _choice("Which score stands beside them; left out, the first by name.")
]
Relation = Annotated[str | None, _choice("Only those of this relation.")]
Band = Annotated[
    str | None, _choice("Only those of this band, by its label or the state's name.")
]
Partner = Annotated[str | None, _choice("Only records of this partner, by its id.")]
Source = Annotated[str | None, _choice("Only records of this source, by its name.")]
InOrder = Annotated[Order, Query(description="What stands first.")]
Known = Annotated[
    str | None,
    Header(max_length=200, description="The tag of the answer that you have."),
]


@people.get("")
def my_people(
    desk: AtDesk,
    caller: By,
    request: Request,
    response: Response,
    order: InOrder = "band",
    score: Score = None,
    relation: Relation = None,
    band: Band = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> PeopleAnswer:
    """List those whom you have open, were given, or supervise."""
    choice = everybody.Choice(order, score, relation, band, limit, offset)
    found = everybody.my_people(desk, caller, choice)
    link_pages(request, response, found)
    return found


@people.get("/{person}")
def person(desk: AtDesk, caller: By, person: Person) -> PersonAnswer:
    """Return a person with all their scores."""
    return one.person(desk, caller, person)


@people.get("/{person}/chronology")
def chronology(
    desk: AtDesk,
    caller: By,
    person: Person,
    request: Request,
    response: Response,
    partner: Partner = None,
    source: Source = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ChronologyAnswer:
    """Return a person's linked records, newest first."""
    stretch = chronologies.Stretch(limit, offset, partner, source)
    found = chronologies.chronology(desk, caller, person, stretch)
    link_pages(request, response, found)
    return found


@people.get(
    "/{person}/scores/{score}",
    response_model=ScoreAnswer,
    responses={304: {"description": "It is as the tag that you have says."}, **WAITING},
)
def score(
    desk: AtDesk,
    caller: By,
    person: Person,
    score: ScoreName,
    if_none_match: Known = None,
) -> Response:
    """Return a score taken apart, or the state that stands for it."""
    return tagged(scores.score(desk, caller, person, score), if_none_match)


@people.get("/{person}/scores/{score}/history", responses=WAITING)
def history(
    desk: AtDesk, caller: By, person: Person, score: ScoreName
) -> HistoryAnswer:
    """Return how a score moved, and what changed it."""
    return histories.history(desk, caller, person, score)


@people.get("/{person}/scores/{score}/evidence/{indicator}", responses=STATED)
def evidence(
    desk: AtDesk, caller: By, person: Person, score: ScoreName, indicator: Indicator
) -> EvidenceAnswer:
    """Return the records behind one indicator of a score."""
    return behind.evidence(desk, caller, person, score, indicator)
