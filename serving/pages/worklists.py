"""The manager's pages of worklists: drawing one, and giving people out."""

from __future__ import annotations

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from features.faults import Fault, Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By
from serving.desk import worklists as at_desk
from serving.desk.desk import Desk
from serving.desk.once import Once, Repeated
from serving.pages.at_entrance import LONGEST_FIELD, go_to
from serving.pages.leading_words import errors_of, moment
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN
from serving.schemas.strict import Schema
from serving.schemas.worklists import DrawnAnswer


MOST_DRAWN = 10_000

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Field(max_length=LONGEST_FIELD)]
Short = Annotated[str, Field(max_length=200)]

router = APIRouter(
    prefix="/worklists", include_in_schema=False, default_response_class=HTMLResponse
)


class DrawForm(Schema):
    """The form that draws a worklist; `once` tells that it was sent twice."""

    csrf: Text
    score: Short
    size: Short = ""
    once: Annotated[str, Field(min_length=8, max_length=200)]

    def number(self) -> int | None:
        """Return how many at most.

        Raises:
            Misuse: It is no number.
        """
        text = self.size.strip()
        if not text:
            return None
        if text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST_DRAWN:
            return int(text)
        what, do = "it is a whole number", "write how many as a whole number"
        raise Misuse([Fault("size", what, "something else", do)])


class AllocationForm(Schema):
    """The form of one line: to whom; empty is to nobody."""

    csrf: Text
    number: Short
    account: Short = ""


@router.get("")
def worklists(request: Request, desk: AtDesk, caller: By) -> Response:
    """List the team's worklists, with a form to draw another."""
    return _page(request, desk, caller)


@router.post("")
def draw(
    request: Request, desk: AtDesk, caller: By, form: Annotated[DrawForm, Form()]
) -> Response:
    """Draw a worklist and go to it; the same form again goes to the same."""
    asked = sha256(f"{form.score}\n{form.size}".encode()).hexdigest()
    once = replace(desk, once=Once(form.once, asked))
    try:
        drawn = at_desk.draw(once, caller, form.score, form.number())
    except Repeated as done:
        drawn = DrawnAnswer.model_validate_json(done.answer)
    except Misuse as misuse:
        return _page(request, desk, caller, errors_of(misuse))
    return go_to(f"/worklists/{drawn.worklist}")


@router.get("/{worklist}")
def worklist(request: Request, desk: AtDesk, caller: By, worklist: Number) -> Response:
    """Show everybody on a worklist, and to whom each was given."""
    found = at_desk.worklist(desk, caller, worklist)
    return render(
        request,
        "worklist.html",
        title=f"Worklist {worklist}",
        found=found,
        moment=moment,
        on=desk.on(),
        back="/worklists",
        back_text="All worklists",
        **SPOKEN,
    )


@router.post("/{worklist}/allocations")
def allocate(
    desk: AtDesk,
    caller: By,
    worklist: Number,
    form: Annotated[AllocationForm, Form()],
) -> Response:
    """Give somebody on it to one of the team, or take them back."""
    line = int(form.number) if form.number.isdecimal() else 0
    if form.account:
        at_desk.allocate(desk, caller, worklist, line, form.account)
    else:
        at_desk.take_back(desk, caller, worklist, line)
    return go_to(f"/worklists/{worklist}#line-{line}")


def _page(
    request: Request,
    desk: Desk,
    caller: Caller,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    return render(
        request,
        "worklists.html",
        status=422 if errors else 200,
        title="Worklists",
        found=at_desk.worklists_of_team(desk, caller),
        once=secrets.token_urlsafe(16),
        moment=moment,
        errors=errors or [],
        **SPOKEN,
    )
