"""The register of rights, at the desk: what was asked, by when, what was answered.

Managers and stewards see that a request is there, its clock and its owner. Whom it is
about, what was asked and what was answered is for those who may look at the person.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.definitions.frozen_place import FrozenPlace
from models.ledger import register
from models.ledger.register import Asked, Request
from serving.access.rights import right_to
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk
from serving.desk.identities import identities_of
from serving.schemas.rights import (
    NewRequest,
    RegisterAnswer,
    RequestAnswer,
    RequestReply,
)


# What those who are told by name in the register are looked at for.
PURPOSE = "subject access"


def open_requests(
    desk: Desk,
    caller: Caller,
    *,
    limit: int = 50,
    offset: int = 0,
    is_answered: bool = False,
) -> RegisterAnswer:
    """Return a page of what waits, the most urgent first; or of what was answered.

    Raises:
        Unseen: The caller's role has no register.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> RegisterAnswer:
        place, on = desk.place(connection), desk.on()
        waiting = register.requests_in(connection)
        found = waiting
        if is_answered:
            found = register.requests_in(connection, is_answered=True)
        page = found[offset : offset + limit]
        told = told_to(desk, connection, caller, look, place, page)
        return RegisterAnswer(
            total=len(found),
            waiting=len(waiting),
            overdue=sum(one.days_left(on) < 0 for one in waiting),
            limit=limit,
            offset=offset,
            requests=told,
        )

    return desk.asked(caller, "register", read)


def request(desk: Desk, caller: Caller, number: int) -> RequestAnswer:
    """Return one entry.

    Raises:
        Unseen: There is none of that number, or the caller's role has no register.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, look: Look) -> RequestAnswer:
        found = register.request_in(connection, number)
        if found is None:
            raise Absent
        place = desk.place(connection)
        [told] = told_to(desk, connection, caller, look, place, [found])
        return told

    return desk.asked(caller, "register", read)


def enter(desk: Desk, caller: Caller, new: NewRequest) -> RequestAnswer:
    """Write down what somebody asks for; the clock runs from the day it came.

    Raises:
        Misuse: It came after today.
        Unseen: The caller may not look at the person, or has no register.
        LedgerUnavailable: It was not kept.
    """
    if new.received_on > desk.on():
        what, do = "a request has come already", "write the day it came"
        raise Misuse([Fault("received_on", what, "a day to come", do)])

    def keep(connection: sa.Connection, look: Look) -> RequestAnswer:
        entity_id = None
        if new.person is not None:
            right, _ = desk.person(connection, caller, look, new.person)
            entity_id = right.entity_id
        what = (new.what or "").strip() or None
        asked = Asked(new.kind, entity_id, new.received_on, new.owner, what)
        kept = register.enter(connection, asked, by=caller.name)
        place = desk.place(connection)
        return told_to(desk, connection, caller, look, place, [kept])[0]

    return desk.asked(caller, "register", keep)


def answer(
    desk: Desk, caller: Caller, number: int, reply: RequestReply
) -> RequestAnswer:
    """Answer a request, once.

    Raises:
        Misuse: Nothing is answered.
        Unseen: It does not wait, or is about somebody whom the caller may not look at.
        LedgerUnavailable: It was not kept.
    """
    if not reply.answer.strip():
        what, do = "whoever asked is told something", "write it in a few words"
        raise Misuse([Fault("answer", what, "nothing", do)])

    def keep(connection: sa.Connection, look: Look) -> RequestAnswer:
        about_somebody(desk, connection, caller, look, number)
        said = (reply.outcome, reply.answer.strip())
        kept = register.answer(connection, number, *said, by=caller.name, on=desk.on())
        if kept is None:
            raise Absent
        place = desk.place(connection)
        return told_to(desk, connection, caller, look, place, [kept])[0]

    return desk.asked(caller, "register", keep)


def about_somebody(
    desk: Desk, connection: sa.Connection, caller: Caller, look: Look, number: int
) -> Request:
    """Return a request, if it is about nobody yet or the caller may look at them.

    Raises:
        Unseen: It is not there, or not for the caller.
    """
    found = register.request_in(connection, number)
    if found is None:
        raise Absent
    if found.entity_id is not None:
        desk.person(connection, caller, look, desk.ids.seal(caller, found.entity_id))
    return found


def told_to(
    desk: Desk,
    connection: sa.Connection,
    caller: Caller,
    look: Look,
    place: FrozenPlace,
    found: Sequence[Request],
) -> list[RequestAnswer]:
    """Return entries as the caller may see them; those told by name are on record."""
    moment = desk.moment(place)
    asked_about = {one.entity_id for one in found if one.entity_id}
    mine = {e for e in asked_about if right_to(connection, caller, e, moment)}
    named = identities_of(connection, mine).items()
    names = {entity_id: identity.name for entity_id, identity in named}
    look.purpose = look.purpose or PURPOSE
    look.listed = sorted(mine - {look.entity_id or ""})
    return [_entry(desk, caller, one, mine, names) for one in found]


def _entry(
    desk: Desk,
    caller: Caller,
    one: Request,
    mine: set[str],
    names: dict[str, str],
) -> RequestAnswer:
    on = desk.on()
    is_mine = one.entity_id in mine
    is_open = is_mine or one.entered_by == caller.name
    person = one.entity_id if is_mine else None
    return RequestAnswer(
        **{name: getattr(one, name) for name in _PLAIN},
        days_left=one.days_left(on),
        clock=one.clock(on),
        is_known=one.entity_id is not None,
        person=desk.ids.seal(caller, person) if person else None,
        name=names.get(person) if person else None,
        what=one.what if is_open else None,
        answer=one.answer if is_open else None,
    )


_PLAIN = (
    *("number", "kind", "received_on", "due_on", "owner", "entered_by"),
    *("answered_on", "answered_by", "outcome"),
)
