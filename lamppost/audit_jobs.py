"""The jobs about the audit: verify it, tell a person who looked, go on after a loss."""

from __future__ import annotations

import datetime as dt
import os
import pwd
from typing import Any

from features.faults import Fault, Refusal, refuse_if_any
from lamppost.opened import Open
from models.audit.access_report import Access
from models.audit.audit import Audit
from models.audit.check import check_audit
from models.audit.restored import Loss, accept_restored, losses_of
from models.ledger.append_only import guard
from models.ledger.engines import shown_address
from models.ledger.ledger import LedgerUnavailable
from serving.audit import Absent, who_looked


Answer = dict[str, Any]

PURPOSE = "subject access"
_DONE = {
    "score": "looked at the score and its reasons",
    "evidence": "looked at the records behind a reason",
    "list": "looked at a list on which this person stood",
    "report": "asked who had looked (this report)",
}
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
    """Tell who looked at a person; that this was asked is on record too."""
    ledger = opened.ledger()
    try:
        audit = Audit(ledger, opened.settings.audit_files)
        found = who_looked(audit, entity_id, by=account(), purpose=PURPOSE, at=at)
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
        "looks": len(found),
        "who looked": [_told(access) for access in found],
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


def _told(access: Access) -> dict[str, str]:
    return {
        "when (UTC)": f"{access.at:%Y-%m-%d %H:%M}",
        "who": access.by,
        "what": _DONE.get(access.action, access.action),
        "score": access.score or "",
        "why": access.purpose or "",
        "what came of it": _OUTCOMES.get(access.outcome, access.outcome),
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
