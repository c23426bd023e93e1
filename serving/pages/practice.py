"""The practice pages: read about a made-up person, say your view, see the score."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import AtDesk, By
from serving.desk.practice import practice_case, practice_cases, practice_file
from serving.pages.rendering import render


Number = Annotated[int, Path(ge=1, le=999)]

router = APIRouter(
    prefix="/practice", include_in_schema=False, default_response_class=HTMLResponse
)


@router.get("")
def practice(request: Request, desk: AtDesk, caller: By) -> HTMLResponse:
    """List the made-up people."""
    found = practice_cases(desk, caller)
    return render(request, "practice.html", title="Practise", found=found)


@router.get("/{number}")
def case(request: Request, desk: AtDesk, caller: By, number: Number) -> HTMLResponse:
    """Tell what is known about one of them, and ask for the caller's view."""
    return _page(request, desk, caller, number)


@router.get("/{number}/score")
def score(
    request: Request,
    desk: AtDesk,
    caller: By,
    number: Number,
    view: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """Show the score and its lesson beside the caller's view, which is not kept."""
    if view not in practice_file().views:
        faults = [("Choose what you think", "view")]
        return _page(request, desk, caller, number, None, faults)
    return _page(request, desk, caller, number, view)


def _page(
    request: Request,
    desk: AtDesk,
    caller: By,
    number: int,
    view: str | None = None,
    faults: list[tuple[str, str]] | None = None,
) -> HTMLResponse:
    found = practice_case(desk, caller, number)
    return render(
        request,
        "practice_case.html" if view is None else "practice_score.html",
        status=422 if faults else 200,
        title=found.who if view is None else found.lesson,
        file=practice_file(),
        found=found,
        number=number,
        view=view,
        errors=faults or [],
        back="/practice" if view is None else f"/practice/{number}",
        back_text="All made-up people" if view is None else "What is known",
    )
