"""The jobs behind `lamppost rights`: the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from features.faults import Fault, Misuse, Refusal
from lamppost.audit_jobs import account


if TYPE_CHECKING:
    from lamppost.opened import Open
    from models.audit.audit import Audit
    from models.ledger.register import Asked, Connection, Request
    from serving.audit import Look

Answer = dict[str, Any]
T = TypeVar("T")


def add(opened: Open, asked: Asked, *, at: dt.datetime) -> Answer:
    """Write down what somebody asked for.

    Raises:
        Misuse: There is no such right, it came after today, or nobody of that id.
    """
    from models.ledger import register
    from models.ledger.forgetting import names_in

    _refuse(_faults_of(asked, at.date()))

    def keep(connection: Connection, look: Look) -> Request:
        if asked.entity_id and asked.entity_id not in names_in(connection):
            raise Misuse([_nobody()])
        look.entity_id = asked.entity_id
        return register.enter(connection, asked, by=account())

    return _told(asked_on_record(opened, at, keep), at.date())


def listed(opened: Open, *, is_answered: bool, at: dt.datetime) -> Answer:
    """List what waits, the most urgent first; or what was answered."""
    from models.ledger import register

    def read(connection: Connection, look: Look) -> list[Request]:
        found = register.requests_in(connection, is_answered=is_answered)
        look.listed = sorted({one.entity_id for one in found if one.entity_id})
        return found

    found = asked_on_record(opened, at, read)
    return {"requests": [_told(one, at.date()) for one in found]}


def answer(
    opened: Open, number: int, outcome: str, text: str, *, at: dt.datetime
) -> Answer:
    """Answer a request, once.

    Raises:
        Misuse: There is no such outcome, or nothing is answered.
        Refusal: No request of that number waits.
    """
    from models.ledger import register

    known = get_args(register.Outcome)
    chosen = next((one for one in known if one == outcome), None)
    if chosen is None or not text.strip():
        do = f"give one of: {', '.join(known)}; and a text"
        what = "an answer has an outcome and a text"
        raise Misuse([Fault("--outcome", what, "another, or none", do)])

    def keep(connection: Connection, look: Look) -> Request | None:
        said = (chosen, text.strip())
        kept = register.answer(connection, number, *said, by=account(), on=at.date())
        look.entity_id = kept.entity_id if kept else None
        return kept

    kept = asked_on_record(opened, at, keep)
    if kept is None:
        do = "list what waits; run: lamppost rights list"
        raise Refusal([Fault(f"request {number}", "it waits", "no such one", do)])
    return _told(kept, at.date())


def asked_on_record(
    opened: Open, at: dt.datetime, read: Callable[[Connection, Look], T]
) -> T:
    """Return what `read` finds or does, once it is on record.

    Raises:
        Refusal: It is not there.
        LedgerUnavailable: Nothing is done without a record of it.
    """
    from serving.audit import Absent, Look, looked

    look = Look(account(), "register", purpose="subject access")
    try:
        with _audit(opened) as audit:
            return looked(audit, look, lambda c: read(c, look), at=at)
    except Absent:
        do = "list what there is; run: lamppost rights list"
        fault = Fault("NUMBER", "it is there", "nothing of that number", do)
        raise Refusal([fault]) from None


@contextmanager
def _audit(opened: Open) -> Iterator[Audit]:
    from models.audit.audit import Audit

    ledger = opened.ledger()
    try:
        yield Audit(ledger, opened.settings.audit_files)
    finally:
        ledger.close()


def _told(one: Request, on: dt.date) -> Answer:
    return {
        "request": one.number,
        "kind": one.kind,
        "person": one.entity_id or "",
        "received": one.received_on,
        "due": one.due_on,
        "clock": one.clock(on),
        "owner": one.owner,
        "outcome": one.outcome or "",
    }


def _faults_of(asked: Asked, today: dt.date) -> Iterator[Fault]:
    from models.ledger.register import Kind

    known = get_args(Kind)
    if asked.kind not in known:
        do = f"give one of: {', '.join(known)}"
        yield Fault("KIND", "it is a right that somebody has", "another", do)
    if asked.received_on > today:
        do = "give the day it came"
        yield Fault("--received", "a request has come already", "a day to come", do)


def _refuse(faults: Iterator[Fault]) -> None:
    if found := list(faults):
        raise Misuse(found)


def _nobody() -> Fault:
    do = "give the person's id as the ledger has it, or leave it out"
    return Fault("--person", "the ledger knows whom it is about", "nobody such", do)
