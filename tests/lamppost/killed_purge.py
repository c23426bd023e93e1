"""`lamppost purge person`, as a process that ends itself at a moment of its work.

The moments are those at which it opens, names or removes a file of the store, so that
the same draw is the same moment however busy the machine is.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple


# Any place does: a person is forgotten in the store alone.
PLACE = Path(__file__).parents[2] / "lamppost" / "starter" / "place"
WHY = "asked to be forgotten; request 12"
_TOUCHES = ("open", "os.mkdir", "os.rename", "os.remove")

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.lamppost.killed_purge", "lamppost.purge_jobs"])


class End(NamedTuple):
    """When it is killed.

    Attributes:
        touches: Files of the store that it has touched since it began to write.
        seconds: How much later.
    """

    touches: int
    seconds: float


def is_killed(store: Path, ledger_url: str, entity_id: str, end: End) -> bool:
    """Purge somebody until then; says whether it was killed, or was done before."""
    what = (store, ledger_url, entity_id, end)
    process = _forking.Process(target=_purge, args=what)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _purge(store: Path, ledger_url: str, entity_id: str, end: End) -> None:
    from lamppost.cli.app import app

    os.environ["LAMPPOST_LEDGER"] = ledger_url
    _kill_at(store, end)
    where = ["--place", str(PLACE), "--store", str(store)]
    app(["purge", "person", entity_id, "--because", WHY, *where])


def _kill_at(store: Path, end: End) -> None:
    left = itertools.count(end.touches, -1)
    begun = False

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal begun
        if event not in _TOUCHES or not str(arguments[0]).startswith(str(store)):
            return
        begun = begun or event == "os.mkdir"
        if begun and next(left) == 0:
            _kill_after(end.seconds)

    sys.addaudithook(hear)


def _kill_after(seconds: float) -> None:
    def kill() -> None:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    if seconds:
        threading.Thread(target=kill, daemon=True).start()
    else:
        kill()
