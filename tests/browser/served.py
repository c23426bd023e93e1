"""An application on a free port of this machine, in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import uvicorn


START_SECONDS = 60
STOP_SECONDS = 10


@contextlib.contextmanager
def served(make_app: Callable[..., Any], *arguments: Any) -> Iterator[str]:
    """Serve what `make_app(*arguments)` returns; yields the address, without a slash.

    Both go to a fresh interpreter: a function of a module, and things that pickle.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe(duplex=False)
    process = fresh.Process(target=_serve, args=(theirs, make_app, arguments))
    process.start()
    theirs.close()
    try:
        yield f"http://127.0.0.1:{_port(ours)}"
    finally:
        process.terminate()
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        ours.close()
        process.close()


def _port(ours: Connection) -> int:
    if not ours.poll(START_SECONDS):
        raise AssertionError("the application did not start in time")
    try:
        return ours.recv()
    except EOFError as error:
        raise AssertionError("the application ended as it started") from error


def _serve(
    theirs: Connection, make_app: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    listening = socket.create_server(("127.0.0.1", 0))
    app = make_app(*arguments)
    theirs.send(listening.getsockname()[1])
    theirs.close()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
