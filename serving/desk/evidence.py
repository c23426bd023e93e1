"""Evidence: the records behind one reason, each to those with a right to its person."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from serving.desk.pace import keep_pace_of
from serving.desk.shown_records import is_not_withheld, open_sources, sight_of, stored
from serving.schemas.records import EvidenceAnswer


NOTHING = Evidence()

_Linked = list[tuple[StoredRecord, float]]


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
    dated, and not read. To read them is a look at that person too.

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
            is given, or it waits for the caller's own view; or they are records of too
            many people.
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
    at, rules = desk.clock(), asked.place.rules
    seen = [asked.right.entity_id, *(right.entity_id for right in others)]
    keep_pace_of(connection, caller, seen, at, rules)
    look.also = [
        replace(look, entity_id=right.entity_id, detail=right.detail)
        for right in others
    ]
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
) -> list[Right]:
    """Return the rights to those whose records, and not the person's, may be shown."""
    numbers = [record.record_id for record, _ in linked]
    own = sa.select(entity_records.c.record_id).where(
        entity_records.c.entity_id == asked.right.entity_id
    )
    query = sa.select(entity_records.c.entity_id).where(
        entity_records.c.record_id.in_(numbers), entity_records.c.record_id.not_in(own)
    )
    moment = desk.moment(asked.place)
    whose = connection.execute(query.distinct().order_by(query.selected_columns[0]))
    held = (right_to(connection, caller, one, moment) for one in whose.scalars().all())
    return [right for right in held if right]


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
