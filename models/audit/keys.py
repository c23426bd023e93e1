"""The keys of the audit: a file beside the ledger, never in it.

Whoever can change the database cannot make a chain that verifies without this file.
One key a line, the newest last: rows say which key they were chained with, so a key is
replaced by adding a line, and the old lines stay to verify the old rows.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from features.faults import Fault, Refusal


_KEY_BYTES = 32
_BLOCK_BYTES = 64


class Key:
    """A key of HMAC-SHA256 (RFC 2104), set up once: a row is chained in half the time.

    >>> import hmac
    >>> Key(b"key").mac(b"text") == hmac.digest(b"key", b"text", "sha256")
    True
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def mac(self, content: bytes) -> bytes:
        """Return the HMAC of `content`."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()


@dataclass(frozen=True)
class AuditKeys:
    """The keys, by their ids.

    Attributes:
        current: The id of the key that new rows and anchors are chained with.
        by_id: All keys; an id says nothing of its key.
    """

    current: str
    by_id: Mapping[str, Key]

    def mac(self, key_id: str, content: bytes) -> bytes:
        """Return the HMAC of `content`; a `KeyError` if there is no such key."""
        return self.by_id[key_id].mac(content)


def read_keys(path: Path) -> AuditKeys:
    """Read the keys.

    Raises:
        Refusal: The file is not there, or a line of it is not a key.
    """
    try:
        lines = path.read_text("ascii", errors="replace").split()
    except OSError as error:
        got = error.strerror or "an error"
        raise Refusal([_fault(path, "the audit's keys must be there", got)]) from error
    keys = [_key(line) for line in lines]
    wrong = [n for n, key in enumerate(keys, 1) if key is None]
    what, got = "each line is a key: 64 hexadecimal digits", "something else"
    faults = [_fault(f"{path}: line {n}", what, got) for n in wrong]
    if faults or not keys:
        raise Refusal(faults or [_fault(path, "there is at least one key", "none")])
    by_id = {_id_of(key): Key(key) for key in keys if key}
    return AuditKeys(list(by_id)[-1], by_id)


def make_keys(path: Path) -> AuditKeys:
    """Make a first key, readable by its owner only, unless the file is there already.

    Two that make it at once end with one key: the file appears whole.

    Raises:
        Refusal: It cannot be written.
    """
    try:
        _write_first(path)
    except OSError as error:
        what, got = "a first key can be written", error.strerror or "an error"
        do = "let the service write there once, or put a key there (docs/audit.md)"
        raise Refusal([Fault(str(path), what, got, do)]) from error
    return read_keys(path)


def _write_first(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secrets.token_hex(_KEY_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _key(line: str) -> bytes | None:
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(line)
        return key if len(key) == _KEY_BYTES else None
    return None


def _id_of(key: bytes) -> str:
    return sha256(b"lamppost audit key id\0" + key).hexdigest()[:8]


def _fault(where: object, what: str, got: str) -> Fault:
    do = "restore the file from your backup; a new key verifies nothing written before"
    return Fault(str(where), what, got, do)
