"""The explanation for the person a score is about, as a PDF that all can read.

WeasyPrint is imported here only. It draws what this module gives it, and fetches
nothing: no address in a record can make the service call out, or read a file.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.shown.wording import NOT_KNOWN
from serving.api.asking import AtDesk, By, Person, ScoreName
from serving.audit import NotGiven
from serving.desk.opened import opened_score
from serving.errors import fault
from serving.pages.rendering import environment
from serving.pages.spoken import SPOKEN
from serving.schemas.opened import OpenedScore
from serving.schemas.scores import ReasonAnswer


log = logging.getLogger(__name__)

STYLE = Path(__file__).parents[1] / "assets" / "explanation.css"
# Accessible to who cannot see it: tagged, with a title and a language.
_VARIANT = "pdf/ua-1"
_NO_PANGO = {
    "sentence": "This service cannot make a PDF: a part of it is not installed.",
    "next_step": "Print the page instead, and ask whoever runs the service for Pango.",
}

router = APIRouter(include_in_schema=False)


@router.get("/people/{person}/score/{score}/explanation.pdf")
def explanation(
    desk: AtDesk, caller: By, request: Request, person: Person, score: ScoreName
) -> Response:
    """Return what a score says of somebody, in words for themself."""
    found = opened_score(desk, caller, person, score, for_themself=True)
    shown = found.score.score
    if shown is None:
        # The caller's own view is asked for first.
        return Response(None, 303, {"location": f"/people/{person}/score/{score}"})
    if shown.state:
        raise NotGiven(shown.state.name)
    text = explanation_text(found, on=desk.on())
    try:
        made = as_pdf(text)
    except (ImportError, OSError) as error:
        log.error("no PDF can be set, for want of Pango: %s", type(error).__name__)
        return fault(request, 503, **_NO_PANGO)
    headers = {"content-disposition": 'inline; filename="explanation.pdf"'}
    return Response(made, headers=headers, media_type="application/pdf")


def explanation_text(found: OpenedScore, **context: Any) -> str:
    """Return the explanation as HTML.

    Args:
        found: A score that is given, opened for the person themself: nothing of the
            sources that the place flags is in it.
        context: The day `on` which it is made.
    """
    answer = found.score.score
    reasons = answer.reasons if answer else None
    raises, lowers = (reasons.raises, reasons.lowers) if reasons else ([], [])
    template = environment().get_template("explanation.html")
    return template.render(
        found=found,
        head=found.head,
        score=answer,
        raises=[one for one in raises if is_own(one) and is_known(one)],
        lowers=[one for one in lowers if is_own(one) and is_known(one)],
        has_others=not all(map(is_own, [*raises, *lowers])),
        **SPOKEN,
        **context,
    )


def is_own(reason: ReasonAnswer) -> bool:
    """Say whether a reason is about the person alone: others' are not told to them."""
    return all(part.about is None for part in reason.rests_on)


def is_known(reason: ReasonAnswer) -> bool:
    """Say whether a reason is about something that is known."""
    return reason.value != NOT_KNOWN


def as_pdf(text: str) -> bytes:
    """Return a page of HTML as a tagged PDF; nothing that it names is fetched."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    nothing = URLFetcher(allowed_protocols=())
    page = HTML(string=text, url_fetcher=nothing)
    style = CSS(string=STYLE.read_text(), url_fetcher=nothing)
    made: bytes = page.write_pdf(stylesheets=[style], pdf_variant=_VARIANT)
    return made
