"""Packs: all that is held about a person who asked, a draft until it is released.

A pack is made for a request for access. Some of its items are flagged, because they
may be about others, or may harm: each flag is decided, with a reason. Then a named
reviewer, other than whoever made the pack, releases it. Making, deciding and releasing
are on record as looks at the person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.ledger.people_tables import entity_records
from models.ledger.promotions import BundleShelf
from models.ledger.register import Request, request_in
from models.ledger.work_tables import subject_packs
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.pack_content import content_of, numbered
from serving.desk.pack_text import text_of
from serving.desk.register import about_somebody
from serving.schemas.rights import FlagChoice, PackAnswer, PackContent, PackItem


@dataclass(frozen=True)
class Made:
    """Who makes a pack, and when.

    Attributes:
        more: What the ledger does not hold; it stands first.
    """

    by: str
    at: dt.datetime
    more: Sequence[PackItem] = ()


def make_pack(desk: Desk, caller: Caller, number: int) -> PackAnswer:
    """Make a draft of all that is held about the person of a request for access.

    Raises:
        Misuse: The request is for something else, or about nobody in particular.
        Unseen: There is none, or the caller may not look at the person.
        LedgerUnavailable: It was not kept.
    """

    def keep(connection: sa.Connection, look: Look) -> PackAnswer:
        asked = about_somebody(desk, connection, caller, look, number)
        place = desk.place(connection)
        made = Made(caller.name, desk.clock())
        pack = draft(desk.shelf, connection, place, asked, made)
        return _noted(look, "made a pack", pack)

    return desk.asked(caller, "register", keep)


def pack(desk: Desk, caller: Caller, number: int) -> PackAnswer:
    """Return a pack.

    Raises:
        Unseen: There is none, or the caller may not look at the person.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> PackAnswer:
        _allowed(desk, connection, caller, look, number)
        return _noted(look, "read a pack", pack_in(connection, number))

    return desk.asked(caller, "register", read)


def choose(desk: Desk, caller: Caller, number: int, choice: FlagChoice) -> PackAnswer:
    """Keep or withhold what is flagged, for a reason.

    Raises:
        Misuse: No item has such a flag, no reason is given, or it is released.
        Unseen: There is no such pack, or the caller may not look at the person.
        LedgerUnavailable: It was not kept.
    """

    def keep(connection: sa.Connection, look: Look) -> PackAnswer:
        _allowed(desk, connection, caller, look, number)
        decided = chosen(connection, number, choice, caller.name)
        return _noted(look, "decided on a pack", decided)

    return desk.asked(caller, "register", keep)


def release(desk: Desk, caller: Caller, number: int) -> PackAnswer:
    """Release a pack: the caller is its reviewer.

    Raises:
        Misuse: The caller made it, a flag waits, or it was released before.
        Unseen: There is no such pack, or the caller may not look at the person.
        LedgerUnavailable: It was not kept.
    """

    def keep(connection: sa.Connection, look: Look) -> PackAnswer:
        _allowed(desk, connection, caller, look, number)
        done = released(connection, number, by=caller.name, at=desk.clock())
        return _noted(look, "released a pack", done)

    return desk.asked(caller, "register", keep)


def draft(
    shelf: BundleShelf,
    connection: sa.Connection,
    place: FrozenPlace,
    asked: Request,
    made: Made,
) -> PackAnswer:
    """Make and keep a draft, in a transaction under way.

    Raises:
        Misuse: The request is for something else, or about nobody in particular.
    """
    refuse_misuse(_unfit(asked))
    content = content_of(shelf, connection, place, asked.entity_id or "")
    items = numbered([*made.more, *content.items])
    row = {
        "request": asked.number,
        "made_at": made.at,
        "made_by": made.by,
        "content": PackContent(items=items).model_dump_json(),
    }
    insert = sa.insert(subject_packs).values(row).returning(subject_packs.c.id)
    return pack_in(connection, connection.execute(insert).scalar_one())


def pack_in(connection: sa.Connection, number: int) -> PackAnswer:
    """Return a pack; `Absent` if there is none, or the person was forgotten."""
    return _answer(_row(connection, number))


def chosen(
    connection: sa.Connection, number: int, choice: FlagChoice, by: str
) -> PackAnswer:
    """Keep a choice, in a transaction under way.

    Raises:
        Misuse: No item has such a flag, no reason is given, or it is released.
        Absent: There is no such pack.
    """
    before = pack_in(connection, number)
    items = [_with(item, choice, by) for item in before.items]
    refuse_misuse(_bad_choice(before, items, choice))
    content = PackContent(items=items).model_dump_json()
    return _changed(connection, number, {"content": content})


def released(
    connection: sa.Connection, number: int, *, by: str, at: dt.datetime
) -> PackAnswer:
    """Release a pack, in a transaction under way.

    Raises:
        Misuse: Whoever made it would release it, a flag waits, it is released, or it
            holds records that are not the person's any more.
        Absent: There is no such pack.
    """
    found = pack_in(connection, number)
    refuse_misuse(chain(_not_yet(found, by), _moved(connection, found)))
    return _changed(connection, number, {"released_at": at, "released_by": by})


def refuse_misuse(faults: Iterator[Fault]) -> None:
    """Raise a `Misuse` with all faults, if there are any."""
    if found := list(faults):
        raise Misuse(found)


def request_of(connection: sa.Connection, number: int) -> int:
    """Return the number of the request that a pack was made for."""
    return int(_row(connection, number).request)


def _moved(connection: sa.Connection, found: PackAnswer) -> Iterator[Fault]:
    """A link may have been found wrong since: the records are somebody else's now."""
    asked = request_in(connection, found.request)
    query = sa.select(entity_records.c.record_id).where(
        entity_records.c.entity_id == (asked.entity_id if asked else None)
    )
    theirs = {str(number) for number in connection.execute(query).scalars()}
    copies = (
        dict(i.lines).get("record", "") for i in found.items if i.part == "record"
    )
    numbers = {copy.partition("-")[0] for copy in copies}
    if gone := len(numbers - theirs):
        what, do = "every record in a pack is the person's", "make another pack"
        yield Fault(f"pack {found.number}", what, f"{gone} that are not now", do)


def _allowed(
    desk: Desk, connection: sa.Connection, caller: Caller, look: Look, number: int
) -> None:
    about_somebody(desk, connection, caller, look, request_of(connection, number))


def _row(connection: sa.Connection, number: int) -> sa.Row[Any]:
    # Who changes it holds it until then: two choices at once are both kept.
    query = sa.select(subject_packs).where(subject_packs.c.id == number)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None or row.content is None:
        raise Absent
    return row


def _changed(
    connection: sa.Connection, number: int, values: dict[str, object]
) -> PackAnswer:
    update = sa.update(subject_packs).where(subject_packs.c.id == number)
    connection.execute(update.values(values))
    return pack_in(connection, number)


def _with(item: PackItem, choice: FlagChoice, by: str) -> PackItem:
    """Return an item with what was chosen for its flag, if it is meant."""
    if choice.item not in (None, item.number):
        return item
    said = {"choice": choice.choice, "because": choice.because.strip(), "by": by}
    flags = [
        flag.model_copy(update=said)
        if flag.name == choice.flag and (choice.item or flag.choice is None)
        else flag
        for flag in item.flags
    ]
    return item.model_copy(update={"flags": flags})


def _answer(row: sa.Row[Any]) -> PackAnswer:
    content = PackContent.model_validate_json(row.content)
    return PackAnswer(
        number=row.id,
        request=row.request,
        made_at=row.made_at,
        made_by=row.made_by,
        released_at=row.released_at,
        released_by=row.released_by,
        undecided=content.undecided,
        items=content.items,
        text=text_of(content, row.released_at),
    )


def _noted(look: Look, did: str, pack: PackAnswer) -> PackAnswer:
    look.detail = {**(look.detail or {}), "did": did, "pack": pack.number}
    return pack


def _unfit(asked: Request) -> Iterator[Fault]:
    where = f"request {asked.number}"
    if asked.kind != "access":
        do = "make a pack for a request for access"
        yield Fault(where, "a pack answers a request for access", asked.kind, do)
    if asked.entity_id is None:
        do = "find out who it is, and enter the request about them"
        yield Fault(where, "a pack is about somebody", "nobody in particular", do)


def _bad_choice(
    before: PackAnswer, items: list[PackItem], choice: FlagChoice
) -> Iterator[Fault]:
    where = f"pack {before.number}"
    if before.released_at is not None:
        do = "make another pack"
        yield Fault(where, "only a draft can be changed", "a released pack", do)
    if not choice.because.strip():
        do = "write it in a few words"
        yield Fault("because", "a choice has a reason", "nothing", do)
    if items == before.items:
        do = "look at the pack's items and their flags"
        yield Fault("flag", "an item waits with such a flag", "none", do)


def _not_yet(found: PackAnswer, by: str) -> Iterator[Fault]:
    where = f"pack {found.number}"
    if found.released_at is not None:
        do = "nothing needs to be done"
        yield Fault(where, "a pack is released once", "one that was", do)
    if found.made_by == by:
        do = "let somebody else look at it"
        yield Fault(where, "another than its maker releases it", "the maker", do)
    if found.undecided:
        do = "keep or withhold each, with a reason"
        got = f"{found.undecided} that wait"
        yield Fault(where, "every flag is decided on", got, do)
