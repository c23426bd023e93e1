"""A wrong record of somebody who has no score: it goes to its partner's steward."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from serving.access.roles import Caller
from serving.api.asking import AtDesk, By, Person
from serving.desk.desk import Desk
from serving.desk.opened import opened_record
from serving.desk.opinions import WRONG_RECORD, opine
from serving.pages.deciding import Words, plain
from serving.pages.rendering import render
from serving.pages.sent_once import AtDeskSending, done_once
from serving.pages.spoken import SPOKEN
from serving.schemas.work import LONGEST_TEXT, Opinion


LONGEST_NUMBER = 40
_NO_WORDS = ("Say what is wrong", "text")
_TOO_LONG = (f"Use at most {LONGEST_TEXT:,} letters", "text")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/people/{person}/wrong-record")
def ask(
    request: Request,
    desk: AtDesk,
    caller: By,
    person: Person,
    record: Annotated[str, Query(max_length=LONGEST_NUMBER)] = "",
) -> HTMLResponse:
    """Ask what is wrong with a record."""
    return _form(request, desk, caller, (person, record), [])


@router.post("/people/{person}/wrong-record")
def said(
    request: Request,
    desk: AtDesk,
    sending: AtDeskSending,
    caller: By,
    person: Person,
    record: Annotated[str, Form(max_length=LONGEST_NUMBER)],
    text: Words = "",
) -> Response:
    """Send what is wrong to the partner's steward."""
    words = plain(text)
    if not words or len(words) > LONGEST_TEXT:
        fault = _TOO_LONG if words else _NO_WORDS
        return _form(request, desk, caller, (person, record), [fault])
    with done_once():
        opinion = Opinion(kind=WRONG_RECORD, text=words, record=record)
        opine(sending, caller, person, opinion)
    return RedirectResponse(f"/people/{person}/chronology?told=yes#told", 303)


def _form(
    request: Request,
    desk: Desk,
    caller: Caller,
    whose: tuple[str, str],
    errors: list[tuple[str, str]],
) -> HTMLResponse:
    person, number = whose
    found = opened_record(desk, caller, person, number)
    return render(
        request,
        "wrong_record.html",
        status=422 if errors else 200,
        title="A record is wrong",
        back=f"/people/{person}/chronology",
        back_text="What the partners know",
        head=found.head,
        record=found.record,
        number=number,
        errors=errors,
        longest=LONGEST_TEXT,
        **SPOKEN,
    )
