"""What is told to be done, in a file outside the ledger: a line for each."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def say(folder: Path, kind: str, what: str) -> None:
    """Write down that something is done; what is written outlives who wrote it."""
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(said, f"{kind} {what}\n".encode())
    os.close(said)


def said_lines(folder: Path) -> int:
    """Return how much was written down, of all kinds."""
    with contextlib.suppress(FileNotFoundError):
        return (folder / "said").read_bytes().count(b"\n")
    return 0


def said_of(folder: Path, kind: str) -> list[str]:
    """Return what was written down of one kind, in order."""
    with contextlib.suppress(FileNotFoundError):
        lines = (folder / "said").read_text().splitlines()
        return [
            what for said, _, what in (x.partition(" ") for x in lines) if said == kind
        ]
    return []


def said_numbers(folder: Path, kind: str) -> list[int]:
    """Return the numbers that were written down of one kind, in order."""
    return [int(number) for number in said_of(folder, kind)]
