"""The steward's pages: what waits, and one thing after the other."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from features.faults import Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By
from serving.desk.answering import answer
from serving.desk.desk import Desk
from serving.desk.stewards import queue, waiting_item
from serving.pages.at_entrance import LONGEST_FIELD, go_to
from serving.pages.paging import pages_of
from serving.pages.rendering import render
from serving.pages.spoken import SPOKEN
from serving.schemas.strict import Schema
from serving.schemas.work import (
    LONGEST_TEXT,
    BothSides,
    LinkReason,
    LinkVerdict,
    RecordVerdict,
    UncertainLink,
    Verdict,
)


ITEMS_A_PAGE = 20

Item = Annotated[str, Path(max_length=400)]

# Why linking left two sides apart; a rule has a name of its own.
_WHY = {
    "bridge": "One weak link would join two groups that are each sure.",
    "tie": "A record fits two different people equally well.",
    "uncertain": "They are alike, but not enough to be sure.",
}
_BY_RULE = "A rule on names or birth dates stood against joining them."
_ALIKE = ("Not the same", "The same", "Cannot be told")
_WRONG = {
    "text": "Say what you found out, in a few words",
    "verdict": "Choose one of the answers",
}

router = APIRouter(
    prefix="/queue", include_in_schema=False, default_response_class=HTMLResponse
)


class AnswerForm(Schema):
    """The form of one thing that waits; the button that was pressed is the verdict."""

    csrf: Annotated[str, Field(max_length=LONGEST_FIELD)]
    verdict: RecordVerdict | LinkVerdict | None = None
    # A browser sends each end of a line as two signs.
    text: Annotated[str, Field(max_length=2 * LONGEST_TEXT)] = ""
    reason: LinkReason | None = None


@router.get("")
def waiting(
    request: Request,
    desk: AtDesk,
    caller: By,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    done: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """List what waits for the caller."""
    offset = ITEMS_A_PAGE * (page - 1)
    found = queue(desk, caller, limit=ITEMS_A_PAGE, offset=offset)
    return render(
        request,
        "queue.html",
        title="What waits for you",
        found=found,
        pages=pages_of(found.total, page, ITEMS_A_PAGE, "/queue?page={page}"),
        first=offset + 1,
        is_done=bool(done),
        heading=_heading,
        side_by_side=side_by_side,
        why_open=_why,
        on=desk.on(),
        **SPOKEN,
    )


@router.get("/{item}")
def one(request: Request, desk: AtDesk, caller: By, item: Item) -> HTMLResponse:
    """Show one thing that waits."""
    return _page(request, desk, caller, item)


@router.post("/{item}")
def answered(
    request: Request,
    desk: AtDesk,
    caller: By,
    item: Item,
    form: Annotated[AnswerForm, Form()],
) -> Response:
    """Keep the answer, and go back to what waits."""
    text = form.text.replace("\r\n", "\n").strip()
    if form.verdict is None or len(text) > LONGEST_TEXT:
        too_long = (f"Use at most {LONGEST_TEXT:,} letters", "text")
        fault = too_long if form.verdict else (_WRONG["verdict"], "verdict")
        return _page(request, desk, caller, item, [fault], text)
    try:
        said = Verdict(verdict=form.verdict, text=text or None, reason=form.reason)
        answer(desk, caller, item, said)
    except Misuse as misuse:
        faults = [(_WRONG.get(f.where, f.next), f.where) for f in misuse.faults]
        return _page(request, desk, caller, item, faults, text)
    return go_to("/queue?done=yes")


def _page(
    request: Request,
    desk: Desk,
    caller: Caller,
    item: str,
    faults: list[tuple[str, str]] | None = None,
    text: str = "",
) -> HTMLResponse:
    found = waiting_item(desk, caller, item)
    title = _heading(found.link) if found.link else "A record that may be wrong"
    return render(
        request,
        "queue_item.html",
        status=422 if faults else 200,
        title=title,
        found=found,
        errors=faults or [],
        text=text,
        verdicts=get_args(RecordVerdict if found.record else LinkVerdict),
        reasons=get_args(LinkReason),
        longest=LONGEST_TEXT,
        why_open=_why,
        alike=alike,
        on=desk.on(),
        back="/queue",
        back_text="All that waits",
        **SPOKEN,
    )


def side_by_side(link: UncertainLink) -> list[tuple[str, str]]:
    """Return which identifiers agree and which do not, as words; no value is told.

    It tells one question from another before either is opened.

    >>> sides = [
    ...     BothSides(identifier="nhs number", left=[], right=["1"]),
    ...     BothSides(identifier="forename", left=["Ann"], right=["Rose"]),
    ... ]
    >>> told = {"entity": "person", "why": "tie", "holds_scores_back": False}
    >>> side_by_side(UncertainLink(**told, sides=sides))
    [('Not the same', 'forename'), ('Cannot be told', 'NHS number')]
    """
    found: dict[str, list[str]] = {how: [] for how in _ALIKE}
    for side in link.sides:
        name = side.identifier.replace("nhs", "NHS")
        found[alike(side)].append(name)
    return [(how, ", ".join(names)) for how, names in found.items() if names]


def alike(side: BothSides) -> str:
    """Return whether both sides say the same of an identifier, in words."""
    if not (side.left and side.right):
        return "Cannot be told"
    return "The same" if side.left == side.right else "Not the same"


def _heading(link: UncertainLink) -> str:
    """Return a question about a link, with what tells it from others."""
    first = side_by_side(link)[:1]
    told = "".join(f" {how}: {names}" for how, names in first)
    return f"One {link.entity} or two?{told}"


def _why(why: str) -> str:
    """Return why linking left a pair open, for somebody who has not read its rules."""
    return _WHY.get(why, _BY_RULE)
