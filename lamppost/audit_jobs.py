"""The jobs about the audit: verify it, tell a person who looked, go on after a loss."""

from __future__ import annotations

import datetime as dt
import os
import pwd
from typing import Any

from features.faults import Fault, Refusal, refuse_if_any
from lamppost.opened import Open
from models.audit.audit import Audit
from models.audit.check import check_audit
from models.audit.restored import Loss, accept_restored, losses_of
from models.ledger.append_only import guard
from models.ledger.engines import shown_address
from models.ledger.ledger import LedgerUnavailable
from serving.audit import Absent, who_looked
from serving.desk.look_words import RELATIONS, purposes_in, told
from serving.schemas.leading import LookAnswer


Answer = dict[str, Any]

PURPOSE = "subject access"
_OUTCOMES = {
    "shown": "it was shown",
    "refused": "it was refused: nothing was shown",
    "absent": "there was nothing to show",
}


def verify(opened: Open) -> Answer:
    """Verify the audit from its first row; all that is wrong is one refusal."""
    ledger = opened.ledger()
    try:
        checked = check_audit(ledger, opened.settings.audit_files)
        losses = [_recorded(loss) for loss in losses_of(ledger)]
    except LedgerUnavailable as error:
        raise Refusal([_unavailable(opened)]) from error
    finally:
        ledger.close()
    refuse_if_any(checked.faults)
    return {
        "audit": "whole",
        "rows": checked.rows,
        "anchors": checked.anchors,
        "rows since the last anchor": checked.unanchored,
        "losses on record": losses,
    }


def person(opened: Open, entity_id: str, *, at: dt.datetime) -> Answer:
    """Tell who looked at a person; that this was asked is on record too.

    It is told in the words of the service's own page.
    """
    ledger = opened.ledger()
    try:
        audit = Audit(ledger, opened.settings.audit_files)
        found = who_looked(audit, entity_id, by=account(), purpose=PURPOSE, at=at)
        with ledger.reading() as connection:
            looks = told(connection, purposes_in(connection), found)
    except Absent:
        do = "give the entity's id, as the ledger has it"
        what = "the ledger must know whom it is about"
        raise Refusal([Fault("ENTITY", what, "nobody of that id", do)]) from None
    except LedgerUnavailable as error:
        raise Refusal([_unavailable(opened)]) from error
    finally:
        ledger.close()
    return {
        "entity": entity_id,
        "looks": len(looks),
        "who looked": [_row(look) for look in looks],
    }


def restored(opened: Open, because: str, *, at: dt.datetime) -> Answer:
    """Put on record that an older ledger was restored, and go on from it."""
    ledger = opened.ledger()
    try:
        files = opened.settings.audit_files
        audit = Audit(ledger, files, is_older_fine=True)
        loss, set_aside = accept_restored(audit, by=account(), because=because, at=at)
    except LedgerUnavailable as error:
        raise Refusal([_unavailable(opened)]) from error
    finally:
        ledger.close()
    return {
        "lost": f"rows {loss.first} to {loss.last}, and any after the last anchor",
        "anchors as they were": str(set_aside),
        "on record": because,
    }


def put_guard_back(opened: Open) -> Answer:
    """Let the database refuse again to change or remove rows of the audit."""
    ledger = opened.ledger()
    with ledger.writing() as connection:
        guard(connection)
    ledger.close()
    return {"guard": "the database refuses to change or remove rows of the audit"}


def _row(look: LookAnswer) -> dict[str, str]:
    relation = look.relation or ""
    return {
        "when (UTC)": f"{look.at:%Y-%m-%d %H:%M}",
        "who": look.by,
        "name": look.name or "",
        "what": look.action,
        "score": look.score or "",
        "why they might": RELATIONS.get(relation, relation),
        "reference": look.reference or "",
        "reason": look.reason or "",
        "what for": look.purpose or "",
        "what came of it": _OUTCOMES.get(look.outcome, look.outcome),
    }


def _recorded(loss: Loss) -> dict[str, str]:
    return {
        "when (UTC)": f"{loss.at:%Y-%m-%d %H:%M}",
        "who": loss.by,
        "rows": f"{loss.first} to {loss.last}",
        "because": loss.because,
    }


def account() -> str:
    """Return whose account this process runs under; nobody can name another."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"user {number}"
    return f"command line: {name}"


def _unavailable(opened: Open) -> Fault:
    where = shown_address(opened.settings.ledger_url)
    what, got = "the ledger can be read and written", "no answer, or a faulty one"
    return Fault(where, what, got, "see that the database is up; run: lamppost doctor")
