"""Opinions: what people think of a score. Nobody must approve them.

All of them are shown beside the score. A record that is said to be wrong goes to its
partner's steward, and comes back with an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.ledger.people_tables import entity_records
from models.ledger.tables import records
from models.ledger.work_tables import opinions
from serving.access.rights import Right
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.found import Found, find
from serving.desk.opinions_told import one_opinion
from serving.desk.own_view import VIEW_FIRST
from serving.desk.shown_records import barred_sources, open_sources, sight_of
from serving.schemas.work import Opinion, OpinionAnswer


WRONG_RECORD: Final = "the record is wrong"
NEED_WORDS = (WRONG_RECORD, "I know something it does not")

# Numbers of records and loads are far below; none that a database would not take.
_MOST_DIGITS = 18


def opine(desk: Desk, caller: Caller, person: str, opinion: Opinion) -> OpinionAnswer:
    """Keep what somebody thinks of the person's newest score.

    Raises:
        Misuse: Words, a record or a band are missing, or it is not one.
        Unseen: The person, the score or the record is not there, or the caller may not
            look.
        LedgerUnavailable: It was not kept.
    """
    refuse_misuse(_faults(opinion))

    def keep(connection: sa.Connection, look: Look) -> OpinionAnswer:
        right, place = desk.person(connection, caller, look, person)
        sight = sight_of(connection, right, place, desk.on())
        found = None
        if opinion.score is not None:
            found = find(desk, connection, look, opinion.score, right.entity_id)
        if found and opinion.kind == VIEW_FIRST:
            refuse_misuse(_faults_of_band(opinion, found))
        row = {
            "at": desk.clock(),
            "account": caller.account,
            "entity_id": right.entity_id,
            "score": opinion.score,
            "batch": found.batch.id if found else None,
            "kind": opinion.kind,
            "text": (opinion.text or "").strip() or None,
            **_wrong(desk, connection, right, place, opinion),
        }
        insert = sa.insert(opinions).values(row).returning(opinions.c.id)
        number = connection.execute(insert).scalar_one()
        return one_opinion(desk, connection, sight, number)

    return desk.asked(caller, "opine", keep)


def refuse_misuse(faults: Iterator[Fault]) -> None:
    """Raise a `Misuse` with all faults, if there are any."""
    if found := list(faults):
        raise Misuse(found)


def _faults(opinion: Opinion) -> Iterator[Fault]:
    said = (opinion.text or "").strip()
    if opinion.score is None and opinion.kind != WRONG_RECORD:
        what = "an opinion is about a score, but for a record that is wrong"
        yield Fault("score", what, "none", "name the score")
    if opinion.kind in NEED_WORDS and not said:
        what = "it must be said what is wrong, or what you know"
        yield Fault("text", what, "nothing", "write it in a few words")
    if (opinion.kind == WRONG_RECORD) != (opinion.record is not None):
        got = "none" if opinion.record is None else "one that is not asked for"
        what = "a record is named where, and only where, one is wrong"
        yield Fault("record", what, got, "choose the record, or another answer")
    if opinion.record is not None and record_key(opinion.record) is None:
        what, do = "a record is its number and its load's", "write it like 1042-7"
        yield Fault("record", what, "something else", do)


def _faults_of_band(opinion: Opinion, found: Found) -> Iterator[Fault]:
    labels = [band.label for band in found.bundle.bands]
    if opinion.text not in labels:
        do = f"choose one of: {', '.join(labels)}"
        yield Fault("text", "your view is one of the bands", "something else", do)


def record_key(record: str) -> tuple[int, int] | None:
    """Return a record's number and its load's; None if a text is not both.

    >>> record_key("1042-7"), record_key("1042")
    ((1042, 7), None)
    """
    number, _, load = record.partition("-")
    are_digits = all(
        part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS
        for part in (number, load)
    )
    return (int(number), int(load)) if are_digits else None


def _wrong(
    desk: Desk,
    connection: sa.Connection,
    right: Right,
    place: FrozenPlace,
    opinion: Opinion,
) -> dict[str, Any]:
    """Return which record is wrong and who must answer.

    Raises:
        Absent: It is none of this person's, or may not be shown for this purpose.
    """
    key = record_key(opinion.record or "")
    if key is None:
        return {}
    shown = set(open_sources(place, right.purpose, desk.on()))
    shown -= barred_sources(connection, right)
    query = (
        sa.select(records.c.source)
        .join(entity_records, entity_records.c.record_id == records.c.record_id)
        .where(entity_records.c.entity_id == right.entity_id)
        .where(records.c.record_id == key[0], records.c.load == key[1])
        .where(records.c.source.in_(shown))
    )
    source = connection.execute(query).scalar()
    if source is None:
        raise Absent
    partner = place.source_by_name[source].partner
    return {"record_id": key[0], "load": key[1], "partner": partner}
