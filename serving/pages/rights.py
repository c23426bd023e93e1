"""The pages of the register: what people asked for, by when, and what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from features.faults import Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By, Person
from serving.desk import asked_for, packs, register
from serving.desk.desk import Desk
from serving.desk.once import Once
from serving.desk.teams import display_names
from serving.pages.at_entrance import LONGEST_FIELD, go_to
from serving.pages.leading_words import moment
from serving.pages.paging import pages_of
from serving.pages.rendering import render
from serving.pages.rights_words import KINDS, OUTCOMES
from serving.pages.sent_once import AtDeskSending, done_once
from serving.pages.spoken import SPOKEN
from serving.schemas.rights import (
    NewRequest,
    OpenedRequest,
    RequestKind,
    RequestOutcome,
    RequestReply,
)
from serving.schemas.strict import Schema
from serving.schemas.work import LONGEST_TEXT


REQUESTS_A_PAGE = 20

_WRONG = {
    "received_on": ("Give the day it came: today or before", "received_day"),
    "answer": ("Write what they were told", "text"),
    "owner": ("Say which role must answer", "owner"),
    "kind": ("Choose what they ask for", "kind"),
    "outcome": ("Choose an answer", "outcome"),
}
_TOO_LONG = f"Use at most {LONGEST_TEXT:,} letters"

Errors = list[tuple[str, str]]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Short = Annotated[str, Field(max_length=200)]
# A browser sends each end of a line as two signs.
Words = Annotated[str, Field(max_length=2 * LONGEST_TEXT)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class NewForm(Schema):
    """The form of a request; `once` tells that it was sent twice."""

    csrf: Annotated[str, Field(max_length=LONGEST_FIELD)]
    once: Annotated[str, Field(max_length=100)] = ""
    person: Annotated[str, Field(max_length=400)] = ""
    kind: RequestKind | None = None
    received_day: Short = ""
    received_month: Short = ""
    received_year: Short = ""
    owner: Short = ""
    what: Words = ""

    @property
    def received_on(self) -> dt.date | None:
        """The day it came; None if it is no day."""
        parts = (self.received_year, self.received_month, self.received_day)
        try:
            return dt.date(*(int(part) for part in parts))
        except (ValueError, OverflowError):
            return None

    def faults(self) -> Errors:
        """Return what is missing, each with the field that it is missing in."""
        missing = [
            _WRONG[name]
            for name in ("kind", "received_on", "owner")
            if not (str(getattr(self, name) or "").strip())
        ]
        is_long = len(_plain(self.what)) > LONGEST_TEXT
        return [*missing, *([(_TOO_LONG, "what")] if is_long else [])]


@router.get("/rights")
def all_requests(
    request: Request,
    desk: AtDesk,
    caller: By,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    answered: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """List what waits, or what was answered."""
    found = register.open_requests(
        desk,
        caller,
        limit=REQUESTS_A_PAGE,
        offset=REQUESTS_A_PAGE * (page - 1),
        is_answered=bool(answered),
    )
    address = "/rights?answered=yes&page={page}" if answered else "/rights?page={page}"
    return render(
        request,
        "rights.html",
        title="What people asked for",
        found=found,
        is_answered=bool(answered),
        pages=pages_of(found.total, page, REQUESTS_A_PAGE, address),
        kinds=KINDS,
        outcomes=OUTCOMES,
        **SPOKEN,
    )


@router.get("/rights/new")
def new(request: Request, desk: AtDesk, caller: By) -> HTMLResponse:
    """Ask what somebody asks for whom nobody here knows."""
    # It asks nothing of the desk but whether the role has a register at all.
    register.open_requests(desk, caller, limit=0)
    return _new_page(request, desk, caller)


@router.post("/rights/new")
def enter(
    request: Request, desk: AtDesk, caller: By, form: Annotated[NewForm, Form()]
) -> Response:
    """Write down what somebody asks for, and show it."""
    faults = form.faults()
    if form.kind is None or form.received_on is None or faults:
        return _new_page(request, desk, caller, form, faults)
    wanted = NewRequest(
        kind=form.kind,
        person=form.person or None,
        received_on=form.received_on,
        owner=form.owner.strip(),
        what=_plain(form.what) or None,
    )
    asked = sha256(form.model_dump_json(exclude={"csrf"}).encode()).hexdigest()
    once = Once(f"form {form.once}", asked) if form.once else None
    try:
        with done_once():
            kept = register.enter(replace(desk, once=once), caller, wanted)
            return go_to(f"/rights/{kept.number}")
    except Misuse as misuse:
        return _new_page(request, desk, caller, form, errors_of(misuse))
    return go_to("/rights")


@router.get("/people/{person}/rights")
def about(request: Request, desk: AtDesk, caller: By, person: Person) -> HTMLResponse:
    """Ask what a person asks for, and show what they asked for before."""
    return _new_page(request, desk, caller, person=person)


@router.get("/rights/{number}")
def one_request(
    request: Request, desk: AtDesk, caller: By, number: Number
) -> HTMLResponse:
    """Show one request with a form to answer it."""
    return _request_page(request, desk, caller, number)


@router.post("/rights/{number}")
def answered(
    request: Request,
    desk: AtDesk,
    sending: AtDeskSending,
    caller: By,
    number: Number,
    outcome: Annotated[RequestOutcome | None, Form()] = None,
    text: Annotated[str, Form(max_length=2 * LONGEST_TEXT)] = "",
) -> Response:
    """Keep what was answered, and show it."""
    said = _plain(text)
    faults = [] if outcome else [_WRONG["outcome"]]
    faults += [] if said else [_WRONG["answer"]]
    faults += [(_TOO_LONG, "text")] if len(said) > LONGEST_TEXT else []
    if outcome is None or faults:
        given = {"outcome": outcome, "text": text}
        return _request_page(request, desk, caller, number, given, faults)
    with done_once():
        reply = RequestReply(outcome=outcome, answer=said)
        register.answer(sending, caller, number, reply)
    return go_to(f"/rights/{number}")


@router.post("/rights/{number}/pack")
def make_pack(sending: AtDeskSending, caller: By, number: Number) -> Response:
    """Make a draft of all that is held about who asked, and show it."""
    with done_once():
        made = packs.make_pack(sending, caller, number)
        return go_to(f"/packs/{made.number}")
    return go_to(f"/rights/{number}")


def errors_of(misuse: Misuse) -> Errors:
    """Return what is wrong in a form, each with the field that it is about."""
    said = [_WRONG.get(f.where, (f.next.capitalize(), f.where)) for f in misuse.faults]
    return list(dict.fromkeys(said))


def _new_page(
    request: Request,
    desk: Desk,
    caller: Caller,
    form: NewForm | None = None,
    errors: Errors | None = None,
    person: str = "",
) -> HTMLResponse:
    person = person or (form.person if form else "")
    about = asked_for.requests_about(desk, caller, person) if person else None
    on = desk.on()
    today = {
        "received_day": on.day,
        "received_month": on.month,
        "received_year": on.year,
    }
    back = (f"/people/{person}/chronology", "The person") if person else None
    back = back or ("/rights", "All that people asked for")
    return render(
        request,
        "rights_new.html",
        status=422 if errors else 200,
        title="What do they ask for?",
        about=about,
        may_look=caller.may("person"),
        given=form or today,
        errors=errors or [],
        kinds=KINDS,
        outcomes=OUTCOMES,
        longest=LONGEST_TEXT,
        back=back[0],
        back_text=back[1],
        **SPOKEN,
    )


def _request_page(
    request: Request,
    desk: Desk,
    caller: Caller,
    number: int,
    given: Mapping[str, Any] | None = None,
    errors: Errors | None = None,
) -> HTMLResponse:
    opened = asked_for.opened_request(desk, caller, number)
    return render(
        request,
        "rights_request.html",
        status=422 if errors else 200,
        title=KINDS[opened.request.kind].name,
        opened=opened,
        asked=opened.request,
        given=given or {},
        errors=errors or [],
        kinds=KINDS,
        outcomes=OUTCOMES,
        choices=get_args(RequestOutcome),
        longest=LONGEST_TEXT,
        moment=moment,
        names=display_names(desk.audit.ledger, _who_did(opened)),
        back="/rights",
        back_text="All that people asked for",
        **SPOKEN,
    )


def _who_did(opened: OpenedRequest) -> Iterable[str | None]:
    asked = opened.request
    made = [name for pack in opened.packs for name in (pack.made_by, pack.released_by)]
    return [asked.entered_by, asked.answered_by, *made]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
