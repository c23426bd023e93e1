"""The page "my people": whom a worker may look at, and who is new among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from features.faults import Misuse
from models.definitions.states import State
from serving.api.asking import AtDesk, By, Person
from serving.desk.people import Choice, Order, my_people
from serving.pages.rendering import render
from serving.pages.spoken import RELATION_NAMES, SPOKEN
from serving.schemas.people import PeopleAnswer


PEOPLE_A_PAGE = 50

# What is at the top, and how a table says so.
_ORDERS: Mapping[Order, tuple[str, str]] = {
    "name": ("by name", "ascending"),
    "band": ("newly given first, then the highest band", "descending"),
    "change": ("those that rose first", "descending"),
    "freshness": ("the newest record first", "descending"),
}
_COLUMNS: tuple[tuple[str, Order], ...] = (
    ("Name", "name"),
    ("Band", "band"),
    ("Change", "change"),
    ("Newest record", "freshness"),
)

Name = Annotated[str, Query(max_length=200)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/people")
def people(
    request: Request,
    desk: AtDesk,
    caller: By,
    order: Order = "band",
    score: Name = "",
    relation: Name = "",
    band: Name = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """List those whom the caller has open, was given, or supervises."""
    start = (page - 1) * PEOPLE_A_PAGE
    chosen = (score or None, relation or None, band or None)
    try:
        answer = my_people(desk, caller, Choice(order, *chosen, PEOPLE_A_PAGE, start))
    except Misuse:
        # A score that was taken away, or mistyped: all of them stand on the plain page.
        return RedirectResponse("/people", 303)
    asked = {"score": score, "relation": relation, "band": band}
    return render(
        request,
        "people.html",
        title="My people",
        people=answer,
        question=_question(answer),
        asked={**asked, "order": order},
        is_filtered=bool(relation or band),
        order_words=_ORDERS[order][0],
        heads=[_head(text, by, order, asked) for text, by in _COLUMNS],
        relations=RELATION_NAMES,
        states=[state.value for state in State],
        pages=_pages(answer, page, {**asked, "order": order}),
        on=desk.on(),
        **SPOKEN,
    )


@router.get("/people/{person}")
def person(person: Person) -> Response:
    """Open somebody: what the partners know comes first."""
    return RedirectResponse(f"/people/{person}/chronology", 303)


def _question(answer: PeopleAnswer) -> str | None:
    of = (score.question for score in answer.scores if score.name == answer.score)
    return next(of, None)


def _head(
    text: str, by: Order, order: Order, asked: Mapping[str, str]
) -> dict[str, str | None]:
    query = _query({**asked, "order": by})
    way = _ORDERS[by][1] if by == order else None
    return {"text": text, "href": f"/people{query}", "sorted": way}


def _pages(
    answer: PeopleAnswer, page: int, asked: Mapping[str, str]
) -> dict[str, str | int | None]:
    last = max(1, -(-answer.total // answer.limit))
    return {
        "page": page,
        "last": last,
        "before": f"/people{_query({**asked, 'page': page - 1})}" if page > 1 else None,
        "after": f"/people{_query({**asked, 'page': page + 1})}"
        if page < last
        else None,
    }


def _query(asked: Mapping[str, str | int]) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(given)}" if given else ""
