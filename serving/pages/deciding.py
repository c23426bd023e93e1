"""What a worker writes down after looking: what was done, and what they think."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from features.faults import Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By, Person, ScoreName
from serving.desk.decisions import NEED_WORDS, decide
from serving.desk.desk import Desk
from serving.desk.opened import opened_score
from serving.desk.opinions import NEED_WORDS as OPINIONS_IN_WORDS
from serving.desk.opinions import WRONG_RECORD, opine
from serving.desk.own_view import VIEW_FIRST
from serving.pages.person import score_page
from serving.pages.rendering import render
from serving.pages.sent_once import AtDeskSending, done_once
from serving.pages.spoken import SPOKEN
from serving.schemas.work import (
    LONGEST_TEXT,
    Decision,
    DecisionKind,
    Opinion,
    OpinionKind,
)


# A browser sends each end of a line as two signs.
Words = Annotated[str, Form(max_length=2 * LONGEST_TEXT)]
Record = Annotated[str, Query(max_length=40)]

_SAY_WHAT = "Say what you offered, or where you referred them"
_NO_RECORD = ("Give the number as it stands beside the record", "record")
_TOO_LONG = f"Use at most {LONGEST_TEXT:,} letters"
_KINDS = tuple(kind for kind in get_args(OpinionKind) if kind != VIEW_FIRST)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.post("/people/{person}/score/{score}/decisions")
def decided(
    request: Request,
    desk: AtDesk,
    sending: AtDeskSending,
    caller: By,
    person: Person,
    score: ScoreName,
    kind: Annotated[DecisionKind, Form()],
    what: Words = "",
) -> Response:
    """Keep what was done, and show it beside the score."""
    said = plain(what)
    if kind in NEED_WORDS and not said:
        return score_page(request, desk, caller, (person, score), fault=_SAY_WHAT)
    if len(said) > LONGEST_TEXT:
        return score_page(request, desk, caller, (person, score), fault=_TOO_LONG)
    decision = Decision(score=score, kind=kind, what=said or None)
    with done_once():
        decide(sending, caller, person, decision)
    return _back(person, score, "decision")


@router.get("/people/{person}/score/{score}/opinion")
def ask(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    score: ScoreName,
    record: Record = "",
) -> Response:
    """Ask what the caller thinks of a score, or of a record."""
    given = {"kind": WRONG_RECORD if record else "", "record": record, "text": ""}
    return _form(request, desk, caller, (person, score), given)


@router.post("/people/{person}/score/{score}/opinion")
def said(
    request: Request,
    desk: AtDesk,
    sending: AtDeskSending,
    caller: By,
    person: Person,
    score: ScoreName,
    kind: Annotated[OpinionKind | None, Form()] = None,
    text: Words = "",
    record: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Keep what the caller thinks, and show it beside the score."""
    words, whose = plain(text), (person, score)
    number = record.strip() if kind == WRONG_RECORD else ""
    faults = _faults(kind, words, number)
    if kind is None or faults:
        given = {"kind": kind or "", "record": record, "text": words}
        return _form(request, desk, caller, whose, given, faults)
    opinion = Opinion(score=score, kind=kind, text=words or None, record=number or None)
    try:
        with done_once():
            opine(sending, caller, person, opinion)
    except Misuse as misuse:
        if any(fault.where != "record" for fault in misuse.faults):
            raise
        given = {"kind": kind, "record": record, "text": words}
        return _form(request, desk, caller, whose, given, [_NO_RECORD])
    return _back(person, score, "view" if kind == VIEW_FIRST else "opinion")


def _faults(kind: str | None, words: str, record: str) -> list[tuple[str, str]]:
    """Return what is missing, each with the field that it is missing in."""
    found = []
    if kind is None:
        found.append(("Choose what you think", "kind"))
    if kind == WRONG_RECORD and not record:
        found.append(("Say which record is wrong", "record"))
    if kind in OPINIONS_IN_WORDS and not words:
        found.append(("Say what is wrong, or what you know", "text"))
    if kind == VIEW_FIRST and not words:
        found.append(("Choose a band", "text"))
    if len(words) > LONGEST_TEXT:
        found.append((_TOO_LONG, "text"))
    return found


def _form(
    request: Request,
    desk: Desk,
    caller: Caller,
    whose: tuple[str, str],
    given: dict[str, str],
    faults: list[tuple[str, str]] | None = None,
) -> HTMLResponse:
    person, name = whose
    found = opened_score(desk, caller, person, name, record=given["record"])
    if found.score.view_first:
        title, template = found.score.question, "view_first.html"
    else:
        title, template = "Say what you think", "opinion.html"
    return render(
        request,
        template,
        status=422 if faults else 200,
        title=title,
        back=f"/people/{person}/score/{name}",
        back_text="The score",
        head=found.head,
        found=found,
        address=f"/people/{person}/score/{name}",
        kinds=_KINDS,
        given=given,
        errors=faults or [],
        longest=LONGEST_TEXT,
        on=desk.on(),
        **SPOKEN,
    )


def _back(person: str, score: str, done: str) -> Response:
    address = f"/people/{person}/score/{score}?done={done}"
    return RedirectResponse(f"{address}#done", 303)


def plain(text: str) -> str:
    r"""Return a text with plain ends of lines.

    >>> plain(" one\r\ntwo ")
    'one\ntwo'
    """
    return text.replace("\r\n", "\n").strip()
