"""A person's pages: who it is and one thing about them, read as one look."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from models.definitions.frozen_place import FrozenPlace
from models.ledger.tables import scores
from serving.access.rights import Right
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.chronology import Stretch, record_of, timeline
from serving.desk.decisions import decisions_of
from serving.desk.desk import Desk
from serving.desk.evidence import Behind, evidence_of
from serving.desk.found import find
from serving.desk.identities import UNKNOWN, identities_of
from serving.desk.newest import newest_batches
from serving.desk.opinions_told import next_batch, opinions_of
from serving.desk.people import relation_answer
from serving.desk.person import mark_opened, person_score
from serving.desk.shown_records import sight_of
from serving.schemas.opened import (
    HeadAnswer,
    OpenedChronology,
    OpenedEvidence,
    OpenedRecord,
    OpenedScore,
)
from serving.schemas.people import NamedScore


class Opened(NamedTuple):
    """Whose page it is, and why the caller may look."""

    right: Right
    place: FrozenPlace
    head: HeadAnswer


def opened_chronology(
    desk: Desk, caller: Caller, person: str, stretch: Stretch
) -> OpenedChronology:
    """Return a person with a stretch of their records.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpenedChronology:
        right, place, head = _opened(desk, connection, caller, look, person)
        mark_opened(connection, desk, caller, right)
        found = timeline(desk, connection, person, right, place, stretch)
        sight = sight_of(connection, right, place, desk.on())
        said = opinions_of(desk, connection, sight)
        wrong = [one for one in said if one.score is None]
        return OpenedChronology(head=head, chronology=found, wrong=wrong)

    return desk.asked(caller, "chronology", read)


def opened_score(
    desk: Desk,
    caller: Caller,
    person: str,
    name: str,
    *,
    record: str = "",
    for_themself: bool = False,
) -> OpenedScore:
    """Return a person with one score and what people did and said about it.

    Args:
        desk: Where it is asked.
        caller: Who asks.
        person: The opaque id.
        name: The score's name.
        record: The number of a record of theirs to show too.
        for_themself: It goes to the person, and nobody reviews it: nothing is told
            of sources that the place flags.

    Raises:
        Unseen: It is not there, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpenedScore:
        right, place, head = _opened(desk, connection, caller, look, person)
        mark_opened(connection, desk, caller, right)
        sight = sight_of(
            connection, right, place, desk.on(), is_for_themself=for_themself
        )
        found = find(desk, connection, look, name, right.entity_id, sight)
        about = found.bundle.about
        one = person_score(desk, connection, caller, person, sight, found)
        if one.view_first:
            # What others did and said would give the score away.
            return OpenedScore(head=head, place=place.title, about=about, score=one)
        return OpenedScore(
            head=head,
            place=place.title,
            about=about,
            score=one,
            decisions=decisions_of(connection, right.entity_id, name),
            opinions=opinions_of(desk, connection, sight, name),
            record=record_of(connection, right, place, record, desk.on()),
            next_batch=next_batch(connection, name),
        )

    return desk.asked(caller, "score", read)


def opened_record(desk: Desk, caller: Caller, person: str, number: str) -> OpenedRecord:
    """Return a person with one of their records, by its number.

    Raises:
        Unseen: There is nobody, or no right to look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpenedRecord:
        right, place, head = _opened(desk, connection, caller, look, person)
        record = record_of(connection, right, place, number, desk.on())
        return OpenedRecord(head=head, record=record)

    return desk.asked(caller, "chronology", read)


def opened_evidence(
    desk: Desk, caller: Caller, person: str, name: str, indicator: str
) -> OpenedEvidence:
    """Return a person with the records behind one reason.

    Raises:
        Unseen: It is not there, no score is given, or the caller may not look.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> OpenedEvidence:
        right, place, head = _opened(desk, connection, caller, look, person)
        sight = sight_of(connection, right, place, desk.on())
        found = find(desk, connection, look, name, right.entity_id, sight)
        asked = Behind(person, right, place, indicator)
        shown = evidence_of(desk, connection, caller, look, found, asked)
        return OpenedEvidence(head=head, evidence=shown)

    return desk.asked(caller, "evidence", read)


def _opened(
    desk: Desk, connection: sa.Connection, caller: Caller, look: Look, person: str
) -> Opened:
    right, place = desk.person(connection, caller, look, person)
    named = identities_of(connection, [right.entity_id])
    head = HeadAnswer(
        person=person,
        identity=named.get(right.entity_id, UNKNOWN),
        relation=relation_answer(right, place),
        scores=_scores(desk, connection, right.entity_id),
        may_report=caller.may("report"),
    )
    return Opened(right, place, head)


def _scores(desk: Desk, connection: sa.Connection, entity_id: str) -> list[NamedScore]:
    found = []
    for batch in newest_batches(connection):
        query = sa.select(scores.c.number).where(
            scores.c.batch == batch.id, scores.c.entity_id == entity_id
        )
        if connection.execute(query.limit(1)).first():
            question = desk.shelf.take(connection, batch.bundle).question
            found.append(NamedScore(name=batch.score, question=question))
    return found
