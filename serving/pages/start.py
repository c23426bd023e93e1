"""The start page: whatever comes first for the role of whoever is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from serving.pages.rendering import Frame


router = APIRouter(include_in_schema=False)


@router.get("/")
def start(request: Request) -> Response:
    """Go to the first page of the navigation."""
    frame: Frame = request.state.frame
    return RedirectResponse(frame.navigation[0][1], 303)
