"""Running the service: granian in the foreground, one worker, on this machine only."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import AbstractServer

from features.faults import Fault, Refusal
from serving.app import ServiceSettings, create_app
from serving.logs import write_json_lines


HEADER_READ_TIMEOUT_MS = 5_000
KILL_AFTER_SECONDS = 10
# The server counts connections by this, the silent ones too: with few of them, so many
# clients that say nothing would shut everybody out. Requests are limited by `Crowd`.
CONNECTIONS = 2_048
SWITCH_SECONDS = 0.0005

# Standard output belongs to the command.
_TO_STDERR = {
    "formatters": {"generic": {"()": "serving.logs.JsonLines"}},
    "handlers": {
        name: {
            "formatter": "generic",
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
        }
        for name in ("console", "access")
    },
}


def serve(
    settings: ServiceSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    when_listening: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests under way and return.

    The worker is a fresh interpreter, so that whatever the calling process has
    imported is not in the service.

    Args:
        settings: Which ledger, and the limits.
        host: The address to listen on; the default is reached from this machine only.
        port: The port to listen on.
        when_listening: Called once connections are taken.

    Raises:
        Refusal: The address cannot be listened on.
    """
    _check_free(host, port)
    multiprocessing.set_start_method("spawn", force=True)
    server = make_server(host, port)
    if when_listening:
        server.on_startup(when_listening)
    server.serve(target_loader=partial(load_app, settings), wrap_loader=False)


def make_server(host: str, port: int) -> AbstractServer[Any]:
    """Return the server as the service is run by it, without what it is to serve."""
    return Granian(
        "serving.app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_READ_TIMEOUT_MS),
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_TO_STDERR,
        log_access=False,
    )


def load_app(settings: ServiceSettings) -> FastAPI:
    """Return the application; called in the worker."""
    write_json_lines()
    # A look hands the interpreter over at every step of the database's, and would wait
    # up to five milliseconds each time to have it back.
    sys.setswitchinterval(SWITCH_SECONDS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings)


def _check_free(host: str, port: int) -> None:
    """Two servers may share a port, each with half the requests: ours does not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        what, got = "the address must be free", error.strerror or "an error"
        do = "stop what listens there, or choose another host or port"
        raise Refusal([Fault(f"{host}:{port}", what, got, do)]) from error


def _end_with_parent() -> None:
    """A worker whose server was killed would otherwise serve on, unsupervised."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
