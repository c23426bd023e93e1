"""Serving a place's ledger from the command line."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from lamppost.console import note
from lamppost.jobs import Open
from models.audit.audit import Audit
from models.ledger.faults import LedgerUnavailable
from serving.app import ServiceSettings
from serving.run import serve


def serve_ledger(
    opened: Open, host: str, port: int, today: dt.date | None
) -> dict[str, Any]:
    """Serve until stopped.

    Args:
        opened: The place whose ledger is served; nothing else of it is.
        host: The address to listen on.
        port: The port to listen on.
        today: The day on which freshness is judged; None is the real one.
    """
    _look_at(opened)
    say = partial(note, f"serving on http://{host}:{port}; stop with Ctrl-C")
    settings = ServiceSettings(
        opened.settings.ledger_url, opened.settings.audit_files, today=today
    )
    serve(settings, host=host, port=port, when_listening=say)
    return {"service": "stopped"}


def _look_at(opened: Open) -> None:
    """Make a new file; refuse another version, or an audit that cannot go on.

    A database that is away may return.
    """
    try:
        ledger = opened.ledger()
        Audit(ledger, opened.settings.audit_files).open()
        ledger.close()
    except LedgerUnavailable as error:
        note(f"{error}; every answer is 503 until it can be")
