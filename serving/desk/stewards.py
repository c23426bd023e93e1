"""The stewards' queue: records said to be wrong, and links in doubt, of one partner.

A steward sees what is asked about and nothing else: no score, no other record, of a
link only the identifiers that linking reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.access_tables import accounts
from models.ledger.link_tables import link_answers, link_questions
from models.ledger.tables import records
from models.ledger.work_tables import opinions
from serving.access.roles import Caller
from serving.answers.records import record_answer
from serving.audit import Absent, Forbidden, Look
from serving.desk.desk import Desk
from serving.desk.opinions import WRONG_RECORD
from serving.desk.shown_records import stored
from serving.schemas.work import (
    BothSides,
    QueueAnswer,
    QueueItem,
    UncertainLink,
    WrongRecord,
)


RECORD, LINK = "record", "link"


def queue(
    desk: Desk, caller: Caller, *, limit: int = 20, offset: int = 0
) -> QueueAnswer:
    """Return what waits for the caller: records first, then links.

    Records stand by the day on which they were said to be wrong, the oldest first;
    links as linking finds them useful, first those that hold scores back.

    Raises:
        Forbidden: The caller is no steward of any partner.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> QueueAnswer:
        partner = _partner(caller)
        place = desk.place(connection)
        page, total = _page(connection, partner, limit, offset)
        items = [
            _item(desk, connection, caller, place, kind, row) for kind, row in page
        ]
        about = (entity_id for kind, row in page for entity_id in _about(kind, row))
        look.listed = list(dict.fromkeys(about))
        return QueueAnswer(
            partner=_partner_name(place, partner),
            total=total,
            limit=limit,
            offset=offset,
            items=items,
        )

    return desk.asked(caller, "queue", read)


def waiting_item(desk: Desk, caller: Caller, item: str) -> QueueItem:
    """Return one thing that waits for the caller.

    Raises:
        Unseen: It does not wait, or not for this caller.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> QueueItem:
        kind, row = find_waiting(desk, connection, caller, item)
        note(look, kind, row)
        return _item(desk, connection, caller, desk.place(connection), kind, row)

    return desk.asked(caller, "queue", read)


def find_waiting(
    desk: Desk, connection: sa.Connection, caller: Caller, item: str
) -> tuple[str, Any]:
    """Return the kind and the row of something that waits for the caller.

    Raises:
        Absent: It does not wait, or not for this caller.
    """
    kind, _, number = (desk.ids.open(caller, item) or "").partition(" ")
    wanted: dict[str, sa.Select[Any]] = {}
    if kind == RECORD and number.isdigit():
        wanted[RECORD] = _RECORDS.where(opinions.c.id == int(number))
    if kind == LINK:
        wanted[LINK] = _LINKS.where(link_questions.c.pair == number)
    for found, query in wanted.items():
        row = connection.execute(query, {"partner": _partner(caller)}).one_or_none()
        if row is not None:
            return found, row
    raise Absent


def note(look: Look, kind: str, row: Any) -> None:
    """Put on record whom something that waits is about: of a link, both sides."""
    if kind == RECORD:
        look.entity_id = row.entity_id
    else:
        look.also = [replace(look, entity_id=one) for one in _about(kind, row)]


def _about(kind: str, row: Any) -> list[str]:
    """Return whom it is about; nobody of what was asked before that was kept."""
    found = [row.left_entity_id, row.right_entity_id] if kind == LINK else []
    return [one for one in found or [row.entity_id] if one is not None]


def _partner(caller: Caller) -> str:
    if caller.partner is None:
        raise Forbidden
    return caller.partner


def _partner_name(place: FrozenPlace, partner: str) -> str:
    named = {source.partner: source.partner_name for source in place.sources}
    return named.get(partner, partner)


_RECORDS: sa.Select[Any] = (
    sa.select(
        opinions.c.id.label("number"),
        *(opinions.c.at, opinions.c.entity_id, opinions.c.text),
        accounts.c.role,
        accounts.c.display_name.label("by"),
        *records.c,
    )
    .join(accounts, accounts.c.id == opinions.c.account)
    .join(
        records,
        (records.c.record_id == opinions.c.record_id)
        & (records.c.load == opinions.c.load),
    )
    .where(opinions.c.partner == sa.bindparam("partner"))
    .where(opinions.c.kind == WRONG_RECORD, opinions.c.answered_at.is_(None))
    .order_by(opinions.c.at, opinions.c.id)
)
_IS_ANSWERED = (
    sa.select(link_answers.c.id)
    .where(link_answers.c.pair == link_questions.c.pair)
    .where(link_answers.c.taken_at.is_(None))
    .exists()
)
_LINKS: sa.Select[Any] = (
    sa.select(link_questions)
    .where(link_questions.c.partner == sa.bindparam("partner"), ~_IS_ANSWERED)
    .order_by(
        link_questions.c.holds_scores_back.desc(),
        link_questions.c.usefulness.desc(),
        link_questions.c.pair,
    )
)


def _page(
    connection: sa.Connection, partner: str, limit: int, offset: int
) -> tuple[list[tuple[str, Any]], int]:
    """Return a page of all that waits, and how much that is."""
    page: list[tuple[str, Any]] = []
    whose, total = {"partner": partner}, 0
    for kind, query in ((RECORD, _RECORDS), (LINK, _LINKS)):
        counted = sa.select(sa.func.count()).select_from(
            query.order_by(None).subquery()
        )
        part = query.limit(limit - len(page)).offset(max(0, offset - total))
        page += [(kind, row) for row in connection.execute(part, whose)]
        total += connection.execute(counted, whose).scalar_one()
    return page, total


def _item(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    place: FrozenPlace,
    kind: str,
    row: Any,
) -> QueueItem:
    if kind == LINK:
        sealed = desk.ids.seal(caller, f"{LINK} {row.pair}")
        return QueueItem(item=sealed, since=row.asked_at, record=None, link=_link(row))
    sealed = desk.ids.seal(caller, f"{RECORD} {row.number}")
    return QueueItem(item=sealed, since=row.at, record=_record(place, row), link=None)


def _record(place: FrozenPlace, row: Any) -> WrongRecord:
    shown = record_answer(place, stored(row), 1.0)
    return WrongRecord(
        record=shown.record,
        source=shown.source,
        event_date=shown.event_date,
        known_date=shown.known_date,
        said=row.text or "",
        by=row.by,
        role=row.role,
        fields=shown.fields,
    )


def _link(row: Any) -> UncertainLink:
    sides = [
        BothSides(identifier=name.replace("_", " "), left=left, right=right)
        for name, (left, right) in row.sides.items()
    ]
    return UncertainLink(
        entity=row.kind,
        why=row.why,
        holds_scores_back=row.holds_scores_back,
        sides=sides,
    )
