"""The page behind a reason: the records that it rests on."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from serving.api.asking import AtDesk, By, Person, ScoreName
from serving.desk.opened import opened_evidence
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN


router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/people/{person}/score/{score}/evidence/{indicator}")
def evidence(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    score: ScoreName,
    indicator: ScoreName,
) -> HTMLResponse:
    """Show the records behind one reason, and count those that may not be shown."""
    found = opened_evidence(desk, caller, person, score, indicator)
    return render(
        request,
        "evidence.html",
        title=found.evidence.label,
        back=f"/people/{person}/score/{score}",
        back_text="The score",
        head=found.head,
        evidence=found.evidence,
        on=desk.on(),
        **SPOKEN,
    )
