"""Serving a place's ledger from the command line."""

from __future__ import annotations

import contextlib
import datetime as dt
from functools import partial
from typing import Any

from features.faults import refuse_if_any
from features.forgetting.tombstones import folder_in, read_tombstones
from lamppost.account_jobs import audience, key_files
from lamppost.console import note
from lamppost.opened import Open
from models.audit.audit import Audit
from models.ledger.faults import LedgerUnavailable
from models.ledger.forgetting import unreplayed
from models.settings import read_service_options
from serving.app import ServiceSettings
from serving.run import serve


_ON_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


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
    settings = service_settings(opened, host, today)
    serve(settings, host=host, port=port, when_listening=say)
    return {"service": "stopped"}


def service_settings(opened: Open, host: str, today: dt.date | None) -> ServiceSettings:
    """Return what the service needs to know of a place's settings.

    Args:
        opened: The place.
        host: The address to listen on: on this machine alone, http will do.
        today: The day on which freshness is judged; None is the real one.

    Raises:
        Misuse: The settings do not fit together.
    """
    options = read_service_options(opened.settings)
    return ServiceSettings(
        opened.settings.ledger_url,
        opened.settings.audit_files,
        today=today,
        key_files=key_files(options),
        audience=audience(opened),
        insecure_cookies=host in _ON_THIS_MACHINE and options.takes_http,
        public_address=options.public_address,
        open_id=options.open_id,
        metrics_token_file=options.metrics_token_file,
    )


def _look_at(opened: Open) -> None:
    """Make a new file; refuse another version, or what must not be shown.

    That is a ledger whose audit cannot go on, or one that shows who was forgotten. A
    database that is away may return: the service itself then looks at it as well.
    """
    seals = read_tombstones(folder_in(opened.settings.anchors)).keys()
    try:
        with contextlib.closing(opened.ledger()) as ledger:
            Audit(ledger, opened.settings.audit_files).open()
            with ledger.reading() as connection:
                fault = unreplayed(connection, seals)
            refuse_if_any([fault] if fault else [])
    except LedgerUnavailable as error:
        note(f"{error}; every answer is 503 until it can be")
