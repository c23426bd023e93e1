"""A second process that gets ready for the later verbs while the first one loads.

To import what training and monitoring need, and to make the registry, takes about ten
seconds of one core. The other core would be idle for most of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context

from lamppost.answers import Answer
from lamppost.console import collect_rarely
from lamppost.opened import Open


# Begins a job of `lamppost.jobs`, of whose arguments the opened place is the first.
Start = Callable[..., Future[Answer]]

_SLOW = ("training.job", "training.promotion", "serving.batch", "monitoring.job")


@contextmanager
def second_process(opened: Open) -> Iterator[Start]:
    """Start a process, and yield what begins a job in it.

    Args:
        opened: Whose registry is made ready.

    Yields:
        `start(job, *arguments, **named)`; the answer's `result()` raises what the job
        raises.
    """
    # Not a fork: DuckDB's threads would not be there in the copy.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(_get_ready, opened)
        yield pool.submit


def _get_ready(opened: Open) -> None:
    collect_rarely()
    opened.registry()
    from monitoring import drift

    for module in _SLOW:
        import_module(module)
    drift.get_ready()
