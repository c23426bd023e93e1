"""Paging: where the page before and the next one are."""

from __future__ import annotations

from typing import Any


def pages_of(total: int, page: int, size: int, address: str) -> dict[str, Any]:
    """Return what `person.pages` draws: the page, the last one, and the ways there.

    Args:
        total: How many lines there are in all.
        page: The one that is open, from 1.
        size: Lines on a page.
        address: Where a page is, with `{page}` for its number.

    >>> pages_of(5, 1, 2, "/queue?page={page}")
    {'page': 1, 'last': 3, 'before': None, 'after': '/queue?page=2'}
    """
    last = max(1, -(-total // size))

    def at(number: int) -> str | None:
        return address.replace("{page}", str(number)) if 1 <= number <= last else None

    return {"page": page, "last": last, "before": at(page - 1), "after": at(page + 1)}
