"""What the command needs beside where the stores are: the key of the pseudonyms."""

from __future__ import annotations

import os
import secrets

from features.faults import Fault, Misuse
from models.settings import VARIABLES, Settings, read_settings


__all__ = ["VARIABLES", "Settings", "pseudonym_key", "read_settings"]


def pseudonym_key(settings: Settings) -> bytes:
    """Return the key of the pseudonyms; made at first use, readable by its owner only.

    Raises:
        Misuse: The file holds fewer than 32 bytes.
    """
    path = settings.key_file
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) < 32:
        got = f"{len(key)} bytes"
        do = (
            "restore the key from your backup; a new key gives everyone a new pseudonym"
        )
        raise Misuse([Fault(str(path), "the key has at least 32 bytes", got, do)])
    return key
