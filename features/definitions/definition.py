"""Reading definitions: TOML files checked strictly, with all faults at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.faults import Fault


class Definition(BaseModel):
    """A part of a place's files: strict types, nothing undeclared, unchangeable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Text = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=36_525)]

D = TypeVar("D", bound=Definition)

# pydantic's kinds of error, in words that say what to write instead.
_NEXT = {
    "missing": "write this key; it has no default",
    "extra_forbidden": "remove this key or correct its spelling",
    "string_pattern_mismatch": "start with a small letter, then a-z, 0-9 and _",
    "literal_error": "write one of the values named",
    "date_type": "write a date without quotes: 2026-04-01",
}
_SECRET = re.compile("key|token|secret|password", re.IGNORECASE)


def read_definition(path: Path, model: type[D]) -> tuple[D | None, list[Fault]]:
    """Read one TOML file as `model`.

    Args:
        path: The file to read.
        model: The definition that the file must hold.

    Returns:
        The definition and no faults, or None and every fault in the file.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, [
            Fault(str(path), "the file must exist", "no such file", "create it")
        ]
    except UnicodeDecodeError as error:
        got = f"a byte that is not UTF-8 at offset {error.start}"
        return None, [Fault(str(path), "TOML is UTF-8 text", got, "save it as UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return None, [
            Fault(str(path), "the file must be TOML", str(error), "correct it")
        ]
    try:
        return model.model_validate(content), []
    except ValidationError as error:
        return None, [_as_fault(path, detail) for detail in error.errors()]


def inside(where: Path | str, *steps: str | int) -> str:
    """Return "file: a.b[2].c", the way a fault names a place inside a file.

    >>> inside(inside("scores/care.toml", "bands", 2), "name")
    'scores/care.toml: bands[2].name'
    """
    inner = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    if ": " in str(where):
        return f"{where}{inner}"
    return f"{where}: {inner.removeprefix('.')}" if inner else str(where)


def _as_fault(path: Path, detail: Any) -> Fault:
    steps = [step for step in detail["loc"] if not _is_internal(step)]
    kind = detail["type"]
    found = "nothing" if kind == "missing" else _shown(steps, detail["input"])
    return Fault(
        inside(path, *steps),
        detail["msg"][:1].lower() + detail["msg"][1:],
        found,
        _NEXT.get(kind, "write a value that the rule allows"),
    )


def _is_internal(step: str | int) -> bool:
    """Pydantic adds names of validators ("function-after[...]") to the path."""
    return isinstance(step, str) and "[" in step


def _shown(steps: list[str | int], value: object) -> str:
    if steps and _SECRET.search(str(steps[-1])) and not isinstance(value, dict | list):
        return "a value that is not shown"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
