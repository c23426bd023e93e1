"""The service's keys: its own secret, and those that tokens for machines are signed by.

Each is a file beside the ledger, never in it. The service needs its own secret and the
public keys; only the verb that issues tokens reads the private one.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from joserfc.jwk import OKPKey

from features.faults import Fault, Refusal


log = logging.getLogger(__name__)

_BYTES = 32


@dataclass(frozen=True)
class KeyFiles:
    """Where the keys are.

    Attributes:
        service: The service's own secret: opaque ids and forms hang on it.
        tokens_public: A public key a line, the newest last; older ones stay until the
            last token that they signed has expired.
        tokens_private: The newest key's private half; the service never reads it.
    """

    service: Path
    tokens_public: Path
    tokens_private: Path

    @classmethod
    def in_folder(cls, folder: Path) -> KeyFiles:
        """Return the files under their usual names.

        >>> KeyFiles.in_folder(Path("keys")).tokens_public.as_posix()
        'keys/tokens.pub'
        """
        names = ("service.key", "tokens.pub", "tokens.key")
        return cls(*(folder / name for name in names))


def service_key(path: Path) -> bytes:
    """Return the service's own secret; made at first use, for its owner's eyes only.

    Raises:
        Refusal: It cannot be read or made, or is no key.
    """
    if not path.exists():
        _write_new(path, f"{secrets.token_hex(_BYTES)}\n")
    key = _decoded(_read(path).strip())
    if key is None:
        do = "restore it from your backup, or remove it: everyone then signs in anew"
        what = "the key is 64 hexadecimal digits"
        raise Refusal([Fault(str(path), what, "something else", do)])
    return key


def derived(key: bytes, use: str) -> bytes:
    """Return a key for one use alone, so that nothing made for one fits another."""
    return sha256(b"lamppost " + use.encode() + b"\0" + key).digest()


def token_keys(path: Path) -> dict[str, OKPKey]:
    """Return the public keys by their ids, the newest last; none if there is no file.

    Raises:
        Refusal: A line is no public key.
    """
    if not path.exists():
        return {}
    raw = [_decoded(line) for line in _read(path).split()]
    what, got = "each line is a key: 64 hexadecimal digits", "something else"
    do = "restore the file from your backup"
    wrong = [n for n, key in enumerate(raw, 1) if key is None]
    if wrong:
        raise Refusal([Fault(f"{path}: line {n}", what, got, do) for n in wrong])
    return {key_id(key): _public(key) for key in raw if key}


class PublicKeys:
    """The public keys as their file has them now: a key is added or taken at once.

    Raises:
        Refusal: A line of the file is no public key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._now()
        self._keys = token_keys(path)

    def get(self, key_id: str) -> OKPKey | None:
        """Return the key of an id; None if there is none, or the file is broken."""
        if (stamp := self._now()) != self._stamp:
            try:
                self._keys = token_keys(self._path)
            except Refusal as refusal:
                log.error("no token can be checked: %s", refusal)
                self._keys = {}
            self._stamp = stamp
        return self._keys.get(key_id)

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def signing_key(files: KeyFiles) -> tuple[str, OKPKey]:
    """Return the id and the private key that tokens are signed by; made at first use.

    To take another, remove the private file: the next token makes a new pair, and the
    old public key stays for the tokens that it signed.

    Raises:
        Refusal: It cannot be read or made, or is no key.
    """
    if not files.tokens_private.exists():
        _write_new(files.tokens_private, f"{secrets.token_hex(_BYTES)}\n")
    seed = _decoded(_read(files.tokens_private).strip())
    if seed is None:
        what, do = "the key is 64 hexadecimal digits", "remove it to make a new one"
        where = str(files.tokens_private)
        raise Refusal([Fault(where, what, "something else", do)])
    public, private = _pair(seed)
    known = token_keys(files.tokens_public)
    if (name := key_id(public)) not in known:
        _append(files.tokens_public, f"{public.hex()}\n")
    return name, private


def key_id(public: bytes) -> str:
    """Return the id by which a token names its key; it says nothing of the key."""
    return sha256(b"lamppost token key\0" + public).hexdigest()[:16]


def _pair(seed: bytes) -> tuple[bytes, OKPKey]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    private = {**_jwk(public), "d": _base64(seed)}
    return public, OKPKey.import_key(private)


def _public(raw: bytes) -> OKPKey:
    return OKPKey.import_key(_jwk(raw))


def _jwk(public: bytes) -> dict[str, str | list[str]]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64(public)}


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(line: str) -> bytes | None:
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(line)
        return key if len(key) == _BYTES else None
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace")
    except OSError as error:
        got = error.strerror or "an error"
        do = "let the service read it"
        fault = Fault(str(path), "the key must be readable", got, do)
        raise Refusal([fault]) from error


def _write_new(path: Path, text: str) -> None:
    """Write a file whole, unless it is there: two that do it end with one key."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        _write(draft, text, os.O_EXCL)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise Refusal([_unwritable(path, error)]) from error


def _append(path: Path, text: str) -> None:
    try:
        _write(path, text, os.O_APPEND)
    except OSError as error:
        raise Refusal([_unwritable(path, error)]) from error


def _write(path: Path, text: str, how: int) -> None:
    mode = 0o644 if how == os.O_APPEND else 0o600
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> Fault:
    do = "let it be written there once, or put a key there (docs/accounts.md)"
    return Fault(str(path), "a key can be written", error.strerror or "an error", do)
