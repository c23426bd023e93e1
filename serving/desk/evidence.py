"""Evidence: the records behind one reason, each to those with a right to its person."""

from __future__ import annotations

import sqlalchemy as sa

from models.definitions.bundle import FrozenIndicator
from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.cases import Evidence, Scored, StoredRecord
from models.ledger.people_tables import entity_records
from models.ledger.tables import records
from models.shown.wording import sentence
from serving.access.rights import Right, rights
from serving.access.roles import Caller
from serving.answers.records import record_answer
from serving.audit import Absent, Look, NotGiven
from serving.desk.desk import Desk
from serving.desk.scores import Found, find
from serving.desk.shown_records import is_not_withheld, open_sources, stored
from serving.schemas.records import EvidenceAnswer


NOTHING = Evidence()

_Linked = list[tuple[StoredRecord, float]]
_Read = tuple[Found, Scored, FrozenPlace, _Linked]


def evidence(
    desk: Desk, caller: Caller, person: str, name: str, indicator: str
) -> EvidenceAnswer:
    """Return the records behind one indicator of a person's newest score.

    Those of another person need a right of their own: without it they are counted and
    dated, and not read.

    Raises:
        Unseen: It is not there, no score is given, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> _Read:
        right, place = desk.person(connection, caller, look, person)
        found = find(desk, connection, look, name, right.entity_id)
        if indicator not in found.bundle.by_name:
            raise Absent
        if isinstance(found.given, State):
            raise NotGiven(found.given)
        behind = found.given.case_file.evidence.get(indicator, NOTHING)
        linked = _linked(desk, connection, caller, right, behind)
        return found, found.given, place, linked

    found, given, place, linked = desk.asked(caller, "evidence", read)
    described = found.bundle.by_name[indicator]
    return _answer(person, found, given, described, place, linked)


def _linked(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    right: Right,
    behind: Evidence,
) -> _Linked:
    """Return the records that may be shown, newest first, with their links."""
    place = desk.place(connection)
    held = rights(caller, desk.moment(place))
    wanted = sa.tuple_(records.c.record_id, records.c.load).in_(behind.records)
    seen = entity_records.c.entity_id.in_(sa.select(held.c.entity_id))
    query = (
        sa.select(*records.c, sa.func.max(entity_records.c.probability).label("link"))
        .join(entity_records, entity_records.c.record_id == records.c.record_id)
        .where(wanted, seen, is_not_withheld(right.purpose))
        .where(records.c.source.in_(open_sources(place, right.purpose, desk.on())))
        .group_by(*records.c)
        .order_by(records.c.event_date.desc(), records.c.record_id.desc())
    )
    return [(stored(row), row.link) for row in connection.execute(query)]


def _answer(
    person: str,
    found: Found,
    given: Scored,
    indicator: FrozenIndicator,
    place: FrozenPlace,
    linked: _Linked,
) -> EvidenceAnswer:
    bundle, case_file = found.bundle, given.case_file
    behind = case_file.evidence.get(indicator.name, NOTHING)
    source = bundle.source_by_name[indicator.source]
    return EvidenceAnswer(
        name=bundle.score,
        caveat=bundle.caveat,
        person=person,
        as_of=found.row.as_of,
        indicator=indicator.name,
        label=indicator.label,
        sentence=sentence(indicator, case_file.values.get(indicator.name)),
        source=source.title,
        partner=source.partner,
        about=indicator.relation,
        lowest_link=behind.lowest_link,
        link_product=behind.link_product,
        total=behind.total,
        hidden=behind.total - len(linked),
        first_event=behind.earliest_event,
        last_event=behind.latest_event,
        records=[record_answer(place, record, link) for record, link in linked],
    )
