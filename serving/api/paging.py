"""Paging: where the pages before and after one are (RFC 8288)."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlencode

from fastapi import Request, Response


class Page(Protocol):
    """A part of a list: so many of all, from a place on."""

    @property
    def total(self) -> int:
        """How many there are."""

    @property
    def limit(self) -> int:
        """How many at most are on a page."""

    @property
    def offset(self) -> int:
        """How many stand before this page."""


def link_pages(request: Request, response: Response, page: Page) -> None:
    """Name the pages before and after one in the header `link`, where there are any.

    Args:
        request: What was asked; the links ask the same of other pages.
        response: Where the header goes.
        page: What is answered.
    """
    links = []
    if page.offset + page.limit < page.total:
        links.append(_link(request, page, page.offset + page.limit, "next"))
    if page.offset > 0:
        links.append(_link(request, page, max(page.offset - page.limit, 0), "prev"))
    if links:
        response.headers["link"] = ", ".join(links)


def _link(request: Request, page: Page, offset: int, relation: str) -> str:
    asked = dict(request.query_params) | {"limit": page.limit, "offset": offset}
    return f'<{request.url.path}?{urlencode(asked)}>; rel="{relation}"'
