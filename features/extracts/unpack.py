"""Unpacking: an extract's bytes, plain or gzip, hashed and counted as they are read."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# 20 million rows of 400 bytes.
GREATEST_UNPACKED_BYTES = 8 * 2**30

# Tables of this kind shrink 5 to 30 times; deflate can reach 1,032.
GREATEST_RATIO = 200
_ALWAYS_ALLOWED_BYTES = 4 * 2**20
_GZIP_MAGIC = b"\x1f\x8b"


class DamagedFileError(Exception):
    """The file is not whole: a gzip stream that is cut short or was changed."""


class TooLargeError(Exception):
    """Unpacked, the file is larger than is allowed."""


class Unpacked(io.RawIOBase):
    """The bytes of an extract, unpacked if it is gzip by its first bytes.

    Reading raises `DamagedFileError` or `TooLargeError` once it gets to that.

    Args:
        file: Open for reading at its start.
        packed_bytes: Its size.
    """

    def __init__(self, file: io.BufferedIOBase, packed_bytes: int) -> None:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        file.seek(0)
        self._source = gzip.GzipFile(fileobj=file) if is_gzip else file
        self._digest = hashlib.sha256()
        self._left = greatest_bytes(packed_bytes, is_gzip=is_gzip)

    @property
    def sha256(self) -> str:
        """The hash of all that was read so far."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """Say yes, for `io.BufferedReader`."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read unpacked bytes into `buffer`; 0 at the end."""
        view = memoryview(buffer)
        try:
            chunk = self._source.read1(len(view))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DamagedFileError from error
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLargeError
        self._digest.update(chunk)
        view[: len(chunk)] = chunk
        return len(chunk)


def greatest_bytes(packed_bytes: int, *, is_gzip: bool) -> int:
    """Return how many bytes a file of this size may unpack to."""
    if not is_gzip:
        return GREATEST_UNPACKED_BYTES
    by_ratio = max(_ALWAYS_ALLOWED_BYTES, GREATEST_RATIO * packed_bytes)
    return min(GREATEST_UNPACKED_BYTES, by_ratio)


def may_unpack_to(path: Path) -> int:
    """Return how many bytes the file at `path` may become."""
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    size = path.stat().st_size
    return greatest_bytes(size, is_gzip=True) if is_gzip else size
