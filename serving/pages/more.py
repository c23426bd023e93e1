"""The page of all pages: what a role may open, and what each is for."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import By
from serving.pages.frames import entries_of
from serving.pages.rendering import render


router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/more")
def more(request: Request, caller: By) -> HTMLResponse:
    """List every page of the caller's role. Nothing on it is about anybody."""
    entries = entries_of(caller)
    return render(request, "more.html", title="All your pages", entries=entries)
