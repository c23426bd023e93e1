"""The API's routes of rights: the register, and packs for whoever asks for access."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from serving.api.asking import PROBLEMS, STRICT, AtDesk, By, Limit, Offset
from serving.api.idempotency import AtDeskOnce
from serving.api.paging import link_pages
from serving.desk import asked_for, packs, register
from serving.schemas.rights import (
    FlagChoice,
    NewRequest,
    OpenedRequest,
    PackAnswer,
    RegisterAnswer,
    RequestAnswer,
    RequestReply,
)


rights = APIRouter(
    prefix="/v1", responses=PROBLEMS, dependencies=STRICT, tags=["rights"]
)

Number = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="The request's number in the register.")
]
Pack = Annotated[int, Path(ge=1, le=2**31 - 1, description="The pack's number.")]
IsAnswered = Annotated[
    bool, Query(description="Those that were answered, in place of those that wait.")
]


@rights.get("/rights")
def all_requests(
    desk: AtDesk,
    caller: By,
    request: Request,
    response: Response,
    limit: Limit = 50,
    offset: Offset = 0,
    answered: IsAnswered = False,
) -> RegisterAnswer:
    """List what people asked for, the most urgent first."""
    found = register.open_requests(
        desk, caller, limit=limit, offset=offset, is_answered=answered
    )
    link_pages(request, response, found)
    return found


@rights.post("/rights")
def enter(desk: AtDeskOnce, caller: By, new: NewRequest) -> RequestAnswer:
    """Write down what somebody asks for; its clock runs from the day it came."""
    return register.enter(desk, caller, new)


@rights.get("/rights/{number}")
def one_request(desk: AtDesk, caller: By, number: Number) -> OpenedRequest:
    """Return one request with its clock and its packs."""
    return asked_for.opened_request(desk, caller, number)


@rights.post("/rights/{number}/answer")
def answer(
    desk: AtDeskOnce, caller: By, number: Number, reply: RequestReply
) -> RequestAnswer:
    """Write down what was answered to a request, once."""
    return register.answer(desk, caller, number, reply)


@rights.post("/rights/{number}/pack")
def make_pack(desk: AtDeskOnce, caller: By, number: Number) -> PackAnswer:
    """Make a draft of all that is held about the person of a request for access."""
    return packs.make_pack(desk, caller, number)


@rights.get("/packs/{pack}")
def pack(desk: AtDesk, caller: By, pack: Pack) -> PackAnswer:
    """Return a pack: every item with its flags, and the text as it is printed."""
    return packs.pack(desk, caller, pack)


@rights.post("/packs/{pack}/flags")
def choose(desk: AtDeskOnce, caller: By, pack: Pack, choice: FlagChoice) -> PackAnswer:
    """Keep or withhold what is flagged, for a reason."""
    return packs.choose(desk, caller, pack, choice)


@rights.post("/packs/{pack}/release")
def release(desk: AtDeskOnce, caller: By, pack: Pack) -> PackAnswer:
    """Release a pack; its reviewer is another than its maker."""
    return packs.release(desk, caller, pack)
