"""Tombstones: what remains of what was forgotten, so that restored backups forget it.

A tombstone tells nothing of a person. What is to go is named by keyed seals: whoever
has the key and the thing itself can tell that it is meant, and nobody else can. It is
written before anything is removed, so it is the journal of a purge as well.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field

from features.definitions.definition import Definition
from features.faults import Fault, refuse_if_any


What = Literal["person", "source", "agreement"]

_SEAL_LENGTH = 32
_FOLDER = "tombstones"


class Tombstone(Definition):
    """What was forgotten, and why.

    Attributes:
        because: Why, in words that name nobody.
        by: Who ordered it.
        source: Whose records went; None for a person.
        before: Those went whose event, or else their known date, is before this day.
        until: Those went which had been received by the end of this day ...
        last_load: ... with this load at the latest, as the ledger numbers them.
        scores: Read the source: their rows of as-of dates up to then went as well.
        entities: Seals of the pseudonyms that went.
        versions: Seals of a person's record versions: source, extract and key.
        copies: Seals of the same as the ledger numbers them: source, record and load.
        counts: How much there was.
        seal: Of all the above.
    """

    what: What
    at: dt.datetime
    because: str
    by: str
    source: str | None = None
    before: dt.date | None = None
    until: dt.date | None = None
    last_load: int | None = None
    scores: list[str] = Field(default_factory=list)
    entities: list[str] = Field(default_factory=list)
    versions: list[str] = Field(default_factory=list)
    copies: list[str] = Field(default_factory=list)
    counts: dict[str, int] = Field(default_factory=dict)
    seal: str = ""

    @property
    def last_as_of(self) -> dt.date | None:
        """The last as-of date whose rows rest, of that source, on what went alone."""
        return self.before or self.until


class Seals:
    """Makes seals with the key of the pseudonyms.

    >>> one = Seals(b"k" * 32).entity("0f3a")
    >>> one == Seals(b"k" * 32).entity("0f3a"), one == Seals(b"l" * 32).entity("0f3a")
    (True, False)
    """

    def __init__(self, key: bytes) -> None:
        self._start = hmac.new(key, b"lamppost tombstone\0", "sha256")

    def entity(self, entity_id: str) -> str:
        """Return the seal of a pseudonym."""
        return self._seal("entity", entity_id)

    def version(self, source: str, content_sha256: str, key: str) -> str:
        """Return the seal of a record's version: of what extract, under what key."""
        return self._seal("version", source, content_sha256, key)

    def copy(self, source: str, record_id: int, load: int) -> str:
        """Return the seal of a record's version as the ledger has it."""
        return self._seal("copy", source, str(record_id), str(load))

    def sealed(self, tombstone: Tombstone) -> Tombstone:
        """Return the tombstone under its seal: nobody else can make one."""
        bare = tombstone.model_copy(update={"seal": ""})
        return bare.model_copy(update={"seal": self._whole(bare)})

    def is_genuine(self, tombstone: Tombstone) -> bool:
        """Say whether a tombstone is as it was sealed."""
        return hmac.compare_digest(self.sealed(tombstone).seal, tombstone.seal)

    def _whole(self, bare: Tombstone) -> str:
        return self._seal("tombstone", bare.model_dump_json())

    def _seal(self, *parts: str) -> str:
        keyed = self._start.copy()
        for part in parts:
            content = part.encode()
            # Lengths first: no two lists of parts are the same bytes.
            keyed.update(b"%d:" % len(content) + content)
        return keyed.hexdigest()[:_SEAL_LENGTH]


def folder_in(root: Path) -> Path:
    """Return where the tombstones of a warehouse's root are, or beside the anchors."""
    return root / _FOLDER


def read_tombstones(*folders: Path) -> dict[str, Tombstone]:
    """Return the tombstones of folders by their seals; none where there is no folder.

    Raises:
        Refusal: A folder is there and cannot be read, or a file in it is no tombstone.
    """
    faults: list[Fault] = []
    paths = [path for folder in folders for path in _paths_in(folder, faults)]
    found = [_read(path, faults) for path in paths]
    refuse_if_any(faults)
    return {tombstone.seal: tombstone for tombstone in found if tombstone}


def _paths_in(folder: Path, faults: list[Fault]) -> list[Path]:
    # Path.glob finds nothing in a folder that may not be read, and says no word.
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        what = "whoever serves or purges may read what was forgotten"
        do = f"run it as the folder's owner, or: chown -R THAT_ACCOUNT {folder}"
        faults.append(Fault(str(folder), what, error.strerror or "an error", do))
        return []
    # With a dot began what was not written out yet; a kill may have left it.
    return [folder / n for n in names if n.endswith(".json") and n[0] != "."]


def _read(path: Path, faults: list[Fault]) -> Tombstone | None:
    try:
        return Tombstone.model_validate_json(path.read_bytes())
    except OSError as error:
        got = error.strerror or "an error"
    except ValueError:
        got = "something else"
    what = "the file is a tombstone that can be read"
    do = (
        "put the file of that name from the other folder of tombstones, or from your "
        "backup, in its place; then run: lamppost purge replay"
    )
    faults.append(Fault(str(path), what, got, do))
    return None


def write_tombstones(folder: Path, tombstones: Iterable[Tombstone]) -> None:
    """Keep tombstones in a folder; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for tombstone in tombstones:
        final = folder / f"{tombstone.seal}.json"
        # Not called *.json: what a kill leaves of it is no tombstone.
        draft = final.with_name(f"{final.name}.staged")
        with draft.open("wb") as file:
            file.write(tombstone.model_dump_json(indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(final)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
