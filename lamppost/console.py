"""What the command prints: answers on stdout, progress and errors on stderr."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from features.faults import Misuse, Refusal


# Anything that takes longer than this shows that it is at work.
SILENT_SECONDS = 2.0
SAY_AGAIN_SECONDS = 10.0


def show(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an answer: one JSON object, or a line for each of its parts."""
    if as_json:
        print(json.dumps(answer, default=str, indent=1))
        return
    for name, value in answer.items():
        _show_part(name, value)


def _show_part(name: str, value: object) -> None:
    """Print a heading for what has parts of its own, a table, or a line."""
    if isinstance(value, Mapping):
        print(f"\n{name}\n{'-' * len(name)}")
        show(value, as_json=False)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        print(f"{name}:")
        _show_table(value)
    elif isinstance(value, list):
        print(f"{name}: {', '.join(map(str, value)) or 'none'}")
    else:
        print(f"{name}: {value}")


def show_refusal(refusal: Refusal, *, as_json: bool) -> int:
    """Print every fault of a refusal and return the exit status: 1, or 2 for misuse."""
    if as_json:
        print(json.dumps({"faults": [fault.as_dict() for fault in refusal.faults]}))
    for fault in refusal.faults:
        print(fault, file=sys.stderr)
    count = len(refusal.faults)
    print(
        f"{count} fault{'s' if count != 1 else ''}; nothing was changed.",
        file=sys.stderr,
    )
    return 2 if isinstance(refusal, Misuse) else 1


def collect_rarely() -> None:
    """Look for garbage rarely: a job makes many small things, and ends."""
    gc.set_threshold(200_000, 50, 100)


def note(message: str) -> None:
    """Print a line on stderr."""
    print(message, file=sys.stderr, flush=True)


class Progress:
    """Says on stderr what is being done, once it has taken a while."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, message: str) -> None:
        """Print `message` if the work so far has taken over two seconds."""
        seconds = time.monotonic() - self._started
        if seconds > SILENT_SECONDS:
            print(f"{seconds:6.1f} s  {message}", file=sys.stderr, flush=True)


@contextmanager
def working(message: str | None) -> Iterator[None]:
    """Say on stderr that work goes on, after two seconds and then every ten.

    Args:
        message: What is being done; None says nothing, as the work speaks for itself.
    """
    if message is None:
        yield
        return
    done = threading.Event()
    started = time.monotonic()

    def say() -> None:
        wait = SILENT_SECONDS
        while not done.wait(wait):
            note(f"{time.monotonic() - started:6.1f} s  {message} ...")
            wait = SAY_AGAIN_SECONDS

    thread = threading.Thread(target=say, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def step(message: str) -> Iterator[None]:
    """Say on stderr what begins, and how long it took."""
    started = time.monotonic()
    print(f"{message} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        seconds = time.monotonic() - started
        print(f" {seconds:.1f} s", file=sys.stderr, flush=True)


def _show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    cells = [[_cell(row.get(name, "")) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    for line in [names, *cells]:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  " + "  ".join(padded).rstrip())


def _cell(value: object) -> str:
    """Return a cell's text: on one line, and without what steers a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(value))
