"""Pages for anyone: accessibility, privacy, cookies."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.pages.rendering import render


# These need no sign-in: someone who cannot sign in must be able to say so.
OPEN_PAGES = frozenset({"/accessibility", "/privacy", "/cookies"})

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/accessibility")
def accessibility(request: Request) -> HTMLResponse:
    """Say who can use the pages, how that was tested, and whom to tell."""
    return render(request, "accessibility.html", title="Who can use these pages")


@router.get("/privacy")
def privacy(request: Request) -> HTMLResponse:
    """Say what is kept about those who use the pages and those they are about."""
    return render(request, "privacy.html", title="What we keep, and why")


@router.get("/cookies")
def cookies(request: Request) -> HTMLResponse:
    """Say which cookie there is and what it is for."""
    return render(request, "cookies.html", title="Cookies")
