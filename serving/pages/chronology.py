"""The page that opens first: all that the partners know of a person, in time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import AtDesk, By, Person
from serving.desk.chronology import Stretch
from serving.desk.opened import opened_chronology
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN
from serving.schemas.records import ChronologyAnswer, RecordAnswer


RECORDS_A_PAGE = 50

Name = Annotated[str, Query(max_length=200)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/people/{person}/chronology")
def chronology(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    partner: Name = "",
    source: Name = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    told: Annotated[str, Query(max_length=3)] = "",
) -> HTMLResponse:
    """Show a person's linked records, newest first."""
    start = (page - 1) * RECORDS_A_PAGE
    stretch = Stretch(RECORDS_A_PAGE, start, partner or None, source or None)
    found = opened_chronology(desk, caller, person, stretch)
    answer = found.chronology
    return render(
        request,
        "chronology.html",
        title=found.head.identity.name,
        back="/people",
        back_text="My people",
        head=found.head,
        chronology=answer,
        wrong=found.wrong,
        told=told == "yes",
        years=_years(answer.records),
        partners=_partners(answer),
        partner=partner,
        source=source,
        pages=_pages(answer, page, {"partner": partner, "source": source}),
        on=desk.on(),
        **SPOKEN,
    )


def _years(records: list[RecordAnswer]) -> list[tuple[int, list[RecordAnswer]]]:
    grouped = itertools.groupby(records, key=lambda record: record.event_date.year)
    return [(year, list(some)) for year, some in grouped]


def _partners(answer: ChronologyAnswer) -> dict[str, str]:
    """Return the partners' names by their ids, in the order of names."""
    named = {source.partner_id: source.partner for source in answer.sources}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _pages(
    answer: ChronologyAnswer, page: int, asked: Mapping[str, str]
) -> dict[str, str | int | None]:
    last = max(1, -(-answer.total // answer.limit))
    kept = {name: value for name, value in asked.items() if value}

    def at(number: int) -> str | None:
        is_there = 1 <= number <= last
        return f"?{urlencode({**kept, 'page': number})}" if is_there else None

    return {"page": page, "last": last, "before": at(page - 1), "after": at(page + 1)}
