"""Contact today, and break-glass: rights that end by themselves, each with its reason.

Who was found has no relation to the caller yet. Either gives one, and is on record.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.ledger.access_tables import alerts, grants
from serving.access.rights import Relation, Right
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.identities import is_held
from serving.desk.pace import keep_pace, team_to_tell
from serving.desk.people import relation_answer
from serving.local_time import end_of_day
from serving.schemas.leading import RightAnswer


BREAK_GLASS_LASTS = dt.timedelta(hours=24)
LEAST_REASON = 15
BREAK_GLASS: Relation = "break-glass"

_REFERENCE_LENGTHS = (3, 60)


@dataclass(frozen=True)
class _Given:
    """A right that is given to the caller."""

    kind: Relation
    purpose: str
    reference: str | None
    reason: str | None
    ends: dt.datetime


def contact(desk: Desk, caller: Caller, person: str, reference: str) -> RightAnswer:
    """Say that somebody is in contact today, which gives a right until the day ends.

    Args:
        desk: Where it is asked.
        caller: Who says so.
        person: The opaque id that the search gave.
        reference: What tells which contact: a call's number.

    Raises:
        Misuse: The reference is none.
        Unseen: There is nobody of that id, or the caller may not.
        LedgerUnavailable: Nothing is given without a record of it.
    """
    reference = checked_reference(reference)

    def write(connection: sa.Connection, look: Look) -> RightAnswer:
        place = desk.place(connection)
        entity_id = sought(desk, connection, caller, look, person)
        look.purpose = place.care_purpose
        look.detail = {"relation": "contact", "reference": reference}
        until = end_of_day(desk.clock())
        given = _Given("contact", place.care_purpose, reference, None, until)
        _give(desk, connection, caller, entity_id, given)
        return _answer(person, place, entity_id, given)

    return desk.asked(caller, "contact", write)


def break_glass(
    desk: Desk, caller: Caller, person: str, reason: str, purpose: str
) -> RightAnswer:
    """Look at somebody without a relation to them, for 24 hours; whoever leads is told.

    Args:
        desk: Where it is asked.
        caller: Who must look.
        person: The opaque id that the search gave.
        reason: Why, in at least 15 characters.
        purpose: One of the place's purposes.

    Raises:
        Misuse: With all that is wrong with the reason and the purpose.
        Unseen: There is nobody of that id, or the caller may not.
        LedgerUnavailable: Nothing is given without a record of it.
    """
    reason = " ".join(reason.split())

    def write(connection: sa.Connection, look: Look) -> RightAnswer:
        place = desk.place(connection)
        _check(place, reason, purpose)
        entity_id = sought(desk, connection, caller, look, person)
        until = desk.clock() + BREAK_GLASS_LASTS
        given = _Given(BREAK_GLASS, purpose, None, reason, until)
        number = _give(desk, connection, caller, entity_id, given)
        look.purpose = purpose
        # The reason may name people; it stands where it can be forgotten.
        look.detail = {"relation": BREAK_GLASS, "grant": number}
        _tell(desk, connection, caller, entity_id, reason)
        return _answer(person, place, entity_id, given)

    return desk.asked(caller, "break glass", write)


def sought(
    desk: Desk, connection: sa.Connection, caller: Caller, look: Look, person: str
) -> str:
    """Return whom an opaque id stands for, without asking for a right to look.

    Raises:
        Absent: It is no id of the caller's, or they are not known any more.
        TooMany: The caller has looked at more people than the place allows.
    """
    entity_id = desk.ids.open(caller, person)
    if entity_id is None or not is_held(connection, entity_id):
        raise Absent
    look.entity_id = entity_id
    rules = desk.place(connection).rules
    keep_pace(connection, caller, entity_id, desk.clock(), rules)
    return entity_id


def checked_reference(text: str) -> str:
    """Return a contact's or case's number without what stands around it.

    Raises:
        Misuse: It is too short or too long, or cannot be printed.
    """
    bare = text.strip()
    least, most = _REFERENCE_LENGTHS
    if not (least <= len(bare) <= most and bare.isprintable()):
        what = f"a reference has {least} to {most} characters"
        do = "write the call's or the case's number"
        raise Misuse([Fault("reference", what, "something else", do)])
    return bare


def _check(place: FrozenPlace, reason: str, purpose: str) -> None:
    faults = []
    if len(reason) < LEAST_REASON or not reason.isprintable():
        what, do = f"a reason has {LEAST_REASON} characters or more", "say why you must"
        faults.append(Fault("reason", what, "a shorter one", do))
    if purpose not in place.purposes:
        use = f"use: {', '.join(place.purposes)}"
        what = "the purpose must be one of the place's"
        faults.append(Fault("purpose", what, "another", use))
    if faults:
        raise Misuse(faults)


def _give(
    desk: Desk, connection: sa.Connection, caller: Caller, entity_id: str, given: _Given
) -> int:
    row = {**vars(given), "account": caller.account, "given_by": caller.account}
    row |= {"entity_id": entity_id, "begins": desk.clock()}
    made = connection.execute(sa.insert(grants).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def _tell(
    desk: Desk, connection: sa.Connection, caller: Caller, entity_id: str, reason: str
) -> None:
    told = sa.insert(alerts).values(
        at=desk.clock(),
        kind=BREAK_GLASS,
        about=caller.account,
        team=team_to_tell(connection, caller),
        entity_id=entity_id,
        reason=reason,
    )
    connection.execute(told)


def _answer(
    person: str, place: FrozenPlace, entity_id: str, given: _Given
) -> RightAnswer:
    named = (given.kind, given.purpose, given.reference, given.ends)
    relation = relation_answer(Right(entity_id, *named), place)
    return RightAnswer(person=person, relation=relation)
