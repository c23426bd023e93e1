"""Evidence: the records behind one reason, each to those with a right to its person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.cases import Evidence, Scored, StoredRecord
from models.ledger.people_tables import entity_records
from models.ledger.tables import records
from models.shown.wording import sentence
from serving.access.rights import Right, right_to, rights
from serving.access.roles import Caller
from serving.answers.records import record_answer
from serving.audit import Absent, Look, NotGiven
from serving.desk.desk import Desk
from serving.desk.found import Found, find
from serving.desk.own_view import need_own_view
from serving.desk.pace import beyond_pace
from serving.desk.shown_records import is_not_withheld, open_sources, sight_of, stored
from serving.schemas.records import EvidenceAnswer


NOTHING = Evidence()

_Linked = list[tuple[StoredRecord, float]]


class _Other(NamedTuple):
    """Somebody else, whom the caller may look at, with their records among those."""

    right: Right
    records: frozenset[int]


@dataclass(frozen=True)
class Behind:
    """Which records are asked for, by whom one may look at.

    Attributes:
        person: The opaque id.
        indicator: The reason that they are behind.
    """

    person: str
    right: Right
    place: FrozenPlace
    indicator: str


def evidence(
    desk: Desk, caller: Caller, person: str, name: str, indicator: str
) -> EvidenceAnswer:
    """Return the records behind one indicator of a person's newest score.

    Those of another person need a right of their own: without it they are counted and
    dated, and not read. To read them is a look at that person too, so there are those
    of as many people as the caller may still look at within the hour.

    Raises:
        Unseen: It is not there, no score is given, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> EvidenceAnswer:
        right, place = desk.person(connection, caller, look, person)
        sight = sight_of(connection, right, place, desk.on())
        found = find(desk, connection, look, name, right.entity_id, sight)
        asked = Behind(person, right, place, indicator)
        return evidence_of(desk, connection, caller, look, found, asked)

    return desk.asked(caller, "evidence", read)


def evidence_of(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    look: Look,
    found: Found,
    asked: Behind,
) -> EvidenceAnswer:
    """Return the records behind one indicator of a score of somebody seen.

    Raises:
        Unseen: There is no such indicator, or nothing may be told of it, or no score
            is given, or it waits for the caller's own view.
    """
    if asked.indicator not in found.bundle.by_name:
        raise Absent
    if isinstance(found.given, State):
        raise NotGiven(found.given)
    if found.hides(asked.indicator):
        raise Absent
    need_own_view(connection, caller, asked.place, found)
    rests_on = found.given.case_file.evidence.get(asked.indicator, NOTHING)
    linked = _linked(desk, connection, caller, asked, rests_on)
    others = _others(desk, connection, caller, asked, linked)
    hidden = _beyond_pace(desk, connection, caller, asked, others)
    look.also = [
        _look_at(look, one.right) for one in others if not one.records <= hidden
    ]
    linked = [one for one in linked if one[0].record_id not in hidden]
    return _answer(found, found.given, asked, linked)


def _linked(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    asked: Behind,
    rests_on: Evidence,
) -> _Linked:
    """Return the records that may be shown, newest first, with their links."""
    place, purpose = asked.place, asked.right.purpose
    held = rights(caller, desk.moment(place))
    wanted = sa.tuple_(records.c.record_id, records.c.load).in_(rests_on.records)
    seen = entity_records.c.entity_id.in_(sa.select(held.c.entity_id))
    query = (
        sa.select(*records.c, sa.func.max(entity_records.c.probability).label("link"))
        .join(entity_records, entity_records.c.record_id == records.c.record_id)
        .where(wanted, seen, is_not_withheld(purpose))
        .where(records.c.source.in_(open_sources(place, purpose, desk.on())))
        .group_by(records.c.record_id, records.c.load)  # its key: the rest follows
        .order_by(records.c.event_date.desc(), records.c.record_id.desc())
    )
    return [(stored(row), row.link) for row in connection.execute(query)]


def _others(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    asked: Behind,
    linked: _Linked,
) -> list[_Other]:
    """Return those whose records, and not the person's, may be shown, newest first."""
    numbers = [record.record_id for record, _ in linked]
    own = sa.select(entity_records.c.record_id).where(
        entity_records.c.entity_id == asked.right.entity_id
    )
    query = (
        sa.select(entity_records.c.entity_id, entity_records.c.record_id)
        .where(entity_records.c.record_id.in_(numbers))
        .where(entity_records.c.record_id.not_in(own))
        .order_by(entity_records.c.event_date.desc(), entity_records.c.entity_id)
    )
    theirs: dict[str, set[int]] = {}
    for row in connection.execute(query):
        theirs.setdefault(row.entity_id, set()).add(row.record_id)
    moment = desk.moment(asked.place)
    return [
        _Other(right, frozenset(some))
        for one, some in theirs.items()
        if (right := right_to(connection, caller, one, moment))
    ]


def _beyond_pace(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    asked: Behind,
    others: Sequence[_Other],
) -> frozenset[int]:
    """Return the records of those whom the caller may not look at any more, for now."""
    # The person is let through already, and is not yet counted if they are new.
    people = [asked.right.entity_id, *(one.right.entity_id for one in others)]
    beyond = beyond_pace(connection, caller, people, desk.clock(), asked.place.rules)
    some = (one.records for one in others if one.right.entity_id in beyond)
    return frozenset().union(*some)


def _look_at(look: Look, right: Right) -> Look:
    """Return a look as one at somebody else, with the right to them."""
    entity_id, purpose, detail = right.entity_id, right.purpose, right.detail
    return replace(look, entity_id=entity_id, purpose=purpose, detail=detail)


def _answer(
    found: Found, given: Scored, asked: Behind, linked: _Linked
) -> EvidenceAnswer:
    bundle, case_file = found.bundle, given.case_file
    indicator = bundle.by_name[asked.indicator]
    rests_on = case_file.evidence.get(indicator.name, NOTHING)
    source = bundle.source_by_name[indicator.source]
    return EvidenceAnswer(
        name=bundle.score,
        caveat=bundle.caveat,
        person=asked.person,
        as_of=found.row.as_of,
        indicator=indicator.name,
        label=indicator.label,
        sentence=sentence(indicator, case_file.values.get(indicator.name)),
        source=source.title,
        partner=source.partner,
        about=indicator.relation,
        lowest_link=rests_on.lowest_link,
        link_product=rests_on.link_product,
        total=rests_on.total,
        hidden=rests_on.total - len(linked),
        first_event=rests_on.earliest_event,
        last_event=rests_on.latest_event,
        records=[record_answer(asked.place, record, link) for record, link in linked],
    )
