"""The pages of alerts, and of who looked at a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from serving.api.asking import AtDesk, By, Person
from serving.desk import alerts as at_desk
from serving.desk import looks as of_looks
from serving.desk.look_words import RELATIONS
from serving.pages.at_entrance import go_to
from serving.pages.leading_words import clock, moment, span
from serving.pages.paging import pages_of
from serving.pages.rendering import render
from serving.pages.spoken import NUMBERED


LOOKS_A_PAGE = 50

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/alerts")
def alerts(request: Request, desk: AtDesk, caller: By) -> Response:
    """List what the caller must be told of."""
    found = at_desk.alerts_of(desk, caller)
    leads = any(alert.worker for alert in found.alerts)
    return render(
        request,
        "alerts.html",
        title="Alerts",
        found=found,
        leads=leads,
        moment=moment,
    )


@router.post("/alerts/{alert}/seen")
def see(desk: AtDesk, caller: By, alert: Number) -> Response:
    """Take down that an alert was seen."""
    at_desk.see_alert(desk, caller, alert)
    return go_to("/alerts")


@router.get("/people/{person}/looks")
def looks(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Say who looked at a person, when and why: a line for a worker's day."""
    wanted = of_looks.Page(LOOKS_A_PAGE, (page - 1) * LOOKS_A_PAGE)
    found = of_looks.looks_by_day(desk, caller, person, wanted)
    address = f"/people/{person}/looks?page={{page}}"
    return render(
        request,
        "looks.html",
        title=f"Who looked at {found.identity.name}",
        found=found,
        moment=moment,
        span=span,
        clock=clock,
        relation_names=RELATIONS,
        numbered=NUMBERED,
        pages=pages_of(found.lines, page, LOOKS_A_PAGE, address),
        back=f"/people/{person}/chronology",
        back_text="Back to the person",
    )
