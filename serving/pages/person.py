"""The page of one score of a person: what it says, why, and what it does not know."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.access.roles import Caller
from serving.api.asking import AtDesk, By, Person, ScoreName
from serving.desk.desk import Desk
from serving.desk.opened import opened_score
from serving.pages.case_notes import case_note
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN, sure
from serving.schemas.scores import ReasonAnswer, ScoreAnswer


# Of every person like this, so many; the base rate is told of as many.
_EVERYBODY = 100

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/people/{person}/score/{score}")
def score(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    score: ScoreName,
    done: str = "",
) -> HTMLResponse:
    """Show a score taken apart, or the state that stands for it."""
    return score_page(request, desk, caller, (person, score), done=done)


def score_page(
    request: Request,
    desk: Desk,
    caller: Caller,
    whose: tuple[str, str],
    *,
    done: str = "",
    fault: str | None = None,
) -> HTMLResponse:
    """Return the page of a score.

    Args:
        request: Whose frame stands around it.
        desk: Where the score is asked for.
        caller: Who asks.
        whose: The opaque id of a person, and the score's name.
        done: What was just written down: `decision`, `opinion` or nothing.
        fault: What is wrong with what was sent to be written down.
    """
    person, name = whose
    found = opened_score(desk, caller, person, name)
    shown = found.score.score
    errors = [(fault, "what")] if fault else []
    return render(
        request,
        "score.html" if shown else "view_first.html",
        status=422 if fault else 200,
        title=found.score.question,
        back="/people",
        back_text="My people",
        head=found.head,
        found=found,
        score=shown,
        address=f"/people/{person}/score/{name}",
        doubts=_doubts(shown),
        note=case_note(found, desk.on()) if shown else "",
        done=done,
        errors=errors,
        on=desk.on(),
        **SPOKEN,
    )


def _doubts(answer: ScoreAnswer | None) -> dict[str, str]:
    """Return by reason what to say of the least certain link that it rests on."""
    if answer is None or answer.reasons is None:
        return {}
    reasons = [*answer.reasons.raises, *answer.reasons.lowers]
    return {one.indicator: said for one in reasons if (said := _doubt(one))}


def _doubt(reason: ReasonAnswer) -> str | None:
    said = sure(reason.lowest_link) if reason.lowest_link is not None else None
    if said is None:
        return None
    return f"This reason rests on a link that is only {said}."
