"""The pages of packs: what is flagged, who releases it, and the pack on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from features.faults import Misuse
from serving.access.roles import Caller
from serving.api.asking import AtDesk, By
from serving.desk import packs as at_desk
from serving.desk.desk import Desk
from serving.desk.pack_text import HEADINGS, withheld_by_flag
from serving.desk.pack_text import on_paper as printed
from serving.desk.teams import display_names
from serving.pages.at_entrance import go_to
from serving.pages.leading_words import moment
from serving.pages.paging import pages_of
from serving.pages.rendering import render
from serving.pages.sent_once import AtDeskSending, done_once
from serving.pages.spoken import SPOKEN
from serving.schemas.rights import Choice, FlagChoice, PackAnswer, PackItem


ITEMS_A_PAGE = 20
LONGEST_REASON = 500

# By flag: why an item has it.
FLAGS: Mapping[str, str] = {
    "third party": "It may be about someone else too",
    "special category": "It is very private, such as about health",
    "health": "It is from a health service",
    "police": "It is from the police",
    "serious harm": "It may put someone in danger",
}
_SAID = {
    "because": "Say why, in a few words",
    "flag": "That is decided already",
    "only a draft can be changed": "This pack is released, so it stays as it is",
    "a pack is released once": "This pack is released already",
    "another than its maker releases it": "You made it: someone else releases it",
    "every flag is decided on": "Some things are not decided yet",
    "every record in a pack is the person's": "Some of its records turned out not to "
    "be about this person, or are held no more: make another pack",
}

Errors = list[tuple[str, str]]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Show = Annotated[str, Query(max_length=63)]

router = APIRouter(
    prefix="/packs", include_in_schema=False, default_response_class=HTMLResponse
)


@router.get("/{pack}")
def one_pack(
    request: Request,
    desk: AtDesk,
    caller: By,
    pack: Number,
    show: Show = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Show a pack, with what must be decided before it is released."""
    return _page(request, desk, caller, pack, show=show, page=page)


@router.post("/{pack}/flags")
def choose(
    request: Request,
    desk: AtDesk,
    sending: AtDeskSending,
    caller: By,
    pack: Number,
    flag: Annotated[str, Form(max_length=63)] = "",
    choice: Annotated[Choice | None, Form()] = None,
    because: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
    item: Annotated[int | None, Form(ge=1, le=2**31 - 1)] = None,
    show: Annotated[str, Form(max_length=63)] = "",
    page: Annotated[int, Form(ge=1, le=10_000)] = 1,
) -> Response:
    """Keep or withhold what is flagged, and show what is left to decide."""
    field = "-".join(["because", *([str(item)] if item else []), _slug(flag)])
    errors = [] if because.strip() else [(_SAID["because"], field)]
    if choice is not None and not errors:
        made = FlagChoice(flag=flag, item=item, choice=choice, because=because)
        try:
            with done_once():
                at_desk.choose(sending, caller, pack, made)
        except Misuse as misuse:
            errors = [(_said(f.where, f.what), field) for f in misuse.faults][:1]
    if errors:
        return _page(request, desk, caller, pack, errors, show=show, page=page)
    asked = urlencode({"show": show, "page": page})
    return go_to(f"/packs/{pack}?{asked}#{f'item-{item}' if item else 'flags'}")


@router.post("/{pack}/release")
def release(
    request: Request, desk: AtDesk, sending: AtDeskSending, caller: By, pack: Number
) -> Response:
    """Release a pack: the caller is its reviewer."""
    try:
        with done_once():
            at_desk.release(sending, caller, pack)
    except Misuse as misuse:
        errors = [(_said(f.where, f.what), "release") for f in misuse.faults]
        return _page(request, desk, caller, pack, errors)
    return go_to(f"/packs/{pack}")


@router.get("/{pack}/print")
def on_paper(request: Request, desk: AtDesk, caller: By, pack: Number) -> HTMLResponse:
    """Show a pack as it is given out: without what is withheld."""
    found = at_desk.pack(desk, caller, pack)
    parts = [
        (HEADINGS.get(part, part), list(items))
        for part, items in groupby(printed(found.items), key=lambda item: item.part)
    ]
    return render(
        request,
        "pack_print.html",
        title="What is held about you",
        found=found,
        sections=parts,
        withheld=withheld_by_flag(found.items),
        left_out=sum(item.is_withheld for item in found.items),
        flags=FLAGS,
        moment=moment,
        back=f"/packs/{pack}",
        back_text="The pack",
        **SPOKEN,
    )


def _page(
    request: Request,
    desk: Desk,
    caller: Caller,
    pack: int,
    errors: Errors | None = None,
    *,
    show: str = "",
    page: int = 1,
) -> HTMLResponse:
    found = at_desk.pack(desk, caller, pack)
    some = [item for item in found.items if _is_shown(item, show)]
    start = ITEMS_A_PAGE * (page - 1)
    address = f"/packs/{pack}?{urlencode({'show': show})}&page={{page}}#items"
    return render(
        request,
        "pack.html",
        status=422 if errors else 200,
        title=f"Pack {pack}",
        found=found,
        items=some[start : start + ITEMS_A_PAGE],
        count=len(some),
        show=show,
        pages=pages_of(len(some), page, ITEMS_A_PAGE, address),
        groups=_groups(found),
        withheld=sum(item.is_withheld for item in found.items),
        flags=FLAGS,
        headings=HEADINGS,
        names=display_names(desk.audit.ledger, _who_did(found)),
        is_maker=found.made_by == caller.name,
        errors=errors or [],
        longest=LONGEST_REASON,
        slug=_slug,
        moment=moment,
        back=f"/rights/{found.request}",
        back_text="The request",
        **SPOKEN,
    )


def _who_did(found: PackAnswer) -> Iterable[str | None]:
    decided = [flag.by for item in found.items for flag in item.flags]
    return [found.made_by, found.released_by, *decided]


def _is_shown(item: PackItem, show: str) -> bool:
    """Say whether an item is of those that are looked at: flagged ones, if none."""
    if show == "all":
        return True
    names = {flag.name for flag in item.flags}
    return show in names if show else bool(names)


def _groups(found: PackAnswer) -> list[dict[str, Any]]:
    """Return every flag with how many items have it, and how many of them wait."""
    flags = [flag for item in found.items for flag in item.flags]
    waiting = Counter(flag.name for flag in flags if flag.choice is None)
    return [
        {"name": name, "items": count, "waiting": waiting[name]}
        for name, count in sorted(Counter(flag.name for flag in flags).items())
    ]


def _said(where: str, what: str) -> str:
    return _SAID.get(where) or _SAID.get(what) or "This cannot be done"


def _slug(flag: str) -> str:
    """Return a flag as the id of a field has it.

    >>> _slug("third party")
    'third-party'
    """
    return flag.replace(" ", "-")
