"""The page of figures: how the service was used. No person, no member of staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import AtDesk, By
from serving.desk.figures import figures
from serving.pages.rendering import render
from serving.pages.spoken import RELATION_NAMES, SPOKEN
from serving.schemas.figures import (
    CountAnswer,
    ShareAnswer,
    SpanAnswer,
    TableAnswer,
)


TOO_FEW = "Too few to tell"
_NAMES = {**RELATION_NAMES, "break-glass": "Emergency", "supervised": "Their team's"}
_NAMES |= {"own case": "Own case", "allocated": "Given from a list"}

Questions = Mapping[str, str]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/figures")
def page(request: Request, desk: AtDesk, caller: By) -> HTMLResponse:
    """Show how the service was used in the last twelve whole months."""
    found = figures(desk, caller)
    questions = {one.name: one.question for one in found.scores}
    return render(
        request,
        "figures.html",
        title="How Lamppost is used",
        found=found,
        heads=partial(_heads, questions),
        rows=_rows,
        share_rows=partial(_share_rows, questions),
        span_rows=_span_rows,
        last=found.end - dt.timedelta(days=1),
        next=_next_month(found.end),
        **SPOKEN,
    )


def _next_month(first: dt.date) -> dt.date:
    """Return the first day of the month after.

    >>> _next_month(dt.date(2026, 12, 1)).isoformat()
    '2027-01-01'
    """
    return (first + dt.timedelta(days=31)).replace(day=1)


def _heads(questions: Questions, table: TableAnswer) -> list[str]:
    return ["Month", *(_name(column, questions) for column in table.columns)]


def _rows(table: TableAnswer) -> list[list[str]]:
    """Return the months in which anything happened."""
    return [
        [_month(one.month), *(_count(count) for count in one.counts)]
        for one in table.months
        if any(count.count != 0 for count in one.counts)
    ]


def _share_rows(questions: Questions, shares: list[ShareAnswer]) -> list[list[str]]:
    return [
        [_month(one.month), _name(one.name, questions), *_share(one)] for one in shares
    ]


def _span_rows(spans: list[SpanAnswer]) -> list[list[str]]:
    return [
        [
            _month(one.month),
            TOO_FEW if one.answered is None else f"{one.answered:,}",
            TOO_FEW if one.median_days is None else f"{one.median_days:g} days",
        ]
        for one in spans
    ]


def _share(one: ShareAnswer) -> tuple[str, str, str]:
    """Return of how many, the share out of 100, and how far chance could move it."""
    if one.of is None or one.share is None:
        return TOO_FEW, TOO_FEW, ""
    low, share, high = (
        round(100 * part) for part in (one.share.low, one.share.share, one.share.high)
    )
    return f"{one.of:,}", f"{share} in 100", f"{low} to {high}"


def _count(count: CountAnswer) -> str:
    return TOO_FEW if count.count is None else f"{count.count:,}"


def _month(month: str) -> str:
    """Return a month in words.

    >>> _month("2026-03")
    'March 2026'
    """
    return f"{dt.date.fromisoformat(f'{month}-01'):%B %Y}"


def _name(name: str, questions: Questions) -> str:
    """Return the name of what is counted: a score's is what it answers.

    >>> _name("no action", {}), _name("care: High", {"care": "Care within a year"})
    ('No action', 'Care within a year: High')
    """
    score, colon, band = name.partition(": ")
    told = _NAMES.get(name) or questions.get(score, score) + colon + band
    return told[:1].upper() + told[1:]
