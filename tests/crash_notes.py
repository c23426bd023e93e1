"""What is told to be done, in a file outside the ledger, and what became of it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What was acknowledged in all lives together, and what became of it.

    Attributes:
        kills: How often the group was killed.
        writes: What the service was sent and answered.
        cut_short: How many batches a later life had to go on with.
        sent_again: How many writes had to be sent a second time.
        found_done: How many of these had been done the first time.
        lost: Acknowledged, and not in the ledger as it was acknowledged.
        doubled: In the ledger more than once.
        unrecorded: Written without a row in the record of looking, or the other way.
        answered_otherwise: Writes that were answered in another way when sent again.
        broken: Faults of the record of looking, derived anew from its first row.
    """

    kills: int
    batches: int
    views: int
    promotions: int
    writes: int
    cut_short: int
    sent_again: int
    found_done: int
    lost: int
    doubled: int
    unrecorded: int
    answered_otherwise: int
    broken: int


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
