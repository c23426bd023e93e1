"""The page of what is scored: purpose, forbidden uses, limits, measured facts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import AtDesk, By
from serving.desk.scores_told import promoted_scores
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN, in_100
from serving.schemas.models import PromotedAnswer


_DAYS_A_MONTH = 365.25 / 12
_EXPECTED = {"up": "Higher", "down": "Lower", "none": "Nothing was expected"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/models")
def page(request: Request, desk: AtDesk, caller: By) -> HTMLResponse:
    """Show every promoted score."""
    found = promoted_scores(desk, caller)
    return render(
        request,
        "models.html",
        title="What is scored here",
        found=found,
        measured=_measured,
        used=_used,
        months=_months,
        **SPOKEN,
    )


def _measured(score: PromotedAnswer) -> list[list[str]]:
    """Return, for each range of scores, how often the outcome came."""
    ends = [one.from_probability for one in score.observed][1:] + [None]
    return [
        [
            _range(one.from_probability, end),
            f"{in_100(one.rate.share)} of 100",
            f"{in_100(one.rate.low)} to {in_100(one.rate.high)}",
        ]
        for one, end in zip(score.observed, ends, strict=True)
    ]


def _range(low: float, end: float | None) -> str:
    if end is None:
        return f"{_percent(low)} or more"
    return f"{_percent(low)} to below {_percent(end)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _used(score: PromotedAnswer) -> list[list[str]]:
    return [
        [
            one.label,
            one.category,
            f"{one.source} ({one.partner})",
            _EXPECTED[one.expected],
        ]
        for one in score.indicators
    ]


def _months(days: int) -> str:
    """Return a span as people say it.

    >>> _months(365), _months(28)
    ('12 months', '28 days')
    """
    months = days / _DAYS_A_MONTH
    is_whole = abs(months - round(months)) < 1 / _DAYS_A_MONTH and round(months) > 1
    return f"{round(months)} months" if is_whole else f"{days} days"
