"""The jobs behind `lamppost rights pack`: a copy of all, for the person who asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from features.faults import Fault, Misuse
from lamppost.audit_jobs import account
from lamppost.rights_jobs import Answer, asked_on_record


if TYPE_CHECKING:
    from lamppost.opened import Open
    from models.ledger.register import Connection, Request
    from serving.audit import Look
    from serving.schemas.rights import FlagChoice, PackAnswer, PackItem

# Who may review: those whose work the register is.
REVIEWERS = ("manager", "steward")


def make_pack(opened: Open, number: int, *, at: dt.datetime) -> Answer:
    """Make a draft of all that is held about the person of a request.

    Raises:
        Misuse: It is no request for access about somebody.
        Refusal: There is none of that number.
    """
    from models.ledger.frozen_places import newest_place
    from models.ledger.promotions import BundleShelf
    from serving.desk.packs import Made, draft

    def keep(connection: Connection, look: Look) -> PackAnswer:
        asked = _request(connection, look, number)
        made = Made(account(), at, _written(opened, asked.entity_id))
        place = newest_place(connection)
        return _noted(
            look, "made", draft(BundleShelf(), connection, place, asked, made)
        )

    return _pack_told(asked_on_record(opened, at, keep))


def show_pack(
    opened: Open, number: int, file: Path | None, *, at: dt.datetime
) -> Answer:
    """Return a pack as text, or write it to a file that only its owner may read.

    Raises:
        Misuse: The file is there already.
        Refusal: There is no such pack.
    """
    from serving.desk.packs import pack_in

    if file is not None and file.exists():
        do = "name a new file"
        raise Misuse([Fault(str(file), "nothing is overwritten", "a file", do)])

    def read(connection: Connection, look: Look) -> PackAnswer:
        _about(connection, look, number)
        return _noted(look, "read", pack_in(connection, number))

    found = asked_on_record(opened, at, read)
    if file is None:
        items = [item.model_dump(mode="json") for item in found.items]
        return {**_pack_told(found), "items": items, "text": found.text}
    file.touch(mode=0o600)
    file.write_text(found.text)
    return {**_pack_told(found), "file": str(file)}


def read_choice(flag: str, choice: str, because: str, item: int | None) -> FlagChoice:
    """Return what is chosen; a `Misuse` if it cannot be meant."""
    from serving.schemas.rights import Choice, FlagChoice

    known = get_args(Choice)
    chosen = next((one for one in known if one == choice), None)
    if chosen is None or not because.strip():
        do = "write keep or withhold, and why"
        what = "it is kept or withheld, for a reason"
        raise Misuse([Fault("CHOICE", what, "neither, or no reason", do)])
    return FlagChoice(flag=flag, item=item, choice=chosen, because=because)


def choose(opened: Open, number: int, choice: FlagChoice, *, at: dt.datetime) -> Answer:
    """Keep or withhold what is flagged.

    Raises:
        Misuse: No item waits with such a flag, or the pack is released.
        Refusal: There is no such pack.
    """
    from serving.desk.packs import chosen

    def keep(connection: Connection, look: Look) -> PackAnswer:
        _about(connection, look, number)
        return _noted(look, "decided on", chosen(connection, number, choice, account()))

    return _pack_told(asked_on_record(opened, at, keep))


def release(opened: Open, number: int, *, by: str, at: dt.datetime) -> Answer:
    """Release a pack that a named reviewer has looked at.

    Args:
        opened: The place.
        number: The pack's.
        by: The name of the reviewer's account.
        at: The moment.

    Raises:
        Misuse: The reviewer made it or may not review, or a flag waits.
        Refusal: There is no such pack.
    """
    from serving.access.accounts import find_account
    from serving.desk.packs import released

    def keep(connection: Connection, look: Look) -> PackAnswer:
        _about(connection, look, number)
        found = find_account(connection, by)
        if found is None or found.disabled_at or found.role not in REVIEWERS:
            do = "name an account that is a manager's or a steward's"
            fault = Fault("--by", "a reviewer is named", "nobody such", do)
            raise Misuse([fault])
        done = _noted(look, "released", released(connection, number, by=by, at=at))
        look.detail = {**(look.detail or {}), "reviewer": by}
        return done

    return _pack_told(asked_on_record(opened, at, keep))


def _about(connection: Connection, look: Look, number: int) -> None:
    from serving.desk.packs import request_of

    _request(connection, look, request_of(connection, number))


def _request(connection: Connection, look: Look, number: int) -> Request:
    from models.ledger.register import request_in
    from serving.audit import Absent

    found = request_in(connection, number)
    if found is None:
        raise Absent
    look.entity_id = found.entity_id
    return found


def _noted(look: Look, did: str, pack: PackAnswer) -> PackAnswer:
    look.detail = {"did": f"{did} a pack", "pack": pack.number}
    return pack


def _written(opened: Open, entity_id: str | None) -> list[PackItem]:
    """Return what the warehouse alone holds: identifiers, as partners write them."""
    from features.linkage.written import written_about
    from serving.schemas.rights import PackItem

    if entity_id is None:
        return []
    titles = {name: c.title for name, c in opened.place.contracts.items()}
    return [
        PackItem(
            number=0,
            part="written",
            on=one.received,
            title=titles[one.source],
            lines=[*one.values, ("record", f"{one.record_id}-{one.load}")],
        )
        for one in written_about(opened.warehouse, opened.place, entity_id)
    ]


def _pack_told(pack: PackAnswer) -> Answer:
    return {
        "pack": pack.number,
        "request": pack.request,
        "is": f"released by {pack.released_by}" if pack.released_at else "a draft",
        "items": len(pack.items),
        "flags to decide": pack.undecided,
        "flags": sorted(
            {f.name for item in pack.items for f in item.flags if f.choice is None}
        ),
    }
