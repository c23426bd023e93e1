"""A model's file: canonical JSON that carries its own sha256, read without trust.

Only the standard library: the web service imports this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from features.faults import Fault, Refusal, refuse_if_any


_NEXT = "take the file from the registry again, or fit the model again"

KeysOf = Callable[[dict[str, Any]], set[str] | None]


def canonical(content: object) -> bytes:
    """Sorted keys, no spaces, ASCII, floats in the shortest form that reads back."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def sha256_of(content: object) -> str:
    """Return the hash of a content's canonical bytes."""
    return hashlib.sha256(canonical(content)).hexdigest()


def read_content(data: bytes, where: str, keys_of: KeysOf) -> dict[str, Any]:
    """Return the content of a model's file; any byte that differs is refused.

    Args:
        data: The file's bytes.
        where: How faults name the file.
        keys_of: The keys that such a file has; None for an unknown schema.

    Raises:
        Refusal: With every fault found.
    """
    content = _parsed(data, where)
    refuse_if_any(_file_faults(content, data, where, keys_of(content)))
    return content


def fault_of(part: str, what: str, got: str) -> Fault:
    """Return a fault of a part of a model."""
    return Fault(f"model: {part}", what, got, _NEXT)


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Not chained: a message of the parser may quote the file.
        content = None
    if isinstance(content, dict):
        return content
    what = "a model's file is one JSON object"
    raise Refusal([Fault(where, what, "something else", _NEXT)])


def _file_faults(
    content: dict[str, Any], data: bytes, where: str, keys: set[str] | None
) -> Iterator[Fault]:
    if keys is None:
        what, do = "this program reads schemas 1 to 4", "use the matching version"
        yield Fault(where, what, "another schema", do)
        return
    if set(content) != keys:
        what = f"a model's file has exactly: {', '.join(sorted(keys))}"
        yield Fault(where, what, "other keys", _NEXT)
        return
    unsigned = {key: value for key, value in content.items() if key != "sha256"}
    try:
        written, digest = canonical(content), sha256_of(unsigned)
    except (ValueError, RecursionError):
        yield Fault(where, "numbers must be finite", "one that is not", _NEXT)
        return
    if written != data:
        what = "the file must be canonical JSON, byte for byte"
        yield Fault(where, what, "other bytes", _NEXT)
    if content["sha256"] != digest:
        yield Fault(where, "the file must match its sha256", "another hash", _NEXT)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")
