"""The API's routes about people: each asks the desk one question."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from serving.api.asking import (
    PROBLEMS,
    STATED,
    AtDesk,
    By,
    Limit,
    Offset,
    Person,
    ScoreName,
)
from serving.api.etags import tagged
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


people = APIRouter(prefix="/v1/people", responses=PROBLEMS, tags=["people"])

Name = Annotated[str | None, Query(max_length=200)]


@people.get("")
def my_people(
    desk: AtDesk,
    caller: By,
    order: Order = "band",
    score: Name = None,
    relation: Name = None,
    band: Name = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> PeopleAnswer:
    """List those whom you have open, were given, or supervise."""
    choice = everybody.Choice(order, score, relation, band, limit, offset)
    return everybody.my_people(desk, caller, choice)


@people.get("/{person}")
def person(desk: AtDesk, caller: By, person: Person) -> PersonAnswer:
    """Return a person with all their scores."""
    return one.person(desk, caller, person)


@people.get("/{person}/chronology")
def chronology(
    desk: AtDesk,
    caller: By,
    person: Person,
    partner: Name = None,
    source: Name = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ChronologyAnswer:
    """Return a person's linked records, newest first."""
    stretch = chronologies.Stretch(limit, offset, partner, source)
    return chronologies.chronology(desk, caller, person, stretch)


@people.get(
    "/{person}/scores/{score}",
    response_model=ScoreAnswer,
    responses={304: {"description": "It is as the tag that you have says."}},
)
def score(
    desk: AtDesk,
    caller: By,
    person: Person,
    score: ScoreName,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Return a score taken apart, or the state that stands for it."""
    return tagged(scores.score(desk, caller, person, score), if_none_match)


@people.get("/{person}/scores/{score}/history")
def history(
    desk: AtDesk, caller: By, person: Person, score: ScoreName
) -> HistoryAnswer:
    """Return how a score moved, and what changed it."""
    return histories.history(desk, caller, person, score)


@people.get("/{person}/scores/{score}/evidence/{indicator}", responses=STATED)
def evidence(
    desk: AtDesk, caller: By, person: Person, score: ScoreName, indicator: ScoreName
) -> EvidenceAnswer:
    """Return the records behind one indicator of a score."""
    return behind.evidence(desk, caller, person, score, indicator)
